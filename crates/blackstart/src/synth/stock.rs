//! Building stock: what people live in and what keeps it warm.

use super::layout::Layout;
use super::{Spec, Topic, stream};
use crate::region::{BuildingType, Heating};

/// Share of people by building type, in the order of [`BuildingType::ALL`].
const TYPE_SHARE: [f64; 4] = [0.50, 0.25, 0.10, 0.15];
/// Heated floor per head by building type, m²; 24 m² over all.
const FLOOR_M2: [f64; 4] = [22.0, 24.0, 27.0, 86.0 / 3.0];
/// Share of all people whose homes have district heating.
const DISTRICT_SHARE: f64 = 0.45;
/// Share of blocks' people on district heating where there is any.
const COVERAGE: f64 = 0.85;
/// Share of electric heating in blocks without district heating; the rest has gas.
const BLOCK_ELECTRIC: f64 = 0.10;
/// Detached houses: shares of gas, electric and stove.
const DETACHED: [f64; 3] = [0.75, 0.05, 0.20];

/// People and floor of one building type with one heating in an area.
#[derive(Clone, Copy)]
pub(super) struct Homes {
    pub area: usize,
    pub building: BuildingType,
    pub heating: Heating,
    pub people: f64,
    pub floor_m2: f64,
}

/// Divides every area's people over building types and ways of heating.
pub(super) fn assign(spec: &Spec, layout: &Layout) -> Vec<Homes> {
    let by_type = types(spec, layout);
    let district = coverage(layout, &by_type);
    let mut homes = Vec::new();
    for (area, people) in by_type.iter().enumerate() {
        for (t, &building) in BuildingType::ALL.iter().enumerate() {
            let [gas, electric, stove] = if building == BuildingType::Detached {
                DETACHED
            } else {
                [1.0 - BLOCK_ELECTRIC, BLOCK_ELECTRIC, 0.0]
            };
            let on_network = if building == BuildingType::Detached { 0.0 } else { district[area] };
            for (heating, share) in [
                (Heating::District, on_network),
                (Heating::Gas, (1.0 - on_network) * gas),
                (Heating::Electric, (1.0 - on_network) * electric),
                (Heating::Stove, (1.0 - on_network) * stove),
            ] {
                let people = people[t] * share;
                if people > 0.0 {
                    let floor_m2 = people * FLOOR_M2[t];
                    homes.push(Homes { area, building, heating, people, floor_m2 });
                }
            }
        }
    }
    homes
}

/// By area: people by building type. Dense districts have few detached houses; the
/// shares of the whole region are those of [`TYPE_SHARE`].
fn types(spec: &Spec, layout: &Layout) -> Vec<[f64; 4]> {
    let mut people: Vec<[f64; 4]> = layout
        .areas
        .iter()
        .enumerate()
        .map(|(i, area)| {
            let mut draw = stream(spec.seed, Topic::Stock, i);
            let density = layout.districts[area.district].density;
            let sparse = (2_500.0 / density).powf(1.5);
            let mut odds = TYPE_SHARE;
            odds[3] *= sparse;
            odds.iter_mut().for_each(|o| *o *= (0.35 * draw.normal()).exp());
            let sum: f64 = odds.iter().sum();
            odds.map(|o| area.people * o / sum)
        })
        .collect();
    // Iterative proportional fitting to the region's shares and the areas' people.
    for _ in 0..50 {
        for t in 0..4 {
            let sum: f64 = people.iter().map(|p| p[t]).sum();
            let scale = TYPE_SHARE[t] * layout.people / sum;
            people.iter_mut().for_each(|p| p[t] *= scale);
        }
        for (p, area) in people.iter_mut().zip(&layout.areas) {
            let scale = area.people / p.iter().sum::<f64>();
            p.iter_mut().for_each(|x| *x *= scale);
        }
    }
    people
}

/// By area: share of its blocks' people on district heating. The areas with most
/// people in blocks per km² have it, at about [`COVERAGE`].
fn coverage(layout: &Layout, by_type: &[[f64; 4]]) -> Vec<f64> {
    let blocks: Vec<f64> = by_type.iter().map(|p| p[0] + p[1] + p[2]).collect();
    let block_density = |a: usize| {
        let area = &layout.areas[a];
        layout.districts[area.district].density * blocks[a] / area.people
    };
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by(|&a, &b| block_density(b).total_cmp(&block_density(a)).then(a.cmp(&b)));
    let want = DISTRICT_SHARE * layout.people;
    let mut served = 0.0;
    let mut count = 0;
    while count < order.len() && served * COVERAGE < want {
        served += blocks[order[count]];
        count += 1;
    }
    let mut share = vec![0.0; blocks.len()];
    for &a in &order[..count] {
        share[a] = (want / served).min(1.0);
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regions_shares_are_those_of_the_statistics() {
        for people in [20_000, 1_000_000] {
            let spec = Spec { people, seed: 5 };
            let layout = Layout::new(&spec);
            let homes = assign(&spec, &layout);
            let share = |of: &dyn Fn(&Homes) -> bool| {
                homes.iter().filter(|h| of(h)).map(|h| h.people).sum::<f64>() / people as f64
            };
            for (t, &b) in BuildingType::ALL.iter().enumerate() {
                assert!((share(&|h| h.building == b) - TYPE_SHARE[t]).abs() < 0.002);
            }
            assert!((share(&|h| h.heating == Heating::District) - 0.45).abs() < 1e-9);
            let floor: f64 = homes.iter().map(|h| h.floor_m2).sum();
            assert!((floor / people as f64 - 24.0).abs() < 0.1);
            for (i, area) in layout.areas.iter().enumerate() {
                let sum: f64 = homes.iter().filter(|h| h.area == i).map(|h| h.people).sum();
                assert!((sum - area.people).abs() < 1e-6);
            }
        }
    }
}
