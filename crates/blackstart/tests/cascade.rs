//! Protection in the hour loop.

mod runs;

use blackstart::grid::cascade::CascadeEventKind;
use blackstart::region::FacilityClass;
use blackstart::scenario::{CascadeModel, DamageState};
use runs::{damage, region, run, scenario};

#[test]
fn off_changes_nothing_and_on_never_serves_more_in_the_struck_hour() {
    let region = region(200_000, 3);
    let hits: Vec<(usize, DamageState)> = region
        .facilities()
        .iter()
        .enumerate()
        .filter(|(_, f)| f.class == FacilityClass::PowerPlant)
        .map(|(i, _)| (i, DamageState::Complete))
        .collect();
    let mut off = scenario(4, -5.0);
    damage(&mut off, 1.0, &hits);
    let mut on = off.clone();
    on.policy.cascade = Some(CascadeModel::Dc);
    let without = run(&region, &off);
    let with = run(&region, &on);
    assert!(without.cascades.is_empty());
    assert_eq!(with.cascades.iter().map(|c| c.hour).collect::<Vec<_>>(), [1]);
    let served = |r: &blackstart::results::Results, h: usize| r.totals.served_mw[h];
    // Before the damage the runs are the same; in its hour protection can only take away.
    assert_eq!(served(&with, 0), served(&without, 0));
    assert!(served(&with, 1) <= served(&without, 1) + 1e-6);
    let events = &with.cascades[0].events;
    let shed: f64 = events.iter().map(|e| e.load_shed_mw).sum();
    let trips = events.iter().any(|e| !matches!(e.kind, CascadeEventKind::LoadShed(_)));
    assert!(shed > 0.0 || trips, "all power plants lost leave a trace: {events:?}");
    // Events in the dark have no frequency, so they are compared as text.
    let again = run(&region, &on);
    assert_eq!(format!("{:?}", again.cascades), format!("{:?}", with.cascades));
    assert_eq!(again.totals.served_mw, with.totals.served_mw);
}
