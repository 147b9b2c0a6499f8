//! A region around a grid and water networks that others published: what they lack
//! (people, homes, hospitals, dependencies, positions) is made up from statistics.
//!
//! People follow the load: every bus with demand is an area of its own, named after
//! the city it lies in, with people in proportion to its demand. Where a city has a
//! water network, its people also follow the base demands of the network's junctions:
//! an area is then the people that share a bus and a junction.

mod cities;
mod embed;
mod heats;
mod pairing;
mod places;
mod waters;

pub use waters::{Attached, merge};

use super::SpecError;
use super::names::Names;
use crate::region::{Grid, Heat, RegionDraft, Water};

/// What is asked for, beside the networks.
#[derive(Clone, Debug, PartialEq)]
pub struct AssembleSpec {
    /// Name of the region for people.
    pub name: String,
    /// Number of cities the load is divided into; none for a number by size, which is
    /// 20 for a grid of 2,000 buses.
    pub cities: Option<usize>,
    /// Residents; none for what the load feeds at 0.57 kW a head.
    pub people: Option<f64>,
    /// Seed of names and clusters.
    pub seed: u64,
}

/// A region around foreign networks.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembled {
    /// The whole region. Its grid is the given one with positions where there were
    /// none; its water is the given networks put together by [`merge`].
    pub draft: RegionDraft,
    /// By given water network: how it became part of the region.
    pub attached: Vec<Attached>,
    /// What was made up, in plain sentences.
    pub notes: Vec<String>,
}

/// Puts a region together from `grid` and any number of water networks, whose
/// positions may be in any planar unit. The networks go to the cities with most people.
/// Homes near the substations of `heat`, if there is one, are heated by it.
///
/// # Errors
/// When the grid has no demand, when there are fewer cities than water networks, or
/// when the water networks cannot be computed together.
pub fn assemble(
    spec: &AssembleSpec,
    mut grid: Grid<String>,
    waters: &[Water<String>],
    heat: Option<Heat<String, String>>,
) -> Result<Assembled, SpecError> {
    let mut notes = Vec::new();
    if grid.buses.iter().any(|b| b.position.is_none()) {
        embed::place_buses(&mut grid);
        notes.push(
            "positions of buses are made up from the lengths of lines, in the open ocean"
                .to_string(),
        );
    }
    let load = places::LoadBuses::of(&grid);
    if load.buses.is_empty() {
        return Err(SpecError::NoDemand);
    }
    let people = spec.people.unwrap_or_else(|| (load.total_mw() / 0.57e-3).round());
    if !(people.is_finite() && people >= 1.0) {
        return Err(SpecError::NoPeople { people });
    }
    let by_size = (0.6 * (load.buses.len() as f64).sqrt()).round() as usize;
    let count = spec.cities.unwrap_or_else(|| by_size.clamp(3, 40).max(waters.len()));
    let count = count.clamp(1, load.buses.len());
    if count < waters.len() {
        return Err(SpecError::FewCities { cities: count, waters: waters.len() });
    }

    let city_of = cities::divide(&grid, &load, count, spec.seed);
    let mut names = Names::new(spec.seed);
    let cities = places::cities(&grid, &load, &city_of, count, people, &mut names);
    let attached = waters::attach(&cities, waters);
    let water = merge(&attached, waters)?;
    let mut draft = RegionDraft {
        name: spec.name.clone(),
        grid,
        water,
        heat: Heat::default(),
        places: crate::region::Places::default(),
        dependencies: Vec::new(),
    };
    places::fill(&mut draft, &cities, &attached, waters);
    notes.push(format!(
        "{people:.0} people are spread over {} buses in proportion to their demand",
        load.buses.len()
    ));
    notes.push(
        "building stock and hospitals follow the statistics of docs/synthetic-region.md; \
         homes have gas boilers or stoves, so that the case's loads stay what they are"
            .to_string(),
    );
    if let Some(heat) = heat {
        heats::attach(&mut draft, heat, &mut notes);
    }
    for a in &attached {
        notes.push(format!(
            "water network {} serves {}: its people follow the base demands, whatever the \
             demand per head comes to",
            a.prefix.trim_end_matches('-'),
            a.city
        ));
    }
    Ok(Assembled { draft, attached, notes })
}
