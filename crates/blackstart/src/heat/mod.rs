//! What is special to heat: plants, thermal transport, homes that cool.

mod building;
mod envelope;
mod network;

pub use building::{Building, BuildingHour, time_constants_h};
pub use envelope::{
    Envelope, GAINS_TO_AIR, HEATING_TO_AIR, Properties, REFERENCE_WIND_M_S, SOLAR_TO_AIR, envelope,
    properties,
};
pub use network::{HeatHour, HeatInput, HeatSolver, HeatState};
