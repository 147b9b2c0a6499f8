//! Sparse LDLᵀ on a graph with two unknowns per node and 2×2 block pivots.

use std::sync::Arc;

use super::ldl::Ldl;
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
///
/// Vectors and diagonal blocks are by *position* in the order of elimination
/// ([`BlockLdl::positions`]), which keeps the sweeps free of indirection; the blocks of
/// edges lie at [`BlockLdl::slots`]. One factorisation is: fill in
/// [`BlockLdl::blocks`], call [`BlockLdl::factor`].
#[derive(Clone, Debug)]
pub struct BlockLdl {
    pattern: Arc<Pattern>,
    /// By node: position.
    position: Vec<u32>,
    /// By edge: where its block lies among the blocks of L; `u32::MAX` for self-loops.
    slot: Vec<u32>,
    /// By entry of L below the first of an update, in the order in which
    /// [`BlockLdl::factor`] comes by: where in the column under work it goes.
    tape: Vec<u32>,
    /// Positions that take part, ascending.
    active: Vec<u32>,
    /// By position: takes part.
    is_active: Vec<bool>,
    /// 2×2 blocks of the matrix, then of L, row-major, in the order of `pattern.row`.
    l: Vec<[f64; 4]>,
    /// Diagonal blocks of the matrix, then pivots, by position.
    d: Vec<Symmetric2>,
    /// Inverses of the pivots.
    d_inv: Vec<Symmetric2>,
}

impl BlockLdl {
    /// Analyses the graph of nodes `0..n` and undirected `edges`; self-loops are
    /// ignored. All nodes are active.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        Self::on(Arc::new(Pattern::new(n, edges)))
    }

    /// The block form on the graph of `scalar`, whose analysis it shares.
    #[must_use]
    pub fn like(scalar: &Ldl) -> Self {
        Self::on(Arc::clone(&scalar.pattern))
    }

    fn on(pattern: Arc<Pattern>) -> Self {
        let (n, fill) = (pattern.n, pattern.fill());
        let mut position = vec![0u32; n];
        for (p, &v) in pattern.node.iter().enumerate() {
            position[v as usize] = p as u32;
        }
        let mut slot = vec![u32::MAX; pattern.edges];
        let mut tape = Vec::with_capacity(pattern.updates());
        let mut place = vec![0u32; n];
        for j in 0..n {
            let start = pattern.col_ptr[j] as usize;
            let column = start..pattern.col_ptr[j + 1] as usize;
            for (k, &r) in pattern.row[column].iter().enumerate() {
                place[r as usize] = k as u32;
            }
            let entries = pattern.ent_ptr[j] as usize..pattern.ent_ptr[j + 1] as usize;
            for (&e, &r) in pattern.ent_edge[entries.clone()].iter().zip(&pattern.ent_row[entries])
            {
                slot[e as usize] = start as u32 + place[r as usize];
            }
            for u in pattern.upd_ptr[j] as usize..pattern.upd_ptr[j + 1] as usize {
                let from = pattern.upd_entry[u] as usize + 1;
                let end = pattern.col_ptr[pattern.upd_col[u] as usize + 1] as usize;
                tape.extend(pattern.row[from..end].iter().map(|&r| place[r as usize]));
            }
        }
        Self {
            position,
            slot,
            tape,
            active: (0..n as u32).collect(),
            is_active: vec![true; n],
            l: vec![[0.0; 4]; fill],
            d: vec![[1.0, 0.0, -1.0]; n],
            d_inv: vec![[1.0, 0.0, -1.0]; n],
            pattern,
        }
    }

    /// By node: its position.
    #[must_use]
    pub fn positions(&self) -> &[u32] {
        &self.position
    }

    /// By position: its node.
    #[must_use]
    pub fn nodes(&self) -> &[u32] {
        &self.pattern.node
    }

    /// By edge: where its block lies; parallel edges share it, self-loops have
    /// `u32::MAX`.
    #[must_use]
    pub fn slots(&self) -> &[u32] {
        &self.slot
    }

    /// Number of off-diagonal blocks of L.
    #[must_use]
    pub fn fill(&self) -> usize {
        self.l.len()
    }

    /// Leaves nodes out of the next factorisations: their rows count as identity and
    /// the edges at them must be zero. Their part of a solution is zero.
    ///
    /// # Panics
    /// When `active`, by node, is not as long as there are nodes.
    pub fn set_active(&mut self, active: &[bool]) {
        assert_eq!(active.len(), self.pattern.n, "one flag per node");
        self.active.clear();
        for (p, &v) in self.pattern.node.iter().enumerate() {
            self.is_active[p] = active[v as usize];
            if active[v as usize] {
                self.active.push(p as u32);
            }
        }
    }

    /// The matrix to factor next, to be written in full: diagonal blocks by position, and
    /// blocks (row-major, symmetric) by slot, zero where there is no edge.
    pub fn blocks(&mut self) -> (&mut [Symmetric2], &mut [[f64; 4]]) {
        (&mut self.d, &mut self.l)
    }

    /// Factors what was written to [`BlockLdl::blocks`].
    ///
    /// # Errors
    /// [`Breakdown`] when a pivot block is zero or not finite.
    pub fn factor(&mut self) -> Result<(), Breakdown> {
        let p = &*self.pattern;
        let mut tape = &self.tape[..];
        for j in 0..p.n {
            let updates = p.upd_ptr[j] as usize..p.upd_ptr[j + 1] as usize;
            let updates = p.upd_col[updates.clone()].iter().zip(&p.upd_entry[updates]);
            if !self.is_active[j] {
                // Its place on the tape is passed over.
                let skipped: usize =
                    updates.map(|(&k, &at)| (p.col_ptr[k as usize + 1] - at - 1) as usize).sum();
                tape = &tape[skipped..];
                continue;
            }
            let start = p.col_ptr[j] as usize;
            let (done, rest) = self.l.split_at_mut(start);
            let column = &mut rest[..p.col_ptr[j + 1] as usize - start];
            let [mut a, mut b, mut c] = self.d[j];
            for (&k, &at) in updates {
                let (k, at) = (k as usize, at as usize);
                let below = &done[at + 1..p.col_ptr[k + 1] as usize];
                let (places, later) = tape.split_at(below.len());
                tape = later;
                if !self.is_active[k] {
                    continue;
                }
                let ([l0, l1, l2, l3], [da, db, dc]) = (done[at], self.d[k]);
                // m = L_jk · D_k, row-major.
                let m =
                    [l0 * da + l1 * db, l0 * db + l1 * dc, l2 * da + l3 * db, l2 * db + l3 * dc];
                a -= m[0] * l0 + m[1] * l1;
                b -= m[0] * l2 + m[1] * l3;
                c -= m[2] * l2 + m[3] * l3;
                for (l, &place) in below.iter().zip(places) {
                    let w = &mut column[place as usize];
                    *w = [
                        w[0] - (l[0] * m[0] + l[1] * m[1]),
                        w[1] - (l[0] * m[2] + l[1] * m[3]),
                        w[2] - (l[2] * m[0] + l[3] * m[1]),
                        w[3] - (l[2] * m[2] + l[3] * m[3]),
                    ];
                }
            }
            // Rounding may tip a zero over: the exact values are h >= 0 and -d <= 0.
            a = a.max(0.0);
            c = c.min(0.0);
            let det = a * c - b * b;
            if !(det < 0.0 && det.is_finite()) {
                return Err(Breakdown { node: p.node[j] as usize });
            }
            let per_det = 1.0 / det;
            let inv = [c * per_det, -b * per_det, a * per_det];
            self.d[j] = [a, b, c];
            self.d_inv[j] = inv;
            for w in column {
                *w = [
                    w[0] * inv[0] + w[1] * inv[1],
                    w[0] * inv[1] + w[1] * inv[2],
                    w[2] * inv[0] + w[3] * inv[1],
                    w[2] * inv[1] + w[3] * inv[2],
                ];
            }
        }
        Ok(())
    }

    /// Solves with the last successful factor in place, by position. Inactive places get
    /// zero.
    ///
    /// # Panics
    /// When `x` is not as long as there are nodes.
    pub fn solve(&self, x: &mut [[f64; 2]]) {
        let p = &*self.pattern;
        assert_eq!(x.len(), p.n, "one pair per node");
        for (x, &active) in x.iter_mut().zip(&self.is_active) {
            if !active {
                *x = [0.0; 2];
            }
        }
        for &j in &self.active {
            let j = j as usize;
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let [u, v] = x[j];
            for (l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let y = &mut x[r as usize];
                *y = [y[0] - (l[0] * u + l[1] * v), y[1] - (l[2] * u + l[3] * v)];
            }
        }
        for &j in self.active.iter().rev() {
            let j = j as usize;
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
        // Entries of L in rows out of service are zero, but the sweep went over them.
        for (x, &active) in x.iter_mut().zip(&self.is_active) {
            if !active {
                *x = [0.0; 2];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockLdl, Breakdown, Symmetric2};
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

    /// Writes blocks by node and edge to their places and factors.
    fn factor(
        ldl: &mut BlockLdl,
        diag: &[Symmetric2],
        off: &[Symmetric2],
    ) -> Result<(), Breakdown> {
        let (positions, slots) = (ldl.positions().to_vec(), ldl.slots().to_vec());
        let (d, l) = ldl.blocks();
        l.fill([0.0; 4]);
        for (&p, block) in positions.iter().zip(diag) {
            d[p as usize] = *block;
        }
        for (&at, [a, b, c]) in slots.iter().zip(off).filter(|(at, _)| **at != u32::MAX) {
            for (l, v) in l[at as usize].iter_mut().zip([a, b, b, c]) {
                *l += v;
            }
        }
        ldl.factor()
    }

    /// The solution by node for a right-hand side by node.
    fn solve(ldl: &BlockLdl, b: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let mut x: Vec<[f64; 2]> = ldl.nodes().iter().map(|&v| b[v as usize]).collect();
        ldl.solve(&mut x);
        ldl.positions().iter().map(|&p| x[p as usize]).collect()
    }

    /// `b − A x` with the dense matrix.
    fn residual(a: &[f64], b: &[[f64; 2]], x: &[[f64; 2]]) -> Vec<[f64; 2]> {
        let n = 2 * b.len();
        let row = |i: usize| (0..n).map(|k| a[i * n + k] * x[k / 2][k % 2]).sum::<f64>();
        (0..b.len()).map(|i| [b[i][0] - row(2 * i), b[i][1] - row(2 * i + 1)]).collect()
    }

    proptest! {
        #[test]
        fn solves_saddle_systems_like_dense_elimination((n, edges, node, rhs) in sample()) {
            let (diag, off, a) = assemble(n, &edges, &node);
            let pairs: Vec<(u32, u32)> = edges.iter().map(|e| (e.0, e.1)).collect();
            let mut ldl = BlockLdl::new(n, &pairs);
            prop_assert!(factor(&mut ldl, &diag, &off).is_ok());
            let mut x = vec![[0.0; 2]; n];
            // Two steps of refinement: the stiffest edges are a million times the softest.
            let mut left = rhs.clone();
            for _ in 0..3 {
                for (x, s) in x.iter_mut().zip(solve(&ldl, &left)) {
                    x[0] += s[0];
                    x[1] += s[1];
                }
                left = residual(&a, &rhs, &x);
            }
            let left = left.iter().flatten().fold(0.0f64, |m, v| m.max(v.abs()));
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
        assert!(factor(&mut ldl, &diag, &off).is_ok());
        let x = solve(&ldl, &[[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]);
        assert_eq!(x[2], [0.0; 2]);
        let row0 = diag[0][0] * x[0][0] + diag[0][1] * x[0][1] - x[1][1];
        assert!((row0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn zero_block_is_a_breakdown() {
        let mut ldl = BlockLdl::new(2, &[]);
        let broken = factor(&mut ldl, &[[1.0, 0.0, -1.0], [0.0; 3]], &[]);
        assert_eq!(broken.map_err(|b| b.node), Err(1));
    }
}
