//! Milliseconds per dispatch on damaged public MATPOWER cases, one thread.
//!
//! `cargo run --release -p blackstart-io --example grid_timing`, after
//! `testdata/peers/setup.py`. The instances are those that tests compare with HiGHS; the
//! ones called `tight` have ratings that bind.
#![allow(clippy::print_stdout)]

#[path = "../tests/grid_case/mod.rs"]
mod grid_case;

use std::time::Instant;

use blackstart::grid::{GridSolver, Switching};
use grid_case::{Hour, case, peers, rows};

/// Median of a few runs, ms.
fn median_ms(mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    println!(
        "{:26} {:>6} {:>10} {:>4} {:>12} {:>7}",
        "instance", "buses", "ms", "it", "ms, switch", "opened"
    );
    let folder = peers().join("grid");
    for row in rows(&folder.join("instances.csv")) {
        let grid = case(&row[1]);
        let mut hour = Hour::intact(&grid);
        hour.damage(&folder.join(format!("{}.csv", row[0])));
        let mut closed = GridSolver::new(&grid).with_switching(None);
        let mut open = GridSolver::new(&grid).with_switching(Some(Switching::default()));
        let iterations = closed.dispatch(&grid, &hour.input()).iterations;
        let opened = open.dispatch(&grid, &hour.input()).opened.len();
        let ms = median_ms(|| drop(closed.dispatch(&grid, &hour.input())));
        let with = median_ms(|| drop(open.dispatch(&grid, &hour.input())));
        println!(
            "{:26} {:>6} {ms:>10.3} {iterations:>4} {with:>12.3} {opened:>7}",
            row[0],
            grid.buses.len(),
        );
    }
}
