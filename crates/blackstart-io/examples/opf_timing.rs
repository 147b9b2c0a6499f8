//! Times AC optimal power flow and AC maximal load delivery on MATPOWER cases.
//!
//! `cargo run --release -p blackstart-io --example opf_timing -- CASE.m …`
//! prints one line per case: status, cost per hour, iterations and milliseconds.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use blackstart::grid::Snapshot;
use blackstart::grid::opf::{OptimalFlowOptions, ac_optimal_flow};
use blackstart::region::{Region, RegionDraft};
use blackstart_io::formats::matpower;

fn main() {
    for name in std::env::args().skip(1) {
        let path = Path::new(&name);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) => {
                println!("{name}: {e}");
                continue;
            }
        };
        let grid = matpower::parse(&text, path).value;
        let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
        let Some(region) = checked.region else {
            println!("{name}: {:?}", checked.problems.first());
            continue;
        };
        let (grid, case) = (region.grid(), path.file_stem().unwrap_or_default().to_string_lossy());
        let at = Snapshot::of(grid);
        let start = Instant::now();
        let flow = ac_optimal_flow(grid, &at, &OptimalFlowOptions::default());
        let ms = 1e3 * start.elapsed().as_secs_f64();
        println!(
            "{case:28} {:6} buses  opf {:?} {:.4} per h, {} iterations, {ms:.1} ms",
            grid.buses.len(),
            flow.status,
            flow.cost_per_h,
            flow.iterations
        );
    }
}
