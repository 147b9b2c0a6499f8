//! The fictional region through the whole hour loop without damage: nobody goes without
//! anything, on the coldest design days and on mild ones.

use blackstart::region::Region;
use blackstart::scenario::{Policy, PriorityRule, RepairResources, Scenario, Weather};
use blackstart::sim::{Unwatched, run};
use blackstart::synth::{Spec, region};
use jiff::civil::date;

fn healthy(people: u64, seed: u64, outdoor_c: f64, hours: u32) {
    let what = format!("{people} {seed} at {outdoor_c} °C");
    let checked = Region::check(region(&Spec { people, seed }).unwrap());
    assert!(checked.problems.is_empty(), "{what}: {:?}", checked.problems);
    let region = checked.region.unwrap();
    let scenario = Scenario {
        name: what.clone(),
        // A Tuesday in January holds the weekly peak.
        start: date(2026, 1, 12).at(18, 0, 0, 0),
        horizon_h: hours,
        weather: Weather::constant(outdoor_c, hours as usize),
        events: Vec::new(),
        repair: RepairResources {
            teams_day: 0,
            teams_night: 0,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 0.0,
            spares: Default::default(),
            deliveries: Vec::new(),
            rule: PriorityRule::FirstCome,
            recovery: blackstart::scenario::Recovery::default(),
        },
        policy: Policy::default(),
        seed: 1,
        draw: 0,
        campaigns: Vec::new(),
        halts: Vec::new(),
        demand_factor: 1.0,
        mobile_plants: Vec::new(),
        assumed: vec![],
    };
    let results = run(&region, &scenario, &mut Unwatched);
    let t = &results.totals;
    assert_eq!(results.hours, hours as usize);
    for h in 0..results.hours {
        let all = people as f64;
        for (service, without) in [
            ("electricity", t.people_without_electricity[h]),
            ("heat", t.people_without_heat[h]),
            ("water", t.people_without_water[h]),
            ("18 °C at home", t.people_below_c[0][h]),
        ] {
            assert!(without < 1e-5 * all, "{what} hour {h}: {without} people without {service}");
        }
        for (what_of, asked, got) in [
            ("electricity", t.demand_mw[h], t.served_mw[h]),
            ("heat", t.heat_demand_mw[h], t.heat_delivered_mw[h]),
            ("water", t.water_demand_m3h[h], t.water_supplied_m3h[h]),
        ] {
            assert!(got > asked * (1.0 - 1e-4), "{what} hour {h}: {what_of} {got} of {asked}");
        }
    }
}

#[test]
fn small_regions() {
    for (people, seed) in [(20_000, 3), (50_000, 7), (100_000, 2), (140_000, 6)] {
        healthy(people, seed, -22.0, 48);
        healthy(people, seed, 5.0, 24);
    }
}

#[test]
fn three_hundred_thousand_people() {
    for seed in [7, 99] {
        healthy(300_000, seed, -22.0, 48);
        healthy(300_000, seed, 0.0, 24);
    }
}

#[test]
fn a_million_people() {
    healthy(1_000_000, 7, -22.0, 72);
    healthy(1_000_000, 12_345, -22.0, 24);
    healthy(1_000_000, 7, -5.0, 24);
}
