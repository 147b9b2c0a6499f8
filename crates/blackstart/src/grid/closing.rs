//! From a solver's last iterate to a dispatch that balances and keeps its ratings.

use super::floors::FLOOR_TOLERANCE;
use super::items::{Items, Kind, arrives};
use super::solve::Solve;
use crate::region::Grid;

impl Solve {
    /// Spreads what is left of each active island's imbalance over rows away from their
    /// bounds, in proportion to that distance.
    pub fn close_balances(&mut self, grid: &Grid) {
        self.balance.clear();
        self.balance.resize(self.islands.count, 0.0);
        for r in 0..self.items.kind.len() {
            let (bus, x) = (self.items.bus[r] as usize, self.items.x[r]);
            if !self.program.active[bus] {
                continue;
            }
            let of_bus = &self.islands.of_bus;
            self.balance[of_bus[bus] as usize] += self.items.sign[r] * x;
            if let Kind::DcForward(l) | Kind::DcBackward(l) = self.items.kind[r] {
                let line = &grid.dc_lines[l as usize];
                let gain = arrives(line.loss_share, self.items.sign[r]);
                self.balance[of_bus[line.to.i()] as usize] += gain * x;
            }
        }
        self.close_through_dc_lines(grid);
        for i in 0..self.islands.count {
            if !self.needs_network[i] {
                continue;
            }
            let range = self.row_start[i] as usize..self.row_start[i + 1] as usize;
            let mut excess = self.balance[i];
            // First those inside their bounds, then any that can still move.
            for inside in [true, false] {
                let room = |items: &Items, r: usize, excess: f64| {
                    let off = items.x[r] < items.floor[r] * (1.0 - FLOOR_TOLERANCE);
                    let movable = !items.shut[r]
                        && !off
                        && !matches!(items.kind[r], Kind::DcForward(_) | Kind::DcBackward(_));
                    let down = items.x[r] - items.lo[r].max(items.floor[r]);
                    let up = items.hi[r] - items.x[r];
                    let way = if excess * items.sign[r] > 0.0 { down } else { up };
                    let room = if inside { down.min(up) } else { way };
                    if movable { room.max(0.0) } else { 0.0 }
                };
                let rows = &self.rows[range.clone()];
                let total: f64 = rows.iter().map(|&r| room(&self.items, r as usize, excess)).sum();
                if total > 0.0 && excess != 0.0 {
                    let share = (excess.abs() / total).min(1.0);
                    let start = excess;
                    for &r in rows {
                        let r = r as usize;
                        let sign = self.items.sign[r] * start.signum();
                        let moved = share * room(&self.items, r, start);
                        self.items.x[r] -= sign * moved;
                        excess -= start.signum() * moved;
                    }
                }
            }
            self.balance[i] = excess;
        }
    }

    /// Closes the balances of active islands that have nothing but direct-current lines to
    /// close them with, and hands the difference on to the islands at their other ends.
    fn close_through_dc_lines(&mut self, grid: &Grid) {
        let of_bus = &self.islands.of_bus;
        let is_line = |k: Kind| matches!(k, Kind::DcForward(_) | Kind::DcBackward(_));
        for r in 0..self.items.kind.len() {
            let (Kind::DcForward(l) | Kind::DcBackward(l)) = self.items.kind[r] else { continue };
            let (from, to) = (self.items.bus[r] as usize, grid.dc_lines[l as usize].to.i());
            if !self.program.active[from] {
                continue;
            }
            let sign = self.items.sign[r];
            let gain = arrives(grid.dc_lines[l as usize].loss_share, sign);
            let ends = [(of_bus[from] as usize, sign), (of_bus[to] as usize, gain)];
            for (here, (island, value)) in ends.into_iter().enumerate() {
                let rows = self.row_start[island] as usize..self.row_start[island + 1] as usize;
                let movable = self.rows[rows].iter().any(|&q| {
                    let q = q as usize;
                    !is_line(self.items.kind[q]) && !self.items.shut[q] && self.items.hi[q] > 0.0
                });
                if !movable {
                    let wanted = self.items.x[r] - self.balance[island] / value;
                    let x = wanted.clamp(0.0, self.items.hi[r]);
                    let moved = x - self.items.x[r];
                    self.items.x[r] = x;
                    self.balance[island] += value * moved;
                    let (other, value) = ends[1 - here];
                    self.balance[other] += value * moved;
                }
            }
        }
    }

    /// After a solve that did not converge: the last iterate, balanced and scaled down
    /// until the ratings hold. Units may then run below their least stable output.
    pub fn scale_down(&mut self, grid: &Grid) {
        self.close_balances(grid);
        if self.balance.iter().zip(&self.needs_network).any(|(b, n)| *n && b.abs() > 1e-7) {
            // Nothing served is always feasible.
            for r in 0..self.items.kind.len() {
                if self.program.active[self.items.bus[r] as usize] {
                    self.items.x[r] = 0.0;
                }
            }
        }
        if !self.flows(grid) {
            return;
        }
        // Flows are linear in the injections; shifters stand at neutral.
        let mut share = 1.0f64;
        for l in 0..self.model.branches {
            let (f, _) = self.model.ends(l);
            if self.live[l] && self.program.active[f] {
                let over = self.flow(l).abs();
                if over > self.rate[l] {
                    share = share.min(self.rate[l] / over);
                }
            }
        }
        for r in 0..self.items.kind.len() {
            if self.program.active[self.items.bus[r] as usize] {
                self.items.x[r] *= share;
            }
        }
        self.flows(grid);
    }
}
