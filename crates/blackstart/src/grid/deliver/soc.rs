//! The second-order cone relaxation (Jabr, *Radial distribution load flow using conic
//! programming*, IEEE Trans. Power Syst. 21, 2006), in the cuts of PowerModels'
//! `SOCWRPowerModel`.
//!
//! For a pair of buses a, b with products `W = V_a V_b*` the relaxation asks
//! `|W|² ≤ w_a w_b`. Flows are small differences of large multiples of `w` and `W`, which
//! costs a solver its digits. So each pair is written in what the branch carries: with its
//! series admittance y and `w_a' = w_a / tap²`,
//!
//!   P = |y| Im W',   D = |y| (w_a' − w_b),   L = |y|² |V_a' − V_b|²,
//!
//! flows are then sums of P, D and L with factors of at most 1, and the cone is
//! `D² + 4 P² ≤ L · (2 (w_a' + w_b) − L / |y|²)`: the branch-flow form of the same
//! relaxation (Farivar, Low, *Branch flow model*, IEEE Trans. Power Syst. 28, 2013).

use super::convex::{Convex, Expr, Tag, Var};
use super::dc::dc_lines;
use super::options::{Control, DeliverOptions, Formulation, Limits};
use super::problem::{BranchRow, Problem, StorageRow};
use super::relaxed::{
    Fixed, Store, Unit, blank, conclude, most_output, ranged, serve, status, store, terms, unit,
};
use super::result::{Delivery, Limit};
use crate::region::Grid;
use crate::region::{BranchIdx, BusIdx, GeneratorIdx};

/// A bus: its status, squared voltage, and violation of a soft limit.
#[derive(Clone, Copy)]
struct BusVars {
    z: Var,
    w: Var,
    violation: Option<Var>,
    /// Range of the voltage, whatever the status.
    v: (f64, f64),
    /// Range of the voltage while on.
    limits: (f64, f64),
}

/// Active and reactive power into a branch at its ends.
#[derive(Clone, Default)]
struct Flow {
    p_from: Expr,
    q_from: Expr,
    p_to: Expr,
    q_to: Expr,
}

struct Written {
    program: Convex,
    buses: Vec<Option<BusVars>>,
    loads: Vec<Var>,
    shunts: Vec<Var>,
    units: Vec<(Unit, Var)>,
    stores: Vec<(Store, Var)>,
    flows: Vec<Flow>,
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
    let mut d = blank(grid, Formulation::Soc);
    let (x, base) = (&answer.x, problem.base_mva);
    let at = |v: Var| Expr::from(v).value(x);
    let unit = options.hours * problem.unit;
    for i in problem.live_buses() {
        let Some(bus) = w.buses[i] else { continue };
        d.bus_status[i] = at(bus.z);
        d.vm_pu[i] = at(bus.w).max(0.0).sqrt();
        let off = bus.violation.map_or(0.0, at);
        d.objective.voltage_violation -= unit * options.worth.voltage_violation * off;
    }
    let shares: Vec<f64> = w.loads.iter().map(|v| at(*v)).collect();
    serve(problem, options, &shares, &mut d);
    for (row, v) in problem.shunts.iter().zip(&w.shunts) {
        d.shunt_share[row.bus] = at(*v);
    }
    for (row, (u, q)) in problem.generators.iter().zip(&w.units) {
        d.generator_status[row.generator] = at(u.z);
        d.generator_mw[row.generator] = at(u.p) * base;
        d.generator_mvar[row.generator] = at(*q) * base;
        let off = u.violation.map_or(0.0, at);
        d.objective.output_violation -= unit * options.worth.output_violation * off;
    }
    for (row, (s, q)) in problem.storages.iter().zip(&w.stores) {
        let k = row.storage;
        d.storage_status[k] = at(s.z);
        d.storage_mw[k] = at(s.p) * base;
        d.storage_mvar[k] = at(*q) * base;
        d.storage_charge_mw[k] = at(s.charge) * base;
        d.storage_discharge_mw[k] = at(s.discharge) * base;
        d.storage_mwh[k] += options.hours
            * base
            * (row.charge_efficiency * at(s.charge) - at(s.discharge) / row.discharge_efficiency);
    }
    for (l, flow) in problem.branches.iter().zip(&w.flows) {
        d.branch_from_mw[l.branch] = flow.p_from.value(x) * base;
        d.branch_from_mvar[l.branch] = flow.q_from.value(x) * base;
        d.branch_to_mw[l.branch] = flow.p_to.value(x) * base;
        d.branch_to_mvar[l.branch] = flow.q_to.value(x) * base;
    }
    for (l, v) in problem.dc_lines.iter().zip(&w.lines) {
        d.dc_line_mw[l.line] = at(*v) * base;
    }
    terms(problem, options, &mut d);
    conclude(&mut d, &answer, &w.balance, base);
    d
}

fn write(problem: &Problem, options: &DeliverOptions, fixed: &Fixed) -> Written {
    let mut program = Convex::default();
    let p = &mut program;
    let n = problem.buses.len();
    let buses = voltages(p, problem, options, fixed);
    let (mut active, mut reactive) = (vec![Expr::default(); n], vec![Expr::default(); n]);

    let mut loads = Vec::new();
    for (row, on) in problem.loads.iter().zip(&fixed.loads) {
        let z = status(p, *on, options.hours * row.worth);
        active[row.bus].add(z, -row.p);
        reactive[row.bus].add(z, -row.q);
        loads.push(z);
    }
    let mut shunts = Vec::new();
    for (row, on) in problem.shunts.iter().zip(&fixed.shunts) {
        let z = status(p, *on, options.hours * options.worth.shunt * problem.unit);
        shunts.push(z);
        let Some(bus) = buses[row.bus] else { continue };
        let wz = product(p, bus.w, (bus.v.0.powi(2), bus.v.1.powi(2)), z, *on);
        active[row.bus].add(wz, -row.g);
        reactive[row.bus].add(wz, row.b);
    }
    let mut units = Vec::new();
    for (row, on) in problem.generators.iter().zip(&fixed.generators) {
        let u = unit(p, problem, options, row, *on);
        let most = most_output(problem);
        let (lo, hi) = (row.q_min.max(-most), row.q_max.min(most));
        let id = GeneratorIdx::new(row.generator);
        let tags = [Some(Limit::ReactiveLow(id)), Some(Limit::ReactiveHigh(id))];
        let q = ranged(p, (lo, hi), u.z, u.on, tags);
        active[row.bus].add(u.p, 1.0);
        reactive[row.bus].add(q, 1.0);
        units.push((u, q));
    }
    let mut stores = Vec::new();
    for (k, row) in problem.storages.iter().enumerate() {
        let s = store(p, problem, options, row, (fixed.storages[k], fixed.charging[k]));
        let q = exchange(p, row, &s, fixed.storages[k], buses[row.bus]);
        active[row.bus].add(s.p, -1.0);
        reactive[row.bus].add(q, -1.0);
        stores.push((s, q));
    }
    let flows = branches(p, problem, options, &buses);
    for (l, flow) in problem.branches.iter().zip(&flows) {
        active[l.from].add_all(&flow.p_from, -1.0);
        reactive[l.from].add_all(&flow.q_from, -1.0);
        active[l.to].add_all(&flow.p_to, -1.0);
        reactive[l.to].add_all(&flow.q_to, -1.0);
    }
    let lines = dc_lines(p, problem, &mut active);
    for l in &problem.dc_lines {
        for (bus, (lo, hi)) in [(l.from, l.q_from), (l.to, l.q_to)] {
            let q = p.var(lo.clamp(-1e3, 0.0), hi.clamp(0.0, 1e3), 0.0);
            reactive[bus].add(q, 1.0);
        }
    }
    let mut balance = Vec::new();
    for i in problem.live_buses() {
        for side in [&mut active, &mut reactive] {
            let e = std::mem::take(&mut side[i]);
            p.zero(e.clone());
            balance.push((i, e));
        }
    }
    Written { program, buses, loads, shunts, units, stores, flows, lines, balance }
}

/// Statuses and squared voltages of buses.
fn voltages(
    p: &mut Convex,
    problem: &Problem,
    options: &DeliverOptions,
    fixed: &Fixed,
) -> Vec<Option<BusVars>> {
    let unit = options.hours * problem.unit;
    let price = unit * options.worth.voltage_violation;
    let bus = |i: usize, p: &mut Convex| {
        let row = problem.buses[i];
        let on = fixed.buses[i];
        let z = status(p, on, unit * options.worth.bus);
        let id = BusIdx::new(i);
        let (least, most) = (row.vm_min, row.vm_max);
        // A change of the limit changes the square by twice it.
        let tag = |limit, v: f64| Some(Tag { rate: 2.0 * v, ..Tag::new(limit, v) });
        let low = tag(Limit::VoltageLow(id), least);
        let high = tag(Limit::VoltageHigh(id), most);
        if options.voltage == Limits::Hard || options.buses != Control::On {
            let w = p.var(0.0, if on == Some(false) { 0.0 } else { most * most }, 0.0);
            p.positive(Expr::from(w).plus(z, -least * least), low);
            p.positive(Expr::default().plus(z, most * most).plus(w, -1.0), high);
            let floor = if on == Some(true) { least } else { 0.0 };
            return BusVars { z, w, violation: None, v: (floor, most), limits: (least, most) };
        }
        let most = if options.voltage == Limits::Soft { 2.0 * most } else { most };
        let w = p.var(0.0, most * most, 0.0);
        let off = p.var(0.0, most, -price);
        // The root of w is concave: v² ≤ w, v ≥ least − off is the limit itself.
        let v = p.var(0.0, most, 0.0);
        p.rotated(&w.into(), &Expr::constant(1.0), &[v.into()]);
        let low = Some(Tag::new(Limit::VoltageLow(id), least));
        p.positive(Expr::constant(-least).plus(v, 1.0).plus(off, 1.0), low);
        if options.voltage == Limits::Soft {
            // Above, the chord from the limit to the end is the tightest convex bound.
            let slope = 1.0 / (most + row.vm_max);
            let room = Expr::constant(row.vm_max * row.vm_max * slope);
            p.positive(room.plus(off, 1.0).plus(w, -slope), high);
        } else {
            p.positive(Expr::constant(most * most).plus(w, -1.0), high);
        }
        BusVars { z, w, violation: Some(off), v: (0.0, most), limits: (0.0, most) }
    };
    (0..problem.buses.len()).map(|i| problem.buses[i].live.then(|| bus(i, p))).collect()
}

/// `w · z` in McCormick's envelope; exact where z is decided.
fn product(p: &mut Convex, w: Var, (lo, hi): (f64, f64), z: Var, on: Option<bool>) -> Var {
    match on {
        Some(true) => w,
        Some(false) => p.var(0.0, 0.0, 0.0),
        None => {
            let wz = p.var(0.0, hi, 0.0);
            p.positive(Expr::from(wz).plus(w, -1.0).plus(z, -hi).plus_constant(hi), None);
            p.positive(Expr::default().plus(z, hi).plus(wz, -1.0), None);
            p.positive(Expr::from(w).plus(wz, -1.0).plus(z, lo).plus_constant(-lo), None);
            if lo > 0.0 {
                p.positive(Expr::from(wz).plus(z, -lo), None);
            }
            wz
        }
    }
}

/// Losses and rating of a storage's connection; gives the reactive power it takes.
fn exchange(
    p: &mut Convex,
    row: &StorageRow,
    s: &Store,
    on: Option<bool>,
    bus: Option<BusVars>,
) -> Var {
    let bound = |v: f64| v.clamp(-1e3, 1e3);
    let lo = bound(row.q_min.max(-row.rate));
    let hi = bound(row.q_max.min(row.rate));
    let q = ranged(p, (lo, hi), s.z, on, [None; 2]);
    let control = ranged(p, (lo, hi), s.z, on, [None; 2]);
    // Square of the current: (p² + q²) / w.
    let least = bus.map_or(1.0, |b| b.v.0.max(0.5));
    let most = if row.rate.is_finite() { (row.rate / least).powi(2) } else { 1e3 };
    let current = p.var(0.0, most, 0.0);
    if let Some(bus) = bus {
        p.rotated(&bus.w.into(), &current.into(), &[s.p.into(), q.into()]);
    }
    let active = Expr::constant(-row.p_loss).plus(s.p, 1.0).plus(s.discharge, 1.0);
    p.zero(active.plus(s.charge, -1.0).plus(current, -row.r));
    let reactive = Expr::constant(-row.q_loss).plus(q, 1.0).plus(control, -1.0);
    p.zero(reactive.plus(current, -row.x));
    if row.rate.is_finite() {
        p.cone(vec![Expr::constant(row.rate), s.p.into(), q.into()], None);
    }
    q
}

/// A pair of buses that branches join: squared voltages and their product in the frame of
/// the stiffest branch.
struct Pair {
    /// The from bus of that branch.
    a: usize,

    tap: f64,
    shift: f64,
    /// |y| of that branch.
    y: f64,
    p: Var,
    d: Var,
    l: Var,
}

fn branches(
    p: &mut Convex,
    problem: &Problem,
    options: &DeliverOptions,
    buses: &[Option<BusVars>],
) -> Vec<Flow> {
    let mut order: Vec<usize> = (0..problem.branches.len()).collect();
    let ends = |l: &BranchRow| (l.from.min(l.to), l.from.max(l.to));
    order.sort_by(|&i, &j| {
        let (a, b) = (&problem.branches[i], &problem.branches[j]);
        let stiff = |l: &BranchRow| l.g.hypot(l.b);
        ends(a).cmp(&ends(b)).then(stiff(b).total_cmp(&stiff(a))).then(i.cmp(&j))
    });
    let mut flows = vec![Flow::default(); problem.branches.len()];
    for group in order.chunk_by(|&i, &j| ends(&problem.branches[i]) == ends(&problem.branches[j])) {
        let lead = &problem.branches[group[0]];
        let (Some(from), Some(to)) = (buses[lead.from], buses[lead.to]) else { continue };
        if from.v.1 * to.v.1 == 0.0 || p.is_zero(from.w) || p.is_zero(to.w) {
            continue;
        }
        let pair = pair(p, lead, &from, &to);
        limits(p, options, &pair, group.iter().map(|&k| &problem.branches[k]), (&from, &to));
        for &k in group {
            let l = &problem.branches[k];
            let flow = flow(l, &pair, buses);
            if l.rate.is_finite() {
                let id = BranchIdx::new(l.branch);
                let tag = Some(Tag::new(Limit::Rating(id), l.rate));
                for (a, b) in [(&flow.p_from, &flow.q_from), (&flow.p_to, &flow.q_to)] {
                    p.cone(vec![Expr::constant(l.rate), a.clone(), b.clone()], tag);
                }
            }
            flows[k] = flow;
        }
    }
    flows
}

fn pair(p: &mut Convex, lead: &BranchRow, from: &BusVars, to: &BusVars) -> Pair {
    let y = lead.g.hypot(lead.b);
    let free = (f64::NEG_INFINITY, f64::INFINITY);
    let (pw, d, l) =
        (p.var(free.0, free.1, 0.0), p.var(free.0, free.1, 0.0), p.var(0.0, free.1, 0.0));
    let (va, vb) = (from.v.1 / lead.tap.abs(), to.v.1);
    p.implied(pw, -y * va * vb, y * va * vb);
    p.implied(d, -y * vb * vb, y * va * va);
    p.implied(l, 0.0, y * y * (va + vb) * (va + vb));
    let square = 1.0 / (lead.tap * lead.tap);
    p.zero(Expr::default().plus(from.w, square).plus(to.w, -1.0).plus(d, -1.0 / y));
    let room = Expr::default().plus(from.w, 2.0 * square).plus(to.w, 2.0);
    p.current(l, &room, 1.0 / (y * y), &[(d, 1.0), (pw, 2.0)]);
    Pair { a: lead.from, tap: lead.tap, shift: lead.shift_rad, y, p: pw, d, l }
}

impl Pair {
    /// Real and imaginary part of `V_a V_b*` (not in the tap's frame).
    fn product(&self, wa: Var, wb: Var) -> (Expr, Expr) {
        let square = 1.0 / (self.tap * self.tap);
        let real = Expr::default()
            .plus(wa, 0.5 * square)
            .plus(wb, 0.5)
            .plus(self.l, -0.5 / (self.y * self.y));
        let imaginary = Expr::default().plus(self.p, 1.0 / self.y);
        rotate(&real, &imaginary, self.tap, self.shift)
    }
}

/// `(re + j im) · size · e^(j angle)`.
fn rotate(re: &Expr, im: &Expr, size: f64, angle: f64) -> (Expr, Expr) {
    let (s, c) = angle.sin_cos();
    let (mut a, mut b) = (Expr::default(), Expr::default());
    a.add_all(re, size * c).add_all(im, -size * s);
    b.add_all(re, size * s).add_all(im, size * c);
    (a, b)
}

/// Flows into branch `l`.
fn flow(l: &BranchRow, pair: &Pair, buses: &[Option<BusVars>]) -> Flow {
    let (Some(from), Some(to)) = (buses[l.from], buses[l.to]) else { return Flow::default() };
    let square = 1.0 / (l.tap * l.tap);
    let same = l.from == pair.a && l.tap == pair.tap && l.shift_rad == pair.shift;
    let (mut a, mut b, im, g, bs);
    if same {
        // conj(y) · ((D + L / |y|) / 2 − j P) / |y of the pair|, and the like at the to end.
        let scale = 1.0 / pair.y;
        a = Expr::default().plus(pair.d, 0.5).plus(pair.l, 0.5 * scale);
        b = Expr::default().plus(pair.d, -0.5).plus(pair.l, 0.5 * scale);
        im = Expr::from(pair.p);
        (g, bs) = (l.g * scale, l.b * scale);
    } else {
        let (wa, wb) = if l.from == pair.a { (from.w, to.w) } else { (to.w, from.w) };
        let (re, mut i) = pair.product(wa, wb);
        if l.from != pair.a {
            let mut turned = Expr::default();
            turned.add_all(&i, -1.0);
            i = turned;
        }
        let (re, i) = rotate(&re, &i, 1.0 / l.tap, -l.shift_rad);
        a = Expr::default().plus(from.w, square);
        a.add_all(&re, -1.0);
        b = Expr::from(to.w);
        b.add_all(&re, -1.0);
        im = i;
        (g, bs) = (l.g, l.b);
    }
    let mut flow = Flow::default();
    flow.p_from.add_all(&a, g).add_all(&im, -bs);
    flow.q_from.add_all(&a, -bs).add_all(&im, -g).add(from.w, -l.b_half * square);
    flow.p_to.add_all(&b, g).add_all(&im, bs);
    flow.q_to.add_all(&b, -bs).add_all(&im, g).add(to.w, -l.b_half);
    flow
}

/// Angle limits of a pair, and the bounds on its product that they and the voltages give.
fn limits<'a>(
    p: &mut Convex,
    options: &DeliverOptions,
    pair: &Pair,
    group: impl Iterator<Item = &'a BranchRow>,
    (from, to): (&BusVars, &BusVars),
) {
    let (mut least, mut most, mut id) = (f64::NEG_INFINITY, f64::INFINITY, 0);
    for l in group {
        let (lo, hi) = if l.from == pair.a {
            (l.angle_min, l.angle_max)
        } else {
            (-l.angle_max, -l.angle_min)
        };
        (least, most, id) = (least.max(lo), most.min(hi), l.branch);
    }
    let quarter = std::f64::consts::FRAC_PI_2;
    if least <= -quarter || most >= quarter || least >= most {
        return;
    }
    let (re, im) = pair.product(from.w, to.w);
    let id = Limit::Angle(BranchIdx::new(id));
    let mut high = Expr::default();
    high.add_all(&re, most.tan()).add_all(&im, -1.0);
    p.positive(high, Some(Tag::new(id, most)));
    let mut low = im.clone();
    low.add_all(&re, -least.tan());
    p.positive(low, Some(Tag::new(id, least)));
    lifted(p, (&re, &im), (least, most), (from, to));

    // While both are on: bounds of the product; with shares, by the lesser status.
    let soft = options.voltage != Limits::Hard && options.buses == Control::On;
    if soft {
        return;
    }
    let bounds = product_bounds(from, to, least, most);
    for z in [from.z, to.z] {
        for (e, (lo, hi)) in [(&re, bounds.0), (&im, bounds.1)] {
            let mut above = e.clone();
            above.add(z, -lo);
            p.positive(above, None);
            let mut below = Expr::default().plus(z, hi);
            below.add_all(e, -1.0);
            p.positive(below, None);
        }
    }
}

/// Ranges of real and imaginary part of a product of voltages with both buses on.
fn product_bounds(a: &BusVars, b: &BusVars, least: f64, most: f64) -> ((f64, f64), (f64, f64)) {
    let (lo, hi) = (a.limits.0 * b.limits.0, a.limits.1 * b.limits.1);
    let real_lo = lo * least.cos().min(most.cos());
    let real_hi = if least < 0.0 && most > 0.0 { hi } else { hi * least.cos().max(most.cos()) };
    let imaginary_lo = if least < 0.0 { hi * least.sin() } else { lo * least.sin() };
    let imaginary_hi = if most > 0.0 { hi * most.sin() } else { lo * most.sin() };
    ((real_lo, real_hi), (imaginary_lo, imaginary_hi))
}

/// Lifted nonlinear cuts (Coffrin, Hijazi, Van Hentenryck, *Strengthening the SDP
/// relaxation of AC power flows with convex envelopes, bound tightening, and valid
/// inequalities*, IEEE Trans. Power Syst. 32, 2017).
fn lifted(
    p: &mut Convex,
    (re, im): (&Expr, &Expr),
    (least, most): (f64, f64),
    (from, to): (&BusVars, &BusVars),
) {
    let (middle, half) = (0.5 * (least + most), 0.5 * (most - least));
    let ((fl, fu), (tl, tu)) = (from.v, to.v);
    let (sf, st, c) = (fl + fu, tl + tu, half.cos());
    let spread = fl * tl - fu * tu;
    for (f, t, sign) in [(fu, tu, -1.0), (fl, tl, 1.0)] {
        let mut e = Expr::constant(sign * f * t * c * spread);
        e.add_all(re, sf * st * middle.cos()).add_all(im, sf * st * middle.sin());
        e.add(from.w, -t * c * st).add(to.w, -f * c * sf);
        p.positive(e, None);
    }
}
