//! One hour of the water network.

use crate::region::Water;
use crate::results::HourStatus;

/// What outlives the hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaterState {
    /// By tank: level above the bottom, m.
    pub level_m: Vec<f64>,
    /// Simulated time, h.
    pub time_h: f64,
}

/// The water network in one hour.
#[derive(Clone, Copy, Debug)]
pub struct WaterInput<'a> {
    /// By junction: demand, m³/h; negative values feed the network.
    pub demand_m3h: &'a [f64],
    /// By pump: share of its capacity that works; 0 is off whatever its controls say.
    pub pump_capacity: &'a [f64],
    /// By pipe: false when broken and isolated.
    pub pipe_whole: &'a [bool],
    /// By tank: false when it cannot be used; the node then only connects.
    pub tank_whole: &'a [bool],
    /// Length of the step, h.
    pub step_h: f64,
}

/// What the hour came to: time averages over the step where not said otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaterHour {
    /// By junction: supplied, m³/h (sum of consumption; ≤ demand).
    pub supplied_m3h: Vec<f64>,
    /// By node: head at the end of the step, m; NaN where cut off from every source.
    pub head_m: Vec<f64>,
    /// By pipe: flow from → to, m³/h.
    pub pipe_flow_m3h: Vec<f64>,
    /// By pump: flow, m³/h.
    pub pump_flow_m3h: Vec<f64>,
    /// By valve: flow from → to, m³/h.
    pub valve_flow_m3h: Vec<f64>,
    /// Largest mass imbalance of any junction, m³/h.
    pub imbalance_m3h: f64,
    /// How it ended.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the network alone prepared once.
#[derive(Clone, Debug)]
pub struct WaterSolver {}

impl WaterSolver {
    /// Prepares for `water`.
    #[must_use]
    pub fn new(_water: &Water) -> Self {
        Self {}
    }

    /// The state at simulated time 0.
    #[must_use]
    pub fn initial_state(&self, water: &Water) -> WaterState {
        WaterState { level_m: water.tanks.iter().map(|t| t.init_level_m).collect(), time_h: 0.0 }
    }

    /// Simulates one step and moves `state` to its end. Never panics, never gives NaN
    /// but where documented.
    pub fn step(
        &mut self,
        _water: &Water,
        _input: &WaterInput<'_>,
        _state: &mut WaterState,
    ) -> WaterHour {
        WaterHour::default()
    }
}
