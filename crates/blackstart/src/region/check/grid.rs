//! Checks of the electricity network.

use super::findings::{Findings, RowCheck};
use super::names::{AllNames, From};
use crate::region::{
    Branch, Bus, BusIdx, Cost, DcLine, Generator, GeneratorKind, Grid, Load, Note, Queue, Storage,
    Table,
};

/// Resolves references and checks numbers. What public MATPOWER cases contain is no
/// error: negative reactances, demands and shunts, unlimited outputs, no nominal voltage.
pub(super) fn check(
    grid: Grid<String>,
    names: &AllNames,
    f: &mut Findings,
    notes: &mut Vec<Note>,
) -> Grid {
    let mut base_mva = grid.base_mva;
    if grid.buses.is_empty() && base_mva == 0.0 {
        base_mva = 100.0;
    }
    f.row(Table::Region, 0, "").positive("base_mva", base_mva);
    for (row, bus) in grid.buses.iter().enumerate() {
        check_bus(bus, row, f);
    }
    let branches = numbered(grid.branches, |row, b| branch(b, row, names, f));
    let mut generators = numbered(grid.generators, |row, g| generator(g, row, names, f));
    let loads: Vec<Load> = numbered(grid.loads, |row, l| load(l, row, names, f));
    let dc_lines = numbered(grid.dc_lines, |row, d| dc_line(d, row, names, f));
    limit_outputs(&mut generators, &loads, notes);
    let storages = numbered(grid.storages, |row, s| storage(s, row, names, f));
    Grid { base_mva, buses: grid.buses, branches, generators, loads, dc_lines, storages }
}

pub(super) fn numbered<T, U>(rows: Vec<T>, mut f: impl FnMut(usize, T) -> U) -> Vec<U> {
    rows.into_iter().enumerate().map(|(row, item)| f(row, item)).collect()
}

fn check_bus(bus: &Bus, row: usize, f: &mut Findings) {
    let mut r = f.row(Table::Buses, row, &bus.id);
    r.not_negative("base_kv", bus.base_kv);
    r.finite("shunt_g_mw", bus.shunt_g_mw);
    r.finite("shunt_b_mvar", bus.shunt_b_mvar);
    r.finite("vm_pu", bus.vm_pu);
    r.finite("va_deg", bus.va_deg);
    r.not_nan("vm_min_pu", bus.vm_min_pu);
    r.not_nan("vm_max_pu", bus.vm_max_pu);
    if bus.vm_min_pu > bus.vm_max_pu {
        let message = format!(
            "vm_min_pu of {} is {}, which is above its vm_max_pu of {}",
            r.name(),
            bus.vm_min_pu,
            bus.vm_max_pu
        );
        r.contradiction("vm_min_pu", message, "were the two swapped?");
    }
    r.position(bus.position);
    r.facility(bus.facility.as_ref());
}

fn branch(b: Branch<String>, row: usize, names: &AllNames, f: &mut Findings) -> Branch {
    let mut r = f.row(Table::Branches, row, &b.id);
    r.finite("r_pu", b.r_pu);
    r.finite("x_pu", b.x_pu);
    r.finite("b_pu", b.b_pu);
    r.finite("shift_deg", b.shift_deg);
    r.positive("tap", b.tap);
    r.not_nan("angle_min_deg", b.angle_min_deg);
    r.not_nan("angle_max_deg", b.angle_max_deg);
    if b.in_service && b.x_pu == 0.0 && b.r_pu == 0.0 {
        let help = "a coupler is written as a small reactance, such as 0.0001";
        r.range("x_pu", b.x_pu, "other than 0 while the branch has no resistance", Some(help));
    }
    if b.rate_mva.is_nan() || b.rate_mva <= 0.0 {
        let help = Some("leave it empty if there is no limit");
        r.range("rate_mva", b.rate_mva, "more than 0", help);
    }
    if b.from == b.to {
        let message = format!("{} runs from bus `{}` to itself", r.name(), b.from);
        r.contradiction("to", message, "name the bus at its other end");
    }
    let from = BusIdx::new(bus(names, f, (Table::Branches, row, "from"), &b.id, &b.from));
    let to = BusIdx::new(bus(names, f, (Table::Branches, row, "to"), &b.id, &b.to));
    Branch {
        id: b.id,
        kind: b.kind,
        from,
        to,
        r_pu: b.r_pu,
        x_pu: b.x_pu,
        b_pu: b.b_pu,
        tap: b.tap,
        shift_deg: b.shift_deg,
        rate_mva: b.rate_mva,
        rate_short_mva: b.rate_short_mva,
        rate_emergency_mva: b.rate_emergency_mva,
        angle_min_deg: b.angle_min_deg,
        angle_max_deg: b.angle_max_deg,
        in_service: b.in_service,
    }
}

fn bus(
    names: &AllNames,
    f: &mut Findings,
    (table, row, field): (Table, usize, &'static str),
    id: &str,
    wanted: &str,
) -> usize {
    if let Some(found) = names.buses.find(wanted) {
        return found;
    }
    let who = &f.row(table, row, id).name();
    names.resolve(f, &names.buses, From { table, row, field, who }, wanted).unwrap_or(0)
}

fn generator(g: Generator<String>, row: usize, names: &AllNames, f: &mut Findings) -> Generator {
    let mut r = f.row(Table::Generators, row, &g.id);
    r.not_nan("p_min_mw", g.p_min_mw);
    r.not_nan("p_max_mw", g.p_max_mw);
    r.finite("p_mw", g.p_mw);
    r.finite("q_mvar", g.q_mvar);
    r.not_negative("participation", g.participation);
    check_cost(&mut r, g.cost.as_ref());
    r.not_nan("q_min_mvar", g.q_min_mvar);
    r.not_nan("q_max_mvar", g.q_max_mvar);
    r.finite("vm_pu", g.vm_pu);
    r.not_negative_or_infinite("fuel_h", g.fuel_h);
    r.facility(g.facility.as_ref());
    if g.in_service {
        if g.p_min_mw > g.p_max_mw {
            let message = format!(
                "p_min_mw of {} is {}, which is above its p_max_mw of {}",
                r.name(),
                g.p_min_mw,
                g.p_max_mw
            );
            r.contradiction("p_min_mw", message, "were the two swapped?");
        }
        if g.p_min_mw == f64::INFINITY {
            r.range("p_min_mw", g.p_min_mw, "below infinity", None);
        }
        if g.p_max_mw == f64::NEG_INFINITY {
            r.range("p_max_mw", g.p_max_mw, "above minus infinity", None);
        }
    }
    if g.kind == GeneratorKind::Import
        && let Some(name) = &g.facility
    {
        let message = format!("{} is an import tie, yet in facility `{name}`", r.name());
        r.contradiction("facility", message, "import ties are in no facility: leave it empty");
    }
    let at = BusIdx::new(bus(names, f, (Table::Generators, row, "bus"), &g.id, &g.bus));
    Generator {
        id: g.id,
        kind: g.kind,
        bus: at,
        p_min_mw: g.p_min_mw,
        p_max_mw: g.p_max_mw,
        p_mw: g.p_mw,
        q_mvar: g.q_mvar,
        q_min_mvar: g.q_min_mvar,
        q_max_mvar: g.q_max_mvar,
        vm_pu: g.vm_pu,
        base_mva: g.base_mva,
        participation: g.participation,
        cost: g.cost,
        fuel_h: g.fuel_h,
        facility: g.facility,
        in_service: g.in_service,
    }
}

fn load(l: Load<String>, row: usize, names: &AllNames, f: &mut Findings) -> Load {
    let mut r = f.row(Table::Loads, row, &l.id);
    r.finite("p_mw", l.p_mw);
    r.finite("q_mvar", l.q_mvar);
    if l.queue.is_some() {
        let who = r.name();
        check_queue(f, Table::Loads, row, &who, l.queue);
    }
    let at = BusIdx::new(bus(names, f, (Table::Loads, row, "bus"), &l.id, &l.bus));
    Load {
        id: l.id,
        bus: at,
        p_mw: l.p_mw,
        q_mvar: l.q_mvar,
        priority: l.priority,
        queue: l.queue,
        profile: l.profile,
        in_service: l.in_service,
    }
}

pub(super) fn check_queue(
    f: &mut Findings,
    table: Table,
    row: usize,
    who: &str,
    queue: Option<Queue>,
) {
    let Some(q) = queue else { return };
    if !(1..=6).contains(&q.group) || !(1..=2).contains(&q.sub) {
        let message = format!("{who} is in queue {}.{}, which does not exist", q.group, q.sub);
        let help = String::from("queues are 1.1, 1.2, 2.1 … 6.2");
        f.push(crate::region::Code::OutOfRange, (table, row, "queue"), message, Some(help));
    }
}

fn dc_line(d: DcLine<String>, row: usize, names: &AllNames, f: &mut Findings) -> DcLine {
    let mut r = f.row(Table::DcLines, row, &d.id);
    r.finite("p_mw", d.p_mw);
    r.finite("p_min_mw", d.p_min_mw);
    r.finite("p_max_mw", d.p_max_mw);
    r.finite("loss_mw", d.loss_mw);
    if !(d.loss_share.is_finite() && d.loss_share < 1.0 && d.loss_share > -1.0) {
        r.range("loss_share", d.loss_share, "a share below 1", Some("write 5 % as 0.05"));
    }
    if d.in_service && d.p_min_mw > d.p_max_mw {
        let message = format!(
            "p_min_mw of {} is {}, which is above its p_max_mw of {}",
            r.name(),
            d.p_min_mw,
            d.p_max_mw
        );
        r.contradiction("p_min_mw", message, "were the two swapped?");
    }
    if d.from == d.to {
        let message = format!("{} runs from bus `{}` to itself", r.name(), d.from);
        r.contradiction("to", message, "name the bus at its other end");
    }
    let from = BusIdx::new(bus(names, f, (Table::DcLines, row, "from"), &d.id, &d.from));
    let to = BusIdx::new(bus(names, f, (Table::DcLines, row, "to"), &d.id, &d.to));
    DcLine {
        id: d.id,
        from,
        to,
        p_mw: d.p_mw,
        vm_from_pu: d.vm_from_pu,
        vm_to_pu: d.vm_to_pu,
        q_from_mvar: d.q_from_mvar,
        q_to_mvar: d.q_to_mvar,
        q_from_limits_mvar: d.q_from_limits_mvar,
        q_to_limits_mvar: d.q_to_limits_mvar,
        p_min_mw: d.p_min_mw,
        p_max_mw: d.p_max_mw,
        loss_mw: d.loss_mw,
        loss_share: d.loss_share,
        in_service: d.in_service,
    }
}

/// A cost must be finite; points must go on to the right.
fn check_cost(r: &mut RowCheck<'_>, cost: Option<&Cost>) {
    match cost {
        None => {}
        Some(Cost::Polynomial(c)) => {
            for &v in c {
                r.finite("cost", v);
            }
        }
        Some(Cost::Piecewise(points)) => {
            for &(p, c) in points {
                r.finite("cost", p);
                r.finite("cost", c);
            }
            if points.windows(2).any(|w| w[1].0 <= w[0].0) {
                let message = format!("the cost points of {} do not ascend in MW", r.name());
                r.contradiction("cost", message, "sort the points by MW; no MW twice");
            }
        }
    }
}

fn storage(s: Storage<String>, row: usize, names: &AllNames, f: &mut Findings) -> Storage {
    let mut r = f.row(Table::Storages, row, &s.id);
    for (field, value) in [
        ("p_mw", s.p_mw),
        ("q_mvar", s.q_mvar),
        ("r_pu", s.r_pu),
        ("x_pu", s.x_pu),
        ("p_loss_mw", s.p_loss_mw),
        ("q_loss_mvar", s.q_loss_mvar),
    ] {
        r.finite(field, value);
    }
    for (field, value) in [
        ("energy_mwh", s.energy_mwh),
        ("energy_max_mwh", s.energy_max_mwh),
        ("charge_max_mw", s.charge_max_mw),
        ("discharge_max_mw", s.discharge_max_mw),
        ("charge_efficiency", s.charge_efficiency),
    ] {
        r.not_negative(field, value);
    }
    r.positive("discharge_efficiency", s.discharge_efficiency);
    r.not_nan("q_min_mvar", s.q_min_mvar);
    r.not_nan("q_max_mvar", s.q_max_mvar);
    let at = BusIdx::new(bus(names, f, (Table::Storages, row, "bus"), &s.id, &s.bus));
    Storage {
        id: s.id,
        bus: at,
        p_mw: s.p_mw,
        q_mvar: s.q_mvar,
        energy_mwh: s.energy_mwh,
        energy_max_mwh: s.energy_max_mwh,
        charge_max_mw: s.charge_max_mw,
        discharge_max_mw: s.discharge_max_mw,
        charge_efficiency: s.charge_efficiency,
        discharge_efficiency: s.discharge_efficiency,
        rate_mva: s.rate_mva,
        q_min_mvar: s.q_min_mvar,
        q_max_mvar: s.q_max_mvar,
        r_pu: s.r_pu,
        x_pu: s.x_pu,
        p_loss_mw: s.p_loss_mw,
        q_loss_mvar: s.q_loss_mvar,
        in_service: s.in_service,
    }
}

/// Replaces outputs without limit by all demand of the grid: more is never used, and
/// finite bounds keep the dispatch well scaled.
fn limit_outputs(generators: &mut [Generator], loads: &[Load], notes: &mut Vec<Note>) {
    let total: f64 = loads.iter().map(|l| l.p_mw.max(0.0)).sum::<f64>().max(1.0);
    let mut limited = 0;
    for g in generators {
        if g.p_max_mw == f64::INFINITY || g.p_min_mw == f64::NEG_INFINITY {
            limited += 1;
            g.p_max_mw = g.p_max_mw.min(total.max(g.p_mw).max(g.p_min_mw));
            g.p_min_mw = g.p_min_mw.max((-total).min(g.p_max_mw));
        }
    }
    if limited > 0 {
        notes.push(Note {
            table: Table::Generators,
            text: format!(
                "{limited} generators have no limit of their output; the demand of the whole \
                 grid, {total:.0} MW, was taken"
            ),
        });
    }
}
