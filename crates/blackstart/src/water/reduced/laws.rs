//! Laws of many pipes and many demands side by side.

use crate::math::{Kernel, dispatch, power};
use crate::pipes::{Bounds, Friction, LEAST_GRADIENT, PipeLaw, hazen_williams};
use crate::water::demand::{STRAIGHT, Wagner};

/// Pipes of chains, in their order, then those of trees.
#[derive(Clone, Debug, Default)]
pub(super) struct PipeTable {
    laws: Vec<PipeLaw>,
    /// By pipe: see [`hazen_williams::resistance`] and [`crate::pipes::minor_loss`]; empty when
    /// some friction is by another law.
    r: Vec<f64>,
    minor: Vec<f64>,
    /// By pipe of a chain: its chain.
    chain: Vec<u32>,
    /// Chains in front of this one have one pipe each, that of their number.
    single: usize,
    /// By pipe: flow, m³/s, head drop, m, and gradient, m per m³/s.
    q: Vec<f64>,
    pub drop: Vec<f64>,
    gradient: Vec<f64>,
}

impl PipeTable {
    /// `segments` of the laws are of chains that begin at `first`.
    pub fn new(laws: Vec<PipeLaw>, segments: usize, first: &[u32]) -> Self {
        let hazen = |law: &PipeLaw| match law.friction {
            Friction::HazenWilliams { r } => Some(r),
            Friction::DarcyWeisbach(_) | Friction::ChezyManning { .. } => None,
        };
        let r: Option<Vec<f64>> = laws.iter().map(hazen).collect();
        let mut chain = Vec::with_capacity(segments);
        for (c, pair) in (0u32..).zip(first.windows(2)) {
            chain.resize(pair[1] as usize, c);
        }
        Self {
            r: r.unwrap_or_default(),
            minor: laws.iter().map(|l| l.minor).collect(),
            chain,
            single: first.windows(2).take_while(|w| w[0] + 1 == w[1]).count(),
            // Of no flow; every flow is another.
            q: vec![f64::NAN; laws.len()],
            drop: vec![0.0; laws.len()],
            gradient: vec![0.0; laws.len()],
            laws,
        }
    }

    /// Law of pipe `k`.
    pub fn law(&self, k: usize) -> &PipeLaw {
        &self.laws[k]
    }

    /// Head drops and gradients of the first `q.len()` chains, which have the first `segments`
    /// pipes, at flows `q` of their first pipes; others carry `before` less.
    pub fn losses(
        &mut self,
        segments: usize,
        q: &[f64],
        before: &[f64],
        drop: &mut [f64],
        gradient: &mut [f64],
    ) {
        let single = self.single.min(q.len());
        let mut same = true;
        for (own, &q) in self.q[..single].iter_mut().zip(q) {
            same &= *own == q;
            *own = q;
        }
        let others = single..segments;
        let (own, chain) = (&mut self.q[others.clone()], &self.chain[others.clone()]);
        for ((own, &c), &before) in own.iter_mut().zip(chain).zip(&before[others.clone()]) {
            let q = q[c as usize] - before;
            same &= *own == q;
            *own = q;
        }
        if !same {
            self.find(0..segments);
        }
        drop[..single].copy_from_slice(&self.drop[..single]);
        gradient[..single].copy_from_slice(&self.gradient[..single]);
        drop[single..].fill(0.0);
        gradient[single..].fill(0.0);
        for k in others {
            let c = self.chain[k] as usize;
            drop[c] += self.drop[k];
            gradient[c] += self.gradient[k];
        }
    }

    /// Finds the head drops of the pipes of trees at flows `q`.
    pub fn twig_losses(&mut self, q: &[f64]) {
        let twigs = self.chain.len()..self.laws.len();
        self.q[twigs.clone()].copy_from_slice(q);
        self.find(twigs);
    }

    /// Head drops and gradients of `pipes` at their flows.
    fn find(&mut self, pipes: std::ops::Range<usize>) {
        let q = &self.q[pipes.clone()];
        let (drop, gradient) = (&mut self.drop[pipes.clone()], &mut self.gradient[pipes.clone()]);
        if self.r.is_empty() {
            for ((law, &q), out) in
                self.laws[pipes].iter().zip(q).zip(drop.iter_mut().zip(gradient))
            {
                (*out.0, *out.1) = law.loss(q);
            }
        } else {
            let pipes = Hazen { r: &self.r[pipes.clone()], minor: &self.minor[pipes] };
            dispatch(Losses { pipes, q, drop, gradient });
        }
    }
}

struct Hazen<'a> {
    r: &'a [f64],
    minor: &'a [f64],
}

/// Losses by Hazen and Williams at flows `q`, as [`PipeLaw::loss`] has them.
struct Losses<'a> {
    pipes: Hazen<'a>,
    q: &'a [f64],
    drop: &'a mut [f64],
    gradient: &'a mut [f64],
}

impl Kernel for Losses<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        const N: f64 = hazen_williams::EXPONENT;
        let n = self.q.len();
        let (r, minor) = (&self.pipes.r[..n], &self.pipes.minor[..n]);
        let (q, drop, gradient) = (&self.q[..n], &mut self.drop[..n], &mut self.gradient[..n]);
        for e in 0..n {
            let a = q[e].abs();
            let g = N * r[e] * power::<FMA>(a, N - 1.0);
            // At rest straight; see `power_law`.
            let (slope, g) = if g < LEAST_GRADIENT {
                (LEAST_GRADIENT / N, LEAST_GRADIENT / N)
            } else {
                (g / N, g)
            };
            drop[e] = q[e] * (slope + minor[e] * a);
            gradient[e] = g + 2.0 * minor[e] * a;
        }
    }
}

/// Demands that follow pressure.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    laws: Vec<Wagner>,
    /// By demand: head of the least pressure and how much more lets all out, m.
    floor_m: Vec<f64>,
    range_m: Vec<f64>,
    /// Inverse of the exponent, where it is one for [`power`].
    power: Option<f64>,
    /// By demand: all of it, m³/s.
    pub full: Vec<f64>,
}

impl Asking {
    pub fn new(laws: Vec<Wagner>) -> Self {
        // The same for all junctions of a network.
        let power = laws.first().map(|l| l.power).filter(|p| (0.3..=3.0).contains(p));
        Self {
            floor_m: laws.iter().map(|l| l.floor_m).collect(),
            range_m: laws.iter().map(|l| l.range_m).collect(),
            power,
            full: vec![0.0; laws.len()],
            laws,
        }
    }

    pub fn law(&self, k: usize) -> &Wagner {
        &self.laws[k]
    }

    /// Head that each needs for outflow `q`, m, and gradients; what is closed may get
    /// anything finite.
    pub fn losses(&self, q: &[f64], drop: &mut [f64], gradient: &mut [f64]) {
        if let Some(power) = self.power {
            dispatch(Heads { asking: self, power, q, drop, gradient });
        }
        for (k, &q) in q.iter().enumerate() {
            if !(self.full[k] > 0.0 && self.power.is_some()) {
                (drop[k], gradient[k]) = self.loss(k, q);
            }
        }
    }

    /// Head that one needs for outflow `q`, m, and gradient.
    pub fn loss(&self, k: usize, q: f64) -> (f64, f64) {
        let full = self.full[k];
        if full > 0.0 {
            self.laws[k].head(q, full)
        } else if full < 0.0 {
            self.laws[k].inflow_head(q, full)
        } else {
            (0.0, 1.0)
        }
    }
}

/// [`Wagner::head`] of many.
struct Heads<'a> {
    asking: &'a Asking,
    power: f64,
    q: &'a [f64],
    drop: &'a mut [f64],
    gradient: &'a mut [f64],
}

impl Kernel for Heads<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let n = self.q.len();
        let (floor, range) = (&self.asking.floor_m[..n], &self.asking.range_m[..n]);
        let (q, full) = (&self.q[..n], &self.asking.full[..n]);
        let (drop, gradient) = (&mut self.drop[..n], &mut self.gradient[..n]);
        let n_power = self.power;
        let straight = STRAIGHT.powf(n_power) / STRAIGHT;
        for k in 0..n {
            let all = if full[k] > 0.0 { full[k] } else { 1.0 };
            let share = q[k] / all;
            let wall = (1e9 / all).min(Bounds::WALL);
            let inside = share.clamp(STRAIGHT, 1.0);
            let p = if n_power == 2.0 { inside * inside } else { power::<FMA>(inside, n_power) };
            let curved = (range[k] * p, n_power * range[k] * p / (inside * all));
            let slope = range[k] * straight;
            let (h, g) = if share < 0.0 {
                (wall * q[k], wall)
            } else if share < STRAIGHT {
                (slope * share, slope / all)
            } else if share > 1.0 {
                (range[k] + wall * (q[k] - all), wall)
            } else {
                curved
            };
            drop[k] = floor[k] + h;
            gradient[k] = g;
        }
    }
}
