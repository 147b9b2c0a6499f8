//! Temperatures in one network over one step, flows given.
//!
//! Water moves through pipes as plugs ([`plugs`]) and mixes where pipes meet; what passes a
//! junction during the step is a wave ([`wave`]): a change of temperature arrives when the
//! water does, within the step or hours later, as sharp as it set out. Junctions have no
//! content. Junctions are passed in the order of the flow, so one sweep is exact.

mod plugs;
#[cfg(test)]
mod tests;
mod wave;

pub(super) use plugs::Plug;
use plugs::{Piece, Run};
use wave::Inflow;

/// The graph and contents of one network; supply and return alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Thermal {
    /// By pipe: end junctions.
    pub ends: Vec<(u32, u32)>,
    /// By pipe: heat loss per kelvin, W/K (one of the two pipes).
    pub loss_w_k: Vec<f64>,
    /// By pipe: content of one of the two pipes, J/K.
    pub content_j_k: Vec<f64>,
    /// By pipe: what surrounds it in this step, °C.
    pub around_c: Vec<f64>,
    /// Pipes at a junction: `first[n]..first[n + 1]` into `at`.
    first: Vec<u32>,
    /// Pipe and the junction at its other end.
    at: Vec<(u32, u32)>,
    /// By pipe, of this step: flow times heat capacity from → to, W/K.
    flow_w_k: Vec<f64>,
    /// Junctions in the order of supply flow.
    order: Vec<u32>,
    place: Vec<u32>,
    /// Some flow runs against the order (only where flows are next to nothing).
    tangled: bool,
    step_s: f64,
}

/// One side of the pipes.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    /// By junction: at the start of the step, °C.
    pub start_c: Vec<f64>,
    /// By junction: mean over the step, °C.
    pub mean_c: Vec<f64>,
    /// By junction: at the end, °C.
    pub end_c: Vec<f64>,
    /// By junction: flow times heat capacity that plants or substations feed in, W/K.
    pub feed_w_k: Vec<f64>,
    /// By junction: the same times its temperature, W.
    pub feed_w: Vec<f64>,
    /// By pipe: its water at the start of the step.
    pub plugs: Vec<Vec<Plug>>,
    /// By pipe: its water at the end of the step.
    pub after: Vec<Vec<Plug>>,
    /// By junction: what passes during the step.
    waves: Vec<Vec<Piece>>,
    pieces: Vec<Piece>,
    inflows: Vec<Inflow>,
}

impl Side {
    pub fn new(junctions: usize, pipes: usize) -> Self {
        let zeros = vec![0.0; junctions];
        Self {
            start_c: zeros.clone(),
            mean_c: zeros.clone(),
            end_c: zeros.clone(),
            feed_w_k: zeros.clone(),
            feed_w: zeros,
            plugs: vec![Vec::new(); pipes],
            after: vec![Vec::new(); pipes],
            waves: vec![Vec::new(); junctions],
            pieces: Vec::new(),
            inflows: Vec::new(),
        }
    }

    /// Forgets what was fed in.
    pub fn clear_feed(&mut self) {
        self.feed_w_k.fill(0.0);
        self.feed_w.fill(0.0);
    }

    /// Adds an inflow at `junction`.
    pub fn feed(&mut self, junction: usize, flow_w_k: f64, temperature_c: f64) {
        self.feed_w_k[junction] += flow_w_k;
        self.feed_w[junction] += flow_w_k * temperature_c;
    }

    /// Forgets earlier steps: junctions as at the start.
    pub fn restart(&mut self, step_s: f64) {
        self.mean_c.copy_from_slice(&self.start_c);
        for (wave, &t_c) in self.waves.iter_mut().zip(&self.start_c) {
            wave.clear();
            wave.push(Piece { until_s: step_s, t_c });
        }
    }
}

/// Which way water runs against the flow of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Supply,
    Return,
}

/// Rounds over a network whose flows run in a ring.
const MOST_ROUNDS: usize = 200;

impl Thermal {
    pub fn new(
        junctions: usize,
        ends: Vec<(u32, u32)>,
        loss_w_k: Vec<f64>,
        content_j_k: Vec<f64>,
    ) -> Self {
        let mut degree = vec![0u32; junctions + 1];
        for &(a, b) in &ends {
            for n in [a, b] {
                degree[n as usize + 1] += 1;
            }
        }
        for n in 0..junctions {
            degree[n + 1] += degree[n];
        }
        let mut next = degree.clone();
        let mut at = vec![(0, 0); 2 * ends.len()];
        for (p, &(a, b)) in (0u32..).zip(&ends) {
            for (n, other) in [(a, b), (b, a)] {
                at[next[n as usize] as usize] = (p, other);
                next[n as usize] += 1;
            }
        }
        let pipes = ends.len();
        Self {
            ends,
            loss_w_k,
            content_j_k,
            around_c: vec![0.0; pipes],
            first: degree,
            at,
            flow_w_k: vec![0.0; pipes],
            order: (0u32..).take(junctions).collect(),
            place: vec![0; junctions],
            tangled: false,
            step_s: 0.0,
        }
    }

    /// Water of one temperature profile from junction to junction in every pipe that has
    /// none yet.
    pub fn fill(&self, side: &mut Side) {
        for (p, &(a, b)) in self.ends.iter().enumerate() {
            if side.plugs[p].is_empty() && self.content_j_k[p] > 0.0 {
                let (from_c, to_c) = (side.start_c[a as usize], side.start_c[b as usize]);
                side.plugs[p].push(Plug { heat_j_k: self.content_j_k[p], from_c, to_c });
            }
        }
    }

    /// Takes over flows (flow times heat capacity, W/K, by pipe) and the heads that
    /// drive them (by junction; NaN where there is no flow).
    pub fn set_flows(&mut self, flow_w_k: &[f64], head_m: &[f64], step_s: f64) {
        self.step_s = step_s;
        self.flow_w_k.copy_from_slice(flow_w_k);
        let key = |n: u32| {
            let h = head_m[n as usize];
            if h.is_finite() { h } else { f64::NEG_INFINITY }
        };
        self.order.sort_unstable_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
        for (i, &n) in (0u32..).zip(&self.order) {
            self.place[n as usize] = i;
        }
        self.tangled = self.ends.iter().zip(&self.flow_w_k).any(|(&(a, b), &m)| {
            let (up, down) = if m >= 0.0 { (a, b) } else { (b, a) };
            m != 0.0 && self.place[up as usize] > self.place[down as usize]
        });
    }

    /// What passes every junction of `side`, from its plugs and what is fed in.
    pub fn sweep(&self, side: &mut Side, way: Way) {
        let rounds = if self.tangled { MOST_ROUNDS } else { 1 };
        for _ in 0..rounds {
            let mut change: f64 = 0.0;
            for i in 0..self.order.len() {
                let n = match way {
                    Way::Supply => self.order[i],
                    Way::Return => self.order[self.order.len() - 1 - i],
                } as usize;
                let before = side.mean_c[n];
                self.pass(side, n, way);
                change = change.max((side.mean_c[n] - before).abs());
            }
            if change < 1e-12 {
                break;
            }
        }
    }

    /// What passes one junction.
    fn pass(&self, side: &mut Side, n: usize, way: Way) {
        side.pieces.clear();
        side.inflows.clear();
        let mut flow = side.feed_w_k[n];
        for &(p, other) in self.pipes_at(n) {
            let p = p as usize;
            let into = self.inflow(p, n, way);
            if into > 0.0 {
                let first = side.pieces.len();
                let inlet = &side.waves[other as usize];
                self.run(p, way).leave(&side.plugs[p], inlet, &mut side.pieces);
                side.inflows.push(Inflow { flow_w_k: into, first, last: side.pieces.len() });
                flow += into;
            }
        }
        if flow <= 0.0 {
            self.stand(side, n);
            return;
        }
        let feed = (side.feed_w_k[n], side.feed_w[n]);
        wave::mix(&mut side.inflows, &side.pieces, feed, self.step_s, &mut side.waves[n]);
        let wave = &side.waves[n];
        side.mean_c[n] = wave::mean_c(wave, self.step_s);
        side.end_c[n] = wave.last().map_or(side.mean_c[n], |p| p.t_c);
    }

    /// Nothing flows to a junction: it has the temperature of the water around it.
    fn stand(&self, side: &mut Side, n: usize) {
        let (mut content, mut mean, mut end) = (0.0, 0.0, 0.0);
        for &(p, _) in self.pipes_at(n) {
            let p = p as usize;
            let plugs = &side.plugs[p];
            let near = if self.ends[p].0 as usize == n {
                plugs.first().map(|p| p.from_c)
            } else {
                plugs.last().map(|p| p.to_c)
            };
            let Some(near_c) = near else { continue };
            let (mean_c, end_c) = self.run(p, Way::Supply).standing_c(near_c);
            content += self.content_j_k[p];
            mean += self.content_j_k[p] * mean_c;
            end += self.content_j_k[p] * end_c;
        }
        let start = side.start_c[n];
        (side.mean_c[n], side.end_c[n]) =
            if content > 0.0 { (mean / content, end / content) } else { (start, start) };
        side.waves[n].clear();
        side.waves[n].push(Piece { until_s: self.step_s, t_c: side.mean_c[n] });
    }

    fn pipes_at(&self, n: usize) -> &[(u32, u32)] {
        &self.at[self.first[n] as usize..self.first[n + 1] as usize]
    }

    fn run(&self, p: usize, way: Way) -> Run {
        Run {
            flow_w_k: match way {
                Way::Supply => self.flow_w_k[p],
                Way::Return => -self.flow_w_k[p],
            },
            content_j_k: self.content_j_k[p],
            loss_w_k: self.loss_w_k[p],
            around_c: self.around_c[p],
            step_s: self.step_s,
        }
    }

    /// Flow times heat capacity of pipe `p` into junction `n`, W/K.
    fn inflow(&self, p: usize, n: usize, way: Way) -> f64 {
        let forward = match way {
            Way::Supply => self.flow_w_k[p],
            Way::Return => -self.flow_w_k[p],
        };
        if self.ends[p].1 as usize == n { forward } else { -forward }
    }

    /// Moves the water of one side to the end of the step (`after`). Heat lost to the
    /// surroundings and put into the pipes' warmth, W; what each pipe lost is added to
    /// `lost_w`.
    pub fn advance(&self, side: &mut Side, way: Way, lost_w: &mut [f64]) -> (f64, f64) {
        let (mut lost_j, mut stored_j) = (0.0, 0.0);
        for (p, &(a, b)) in self.ends.iter().enumerate() {
            let run = self.run(p, way);
            let up = if run.flow_w_k > 0.0 { a } else { b } as usize;
            let after = &mut side.after[p];
            after.clear();
            after.extend_from_slice(&side.plugs[p]);
            let (lost, stored) = run.advance(after, &side.waves[up]);
            lost_w[p] += lost / self.step_s;
            lost_j += lost;
            stored_j += stored;
        }
        (lost_j / self.step_s, stored_j / self.step_s)
    }

    /// By pipe: temperature of what leaves the supply pipe at the end of the step, °C; NaN
    /// without flow.
    pub fn outlets(&self, supply: &mut Side, outlet_c: &mut [f64]) {
        for (p, &(a, b)) in self.ends.iter().enumerate() {
            let run = self.run(p, Way::Supply);
            let up = if run.flow_w_k > 0.0 { a } else { b } as usize;
            supply.pieces.clear();
            run.leave(&supply.plugs[p], &supply.waves[up], &mut supply.pieces);
            outlet_c[p] = supply.pieces.last().map_or(f64::NAN, |piece| piece.t_c);
        }
    }
}
