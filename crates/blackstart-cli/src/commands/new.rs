//! `new`: writes a region, from statistics or around foreign networks.

use std::path::Path;

use blackstart::synth::{self, AssembleSpec, Spec};
use blackstart_io::{GridFormat, WriteError};

use super::check::describe;
use crate::args::{Cli, New};
use crate::diagnostics;
use crate::exit::Exit;

/// Residents when nothing else says how many.
const DEFAULT_PEOPLE: u64 = 1_000_000;

/// `new`
pub fn new(cli: &Cli, args: &New) -> Exit {
    match &args.grid {
        Some(grid) => around(cli, args, grid),
        None => from_statistics(cli, args),
    }
}

fn from_statistics(cli: &Cli, args: &New) -> Exit {
    let people = args.people.unwrap_or(DEFAULT_PEOPLE);
    let draft = match synth::region(&Spec { people, seed: args.seed }) {
        Ok(draft) => draft,
        Err(error) => {
            diagnostics::say(&error.to_string());
            return Exit::Usage;
        }
    };
    let provenance = format!(
        "Fictional region made by blackstart {} for {people} people with seed {}.",
        env!("CARGO_PKG_VERSION"),
        args.seed
    );
    let written = blackstart_io::write_region(&draft, &args.region, &provenance);
    written.map_or_else(|error| refuse(cli, &args.region, &error), |()| show(cli, &args.region))
}

fn around(cli: &Cli, args: &New, grid: &Path) -> Exit {
    // A MATPOWER case stays a file of its own in the region; other formats become tables.
    let is_case = GridFormat::of(grid).is_ok_and(|f| f == GridFormat::Matpower);
    let case =
        if is_case { blackstart_io::read_matpower(grid) } else { blackstart_io::read_grid(grid) };
    let mut problems = case.problems;
    let mut heat = None;
    if let Some(file) = &args.heat {
        let read = blackstart_io::read_heat(file);
        problems.extend(read.problems);
        heat = read.network;
    }
    let mut waters = Vec::new();
    for file in &args.water {
        let read = blackstart_io::read_inp(file);
        problems.extend(read.problems);
        waters.extend(read.network);
    }
    let wrong = diagnostics::print(&problems, cli.format, cli.quiet);
    let Some(case) = case.network.filter(|_| !wrong) else {
        return Exit::InvalidInput;
    };
    let stem = grid.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let spec = AssembleSpec {
        name: format!("Around {stem}"),
        cities: args.areas,
        people: args.people.map(|p| p as f64),
        seed: args.seed,
    };
    let assembled = match synth::assemble(&spec, case, &waters, heat) {
        Ok(assembled) => assembled,
        Err(error) => {
            diagnostics::say(&error.to_string());
            return Exit::InvalidInput;
        }
    };
    let mut provenance = format!(
        "Put together by blackstart {} around {} with seed {}.",
        env!("CARGO_PKG_VERSION"),
        file_name(grid),
        args.seed
    );
    for note in &assembled.notes {
        provenance.push_str("\n- ");
        provenance.push_str(note);
    }
    let written = if is_case {
        blackstart_io::write_around(&assembled, grid, &args.water, &args.region, &provenance)
    } else {
        blackstart_io::write_region(&assembled.draft, &args.region, &provenance)
    };
    written.map_or_else(|error| refuse(cli, &args.region, &error), |()| show(cli, &args.region))
}

fn refuse(cli: &Cli, folder: &Path, error: &WriteError) -> Exit {
    let problem = diagnostics::file_problem(folder, error.to_string(), None);
    diagnostics::print(&[problem], cli.format, cli.quiet);
    Exit::Failure
}

/// Reads back what was written, so that what is said is what the folder holds.
fn show(cli: &Cli, folder: &Path) -> Exit {
    let read = blackstart_io::read_region(folder);
    // Notes of the foreign files were told when they were read first.
    let wrong = diagnostics::print(&read.problems, cli.format, true);
    let Some(region) = read.region.filter(|_| !wrong) else {
        return Exit::InvalidInput;
    };
    if !cli.quiet {
        let next = format!(
            "Written to {}. Next: blackstart run {} --scenario FILE",
            folder.display(),
            folder.display()
        );
        diagnostics::print_data(&format!("{}\n{next}", describe(&region)));
    }
    Exit::Ok
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}
