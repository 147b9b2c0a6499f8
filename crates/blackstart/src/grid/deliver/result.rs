//! What a delivery came to.

use super::options::Formulation;
use crate::region::{BranchIdx, BusIdx, GeneratorIdx};

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq)]
pub enum DeliveryStatus {
    /// Optimal: the best there is (DC, SOC), or a local optimum (AC).
    Solved,
    /// The solver ended short of its accuracy; the point is usable and the objective a
    /// little off. For SOC it is then no strict bound.
    Inaccurate {
        /// Largest remaining error (feasibility or optimality), relative.
        error: f64,
    },
    /// A point that keeps all limits but is not the optimum of the problem as asked.
    Relaxed {
        /// What was done, in words.
        why: String,
    },
    /// The node limit of the search over on and off was reached; the gap is told.
    NodeLimit,
    /// The search over on and off ended without a point; only the bound holds.
    NoPoint,
    /// The solver did not converge; the point is where it stood.
    NotConverged {
        /// Bus of the worst imbalance.
        worst_bus: BusIdx,
        /// Worst imbalance, MVA.
        worst_mismatch_mva: f64,
    },
    /// Nothing meets all hard limits.
    Infeasible,
    /// This combination of options is not offered.
    NotOffered {
        /// Why, in words.
        why: String,
    },
}

impl DeliveryStatus {
    /// The point may be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(
            self,
            Self::Solved | Self::Inaccurate { .. } | Self::Relaxed { .. } | Self::NodeLimit
        )
    }
}

/// The objective, split into its terms: p.u. of the grid's base, times weights, times
/// hours. Violations count negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ObjectiveTerms {
    /// Σ weight · |demand| · share.
    pub load: f64,
    /// Shunts on.
    pub shunt: f64,
    /// Generators on.
    pub generator: f64,
    /// Buses on.
    pub bus: f64,
    /// Storages on.
    pub storage: f64,
    /// Voltages beyond soft limits.
    pub voltage_violation: f64,
    /// Active output beyond soft limits.
    pub output_violation: f64,
}

impl ObjectiveTerms {
    /// Their sum.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.load
            + self.shunt
            + self.generator
            + self.bus
            + self.storage
            + self.voltage_violation
            + self.output_violation
    }
}

/// A limit that binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// Least voltage of a bus.
    VoltageLow(BusIdx),
    /// Largest voltage of a bus.
    VoltageHigh(BusIdx),
    /// Rating of a branch, whichever end.
    Rating(BranchIdx),
    /// Angle difference along a branch.
    Angle(BranchIdx),
    /// Largest active output.
    OutputHigh(GeneratorIdx),
    /// Least active output.
    OutputLow(GeneratorIdx),
    /// Largest reactive output.
    ReactiveHigh(GeneratorIdx),
    /// Least reactive output.
    ReactiveLow(GeneratorIdx),
}

/// A family of limits, for sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LimitKind {
    /// Generation: there is not more active power.
    Energy,
    /// Ratings or angles of branches.
    Network,
    /// Voltages.
    Voltage,
    /// Reactive power of generators.
    Reactive,
}

/// A limit that binds and its shadow price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binding {
    /// Which.
    pub limit: Limit,
    /// Gain of the objective per p.u. that the limit gives way (of voltage, of the grid's
    /// base, or per rad), > 0.
    pub price: f64,
    /// What the limit holds back at that price: price · |value of the limit|, the unit of
    /// the objective. Comparable between kinds.
    pub stake: f64,
}

impl Limit {
    /// Its family.
    #[must_use]
    pub fn kind(&self) -> LimitKind {
        match self {
            Self::VoltageLow(_) | Self::VoltageHigh(_) => LimitKind::Voltage,
            Self::Rating(_) | Self::Angle(_) => LimitKind::Network,
            Self::OutputHigh(_) | Self::OutputLow(_) => LimitKind::Energy,
            Self::ReactiveHigh(_) | Self::ReactiveLow(_) => LimitKind::Reactive,
        }
    }
}

/// What a delivery came to. Vectors follow the tables of the grid; what is out of service
/// has 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Physics that was used.
    pub formulation: Formulation,
    /// How it ended.
    pub status: DeliveryStatus,
    /// The objective by terms.
    pub objective: ObjectiveTerms,
    /// No point can be better than this; equal to the objective but for a branch and
    /// bound that was cut short. Infinite where nothing is known (AC).
    pub bound: f64,
    /// Iterations of the (last) interior point.
    pub iterations: u32,
    /// Nodes of the branch and bound; 1 without one.
    pub nodes: u32,
    /// By load: share that is served, 0 … 1.
    pub load_share: Vec<f64>,
    /// By load: served, MW.
    pub served_mw: Vec<f64>,
    /// By load: served, `MVAr`.
    pub served_mvar: Vec<f64>,
    /// By bus: served, MW.
    pub bus_served_mw: Vec<f64>,
    /// By bus: share of its shunt that is on; 1 where it has none.
    pub shunt_share: Vec<f64>,
    /// By bus: status, 0 … 1.
    pub bus_status: Vec<f64>,
    /// By bus: voltage magnitude, p.u.
    pub vm_pu: Vec<f64>,
    /// By bus: voltage angle, degrees. The SOC relaxation has none: 0.
    pub va_deg: Vec<f64>,
    /// By generator: status, 0 … 1.
    pub generator_status: Vec<f64>,
    /// By generator: output, MW.
    pub generator_mw: Vec<f64>,
    /// By generator: output, `MVAr`.
    pub generator_mvar: Vec<f64>,
    /// By branch: flow into it at its from bus, MW.
    pub branch_from_mw: Vec<f64>,
    /// By branch: flow into it at its from bus, `MVAr`.
    pub branch_from_mvar: Vec<f64>,
    /// By branch: flow into it at its to bus, MW.
    pub branch_to_mw: Vec<f64>,
    /// By branch: flow into it at its to bus, `MVAr`.
    pub branch_to_mvar: Vec<f64>,
    /// By direct-current line: flow taken at its from bus, MW.
    pub dc_line_mw: Vec<f64>,
    /// By storage: status, 0 … 1.
    pub storage_status: Vec<f64>,
    /// By storage: taken from the grid, MW.
    pub storage_mw: Vec<f64>,
    /// By storage: taken from the grid, `MVAr`.
    pub storage_mvar: Vec<f64>,
    /// By storage: charging power, MW.
    pub storage_charge_mw: Vec<f64>,
    /// By storage: discharging power, MW.
    pub storage_discharge_mw: Vec<f64>,
    /// By storage: energy at the end, `MWh`.
    pub storage_mwh: Vec<f64>,
    /// Limits that bind, largest stake first.
    pub binding: Vec<Binding>,
}

impl Delivery {
    /// All served, MW.
    #[must_use]
    pub fn total_served_mw(&self) -> f64 {
        self.served_mw.iter().sum()
    }

    /// Distance of the objective from its bound, as a share of the bound.
    #[must_use]
    pub fn gap(&self) -> f64 {
        gap(self.objective.total(), self.bound)
    }

    /// Distance of the objective from what a relaxation of the same problem allows, as a
    /// share of it: what AC may have missed at most.
    #[must_use]
    pub fn gap_to(&self, relaxation: &Self) -> f64 {
        gap(self.objective.total(), relaxation.bound)
    }

    /// Stakes of what binds, summed by family, largest first: what to name in a sentence
    /// like "voltage, not energy, is what limits".
    #[must_use]
    pub fn what_limits(&self) -> Vec<(LimitKind, f64)> {
        let kinds =
            [LimitKind::Energy, LimitKind::Network, LimitKind::Voltage, LimitKind::Reactive];
        let stake = |kind| {
            self.binding.iter().filter(|b| b.limit.kind() == kind).map(|b| b.stake).sum::<f64>()
        };
        let mut sums: Vec<_> = kinds.map(|k| (k, stake(k))).into_iter().collect();
        sums.retain(|s| s.1 > 0.0);
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

/// Distance of `objective` from `bound` as a share of the bound; 0 when both are 0.
#[must_use]
pub fn gap(objective: f64, bound: f64) -> f64 {
    let off = bound - objective;
    if off == 0.0 { 0.0 } else { off / bound.abs().max(1e-9) }
}
