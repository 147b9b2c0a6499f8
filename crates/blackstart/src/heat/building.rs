//! Homes as two heat capacities: air with furniture, and the building's mass.

use crate::region::BuildingType;
use crate::scenario::WeatherHour;

/// Documented properties of a building type, per m² of heated floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Properties {
    /// Area of outer walls, roof, windows per floor area and their U-values come down
    /// to this: transmission from mass to outdoors, W/(m² K).
    pub mass_to_outdoor_w_m2_k: f64,
    /// Windows and air change: from air straight to outdoors, W/(m² K).
    pub air_to_outdoor_w_m2_k: f64,
    /// Between air and mass, W/(m² K).
    pub air_to_mass_w_m2_k: f64,
    /// Capacity of air and furniture, J/(m² K).
    pub air_j_m2_k: f64,
    /// Capacity of the mass, J/(m² K).
    pub mass_j_m2_k: f64,
    /// Internal gains of people and appliances, W/m².
    pub gains_w_m2: f64,
    /// Solar gain per horizontal radiation, m² of aperture per m² of floor.
    pub solar_aperture: f64,
}

/// Properties of `building`.
#[must_use]
pub fn properties(_building: BuildingType) -> Properties {
    Properties {
        mass_to_outdoor_w_m2_k: 0.0,
        air_to_outdoor_w_m2_k: 0.0,
        air_to_mass_w_m2_k: 0.0,
        air_j_m2_k: 0.0,
        mass_j_m2_k: 0.0,
        gains_w_m2: 0.0,
        solar_aperture: 0.0,
    }
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

impl Building {
    /// The state in equilibrium at `indoor_c` in `weather`.
    #[must_use]
    pub fn steady(_p: &Properties, indoor_c: f64, _weather: WeatherHour) -> Self {
        Self { air_c: indoor_c, mass_c: indoor_c }
    }

    /// Heat that brings the air to `set_c` at the end of the step, W/m², not below 0.
    #[must_use]
    pub fn heat_needed_w_m2(
        &self,
        _p: &Properties,
        _set_c: f64,
        _weather: WeatherHour,
        _step_h: f64,
        _gains_share: f64,
    ) -> f64 {
        0.0
    }

    /// The exact solution of the step with constant `heat_w_m2`. `gains_share` scales
    /// internal gains (appliances need electricity).
    #[must_use]
    pub fn step(
        &self,
        _p: &Properties,
        _heat_w_m2: f64,
        _weather: WeatherHour,
        _step_h: f64,
        _gains_share: f64,
    ) -> BuildingHour {
        BuildingHour { end: *self, mean_air_c: self.air_c, balance_error: 0.0 }
    }
}
