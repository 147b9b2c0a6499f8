//! Rows of areas, stock, sites and dependencies.

use blackstart::region::{Area, BuildingType, Dependency, Heating, Site, SiteKind, Stock};

use super::layouts::{BUILDINGS, HEATINGS, SITE_KINDS};
use crate::formats::table::Row;

pub(super) fn area(r: &mut Row<'_>) -> Area<String, String, String> {
    Area {
        id: r.required("id"),
        name: r.text("name"),
        district: r.text("district"),
        people: r.number("people"),
        position: r.position(),
        bus: r.optional("bus"),
        junction: r.optional("junction"),
        substation: r.optional("substation"),
        queue: r.queue("queue"),
    }
}

pub(super) fn stock(r: &mut Row<'_>) -> Stock<String> {
    Stock {
        area: r.required("area"),
        building: r.word("building", &BUILDINGS, None).unwrap_or(BuildingType::Panel),
        heating: r.word("heating", &HEATINGS, None).unwrap_or(Heating::Stove),
        people: r.number("people"),
        floor_m2: r.number("floor_m2"),
    }
}

pub(super) fn site(r: &mut Row<'_>) -> Site<String, String, String, String> {
    Site {
        id: r.required("id"),
        name: r.text("name"),
        kind: r.word("kind", &SITE_KINDS, None).unwrap_or(SiteKind::Other),
        area: r.optional("area"),
        position: r.position(),
        bus: r.optional("bus"),
        junction: r.optional("junction"),
        substation: r.optional("substation"),
        need_mw: r.number_or("need_mw", 0.0),
        need_m3h: r.number_or("need_m3h", 0.0),
        backup_h: r.limit_or("backup_h", 0.0),
    }
}

pub(super) fn dependency(r: &mut Row<'_>) -> Dependency<String, String> {
    r.required("on");
    Dependency {
        asset: r.required("asset"),
        on: r.list("on"),
        need_mw: r.number_or("need_mw", 0.0),
        need_m3h: r.number_or("need_m3h", 0.0),
        buffer_h: r.limit_or("buffer_h", 0.0),
    }
}
