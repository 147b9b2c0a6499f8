//! From voltages to what a user reads: flows, outputs of every unit, status by island.

use super::super::model::Model;
use super::ac::Course;
use super::admittance::{Complex, TwoPort};
use super::reactive::Rounds;
use super::setting::{Role, Setting};
use super::units::{Source, Units, limits, share};
use super::{IslandFlow, IslandStatus, PowerFlow, PowerFlowOptions, Snapshot, Start};
use crate::region::{BusIdx, Grid};

impl PowerFlow {
    /// Tables of the right length, all zero, with the islands of `setting` by bus.
    pub(super) fn empty(grid: &Grid, setting: &Setting) -> Self {
        let (buses, branches) = (grid.buses.len(), grid.branches.len());
        let (units, dc_lines) = (grid.generators.len(), grid.dc_lines.len());
        Self {
            vm_pu: vec![0.0; buses],
            va_deg: vec![0.0; buses],
            bus_p_mw: vec![0.0; buses],
            bus_q_mvar: vec![0.0; buses],
            branch_p_from_mw: vec![0.0; branches],
            branch_q_from_mvar: vec![0.0; branches],
            branch_p_to_mw: vec![0.0; branches],
            branch_q_to_mvar: vec![0.0; branches],
            generator_p_mw: vec![0.0; units],
            generator_q_mvar: vec![0.0; units],
            dc_line_q_from_mvar: vec![0.0; dc_lines],
            dc_line_q_to_mvar: vec![0.0; dc_lines],
            island: setting.island.clone(),
            islands: Vec::with_capacity(setting.islands.len()),
        }
    }

    /// Empties the tables that are not of voltages or islands.
    pub(super) fn leave_voltages(&mut self) {
        let [vm_pu, va_deg] = [&mut self.vm_pu, &mut self.va_deg].map(std::mem::take);
        let (island, islands) =
            (std::mem::take(&mut self.island), std::mem::take(&mut self.islands));
        *self = Self { vm_pu, va_deg, island, islands, ..Self::default() };
    }
}

/// Keeps the larger of a mismatch known and the mismatches `off` at a bus; what is not a
/// number is infinite.
fn note(worst: &mut (f64, usize), bus: usize, [p, q]: Complex) {
    let off = p.abs().max(q.abs()) + (p + q) * 0.0;
    if off.is_nan() || off > worst.0 {
        *worst = (if off.is_nan() { f64::INFINITY } else { off }, bus);
    }
}

/// What an AC solution is made of.
pub(super) struct Solution<'a> {
    pub grid: &'a Grid,
    pub model: &'a Model,
    pub at: &'a Snapshot,
    pub units: &'a Units,
    pub setting: &'a Setting,
    pub rounds: &'a Rounds,
    pub options: &'a PowerFlowOptions,
}

impl Solution<'_> {
    /// The result of an AC power flow with voltages `v` by bus and one course per island.
    pub fn collect(&self, ports: &[TwoPort], v: &[Complex], courses: &[Course]) -> PowerFlow {
        let Self { grid, model, setting, .. } = *self;
        let base = model.base_mva;
        let mut out = PowerFlow::empty(grid, setting);
        self.turn_to_polar(v, &mut out);
        for i in (0..model.buses).filter(|&i| setting.role[i] != Role::Dead) {
            let [re, im] = v[i];
            let square = re * re + im * im;
            out.bus_p_mw[i] = setting.shunt[i][0] * square * base;
            out.bus_q_mvar[i] = -setting.shunt[i][1] * square * base;
        }
        for l in (0..model.branches).filter(|&l| setting.live[l]) {
            let (f, t) = model.ends(l);
            let (from, to) = ports[l].flows(v[f], v[t]);
            let [from, to] = [from, to].map(|s| [s[0] * base, s[1] * base]);
            (out.branch_p_from_mw[l], out.branch_q_from_mvar[l]) = (from[0], from[1]);
            (out.branch_p_to_mw[l], out.branch_q_to_mvar[l]) = (to[0], to[1]);
            out.bus_p_mw[f] += from[0];
            out.bus_q_mvar[f] += from[1];
            out.bus_p_mw[t] += to[0];
            out.bus_q_mvar[t] += to[1];
        }
        self.turn_back(&mut out);
        self.judge(&mut out, courses);
        assign_active(&mut out, model, grid, self.at, setting);
        self.assign_reactive(&mut out);
        out
    }

    /// Voltages and status alone, from voltages `v` by bus and the mismatches `off`, p.u., of
    /// the buses `node`.
    pub fn voltages(
        &self,
        v: &[Complex],
        node: &[u32],
        off: impl Iterator<Item = Complex>,
        courses: &[Course],
    ) -> PowerFlow {
        let Self { model, setting, .. } = *self;
        let mut out = PowerFlow { island: setting.island.clone(), ..PowerFlow::default() };
        self.turn_to_polar(v, &mut out);
        self.turn_back(&mut out);
        let mut worst = vec![(0.0f64, 0usize); setting.islands.len()];
        for (&i, off) in node.iter().zip(off) {
            let k = setting.island[i as usize];
            if k != u32::MAX {
                note(&mut worst[k as usize], i as usize, off.map(|off| off * model.base_mva));
            }
        }
        self.tell(&mut out, &worst, courses);
        out
    }

    fn turn_to_polar(&self, v: &[Complex], out: &mut PowerFlow) {
        let dead = |i: usize| self.setting.role[i] == Role::Dead;
        let size = |(i, [re, im]): (usize, &Complex)| {
            if dead(i) { 0.0 } else { (re * re + im * im).sqrt() }
        };
        let angle = |(i, [re, im]): (usize, &Complex)| {
            if dead(i) { 0.0 } else { im.atan2(*re).to_degrees() }
        };
        out.vm_pu = v.iter().enumerate().map(size).collect();
        out.va_deg = v.iter().enumerate().map(angle).collect();
    }

    /// Status of every island, from the flows themselves.
    fn judge(&self, out: &mut PowerFlow, courses: &[Course]) {
        let Self { model, setting, .. } = *self;
        let mut worst = vec![(0.0f64, 0usize); setting.islands.len()];
        for i in 0..model.buses {
            let (p, q) = match setting.role[i] {
                Role::Dead | Role::Reference => continue,
                Role::Regulated => (out.bus_p_mw[i] - setting.p[i] * model.base_mva, 0.0),
                Role::Load => (
                    out.bus_p_mw[i] - setting.p[i] * model.base_mva,
                    out.bus_q_mvar[i] - setting.q[i] * model.base_mva,
                ),
            };
            note(&mut worst[setting.island[i] as usize], i, [p, q]);
        }
        self.tell(out, &worst, courses);
    }

    /// Islands, from the `worst` mismatch of each, MVA, and where it is.
    fn tell(&self, out: &mut PowerFlow, worst: &[(f64, usize)], courses: &[Course]) {
        let Self { model, setting, options, .. } = *self;
        for (k, (s, &(off, bus))) in setting.islands.iter().zip(worst).enumerate() {
            // Flows sum up a little differently from the equations that were solved.
            let solved = off <= options.tolerance_pu * model.base_mva * 1.5 + 1e-9;
            let course = courses.get(k);
            let status = match s.closed {
                Some(status) => status,
                None if solved => IslandStatus::Solved,
                None => IslandStatus::NotConverged {
                    worst_mismatch_mva: off,
                    worst_bus: BusIdx::new(bus),
                },
            };
            out.islands.push(IslandFlow {
                reference: BusIdx(s.reference),
                buses: s.buses,
                status,
                iterations: course.map_or(0, |c| c.iterations),
                start: course.map_or(Start::default(), |c| c.start),
                step_control: course.is_some_and(|c| c.step_control),
                worst_mismatch_mva: off,
            });
        }
    }

    /// Where the reference moved, angles are turned back to those of the first one.
    fn turn_back(&self, out: &mut PowerFlow) {
        let mut turn = vec![0.0; self.setting.islands.len()];
        for (turn, first) in turn.iter_mut().zip(&self.rounds.moved) {
            if let Some(first) = first {
                let first = *first as usize;
                *turn = self.grid.buses[first].va_deg - out.va_deg[first];
            }
        }
        for (i, va) in out.va_deg.iter_mut().enumerate() {
            if self.setting.role[i] != Role::Dead {
                *va += turn[self.setting.island[i] as usize];
            }
        }
    }

    /// Reactive outputs: given where the voltage is not regulated, at the limit where held,
    /// shared where regulated.
    fn assign_reactive(&self, out: &mut PowerFlow) {
        let Self { grid, model, at, units, setting, rounds, .. } = *self;
        for i in 0..model.buses {
            let role = setting.role[i];
            let sources: Vec<Source> = units.at(i, at, setting).collect();
            if sources.is_empty() || role == Role::Dead {
                continue;
            }
            let bounds: Vec<(f64, f64)> = sources.iter().map(|s| limits(grid, *s)).collect();
            let shares: Vec<f64> = match (role, rounds.held.get(i).copied().flatten()) {
                (Role::Load, Some(held)) => {
                    bounds.iter().map(|b| if held.upper { b.1 } else { b.0 }).collect()
                }
                (Role::Load | Role::Dead, _) => sources
                    .iter()
                    .map(|s| match *s {
                        Source::Generator(g) => at.generator_q_mvar[g],
                        Source::DcFrom(_) | Source::DcTo(_) => 0.0,
                    })
                    .collect(),
                (Role::Regulated | Role::Reference, _) => {
                    share(out.bus_q_mvar[i] - setting.q[i] * model.base_mva, &bounds)
                }
            };
            for (source, q) in sources.into_iter().zip(shares) {
                match source {
                    Source::Generator(g) => out.generator_q_mvar[g] = q,
                    Source::DcFrom(d) => out.dc_line_q_from_mvar[d] = q,
                    Source::DcTo(d) => out.dc_line_q_to_mvar[d] = q,
                }
            }
        }
    }
}

/// Active outputs: those of the snapshot, with the difference at every reference bus, and
/// at one that was the reference, at its first unit.
pub(super) fn assign_active(
    out: &mut PowerFlow,
    model: &Model,
    grid: &Grid,
    at: &Snapshot,
    setting: &Setting,
) {
    let mut first = vec![usize::MAX; grid.buses.len()];
    for (g, unit) in grid.generators.iter().enumerate().rev() {
        let i = unit.bus.i();
        if at.generator_in_service[g] && setting.role[i] != Role::Dead {
            let shared = setting.shared.get(g).copied().unwrap_or(0.0);
            out.generator_p_mw[g] = at.generator_p_mw[g] + shared * model.base_mva;
            first[i] = g;
        }
    }
    for &(i, p) in &setting.closing {
        let (i, g) = (i as usize, first[i as usize]);
        if setting.role[i] != Role::Dead && g != usize::MAX {
            out.generator_p_mw[g] += out.bus_p_mw[i] - p * model.base_mva;
        }
    }
}
