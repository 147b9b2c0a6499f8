//! A text as sentences of words, each with its place.

use std::ops::Range;

/// Longest text whose words are looked at in one sentence; more is cut into pieces.
const MAX_WORDS: usize = 400;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Letters, perhaps with digits, hyphens and apostrophes in them.
    Word,
    /// A number in digits.
    Number(f64),
    /// A number with its unit attached (`20:00`, `7th`, `50%`, `€30`): no count.
    Figure,
    /// Anything else, one character.
    Mark(char),
}

/// A word, number or mark of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// In lower case; of `Kh-59/69` only what is before the slash.
    pub word: String,
    /// Begins with a capital.
    pub capital: bool,
    /// Bytes of the text.
    pub at: Range<usize>,
}

impl Token {
    pub fn is_mark(&self, marks: &[char]) -> bool {
        matches!(self.kind, Kind::Mark(c) if marks.contains(&c))
    }

    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(n) => Some(n),
            Kind::Word | Kind::Figure | Kind::Mark(_) => None,
        }
    }
}

/// A sentence: a headline, or a list with the line that opens it, too.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sentence {
    /// Without line breaks.
    pub text: String,
    /// Line and column, from 1, of its first character.
    pub line: usize,
    pub column: usize,
    pub tokens: Vec<Token>,
}

/// The sentences of a text.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    for span in spans(text) {
        let piece = &text[span.clone()];
        let tokens = tokens(text, span.clone());
        let before = &text[..span.start];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before[before.rfind('\n').map_or(0, |i| i + 1)..].chars().count();
        let told = piece.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in tokens.chunks(MAX_WORDS) {
            found.push(Sentence { text: told.clone(), line, column, tokens: part.to_vec() });
        }
    }
    found
}

/// The bytes of each sentence, without spaces at its ends.
fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut from = 0;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut push = |range: Range<usize>| {
        let piece = &text[range.clone()];
        let trimmed = piece.trim_start();
        let start = range.start + (piece.len() - trimmed.len());
        let end = start + trimmed.trim_end().len();
        if end > start {
            spans.push(start..end);
        }
    };
    for (k, &(at, c)) in chars.iter().enumerate() {
        let cut = match c {
            '.' | '!' | '?' | '…' => ends_sentence(text, &chars, k),
            '\n' => ends_line(&text[from..at], &text[at + 1..]),
            _ => false,
        };
        if cut {
            let closers = text[at + c.len_utf8()..]
                .find(|c: char| !matches!(c, '"' | '”' | '’' | '»' | ')'))
                .unwrap_or(text.len() - at - c.len_utf8());
            let end = at + c.len_utf8() + if c == '\n' { 0 } else { closers };
            push(from..end);
            from = end;
        }
    }
    push(from..text.len());
    spans
}

/// A full stop ends a sentence if what follows looks like the begin of one, and what
/// precedes does not look like an abbreviation or an initial.
fn ends_sentence(text: &str, chars: &[(usize, char)], k: usize) -> bool {
    let mut next = k + 1;
    while chars.get(next).is_some_and(|(_, c)| matches!(c, '"' | '”' | '’' | '»' | ')')) {
        next += 1;
    }
    match chars.get(next) {
        None => return true,
        Some((_, c)) if !c.is_whitespace() => return false,
        Some(_) => {}
    }
    let begins = chars[next..].iter().map(|(_, c)| *c).find(|c| !c.is_whitespace());
    if begins.is_some_and(char::is_lowercase) {
        return false;
    }
    let before = &text[..chars[k].0];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let dotted = word.contains('.') && word.chars().all(|c| c.is_alphabetic() || c == '.');
    // A month or title cut short: "Mar. 7", "Gen. Smith".
    let short = chars[k].1 == '.'
        && (2..=4).contains(&word.chars().count())
        && word.starts_with(char::is_uppercase)
        && word.chars().skip(1).all(char::is_lowercase)
        && chars.get(k + 1).is_some_and(|(_, c)| *c == ' ')
        && begins.is_some_and(|c| c.is_ascii_digit());
    !(initial || dotted || short)
}

/// A line break ends a sentence before an empty line, and before an item of a list unless
/// what precedes goes on (`:`, `;`, `,`).
fn ends_line(before: &str, after: &str) -> bool {
    let goes_on = before.trim_end().ends_with([':', ';', ',']);
    let next = after.lines().find(|l| !l.trim().is_empty()).map_or("", str::trim_start);
    let is_item = next.starts_with(|c: char| is_bullet(c));
    if goes_on && is_item {
        return false;
    }
    let line = before.lines().next_back().unwrap_or("");
    let next_line = after.lines().next().unwrap_or("");
    next_line.trim().is_empty() || is_item || is_row(line) || is_row(next_line)
}

/// "Drones launched: 194", a line by itself.
fn is_row(line: &str) -> bool {
    line.contains(": ") && line.trim_end().ends_with(|c: char| c.is_ascii_digit())
}

/// The begin of an item of a list: a dash, a dot, a sign such as people put before lines.
fn is_bullet(c: char) -> bool {
    matches!(c, '-' | '*' | '•' | '–' | '—' | '·')
        || !(c.is_alphanumeric() || c.is_ascii() || matches!(c, '"' | '“' | '‘' | '«' | '€' | '£'))
}

fn tokens(text: &str, span: Range<usize>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = span.start;
    while let Some(c) = text[at..span.end].chars().next() {
        let rest = &text[at..span.end];
        let (kind, length) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if c.is_ascii_digit() {
            number(rest)
        } else if c.is_alphabetic() {
            (Kind::Word, word_length(rest))
        } else if matches!(c, '€' | '$' | '£') {
            let digits = rest[c.len_utf8()..].find(|d: char| !(d.is_ascii_digit() || d == ','));
            (Kind::Figure, c.len_utf8() + digits.unwrap_or(rest.len() - c.len_utf8()))
        } else {
            (Kind::Mark(c), c.len_utf8())
        };
        let shown = &text[at..at + length];
        let mut word = shown.to_lowercase().replace('’', "'");
        if kind == Kind::Word
            && let Some(slash) = word.find('/')
        {
            word.truncate(slash);
        }
        // "last night's attack".
        if kind == Kind::Word && word.ends_with("'s") {
            word.truncate(word.len() - 2);
        }
        let capital = shown.starts_with(char::is_uppercase);
        tokens.push(Token { kind, word, capital, at: at..at + length });
        at += length;
    }
    tokens
}

/// Letters and digits, with what may stand between them.
fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = matches!(c, '-' | '\'' | '’' | '.' | '/')
            && chars.peek().is_some_and(|(_, n)| n.is_alphanumeric());
        if !(c.is_alphanumeric() || inner) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// A number in digits: thousands apart by commas or single spaces, decimals by a point.
fn number(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    let mut plain = rest[..end].to_owned();
    if end <= 3 {
        while let Some((gap, three)) = thousands(&rest[end..]) {
            plain.push_str(three);
            end += gap + 3;
        }
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        let decimals = digits(end + 1);
        plain.push_str(&rest[end..=end + decimals]);
        end += 1 + decimals;
    }
    // More digits, letters or a unit: a date, a time, an ordinal, a share.
    let tied = |c: char| c.is_alphanumeric() || matches!(c, '%' | '°');
    let goes_on = |at: usize| {
        let mut next = rest[at..].chars();
        match next.next() {
            Some(c) if tied(c) => true,
            Some(':' | '.' | '/') => next.next().is_some_and(|c| c.is_ascii_digit()),
            // "110-kilovolt", "30-year-old".
            Some('-') => {
                is_iso_date(rest) && at < 10 || next.next().is_some_and(char::is_alphabetic)
            }
            None | Some(_) => false,
        }
    };
    if goes_on(end) {
        let inner = |c: char| tied(c) || matches!(c, ':' | '.' | '/' | '-');
        let mut length = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
        while rest[..length].ends_with([':', '.', '/', '-']) {
            length -= 1;
        }
        return (Kind::Figure, length.max(end));
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => (Kind::Number(value), end),
        Ok(_) | Err(_) => (Kind::Figure, end),
    }
}

/// `,` or a space and exactly three digits: how long the gap is, and the digits.
fn thousands(rest: &str) -> Option<(usize, &str)> {
    let gap = rest.chars().next().filter(|c| matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}'))?;
    let three = rest.get(gap.len_utf8()..gap.len_utf8() + 3)?;
    let more = rest[gap.len_utf8() + 3..].chars().next().is_some_and(|c| c.is_ascii_digit());
    (three.bytes().all(|b| b.is_ascii_digit()) && !more).then_some((gap.len_utf8(), three))
}

fn is_iso_date(rest: &str) -> bool {
    rest.get(..10).is_some_and(|d| {
        d.bytes().enumerate().all(|(k, b)| match k {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        sentences(text).iter().flat_map(|s| s.tokens.iter().map(|t| t.word.clone())).collect()
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let text = "Nearly 70 missiles came. Gen. 5 is none, U.S. aid is. \"Yes.\" He left\nand came\n\nHeadline\n\nShot down:\n- 12 Kh-101;\n- 8 Kalibr.\n- next";
        let told: Vec<String> = sentences(text).into_iter().map(|s| s.text).collect();
        let expected = [
            "Nearly 70 missiles came.",
            "Gen. 5 is none, U.S. aid is.",
            "\"Yes.\"",
            "He left and came",
            "Headline",
            "Shot down: - 12 Kh-101; - 8 Kalibr.",
            "- next",
        ];
        assert_eq!(told, expected);
        let places: Vec<_> = sentences(text).iter().map(|s| (s.line, s.column)).collect();
        assert_eq!(places[..2], [(1, 1), (1, 26)]);
        assert_eq!(places[4], (4, 1));
    }

    #[test]
    fn numbers_are_told_from_designators() {
        let kinds = |text: &str| {
            sentences(text)
                .iter()
                .flat_map(|s| s.tokens.clone())
                .map(|t| t.kind)
                .collect::<Vec<_>>()
        };
        use Kind::{Figure, Mark, Number, Word};
        assert_eq!(kinds("1,200 missiles"), [Number(1200.0), Word]);
        assert_eq!(kinds("1 200 of 70"), [Number(1200.0), Word, Number(70.0)]);
        assert_eq!(kinds("60-70"), [Number(60.0), Mark('-'), Number(70.0)]);
        assert_eq!(kinds("60–70"), [Number(60.0), Mark('–'), Number(70.0)]);
        assert_eq!(
            kinds("7th at 20:30, 50% of $500"),
            [Figure, Word, Figure, Mark(','), Figure, Word, Figure]
        );
        assert_eq!(kinds("2025-03-07 07.03.2025 1.5"), [Figure, Figure, Number(1.5)]);
        assert_eq!(words("Kh-59/69 S-300, Shahed-136"), ["kh-59", "s-300", ",", "shahed-136"]);
        assert_eq!(words("On 5, 120 came"), ["on", "5", ",", "120", "came"]);
    }
}
