//! Spread of a figure over draws, and how far its mean may be off.

use crate::math::random::normal_quantile;

/// How a figure is spread over draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: f64,
    /// 5 % of draws are below.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95 % of draws are below.
    pub p95: f64,
}

impl Spread {
    /// Of these values, in any order; NaN throughout without any.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |p: f64| quantile(&sorted, p);
        Self { mean: mean(values), p5: at(0.05), p50: at(0.5), p95: at(0.95) }
    }
}

/// Quantile `p` of sorted values, linear between order statistics (definition 7 of
/// Hyndman and Fan: *Sample quantiles in statistical packages*, 1996).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = p * last as f64;
    let low = (at.floor() as usize).min(last);
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Fewest draws that a half-width is given for: with fewer, the quantile's expansion and
/// the assumption of a nearly normal mean are both too rough.
pub(super) const FEWEST_DRAWS: usize = 8;

/// Half the width of the 95 % confidence interval of the mean of independent `values`
/// (Student's t); infinite for fewer than eight.
#[must_use]
pub fn half_width_95(values: &[f64]) -> f64 {
    let n = values.len();
    if n < FEWEST_DRAWS {
        return f64::INFINITY;
    }
    let mean = mean(values);
    let sum: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let deviation = (sum / (n - 1) as f64).sqrt();
    student_quantile(0.975, (n - 1) as f64) * deviation / (n as f64).sqrt()
}

/// Quantile of Student's t by the Cornish–Fisher expansion in 1/ν (Abramowitz and Stegun,
/// 26.7.5); off by less than 1e-3 from seven degrees of freedom on.
fn student_quantile(p: f64, degrees: f64) -> f64 {
    let z = normal_quantile(p);
    let z2 = z * z;
    let g1 = z * (z2 + 1.0) / 4.0;
    let g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    z + (g1 + (g2 + g3 / degrees) / degrees) / degrees
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_student_are_those_of_tables() {
        // Published tables of t at 97.5 %.
        for (degrees, t) in [(7.0, 2.3646), (10.0, 2.2281), (30.0, 2.0423), (120.0, 1.9799)] {
            assert!((student_quantile(0.975, degrees) - t).abs() < 1e-3, "{degrees}");
        }
    }

    #[test]
    fn spreads_of_known_values() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let spread = Spread::of(&values);
        assert_eq!(spread, Spread { mean: 50.0, p5: 5.0, p50: 50.0, p95: 95.0 });
        assert!(Spread::of(&[]).mean.is_nan());
        assert_eq!(Spread::of(&[3.0]).p95, 3.0);
        assert_eq!(half_width_95(&[2.0; 9]), 0.0);
        assert_eq!(half_width_95(&[1.0, 2.0]), f64::INFINITY);
        // Ten values 1 … 10: deviation 3.0277, t 2.2622.
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((half_width_95(&ten) - 2.2622 * 3.02765 / 10f64.sqrt()).abs() < 2e-3);
    }
}
