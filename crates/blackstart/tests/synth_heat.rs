//! The fictional region's district heating is healthy before damage: full heat at the
//! outdoor design temperature.

use blackstart::heat::{HeatInput, HeatSolver, properties};
use blackstart::region::{Heating, Region};
use blackstart::scenario::WeatherHour;
use blackstart::synth::{Spec, region};

#[test]
fn full_heat_on_the_design_day() {
    for (people, seed) in [
        (20_000, 1),
        (50_000, 7),
        (50_000, 8),
        (300_000, 7),
        (300_000, 99),
        (1_000_000, 7),
        (1_000_000, 12_345),
    ] {
        let what = format!("{people} {seed}");
        let checked = Region::check(region(&Spec { people, seed }).unwrap());
        assert!(checked.problems.is_empty(), "{what}: {:?}", checked.problems);
        let region = checked.region.unwrap();
        let heat = region.heat();
        // What homes need at −22 °C when nothing else warms them.
        let cold = WeatherHour { outdoor_c: -22.0, wind_m_s: 3.0, solar_w_m2: 0.0 };
        let mut demand_mw = vec![0.0; heat.substations.len()];
        for s in region.places().stock.iter().filter(|s| s.heating == Heating::District) {
            let substation = region.places().areas[s.area.i()].substation.unwrap();
            let w_m2 = properties(s.building).steady_heat_w_m2(20.0, cold, 0.0);
            demand_mw[substation.i()] += s.floor_m2 * w_m2 / 1e6;
        }
        let available: Vec<f64> = heat.plants.iter().map(|p| p.heat_max_mw).collect();
        let mut solver = HeatSolver::new(heat);
        let mut state = solver.initial_state(heat, -22.0);
        for hour in 0..6 {
            let result = solver.step(
                heat,
                &HeatInput {
                    available_mw: &available,
                    circulation: &vec![1.0; heat.plants.len()],
                    pipe_whole: &vec![true; heat.pipes.len()],
                    demand_mw: &demand_mw,
                    hot_water_mw: &vec![0.0; heat.substations.len()],
                    indoor_c: &vec![20.0; heat.substations.len()],
                    outdoor_c: -22.0,
                    step_h: 1.0,
                },
                &mut state,
            );
            let status = result.status.clone().unwrap();
            assert!(!status.is_degraded(), "{what} hour {hour}: {status:?}");
            for (i, s) in heat.substations.iter().enumerate() {
                let share = result.delivered_mw[i] / demand_mw[i];
                assert!(share > 1.0 - 1e-4, "{what} hour {hour}: {} gets {share}", s.id);
            }
            for (p, made) in heat.plants.iter().zip(&result.made_mw) {
                assert!(*made <= p.heat_max_mw * (1.0 + 1e-9), "{what}: {}", p.id);
            }
        }
    }
}
