//! Scenario files: TOML to [`Scenario`]. The format is described in
//! `docs/formats/scenario.md`.
//!
//! A strike has counts and odds by class; there is no key that names a facility it falls
//! on, and none may be added.

mod campaign;
mod compare;
mod damage;
pub(crate) mod defaults;
mod hazard;
mod homes;
mod mobile;
mod observed;
mod recovery;
mod repair;
mod seasons;
mod strike;
mod weather;

use std::path::{Path, PathBuf};

use blackstart::region::Region;
use blackstart::scenario::{Assumed, Event, PolicyCase, Scenario};
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use crate::codes;
use crate::input_file::{self, Encoding, MAX_TOML_BYTES};
use crate::problem::{InputProblem, Problems, Severity};
use crate::toml_doc::{Doc, Section};
use compare::Span;

/// Longest horizon, h: a year.
const MAX_HOURS: f64 = 8784.0;

/// What reading a scenario gave.
#[derive(Clone, Debug)]
pub struct ReadScenario {
    /// The scenario, if no problem is an error.
    pub scenario: Option<Scenario>,
    /// The policies that it puts side by side, `[[compare]]`.
    pub cases: Vec<PolicyCase>,
    /// Everything that is wrong or worth knowing.
    pub problems: Vec<InputProblem>,
    /// The files read, with the SHA-256 of their bytes in hexadecimal.
    pub inputs: Vec<(PathBuf, String)>,
}

/// Reads the scenario file `path` for `region`.
#[must_use]
pub fn read_scenario(path: &Path, region: &Region) -> ReadScenario {
    let mut problems = Problems::default();
    let Some(file) = input_file::read(path, MAX_TOML_BYTES, Encoding::Utf8, &mut problems) else {
        return ReadScenario {
            scenario: None,
            cases: Vec::new(),
            problems: problems.finish(path),
            inputs: Vec::new(),
        };
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut read = parse(&file.text, path, Beside::Folder(folder), region);
    read.inputs.insert(0, (file.path, file.sha256));
    read
}

/// Reads a scenario's `text`; `name` stands for its file in messages. Files that it names
/// are looked for in `folder`.
#[must_use]
pub fn parse_scenario(
    text: &str,
    name: &Path,
    folder: Option<&Path>,
    region: &Region,
) -> ReadScenario {
    parse(text, name, folder.map_or(Beside::Embedded(&[]), Beside::Folder), region)
}

/// Reads a scenario that is part of the program; so are the files that it names, given
/// as name and text.
#[must_use]
pub fn parse_embedded_scenario(
    text: &str,
    name: &Path,
    files: &[(&str, &str)],
    region: &Region,
) -> ReadScenario {
    let mut read = parse(text, name, Beside::Embedded(files), region);
    let sha256 = input_file::hex(&Sha256::digest(text.as_bytes()));
    read.inputs.insert(0, (name.to_path_buf(), sha256));
    read
}

/// Where the files that a scenario names are.
#[derive(Clone, Copy, Debug)]
enum Beside<'a> {
    /// In a folder.
    Folder(&'a Path),
    /// In the program: name and text of each.
    Embedded(&'a [(&'a str, &'a str)]),
}

fn parse(text: &str, name: &Path, beside: Beside<'_>, region: &Region) -> ReadScenario {
    let doc = Doc::new(name, text);
    let mut inputs = Vec::new();
    let scenario = doc.parse().and_then(|table| {
        let top = Section::top(&doc, &table);
        Reader { region, beside, inputs: &mut inputs, assumed: Vec::new() }.scenario(&top)
    });
    let problems = doc.problems.into_inner();
    let (scenario, cases) = scenario.filter(|_| problems.errors() == 0).unzip();
    let cases = cases.unwrap_or_default();
    ReadScenario { scenario, cases, problems: problems.finish(name), inputs }
}

/// What reading needs to know besides the document.
struct Reader<'r> {
    region: &'r Region,
    beside: Beside<'r>,
    inputs: &'r mut Vec<(PathBuf, String)>,
    assumed: Vec<Assumed>,
}

impl Reader<'_> {
    /// Notes a default that fills what the scenario left open.
    fn assume(&mut self, key: &str, text: String) {
        self.assumed.push(Assumed { key: key.to_owned(), text });
    }

    /// Residents in millions, for defaults that grow with the region.
    fn millions(&self) -> f64 {
        self.region.people() / 1e6
    }

    fn scenario(mut self, top: &Section<'_, '_>) -> Option<(Scenario, Vec<PolicyCase>)> {
        let name = top.text("name").unwrap_or_else(|| String::from("Scenario"));
        let start = self.start(top);
        let horizon_h = self.horizon(top);
        self.step(top);
        let seed = top.whole("seed", 0, i64::MAX as u64).unwrap_or_else(|| {
            self.assume("seed", String::from("1"));
            1
        });
        let demand_factor =
            top.number_in("demand_factor", 0.0..=10.0, "a factor from 0 to 10").unwrap_or(1.0);
        let weather = self.weather(top, start, horizon_h);
        let mut events: Vec<Event> = Vec::new();
        for section in top.sections("strike") {
            events.extend(self.strike(&section, start, horizon_h));
        }
        for section in top.sections("damaged") {
            events.extend(self.damaged(&section, start, horizon_h));
        }
        if let Some(section) = top.section("observed") {
            events.extend(self.observed(&section, start, horizon_h));
        }
        events.extend(self.hazards(top, start, horizon_h));
        let events = damage::in_time_order(events);
        let campaigns: Vec<_> = top
            .sections("campaign")
            .iter()
            .filter_map(|section| self.campaign(section, start))
            .collect();
        let halts = self.halts(top, start);
        let cases = self.cases(top, start);
        let mobile_plants = self.mobile_plants(top, start, horizon_h);
        let repair = self.repair(top.section("repair").as_ref());
        let mut policy = self.policy(top.section("policy").as_ref());
        policy.homes = self.homes(top.section("homes").as_ref());
        top.finish();
        let scenario = Scenario {
            name,
            start: start?,
            horizon_h,
            weather: weather?,
            events,
            mobile_plants,
            repair,
            policy,
            campaigns,
            halts,
            seed,
            draw: 0,
            demand_factor,
            assumed: self.assumed,
        };
        Some((scenario, cases))
    }

    fn start(&self, top: &Section<'_, '_>) -> Option<DateTime> {
        let Some(value) = top.get("start") else {
            let help = "write start = 2026-01-14T18:00:00";
            top.push(
                codes::MISSING_KEY,
                String::from("`start` is missing: the local time of the first hour"),
                Some(help.to_owned()),
            );
            return None;
        };
        let start = value.datetime()?;
        if start.minute() != 0 || start.second() != 0 || start.subsec_nanosecond() != 0 {
            let message = format!("`start` is {start}; it must be a full hour");
            value.push(codes::BAD_DATE, message, None);
        }
        Some(start)
    }

    /// `horizon_h` or `days`.
    fn horizon(&mut self, top: &Section<'_, '_>) -> u32 {
        let must = "1 to 8784 hours (366 days)";
        let hours = top.number_in("horizon_h", 1.0..=MAX_HOURS, must);
        let days = top.number_in("days", 1.0 / 24.0..=MAX_HOURS / 24.0, must);
        let both = top.get("horizon_h").is_some() && top.get("days").is_some();
        if both && let Some(value) = top.get("days") {
            let message = String::from("`days` and `horizon_h` both state the horizon");
            value.push("contradiction", message, Some(String::from("remove one of them")));
        }
        let hours = hours.or(days.map(|d| d * 24.0));
        let hours = hours.unwrap_or_else(|| {
            if top.get("horizon_h").is_none() && top.get("days").is_none() {
                self.assume("days", String::from("7 days, the usual span of a recovery"));
            }
            168.0
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 8784")]
        let hours = hours.ceil() as u32;
        hours
    }

    fn step(&self, top: &Section<'_, '_>) {
        if let Some(value) = top.get("step")
            && let Some(text) = value.text()
            && text != "1h"
        {
            let message = format!("`step` is \"{text}\"; only \"1h\" is simulated so far");
            value.push(codes::BAD_VALUE, message, Some(String::from("write step = \"1h\"")));
        }
    }

    /// `at_h`, hours after the start, or `time`, on the clock.
    fn at_h(
        &self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<f64> {
        let last = f64::from(horizon_h);
        let must = format!("from 0 to the horizon of {horizon_h} h");
        let at_h = section.number_in("at_h", 0.0..=last, &must);
        let time = section.get("time");
        match (section.get("at_h"), time) {
            (Some(value), Some(_)) => {
                let message = String::from("`at_h` and `time` both state when");
                value.push("contradiction", message, Some(String::from("remove one of them")));
                None
            }
            (Some(_), None) => at_h,
            (None, Some(value)) => {
                let hours = value.datetime()?.duration_since(start?).as_secs_f64() / 3600.0;
                if !(0.0..=last).contains(&hours) {
                    let message =
                        format!("`{}` is {hours} h after the start; it must be {must}", value.key);
                    value.push("out-of-range", message, None);
                    return None;
                }
                Some(hours)
            }
            (None, None) => {
                let message = String::from("it is not said when this happens");
                let help = "write at_h = 3 (hours after the start) or time = 2026-01-14T21:00:00";
                section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
                None
            }
        }
    }

    /// A file that the scenario names.
    fn file(&mut self, value: &crate::toml_doc::Value<'_, '_>) -> Option<(PathBuf, String)> {
        let name = value.text()?;
        match self.beside {
            Beside::Folder(folder) => {
                let path = folder.join(&name);
                let mut own = Problems::default();
                let max_bytes = input_file::MAX_TABLE_BYTES;
                let file = input_file::read(&path, max_bytes, Encoding::Utf8OrLatin1, &mut own);
                for problem in own.into_list() {
                    if problem.code == codes::FILE_NOT_FOUND {
                        let message = format!("there is no file `{name}`");
                        value.push(problem.code, message, problem.help);
                    } else {
                        value.doc.problems.borrow_mut().push(problem);
                    }
                }
                let file = file?;
                self.inputs.push((file.path, file.sha256));
                Some((path, file.text))
            }
            Beside::Embedded(files) => {
                let found = files.iter().find(|(n, _)| *n == name);
                if found.is_none() {
                    let message = format!("there is no embedded file `{name}`");
                    value.push(codes::FILE_NOT_FOUND, message, None);
                }
                let (name, text) = found?;
                let sha256 = input_file::hex(&Sha256::digest(text.as_bytes()));
                self.inputs.push((PathBuf::from(name), sha256));
                Some((PathBuf::from(name), (*text).to_owned()))
            }
        }
    }
}

impl ReadScenario {
    /// Number of errors among the problems.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|p| p.severity == Severity::Error).count()
    }
}

#[cfg(test)]
mod tests;
