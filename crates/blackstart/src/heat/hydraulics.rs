//! Flows of one network: supply and return pipe are alike, so heads are the difference
//! between the two sides, pipes lose twice, plants lift from the return (head 0) to the
//! supply and substations let down from it.

use std::f64::consts::PI;

use super::water::WaterProperties;
use crate::pipes::darcy_weisbach::DarcyWeisbach;
use crate::pipes::{
    Bounds, Flow, Friction, GROUND, Gga, Hydraulics, LEAST_GRADIENT, Outcome, PipeLaw, Settings,
    bounded, power_law,
};
use crate::region::HeatPipe;

/// Differential head at which a fully open substation passes [`OPEN_FLOW`], m (2 bar).
pub const REFERENCE_HEAD_M: f64 = 20.0;

/// Flow of a fully open substation at [`REFERENCE_HEAD_M`] against its design flow.
pub const OPEN_FLOW: f64 = 1.5;

/// Head that a circulation pump loses from rest to design flow, as a share of its head at
/// rest: EPANET's curve through one point, which is 4/3 of the design head at rest.
pub const PUMP_FALL: f64 = 0.25;

/// Laws of one network's edges: pipes first, then plants, then substations.
#[derive(Clone, Debug)]
pub(super) struct Laws {
    /// The junction that stands for the return side.
    return_side: usize,
    /// None for a pipe without a bore.
    pipes: Vec<Option<PipeLaw>>,
    /// The same at the viscosity that they were built with, m²/s.
    built: Vec<Option<DarcyWeisbach>>,
    built_m2_s: f64,
    plants: Vec<PumpLaw>,
    substations: Vec<ValveLaw>,
    /// By pipe: open.
    pub whole: Vec<bool>,
}

/// Circulation pumps of a plant: `share · head − fall q²`.
#[derive(Clone, Copy, Debug)]
struct PumpLaw {
    head_m: f64,
    /// m per (m³/s)²; not finite for a plant without output.
    fall: f64,
    /// Share of the head that works; 0 closes the plant.
    share: f64,
    /// Flow it is throttled to, m³/s.
    most: f64,
}

/// A substation's control valve: `q²/open²` up to the flow it asks for.
#[derive(Clone, Copy, Debug)]
struct ValveLaw {
    /// Loss when fully open, m per (m³/s)²; not finite for one of no size.
    open: f64,
    /// Flow asked for, m³/s; 0 closes it, infinite opens it fully.
    asked: f64,
}

/// What a network's hydraulics are made of.
pub(super) struct Parts<'a> {
    pub junctions: usize,
    pub pipes: Vec<(u32, u32, &'a HeatPipe)>,
    /// Junction, head at rest (m), design flow (m³/s).
    pub plants: Vec<(u32, f64, f64)>,
    /// Junction, design flow (m³/s).
    pub substations: Vec<(u32, f64)>,
}

/// Hydraulics of one network.
#[derive(Clone, Debug)]
pub(super) struct Circuit {
    gga: Gga,
    pub laws: Laws,
    pub flow: Flow,
    settings: Settings,
}

impl Circuit {
    pub fn new(parts: &Parts<'_>, water: &WaterProperties) -> Self {
        let return_side = parts.junctions;
        let ground = u32::try_from(return_side).unwrap_or(GROUND);
        let edges: Vec<(u32, u32)> = parts
            .pipes
            .iter()
            .map(|&(a, b, _)| (a, b))
            .chain(parts.plants.iter().map(|&(n, ..)| (ground, n)))
            .chain(parts.substations.iter().map(|&(n, _)| (n, GROUND)))
            .collect();
        let gga = Gga::new(return_side + 1, &edges);
        let built: Vec<Option<DarcyWeisbach>> =
            parts.pipes.iter().map(|&(_, _, p)| friction(p, water)).collect();
        let laws = Laws {
            return_side,
            pipes: built.iter().map(|friction| friction.map(pipe_law)).collect(),
            built,
            built_m2_s: water.viscosity_m2_s,
            plants: parts
                .plants
                .iter()
                .map(|&(_, head_m, design)| PumpLaw {
                    head_m,
                    fall: PUMP_FALL * head_m / (design * design),
                    share: 0.0,
                    most: f64::INFINITY,
                })
                .collect(),
            substations: parts
                .substations
                .iter()
                .map(|&(_, design)| ValveLaw {
                    open: REFERENCE_HEAD_M / (OPEN_FLOW * design).powi(2),
                    asked: 0.0,
                })
                .collect(),
            whole: vec![true; parts.pipes.len()],
        };
        let flow = gga.flow();
        Self {
            gga,
            laws,
            flow,
            settings: Settings { iterations: 80, head_m: 1e-10, ..Settings::default() },
        }
    }

    /// Starts from scratch, so that an hour does not depend on the one computed before;
    /// with flows `scale` times the usual guess.
    pub fn forget(&mut self, scale: f64) {
        for e in 0..self.flow.q.len() {
            self.flow.q[e] = scale * self.laws.start(e);
        }
        self.flow.head.fill(f64::NAN);
    }

    pub fn solve(&mut self) -> Outcome {
        self.gga.solve(&mut self.laws, &mut self.flow, &self.settings)
    }

    /// By junction: connected to a plant that circulates.
    pub fn fed(&self) -> &[bool] {
        self.gga.fed()
    }
}

impl Laws {
    /// Sets the kinematic viscosity of the water in pipes, m²/s.
    pub fn set_viscosity(&mut self, viscosity_m2_s: f64) {
        let ratio = viscosity_m2_s / self.built_m2_s;
        for (law, built) in self.pipes.iter_mut().zip(&self.built) {
            if let (Some(law), Some(built)) = (law, built) {
                law.friction = Friction::DarcyWeisbach(built.at_viscosity_ratio(ratio));
            }
        }
    }

    /// Sets the share of its head that plant `p` has.
    pub fn set_circulation(&mut self, p: usize, share: f64) {
        self.plants[p].share = share;
    }

    /// Throttles plant `p` to a flow, m³/s.
    pub fn throttle(&mut self, p: usize, most: f64) {
        self.plants[p].most = most;
    }

    /// True when plant `p` circulates.
    pub fn circulates(&self, p: usize) -> bool {
        let law = self.plants[p];
        law.share > 0.0 && law.head_m > 0.0 && law.fall.is_finite() && law.most > 0.0
    }

    /// Sets the flow (m³/s) that substation `s` asks for.
    pub fn ask(&mut self, s: usize, flow: f64) {
        self.substations[s].asked = flow;
    }

    fn split(&self, edge: usize) -> Edge {
        let (pipes, plants) = (self.pipes.len(), self.plants.len());
        if edge < pipes {
            Edge::Pipe(edge)
        } else if edge < pipes + plants {
            Edge::Plant(edge - pipes)
        } else {
            Edge::Substation(edge - pipes - plants)
        }
    }
}

enum Edge {
    Pipe(usize),
    Plant(usize),
    Substation(usize),
}

impl PumpLaw {
    fn bounds(&self) -> Bounds {
        Bounds { low: 0.0, high: self.most, wall: Bounds::WALL }
    }
}

impl ValveLaw {
    fn bounds(&self) -> Bounds {
        Bounds { low: 0.0, high: self.asked, wall: Bounds::WALL }
    }
}

impl Hydraulics for Laws {
    fn fixed_head(&self, node: usize) -> Option<f64> {
        (node == self.return_side).then_some(0.0)
    }

    fn demand(&self, _node: usize) -> f64 {
        0.0
    }

    fn is_open(&self, edge: usize) -> bool {
        match self.split(edge) {
            Edge::Pipe(p) => self.whole[p] && self.pipes[p].is_some(),
            Edge::Plant(p) => self.circulates(p),
            Edge::Substation(s) => {
                let law = self.substations[s];
                law.asked > 0.0 && law.open.is_finite()
            }
        }
    }

    fn loss(&self, edge: usize, q: f64) -> (f64, f64) {
        match self.split(edge) {
            Edge::Pipe(p) => self.pipes[p].map_or((0.0, 1.0), |law| law.loss(q)),
            Edge::Plant(p) => {
                let law = self.plants[p];
                bounded(law.bounds(), q, |q| {
                    let (h, g) = power_law(law.fall, 2.0, q, LEAST_GRADIENT);
                    (h - law.share * law.head_m, g)
                })
            }
            Edge::Substation(s) => {
                let law = self.substations[s];
                bounded(law.bounds(), q, |q| power_law(law.open, 2.0, q, LEAST_GRADIENT))
            }
        }
    }

    fn start(&self, edge: usize) -> f64 {
        match self.split(edge) {
            Edge::Pipe(p) => self.pipes[p].map_or(0.0, |law| law.flow_near(1.0)),
            Edge::Plant(p) => {
                let law = self.plants[p];
                if law.fall > 0.0 { (PUMP_FALL * law.head_m / law.fall).sqrt() } else { 0.0 }
            }
            Edge::Substation(s) => {
                let law = self.substations[s];
                law.asked.min((REFERENCE_HEAD_M / law.open).sqrt() / OPEN_FLOW)
            }
        }
    }

    fn settle(&self, edge: usize, q_old: f64, q_new: f64, drop: f64) -> f64 {
        match self.split(edge) {
            Edge::Pipe(p) => self.pipes[p].map_or(0.0, |law| law.settle(q_old, q_new, drop)),
            Edge::Plant(p) => self.plants[p].bounds().settle(q_old, q_new),
            Edge::Substation(s) => self.substations[s].bounds().settle(q_old, q_new),
        }
    }
}

fn pipe_law(friction: DarcyWeisbach) -> PipeLaw {
    PipeLaw { friction: Friction::DarcyWeisbach(friction), minor: 0.0 }
}

/// Friction of the supply and the return pipe together.
fn friction(pipe: &HeatPipe, water: &WaterProperties) -> Option<DarcyWeisbach> {
    if !(pipe.diameter_mm > 0.0 && pipe.diameter_mm.is_finite()) {
        return None;
    }
    Some(DarcyWeisbach::new(
        2.0 * pipe.length_m.max(1e-3),
        pipe.diameter_mm * 1e-3,
        pipe.roughness_mm * 1e-3,
        water.viscosity_m2_s,
    ))
}

/// Water in one of the two pipes, m³.
pub(super) fn content_m3(pipe: &HeatPipe) -> f64 {
    let d = pipe.diameter_mm * 1e-3;
    PI / 4.0 * d * d * pipe.length_m
}
