//! Where each row of a draft came from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use blackstart::region::{Problem, Table};

use crate::problem::{InputProblem, Severity};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Rc<Path>,
    /// Line from 1.
    pub line: usize,
    /// Column from 1; 0 when the whole line is meant.
    pub column: usize,
}

/// Where the rows of one long table came from, packed: 4 bytes a row and 2 a field.
#[derive(Clone, Debug)]
pub struct RowPlaces {
    /// The file of all rows.
    pub file: Rc<Path>,
    /// Line of each row, from 1.
    pub lines: Vec<u32>,
    /// Names of the fields whose columns are known.
    pub fields: &'static [&'static str],
    /// Column of each field, row by row, from 1; 0 when not known.
    pub columns: Vec<u16>,
}

impl RowPlaces {
    fn place(&self, row: usize, field: &str) -> Option<Place> {
        let line = *self.lines.get(row)? as usize;
        let known = self.fields.iter().position(|f| *f == field);
        let column = known.and_then(|k| self.columns.get(row * self.fields.len() + k));
        let column = column.map_or(0, |c| usize::from(*c));
        Some(Place { file: Rc::clone(&self.file), line, column })
    }
}

/// Where each row of each table came from, and the columns of its fields.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Stretches of rows with the first row of each.
    tables: HashMap<Table, Vec<(usize, RowPlaces)>>,
    rows: HashMap<(Table, usize), Place>,
    fields: HashMap<(Table, usize, &'static str), (usize, usize)>,
}

impl Sources {
    /// Says where all rows of a table come from, for tables too long for single entries.
    /// [`Sources::set_row`] and [`Sources::set_field`] go before it.
    pub fn set_table(&mut self, table: Table, places: RowPlaces) {
        self.set_rows(table, 0, places);
    }

    /// Says where the rows from `first` on come from.
    pub fn set_rows(&mut self, table: Table, first: usize, places: RowPlaces) {
        self.tables.entry(table).or_default().push((first, places));
    }

    /// Takes over what `other` knows, for rows that follow the `first(table)` rows of
    /// each table that are there already.
    pub fn append(&mut self, other: Self, first: impl Fn(Table) -> usize) {
        for (table, stretches) in other.tables {
            let own = self.tables.entry(table).or_default();
            own.extend(stretches.into_iter().map(|(row, p)| (row + first(table), p)));
        }
        let rows = other.rows.into_iter();
        self.rows.extend(rows.map(|((table, row), p)| ((table, row + first(table)), p)));
        let fields = other.fields.into_iter();
        self.fields.extend(fields.map(|((table, row, f), p)| ((table, row + first(table), f), p)));
    }

    /// Says where a row begins.
    pub fn set_row(&mut self, table: Table, row: usize, place: Place) {
        self.rows.insert((table, row), place);
    }

    /// Says where one field of a row stands (line, column from 1).
    pub fn set_field(
        &mut self,
        table: Table,
        row: usize,
        field: &'static str,
        line: usize,
        column: usize,
    ) {
        self.fields.insert((table, row, field), (line, column));
    }

    /// The best known place of a field.
    #[must_use]
    pub fn place(&self, table: Table, row: usize, field: &'static str) -> Option<Place> {
        let mut place = match self.rows.get(&(table, row)) {
            Some(place) => place.clone(),
            None => {
                let stretches = self.tables.get(&table)?;
                let (first, places) = stretches.iter().rev().find(|(first, _)| *first <= row)?;
                places.place(row - first, field)?
            }
        };
        if let Some((line, column)) = self.fields.get(&(table, row, field)) {
            place.line = *line;
            place.column = *column;
        }
        Some(place)
    }

    /// An engine problem with its place; `fallback` is the file named when none is known.
    #[must_use]
    pub fn locate(&self, problem: &Problem, fallback: &Path) -> InputProblem {
        let place = self.place(problem.table, problem.row, problem.field);
        let (file, line, column) = match place {
            Some(p) => (p.file.to_path_buf(), p.line, p.column),
            None => (PathBuf::from(fallback), 0, 0),
        };
        InputProblem {
            code: problem.code.word(),
            severity: Severity::Error,
            file,
            line,
            column,
            found: String::new(),
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}
