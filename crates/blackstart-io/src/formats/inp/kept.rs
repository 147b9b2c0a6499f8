//! What a file says beside its network, kept for writing it back.

use std::collections::HashMap;

use super::lines::{Section, Sections};
use super::tables::CurveUse;

/// A curve as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptCurve {
    /// Its id.
    pub id: String,
    /// Points in the file's units.
    pub points: Vec<(f64, f64)>,
}

/// Text and names of a file that are no part of its network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The word of the flow unit; empty for a network that is not from a file.
    pub flow_unit: String,
    /// All curves, in file order.
    pub curves: Vec<KeptCurve>,
    /// Whose curves they are: what for, and the id of the tank, pump or valve.
    pub curve_of: HashMap<(CurveUse, String), String>,
    /// Lines of each section in order, comments too; sections with nothing in them are not
    /// here.
    sections: Vec<(Section, Vec<String>)>,
}

impl Kept {
    pub(super) fn sections(&mut self, sections: &Sections<'_>) {
        for &(section, _) in Section::ALL {
            let mut lines: Vec<String> =
                sections.lines(section).map(|(_, line)| line.trim_end().to_owned()).collect();
            while lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
            if !lines.is_empty() {
                self.sections.push((section, lines));
            }
        }
    }

    /// The lines of a section.
    pub(super) fn lines(&self, section: Section) -> &[String] {
        self.sections.iter().find(|(s, _)| *s == section).map_or(&[], |(_, lines)| lines)
    }

    /// The kept lines as a file of their own, for reading a section again.
    pub(super) fn text(&self, section: Section) -> String {
        let mut text = format!("[{}]\n", section.word());
        for line in self.lines(section) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
