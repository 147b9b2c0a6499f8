//! How teams work, beyond who is there: skills, roads, inspection, larger crews, temporary
//! fixes, parts taken from elsewhere. Without any of it teams are alike and at once where
//! they are needed.

use crate::region::{FacilityClass, Position};

/// What a team can repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skill {
    /// Overhead lines and cables.
    Line,
    /// Substations.
    Substation,
    /// Power plants, boiler houses, pumping stations.
    Plant,
    /// Heat mains, water mains, tanks.
    Pipe,
}

impl Skill {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Line, Self::Substation, Self::Plant, Self::Pipe];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Substation => "substation",
            Self::Plant => "plant",
            Self::Pipe => "pipe",
        }
    }

    /// What a facility asks for.
    #[must_use]
    pub const fn of(class: FacilityClass) -> Self {
        match class {
            FacilityClass::Line | FacilityClass::Cable => Self::Line,
            FacilityClass::Substation => Self::Substation,
            FacilityClass::PowerPlant
            | FacilityClass::BoilerHouse
            | FacilityClass::PumpingStation => Self::Plant,
            FacilityClass::HeatMain | FacilityClass::WaterMain | FacilityClass::WaterTank => {
                Self::Pipe
            }
        }
    }
}

/// Teams at work by day and by night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// By day.
    pub day: u32,
    /// By night.
    pub night: u32,
}

/// What stands in for a facility while it is repaired, and goes back to stock afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemporaryFix {
    /// A mobile transformer or substation.
    MobileTransformer,
    /// A bypass of a line, cable or main.
    Bypass,
    /// A mobile boiler at a boiler house.
    MobileBoiler,
    /// A mobile pump with its generator at a pumping station.
    MobilePump,
}

impl TemporaryFix {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] =
        [Self::MobileTransformer, Self::Bypass, Self::MobileBoiler, Self::MobilePump];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MobileTransformer => "mobile_transformer",
            Self::Bypass => "bypass",
            Self::MobileBoiler => "mobile_boiler",
            Self::MobilePump => "mobile_pump",
        }
    }

    /// What helps a facility; nothing stands in for a power plant or a tank.
    #[must_use]
    pub const fn of(class: FacilityClass) -> Option<Self> {
        match class {
            FacilityClass::Substation => Some(Self::MobileTransformer),
            FacilityClass::Line
            | FacilityClass::Cable
            | FacilityClass::HeatMain
            | FacilityClass::WaterMain => Some(Self::Bypass),
            FacilityClass::BoilerHouse => Some(Self::MobileBoiler),
            FacilityClass::PumpingStation => Some(Self::MobilePump),
            FacilityClass::PowerPlant | FacilityClass::WaterTank => None,
        }
    }

    /// Share of the facility's capacity that it gives, an assumption: one mobile transformer
    /// carries half of a substation, a bypass all of a line or main, one mobile boiler three
    /// tenths of a boiler house, a mobile pump half of a station.
    #[must_use]
    pub const fn functionality(self) -> f64 {
        match self {
            Self::MobileTransformer | Self::MobilePump => 0.5,
            Self::Bypass => 1.0,
            Self::MobileBoiler => 0.3,
        }
    }
}

/// How teams work.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Teams of one skill, in the order of [`Skill::ALL`], besides those that can do
    /// anything ([`super::RepairResources::teams_day`]).
    pub skilled: [Shift; Skill::ALL.len()],
    /// Where teams come from; the area with the most people if there is none.
    pub depots: Vec<Position>,
    /// Speed on the road as the crow flies, km/h; without it teams are at once there.
    pub travel_km_h: Option<f64>,
    /// Hours that one team looks at a facility before its repair can begin; 0: none.
    pub inspection_h: f64,
    /// Most teams on one repair, times those it takes; 1: no more than it takes.
    pub most_teams_factor: f64,
    /// Work of `n` times the teams goes `n` to this power as fast, 0 … 1.
    pub more_teams_exponent: f64,
    /// Temporary fixes in stock, in the order of [`TemporaryFix::ALL`].
    pub temporary: [u32; TemporaryFix::ALL.len()],
    /// Hours in which one team puts one of them up.
    pub temporary_h: f64,
    /// Whether a spare that is not in stock may be taken from another damaged facility.
    pub cannibalise: bool,
    /// Districts in the order of their turn, for [`super::PriorityRule::DistrictOrder`];
    /// those that are not named follow by number of people.
    pub districts: Vec<String>,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            skilled: [Shift::default(); Skill::ALL.len()],
            depots: Vec::new(),
            travel_km_h: None,
            inspection_h: 0.0,
            most_teams_factor: 1.0,
            more_teams_exponent: 1.0,
            temporary: [0; TemporaryFix::ALL.len()],
            temporary_h: 12.0,
            cannibalise: false,
            districts: Vec::new(),
        }
    }
}
