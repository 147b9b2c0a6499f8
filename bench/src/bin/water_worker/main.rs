//! blackstart's side of `bench/water.py`: prints what one run of a water network by itself
//! takes, in ms of processor time, as one line of JSON.
//!
//!     water_worker NET.inp dda|pda|out SECONDS
//!     water_worker NET.inp batch-dda|batch-pda SECONDS
//!
//! The second form runs many scenarios of a network: each alone, together on one thread, and
//! on two, with the analysis of the graph; scenarios in a second of processor time.
//!
//! Reading, checking and the analysis of the graph are not counted, as EPANET's are not.
#![allow(clippy::print_stdout, reason = "a program that answers on standard output")]

mod batch;

use std::path::Path;

use blackstart::region::Water;
use blackstart::water::{Period, PeriodTimes};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Pumps are dark from hour 2 to hour 20.
const DARK_S: std::ops::Range<i64> = 2 * 3600..20 * 3600;
/// The longest run, s.
const MOST_S: i64 = 72 * 3600;

/// Processor time of this process so far, s.
#[expect(clippy::cast_precision_loss)]
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// Solutions, Newton steps, and solutions that are not to tolerance.
struct Run {
    solutions: usize,
    iterations: usize,
    degraded: usize,
}

fn run(mut period: Period<'_>) -> Run {
    let mut run = Run { solutions: 0, iterations: 0, degraded: 0 };
    loop {
        run.degraded += usize::from(period.solve_only().is_degraded());
        run.solutions += 1;
        run.iterations += period.moment().iterations;
        if !period.advance() {
            return run;
        }
    }
}

fn load(path: &Path) -> Result<(Water, PeriodTimes), Box<dyn std::error::Error>> {
    let read = blackstart_io::load_water(path);
    let mut water = read.water.ok_or("the network is not sound")?;
    water.options.min_pressure_m = 0.0;
    water.options.required_pressure_m = 20.0;
    water.options.pressure_exponent = 0.5;
    let mut times = read.times;
    let own = if times.duration_s > 0 { times.duration_s } else { 24 * 3600 };
    times.duration_s = own.min(MOST_S);
    Ok((water, times))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, mode, seconds] = arguments.as_slice() else {
        return Err("water_worker NET.inp dda|pda|out|batch-dda|batch-pda SECONDS".into());
    };
    let seconds: f64 = seconds.parse()?;
    let (water, mut times) = load(Path::new(path))?;
    if let Some(model) = mode.strip_prefix("batch-") {
        println!("{}", batch::measure(&water, &times, model == "dda", seconds)?);
        return Ok(());
    }
    if mode == "out" {
        times.pumps_off_s.push(DARK_S);
    }
    let fresh = Period::new(&water, times).demand_driven(mode == "dda");
    let mut last = run(fresh.clone());
    let (mut spent, mut runs) = (0.0, 0_u32);
    while spent < seconds {
        let period = fresh.clone();
        let start = cpu_s();
        last = run(period);
        spent += cpu_s() - start;
        runs += 1;
    }
    println!(
        "{}",
        json!({
            "ms": spent / f64::from(runs) * 1e3,
            "solutions": last.solutions,
            "iterations": last.iterations,
            "degraded": last.degraded,
        })
    );
    Ok(())
}
