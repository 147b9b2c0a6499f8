//! Temperatures that given flows lead to: one pass along the flow where it has no rings.

mod order;

use super::data::{BranchKind, Consumer, HeatNet};
use super::fluid::Fluid;
use super::layout::{Layout, Role};
use crate::heat::Emitter;
use order::{Part, Scratch, direction};
use std::mem::take;

/// Flows below this are taken as none, kg/s.
pub(super) const STILL_KG_S: f64 = 1e-10;

/// What a piece does to the water's temperature.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    None,
    /// Loses heat to what surrounds it: W/K, °C.
    Loss {
        w_k: f64,
        ambient_c: f64,
    },
    /// Gives off this heat, W.
    Heat(f64),
    /// Falls by this, K.
    Drop(f64),
    /// Leaves with this temperature, °C.
    To(f64),
    /// Radiators: heat asked for and size.
    Radiator {
        heat_w: f64,
        emitter: Emitter,
        indoor_c: f64,
    },
}

impl Change {
    /// Loss (W/K) and what is around (°C); none where the water changes otherwise.
    fn loss(&self) -> Option<(f64, f64)> {
        match *self {
            Self::None => Some((0.0, 0.0)),
            Self::Loss { w_k, ambient_c } => Some((w_k, ambient_c)),
            Self::Heat(_) | Self::Drop(_) | Self::To(_) | Self::Radiator { .. } => None,
        }
    }
}

/// What flows into a node in a pass: kg/s times °C, kg/s, and kg/s times K per unit of ln(flow).
#[derive(Clone, Copy, Debug, Default)]
struct Mixed {
    heat: f64,
    flow: f64,
    swing: f64,
}

impl Mixed {
    fn add(&mut self, m: f64, t: f64, swing: f64) {
        self.heat += m * t;
        self.flow += m;
        self.swing += m * swing;
    }
}

/// What a flow does to the warmth that it carries: flow (kg/s), loss over heat capacity and flow,
/// and the share of warmth above the surroundings that arrives.
#[derive(Clone, Copy, Debug)]
struct Carried {
    m: f64,
    share: f64,
    keep: f64,
}

/// Temperatures with everything that is allocated once.
#[derive(Clone, Debug)]
pub(super) struct Thermal {
    pub change: Vec<Change>,
    /// By piece: temperature at the inlet and at the outlet of the flow, °C.
    pub in_c: Vec<f64>,
    pub out_c: Vec<f64>,
    /// By node, °C.
    pub t_c: Vec<f64>,
    /// By node: what its temperature gains when all flows grow, K per unit of ln(flow).
    pub gain_k: Vec<f64>,
    rest_c: Vec<f64>,
    heat: Vec<f64>,
    flow: Vec<f64>,
    swing: Vec<f64>,
    /// By piece: +1, −1 or 0 for no flow, at the last sweep of all.
    sign: Vec<i8>,
    /// What consumers' flows depend on, and the rest.
    parts: [Part; 2],
    wanted: Vec<bool>,
    marked: Option<bool>,
    scratch: Scratch,
    mixed: Vec<Mixed>,
    carried: Vec<Carried>,
    outside: Vec<(u32, f64)>,
    constant_heat: bool,
}

impl Thermal {
    pub fn new(net: &HeatNet, layout: &Layout, start_c: f64) -> Self {
        let nodes = layout.nodes;
        let mut rest_c = vec![net.ambient_c; nodes];
        for p in &layout.pieces {
            if let BranchKind::Pipe { ambient_c, .. } = net.branches[p.branch as usize].kind {
                rest_c[p.from as usize] = ambient_c;
                rest_c[p.to as usize] = ambient_c;
            }
        }
        let pieces = layout.pieces.len();
        Self {
            change: vec![Change::None; pieces],
            in_c: vec![start_c; pieces],
            out_c: vec![start_c; pieces],
            t_c: vec![start_c; nodes],
            gain_k: vec![0.0; nodes],
            rest_c,
            heat: vec![0.0; nodes],
            flow: vec![0.0; nodes],
            swing: vec![0.0; nodes],
            sign: vec![0; pieces],
            parts: [Part::default(), Part::default()],
            wanted: vec![true; nodes],
            marked: None,
            scratch: Scratch { waits: vec![0; nodes], place: vec![0; nodes] },
            mixed: Vec::with_capacity(nodes),
            carried: Vec::with_capacity(pieces),
            outside: Vec::new(),
            constant_heat: net.fluid.heat_j_kg_k.is_constant(),
        }
    }

    /// Takes over what branches do.
    pub fn refresh(&mut self, net: &HeatNet, layout: &Layout) {
        let mut changed = false;
        for (p, piece) in layout.pieces.iter().enumerate() {
            let b = piece.branch as usize;
            let sections = f64::from(layout.first[b + 1] - layout.first[b]);
            let change = match &net.branches[b].kind {
                BranchKind::Pipe { length_m, loss_w_m_k, ambient_c, .. } => {
                    Change::Loss { w_k: loss_w_m_k * length_m / sections, ambient_c: *ambient_c }
                }
                BranchKind::HeatExchanger { heat_w, .. } => Change::Heat(*heat_w),
                BranchKind::CirculationPressure { t_flow_c: Some(t), .. }
                | BranchKind::CirculationFlow { t_flow_c: Some(t), .. } => Change::To(*t),
                BranchKind::Consumer(c) => match *c {
                    Consumer::FlowAndDrop { drop_k, .. } | Consumer::HeatAndDrop { drop_k, .. } => {
                        Change::Drop(drop_k)
                    }
                    Consumer::FlowAndReturn { return_c, .. }
                    | Consumer::HeatAndReturn { return_c, .. } => Change::To(return_c),
                    Consumer::HeatAndFlow { heat_w, .. } => Change::Heat(heat_w),
                    Consumer::Radiator { heat_w, surface_w, indoor_c, .. } => {
                        Change::Radiator { heat_w, emitter: Emitter { surface_w }, indoor_c }
                    }
                },
                BranchKind::Valve { .. }
                | BranchKind::Pump(_)
                | BranchKind::CirculationPressure { t_flow_c: None, .. }
                | BranchKind::CirculationFlow { t_flow_c: None, .. }
                | BranchKind::PressureControl { .. }
                | BranchKind::FlowControl { .. } => Change::None,
            };
            changed |= self.change[p].loss() != change.loss();
            self.change[p] = change;
        }
        if changed {
            // The lists of what leaves each node have losses in them.
            self.marked = None;
        }
        self.outside.clear();
        for f in &net.fixed {
            if let Some(t) = f.t_c {
                self.outside.push((f.junction, t));
            }
        }
    }

    /// Which nodes' temperatures decide flows: those in the same unbroken stretch of water
    /// as the inlet of a consumer that wants heat. With `all` every node counts.
    pub fn mark_wanted(&mut self, net: &HeatNet, layout: &Layout, all: bool) {
        if self.marked == Some(all) {
            return;
        }
        self.marked = Some(all);
        self.wanted.fill(all);
        if !all {
            self.spread_wanted(net, layout);
        }
        self.parts = [true, false].map(|w| Part::new(layout, |n| self.wanted[n as usize] == w));
    }

    fn spread_wanted(&mut self, net: &HeatNet, layout: &Layout) {
        let mut stack = Vec::new();
        for p in &layout.pieces {
            let kind = &net.branches[p.branch as usize].kind;
            if let BranchKind::Consumer(Consumer::HeatAndReturn { .. }) = kind {
                stack.push(p.from);
            }
        }
        while let Some(n) = stack.pop() {
            if std::mem::replace(&mut self.wanted[n as usize], true) {
                continue;
            }
            let around =
                layout.at_first[n as usize] as usize..layout.at_first[n as usize + 1] as usize;
            for &p in &layout.at[around] {
                if !matches!(self.change[p as usize], Change::To(_)) {
                    let piece = layout.pieces[p as usize];
                    stack.push(piece.from ^ piece.to ^ n);
                }
            }
        }
    }

    /// Temperatures at flows `m_kg_s`, with `external` the flow from outside into a node.
    /// Only what consumers depend on unless `all`. Flows that do not yet obey their laws may
    /// run in rings, on which temperatures are found in up to `most_rounds` passes.
    pub fn sweep(
        &mut self,
        net: &HeatNet,
        layout: &Layout,
        m_kg_s: &[f64],
        external: impl Fn(usize) -> f64,
        all: bool,
        most_rounds: usize,
    ) {
        if all {
            for (sign, (piece, &m)) in self.sign.iter_mut().zip(layout.pieces.iter().zip(m_kg_s)) {
                *sign = if piece.role == Role::Off { 0 } else { direction(m) };
            }
        }
        let cp = if self.constant_heat { net.fluid.heat_j_kg_k.at(0.0) } else { f64::NAN };
        for wanted in [true, false] {
            if !(wanted || all) {
                continue;
            }
            let mut part = std::mem::take(&mut self.parts[usize::from(!wanted)]);
            let within = |n: u32| self.wanted[n as usize] == wanted;
            part.set(layout, m_kg_s, &self.change, within, &mut self.scratch, cp);
            if self.constant_heat && part.ringed == 0 {
                self.quick(net, layout, &part, m_kg_s, &external, wanted, all);
            } else {
                let rounds = if part.ringed > 0 { most_rounds } else { 1 };
                for _ in 0..rounds {
                    let change = self.pass(net, layout, &part, m_kg_s, &external);
                    if change < 1e-11 {
                        break;
                    }
                }
            }
            self.parts[usize::from(!wanted)] = part;
        }
    }

    /// The pass that most rounds need: water of constant heat capacity, no rings. Pieces'
    /// temperatures are only kept if `all`.
    fn quick(
        &mut self,
        net: &HeatNet,
        layout: &Layout,
        part: &Part,
        m_kg_s: &[f64],
        external: &impl Fn(usize) -> f64,
        wanted: bool,
        all: bool,
    ) {
        let (mut mixed, mut carried) = (take(&mut self.mixed), take(&mut self.carried));
        mixed.clear();
        mixed.resize(part.order.len(), Mixed::default());
        for &(n, t) in &self.outside {
            let into = external(n as usize);
            if into > STILL_KG_S && self.wanted[n as usize] == wanted {
                mixed[self.scratch.place[n as usize] as usize].add(into, t, 0.0);
            }
        }
        for &(p, _, place) in &part.sources {
            if let Change::To(t) = self.change[p as usize] {
                self.out_c[p as usize] = t;
                mixed[place as usize].add(m_kg_s[p as usize].abs(), t, 0.0);
            }
        }
        // What does not depend on temperatures comes first: nothing in it waits.
        carried.clear();
        carried.extend(part.leaves.iter().map(|leaf| {
            let m = m_kg_s[leaf.piece as usize].abs();
            if !leaf.given {
                mixed[leaf.place as usize].flow += m;
            }
            let share = leaf.loss_kg_s.max(0.0) / m;
            Carried { m, share, keep: decay(share) }
        }));
        for (i, &n) in part.order.iter().enumerate() {
            let n = n as usize;
            let (t, gain) = match mixed[i] {
                Mixed { heat, flow, swing } if flow > 0.0 => (heat / flow, swing / flow),
                Mixed { .. } => (self.source_c(n).unwrap_or(self.rest_c[n]), 0.0),
            };
            (self.t_c[n], self.gain_k[n]) = (t, gain);
            let leaves = part.first[i] as usize..part.first[i + 1] as usize;
            for (leaf, by) in part.leaves[leaves.clone()].iter().zip(&carried[leaves]) {
                let p = leaf.piece as usize;
                if all {
                    self.in_c[p] = t;
                }
                if leaf.given {
                    continue;
                }
                let (out, swing) = if leaf.loss_kg_s >= 0.0 {
                    let above = (t - leaf.ambient_c) * by.keep;
                    (leaf.ambient_c + above, by.keep * gain + above * by.share)
                } else {
                    let ahead = layout.pieces[p].to == leaf.down;
                    self.outlet(&net.fluid, p, by.m, t, gain, ahead)
                };
                if all {
                    self.out_c[p] = out;
                }
                let down = &mut mixed[leaf.place as usize];
                down.heat += by.m * out;
                down.swing += by.m * swing;
            }
        }
        (self.mixed, self.carried) = (mixed, carried);
    }

    fn pass(
        &mut self,
        net: &HeatNet,
        layout: &Layout,
        part: &Part,
        m_kg_s: &[f64],
        external: &impl Fn(usize) -> f64,
    ) -> f64 {
        self.begin(net, part, m_kg_s, external);
        let free = part.order.len() - part.ringed;
        let mut worst: f64 = 0.0;
        for (i, &n) in part.order.iter().enumerate() {
            let n = n as usize;
            if i >= free {
                self.gather(net, layout, n, m_kg_s);
            }
            let before = self.t_c[n];
            let flow = self.flow[n];
            let (t, gain) = if flow > 0.0 {
                (self.heat[n] / flow, self.swing[n] / flow)
            } else {
                (self.source_c(n).unwrap_or(self.rest_c[n]), 0.0)
            };
            self.t_c[n] = t;
            self.gain_k[n] = gain;
            worst = worst.max((t - before).abs());
            for leaf in &part.leaves[part.first[i] as usize..part.first[i + 1] as usize] {
                let p = leaf.piece as usize;
                self.in_c[p] = t;
                if leaf.given {
                    continue;
                }
                let m = m_kg_s[p].abs();
                let (out, swing) = self.outlet(&net.fluid, p, m, t, gain, m_kg_s[p] > 0.0);
                self.out_c[p] = out;
                if i < free {
                    self.mix(net, leaf.down as usize, m, out, swing);
                }
            }
        }
        worst
    }

    /// Starts a pass with what enters from outside and from plants.
    fn begin(
        &mut self,
        net: &HeatNet,
        part: &Part,
        m_kg_s: &[f64],
        external: &impl Fn(usize) -> f64,
    ) {
        self.heat.fill(0.0);
        self.flow.fill(0.0);
        self.swing.fill(0.0);
        for i in 0..self.outside.len() {
            let (n, t) = self.outside[i];
            let into = external(n as usize);
            if into > STILL_KG_S {
                self.mix(net, n as usize, into, t, 0.0);
            }
        }
        for &(p, down, _) in &part.sources {
            let p = p as usize;
            if let Change::To(t) = self.change[p] {
                self.out_c[p] = t;
                self.mix(net, down as usize, m_kg_s[p].abs(), t, 0.0);
            }
        }
    }

    /// Temperature given at a node from outside.
    fn source_c(&self, n: usize) -> Option<f64> {
        self.outside.iter().find(|o| o.0 as usize == n).map(|o| o.1)
    }

    #[inline]
    fn mix(&mut self, net: &HeatNet, n: usize, m: f64, t: f64, swing: f64) {
        let w = if self.constant_heat { m } else { m * net.fluid.capacity_between(t, self.t_c[n]) };
        self.heat[n] += w * t;
        self.flow[n] += w;
        self.swing[n] += w * swing;
    }

    /// Everything that flows into a node on a ring, from where it was left the last time.
    fn gather(&mut self, net: &HeatNet, layout: &Layout, n: usize, m_kg_s: &[f64]) {
        // Rings are few: what the pass has mixed in from outside rings is in them already.
        for k in layout.at_first[n] as usize..layout.at_first[n + 1] as usize {
            let p = layout.at[k] as usize;
            let piece = layout.pieces[p];
            let (up, down) = match direction(m_kg_s[p]) {
                0 => continue,
                1.. => (piece.from, piece.to),
                _ => (piece.to, piece.from),
            };
            let on_ring = down as usize == n && !matches!(self.change[p], Change::To(_));
            if on_ring && self.scratch.waits[up as usize] > 0 {
                let (m, t) = (m_kg_s[p].abs(), self.out_c[p]);
                self.mix(net, n, m, t, 0.0);
            }
        }
    }

    /// Temperature at which flow `m` (above 0) leaves a piece that it enters with `t`, and how that
    /// grows with all flows.
    #[inline]
    fn outlet(
        &self,
        fluid: &Fluid,
        p: usize,
        m: f64,
        t: f64,
        gain: f64,
        ahead: bool,
    ) -> (f64, f64) {
        match self.change[p] {
            Change::None => (t, gain),
            Change::Loss { w_k, ambient_c } => {
                if w_k == 0.0 {
                    return (t, gain);
                }
                let cp = fluid.capacity_between(t, self.out_c[p]);
                let share = w_k / (m * cp);
                let keep = decay(share);
                let above = (t - ambient_c) * keep;
                (ambient_c + above, keep * gain + above * share)
            }
            Change::Heat(w) => {
                let cp = fluid.capacity_between(t, self.out_c[p]);
                let fall = w / (m * cp);
                (t - fall, gain + fall)
            }
            Change::Drop(k) => (t - k, gain),
            Change::To(out) => (out, 0.0),
            Change::Radiator { heat_w, emitter, indoor_c } => {
                if !ahead {
                    return (t, gain);
                }
                let cp = fluid.capacity_between(t, self.out_c[p]);
                let given = emitter.heat_at(m * cp, t - indoor_c).min(heat_w);
                (t - given / (m * cp), gain)
            }
        }
    }

    /// Heat that leaves the water in piece `p` at flow `m_kg_s`, W.
    pub fn heat_w(&self, fluid: &Fluid, p: usize, m_kg_s: f64) -> f64 {
        if m_kg_s.abs() <= STILL_KG_S {
            return 0.0;
        }
        let (a, b) = (self.in_c[p], self.out_c[p]);
        m_kg_s.abs() * fluid.capacity_between(a, b) * (a - b)
    }

    /// True if piece `p` carries water.
    pub fn flows(&self, p: usize) -> bool {
        self.sign[p] == 1 || self.sign[p] == -1
    }
}

/// e^(−z) for z ≥ 0. Water cools by little in one pipe, where a few terms have all digits.
#[inline]
fn decay(z: f64) -> f64 {
    if z < 0.03 {
        let tail = 1.0 / 24.0 - z * (1.0 / 120.0 - z * (1.0 / 720.0 - z / 5040.0));
        return 1.0 - z * (1.0 - z * (0.5 - z * (1.0 / 6.0 - z * tail)));
    }
    (-z).exp()
}
