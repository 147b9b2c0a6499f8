//! `[weather]`: constant or from a file.

use blackstart::scenario::{Weather, WeatherHour};
use jiff::civil::DateTime;

use super::Reader;
use crate::codes;
use crate::toml_doc::Section;

/// Colder or warmer than any record, °C.
const OUTDOOR_C: std::ops::RangeInclusive<f64> = -90.0..=60.0;

impl Reader<'_> {
    pub(super) fn weather(
        &mut self,
        top: &Section<'_, '_>,
        _start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Weather> {
        let Some(section) = top.section("weather") else {
            if top.get("weather").is_none() {
                let message = String::from("`[weather]` is missing");
                let help = "write [weather] and below it outdoor_c = -10, or csv or epw = a file";
                top.push(codes::MISSING_KEY, message, Some(help.to_owned()));
            }
            return None;
        };
        let weather = self.constant(&section, horizon_h);
        section.finish();
        weather
    }

    fn constant(&mut self, section: &Section<'_, '_>, horizon_h: u32) -> Option<Weather> {
        let outdoor_c = section.number_in("outdoor_c", OUTDOOR_C, "from -90 to 60 °C");
        let wind_m_s = section.number_in("wind_m_s", 0.0..=100.0, "from 0 to 100 m/s");
        let solar_w_m2 = section.number_in("solar_w_m2", 0.0..=1500.0, "from 0 to 1500 W/m²");
        if section.get("outdoor_c").is_none() {
            let message = String::from("`[weather]` has neither outdoor_c nor a file");
            let help = "write outdoor_c = -10, or csv or epw = a file";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        let mut open = |key: &str, value: Option<f64>, default: f64, unit: &str| {
            value.unwrap_or_else(|| {
                self.assume(&format!("weather.{key}"), format!("{default} {unit} (assumption)"));
                default
            })
        };
        let wind_m_s = open("wind_m_s", wind_m_s, 3.0, "m/s");
        let solar_w_m2 = open("solar_w_m2", solar_w_m2, 0.0, "W/m²");
        let hour = WeatherHour { outdoor_c: outdoor_c?, wind_m_s, solar_w_m2 };
        Some(Weather { hours: vec![hour; horizon_h as usize] })
    }
}
