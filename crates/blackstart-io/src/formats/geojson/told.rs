//! Telling what is wrong with a file, and what is worth knowing about it, with places.

use std::collections::{BTreeMap, HashMap};

use blackstart::region::{Table, closest};

use super::is_property;
use super::read::Reader;
use crate::codes;
use crate::formats::collect::shorten;
use crate::formats::json::Node;
use crate::formats::units;
use crate::problem::{InputProblem, Severity};

/// The column that a property with another name probably is.
#[derive(Clone)]
pub(super) struct Meant {
    pub(super) column: &'static str,
    pub(super) code: &'static str,
    pub(super) help: String,
}

/// Names compared with the columns in all: a file of nothing but other names stays fast.
const MAX_NAMES: usize = 10_000;
/// Names listed in a note.
const MAX_LISTED: usize = 20;

/// What is told once for many features.
#[derive(Default)]
pub(super) struct Tally {
    /// By name of a property that is no column: what was meant.
    meant: HashMap<(Table, String), Option<Meant>>,
    /// Slips: how many, and where the first stands.
    slips: BTreeMap<(String, &'static str), (usize, usize, Meant)>,
    /// Properties that are not read.
    unread: BTreeMap<String, usize>,
    /// Features that are not read: how many, and where the first stands.
    others: BTreeMap<String, (usize, usize)>,
    /// Lines with more than two points.
    pub(super) bends: usize,
    /// Pipes whose length is that of their line.
    pub(super) measured: usize,
    /// Positions with an altitude.
    pub(super) altitudes: usize,
    /// Junctions that were made up.
    pub(super) made_up: usize,
    /// Plants and substations that were given to a junction.
    pub(super) given: usize,
    /// Substations that stand elsewhere than their junction.
    pub(super) moved: usize,
}

impl Tally {
    /// What a property called `name` probably is.
    pub(super) fn meant(
        &mut self,
        table: Table,
        columns: &'static [&'static str],
        name: &str,
    ) -> Option<Meant> {
        let key = (table, name.to_owned());
        if let Some(known) = self.meant.get(&key) {
            return known.clone();
        }
        if self.meant.len() >= MAX_NAMES || name.len() > 64 {
            return None;
        }
        let columns: Vec<&'static str> =
            columns.iter().copied().filter(|c| is_property(c)).chain(["kind"]).collect();
        let meant = match units::wrong_unit(name, &columns) {
            Some((column, help)) => Some(Meant { column, code: codes::WRONG_UNIT, help }),
            None => closest(name, columns).map(|column| Meant {
                column,
                code: codes::UNKNOWN_KEY,
                help: format!("did you mean `{column}`?"),
            }),
        };
        self.meant.insert(key, meant.clone());
        meant
    }

    pub(super) fn slip(&mut self, name: &str, at: usize, meant: Meant) {
        self.slips.entry((name.to_owned(), meant.column)).or_insert((0, at, meant)).0 += 1;
    }

    pub(super) fn unread(&mut self, name: &str) {
        match self.unread.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.unread.insert(name.to_owned(), 1)),
        }
    }

    pub(super) fn other(&mut self, what: String, at: usize) {
        self.others.entry(what).or_insert((0, at)).0 += 1;
    }
}

impl Reader<'_, '_> {
    /// Tells an error at a byte of the file.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        at: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.tell(Severity::Error, code, at, String::new(), message.into(), help);
    }

    /// Tells an error of a value.
    pub(super) fn wrong(
        &mut self,
        code: &'static str,
        node: &Node,
        message: String,
        help: Option<String>,
    ) {
        self.tell(Severity::Error, code, node.at, node.describe(), message, help);
    }

    pub(super) fn tell(
        &mut self,
        severity: Severity,
        code: &'static str,
        at: usize,
        found: String,
        message: String,
        help: Option<String>,
    ) {
        let mut problem = InputProblem::new(severity, code, self.problems.file(), message);
        if !self.problems.full(severity) {
            let (line, column) = self.cursor.place(at);
            problem = problem.at(line, column).found(found);
            problem.help = help;
        }
        self.problems.push(problem);
    }

    /// Tells what was counted.
    pub(super) fn tell_tally(&mut self) {
        let tally = std::mem::take(&mut self.tally);
        for ((name, column), (count, at, meant)) in tally.slips {
            let shown = shown(&name);
            let message = if meant.code == codes::WRONG_UNIT {
                format!(
                    "property `{shown}` ({count}×) has the wrong unit and is not read: it is `{column}`"
                )
            } else {
                format!("property `{shown}` ({count}×) is not read")
            };
            self.tell(Severity::Warning, meant.code, at, shown, message, Some(meant.help));
        }
        for (what, (count, at)) in tally.others {
            let message = format!("not read: {count}× {what}");
            let help = "what is read: LineStrings, and Points with a `kind`".to_owned();
            self.tell(Severity::Note, codes::IGNORED, at, String::new(), message, Some(help));
        }
        if !tally.unread.is_empty() {
            let names =
                list(tally.unread.iter().map(|(name, n)| format!("`{}` ({n}×)", shown(name))));
            self.remark(codes::IGNORED, format!("properties that are not read: {names}"));
        }
        for (count, code, what) in [
            (
                tally.bends,
                codes::IGNORED,
                "bends that are not kept: the pipe runs straight between its junctions",
            ),
            (tally.measured, codes::ASSUMED, "no length_m: the length is that along the line"),
        ] {
            if count > 0 {
                let s = if count == 1 { " has" } else { "s have" };
                self.remark(code, format!("{count} line{s} {what}"));
            }
        }
        for (count, code, what) in [
            (
                tally.altitudes,
                codes::IGNORED,
                "altitudes in coordinates are not read; write elevation_m",
            ),
            (tally.made_up, codes::ASSUMED, "junctions were made up at ends of pipes"),
            (
                tally.given,
                codes::ASSUMED,
                "plants and substations were given to the nearest junction",
            ),
            (
                tally.moved,
                codes::IGNORED,
                "substations stand elsewhere than their junction, whose place is taken",
            ),
        ] {
            if count > 0 {
                self.remark(code, format!("{what}: {count}"));
            }
        }
    }

    /// A note about the whole file.
    pub(super) fn remark(&mut self, code: &'static str, message: String) {
        self.problems.push(InputProblem::new(Severity::Note, code, self.problems.file(), message));
    }
}

/// A word of the file in a message.
pub(super) fn shown(word: &str) -> String {
    shorten(&word.replace(char::is_control, " "), 40)
}

/// The first words of a list, and how many more there are.
pub(super) fn list(words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len().saturating_sub(MAX_LISTED);
    let mut text = words.take(MAX_LISTED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
