//! Corrective switching: opening branches that stand in the way.
//!
//! In a meshed grid a branch in service can reduce what can be served: it draws flow
//! over a rating that binds (Fisher, O'Neill, Ferris, *Optimal transmission switching*,
//! IEEE Trans. Power Syst. 23, 2008). A dispatcher leaves such a branch open. Finding the
//! best set is a hard integer problem; this is the price heuristic of Fuller, Ramasra,
//! Cha (*Fast heuristics for transmission-line switching*, IEEE Trans. Power Syst. 27,
//! 2012): try the branches whose conductance costs most at the present prices, keep the
//! one that serves most, start over. If none helps alone, a few of them together may.

use super::items::Kind;
use super::solve::Solve;
use crate::region::Grid;

/// Bounds of the search. Each branch tried costs one solve of its group of islands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Switching {
    /// Single branches tried before giving up, counted anew after each success.
    pub tries: u32,
    /// When none of them helps alone: how many of them to start a chain from, in which the most promising branch is opened
    /// again and again.
    pub chains: u32,
    /// Length of a chain.
    pub chain_length: u32,
    /// Branches opened at most in a group of islands.
    pub most_open: u32,
    /// A gain smaller than this share of all weighted demand is not worth a switching
    /// operation.
    pub least_gain: f64,
}

impl Default for Switching {
    fn default() -> Self {
        Self { tries: 4, chains: 1, chain_length: 3, most_open: 8, least_gain: 1e-4 }
    }
}

impl Switching {
    /// A thorough search, for small grids or where time does not matter.
    pub const THOROUGH: Self =
        Self { tries: 32, chains: 8, chain_length: 6, most_open: 16, least_gain: 1e-6 };
}

impl Solve {
    /// Weighted service of rows at buses of `scope`, and what they lack of it.
    fn service(&self, scope: &[bool]) -> (f64, f64) {
        let (mut served, mut lacking) = (0.0, 0.0);
        for r in 0..self.items.kind.len() {
            if matches!(self.items.kind[r], Kind::Demand(_)) && scope[self.items.bus[r] as usize] {
                served += self.items.weight[r] * self.items.x[r];
                lacking += self.items.weight[r] * (self.items.hi[r] - self.items.x[r]);
            }
        }
        (served, lacking)
    }

    /// Opens branches as long as that serves more. Call after [`Solve::run`].
    pub fn switch(&mut self, grid: &Grid, bounds: Switching) {
        let groups = self.group.clone();
        // Groups of islands do not touch each other: search in each of them alone.
        let mut found: Vec<u32> = self.adverse.iter().map(|&(_, l)| l).collect();
        let mut scope = vec![false; groups.len()];
        while let Some(&first) = found.first() {
            let (bus, _) = self.model.ends(first as usize);
            let group = groups[bus];
            let of_group = |l: u32, s: &Self| groups[s.model.ends(l as usize).0] == group;
            let here: Vec<u32> = found.iter().copied().filter(|&l| of_group(l, self)).collect();
            found.retain(|&l| !of_group(l, self));
            for (s, &g) in scope.iter_mut().zip(&groups) {
                *s = g == group;
            }
            self.switch_group(grid, bounds, &scope, here);
        }
    }

    fn switch_group(&mut self, grid: &Grid, bounds: Switching, scope: &[bool], first: Vec<u32>) {
        let mut candidates = first;
        let mut opened = 0;
        while opened < bounds.most_open && self.solves_left > 0 {
            let (served, lacking) = self.service(scope);
            if lacking <= bounds.least_gain * (served + lacking) {
                return;
            }
            let all = served + lacking;
            let goal = served + bounds.least_gain * (served + lacking);
            let (x, shut) = (self.items.x.clone(), self.items.shut.clone());
            let (shift, trouble) = (self.shift.clone(), self.trouble.clone());
            // The best of the single branches; chains only if none of them helps.
            let mut best: Option<(f64, u32, usize)> = None;
            'search: for (most, length) in [(bounds.tries, 1), (bounds.chains, bounds.chain_length)]
            {
                for &l in candidates.iter().take(most as usize) {
                    if self.solves_left == 0 {
                        break 'search;
                    }
                    let found = self.try_chain(grid, scope, l, length, goal);
                    self.close_again();
                    self.items.x.copy_from_slice(&x);
                    self.items.shut.copy_from_slice(&shut);
                    self.shift.copy_from_slice(&shift);
                    if let Some((served, length)) = found
                        && best.is_none_or(|b| served > b.0 * (1.0 + bounds.least_gain))
                    {
                        best = Some((served, l, length));
                        if served >= all * (1.0 - bounds.least_gain) {
                            break 'search;
                        }
                    }
                }
                if best.is_some() {
                    break;
                }
            }
            let mut gained = 0;
            if let Some((_, l, length)) = best {
                self.try_chain(grid, scope, l, length as u32, goal);
                gained = length as u32;
                self.chain.clear();
            }
            self.trouble = trouble;
            if gained == 0 {
                return;
            }
            opened += gained;
            candidates.clear();
            candidates.extend(self.adverse.iter().map(|&(_, l)| l));
        }
    }

    /// Opens `first`, then up to `length` in all the most adverse branch that is left,
    /// and looks where most is served. Gives that and the length it takes, if `goal` is
    /// passed; `self.chain` holds all that was opened.
    fn try_chain(
        &mut self,
        grid: &Grid,
        scope: &[bool],
        first: u32,
        length: u32,
        goal: f64,
    ) -> Option<(f64, usize)> {
        self.chain.clear();
        let mut next = Some(first);
        let mut best: Option<(f64, usize)> = None;
        while let Some(l) = next.filter(|_| self.chain.len() < length as usize) {
            self.opened[l as usize] = true;
            self.chain.push(l);
            self.trouble = None;
            self.run(grid, scope);
            let served = self.service(scope).0;
            if self.trouble.is_none() && served > best.map_or(goal, |b| b.0) {
                best = Some((served, self.chain.len()));
            }
            next = self.adverse.first().map(|&(_, l)| l);
        }
        best
    }

    /// Closes what the last chain opened.
    fn close_again(&mut self) {
        for &l in &self.chain {
            self.opened[l as usize] = false;
        }
        self.chain.clear();
    }
}
