//! The dispatch that serves the most priority-weighted demand on every island.

use crate::region::{BusIdx, Grid};
use crate::results::HourStatus;

/// A demand of one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Where.
    pub bus: BusIdx,
    /// How much, MW; negative values inject and may be spilled.
    pub p_mw: f64,
    /// Largest share that can be served (a damaged substation), 0 … 1.
    pub max_share: f64,
    /// Worth of a served MW.
    pub weight: f64,
}

/// The grid in one hour.
#[derive(Clone, Copy, Debug)]
pub struct DispatchInput<'a> {
    /// By bus: whole and switched in.
    pub bus_in_service: &'a [bool],
    /// By branch: whole and switched in. A branch at a bus out of service is out.
    pub branch_in_service: &'a [bool],
    /// By branch: rating now, MW; infinite where there is none.
    pub rate_mw: &'a [f64],
    /// By generator: least stable output now, MW.
    pub p_min_mw: &'a [f64],
    /// By generator: largest output now, MW; 0 when out.
    pub p_max_mw: &'a [f64],
    /// By direct-current line: whole and switched in.
    pub dc_line_in_service: &'a [bool],
    /// Demands, any number per bus.
    pub demands: &'a [Demand],
}

/// What the dispatch came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dispatch {
    /// By demand: served, MW.
    pub served_mw: Vec<f64>,
    /// By generator: output, MW.
    pub p_mw: Vec<f64>,
    /// By branch: flow from → to, MW.
    pub flow_mw: Vec<f64>,
    /// By direct-current line: flow taken at the from bus, MW.
    pub dc_flow_mw: Vec<f64>,
    /// By bus: voltage angle, rad; 0 at each island's reference and at dead buses.
    pub angle_rad: Vec<f64>,
    /// By bus: island number from 0; `u32::MAX` for a bus out of service.
    pub island: Vec<u32>,
    /// By island: true if it has generation in service and so is alive.
    pub island_alive: Vec<bool>,
    /// Σ weight · served over positive demands, MW.
    pub objective: f64,
    /// Interior-point iterations (the most of any island).
    pub iterations: u32,
    /// Worst status of all islands.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the grid alone prepared once.
#[derive(Clone, Debug)]
pub struct GridSolver {}

impl GridSolver {
    /// Prepares for `grid`: bus-graph pattern, ordering, workspaces.
    #[must_use]
    pub fn new(_grid: &Grid) -> Self {
        Self {}
    }

    /// Dispatches one hour. Never panics on any input with matching lengths.
    pub fn dispatch(&mut self, _grid: &Grid, _input: &DispatchInput<'_>) -> Dispatch {
        Dispatch::default()
    }
}
