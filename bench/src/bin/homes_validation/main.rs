//! Writes `docs/validation/buildings.md`: what homes do beside what standards, publications
//! and other programs say.
//!
//!     python3 testdata/peers/setup.py
//!     cargo run --release -p blackstart-bench --bin homes_validation
#![allow(clippy::print_stdout, reason = "a program whose output is a page")]

#[path = "../../../../crates/blackstart-io/tests/bestest/mod.rs"]
mod bestest;
mod sections;

use std::path::{Path, PathBuf};

/// What the set-up of the comparison tests computed.
fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(|| root().join(".cache/peers"), PathBuf::from)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const HEAD: &str = "\
# What homes that cool are compared with

Regenerate with `python3 testdata/peers/setup.py` and then
`cargo run --release -p blackstart-bench --bin homes_validation`. Most of it is tested too:
`crates/blackstart-io/tests/homes_bestest.rs` on every run, `peers_homes.rs` with
`--features peers`. The models are described in `docs/buildings.md`.

";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = [
        HEAD.to_owned(),
        sections::free_float()?,
        sections::annex_c(&peers())?,
        sections::outage(&peers())?,
        sections::time_constants()?,
        sections::pipes()?,
    ]
    .join("\n");
    let path = root().join("docs/validation/buildings.md");
    std::fs::write(&path, page)?;
    println!("{}", path.display());
    Ok(())
}
