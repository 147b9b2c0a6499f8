//! Weather by hour.

/// One hour of weather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeatherHour {
    /// Dry-bulb air temperature, °C.
    pub outdoor_c: f64,
    /// Wind speed, m/s.
    pub wind_m_s: f64,
    /// Global horizontal radiation, W/m².
    pub solar_w_m2: f64,
}

/// Weather of every hour of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Weather {
    /// One entry per hour.
    pub hours: Vec<WeatherHour>,
}

impl Weather {
    /// The same weather at every hour: no sun, light wind.
    #[must_use]
    pub fn constant(outdoor_c: f64, hours: usize) -> Self {
        Self { hours: vec![WeatherHour { outdoor_c, wind_m_s: 3.0, solar_w_m2: 0.0 }; hours] }
    }
}
