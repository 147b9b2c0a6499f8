//! Positions for a grid that has none: buses are placed so that straight distances come
//! close to the lengths along lines.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::graph::Point;
use super::super::layout::position;
use crate::region::{BranchKind, Grid};

/// Reactance of an overhead line, Ω/km, that turns reactance into length.
const OHM_PER_KM: f64 = 0.35;
/// Length of a transformer or coupler, km, and limits of what a line may come to.
const INSIDE_KM: f64 = 0.3;
const LINE_KM: (f64, f64) = (1.0, 250.0);
/// Pivots of the embedding, and rounds of refinement.
const PIVOTS: usize = 60;
const ROUNDS: usize = 120;
/// Largest extent from the centre, km: within the open ocean.
const RADIUS_KM: f64 = 800.0;

/// The buses as a graph with lengths in km.
pub(super) struct Lengths {
    adjacency: Vec<Vec<(usize, f64)>>,
}

impl Lengths {
    pub(super) fn of(grid: &Grid<String>) -> Self {
        let index = super::places::bus_index(grid);
        let mut adjacency = vec![Vec::new(); grid.buses.len()];
        let mut join = |a: &String, b: &String, km: f64| {
            if let (Some(&a), Some(&b)) = (index.get(a.as_str()), index.get(b.as_str()))
                && a != b
            {
                adjacency[a].push((b, km));
                adjacency[b].push((a, km));
            }
        };
        for branch in grid.branches.iter().filter(|b| b.in_service) {
            let km = if branch.kind == BranchKind::Transformer {
                INSIDE_KM
            } else {
                let kv = index.get(branch.from.as_str()).map_or(0.0, |&b| grid.buses[b].base_kv);
                let ohm = branch.x_pu.abs() * kv * kv / grid.base_mva;
                let km = ohm / OHM_PER_KM;
                if km.is_finite() && km > 0.0 { km.clamp(LINE_KM.0, LINE_KM.1) } else { 10.0 }
            };
            join(&branch.from, &branch.to, km);
        }
        for line in grid.dc_lines.iter().filter(|l| l.in_service) {
            join(&line.from, &line.to, 0.5 * LINE_KM.1);
        }
        Self { adjacency }
    }

    /// By bus: length of the shortest way to any of `sources`, and which of them it is;
    /// infinite and `usize::MAX` where there is none (Dijkstra).
    pub(super) fn nearest_source(&self, sources: &[usize]) -> (Vec<f64>, Vec<usize>) {
        let n = self.adjacency.len();
        let mut distance = vec![f64::INFINITY; n];
        let mut owner = vec![usize::MAX; n];
        // Lengths are positive and finite, so their bits order like their values.
        let mut heap = BinaryHeap::new();
        for (k, &s) in sources.iter().enumerate() {
            if distance[s] > 0.0 {
                distance[s] = 0.0;
                owner[s] = k;
                heap.push(Reverse((0.0_f64.to_bits(), k, s)));
            }
        }
        while let Some(Reverse((bits, k, v))) = heap.pop() {
            let d = f64::from_bits(bits);
            if d > distance[v] || owner[v] != k {
                continue;
            }
            for &(w, km) in &self.adjacency[v] {
                let next = d + km;
                if next < distance[w] || (next == distance[w] && k < owner[w]) {
                    distance[w] = next;
                    owner[w] = k;
                    heap.push(Reverse((next.to_bits(), k, w)));
                }
            }
        }
        (distance, owner)
    }
}

/// Gives every bus a position: pivot multidimensional scaling (Brandes, Pich, *Graph
/// Drawing* 2006) of the lengths along lines, refined by stress majorisation against
/// neighbours and pivots (Gansner, Koren, North, *Graph Drawing* 2004; Ortmann,
/// Klimenta, Brandes, *J. Graph Algorithms Appl.* 21, 2017).
pub(super) fn place_buses(grid: &mut Grid<String>) {
    let n = grid.buses.len();
    let lengths = Lengths::of(grid);
    let mut pivots = Vec::new();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut away = vec![f64::INFINITY; n];
    while pivots.len() < PIVOTS.min(n) {
        // The next pivot is the bus farthest from all earlier ones; other islands first.
        let next = (0..n).max_by(|&a, &b| away[a].total_cmp(&away[b]).then(b.cmp(&a))).unwrap_or(0);
        if away[next] == 0.0 {
            break;
        }
        let (row, _) = lengths.nearest_source(&[next]);
        for (a, d) in away.iter_mut().zip(&row) {
            *a = a.min(*d);
        }
        away[next] = 0.0;
        pivots.push(next);
        rows.push(row);
    }
    let longest = rows.iter().flatten().copied().filter(|d| d.is_finite()).fold(1.0, f64::max);
    for d in rows.iter_mut().flatten().filter(|d| !d.is_finite()) {
        *d = 1.2 * longest;
    }

    let mut points = scale(&rows, n);
    refine(&mut points, &lengths, &pivots, &rows);
    let centre = Point {
        x: points.iter().map(|p| p.x).sum::<f64>() / n.max(1) as f64,
        y: points.iter().map(|p| p.y).sum::<f64>() / n.max(1) as f64,
    };
    let radius = points.iter().map(|p| p.distance(centre)).fold(1.0, f64::max);
    let shrink = (RADIUS_KM / radius).min(1.0);
    for (bus, p) in grid.buses.iter_mut().zip(&points) {
        let place = Point { x: (p.x - centre.x) * shrink, y: (p.y - centre.y) * shrink };
        bus.position = position(place);
    }
}

/// Pivot multidimensional scaling of the distances `rows[pivot][node]`.
fn scale(rows: &[Vec<f64>], n: usize) -> Vec<Point> {
    let k = rows.len();
    if k < 2 {
        return (0..n).map(|i| Point { x: i as f64, y: 0.0 }).collect();
    }
    // Double centring of squared distances.
    let square = |p: usize, i: usize| rows[p][i] * rows[p][i];
    let row_mean: Vec<f64> =
        (0..k).map(|p| (0..n).map(|i| square(p, i)).sum::<f64>() / n as f64).collect();
    let column_mean: Vec<f64> =
        (0..n).map(|i| (0..k).map(|p| square(p, i)).sum::<f64>() / k as f64).collect();
    let mean = row_mean.iter().sum::<f64>() / k as f64;
    let c = |p: usize, i: usize| -0.5 * (square(p, i) - row_mean[p] - column_mean[i] + mean);
    let mut gram = vec![vec![0.0; k]; k];
    for p in 0..k {
        for q in p..k {
            let sum = (0..n).map(|i| c(p, i) * c(q, i)).sum::<f64>();
            gram[p][q] = sum;
            gram[q][p] = sum;
        }
    }
    let mut axes: Vec<Vec<f64>> = Vec::new();
    for axis in 0..2 {
        let mut v: Vec<f64> = (0..k).map(|p| 1.0 + ((p * (2 * axis + 3)) % 7) as f64).collect();
        for _ in 0..300 {
            for u in &axes {
                let dot: f64 = u.iter().zip(&v).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(u).for_each(|(a, b)| *a -= dot * b);
            }
            let w: Vec<f64> =
                gram.iter().map(|g| g.iter().zip(&v).map(|(a, b)| a * b).sum()).collect();
            let norm = w.iter().map(|x| x * x).sum::<f64>().sqrt();
            if norm <= 0.0 {
                break;
            }
            v = w.iter().map(|x| x / norm).collect();
        }
        axes.push(v);
    }
    let project = |axis: &[f64], i: usize| (0..k).map(|p| axis[p] * c(p, i)).sum::<f64>();
    let mut points: Vec<Point> =
        (0..n).map(|i| Point { x: project(&axes[0], i), y: project(&axes[1], i) }).collect();
    // The projection is right up to scale; fit it to the distances from the first pivot.
    let (mut over, mut under) = (0.0, 0.0);
    for (p, row) in rows.iter().enumerate() {
        let origin = (0..n).find(|&i| rows[p][i] == 0.0).unwrap_or(0);
        for (i, d) in row.iter().enumerate() {
            let x = points[i].distance(points[origin]);
            over += d * x;
            under += x * x;
        }
    }
    let factor = if under > 0.0 { over / under } else { 1.0 };
    points.iter_mut().for_each(|p| *p = Point { x: p.x * factor, y: p.y * factor });
    points
}

/// Moves every bus to where its neighbours and the pivots want it, weighted 1/d².
fn refine(points: &mut [Point], lengths: &Lengths, pivots: &[usize], rows: &[Vec<f64>]) {
    let n = points.len();
    for (i, p) in points.iter_mut().enumerate() {
        // Buses at one spot could not tell their directions apart: fan them out.
        let angle = i as f64 * 2.399_963;
        *p = Point { x: p.x + 0.2 * angle.cos(), y: p.y + 0.2 * angle.sin() };
    }
    for round in 0..ROUNDS {
        // Far pivots give the overall shape first, neighbours the detail last.
        let far = 20.0 / (1.0 + round as f64) / pivots.len().max(1) as f64;
        for i in 0..n {
            let (mut x, mut y, mut sum) = (0.0, 0.0, 0.0);
            let here = points[i];
            let mut pull = |other: Point, d: f64, weight: f64| {
                let now = here.distance(other).max(1e-6);
                x += weight * (other.x + d * (here.x - other.x) / now);
                y += weight * (other.y + d * (here.y - other.y) / now);
                sum += weight;
            };
            for &(j, d) in &lengths.adjacency[i] {
                pull(points[j], d, 1.0 / (d * d));
            }
            for (&p, row) in pivots.iter().zip(rows) {
                if p != i && row[i] > 0.0 {
                    pull(points[p], row[i], far / (row[i] * row[i]));
                }
            }
            if sum > 0.0 {
                points[i] = Point { x: x / sum, y: y / sum };
            }
        }
    }
}
