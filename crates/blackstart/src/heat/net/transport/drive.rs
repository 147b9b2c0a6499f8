//! Flows and transport, step by step: consumers' flows follow from the water that arrives.

use super::super::data::{BranchKind, Consumer, HeatNet, NetError};
use super::super::result::NetFlow;
use super::super::solve::{NetSettings, NetSolver};
use super::{Carried, Transport};

/// Heat may differ by this share from what was asked for, where the flow suffices.
const TOLERANCE: f64 = 1e-6;

/// Most rounds of a step.
const ROUNDS: usize = 20;

/// A consumer's control opens to at most so many times the flow that would do with the
/// plant's water.
const MOST_OPEN: f64 = 5.0;

/// A step's flows and what they carried.
#[derive(Clone, Debug)]
pub struct DriveStep {
    /// Flows and pressures; its temperatures are those of a steady state with these flows.
    pub flow: NetFlow,
    /// What happened in the pipes.
    pub carried: Carried,
    /// Rounds until flows and arriving temperatures agreed.
    pub rounds: usize,
    /// False if they did not: then heat is conserved, but consumers get other heat than they
    /// ask for.
    pub settled: bool,
}

/// A network run through time: quasi-steady flows, transport by plugs.
#[derive(Clone, Debug)]
pub struct Drive {
    solver: NetSolver,
    transport: Transport,
    /// By branch: mean temperature that arrived in the last step, °C.
    arriving_c: Vec<f64>,
}

impl Drive {
    /// Starts with water as warm as it would be if `net` had always been as it is.
    ///
    /// # Errors
    /// [`NetError`] where values or references cannot be computed with.
    pub fn new(net: &HeatNet, settings: NetSettings) -> Result<Self, NetError> {
        let mut solver = NetSolver::new(net, settings)?;
        let flow = solver.solve(net)?;
        let known = |t: f64| if t.is_finite() { t } else { net.ambient_c };
        let middle: Vec<f64> = flow
            .t_in_c
            .iter()
            .zip(&flow.t_out_c)
            .map(|(a, b)| f64::midpoint(known(*a), known(*b)))
            .collect();
        let warm = middle.iter().fold(f64::NAN, |most, t| f64::max(most, *t));
        Ok(Self {
            solver,
            transport: Transport::new(net, &middle, warm),
            arriving_c: flow.t_in_c.iter().map(|t| known(*t)).collect(),
        })
    }

    /// The warmth in the network.
    #[must_use]
    pub const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// `step_s` on with the demands of `net`, which has the structure of before.
    ///
    /// # Errors
    /// [`NetError`] where values or references cannot be computed with.
    pub fn step(&mut self, net: &HeatNet, step_s: f64) -> Result<DriveStep, NetError> {
        let mut work = net.clone();
        let hot = hottest_c(net);
        let asking = |kind: &BranchKind| matches!(kind, BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, .. }) if *heat_w >= 0.0);
        let alone = !net.branches.iter().any(|b| asking(&b.kind));
        let mut rounds = 0;
        loop {
            rounds += 1;
            for (b, branch) in net.branches.iter().enumerate() {
                if let BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, return_c }) =
                    branch.kind
                    && heat_w >= 0.0
                {
                    let per_k = heat_w / self.transport.heat_j_kg_k();
                    let most = MOST_OPEN * per_k / (hot - return_c).max(1.0);
                    let drop = self.arriving_c.get(b).copied().unwrap_or(hot) - return_c;
                    let mdot_kg_s = if drop > 0.0 { (per_k / drop).min(most) } else { most };
                    work.branches[b].kind =
                        BranchKind::Consumer(Consumer::FlowAndReturn { mdot_kg_s, return_c });
                }
            }
            let flow = self.solver.solve(&work)?;
            let mut next = self.transport.clone();
            let carried = next.step(&work, &flow.mdot_kg_s, step_s);
            let mut worst = 0.0_f64;
            for (b, t) in carried.t_in_c.iter().enumerate() {
                if t.is_finite() && asking(&net.branches[b].kind) {
                    let before = self.arriving_c[b];
                    worst = worst.max((t - before).abs() / (hot - before).abs().max(1.0));
                }
                if t.is_finite() {
                    self.arriving_c[b] = *t;
                }
            }
            let settled = alone || worst < TOLERANCE;
            if settled || rounds == ROUNDS {
                self.transport = next;
                return Ok(DriveStep { flow, carried, rounds, settled });
            }
        }
    }
}

/// The hottest water that plants give, °C.
fn hottest_c(net: &HeatNet) -> f64 {
    let given = net.branches.iter().filter_map(|b| {
        if let BranchKind::CirculationPressure { t_flow_c, .. }
        | BranchKind::CirculationFlow { t_flow_c, .. } = b.kind
        {
            t_flow_c
        } else {
            None
        }
    });
    given.chain(net.fixed.iter().filter_map(|f| f.t_c)).fold(net.ambient_c, f64::max)
}
