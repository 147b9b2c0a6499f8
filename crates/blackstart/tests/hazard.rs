//! Earthquakes, ice storms and floods: what facilities feel, and what it does to them.

mod common;

use std::sync::Arc;

use blackstart::damage::catalogue::Kind;
use blackstart::damage::field::{Field, Raster, distance_km, felt};
use blackstart::damage::{self, earthquake, flood};
use blackstart::region::{FacilityClass, FacilityIdx, Position, Region};
use blackstart::results::DamageRecord;
use blackstart::scenario::{
    DamageState, Earthquake, EventKind, Felt, Flood, Hazard, IceStorm, Icing, Interval, Motion,
    Scenario, Shaking, Stretch,
};
use common::{checked, draft, event, facility, region, scenario};
use proptest::prelude::*;

const fn place(lon_deg: f64, lat_deg: f64) -> Position {
    Position { lon_deg, lat_deg }
}

/// Every facility feels the same, over `length_km` of lines and mains.
fn alike<T: Copy>(region: &Region, value: T, length_km: f64) -> Arc<[Felt<T>]> {
    let of =
        |i| Felt { facility: FacilityIdx::new(i), stretches: vec![Stretch { length_km, value }] };
    (0..region.facilities().len()).map(of).collect()
}

fn quake(region: &Region, pga_g: f64, factor: Interval) -> Hazard {
    let felt = alike(region, Shaking { pga_g, pgv_cm_s: 100.0 * pga_g }, 2.0);
    Hazard::Earthquake(Earthquake { motion: Motion::Mapped { felt, factor }, anchored: false })
}

fn storm(region: &Region, ice_mm: f64) -> Hazard {
    let felt = alike(region, Icing { ice_mm, wind_m_s: 8.0 }, 20.0);
    let design = Icing { ice_mm: 15.0, wind_m_s: 15.0 };
    Hazard::IceStorm(IceStorm { felt, factor: Interval::point(1.0), design })
}

fn water(region: &Region, depth_m: f64) -> Hazard {
    let felt = alike(region, depth_m, 0.0);
    Hazard::Flood(Flood { felt, factor: Interval::point(1.0), stands_h: 30.0 })
}

fn damage(region: &Region, hazard: Hazard, draw: u32) -> Vec<DamageRecord> {
    let events = vec![event("it", 2.0, EventKind::Hazard(hazard))];
    let scenario = Scenario { draw, ..scenario(5, events) };
    let (strike, damage) = damage::apply(region, &scenario, 0, &[]);
    assert_eq!(strike, None);
    damage
}

#[test]
fn a_hazard_is_a_field_and_has_no_place_for_a_target() {
    // Every field is named: what is felt where, how strong, and what things were built for.
    let (region, point) = (region(2), Interval::point(1.0));
    let Hazard::Earthquake(Earthquake { motion, anchored: _ }) = quake(&region, 0.1, point) else {
        unreachable!()
    };
    match motion {
        Motion::Mapped { felt: _, factor: _ } => {}
        Motion::Rupture { felt: _, magnitude: _, soil: _ } => {}
    }
    let Hazard::IceStorm(IceStorm { felt: _, factor: _, design: _ }) = storm(&region, 1.0) else {
        unreachable!()
    };
    let Hazard::Flood(Flood { felt: _, factor: _, stands_h: _ }) = water(&region, 1.0) else {
        unreachable!()
    };
}

#[test]
fn states_come_as_often_as_the_curves_say() {
    let region = region(3);
    let facilities = region.facilities();
    let mut counts = vec![[0u32; 4]; facilities.len()];
    let draws = 2000;
    for draw in 0..draws {
        for record in damage(&region, quake(&region, 0.3, Interval::point(1.0)), draw) {
            counts[record.facility.i()][record.state as usize] += 1;
        }
    }
    for (facility, counts) in facilities.iter().zip(counts) {
        let kind = Kind::of(&region, facility);
        let Some(curves) = earthquake::curves(kind, facility.size, false) else { continue };
        // At least so bad, by curve and by count.
        let mut reached = 0;
        for (count, curve) in counts.into_iter().zip(curves).rev() {
            reached += count;
            let p = curve.chance(0.3);
            let spread = (f64::from(draws) * p * (1.0 - p)).sqrt().max(1.0);
            let off = (f64::from(reached) - f64::from(draws) * p).abs();
            assert!(off <= 4.5 * spread, "{kind:?}: {reached} of {draws}, {p}");
        }
    }
}

#[test]
fn each_hazard_damages_what_it_can() {
    let region = region(3);
    let classes = |hazard: Hazard| {
        let mut classes: Vec<FacilityClass> = (0..20)
            .flat_map(|draw| damage(&region, hazard.clone(), draw))
            .map(|r| region.facilities()[r.facility.i()].class)
            .collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    };
    use FacilityClass as C;
    assert_eq!(classes(storm(&region, 40.0)), [C::Line]);
    let shaken = classes(quake(&region, 0.8, Interval::point(1.0)));
    assert!(!shaken.contains(&C::Line) && shaken.contains(&C::WaterMain), "{shaken:?}");
    assert!(shaken.contains(&C::HeatMain) && shaken.contains(&C::Substation), "{shaken:?}");
    let wet = classes(water(&region, 2.0));
    assert_eq!(wet, [C::Substation, C::PowerPlant, C::BoilerHouse, C::PumpingStation]);
    for none in
        [quake(&region, 0.0, Interval::point(1.0)), storm(&region, 0.0), water(&region, 0.0)]
    {
        assert_eq!(classes(none), []);
    }
}

#[test]
fn one_strength_holds_for_the_whole_event() {
    // Below 0 nothing shakes, above all is destroyed: all stands or none, half of the time.
    let region = region(3);
    let kinds = region.facilities().iter().map(|f| Kind::of(&region, f));
    let can = kinds.filter(|k| earthquake::curves(*k, 1.0, false).is_some()).count();
    let mut stood = 0;
    for draw in 0..200 {
        let struck = damage(&region, quake(&region, 1e9, Interval { low: -1.0, high: 1.0 }), draw);
        let lost = struck.iter().filter(|r| r.state == DamageState::Complete).count();
        assert!(struck.is_empty() || lost == can, "{lost} of {can}");
        stood += u32::from(struck.is_empty());
    }
    assert!((70..=130).contains(&stood), "{stood} of 200");
}

#[test]
fn facilities_have_luck_of_their_own() {
    let region = region(3);
    for draw in 0..20 {
        let all = damage(&region, quake(&region, 0.3, Interval::point(1.0)), draw);
        for record in &all {
            let felt = alike(&region, Shaking { pga_g: 0.3, pgv_cm_s: 30.0 }, 2.0);
            let alone: Arc<[_]> =
                felt.iter().filter(|f| f.facility == record.facility).cloned().collect();
            let factor = Interval::point(1.0);
            let motion = Motion::Mapped { felt: alone, factor };
            let hazard = Hazard::Earthquake(Earthquake { motion, anchored: false });
            assert_eq!(damage(&region, hazard, draw), std::slice::from_ref(record));
        }
    }
}

#[test]
fn nobody_works_where_the_water_stands() {
    let region = region(3);
    let run = |stands_h| {
        let felt = alike(&region, 1.5, 0.0);
        let factor = Interval::point(1.0);
        let hazard = Hazard::Flood(Flood { felt, factor, stands_h });
        let mut s = scenario(5, vec![event("it", 2.0, EventKind::Hazard(hazard))]);
        s.repair.access_delay_h = 4.0;
        let results = blackstart::sim::run(&region, &s, &mut blackstart::sim::Unwatched);
        let starts: Vec<f64> = results.repairs.iter().filter_map(|r| r.start_h).collect();
        starts.into_iter().fold(f64::INFINITY, f64::min)
    };
    assert_eq!(run(0.0), 6.0);
    assert_eq!(run(11.0), 13.0);
}

#[test]
fn fields_are_felt_where_facilities_are() {
    let points = vec![(place(30.0, 50.0), 1.0), (place(31.0, 50.0), 2.0)];
    let field = Field::Points { points, reach_km: 40.0 };
    assert_eq!(field.at(place(30.1, 50.0)), Some(1.0));
    assert_eq!(field.at(place(30.9, 50.1)), Some(2.0));
    assert_eq!(field.at(place(30.0, 51.0)), None);
    let raster = Raster {
        west_deg: 30.0,
        north_deg: 51.0,
        cell_deg: 0.5,
        columns: 2,
        cells: vec![Some(1.0), Some(2.0), None, Some(4.0)],
    };
    let field = Field::Raster(raster);
    assert_eq!(field.at(place(30.6, 50.9)), Some(2.0));
    assert_eq!(field.at(place(30.1, 50.1)), None);
    assert_eq!(field.at(place(30.6, 50.1)), Some(4.0));
    for outside in [place(29.9, 50.9), place(31.1, 50.9), place(30.1, 49.9), place(30.1, 51.1)] {
        assert_eq!(field.at(outside), None);
    }
    assert_eq!(Field::Everywhere(3.0).at(place(0.0, 0.0)), Some(3.0));

    let line = [place(30.0, 50.0), place(31.0, 50.0)];
    assert!((distance_km(&line, place(30.5, 50.1)) - 11.12).abs() < 0.01);
    let end = place(31.2, 50.0);
    assert!((distance_km(&line, end) - end.distance_km(line[1])).abs() < 1e-9);
    assert_eq!(distance_km(&line[..1], end), end.distance_km(line[0]));
    assert_eq!(distance_km(&[], end), f64::INFINITY);
}

#[test]
fn lines_are_followed_and_the_rest_is_counted() {
    let mut d = draft(3);
    d.water.tanks[0].position = None;
    let region = checked(d);
    let (all, nowhere) = felt(&region, Some);
    let lost = region.facilities().iter().filter(|f| f.position.is_none()).count();
    assert!(lost > 0);
    assert_eq!((all.len() + lost, nowhere), (region.facilities().len(), lost));
    let line = facility(&region, FacilityClass::Line, "L1");
    let along = &all.iter().find(|f| f.facility == line).unwrap().stretches;
    let length_km: f64 = along.iter().map(|s| s.length_km).sum();
    assert!((length_km - region.facilities()[line.i()].size).abs() < 1e-9);
    assert_eq!(along.len(), length_km.ceil() as usize);
    assert!(along.windows(2).all(|w| w[0].value != w[1].value));
}

#[test]
fn hazus_curves_are_in_their_order() {
    for kind in Kind::ALL {
        for curves in [flood::curves(kind), earthquake::curves(kind, 50.0, false)] {
            let Some(curves) = curves else { continue };
            assert!(curves.windows(2).all(|c| c[0].median < c[1].median), "{kind:?}");
        }
        for size in [50.0, 500.0] {
            let pair = [true, false].map(|a| earthquake::curves(kind, size, a));
            let [Some(anchored), Some(free)] = pair else { continue };
            assert!(anchored.iter().zip(free).all(|(a, f)| a.median >= f.median), "{kind:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The same luck under something stronger never ends better.
    #[test]
    fn stronger_never_does_less(a in 0.0..1.5_f64, b in 0.0..1.5_f64, draw in 0..1000_u32) {
        let region = region(3);
        let (weak, strong) = (a.min(b), a.max(b));
        let point = Interval::point(1.0);
        let pairs = [
            [quake(&region, weak, point), quake(&region, strong, point)],
            [storm(&region, 40.0 * weak), storm(&region, 40.0 * strong)],
            [water(&region, 2.0 * weak), water(&region, 2.0 * strong)],
        ];
        for pair in pairs {
            let [less, more] = pair.map(|hazard| damage(&region, hazard, draw));
            for record in &less {
                let worse = more.iter().find(|r| r.facility == record.facility);
                prop_assert!(worse.is_some_and(|w| w.state >= record.state));
            }
        }
    }
}

/// Fields of the rows of a small table without quotes.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

#[test]
fn curves_are_those_of_hazus() {
    let table = include_str!("../../../testdata/cases/hazus-earthquake/curves.csv");
    let mut compared = 0;
    for row in rows(table) {
        let [component, state, median, beta] = row.as_slice() else { panic!("{row:?}") };
        let (what, anchored) = component.rsplit_once('.').unwrap();
        let (kind, size_mw) = match what {
            "EP.C" => (Kind::DistributionSubstation, 1.0),
            "EP.S.L" => (Kind::LowVoltageSubstation, 1.0),
            "EP.S.M" => (Kind::MediumVoltageSubstation, 1.0),
            "EP.S.H" => (Kind::HighVoltageSubstation, 1.0),
            "EP.G.S" => (Kind::PowerPlant, 99.0),
            "EP.G.ML" => (Kind::PowerPlant, 100.0),
            other => panic!("{other}"),
        };
        let curves = earthquake::curves(kind, size_mw, anchored == "A").unwrap();
        let k = DamageState::ALL.iter().position(|s| s.word() == *state).unwrap();
        let theirs = (median.parse().unwrap(), beta.parse().unwrap());
        assert_eq!((curves[k].median, curves[k].beta), theirs, "{component} {state}");
        compared += 1;
    }
    assert_eq!(compared, 48);
}

#[test]
fn repairs_of_pipes_are_those_of_hazus() {
    const PIPE_KM: f64 = 20.0 * 0.304_8e-3;
    let table = include_str!("../../../testdata/cases/hazus-earthquake/pipes.csv");
    for row in rows(table) {
        let [component, pgv, chance] = row.as_slice() else { panic!("{row:?}") };
        let pgv_cm_s = pgv.parse().unwrap();
        // The table takes the expected number for the chance, as far as 1.
        let repairs = earthquake::repairs_per_km(pgv_cm_s, *component == "PWP.D.GS") * PIPE_KM;
        let theirs: f64 = chance.parse().unwrap();
        let off = repairs.min(1.0) / theirs - 1.0;
        // Eight decimals are given.
        let rounding = 0.5e-8 / theirs;
        assert!(off.abs() <= 1e-3 + rounding, "{component} at {pgv} cm/s: {off}");
    }
}
