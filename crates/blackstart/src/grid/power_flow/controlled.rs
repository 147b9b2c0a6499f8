//! Newton's method with step control, for islands that full steps do not solve.

use super::equations::{Equations, State, moved};
use crate::math::{BlockGraph, BlockLu, Kernel};

/// Most shortenings of a step.
const SHORTENINGS: u32 = 12;

/// Newton with a step length per island that makes the sum of squared mismatches smaller:
/// the minimiser of the parabola through what is known of it, as in Iwamoto & Tamura (IEEE
/// Trans. PAS 100, 1981) for Cartesian coordinates.
pub(super) struct Controlled<'a> {
    pub graph: &'a BlockGraph,
    pub lu: &'a mut BlockLu<f64, 1>,
    pub state: &'a mut State<f64>,
    /// By position: island.
    pub islands: &'a [u32],
    /// By island: still to be solved.
    pub open: Vec<bool>,
    pub tolerance: f64,
    pub max_iterations: u32,
}

impl Controlled<'_> {
    /// By island: half the sum of squared mismatches, and the largest one.
    #[inline(always)]
    fn merit<const FMA: bool>(&self) -> Vec<(f64, f64)> {
        let mut merit = vec![(0.0, 0.0f64); self.open.len()];
        for (p, &k) in self.islands.iter().enumerate() {
            if k == u32::MAX || !self.open[k as usize] {
                continue;
            }
            let s = self.state.injection::<FMA>(self.graph, p);
            let m = &mut merit[k as usize];
            for c in 0..2 {
                let off = (self.state.given[p][c] - s[c]) * self.state.active[p][c];
                m.0 += 0.5 * off * off;
                m.1 = m.1.max(off.abs());
            }
        }
        merit
    }

    fn freeze(&mut self, close: &[bool]) {
        for (p, &k) in self.islands.iter().enumerate() {
            if k != u32::MAX && close[k as usize] {
                self.state.active[p] = [0.0; 2];
            }
        }
        for (open, close) in self.open.iter_mut().zip(close) {
            *open &= !close;
        }
    }
}

impl Kernel for Controlled<'_> {
    /// Iterations by island.
    type Output = Vec<u32>;

    #[inline(always)]
    fn run<const FMA: bool>(mut self) -> Vec<u32> {
        let count = self.open.len();
        let mut iterations = vec![0u32; count];
        let mut merit = self.merit::<FMA>();
        for _ in 0..self.max_iterations {
            let close: Vec<bool> = (0..count)
                .map(|k| self.open[k] && (merit[k].1 <= self.tolerance || !merit[k].0.is_finite()))
                .collect();
            self.freeze(&close);
            if !self.open.contains(&true) {
                break;
            }
            let mut equations = Equations { state: self.state, worst: 0.0 };
            self.lu.eliminate_in::<FMA>(self.graph, &mut equations);
            let before = self.state.v.clone();
            let mut share = vec![1.0f64; count];
            let mut taken: Vec<bool> = self.open.iter().map(|open| !open).collect();
            for _ in 0..SHORTENINGS {
                for (p, &k) in self.islands.iter().enumerate() {
                    if k != u32::MAX && self.open[k as usize] {
                        let [turn, grow] = self.lu.x()[p][0];
                        let share = share[k as usize];
                        self.state.v[p] = moved::<f64, FMA>(before[p], turn * share, grow * share);
                    }
                }
                let trial = self.merit::<FMA>();
                for k in (0..count).filter(|&k| self.open[k]) {
                    let (old, new, a) = (merit[k].0, trial[k].0, share[k]);
                    taken[k] = new <= (1.0 - 2e-4 * a) * old;
                    if !taken[k] {
                        // Slope at 0 is −2 · old for a Newton step.
                        let parabola = old * a * a / (new - old + 2.0 * old * a);
                        let shorter = if parabola.is_finite() { parabola } else { 0.1 * a };
                        share[k] = shorter.clamp(0.1 * a, 0.5 * a);
                    }
                }
                if taken.iter().all(|t| *t) {
                    break;
                }
            }
            for (p, &k) in self.islands.iter().enumerate() {
                if k != u32::MAX && !taken[k as usize] {
                    self.state.v[p] = before[p];
                }
            }
            for k in (0..count).filter(|&k| self.open[k]) {
                iterations[k] += 1;
            }
            let stuck: Vec<bool> = taken.iter().map(|t| !t).collect();
            self.freeze(&stuck);
            merit = self.merit::<FMA>();
        }
        iterations
    }
}
