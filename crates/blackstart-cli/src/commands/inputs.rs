//! What `run`, `compare` and `merge` read: a region and a scenario for it.

use std::path::Path;

use blackstart::region::{Region, closest};
use blackstart::scenario::{GridPolicy, PolicyCase, Scenario};
use blackstart_io::InputProblem;

use crate::args::{Cli, Given, GridModel};
use crate::diagnostics;
use crate::exit::Exit;

/// A region and a scenario with where they came from.
pub struct Inputs {
    pub region: Region,
    pub scenario: Scenario,
    /// The policies that the scenario puts side by side.
    pub cases: Vec<PolicyCase>,
    pub hashes: Vec<(String, String)>,
    pub notes: Vec<String>,
    /// What the command line set in the scenario's place: name and value.
    pub settings: Vec<(String, String)>,
}

/// Reads both, with what the command line sets in the scenario's place.
pub fn read(cli: &Cli, given: &Given) -> Result<Inputs, Exit> {
    let read = blackstart_io::read_region(&given.region);
    let wrong = diagnostics::print(&read.problems, cli.format, cli.quiet);
    let Some(region) = read.region.filter(|_| !wrong) else {
        return Err(Exit::InvalidInput);
    };
    let mut notes = notes_of(&read.problems);
    let told = blackstart_io::read_scenario(&given.scenario, &region);
    let wrong = diagnostics::print(&told.problems, cli.format, cli.quiet);
    let Some(mut scenario) = told.scenario.filter(|_| !wrong) else {
        return Err(Exit::InvalidInput);
    };
    notes.extend(notes_of(&told.problems));
    let mut settings = Vec::new();
    if let Some(seed) = given.seed {
        scenario.seed = seed;
        settings.push(("seed".to_owned(), seed.to_string()));
    }
    if let Some(grid) = given.grid {
        let (policy, word) = match grid {
            GridModel::Dc => (GridPolicy::Dc, "dc"),
            GridModel::DcChecked => (GridPolicy::DcChecked, "dc-checked"),
            GridModel::Ac => (GridPolicy::Ac, "ac"),
        };
        scenario.policy.grid = policy;
        settings.push(("grid".to_owned(), word.to_owned()));
    }
    let hashes = read
        .inputs
        .iter()
        .chain(&told.inputs)
        .map(|(path, hash)| (file_name(path), hash.clone()))
        .collect();
    Ok(Inputs { region, scenario, cases: told.cases, hashes, notes, settings })
}

impl Inputs {
    /// The scenario under the policy called `name`.
    pub fn under(&mut self, name: &str) -> Result<(), Exit> {
        if let Some(case) = self.cases.iter().find(|case| case.name == name) {
            self.scenario = self.scenario.drawn(0).under(case);
            self.settings.push(("policy".to_owned(), name.to_owned()));
            return Ok(());
        }
        let names = || self.cases.iter().map(|case| case.name.as_str());
        let help = match closest(name, names()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if self.cases.is_empty() => "it has no [[compare]]".to_owned(),
            None => format!("it has \"{}\"", names().collect::<Vec<_>>().join("\", \"")),
        };
        diagnostics::say(&format!("the scenario has no policy \"{name}\"; {help}"));
        Err(Exit::Usage)
    }
}

pub fn notes_of(problems: &[InputProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// Names in the output do not carry the paths of one machine.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
