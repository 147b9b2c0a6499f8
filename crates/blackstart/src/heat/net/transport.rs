//! Transport in time through a whole network: every pipe a [`PlugPipe`], water mixed where
//! branches meet.
//!
//! Flows are constant over a step. What leaves a pipe is then a row of stretches of time with
//! one temperature each; junctions mix rows, and the mixed row enters the next pipe. Nodes are
//! taken in the order of the flow, so that a front passes as many pipes in a step as it would,
//! and arrives when it would. Heat is conserved: made = delivered + lost + stored.

mod drive;
mod stream;
#[cfg(test)]
mod tests;

use std::f64::consts::PI;

use self::stream::Stream;
use super::data::{Branch, BranchKind, Consumer, HeatNet};
use super::fluid::Property;
use crate::heat::Emitter;
use crate::heat::plug::{PlugParameters, PlugPipe};

pub use drive::{Drive, DriveStep};

/// Flows below this are taken as none, kg/s.
const STILL_KG_S: f64 = 1e-10;

/// A pipe that gives off no more than this share of its content gives off what it held before
/// the step: what enters may be merged with up to a tenth of the content next to it.
const HELD_SHARE: f64 = 0.85;

/// A step is halved at most so often where water runs in rings of short pipes.
const MOST_HALVES: u32 = 16;

/// What a step brought. Heats are of the whole step, J.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carried {
    /// By branch: mean temperature of what entered, °C; NaN without flow.
    pub t_in_c: Vec<f64>,
    /// By branch: mean temperature of what left, °C; NaN without flow.
    pub t_out_c: Vec<f64>,
    /// By branch: heat that left the water to consumers (negative: plants), J.
    pub heat_j: Vec<f64>,
    /// By branch: temperature where the flow leaves at the end of the step, °C.
    pub t_out_end_c: Vec<f64>,
    /// Heat lost by pipes to what surrounds them, J.
    pub lost_j: f64,
    /// Heat stored (negative: given off) by pipes, J.
    pub stored_j: f64,
    /// Heat that flows from and to outside brought in above 0 °C, J.
    pub outside_j: f64,
    /// |in − out − lost − stored| over the largest of them.
    pub energy: f64,
}

/// The warmth of a network.
#[derive(Clone, Debug)]
pub struct Transport {
    /// By branch: its water, if it is a pipe with any.
    pipes: Vec<Option<PlugPipe>>,
    /// By junction: temperature at the end of the last step, °C.
    t_c: Vec<f64>,
    heat_j_kg_k: f64,
}

impl Transport {
    /// A network whose pipes have one temperature each, by branch (°C), and walls of no
    /// capacity. The heat capacity of the water is constant: that at `at_c`.
    #[must_use]
    pub fn new(net: &HeatNet, start_c: &[f64], at_c: f64) -> Self {
        let heat_j_kg_k = match &net.fluid.heat_j_kg_k {
            Property::Constant(v) => *v,
            table @ Property::Table(_) => table.at(at_c),
        };
        let density = net.fluid.density_kg_m3.at(at_c);
        let pipe = |(b, branch): (usize, &Branch)| {
            let BranchKind::Pipe { length_m, diameter_m, loss_w_m_k, .. } = branch.kind else {
                return None;
            };
            let parameters = PlugParameters {
                content_kg: PI / 4.0 * diameter_m * diameter_m * length_m * density,
                heat_j_kg_k,
                loss_w_k: loss_w_m_k * length_m,
                wall_j_k: 0.0,
                merge_k: 0.01,
            };
            let start = start_c.get(b).copied().unwrap_or(net.ambient_c);
            (parameters.content_kg > 0.0).then(|| PlugPipe::new(parameters, start))
        };
        let pipes = net.branches.iter().enumerate().map(pipe).collect();
        Self { pipes, t_c: vec![net.ambient_c; net.junctions.len()], heat_j_kg_k }
    }

    /// By junction: temperature at the end of the last step, °C; where nothing flowed, that
    /// of when something did.
    #[must_use]
    pub fn t_c(&self) -> &[f64] {
        &self.t_c
    }

    /// Heat capacity that is reckoned with, J/(kg K).
    #[must_use]
    pub const fn heat_j_kg_k(&self) -> f64 {
        self.heat_j_kg_k
    }

    /// Warmth of all pipes above 0 °C, J.
    #[must_use]
    pub fn warmth_j(&self) -> f64 {
        self.pipes.iter().flatten().map(PlugPipe::warmth_j).sum()
    }

    /// Moves the water on by `step_s` with the flows `mdot_kg_s` (by branch, from → to), which
    /// must balance at every junction. What comes in from outside at `net.fixed` has the
    /// temperature given there.
    pub fn step(&mut self, net: &HeatNet, mdot_kg_s: &[f64], step_s: f64) -> Carried {
        let mut out = self.halve(net, mdot_kg_s, step_s.max(0.0), MOST_HALVES);
        let heat: f64 = out.heat_j.iter().sum();
        let scale = out.heat_j.iter().fold(0.0_f64, |most, h| most.max(h.abs()));
        let scale = scale.max(out.lost_j.abs()).max(out.stored_j.abs()).max(1e-3);
        out.energy = (out.outside_j - heat - out.lost_j - out.stored_j).abs() / scale;
        out
    }

    /// One step, or two halves where rings leave no node to begin with.
    fn halve(&mut self, net: &HeatNet, m_kg_s: &[f64], step_s: f64, left: u32) -> Carried {
        let before = (left > 0).then(|| self.clone());
        let (out, whole) = self.once(net, m_kg_s, step_s);
        let Some(before) = before.filter(|_| !whole) else { return out };
        *self = before;
        let first = self.halve(net, m_kg_s, step_s / 2.0, left - 1);
        let mut out = self.halve(net, m_kg_s, step_s / 2.0, left - 1);
        let mean = |a: &mut [f64], b: &[f64]| {
            for (a, b) in a.iter_mut().zip(b) {
                *a = f64::midpoint(*a, *b);
            }
        };
        mean(&mut out.t_in_c, &first.t_in_c);
        mean(&mut out.t_out_c, &first.t_out_c);
        for (a, b) in out.heat_j.iter_mut().zip(&first.heat_j) {
            *a += b;
        }
        out.lost_j += first.lost_j;
        out.stored_j += first.stored_j;
        out.outside_j += first.outside_j;
        out
    }

    /// One step; false if water runs in a ring that it passes within the step.
    fn once(&mut self, net: &HeatNet, m_kg_s: &[f64], step_s: f64) -> (Carried, bool) {
        let n = net.branches.len();
        let mut out = Carried {
            t_in_c: vec![f64::NAN; n],
            t_out_c: vec![f64::NAN; n],
            heat_j: vec![0.0; n],
            t_out_end_c: vec![f64::NAN; n],
            ..Carried::default()
        };
        let flow = |b: usize| m_kg_s.get(b).copied().unwrap_or(0.0);
        let ends = |b: usize| {
            let branch = &net.branches[b];
            let (from, to) = (branch.from as usize, branch.to as usize);
            if flow(b) > 0.0 { (from, to) } else { (to, from) }
        };
        let moves = |b: usize| flow(b).abs() > STILL_KG_S;
        let mut into: Vec<Vec<(f64, Stream)>> = vec![Vec::new(); net.junctions.len()];
        let mut waits = vec![0_u32; net.junctions.len()];
        let mut leaves: Vec<Vec<usize>> = vec![Vec::new(); net.junctions.len()];
        // What leaves without waiting for what enters: plants and consumers that hold their
        // outlet's temperature.
        for b in (0..n).filter(|&b| moves(b)) {
            let (up, down) = ends(b);
            leaves[up].push(b);
            match held_c(&net.branches[b].kind, flow(b)) {
                Some(t) => into[down].push((flow(b).abs(), Stream::flat(step_s, t))),
                None => waits[down] += 1,
            }
        }
        let outside = self.outside(net, m_kg_s);
        for (j, &m) in outside.iter().enumerate() {
            let given = net.fixed.iter().find(|f| f.junction as usize == j).and_then(|f| f.t_c);
            if m > STILL_KG_S {
                let t = given.unwrap_or(self.t_c[j]);
                out.outside_j += m * step_s * self.heat_j_kg_k * t;
                into[j].push((m, Stream::flat(step_s, t)));
            }
        }
        let mut early: Vec<Option<Stream>> = vec![None; n];
        let mut ready: Vec<usize> = (0..waits.len()).filter(|&j| waits[j] == 0).collect();
        let mut taken = vec![false; waits.len()];
        let mut left = waits.len();
        let mut whole = true;
        while left > 0 {
            let Some(j) = ready.pop() else {
                // A ring: a pipe that holds more than passes in the step gives off its own.
                let long = (0..n).find(|&b| {
                    moves(b)
                        && early[b].is_none()
                        && !taken[ends(b).0]
                        && !taken[ends(b).1]
                        && self.pipes[b]
                            .as_ref()
                            .is_some_and(|p| HELD_SHARE * p.content_kg() >= flow(b).abs() * step_s)
                });
                let Some(b) = long else {
                    whole = false;
                    // As the last resort the old temperatures are taken for what enters.
                    ready.extend((0..waits.len()).find(|&j| !taken[j]));
                    continue;
                };
                let mut copy = self.pipes[b].clone();
                let dummy = Stream::flat(step_s, 0.0);
                let stream =
                    pass(&mut copy, &net.branches[b], flow(b), &dummy, &mut Carried::default());
                let down = ends(b).1;
                into[down].push((flow(b).abs(), stream.clone()));
                early[b] = Some(stream);
                waits[down] -= 1;
                if waits[down] == 0 {
                    ready.push(down);
                }
                continue;
            };
            if std::mem::replace(&mut taken[j], true) {
                continue;
            }
            left -= 1;
            let mixed =
                Stream::mix(&into[j], step_s).unwrap_or_else(|| Stream::flat(step_s, self.t_c[j]));
            if !into[j].is_empty() {
                self.t_c[j] = mixed.last_c();
            }
            let external = outside[j];
            if external < -STILL_KG_S {
                out.outside_j += external * step_s * self.heat_j_kg_k * mixed.mean_c();
            }
            for &b in &leaves[j] {
                let m = flow(b);
                let through = self.through(&net.branches[b], b, m, &mixed, &mut out);
                out.t_in_c[b] = mixed.mean_c();
                out.t_out_c[b] = through.mean_c();
                out.t_out_end_c[b] = through.last_c();
                if self.pipes[b].is_none() {
                    let drop = mixed.mean_c() - through.mean_c();
                    out.heat_j[b] = m.abs() * step_s * self.heat_j_kg_k * drop;
                }
                if held_c(&net.branches[b].kind, m).is_none() && early[b].is_none() {
                    let down = ends(b).1;
                    into[down].push((m.abs(), through));
                    waits[down] = waits[down].saturating_sub(1);
                    if waits[down] == 0 {
                        ready.push(down);
                    }
                }
            }
        }
        for b in (0..n).filter(|&b| !moves(b)) {
            let still = Stream::flat(step_s, 0.0);
            pass(&mut self.pipes[b], &net.branches[b], 0.0, &still, &mut out);
        }
        (out, whole)
    }

    /// Flow into each junction from outside, kg/s: what its branches leave over.
    fn outside(&self, net: &HeatNet, m_kg_s: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; net.junctions.len()];
        for (branch, m) in net.branches.iter().zip(m_kg_s) {
            sum[branch.from as usize] += m;
            sum[branch.to as usize] -= m;
        }
        // In a closed network nothing but rounding is left.
        let open = |j: usize| {
            net.injections.iter().any(|i| i.junction as usize == j)
                || net.fixed.iter().any(|f| f.junction as usize == j && f.p_bar.is_some())
        };
        (0..sum.len()).map(|j| if open(j) { sum[j] } else { 0.0 }).collect()
    }

    /// What leaves a branch that `mixed` enters.
    fn through(
        &mut self,
        branch: &Branch,
        b: usize,
        m: f64,
        mixed: &Stream,
        out: &mut Carried,
    ) -> Stream {
        let m_c = m.abs() * self.heat_j_kg_k;
        match &branch.kind {
            BranchKind::Pipe { .. } => pass(&mut self.pipes[b], branch, m, mixed, out),
            BranchKind::HeatExchanger { heat_w, .. } => mixed.map(|t| t - heat_w / m_c),
            BranchKind::CirculationPressure { t_flow_c: Some(set), heat_max_w, .. }
            | BranchKind::CirculationFlow { t_flow_c: Some(set), heat_max_w, .. } => {
                mixed.map(|t| set.min(t + heat_max_w.max(0.0) / m_c))
            }
            BranchKind::Consumer(_) if m < 0.0 => mixed.clone(),
            BranchKind::Consumer(c) => match *c {
                Consumer::FlowAndDrop { drop_k, .. } | Consumer::HeatAndDrop { drop_k, .. } => {
                    mixed.map(|t| t - drop_k)
                }
                Consumer::FlowAndReturn { return_c, .. }
                | Consumer::HeatAndReturn { return_c, .. } => mixed.map(|_| return_c),
                Consumer::HeatAndFlow { heat_w, .. } => mixed.map(|t| t - heat_w / m_c),
                Consumer::Radiator { heat_w, surface_w, indoor_c, .. } => mixed.map(|t| {
                    t - Emitter { surface_w }.heat_at(m_c, t - indoor_c).min(heat_w) / m_c
                }),
            },
            BranchKind::Valve { .. }
            | BranchKind::Pump(_)
            | BranchKind::CirculationPressure { t_flow_c: None, .. }
            | BranchKind::CirculationFlow { t_flow_c: None, .. }
            | BranchKind::PressureControl { .. }
            | BranchKind::FlowControl { .. } => mixed.clone(),
        }
    }
}

/// Temperature at which water leaves a branch whatever enters it, °C.
fn held_c(kind: &BranchKind, m: f64) -> Option<f64> {
    if let BranchKind::CirculationPressure { t_flow_c, heat_max_w, .. }
    | BranchKind::CirculationFlow { t_flow_c, heat_max_w, .. } = *kind
    {
        return t_flow_c.filter(|_| heat_max_w.is_infinite());
    }
    if let BranchKind::Consumer(
        Consumer::FlowAndReturn { return_c, .. } | Consumer::HeatAndReturn { return_c, .. },
    ) = *kind
    {
        return (m > 0.0).then_some(return_c);
    }
    None
}

/// Sends a stream through a pipe.
fn pass(
    pipe: &mut Option<PlugPipe>,
    branch: &Branch,
    m: f64,
    mixed: &Stream,
    out: &mut Carried,
) -> Stream {
    let (Some(pipe), BranchKind::Pipe { ambient_c, .. }) = (pipe, &branch.kind) else {
        return mixed.clone();
    };
    let mut leaving = Stream::default();
    for &(time_s, t_c) in mixed.parts() {
        let mut left = time_s;
        while left > 0.0 {
            // As long as water of one temperature leaves.
            let same = if m == 0.0 { left } else { pipe.outlet_kg(m > 0.0) / m.abs() };
            let now = if same < left * (1.0 - 1e-9) { same.max(left * 1e-6) } else { left };
            let passage = pipe.advance(m, t_c, *ambient_c, now);
            out.lost_j += passage.lost_j;
            out.stored_j += passage.stored_j;
            leaving.push(now, passage.out_c);
            left -= now;
        }
    }
    leaving.trim();
    leaving
}
