//! The properties of one feature as the values of a row. `null` and empty texts count as
//! absent: GIS write them for every column that a layer has.

use std::collections::HashSet;
use std::rc::Rc;

use blackstart::region::{Table, closest};

use super::geometry::Shape;
use super::read::Reader;
use super::told::{Meant, shown};
use super::{Kind, is_property};
use crate::codes;
use crate::formats::json::{Node, Value};
use crate::formats::number::push_number;
use crate::formats::table::parse_number;
use crate::problem::Severity;
use crate::sources::Place;

/// A feature while its properties are read.
pub(super) struct Row<'r, 'n, 't, 'f> {
    pub(super) r: &'r mut Reader<'t, 'f>,
    feature: &'n Node,
    properties: &'n [(String, Node)],
    table: Table,
    columns: &'static [&'static str],
    row: usize,
    /// What it is, for messages.
    who: String,
    pub(super) id: String,
}

fn absent(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => false,
    }
}

impl<'r, 'n, 't, 'f> Row<'r, 'n, 't, 'f> {
    /// Begins row `row` of the table of `kind`.
    pub(super) fn begin(
        r: &'r mut Reader<'t, 'f>,
        feature: &'n Node,
        properties: &'n [(String, Node)],
        (kind, row): (Kind, usize),
        shape: &Shape,
    ) -> Self {
        let (table, columns) = kind.table();
        let who = format!("this {}", kind.word());
        let id = String::new();
        let mut this = Self { r, feature, properties, table, columns, row, who, id };
        if matches!(shape, Shape::Broken(_)) {
            this.mark();
        }
        this.places();
        this.names();
        this.read_id(kind);
        this
    }

    pub(super) fn mark(&mut self) {
        self.r.marks.bad.insert((self.table, self.row));
    }

    /// Where the row and its values stand.
    fn places(&mut self) {
        let (line, column) = self.r.cursor.place(self.feature.at);
        let place = Place { file: Rc::clone(&self.r.file), line, column };
        self.r.sources.set_row(self.table, self.row, place);
        for (name, node) in self.properties {
            if let Some(known) = self.columns.iter().find(|c| *c == name) {
                let (line, column) = self.r.cursor.place(node.at);
                self.r.sources.set_field(self.table, self.row, known, line, column);
            }
        }
    }

    /// Names of properties: those that are there twice, and those that are no columns.
    fn names(&mut self) {
        let mut seen = HashSet::new();
        for (name, node) in self.properties {
            let known = name == "kind" || self.columns.iter().any(|c| is_property(c) && *c == name);
            if !seen.insert(name.as_str()) {
                if known {
                    let message = format!("property `{name}` is there twice");
                    self.r.error(codes::DUPLICATE_COLUMN, node.at, message, None);
                    self.mark();
                }
                continue;
            }
            if known {
                continue;
            }
            match self.r.tally.meant(self.table, self.columns, name) {
                // If it must be there, its absence is told with what may have been meant.
                Some(meant) if self.value(meant.column).is_none() => {
                    if !self.required_column(meant.column) {
                        self.r.tally.slip(name, node.at, meant);
                    }
                }
                _ => self.r.tally.unread(name),
            }
        }
    }

    /// True for columns whose absence is an error in itself.
    fn required_column(&self, column: &str) -> bool {
        matches!(column, "kind" | "id" | "diameter_mm" | "heat_max_mw" | "design_mw")
    }

    fn read_id(&mut self, kind: Kind) {
        // Some GIS keep a feature's id beside its properties, as RFC 7946 (3.2) has it.
        let own = self.feature.get("id").filter(|n| !absent(n));
        self.id = match (self.text("id"), own) {
            (Some(id), _) => id,
            (None, Some(node)) if self.value("id").is_none() => {
                self.as_text("id", node).unwrap_or_default()
            }
            (None, _) => {
                if self.value("id").is_none() {
                    self.missing("id", "it must have one");
                }
                String::new()
            }
        };
        if !self.id.is_empty() {
            self.who = format!("{} `{}`", kind.word(), shown(&self.id));
        }
    }

    pub(super) fn value(&self, column: &str) -> Option<&'n Node> {
        let found = self.properties.iter().rev().find(|(name, _)| name == column);
        found.map(|(_, node)| node).filter(|n| !absent(n))
    }

    fn wrong(&mut self, code: &'static str, node: &Node, message: String, help: Option<String>) {
        self.r.wrong(code, node, message, help);
        self.mark();
    }

    /// Tells that a property is not there; `why` says what of it.
    pub(super) fn missing(&mut self, column: &'static str, why: &str) {
        self.mark();
        let message = format!("{} has no `{column}`; {why}", self.who);
        let properties = self.properties;
        let near = properties.iter().find_map(|(name, node)| {
            let known = self.columns.iter().any(|c| c == name);
            let meant =
                if known { None } else { self.r.tally.meant(self.table, self.columns, name) };
            Some((name, node, meant.filter(|m| m.column == column)?))
        });
        match near {
            Some((name, node, Meant { code, help, .. })) => {
                let message = format!("{message} (but there is `{}`)", shown(name));
                let (severity, found) = (Severity::Error, shown(name));
                self.r.tell(severity, code, node.at, found, message, Some(help));
            }
            None => self.r.error(codes::MISSING_KEY, self.feature.at, message, None),
        }
    }

    /// A text, if there is one. Whole numbers count: many layers number their features.
    pub(super) fn text(&mut self, column: &'static str) -> Option<String> {
        let node = self.value(column)?;
        self.as_text(column, node)
    }

    fn as_text(&mut self, column: &'static str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(x) if x.is_finite() => {
                let mut text = String::new();
                push_number(&mut text, *x, "", "");
                Some(text)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
                let message = format!("`{column}` of {} must be a text", self.who);
                self.wrong(codes::BAD_VALUE, node, message, None);
                None
            }
        }
    }

    /// A number that must be there.
    pub(super) fn number(&mut self, column: &'static str) -> f64 {
        if self.value(column).is_none() {
            self.missing(column, "it must be a number");
            return 0.0;
        }
        self.number_or(column, 0.0)
    }

    /// A finite number, or `default` if absent; a `default` without limit allows as much.
    pub(super) fn number_or(&mut self, column: &'static str, default: f64) -> f64 {
        let Some(node) = self.value(column) else { return default };
        let number = match &node.value {
            Value::Number(x) => Some(*x),
            Value::Text(text) if text == "inf" && default.is_infinite() => Some(f64::INFINITY),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Object(_) => {
                None
            }
        };
        match number.filter(|x| x.is_finite() || (x.is_infinite() && default.is_infinite())) {
            Some(x) => x,
            None => {
                let quoted = node.text().and_then(|t| t.parse::<f64>().ok());
                let help =
                    quoted.filter(|x| x.is_finite()).map(|_| "write it without quotes".into());
                let finite = if number.is_some() { "finite " } else { "" };
                let message = format!("`{column}` of {} must be a {finite}number", self.who);
                self.wrong(codes::BAD_NUMBER, node, message, help);
                if default.is_finite() { default } else { 0.0 }
            }
        }
    }

    /// One of `words`, or `default` if absent.
    pub(super) fn word<T: Copy>(
        &mut self,
        column: &'static str,
        words: &[(&'static str, T)],
        default: T,
    ) -> T {
        let Some(node) = self.value(column) else { return default };
        let text = node.text().unwrap_or("");
        if let Some((_, item)) = words.iter().find(|(w, _)| *w == text) {
            return *item;
        }
        let all = words.iter().map(|(w, _)| *w);
        let help = match closest(text, all.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", all.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("{} is not a word for `{column}`", node.describe());
        self.wrong(codes::BAD_WORD, node, message, Some(help));
        default
    }

    /// Points: a text `x:y;x:y`, as tables have it, or a list of pairs.
    pub(super) fn points(&mut self, column: &'static str) -> Vec<(f64, f64)> {
        let Some(node) = self.value(column) else { return Vec::new() };
        let finite = |x: f64| Some(x).filter(|x| x.is_finite());
        let part = |text: &str| parse_number(text.trim()).ok().and_then(finite);
        let points: Option<Vec<(f64, f64)>> = match &node.value {
            Value::Text(text) => {
                let parts = text.split(';').filter(|p| !p.trim().is_empty());
                parts
                    .map(|p| p.split_once(':').and_then(|(x, y)| Some((part(x)?, part(y)?))))
                    .collect()
            }
            Value::List(items) => {
                let pair = |item: &Node| match item.list() {
                    Some([x, y]) => Some((finite(x.number()?)?, finite(y.number()?)?)),
                    _ => None,
                };
                items.iter().map(pair).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        };
        points.unwrap_or_else(|| {
            let message = format!("`{column}` of {} must be points", self.who);
            let help = "write points as \"0:60;100:50\" or [[0, 60], [100, 50]]".to_owned();
            self.wrong(codes::BAD_VALUE, node, message, Some(help));
            Vec::new()
        })
    }
}
