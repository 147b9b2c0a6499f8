//! The first minutes after damage, before dispatchers act: protection alone.
//!
//! A quasi-steady cascade. Between events the grid is in the steady state of a power flow
//! (DC or AC) with the outputs that governors give. What happens, in this order:
//!
//! 1. Every island settles at a frequency ([`CascadeOptions::droop`]); load is shed in
//!    stages while it is too low, units trip while it is too high, an island that stays too
//!    low collapses, one without units is dark.
//! 2. AC: an island without a solution has lost its voltage; load is shed in steps until
//!    there is one. Load at buses of low voltage is shed, units there trip.
//! 3. Overcurrent relays of overloaded branches run; time goes on to the first that
//!    trips, and all start again.
//!
//! Relays reset when the current falls below their setting. Swings, rotor angles, distance
//! relays and hidden failures are left out; the frequency is the settled one, not the
//! lowest of the transient, so that the shedding found is a lower bound.

mod balance;
mod engine;
mod relay;
#[cfg(test)]
mod tests;

pub use relay::InverseCurve;

use super::power_flow::{Method, PowerFlowOptions, Tables};
use super::snapshot::Snapshot;
use crate::region::{BranchIdx, BusIdx, GeneratorIdx, Grid};

/// A stage of under-frequency load shedding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SheddingStage {
    /// Acts below this frequency, Hz.
    pub below_hz: f64,
    /// Share of the demand before the cascade that it sheds.
    pub share: f64,
}

/// Settings of protection.
#[derive(Clone, Debug, PartialEq)]
pub struct CascadeOptions {
    /// How flows are computed.
    pub power_flow: PowerFlowOptions,
    /// Characteristic of branches' overcurrent relays. Default: standard inverse, IEC
    /// 60255-151.
    pub curve: InverseCurve,
    /// Factor on its times. Default 1.
    pub multiplier: f64,
    /// Loading at which relays start, share of the long-term rating. Default 1.5: phase
    /// relays must not limit loading up to 150 % of the rating (NERC PRC-023-4, R1.1).
    pub pickup: f64,
    /// Nominal frequency, Hz. Default 50.
    pub nominal_hz: f64,
    /// Governors' droop: change of frequency, share of nominal, for a change of output
    /// by all of the capacity. Default 0.05 (within the 2 to 12 % of Regulation (EU)
    /// 2016/631, article 15).
    pub droop: f64,
    /// Share by which demand falls per Hz. Default 0.01 (self-regulation in the design case of the
    /// UCTE Operation Handbook, appendix 1).
    pub demand_share_per_hz: f64,
    /// Under-frequency load shedding. Default: six stages from 49.0 to 48.0 Hz of 7.5 %
    /// each, 45 % together (Regulation (EU) 2017/2196, annex, Continental Europe).
    pub stages: Vec<SheddingStage>,
    /// Units trip below this frequency, Hz. Default 47.5 (Regulation (EU) 2016/631, table 2).
    pub under_frequency_hz: f64,
    /// Units trip above this frequency, Hz, the largest output first. Default 51.5
    /// (Regulation (EU) 2016/631, table 2).
    pub over_frequency_hz: f64,
    /// Load is shed at buses below this voltage, p.u.; AC only. Default 0.85 (assumption).
    pub under_voltage_pu: f64,
    /// Units trip at buses below this voltage, p.u.; AC only. Default 0.80 (assumption).
    pub unit_under_voltage_pu: f64,
    /// Share of the demand before the cascade shed in each step for voltage. Default 0.05
    /// (assumption).
    pub voltage_step: f64,
    /// When dispatchers take over, s. Default 300 (assumption).
    pub until_s: f64,
}

impl Default for CascadeOptions {
    fn default() -> Self {
        Self {
            power_flow: PowerFlowOptions { method: Method::Dc, ..PowerFlowOptions::default() },
            curve: InverseCurve::STANDARD,
            multiplier: 1.0,
            pickup: 1.5,
            nominal_hz: 50.0,
            droop: 0.05,
            demand_share_per_hz: 0.01,
            stages: [49.0, 48.8, 48.6, 48.4, 48.2, 48.0]
                .map(|below_hz| SheddingStage { below_hz, share: 0.075 })
                .to_vec(),
            under_frequency_hz: 47.5,
            over_frequency_hz: 51.5,
            under_voltage_pu: 0.85,
            unit_under_voltage_pu: 0.80,
            voltage_step: 0.05,
            until_s: 300.0,
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeEventKind {
    /// A relay opened a branch.
    BranchTrip(BranchIdx),
    /// A unit left the grid.
    UnitTrip(GeneratorIdx),
    /// Load was shed across an island, or at one bus.
    LoadShed(Option<BusIdx>),
    /// An island lost all supply.
    IslandDark,
}

impl CascadeEventKind {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BranchTrip(_) => "branch_trip",
            Self::UnitTrip(_) => "unit_trip",
            Self::LoadShed(_) => "load_shed",
            Self::IslandDark => "island_dark",
        }
    }

    /// The user's id of the element; empty for a whole island.
    #[must_use]
    pub fn element(self, grid: &Grid) -> &str {
        match self {
            Self::BranchTrip(l) => &grid.branches[l.i()].id,
            Self::UnitTrip(g) => &grid.generators[g.i()].id,
            Self::LoadShed(Some(b)) => &grid.buses[b.i()].id,
            Self::LoadShed(None) | Self::IslandDark => "",
        }
    }
}

/// Why it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeCause {
    /// A current above a relay's setting for its time.
    Overload,
    /// Frequency too low.
    UnderFrequency,
    /// Frequency too high.
    OverFrequency,
    /// Voltage too low at a bus.
    UnderVoltage,
    /// No voltages fit the injections of an island.
    VoltageCollapse,
    /// No unit left in an island.
    NoUnit,
}

impl CascadeCause {
    /// The word in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overload => "overload",
            Self::UnderFrequency => "under_frequency",
            Self::OverFrequency => "over_frequency",
            Self::UnderVoltage => "under_voltage",
            Self::VoltageCollapse => "voltage_collapse",
            Self::NoUnit => "no_unit",
        }
    }
}

/// One line of the sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CascadeEvent {
    /// Time since the damage, s.
    pub time_s: f64,
    /// What happened.
    pub kind: CascadeEventKind,
    /// Why.
    pub cause: CascadeCause,
    /// First bus of the island where it happened.
    pub island: BusIdx,
    /// Demand lost by it, MW.
    pub load_shed_mw: f64,
    /// Frequency of the island then, Hz; NaN where it is dark.
    pub frequency_hz: f64,
}

/// How a cascade ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CascadeStatus {
    /// Nothing more would trip.
    Settled,
    /// Relays were still running when dispatchers took over.
    TimeUp,
    /// The equations of the island with this bus could not be solved (DC: singular); what
    /// it carries is not known and its relays were left alone.
    Unsolved(BusIdx),
}

/// A cascade.
#[derive(Clone, Debug, PartialEq)]
pub struct Cascade {
    /// How it ended.
    pub status: CascadeStatus,
    /// The sequence.
    pub events: Vec<CascadeEvent>,
    /// The grid afterwards: tripped elements out of service, loads and outputs as they are.
    pub after: Snapshot,
    /// By load: share still served of the demand that it began with.
    pub kept: Vec<f64>,
    /// By branch: opened by a relay.
    pub branch_tripped: Vec<bool>,
    /// By generator: tripped.
    pub unit_tripped: Vec<bool>,
}

impl Cascade {
    /// Demand lost, MW.
    #[must_use]
    pub fn load_shed_mw(&self) -> f64 {
        self.events.iter().fold(0.0, |sum, e| sum + e.load_shed_mw)
    }
}

/// Runs the cascade that starts from `at`: the state just after damage, with outputs and
/// demands still as before it.
///
/// # Panics
/// When `at` does not fit `grid`.
#[must_use]
pub fn cascade(grid: &Grid, at: &Snapshot, options: &CascadeOptions) -> Cascade {
    let power_flow = PowerFlowOptions { tables: Tables::All, ..options.power_flow };
    engine::Engine::new(grid, at, &CascadeOptions { power_flow, ..options.clone() }).run()
}
