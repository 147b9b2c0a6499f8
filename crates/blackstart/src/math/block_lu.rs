//! Unsymmetric LU on a graph with two unknowns per node, replayed on a static pattern.
//!
//! A power flow has two equations and two unknowns per bus, coupled where buses are. With
//! one 2×2 block per bus and per direction of a branch, the pattern is the bus graph: the
//! same for every damage, kind of bus and island, because what plays no part becomes rows
//! of the identity. Order and pattern are found once ([`BlockGraph`]); the elimination then
//! runs row by row over a tape of destinations, without searching or allocating. Pivots
//! are the diagonal blocks in that order; each is watched ([`BlockLu::weakest`]).
//!
//! This is the only module with unsafe code: indices that [`BlockGraph::new`] makes are
//! not checked again in the inner loop. The same code with checks (`CHECKED`) runs in the
//! tests beside it.
#![allow(unsafe_code)]

mod graph;

use super::lanes::{Lanes, Spread};
use graph::Tape;

pub use graph::BlockGraph;

/// A 2×2 block, row-major.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(32))]
pub struct Block<V>(pub [V; 4]);

/// A kernel that [`dispatch`] compiles for several instruction sets. Implementations mark
/// `run`, and what it calls, `#[inline(always)]`.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Runs; `FMA` says that fused multiply–add is one instruction.
    fn run<const FMA: bool>(self) -> Self::Output;
}

/// Runs `kernel` with the best instructions this machine has.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the machine has both features, as just asked.
        return unsafe { with_avx2(kernel) };
    }
    kernel.run::<false>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

/// Source of a matrix and its `R` right-hand sides, row by row in the order of
/// elimination.
pub trait Rows<V: Lanes, const R: usize> {
    /// Writes the blocks of row `i` into the zeroed slots `w`; gives its right-hand sides.
    fn fill<const FMA: bool>(
        &mut self,
        graph: &BlockGraph,
        i: usize,
        w: &mut [Block<V>],
    ) -> [[V; 2]; R];
}

/// Factors and solutions on a [`BlockGraph`], of `R` right-hand sides.
#[derive(Clone, Debug)]
pub struct BlockLu<V, const R: usize> {
    /// Right factor, each row divided by its pivot.
    pub(super) u: Vec<Block<V>>,
    /// Left factor, if it is kept.
    pub(super) l: Vec<Block<V>>,
    /// Inverse pivots, if the left factor is kept.
    pub(super) inverse: Vec<Block<V>>,
    /// By position: right-hand sides, then solutions.
    x: Vec<[[V; 2]; R]>,
    /// Slots of the row under work.
    w: Vec<Block<V>>,
    weakest: V,
}

/// A pivot block whose determinant is smaller than this share of its terms has no correct
/// digit.
const LEAST_PIVOT_SHARE: f64 = 4.0 * f64::EPSILON;

impl<V: Lanes, const R: usize> BlockLu<V, R> {
    /// Space for matrices on `graph`. `keep_left` makes [`BlockLu::substitute_in`] possible.
    #[must_use]
    pub fn new(graph: &BlockGraph, keep_left: bool) -> Self {
        let zero = Block([V::splat(0.0); 4]);
        let kept = |n| vec![zero; if keep_left { n } else { 0 }];
        Self {
            u: vec![zero; graph.fill()],
            l: kept(graph.fill()),
            inverse: kept(graph.n),
            x: vec![[[V::splat(0.0); 2]; R]; graph.n],
            w: vec![zero; graph.widest],
            weakest: V::splat(1.0),
        }
    }

    /// By lane: smallest determinant of a pivot block relative to its two terms, of the
    /// last elimination; 0 when a pivot was unusable (its unknowns were left at zero).
    #[must_use]
    pub fn weakest(&self) -> V {
        self.weakest
    }

    /// By position: solutions.
    #[must_use]
    pub fn x(&self) -> &[[[V; 2]; R]] {
        &self.x
    }

    /// Eliminates the matrix of `rows` and solves for its right-hand sides.
    pub fn eliminate(&mut self, graph: &BlockGraph, rows: &mut impl Rows<V, R>) {
        struct Run<'a, V, T, const R: usize>(&'a mut BlockLu<V, R>, &'a BlockGraph, &'a mut T);
        impl<V: Lanes, T: Rows<V, R>, const R: usize> Kernel for Run<'_, V, T, R> {
            type Output = ();
            #[inline(always)]
            fn run<const FMA: bool>(self) {
                self.0.eliminate_in::<FMA>(self.1, self.2);
            }
        }
        dispatch(Run(self, graph, rows));
    }

    /// [`BlockLu::eliminate`] for use inside a [`Kernel`].
    #[inline(always)]
    pub fn eliminate_in<const FMA: bool>(
        &mut self,
        graph: &BlockGraph,
        rows: &mut impl Rows<V, R>,
    ) {
        match (&graph.tape, self.l.is_empty()) {
            (Tape::Short(t), true) => self.forward::<FMA, false, false, _, R>(graph, t, rows),
            (Tape::Short(t), false) => self.forward::<FMA, true, false, _, R>(graph, t, rows),
            // Rare, so not worth a form of its own.
            (Tape::Long(t), true) => self.forward::<FMA, false, true, _, R>(graph, t, rows),
            (Tape::Long(t), false) => self.forward::<FMA, true, true, _, R>(graph, t, rows),
        }
        self.backward::<FMA, false>(graph);
    }

    /// Factors the matrix of `rows` and keeps the factors for [`BlockLu::substitute_in`]; for
    /// use inside a [`Kernel`].
    ///
    /// # Panics
    /// When the left factor is not kept.
    #[inline(always)]
    pub fn factor_in<const FMA: bool>(&mut self, graph: &BlockGraph, rows: &mut impl Rows<V, 0>) {
        assert!(self.inverse.len() == graph.n, "factors with their left part");
        match &graph.tape {
            Tape::Short(t) => self.forward::<FMA, true, false, _, 0>(graph, t, rows),
            Tape::Long(t) => self.forward::<FMA, true, true, _, 0>(graph, t, rows),
        }
    }

    /// Turns right-hand sides `x`, by position, into solutions with the kept factors; for use
    /// inside a [`Kernel`]. The factors are those of the lanes `W`, or one that all share. The
    /// operations are those that [`BlockLu::eliminate_in`] does on its right-hand sides.
    ///
    /// # Panics
    /// When the left factor was not kept, or `x` is not one pair per node.
    #[inline(always)]
    pub fn substitute_in<W: Lanes, const FMA: bool>(&self, graph: &BlockGraph, x: &mut [[W; 2]])
    where
        V: Spread<W>,
    {
        self.substitute::<W, FMA, false>(graph, x);
    }

    #[inline(always)]
    fn substitute<W: Lanes, const FMA: bool, const CHECKED: bool>(
        &self,
        g: &BlockGraph,
        x: &mut [[W; 2]],
    ) where
        V: Spread<W>,
    {
        assert!(self.inverse.len() == g.n && self.l.len() == g.fill(), "kept factors");
        assert!(self.u.len() == g.fill() && x.len() == g.n, "of this graph");
        for i in 0..g.n {
            let mut b = *at::<CHECKED, _>(x, i);
            let (from, to) =
                (*at::<CHECKED, _>(&g.left_ptr, i), *at::<CHECKED, _>(&g.left_ptr, i + 1));
            for e in from as usize..to as usize {
                let k = *at::<CHECKED, _>(&g.left, e) as usize;
                let y = *at::<CHECKED, _>(x, k);
                b = less_image::<W, FMA>(b, at::<CHECKED, _>(&self.l, e).0.map(Spread::spread), y);
            }
            let inverse = at::<CHECKED, _>(&self.inverse, i).0.map(Spread::spread);
            *at_mut::<CHECKED, _>(x, i) = image::<W, FMA>(inverse, b);
        }
        for i in (0..g.n).rev() {
            let mut b = *at::<CHECKED, _>(x, i);
            let (from, to) =
                (*at::<CHECKED, _>(&g.right_ptr, i), *at::<CHECKED, _>(&g.right_ptr, i + 1));
            for e in from as usize..to as usize {
                let k = *at::<CHECKED, _>(&g.right, e) as usize;
                let y = *at::<CHECKED, _>(x, k);
                b = less_image::<W, FMA>(b, at::<CHECKED, _>(&self.u, e).0.map(Spread::spread), y);
            }
            *at_mut::<CHECKED, _>(x, i) = b;
        }
    }

    /// Elimination of rows with substitution of the first `S` right-hand sides.
    #[inline(always)]
    fn forward<const FMA: bool, const KEEP: bool, const CHECKED: bool, T, const S: usize>(
        &mut self,
        g: &BlockGraph,
        tape: &[T],
        rows: &mut impl Rows<V, S>,
    ) where
        T: Copy + Into<u32>,
    {
        // Buffers of another graph would make the unchecked indices below wrong.
        assert!(self.u.len() == g.fill() && self.x.len() == g.n && self.w.len() == g.widest);
        assert!(!KEEP || (self.l.len() == g.fill() && self.inverse.len() == g.n));
        let zero = Block([V::splat(0.0); 4]);
        let mut weakest = V::splat(1.0);
        for i in 0..g.n {
            let left = *at::<CHECKED, _>(&g.left_ptr, i) as usize
                ..*at::<CHECKED, _>(&g.left_ptr, i + 1) as usize;
            let right = *at::<CHECKED, _>(&g.right_ptr, i) as usize
                ..*at::<CHECKED, _>(&g.right_ptr, i + 1) as usize;
            let diagonal = left.len();
            let w = &mut self.w[..diagonal + 1 + right.len()];
            w.fill(zero);
            let mut b = rows.fill::<FMA>(g, i, w);
            let mut s = 0;
            while s < diagonal {
                let k = *at::<CHECKED, _>(&g.left, left.start + s) as usize;
                let step = *at::<CHECKED, _>(&g.step, left.start + s) as usize;
                let m = at::<CHECKED, _>(w, s).0;
                let mut t = step / 2;
                let mut u = *at::<CHECKED, _>(&g.right_ptr, k) as usize;
                let end = *at::<CHECKED, _>(&g.right_ptr, k + 1) as usize;
                let y = *at::<CHECKED, _>(&self.x, k);
                for r in 0..S {
                    b[r] = less_image::<V, FMA>(b[r], m, y[r]);
                }
                if KEEP {
                    self.l[left.start + s] = Block(m);
                }
                if step % 2 == 1 {
                    // Rows k and k + 1 of U end alike: one pass over their destinations.
                    let first = at::<CHECKED, _>(&self.u, u).0;
                    let m2 = V::less_product::<FMA>(at::<CHECKED, _>(w, s + 1).0, m, first);
                    let y = *at::<CHECKED, _>(&self.x, k + 1);
                    for r in 0..S {
                        b[r] = less_image::<V, FMA>(b[r], m2, y[r]);
                    }
                    if KEEP {
                        self.l[left.start + s + 1] = Block(m2);
                    }
                    let mut u2 = end;
                    (u, t) = (u + 1, t + 1);
                    while u < end {
                        let to: u32 = (*at::<CHECKED, _>(tape, t)).into();
                        let (a, c) =
                            (at::<CHECKED, _>(&self.u, u).0, at::<CHECKED, _>(&self.u, u2).0);
                        let w = at_mut::<CHECKED, _>(w, to as usize);
                        let once = V::less_product::<FMA>(w.0, m, a);
                        w.0 = V::less_product::<FMA>(once, m2, c);
                        (u, u2, t) = (u + 1, u2 + 1, t + 1);
                    }
                    s += 2;
                } else {
                    while u < end {
                        let to: u32 = (*at::<CHECKED, _>(tape, t)).into();
                        let a = at::<CHECKED, _>(&self.u, u).0;
                        let w = at_mut::<CHECKED, _>(w, to as usize);
                        w.0 = V::less_product::<FMA>(w.0, m, a);
                        (u, t) = (u + 1, t + 1);
                    }
                    s += 1;
                }
            }
            let (inverse, share) = invert::<V, FMA>(at::<CHECKED, _>(w, diagonal).0);
            weakest = weakest.zip(share, f64::min);
            for r in 0..S {
                self.x[i][r] = image::<V, FMA>(inverse, b[r]);
            }
            if KEEP {
                self.inverse[i] = Block(inverse);
            }
            for (u, w) in self.u[right].iter_mut().zip(&w[diagonal + 1..]) {
                u.0 = product::<V, FMA>(inverse, w.0);
            }
        }
        self.weakest = weakest;
    }

    /// Substitution from the last row to the first.
    #[inline(always)]
    fn backward<const FMA: bool, const CHECKED: bool>(&mut self, g: &BlockGraph) {
        for i in (0..g.n).rev() {
            let mut x = self.x[i];
            let right = *at::<CHECKED, _>(&g.right_ptr, i) as usize
                ..*at::<CHECKED, _>(&g.right_ptr, i + 1) as usize;
            for e in right {
                let j = *at::<CHECKED, _>(&g.right, e) as usize;
                let u = at::<CHECKED, _>(&self.u, e).0;
                let y = at::<CHECKED, _>(&self.x, j);
                for r in 0..R {
                    x[r] = less_image::<V, FMA>(x[r], u, y[r]);
                }
            }
            self.x[i] = x;
        }
    }
}

/// `b − m · y`.
#[inline(always)]
fn less_image<V: Lanes, const FMA: bool>(b: [V; 2], m: [V; 4], y: [V; 2]) -> [V; 2] {
    [
        b[0].less::<FMA>(m[0], y[0]).less::<FMA>(m[1], y[1]),
        b[1].less::<FMA>(m[2], y[0]).less::<FMA>(m[3], y[1]),
    ]
}

/// `m · y`.
#[inline(always)]
fn image<V: Lanes, const FMA: bool>(m: [V; 4], y: [V; 2]) -> [V; 2] {
    [m[0].mul(y[0]).plus::<FMA>(m[1], y[1]), m[2].mul(y[0]).plus::<FMA>(m[3], y[1])]
}

/// `a · b`.
#[inline(always)]
fn product<V: Lanes, const FMA: bool>(a: [V; 4], b: [V; 4]) -> [V; 4] {
    [
        a[0].mul(b[0]).plus::<FMA>(a[1], b[2]),
        a[0].mul(b[1]).plus::<FMA>(a[1], b[3]),
        a[2].mul(b[0]).plus::<FMA>(a[3], b[2]),
        a[2].mul(b[1]).plus::<FMA>(a[3], b[3]),
    ]
}

/// Inverse of a block, and its determinant relative to the terms it is the difference of.
/// A block without inverse gives zeros.
#[inline(always)]
fn invert<V: Lanes, const FMA: bool>(d: [V; 4]) -> ([V; 4], V) {
    let (main, cross) = (d[0].mul(d[3]), d[1].mul(d[2]));
    let det = main.sub(cross);
    let size = main.zip(cross, |a, b| a.abs() + b.abs());
    let share = det.zip(size, |det, size| {
        let share = det.abs() / size;
        if share > LEAST_PIVOT_SHARE { share } else { 0.0 }
    });
    let factor = det.zip(share, |det, share| if share > 0.0 { 1.0 / det } else { 0.0 });
    ([d[3].mul(factor), d[1].mul(factor).neg(), d[2].mul(factor).neg(), d[0].mul(factor)], share)
}

#[inline(always)]
fn at<const CHECKED: bool, T>(values: &[T], i: usize) -> &T {
    if CHECKED {
        &values[i]
    } else {
        debug_assert!(i < values.len());
        // SAFETY: `forward` has checked that the buffers are as long as the graph says,
        // and every index comes from a `BlockGraph`, whose fields are private and made by
        // `new` only: columns and nodes are below `n`, pointers ascend to the length of
        // what they point into, slots are below the number of slots of their row, and the
        // steps of a row point to as many slots on the tape as `forward` takes from there, and
        // an odd step is followed by a left entry of the next column, whose row of U begins
        // where its own ends and is one shorter.
        unsafe { values.get_unchecked(i) }
    }
}

#[inline(always)]
fn at_mut<const CHECKED: bool, T>(values: &mut [T], i: usize) -> &mut T {
    if CHECKED {
        &mut values[i]
    } else {
        debug_assert!(i < values.len());
        // SAFETY: as for `at`.
        unsafe { values.get_unchecked_mut(i) }
    }
}

#[cfg(test)]
mod tests;
