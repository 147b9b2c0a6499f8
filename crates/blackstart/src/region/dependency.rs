//! What an asset needs from another network.

use super::ids::{
    BranchIdx, BusIdx, GeneratorIdx, HeatPipeIdx, PipeIdx, PlantIdx, PumpIdx, SiteIdx, WaterNodeIdx,
};

/// An asset that something can happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// A bus with the switchgear around it.
    Bus(BusIdx),
    /// A line, cable or transformer.
    Branch(BranchIdx),
    /// A generator.
    Generator(GeneratorIdx),
    /// A pump of the water network.
    Pump(PumpIdx),
    /// A water main.
    Pipe(PipeIdx),
    /// A tank (its node).
    Tank(WaterNodeIdx),
    /// A heat plant.
    Plant(PlantIdx),
    /// A pair of heat pipes.
    HeatPipe(HeatPipeIdx),
    /// A critical site.
    Site(SiteIdx),
}

/// What a dependency draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Supply<B = BusIdx, W = WaterNodeIdx> {
    /// Electricity at a bus.
    Bus(B),
    /// Water at a junction.
    Junction(W),
}

/// "Asset A needs B, and can do without for a while."
///
/// Its electricity need is a demand of priority `critical` at the first of `on`
/// that is alive; its water need is a demand at the junction.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency<A = Asset, S = Supply> {
    /// Who needs.
    pub asset: A,
    /// What is needed: the first that is alive is used; never empty.
    pub on: Vec<S>,
    /// Electricity needed, MW (0 for a water dependency).
    pub need_mw: f64,
    /// Water needed, m³/h (0 for an electricity dependency).
    pub need_m3h: f64,
    /// Hours the asset runs on without it: battery, diesel, water in store.
    pub buffer_h: f64,
}
