//! Costs of active power as the linear and quadratic terms of a program.

use crate::region::{Cost, Generator};

/// A slope may fall by this share of the largest: files round their points (to five
/// decimals in RTS-GMLC), and equal slopes then differ. It counts as the one before.
const SLOPE_TOLERANCE: f64 = 1e-4;
/// Points at which the curvature of a polynomial of third or higher degree is looked at.
const SAMPLES: u32 = 64;

/// A stretch of output with its own cost `slope · d + ½ · curvature · d²` for `d` MW
/// above the stretch's start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub width_mw: f64,
    pub slope: f64,
    pub curvature: f64,
}

/// A polynomial, highest power first, with its first and second derivative at `p`.
fn polynomial(c: &[f64], p: f64) -> (f64, f64, f64) {
    let (mut value, mut slope, mut half) = (0.0, 0.0, 0.0);
    for &c in c {
        half = half * p + slope;
        slope = slope * p + value;
        value = value * p + c;
    }
    (value, slope, 2.0 * half)
}

/// Cost per hour of `p_mw`; a piecewise linear one goes on with its last slopes.
pub(super) fn cost_at(unit: &Generator, p_mw: f64) -> f64 {
    match &unit.cost {
        None => 0.0,
        Some(Cost::Polynomial(c)) => polynomial(c, p_mw).0,
        Some(Cost::Piecewise(points)) => {
            let Some(first) = points.first() else { return 0.0 };
            let after = points.partition_point(|q| q.0 < p_mw).clamp(1, points.len().max(2) - 1);
            match points.get(after) {
                Some(b) => {
                    let a = points[after - 1];
                    a.1 + (p_mw - a.0) * (b.1 - a.1) / (b.0 - a.0)
                }
                None => first.1,
            }
        }
    }
}

/// True if quadratic terms do not say all of the cost.
pub(super) fn is_higher(unit: &Generator) -> bool {
    matches!(&unit.cost, Some(Cost::Polynomial(c))
        if c.len() > 3 && c[..c.len() - 3].iter().any(|c| *c != 0.0))
}

/// The cost between `least` and `most` MW as stretches of rising slope, added to `out`;
/// polynomials of higher degree by their second-order expansion at `at`. False if the
/// cost is not convex there.
pub(super) fn stretches(
    unit: &Generator,
    least: f64,
    most: f64,
    at: f64,
    out: &mut Vec<Stretch>,
) -> bool {
    let width_mw = most - least;
    match &unit.cost {
        None => out.push(Stretch { width_mw, slope: 0.0, curvature: 0.0 }),
        Some(Cost::Polynomial(c)) => {
            if is_higher(unit) {
                let convex = (0..=SAMPLES).all(|k| {
                    let p = least + width_mw * f64::from(k) / f64::from(SAMPLES);
                    polynomial(c, p).2 >= 0.0
                });
                if !convex {
                    return false;
                }
            }
            let (_, slope, curvature) = polynomial(c, at);
            if curvature < 0.0 {
                return false;
            }
            out.push(Stretch { width_mw, slope: slope + curvature * (least - at), curvature });
        }
        Some(Cost::Piecewise(points)) => {
            let slope = |w: &[(f64, f64)]| (w[1].1 - w[0].1) / (w[1].0 - w[0].0);
            let steepest = points.windows(2).fold(0.0f64, |m, w| m.max(slope(w).abs()));
            let mut before = f64::NEG_INFINITY;
            let mut from = least;
            let pieces = points.len().saturating_sub(1);
            for (k, w) in points.windows(2).enumerate() {
                let now = slope(w);
                let to = if k + 1 == pieces { most } else { w[1].0.min(most) };
                if to > from {
                    if now < before - SLOPE_TOLERANCE * steepest {
                        return false;
                    }
                    before = before.max(now);
                    out.push(Stretch { width_mw: to - from, slope: before, curvature: 0.0 });
                    from = to;
                }
            }
            if pieces == 0 {
                out.push(Stretch { width_mw, slope: 0.0, curvature: 0.0 });
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{cost_at, polynomial, stretches};
    use crate::region::{Cost, Generator};

    fn unit(cost: Cost) -> Generator {
        Generator { cost: Some(cost), ..Generator::default() }
    }

    #[test]
    fn derivatives_of_a_polynomial() {
        // 2 p³ − p² + 3 p + 5 at 2.
        assert_eq!(polynomial(&[2.0, -1.0, 3.0, 5.0], 2.0), (23.0, 23.0, 22.0));
        assert_eq!(polynomial(&[], 2.0), (0.0, 0.0, 0.0));
    }

    #[test]
    fn pieces_within_the_limits() {
        let unit =
            unit(Cost::Piecewise(vec![(0.0, 0.0), (10.0, 10.0), (20.0, 40.0), (30.0, 90.0)]));
        let mut out = Vec::new();
        assert!(stretches(&unit, 5.0, 40.0, 0.0, &mut out));
        let got: Vec<(f64, f64)> = out.iter().map(|s| (s.width_mw, s.slope)).collect();
        assert_eq!(got, [(5.0, 1.0), (10.0, 3.0), (20.0, 5.0)]);
        assert_eq!(cost_at(&unit, 5.0), 5.0);
        assert_eq!(cost_at(&unit, 15.0), 25.0);
        assert_eq!(cost_at(&unit, 40.0), 140.0);
        assert_eq!(cost_at(&unit, -5.0), -5.0);
    }

    #[test]
    fn what_is_not_convex_is_told() {
        let falling = unit(Cost::Piecewise(vec![(0.0, 0.0), (10.0, 30.0), (20.0, 40.0)]));
        assert!(!stretches(&falling, 0.0, 20.0, 0.0, &mut Vec::new()));
        // Only one of its pieces lies within the limits.
        assert!(stretches(&falling, 0.0, 10.0, 0.0, &mut Vec::new()));
        assert!(!stretches(
            &unit(Cost::Polynomial(vec![-0.1, 1.0, 0.0])),
            0.0,
            1.0,
            0.0,
            &mut Vec::new()
        ));
        let cubic = unit(Cost::Polynomial(vec![1.0, -6.0, 0.0, 0.0]));
        assert!(!stretches(&cubic, 0.0, 10.0, 5.0, &mut Vec::new()));
        assert!(stretches(&cubic, 2.0, 10.0, 5.0, &mut Vec::new()));
    }
}
