//! The power balance of every bus and its derivatives, on the pattern of the factors.
//!
//! Unknowns of a bus are the angle and the logarithm of the magnitude of its voltage, so
//! its row of the Jacobian consists of the complex powers `S_ij = V_i · conj(Y_ij · V_j)`
//! themselves and one pass over a row gives the mismatch as well. Voltages are kept as
//! complex numbers and turned by a rational rotation: no trigonometry.

use super::admittance::Complex;
use crate::math::{Block, BlockGraph, BlockLu, Kernel, Lanes, Rows};

/// Scenarios of one grid: what is given and where they stand, by position.
#[derive(Clone, Debug)]
pub(in crate::grid) struct State<V> {
    /// Voltages, p.u., real and imaginary part.
    pub v: Vec<[V; 2]>,
    /// By matrix entry: admittances off the diagonal.
    pub y: Vec<[V; 2]>,
    /// Admittances on the diagonal.
    pub diagonal: Vec<[V; 2]>,
    /// Given active and reactive injection, p.u.
    pub given: Vec<[V; 2]>,
    /// 1 where the balance of active, of reactive power is an equation; 0 where the angle,
    /// the magnitude is given.
    pub active: Vec<[V; 2]>,
}

impl<V: Lanes> State<V> {
    pub fn new(graph: &BlockGraph) -> Self {
        let zero = [V::splat(0.0); 2];
        let n = graph.nodes();
        Self {
            v: vec![[V::splat(1.0), V::splat(0.0)]; n],
            y: vec![zero; graph.entries()],
            diagonal: vec![zero; n],
            given: vec![zero; n],
            active: vec![zero; n],
        }
    }

    /// Active and reactive injection into the network at position `i`.
    #[inline(always)]
    pub fn injection<const FMA: bool>(&self, graph: &BlockGraph, i: usize) -> [V; 2] {
        let v = self.v[i];
        let (first, row) = graph.row(i);
        let [g, b] = self.diagonal[i];
        let mut current = times::<V, FMA>([g, b], v);
        for (&(j, _), y) in row.iter().zip(&self.y[first..]) {
            let t = times::<V, FMA>(*y, self.v[j as usize]);
            current = [current[0].add(t[0]), current[1].add(t[1])];
        }
        conjugate_product::<V, FMA>(v, current)
    }

    /// Largest mismatch of an equation, by lane.
    #[inline(always)]
    pub fn worst<const FMA: bool>(&self, graph: &BlockGraph) -> V {
        let mut worst = V::splat(0.0);
        for i in 0..graph.nodes() {
            let s = self.injection::<FMA>(graph, i);
            for c in 0..2 {
                let off = self.given[i][c].sub(s[c]).mul(self.active[i][c]);
                worst = larger(worst, off);
            }
        }
        worst
    }

    /// Adds `share` times the step `x` to the voltages; gives the size of the step, which is
    /// not finite where the equations broke down.
    #[inline(always)]
    pub fn step<const FMA: bool, const R: usize>(
        &mut self,
        x: &[[[V; 2]; R]],
        share: impl Fn(usize) -> V,
    ) -> V {
        let mut size = V::splat(0.0);
        for (i, (v, x)) in self.v.iter_mut().zip(x).enumerate() {
            let share = share(i);
            let (turn, grow) = (x[0][0].mul(share), x[0][1].mul(share));
            size = size.add(turn.map(f64::abs)).add(grow.map(f64::abs));
            *v = moved::<V, FMA>(*v, turn, grow);
        }
        size
    }
}

/// The voltage `v` turned by `turn` radians and made longer by the share `grow`. The
/// rotation is the Padé approximant [2/2] of the exponential: its modulus is 1 and its
/// error is of fifth order, so it vanishes with the step.
#[inline(always)]
pub(in crate::grid) fn moved<V: Lanes, const FMA: bool>(v: [V; 2], turn: V, grow: V) -> [V; 2] {
    let s = turn.mul(V::splat(0.5));
    let c = V::splat(1.0).less::<FMA>(turn.mul(V::splat(1.0 / 12.0)), turn);
    let (cc, ss) = (c.mul(c), s.mul(s));
    let length = V::splat(1.0).add(grow).zip(cc.add(ss), |l, d| l / d);
    let (cos, sin) = (cc.sub(ss).mul(length), c.mul(s).mul(V::splat(2.0)).mul(length));
    [v[0].mul(cos).less::<FMA>(v[1], sin), v[0].mul(sin).plus::<FMA>(v[1], cos)]
}

#[inline(always)]
fn larger<V: Lanes>(worst: V, off: V) -> V {
    worst.zip(off, |w, off| if off.abs() > w { off.abs() } else { w })
}

/// `y · v`.
#[inline(always)]
fn times<V: Lanes, const FMA: bool>(y: [V; 2], v: [V; 2]) -> [V; 2] {
    [y[0].mul(v[0]).less::<FMA>(y[1], v[1]), y[0].mul(v[1]).plus::<FMA>(y[1], v[0])]
}

/// `v · conj(i)`.
#[inline(always)]
fn conjugate_product<V: Lanes, const FMA: bool>(v: [V; 2], i: [V; 2]) -> [V; 2] {
    [v[0].mul(i[0]).plus::<FMA>(v[1], i[1]), v[1].mul(i[0]).less::<FMA>(v[0], i[1])]
}

/// Rows of the Newton equations at a state; notes the largest mismatch on the way.
pub(in crate::grid) struct Equations<'a, V> {
    pub state: &'a State<V>,
    pub worst: V,
}

impl<V: Lanes> Rows<V, 1> for Equations<'_, V> {
    #[inline(always)]
    fn fill<const FMA: bool>(
        &mut self,
        graph: &BlockGraph,
        i: usize,
        w: &mut [Block<V>],
    ) -> [[V; 2]; 1] {
        let s = self.state;
        let v = s.v[i];
        let [on_p, on_q] = s.active[i];
        let off_q = on_q.neg();
        let (first, row) = graph.row(i);
        let mut sum = [V::splat(0.0); 2];
        for (&(j, slot), y) in row.iter().zip(&s.y[first..]) {
            let t = times::<V, FMA>(*y, s.v[j as usize]);
            let [p, q] = conjugate_product::<V, FMA>(v, t);
            sum = [sum[0].add(p), sum[1].add(q)];
            w[slot as usize] = Block([q.mul(on_p), p.mul(on_p), p.mul(off_q), q.mul(on_q)]);
        }
        let square = v[0].mul(v[0]).plus::<FMA>(v[1], v[1]);
        let [g, b] = s.diagonal[i];
        let (own_p, own_q) = (g.mul(square), b.mul(square).neg());
        let (p, q) = (sum[0].add(own_p), sum[1].add(own_q));
        let one = V::splat(1.0);
        w[graph.diagonal(i)] = Block([
            one.sub(on_p).less::<FMA>(sum[1], on_p),
            own_p.add(p).mul(on_p),
            sum[0].mul(on_q),
            one.sub(on_q).plus::<FMA>(own_q.add(q), on_q),
        ]);
        let off = [s.given[i][0].sub(p).mul(on_p), s.given[i][1].sub(q).mul(on_q)];
        self.worst = larger(larger(self.worst, off[0]), off[1]);
        [off]
    }
}

/// How a run of Newton's method ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::grid) struct Run {
    pub iterations: u32,
    pub converged: bool,
}

/// Mismatches below which one more step is likely to be the last, so that testing comes
/// before the next elimination.
pub(super) const NEAR_PU: f64 = 1e-2;
/// Mismatches above which nothing is left of the grid.
pub(super) const LOST_PU: f64 = 1e12;

/// Newton's method with full steps, for one scenario.
pub(in crate::grid) struct Newton<'a> {
    pub graph: &'a BlockGraph,
    pub lu: &'a mut BlockLu<f64, 1>,
    pub state: &'a mut State<f64>,
    pub tolerance: f64,
    pub max_iterations: u32,
}

impl Kernel for Newton<'_> {
    type Output = Run;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> Run {
        let Self { graph, lu, state, tolerance, max_iterations } = self;
        let mut near = false;
        for iterations in 0..=max_iterations {
            if (near || iterations == max_iterations) && state.worst::<FMA>(graph) <= tolerance {
                return Run { iterations, converged: true };
            }
            if iterations == max_iterations {
                break;
            }
            let mut equations = Equations { state, worst: 0.0 };
            lu.eliminate_in::<FMA>(graph, &mut equations);
            let worst = equations.worst;
            if worst <= tolerance {
                return Run { iterations, converged: true };
            }
            let size = state.step::<FMA, 1>(lu.x(), |_| 1.0);
            if !size.is_finite() || worst > LOST_PU {
                return Run { iterations: iterations + 1, converged: false };
            }
            near = worst < NEAR_PU;
        }
        Run { iterations: max_iterations, converged: false }
    }
}

/// Voltages by node.
pub(in crate::grid) fn by_node(graph: &BlockGraph, v: &[Complex]) -> Vec<Complex> {
    let mut out = vec![[0.0; 2]; v.len()];
    for (v, &node) in v.iter().zip(graph.node()) {
        out[node as usize] = *v;
    }
    out
}
