//! The electricity network hour by hour: islands, dispatch, load shedding.

pub(crate) mod ac;
pub mod cascade;
mod closing;
mod copper_plate;
mod dc_flow;
pub mod deliver;
mod dispatch;
mod floors;
mod interior_point;
mod islands;
mod items;
mod last;
mod model;
pub mod opf;
pub mod outages;
mod power_flow;
#[cfg(test)]
mod properties;
mod snapshot;
mod solve;
mod switching;
#[cfg(test)]
mod tests;

pub use dc_flow::{DcPowerFlow, dc_power_flow};
pub use dispatch::{Demand, Dispatch, DispatchInput, GridSolver};
pub(crate) use islands::Islands;
pub use model::{LEAST_REACTANCE_PU, susceptance};
pub use power_flow::{
    IslandFlow, IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, ReactiveLimits,
    Start, Tables,
};
pub use snapshot::Snapshot;
pub use switching::Switching;
