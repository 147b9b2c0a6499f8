//! Where people live, what they live in, and what must not stop.

use super::building_kind::BuildingKind;
use super::ids::{AreaIdx, BuildingKindIdx, BusIdx, HeatSubstationIdx, WaterNodeIdx};

/// A position on the globe, degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Longitude, degrees east.
    pub lon_deg: f64,
    /// Latitude, degrees north.
    pub lat_deg: f64,
}

impl Position {
    /// Distance to `other` in km (equirectangular; exact enough within a region).
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        const KM_PER_DEG: f64 = 111.195;
        let mid = (self.lat_deg + other.lat_deg).to_radians() / 2.0;
        let dx = (self.lon_deg - other.lon_deg) * mid.cos();
        let dy = self.lat_deg - other.lat_deg;
        KM_PER_DEG * dx.hypot(dy)
    }
}

/// Which demand is served first when there is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Hospitals, water, heat: weight 10.
    Critical,
    /// Homes: weight 3.
    Homes,
    /// Industry and trade: weight 1.
    Business,
}

impl Priority {
    /// All, most important first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Homes, Self::Business];

    /// Weight of a served MW in the dispatch.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Critical => 10.0,
            Self::Homes => 3.0,
            Self::Business => 1.0,
        }
    }
}

/// An outage queue as the public knows it: 1.1 … 6.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue {
    /// 1 … 6.
    pub group: u8,
    /// 1 or 2.
    pub sub: u8,
}

impl Queue {
    /// Position 0 … 11 in the order 1.1, 1.2, 2.1 … 6.2.
    #[must_use]
    pub const fn order(self) -> u8 {
        (self.group - 1) * 2 + self.sub - 1
    }
}

/// People and what serves them.
#[derive(Clone, Debug, PartialEq)]
pub struct Places<B = BusIdx, W = WaterNodeIdx, H = HeatSubstationIdx, A = AreaIdx> {
    /// Areas, each served by one bus, one water junction, one heat substation.
    pub areas: Vec<Area<B, W, H>>,
    /// Kinds of building that the region describes itself.
    pub kinds: Vec<BuildingKind>,
    /// Buildings by area, type and way of heating.
    pub stock: Vec<Stock<A>>,
    /// Places that must not stop.
    pub sites: Vec<Site<B, W, H, A>>,
}

impl<B, W, H, A> Default for Places<B, W, H, A> {
    fn default() -> Self {
        Self { areas: Vec::new(), kinds: Vec::new(), stock: Vec::new(), sites: Vec::new() }
    }
}

/// An area.
#[derive(Clone, Debug, PartialEq)]
pub struct Area<B = BusIdx, W = WaterNodeIdx, H = HeatSubstationIdx> {
    /// The user's id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The district it belongs to; may be empty.
    pub district: String,
    /// Residents.
    pub people: f64,
    /// Its centre.
    pub position: Option<Position>,
    /// The bus that feeds it.
    pub bus: Option<B>,
    /// The junction that supplies it.
    pub junction: Option<W>,
    /// The heat substation that serves its district-heated homes.
    pub substation: Option<H>,
    /// Outage queue of its homes.
    pub queue: Option<Queue>,
}

/// Building types with documented heat properties (see [`crate::heat`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuildingType {
    /// Large-panel block of five to nine storeys.
    Panel,
    /// Brick block.
    Brick,
    /// Block built or renewed to recent codes.
    New,
    /// Detached house.
    Detached,
}

impl BuildingType {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Panel, Self::Brick, Self::New, Self::Detached];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Brick => "brick",
            Self::New => "new",
            Self::Detached => "detached",
        }
    }
}

/// What keeps a home warm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heating {
    /// District heating, through the area's heat substation.
    District,
    /// A gas boiler in the home; it needs electricity for its pump and ignition.
    Gas,
    /// Electric heating; its load comes on top of the area's demand.
    Electric,
    /// A stove; it needs nothing from a network.
    Stove,
}

impl Heating {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] = [Self::District, Self::Gas, Self::Electric, Self::Stove];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Gas => "gas",
            Self::Electric => "electric",
            Self::Stove => "stove",
        }
    }
}

/// Buildings of one type and one way of heating in an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock<A = AreaIdx> {
    /// The area.
    pub area: A,
    /// Building type; that under which results count it where `kind` says more.
    pub building: BuildingType,
    /// The region's own kind of building, position in [`Places::kinds`]; none: `building`
    /// as it comes with the program.
    pub kind: Option<BuildingKindIdx>,
    /// What keeps it warm.
    pub heating: Heating,
    /// Residents.
    pub people: f64,
    /// Heated floor, m².
    pub floor_m2: f64,
}

/// What a critical site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteKind {
    /// Hospital.
    Hospital,
    /// Warming point.
    WarmingPoint,
    /// School or kindergarten.
    School,
    /// Fire and rescue station.
    Rescue,
    /// Telephone exchange, mobile mast hub or data centre.
    Telecom,
    /// Wastewater pumping or treatment.
    Wastewater,
    /// Anything else that must not stop.
    Other,
}

/// A critical site.
#[derive(Clone, Debug, PartialEq)]
pub struct Site<B = BusIdx, W = WaterNodeIdx, H = HeatSubstationIdx, A = AreaIdx> {
    /// The user's id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub kind: SiteKind,
    /// The area it stands in.
    pub area: Option<A>,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// The bus that feeds it.
    pub bus: Option<B>,
    /// The junction that supplies it.
    pub junction: Option<W>,
    /// The heat substation that serves it.
    pub substation: Option<H>,
    /// Electricity it needs, MW.
    pub need_mw: f64,
    /// Water it needs, m³/h.
    pub need_m3h: f64,
    /// Hours it can run without its bus.
    pub backup_h: f64,
}
