//! Writes `docs/validation/grid.md`: what the grid engine says beside what outside
//! programs and publications say.
//!
//!     python3 testdata/peers/setup.py
//!     cargo run --release -p blackstart-bench --bin grid_validation
//!
//! The expected values are those that the comparison tests use: computed once by pinned
//! peers into `.cache/peers`, or in `testdata/cases` with their source.
#![allow(clippy::print_stdout, reason = "a program whose output is a page")]

mod damaged;
mod dispatch;
mod optimal;
mod outages;
mod power_flow;
mod published;
mod tables;

use std::path::{Path, PathBuf};

/// What the set-up of the comparison tests fetched and computed.
fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(|| root().join(".cache/peers"), PathBuf::from)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const HEAD: &str = "\
# What the grid engine is compared with

Regenerate with `python3 testdata/peers/setup.py` and then
`cargo run --release -p blackstart-bench --bin grid_validation`. The same comparisons, with
the tolerances stated here, are tests: `cargo test --features peers`. Outages of single
branches, batches of scenarios and optimal power flows are compared with lightsim2grid,
p3s-cpp and Ipopt by `bench/grid.py`, whose table (`bench/GRID.md`) states the agreement of
every result.

";

type Section = fn(&Path) -> Result<String, String>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sections: [(&str, Section); 8] = [
        ("Power flow", power_flow::ac),
        ("Power flow, DC", power_flow::dc),
        ("Outages", outages::section),
        ("Maximal load delivery, published values", published::section),
        ("Maximal load delivery, DC, damaged cases", dispatch::section),
        ("Maximal load delivery, AC beside its bound, damaged cases", damaged::section),
        ("Optimal power flow, AC", optimal::ac),
        ("Optimal power flow, DC", optimal::dc),
    ];
    let mut page = HEAD.to_owned();
    for (title, section) in sections {
        println!("{title}");
        page.push_str(&format!("## {title}\n\n{}\n", section(&peers())?));
    }
    let path = root().join("docs/validation/grid.md");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, page)?;
    Ok(())
}
