//! One hour of the water network.

use super::part::{Part, Trouble, split};
use super::setting::{self, Setting};
use crate::region::{Water, WaterEdge};
use crate::results::HourStatus;
use rayon::prelude::*;

/// What outlives the hour. Made by [`WaterSolver::initial_state`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaterState {
    /// By tank: level above the bottom, m.
    pub level_m: Vec<f64>,
    /// Simulated time, h.
    pub time_h: f64,
    /// By tank: net inflow at the end of the last step, m³/h (controls on levels act a
    /// moment early because of it, as in EPANET).
    pub tank_inflow_m3h: Vec<f64>,
    /// What controls have set: pipes, then pumps, then valves.
    pub settings: Vec<Setting>,
}

/// The water network in one hour.
#[derive(Clone, Copy, Debug)]
pub struct WaterInput<'a> {
    /// By junction: demand, m³/h; negative values feed the network (where a head is given
    /// somewhere; against at most 250 m of pressure).
    pub demand_m3h: &'a [f64],
    /// By pump: share of its capacity that works; 0 is off whatever its controls say.
    pub pump_capacity: &'a [f64],
    /// By pipe: false when broken and isolated.
    pub pipe_whole: &'a [bool],
    /// By tank: false when it cannot be used; the node then only connects.
    pub tank_whole: &'a [bool],
    /// Length of the step, h. A step of 0 solves the moment and moves nothing but controls.
    pub step_h: f64,
}

/// What the hour came to: time averages over the step where not said otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaterHour {
    /// By junction: supplied, m³/h; from 0 to the demand. For an inflow (negative demand)
    /// what comes in, as a negative number.
    pub supplied_m3h: Vec<f64>,
    /// By node: head in the last hydraulic state of the step, m; of tanks that at the end of
    /// the step; NaN where no water can come from any source.
    pub head_m: Vec<f64>,
    /// By pipe: flow from → to, m³/h.
    pub pipe_flow_m3h: Vec<f64>,
    /// By pump: flow, m³/h.
    pub pump_flow_m3h: Vec<f64>,
    /// By valve: flow from → to, m³/h.
    pub valve_flow_m3h: Vec<f64>,
    /// Largest mass imbalance of any junction in any moment of the step, m³/h.
    pub imbalance_m3h: f64,
    /// How it ended.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the network alone prepared once. Parts of the
/// network that exchange no water are solved each by itself, in parallel.
#[derive(Clone, Debug)]
pub struct WaterSolver {
    parts: Vec<Part>,
    junctions: usize,
}

/// Below this many nodes threads cost more than they gain.
const NODES_FOR_THREADS: usize = 400;

impl WaterSolver {
    /// Prepares for `water`; demand follows pressure.
    #[must_use]
    pub fn new(water: &Water) -> Self {
        Self { parts: split(water), junctions: water.junctions.len() }
    }

    /// With `demand_driven`, every junction that water can reach gets its demand whatever
    /// the pressure: EPANET's default, right for comparison and wrong for outages.
    #[must_use]
    pub fn demand_driven(mut self, demand_driven: bool) -> Self {
        for part in &mut self.parts {
            part.net.demand_driven = demand_driven;
        }
        self
    }

    /// Number of parts that exchange no water.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The state at simulated time 0.
    #[must_use]
    pub fn initial_state(&self, water: &Water) -> WaterState {
        WaterState {
            level_m: water.tanks.iter().map(|t| t.init_level_m).collect(),
            time_h: 0.0,
            tank_inflow_m3h: vec![0.0; water.tanks.len()],
            settings: setting::initial(water),
        }
    }

    /// Simulates one step and moves `state` to its end. `water` must be the one that the
    /// solver was made for. Never panics, never gives NaN but where documented.
    pub fn step(
        &mut self,
        water: &Water,
        input: &WaterInput<'_>,
        state: &mut WaterState,
    ) -> WaterHour {
        self.complete(water, state);
        if water.rules.is_empty() || input.step_h <= 0.0 {
            self.leap(water, input, state)
        } else {
            self.step_by_rules(water, input, state)
        }
    }

    /// One step without a look at rules.
    pub(super) fn leap(
        &mut self,
        water: &Water,
        input: &WaterInput<'_>,
        state: &mut WaterState,
    ) -> WaterHour {
        let (time_h, before) = (state.time_h, &*state);
        let advance = |part: &mut Part| {
            part.advance(
                water,
                input,
                time_h,
                &before.level_m,
                &before.tank_inflow_m3h,
                &before.settings,
            );
        };
        if self.parts.len() > 1 && water.node_count() > NODES_FOR_THREADS {
            self.parts.par_iter_mut().for_each(advance);
        } else {
            self.parts.iter_mut().for_each(advance);
        }
        state.time_h += input.step_h.max(0.0);
        self.gather(water, input, state)
    }

    /// Fills in what a state that was made elsewhere lacks.
    fn complete(&self, water: &Water, state: &mut WaterState) {
        let tanks = water.tanks.len();
        let links = water.pipes.len() + water.pumps.len() + water.valves.len();
        if state.level_m.len() != tanks {
            state.level_m = water.tanks.iter().map(|t| t.init_level_m).collect();
        }
        if state.tank_inflow_m3h.len() != tanks {
            state.tank_inflow_m3h = vec![0.0; tanks];
        }
        if state.settings.len() != links {
            state.settings = setting::initial(water);
        }
        if !state.time_h.is_finite() {
            state.time_h = 0.0;
        }
    }

    fn gather(&self, water: &Water, input: &WaterInput<'_>, state: &mut WaterState) -> WaterHour {
        let mut hour = WaterHour {
            supplied_m3h: vec![0.0; water.junctions.len()],
            head_m: vec![f64::NAN; water.node_count()],
            pipe_flow_m3h: vec![0.0; water.pipes.len()],
            pump_flow_m3h: vec![0.0; water.pumps.len()],
            valve_flow_m3h: vec![0.0; water.valves.len()],
            imbalance_m3h: 0.0,
            status: Some(HourStatus::Solved),
        };
        for (i, r) in water.reservoirs.iter().enumerate() {
            // Parts overwrite it with the head of the moment they solved.
            hour.head_m[self.junctions + i] = r.head_m;
        }
        for part in &self.parts {
            let out = &part.out;
            for (i, &node) in part.nodes.iter().enumerate() {
                hour.head_m[node as usize] = out.head_m[i];
                if i < part.junctions {
                    let asked = input.demand_m3h.get(node as usize).copied().unwrap_or(0.0);
                    let got = out.supplied[i] * 3600.0;
                    // Conversion of units rounds; less than asked stays less.
                    hour.supplied_m3h[node as usize] =
                        if asked >= 0.0 { got.clamp(0.0, asked) } else { got };
                }
            }
            for (e, link) in part.links.iter().enumerate() {
                let q = out.link_flow[e] * 3600.0;
                match link.edge {
                    WaterEdge::Pipe(i) => hour.pipe_flow_m3h[i as usize] = q,
                    WaterEdge::Pump(i) => hour.pump_flow_m3h[i as usize] = q,
                    WaterEdge::Valve(i) => hour.valve_flow_m3h[i as usize] = q,
                }
                state.settings[link.setting] = part.set[e];
            }
            for (k, t) in part.tanks.iter().enumerate() {
                state.level_m[t.tank] = out.level_m[k];
                state.tank_inflow_m3h[t.tank] = out.tank_inflow[k] * 3600.0;
            }
            hour.imbalance_m3h = hour.imbalance_m3h.max(out.imbalance * 3600.0);
            if let Some(trouble) = out.trouble {
                let worse = describe(water, part, trouble);
                let take = match (&hour.status, &worse) {
                    (Some(HourStatus::NotConverged { .. }), _) => false,
                    (_, HourStatus::NotConverged { .. }) => true,
                    (Some(HourStatus::Relaxed { .. }), _) => false,
                    (Some(HourStatus::Solved) | None, _) => true,
                };
                if take {
                    hour.status = Some(worse);
                }
            }
        }
        hour
    }
}

/// What went wrong in a part, for people.
pub(super) fn describe(water: &Water, part: &Part, trouble: Trouble) -> HourStatus {
    let node = |i: usize| node_name(water, part.nodes[i] as usize);
    let why = match trouble {
        Trouble::NotConverged(i) => return HourStatus::NotConverged { place: node(i) },
        Trouble::Held(e) => {
            let name = match part.links[e].edge {
                WaterEdge::Valve(i) => water.valves[i as usize].id.clone(),
                WaterEdge::Pipe(_) | WaterEdge::Pump(_) => String::new(),
            };
            format!("valve {name} was kept as it was because it kept switching")
        }
        Trouble::Restless => "valves did not come to rest".to_owned(),
        Trouble::Chatter => {
            "controls switched so often that they were ignored for the rest of the hour".to_owned()
        }
        Trouble::NoRoom(i) => {
            format!("more water flows in than can be used or stored near {}", node(i))
        }
        Trouble::NoHead(i) => {
            return HourStatus::NotConverged {
                place: format!("{}: no heads meet the demands that are given", node(i)),
            };
        }
    };
    HourStatus::Relaxed { why }
}

fn node_name(water: &Water, node: usize) -> String {
    let r = water.junctions.len();
    let t = r + water.reservoirs.len();
    if node < r {
        water.junctions[node].id.clone()
    } else if node < t {
        water.reservoirs[node - r].id.clone()
    } else {
        water.tanks.get(node - t).map(|t| t.id.clone()).unwrap_or_default()
    }
}
