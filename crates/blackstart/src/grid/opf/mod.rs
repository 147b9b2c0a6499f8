//! Optimal power flow: the cheapest way to serve all demand within all limits, on the full
//! AC equations ([`ac_optimal_flow`]) or the DC network ([`dc_optimal_flow`]).

mod ac;
mod cost;
mod dc;
mod dc_costs;
mod dc_result;
#[cfg(test)]
mod dc_tests;

use crate::region::BusIdx;

pub use ac::ac_optimal_flow;
pub use dc::dc_optimal_flow;
pub use dc_result::{
    DcOptimalFlow, DcOptimalFlowOptions, DcOptimalFlowStatus, Shortfall, Susceptance,
};

/// How an optimal power flow ended.
#[derive(Clone, Debug, PartialEq)]
pub enum OptimalFlowStatus {
    /// Optimal (AC: a local optimum).
    Solved,
    /// All balances and limits are met, but the search ended before the optimum.
    Feasible,
    /// No point meets all balances and limits, or none was found: where the nearest point
    /// misses most.
    NotFound {
        /// Bus of the worst imbalance.
        worst_bus: BusIdx,
        /// Worst imbalance, MVA.
        worst_mismatch_mva: f64,
    },
}

/// Settings of an optimal power flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimalFlowOptions {
    /// Limits of angle differences count.
    pub angle_limits: bool,
    /// Largest relative error of the first-order conditions.
    pub tolerance: f64,
    /// Most iterations of the interior point for one island.
    pub max_iterations: u32,
}

impl Default for OptimalFlowOptions {
    fn default() -> Self {
        Self { angle_limits: true, tolerance: 1e-6, max_iterations: 300 }
    }
}

/// An optimal power flow. Vectors follow the tables of the grid; what is out of service,
/// or in an island without any source, has 0.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimalFlow {
    /// How it ended; the worst of all islands.
    pub status: OptimalFlowStatus,
    /// Cost per hour.
    pub cost_per_h: f64,
    /// By bus: voltage magnitude, p.u.
    pub vm_pu: Vec<f64>,
    /// By bus: voltage angle, degrees.
    pub va_deg: Vec<f64>,
    /// By bus: cost of one more MW of demand.
    pub price_per_mwh: Vec<f64>,
    /// By bus: cost of one more `MVAr` of demand.
    pub price_per_mvarh: Vec<f64>,
    /// By generator: output, MW.
    pub generator_p_mw: Vec<f64>,
    /// By generator: output, `MVAr`.
    pub generator_q_mvar: Vec<f64>,
    /// By branch: flow into it at its from bus, MW.
    pub branch_p_from_mw: Vec<f64>,
    /// By branch: flow into it at its from bus, `MVAr`.
    pub branch_q_from_mvar: Vec<f64>,
    /// By branch: flow into it at its to bus, MW.
    pub branch_p_to_mw: Vec<f64>,
    /// By branch: flow into it at its to bus, `MVAr`.
    pub branch_q_to_mvar: Vec<f64>,
    /// By direct-current line: flow taken at its from bus, MW.
    pub dc_line_p_mw: Vec<f64>,
    /// By direct-current line: injection at its from bus, `MVAr`.
    pub dc_line_q_from_mvar: Vec<f64>,
    /// By direct-current line: injection at its to bus, `MVAr`.
    pub dc_line_q_to_mvar: Vec<f64>,
    /// Iterations of the interior point in the island that took most.
    pub iterations: u32,
}
