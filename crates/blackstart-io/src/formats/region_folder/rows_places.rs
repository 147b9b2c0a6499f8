//! Rows of areas, stock, sites and dependencies.

use blackstart::heat::envelope;
use blackstart::region::{
    Area, BuildingKind, BuildingKindIdx, BuildingType, Dependency, ENVELOPE_COLUMNS, Heating, Site,
    SiteKind, Stock,
};

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

/// A kind of building: what it says, and for the rest what the type has that it is like.
pub(super) fn building_kind(r: &mut Row<'_>) -> BuildingKind {
    let like = r.word("like", &BUILDINGS, None).unwrap_or(BuildingType::Panel);
    let mut envelope = envelope(like);
    for (column, slot, _) in ENVELOPE_COLUMNS {
        let value = slot(&mut envelope);
        *value = r.limit_or(column, *value);
    }
    BuildingKind { id: r.required("id"), like, envelope }
}

pub(super) fn stock(r: &mut Row<'_>, kinds: &[BuildingKind]) -> Stock<String> {
    let own = r.optional("building").and_then(|id| kinds.iter().position(|k| k.id == id));
    let building = match own {
        Some(k) => kinds[k].like,
        None => {
            let mut words = BUILDINGS.to_vec();
            words.extend(kinds.iter().map(|k| (k.id.as_str(), k.like)));
            r.word_of("building", &words, None).unwrap_or(BuildingType::Panel)
        }
    };
    Stock {
        area: r.required("area"),
        building,
        kind: own.map(BuildingKindIdx::new),
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
