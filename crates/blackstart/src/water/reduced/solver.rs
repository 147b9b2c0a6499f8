//! The solver of a part: which of its reductions serves.

use super::super::network::Net;
use super::Reduced;
use crate::pipes::{Flow, Outcome, Settings};

/// Solves a part, reduced as far as demands allow.
#[derive(Clone, Debug, Default)]
pub(in crate::water) struct Solver {
    /// With given demands, and with demands that follow pressure; made when first needed.
    given: Option<Box<Reduced>>,
    follows: Option<Box<Reduced>>,
    /// [`Net::shape`] that they are of.
    shape: u64,
    /// The last solution is of the one whose demands follow pressure.
    followed: bool,
    /// Something in the last solution was short of water.
    short: bool,
    /// Solutions with enough for all before that is taken for granted again, and how many
    /// they were last time.
    wait: u32,
    patience: u32,
}

/// Newton steps for trying whether there is enough for all.
const TRIAL_STEPS: usize = 40;
/// Most solutions to wait.
const MOST_PATIENCE: u32 = 64;

impl Solver {
    /// Ready for the network as it is; what shortage needs is made when first needed.
    pub fn new(net: &Net) -> Self {
        let given = Some(Box::new(Reduced::new(net, false)));
        Self { given, shape: net.shape, ..Self::default() }
    }

    /// Solves `net` from `full` on.
    pub fn solve(&mut self, net: &mut Net, full: &mut Flow) -> Outcome {
        if self.shape != net.shape {
            self.shape = net.shape;
            (self.given, self.follows) = (None, None);
        }
        let settings = Settings::default();
        if net.demand_driven {
            return self.with(false, net, full).solve(net, full, &settings, false);
        }
        let mut spent = 0;
        if !self.short && self.wait == 0 {
            let (statuses, start) = (net.statuses(), full.clone());
            let trial = Settings { iterations: TRIAL_STEPS, ..settings };
            let outcome = self.with(false, net, full).solve(net, full, &trial, true);
            if outcome.converged && outcome.at_rest && all_met(net, full) {
                self.patience /= 2;
                return outcome;
            }
            net.restore(statuses);
            full.clone_from(&start);
            spent = outcome.iterations;
            self.patience = (2 * self.patience).clamp(1, MOST_PATIENCE);
            self.wait = self.patience;
        }
        let mut outcome = self.with(true, net, full).solve(net, full, &settings, false);
        self.short = !(outcome.converged && all_met(net, full));
        self.wait = if self.short { self.wait } else { self.wait.saturating_sub(1) };
        outcome.iterations += spent;
        outcome
    }

    /// True when demands followed pressure in the last solution; otherwise all were met.
    pub fn followed(&self) -> bool {
        self.followed
    }

    /// Forgets which edges carried water.
    pub fn forget(&mut self) {
        for reduced in [&mut self.given, &mut self.follows].into_iter().flatten() {
            reduced.forget();
        }
    }

    /// A node's inflow − outflow − demand in the last solution, m³/s.
    pub fn imbalance(&self, node: usize) -> f64 {
        let last = if self.followed { &self.follows } else { &self.given };
        last.as_ref().map_or(0.0, |reduced| reduced.imbalance(node))
    }

    fn with(&mut self, follows: bool, net: &Net, full: &mut Flow) -> &mut Reduced {
        let other = std::mem::replace(&mut self.followed, follows) != follows;
        let slot = if follows { &mut self.follows } else { &mut self.given };
        let new = slot.is_none();
        let reduced = slot.get_or_insert_with(|| Box::new(Reduced::new(net, follows)));
        if new || other {
            reduced.resume(net, full);
        }
        reduced
    }
}

/// Whether every junction that water can reach gets all.
fn all_met(net: &Net, full: &Flow) -> bool {
    full.head.iter().enumerate().all(|(i, &h)| net.is_met(i, h))
}
