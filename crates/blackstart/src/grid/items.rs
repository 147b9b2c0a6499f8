//! Everything that injects or withdraws, one row each, in p.u.

use super::dispatch::DispatchInput;
use super::interior_point::Program;
use super::model::{Model, finite_or};
use crate::region::Grid;

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A generator.
    Generator(u32),
    /// A demand > 0.
    Demand(u32),
    /// A demand < 0: it injects and may be spilled.
    Spill(u32),
    /// The shunt conductance of a bus; it injects where negative.
    Shunt(u32),
    /// The constant loss of a direct-current line, drawn at its to bus.
    DcLoss(u32),
    /// A direct-current line in its own direction.
    DcForward(u32),
    /// The same line reversed.
    DcBackward(u32),
}

/// Curvature of shedding relative to a demand's weight: sheds in proportion within a
/// weight and changes the optimum by less than this share.
const SHED_CURVATURE: f64 = 1e-6;
/// Curvature of generation: shares it in proportion to capacity where that is free.
const OUTPUT_CURVATURE: f64 = 1e-7;
/// Worth of an injecting demand that is not spilled, relative to the largest weight.
const SPILL_WORTH: f64 = 1e-6;
/// Cost of using a direct-current line: not without need, and never both ways at once to
/// burn what the rewards above are given for.
const TRANSFER_COST: f64 = 4e-6;
/// Curvature of transfers. Not smaller: a free line ties the prices at its ends, and the
/// stiffer the tie, the more of what else holds them is lost to rounding.
const TRANSFER_CURVATURE: f64 = 4e-6;
/// Least weight of a demand relative to the largest: well above all of these.
const LEAST_WEIGHT: f64 = 1e-4;
/// Worth of keeping a unit at its least stable output rather than below.
const FLOOR_WORTH: f64 = 2e-6;
/// Worth of shunts and standing losses: fixed at 1 p.u. voltage unless there is nothing
/// to feed them.
const FIXED_WORTH: f64 = 100.0;
/// Powers below this many p.u. are nothing.
const NOTHING: f64 = 1e-12;

/// Rows; powers in p.u.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub kind: Vec<Kind>,
    pub bus: Vec<u32>,
    /// +1 injects, −1 withdraws.
    pub sign: Vec<f64>,
    /// Least value; below zero for generators that can consume.
    pub lo: Vec<f64>,
    /// Largest value.
    pub hi: Vec<f64>,
    /// Least stable output of a generator.
    pub floor: Vec<f64>,
    /// Demand before its largest share was taken.
    pub full: Vec<f64>,
    /// Weight relative to the largest.
    pub weight: Vec<f64>,
    /// Shut down because its least stable output does not fit.
    pub shut: Vec<bool>,
    /// The answer.
    pub x: Vec<f64>,
}

impl Items {
    fn clear(&mut self) {
        self.kind.clear();
        self.bus.clear();
        self.shut.clear();
        for v in [
            &mut self.sign,
            &mut self.lo,
            &mut self.hi,
            &mut self.floor,
            &mut self.full,
            &mut self.weight,
            &mut self.x,
        ] {
            v.clear();
        }
    }

    fn push(&mut self, kind: Kind, bus: u32, sign: f64, lo: f64, hi: f64) -> usize {
        self.kind.push(kind);
        self.bus.push(bus);
        self.sign.push(sign);
        self.lo.push(if lo < -NOTHING { lo } else { 0.0 });
        self.hi.push(if hi > NOTHING { hi } else { 0.0 });
        self.floor.push(0.0);
        self.full.push(hi);
        self.weight.push(0.0);
        self.shut.push(false);
        self.x.push(0.0);
        self.x.len() - 1
    }

    /// Takes the rows of one hour; what is not finite counts as nothing, except a
    /// generator without limit, which counts as ten times all that could be consumed.
    /// `dc_available` flags direct-current lines that stand between two buses in service.
    pub fn load(
        &mut self,
        grid: &Grid,
        model: &Model,
        input: &DispatchInput<'_>,
        dc_available: &[bool],
    ) {
        self.clear();
        let pu = |mw: f64| finite_or(mw, 0.0) / model.base_mva;
        let mut heaviest = 0.0f64;
        let mut consumption = 1.0;
        for (d, demand) in input.demands.iter().enumerate() {
            let share =
                if demand.max_share.is_nan() { 0.0 } else { demand.max_share.clamp(0.0, 1.0) };
            let (p, d, bus) = (pu(demand.p_mw), d as u32, demand.bus.0);
            if p >= 0.0 {
                let row = self.push(Kind::Demand(d), bus, -1.0, 0.0, p * share);
                self.full[row] = p;
                self.weight[row] = finite_or(demand.weight, 0.0).max(0.0);
                heaviest = heaviest.max(self.weight[row]);
                consumption += p;
            } else {
                self.push(Kind::Spill(d), bus, 1.0, 0.0, -p * share);
            }
        }
        for (i, bus) in grid.buses.iter().enumerate() {
            let g = pu(bus.shunt_g_mw);
            if g != 0.0 {
                self.push(Kind::Shunt(i as u32), i as u32, -g.signum(), 0.0, g.abs());
                consumption += g.max(0.0);
            }
        }
        for (l, line) in grid.dc_lines.iter().enumerate() {
            let loss = pu(line.loss_mw).max(0.0);
            if dc_available[l] && loss > 0.0 {
                self.push(Kind::DcLoss(l as u32), line.to.0, -1.0, 0.0, loss);
                consumption += loss;
            }
        }
        let limit = 10.0 * consumption;
        for (g, unit) in grid.generators.iter().enumerate() {
            let (least, most) = (input.p_min_mw[g], input.p_max_mw[g]);
            let most = if most == f64::INFINITY { limit } else { pu(most) };
            let least = pu(least).max(-limit);
            if most > 0.0 {
                let row =
                    self.push(Kind::Generator(g as u32), unit.bus.0, 1.0, least.min(0.0), most);
                // A floor above the largest output cannot be met: the unit is out.
                self.floor[row] = if least > NOTHING { least } else { 0.0 };
                if least > most {
                    self.hi[row] = 0.0;
                    self.floor[row] = 0.0;
                }
            }
        }
        if heaviest > 0.0 {
            for w in &mut self.weight {
                *w /= heaviest;
            }
        }
        // Direct-current lines come last, as the interior point wants them.
        for (l, line) in grid.dc_lines.iter().enumerate() {
            if !dc_available[l] {
                continue;
            }
            let (least, most) = (pu(line.p_min_mw).max(-limit), pu(line.p_max_mw).min(limit));
            if most > 0.0 {
                self.push(Kind::DcForward(l as u32), line.from.0, -1.0, 0.0, most);
            }
            if least < 0.0 {
                self.push(Kind::DcBackward(l as u32), line.from.0, 1.0, 0.0, -least);
            }
        }
    }

    /// Cost per p.u., curvature and its zero in the program.
    fn terms(&self, r: usize) -> (f64, f64, f64) {
        match self.kind[r] {
            Kind::Generator(_) => (0.0, OUTPUT_CURVATURE / self.hi[r], 0.0),
            Kind::Demand(_) => {
                let w = self.weight[r].max(LEAST_WEIGHT);
                (-w, 2.0 * SHED_CURVATURE * w / self.full[r], self.full[r])
            }
            // A negative conductance injects: nothing is fed for its sake.
            Kind::Shunt(_) if self.sign[r] > 0.0 => {
                (-SPILL_WORTH, OUTPUT_CURVATURE / self.hi[r], self.hi[r])
            }
            Kind::Spill(_) => (-SPILL_WORTH, OUTPUT_CURVATURE / self.hi[r], self.hi[r]),
            Kind::Shunt(_) | Kind::DcLoss(_) => {
                (-FIXED_WORTH, SHED_CURVATURE / self.hi[r], self.hi[r])
            }
            Kind::DcForward(_) | Kind::DcBackward(_) => {
                (TRANSFER_COST, TRANSFER_CURVATURE / self.hi[r], 0.0)
            }
        }
    }

    /// Writes the columns of `p` for the rows at its active buses; `row_of` gets the row
    /// of each column. With `floors`, a unit with a least stable output gets two
    /// columns: up to it, with a small reward, and beyond.
    pub fn columns(&self, grid: &Grid, model: &Model, p: &mut Program, row_of: &mut Vec<u32>) {
        row_of.clear();
        for r in 0..self.kind.len() {
            let bus = self.bus[r];
            if !p.active[bus as usize] || self.shut[r] || self.hi[r] - self.lo[r] <= NOTHING {
                continue;
            }
            let (cost, quad, target) = self.terms(r);
            let (sign, lo, hi) = (self.sign[r], self.lo[r], self.hi[r]);
            match self.kind[r] {
                Kind::Generator(_) if self.floor[r] > 0.0 => {
                    let floor = self.floor[r].min(hi);
                    p.push(bus, sign, (0.0, floor), -FLOOR_WORTH, (quad, 0.0));
                    row_of.push(r as u32);
                    if hi - floor > NOTHING {
                        p.push(bus, sign, (0.0, hi - floor), cost, (quad, -floor));
                        row_of.push(r as u32);
                    }
                }
                Kind::DcForward(l) | Kind::DcBackward(l) => {
                    let line = &grid.dc_lines[l as usize];
                    p.push(bus, sign, (lo, hi), cost, (quad, target));
                    p.to_bus.push(line.to.0);
                    p.gain.push(arrives(line.loss_share, sign));
                    p.edge.push((model.branches + l as usize) as u32);
                    row_of.push(r as u32);
                }
                Kind::Generator(_)
                | Kind::Demand(_)
                | Kind::Spill(_)
                | Kind::Shunt(_)
                | Kind::DcLoss(_) => {
                    p.push(bus, sign, (lo, hi), cost, (quad, target));
                    row_of.push(r as u32);
                }
            }
        }
    }
}

/// What a direct-current row injects at its to bus per unit of itself: forward, what
/// losses leave of it; reversed, less what the to bus must send for one unit to arrive.
pub(super) fn arrives(loss_share: f64, sign: f64) -> f64 {
    let kept = 1.0 - finite_or(loss_share, 0.0).clamp(0.0, 0.99);
    if sign < 0.0 { kept } else { -1.0 / kept }
}
