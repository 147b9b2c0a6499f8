//! `read`: a situation report in plain text, as a draft of a strike.

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
            let text = format!("{}\n", text.trim_end());
            if let Err(error) = Report::write(path, &text, what.overwrite) {
                diagnostics::say(&error.to_string());
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
