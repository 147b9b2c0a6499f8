//! Many scenarios of one network: each alone, together on one thread, and on two.

use std::time::Instant;

use blackstart::region::Water;
use blackstart::water::{Batch, PeriodTimes, PumpOutage, Variation};
use serde_json::json;

use super::cpu_s;

/// Scenarios of a kind.
const SCENARIOS: u32 = 24;
/// How long a pump is out, s.
const OUT_S: i64 = 4 * 3600;

/// What is asked for differs: nothing but the analysis is shared.
fn demands() -> Vec<Variation> {
    let factor = |k| 0.7 + 0.6 * f64::from(k) / f64::from(SCENARIOS - 1);
    let variation = |k| Variation { demand_factor: factor(k), pumps_off: Vec::new() };
    (0..SCENARIOS).map(variation).collect()
}

/// A pump is out for a while, each in turn, at times over the whole run.
fn outages(water: &Water, times: &PeriodTimes) -> Vec<Variation> {
    let pumps = u32::try_from(water.pumps.len()).unwrap_or(1).max(1);
    let variation = |k: u32| {
        let from_s = times.duration_s * i64::from(k) / i64::from(SCENARIOS);
        let off = PumpOutage { pump: k % pumps, off_s: from_s..from_s + OUT_S };
        Variation { demand_factor: 1.0, pumps_off: vec![off] }
    };
    (0..SCENARIOS).map(variation).collect()
}

/// Time of `work`: of the processor, and on the clock, s.
fn time(work: impl FnOnce() -> usize) -> (f64, f64) {
    let (cpu, clock) = (cpu_s(), Instant::now());
    assert_eq!(work(), SCENARIOS as usize, "all scenarios finish");
    (cpu_s() - cpu, clock.elapsed().as_secs_f64())
}

/// Scenarios in a second of processor time, alone and together, and what two threads gain; the
/// best of turns that take `seconds` together.
pub fn measure(
    water: &Water,
    times: &PeriodTimes,
    demand_driven: bool,
    seconds: f64,
) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let ready = || Batch::new(water, times.clone(), demand_driven);
    let run = |batch: &Batch<'_>, some: &[Variation]| {
        let go_on = |_| std::ops::ControlFlow::Continue(());
        batch.run(some, &go_on).map_or(0, |r| r.scenarios.iter().flatten().count())
    };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let (one, two) = (pool(1)?, pool(2)?);
    let mut kinds = Vec::new();
    for (kind, all) in [("demands", demands()), ("outages", outages(water, times))] {
        let each = || all.iter().map(|v| run(&ready(), std::slice::from_ref(v))).sum();
        let begin = Instant::now();
        let (mut alone, mut together) = (f64::INFINITY, f64::INFINITY);
        let (mut clock, mut clock_two) = (f64::INFINITY, f64::INFINITY);
        // In turns, so that whatever else the machine does meets all alike.
        while begin.elapsed().as_secs_f64() < seconds {
            alone = alone.min(one.install(|| time(each)).0);
            let (cpu, on_clock) = one.install(|| time(|| run(&ready(), &all)));
            (together, clock) = (together.min(cpu), clock.min(on_clock));
            clock_two = clock_two.min(two.install(|| time(|| run(&ready(), &all))).1);
        }
        let count = f64::from(SCENARIOS);
        kinds.push(json!({
            "kind": kind,
            "alone_per_s": count / alone,
            "together_per_s": count / together,
            "two_threads_gain": clock / clock_two,
        }));
    }
    Ok(kinds.into())
}
