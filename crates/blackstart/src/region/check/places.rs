//! Checks of areas, buildings and critical sites.

use std::collections::BTreeMap;

use super::findings::Findings;
use super::grid::{check_queue, numbered};
use super::names::{AllNames, From};
use super::nearest::Nearest;
use crate::region::{
    Area, AreaIdx, BuildingKind, BuildingKindIdx, BuildingType, BusIdx, Code, ENVELOPE_COLUMNS,
    HeatSubstationIdx, Heating, NEAREST, Places, Position, Site, Stock, Table, WaterNodeIdx,
};

/// Resolves references, `nearest` among them, and checks numbers.
pub(super) fn check(
    places: Places<String, String, String, String>,
    names: &AllNames,
    nearest: &mut Nearest<'_>,
    f: &mut Findings,
) -> Places {
    let served: Vec<bool> = places.areas.iter().map(|a| a.substation.is_some()).collect();
    let areas = numbered(places.areas, |row, a| area(a, row, names, nearest, f));
    building_kinds(&places.kinds, f);
    let stock = stock(places.stock, &areas, &served, &places.kinds, names, f);
    let sites = numbered(places.sites, |row, s| site(s, row, names, nearest, f));
    Places { areas, kinds: places.kinds, stock, sites }
}

/// What an area or a site names to be served by.
struct Served {
    bus: Option<BusIdx>,
    junction: Option<WaterNodeIdx>,
    substation: Option<HeatSubstationIdx>,
}

fn serve(
    (table, row, who): (Table, usize, &str),
    position: Option<Position>,
    (bus, junction, substation): (Option<String>, Option<String>, Option<String>),
    names: &AllNames,
    nearest: &mut Nearest<'_>,
    f: &mut Findings,
) -> Served {
    let from = |field| From { table, row, field, who };
    let bus = bus.and_then(|wanted| match wanted.as_str() {
        NEAREST => nearest.bus(f, from("bus"), position),
        id => names.resolve(f, &names.buses, from("bus"), id),
    });
    let junction = junction.and_then(|wanted| match wanted.as_str() {
        NEAREST => nearest.junction(f, from("junction"), position),
        id => names.resolve_junction(f, from("junction"), id),
    });
    let substation = substation.and_then(|wanted| match wanted.as_str() {
        NEAREST => nearest.substation(f, from("substation"), position),
        id => names.resolve(f, &names.substations, from("substation"), id),
    });
    Served {
        bus: bus.map(BusIdx::new),
        junction: junction.map(WaterNodeIdx::new),
        substation: substation.map(HeatSubstationIdx::new),
    }
}

fn area(
    a: Area<String, String, String>,
    row: usize,
    names: &AllNames,
    nearest: &mut Nearest<'_>,
    f: &mut Findings,
) -> Area {
    let mut r = f.row(Table::Areas, row, &a.id);
    r.not_negative("people", a.people);
    r.position(a.position);
    let who = r.name();
    check_queue(f, Table::Areas, row, &who, a.queue);
    let asked = (a.bus, a.junction, a.substation);
    let served = serve((Table::Areas, row, &who), a.position, asked, names, nearest, f);
    Area {
        id: a.id,
        name: a.name,
        district: a.district,
        people: a.people,
        position: a.position,
        bus: served.bus,
        junction: served.junction,
        substation: served.substation,
        queue: a.queue,
    }
}

/// Rounded tables may hold a few more people in buildings than in the area.
const PEOPLE_TOLERANCE: f64 = 0.01;

fn stock(
    rows: Vec<Stock<String>>,
    areas: &[Area],
    served: &[bool],
    kinds: &[BuildingKind],
    names: &AllNames,
    f: &mut Findings,
) -> Vec<Stock> {
    let mut seen = Seen::new();
    let mut housed = vec![(0.0, 0); areas.len()];
    let stock = numbered(rows, |row, s| {
        let mut r = f.row(Table::Stock, row, "");
        r.not_negative("people", s.people);
        r.not_negative("floor_m2", s.floor_m2);
        let who = r.name();
        if let Some(kind) = s.kind
            && kinds.get(kind.i()).is_none_or(|k| k.like != s.building)
        {
            let message = format!("{who} is of a building type that is not there");
            r.push(Code::UnknownReference, "building", message, None);
        }
        if s.people > 0.0 && s.floor_m2 == 0.0 {
            let message = format!("{who} has {} people on no floor", s.people);
            r.contradiction("floor_m2", message, "24 m² per person is usual");
        }
        let from = From { table: Table::Stock, row, field: "area", who: &who };
        let area = names.resolve(f, &names.areas, from, &s.area);
        if let Some(area) = area {
            check_stock((area, row), &s, areas, served, kinds, &mut seen, f);
            housed[area].0 += s.people;
            housed[area].1 = row;
        }
        Stock {
            area: AreaIdx::new(area.unwrap_or(0)),
            building: s.building,
            kind: s.kind,
            heating: s.heating,
            people: s.people,
            floor_m2: s.floor_m2,
        }
    });
    for (area, (people, row)) in areas.iter().zip(housed) {
        if people > area.people * (1.0 + PEOPLE_TOLERANCE) + 1.0 {
            let message = format!(
                "the buildings of area `{}` house {people} people, more than its {} residents",
                area.id, area.people
            );
            let help = Some(String::from("the people of its stock rows add up to its residents"));
            f.push(Code::Contradiction, (Table::Stock, row, "people"), message, help);
        }
    }
    stock
}

/// Rows of stock by area, kind of building and heating.
type Seen = BTreeMap<(usize, BuildingType, Option<BuildingKindIdx>, Heating), usize>;

/// Numbers and ids of the region's own kinds of building.
fn building_kinds(kinds: &[BuildingKind], f: &mut Findings) {
    for (row, kind) in kinds.iter().enumerate() {
        let mut r = f.row(Table::BuildingTypes, row, &kind.id);
        r.id();
        if BuildingType::ALL.iter().any(|b| b.word() == kind.id) {
            let message = format!("`{}` comes with the program and cannot be described", kind.id);
            let help = "choose an id of your own, such as `panel-1975`";
            r.push(Code::Contradiction, "id", message, Some(help));
        }
        if let Some(first) = kinds[..row].iter().position(|k| k.id == kind.id) {
            let message = format!("{} is there twice", r.name());
            let help = format!("row {} of building_types has it too", first + 1);
            r.push(Code::DuplicateId, "id", message, Some(&help));
        }
        let mut envelope = kind.envelope;
        let mut sound = true;
        for (column, slot, (least, most)) in ENVELOPE_COLUMNS {
            let value = *slot(&mut envelope);
            if !(least..=most).contains(&value) {
                sound = false;
                let must = if most.is_finite() {
                    format!("from {least} to {most}")
                } else {
                    format!("{least} or more")
                };
                r.range(column, value, &must, None);
            }
        }
        // What lies between air and mass alone must conduct more than the whole wall.
        let (through, to_mass) = (envelope.opaque_w_m2_k(), envelope.air_to_mass_w_m2_k());
        if sound && (through <= 0.0 || through >= to_mass) {
            let message = format!(
                "walls, roof and lowest floor of {} conduct {through:.2} W/(m² K) per m² of floor; \
                 it must be more than 0 and less than {to_mass:.2}",
                r.name()
            );
            let help = "areas are m² per m² of heated floor";
            r.contradiction("wall_m2_per_m2", message, help);
        }
    }
}

fn check_stock(
    (area, row): (usize, usize),
    s: &Stock<String>,
    areas: &[Area],
    served: &[bool],
    kinds: &[BuildingKind],
    seen: &mut Seen,
    f: &mut Findings,
) {
    if let Some(first) = seen.insert((area, s.building, s.kind, s.heating), row) {
        let kind = s.kind.and_then(|k| kinds.get(k.i())).map(|k| k.id.as_str());
        let message = format!(
            "area `{}` has {} buildings with {} heating twice",
            areas[area].id,
            kind.unwrap_or(s.building.word()),
            s.heating.word()
        );
        let help = Some(format!("row {} of stock has them too; add the two up", first + 1));
        f.push(Code::DuplicateId, (Table::Stock, row, "area"), message, help);
    }
    if s.heating == Heating::District && !served[area] && s.people > 0.0 {
        let message = format!(
            "area `{}` has homes with district heating but names no heat substation",
            areas[area].id
        );
        let help = Some(String::from("write the substation's id, or `nearest`, in areas"));
        f.push(Code::Contradiction, (Table::Stock, row, "heating"), message, help);
    }
}

fn site(
    s: Site<String, String, String, String>,
    row: usize,
    names: &AllNames,
    nearest: &mut Nearest<'_>,
    f: &mut Findings,
) -> Site {
    let mut r = f.row(Table::Sites, row, &s.id);
    r.not_negative("need_mw", s.need_mw);
    r.not_negative("need_m3h", s.need_m3h);
    r.not_negative_or_infinite("backup_h", s.backup_h);
    r.position(s.position);
    if s.need_mw > 0.0 && s.bus.is_none() {
        let message = format!("{} needs {} MW but names no bus", r.name(), s.need_mw);
        r.missing("bus", message, "write the id of its bus, or `nearest`");
    }
    if s.need_m3h > 0.0 && s.junction.is_none() {
        let message = format!("{} needs {} m³/h but names no junction", r.name(), s.need_m3h);
        r.missing("junction", message, "write the id of its junction, or `nearest`");
    }
    let who = r.name();
    let area = s.area.as_ref().and_then(|wanted| {
        let from = From { table: Table::Sites, row, field: "area", who: &who };
        names.resolve(f, &names.areas, from, wanted)
    });
    let asked = (s.bus, s.junction, s.substation);
    let served = serve((Table::Sites, row, &who), s.position, asked, names, nearest, f);
    Site {
        id: s.id,
        name: s.name,
        kind: s.kind,
        area: area.map(AreaIdx::new),
        position: s.position,
        bus: served.bus,
        junction: served.junction,
        substation: served.substation,
        need_mw: s.need_mw,
        need_m3h: s.need_m3h,
        backup_h: s.backup_h,
    }
}
