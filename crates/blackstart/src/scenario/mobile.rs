//! Heat sources on wheels.

use crate::region::{HeatJunctionIdx, PlantIdx};

/// A mobile boiler or cogeneration unit that is connected to a heat network for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MobilePlant {
    /// The unit: a plant of kind [`Mobile`](crate::region::PlantKind::Mobile).
    pub plant: PlantIdx,
    /// Where it feeds the network.
    pub junction: HeatJunctionIdx,
    /// First hour after the start in which it runs, h.
    pub from_h: f64,
    /// From here on it is gone, h; infinite if it stays.
    pub until_h: f64,
}

impl MobilePlant {
    /// Whether it is connected during hour `hour` (from 0).
    #[must_use]
    pub fn is_connected(&self, hour: usize) -> bool {
        let hour = hour as f64;
        self.from_h <= hour && hour < self.until_h
    }
}
