//! Outages per second of processor time: every branch and unit of public MATPOWER cases, best of three.
//!
//! `RAYON_NUM_THREADS=1 cargo run --release -p blackstart-io --example outages_timing [-- CASE…]`, after
//! `testdata/peers/setup.py`. Reading, and the power flow before any outage, count too.
#![allow(clippy::print_stdout)]

#[path = "../tests/grid_case/mod.rs"]
mod grid_case;

use std::time::Instant;

use blackstart::grid::outages::{OutageOptions, OutageStatus, every_element, outages};
use blackstart::grid::{Method, PowerFlowOptions, Snapshot};
use grid_case::case;

/// Processor time of all threads so far, s; where the system does not tell, time by the
/// clock.
fn seconds(start: Instant) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    let sum: f64 = spent.sum();
    if sum > 0.0 { sum * 1e-9 } else { start.elapsed().as_secs_f64() }
}

fn main() {
    let clock = Instant::now();
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        names =
            ["case118", "case1354pegase", "case2869pegase", "case9241pegase", "case13659pegase"]
                .map(String::from)
                .to_vec();
    }
    println!(
        "{:18} {:>6} {:>8} {:>7} {:>9} {:>10} {:>12}",
        "case", "method", "outages", "split", "unsolved", "ms", "outages/s"
    );
    for name in &names {
        let grid = case(name);
        let at = Snapshot::of(&grid);
        let elements = every_element(&grid, &at);
        for method in [Method::Dc, Method::Newton] {
            let options = OutageOptions {
                power_flow: PowerFlowOptions { method, ..PowerFlowOptions::default() },
                ..OutageOptions::default()
            };
            let mut best = f64::INFINITY;
            let mut found = None;
            for _ in 0..3 {
                let start = seconds(clock);
                found = Some(outages(&grid, &at, &elements, &options));
                best = best.min(seconds(clock) - start);
            }
            let Some(found) = found else { continue };
            let split = found.rows.iter().filter(|r| r.islands_formed > 0).count();
            let unsolved = found.rows.iter().filter(|r| r.status != OutageStatus::Solved).count();
            println!(
                "{name:18} {:>6} {:>8} {split:>7} {unsolved:>9} {:>10.2} {:>12.0}",
                format!("{method:?}"),
                elements.len(),
                best * 1e3,
                elements.len() as f64 / best,
            );
        }
    }
}
