//! Matrix and cell literals. Rows of plain numbers, which are nearly all of every
//! case, take a short cut past the expression evaluator.

use super::eval::{Evaluator, Fail};
use super::value::{Matrix, Origin, Value};
use crate::codes;
use crate::formats::collect::shorten;
use crate::formats::decimal;
use crate::problem::{InputProblem, MAX_PROBLEMS, Severity};

/// Rows as they are read.
#[derive(Default)]
struct Rows {
    m: Matrix,
    /// Elements of `m.data` that belong to finished rows.
    done: usize,
    /// Blocks of more than one row in the present row (`[a; b c]` with matrices).
    blocks: Vec<Matrix>,
    /// Line of the present row's first element.
    line: u32,
}

impl Evaluator<'_> {
    /// A matrix literal; the cursor is at its `[`. `name` is the table it becomes.
    ///
    /// In strict mode bad elements and ragged rows are told one by one and mended
    /// (NaN, cut or padded); otherwise the first one fails.
    pub fn matrix(&mut self, name: &str) -> Result<Matrix, Fail> {
        let open = self.c.spot();
        self.c.step(1);
        let mut rows = Rows::default();
        loop {
            self.c.skip_blanks();
            match self.c.peek() {
                None => {
                    self.unclosed(name, open.line, self.c.line())?;
                    break;
                }
                Some(b']') => {
                    self.c.step(1);
                    break;
                }
                Some(b';' | b'\n') => {
                    self.end_row(&mut rows, name)?;
                    self.c.bump();
                }
                Some(b'%' | b'#') => self.c.skip_comment(),
                Some(b',') => self.c.step(1),
                Some(first) => {
                    if rows.m.data.len() == rows.done {
                        rows.line = self.c.line() as u32;
                        if first.is_ascii_alphabetic() && self.assignment_follows() {
                            self.unclosed(name, open.line, self.c.line())?;
                            self.cut_short = true;
                            break;
                        }
                    }
                    if !self.plain_numbers(&mut rows) {
                        self.element(&mut rows, name)?;
                    }
                }
            }
        }
        self.end_row(&mut rows, name)?;
        Ok(rows.m)
    }

    fn unclosed(&mut self, name: &str, opened: usize, line: usize) -> Result<(), Fail> {
        if !self.strict {
            return self.fail("this matrix is not closed");
        }
        let file = self.problems.file();
        self.problems.push(
            InputProblem::error(
                codes::TRUNCATED,
                file,
                format!("the matrix `{name}` opened in line {opened} is not closed"),
            )
            .at(line, 0)
            .help("its last row must be followed by `];`"),
        );
        Ok(())
    }

    /// True if `name =` stands here: a new statement inside an open matrix.
    fn assignment_follows(&mut self) -> bool {
        let here = self.c.spot();
        let named = self.path().is_some();
        self.c.skip_blanks();
        let found = named && self.c.peek() == Some(b'=') && self.c.peek_at(1) != Some(b'=');
        self.c.go_to(here);
        found
    }

    fn element(&mut self, rows: &mut Rows, name: &str) -> Result<(), Fail> {
        let here = self.c.spot();
        let column = u16::try_from(here.pos - here.line_start + 1).unwrap_or(0);
        let value = match self.numeric(true) {
            // A value must be followed by a separator, or `2x` would be two elements.
            Ok(m) if self.at_separator() => m,
            Ok(_) => return self.bad_element(rows, here, column, name),
            Err(_) if self.strict => return self.bad_element(rows, here, column, name),
            Err(fail) => return Err(fail),
        };
        if let Some(x) = value.as_scalar() {
            rows.push(x, column);
        } else if value.rows == 1 && rows.blocks.is_empty() {
            for x in value.data {
                rows.push(x, column);
            }
        } else {
            rows.push_block(value);
        }
        Ok(())
    }

    fn at_separator(&self) -> bool {
        matches!(
            self.c.peek(),
            None | Some(
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b']' | b'%' | b'#' | b'-' | b'+'
            )
        ) || self.c.starts_with("...")
    }

    fn bad_element(
        &mut self,
        rows: &mut Rows,
        here: super::lex::Spot,
        column: u16,
        name: &str,
    ) -> Result<(), Fail> {
        let found = shorten(self.c.word_here(here), 24);
        if !self.strict {
            return Err(Fail { spot: here, message: format!("`{found}` is not a number") });
        }
        let file = self.problems.file();
        // Counting characters of a very long line again and again would be quadratic.
        let at = if self.problems.errors() < MAX_PROBLEMS { self.c.column(here) } else { 0 };
        self.problems.push(
            InputProblem::error(
                codes::BAD_NUMBER,
                file,
                format!("`{found}` in `{name}` is not a number"),
            )
            .at(here.line, at)
            .found(found)
            .help("a number such as 1.5, 2e-3 or Inf, or an expression such as 1/30"),
        );
        self.c.go_to(here);
        // At least one byte, then up to the next separator.
        self.c.bump();
        while !matches!(
            self.c.peek(),
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b']' | b'%')
        ) {
            self.c.step(1);
        }
        rows.push(f64::NAN, column);
        Ok(())
    }

    /// The short cut: plain numbers of one line, each of which ends at a separator and has
    /// no operator after it. False if there is none here; the cursor is then where it was.
    fn plain_numbers(&mut self, rows: &mut Rows) -> bool {
        let bytes = self.c.bytes();
        let line_start = self.c.spot().line_start;
        let from = self.c.pos();
        let mut begin = from;
        let mut read = false;
        while let Some((x, end)) = decimal::parse(bytes, begin) {
            let mut next = end;
            while matches!(bytes.get(next), Some(b' ' | b'\t')) {
                next += 1;
            }
            let ends = match bytes.get(next) {
                None | Some(b',' | b';' | b'\n' | b'\r' | b']') => true,
                Some(_) if next == end => false,
                Some(b'0'..=b'9' | b'%' | b'#') => true,
                // A sign that touches what follows begins an element.
                Some(b'-' | b'+') => {
                    !matches!(bytes.get(next + 1), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
                }
                Some(b'.') => bytes.get(next + 1).is_some_and(u8::is_ascii_digit),
                Some(b) => {
                    !matches!(b, b'*' | b'/' | b'^' | b':' | b'=' | b'<' | b'>' | b'&' | b'|')
                        && !matches!(b, b'~' | b'!' | b'\'')
                }
            };
            if !ends {
                break;
            }
            rows.push(x, u16::try_from(begin - line_start + 1).unwrap_or(0));
            read = true;
            while matches!(bytes.get(next), Some(b',' | b' ' | b'\t')) {
                next += 1;
            }
            begin = next;
        }
        self.c.step(begin - from);
        read
    }

    fn end_row(&mut self, rows: &mut Rows, name: &str) -> Result<(), Fail> {
        if !rows.blocks.is_empty() {
            rows.flush_scalars();
            let blocks = std::mem::take(&mut rows.blocks);
            let elements = blocks.iter().map(|b| b.data.len()).sum();
            self.charge(elements)?;
            let Some(block) = Matrix::beside(&blocks) else {
                return self.fail("matrices of different heights stand side by side");
            };
            if rows.m.rows > 0 && block.cols != rows.m.cols && block.rows > 0 {
                return self.fail("matrices of different widths stand one above the other");
            }
            if rows.m.rows == 0 {
                rows.m.cols = block.cols;
            }
            rows.m.rows += block.rows;
            rows.m.data.extend_from_slice(&block.data);
            rows.m.origin = Origin::default();
            rows.done = rows.m.data.len();
            return Ok(());
        }
        let width = rows.m.data.len() - rows.done;
        if width == 0 {
            return Ok(());
        }
        if rows.m.rows == 0 {
            rows.m.cols = width;
        }
        let cols = rows.m.cols;
        if width != cols {
            if !self.strict {
                return self.fail(format!("a row of {width} below rows of {cols}"));
            }
            let code = if width < cols { codes::SHORT_ROW } else { codes::LONG_ROW };
            self.problems.add(
                Severity::Error,
                code,
                (rows.line as usize, 0),
                format!(
                    "row {} of `{name}` has {width} values, the rows above have {cols}",
                    rows.m.rows + 1
                ),
            );
            rows.m.data.resize(rows.done + cols, f64::NAN);
            rows.m.origin.columns.resize(rows.done + cols, 0);
        }
        rows.m.rows += 1;
        rows.done = rows.m.data.len();
        rows.m.origin.lines.push(rows.line);
        Ok(())
    }

    /// A cell array literal; the cursor is at its `{`. Texts are kept; what else stands
    /// in it is kept as it is written, nested brackets as nothing.
    pub fn cell(&mut self) -> Result<Value, Fail> {
        self.c.step(1);
        let mut texts = Vec::new();
        loop {
            self.c.skip_blanks();
            match self.c.peek() {
                None => return self.fail("this cell array is not closed"),
                Some(b'}') => {
                    self.c.step(1);
                    return Ok(Value::Cell(texts));
                }
                Some(b'\n' | b';' | b',') => self.c.bump(),
                Some(b'%' | b'#') => self.c.skip_comment(),
                Some(b'\'' | b'"') => match self.c.string() {
                    Some(text) => texts.push(text),
                    None => return self.fail("this text is not closed"),
                },
                Some(b'[' | b'{' | b'(') => {
                    self.skip_brackets()?;
                    texts.push(String::new());
                }
                Some(_) => {
                    let from = self.c.pos();
                    while !matches!(
                        self.c.peek(),
                        None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b'}' | b'%')
                            | Some(b'[' | b'{' | b'(' | b'\'' | b'"')
                    ) {
                        self.c.step(1);
                    }
                    if self.c.pos() == from {
                        self.c.bump();
                    }
                    texts.push(self.c.slice(from, self.c.pos()).to_owned());
                }
            }
        }
    }

    /// Skips from an opening bracket to beyond its closing one.
    fn skip_brackets(&mut self) -> Result<(), Fail> {
        let mut depth = 0usize;
        loop {
            match self.c.peek() {
                None => return self.fail("this bracket is not closed"),
                Some(b'[' | b'{' | b'(') => depth += 1,
                Some(b']' | b'}' | b')') => depth -= 1,
                Some(b'%' | b'#') => {
                    self.c.skip_comment();
                    continue;
                }
                _ => {}
            }
            self.c.bump();
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

impl Rows {
    fn push(&mut self, x: f64, column: u16) {
        self.m.data.push(x);
        self.m.origin.columns.push(column);
    }

    /// Moves the present row's single numbers into a block.
    fn flush_scalars(&mut self) {
        let scalars = self.m.data.split_off(self.done);
        self.m.origin.columns.truncate(self.done);
        if !scalars.is_empty() {
            self.blocks.push(Matrix::new(1, scalars.len(), scalars));
        }
    }

    fn push_block(&mut self, block: Matrix) {
        self.flush_scalars();
        self.blocks.push(block);
    }
}
