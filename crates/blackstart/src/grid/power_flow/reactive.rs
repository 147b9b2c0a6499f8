//! Reactive limits: buses whose units are beyond a limit stop regulating.
//!
//! MATPOWER's rule (User's Manual, section 4.2.5): after a solution, units beyond a limit
//! are set to it and their bus becomes a load bus; where that is the reference, the first
//! regulated bus of the island takes its place. Rounds go on until nothing is beyond.

use super::super::model::Model;
use super::ac::Ac;
use super::setting::{Role, Setting};
use super::units::{Source, Units, limits};
use super::{IslandStatus, ReactiveLimits, Snapshot};
use crate::region::{BusIdx, Grid};

/// How far beyond a limit counts, `MVAr` (MATPOWER's `opf.violation` on its usual base).
const EXCESS_MVAR: f64 = 5e-6;
/// How far on the wrong side of its set-point a voltage counts, p.u.
const WRONG_SIDE_PU: f64 = 1e-7;
/// How often a bus may begin to regulate again.
const MOST_RETURNS: u32 = 3;

/// A bus that was set to a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// At the upper limit, not the lower.
    pub upper: bool,
    /// Reactive output of its units, p.u.
    q: f64,
}

/// What the rounds have done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Rounds {
    /// By bus.
    pub held: Vec<Option<Held>>,
    /// By bus: how often it began to regulate again.
    returns: Vec<u32>,
    /// By island: its first reference of the beginning, where that moved.
    pub moved: Vec<Option<u32>>,
}

impl Rounds {
    pub fn new(setting: &Setting) -> Self {
        let n = setting.role.len();
        Self { held: vec![None; n], returns: vec![0; n], moved: vec![None; setting.islands.len()] }
    }

    /// No rounds, where limits are not looked at.
    pub fn none(setting: &Setting) -> Self {
        Self { moved: vec![None; setting.islands.len()], ..Self::default() }
    }

    /// Looks at a solution. True if roles were changed, so that another round is needed.
    /// Islands that are not `solved` are left alone.
    pub fn next(
        &mut self,
        ac: &Ac,
        grid: &Grid,
        model: &Model,
        at: &Snapshot,
        units: &Units,
        setting: &mut Setting,
        solved: &[bool],
        mode: ReactiveLimits,
    ) -> bool {
        let n = setting.role.len();
        let count = setting.islands.len();
        let mut beyond: Vec<(usize, Held, f64)> = Vec::new();
        let mut regulating = vec![0u32; count];
        let mut references = vec![0u32; count];
        for i in 0..n {
            let k = match setting.role[i] {
                Role::Dead | Role::Load => continue,
                Role::Regulated | Role::Reference => setting.island[i] as usize,
            };
            regulating[k] += 1;
            references[k] += u32::from(setting.role[i] == Role::Reference);
            if !solved[k] {
                continue;
            }
            let output = (ac.injection(i)[1] - setting.q[i]) * model.base_mva;
            let (low, high) = units.limits(i, grid, at, setting);
            if output > high + EXCESS_MVAR {
                let held = Held { upper: true, q: high / model.base_mva };
                beyond.push((i, held, output - high));
            } else if output < low - EXCESS_MVAR {
                let held = Held { upper: false, q: low / model.base_mva };
                beyond.push((i, held, low - output));
            }
        }
        let mut sides = vec![[0u32; 2]; count];
        let mut worst = vec![(0.0f64, 0usize); count];
        for &(i, held, excess) in &beyond {
            let k = setting.island[i] as usize;
            sides[k][usize::from(held.upper)] += 1;
            if excess > worst[k].0 {
                worst[k] = (excess, i);
            }
        }
        for k in 0..count {
            let [lower, upper] = sides[k];
            // All on one side: nothing is left that could make or take the difference. All,
            // on different sides: no bus is left to be the reference.
            if lower + upper == regulating[k] && regulating[k] > 0 && solved[k] {
                setting.islands[k].closed = Some(IslandStatus::ReactiveLimits {
                    worst_excess_mvar: worst[k].0,
                    worst_bus: BusIdx::new(worst[k].1),
                });
            }
        }
        let mut changed = false;
        for (i, held, _) in beyond {
            let k = setting.island[i] as usize;
            // Several references cannot be limited: their angles are given.
            let fixed = setting.role[i] == Role::Reference && references[k] > 1;
            if setting.islands[k].closed.is_some() || fixed {
                continue;
            }
            if setting.role[i] == Role::Reference {
                setting.p[i] = ac.injection(i)[0];
                self.moved[k] = self.moved[k].or(Some(i as u32));
            }
            setting.role[i] = Role::Load;
            setting.q[i] += held.q;
            self.held[i] = Some(held);
            changed = true;
        }
        for k in (0..count).filter(|&k| references[k] == 1 && self.moved[k].is_some()) {
            let mut in_island = (0..n).filter(|&i| setting.island[i] as usize == k);
            if in_island.any(|i| setting.role[i] == Role::Reference) {
                continue;
            }
            let next = (0..n).find(|&i| {
                let unit = |s| matches!(s, Source::Generator(_));
                setting.island[i] as usize == k
                    && setting.role[i] == Role::Regulated
                    && units.at(i, at, setting).any(unit)
            });
            if let Some(next) = next {
                setting.role[next] = Role::Reference;
                setting.islands[k].reference = next as u32;
                setting.closing.push((next as u32, setting.p[next]));
            } else {
                setting.islands[k].closed = Some(IslandStatus::ReactiveLimits {
                    worst_excess_mvar: worst[k].0,
                    worst_bus: BusIdx::new(worst[k].1),
                });
            }
        }
        if !changed && mode == ReactiveLimits::Return {
            changed = self.release(ac, setting, solved);
        }
        changed
    }

    /// Lets buses regulate again whose limit no longer keeps them from their set-point.
    fn release(&mut self, ac: &Ac, setting: &mut Setting, solved: &[bool]) -> bool {
        let voltages = ac.voltages();
        let mut changed = false;
        for i in 0..voltages.len() {
            let Some(held) = self.held[i] else { continue };
            let k = setting.island[i] as usize;
            let high = voltages[i][0].hypot(voltages[i][1]) - setting.vm[i];
            let wrong = if held.upper { high > WRONG_SIDE_PU } else { high < -WRONG_SIDE_PU };
            if wrong && solved[k] && self.returns[i] < MOST_RETURNS {
                self.returns[i] += 1;
                self.held[i] = None;
                setting.q[i] -= held.q;
                setting.role[i] = Role::Regulated;
                changed = true;
            }
        }
        changed
    }
}

/// Units at buses that do not regulate are brought within their own limits, `MVAr`.
pub(super) fn clip(grid: &Grid, at: &mut Snapshot, setting: &mut Setting, base_mva: f64) {
    for (g, unit) in grid.generators.iter().enumerate() {
        let i = unit.bus.i();
        if setting.role[i] != Role::Load || !at.generator_in_service[g] {
            continue;
        }
        let (low, high) = limits(grid, Source::Generator(g));
        let q = at.generator_q_mvar[g];
        if q > high + EXCESS_MVAR || q < low - EXCESS_MVAR {
            let clipped = q.min(high).max(low);
            setting.q[i] += (clipped - q) / base_mva;
            at.generator_q_mvar[g] = clipped;
        }
    }
}
