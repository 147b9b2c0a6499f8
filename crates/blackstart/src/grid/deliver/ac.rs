//! The AC formulation: the full alternating-current equations in polar form. A local
//! optimum by the interior point of `grid/ac`, part by part of what hangs together.
//!
//! What a share of a bus or a generator means is written down without a variable for it:
//! a bus of status z keeps `z · vm_min ≤ vm ≤ z · vm_max`, so the best z is `vm / vm_min`
//! below the lower limit and 1 above — a lower limit that may be passed at a price. The
//! same holds for outputs that must not fall below a least one. A storage is a source
//! behind its impedance.
//!
//! Parts without any source are dark. So is a part for which no point is found: that is
//! told, with the bus where the search missed most.

use rayon::prelude::*;

use super::options::{DeliverOptions, Formulation, Limits};
use super::problem::Problem;
use super::relaxed::{Fixed, binding, blank, serve, terms};
use super::result::{Binding, Delivery, DeliveryStatus, Limit};
use crate::grid::ac::{
    self, DcControls, Ending, Entry, Group, Guess, InteriorPoint, Line, Node, Point, Program,
    Settings, Terminal, TwoPort, groups, nearest, range,
};
use crate::region::{BranchIdx, BusIdx, GeneratorIdx, Grid};

/// Where the variables of a generator are.
#[derive(Default)]
struct Unit {
    /// Active output: the sum of these.
    p: Vec<Entry>,
    q: Option<Entry>,
}

/// Where the variables of a storage are.
struct Store {
    /// Leaves the store itself, on its side of the impedance.
    output: Entry,
    /// Reactive power taken, the same side.
    q: Entry,
    /// Line to its inner node, if it has an impedance.
    line: Option<usize>,
}

/// A program and where its variables stand for what, in the order of the group's rows.
#[derive(Default)]
struct Written {
    program: Program,
    loads: Vec<Option<Entry>>,
    shunts: Vec<Option<Entry>>,
    units: Vec<Unit>,
    stores: Vec<Option<Store>>,
    dc: Vec<DcControls>,
}

/// Solves with the decisions `fixed`, all others relaxed to shares.
pub(super) fn solve(
    grid: &Grid,
    problem: &Problem,
    options: &DeliverOptions,
    fixed: &Fixed,
) -> Delivery {
    let live: Vec<bool> = problem
        .buses
        .iter()
        .zip(&fixed.buses)
        .map(|(b, on)| b.live && *on != Some(false))
        .collect();
    let (groups, node) = groups(problem, &live);
    let answers: Vec<Option<(Written, Point)>> = groups
        .par_iter()
        .map(|group| {
            has_source(problem, group, fixed)
                .then(|| Writer { problem, options, fixed, group, node: &node }.solve())
        })
        .collect();

    let mut d = blank(grid, Formulation::Ac);
    let mut shares = vec![0.0; problem.loads.len()];
    let mut dark = None;
    let mut error = 0.0f64;
    for row in &problem.shunts {
        d.shunt_share[row.bus] = 0.0;
    }
    let mut bindings = Vec::new();
    for (group, answer) in groups.iter().zip(&answers) {
        let Some((w, point)) = answer else { continue };
        d.iterations = d.iterations.max(point.iterations as u32);
        if point.ending == Ending::NotFound {
            let bus = group.buses[(point.worst_node as usize).min(group.buses.len() - 1)];
            let worst = point.mismatch * problem.base_mva;
            if dark.is_none_or(|(_, other, _)| worst > other) {
                dark = Some((bus, worst, group.buses.len()));
            }
            continue;
        }
        if point.ending == Ending::Feasible {
            error = error.max(point.error);
        }
        fill(&mut d, problem, options, fixed, group, w, point, &mut shares);
        bind(&mut bindings, problem, fixed, group, w, point);
    }
    serve(problem, options, &shares, &mut d);
    terms(problem, options, &mut d);
    d.binding = binding(bindings.into_iter(), d.objective.total());
    d.bound = d.objective.total();
    if let Some((bus, worst, size)) = dark {
        let id = &grid.buses[bus].id;
        d.status = DeliveryStatus::Relaxed {
            why: format!(
                "no AC point was found for the {size} buses around `{id}`, where the search \
                 missed by {worst:.3} MVA; they are left dark"
            ),
        };
    } else if error > 0.0 {
        d.status = DeliveryStatus::Inaccurate { error };
    }
    d
}

/// Whether anything in the group can feed active power.
fn has_source(problem: &Problem, group: &Group, fixed: &Fixed) -> bool {
    group
        .generators
        .iter()
        .any(|&k| fixed.generators[k] != Some(false) && problem.generators[k].p_max > 0.0)
        || group
            .storages
            .iter()
            .any(|&k| fixed.storages[k] != Some(false) && most_discharge(problem, k, 1.0) > 0.0)
}

/// What a storage can give over `hours`.
fn most_discharge(problem: &Problem, k: usize, hours: f64) -> f64 {
    let s = &problem.storages[k];
    s.discharge_max.min(s.energy * s.discharge_efficiency / hours.max(1e-6))
}

/// Least output beyond which a status matters, p.u.
const STARTS: f64 = 1e-6;

struct Writer<'a> {
    problem: &'a Problem,
    options: &'a DeliverOptions,
    fixed: &'a Fixed,
    group: &'a Group,
    node: &'a [u32],
}

impl Writer<'_> {
    /// The point that one of two starts leads to; if none does, the one with the least
    /// imbalance, which may have none.
    fn solve(&self) -> (Written, Point) {
        let w = self.write();
        let settings = Settings::default();
        let mut best = InteriorPoint::new(&w.program, settings).solve();
        if best.ending == Ending::NotFound {
            let flat = Settings { guess: Guess::Flat, ..settings };
            let second = InteriorPoint::new(&w.program, flat).solve();
            if second.ending != Ending::NotFound || second.mismatch < best.mismatch {
                best = second;
            }
        }
        if best.ending == Ending::NotFound {
            best = nearest(&w.program, best, settings);
        }
        (w, best)
    }

    fn write(&self) -> Written {
        let (problem, options, group) = (self.problem, self.options, self.group);
        let unit = options.hours * problem.unit;
        let (program, dc) = Program::network(problem, group, self.node, &|bus| self.voltage(bus));
        let mut w = Written { program, dc, ..Written::default() };
        let at = |bus: usize, gain| Terminal { node: self.node[bus], gain };
        let whole = [ac::Limit::hard(0.0), ac::Limit::hard(1.0)];
        for &k in &group.loads {
            let row = &problem.loads[k];
            let terminal = at(row.bus, [-row.p, -row.q]);
            let cost = vec![0.0, -options.hours * row.worth];
            let limits = match self.fixed.loads[k] {
                Some(false) => [ac::Limit::hard(0.0); 2],
                Some(true) => [ac::Limit::hard(1.0); 2],
                None => whole,
            };
            w.loads.push(Some(w.program.quantity(terminal, None, limits, cost)));
        }
        for &k in &group.shunts {
            let row = &problem.shunts[k];
            let entry = match self.fixed.shunts[k] {
                Some(false) => Entry { control: None, constant: 0.0 },
                Some(true) => {
                    let shunt = &mut w.program.nodes[self.node[row.bus] as usize].shunt;
                    shunt[0] += row.g;
                    shunt[1] += row.b;
                    Entry { control: None, constant: 1.0 }
                }
                None => {
                    let cost = vec![0.0, -unit * options.worth.shunt];
                    let terminal = at(row.bus, [-row.g, row.b]);
                    let entry = w.program.quantity(terminal, None, whole, cost);
                    if let Some(control) = w.program.controls.last_mut() {
                        control.squared_voltage = true;
                    }
                    entry
                }
            };
            w.shunts.push(Some(entry));
        }
        for &k in &group.generators {
            let unit = self.unit(k, &mut w.program);
            w.units.push(unit);
        }
        for &k in &group.storages {
            let store =
                (self.fixed.storages[k] != Some(false)).then(|| self.store(k, &mut w.program));
            w.stores.push(store);
        }
        w
    }

    fn voltage(&self, bus: usize) -> [ac::Limit; 2] {
        let (b, o) = (&self.problem.buses[bus], self.options);
        let unit = o.hours * self.problem.unit;
        let price = unit * o.worth.voltage_violation;
        let mut lower = match o.voltage {
            Limits::Hard => ac::Limit::hard(b.vm_min),
            Limits::SoftBelow | Limits::Soft => ac::Limit::soft(b.vm_min, price),
        };
        if self.fixed.buses[bus].is_none() {
            lower.price = lower.price.min(unit * o.worth.bus / b.vm_min.max(1e-3));
        }
        let upper = match o.voltage {
            Limits::Hard | Limits::SoftBelow => ac::Limit::hard(b.vm_max),
            Limits::Soft => ac::Limit::soft(b.vm_max, price),
        };
        [lower, upper]
    }

    fn unit(&self, k: usize, program: &mut Program) -> Unit {
        let (row, o) = (&self.problem.generators[k], self.options);
        if self.fixed.generators[k] == Some(false) {
            return Unit::default();
        }
        let worth = o.hours * self.problem.unit;
        let terminal = |gain| Terminal { node: self.node[row.bus], gain };
        let hard = |low: f64, high: f64| [ac::Limit::hard(low), ac::Limit::hard(high)];
        let price = worth * o.worth.output_violation;
        let most = |high: f64| match o.output {
            Limits::Soft => ac::Limit::soft(high, price),
            Limits::Hard | Limits::SoftBelow => ac::Limit::hard(high),
        };
        let (low, high) = range(row.p_min, row.p_max);
        let (q_low, q_high) = range(row.q_min, row.q_max);
        let open = self.fixed.generators[k].is_none();
        let active = terminal([1.0, 0.0]);
        if open && (low > STARTS || high < -STARTS) {
            // The part up to the least output earns the status, and reactive limits with
            // it; the rest is free.
            let part = if low > 0.0 { low } else { high };
            let reward = vec![0.0, -worth * o.worth.generator / part];
            let limits = hard(part.min(0.0), part.max(0.0));
            let first = program.quantity(active, None, limits, reward);
            let limits = [ac::Limit::hard(low - part), most(high - part)];
            let rest = program.quantity(active, None, limits, Vec::new());
            let share = first.control.map(|k| (k, part));
            let q = program.following(terminal([0.0, 1.0]), [q_low, q_high], share);
            return Unit { p: vec![first, rest], q: Some(q) };
        }
        let limits = if o.output == Limits::Hard {
            hard(low, high)
        } else {
            [ac::Limit::soft(low, price), most(high)]
        };
        let p = program.quantity(active, None, limits, Vec::new());
        let (q_low, q_high) =
            if open { (q_low.min(0.0), q_high.max(0.0)) } else { (q_low, q_high) };
        let q = program.quantity(terminal([0.0, 1.0]), None, hard(q_low, q_high), Vec::new());
        Unit { p: vec![p], q: Some(q) }
    }

    fn store(&self, k: usize, program: &mut Program) -> Store {
        /// Impedance that carries the rating of a storage without one, p.u.
        const TIE: f64 = 1e-4;
        let (s, hours) = (&self.problem.storages[k], self.options.hours.max(1e-6));
        let bus = self.node[s.bus];
        let (mut r, mut x) = (s.r, s.x);
        if r.abs() + x.abs() < 1e-6 && s.rate.is_finite() {
            (r, x) = (0.0, TIE);
        }
        let line = (r.abs() + x.abs() >= 1e-6).then(|| {
            let own = &program.nodes[bus as usize];
            let free = ac::Limit::hard;
            program.nodes.push(Node {
                shunt: [0.0; 2],
                demand: [0.0; 2],
                lower: free(f64::NEG_INFINITY),
                upper: free(f64::INFINITY),
                fixed_angle: None,
                start: own.start,
            });
            let d = r * r + x * x;
            program.lines.push(Line {
                from: bus,
                to: program.nodes.len() as u32 - 1,
                port: TwoPort::of_series([r / d, -x / d], 0.0, 1.0, 0.0),
                rate: [s.rate, f64::INFINITY],
                angle: [f64::NEG_INFINITY, f64::INFINITY],
            });
            program.lines.len() - 1
        });
        let inner = line.map_or(bus, |l| program.lines[l].to);
        let demand = &mut program.nodes[inner as usize].demand;
        demand[0] += s.p_loss;
        demand[1] += s.q_loss;
        let mut most = most_discharge(self.problem, k, hours);
        let room = (s.energy_max - s.energy).max(0.0) / (s.charge_efficiency.max(1e-6) * hours);
        let mut least = -s.charge_max.min(room);
        match self.fixed.charging[k] {
            Some(true) => most = 0.0,
            Some(false) => least = 0.0,
            None => {}
        }
        let hard = |(low, high): (f64, f64)| [ac::Limit::hard(low), ac::Limit::hard(high)];
        let at = |gain| Terminal { node: inner, gain };
        let output = program.quantity(at([1.0, 0.0]), None, hard(range(least, most)), Vec::new());
        let q = program.quantity(at([0.0, -1.0]), None, hard(range(s.q_min, s.q_max)), Vec::new());
        Store { output, q, line }
    }
}

impl Unit {
    fn p(&self, point: &Point) -> f64 {
        self.p.iter().map(|e| e.value(&point.control)).sum()
    }

    fn q(&self, point: &Point) -> f64 {
        self.q.map_or(0.0, |e| e.value(&point.control))
    }
}

/// The largest status at which a generator's limits allow the output `p`.
fn status(low: f64, high: f64, p: f64) -> f64 {
    if low > 0.0 {
        (p / low).clamp(0.0, 1.0)
    } else if high < 0.0 {
        (p / high).clamp(0.0, 1.0)
    } else {
        1.0
    }
}

fn fill(
    d: &mut Delivery,
    problem: &Problem,
    options: &DeliverOptions,
    fixed: &Fixed,
    group: &Group,
    w: &Written,
    point: &Point,
    shares: &mut [f64],
) {
    let base = problem.base_mva;
    let price = options.hours * problem.unit;
    for (k, &bus) in group.buses.iter().enumerate() {
        let (v, row) = (point.magnitude[k], &problem.buses[bus]);
        d.vm_pu[bus] = v;
        d.va_deg[bus] = point.angle[k].to_degrees();
        let open = fixed.buses[bus].is_none() && row.vm_min > 0.0;
        d.bus_status[bus] = if open { (v / row.vm_min).min(1.0) } else { 1.0 };
        let beyond = match options.voltage {
            Limits::Hard => 0.0,
            Limits::SoftBelow => row.vm_min - v,
            Limits::Soft => (row.vm_min - v).max(v - row.vm_max),
        };
        d.objective.voltage_violation -= price * options.worth.voltage_violation * beyond.max(0.0);
    }
    for (&k, entry) in group.loads.iter().zip(&w.loads) {
        shares[k] = entry.map_or(0.0, |e| e.value(&point.control)).clamp(0.0, 1.0);
    }
    for (&k, entry) in group.shunts.iter().zip(&w.shunts) {
        let share = entry.map_or(0.0, |e| e.value(&point.control));
        d.shunt_share[problem.shunts[k].bus] = share.clamp(0.0, 1.0);
    }
    for (&k, unit) in group.generators.iter().zip(&w.units) {
        let row = &problem.generators[k];
        let (p, g) = (unit.p(point), row.generator);
        d.generator_mw[g] = p * base;
        d.generator_mvar[g] = unit.q(point) * base;
        d.generator_status[g] = match fixed.generators[k] {
            Some(on) => f64::from(u8::from(on)),
            None => status(row.p_min, row.p_max, p),
        };
        if options.output != Limits::Hard && fixed.generators[k] != Some(false) {
            // Limits shrink with the status of a unit that has one.
            let low = if fixed.generators[k].is_none() { row.p_min.min(0.0) } else { row.p_min };
            let beyond = (low - p).max(p - row.p_max).max(0.0);
            d.objective.output_violation -= price * options.worth.output_violation * beyond;
        }
    }
    for (&k, dc) in group.dc_lines.iter().zip(&w.dc) {
        d.dc_line_mw[problem.dc_lines[k].line] = dc.p.value(&point.control) * base;
    }
    for (&k, store) in group.storages.iter().zip(&w.stores) {
        let (Some(store), row) = (store, &problem.storages[k]) else { continue };
        let (s, out) = (row.storage, store.output.value(&point.control));
        d.storage_status[s] = 1.0;
        let taken = match store.line {
            Some(l) => {
                let flow = flows(&w.program, l, point);
                [flow[0], flow[1]]
            }
            None => [row.p_loss - out, store.q.value(&point.control) + row.q_loss],
        };
        d.storage_mw[s] = taken[0] * base;
        d.storage_mvar[s] = taken[1] * base;
        d.storage_charge_mw[s] = (-out).max(0.0) * base;
        d.storage_discharge_mw[s] = out.max(0.0) * base;
        d.storage_mwh[s] += options.hours
            * base
            * (row.charge_efficiency * (-out).max(0.0) - out.max(0.0) / row.discharge_efficiency);
    }
    for &k in &group.branches {
        let l = &problem.branches[k];
        let delta = (d.va_deg[l.from] - d.va_deg[l.to]).to_radians();
        let port = TwoPort::of_series([l.g, l.b], l.b_half, l.tap, l.shift_rad);
        let [pf, qf, pt, qt] = port.values(delta, d.vm_pu[l.from], d.vm_pu[l.to]);
        d.branch_from_mw[l.branch] = pf * base;
        d.branch_from_mvar[l.branch] = qf * base;
        d.branch_to_mw[l.branch] = pt * base;
        d.branch_to_mvar[l.branch] = qt * base;
    }
}

fn flows(program: &Program, line: usize, point: &Point) -> [f64; 4] {
    let l = &program.lines[line];
    let (f, t) = (l.from as usize, l.to as usize);
    let delta = point.angle[f] - point.angle[t];
    l.port.values(delta, point.magnitude[f], point.magnitude[t])
}

/// Shadow prices of the limits people know.
fn bind(
    found: &mut Vec<Binding>,
    problem: &Problem,
    fixed: &Fixed,
    group: &Group,
    w: &Written,
    point: &Point,
) {
    let mut push = |limit, price: f64, value: f64| {
        if price > 0.0 && value.is_finite() {
            found.push(Binding { limit, price, stake: price * value.abs() });
        }
    };
    for (k, &bus) in group.buses.iter().enumerate() {
        let (row, [low, high], id) = (&problem.buses[bus], point.side_price[k], BusIdx::new(bus));
        push(Limit::VoltageLow(id), low, row.vm_min);
        push(Limit::VoltageHigh(id), high, row.vm_max);
    }
    let n = w.program.nodes.len();
    let price = |e: &Entry| e.control.map_or([0.0; 2], |k| point.side_price[n + k]);
    for (&k, unit) in group.generators.iter().zip(&w.units) {
        let (row, id) =
            (&problem.generators[k], GeneratorIdx::new(problem.generators[k].generator));
        if let Some(last) = unit.p.last() {
            push(Limit::OutputLow(id), price(last)[0], row.p_min);
            push(Limit::OutputHigh(id), price(last)[1], row.p_max);
        }
        if let Some(q) = &unit.q {
            // Limits shrink with the status of a unit that has one.
            let z = match fixed.generators[k] {
                Some(_) => 1.0,
                None => status(row.p_min, row.p_max, unit.p(point)),
            };
            push(Limit::ReactiveLow(id), z * price(q)[0], row.q_min);
            push(Limit::ReactiveHigh(id), z * price(q)[1], row.q_max);
        }
    }
    let branches = group.branches.iter().filter(|&&k| {
        let l = &problem.branches[k];
        l.from != l.to
    });
    for (line, &k) in branches.enumerate() {
        let (l, [from, to, min, max]) = (&problem.branches[k], point.line_price[line]);
        let id = BranchIdx::new(l.branch);
        push(Limit::Rating(id), from + to, l.rate);
        push(Limit::Angle(id), min, l.angle_min);
        push(Limit::Angle(id), max, l.angle_max);
    }
}
