//! blackstart's side of `bench/grid.py`: one job on one case, measured when asked.
//!
//!     grid_worker JOB CASE NETWORKS CACHE [JSON]
//!
//! Prints one line of JSON when ready or failed, then answers every line on standard
//! input: `go SECONDS` runs the job until that much processor time is spent and prints
//! the time of one run; `result PATH` writes what came out as `.npy`; `peak` prints the
//! peak memory. `bench/peers/worker.py` speaks the same for the peers.
#![allow(clippy::print_stdout, reason = "a program that answers on standard output")]

mod cases;
mod deliver;
mod npy;
mod optimal;
mod outages;
mod power_flow;
mod read;

use std::io::BufRead as _;
use std::path::Path;

use blackstart::grid::Method;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// A job on a case, ready to run.
pub(crate) trait Task {
    /// Does the job once.
    fn run(&mut self) -> Result<(), String>;

    /// Scenarios or outages in one run.
    fn per_run(&self) -> usize {
        1
    }

    /// What comes out, for comparison; not measured.
    fn result(&mut self) -> Result<npy::Table, String>;

    /// A word for the table.
    fn note(&self) -> String {
        String::new()
    }
}

/// A job that cannot be done, in words.
pub(crate) type Made = Result<Box<dyn Task>, String>;

fn make(job: &str, path: &Path, extra: &Value) -> Made {
    if job == "read" {
        return read::task(path);
    }
    let grid = cases::load(path)?;
    match job {
        "newton-cold" => power_flow::cold(grid),
        "newton-warm" => power_flow::warm(grid, Method::Newton),
        "decoupled-warm" => power_flow::warm(grid, Method::FastDecoupledBx),
        "newton-batch" => power_flow::batch(grid, 0),
        "newton-batch-damaged" => power_flow::batch(grid, cases::DAMAGE),
        "outages-ac" => outages::task(grid, Method::Newton, extra),
        "outages-dc" => outages::task(grid, Method::Dc, extra),
        "deliver-dc-cold" => deliver::cold(grid, extra),
        "deliver-dc-hours" => deliver::hours(grid),
        "opf-ac" => optimal::flow(grid),
        "deliver-ac" => optimal::damaged(grid, extra),
        _ => Err("no such job here".to_owned()),
    }
}

/// Processor time of this process so far, s.
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss)]
    let whole = t.tv_sec as f64;
    #[expect(clippy::cast_precision_loss)]
    let part = t.tv_nsec as f64;
    whole + part * 1e-9
}

/// The most memory this process ever held, MB.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kb| kb / 1024.0)
}

fn say(what: &Value) {
    println!("\u{1e}{what}");
}

/// Runs until `least_s` of processor time is spent.
fn measure(task: &mut dyn Task, least_s: f64) -> Result<Value, String> {
    let (mut runs, start) = (0_u32, cpu_s());
    loop {
        task.run()?;
        runs += 1;
        let spent = cpu_s() - start;
        if spent >= least_s {
            #[expect(clippy::cast_precision_loss)]
            let each = spent / f64::from(runs) / task.per_run() as f64;
            return Ok(json!({"s": each, "runs": runs}));
        }
    }
}

fn answer(task: &mut dyn Task, line: &str) -> Result<Value, String> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb {
        "go" => measure(task, rest.trim().parse::<f64>().map_err(|e| e.to_string())?),
        "result" => {
            let table = task.result()?;
            std::fs::write(rest.trim(), table.bytes()).map_err(|e| e.to_string())?;
            Ok(json!({"saved": true, "note": task.note()}))
        }
        "peak" => Ok(json!({"mb": peak_mb()})),
        _ => Err(format!("unknown: {line}")),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [job, case, networks, _cache, more @ ..] = arguments.as_slice() else {
        say(&json!({"error": "grid_worker JOB CASE NETWORKS CACHE [JSON]"}));
        return;
    };
    let extra = more.first().and_then(|t| serde_json::from_str(t).ok()).unwrap_or(Value::Null);
    let path = Path::new(networks).join(format!("{case}.m"));
    let started = make(job, &path, &extra).and_then(|mut task| {
        // The first run warms caches up and does not count.
        let before = cpu_s();
        task.run()?;
        say(&json!({"ready": true, "first_s": cpu_s() - before, "per_run": task.per_run()}));
        Ok(task)
    });
    let mut task = match started {
        Ok(task) => task,
        Err(error) => {
            say(&json!({ "error": error }));
            return;
        }
    };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        say(&answer(task.as_mut(), line.trim()).unwrap_or_else(|error| json!({ "error": error })));
    }
}
