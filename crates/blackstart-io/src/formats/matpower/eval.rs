//! The small part of MATLAB that cases use to convert units after their matrices:
//! numbers, matrix literals, element-wise arithmetic, indexing and a few functions.
//!
//! Work and memory are bounded whatever the text says: see [`MAX_ELEMENTS`] and
//! [`MAX_WORK`].

use std::collections::BTreeMap;

use super::constants;
use super::functions;
use super::lex::{Cursor, Spot};
use super::value::{Matrix, Value};
use crate::formats::collect::Collector;

/// Largest computed matrix (literals may be larger: they are in the file).
pub(super) const MAX_ELEMENTS: usize = 4_000_000;
/// Elements computed in all, over the whole file.
const MAX_WORK: u64 = 60_000_000;
/// Deepest nesting of brackets and signs.
const MAX_DEPTH: usize = 60;

/// Why something cannot be evaluated, and where.
#[derive(Clone, Debug)]
pub(super) struct Fail {
    pub spot: Spot,
    pub message: String,
}

/// One index of an indexed variable: positions from 0, or all.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Index {
    All,
    List(Vec<usize>),
}

impl Index {
    pub fn len(&self, extent: usize) -> usize {
        match self {
            Self::All => extent,
            Self::List(list) => list.len(),
        }
    }

    pub fn iter(&self, extent: usize) -> impl Iterator<Item = usize> + '_ {
        let (range, list) = match self {
            Self::All => (0..extent, &[][..]),
            Self::List(list) => (0..0, &list[..]),
        };
        range.chain(list.iter().copied())
    }
}

/// Reads and evaluates expressions of one file.
pub(super) struct Evaluator<'a> {
    pub c: Cursor<'a>,
    /// Variables by path; fields of the case itself begin with `mpc.`.
    pub vars: BTreeMap<String, Value>,
    /// What the file calls the case.
    pub case_name: String,
    pub problems: Collector<'a>,
    /// In the literal of a table that is used: tell every bad element, go on.
    pub strict: bool,
    /// The next statement began inside an open matrix literal; this was told.
    pub cut_short: bool,
    /// Extent that `end` stands for, innermost last, and whether it was used.
    ends: Vec<(usize, bool)>,
    work_left: u64,
    depth: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(c: Cursor<'a>, problems: Collector<'a>) -> Self {
        Self {
            c,
            vars: BTreeMap::new(),
            case_name: "mpc".into(),
            problems,
            strict: false,
            cut_short: false,
            ends: Vec::new(),
            work_left: MAX_WORK,
            depth: 0,
        }
    }

    pub fn fail<T>(&self, message: impl Into<String>) -> Result<T, Fail> {
        Err(Fail { spot: self.c.spot(), message: message.into() })
    }

    /// Accounts for a result of `elements`; fails when it is too much.
    pub fn charge(&mut self, elements: usize) -> Result<(), Fail> {
        let work = elements as u64 + 1;
        if elements > MAX_ELEMENTS || work > self.work_left {
            return self.fail("this computes more than a case needs");
        }
        self.work_left -= work;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Fail> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.depth -= 1;
            return self.fail("nested too deeply");
        }
        Ok(())
    }

    /// An expression that must be numeric.
    pub fn numeric(&mut self, in_matrix: bool) -> Result<Matrix, Fail> {
        match self.expression(0, in_matrix)? {
            Value::Matrix(m) => Ok(m),
            Value::Text(_) | Value::Cell(_) => self.fail("a number is expected"),
        }
    }

    /// An expression with operators of at least `level`. Inside `[ ]` a blank before
    /// a sign that touches its operand begins a new element.
    pub fn expression(&mut self, level: u8, in_matrix: bool) -> Result<Value, Fail> {
        self.deeper()?;
        let result = self.expression_inner(level, in_matrix);
        self.depth -= 1;
        result
    }

    fn expression_inner(&mut self, level: u8, in_matrix: bool) -> Result<Value, Fail> {
        let mut left = self.unary()?;
        loop {
            let before = self.c.spot();
            let blank = self.c.skip_blanks();
            let Some((op, len, op_level)) = self.operator() else {
                self.c.go_to(before);
                return Ok(left);
            };
            let touches = !matches!(self.c.peek_at(len), Some(b' ' | b'\t' | b'\r' | b'\n') | None);
            let new_element = in_matrix && blank && touches && matches!(op, b'+' | b'-');
            if op_level < level || new_element {
                self.c.go_to(before);
                return Ok(left);
            }
            self.c.step(len);
            let a = self.as_matrix(left)?;
            let right = self.expression(op_level + 1, in_matrix)?;
            let b = self.as_matrix(right)?;
            left = Value::Matrix(if op == b':' {
                self.range(&a, &b, in_matrix)?
            } else {
                self.elementwise(op, &a, &b)?
            });
        }
    }

    fn as_matrix(&self, value: Value) -> Result<Matrix, Fail> {
        match value {
            Value::Matrix(m) => Ok(m),
            Value::Text(_) | Value::Cell(_) => self.fail("texts are not computed with"),
        }
    }

    /// The binary operator here: a byte that stands for it, its length, its level.
    fn operator(&self) -> Option<(u8, usize, u8)> {
        let next = self.c.peek_at(1);
        Some(match self.c.peek()? {
            b'|' if next == Some(b'|') => (b'|', 2, 1),
            b'&' if next == Some(b'&') => (b'&', 2, 2),
            b'|' => (b'|', 1, 3),
            b'&' => (b'&', 1, 4),
            b'=' if next == Some(b'=') => (b'=', 2, 5),
            b'~' | b'!' if next == Some(b'=') => (b'!', 2, 5),
            b'<' if next == Some(b'=') => (b'l', 2, 5),
            b'>' if next == Some(b'=') => (b'g', 2, 5),
            b'<' => (b'<', 1, 5),
            b'>' => (b'>', 1, 5),
            b':' => (b':', 1, 6),
            b'+' => (b'+', 1, 7),
            b'-' => (b'-', 1, 7),
            b'*' => (b'*', 1, 8),
            b'/' => (b'/', 1, 8),
            b'.' if next == Some(b'*') => (b'.', 2, 8),
            b'.' if next == Some(b'/') => (b'd', 2, 8),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Value, Fail> {
        self.c.skip_blanks();
        let sign = match self.c.peek() {
            Some(b @ (b'-' | b'+' | b'~' | b'!')) => b,
            _ => return self.power(),
        };
        self.c.step(1);
        self.deeper()?;
        let operand = self.unary();
        self.depth -= 1;
        let mut m = self.as_matrix(operand?)?;
        self.charge(m.data.len())?;
        match sign {
            b'-' => m.data.iter_mut().for_each(|x| *x = -*x),
            b'+' => {}
            _ => {
                m.data.iter_mut().for_each(|x| *x = f64::from(u8::from(*x == 0.0)));
                m.logical = true;
            }
        }
        Ok(Value::Matrix(m))
    }

    fn power(&mut self) -> Result<Value, Fail> {
        let mut base = self.postfix()?;
        loop {
            let before = self.c.spot();
            self.c.skip_blanks();
            let dotted = self.c.starts_with(".^");
            if !dotted && self.c.peek() != Some(b'^') {
                self.c.go_to(before);
                return Ok(base);
            }
            self.c.step(1 + usize::from(dotted));
            self.c.skip_blanks();
            let negative = match self.c.peek() {
                Some(b @ (b'-' | b'+')) => {
                    self.c.step(1);
                    b == b'-'
                }
                _ => false,
            };
            let exponent = self.postfix()?;
            let mut exponent = self.as_matrix(exponent)?;
            if negative {
                exponent.data.iter_mut().for_each(|x| *x = -*x);
            }
            let base_matrix = self.as_matrix(base)?;
            let op = if dotted { b'p' } else { b'^' };
            base = Value::Matrix(self.elementwise(op, &base_matrix, &exponent)?);
        }
    }

    fn postfix(&mut self) -> Result<Value, Fail> {
        self.c.skip_blanks();
        let mut value = self.primary()?;
        loop {
            if self.c.starts_with(".'") {
                self.c.step(1);
            }
            if self.c.peek() != Some(b'\'') {
                return Ok(value);
            }
            self.c.step(1);
            let m = self.as_matrix(value)?;
            self.charge(m.data.len())?;
            value = Value::Matrix(m.transposed());
        }
    }

    fn primary(&mut self) -> Result<Value, Fail> {
        match self.c.peek() {
            Some(b'0'..=b'9' | b'.') => self.number().map(|x| Value::Matrix(Matrix::scalar(x))),
            Some(b'\'' | b'"') => match self.c.string() {
                Some(text) => Ok(Value::Text(text)),
                None => self.fail("this text is not closed"),
            },
            Some(b'(') => {
                self.c.step(1);
                let value = self.expression(0, false)?;
                self.c.skip_blanks();
                if !self.c.eat(b')') {
                    return self.fail("`)` is expected");
                }
                Ok(value)
            }
            Some(b'[') => {
                self.deeper()?;
                let strict = std::mem::replace(&mut self.strict, false);
                let m = self.matrix("");
                self.strict = strict;
                self.depth -= 1;
                m.map(Value::Matrix)
            }
            Some(b) if b.is_ascii_alphabetic() => self.named(),
            _ => self.fail("a number is expected"),
        }
    }

    /// A number literal; `d` may stand for `e` as in Fortran.
    fn number(&mut self) -> Result<f64, Fail> {
        let from = self.c.pos();
        let digits = |c: &mut Cursor<'_>| {
            while c.peek().is_some_and(|b| b.is_ascii_digit()) {
                c.step(1);
            }
        };
        digits(&mut self.c);
        let dot_is_operator =
            matches!(self.c.peek_at(1), Some(b'*' | b'/' | b'^' | b'\'' | b'.' | b'\\'));
        if self.c.peek() == Some(b'.') && !dot_is_operator {
            self.c.step(1);
            digits(&mut self.c);
        }
        if matches!(self.c.peek(), Some(b'e' | b'E' | b'd' | b'D')) {
            let sign = usize::from(matches!(self.c.peek_at(1), Some(b'+' | b'-')));
            if self.c.peek_at(1 + sign).is_some_and(|b| b.is_ascii_digit()) {
                self.c.step(1 + sign);
                digits(&mut self.c);
            }
        }
        let text = self.c.slice(from, self.c.pos());
        let glued = self.c.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        let parsed = match text.parse::<f64>() {
            Ok(x) if !glued => Some(x),
            Ok(_) => None,
            Err(_) => text.replace(['d', 'D'], "e").parse::<f64>().ok().filter(|_| !glued),
        };
        match parsed {
            Some(x) => Ok(x),
            None => self.fail("this is not a number"),
        }
    }

    /// The path of a variable (`mpc.bus`), with the case's own name made `mpc`.
    pub fn path(&mut self) -> Option<String> {
        let first = self.c.word()?;
        let mut path = if first == self.case_name { "mpc".to_owned() } else { first.to_owned() };
        while self.c.peek() == Some(b'.')
            && self.c.peek_at(1).is_some_and(|b| b.is_ascii_alphabetic())
            && path.len() < 200
        {
            self.c.step(1);
            path.push('.');
            path.push_str(self.c.word().unwrap_or(""));
        }
        Some(path)
    }

    fn named(&mut self) -> Result<Value, Fail> {
        let start = self.c.spot();
        let Some(path) = self.path() else { return self.fail("a name is expected") };
        if path == "end" {
            return match self.ends.last_mut() {
                Some((extent, used)) => {
                    *used = true;
                    Ok(Value::Matrix(Matrix::scalar(*extent as f64)))
                }
                None => self.fail("`end` stands outside of an index"),
            };
        }
        let shape = match self.vars.get(&path) {
            Some(Value::Matrix(m)) => Some((m.rows, m.cols)),
            Some(other) => return Ok(other.clone()),
            None => None,
        };
        let called = self.c.peek() == Some(b'(');
        match shape {
            Some(shape) if called => {
                let indices = self.indices(shape)?;
                let count = match indices.as_slice() {
                    [one] => one.len(shape.0 * shape.1),
                    [r, k] => r.len(shape.0).saturating_mul(k.len(shape.1)),
                    _ => 0,
                };
                self.charge(count)?;
                match self.vars.get(&path) {
                    Some(Value::Matrix(m)) => Ok(Value::Matrix(pick(m, &indices))),
                    _ => self.fail("a matrix is expected"),
                }
            }
            Some((rows, cols)) => {
                self.charge(rows * cols)?;
                Ok(self.vars[&path].clone())
            }
            None if called => self.call(&path, start),
            None => match constants::value(&path) {
                Some(x) => Ok(Value::Matrix(Matrix::scalar(x))),
                None => Err(Fail { spot: start, message: format!("`{path}` is not known") }),
            },
        }
    }

    /// The indices `(…)` of a matrix of this shape: one or two.
    pub fn indices(&mut self, (rows, cols): (usize, usize)) -> Result<Vec<Index>, Fail> {
        self.c.step(1);
        let mut indices = Vec::new();
        let mut end_used = false;
        loop {
            let extent = if indices.is_empty() { rows } else { cols };
            self.c.skip_blanks();
            let colon = self.c.spot();
            let all = self.c.eat(b':') && {
                self.c.skip_blanks();
                matches!(self.c.peek(), Some(b',' | b')'))
            };
            if all {
                indices.push((Index::All, Matrix::default()));
            } else {
                self.c.go_to(colon);
                self.ends.push((extent, false));
                let index = self.numeric(false);
                end_used |= self.ends.pop().is_some_and(|(_, used)| used);
                indices.push((Index::List(Vec::new()), index?));
            }
            self.c.skip_blanks();
            if self.c.eat(b',') && indices.len() < 2 {
                continue;
            }
            if !self.c.eat(b')') {
                return self.fail("one or two indices and `)` are expected");
            }
            break;
        }
        if indices.len() == 1 && end_used && cols != 1 {
            return self.fail("`end` as the only index of a matrix is not evaluated");
        }
        let single = indices.len() == 1;
        let mut resolved = Vec::new();
        for (k, (index, m)) in indices.into_iter().enumerate() {
            let extent = if single { rows * cols } else { [rows, cols][k] };
            resolved.push(match index {
                Index::All => Index::All,
                Index::List(_) => self.positions(&m, extent)?,
            });
        }
        Ok(resolved)
    }

    fn positions(&mut self, m: &Matrix, extent: usize) -> Result<Index, Fail> {
        self.charge(m.data.len())?;
        if m.logical {
            if m.data.len() > extent {
                return self.fail("this selects beyond the matrix");
            }
            let picked = m.data.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(i, _)| i);
            return Ok(Index::List(picked.collect()));
        }
        let mut list = Vec::with_capacity(m.data.len());
        for x in &m.data {
            if !(x.fract() == 0.0 && *x >= 1.0 && *x <= extent as f64) {
                return self.fail(format!("index {x} is outside 1 … {extent}"));
            }
            list.push(*x as usize - 1);
        }
        Ok(Index::List(list))
    }

    fn call(&mut self, name: &str, start: Spot) -> Result<Value, Fail> {
        self.c.step(1);
        let mut arguments = Vec::new();
        self.c.skip_blanks();
        if !self.c.eat(b')') {
            loop {
                arguments.push(self.numeric(false)?);
                self.c.skip_blanks();
                if self.c.eat(b')') {
                    break;
                }
                if !self.c.eat(b',') || arguments.len() > 3 {
                    return self.fail("`)` is expected");
                }
            }
        }
        let elements = functions::result_size(name, &arguments);
        self.charge(elements)?;
        match functions::call(name, &arguments) {
            Some(m) => Ok(Value::Matrix(m)),
            None => Err(Fail {
                spot: start,
                message: format!("`{name}` is not known with these arguments"),
            }),
        }
    }

    /// `a:b`, or `a:step:b` when another colon follows.
    fn range(&mut self, a: &Matrix, b: &Matrix, in_matrix: bool) -> Result<Matrix, Fail> {
        let (Some(from), Some(mut to)) = (a.as_scalar(), b.as_scalar()) else {
            return self.fail("a range needs single numbers");
        };
        let mut step = 1.0;
        self.c.skip_blanks();
        if self.c.eat(b':') {
            let last = self.expression(7, in_matrix)?;
            let Some(last) = self.as_matrix(last)?.as_scalar() else {
                return self.fail("a range needs single numbers");
            };
            step = to;
            to = last;
        }
        let count = ((to - from) / step + 1e-10).floor() + 1.0;
        if !count.is_finite() || count > MAX_ELEMENTS as f64 {
            return self.fail("this range is too long");
        }
        let count = count.max(0.0) as usize;
        self.charge(count)?;
        Ok(Matrix::new(1, count, (0..count).map(|i| from + step * i as f64).collect()))
    }

    fn elementwise(&mut self, op: u8, a: &Matrix, b: &Matrix) -> Result<Matrix, Fail> {
        let one_is_scalar = a.as_scalar().is_some() || b.as_scalar().is_some();
        let needs_scalar = match op {
            b'*' => !one_is_scalar,
            b'/' => b.as_scalar().is_none(),
            b'^' => a.as_scalar().is_none() || b.as_scalar().is_none(),
            _ => false,
        };
        if needs_scalar {
            return self.fail("products, quotients and powers of matrices are not evaluated");
        }
        // An extent of 1 is stretched to the other's.
        let stretch = |m: usize, n: usize| match (m, n) {
            _ if m == n => Some(m),
            (1, _) => Some(n),
            (_, 1) => Some(m),
            _ => None,
        };
        let (Some(rows), Some(cols)) = (stretch(a.rows, b.rows), stretch(a.cols, b.cols)) else {
            return self.fail(format!(
                "{} × {} and {} × {} do not fit together",
                a.rows, a.cols, b.rows, b.cols
            ));
        };
        self.charge(rows.saturating_mul(cols))?;
        let truth = |t: bool| f64::from(u8::from(t));
        let f = move |x: f64, y: f64| match op {
            b'+' => x + y,
            b'-' => x - y,
            b'*' | b'.' => x * y,
            b'/' | b'd' => x / y,
            b'^' | b'p' => x.powf(y),
            b'=' => truth(x == y),
            b'!' => truth(x != y),
            b'<' => truth(x < y),
            b'>' => truth(x > y),
            b'l' => truth(x <= y),
            b'g' => truth(x >= y),
            b'&' => truth(x != 0.0 && y != 0.0),
            _ => truth(x != 0.0 || y != 0.0),
        };
        let at = |m: &Matrix, r: usize, k: usize| {
            m.data[if m.rows == 1 { 0 } else { r } * m.cols + if m.cols == 1 { 0 } else { k }]
        };
        let mut data = Vec::with_capacity(rows * cols);
        for r in 0..rows {
            for k in 0..cols {
                data.push(f(at(a, r, k), at(b, r, k)));
            }
        }
        let mut m = Matrix::new(rows, cols, data);
        m.logical = matches!(op, b'=' | b'!' | b'<' | b'>' | b'l' | b'g' | b'&' | b'|');
        Ok(m)
    }
}

/// The part of `m` that the indices select; one index counts down the columns.
fn pick(m: &Matrix, indices: &[Index]) -> Matrix {
    match indices {
        [one] => {
            let count = m.data.len();
            let rows = m.rows.max(1);
            let data: Vec<f64> = one.iter(count).map(|i| m.at(i % rows, i / rows)).collect();
            let n = data.len();
            if m.rows == 1 && *one != Index::All {
                Matrix::new(1, n, data)
            } else {
                Matrix::new(n, 1, data)
            }
        }
        [rows, cols] => {
            let (nr, nc) = (rows.len(m.rows), cols.len(m.cols));
            let mut data = Vec::with_capacity(nr * nc);
            for r in rows.iter(m.rows) {
                for k in cols.iter(m.cols) {
                    data.push(m.at(r, k));
                }
            }
            Matrix::new(nr, nc, data)
        }
        _ => Matrix::default(),
    }
}
