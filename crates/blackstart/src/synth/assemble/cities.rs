//! Which buses with demand form a city: clusters by length along lines.

use super::super::{Topic, stream};
use super::embed::Lengths;
use super::places::LoadBuses;
use crate::region::Grid;

/// Rounds of moving the centres; they settle long before.
const ROUNDS: usize = 40;

/// By load bus: its city, 0 … `count` − 1, none of them empty. Every bus goes to the
/// centre that is nearest along lines; a centre is then moved to the middle of the
/// demand around it (Lloyd's iteration on a graph).
pub(super) fn divide(grid: &Grid<String>, load: &LoadBuses, count: usize, seed: u64) -> Vec<usize> {
    let lengths = Lengths::of(grid);
    // First centres: drawn by demand, then always the bus with most demand times
    // distance from the centres so far, so that they spread over what there is to serve.
    let first =
        stream(seed, Topic::Cities, 0).choose(load.buses.iter().map(|b| b.p_mw)).unwrap_or(0);
    let mut centres = vec![first];
    while centres.len() < count {
        let at: Vec<usize> = centres.iter().map(|&c| load.buses[c].bus).collect();
        let (distance, _) = lengths.nearest_source(&at);
        let pull = |k: usize| {
            let b = &load.buses[k];
            // Another island is as far as can be.
            distance[b.bus].min(1e6) * b.p_mw.sqrt()
        };
        let next = (0..load.buses.len())
            .filter(|k| !centres.contains(k))
            .max_by(|&a, &b| pull(a).total_cmp(&pull(b)).then(b.cmp(&a)));
        match next {
            Some(k) => centres.push(k),
            None => break,
        }
    }

    let mut city = assign(grid, &lengths, load, &centres);
    for _ in 0..ROUNDS {
        let moved: Vec<usize> = (0..centres.len())
            .map(|c| middle(grid, load, &city, c).unwrap_or(centres[c]))
            .collect();
        if moved == centres {
            break;
        }
        centres = moved;
        city = assign(grid, &lengths, load, &centres);
    }
    city
}

/// By load bus: the nearest centre. A centre always keeps itself.
fn assign(
    grid: &Grid<String>,
    lengths: &Lengths,
    load: &LoadBuses,
    centres: &[usize],
) -> Vec<usize> {
    let at: Vec<usize> = centres.iter().map(|&c| load.buses[c].bus).collect();
    let (_, owner) = lengths.nearest_source(&at);
    let mut city: Vec<usize> = load
        .buses
        .iter()
        .map(|b| {
            if owner[b.bus] != usize::MAX {
                return owner[b.bus];
            }
            // No line leads to any centre: the nearest as the crow flies.
            let d = |c: usize| match (grid.buses[b.bus].position, grid.buses[at[c]].position) {
                (Some(p), Some(q)) => p.distance_km(q),
                _ => f64::INFINITY,
            };
            (0..at.len()).min_by(|&x, &y| d(x).total_cmp(&d(y)).then(x.cmp(&y))).unwrap_or(0)
        })
        .collect();
    for (c, &k) in centres.iter().enumerate() {
        city[k] = c;
    }
    city
}

/// The load bus of city `c` nearest to the middle of its demand.
fn middle(grid: &Grid<String>, load: &LoadBuses, city: &[usize], c: usize) -> Option<usize> {
    let members = || (0..city.len()).filter(|&k| city[k] == c);
    let (mut lon, mut lat, mut sum) = (0.0, 0.0, 0.0);
    for k in members() {
        let b = &load.buses[k];
        if let Some(p) = grid.buses[b.bus].position {
            lon += b.p_mw * p.lon_deg;
            lat += b.p_mw * p.lat_deg;
            sum += b.p_mw;
        }
    }
    let mid = crate::region::Position { lon_deg: lon / sum, lat_deg: lat / sum };
    let away = |k: usize| {
        grid.buses[load.buses[k].bus].position.map_or(f64::INFINITY, |p| p.distance_km(mid))
    };
    members().min_by(|&a, &b| away(a).total_cmp(&away(b)).then(a.cmp(&b)))
}
