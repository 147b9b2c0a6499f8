//! EnergyPlus weather files (`.epw`). See `docs/formats/weather.md`.
//!
//! The layout is that of the EnergyPlus "Auxiliary Programs" manual: eight header lines,
//! then one row an hour of which the dry-bulb temperature, the wind speed and the global
//! horizontal, direct normal and diffuse horizontal radiation are used.

use std::path::Path;

use blackstart::scenario::{Sky, SkyHour, Weather, WeatherHour};

use super::Parsed;
use super::collect::{Collector, nearest, shorten};
use crate::codes;
use crate::problem::{InputProblem, Severity};
use crate::sources::Sources;

/// Longest gap of missing values that is filled by interpolation, h.
const MAX_GAP_H: usize = 6;

/// An EPW file: a year of hours, or less.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Epw {
    /// Place as its `LOCATION` line has it.
    pub place: String,
    /// Latitude in degrees north, longitude in degrees east and standard time less
    /// universal time in h, if the line has them.
    pub site: Option<(f64, f64, f64)>,
    /// Hours in file order.
    pub hours: Vec<EpwHour>,
}

/// One row of an EPW file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpwHour {
    /// 1 … 12.
    pub month: u8,
    /// 1 … 31.
    pub day: u8,
    /// Hour of the day that the row's interval begins with, 0 … 23 (EPW's hour less one).
    pub hour: u8,
    /// Its weather.
    pub weather: WeatherHour,
    /// Direct radiation on a surface that faces the sun, W/m²; NaN where missing.
    pub direct_normal_w_m2: f64,
    /// Diffuse radiation on a horizontal surface, W/m²; NaN where missing.
    pub diffuse_horizontal_w_m2: f64,
}

/// Day of a year without a 29th of February, from 1.
pub(crate) fn day_of_year(month: u8, day: u8) -> u16 {
    const BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let month = usize::from(month.clamp(1, 12));
    BEFORE[month - 1] + u16::from(day)
}

impl Epw {
    /// `count` hours from a date and hour of the day (0 … 23), going on with the file's
    /// first row after its last. `None` if the file has no such hour; the 29th of
    /// February stands for the 28th where there is none.
    #[must_use]
    pub fn from_date(&self, month: u8, day: u8, hour: u8, count: usize) -> Option<Weather> {
        let find =
            |day| self.hours.iter().position(|h| (h.month, h.day, h.hour) == (month, day, hour));
        let start = match find(day) {
            None if (month, day) == (2, 29) => find(28),
            found => found,
        }?;
        let hours = || self.hours.iter().cycle().skip(start).take(count);
        let sky = |h: &EpwHour| SkyHour {
            day_of_year: day_of_year(h.month, h.day),
            clock_h: f64::from(h.hour) + 0.5,
            direct_normal_w_m2: h.direct_normal_w_m2,
            diffuse_horizontal_w_m2: h.diffuse_horizontal_w_m2,
        };
        let known =
            |h: &EpwHour| h.direct_normal_w_m2.is_finite() && h.diffuse_horizontal_w_m2.is_finite();
        let site = self.site.filter(|_| hours().all(known));
        let sky = site.map(|(lat_deg, lon_deg, utc_offset_h)| Sky {
            lat_deg,
            lon_deg,
            utc_offset_h,
            hours: hours().map(sky).collect(),
        });
        Some(Weather { hours: hours().map(|h| h.weather).collect(), sky })
    }
}

/// One of the quantities that are used.
struct Quantity {
    name: &'static str,
    /// Field of a row, from 0.
    field: usize,
    /// From this value on it is missing.
    missing: f64,
    low: f64,
    high: f64,
    /// A run can do without it.
    optional: bool,
}

/// Quantities of a row.
const COUNT: usize = 5;

const QUANTITIES: [Quantity; COUNT] = [
    quantity("dry-bulb temperature", 6, 99.9, (-90.0, 70.0), false),
    quantity("wind speed", 21, 999.0, (0.0, 110.0), false),
    quantity("global horizontal radiation", 13, 9999.0, (0.0, 2000.0), false),
    quantity("direct normal radiation", 14, 9999.0, (0.0, 2000.0), true),
    quantity("diffuse horizontal radiation", 15, 9999.0, (0.0, 2000.0), true),
];

const fn quantity(
    name: &'static str,
    field: usize,
    missing: f64,
    (low, high): (f64, f64),
    optional: bool,
) -> Quantity {
    Quantity { name, field, missing, low, high, optional }
}

/// Reads an EPW file; `file` names it in problems.
///
/// Missing values (99.9 °C, 999 m/s, 9999 W/m²) are interpolated over gaps of up to six
/// hours with a warning; longer gaps are errors, but for direct and diffuse radiation: a
/// run then counts the sun by the horizontal radiation alone.
#[must_use]
pub fn parse_epw(text: &str, file: &Path) -> Parsed<Epw> {
    let mut problems = Collector::new(file);
    let mut epw = Epw::default();
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    let mut in_data = false;
    for (i, line) in lines.by_ref() {
        let mut fields = line.split(',');
        let first = fields.next().unwrap_or("").trim();
        if i == 0 && !first.eq_ignore_ascii_case("LOCATION") {
            let problem = InputProblem::error(codes::BAD_SYNTAX, file, "this is not an EPW file");
            let near = nearest(first, ["LOCATION"]).map_or("", |_| " (did you mean LOCATION?)");
            problems.push(
                problem
                    .at(1, 1)
                    .found(shorten(first, 24))
                    .help(format!("its first line begins with LOCATION{near}")),
            );
            break;
        }
        if i == 0 {
            epw.place = shorten(fields.next().unwrap_or("").trim(), 100);
            epw.site = site(fields.by_ref());
        }
        if first.eq_ignore_ascii_case("DATA PERIODS") {
            in_data = true;
            let per_hour = fields.nth(1).unwrap_or("").trim();
            if per_hour != "1" {
                problems.add(
                    Severity::Error,
                    codes::BAD_VALUE,
                    (i + 1, 0),
                    format!(
                        "the file has `{}` records an hour; one is read",
                        shorten(per_hour, 12)
                    ),
                );
            }
            break;
        }
    }
    if !in_data && problems.errors() == 0 {
        let problem = InputProblem::error(codes::TRUNCATED, file, "there is no DATA PERIODS line");
        problems.push(problem.help("it is the last line before the hours"));
    }
    let mut rows: Vec<(usize, [f64; COUNT])> = Vec::new();
    for (i, line) in lines {
        if !in_data || line.trim().is_empty() {
            continue;
        }
        if let Some((hour, values)) = row(line, i + 1, &mut problems) {
            rows.push((i + 1, values));
            epw.hours.push(hour);
        }
    }
    if in_data && rows.is_empty() && problems.errors() == 0 {
        problems.add(Severity::Error, codes::EMPTY_FILE, (0, 0), "the file has no hours");
    }
    for (q, quantity) in QUANTITIES.iter().enumerate() {
        fill_gaps(&mut rows, q, quantity, &mut problems);
    }
    for (hour, (_, values)) in epw.hours.iter_mut().zip(rows) {
        let [outdoor_c, wind_m_s, solar_w_m2, direct, diffuse] = values;
        hour.weather = WeatherHour { outdoor_c, wind_m_s, solar_w_m2 };
        (hour.direct_normal_w_m2, hour.diffuse_horizontal_w_m2) = (direct, diffuse);
    }
    Parsed { value: epw, problems: problems.finish(), sources: Sources::default() }
}

/// Latitude, longitude and offset of the time zone from what follows the place's name.
fn site<'a>(fields: impl Iterator<Item = &'a str>) -> Option<(f64, f64, f64)> {
    let mut numbers = fields.skip(4).map(|f| f.trim().parse::<f64>().ok());
    let mut next = |most: f64| numbers.next().flatten().filter(|n| n.abs() <= most);
    Some((next(90.0)?, next(180.0)?, next(14.0)?))
}

/// One row: its date, and its values with NaN for the missing.
fn row(line: &str, number: usize, problems: &mut Collector<'_>) -> Option<(EpwHour, [f64; COUNT])> {
    let fields: Vec<&str> = line.split(',').collect();
    if fields.len() < 22 {
        let message = format!("an hour has at least 22 values, this row has {}", fields.len());
        problems.add(Severity::Error, codes::SHORT_ROW, (number, 0), message);
        return None;
    }
    let column = |k: usize| fields[..k].iter().map(|f| f.chars().count() + 1).sum::<usize>() + 1;
    let mut date = [0u8; 3];
    let names = [("month", 1, 12), ("day", 1, 31), ("hour", 1, 24)];
    for (k, (name, low, high)) in names.into_iter().enumerate() {
        let value = fields[k + 1].trim().parse::<u8>().ok();
        let Some(value) = value.filter(|v| (low..=high).contains(v)) else {
            let found = shorten(fields[k + 1].trim(), 24);
            let message = format!("`{found}` is not a {name} ({low} to {high})");
            problems.add(Severity::Error, codes::BAD_DATE, (number, column(k + 1)), message);
            return None;
        };
        date[k] = value;
    }
    let mut values = [f64::NAN; COUNT];
    for (value, q) in values.iter_mut().zip(&QUANTITIES) {
        let text = fields[q.field].trim();
        match text.parse::<f64>() {
            Ok(x) if x >= q.missing => {}
            Ok(x) if (q.low..=q.high).contains(&x) => *value = x,
            Ok(x) => {
                let message = format!("{} {x} is outside {} to {}", q.name, q.low, q.high);
                let at = (number, column(q.field));
                problems.add(Severity::Error, "out-of-range", at, message);
                // Told once: it does not count as missing, too.
                *value = 0.0;
            }
            // An empty field is a missing value, too.
            Err(_) if text.is_empty() => {}
            Err(_) => {
                let message = format!("`{}` is not a number ({})", shorten(text, 24), q.name);
                let at = (number, column(q.field));
                problems.add(Severity::Error, codes::BAD_NUMBER, at, message);
                *value = 0.0;
            }
        }
    }
    let [month, day, hour] = date;
    let weather = WeatherHour { outdoor_c: 0.0, wind_m_s: 0.0, solar_w_m2: 0.0 };
    let hour = EpwHour {
        month,
        day,
        hour: hour - 1,
        weather,
        direct_normal_w_m2: f64::NAN,
        diffuse_horizontal_w_m2: f64::NAN,
    };
    Some((hour, values))
}

/// Interpolates gaps of a quantity (NaN), between the hours before and after.
fn fill_gaps(
    rows: &mut [(usize, [f64; COUNT])],
    q: usize,
    quantity: &Quantity,
    problems: &mut Collector<'_>,
) {
    let (mut filled, mut first_line) = (0usize, 0);
    let mut i = 0;
    while i < rows.len() {
        if !rows[i].1[q].is_nan() {
            i += 1;
            continue;
        }
        let from = i;
        while i < rows.len() && rows[i].1[q].is_nan() {
            i += 1;
        }
        let before = from.checked_sub(1).map(|k| rows[k].1[q]);
        let after = rows.get(i).map(|r| r.1[q]);
        let ends = match (before, after) {
            (Some(a), Some(b)) => Some((a, b)),
            (Some(a), None) | (None, Some(a)) => Some((a, a)),
            (None, None) => None,
        };
        let Some((a, b)) = ends.filter(|_| i - from <= MAX_GAP_H) else {
            if quantity.optional {
                continue;
            }
            let message = format!("the {} is missing for {} hours", quantity.name, i - from);
            problems.add(Severity::Error, "missing", (rows[from].0, 0), message);
            continue;
        };
        let steps = (i - from + 1) as f64;
        for k in from..i {
            rows[k].1[q] = a + (b - a) * (k - from + 1) as f64 / steps;
        }
        filled += i - from;
        if first_line == 0 {
            first_line = rows[from].0;
        }
    }
    if filled > 0 {
        let message = format!("{filled} missing values of the {} are interpolated", quantity.name);
        problems.add(Severity::Warning, codes::ASSUMED, (first_line, 0), message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../../testdata/cases/weather-epw/excerpt.epw");

    fn read(text: &str) -> Parsed<Epw> {
        parse_epw(text, Path::new("w.epw"))
    }

    fn told(text: &str) -> Vec<String> {
        read(text).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_excerpt_is_read() {
        let parsed = read(FILE);
        assert_eq!(parsed.problems, []);
        let e = parsed.value;
        assert_eq!((e.place.as_str(), e.hours.len()), ("Nowhere", 48));
        let h = e.hours[13];
        assert_eq!((h.month, h.day, h.hour), (1, 1, 13));
        // testdata/cases/weather-epw/README.md gives the formulas.
        assert_eq!(h.weather, WeatherHour { outdoor_c: -6.5, wind_m_s: 5.5, solar_w_m2: 87.0 });
        assert_eq!(e.site, Some((50.0, 30.0, 2.0)));
        let sky = e.from_date(12, 31, 13, 1).unwrap().sky.unwrap();
        assert_eq!((sky.lat_deg, sky.lon_deg, sky.utc_offset_h), (50.0, 30.0, 2.0));
        let noon = SkyHour {
            day_of_year: 365,
            clock_h: 13.5,
            direct_normal_w_m2: 0.0,
            diffuse_horizontal_w_m2: 87.0,
        };
        assert_eq!(sky.hours, [noon]);
    }

    #[test]
    fn hours_start_at_a_date_and_run_over_the_end() {
        let e = read(FILE).value;
        let w = e.from_date(12, 31, 22, 5).unwrap();
        let at = |k: usize| e.hours[k].weather;
        assert_eq!(w.hours, [at(46), at(47), at(0), at(1), at(2)]);
        assert_eq!(e.from_date(6, 1, 0, 5), None);
        assert_eq!(e.from_date(1, 1, 0, 200).unwrap().hours.len(), 200);
    }

    #[test]
    fn leap_days_fall_back_by_one() {
        let text = FILE.replace("2001,12,31,", "2001,2,28,");
        let e = read(&text).value;
        assert_eq!(e.from_date(2, 29, 3, 1), e.from_date(2, 28, 3, 1));
        assert!(e.from_date(2, 29, 3, 1).is_some());
    }

    #[test]
    fn short_gaps_are_interpolated_and_long_ones_refused() {
        let lines: Vec<&str> = FILE.lines().collect();
        let blank = |range: std::ops::Range<usize>| {
            let mut out: Vec<String> = lines.iter().map(ToString::to_string).collect();
            for line in &mut out[range] {
                let mut fields: Vec<&str> = line.split(',').collect();
                fields[6] = "99.9";
                *line = fields.join(",");
            }
            out.join("\n")
        };
        let short = blank(10..12);
        assert_eq!(
            told(&short),
            ["w.epw:11: 2 missing values of the dry-bulb temperature are interpolated"]
        );
        let full = read(FILE).value;
        let e = read(&short).value;
        let c = |e: &Epw, k: usize| e.hours[k].weather.outdoor_c;
        let third = (c(&full, 4) - c(&full, 1)) / 3.0;
        assert!((c(&e, 2) - c(&full, 1) - third).abs() < 1e-12);
        assert!((c(&e, 3) - c(&full, 4) + third).abs() < 1e-12);
        assert_eq!(
            told(&blank(10..20)),
            ["w.epw:11: the dry-bulb temperature is missing for 10 hours"]
        );
    }

    #[test]
    fn without_direct_radiation_or_place_there_is_no_sky() {
        let whole = read(FILE).value.from_date(1, 1, 0, 24).unwrap();
        let no_place = FILE.replacen("50.00,30.00,2.0", "x,30.00,2.0", 1);
        // Direct and diffuse radiation are the second and third value after the infrared.
        let no_direct: Vec<String> = FILE
            .lines()
            .map(|line| {
                let mut fields: Vec<&str> = line.split(',').collect();
                if fields.len() > 22 && fields[0] == "2001" {
                    (fields[14], fields[15]) = ("9999", "9999");
                }
                fields.join(",")
            })
            .collect();
        for text in [no_place, no_direct.join("\n")] {
            let parsed = read(&text);
            assert_eq!(parsed.problems, []);
            assert_eq!(parsed.value.from_date(1, 1, 0, 24).unwrap().sky, None);
        }
        assert!(whole.sky.is_some());
    }

    #[test]
    fn errors_name_line_and_column() {
        let cases = [
            ("LOCATION", "PLACE", "w.epw:1:1: this is not an EPW file"),
            ("DATA PERIODS,1,1", "DATA PERIODS,1,4", "w.epw:8: the file has `4` records an hour"),
            ("DATA PERIODS", "DATES", "w.epw: there is no DATA PERIODS line"),
            ("2001,1,1,2,", "2001,13,1,2,", "w.epw:10:6: `13` is not a month (1 to 12)"),
            ("2001,1,1,2,", "2001,1,1,25,", "w.epw:10:10: `25` is not a hour (1 to 24)"),
            ("2001,1,1,2,60,x,-10", "2001,1,1,2,60,x,-1O", "w.epw:10:17: `-1O.0` is not a number"),
            (
                "2001,1,1,2,60,x,-10",
                "2001,1,1,2,60,x,-910",
                "w.epw:10:17: dry-bulb temperature -910",
            ),
            ("2001,1,1,2,60,x,", "2001,1,1\n2001,1,1,2,60,x,", "w.epw:10: an hour has at least 22"),
        ];
        for (from, to, expected) in cases {
            let text = FILE.replacen(from, to, 1);
            assert_ne!(text, FILE, "{from}");
            let told = told(&text);
            assert!(told.first().is_some_and(|t| t.starts_with(expected)), "{expected}\n{told:?}");
        }
        assert!(told("")[0].contains("no DATA PERIODS"));
        let header: Vec<&str> = FILE.lines().take(8).collect();
        assert!(told(&header.join("\n"))[0].contains("no hours"));
    }
}
