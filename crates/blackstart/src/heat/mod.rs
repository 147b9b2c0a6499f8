//! What is special to heat: plants, thermal transport, homes that cool.

mod anderson;
mod building;
mod component;
mod curve;
mod emitter;
mod envelope;
mod freeze;
mod heat_point;
mod hydraulics;
pub mod net;
mod network;
mod outside;
pub mod plug;
mod sun;
mod thermal;
mod water;

pub use crate::region::Envelope;
pub use building::{Building, BuildingHour, FiveResistances, Solution, Step, Thermal};
pub use curve::{demand_mw, supply_set_c};
pub use emitter::{DESIGN_INDOOR_C, Emitter, SURFACE_RESERVE};
pub use envelope::{
    AIR_TO_INNER_SURFACE_W_M2_K, GAINS_TO_AIR, HEATING_TO_AIR, Properties, REFERENCE_WIND_M_S,
    SOLAR_TO_AIR, envelope, properties,
};
pub use freeze::{CELLAR_PIPE, ROOM_PIPE, StandingPipe, StandingWater};
pub use heat_point::hot_water_share;
pub use hydraulics::{OPEN_FLOW, PUMP_FALL, REFERENCE_HEAD_M};
pub use network::{HeatHour, HeatInput, HeatSolver, HeatState, PipeWater};
pub use outside::{Exposure, Outside};
pub use sun::{Facing, Irradiance, SunPosition, irradiance, sun_position};
pub use water::{Handover, HeatSettings, Viscosity, WaterProperties, water_viscosity_m2_s};
