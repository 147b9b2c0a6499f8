//! What commands that run a network share: the network, how it is run, what the output says of it.

use std::path::Path;

use blackstart::region::Water;
use blackstart::water::PeriodTimes;
use blackstart_io::ReadWater;
use blackstart_io::write::{InputFile, Provenance};

use crate::args::Cli;
use crate::args::water::How;
use crate::commands::study::file_name;
use crate::diagnostics;
use crate::exit::Exit;

/// Least difference of required and minimum pressure that means anything, m.
const LEAST_RANGE_M: f64 = 1e-3;

/// What the required pressure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressures {
    /// Demands that follow it.
    OfModel,
    /// That, and telling who has less.
    Measured,
}

/// A network and how it is run.
pub(super) struct Setup {
    read: ReadWater,
    pub water: Water,
    /// As asked for; a run fits them to each other.
    pub times: PeriodTimes,
    pub demand_driven: bool,
    pressures: Pressures,
}

impl Setup {
    /// Reads the network and puts the command line's wishes in place of the file's.
    pub fn read(cli: &Cli, network: &Path, how: &How, pressures: Pressures) -> Result<Self, Exit> {
        let mut read = blackstart_io::load_water(network);
        let wrong = diagnostics::print(&read.problems, cli.format, cli.quiet);
        let mut water = read.water.take().filter(|_| !wrong).ok_or(Exit::InvalidInput)?;
        let demand_driven = how.demand_driven || !how.pressure_driven && read.demand_driven;
        set_pressures(how, demand_driven, pressures, &mut water)?;
        let mut times = read.times.clone();
        times.duration_s = how.duration.unwrap_or(times.duration_s);
        times.report_step_s = how.report_step.unwrap_or(times.report_step_s);
        times.hydraulic_step_s = how.hydraulic_step.unwrap_or(times.hydraulic_step_s);
        times.pumps_off_s.clone_from(&how.pumps_off);
        Ok(Self { read, water, times, demand_driven, pressures })
    }

    /// The files read and what is worth knowing about them.
    pub fn provenance(&self) -> Provenance {
        let inputs = self.read.inputs.iter();
        Provenance {
            version: env!("CARGO_PKG_VERSION").into(),
            inputs: inputs
                .map(|(path, hash)| InputFile { name: file_name(path), sha256: hash.clone() })
                .collect(),
            notes: self.read.problems.iter().map(ToString::to_string).collect(),
            ..Provenance::default()
        }
    }

    /// The settings of a run over `times`.
    pub fn settings(&self, times: &PeriodTimes) -> Vec<(&'static str, String)> {
        let model = if self.demand_driven { "demand-driven" } else { "pressure-driven" };
        let mut out = vec![("demand_model", model.to_owned())];
        let o = &self.water.options;
        if !self.demand_driven {
            out.push(("min_pressure_m", o.min_pressure_m.to_string()));
        }
        if !self.demand_driven || self.pressures == Pressures::Measured {
            out.push(("required_pressure_m", o.required_pressure_m.to_string()));
        }
        if !self.demand_driven {
            out.push(("pressure_exponent", o.pressure_exponent.to_string()));
        }
        out.push(("duration_s", times.duration_s.to_string()));
        out.push(("hydraulic_step_s", times.hydraulic_step_s.to_string()));
        out.push(("report_step_s", times.report_step_s.to_string()));
        out.push(("report_start_s", times.report_start_s.to_string()));
        out.push(("rule_step_s", times.rule_step_s.to_string()));
        let off: Vec<String> =
            times.pumps_off_s.iter().map(|r| format!("{}..{}", r.start, r.end)).collect();
        out.push(("pumps_off_s", off.join(",")));
        out
    }
}

/// The pressures of the command line in place of the file's.
fn set_pressures(
    how: &How,
    demand_driven: bool,
    pressures: Pressures,
    water: &mut Water,
) -> Result<(), Exit> {
    let required = match pressures {
        Pressures::OfModel => how.required_pressure_m,
        Pressures::Measured => None,
    };
    let given = [how.min_pressure_m, required, how.pressure_exponent];
    if demand_driven && given.iter().any(Option::is_some) {
        diagnostics::say(
            "pressures play a part only where demands follow them: add --pressure-driven",
        );
        return Err(Exit::Usage);
    }
    let o = &mut water.options;
    o.min_pressure_m = how.min_pressure_m.unwrap_or(o.min_pressure_m);
    o.required_pressure_m = how.required_pressure_m.unwrap_or(o.required_pressure_m);
    o.pressure_exponent = how.pressure_exponent.unwrap_or(o.pressure_exponent);
    let range = o.required_pressure_m - o.min_pressure_m;
    let all = [o.min_pressure_m, o.required_pressure_m, o.pressure_exponent];
    if all.iter().any(|x| !x.is_finite()) || range < LEAST_RANGE_M || o.pressure_exponent <= 0.0 {
        diagnostics::say(&format!(
            "the required pressure, {} m, must be above the minimum, {} m, and the exponent, {}, \
             above 0",
            o.required_pressure_m, o.min_pressure_m, o.pressure_exponent
        ));
        return Err(Exit::Usage);
    }
    Ok(())
}

/// Hours, minutes and seconds where there are some.
pub(super) fn clock(time_s: i64) -> String {
    let (h, m, s) = (time_s / 3600, time_s / 60 % 60, time_s % 60);
    if s == 0 { format!("{h}:{m:02}") } else { format!("{h}:{m:02}:{s:02}") }
}
