//! Level and volume of tanks.

use crate::region::Tank;
use std::f64::consts::PI;

/// Volume of water in `tank` at `level_m` above its bottom, m³ (never below 0).
#[must_use]
pub fn tank_volume_m3(tank: &Tank, level_m: f64) -> f64 {
    Shape::new(tank).volume(&tank.volume_curve, level_m).max(0.0)
}

/// What relates level and volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// `at_min + area (level − min)`.
    Cylinder { area_m2: f64, min_level_m: f64, at_min_m3: f64 },
    /// By the tank's curve.
    Curve,
}

impl Shape {
    pub fn new(tank: &Tank) -> Self {
        let rising = tank.volume_curve.windows(2).all(|p| p[1].0 > p[0].0 && p[1].1 > p[0].1);
        if tank.volume_curve.len() >= 2 && rising {
            return Self::Curve;
        }
        let area_m2 = (PI * tank.diameter_m * tank.diameter_m / 4.0).max(1e-6);
        let at_min_m3 =
            if tank.min_volume_m3 > 0.0 { tank.min_volume_m3 } else { area_m2 * tank.min_level_m };
        Self::Cylinder { area_m2, min_level_m: tank.min_level_m, at_min_m3 }
    }

    pub fn volume(self, curve: &[(f64, f64)], level_m: f64) -> f64 {
        match self {
            Self::Cylinder { area_m2, min_level_m, at_min_m3 } => {
                at_min_m3 + area_m2 * (level_m - min_level_m)
            }
            Self::Curve => line(curve, level_m, |p| (p.0, p.1)),
        }
    }

    pub fn level(self, curve: &[(f64, f64)], volume_m3: f64) -> f64 {
        match self {
            Self::Cylinder { area_m2, min_level_m, at_min_m3 } => {
                min_level_m + (volume_m3 - at_min_m3) / area_m2
            }
            Self::Curve => line(curve, volume_m3, |p| (p.1, p.0)),
        }
    }
}

/// Straight lines through points, the end ones prolonged.
fn line(curve: &[(f64, f64)], x: f64, axes: impl Fn((f64, f64)) -> (f64, f64)) -> f64 {
    let i = curve.partition_point(|&p| axes(p).0 < x).clamp(1, curve.len() - 1);
    let (a, b) = (axes(curve[i - 1]), axes(curve[i]));
    a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tank(volume_curve: Vec<(f64, f64)>) -> Tank {
        Tank {
            id: "t".into(),
            elevation_m: 100.0,
            init_level_m: 3.0,
            min_level_m: 1.0,
            max_level_m: 6.0,
            diameter_m: 10.0,
            min_volume_m3: 0.0,
            volume_curve,
            overflow: false,
            position: None,
            facility: None,
        }
    }

    #[test]
    fn cylinder_and_curve_invert() {
        for t in [tank(vec![]), tank(vec![(0.0, 0.0), (2.0, 50.0), (6.0, 400.0)])] {
            let shape = Shape::new(&t);
            for level in [0.5, 1.0, 3.3, 6.0] {
                let v = shape.volume(&t.volume_curve, level);
                assert!((shape.level(&t.volume_curve, v) - level).abs() < 1e-9);
            }
        }
        assert!((tank_volume_m3(&tank(vec![]), 2.0) - 50.0 * PI).abs() < 1e-9);
    }
}
