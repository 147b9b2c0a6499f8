//! What the formulations that are convex programs share: decisions taken so far, units
//! that may shut down, storages, and the way back to a [`Delivery`].

use super::convex::{Answer, Convex, End, Expr, Tag, Var};
use super::options::{Control, DeliverOptions, Formulation, Limits};
use super::problem::{GeneratorRow, Problem, StorageRow};
use super::result::{Binding, Delivery, DeliveryStatus, Limit};
use crate::region::{BusIdx, GeneratorIdx, Grid};

/// Decisions that a branch and bound has taken: on, off or open, by row of the problem
/// (buses: of the grid).
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    pub loads: Vec<Option<bool>>,
    pub shunts: Vec<Option<bool>>,
    pub generators: Vec<Option<bool>>,
    pub buses: Vec<Option<bool>>,
    pub storages: Vec<Option<bool>>,
    /// True: the storage may charge; false: discharge.
    pub charging: Vec<Option<bool>>,
}

impl Fixed {
    /// Nothing is decided but what must be on.
    pub fn open(problem: &Problem, options: &DeliverOptions) -> Self {
        let must = |control: Control, n: usize| vec![(control == Control::On).then_some(true); n];
        let storages = options.storages.unwrap_or(Control::On);
        Self {
            loads: must(options.loads, problem.loads.len()),
            shunts: must(options.shunts, problem.shunts.len()),
            generators: must(options.generators, problem.generators.len()),
            buses: must(options.buses, problem.buses.len()),
            storages: must(storages, problem.storages.len()),
            charging: vec![None; problem.storages.len()],
        }
    }
}

/// A status variable: constant where decided.
pub(super) fn status(p: &mut Convex, fixed: Option<bool>, reward: f64) -> Var {
    match fixed {
        Some(true) => p.var(1.0, 1.0, reward),
        Some(false) => p.var(0.0, 0.0, reward),
        None => p.var(0.0, 1.0, reward),
    }
}

/// The variables of a generator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub z: Var,
    /// What is decided about it.
    pub on: Option<bool>,
    pub p: Var,
    pub violation: Option<Var>,
}

/// Largest output of a generator without limit, p.u.: ten times all that could be drawn.
pub(super) fn most_output(problem: &Problem) -> f64 {
    let loads = problem.loads.iter().map(|l| l.p.abs() + l.q.abs());
    let shunts = problem.shunts.iter().map(|s| s.g.abs() + s.b.abs());
    10.0 * (1.0 + loads.sum::<f64>() + shunts.sum::<f64>())
}

/// A variable with `lo · z ≤ v ≤ hi · z`, as z is decided.
pub(super) fn ranged(
    p: &mut Convex,
    (lo, hi): (f64, f64),
    z: Var,
    on: Option<bool>,
    limits: [Option<Limit>; 2],
) -> Var {
    let tag = |k: usize, value: f64| {
        limits[k].map(|limit| Tag { status: Some(z), ..Tag::new(limit, value) })
    };
    match on {
        Some(false) => p.var(0.0, 0.0, 0.0),
        Some(true) if lo >= hi => p.var(lo, lo, 0.0),
        _ if lo >= hi => {
            let v = p.var(lo.min(0.0), lo.max(0.0), 0.0);
            p.zero(Expr::from(v).plus(z, -lo));
            v
        }
        _ => {
            let v = p.var(f64::NEG_INFINITY, f64::INFINITY, 0.0);
            p.implied(v, lo.min(0.0), hi.max(0.0));
            p.positive(Expr::from(v).plus(z, -lo), tag(0, lo));
            p.positive(Expr::default().plus(z, hi).plus(v, -1.0), tag(1, hi));
            v
        }
    }
}

/// Active output of a generator with its status.
pub(super) fn unit(
    p: &mut Convex,
    problem: &Problem,
    options: &DeliverOptions,
    g: &GeneratorRow,
    fixed: Option<bool>,
) -> Unit {
    let most = most_output(problem);
    let (lo, hi) = (g.p_min.max(-most), g.p_max.min(most));
    // Limits that hold 0 only widen with the status: on is never worse.
    let through_zero = lo <= 0.0 && hi >= 0.0 && g.q_min <= 0.0 && g.q_max >= 0.0;
    let fixed = if through_zero { fixed.or(Some(true)) } else { fixed };
    let z = status(p, fixed, options.hours * options.worth.generator * problem.unit);
    let id = GeneratorIdx::new(g.generator);
    let tags = [Some(Limit::OutputLow(id)), Some(Limit::OutputHigh(id))];
    if options.output == Limits::Hard || fixed == Some(false) {
        let v = ranged(p, (lo, hi), z, fixed, tags);
        return Unit { z, on: fixed, p: v, violation: None };
    }
    // Soft: everything is on, limits give way at a price.
    let price = options.hours * options.worth.output_violation * problem.unit;
    let v = p.var(-most, most, 0.0);
    let off = p.var(0.0, 2.0 * most, -price);
    let mut low = Expr::from(v).plus(z, -lo);
    low.add(off, 1.0);
    p.positive(low, Some(Tag::new(Limit::OutputLow(id), lo)));
    let mut high = Expr::default().plus(z, hi).plus(v, -1.0);
    if options.output == Limits::Soft {
        high.add(off, 1.0);
    }
    p.positive(high, Some(Tag::new(Limit::OutputHigh(id), hi)));
    Unit { z, on: fixed, p: v, violation: Some(off) }
}

/// The variables of a storage that formulations share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    pub z: Var,
    /// Taken from the grid.
    pub p: Var,
    pub charge: Var,
    pub discharge: Var,
}

/// Status, charge and discharge of a storage, and the energy they leave.
pub(super) fn store(
    p: &mut Convex,
    problem: &Problem,
    options: &DeliverOptions,
    s: &StorageRow,
    (on, charging): (Option<bool>, Option<bool>),
) -> Store {
    let z = status(p, on, options.hours * options.worth.storage * problem.unit);
    let most = s.rate.min(most_output(problem));
    let side = |allowed: bool, most: f64| if allowed && on != Some(false) { most } else { 0.0 };
    let charge = p.var(0.0, side(charging != Some(false), s.charge_max), 0.0);
    let discharge = p.var(0.0, side(charging != Some(true), s.discharge_max), 0.0);
    let v = ranged(p, (-most, most), z, on, [None; 2]);
    // 0 ≤ energy + hours · (ηc · charge − discharge / ηd) ≤ most energy.
    let left = Expr::constant(s.energy)
        .plus(charge, options.hours * s.charge_efficiency)
        .plus(discharge, -options.hours / s.discharge_efficiency);
    p.between(&left, 0.0, s.energy_max.max(s.energy), [None; 2]);
    Store { z, p: v, charge, discharge }
}

/// An empty delivery of `grid`: everything 0, shunts that are not there on.
pub(super) fn blank(grid: &Grid, formulation: Formulation) -> Delivery {
    let (n, m) = (grid.buses.len(), grid.branches.len());
    let (g, l, s) = (grid.generators.len(), grid.loads.len(), grid.storages.len());
    Delivery {
        formulation,
        status: DeliveryStatus::Solved,
        objective: super::ObjectiveTerms::default(),
        bound: f64::INFINITY,
        iterations: 0,
        nodes: 1,
        load_share: vec![0.0; l],
        served_mw: vec![0.0; l],
        served_mvar: vec![0.0; l],
        bus_served_mw: vec![0.0; n],
        shunt_share: vec![1.0; n],
        bus_status: vec![0.0; n],
        vm_pu: vec![0.0; n],
        va_deg: vec![0.0; n],
        generator_status: vec![0.0; g],
        generator_mw: vec![0.0; g],
        generator_mvar: vec![0.0; g],
        branch_from_mw: vec![0.0; m],
        branch_from_mvar: vec![0.0; m],
        branch_to_mw: vec![0.0; m],
        branch_to_mvar: vec![0.0; m],
        dc_line_mw: vec![0.0; grid.dc_lines.len()],
        storage_status: vec![0.0; s],
        storage_mw: vec![0.0; s],
        storage_mvar: vec![0.0; s],
        storage_charge_mw: vec![0.0; s],
        storage_discharge_mw: vec![0.0; s],
        storage_mwh: grid.storages.iter().map(|s| s.energy_mwh).collect(),
        binding: Vec::new(),
    }
}

/// Served loads and their term of the objective, from shares.
pub(super) fn serve(problem: &Problem, options: &DeliverOptions, share: &[f64], d: &mut Delivery) {
    for (row, &share) in problem.loads.iter().zip(share) {
        d.load_share[row.load] = share;
        d.served_mw[row.load] = share * row.p * problem.base_mva;
        d.served_mvar[row.load] = share * row.q * problem.base_mva;
        d.bus_served_mw[row.bus] += share * row.p * problem.base_mva;
        d.objective.load += options.hours * row.worth * share;
    }
}

/// Terms of the objective for shares of shunts, statuses and violations.
pub(super) fn terms(problem: &Problem, options: &DeliverOptions, d: &mut Delivery) {
    let (w, h) = (options.worth, options.hours * problem.unit);
    let sum = |v: &mut dyn Iterator<Item = f64>| v.sum::<f64>();
    d.objective.shunt = h * w.shunt * sum(&mut problem.shunts.iter().map(|s| d.shunt_share[s.bus]));
    d.objective.generator = h
        * w.generator
        * sum(&mut problem.generators.iter().map(|g| d.generator_status[g.generator]));
    d.objective.storage =
        h * w.storage * sum(&mut problem.storages.iter().map(|s| d.storage_status[s.storage]));
    if d.formulation != Formulation::Dc {
        d.objective.bus = h * w.bus * sum(&mut problem.live_buses().map(|i| d.bus_status[i]));
    }
}

/// Status, bound and binding limits from the answer of the convex program.
pub(super) fn conclude(d: &mut Delivery, answer: &Answer, balance: &[(usize, Expr)], base: f64) {
    d.iterations = answer.iterations;
    d.bound = answer.bound;
    d.status = match answer.end {
        End::Solved => DeliveryStatus::Solved,
        End::Inaccurate(error) => DeliveryStatus::Inaccurate { error },
        End::Infeasible => DeliveryStatus::Infeasible,
        End::Failed => {
            let off = balance.iter().map(|(bus, e)| (*bus, (e.value(&answer.x) * base).abs()));
            let worst = off.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0));
            DeliveryStatus::NotConverged {
                worst_bus: BusIdx::new(worst.0),
                worst_mismatch_mva: worst.1,
            }
        }
    };
    let bindings = answer.prices.iter().map(|&(limit, price, value)| Binding {
        limit,
        price,
        stake: price * value.abs(),
    });
    d.binding = binding(bindings, d.objective.total());
}

/// Limits worth telling: those whose stake is more than rounding, one entry each, largest
/// first.
pub(super) fn binding(all: impl Iterator<Item = Binding>, objective: f64) -> Vec<Binding> {
    let least = 1e-6 * (1.0 + objective.abs());
    let mut found: Vec<Binding> = all.filter(|b| b.stake > least || b.price > 1e-3).collect();
    found.sort_by(|a, b| a.limit.cmp(&b.limit).then(b.stake.total_cmp(&a.stake)));
    found.dedup_by(|later, first| {
        let same = later.limit == first.limit;
        if same {
            first.price += later.price;
            first.stake += later.stake;
        }
        same
    });
    found.sort_by(|a, b| b.stake.total_cmp(&a.stake).then(a.limit.cmp(&b.limit)));
    found
}
