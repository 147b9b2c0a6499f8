//! The solver of a part: which of its reductions serves.

use super::super::network::Net;
use super::Reduced;
use crate::pipes::{Flow, Outcome, Settings};

/// Solves a part, reduced as far as demands allow.
#[derive(Clone, Debug, Default)]
pub(in crate::water) struct Solver {
    /// With given demands, and with demands that follow pressure; made when first needed.
    given: Option<Box<Reduced>>,
    follows: Option<Box<Reduced>>,
    /// [`Net::shape`] that they are of.
    shape: u64,
    /// The last solution is of the one whose demands follow pressure.
    followed: bool,
    /// Something in the last solution was short of water.
    short: bool,
    /// Solutions with enough for all before that is taken for granted again, and how many
    /// they were last time.
    wait: u32,
    patience: u32,
}

/// Newton steps for trying whether there is enough for all.
const TRIAL_STEPS: usize = 40;
/// Most solutions to wait.
const MOST_PATIENCE: u32 = 64;

impl Solver {
    /// Ready for the network as it is; what shortage needs is made when first needed.
    pub fn new(net: &Net) -> Self {
        let given = Some(Box::new(Reduced::new(net, false)));
        Self { given, shape: net.shape, ..Self::default() }
    }

    /// Makes what shortage needs before it is needed; solutions are the same.
    pub fn prepare(&mut self, net: &Net) {
        if self.follows.is_none() {
            self.follows = Some(Box::new(Reduced::new(net, true)));
        }
    }

    /// Solves `net` from `full` on.
    pub fn solve(&mut self, net: &mut Net, full: &mut Flow) -> Outcome {
        if self.shape != net.shape {
            self.shape = net.shape;
            (self.given, self.follows) = (None, None);
        }
        let settings = Settings::default();
        if net.demand_driven {
            return self.with(false, net, full).solve(net, full, &settings, false);
        }
        let mut spent = 0;
        if !self.short && self.wait == 0 {
            let (statuses, start) = (net.statuses(), full.clone());
            let trial = Settings { iterations: TRIAL_STEPS, ..settings };
            let outcome = self.with(false, net, full).solve(net, full, &trial, true);
            if outcome.converged && outcome.at_rest && all_met(net, full) {
                self.patience /= 2;
                return outcome;
            }
            net.restore(statuses);
            full.clone_from(&start);
            spent = outcome.iterations;
            self.patience = (2 * self.patience).clamp(1, MOST_PATIENCE);
            self.wait = self.patience;
        }
        let mut outcome = self.with(true, net, full).solve(net, full, &settings, false);
        self.short = !(outcome.converged && all_met(net, full));
        self.wait = if self.short { self.wait } else { self.wait.saturating_sub(1) };
        outcome.iterations += spent;
        outcome
    }

    /// True when demands followed pressure in the last solution; otherwise all were met.
    pub fn followed(&self) -> bool {
        self.followed
    }

    /// Forgets which edges carried water.
    pub fn forget(&mut self) {
        for reduced in [&mut self.given, &mut self.follows].into_iter().flatten() {
            reduced.forget();
        }
    }

    /// A node's inflow − outflow − demand in the last solution, m³/s.
    pub fn imbalance(&self, node: usize) -> f64 {
        let last = if self.followed { &self.follows } else { &self.given };
        last.as_ref().map_or(0.0, |reduced| reduced.imbalance(node))
    }

    fn with(&mut self, follows: bool, net: &Net, full: &mut Flow) -> &mut Reduced {
        let other = std::mem::replace(&mut self.followed, follows) != follows;
        let slot = if follows { &mut self.follows } else { &mut self.given };
        let new = slot.is_none();
        let reduced = slot.get_or_insert_with(|| Box::new(Reduced::new(net, follows)));
        if new || other {
            reduced.resume(net, full);
        }
        reduced
    }
}

/// Whether every junction that water can reach gets all.
fn all_met(net: &Net, full: &Flow) -> bool {
    full.head.iter().enumerate().all(|(i, &h)| net.is_met(i, h))
}

#[cfg(test)]
mod tests {
    use crate::region::{
        Junction, JunctionDemand, Pipe, PipeStatus, Reservoir, Water, WaterNodeIdx,
    };
    use crate::water::hour::WaterInput;
    use crate::water::part::{Part, split};
    use proptest::prelude::*;

    fn network(demand_m3h: &[f64], pipes: &[(usize, usize, f64)], head_m: f64) -> Water {
        let mut water = Water::default();
        for (i, &base_m3h) in demand_m3h.iter().enumerate() {
            water.junctions.push(Junction {
                id: format!("J{i}"),
                elevation_m: (i % 3) as f64,
                demands: vec![JunctionDemand { base_m3h, pattern: None }],
                emitter_m3h: 0.0,
                position: None,
            });
        }
        let reservoir = Reservoir { id: "R".into(), head_m, pattern: None, position: None };
        water.reservoirs.push(reservoir);
        water.options.required_pressure_m = 20.0;
        for (k, &(a, b, diameter_mm)) in pipes.iter().enumerate() {
            water.pipes.push(Pipe {
                id: format!("P{k}"),
                from: WaterNodeIdx(a as u32),
                to: WaterNodeIdx(b as u32),
                length_m: 200.0,
                diameter_mm,
                roughness: 120.0,
                minor_loss: 0.0,
                status: PipeStatus::Open,
            });
        }
        water
    }

    fn solved(water: &Water, demand_m3h: &[f64], ready: impl Fn(&mut Part)) -> Part {
        let mut part = split(water).remove(0);
        ready(&mut part);
        part.ask(demand_m3h);
        part.patterns(water, 0.0);
        let whole = vec![true; water.pipes.len()];
        let input = WaterInput {
            demand_m3h,
            pump_capacity: &[],
            pipe_whole: &whole,
            tank_whole: &[],
            step_h: 0.0,
        };
        assert!(part.solve(water, &input, false));
        part
    }

    proptest! {
        #[test]
        fn leaving_out_what_follows_changes_nothing(
            n in 2usize..25,
            // Few branches and chords leave long chains.
            links in prop::collection::vec((0usize..25, 0u8..3, 0usize..3), 25),
            chords in prop::collection::vec((0usize..26, 0usize..26), 0..4),
            demands in prop::collection::vec(0u8..12, 25),
            head_m in 15f64..80.0,
        ) {
            let size = [80.0, 150.0, 300.0];
            let demand_m3h: Vec<f64> =
                demands[..n].iter().map(|&d| f64::from(d.saturating_sub(4))).collect();
            // The reservoir is node n.
            let mut pipes = vec![(n, 0, 300.0)];
            for (i, link) in links.iter().enumerate().take(n).skip(1) {
                let parent = if link.1 > 0 { i - 1 } else { link.0 % i };
                pipes.push((parent, i, size[link.2]));
            }
            pipes.extend(chords.iter().map(|c| (c.0 % n, c.1 % (n + 1), 100.0)));
            let water = network(&demand_m3h, &pipes, head_m);

            let usual = solved(&water, &demand_m3h, |_| {});
            let follows = solved(&water, &demand_m3h, |part| part.solver.wait = u32::MAX);
            let whole = solved(&water, &demand_m3h, |part| {
                part.solver.wait = u32::MAX;
                part.net.loose.fill(true);
                part.net.shape += 1;
            });
            prop_assert!(follows.solver.followed() && whole.solver.followed());

            // Laws and balance where nothing was solved, too.
            let mut missing: Vec<f64> = (0..n).map(|i| -usual.taken(i).0).collect();
            for (e, &(a, b, _)) in pipes.iter().enumerate() {
                let q = usual.flow.q[e];
                for (end, sign) in [(a, -1.0), (b, 1.0)] {
                    if end < n {
                        missing[end] += sign * q;
                    }
                }
                let drop = usual.flow.head[a] - usual.flow.head[b];
                let (lost, gradient) = usual.net.loss(e, q);
                prop_assert!(a == b || (drop - lost).abs() < 1e-4 + 2e-6 * gradient, "pipe {}", e);
            }
            for (i, m) in missing.iter().enumerate() {
                prop_assert!(m.abs() < 1e-8, "{} of water at node {}", m, i);
                for other in [&follows, &whole] {
                    let (taken, expected) = (usual.taken(i).0, other.taken(i).0);
                    prop_assert!((taken - expected).abs() < 2e-6, "node {}", i);
                    let away = (usual.flow.head[i] - other.flow.head[i]).abs();
                    prop_assert!(away < 1e-2, "node {} by {} m", i, away);
                }
            }
        }
    }
}
