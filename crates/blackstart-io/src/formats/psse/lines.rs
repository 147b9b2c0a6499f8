//! The lines of a case and the fields of a record.

use std::borrow::Cow;

use crate::formats::decimal;

/// One line as a record, or part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields<'t> {
    text: &'t str,
    /// Line from 1.
    pub line: usize,
    /// First and last byte of each field, quotes included; equal where it is left empty.
    spans: Vec<(u32, u32)>,
}

/// A field of a record: its place and its name in the manual.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub at: usize,
    pub name: &'static str,
}

impl<'t> Fields<'t> {
    /// Fields are separated by commas or blanks; what follows a `/` is a comment; names
    /// stand in quotes.
    pub fn new(text: &'t str, line: usize) -> Self {
        let bytes = text.as_bytes();
        let mut spans = Vec::with_capacity(16);
        let blank = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t' | b'\r'));
        let mut at = 0;
        loop {
            while blank(bytes.get(at)) {
                at += 1;
            }
            let from = at;
            match bytes.get(at) {
                None | Some(b'/') => break,
                Some(b',') => {
                    spans.push((from as u32, from as u32));
                    at += 1;
                    continue;
                }
                Some(quote @ (b'\'' | b'"')) => {
                    at += 1;
                    // A doubled quote stands for one.
                    while bytes
                        .get(at)
                        .is_some_and(|b| b != quote || bytes.get(at + 1) == Some(quote))
                    {
                        at += 1 + usize::from(bytes[at] == *quote);
                    }
                    at = (at + 1).min(bytes.len());
                }
                Some(_) => {
                    while bytes.get(at).is_some_and(|b| !matches!(b, b',' | b' ' | b'\t' | b'/')) {
                        at += 1;
                    }
                }
            }
            let end = from + text[from..at].trim_end().len();
            spans.push((from as u32, end as u32));
            while blank(bytes.get(at)) {
                at += 1;
            }
            if bytes.get(at) == Some(&b',') {
                at += 1;
            }
        }
        Self { text, line, spans }
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The field as it is written; empty where it is left out.
    pub fn raw(&self, at: usize) -> &'t str {
        self.spans.get(at).map_or("", |(from, to)| &self.text[*from as usize..*to as usize])
    }

    /// The field without its quotes and the blanks in them.
    pub fn words(&self, at: usize) -> Cow<'t, str> {
        let raw = self.raw(at);
        for quote in ["'", "\""] {
            if let Some(inner) = raw.strip_prefix(quote) {
                let inner = inner.strip_suffix(quote).unwrap_or(inner).trim();
                let doubled = quote.repeat(2);
                return match inner.contains(&doubled) {
                    true => Cow::Owned(inner.replace(&doubled, quote)),
                    false => Cow::Borrowed(inner),
                };
            }
        }
        Cow::Borrowed(raw)
    }

    /// Column of a field from 1, in characters; 0 where the line has no such field.
    pub fn column(&self, at: usize) -> usize {
        self.spans.get(at).map_or(0, |(from, _)| self.text[..*from as usize].chars().count() + 1)
    }

    /// True if this line ends a section: its first field is a plain 0.
    pub fn ends_section(&self) -> bool {
        self.raw(0) == "0"
    }

    /// True if this line ends the case.
    pub fn ends_case(&self) -> bool {
        matches!(self.raw(0), "Q" | "q")
    }
}

/// A number as Fortran reads it; `D` may stand for `E`.
pub(super) fn number(text: &str) -> Option<f64> {
    match decimal::parse(text.as_bytes(), 0) {
        Some((x, end)) if end == text.len() => Some(x),
        _ => {
            let text = text.replace(['d', 'D'], "e");
            let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            text.parse().ok().filter(|_| plain)
        }
    }
}

/// Lines from first to last.
pub(super) struct Lines<'t> {
    rest: &'t str,
    /// Number of the last line that was given, from 1.
    pub line: usize,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { rest: text, line: 0 }
    }

    pub fn next(&mut self) -> Option<&'t str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.line += 1;
        Some(line.trim_end_matches('\r'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<String> {
        let f = Fields::new(text, 1);
        (0..f.len()).map(|k| f.raw(k).to_owned()).collect()
    }

    #[test]
    fn fields_are_separated_by_commas_or_blanks() {
        assert_eq!(fields(" 1, 'A, B/C', 2.5 / rest"), ["1", "'A, B/C'", "2.5"]);
        assert_eq!(fields("1 2\t3"), ["1", "2", "3"]);
        assert_eq!(fields("1,,3,"), ["1", "", "3"]);
        assert_eq!(fields(",2"), ["", "2"]);
        assert_eq!(fields("0 / END OF BUS DATA"), ["0"]);
        assert_eq!(fields("'open"), ["'open"]);
        assert_eq!(fields("'é',7")[1], "7");
        assert_eq!(fields("'1'' DROP', '', 2"), ["'1'' DROP'", "''", "2"]);
        assert_eq!(Fields::new("'1'' DROP '", 1).words(0), "1' DROP");
        let f = Fields::new("'é', 7", 3);
        assert_eq!((f.words(0).as_ref(), f.column(1), f.column(5)), ("é", 6, 0));
    }

    #[test]
    fn numbers_are_those_of_fortran() {
        for (text, x) in [("1", 1.0), ("-.5", -0.5), ("2.D-3", 2e-3), ("1E+2", 100.0)] {
            assert_eq!(number(text), Some(x), "{text}");
        }
        for text in ["", "1x", "nan", "inf", "'1'", "1,2"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
