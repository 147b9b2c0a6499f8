//! Repair: teams and spares are conserved, and draws belong to their facility.

mod common;

use blackstart::damage;
use blackstart::region::{FacilityClass, FacilityIdx, Position, Region};
use blackstart::repair::RepairShop;
use blackstart::results::{FacilityState, RepairRecord};
use blackstart::scenario::{
    DamageState, Delivery, EventKind, PriorityRule, Recovery, Scenario, Shift, Spare, StruckAsset,
    TemporaryFix,
};
use common::{event, facility, region, scenario, strike};
use proptest::prelude::*;

fn struck(facility: FacilityIdx, state: DamageState) -> StruckAsset {
    StruckAsset { facility, state, repair_days: None }
}

fn storm(at_h: f64, known: Vec<StruckAsset>) -> blackstart::scenario::Event {
    event("storm", at_h, EventKind::Damaged(known))
}

/// Runs `hours` hours as the hour loop does; calls `each` after every hour.
fn run<'a>(
    region: &'a Region,
    scenario: &'a Scenario,
    hours: usize,
    mut each: impl FnMut(usize, &RepairShop<'a>),
) -> Vec<RepairRecord> {
    let mut shop = RepairShop::new(region, scenario);
    let start = scenario.start.hour() as usize;
    for hour in 0..hours {
        shop.settle();
        for (e, event) in scenario.events.iter().enumerate() {
            if event.at_h.floor() as usize == hour {
                let (_, records) = damage::apply(region, scenario, e, shop.functionality());
                shop.damaged(&records);
            }
        }
        shop.hour(hour, ((start + hour) % 24) as u32, 1.0);
        each(hour, &shop);
    }
    shop.records()
}

fn plenty(mut scenario: Scenario) -> Scenario {
    scenario.repair.teams_day = 1000;
    scenario.repair.teams_night = 1000;
    scenario.repair.spares = [1000; Spare::ALL.len()];
    scenario
}

fn only(records: &[RepairRecord], facility: FacilityIdx) -> &RepairRecord {
    let mut found = records.iter().filter(|r| r.facility == facility);
    let first = found.next().expect("a repair of this facility");
    assert!(found.next().is_none(), "two repairs of one facility");
    first
}

#[test]
fn nothing_damaged_nothing_done() {
    let region = region(3);
    let scenario = scenario(1, vec![]);
    let records = run(&region, &scenario, 48, |_, shop| {
        assert_eq!(shop.teams_busy(), 0);
        assert!(shop.functionality().iter().all(|f| *f == 1.0));
    });
    assert_eq!(records, []);
}

#[test]
fn a_repair_lasts_as_drawn_and_then_all_works() {
    let region = region(3);
    let station = facility(&region, FacilityClass::PumpingStation, "P0");
    let mut scenario = plenty(scenario(
        5,
        vec![storm(
            1.0,
            vec![StruckAsset {
                facility: station,
                state: DamageState::Extensive,
                repair_days: Some(0.4),
            }],
        )],
    ));
    scenario.repair.access_delay_h = 3.5;
    let mut states = Vec::new();
    let records = run(&region, &scenario, 24, |_, shop| {
        states.push((shop.functionality()[station.i()], shop.state(station)));
    });
    let r = only(&records, station);
    // Two teams for 9.6 h, from the first full hour after 1 + 3.5 h.
    let end_h = 14.0 + (0.4 * 24.0 * 2.0 - 9.0 * 2.0) / 2.0;
    assert_eq!((r.teams, r.work_team_h), (2, 0.4 * 24.0 * 2.0));
    assert_eq!((r.damaged_at_h, r.start_h, r.end_h), (1.0, Some(5.0), Some(end_h)));
    assert_eq!(r.done_team_h, r.work_team_h);
    assert_eq!(states[0], (1.0, None));
    assert_eq!(states[1], (0.1, Some(FacilityState::Damaged)));
    assert_eq!(states[5], (0.1, Some(FacilityState::UnderRepair)));
    assert_eq!(states[14], (0.1, Some(FacilityState::UnderRepair)));
    assert_eq!(states[15], (1.0, None));
}

#[test]
fn damage_elsewhere_changes_no_drawn_duration() {
    let region = region(6);
    let substation = facility(&region, FacilityClass::Substation, "A2");
    let others = [
        struck(facility(&region, FacilityClass::Substation, "A4"), DamageState::Complete),
        struck(facility(&region, FacilityClass::Line, "L3"), DamageState::Complete),
    ];
    let one = struck(substation, DamageState::Moderate);
    let mut with_others = others.to_vec();
    with_others.push(one.clone());
    let work = |known| {
        let scenario = plenty(scenario(9, vec![storm(0.0, known)]));
        only(&run(&region, &scenario, 24, |_, _| {}), substation).work_team_h
    };
    let alone = work(vec![one]);
    assert_eq!(alone, work(with_others));
    let other_seed =
        plenty(scenario(10, vec![storm(0.0, vec![struck(substation, DamageState::Moderate)])]));
    assert_ne!(alone, only(&run(&region, &other_seed, 24, |_, _| {}), substation).work_team_h);
}

#[test]
fn durations_have_the_mean_of_the_catalogue() {
    let region = region(2);
    let main = facility(&region, FacilityClass::HeatMain, "HP");
    let n = 4000;
    let days: Vec<f64> = (0..n)
        .map(|seed| {
            let known = vec![struck(main, DamageState::Moderate)];
            let scenario = plenty(scenario(seed, vec![storm(0.0, known)]));
            only(&run(&region, &scenario, 1, |_, _| {}), main).work_team_h / 24.0
        })
        .collect();
    let mean = days.iter().sum::<f64>() / n as f64;
    // Lognormal with mean 1.5 and standard deviation 1.0 days: five standard errors.
    assert!((mean - 1.5).abs() < 5.0 / (n as f64).sqrt(), "{mean}");
}

#[test]
fn another_hit_makes_it_worse_and_never_shorter() {
    let region = region(3);
    let station = facility(&region, FacilityClass::PumpingStation, "P0");
    let mut first = struck(station, DamageState::Complete);
    first.repair_days = Some(1.0);
    let mut second = struck(station, DamageState::Slight);
    second.repair_days = Some(0.25);
    let work = |events: Vec<_>| {
        let scenario = plenty(scenario(1, events));
        let records = run(&region, &scenario, 60, |_, _| {});
        only(&records, station).clone()
    };
    let alone = work(vec![storm(0.0, vec![first.clone()])]);
    assert_eq!((alone.start_h, alone.end_h), (Some(2.0), Some(26.0)));
    // A slight hit in the middle only keeps teams away for the access delay.
    let again = work(vec![storm(0.0, vec![first.clone()]), storm(10.0, vec![second.clone()])]);
    assert_eq!((again.state, again.end_h), (DamageState::Complete, Some(28.0)));
    // Near the end it takes at least as long as it would by itself.
    let late = work(vec![storm(0.0, vec![first.clone()]), storm(25.0, vec![second.clone()])]);
    assert_eq!((late.start_h, late.end_h), (Some(2.0), Some(27.0 + 6.0)));
    // A worse hit on a slight one: the worse state, and its work.
    let worse = work(vec![storm(0.0, vec![second.clone()]), storm(4.0, vec![first.clone()])]);
    assert_eq!((worse.state, worse.end_h), (DamageState::Complete, Some(6.0 + 24.0)));
    assert!(worse.work_team_h >= worse.done_team_h);
    // After the end it is a repair of its own.
    let scenario = plenty(scenario(1, vec![storm(0.0, vec![first]), storm(30.0, vec![second])]));
    let records = run(&region, &scenario, 60, |_, _| {});
    assert_eq!(
        records.iter().map(|r| r.state).collect::<Vec<_>>(),
        [DamageState::Complete, DamageState::Slight]
    );
}

#[test]
fn a_spare_comes_by_delivery() {
    let region = region(3);
    let plant = facility(&region, FacilityClass::PowerPlant, "G");
    let mut scenario =
        plenty(scenario(2, vec![storm(0.0, vec![struck(plant, DamageState::Extensive)])]));
    scenario.repair.spares = [0; Spare::ALL.len()];
    scenario.repair.deliveries = vec![
        Delivery { at_h: 5.0, spare: Spare::PumpSet, count: 1 },
        Delivery { at_h: 20.5, spare: Spare::PlantKit, count: 2 },
    ];
    let mut stock = Vec::new();
    let before = run(&region, &scenario, 20, |_, _| {});
    assert!(only(&before, plant).waits_for_spare);
    let records = run(&region, &scenario, 40, |_, shop| stock.push(shop.stock()[2]));
    let r = only(&records, plant);
    assert_eq!((r.spare, r.start_h, r.waits_for_spare), (Some(Spare::PlantKit), Some(21.0), false));
    assert_eq!((stock[20], stock[21], stock[39]), (0, 1, 1));
}

#[test]
fn rules_put_jobs_in_their_order() {
    let region = region(6);
    let of = |class, id| facility(&region, class, id);
    // A5 has the most people behind it; the hospital hangs on A0 alone.
    let (a0, a5) = (of(FacilityClass::Substation, "A0"), of(FacilityClass::Substation, "A5"));
    let main = of(FacilityClass::WaterMain, "WK0");
    let day =
        |facility| StruckAsset { facility, state: DamageState::Moderate, repair_days: Some(1.0) };
    let first = |rule| {
        let events =
            vec![storm(0.0, vec![day(main)]), storm(1.0, vec![day(a5)]), storm(2.0, vec![day(a0)])];
        let mut scenario = scenario(1, events);
        scenario.repair.teams_day = 1;
        scenario.repair.teams_night = 1;
        scenario.repair.access_delay_h = 6.0;
        scenario.repair.rule = rule;
        // All are accessible from hour 8 on: who is worked on then?
        let mut at_work = Vec::new();
        run(&region, &scenario, 9, |_, shop| at_work = shop.under_repair().to_vec());
        FacilityIdx::new(at_work.iter().position(|w| *w).unwrap())
    };
    assert_eq!(first(PriorityRule::FirstCome), main);
    assert_eq!(first(PriorityRule::PeoplePerHour), a5);
    assert_eq!(first(PriorityRule::CriticalThenPeople), a0);
}

#[test]
fn people_and_critical_needs_behind_a_facility() {
    let region = region(4);
    let people = |class, id: &str| {
        let known = vec![struck(facility(&region, class, id), DamageState::Complete)];
        let scenario = scenario(1, vec![storm(0.0, known)]);
        let records = run(&region, &scenario, 1, |_, _| {});
        (records[0].people, records[0].critical)
    };
    // Areas have 1000, 2000, 3000, 4000 people along the chain A0 – A3, fed at A0 and A1.
    assert_eq!(people(FacilityClass::Substation, "A3"), (4000.0, false));
    // Behind A2 is A3 too.
    assert_eq!(people(FacilityClass::Substation, "A2"), (7000.0, false));
    // A0's own people are fewer than the share of its line; the hospital is in it.
    assert!(people(FacilityClass::Substation, "A0").1);
    assert_eq!(people(FacilityClass::Line, "L3"), (4000.0, false));
    // A ring of two sources: a third of what lines carry.
    let (share, critical) = people(FacilityClass::Line, "L1");
    assert!((share - 10_000.0 / 3.0).abs() < 1e-9 && !critical);
    // 50 of 250 MW, or the district heating that BH could keep up.
    let (plant, _) = people(FacilityClass::PowerPlant, "G");
    assert_eq!(plant, 2000.0);
    // A half of the pumps; no junction is cut off.
    assert_eq!(people(FacilityClass::PumpingStation, "P0"), (5000.0, false));
    let (heated, critical) = people(FacilityClass::BoilerHouse, "BH");
    assert_eq!((heated, critical), (1000.0, false));
}

/// Ways of working, each of them on or off.
fn recovery() -> impl Strategy<Value = Recovery> {
    let shift = || (0u32..3, 0u32..2).prop_map(|(day, night)| Shift { day, night });
    let crew = prop_oneof![Just((1.0, 1.0)), (1.0..4.0f64, 0.0..1.0f64)];
    (
        prop_oneof![Just([Shift::default(); 4]), [shift(), shift(), shift(), shift()]],
        proptest::option::of(5.0..60.0f64),
        prop_oneof![Just(0.0), 0.5..6.0f64],
        crew,
        proptest::array::uniform4(0u32..3),
        0.0..20.0f64,
        any::<bool>(),
    )
        .prop_map(
            |(skilled, travel_km_h, inspection_h, crew, temporary, temporary_h, cannibalise)| {
                Recovery {
                    skilled,
                    travel_km_h,
                    inspection_h,
                    most_teams_factor: crew.0,
                    more_teams_exponent: crew.1,
                    temporary,
                    temporary_h,
                    cannibalise,
                    ..Recovery::default()
                }
            },
        )
}

/// A chain of four areas; `how` and a rule, on damage that is known.
fn with(
    how: Recovery,
    rule: PriorityRule,
    known: Vec<StruckAsset>,
    hours: usize,
) -> Vec<RepairRecord> {
    let region = region(4);
    let mut scenario = scenario(3, vec![storm(0.0, known)]);
    scenario.repair.teams_day = 2;
    scenario.repair.teams_night = 2;
    scenario.repair.spares = [9; Spare::ALL.len()];
    scenario.repair.rule = rule;
    scenario.repair.recovery = how;
    run(&region, &scenario, hours, |_, _| {})
}

#[test]
fn roads_and_inspection_delay_a_repair_by_their_hours() {
    let region = region(4);
    let line = facility(&region, FacilityClass::Line, "L3");
    let damage = || {
        vec![StruckAsset { facility: line, state: DamageState::Moderate, repair_days: Some(0.5) }]
    };
    let end = |how| only(&with(how, PriorityRule::FirstCome, damage(), 100), line).end_h.unwrap();
    let at_once = end(Recovery::default());
    let looked = end(Recovery { inspection_h: 3.0, ..Recovery::default() });
    assert_eq!(looked, at_once + 3.0);
    let places = region.places();
    let far = Position { lon_deg: places.areas[0].position.unwrap().lon_deg, lat_deg: 0.0 };
    let here = region.facilities()[line.i()].position.expect("lines are placed");
    let road_h = 2.5;
    let travel_km_h = Some(far.distance_km(here) / road_h);
    let driven = end(Recovery { travel_km_h, depots: vec![far], ..Recovery::default() });
    assert!((driven - at_once - road_h).abs() < 1e-9, "{driven} {at_once}");
    // Each crew has its own road: the one that looks, and the one that repairs.
    let both =
        end(Recovery { inspection_h: 3.0, travel_km_h, depots: vec![far], ..Recovery::default() });
    let looked_at = (2.0 + road_h + 3.0f64).ceil();
    assert!((both - looked_at - road_h - (at_once - 2.0)).abs() < 1e-9, "{both} {at_once}");
}

#[test]
fn fixes_serve_at_once_and_come_back() {
    let region = region(4);
    let station = facility(&region, FacilityClass::PumpingStation, "P0");
    let main = facility(&region, FacilityClass::HeatMain, "HP");
    let how = Recovery { temporary: [0, 0, 0, 1], temporary_h: 4.0, ..Recovery::default() };
    let long =
        |facility| StruckAsset { facility, state: DamageState::Complete, repair_days: Some(1.0) };
    let mut scenario = plenty(scenario(3, vec![storm(0.0, vec![long(station), long(main)])]));
    scenario.repair.recovery = how;
    let mut works = Vec::new();
    let mut stock = Vec::new();
    let records = run(&region, &scenario, 40, |_, shop| {
        works.push(shop.functionality()[station.i()]);
        stock.push(shop.temporary()[TemporaryFix::MobilePump as usize]);
    });
    // Entered at 2 h, up after four, seen from the next hour on; the repair ends at 26 h.
    assert_eq!(works[5], 0.0);
    assert_eq!((works[6], works[25], works[26]), (0.5, 0.5, 1.0));
    assert_eq!((stock[1], stock[2], stock[25], stock[26]), (1, 0, 0, 1));
    let fixed = only(&records, station).temporary;
    assert_eq!(fixed, Some((TemporaryFix::MobilePump, 6.0)));
    assert_eq!(only(&records, main).temporary, None, "no bypass was in stock");
}

#[test]
fn districts_come_in_their_turn() {
    let region = region(4);
    let known: Vec<StruckAsset> = ["A0", "A1", "A2", "A3"]
        .map(|id| StruckAsset {
            facility: facility(&region, FacilityClass::Substation, id),
            state: DamageState::Slight,
            repair_days: Some(0.5),
        })
        .to_vec();
    let areas = &region.places().areas;
    let first = |districts: Vec<String>| {
        let how = Recovery { districts, ..Recovery::default() };
        let records = with(how, PriorityRule::DistrictOrder, known.clone(), 100);
        records.iter().map(|r| r.facility).collect::<Vec<_>>()
    };
    let district = |a: usize| areas[a].district.clone();
    // Two teams: the first two repairs are those of the first two districts.
    let turned = first((0..4).rev().map(district).collect());
    assert_eq!(turned[..2], [known[2].facility, known[3].facility]);
    let plain = first((0..4).map(district).collect());
    assert_eq!(plain[..2], [known[0].facility, known[1].facility]);
    // Without an order the district with the most people is first: area 3.
    assert_eq!(first(vec![])[..2], turned[..2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn teams_and_spares_are_conserved(
        seed in 0u64..1000,
        day in 0u32..12,
        night in 0u32..6,
        stock in proptest::array::uniform6(0u32..4),
        delivered in proptest::collection::vec((0.0..70.0f64, 0usize..6, 1u32..4), 0..4),
        second in 1.0..60.0f64,
        rule in 0usize..4,
        how in recovery(),
    ) {
        let region = region(6);
        let hit = || EventKind::Strike(Box::new(strike()));
        let mut scenario = scenario(seed, vec![event("one", 0.0, hit()), event("two", second, hit())]);
        scenario.repair.teams_day = day;
        scenario.repair.teams_night = night;
        scenario.repair.spares = stock;
        scenario.repair.rule = PriorityRule::ALL[rule];
        scenario.repair.recovery = how.clone();
        let all = |of: fn(&Shift) -> u32| how.skilled.iter().map(of).sum::<u32>();
        scenario.repair.deliveries = delivered
            .iter()
            .map(|&(at_h, s, count)| Delivery { at_h, spare: Spare::ALL[s], count })
            .collect();
        let mut before: Vec<RepairRecord> = Vec::new();
        let mut team_hours = 0.0;
        let mut left = stock;
        let mut taken = [0u32; 6];
        let records = run(&region, &scenario, 72, |hour, shop| {
            let clock = (18 + hour) % 24;
            let by_day = (7..19).contains(&clock);
            let shift = if by_day { day + all(|s| s.day) } else { night + all(|s| s.night) };
            assert!(shop.teams_busy() <= shift, "{} of {shift}", shop.teams_busy());
            team_hours += f64::from(shop.teams_busy());
            // What is done in an hour is done by the teams at work in it.
            let done = |records: &[RepairRecord]| records.iter().map(|r| r.done_team_h).sum::<f64>();
            let now = shop.records();
            let step = done(&now) - done(&before);
            assert!(step >= -1e-9 && step <= f64::from(shop.teams_busy()) + 1e-9, "{step}");
            before = now;
            for (s, shelf) in left.iter_mut().enumerate() {
                let arrived: u32 = delivered
                    .iter()
                    .filter(|d| d.1 == s && d.0.ceil() as usize == hour)
                    .map(|d| d.2)
                    .sum();
                let had = *shelf + arrived;
                let has = shop.stock()[s];
                assert!(has <= had, "spares out of nowhere");
                taken[s] += had - has;
                *shelf = has;
            }
            for (shelf, all) in shop.temporary().iter().zip(how.temporary) {
                assert!(*shelf <= all, "fixes out of nowhere");
            }
            for f in shop.functionality() {
                assert!((0.0..=1.0).contains(f));
            }
        });
        let done: f64 = records.iter().map(|r| r.done_team_h).sum();
        prop_assert!(done <= team_hours + 1e-6);
        for r in &records {
            prop_assert!(r.done_team_h <= r.work_team_h * (1.0 + 1e-12));
            prop_assert_eq!(r.end_h.is_some(), r.done_team_h >= r.work_team_h);
            prop_assert!(!(r.waits_for_spare && r.end_h.is_some()));
            if let (Some(start), Some(end)) = (r.start_h, r.end_h) {
                // Nothing is faster than with as many teams as there may be around the clock.
                let crowd = how.most_teams_factor.powf(how.more_teams_exponent);
                prop_assert!((end - start) * crowd >= r.work_team_h / f64::from(r.teams) - 1e-9);
                if how.inspection_h > 0.0 {
                    prop_assert!(r.inspected_h.is_some_and(|h| h <= start || h >= second));
                }
                prop_assert!(start >= r.damaged_at_h + 2.0);
            }
        }
        let order: Vec<f64> = records.iter().map(|r| r.start_h.unwrap_or(f64::INFINITY)).collect();
        prop_assert!(order.windows(2).all(|w| w[0] <= w[1]));
        prop_assert_eq!(records, run(&region, &scenario, 72, |_, _| {}));
    }

    #[test]
    fn more_damage_never_ends_a_repair_sooner(seed in 0u64..500, hour in 1.0..40.0f64) {
        let region = region(4);
        let hit = |at_h| event("again", at_h, EventKind::Strike(Box::new(strike())));
        let known = || {
            let all = region.facilities().iter().enumerate();
            storm(0.0, all.map(|(i, _)| struck(FacilityIdx::new(i), DamageState::Moderate)).collect())
        };
        let ends = |events| {
            let scenario = plenty(scenario(seed, events));
            let records = run(&region, &scenario, 24 * 60, |_, _| {});
            // The last end of each facility.
            let mut ends = vec![0.0f64; region.facilities().len()];
            for r in records {
                let end = &mut ends[r.facility.i()];
                *end = end.max(r.end_h.unwrap_or(f64::INFINITY));
            }
            ends
        };
        let once = ends(vec![known()]);
        let twice = ends(vec![known(), hit(hour)]);
        for (a, b) in once.iter().zip(&twice) {
            prop_assert!(a <= b, "{} h became {} h", a, b);
        }
    }
}
