//! Tables of a water network run by itself. `docs/water-studies.md` describes every column.

use std::sync::Arc;

use blackstart::region::Water;
use blackstart::water::{LinkStatus, Moment, PumpUse};

use super::column_table::ColumnTable;

/// Digits behind the point.
const HEAD: usize = 5;
const FLOW: usize = 9;
const VELOCITY: usize = 5;
const HOURS: usize = 3;
const SHARE: usize = 5;

/// Words of a link's status, in the order of [`status_row`].
const STATUSES: [&str; 3] = ["open", "closed", "active"];

/// Collects the rows of `nodes`, `links`, `emitters` and `status` as a run goes on.
///
/// Nodes stand in the order of the network's tables (junctions, reservoirs, tanks), links
/// too (pipes, pumps, valves), within each moment.
#[derive(Clone, Debug)]
pub struct WaterTables {
    /// By node: elevation; head without its pattern of a reservoir.
    elevation_m: Vec<f64>,
    ends: Vec<(usize, usize)>,
    /// By link: cross-section, m²; NaN for pumps.
    area_m2: Vec<f64>,
    junctions: usize,
    pumps: std::ops::Range<usize>,
    emitters: Vec<usize>,
    node_ids: Arc<[String]>,
    link_ids: Arc<[String]>,
    nodes: Nodes,
    links: Links,
    emitter_flow_m3_s: Vec<f64>,
    leak_m3_s: Vec<f64>,
    emitter_at: (Vec<Option<u32>>, Vec<u32>),
    status: Status,
}

#[derive(Clone, Debug, Default)]
struct Nodes {
    time_s: Vec<Option<u32>>,
    node: Vec<u32>,
    head_m: Vec<f64>,
    pressure_m: Vec<f64>,
    demand_m3_s: Vec<f64>,
    supplied_m3_s: Vec<f64>,
}

#[derive(Clone, Debug, Default)]
struct Links {
    time_s: Vec<Option<u32>>,
    link: Vec<u32>,
    flow_m3_s: Vec<f64>,
    velocity_m_s: Vec<f64>,
    headloss_m: Vec<f64>,
    status: Vec<u32>,
}

#[derive(Clone, Debug, Default)]
struct Status {
    time_s: Vec<Option<u32>>,
    status: Vec<String>,
    place: Vec<String>,
    iterations: Vec<Option<u32>>,
}

fn seconds(time_s: i64) -> Option<u32> {
    u32::try_from(time_s).ok()
}

fn status_row(status: LinkStatus) -> u32 {
    match status {
        LinkStatus::Open => 0,
        LinkStatus::Closed => 1,
        LinkStatus::Active => 2,
    }
}

impl WaterTables {
    /// Tables without rows for a network.
    #[must_use]
    pub fn new(water: &Water) -> Self {
        let nodes = water.junctions.iter().map(|j| (&j.id, j.elevation_m));
        let nodes = nodes.chain(water.reservoirs.iter().map(|r| (&r.id, r.head_m)));
        let nodes = nodes.chain(water.tanks.iter().map(|t| (&t.id, t.elevation_m)));
        let (node_ids, elevation_m): (Vec<String>, Vec<f64>) =
            nodes.map(|(id, z)| (id.clone(), z)).unzip();
        let pipes = water.pipes.iter().map(|p| (&p.id, p.from, p.to, p.diameter_mm));
        let pumps = water.pumps.iter().map(|p| (&p.id, p.from, p.to, f64::NAN));
        let valves = water.valves.iter().map(|v| (&v.id, v.from, v.to, v.diameter_mm));
        let links: Vec<_> = pipes.chain(pumps).chain(valves).collect();
        let area = |diameter_mm: f64| std::f64::consts::FRAC_PI_4 * (diameter_mm / 1000.0).powi(2);
        let mut leaks = vec![false; water.junctions.len()];
        for pipe in water.leaks.iter().filter_map(|l| water.pipes.get(l.pipe as usize)) {
            for end in [pipe.from.i(), pipe.to.i()] {
                if let Some(leaks) = leaks.get_mut(end) {
                    *leaks = true;
                }
            }
        }
        let emitting = water.junctions.iter().enumerate();
        let emitting = emitting.filter(|(i, j)| j.emitter_m3h != 0.0 || leaks[*i]);
        Self {
            elevation_m,
            ends: links.iter().map(|l| (l.1.i(), l.2.i())).collect(),
            area_m2: links.iter().map(|l| area(l.3)).collect(),
            junctions: water.junctions.len(),
            pumps: water.pipes.len()..water.pipes.len() + water.pumps.len(),
            emitters: emitting.map(|(i, _)| i).collect(),
            node_ids: node_ids.into(),
            link_ids: links.iter().map(|l| l.0.clone()).collect::<Vec<_>>().into(),
            nodes: Nodes::default(),
            links: Links::default(),
            emitter_flow_m3_s: Vec::new(),
            leak_m3_s: Vec::new(),
            emitter_at: (Vec::new(), Vec::new()),
            status: Status::default(),
        }
    }

    /// Adds a solution to `status`.
    pub fn solution(&mut self, moment: &Moment) {
        let place = moment.status.detail().to_owned();
        self.status_row(moment.time_s, moment.status.word(), place, Some(moment.iterations));
    }

    /// Adds a last row to `status` that says that the run was ended by hand at `time_s`.
    pub fn interrupted(&mut self, time_s: i64) {
        self.status_row(time_s, "interrupted", String::new(), None);
    }

    fn status_row(&mut self, time_s: i64, word: &str, place: String, iterations: Option<usize>) {
        self.status.time_s.push(seconds(time_s));
        self.status.status.push(word.to_owned());
        self.status.place.push(place);
        self.status.iterations.push(iterations.and_then(|n| u32::try_from(n).ok()));
    }

    /// Adds a report: a row for each node and link.
    pub fn report(&mut self, moment: &Moment) {
        let time_s = seconds(moment.time_s);
        let mut inflow = vec![0.0; self.node_ids.len() - self.junctions];
        for (&(from, to), q) in self.ends.iter().zip(&moment.flow_m3_s) {
            if let Some(at) = from.checked_sub(self.junctions) {
                inflow[at] -= q;
            }
            if let Some(at) = to.checked_sub(self.junctions) {
                inflow[at] += q;
            }
        }
        let n = &mut self.nodes;
        for (node, &head) in (0u32..).zip(&moment.head_m) {
            let at = node as usize;
            n.time_s.push(time_s);
            n.node.push(node);
            n.head_m.push(head);
            n.pressure_m.push(head - self.elevation_m[at]);
            let (demand, supplied) = match at.checked_sub(self.junctions) {
                None => (moment.demand_m3_s[at], moment.supplied_m3_s[at]),
                Some(store) => (inflow[store], inflow[store]),
            };
            n.demand_m3_s.push(demand);
            n.supplied_m3_s.push(supplied);
        }
        for &j in &self.emitters {
            self.emitter_at.0.push(time_s);
            self.emitter_at.1.push(u32::try_from(j).unwrap_or(u32::MAX));
            self.emitter_flow_m3_s.push(moment.emitter_m3_s[j]);
            self.leak_m3_s.push(moment.leak_m3_s[j]);
        }
        let l = &mut self.links;
        for (link, (&q, &status)) in (0u32..).zip(moment.flow_m3_s.iter().zip(&moment.link_status))
        {
            let at = link as usize;
            let (from, to) = self.ends[at];
            let drop = moment.head_m[from] - moment.head_m[to];
            l.time_s.push(time_s);
            l.link.push(link);
            l.flow_m3_s.push(q);
            l.velocity_m_s.push(q.abs() / self.area_m2[at]);
            l.headloss_m.push(if status == LinkStatus::Closed {
                0.0
            } else if self.pumps.contains(&at) {
                drop
            } else {
                drop.abs()
            });
            l.status.push(status_row(status));
        }
    }

    /// The tables: `nodes`, `links`, `status`, and `emitters` where emitters or leaks are.
    #[must_use]
    pub fn finish(self) -> Vec<ColumnTable> {
        let n = self.nodes;
        let nodes = ColumnTable::new("nodes")
            .count("time_s", n.time_s)
            .word("node", &self.node_ids, n.node)
            .number("head_m", HEAD, n.head_m)
            .number("pressure_m", HEAD, n.pressure_m)
            .number("demand_m3_s", FLOW, n.demand_m3_s)
            .number("supplied_m3_s", FLOW, n.supplied_m3_s);
        let l = self.links;
        let statuses: Arc<[String]> = STATUSES.map(str::to_owned).into();
        let links = ColumnTable::new("links")
            .count("time_s", l.time_s)
            .word("link", &self.link_ids, l.link)
            .number("flow_m3_s", FLOW, l.flow_m3_s)
            .number("velocity_m_s", VELOCITY, l.velocity_m_s)
            .number("headloss_m", HEAD, l.headloss_m)
            .word("status", &statuses, l.status);
        let s = self.status;
        let status = ColumnTable::new("status")
            .count("time_s", s.time_s)
            .text("status", s.status)
            .text("where", s.place)
            .count("iterations", s.iterations);
        let mut tables = vec![nodes, links, status];
        if !self.emitters.is_empty() {
            tables.push(
                ColumnTable::new("emitters")
                    .count("time_s", self.emitter_at.0)
                    .word("node", &self.node_ids, self.emitter_at.1)
                    .number("flow_m3_s", FLOW, self.emitter_flow_m3_s)
                    .number("leak_m3_s", FLOW, self.leak_m3_s),
            );
        }
        tables
    }
}

/// Table of what each pump used in a run of `run_s` seconds.
#[must_use]
pub fn pumps(water: &Water, uses: &[PumpUse], run_s: f64) -> ColumnTable {
    let share = |u: &PumpUse| if run_s > 0.0 { u.on_s / run_s } else { f64::NAN };
    let column = |of: &dyn Fn(&PumpUse) -> f64| uses.iter().map(of).collect::<Vec<f64>>();
    ColumnTable::new("pumps")
        .text("pump", water.pumps.iter().map(|p| &*p.id))
        .number("on_h", HOURS, column(&|u| u.on_s / 3600.0))
        .number("on_share", SHARE, column(&share))
        .number("volume_m3", HOURS, column(&|u| u.volume_m3))
        .number("efficiency_percent", HOURS, column(&PumpUse::efficiency_percent))
        .number("kwh_per_m3", SHARE, column(&|u| u.energy_kwh / u.volume_m3))
        .number("mean_kw", HOURS, column(&PumpUse::mean_kw))
        .number("peak_kw", HOURS, column(&|u| u.peak_kw))
        .number("energy_kwh", HOURS, column(&|u| u.energy_kwh))
        .number("cost", HOURS, column(&|u| u.cost))
}
