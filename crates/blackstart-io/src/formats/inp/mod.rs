//! EPANET input files (`.inp`, versions 2.0 to 2.3) to water networks. See
//! `docs/formats/inp.md`.
//!
//! Sections and their rows are those of the EPANET 2.2 User Manual, appendix C. Every
//! section is read. What it says and is not simulated is told in one note per section.

mod controls;
mod energy;
mod kept;
mod lines;
mod links;
mod nodes;
mod options;
mod rules;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod units;
mod write;

use std::path::Path;
use std::rc::Rc;

use blackstart::region::{Code, Control, Pipe, Pump, Valve, Water};
use blackstart::water::PeriodTimes;

use super::Parsed;
use super::collect::{Collector, shorten};
use crate::codes;
use crate::problem::{InputProblem, Severity};
use crate::sources::Sources;
pub use kept::{Kept, KeptCurve};
use lines::{Section, Sections};
pub use tables::CurveUse;
pub use write::write;

/// An EPANET input file: the network, and what it says beside it.
///
/// Node positions are **not** set in [`InpFile::water`]: the file's coordinates are plain
/// numbers in some map's units, not degrees. They are in [`InpFile::coordinates`] for
/// whoever places the network on the globe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InpFile {
    /// `[TITLE]`, lines joined by blanks; may be empty.
    pub title: String,
    /// The network, in the units of [`Water`].
    pub water: Water<String>,
    /// `[COORDINATES]`: where nodes lie on the file's map, in file order.
    pub coordinates: Vec<MapPoint>,
    /// `[VERTICES]`: bends of links on the file's map, in file order.
    pub vertices: Vec<MapPoint>,
    /// `[TIMES]` other than those of patterns.
    pub times: InpTimes,
    /// The demand model that the file asks for; see [`Purpose`].
    pub demand_model: DemandModel,
    /// What else the file says, for writing it back.
    pub kept: Kept,
}

/// What a network is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To be part of a region: demands follow pressure whatever the file says, and 20 m serve
    /// in full where it gives no pressure.
    #[default]
    Region,
    /// To be run by itself as EPANET would: the file decides, and where it asks for demands
    /// that follow pressure without a required pressure, that is EPANET's 0.1 (of the file's
    /// unit) above the least.
    Alone,
}

/// A point on the plain map of an input file.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPoint {
    /// Id of the node (coordinates) or link (vertices).
    pub id: String,
    /// To the right, in the map's unit.
    pub x: f64,
    /// Upwards, in the map's unit.
    pub y: f64,
}

/// Times of a file that only a run of EPANET itself needs, in hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InpTimes {
    /// Length of the run.
    pub duration_h: f64,
    /// Step between hydraulic solutions.
    pub hydraulic_step_h: f64,
    /// Step between reported results.
    pub report_step_h: f64,
    /// First report.
    pub report_start_h: f64,
    /// Step at which rules are looked at; 0 for a tenth of the hydraulic step.
    pub rule_step_h: f64,
}

impl InpTimes {
    /// In whole seconds, for [`blackstart::water::Period`].
    #[must_use]
    pub fn period(&self) -> PeriodTimes {
        let seconds = |hours: f64| (hours * 3600.0).round() as i64;
        PeriodTimes {
            duration_s: seconds(self.duration_h),
            hydraulic_step_s: seconds(self.hydraulic_step_h),
            report_step_s: seconds(self.report_step_h),
            report_start_s: seconds(self.report_start_h),
            rule_step_s: seconds(self.rule_step_h),
            pumps_off_s: Vec::new(),
        }
    }
}

impl Default for InpTimes {
    fn default() -> Self {
        Self {
            duration_h: 0.0,
            hydraulic_step_h: 1.0,
            report_step_h: 1.0,
            report_start_h: 0.0,
            rule_step_h: 0.0,
        }
    }
}

/// How demands depend on pressure in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DemandModel {
    /// They do not (`DDA`, EPANET's default).
    #[default]
    DemandDriven,
    /// They follow it (`PDA`).
    PressureDriven,
}

/// Reads an EPANET input file in any encoding; `file` names it in problems.
///
/// Links refer to nodes by id; ids that no node has are left to
/// [`Region::check`](blackstart::region::Region::check). References that the result
/// holds by position (patterns, curves, controlled links) are resolved here.
#[must_use]
pub fn parse(bytes: &[u8], file: &Path) -> Parsed<InpFile> {
    parse_for(Purpose::Region, bytes, file)
}

/// As [`parse`], for a purpose.
#[must_use]
pub fn parse_for(purpose: Purpose, bytes: &[u8], file: &Path) -> Parsed<InpFile> {
    let (text, encoding) = text::decode(bytes);
    let mut reader = Reader::new(&text, purpose, Collector::new(file));
    if encoding != text::Encoding::Utf8 {
        reader.problems.add(
            Severity::Note,
            codes::ASSUMED,
            (0, 0),
            format!("the file is not UTF-8 and was read as {}", encoding.word()),
        );
    }
    reader.read();
    Parsed { value: reader.out, problems: reader.problems.finish(), sources: reader.sources }
}

/// A network in the making.
struct Reader<'a> {
    sections: Sections<'a>,
    problems: Collector<'a>,
    sources: Sources,
    file: Rc<Path>,
    purpose: Purpose,
    options: options::Options,
    patterns: tables::Patterns<'a>,
    curves: tables::Curves<'a>,
    nodes: nodes::NodeIds<'a>,
    links: links::LinkIds<'a>,
    out: InpFile,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, purpose: Purpose, mut problems: Collector<'a>) -> Self {
        let sections = Sections::find(text, &mut problems);
        let mut options = options::options(&sections, purpose, &mut problems);
        let times = options::times(&sections, &mut options.water, &mut problems);
        let file = Rc::from(problems.file());
        Self {
            sections,
            problems,
            sources: Sources::default(),
            file,
            purpose,
            patterns: tables::Patterns::default(),
            curves: tables::Curves::default(),
            nodes: nodes::NodeIds::default(),
            links: links::LinkIds::default(),
            out: InpFile { times, demand_model: options.demand_model, ..InpFile::default() },
            options,
        }
    }

    fn read(&mut self) {
        if self.sections.is_empty() {
            if self.problems.errors() == 0 {
                let problem = InputProblem::error(
                    codes::EMPTY_FILE,
                    self.problems.file(),
                    "the file has no sections",
                );
                self.problems.push(problem.help("an EPANET input file has [JUNCTIONS], [PIPES] …"));
            }
            return;
        }
        let title: Vec<&str> =
            self.sections.lines(Section::Title).map(|(_, l)| l.trim()).take(20).collect();
        self.out.title = shorten(title.join(" ").trim(), 500);
        self.out.water.options = self.options.water;
        self.read_patterns();
        self.read_curves();
        self.read_nodes();
        self.read_demands();
        self.read_emitters();
        self.read_pipes();
        self.read_pumps();
        self.read_valves();
        self.read_status();
        self.read_controls();
        self.read_rules();
        self.read_energy();
        self.read_leakage();
        self.read_map();
        self.keep();
        self.out.water.patterns = self.patterns.finish();
        self.notes();
    }

    fn keep(&mut self) {
        let kept = &mut self.out.kept;
        kept.flow_unit.clone_from(&self.options.flow_unit);
        (kept.curves, kept.curve_of) = self.curves.keep();
        kept.sections(&self.sections);
    }

    /// One note for each section that has rows and plays no part, and for options.
    fn notes(&mut self) {
        const NOT_SIMULATED: [(Section, &str); 5] = [
            (Section::Quality, "initial water qualities are read but not simulated"),
            (Section::Sources, "sources of water quality are read but not simulated"),
            (Section::Reactions, "lines about reactions are read but not simulated"),
            (Section::Mixing, "lines about mixing in tanks are read but not simulated"),
            (Section::Energy, "lines about energy and its cost are read but not simulated"),
        ];
        const NOT_USED: [(Section, &str); 5] = [
            (Section::Report, "lines about reports are read but not used"),
            (Section::Labels, "map labels are read but not used"),
            (Section::Backdrop, "lines about the map's backdrop are read but not used"),
            (Section::Tags, "tags are read but not used"),
            (Section::Roughness, "lines of [ROUGHNESS] are read but not used"),
        ];
        let alone = self.purpose == Purpose::Alone;
        let coded = NOT_SIMULATED.map(|(s, t)| (s, codes::NOT_SIMULATED, t));
        let unused = NOT_USED.map(|(s, t)| (s, codes::IGNORED, t));
        for (section, code, text) in coded.into_iter().chain(unused) {
            let (mut count, mut first) = (0usize, 0);
            for row in self.sections.rows(section) {
                if first == 0 {
                    first = row.line;
                }
                count += 1;
            }
            if first > 0 {
                self.problems.add(Severity::Note, code, (first, 0), format!("{count} {text}"));
            }
        }
        let o = &self.options;
        if !alone && o.demand_model_line > 0 && o.demand_model == DemandModel::DemandDriven {
            self.problems.add(
                Severity::Note,
                codes::ASSUMED,
                (o.demand_model_line, 0),
                "the file asks for demands whatever the pressure (DDA); here they follow it",
            );
        }
        if o.demand_model == DemandModel::PressureDriven && !o.required_pressure_given {
            let text = format!(
                "no REQUIRED PRESSURE is given; {} m are taken",
                o.water.required_pressure_m
            );
            self.problems.add(Severity::Note, codes::ASSUMED, (o.demand_model_line, 0), text);
        }
    }
}

/// The engine's code for a reference to nothing.
const UNKNOWN_REFERENCE: &str = Code::UnknownReference.word();

/// What a link's status row or control does, before it is known what the link is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Open,
    Close,
    /// A number as it stands in the file.
    Set(f64),
}

type PipeRow = Pipe<String>;
type PumpRow = Pump<String>;
type ValveRow = Valve<String>;
type ControlRow = Control<String>;
