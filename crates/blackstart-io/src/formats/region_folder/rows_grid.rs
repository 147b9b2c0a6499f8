//! Rows of the electricity tables.

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, DcLine, Generator, GeneratorKind, Load, LoadProfile,
    Position, Priority,
};

use super::layouts::{BRANCH_KINDS, BUS_KINDS, GENERATOR_KINDS, PRIORITIES, PROFILES};
use crate::formats::table::Row;

pub(super) fn bus(r: &mut Row<'_>) -> Bus {
    Bus {
        id: r.required("id"),
        name: r.text("name"),
        base_kv: r.number("base_kv"),
        position: r.position(),
        shunt_g_mw: r.number_or("shunt_g_mw", 0.0),
        shunt_b_mvar: r.number_or("shunt_b_mvar", 0.0),
        vm_pu: r.number_or("vm_pu", 1.0),
        va_deg: r.number_or("va_deg", 0.0),
        kind: r.word("kind", &BUS_KINDS, Some(BusKind::Load)).unwrap_or_default(),
        vm_min_pu: r.number_or("vm_min_pu", 0.9),
        vm_max_pu: r.number_or("vm_max_pu", 1.1),
        facility: r.optional("facility"),
        in_service: r.flag("in_service", true),
        ..Bus::default()
    }
}

pub(super) fn branch(r: &mut Row<'_>) -> Branch<String> {
    Branch {
        id: r.required("id"),
        kind: r.word("kind", &BRANCH_KINDS, None).unwrap_or(BranchKind::Line),
        from: r.required("from"),
        to: r.required("to"),
        r_pu: r.number_or("r_pu", 0.0),
        x_pu: r.number("x_pu"),
        b_pu: r.number_or("b_pu", 0.0),
        tap: r.number_or("tap", 1.0),
        shift_deg: r.number_or("shift_deg", 0.0),
        rate_mva: r.limit_or("rate_mva", f64::INFINITY),
        in_service: r.flag("in_service", true),
        ..Branch::default()
    }
}

pub(super) fn generator(r: &mut Row<'_>) -> Generator<String> {
    Generator {
        id: r.required("id"),
        kind: r.word("kind", &GENERATOR_KINDS, None).unwrap_or(GeneratorKind::Other),
        bus: r.required("bus"),
        p_min_mw: r.limit_or("p_min_mw", 0.0),
        p_max_mw: r.limit_or("p_max_mw", f64::INFINITY),
        p_mw: r.number_or("p_mw", 0.0),
        q_min_mvar: r.limit_or("q_min_mvar", f64::NEG_INFINITY),
        q_max_mvar: r.limit_or("q_max_mvar", f64::INFINITY),
        vm_pu: r.number_or("vm_pu", 1.0),
        fuel_h: r.limit_or("fuel_h", f64::INFINITY),
        facility: r.optional("facility"),
        in_service: r.flag("in_service", true),
        ..Generator::default()
    }
}

pub(super) fn load(r: &mut Row<'_>) -> Load<String> {
    Load {
        id: r.required("id"),
        bus: r.required("bus"),
        p_mw: r.number("p_mw"),
        q_mvar: r.number_or("q_mvar", 0.0),
        priority: r.word("priority", &PRIORITIES, Some(Priority::Homes)).unwrap_or(Priority::Homes),
        queue: r.queue("queue"),
        profile: r
            .word("profile", &PROFILES, Some(LoadProfile::Homes))
            .unwrap_or(LoadProfile::Homes),
        in_service: r.flag("in_service", true),
    }
}

pub(super) fn dc_line(r: &mut Row<'_>) -> DcLine<String> {
    DcLine {
        id: r.required("id"),
        from: r.required("from"),
        to: r.required("to"),
        p_mw: r.number_or("p_mw", 0.0),
        p_min_mw: r.number_or("p_min_mw", 0.0),
        p_max_mw: r.number("p_max_mw"),
        loss_mw: r.number_or("loss_mw", 0.0),
        loss_share: r.number_or("loss_share", 0.0),
        in_service: r.flag("in_service", true),
        ..DcLine::default()
    }
}

pub(super) fn bus_position(r: &mut Row<'_>) -> (String, Position) {
    let bus = r.required("bus");
    let lon_deg = r.number("lon_deg");
    (bus, Position { lon_deg, lat_deg: r.number("lat_deg") })
}
