//! The few rows of the Newton equations that an outage replaces.

use super::ac::{Base, Change};
use super::bridges::NONE;
use crate::math::{BlockRow, LANES, Lanes, Paths};

/// Most unknowns that the change of a branch reads.
const MOST: usize = 5;
/// A pivot nearer to zero than this has lost its digits.
const LEAST_PIVOT: f64 = 1e-10;

/// Turns a solution with the factor of the intact grid into one with the replaced rows: a
/// multiple of what is read of the first is taken from the right-hand side.
pub(super) struct Fix {
    /// Positions and unknowns that are read, and whose rows are replaced.
    reads: Vec<(u32, usize)>,
    writes: Vec<(u32, usize)>,
    /// By write and read.
    factor: Vec<f64>,
    path: Vec<u32>,
}

/// Space for working along paths.
pub(super) struct Low {
    paths: Paths,
    forward: Vec<[f64; 2]>,
    read: Vec<f64>,
}

impl Low {
    pub fn new(paths: Paths, buses: usize) -> Self {
        Self { paths, forward: vec![[0.0; 2]; buses], read: Vec::new() }
    }

    /// The rows that `change` replaces; `None` when that makes the equations singular.
    pub fn fix(&mut self, base: &Base<'_>, change: &Change) -> Option<Fix> {
        if change.lost != NONE {
            self.branch(base, change)
        } else if change.freed != NONE {
            self.freed(base, change.freed)
        } else {
            let none = Vec::new;
            Some(Fix { reads: none(), writes: none(), factor: Vec::new(), path: Vec::new() })
        }
    }

    /// Solution at `reads` for a right-hand side of 1 at `write`.
    fn column(
        &mut self,
        base: &Base<'_>,
        path: &[u32],
        write: (u32, usize),
        reads: &[(u32, usize)],
    ) -> Vec<f64> {
        let Self { paths, forward, .. } = self;
        let term = std::iter::once((write.0, write.1, 1.0));
        paths.forward(&base.lu, &base.graph, path, term, |i, y| forward[i] = y);
        let mut out = vec![0.0; reads.len()];
        paths.backward(&base.lu, &base.graph, path, |i| forward[i], reads, |r, x| out[r] = x);
        out
    }

    /// A branch leaves the rows of its ends. With `held`, the row of that angle gives way
    /// to the angle staying; the multiplier of its row is one more unknown.
    fn branch(&mut self, base: &Base<'_>, change: &Change) -> Option<Fix> {
        let (f, t) = base.model.ends(change.lost as usize);
        let (f, t) = (base.position(f), base.position(t));
        let mut reads = vec![(f, 0), (f, 1), (t, 0), (t, 1)];
        if change.held != NONE {
            reads.push((change.held, 0));
        }
        let n = reads.len();
        let path = self.paths.path(&base.graph, reads.iter().map(|r| r.0));
        let mut s = [[0.0; MOST]; MOST];
        for k in 0..n {
            for (r, x) in self.column(base, &path, reads[k], &reads).into_iter().enumerate() {
                s[r][k] = x;
            }
        }
        let m = less_branch(base, change, f, t);
        let mut a = [[0.0; MOST]; MOST];
        for i in 0..n {
            for j in 0..4 {
                a[i][j] = (0..4).map(|k| s[i][k] * m[k][j]).sum();
            }
            if i < 4 {
                a[i][i] += 1.0;
            }
            if n > 4 {
                a[i][4] = s[i][4];
            }
        }
        let inverse = invert(a, n)?;
        let mut factor = vec![0.0; n * n];
        for j in 0..n {
            for i in 0..4 {
                factor[i * n + j] = (0..4).map(|k| m[i][k] * inverse[k][j]).sum();
            }
            if n > 4 {
                factor[4 * n + j] = inverse[4][j];
            }
        }
        Some(Fix { writes: reads.clone(), reads, factor, path })
    }

    /// The balance of reactive power at a bus that no longer regulates.
    fn freed(&mut self, base: &Base<'_>, position: u32) -> Option<Fix> {
        let i = position as usize;
        let state = &base.state;
        let (first, row) = base.graph.row(i);
        let (own, [_, b]) = (state.v[i], state.diagonal[i]);
        let mut reads = vec![(position, 0), (position, 1)];
        let mut change = vec![0.0; 2];
        let mut sum = [0.0; 2];
        for (&(j, _), y) in row.iter().zip(&state.y[first..]) {
            let u = state.v[j as usize];
            let c = [y[0] * u[0] - y[1] * u[1], y[0] * u[1] + y[1] * u[0]];
            let (p, q) = (own[0] * c[0] + own[1] * c[1], own[1] * c[0] - own[0] * c[1]);
            sum = [sum[0] + p, sum[1] + q];
            reads.extend([(j, 0), (j, 1)]);
            change.extend([-p, q]);
        }
        let own_q = -b * (own[0] * own[0] + own[1] * own[1]);
        change[0] = sum[0];
        change[1] = 2.0 * own_q + sum[1] - 1.0;
        let path = self.paths.path(&base.graph, reads.iter().map(|r| r.0));
        let s = self.column(base, &path, (position, 1), &reads);
        let pivot = 1.0 + s.iter().zip(&change).map(|(s, c)| s * c).sum::<f64>();
        if pivot.is_nan() || pivot.abs() < LEAST_PIVOT {
            return None;
        }
        let factor = change.iter().map(|c| c / pivot).collect();
        Some(Fix { reads, writes: vec![(position, 1)], factor, path })
    }

    /// Applies `fix` to one lane between the two substitutions.
    pub fn apply(&mut self, base: &Base<'_>, fix: &Fix, lane: usize, x: &mut [BlockRow]) {
        debug_assert!(lane < LANES);
        if fix.writes.is_empty() {
            return;
        }
        let Self { paths, read, .. } = self;
        read.clear();
        read.resize(fix.reads.len(), 0.0);
        let of = |i: usize| [x[i][0].get(lane), x[i][1].get(lane)];
        paths.backward(&base.lu, &base.graph, &fix.path, of, &fix.reads, |r, v| read[r] = v);
        let n = fix.reads.len();
        let terms = fix.writes.iter().enumerate().map(|(w, &(position, unknown))| {
            let row = &fix.factor[w * n..(w + 1) * n];
            (position, unknown, -row.iter().zip(read.iter()).map(|(k, z)| k * z).sum::<f64>())
        });
        paths.forward(&base.lu, &base.graph, &fix.path, terms, |i, y| {
            for c in 0..2 {
                let to = &mut x[i][c];
                to.set(lane, to.get(lane) + y[c]);
            }
        });
    }
}

/// Change of the rows of a branch's ends when it is taken away, on the unknowns of its
/// ends. Rows of a side that goes dark stay as they are: nothing is asked of them, and so
/// they keep their ground.
fn less_branch(base: &Base<'_>, change: &Change, f: u32, t: u32) -> [[f64; 4]; 4] {
    let port = &base.ports[change.lost as usize];
    let (vf, vt) = (base.state.v[f as usize], base.state.v[t as usize]);
    let power = |v: [f64; 2], y: [f64; 2], u: [f64; 2]| {
        let c = [y[0] * u[0] - y[1] * u[1], y[0] * u[1] + y[1] * u[0]];
        (v[0] * c[0] + v[1] * c[1], v[1] * c[0] - v[0] * c[1])
    };
    let mut m = [[0.0; 4]; 4];
    let dark = if change.dark == NONE { NONE } else { base.position(change.dark as usize) };
    let ends = [(0, 2, f, vf, vt, port.ff, port.ft), (2, 0, t, vt, vf, port.tt, port.tf)];
    for (own, other, position, v, u, yv, yu) in ends {
        if position == dark {
            continue;
        }
        let (p, q) = power(v, yu, u);
        let (own_p, own_q) = power(v, yv, v);
        let [on_p, on_q] = base.state.active[position as usize];
        m[own][own] = q * on_p;
        m[own][own + 1] = -(2.0 * own_p + p) * on_p;
        m[own + 1][own] = -p * on_q;
        m[own + 1][own + 1] = -(2.0 * own_q + q) * on_q;
        m[own][other] = -q * on_p;
        m[own][other + 1] = -p * on_p;
        m[own + 1][other] = p * on_q;
        m[own + 1][other + 1] = -q * on_q;
    }
    m
}

/// Inverse of the leading `n` rows and columns, with row exchanges.
fn invert(mut a: [[f64; MOST]; MOST], n: usize) -> Option<[[f64; MOST]; MOST]> {
    let mut inverse = [[0.0; MOST]; MOST];
    for (i, row) in inverse.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for c in 0..n {
        let pivot = (c..n).max_by(|i, j| a[*i][c].abs().total_cmp(&a[*j][c].abs()))?;
        if a[pivot][c].is_nan() || a[pivot][c].abs() < LEAST_PIVOT {
            return None;
        }
        a.swap(c, pivot);
        inverse.swap(c, pivot);
        let scale = 1.0 / a[c][c];
        for j in 0..n {
            a[c][j] *= scale;
            inverse[c][j] *= scale;
        }
        for i in (0..n).filter(|i| *i != c) {
            let factor = a[i][c];
            for j in 0..n {
                a[i][j] -= factor * a[c][j];
                inverse[i][j] -= factor * inverse[c][j];
            }
        }
    }
    Some(inverse)
}
