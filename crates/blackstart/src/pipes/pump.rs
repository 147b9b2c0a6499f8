//! Pumps: head gained by flow, at any speed and share of capacity.

use super::limits::{Bounds, bounded};
use super::{LEAST_GRADIENT, power_law};

/// Specific weight of water, kN/m³: EPANET's 8.814 ft⁴/s for a horsepower of 0.7457 kW
/// (62.4 lb/ft³ are 9.8021 kN/m³, which after days makes a difference in tanks).
pub const WATER_KN_M3: f64 = 9.802_373;

/// Greatest head that a pump of given power is taken to reach near standstill, m.
const POWER_HEAD_LIMIT_M: f64 = 1000.0;

/// Head gained by a pump at nominal speed, by flow in m³/s.
#[derive(Clone, Debug, PartialEq)]
pub enum PumpLaw {
    /// `shutoff − r q^n`.
    Curve {
        /// Head at no flow, m.
        shutoff: f64,
        /// Coefficient, m per (m³/s)^n.
        r: f64,
        /// Exponent.
        n: f64,
    },
    /// Straight lines between (m³/s, m) points, at least two, falling.
    Lines(Vec<(f64, f64)>),
    /// `head_flow / q`.
    Power {
        /// Power over specific weight, m · m³/s.
        head_flow: f64,
    },
}

impl PumpLaw {
    /// A pump that gives `kw` to the water.
    #[must_use]
    pub fn power(kw: f64) -> Self {
        Self::Power { head_flow: (kw / WATER_KN_M3).max(0.0) }
    }

    /// From (m³/s, m) points as EPANET reads them: one point is the design point (shut-off
    /// head 4/3 of it, no head at twice the flow); three points starting at no flow make
    /// a power function; anything else is a polyline. None if no pump has that curve.
    #[must_use]
    pub fn from_points(points: &[(f64, f64)]) -> Option<Self> {
        match *points {
            [] => None,
            [(q, h)] => Self::power_function((0.0, 4.0 * h / 3.0), (q, h), (2.0 * q, 0.0)),
            [a, b, c] if a.0 == 0.0 => {
                // Three points on no power function are a polyline in EPANET too.
                Self::power_function(a, b, c).or_else(|| Self::lines(points))
            }
            _ => Self::lines(points),
        }
    }

    fn power_function(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> Option<Self> {
        let (drop_b, drop_c) = (a.1 - b.1, a.1 - c.1);
        if !(drop_b > 0.0 && drop_c > drop_b && b.0 > 0.0 && c.0 > b.0) {
            return None;
        }
        let n = (drop_c / drop_b).ln() / (c.0 / b.0).ln();
        let r = drop_b / b.0.powf(n);
        (n > 0.0 && n <= 20.0 && r.is_finite()).then_some(Self::Curve { shutoff: a.1, r, n })
    }

    fn lines(points: &[(f64, f64)]) -> Option<Self> {
        let falling = points.windows(2).all(|p| p[1].0 > p[0].0 && p[1].1 < p[0].1);
        (points.len() >= 2 && falling).then(|| Self::Lines(points.to_vec()))
    }

    /// Head drop (m; negative is gain) and gradient at flow `q` (m³/s), at relative
    /// `speed` by the affinity laws, with `share` of the pump's parallel units at work.
    /// A pump does not run backwards: below zero flow stands a wall. `speed` and
    /// `share` must be above 0.
    #[must_use]
    pub fn loss(&self, q: f64, speed: f64, share: f64) -> (f64, f64) {
        bounded(Bounds::FORWARD, q, |q| {
            let (h, g) = self.one(q / share, speed);
            (h, g / share)
        })
    }

    /// True of a pump of given power that would need more head for so small a flow than any
    /// pump has: it pushes against a closed end.
    #[must_use]
    pub fn is_stalled(&self, q: f64, speed: f64, share: f64) -> bool {
        match self {
            Self::Power { head_flow } => q / share <= least_flow(head_flow * speed.powi(3)),
            Self::Curve { .. } | Self::Lines(_) => false,
        }
    }

    fn one(&self, q: f64, speed: f64) -> (f64, f64) {
        match self {
            Self::Curve { shutoff, r, n } => {
                let r = r * speed.powf(2.0 - n);
                let (h, g) = if *n < 1.0 {
                    steep_start(r, *n, q)
                } else {
                    power_law(r, *n, q, LEAST_GRADIENT)
                };
                (h - shutoff * speed * speed, g)
            }
            Self::Lines(points) => {
                let at = q / speed;
                let i = points.partition_point(|p| p.0 < at).clamp(1, points.len() - 1);
                let (a, b) = (points[i - 1], points[i]);
                let slope = (b.1 - a.1) / (b.0 - a.0);
                let head = a.1 + slope * (at - a.0);
                (-head * speed * speed, -slope * speed)
            }
            Self::Power { head_flow } => {
                // Speed scales power by its cube.
                let c = head_flow * speed.powi(3);
                let least = least_flow(c);
                if q < least {
                    let slope = c / (least * least) + LEAST_GRADIENT;
                    return (-c / least + slope * (q - least), slope);
                }
                (-c / q + LEAST_GRADIENT * (q - least), c / (q * q) + LEAST_GRADIENT)
            }
        }
    }

    /// Flow at head drop `drop` (m; negative is gain), m³/s.
    #[must_use]
    pub fn flow_near(&self, drop: f64, speed: f64, share: f64) -> f64 {
        let q = match self {
            Self::Curve { shutoff, r, n } => {
                let spare = (shutoff + drop / (speed * speed)).max(0.0);
                (spare / r).powf(1.0 / n)
            }
            Self::Lines(points) => {
                let gain = -drop / (speed * speed);
                let i = points.partition_point(|p| p.1 > gain).clamp(1, points.len() - 1);
                let (a, b) = (points[i - 1], points[i]);
                (a.0 + (gain - a.1) * (b.0 - a.0) / (b.1 - a.1)).max(0.0)
            }
            Self::Power { head_flow } => {
                if drop < 0.0 {
                    head_flow * speed * speed / -drop
                } else {
                    f64::INFINITY
                }
            }
        };
        q * speed * share
    }

    /// Keeps a Newton step of a pump near standstill from flying off (its curve is flat
    /// there), and one past standstill from running backwards far.
    #[must_use]
    pub fn settle(&self, q_old: f64, q_new: f64, drop: f64, speed: f64, share: f64) -> f64 {
        if q_new > 8.0 * q_old.max(0.0) + 1e-6 {
            let natural = self.flow_near(drop, speed, share);
            if natural < q_new {
                return natural;
            }
        }
        Bounds::FORWARD.settle(q_old, q_new)
    }

    /// A flow in the middle of the pump's range, for starting points, m³/s.
    #[must_use]
    pub fn usual_flow(&self, speed: f64, share: f64) -> f64 {
        let q = match self {
            Self::Curve { shutoff, r, n } => (0.25 * shutoff / r).max(0.0).powf(1.0 / n),
            Self::Lines(points) => 0.5 * (points[0].0 + points[points.len() - 1].0),
            Self::Power { head_flow } => head_flow / 50.0,
        };
        q * speed * share
    }
}

/// Flow at which a pump of given power (m⁴/s) reaches the greatest head, m³/s.
fn least_flow(head_flow: f64) -> f64 {
    (head_flow / POWER_HEAD_LIMIT_M).max(1e-12)
}

/// `r q^n` for n < 1, whose gradient has no bound at rest: straight below a small flow.
fn steep_start(r: f64, n: f64, q: f64) -> (f64, f64) {
    let knee = 1e-6;
    let slope = r * f64::powf(knee, n - 1.0);
    if q < knee { (slope * q, slope) } else { (r * q.powf(n), n * r * q.powf(n - 1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_point_follows_epanets_rule() {
        let pump = PumpLaw::from_points(&[(0.1, 60.0)]).unwrap();
        assert!((pump.loss(0.0, 1.0, 1.0).0 + 80.0).abs() < 1e-9);
        assert!((pump.loss(0.1, 1.0, 1.0).0 + 60.0).abs() < 1e-9);
        assert!(pump.loss(0.2, 1.0, 1.0).0.abs() < 1e-9);
    }

    #[test]
    fn three_points_lie_on_the_curve() {
        let points = [(0.0, 104.0), (0.126, 92.0), (0.252, 63.0)];
        let pump = PumpLaw::from_points(&points).unwrap();
        for (q, h) in points {
            assert!((pump.loss(q, 1.0, 1.0).0 + h).abs() < 1e-9);
        }
    }

    #[test]
    fn affinity_laws_hold_for_every_kind() {
        let kinds = [
            PumpLaw::from_points(&[(0.1, 60.0)]).unwrap(),
            PumpLaw::from_points(&[(0.0, 70.0), (0.05, 66.0), (0.1, 60.0), (0.2, 30.0)]).unwrap(),
            PumpLaw::power(50.0),
        ];
        for pump in kinds {
            let full = pump.loss(0.1, 1.0, 1.0).0;
            let slow = pump.loss(0.08, 0.8, 1.0).0;
            assert!((slow / full - 0.64).abs() < 1e-3, "{pump:?} {slow} {full}");
            let half = pump.loss(0.05, 1.0, 0.5).0;
            assert!((half / full - 1.0).abs() < 1e-3, "half the units carry half the flow");
        }
    }

    #[test]
    fn gradient_is_the_derivative_and_positive() {
        let kinds = [
            PumpLaw::from_points(&[(0.1, 60.0)]).unwrap(),
            PumpLaw::Curve { shutoff: 50.0, r: 100.0, n: 0.8 },
            PumpLaw::power(50.0),
        ];
        for pump in kinds {
            for i in 1..60 {
                let q = f64::from(i) * 0.004_1;
                let (_, g) = pump.loss(q, 0.9, 0.7);
                let d = 1e-7;
                let numeric =
                    (pump.loss(q + d, 0.9, 0.7).0 - pump.loss(q - d, 0.9, 0.7).0) / (2.0 * d);
                assert!(g > 0.0 && (numeric / g - 1.0).abs() < 1e-3, "{pump:?} {q} {numeric} {g}");
            }
            assert!(pump.loss(-1e-3, 1.0, 1.0).0 < -1e5, "does not run backwards");
        }
    }

    #[test]
    fn rising_curves_are_refused() {
        assert!(PumpLaw::from_points(&[(0.0, 10.0), (1.0, 20.0)]).is_none());
        assert!(PumpLaw::from_points(&[]).is_none());
    }
}
