//! From how strong something is to the state it leaves a facility in.
//!
//! Every facility has one uniform number per event, and every state a chance to be reached
//! or exceeded that grows with the strength: the state is the worst whose chance exceeds
//! the number. So something stronger never does less damage, draw by draw.

use crate::math::random::{normal_cdf, normal_quantile};
use crate::scenario::DamageState;

/// A lognormal fragility curve: the chance that a state is reached or exceeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Strength at which the chance is one half, in the unit of the strength.
    pub median: f64,
    /// Standard deviation of the strength's natural logarithm.
    pub beta: f64,
}

impl Curve {
    /// The chance at `strength`; 0 at 0 and below.
    #[must_use]
    pub fn chance(&self, strength: f64) -> f64 {
        if strength > 0.0 { normal_cdf((strength / self.median).ln() / self.beta) } else { 0.0 }
    }

    /// The curve of what breaks with this chance at this strength.
    #[must_use]
    pub fn through(strength: f64, chance: f64, beta: f64) -> Self {
        Self { median: strength * (-beta * normal_quantile(chance)).exp(), beta }
    }
}

/// The worst state whose chance, in the order of [`DamageState::ALL`], exceeds `u`.
#[must_use]
pub fn worst(chances: [f64; 4], u: f64) -> Option<DamageState> {
    let reached = DamageState::ALL.into_iter().zip(chances).rev();
    reached.filter(|(_, chance)| u < *chance).map(|(state, _)| state).next()
}

/// Chance of at least `count` failures where `expected` are expected, each for itself
/// (Poisson).
#[must_use]
pub fn at_least(count: u32, expected: f64) -> f64 {
    let mut term = (-expected).exp();
    let mut fewer = 0.0;
    for k in 0..count {
        fewer += term;
        term *= expected / f64::from(k + 1);
    }
    (1.0 - fewer).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_break_at_the_median() {
        let curve = Curve { median: 0.3, beta: 0.5 };
        assert!((curve.chance(0.3) - 0.5).abs() < 1e-15);
        // One standard deviation above: 84.13 %.
        assert!((curve.chance(0.3 * 0.5_f64.exp()) - 0.841_344_746).abs() < 1e-9);
        assert_eq!(curve.chance(0.0), 0.0);
        assert!((Curve::through(1.0, 0.1, 0.2).chance(1.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn the_worst_state_counts_even_where_curves_cross() {
        assert_eq!(worst([0.9, 0.6, 0.3, 0.1], 0.95), None);
        assert_eq!(worst([0.9, 0.6, 0.3, 0.1], 0.5), Some(DamageState::Moderate));
        assert_eq!(worst([0.9, 0.6, 0.3, 0.1], 0.05), Some(DamageState::Complete));
        assert_eq!(worst([0.2, 0.4, 0.0, 0.0], 0.3), Some(DamageState::Moderate));
        assert_eq!(worst([0.0; 4], 0.0), None);
    }

    #[test]
    fn failures_are_poisson() {
        assert_eq!(at_least(0, 2.0), 1.0);
        assert_eq!(at_least(1, 0.0), 0.0);
        assert!((at_least(1, 2.0) - (1.0 - (-2.0_f64).exp())).abs() < 1e-15);
        assert!((at_least(2, 2.0) - (1.0 - 3.0 * (-2.0_f64).exp())).abs() < 1e-15);
        assert_eq!(at_least(4, 1e6), 1.0);
    }
}
