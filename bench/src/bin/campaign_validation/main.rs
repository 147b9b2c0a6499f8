//! Writes `docs/validation/campaign.md`: the fictional region under drawn campaigns beside
//! public aggregates of what happened.
//!
//!     cargo run --release -p blackstart-bench --bin campaign_validation [DRAWS]
#![allow(clippy::print_stdout, reason = "a program whose output is a page")]

mod anchors;
mod course;
mod page;
mod plot;
mod winters;

use std::path::{Path, PathBuf};

use blackstart::region::Region;
use blackstart::synth::{self, Spec};

/// Draws of every winter without a number given.
const DRAWS: u32 = 60;
const PEOPLE: u64 = 1_000_000;
const SEED: u64 = 7;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let draws = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => DRAWS,
    };
    let region = Region::check(synth::region(&Spec { people: PEOPLE, seed: SEED })?)
        .region
        .ok_or("the region is not healthy")?;
    let mut found = Vec::new();
    for winter in winters::ALL {
        let scenario = winter.scenario(&region)?;
        found.push(course::run(&region, &scenario, draws));
        println!("{} done", winter.title);
    }
    let plots = root().join("docs/images");
    std::fs::create_dir_all(&plots)?;
    let page = page::page(&found, draws, &plots)?;
    let path = root().join("docs/validation/campaign.md");
    std::fs::write(&path, page)?;
    println!("{}", path.display());
    Ok(())
}
