//! Rules: premises on what a network is doing, actions on its links. Runs of a network by
//! itself and the hour loop look at them alike, each at what it knows.

use super::period::LinkStatus;
use crate::region::{Condition, Quantity, Relation, RuleAction, ValveStatus, Water, WaterEdge};

const DAY_S: i64 = 86_400;

/// Net inflow below which a tank is at rest, m³/s (EPANET: 1e-6 ft³/s).
pub(super) const AT_REST: f64 = 2.8e-8;

/// What a rule wants of a link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub action: RuleAction,
    priority: f64,
}

/// A network as rules see it: at the levels that tanks have come to and the flows of the
/// last solution.
pub(super) trait View {
    /// The network.
    fn water(&self) -> &Water;
    /// What a link does.
    fn status(&self, edge: WaterEdge) -> LinkStatus;
    /// The value of a quantity; none where it has none.
    fn quantity(&self, what: Quantity) -> Option<f64>;
}

pub(super) fn seconds(hours: f64) -> i64 {
    (hours * 3600.0).round() as i64
}

/// Seconds after midnight, `now_s` after the start.
pub(super) fn clock_s(water: &Water, now_s: i64) -> i64 {
    (now_s + seconds(water.options.start_clock_h)).rem_euclid(DAY_S)
}

/// What all rules want for the time after `from_s` up to `to_s`: of several for one link the
/// highest priority, among equals the first.
pub(super) fn wanted(view: &impl View, from_s: i64, to_s: i64, wanted: &mut Vec<Wanted>) {
    wanted.clear();
    for rule in &view.water().rules {
        let mut holds = true;
        for premise in &rule.premises {
            if premise.or {
                holds = holds || is_so(view, &premise.condition, from_s, to_s);
            } else {
                if !holds {
                    break;
                }
                holds = is_so(view, &premise.condition, from_s, to_s);
            }
        }
        let actions = if holds { &rule.then } else { &rule.otherwise };
        for &action in actions {
            let new = Wanted { action, priority: rule.priority };
            match wanted.iter_mut().find(|w| w.action.edge == action.edge) {
                Some(before) if rule.priority > before.priority => *before = new,
                Some(_) => {}
                None => wanted.push(new),
            }
        }
    }
}

fn is_so(view: &impl View, condition: &Condition, from_s: i64, to_s: i64) -> bool {
    match *condition {
        Condition::Time { relation, time_h } => {
            in_time(relation, seconds(time_h), from_s + 1, to_s)
        }
        Condition::Clock { relation, clock_h } => {
            let clock = |s| clock_s(view.water(), s);
            in_time(relation, seconds(clock_h), clock(from_s + 1), clock(to_s))
        }
        Condition::Status { edge, status, is } => {
            let now = match view.status(edge) {
                LinkStatus::Open => ValveStatus::Open,
                LinkStatus::Closed => ValveStatus::Closed,
                LinkStatus::Active => ValveStatus::Active,
            };
            (now == status) == is
        }
        Condition::Quantity { what, relation, limit, tolerance } => {
            view.quantity(what).is_some_and(|x| relates(relation, x, limit, tolerance))
        }
    }
}

/// Comparison with EPANET's tolerances: they widen `Less` and `Greater` and narrow the others.
fn relates(relation: Relation, x: f64, limit: f64, tolerance: f64) -> bool {
    match relation {
        Relation::Equal => (x - limit).abs() <= tolerance,
        Relation::NotEqual => (x - limit).abs() >= tolerance,
        Relation::Less => x <= limit + tolerance,
        Relation::AtMost => x <= limit - tolerance,
        Relation::Greater => x >= limit - tolerance,
        Relation::AtLeast => x >= limit + tolerance,
    }
}

/// A time against the interval `from..=to` that has passed, which may run over midnight.
fn in_time(relation: Relation, at: i64, from: i64, to: i64) -> bool {
    let passed = if to < from { at >= from || at <= to } else { (from..=to).contains(&at) };
    match relation {
        Relation::Equal => passed,
        Relation::NotEqual => !passed,
        Relation::Less => to < at,
        Relation::AtMost => to <= at,
        Relation::Greater => to > at,
        Relation::AtLeast => to >= at,
    }
}
