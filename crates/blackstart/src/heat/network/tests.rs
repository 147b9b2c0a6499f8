use proptest::prelude::*;

use super::cases::{Dice, Hour, empty, grow, junction, pipe, plant, random, smallest, substation};
use super::*;

/// Long enough to settle, h.
const LONG: f64 = 1e9;

fn run(heat: &Heat, hour: &Hour, state: &mut HeatState) -> HeatHour {
    HeatSolver::new(heat).step(heat, &hour.input(), state)
}

fn settled(heat: &Heat, mut hour: Hour) -> HeatHour {
    let mut state = HeatSolver::new(heat).initial_state(heat, hour.outdoor_c);
    hour.step_h = LONG;
    run(heat, &hour, &mut state)
}

fn sum(v: &[f64]) -> f64 {
    v.iter().sum()
}

/// Everything that must hold in any hour.
fn check(heat: &Heat, hour: &Hour, h: &HeatHour, state: &HeatState) {
    assert!(h.balance_error < 1e-6, "balance {:e}", h.balance_error);
    for (d, want) in h.delivered_mw.iter().zip(&hour.demand_mw) {
        assert!((0.0..=*want).contains(d), "delivered {d} of {want}");
    }
    for p in 0..heat.plants.len() {
        let (made, can) = (h.made_mw[p], hour.available_mw[p]);
        assert!(made >= 0.0 && made <= can, "made {made} of {can}");
        assert!(h.plant_flow_kg_s[p] >= 0.0);
        assert!(hour.circulation[p] > 0.0 || h.plant_flow_kg_s[p] == 0.0);
    }
    for (q, whole) in h.pipe_flow_kg_s.iter().zip(&hour.pipe_whole) {
        assert!(q.is_finite() && (*whole || *q == 0.0));
    }
    for t in state.supply_c.iter().chain(&state.return_c).chain(&h.plant_supply_c) {
        assert!((-60.0..200.0).contains(t), "{t} °C");
    }
    assert!(h.lost_mw.is_finite() && h.stored_mw.is_finite());
}

/// By hand at −22 °C, settled: supply 110 °C. Of 5 MW of heat, 1.15 times surface. The
/// pipe (1500 m, 0.37 W/(m K), ground 3 °C) cools by 107 (1 − e^(−555/(m c))).
#[test]
fn one_plant_one_pipe_one_consumer() {
    let heat = smallest(1500.0);
    let h = settled(&heat, Hour::healthy(&heat, -22.0));
    assert_eq!(h.status, Some(HourStatus::Solved));
    assert!((h.delivered_mw[0] - 5.0).abs() < 5e-6);
    let (c, loss) = (4205.0, 1500.0 * (0.25 + 200.0 * 6e-4));
    // Solve the same three equations by bisection on the flow.
    let k = 1.15 * 5e6 / (40.0 / (90.0f64 / 50.0).ln()).powf(1.3);
    let heat_at = |m: f64| {
        let supply = 3.0 + 107.0 * (-loss / (m * c)).exp();
        let back = supply - 5e6 / (m * c);
        let mean = (supply - back) / ((supply - 20.0) / (back - 20.0)).ln();
        (k * mean.powf(1.3), supply, back)
    };
    let (mut low, mut high) = (17.0, 100.0);
    for _ in 0..100 {
        let m = 0.5 * (low + high);
        if heat_at(m).0 < 5e6 { low = m } else { high = m }
    }
    let (_, supply, back) = heat_at(low);
    assert!((h.plant_flow_kg_s[0] - low).abs() < 1e-4, "{} {low}", h.plant_flow_kg_s[0]);
    assert!((h.pipe_flow_kg_s[0] - h.plant_flow_kg_s[0]).abs() < 1e-9);
    let home = 3.0 + (back - 3.0) * (-loss / (low * c)).exp();
    let lost = low * c * (110.0 - supply + back - home) * 1e-6;
    assert!((h.lost_mw - lost).abs() < 1e-6, "{} {lost}", h.lost_mw);
    assert!((h.made_mw[0] - 5.0 - lost).abs() < 1e-5);
    assert_eq!(h.plant_supply_c[0], 110.0);
}

/// A fully open substation passes 1.5 times design flow at 20 m; a pump that gives
/// 60 m at rest gives 60 − 15 (m/m_d)². Without pipe losses worth speaking of.
#[test]
fn open_valve_meets_pump_curve() {
    let mut heat = smallest(1.0);
    heat.pipes[0].diameter_mm = 1000.0;
    let mut hour = Hour::healthy(&heat, -22.0);
    hour.demand_mw[0] = 50.0;
    hour.available_mw[0] = 100.0;
    let h = settled(&heat, hour);
    let per_mw = 1e6 / (4205.0 * 40.0);
    let (open, design) = (1.5 * 5.0 * per_mw, 8.0 * per_mw);
    let m = (60.0f64 / (20.0 / (open * open) + 15.0 / (design * design))).sqrt();
    assert!((h.plant_flow_kg_s[0] / m - 1.0).abs() < 1e-4, "{} {m}", h.plant_flow_kg_s[0]);
    assert!(h.delivered_mw[0] > 5.75 && h.delivered_mw[0] < 12.0);
}

/// Two equal plants at either end of a line of equal consumers share equally; a weak one
/// gives what it can and the other one the rest.
#[test]
fn two_plants_share() {
    let mut heat = empty();
    heat.junctions = (0..5).map(junction).collect();
    heat.pipes = (0..4).map(|i| pipe(i, i + 1, 400.0, 250.0)).collect();
    heat.substations = (0..5).map(|i| substation(i, 4.0)).collect();
    heat.plants = vec![plant(0, 26.0, 60.0), plant(4, 26.0, 60.0)];
    let mut hour = Hour::healthy(&heat, -22.0);
    let h = settled(&heat, hour.clone());
    assert!((h.made_mw[0] - h.made_mw[1]).abs() < 1e-6);
    assert!((sum(&h.delivered_mw) - 20.0).abs() < 1e-5);
    for weak in [6.0, 5.0, 2.0, 1.0, 0.1, 0.0] {
        hour.available_mw[0] = weak;
        let h = settled(&heat, hour.clone());
        assert!((sum(&h.delivered_mw) - 20.0).abs() < 2e-5, "{weak}: {h:?}");
        assert!((h.made_mw[0] - weak).abs() < 1e-5, "{weak}: {h:?}");
    }
    // A plant without circulation gives nothing, whatever heat it has.
    hour.available_mw[0] = 26.0;
    hour.circulation[0] = 0.0;
    let h = settled(&heat, hour);
    assert_eq!((h.made_mw[0], h.plant_flow_kg_s[0]), (0.0, 0.0));
    assert!((sum(&h.delivered_mw) - 20.0).abs() < 1e-5);
}

/// Circulation lost: the water stands and cools, T = T_g + (T − T_g) e^(−U t/(ρ c A)).
#[test]
fn stagnant_pipes_cool_exponentially() {
    let heat = smallest(800.0);
    let mut hour = Hour::healthy(&heat, -10.0);
    hour.circulation[0] = 0.0;
    let mut state = HeatSolver::new(&heat).initial_state(&heat, -10.0);
    let start = state.clone();
    let area = std::f64::consts::PI * 0.2 * 0.2 / 4.0;
    let rate = (0.25 + 200.0 * 6e-4) / (965.3 * 4205.0 * area) * 3600.0;
    for k in 1..=30 {
        let h = run(&heat, &hour, &mut state);
        check(&heat, &hour, &h, &state);
        assert_eq!((h.delivered_mw[0], h.made_mw[0]), (0.0, 0.0));
        assert!((h.lost_mw + h.stored_mw).abs() < 1e-12);
        for (now, then) in [(&state.supply_c, &start.supply_c), (&state.return_c, &start.return_c)]
        {
            for (t, t0) in now.iter().zip(then) {
                let want = 3.0 + (t0 - 3.0) * (-rate * f64::from(k)).exp();
                // The profile that the water had when it stopped is stored as a line.
                assert!((t - want).abs() < 1e-3, "hour {k}: {t} {want}");
            }
        }
    }
}

/// A colder supply reaches the consumer when the water does: 2.2 km of 200 mm hold 69 m³.
#[test]
fn a_change_arrives_with_the_water() {
    let heat = smallest(2200.0);
    let mut solver = HeatSolver::new(&heat);
    let mut hour = Hour::healthy(&heat, -20.0);
    let mut state = solver.initial_state(&heat, -20.0);
    let before = state.supply_c[1];
    hour.step_h = 0.25;
    hour.available_mw[0] = 0.0;
    let mut seen = Vec::new();
    for _ in 0..6 {
        let h = solver.step(&heat, &hour.input(), &mut state);
        check(&heat, &hour, &h, &state);
        seen.push((h.plant_flow_kg_s[0], state.supply_c[1]));
    }
    let content_kg = 965.3 * std::f64::consts::PI / 4.0 * 0.04 * 2200.0;
    let mut passed_kg = 0.0;
    for (flow, supply_c) in seen {
        passed_kg += flow * 900.0;
        let arrived = supply_c < before - 5.0;
        assert_eq!(arrived, passed_kg > content_kg, "{passed_kg} of {content_kg}: {supply_c}");
    }
    assert!(passed_kg > content_kg);
}

/// Hot tap water: asked for, made, handed over; in a shortage it gets less too.
#[test]
fn hot_water_is_heat_too() {
    let mut heat = smallest(500.0);
    heat.substations[0].hot_water_mw = 1.0;
    let mut hour = Hour::healthy(&heat, -10.0);
    let h = settled(&heat, hour.clone());
    assert_eq!(h.status, Some(HourStatus::Solved));
    assert!((h.hot_water_mw[0] - 1.0).abs() < 1e-6);
    assert!((h.delivered_mw[0] / hour.demand_mw[0] - 1.0).abs() < 1e-6);
    assert!((h.made_mw[0] - 1.0 - hour.demand_mw[0] - h.lost_mw).abs() < 1e-5);
    hour.available_mw[0] = 0.5 * h.made_mw[0];
    let h = settled(&heat, hour);
    assert!(h.hot_water_mw[0] < 0.9 && h.hot_water_mw[0] > 0.1, "{h:?}");
    assert!(h.balance_error < 1e-6);
}

/// Without demand a network stands still and cools; with a bypass it stays warm.
#[test]
fn a_bypass_keeps_an_idle_network_warm() {
    let mut warm = Vec::new();
    for bypass in [0.0, 0.05] {
        let mut heat = smallest(1500.0);
        heat.substations[0].bypass_share = bypass;
        let mut hour = Hour::healthy(&heat, 5.0);
        let mut solver = HeatSolver::new(&heat);
        let mut state = solver.initial_state(&heat, 5.0);
        hour.demand_mw[0] = 0.0;
        for _ in 0..48 {
            let h = solver.step(&heat, &hour.input(), &mut state);
            check(&heat, &hour, &h, &state);
        }
        warm.push(state.supply_c[1]);
    }
    assert!(warm[0] < 45.0 && warm[1] > 55.0, "{warm:?}");
}

/// Pipes in the air lose by the outdoor temperature, those in the ground by the ground's.
#[test]
fn pipes_in_the_air_lose_more_in_the_frost() {
    let mut heat = smallest(1500.0);
    let hour = Hour::healthy(&heat, -22.0);
    let below = settled(&heat, hour.clone()).lost_mw;
    heat.pipes[0].laid = Laid::Air;
    let above = settled(&heat, hour).lost_mw;
    // Supply 110 and return about 64 °C: the sum over 3 °C ground and over −22 °C air.
    assert!((above / below - (132.0 + 86.0) / (107.0 + 61.0)).abs() < 0.02, "{above} {below}");
}

/// Behind a break nobody gets heat; before it everybody does.
#[test]
fn a_break_cuts_off_what_lies_behind() {
    let mut heat = empty();
    heat.junctions = (0..4).map(junction).collect();
    heat.pipes = (0..3).map(|i| pipe(i, i + 1, 400.0, 250.0)).collect();
    heat.substations = (1..4).map(|i| substation(i, 3.0)).collect();
    heat.plants = vec![plant(0, 12.0, 60.0)];
    let mut hour = Hour::healthy(&heat, -5.0);
    hour.pipe_whole[1] = false;
    let mut state = HeatSolver::new(&heat).initial_state(&heat, -5.0);
    let h = run(&heat, &hour, &mut state);
    check(&heat, &hour, &h, &state);
    assert_eq!(h.status, Some(HourStatus::Solved));
    assert!((h.delivered_mw[0] / hour.demand_mw[0] - 1.0).abs() < 1e-6);
    assert_eq!(h.delivered_mw[1..], [0.0, 0.0]);
    assert_eq!(h.pipe_flow_kg_s[1..], [0.0, 0.0]);
}

/// Short of heat, one plant: what is delivered is what is made less what is lost,
/// supply falls, and everybody gets some.
#[test]
fn shortage_lowers_the_supply_for_all() {
    for seed in 0..6 {
        let mut dice = Dice::new(seed);
        let heat = random(&mut dice, 20 + 20 * seed as usize, 4, 1);
        let mut hour = Hour::healthy(&heat, -22.0);
        let want = sum(&hour.demand_mw);
        let full = settled(&heat, hour.clone());
        hour.available_mw[0] = 0.6 * want;
        let h = settled(&heat, hour.clone());
        assert_eq!(h.status, Some(HourStatus::Solved));
        assert!((h.made_mw[0] / (0.6 * want) - 1.0).abs() < 1e-6);
        let rest = 0.6 * want - h.lost_mw;
        assert!((sum(&h.delivered_mw) / rest - 1.0).abs() < 1e-6);
        assert!(h.plant_supply_c[0] < full.plant_supply_c[0] - 20.0);
        let least = h.delivered_mw.iter().zip(&hour.demand_mw).map(|(d, w)| d / w);
        assert!(least.fold(1.0, f64::min) > 0.2);
    }
}

/// The warmth of the pipes bridges the first hours of a plant's loss of heat while the
/// pumps run, and is paid back afterwards.
#[test]
fn pipes_give_their_warmth_first() {
    let mut dice = Dice::new(3);
    let heat = random(&mut dice, 60, 5, 1);
    let mut solver = HeatSolver::new(&heat);
    let mut hour = Hour::healthy(&heat, -10.0);
    let mut state = solver.initial_state(&heat, -10.0);
    hour.available_mw[0] = 0.0;
    let mut last = f64::INFINITY;
    for _ in 0..12 {
        let h = solver.step(&heat, &hour.input(), &mut state);
        check(&heat, &hour, &h, &state);
        let got = sum(&h.delivered_mw);
        assert!(h.stored_mw < 0.0 && got < last && got > 0.0);
        last = got;
    }
    hour.available_mw[0] = heat.plants[0].heat_max_mw;
    let h = solver.step(&heat, &hour.input(), &mut state);
    check(&heat, &hour, &h, &state);
    assert!(h.stored_mw > 0.0);
}

/// Bytes do not depend on threads nor on what was computed before.
#[test]
fn same_bytes_for_any_threads_and_history() {
    let mut dice = Dice::new(11);
    let mut heat = empty();
    for k in 0..12 {
        grow(&mut heat, &mut dice, 4 + 3 * k, k, 1 + k % 2);
    }
    let solver = HeatSolver::new(&heat);
    assert_eq!(solver.networks(), 12);
    let mut hour = Hour::healthy(&heat, -15.0);
    for a in &mut hour.available_mw {
        *a *= dice.between(0.2, 1.0);
    }
    let start = solver.initial_state(&heat, -15.0);
    let run_with = |threads: usize, warm: bool| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut solver = solver.clone();
            if warm {
                let other = Hour::healthy(&heat, 4.0);
                solver.step(&heat, &other.input(), &mut start.clone());
            }
            let mut state = start.clone();
            let h = solver.step(&heat, &hour.input(), &mut state);
            (h, state)
        })
    };
    let one = run_with(1, false);
    for (threads, warm) in [(2, false), (1, true), (4, true)] {
        let other = run_with(threads, warm);
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{threads} threads, warm {warm}");
    }
}

/// Inputs that make no sense neither panic nor spread.
#[test]
fn nonsense_does_no_harm() {
    let mut dice = Dice::new(2);
    let mut heat = random(&mut dice, 12, 2, 2);
    heat.pipes[3].diameter_mm = 0.0;
    heat.pipes[4].length_m = 0.0;
    heat.substations[0].design_mw = 0.0;
    heat.plants[1].pump_head_m = 0.0;
    heat.plants.push(plant(3, 0.0, 40.0));
    let healthy = Hour::healthy(&heat, -5.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 1e300] {
        for field in 0..7 {
            let mut hour = healthy.clone();
            match field {
                0 => hour.available_mw[0] = bad,
                1 => hour.circulation[0] = bad,
                2 => hour.demand_mw[1] = bad,
                3 => hour.indoor_c[1] = bad,
                4 => hour.outdoor_c = bad,
                5 => hour.step_h = bad,
                _ => hour.demand_mw.fill(bad),
            }
            let mut state = HeatState::default();
            if field == 6 {
                state.supply_c = vec![bad; heat.junctions.len()];
            }
            let h = run(&heat, &hour, &mut state);
            let all = h.delivered_mw.iter().chain(&h.made_mw).chain(&h.pipe_flow_kg_s);
            for v in all.chain(&h.plant_supply_c).chain(&state.supply_c).chain(&state.return_c) {
                assert!(v.is_finite(), "field {field} = {bad}: {h:?}");
            }
            assert!(h.balance_error.is_finite() && h.lost_mw.is_finite());
        }
    }
    let nothing = empty();
    let mut state = HeatState::default();
    let h = run(&nothing, &Hour::healthy(&nothing, 0.0), &mut state);
    assert_eq!((h.status, h.balance_error), (Some(HourStatus::Solved), 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing broken: everybody gets all, whatever the weather within design.
    #[test]
    fn ample_plants_serve_everybody(
        seed in any::<u64>(), n in 3..80usize, plants in 1..4usize, outdoor_c in -22.0..12.0_f64,
    ) {
        let mut dice = Dice::new(seed);
        let heat = random(&mut dice, n, n / 8, plants);
        let hour = Hour::healthy(&heat, outdoor_c);
        let mut state = HeatSolver::new(&heat).initial_state(&heat, outdoor_c);
        let h = run(&heat, &hour, &mut state);
        check(&heat, &hour, &h, &state);
        prop_assert_eq!(h.status, Some(HourStatus::Solved));
        for (d, want) in h.delivered_mw.iter().zip(&hour.demand_mw) {
            prop_assert!(*d >= want * (1.0 - 1e-6), "{d} of {want}");
        }
    }

    /// Random damage and weather, hour after hour.
    #[test]
    fn heat_is_conserved_in_any_damage(
        seed in any::<u64>(), n in 3..60usize, plants in 1..4usize, broken in 0.0..0.3_f64,
    ) {
        let mut dice = Dice::new(seed);
        let heat = random(&mut dice, n, n / 6, plants);
        let mut solver = HeatSolver::new(&heat);
        let mut state = solver.initial_state(&heat, -8.0);
        for _ in 0..6 {
            let mut hour = Hour::healthy(&heat, dice.between(-30.0, 12.0));
            for w in &mut hour.pipe_whole {
                *w = dice.unit() >= broken;
            }
            for p in 0..heat.plants.len() {
                hour.available_mw[p] *= if dice.unit() < 0.2 { 0.0 } else { dice.unit() };
                hour.circulation[p] = [0.0, 0.4, 1.0, 1.0][dice.below(4)];
            }
            for s in 0..heat.substations.len() {
                hour.indoor_c[s] = dice.between(-5.0, 22.0);
                hour.demand_mw[s] *= dice.between(0.0, 1.8);
            }
            let h = solver.step(&heat, &hour.input(), &mut state);
            check(&heat, &hour, &h, &state);
        }
    }

    /// One plant: less heat available never gives more.
    #[test]
    fn less_available_never_gives_more(seed in any::<u64>(), n in 3..40usize) {
        let mut dice = Dice::new(seed);
        let heat = random(&mut dice, n, 2, 1);
        let start = HeatSolver::new(&heat).initial_state(&heat, -12.0);
        let mut hour = Hour::healthy(&heat, -12.0);
        let mut last = f64::INFINITY;
        for share in [1.0, 0.8, 0.6, 0.5, 0.3, 0.1, 0.0] {
            hour.available_mw[0] = share * heat.plants[0].heat_max_mw;
            let h = run(&heat, &hour, &mut start.clone());
            let got = sum(&h.delivered_mw);
            prop_assert!(got <= last * (1.0 + 1e-6), "{share}: {got} {last}");
            last = got;
        }
    }
}

/// Small networks in harsh damage, 1500 hours: broken pipes, plants without heat, weak
/// and dark pumps, cold homes that ask for nearly twice what they were built for.
#[test]
fn harsh_hours_are_solved() {
    let mut relaxed = Vec::new();
    for seed in 0..250 {
        let n = 3 + (seed % 9) as usize;
        let plants = 1 + (seed % 3) as usize;
        let broken = 0.15;
        let mut dice = Dice::new(seed);
        let heat = random(&mut dice, n, n / 6, plants);
        let mut solver = HeatSolver::new(&heat);
        let mut state = solver.initial_state(&heat, -8.0);
        for k in 0..6 {
            let mut hour = Hour::healthy(&heat, dice.between(-30.0, 12.0));
            for w in &mut hour.pipe_whole {
                *w = dice.unit() >= broken;
            }
            for p in 0..heat.plants.len() {
                hour.available_mw[p] *= if dice.unit() < 0.2 { 0.0 } else { dice.unit() };
                hour.circulation[p] = [0.0, 0.4, 1.0, 1.0][dice.below(4)];
            }
            for s in 0..heat.substations.len() {
                hour.indoor_c[s] = dice.between(-5.0, 22.0);
                hour.demand_mw[s] *= dice.between(0.0, 1.8);
            }
            let h = solver.step(&heat, &hour.input(), &mut state);
            check(&heat, &hour, &h, &state);
            match &h.status {
                Some(HourStatus::Solved) => {}
                Some(HourStatus::Relaxed { why }) => relaxed.push((seed, k, why.clone())),
                other => panic!("seed {seed}, hour {k}: {other:?}"),
            }
        }
    }
    assert!(relaxed.len() <= 3, "{relaxed:?}");
}
