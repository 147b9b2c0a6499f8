//! What homes are made of: envelope, air change and capacities by building type.
//!
//! Sources and derived figures of every number are in `docs/buildings.md`.

use super::building::Thermal;
use super::outside::Outside;
use crate::region::{BuildingType, Envelope};
use crate::scenario::WeatherHour;

/// Documented properties of a building type, per m² of heated floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Properties {
    /// Area of outer walls, roof, windows per floor area and their U-values come down
    /// to this: transmission from mass to outdoors, W/(m² K).
    pub mass_to_outdoor_w_m2_k: f64,
    /// Windows and air change in the reference wind of [`REFERENCE_WIND_M_S`]: from air
    /// straight to outdoors, W/(m² K).
    pub air_to_outdoor_w_m2_k: f64,
    /// The part of `air_to_outdoor_w_m2_k` that wind changes (air change), W/(m² K).
    pub infiltration_w_m2_k: f64,
    /// Air change driven by buoyancy against that driven by wind in the reference wind,
    /// as the ratio of the two pressure terms.
    pub stack_to_wind: f64,
    /// Between air and mass, W/(m² K).
    pub air_to_mass_w_m2_k: f64,
    /// Capacity of air and furniture, J/(m² K).
    pub air_j_m2_k: f64,
    /// Capacity of the mass, J/(m² K).
    pub mass_j_m2_k: f64,
    /// Internal gains of people and appliances, W/m².
    pub gains_w_m2: f64,
}

/// Wind in which the air change of [`Envelope`] holds, m/s at 10 m.
pub const REFERENCE_WIND_M_S: f64 = 3.0;

/// Share of heating that goes to the air; the rest is radiant and goes to the mass.
/// Panel radiators and convectors give 50–90 % by convection (assumption: 70 %).
pub const HEATING_TO_AIR: f64 = 0.7;

/// Share of internal gains that goes to the air (ISO 13790, C.2: half).
pub const GAINS_TO_AIR: f64 = 0.5;

/// Share of the sun that goes to the air at once (ISO 52016-1, convective fraction of
/// solar gains: 0.1).
pub const SOLAR_TO_AIR: f64 = 0.1;

/// Heat capacity of air, Wh/(m³ K) (1.2 kg/m³ × 1005 J/(kg K) / 3600).
const AIR_WH_M3_K: f64 = 0.335;

/// Air to inner surfaces, W/(m² K) (ISO 13790, 7.2.2.2).
pub const AIR_TO_INNER_SURFACE_W_M2_K: f64 = 3.45;

/// Air to all inner surfaces: 4.5 m² of them per m² of floor (ISO 13790, 7.2.2.2).
const AIR_TO_SURFACE_W_M2_K: f64 = AIR_TO_INNER_SURFACE_W_M2_K * 4.5;

/// Surface to mass: 9.1 W/(m² K) of mass area (ISO 13790, 12.2.2).
pub(super) const SURFACE_TO_MASS_W_M2_K: f64 = 9.1;

/// Capacity of air and furniture, J/(m² K) (ISO 52016-1, table B.17: 10 kJ/(m² K)).
const AIR_AND_FURNITURE_J_M2_K: f64 = 10_000.0;

/// The envelope of `building`. Sources: `docs/buildings.md`.
#[must_use]
pub const fn envelope(building: BuildingType) -> Envelope {
    match building {
        BuildingType::Panel => Envelope {
            wall_area: 0.40,
            wall_u: 1.4,
            window_area: 0.17,
            window_u: 2.7,
            roof_area: 0.14,
            roof_u: 1.1,
            ground_area: 0.14,
            ground_u: 1.2,
            ground_factor: 0.5,
            height_m: 2.5,
            air_change_1_h: 0.7,
            stack_to_wind: 6.0,
            mass_area: 3.0,
            mass_kj_m2_k: 385.0,
            gains_w_m2: 4.0,
            window_gain: 0.25,
            glass_gain: 0.34,
            absorptance: 0.6,
        },
        BuildingType::Brick => Envelope {
            wall_area: 0.45,
            wall_u: 1.2,
            window_area: 0.16,
            window_u: 2.7,
            roof_area: 0.20,
            roof_u: 0.9,
            ground_area: 0.20,
            ground_u: 1.0,
            ground_factor: 0.5,
            height_m: 2.7,
            air_change_1_h: 0.6,
            stack_to_wind: 6.0,
            mass_area: 3.5,
            mass_kj_m2_k: 635.0,
            gains_w_m2: 4.0,
            window_gain: 0.25,
            glass_gain: 0.34,
            absorptance: 0.6,
        },
        BuildingType::New => Envelope {
            wall_area: 0.40,
            wall_u: 0.30,
            window_area: 0.20,
            window_u: 1.33,
            roof_area: 0.12,
            roof_u: 0.20,
            ground_area: 0.12,
            ground_u: 0.27,
            ground_factor: 0.5,
            height_m: 2.7,
            air_change_1_h: 0.5,
            stack_to_wind: 6.0,
            mass_area: 3.0,
            mass_kj_m2_k: 400.0,
            gains_w_m2: 4.0,
            window_gain: 0.25,
            glass_gain: 0.28,
            absorptance: 0.6,
        },
        BuildingType::Detached => Envelope {
            wall_area: 1.10,
            wall_u: 0.9,
            window_area: 0.15,
            window_u: 2.7,
            roof_area: 0.90,
            roof_u: 0.6,
            ground_area: 0.90,
            ground_u: 0.6,
            ground_factor: 0.5,
            height_m: 2.6,
            air_change_1_h: 0.7,
            stack_to_wind: 2.0,
            mass_area: 2.5,
            mass_kj_m2_k: 450.0,
            gains_w_m2: 3.0,
            window_gain: 0.25,
            glass_gain: 0.34,
            absorptance: 0.6,
        },
    }
}

impl Envelope {
    /// Transmission through walls, roof and lowest floor from air to outdoors, W/(m² K).
    #[must_use]
    pub fn opaque_w_m2_k(&self) -> f64 {
        self.wall_area * self.wall_u
            + self.roof_area * self.roof_u
            + self.ground_area * self.ground_u * self.ground_factor
    }

    /// From air to mass: surfaces and mass in series, W/(m² K) (ISO 13790).
    #[must_use]
    pub fn air_to_mass_w_m2_k(&self) -> f64 {
        series(AIR_TO_SURFACE_W_M2_K, SURFACE_TO_MASS_W_M2_K * self.mass_area)
    }

    /// Air change in the reference wind, W/(m² K).
    #[must_use]
    pub fn air_change_w_m2_k(&self) -> f64 {
        AIR_WH_M3_K * self.height_m * self.air_change_1_h
    }

    /// The properties that the two capacities need. The mass sits between air and
    /// outdoors such that both resistances in series give the opaque transmission, as
    /// in ISO 13790 (H_em from H_op and H_ms).
    #[must_use]
    pub fn properties(&self) -> Properties {
        let to_mass = self.air_to_mass_w_m2_k();
        let infiltration = self.air_change_w_m2_k();
        Properties {
            mass_to_outdoor_w_m2_k: 1.0 / (1.0 / self.opaque_w_m2_k() - 1.0 / to_mass),
            air_to_outdoor_w_m2_k: self.window_area * self.window_u + infiltration,
            infiltration_w_m2_k: infiltration,
            stack_to_wind: self.stack_to_wind,
            air_to_mass_w_m2_k: to_mass,
            air_j_m2_k: AIR_AND_FURNITURE_J_M2_K,
            mass_j_m2_k: self.mass_kj_m2_k * 1000.0,
            gains_w_m2: self.gains_w_m2,
        }
    }
}

/// Properties of `building`.
#[must_use]
pub fn properties(building: BuildingType) -> Properties {
    envelope(building).properties()
}

/// Air change in a wind against that in the reference wind: it grows as the root of the
/// sum of buoyancy and wind pressure (Sherman and Grimsrud 1980) with buoyancy held at its
/// winter value, so that the balance stays linear.
pub(super) fn wind_factor(stack_to_wind: f64, wind_m_s: f64) -> f64 {
    if stack_to_wind.is_infinite() {
        return 1.0;
    }
    let wind = wind_m_s.max(0.0) / REFERENCE_WIND_M_S;
    ((stack_to_wind + wind * wind) / (stack_to_wind + 1.0)).max(0.0).sqrt()
}

impl Properties {
    /// From air to outdoors in a wind of `wind_m_s`, W/(m² K).
    #[must_use]
    pub fn air_to_outdoor_in_wind_w_m2_k(&self, wind_m_s: f64) -> f64 {
        let factor = wind_factor(self.stack_to_wind, wind_m_s);
        self.air_to_outdoor_w_m2_k + self.infiltration_w_m2_k * (factor - 1.0)
    }

    /// Heat lost per kelvin between air and outdoors in the reference wind, W/(m² K).
    #[must_use]
    pub fn specific_loss_w_m2_k(&self) -> f64 {
        self.air_to_outdoor_w_m2_k + series(self.air_to_mass_w_m2_k, self.mass_to_outdoor_w_m2_k)
    }

    /// Heating that holds `indoor_c` for ever in `weather` without sun, W/m², not below 0;
    /// without internal gains when `gains_share` is 0.
    #[must_use]
    pub fn steady_heat_w_m2(&self, indoor_c: f64, weather: WeatherHour, gains_share: f64) -> f64 {
        let outside = Outside {
            outdoor_c: weather.outdoor_c,
            wind_m_s: weather.wind_m_s,
            solar_windows_w_m2: 0.0,
            solar_walls_w_m2: 0.0,
        };
        Thermal::TwoCapacities(*self).steady_heat_w_m2(indoor_c, &outside, gains_share).max(0.0)
    }
}

/// Two conductances one after the other.
fn series(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { a * b / (a + b) } else { 0.0 }
}
