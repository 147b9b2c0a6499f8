//! Collecting what is wrong.

use crate::region::{Code, Position, Problem, Table};

/// More problems than this are not collected: nobody reads them, and a file of rubbish
/// must not fill the memory.
pub(super) const MAX_COLLECTED: usize = 1000;

/// For so many unknown references the nearest id is looked for.
const MAX_SUGGESTIONS: usize = 50;

/// All problems so far.
pub(super) struct Findings {
    problems: Vec<Problem>,
    suggestions_left: usize,
}

impl Findings {
    pub fn new() -> Self {
        Self { problems: Vec::new(), suggestions_left: MAX_SUGGESTIONS }
    }

    pub fn push(
        &mut self,
        code: Code,
        (table, row, field): (Table, usize, &'static str),
        message: String,
        help: Option<String>,
    ) {
        if self.problems.len() < MAX_COLLECTED {
            self.problems.push(Problem { code, table, row, field, message, help });
        }
    }

    /// True as often as a nearest id may still be looked for.
    pub fn may_suggest(&mut self) -> bool {
        let may = self.suggestions_left > 0;
        self.suggestions_left = self.suggestions_left.saturating_sub(1);
        may
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems in table order.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|p| (p.table, p.row));
        self.problems
    }

    /// Checks of one row.
    pub fn row<'a>(&'a mut self, table: Table, row: usize, id: &'a str) -> RowCheck<'a> {
        RowCheck { findings: self, table, row, id }
    }
}

/// Letters, digits and `-`, `_`, `.` only, as most ids are: nothing else to look at.
fn plain(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Checks of one row; each says what is wrong in terms of the row's id.
pub(super) struct RowCheck<'a> {
    findings: &'a mut Findings,
    table: Table,
    row: usize,
    id: &'a str,
}

impl RowCheck<'_> {
    pub fn push(&mut self, code: Code, field: &'static str, message: String, help: Option<&str>) {
        let place = (self.table, self.row, field);
        self.findings.push(code, place, message, help.map(str::to_owned));
    }

    /// "pump `P3`".
    pub fn name(&self) -> String {
        if self.table == Table::Region {
            return String::from("the region");
        }
        if self.id.is_empty() {
            return format!("row {} of {}", self.row + 1, self.table.word());
        }
        format!("{} `{}`", self.table.noun(), self.id)
    }

    pub fn range(&mut self, field: &'static str, value: f64, must: &str, help: Option<&str>) {
        let message = format!("{field} of {} is {value}; it must be {must}", self.name());
        self.push(Code::OutOfRange, field, message, help);
    }

    pub fn contradiction(&mut self, field: &'static str, message: String, help: &str) {
        self.push(Code::Contradiction, field, message, Some(help));
    }

    pub fn missing(&mut self, field: &'static str, message: String, help: &str) {
        self.push(Code::Missing, field, message, Some(help));
    }

    pub fn finite(&mut self, field: &'static str, value: f64) {
        if !value.is_finite() {
            self.range(field, value, "a finite number", None);
        }
    }

    pub fn not_nan(&mut self, field: &'static str, value: f64) {
        if value.is_nan() {
            self.range(field, value, "a number", None);
        }
    }

    /// Finite and ≥ 0.
    pub fn not_negative(&mut self, field: &'static str, value: f64) {
        if !(value.is_finite() && value >= 0.0) {
            self.range(field, value, "0 or more", None);
        }
    }

    /// ≥ 0; may be infinite.
    pub fn not_negative_or_infinite(&mut self, field: &'static str, value: f64) {
        if value.is_nan() || value < 0.0 {
            self.range(field, value, "0 or more (`inf`: without limit)", None);
        }
    }

    /// Finite and > 0.
    pub fn positive(&mut self, field: &'static str, value: f64) {
        if !(value.is_finite() && value > 0.0) {
            self.range(field, value, "more than 0", None);
        }
    }

    pub fn position(&mut self, position: Option<Position>) {
        let Some(p) = position else { return };
        if !(-180.0..=180.0).contains(&p.lon_deg) {
            self.range("lon_deg", p.lon_deg, "degrees east from -180 to 180", None);
        }
        if !(-90.0..=90.0).contains(&p.lat_deg) {
            self.range("lat_deg", p.lat_deg, "degrees north from -90 to 90", None);
        }
    }

    /// An id that files can carry and references can name.
    pub fn id(&mut self) {
        const HELP: &str = "use letters, digits, `-`, `_`, `.`";
        let id = self.id;
        if id.is_empty() {
            let message = format!("row {} of {} has no id", self.row + 1, self.table.word());
            self.push(Code::Missing, "id", message, Some(HELP));
        } else if id == crate::region::NEAREST {
            let message = format!("`{id}` is a word of its own and cannot be an id");
            self.push(Code::Contradiction, "id", message, Some(HELP));
        } else if !plain(id) && (id.trim() != id || id.chars().any(|c| c.is_control() || c == ';'))
        {
            let shown: String = id.escape_debug().collect();
            let message = format!(
                "the id `{shown}` has a space at its end, a control character or a semicolon"
            );
            self.push(Code::OutOfRange, "id", message, Some(HELP));
        }
    }

    /// A facility name follows the rules of ids.
    pub fn facility(&mut self, facility: Option<&String>) {
        let Some(name) = facility else { return };
        if name.is_empty()
            || name.trim() != name
            || name.chars().any(|c| c.is_control() || c == ';')
        {
            let shown: String = name.escape_debug().collect();
            let message = format!("`{shown}` cannot be the name of a facility");
            let help = "leave it empty, or use letters, digits, `-`, `_`, `.`";
            self.push(Code::OutOfRange, "facility", message, Some(help));
        }
    }

    /// A piecewise curve: x rising, y finite, at least `least` points.
    pub fn curve(&mut self, field: &'static str, points: &[(f64, f64)], least: usize) -> bool {
        if points.len() < least {
            let message = format!("{field} of {} has fewer than {least} points", self.name());
            self.push(Code::Missing, field, message, None);
            return false;
        }
        if points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            let message = format!("{field} of {} has a point that is not finite", self.name());
            self.push(Code::OutOfRange, field, message, None);
            return false;
        }
        if let Some(w) = points.windows(2).find(|w| w[0].0 >= w[1].0) {
            let message = format!(
                "{field} of {} does not rise: {} comes before {}",
                self.name(),
                w[0].0,
                w[1].0
            );
            self.push(
                Code::OutOfRange,
                field,
                message,
                Some("order the points by their first value"),
            );
            return false;
        }
        true
    }
}
