//! Checks of the district-heating networks.

use super::findings::Findings;
use super::grid::numbered;
use super::names::{AllNames, From};
use crate::region::{
    GeneratorIdx, GeneratorKind, Grid, Heat, HeatJunctionIdx, HeatOptions, HeatPipe,
    HeatSubstation, Plant, PlantKind, Table,
};

/// Warmest a home is meant to be: below this a supply temperature heats nothing, °C.
const INDOOR_C: f64 = 20.0;

/// Resolves references and checks numbers. `grid` is needed for what CHP plants name.
pub(super) fn check(
    heat: Heat<String, String>,
    grid: &Grid,
    names: &AllNames,
    f: &mut Findings,
) -> Heat {
    if !(heat.plants.is_empty() && heat.substations.is_empty()) {
        check_options(&heat.options, f);
    }
    for (row, j) in heat.junctions.iter().enumerate() {
        let mut r = f.row(Table::HeatJunctions, row, &j.id);
        r.finite("elevation_m", j.elevation_m);
        r.position(j.position);
    }
    let pipes = numbered(heat.pipes, |row, p| pipe(p, row, names, f));
    let mut taken: Vec<Option<String>> = vec![None; grid.generators.len()];
    let plants = numbered(heat.plants, |row, p| plant(p, row, grid, &mut taken, names, f));
    let substations = numbered(heat.substations, |row, s| substation(s, row, names, f));
    Heat { options: heat.options, junctions: heat.junctions, pipes, plants, substations }
}

fn check_options(o: &HeatOptions, f: &mut Findings) {
    let mut r = f.row(Table::Region, 0, "");
    r.finite("design_outdoor_c", o.design_outdoor_c);
    r.finite("design_supply_c", o.design_supply_c);
    r.finite("design_return_c", o.design_return_c);
    r.finite("min_supply_c", o.min_supply_c);
    r.finite("ground_c", o.ground_c);
    let mut order = |field, low: f64, high: f64, words: &str| {
        if low >= high {
            let message = format!("{words}, but {low} °C is not below {high} °C");
            r.contradiction(field, message, "usual: outdoor -22, supply 110, return 70, ground 3");
        }
    };
    order(
        "design_return_c",
        o.design_return_c,
        o.design_supply_c,
        "design_return_c must be below design_supply_c",
    );
    order(
        "design_return_c",
        INDOOR_C,
        o.design_return_c,
        "design_return_c must be above the temperature of homes",
    );
    order(
        "design_outdoor_c",
        o.design_outdoor_c,
        INDOOR_C,
        "design_outdoor_c must be below the temperature of homes",
    );
    order(
        "min_supply_c",
        INDOOR_C,
        o.min_supply_c,
        "min_supply_c must be above the temperature of homes",
    );
    order("ground_c", o.ground_c, o.design_return_c, "ground_c must be below design_return_c");
    if o.min_supply_c > o.design_supply_c {
        order(
            "min_supply_c",
            o.min_supply_c,
            o.design_supply_c,
            "min_supply_c may not be above design_supply_c",
        );
    }
}

fn junction(
    names: &AllNames,
    f: &mut Findings,
    (table, row, field): (Table, usize, &'static str),
    who: &str,
    wanted: &str,
) -> HeatJunctionIdx {
    let from = From { table, row, field, who };
    HeatJunctionIdx::new(names.resolve(f, &names.heat_junctions, from, wanted).unwrap_or(0))
}

fn pipe(p: HeatPipe<String>, row: usize, names: &AllNames, f: &mut Findings) -> HeatPipe {
    let mut r = f.row(Table::HeatPipes, row, &p.id);
    r.positive("length_m", p.length_m);
    r.positive("diameter_mm", p.diameter_mm);
    r.not_negative("roughness_mm", p.roughness_mm);
    r.not_negative("loss_w_m_k", p.loss_w_m_k);
    if p.from == p.to {
        let message = format!("{} runs from junction `{}` to itself", r.name(), p.from);
        r.contradiction("to", message, "name the junction at its other end");
    }
    let who = r.name();
    let from = junction(names, f, (Table::HeatPipes, row, "from"), &who, &p.from);
    let to = junction(names, f, (Table::HeatPipes, row, "to"), &who, &p.to);
    HeatPipe {
        id: p.id,
        from,
        to,
        length_m: p.length_m,
        diameter_mm: p.diameter_mm,
        roughness_mm: p.roughness_mm,
        loss_w_m_k: p.loss_w_m_k,
        laid: p.laid,
    }
}

fn plant(
    p: Plant<String, String>,
    row: usize,
    grid: &Grid,
    taken: &mut [Option<String>],
    names: &AllNames,
    f: &mut Findings,
) -> Plant {
    let mut r = f.row(Table::Plants, row, &p.id);
    r.not_negative("heat_max_mw", p.heat_max_mw);
    r.not_negative("power_to_heat", p.power_to_heat);
    r.not_negative("power_loss_per_heat", p.power_loss_per_heat);
    r.not_negative("pump_head_m", p.pump_head_m);
    r.not_negative_or_infinite("fuel_h", p.fuel_h);
    r.positive("efficiency", p.efficiency);
    for &(heat_mw, power_mw) in &p.operating_mw {
        r.not_negative("operating_mw", heat_mw);
        r.not_negative("operating_mw", power_mw);
    }
    r.position(p.position);
    r.facility(p.facility.as_ref());
    match (p.kind, &p.generator) {
        (PlantKind::Chp, None) => {
            let message = format!("{} makes heat and power but names no generator", r.name());
            r.missing("generator", message, "name its generator, or make it a boiler_house");
        }
        (PlantKind::BoilerHouse, Some(g)) => {
            let message = format!("{} is a boiler house, yet names generator `{g}`", r.name());
            r.contradiction("generator", message, "make it a chp, or name no generator");
        }
        (PlantKind::Chp, Some(_)) | (PlantKind::BoilerHouse, None) | (PlantKind::Mobile, _) => {}
    }
    let who = r.name();
    let place = (Table::Plants, row, "junction");
    let at = junction(names, f, place, &who, &p.junction);
    let generator = p.generator.as_ref().and_then(|wanted| {
        let from = From { table: Table::Plants, row, field: "generator", who: &who };
        names.resolve(f, &names.generators, from, wanted).map(GeneratorIdx::new)
    });
    if let Some(g) = generator {
        let mut r = f.row(Table::Plants, row, &p.id);
        let id = &grid.generators[g.i()].id;
        if grid.generators[g.i()].kind == GeneratorKind::Import {
            let message = format!("{who} names `{id}`, an import tie");
            r.contradiction("generator", message, "name the generator in the plant");
        }
        // The coupling of heat and power is one generator to one plant.
        if let Some(other) = &taken[g.i()] {
            let message = format!("{who} names generator `{id}`, which plant `{other}` has");
            r.contradiction("generator", message, "split the generator, one part per plant");
        } else {
            taken[g.i()] = Some(p.id.clone());
        }
    }
    Plant {
        id: p.id,
        name: p.name,
        kind: p.kind,
        junction: at,
        heat_max_mw: p.heat_max_mw,
        generator,
        power_to_heat: p.power_to_heat,
        power_loss_per_heat: p.power_loss_per_heat,
        operating_mw: p.operating_mw,
        efficiency: p.efficiency,
        pump_head_m: p.pump_head_m,
        fuel_h: p.fuel_h,
        position: p.position,
        facility: p.facility,
    }
}

fn substation(
    s: HeatSubstation<String>,
    row: usize,
    names: &AllNames,
    f: &mut Findings,
) -> HeatSubstation {
    let mut r = f.row(Table::HeatSubstations, row, &s.id);
    r.not_negative("design_mw", s.design_mw);
    r.not_negative("hot_water_mw", s.hot_water_mw);
    r.not_negative("bypass_share", s.bypass_share);
    let who = r.name();
    let place = (Table::HeatSubstations, row, "junction");
    let at = junction(names, f, place, &who, &s.junction);
    HeatSubstation {
        id: s.id,
        junction: at,
        design_mw: s.design_mw,
        hot_water_mw: s.hot_water_mw,
        bypass_share: s.bypass_share,
    }
}
