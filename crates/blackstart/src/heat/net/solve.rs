//! Flows and temperatures that agree: one Newton step of the flows, one pass of the
//! temperatures, a quasi-Newton step of what consumers ask for, until nothing moves.

mod report;

use super::data::{BranchKind, Consumer, HeatNet, NetError};
use super::hydraulics::{Away, Hydraulics, NoFlows};
use super::laws::Law;
use super::layout::{Layout, NONE, Role};
use super::result::{NetFlow, NetStatus};
use super::thermal::{Change, Thermal};
use crate::heat::anderson::Anderson;

/// Tolerances and limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetSettings {
    /// Largest change of a flow that a further round would make, kg/s.
    pub tolerance_kg_s: f64,
    /// Largest difference of a consumer's heat from what it should be, relative.
    pub tolerance_demand: f64,
    /// Most rounds.
    pub max_rounds: usize,
}

impl Default for NetSettings {
    fn default() -> Self {
        Self { tolerance_kg_s: 1e-7, tolerance_demand: 1e-8, max_rounds: 100 }
    }
}

/// Solver that keeps what depends on the structure, and the last solution to start from.
///
/// Results depend on earlier solves within the tolerances only; [`NetSolver::forget`] makes
/// them independent.
#[derive(Clone, Debug)]
pub struct NetSolver {
    settings: NetSettings,
    layout: Layout,
    hydraulics: Hydraulics,
    thermal: Thermal,
    /// Pieces of consumers whose flow follows from their inlet temperature.
    asking: Vec<u32>,
    /// By `asking`: inlet node, heat (W) and return temperature (°C).
    asked: Vec<(u32, f64, f64)>,
    /// All pieces with given flows.
    given: Vec<u32>,
    /// Edges that are radiators' valves: (edge, piece).
    radiators: Vec<(u32, u32)>,
    /// Pieces of plants with limited heat.
    limited: Vec<u32>,
    /// Flows of `asking` consumers, and the step that each would take alone, kg/s.
    flows: Vec<f64>,
    steps: Vec<f64>,
    anderson: Anderson,
    warm: bool,
}

/// Flow of a consumer may grow by this factor in a round.
const MOST_GROWTH: f64 = 4.0;

/// Consumers this near to their heat are close enough for an accelerated iteration.
const NEAR: f64 = 0.02;

/// Rounds in which the laws' straight lines may be taken elsewhere than at the flows.
const FAR_ROUNDS: usize = 8;

/// Flows may still change by this share of the largest one when the first temperatures are
/// worked out.
const ROUGH: f64 = 0.02;

/// Laws count as straight while flows would change by less than this share of the largest.
const STRAIGHT: f64 = 1e-5;

/// Passes along rings of flow.
const RING_ROUNDS: usize = 300;

impl NetSolver {
    /// Prepares for `net`.
    ///
    /// # Errors
    /// [`NetError`] where values or references cannot be computed with.
    pub fn new(net: &HeatNet, settings: NetSettings) -> Result<Self, NetError> {
        let layout = Layout::new(net)?;
        let hydraulics = Hydraulics::new(net, &layout);
        let thermal = Thermal::new(net, &layout, hottest_c(net));
        let mut all = Self {
            settings,
            layout,
            hydraulics,
            thermal,
            asking: Vec::new(),
            asked: Vec::new(),
            given: Vec::new(),
            radiators: Vec::new(),
            limited: Vec::new(),
            flows: Vec::new(),
            steps: Vec::new(),
            anderson: Anderson::default(),
            warm: false,
        };
        all.list(net);
        let n = all.asking.len();
        (all.flows, all.steps) = (vec![0.0; n], vec![0.0; n]);
        all.anderson = Anderson::new(n);
        Ok(all)
    }

    /// Forgets the last solution.
    pub fn forget(&mut self, net: &HeatNet) {
        self.warm = false;
        self.hydraulics = Hydraulics::new(net, &self.layout);
        self.thermal = Thermal::new(net, &self.layout, hottest_c(net));
    }

    fn list(&mut self, net: &HeatNet) {
        for (i, p) in (0u32..).zip(&self.layout.pieces) {
            let kind = &net.branches[p.branch as usize].kind;
            if p.role == Role::Given {
                self.given.push(i);
                if let BranchKind::Consumer(Consumer::HeatAndReturn { .. }) = kind {
                    self.asking.push(i);
                }
            }
            if p.role != Role::Off
                && let BranchKind::CirculationPressure { t_flow_c: Some(_), heat_max_w, .. }
                | BranchKind::CirculationFlow { t_flow_c: Some(_), heat_max_w, .. } = kind
                && heat_max_w.is_finite()
            {
                self.limited.push(i);
            }
        }
        for (e, (edge, law)) in (0u32..).zip(self.layout.edges.iter().zip(&self.hydraulics.laws)) {
            if matches!(law, Law::Valve { .. }) {
                self.radiators.push((e, edge.piece));
            }
        }
    }

    /// The steady state of `net`, whose structure may have changed since the last call.
    ///
    /// # Errors
    /// [`NetError`] where values or references cannot be computed with.
    pub fn solve(&mut self, net: &HeatNet) -> Result<NetFlow, NetError> {
        if self.layout.fits(net) {
            net.check()?;
        } else {
            *self = Self::new(net, self.settings)?;
        }
        if self.warm {
            self.hydraulics.refresh(net, &self.layout);
        }
        // A tenth of what decides whether a solution is one.
        self.hydraulics.enough_kg_s = 0.1 * self.settings.tolerance_kg_s;
        self.thermal.refresh(net, &self.layout);
        self.asked.clear();
        for &p in &self.asking {
            let piece = self.layout.pieces[p as usize];
            let kind = &net.branches[piece.branch as usize].kind;
            if let BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, return_c }) = *kind {
                self.asked.push((piece.from, heat_w, return_c));
            }
        }
        let simple =
            net.fluid.is_constant() && self.radiators.is_empty() && self.limited.is_empty();
        self.thermal.mark_wanted(net, &self.layout, !simple);
        self.fluid(net);
        if !self.warm {
            self.first_guess(net);
        }
        let mut flow =
            if self.limited.is_empty() { self.agree(net, simple) } else { self.share_limits(net) };
        flow.notes.clone_from(&self.layout.notes);
        self.warm = matches!(flow.status, NetStatus::Solved | NetStatus::Partly { .. });
        Ok(flow)
    }

    fn fluid(&mut self, net: &HeatNet) {
        let (i, o) = (&self.thermal.in_c, &self.thermal.out_c);
        self.hydraulics.set_fluid(&net.fluid, &self.layout, i, o);
        self.hydraulics.set_ties(net, &self.layout, i, o);
    }

    /// Flows of consumers as if the plants' water reached them without loss.
    fn first_guess(&mut self, net: &HeatNet) {
        let hot = hottest_c(net);
        for &p in &self.given {
            let b = self.layout.pieces[p as usize].branch as usize;
            let kind = &net.branches[b].kind;
            self.hydraulics.m_kg_s[p as usize] =
                if let BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, return_c }) = kind {
                    // A plant of given heat warms from something like the ground, for now.
                    let (warm, cold) =
                        if *heat_w < 0.0 { (*return_c, net.ambient_c) } else { (hot, *return_c) };
                    let cp = net.fluid.capacity_between(warm, cold);
                    heat_w.abs() / (cp * (warm - cold).max(1.0))
                } else {
                    fixed_flow(net, kind, hot)
                };
        }
        self.thermal.t_c.fill(hot);
        self.hydraulics.evaluate(&self.layout);
        for i in 0..self.radiators.len() {
            self.ask_radiator(net, i);
        }
    }

    /// What the valve of a radiator lets through at most, from its inlet temperature.
    /// Returns the change relative to the flow.
    fn ask_radiator(&mut self, net: &HeatNet, i: usize) -> f64 {
        let (e, p) = self.radiators[i];
        let Change::Radiator { heat_w, emitter, indoor_c } = self.thermal.change[p as usize] else {
            return 0.0;
        };
        let piece = self.layout.pieces[p as usize];
        let t = self.thermal.t_c[piece.from as usize];
        let cp = net.fluid.capacity_between(t, self.thermal.out_c[p as usize]);
        let wanted = emitter.flow_for(heat_w, t - indoor_c) / cp;
        let Law::Valve { wanted_kg_s, open_kg_s } = &mut self.hydraulics.laws[e as usize] else {
            return 0.0;
        };
        // Twenty times the flow at 1 bar needs 400 bar: as good as no limit.
        let wanted = wanted.min(20.0 * *open_kg_s);
        let m = self.hydraulics.m_kg_s[p as usize];
        // Only where the valve is what limits the flow does it matter.
        let regulates = m > 0.999 * wanted.min(*wanted_kg_s);
        let change = (wanted - *wanted_kg_s).abs() / wanted.max(1e-9);
        let shift = wanted - *wanted_kg_s;
        let limits = m >= *wanted_kg_s;
        *wanted_kg_s = wanted;
        if limits {
            // A valve that limits the flow goes on doing so, wherever it moves to.
            self.hydraulics.shift(e as usize, shift);
        }
        if regulates { change } else { 0.0 }
    }

    /// Iterates until flows and temperatures agree.
    fn agree(&mut self, net: &HeatNet, simple: bool) -> NetFlow {
        let mut away = Away { m_kg_s: f64::INFINITY, p_bar: f64::INFINITY, piece: 0 };
        let mut demand = (f64::INFINITY, NONE);
        let mut rounds = 0;
        let mut failed = None;
        let mut before = f64::INFINITY;
        let mut trusted = true;
        let mut swept = self.warm;
        let (mut misled, mut chord) = (0, false);
        if self.warm {
            away.m_kg_s = 0.0;
            demand = self.miss(net);
        }
        while rounds < self.settings.max_rounds {
            let settled = away.m_kg_s <= self.settings.tolerance_kg_s
                && demand.0 <= self.settings.tolerance_demand;
            if rounds > 0 && settled {
                break;
            }
            rounds += 1;
            // A walk that does not come closer is slowed down.
            let share = if rounds > 30 && away.m_kg_s > 0.5 * before { 0.5 } else { 1.0 };
            before = away.m_kg_s;
            let near = trusted && rounds > 1 && demand.0 < NEAR;
            let demand_before = demand.0;
            self.ask(net, share, swept, near);
            let far = !self.warm && rounds < FAR_ROUNDS;
            let (h, layout) = (&mut self.hydraulics, &mut self.layout);
            let step = if chord { h.follow(net, layout) } else { h.step(net, layout, far) };
            if let Err(NoFlows(node)) = step {
                failed = Some(node);
                break;
            }
            if simple && !chord {
                away = self.hydraulics.evaluate(&self.layout);
                // Temperatures along flows that are about to turn round say nothing yet.
                if far && !swept && away.m_kg_s > ROUGH * self.hydraulics.largest_kg_s() {
                    continue;
                }
            }
            self.sweep(net, !simple, if rounds > 1 && before < 1e-3 { RING_ROUNDS } else { 2 });
            if !simple {
                if !net.fluid.flow_is_constant() {
                    self.fluid(net);
                }
                away = self.hydraulics.evaluate(&self.layout);
            }
            swept = true;
            demand = self.miss(net);
            for i in 0..self.radiators.len() {
                demand.0 = demand.0.max(self.ask_radiator(net, i));
            }
            // Where a pipe's flow turns round, what was learned before misleads.
            let better = demand.0 < 0.7 * demand_before;
            misled += usize::from(near && !better);
            trusted = misled < 3 && (!near || better);
            // While laws stay straight, only consumers' flows have to settle.
            let followed = chord;
            chord = simple
                && better
                && demand.0 > self.settings.tolerance_demand
                && demand.0 < NEAR
                && away.m_kg_s < STRAIGHT * self.hydraulics.largest_kg_s();
            if followed && !chord {
                away = self.hydraulics.evaluate(&self.layout);
            }
            if !(away.m_kg_s.is_finite() && demand.0.is_finite()) {
                break;
            }
        }
        if failed.is_none() {
            self.hydraulics.finish(&mut self.layout);
            self.sweep(net, true, RING_ROUNDS);
        }
        self.report(net, rounds, away, demand, failed)
    }

    fn sweep(&mut self, net: &HeatNet, all: bool, most_rounds: usize) {
        let h = &self.hydraulics;
        let injected = |n: usize| {
            let mut into = if self.layout.free[n] == NONE && self.layout.live[n] {
                h.external_kg_s(n)
            } else {
                0.0
            };
            for i in &net.injections {
                if i.junction as usize == n {
                    into = into.max(0.0) + i.mdot_kg_s.max(0.0);
                }
            }
            into
        };
        self.thermal.sweep(net, &self.layout, &h.m_kg_s, injected, all, most_rounds);
    }

    /// Sets the given flows. Those of consumers that ask for heat follow from their inlet
    /// temperature and from how it would change if all flows grew alike, which is most of
    /// what matters; where that converges, Anderson's method adds the rest.
    fn ask(&mut self, net: &HeatNet, share: f64, known: bool, near: bool) {
        self.hydraulics.start_balance(net, &self.layout);
        for k in 0..self.given.len() {
            let p = self.given[k] as usize;
            let kind = &net.branches[self.layout.pieces[p].branch as usize].kind;
            if !matches!(kind, BranchKind::Consumer(Consumer::HeatAndReturn { .. })) {
                let m = fixed_flow(net, kind, self.thermal.in_c[p]);
                self.hydraulics.give(&self.layout, p, m);
            }
        }
        for k in 0..self.asking.len() {
            self.flows[k] = self.hydraulics.m_kg_s[self.asking[k] as usize];
            self.steps[k] = if known { share * self.alone(net, k) } else { 0.0 };
        }
        if near {
            self.anderson.advance(&mut self.flows, &self.steps);
        } else {
            self.anderson.restart();
            for (m, step) in self.flows.iter_mut().zip(&self.steps) {
                *m += step;
            }
        }
        for k in 0..self.asking.len() {
            let p = self.asking[k] as usize;
            let before = self.hydraulics.m_kg_s[p];
            // An accelerated step that leaves the range of a plain one is not trusted.
            let m = if self.flows[k] >= 0.5 * before && self.flows[k] <= 2.0 * before {
                self.flows[k]
            } else {
                before + self.steps[k]
            };
            self.hydraulics.give(&self.layout, p, m);
        }
    }

    /// Change of flow that a consumer would make if its network changed alike, kg/s.
    fn alone(&self, net: &HeatNet, k: usize) -> f64 {
        let (n, heat_w, return_c) = self.asked[k];
        let m = self.hydraulics.m_kg_s[self.asking[k] as usize];
        let (t, gain) = (self.thermal.t_c[n as usize], self.thermal.gain_k[n as usize]);
        let cp = net.fluid.capacity_between(t, return_c);
        // A plant of given heat is a consumer with all signs turned.
        let sign = if heat_w < 0.0 { -1.0 } else { 1.0 };
        let (heat_w, drop, gain) = (sign * heat_w, sign * (t - return_c), sign * gain);
        if heat_w == 0.0 {
            return -m;
        }
        if drop <= 0.01 {
            // Colder than the return: more flow brings warmer water.
            return m * (MOST_GROWTH - 1.0);
        }
        let wanted = heat_w / (cp * drop);
        if m <= 0.0 {
            return wanted - m;
        }
        let slope = (1.0 + wanted / m * gain / drop).max(1.0);
        ((wanted - m) / slope).clamp(m / MOST_GROWTH - m, m * (MOST_GROWTH - 1.0))
    }

    /// Largest relative difference of a consumer's heat from what it asks for.
    fn miss(&self, net: &HeatNet) -> (f64, u32) {
        let mut worst = (0.0, NONE);
        for (&p, &(n, heat_w, return_c)) in self.asking.iter().zip(&self.asked) {
            let t = self.thermal.t_c[n as usize];
            let cp = net.fluid.capacity_between(t, return_c);
            let given = self.hydraulics.m_kg_s[p as usize] * cp * (t - return_c);
            let miss = (given - heat_w).abs() / heat_w.abs().max(1e-3);
            if miss > worst.0 || miss.is_nan() {
                worst = (miss, p);
            }
        }
        worst
    }

    /// Flow temperatures of plants at their limit: what they can hold with the heat they
    /// have, found together with everything else.
    fn share_limits(&mut self, net: &HeatNet) -> NetFlow {
        let plants = self.limited.len();
        let mut anderson = Anderson::new(plants);
        let mut x = vec![0.0; plants];
        for (x, &p) in x.iter_mut().zip(&self.limited) {
            *x = limit(net, self.layout.pieces[p as usize].branch).0;
        }
        let mut residual = vec![0.0; plants];
        let mut flow = NetFlow::default();
        let mut rounds = 0;
        for _ in 0..80 {
            for (&x, &p) in x.iter().zip(&self.limited) {
                self.thermal.change[p as usize] = Change::To(x);
            }
            flow = self.agree(net, false);
            rounds += flow.iterations;
            if matches!(flow.status, NetStatus::NotConverged { .. }) {
                break;
            }
            self.warm = true;
            let mut worst: f64 = 0.0;
            for (k, &p) in self.limited.iter().enumerate() {
                let (set_c, heat_w) = limit(net, self.layout.pieces[p as usize].branch);
                let p = p as usize;
                let (back_c, m) = (self.thermal.in_c[p], self.hydraulics.m_kg_s[p].abs());
                let cp = net.fluid.capacity_between(back_c, x[k]);
                let can = if m > 1e-9 { back_c + heat_w / (m * cp) } else { set_c };
                residual[k] = can.min(set_c) - x[k];
                worst = worst.max(residual[k].abs());
            }
            if worst < 1e-8 {
                break;
            }
            flow.status = NetStatus::NotConverged {
                place: format!("flow temperatures of plants differ by {worst:.1e} K"),
            };
            anderson.advance(&mut x, &residual);
            for (x, &p) in x.iter_mut().zip(&self.limited) {
                let set_c = limit(net, self.layout.pieces[p as usize].branch).0;
                *x = x.clamp(net.ambient_c.min(set_c), set_c);
            }
        }
        flow.iterations = rounds;
        flow
    }
}

/// Set-point and heat of a plant.
fn limit(net: &HeatNet, branch: u32) -> (f64, f64) {
    if let BranchKind::CirculationPressure { t_flow_c: Some(t), heat_max_w, .. }
    | BranchKind::CirculationFlow { t_flow_c: Some(t), heat_max_w, .. } =
        net.branches[branch as usize].kind
    {
        (t, heat_max_w.max(0.0))
    } else {
        (net.ambient_c, f64::INFINITY)
    }
}

/// Flow of a branch that needs no temperature but its own inlet's.
fn fixed_flow(net: &HeatNet, kind: &BranchKind, t_in_c: f64) -> f64 {
    match *kind {
        BranchKind::CirculationFlow { mdot_kg_s, .. } | BranchKind::FlowControl { mdot_kg_s } => {
            mdot_kg_s
        }
        BranchKind::Consumer(c) => match c {
            Consumer::FlowAndDrop { mdot_kg_s, .. }
            | Consumer::FlowAndReturn { mdot_kg_s, .. }
            | Consumer::HeatAndFlow { mdot_kg_s, .. } => mdot_kg_s,
            Consumer::HeatAndDrop { heat_w, drop_k } => {
                heat_w / (net.fluid.capacity_between(t_in_c, t_in_c - drop_k) * drop_k)
            }
            Consumer::HeatAndReturn { .. } | Consumer::Radiator { .. } => 0.0,
        },
        BranchKind::Pipe { .. }
        | BranchKind::Valve { .. }
        | BranchKind::Pump(_)
        | BranchKind::CirculationPressure { .. }
        | BranchKind::HeatExchanger { .. }
        | BranchKind::PressureControl { .. } => 0.0,
    }
}

/// The hottest given temperature.
fn hottest_c(net: &HeatNet) -> f64 {
    let plants = net.branches.iter().filter_map(|b| {
        if let BranchKind::CirculationPressure { t_flow_c, .. }
        | BranchKind::CirculationFlow { t_flow_c, .. } = b.kind
        {
            t_flow_c
        } else {
            None
        }
    });
    let fixed = net.fixed.iter().filter_map(|f| f.t_c);
    plants.chain(fixed).fold(f64::NAN, f64::max).max(net.ambient_c)
}
