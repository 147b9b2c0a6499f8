//! Tables (pandas data frames) of a net, in all layouts that pandapower has written.

use std::path::Path;
use std::rc::Rc;

use super::names;
use crate::codes;
use crate::formats::collect::{Collector, shorten};
use crate::formats::json::{self, Node, Value};
use crate::problem::{InputProblem, Severity};
use crate::sources::RowPlaces;

/// Where a table stands in its file.
#[derive(Clone, Copy, Debug)]
enum Home {
    /// In the file itself.
    File,
    /// In a string of the file that begins at this byte.
    String(usize),
}

/// A column under its present name.
#[derive(Debug)]
struct Column {
    name: String,
    /// What its numbers are multiplied by: older files are in kW.
    factor: f64,
    /// Cells by row; absent where a row is short.
    cells: Vec<Option<Node>>,
}

/// A table of the net.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// The whole file.
    text: &'a str,
    pub name: &'static str,
    home: Home,
    /// Byte of the table in the file.
    at: usize,
    columns: Vec<Column>,
    /// Indices of the rows.
    pub index: Vec<i64>,
    /// Byte of each row in its home.
    rows_at: Vec<usize>,
}

impl<'a> Frame<'a> {
    pub(crate) fn empty(text: &'a str, name: &'static str) -> Self {
        Self {
            text,
            name,
            home: Home::File,
            at: 0,
            columns: Vec::new(),
            index: Vec::new(),
            rows_at: Vec::new(),
        }
    }

    /// Reads a table in whatever layout; an empty one after an error.
    pub(crate) fn read(
        text: &'a str,
        name: &'static str,
        node: &Node,
        problems: &mut Collector<'_>,
    ) -> Self {
        let mut frame = Self { at: node.at, ..Self::empty(text, name) };
        let class = node.get("_class").and_then(Node::text).unwrap_or("DataFrame");
        let inner = node.get("_object").unwrap_or(node);
        if class == "GeoDataFrame" {
            let message = format!("table `{name}` is a GeoDataFrame, which is not read");
            let place = json::place(text, node.at);
            problems.add(Severity::Warning, codes::IGNORED, place, message);
            return frame;
        }
        let embedded = inner.text().map(|t| (inner.at, t));
        let parsed;
        let table = match embedded {
            None => inner,
            Some((at, inner_text)) => {
                frame.home = Home::String(at);
                match json::parse(inner_text) {
                    Ok(node) => {
                        parsed = node;
                        &parsed
                    }
                    Err(error) => {
                        let place = frame.place(error.at);
                        let message = format!("table `{name}`: {}", error.message);
                        problems.add(Severity::Error, codes::BAD_SYNTAX, place, message);
                        return frame;
                    }
                }
            }
        };
        let orient = node.get("orient").and_then(Node::text);
        if let Err((at, message)) = frame.fill(table, orient) {
            let place = frame.place(at);
            let message = format!("table `{name}`: {message}");
            problems.add(Severity::Error, codes::BAD_VALUE, place, message);
            return Self { at: node.at, ..Self::empty(text, name) };
        }
        frame.check_index(problems);
        frame
    }

    /// Line and column in the file of a byte of the table's home.
    fn place(&self, at: usize) -> (usize, usize) {
        let byte = match self.home {
            Home::File => at,
            Home::String(quote) => json::outer_byte(self.text, quote, at),
        };
        json::place(self.text, byte)
    }

    fn fill(&mut self, table: &Node, orient: Option<&str>) -> Result<(), (usize, String)> {
        let wrong = |node: &Node, what: &str| Err((node.at, format!("{what} is expected here")));
        let split = table.get("columns").is_some() && table.get("data").is_some();
        match orient {
            _ if split => self.fill_split(table),
            Some("records") => wrong(table, "a table with its index"),
            Some("index") => {
                let Some(rows) = table.object() else { return wrong(table, "an object of rows") };
                for (index, row) in rows {
                    let Some(cells) = row.object() else { return wrong(row, "an object") };
                    self.push_row(whole(index), row.at);
                    let count = self.index.len();
                    for (name, cell) in cells {
                        let column = self.column_of(name, count);
                        column.cells[count - 1] = Some(cell.clone());
                    }
                    for column in &mut self.columns {
                        column.cells.resize(count, None);
                    }
                }
                Ok(())
            }
            _ => self.fill_columns(table),
        }
    }

    fn push_row(&mut self, index: Option<i64>, at: usize) {
        self.index.push(index.unwrap_or(i64::MIN));
        self.rows_at.push(at);
    }

    /// The column called `name`, made if it is not there, with at least `count` cells.
    fn column_of(&mut self, name: &str, count: usize) -> &mut Column {
        let (name, factor) = names::current(self.name, name);
        let at = self.columns.iter().position(|c| c.name == name).unwrap_or_else(|| {
            self.columns.push(Column { name, factor, cells: Vec::new() });
            self.columns.len() - 1
        });
        let column = &mut self.columns[at];
        if column.cells.len() < count {
            column.cells.resize(count, None);
        }
        column
    }

    /// `{"columns": [...], "index": [...], "data": [[...], ...]}`.
    fn fill_split(&mut self, table: &Node) -> Result<(), (usize, String)> {
        let list = |key: &str| {
            let node = table.get(key).ok_or_else(|| (table.at, format!("`{key}` is missing")))?;
            node.list().map(|l| (node, l)).ok_or_else(|| (node.at, format!("`{key}` is no list")))
        };
        let ((_, columns), (_, index), (data_at, data)) =
            (list("columns")?, list("index")?, list("data")?);
        if index.len() != data.len() {
            let message = format!("{} rows, but {} indices", data.len(), index.len());
            return Err((data_at.at, message));
        }
        let names: Vec<&str> = columns.iter().map(|c| c.text().unwrap_or("")).collect();
        for name in &names {
            self.column_of(name, 0);
        }
        let slots: Vec<usize> = names
            .iter()
            .map(|n| {
                let (now, _) = names::current(self.name, n);
                self.columns.iter().position(|c| c.name == now).unwrap_or(0)
            })
            .collect();
        for (label, row) in index.iter().zip(data) {
            let Some(cells) = row.list() else {
                return Err((row.at, "a row is no list".into()));
            };
            if cells.len() != names.len() {
                let message =
                    format!("a row has {} values, the table {} columns", cells.len(), names.len());
                return Err((row.at, message));
            }
            let number = label.number().filter(|x| x.fract() == 0.0 && x.abs() < 1e15);
            let label = number.map(|x| x as i64).or_else(|| whole(label.text()?));
            self.push_row(label, row.at);
            for (slot, cell) in slots.iter().zip(cells) {
                self.columns[*slot].cells.push(Some(cell.clone()));
            }
        }
        // Two columns that mean the same after renaming.
        let count = self.index.len();
        for column in &mut self.columns {
            column.cells.truncate(count);
            column.cells.resize(count, None);
        }
        Ok(())
    }

    /// `{"column": {"index": cell, ...}, ...}`, as pandapower 1.x wrote.
    fn fill_columns(&mut self, table: &Node) -> Result<(), (usize, String)> {
        let Some(columns) = table.object() else {
            return Err((table.at, "an object of columns is expected here".into()));
        };
        let mut rows = std::collections::HashMap::new();
        for (_, cells) in columns {
            let Some(cells_of) = cells.object() else {
                return Err((cells.at, "a column is no object".into()));
            };
            for (label, cell) in cells_of {
                if !rows.contains_key(label.as_str()) {
                    rows.insert(label.as_str(), self.index.len());
                    self.push_row(whole(label), cell.at);
                }
            }
        }
        let count = self.index.len();
        for (name, cells) in columns {
            let column = self.column_of(name, count);
            for (label, cell) in cells.object().unwrap_or_default() {
                if let Some(row) = rows.get(label.as_str()) {
                    column.cells[*row] = Some(cell.clone());
                }
            }
        }
        Ok(())
    }

    /// Rows are known by whole numbers, each once.
    fn check_index(&mut self, problems: &mut Collector<'_>) {
        let mut seen = std::collections::HashSet::new();
        for row in 0..self.index.len() {
            let index = self.index[row];
            if index == i64::MIN {
                let message = format!(
                    "row {} of table `{}` has no whole number as index",
                    row + 1,
                    self.name
                );
                self.tell(problems, (Severity::Error, codes::BAD_NUMBER), row, None, message, None);
            } else if !seen.insert(index) {
                let message = format!("index {index} is twice in table `{}`", self.name);
                self.tell(problems, (Severity::Error, "duplicate-id"), row, None, message, None);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// True if the table has this column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c.name == column)
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Tells columns that must be there and are not; false if any is missing. Empty tables
    /// need none.
    pub(crate) fn require(&self, columns: &[&str], problems: &mut Collector<'_>) -> bool {
        if self.len() == 0 {
            return true;
        }
        let mut complete = true;
        for wanted in columns.iter().filter(|c| !self.has(c)) {
            complete = false;
            let message = format!("table `{}` has no column `{wanted}`", self.name);
            let near = problems
                .nearest(Severity::Error, wanted, self.columns.iter().map(|c| c.name.as_str()))
                .map(|near| format!("is `{}` meant to be it?", shorten(near, 40)));
            let (line, column) = json::place(self.text, self.at);
            let mut problem = InputProblem::error(codes::MISSING_COLUMN, problems.file(), message)
                .at(line, column);
            problem.help = near;
            problems.push(problem);
        }
        complete
    }

    /// Tells a problem of a row, or of one of its cells.
    pub(crate) fn tell(
        &self,
        problems: &mut Collector<'_>,
        (severity, code): (Severity, &'static str),
        row: usize,
        column: Option<&str>,
        message: String,
        help: Option<String>,
    ) {
        // A place is found by walking through the file.
        let (mut line, mut at) = (0, 0);
        let cell = column.and_then(|c| self.column(c)?.cells.get(row)?.as_ref());
        if !problems.full(severity) {
            let byte = cell.map_or_else(|| self.rows_at.get(row).copied().unwrap_or(0), |c| c.at);
            (line, at) = self.place(byte);
        }
        let mut problem = InputProblem::new(severity, code, problems.file(), message).at(line, at);
        problem.help = help;
        if let Some(cell) = cell {
            problem.found = cell.describe();
        }
        problems.push(problem);
    }

    /// "`line` 4": a row for messages.
    pub(crate) fn who(&self, row: usize) -> String {
        format!("{} {}", self.name, self.index[row])
    }

    fn cell(&self, row: usize, column: &str) -> Option<&Node> {
        let cell = self.column(column)?.cells.get(row)?.as_ref()?;
        (cell.value != Value::Null).then_some(cell)
    }

    /// A number; none where there is none, after telling what is no number.
    pub(crate) fn number(
        &self,
        row: usize,
        column: &str,
        problems: &mut Collector<'_>,
    ) -> Option<f64> {
        let cell = self.cell(row, column)?;
        let value = cell.number().or_else(|| cell.text()?.trim().parse().ok());
        let Some(value) = value else {
            let message =
                format!("`{column}` of {} is no number: {}", self.who(row), cell.describe());
            let what = (Severity::Error, codes::BAD_NUMBER);
            self.tell(problems, what, row, Some(column), message, None);
            return None;
        };
        let factor = self.column(column).map_or(1.0, |c| c.factor);
        (!value.is_nan()).then_some(value * factor)
    }

    /// A finite number, or `default` where there is none.
    pub(crate) fn number_or(
        &self,
        row: usize,
        column: &str,
        default: f64,
        problems: &mut Collector<'_>,
    ) -> f64 {
        let value = self.number(row, column, problems).unwrap_or(default);
        if value.is_infinite() {
            let message = format!("`{column}` of {} is infinite", self.who(row));
            let what = (Severity::Error, codes::BAD_NUMBER);
            self.tell(problems, what, row, Some(column), message, None);
            return default;
        }
        value
    }

    /// A finite number that must be there; 0 after an error.
    pub(crate) fn needed(&self, row: usize, column: &str, problems: &mut Collector<'_>) -> f64 {
        if self.cell(row, column).is_none() && self.has(column) {
            let message = format!("`{column}` of {} is empty; it must be a number", self.who(row));
            let what = (Severity::Error, codes::BAD_NUMBER);
            self.tell(problems, what, row, Some(column), message, None);
            return 0.0;
        }
        self.number_or(row, column, 0.0, problems)
    }

    /// A number that must be above 0; 1 after an error.
    pub(crate) fn positive(&self, row: usize, column: &str, problems: &mut Collector<'_>) -> f64 {
        let before = problems.errors();
        let value = self.needed(row, column, problems);
        if value > 0.0 {
            return value;
        }
        if problems.errors() == before && self.has(column) {
            let message = format!("`{column}` of {} is {value}; it must be above 0", self.who(row));
            self.tell(
                problems,
                (Severity::Error, "out-of-range"),
                row,
                Some(column),
                message,
                None,
            );
        }
        1.0
    }

    /// True or false, or `default` where there is neither.
    pub(crate) fn flag(
        &self,
        row: usize,
        column: &str,
        default: bool,
        problems: &mut Collector<'_>,
    ) -> bool {
        let Some(cell) = self.cell(row, column) else { return default };
        let text = cell.text().unwrap_or("").to_lowercase();
        let number = cell.number();
        if let Value::Bool(value) = cell.value {
            value
        } else if number.is_some_and(f64::is_nan) {
            default
        } else if number == Some(0.0) || text == "false" {
            false
        } else if number == Some(1.0) || text == "true" {
            true
        } else {
            let message = format!(
                "`{column}` of {} is neither true nor false: {}",
                self.who(row),
                cell.describe()
            );
            let what = (Severity::Error, codes::BAD_WORD);
            self.tell(problems, what, row, Some(column), message, None);
            default
        }
    }

    /// A text; empty where there is none.
    pub(crate) fn text(&self, row: usize, column: &str) -> String {
        let Some(cell) = self.cell(row, column) else { return String::new() };
        let number = cell.number().filter(|x| !x.is_nan());
        number.map_or_else(|| cell.text().unwrap_or("").to_owned(), |x| x.to_string())
    }

    /// The index of an element of another table; none after an error.
    pub(crate) fn index_at(
        &self,
        row: usize,
        column: &str,
        problems: &mut Collector<'_>,
    ) -> Option<i64> {
        let before = problems.errors();
        let x = self.needed(row, column, problems);
        if problems.errors() > before || !self.has(column) {
            return None;
        }
        if x.fract() != 0.0 || x.abs() >= 1e15 {
            let message = format!("`{column}` of {} is {x}, no whole number", self.who(row));
            let what = (Severity::Error, codes::BAD_NUMBER);
            self.tell(problems, what, row, Some(column), message, None);
            return None;
        }
        Some(x as i64)
    }

    /// A cell of any kind.
    pub(crate) fn raw(&self, row: usize, column: &str) -> Option<&Node> {
        self.cell(row, column)
    }

    /// Where the given rows stand.
    pub(crate) fn places(&self, file: &Path, rows: impl Iterator<Item = usize>) -> RowPlaces {
        // All rows of a table stand on the line of its string.
        let line = json::place(self.text, self.at_of_home()).0;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let lines = match self.home {
            Home::String(_) => rows.map(|_| line).collect(),
            Home::File => {
                let mut cursor = (0, 1);
                let bytes = self.text.as_bytes();
                rows.map(|r| {
                    let at = self.rows_at[r];
                    if at < cursor.0 {
                        cursor = (0, 1);
                    }
                    cursor.1 += bytes[cursor.0..at].iter().filter(|b| **b == b'\n').count();
                    cursor.0 = at;
                    u32::try_from(cursor.1).unwrap_or(u32::MAX)
                })
                .collect()
            }
        };
        RowPlaces { file: Rc::from(file), lines, fields: &[], columns: Vec::new() }
    }

    fn at_of_home(&self) -> usize {
        match self.home {
            Home::File => self.at,
            Home::String(quote) => quote,
        }
    }
}

fn whole(label: &str) -> Option<i64> {
    label.trim().parse().ok()
}
