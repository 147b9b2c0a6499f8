//! Sections, rows and tokens of an `.inp` file.

use super::super::collect::{Collector, shorten};
use crate::codes;
use crate::problem::{InputProblem, Severity};

macro_rules! sections {
    ($($name:ident $word:literal,)*) => {
        /// A section of an `.inp` file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Section { $($name,)* }

        impl Section {
            /// All, in the order of the EPANET manual.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $word),)*];
        }
    };
}

sections! {
    Title "TITLE",
    Junctions "JUNCTIONS",
    Reservoirs "RESERVOIRS",
    Tanks "TANKS",
    Pipes "PIPES",
    Pumps "PUMPS",
    Valves "VALVES",
    Emitters "EMITTERS",
    Leakage "LEAKAGE",
    Curves "CURVES",
    Patterns "PATTERNS",
    Energy "ENERGY",
    Status "STATUS",
    Controls "CONTROLS",
    Rules "RULES",
    Demands "DEMANDS",
    Quality "QUALITY",
    Reactions "REACTIONS",
    Sources "SOURCES",
    Mixing "MIXING",
    Options "OPTIONS",
    Times "TIMES",
    Report "REPORT",
    Coordinates "COORDINATES",
    Vertices "VERTICES",
    Labels "LABELS",
    Backdrop "BACKDROP",
    Tags "TAGS",
    Roughness "ROUGHNESS",
    End "END",
}

impl Section {
    /// Its word in a file.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(s, _)| *s == self).map_or("", |(_, word)| word)
    }

    /// The section of a header's word. As in EPANET its first four letters decide.
    fn of(word: &str) -> Option<Self> {
        let upper: String = word.chars().take(4).collect::<String>().to_ascii_uppercase();
        let fits = |full: &str| upper.len() >= 3 && full.starts_with(&upper);
        Self::ALL.iter().find(|(_, full)| fits(full)).map(|(s, _)| *s)
    }
}

/// A stretch of text that belongs to one section.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    section: Section,
    from: usize,
    to: usize,
    line: usize,
}

/// The text of a file with its sections.
#[derive(Clone, Debug)]
pub(super) struct Sections<'a> {
    text: &'a str,
    stretches: Vec<Stretch>,
}

/// One row: its line, text without comment, and tokens.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub line: usize,
    text: &'a str,
    tokens: Vec<&'a str>,
}

/// The text before a comment; a `;` inside quotes is none.
pub(super) fn without_comment(line: &str) -> &str {
    if !line.contains(';') {
        return line;
    }
    let mut quoted = false;
    for (i, b) in line.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b';' if !quoted => return &line[..i],
            _ => {}
        }
    }
    // An unclosed quote protects nothing.
    if quoted { line.split(';').next().unwrap_or("") } else { line }
}

/// The comment behind a row with its semicolon, or nothing.
pub(super) fn comment(line: &str) -> &str {
    line[without_comment(line).len()..].trim()
}

/// True if `word` begins with `start`, case aside.
pub(super) fn starts(word: &str, start: &str) -> bool {
    let (word, start) = (word.as_bytes(), start.as_bytes());
    word.len() >= start.len() && word[..start.len()].eq_ignore_ascii_case(start)
}

/// Splits at blanks; text in double quotes is one token, without its quotes.
pub(super) fn tokens(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').unwrap_or(quoted.len());
            found.push(&quoted[..end]);
            rest = quoted.get(end + 1..).unwrap_or("").trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            found.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
    }
    found
}

impl<'a> Sections<'a> {
    /// Finds the sections; unknown ones and text outside of any are told.
    pub fn find(text: &'a str, problems: &mut Collector<'_>) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut current: Option<(Section, usize, usize)> = None;
        let mut told_outside = false;
        let mut unknown = false;
        let mut offset = 0;
        for (number, line) in text.split('\n').enumerate() {
            let start = offset;
            offset += line.len() + 1;
            let trimmed = line.trim_start();
            let Some(header) = trimmed.strip_prefix('[') else {
                let outside = current.is_none() && !unknown && !told_outside;
                if outside && !without_comment(trimmed).trim().is_empty() {
                    told_outside = true;
                    problems.push(
                        InputProblem::error(
                            codes::BAD_SYNTAX,
                            problems.file(),
                            "text outside of any section",
                        )
                        .at(number + 1, 1)
                        .found(shorten(trimmed.trim_end(), 24))
                        .help("an EPANET input file begins with a section such as [TITLE]"),
                    );
                }
                continue;
            };
            if let Some((section, from, line)) = current.take() {
                stretches.push(Stretch { section, from, to: start, line });
            }
            let name = header.split(']').next().unwrap_or("").trim();
            unknown = false;
            match Section::of(name) {
                Some(Section::End) => return Self { text, stretches },
                Some(section) => current = Some((section, offset.min(text.len()), number + 2)),
                None => {
                    unknown = true;
                    let column = line.len() - trimmed.len() + 1;
                    let words = Section::ALL.iter().map(|(_, w)| *w);
                    let near = problems.nearest(Severity::Error, name, words);
                    problems.push(
                        InputProblem::error(
                            codes::UNKNOWN_SECTION,
                            problems.file(),
                            format!("unknown section [{}]", shorten(name, 24)),
                        )
                        .at(number + 1, column)
                        .found(shorten(name, 24))
                        .help(near.map_or_else(
                            || "remove it, or put `;` before its lines".to_owned(),
                            |n| format!("did you mean [{n}]?"),
                        )),
                    );
                }
            }
        }
        if let Some((section, from, line)) = current {
            stretches.push(Stretch { section, from, to: text.len(), line });
        }
        Self { text, stretches }
    }

    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The lines of a section as they stand, with their numbers.
    pub fn lines(&self, section: Section) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let text = self.text;
        let of_section: Vec<Stretch> =
            self.stretches.iter().filter(|s| s.section == section).copied().collect();
        of_section.into_iter().flat_map(move |s| {
            let lines = text[s.from..s.to].split('\n').enumerate();
            lines.map(move |(i, line)| (s.line + i, line.trim_end_matches('\r')))
        })
    }

    /// The rows of a section, without comments and empty lines.
    pub fn rows(&self, section: Section) -> impl Iterator<Item = Row<'a>> + use<'a> {
        self.lines(section).filter_map(|(line, text)| {
            let text = without_comment(text);
            let tokens = tokens(text);
            (!tokens.is_empty()).then_some(Row { line, text, tokens })
        })
    }
}

impl<'a> Row<'a> {
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Token `i`, or an empty text.
    pub fn at(&self, i: usize) -> &'a str {
        self.tokens.get(i).copied().unwrap_or("")
    }

    /// True if token `i` begins with `word`, case aside.
    pub fn says(&self, i: usize, word: &str) -> bool {
        starts(self.at(i), word)
    }

    fn offset(&self, i: usize) -> usize {
        // Tokens are slices of the row's text.
        match self.tokens.get(i) {
            Some(token) => token.as_ptr() as usize - self.text.as_ptr() as usize,
            None => self.text.trim_end().len(),
        }
    }

    /// Column of token `i` from 1 in characters; of the row's end if it is missing.
    pub fn column(&self, i: usize) -> usize {
        self.text[..self.offset(i)].chars().count() + 1
    }

    /// The same, for the packed tables of [`crate::RowPlaces`].
    pub fn packed_column(&self, i: usize) -> u16 {
        if i >= self.tokens.len() { 0 } else { u16::try_from(self.offset(i) + 1).unwrap_or(0) }
    }

    /// Adds a problem at token `i`.
    pub fn problem(
        &self,
        problems: &mut Collector<'_>,
        severity: Severity,
        code: &'static str,
        i: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let column = if problems.full(severity) { 0 } else { self.column(i) };
        let mut problem = InputProblem::new(severity, code, problems.file(), message)
            .at(self.line, column)
            .found(shorten(self.at(i), 40));
        problem.help = help;
        problems.push(problem);
    }

    /// Adds an error at token `i`.
    pub fn error(
        &self,
        problems: &mut Collector<'_>,
        code: &'static str,
        i: usize,
        message: impl Into<String>,
    ) {
        self.problem(problems, Severity::Error, code, i, message, None);
    }

    /// Token `i` as a finite number, or an error that names `what`.
    pub fn number(&self, problems: &mut Collector<'_>, i: usize, what: &str) -> Option<f64> {
        let token = self.at(i);
        if token.is_empty() {
            self.error(problems, codes::SHORT_ROW, i, format!("{what} is missing"));
            return None;
        }
        // The library also reads words such as `nan` and `infinity`.
        let plain =
            token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        match token.parse::<f64>() {
            Ok(x) if plain && x.is_finite() => Some(x),
            _ => {
                let message = format!("`{}` is not a number ({what})", shorten(token, 24));
                let comma = token.contains(',')
                    && token.replace(',', ".").parse::<f64>().is_ok_and(f64::is_finite);
                let help = comma.then(|| "decimals are written with a point".to_owned());
                self.problem(problems, Severity::Error, codes::BAD_NUMBER, i, message, help);
                None
            }
        }
    }

    /// Token `i` as a finite number, `default` if the row ends before it.
    pub fn number_or(
        &self,
        problems: &mut Collector<'_>,
        i: usize,
        default: f64,
        what: &str,
    ) -> Option<f64> {
        if i < self.len() { self.number(problems, i, what) } else { Some(default) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn tokens_keep_quoted_blanks() {
        assert_eq!(tokens("  a \"b c\"\td\"e \"\""), ["a", "b c", "d\"e", ""]);
        assert_eq!(tokens("\"open end"), ["open end"]);
        assert_eq!(without_comment("a \"b;c\" d;e"), "a \"b;c\" d");
        assert_eq!(without_comment("a \"b;c"), "a \"b");
    }

    #[test]
    fn sections_may_repeat_and_are_known_by_four_letters() {
        let text = ";c\n[junc]\na\n\n[PIPES]\nb\n[JUNCTIONS]\nc;x\n[END]\n[PIPES]\nz\n";
        let mut problems = Collector::new(Path::new("x"));
        let s = Sections::find(text, &mut problems);
        let rows: Vec<_> = s.rows(Section::Junctions).map(|r| (r.line, r.at(0))).collect();
        assert_eq!(rows, [(3, "a"), (8, "c")]);
        assert_eq!(s.rows(Section::Pipes).count(), 1);
        assert!(problems.finish().is_empty());
    }

    #[test]
    fn columns_count_characters() {
        let mut problems = Collector::new(Path::new("x"));
        let s = Sections::find("[PIPES]\n  né 1x\n", &mut problems);
        let row = s.rows(Section::Pipes).next().unwrap();
        assert_eq!((row.column(0), row.column(1), row.column(2)), (3, 6, 8));
        assert_eq!(row.number(&mut problems, 1, "the length"), None);
        assert!(problems.finish()[0].to_string().starts_with("x:2:6: `1x` is not a number"));
    }
}
