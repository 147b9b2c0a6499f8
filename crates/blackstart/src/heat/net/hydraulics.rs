//! Pressures and flows: the global gradient algorithm (Todini and Pilati 1988) on the
//! layout's unknown pressures.

mod mirror;

use super::PA_PER_BAR;
use super::data::{BranchKind, HeatNet, PumpLift};
use super::fluid::Fluid;
use super::friction::FrictionModel;
use super::laws::Law;
use super::layout::{Layout, NONE};
use super::pipes::Pipes;
use super::{GRAVITY_M_S2, air_pressure_bar};
use crate::math::dense;

/// Imbalance of a junction that the end of a solve may leave, kg/s.
const LAST_KG_S: f64 = 1e-11;

/// Below this the response of pressures to lifts is none.
const LEAST_PIVOT: f64 = 1e-12;

/// Below this an edge is a wall, kg/s per bar.
const LEAST_CONDUCTANCE: f64 = 1e-6;

/// Flows and pressures with everything that is allocated once.
#[derive(Clone, Debug)]
pub(super) struct Hydraulics {
    model: FrictionModel,
    /// By edge.
    pub laws: Vec<Law>,
    pipes: Pipes,
    loss_bar: Vec<f64>,
    slope: Vec<f64>,
    conductance: Vec<f64>,
    /// By edge: difference of pressure over it after the last step, bar.
    given_bar: Vec<f64>,
    /// By edge: pressure that height and air add, bar.
    static_bar: Vec<f64>,
    carried: Vec<f64>,
    /// By edge: flow at which the law is taken as straight next, kg/s.
    pub lin_kg_s: Vec<f64>,
    /// By edge: flow at which the loss and the slope were found, kg/s.
    at_kg_s: Vec<f64>,
    /// By piece: flow, kg/s.
    pub m_kg_s: Vec<f64>,
    /// By tie: difference from parent to child without height, bar.
    tie_bar: Vec<f64>,
    /// By pressure control: (tie, branch, controlled node, lift found, bar).
    controls: Vec<Control>,
    /// By node: pressure less the unknown of its group, bar.
    base_bar: Vec<f64>,
    pub p_bar: Vec<f64>,
    /// By node: what is injected and taken by given flows, kg/s.
    balance: Vec<f64>,
    diag: Vec<f64>,
    off: Vec<f64>,
    rhs: Vec<f64>,
    /// Unknown pressures of the last step, bar.
    unknown_bar: Vec<f64>,
    air_bar: Vec<f64>,
    sway: Vec<f64>,
    /// Weight of the water where its density is constant, bar per m of height.
    weight_bar_m: f64,
    /// Imbalance of a junction that rounds may leave, kg/s.
    pub enough_kg_s: f64,
}

#[derive(Clone, Copy, Debug)]
struct Control {
    tie: u32,
    branch: u32,
    node: u32,
    lift_bar: f64,
}

/// The flows could not be found: the worst node.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoFlows(pub u32);

/// How far flows and pressures are from the laws.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Away {
    /// Largest change of a flow that the next step would make, kg/s.
    pub m_kg_s: f64,
    /// Largest difference of pressure, bar, and the piece where it is.
    pub p_bar: f64,
    pub piece: u32,
}

impl Hydraulics {
    pub fn new(net: &HeatNet, layout: &Layout) -> Self {
        let laws: Vec<Law> = layout
            .edges
            .iter()
            .filter_map(|e| {
                let b = layout.pieces[e.piece as usize].branch as usize;
                let sections = f64::from(layout.first[b + 1] - layout.first[b]);
                Law::new(net.friction, &net.branches[b].kind, sections)
            })
            .collect();
        let controls = layout
            .ties
            .iter()
            .enumerate()
            .filter_map(|(i, t)| {
                let branch = layout.pieces[t.piece as usize].branch;
                let BranchKind::PressureControl { junction, .. } =
                    net.branches[branch as usize].kind
                else {
                    return None;
                };
                Some(Control {
                    tie: super::layout::index(i),
                    branch,
                    node: junction,
                    lift_bar: 0.0,
                })
            })
            .collect();
        let (edges, nodes) = (layout.edges.len(), layout.nodes);
        let mut all = Self {
            model: net.friction,
            pipes: Pipes::default(),
            loss_bar: vec![0.0; edges],
            slope: vec![1.0; edges],
            conductance: vec![0.0; edges],
            given_bar: vec![f64::NAN; edges],
            static_bar: vec![0.0; edges],
            carried: vec![0.0; edges],
            lin_kg_s: vec![0.0; edges],
            at_kg_s: vec![0.0; edges],
            m_kg_s: vec![0.0; layout.pieces.len()],
            tie_bar: vec![0.0; layout.ties.len()],
            controls,
            base_bar: vec![0.0; nodes],
            p_bar: vec![f64::NAN; nodes],
            balance: vec![0.0; nodes],
            diag: vec![0.0; layout.unknowns],
            off: vec![0.0; layout.slots],
            rhs: vec![0.0; layout.unknowns],
            unknown_bar: vec![0.0; layout.unknowns],
            air_bar: air_bar(&layout.elevation_m),
            sway: vec![0.0; layout.unknowns],
            weight_bar_m: 0.0,
            enough_kg_s: LAST_KG_S,
            laws,
        };
        for (i, (e, law)) in layout.edges.iter().zip(&all.laws).enumerate() {
            all.m_kg_s[e.piece as usize] = law.usual_kg_s();
            all.lin_kg_s[i] = law.usual_kg_s();
        }
        all
    }

    /// Takes over the laws of `net` where they differ only in numbers.
    pub fn refresh(&mut self, net: &HeatNet, layout: &Layout) {
        for (e, old) in layout.edges.iter().zip(&mut self.laws) {
            let b = layout.pieces[e.piece as usize].branch as usize;
            let sections = f64::from(layout.first[b + 1] - layout.first[b]);
            if let Some(law) = Law::new(net.friction, &net.branches[b].kind, sections) {
                *old = law;
            }
        }
    }

    /// Takes over the densities and viscosities at the pieces' temperatures.
    pub fn set_fluid(&mut self, fluid: &Fluid, layout: &Layout, in_c: &[f64], out_c: &[f64]) {
        self.weight_bar_m = fluid.density_kg_m3.at(0.0) * GRAVITY_M_S2 / PA_PER_BAR;
        for (e, edge) in layout.edges.iter().enumerate() {
            let p = edge.piece as usize;
            self.laws[e].set_fluid(fluid, in_c[p], out_c[p]);
            let weight = self.height_bar(fluid, layout, edge.from, edge.to, in_c[p], out_c[p]);
            self.given_bar[e] += weight - self.static_bar[e];
            self.static_bar[e] = weight;
        }
        self.pipes.set(self.model, &self.laws);
    }

    /// What air and the water's weight add from one node to another, bar.
    fn height_bar(
        &self,
        fluid: &Fluid,
        layout: &Layout,
        from: u32,
        to: u32,
        in_c: f64,
        out_c: f64,
    ) -> f64 {
        let (from, to) = (from as usize, to as usize);
        let fall = layout.elevation_m[from] - layout.elevation_m[to];
        if fall == 0.0 {
            return 0.0;
        }
        let rho = (fluid.density_kg_m3.at(in_c) + fluid.density_kg_m3.at(out_c)) / 2.0;
        self.air_bar[from] - self.air_bar[to] + rho * GRAVITY_M_S2 * fall / PA_PER_BAR
    }

    /// Takes over given pressures and the lifts of ties.
    pub fn set_ties(&mut self, net: &HeatNet, layout: &Layout, in_c: &[f64], out_c: &[f64]) {
        self.base_bar.fill(0.0);
        for r in &layout.fixed {
            self.base_bar[r.node as usize] = if r.row != NONE {
                net.fixed[r.row as usize].p_bar.unwrap_or(0.0)
            } else {
                given_bar(&net.branches[r.branch as usize].kind)
            };
        }
        for (t, tie) in layout.ties.iter().enumerate() {
            let p = tie.piece as usize;
            let piece = layout.pieces[p];
            let lift = fixed_lift_bar(&net.branches[piece.branch as usize].kind);
            let along =
                lift + self.height_bar(&net.fluid, layout, piece.from, piece.to, in_c[p], out_c[p]);
            self.tie_bar[t] = if piece.from == tie.parent { along } else { -along };
        }
        self.spread(layout);
    }

    /// Pressures of groups from their roots on.
    fn spread(&mut self, layout: &Layout) {
        let mut controls = self.controls.iter().peekable();
        for (t, tie) in layout.ties.iter().enumerate() {
            let mut step = self.tie_bar[t];
            if let Some(c) = controls.next_if(|c| c.tie as usize == t) {
                let along = layout.pieces[tie.piece as usize].from == tie.parent;
                step += if along { c.lift_bar } else { -c.lift_bar };
            }
            self.base_bar[tie.child as usize] = self.base_bar[tie.parent as usize] + step;
        }
    }

    /// Losses and slopes at the present flows, and how far pressures are from them.
    pub fn evaluate(&mut self, layout: &Layout) -> Away {
        let mut away = Away::default();
        self.at_kg_s.copy_from_slice(&self.lin_kg_s);
        if !self.pipes.losses(&self.at_kg_s, &mut self.loss_bar, &mut self.slope) {
            for (e, law) in self.laws.iter().enumerate() {
                (self.loss_bar[e], self.slope[e]) = law.loss(self.model, self.at_kg_s[e]);
            }
        }
        for (e, edge) in layout.edges.iter().enumerate() {
            let (m, loss, slope) = (self.at_kg_s[e], self.loss_bar[e], self.slope[e]);
            let miss = (self.given_bar[e] - loss).abs();
            // A first pass has no pressures yet, which compares as no improvement.
            if miss > away.p_bar {
                (away.p_bar, away.piece) = (miss, edge.piece);
            }
            away.m_kg_s =
                away.m_kg_s.max(miss / slope).max((m - self.m_kg_s[edge.piece as usize]).abs());
        }
        away
    }

    /// Starts the balances of the nodes with `injections`; given flows follow by
    /// [`Hydraulics::give`].
    pub fn start_balance(&mut self, net: &HeatNet, layout: &Layout) {
        self.balance.fill(0.0);
        for i in &net.injections {
            if layout.live[i.junction as usize] {
                self.balance[i.junction as usize] += i.mdot_kg_s;
            }
        }
    }

    /// A given flow of piece `p`.
    pub fn give(&mut self, layout: &Layout, p: usize, m_kg_s: f64) {
        let piece = layout.pieces[p];
        self.m_kg_s[p] = m_kg_s;
        self.balance[piece.from as usize] -= m_kg_s;
        self.balance[piece.to as usize] += m_kg_s;
    }

    /// One Newton step: all flows balance afterwards. With `far`, laws are next taken as
    /// straight where the new pressures would have them, if that is far below the new flow:
    /// a square law's flow otherwise only halves from step to step.
    pub fn step(&mut self, net: &HeatNet, layout: &mut Layout, far: bool) -> Result<(), NoFlows> {
        self.assemble(layout, true);
        if layout.ldl.factor(&self.diag, &self.off).is_err() {
            let node = layout.free.iter().position(|&f| f != NONE).unwrap_or(0);
            return Err(NoFlows(super::layout::index(node)));
        }
        self.flows(net, layout, far)
    }

    /// A step with the slopes of the last [`Hydraulics::step`], whose matrix it uses.
    pub fn follow(&mut self, net: &HeatNet, layout: &mut Layout) -> Result<(), NoFlows> {
        self.assemble(layout, false);
        self.flows(net, layout, false)
    }

    fn flows(&mut self, net: &HeatNet, layout: &mut Layout, far: bool) -> Result<(), NoFlows> {
        layout.ldl.solve(&mut self.rhs);
        if !self.controls.is_empty() {
            self.hold_pressures(net, layout)?;
        }
        self.unknown_bar.copy_from_slice(&self.rhs);
        for (e, edge) in layout.edges.iter().enumerate() {
            let up = if edge.free_from == NONE { 0.0 } else { self.rhs[edge.free_from as usize] };
            let down = if edge.free_to == NONE { 0.0 } else { self.rhs[edge.free_to as usize] };
            let m = self.carried[e] + self.conductance[e] * (up - down);
            self.m_kg_s[edge.piece as usize] = m;
            let old = self.at_kg_s[e];
            self.lin_kg_s[e] = m;
            // Pressures of ten bar have few digits left in a wide pipe's loss, flows have few
            // against a wall.
            let drop = if self.conductance[e] > LEAST_CONDUCTANCE {
                self.loss_bar[e] + (m - old) / self.conductance[e]
            } else {
                self.base_bar[edge.from as usize] - self.base_bar[edge.to as usize]
                    + self.static_bar[e]
                    + (up - down)
            };
            self.given_bar[e] = drop;
            if far && matches!(self.laws[e], Law::Resistance(_)) {
                let squared = drop * old * old / self.loss_bar[e].abs().max(1e-300);
                if squared.abs() < 0.25 * m * m {
                    self.lin_kg_s[e] = squared.abs().sqrt().max(0.05 * m.abs()).copysign(squared);
                }
            }
            self.balance[edge.from as usize] -= m;
            self.balance[edge.to as usize] += m;
        }
        self.refine(layout, self.enough_kg_s);
        for f in layout.twins.iter().flat_map(|t| &t.pieces) {
            self.m_kg_s[f.piece as usize] = 0.0;
        }
        self.mirror(layout);
        self.pass_ties(layout);
        Ok(())
    }

    /// What is left over at the leaves of a group has to pass its ties.
    fn pass_ties(&mut self, layout: &Layout) {
        for tie in layout.ties.iter().rev() {
            let into = -self.balance[tie.child as usize];
            let p = layout.pieces[tie.piece as usize];
            self.m_kg_s[tie.piece as usize] = if p.from == tie.parent { into } else { -into };
            self.balance[tie.child as usize] = 0.0;
            self.balance[tie.parent as usize] -= into;
        }
    }

    /// After the last step: balances to the last digit, and pressures.
    pub fn finish(&mut self, layout: &mut Layout) {
        // Ties carry what their groups had left over; what is more now is added to it.
        let before: Vec<f64> = layout.ties.iter().map(|t| self.m_kg_s[t.piece as usize]).collect();
        self.refine(layout, LAST_KG_S);
        self.mirror(layout);
        self.pass_ties(layout);
        for (tie, m) in layout.ties.iter().zip(before) {
            self.m_kg_s[tie.piece as usize] += m;
        }
        for node in 0..layout.nodes {
            let f = layout.free[node];
            let unknown = if f == NONE { 0.0 } else { self.unknown_bar[f as usize] };
            self.p_bar[node] =
                if layout.live[node] { self.base_bar[node] + unknown } else { f64::NAN };
        }
        self.mirror_pressures(layout);
    }

    /// Takes the rounding out of the balances. Pressures of ten bar that differ by a nanobar
    /// leave flows of short wide pipes with few digits; corrections of pressures have all.
    fn refine(&mut self, layout: &mut Layout, enough_kg_s: f64) {
        for _ in 0..2 {
            self.rhs.fill(0.0);
            for (node, &f) in layout.free.iter().enumerate() {
                if f != NONE {
                    self.rhs[f as usize] += self.balance[node];
                }
            }
            if self.rhs.iter().all(|r| r.abs() <= enough_kg_s) {
                return;
            }
            layout.ldl.solve(&mut self.rhs);
            for (p, more) in self.unknown_bar.iter_mut().zip(&self.rhs) {
                *p += more;
            }
            for (e, edge) in layout.edges.iter().enumerate() {
                let at = |f: u32| if f == NONE { 0.0 } else { self.rhs[f as usize] };
                let more = self.conductance[e] * (at(edge.free_from) - at(edge.free_to));
                self.m_kg_s[edge.piece as usize] += more;
                self.lin_kg_s[e] += more;
                self.given_bar[e] += at(edge.free_from) - at(edge.free_to);
                self.balance[edge.from as usize] -= more;
                self.balance[edge.to as usize] += more;
            }
        }
    }

    /// The straight laws' flows and, with `matrix`, the matrix that goes with their slopes.
    fn assemble(&mut self, layout: &Layout, matrix: bool) {
        if matrix {
            self.diag.fill(0.0);
        }
        self.rhs.fill(0.0);
        for (node, &f) in layout.free.iter().enumerate() {
            if f != NONE {
                self.rhs[f as usize] += self.balance[node];
            }
        }
        for (e, edge) in layout.edges.iter().enumerate() {
            if matrix {
                self.conductance[e] = 1.0 / self.slope[e];
            }
            let y = self.conductance[e];
            let known = self.base_bar[edge.from as usize] - self.base_bar[edge.to as usize]
                + self.static_bar[e];
            let carried = self.at_kg_s[e] + y * (known - self.loss_bar[e]);
            self.carried[e] = carried;
            let (a, b) = (edge.free_from, edge.free_to);
            if a == b {
                continue;
            }
            if a != NONE {
                self.rhs[a as usize] -= carried;
            }
            if b != NONE {
                self.rhs[b as usize] += carried;
            }
            if matrix {
                if a != NONE {
                    self.diag[a as usize] += y;
                }
                if b != NONE {
                    self.diag[b as usize] += y;
                }
                if edge.slot != NONE {
                    self.off[edge.slot as usize] = -y;
                }
            }
        }
    }

    /// Lifts of pressure controls that bring the controlled pressures to their set-points:
    /// the unknowns' response to each lift, and a small dense system.
    fn hold_pressures(&mut self, net: &HeatNet, layout: &mut Layout) -> Result<(), NoFlows> {
        let k = self.controls.len();
        let (mut a, mut b) = (vec![0.0; k * k], vec![0.0; k]);
        let mut lifted: Vec<Vec<bool>> = Vec::with_capacity(k);
        let mut responses: Vec<Vec<f64>> = Vec::with_capacity(k);
        for c in &self.controls {
            // Everything beyond the control's tie rises with it.
            let mut up = vec![false; layout.nodes];
            for (t, tie) in layout.ties.iter().enumerate() {
                if t == c.tie as usize || up[tie.parent as usize] {
                    up[tie.child as usize] = true;
                }
            }
            let tie = layout.ties[c.tie as usize];
            let along = layout.pieces[tie.piece as usize].from == tie.parent;
            let sign = if along { 1.0 } else { -1.0 };
            self.sway.fill(0.0);
            for (e, edge) in layout.edges.iter().enumerate() {
                let rise = |n: u32| if up[n as usize] { sign } else { 0.0 };
                let push = self.conductance[e] * (rise(edge.from) - rise(edge.to));
                if edge.free_from == edge.free_to {
                    continue;
                }
                if edge.free_from != NONE {
                    self.sway[edge.free_from as usize] -= push;
                }
                if edge.free_to != NONE {
                    self.sway[edge.free_to as usize] += push;
                }
            }
            layout.ldl.solve(&mut self.sway);
            responses.push(self.sway.clone());
            lifted.push(up);
        }
        let at = |x: &[f64], node: u32| match layout.free[node as usize] {
            NONE => 0.0,
            f => x[f as usize],
        };
        for (i, c) in self.controls.iter().enumerate() {
            let BranchKind::PressureControl { p_bar, .. } = net.branches[c.branch as usize].kind
            else {
                continue;
            };
            b[i] = p_bar - self.base_bar[c.node as usize] - at(&self.rhs, c.node);
            for (j, other) in self.controls.iter().enumerate() {
                let tie = layout.ties[other.tie as usize];
                let along = layout.pieces[tie.piece as usize].from == tie.parent;
                let own = if lifted[j][c.node as usize] { 1.0 } else { 0.0 };
                a[i * k + j] = at(&responses[j], c.node) + if along { own } else { -own };
            }
        }
        let first = self.controls[0].node;
        dense::eliminate(&mut a, &mut b, LEAST_PIVOT).ok_or(NoFlows(first))?;
        for (j, step) in b.iter().enumerate() {
            self.controls[j].lift_bar += step;
            for (x, r) in self.rhs.iter_mut().zip(&responses[j]) {
                *x += step * r;
            }
            let tie = layout.ties[self.controls[j].tie as usize];
            let along = layout.pieces[tie.piece as usize].from == tie.parent;
            let rise = if along { *step } else { -*step };
            for (node, base) in self.base_bar.iter_mut().enumerate() {
                if lifted[j][node] {
                    *base += rise;
                }
            }
        }
        for (e, edge) in layout.edges.iter().enumerate() {
            let known = self.base_bar[edge.from as usize] - self.base_bar[edge.to as usize]
                + self.static_bar[e];
            self.carried[e] = self.at_kg_s[e] + self.conductance[e] * (known - self.loss_bar[e]);
        }
        Ok(())
    }

    /// Largest imbalance of a node that takes nothing from outside, kg/s, and that node.
    pub fn imbalance(&self, layout: &Layout) -> (f64, u32) {
        let mut worst = (0.0, 0);
        for node in 0..layout.nodes {
            let size = self.balance[node].abs();
            if layout.live[node] && size > worst.0 && !self.open(layout, node) {
                worst = (size, super::layout::index(node));
            }
        }
        worst
    }

    fn open(&self, layout: &Layout, node: usize) -> bool {
        layout.free[node] == NONE
            && layout.fixed.iter().any(|r| r.node as usize == node && r.row != NONE)
    }

    /// Moves the point at which the law of edge `e` is known, with what the law is about.
    pub fn shift(&mut self, e: usize, by_kg_s: f64) {
        self.lin_kg_s[e] += by_kg_s;
        self.at_kg_s[e] += by_kg_s;
    }

    /// The largest flow of an edge, kg/s.
    pub fn largest_kg_s(&self) -> f64 {
        self.lin_kg_s.iter().fold(0.0, |most, m| m.abs().max(most))
    }

    /// Flow into the network from outside at a node with a given pressure, kg/s.
    pub fn external_kg_s(&self, node: usize) -> f64 {
        -self.balance[node]
    }
}

/// Pressure of the air by node, bar; many are at the same height.
fn air_bar(elevation_m: &[f64]) -> Vec<f64> {
    let mut last = (f64::NAN, 0.0);
    let air = |&h: &f64| {
        if h != last.0 {
            last = (h, air_pressure_bar(h));
        }
        last.1
    };
    elevation_m.iter().map(air).collect()
}

/// Pressure that a plant holds at its flow junction, bar.
fn given_bar(kind: &BranchKind) -> f64 {
    if let BranchKind::CirculationPressure { p_flow_bar, .. }
    | BranchKind::CirculationFlow { p_flow_bar, .. } = kind
    {
        p_flow_bar.unwrap_or(0.0)
    } else {
        0.0
    }
}

/// Lift of a tie that does not depend on the flow, bar.
fn fixed_lift_bar(kind: &BranchKind) -> f64 {
    if let BranchKind::Pump(PumpLift::Fixed(lift_bar))
    | BranchKind::CirculationPressure { lift_bar, .. } = kind
    {
        *lift_bar
    } else {
        0.0
    }
}
