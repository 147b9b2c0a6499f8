//! Comments of a section, by the row they stand at.

use std::collections::{HashMap, VecDeque};

use super::super::kept::Kept;
use super::super::lines::{Section, comment, tokens, without_comment};

/// What stands around a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside<'a> {
    /// Lines of comments before it.
    pub before: Vec<&'a str>,
    /// The comment behind it, with its semicolon; may be empty.
    pub behind: &'a str,
    /// The row itself.
    pub row: &'a str,
}

/// The comments of a section's lines.
#[derive(Debug, Default)]
pub(super) struct Comments<'a> {
    rows: HashMap<&'a str, VecDeque<Beside<'a>>>,
    /// Behind the last row.
    tail: Vec<&'a str>,
}

/// The rows of a section in order, each with what stands around it, and the lines of comments
/// behind the last.
pub(super) fn rows(kept: &Kept, section: Section) -> (Vec<Beside<'_>>, Vec<&str>) {
    let (mut found, mut before) = (Vec::new(), Vec::new());
    for line in kept.lines(section) {
        let row = without_comment(line);
        if !row.trim().is_empty() {
            let behind = comment(line);
            found.push(Beside { before: std::mem::take(&mut before), behind, row });
        } else if line.trim_start().starts_with(';') {
            before.push(line.as_str());
        }
    }
    (found, before)
}

impl<'a> Comments<'a> {
    /// Those of rows known by their first word.
    pub fn of(kept: &'a Kept, section: Section) -> Self {
        let (found, tail) = rows(kept, section);
        let mut rows: HashMap<&str, VecDeque<Beside<'_>>> = HashMap::new();
        for beside in found {
            if let Some(&id) = tokens(beside.row).first() {
                rows.entry(id).or_default().push_back(beside);
            }
        }
        Self { rows, tail }
    }

    /// True if a row of `id` is left.
    pub fn has(&self, id: &str) -> bool {
        self.rows.get(id).is_some_and(|rows| !rows.is_empty())
    }

    /// What stands around the next row of `id`.
    pub fn next(&mut self, id: &str) -> Option<Beside<'a>> {
        self.rows.get_mut(id)?.pop_front()
    }

    /// The lines behind the last row.
    pub fn tail(&self) -> &[&'a str] {
        &self.tail
    }
}
