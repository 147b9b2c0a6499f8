//! Lists of what is out of service: one name a line, or the first column of a table.

use std::collections::HashMap;
use std::path::Path;

use crate::formats::collect::nearest;
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems};

/// A list as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOutages {
    /// Rows of the table, from 0, in the order of the list; each once.
    pub rows: Vec<usize>,
    /// Names that are not there, and what else is wrong.
    pub problems: Vec<InputProblem>,
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Reads a list of rows of a table whose ids are `ids`; `noun` names one of them
/// ("branch", "generator").
///
/// Each line names one: its id, or its row in the file of the grid counted from 1. Only
/// the text before the first comma counts, so that a table whose first column holds the
/// ids will do; a first line that says `noun`, `id`, `name` or `row` is a header. Blank
/// lines and what follows a `#` at the start of a line are skipped.
#[must_use]
pub fn read_outages(path: &Path, ids: &[String], noun: &str) -> ReadOutages {
    let mut problems = Problems::default();
    let Some(file) = input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems)
    else {
        return ReadOutages { problems: problems.finish(path), ..ReadOutages::default() };
    };
    let by_id: HashMap<&str, usize> =
        ids.iter().enumerate().rev().map(|(row, id)| (id.as_str(), row)).collect();
    let mut out = ReadOutages { sha256: file.sha256, ..ReadOutages::default() };
    let mut seen = vec![false; ids.len()];
    let mut first = true;
    for (at, line) in file.text.lines().enumerate() {
        let cell = line.split(',').next().unwrap_or_default().trim().trim_matches('"');
        if cell.is_empty() || cell.starts_with('#') {
            continue;
        }
        let heading = std::mem::take(&mut first)
            && [noun, "id", "name", "row"].iter().any(|w| cell.eq_ignore_ascii_case(w));
        if heading {
            continue;
        }
        let number = cell.parse::<usize>().ok().filter(|n| (1..=ids.len()).contains(n));
        let row = by_id.get(cell).copied().or(number.map(|n| n - 1));
        match row {
            Some(row) if seen[row] => {}
            Some(row) => {
                seen[row] = true;
                out.rows.push(row);
            }
            None => {
                let help = match nearest(cell, ids.iter().map(String::as_str)) {
                    Some(near) => format!("is `{near}` meant?"),
                    None => format!(
                        "give its id, or its row in the grid's file from 1 to {}",
                        ids.len()
                    ),
                };
                let message = format!("there is no {noun} `{cell}` in the grid");
                problems.push(
                    InputProblem::error("unknown-reference", path, message)
                        .at(at + 1, 1)
                        .found(cell)
                        .help(help),
                );
            }
        }
    }
    out.problems = problems.finish(path);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    fn read(name: &str, text: &str) -> ReadOutages {
        let path = std::env::temp_dir().join(format!("{name}-{}.txt", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let ids: Vec<String> = ["1-2", "1-2#2", "2-3", "7"].map(String::from).to_vec();
        let read = read_outages(&path, &ids, "branch");
        std::fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn names_rows_and_tables_are_understood() {
        assert_eq!(read("outages-names", "2-3\n\n# both\n1-2#2\n2-3\n").rows, [2, 1]);
        assert_eq!(read("outages-table", "branch,why\n\"1-2\",ice\n3,wind\n").rows, [0, 2]);
        // An id goes before a row of the same digits.
        assert_eq!(read("outages-digits", "7\n").rows, [3]);
    }

    #[test]
    fn unknown_names_are_all_told_with_what_may_be_meant() {
        let read = read("outages-unknown", "2-4\n99\n1-2\n");
        assert_eq!(read.rows, [0]);
        let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].contains(":1:1: there is no branch `2-4`") && told[0].contains("meant?"));
        assert!(told[1].contains("row in the grid's file from 1 to 4"), "{}", told[1]);
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let read = read_outages(Path::new("no such list"), &[], "branch");
        assert_eq!(read.problems[0].code, codes::FILE_NOT_FOUND);
    }
}
