//! What is special to heat: plants, thermal transport, homes that cool.

mod building;
mod network;

pub use building::{Building, BuildingHour, Properties, properties};
pub use network::{HeatHour, HeatInput, HeatSolver, HeatState};
