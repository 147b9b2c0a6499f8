//! The laws of one connected part of a water network.

use super::demand::Wagner;
use crate::pipes::{
    Bounds, Direction, Flow, Friction, Hydraulics, PipeLaw, PumpLaw, Regulation, Regulator,
    RegulatorKind, ValveLaw, bounded, chezy_manning, darcy_weisbach::DarcyWeisbach, hazen_williams,
    minor_loss, power_law,
};
use crate::region::{HeadLoss, Pipe, Valve, ValveKind, ValveStatus, WaterOptions};
use std::f64::consts::PI;

/// m³/s in one m³/h.
pub(super) const M3H: f64 = 1.0 / 3600.0;

/// What relates an edge's flow and head drop.
#[derive(Clone, Debug)]
pub(super) enum Law {
    Pipe(PipeLaw),
    Pump {
        law: PumpLaw,
        speed: f64,
        share: f64,
    },
    Valve(ValveLaw),
    Regulator(Regulator),
    /// Demand of the node at its from end; the full demand is the node's.
    Demand {
        node: usize,
        wagner: Wagner,
    },
    /// `elevation + r q²`.
    Emitter {
        elevation_m: f64,
        r: f64,
    },
}

/// One part's state as the gradient method sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    /// By node: given head, NaN where it is to be found.
    pub fixed_m: Vec<f64>,
    /// By node: demand, m³/s.
    pub demand: Vec<f64>,
    pub demand_driven: bool,
    pub ends: Vec<(u32, u32)>,
    pub laws: Vec<Law>,
    pub open: Vec<bool>,
    pub direction: Vec<Direction>,
    pub bounds: Vec<Bounds>,
    /// Edges with a regulator.
    pub regulators: Vec<usize>,
    /// Pumps of given power.
    pub power_pumps: Vec<usize>,
    /// By edge: flow to start from.
    pub start: Vec<f64>,
}

impl Net {
    /// Limits of an edge by its direction and its law.
    pub fn bound(&mut self, edge: usize) {
        let mut b = match &self.laws[edge] {
            Law::Valve(v) => v.bounds(),
            Law::Pipe(_)
            | Law::Pump { .. }
            | Law::Regulator(_)
            | Law::Demand { .. }
            | Law::Emitter { .. } => Bounds::FREE,
        };
        match self.direction[edge] {
            Direction::Both => {}
            Direction::Forward => b.low = b.low.max(0.0),
            Direction::Backward => b.high = b.high.min(0.0),
        }
        self.bounds[edge] = b;
    }
}

impl Hydraulics for Net {
    fn fixed_head(&self, node: usize) -> Option<f64> {
        let h = self.fixed_m[node];
        (!h.is_nan()).then_some(h)
    }

    fn demand(&self, node: usize) -> f64 {
        let d = self.demand[node];
        if self.demand_driven { d } else { 0.0 }
    }

    fn feeds(&self, node: usize) -> bool {
        self.demand[node] < 0.0
    }

    fn is_open(&self, edge: usize) -> bool {
        match &self.laws[edge] {
            Law::Demand { node, .. } => !self.demand_driven && self.demand[*node] != 0.0,
            Law::Emitter { .. } => true,
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) | Law::Regulator(_) => self.open[edge],
        }
    }

    fn direction(&self, edge: usize) -> Direction {
        self.direction[edge]
    }

    fn loss(&self, edge: usize, q: f64) -> (f64, f64) {
        let b = self.bounds[edge];
        match &self.laws[edge] {
            Law::Pipe(law) => bounded(b, q, |q| law.loss(q)),
            Law::Pump { law, speed, share } => bounded(b, q, |q| law.loss(q, *speed, *share)),
            Law::Valve(law) => bounded(b, q, |q| law.loss(q)),
            Law::Regulator(law) => bounded(b, q, |q| law.loss(q)),
            Law::Demand { node, wagner } => {
                let full = self.demand[*node];
                if full < 0.0 { wagner.inflow_head(q, full) } else { wagner.head(q, full) }
            }
            Law::Emitter { elevation_m, r } => bounded(Bounds::FORWARD, q, |q| {
                let (h, g) = power_law(*r, 2.0, q, 1e-3 * r.sqrt());
                (elevation_m + h, g)
            }),
        }
    }

    fn start(&self, edge: usize) -> f64 {
        match &self.laws[edge] {
            Law::Pipe(_) | Law::Valve(_) | Law::Regulator(_) => {
                if self.direction[edge] == Direction::Backward {
                    -self.start[edge]
                } else {
                    self.start[edge]
                }
            }
            Law::Pump { law, speed, share } => law.usual_flow(*speed, *share),
            Law::Demand { node, .. } => self.demand[*node],
            Law::Emitter { r, .. } => (10.0 / r).sqrt(),
        }
    }

    fn settle(&self, edge: usize, q_old: f64, q_new: f64, drop: f64) -> f64 {
        let b = self.bounds[edge];
        match &self.laws[edge] {
            Law::Pipe(law) => b.settle(q_old, law.settle(q_old, q_new, drop)),
            Law::Pump { law, speed, share } => {
                b.settle(q_old, law.settle(q_old, q_new, drop, *speed, *share))
            }
            Law::Valve(_) | Law::Regulator(_) => b.settle(q_old, q_new),
            Law::Demand { node, wagner } => {
                let full = self.demand[*node];
                if full < 0.0 {
                    return Wagner::inflow_bounds(full).settle(q_old, q_new);
                }
                Wagner::bounds(full).settle(q_old, wagner.settle(q_old, q_new, drop, full))
            }
            Law::Emitter { elevation_m, r } => {
                let natural = ((drop - elevation_m).max(0.0) / r).sqrt();
                let far = q_new > 8.0 * q_old.max(0.0) + 1e-6;
                let q = if far && natural < q_new { natural } else { q_new };
                Bounds::FORWARD.settle(q_old, q)
            }
        }
    }

    fn regulation(&self, edge: usize) -> Regulation {
        match &self.laws[edge] {
            Law::Regulator(r) => r.regulation(),
            Law::Pipe(_)
            | Law::Pump { .. }
            | Law::Valve(_)
            | Law::Demand { .. }
            | Law::Emitter { .. } => Regulation::None,
        }
    }

    fn review(&mut self, flow: &Flow) -> bool {
        let mut changed = false;
        for &e in &self.regulators {
            if let Law::Regulator(r) = &mut self.laws[e] {
                let (a, b) = self.ends[e];
                let (up, down) = (flow.head[a as usize], flow.head[b as usize]);
                if self.open[e] {
                    changed |= r.review(flow.q[e], up, down);
                }
            }
        }
        if changed {
            return true;
        }
        // A pump of given power that nothing lets through stands still until the next
        // solution; each can do so once in one.
        for &e in &self.power_pumps {
            if let Law::Pump { law, speed, share } = &self.laws[e]
                && self.open[e]
                && law.is_stalled(flow.q[e], *speed, *share)
            {
                self.open[e] = false;
                changed = true;
            }
        }
        changed
    }

    fn give_up(&mut self, flow: &Flow) -> bool {
        // The valve that carries most is the one whose node takes the most holding.
        let mut worst: Option<usize> = None;
        for &e in &self.regulators {
            let active = self.open[e] && self.regulation(e) != Regulation::None;
            if active && worst.is_none_or(|w| flow.q[e].abs() > flow.q[w].abs()) {
                worst = Some(e);
            }
        }
        match worst.map(|e| (e, &mut self.laws[e])) {
            Some((e, Law::Regulator(r))) => {
                r.give_up(flow.q[e]);
                true
            }
            Some(_) | None => false,
        }
    }
}

/// Friction and minor loss of `pipe`.
pub(super) fn pipe_law<N>(options: &WaterOptions, pipe: &Pipe<N>) -> PipeLaw {
    let d = (pipe.diameter_mm / 1000.0).max(1e-4);
    let length = pipe.length_m.max(1e-3);
    let friction = match options.head_loss {
        HeadLoss::HazenWilliams => Friction::HazenWilliams {
            r: hazen_williams::resistance(length, d, pipe.roughness.max(1e-3)),
        },
        HeadLoss::DarcyWeisbach => Friction::DarcyWeisbach(DarcyWeisbach::new(
            length,
            d,
            pipe.roughness / 1000.0,
            options.viscosity_m2_s,
        )),
        HeadLoss::ChezyManning => Friction::ChezyManning {
            r: chezy_manning::resistance(length, d, pipe.roughness.max(1e-6)),
        },
    };
    PipeLaw { friction, minor: minor_loss(pipe.minor_loss.max(0.0), d) }
}

/// The law of `valve` with `status` and `setting`; `up_m` and `down_m` are the elevations of
/// its ends. A positional control valve is a throttle whose flow coefficient is
/// proportional to its opening (EPANET's rule without a curve).
pub(super) fn valve_law<N>(
    valve: &Valve<N>,
    status: ValveStatus,
    setting: f64,
    up_m: f64,
    down_m: f64,
) -> Law {
    let d = (valve.diameter_mm / 1000.0).max(1e-4);
    let minor = minor_loss(valve.minor_loss.max(0.0), d);
    let open = Law::Valve(ValveLaw::Throttle { minor });
    if valve.kind == ValveKind::Gpv {
        return match gpv(valve) {
            Some(curve) => Law::Valve(ValveLaw::Curve(curve)),
            None => open,
        };
    }
    if status != ValveStatus::Active {
        return open;
    }
    match valve.kind {
        ValveKind::Prv => {
            Law::Regulator(Regulator::new(RegulatorKind::Reducing, down_m + setting, minor))
        }
        ValveKind::Psv => {
            Law::Regulator(Regulator::new(RegulatorKind::Sustaining, up_m + setting, minor))
        }
        ValveKind::Pbv if setting > 0.0 => Law::Valve(ValveLaw::Breaker { drop: setting, minor }),
        ValveKind::Fcv => Law::Valve(ValveLaw::Flow { flow: (setting * M3H).max(0.0), minor }),
        ValveKind::Tcv => Law::Valve(ValveLaw::Throttle { minor: minor_loss(setting.max(0.0), d) }),
        ValveKind::Pcv => {
            let opening = (setting / 100.0).clamp(1e-4, 1.0);
            Law::Valve(ValveLaw::Throttle { minor: minor / (opening * opening) })
        }
        ValveKind::Pbv | ValveKind::Gpv => open,
    }
}

fn gpv<N>(valve: &Valve<N>) -> Option<crate::pipes::Curve> {
    let points: Vec<(f64, f64)> = valve.curve.iter().map(|p| (p.0 * M3H, p.1)).collect();
    crate::pipes::Curve::new(&points)
}

/// The law of a pump with its points in m³/h.
pub(super) fn pump_law(curve: &crate::region::PumpCurve) -> Option<PumpLaw> {
    match curve {
        crate::region::PumpCurve::Power { kw } => (*kw > 0.0).then(|| PumpLaw::power(*kw)),
        crate::region::PumpCurve::Points(points) => {
            let points: Vec<(f64, f64)> = points.iter().map(|p| (p.0 * M3H, p.1)).collect();
            PumpLaw::from_points(&points)
        }
    }
}

/// Flow at 0.3048 m/s (where EPANET starts) in a bore of `diameter_mm`, m³/s.
pub(super) fn usual_flow(diameter_mm: f64) -> f64 {
    let d = diameter_mm / 1000.0;
    0.3048 * PI * d * d / 4.0
}
