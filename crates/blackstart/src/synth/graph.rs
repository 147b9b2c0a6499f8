//! Networks over points in the plane: who is joined to whom.

/// A point of the local plane, km: x along the river, y across it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub(super) fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub(super) fn toward(self, other: Self, share: f64) -> Self {
        Self { x: self.x + (other.x - self.x) * share, y: self.y + (other.y - self.y) * share }
    }
}

/// By point: up to `k` nearest others, nearest first, ties by position in the list.
pub(super) fn nearest(points: &[Point], k: usize) -> Vec<Vec<usize>> {
    // Sweep along x: stop as soon as the x distance alone is too large.
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a].x.total_cmp(&points[b].x).then(a.cmp(&b)));
    let mut rank = vec![0; points.len()];
    for (r, &i) in order.iter().enumerate() {
        rank[i] = r;
    }
    let mut best: Vec<(f64, usize)> = Vec::new();
    (0..points.len())
        .map(|i| {
            best.clear();
            let (mut lo, mut hi) = (rank[i], rank[i] + 1);
            loop {
                let limit = if best.len() < k { f64::INFINITY } else { best[k - 1].0 };
                let left = if lo > 0 { points[i].x - points[order[lo - 1]].x } else { f64::NAN };
                let right =
                    if hi < order.len() { points[order[hi]].x - points[i].x } else { f64::NAN };
                let j = if left <= limit && (right.is_nan() || left <= right) {
                    lo -= 1;
                    order[lo]
                } else if right <= limit {
                    hi += 1;
                    order[hi - 1]
                } else {
                    break;
                };
                let entry = (points[i].distance(points[j]), j);
                let at =
                    best.partition_point(|e| e.0.total_cmp(&entry.0).then(e.1.cmp(&j)).is_lt());
                if at < k {
                    best.insert(at, entry);
                    best.truncate(k);
                }
            }
            best.iter().map(|e| e.1).collect()
        })
        .collect()
}

/// Edges of a connected network over `points` in which no single edge is a bridge:
/// the relative neighbourhood graph (Toussaint, *Pattern Recognition* 12, 1980)
/// joined up where pieces are apart, and closed into rings with the shortest edges
/// that do so. Fewer than three points are joined in a row.
pub(super) fn meshed(points: &[Point]) -> Vec<(usize, usize)> {
    let mut edges = connected(points);
    if points.len() < 3 {
        return edges;
    }
    let near = nearest(points, 24.min(points.len() - 1));
    loop {
        let block = two_edge_blocks(points.len(), &edges);
        let blocks = block.iter().max().map_or(0, |m| m + 1);
        if blocks <= 1 {
            return edges;
        }
        let mut degree = vec![0; blocks];
        for &(a, b) in &edges {
            if block[a] != block[b] {
                degree[block[a]] += 1;
                degree[block[b]] += 1;
            }
        }
        // A block with one bridge hangs; the shortest new edge out of it closes a ring.
        let leaf = degree.iter().position(|&d| d == 1).unwrap_or(0);
        let members = || (0..points.len()).filter(|&a| block[a] == leaf);
        let outward =
            |&(a, b): &(usize, usize)| block[b] != leaf && !edges.contains(&(a.min(b), a.max(b)));
        let nearby = members().flat_map(|a| near[a].iter().map(move |&b| (a, b)));
        let anywhere = || members().flat_map(|a| (0..points.len()).map(move |b| (a, b)));
        let best = shortest(points, nearby.filter(outward))
            .or_else(|| shortest(points, anywhere().filter(outward)));
        match best {
            Some((a, b)) => edges.push((a.min(b), a.max(b))),
            None => return edges,
        }
    }
}

/// The shortest of `pairs`; ties by node numbers.
fn shortest(
    points: &[Point],
    pairs: impl Iterator<Item = (usize, usize)>,
) -> Option<(usize, usize)> {
    let length = |(a, b): (usize, usize)| points[a].distance(points[b]);
    pairs.min_by(|&p, &q| length(p).total_cmp(&length(q)).then(p.cmp(&q)))
}

/// Edges of a connected network: the relative neighbourhood graph, and the shortest
/// joints where its pieces are apart.
fn connected(points: &[Point]) -> Vec<(usize, usize)> {
    let n = points.len();
    let near = nearest(points, 10.min(n.saturating_sub(1)));
    let mut edges = Vec::new();
    for a in 0..n {
        for &b in &near[a] {
            let d = points[a].distance(points[b]);
            let lens = near[a].iter().any(|&c| {
                c != b && points[a].distance(points[c]) < d && points[b].distance(points[c]) < d
            });
            if !lens {
                edges.push((a.min(b), a.max(b)));
            }
        }
    }
    edges.sort_unstable();
    edges.dedup();
    loop {
        let piece = pieces(n, &edges);
        let inside = (0..n).filter(|&a| piece[a] == 0);
        let best = shortest(
            points,
            inside.flat_map(|a| (0..n).filter(|&b| piece[b] != 0).map(move |b| (a, b))),
        );
        match best {
            Some((a, b)) => edges.push((a.min(b), a.max(b))),
            None => return edges,
        }
    }
}

/// By node: number of its connected piece; node 0 is in piece 0.
pub(super) fn pieces(n: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let adjacency = adjacency(n, edges);
    let mut piece = vec![usize::MAX; n];
    let mut count = 0;
    let mut stack = Vec::new();
    for start in 0..n {
        if piece[start] != usize::MAX {
            continue;
        }
        piece[start] = count;
        stack.push(start);
        while let Some(v) = stack.pop() {
            for &(w, _) in &adjacency[v] {
                if piece[w] == usize::MAX {
                    piece[w] = count;
                    stack.push(w);
                }
            }
        }
        count += 1;
    }
    piece
}

/// By node: (neighbour, edge) pairs in edge order.
pub(super) fn adjacency(n: usize, edges: &[(usize, usize)]) -> Vec<Vec<(usize, usize)>> {
    let mut adjacency = vec![Vec::new(); n];
    for (e, &(a, b)) in edges.iter().enumerate() {
        adjacency[a].push((b, e));
        adjacency[b].push((a, e));
    }
    adjacency
}

/// By node: number of its two-edge-connected block (Tarjan, *Information Processing
/// Letters* 2, 1974), found without recursion.
fn two_edge_blocks(n: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let adjacency = adjacency(n, edges);
    let mut order = vec![usize::MAX; n];
    let mut low = vec![usize::MAX; n];
    let mut block = vec![usize::MAX; n];
    let mut open = Vec::new();
    let (mut time, mut blocks) = (0, 0);
    for root in 0..n {
        if order[root] != usize::MAX {
            continue;
        }
        // (node, edge it was reached by, next neighbour to look at)
        let mut path = vec![(root, usize::MAX, 0)];
        order[root] = time;
        low[root] = time;
        time += 1;
        open.push(root);
        while let Some(&mut (v, by, ref mut next)) = path.last_mut() {
            if let Some(&(w, e)) = adjacency[v].get(*next) {
                *next += 1;
                if e == by {
                    continue;
                }
                if order[w] == usize::MAX {
                    order[w] = time;
                    low[w] = time;
                    time += 1;
                    open.push(w);
                    path.push((w, e, 0));
                } else {
                    low[v] = low[v].min(order[w]);
                }
            } else {
                path.pop();
                if let Some(&(u, _, _)) = path.last() {
                    low[u] = low[u].min(low[v]);
                }
                if low[v] == order[v] {
                    while let Some(w) = open.pop() {
                        block[w] = blocks;
                        if w == v {
                            break;
                        }
                    }
                    blocks += 1;
                }
            }
        }
    }
    block
}

/// Shortest-path tree with a bias to short total length (Prim–Dijkstra trade-off,
/// Alpert et al. 1995): by node the parent and the path length from `root`, km.
pub(super) fn tree(points: &[Point], root: usize, bias: f64) -> (Vec<usize>, Vec<f64>) {
    let n = points.len();
    let mut parent = vec![root; n];
    let mut path = vec![f64::INFINITY; n];
    let mut key = vec![f64::INFINITY; n];
    let mut done = vec![false; n];
    path[root] = 0.0;
    key[root] = 0.0;
    for _ in 0..n {
        let Some(v) =
            (0..n).filter(|&v| !done[v]).min_by(|&a, &b| key[a].total_cmp(&key[b]).then(a.cmp(&b)))
        else {
            break;
        };
        done[v] = true;
        for w in 0..n {
            let d = points[v].distance(points[w]);
            if !done[w] && bias * path[v] + d < key[w] {
                key[w] = bias * path[v] + d;
                path[w] = path[v] + d;
                parent[w] = v;
            }
        }
    }
    (parent, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Key, Purpose, Stream};

    fn cloud(n: usize, seed: u64) -> Vec<Point> {
        let mut s = Stream::new(seed, Key { draw: 0, event: 0, asset: 0, purpose: Purpose::Other });
        (0..n).map(|_| Point { x: 20.0 * s.uniform(), y: 8.0 * s.uniform() }).collect()
    }

    #[test]
    fn nearest_matches_a_full_search() {
        let points = cloud(60, 3);
        let near = nearest(&points, 5);
        for (i, found) in near.iter().enumerate() {
            let mut all: Vec<usize> = (0..60).filter(|&j| j != i).collect();
            all.sort_by(|&a, &b| {
                points[i].distance(points[a]).total_cmp(&points[i].distance(points[b]))
            });
            assert_eq!(found[..], all[..5]);
        }
    }

    #[test]
    fn meshed_survives_the_loss_of_any_edge() {
        for (n, seed) in [(3, 1), (4, 2), (17, 3), (80, 4)] {
            let edges = meshed(&cloud(n, seed));
            assert!(edges.len() <= 2 * n, "{} edges for {n} points", edges.len());
            for out in 0..edges.len() {
                let mut left = edges.clone();
                left.remove(out);
                assert!(pieces(n, &left).iter().all(|&p| p == 0), "edge {out} of {n} points");
            }
        }
    }

    #[test]
    fn blocks_of_two_rings_joined_by_a_bridge() {
        let edges = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5)];
        let block = two_edge_blocks(6, &edges);
        assert_eq!(block[0], block[1]);
        assert_eq!(block[0], block[2]);
        assert_eq!(block[3], block[4]);
        assert_eq!(block[3], block[5]);
        assert_ne!(block[2], block[3]);
    }

    #[test]
    fn tree_paths_add_up() {
        let points = cloud(25, 9);
        let (parent, path) = tree(&points, 4, 0.4);
        for v in (0..25).filter(|&v| v != 4) {
            let up = parent[v];
            assert!((path[v] - path[up] - points[v].distance(points[up])).abs() < 1e-12);
        }
    }
}
