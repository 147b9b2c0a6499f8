//! Hazen–Williams friction.

/// Exponent of the flow.
pub const EXPONENT: f64 = 1.852;

/// 4.727 ft-s (EPANET 2.2 manual, table 3.1) in metres and m³/s.
const FACTOR: f64 = 10.666_829_5;

/// Resistance of a pipe so that the head loss in m is `r q^1.852` with q in m³/s.
#[must_use]
pub fn resistance(length_m: f64, diameter_m: f64, c: f64) -> f64 {
    FACTOR * length_m / (c.powf(EXPONENT) * diameter_m.powf(4.871))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_textbook_form() {
        // S = 10.67 Q^1.852 / (C^1.852 d^4.8704): 1 km of 300 mm, C = 120, 50 l/s.
        let h = resistance(1000.0, 0.3, 120.0) * 0.05f64.powf(EXPONENT);
        let textbook =
            10.67 * 1000.0 * 0.05f64.powf(1.852) / (120f64.powf(1.852) * 0.3f64.powf(4.8704));
        assert!((h / textbook - 1.0).abs() < 2e-3, "{h} {textbook}");
    }
}
