//! Voltages and reactive power hour by hour, where a scenario asks for them.

use super::HourStatus;
use crate::grid::deliver::{Limit, LimitKind};
use crate::region::BusIdx;

/// One row an hour; see [`super::Results::alternating`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlternatingTable {
    /// How the hour ended.
    pub status: Vec<HourStatus>,
    /// Lowest voltage of any live bus, p.u.; NaN when nothing is live.
    pub vm_lowest_pu: Vec<f64>,
    /// Where it is.
    pub vm_lowest_bus: Vec<Option<BusIdx>>,
    /// Highest voltage of any live bus, p.u.; NaN when nothing is live.
    pub vm_highest_pu: Vec<f64>,
    /// Where it is.
    pub vm_highest_bus: Vec<Option<BusIdx>>,
    /// Live buses below their least voltage.
    pub buses_low: Vec<u32>,
    /// Live buses above their largest voltage.
    pub buses_high: Vec<u32>,
    /// Lost in branches, MW.
    pub losses_mw: Vec<f64>,
    /// Demand that the DC dispatch would have served and alternating current does not:
    /// losses, voltages and reactive power take it. 0 where voltages are only checked.
    pub held_back_mw: Vec<f64>,
    /// What holds demand back most; none where all of it is served.
    pub limited_by: Vec<Option<LimitKind>>,
    /// The limits with the largest stakes, hour by hour.
    pub binding: Vec<LimitRecord>,
}

/// A limit that held demand back in an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitRecord {
    /// Hour of the run.
    pub hour: u32,
    /// Which limit.
    pub limit: Limit,
    /// What it holds back at its shadow price, in weighted p.u. of the grid's base.
    pub stake: f64,
}
