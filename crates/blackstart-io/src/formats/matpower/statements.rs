//! The statements of a case file, one after another: fields of the case, unit
//! conversions, `if` blocks. What is not understood is skipped and told.

use super::constants;
use super::eval::{Evaluator, Fail, Index};
use super::value::{Matrix, Origin, Value};
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::{InputProblem, Severity};

/// Fields of the case that a grid is made of.
pub(super) const USED: [&str; 11] = [
    "mpc.version",
    "mpc.baseMVA",
    "mpc.bus",
    "mpc.gen",
    "mpc.branch",
    "mpc.gencost",
    "mpc.dcline",
    "mpc.storage",
    "mpc.bus_name",
    "mpc.gentype",
    "mpc.genfuel",
];

/// The tables among them.
const TABLES: [&str; 6] =
    ["mpc.bus", "mpc.gen", "mpc.branch", "mpc.gencost", "mpc.dcline", "mpc.storage"];

/// How a block ended while it was skipped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockEnd {
    End,
    Else,
    ElseIf,
    Text,
}

impl Evaluator<'_> {
    /// Runs all statements. Gives the line of every field of the case that was set.
    pub fn run(&mut self) -> Vec<(String, usize)> {
        let mut fields = Vec::new();
        let mut open_ifs = 0usize;
        let mut functions = 0usize;
        loop {
            self.c.skip_between_statements();
            if self.c.at_end() {
                return fields;
            }
            let start = self.c.spot();
            let word = self.c.word().unwrap_or("");
            match word {
                "function" => {
                    functions += 1;
                    if functions > 1 {
                        self.problems.add(
                            Severity::Note,
                            codes::IGNORED,
                            (start.line, 0),
                            "functions after the case are not run",
                        );
                        return fields;
                    }
                    if !self.signature() {
                        return fields;
                    }
                }
                "if" => open_ifs += usize::from(self.branch_taken()),
                // Reached at the end of a branch that was taken: skip the others.
                "else" | "elseif" if open_ifs > 0 => {
                    open_ifs -= 1;
                    self.skip_block(false);
                }
                "end" | "endif" if open_ifs > 0 => open_ifs -= 1,
                "end" | "endfunction" | "return" => {
                    self.rest_is_ignored();
                    return fields;
                }
                "for" | "parfor" | "while" | "switch" | "try" | "do" => {
                    self.warn(start.line, format!("this `{word}` block is not run"));
                    self.skip_block(false);
                }
                _ => {
                    self.c.go_to(start);
                    self.statement(&mut fields);
                }
            }
        }
    }

    fn warn(&mut self, line: usize, message: String) {
        self.problems.add(Severity::Warning, codes::IGNORED, (line, 0), message);
    }

    fn rest_is_ignored(&mut self) {
        self.c.skip_between_statements();
        if !self.c.at_end() {
            self.problems.add(
                Severity::Note,
                codes::IGNORED,
                (self.c.line(), 0),
                "what follows the end of the case is not run",
            );
        }
    }

    /// The rest of a `function` line; false if it is a version 1 case.
    fn signature(&mut self) -> bool {
        let line = self.c.line();
        self.c.skip_blanks();
        let mut outputs: Vec<String> = Vec::new();
        if self.c.eat(b'[') {
            loop {
                self.c.skip_blanks();
                if self.c.eat(b',') {
                    continue;
                }
                match self.c.word() {
                    Some(word) if outputs.len() < 16 => outputs.push(word.to_owned()),
                    _ => break,
                }
            }
        } else {
            let name = self.c.word().map(str::to_owned);
            self.c.skip_blanks();
            if self.c.peek() == Some(b'=') {
                outputs.extend(name);
            }
        }
        self.c.skip_to_line_end();
        if outputs.len() > 1 {
            let file = self.problems.file();
            self.problems.push(
                InputProblem::error(
                    codes::BAD_VALUE,
                    file,
                    "this is a MATPOWER case of version 1; only version 2 is read",
                )
                .at(line, 0)
                .help("save it anew with MATPOWER: savecase('new.m', loadcase('old.m'))"),
            );
            return false;
        }
        if let Some(name) = outputs.pop() {
            self.case_name = name;
        }
        true
    }

    /// After `if` or `elseif`: true if its branch is to be run; otherwise the cursor is
    /// beyond the block, or in its `else` branch (then also true).
    fn branch_taken(&mut self) -> bool {
        loop {
            let line = self.c.line();
            match self.numeric(false) {
                Ok(m) if m.is_true() => return true,
                Ok(_) => {}
                Err(fail) => {
                    self.warn(line, format!("this `if` block is not run: {}", fail.message));
                    self.skip_block(false);
                    return false;
                }
            }
            match self.skip_block(true) {
                BlockEnd::Else => return true,
                BlockEnd::ElseIf => {}
                BlockEnd::End | BlockEnd::Text => return false,
            }
        }
    }

    /// Skips to beyond the `end` of the block the cursor is in, or beyond its next
    /// `else` or `elseif` when `stop_at_else`.
    fn skip_block(&mut self, stop_at_else: bool) -> BlockEnd {
        let mut depth = 0usize;
        loop {
            self.c.skip_between_statements();
            if self.c.at_end() {
                self.warn(self.c.line(), "a block is not closed with `end`".into());
                return BlockEnd::Text;
            }
            match self.c.word().unwrap_or("") {
                "if" | "for" | "parfor" | "while" | "switch" | "try" | "do" => depth += 1,
                "end" | "endif" | "endfor" | "endwhile" | "endswitch" | "end_try_catch"
                | "until" => {
                    if depth == 0 {
                        return BlockEnd::End;
                    }
                    depth -= 1;
                }
                "else" if depth == 0 && stop_at_else => return BlockEnd::Else,
                "elseif" if depth == 0 && stop_at_else => return BlockEnd::ElseIf,
                _ => {}
            }
            self.c.skip_statement();
        }
    }

    fn statement(&mut self, fields: &mut Vec<(String, usize)>) {
        let start = self.c.spot();
        let target = self.target();
        self.c.go_to(start);
        let result = self.assignment(fields);
        self.strict = false;
        let ended = result.is_ok() && {
            self.c.skip_blanks();
            self.c.at_statement_end()
        };
        if std::mem::take(&mut self.cut_short) || ended {
            return;
        }
        let (line, message) = match result {
            Err(fail) => (fail.spot.line, fail.message),
            Ok(()) => {
                let found = shorten(self.c.word_here(self.c.spot()), 24);
                (self.c.line(), format!("`{found}` is not understood"))
            }
        };
        self.c.go_to(start);
        let closed = self.c.skip_statement();
        if self.c.spot() == start {
            self.c.bump();
        }
        self.not_evaluated(target.as_deref(), start.line, line, &message, closed);
    }

    fn not_evaluated(
        &mut self,
        target: Option<&str>,
        start: usize,
        line: usize,
        message: &str,
        closed: bool,
    ) {
        let at = if line == start { String::new() } else { format!(" in line {line}") };
        match target {
            _ if !closed => self.problems.add(
                Severity::Error,
                codes::TRUNCATED,
                (start, 0),
                "the file ends inside this statement",
            ),
            Some(t) if matches!(t, "mpc.baseMVA" | "mpc.version") => self.problems.add(
                Severity::Error,
                codes::BAD_NUMBER,
                (start, 0),
                format!("`{t}` cannot be read{at}: {message}"),
            ),
            Some(t) if USED.contains(&t) => {
                self.warn(start, format!("this change of `{t}` is ignored{at}: {message}"));
            }
            Some(t) if t.starts_with("mpc.") => self.problems.add(
                Severity::Note,
                codes::IGNORED,
                (start, 0),
                format!("`{t}` is not used and not evaluated"),
            ),
            Some(t) => {
                // An old value must not stand in for the one that failed.
                self.vars.remove(t);
                self.problems.add(
                    Severity::Note,
                    codes::IGNORED,
                    (start, 0),
                    format!("`{t}` is not evaluated{at}: {message}"),
                );
            }
            None => self.warn(start, format!("this statement is ignored{at}: {message}")),
        }
    }

    /// The variable that the statement here assigns to, if it is an assignment.
    fn target(&mut self) -> Option<String> {
        let path = self.path()?;
        self.c.skip_blanks();
        if self.c.peek() == Some(b'(') {
            let mut depth = 0usize;
            loop {
                match self.c.peek() {
                    None | Some(b'\n') => return None,
                    Some(b'(') => depth += 1,
                    Some(b')') => depth -= 1,
                    _ => {}
                }
                self.c.step(1);
                if depth == 0 {
                    break;
                }
            }
            self.c.skip_blanks();
        }
        (self.c.peek() == Some(b'=') && self.c.peek_at(1) != Some(b'=')).then_some(path)
    }

    fn assignment(&mut self, fields: &mut Vec<(String, usize)>) -> Result<(), Fail> {
        if self.c.peek() == Some(b'[') {
            return self.names_of_columns();
        }
        let line = self.c.line();
        let Some(path) = self.path() else { return self.fail("this is not understood") };
        if path == "define_constants" {
            return Ok(());
        }
        self.c.skip_blanks();
        let indices = match (self.c.peek(), self.vars.get(&path)) {
            (Some(b'('), Some(Value::Matrix(m))) => {
                let shape = (m.rows, m.cols);
                Some(self.indices(shape)?)
            }
            (Some(b'('), _) => return self.fail(format!("`{path}` is not known")),
            _ => None,
        };
        self.c.skip_blanks();
        if self.c.peek() != Some(b'=') || self.c.peek_at(1) == Some(b'=') {
            return self.fail("`=` is expected");
        }
        self.c.step(1);
        self.c.skip_blanks();
        if let Some(indices) = indices {
            let value = self.numeric(false)?;
            return self.assign_part(&path, &indices, &value);
        }
        let value = self.whole_value(&path)?;
        if path.starts_with("mpc.") {
            fields.push((path.clone(), line));
        }
        self.vars.insert(path, value);
        Ok(())
    }

    fn whole_value(&mut self, path: &str) -> Result<Value, Fail> {
        match self.c.peek() {
            Some(b'[') => {
                let start = self.c.spot();
                self.strict = TABLES.contains(&path);
                let m = self.matrix(path)?;
                self.strict = false;
                if self.c.peek() == Some(b'\'') {
                    self.c.step(1);
                    return Ok(Value::Matrix(m.transposed()));
                }
                self.c.skip_blanks();
                if self.c.at_statement_end() || TABLES.contains(&path) {
                    return Ok(Value::Matrix(m));
                }
                // `[1 2 3] * 4` is an expression that begins with a literal.
                self.c.go_to(start);
                self.expression(0, false)
            }
            Some(b'{') => self.cell(),
            _ => self.expression(0, false),
        }
    }

    /// `[PQ, PV, …] = idx_bus`: the names get the values of the function's outputs.
    fn names_of_columns(&mut self) -> Result<(), Fail> {
        self.c.step(1);
        let mut names: Vec<Option<String>> = Vec::new();
        loop {
            self.c.skip_blanks();
            if self.c.eat(b']') {
                break;
            }
            if self.c.eat(b',') {
                continue;
            }
            if self.c.eat(b'~') {
                names.push(None);
            } else if let Some(word) = self.c.word() {
                names.push(Some(word.to_owned()));
            } else {
                return self.fail("names are expected");
            }
            if names.len() > 64 {
                return self.fail("too many names");
            }
        }
        self.c.skip_blanks();
        if !self.c.eat(b'=') {
            return self.fail("`=` is expected");
        }
        self.c.skip_blanks();
        let function = self.c.word().unwrap_or("");
        let Some(outputs) = constants::outputs(function) else {
            return self.fail(format!("`{function}` is not known"));
        };
        for (name, (_, value)) in names.into_iter().zip(outputs) {
            if let Some(name) = name {
                self.vars.insert(name, Value::Matrix(Matrix::scalar(f64::from(*value))));
            }
        }
        Ok(())
    }

    fn assign_part(&mut self, path: &str, to: &[Index], value: &Matrix) -> Result<(), Fail> {
        let shape = match self.vars.get(path) {
            Some(Value::Matrix(m)) => (m.rows, m.cols),
            _ => return self.fail(format!("`{path}` is not a matrix")),
        };
        if value.data.is_empty() {
            return self.remove_rows(path, to);
        }
        let (height, width) = match to {
            [one] => (one.len(shape.0 * shape.1), 1),
            [r, c] => (r.len(shape.0), c.len(shape.1)),
            _ => return self.fail("one or two indices are expected"),
        };
        self.charge(height.saturating_mul(width))?;
        let fits = value.as_scalar().is_some()
            || (value.rows, value.cols) == (height, width)
            || to.len() == 1 && value.rows.min(value.cols) == 1 && value.data.len() == height;
        if !fits {
            return self.fail(format!(
                "{} × {} do not fit into {height} × {width}",
                value.rows, value.cols
            ));
        }
        let Some(Value::Matrix(m)) = self.vars.get_mut(path) else { return Ok(()) };
        let source = |i: usize| value.data[if value.data.len() == 1 { 0 } else { i }];
        match to {
            [one] => {
                for (i, k) in one.iter(shape.0 * shape.1).enumerate() {
                    let (r, c) = (k % shape.0, k / shape.0);
                    m.data[r * shape.1 + c] = source(i);
                }
            }
            [rows, cols] => {
                for (i, r) in rows.iter(shape.0).enumerate() {
                    for (j, c) in cols.iter(shape.1).enumerate() {
                        m.data[r * shape.1 + c] = source(i * width + j);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `m(rows, :) = []`.
    fn remove_rows(&mut self, path: &str, to: &[Index]) -> Result<(), Fail> {
        let [Index::List(list), Index::All] = to else {
            return self.fail("only whole rows can be removed");
        };
        let Some(Value::Matrix(m)) = self.vars.get(path) else { return Ok(()) };
        let elements = m.data.len();
        self.charge(elements)?;
        let Some(Value::Matrix(m)) = self.vars.get_mut(path) else { return Ok(()) };
        let mut keep = vec![true; m.rows];
        list.iter().for_each(|r| keep[*r] = false);
        let cols = m.cols.max(1);
        let mut kept = Matrix { cols: m.cols, ..Matrix::default() };
        let placed = m.origin.lines.len() == m.rows && m.origin.columns.len() == m.data.len();
        for r in (0..m.rows).filter(|r| keep[*r]) {
            kept.rows += 1;
            kept.data.extend_from_slice(&m.data[r * cols..(r + 1) * cols]);
            if placed {
                kept.origin.lines.push(m.origin.lines[r]);
                kept.origin.columns.extend_from_slice(&m.origin.columns[r * cols..(r + 1) * cols]);
            }
        }
        if !placed {
            kept.origin = Origin::default();
        }
        *m = kept;
        Ok(())
    }
}
