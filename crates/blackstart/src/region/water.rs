//! The water network as data, in EPANET's terms and SI units.

use super::ids::WaterNodeIdx;
use super::places::Position;
use super::water_energy::WaterEnergy;
use super::water_rules::Rule;

/// The water network of a region. Nodes are numbered junctions first, then
/// reservoirs, then tanks ([`WaterNodeIdx`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Water<N = WaterNodeIdx> {
    /// How the network's files ask to be computed.
    pub options: WaterOptions,
    /// Points of demand and connection.
    pub junctions: Vec<Junction>,
    /// Sources of given head: wells, rivers, neighbouring systems.
    pub reservoirs: Vec<Reservoir>,
    /// Stores of water.
    pub tanks: Vec<Tank>,
    /// Pipes.
    pub pipes: Vec<Pipe<N>>,
    /// Pumps.
    pub pumps: Vec<Pump<N>>,
    /// Valves.
    pub valves: Vec<Valve<N>>,
    /// Time patterns that demands, heads and pump speeds refer to by position.
    pub patterns: Vec<Pattern>,
    /// Simple controls.
    pub controls: Vec<Control<N>>,
    /// Rule-based controls.
    pub rules: Vec<Rule<N>>,
    /// Leaks along pipes, at most one a pipe.
    pub leaks: Vec<PipeLeak>,
    /// What pumping costs.
    pub energy: WaterEnergy,
}

impl<N> Default for Water<N> {
    fn default() -> Self {
        Self {
            options: WaterOptions::default(),
            junctions: Vec::new(),
            reservoirs: Vec::new(),
            tanks: Vec::new(),
            pipes: Vec::new(),
            pumps: Vec::new(),
            valves: Vec::new(),
            patterns: Vec::new(),
            controls: Vec::new(),
            rules: Vec::new(),
            leaks: Vec::new(),
            energy: WaterEnergy::default(),
        }
    }
}

impl<N> Water<N> {
    /// Number of nodes of all three kinds.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.junctions.len() + self.reservoirs.len() + self.tanks.len()
    }
}

/// Head-loss formula of all pipes of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadLoss {
    /// Hazen–Williams; `roughness` is C.
    HazenWilliams,
    /// Darcy–Weisbach; `roughness` is in millimetres.
    DarcyWeisbach,
    /// Chezy–Manning; `roughness` is Manning's n.
    ChezyManning,
}

/// Settings a network's file carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaterOptions {
    /// Head-loss formula.
    pub head_loss: HeadLoss,
    /// Kinematic viscosity, m²/s.
    pub viscosity_m2_s: f64,
    /// Specific gravity against water at 4 °C.
    pub specific_gravity: f64,
    /// Multiplies every demand.
    pub demand_multiplier: f64,
    /// Below this pressure (m) a junction gets nothing (Wagner).
    pub min_pressure_m: f64,
    /// From this pressure (m) a junction gets its full demand (Wagner).
    pub required_pressure_m: f64,
    /// Exponent of the pressure–demand relation (Wagner: 0.5).
    pub pressure_exponent: f64,
    /// Exponent of pressure in the flow of emitters (0.5: an orifice).
    pub emitter_exponent: f64,
    /// True: where the pressure is negative emitters let flow in (EPANET's default).
    pub emitter_backflow: bool,
    /// Length of a pattern's step, h.
    pub pattern_step_h: f64,
    /// Where in the patterns simulated time 0 lies, h.
    pub pattern_start_h: f64,
    /// Clock time of simulated time 0, h after midnight.
    pub start_clock_h: f64,
}

impl Default for WaterOptions {
    fn default() -> Self {
        Self {
            head_loss: HeadLoss::HazenWilliams,
            viscosity_m2_s: 1.022e-6,
            specific_gravity: 1.0,
            demand_multiplier: 1.0,
            min_pressure_m: 0.0,
            // EPANET's default for the required pressure is 0.1 in its own unit; a
            // home on an upper floor needs about 20 m, the usual service standard.
            required_pressure_m: 20.0,
            pressure_exponent: 0.5,
            emitter_exponent: 0.5,
            emitter_backflow: true,
            pattern_step_h: 1.0,
            pattern_start_h: 0.0,
            start_clock_h: 0.0,
        }
    }
}

/// A junction.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// The user's id.
    pub id: String,
    /// Elevation, m.
    pub elevation_m: f64,
    /// Demands with their patterns; negative values feed the network.
    pub demands: Vec<JunctionDemand>,
    /// Emitter: flow in m³/h at 1 m of pressure; 0 for none.
    pub emitter_m3h: f64,
    /// Where it is, if known.
    pub position: Option<Position>,
}

/// One demand category of a junction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JunctionDemand {
    /// Base demand, m³/h.
    pub base_m3h: f64,
    /// Position in [`Water::patterns`]; none means constant.
    pub pattern: Option<u32>,
}

/// A reservoir: a source whose head nothing changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservoir {
    /// The user's id.
    pub id: String,
    /// Head, m.
    pub head_m: f64,
    /// Position in [`Water::patterns`] of a multiplier of the head.
    pub pattern: Option<u32>,
    /// Where it is, if known.
    pub position: Option<Position>,
}

/// A tank.
#[derive(Clone, Debug, PartialEq)]
pub struct Tank {
    /// The user's id.
    pub id: String,
    /// Elevation of the bottom, m.
    pub elevation_m: f64,
    /// Level at the start, m above the bottom.
    pub init_level_m: f64,
    /// Lowest level at which it still delivers, m.
    pub min_level_m: f64,
    /// Highest level, m.
    pub max_level_m: f64,
    /// Diameter of a cylindrical tank, m.
    pub diameter_m: f64,
    /// Volume below the lowest level, m³.
    pub min_volume_m3: f64,
    /// (level m, volume m³) points; empty for a cylinder.
    pub volume_curve: Vec<(f64, f64)>,
    /// True: it spills when full instead of closing its inlet.
    pub overflow: bool,
    /// Where it is, if known.
    pub position: Option<Position>,
    /// The facility it belongs to, if its author named one.
    pub facility: Option<String>,
}

/// Initial status of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipeStatus {
    /// Water may flow both ways.
    Open,
    /// No flow.
    Closed,
    /// Flow only from → to.
    CheckValve,
}

/// A pipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe<N = WaterNodeIdx> {
    /// The user's id.
    pub id: String,
    /// From node.
    pub from: N,
    /// To node.
    pub to: N,
    /// Length, m.
    pub length_m: f64,
    /// Inner diameter, mm.
    pub diameter_mm: f64,
    /// Roughness in the unit of [`HeadLoss`].
    pub roughness: f64,
    /// Minor-loss coefficient.
    pub minor_loss: f64,
    /// Status at the start.
    pub status: PipeStatus,
}

/// A leak along a pipe that grows with pressure, the FAVAD model of EPANET 2.3 (section
/// `[LEAKAGE]`): at pressure p in m each metre of pipe loses
/// `0.6 √(2 g p) (area + expansion p) / 100` (areas in m²); each half of the pipe at the
/// pressure of its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeLeak {
    /// Position in [`Water::pipes`].
    pub pipe: u32,
    /// Area of the leak without pressure, mm² in 100 m of pipe.
    pub area_mm2_100m: f64,
    /// Growth of that area, mm² in 100 m of pipe for 1 m of pressure.
    pub expansion_mm2_m_100m: f64,
}

/// What a pump adds.
#[derive(Clone, Debug, PartialEq)]
pub enum PumpCurve {
    /// Constant power in kW given to the water.
    Power {
        /// Power, kW.
        kw: f64,
    },
    /// (flow m³/h, head m) points: one (EPANET's design point rule), three starting
    /// at zero flow (power function), or any other number (polyline).
    Points(Vec<(f64, f64)>),
}

/// A pump.
#[derive(Clone, Debug, PartialEq)]
pub struct Pump<N = WaterNodeIdx> {
    /// The user's id.
    pub id: String,
    /// Suction node.
    pub from: N,
    /// Discharge node.
    pub to: N,
    /// What it adds.
    pub curve: PumpCurve,
    /// Relative speed at the start; 1 is nominal.
    pub speed: f64,
    /// Position in [`Water::patterns`] of the speed over time; `speed` then plays no part.
    pub pattern: Option<u32>,
    /// False: off at the start.
    pub on: bool,
    /// The facility it belongs to, if its author named one.
    pub facility: Option<String>,
}

/// EPANET's valve types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValveKind {
    /// Pressure reducing; the setting is a pressure in m.
    Prv,
    /// Pressure sustaining; the setting is a pressure in m.
    Psv,
    /// Pressure breaker; the setting is a loss in m.
    Pbv,
    /// Flow control; the setting is a flow in m³/h.
    Fcv,
    /// Throttle; the setting is a loss coefficient.
    Tcv,
    /// General purpose; head loss from a curve.
    Gpv,
    /// Positional control; the setting is how far it is open, %.
    Pcv,
}

/// Status that the file fixes for a valve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValveStatus {
    /// Works by its setting.
    Active,
    /// Held open.
    Open,
    /// Held closed.
    Closed,
}

/// A valve.
#[derive(Clone, Debug, PartialEq)]
pub struct Valve<N = WaterNodeIdx> {
    /// The user's id.
    pub id: String,
    /// From node.
    pub from: N,
    /// To node.
    pub to: N,
    /// Type.
    pub kind: ValveKind,
    /// Diameter, mm.
    pub diameter_mm: f64,
    /// Setting in the unit of [`ValveKind`].
    pub setting: f64,
    /// (flow m³/h, loss m) points of a general purpose valve. Of a positional control valve:
    /// (opening %, flow at the same loss in % of that when fully open); none means that both
    /// are the same.
    pub curve: Vec<(f64, f64)>,
    /// Minor-loss coefficient when open.
    pub minor_loss: f64,
    /// Status at the start.
    pub status: ValveStatus,
}

/// Multipliers, one per [`WaterOptions::pattern_step_h`], repeated for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The user's id.
    pub id: String,
    /// Multipliers; never empty.
    pub multipliers: Vec<f64>,
}

/// Which table a controlled pipe, pump or valve is in, with its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaterEdge {
    /// A row of [`Water::pipes`].
    Pipe(u32),
    /// A row of [`Water::pumps`].
    Pump(u32),
    /// A row of [`Water::valves`].
    Valve(u32),
}

/// A simple control of EPANET: when a condition holds, set a status or setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Control<N = WaterNodeIdx> {
    /// What is set.
    pub edge: WaterEdge,
    /// What it is set to.
    pub action: ControlAction,
    /// When.
    pub when: ControlWhen<N>,
}

/// What a control does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ControlAction {
    /// Open the pipe or valve, start the pump.
    Open,
    /// Close the pipe or valve, stop the pump.
    Close,
    /// Set the speed of a pump or the setting of a valve (unit of its kind).
    Set(f64),
}

/// When a control acts.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlWhen<N = WaterNodeIdx> {
    /// Level of a tank (m above its bottom) or pressure of a junction (m) above this.
    Above {
        /// The node watched.
        node: N,
        /// The limit, m.
        limit_m: f64,
    },
    /// Level of a tank or pressure of a junction below this.
    Below {
        /// The node watched.
        node: N,
        /// The limit, m.
        limit_m: f64,
    },
    /// At simulated time, h.
    AtTime {
        /// Hours since the start.
        time_h: f64,
    },
    /// Every day at clock time, h after midnight.
    AtClock {
        /// Hours after midnight.
        clock_h: f64,
    },
}
