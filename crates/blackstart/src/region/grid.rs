//! The electricity network as data.
//!
//! Tables that refer to others are generic over the reference: `Branch<String>` is a
//! row as its author wrote it, `Branch` (= `Branch<BusIdx>`) is the checked row.

use super::ids::BusIdx;
use super::places::{Position, Priority, Queue};

/// The electricity network of a region. Signs: a load > 0 consumes, a generator > 0
/// injects, a branch flow > 0 runs from → to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid<B = BusIdx> {
    /// The base of every per-unit quantity, in MVA.
    pub base_mva: f64,
    /// Buses.
    pub buses: Vec<Bus>,
    /// Lines, cables and transformers.
    pub branches: Vec<Branch<B>>,
    /// Generators and import ties.
    pub generators: Vec<Generator<B>>,
    /// Demands other than those that dependencies state for themselves.
    pub loads: Vec<Load<B>>,
    /// Controllable direct-current lines.
    pub dc_lines: Vec<DcLine<B>>,
}

/// A bus: a point of one voltage.
#[derive(Clone, Debug, PartialEq)]
pub struct Bus {
    /// The user's id.
    pub id: String,
    /// A name for people; may repeat the id.
    pub name: String,
    /// Nominal voltage in kV; 0 when the file states none.
    pub base_kv: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// Shunt conductance: MW consumed at 1 p.u. voltage.
    pub shunt_g_mw: f64,
    /// Shunt susceptance: `MVAr` injected at 1 p.u. voltage.
    pub shunt_b_mvar: f64,
    /// Voltage magnitude in the file, p.u. (a start point; not used by DC).
    pub vm_pu: f64,
    /// Voltage angle in the file, degrees (a start point; not used by DC).
    pub va_deg: f64,
    /// The facility this bus belongs to, if its author named one.
    pub facility: Option<String>,
    /// False: the file itself takes the bus out of service.
    pub in_service: bool,
}

/// What a branch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchKind {
    /// Overhead line.
    Line,
    /// Underground cable.
    Cable,
    /// Transformer.
    Transformer,
}

/// A line, cable or transformer between two buses (MATPOWER's π model).
#[derive(Clone, Debug, PartialEq)]
pub struct Branch<B = BusIdx> {
    /// The user's id.
    pub id: String,
    /// What it is.
    pub kind: BranchKind,
    /// From bus (the tap side of a transformer).
    pub from: B,
    /// To bus.
    pub to: B,
    /// Series resistance, p.u.
    pub r_pu: f64,
    /// Series reactance, p.u.
    pub x_pu: f64,
    /// Total charging susceptance, p.u.
    pub b_pu: f64,
    /// Off-nominal tap ratio at the from side; 1 for lines.
    pub tap: f64,
    /// Phase shift in degrees; positive delays.
    pub shift_deg: f64,
    /// Long-term rating in MVA; infinite when the file gives none (0 in MATPOWER).
    pub rate_mva: f64,
    /// False: the file itself takes the branch out of service.
    pub in_service: bool,
}

/// What a generator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratorKind {
    /// Combined heat and power unit; a heat plant may name it.
    Chp,
    /// Other thermal unit.
    Thermal,
    /// Nuclear unit.
    Nuclear,
    /// Hydro unit.
    Hydro,
    /// Wind farm.
    Wind,
    /// Photovoltaic plant.
    Solar,
    /// A tie to a neighbouring system, with its import cap as `p_max_mw`.
    Import,
    /// Anything else, for instance from a file without fuel types.
    Other,
}

/// A generator, or an import tie.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator<B = BusIdx> {
    /// The user's id.
    pub id: String,
    /// What it is.
    pub kind: GeneratorKind,
    /// The bus it feeds.
    pub bus: B,
    /// Least stable output in MW; a unit may be shut down to 0. Negative for a
    /// dispatchable load or pumped storage as some MATPOWER cases have them.
    pub p_min_mw: f64,
    /// Largest output in MW. Outputs without limit become the grid's demand when a
    /// region is checked.
    pub p_max_mw: f64,
    /// Output in the file, MW (a start point; not used by the dispatch).
    pub p_mw: f64,
    /// Least reactive output in `MVAr`; may be minus infinity.
    pub q_min_mvar: f64,
    /// Largest reactive output in `MVAr`; may be infinite.
    pub q_max_mvar: f64,
    /// Voltage set-point, p.u.
    pub vm_pu: f64,
    /// Fuel in store, in hours at full output; infinite when not limited.
    pub fuel_h: f64,
    /// The facility it belongs to, if its author named one.
    pub facility: Option<String>,
    /// False: the file itself takes the unit out of service.
    pub in_service: bool,
}

/// How a demand moves over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadProfile {
    /// The same at all hours.
    Flat,
    /// Homes: morning and evening peaks, a little more in the cold.
    Homes,
    /// Working days.
    Business,
}

/// A demand at a bus. `p_mw` is its value at the peak of its profile on the design
/// day. Negative values inject (as in some MATPOWER cases) and may be spilled.
#[derive(Clone, Debug, PartialEq)]
pub struct Load<B = BusIdx> {
    /// The user's id.
    pub id: String,
    /// Where it is connected.
    pub bus: B,
    /// Active demand at the peak, MW.
    pub p_mw: f64,
    /// Reactive demand at the peak, `MVAr`.
    pub q_mvar: f64,
    /// What is served first.
    pub priority: Priority,
    /// Outage queue, if it takes part in rolling outages.
    pub queue: Option<Queue>,
    /// How it moves over the day.
    pub profile: LoadProfile,
}

/// A controllable direct-current line (MATPOWER `dcline`).
#[derive(Clone, Debug, PartialEq)]
pub struct DcLine<B = BusIdx> {
    /// The user's id.
    pub id: String,
    /// From bus; flow > 0 takes power from here.
    pub from: B,
    /// To bus; receives `flow · (1 − loss_share) − loss_mw`.
    pub to: B,
    /// Least flow in MW.
    pub p_min_mw: f64,
    /// Largest flow in MW.
    pub p_max_mw: f64,
    /// Constant loss in MW while in service.
    pub loss_mw: f64,
    /// Loss per MW of flow.
    pub loss_share: f64,
    /// False: the file itself takes the line out of service.
    pub in_service: bool,
}
