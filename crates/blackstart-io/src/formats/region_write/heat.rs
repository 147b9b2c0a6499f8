//! Heat tables.

use blackstart::region::Heat;

use super::cells::{Tables, number, optional, points, position, text, unless, word};
use crate::formats::region_folder::layouts::{self, LAID, PLANT_KINDS};

pub(super) fn write(heat: &Heat<String, String>, tables: &mut Tables) {
    let junctions = heat.junctions.iter().map(|j| {
        let [lon, lat] = position(j.position);
        [j.id.clone(), number(j.elevation_m), lon, lat]
    });
    tables.add("heat_junctions", layouts::HEAT_JUNCTIONS, junctions);
    let pipes = heat.pipes.iter().map(|p| {
        [
            p.id.clone(),
            p.from.clone(),
            p.to.clone(),
            number(p.length_m),
            number(p.diameter_mm),
            number(p.roughness_mm),
            number(p.loss_w_m_k),
            word(&LAID, p.laid),
        ]
    });
    tables.add("heat_pipes", layouts::HEAT_PIPES, pipes);
    let plants = heat.plants.iter().map(|p| {
        let [lon, lat] = position(p.position);
        [
            p.id.clone(),
            word(&PLANT_KINDS, p.kind),
            p.junction.clone(),
            number(p.heat_max_mw),
            text(&p.name),
            optional(p.generator.as_ref()),
            number(p.power_to_heat),
            number(p.power_loss_per_heat),
            points(&p.operating_mw),
            number(p.efficiency),
            number(p.pump_head_m),
            unless(p.fuel_h, f64::INFINITY),
            lon,
            lat,
            optional(p.facility.as_ref()),
        ]
    });
    tables.add("plants", layouts::PLANTS, plants);
    let substations = heat.substations.iter().map(|s| {
        [
            s.id.clone(),
            s.junction.clone(),
            number(s.design_mw),
            number(s.hot_water_mw),
            number(s.bypass_share),
        ]
    });
    tables.add("heat_substations", layouts::HEAT_SUBSTATIONS, substations);
}
