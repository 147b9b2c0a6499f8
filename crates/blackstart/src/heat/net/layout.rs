//! What of a network depends on its structure alone: pieces of branches, which junctions
//! are joined without resistance, which have a pressure to refer to.

use super::data::{Branch, BranchKind, Consumer, HeatNet, NetError};
use super::twins::Twins;
use crate::math::Ldl;

pub(super) const NONE: u32 = u32::MAX;

/// How the flow of a piece is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// By its law of pressure and flow: position among the edges.
    Edge(u32),
    /// By balance: it joins its ends with a known difference of pressure.
    Tie,
    /// It is given.
    Given,
    /// It is that of the pipe beside it, with its sign turned: see [`Twins`].
    Follows,
    /// Out of service, or not connected to any pressure: no flow.
    Off,
}

/// A branch, or one of the parts that it is computed in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub branch: u32,
    pub from: u32,
    pub to: u32,
    pub role: Role,
}

/// Ends of an edge among the unknown pressures; [`NONE`] where the pressure is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeEnds {
    pub piece: u32,
    pub from: u32,
    pub to: u32,
    pub free_from: u32,
    pub free_to: u32,
    /// Place among the off-diagonal entries.
    pub slot: u32,
}

/// A step from a junction with known offset to the next one over a tie.
#[derive(Clone, Copy, Debug)]
pub(super) struct TieStep {
    pub piece: u32,
    pub parent: u32,
    pub child: u32,
}

/// The structure of a network.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Junctions and the inner points of pipes in several sections.
    pub nodes: usize,
    pub elevation_m: Vec<f64>,
    pub pieces: Vec<Piece>,
    /// Pieces of branch `b`: `first[b]..first[b + 1]`.
    pub first: Vec<u32>,
    /// Pieces at node `n`: `at[at_first[n]..at_first[n + 1]]`, in order.
    pub at_first: Vec<u32>,
    pub at: Vec<u32>,
    pub edges: Vec<EdgeEnds>,
    pub ties: Vec<TieStep>,
    /// By node: unknown pressure of the group it belongs to; [`NONE`] where known.
    pub free: Vec<u32>,
    /// By node: the node whose pressure its own follows over ties.
    pub root: Vec<u32>,
    /// By node: false where no pressure is defined.
    pub live: Vec<bool>,
    /// Nodes with a given pressure: (node, fixed row or NONE, branch or NONE).
    pub fixed: Vec<Reference>,
    pub ldl: Ldl,
    pub slots: usize,
    pub unknowns: usize,
    /// Pipes whose flows are not among the edges, as they are others' with the sign turned.
    pub twins: Option<Twins>,
    pub notes: Vec<String>,
    key: Vec<u64>,
}

/// Where a pressure is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    pub node: u32,
    /// Row of the table of fixed junctions: takes and gives any flow.
    pub row: u32,
    /// A plant whose flow junction it is: takes and gives none.
    pub branch: u32,
}

/// Sets that grow together.
struct Sets(Vec<u32>);

impl Sets {
    fn new(n: usize) -> Self {
        Self((0u32..).take(n).collect())
    }

    fn root(&mut self, i: u32) -> u32 {
        let mut i = i;
        while self.0[i as usize] != i {
            let up = self.0[self.0[i as usize] as usize];
            self.0[i as usize] = up;
            i = up;
        }
        i
    }

    /// False if they were together already.
    fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }
}

impl Layout {
    /// # Errors
    /// [`NetError`] where values or references cannot be computed with.
    pub fn new(net: &HeatNet) -> Result<Self, NetError> {
        net.check()?;
        let mut elevation_m: Vec<f64> = net.junctions.iter().map(|j| j.elevation_m).collect();
        let mut notes = Vec::new();
        let (mut pieces, mut first) = (Vec::with_capacity(net.branches.len()), vec![0]);
        for (b, branch) in net.branches.iter().enumerate() {
            cut(net, index(b), branch, &mut elevation_m, &mut pieces);
            first.push(index(pieces.len()));
        }
        let nodes = elevation_m.len();
        let (at_first, at) = around(nodes, &pieces);
        let references = references(net, nodes, &pieces, &mut notes);
        let mut layout = Self {
            nodes,
            elevation_m,
            pieces,
            first,
            at_first,
            at,
            edges: Vec::new(),
            ties: Vec::new(),
            free: vec![NONE; nodes],
            root: (0u32..).take(nodes).collect(),
            live: vec![false; nodes],
            fixed: references,
            ldl: Ldl::new(0, &[]),
            slots: 0,
            unknowns: 0,
            twins: None,
            notes,
            key: key(net),
        };
        layout.grow_ties(net)?;
        layout.number(net);
        Ok(layout)
    }

    /// True if the structure is that of `net`.
    pub fn fits(&self, net: &HeatNet) -> bool {
        let mut keys = self.key.iter();
        each_key(net, |k| keys.next() == Some(&k))
            && keys.next().is_none()
            && self.twins.as_ref().is_none_or(|t| t.hold(net, self))
    }

    /// Groups of nodes joined by ties, each grown from the node whose pressure is given.
    fn grow_ties(&mut self, net: &HeatNet) -> Result<(), NetError> {
        let mut seen = vec![false; self.nodes];
        let mut given = vec![false; self.nodes];
        for r in &self.fixed {
            given[r.node as usize] = true;
        }
        let mut used = vec![false; self.pieces.len()];
        let starts: Vec<u32> =
            self.fixed.iter().map(|r| r.node).chain((0u32..).take(self.nodes)).collect();
        let mut queue = Vec::new();
        for start in starts {
            if seen[start as usize] {
                continue;
            }
            seen[start as usize] = true;
            queue.push(start);
            while let Some(node) = queue.pop() {
                let around = self.at_first[node as usize]..self.at_first[node as usize + 1];
                for k in around {
                    let i = self.at[k as usize];
                    let p = self.pieces[i as usize];
                    if p.role != Role::Tie {
                        continue;
                    }
                    let other = if p.from == node { p.to } else { p.from };
                    if used[i as usize] || other == node {
                        continue;
                    }
                    used[i as usize] = true;
                    if seen[other as usize] {
                        // Closes a ring without resistance: which way round is undecided.
                        self.pieces[i as usize].role = Role::Off;
                        self.notes.push(format!(
                            "branch {} lies beside others without resistance and is taken to \
                             carry nothing",
                            net.branches[p.branch as usize].id
                        ));
                        continue;
                    }
                    if given[other as usize] {
                        return Err(NetError::FixedTwice {
                            first: self.name(net, self.root[node as usize]),
                            second: self.name(net, other),
                        });
                    }
                    seen[other as usize] = true;
                    self.root[other as usize] = self.root[node as usize];
                    self.ties.push(TieStep { piece: i, parent: node, child: other });
                    queue.push(other);
                }
            }
        }
        for (i, p) in self.pieces.iter_mut().enumerate() {
            if p.role == Role::Tie && !used[i] {
                p.role = Role::Off;
            }
        }
        Ok(())
    }

    /// A node in words.
    pub fn name(&self, net: &HeatNet, node: u32) -> String {
        match net.junctions.get(node as usize) {
            Some(j) => format!("junction {}", j.id),
            None => "a point within a pipe".into(),
        }
    }

    /// Numbers the unknown pressures and the edges between them.
    fn number(&mut self, net: &HeatNet) {
        let mut sets = Sets::new(self.nodes);
        for p in &self.pieces {
            if matches!(p.role, Role::Edge(_) | Role::Tie) {
                sets.join(p.from, p.to);
            }
        }
        let mut has = vec![false; self.nodes];
        let mut known = vec![false; self.nodes];
        for r in &self.fixed {
            has[sets.root(r.node) as usize] = true;
            known[r.node as usize] = true;
        }
        for node in 0..index(self.nodes) {
            self.live[node as usize] = has[sets.root(node) as usize];
        }
        for p in &mut self.pieces {
            if !(self.live[p.from as usize] && self.live[p.to as usize]) {
                p.role = Role::Off;
            }
        }
        self.ties.retain(|t| self.live[t.parent as usize]);
        self.number_unknowns(&known);
        self.twins = Twins::find(net, self);
        if let Some(twins) = &self.twins {
            for f in &twins.pieces {
                self.pieces[f.piece as usize].role = Role::Follows;
            }
            for &(node, _) in &twins.nodes {
                known[node as usize] = true;
            }
            self.number_unknowns(&known);
        }
        let mut between = Vec::with_capacity(self.pieces.len());
        for (i, p) in self.pieces.iter_mut().enumerate() {
            if !matches!(p.role, Role::Edge(_)) {
                continue;
            }
            p.role = Role::Edge(index(self.edges.len()));
            let (a, b) = (self.free[p.from as usize], self.free[p.to as usize]);
            let slot = if a != NONE && b != NONE && a != b {
                between.push((a, b));
                index(between.len() - 1)
            } else {
                NONE
            };
            self.edges.push(EdgeEnds {
                piece: index(i),
                from: p.from,
                to: p.to,
                free_from: a,
                free_to: b,
                slot,
            });
        }
        self.slots = between.len();
        self.ldl = Ldl::new(self.unknowns, &between);
    }

    /// Numbers the nodes whose pressures are not `known` nor follow another's.
    fn number_unknowns(&mut self, known: &[bool]) {
        self.free.fill(NONE);
        let mut unknowns = 0;
        for node in 0..self.nodes {
            if self.live[node] && self.root[node] as usize == node && !known[node] {
                self.free[node] = unknowns;
                unknowns += 1;
            }
        }
        for node in 0..self.nodes {
            self.free[node] = self.free[self.root[node] as usize];
        }
        self.unknowns = unknowns as usize;
    }

    /// Pieces with laws at a node, in order.
    pub fn edges_at(&self, n: u32) -> impl Iterator<Item = u32> {
        let around = self.at_first[n as usize] as usize..self.at_first[n as usize + 1] as usize;
        let law = |&p: &u32| matches!(self.pieces[p as usize].role, Role::Edge(_));
        self.at[around].iter().copied().filter(law)
    }
}

/// Pieces by node.
fn around(nodes: usize, pieces: &[Piece]) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; nodes + 1];
    for p in pieces {
        first[p.from as usize + 1] += 1;
        first[p.to as usize + 1] += 1;
    }
    for n in 0..nodes {
        first[n + 1] += first[n];
    }
    let mut next = first.clone();
    let mut at = vec![0u32; first[nodes] as usize];
    for (i, p) in pieces.iter().enumerate() {
        for end in [p.from as usize, p.to as usize] {
            at[next[end] as usize] = index(i);
            next[end] += 1;
        }
    }
    (first, at)
}

/// Adds the pieces of a branch.
fn cut(
    net: &HeatNet,
    b: u32,
    branch: &Branch,
    elevation_m: &mut Vec<f64>,
    pieces: &mut Vec<Piece>,
) {
    let ends = [branch.from, branch.to];
    let works = branch.in_service && ends.iter().all(|&j| net.junctions[j as usize].in_service);
    let role = if works { role(branch) } else { Role::Off };
    let sections = match branch.kind {
        BranchKind::Pipe { sections, .. } if !net.fluid.is_constant() => sections.clamp(1, 10_000),
        BranchKind::Pipe { .. }
        | BranchKind::Valve { .. }
        | BranchKind::Pump(_)
        | BranchKind::CirculationPressure { .. }
        | BranchKind::CirculationFlow { .. }
        | BranchKind::Consumer(_)
        | BranchKind::HeatExchanger { .. }
        | BranchKind::PressureControl { .. }
        | BranchKind::FlowControl { .. } => 1,
    };
    let (low, high) = (elevation_m[branch.from as usize], elevation_m[branch.to as usize]);
    let mut from = branch.from;
    for s in 1..=sections {
        let to = if s == sections {
            branch.to
        } else {
            let share = f64::from(s) / f64::from(sections);
            elevation_m.push(low + (high - low) * share);
            index(elevation_m.len() - 1)
        };
        pieces.push(Piece { branch: b, from, to, role });
        from = to;
    }
}

fn role(branch: &Branch) -> Role {
    match &branch.kind {
        BranchKind::Pipe { length_m, loss_coefficient, .. } => {
            if *length_m > 0.0 || *loss_coefficient > 0.0 { Role::Edge(0) } else { Role::Tie }
        }
        BranchKind::Valve { loss_coefficient, .. }
        | BranchKind::HeatExchanger { loss_coefficient, .. } => {
            if *loss_coefficient > 0.0 {
                Role::Edge(0)
            } else {
                Role::Tie
            }
        }
        BranchKind::Pump(super::data::PumpLift::Curve { .. })
        | BranchKind::Consumer(Consumer::Radiator { .. }) => Role::Edge(0),
        BranchKind::Pump(super::data::PumpLift::Fixed(_))
        | BranchKind::CirculationPressure { .. }
        | BranchKind::PressureControl { .. } => Role::Tie,
        BranchKind::CirculationFlow { .. }
        | BranchKind::Consumer(_)
        | BranchKind::FlowControl { .. } => Role::Given,
    }
}

/// Given pressures: those of fixed junctions, then of plants in parts that have none yet.
fn references(
    net: &HeatNet,
    nodes: usize,
    pieces: &[Piece],
    notes: &mut Vec<String>,
) -> Vec<Reference> {
    let mut sets = Sets::new(nodes);
    for p in pieces.iter().filter(|p| matches!(p.role, Role::Edge(_) | Role::Tie)) {
        sets.join(p.from, p.to);
    }
    let mut out: Vec<Reference> = Vec::new();
    let mut has = vec![false; nodes];
    let mut taken = vec![false; nodes];
    for (row, f) in net.fixed.iter().enumerate() {
        let j = f.junction as usize;
        if f.p_bar.is_some() && net.junctions[j].in_service && !taken[j] {
            taken[j] = true;
            has[sets.root(f.junction) as usize] = true;
            out.push(Reference { node: f.junction, row: index(row), branch: NONE });
        }
    }
    for (b, branch) in net.branches.iter().enumerate() {
        let (BranchKind::CirculationPressure { p_flow_bar: Some(_), .. }
        | BranchKind::CirculationFlow { p_flow_bar: Some(_), .. }) = branch.kind
        else {
            continue;
        };
        let ends = [branch.from, branch.to];
        let works = ends.iter().all(|&j| net.junctions[j as usize].in_service);
        if !branch.in_service || !works {
            continue;
        }
        let part = &mut has[sets.root(branch.to) as usize];
        if *part {
            notes.push(format!(
                "the pressure at the flow junction of {} follows from another reference in the \
                 same network",
                branch.id
            ));
            continue;
        }
        *part = true;
        out.push(Reference { node: branch.to, row: NONE, branch: index(b) });
    }
    out
}

fn key(net: &HeatNet) -> Vec<u64> {
    let mut out = Vec::with_capacity(net.junctions.len() + net.branches.len());
    each_key(net, |k| {
        out.push(k);
        true
    });
    out
}

/// Everything that the layout depends on, number by number, until `f` says no.
fn each_key(net: &HeatNet, mut f: impl FnMut(u64) -> bool) -> bool {
    let counts = (net.junctions.len() as u64) << 32 | net.branches.len() as u64;
    if !f(counts) {
        return false;
    }
    for j in &net.junctions {
        if !f(u64::from(j.in_service) << 1 | j.elevation_m.to_bits() & !1) {
            return false;
        }
    }
    for b in &net.branches {
        let kind = match &b.kind {
            BranchKind::Pipe { sections, .. } => 16 + u64::from(*sections),
            BranchKind::Valve { .. } => 1,
            BranchKind::Pump(_) => 2,
            BranchKind::CirculationPressure { p_flow_bar, t_flow_c, heat_max_w, .. } => {
                3 | plant_key(p_flow_bar.is_some(), t_flow_c.is_some() && heat_max_w.is_finite())
            }
            BranchKind::CirculationFlow { p_flow_bar, t_flow_c, heat_max_w, .. } => {
                5 | plant_key(p_flow_bar.is_some(), t_flow_c.is_some() && heat_max_w.is_finite())
            }
            // What flow a consumer takes is found in a way of its own for each control.
            BranchKind::Consumer(c) => match c {
                Consumer::FlowAndDrop { .. } => 7,
                Consumer::FlowAndReturn { .. } => 11,
                Consumer::HeatAndFlow { .. } => 12,
                Consumer::HeatAndDrop { .. } => 13,
                Consumer::HeatAndReturn { .. } => 14,
                Consumer::Radiator { .. } => 15,
            },
            BranchKind::HeatExchanger { .. } => 8,
            BranchKind::PressureControl { junction, .. } => 9 | u64::from(*junction) << 8,
            BranchKind::FlowControl { .. } => 10,
        };
        let role = match role(b) {
            Role::Edge(_) => 0,
            Role::Tie => 1,
            Role::Given | Role::Follows => 2,
            Role::Off => 3,
        };
        let ends = u64::from(b.from) << 32 | u64::from(b.to);
        if !f(kind << 3 | role << 1 | u64::from(b.in_service)) || !f(ends) {
            return false;
        }
    }
    for x in &net.fixed {
        if !f(u64::from(x.junction) << 1 | u64::from(x.p_bar.is_some())) {
            return false;
        }
    }
    true
}

fn plant_key(holds_pressure: bool, limited: bool) -> u64 {
    u64::from(holds_pressure) << 32 | u64::from(limited) << 33
}

/// A `usize` that is known to fit: tables hold fewer than 2³² rows.
pub(super) fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(NONE)
}
