//! Homes in a run: emergency heaters and the grid, draining and filling, frost in pipes, both
//! models of a building.

mod runs;

use blackstart::region::{FacilityClass, Region};
use blackstart::results::{Results, summarise};
use blackstart::scenario::{
    BuildingModel, DamageState, DrainRule, EmergencyHeaters, PipePolicy, Scenario,
};
use runs::{damage, most, region, run, scenario};

/// All power plants and boiler houses fail at once: nobody has district heating.
fn without_plants(region: &Region, hours: u32, outdoor_c: f64) -> Scenario {
    let mut s = scenario(hours, outdoor_c);
    let plants: Vec<(usize, DamageState)> = region
        .facilities()
        .iter()
        .enumerate()
        .filter(|(_, f)| f.class == FacilityClass::BoilerHouse)
        .map(|(i, _)| (i, DamageState::Complete))
        .collect();
    let chps =
        region.heat().plants.iter().filter_map(|p| p.generator).filter_map(|g| {
            region.facility_of(blackstart::region::Asset::Generator(g)).map(|f| f.i())
        });
    let mut all = plants;
    all.extend(chps.map(|i| (i, DamageState::Complete)));
    all.sort_unstable_by_key(|(i, _)| *i);
    all.dedup_by_key(|(i, _)| *i);
    damage(&mut s, 1.0, &all);
    s
}

fn district_people(region: &Region) -> f64 {
    let stock = region.places().stock.iter();
    stock.filter(|s| s.heating == blackstart::region::Heating::District).map(|s| s.people).sum()
}

fn balanced(results: &Results) {
    let t = &results.totals;
    for column in [&t.grid_imbalance_share, &t.heat_imbalance_share, &t.homes_imbalance_share] {
        assert!(most(column) < 1e-6);
    }
}

#[test]
fn blocks_without_circulation_are_drained_by_the_rule() {
    let region = region(60_000, 2);
    let mut s = without_plants(&region, 40, -12.0);
    s.policy.homes.pipes = Some(PipePolicy::default());
    let results = run(&region, &s);
    balanced(&results);
    let drained = &results.totals.people_drained;
    let all = district_people(&region);
    // Dark from hour 1; two hours later the first sixth is drained.
    assert_eq!(drained[1], 0.0);
    assert!((drained[2] - all / 6.0).abs() < 0.01 * all, "{drained:?}");
    assert!((drained[20] - all).abs() < 0.01 * all, "{drained:?}");
    let summary = summarise(&region, &results);
    assert!(summary.worst_people_drained <= all + 1e-6);
    assert_eq!(summary.worst_people_burst, 0.0);
    // Everybody in drained buildings counts as without heat.
    assert!(results.totals.people_without_heat[20] >= drained[20] - 1e-6);

    // A degree above the rule nobody drains.
    let mut mild = without_plants(&region, 40, -2.0);
    mild.policy.homes.pipes = Some(PipePolicy::default());
    assert_eq!(most(&run(&region, &mild).totals.people_drained), 0.0);
}

#[test]
fn what_is_not_drained_bursts_in_hard_frost_and_taps_freeze() {
    let region = region(60_000, 2);
    let mut s = without_plants(&region, 120, -20.0);
    s.policy.homes.pipes = Some(PipePolicy { drain: None, ..PipePolicy::default() });
    let results = run(&region, &s);
    let all = district_people(&region);
    let burst = &results.totals.people_burst;
    let first = burst.iter().position(|p| *p > 0.0).expect("some burst");
    assert!((20..72).contains(&first), "{first}");
    assert!(most(burst) > 0.5 * all, "{burst:?}");
    assert!(most(&results.totals.people_drained) < most(burst));
    // Panel blocks are below zero by then; taps freeze after the mains.
    let taps = results.totals.people_taps_frozen.iter().position(|p| *p > 0.0);
    assert!(taps.is_some_and(|h| h > first), "{taps:?} {first}");
    balanced(&results);
}

#[test]
fn emergency_heaters_warm_homes_and_load_the_grid() {
    let region = region(60_000, 2);
    let cold = without_plants(&region, 48, -10.0);
    let mut warm = cold.clone();
    warm.policy.homes.heaters =
        EmergencyHeaters { electric_share: 0.5, ..EmergencyHeaters::default() };
    let (without, with) = (run(&region, &cold), run(&region, &warm));
    balanced(&with);
    let (a, b) = (&without.totals, &with.totals);
    assert_eq!(most(&a.emergency_heaters_mw), 0.0);
    let h = 40;
    assert!(b.emergency_heaters_mw[h] > 1.0, "{:?}", b.emergency_heaters_mw);
    // What heaters ask for comes on top of the demand of the same hour.
    assert!(b.demand_mw[h] - a.demand_mw[h] > 0.99 * b.emergency_heaters_mw[h]);
    assert!(b.indoor_c[0][h] > a.indoor_c[0][h] + 0.5);
    assert!(b.person_k_below_c[0][h] < a.person_k_below_c[0][h]);
    // Stoves do the same without the grid.
    let mut stoves = cold.clone();
    stoves.policy.homes.heaters =
        EmergencyHeaters { stove_share: 0.5, ..EmergencyHeaters::default() };
    let c = run(&region, &stoves).totals;
    assert!(c.indoor_c[0][h] > a.indoor_c[0][h] + 0.5);
    assert!((c.demand_mw[h] - a.demand_mw[h]).abs() < 1e-9);
}

#[test]
fn drained_blocks_come_back_one_after_the_other() {
    let region = region(60_000, 2);
    let mut s = without_plants(&region, 160, -8.0);
    // The plants are back after two days.
    if let blackstart::scenario::EventKind::Damaged(list) = &mut s.events[0].kind {
        for item in list {
            item.repair_days = Some(0.5);
        }
    }
    s.repair.teams_day = 1000;
    s.repair.teams_night = 1000;
    s.repair.spares = [1000; 6];
    s.policy.homes.pipes = Some(PipePolicy::default());
    let results = run(&region, &s);
    let drained = &results.totals.people_drained;
    let all = district_people(&region);
    assert!(most(drained) > 0.9 * all, "{}", most(drained));
    let peak = drained.iter().rposition(|d| *d > 0.9 * all).expect("a peak");
    let end = drained.iter().rposition(|d| *d > 0.0).expect("an end");
    assert!(end < 159, "not back: {drained:?}");
    assert!((15..=40).contains(&(end - peak)), "{peak} {end}");
    // Warm again at the end.
    assert!(results.totals.people_without_heat[159] < 0.01 * all);
}

#[test]
fn both_models_run_and_tell_much_the_same() {
    let region = region(60_000, 2);
    let two = without_plants(&region, 72, -10.0);
    let mut five = two.clone();
    five.policy.homes.model = BuildingModel::Iso13790;
    let (a, b) = (run(&region, &two), run(&region, &five));
    balanced(&b);
    for k in 0..4 {
        for h in [30, 71] {
            let (x, y) = (a.totals.indoor_c[k][h], b.totals.indoor_c[k][h]);
            assert!((x - y).abs() < 3.0, "type {k}, hour {h}: {x} {y}");
        }
    }
}

#[test]
fn an_own_kind_of_building_is_used_and_counted_under_its_type() {
    use blackstart::heat::envelope;
    use blackstart::region::{BuildingKind, BuildingKindIdx, BuildingType, Heating};
    use blackstart::synth::{self, Spec};
    let mut draft = synth::region(&Spec { people: 20_000, seed: 4 }).expect("a region");
    let before = Region::check(draft.clone()).region.expect("sound");
    let mut thin = envelope(BuildingType::Panel);
    (thin.wall_u, thin.mass_kj_m2_k) = (3.0, 150.0);
    draft.places.kinds =
        vec![BuildingKind { id: "tin".into(), like: BuildingType::Panel, envelope: thin }];
    for row in &mut draft.places.stock {
        if row.building == BuildingType::Panel && row.heating == Heating::District {
            row.kind = Some(BuildingKindIdx(0));
        }
    }
    let after = Region::check(draft).region.expect("sound");
    let cold = |region: &Region| {
        let results = run(region, &without_plants(region, 30, -10.0));
        results.totals.indoor_min_c[0][29]
    };
    assert!(cold(&after) < cold(&before) - 4.0, "{} {}", cold(&after), cold(&before));
}

/// Homes that are full, drained or burst add up whatever the rules.
#[test]
fn people_in_parts_never_exceed_those_who_live_there() {
    let region = region(20_000, 7);
    for (drain, ice, refill_h) in [
        (Some(DrainRule::default()), 0.15, 24.0),
        (Some(DrainRule { after_h: 20.0, takes_h: 30.0, ..DrainRule::default() }), 0.02, 5.0),
        (None, 0.3, 24.0),
    ] {
        let mut s = without_plants(&region, 100, -22.0);
        s.policy.homes.pipes =
            Some(PipePolicy { drain, burst_ice_share: ice, refill_h, burst_repair_h: 50.0 });
        let t = run(&region, &s).totals;
        let people = region.people();
        for h in 0..100 {
            let sum = t.people_drained[h] + t.people_burst[h];
            assert!((-1e-6..=people + 1e-6).contains(&sum), "hour {h}: {sum}");
            assert!(t.people_taps_frozen[h] <= people + 1e-6);
        }
    }
}
