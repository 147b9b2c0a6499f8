//! Reading TOML with a place for every complaint, and nothing left unread.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

use blackstart::region::{Position, closest};
use blackstart::scenario::Interval;
use jiff::civil::DateTime;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::codes;
use crate::problem::{InputProblem, Problems};

/// A TOML text while it is read.
pub(crate) struct Doc<'a> {
    pub file: &'a Path,
    text: &'a str,
    pub problems: RefCell<Problems>,
}

impl<'a> Doc<'a> {
    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, problems: RefCell::new(Problems::default()) }
    }

    /// The top-level table; syntax errors become problems.
    pub(crate) fn parse(&self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let message =
                format!("this is not valid TOML: {}", error.message().replace('\n', "; "));
            self.push(codes::BAD_SYNTAX, &span, message, None);
        }
        errors.is_empty().then_some(table)
    }

    /// Line and column, from 1, in characters.
    fn place(&self, byte: usize) -> (usize, usize) {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = &self.text[..byte];
        let line = 1 + before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        (line, 1 + before[start..].chars().count())
    }

    pub(crate) fn push(
        &self,
        code: &'static str,
        span: &Range<usize>,
        message: String,
        help: Option<String>,
    ) {
        let (line, column) = self.place(span.start);
        let found = self.text.get(span.clone()).unwrap_or("");
        let mut problem = InputProblem::error(code, self.file, message).at(line, column);
        problem.help = help;
        self.problems.borrow_mut().push(problem.found(super::formats::table::shorten(found)));
    }
}

/// A table of a document. Keys that nobody asked for are told by [`Section::finish`].
pub(crate) struct Section<'d, 'a> {
    pub doc: &'d Doc<'a>,
    table: &'d DeTable<'a>,
    /// As its author wrote it: `repair`; empty at the top.
    name: String,
    pub span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d, 'a> Section<'d, 'a> {
    pub(crate) fn top(doc: &'d Doc<'a>, table: &'d Spanned<DeTable<'a>>) -> Self {
        // The whole file is meant: its first character stands for it.
        Self::new(doc, table.get_ref(), String::new(), 0..0)
    }

    fn new(doc: &'d Doc<'a>, table: &'d DeTable<'a>, name: String, span: Range<usize>) -> Self {
        Self { doc, table, name, span, known: RefCell::new(Vec::new()) }
    }

    /// The value of `key`, which is known from now on.
    pub(crate) fn get(&self, key: &'static str) -> Option<Value<'d, 'a>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        drop(known);
        let value = self.table.get(key)?;
        Some(Value {
            doc: self.doc,
            key: self.path(key),
            span: value.span(),
            value: value.get_ref(),
        })
    }

    /// True if the key is there, whether or not it was asked for.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// As its author wrote it: `repair`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Line and column, from 1.
    pub(crate) fn place(&self) -> (usize, usize) {
        self.doc.place(self.span.start)
    }

    /// Tells a problem of the section as a whole.
    pub(crate) fn push(&self, code: &'static str, message: String, help: Option<String>) {
        self.doc.push(code, &self.span, message, help);
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key)?.text()
    }

    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'d, 'a>> {
        self.get(key)?.section()
    }

    /// The tables of `[[key]]`.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<Section<'d, 'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        if let DeValue::Array(list) = value.value {
            return list.iter().filter_map(|item| value.item(item).section()).collect();
        }
        value.wrong(&format!("a list of tables, written [[{}]]", value.key));
        Vec::new()
    }

    /// The table of `key`, or the tables of `[[key]]`.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Section<'d, 'a>> {
        match self.get(key) {
            Some(value) if value.is_list() => self.sections(key),
            Some(value) => value.section().into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A number in `range`; `must` says it in words.
    pub(crate) fn number_in(
        &self,
        key: &'static str,
        range: impl std::ops::RangeBounds<f64>,
        must: &str,
    ) -> Option<f64> {
        let value = self.get(key)?;
        let number = value.number()?;
        if range.contains(&number) {
            return Some(number);
        }
        value.out_of_range(number, must);
        None
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        self.get(key)?.whole(least, most)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(flag) = value.value {
            return Some(*flag);
        }
        value.wrong("true or false");
        None
    }

    /// One of `words`.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        self.get(key)?.word(words)
    }

    /// Tells every key that was not asked for.
    pub(crate) fn finish(&self) {
        let known = self.known.borrow();
        let mut unknown: Vec<_> = self
            .table
            .iter()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
            .map(|(key, _)| (key.span(), key.get_ref().as_ref()))
            .collect();
        unknown.sort_by_key(|(span, _)| span.start);
        for (span, key) in unknown {
            let place = if self.name.is_empty() {
                String::from("here")
            } else {
                format!("in `{}`", self.name)
            };
            let shown = super::formats::table::shorten(key);
            let message = format!("the key `{shown}` means nothing {place}");
            let help = match closest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("keys are {}", known.join(", ")),
            };
            self.doc.push(codes::UNKNOWN_KEY, &span, message, Some(help));
        }
    }
}

/// A value of a document.
pub(crate) struct Value<'d, 'a> {
    pub doc: &'d Doc<'a>,
    /// With its section: `repair.teams_day`.
    pub key: String,
    pub span: Range<usize>,
    value: &'d DeValue<'a>,
}

impl<'d, 'a> Value<'d, 'a> {
    fn item(&self, item: &'d Spanned<DeValue<'a>>) -> Self {
        Self { doc: self.doc, key: self.key.clone(), span: item.span(), value: item.get_ref() }
    }

    pub(crate) fn push(&self, code: &'static str, message: String, help: Option<String>) {
        self.doc.push(code, &self.span, message, help);
    }

    /// Line and column, from 1.
    pub(crate) fn place(&self) -> (usize, usize) {
        self.doc.place(self.span.start)
    }

    fn wrong(&self, must: &str) {
        let is = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.push(codes::BAD_VALUE, format!("`{}` must be {must}, not {is}", self.key), None);
    }

    pub(crate) fn out_of_range(&self, number: f64, must: &str) {
        let message = format!("`{}` is {number}; it must be {must}", self.key);
        let help = (must.contains("0 to 1") && (2.0..=100.0).contains(&number))
            .then(|| format!("write {number} % as {}", number / 100.0));
        self.push("out-of-range", message, help);
    }

    fn raw_number(&self) -> Option<f64> {
        match self.value {
            DeValue::Integer(i) => {
                let digits = i.as_str().replace('_', "");
                i64::from_str_radix(&digits, i.radix()).ok().map(|v| {
                    #[expect(clippy::cast_precision_loss, reason = "numbers of people, hours …")]
                    let v = v as f64;
                    v
                })
            }
            DeValue::Float(f) => f.as_str().replace('_', "").parse().ok(),
            DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        }
    }

    /// A finite number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.raw_number() {
            Some(number) if number.is_finite() => Some(number),
            Some(_) => {
                let message = format!("`{}` must be a finite number", self.key);
                self.push(codes::BAD_NUMBER, message, None);
                None
            }
            None => {
                self.wrong("a number");
                None
            }
        }
    }

    pub(crate) fn whole(&self, least: u64, most: u64) -> Option<u64> {
        if let DeValue::Integer(i) = self.value
            && let Ok(n) = u64::from_str_radix(&i.as_str().replace(['_', '+'], ""), i.radix())
            && (least..=most).contains(&n)
        {
            return Some(n);
        }
        let number = self.number()?;
        let message =
            format!("`{}` is {number}; it must be a whole number from {least} to {most}", self.key);
        self.push("out-of-range", message, None);
        None
    }

    pub(crate) fn text(&self) -> Option<String> {
        if let DeValue::String(text) = self.value {
            return Some(text.clone().into_owned());
        }
        self.wrong("text in quotes");
        None
    }

    pub(crate) fn section(&self) -> Option<Section<'d, 'a>> {
        if let DeValue::Table(table) = self.value {
            return Some(Section::new(self.doc, table, self.key.clone(), self.span.clone()));
        }
        self.wrong("a table");
        None
    }

    pub(crate) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, item)) = words.iter().find(|(w, _)| *w == text) {
            return Some(*item);
        }
        let all = words.iter().map(|(w, _)| *w);
        let help = match closest(&text, all.clone()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("write one of \"{}\"", all.collect::<Vec<_>>().join("\", \"")),
        };
        let shown = super::formats::table::shorten(&text);
        self.push(
            codes::BAD_WORD,
            format!("`{shown}` is not a word for `{}`", self.key),
            Some(help),
        );
        None
    }

    /// The items of a list.
    pub(crate) fn list(&self) -> Option<Vec<Value<'d, 'a>>> {
        if let DeValue::Array(list) = self.value {
            return Some(list.iter().map(|item| self.item(item)).collect());
        }
        self.wrong("a list, written [ … ]");
        None
    }

    /// True for a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    /// A number, or `[low, high]`, both in `range`.
    pub(crate) fn interval(
        &self,
        range: impl std::ops::RangeBounds<f64>,
        must: &str,
    ) -> Option<Interval> {
        let (low, high) = if self.is_list() {
            let items = self.list()?;
            let [low, high] = items.as_slice() else {
                let message = format!("`{}` must be a number or [low, high]", self.key);
                self.push(codes::BAD_VALUE, message, None);
                return None;
            };
            (low.number()?, high.number()?)
        } else {
            let number = self.number()?;
            (number, number)
        };
        for number in [low, high] {
            if !range.contains(&number) {
                self.out_of_range(number, must);
                return None;
            }
        }
        if low > high {
            let message = format!("`{}` runs from {low} down to {high}", self.key);
            let help = format!("write [{high}, {low}]");
            self.push("contradiction", message, Some(help));
            return None;
        }
        Some(Interval { low, high })
    }

    /// `[lon_deg, lat_deg]`.
    pub(crate) fn position(&self) -> Option<Position> {
        let items = self.list()?;
        let [lon, lat] = items.as_slice() else {
            let message = String::from("a place is [lon_deg, lat_deg]");
            self.push(codes::BAD_VALUE, message, None);
            return None;
        };
        let (lon_deg, lat_deg) = (lon.number()?, lat.number()?);
        if !(-180.0..=180.0).contains(&lon_deg) {
            lon.out_of_range(lon_deg, "a longitude from -180 to 180");
        }
        if !(-90.0..=90.0).contains(&lat_deg) {
            lat.out_of_range(lat_deg, "a latitude from -90 to 90; first comes the longitude");
        }
        Some(Position { lon_deg, lat_deg })
    }

    /// A local date and time, as TOML writes it or in quotes.
    pub(crate) fn datetime(&self) -> Option<DateTime> {
        let text = match self.value {
            DeValue::Datetime(d) => d.to_string(),
            DeValue::String(s) => s.clone().into_owned(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong("a date and time such as 2026-01-14T18:00:00");
                return None;
            }
        };
        let zoned =
            text.ends_with(['Z', 'z']) || text.len() > 19 && text[19..].contains(['+', '-']);
        match text.parse::<DateTime>() {
            Ok(time) if !zoned => Some(time),
            _ => {
                let shown = super::formats::table::shorten(&text);
                let message = format!("`{}` is not a local date and time: {shown}", self.key);
                let help = if zoned {
                    "times are local, without an offset: 2026-01-14T18:00:00"
                } else {
                    "write it as 2026-01-14T18:00:00"
                };
                self.push(codes::BAD_DATE, message, Some(help.to_owned()));
                None
            }
        }
    }
}
