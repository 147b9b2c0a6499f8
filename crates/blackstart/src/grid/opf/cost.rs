//! Costs of generators in per unit, as the interior point takes them.

use crate::region::Cost;

/// A cost per hour of an output in p.u. between two limits.
#[derive(Clone, Debug, PartialEq)]
pub enum UnitCost {
    /// Coefficients, constant first.
    Polynomial(Vec<f64>),
    /// Cost at the lower limit, then slope and length of each piece, slopes ascending.
    Pieces(f64, Vec<(f64, f64)>),
}

/// The cost of a generator with limits `low` and `high` in p.u. of `base` MW. A piecewise
/// cost that is not convex counts as its lower convex hull; its first and last piece go on
/// where points end inside the limits.
pub fn unit_cost(cost: Option<&Cost>, base: f64, low: f64, high: f64) -> UnitCost {
    match cost {
        None => UnitCost::Polynomial(Vec::new()),
        Some(Cost::Polynomial(c)) => {
            let mut scale = 1.0;
            let scaled = c.iter().rev().map(|c| {
                let v = if c.is_finite() { c * scale } else { 0.0 };
                scale *= base;
                v
            });
            UnitCost::Polynomial(scaled.collect())
        }
        Some(Cost::Piecewise(points)) => pieces(points, base, low, high),
    }
}

fn pieces(points: &[(f64, f64)], base: f64, low: f64, high: f64) -> UnitCost {
    // Lower hull from left to right (Andrew, Inf. Process. Lett. 9, 1979).
    let mut hull: Vec<(f64, f64)> = Vec::new();
    let slope = |a: (f64, f64), b: (f64, f64)| (b.1 - a.1) / (b.0 - a.0);
    for &(mw, cost) in points {
        let p = (mw / base, cost);
        if !(p.0.is_finite() && p.1.is_finite()) || hull.last().is_some_and(|l| p.0 <= l.0) {
            continue;
        }
        while let [.., a, b] = hull[..] {
            if slope(a, b) < slope(b, p) {
                break;
            }
            hull.pop();
        }
        hull.push(p);
    }
    let [first, second, ..] = hull[..] else {
        return UnitCost::Polynomial(hull.first().map(|p| p.1).into_iter().collect());
    };
    let slopes: Vec<f64> = hull.windows(2).map(|w| slope(w[0], w[1])).collect();
    // Cost at the lower limit on the piece it lies on, or the first one's extension.
    let mut at_low = first.1 + slope(first, second) * (low - first.0);
    let mut found = Vec::new();
    let last = slopes.len() - 1;
    for (k, w) in hull.windows(2).enumerate() {
        let start = if k == 0 { low } else { w[0].0.clamp(low, high) };
        let end = if k == last { high } else { w[1].0.clamp(low, high) };
        if w[0].0 <= low {
            at_low = w[0].1 + slopes[k] * (low - w[0].0);
        }
        if end > start {
            found.push((slopes[k], end - start));
        }
    }
    UnitCost::Pieces(at_low, found)
}

#[cfg(test)]
mod tests {
    use super::{UnitCost, unit_cost};
    use crate::region::Cost;

    #[test]
    fn polynomials_are_scaled_and_turned_round() {
        let c = Cost::Polynomial(vec![0.02, 3.0, 7.0]);
        let expected = UnitCost::Polynomial(vec![7.0, 300.0, 200.0]);
        assert_eq!(unit_cost(Some(&c), 100.0, 0.0, 1.0), expected);
    }

    #[test]
    fn pieces_are_cut_to_the_limits_and_made_convex() {
        // A bump at 20 MW goes; the last piece goes on to the upper limit.
        let c = Cost::Piecewise(vec![(0.0, 0.0), (10.0, 10.0), (20.0, 90.0), (30.0, 110.0)]);
        let UnitCost::Pieces(at, pieces) = unit_cost(Some(&c), 10.0, 0.5, 4.0) else { panic!() };
        assert!((at - 5.0).abs() < 1e-12);
        assert_eq!(pieces.len(), 2);
        assert!((pieces[0].0 - 10.0).abs() < 1e-12 && (pieces[0].1 - 0.5).abs() < 1e-12);
        assert!((pieces[1].0 - 50.0).abs() < 1e-12 && (pieces[1].1 - 3.0).abs() < 1e-12);
    }
}
