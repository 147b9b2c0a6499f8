//! Earthquakes, ice storms and floods: what each facility feels of them. Which state that
//! leaves it in is drawn when the event happens (`damage::earthquake`, `ice_storm`,
//! `flood`).

use std::sync::Arc;

use super::Interval;
use crate::region::FacilityIdx;

/// What a facility feels of a field: at its place, or along its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Felt<T> {
    /// The facility.
    pub facility: FacilityIdx,
    /// One value for a place; one after the other along lines, cables and mains.
    pub stretches: Vec<Stretch<T>>,
}

/// A value of a field, and the length it holds for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch<T> {
    /// Length, km; 0 for a place.
    pub length_km: f64,
    /// The value.
    pub value: T,
}

/// Strong ground motion.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shaking {
    /// Peak ground acceleration, in units of g.
    pub pga_g: f64,
    /// Peak ground velocity, cm/s.
    pub pgv_cm_s: f64,
}

/// Ice on overhead lines, and the wind that blows on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Icing {
    /// Thickness of the ice around the conductor, mm.
    pub ice_mm: f64,
    /// Wind across the line while it is there, m/s.
    pub wind_m_s: f64,
}

/// How it is known what an earthquake does to the ground.
#[derive(Clone, Debug, PartialEq)]
pub enum Motion {
    /// From a map; its values times a factor drawn evenly from `factor` hold.
    Mapped {
        /// Facilities that the map reaches, in their order.
        felt: Arc<[Felt<Shaking>]>,
        /// One factor for the whole map.
        factor: Interval,
    },
    /// From magnitude and distance.
    Rupture {
        /// Distance of facilities to the rupture at the surface, km, in their order.
        felt: Arc<[Felt<f64>]>,
        /// Moment magnitude, drawn evenly.
        magnitude: Interval,
        /// Soil rather than rock.
        soil: bool,
    },
}

/// An earthquake.
#[derive(Clone, Debug, PartialEq)]
pub struct Earthquake {
    /// The ground.
    pub motion: Motion,
    /// Equipment is anchored against earthquakes.
    pub anchored: bool,
}

/// An ice storm.
#[derive(Clone, Debug, PartialEq)]
pub struct IceStorm {
    /// Facilities that it reaches, in their order.
    pub felt: Arc<[Felt<Icing>]>,
    /// The thickness of ice is that of `felt` times a factor drawn evenly from here.
    pub factor: Interval,
    /// What overhead lines were built for.
    pub design: Icing,
}

/// A flood.
#[derive(Clone, Debug, PartialEq)]
pub struct Flood {
    /// Depth of the water above the ground, m, at facilities that it reaches, in their order.
    pub felt: Arc<[Felt<f64>]>,
    /// The depth is that of `felt` times a factor drawn evenly from here.
    pub factor: Interval,
    /// Hours for which the water stands and nobody can work.
    pub stands_h: f64,
}

/// A natural hazard.
#[derive(Clone, Debug, PartialEq)]
pub enum Hazard {
    /// An earthquake.
    Earthquake(Earthquake),
    /// An ice storm.
    IceStorm(IceStorm),
    /// A flood.
    Flood(Flood),
}

impl Hazard {
    /// The word in files.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Earthquake(_) => "earthquake",
            Self::IceStorm(_) => "ice_storm",
            Self::Flood(_) => "flood",
        }
    }

    /// Facilities that feel it.
    #[must_use]
    pub fn reached(&self) -> usize {
        match self {
            Self::Earthquake(quake) => match &quake.motion {
                Motion::Mapped { felt, .. } => felt.len(),
                Motion::Rupture { felt, .. } => felt.len(),
            },
            Self::IceStorm(storm) => storm.felt.len(),
            Self::Flood(flood) => flood.felt.len(),
        }
    }

    /// Hours after it began in which nobody can work at what it damaged.
    #[must_use]
    pub const fn blocks_h(&self) -> f64 {
        match self {
            Self::Earthquake(_) | Self::IceStorm(_) => 0.0,
            Self::Flood(flood) => flood.stands_h,
        }
    }
}
