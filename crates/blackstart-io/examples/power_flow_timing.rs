//! Milliseconds per AC power flow of public MATPOWER cases, one thread: cold (everything
//! from the tables on), warm (other injections), in batches (per scenario).
//!
//! `cargo run --release -p blackstart-io --example power_flow_timing [CASE …]`, after
//! `testdata/peers/setup.py`. Least wall times of several runs.
#![allow(clippy::print_stdout)]

#[path = "../tests/grid_case/mod.rs"]
mod grid_case;

use std::time::Instant;

use blackstart::grid::{PowerFlowOptions, PowerFlowSolver, Snapshot};
use grid_case::case;

/// Least time of several runs, ms.
fn least_ms(mut run: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    let begin = Instant::now();
    for k in 0..200 {
        let start = Instant::now();
        run();
        least = least.min(start.elapsed().as_secs_f64() * 1e3);
        if k >= 2 && begin.elapsed().as_secs_f64() > 1.0 {
            break;
        }
    }
    least
}

fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        let usual = "case118 case1354pegase case2869pegase case9241pegase case_ACTIVSg10k \
                     case13659pegase case_ACTIVSg25k case_ACTIVSg70k";
        names = usual.split_whitespace().map(str::to_owned).collect();
    }
    println!("{:20} {:>6} {:>3} {:>9} {:>9}", "case", "buses", "it", "cold ms", "warm ms");
    for name in names {
        let grid = case(&name);
        let at = Snapshot::of(&grid);
        let options = PowerFlowOptions::default();
        let mut solver = PowerFlowSolver::new(&grid);
        let flow = solver.solve(&grid, &at, &options);
        let island = &flow.islands[0];
        let cold = least_ms(|| {
            let _ = PowerFlowSolver::new(&grid).solve(&grid, &at, &options);
        });
        let warm = least_ms(|| {
            let _ = solver.solve(&grid, &at, &options);
        });
        println!(
            "{name:20} {:>6} {:>3} {cold:>9.3} {warm:>9.3}  {:?}",
            grid.buses.len(),
            island.iterations,
            island.status
        );
    }
}
