//! What must hold of a whole run, whatever the region.

mod runs;

use blackstart::region::{FacilityClass, Priority};
use blackstart::results::{HourStatus, Results};
use blackstart::scenario::DamageState;
use proptest::prelude::*;
use runs::{damage, most, region, run, scenario};

fn assert_balances(results: &Results) {
    let t = &results.totals;
    for (name, column) in [
        ("electricity", &t.grid_imbalance_share),
        ("water", &t.water_imbalance_share),
        ("heat", &t.heat_imbalance_share),
        ("homes", &t.homes_imbalance_share),
    ] {
        for (hour, error) in column.iter().enumerate() {
            assert!(*error <= 1e-6, "{name} does not balance in hour {hour}: {error:e}");
        }
    }
}

fn assert_sane(results: &Results, people: f64) {
    let t = &results.totals;
    for (h, (served, demand)) in t.served_mw.iter().zip(&t.demand_mw).enumerate() {
        assert!(*served <= demand * (1.0 + 1e-9) + 1e-9, "hour {h}: more served than asked for");
    }
    for column in [
        &t.people_without_electricity,
        &t.people_without_heat,
        &t.people_without_water,
        &t.people_below_c[0],
    ] {
        assert!(column.iter().all(|p| (-1e-6..=people + 1e-6).contains(p)), "{column:?}");
    }
    for share in results
        .places
        .electricity_share
        .iter()
        .chain(&results.places.water_share)
        .chain(&results.places.heat_share)
    {
        assert!((0.0..=1.0).contains(share), "{share}");
    }
    for status in t.grid_status.iter().chain(&t.water_status).chain(&t.heat_status) {
        assert!(!matches!(status, HourStatus::NotConverged { .. }), "{status:?}");
    }
}

#[test]
fn without_damage_nobody_lacks_anything_in_any_design_weather() {
    for (people, seed) in [(20_000, 1), (60_000, 2), (200_000, 3)] {
        let region = region(people, seed);
        for outdoor_c in [-22.0, -8.0, 5.0] {
            let results = run(&region, &scenario(30, outdoor_c));
            let t = &results.totals;
            assert!(most(&t.people_without_electricity) < 1e-3, "electricity at {outdoor_c} °C");
            assert!(most(&t.people_without_heat) < 1e-3, "heat at {outdoor_c} °C");
            assert!(most(&t.people_without_water) < 1e-3, "water at {outdoor_c} °C");
            assert!(most(&t.people_below_c[0]) < 1e-3, "someone is cold at {outdoor_c} °C");
            for h in 0..results.hours {
                assert!(t.demand_mw[h] - t.served_mw[h] < 1e-6 * t.demand_mw[h]);
                assert!(
                    t.water_demand_m3h[h] - t.water_supplied_m3h[h] < 1e-6 * t.water_demand_m3h[h]
                );
                assert!(t.heat_demand_mw[h] - t.heat_delivered_mw[h] < 1e-5 * t.heat_demand_mw[h]);
            }
            assert_balances(&results);
        }
    }
}

#[test]
fn with_everything_damaged_everything_is_dark() {
    let region = region(50_000, 4);
    let mut night = scenario(48, -15.0);
    let all: Vec<_> = (0..region.facilities().len()).map(|f| (f, DamageState::Complete)).collect();
    damage(&mut night, 2.0, &all);
    let results = run(&region, &night);
    let t = &results.totals;
    let people = region.people();
    assert!(t.people_without_electricity[1] < 1e-6);
    for h in 2..48 {
        assert!((t.people_without_electricity[h] - people).abs() < 1e-6, "hour {h}");
        assert!(t.served_mw[h].abs() < 1e-9);
        assert!(t.heat_made_mw[h].abs() < 1e-9);
        assert!((t.people_without_water[h] - people).abs() < 1e-6);
    }
    assert_balances(&results);
    // Homes cool towards the outdoors and never below.
    let coldest = results.places.indoor_c.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((-15.0..10.0).contains(&coldest), "{coldest}");
    let cold = &t.people_below_c[0];
    assert!(cold[47] > 0.9 * people && cold[1] < 1.0);
}

/// Priority-weighted electricity served in `hour`, MW.
fn weighted(results: &Results, hour: usize) -> f64 {
    let t = &results.totals;
    Priority::ALL
        .iter()
        .zip(&t.served_by_priority_mw)
        .map(|(p, served)| p.weight() * served[hour])
        .sum()
}

fn state() -> impl Strategy<Value = DamageState> {
    prop_oneof![
        Just(DamageState::Moderate),
        Just(DamageState::Extensive),
        Just(DamageState::Complete)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Power balance of islands, mass balance of junctions, heat balance of networks
    /// and homes, over random regions, damages and weathers.
    #[test]
    fn every_hour_balances(
        seed in 0u64..1000,
        people in 20_000u64..90_000,
        outdoor_c in -25.0..5.0,
        picks in prop::collection::vec((0.0..1.0f64, state(), 0u32..10), 1..25),
    ) {
        let region = region(people, seed);
        let mut night = scenario(16, outdoor_c);
        for (pick, state, at) in picks {
            let f = (pick * region.facilities().len() as f64) as usize;
            damage(&mut night, f64::from(at), &[(f, state)]);
        }
        let results = run(&region, &night);
        assert_balances(&results);
        assert_sane(&results, region.people());
    }

    /// A line that is lost takes a constraint of the meshed network away, too (Braess's
    /// paradox); corrective switching makes up for that in grids like these.
    #[test]
    fn less_damage_never_hurts(
        seed in 0u64..1000,
        people in 20_000u64..120_000,
        picks in prop::collection::vec((0.0..1.0f64, state()), 2..30),
        keep in 0.0..1.0f64,
    ) {
        let region = region(people, seed);
        let n = region.facilities().len();
        let hits: Vec<_> = picks
            .iter()
            .map(|(pick, state)| ((pick * n as f64) as usize, *state))
            .filter(|(f, _)| {
                // Mains and tanks do not touch the grid in the first hour.
                !matches!(
                    region.facilities()[*f].class,
                    FacilityClass::WaterMain | FacilityClass::HeatMain | FacilityClass::WaterTank
                )
            })
            .collect();
        let fewer = &hits[..(keep * hits.len() as f64) as usize];
        let mut more_damage = scenario(1, -20.0);
        damage(&mut more_damage, 0.0, &hits);
        let mut less_damage = scenario(1, -20.0);
        damage(&mut less_damage, 0.0, fewer);
        let more = weighted(&run(&region, &more_damage), 0);
        let less = weighted(&run(&region, &less_damage), 0);
        prop_assert!(less >= more * (1.0 - 1e-6), "{less} < {more}");
    }
}

#[test]
fn the_same_bytes_on_one_thread_and_on_two() {
    let region = region(120_000, 5);
    let mut night = scenario(24, -12.0);
    let n = region.facilities().len();
    let hits: Vec<_> = (0..n).step_by(7).map(|f| (f, DamageState::Extensive)).collect();
    damage(&mut night, 3.0, &hits);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        format!("{:?}", pool.install(|| run(&region, &night)))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(1));
}
