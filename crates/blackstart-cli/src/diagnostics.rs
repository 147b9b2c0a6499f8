//! Prints problems of input files: for people with the line they are in, or as JSON.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use blackstart_io::{InputProblem, MAX_PROBLEMS, Severity};

use crate::args::Format;

/// Lines longer than this are not shown; the message says where.
const LONGEST_SHOWN: usize = 400;
/// Files larger than this are not read again for their lines.
const LARGEST_SHOWN: u64 = 64 << 20;

/// Prints at most [`MAX_PROBLEMS`] problems; true if one of them is an error.
pub fn print(problems: &[InputProblem], format: Format, quiet: bool) -> bool {
    let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
    let shown: Vec<&InputProblem> =
        problems.iter().filter(|p| !quiet || p.severity == Severity::Error).collect();
    let out = std::io::stderr();
    let mut out = out.lock();
    // A reader that has gone away does not want the rest.
    let _ = if format.is_json() {
        print_json(&mut out, &shown)
    } else {
        print_human(&mut out, &shown, errors)
    };
    errors > 0
}

fn print_json(out: &mut impl Write, problems: &[&InputProblem]) -> std::io::Result<()> {
    for p in problems.iter().take(MAX_PROBLEMS) {
        let value = serde_json::json!({
            "code": p.code,
            "severity": word(p.severity),
            "file": p.file.display().to_string(),
            "line": p.line,
            "column": p.column,
            "found": p.found,
            "message": p.message,
            "help": p.help,
        });
        writeln!(out, "{value}")?;
    }
    Ok(())
}

fn print_human(
    out: &mut impl Write,
    problems: &[&InputProblem],
    errors: usize,
) -> std::io::Result<()> {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut texts = HashMap::new();
    // Errors first: notes must not push them out of the first fifty.
    let mut ordered = problems.to_vec();
    ordered.sort_by_key(|p| p.severity);
    // A file that is part of a region several times says the same each time.
    let mut seen = std::collections::HashSet::new();
    ordered.retain(|p| seen.insert(p.to_string()));
    for p in ordered.iter().take(MAX_PROBLEMS) {
        let text = texts.entry(p.file.clone()).or_insert_with(|| text_of(&p.file));
        writeln!(out, "{}\n", render(&renderer, p, text.as_deref()))?;
    }
    if ordered.len() > MAX_PROBLEMS {
        writeln!(out, "… and {} more", ordered.len() - MAX_PROBLEMS)?;
    }
    if errors > 0 {
        let s = if errors == 1 { "" } else { "s" };
        writeln!(out, "{errors} problem{s} to mend; nothing was written")?;
    }
    Ok(())
}

fn render(renderer: &Renderer, p: &InputProblem, text: Option<&str>) -> String {
    let level = match p.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let path = p.file.display().to_string();
    let line = text
        .and_then(|t| t.lines().nth(p.line.checked_sub(1)?))
        .filter(|l| p.column > 0 && l.len() <= LONGEST_SHOWN);
    let title = match (line, p.line) {
        (Some(_), _) => p.message.clone(),
        (None, 0) => format!("{path}: {}", p.message),
        (None, n) => format!("{path}:{n}: {}", p.message),
    };
    let mut group = level.primary_title(&title).id(p.code).elements(std::iter::empty::<
        annotate_snippets::Snippet<'_, annotate_snippets::Annotation<'_>>,
    >());
    if let Some(line) = line {
        let from = line.char_indices().nth(p.column - 1).map_or(line.len(), |(at, _)| at);
        let to = if line[from..].starts_with(&p.found) { from + p.found.len() } else { from };
        group = group.element(
            Snippet::source(line)
                .path(path.as_str())
                .line_start(p.line)
                .annotation(AnnotationKind::Primary.span(from..to.max(from))),
        );
    }
    if let Some(help) = &p.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

fn text_of(file: &Path) -> Option<String> {
    let size = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?.len();
    if size > LARGEST_SHOWN {
        return None;
    }
    Some(String::from_utf8_lossy(&std::fs::read(file).ok()?).into_owned())
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A problem of the command line's own making: a file that cannot be read or written.
pub fn file_problem(file: &Path, message: String, help: Option<String>) -> InputProblem {
    InputProblem {
        code: "file",
        severity: Severity::Error,
        file: PathBuf::from(file),
        line: 0,
        column: 0,
        found: String::new(),
        message,
        help,
    }
}

/// One sentence to stderr.
pub fn say(text: &str) {
    // Nobody is left to hear when stderr is gone.
    let _ = writeln!(std::io::stderr(), "blackstart: {text}");
}

/// Data to stdout. A reader that closed the pipe has what it wanted.
pub fn print_data(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
