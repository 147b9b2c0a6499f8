//! LDLᵀ on graphs that are nearly trees, as a tape of updates.
//!
//! Pipe networks leave factors with one to three entries in most columns. What a general
//! factorisation spends there is not arithmetic but finding out where to do it, so the
//! analysis writes every destination down and the replay only reads on. Columns are taken
//! level by level of the elimination tree (one after the other along a branch, each would wait
//! for the division of the last) and, within a level, those of one length together. The
//! right-hand side is eliminated along with the matrix.

use super::lanes::Lanes;
use super::pattern::Pattern;

/// Factorisation and solution of symmetric positive definite systems whose pattern is a
/// graph; one system at a time or, with wide lanes, several of the same pattern. Rows are
/// addressed by their position in the order of elimination.
#[derive(Clone, Debug)]
pub struct Tape<V> {
    /// By position: node.
    node: Vec<u32>,
    runs: Vec<Run>,
    /// By entry below the diagonal: its row, counted from the end of the run.
    row: Vec<u32>,
    /// For every column and every pair of its entries: the entry that the product goes to,
    /// counted from the end of the run.
    target: Vec<u32>,
    /// By entry: the edge it comes from; one past the last for fill.
    edge: Vec<u32>,
    /// Further edges of entries.
    parallel: Vec<(u32, u32)>,
    /// Entries of the matrix below the diagonal, then of the factor.
    below: Vec<V>,
    rows: Vec<Row<V>>,
    /// By position: what the pivot must exceed.
    least: Vec<V>,
}

/// Diagonal and right-hand side of a row; after [`Tape::solve`] 1/pivot and solution.
#[derive(Clone, Copy, Debug)]
pub struct Row<V> {
    /// Diagonal.
    pub diagonal: V,
    /// Right-hand side.
    pub value: V,
}

/// Columns of one length that do not wait for each other.
#[derive(Clone, Copy, Debug)]
struct Run {
    columns: usize,
    length: usize,
}

/// A pivot smaller than this share of its own diagonal entry has no correct digit.
const LEAST_PIVOT_SHARE: f64 = 8.0 * f64::EPSILON;

impl<V: Lanes> Tape<V> {
    /// Analyses the graph of nodes `0..n` and undirected `edges`. Parallel edges share an
    /// entry; an edge from a node to itself has none.
    ///
    /// # Panics
    /// When an edge names a node `>= n`.
    #[must_use]
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let (pattern, height) = Pattern::level_by_level(n, edges);
        let column = |j: usize| pattern.col_ptr[j] as usize..pattern.col_ptr[j + 1] as usize;
        let entry = |i: u32, j: u32| {
            let column = column(j as usize);
            let at = pattern.row[column.clone()].binary_search(&i).unwrap_or(0);
            (column.start + at) as u32
        };
        let mut tape = Self {
            runs: Vec::new(),
            row: Vec::with_capacity(pattern.fill()),
            target: Vec::with_capacity(pattern.updates()),
            edge: vec![edges.len() as u32; pattern.fill()],
            parallel: Vec::new(),
            below: vec![V::splat(0.0); pattern.fill()],
            rows: vec![Row { diagonal: V::splat(1.0), value: V::splat(0.0) }; n + 1],
            least: vec![V::splat(0.0); n],
            node: pattern.node.clone(),
        };
        let mut start = 0;
        while start < n {
            let length = column(start).len();
            let same = |j: &usize| height[*j] == height[start] && column(*j).len() == length;
            let columns = (start..n).take_while(same).count();
            let end = start + columns;
            let end_entry = pattern.col_ptr[end];
            for j in start..end {
                let rows = &pattern.row[column(j)];
                tape.row.extend(rows.iter().map(|&i| i - end as u32));
                for (s, &i) in rows.iter().enumerate() {
                    tape.target.extend(rows[s + 1..].iter().map(|&k| entry(k, i) - end_entry));
                }
            }
            tape.runs.push(Run { columns, length });
            start = end;
        }
        let position = tape.positions();
        for (e, &(a, b)) in (0u32..).zip(edges) {
            let (i, j) = (position[a as usize], position[b as usize]);
            if i != j {
                let at = entry(i.max(j), i.min(j));
                let slot = &mut tape.edge[at as usize];
                if *slot as usize == edges.len() {
                    *slot = e;
                } else {
                    tape.parallel.push((at, e));
                }
            }
        }
        tape
    }

    /// By node: its position.
    #[must_use]
    pub fn positions(&self) -> Vec<u32> {
        let mut position = vec![0; self.node.len()];
        for (p, &v) in (0u32..).zip(&self.node) {
            position[v as usize] = p;
        }
        position
    }

    /// By position: diagonals and right-hand sides; after [`Tape::solve`] solutions. One more
    /// at the end plays no part.
    #[inline(always)]
    pub fn rows(&mut self) -> &mut [Row<V>] {
        &mut self.rows
    }

    /// Sets the entries below the diagonal to `-weight`, by edge; of length edges + 1, the
    /// last one 0.
    #[inline(always)]
    pub fn load(&mut self, weight: &[V]) {
        for (a, &e) in self.below.iter_mut().zip(&self.edge) {
            *a = weight[e as usize].neg();
        }
        for &(at, e) in &self.parallel {
            let a = &mut self.below[at as usize];
            *a = a.sub(weight[e as usize]);
        }
    }

    /// Adds `shift` of itself to every diagonal entry, factors the matrix and solves for the
    /// right-hand side. False when a pivot is zero to rounding, negative or not finite in
    /// some lane; nothing of what is left can be used then.
    #[inline(always)]
    pub fn solve<const FMA: bool>(&mut self, shift: f64) -> bool {
        for (r, least) in self.rows.iter_mut().zip(&mut self.least) {
            *least = r.diagonal.map(|d| LEAST_PIVOT_SHARE * d);
            r.diagonal = r.diagonal.map(|d| d + shift * d);
        }
        let mut fine = true;
        let mut at = Cursor::default();
        for run in &self.runs {
            let (rows, later) = self.rows[at.column..].split_at_mut(run.columns);
            let (below, below_later) = self.below[at.entry..].split_at_mut(run.entries());
            let part = Part {
                row: &self.row[at.entry..at.entry + run.entries()],
                target: &self.target[at.pair..at.pair + run.pairs()],
                least: &self.least[at.column..at.column + run.columns],
                rows,
                below,
                later,
                below_later,
            };
            fine &= match run.length {
                0 => part.rows.iter_mut().zip(part.least).fold(true, |f, (r, l)| f & r.invert(l)),
                1 => part.eliminate::<FMA, 1>(),
                2 => part.eliminate::<FMA, 2>(),
                3 => part.eliminate::<FMA, 3>(),
                4 => part.eliminate::<FMA, 4>(),
                5 => part.eliminate::<FMA, 5>(),
                length => part.eliminate_long::<FMA>(length),
            };
            at.entry += run.entries();
            at.pair += run.pairs();
            at.column += run.columns;
        }
        self.substitute::<FMA>();
        fine
    }

    /// Solves for the right-hand sides in [`Tape::rows`] with the factor of the last
    /// [`Tape::solve`]; diagonals stay as that left them.
    #[inline(always)]
    pub fn solve_again<const FMA: bool>(&mut self) {
        let mut at = Cursor::default();
        for run in &self.runs {
            let (rows, later) = self.rows[at.column..].split_at_mut(run.columns);
            let entries = at.entry..at.entry + run.entries();
            if run.length > 0 {
                let columns = self.below[entries.clone()].chunks_exact(run.length);
                let columns = columns.zip(self.row[entries].chunks_exact(run.length));
                for ((l, to), row) in columns.zip(rows) {
                    for (&l, &to) in l.iter().zip(to) {
                        let later = &mut later[to as usize].value;
                        *later = later.less::<FMA>(l, row.value);
                    }
                }
            }
            at.entry += run.entries();
            at.column += run.columns;
        }
        self.substitute::<FMA>();
    }

    /// From the last row to the first.
    #[inline(always)]
    fn substitute<const FMA: bool>(&mut self) {
        let mut at = Cursor { column: self.node.len(), entry: self.row.len(), pair: 0 };
        for run in self.runs.iter().rev() {
            at.entry -= run.entries();
            at.column -= run.columns;
            let row = &self.row[at.entry..at.entry + run.entries()];
            let below = &self.below[at.entry..at.entry + run.entries()];
            let (rows, later) = self.rows[at.column..].split_at_mut(run.columns);
            match run.length {
                0 => rows.iter_mut().for_each(|r| r.value = r.value.mul(r.diagonal)),
                1 => substitute::<V, FMA, 1>(rows, row, below, later),
                2 => substitute::<V, FMA, 2>(rows, row, below, later),
                3 => substitute::<V, FMA, 3>(rows, row, below, later),
                4 => substitute::<V, FMA, 4>(rows, row, below, later),
                5 => substitute::<V, FMA, 5>(rows, row, below, later),
                length => substitute_long::<V, FMA>(length, rows, row, below, later),
            }
        }
    }
}

impl Run {
    #[inline(always)]
    fn entries(self) -> usize {
        self.columns * self.length
    }

    #[inline(always)]
    fn pairs(self) -> usize {
        self.columns * (self.length * self.length.saturating_sub(1) / 2)
    }
}

/// Where a replay stands.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    column: usize,
    entry: usize,
    pair: usize,
}

/// A run's part of the tape, and what it works on.
struct Part<'a, V> {
    row: &'a [u32],
    target: &'a [u32],
    least: &'a [V],
    rows: &'a mut [Row<V>],
    below: &'a mut [V],
    /// Rows and entries after the run.
    later: &'a mut [Row<V>],
    below_later: &'a mut [V],
}

impl<V: Lanes> Part<'_, V> {
    /// Eliminates columns of `C` entries.
    #[inline(always)]
    fn eliminate<const FMA: bool, const C: usize>(self) -> bool {
        let pairs = C * (C - 1) / 2;
        let mut targets = self.target.chunks_exact(pairs.max(1));
        let mut fine = true;
        let columns = self.below.as_chunks_mut::<C>().0.iter_mut().zip(self.row.as_chunks::<C>().0);
        for (((l, at), row), least) in columns.zip(self.rows).zip(self.least) {
            fine &= row.invert(least);
            let a = *l;
            for s in 0..C {
                l[s] = a[s].mul(row.diagonal);
                self.later[at[s] as usize].eliminate::<FMA>(l[s], a[s], row.value);
            }
            let target = if pairs > 0 { targets.next().unwrap_or(&[]) } else { &[] };
            let mut target = target.iter();
            for s in 0..C {
                for (&a, &to) in a[s + 1..].iter().zip(&mut target) {
                    let to = &mut self.below_later[to as usize];
                    *to = to.less::<FMA>(l[s], a);
                }
            }
        }
        fine
    }

    /// Eliminates columns of `length` entries.
    #[inline(always)]
    fn eliminate_long<const FMA: bool>(self, length: usize) -> bool {
        let mut targets = self.target.iter();
        let mut fine = true;
        let columns = self.below.chunks_exact_mut(length).zip(self.row.chunks_exact(length));
        for (((l, at), row), least) in columns.zip(self.rows).zip(self.least) {
            fine &= row.invert(least);
            for s in 0..length {
                let a = l[s];
                l[s] = a.mul(row.diagonal);
                self.later[at[s] as usize].eliminate::<FMA>(l[s], a, row.value);
                let factor = l[s];
                for (&a, &to) in l[s + 1..].iter().zip(&mut targets) {
                    let to = &mut self.below_later[to as usize];
                    *to = to.less::<FMA>(factor, a);
                }
            }
        }
        fine
    }
}

impl<V: Lanes> Row<V> {
    /// Turns the pivot over; false when it is not above `least` or not finite.
    #[inline(always)]
    fn invert(&mut self, least: &V) -> bool {
        let d = self.diagonal;
        let mut fine = true;
        for k in 0..V::N {
            fine &= (d.get(k) > least.get(k)) & (d.get(k) < f64::INFINITY);
        }
        self.diagonal = d.map(|d| 1.0 / d);
        fine
    }

    #[inline(always)]
    fn eliminate<const FMA: bool>(&mut self, l: V, a: V, value: V) {
        self.diagonal = self.diagonal.less::<FMA>(l, a);
        self.value = self.value.less::<FMA>(l, value);
    }
}

/// Back substitution in columns of `C` entries.
#[inline(always)]
fn substitute<V: Lanes, const FMA: bool, const C: usize>(
    rows: &mut [Row<V>],
    at: &[u32],
    below: &[V],
    later: &[Row<V>],
) {
    let columns = below.as_chunks::<C>().0.iter().zip(at.as_chunks::<C>().0);
    for (row, (l, at)) in rows.iter_mut().zip(columns) {
        let mut x = row.value.mul(row.diagonal);
        for s in 0..C {
            x = x.less::<FMA>(l[s], later[at[s] as usize].value);
        }
        row.value = x;
    }
}

/// Back substitution in columns of `length` entries.
#[inline(always)]
fn substitute_long<V: Lanes, const FMA: bool>(
    length: usize,
    rows: &mut [Row<V>],
    at: &[u32],
    below: &[V],
    later: &[Row<V>],
) {
    let columns = below.chunks_exact(length).zip(at.chunks_exact(length));
    for (row, (l, at)) in rows.iter_mut().zip(columns) {
        let mut x = row.value.mul(row.diagonal);
        for (&l, &i) in l.iter().zip(at) {
            x = x.less::<FMA>(l, later[i as usize].value);
        }
        row.value = x;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lanes, Wide, dense};
    use super::{Row, Tape};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves_laplacians_like_dense_elimination(
            n in 1usize..40,
            seed in prop::collection::vec((0u32..40, 0u32..40, 0.01f64..10.0), 0..90),
            ground in prop::collection::vec(0.001f64..1.0, 40),
            rhs in prop::collection::vec(-1.0f64..1.0, 40),
        ) {
            let edges: Vec<(u32, u32)> =
                seed.iter().map(|e| (e.0 % n as u32, e.1 % n as u32)).collect();
            let mut tape = Tape::<f64>::new(n, &edges);
            let mut wide = Tape::<Wide<4>>::new(n, &edges);
            let (mut diagonal, mut a) = (ground[..n].to_vec(), vec![0.0; n * n]);
            let mut weight: Vec<f64> = seed.iter().map(|e| e.2).collect();
            weight.push(0.0);
            for (&(i, j), &y) in edges.iter().zip(&weight) {
                let (i, j) = (i as usize, j as usize);
                if i != j {
                    diagonal[i] += y;
                    diagonal[j] += y;
                    a[i * n + j] -= y;
                    a[j * n + i] -= y;
                }
            }
            tape.load(&weight);
            wide.load(&weight.iter().map(|&w| Wide::splat(w)).collect::<Vec<_>>());
            let position = tape.positions();
            for i in 0..n {
                let p = position[i] as usize;
                a[i * n + i] = diagonal[i];
                tape.rows()[p] = Row { diagonal: diagonal[i], value: rhs[i] };
                let value = Wide([rhs[i], 0.0, -rhs[i], 1.0]);
                wide.rows()[p] = Row { diagonal: Wide::splat(diagonal[i]), value };
            }
            prop_assert!(tape.solve::<false>(0.0) && wide.solve::<false>(0.0));
            let expected = dense::solve(a, rhs[..n].to_vec());
            for (i, &x) in expected.iter().enumerate() {
                let p = position[i] as usize;
                prop_assert!((tape.rows()[p].value - x).abs() < 1e-7 * (1.0 + x.abs()));
                // A lane gives the bytes of a system by itself.
                prop_assert_eq!(tape.rows()[p].value, wide.rows()[p].value.get(0));
                prop_assert_eq!(-tape.rows()[p].value, wide.rows()[p].value.get(2));
            }
        }
    }

    #[test]
    fn solves_again() {
        let edges = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3), (3, 4)];
        let mut tape = Tape::<f64>::new(5, &edges);
        let position = tape.positions();
        tape.load(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0]);
        let rhs = [1.0, -2.0, 0.5, 3.0, 0.0];
        for (i, d) in [6.0, 9.0, 6.0, 19.0, 7.0].into_iter().enumerate() {
            tape.rows()[position[i] as usize] = Row { diagonal: d, value: rhs[i] };
        }
        assert!(tape.solve::<false>(0.0));
        let first: Vec<f64> = tape.rows().iter().map(|r| r.value).collect();
        for i in 0..5 {
            tape.rows()[position[i] as usize].value = 2.0 * rhs[i];
        }
        tape.solve_again::<false>();
        for (row, x) in tape.rows().iter().zip(first).take(5) {
            assert!((row.value - 2.0 * x).abs() < 1e-12);
        }
    }

    #[test]
    fn a_floating_piece_is_told_and_forgotten() {
        let mut tape = Tape::<f64>::new(3, &[(0, 1), (1, 2), (2, 0)]);
        for (ground, fine) in [(0.0, false), (1.0, true), (f64::NAN, false)] {
            tape.load(&[1.0, 1.0, 1.0, 0.0]);
            for (i, row) in tape.rows().iter_mut().enumerate() {
                *row = Row { diagonal: if i == 0 { 2.0 + ground } else { 2.0 }, value: 1.0 };
            }
            assert_eq!(tape.solve::<false>(0.0), fine, "{ground}");
        }
    }
}
