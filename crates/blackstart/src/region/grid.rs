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
    /// Batteries and other stores of electricity.
    pub storages: Vec<Storage<B>>,
}

/// The part that a bus plays in a power flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BusKind {
    /// Injections are given (PQ).
    #[default]
    Load,
    /// Active injection and voltage are given (PV).
    Generator,
    /// Voltage and angle are given; closes the balance of its island.
    Reference,
}

/// A bus: a point of one voltage.
#[derive(Clone, Debug, PartialEq)]
pub struct Bus {
    /// The user's id.
    pub id: String,
    /// A name for people; may repeat the id.
    pub name: String,
    /// The part it plays in a power flow.
    pub kind: BusKind,
    /// Nominal voltage in kV; 0 when the file states none.
    pub base_kv: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// Shunt conductance: MW consumed at 1 p.u. voltage.
    pub shunt_g_mw: f64,
    /// Shunt susceptance: `MVAr` injected at 1 p.u. voltage.
    pub shunt_b_mvar: f64,
    /// Least voltage allowed, p.u.
    pub vm_min_pu: f64,
    /// Largest voltage allowed, p.u.
    pub vm_max_pu: f64,
    /// Area number of the file; 0 when it has none.
    pub area: u32,
    /// Zone number of the file; 0 when it has none.
    pub zone: u32,
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
    /// Short-term rating in MVA; infinite when the file gives none.
    pub rate_short_mva: f64,
    /// Emergency rating in MVA; infinite when the file gives none.
    pub rate_emergency_mva: f64,
    /// Least angle difference from − to, degrees; minus infinity when there is no limit.
    pub angle_min_deg: f64,
    /// Largest angle difference from − to, degrees; infinite when there is no limit.
    pub angle_max_deg: f64,
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

/// Cost of active power per hour. The dispatch serves demand whatever it costs; optimal
/// power flow minimises the sum.
#[derive(Clone, Debug, PartialEq)]
pub enum Cost {
    /// Polynomial in MW, highest power first.
    Polynomial(Vec<f64>),
    /// Piecewise linear through points of MW and cost per hour, MW ascending.
    Piecewise(Vec<(f64, f64)>),
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
    /// Reactive output in the file, `MVAr`.
    pub q_mvar: f64,
    /// Least reactive output in `MVAr`; may be minus infinity.
    pub q_min_mvar: f64,
    /// Largest reactive output in `MVAr`; may be infinite.
    pub q_max_mvar: f64,
    /// Voltage set-point, p.u.
    pub vm_pu: f64,
    /// Own MVA base of the machine; 0 when the file gives none.
    pub base_mva: f64,
    /// Share in a distributed slack, relative to the others (MATPOWER `APF`).
    pub participation: f64,
    /// Cost of active power, if the file gives one.
    pub cost: Option<Cost>,
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
    /// False: the file itself takes the load out of service.
    pub in_service: bool,
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
    /// Flow in the file, MW at the from end (what a power flow takes; not used by the
    /// dispatch).
    pub p_mw: f64,
    /// Voltage set-point at the from end, p.u.
    pub vm_from_pu: f64,
    /// Voltage set-point at the to end, p.u.
    pub vm_to_pu: f64,
    /// Reactive injection at the from end in the file, `MVAr`.
    pub q_from_mvar: f64,
    /// Reactive injection at the to end in the file, `MVAr`.
    pub q_to_mvar: f64,
    /// Least and largest reactive injection at the from end, `MVAr`.
    pub q_from_limits_mvar: (f64, f64),
    /// Least and largest reactive injection at the to end, `MVAr`.
    pub q_to_limits_mvar: (f64, f64),
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

/// A store of electricity (`PowerModels`' `storage` table).
#[derive(Clone, Debug, PartialEq)]
pub struct Storage<B = BusIdx> {
    /// The user's id.
    pub id: String,
    /// Where it is connected.
    pub bus: B,
    /// Active power taken from the grid in the file, MW.
    pub p_mw: f64,
    /// Reactive power taken from the grid in the file, `MVAr`.
    pub q_mvar: f64,
    /// Energy held, `MWh`.
    pub energy_mwh: f64,
    /// Energy it can hold, `MWh`.
    pub energy_max_mwh: f64,
    /// Largest charging power, MW.
    pub charge_max_mw: f64,
    /// Largest discharging power, MW.
    pub discharge_max_mw: f64,
    /// Stored per charged energy.
    pub charge_efficiency: f64,
    /// Delivered per withdrawn energy.
    pub discharge_efficiency: f64,
    /// Rating of the connection, MVA; infinite when the file gives none.
    pub rate_mva: f64,
    /// Least reactive power taken, `MVAr`.
    pub q_min_mvar: f64,
    /// Largest reactive power taken, `MVAr`.
    pub q_max_mvar: f64,
    /// Series resistance of the connection, p.u.
    pub r_pu: f64,
    /// Series reactance of the connection, p.u.
    pub x_pu: f64,
    /// Constant active losses while in service, MW.
    pub p_loss_mw: f64,
    /// Constant reactive losses while in service, `MVAr`.
    pub q_loss_mvar: f64,
    /// False: the file itself takes it out of service.
    pub in_service: bool,
}

impl Default for Bus {
    /// A load bus at nominal voltage, with limits of 0.9 and 1.1 p.u.
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            kind: BusKind::Load,
            base_kv: 0.0,
            position: None,
            shunt_g_mw: 0.0,
            shunt_b_mvar: 0.0,
            vm_min_pu: 0.9,
            vm_max_pu: 1.1,
            area: 0,
            zone: 0,
            vm_pu: 1.0,
            va_deg: 0.0,
            facility: None,
            in_service: true,
        }
    }
}

impl<B: Default> Default for Branch<B> {
    /// A line without losses, ratings or limits.
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: BranchKind::Line,
            from: B::default(),
            to: B::default(),
            r_pu: 0.0,
            x_pu: 0.0,
            b_pu: 0.0,
            tap: 1.0,
            shift_deg: 0.0,
            rate_mva: f64::INFINITY,
            rate_short_mva: f64::INFINITY,
            rate_emergency_mva: f64::INFINITY,
            angle_min_deg: f64::NEG_INFINITY,
            angle_max_deg: f64::INFINITY,
            in_service: true,
        }
    }
}

impl<B: Default> Default for Generator<B> {
    /// A unit without output, limits of reactive power, cost or store of fuel.
    fn default() -> Self {
        Self {
            id: String::new(),
            kind: GeneratorKind::Other,
            bus: B::default(),
            p_min_mw: 0.0,
            p_max_mw: 0.0,
            p_mw: 0.0,
            q_mvar: 0.0,
            q_min_mvar: f64::NEG_INFINITY,
            q_max_mvar: f64::INFINITY,
            vm_pu: 1.0,
            base_mva: 0.0,
            participation: 0.0,
            cost: None,
            fuel_h: f64::INFINITY,
            facility: None,
            in_service: true,
        }
    }
}

impl<B: Default> Default for Load<B> {
    /// Nothing, at all hours, of the priority of homes.
    fn default() -> Self {
        Self {
            id: String::new(),
            bus: B::default(),
            p_mw: 0.0,
            q_mvar: 0.0,
            priority: Priority::Homes,
            queue: None,
            profile: LoadProfile::Flat,
            in_service: true,
        }
    }
}

impl<B: Default> Default for DcLine<B> {
    /// A line without losses that carries nothing.
    fn default() -> Self {
        Self {
            id: String::new(),
            from: B::default(),
            to: B::default(),
            p_mw: 0.0,
            vm_from_pu: 1.0,
            vm_to_pu: 1.0,
            q_from_mvar: 0.0,
            q_to_mvar: 0.0,
            q_from_limits_mvar: (0.0, 0.0),
            q_to_limits_mvar: (0.0, 0.0),
            p_min_mw: 0.0,
            p_max_mw: 0.0,
            loss_mw: 0.0,
            loss_share: 0.0,
            in_service: true,
        }
    }
}
