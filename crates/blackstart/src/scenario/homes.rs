//! How homes are computed, what people heat with when heating fails, and what is done
//! about water that stands in the frost.

/// Which model of a building is computed; both are described in [`crate::heat`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuildingModel {
    /// Air with furniture and mass as two capacities.
    #[default]
    TwoCapacities,
    /// The simple hourly method of ISO 13790, five resistances and one capacity, solved
    /// exactly.
    Iso13790,
}

impl BuildingModel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::TwoCapacities, Self::Iso13790];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TwoCapacities => "two-capacities",
            Self::Iso13790 => "iso-13790",
        }
    }
}

/// How homes are computed. The default has no emergency heaters, and pipes do not freeze.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HomePolicy {
    /// Model of their heat.
    pub model: BuildingModel,
    /// What people heat with when heating fails.
    pub heaters: EmergencyHeaters,
    /// Water that stands in pipes; none: pipes do not freeze and nobody drains.
    pub pipes: Option<PipePolicy>,
}

/// What people heat with when a room gets cold although it has another heating. Homes whose
/// heating is electric or a stove have nothing more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmergencyHeaters {
    /// Share of homes with an electric heater.
    pub electric_share: f64,
    /// Its power, kW a home.
    pub electric_kw: f64,
    /// Share of homes with a stove or cooker that needs no electricity.
    pub stove_share: f64,
    /// What it gives, kW a home.
    pub stove_kw: f64,
    /// They heat rooms that were colder than this at the beginning of the hour, up to this,
    /// °C; at most 1 K below the set-point of heating.
    pub below_c: f64,
    /// People a home.
    pub people_per_home: f64,
}

impl Default for EmergencyHeaters {
    fn default() -> Self {
        Self {
            electric_share: 0.0,
            electric_kw: 1.5,
            stove_share: 0.0,
            stove_kw: 1.5,
            below_c: 16.0,
            people_per_home: 2.5,
        }
    }
}

/// Water that stands in pipes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipePolicy {
    /// When buildings on district heating are drained; none: never.
    pub drain: Option<DrainRule>,
    /// Hours in which the buildings of a kind in an area are filled again once water
    /// circulates: one after the other, evenly over these hours.
    pub refill_h: f64,
    /// Share of the water in a standing pipe that is ice when it bursts.
    pub burst_ice_share: f64,
    /// Hours in which the burst buildings of a kind in an area are repaired, evenly.
    pub burst_repair_h: f64,
}

/// When buildings on district heating are drained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrainRule {
    /// At this outdoor temperature or below, °C.
    pub outdoor_c: f64,
    /// Once circulation has been off for this long, h.
    pub after_h: f64,
    /// Hours in which the buildings of a kind in an area are drained, evenly.
    pub takes_h: f64,
}

impl Default for DrainRule {
    fn default() -> Self {
        Self { outdoor_c: -3.0, after_h: 2.0, takes_h: 6.0 }
    }
}

impl Default for PipePolicy {
    fn default() -> Self {
        Self {
            drain: Some(DrainRule::default()),
            refill_h: 24.0,
            burst_ice_share: 0.15,
            burst_repair_h: 720.0,
        }
    }
}
