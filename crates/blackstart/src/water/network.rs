//! The laws of one connected part of a water network.

use super::demand::{INFLOW_LIMIT_M, Wagner};
use super::outflow::Outflow;
use crate::pipes::{
    Bounds, Direction, Flow, Friction, PipeLaw, PumpLaw, Regulation, Regulator, RegulatorKind,
    ValveLaw, bounded, chezy_manning, darcy_weisbach::DarcyWeisbach, hazen_williams, minor_loss,
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
    /// Outflow by pressure: emitters and leaks.
    Outflow {
        elevation_m: f64,
        law: Outflow,
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
    /// Some demand is negative.
    pub inflows: bool,
    /// Changes with what is open, which way, and where heads are given or water comes in.
    pub version: u64,
    /// Changes with demands.
    pub asked: u64,
    /// Changes with `loose` and `asks`, which reductions rest on.
    pub shape: u64,
    /// Edges: pipes first, in front of other links; from `emitters` on outflows by pressure,
    /// from `leaks` on those of leaks, from `demands` on one for the demand of every junction,
    /// which has no law here.
    pub pipes: usize,
    pub emitters: usize,
    pub leaks: usize,
    pub demands: usize,
    pub ends: Vec<(u32, u32)>,
    pub laws: Vec<Law>,
    pub open: Vec<bool>,
    pub direction: Vec<Direction>,
    pub bounds: Vec<Bounds>,
    /// By link: it may open, close, turn or change its law.
    pub loose: Vec<bool>,
    /// By junction: something was asked for there once.
    pub asks: Vec<bool>,
    /// Nodes whose heads may be given.
    pub given: Vec<usize>,
    /// By junction.
    pub wagner: Vec<Wagner>,
    /// Edges with a regulator.
    pub regulators: Vec<usize>,
    pub power_pumps: Vec<PowerPump>,
    /// By edge: flow to start from.
    pub start: Vec<f64>,
}

impl Net {
    /// Limits of links by their directions and laws.
    pub fn bound_all(&mut self) {
        // Pipes that never change know no limits.
        for e in (0..self.emitters).filter(|&e| self.loose[e]) {
            let mut b = match &self.laws[e] {
                Law::Valve(v) => v.bounds(),
                Law::Pipe(_) | Law::Pump { .. } | Law::Regulator(_) | Law::Outflow { .. } => {
                    Bounds::FREE
                }
            };
            match self.direction[e] {
                Direction::Both => {}
                Direction::Forward => b.low = b.low.max(0.0),
                Direction::Backward => b.high = b.high.min(0.0),
            }
            self.bounds[e] = b;
        }
    }

    /// Whether a pump that its setting lets run may; one that stands against a closed end
    /// stands until it is switched off or [`crate::pipes::Hydraulics::review`] sees its end open.
    pub fn may_run(&mut self, edge: usize, on: bool) -> bool {
        let Some(pump) = self.power_pumps.iter_mut().find(|p| p.edge == edge) else { return on };
        pump.on = on;
        pump.stalled &= on;
        on && !pump.stalled
    }

    /// Pumps that stand against closed ends try again.
    pub fn restart_pumps(&mut self) {
        for pump in &mut self.power_pumps {
            pump.stalled = false;
        }
    }

    /// A new solution begins.
    pub fn begin_pumps(&mut self) {
        for pump in &mut self.power_pumps {
            pump.starts = 0;
        }
    }

    /// A pump of given power that nothing lets through stands still, for near rest its head
    /// would know no bound. It runs again when its end has less head than its beginning.
    fn review_pumps(&mut self, flow: &Flow) -> bool {
        let mut changed = false;
        for pump in self.power_pumps.iter_mut().filter(|p| p.on) {
            let Law::Pump { law, speed, share } = &self.laws[pump.edge] else { continue };
            let (a, b) = self.ends[pump.edge];
            let (up, down) = (flow.head[a as usize], flow.head[b as usize]);
            let change = if pump.stalled {
                pump.starts < MOST_STARTS && (up > down || down.is_nan() && !up.is_nan())
            } else {
                !up.is_nan() && law.is_stalled(flow.q[pump.edge], *speed, *share)
            };
            if change {
                pump.starts += u32::from(pump.stalled);
                pump.stalled = !pump.stalled;
                self.open[pump.edge] = !pump.stalled;
                self.version += 1;
                changed = true;
            }
        }
        changed
    }

    /// Opens or closes an edge and sets its direction.
    pub fn set_way(&mut self, edge: usize, open: bool, direction: Direction) {
        if self.open[edge] != open || self.direction[edge] != direction {
            self.open[edge] = open;
            self.direction[edge] = direction;
            self.version += 1;
            self.loosen(edge);
        }
    }

    /// An edge of the part that reductions took for open, or for closed, is not so any more.
    pub fn loosen(&mut self, edge: usize) {
        if !self.loose[edge] {
            self.loose[edge] = true;
            self.shape += 1;
        }
    }

    /// Head drop and gradient of a link or an outflow by pressure; see [`crate::pipes::Hydraulics::loss`].
    pub fn loss(&self, edge: usize, q: f64) -> (f64, f64) {
        let b = self.bounds[edge];
        match &self.laws[edge] {
            Law::Pipe(law) => bounded(b, q, |q| law.loss(q)),
            Law::Pump { law, speed, share } => bounded(b, q, |q| law.loss(q, *speed, *share)),
            Law::Valve(law) => bounded(b, q, |q| law.loss(q)),
            Law::Regulator(law) => bounded(b, q, |q| law.loss(q)),
            Law::Outflow { elevation_m, law } => {
                let (h, g) = law.pressure(q);
                (elevation_m + h, g)
            }
        }
    }

    /// See [`crate::pipes::Hydraulics::start`].
    pub fn start(&self, edge: usize) -> f64 {
        match &self.laws[edge] {
            Law::Pipe(_) | Law::Valve(_) | Law::Regulator(_) => {
                if self.direction[edge] == Direction::Backward {
                    -self.start[edge]
                } else {
                    self.start[edge]
                }
            }
            Law::Pump { law, speed, share } => law.usual_flow(*speed, *share),
            Law::Outflow { law, .. } => law.flow_at(10.0),
        }
    }

    /// See [`crate::pipes::Hydraulics::settle`].
    pub fn settle(&self, edge: usize, q_old: f64, q_new: f64, drop: f64) -> f64 {
        let b = self.bounds[edge];
        match &self.laws[edge] {
            Law::Pipe(law) => b.settle(q_old, law.settle(q_old, q_new, drop)),
            Law::Pump { law, speed, share } => {
                b.settle(q_old, law.settle(q_old, q_new, drop, *speed, *share))
            }
            Law::Valve(_) | Law::Regulator(_) => b.settle(q_old, q_new),
            Law::Outflow { elevation_m, law } => law.settle(q_old, q_new, drop - elevation_m),
        }
    }

    /// See [`crate::pipes::Hydraulics::regulation`].
    pub fn regulation(&self, edge: usize) -> Regulation {
        match &self.laws[edge] {
            Law::Regulator(r) => r.regulation(),
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) | Law::Outflow { .. } => {
                Regulation::None
            }
        }
    }

    /// The law of a pipe, or of a valve that is one to the solver.
    pub fn pipe_law(&self, edge: usize) -> Option<PipeLaw> {
        match &self.laws[edge] {
            Law::Pipe(law) => Some(*law),
            Law::Valve(ValveLaw::Throttle { minor }) => {
                Some(PipeLaw { friction: Friction::HazenWilliams { r: 0.0 }, minor: *minor })
            }
            Law::Pump { .. } | Law::Valve(_) | Law::Regulator(_) | Law::Outflow { .. } => None,
        }
    }

    /// Whether `head` (m) at `node` lets out all that is asked for there; so it is where no
    /// water can come.
    pub fn is_met(&self, node: usize, head: f64) -> bool {
        let (Some(&full), Some(law)) = (self.demand.get(node), self.wagner.get(node)) else {
            return true;
        };
        if full > 0.0 {
            head.is_nan() || head >= law.floor_m + law.range_m
        } else {
            full == 0.0 || head.is_nan() || head <= law.floor_m + INFLOW_LIMIT_M
        }
    }

    /// See [`crate::pipes::Hydraulics::review`].
    pub fn review(&mut self, flow: &Flow) -> bool {
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
        self.review_pumps(flow)
    }

    /// See [`crate::pipes::Hydraulics::release`].
    pub fn release(&mut self, edge: usize) -> bool {
        match &mut self.laws[edge] {
            Law::Regulator(r) => {
                r.release();
                true
            }
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) | Law::Outflow { .. } => false,
        }
    }

    /// See [`crate::pipes::Hydraulics::give_up`].
    pub fn give_up(&mut self, flow: &Flow) -> bool {
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

    /// What solutions change besides flows.
    pub fn statuses(&self) -> Statuses {
        let of = |&e: &usize| match &self.laws[e] {
            Law::Regulator(r) => Some((e, *r)),
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) | Law::Outflow { .. } => None,
        };
        Statuses {
            regulators: self.regulators.iter().filter_map(of).collect(),
            power_pumps: self.power_pumps.clone(),
        }
    }

    /// Goes back to `statuses`.
    pub fn restore(&mut self, statuses: Statuses) {
        for (e, r) in statuses.regulators {
            self.laws[e] = Law::Regulator(r);
        }
        for (now, before) in self.power_pumps.iter_mut().zip(statuses.power_pumps) {
            if now.stalled != before.stalled {
                self.open[now.edge] = before.on && !before.stalled;
                self.version += 1;
            }
            *now = before;
        }
    }
}

/// What solutions change besides flows.
#[derive(Clone, Debug)]
pub(super) struct Statuses {
    regulators: Vec<(usize, Regulator)>,
    power_pumps: Vec<PowerPump>,
}

/// A pump of given power.
#[derive(Clone, Copy, Debug)]
pub(super) struct PowerPump {
    edge: usize,
    /// Its setting lets it run.
    on: bool,
    /// It stands against a closed end.
    stalled: bool,
    /// Times it started again in this solution.
    starts: u32,
}

/// Times that a pump of given power may start again in one solution; it may stall after each.
const MOST_STARTS: u32 = 1;

impl PowerPump {
    pub fn new(edge: usize) -> Self {
        Self { edge, on: false, stalled: false, starts: 0 }
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
            let share = pcv_flow(&valve.curve, setting).clamp(1e-4, 1.0);
            Law::Valve(ValveLaw::Throttle { minor: minor / (share * share) })
        }
        ValveKind::Pbv | ValveKind::Gpv => open,
    }
}

/// Flow of a positional control valve as a share of that when fully open, by its opening in %.
fn pcv_flow(curve: &[(f64, f64)], opening: f64) -> f64 {
    let i = curve.partition_point(|p| p.0 < opening);
    // Beyond its ends a curve goes on to (0, 0) and to (100, 100).
    let before = if i > 0 { curve[i - 1] } else { (0.0, 0.0) };
    let after = curve.get(i).copied().unwrap_or((100.0, 100.0));
    if curve.is_empty() || after.0 <= before.0 {
        return if curve.is_empty() { opening / 100.0 } else { after.1 / 100.0 };
    }
    (before.1 + (after.1 - before.1) * (opening - before.0) / (after.0 - before.0)) / 100.0
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
