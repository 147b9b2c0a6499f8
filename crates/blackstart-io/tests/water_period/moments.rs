//! The same moments: what this program finds for a report of EPANET's when it starts from
//! EPANET's levels of tanks and settings of links. How levels came about (times of events, an
//! hour that EPANET did not solve) does not matter to it.

use blackstart::pipes::WATER_KN_M3;
use blackstart::region::{PipeStatus, PumpCurve, ValveKind, ValveStatus, Water};
use blackstart::water::{Setting, WaterHour, WaterInput, WaterSolver, WaterState, demand_at};

use super::Row;

/// EPANET's state of a pump, a valve or a link with controls.
pub struct Set {
    /// Among pipes, then pumps, then valves.
    pub link: usize,
    /// False if closed by whatever.
    pub open: bool,
    /// Speed of a pump, setting of a valve in our units; none of a valve held open or closed.
    pub value: Option<f64>,
}

/// Solves moments of one network.
pub struct Moments {
    water: Water,
    solver: WaterSolver,
    initial: WaterState,
    demand_m3h: Vec<f64>,
    /// A pump that is closed from the start has a speed (EPANET 2.2).
    blurred: bool,
}

/// Rounding of a setting between units, as a share.
const SAME: f64 = 1e-3;

impl Moments {
    pub fn new(water: &Water, version: &str, demand_driven: bool) -> Self {
        let mut water = water.clone();
        // EPANET's settings are what its controls and patterns came to.
        water.controls.clear();
        water.rules.clear();
        for pump in &mut water.pumps {
            pump.pattern = None;
        }
        let solver = WaterSolver::new(&water).demand_driven(demand_driven);
        let initial = solver.initial_state(&water);
        let demand_m3h = vec![0.0; water.junctions.len()];
        Self { water, solver, initial, demand_m3h, blurred: version == "2.2" }
    }

    /// Heads and flows at a report of EPANET's, and how many pumps that stand still there were
    /// taken as off.
    pub fn solve(&mut self, row: &Row, dark: bool) -> (WaterHour, usize) {
        let mut state = self.initial.clone();
        state.time_h = row.time_s as f64 / 3600.0;
        let first_tank = self.water.junctions.len() + self.water.reservoirs.len();
        for (k, tank) in self.water.tanks.iter().enumerate() {
            let level_m = row.head_m[first_tank + k] - tank.elevation_m;
            // Heads are written to 1e-5 m: a full tank is full.
            let at = |limit_m: f64| (level_m - limit_m).abs() < AT_LIMIT_M;
            state.level_m[k] = if at(tank.max_level_m) {
                tank.max_level_m
            } else if at(tank.min_level_m) {
                tank.min_level_m
            } else {
                level_m
            };
        }
        for set in &row.sets {
            state.settings[set.link] = self.setting(set, state.settings[set.link]);
        }
        demand_at(&self.water, state.time_h, &mut self.demand_m3h);
        let ours = self.step(&mut state.clone(), dark);
        let stuck = if dark { Vec::new() } else { self.stuck_pumps(row, &ours) };
        if stuck.is_empty() {
            return (ours, 0);
        }
        for &link in &stuck {
            state.settings[link].status = ValveStatus::Closed;
        }
        (self.step(&mut state, dark), stuck.len())
    }

    fn step(&mut self, state: &mut WaterState, dark: bool) -> WaterHour {
        let pumps = vec![if dark { 0.0 } else { 1.0 }; self.water.pumps.len()];
        let input = WaterInput {
            demand_m3h: &self.demand_m3h,
            pump_capacity: &pumps,
            pipe_whole: &vec![true; self.water.pipes.len()],
            tank_whole: &vec![true; self.water.tanks.len()],
            step_h: 0.0,
        };
        self.solver.step(&self.water, &input, state)
    }

    fn setting(&self, set: &Set, initial: Setting) -> Setting {
        let held = |open: bool| if open { ValveStatus::Open } else { ValveStatus::Closed };
        let (pipes, pumps) = (self.water.pipes.len(), self.water.pumps.len());
        if set.link < pipes {
            if self.water.pipes[set.link].status == PipeStatus::CheckValve {
                return initial;
            }
            return Setting { status: held(set.open), ..initial };
        }
        if set.link < pipes + pumps {
            // One that stands because of heads runs as far as its controls go.
            let value = set.value.unwrap_or(0.0);
            let value = if self.blurred && !set.open { 0.0 } else { value };
            return Setting { status: held(value > 0.0), value };
        }
        let kind = self.water.valves[set.link - pipes - pumps].kind;
        match set.value {
            None => Setting { status: held(set.open), ..initial },
            Some(_) if kind == ValveKind::Gpv => initial,
            // To EPANET the setting of a valve that is held is 0, or none.
            Some(value) if value == 0.0 && (!set.open || initial.value != 0.0) => {
                Setting { status: held(set.open), ..initial }
            }
            Some(value) => {
                let same = (value - initial.value).abs() <= SAME * initial.value.abs();
                let value = if same { initial.value } else { value };
                Setting { status: ValveStatus::Active, value }
            }
        }
    }

    /// Pumps of given power that EPANET's controls let run and that give less than half of it
    /// there though they can run: here they do. EPANET takes such a pump with next to no flow
    /// for a closed link and does not start it again by itself (`pumpcoeff` and `pumpstatus`
    /// in its source).
    fn stuck_pumps(&self, row: &Row, ours: &WaterHour) -> Vec<usize> {
        let pipes = self.water.pipes.len();
        let stuck = |set: &Set| {
            let i = set.link.checked_sub(pipes)?;
            let pump = self.water.pumps.get(i)?;
            let PumpCurve::Power { kw } = pump.curve else { return None };
            let speed = set.value.unwrap_or(0.0);
            let lift_m = row.head_m[pump.to.i()] - row.head_m[pump.from.i()];
            let given_kw = WATER_KN_M3 * row.flow_l_s[set.link] / 1000.0 * lift_m;
            (speed > 0.0
                && (set.open || !self.blurred)
                && given_kw < 0.5 * kw * speed.powi(3)
                && ours.pump_flow_m3h[i] / 3.6 > STANDS_L_S)
                .then_some(set.link)
        };
        row.sets.iter().filter_map(stuck).collect()
    }
}

/// True if an empty tank gives water in EPANET, or a full one that cannot overflow takes some.
pub fn tank_breached(water: &Water, row: &Row) -> bool {
    let first = water.junctions.len() + water.reservoirs.len();
    let mut inflow_l_s = vec![0.0; water.tanks.len()];
    for (&(a, b), q) in ends(water).iter().zip(&row.flow_l_s) {
        for (node, q) in [(a, -q), (b, *q)] {
            if let Some(k) = node.checked_sub(first) {
                inflow_l_s[k] += q;
            }
        }
    }
    water.tanks.iter().zip(&inflow_l_s).zip(&row.head_m[first..]).any(|((tank, &q), head_m)| {
        let level_m = head_m - tank.elevation_m;
        let empty = level_m < tank.min_level_m + AT_LIMIT_M;
        let full = level_m > tank.max_level_m - AT_LIMIT_M && !tank.overflow;
        empty && q < -STANDS_L_S || full && q > STANDS_L_S
    })
}

fn ends(water: &Water) -> Vec<(usize, usize)> {
    let pipes = water.pipes.iter().map(|p| (p.from.i(), p.to.i()));
    let pumps = water.pumps.iter().map(|p| (p.from.i(), p.to.i()));
    let valves = water.valves.iter().map(|v| (v.from.i(), v.to.i()));
    pipes.chain(pumps).chain(valves).collect()
}

/// Nodes that EPANET's closed links cut off from every reservoir and tank and at which no water
/// moves: heads there are any.
pub fn still(water: &Water, row: &Row) -> Vec<bool> {
    let mut open = vec![true; row.flow_l_s.len()];
    for set in &row.sets {
        open[set.link] = set.open;
    }
    let ends = ends(water);
    let mut fed = vec![false; water.node_count()];
    fed[water.junctions.len()..].fill(true);
    loop {
        let mut more = false;
        for (&(a, b), _) in ends.iter().zip(&open).filter(|e| *e.1) {
            more |= fed[a] != fed[b];
            (fed[a], fed[b]) = (fed[a] || fed[b], fed[a] || fed[b]);
        }
        if !more {
            break;
        }
    }
    let mut still: Vec<bool> = fed.iter().map(|f| !f).collect();
    for (&(a, b), q) in ends.iter().zip(&row.flow_l_s) {
        if q.abs() > STANDS_L_S {
            (still[a], still[b]) = (false, false);
        }
    }
    still
}

/// A tank is empty or full so near its limits, m (heads are written to 1e-5 m).
const AT_LIMIT_M: f64 = 2e-5;
/// Water that flows less stands still, l/s.
const STANDS_L_S: f64 = 0.01;
