//! Lines and columns of a file.

/// Finds lines and columns of bytes that are asked for in nearly rising order: the file is
/// walked through about once, however many are asked for.
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    /// Where the present feature begins; its parts may be asked for in any order.
    begin: Mark,
    now: Mark,
}

#[derive(Clone, Copy)]
struct Mark {
    at: usize,
    line: usize,
    column: usize,
}

const START: Mark = Mark { at: 0, line: 1, column: 1 };

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), begin: START, now: START }
    }

    /// A feature begins at byte `at`.
    pub(super) fn begin(&mut self, at: usize) {
        self.place(at);
        self.begin = self.now;
    }

    /// Line and column, both from 1, of a byte.
    pub(super) fn place(&mut self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        if at < self.begin.at {
            self.begin = START;
        }
        if at < self.now.at {
            self.now = self.begin;
        }
        for byte in &self.text[self.now.at..at] {
            if *byte == b'\n' {
                self.now.line += 1;
                self.now.column = 1;
            } else if byte & 0xc0 != 0x80 {
                // Only bytes that begin a character count.
                self.now.column += 1;
            }
        }
        self.now.at = at;
        (self.now.line, self.now.column)
    }
}
