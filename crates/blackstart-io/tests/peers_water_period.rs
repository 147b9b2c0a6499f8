//! Public networks run by themselves against EPANET 2.3 (`testdata/peers/water_period.py`) at
//! every report step: heads, flows and the times of all solutions; demand-driven and
//! pressure-driven, with pumps on and with all pumps dark from hour 2 to hour 20.
#![cfg(feature = "peers")]
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

use std::path::{Path, PathBuf};

use blackstart::region::{Region, RegionDraft, Water};
use blackstart::results::HourStatus;
use blackstart::water::{Moment, Period, PeriodTimes};
use blackstart_io::formats::inp;

/// Heads agree within this at the 99th percentile, m …
const HEAD_M: f64 = 0.01;
/// … and flows within this (l/s) or this share of theirs.
const FLOW_L_S: f64 = 0.01;
const FLOW_SHARE: f64 = 1e-3;
/// The hydraulic step of runs with an outage, s; see the script.
const OUT_STEP_S: i64 = 300;
/// EPANET's warnings that say that it did not solve the moment.
const UNBALANCED: [u32; 2] = [1, 2];

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// The network of a file with its times; none if the region's check refuses it.
fn network(path: &Path) -> Option<(Water, PeriodTimes)> {
    let bytes = std::fs::read(path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let parsed = inp::parse(&bytes, path).value;
    let times = parsed.times.period();
    let checked = Region::check(RegionDraft { water: parsed.water, ..RegionDraft::default() });
    match checked.region {
        Some(region) => Some((region.water().clone(), times)),
        None => {
            println!("{}: {:?}", path.display(), checked.problems);
            None
        }
    }
}

/// EPANET's values at one report step, in the order of our nodes and links.
struct Row {
    time_s: i64,
    warning: u32,
    head_m: Vec<f64>,
    flow_l_s: Vec<f64>,
}

fn rows(name: &str, water: &Water) -> Option<Vec<Row>> {
    let path = peers().join("water_period").join(format!("{name}.csv"));
    let mut reader = csv::Reader::from_path(&path).ok()?;
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column: std::collections::HashMap<&str, usize> =
        header.iter().enumerate().map(|(i, h)| (h.as_str(), i)).collect();
    let at = |kind: &str, id: &str| {
        *column.get(format!("{kind}:{id}").as_str()).unwrap_or_else(|| panic!("{name}: no {id}"))
    };
    let nodes = water.junctions.iter().map(|j| &j.id);
    let nodes = nodes.chain(water.reservoirs.iter().map(|r| &r.id));
    let nodes: Vec<usize> =
        nodes.chain(water.tanks.iter().map(|t| &t.id)).map(|id| at("n", id)).collect();
    let links = water.pipes.iter().map(|p| &p.id).chain(water.pumps.iter().map(|p| &p.id));
    let links: Vec<usize> =
        links.chain(water.valves.iter().map(|v| &v.id)).map(|id| at("l", id)).collect();
    let value = |row: &csv::StringRecord, i: usize| row[i].parse::<f64>().unwrap();
    let read = |row: csv::StringRecord| Row {
        time_s: row[0].parse().unwrap(),
        warning: row[1].parse().unwrap(),
        head_m: nodes.iter().map(|&i| value(&row, i)).collect(),
        flow_l_s: links.iter().map(|&i| value(&row, i)).collect(),
    };
    Some(reader.records().map(|r| read(r.unwrap())).collect())
}

fn step_times(name: &str) -> Vec<i64> {
    let path = peers().join("water_period").join(format!("{name}.steps.csv"));
    let mut reader = csv::Reader::from_path(&path).unwrap();
    reader.records().map(|r| r.unwrap()[0].parse().unwrap()).collect()
}

/// How far one run is from EPANET.
#[derive(Debug, Default)]
struct Difference {
    reports: usize,
    unbalanced: usize,
    head_p99_m: f64,
    head_max_m: f64,
    worst: String,
    /// Errors of flows over what is allowed.
    flow_p99: f64,
    flow_max: f64,
    worst_flow: String,
    cut_off: usize,
    disconnected: usize,
    degraded: Vec<(i64, HourStatus)>,
    ours_only: Vec<i64>,
    theirs_only: Vec<i64>,
    steps: usize,
    /// First report at which heads are off.
    first_off: Option<i64>,
}

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    if values.is_empty() { 0.0 } else { values[((values.len() - 1) as f64 * share) as usize] }
}

fn compare(file: &Path, mode: &str, run: &str) -> Option<Difference> {
    let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
    let (mut water, mut times) = network(file)?;
    water.options.min_pressure_m = 0.0;
    water.options.required_pressure_m = 20.0;
    water.options.pressure_exponent = 0.5;
    let own = if times.duration_s > 0 { times.duration_s } else { 24 * 3600 };
    times.duration_s = own.min(72 * 3600);
    if run == "out" {
        times.hydraulic_step_s = times.hydraulic_step_s.min(OUT_STEP_S);
        times.pumps_off_s.push(2 * 3600..20 * 3600);
    }
    let name = format!("{stem}_{mode}_{run}");
    let theirs = rows(&name, &water)?;
    let mut d = Difference::default();
    let (mut heads, mut flows) = (Vec::new(), Vec::new());
    let mut ours = Vec::new();
    let mut last = Vec::new();
    let mut period = Period::new(&water, times).demand_driven(mode == "dda");
    loop {
        let m = period.solve();
        ours.push(m.time_s);
        if std::env::var_os("BLACKSTART_TELL_MORE").is_some() && m.time_s < 3000 {
            println!("  {} s", m.time_s);
            let was = last.iter().zip(&m.link_status).enumerate();
            for (i, (a, b)) in was.filter(|(_, (a, b))| a != b) {
                println!("    link {i} {a:?} to {b:?} q {}", m.flow_m3_s[i] * 1000.0);
            }
            last.clone_from(&m.link_status);
        }
        assert!(m.flow_m3_s.iter().chain(&m.supplied_m3_s).all(|q| q.is_finite()), "{name}");
        if m.status.is_degraded() {
            d.degraded.push((m.time_s, m.status.clone()));
        }
        if let Ok(at) = theirs.binary_search_by_key(&m.time_s, |r| r.time_s) {
            let row = &theirs[at];
            d.reports += 1;
            // EPANET serves a demand in a part that nothing feeds through its closed links,
            // and draws that from the rest of the network.
            let cut = m.head_m.iter().filter(|h| h.is_nan()).count();
            d.cut_off += cut;
            if UNBALANCED.contains(&row.warning) {
                d.unbalanced += 1;
            } else if cut > 0 && mode == "dda" {
                d.disconnected += 1;
            } else {
                for (i, (&a, &b)) in m.head_m.iter().zip(&row.head_m).enumerate() {
                    if a.is_nan() {
                        continue;
                    }
                    let off = (a - b).abs();
                    if off > HEAD_M && d.first_off.is_none() {
                        d.first_off = Some(m.time_s);
                    }
                    if off > d.head_max_m {
                        d.head_max_m = off;
                        d.worst = format!("node {i} at {} s: {a:.3} {b:.3}", m.time_s);
                    }
                    heads.push(off);
                }
                if d.first_off == Some(m.time_s)
                    && std::env::var_os("BLACKSTART_TELL_MORE").is_some()
                {
                    tell_links(&water, m, row);
                }
                for (i, (&a, &b)) in m.flow_m3_s.iter().zip(&row.flow_l_s).enumerate() {
                    let off = (a * 1000.0 - b).abs() / FLOW_L_S.max(FLOW_SHARE * b.abs());
                    if off > d.flow_max {
                        d.flow_max = off;
                        d.worst_flow =
                            format!("link {i} at {} s: {:.4} {b:.4}", m.time_s, a * 1000.0);
                    }
                    flows.push(off);
                }
            }
        }
        if !period.advance() {
            break;
        }
    }
    let steps = step_times(&name);
    d.steps = steps.len();
    d.ours_only = ours.iter().filter(|t| steps.binary_search(t).is_err()).copied().collect();
    d.theirs_only = steps.iter().filter(|t| ours.binary_search(t).is_err()).copied().collect();
    d.head_p99_m = percentile(&mut heads, 0.99);
    d.flow_p99 = percentile(&mut flows, 0.99);
    Some(d)
}

fn tell(name: &str, mode: &str, run: &str, d: &Difference) {
    println!(
        "{name:28} {mode} {run:3} {:4} {:3} {:3} | {:.5} {:9.5} | {:.4} {:9.2} | {:4} +{} -{} | deg {} \
         cut {} first {:?} {} / {}",
        d.reports,
        d.unbalanced,
        d.disconnected,
        d.head_p99_m,
        d.head_max_m,
        d.flow_p99,
        d.flow_max,
        d.steps,
        d.ours_only.len(),
        d.theirs_only.len(),
        d.degraded.len(),
        d.cut_off,
        d.first_off,
        d.worst,
        d.worst_flow,
    );
    if std::env::var_os("BLACKSTART_TELL_MORE").is_some() {
        println!("   ours {:?}", d.ours_only.iter().take(8).collect::<Vec<_>>());
        println!("   theirs {:?}", d.theirs_only.iter().take(8).collect::<Vec<_>>());
        println!("   {:?}", d.degraded.iter().take(3).collect::<Vec<_>>());
    }
}

fn tell_links(water: &Water, m: &Moment, row: &Row) {
    let ids = water.pipes.iter().map(|p| (&p.id, p.from, p.to, p.diameter_mm));
    let ids = ids.chain(water.pumps.iter().map(|p| (&p.id, p.from, p.to, 0.0)));
    let ids = ids.chain(water.valves.iter().map(|v| (&v.id, v.from, v.to, v.diameter_mm)));
    let mut list: Vec<_> = ids.zip(0..).collect();
    list.sort_by(|a, b| {
        let off = |i: usize| (m.flow_m3_s[i] * 1000.0 - row.flow_l_s[i]).abs();
        off(b.1).total_cmp(&off(a.1))
    });
    for ((id, from, to, mm), i) in list.into_iter().take(15) {
        println!(
            "  {i} {id} {mm} {:?} q {:.5} {:.5} from {:.4} {:.4} to {:.4} {:.4}",
            m.link_status[i],
            m.flow_m3_s[i] * 1000.0,
            row.flow_l_s[i],
            m.head_m[from.i()],
            row.head_m[from.i()],
            m.head_m[to.i()],
            row.head_m[to.i()],
        );
    }
}

fn files() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in ["epanet", "epanet-odd"] {
        let folder = peers().join("networks").join(folder);
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", folder.display()));
        all.extend(entries.map(|e| e.unwrap().path()));
    }
    let wanted = std::env::var("BLACKSTART_NETWORK").unwrap_or_default();
    all.retain(|p| p.to_string_lossy().contains(&wanted));
    all.sort();
    all
}

/// Runs that do not agree: file, mode, run (either may be `*`), why.
const KNOWN: [(&str, &str, &str, &str); 6] = [
    (
        "ky10",
        "*",
        "*",
        "pumps of constant power feed pressure reducing valves; below a small flow EPANET's such \
         pump gives next to no head and its valve stays shut, another solution of its equations",
    ),
    ("ky4", "pda", "out", "heads after the outage begins are off by 0.14 m; under investigation"),
    ("Net6_plus", "*", "out", "rules among dark pumps part ways; under investigation"),
    (
        "fcv_open_no_downstream_sources",
        "dda",
        "*",
        "demands behind a flow control valve exceed its setting: no heads fulfil them, EPANET's \
         are millions of metres below ground",
    ),
    (
        "tank_controls_1",
        "dda",
        "out",
        "with the pump dark nothing feeds the demand; EPANET takes it from the tank through closed \
         links, which leaves another level",
    ),
    ("tank_controls_2", "dda", "out", "as tank_controls_1"),
];

#[test]
fn networks_agree() {
    let mut wrong = Vec::new();
    for file in files() {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        for mode in ["dda", "pda"] {
            for run in ["on", "out"] {
                let Some(d) = compare(&file, mode, run) else { continue };
                tell(&stem, mode, run, &d);
                let known = KNOWN.iter().any(|k| {
                    k.0 == stem && (k.1 == "*" || k.1 == mode) && (k.2 == "*" || k.2 == run)
                });
                let agrees = d.head_p99_m <= HEAD_M && d.flow_p99 <= 1.0;
                let fine = d.degraded.is_empty() && agrees;
                if !known && !fine {
                    wrong.push((stem.clone(), mode, run, d));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
