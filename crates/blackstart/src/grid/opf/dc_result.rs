//! What a DC optimal power flow takes and gives.

use crate::region::{BusIdx, GeneratorIdx};

/// How a DC network takes its branches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Susceptance {
    /// `1 / (x · tap)` with phase shifters, as MATPOWER's `makeBdc` and `PowerModels`'
    /// `DCMPPowerModel`.
    #[default]
    Matpower,
    /// `x / (r² + x²)` without taps and phase shifters, as `PowerModels`' `DCPPowerModel`.
    PowerModels,
}

/// What to solve.
#[derive(Clone, Debug, PartialEq)]
pub struct DcOptimalFlowOptions {
    /// How branches are taken.
    pub susceptance: Susceptance,
    /// Ratings and angle limits hold. False: a network that can carry anything its
    /// angles ask for.
    pub limits: bool,
    /// What a megawatt-hour not delivered costs; demand may then be shed. `None`: all
    /// demand is served, or the status tells why it cannot.
    pub lost_load_per_mwh: Option<f64>,
}

impl Default for DcOptimalFlowOptions {
    fn default() -> Self {
        Self { susceptance: Susceptance::Matpower, limits: true, lost_load_per_mwh: None }
    }
}

/// An island whose fixed demand cannot be met within all limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// The island's first bus.
    pub bus: BusIdx,
    /// Least sum of what must be left unserved, MW.
    pub short_mw: f64,
    /// Least sum of what must be taken off on top of demand (least outputs too high, or
    /// flows that shifters force), MW.
    pub surplus_mw: f64,
}

/// How an optimal power flow ended.
#[derive(Clone, Debug, PartialEq)]
pub enum DcOptimalFlowStatus {
    /// Optimal.
    Solved,
    /// Nothing keeps all limits and serves all demand; the result is empty.
    Infeasible {
        /// The islands where that is so, in the order of their first buses.
        islands: Vec<Shortfall>,
    },
    /// A cost whose slope falls somewhere within the unit's limits: a minimum found could
    /// be a local one, so none is looked for.
    NotConvex {
        /// The first such unit.
        generator: GeneratorIdx,
    },
    /// A unit whose least output is above its largest.
    NoRange {
        /// The first such unit.
        generator: GeneratorIdx,
    },
    /// The solver did not converge; the point is where it stood.
    NotConverged {
        /// Bus of the worst imbalance.
        worst_bus: BusIdx,
    },
}

/// What an optimal power flow came to. Where it is not solved the tables are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct DcOptimalFlow {
    /// How it ended.
    pub status: DcOptimalFlowStatus,
    /// Cost per hour: generation, constant terms of units in service included, and lost
    /// load.
    pub cost_per_h: f64,
    /// By generator: output, MW.
    pub generator_p_mw: Vec<f64>,
    /// By load: served, MW.
    pub load_p_mw: Vec<f64>,
    /// By bus: angle, degrees. The reference of an island keeps the file's angle; an
    /// island without one has its first bus at 0.
    pub va_deg: Vec<f64>,
    /// By branch: flow from → to, MW.
    pub branch_p_from_mw: Vec<f64>,
    /// By direct-current line: flow taken at the from bus, MW.
    pub dc_line_p_mw: Vec<f64>,
    /// By bus: cost of one more megawatt-hour of demand.
    pub price_per_mwh: Vec<f64>,
    /// Newton steps.
    pub iterations: u32,
}
