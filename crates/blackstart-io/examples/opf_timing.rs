//! Times AC optimal power flow, and AC maximal load delivery after damage, on MATPOWER cases.
//!
//! `cargo run --release -p blackstart-io --example opf_timing -- [SEEDS] CASE.m …`
//! prints one line per case for the optimal power flow: status, cost per hour, iterations
//! and milliseconds; and, for SEEDS > 0, one line per damage (a tenth of all branches and
//! generators out): status, what is served, iterations and milliseconds.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::time::Instant;

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{DeliverOptions, Formulation, deliver};
use blackstart::grid::opf::{OptimalFlowOptions, ac_optimal_flow};
use blackstart::region::{Grid, Region, RegionDraft};
use blackstart_io::formats::matpower;

/// A number from 0 to 1 out of a seed and a place (SplitMix64: Steele, Lea, Flood, 2014).
fn draw(seed: u64, place: u64) -> f64 {
    let mut z = (seed << 32 ^ place).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

fn damaged(grid: &Grid, seed: u64) -> Snapshot {
    let mut at = Snapshot::of(grid);
    for (k, up) in at.branch_in_service.iter_mut().enumerate() {
        *up &= draw(seed, k as u64) > 0.1;
    }
    for (k, up) in at.generator_in_service.iter_mut().enumerate() {
        *up &= draw(seed, 1 << 31 | k as u64) > 0.1;
    }
    at
}

fn main() {
    let mut seeds = 0;
    for name in std::env::args().skip(1) {
        if let Ok(n) = name.parse() {
            seeds = n;
            continue;
        }
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
        let n = grid.buses.len();
        let start = Instant::now();
        let flow = ac_optimal_flow(grid, &Snapshot::of(grid), &OptimalFlowOptions::default());
        let ms = 1e3 * start.elapsed().as_secs_f64();
        let (cost, its) = (flow.cost_per_h, flow.iterations);
        println!(
            "{case:28} {n:6} buses  {:?} {cost:.4} per h, {its} iterations, {ms:.1} ms",
            flow.status
        );
        for seed in 0..=seeds {
            let at = if seed == 0 { Snapshot::of(grid) } else { damaged(grid, seed) };
            let options =
                DeliverOptions { formulation: Formulation::Ac, ..DeliverOptions::default() };
            let start = Instant::now();
            let d = deliver(grid, &at, &options);
            let ms = 1e3 * start.elapsed().as_secs_f64();
            let (served, its) = (d.total_served_mw(), d.iterations);
            let demand: f64 = at.load_p_mw.iter().sum();
            println!(
                "{case:28} {n:6} buses  seed {seed:3} serves {served:.2} of {demand:.2} MW, objective \
                 {:.5}, {its} iterations, {ms:.1} ms {:?}",
                d.objective.total(),
                d.status
            );
        }
    }
}
