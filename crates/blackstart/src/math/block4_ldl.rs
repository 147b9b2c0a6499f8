//! Sparse LDLᵀ on a graph with four unknowns per node and 4×4 block pivots.

use super::block_lu::{Kernel, dispatch};
use super::pattern::{Breakdown, Pattern};
use super::symmetric4::{Block4, invert};

/// LDLᵀ factorisation of a symmetric indefinite matrix on a graph, four unknowns per
/// node: the Newton system of an AC optimisation, with the two coordinates of a bus's
/// voltage and the two multipliers of its power balance.
///
/// Order and pattern are those of the graph, found once. A node's own 4×4 block is its
/// pivot; within it rows are chosen freely. By Sylvester's law the signs of all pivots
/// are those of the matrix, so a factorisation also tells its inertia.
#[derive(Clone, Debug)]
pub struct Block4Ldl {
    pattern: Pattern,
    edges: Vec<(u32, u32)>,
    /// By matrix entry: the edge's block has the column's node in its rows.
    transposed: Vec<bool>,
    /// Blocks of L in the order of `pattern.row`.
    l: Vec<Block4>,
    /// Blocks of D·Lᵀ in the same order.
    scaled: Vec<Block4>,
    /// Inverses of the pivot blocks by position.
    d_inv: Vec<Block4>,
    /// By row position: its place in the column under work, right where the column has it.
    place: Vec<u32>,
    /// Solutions by position.
    x: Vec<[[f64; 4]; 2]>,
    /// Residual by node.
    residual: Vec<[f64; 4]>,
}

impl Block4Ldl {
    /// Analyses the graph of nodes `0..n` and `edges`; parallel edges add, self-loops
    /// are ignored.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let pattern = Pattern::new(n, edges);
        let mut transposed = vec![false; pattern.ent_edge.len()];
        for j in 0..n {
            for at in pattern.ent_ptr[j] as usize..pattern.ent_ptr[j + 1] as usize {
                transposed[at] = edges[pattern.ent_edge[at] as usize].0 == pattern.node[j];
            }
        }
        let zero = [[0.0; 4]; 4];
        Self {
            l: vec![zero; pattern.fill()],
            scaled: vec![zero; pattern.fill()],
            d_inv: vec![zero; n],
            place: vec![0; n],
            x: vec![[[0.0; 4]; 2]; n],
            residual: vec![[0.0; 4]; n],
            edges: edges.to_vec(),
            transposed,
            pattern,
        }
    }

    /// Number of 4×4 blocks of L below the diagonal.
    #[must_use]
    pub fn fill(&self) -> usize {
        self.pattern.fill()
    }

    /// Factors the matrix with symmetric blocks `diag` by node and blocks `off` by edge
    /// (rows: the edge's first node). Gives the number of positive eigenvalues.
    ///
    /// # Errors
    /// [`Breakdown`] when a pivot block is singular or not finite.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn factor(&mut self, diag: &[Block4], off: &[Block4]) -> Result<usize, Breakdown> {
        assert_eq!(diag.len(), self.pattern.n, "one block per node");
        assert_eq!(off.len(), self.pattern.edges, "one block per edge");
        dispatch(Factor { ldl: self, diag, off })
    }

    /// Solves with the last successful factor for two right-hand sides at once.
    ///
    /// # Panics
    /// When the lengths are not those of nodes.
    pub fn solve_both(&mut self, b: &[Vec<[f64; 4]>; 2], x: &mut [Vec<[f64; 4]>; 2]) {
        let n = self.pattern.n;
        assert!(b.iter().all(|b| b.len() == n) && x.iter().all(|x| x.len() == n), "four per node");
        for (y, &v) in self.x.iter_mut().zip(&self.pattern.node) {
            *y = [b[0][v as usize], b[1][v as usize]];
        }
        dispatch(Substitute::<2>(self));
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            (x[0][v as usize], x[1][v as usize]) = (y[0], y[1]);
        }
    }

    /// Solves with the last successful factor, then refines as [`Self::refine`] does.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn solve_refined(
        &mut self,
        diag: &[Block4],
        off: &[Block4],
        b: &[[f64; 4]],
        x: &mut [[f64; 4]],
    ) {
        assert!(b.len() == self.pattern.n && x.len() == self.pattern.n, "four per node");
        self.substitute(b);
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            x[v as usize] = y[0];
        }
        self.refine(diag, off, b, x);
    }

    /// Solves for the residual of `x` with respect to `diag`, `off` and `b` and adds that,
    /// if it makes the residual smaller.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn refine(&mut self, diag: &[Block4], off: &[Block4], b: &[[f64; 4]], x: &mut [[f64; 4]]) {
        let n = self.pattern.n;
        assert!(b.len() == n && x.len() == n && diag.len() == n, "four per node");
        assert_eq!(off.len(), self.pattern.edges, "one block per edge");
        let size = b.iter().flatten().fold(0.0f64, |m, v| m.max(v.abs()));
        let mut left = std::mem::take(&mut self.residual);
        let edges = &self.edges[..];
        let worst = dispatch(Residual { edges, diag, off, b, x, out: &mut left });
        if worst > 1e-13 * size && worst.is_finite() {
            self.substitute(&left);
            self.add(x, 1.0);
            let edges = &self.edges[..];
            if dispatch(Residual { edges, diag, off, b, x, out: &mut left }) >= worst {
                self.add(x, -1.0);
            }
        }
        self.residual = left;
    }

    fn add(&self, x: &mut [[f64; 4]], factor: f64) {
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            for (x, y) in x[v as usize].iter_mut().zip(&y[0]) {
                *x += factor * y;
            }
        }
    }

    /// The first of `self.x := A⁻¹ b` by position.
    fn substitute(&mut self, b: &[[f64; 4]]) {
        for (y, &v) in self.x.iter_mut().zip(&self.pattern.node) {
            y[0] = b[v as usize];
        }
        dispatch(Substitute::<1>(self));
    }
}

struct Factor<'a> {
    ldl: &'a mut Block4Ldl,
    diag: &'a [Block4],
    off: &'a [Block4],
}

impl Kernel for Factor<'_> {
    type Output = Result<usize, Breakdown>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { ldl, diag, off } = self;
        let p = &ldl.pattern;
        let place = &mut ldl.place[..p.n];
        let mut positive = 0;
        for j in 0..p.n {
            let node = p.node[j] as usize;
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            // The column is summed up where its blocks of L will be.
            let (done, open) = ldl.l.split_at_mut(column.start);
            let work = &mut open[..column.len()];
            work.fill([[0.0; 4]; 4]);
            for (at, &r) in p.row[column.clone()].iter().enumerate() {
                place[r as usize] = at as u32;
            }
            for at in p.ent_ptr[j] as usize..p.ent_ptr[j + 1] as usize {
                let m = &off[p.ent_edge[at] as usize];
                let w = &mut work[place[p.ent_row[at] as usize] as usize];
                let m = if ldl.transposed[at] { transpose(m) } else { *m };
                for (w, m) in w.iter_mut().zip(&m) {
                    for b in 0..4 {
                        w[b] += m[b];
                    }
                }
            }
            let mut pivot = diag[node];
            let updates = p.upd_ptr[j] as usize..p.upd_ptr[j + 1] as usize;
            for (&k, &at) in p.upd_col[updates.clone()].iter().zip(&p.upd_entry[updates]) {
                let (at, end) = (at as usize, p.col_ptr[k as usize + 1] as usize);
                let scaled = ldl.scaled[at];
                subtract_product::<FMA>(&mut pivot, &done[at], &scaled);
                for (l, &r) in done[at + 1..end].iter().zip(&p.row[at + 1..end]) {
                    subtract_product::<FMA>(&mut work[place[r as usize] as usize], l, &scaled);
                }
            }
            let Some((inverse, signs)) = invert(&pivot) else {
                return Err(Breakdown { node });
            };
            positive += signs;
            ldl.d_inv[j] = inverse;
            for (l, scaled) in work.iter_mut().zip(&mut ldl.scaled[column]) {
                *scaled = transpose(l);
                *l = product::<FMA>(l, &inverse);
            }
        }
        Ok(positive)
    }
}

/// Solves for the first `R` right-hand sides in `x`, by position.
struct Substitute<'a, const R: usize>(&'a mut Block4Ldl);

impl<const R: usize> Kernel for Substitute<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Block4Ldl { pattern: p, l, scaled, d_inv, x, .. } = self.0;
        let x = &mut x[..p.n];
        for j in 0..p.n {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let mut u = [[0.0; 4]; R];
            for k in 0..R {
                for (inverse, &x) in d_inv[j].iter().zip(&x[j][k]) {
                    add::<FMA>(&mut u[k], inverse, x);
                }
                x[j][k] = u[k];
            }
            // L u = (D Lᵀ)ᵀ D⁻¹ u: whole rows of blocks are added.
            for (m, &r) in scaled[column.clone()].iter().zip(&p.row[column]) {
                for k in 0..R {
                    for (m, &u) in m.iter().zip(&u[k]) {
                        add::<FMA>(&mut x[r as usize][k], m, -u);
                    }
                }
            }
        }
        for j in (0..p.n).rev() {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let mut s = x[j];
            for (l, &r) in l[column.clone()].iter().zip(&p.row[column]) {
                for k in 0..R {
                    for (l, &y) in l.iter().zip(&x[r as usize][k]) {
                        add::<FMA>(&mut s[k], l, -y);
                    }
                }
            }
            x[j] = s;
        }
    }
}

/// `out := b − A x`; gives its largest entry.
struct Residual<'a> {
    edges: &'a [(u32, u32)],
    diag: &'a [Block4],
    off: &'a [Block4],
    b: &'a [[f64; 4]],
    x: &'a [[f64; 4]],
    out: &'a mut [[f64; 4]],
}

impl Kernel for Residual<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let Self { edges, diag, off, b, x, out } = self;
        out.copy_from_slice(b);
        for ((o, x), d) in out.iter_mut().zip(x).zip(diag) {
            for (d, &x) in d.iter().zip(x) {
                add::<FMA>(o, d, -x);
            }
        }
        for (&(i, j), m) in edges.iter().zip(off) {
            let (i, j) = (i as usize, j as usize);
            if i == j {
                continue;
            }
            for (m, &x) in transpose(m).iter().zip(&x[j]) {
                add::<FMA>(&mut out[i], m, -x);
            }
            for (m, &x) in m.iter().zip(&x[i]) {
                add::<FMA>(&mut out[j], m, -x);
            }
        }
        out.iter().flatten().fold(0.0f64, |m, v| if v.is_nan() { v.abs() } else { m.max(v.abs()) })
    }
}

/// `a · b + c`.
#[inline(always)]
fn fused<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// `to += f · row`.
#[inline(always)]
fn add<const FMA: bool>(to: &mut [f64; 4], row: &[f64; 4], f: f64) {
    for b in 0..4 {
        to[b] = fused::<FMA>(f, row[b], to[b]);
    }
}

#[inline(always)]
fn transpose(m: &Block4) -> Block4 {
    let mut out = [[0.0; 4]; 4];
    for a in 0..4 {
        for b in 0..4 {
            out[a][b] = m[b][a];
        }
    }
    out
}

/// `w −= l · m`.
#[inline(always)]
fn subtract_product<const FMA: bool>(w: &mut Block4, l: &Block4, m: &Block4) {
    for (w, l) in w.iter_mut().zip(l) {
        for (m, l) in m.iter().zip(l) {
            add::<FMA>(w, m, -l);
        }
    }
}

/// `a · b`.
#[inline(always)]
fn product<const FMA: bool>(a: &Block4, b: &Block4) -> Block4 {
    let mut out = [[0.0; 4]; 4];
    for (o, a) in out.iter_mut().zip(a) {
        for (b, &a) in b.iter().zip(a) {
            add::<FMA>(o, b, a);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Block4Ldl;
    use crate::math::dense;
    use proptest::prelude::*;

    type Sample = (usize, Vec<(u32, u32, [f64; 16])>, Vec<[f64; 10]>, Vec<[f64; 4]>);

    /// Saddle systems: H and D by node, J between nodes; as the AC Newton system.
    fn sample() -> impl Strategy<Value = Sample> {
        (1usize..20).prop_flat_map(|n| {
            let m = 0..n as u32;
            let block = prop::array::uniform16(-1f64..1.0);
            (
                Just(n),
                prop::collection::vec((m.clone(), m, block), 0..3 * n),
                prop::collection::vec(prop::array::uniform10(-1f64..1.0), n),
                prop::collection::vec(prop::array::uniform4(-1f64..1.0), n),
            )
        })
    }

    proptest! {
        #[test]
        fn solves_and_counts_signs_like_dense_elimination((n, edges, node, rhs) in sample()) {
            let mut diag = vec![[[0.0; 4]; 4]; n];
            for (d, r) in diag.iter_mut().zip(&node) {
                // Positive H, negative D, a Jacobian block with a dominant diagonal.
                d[0][0] = 4.0 + r[0];
                d[1][1] = 4.0 + r[1];
                d[2][2] = -r[2].abs();
                d[3][3] = -r[3].abs();
                for (k, (a, b)) in [(0, 1), (2, 3)].into_iter().enumerate() {
                    d[a][b] = 0.1 * r[4 + k];
                    d[b][a] = d[a][b];
                }
                d[2][3] = 0.0;
                d[3][2] = 0.0;
                for (k, (a, b)) in [(0, 2), (1, 3), (0, 3), (1, 2)].into_iter().enumerate() {
                    d[a][b] = r[6 + k] + if k < 2 { 8.0 } else { 0.0 };
                    d[b][a] = d[a][b];
                }
            }
            let pairs: Vec<(u32, u32)> = edges.iter().map(|e| (e.0, e.1)).collect();
            let mut off = Vec::new();
            for (i, j, r) in &edges {
                let mut m = [[0.0; 4]; 4];
                if i != j {
                    for a in 0..4 {
                        for b in 0..4 {
                            m[a][b] = if a >= 2 && b >= 2 { 0.0 } else { 0.2 * r[4 * a + b] };
                        }
                    }
                }
                off.push(m);
            }
            let m = 4 * n;
            let mut a = vec![0.0; m * m];
            for i in 0..n {
                for r in 0..4 {
                    for c in 0..4 {
                        a[(4 * i + r) * m + 4 * i + c] += diag[i][r][c];
                    }
                }
            }
            for (&(i, j), b) in pairs.iter().zip(&off) {
                for r in 0..4 {
                    for c in 0..4 {
                        let (p, q) = (4 * i as usize + r, 4 * j as usize + c);
                        a[p * m + q] += b[r][c];
                        a[q * m + p] += b[r][c];
                    }
                }
            }
            let mut ldl = Block4Ldl::new(n, &pairs);
            let positive = ldl.factor(&diag, &off).unwrap();
            prop_assert_eq!(positive, positives(&a, m));
            let mut x = vec![[0.0; 4]; n];
            ldl.solve_refined(&diag, &off, &rhs, &mut x);
            let both = [rhs.clone(), rhs.iter().map(|r| r.map(|v| -2.0 * v)).collect()];
            let mut got = both.clone();
            ldl.solve_both(&both, &mut got);
            for (a, b) in got[0].iter().flatten().zip(got[1].iter().flatten()) {
                prop_assert!((2.0 * a + b).abs() <= 1e-12 * (1.0 + b.abs()), "{a} {b}");
            }
            let expected = dense::solve(a, rhs.iter().flatten().copied().collect());
            let size = expected.iter().fold(1.0f64, |m, v| m.max(v.abs()));
            for (x, e) in x.iter().flatten().zip(&expected) {
                prop_assert!((x - e).abs() < 1e-8 * size, "{x} {e}");
            }
        }
    }

    /// Positive eigenvalues by Jacobi rotations.
    fn positives(a: &[f64], m: usize) -> usize {
        let mut a = a.to_vec();
        for _ in 0..60 {
            for p in 0..m {
                for q in p + 1..m {
                    let apq = a[p * m + q];
                    if apq.abs() < 1e-15 {
                        continue;
                    }
                    let turn = (a[q * m + q] - a[p * m + p]) / (2.0 * apq);
                    let t = turn.signum() / (turn.abs() + (turn * turn + 1.0).sqrt());
                    let t = if turn == 0.0 { 1.0 } else { t };
                    let c = 1.0 / (t * t + 1.0).sqrt();
                    let s = t * c;
                    for k in 0..m {
                        let (x, y) = (a[k * m + p], a[k * m + q]);
                        a[k * m + p] = c * x - s * y;
                        a[k * m + q] = s * x + c * y;
                    }
                    for k in 0..m {
                        let (x, y) = (a[p * m + k], a[q * m + k]);
                        a[p * m + k] = c * x - s * y;
                        a[q * m + k] = s * x + c * y;
                    }
                }
            }
        }
        (0..m).filter(|&i| a[i * m + i] > 0.0).count()
    }

    #[test]
    fn a_zero_block_is_a_breakdown() {
        let mut ldl = Block4Ldl::new(2, &[]);
        let mut unit = [[0.0; 4]; 4];
        (0..4).for_each(|i| unit[i][i] = -1.0);
        assert_eq!(ldl.factor(&[unit, unit], &[]), Ok(0));
        assert!(ldl.factor(&[unit, [[0.0; 4]; 4]], &[]).is_err());
        assert!(ldl.factor(&[unit, [[f64::NAN; 4]; 4]], &[]).is_err());
    }
}
