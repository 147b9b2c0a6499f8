//! Checks of the electricity network.

use super::findings::Findings;
use super::names::{AllNames, From};
use crate::region::{
    Branch, Bus, BusIdx, DcLine, Generator, GeneratorKind, Grid, Load, Note, Queue, Table,
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
    Grid { base_mva, buses: grid.buses, branches, generators, loads, dc_lines }
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
    if b.in_service && b.x_pu == 0.0 {
        let help = "a coupler is written as a small reactance, such as 0.0001";
        r.range("x_pu", b.x_pu, "other than 0 while the branch is in service", Some(help));
    }
    if b.rate_mva.is_nan() || b.rate_mva <= 0.0 {
        let help = Some("leave it empty if there is no limit");
        r.range("rate_mva", b.rate_mva, "more than 0", help);
    }
    if b.from == b.to {
        let message = format!("{} runs from bus `{}` to itself", r.name(), b.from);
        r.contradiction("to", message, "name the bus at its other end");
    }
    let who = r.name();
    let from = BusIdx::new(bus(names, f, (Table::Branches, row, "from"), &who, &b.from));
    let to = BusIdx::new(bus(names, f, (Table::Branches, row, "to"), &who, &b.to));
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
        in_service: b.in_service,
    }
}

fn bus(
    names: &AllNames,
    f: &mut Findings,
    (table, row, field): (Table, usize, &'static str),
    who: &str,
    wanted: &str,
) -> usize {
    names.resolve(f, &names.buses, From { table, row, field, who }, wanted).unwrap_or(0)
}

fn generator(g: Generator<String>, row: usize, names: &AllNames, f: &mut Findings) -> Generator {
    let mut r = f.row(Table::Generators, row, &g.id);
    r.not_nan("p_min_mw", g.p_min_mw);
    r.not_nan("p_max_mw", g.p_max_mw);
    r.finite("p_mw", g.p_mw);
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
    let who = r.name();
    let at = BusIdx::new(bus(names, f, (Table::Generators, row, "bus"), &who, &g.bus));
    Generator {
        id: g.id,
        kind: g.kind,
        bus: at,
        p_min_mw: g.p_min_mw,
        p_max_mw: g.p_max_mw,
        p_mw: g.p_mw,
        q_min_mvar: g.q_min_mvar,
        q_max_mvar: g.q_max_mvar,
        vm_pu: g.vm_pu,
        fuel_h: g.fuel_h,
        facility: g.facility,
        in_service: g.in_service,
    }
}

fn load(l: Load<String>, row: usize, names: &AllNames, f: &mut Findings) -> Load {
    let mut r = f.row(Table::Loads, row, &l.id);
    r.finite("p_mw", l.p_mw);
    r.finite("q_mvar", l.q_mvar);
    let who = r.name();
    check_queue(f, Table::Loads, row, &who, l.queue);
    let at = BusIdx::new(bus(names, f, (Table::Loads, row, "bus"), &who, &l.bus));
    Load {
        id: l.id,
        bus: at,
        p_mw: l.p_mw,
        q_mvar: l.q_mvar,
        priority: l.priority,
        queue: l.queue,
        profile: l.profile,
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
    let who = r.name();
    let from = BusIdx::new(bus(names, f, (Table::DcLines, row, "from"), &who, &d.from));
    let to = BusIdx::new(bus(names, f, (Table::DcLines, row, "to"), &who, &d.to));
    DcLine {
        id: d.id,
        from,
        to,
        p_min_mw: d.p_min_mw,
        p_max_mw: d.p_max_mw,
        loss_mw: d.loss_mw,
        loss_share: d.loss_share,
        in_service: d.in_service,
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
