//! Results as columns. Tables are hour-major: row `h · n + i` is thing `i` in hour `h`.

mod alternating;
mod summary;

pub use alternating::{AlternatingTable, LimitRecord};
pub use summary::{Service, ServiceSummary, Summary, summarise};

use crate::grid::cascade::{CascadeEvent, CascadeStatus};
use crate::region::{BuildingType, FacilityIdx, SiteIdx};
use crate::scenario::{ByMunition, DamageState, Munition, Spare, TemporaryFix};

/// How a network's computation of one hour ended. Trouble is data, never silent.
#[derive(Clone, Debug, PartialEq)]
pub enum HourStatus {
    /// Solved to tolerance.
    Solved,
    /// Solved after something was relaxed.
    Relaxed {
        /// What, in words.
        why: String,
    },
    /// Not solved; the numbers of that hour are the last iterate or the last good hour.
    NotConverged {
        /// The island, junction or plant where it failed, in words.
        place: String,
    },
}

impl HourStatus {
    /// The word in files.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Solved => "solved",
            Self::Relaxed { .. } => "relaxed",
            Self::NotConverged { .. } => "not_converged",
        }
    }

    /// The words behind it; empty when solved.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Solved => "",
            Self::Relaxed { why } => why,
            Self::NotConverged { place } => place,
        }
    }

    /// True unless solved to tolerance.
    #[must_use]
    pub const fn is_degraded(&self) -> bool {
        !matches!(self, Self::Solved)
    }
}

/// Everything a run found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// Number of hours computed; fewer than asked for after an interruption.
    pub hours: usize,
    /// One row an hour.
    pub totals: HourTable,
    /// Hours × areas.
    pub places: PlaceTable,
    /// Hours × facilities.
    pub facilities: FacilityTable,
    /// Hours × critical sites.
    pub sites: SiteTable,
    /// Voltages and reactive power; none for the DC dispatch alone.
    pub alternating: Option<AlternatingTable>,
    /// What happened to facilities.
    pub damage: Vec<DamageRecord>,
    /// What strikes came to.
    pub strikes: Vec<StrikeRecord>,
    /// What protection did when damage struck, where the scenario asks for it.
    pub cascades: Vec<CascadeRecord>,
    /// Repairs, in the order of their start; not started ones last.
    pub repairs: Vec<RepairRecord>,
}

/// What protection did in the first minutes of an hour with new damage.
#[derive(Clone, Debug, PartialEq)]
pub struct CascadeRecord {
    /// The hour.
    pub hour: usize,
    /// How it ended.
    pub status: CascadeStatus,
    /// The sequence. Indices are those of the region's grid.
    pub events: Vec<CascadeEvent>,
}

/// One row an hour: the region as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HourTable {
    /// Outdoor temperature, °C.
    pub outdoor_c: Vec<f64>,
    /// People without electricity (share of demand not served times residents).
    pub people_without_electricity: Vec<f64>,
    /// People in homes whose heating gives less than half of what they need.
    pub people_without_heat: Vec<f64>,
    /// People whose taps give less than half of what they need.
    pub people_without_water: Vec<f64>,
    /// People in homes below each of [`INDOOR_THRESHOLDS_C`].
    pub people_below_c: [Vec<f64>; INDOOR_THRESHOLDS_C.len()],
    /// Persons times kelvins by which their homes are below each of
    /// [`DEGREE_THRESHOLDS_C`]; over hours, person-degree-hours.
    pub person_k_below_c: [Vec<f64>; DEGREE_THRESHOLDS_C.len()],
    /// People in buildings whose heating is drained.
    pub people_drained: Vec<f64>,
    /// People in buildings whose heating has burst.
    pub people_burst: Vec<f64>,
    /// People whose taps give nothing because their risers are frozen or have burst.
    pub people_taps_frozen: Vec<f64>,
    /// Electricity that emergency heaters got, MW.
    pub emergency_heaters_mw: Vec<f64>,
    /// Electricity asked for, MW.
    pub demand_mw: Vec<f64>,
    /// Electricity served, MW.
    pub served_mw: Vec<f64>,
    /// Electricity asked for by priority, MW, in the order of `Priority::ALL`.
    pub demand_by_priority_mw: [Vec<f64>; 3],
    /// Electricity served by priority, MW.
    pub served_by_priority_mw: [Vec<f64>; 3],
    /// Imported, MW.
    pub import_mw: Vec<f64>,
    /// Electrical islands with at least one live generator.
    pub live_islands: Vec<f64>,
    /// Heat asked for at substations, hot tap water included, MW.
    pub heat_demand_mw: Vec<f64>,
    /// Heat delivered at substations, hot tap water included, MW.
    pub heat_delivered_mw: Vec<f64>,
    /// Of the heat asked for: for hot tap water, MW.
    pub hot_water_demand_mw: Vec<f64>,
    /// Of the heat delivered: for hot tap water, MW.
    pub hot_water_delivered_mw: Vec<f64>,
    /// Heat made by plants, MW.
    pub heat_made_mw: Vec<f64>,
    /// Fuel burnt by heat plants, for the electricity of their generators too, MW.
    pub heat_fuel_mw: Vec<f64>,
    /// Water asked for, m³/h.
    pub water_demand_m3h: Vec<f64>,
    /// Water supplied, m³/h.
    pub water_supplied_m3h: Vec<f64>,
    /// Water in tanks, m³.
    pub tank_volume_m3: Vec<f64>,
    /// Facilities not fully working.
    pub facilities_damaged: Vec<f64>,
    /// Repair teams at work.
    pub teams_busy: Vec<f64>,
    /// Person-weighted mean indoor temperature by building type, °C; NaN where a
    /// region has no such building.
    pub indoor_c: [Vec<f64>; BuildingType::ALL.len()],
    /// Coldest homes' indoor temperature by building type, °C.
    pub indoor_min_c: [Vec<f64>; BuildingType::ALL.len()],
    /// Largest power imbalance of any live island, relative to what flows in it.
    pub grid_imbalance_share: Vec<f64>,
    /// Largest mass imbalance of any water junction, relative to all demand.
    pub water_imbalance_share: Vec<f64>,
    /// Heat made less delivered, lost and stored, relative to made (worst network).
    pub heat_imbalance_share: Vec<f64>,
    /// Largest heat imbalance of any home, relative.
    pub homes_imbalance_share: Vec<f64>,
    /// How each network's computation ended.
    pub grid_status: Vec<HourStatus>,
    /// See `grid_status`.
    pub water_status: Vec<HourStatus>,
    /// See `grid_status`.
    pub heat_status: Vec<HourStatus>,
}

/// Hours × areas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceTable {
    /// Share of electricity demand served, 0 … 1.
    pub electricity_share: Vec<f64>,
    /// Share of water demand supplied, 0 … 1.
    pub water_share: Vec<f64>,
    /// Pressure at the area's junction, m; NaN where cut off or without a junction.
    pub pressure_m: Vec<f64>,
    /// Share of needed heat that homes get, 0 … 1, all ways of heating.
    pub heat_share: Vec<f64>,
    /// Person-weighted mean indoor temperature, °C; NaN without building stock.
    pub indoor_c: Vec<f64>,
    /// Indoor temperature of the coldest kind of home, °C; NaN without building stock.
    pub indoor_min_c: Vec<f64>,
    /// Indoor temperature by building type, person-weighted over ways of heating, °C;
    /// NaN where an area has no such building.
    pub indoor_by_type_c: [Vec<f64>; BuildingType::ALL.len()],
    /// People in homes below each of [`INDOOR_THRESHOLDS_C`].
    pub people_below_c: [Vec<f64>; INDOOR_THRESHOLDS_C.len()],
    /// People in buildings whose heating is drained.
    pub people_drained: Vec<f64>,
    /// People in buildings whose heating has burst.
    pub people_burst: Vec<f64>,
    /// People whose taps give nothing because their risers are frozen or have burst.
    pub people_taps_frozen: Vec<f64>,
}

/// A person whose tap gives less than this share of the demand counts as without water.
pub const WITHOUT_WATER_BELOW: f64 = 0.5;

/// Thresholds of indoor temperature that tables count by, °C.
pub const INDOOR_THRESHOLDS_C: [f64; 5] = [18.0, 16.0, 12.0, 8.0, 5.0];

/// Temperatures below which persons times kelvins are summed, °C.
pub const DEGREE_THRESHOLDS_C: [f64; 2] = [18.0, 12.0];

/// Hours × facilities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacilityTable {
    /// Share of its capacity that works, 0 … 1 (damage alone).
    pub functionality: Vec<f64>,
    /// State in the hour.
    pub state: Vec<FacilityState>,
    /// What it carries: MW made, MW through a substation's loads, m³/h pumped, or holds
    /// in a tank (m³); NaN where that has no meaning.
    pub output: Vec<f64>,
}

/// State of a facility or site, as maps show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacilityState {
    /// Works, from its normal supply.
    Served,
    /// Works from a battery, diesel or store.
    Backup,
    /// Does not work though it is whole: no electricity, water or fuel.
    Dark,
    /// Damaged; still works in part.
    Damaged,
    /// Damaged; does not work.
    Lost,
    /// A team works on it.
    UnderRepair,
}

impl FacilityState {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Backup => "backup",
            Self::Dark => "dark",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
            Self::UnderRepair => "under_repair",
        }
    }
}

/// Hours × critical sites.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteTable {
    /// State: served, on backup, or dark.
    pub state: Vec<FacilityState>,
    /// Hours of backup left.
    pub backup_left_h: Vec<f64>,
}

/// A facility that was damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct DamageRecord {
    /// When, hours after the start.
    pub at_h: f64,
    /// Which event, position in the scenario.
    pub event: usize,
    /// Which facility.
    pub facility: FacilityIdx,
    /// State drawn or stated.
    pub state: DamageState,
    /// What still works of it.
    pub functionality: f64,
    /// The weapon, for a strike.
    pub munition: Option<Munition>,
}

/// What a strike came to, by class of weapon in the order of [`Munition::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct StrikeRecord {
    /// Which event, position in the scenario.
    pub event: usize,
    /// When, hours after the start.
    pub at_h: f64,
    /// Launched.
    pub launched: ByMunition<u32>,
    /// Not intercepted.
    pub got_through: ByMunition<u32>,
    /// Hits on facilities of this region.
    pub hits: ByMunition<u32>,
}

/// A repair.
#[derive(Clone, Debug, PartialEq)]
pub struct RepairRecord {
    /// What is repaired.
    pub facility: FacilityIdx,
    /// Damage state it started from.
    pub state: DamageState,
    /// When the damage happened, hours after the start.
    pub damaged_at_h: f64,
    /// When work started; none if it did not within the horizon.
    pub start_h: Option<f64>,
    /// When it was done; none if it was not within the horizon.
    pub end_h: Option<f64>,
    /// Team-hours of work in all.
    pub work_team_h: f64,
    /// Team-hours of work done within the horizon.
    pub done_team_h: f64,
    /// Teams it takes at once.
    pub teams: u32,
    /// Spare it takes.
    pub spare: Option<Spare>,
    /// True while it waits for a spare that is not there.
    pub waits_for_spare: bool,
    /// People behind it when it was ranked.
    pub people: f64,
    /// True if a critical dependency hangs on it.
    pub critical: bool,
    /// When it had been looked at; none without inspection, or before it.
    pub inspected_h: Option<f64>,
    /// What stood in for it at the end of its repair or of the run, and since when, h.
    pub temporary: Option<(TemporaryFix, f64)>,
    /// True if parts of it were taken for another facility.
    pub cannibalised: bool,
}

/// What sites are called when they run out; used by summaries and the report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteOutage {
    /// Which site.
    pub site: SiteIdx,
    /// First hour without any supply.
    pub dark_from_h: usize,
    /// Hours without any supply in all.
    pub dark_hours: usize,
}
