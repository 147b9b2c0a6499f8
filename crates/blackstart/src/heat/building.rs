//! Homes that cool: one interface over two models of a building.
//!
//! [`BuildingModel::TwoCapacities`] holds air with furniture and the building's mass as two
//! capacities; [`BuildingModel::Iso13790`] is the simple hourly method of ISO 13790, five
//! resistances and the mass as the only capacity. Both are linear with constant inputs over
//! a step and are solved exactly, whatever its length ([`Solution::Exact`]).

mod five_resistances;
mod step;
mod two_capacities;

pub use five_resistances::FiveResistances;
pub use step::Step;

use self::two_capacities::System;
use super::envelope::{AIR_TO_INNER_SURFACE_W_M2_K, Properties};
use super::outside::Outside;
use crate::region::Envelope;
use crate::scenario::BuildingModel;

/// How the five resistances are carried over a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solution {
    /// By the exponential of the decay: no error of the step's length. What runs use.
    #[default]
    Exact,
    /// By the Crank–Nicolson step of ISO 13790 (C.4), whose air temperature is that of the
    /// mean mass: for comparison with other programs that follow the standard.
    CrankNicolson,
}

/// A kind of building as one of the models needs it, per m² of heated floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thermal {
    /// Two capacities.
    TwoCapacities(Properties),
    /// Five resistances, and how they are carried over a step.
    FiveResistances(FiveResistances, Solution),
}

/// The state of one kind of building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Building {
    /// Air temperature, °C.
    pub air_c: f64,
    /// Temperature of the mass, °C.
    pub mass_c: f64,
}

/// What an hour came to, per m² of floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingHour {
    /// State at the end.
    pub end: Building,
    /// Mean air temperature over the step, °C.
    pub mean_air_c: f64,
    /// Stored minus put in, relative to the largest flow: 0 up to rounding.
    pub balance_error: f64,
}

impl Thermal {
    /// `envelope` as `model` needs it.
    #[must_use]
    pub fn of(envelope: &Envelope, model: BuildingModel) -> Self {
        match model {
            BuildingModel::TwoCapacities => Self::TwoCapacities(envelope.properties()),
            BuildingModel::Iso13790 => {
                let five = FiveResistances::of(envelope, AIR_TO_INNER_SURFACE_W_M2_K);
                Self::FiveResistances(five, Solution::Exact)
            }
        }
    }

    /// Full internal gains, W/m².
    #[must_use]
    pub fn gains_w_m2(&self) -> f64 {
        match self {
            Self::TwoCapacities(p) => p.gains_w_m2,
            Self::FiveResistances(p, _) => p.gains_w_m2,
        }
    }

    /// Where the building settles, K above outdoors, with internal gains and heat in W/m².
    fn settled(&self, outside: &Outside, gains: f64, heat: f64) -> (f64, f64) {
        let (windows, walls) = (outside.solar_windows_w_m2, outside.solar_walls_w_m2);
        match self {
            Self::TwoCapacities(p) => {
                System::new(p, outside).settled([gains, heat, windows, walls])
            }
            Self::FiveResistances(p, _) => {
                five_resistances::settled(p, outside, [gains, heat, windows + walls])
            }
        }
    }

    /// Heat that holds the air at `indoor_c` for ever, W/m²; negative where it would have
    /// to be cooled. Internal gains count by `gains_share`.
    #[must_use]
    pub fn steady_heat_w_m2(&self, indoor_c: f64, outside: &Outside, gains_share: f64) -> f64 {
        let gains = self.gains_w_m2() * gains_share;
        let unheated = self.settled(outside, gains, 0.0).0;
        let per_watt = self.settled(outside, gains, 1.0).0 - unheated;
        (indoor_c - outside.outdoor_c - unheated) / per_watt
    }

    /// The decay times of a building left alone, h: of the whole (what people mean by its
    /// time constant) and of the air against the mass, which five resistances do not have.
    #[must_use]
    pub fn time_constants_h(&self, outside: &Outside) -> (f64, Option<f64>) {
        match self {
            Self::TwoCapacities(p) => {
                let (slow, fast) = System::new(p, outside).eigenvalues();
                (-1.0 / (slow * 3600.0), Some(-1.0 / (fast * 3600.0)))
            }
            Self::FiveResistances(p, _) => {
                (five_resistances::time_constant_s(p, outside) / 3600.0, None)
            }
        }
    }
}

impl Building {
    /// The state in equilibrium at `indoor_c`, with full internal gains. Where gains alone
    /// make it warmer than that, the warmer state.
    #[must_use]
    pub fn steady(thermal: &Thermal, indoor_c: f64, outside: &Outside) -> Self {
        let heat = thermal.steady_heat_w_m2(indoor_c, outside, 1.0);
        let (air, mass) = thermal.settled(outside, thermal.gains_w_m2(), heat.max(0.0));
        let air_c = if heat >= 0.0 { indoor_c } else { outside.outdoor_c + air };
        Self { air_c, mass_c: outside.outdoor_c + mass }
    }
}

#[cfg(test)]
mod five_tests;
#[cfg(test)]
mod tests;
