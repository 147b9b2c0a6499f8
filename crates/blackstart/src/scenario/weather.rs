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
    /// Direct and diffuse radiation, where the source tells them apart; without, the sun
    /// counts by its horizontal radiation alone.
    pub sky: Option<Sky>,
}

/// Direct and diffuse radiation of every hour, and what tells where the sun stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Sky {
    /// Latitude, degrees north.
    pub lat_deg: f64,
    /// Longitude, degrees east.
    pub lon_deg: f64,
    /// Standard time of the place less universal time, h.
    pub utc_offset_h: f64,
    /// One entry per hour.
    pub hours: Vec<SkyHour>,
}

/// Radiation of one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkyHour {
    /// Day of the year, from 1.
    pub day_of_year: u16,
    /// Middle of the hour in standard time, h after midnight (0.5 … 23.5).
    pub clock_h: f64,
    /// Direct radiation on a surface that faces the sun, W/m².
    pub direct_normal_w_m2: f64,
    /// Diffuse radiation of the sky on a horizontal surface, W/m².
    pub diffuse_horizontal_w_m2: f64,
}

impl Weather {
    /// The same weather at every hour: no sun, light wind.
    #[must_use]
    pub fn constant(outdoor_c: f64, hours: usize) -> Self {
        let hour = WeatherHour { outdoor_c, wind_m_s: 3.0, solar_w_m2: 0.0 };
        Self { hours: vec![hour; hours], sky: None }
    }
}
