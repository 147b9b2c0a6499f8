//! Ensembles: the same luck under every policy, and what is made of many draws.

mod runs;

use std::ops::ControlFlow;
use std::sync::Mutex;

use blackstart::ensemble::{self, Course, Draw, Figures, Quantity, compare};
use blackstart::region::{FacilityClass, Region};
use blackstart::results::DamageRecord;
use blackstart::scenario::{
    Campaign, Delivery, Event, EventKind, Halt, HitRule, Interval, Measure, PolicyCase, Scenario,
    Spare, Strike,
};

const EVERYWHERE: [bool; 4] = [true; 4];

fn strike() -> EventKind {
    let mut class_odds = [0.0; FacilityClass::ALL.len()];
    class_odds[0] = 5.0;
    class_odds[1] = 3.0;
    class_odds[2] = 1.0;
    EventKind::Strike(Box::new(Strike {
        launched: [
            Interval { low: 6.0, high: 12.0 },
            Interval::point(3.0),
            Interval::point(30.0),
            Interval::point(0.0),
        ],
        intercepted_share: [0.6, 0.2, 0.8, 0.6].map(Interval::point),
        share_on_region: Interval::point(0.5),
        class_odds,
        hit_rule: HitRule::Uniform,
        state_odds: [[0.2, 0.3, 0.3, 0.2]; 4],
    }))
}

/// Three waves within two days in the frost, some teams.
fn winter() -> (Region, Scenario) {
    let mut scenario = runs::scenario(48, -12.0);
    for (i, at_h) in [2.0, 14.0, 30.0].into_iter().enumerate() {
        scenario.events.push(Event { name: format!("wave {i}"), at_h, kind: strike() });
    }
    scenario.repair.teams_day = 6;
    scenario.repair.teams_night = 2;
    scenario.repair.spares = [1, 2, 1, 1, 1, 20];
    (runs::region(60_000, 7), scenario)
}

fn halt(removes_share: f64) -> Halt {
    Halt {
        name: "halt".into(),
        from_h: 10.0,
        until_h: f64::INFINITY,
        disputed_h: 0.0,
        covers: EVERYWHERE,
        removes_share,
        leakage_share: 0.0,
    }
}

fn case(name: &str, measures: Vec<Measure>) -> PolicyCase {
    PolicyCase { name: name.into(), measures }
}

fn draws(region: &Region, scenario: &Scenario, cases: &[PolicyCase], draws: &[u32]) -> Vec<Draw> {
    let all = Mutex::new(Vec::new());
    ensemble::run(region, scenario, cases, draws, |draw| {
        all.lock().unwrap().push(draw);
        ControlFlow::Continue(())
    });
    let mut all = all.into_inner().unwrap();
    all.sort_by_key(|d| d.draw);
    all
}

const SIX: [u32; 6] = [0, 1, 2, 3, 4, 5];

/// Damage of all events of a draw, each on a whole region.
fn damage(region: &Region, scenario: &Scenario, draw: u32) -> Vec<DamageRecord> {
    let scenario = Scenario { draw, ..scenario.clone() };
    let whole = vec![1.0; region.facilities().len()];
    let of = |e| blackstart::damage::apply(region, &scenario, e, &whole).1;
    (0..scenario.events.len()).flat_map(of).collect()
}

#[test]
fn threads_and_other_policies_change_nothing() {
    let (region, scenario) = winter();
    let cases = [
        case("baseline", vec![]),
        case("halt", vec![Measure::Halt(halt(0.9))]),
        case("warmer", vec![Measure::WeatherShift { shift_k: 6.0 }]),
    ];
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| draws(&region, &scenario, &cases, &SIX))
    };
    let (one, two) = (on(1), on(2));
    assert_eq!(one, two);
    let alone = draws(&region, &scenario, &cases[1..2], &SIX);
    for (many, alone) in one.iter().zip(&alone) {
        assert_eq!(many.cases[1], alone.cases[0]);
        assert_eq!(many.draw, alone.draw);
    }
    // Draws differ, and a part of the draws is the same part.
    assert!(one.windows(2).all(|w| w[0].cases[0] != w[1].cases[0]));
    let late = draws(&region, &scenario, &cases, &[5, 3, 4]);
    assert_eq!(late, one[3..]);
}

#[test]
fn runs_stop_when_told() {
    let (region, scenario) = winter();
    let seen = Mutex::new(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let many: Vec<u32> = (0..100).collect();
    pool.install(|| {
        ensemble::run(&region, &scenario, &[case("baseline", vec![])], &many, |_| {
            let mut seen = seen.lock().unwrap();
            *seen += 1;
            if *seen >= 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    });
    // The other thread may have been at work on one more.
    assert!((3..=4).contains(&seen.into_inner().unwrap()));
}

#[test]
fn a_halt_takes_hits_away_and_moves_none() {
    let (region, scenario) = winter();
    let mut removed = [0usize; 3];
    let mut all = 0;
    for draw in 0..40 {
        let before = damage(&region, &scenario, draw);
        let mut last = before.clone();
        all += before.iter().filter(|d| d.at_h >= 10.0).count();
        for (i, share) in [0.3, 0.7, 1.0].into_iter().enumerate() {
            let with = scenario.under(&case("halt", vec![Measure::Halt(halt(share))]));
            let after = damage(&region, &with, draw);
            // The first wave is before it.
            let early = |d: &&DamageRecord| d.at_h < 10.0;
            assert!(after.iter().filter(early).eq(before.iter().filter(early)));
            // A facility hit under the stronger halt is hit at least as hard under the weaker.
            for hit in &after {
                let same = last.iter().find(|d| d.event == hit.event && d.facility == hit.facility);
                assert!(same.is_some_and(|d| d.state >= hit.state));
            }
            removed[i] += before.len() - after.len();
            last = after;
        }
    }
    assert!(all > 100, "{all}");
    assert_eq!(removed[2], all);
    let share = removed[0] as f64 / all as f64;
    assert!((0.2..0.4).contains(&share), "{share}");
}

#[test]
fn a_halt_covers_its_classes_leaks_and_begins_in_dispute() {
    let (region, scenario) = winter();
    let total = |halt: Halt| -> usize {
        let with = scenario.under(&case("halt", vec![Measure::Halt(halt)]));
        (0..60).map(|draw| damage(&region, &with, draw).len()).sum()
    };
    let none = total(halt(0.0));
    let full = total(halt(1.0));
    let leaking = total(Halt { leakage_share: 0.5, ..halt(1.0) });
    assert_eq!(total(Halt { leakage_share: 0.5, ..halt(1.0) }), total(halt(0.5)));
    assert!(full < leaking && leaking < none);
    let drones = total(Halt { covers: [false, false, true, false], ..halt(1.0) });
    assert!(full < drones && drones < none);
    // Disputed from before the second wave to after it: it counts in some draws.
    let disputed = total(Halt { disputed_h: 8.0, ..halt(1.0) });
    let late = total(Halt { from_h: 18.0, ..halt(1.0) });
    assert!(full < disputed && disputed < late, "{full} {disputed} {late}");
    assert_eq!(total(Halt { until_h: 14.0, ..halt(1.0) }), none);
}

#[test]
fn measures_change_what_they_say() {
    let (_, mut scenario) = winter();
    let delivery = |at_h, count| Delivery { at_h, spare: Spare::Autotransformer, count };
    scenario.repair.deliveries = vec![delivery(5.0, 1), delivery(20.0, 2), delivery(40.0, 3)];
    let with = |measure| scenario.under(&case("case", vec![measure]));

    let paused = with(Measure::AidPause { from_h: 10.0, until_h: 45.0 });
    let at: Vec<(f64, u32)> = paused.repair.deliveries.iter().map(|d| (d.at_h, d.count)).collect();
    assert_eq!(at, [(5.0, 1), (45.0, 2), (45.0, 3)]);
    let never = with(Measure::AidPause { from_h: 10.0, until_h: f64::INFINITY });
    assert_eq!(never.repair.deliveries.iter().filter(|d| d.at_h.is_finite()).count(), 1);

    let shares = [Some(Interval::point(0.3)), Some(Interval::point(0.9)), None, None];
    let support =
        with(Measure::SupportPause { from_h: 10.0, until_h: 20.0, intercepted_share: shares });
    let shares_at = |s: &Scenario, e: usize| match &s.events[e].kind {
        EventKind::Strike(strike) => strike.intercepted_share.map(|i| i.high),
        EventKind::Damaged(_) | EventKind::Uninspected(_) | EventKind::Hazard(_) => {
            unreachable!("only strikes here")
        }
    };
    assert_eq!(shares_at(&support, 0), [0.6, 0.2, 0.8, 0.6]);
    assert_eq!(shares_at(&support, 1), [0.3, 0.2, 0.8, 0.6]);
    assert_eq!(shares_at(&support, 2), [0.6, 0.2, 0.8, 0.6]);

    let imports = with(Measure::Imports { from_h: 12.0, until_h: 24.0, share: 0.25 });
    let share = &imports.policy.import_share;
    assert_eq!(
        [share[11], share[12], share[23], share[24], share[47]],
        [1.0, 0.25, 0.25, 1.0, 1.0]
    );
    assert_eq!(with(Measure::Generators { more: 9 }).policy.mobile_generators, 9);
    let cool = with(Measure::Thermostat { indoor_set_c: 17.0 });
    assert_eq!(cool.policy.indoor_set_c, 17.0);
    assert_eq!(with(Measure::Demand { factor: 0.9 }).demand_factor, 0.9);
    let colder = with(Measure::WeatherShift { shift_k: -6.0 });
    assert!(colder.weather.hours.iter().all(|h| h.outdoor_c == -18.0));
    assert_eq!(scenario.under(&case("baseline", vec![])), scenario);
}

#[test]
fn pairing_by_draw_makes_differences_sure() {
    let (region, scenario) = winter();
    let cases = [
        case("baseline", vec![]),
        case("again", vec![]),
        case("halt", vec![Measure::Halt(halt(1.0))]),
        case("colder", vec![Measure::WeatherShift { shift_k: -6.0 }]),
    ];
    let all: Vec<u32> = (0..24).collect();
    let figures = |d: Draw| d.cases.into_iter().map(|c| c.figures).collect();
    let draws: Vec<Vec<Figures>> =
        draws(&region, &scenario, &cases, &all).into_iter().map(figures).collect();
    let found = compare(&draws);
    assert_eq!(found.draws, 24);
    for (q, quantity) in Quantity::ALL.into_iter().enumerate() {
        assert_eq!(found.differences[1][q].mean, 0.0);
        assert_eq!(found.differences[1][q].half_width, 0.0);
        let mean = found.spreads[2][q].mean - found.spreads[0][q].mean;
        let scale = found.spreads[0][q].mean.abs().max(1.0);
        assert!((found.differences[2][q].mean - mean).abs() < 1e-9 * scale, "{quantity:?}");
    }
    let dark = &found.differences[2][0];
    assert!(dark.mean < 0.0 && dark.is_told(), "{dark:?}");
    let cold = Quantity::ALL.iter().position(|q| *q == Quantity::Below16).unwrap();
    assert!(found.differences[3][cold].mean > 0.0 && found.differences[3][cold].is_told());
    // Draws for themselves would leave the difference far less certain.
    let column =
        |c: usize| -> Vec<f64> { draws.iter().map(|d| d[c].value(Quantity::Below16)).collect() };
    let apart = ensemble::half_width_95(&column(0)).hypot(ensemble::half_width_95(&column(3)));
    assert!(found.differences[3][cold].half_width < 0.7 * apart);
    // A quarter of the width takes sixteen times the draws.
    let share = dark.half_width / dark.mean.abs();
    let needed = dark.draws_needed(24, share / 4.0).unwrap();
    assert!((needed - 24.0 * 16.0).abs() <= 1.0, "{needed}");
    assert_eq!(dark.draws_needed(24, share * 1.01), Some(24.0));
    assert_eq!(found.differences[1][0].draws_needed(24, 0.05), Some(24.0));
}

#[test]
fn figures_of_areas_add_up() {
    let (region, scenario) = winter();
    let case = ensemble::one(&region, &scenario.drawn(3));
    let figures = &case.figures;
    let [dark, _, dry] = &figures.area_person_hours;
    let close = |areas: &[f64], total: f64| {
        let sum: f64 = areas.iter().sum();
        assert!((sum - total).abs() <= 1e-9 * total.max(1.0), "{sum} {total}");
    };
    close(dark, figures.person_hours_without[0]);
    close(dry, figures.person_hours_without[2]);
    close(&figures.area_person_hours[1], figures.person_hours_below_c[1]);
    assert!(figures.worst_area.is_some());
    assert!(figures.person_hours_without[0] > 0.0);
    // Courses are those of the places, rounded; the last place is everybody.
    let courses = &case.courses;
    assert_eq!((courses.hours, courses.places), (48, region.places().areas.len() + 1));
    let served: f64 = courses
        .place(Course::ElectricityShare, courses.places - 1)
        .iter()
        .map(|level| Course::ElectricityShare.value(*level))
        .sum();
    let people: f64 = region.places().areas.iter().map(|a| a.people).sum();
    let without = people * (48.0 - served);
    assert!((without / figures.person_hours_without[0] - 1.0).abs() < 0.02, "{without}");
    // What is damaged is lost for a while.
    assert!(!case.damaged.is_empty());
    assert!(case.damaged.is_sorted_by(|a, b| a.facility < b.facility));
    assert!(case.damaged.iter().all(|d| d.times >= 1 && d.first_at_h >= 2.0));
    assert!(case.damaged.iter().any(|d| d.lost_h > 1.0));
}

#[test]
fn campaigns_are_drawn_and_policies_meet_the_same_strikes() {
    let (region, mut scenario) = winter();
    let EventKind::Strike(template) = strike() else { unreachable!() };
    scenario.events.truncate(1);
    scenario.campaigns = vec![Campaign {
        name: "two days".into(),
        from_h: 0.0,
        until_h: f64::INFINITY,
        massive_at_clock_h: Interval { low: 0.0, high: 7.0 },
        gap_median_days: 0.5,
        massive_missiles_median: 60.0,
        massive_missiles_p90: 90.0,
        massive_drones_factor: 1.0,
        missiles_per_day: 5.0,
        drones_per_day: 40.0,
        missile_shares: [0.5, 0.4, 0.0, 0.1],
        strike: *template,
    }];
    let drawn = scenario.drawn(4);
    assert!(drawn.events.len() > 1 && drawn.campaigns.is_empty());
    assert!(drawn.events.is_sorted_by(|a, b| a.at_h <= b.at_h));
    // A run of the undrawn scenario is that of its draw.
    let undrawn = Scenario { draw: 4, ..scenario.clone() };
    assert_eq!(ensemble::one(&region, &undrawn), ensemble::one(&region, &drawn));
    let cases = [
        case("baseline", vec![]),
        case("halt", vec![Measure::Halt(Halt { from_h: 0.0, ..halt(1.0) })]),
        case("warmer", vec![Measure::WeatherShift { shift_k: 6.0 }]),
    ];
    let mut damaged = 0;
    for draw in draws(&region, &scenario, &cases, &SIX) {
        // Other weather changes no hit; a full halt leaves none.
        let hits = |c: usize| -> Vec<_> {
            draw.cases[c].damaged.iter().map(|d| (d.facility, d.times, d.worst)).collect()
        };
        assert!(hits(1).is_empty());
        damaged += hits(0).len();
        // A facility that cannot be hit twice in one state may be mended at another hour.
        assert_eq!(hits(0).len(), hits(2).len());
    }
    assert!(damaged > 6, "{damaged}");
}
