//! Order and pattern of block matrices, found once for a graph.

use crate::math::pattern::Pattern;

/// Order and pattern of block matrices on one graph. Rows and columns are positions in the
/// order of elimination. A row of the factors has *slots*: its entries left of the
/// diagonal, the diagonal, its entries to the right.
#[derive(Clone, Debug)]
pub struct BlockGraph {
    pub(super) n: usize,
    /// By position: node.
    pub(super) node: Vec<u32>,
    /// By node: position.
    pub(super) position: Vec<u32>,
    /// Left entries of row `i`: `left_ptr[i]..left_ptr[i + 1]`.
    pub(super) left_ptr: Vec<u32>,
    /// By left entry: column, ascending.
    pub(in crate::math) left: Vec<u32>,
    /// Right entries of row `i`: `right_ptr[i]..right_ptr[i + 1]`.
    pub(super) right_ptr: Vec<u32>,
    /// By right entry: column, ascending.
    pub(in crate::math) right: Vec<u32>,
    /// Matrix entries off the diagonal of row `i`: `entry_ptr[i]..entry_ptr[i + 1]`.
    pub(super) entry_ptr: Vec<u32>,
    /// By matrix entry: column and slot.
    pub(super) entry: Vec<(u32, u32)>,
    /// By edge: the entries (from, to) and (to, from); `u32::MAX` for a self-loop.
    pub(super) edge_entries: Vec<[u32; 2]>,
    /// By left entry: where its destinations begin on the tape, times two; odd where the
    /// next left entry is of the same supernode, so that both are taken at once.
    pub(super) step: Vec<u32>,
    /// Destination slots of the updates, in the order of elimination. Rows that end alike
    /// (supernodes) share theirs.
    pub(super) tape: Tape,
    /// Most slots of a row.
    pub(super) widest: usize,
}

/// Destination slots; the short form holds every graph but those with a huge hub.
#[derive(Clone, Debug)]
pub(super) enum Tape {
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

    pub(in crate::math) fn lefts(&self, i: usize) -> std::ops::Range<usize> {
        self.left_ptr[i] as usize..self.left_ptr[i + 1] as usize
    }

    pub(in crate::math) fn rights(&self, i: usize) -> std::ops::Range<usize> {
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
