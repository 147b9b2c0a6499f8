//! Rows of the heat tables.

use blackstart::region::{HeatJunction, HeatPipe, HeatSubstation, Laid, Plant, PlantKind};

use super::layouts::{LAID, PLANT_KINDS, default};
use crate::formats::table::Row;

pub(super) fn junction(r: &mut Row<'_>) -> HeatJunction {
    HeatJunction {
        id: r.required("id"),
        elevation_m: r.number_or("elevation_m", 0.0),
        position: r.position(),
    }
}

pub(super) fn pipe(r: &mut Row<'_>) -> HeatPipe<String> {
    HeatPipe {
        id: r.required("id"),
        from: r.required("from"),
        to: r.required("to"),
        length_m: r.number("length_m"),
        diameter_mm: r.number("diameter_mm"),
        roughness_mm: r.number_or("roughness_mm", default::HEAT_ROUGHNESS_MM),
        loss_w_m_k: r.number_or("loss_w_m_k", default::HEAT_LOSS_W_M_K),
        laid: r.word("laid", &LAID, Some(Laid::Ground)).unwrap_or_default(),
    }
}

pub(super) fn plant(r: &mut Row<'_>) -> Plant<String, String> {
    let kind = r.word("kind", &PLANT_KINDS, None).unwrap_or(PlantKind::BoilerHouse);
    let power_to_heat = match kind {
        PlantKind::Chp => default::POWER_TO_HEAT,
        PlantKind::BoilerHouse | PlantKind::Mobile => 0.0,
    };
    Plant {
        id: r.required("id"),
        name: r.text("name"),
        kind,
        junction: r.required("junction"),
        heat_max_mw: r.number("heat_max_mw"),
        generator: r.optional("generator"),
        power_to_heat: r.number_or("power_to_heat", power_to_heat),
        power_loss_per_heat: r.number_or("power_loss_per_heat", 0.0),
        operating_mw: r.points("operating_mw"),
        efficiency: r.number_or("efficiency", default::PLANT_EFFICIENCY),
        pump_head_m: r.number_or("pump_head_m", default::PUMP_HEAD_M),
        fuel_h: r.limit_or("fuel_h", f64::INFINITY),
        position: r.position(),
        facility: r.optional("facility"),
    }
}

pub(super) fn substation(r: &mut Row<'_>) -> HeatSubstation<String> {
    HeatSubstation {
        id: r.required("id"),
        junction: r.required("junction"),
        design_mw: r.number("design_mw"),
        hot_water_mw: r.number_or("hot_water_mw", 0.0),
        bypass_share: r.number_or("bypass_share", 0.0),
    }
}
