//! Draws and policies of the region of a million people: time per scenario-hour and core,
//! on one thread and on two.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::Instant;

use blackstart::ensemble;
use blackstart::region::Region;
use blackstart::scenario::{Halt, Measure, PolicyCase, Scenario};

const DRAWS: u32 = 32;
const ROUNDS: usize = 3;
const THREADS: [usize; 2] = [1, 2];
/// The work that the project has set itself a time for.
const AIM_DRAWS: f64 = 1000.0;

/// Measures; a table for the page.
pub fn table(region: &Region, scenario: &Scenario) -> Result<String, rayon::ThreadPoolBuildError> {
    let halt = Halt {
        name: "halt".into(),
        from_h: 0.0,
        until_h: f64::INFINITY,
        disputed_h: 0.0,
        covers: [true; 4],
        removes_share: 0.9,
        leakage_share: 0.0,
    };
    let cases = [
        PolicyCase { name: "as it is".into(), measures: Vec::new() },
        PolicyCase { name: "halt".into(), measures: vec![Measure::Halt(halt)] },
    ];
    let draws: Vec<u32> = (0..DRAWS).collect();
    let mut spent_s = [(); THREADS.len()].map(|()| Vec::new());
    for round in 0..=ROUNDS {
        for (slot, threads) in spent_s.iter_mut().zip(THREADS) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let began = Instant::now();
            pool.install(|| {
                ensemble::run(region, scenario, &cases, &draws, |_| ControlFlow::Continue(()));
            });
            if round > 0 {
                slot.push(began.elapsed().as_secs_f64());
            }
        }
    }
    let hours = f64::from(DRAWS) * cases.len() as f64 * f64::from(scenario.horizon_h);
    let mut out = format!(
        "\n## Many draws\n\n{DRAWS} draws of that night at a million people under two policies, \
         {:.0} scenario-hours, median of {ROUNDS} interleaved rounds; without writing draws.\n\n\
         | threads | s | scenario-hours a second | ms per scenario-hour and core | 1000 draws × 168 h × \
         2 policies, minutes |\n|---|---|---|---|---|\n",
        hours
    );
    for (slot, threads) in spent_s.iter().zip(THREADS) {
        let s = super::median(slot.iter().copied());
        let _ = writeln!(
            out,
            "| {threads} | {s:.2} | {:.0} | {:.2} | {:.1} |",
            hours / s,
            s * 1e3 * threads as f64 / hours,
            s / 60.0 * AIM_DRAWS / f64::from(DRAWS)
        );
    }
    let [one, two] = [0, 1].map(|k| super::median(spent_s[k].iter().copied()));
    let _ = writeln!(out, "\nTwo threads are {:.2} times as fast as one.", one / two);
    if let Some(mib) = peak_mib() {
        let _ = writeln!(out, "Most memory of the whole bench: {mib:.0} MiB.");
    }
    Ok(out)
}

/// Most memory that this process has held, where the system tells it.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
