//! The DC formulation: active power, flows linear in angles. A linear program.

use super::convex::{Convex, Expr, Tag, Var};
use super::options::DeliverOptions;
use super::options::Formulation;
use super::problem::{BranchRow, Problem};
use super::relaxed::{
    Fixed, Store, Unit, blank, conclude, most_output, serve, status, store, terms, unit,
};
use super::result::{Delivery, Limit};
use crate::region::BranchIdx;
use crate::region::Grid;

/// The program and where its variables stand for what.
struct Written {
    program: Convex,
    angle: Vec<Option<Var>>,
    loads: Vec<Var>,
    shunts: Vec<Var>,
    units: Vec<Unit>,
    stores: Vec<Store>,
    lines: Vec<Var>,
    balance: Vec<(usize, Expr)>,
}

/// Solves with the decisions `fixed`, all others relaxed to shares.
pub(super) fn solve(
    grid: &Grid,
    problem: &Problem,
    options: &DeliverOptions,
    fixed: &Fixed,
) -> Delivery {
    let w = write(problem, options, fixed);
    let answer = w.program.solve();
    let mut d = blank(grid, Formulation::Dc);
    let (x, base) = (&answer.x, problem.base_mva);
    let at = |v: Var| Expr::from(v).value(x);
    for i in problem.live_buses() {
        d.bus_status[i] = 1.0;
        d.vm_pu[i] = 1.0;
        d.va_deg[i] = w.angle[i].map_or(0.0, at).to_degrees();
    }
    let shares: Vec<f64> = w.loads.iter().map(|v| at(*v)).collect();
    serve(problem, options, &shares, &mut d);
    d.served_mvar.fill(0.0);
    for (row, v) in problem.shunts.iter().zip(&w.shunts) {
        d.shunt_share[row.bus] = at(*v);
    }
    for (row, u) in problem.generators.iter().zip(&w.units) {
        d.generator_status[row.generator] = at(u.z);
        d.generator_mw[row.generator] = at(u.p) * base;
        let price = options.hours * options.worth.output_violation * problem.unit;
        d.objective.output_violation -= price * u.violation.map_or(0.0, at);
    }
    for (row, s) in problem.storages.iter().zip(&w.stores) {
        let k = row.storage;
        d.storage_status[k] = at(s.z);
        d.storage_mw[k] = at(s.p) * base;
        d.storage_charge_mw[k] = at(s.charge) * base;
        d.storage_discharge_mw[k] = at(s.discharge) * base;
        d.storage_mwh[k] += options.hours
            * base
            * (row.charge_efficiency * at(s.charge) - at(s.discharge) / row.discharge_efficiency);
    }
    for l in &problem.branches {
        let flow = flow(l, &w.angle).value(x) * base;
        d.branch_from_mw[l.branch] = flow;
        d.branch_to_mw[l.branch] = -flow;
    }
    for (l, v) in problem.dc_lines.iter().zip(&w.lines) {
        d.dc_line_mw[l.line] = at(*v) * base;
    }
    terms(problem, options, &mut d);
    conclude(&mut d, &answer, &w.balance, base);
    d
}

fn write(problem: &Problem, options: &DeliverOptions, fixed: &Fixed) -> Written {
    let mut p = Convex::default();
    let p = &mut p;
    let hours = options.hours;
    let angle: Vec<Option<Var>> = problem
        .buses
        .iter()
        .map(|b| {
            let bound = if b.reference { 0.0 } else { f64::INFINITY };
            b.live.then(|| p.var(-bound, bound, 0.0))
        })
        .collect();
    // By bus: what flows in less what is drawn.
    let mut balance = vec![Expr::default(); problem.buses.len()];

    let mut loads = Vec::new();
    for (row, on) in problem.loads.iter().zip(&fixed.loads) {
        let z = status(p, *on, hours * row.worth);
        balance[row.bus].add(z, -row.p);
        loads.push(z);
    }
    let mut shunts = Vec::new();
    for (row, on) in problem.shunts.iter().zip(&fixed.shunts) {
        let z = status(p, *on, hours * options.worth.shunt * problem.unit);
        balance[row.bus].add(z, -row.g);
        shunts.push(z);
    }
    let mut units = Vec::new();
    for (row, on) in problem.generators.iter().zip(&fixed.generators) {
        let u = unit(p, problem, options, row, *on);
        balance[row.bus].add(u.p, 1.0);
        units.push(u);
    }
    let mut stores = Vec::new();
    for (k, row) in problem.storages.iter().enumerate() {
        let s = store(p, problem, options, row, (fixed.storages[k], fixed.charging[k]));
        // No losses but standing ones: p + discharge − charge = loss.
        let inner = Expr::constant(-row.p_loss).plus(s.p, 1.0);
        p.zero(inner.plus(s.discharge, 1.0).plus(s.charge, -1.0));
        for (v, most) in [(s.charge, row.charge_max), (s.discharge, row.discharge_max)] {
            p.positive(Expr::default().plus(s.z, most).plus(v, -1.0), None);
        }
        balance[row.bus].add(s.p, -1.0);
        stores.push(s);
    }
    for l in &problem.branches {
        let flow = flow(l, &angle);
        balance[l.from].add_all(&flow, -1.0);
        balance[l.to].add_all(&flow, 1.0);
        let id = BranchIdx::new(l.branch);
        let rating = Some(Tag::new(Limit::Rating(id), l.rate));
        p.between(&flow, -l.rate, l.rate, [rating; 2]);
        let mut difference = Expr::default();
        for (bus, sign) in [(l.from, 1.0), (l.to, -1.0)] {
            if let Some(v) = angle[bus] {
                difference.add(v, sign);
            }
        }
        let tag = |value| Some(Tag::new(Limit::Angle(id), value));
        let tags = [tag(l.angle_min), tag(l.angle_max)];
        p.between(&difference, l.angle_min, l.angle_max, tags);
    }
    let lines = dc_lines(p, problem, &mut balance);
    let balance: Vec<_> =
        problem.live_buses().map(|i| (i, std::mem::take(&mut balance[i]))).collect();
    for (_, e) in &balance {
        p.zero(e.clone());
    }
    Written { program: std::mem::take(p), angle, loads, shunts, units, stores, lines, balance }
}

fn flow(l: &BranchRow, angle: &[Option<Var>]) -> Expr {
    let mut e = Expr::constant(-l.dc_b * l.dc_shift);
    for (bus, sign) in [(l.from, 1.0), (l.to, -1.0)] {
        if let Some(v) = angle[bus] {
            e.add(v, sign * l.dc_b);
        }
    }
    e
}

/// Direct-current lines; one that must carry or lose something may stand still, by a
/// share, so that a dark end is not a contradiction.
pub(super) fn dc_lines(p: &mut Convex, problem: &Problem, balance: &mut [Expr]) -> Vec<Var> {
    let most = most_output(problem);
    let mut lines = Vec::new();
    for l in &problem.dc_lines {
        let (lo, hi) = (l.p_min.max(-most), l.p_max.min(most));
        let v = p.var(lo.min(0.0), hi.max(0.0), 0.0);
        balance[l.from].add(v, -1.0);
        balance[l.to].add(v, 1.0 - l.loss_share);
        if l.loss > 0.0 || lo > 0.0 || hi < 0.0 {
            let on = p.var(0.0, 1.0, 0.0);
            p.positive(Expr::from(v).plus(on, -lo), None);
            p.positive(Expr::default().plus(on, hi).plus(v, -1.0), None);
            balance[l.to].add(on, -l.loss);
        }
        lines.push(v);
    }
    lines
}
