//! The district-heating network as data. Every pipe stands for a supply and a return
//! pipe side by side; junction `i` exists on both sides.

use super::ids::{GeneratorIdx, HeatJunctionIdx};
use super::places::Position;

/// The heat networks of a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat<J = HeatJunctionIdx, G = GeneratorIdx> {
    /// How the networks are run.
    pub options: HeatOptions,
    /// Points where pipes meet.
    pub junctions: Vec<HeatJunction>,
    /// Pipe pairs.
    pub pipes: Vec<HeatPipe<J>>,
    /// CHP plants and boiler houses.
    pub plants: Vec<Plant<J, G>>,
    /// Points that hand heat over to buildings.
    pub substations: Vec<HeatSubstation<J>>,
}

/// How the heat networks are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatOptions {
    /// Outdoor design temperature, °C.
    pub design_outdoor_c: f64,
    /// Supply temperature at design, °C.
    pub design_supply_c: f64,
    /// Return temperature at design, °C.
    pub design_return_c: f64,
    /// Lowest supply temperature of the curve, °C.
    pub min_supply_c: f64,
    /// Temperature around the pipes, °C.
    pub ground_c: f64,
}

impl Default for HeatOptions {
    fn default() -> Self {
        Self {
            design_outdoor_c: -22.0,
            design_supply_c: 110.0,
            design_return_c: 70.0,
            min_supply_c: 65.0,
            ground_c: 3.0,
        }
    }
}

/// A junction of a pipe pair.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatJunction {
    /// The user's id.
    pub id: String,
    /// Elevation, m.
    pub elevation_m: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
}

/// A supply and a return pipe side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPipe<J = HeatJunctionIdx> {
    /// The user's id.
    pub id: String,
    /// From junction.
    pub from: J,
    /// To junction.
    pub to: J,
    /// Length of the route, m.
    pub length_m: f64,
    /// Inner diameter, mm.
    pub diameter_mm: f64,
    /// Roughness, mm.
    pub roughness_mm: f64,
    /// Heat loss of each pipe, W per metre and kelvin above the ground.
    pub loss_w_m_k: f64,
}

/// What a plant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantKind {
    /// Combined heat and power.
    Chp,
    /// Heat only.
    BoilerHouse,
}

/// A heat plant with its circulation pumps.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant<J = HeatJunctionIdx, G = GeneratorIdx> {
    /// The user's id.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub kind: PlantKind,
    /// Where it feeds the network.
    pub junction: J,
    /// Largest heat output, MW.
    pub heat_max_mw: f64,
    /// The generator of a CHP.
    pub generator: Option<G>,
    /// CHP: least electricity per heat, MW/MW (back-pressure line).
    pub power_to_heat: f64,
    /// CHP: electricity lost per heat taken out, MW/MW (extraction).
    pub power_loss_per_heat: f64,
    /// Head of the circulation pumps at zero flow, m.
    pub pump_head_m: f64,
    /// Fuel in store, in hours at full output; infinite when not limited.
    pub fuel_h: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// The facility it belongs to, if its author named one.
    pub facility: Option<String>,
}

/// A point that hands heat over to buildings.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatSubstation<J = HeatJunctionIdx> {
    /// The user's id.
    pub id: String,
    /// Where it is connected.
    pub junction: J,
    /// Heat it can hand over at design temperatures, MW.
    pub design_mw: f64,
}
