//! JSON with positions, as Python writes it: `NaN`, `Infinity` and `-Infinity` are numbers.
//!
//! The grammar is that of RFC 8259 apart from these three words.

use super::collect::{Collector, shorten};
use crate::codes;
use crate::problem::{InputProblem, Severity};

/// Deepest nesting read; real files need less than ten.
const MAX_DEPTH: usize = 64;

/// A value and the byte of its text where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub at: usize,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The member of an object; the last one where a key repeats, as Python has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.object()?.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub(crate) fn object(&self) -> Option<&[(String, Node)]> {
        if let Value::Object(members) = &self.value { Some(members) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Value::Number(x) = self.value { Some(x) } else { None }
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Null => "null".into(),
            Value::Bool(b) => b.to_string(),
            Value::Number(x) => x.to_string(),
            Value::Text(t) => format!("\"{}\"", shorten(&t.replace(char::is_control, " "), 40)),
            Value::List(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        }
    }
}

/// Why a text is no JSON, and the byte where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxError {
    pub at: usize,
    pub message: String,
}

/// Reads one value that fills the text.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut parser = Parser { text, at: 0 };
    let node = parser.value(0)?;
    parser.blanks();
    if parser.at < text.len() {
        return parser.fail("there is text after the end of the JSON value");
    }
    Ok(node)
}

/// Line and column, both from 1, of a byte.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..at.min(text.len())];
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    // Bytes that begin a character.
    (line, 1 + before[start..].iter().filter(|b| **b & 0xc0 != 0x80).count())
}

/// The byte of `text` that byte `inner` of the string beginning (with its quote) at
/// `quote` was decoded from.
pub(crate) fn outer_byte(text: &str, quote: usize, inner: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut decoded) = (quote + 1, 0);
    while decoded < inner && at < bytes.len() {
        let (raw, made) = match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'u')) => {
                let code = text.get(at + 2..at + 6).and_then(|h| u32::from_str_radix(h, 16).ok());
                match code {
                    Some(0xd800..=0xdfff) => (12, 4),
                    Some(0..=0x7f) => (6, 1),
                    Some(0x80..=0x7ff) => (6, 2),
                    _ => (6, 3),
                }
            }
            (b'\\', _) => (2, 1),
            _ => (1, 1),
        };
        at += raw;
        decoded += made;
    }
    at.min(text.len())
}

/// Tells a syntax error.
pub(crate) fn tell(problems: &mut Collector<'_>, text: &str, error: &SyntaxError) {
    let (line, column) = place(text, error.at);
    let found: String = text.get(error.at..).unwrap_or("").chars().take(20).collect();
    let mut problem =
        InputProblem::new(Severity::Error, codes::BAD_SYNTAX, problems.file(), &error.message)
            .at(line, column);
    let trimmed = found.trim();
    if !trimmed.is_empty() {
        problem = problem.found(trimmed.replace(char::is_control, " "));
    }
    problems.push(problem);
}

/// Appends a text with its quotes.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn fail<T>(&self, message: &str) -> Result<T, SyntaxError> {
        Err(SyntaxError { at: self.at, message: message.to_owned() })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.blanks();
        let at = self.at;
        if depth > MAX_DEPTH {
            return self.fail("the JSON is nested too deeply");
        }
        let value = match self.peek() {
            None => return self.fail("the JSON ends before it is complete"),
            Some(b'"') => Value::Text(self.string()?),
            Some(b'[') => Value::List(self.items(depth)?),
            Some(b'{') => Value::Object(self.members(depth)?),
            Some(_) => self.word()?,
        };
        Ok(Node { at, value })
    }

    /// True if the list or object goes on after an item.
    fn goes_on(&mut self, close: u8, word: &str) -> Result<bool, SyntaxError> {
        self.blanks();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b) if b == close => {
                self.at += 1;
                Ok(false)
            }
            None => self.fail("the JSON ends before it is complete"),
            Some(_) => self.fail(&format!("`,` or `{}` is missing in {word}", char::from(close))),
        }
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            if !self.goes_on(b']', "a list")? {
                return Ok(items);
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(String, Node)>, SyntaxError> {
        self.at += 1;
        let mut members = Vec::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(members);
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return self.fail("a key in double quotes is missing");
            }
            let key = self.string()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return self.fail("`:` is missing after a key");
            }
            self.at += 1;
            members.push((key, self.value(depth + 1)?));
            if !self.goes_on(b'}', "an object")? {
                return Ok(members);
            }
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let open = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            out.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                None => {
                    self.at = open;
                    return self.fail("a text that begins here is not closed");
                }
                Some(_) => return self.fail("a text has a line break or control character in it"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let c = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.fail("`\\` is followed by no escape of JSON"),
        };
        self.at += 2;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let hex = |at: usize| {
            let digits =
                self.text.get(at..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            digits.and_then(|d| u32::from_str_radix(d, 16).ok())
        };
        let Some(first) = hex(self.at + 2) else {
            return self.fail("`\\u` is not followed by four hexadecimal digits");
        };
        if (0xd800..0xdc00).contains(&first)
            && self.text.get(self.at + 6..self.at + 8) == Some("\\u")
            && let Some(second) = hex(self.at + 8).filter(|s| (0xdc00..0xe000).contains(s))
        {
            self.at += 12;
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at += 6;
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn word(&mut self) -> Result<Value, SyntaxError> {
        let from = self.at;
        let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
        while self.peek().is_some_and(part) {
            self.at += 1;
        }
        let word = &self.text[from..self.at];
        let value = match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "NaN" => Some(Value::Number(f64::NAN)),
            "Infinity" => Some(Value::Number(f64::INFINITY)),
            "-Infinity" => Some(Value::Number(f64::NEG_INFINITY)),
            _ => word
                .starts_with(|c: char| c.is_ascii_digit() || c == '-')
                .then(|| word.parse().ok())
                .flatten()
                .map(Value::Number),
        };
        value.map_or_else(
            || {
                let shown = if word.is_empty() {
                    self.text[from..].chars().take(1).collect()
                } else {
                    shorten(word, 30)
                };
                Err(SyntaxError { at: from, message: format!("`{shown}` is no JSON value") })
            },
            Ok,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let node = parse(
            r#" {"a": [1, -2.5e3, NaN, -Infinity], "b": {"c": null, "d": true},
            "e": "x\"\\\n\u00e9\ud83d\ude00é"} "#,
        )
        .unwrap();
        let a: Vec<f64> =
            node.get("a").unwrap().list().unwrap().iter().map(|n| n.number().unwrap()).collect();
        assert_eq!(a[..2], [1.0, -2500.0]);
        assert!(a[2].is_nan() && a[3] == f64::NEG_INFINITY);
        assert_eq!(node.get("b").unwrap().get("c").unwrap().value, Value::Null);
        assert_eq!(node.get("e").unwrap().text(), Some("x\"\\\né😀é"));
        assert_eq!(parse("[]").unwrap().value, Value::List(Vec::new()));
        assert_eq!(parse("{}").unwrap().value, Value::Object(Vec::new()));
    }

    #[test]
    fn errors_say_where() {
        let cases = [
            ("", 0, "ends before"),
            ("{\"a\": [1, 2", 11, "ends before"),
            ("{\"a\" 1}", 5, "`:` is missing"),
            ("[1 2]", 3, "`,` or `]`"),
            ("{\"a\": 1 \"b\"}", 8, "`,` or `}`"),
            ("{a: 1}", 1, "double quotes"),
            ("[1, x2]", 4, "`x2` is no JSON"),
            ("[1, $]", 4, "`$` is no JSON"),
            ("[\"a]", 1, "not closed"),
            ("[\"\\q\"]", 2, "no escape"),
            ("[\"\\u12\"]", 2, "hexadecimal"),
            ("[1] 2", 4, "after the end"),
        ];
        for (text, at, message) in cases {
            let error = parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}");
            assert!(error.message.contains(message), "{text}: {}", error.message);
        }
        assert!(parse(&"[".repeat(100_000)).unwrap_err().message.contains("deep"));
    }

    #[test]
    fn bytes_in_a_string_are_found_in_the_file() {
        let file = "{\n \"t\": \"{\\\"é\\\": [1,\\u00e9 x]}\"}";
        let outer = parse(file).unwrap();
        let inner = outer.get("t").unwrap();
        let text = inner.text().unwrap();
        for needle in ["é\"", "[1", "x]"] {
            let at = outer_byte(file, inner.at, text.find(needle).unwrap());
            assert!(file[at..].starts_with(&needle[..needle.len() - 1]), "{needle}");
        }
        assert_eq!(place(file, inner.at), (2, 7));
    }
}
