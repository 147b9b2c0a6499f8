//! Arguments of `water`: a water network by itself.

use std::ops::Range;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Studies of one water network.
#[derive(Debug, Subcommand)]
pub enum WaterCommand {
    /// Run a network over time: heads, flows and pressures as EPANET reports them.
    ///
    /// Writes nodes and links (a row each for every report step), status (a row for every
    /// solution, at EPANET's event times) and, where there are some, emitters. Heads are in
    /// m, flows in m³/s; nodes that no water reaches have no head.
    #[command(after_help = "Examples:\n  \
        blackstart water run Net3.inp -o net3\n  \
        blackstart water run Net3.inp --pressure-driven --pumps-off 2h..20h -o dark\n  \
        blackstart water run Net3.inp --pumps-off 02:00..06:00,18:00..20:00 --duration 3d\n  \
        blackstart water run my-region --duration 48h --format parquet -o water")]
    Run(Run),
    /// Run many scenarios of a network: more or less demand, pumps that are out.
    ///
    /// SCENARIOS is a table (.csv) with a row for each: column scenario (its name) and, where
    /// wanted, demand_factor (what everyone asks for, times this; 1 if left out) and pumps_off
    /// (which pumps are out when: P1;P2@6-12 is P1 for the whole run and P2 from hour 6 to hour
    /// 12, P2@6- is from hour 6 to the end, * is every pump).
    ///
    /// Writes scenarios (a row for each: water asked for and supplied, lowest pressure, pumps'
    /// electricity, how it ended), junctions (a row for each: its pressures and its supply over
    /// all scenarios) and tanks (a row for each scenario and tank). No series over time are
    /// kept; take `water run` for one scenario's.
    #[command(after_help = "Examples:\n  \
        blackstart water batch Net3.inp scenarios.csv -o batch\n  \
        blackstart water batch Net3.inp scenarios.csv --pressure-driven --threads 2\n  \
        blackstart water batch my-region scenarios.csv --duration 3d --format parquet\n\n\
        scenarios.csv, for instance:\n  \
        scenario,demand_factor,pumps_off\n  \
        as it is,1,\n  \
        hot day,1.4,\n  \
        P1 under repair,1,P1\n  \
        hot day and a power cut,1.4,*@18-20")]
    Batch(Batch),
}

/// Arguments of `water run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The network: an EPANET file (.inp), or a region.
    pub network: PathBuf,
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
    #[command(flatten)]
    pub how: How,
    /// Exit with 4 if any moment could not be computed to tolerance.
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `water batch`.
#[derive(Debug, Args)]
pub struct Batch {
    /// The network: an EPANET file (.inp), or a region.
    pub network: PathBuf,
    /// The scenarios: a table (.csv) with columns scenario, demand_factor, pumps_off.
    pub scenarios: PathBuf,
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
    #[command(flatten)]
    pub how: How,
    /// Exit with 4 if any moment of a scenario could not be computed to tolerance.
    #[arg(long)]
    pub strict: bool,
}

/// How a network is run.
#[derive(Debug, Args)]
pub struct How {
    /// Let demands follow pressure [default: as the file says; with a region they do]
    #[arg(long, conflicts_with = "demand_driven")]
    pub pressure_driven: bool,
    /// Meet demands whatever the pressure.
    #[arg(long)]
    pub demand_driven: bool,
    /// Pressure up to which a junction gets nothing, m [default: the file's]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub min_pressure_m: Option<f64>,
    /// Pressure from which a junction gets all it asks for, m [default: the file's, else 20]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub required_pressure_m: Option<f64>,
    /// Exponent between those two [default: the file's, else 0.5]
    #[arg(long, value_name = "X")]
    pub pressure_exponent: Option<f64>,
    /// All pumps are without current from … until …, such as 2h..20h or 02:00..20:00; may be
    /// repeated.
    #[arg(long, value_name = "FROM..UNTIL", value_delimiter = ',', value_parser = range)]
    pub pumps_off: Vec<Range<i64>>,
    /// Length of the run [default: the file's; 24h for a region]
    ///
    /// Times are 90s, 15min, 2h, 3d, hours and minutes such as 13:30, or seconds.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub duration: Option<i64>,
    /// Time between two reports [default: the file's; 1h for a region]
    #[arg(long, value_name = "TIME", value_parser = step)]
    pub report_step: Option<i64>,
    /// Most time between two solutions [default: the file's; 1h for a region]
    #[arg(long, value_name = "TIME", value_parser = step)]
    pub hydraulic_step: Option<i64>,
}

/// Longest time that is understood, s: results count seconds in 32 bits.
const LONGEST_S: f64 = 4e9;

/// A time in whole seconds.
fn time(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let wrong = || format!("`{text}` is not a time; write 90s, 15min, 2h, 3d, 13:30 or seconds");
    let seconds = if text.contains(':') {
        let parts: Vec<f64> =
            text.split(':').map(number).collect::<Option<_>>().ok_or_else(wrong)?;
        match parts.as_slice() {
            [h, m] => h * 3600.0 + m * 60.0,
            [h, m, s] => h * 3600.0 + m * 60.0 + s,
            _ => return Err(wrong()),
        }
    } else {
        let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(at);
        let scale = match unit.to_ascii_lowercase().as_str() {
            "" | "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(wrong()),
        };
        number(digits.trim_end()).ok_or_else(wrong)? * scale
    };
    if seconds > LONGEST_S {
        return Err(format!("{text} is longer than a hundred years"));
    }
    Ok(seconds.round() as i64)
}

/// Digits and a point only.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| plain)
}

fn step(text: &str) -> Result<i64, String> {
    let seconds = time(text)?;
    if seconds < 1 { Err("a step is a second or more".into()) } else { Ok(seconds) }
}

fn range(text: &str) -> Result<Range<i64>, String> {
    let (from, until) = text
        .split_once("..")
        .ok_or_else(|| format!("`{text}` is not FROM..UNTIL, such as 2h..20h"))?;
    let range = time(from)?..time(until)?;
    if range.is_empty() {
        return Err(format!("{text} ends before it begins"));
    }
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_all_forms() {
        for (text, seconds) in [
            ("90", 90),
            ("90s", 90),
            ("15min", 900),
            ("1.5h", 5400),
            ("3d", 259_200),
            ("13:30", 48_600),
            ("0:00:07", 7),
            (" 2h ", 7200),
        ] {
            assert_eq!(time(text), Ok(seconds), "{text}");
        }
        for text in ["", "h", "2 weeks", "-2h", "1:2:3:4", "1:x", "1e3", "9999999d"] {
            assert!(time(text).is_err(), "{text}");
        }
        assert_eq!(range("2h..20h"), Ok(7200..72_000));
        assert_eq!(range("02:00..20:00"), Ok(7200..72_000));
        assert!(range("2h").is_err() && range("3h..2h").is_err() && range("2h..2h").is_err());
        assert!(step("0").is_err());
    }
}
