//! Cells and tables as text.

use blackstart::region::{Position, Queue};

use crate::formats::number::push_number;
use crate::formats::table::Layout;

/// A value as a cell: the shortest text that reads back as the same number.
pub(super) fn number(value: f64) -> String {
    let mut out = String::new();
    push_number(&mut out, value, "inf", "NaN");
    out
}

/// An empty cell where the value is what an empty cell means.
pub(super) fn unless(value: f64, default: f64) -> String {
    if value == default { String::new() } else { number(value) }
}

pub(super) fn flag(value: bool) -> String {
    String::from(if value { "true" } else { "false" })
}

/// A name on one line; ends of names carry no spaces.
pub(super) fn text(value: &str) -> String {
    value.replace(['\n', '\r'], " ").trim().to_owned()
}

pub(super) fn optional(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

pub(super) fn position(value: Option<Position>) -> [String; 2] {
    value.map_or_else(Default::default, |p| [number(p.lon_deg), number(p.lat_deg)])
}

pub(super) fn queue(value: Option<Queue>) -> String {
    value.map_or_else(String::new, |q| format!("{}.{}", q.group, q.sub))
}

pub(super) fn points(points: &[(f64, f64)]) -> String {
    let points: Vec<String> =
        points.iter().map(|(x, y)| format!("{}:{}", number(*x), number(*y))).collect();
    points.join(";")
}

pub(super) fn numbers(values: &[f64]) -> String {
    values.iter().map(|v| number(*v)).collect::<Vec<_>>().join(";")
}

/// The word that files use for `value`.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> String {
    words.iter().find(|(_, v)| *v == value).map_or("", |(w, _)| w).to_owned()
}

/// Tables in the making, as file names and bytes.
#[derive(Default)]
pub(super) struct Tables {
    files: Vec<(String, Vec<u8>)>,
}

impl Tables {
    /// Adds a table; one without rows is not written.
    pub(super) fn add<const N: usize>(
        &mut self,
        name: &str,
        layout: Layout,
        rows: impl Iterator<Item = [String; N]>,
    ) {
        debug_assert_eq!(layout.columns.len(), N, "cells of {name}");
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return;
        }
        let mut bytes = line(layout.columns.iter().copied());
        for row in rows {
            bytes.extend(line(row.iter().map(String::as_str)));
        }
        self.files.push((format!("{name}.csv"), bytes));
    }

    pub(super) fn into_files(self) -> Vec<(String, Vec<u8>)> {
        self.files
    }
}

/// One line of CSV: values are quoted where they hold a comma or a quote.
fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut line = Vec::new();
    for (k, cell) in cells.enumerate() {
        if k > 0 {
            line.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            line.push(b'"');
            line.extend(cell.replace('"', "\"\"").bytes());
            line.push(b'"');
        } else {
            line.extend(cell.bytes());
        }
    }
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_the_same() {
        for v in [0.0, 0.1, 1.0 / 3.0, -1e-7, 1.022e-6, 1e300, f64::INFINITY, 123_456_789.123] {
            assert_eq!(number(v).parse::<f64>(), Ok(v), "{}", number(v));
        }
        assert_eq!(number(1.022e-6), "1.022e-6");
        assert_eq!(number(5e15), "5e15");
    }
}
