//! One hour of the district-heating networks.

use crate::region::Heat;
use crate::results::HourStatus;

/// What outlives the hour: the warmth of the pipes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatState {
    /// By junction: supply temperature, °C.
    pub supply_c: Vec<f64>,
    /// By junction: return temperature, °C.
    pub return_c: Vec<f64>,
}

/// The heat networks in one hour.
#[derive(Clone, Copy, Debug)]
pub struct HeatInput<'a> {
    /// By plant: heat it can make now, MW (damage, fuel, electricity, water).
    pub available_mw: &'a [f64],
    /// By plant: share of its circulation pumps' head that works; 0 when dark.
    pub circulation: &'a [f64],
    /// By pipe pair: false when broken and isolated.
    pub pipe_whole: &'a [bool],
    /// By substation: heat asked for, MW.
    pub demand_mw: &'a [f64],
    /// By substation: indoor temperature behind it, °C (limits what it can hand over).
    pub indoor_c: &'a [f64],
    /// Outdoor temperature, °C (sets the supply temperature by the heating curve).
    pub outdoor_c: f64,
    /// Length of the step, h.
    pub step_h: f64,
}

/// What the hour came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatHour {
    /// By substation: heat handed over, MW (≤ demand).
    pub delivered_mw: Vec<f64>,
    /// By plant: heat made, MW.
    pub made_mw: Vec<f64>,
    /// By plant: flow, kg/s.
    pub plant_flow_kg_s: Vec<f64>,
    /// By plant: supply temperature, °C.
    pub plant_supply_c: Vec<f64>,
    /// By pipe pair: flow from → to, kg/s.
    pub pipe_flow_kg_s: Vec<f64>,
    /// Heat lost to the ground, MW.
    pub lost_mw: f64,
    /// Heat put into (or taken from) the warmth of the pipes, MW.
    pub stored_mw: f64,
    /// |made − delivered − lost − stored| relative to made.
    pub balance_error: f64,
    /// How it ended.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the networks alone prepared once.
#[derive(Clone, Debug)]
pub struct HeatSolver {}

impl HeatSolver {
    /// Prepares for `heat`.
    #[must_use]
    pub fn new(_heat: &Heat) -> Self {
        Self {}
    }

    /// The state of a network that has run at `outdoor_c` for long.
    #[must_use]
    pub fn initial_state(&self, heat: &Heat, _outdoor_c: f64) -> HeatState {
        let n = heat.junctions.len();
        HeatState { supply_c: vec![0.0; n], return_c: vec![0.0; n] }
    }

    /// Simulates one step and moves `state` to its end. Never panics.
    pub fn step(
        &mut self,
        _heat: &Heat,
        _input: &HeatInput<'_>,
        _state: &mut HeatState,
    ) -> HeatHour {
        HeatHour::default()
    }
}
