//! Networks to `.inp` files that EPANET 2.0 and later read.
//!
//! What was read is kept: units, ids, order, comments, names of curves and demand categories,
//! options of the solver, and every section that has no part in the simulation. Numbers are
//! the shortest that read back as the same. See `docs/formats/inp.md`.

mod comments;
mod controls;
mod links;
mod nodes;
mod numbers;
mod options;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use blackstart::region::Water;

use super::kept::Kept;
use super::lines::Section;
use super::units::Units;
use super::{InpFile, options as read};
use comments::Beside;

/// Writes a file. Read again it gives the same network, times and drawing.
///
/// A network without [`Kept::flow_unit`] is written in m³/h (`CMH`).
#[must_use]
pub fn write(file: &InpFile) -> String {
    let mut writer = Writer::new(file);
    writer.title();
    writer.nodes();
    writer.links();
    writer.tables();
    writer.energy();
    writer.controls();
    writer.rules();
    for section in [Section::Quality, Section::Sources, Section::Reactions, Section::Mixing] {
        writer.as_kept(section);
    }
    writer.times();
    writer.options();
    for section in [Section::Report, Section::Roughness, Section::Tags] {
        writer.as_kept(section);
    }
    writer.map();
    for section in [Section::Labels, Section::Backdrop] {
        writer.as_kept(section);
    }
    writer.out.push_str("[END]\n");
    writer.out
}

struct Writer<'a> {
    file: &'a InpFile,
    water: &'a Water<String>,
    kept: &'a Kept,
    units: Units,
    /// The options as the kept text has them.
    old: read::Options,
    curves: tables::CurveBook<'a>,
    out: String,
}

impl<'a> Writer<'a> {
    fn new(file: &'a InpFile) -> Self {
        let old = options::kept(&file.kept);
        let own = &file.kept.flow_unit;
        let flow = if own.is_empty() { options::OWN_UNIT } else { own };
        let gravity = file.water.options.specific_gravity;
        let units = Units::new(flow, old.pressure_unit, gravity).unwrap_or(old.units);
        Self {
            file,
            water: &file.water,
            kept: &file.kept,
            units,
            old,
            curves: tables::CurveBook::new(&file.kept),
            out: String::new(),
        }
    }

    /// A header; sections are parted by an empty line.
    fn section(&mut self, section: Section) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "[{}]", section.word());
    }

    /// A row with what stood around it.
    fn row(&mut self, cells: &[&str], beside: Option<&Beside<'_>>) {
        for line in beside.iter().flat_map(|b| &b.before) {
            let _ = writeln!(self.out, "{line}");
        }
        for (i, cell) in cells.iter().enumerate() {
            self.out.push(if i == 0 { ' ' } else { '\t' });
            self.out.push_str(cell);
        }
        if let Some(behind) = beside.map(|b| b.behind).filter(|b| !b.is_empty()) {
            self.out.push('\t');
            self.out.push_str(behind);
        }
        self.out.push('\n');
    }

    fn lines(&mut self, lines: &[&str]) {
        for line in lines {
            let _ = writeln!(self.out, "{line}");
        }
    }

    /// A section as it was read, if it was there.
    fn as_kept(&mut self, section: Section) {
        let lines = self.kept.lines(section);
        if !lines.is_empty() {
            self.section(section);
            for line in lines {
                let _ = writeln!(self.out, "{line}");
            }
        }
    }

    fn title(&mut self) {
        if self.kept.lines(Section::Title).is_empty() {
            self.section(Section::Title);
            let title = self.file.title.replace('[', "(");
            let _ = writeln!(self.out, "{}", title.trim());
        } else {
            self.as_kept(Section::Title);
        }
    }

    /// The default pattern's id, if there is a pattern of that name: what demands without one
    /// follow.
    fn default_pattern(&self) -> Option<&'a str> {
        let id = &self.old.default_pattern;
        self.water.patterns.iter().map(|p| p.id.as_str()).find(|p| p == id)
    }

    fn pattern(&self, pattern: u32) -> String {
        self.water.patterns.get(pattern as usize).map_or_else(String::new, |p| id(&p.id))
    }
}

/// An id as a token: in quotes where it needs them.
fn id(id: &str) -> String {
    let odd = id.is_empty()
        || id.contains(|c: char| c.is_whitespace() || c == ';')
        || id.starts_with(['[', '"']);
    if odd { format!("\"{}\"", id.replace('"', "'")) } else { id.to_owned() }
}
