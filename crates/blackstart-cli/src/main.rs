//! The `blackstart` command: arguments in, files and sentences out. No physics.
//!
//! stdout is data (summaries, listings), stderr is progress, warnings and problems.

mod args;
mod commands;
mod diagnostics;
mod exit;
mod progress;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use args::{Cli, Command, Format};
use exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let of_tables = matches!(cli.format, Format::Csv | Format::Parquet);
    let has_tables = matches!(
        cli.command,
        Command::Compare(_)
            | Command::Merge(_)
            | Command::Grid(_)
            | Command::Heat(_)
            | Command::Water(_)
    );
    if of_tables && !has_tables {
        let message =
            "--format csv and --format parquet are for the tables of `compare`, `grid`, `heat` and `water`
";
        Cli::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = cli.threads {
        pool = pool.num_threads(usize::from(threads));
    }
    let exit = match pool.build() {
        Ok(pool) => pool.install(|| run(&cli)),
        Err(error) => {
            diagnostics::say(&format!("no threads to work with: {error}"));
            Exit::Failure
        }
    };
    exit.into()
}

fn run(cli: &Cli) -> Exit {
    match &cli.command {
        Command::Demo(output) => commands::run::demo(cli, output),
        Command::Check { region, scenario } => {
            commands::check::check(cli, region, scenario.as_deref())
        }
        Command::Run { given, policy, output } => {
            commands::run::run(cli, given, policy.as_deref(), output)
        }
        Command::Compare(compare) => commands::compare::compare(cli, compare),
        Command::Merge(merge) => commands::merge::merge(cli, merge),
        Command::Read(what) => commands::read::read(cli, what),
        Command::New(new) => commands::new::new(cli, new),
        Command::Grid(command) => commands::grid::grid(cli, command),
        Command::Water(command) => commands::water::water(cli, command),
        Command::Heat(command) => commands::heat::heat(cli, command),
        Command::Convert(convert) => commands::convert::convert(cli, convert),
        Command::Explain { code } => commands::explain::explain(code.as_deref()),
        Command::Completions { shell } => commands::explain::completions(*shell),
    }
}
