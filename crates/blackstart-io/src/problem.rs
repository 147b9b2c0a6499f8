//! What is wrong with an input file, where, and how to mend it.

use std::fmt;
use std::path::{Path, PathBuf};

/// At most this many problems are told at once.
pub const MAX_PROBLEMS: usize = 50;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// The input is used, but perhaps not as its author meant.
    Warning,
    /// Something the author may want to know: what is read but not simulated.
    Note,
}

/// One problem of an input file.
#[derive(Clone, Debug, PartialEq)]
pub struct InputProblem {
    /// Stable kebab-case code, listed in `docs/errors.md`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Line from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column from 1, in characters; 0 when the whole line is meant.
    pub column: usize,
    /// The offending text; may be empty.
    pub found: String,
    /// What is wrong, in one plain sentence.
    pub message: String,
    /// What was expected, and a did-you-mean where one fits.
    pub help: Option<String>,
}

impl InputProblem {
    /// A problem of the whole file; see the other functions for its place and help.
    #[must_use]
    pub fn new(
        severity: Severity,
        code: &'static str,
        file: &Path,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            file: file.to_path_buf(),
            line: 0,
            column: 0,
            found: String::new(),
            message: message.into(),
            help: None,
        }
    }

    /// An error of the whole file.
    #[must_use]
    pub fn error(code: &'static str, file: &Path, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, file, message)
    }

    /// The same problem at a line and column, both from 1 (0: not known).
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = line;
        self.column = column;
        self
    }

    /// The same problem with the offending text.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// The same problem with its help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Collects problems: the first [`MAX_PROBLEMS`] of each severity, and how many more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    list: Vec<InputProblem>,
    counts: [usize; 3],
}

impl Problems {
    pub(crate) fn push(&mut self, problem: InputProblem) {
        let count = &mut self.counts[problem.severity as usize];
        *count += 1;
        if *count <= MAX_PROBLEMS {
            self.list.push(problem);
        }
    }

    pub(crate) fn extend(&mut self, problems: impl IntoIterator<Item = InputProblem>) {
        for problem in problems {
            self.push(problem);
        }
    }

    /// Number of errors, those not kept included.
    pub(crate) fn errors(&self) -> usize {
        self.counts[Severity::Error as usize]
    }

    /// What was kept, in the order of arrival.
    pub(crate) fn into_list(self) -> Vec<InputProblem> {
        self.list
    }

    /// What was collected, in the order of arrival, and a word about what was not kept.
    pub(crate) fn finish(mut self, file: &Path) -> Vec<InputProblem> {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let more = self.counts[severity as usize].saturating_sub(MAX_PROBLEMS);
            if more > 0 {
                let word = match severity {
                    Severity::Error => "errors",
                    Severity::Warning => "warnings",
                    Severity::Note => "notes",
                };
                let message = format!("{more} more {word} are not listed");
                self.list.push(InputProblem::new(
                    severity,
                    crate::codes::MORE_PROBLEMS,
                    file,
                    message,
                ));
            }
        }
        self.list
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}
