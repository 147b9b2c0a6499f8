//! One hour of the district-heating networks.

use rayon::prelude::*;

use super::component::{End, Members, Network};
use super::curve::supply_set_c;
use super::emitter::DESIGN_INDOOR_C;
use super::thermal::{Plug, Side};
use super::water::HeatSettings;
use crate::region::{Heat, Laid};
use crate::results::HourStatus;

/// What outlives the hour: the warmth of the pipes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatState {
    /// By junction: supply temperature, °C.
    pub supply_c: Vec<f64>,
    /// By junction: return temperature, °C.
    pub return_c: Vec<f64>,
    /// By pipe pair: the water in both. A pipe of which nothing is known is filled with
    /// water between the temperatures of its junctions.
    pub pipes: Vec<PipeWater>,
}

/// The water in the supply and the return pipe of a pair, as plugs of one temperature
/// profile each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PipeWater {
    supply: Vec<Plug>,
    back: Vec<Plug>,
}

impl PipeWater {
    /// Mean temperatures of supply and return, °C; none in a pipe without content.
    #[must_use]
    pub fn mean_c(&self) -> Option<(f64, f64)> {
        let mean = |plugs: &[Plug]| {
            let content: f64 = plugs.iter().map(|p| p.heat_j_k).sum();
            let heat: f64 = plugs.iter().map(|p| p.heat_j_k * p.mean_c()).sum();
            (content > 0.0).then(|| heat / content)
        };
        mean(&self.supply).zip(mean(&self.back))
    }
}

/// The heat networks in one hour.
#[derive(Clone, Copy, Debug)]
pub struct HeatInput<'a> {
    /// By plant: heat it can make now, MW (damage, fuel, electricity, water).
    pub available_mw: &'a [f64],
    /// By plant: share of its circulation pumps' head that works; 0 when dark.
    pub circulation: &'a [f64],
    /// By pipe pair: false when broken and isolated.
    pub pipe_whole: &'a [bool],
    /// By substation: heat asked for to heat homes, MW.
    pub demand_mw: &'a [f64],
    /// By substation: heat asked for to make hot tap water, MW.
    pub hot_water_mw: &'a [f64],
    /// By substation: indoor temperature behind it, °C (limits what it can hand over).
    pub indoor_c: &'a [f64],
    /// Outdoor temperature, °C (sets the supply temperature by the heating curve).
    pub outdoor_c: f64,
    /// Length of the step, h.
    pub step_h: f64,
}

/// What the hour came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatHour {
    /// By substation: heat handed over to homes, MW (≤ demand).
    pub delivered_mw: Vec<f64>,
    /// By substation: heat handed over to tap water, MW (≤ asked for).
    pub hot_water_mw: Vec<f64>,
    /// By plant: heat made, MW.
    pub made_mw: Vec<f64>,
    /// By plant: flow, kg/s.
    pub plant_flow_kg_s: Vec<f64>,
    /// By plant: supply temperature, °C.
    pub plant_supply_c: Vec<f64>,
    /// By pipe pair: flow from → to, kg/s.
    pub pipe_flow_kg_s: Vec<f64>,
    /// By pipe pair: temperature of the water that leaves the supply pipe at the end of the
    /// step, °C; NaN without flow.
    pub pipe_outlet_c: Vec<f64>,
    /// By pipe pair: heat lost by supply and return, MW.
    pub pipe_lost_mw: Vec<f64>,
    /// By junction: pressure of the supply above the return, bar; NaN where no plant
    /// circulates.
    pub difference_bar: Vec<f64>,
    /// Heat lost to what surrounds the pipes, MW.
    pub lost_mw: f64,
    /// Heat put into (or taken from) the warmth of the pipes, MW.
    pub stored_mw: f64,
    /// |made − delivered − hot water − lost − stored| relative to the largest of them.
    pub balance_error: f64,
    /// How it ended.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the networks alone prepared once. Networks
/// that no pipe connects are computed apart and in parallel; results do not depend on
/// the number of threads nor on the hours computed before.
#[derive(Clone, Debug)]
pub struct HeatSolver {
    networks: Vec<Network>,
}

/// A step takes some time, and ends, s.
const LEAST_STEP_S: f64 = 1e-3;
const LONGEST_STEP_S: f64 = 1e13;

/// Where water is, and more, °C.
const COLDEST_C: f64 = -100.0;
const HOTTEST_C: f64 = 400.0;

/// Long enough for any network to settle, h.
const SETTLED_H: f64 = 1e9;

impl HeatSolver {
    /// Prepares for `heat`.
    #[must_use]
    pub fn new(heat: &Heat) -> Self {
        Self::with_settings(heat, HeatSettings::default())
    }

    /// Prepares for `heat` with other water or other substations than by default.
    #[must_use]
    pub fn with_settings(heat: &Heat, settings: HeatSettings) -> Self {
        let (members, local) = split(heat);
        let networks = members
            .into_iter()
            .map(|m| Network::new(heat, settings, m, |junction| local[junction]))
            .collect();
        Self { networks }
    }

    /// Number of networks that no pipe connects.
    #[must_use]
    pub fn networks(&self) -> usize {
        self.networks.len()
    }

    /// The state of a network that has run at `outdoor_c` for long: whole, with every
    /// plant at work and homes at 20 °C asking for their share of design heat.
    #[must_use]
    pub fn initial_state(&self, heat: &Heat, outdoor_c: f64) -> HeatState {
        let options = &heat.options;
        let span = (DESIGN_INDOOR_C - options.design_outdoor_c).max(1.0);
        let share = ((DESIGN_INDOOR_C - outdoor_c) / span).clamp(0.0, 1.0);
        let set = supply_set_c(options, outdoor_c);
        let mut state = HeatState {
            supply_c: vec![set; heat.junctions.len()],
            return_c: vec![options.design_return_c.min(set); heat.junctions.len()],
            pipes: Vec::new(),
        };
        let demand: Vec<f64> = heat.substations.iter().map(|s| s.design_mw * share).collect();
        let input = HeatInput {
            available_mw: &heat.plants.iter().map(|p| p.heat_max_mw).collect::<Vec<_>>(),
            circulation: &vec![1.0; heat.plants.len()],
            pipe_whole: &vec![true; heat.pipes.len()],
            demand_mw: &demand,
            hot_water_mw: &heat.substations.iter().map(|s| s.hot_water_mw).collect::<Vec<_>>(),
            indoor_c: &vec![DESIGN_INDOOR_C; heat.substations.len()],
            outdoor_c,
            step_h: SETTLED_H,
        };
        self.clone().step(heat, &input, &mut state);
        state
    }

    /// Simulates one step and moves `state` to its end. Never panics.
    pub fn step(&mut self, heat: &Heat, input: &HeatInput<'_>, state: &mut HeatState) -> HeatHour {
        let ground = heat.options.ground_c;
        state.supply_c.resize(heat.junctions.len(), ground);
        state.return_c.resize(heat.junctions.len(), ground);
        state.pipes.resize(heat.pipes.len(), PipeWater::default());
        let outdoor_c = finite(input.outdoor_c, heat.options.design_outdoor_c);
        let set = supply_set_c(&heat.options, outdoor_c);
        for n in &mut self.networks {
            n.take(heat, input, state, set);
        }
        self.networks.par_iter_mut().for_each(Network::solve);
        let mut hour = HeatHour {
            delivered_mw: vec![0.0; heat.substations.len()],
            hot_water_mw: vec![0.0; heat.substations.len()],
            pipe_outlet_c: vec![f64::NAN; heat.pipes.len()],
            pipe_lost_mw: vec![0.0; heat.pipes.len()],
            difference_bar: vec![f64::NAN; heat.junctions.len()],
            made_mw: vec![0.0; heat.plants.len()],
            plant_flow_kg_s: vec![0.0; heat.plants.len()],
            plant_supply_c: vec![ground; heat.plants.len()],
            pipe_flow_kg_s: vec![0.0; heat.pipes.len()],
            status: Some(HourStatus::Solved),
            ..HeatHour::default()
        };
        for n in &self.networks {
            n.give(input, &mut hour, state);
        }
        let sum = |v: &[f64]| v.iter().sum::<f64>();
        let made = sum(&hour.made_mw);
        let delivered = sum(&hour.delivered_mw) + sum(&hour.hot_water_mw);
        let scale = made.max(delivered).max(hour.lost_mw.abs()).max(hour.stored_mw.abs());
        let error = (made - delivered - hour.lost_mw - hour.stored_mw).abs();
        hour.balance_error = if scale > 0.0 { error / scale } else { 0.0 };
        hour.status = Some(self.status(heat));
        hour
    }

    /// The worst end of all networks, in words.
    fn status(&self, heat: &Heat) -> HourStatus {
        let mut loose = 0;
        let mut throttled = None;
        let mut worst: f64 = 0.0;
        for n in &self.networks {
            match n.out.end {
                End::Solved => {}
                End::Loose(apart) => {
                    loose += 1;
                    worst = worst.max(apart);
                }
                End::Throttled => throttled = throttled.or(Some(n)),
                End::Apart(apart) => {
                    let place = format!(
                        "heat network of {}: temperatures differ by {apart:.2} K",
                        n.name(heat)
                    );
                    return HourStatus::NotConverged { place };
                }
                End::NoFlows(at) => {
                    let junction = n.junctions.get(at).map(|&j| &heat.junctions[j as usize].id);
                    let near = junction.map_or(String::new(), |id| format!(" near junction {id}"));
                    let place = format!("flows of the heat network of {}{near}", n.name(heat));
                    return HourStatus::NotConverged { place };
                }
            }
        }
        if let Some(n) = throttled {
            let why = format!(
                "heat network of {}: plants short of heat throttled to find steady flows",
                n.name(heat)
            );
            return HourStatus::Relaxed { why };
        }
        if loose == 0 {
            return HourStatus::Solved;
        }
        let why = format!("temperatures of {loose} heat networks agree within {worst:.1e} K only");
        HourStatus::Relaxed { why }
    }
}

impl Network {
    /// The network's plant, or a junction of it, for people.
    fn name(&self, heat: &Heat) -> String {
        match (self.plants.first(), self.junctions.first()) {
            (Some(&p), _) => format!("plant {}", heat.plants[p as usize].id),
            (None, Some(&j)) => format!("junction {}", heat.junctions[j as usize].id),
            (None, None) => String::new(),
        }
    }

    /// Takes its part of the inputs.
    fn take(&mut self, heat: &Heat, input: &HeatInput<'_>, state: &HeatState, set_c: f64) {
        let ground_c = heat.options.ground_c;
        for (k, &p) in self.plants.iter().enumerate() {
            let p = p as usize;
            self.given.available_w[k] = finite(input.available_mw[p], 0.0).max(0.0) * 1e6;
            self.given.circulation[k] = finite(input.circulation[p], 0.0).clamp(0.0, 1.0);
        }
        for (k, &s) in self.substations.iter().enumerate() {
            let s = s as usize;
            self.given.demand_w[k] = finite(input.demand_mw[s], 0.0).max(0.0) * 1e6;
            self.given.hot_water_w[k] = finite(input.hot_water_mw[s], 0.0).max(0.0) * 1e6;
            self.given.indoor_c[k] = finite(input.indoor_c[s], DESIGN_INDOOR_C);
        }
        for k in 0..self.pipes.len() {
            let whole = input.pipe_whole[self.pipes[k] as usize];
            self.set_whole(k, whole);
        }
        for (k, &j) in self.junctions.iter().enumerate() {
            let water = |t_c: f64| finite(t_c, ground_c).clamp(COLDEST_C, HOTTEST_C);
            self.supply.start_c[k] = water(state.supply_c[j as usize]);
            self.back.start_c[k] = water(state.return_c[j as usize]);
        }
        self.given.supply_set_c = set_c;
        for (k, &p) in self.pipes.iter().enumerate() {
            let water = &state.pipes[p as usize];
            take_plugs(&mut self.supply, k, &water.supply);
            take_plugs(&mut self.back, k, &water.back);
            self.thermal.around_c[k] = match heat.pipes[p as usize].laid {
                Laid::Ground => ground_c,
                Laid::Air => finite(input.outdoor_c, heat.options.design_outdoor_c),
            };
        }
        self.thermal.fill(&mut self.supply);
        self.thermal.fill(&mut self.back);
        self.warm_water(ground_c);
        self.given.step_s =
            (finite(input.step_h, 0.0) * 3600.0).clamp(LEAST_STEP_S, LONGEST_STEP_S);
    }

    /// Writes its part of the results.
    fn give(&self, input: &HeatInput<'_>, hour: &mut HeatHour, state: &mut HeatState) {
        let out = &self.out;
        for (k, &p) in self.plants.iter().enumerate() {
            let p = p as usize;
            let most = finite(input.available_mw[p], 0.0).max(0.0);
            hour.made_mw[p] = (out.made_w[k] * 1e-6).min(most);
            hour.plant_flow_kg_s[p] = out.plant_kg_s[k];
            hour.plant_supply_c[p] = out.plant_supply_c[k];
        }
        for (k, &s) in self.substations.iter().enumerate() {
            // The way through watts must not round up past the demand.
            let most = finite(input.demand_mw[s as usize], 0.0).max(0.0);
            hour.delivered_mw[s as usize] = (out.delivered_w[k] * 1e-6).min(most);
            let most = finite(input.hot_water_mw[s as usize], 0.0).max(0.0);
            hour.hot_water_mw[s as usize] = (out.hot_water_w[k] * 1e-6).min(most);
        }
        for (k, &p) in self.pipes.iter().enumerate() {
            hour.pipe_flow_kg_s[p as usize] = out.pipe_kg_s[k];
            hour.pipe_outlet_c[p as usize] = out.pipe_outlet_c[k];
            hour.pipe_lost_mw[p as usize] = out.pipe_lost_w[k] * 1e-6;
        }
        for (k, &j) in self.junctions.iter().enumerate() {
            state.supply_c[j as usize] = self.supply.end_c[k];
            state.return_c[j as usize] = self.back.end_c[k];
            hour.difference_bar[j as usize] = self.difference_bar(k);
        }
        for (k, &p) in self.pipes.iter().enumerate() {
            let water = &mut state.pipes[p as usize];
            water.supply.clone_from(&self.supply.after[k]);
            water.back.clone_from(&self.back.after[k]);
        }
        hour.lost_mw += out.lost_w * 1e-6;
        hour.stored_mw += out.stored_w * 1e-6;
    }
}

fn take_plugs(side: &mut Side, pipe: usize, plugs: &[Plug]) {
    side.plugs[pipe].clear();
    side.plugs[pipe].extend_from_slice(plugs);
}

fn finite(x: f64, otherwise: f64) -> f64 {
    if x.is_finite() { x } else { otherwise }
}

/// Networks that no pipe connects, by their lowest junction, and every junction's
/// position in its network.
fn split(heat: &Heat) -> (Vec<Members>, Vec<u32>) {
    let n = heat.junctions.len();
    let mut parent: Vec<usize> = (0..n).collect();
    fn root(parent: &mut [usize], mut i: usize) -> usize {
        while parent[i] != i {
            parent[i] = parent[parent[i]];
            i = parent[i];
        }
        i
    }
    for pipe in &heat.pipes {
        let (a, b) = (root(&mut parent, pipe.from.i()), root(&mut parent, pipe.to.i()));
        parent[a.max(b)] = a.min(b);
    }
    let mut number = vec![usize::MAX; n];
    let mut members: Vec<Members> = Vec::new();
    let mut local = vec![0; n];
    let mut whose = vec![0; n];
    for j in 0..n {
        let r = root(&mut parent, j);
        if number[r] == usize::MAX {
            number[r] = members.len();
            members.push(Members::default());
        }
        whose[j] = number[r];
        let m = &mut members[whose[j]];
        local[j] = index(m.junctions.len());
        m.junctions.push(index(j));
    }
    for (i, pipe) in heat.pipes.iter().enumerate() {
        members[whose[pipe.from.i()]].pipes.push(index(i));
    }
    for (i, plant) in heat.plants.iter().enumerate() {
        members[whose[plant.junction.i()]].plants.push(index(i));
    }
    for (i, s) in heat.substations.iter().enumerate() {
        members[whose[s.junction.i()]].substations.push(index(i));
    }
    (members, local)
}

/// Tables are checked to hold fewer than 2³² rows.
fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
