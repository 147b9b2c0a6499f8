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

use super::lanes::{Lanes, Spread};
use super::pattern::Pattern;

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

/// Order and pattern of block matrices on one graph. Rows and columns are positions in the
/// order of elimination. A row of the factors has *slots*: its entries left of the
/// diagonal, the diagonal, its entries to the right.
#[derive(Clone, Debug)]
pub struct BlockGraph {
    n: usize,
    /// By position: node.
    node: Vec<u32>,
    /// By node: position.
    position: Vec<u32>,
    /// Left entries of row `i`: `left_ptr[i]..left_ptr[i + 1]`.
    left_ptr: Vec<u32>,
    /// By left entry: column, ascending.
    pub(super) left: Vec<u32>,
    /// Right entries of row `i`: `right_ptr[i]..right_ptr[i + 1]`.
    right_ptr: Vec<u32>,
    /// By right entry: column, ascending.
    pub(super) right: Vec<u32>,
    /// Matrix entries off the diagonal of row `i`: `entry_ptr[i]..entry_ptr[i + 1]`.
    entry_ptr: Vec<u32>,
    /// By matrix entry: column and slot.
    entry: Vec<(u32, u32)>,
    /// By edge: the entries (from, to) and (to, from); `u32::MAX` for a self-loop.
    edge_entries: Vec<[u32; 2]>,
    /// By left entry: where its destinations begin on the tape, times two; odd where the
    /// next left entry is of the same supernode, so that both are taken at once.
    step: Vec<u32>,
    /// Destination slots of the updates, in the order of elimination. Rows that end alike
    /// (supernodes) share theirs.
    tape: Tape,
    /// Most slots of a row.
    widest: usize,
}

/// Destination slots; the short form holds every graph but those with a huge hub.
#[derive(Clone, Debug)]
enum Tape {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl BlockGraph {
    /// Analyses the graph of nodes `0..n` and undirected `edges`; parallel edges share
    /// their entries, self-loops have none.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let p = Pattern::new(n, edges);
        let mut position = vec![0u32; n];
        for (at, &v) in p.node.iter().enumerate() {
            position[v as usize] = at as u32;
        }
        let slots = |i: usize| {
            (p.upd_ptr[i + 1] - p.upd_ptr[i] + 1 + p.col_ptr[i + 1] - p.col_ptr[i]) as usize
        };
        let widest = (0..n).map(slots).max().unwrap_or(0);
        let (at_ptr, at_edge) = incidence(n, edges);
        let mut graph = Self {
            n,
            node: p.node,
            position,
            left_ptr: p.upd_ptr,
            left: p.upd_col,
            right_ptr: p.col_ptr,
            right: p.row,
            entry_ptr: Vec::with_capacity(n + 1),
            entry: Vec::with_capacity(2 * edges.len()),
            edge_entries: vec![[u32::MAX; 2]; edges.len()],
            step: Vec::new(),
            tape: Tape::Short(Vec::new()),
            widest,
        };
        if widest <= usize::from(u16::MAX) {
            graph.tape = Tape::Short(graph.lay(edges, &at_ptr, &at_edge, |slot| slot as u16));
        } else {
            graph.tape = Tape::Long(graph.lay(edges, &at_ptr, &at_edge, |slot| slot));
        }
        graph
    }

    /// Lays out matrix entries and steps, row by row; gives the tape.
    fn lay<T>(
        &mut self,
        edges: &[(u32, u32)],
        at_ptr: &[u32],
        at_edge: &[u32],
        short: impl Fn(u32) -> T,
    ) -> Vec<T> {
        // By column: the row of U before it has the same entries and this column.
        let chained: Vec<bool> = (0..self.n)
            .map(|k| {
                let before = if k == 0 { 0..0 } else { self.rights(k - 1) };
                before.len() == self.rights(k).len() + 1 && self.right[before.start] == k as u32
            })
            .collect();
        let mut tape = Vec::with_capacity(2 * self.right.len());
        let mut step = Vec::with_capacity(self.left.len());
        // By column: its slot in the row under work (right where the row has it).
        let mut slot = vec![0u32; self.n];
        let mut entry_of = vec![u32::MAX; self.n];
        self.entry_ptr.push(0);
        for i in 0..self.n {
            let (left, right) = (self.lefts(i), self.rights(i));
            for (s, &j) in self.left[left.clone()].iter().enumerate() {
                slot[j as usize] = s as u32;
            }
            let diagonal = left.len() as u32;
            slot[i] = diagonal;
            for (s, &j) in self.right[right].iter().enumerate() {
                slot[j as usize] = diagonal + 1 + s as u32;
            }
            let v = self.node[i];
            let first = self.entry.len() as u32;
            for &e in &at_edge[at_ptr[v as usize] as usize..at_ptr[v as usize + 1] as usize] {
                let (a, b) = edges[e as usize];
                let j = self.position[if a == v { b } else { a } as usize] as usize;
                // An entry made in an earlier row is not this row's.
                if entry_of[j] == u32::MAX || entry_of[j] < first {
                    entry_of[j] = self.entry.len() as u32;
                    self.entry.push((j as u32, slot[j]));
                }
                self.edge_entries[e as usize][usize::from(a != v)] = entry_of[j];
            }
            self.entry_ptr.push(self.entry.len() as u32);
            let mut paired = false;
            for e in left.clone() {
                let k = self.left[e] as usize;
                let follows = e > left.start && self.left[e - 1] as usize + 1 == k && chained[k];
                let at = if follows {
                    // The destinations of the entry before, less the first.
                    step[e - 1] / 2 + 1
                } else {
                    let destinations = self.right[self.rights(k)].iter();
                    tape.extend(destinations.map(|&j| short(slot[j as usize])));
                    (tape.len() - self.rights(k).len()) as u32
                };
                assert!(at < 1 << 31, "a factor that fits memory");
                if follows && !paired {
                    step[e - 1] |= 1;
                }
                paired = follows && !paired;
                step.push(2 * at);
            }
        }
        self.step = step;
        tape
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.n
    }

    /// By position: node.
    #[must_use]
    pub fn node(&self) -> &[u32] {
        &self.node
    }

    /// By node: position.
    #[must_use]
    pub fn position(&self) -> &[u32] {
        &self.position
    }

    /// Number of matrix entries off the diagonal.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entry.len()
    }

    /// Numbers, columns and slots of the matrix entries off the diagonal of a row.
    #[inline(always)]
    pub fn row(&self, i: usize) -> (usize, &[(u32, u32)]) {
        let first = self.entry_ptr[i] as usize;
        (first, &self.entry[first..self.entry_ptr[i + 1] as usize])
    }

    /// Slot of the diagonal of a row.
    #[inline(always)]
    #[must_use]
    pub fn diagonal(&self, i: usize) -> usize {
        (self.left_ptr[i + 1] - self.left_ptr[i]) as usize
    }

    /// Numbers of the matrix entries (from, to) and (to, from) of an edge; `None` for a
    /// self-loop.
    #[inline]
    #[must_use]
    pub fn of_edge(&self, edge: usize) -> Option<[usize; 2]> {
        let [a, b] = self.edge_entries[edge];
        (a != u32::MAX).then_some([a as usize, b as usize])
    }

    /// Number of off-diagonal blocks of one factor.
    #[must_use]
    pub fn fill(&self) -> usize {
        self.right.len()
    }

    pub(super) fn lefts(&self, i: usize) -> std::ops::Range<usize> {
        self.left_ptr[i] as usize..self.left_ptr[i + 1] as usize
    }

    pub(super) fn rights(&self, i: usize) -> std::ops::Range<usize> {
        self.right_ptr[i] as usize..self.right_ptr[i + 1] as usize
    }
}

/// Edges at every node, self-loops left out.
fn incidence(n: usize, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
    let mut ptr = vec![0u32; n + 1];
    for &(a, b) in edges.iter().filter(|(a, b)| a != b) {
        ptr[a as usize + 1] += 1;
        ptr[b as usize + 1] += 1;
    }
    for i in 0..n {
        ptr[i + 1] += ptr[i];
    }
    let mut next = ptr.clone();
    let mut at = vec![0u32; ptr[n] as usize];
    for (e, &(a, b)) in edges.iter().enumerate().filter(|(_, (a, b))| a != b) {
        for v in [a, b] {
            at[next[v as usize] as usize] = e as u32;
            next[v as usize] += 1;
        }
    }
    (ptr, at)
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
mod tests {
    use proptest::prelude::*;

    use super::super::dense;
    use super::super::lanes::{Lanes, Spread, Wide};
    use super::{Block, BlockGraph, BlockLu, Rows, Tape, dispatch};

    /// A matrix by node and edge with right-hand sides by node.
    #[derive(Clone, Debug)]
    struct Matrix {
        n: usize,
        edges: Vec<(u32, u32)>,
        diagonal: Vec<[f64; 4]>,
        off: Vec<[[f64; 4]; 2]>,
        rhs: Vec<[f64; 2]>,
    }

    /// The same matrix in all lanes, scaled by lane: `x` of lane k is `x / (k + 1)`.
    struct Source<'a, V> {
        of: &'a Matrix,
        /// Blocks by matrix entry, parallel edges added.
        entries: Vec<[f64; 4]>,
        scale: V,
    }

    impl<'a, V: Lanes> Source<'a, V> {
        fn new(of: &'a Matrix, graph: &BlockGraph) -> Self {
            let mut entries = vec![[0.0; 4]; graph.entries()];
            for (e, blocks) in of.off.iter().enumerate() {
                for (entry, block) in graph.of_edge(e).into_iter().flatten().zip(blocks) {
                    for c in 0..4 {
                        entries[entry][c] += block[c];
                    }
                }
            }
            let mut scale = V::splat(1.0);
            for k in 0..V::N {
                scale.set(k, (k + 1) as f64);
            }
            Self { of, entries, scale }
        }
    }

    struct FactorAlone<'a>(&'a mut BlockLu<Wide<8>, 0>, &'a BlockGraph, Source<'a, Wide<8>>);
    impl super::Kernel for FactorAlone<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(mut self) {
            self.0.factor_in::<FMA>(self.1, &mut self.2);
        }
    }

    impl<V: Lanes> Rows<V, 0> for Source<'_, V> {
        #[inline(always)]
        fn fill<const FMA: bool>(
            &mut self,
            g: &BlockGraph,
            i: usize,
            w: &mut [Block<V>],
        ) -> [[V; 2]; 0] {
            let _: [[V; 2]; 1] = self.fill::<FMA>(g, i, w);
            []
        }
    }

    impl<V: Lanes, const R: usize> BlockLu<V, R> {
        /// Solutions for right-hand sides `b`, by position, where checked and unchecked code
        /// agree.
        pub(in super::super) fn solved<W: Lanes + PartialEq>(
            &self,
            g: &BlockGraph,
            b: &[[W; 2]],
        ) -> Vec<[W; 2]>
        where
            V: Spread<W>,
        {
            struct Run<'a, V, W, const R: usize, const CHECKED: bool>(
                &'a BlockLu<V, R>,
                &'a BlockGraph,
                &'a mut [[W; 2]],
            );
            impl<V: Spread<W>, W: Lanes, const R: usize, const CHECKED: bool> super::Kernel
                for Run<'_, V, W, R, CHECKED>
            {
                type Output = ();
                #[inline(always)]
                fn run<const FMA: bool>(self) {
                    self.0.substitute::<W, FMA, CHECKED>(self.1, self.2);
                }
            }
            let (mut x, mut checked) = (b.to_vec(), b.to_vec());
            dispatch(Run::<V, W, R, false>(self, g, &mut x));
            dispatch(Run::<V, W, R, true>(self, g, &mut checked));
            assert_eq!(x, checked);
            x
        }
    }

    impl<V: Lanes> Rows<V, 1> for Source<'_, V> {
        #[inline(always)]
        fn fill<const FMA: bool>(
            &mut self,
            g: &BlockGraph,
            i: usize,
            w: &mut [Block<V>],
        ) -> [[V; 2]; 1] {
            let v = g.node()[i] as usize;
            let wide = |b: [f64; 4]| Block(b.map(|b| V::splat(b).mul(self.scale)));
            let (first, row) = g.row(i);
            for (e, &(_, slot)) in row.iter().enumerate() {
                w[slot as usize] = wide(self.entries[first + e]);
            }
            w[g.diagonal(i)] = wide(self.of.diagonal[v]);
            [self.of.rhs[v].map(V::splat)]
        }
    }

    /// Unsymmetric, diagonally dominant by blocks.
    fn matrix() -> impl Strategy<Value = Matrix> {
        (1usize..24)
            .prop_flat_map(|n| {
                let end = 0..n as u32;
                let block = || prop::array::uniform4(-1.0f64..1.0);
                let edge = ((end.clone(), end), (block(), block()));
                let edges = prop::collection::vec(edge, 0..3 * n);
                let diagonal = prop::collection::vec(block(), n);
                let rhs = prop::collection::vec(prop::array::uniform2(-5.0f64..5.0), n);
                (Just(n), edges, diagonal, rhs)
            })
            .prop_map(|(n, edges, mut diagonal, rhs)| {
                let mut size = vec![1.0; n];
                for &((a, b), _) in &edges {
                    size[a as usize] += 2.0;
                    size[b as usize] += 2.0;
                }
                for (d, s) in diagonal.iter_mut().zip(size) {
                    d[0] += 2.0 * s;
                    d[3] -= 2.0 * s;
                }
                let (edges, off) = edges.into_iter().map(|(e, (a, b))| (e, [a, b])).unzip();
                Matrix { n, edges, diagonal, off, rhs }
            })
    }

    fn dense_solution(m: &Matrix) -> Vec<f64> {
        let n = 2 * m.n;
        let mut a = vec![0.0; n * n];
        let mut add = |i: usize, j: usize, b: [f64; 4]| {
            for c in 0..4 {
                a[(2 * i + c / 2) * n + 2 * j + c % 2] += b[c];
            }
        };
        for (i, d) in m.diagonal.iter().enumerate() {
            add(i, i, *d);
        }
        for (&(f, t), off) in m.edges.iter().zip(&m.off).filter(|((f, t), _)| f != t) {
            add(f as usize, t as usize, off[0]);
            add(t as usize, f as usize, off[1]);
        }
        dense::solve(a, m.rhs.iter().flatten().copied().collect())
    }

    fn eliminate<V: Lanes>(m: &Matrix, g: &BlockGraph) -> BlockLu<V, 1> {
        let mut lu = BlockLu::new(g, false);
        lu.eliminate(g, &mut Source::new(m, g));
        lu
    }

    proptest! {
        #[test]
        fn solves_and_all_forms_agree(m in matrix()) {
            let g = BlockGraph::new(m.n, &m.edges);
            let lu = eliminate::<f64>(&m, &g);
            prop_assert!(lu.weakest() > 1e-6);
            let expected = dense_solution(&m);
            for (x, &v) in lu.x().iter().zip(g.node()) {
                for c in 0..2 {
                    let want = expected[2 * v as usize + c];
                    prop_assert!((x[0][c] - want).abs() < 1e-9 * (1.0 + want.abs()));
                }
            }
            // A lane gives the bytes that one number gives; a power of two scales exactly.
            let four = eliminate::<Wide<4>>(&m, &g);
            let eight = eliminate::<Wide<8>>(&m, &g);
            for (x, (four, eight)) in lu.x().iter().zip(four.x().iter().zip(eight.x())) {
                for c in 0..2 {
                    prop_assert_eq!(x[0][c], four[0][c].0[0]);
                    prop_assert_eq!(x[0][c], eight[0][c].0[0]);
                    prop_assert_eq!(x[0][c] / 4.0, eight[0][c].0[3]);
                }
            }
            // The checked form runs the same operations.
            struct Checked<'a>(&'a mut BlockLu<f64, 1>, &'a BlockGraph, Source<'a, f64>);
            impl super::Kernel for Checked<'_> {
                type Output = ();
                #[inline(always)]
                fn run<const FMA: bool>(mut self) {
                    let Tape::Short(tape) = &self.1.tape else { panic!("a small graph") };
                    let long: Vec<u32> = tape.iter().map(|t| u32::from(*t)).collect();
                    self.0.forward::<FMA, true, true, _, 1>(self.1, &long, &mut self.2);
                    self.0.backward::<FMA, true>(self.1);
                }
            }
            let mut kept = BlockLu::new(&g, true);
            dispatch(Checked(&mut kept, &g, Source::new(&m, &g)));
            prop_assert_eq!(kept.x(), lu.x());
            // The kept factors give the same solution again, and other ones.
            let b: Vec<_> = g.node().iter().map(|&v| m.rhs[v as usize].map(|b| 3.0 * b)).collect();
            let again = kept.solved(&g, &b);
            for (a, b) in again.iter().zip(lu.x()) {
                for c in 0..2 {
                    prop_assert!((a[c] - 3.0 * b[0][c]).abs() < 1e-9 * (1.0 + b[0][c].abs()));
                }
            }
            let b: Vec<_> = g.node().iter().map(|&v| m.rhs[v as usize]).collect();
            let again = kept.solved(&g, &b);
            prop_assert!(again.iter().zip(lu.x()).all(|(a, b)| *a == b[0]));
            // So do factors without right-hand sides, in lanes, and one factor for all lanes.
            let mut eight = BlockLu::<Wide<8>, 0>::new(&g, true);
            dispatch(FactorAlone(&mut eight, &g, Source::new(&m, &g)));
            let wide: Vec<_> = b.iter().map(|b| b.map(Wide::<8>::splat)).collect();
            let (own, shared) = (eight.solved(&g, &wide), kept.solved(&g, &wide));
            for (a, (own, shared)) in again.iter().zip(own.iter().zip(&shared)) {
                for c in 0..2 {
                    prop_assert_eq!(a[c], own[c].0[0]);
                    prop_assert_eq!(a[c] / 4.0, own[c].0[3]);
                    prop_assert_eq!([a[c]; 8], shared[c].0);
                }
            }
        }
    }

    #[test]
    fn a_zero_pivot_is_seen_and_stays_finite() {
        let m = Matrix {
            n: 2,
            edges: vec![(0, 1)],
            diagonal: vec![[1.0, 2.0, 2.0, 4.0], [1.0, 0.0, 0.0, 1.0]],
            off: vec![[[0.0; 4]; 2]],
            rhs: vec![[1.0, 1.0], [3.0, 4.0]],
        };
        let g = BlockGraph::new(2, &m.edges);
        let lu = eliminate::<f64>(&m, &g);
        assert_eq!(lu.weakest(), 0.0);
        assert_eq!(lu.x()[g.position()[0] as usize][0], [0.0, 0.0]);
        assert_eq!(lu.x()[g.position()[1] as usize][0], [3.0, 4.0]);
    }

    #[test]
    fn a_hub_of_many_branches_takes_the_long_tape() {
        let n = 70_000usize;
        let edges: Vec<(u32, u32)> = (1..n as u32).map(|v| (0, v)).collect();
        let m = Matrix {
            n,
            diagonal: vec![[2.0, 0.0, 0.0, 2.0]; n],
            off: vec![[[1e-5, 0.0, 0.0, 1e-5]; 2]; n - 1],
            rhs: vec![[1.0, 2.0]; n],
            edges,
        };
        let g = BlockGraph::new(n, &m.edges);
        assert!(matches!(g.tape, Tape::Long(_)));
        let lu = eliminate::<f64>(&m, &g);
        // Hub: 2 h + 1e-5 Σ leaf = 1, leaf: 2 l + 1e-5 h = 1.
        let leaves = (n - 1) as f64;
        let hub = (1.0 - 1e-5 * leaves / 2.0) / (2.0 - 1e-10 * leaves / 2.0);
        assert!((lu.x()[g.position()[0] as usize][0][0] - hub).abs() < 1e-10);
    }
}
