//! `explain` and `completions`.

use clap::CommandFactory;

use crate::args::Cli;
use crate::diagnostics;
use crate::exit::Exit;

/// Explains a code, or lists all.
pub fn explain(code: Option<&str>) -> Exit {
    let Some(code) = code else {
        let list: Vec<&str> = blackstart_io::codes::all().collect();
        diagnostics::print_data(&list.join("\n"));
        return Exit::Ok;
    };
    if let Some(text) = blackstart_io::explain(code) {
        diagnostics::print_data(text.trim());
        Exit::Ok
    } else {
        diagnostics::say(&format!(
            "no code `{code}`; `blackstart explain` without a code lists all of them"
        ));
        Exit::Usage
    }
}

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "blackstart", &mut text);
    diagnostics::print_data(String::from_utf8_lossy(&text).trim_end());
    Exit::Ok
}
