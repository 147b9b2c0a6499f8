//! Ratings of branches: two one-sided limits each on the flow.

use super::program::Program;
use super::steps::{Steps, towards_centre};
use crate::grid::model::Model;
use crate::math::Symmetric2;

/// Proximal give of ratings relative to the branch's susceptance. It bounds the stiffness
/// of a binding rating to this many times less than one over it, without which the
/// angles at its ends merge and what else holds them is lost to rounding. The answer is
/// not changed by it: the term vanishes with the step (proximal method of multipliers:
/// Friedlander, Orban, Math. Program. Comput. 4, 2012).
const GIVE: f64 = 1e-7;

/// One direction of flow, by limited branch.
#[derive(Clone, Debug, Default)]
struct Side {
    slack: Vec<f64>,
    price: Vec<f64>,
    /// Rating less flow.
    room: Vec<f64>,
    /// One over the slack with its give.
    per_slack: Vec<f64>,
    base: Vec<f64>,
    d_slack: Vec<f64>,
    d_price: Vec<f64>,
    second: Vec<f64>,
    second_before: Vec<f64>,
}

impl Side {
    fn vectors(&mut self) -> [&mut Vec<f64>; 9] {
        [
            &mut self.slack,
            &mut self.price,
            &mut self.room,
            &mut self.per_slack,
            &mut self.base,
            &mut self.d_slack,
            &mut self.d_price,
            &mut self.second,
            &mut self.second_before,
        ]
    }

    /// Makes `per_slack` and gives the largest residual relative to `scale` and the sum
    /// of the products.
    fn linearise(&mut self, give: &[f64], per_scale: &[f64]) -> (f64, f64) {
        let m = give.len();
        let (slack, price, room) = (&self.slack[..m], &self.price[..m], &self.room[..m]);
        let (per_slack, per_scale) = (&mut self.per_slack[..m], &per_scale[..m]);
        let (mut worst, mut products) = (0.0f64, 0.0);
        for k in 0..m {
            per_slack[k] = 1.0 / (slack[k] + give[k] * price[k]);
            let off = (room[k] - slack[k]).abs() * per_scale[k];
            worst = if off > worst { off } else { worst };
            products += slack[k] * price[k] + 0.0 * off;
        }
        (worst, products)
    }

    /// Price steps at a standstill of the flow.
    fn load(&mut self, target: f64) {
        let m = self.base.len();
        let (price, room) = (&self.price[..m], &self.room[..m]);
        let (per_slack, second) = (&self.per_slack[..m], &self.second[..m]);
        let base = &mut self.base[..m];
        for k in 0..m {
            base[k] = (target - second[k] - price[k] * room[k]) * per_slack[k];
        }
    }

    /// Steps for flows that take `sign · df` of the room.
    fn advance(&mut self, df: &[f64], sign: f64, give: &[f64], steps: &mut Steps) {
        let m = df.len();
        let (slack, price, room) = (&self.slack[..m], &self.price[..m], &self.room[..m]);
        let (per_slack, base, give) = (&self.per_slack[..m], &self.base[..m], &give[..m]);
        let (d_slack, d_price) = (&mut self.d_slack[..m], &mut self.d_price[..m]);
        let mut s = *steps;
        for k in 0..m {
            let taken = sign * df[k];
            let dp = base[k] + price[k] * per_slack[k] * taken;
            let ds = room[k] - slack[k] - taken + give[k] * dp;
            d_price[k] = dp;
            d_slack[k] = ds;
            let (a, b) = (-ds / slack[k], -dp / price[k]);
            s.primal = if a > s.primal { a } else { s.primal };
            s.dual = if b > s.dual { b } else { s.dual };
            s.by_primal += ds * price[k];
            s.by_dual += slack[k] * dp;
            s.by_both += ds * dp;
        }
        *steps = s;
    }

    fn second_order(&mut self) {
        for ((s, a), b) in self.second.iter_mut().zip(&self.d_slack).zip(&self.d_price) {
            *s = a * b;
        }
    }

    fn centre(&mut self, primal: f64, dual: f64, target: f64) {
        self.second_before.copy_from_slice(&self.second);
        let m = self.second.len();
        let (slack, price) = (&self.slack[..m], &self.price[..m]);
        let (d_slack, d_price) = (&self.d_slack[..m], &self.d_price[..m]);
        for (k, s) in self.second.iter_mut().enumerate() {
            let product = (slack[k] + primal * d_slack[k]) * (price[k] + dual * d_price[k]);
            *s -= towards_centre(product, target);
        }
    }

    fn go(&mut self, primal: f64, dual: f64) {
        for (s, d) in self.slack.iter_mut().zip(&self.d_slack) {
            *s += primal * d;
        }
        for (p, d) in self.price.iter_mut().zip(&self.d_price) {
            *p += dual * d;
        }
    }
}

/// All limited branches of a program. Buses are positions in the order of elimination.
#[derive(Clone, Debug, Default)]
pub(in crate::grid) struct Limits {
    ends: Vec<(u32, u32, u32)>,
    b: Vec<f64>,
    /// Flow at equal angles, less.
    forced: Vec<f64>,
    rate: Vec<f64>,
    rate_back: Vec<f64>,
    give: Vec<f64>,
    per_scale: Vec<f64>,
    flow: Vec<f64>,
    up: Side,
    down: Side,
}

impl Limits {
    /// Takes the limited branches of `p` at flat angles. `size` is the largest bound.
    pub fn start(
        &mut self,
        model: &Model,
        p: &Program,
        position: &[u32],
        slots: &[u32],
        mu: f64,
        size: f64,
    ) {
        let m = p.limited.len();
        self.ends.clear();
        for v in [
            &mut self.b,
            &mut self.forced,
            &mut self.rate,
            &mut self.rate_back,
            &mut self.give,
            &mut self.per_scale,
        ] {
            v.clear();
        }
        self.flow.clear();
        self.flow.resize(m, 0.0);
        for v in self.up.vectors().into_iter().chain(self.down.vectors()) {
            v.clear();
            v.resize(m, 0.0);
        }
        for (k, &l) in p.limited.iter().enumerate() {
            let (rate, back) = (p.rate[k], p.rate_back[k]);
            // Limits that leave no room have no point inside; the residuals tell.
            let half = (0.5 * (rate + back)).max(1e-6);
            let l = l as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            self.ends.push((position[f], position[t], slots[l]));
            self.b.push(b);
            self.forced.push(b * p.shift[l]);
            self.rate.push(rate);
            self.rate_back.push(back);
            self.give.push(GIVE * b.abs());
            self.per_scale.push(1.0 / half.max(size));
            let flow = -b * p.shift[l];
            for (side, room) in [(&mut self.up, rate - flow), (&mut self.down, back + flow)] {
                side.slack[k] = room.max(0.1 * half);
                side.price[k] = mu / side.slack[k];
            }
        }
    }

    /// Price of the rating of limited branch `k`, counted in the direction from → to.
    pub fn price(&self, k: usize) -> f64 {
        self.up.price[k] - self.down.price[k]
    }

    /// Everything at the present point: adds the pull of prices to the first entries of
    /// `rest`, the stiffness to the blocks. Gives the largest error of the slacks and the
    /// sum of the complementarity products.
    pub fn linearise(
        &mut self,
        point: &[[f64; 2]],
        rest: &mut [[f64; 2]],
        diag: &mut [Symmetric2],
        blocks: &mut [[f64; 4]],
    ) -> (f64, f64) {
        for (k, &(f, t, _)) in self.ends.iter().enumerate() {
            let flow = self.b[k] * (point[f as usize][0] - point[t as usize][0]) - self.forced[k];
            self.up.room[k] = self.rate[k] - flow;
            self.down.room[k] = self.rate_back[k] + flow;
        }
        let (worst_up, up) = self.up.linearise(&self.give, &self.per_scale);
        let (worst_down, down) = self.down.linearise(&self.give, &self.per_scale);
        for (k, &(f, t, slot)) in self.ends.iter().enumerate() {
            let b = self.b[k];
            let push = b * (self.up.price[k] - self.down.price[k]);
            rest[f as usize][0] -= push;
            rest[t as usize][0] += push;
            let stiff = b
                * b
                * (self.up.price[k] * self.up.per_slack[k]
                    + self.down.price[k] * self.down.per_slack[k]);
            diag[f as usize][0] += stiff;
            diag[t as usize][0] += stiff;
            blocks[slot as usize][0] -= stiff;
        }
        (worst_up.max(worst_down), up + down)
    }

    /// Adds to the right-hand side `load` what ratings bring for products of `target`.
    pub fn load(&mut self, target: f64, load: &mut [[f64; 2]]) {
        self.up.load(target);
        self.down.load(target);
        for (k, &(f, t, _)) in self.ends.iter().enumerate() {
            let push = self.b[k] * (self.up.base[k] - self.down.base[k]);
            load[f as usize][0] -= push;
            load[t as usize][0] += push;
        }
    }

    /// Steps of slacks and prices for the step `step` of angles and prices.
    pub fn advance(&mut self, step: &[[f64; 2]], steps: &mut Steps) {
        for (k, &(f, t, _)) in self.ends.iter().enumerate() {
            self.flow[k] = self.b[k] * (step[f as usize][0] - step[t as usize][0]);
        }
        self.up.advance(&self.flow, 1.0, &self.give, steps);
        self.down.advance(&self.flow, -1.0, &self.give, steps);
    }

    /// Takes the products of the last steps as what the next ones must make up for.
    pub fn second_order(&mut self) {
        self.up.second_order();
        self.down.second_order();
    }

    /// Asks for products nearer to `target` where steps of the given lengths would take
    /// them far from it.
    pub fn centre(&mut self, primal: f64, dual: f64, target: f64) {
        self.up.centre(primal, dual, target);
        self.down.centre(primal, dual, target);
    }

    /// Takes the last [`Limits::centre`] back.
    pub fn take_centring_back(&mut self) {
        for side in [&mut self.up, &mut self.down] {
            side.second.copy_from_slice(&side.second_before);
        }
    }

    pub fn forget_second_order(&mut self) {
        self.up.second.fill(0.0);
        self.down.second.fill(0.0);
    }

    /// Goes the given shares of the steps.
    pub fn go(&mut self, primal: f64, dual: f64) {
        self.up.go(primal, dual);
        self.down.go(primal, dual);
    }

    /// The vectors that make up the iterate.
    pub fn iterate(&mut self) -> [&mut Vec<f64>; 4] {
        [&mut self.up.slack, &mut self.up.price, &mut self.down.slack, &mut self.down.price]
    }
}
