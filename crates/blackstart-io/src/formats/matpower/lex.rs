//! A cursor over MATLAB text: blanks, comments, continuations, strings, words, and
//! the end of a statement that nobody understands.

/// A place in the text; cheap to copy, so a reader can go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Byte offset.
    pub pos: usize,
    /// Line from 1.
    pub line: usize,
    /// Byte offset of the line's first byte.
    pub line_start: usize,
}

/// Reads a text from front to back.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    spot: Spot,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), spot: Spot { pos: 0, line: 1, line_start: 0 } }
    }

    pub fn spot(&self) -> Spot {
        self.spot
    }

    pub fn go_to(&mut self, spot: Spot) {
        self.spot = spot;
    }

    pub fn pos(&self) -> usize {
        self.spot.pos
    }

    pub fn line(&self) -> usize {
        self.spot.line
    }

    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The column of `spot` from 1, in characters.
    pub fn column(&self, spot: Spot) -> usize {
        let before = &self.bytes[spot.line_start..spot.pos.min(self.bytes.len())];
        before.iter().filter(|b| (**b & 0xC0) != 0x80).count() + 1
    }

    /// Text between two byte offsets; empty where they cut a character.
    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }

    /// What stands at the cursor, for messages: up to a blank or separator, and 24
    /// characters at most.
    pub fn word_here(&self, spot: Spot) -> &'a str {
        let rest = self.text.get(spot.pos..).unwrap_or("");
        let end = rest
            .char_indices()
            .skip(1)
            .take(24)
            .find(|(_, c)| c.is_whitespace() || matches!(c, ',' | ';' | '[' | ']' | '%'))
            .map(|(i, _)| i)
            .or_else(|| rest.char_indices().nth(24).map(|(i, _)| i))
            .unwrap_or(rest.len());
        &rest[..end]
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.spot.pos).copied()
    }

    pub fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.spot.pos + ahead).copied()
    }

    pub fn at_end(&self) -> bool {
        self.spot.pos >= self.bytes.len()
    }

    /// Steps over `n` bytes that hold no line break.
    pub fn step(&mut self, n: usize) {
        self.spot.pos = (self.spot.pos + n).min(self.bytes.len());
    }

    /// Steps over one byte, keeping count of lines.
    pub fn bump(&mut self) {
        if self.peek() == Some(b'\n') {
            self.spot.pos += 1;
            self.spot.line += 1;
            self.spot.line_start = self.spot.pos;
        } else {
            self.step(1);
        }
    }

    pub fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        if hit {
            self.step(1);
        }
        hit
    }

    pub fn starts_with(&self, word: &str) -> bool {
        self.bytes[self.spot.pos..].starts_with(word.as_bytes())
    }

    /// Goes to the line break that ends the line (or to the end of the text).
    pub fn skip_to_line_end(&mut self) {
        while let Some(b) = self.peek() {
            if b == b'\n' {
                break;
            }
            self.spot.pos += 1;
        }
    }

    /// Skips blanks and `...` continuations; true if there were any.
    pub fn skip_blanks(&mut self) -> bool {
        let from = self.spot.pos;
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c) => self.spot.pos += 1,
                Some(b'.') if self.starts_with("...") => {
                    self.skip_to_line_end();
                    self.bump();
                }
                _ => return self.spot.pos > from,
            }
        }
    }

    /// Skips a comment: to the end of the line, or a whole `%{ … %}` block when the
    /// opening stands alone on its line. An unclosed block reaches to the end.
    pub fn skip_comment(&mut self) {
        let alone = |line: &[u8], mark: u8| {
            let line = line.trim_ascii();
            line.len() == 2 && matches!(line[0], b'%' | b'#') && line[1] == mark
        };
        let line_of = |at: usize, bytes: &'a [u8]| {
            let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n);
            &bytes[at..end]
        };
        if !matches!(self.peek_at(1), Some(b'{'))
            || !alone(line_of(self.spot.line_start, self.bytes), b'{')
        {
            self.skip_to_line_end();
            return;
        }
        let mut depth = 0usize;
        loop {
            let line = line_of(self.spot.line_start, self.bytes);
            if alone(line, b'{') {
                depth += 1;
            } else if alone(line, b'}') {
                depth -= 1;
            }
            self.skip_to_line_end();
            if depth == 0 || self.at_end() {
                return;
            }
            self.bump();
        }
    }

    /// Skips everything that may stand between two statements.
    pub fn skip_between_statements(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n' | b';' | b',') => self.bump(),
                Some(b'%' | b'#') => self.skip_comment(),
                _ => return,
            }
        }
    }

    /// True where a statement ends: separator, line break, comment or end of text.
    pub fn at_statement_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b';' | b',' | b'%' | b'#'))
    }

    /// A name (letter, then letters, digits, `_`), if one stands here.
    pub fn word(&mut self) -> Option<&'a str> {
        let from = self.spot.pos;
        if !self.peek().is_some_and(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.spot.pos += 1;
        }
        Some(self.slice(from, self.spot.pos))
    }

    /// A string in single or double quotes, a doubled quote standing for one.
    /// `None` (and the cursor on the line break) when it is not closed on its line.
    pub fn string(&mut self) -> Option<String> {
        let quote = self.peek().filter(|b| matches!(b, b'\'' | b'"'))?;
        self.step(1);
        let mut text = String::new();
        loop {
            let from = self.spot.pos;
            while self.peek().is_some_and(|b| b != quote && b != b'\n') {
                self.spot.pos += 1;
            }
            text.push_str(self.slice(from, self.spot.pos));
            if !self.eat(quote) {
                return None;
            }
            if !self.eat(quote) {
                return Some(text);
            }
            text.push(quote as char);
        }
    }

    /// Skips a statement whatever it is: to its separator at bracket depth 0.
    /// False if the text ends inside a bracket or string of it.
    pub fn skip_statement(&mut self) -> bool {
        let mut round = 0usize;
        let mut square = 0usize;
        // After a value a quote is a transpose, otherwise it opens a string.
        let mut after_value = false;
        loop {
            let blank = self.skip_blanks();
            let Some(b) = self.peek() else { return round + square == 0 };
            match b {
                b'%' | b'#' => {
                    self.skip_comment();
                    continue;
                }
                b'\n' | b';' | b',' if square == 0 && (round == 0 || b == b'\n') => return true,
                b'\'' | b'"' if b == b'"' || !after_value || (blank && square > 0) => {
                    if self.string().is_none() && square == 0 {
                        return true;
                    }
                    after_value = true;
                    continue;
                }
                b'(' => round += 1,
                b')' => round = round.saturating_sub(1),
                b'[' | b'{' => square += 1,
                b']' | b'}' => square = square.saturating_sub(1),
                _ => {}
            }
            after_value = b.is_ascii_alphanumeric()
                || !b.is_ascii()
                || matches!(b, b')' | b']' | b'}' | b'\'' | b'_' | b'.');
            self.bump();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blocks_and_continuations_are_skipped() {
        let mut c = Cursor::new("% one\n%{\nblock %}\n%}\n  ... rest\n # two\n;,x");
        c.skip_between_statements();
        assert_eq!(c.word(), Some("x"));
        assert_eq!(c.line(), 7);
    }

    #[test]
    fn a_block_comment_must_stand_alone_on_its_line() {
        let mut c = Cursor::new("%{ not a block\nx");
        c.skip_between_statements();
        assert_eq!(c.word(), Some("x"));
    }

    #[test]
    fn strings_double_their_quotes() {
        let mut c = Cursor::new("'it''s' \"a \"\"b\"\"\" 'open\n");
        assert_eq!(c.string().as_deref(), Some("it's"));
        c.skip_blanks();
        assert_eq!(c.string().as_deref(), Some("a \"b\""));
        c.skip_blanks();
        assert_eq!(c.string(), None);
    }

    #[test]
    fn a_statement_ends_at_depth_zero() {
        for (text, rest) in [
            ("a(1, 2) = [1, 2; 3\n4]'; b", "; b"),
            ("disp('a; b'), b", ", b"),
            ("x = y' % note; z\nb", "\nb"),
            ("x = f(a, ...\n b); c", "; c"),
        ] {
            let mut c = Cursor::new(text);
            assert!(c.skip_statement(), "{text}");
            let left = &text[c.pos()..];
            assert_eq!(left, rest, "{text}");
        }
        assert!(!Cursor::new("x = [1 2").skip_statement());
    }

    #[test]
    fn columns_count_characters() {
        let mut c = Cursor::new("é = x");
        c.step(3);
        assert_eq!(c.column(c.spot()), 3);
    }
}
