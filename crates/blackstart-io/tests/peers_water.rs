//! Heads and flows of public networks against EPANET's (`testdata/peers/water.py`), hour by
//! hour, demand-driven and pressure-driven, with pumps on and with all pumps dark from hour
//! 2 to hour 20.
#![cfg(feature = "peers")]
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use blackstart::region::{Region, RegionDraft, Water};
use blackstart::results::HourStatus;
use blackstart::water::{WaterInput, WaterSolver, demand_at};
use blackstart_io::formats::inp;

/// What the comparison is about: heads agree within this, m.
const HEAD_TOLERANCE_M: f64 = 0.05;
const OUTAGE_H: std::ops::Range<usize> = 2..20;

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// Node ids in the engine's order.
fn node_ids<N>(water: &Water<N>) -> Vec<String> {
    let junctions = water.junctions.iter().map(|j| j.id.clone());
    let reservoirs = water.reservoirs.iter().map(|r| r.id.clone());
    let tanks = water.tanks.iter().map(|t| t.id.clone());
    junctions.chain(reservoirs).chain(tanks).collect()
}

fn network(name: &str) -> Water {
    let path = peers().join("networks/epanet").join(format!("{name}.inp"));
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let water = inp::parse(&bytes, &path).value.water;
    let checked = Region::check(RegionDraft { water, ..RegionDraft::default() });
    checked.region.unwrap_or_else(|| panic!("{name}: {:?}", checked.problems)).water().clone()
}

/// One row of EPANET's values.
struct Hour {
    time_h: usize,
    warning: u32,
    head_m: BTreeMap<String, f64>,
    flow_m3h: BTreeMap<String, f64>,
}

fn expected(name: &str) -> Vec<Hour> {
    let path = peers().join("water").join(format!("{name}.csv"));
    let mut reader = csv::Reader::from_path(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let pick = |prefix: &str| {
                header
                    .iter()
                    .zip(row.iter())
                    .filter_map(|(h, v)| {
                        Some((h.strip_prefix(prefix)?.to_owned(), v.parse().unwrap()))
                    })
                    .collect()
            };
            Hour {
                time_h: row[0].parse().unwrap(),
                warning: row[1].parse().unwrap(),
                head_m: pick("n:"),
                flow_m3h: pick("l:"),
            }
        })
        .collect()
}

/// How far one run is from EPANET.
#[derive(Debug, Default)]
struct Difference {
    hours: usize,
    /// Hours in which EPANET warns.
    warned: Vec<usize>,
    /// Hours in which we did not converge or relaxed something.
    degraded: Vec<(usize, HourStatus)>,
    /// Hours with a head off by more than the tolerance: hour, node, m.
    off: Vec<(usize, String, f64)>,
    /// Largest difference of a head in hours without warnings, m, and where.
    head_m: f64,
    worst: String,
    /// Largest difference of a flow there, relative to the largest flow of the hour.
    flow_share: f64,
    /// Largest mass imbalance relative to the largest demand of the hour.
    imbalance: f64,
    milliseconds: f64,
    cut_off: usize,
}

fn compare(name: &str, mode: &str, run: &str) -> Difference {
    let mut water = network(name);
    water.options.min_pressure_m = 0.0;
    water.options.required_pressure_m = 20.0;
    water.options.pressure_exponent = 0.5;
    let ids = node_ids(&water);
    let mut solver = WaterSolver::new(&water).demand_driven(mode == "dda");
    let mut state = solver.initial_state(&water);
    let mut demand = vec![0.0; water.junctions.len()];
    let (whole, tanks) = (vec![true; water.pipes.len()], vec![true; water.tanks.len()]);
    let mut d = Difference::default();
    for theirs in expected(&format!("{name}_{mode}_{run}")) {
        let dark = run == "out" && OUTAGE_H.contains(&theirs.time_h);
        let pumps = vec![if dark { 0.0 } else { 1.0 }; water.pumps.len()];
        demand_at(&water, theirs.time_h as f64, &mut demand);
        let input = |step_h: f64| WaterInput {
            demand_m3h: &demand,
            pump_capacity: &pumps,
            pipe_whole: &whole,
            tank_whole: &tanks,
            step_h,
        };
        let now = solver.step(&water, &input(0.0), &mut state);
        d.hours += 1;
        if theirs.warning != 0 {
            d.warned.push(theirs.time_h);
        }
        let status = now.status.clone().unwrap();
        if status.is_degraded() {
            d.degraded.push((theirs.time_h, status));
        }
        let most = demand.iter().fold(0.1f64, |m, q| m.max(q.abs()));
        d.imbalance = d.imbalance.max(now.imbalance_m3h / most);
        assert!(now.supplied_m3h.iter().all(|s| s.is_finite()));
        let mut worst = (0.0, String::new());
        for (id, &head) in ids.iter().zip(&now.head_m) {
            if head.is_nan() {
                d.cut_off += 1;
                continue;
            }
            let off = (head - theirs.head_m[id]).abs();
            if off > worst.0 {
                worst = (off, id.clone());
            }
        }
        if theirs.warning == 0 {
            if worst.0 > d.head_m {
                d.head_m = worst.0;
                d.worst = format!("{} at {} h", worst.1, theirs.time_h);
            }
            let most = theirs.flow_m3h.values().fold(1.0f64, |m, q| m.max(q.abs()));
            let links = water.pipes.iter().map(|p| &p.id).zip(&now.pipe_flow_m3h);
            let links = links.chain(water.pumps.iter().map(|p| &p.id).zip(&now.pump_flow_m3h));
            let links = links.chain(water.valves.iter().map(|v| &v.id).zip(&now.valve_flow_m3h));
            for (id, q) in links {
                assert!(q.is_finite());
                d.flow_share = d.flow_share.max((q - theirs.flow_m3h[id]).abs() / most);
            }
        }
        if worst.0 > HEAD_TOLERANCE_M {
            d.off.push((theirs.time_h, worst.1, worst.0));
        }
        let start = Instant::now();
        solver.step(&water, &input(1.0), &mut state);
        d.milliseconds += start.elapsed().as_secs_f64() * 1e3;
    }
    d
}

fn tell(name: &str, mode: &str, run: &str, d: &Difference) {
    println!(
        "{name} {mode} {run}: {} h, head within {:.4} m ({}), flow within {:.2e} of the largest, \
         imbalance {:.1e}, {:.2} ms an hour; EPANET warns in {} h, we degrade in {} h, off in \
         {} h {:?}; {} node-hours cut off",
        d.hours,
        d.head_m,
        d.worst,
        d.flow_share,
        d.imbalance,
        d.milliseconds / d.hours as f64,
        d.warned.len(),
        d.degraded.len(),
        d.off.len(),
        d.off.iter().take(3).collect::<Vec<_>>(),
        d.cut_off,
    );
}

#[test]
fn net1_net2_net3_agree() {
    for name in ["Net1", "Net2", "Net3"] {
        for mode in ["dda", "pda"] {
            for run in ["on", "out"] {
                let d = compare(name, mode, run);
                tell(name, mode, run, &d);
                assert!(d.head_m <= HEAD_TOLERANCE_M, "{name} {mode} {run}: {d:?}");
                assert!(d.flow_share <= 1e-3, "{name} {mode} {run}: {d:?}");
                assert!(d.imbalance <= 1e-6 && d.degraded.is_empty(), "{d:?}");
                // Hours in which EPANET warns count too, with one exception. In Net3 at
                // hours 11 to 19 it says that junctions are disconnected and still serves
                // their demand through closed links (each conducts 1e-8 ft³/s per foot);
                // here they get nothing, and heads elsewhere differ by decimetres.
                let known = (name, mode, run) == ("Net3", "dda", "out");
                for (hour, node, off) in &d.off {
                    assert!(
                        known && d.warned.contains(hour) && *off < 0.5,
                        "{name} {mode} {run}: {node} is off by {off} m at {hour} h"
                    );
                }
                assert_eq!(run == "out" && name != "Net2", d.cut_off > 0, "{name} {mode} {run}");
            }
        }
    }
}

#[test]
fn larger_networks_run() {
    for name in ["Net6", "ky4", "ky10"] {
        for mode in ["dda", "pda"] {
            for run in ["on", "out"] {
                let d = compare(name, mode, run);
                tell(name, mode, run, &d);
                assert!(d.hours > 70 && d.degraded.is_empty(), "{name} {mode} {run}: {d:?}");
                assert!(d.imbalance <= 1e-6, "{name} {mode} {run}: {d:?}");
            }
        }
    }
}
