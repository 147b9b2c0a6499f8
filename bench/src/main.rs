//! Times a night on five sizes of region, single thread, and many draws of it, and writes the table that
//! the README quotes.
//!
//!     cargo run --release -p blackstart-bench            writes bench/RESULTS.md
//!
//! The sizes take turns in every round, so that a machine that slows down slows all of
//! them; figures are medians over the rounds.
#![allow(clippy::print_stdout, reason = "a program whose output is a table")]

mod ensemble;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use blackstart::region::Region;
use blackstart::scenario::Scenario;
use blackstart::sim::{self, Phase, Watch};
use blackstart::synth::{self, Spec};

const ROUNDS: usize = 5;
const PEOPLE: [u64; 5] = [50_000, 300_000, 1_000_000, 3_000_000, 5_000_000];
/// The size that ensembles are timed on.
const MILLION: u64 = 1_000_000;
const SEED: u64 = 7;

/// Adds up the time of each phase.
struct Stopwatch {
    since: Instant,
    phase: Option<usize>,
    spent_s: [f64; Phase::ALL.len()],
}

impl Stopwatch {
    fn new() -> Self {
        Self { since: Instant::now(), phase: None, spent_s: [0.0; Phase::ALL.len()] }
    }

    fn close(&mut self) {
        let now = Instant::now();
        if let Some(phase) = self.phase {
            self.spent_s[phase] += (now - self.since).as_secs_f64();
        }
        self.since = now;
    }
}

impl Watch for Stopwatch {
    fn phase(&mut self, phase: Phase) {
        self.close();
        self.phase = Some(phase as usize);
    }
}

/// One region with what was measured of it, by round.
struct Case {
    people: u64,
    region: Region,
    scenario: Scenario,
    synth_s: Vec<f64>,
    run_s: Vec<f64>,
    phase_s: Vec<[f64; Phase::ALL.len()]>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut cases = Vec::new();
    for people in PEOPLE {
        let region = make(people)?;
        let night = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/night.toml"));
        let read = blackstart_io::read_scenario(night, &region);
        let scenario = read.scenario.ok_or_else(|| format!("{:?}", read.problems))?;
        cases.push(Case {
            people,
            region,
            scenario,
            synth_s: vec![],
            run_s: vec![],
            phase_s: vec![],
        });
    }
    for round in 0..=ROUNDS {
        for case in &mut cases {
            let t0 = Instant::now();
            drop(make(case.people)?);
            let t1 = Instant::now();
            let mut watch = Stopwatch::new();
            let results = pool.install(|| sim::run(&case.region, &case.scenario, &mut watch));
            watch.close();
            let t2 = Instant::now();
            drop(results);
            // The first round warms caches up and does not count.
            if round > 0 {
                case.synth_s.push((t1 - t0).as_secs_f64());
                case.run_s.push((t2 - t1).as_secs_f64());
                case.phase_s.push(watch.spent_s);
            }
        }
    }
    let mut table = table(&cases);
    if let Some(case) = cases.iter().find(|c| c.people == MILLION) {
        table.push_str(&ensemble::table(&case.region, &case.scenario)?);
    }
    print!("{table}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
    std::fs::write(path, table)?;
    Ok(())
}

fn make(people: u64) -> Result<Region, String> {
    let draft = synth::region(&Spec { people, seed: SEED }).map_err(|e| e.to_string())?;
    let checked = Region::check(draft);
    checked.region.ok_or_else(|| format!("{:?}", checked.problems))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut v: Vec<f64> = values.collect();
    v.sort_by(f64::total_cmp);
    v[v.len() / 2]
}

fn table(cases: &[Case]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# Time per hour of simulation\n\n\
         A night like that of the shipped example (168 hours) on fictional regions, one thread, median of {ROUNDS} \
         interleaved rounds, milliseconds per simulated hour. Regenerate with \
         `cargo run --release -p blackstart-bench`.\n\n\
         | people | buses | water nodes | heat junctions | electricity | water | heat | homes | \
         damage, repair, tables | all | 168 h, s | making the region, s |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for c in cases {
        let hours = f64::from(c.scenario.horizon_h);
        let ms = |phases: &[Phase]| {
            median(c.phase_s.iter().map(|p| phases.iter().map(|k| p[*k as usize]).sum::<f64>()))
                * 1e3
                / hours
        };
        let run_s = median(c.run_s.iter().copied());
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.3} | {:.3} | {:.2} | {:.2} | {:.2} |",
            c.people,
            c.region.grid().buses.len(),
            c.region.water().node_count(),
            c.region.heat().junctions.len(),
            ms(&[Phase::Electricity]),
            ms(&[Phase::Water]),
            ms(&[Phase::Heat]),
            ms(&[Phase::Homes]),
            ms(&[Phase::Damage, Phase::Record]),
            run_s * 1e3 / hours,
            run_s,
            median(c.synth_s.iter().copied()),
        );
    }
    let (first, last) = (&cases[0], &cases[cases.len() - 1]);
    let growth = (median(last.run_s.iter().copied()) / median(first.run_s.iter().copied())).ln()
        / (last.people as f64 / first.people as f64).ln();
    let _ = writeln!(out, "\nFrom the smallest to the largest, time grows as people^{growth:.2}.");
    out
}
