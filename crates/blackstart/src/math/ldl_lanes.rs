//! Several sparse right-hand sides at once with one LDLᵀ factor.

use super::ldl::Ldl;

/// Right-hand sides that are solved side by side.
pub const LANES: usize = 8;

/// One value of each right-hand side.
pub type LaneRow = [f64; LANES];

/// Right-hand sides and solutions, by position in the order of elimination.
#[derive(Clone, Debug)]
pub struct LaneWork {
    /// Right-hand sides; all zero between solves.
    rhs: Vec<LaneRow>,
    /// One bit for each position that a right-hand side reaches.
    reached: Vec<u64>,
    /// Solutions of the last [`Ldl::solve_lanes`].
    x: Vec<LaneRow>,
}

impl LaneWork {
    /// Room for a factor of `n` nodes.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self {
            rhs: vec![[0.0; LANES]; n],
            reached: vec![0; n.div_ceil(64)],
            x: vec![[0.0; LANES]; n],
        }
    }

    /// Solutions by position.
    #[must_use]
    pub fn x(&self) -> &[LaneRow] {
        &self.x
    }

    /// Solutions by position, to change.
    pub fn x_mut(&mut self) -> &mut [LaneRow] {
        &mut self.x
    }
}

impl Ldl {
    /// By node: its position in the order of elimination.
    #[must_use]
    pub fn positions(&self) -> Vec<u32> {
        let mut position = vec![0u32; self.pattern.n];
        for (p, &v) in self.pattern.node.iter().enumerate() {
            position[v as usize] = p as u32;
        }
        position
    }

    /// Adds `value` at `position` to the right-hand side of `lane`.
    ///
    /// # Panics
    /// When `position` or `lane` is out of range.
    pub fn add_to_lane(&self, work: &mut LaneWork, lane: usize, position: u32, value: f64) {
        let p = &self.pattern;
        work.rhs[position as usize][lane] += value;
        // The forward pass touches the path to the root of the elimination tree only
        // (Gilbert & Peierls, SIAM J. Sci. Stat. Comput. 9, 1988).
        let mut j = position as usize;
        loop {
            let (word, bit) = (j / 64, 1u64 << (j % 64));
            if work.reached[word] & bit != 0 {
                break;
            }
            work.reached[word] |= bit;
            let column = p.col_ptr[j] as usize;
            if column == p.col_ptr[j + 1] as usize {
                break;
            }
            j = p.row[column] as usize;
        }
    }

    /// Solves `A x = b` for the right-hand sides that [`Ldl::add_to_lane`] gathered, and
    /// empties them. Each lane's result is the same whatever the others hold.
    ///
    /// # Panics
    /// When `work` is of another size than the factor.
    #[inline(always)]
    pub fn solve_lanes(&self, work: &mut LaneWork) {
        let p = &self.pattern;
        assert!(work.rhs.len() == p.n && work.x.len() == p.n, "work of the factor's size");
        let LaneWork { rhs, reached, x } = work;
        for w in 0..reached.len() {
            let mut bits = reached[w];
            while bits != 0 {
                let j = w * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let xj = rhs[j];
                let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
                for (&l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                    let to = &mut rhs[r as usize];
                    for k in 0..LANES {
                        to[k] -= l * xj[k];
                    }
                }
            }
        }
        for j in (0..p.n).rev() {
            let (word, bit) = (j / 64, 1u64 << (j % 64));
            let mut xj = [0.0; LANES];
            if reached[word] & bit != 0 {
                let scale = self.d_inv[j];
                for k in 0..LANES {
                    xj[k] = rhs[j][k] * scale;
                }
                rhs[j] = [0.0; LANES];
            }
            let column = p.col_ptr[j] as usize..p.col_ptr[j + 1] as usize;
            for (&l, &r) in self.l[column.clone()].iter().zip(&p.row[column]) {
                let from = &x[r as usize];
                for k in 0..LANES {
                    xj[k] -= l * from[k];
                }
            }
            x[j] = xj;
        }
        reached.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::{LANES, LaneWork, Ldl};

    #[test]
    fn lanes_are_the_solutions_of_one_at_a_time() {
        let side = 12u32;
        let n = (side * side) as usize;
        let mut edges = Vec::new();
        for v in 0..side * side {
            if v % side + 1 < side {
                edges.push((v, v + 1));
            }
            if v + side < side * side {
                edges.push((v, v + side));
            }
        }
        let off: Vec<f64> = (0..edges.len()).map(|e| -1.0 - (e % 7) as f64).collect();
        let mut diag = vec![0.1; n];
        for (&(a, b), y) in edges.iter().zip(&off) {
            diag[a as usize] -= y;
            diag[b as usize] -= y;
        }
        let mut ldl = Ldl::new(n, &edges);
        ldl.factor(&diag, &off).unwrap();
        let position = ldl.positions();
        let mut work = LaneWork::new(n);
        for round in 0..2 {
            let mut rhs = vec![vec![0.0; n]; LANES];
            for (lane, b) in rhs.iter_mut().enumerate() {
                for at in [lane * 17 + round, 143 - lane] {
                    b[at] += 1.0 + lane as f64;
                    ldl.add_to_lane(&mut work, lane, position[at], 1.0 + lane as f64);
                }
            }
            ldl.solve_lanes(&mut work);
            for (lane, b) in rhs.iter_mut().enumerate() {
                ldl.solve(b);
                for (v, x) in b.iter().enumerate() {
                    let got = work.x()[position[v] as usize][lane];
                    assert!((x - got).abs() < 1e-13, "{v} {lane}: {x} {got}");
                }
            }
        }
    }
}
