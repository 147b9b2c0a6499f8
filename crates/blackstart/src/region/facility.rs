//! Facilities: what is hit, damaged and repaired as one.

use super::dependency::Asset;
use super::places::Position;

/// What a facility is. The class decides which damage and repair figures apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FacilityClass {
    /// Electrical substation: buses and the transformers between them.
    Substation,
    /// Power plant, with or without heat.
    PowerPlant,
    /// Boiler house.
    BoilerHouse,
    /// Water pumping station, intake or well field.
    PumpingStation,
    /// Water tank.
    WaterTank,
    /// Overhead line.
    Line,
    /// Underground cable.
    Cable,
    /// Pair of heat mains.
    HeatMain,
    /// Water main.
    WaterMain,
}

impl FacilityClass {
    /// All, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::Substation,
        Self::PowerPlant,
        Self::BoilerHouse,
        Self::PumpingStation,
        Self::WaterTank,
        Self::Line,
        Self::Cable,
        Self::HeatMain,
        Self::WaterMain,
    ];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Substation => "substation",
            Self::PowerPlant => "power_plant",
            Self::BoilerHouse => "boiler_house",
            Self::PumpingStation => "pumping_station",
            Self::WaterTank => "water_tank",
            Self::Line => "line",
            Self::Cable => "cable",
            Self::HeatMain => "heat_main",
            Self::WaterMain => "water_main",
        }
    }
}

/// A facility: one thing that can be damaged and repaired, with the assets in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Facility {
    /// Its id: the author's facility name, or the asset's own id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub class: FacilityClass,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// Its assets.
    pub parts: Vec<Asset>,
    /// Size within its class (MW, m³/h or km), for draws by size.
    pub size: f64,
}
