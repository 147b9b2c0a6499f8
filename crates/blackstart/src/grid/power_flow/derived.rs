//! What follows from a power flow's tables.

use super::PowerFlow;
use crate::region::Grid;

impl PowerFlow {
    /// Loading of branch `l`: the larger end's apparent power, percent of the long-term
    /// rating; NaN where it has none.
    #[must_use]
    pub fn loading_percent(&self, grid: &Grid, l: usize) -> f64 {
        let rate_mva = grid.branches[l].rate_mva;
        if !(rate_mva.is_finite() && rate_mva > 0.0) {
            return f64::NAN;
        }
        let from = self.branch_p_from_mw[l].hypot(self.branch_q_from_mvar[l]);
        let to = self.branch_p_to_mw[l].hypot(self.branch_q_to_mvar[l]);
        100.0 * from.max(to) / rate_mva
    }

    /// Active power lost in branches, MW.
    #[must_use]
    pub fn losses_mw(&self) -> f64 {
        self.branch_p_from_mw.iter().zip(&self.branch_p_to_mw).map(|(from, to)| from + to).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::PowerFlow;
    use crate::region::{Branch, Grid};

    #[test]
    fn loading_is_that_of_the_fuller_end() {
        let branch = |rate_mva| Branch { rate_mva, ..Branch::default() };
        let grid = Grid { branches: vec![branch(10.0), branch(f64::INFINITY)], ..Grid::default() };
        let flow = PowerFlow {
            branch_p_from_mw: vec![3.0, 1.0],
            branch_q_from_mvar: vec![4.0, 0.0],
            branch_p_to_mw: vec![-2.5, -1.0],
            branch_q_to_mvar: vec![-6.0, 0.0],
            ..PowerFlow::default()
        };
        assert!((flow.loading_percent(&grid, 0) - 65.0).abs() < 1e-12);
        assert!(flow.loading_percent(&grid, 1).is_nan());
        assert_eq!(flow.losses_mw(), 0.5);
    }
}
