//! Electricity tables.

use blackstart::region::{Grid, Position};

use super::cells::{Tables, flag, number, optional, position, queue, text, unless, word};
use crate::formats::region_folder::layouts::{
    self, BRANCH_KINDS, BUS_KINDS, GENERATOR_KINDS, PRIORITIES, PROFILES,
};

pub(super) fn write(
    grid: &Grid<String>,
    bus_positions: &[(String, Position)],
    tables: &mut Tables,
) {
    let buses = grid.buses.iter().map(|b| {
        let [lon, lat] = position(b.position);
        [
            b.id.clone(),
            number(b.base_kv),
            text(&b.name),
            lon,
            lat,
            number(b.shunt_g_mw),
            number(b.shunt_b_mvar),
            number(b.vm_pu),
            number(b.va_deg),
            word(&BUS_KINDS, b.kind),
            number(b.vm_min_pu),
            number(b.vm_max_pu),
            optional(b.facility.as_ref()),
            flag(b.in_service),
        ]
    });
    tables.add("buses", layouts::BUSES, buses);
    let branches = grid.branches.iter().map(|b| {
        [
            b.id.clone(),
            word(&BRANCH_KINDS, b.kind),
            b.from.clone(),
            b.to.clone(),
            number(b.x_pu),
            number(b.r_pu),
            number(b.b_pu),
            number(b.tap),
            number(b.shift_deg),
            unless(b.rate_mva, f64::INFINITY),
            flag(b.in_service),
        ]
    });
    tables.add("branches", layouts::BRANCHES, branches);
    let generators = grid.generators.iter().map(|g| {
        [
            g.id.clone(),
            word(&GENERATOR_KINDS, g.kind),
            g.bus.clone(),
            number(g.p_max_mw),
            number(g.p_min_mw),
            number(g.p_mw),
            unless(g.q_min_mvar, f64::NEG_INFINITY),
            unless(g.q_max_mvar, f64::INFINITY),
            number(g.vm_pu),
            unless(g.fuel_h, f64::INFINITY),
            optional(g.facility.as_ref()),
            flag(g.in_service),
        ]
    });
    tables.add("generators", layouts::GENERATORS, generators);
    let loads = grid.loads.iter().map(|l| {
        [
            l.id.clone(),
            l.bus.clone(),
            number(l.p_mw),
            number(l.q_mvar),
            word(&PRIORITIES, l.priority),
            queue(l.queue),
            word(&PROFILES, l.profile),
            flag(l.in_service),
        ]
    });
    tables.add("loads", layouts::LOADS, loads);
    let dc_lines = grid.dc_lines.iter().map(|d| {
        [
            d.id.clone(),
            d.from.clone(),
            d.to.clone(),
            number(d.p_max_mw),
            number(d.p_mw),
            number(d.p_min_mw),
            number(d.loss_mw),
            number(d.loss_share),
            flag(d.in_service),
        ]
    });
    tables.add("dc_lines", layouts::DC_LINES, dc_lines);
    let positions =
        bus_positions.iter().map(|(bus, p)| [bus.clone(), number(p.lon_deg), number(p.lat_deg)]);
    tables.add("bus_positions", layouts::BUS_POSITIONS, positions);
}
