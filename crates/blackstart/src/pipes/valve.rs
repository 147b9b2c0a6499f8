//! Valves whose loss depends on their own flow alone: throttle, flow control, pressure
//! breaker, general purpose. (Pressure reducing and sustaining valves look at a node:
//! [`super::Regulator`].)

use super::GRAVITY_M_S2;
use super::limits::{Bounds, bounded};
use std::f64::consts::PI;

/// Loss of a fully open valve without a loss coefficient, m per m³/s.
const OPEN_GRADIENT: f64 = 1e-3;

/// `8 K / (g π² d⁴)`: the loss in m is this times q² (m³/s).
#[must_use]
pub fn minor_loss(coefficient: f64, diameter_m: f64) -> f64 {
    8.0 * coefficient / (GRAVITY_M_S2 * PI * PI * diameter_m.powi(4))
}

/// A head loss given point by point, for flow in either direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// (m³/s, m), rising from (0, 0).
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// From points of rising flow and never falling loss; none otherwise.
    #[must_use]
    pub fn new(points: &[(f64, f64)]) -> Option<Self> {
        let rising = points.windows(2).all(|p| p[1].0 > p[0].0 && p[1].1 >= p[0].1);
        let starts = points.first().is_some_and(|p| p.0 >= 0.0 && p.1 >= 0.0);
        if !rising || !starts {
            return None;
        }
        let mut all = points.to_vec();
        if all[0].0 > 0.0 {
            all.insert(0, (0.0, 0.0));
        } else {
            all[0].1 = 0.0;
        }
        (all.len() >= 2).then_some(Self { points: all })
    }

    fn loss(&self, q: f64) -> (f64, f64) {
        let a = q.abs();
        let p = &self.points;
        let i = p.partition_point(|p| p.0 < a).clamp(1, p.len() - 1);
        let slope = (p[i].1 - p[i - 1].1) / (p[i].0 - p[i - 1].0);
        let h = p[i - 1].1 + slope * (a - p[i - 1].0);
        (h.copysign(q) + OPEN_GRADIENT * q, slope + OPEN_GRADIENT)
    }
}

/// Loss of a valve by its own flow.
#[derive(Clone, Debug, PartialEq)]
pub enum ValveLaw {
    /// `minor q²`: open valves and throttles.
    Throttle {
        /// See [`minor_loss`].
        minor: f64,
    },
    /// At most `flow` from → to; open otherwise.
    Flow {
        /// Limit, m³/s.
        flow: f64,
        /// When open.
        minor: f64,
    },
    /// At least `drop` m from → to.
    Breaker {
        /// Forced drop, m.
        drop: f64,
        /// When open.
        minor: f64,
    },
    /// From a curve.
    Curve(Curve),
}

impl ValveLaw {
    /// Head loss (m) and gradient (m per m³/s) at flow `q` (m³/s).
    #[must_use]
    pub fn loss(&self, q: f64) -> (f64, f64) {
        match self {
            Self::Throttle { minor } => throttle(*minor, q),
            Self::Flow { minor, .. } => bounded(self.bounds(), q, |q| throttle(*minor, q)),
            Self::Breaker { drop, minor } => {
                if minor * q * q > *drop && q > 0.0 {
                    return throttle(*minor, q);
                }
                (drop + OPEN_GRADIENT * q, OPEN_GRADIENT)
            }
            Self::Curve(curve) => curve.loss(q),
        }
    }

    /// Limits of the flow.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Flow { flow, .. } => {
                Bounds { high: *flow, wall: Bounds::wall_at(*flow), ..Bounds::FREE }
            }
            Self::Throttle { .. } | Self::Breaker { .. } | Self::Curve(_) => Bounds::FREE,
        }
    }
}

fn throttle(minor: f64, q: f64) -> (f64, f64) {
    (minor * q * q.abs() + OPEN_GRADIENT * q, 2.0 * minor * q.abs() + OPEN_GRADIENT)
}

/// Loss of a fully open valve or fitting: `minor q²` with a little slope at rest.
#[must_use]
pub(super) fn open_loss(minor: f64, q: f64) -> (f64, f64) {
    throttle(minor, q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_loss_is_velocity_head() {
        let (d, q) = (0.3f64, 0.1);
        let v = q / (PI * d * d / 4.0);
        let expected = 2.5 * v * v / (2.0 * GRAVITY_M_S2);
        assert!((minor_loss(2.5, d) * q * q / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn flow_valve_holds_its_setting() {
        let valve = ValveLaw::Flow { flow: 0.05, minor: 0.0 };
        assert!(valve.loss(0.05 + 1e-7).0 > 100.0);
        assert!(valve.loss(0.049).0 < 1e-3);
        assert!(valve.loss(-0.2).0.abs() < 1e-3, "open backwards, as in EPANET");
    }

    #[test]
    fn curve_interpolates_both_ways() {
        let valve = ValveLaw::Curve(Curve::new(&[(0.0, 0.0), (0.1, 2.0), (0.2, 8.0)]).unwrap());
        assert!((valve.loss(0.15).0 - 5.0).abs() < 1e-3);
        assert!((valve.loss(-0.15).0 + 5.0).abs() < 1e-3);
        assert!((valve.loss(0.3).0 - 14.0).abs() < 1e-3, "extrapolates the last line");
        assert!(Curve::new(&[(0.0, 1.0), (0.1, 0.5)]).is_none());
    }

    #[test]
    fn breaker_forces_its_drop() {
        let valve = ValveLaw::Breaker { drop: 10.0, minor: 1000.0 };
        assert!((valve.loss(0.05).0 - 10.0).abs() < 1e-3);
        assert!((valve.loss(0.2).0 - 40.0).abs() < 1e-3);
    }
}
