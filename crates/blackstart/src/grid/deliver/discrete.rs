//! Branch and bound over what is on or off, above a formulation that is convex once all
//! of it is decided. For small cases; larger ones end at the node limit with a told gap.
//!
//! Best bound first (Land, Doig, *An automatic method of solving discrete programming
//! problems*, Econometrica 28, 1960); the most undecided status is branched on; shares
//! rounded down give points on the way. A storage that charges and discharges at once is
//! branched on too, in every problem.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::options::{Control, DeliverOptions};
use super::problem::Problem;
use super::relaxed::Fixed;
use super::result::{Delivery, DeliveryStatus};

/// Shares nearer than this to 0 or 1 are that.
const WHOLE: f64 = 1e-5;

/// What is still open in the answer of a node.
#[derive(Clone, Copy, Debug)]
enum Open {
    Bus(usize),
    Generator(usize),
    Storage(usize),
    Shunt(usize),
    Load(usize),
    Charging(usize),
}

/// A node whose relaxation is solved and has something open.
struct Node {
    bound: f64,
    /// Later nodes first among equals: deeper, so nearer to a point.
    number: u32,
    fixed: Fixed,
    open: Open,
    /// The side to try first.
    up: bool,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Node {}
impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Node {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then(self.number.cmp(&other.number))
    }
}

/// The best answer over all that is on or off; `relaxed` solves with some of it decided.
pub(super) fn search(
    problem: &Problem,
    options: &DeliverOptions,
    relaxed: &dyn Fn(&Fixed) -> Delivery,
) -> Delivery {
    let root = Fixed::open(problem, options);
    let first = relaxed(&root);
    let top = first.bound;
    let Some((open, up)) = most_open(problem, options, &root, &first) else { return first };
    let mut search = Search { problem, options, relaxed, best: None, nodes: 1, unknown: None };
    search.round(&root, &first);
    let mut heap = BinaryHeap::from([Node { bound: top, number: 0, fixed: root, open, up }]);
    let mut rest = f64::NEG_INFINITY;
    while let Some(node) = heap.pop() {
        if search.settled(node.bound) {
            rest = node.bound;
            break;
        }
        if search.nodes >= options.most_nodes {
            rest = node.bound;
            heap.push(node);
            break;
        }
        for side in [!node.up, node.up] {
            let mut fixed = node.fixed.clone();
            decide(&mut fixed, node.open, side);
            heap.extend(search.child(fixed, node.bound));
        }
    }
    search.finish(first, rest, !heap.is_empty())
}

struct Search<'a> {
    problem: &'a Problem,
    options: &'a DeliverOptions,
    relaxed: &'a dyn Fn(&Fixed) -> Delivery,
    best: Option<Delivery>,
    nodes: u32,
    /// Bound of a part that could not be solved.
    unknown: Option<f64>,
}

impl Search<'_> {
    fn best_value(&self) -> f64 {
        self.best.as_ref().map_or(f64::NEG_INFINITY, |d| d.objective.total())
    }

    /// Nothing worth the search is left below `bound`.
    fn settled(&self, bound: f64) -> bool {
        let best = self.best_value();
        best > f64::NEG_INFINITY && bound - best <= self.options.gap * best.abs().max(1e-9)
    }

    /// Solves a node: a point, a node to branch on, or nothing.
    fn child(&mut self, fixed: Fixed, parent: f64) -> Option<Node> {
        self.nodes += 1;
        let d = (self.relaxed)(&fixed);
        if matches!(d.status, DeliveryStatus::Infeasible) {
            return None;
        }
        if !d.status.is_usable() {
            self.unknown = Some(self.unknown.map_or(parent, |u| u.max(parent)));
            return None;
        }
        let bound = d.bound.min(parent);
        match most_open(self.problem, self.options, &fixed, &d) {
            None => {
                self.take(d);
                None
            }
            Some((open, up)) if !self.settled(bound) => {
                if self.nodes.is_multiple_of(8) {
                    self.round(&fixed, &d);
                }
                Some(Node { bound, number: self.nodes, fixed, open, up })
            }
            Some(_) => None,
        }
    }

    fn take(&mut self, d: Delivery) {
        if d.objective.total() > self.best_value() {
            self.best = Some(d);
        }
    }

    /// Decides everything open at once: on only what the relaxation has whole.
    fn round(&mut self, fixed: &Fixed, d: &Delivery) {
        let mut all = fixed.clone();
        while let Some((open, _)) = most_open(self.problem, self.options, &all, d) {
            let up = matches!(open, Open::Charging(k) if {
                let s = self.problem.storages[k].storage;
                d.storage_charge_mw[s] > d.storage_discharge_mw[s]
            });
            decide(&mut all, open, up);
        }
        self.nodes += 1;
        let point = (self.relaxed)(&all);
        let whole = most_open(self.problem, self.options, &all, &point).is_none();
        if point.status.is_usable() && whole {
            self.take(point);
        }
    }

    fn finish(self, first: Delivery, rest: f64, cut: bool) -> Delivery {
        let nodes = self.nodes;
        let value = self.best_value();
        let Some(mut best) = self.best else {
            let status = if cut || self.unknown.is_some() {
                DeliveryStatus::NoPoint
            } else {
                DeliveryStatus::Infeasible
            };
            return Delivery { status, nodes, ..first };
        };
        best.bound = best.bound.max(rest).max(self.unknown.unwrap_or(value));
        best.nodes = nodes;
        let open = best.bound - value > 2.0 * self.options.gap * value.abs().max(1e-9);
        if cut && open || self.unknown.is_some_and(|u| u > value) {
            best.status = DeliveryStatus::NodeLimit;
        }
        best
    }
}

fn decide(fixed: &mut Fixed, open: Open, up: bool) {
    let slot = match open {
        Open::Bus(k) => &mut fixed.buses[k],
        Open::Generator(k) => &mut fixed.generators[k],
        Open::Storage(k) => &mut fixed.storages[k],
        Open::Shunt(k) => &mut fixed.shunts[k],
        Open::Load(k) => &mut fixed.loads[k],
        Open::Charging(k) => &mut fixed.charging[k],
    };
    *slot = Some(up);
}

/// What is least decided, and whether its share is nearer to on.
fn most_open(
    problem: &Problem,
    options: &DeliverOptions,
    fixed: &Fixed,
    d: &Delivery,
) -> Option<(Open, bool)> {
    let mut found: Option<(Open, bool)> = None;
    let mut most = WHOLE;
    let mut look = |open: Open, slot: Option<bool>, share: f64| {
        let off = share.min(1.0 - share);
        if slot.is_none() && off > most {
            most = off;
            found = Some((open, share >= 0.5));
        }
    };
    if options.buses == Control::OnOff && d.formulation != super::Formulation::Dc {
        for i in problem.live_buses() {
            look(Open::Bus(i), fixed.buses[i], d.bus_status[i]);
        }
    }
    if options.generators == Control::OnOff {
        for (k, g) in problem.generators.iter().enumerate() {
            look(Open::Generator(k), fixed.generators[k], d.generator_status[g.generator]);
        }
    }
    if options.storages == Some(Control::OnOff) {
        for (k, s) in problem.storages.iter().enumerate() {
            look(Open::Storage(k), fixed.storages[k], d.storage_status[s.storage]);
        }
    }
    if options.shunts == Control::OnOff {
        for (k, s) in problem.shunts.iter().enumerate() {
            look(Open::Shunt(k), fixed.shunts[k], d.shunt_share[s.bus]);
        }
    }
    if options.loads == Control::OnOff {
        for (k, l) in problem.loads.iter().enumerate() {
            look(Open::Load(k), fixed.loads[k], d.load_share[l.load]);
        }
    }
    if found.is_some() {
        return found;
    }
    problem.storages.iter().enumerate().find_map(|(k, s)| {
        let (charge, discharge) =
            (d.storage_charge_mw[s.storage], d.storage_discharge_mw[s.storage]);
        let both = charge.min(discharge) / problem.base_mva;
        (fixed.charging[k].is_none() && both > WHOLE)
            .then_some((Open::Charging(k), charge > discharge))
    })
}
