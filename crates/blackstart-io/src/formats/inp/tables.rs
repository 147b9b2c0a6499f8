//! `[PATTERNS]` and `[CURVES]`, and the places of rows.

use std::collections::HashMap;
use std::rc::Rc;

use blackstart::region::{Pattern, Table};

use super::kept::KeptCurve;
use super::lines::{Row, Section};
use super::{Reader, UNKNOWN_REFERENCE};
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::Severity;
use crate::sources::RowPlaces;

/// Patterns by id, in file order.
#[derive(Default)]
pub(super) struct Patterns<'a> {
    by_id: HashMap<&'a str, u32>,
    list: Vec<Pattern>,
}

impl Patterns<'_> {
    pub fn get(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub fn finish(&mut self) -> Vec<Pattern> {
        std::mem::take(&mut self.list)
    }
}

/// Curves by id: their points as they stand in the file.
#[derive(Default)]
pub(super) struct Curves<'a> {
    by_id: HashMap<&'a str, Vec<(f64, f64)>>,
    ids: Vec<&'a str>,
    /// Which curve is whose: kind and id of the user, id of the curve.
    uses: HashMap<(CurveUse, &'a str), &'a str>,
}

/// What a curve is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CurveUse {
    /// Head over flow of a pump.
    Pump,
    /// Volume over level of a tank.
    Volume,
    /// Head loss over flow, or flow over opening, of a valve.
    Valve,
    /// Efficiency over flow of a pump.
    Efficiency,
}

impl Curves<'_> {
    /// All curves with their points, in file order, and whose they are.
    pub fn keep(&self) -> (Vec<KeptCurve>, HashMap<(CurveUse, String), String>) {
        let curve = |id: &&str| KeptCurve {
            id: (*id).to_owned(),
            points: self.by_id.get(id).cloned().unwrap_or_default(),
        };
        let uses =
            self.uses.iter().map(|((u, who), id)| ((*u, (*who).to_owned()), (*id).to_owned()));
        (self.ids.iter().map(curve).collect(), uses.collect())
    }
}

/// Places of a table's rows as they come.
pub(super) struct Places {
    table: Table,
    places: RowPlaces,
}

impl Places {
    pub fn new(table: Table, reader: &Reader<'_>, fields: &'static [&'static str]) -> Self {
        let file = Rc::clone(&reader.file);
        Self { table, places: RowPlaces { file, lines: Vec::new(), fields, columns: Vec::new() } }
    }

    /// Adds a row whose fields stand at these tokens.
    pub fn push(&mut self, row: &Row<'_>, tokens: &[usize]) {
        debug_assert_eq!(tokens.len(), self.places.fields.len());
        self.places.lines.push(u32::try_from(row.line).unwrap_or(0));
        self.places.columns.extend(tokens.iter().map(|i| row.packed_column(*i)));
    }

    pub fn finish(self, reader: &mut Reader<'_>) {
        reader.sources.set_table(self.table, self.places);
    }
}

impl<'a> Reader<'a> {
    pub(super) fn read_patterns(&mut self) {
        let mut places = Places::new(Table::Patterns, self, &["id", "multipliers"]);
        for row in self.sections.rows(Section::Patterns) {
            let id = row.at(0);
            let index = *self.patterns.by_id.entry(id).or_insert_with(|| {
                places.push(&row, &[0, 1]);
                self.patterns.list.push(Pattern { id: id.to_owned(), multipliers: Vec::new() });
                (self.patterns.list.len() - 1) as u32
            });
            if row.len() < 2 {
                row.error(&mut self.problems, codes::SHORT_ROW, 1, "a multiplier is missing");
            }
            for i in 1..row.len() {
                if let Some(x) = row.number(&mut self.problems, i, "a multiplier") {
                    self.patterns.list[index as usize].multipliers.push(x);
                }
            }
        }
        places.finish(self);
    }

    pub(super) fn read_curves(&mut self) {
        for row in self.sections.rows(Section::Curves) {
            let id = row.at(0);
            let points = self.curves.by_id.entry(id).or_insert_with(|| {
                self.curves.ids.push(id);
                Vec::new()
            });
            if row.len() < 3 {
                let message = "a curve's row has an id, an x and a y";
                row.error(&mut self.problems, codes::SHORT_ROW, row.len(), message);
                continue;
            }
            let x = row.number(&mut self.problems, 1, "the curve's x");
            let y = row.number(&mut self.problems, 2, "the curve's y");
            points.extend(x.zip(y));
            if row.len() > 3 {
                self.curve_kind(&row);
            }
        }
    }

    /// The type of a curve, as EPANET 2.3 writes it behind its first point. It says nothing
    /// that the curve's use does not.
    fn curve_kind(&mut self, row: &Row<'a>) {
        const KINDS: [&str; 6] = ["VOLUME", "PUMP", "EFFICIENCY", "HEADLOSS", "VALVE", "GENERIC"];
        if KINDS.iter().any(|kind| row.says(3, &kind[..4])) {
            return;
        }
        let near = self.problems.nearest(Severity::Warning, row.at(3), KINDS);
        let help = near.map(|n| format!("did you mean {n}?"));
        let message = if row.at(3).parse::<f64>().is_ok() {
            "a curve has one point a row; the others are left out, as EPANET does".to_owned()
        } else {
            format!("`{}` is no type of a curve", shorten(row.at(3), 24))
        };
        let code = codes::IGNORED;
        row.problem(&mut self.problems, Severity::Warning, code, 3, message, help);
    }

    /// The pattern named by token `i`; an error with a did-you-mean if there is none.
    pub(super) fn pattern(&mut self, row: &Row<'a>, i: usize) -> Option<u32> {
        let id = row.at(i);
        let found = self.patterns.get(id);
        if found.is_none() {
            let ids = self.patterns.list.iter().map(|p| p.id.as_str());
            let near = self.problems.nearest(Severity::Error, id, ids);
            let help = near.map(|n| format!("did you mean `{n}`?"));
            let message = format!("there is no pattern `{}`", shorten(id, 40));
            let code = UNKNOWN_REFERENCE;
            row.problem(&mut self.problems, Severity::Error, code, i, message, help);
        }
        found
    }

    /// The points of the curve named by token `i`, x and y multiplied, for `who`.
    pub(super) fn curve(
        &mut self,
        row: &Row<'a>,
        i: usize,
        (x, y): (f64, f64),
        user: (CurveUse, &'a str),
    ) -> Vec<(f64, f64)> {
        let id = row.at(i);
        self.curves.uses.insert(user, id);
        if let Some(points) = self.curves.by_id.get(id) {
            return points.iter().map(|p| (p.0 * x, p.1 * y)).collect();
        }
        let ids = self.curves.ids.iter().copied();
        let near = self.problems.nearest(Severity::Error, id, ids);
        let help = near.map(|n| format!("did you mean `{n}`?"));
        let message = format!("there is no curve `{}`", shorten(id, 40));
        let code = UNKNOWN_REFERENCE;
        row.problem(&mut self.problems, Severity::Error, code, i, message, help);
        Vec::new()
    }
}
