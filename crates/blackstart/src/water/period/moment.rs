//! What one solution came to.

use crate::region::Water;
use crate::results::HourStatus;

/// What a pipe, pump or valve does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkStatus {
    /// Water may flow.
    Open,
    /// Shut by its status, a control, a full or empty tank, a check valve, or because a pump
    /// cannot lift so high.
    Closed,
    /// A valve that holds its setting.
    Active,
}

/// Heads and flows of one moment. Links are pipes, then pumps, then valves.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Seconds since the start.
    pub time_s: i64,
    /// By node: head, m; NaN where no water can come.
    pub head_m: Vec<f64>,
    /// By junction: demand asked for, m³/s; negative values feed the network.
    pub demand_m3_s: Vec<f64>,
    /// By junction: what of it is supplied, m³/s.
    pub supplied_m3_s: Vec<f64>,
    /// By junction: outflow of its emitter, m³/s.
    pub emitter_m3_s: Vec<f64>,
    /// By junction: leaks of its pipes' nearer halves, m³/s.
    pub leak_m3_s: Vec<f64>,
    /// By link: flow from → to, m³/s.
    pub flow_m3_s: Vec<f64>,
    /// By link: what it does.
    pub link_status: Vec<LinkStatus>,
    /// Newton steps in all parts of the network together.
    pub iterations: usize,
    /// How the solution ended, with the place if it did not end well.
    pub status: HourStatus,
}

impl Moment {
    pub(super) fn new(water: &Water) -> Self {
        let links = water.pipes.len() + water.pumps.len() + water.valves.len();
        let junctions = water.junctions.len();
        let mut head_m = vec![f64::NAN; water.node_count()];
        for (head, reservoir) in head_m[junctions..].iter_mut().zip(&water.reservoirs) {
            *head = reservoir.head_m;
        }
        Self {
            time_s: 0,
            head_m,
            demand_m3_s: vec![0.0; junctions],
            supplied_m3_s: vec![0.0; junctions],
            emitter_m3_s: vec![0.0; junctions],
            leak_m3_s: vec![0.0; junctions],
            flow_m3_s: vec![0.0; links],
            link_status: vec![LinkStatus::Open; links],
            iterations: 0,
            status: HourStatus::Solved,
        }
    }

    /// Mean velocity in a link of `diameter_mm`, m/s.
    #[must_use]
    pub fn velocity_m_s(&self, link: usize, diameter_mm: f64) -> f64 {
        let d = diameter_mm / 1000.0;
        self.flow_m3_s[link].abs() / (std::f64::consts::FRAC_PI_4 * d * d)
    }
}
