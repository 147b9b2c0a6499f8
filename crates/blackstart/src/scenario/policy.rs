//! How shortage is shared and what comes from outside.

use super::homes::HomePolicy;

/// How electricity is shed within a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shedding {
    /// Everybody loses the same share.
    Proportional,
    /// Whole queues are off in turn; each turn lasts `turn_h` hours.
    Queues {
        /// Length of a turn, h.
        turn_h: u32,
    },
}

/// Which formulation the hourly dispatch uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grid {
    /// Linear DC flow.
    #[default]
    Dc,
    /// Linear DC flow, and an AC power flow of what it decides, for its voltages.
    DcChecked,
    /// Full AC equations: voltages and reactive power count in what is served.
    Ac,
}

impl Grid {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dc, Self::DcChecked, Self::Ac];

    /// The word in scenarios.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dc => "dc",
            Self::DcChecked => "dc-checked",
            Self::Ac => "ac",
        }
    }
}

/// How flows are computed while protection acts in the first minutes after damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeModel {
    /// DC flow: overloads and frequency.
    Dc,
    /// AC flow: voltages too.
    Ac,
}

/// How shortage is shared and what comes from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How electricity is shed within a priority.
    pub shedding: Shedding,
    /// Grid formulation.
    pub grid: Grid,
    /// Whether protection acts when damage strikes, before dispatchers do.
    pub cascade: Option<CascadeModel>,
    /// Share of the import cap that is available by hour from the start; the last
    /// value holds on. Empty means 1.
    pub import_share: Vec<f64>,
    /// Mobile generators that critical sites without supply get, in the order of need.
    pub mobile_generators: u32,
    /// Hours from the strike until a mobile generator runs.
    pub mobile_generator_delay_h: f64,
    /// Hours of fuel that reach each backup generator per day.
    pub backup_refuel_h_per_day: f64,
    /// Fuel delivered to plants, as a share of what they burn.
    pub plant_fuel_share: f64,
    /// Indoor temperature that heating aims at, °C.
    pub indoor_set_c: f64,
    /// How homes are computed.
    pub homes: HomePolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            shedding: Shedding::Proportional,
            grid: Grid::default(),
            cascade: None,
            import_share: Vec::new(),
            mobile_generators: 0,
            mobile_generator_delay_h: 12.0,
            backup_refuel_h_per_day: 0.0,
            plant_fuel_share: 1.0,
            indoor_set_c: 20.0,
            homes: HomePolicy::default(),
        }
    }
}
