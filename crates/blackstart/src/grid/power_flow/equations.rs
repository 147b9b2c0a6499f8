//! The power balance of every bus and its derivatives, on the pattern of the factors.
//!
//! Unknowns of a bus are the angle and the logarithm of the magnitude of its voltage, so
//! its row of the Jacobian consists of the complex powers `S_ij = V_i · conj(Y_ij · V_j)`
//! themselves and one pass over a row gives the mismatch as well. Voltages are kept as
//! complex numbers and turned by a rational rotation: no trigonometry.

use super::admittance::Complex;
use crate::math::{Block, BlockGraph, Lanes, Rows, Spread};

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
}

impl<V> State<V> {
    pub(super) fn balance<'a>(&'a self, graph: &'a BlockGraph) -> Balance<'a, V> {
        Balance { graph, y: &self.y, diagonal: &self.diagonal, active: &self.active }
    }
}

/// The equations of scenarios apart from what moves: admittances and what is an equation,
/// by position as in [`State`], one for all lanes or each its own.
#[derive(Clone, Copy)]
pub(super) struct Balance<'a, Y> {
    pub graph: &'a BlockGraph,
    pub y: &'a [[Y; 2]],
    pub diagonal: &'a [[Y; 2]],
    pub active: &'a [[Y; 2]],
}

impl<Y: Lanes> Balance<'_, Y> {
    /// By position: given less actual injection at voltages `v`, where that is an equation;
    /// gives the largest one by lane.
    #[inline(always)]
    pub fn mismatch<V: Lanes, const FMA: bool>(
        &self,
        v: &[[V; 2]],
        given: &[[V; 2]],
        off: &mut [[V; 2]],
    ) -> V
    where
        Y: Spread<V>,
    {
        let mut worst = V::splat(0.0);
        for (i, off) in off.iter_mut().enumerate() {
            let (first, row) = self.graph.row(i);
            // The operations of `jacobian`, so that either gives the same bytes.
            let vi = v[i];
            let mut sum = [V::splat(0.0); 2];
            for (&(j, _), y) in row.iter().zip(&self.y[first..]) {
                let t = times::<V, FMA>(y.map(Spread::spread), v[j as usize]);
                let [p, q] = conjugate_product::<V, FMA>(vi, t);
                sum = [sum[0].add(p), sum[1].add(q)];
            }
            let square = vi[0].mul(vi[0]).plus::<FMA>(vi[1], vi[1]);
            let [g, b]: [V; 2] = self.diagonal[i].map(Spread::spread);
            let s = [sum[0].add(g.mul(square)), sum[1].add(b.mul(square).neg())];
            let active: [V; 2] = self.active[i].map(Spread::spread);
            *off = [given[i][0].sub(s[0]).mul(active[0]), given[i][1].sub(s[1]).mul(active[1])];
            worst = larger(larger(worst, off[0]), off[1]);
        }
        worst
    }

    /// Writes the blocks of row `i` of the Jacobian at voltages `at`; gives the injection there, p.u.
    #[inline(always)]
    fn jacobian<const FMA: bool>(&self, at: &[[Y; 2]], i: usize, w: &mut [Block<Y>]) -> [Y; 2] {
        let Self { graph, y, diagonal, active } = *self;
        let v = at[i];
        let [on_p, on_q] = active[i];
        let off_q = on_q.neg();
        let (first, row) = graph.row(i);
        let mut sum = [Y::splat(0.0); 2];
        for (&(j, slot), y) in row.iter().zip(&y[first..]) {
            let t = times::<Y, FMA>(*y, at[j as usize]);
            let [p, q] = conjugate_product::<Y, FMA>(v, t);
            sum = [sum[0].add(p), sum[1].add(q)];
            w[slot as usize] = Block([q.mul(on_p), p.mul(on_p), p.mul(off_q), q.mul(on_q)]);
        }
        let square = v[0].mul(v[0]).plus::<FMA>(v[1], v[1]);
        let [g, b] = diagonal[i];
        let (own_p, own_q) = (g.mul(square), b.mul(square).neg());
        let (p, q) = (sum[0].add(own_p), sum[1].add(own_q));
        let one = Y::splat(1.0);
        w[graph.diagonal(i)] = Block([
            one.sub(on_p).less::<FMA>(sum[1], on_p),
            own_p.add(p).mul(on_p),
            sum[0].mul(on_q),
            one.sub(on_q).plus::<FMA>(own_q.add(q), on_q),
        ]);
        [p, q]
    }
}

/// Moves voltages `v` by the steps `x` in the lanes where `go` is not 0; gives the size of
/// the steps, which is not finite where the equations broke down.
#[inline(always)]
pub(super) fn step<V: Lanes, const FMA: bool>(v: &mut [[V; 2]], x: &[[V; 2]], go: V) -> V {
    let mut size = V::splat(0.0);
    for (v, x) in v.iter_mut().zip(x) {
        let [turn, grow] = x.map(|x| x.zip(go, |x, go| if go == 0.0 { 0.0 } else { x }));
        size = size.add(turn.map(f64::abs)).add(grow.map(f64::abs));
        *v = moved::<V, FMA>(*v, turn, grow);
    }
    size
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
        let [p, q] = s.balance(graph).jacobian::<FMA>(&s.v, i, w);
        let [on_p, on_q] = s.active[i];
        let off = [s.given[i][0].sub(p).mul(on_p), s.given[i][1].sub(q).mul(on_q)];
        self.worst = larger(larger(self.worst, off[0]), off[1]);
        [off]
    }
}

/// Rows of the matrix alone, at voltages.
pub(super) struct Jacobian<'a, V>(pub Balance<'a, V>, pub &'a [[V; 2]]);

impl<V: Lanes> Rows<V, 0> for Jacobian<'_, V> {
    #[inline(always)]
    fn fill<const FMA: bool>(
        &mut self,
        _: &BlockGraph,
        i: usize,
        w: &mut [Block<V>],
    ) -> [[V; 2]; 0] {
        self.0.jacobian::<FMA>(self.1, i, w);
        []
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
