//! Chezy–Manning friction.

/// Exponent of the flow.
pub const EXPONENT: f64 = 2.0;

/// 4.66 ft-s (EPANET 2.2 manual, table 3.1) in metres and m³/s.
const FACTOR: f64 = 10.289_065_7;

/// Resistance of a full pipe with Manning's `n`, so that the head loss in m is `r q²`
/// with q in m³/s.
#[must_use]
pub fn resistance(length_m: f64, diameter_m: f64, n: f64) -> f64 {
    FACTOR * n * n * length_m / diameter_m.powf(16.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn agrees_with_mannings_formula() {
        // V = R^(2/3) S^(1/2) / n with R = d/4.
        let (d, n, q, length) = (0.4f64, 0.012, 0.1, 500.0);
        let v = q / (PI * d * d / 4.0);
        let slope = (v * n / (d / 4.0).powf(2.0 / 3.0)).powi(2);
        let h = resistance(length, d, n) * q * q;
        assert!((h / (slope * length) - 1.0).abs() < 2e-3, "{h} {}", slope * length);
    }
}
