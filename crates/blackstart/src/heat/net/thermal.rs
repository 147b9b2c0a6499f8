//! Temperatures that given flows lead to: one pass along the flow where it has no rings.

use super::data::{BranchKind, Consumer, HeatNet};
use super::fluid::Fluid;
use super::layout::{Layout, Role};
use crate::heat::Emitter;

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
    /// By piece: +1, −1 or 0 for no flow, as the order was made for.
    sign: Vec<i8>,
    at_first: Vec<u32>,
    at: Vec<u32>,
    order: Vec<u32>,
    /// By place in `order`: pieces that leave the node, with where they lead to.
    leaves_first: Vec<u32>,
    leaves: Vec<(u32, u32)>,
    /// What each of `leaves` does, where that is to lose heat or nothing and the heat capacity
    /// is constant: loss over heat capacity (kg/s; below 0 for anything else) and °C around.
    losses: Vec<(f64, f64)>,
    /// Pieces whose outlet temperature is given, with where they lead to.
    sources: Vec<(u32, u32)>,
    /// Nodes that lie on rings of flow, at the end of `order`.
    ringed: usize,
    /// Nodes of `order` that consumers' flows depend on come first.
    needed: usize,
    wanted: Vec<bool>,
    marked: Option<bool>,
    waits: Vec<u32>,
    outside: Vec<(u32, f64)>,
    constant_heat: bool,
}

impl Thermal {
    pub fn new(net: &HeatNet, layout: &Layout, start_c: f64) -> Self {
        let nodes = layout.nodes;
        let mut at_first = vec![0u32; nodes + 1];
        for p in &layout.pieces {
            at_first[p.from as usize + 1] += 1;
            at_first[p.to as usize + 1] += 1;
        }
        for n in 0..nodes {
            at_first[n + 1] += at_first[n];
        }
        let mut next = at_first.clone();
        let mut at = vec![0u32; at_first[nodes] as usize];
        let mut rest_c = vec![net.ambient_c; nodes];
        for (i, p) in layout.pieces.iter().enumerate() {
            for end in [p.from as usize, p.to as usize] {
                at[next[end] as usize] = super::layout::index(i);
                next[end] += 1;
                if let BranchKind::Pipe { ambient_c, .. } = net.branches[p.branch as usize].kind {
                    rest_c[end] = ambient_c;
                }
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
            sign: vec![2; pieces],
            at_first,
            at,
            order: Vec::with_capacity(nodes),
            leaves_first: Vec::with_capacity(nodes + 1),
            leaves: Vec::with_capacity(pieces),
            losses: Vec::with_capacity(pieces),
            sources: Vec::new(),
            ringed: 0,
            needed: 0,
            wanted: vec![true; nodes],
            marked: None,
            waits: vec![0; nodes],
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
            // The list of what leaves each node has losses in it.
            self.sign.fill(2);
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
        self.sign.fill(2);
        self.wanted.fill(all);
        if all {
            return;
        }
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
            let around = self.at_first[n as usize] as usize..self.at_first[n as usize + 1] as usize;
            for &p in &self.at[around] {
                if !matches!(self.change[p as usize], Change::To(_)) {
                    let piece = layout.pieces[p as usize];
                    stack.push(piece.from ^ piece.to ^ n);
                }
            }
        }
    }

    /// Orders the nodes along the flow if its directions changed.
    fn set_order(&mut self, net: &HeatNet, layout: &Layout, m_kg_s: &[f64]) {
        let mut same = true;
        for (sign, &m) in self.sign.iter_mut().zip(m_kg_s) {
            let now = i8::from(m > STILL_KG_S) - i8::from(m < -STILL_KG_S);
            same &= *sign == now;
            *sign = now;
        }
        if same {
            return;
        }
        self.waits.fill(0);
        for (p, piece) in layout.pieces.iter().enumerate() {
            if let Some((_, down)) = self.ends(layout, p)
                && !matches!(self.change[p], Change::To(_))
                && piece.role != Role::Off
            {
                self.waits[down as usize] += 1;
            }
        }
        self.order.clear();
        let nodes = super::layout::index(layout.nodes);
        // Two passes of one queue: first what consumers depend on.
        for wanted in [true, false] {
            let mut done = self.order.len();
            for n in 0..nodes {
                if self.wanted[n as usize] == wanted && self.waits[n as usize] == 0 {
                    self.order.push(n);
                }
            }
            while done < self.order.len() {
                let n = self.order[done] as usize;
                done += 1;
                for i in self.at_first[n] as usize..self.at_first[n + 1] as usize {
                    let p = self.at[i] as usize;
                    if let Some((up, down)) = self.ends(layout, p)
                        && up as usize == n
                        && !matches!(self.change[p], Change::To(_))
                    {
                        let left = &mut self.waits[down as usize];
                        *left -= 1;
                        if *left == 0 && self.wanted[down as usize] == wanted {
                            self.order.push(down);
                        }
                    }
                }
            }
            if wanted {
                self.needed = self.order.len();
            }
        }
        self.ringed = layout.nodes - self.order.len();
        if self.ringed > 0 {
            let mut placed = vec![false; layout.nodes];
            for &n in &self.order {
                placed[n as usize] = true;
            }
            self.order.extend((0..nodes).filter(|&n| !placed[n as usize]));
            self.needed = self.order.len();
        }
        self.write_program(net, layout);
    }

    /// The order as a list of what leaves each node.
    fn write_program(&mut self, net: &HeatNet, layout: &Layout) {
        let cp = if self.constant_heat { net.fluid.heat_j_kg_k.at(0.0) } else { f64::NAN };
        self.sources.clear();
        self.leaves.clear();
        self.losses.clear();
        self.leaves_first.clear();
        for i in 0..self.order.len() {
            let n = self.order[i];
            self.leaves_first.push(super::layout::index(self.leaves.len()));
            for k in self.at_first[n as usize] as usize..self.at_first[n as usize + 1] as usize {
                let p = self.at[k];
                if let Some((up, down)) = self.ends(layout, p as usize)
                    && up == n
                {
                    self.leaves.push((p, down));
                    let loss = self.change[p as usize].loss();
                    self.losses.push(loss.map_or((-1.0, 0.0), |(w_k, c)| (w_k / cp, c)));
                    if matches!(self.change[p as usize], Change::To(_)) {
                        self.sources.push((p, down));
                    }
                }
            }
        }
        self.leaves_first.push(super::layout::index(self.leaves.len()));
    }

    /// Nodes where the flow of a piece enters and leaves it.
    fn ends(&self, layout: &Layout, p: usize) -> Option<(u32, u32)> {
        let piece = layout.pieces[p];
        match self.sign[p] {
            1 => Some((piece.from, piece.to)),
            -1 => Some((piece.to, piece.from)),
            _ => None,
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
        self.set_order(net, layout, m_kg_s);
        let rounds = if self.ringed > 0 { most_rounds } else { 1 };
        if self.constant_heat && self.ringed == 0 {
            self.quick(net, layout, m_kg_s, &external, all);
            return;
        }
        for _ in 0..rounds {
            let change = self.pass(net, layout, m_kg_s, &external, all);
            if change < 1e-11 {
                break;
            }
        }
    }

    /// The pass that most rounds need: water of constant heat capacity, no rings.
    fn quick(
        &mut self,
        net: &HeatNet,
        layout: &Layout,
        m_kg_s: &[f64],
        external: &impl Fn(usize) -> f64,
        all: bool,
    ) {
        self.begin(net, m_kg_s, external);
        let end = if all { self.order.len() } else { self.needed };
        for i in 0..end {
            let n = self.order[i] as usize;
            let flow = self.flow[n];
            if flow <= 0.0 {
                self.t_c[n] = self.source_c(n).unwrap_or(self.rest_c[n]);
                self.gain_k[n] = 0.0;
            } else {
                let share = 1.0 / flow;
                self.t_c[n] = self.heat[n] * share;
                self.gain_k[n] = self.swing[n] * share;
            }
            let (t, gain) = (self.t_c[n], self.gain_k[n]);
            for k in self.leaves_first[i] as usize..self.leaves_first[i + 1] as usize {
                let (p, down) = self.leaves[k];
                let (p, down) = (p as usize, down as usize);
                let m = m_kg_s[p].abs();
                let (loss, ambient_c) = self.losses[k];
                let (out, swing) = if loss >= 0.0 {
                    let share = loss / m;
                    let keep = decay(share);
                    let above = (t - ambient_c) * keep;
                    (ambient_c + above, keep * gain + above * share)
                } else if matches!(self.change[p], Change::To(_)) {
                    self.in_c[p] = t;
                    continue;
                } else {
                    let ahead = layout.pieces[p].to as usize == down;
                    self.outlet(&net.fluid, p, m, t, gain, ahead)
                };
                self.in_c[p] = t;
                self.out_c[p] = out;
                self.heat[down] += m * out;
                self.flow[down] += m;
                self.swing[down] += m * swing;
            }
        }
    }

    fn pass(
        &mut self,
        net: &HeatNet,
        layout: &Layout,
        m_kg_s: &[f64],
        external: &impl Fn(usize) -> f64,
        all: bool,
    ) -> f64 {
        self.begin(net, m_kg_s, external);
        let end = if all { self.order.len() } else { self.needed };
        let free = self.order.len() - self.ringed;
        let mut worst: f64 = 0.0;
        for i in 0..end {
            let n = self.order[i] as usize;
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
            for k in self.leaves_first[i] as usize..self.leaves_first[i + 1] as usize {
                let (p, down) = self.leaves[k];
                let p = p as usize;
                self.in_c[p] = t;
                if matches!(self.change[p], Change::To(_)) {
                    continue;
                }
                let m = m_kg_s[p].abs();
                let (out, swing) = self.outlet(&net.fluid, p, m, t, gain, m_kg_s[p] > 0.0);
                self.out_c[p] = out;
                if i < free {
                    self.mix(net, down as usize, m, out, swing);
                }
            }
        }
        worst
    }

    /// Starts a pass with what enters from outside and from plants.
    fn begin(&mut self, net: &HeatNet, m_kg_s: &[f64], external: &impl Fn(usize) -> f64) {
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
        for i in 0..self.sources.len() {
            let (p, down) = self.sources[i];
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
        for k in self.at_first[n] as usize..self.at_first[n + 1] as usize {
            let p = self.at[k] as usize;
            let Some((up, down)) = self.ends(layout, p) else { continue };
            let on_ring = down as usize == n && !matches!(self.change[p], Change::To(_));
            if on_ring && !self.placed_early(up) {
                let (m, t) = (m_kg_s[p].abs(), self.out_c[p]);
                self.mix(net, n, m, t, 0.0);
            }
        }
    }

    fn placed_early(&self, n: u32) -> bool {
        self.waits[n as usize] == 0
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
