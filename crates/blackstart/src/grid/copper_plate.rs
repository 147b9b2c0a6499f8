//! Dispatch of an island as if its network could carry anything.
//!
//! When the flows that follow stay within the ratings, this is the optimum of the
//! whole program: no network can serve more.

use super::items::{Items, Kind};

/// Workspace.
#[derive(Clone, Debug, Default)]
pub(super) struct CopperPlate {
    withdrawals: Vec<u32>,
    units: Vec<u32>,
}

impl CopperPlate {
    /// Sets `x` of the `rows` of one island, and `shut` of its units. Rows must not be
    /// direct-current lines.
    pub fn dispatch(&mut self, items: &mut Items, rows: &[u32]) {
        self.withdrawals.clear();
        self.units.clear();
        let (mut wanted, mut spillable) = (0.0, 0.0);
        for &r in rows {
            let i = r as usize;
            items.x[i] = 0.0;
            items.shut[i] = false;
            if items.sign[i] < 0.0 {
                wanted += items.hi[i];
                self.withdrawals.push(r);
            } else if matches!(items.kind[i], Kind::Generator(_)) {
                if items.hi[i] > 0.0 {
                    self.units.push(r);
                }
            } else {
                spillable += items.hi[i];
            }
        }
        commit(items, &self.units, wanted, spillable);
        self.units.retain(|&r| !items.shut[r as usize]);
        if self.units.is_empty() {
            // What injects by itself cannot hold an island.
            for &r in rows {
                items.shut[r as usize] = true;
            }
            return;
        }
        let sum = |of: &[f64]| self.units.iter().map(|&r| of[r as usize]).sum::<f64>();
        let (least, most) = (sum(&items.floor), sum(&items.hi));
        if spillable + most >= wanted {
            for &r in &self.withdrawals {
                items.x[r as usize] = items.hi[r as usize];
            }
            let injected = spillable.min((wanted - least).max(0.0));
            let share = if spillable > 0.0 { injected / spillable } else { 0.0 };
            for &r in rows {
                let i = r as usize;
                if items.sign[i] > 0.0 && !matches!(items.kind[i], Kind::Generator(_)) {
                    items.x[i] = share * items.hi[i];
                }
            }
            share_generation(items, &self.units, wanted - injected);
        } else {
            for &r in rows {
                let i = r as usize;
                if items.sign[i] > 0.0 && !items.shut[i] {
                    items.x[i] = items.hi[i];
                }
            }
            self.shed(items, spillable + most);
        }
    }

    /// Serves withdrawals with `supply`: fixed ones first, then by weight, the same share
    /// of demand within a weight as far as each one's largest share allows.
    fn shed(&mut self, items: &mut Items, supply: f64) {
        let key = |items: &Items, r: u32| match items.kind[r as usize] {
            Kind::Demand(_) => items.weight[r as usize],
            Kind::Generator(_)
            | Kind::Spill(_)
            | Kind::Shunt(_)
            | Kind::DcLoss(_)
            | Kind::DcForward(_)
            | Kind::DcBackward(_) => f64::INFINITY,
        };
        self.withdrawals
            .sort_unstable_by(|&a, &b| key(items, b).total_cmp(&key(items, a)).then(a.cmp(&b)));
        let mut left = supply;
        let mut from = 0;
        while from < self.withdrawals.len() {
            let weight = key(items, self.withdrawals[from]);
            let end = from
                + self.withdrawals[from..].iter().take_while(|&&r| key(items, r) == weight).count();
            left -= share_out(items, &mut self.withdrawals[from..end], left.max(0.0));
            from = end;
        }
    }
}

/// Gives every row the same share of its full demand, capped at its own largest; gives
/// what was handed out. Reorders `rows`.
fn share_out(items: &mut Items, rows: &mut [u32], supply: f64) -> f64 {
    let mut full: f64 = rows.iter().map(|&r| items.full[r as usize]).sum();
    let mut left = supply;
    let mut open = rows;
    // Each round takes out those at their cap; the share of the rest only rises.
    loop {
        let share = if full > 0.0 { left / full } else { 1.0 };
        let mut kept = 0;
        let before = open.len();
        for k in 0..before {
            let i = open[k] as usize;
            if share * items.full[i] >= items.hi[i] {
                items.x[i] = items.hi[i];
                left = (left - items.hi[i]).max(0.0);
            } else {
                items.x[i] = share * items.full[i];
                open.swap(k, kept);
                kept += 1;
            }
        }
        open = &mut open[..kept];
        if kept == 0 || kept == before {
            return supply - left + open.iter().map(|&r| items.x[r as usize]).sum::<f64>();
        }
        full = open.iter().map(|&r| items.full[r as usize]).sum();
    }
}

/// Shares `output` among running units in proportion to their largest output, none below
/// its least stable one. Their sums must allow it.
fn share_generation(items: &mut Items, units: &[u32], output: f64) {
    for &r in units {
        items.x[r as usize] = -1.0;
    }
    let mut left = output;
    loop {
        let open = |items: &Items, r: &&u32| items.x[**r as usize] < 0.0;
        let capacity: f64 =
            units.iter().filter(|r| open(items, r)).map(|&r| items.hi[r as usize]).sum();
        let share = if capacity > 0.0 { (left / capacity).clamp(0.0, 1.0) } else { 0.0 };
        let mut held = false;
        for &r in units {
            let i = r as usize;
            if items.x[i] < 0.0 && share * items.hi[i] < items.floor[i] {
                items.x[i] = items.floor[i];
                left -= items.floor[i];
                held = true;
            }
        }
        if !held {
            for &r in units {
                let i = r as usize;
                if items.x[i] < 0.0 {
                    items.x[i] = share * items.hi[i];
                }
            }
            return;
        }
    }
}

/// Shuts units down until the least stable outputs of the rest fit into `wanted`, so
/// that the rest can serve as much as possible.
///
/// This is a knapsack problem. With few such units every choice is tried. Rule for more: while there is too much, shut the smallest unit
/// whose floor covers the excess, or, if there is none, the one with the least room
/// between floor and largest output relative to its size; then let in again what
/// fits, largest first; if demand stays unserved, exchange single units as long as
/// that helps. Ties go to the first row.
fn commit(items: &mut Items, units: &[u32], wanted: f64, spillable: f64) {
    let floor = |r: u32, items: &Items| items.floor[r as usize];
    let mut least: f64 = units.iter().map(|&r| floor(r, items)).sum();
    if least <= wanted {
        return;
    }
    let bound: Vec<u32> = units.iter().copied().filter(|&r| floor(r, items) > 0.0).collect();
    if bound.len() <= FEW {
        return commit_few(items, &bound, units, wanted, spillable);
    }
    while least > wanted {
        let running = units.iter().copied().filter(|&r| {
            let i = r as usize;
            !items.shut[i] && items.floor[i] > 0.0
        });
        let excess = least - wanted;
        let by_size = |a: &u32, b: &u32| {
            items.hi[*a as usize].total_cmp(&items.hi[*b as usize]).then(a.cmp(b))
        };
        let by_stiffness = |a: &u32, b: &u32| {
            let ratio = |r: u32| items.floor[r as usize] / items.hi[r as usize];
            ratio(*b).total_cmp(&ratio(*a)).then(a.cmp(b))
        };
        let choice = running
            .clone()
            .filter(|&r| floor(r, items) >= excess)
            .min_by(by_size)
            .or_else(|| running.min_by(by_stiffness));
        let Some(r) = choice else { break };
        items.shut[r as usize] = true;
        least = units
            .iter()
            .filter(|&&r| !items.shut[r as usize])
            .map(|&r| items.floor[r as usize])
            .sum();
    }
    readmit(items, units, wanted, &mut least);
    let mut capacity: f64 = spillable
        + units
            .iter()
            .filter(|&&r| !items.shut[r as usize])
            .map(|&r| items.hi[r as usize])
            .sum::<f64>();
    // Exchanges cost the square of the number of units; beyond this they are not worth it.
    let mut rounds = 200_000 / (units.len() * units.len()).max(1);
    while capacity < wanted && rounds > 0 {
        rounds -= 1;
        let mut best: Option<(f64, u32, u32)> = None;
        for &off in units.iter().filter(|&&r| !items.shut[r as usize]) {
            for &on in units.iter().filter(|&&r| items.shut[r as usize]) {
                let gain = items.hi[on as usize] - items.hi[off as usize];
                let fits = least - items.floor[off as usize] + items.floor[on as usize] <= wanted;
                if fits && gain > best.map_or(0.0, |b| b.0) {
                    best = Some((gain, off, on));
                }
            }
        }
        let Some((gain, off, on)) = best else { break };
        items.shut[off as usize] = true;
        items.shut[on as usize] = false;
        capacity += gain;
        least += items.floor[on as usize] - items.floor[off as usize];
        let before = least;
        readmit(items, units, wanted, &mut least);
        if least != before {
            capacity = spillable
                + units
                    .iter()
                    .filter(|&&r| !items.shut[r as usize])
                    .map(|&r| items.hi[r as usize])
                    .sum::<f64>();
        }
    }
}

/// Units with a least stable output up to which every choice is tried.
const FEW: usize = 12;

/// The choice of `bound` units that serves most; of equals, the one with the most units,
/// then the first.
fn commit_few(items: &mut Items, bound: &[u32], units: &[u32], wanted: f64, spillable: f64) {
    let free: f64 = units
        .iter()
        .map(|&r| r as usize)
        .filter(|&i| items.floor[i] <= 0.0)
        .map(|i| items.hi[i])
        .sum();
    let mut best = (-1.0f64, 0u32, 0u32);
    for choice in 0u32..1 << bound.len() {
        let (mut least, mut most) = (0.0, free + spillable);
        for (k, &r) in bound.iter().enumerate() {
            if choice >> k & 1 == 1 {
                least += items.floor[r as usize];
                most += items.hi[r as usize];
            }
        }
        let served = most.min(wanted);
        let better = served > best.0 || (served == best.0 && choice.count_ones() > best.1);
        if least <= wanted && better {
            best = (served, choice.count_ones(), choice);
        }
    }
    for (k, &r) in bound.iter().enumerate() {
        items.shut[r as usize] = best.2 >> k & 1 == 0;
    }
}

/// Lets shut units in again that fit, largest first.
fn readmit(items: &mut Items, units: &[u32], wanted: f64, least: &mut f64) {
    loop {
        let fitting = units
            .iter()
            .copied()
            .filter(|&r| items.shut[r as usize] && *least + items.floor[r as usize] <= wanted)
            .max_by(|&a, &b| items.hi[a as usize].total_cmp(&items.hi[b as usize]).then(b.cmp(&a)));
        let Some(r) = fitting else { return };
        items.shut[r as usize] = false;
        *least += items.floor[r as usize];
    }
}
