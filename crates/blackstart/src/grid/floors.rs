//! Units with a least stable output: which run, which stand still.

use super::items::{Items, Kind};
use super::solve::{RATING_TOLERANCE, Solve};
use crate::region::Grid;

/// Units this share below their least stable output count as standing on it.
pub(super) const FLOOR_TOLERANCE: f64 = 1e-6;

/// Network solves of one dispatch times its buses after which searches end. It keeps an
/// hour of a large grid within tenths of a second; small grids are searched in full.
const SEARCH_EFFORT: usize = 12_000;

/// Shut units that are tried again when service was lost.
const SECOND_CHANCES: usize = 6;

impl Solve {
    /// Solves, shutting units down that cannot hold their least stable output, until none
    /// is left below it.
    ///
    /// # Errors
    /// A bus of the island where a solve did not converge.
    pub fn solve_with_floors(&mut self, grid: &Grid) -> Result<(), u32> {
        let needs = self.needs_network.clone();
        let mut off = vec![false; self.items.kind.len()];
        self.start_from(&needs, &off);
        let mut wanted = None;
        loop {
            self.solve_program(grid)?;
            let served = self.served();
            let bound = *wanted.get_or_insert(served);
            if self.shut_weak_units() {
                for (off, &r) in off.iter_mut().zip(&self.items.shut) {
                    *off |= r;
                }
                self.start_from(&needs, &off);
                continue;
            }
            if served < bound * (1.0 - 1e-6) {
                self.second_chances(grid, &needs, &mut off, served)?;
            }
            break;
        }
        self.close_balances(grid);
        let size = self.program.hi.iter().fold(0.0f64, |m, v| m.max(*v));
        for (i, b) in self.balance.iter().enumerate() {
            if self.needs_network[i] && b.abs() > 1e-7 * size {
                return Err(self.islands.first_bus[i]);
            }
        }
        if !self.flows(grid) {
            return Err(0);
        }
        for l in 0..self.model.branches {
            let (f, _) = self.model.ends(l);
            if self.live[l] && self.program.active[f] && self.overload(l) > 10.0 * RATING_TOLERANCE
            {
                return Err(f as u32);
            }
        }
        Ok(())
    }

    /// Makes the program that of the islands in `needs` with the units `off` shut down.
    fn start_from(&mut self, needs: &[bool], off: &[bool]) {
        self.needs_network.copy_from_slice(needs);
        let of_bus = &self.islands.of_bus;
        self.program.active.clear();
        self.program.active.extend(of_bus.iter().map(|&i| i != u32::MAX && needs[i as usize]));
        for r in 0..self.items.kind.len() {
            if self.program.active[self.items.bus[r] as usize] {
                self.items.shut[r] = off[r] && matches!(self.items.kind[r], Kind::Generator(_));
                self.items.x[r] = 0.0;
            }
        }
        self.darken_groups();
    }

    /// Allows a dispatch its share of searching.
    pub fn begin(&mut self) {
        self.solves_left = SEARCH_EFFORT / self.model.buses.max(60);
    }

    fn solve_program(&mut self, grid: &Grid) -> Result<(), u32> {
        self.build(grid);
        self.solves_left = self.solves_left.saturating_sub(1);
        let outcome = self.point.solve(&self.model, &self.program);
        self.iterations = self.iterations.max(outcome.iterations);
        self.read_point();
        if outcome.converged { Ok(()) } else { Err(outcome.worst_bus) }
    }

    /// Weighted service of all rows.
    fn served(&self) -> f64 {
        let rows = self.items.kind.iter().zip(&self.items.weight).zip(&self.items.x);
        rows.filter(|((k, _), _)| matches!(k, Kind::Demand(_))).map(|((_, w), x)| w * x).sum()
    }

    /// Shutting units down cost service: lets each of the largest ones in again on trial
    /// and keeps what serves more without a unit below its least stable output.
    fn second_chances(
        &mut self,
        grid: &Grid,
        needs: &[bool],
        off: &mut [bool],
        served: f64,
    ) -> Result<(), u32> {
        let mut again: Vec<usize> = (0..off.len()).filter(|&r| off[r]).collect();
        again.sort_by(|&a, &b| self.items.hi[b].total_cmp(&self.items.hi[a]));
        let mut best = served;
        for r in again.into_iter().take(SECOND_CHANCES) {
            if self.solves_left == 0 {
                break;
            }
            off[r] = false;
            self.start_from(needs, off);
            self.solve_program(grid)?;
            let now = self.served();
            if !self.shut_weak_units() && now > best * (1.0 + 1e-6) {
                best = now;
            } else {
                off[r] = true;
            }
        }
        self.start_from(needs, off);
        self.solve_program(grid)?;
        // What was left standing still stands still.
        self.shut_weak_units();
        Ok(())
    }

    /// Looks for units between 0 and their least stable output. Shuts those below half of
    /// it down, and in any case the quarter that is farthest below; true if there was any.
    /// Units at 0 are left there: they may be of use once others are shut.
    fn shut_weak_units(&mut self) -> bool {
        let items = &mut self.items;
        let share = |items: &Items, r: usize| items.x[r] / items.floor[r];
        self.weak.clear();
        for r in 0..items.kind.len() {
            if items.floor[r] > 0.0
                && !items.shut[r]
                && self.program.active[items.bus[r] as usize]
                && share(items, r) < 1.0 - FLOOR_TOLERANCE
            {
                if share(items, r) < FLOOR_TOLERANCE {
                    items.x[r] = 0.0;
                } else {
                    self.weak.push(r);
                }
            }
        }
        self.weak.sort_by(|&a, &b| share(items, a).total_cmp(&share(items, b)));
        let hopeless = self.weak.partition_point(|&r| share(items, r) < 0.5);
        let count = hopeless.max(self.weak.len().div_ceil(4));
        for &r in &self.weak[..count] {
            items.shut[r] = true;
            items.x[r] = 0.0;
        }
        !self.weak.is_empty()
    }

    /// Takes groups of islands whose units are all shut out of the program: dark.
    fn darken_groups(&mut self) {
        let count = self.islands.count;
        let mut runs = vec![false; count];
        for r in 0..self.items.kind.len() {
            let group = self.group[self.items.bus[r] as usize];
            if matches!(self.items.kind[r], Kind::Generator(_))
                && group != u32::MAX
                && !self.items.shut[r]
                && self.items.hi[r] > 0.0
            {
                runs[group as usize] = true;
            }
        }
        let dark = |group: u32| group == u32::MAX || !runs[group as usize];
        for r in 0..self.items.kind.len() {
            let bus = self.items.bus[r] as usize;
            if self.program.active[bus] && dark(self.group[bus]) {
                self.items.shut[r] = true;
                self.items.x[r] = 0.0;
            }
        }
        for (active, &group) in self.program.active.iter_mut().zip(&self.group) {
            *active &= !dark(group);
        }
        for (i, needs) in self.needs_network.iter_mut().enumerate() {
            *needs &= !dark(self.group[self.islands.first_bus[i] as usize]);
        }
    }
}
