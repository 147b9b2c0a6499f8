//! What a kind of building meets outside in an hour: temperature, wind and sun.

use super::sun::{Facing, Irradiance};
use crate::region::Envelope;
use crate::scenario::WeatherHour;

/// Outdoor conditions of a step as one kind of building meets them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outside {
    /// Outdoor temperature, °C.
    pub outdoor_c: f64,
    /// Wind, m/s.
    pub wind_m_s: f64,
    /// Sun that comes in through windows, W per m² of floor.
    pub solar_windows_w_m2: f64,
    /// Sun on walls, roof and windows' outsides less what they radiate to the sky, as heat
    /// that counts inside, W per m² of floor.
    pub solar_walls_w_m2: f64,
}

/// How a kind of building is exposed to sun and sky, per m² of floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// Sun let in per horizontal radiation where that is all that is known, m².
    pub aperture_m2: f64,
    /// By [`Facing`]: sun let in per radiation that passes glass, m².
    pub windows_m2: [f64; 5],
    /// By [`Facing`]: heat that counts inside per radiation on walls and roof, m².
    pub walls_m2: [f64; 5],
    /// Lost to a sky colder than the air, W/m².
    pub sky_w_m2: f64,
}

/// Resistance of outer surfaces, m² K/W (ISO 6946).
const OUTER_M2_K_W: f64 = 0.04;

/// Radiated to the sky per area and view of it, W/m²: 5 W/(m² K) times an emissivity of
/// 0.9 over the 11 K by which the sky is colder than the air (ISO 13790, 11.3.5 and 11.4.6).
const TO_SKY_W_M2: f64 = 5.0 * 0.9 * 11.0;

impl Exposure {
    /// The exposure of `envelope` with its walls and windows alike on all four sides.
    #[must_use]
    pub fn of(envelope: &Envelope) -> Self {
        Self::facing(envelope, [0.25; 4], [0.25; 4])
    }

    /// The exposure of `envelope` with these shares of walls and of windows to the north,
    /// east, south and west.
    #[must_use]
    pub fn facing(e: &Envelope, walls: [f64; 4], windows: [f64; 4]) -> Self {
        let wall = e.absorptance * OUTER_M2_K_W * e.wall_area * e.wall_u;
        let roof = e.absorptance * OUTER_M2_K_W * e.roof_area * e.roof_u;
        let upright = e.wall_area * e.wall_u + e.window_area * e.window_u;
        let side = |k: usize| k.checked_sub(1);
        Self {
            aperture_m2: e.window_area * e.window_gain,
            windows_m2: std::array::from_fn(|k| {
                side(k).map_or(0.0, |s| windows[s] * e.window_area * e.glass_gain)
            }),
            walls_m2: std::array::from_fn(|k| side(k).map_or(roof, |s| walls[s] * wall)),
            sky_w_m2: TO_SKY_W_M2 * OUTER_M2_K_W * (0.5 * upright + e.roof_area * e.roof_u),
        }
    }

    /// What a building so exposed meets in `weather`. With `sun`, windows, walls and sky
    /// count each for itself; without, the windows' part of horizontal radiation alone.
    #[must_use]
    pub fn outside(&self, weather: WeatherHour, sun: Option<&Irradiance>) -> Outside {
        let (windows, walls) = match sun {
            Some(sun) => {
                let sum = |area: &[f64; 5], on: &[f64; 5]| {
                    (0..Facing::ALL.len()).map(|k| area[k] * on[k]).sum::<f64>()
                };
                let walls = sum(&self.walls_m2, &sun.surface_w_m2) - self.sky_w_m2;
                (sum(&self.windows_m2, &sun.glass_w_m2), walls)
            }
            None => (self.aperture_m2 * weather.solar_w_m2.max(0.0), 0.0),
        };
        Outside {
            outdoor_c: weather.outdoor_c,
            wind_m_s: weather.wind_m_s,
            solar_windows_w_m2: windows,
            solar_walls_w_m2: walls,
        }
    }
}
