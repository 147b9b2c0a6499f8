//! `read`: a situation report in plain text, as a draft of a strike.

use std::io::Write;
use std::path::Path;

use blackstart_io::Report;

use crate::args::{Cli, ReadText};
use crate::diagnostics;
use crate::exit::Exit;

/// Reads a report and prints or writes the draft.
pub fn read(cli: &Cli, what: &ReadText) -> Exit {
    let read = blackstart_io::read_report(&what.report, what.published);
    diagnostics::print(&read.problems, cli.format, cli.quiet);
    let Some(report) = read.report else {
        return Exit::InvalidInput;
    };
    let text = if cli.format.is_json() { report.json().to_string() } else { report.draft() };
    match &what.output {
        None => diagnostics::print_data(text.trim_end()),
        Some(path) => {
            if let Err(error) = write_whole(path, text.trim_end(), what.overwrite) {
                diagnostics::say(&format!("{} is not written: {error}", path.display()));
                return Exit::Failure;
            }
        }
    }
    if !cli.quiet {
        diagnostics::say(&summary(&report));
    }
    Exit::Ok
}

fn summary(report: &Report) -> String {
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let (strikes, left) = (report.waves.len(), report.unread.len());
    let counts: usize = report.waves.iter().map(|w| w.counts.len()).sum();
    format!(
        "{strikes} strike{} read from {counts} count{}; {left} sentence{} left for you to judge. \
         This is a draft: check each value against its sentence",
        s(strikes),
        s(counts),
        s(left)
    )
}

/// Writes the file as a whole or not at all.
fn write_whole(path: &Path, text: &str, overwrite: bool) -> std::io::Result<()> {
    if !overwrite && path.exists() {
        let message = "it is there already; --overwrite takes its place";
        return Err(std::io::Error::other(message));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| writeln!(file, "{text}"))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What was begun is not left behind.
        let _ = std::fs::remove_file(&beside);
    }
    written
}
