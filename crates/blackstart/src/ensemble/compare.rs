//! Policies against the baseline, draw by draw.

use super::spread::{FEWEST_DRAWS, mean};
use super::{Figures, Quantity, Spread, half_width_95};

/// What an ensemble came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Number of draws.
    pub draws: usize,
    /// By policy, by quantity in the order of [`Quantity::ALL`].
    pub spreads: Vec<[Spread; Quantity::ALL.len()]>,
    /// By policy, by quantity: against the first policy, which is the baseline.
    pub differences: Vec<[Difference; Quantity::ALL.len()]>,
}

/// What a policy changes, paired by draw: its value less the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean over draws.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval of that mean; infinite for fewer
    /// than eight draws.
    pub half_width: f64,
    /// 5 % of draws have a lower difference.
    pub p5: f64,
    /// 95 % of draws have a lower difference.
    pub p95: f64,
}

impl Difference {
    /// Whether the interval leaves out 0: the sign of the difference is told.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.mean.abs() > self.half_width
    }

    /// Draws that are needed in all for a half-width of `share` of the mean difference,
    /// if the draws so far are typical (their number times the square of how much too
    /// wide the interval is). None while that cannot be said: fewer than eight draws, or
    /// no difference.
    #[must_use]
    pub fn draws_needed(&self, draws: usize, share: f64) -> Option<f64> {
        let aim = share * self.mean.abs();
        let known = self.half_width.is_finite() && (aim > 0.0 || self.half_width == 0.0);
        let fewest = FEWEST_DRAWS as f64;
        known.then(|| {
            if self.half_width <= aim {
                return draws as f64;
            }
            (draws as f64 * (self.half_width / aim).powi(2)).ceil().max(fewest)
        })
    }
}

/// Puts policies side by side: `draws` holds the figures of each draw by policy, the first
/// of which is the baseline.
#[must_use]
pub fn compare(draws: &[Vec<Figures>]) -> Comparison {
    let cases = draws.first().map_or(0, Vec::len);
    let column = |case: usize, quantity: Quantity| -> Vec<f64> {
        draws.iter().map(|d| d[case].value(quantity)).collect()
    };
    let spreads = (0..cases).map(|c| Quantity::ALL.map(|q| Spread::of(&column(c, q)))).collect();
    let difference = |case: usize, quantity: Quantity| {
        let (with, without) = (column(case, quantity), column(0, quantity));
        let paired: Vec<f64> = with.iter().zip(&without).map(|(a, b)| a - b).collect();
        let spread = Spread::of(&paired);
        Difference {
            mean: mean(&paired),
            half_width: half_width_95(&paired),
            p5: spread.p5,
            p95: spread.p95,
        }
    };
    let differences = (0..cases).map(|c| Quantity::ALL.map(|q| difference(c, q))).collect();
    Comparison { draws: draws.len(), spreads, differences }
}
