//! The free-float cases of ASHRAE 140 with the weather of Denver, read as a weather table of
//! a scenario. Figures: `docs/validation/buildings.md`.

mod bestest;

use bestest::{CASES, denver, extremes};
use blackstart::heat::Solution;

/// The five resistances are one capacity; where they leave the range of the standard's
/// programs, the Modelica Buildings library's five resistances leave it too. Ours must be
/// near those, which were computed by others from other code, and no further from the range
/// than they are by more than half a kelvin.
#[test]
fn free_float_is_that_of_five_resistances_elsewhere() {
    let weather = denver();
    for case in &CASES {
        let (low, high) = extremes(&case.free_float(Solution::Exact, &weather));
        for (k, found) in [low, high].into_iter().enumerate() {
            let (least, most) = case.published[k];
            let there = case.modelica[k];
            assert!((found - there).abs() < 0.7, "{}: {found:.2} {there}", case.name);
            let beyond = |c: f64| (least - c).max(c - most).max(0.0);
            assert!(beyond(found) <= beyond(there) + 0.5, "{}: {found:.2}", case.name);
        }
    }
}

/// Cases that the research says five resistances reach.
#[test]
fn the_light_cases_are_within_the_published_ranges() {
    let weather = denver();
    for name in ["600FF", "650FF", "980FF"] {
        let case = CASES.iter().find(|c| c.name == name).unwrap();
        let (low, high) = extremes(&case.free_float(Solution::Exact, &weather));
        for (found, (least, most)) in [low, high].into_iter().zip(case.published) {
            assert!((least..=most).contains(&found), "{name}: {found:.2} not in {least}..{most}");
        }
    }
}

/// A whole year: with hourly weather the standard's own step is as good as the exact one.
#[test]
fn crank_nicolson_and_the_exact_step_agree_over_a_year() {
    let weather = denver();
    for case in &CASES {
        let exact = case.free_float(Solution::Exact, &weather);
        let standard = case.free_float(Solution::CrankNicolson, &weather);
        let worst = exact.iter().zip(&standard).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.35, "{}: {worst}", case.name);
    }
}
