//! CSV tables of other programs: any columns in any order, rows with their lines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use blackstart::region::closest;

use crate::codes;
use crate::formats::table::shorten;
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::RowPlaces;

/// A table as text.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub path: PathBuf,
    columns: HashMap<String, usize>,
    /// The header as it stands.
    pub header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    lines: Vec<u32>,
}

impl Sheet {
    /// Reads a file that must be there.
    pub(crate) fn read(path: &Path, problems: &mut Problems) -> Option<Self> {
        let file = input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, problems)?;
        Some(Self::parse(&file.text, path, problems))
    }

    /// Reads a file that may be missing; an empty table then.
    pub(crate) fn optional(path: &Path, problems: &mut Problems) -> Self {
        let there = path.is_file().then(|| Self::read(path, problems)).flatten();
        there.unwrap_or_else(|| Self { path: path.to_path_buf(), ..Self::default() })
    }

    pub(crate) fn parse(text: &str, path: &Path, problems: &mut Problems) -> Self {
        let mut sheet = Self { path: path.to_path_buf(), ..Self::default() };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let (mut line, mut byte) = (1usize, 0usize);
        while matches!(reader.read_record(&mut record), Ok(true)) {
            let start = record.position().and_then(|p| usize::try_from(p.byte()).ok());
            let mut start = start.unwrap_or(byte).clamp(byte, text.len());
            // The reader counts empty lines before a record as part of it.
            while matches!(text.as_bytes().get(start), Some(b'\n' | b'\r')) {
                start += 1;
            }
            line += text.as_bytes()[byte..start].iter().filter(|b| **b == b'\n').count();
            byte = start;
            if sheet.header.is_empty() {
                sheet.set_header(&record, line, problems);
                continue;
            }
            if record.len() != sheet.header.len() {
                let message = format!(
                    "the row has {} values, the header has {} columns",
                    record.len(),
                    sheet.header.len()
                );
                let code = if record.len() < sheet.header.len() {
                    codes::SHORT_ROW
                } else {
                    codes::LONG_ROW
                };
                problems.push(InputProblem::error(code, path, message).at(line, 0));
            }
            sheet.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
            sheet.rows.push(record.clone());
        }
        sheet
    }

    fn set_header(&mut self, record: &csv::StringRecord, line: usize, problems: &mut Problems) {
        for (k, name) in record.iter().enumerate() {
            let name = name.trim().to_owned();
            if !name.is_empty() && self.columns.insert(name.clone(), k).is_some() {
                let message = format!("column `{}` is there twice", shorten(&name));
                let problem = InputProblem::error(codes::DUPLICATE_COLUMN, &self.path, message);
                problems.push(problem.at(line, 0));
            }
            self.header.push(name);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Tells columns that must be there and are not; false if any is missing.
    pub(crate) fn require(&self, columns: &[&str], problems: &mut Problems) -> bool {
        let mut complete = true;
        for wanted in columns.iter().filter(|c| !self.has(c)) {
            complete = false;
            let message = format!("column `{wanted}` is missing");
            let mut problem =
                InputProblem::error(codes::MISSING_COLUMN, &self.path, message).at(1, 0);
            let near = closest(wanted, self.header.iter().map(String::as_str));
            problem.help = near.map(|n| format!("is `{}` meant to be it?", shorten(n)));
            problems.push(problem);
        }
        complete
    }

    /// A text; empty if absent.
    pub(crate) fn text(&self, row: usize, column: &str) -> &str {
        let cell = self.columns.get(column).and_then(|k| self.rows[row].get(*k));
        cell.unwrap_or("").trim()
    }

    /// A cell by its position.
    pub(crate) fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).unwrap_or("").trim()
    }

    /// Tells a problem of a row, or of a cell.
    pub(crate) fn tell(
        &self,
        problems: &mut Problems,
        (severity, code): (Severity, &'static str),
        row: usize,
        column: Option<&str>,
        message: String,
    ) {
        let k = column.and_then(|c| self.columns.get(c)).copied();
        let line = self.lines.get(row).copied().unwrap_or(0) as usize;
        // Quotes around earlier values are not counted; there are none in most files.
        let before = |k: usize| {
            self.rows[row].iter().take(k).map(|c| c.chars().count() + 1).sum::<usize>() + 1
        };
        let at = k.filter(|_| row < self.rows.len()).map_or(0, before);
        let mut problem = InputProblem::new(severity, code, &self.path, message).at(line, at);
        if let Some(k) = k {
            problem.found = shorten(self.rows.get(row).and_then(|r| r.get(k)).unwrap_or(""));
        }
        problems.push(problem);
    }

    /// A number; none where there is none or `NA`, after telling what is no number.
    pub(crate) fn number(&self, row: usize, column: &str, problems: &mut Problems) -> Option<f64> {
        let text = self.text(row, column);
        if text.is_empty() || text.eq_ignore_ascii_case("na") || text.eq_ignore_ascii_case("nan") {
            return None;
        }
        match text.parse::<f64>() {
            Ok(x) => Some(x),
            Err(_) => {
                let message = format!("`{}` in `{column}` is not a number", shorten(text));
                let what = (Severity::Error, codes::BAD_NUMBER);
                self.tell(problems, what, row, Some(column), message);
                None
            }
        }
    }

    /// A finite number, or `default`.
    pub(crate) fn number_or(
        &self,
        row: usize,
        column: &str,
        default: f64,
        problems: &mut Problems,
    ) -> f64 {
        self.number(row, column, problems).filter(|x| x.is_finite()).unwrap_or(default)
    }

    /// A finite number that must be there; 0 after an error.
    pub(crate) fn needed(&self, row: usize, column: &str, problems: &mut Problems) -> f64 {
        let before = problems.errors();
        match self.number(row, column, problems) {
            Some(x) if x.is_finite() => x,
            _ if problems.errors() > before => 0.0,
            _ => {
                let message = format!("`{column}` must be a number");
                let what = (Severity::Error, codes::BAD_NUMBER);
                self.tell(problems, what, row, Some(column), message);
                0.0
            }
        }
    }

    /// Where the given rows stand.
    pub(crate) fn places(&self, rows: impl Iterator<Item = usize>) -> RowPlaces {
        RowPlaces {
            file: Rc::from(self.path.as_path()),
            lines: rows.map(|r| self.lines[r]).collect(),
            fields: &[],
            columns: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Sheet, Vec<String>) {
        let mut problems = Problems::default();
        let sheet = Sheet::parse(text, Path::new("x.csv"), &mut problems);
        (sheet, problems.into_list().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn cells_are_found_by_column_and_told_by_place() {
        let (sheet, told) = read("a, b ,c\n\n1,2,x\n3,NA,\n");
        assert!(told.is_empty());
        let mut problems = Problems::default();
        assert_eq!(sheet.number(0, "b", &mut problems), Some(2.0));
        assert_eq!(sheet.number(1, "b", &mut problems), None);
        assert_eq!(sheet.needed(0, "c", &mut problems), 0.0);
        assert_eq!(sheet.needed(1, "c", &mut problems), 0.0);
        assert!(!sheet.require(&["a", "bb"], &mut problems));
        let told: Vec<String> = problems.into_list().iter().map(ToString::to_string).collect();
        assert_eq!(told[0], "x.csv:3:5: `x` in `c` is not a number");
        assert_eq!(told[1], "x.csv:4:6: `c` must be a number");
        assert!(told[2].starts_with("x.csv:1: column `bb` is missing"), "{}", told[2]);
    }

    #[test]
    fn rows_of_another_length_are_told() {
        let (_, told) = read("a,b\n1\n1,2,3\n");
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("x.csv:2: the row has 1 values"), "{told:?}");
    }
}
