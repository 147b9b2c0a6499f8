//! The fictional region's water is healthy before damage: everybody is supplied in
//! full, at pressures within limits, and no tank runs empty.

use blackstart::region::{Region, Supply};
use blackstart::synth::{Spec, region};
use blackstart::water::{WaterInput, WaterSolver};

/// Pressure at a tap's junction: enough for upper floors, and what pipes bear, m.
const PRESSURE_M: std::ops::RangeInclusive<f64> = 20.0..=80.0;
/// Hours simulated: two days show whether tanks recover.
const HOURS: usize = 48;

fn day(people: u64, seed: u64) {
    let what = format!("{people} {seed}");
    let checked = Region::check(region(&Spec { people, seed }).unwrap());
    assert!(checked.problems.is_empty(), "{what}: {:?}", checked.problems);
    let region = checked.region.unwrap();
    let water = region.water();
    let mut solver = WaterSolver::new(water);
    let mut state = solver.initial_state(water);
    let mut need_m3h = vec![0.0; water.junctions.len()];
    for d in region.dependencies() {
        if let Supply::Junction(node) = d.on[0] {
            need_m3h[node.i()] += d.need_m3h;
        }
    }
    let mut lowest = vec![f64::INFINITY; water.tanks.len()];
    for hour in 0..HOURS {
        let factor = |p: u32| water.patterns[p as usize].multipliers[hour % 24];
        let demand_m3h: Vec<f64> = water
            .junctions
            .iter()
            .zip(&need_m3h)
            .map(|(j, need)| {
                need + j
                    .demands
                    .iter()
                    .map(|d| d.base_m3h * d.pattern.map_or(1.0, factor))
                    .sum::<f64>()
            })
            .collect();
        let result = solver.step(
            water,
            &WaterInput {
                demand_m3h: &demand_m3h,
                pump_capacity: &vec![1.0; water.pumps.len()],
                pipe_whole: &vec![true; water.pipes.len()],
                tank_whole: &vec![true; water.tanks.len()],
                step_h: 1.0,
            },
            &mut state,
        );
        let status = result.status.clone().unwrap();
        assert!(!status.is_degraded(), "{what} hour {hour}: {status:?}");
        let (mut low, mut high) = ((f64::INFINITY, ""), (f64::NEG_INFINITY, ""));
        for (i, j) in water.junctions.iter().enumerate() {
            let (got, want) = (result.supplied_m3h[i], demand_m3h[i]);
            assert!(
                got >= want * (1.0 - 1e-4) - 1e-6,
                "{what} hour {hour}: junction {} gets {got} of {want} m³/h",
                j.id
            );
            if want > 0.0 {
                let pressure = result.head_m[i] - j.elevation_m;
                if pressure < low.0 {
                    low = (pressure, &j.id);
                }
                if pressure > high.0 {
                    high = (pressure, &j.id);
                }
            }
        }
        assert!(PRESSURE_M.contains(&low.0), "{what} hour {hour}: {low:?} m");
        assert!(PRESSURE_M.contains(&high.0), "{what} hour {hour}: {high:?} m");
        for (l, level) in lowest.iter_mut().zip(&state.level_m) {
            *l = l.min(*level);
        }
    }
    for (tank, (low, end)) in water.tanks.iter().zip(lowest.iter().zip(&state.level_m)) {
        let range = tank.max_level_m - tank.min_level_m;
        let share = |level: &f64| (level - tank.min_level_m) / range;
        assert!(share(low) > 0.05, "{what}: tank {} fell to {low} m", tank.id);
        assert!(share(end) > 0.4, "{what}: tank {} ends at {end} m", tank.id);
    }
}

#[test]
fn fifty_thousand_people() {
    day(20_000, 1);
    day(50_000, 7);
    day(50_000, 8);
}

#[test]
fn three_hundred_thousand_people() {
    day(300_000, 7);
    day(300_000, 99);
}

#[test]
fn a_million_people() {
    day(1_000_000, 7);
    day(1_000_000, 12_345);
}
