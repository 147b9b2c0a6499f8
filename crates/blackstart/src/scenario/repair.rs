//! What there is to repair with.

use super::Recovery;

/// Spare parts that stop a repair when there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spare {
    /// A high-voltage autotransformer (200–300 t).
    Autotransformer,
    /// Breakers, current transformers, disconnectors of one substation.
    SwitchgearKit,
    /// Boiler, turbine or generator parts of one plant.
    PlantKit,
    /// A modular boiler of 1–2.7 MW for a destroyed boiler house.
    ModularBoiler,
    /// A pump with its switchgear.
    PumpSet,
    /// Pipes, clamps, conductors, insulators: common stock.
    Common,
}

impl PriorityRule {
    /// All, in the order of the guide.
    pub const ALL: [Self; 4] =
        [Self::FirstCome, Self::CriticalThenPeople, Self::PeoplePerHour, Self::DistrictOrder];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstCome => "first_come",
            Self::CriticalThenPeople => "critical_then_people",
            Self::PeoplePerHour => "people_per_hour",
            Self::DistrictOrder => "district_order",
        }
    }
}

impl Spare {
    /// All, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::Autotransformer,
        Self::SwitchgearKit,
        Self::PlantKit,
        Self::ModularBoiler,
        Self::PumpSet,
        Self::Common,
    ];

    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Autotransformer => "autotransformer",
            Self::SwitchgearKit => "switchgear_kit",
            Self::PlantKit => "plant_kit",
            Self::ModularBoiler => "modular_boiler",
            Self::PumpSet => "pump_set",
            Self::Common => "common",
        }
    }
}

/// Spares in stock at the start, in the order of [`Spare::ALL`].
pub type SpareStock = [u32; Spare::ALL.len()];

/// Spares that arrive later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// Hours after the scenario's start.
    pub at_h: f64,
    /// What.
    pub spare: Spare,
    /// How many.
    pub count: u32,
}

/// What is repaired first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityRule {
    /// In the order of damage.
    FirstCome,
    /// What critical dependencies hang on first, then people per hour of work.
    CriticalThenPeople,
    /// People per hour of work alone.
    PeoplePerHour,
    /// One district after the other, in each by people per hour of work.
    DistrictOrder,
}

/// Teams and spares.
#[derive(Clone, Debug, PartialEq)]
pub struct RepairResources {
    /// Teams at work by day that can repair anything.
    pub teams_day: u32,
    /// The same by night.
    pub teams_night: u32,
    /// First hour of the day shift, clock.
    pub day_from_h: u32,
    /// First hour of the night shift, clock.
    pub day_to_h: u32,
    /// Hours after a strike before anybody may enter.
    pub access_delay_h: f64,
    /// Stock at the start.
    pub spares: SpareStock,
    /// Later arrivals.
    pub deliveries: Vec<Delivery>,
    /// What is repaired first.
    pub rule: PriorityRule,
    /// How teams work.
    pub recovery: Recovery,
}
