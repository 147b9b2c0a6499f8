//! What is special to water: tanks, controls, pressure-driven demand.

mod advance;
mod batch;
mod demand;
mod energy;
mod hour;
mod hour_rules;
mod network;
mod outflow;
mod part;
mod period;
mod reduced;
mod rules;
mod setting;
mod tank;

pub use batch::{
    Batch, BatchResults, JunctionSummary, LowestPressure, ScenarioSummary, TankSummary,
};
pub use demand::{demand_at, multiplier};
pub use energy::{PumpMeter, PumpUse};
pub use hour::{WaterHour, WaterInput, WaterSolver, WaterState};
pub use period::{LinkStatus, Moment, Period, PeriodTimes, PumpOutage, Variation, VariationError};
pub use setting::Setting;
pub use tank::tank_volume_m3;
