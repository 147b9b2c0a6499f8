//! Milliseconds per AC power flow of public MATPOWER cases, one thread: cold (everything
//! from the tables on), warm (other injections), in batches (per scenario).
//!
//! One thread: set `RAYON_NUM_THREADS=1`.
//!
//! `cargo run --release -p blackstart-io --example power_flow_timing [CASE …]`, after
//! `testdata/peers/setup.py`. Least processor times of several
//! runs (Linux).
#![allow(clippy::print_stdout)]

#[path = "../tests/grid_case/mod.rs"]
mod grid_case;

use std::fs;
use std::time::Instant;

use blackstart::grid::{PowerFlowOptions, PowerFlowSolver, Snapshot};
use grid_case::case;

/// Processor time of this process in ms: what other programs take does not count.
fn cpu_ms() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux");
    let nanoseconds = |task: fs::DirEntry| -> Option<f64> {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    tasks.flatten().filter_map(nanoseconds).sum::<f64>() / 1e6
}

/// Least time of several runs, ms.
fn least_ms(mut run: impl FnMut()) -> f64 {
    let start = cpu_ms();
    run();
    // Several runs at once, so that taking the time does not count.
    let once = (20.0 / (cpu_ms() - start).max(0.01)).ceil().clamp(1.0, 2_000.0) as usize;
    let mut least = f64::INFINITY;
    let begin = Instant::now();
    for k in 0..50 {
        let start = cpu_ms();
        for _ in 0..once {
            run();
        }
        least = least.min((cpu_ms() - start) / once as f64);
        if k >= 2 && begin.elapsed().as_secs_f64() > 2.0 {
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
    println!(
        "{:20} {:>6} {:>3} {:>9} {:>9} {:>9} {:>9}",
        "case", "buses", "it", "cold ms", "warm ms", "loads ms", "damage ms"
    );
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
        // Other loads in every scenario; in half of the columns 2 % of the branches out, too.
        let scenario = |k: usize, damaged: bool| {
            let mut at = at.clone();
            for (d, p) in at.load_p_mw.iter_mut().enumerate() {
                *p *= 1.0 + 0.02 * (draw(k, d) - 0.5);
            }
            for (l, up) in at.branch_in_service.iter_mut().enumerate() {
                *up &= !(damaged && draw(k + 1_000, l) < 0.02);
            }
            at
        };
        let count = (2_000_000 / grid.buses.len()).clamp(32, 512);
        let options = PowerFlowOptions { fallbacks: false, ..options };
        let mut batch = |damaged: bool| {
            let scenarios: Vec<Snapshot> = (0..count).map(|k| scenario(k, damaged)).collect();
            let mut solved = 0;
            let ms = least_ms(|| {
                // A copy of the tables is part of the price of a state.
                let state = |k: usize| scenarios[k].clone();
                let all = solver.solve_batch(&grid, count, state, &options, |_, f| f.solved());
                solved = all.into_iter().filter(|s| *s).count();
            });
            (ms / count as f64, solved)
        };
        let ((loads, solved), (damage, whole)) = (batch(false), batch(true));
        println!(
            "{name:20} {:>6} {:>3} {cold:>9.3} {warm:>9.3} {loads:>9.3} {damage:>9.3}  {:?}; {solved} and \
             {whole} of {count} solved",
            grid.buses.len(),
            island.iterations,
            island.status
        );
    }
}

/// A number from 0 to 1 that depends on both arguments alone.
fn draw(k: usize, i: usize) -> f64 {
    let x = (k as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (i as u64 + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 29)) >> 11) as f64 / (1u64 << 53) as f64
}
