//! The static pattern of a sparse LDLᵀ factorisation of a matrix on a graph.
//!
//! Everything that depends on the graph alone is found here once: the fill-reducing
//! order (approximate minimum degree: Amestoy, Davis, Duff, ACM TOMS 30, 2004), the
//! elimination tree and the rows of every column of L (Davis, *Direct Methods for
//! Sparse Linear Systems*, SIAM 2006, chapter 4). Numeric factorisations then replay
//! the pattern without searching or allocating.

/// A factorisation had no usable pivot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable pivot at node {node}")]
pub struct Breakdown {
    /// The node of the graph (caller's numbering) whose pivot failed.
    pub node: usize,
}

/// Pattern of L in a fill-reducing order. Positions are places in that order.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Number of nodes.
    pub n: usize,
    /// Number of edges given, self-loops included.
    pub edges: usize,
    /// By position: node.
    pub node: Vec<u32>,
    /// Columns of L without the diagonal: column `j` owns `col_ptr[j]..col_ptr[j+1]`.
    pub col_ptr: Vec<u32>,
    /// By entry of L: row position, ascending within a column.
    pub row: Vec<u32>,
    /// Rows of L without the diagonal: row `j` owns `upd_ptr[j]..upd_ptr[j+1]`.
    pub upd_ptr: Vec<u32>,
    /// By entry of a row: the column, ascending.
    pub upd_col: Vec<u32>,
    /// By entry of a row: where in `row` that entry of L lies.
    pub upd_entry: Vec<u32>,
    /// Matrix entries below the diagonal by column: `ent_ptr[j]..ent_ptr[j+1]`.
    pub ent_ptr: Vec<u32>,
    /// By matrix entry: edge it comes from.
    pub ent_edge: Vec<u32>,
    /// By matrix entry: row position.
    pub ent_row: Vec<u32>,
}

impl Pattern {
    /// Analyses the graph of `n` nodes and undirected `edges`. Parallel edges share an
    /// entry, self-loops are ignored.
    pub fn new(n: usize, edges: &[(u32, u32)]) -> Self {
        let (adj_ptr, adj) = adjacency(n, edges);
        let node = order(n, &adj_ptr, &adj);
        Self::in_order(n, edges, node, &adj_ptr, &adj)
    }

    /// As [`Pattern::new`], with columns of the same height in the elimination tree side by
    /// side, short ones first; also gives every column's height. Columns of one height do not
    /// wait for each other. The fill is the same.
    pub fn level_by_level(n: usize, edges: &[(u32, u32)]) -> (Self, Vec<u32>) {
        let (adj_ptr, adj) = adjacency(n, edges);
        let first = Self::in_order(n, edges, order(n, &adj_ptr, &adj), &adj_ptr, &adj);
        let length = |p: usize| first.col_ptr[p + 1] - first.col_ptr[p];
        let mut height = vec![0u32; n];
        for p in 0..n {
            if length(p) > 0 {
                // The parent in the tree is the first row of the column.
                let parent = first.row[first.col_ptr[p] as usize] as usize;
                height[parent] = height[parent].max(height[p] + 1);
            }
        }
        let mut sorted: Vec<usize> = (0..n).collect();
        sorted.sort_by_key(|&p| (height[p], length(p)));
        let node = sorted.iter().map(|&p| first.node[p]).collect();
        let height = sorted.iter().map(|&p| height[p]).collect();
        (Self::in_order(n, edges, node, &adj_ptr, &adj), height)
    }

    fn in_order(
        n: usize,
        edges: &[(u32, u32)],
        node: Vec<u32>,
        adj_ptr: &[u32],
        adj: &[u32],
    ) -> Self {
        let position = positions(&node);
        let parent = elimination_tree(&node, &position, adj_ptr, adj);

        // The row structure of L: from every neighbour below k, up the tree to k.
        let mut seen = vec![u32::MAX; n];
        let mut upd_ptr = vec![0u32; n + 1];
        let mut upd_col = Vec::with_capacity(2 * edges.len());
        let mut count = vec![0u32; n];
        for k in 0..n {
            seen[k] = index(k);
            let start = upd_col.len();
            for &v in neighbours(adj_ptr, adj, node[k] as usize) {
                let mut i = position[v as usize] as usize;
                while i < k && seen[i] != index(k) {
                    seen[i] = index(k);
                    upd_col.push(index(i));
                    count[i] += 1;
                    i = parent[i] as usize;
                }
            }
            upd_col[start..].sort_unstable();
            upd_ptr[k + 1] = index(upd_col.len());
        }
        let col_ptr = cumulate(&count);
        let mut next = col_ptr.clone();
        let mut row = vec![0u32; upd_col.len()];
        let mut upd_entry = vec![0u32; upd_col.len()];
        for k in 0..n {
            for u in upd_ptr[k] as usize..upd_ptr[k + 1] as usize {
                let at = &mut next[upd_col[u] as usize];
                row[*at as usize] = index(k);
                upd_entry[u] = *at;
                *at += 1;
            }
        }

        let (ent_ptr, ent_edge, ent_row) = entries(n, edges, &position);
        Self {
            n,
            edges: edges.len(),
            node,
            col_ptr,
            row,
            upd_ptr,
            upd_col,
            upd_entry,
            ent_ptr,
            ent_edge,
            ent_row,
        }
    }

    /// Number of entries below the first one of all updates: the length of a replay.
    pub fn updates(&self) -> usize {
        self.col_ptr
            .windows(2)
            .map(|w| (w[1] - w[0]) as usize)
            .map(|c| c * c.saturating_sub(1) / 2)
            .sum()
    }

    /// Number of entries of L below the diagonal.
    pub fn fill(&self) -> usize {
        self.row.len()
    }
}

/// A `usize` that is known to fit: tables hold fewer than 2³² rows, and a factor of
/// 2³² entries would not fit memory.
fn index(i: usize) -> u32 {
    u32::try_from(i).expect("a graph of fewer than 2^32 nodes and fill entries")
}

/// By node: its place in the order `node`.
fn positions(node: &[u32]) -> Vec<u32> {
    let mut position = vec![0u32; node.len()];
    for (p, &v) in node.iter().enumerate() {
        position[v as usize] = index(p);
    }
    position
}

fn cumulate(count: &[u32]) -> Vec<u32> {
    let mut ptr = Vec::with_capacity(count.len() + 1);
    let mut sum = 0u32;
    ptr.push(0);
    for &c in count {
        sum += c;
        ptr.push(sum);
    }
    ptr
}

fn neighbours<'a>(ptr: &[u32], adj: &'a [u32], v: usize) -> &'a [u32] {
    &adj[ptr[v] as usize..ptr[v + 1] as usize]
}

/// Neighbour lists, sorted, each neighbour once, without the node itself.
fn adjacency(n: usize, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
    let mut count = vec![0u32; n];
    let proper = || edges.iter().filter(|(a, b)| a != b);
    for &(a, b) in proper() {
        count[a as usize] += 1;
        count[b as usize] += 1;
    }
    let all_ptr = cumulate(&count);
    let mut next = all_ptr.clone();
    let mut all = vec![0u32; all_ptr[n] as usize];
    let mut put = |list: &mut [u32], v: u32, w: u32| {
        list[next[v as usize] as usize] = w;
        next[v as usize] += 1;
    };
    for &(a, b) in proper() {
        put(&mut all, a, b);
        put(&mut all, b, a);
    }
    // Told to its neighbours node by node, a node comes to every list in order; the second
    // time is next to the first.
    let mut next = all_ptr.clone();
    let mut sorted = vec![0u32; all.len()];
    for v in 0..n {
        for &w in neighbours(&all_ptr, &all, v) {
            let (first, at) = (all_ptr[w as usize], &mut next[w as usize]);
            if *at == first || sorted[*at as usize - 1] != index(v) {
                sorted[*at as usize] = index(v);
                *at += 1;
            }
        }
    }
    let mut ptr = Vec::with_capacity(n + 1);
    ptr.push(0);
    let mut adj = Vec::with_capacity(sorted.len());
    for v in 0..n {
        adj.extend_from_slice(&sorted[all_ptr[v] as usize..next[v] as usize]);
        ptr.push(index(adj.len()));
    }
    (ptr, adj)
}

/// The order of elimination: node by position.
fn order(n: usize, ptr: &[u32], adj: &[u32]) -> Vec<u32> {
    // The ordering wants the diagonal present and columns sorted.
    let mut a_p = Vec::with_capacity(n + 1);
    let mut a_i: Vec<isize> = Vec::with_capacity(adj.len() + n);
    a_p.push(0isize);
    for v in 0..n {
        let near = neighbours(ptr, adj, v);
        let below = near.partition_point(|&w| (w as usize) < v);
        a_i.extend(near[..below].iter().map(|&w| w as isize));
        a_i.push(v as isize);
        a_i.extend(near[below..].iter().map(|&w| w as isize));
        a_p.push(a_i.len() as isize);
    }
    match amd::order(n as isize, &a_p, &a_i, &amd::Control::default()) {
        Ok((p, _, _)) if p.len() == n => p.into_iter().map(|v| index(v as usize)).collect(),
        // Any order is right; this one only fills more.
        _ => (0..n).map(index).collect(),
    }
}

/// Parent by position; `u32::MAX` at roots. Path compression keeps it near linear.
fn elimination_tree(node: &[u32], position: &[u32], ptr: &[u32], adj: &[u32]) -> Vec<u32> {
    let n = node.len();
    let mut parent = vec![u32::MAX; n];
    let mut ancestor = vec![u32::MAX; n];
    for k in 0..n {
        for &v in neighbours(ptr, adj, node[k] as usize) {
            let mut i = position[v as usize] as usize;
            while i < k {
                let up = ancestor[i];
                ancestor[i] = index(k);
                if up == u32::MAX {
                    parent[i] = index(k);
                    break;
                }
                i = up as usize;
            }
        }
    }
    parent
}

/// Matrix entries below the diagonal, by column.
fn entries(n: usize, edges: &[(u32, u32)], position: &[u32]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let places: Vec<Option<(u32, u32)>> = edges
        .iter()
        .map(|&(a, b)| {
            let (p, q) = (position[a as usize], position[b as usize]);
            (p != q).then_some((p.min(q), p.max(q)))
        })
        .collect();
    let mut count = vec![0u32; n];
    for &(column, _) in places.iter().flatten() {
        count[column as usize] += 1;
    }
    let ptr = cumulate(&count);
    let total = ptr[n] as usize;
    let mut next = ptr.clone();
    let (mut edge, mut row) = (vec![0u32; total], vec![0u32; total]);
    for (e, place) in places.iter().enumerate() {
        if let Some((column, r)) = *place {
            let at = next[column as usize] as usize;
            edge[at] = index(e);
            row[at] = r;
            next[column as usize] += 1;
        }
    }
    (ptr, edge, row)
}
