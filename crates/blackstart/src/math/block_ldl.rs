//! Sparse LDLᵀ on a graph with two unknowns per node and 2×2 block pivots.

use super::pattern::{Breakdown, Pattern};

/// A symmetric 2×2 block `[[a, b], [b, c]]` as `[a, b, c]`.
pub type Symmetric2 = [f64; 3];

/// LDLᵀ factorisation of a symmetric quasi-definite matrix `[[H, B], [B, −D]]` on a
/// graph, with unknowns paired per node: H and D positive semidefinite, B symmetric.
///
/// Scalar elimination of such a matrix needs pivoting: rows with `h_i = 0` have no
/// pivot of their own. A node's block `[[h, b], [b, −d]]` has the determinant
/// `−(h·d + b²)`, where nothing cancels, and elimination of whole nodes keeps that
/// form (a Schur complement of a quasi-definite matrix is quasi-definite: Vanderbei,
/// SIAM J. Optim. 5, 1995). So the order stays the one of the graph, whatever the
/// numbers: the same analysis serves every state of damage.
#[derive(Clone, Debug)]
pub struct BlockLdl {
    pattern: Pattern,
    edges: Vec<(u32, u32)>,
    /// By position: takes part.
    active: Vec<bool>,
    /// 2×2 blocks of L, row-major, in the order of `pattern.row`.
    l: Vec<[f64; 4]>,
    /// Pivot blocks by position.
    d: Vec<Symmetric2>,
    /// Their inverses.
    d_inv: Vec<Symmetric2>,
    /// Column under work by row position; all zero between columns.
    work: Vec<[f64; 4]>,
    /// Right-hand side by position.
    x: Vec<[f64; 2]>,
    /// Residual by node.
    residual: Vec<[f64; 2]>,
}

impl BlockLdl {
    /// Analyses the graph of nodes `0..n` and undirected `edges`; parallel edges add,
    /// self-loops are ignored. All nodes are active.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let pattern = Pattern::new(n, edges);
        let fill = pattern.fill();
        Self {
            pattern,
            edges: edges.to_vec(),
            active: vec![true; n],
            l: vec![[0.0; 4]; fill],
            d: vec![[1.0, 0.0, -1.0]; n],
            d_inv: vec![[1.0, 0.0, -1.0]; n],
            work: vec![[0.0; 4]; n],
            x: vec![[0.0; 2]; n],
            residual: vec![[0.0; 2]; n],
        }
    }

    /// Leaves nodes out of the next factorisations: their rows count as identity and
    /// the edges at them must be zero. Their part of a solution is zero.
    ///
    /// # Panics
    /// When `active` is not of length `n`.
    pub fn set_active(&mut self, active: &[bool]) {
        assert_eq!(active.len(), self.pattern.n, "one flag per node");
        for (a, &v) in self.active.iter_mut().zip(&self.pattern.node) {
            *a = active[v as usize];
        }
    }

    /// Factors the matrix with blocks `diag` by node and `off` by edge.
    ///
    /// # Errors
    /// [`Breakdown`] when a pivot block is zero or not finite.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn factor(&mut self, diag: &[Symmetric2], off: &[Symmetric2]) -> Result<(), Breakdown> {
        let p = &self.pattern;
        assert_eq!(diag.len(), p.n, "one block per node");
        assert_eq!(off.len(), p.edges, "one block per edge");
        let work = &mut self.work[..];
        for j in 0..p.n {
            if !self.active[j] {
                continue;
            }
            let node = p.node[j] as usize;
            let entries = p.ent_ptr[j] as usize..p.ent_ptr[j + 1] as usize;
            for (&e, &r) in p.ent_edge[entries.clone()].iter().zip(&p.ent_row[entries]) {
                let ([a, b, c], w) = (off[e as usize], &mut work[r as usize]);
                w[0] += a;
                w[1] += b;
                w[2] += b;
                w[3] += c;
            }
            let [mut a, mut b, mut c] = diag[node];
            let updates = p.upd_ptr[j] as usize..p.upd_ptr[j + 1] as usize;
            for (&k, &at) in p.upd_col[updates.clone()].iter().zip(&p.upd_entry[updates]) {
                let (k, at) = (k as usize, at as usize);
                if !self.active[k] {
                    continue;
                }
                let end = p.col_ptr[k + 1] as usize;
                let ([l0, l1, l2, l3], [da, db, dc]) = (self.l[at], self.d[k]);
                // m = L_jk · D_k, row-major.
                let m =
                    [l0 * da + l1 * db, l0 * db + l1 * dc, l2 * da + l3 * db, l2 * db + l3 * dc];
                a -= m[0] * l0 + m[1] * l1;
                b -= m[0] * l2 + m[1] * l3;
                c -= m[2] * l2 + m[3] * l3;
                for (l, &r) in self.l[at + 1..end].iter().zip(&p.row[at + 1..end]) {
                    let w = &mut work[r as usize];
                    w[0] -= l[0] * m[0] + l[1] * m[1];
                    w[1] -= l[0] * m[2] + l[1] * m[3];
                    w[2] -= l[2] * m[0] + l[3] * m[1];
                    w[3] -= l[2] * m[2] + l[3] * m[3];
                }
            }
            // Rounding may tip a zero over: the exact values are h >= 0 and -d <= 0.
            a = a.max(0.0);
            c = c.min(0.0);
            let det = a * c - b * b;
            if !(det < 0.0 && det.is_finite()) {
                work.fill([0.0; 4]);
                return Err(Breakdown { node });
            }
            let inv = [c / det, -b / det, a / det];
            self.d[j] = [a, b, c];
            self.d_inv[j] = inv;
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            for (l, &r) in self.l[column.clone()].iter_mut().zip(&p.row[column]) {
                let w = &mut work[r as usize];
                *l = [
                    w[0] * inv[0] + w[1] * inv[1],
                    w[0] * inv[1] + w[1] * inv[2],
                    w[2] * inv[0] + w[3] * inv[1],
                    w[2] * inv[1] + w[3] * inv[2],
                ];
                *w = [0.0; 4];
            }
        }
        Ok(())
    }

    /// Solves with the last successful factor: `x := A⁻¹ b`, both by node. Inactive
    /// nodes get zero.
    ///
    /// # Panics
    /// When the lengths are not `n`.
    pub fn solve(&mut self, b: &[[f64; 2]], x: &mut [[f64; 2]]) {
        assert!(b.len() == self.pattern.n && x.len() == self.pattern.n, "one pair per node");
        self.substitute(b);
        for (y, &v) in self.x.iter().zip(&self.pattern.node) {
            x[v as usize] = *y;
        }
    }

    /// Solves and refines: up to `steps` times the residual with respect to `diag` and
    /// `off` (which may differ from what was factored by a regularisation) is solved
    /// for and added, while that makes it smaller. Gives the largest residual left.
    ///
    /// # Panics
    /// When the lengths are not those of nodes and edges.
    pub fn solve_refined(
        &mut self,
        diag: &[Symmetric2],
        off: &[Symmetric2],
        b: &[[f64; 2]],
        x: &mut [[f64; 2]],
        steps: usize,
    ) -> f64 {
        self.solve(b, x);
        let mut residual = std::mem::take(&mut self.residual);
        let mut worst = self.residual(diag, off, b, x, &mut residual);
        for _ in 0..steps {
            if !(worst > 0.0 && worst.is_finite()) {
                break;
            }
            self.substitute(&residual);
            for (y, &v) in self.x.iter().zip(&self.pattern.node) {
                x[v as usize][0] += y[0];
                x[v as usize][1] += y[1];
            }
            let now = self.residual(diag, off, b, x, &mut residual);
            if now >= worst {
                // No better: take the step back.
                for (y, &v) in self.x.iter().zip(&self.pattern.node) {
                    x[v as usize][0] -= y[0];
                    x[v as usize][1] -= y[1];
                }
                break;
            }
            worst = now;
        }
        self.residual = residual;
        worst
    }

    /// `self.x := A⁻¹ b` by position.
    fn substitute(&mut self, b: &[[f64; 2]]) {
        let p = &self.pattern;
        let x = &mut self.x[..];
        for j in 0..p.n {
            x[j] = if self.active[j] { b[p.node[j] as usize] } else { [0.0; 2] };
        }
        for j in 0..p.n {
            if !self.active[j] {
                continue;
            }
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let [u, v] = x[j];
            for (l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let y = &mut x[r as usize];
                y[0] -= l[0] * u + l[1] * v;
                y[1] -= l[2] * u + l[3] * v;
            }
        }
        for j in (0..p.n).rev() {
            if !self.active[j] {
                x[j] = [0.0; 2];
                continue;
            }
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let ([u, v], [a, b, c]) = (x[j], self.d_inv[j]);
            let (mut s, mut t) = (a * u + b * v, b * u + c * v);
            for (l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let [y, z] = x[r as usize];
                s -= l[0] * y + l[2] * z;
                t -= l[1] * y + l[3] * z;
            }
            x[j] = [s, t];
        }
    }

    /// `out := b − A x` at active nodes (zero elsewhere); gives its largest entry.
    fn residual(
        &self,
        diag: &[Symmetric2],
        off: &[Symmetric2],
        b: &[[f64; 2]],
        x: &[[f64; 2]],
        out: &mut [[f64; 2]],
    ) -> f64 {
        for (((o, b), x), d) in out.iter_mut().zip(b).zip(x).zip(diag) {
            *o = [b[0] - d[0] * x[0] - d[1] * x[1], b[1] - d[1] * x[0] - d[2] * x[1]];
        }
        for (&(i, j), m) in self.edges.iter().zip(off) {
            let (i, j) = (i as usize, j as usize);
            if i == j {
                continue;
            }
            let (xi, xj) = (x[i], x[j]);
            out[i][0] -= m[0] * xj[0] + m[1] * xj[1];
            out[i][1] -= m[1] * xj[0] + m[2] * xj[1];
            out[j][0] -= m[0] * xi[0] + m[1] * xi[1];
            out[j][1] -= m[1] * xi[0] + m[2] * xi[1];
        }
        let mut worst = 0.0f64;
        for (&v, &active) in self.pattern.node.iter().zip(&self.active) {
            let o = &mut out[v as usize];
            if active {
                worst = worst.max(o[0].abs()).max(o[1].abs());
            } else {
                *o = [0.0; 2];
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockLdl, Symmetric2};
    use crate::math::dense;
    use proptest::prelude::*;

    /// Nodes; edges with susceptance and stiffness; ground and D by node; right side.
    type Sample = (usize, Vec<(u32, u32, f64, f64)>, Vec<(f64, f64)>, Vec<[f64; 2]>);

    fn sample() -> impl Strategy<Value = Sample> {
        (1usize..25).prop_flat_map(|n| {
            let m = 0..n as u32;
            // Zeros are frequent on purpose: unlimited branches and empty buses.
            let stiff = prop_oneof![Just(0.0), 1e-6f64..1e-3, 0.1f64..10.0, 1e3f64..1e6];
            let d = prop_oneof![Just(0.0), 1e-8f64..1e-3, 0.1f64..10.0];
            let edge = (m.clone(), m, 1f64..100.0, stiff);
            (
                Just(n),
                prop::collection::vec(edge, 0..3 * n),
                prop::collection::vec((0.1f64..1.0, d), n),
                prop::collection::vec([-1f64..1.0, -1f64..1.0], n),
            )
        })
    }

    fn assemble(
        n: usize,
        edges: &[(u32, u32, f64, f64)],
        node: &[(f64, f64)],
    ) -> (Vec<Symmetric2>, Vec<Symmetric2>, Vec<f64>) {
        let mut diag: Vec<Symmetric2> = node.iter().map(|&(g, d)| [g, g, -d]).collect();
        let mut off = Vec::new();
        let mut a = vec![0.0; 4 * n * n];
        for &(i, j, y, h) in edges {
            off.push([-h, -y, 0.0]);
            let (i, j) = (i as usize, j as usize);
            if i == j {
                continue;
            }
            for (r, c) in [(i, j), (j, i)] {
                diag[r][0] += h;
                diag[r][1] += y;
                a[2 * r * 2 * n + 2 * c] -= h;
                a[2 * r * 2 * n + 2 * c + 1] -= y;
                a[(2 * r + 1) * 2 * n + 2 * c] -= y;
            }
        }
        for i in 0..n {
            a[2 * i * 2 * n + 2 * i] = diag[i][0];
            a[2 * i * 2 * n + 2 * i + 1] = diag[i][1];
            a[(2 * i + 1) * 2 * n + 2 * i] = diag[i][1];
            a[(2 * i + 1) * 2 * n + 2 * i + 1] = diag[i][2];
        }
        (diag, off, a)
    }

    proptest! {
        #[test]
        fn solves_saddle_systems_like_dense_elimination((n, edges, node, rhs) in sample()) {
            let (diag, off, a) = assemble(n, &edges, &node);
            let pairs: Vec<(u32, u32)> = edges.iter().map(|e| (e.0, e.1)).collect();
            let mut ldl = BlockLdl::new(n, &pairs);
            prop_assert!(ldl.factor(&diag, &off).is_ok());
            let mut x = vec![[0.0; 2]; n];
            let left = ldl.solve_refined(&diag, &off, &rhs, &mut x, 3);
            let expected = dense::solve(a, rhs.iter().flatten().copied().collect());
            let size = expected.iter().fold(1.0f64, |m, v| m.max(v.abs()));
            for i in 0..n {
                for k in 0..2 {
                    prop_assert!((x[i][k] - expected[2 * i + k]).abs() < 1e-6 * size);
                }
            }
            prop_assert!(left < 1e-8 * size.max(1.0), "{left} {size}");
        }
    }

    #[test]
    fn inactive_nodes_stay_zero() {
        let mut ldl = BlockLdl::new(3, &[(0, 1), (1, 2)]);
        ldl.set_active(&[true, true, false]);
        let diag = [[1.0, 2.0, -1.0], [0.0, 1.0, 0.0], [f64::NAN; 3]];
        let off = [[0.0, -1.0, 0.0], [0.0; 3]];
        assert!(ldl.factor(&diag, &off).is_ok());
        let mut x = [[9.0; 2]; 3];
        let b = [[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]];
        ldl.solve_refined(&diag, &off, &b, &mut x, 1);
        assert_eq!(x[2], [0.0; 2]);
        let row0 = diag[0][0] * x[0][0] + diag[0][1] * x[0][1] - x[1][1];
        assert!((row0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn zero_block_is_a_breakdown() {
        let mut ldl = BlockLdl::new(2, &[]);
        assert_eq!(ldl.factor(&[[1.0, 0.0, -1.0], [0.0; 3]], &[]).map_err(|b| b.node), Err(1));
    }
}
