//! Runs of public networks beside EPANET's (`testdata/peers/water_period.py`). A test asks for
//! agreement; `bench/src/bin/water_validation` writes the same figures to a page.

mod moments;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use blackstart::region::{Region, RegionDraft, Water};
use blackstart::results::HourStatus;
use blackstart::water::{Moment, Period, PeriodTimes, WaterHour};
use blackstart_io::formats::inp;
use moments::{Moments, Set, still, tank_breached};

/// Heads agree within this at the 99th percentile, m …
pub const HEAD_M: f64 = 0.01;
/// … and flows within this (l/s) or this share of theirs.
pub const FLOW_L_S: f64 = 0.01;
pub const FLOW_SHARE: f64 = 1e-3;

/// Folders of networks below the peers' `networks`.
pub const FOLDERS: [&str; 3] = ["epanet", "epanet-odd", "epyt"];
/// Versions of EPANET with the runs that each was asked for.
pub const RUNS: [(&str, &[&str]); 2] = [("2.3", &["on", "out", "own"]), ("2.2", &["on", "own"])];

/// Heads of EPANET's beyond this are of no network on earth, m: demands that it serves through
/// closed links or through pipes far too narrow.
const BEYOND_M: f64 = 1e4;
/// EPANET's warnings that say that it did not solve the moment.
const UNBALANCED: [u32; 2] = [1, 2];
/// What the script does about times; see there.
const OUT_STEP_S: i64 = 300;
const OUTAGE_S: std::ops::Range<i64> = 2 * 3600..20 * 3600;
const DAY_S: i64 = 24 * 3600;
const MANY_NODES: usize = 700;
/// A run is ended after so many moments that are not solved here.
const MAX_DEGRADED: usize = 100;

/// All networks: file, folder and name.
pub fn networks(peers: &Path) -> Result<Vec<PathBuf>, String> {
    let mut all = Vec::new();
    for folder in FOLDERS {
        let folder = peers.join("networks").join(folder);
        let entries = std::fs::read_dir(&folder)
            .map_err(|e| format!("{}: {e}; run testdata/peers/setup.py", folder.display()))?;
        all.extend(entries.filter_map(|e| Some(e.ok()?.path())));
    }
    let wanted = std::env::var("BLACKSTART_NETWORK").unwrap_or_default();
    all.retain(|p| name(p).contains(&wanted));
    all.sort();
    Ok(all)
}

/// Folder and name of a network.
pub fn name(file: &Path) -> String {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    let stem = file.file_stem().unwrap_or_default();
    format!("{}/{}", folder.to_string_lossy(), stem.to_string_lossy())
}

/// The network of a file with its times; none if it has errors.
pub fn network(file: &Path) -> Option<(Water, PeriodTimes)> {
    let parsed = inp::parse(&std::fs::read(file).ok()?, file);
    let errors = parsed.problems.iter().any(|p| p.severity == blackstart_io::Severity::Error);
    if errors {
        return None;
    }
    let times = parsed.value.times.period();
    let draft = RegionDraft { water: parsed.value.water, ..RegionDraft::default() };
    Some((Region::check(draft).region?.water().clone(), times))
}

/// EPANET's values at one report step, in the order of our nodes and links.
pub struct Row {
    time_s: i64,
    warning: u32,
    head_m: Vec<f64>,
    flow_l_s: Vec<f64>,
    sets: Vec<Set>,
}

fn table(path: &Path, water: &Water) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_path(path).ok()?;
    let header: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let column: HashMap<&str, usize> =
        header.iter().enumerate().map(|(i, h)| (h.as_str(), i)).collect();
    let at = |kind: &str, id: &str| column.get(format!("{kind}:{id}").as_str()).copied();
    let nodes = water.junctions.iter().map(|j| &j.id);
    let nodes = nodes.chain(water.reservoirs.iter().map(|r| &r.id));
    let nodes: Vec<usize> = nodes
        .chain(water.tanks.iter().map(|t| &t.id))
        .map(|id| at("n", id))
        .collect::<Option<_>>()?;
    let links = water.pipes.iter().map(|p| &p.id).chain(water.pumps.iter().map(|p| &p.id));
    let links: Vec<usize> = links
        .chain(water.valves.iter().map(|v| &v.id))
        .map(|id| at("l", id))
        .collect::<Option<_>>()?;
    let ids = water.pipes.iter().map(|p| &p.id).chain(water.pumps.iter().map(|p| &p.id));
    let ids = ids.chain(water.valves.iter().map(|v| &v.id)).enumerate();
    let sets: Vec<(usize, usize, usize)> =
        ids.filter_map(|(link, id)| Some((link, at("o", id)?, at("s", id)?))).collect();
    let value = |row: &csv::StringRecord, i: usize| row.get(i)?.parse::<f64>().ok();
    let mut rows = Vec::new();
    for record in reader.records() {
        let row = record.ok()?;
        rows.push(Row {
            time_s: row.get(0)?.parse().ok()?,
            warning: row.get(1)?.parse().ok()?,
            head_m: nodes.iter().map(|&i| value(&row, i)).collect::<Option<_>>()?,
            flow_l_s: links.iter().map(|&i| value(&row, i)).collect::<Option<_>>()?,
            sets: sets
                .iter()
                .map(|&(link, open, set)| {
                    let open = value(&row, open)? != 0.0;
                    Some(Set { link, open, value: value(&row, set) })
                })
                .collect::<Option<_>>()?,
        });
    }
    Some(rows)
}

fn step_times(path: &Path) -> Option<Vec<i64>> {
    let mut reader = csv::Reader::from_path(path).ok()?;
    reader.records().map(|r| r.ok()?.get(0)?.parse().ok()).collect()
}

/// How far one run is from EPANET. Percentiles are the 50th, the 99th and the largest.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Reports of EPANET's, and how many of them were compared.
    pub reports: usize,
    pub compared: usize,
    /// Reports that EPANET itself calls unbalanced.
    pub unbalanced: usize,
    /// Demand-driven reports in which nodes are cut off here.
    pub disconnected: usize,
    /// Reports with heads of EPANET's beyond [`BEYOND_M`].
    pub beyond: usize,
    /// Reports in which an empty tank gives water in EPANET or a full one takes some.
    pub breached: usize,
    /// Compared reports in which a pump of given power stands still in EPANET though it can
    /// run; the course is not compared there.
    pub stuck: usize,
    /// EPANET stopped with an error then.
    pub stopped_s: Option<i64>,
    /// The same reports from EPANET's levels and settings.
    pub moment: Off,
    pub head_m: [f64; 3],
    pub worst_head: String,
    /// Differences over what is allowed.
    pub flow: [f64; 3],
    pub worst_flow: String,
    pub degraded: Vec<(i64, HourStatus)>,
    /// The run was ended here then, because too much was degraded.
    pub ended_s: Option<i64>,
    /// Times of solutions that only one of both has.
    pub ours_only: Vec<i64>,
    pub theirs_only: Vec<i64>,
    pub steps: usize,
    /// First report at which a head is off.
    pub first_off_s: Option<i64>,
}

/// Heads and flows beside EPANET's: 50th and 99th percentile and largest difference.
#[derive(Clone, Debug, Default)]
pub struct Off {
    pub head_m: [f64; 3],
    /// Over what is allowed.
    pub flow: [f64; 3],
    /// Reports that were compared.
    pub compared: usize,
    /// Reports that were not solved here.
    pub degraded: usize,
    /// Reports beyond the limits, with their worst node and link.
    pub beyond: Vec<String>,
}

impl Off {
    pub fn agrees(&self) -> bool {
        self.head_m[1] <= HEAD_M && self.flow[1] <= 1.0
    }
}

impl Difference {
    /// True if the course or else EPANET's moments agree at the 99th percentile, and all was
    /// solved here.
    pub fn agrees(&self) -> bool {
        let moments = self.moment.agrees() && self.moment.degraded == 0;
        (self.course_agrees() || moments) && self.degraded.is_empty()
    }

    /// True if the course from the start agrees at the 99th percentile.
    pub fn course_agrees(&self) -> bool {
        self.compared > self.stuck && self.head_m[1] <= HEAD_M && self.flow[1] <= 1.0
    }
}

fn percentiles(mut values: Vec<f64>) -> [f64; 3] {
    values.retain(|v| !v.is_nan());
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        values.get(((values.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(0.0)
    };
    [at(0.5), at(0.99), at(1.0)]
}

/// The times of a run as the script sets them; `report_s` is the file's own report step.
fn times_of(water: &Water, mut times: PeriodTimes, run: &str) -> (PeriodTimes, i64) {
    let pattern_step_s = ((water.options.pattern_step_h * 3600.0).round() as i64).max(1);
    let report_s = times.clone().fitted(pattern_step_s).report_step_s;
    let own = if times.duration_s > 0 { times.duration_s } else { DAY_S };
    let long = water.node_count() > MANY_NODES || report_s < 900;
    times.duration_s = own.min(if long { DAY_S } else { 3 * DAY_S });
    if run == "out" {
        times.hydraulic_step_s = times.hydraulic_step_s.min(OUT_STEP_S);
    }
    if run != "on" {
        times.report_step_s = gcd(report_s, OUTAGE_S.start);
        times.pumps_off_s.push(OUTAGE_S);
    }
    (times, report_s)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Runs a network and compares; none if EPANET has no values of that run.
pub fn compare(
    peers: &Path,
    version: &str,
    file: &Path,
    (mode, run): (&str, &str),
) -> Option<Difference> {
    let (mut water, times) = network(file)?;
    water.options.min_pressure_m = 0.0;
    water.options.required_pressure_m = 20.0;
    water.options.pressure_exponent = 0.5;
    let (times, report_s) = times_of(&water, times, run);
    let base = peers.join("water_period").join(version);
    let base = base.join(format!("{}_{mode}_{run}", name(file)));
    let with = |ending: &str| PathBuf::from(format!("{}{ending}", base.display()));
    let theirs = table(&with(".csv"), &water)?;
    let steps = step_times(&with(".steps.csv"))?;
    let last_s = steps.last().copied()?;
    let mut d = Difference { reports: theirs.len(), steps: steps.len(), ..Difference::default() };
    let (mut heads, mut flows, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    let mut moments = Moments::new(&water, version, mode == "dda");
    let mut at_moments = (Vec::new(), Vec::new());
    let mut period = Period::new(&water, times).demand_driven(mode == "dda");
    d.stopped_s = (last_s < period.times().duration_s).then_some(last_s);
    loop {
        let m = period.solve();
        ours.push(m.time_s);
        assert!(
            m.flow_m3_s.iter().chain(&m.supplied_m3_s).all(|q| q.is_finite()),
            "{}",
            base.display()
        );
        if m.status.is_degraded() {
            d.degraded.push((m.time_s, m.status.clone()));
            if d.degraded.len() >= MAX_DEGRADED {
                d.ended_s = Some(m.time_s);
                break;
            }
        }
        let row = theirs.binary_search_by_key(&m.time_s, |r| r.time_s).ok().map(|at| &theirs[at]);
        if let Some(row) = row.filter(|_| m.time_s % report_s == 0) {
            // EPANET serves a demand in a part that nothing feeds through its closed links,
            // and draws that from the rest of the network.
            let cut = m.head_m.iter().any(|h| h.is_nan());
            let dark = run != "on" && OUTAGE_S.contains(&m.time_s);
            let (moment, stuck) = moments.solve(row, dark);
            if UNBALANCED.contains(&row.warning) {
                d.unbalanced += 1;
            } else if row.head_m.iter().any(|h| h.abs() > BEYOND_M) {
                d.beyond += 1;
            } else if tank_breached(&water, row) {
                d.breached += 1;
            } else if cut && mode == "dda" {
                d.disconnected += 1;
            } else {
                let still = still(&water, row);
                same_moment(&moment, (row, &still), &mut d.moment, &mut at_moments);
                d.compared += 1;
                if stuck > 0 {
                    d.stuck += 1;
                } else {
                    look(m, (row, &still), &mut d, (&mut heads, &mut flows));
                }
            }
        }
        if !period.advance() {
            break;
        }
    }
    let last_s = d.ended_s.unwrap_or(last_s).min(last_s);
    ours.retain(|t| *t <= last_s);
    let steps: Vec<i64> = steps.into_iter().filter(|t| *t <= last_s).collect();
    d.ours_only = ours.iter().filter(|t| steps.binary_search(t).is_err()).copied().collect();
    d.theirs_only = steps.iter().filter(|t| ours.binary_search(t).is_err()).copied().collect();
    d.moment.head_m = percentiles(at_moments.0);
    d.moment.flow = percentiles(at_moments.1);
    d.head_m = percentiles(heads);
    d.flow = percentiles(flows);
    Some(d)
}

/// How far EPANET 2.3 and 2.2 are from each other in a run, measured alike; none without both.
pub fn versions(peers: &Path, file: &Path, (mode, run): (&str, &str)) -> Option<[[f64; 3]; 2]> {
    let (water, _) = network(file)?;
    let read = |version: &str| {
        let base = peers.join("water_period").join(version);
        table(&base.join(format!("{}_{mode}_{run}.csv", name(file))), &water)
    };
    let (new, old) = (read("2.3")?, read("2.2")?);
    let (mut heads, mut flows) = (Vec::new(), Vec::new());
    for a in new.iter().filter(|r| !UNBALANCED.contains(&r.warning)) {
        let Ok(at) = old.binary_search_by_key(&a.time_s, |r| r.time_s) else { continue };
        let b = &old[at];
        if UNBALANCED.contains(&b.warning) {
            continue;
        }
        heads.extend(a.head_m.iter().zip(&b.head_m).map(|(a, b)| (a - b).abs()));
        let off = |(a, b): (&f64, &f64)| (a - b).abs() / FLOW_L_S.max(FLOW_SHARE * b.abs());
        flows.extend(a.flow_l_s.iter().zip(&b.flow_l_s).map(off));
    }
    Some([percentiles(heads), percentiles(flows)])
}

fn same_moment(
    ours: &WaterHour,
    (row, still): (&Row, &[bool]),
    off: &mut Off,
    values: &mut (Vec<f64>, Vec<f64>),
) {
    off.compared += 1;
    if ours.status.as_ref().is_some_and(HourStatus::is_degraded) {
        off.degraded += 1;
    }
    let heads = ours.head_m.iter().zip(&row.head_m).zip(still);
    let heads = heads.map(|((a, b), still)| if *still { f64::NAN } else { (a - b).abs() });
    let flows = ours.pipe_flow_m3h.iter().chain(&ours.pump_flow_m3h).chain(&ours.valve_flow_m3h);
    let q_l_s: Vec<f64> = flows.map(|q| q / 3.6).collect();
    let flows = q_l_s
        .iter()
        .zip(&row.flow_l_s)
        .map(|(a, b)| (a - b).abs() / FLOW_L_S.max(FLOW_SHARE * b.abs()));
    let worst = |all: &[f64]| {
        let known = all.iter().enumerate().filter(|v| !v.1.is_nan());
        known.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |m| m.0)
    };
    let heads: Vec<f64> = heads.collect();
    let flows: Vec<f64> = flows.collect();
    let bad = percentiles(heads.clone())[1] > HEAD_M || percentiles(flows.clone())[1] > 1.0;
    if bad {
        let (h, q) = (worst(&heads), worst(&flows));
        off.beyond.push(format!(
            "{} s: node {} {:.3} {:.3} m, link {} {:.4} {:.4} l/s",
            row.time_s, h, ours.head_m[h], row.head_m[h], q, q_l_s[q], row.flow_l_s[q],
        ));
    }
    values.0.extend(heads.iter().filter(|h| !h.is_nan()));
    values.1.extend(flows);
}

fn look(
    m: &Moment,
    (row, still): (&Row, &[bool]),
    d: &mut Difference,
    (heads, flows): (&mut Vec<f64>, &mut Vec<f64>),
) {
    for (i, (&a, &b)) in m.head_m.iter().zip(&row.head_m).enumerate() {
        if a.is_nan() || still[i] {
            continue;
        }
        let off = (a - b).abs();
        if off > HEAD_M && d.first_off_s.is_none() {
            d.first_off_s = Some(m.time_s);
        }
        if off > d.head_m[2] {
            d.head_m[2] = off;
            d.worst_head = format!("node {i} at {} s: {a:.3} {b:.3}", m.time_s);
        }
        heads.push(off);
    }
    for (i, (&a, &b)) in m.flow_m3_s.iter().zip(&row.flow_l_s).enumerate() {
        let off = (a * 1000.0 - b).abs() / FLOW_L_S.max(FLOW_SHARE * b.abs());
        if off > d.flow[2] {
            d.flow[2] = off;
            d.worst_flow = format!("link {i} at {} s: {:.4} {b:.4}", m.time_s, a * 1000.0);
        }
        flows.push(off);
    }
}
