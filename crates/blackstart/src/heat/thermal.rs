//! Temperatures in one network over one step, flows given.
//!
//! Water that passes a pipe cools by `T_out = T_g + (T_in − T_g) e^(−U L / (m c))`. The
//! warmth of the pipes is lumped at junctions, half of each adjacent pipe at either end,
//! well mixed: with constant inflow over the step its temperature moves exponentially
//! and what flows on has its mean over the step, so heat is neither made nor lost by
//! the time step. Of a pipe whose content is not replaced within the step, that part
//! stays at the junctions' temperature and cools there; without flow this is the
//! exponential cooling of a stagnant pipe.

/// The graph and contents of one network; supply and return alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Thermal {
    /// By pipe: end junctions.
    pub ends: Vec<(u32, u32)>,
    /// By pipe: heat loss per kelvin, W/K (one of the two pipes).
    pub loss_w_k: Vec<f64>,
    /// By pipe: content of one of the two pipes, J/K.
    pub content_j_k: Vec<f64>,
    /// By junction: content of half the adjacent pipes of one side, J/K.
    pub capacity_j_k: Vec<f64>,
    /// Pipes at a junction: `first[n]..first[n + 1]` into `at`.
    first: Vec<u32>,
    /// Pipe and the junction at its other end.
    at: Vec<(u32, u32)>,
    /// By pipe, of this step: flow times heat capacity from → to, W/K.
    flow_w_k: Vec<f64>,
    /// By pipe: e^(−UL/(mc)) of the water that passes.
    keep: Vec<f64>,
    /// By junction: loss of what stays, W/K.
    stay_w_k: Vec<f64>,
    /// Junctions in the order of supply flow.
    order: Vec<u32>,
    place: Vec<u32>,
    /// Some flow runs against the order (only where flows are next to nothing).
    tangled: bool,
    step_s: f64,
    ground_c: f64,
}

/// One side of the pipes.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    /// By junction: at the start of the step, °C.
    pub start_c: Vec<f64>,
    /// By junction: mean over the step, °C; what flows on.
    pub mean_c: Vec<f64>,
    /// By junction: at the end, °C.
    pub end_c: Vec<f64>,
    /// By junction: flow times heat capacity that plants or substations feed in, W/K.
    pub feed_w_k: Vec<f64>,
    /// By junction: the same times its temperature, W.
    pub feed_w: Vec<f64>,
}

impl Side {
    pub fn new(junctions: usize) -> Self {
        let zeros = vec![0.0; junctions];
        Self {
            start_c: zeros.clone(),
            mean_c: zeros.clone(),
            end_c: zeros.clone(),
            feed_w_k: zeros.clone(),
            feed_w: zeros,
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
        let mut capacity = vec![0.0; junctions];
        for (p, &(a, b)) in ends.iter().enumerate() {
            for n in [a, b] {
                degree[n as usize + 1] += 1;
                capacity[n as usize] += content_j_k[p] / 2.0;
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
            capacity_j_k: capacity,
            first: degree,
            at,
            flow_w_k: vec![0.0; pipes],
            keep: vec![1.0; pipes],
            stay_w_k: vec![0.0; junctions],
            order: (0u32..).take(junctions).collect(),
            place: vec![0; junctions],
            tangled: false,
            step_s: 0.0,
            ground_c: 0.0,
        }
    }

    /// Takes over flows (flow times heat capacity, W/K, by pipe) and the heads that
    /// drive them (by junction; NaN where there is no flow).
    pub fn set_flows(&mut self, flow_w_k: &[f64], head_m: &[f64], step_s: f64, ground_c: f64) {
        (self.step_s, self.ground_c) = (step_s, ground_c);
        self.stay_w_k.fill(0.0);
        for (p, &(a, b)) in self.ends.iter().enumerate() {
            let flow = flow_w_k[p];
            self.flow_w_k[p] = flow;
            let passed = flow.abs() * step_s;
            let replaced =
                if passed < self.content_j_k[p] { passed / self.content_j_k[p] } else { 1.0 };
            self.keep[p] =
                if passed > 0.0 { (-self.loss_w_k[p] * replaced / flow.abs()).exp() } else { 1.0 };
            let stays = (1.0 - replaced) * self.loss_w_k[p] / 2.0;
            self.stay_w_k[a as usize] += stays;
            self.stay_w_k[b as usize] += stays;
        }
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

    /// Mean and end temperatures of `side` from its start and what is fed in.
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
                self.mix(side, n, way);
                change = change.max((side.mean_c[n] - before).abs());
            }
            if change < 1e-12 {
                break;
            }
        }
    }

    /// Balance of one junction.
    fn mix(&self, side: &mut Side, n: usize, way: Way) {
        let (mut flow, mut heat) = (side.feed_w_k[n], side.feed_w[n]);
        for &(p, other) in &self.at[self.first[n] as usize..self.first[n + 1] as usize] {
            let into = self.inflow(p as usize, n, way);
            if into > 0.0 {
                let arrives = self.ground_c
                    + (side.mean_c[other as usize] - self.ground_c) * self.keep[p as usize];
                flow += into;
                heat += into * arrives;
            }
        }
        let exchange = flow + self.stay_w_k[n];
        let start = side.start_c[n];
        if exchange <= 0.0 {
            (side.mean_c[n], side.end_c[n]) = (start, start);
            return;
        }
        let settled = (heat + self.stay_w_k[n] * self.ground_c) / exchange;
        let z = if self.capacity_j_k[n] > 0.0 {
            exchange * self.step_s / self.capacity_j_k[n]
        } else {
            f64::INFINITY
        };
        let gone = -(-z).exp_m1();
        let mean_share = if z < 1e-12 { 1.0 } else { gone / z };
        side.mean_c[n] = settled + (start - settled) * mean_share;
        side.end_c[n] = settled + (start - settled) * (1.0 - gone);
    }

    /// Flow times heat capacity of pipe `p` into junction `n`, W/K.
    fn inflow(&self, p: usize, n: usize, way: Way) -> f64 {
        let forward = match way {
            Way::Supply => self.flow_w_k[p],
            Way::Return => -self.flow_w_k[p],
        };
        if self.ends[p].1 as usize == n { forward } else { -forward }
    }

    /// Heat lost to the ground and put into the pipes' warmth by one side, W.
    pub fn lost_and_stored_w(&self, side: &Side, way: Way) -> (f64, f64) {
        let (mut lost, mut stored) = (0.0, 0.0);
        for (p, &(a, b)) in self.ends.iter().enumerate() {
            let forward = self.inflow(p, b as usize, way);
            let up = if forward > 0.0 { a } else { b } as usize;
            lost += forward.abs() * (side.mean_c[up] - self.ground_c) * (1.0 - self.keep[p]);
        }
        for n in 0..self.order.len() {
            lost += self.stay_w_k[n] * (side.mean_c[n] - self.ground_c);
            if self.step_s > 0.0 {
                stored += self.capacity_j_k[n] * (side.end_c[n] - side.start_c[n]) / self.step_s;
            }
        }
        (lost, stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 km, 40 W/K, 10 kg/s of 4200 J/(kg K) from 100 °C in 10 °C ground, long since
    /// settled: T = 10 + 90 e^(−40/42000).
    #[test]
    fn one_pipe_by_hand() {
        let mut t = Thermal::new(2, vec![(0, 1)], vec![40.0], vec![4.0e7]);
        t.set_flows(&[42_000.0], &[2.0, 1.0], 1e15, 10.0);
        let mut side = Side::new(2);
        side.feed(0, 42_000.0, 100.0);
        t.sweep(&mut side, Way::Supply);
        assert!((side.end_c[0] - 100.0).abs() < 1e-9);
        let want = 10.0 + 90.0 * (-40.0f64 / 42_000.0).exp();
        assert!((side.end_c[1] - want).abs() < 1e-9, "{}", side.end_c[1]);
        let (lost, _) = t.lost_and_stored_w(&side, Way::Supply);
        assert!((lost / (42_000.0 * (100.0 - want)) - 1.0).abs() < 1e-6);
    }

    /// No flow: T = 10 + 80 e^(−U t/C) with all of the pipe at its two ends.
    #[test]
    fn stagnant_pipe_cools_exponentially() {
        let mut t = Thermal::new(2, vec![(0, 1)], vec![40.0], vec![4.0e6]);
        t.set_flows(&[0.0], &[f64::NAN, f64::NAN], 3600.0, 10.0);
        let mut side = Side::new(2);
        side.start_c.fill(90.0);
        t.sweep(&mut side, Way::Return);
        let share: f64 = 40.0 * 3600.0 / 4.0e6;
        for n in 0..2 {
            assert!((side.end_c[n] - (10.0 + 80.0 * (-share).exp())).abs() < 1e-12);
        }
        let (lost, stored) = t.lost_and_stored_w(&side, Way::Return);
        assert!((lost + stored).abs() < 1e-9 * lost);
        assert!((lost - 4.0e6 * 80.0 * (1.0 - (-share).exp()) / 3600.0).abs() < 1e-9 * lost);
    }

    /// Two inflows of 1 and 3 parts at 40 and 80 °C mix to 70 °C.
    #[test]
    fn inflows_mix() {
        let mut t = Thermal::new(3, vec![(0, 2), (1, 2)], vec![0.0; 2], vec![1.0; 2]);
        t.set_flows(&[1000.0, 3000.0], &[2.0, 2.0, 1.0], 1e9, 5.0);
        let mut side = Side::new(3);
        side.feed(0, 1000.0, 40.0);
        side.feed(1, 3000.0, 80.0);
        t.sweep(&mut side, Way::Supply);
        assert!((side.mean_c[2] - 70.0).abs() < 1e-9);
    }

    /// A ring that turns with nothing fed in neither hangs nor gains heat.
    #[test]
    fn ring_of_flow_is_safe() {
        let ends = vec![(0, 1), (1, 2), (2, 0)];
        let mut t = Thermal::new(3, ends, vec![5.0; 3], vec![1e6; 3]);
        t.set_flows(&[2000.0; 3], &[3.0, 2.0, 1.0], 3600.0, 5.0);
        let mut side = Side::new(3);
        side.start_c.copy_from_slice(&[90.0, 60.0, 30.0]);
        t.sweep(&mut side, Way::Supply);
        let (lost, stored) = t.lost_and_stored_w(&side, Way::Supply);
        assert!(lost > 0.0 && (lost + stored).abs() < 1e-6 * lost, "{lost} {stored}");
    }
}
