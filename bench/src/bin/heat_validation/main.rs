//! Writes `docs/validation/heat.md`: what heat networks and pipes do beside what publications
//! and other programs say.
//!
//!     python3 testdata/peers/setup.py
//!     cargo run --release -p blackstart-bench --bin heat_validation
#![allow(clippy::print_stdout, reason = "a program whose output is a page")]

// The cases are the tests' own, and so is how they fail.
#[path = "../../../../crates/blackstart-io/tests/heat_peers/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod heat_peers;
#[path = "../../../../crates/blackstart/tests/heat_reference/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
mod heat_reference;
mod peers;
mod sections;

use std::path::Path;

const HEAD: &str = "\
# What heat networks are compared with

Regenerate with `python3 testdata/peers/setup.py` and then
`cargo run --release -p blackstart-bench --bin heat_validation`. Everything here is tested too:
`crates/blackstart/tests/heat_nets.rs` and `heat_pipes.rs` on every run,
`crates/blackstart-io/tests/peers_heat.rs` with `--features peers`. Networks have explicit supply
and return (`heat::net`); the region's pipe pairs are compared with Barry Island and DESTEST 0 in
`crates/blackstart/tests/heat_cases.rs`. Where the data come from stands in the folders of
`testdata/cases`. *agrees*: within the range of the references, or within the tolerance beside it.

";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = [
        HEAD.to_owned(),
        sections::networks()?,
        sections::week()?,
        peers::meshed()?,
        peers::open_modelica()?,
        sections::shortage()?,
        sections::pipes()?,
        sections::curve()?,
        sections::MISSING.to_owned(),
    ]
    .join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/validation/heat.md");
    std::fs::write(&path, page)?;
    println!("{}", path.display());
    Ok(())
}
