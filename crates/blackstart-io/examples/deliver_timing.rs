//! CPU milliseconds per dispatch of damaged public MATPOWER cases, one thread, without
//! opening branches: the linear program that HiGHS gets too.
//!
//! `cargo run --release -p blackstart-io --example deliver_timing [NAME…]`, after
//! `testdata/peers/setup.py`. Three columns of times: `cold` from the grid's tables, order
//! and analysis included; `damage` the same with a solver that is there already; `hour`
//! the same damage with other demands and limits, hour after hour.
#![allow(clippy::print_stdout)]

#[path = "../tests/grid_case/mod.rs"]
mod grid_case;

use std::fs;

use blackstart::grid::GridSolver;
use blackstart::region::Grid;
use grid_case::{Hour, case, peers, rows};

/// CPU time of this thread, ms.
fn cpu_ms() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = text.split(' ').next().and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    ns / 1e6
}

/// Least of a few means, each over at least 20 ms.
fn time_ms(mut run: impl FnMut(usize)) -> f64 {
    let mut at = 0;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = cpu_ms();
        let mut count = 0;
        while count == 0 || cpu_ms() - start < 20.0 {
            run(at);
            at += 1;
            count += 1;
        }
        best = best.min((cpu_ms() - start) / f64::from(count));
    }
    best
}

/// The hour with demands and largest outputs moved by a few percent, differently every
/// time.
fn move_limits(hour: &mut Hour, grid: &Grid, full: &Hour, at: usize) {
    for (k, d) in hour.demands.iter_mut().enumerate() {
        let wave = ((at * 37 + k * 11) % 29) as f64 / 29.0;
        d.p_mw = full.demands[k].p_mw * (0.96 + 0.06 * wave);
    }
    for g in 0..grid.generators.len() {
        let wave = ((at * 17 + g * 5) % 23) as f64 / 23.0;
        hour.p_max[g] = full.p_max[g] * (0.97 + 0.03 * wave);
    }
}

fn main() {
    println!(
        "{:26} {:>6} {:>10} {:>10} {:>10} {:>4} {:>5}",
        "instance", "buses", "cold, ms", "damage, ms", "hour, ms", "it", "hour"
    );
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let folder = peers().join("grid");
    for row in rows(&folder.join("instances.csv")) {
        if !chosen.is_empty() && !chosen.iter().any(|c| row[0].starts_with(c.as_str())) {
            continue;
        }
        let grid = case(&row[1]);
        let mut full = Hour::intact(&grid);
        full.damage(&folder.join(format!("{}.csv", row[0])));
        // Another damage of the same size: the same outages, one row further.
        let mut other = Hour::intact(&grid);
        for l in 0..grid.branches.len() {
            let hit = full.branch[l] != grid.branches[l].in_service;
            other.branch[(l + 1) % grid.branches.len()] &= !hit;
        }
        other.rate.clone_from(&full.rate);
        other.p_max.clone_from(&full.p_max);
        let make = || GridSolver::new(&grid).with_switching(None);
        let iterations = make().dispatch(&grid, &full.input()).iterations;
        let cold = time_ms(|_| drop(make().dispatch(&grid, &full.input())));
        // Two damages in turn: nothing of the last answer can be used.
        let mut solver = make();
        let pair = time_ms(|at| {
            let hour = if at % 2 == 0 { &full } else { &other };
            drop(solver.dispatch(&grid, &hour.input()));
        });
        let mut moving = Hour::intact(&grid);
        moving.damage(&folder.join(format!("{}.csv", row[0])));
        let mut solver = make();
        let (mut most, mut count) = (0, 0);
        let hour = time_ms(|at| {
            move_limits(&mut moving, &grid, &full, at);
            most += solver.dispatch(&grid, &moving.input()).iterations;
            count += 1;
        });
        println!(
            "{:26} {:>6} {cold:>10.3} {pair:>10.3} {hour:>10.3} {iterations:>4} {:>5.1}",
            row[0],
            grid.buses.len(),
            f64::from(most) / f64::from(count),
        );
    }
}
