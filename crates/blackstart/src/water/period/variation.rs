//! What a run changes about its network: how much is asked for, and which pumps are out when.

use super::Period;
use crate::region::Water;
use std::ops::Range;

/// A pump that is out for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PumpOutage {
    /// Row of the pump.
    pub pump: u32,
    /// From when until when it is without current, in seconds since the start.
    pub off_s: Range<i64>,
}

impl PumpOutage {
    /// Out for the whole run, whatever its length.
    #[must_use]
    pub fn throughout(pump: u32) -> Self {
        Self { pump, off_s: 0..i64::MAX }
    }
}

/// One scenario of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// What every junction asks for, times this; on top of the network's own multiplier, and
    /// for demands below zero too.
    pub demand_factor: f64,
    /// Pumps that are out. Controls and rules go on setting them meanwhile.
    pub pumps_off: Vec<PumpOutage>,
}

impl Default for Variation {
    /// The network as it is.
    fn default() -> Self {
        Self { demand_factor: 1.0, pumps_off: Vec::new() }
    }
}

/// A variation that means nothing for a network.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum VariationError {
    /// The factor is below zero, infinite or no number.
    #[error("demand factor {0} is not a number of zero or more")]
    Factor(f64),
    /// There is no such row.
    #[error("there is no pump in row {0}")]
    Pump(u32),
    /// An outage that ends before it begins, or that begins before the run.
    #[error("an outage of the pump in row {0} has no length, or begins before the run")]
    Span(u32),
}

impl Variation {
    /// Whether it can be run with `water`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check<N>(&self, water: &Water<N>) -> Result<(), VariationError> {
        if !self.demand_factor.is_finite() || self.demand_factor < 0.0 {
            return Err(VariationError::Factor(self.demand_factor));
        }
        for off in &self.pumps_off {
            if water.pumps.get(off.pump as usize).is_none() {
                return Err(VariationError::Pump(off.pump));
            }
            if off.off_s.is_empty() || off.off_s.start < 0 {
                return Err(VariationError::Span(off.pump));
            }
        }
        Ok(())
    }

    /// When its first outage begins, s.
    #[must_use]
    pub(in crate::water) fn first_outage_s(&self) -> Option<i64> {
        self.pumps_off.iter().map(|off| off.off_s.start).min()
    }
}

impl Period<'_> {
    /// Run as `variation` says; see [`Variation::check`]. Pumps that the times of the run
    /// leave without current stay so.
    #[must_use]
    pub fn varied(mut self, variation: &Variation) -> Self {
        self.vary(variation);
        self
    }

    pub(in crate::water) fn vary(&mut self, variation: &Variation) {
        self.variation.clone_from(variation);
    }

    /// Which pumps are without current now.
    pub(super) fn cut_current(&mut self) {
        let off = self.times.pumps_off_s.iter().any(|r| r.contains(&self.now_s));
        self.pump_capacity.fill(if off { 0.0 } else { 1.0 });
        for off in &self.variation.pumps_off {
            if off.off_s.contains(&self.now_s)
                && let Some(capacity) = self.pump_capacity.get_mut(off.pump as usize)
            {
                *capacity = 0.0;
            }
        }
    }
}
