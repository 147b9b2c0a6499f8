//! Problems of one file, capped so that garbage does not fill the memory.

use std::path::Path;

use crate::codes;
use crate::problem::{InputProblem, MAX_PROBLEMS, Severity};

/// Collects the problems of one file: [`MAX_PROBLEMS`] of each severity at most.
#[derive(Debug)]
pub(crate) struct Collector<'a> {
    file: &'a Path,
    problems: Vec<InputProblem>,
    counts: [usize; 3],
    /// Words that may still be compared for a did-you-mean.
    comparisons: usize,
}

/// Words compared in all for the did-you-means of one file: in a network of 100,000
/// nodes the first few slips get one, and a file of nothing but slips stays fast.
const MAX_COMPARISONS: usize = 200_000;

impl<'a> Collector<'a> {
    pub(crate) fn new(file: &'a Path) -> Self {
        Self { file, problems: Vec::new(), counts: [0; 3], comparisons: MAX_COMPARISONS }
    }

    pub(crate) fn file(&self) -> &'a Path {
        self.file
    }

    fn slot(severity: Severity) -> usize {
        match severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        }
    }

    pub(crate) fn push(&mut self, problem: InputProblem) {
        let count = &mut self.counts[Self::slot(problem.severity)];
        *count += 1;
        if *count <= MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Adds a problem at a line and column, both from 1 (0: not known).
    pub(crate) fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        (line, column): (usize, usize),
        message: impl Into<String>,
    ) {
        self.push(InputProblem::new(severity, code, self.file, message).at(line, column));
    }

    /// [`nearest`] for a problem of `severity`; nothing when no more of them are kept, or
    /// when enough was compared.
    pub(crate) fn nearest<'w>(
        &mut self,
        severity: Severity,
        word: &str,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Option<&'w str> {
        if self.full(severity) || self.comparisons == 0 {
            return None;
        }
        let left = &mut self.comparisons;
        nearest(word, words.into_iter().inspect(|_| *left = left.saturating_sub(1)))
    }

    /// True when no more problems of this severity are kept.
    pub(crate) fn full(&self, severity: Severity) -> bool {
        self.counts[Self::slot(severity)] >= MAX_PROBLEMS
    }

    pub(crate) fn errors(&self) -> usize {
        self.counts[0]
    }

    /// All problems in file order, with a word about those that were not kept.
    pub(crate) fn finish(mut self) -> Vec<InputProblem> {
        self.problems.sort_by_key(|p| (p.line, p.column));
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let more = self.counts[Self::slot(severity)].saturating_sub(MAX_PROBLEMS);
            if more > 0 {
                let word = match severity {
                    Severity::Error => "errors",
                    Severity::Warning => "warnings",
                    Severity::Note => "notes",
                };
                self.problems.push(InputProblem::new(
                    severity,
                    codes::MORE_PROBLEMS,
                    self.file,
                    format!("{more} more {word} are not listed"),
                ));
            }
        }
        self.problems
    }
}

/// A text cut to `max` characters for a message.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((i, _)) => format!("{}…", &text[..i]),
        None => text.to_owned(),
    }
}

/// The nearest of `words` to `word`, if near enough to be a slip of the pen.
pub(crate) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let likely = |w: &&str| w.len().abs_diff(word.len()) <= 2 + w.len() / 2;
    words
        .into_iter()
        .filter(likely)
        .map(|w| (strsim::damerau_levenshtein(&lower, &w.to_lowercase()), w))
        .filter(|(d, w)| *d <= 1 + w.chars().count() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, w)| w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_capped_and_sorted() {
        let mut c = Collector::new(Path::new("x"));
        for line in (1..=60).rev() {
            c.add(Severity::Error, codes::BAD_NUMBER, (line, 1), "bad");
        }
        c.add(Severity::Note, codes::IGNORED, (1, 0), "note");
        assert_eq!(c.errors(), 60);
        let all = c.finish();
        assert_eq!(all.len(), 52);
        assert_eq!(all[0].severity, Severity::Note);
        assert!(all[51].message.contains("10 more errors"));
    }

    #[test]
    fn nearest_forgives_slips_only() {
        let words = ["branch", "gen", "gencost"];
        assert_eq!(nearest("brnach", words), Some("branch"));
        assert_eq!(nearest("Gencosts", words), Some("gencost"));
        assert_eq!(nearest("xyz", words), None);
    }
}
