//! Rules of a water network: EPANET's rule-based controls, in SI units.

use super::ids::WaterNodeIdx;
use super::water::{ControlAction, ValveStatus, WaterEdge};

/// If the premises hold, do one thing, if not, another (EPANET 2.2 User Manual, appendix C,
/// section `[RULES]`). Rules act between hydraulic solutions.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule<N = WaterNodeIdx> {
    /// The user's id.
    pub id: String,
    /// Taken in order: see [`Premise::or`]. Never empty.
    pub premises: Vec<Premise<N>>,
    /// What is done when the premises hold.
    pub then: Vec<RuleAction>,
    /// What is done when they do not.
    pub otherwise: Vec<RuleAction>,
    /// Of two rules that set the same edge in one moment the one of higher priority wins, with
    /// equal ones the first.
    pub priority: f64,
}

/// One line of a rule's condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Premise<N = WaterNodeIdx> {
    /// True: takes the place of what came before if that does not hold. False: what came
    /// before must hold, too. (So `a AND b OR c` is `(a and b) or c`, and `a OR b AND c` is
    /// `(a or b) and c`.)
    pub or: bool,
    /// What must hold.
    pub condition: Condition<N>,
}

/// What a premise asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition<N = WaterNodeIdx> {
    /// A number against a limit.
    Quantity {
        /// Which number.
        what: Quantity<N>,
        /// How it must relate to the limit.
        relation: Relation,
        /// The limit, in the unit of [`Quantity`].
        limit: f64,
        /// How near counts as equal, in the same unit.
        tolerance: f64,
    },
    /// A pipe, pump or valve is (or is not) open, closed or active.
    Status {
        /// Which one.
        edge: WaterEdge,
        /// The status asked for.
        status: ValveStatus,
        /// False: any other status.
        is: bool,
    },
    /// Simulated time against a limit.
    Time {
        /// How it must relate; `Equal` holds if the limit was passed since rules were last
        /// looked at.
        relation: Relation,
        /// The limit, h.
        time_h: f64,
    },
    /// Clock time against a limit.
    Clock {
        /// As for `Time`.
        relation: Relation,
        /// The limit, h after midnight.
        clock_h: f64,
    },
}

/// A number that a rule may look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity<N = WaterNodeIdx> {
    /// Of all junctions, m³/h.
    SystemDemand,
    /// Outflow of a junction, net inflow of a tank or reservoir, m³/h.
    Demand(N),
    /// Head of a node, m.
    Head(N),
    /// Pressure of a node or level of a tank, m above its elevation.
    Pressure(N),
    /// Time until a tank is full at its present inflow, h; never true of one not filling.
    FillTime(N),
    /// Time until a tank is at its lowest level, h; never true of one not emptying.
    DrainTime(N),
    /// Flow in either direction, m³/h.
    Flow(WaterEdge),
    /// Power that a pump gives to the water, kW; never true of another link.
    Power(WaterEdge),
    /// Speed of a pump or setting of a valve in the unit of its kind; never true of an edge
    /// without one at the moment.
    Setting(WaterEdge),
}

/// How a number relates to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Below.
    Less,
    /// Below or equal.
    AtMost,
    /// Above.
    Greater,
    /// Above or equal.
    AtLeast,
}

/// What a rule sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleAction {
    /// Which pipe, pump or valve.
    pub edge: WaterEdge,
    /// To what.
    pub action: ControlAction,
}

impl<N> Quantity<N> {
    /// The same quantity with its node named otherwise.
    pub fn map_node<M>(self, f: impl FnOnce(N) -> M) -> Quantity<M> {
        match self {
            Self::SystemDemand => Quantity::SystemDemand,
            Self::Demand(n) => Quantity::Demand(f(n)),
            Self::Head(n) => Quantity::Head(f(n)),
            Self::Pressure(n) => Quantity::Pressure(f(n)),
            Self::FillTime(n) => Quantity::FillTime(f(n)),
            Self::DrainTime(n) => Quantity::DrainTime(f(n)),
            Self::Flow(e) => Quantity::Flow(e),
            Self::Power(e) => Quantity::Power(e),
            Self::Setting(e) => Quantity::Setting(e),
        }
    }

    /// The pipe, pump or valve looked at.
    #[must_use]
    pub fn edge_mut(&mut self) -> Option<&mut WaterEdge> {
        match self {
            Self::Flow(e) | Self::Power(e) | Self::Setting(e) => Some(e),
            Self::SystemDemand
            | Self::Demand(_)
            | Self::Head(_)
            | Self::Pressure(_)
            | Self::FillTime(_)
            | Self::DrainTime(_) => None,
        }
    }

    /// The node looked at.
    #[must_use]
    pub fn node_mut(&mut self) -> Option<&mut N> {
        match self {
            Self::Demand(n)
            | Self::Head(n)
            | Self::Pressure(n)
            | Self::FillTime(n)
            | Self::DrainTime(n) => Some(n),
            Self::SystemDemand | Self::Flow(_) | Self::Power(_) | Self::Setting(_) => None,
        }
    }
}

impl<N> Rule<N> {
    /// Calls `f` with every pipe, pump and valve that the rule names.
    pub fn edges_mut(&mut self, mut f: impl FnMut(&mut WaterEdge)) {
        for premise in &mut self.premises {
            match &mut premise.condition {
                Condition::Quantity { what, .. } => {
                    if let Some(edge) = what.edge_mut() {
                        f(edge);
                    }
                }
                Condition::Status { edge, .. } => f(edge),
                Condition::Time { .. } | Condition::Clock { .. } => {}
            }
        }
        for action in self.then.iter_mut().chain(&mut self.otherwise) {
            f(&mut action.edge);
        }
    }

    /// Calls `f` with every node that the rule names.
    pub fn nodes_mut(&mut self, mut f: impl FnMut(&mut N)) {
        for premise in &mut self.premises {
            if let Condition::Quantity { what, .. } = &mut premise.condition
                && let Some(node) = what.node_mut()
            {
                f(node);
            }
        }
    }
}
