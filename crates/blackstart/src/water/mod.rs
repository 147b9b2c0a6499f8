//! What is special to water: tanks, controls, pressure-driven demand.

mod hour;

pub use hour::{WaterHour, WaterInput, WaterSolver, WaterState};
