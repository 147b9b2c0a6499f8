//! What is special to heat: plants, thermal transport, homes that cool.

mod anderson;
mod building;
mod component;
mod curve;
mod emitter;
mod envelope;
mod hydraulics;
pub mod net;
mod network;
pub mod plug;
mod thermal;
mod water;

pub use building::{Building, BuildingHour, time_constants_h};
pub use curve::{demand_mw, supply_set_c};
pub use emitter::{DESIGN_INDOOR_C, Emitter, SURFACE_RESERVE};
pub use envelope::{
    Envelope, GAINS_TO_AIR, HEATING_TO_AIR, Properties, REFERENCE_WIND_M_S, SOLAR_TO_AIR, envelope,
    properties,
};
pub use hydraulics::{OPEN_FLOW, PUMP_FALL, REFERENCE_HEAD_M};
pub use network::{HeatHour, HeatInput, HeatSolver, HeatState};
pub use water::{Handover, HeatSettings, WaterProperties};
