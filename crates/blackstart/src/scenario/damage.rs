//! Damage as a scenario states it.
//!
//! There is no way to say which facility a strike falls on: hits fall at random within
//! a facility class. Damage that is known is stated as a list.

use super::Hazard;
use crate::region::{FacilityClass, FacilityIdx};

/// A closed interval; a single number is an interval of width 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Low end.
    pub low: f64,
    /// High end, not below the low one.
    pub high: f64,
}

impl Interval {
    /// The interval of one value.
    #[must_use]
    pub const fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The value at `u` in 0 … 1.
    #[must_use]
    pub fn at(self, u: f64) -> f64 {
        self.low + (self.high - self.low) * u
    }
}

/// Classes of weapons as public reports count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Munition {
    /// Subsonic cruise missiles from aircraft, from the ground, and those of which it is
    /// not told where they came from.
    MissileCruise,
    /// Ballistic and aeroballistic missiles.
    MissileBallistic,
    /// One-way attack drones.
    Drone,
    /// Cruise missiles from ships and submarines.
    MissileCruiseSea,
}

impl Munition {
    /// All, in the order of files. Draws know a class by its position here: another class
    /// is added at the end.
    pub const ALL: [Self; 4] =
        [Self::MissileCruise, Self::MissileBallistic, Self::Drone, Self::MissileCruiseSea];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MissileCruise => "missiles_cruise",
            Self::MissileCruiseSea => "missiles_cruise_sea",
            Self::MissileBallistic => "missiles_ballistic",
            Self::Drone => "drones",
        }
    }
}

/// One value for each class of weapons, in the order of [`Munition::ALL`].
pub type ByMunition<T> = [T; Munition::ALL.len()];

/// How a hit chooses among the facilities of its class. There is no other choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitRule {
    /// Each facility of the class alike.
    Uniform,
    /// In proportion to size.
    BySize,
}

/// A strike, in the terms of public reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Strike {
    /// Launched, by class, in the order of [`Munition::ALL`].
    pub launched: ByMunition<Interval>,
    /// Share intercepted or lost, by class.
    pub intercepted_share: ByMunition<Interval>,
    /// Share of what got through that finds a facility of this region.
    pub share_on_region: Interval,
    /// Relative odds by facility class, in the order of [`FacilityClass::ALL`].
    pub class_odds: [f64; FacilityClass::ALL.len()],
    /// Choice within a class.
    pub hit_rule: HitRule,
    /// Odds of `slight, moderate, extensive, complete` by class of weapon.
    pub state_odds: ByMunition<[f64; 4]>,
}

/// Damage states of HAZUS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DamageState {
    /// Slight.
    Slight,
    /// Moderate.
    Moderate,
    /// Extensive.
    Extensive,
    /// Complete.
    Complete,
}

impl DamageState {
    /// All, least first.
    pub const ALL: [Self; 4] = [Self::Slight, Self::Moderate, Self::Extensive, Self::Complete];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slight => "slight",
            Self::Moderate => "moderate",
            Self::Extensive => "extensive",
            Self::Complete => "complete",
        }
    }
}

/// A facility known to be damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct StruckAsset {
    /// The facility.
    pub facility: FacilityIdx,
    /// Its state.
    pub state: DamageState,
    /// Repair time in days if it is known; drawn otherwise.
    pub repair_days: Option<f64>,
}

/// Facilities whose state is drawn until somebody has looked.
#[derive(Clone, Debug, PartialEq)]
pub struct Uninspected {
    /// Which.
    pub facilities: Vec<FacilityIdx>,
    /// Odds of `slight, moderate, extensive, complete`, alike for all.
    pub state_odds: [f64; 4],
}

/// What an event is.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// A strike.
    Strike(Box<Strike>),
    /// Damage that is known.
    Damaged(Vec<StruckAsset>),
    /// Facilities that are hit, nobody has looked yet how badly.
    Uninspected(Uninspected),
    /// An earthquake, an ice storm or a flood.
    Hazard(Hazard),
}

impl EventKind {
    /// The word in files.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Strike(_) => "strike",
            Self::Damaged(_) => "damaged",
            Self::Uninspected(_) => "uninspected",
            Self::Hazard(hazard) => hazard.word(),
        }
    }
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// A name for people.
    pub name: String,
    /// Hours after the scenario's start.
    pub at_h: f64,
    /// What it is.
    pub kind: EventKind,
}

/// A value that the scenario left open and a default filled, for the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// Key in the scenario file.
    pub key: String,
    /// The value used and where it comes from, in words.
    pub text: String,
}
