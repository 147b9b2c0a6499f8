//! `[weather]`: constant or from a file.

use blackstart::region::Position;
use blackstart::scenario::{Sky, SkyHour, Weather, WeatherHour};
use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::Reader;
use crate::codes;
use crate::formats::table::{self, Layout, Row};
use crate::formats::weather::parse_epw;
use crate::input_file::InputFile;
use crate::problem::Severity;
use crate::toml_doc::Section;

/// Colder or warmer than any record, °C.
const OUTDOOR_C: std::ops::RangeInclusive<f64> = -90.0..=60.0;

/// Columns of a weather table.
const HOURS: Layout = Layout {
    columns: &[
        "outdoor_c",
        "hour",
        "wind_m_s",
        "solar_w_m2",
        "direct_normal_w_m2",
        "diffuse_horizontal_w_m2",
    ],
    required: 1,
};

/// Weather of an hour, and direct and diffuse radiation, NaN where the table has none.
fn hour(r: &mut Row<'_>, expected: &mut f64) -> (WeatherHour, [f64; 2]) {
    let number = r.number_or("hour", *expected);
    if number != *expected {
        let message = format!("hour {number} where hour {expected} is due");
        let help = String::from("one row per hour, numbered from 0");
        r.push("contradiction", "hour", message, Some(help));
    }
    *expected += 1.0;
    let outdoor_c = r.number("outdoor_c");
    let wind_m_s = r.number_or("wind_m_s", 3.0);
    let solar_w_m2 = r.number_or("solar_w_m2", 0.0);
    let direct = r.number_or("direct_normal_w_m2", f64::NAN);
    let diffuse = r.number_or("diffuse_horizontal_w_m2", f64::NAN);
    for (column, value, range) in [
        ("outdoor_c", outdoor_c, OUTDOOR_C),
        ("wind_m_s", wind_m_s, 0.0..=100.0),
        ("solar_w_m2", solar_w_m2, 0.0..=1500.0),
        ("direct_normal_w_m2", direct, 0.0..=1500.0),
        ("diffuse_horizontal_w_m2", diffuse, 0.0..=1500.0),
    ] {
        let known = !value.is_nan() || !column.starts_with("di");
        if known && !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            let message = format!("{column} is {value}; it must be from {low} to {high}");
            r.push("out-of-range", column, message, None);
        }
    }
    if direct.is_nan() != diffuse.is_nan() {
        let message = String::from("direct and diffuse radiation are there both, or neither");
        r.push("contradiction", "direct_normal_w_m2", message, None);
    }
    (WeatherHour { outdoor_c, wind_m_s, solar_w_m2 }, [direct, diffuse])
}

impl Reader<'_> {
    pub(super) fn weather(
        &mut self,
        top: &Section<'_, '_>,
        start: Option<DateTime>,
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
        let weather = if section.has("csv") {
            self.weather_csv(&section, start, horizon_h)
        } else if section.has("epw") {
            self.weather_epw(&section, start, horizon_h)
        } else {
            self.constant(&section, horizon_h)
        };
        section.finish();
        weather
    }

    /// A table of hours; the first row is the scenario's first hour.
    fn weather_csv(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Weather> {
        let value = section.get("csv")?;
        let (path, text) = self.file(&value)?;
        let file = InputFile { path, text, sha256: String::new() };
        let mut row_number = 0.0;
        let read = {
            let mut problems = section.doc.problems.borrow_mut();
            table::read(&file, HOURS, &mut problems, |r| hour(r, &mut row_number))
        };
        if !read.complete || !read.bad.is_empty() {
            return None;
        }
        if read.rows.len() < horizon_h as usize {
            let message =
                format!("the weather has {} hours, the scenario {horizon_h}", read.rows.len());
            let help = String::from("add rows, or shorten the horizon");
            value.push("contradiction", message, Some(help));
            return None;
        }
        let sky = self.sky(section, start, &read.rows);
        Some(Weather { hours: read.rows.into_iter().map(|(weather, _)| weather).collect(), sky })
    }

    /// Direct and diffuse radiation of a table that has them in every hour, with the place
    /// from `lat_deg`, `lon_deg` and `utc_offset_h` or from the middle of the region.
    fn sky(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        rows: &[(WeatherHour, [f64; 2])],
    ) -> Option<Sky> {
        let lat_deg = section.number_in("lat_deg", -90.0..=90.0, "from -90 to 90");
        let lon_deg = section.number_in("lon_deg", -180.0..=180.0, "from -180 to 180");
        let offset_h = section.number_in("utc_offset_h", -12.0..=14.0, "from -12 to 14 h");
        let start = start?;
        if rows.iter().any(|(_, parts)| parts[0].is_nan()) {
            return None;
        }
        let here = self.middle();
        let mut open = |key: &str, value: Option<f64>, default: Option<f64>, why: &str| {
            value.or_else(|| {
                let default = default?;
                self.assume(&format!("weather.{key}"), format!("{default:.2}: {why}"));
                Some(default)
            })
        };
        let middle = "middle of the region's areas";
        let lat_deg = open("lat_deg", lat_deg, here.map(|p| p.lat_deg), middle);
        let lon_deg = open("lon_deg", lon_deg, here.map(|p| p.lon_deg), middle);
        let zone = lon_deg.map(|lon| (lon / 15.0).round());
        let utc_offset_h = open("utc_offset_h", offset_h, zone, "whole hours nearest to the sun");
        let (Some(lat_deg), Some(lon_deg), Some(utc_offset_h)) = (lat_deg, lon_deg, utc_offset_h)
        else {
            let message = String::from("direct radiation needs to know where the sun stands");
            let help = "write lat_deg and lon_deg; the region's areas have no positions";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
            return None;
        };
        let hours = rows.iter().enumerate().map(|(h, (_, [direct, diffuse]))| {
            let since = SignedDuration::from_hours(i64::try_from(h).unwrap_or(0));
            let clock = start.checked_add(since).unwrap_or(start);
            SkyHour {
                day_of_year: clock.date().day_of_year().unsigned_abs(),
                clock_h: f64::from(clock.hour()) + 0.5,
                direct_normal_w_m2: *direct,
                diffuse_horizontal_w_m2: *diffuse,
            }
        });
        Some(Sky { lat_deg, lon_deg, utc_offset_h, hours: hours.collect() })
    }

    /// Middle of the areas that have positions.
    fn middle(&self) -> Option<Position> {
        let areas = &self.region.places().areas;
        let known: Vec<Position> = areas.iter().filter_map(|a| a.position).collect();
        let n = known.len() as f64;
        (!known.is_empty()).then(|| Position {
            lon_deg: known.iter().map(|p| p.lon_deg).sum::<f64>() / n,
            lat_deg: known.iter().map(|p| p.lat_deg).sum::<f64>() / n,
        })
    }

    /// The typical year of an EPW file, from the scenario's own date or from `from`.
    fn weather_epw(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Weather> {
        let value = section.get("epw")?;
        let from = match section.get("from") {
            Some(from) => from.datetime(),
            None => start,
        };
        let (path, text) = self.file(&value)?;
        let parsed = parse_epw(&text, &path);
        let failed = parsed.problems.iter().any(|p| p.severity == Severity::Error);
        section.doc.problems.borrow_mut().extend(parsed.problems);
        let from = from.filter(|_| !failed)?;
        let number = |n: i8| u8::try_from(n).unwrap_or(0);
        let (month, day, hour) = (number(from.month()), number(from.day()), number(from.hour()));
        let weather = parsed.value.from_date(month, day, hour, horizon_h as usize);
        if weather.is_none() {
            let message = format!("the file has no hour {hour} of day {day} in month {month}");
            let help = String::from("write from = a date that is in it");
            value.push("contradiction", message, Some(help));
        }
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
        Some(Weather { hours: vec![hour; horizon_h as usize], sky: None })
    }
}
