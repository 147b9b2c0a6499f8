//! Sparse LDLᵀ on a graph with four unknowns per node and 4×4 block pivots.

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
    /// Pivot blocks by position.
    d: Vec<Block4>,
    /// Their inverses.
    d_inv: Vec<Block4>,
    /// Column under work by row position; all zero between columns.
    work: Vec<Block4>,
    /// Right-hand side by position.
    x: Vec<[f64; 4]>,
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
            d: vec![zero; n],
            d_inv: vec![zero; n],
            work: vec![zero; n],
            x: vec![[0.0; 4]; n],
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
        let p = &self.pattern;
        assert_eq!(diag.len(), p.n, "one block per node");
        assert_eq!(off.len(), p.edges, "one block per edge");
        let work = &mut self.work[..];
        let mut positive = 0;
        for j in 0..p.n {
            let node = p.node[j] as usize;
            for at in p.ent_ptr[j] as usize..p.ent_ptr[j + 1] as usize {
                let (m, w) = (&off[p.ent_edge[at] as usize], &mut work[p.ent_row[at] as usize]);
                if self.transposed[at] {
                    for a in 0..4 {
                        for b in 0..4 {
                            w[a][b] += m[b][a];
                        }
                    }
                } else {
                    for a in 0..4 {
                        for b in 0..4 {
                            w[a][b] += m[a][b];
                        }
                    }
                }
            }
            let mut pivot = diag[node];
            let updates = p.upd_ptr[j] as usize..p.upd_ptr[j + 1] as usize;
            for (&k, &at) in p.upd_col[updates.clone()].iter().zip(&p.upd_entry[updates]) {
                let (k, at) = (k as usize, at as usize);
                let end = p.col_ptr[k + 1] as usize;
                let scaled = times_transposed(&self.d[k], &self.l[at]);
                subtract_product(&mut pivot, &self.l[at], &scaled);
                for (l, &r) in self.l[at + 1..end].iter().zip(&p.row[at + 1..end]) {
                    subtract_product(&mut work[r as usize], l, &scaled);
                }
            }
            let Some((inverse, signs)) = invert(&pivot) else {
                work.fill([[0.0; 4]; 4]);
                return Err(Breakdown { node });
            };
            positive += signs;
            self.d[j] = pivot;
            self.d_inv[j] = inverse;
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            for (l, &r) in self.l[column.clone()].iter_mut().zip(&p.row[column]) {
                let w = &mut work[r as usize];
                *l = product(w, &inverse);
                *w = [[0.0; 4]; 4];
            }
        }
        Ok(positive)
    }

    /// Solves with the last successful factor and refines: up to `steps` times the
    /// residual with respect to `diag` and `off` is solved for and added, while that
    /// makes it smaller. Gives the largest residual left.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn solve_refined(
        &mut self,
        diag: &[Block4],
        off: &[Block4],
        b: &[[f64; 4]],
        x: &mut [[f64; 4]],
        steps: usize,
    ) -> f64 {
        assert!(b.len() == self.pattern.n && x.len() == self.pattern.n, "four per node");
        self.substitute(b);
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            x[v as usize] = *y;
        }
        if steps == 0 {
            return 0.0;
        }
        let size = b.iter().flatten().fold(0.0f64, |m, v| m.max(v.abs()));
        let mut residual = std::mem::take(&mut self.residual);
        let mut worst = self.residual(diag, off, b, x, &mut residual);
        for _ in 0..steps {
            if !(worst > 1e-13 * size && worst.is_finite()) {
                break;
            }
            self.substitute(&residual);
            self.add(x, 1.0);
            let now = self.residual(diag, off, b, x, &mut residual);
            if now >= worst {
                self.add(x, -1.0);
                break;
            }
            worst = now;
        }
        self.residual = residual;
        worst
    }

    fn add(&self, x: &mut [[f64; 4]], factor: f64) {
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            for (x, y) in x[v as usize].iter_mut().zip(y) {
                *x += factor * y;
            }
        }
    }

    /// `self.x := A⁻¹ b` by position.
    fn substitute(&mut self, b: &[[f64; 4]]) {
        let p = &self.pattern;
        let x = &mut self.x[..];
        for j in 0..p.n {
            x[j] = b[p.node[j] as usize];
        }
        for j in 0..p.n {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let u = x[j];
            for (l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let y = &mut x[r as usize];
                for (y, l) in y.iter_mut().zip(l) {
                    *y -= l[0] * u[0] + l[1] * u[1] + l[2] * u[2] + l[3] * u[3];
                }
            }
        }
        for j in (0..p.n).rev() {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let (u, inverse) = (x[j], &self.d_inv[j]);
            let mut s = [0.0; 4];
            for (a, u) in u.iter().enumerate() {
                for b in 0..4 {
                    s[b] += inverse[a][b] * u;
                }
            }
            for (l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let y = x[r as usize];
                for a in 0..4 {
                    for b in 0..4 {
                        s[b] -= l[a][b] * y[a];
                    }
                }
            }
            x[j] = s;
        }
    }

    /// `out := b − A x`; gives its largest entry.
    fn residual(
        &self,
        diag: &[Block4],
        off: &[Block4],
        b: &[[f64; 4]],
        x: &[[f64; 4]],
        out: &mut [[f64; 4]],
    ) -> f64 {
        out.copy_from_slice(b);
        for ((o, x), d) in out.iter_mut().zip(x).zip(diag) {
            for a in 0..4 {
                for b in 0..4 {
                    o[b] -= d[a][b] * x[a];
                }
            }
        }
        for (&(i, j), m) in self.edges.iter().zip(off) {
            let (i, j) = (i as usize, j as usize);
            if i == j {
                continue;
            }
            let (xi, xj) = (x[i], x[j]);
            for a in 0..4 {
                out[i][a] -= m[a][0] * xj[0] + m[a][1] * xj[1] + m[a][2] * xj[2] + m[a][3] * xj[3];
                for b in 0..4 {
                    out[j][b] -= m[a][b] * xi[a];
                }
            }
        }
        out.iter().flatten().fold(0.0f64, |m, v| if v.is_nan() { v.abs() } else { m.max(v.abs()) })
    }
}

/// `D · Lᵀ`.
#[inline(always)]
fn times_transposed(d: &Block4, l: &Block4) -> Block4 {
    let mut out = [[0.0; 4]; 4];
    for a in 0..4 {
        for b in 0..4 {
            out[a][b] =
                d[a][0] * l[b][0] + d[a][1] * l[b][1] + d[a][2] * l[b][2] + d[a][3] * l[b][3];
        }
    }
    out
}

/// `w −= l · m`.
#[inline(always)]
fn subtract_product(w: &mut Block4, l: &Block4, m: &Block4) {
    for (w, l) in w.iter_mut().zip(l) {
        for b in 0..4 {
            w[b] -= l[0] * m[0][b] + l[1] * m[1][b] + l[2] * m[2][b] + l[3] * m[3][b];
        }
    }
}

/// `a · b`.
#[inline(always)]
fn product(a: &Block4, b: &Block4) -> Block4 {
    let mut out = [[0.0; 4]; 4];
    for (o, a) in out.iter_mut().zip(a) {
        for c in 0..4 {
            o[c] = a[0] * b[0][c] + a[1] * b[1][c] + a[2] * b[2][c] + a[3] * b[3][c];
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
            ldl.solve_refined(&diag, &off, &rhs, &mut x, 2);
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
