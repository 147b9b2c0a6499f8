//! Areas, stock, sites and dependencies.

use blackstart::heat::envelope;
use blackstart::region::{Dependency, ENVELOPE_COLUMNS, Places};

use super::cells::{Tables, number, optional, position, queue, text, unless, word};
use crate::formats::region_folder::layouts::{self, BUILDINGS, HEATINGS, SITE_KINDS};

pub(super) fn write(
    places: &Places<String, String, String, String>,
    dependencies: &[Dependency<String, String>],
    tables: &mut Tables,
) {
    let areas = places.areas.iter().map(|a| {
        let [lon, lat] = position(a.position);
        [
            a.id.clone(),
            number(a.people),
            text(&a.name),
            text(&a.district),
            lon,
            lat,
            optional(a.bus.as_ref()),
            optional(a.junction.as_ref()),
            optional(a.substation.as_ref()),
            queue(a.queue),
        ]
    });
    tables.add("areas", layouts::AREAS, areas);
    let kinds = places.kinds.iter().map(|k| {
        let (mut own, mut like) = (k.envelope, envelope(k.like));
        let numbers =
            ENVELOPE_COLUMNS.map(|(_, slot, _)| unless(*slot(&mut own), *slot(&mut like)));
        let mut cells: [String; ENVELOPE_COLUMNS.len() + 2] = Default::default();
        cells[0].clone_from(&k.id);
        cells[1] = word(&BUILDINGS, k.like);
        for (cell, number) in cells[2..].iter_mut().zip(numbers) {
            *cell = number;
        }
        cells
    });
    tables.add("building_types", layouts::BUILDING_TYPES, kinds);
    let stock = places.stock.iter().map(|s| {
        let own = s.kind.and_then(|k| places.kinds.get(k.i()));
        [
            s.area.clone(),
            own.map_or_else(|| word(&BUILDINGS, s.building), |k| k.id.clone()),
            word(&HEATINGS, s.heating),
            number(s.people),
            number(s.floor_m2),
        ]
    });
    tables.add("stock", layouts::STOCK, stock);
    let sites = places.sites.iter().map(|s| {
        let [lon, lat] = position(s.position);
        [
            s.id.clone(),
            word(&SITE_KINDS, s.kind),
            text(&s.name),
            optional(s.area.as_ref()),
            lon,
            lat,
            optional(s.bus.as_ref()),
            optional(s.junction.as_ref()),
            optional(s.substation.as_ref()),
            unless(s.need_mw, 0.0),
            unless(s.need_m3h, 0.0),
            unless(s.backup_h, 0.0),
        ]
    });
    tables.add("sites", layouts::SITES, sites);
    let dependencies = dependencies.iter().map(|d| {
        [
            d.asset.clone(),
            d.on.join(";"),
            unless(d.need_mw, 0.0),
            unless(d.need_m3h, 0.0),
            unless(d.buffer_h, 0.0),
        ]
    });
    tables.add("dependencies", layouts::DEPENDENCIES, dependencies);
}
