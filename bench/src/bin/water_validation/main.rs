//! Writes `docs/validation/water.md`: heads and flows of public networks beside EPANET's.
//!
//!     python3 testdata/peers/setup.py
//!     cargo run --release -p blackstart-bench --bin water_validation
//!
//! EPANET's values are those that the comparison tests use, computed once into `.cache/peers`.
#![allow(clippy::print_stdout, reason = "a program whose output is a page")]

#[path = "../../../../crates/blackstart-io/tests/known/mod.rs"]
mod known;
mod page;
#[path = "../../../../crates/blackstart-io/tests/water_period/mod.rs"]
mod water_period;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use water_period::{Difference, RUNS, compare, name, network, networks, versions};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the set-up of the comparison tests fetched and computed.
fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(|| root().join(".cache/peers"), PathBuf::from)
}

/// One run beside EPANET's.
struct Line {
    network: String,
    nodes: usize,
    links: usize,
    version: &'static str,
    mode: &'static str,
    run: &'static str,
    difference: Option<Difference>,
    /// How far EPANET 2.3 is from this version, heads and flows.
    versions: Option<[[f64; 3]; 2]>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let peers = peers();
    let mut jobs = Vec::new();
    for file in networks(&peers)? {
        for (version, runs) in RUNS {
            for mode in ["dda", "pda"] {
                jobs.extend(runs.iter().map(|run| (file.clone(), version, mode, *run)));
            }
        }
    }
    let line =
        |(file, version, mode, run): &(PathBuf, &'static str, &'static str, &'static str)| {
            let (water, _) = network(file)?;
            let line = Line {
                network: name(file),
                nodes: water.node_count(),
                links: water.pipes.len() + water.pumps.len() + water.valves.len(),
                version,
                mode,
                run,
                difference: compare(&peers, version, file, (mode, run)),
                versions: (*version == "2.2")
                    .then(|| versions(&peers, file, (mode, run)))
                    .flatten(),
            };
            println!("{} {version} {mode} {run}", line.network);
            Some(line)
        };
    let lines: Vec<Line> = jobs.par_iter().filter_map(line).collect();
    let path = root().join("docs/validation/water.md");
    std::fs::write(path, page::page(&lines))?;
    Ok(())
}
