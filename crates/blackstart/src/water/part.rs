//! One part of a water network that exchanges no water with the others: what is
//! connected without passing a reservoir, and what controls tie to it.

use super::demand::Wagner;
use super::network::{Law, M3H, Net, PowerPump, pipe_law, pump_law, usual_flow, valve_law};
use super::outflow::Outflow;
use super::reduced::Solver;
use super::setting::{self, Setting};
use super::tank::Shape;
use crate::pipes::{Bounds, Direction, Flow, GROUND, PumpLaw};
use crate::region::{Control, PipeStatus, ValveStatus, Water, WaterEdge};

/// A pipe, pump or valve of a part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub edge: WaterEdge,
    /// Position among all settings of the network.
    pub setting: usize,
    /// Elevations of its ends (head of a reservoir), m.
    pub up_m: f64,
    pub down_m: f64,
    pub check_valve: bool,
    /// False for a pump whose curve is none.
    pub usable: bool,
}

/// A tank of a part.
#[derive(Clone, Debug)]
pub(super) struct PartTank {
    pub tank: usize,
    pub node: usize,
    pub shape: Shape,
    /// Links that end at it; true where they begin.
    pub links: Vec<(usize, bool)>,
}

/// A part, its solver and its results of the last step.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// By node of the part: node of the network.
    pub nodes: Vec<u32>,
    /// The first ones of `nodes` are junctions, this many.
    pub junctions: usize,
    /// The edges that are pipes, pumps and valves; demands and emitters follow.
    pub links: Vec<Link>,
    pub tanks: Vec<PartTank>,
    /// Node and reservoir.
    pub reservoirs: Vec<(usize, usize)>,
    /// Positions in the network's controls, with the watched node of the part.
    pub controls: Vec<(usize, Option<usize>)>,
    pub patterned: bool,
    /// What may change by itself: pumps, valves, links at tanks, those that controls name.
    pub lively: Vec<usize>,
    /// Other links have to be looked at, too.
    pub stale: bool,
    pub solver: Solver,
    pub flow: Flow,
    /// The last solution that can be used.
    pub good: Flow,
    pub net: Net,
    /// By link: setting now, and the one its law was made for.
    pub set: Vec<Setting>,
    pub made: Vec<Setting>,
    pub out: PartHour,
    pub work: Work,
}

/// Results of a part: averages over the step but for heads, SI units (m³/s).
#[derive(Clone, Debug, Default)]
pub(super) struct PartHour {
    pub supplied: Vec<f64>,
    pub link_flow: Vec<f64>,
    pub head_m: Vec<f64>,
    pub level_m: Vec<f64>,
    /// Net inflow of tanks in the last solution.
    pub tank_inflow: Vec<f64>,
    pub imbalance: f64,
    /// Newton steps of the last moment.
    pub iterations: usize,
    pub trouble: Option<Trouble>,
}

/// What went wrong in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    /// Node of the part with the worst residual.
    NotConverged(usize),
    /// Link whose regulator was held to end cycling.
    Held(usize),
    /// Statuses did not come to rest.
    Restless,
    /// Controls switched so often that they were ignored for the rest of the step.
    Chatter,
    /// Junction whose inflow has nowhere to go.
    NoRoom(usize),
    /// Node whose head is that of no network: a given demand cannot be met.
    NoHead(usize),
}

/// Sums of the step under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub supplied: Vec<f64>,
    pub link_flow: Vec<f64>,
    pub level_m: Vec<f64>,
    pub inflow: Vec<f64>,
    pub fired: Vec<bool>,
    /// Solutions of the moment.
    pub rounds: usize,
    /// By link: which way it lets water through, none if it is closed.
    pub way: Vec<Option<Direction>>,
}

/// Splits a network into parts, in the order of their first node or edge.
pub(super) fn split(water: &Water) -> Vec<Part> {
    let junctions = water.junctions.len();
    let (n, first_tank) = (water.node_count(), junctions + water.reservoirs.len());
    let is_reservoir = |i: usize| (junctions..first_tank).contains(&i);
    let links = links(water);
    let mut sets = Sets::new(n + links.len());
    // Nodes come first, then links: a link joins its ends but never two parts over a
    // reservoir.
    for (k, &(_, a, b)) in links.iter().enumerate() {
        for end in [a, b] {
            if !is_reservoir(end) {
                sets.join(end, n + k);
            }
        }
    }
    for control in &water.controls {
        let k = setting::position(water, control.edge);
        if let Some(node) = watched(control).filter(|&g| g < n && !is_reservoir(g))
            && k < links.len()
        {
            sets.join(node, n + k);
        }
    }
    let mut part_of = vec![usize::MAX; n + links.len()];
    let mut count = 0;
    for i in 0..n + links.len() {
        if i < n && is_reservoir(i) {
            continue;
        }
        let root = sets.find(i);
        if part_of[root] == usize::MAX {
            part_of[root] = count;
            count += 1;
        }
        part_of[i] = part_of[root];
    }
    let mut members: Vec<(Vec<usize>, Vec<usize>)> = vec![(Vec::new(), Vec::new()); count];
    for i in 0..n {
        if !is_reservoir(i) {
            members[part_of[i]].0.push(i);
        }
    }
    for k in 0..links.len() {
        members[part_of[n + k]].1.push(k);
    }
    let mut local = vec![usize::MAX; n];
    members.into_iter().map(|(nodes, own)| build(water, nodes, &own, &links, &mut local)).collect()
}

fn watched(control: &Control) -> Option<usize> {
    match control.when {
        crate::region::ControlWhen::Above { node, .. }
        | crate::region::ControlWhen::Below { node, .. } => Some(node.i()),
        crate::region::ControlWhen::AtTime { .. } | crate::region::ControlWhen::AtClock { .. } => {
            None
        }
    }
}

/// Every pipe, pump and valve with its end nodes, in the order of settings.
fn links(water: &Water) -> Vec<(WaterEdge, usize, usize)> {
    let pipes = (0u32..).zip(&water.pipes).map(|(i, p)| (WaterEdge::Pipe(i), p.from.i(), p.to.i()));
    let pumps = (0u32..).zip(&water.pumps).map(|(i, p)| (WaterEdge::Pump(i), p.from.i(), p.to.i()));
    let valves =
        (0u32..).zip(&water.valves).map(|(i, v)| (WaterEdge::Valve(i), v.from.i(), v.to.i()));
    pipes.chain(pumps).chain(valves).collect()
}

fn build(
    water: &Water,
    mut nodes: Vec<usize>,
    own: &[usize],
    links: &[(WaterEdge, usize, usize)],
    local: &mut [usize],
) -> Part {
    let n_junctions = water.junctions.len();
    let first_tank = n_junctions + water.reservoirs.len();
    // Junctions, then reservoirs (each part has its own copy), then tanks.
    let junctions = nodes.iter().filter(|&&i| i < n_junctions).count();
    let mut sources: Vec<usize> = own
        .iter()
        .flat_map(|&k| [links[k].1, links[k].2])
        .filter(|i| (n_junctions..first_tank).contains(i))
        .collect();
    sources.sort_unstable();
    sources.dedup();
    nodes.splice(junctions..junctions, sources);
    for (i, &node) in nodes.iter().enumerate() {
        local[node] = i;
    }
    let elevation = |node: usize| {
        if node < n_junctions {
            water.junctions[node].elevation_m
        } else if node < first_tank {
            water.reservoirs[node - n_junctions].head_m
        } else {
            water.tanks[node - first_tank].elevation_m
        }
    };

    let all_settings = setting::initial(water);
    let o = &water.options;
    let wagner = |elevation_m: f64| Wagner {
        floor_m: elevation_m + o.min_pressure_m,
        range_m: (o.required_pressure_m - o.min_pressure_m).max(0.01),
        power: 1.0 / o.pressure_exponent.clamp(0.05, 20.0),
    };
    let mut net = Net { fixed_m: vec![f64::NAN; nodes.len()], ..Net::default() };
    net.demand = vec![0.0; nodes.len()];
    net.given = (junctions..nodes.len()).collect();
    let mut part_links = Vec::with_capacity(own.len());
    let mut set = Vec::with_capacity(own.len());
    for &k in own {
        let (edge, from, to) = links[k];
        let (up_m, down_m) = (elevation(from), elevation(to));
        let setting = all_settings[k];
        let mut link = Link { edge, setting: k, up_m, down_m, check_valve: false, usable: true };
        let (law, start) = match edge {
            WaterEdge::Pipe(i) => {
                let pipe = &water.pipes[i as usize];
                link.check_valve = pipe.status == PipeStatus::CheckValve;
                (Law::Pipe(pipe_law(o, pipe)), usual_flow(pipe.diameter_mm))
            }
            WaterEdge::Pump(i) => {
                let law = pump_law(&water.pumps[i as usize].curve);
                link.usable = law.is_some();
                let law = law.unwrap_or_else(|| PumpLaw::power(1.0));
                (Law::Pump { law, speed: 1.0, share: 1.0 }, 0.0)
            }
            WaterEdge::Valve(i) => {
                let valve = &water.valves[i as usize];
                let law = valve_law(valve, setting.status, setting.value, up_m, down_m);
                (law, usual_flow(valve.diameter_mm))
            }
        };
        net.ends.push((local[from] as u32, local[to] as u32));
        net.laws.push(law);
        net.start.push(start);
        set.push(setting);
        part_links.push(link);
    }
    net.pipes = own.iter().filter(|&&k| matches!(links[k].0, WaterEdge::Pipe(_))).count();
    net.emitters = own.len();
    for i in 0..junctions {
        let c = water.junctions[nodes[i]].emitter_m3h * M3H;
        if let Some(law) = Outflow::emitter(c, o.emitter_exponent, o.emitter_backflow) {
            net.ends.push((i as u32, GROUND));
            net.laws.push(Law::Outflow { elevation_m: elevation(nodes[i]), law });
        }
    }
    net.leaks = net.ends.len();
    for (i, (a, b)) in leaks(water, own, links, local, junctions) {
        net.ends.push((i as u32, GROUND));
        net.laws
            .push(Law::Outflow { elevation_m: elevation(nodes[i]), law: Outflow::Leak { a, b } });
    }
    net.demands = net.ends.len();
    for i in 0..junctions {
        let wagner = wagner(elevation(nodes[i]));
        net.ends.push((i as u32, GROUND));
        net.wagner.push(wagner);
        net.asks.push(water.junctions[nodes[i]].demands.iter().any(|d| d.base_m3h != 0.0));
    }
    net.power_pumps = (0..part_links.len())
        .filter(|&e| matches!(net.laws[e], Law::Pump { law: PumpLaw::Power { .. }, .. }))
        .map(PowerPump::new)
        .collect();
    let m = net.ends.len();
    net.start.resize(m, 0.0);
    net.open = vec![true; m];
    for (open, set) in net.open.iter_mut().zip(&set) {
        *open = set.status != ValveStatus::Closed;
    }
    net.direction = vec![Direction::Both; m];
    net.bounds = vec![Bounds::FREE; m];

    let tanks: Vec<PartTank> = nodes
        .iter()
        .enumerate()
        .filter(|n| *n.1 >= first_tank)
        .map(|(node, &g)| PartTank {
            tank: g - first_tank,
            node,
            shape: Shape::new(&water.tanks[g - first_tank]),
            links: ends_at(&net.ends[..own.len()], node),
        })
        .collect();
    let reservoirs: Vec<(usize, usize)> =
        (junctions..nodes.len() - tanks.len()).map(|i| (i, nodes[i] - n_junctions)).collect();
    let patterned = reservoirs.iter().any(|r| water.reservoirs[r.1].pattern.is_some())
        || part_links.iter().any(|l| match l.edge {
            WaterEdge::Pump(i) => water.pumps[i as usize].pattern.is_some(),
            WaterEdge::Pipe(_) | WaterEdge::Valve(_) => false,
        });
    let mut controls = Vec::new();
    for (c, control) in water.controls.iter().enumerate() {
        let position = setting::position(water, control.edge);
        if part_links.iter().any(|l| l.setting == position) {
            // A reservoir has no level to watch.
            let node = watched(control).filter(|&g| !(n_junctions..first_tank).contains(&g));
            match (watched(control), node) {
                (None, _) => controls.push((c, None)),
                (Some(_), Some(g)) if g < local.len() => controls.push((c, Some(local[g]))),
                (Some(_), _) => {}
            }
        }
    }
    net.loose = loose(water, &part_links, &tanks, &net);
    net.bound_all();
    let is_pipe = |l: &Link| matches!(l.edge, WaterEdge::Pipe(_));
    let may_change = |e: &usize| net.loose[*e] || !is_pipe(&part_links[*e]);
    let lively = (0..part_links.len()).filter(may_change).collect();
    let flow = Flow { q: vec![0.0; m], head: vec![f64::NAN; nodes.len()] };
    let out = PartHour {
        supplied: vec![0.0; junctions],
        link_flow: vec![0.0; own.len()],
        head_m: vec![f64::NAN; nodes.len()],
        level_m: vec![0.0; tanks.len()],
        tank_inflow: vec![0.0; tanks.len()],
        imbalance: 0.0,
        iterations: 0,
        trouble: None,
    };
    let work = Work {
        supplied: vec![0.0; junctions],
        link_flow: vec![0.0; own.len()],
        level_m: vec![0.0; tanks.len()],
        inflow: vec![0.0; tanks.len()],
        fired: vec![false; controls.len()],
        rounds: 0,
        way: vec![None; own.len()],
    };
    Part {
        nodes: nodes.iter().map(|&i| i as u32).collect(),
        junctions,
        links: part_links,
        tanks,
        reservoirs,
        controls,
        patterned,
        lively,
        stale: true,
        solver: Solver::new(&net),
        good: flow.clone(),
        flow,
        net,
        made: set.clone(),
        set,
        out,
        work,
    }
}

/// By link: something may open, close or turn it, or its law is none of a pipe's.
fn loose(water: &Water, links: &[Link], tanks: &[PartTank], net: &Net) -> Vec<bool> {
    let own = |(e, l): (usize, &Link)| l.check_valve || net.pipe_law(e).is_none();
    let mut loose: Vec<bool> = links.iter().enumerate().map(own).collect();
    let rules = water.rules.iter().flat_map(|r| r.then.iter().chain(&r.otherwise));
    for edge in water.controls.iter().map(|c| c.edge).chain(rules.map(|a| a.edge)) {
        let position = setting::position(water, edge);
        if let Ok(e) = links.binary_search_by_key(&position, |l| l.setting) {
            loose[e] = true;
        }
    }
    for &(e, _) in tanks.iter().flat_map(|t| &t.links) {
        loose[e] = true;
    }
    loose
}

/// Junctions of the part that pipes leak at, with the coefficients of [`Outflow::Leak`].
fn leaks(
    water: &Water,
    own: &[usize],
    links: &[(WaterEdge, usize, usize)],
    local: &[usize],
    junctions: usize,
) -> Vec<(usize, (f64, f64))> {
    let mut sums = vec![(0.0, 0.0); junctions];
    for leak in &water.leaks {
        // Pipes come first among all links, in their order.
        let (Some(pipe), Ok(_)) =
            (water.pipes.get(leak.pipe as usize), own.binary_search(&(leak.pipe as usize)))
        else {
            continue;
        };
        let (a, b) = Outflow::of_leak(leak, pipe);
        let (_, from, to) = links[leak.pipe as usize];
        for end in [from, to] {
            if let Some(sum) = sums.get_mut(local[end]) {
                *sum = (sum.0 + a, sum.1 + b);
            }
        }
    }
    sums.into_iter().enumerate().filter(|s| s.1.0 + s.1.1 > 0.0).collect()
}

/// Links with an end at `node`; true for the one they begin with.
fn ends_at(links: &[(u32, u32)], node: usize) -> Vec<(usize, bool)> {
    let mut all = Vec::new();
    for (e, &(a, b)) in links.iter().enumerate() {
        if a as usize == node {
            all.push((e, true));
        }
        if b as usize == node {
            all.push((e, false));
        }
    }
    all
}

/// Union–find.
struct Sets(Vec<usize>);

impl Sets {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }

    fn find(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }
}
