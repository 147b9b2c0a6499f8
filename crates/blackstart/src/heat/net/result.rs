//! What a solution is, and how well it satisfies the equations.

/// How a solve ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NetStatus {
    /// All equations hold within the tolerances.
    #[default]
    Solved,
    /// Solved, apart from what cannot be served.
    Partly {
        /// What and why.
        why: String,
    },
    /// No solution was found; values are those of the last iterate.
    NotConverged {
        /// The worst place.
        place: String,
    },
}

/// How far a solution is from the equations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Residuals {
    /// Largest imbalance of a junction, kg/s.
    pub mass_kg_s: f64,
    /// Largest difference between a branch's pressures and its law, bar.
    pub pressure_bar: f64,
    /// |heat in − heat out − losses| of the whole network over the largest of them.
    pub energy: f64,
    /// Largest difference of a consumer's heat from what its control holds, relative.
    pub demand: f64,
}

/// A steady state. Vectors are by junction or by branch, in the order of the tables. Where a
/// junction has no pressure or no temperature because nothing is connected, it is NaN.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetFlow {
    /// By junction: gauge pressure, bar.
    pub p_bar: Vec<f64>,
    /// By junction: temperature of what mixes there, °C.
    pub t_c: Vec<f64>,
    /// By branch: flow from → to, kg/s.
    pub mdot_kg_s: Vec<f64>,
    /// By branch: temperature where the flow enters, °C.
    pub t_in_c: Vec<f64>,
    /// By branch: temperature where the flow leaves, before it mixes, °C.
    pub t_out_c: Vec<f64>,
    /// By branch: heat that leaves the water (losses, what consumers take), W; plants have it
    /// negative.
    pub heat_w: Vec<f64>,
    /// How it ended.
    pub status: NetStatus,
    /// How well.
    pub residuals: Residuals,
    /// Rounds of the iteration.
    pub iterations: usize,
    /// What was decided that the data do not say.
    pub notes: Vec<String>,
}
