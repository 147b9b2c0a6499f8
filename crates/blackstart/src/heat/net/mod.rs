//! Heat networks with explicit supply and return junctions: flows, pressures and
//! temperatures that agree with each other, in the steady state.
//!
//! [`NetSolver`] solves any [`HeatNet`]: open or closed, meshed, with pipes, valves, pumps,
//! circulation pumps, consumers, heat exchangers, controls, sources and sinks. It is what
//! files of other programs are read into; a region's networks of pipe pairs are solved by
//! [`HeatSolver`](super::HeatSolver). [`Transport`] carries warmth through such a network in
//! time, and [`Drive`] steps both together.
//!
//! Units: bar (gauge), kg/s, °C, W, m. A branch flow is positive from its `from` to its `to`
//! junction.

mod data;
mod fluid;
mod friction;
mod hydraulics;
mod laws;
mod layout;
mod pipes;
mod result;
mod solve;
#[cfg(test)]
mod tests;
mod thermal;
mod transport;
mod twins;

pub use data::{
    Branch, BranchKind, Consumer, FixedJunction, HeatNet, Injection, Junction, NetError, PumpLift,
};
pub use fluid::{CapacityMean, Fluid, Property};
pub use friction::FrictionModel;
pub use result::{NetFlow, NetStatus, Residuals};
pub use solve::{NetSettings, NetSolver};
pub use transport::{Carried, Drive, DriveStep, Transport};

/// Gravity, m/s².
pub const GRAVITY_M_S2: f64 = 9.81;

/// Pascal per bar.
const PA_PER_BAR: f64 = 1e5;

/// Pressure of the air at a height above sea level, bar: the international standard
/// atmosphere (ISO 2533), whose weight gauge pressures of liquids contain.
#[must_use]
pub fn air_pressure_bar(elevation_m: f64) -> f64 {
    1.013_25 * (1.0 - elevation_m * 0.0065 / 288.15).max(0.0).powf(5.255)
}
