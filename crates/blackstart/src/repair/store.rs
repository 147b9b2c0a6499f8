//! Spares on the shelf and on their way, and temporary fixes.

use crate::scenario::{RepairResources, Spare, SpareStock, TemporaryFix};

use super::job::Job;

/// What is in stock.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Store {
    stock: SpareStock,
    arrived: Vec<bool>,
    fixes: [u32; TemporaryFix::ALL.len()],
}

impl Store {
    pub fn new(resources: &RepairResources) -> Self {
        Self {
            stock: resources.spares,
            arrived: vec![false; resources.deliveries.len()],
            fixes: resources.recovery.temporary,
        }
    }

    pub fn stock(&self) -> &SpareStock {
        &self.stock
    }

    /// Temporary fixes in stock, in the order of [`TemporaryFix::ALL`].
    pub fn fixes(&self) -> &[u32; TemporaryFix::ALL.len()] {
        &self.fixes
    }

    /// Shelves what has arrived by `now_h`.
    pub fn receive(&mut self, resources: &RepairResources, now_h: f64) {
        for (delivery, arrived) in resources.deliveries.iter().zip(&mut self.arrived) {
            if !*arrived && delivery.at_h <= now_h {
                *arrived = true;
                let shelf = &mut self.stock[position(delivery.spare)];
                *shelf = shelf.saturating_add(delivery.count);
            }
        }
    }

    pub fn has(&self, job: &Job) -> bool {
        job.spare.is_none_or(|spare| self.stock[position(spare)] >= job.spare_count)
    }

    pub fn give(&mut self, job: &Job) {
        if let Some(spare) = job.spare {
            self.stock[position(spare)] -= job.spare_count;
        }
    }

    /// Takes a temporary fix, if one is there.
    pub fn take_fix(&mut self, fix: TemporaryFix) -> bool {
        let shelf = &mut self.fixes[fix as usize];
        let there = *shelf > 0;
        *shelf -= u32::from(there);
        there
    }

    pub fn return_fix(&mut self, fix: TemporaryFix) {
        self.fixes[fix as usize] += 1;
    }
}

fn position(spare: Spare) -> usize {
    // The order of `Spare::ALL` is that of the variants.
    spare as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_tables() {
        for (i, spare) in Spare::ALL.into_iter().enumerate() {
            assert_eq!(position(spare), i);
        }
        for (i, fix) in TemporaryFix::ALL.into_iter().enumerate() {
            assert_eq!(fix as usize, i);
        }
    }
}
