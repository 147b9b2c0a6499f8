//! One connected network in one step: flows and temperatures that agree.
//!
//! Temperatures of plants and at substations are the unknowns. Given them, substations
//! ask for flow, the circuit is solved, both sides of the pipes are swept, and what
//! comes out is what they should have been; the iteration is accelerated (Anderson).

use super::anderson::Anderson;
use super::heat_point::{Asked, HeatPoint};
use super::hydraulics::{Circuit, Parts, content_m3};
use super::net::GRAVITY_M_S2;
use super::thermal::{Side, Thermal, Way};
use super::water::{HeatSettings, Viscosity, water_viscosity_m2_s};
use crate::region::Heat;

/// A connected network: positions in the tables of [`Heat`], and its workspace.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub junctions: Vec<u32>,
    pub pipes: Vec<u32>,
    pub plants: Vec<u32>,
    pub substations: Vec<u32>,
    plant_at: Vec<u32>,
    substation_at: Vec<u32>,
    heat_points: Vec<HeatPoint>,
    settings: HeatSettings,
    circuit: Circuit,
    pub thermal: Thermal,
    pub supply: Side,
    pub back: Side,
    anderson: Anderson,
    /// Unknowns: plants' supply, plants' return, supply at substations, °C.
    x: Vec<f64>,
    residual: Vec<f64>,
    flow_w_k: Vec<f64>,
    surplus_w_k: Vec<f64>,
    throttle: f64,
    /// Results.
    pub out: Out,
    /// Inputs.
    pub given: Given,
}

/// Inputs of one network, in its own numbering.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub available_w: Vec<f64>,
    pub circulation: Vec<f64>,
    pub demand_w: Vec<f64>,
    pub hot_water_w: Vec<f64>,
    pub indoor_c: Vec<f64>,
    pub supply_set_c: f64,
    pub step_s: f64,
}

/// Results of one network, in its own numbering.
#[derive(Clone, Debug, Default)]
pub(super) struct Out {
    pub delivered_w: Vec<f64>,
    pub hot_water_w: Vec<f64>,
    pub made_w: Vec<f64>,
    pub plant_kg_s: Vec<f64>,
    pub plant_supply_c: Vec<f64>,
    pub pipe_kg_s: Vec<f64>,
    pub pipe_outlet_c: Vec<f64>,
    pub pipe_lost_w: Vec<f64>,
    pub lost_w: f64,
    pub stored_w: f64,
    pub end: End,
}

/// How the iteration ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum End {
    #[default]
    Solved,
    /// Temperatures agree within this only, K.
    Loose(f64),
    /// Found only with plants throttled that are short of heat.
    Throttled,
    /// Temperatures differ by this, K.
    Apart(f64),
    /// The flows were not found; worst junction of the network.
    NoFlows(usize),
}

/// Temperatures at substations agree within this, K: their heat follows within 1e-7.
const AGREE_K: f64 = 1e-6;
/// Temperatures of plants agree within this, K: heat made stays within what is available.
const AGREE_PLANT_K: f64 = 1e-8;
/// Up to here results are good for anything but the last digits, K.
const LOOSE_K: f64 = 1e-2;
/// Shares of the wanted lift to which short plants are throttled, as tried.
const THROTTLES: [f64; 3] = [1.0, 0.75, 0.5];
/// Gain in heat made that is worth throttling, relative.
const GAIN: f64 = 1e-3;
/// Flows count as found within this head …
const FLOWS_HEAD_M: f64 = 1e-3;
/// … and this imbalance of a junction, m³/s, where the circuit's own far tighter
/// tolerance is not met at a kink of a law. Heat is conserved all the same.
const FLOWS_M3_S: f64 = 1e-7;
const MOST_ROUNDS: usize = 200;
/// Rounds before the iteration changes its method.
const PHASE: usize = 25;
/// Share of the plain step in the slow but sure method.
const MANN: f64 = 0.15;

impl Network {
    /// The network over `junctions` (ascending) of `heat`. `local` gives a junction's
    /// position in it.
    pub fn new(
        heat: &Heat,
        settings: HeatSettings,
        members: Members,
        local: impl Fn(usize) -> u32,
    ) -> Self {
        let Members { junctions, pipes, plants, substations } = members;
        let water = settings.water;
        let drop = (heat.options.design_supply_c - heat.options.design_return_c).max(1.0);
        let design_m3_s =
            |mw: f64| mw.max(0.0) * 1e6 / (water.heat_j_kg_k * drop * water.density_kg_m3);
        let of = |i: u32| i as usize;
        let parts = Parts {
            junctions: junctions.len(),
            pipes: pipes
                .iter()
                .map(|&p| {
                    let pipe = &heat.pipes[of(p)];
                    (local(pipe.from.i()), local(pipe.to.i()), pipe)
                })
                .collect(),
            plants: plants
                .iter()
                .map(|&p| {
                    let plant = &heat.plants[of(p)];
                    let design = design_m3_s(plant.heat_max_mw);
                    (local(plant.junction.i()), plant.pump_head_m, design)
                })
                .collect(),
            substations: substations
                .iter()
                .map(|&s| {
                    let sub = &heat.substations[of(s)];
                    (local(sub.junction.i()), design_m3_s(sub.design_mw + sub.hot_water_mw))
                })
                .collect(),
        };
        let circuit = Circuit::new(&parts, &water);
        let per_m3 = water.density_kg_m3 * water.heat_j_kg_k;
        let thermal = Thermal::new(
            junctions.len(),
            parts.pipes.iter().map(|&(a, b, _)| (a, b)).collect(),
            parts.pipes.iter().map(|&(.., p)| p.loss_w_m_k * p.length_m).collect(),
            parts.pipes.iter().map(|&(.., p)| content_m3(p) * per_m3).collect(),
        );
        let heat_points = substations
            .iter()
            .zip(&parts.substations)
            .map(|(&s, &(_, design))| {
                HeatPoint::new(&heat.substations[of(s)], design * per_m3, &heat.options, settings)
            })
            .collect();
        let unknowns = 2 * plants.len() + substations.len();
        let zeros = |n: usize| vec![0.0; n];
        Self {
            plant_at: parts.plants.iter().map(|p| p.0).collect(),
            substation_at: parts.substations.iter().map(|s| s.0).collect(),
            heat_points,
            settings,
            circuit,
            supply: Side::new(junctions.len(), pipes.len()),
            back: Side::new(junctions.len(), pipes.len()),
            anderson: Anderson::new(unknowns),
            x: zeros(unknowns),
            residual: zeros(unknowns),
            flow_w_k: zeros(pipes.len()),
            surplus_w_k: zeros(junctions.len()),
            throttle: 0.0,
            out: Out {
                delivered_w: zeros(substations.len()),
                hot_water_w: zeros(substations.len()),
                pipe_outlet_c: vec![f64::NAN; pipes.len()],
                pipe_lost_w: zeros(pipes.len()),
                made_w: zeros(plants.len()),
                plant_kg_s: zeros(plants.len()),
                plant_supply_c: zeros(plants.len()),
                pipe_kg_s: zeros(pipes.len()),
                ..Out::default()
            },
            given: Given {
                available_w: zeros(plants.len()),
                circulation: zeros(plants.len()),
                demand_w: zeros(substations.len()),
                hot_water_w: zeros(substations.len()),
                indoor_c: zeros(substations.len()),
                ..Given::default()
            },
            thermal,
            junctions,
            pipes,
            plants,
            substations,
        }
    }

    /// Sets whether pipe `p` (own numbering) is whole.
    pub fn set_whole(&mut self, p: usize, whole: bool) {
        self.circuit.laws.whole[p] = whole;
    }

    /// Computes the step from `supply.start_c`, `back.start_c` and `given` into `out`,
    /// `supply.end_c` and `back.end_c`.
    ///
    /// First with all pumps free. Where that leaves a plant short of heat push its
    /// lukewarm water into the network before one with heat to spare, the short ones are
    /// throttled if that raises what is made and costs nobody heat now, as a dispatcher
    /// would.
    pub fn solve(&mut self) {
        self.open_plants();
        self.run(0.0);
        if matches!(self.out.end, End::Apart(_) | End::NoFlows(_)) {
            // Pumps that work against each other may find no rest; throttled ones do.
            for share in if self.plants.len() > 1 { &THROTTLES[..] } else { &[] } {
                self.run(*share);
                if matches!(self.out.end, End::Solved | End::Loose(_)) {
                    self.out.end = End::Throttled;
                    return;
                }
            }
            self.run(0.0);
            return;
        }
        if !self.one_short_while_another_spares() {
            return;
        }
        let (made_w, delivered_w) = (self.made_w(), self.delivered_w());
        for share in THROTTLES {
            self.run(share);
            let more = self.made_w() > made_w * (1.0 + GAIN);
            if self.out.end == End::Solved
                && more
                && self.delivered_w() > delivered_w * (1.0 - GAIN)
            {
                return;
            }
        }
        self.run(0.0);
    }

    fn delivered_w(&self) -> f64 {
        self.out.delivered_w.iter().chain(&self.out.hot_water_w).sum()
    }

    fn made_w(&self) -> f64 {
        self.out.made_w.iter().sum()
    }

    fn one_short_while_another_spares(&self) -> bool {
        let live = |&p: &usize| self.circuit.laws.circulates(p);
        let short = |p: usize| self.out.plant_supply_c[p] < self.given.supply_set_c - 0.01;
        let spares = |p: usize| self.out.made_w[p] < 0.999 * self.given.available_w[p];
        let plants = 0..self.plants.len();
        self.plants.len() > 1
            && plants.clone().filter(live).any(|p| short(p) && !spares(p))
            && plants.filter(live).any(spares)
    }

    /// Iterates to the end of the step. With a `throttle` above 0 no plant lets through
    /// more than it can lift by that share of what the set-point asks.
    fn run(&mut self, throttle: f64) {
        let plants = self.plants.len();
        for p in 0..plants {
            let at = self.plant_at[p] as usize;
            self.x[p] = self.given.supply_set_c;
            self.x[plants + p] = self.back.start_c[at];
        }
        for s in 0..self.substations.len() {
            self.x[2 * plants + s] = self.supply.start_c[self.substation_at[s] as usize];
        }
        self.supply.restart(self.given.step_s);
        self.back.restart(self.given.step_s);
        self.throttle = throttle;
        self.set_valves();
        self.circuit.forget(1.0);
        self.anderson.restart();
        self.out.end = End::Solved;
        for round in 0.. {
            self.set_valves();
            let outcome = self.circuit.solve();
            self.temperatures();
            let (of_plants, of_substations) = self.residual.split_at(2 * plants);
            let largest = |r: &[f64]| r.iter().fold(0.0_f64, |m, r| m.max(r.abs()));
            let apart = largest(of_plants).max(largest(of_substations));
            let agree = largest(of_plants) <= AGREE_PLANT_K && apart <= AGREE_K;
            let flows_found = outcome.converged
                || (outcome.head_error_m <= FLOWS_HEAD_M && outcome.imbalance <= FLOWS_M3_S);
            if !flows_found {
                // From elsewhere the circuit's steps miss the kink they cycled around.
                self.circuit.forget(if round % 2 == 0 { 0.1 } else { 2.0 });
            }
            if agree && flows_found {
                break;
            }
            if round >= MOST_ROUNDS {
                self.out.end = if !flows_found {
                    End::NoFlows(outcome.worst_node)
                } else if apart <= AGREE_K {
                    End::Solved
                } else if apart <= LOOSE_K {
                    End::Loose(apart)
                } else {
                    End::Apart(apart)
                };
                break;
            }
            // Near the flow at which a radiator gives all it can, flow asked for reacts so
            // steeply to temperature that only secants of each unknown settle it; around a
            // pump's check valve several unknowns jump together and small steps do.
            match (round / PHASE) % 3 {
                0 => {
                    if round % PHASE == 0 {
                        self.anderson.restart();
                    }
                    self.anderson.advance(&mut self.x, &self.residual);
                }
                1 => self.anderson.advance_each(&mut self.x, &self.residual),
                _ => {
                    for (x, r) in self.x.iter_mut().zip(&self.residual) {
                        *x += MANN * r;
                    }
                }
            }
            self.keep_in_range();
        }
        self.account();
    }

    /// Which plants circulate: those with head, but a plant without heat is shut off
    /// where another one of the network has some, as its operator would.
    fn open_plants(&mut self) {
        let g = &self.given;
        let any = (0..self.plants.len()).any(|p| g.available_w[p] > 0.0 && g.circulation[p] > 0.0);
        for p in 0..self.plants.len() {
            let idle = any && g.available_w[p] <= 0.0;
            self.circuit.laws.set_circulation(p, if idle { 0.0 } else { g.circulation[p] });
        }
    }

    /// Keeps accelerated guesses where water is.
    fn keep_in_range(&mut self) {
        for x in &mut self.x {
            *x = if x.is_finite() { x.clamp(-60.0, 300.0) } else { 20.0 };
        }
    }

    /// Substations ask for the flow that their demand takes at the guessed supply, plants
    /// are throttled for the guessed return.
    fn set_valves(&mut self) {
        let plants = self.plants.len();
        let per_m3 = self.settings.water.density_kg_m3 * self.settings.water.heat_j_kg_k;
        for p in 0..plants {
            let lift = self.throttle * (self.given.supply_set_c - self.x[plants + p]);
            let most = if lift > 0.0 {
                self.given.available_w[p] / (lift * per_m3)
            } else {
                f64::INFINITY
            };
            self.circuit.laws.throttle(p, most);
        }
        for s in 0..self.substations.len() {
            let asked = self.asked(s, self.x[2 * plants + s]);
            self.circuit.laws.ask(s, asked.total_w_k() / per_m3);
        }
    }

    /// What substation `s` lets through when its supply is `supply_c`.
    fn asked(&self, s: usize, supply_c: f64) -> Asked {
        let g = &self.given;
        self.heat_points[s].asked((g.demand_w[s], g.hot_water_w[s]), supply_c, g.indoor_c[s])
    }

    /// Water that flows now as viscous as it is at the mean temperature of the network.
    pub fn warm_water(&mut self, ground_c: f64) {
        if let Viscosity::OfTemperature = self.settings.viscosity {
            let all = self.supply.start_c.iter().chain(&self.back.start_c);
            let n = 2.0 * self.junctions.len() as f64;
            let mean_c = all.sum::<f64>() / n;
            let mean_c = if mean_c.is_finite() { mean_c } else { ground_c };
            self.circuit.laws.set_viscosity(water_viscosity_m2_s(mean_c));
        }
    }

    /// Pressure of the supply above the return at junction `n`, bar.
    pub fn difference_bar(&self, n: usize) -> f64 {
        if !self.circuit.fed()[n] {
            return f64::NAN;
        }
        self.circuit.flow.head[n] * self.settings.water.density_kg_m3 * GRAVITY_M_S2 * 1e-5
    }

    /// Both sweeps at the present flows and guesses; residuals of the guesses.
    fn temperatures(&mut self) {
        let (pipes, plants) = (self.pipes.len(), self.plants.len());
        let per_m3 = self.settings.water.density_kg_m3 * self.settings.water.heat_j_kg_k;
        for p in 0..pipes {
            self.flow_w_k[p] = self.circuit.flow.q[p] * per_m3;
        }
        let g = &self.given;
        let junctions = self.junctions.len();
        let heads = &self.circuit.flow.head[..junctions];
        self.thermal.set_flows(&self.flow_w_k, heads, g.step_s);
        self.supply.clear_feed();
        self.back.clear_feed();
        for p in 0..plants {
            let flow = self.circuit.flow.q[pipes + p].max(0.0) * per_m3;
            self.supply.feed(self.plant_at[p] as usize, flow, self.x[p]);
        }
        self.find_surplus(per_m3);
        for n in 0..junctions {
            if self.surplus_w_k[n] < 0.0 {
                self.supply.feed(n, -self.surplus_w_k[n], self.back.mean_c[n]);
            }
        }
        self.thermal.sweep(&mut self.supply, Way::Supply);
        for n in 0..junctions {
            if self.surplus_w_k[n] > 0.0 {
                self.back.feed(n, self.surplus_w_k[n], self.supply.mean_c[n]);
            }
        }
        for s in 0..self.substations.len() {
            let at = self.substation_at[s] as usize;
            let flow = self.circuit.flow.q[pipes + plants + s].max(0.0) * per_m3;
            let supply_c = self.supply.mean_c[at];
            self.residual[2 * plants + s] =
                if self.circuit.fed()[at] { supply_c - self.x[2 * plants + s] } else { 0.0 };
            let asked = self.asked(s, supply_c);
            let (demand_w, hot_w) = (self.given.demand_w[s], self.given.hot_water_w[s]);
            let given = self.heat_points[s].handed_over(
                flow,
                supply_c,
                asked,
                (demand_w, hot_w),
                self.given.indoor_c[s],
            );
            (self.out.delivered_w[s], self.out.hot_water_w[s]) = given;
            if flow > 0.0 {
                self.back.feed(at, flow, supply_c - (given.0 + given.1) / flow);
            }
        }
        self.thermal.sweep(&mut self.back, Way::Return);
        for p in 0..plants {
            let flow = self.circuit.flow.q[pipes + p].max(0.0) * per_m3;
            let back_c = self.back.mean_c[self.plant_at[p] as usize];
            let g = &self.given;
            let wanted = (g.supply_set_c - back_c).max(0.0);
            let lift = if flow > 0.0 { wanted.min(g.available_w[p] / flow) } else { wanted };
            let open = self.circuit.laws.circulates(p);
            self.residual[p] = if open { back_c + lift - self.x[p] } else { 0.0 };
            let throttled = open && self.throttle > 0.0;
            self.residual[plants + p] = if throttled { back_c - self.x[plants + p] } else { 0.0 };
        }
    }

    /// What more flows into a supply junction than out of it (times heat capacity): the
    /// circuit's tolerance leaves next to nothing, and to lose no heat it is passed across
    /// to the return, or back.
    fn find_surplus(&mut self, per_m3: f64) {
        let (pipes, plants) = (self.pipes.len(), self.plants.len());
        let q = &self.circuit.flow.q;
        self.surplus_w_k.fill(0.0);
        for (p, &(a, b)) in self.thermal.ends.iter().enumerate() {
            self.surplus_w_k[a as usize] -= self.flow_w_k[p];
            self.surplus_w_k[b as usize] += self.flow_w_k[p];
        }
        for (p, &n) in self.plant_at.iter().enumerate() {
            self.surplus_w_k[n as usize] += q[pipes + p].max(0.0) * per_m3;
        }
        for (s, &n) in self.substation_at.iter().enumerate() {
            self.surplus_w_k[n as usize] -= q[pipes + plants + s].max(0.0) * per_m3;
        }
    }

    /// Heat made, flows, losses and warmth stored.
    fn account(&mut self) {
        let (pipes, plants) = (self.pipes.len(), self.plants.len());
        let density = self.settings.water.density_kg_m3;
        let per_m3 = density * self.settings.water.heat_j_kg_k;
        for p in 0..pipes {
            self.out.pipe_kg_s[p] = self.circuit.flow.q[p] * density;
        }
        for p in 0..plants {
            let q = self.circuit.flow.q[pipes + p].max(0.0);
            let at = self.plant_at[p] as usize;
            self.out.plant_kg_s[p] = q * density;
            let made_w = q * per_m3 * (self.x[p] - self.back.mean_c[at]);
            self.out.made_w[p] = made_w.max(0.0).min(self.given.available_w[p]);
            self.out.plant_supply_c[p] = if q > 0.0 { self.x[p] } else { self.supply.mean_c[at] };
        }
        let lost_by = &mut self.out.pipe_lost_w;
        lost_by.fill(0.0);
        let (lost, stored) = self.thermal.advance(&mut self.supply, Way::Supply, lost_by);
        let (lost_back, stored_back) = self.thermal.advance(&mut self.back, Way::Return, lost_by);
        self.thermal.outlets(&mut self.supply, &mut self.out.pipe_outlet_c);
        self.out.lost_w = lost + lost_back;
        self.out.stored_w = stored + stored_back;
    }
}

/// What belongs to a network, as positions in the tables of [`Heat`].
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    pub junctions: Vec<u32>,
    pub pipes: Vec<u32>,
    pub plants: Vec<u32>,
    pub substations: Vec<u32>,
}
