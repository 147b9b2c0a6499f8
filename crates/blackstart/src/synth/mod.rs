//! Regions that nobody wrote by hand: a fictional one from statistics, or one around
//! grids and water networks that others published.
//!
//! [`region`] makes a complete cold-climate region from a number of people and a
//! seed. The statistics behind it, with their sources, and the assumptions that fill
//! the gaps are in `docs/synthetic-region.md`. Nothing in it resembles a real place:
//! names are invented words and positions lie in the open ocean.

mod assemble;
mod flows;
mod graph;
mod heating;
mod layout;
mod names;
mod needs;
mod power;
mod rating;
mod stock;
mod supply;

pub use assemble::{AssembleSpec, Assembled, Attached, assemble, merge};

use crate::math::random::{Key, Purpose, Stream};
use crate::region::RegionDraft;

/// Fewest people a fictional region can have.
pub const MIN_PEOPLE: u64 = 20_000;
/// Most people a fictional region can have.
pub const MAX_PEOPLE: u64 = 10_000_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Residents, [`MIN_PEOPLE`] … [`MAX_PEOPLE`].
    pub people: u64,
    /// Seed of every draw.
    pub seed: u64,
}

/// Why no region could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// Fewer or more people than the statistics behind the generator speak about.
    #[error("a fictional region has {MIN_PEOPLE} to {MAX_PEOPLE} people; {people} were asked for")]
    People {
        /// People asked for.
        people: u64,
    },
    /// The grid to build around has no demand.
    #[error("no bus in service has a demand above 0, so there is nowhere for people to live")]
    NoDemand,
    /// Not a number of people.
    #[error("a region needs at least one resident; {people} were asked for")]
    NoPeople {
        /// People asked for.
        people: f64,
    },
    /// A city can have one water network.
    #[error("{waters} water networks need as many cities; there are {cities}")]
    FewCities {
        /// Cities there are.
        cities: usize,
        /// Water networks given.
        waters: usize,
    },
    /// Networks that cannot be computed together.
    #[error(
        "water network {network} differs from the first in its head-loss formula, viscosity, \
         pattern step or clock; networks of one region must agree in them"
    )]
    WaterOptions {
        /// Prefix of the network's ids.
        network: String,
    },
}

/// Makes the fictional region of `spec`; the same arguments give the same region.
///
/// # Errors
/// When the number of people is outside [`MIN_PEOPLE`] … [`MAX_PEOPLE`].
///
/// ```
/// use blackstart::synth::{region, Spec};
/// let draft = region(&Spec { people: 50_000, seed: 7 }).unwrap();
/// let people: f64 = draft.places.areas.iter().map(|a| a.people).sum();
/// assert_eq!(people, 50_000.0);
/// assert!(region(&Spec { people: 100, seed: 7 }).is_err());
/// ```
pub fn region(spec: &Spec) -> Result<RegionDraft, SpecError> {
    if !(MIN_PEOPLE..=MAX_PEOPLE).contains(&spec.people) {
        return Err(SpecError::People { people: spec.people });
    }
    let layout = layout::Layout::new(spec);
    let stock = stock::assign(spec, &layout);
    let heating = heating::build(&layout, &stock);
    let supply = supply::build(spec, &layout);
    let needs = needs::build(&layout, &stock, &heating, &supply);
    let grid = power::build(spec, &layout, &stock, &heating, &needs);
    Ok(needs::assemble(&layout, stock, heating, supply, needs, grid))
}

/// What a stream of the generator is about. Part of the output's identity.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Topic {
    Names = 1,
    DistrictPeople = 2,
    DistrictDensity = 3,
    AreaPlace = 4,
    AreaPeople = 5,
    Stock = 6,
    Station = 7,
    Plant = 8,
    Site = 9,
    Cities = 10,
}

fn stream(seed: u64, topic: Topic, thing: usize) -> Stream {
    // More things than 2^32 cannot be: tables are shorter.
    let asset = u32::try_from(thing).unwrap_or(u32::MAX);
    Stream::new(seed, Key { draw: 0, event: topic as u32, asset, purpose: Purpose::Synthesis })
}
