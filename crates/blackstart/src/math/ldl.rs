//! Sparse LDLᵀ on a graph with one unknown per node.

use std::sync::Arc;

use super::pattern::{Breakdown, Pattern};

/// LDLᵀ factorisation of a symmetric positive definite or quasi-definite matrix whose
/// pattern is a graph: one row per node, one entry per edge.
///
/// The order, the elimination tree and the pattern are found once; [`Ldl::factor`]
/// and [`Ldl::solve`] then replay it without allocating or searching. Nodes that play
/// no part are kept out by a unit diagonal and zeros on their edges, so one analysis
/// serves every state of damage.
///
/// ```
/// use blackstart::math::Ldl;
/// // Two conductances of 1 between three nodes, node 0 grounded with 1.
/// let mut ldl = Ldl::new(3, &[(0, 1), (1, 2)]);
/// ldl.factor(&[2.0, 2.0, 1.0], &[-1.0, -1.0]).unwrap();
/// let mut x = [0.0, 0.0, 1.0];
/// ldl.solve(&mut x);
/// assert!((x[2] - 3.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug)]
pub struct Ldl {
    pub(super) pattern: Arc<Pattern>,
    /// Entries of L, in the order of `pattern.row`.
    pub(super) l: Vec<f64>,
    /// Pivots by position.
    d: Vec<f64>,
    /// Reciprocals of the pivots by position.
    pub(super) d_inv: Vec<f64>,
    /// Column under work by row position; all zero between columns.
    work: Vec<f64>,
}

/// A pivot smaller than this share of its own diagonal entry has no correct digit.
const LEAST_PIVOT_SHARE: f64 = 8.0 * f64::EPSILON;

impl Ldl {
    /// Analyses the graph of nodes `0..n` and undirected `edges`. Parallel edges are
    /// allowed (their entries add), so are graphs in several pieces and nodes without
    /// edges; an edge from a node to itself is ignored.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let pattern = Arc::new(Pattern::new(n, edges));
        let fill = pattern.fill();
        Self {
            pattern,
            l: vec![0.0; fill],
            d: vec![1.0; n],
            d_inv: vec![1.0; n],
            work: vec![0.0; n],
        }
    }

    /// Number of entries of L below the diagonal.
    #[must_use]
    pub fn fill(&self) -> usize {
        self.pattern.fill()
    }

    /// Factors the matrix with diagonal `diag` (by node) and `off`-diagonal entries
    /// `a_ij = a_ji` (by edge; `-y` for a conductance `y`).
    ///
    /// # Errors
    /// [`Breakdown`] names the first node whose pivot is zero to rounding or not
    /// finite; the factor must not be used then.
    ///
    /// # Panics
    /// When `diag` is not of length `n` or `off` not as long as the edges.
    pub fn factor(&mut self, diag: &[f64], off: &[f64]) -> Result<(), Breakdown> {
        let p = &self.pattern;
        assert_eq!(diag.len(), p.n, "one diagonal value per node");
        assert_eq!(off.len(), p.edges, "one entry per edge");
        let work = &mut self.work[..];
        for j in 0..p.n {
            let node = p.node[j] as usize;
            let entries = p.ent_ptr[j] as usize..p.ent_ptr[j + 1] as usize;
            for (&e, &r) in p.ent_edge[entries.clone()].iter().zip(&p.ent_row[entries]) {
                work[r as usize] += off[e as usize];
            }
            let mut pivot = diag[node];
            let updates = p.upd_ptr[j] as usize..p.upd_ptr[j + 1] as usize;
            for (&k, &at) in p.upd_col[updates.clone()].iter().zip(&p.upd_entry[updates]) {
                let (at, end) = (at as usize, p.col_ptr[k as usize + 1] as usize);
                let factor = self.l[at] * self.d[k as usize];
                pivot -= self.l[at] * factor;
                for (&l, &r) in self.l[at + 1..end].iter().zip(&p.row[at + 1..end]) {
                    work[r as usize] -= l * factor;
                }
            }
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let usable = pivot.abs() > LEAST_PIVOT_SHARE * diag[node].abs() && pivot.is_finite();
            if !usable {
                // Leave the work column clean for the next call.
                work.fill(0.0);
                return Err(Breakdown { node });
            }
            let inverse = 1.0 / pivot;
            self.d[j] = pivot;
            self.d_inv[j] = inverse;
            for (l, &r) in self.l[column.clone()].iter_mut().zip(&p.row[column]) {
                let w = &mut work[r as usize];
                *l = *w * inverse;
                *w = 0.0;
            }
        }
        Ok(())
    }

    /// Solves `A x = b` in place with the last successful factor; `b` is by node.
    ///
    /// # Panics
    /// When `b` is not of length `n`.
    pub fn solve(&mut self, b: &mut [f64]) {
        let p = &self.pattern;
        assert_eq!(b.len(), p.n, "one value per node");
        let x = &mut self.work[..];
        for (x, &v) in x.iter_mut().zip(&p.node) {
            *x = b[v as usize];
        }
        for j in 0..p.n {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let xj = x[j];
            for (&l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                x[r as usize] -= l * xj;
            }
        }
        for j in (0..p.n).rev() {
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            let mut xj = x[j] * self.d_inv[j];
            for (&l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                xj -= l * x[r as usize];
            }
            x[j] = xj;
        }
        for (x, &v) in x.iter_mut().zip(&p.node) {
            b[v as usize] = *x;
            *x = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ldl;
    use crate::math::dense;
    use proptest::prelude::*;

    /// Nodes, edges, entry by edge (negative), ground by node, right-hand side.
    type Sample = (usize, Vec<(u32, u32)>, Vec<f64>, Vec<f64>, Vec<f64>);

    fn matrix() -> impl Strategy<Value = Sample> {
        (1usize..40).prop_flat_map(|n| {
            let m = 0..n as u32;
            let edges = prop::collection::vec((m.clone(), m, 0.01f64..10.0), 0..3 * n);
            let ground = prop::collection::vec(0.001f64..1.0, n);
            let rhs = prop::collection::vec(-1.0f64..1.0, n);
            (Just(n), edges, ground, rhs).prop_map(|(n, edges, ground, rhs)| {
                let off: Vec<f64> = edges.iter().map(|e| -e.2).collect();
                let pairs: Vec<(u32, u32)> = edges.iter().map(|e| (e.0, e.1)).collect();
                (n, pairs, off, ground, rhs)
            })
        })
    }

    proptest! {
        #[test]
        fn solves_laplacians_like_dense_elimination((n, edges, off, ground, rhs) in matrix()) {
            let mut diag = ground;
            let mut a = vec![0.0; n * n];
            for (&(i, j), &y) in edges.iter().zip(&off) {
                let (i, j) = (i as usize, j as usize);
                if i != j {
                    diag[i] -= y;
                    diag[j] -= y;
                    a[i * n + j] += y;
                    a[j * n + i] += y;
                }
            }
            for i in 0..n { a[i * n + i] = diag[i]; }
            let mut ldl = Ldl::new(n, &edges);
            prop_assert!(ldl.factor(&diag, &off).is_ok());
            let mut x = rhs.clone();
            ldl.solve(&mut x);
            let expected = dense::solve(a, rhs.clone());
            for i in 0..n {
                prop_assert!((x[i] - expected[i]).abs() < 1e-7 * (1.0 + expected[i].abs()));
            }
            // A second replay gives the same bytes.
            prop_assert!(ldl.factor(&diag, &off).is_ok());
            let mut again = rhs;
            ldl.solve(&mut again);
            prop_assert_eq!(x, again);
        }

        #[test]
        fn solves_quasi_definite((n, edges, off, ground, rhs) in matrix()) {
            // [[P, A], [Aᵀ, −Q]] with P, Q positive definite and any A is quasi-definite;
            // odd nodes are the negative ones. A and P take the edges, Q is diagonal.
            let mut off = off;
            let mut diag: Vec<f64> = ground.iter().map(|g| g + 1.0).collect();
            let mut a = vec![0.0; n * n];
            for (&(i, j), y) in edges.iter().zip(&mut off) {
                let (i, j) = (i as usize, j as usize);
                if i % 2 == 1 && j % 2 == 1 { *y = 0.0; }
                if i != j {
                    a[i * n + j] += *y;
                    a[j * n + i] += *y;
                    if i % 2 == 0 && j % 2 == 0 {
                        diag[i] -= *y;
                        diag[j] -= *y;
                    }
                }
            }
            for i in 0..n {
                if i % 2 == 1 { diag[i] = -diag[i]; }
                a[i * n + i] = diag[i];
            }
            let mut ldl = Ldl::new(n, &edges);
            prop_assert!(ldl.factor(&diag, &off).is_ok());
            let mut x = rhs.clone();
            ldl.solve(&mut x);
            let expected = dense::solve(a, rhs);
            for i in 0..n {
                prop_assert!((x[i] - expected[i]).abs() < 1e-7 * (1.0 + expected[i].abs()));
            }
        }
    }

    #[test]
    fn floating_piece_breaks_down_and_recovers() {
        let edges = [(0, 1), (1, 2), (2, 0), (3, 4)];
        let mut ldl = Ldl::new(5, &edges);
        let off = [-1.0, -1.0, -1.0, -3.0];
        let broken = ldl.factor(&[2.0, 2.0, 2.0, 4.0, 3.0], &off);
        assert!(broken.is_err_and(|b| b.node < 3));
        // The same solver works again once the piece is grounded.
        assert!(ldl.factor(&[3.0, 2.0, 2.0, 4.0, 3.0], &off).is_ok());
        let mut x = [1.0; 5];
        ldl.solve(&mut x);
        let residual = 3.0 * x[0] - x[1] - x[2] - 1.0;
        assert!(residual.abs() < 1e-12);
        assert!((4.0 * x[3] - 3.0 * x[4] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nodes_out_of_service_are_left_alone() {
        let mut ldl = Ldl::new(3, &[(0, 1), (1, 2)]);
        assert!(ldl.factor(&[2.0, 1.0, 4.0], &[0.0, 0.0]).is_ok());
        let mut x = [2.0, 5.0, 8.0];
        ldl.solve(&mut x);
        assert_eq!(x, [1.0, 5.0, 2.0]);
    }

    #[test]
    fn empty_graph_and_bad_numbers() {
        let mut none = Ldl::new(0, &[]);
        assert!(none.factor(&[], &[]).is_ok());
        none.solve(&mut []);
        let mut one = Ldl::new(2, &[]);
        assert_eq!(one.factor(&[1.0, 0.0], &[]).map_err(|b| b.node), Err(1));
        assert_eq!(one.factor(&[f64::NAN, 1.0], &[]).map_err(|b| b.node), Err(0));
        assert_eq!(one.factor(&[1.0, f64::INFINITY], &[]).map_err(|b| b.node), Err(1));
    }

    #[test]
    fn order_keeps_fill_low_on_a_lattice() {
        // 40 × 40 lattice: the natural order fills about 40 · 1600 = 64,000 entries;
        // minimum degree needs less than a third.
        let side = 40u32;
        let mut edges = Vec::new();
        for r in 0..side {
            for c in 0..side {
                let v = r * side + c;
                if c + 1 < side {
                    edges.push((v, v + 1));
                }
                if r + 1 < side {
                    edges.push((v, v + side));
                }
            }
        }
        let ldl = Ldl::new((side * side) as usize, &edges);
        assert!(ldl.fill() < 21_000, "{}", ldl.fill());
    }
}
