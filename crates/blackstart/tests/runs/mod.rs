//! Regions and scenarios for the tests of the hour loop.
#![allow(dead_code, reason = "each test file uses a part of this")]

use blackstart::region::{FacilityIdx, Region};
use blackstart::results::Results;
use blackstart::scenario::{
    DamageState, Event, EventKind, Policy, PriorityRule, RepairResources, Scenario, StruckAsset,
    Weather,
};
use blackstart::sim::Unwatched;
use blackstart::synth::{self, Spec};
use jiff::civil::date;

/// A fictional region of `people`.
pub fn region(people: u64, seed: u64) -> Region {
    let draft = synth::region(&Spec { people, seed }).expect("size within the range");
    let checked = Region::check(draft);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    checked.region.expect("a region without problems")
}

/// `hours` of constant weather from the evening of a design day, nobody repairs.
pub fn scenario(hours: u32, outdoor_c: f64) -> Scenario {
    Scenario {
        name: "test".into(),
        start: date(2026, 1, 13).at(18, 0, 0, 0),
        horizon_h: hours,
        weather: Weather::constant(outdoor_c, hours as usize),
        events: Vec::new(),
        repair: RepairResources {
            teams_day: 0,
            teams_night: 0,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 0.0,
            spares: [0; 6],
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
        assumed: Vec::new(),
    }
}

/// Adds known damage at `at_h`.
pub fn damage(scenario: &mut Scenario, at_h: f64, hits: &[(usize, DamageState)]) {
    let struck = hits
        .iter()
        .map(|(f, state)| StruckAsset {
            facility: FacilityIdx::new(*f),
            state: *state,
            repair_days: None,
        })
        .collect();
    scenario.events.push(Event { name: "damage".into(), at_h, kind: EventKind::Damaged(struck) });
}

/// Runs to the end.
pub fn run(region: &Region, scenario: &Scenario) -> Results {
    blackstart::sim::run(region, scenario, &mut Unwatched)
}

/// Largest value of a column.
pub fn most(column: &[f64]) -> f64 {
    column.iter().fold(0.0, |a: f64, b| a.max(*b))
}
