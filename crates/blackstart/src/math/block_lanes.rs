//! Several right-hand sides with one 2×2-block LU, and solutions at a few nodes only.
//!
//! A low-rank change of a matrix needs solutions at the nodes it touches. Those depend on
//! the nodes on the way to the root of the elimination tree alone, in both substitutions
//! (Tinney, Brandwajn & Chan, *Sparse vector methods*, IEEE Trans. PAS 104, 1985).

use super::block_lu::{BlockGraph, BlockLu};
use super::lanes::{Lanes, Wide};
use super::ldl_lanes::LANES;

/// Two unknowns of each right-hand side.
pub type BlockRow = [Wide<LANES>; 2];

impl BlockLu<f64, 1> {
    /// Forward substitution in place, by position.
    ///
    /// # Panics
    /// When the left factor was not kept, or `x` is not one row per node.
    #[inline(always)]
    pub fn forward_lanes<const FMA: bool>(&self, g: &BlockGraph, x: &mut [BlockRow]) {
        assert!(self.inverse.len() == g.nodes() && x.len() == g.nodes(), "factors of this graph");
        for i in 0..g.nodes() {
            let mut y = x[i];
            let left = g.lefts(i);
            for (l, &k) in self.l[left.clone()].iter().zip(&g.left[left]) {
                y = less_image::<FMA>(y, &l.0, &x[k as usize]);
            }
            let m = &self.inverse[i].0;
            x[i] = [
                y[0].mul(Wide::splat(m[0])).plus::<FMA>(Wide::splat(m[1]), y[1]),
                y[0].mul(Wide::splat(m[2])).plus::<FMA>(Wide::splat(m[3]), y[1]),
            ];
        }
    }

    /// Backward substitution in place, by position.
    ///
    /// # Panics
    /// When `x` is not one row per node.
    #[inline(always)]
    pub fn backward_lanes<const FMA: bool>(&self, g: &BlockGraph, x: &mut [BlockRow]) {
        assert!(self.u.len() == g.fill() && x.len() == g.nodes(), "factors of this graph");
        for i in (0..g.nodes()).rev() {
            let mut y = x[i];
            let right = g.rights(i);
            for (u, &k) in self.u[right.clone()].iter().zip(&g.right[right]) {
                y = less_image::<FMA>(y, &u.0, &x[k as usize]);
            }
            x[i] = y;
        }
    }
}

/// `b − m · y`.
#[inline(always)]
fn less_image<const FMA: bool>(b: BlockRow, m: &[f64; 4], y: &BlockRow) -> BlockRow {
    [
        b[0].less::<FMA>(Wide::splat(m[0]), y[0]).less::<FMA>(Wide::splat(m[1]), y[1]),
        b[1].less::<FMA>(Wide::splat(m[2]), y[0]).less::<FMA>(Wide::splat(m[3]), y[1]),
    ]
}

/// Substitution along paths to the root of the elimination tree.
#[derive(Clone, Debug)]
pub struct Paths {
    /// By right entry `(k, j)` of the factors: the left entry `(j, k)`.
    left_of: Vec<u32>,
    /// Values by position; zero between calls.
    work: Vec<[f64; 2]>,
    seen: Vec<bool>,
}

impl Paths {
    /// For factors on `g`.
    #[must_use]
    pub fn new(g: &BlockGraph) -> Self {
        let n = g.nodes();
        let mut next: Vec<usize> = (0..n).map(|k| g.rights(k).start).collect();
        let mut left_of = vec![0u32; g.fill()];
        // Rows ascend, so each column's entries come in the order of its right entries.
        for i in 0..n {
            for e in g.lefts(i) {
                let k = g.left[e] as usize;
                left_of[next[k]] = e as u32;
                next[k] += 1;
            }
        }
        Self { left_of, work: vec![[0.0; 2]; n], seen: vec![false; n] }
    }

    /// Positions from `starts` to the root, ascending.
    pub fn path(&mut self, g: &BlockGraph, starts: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut path = Vec::new();
        for start in starts {
            let mut i = start as usize;
            while !self.seen[i] {
                self.seen[i] = true;
                path.push(i as u32);
                match g.right[g.rights(i)].first() {
                    Some(&up) => i = up as usize,
                    None => break,
                }
            }
        }
        path.sort_unstable();
        for &i in &path {
            self.seen[i as usize] = false;
        }
        path
    }

    /// Forward substitution of a right-hand side that is zero off `path` but for `terms`
    /// (position, unknown, value); `apply` takes the results in ascending order.
    pub fn forward(
        &mut self,
        lu: &BlockLu<f64, 1>,
        g: &BlockGraph,
        path: &[u32],
        terms: impl Iterator<Item = (u32, usize, f64)>,
        mut apply: impl FnMut(usize, [f64; 2]),
    ) {
        for (position, unknown, value) in terms {
            self.work[position as usize][unknown] += value;
        }
        for &i in path {
            let i = i as usize;
            let b = std::mem::take(&mut self.work[i]);
            let m = &lu.inverse[i].0;
            let y = [m[0] * b[0] + m[1] * b[1], m[2] * b[0] + m[3] * b[1]];
            for e in g.rights(i) {
                let l = &lu.l[self.left_of[e] as usize].0;
                let to = &mut self.work[g.right[e] as usize];
                to[0] -= l[0] * y[0] + l[1] * y[1];
                to[1] -= l[2] * y[0] + l[3] * y[1];
            }
            apply(i, y);
        }
    }

    /// Backward substitution on `path` of the forward results `of`; `take` gets solutions.
    pub fn backward(
        &mut self,
        lu: &BlockLu<f64, 1>,
        g: &BlockGraph,
        path: &[u32],
        of: impl Fn(usize) -> [f64; 2],
        reads: &[(u32, usize)],
        mut take: impl FnMut(usize, f64),
    ) {
        for &i in path.iter().rev() {
            let i = i as usize;
            let mut y = of(i);
            for e in g.rights(i) {
                let u = &lu.u[e].0;
                let x = self.work[g.right[e] as usize];
                y[0] -= u[0] * x[0] + u[1] * x[1];
                y[1] -= u[2] * x[0] + u[3] * x[1];
            }
            self.work[i] = y;
        }
        for (r, &(position, unknown)) in reads.iter().enumerate() {
            take(r, self.work[position as usize][unknown]);
        }
        for &i in path {
            self.work[i as usize] = [0.0; 2];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockRow, Paths};
    use crate::math::{Block, BlockGraph, BlockLu, LANES, Lanes, Rows, Wide};

    struct Ring;

    impl Rows<f64, 1> for Ring {
        fn fill<const FMA: bool>(
            &mut self,
            g: &BlockGraph,
            i: usize,
            w: &mut [Block<f64>],
        ) -> [[f64; 2]; 1] {
            let (first, row) = g.row(i);
            for (k, &(j, slot)) in row.iter().enumerate() {
                let a = ((first + k) % 5) as f64 * 0.1;
                w[slot as usize] = Block([-1.0 - a, 0.3, -0.2 + a, -1.0 + 0.01 * f64::from(j)]);
            }
            w[g.diagonal(i)] = Block([6.0 + i as f64, 0.5, -0.4, 7.0]);
            [[i as f64, 1.0 - i as f64]]
        }
    }

    #[test]
    fn lanes_and_paths_are_the_plain_solution() {
        let n = 30u32;
        let edges: Vec<(u32, u32)> =
            (0..n).flat_map(|i| [(i, (i + 1) % n), (i, (i * 7 + 3) % n)]).collect();
        let g = BlockGraph::new(n as usize, &edges);
        let mut lu = BlockLu::<f64, 1>::new(&g, true);
        lu.eliminate(&g, &mut Ring);
        let plain: Vec<[f64; 2]> = lu.x().iter().map(|x| x[0]).collect();
        let mut x: Vec<BlockRow> = (0..n as usize)
            .map(|i| {
                let mut row = [Wide([0.0; LANES]); 2];
                for k in 0..LANES {
                    let scale = 1.0 + k as f64;
                    row[0].set(k, i as f64 * scale);
                    row[1].set(k, (1.0 - i as f64) * scale);
                }
                row
            })
            .collect();
        lu.forward_lanes::<false>(&g, &mut x);
        let mut paths = Paths::new(&g);
        let reads = [(4u32, 0usize), (17, 1), (29, 0)];
        let path = paths.path(&g, reads.iter().map(|r| r.0));
        let mut got = [0.0; 3];
        paths.backward(
            &lu,
            &g,
            &path,
            |i| [x[i][0].get(2), x[i][1].get(2)],
            &reads,
            |r, v| {
                got[r] = v;
            },
        );
        // A term more on the right-hand side, by its path alone, in lane 1.
        let terms = [(4u32, 0usize, 2.5)];
        let mut extra = vec![[0.0; 2]; n as usize];
        paths.forward(&lu, &g, &path, terms.into_iter(), |i, y| {
            for c in 0..2 {
                let to = &mut x[i][c];
                to.set(1, to.get(1) + y[c]);
            }
            extra[i] = y;
        });
        lu.backward_lanes::<false>(&g, &mut x);
        for (i, p) in plain.iter().enumerate() {
            for c in 0..2 {
                assert!((x[i][c].get(0) - p[c]).abs() < 1e-12);
                assert!((x[i][c].get(5) - 6.0 * p[c]).abs() < 1e-11);
            }
        }
        for (r, v) in reads.iter().zip(got) {
            assert!((v - 3.0 * plain[r.0 as usize][r.1]).abs() < 1e-12);
        }
        let mut b: Vec<[f64; 2]> =
            (0..n as usize).map(|i| [2.0 * i as f64, 2.0 - 2.0 * i as f64]).collect();
        b[4][0] += 2.5;
        let b = lu.solved(&g, &b);
        for i in 0..n as usize {
            for c in 0..2 {
                assert!((x[i][c].get(1) - b[i][c]).abs() < 1e-11);
            }
        }
    }
}
