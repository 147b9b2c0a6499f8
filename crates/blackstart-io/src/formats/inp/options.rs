//! `[OPTIONS]` and `[TIMES]`.

use blackstart::region::{HeadLoss, WaterOptions};

use super::lines::{Row, Section, Sections};
use super::units::{Pressure, Units};
use super::{DemandModel, InpTimes, Purpose};
use crate::codes;
use crate::formats::collect::{Collector, shorten};
use crate::problem::Severity;

/// Kinematic viscosity that EPANET's relative viscosity multiplies: 1.1e-5 ft²/s.
pub(super) const VISCOSITY_M2_S: f64 = 1.1e-5 * 0.3048 * 0.3048;
/// A viscosity above this is relative to water at 20 °C (as in EPANET).
const RELATIVE_VISCOSITY: f64 = 1e-3;

/// Least difference of the required and the minimum pressure in EPANET, its unit.
const LEAST_RANGE: f64 = 0.1;

/// What `[OPTIONS]` says.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub water: WaterOptions,
    pub units: Units,
    pub pressure_unit: Option<Pressure>,
    pub default_pattern: String,
    pub demand_model: DemandModel,
    /// Word of the flow unit.
    pub flow_unit: String,
    /// Line of `DEMAND MODEL`, 0 if it is not there.
    pub demand_model_line: usize,
    pub required_pressure_given: bool,
}

/// Options that steer EPANET's own solver, its water quality or its files.
const UNUSED: [&str; 22] = [
    "HYDRAULICS",
    "QUALITY",
    "DIFFUSIVITY",
    "TRIALS",
    "ACCURACY",
    "HEADERROR",
    "FLOWCHANGE",
    "UNBALANCED",
    "TOLERANCE",
    "MAP",
    "CHECKFREQ",
    "MAXCHECK",
    "DAMPLIMIT",
    "SEGMENTS",
    "VERIFY",
    "STATUS",
    "PRESSURE ZONE",
    "RQTOL",
    "HTOL",
    "QTOL",
    "MAXITER",
    "WALL",
];

const KNOWN: [&str; 13] = [
    "UNITS",
    "HEADLOSS",
    "PRESSURE",
    "PRESSURE EXPONENT",
    "VISCOSITY",
    "SPECIFIC GRAVITY",
    "DEMAND MULTIPLIER",
    "DEMAND MODEL",
    "PATTERN",
    "MINIMUM PRESSURE",
    "REQUIRED PRESSURE",
    "EMITTER EXPONENT",
    "BACKFLOW ALLOWED",
];

/// Options of two words that have a part here.
const TWO_WORDS: [(&str, &str); 9] = [
    ("PRESSURE", "EXP"),
    ("SPECIFIC", "GRAV"),
    ("DEMAND", "MULT"),
    ("DEMAND", "MODEL"),
    ("MINIMUM", "PRES"),
    ("REQUIRED", "PRES"),
    ("EMITTER", "EXP"),
    ("EMITTER", "BACK"),
    ("BACKFLOW", "ALLO"),
];

/// Reads `[OPTIONS]`.
pub(super) fn options(
    sections: &Sections<'_>,
    purpose: Purpose,
    problems: &mut Collector<'_>,
) -> Options {
    let mut water = WaterOptions::default();
    let mut flow = "GPM".to_owned();
    let mut pressure = None;
    let mut default_pattern = "1".to_owned();
    let mut model = (DemandModel::DemandDriven, 0);
    let (mut minimum, mut required) = (None, None);
    let mut viscosity = None;
    for row in sections.rows(Section::Options) {
        let two = |a, b| row.says(0, a) && row.says(1, b);
        // As in EPANET a row that ends before its value says nothing.
        let has_two_words = TWO_WORDS.iter().any(|(a, b)| two(a, b));
        if row.len() < 2 || has_two_words && row.len() < 3 {
            let message = "this option has no value; the default stays";
            let (code, at) = (codes::IGNORED, row.len());
            row.problem(problems, Severity::Warning, code, at, message, None);
        } else if two("PRESSURE", "EXP") {
            water.pressure_exponent =
                row.number(problems, 2, "the exponent").unwrap_or(water.pressure_exponent);
        } else if row.says(0, "UNITS") {
            if Units::new(row.at(1), None, 1.0).is_some() {
                flow = row.at(1).to_owned();
            } else {
                let help = Units::near(row.at(1)).map_or_else(
                    || format!("one of {}", Units::words()),
                    |n| format!("did you mean {n}?"),
                );
                let message = format!("`{}` is not a flow unit", shorten(row.at(1), 24));
                row.problem(problems, Severity::Error, codes::BAD_WORD, 1, message, Some(help));
            }
        } else if row.says(0, "PRESSURE") {
            pressure = pressure_unit(&row, problems);
        } else if row.says(0, "HEADLOSS") {
            water.head_loss = match row.at(1).to_ascii_uppercase().as_str() {
                "H-W" => HeadLoss::HazenWilliams,
                "D-W" => HeadLoss::DarcyWeisbach,
                "C-M" => HeadLoss::ChezyManning,
                word => {
                    let message = format!("`{}` is not a head-loss formula", shorten(word, 24));
                    let help = Some("one of H-W, D-W, C-M".to_owned());
                    row.problem(problems, Severity::Error, codes::BAD_WORD, 1, message, help);
                    water.head_loss
                }
            };
        } else if row.says(0, "VISC") {
            viscosity = positive(&row, problems, 1, "the viscosity");
        } else if two("SPECIFIC", "GRAV") {
            let gravity = positive(&row, problems, 2, "the specific gravity");
            water.specific_gravity = gravity.unwrap_or(1.0);
        } else if two("DEMAND", "MULT") {
            water.demand_multiplier = row.number(problems, 2, "the multiplier").unwrap_or(1.0);
        } else if two("DEMAND", "MODEL") {
            match row.at(2).to_ascii_uppercase().as_str() {
                "DDA" => model = (DemandModel::DemandDriven, row.line),
                "PDA" | "PDD" => model = (DemandModel::PressureDriven, row.line),
                word => {
                    let message = format!("`{}` is not a demand model", shorten(word, 24));
                    let help = Some("DDA or PDA".to_owned());
                    row.problem(problems, Severity::Error, codes::BAD_WORD, 2, message, help);
                }
            }
        } else if two("MINIMUM", "PRES") {
            minimum = row.number(problems, 2, "the minimum pressure");
        } else if two("REQUIRED", "PRES") {
            required = row.number(problems, 2, "the required pressure");
        } else if row.says(0, "PATTERN") {
            default_pattern = row.at(1).to_owned();
        } else if two("EMITTER", "EXP") {
            water.emitter_exponent = positive(&row, problems, 2, "the exponent").unwrap_or(0.5);
        } else if two("BACKFLOW", "ALLO") || two("EMITTER", "BACK") {
            water.emitter_backflow = yes_or_no(&row, problems).unwrap_or(true);
        } else {
            unused(&row, problems);
        }
    }
    let units = Units::new(&flow, pressure, water.specific_gravity)
        .or_else(|| Units::new("GPM", pressure, 1.0))
        .unwrap_or_else(|| unreachable!("GPM is one of the flow units"));
    if let Some(v) = viscosity {
        let area = units.length * units.length;
        water.viscosity_m2_s = if v > RELATIVE_VISCOSITY { v * VISCOSITY_M2_S } else { v * area };
    }
    if let Some(p) = minimum {
        water.min_pressure_m = p * units.pressure;
    }
    if let Some(p) = required {
        water.required_pressure_m = p * units.pressure;
    } else if purpose == Purpose::Alone && model.0 == DemandModel::PressureDriven {
        water.required_pressure_m = (minimum.unwrap_or(0.0) + LEAST_RANGE) * units.pressure;
    }
    Options {
        water,
        units,
        pressure_unit: pressure,
        default_pattern,
        demand_model: model.0,
        demand_model_line: model.1,
        flow_unit: flow,
        required_pressure_given: required.is_some(),
    }
}

fn yes_or_no(row: &Row<'_>, problems: &mut Collector<'_>) -> Option<bool> {
    if row.says(2, "YES") {
        return Some(true);
    }
    if row.says(2, "NO") {
        return Some(false);
    }
    let message = format!("`{}` is neither YES nor NO", shorten(row.at(2), 24));
    row.error(problems, codes::BAD_WORD, 2, message);
    None
}

fn positive(row: &Row<'_>, problems: &mut Collector<'_>, i: usize, what: &str) -> Option<f64> {
    let x = row.number(problems, i, what)?;
    if x > 0.0 {
        return Some(x);
    }
    row.error(problems, codes::BAD_VALUE, i, format!("{what} must be above 0"));
    None
}

fn pressure_unit(row: &Row<'_>, problems: &mut Collector<'_>) -> Option<Pressure> {
    match row.at(1).to_ascii_uppercase().as_str() {
        "PSI" => Some(Pressure::Psi),
        "KPA" => Some(Pressure::Kpa),
        "METERS" | "METRES" | "M" => Some(Pressure::Metres),
        "BAR" => Some(Pressure::Bar),
        "FEET" => Some(Pressure::Feet),
        word => {
            let message = format!("`{}` is not a pressure unit", shorten(word, 24));
            let help = Some("one of PSI, KPA, METERS, BAR, FEET".to_owned());
            row.problem(problems, Severity::Error, codes::BAD_WORD, 1, message, help);
            None
        }
    }
}

/// Options without a part here are fine; others are a slip or from another program.
fn unused(row: &Row<'_>, problems: &mut Collector<'_>) {
    if UNUSED.iter().any(|w| row.says(0, w)) {
        return;
    }
    let words =
        if row.len() > 2 { format!("{} {}", row.at(0), row.at(1)) } else { row.at(0).into() };
    let near = problems.nearest(Severity::Error, &words, KNOWN.into_iter().chain(UNUSED));
    let help = near.map(|n| format!("did you mean {n}?"));
    let severity = if near.is_some() { Severity::Error } else { Severity::Warning };
    let message = format!("unknown option `{}`", shorten(&words, 40));
    row.problem(problems, severity, codes::UNKNOWN_KEY, 0, message, help);
}

/// Reads `[TIMES]` into `water` and the rest.
pub(super) fn times(
    sections: &Sections<'_>,
    water: &mut WaterOptions,
    problems: &mut Collector<'_>,
) -> InpTimes {
    let mut times = InpTimes::default();
    for row in sections.rows(Section::Times) {
        let two = |a, b| row.says(0, a) && row.says(1, b);
        // What EPANET's results are summed up to, and what it no longer uses.
        if row.says(0, "STAT") || row.says(0, "MINI") {
            continue;
        }
        // As in EPANET one word tells most of them apart, and the time stands at the end:
        // `DURATION 24`, `PATTERN TIMESTEP 1:00`, `START CLOCKTIME 6 AM`.
        let known = ["DURA", "HYDR", "QUAL", "RULE"].iter().any(|w| row.says(0, w))
            || ["PATT", "REPO"].iter().any(|w| two(w, "TIME") || two(w, "STAR"))
            || row.says(0, "STAR");
        if !known {
            let words = format!("{} {}", row.at(0), row.at(1));
            let all = [
                "DURATION",
                "HYDRAULIC TIMESTEP",
                "QUALITY TIMESTEP",
                "RULE TIMESTEP",
                "PATTERN TIMESTEP",
                "PATTERN START",
                "REPORT TIMESTEP",
                "REPORT START",
                "START CLOCKTIME",
                "STATISTIC",
            ];
            let help = problems
                .nearest(Severity::Error, &words, all)
                .map(|n| format!("did you mean {n}?"));
            let message = format!("unknown time `{}`", shorten(words.trim(), 40));
            row.problem(problems, Severity::Error, codes::UNKNOWN_KEY, 0, message, help);
            continue;
        }
        let Some(hours) = last_time(&row, problems) else { continue };
        if two("PATTERN", "TIME") {
            water.pattern_step_h = hours;
        } else if two("PATTERN", "START") {
            water.pattern_start_h = hours;
        } else if row.says(0, "STAR") {
            water.start_clock_h = hours % 24.0;
        } else if row.says(0, "DURA") {
            times.duration_h = hours;
        } else if row.says(0, "HYDR") {
            times.hydraulic_step_h = hours;
        } else if two("REPORT", "TIME") {
            times.report_step_h = hours;
        } else if two("REPORT", "START") {
            times.report_start_h = hours;
        } else if row.says(0, "RULE") {
            times.rule_step_h = hours;
        }
    }
    times
}

/// The time that ends a row, in hours, or an error.
fn last_time(row: &Row<'_>, problems: &mut Collector<'_>) -> Option<f64> {
    let last = row.len() - 1;
    if last == 0 {
        row.error(problems, codes::SHORT_ROW, 1, "a time is missing");
        return None;
    }
    // `6:00 AM` and `90 MIN` are two words.
    let unit = last > 1 && time(row.at(last), "").is_none();
    if unit && time(row.at(last - 1), row.at(last)).is_some() {
        return time(row.at(last - 1), row.at(last));
    }
    time_at(row, last, problems)
}

/// The time at tokens `i` and `i + 1` in hours, or an error.
pub(super) fn time_at(row: &Row<'_>, i: usize, problems: &mut Collector<'_>) -> Option<f64> {
    if row.at(i).is_empty() {
        row.error(problems, codes::SHORT_ROW, i, "a time is missing");
        return None;
    }
    let hours = time(row.at(i), row.at(i + 1));
    if hours.is_none() {
        let text = format!("{} {}", row.at(i), row.at(i + 1));
        let message = format!("`{}` is not a time", shorten(text.trim(), 24));
        let help =
            Some("hours such as 6 or 1.5, 1:30, 90 MIN, or a clock time such as 6 PM".into());
        row.problem(problems, Severity::Error, codes::BAD_DATE, i, message, help);
    }
    hours
}

/// A time in hours: decimal hours, `h:mm`, `h:mm:ss`, with SEC, MIN, HOURS, DAYS, AM, PM.
pub(super) fn time(text: &str, unit: &str) -> Option<f64> {
    let lower = text.to_ascii_uppercase();
    // `6AM` as one word.
    let (digits, glued) = match lower.find(|c: char| c.is_ascii_alphabetic()) {
        Some(at) if at > 0 => lower.split_at(at),
        _ => (lower.as_str(), ""),
    };
    let unit = if glued.is_empty() { unit.to_ascii_uppercase() } else { glued.to_owned() };
    let mut hours = 0.0;
    let mut scale = 1.0;
    let parts: Vec<&str> = digits.split(':').collect();
    if parts.len() > 4 {
        return None;
    }
    // wntr writes times of a day or more as h:mm:ss:00 sometimes: nothing below seconds.
    for part in parts.iter().take(3) {
        let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        hours += part.parse::<f64>().ok().filter(|_| plain)? * scale;
        scale /= 60.0;
    }
    let colon = parts.len() > 1;
    match unit.as_str() {
        "" => {}
        "AM" if (0.0..13.0).contains(&hours) => hours %= 12.0,
        "PM" if (0.0..13.0).contains(&hours) => hours = hours % 12.0 + 12.0,
        u if u.starts_with("SEC") && !colon => hours /= 3600.0,
        u if u.starts_with("MIN") && !colon => hours /= 60.0,
        u if u.starts_with("HOU") && !colon => {}
        u if u.starts_with("DAY") && !colon => hours *= 24.0,
        _ => return None,
    }
    hours.is_finite().then_some(hours)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_read_in_all_forms() {
        for (text, unit, hours) in [
            ("24", "", 24.0),
            ("1.5", "", 1.5),
            ("1:30", "", 1.5),
            ("0:00:36", "", 0.01),
            ("90", "MIN", 1.5),
            ("36", "SECONDS", 0.01),
            ("2", "days", 48.0),
            ("3", "hours", 3.0),
            ("12", "AM", 0.0),
            ("12:30", "am", 0.5),
            ("6", "PM", 18.0),
            ("12", "PM", 12.0),
            ("6:15PM", "", 18.25),
        ] {
            let got = time(text, unit).unwrap();
            assert!((got - hours).abs() < 1e-12, "{text} {unit}: {got}");
        }
        for (text, unit) in
            [("", ""), ("x", ""), ("1:x", ""), ("-3", ""), ("5", "weeks"), ("14", "PM")]
        {
            assert_eq!(time(text, unit), None, "{text} {unit}");
        }
    }
}
