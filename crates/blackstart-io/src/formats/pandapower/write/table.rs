//! Tables of a net as pandapower writes them.

use super::NO_LIMIT;
use crate::formats::json::push_text;
use crate::formats::number::push_number;

/// A cell.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    /// JSON as it is.
    Json(String),
}

/// A table with the names and numpy types of its columns.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
    pub(super) rows: Vec<Vec<Cell>>,
}

pub(super) const F: &str = "float64";
pub(super) const O: &str = "object";
pub(super) const B: &str = "bool";
pub(super) const U: &str = "uint32";

impl Table {
    pub(super) fn new(
        name: &'static str,
        columns: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { name, columns, rows: Vec::new() }
    }

    /// Appends the member `"name": {...}` of the net.
    pub(super) fn push_json(&self, out: &mut String) {
        let mut inner = String::from("{\"columns\":[");
        for (k, (name, _)) in self.columns.iter().enumerate() {
            inner.push_str(if k > 0 { "," } else { "" });
            push_text(&mut inner, name);
        }
        inner.push_str("],\"index\":[");
        for k in 0..self.rows.len() {
            inner.push_str(if k > 0 { "," } else { "" });
            inner.push_str(&k.to_string());
        }
        inner.push_str("],\"data\":[");
        for (k, row) in self.rows.iter().enumerate() {
            debug_assert_eq!(row.len(), self.columns.len(), "{}", self.name);
            inner.push_str(if k > 0 { ",[" } else { "[" });
            for (c, cell) in row.iter().enumerate() {
                inner.push_str(if c > 0 { "," } else { "" });
                push_cell(&mut inner, cell);
            }
            inner.push(']');
        }
        inner.push_str("]}");
        out.push_str("    ");
        push_text(out, self.name);
        out.push_str(
            ": {\n      \"_module\": \"pandas.core.frame\",\n      \"_class\": \"DataFrame\",\n      \
             \"_object\": ",
        );
        push_text(out, &inner);
        out.push_str(",\n      \"orient\": \"split\",\n      \"dtype\": {");
        for (k, (name, kind)) in self.columns.iter().enumerate() {
            out.push_str(if k > 0 { ", " } else { "" });
            push_text(out, name);
            out.push_str(": ");
            push_text(out, kind);
        }
        out.push_str("}\n    },\n");
    }
}

pub(super) fn push_cell(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Cell::Whole(x) => out.push_str(&x.to_string()),
        Cell::Number(x) => {
            let from = out.len();
            push_number(out, *x, "1e999", "null");
            // Python would take 1 for a whole number.
            if x.is_finite() && !out[from..].contains(['.', 'e']) {
                out.push_str(".0");
            }
        }
        Cell::Text(t) => push_text(out, t),
        Cell::Json(json) => out.push_str(json),
    }
}

pub(super) fn text(t: &str) -> Cell {
    Cell::Text(t.to_owned())
}

/// A limit: what stands for none where it is infinite.
pub(super) fn limit(x: f64) -> Cell {
    Cell::Number(if x.is_infinite() { NO_LIMIT.copysign(x) } else { x })
}

pub(super) fn whole(k: usize) -> Cell {
    Cell::Whole(i64::try_from(k).unwrap_or(i64::MAX))
}
