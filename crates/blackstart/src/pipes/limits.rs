//! Flow limits as walls: beyond a limit the head drop grows (almost) without bound.

/// Least and greatest flow of an edge, with the steepness of the walls there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least flow, m³/s.
    pub low: f64,
    /// Greatest flow, m³/s.
    pub high: f64,
    /// Head per flow beyond a limit, m per m³/s.
    pub wall: f64,
}

impl Bounds {
    /// Steepness used where nothing else sets a scale: 100 m push 1e-13 m³/s through.
    pub const WALL: f64 = 1e15;

    /// Steepness at a limit other than 0: as much as rounding of a flow of that size allows
    /// heads to be told apart to 1e-6 m (100 m push 1e-7 of the limit too much).
    #[must_use]
    pub fn wall_at(limit: f64) -> f64 {
        (1e9 / limit.abs()).min(Self::WALL)
    }

    /// No limit.
    pub const FREE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY, wall: Self::WALL };

    /// Flow only from → to.
    pub const FORWARD: Self = Self { low: 0.0, high: f64::INFINITY, wall: Self::WALL };

    /// Far enough behind a limit that rounding keeps it there, m³/s.
    fn behind(&self, limit: f64) -> f64 {
        (1e-3 / self.wall).max(4.0 * f64::EPSILON * limit.abs())
    }

    /// A flow just behind the upper limit.
    #[must_use]
    pub fn behind_high(&self) -> f64 {
        self.high + self.behind(self.high)
    }

    /// Keeps a Newton step from flying past a limit it has not felt yet: a flow from
    /// inside stops just behind the wall, where the next linearisation is steep.
    #[must_use]
    pub fn settle(&self, q_old: f64, q_new: f64) -> f64 {
        if q_new < self.low && q_old >= self.low {
            self.low - self.behind(self.low)
        } else if q_new > self.high && q_old <= self.high {
            self.behind_high()
        } else {
            q_new
        }
    }
}

/// `law` between the walls, steep beyond them; continuous and monotone if `law` is.
#[must_use]
pub fn bounded(bounds: Bounds, q: f64, law: impl Fn(f64) -> (f64, f64)) -> (f64, f64) {
    if q < bounds.low {
        (law(bounds.low).0 + bounds.wall * (q - bounds.low), bounds.wall)
    } else if q > bounds.high {
        (law(bounds.high).0 + bounds.wall * (q - bounds.high), bounds.wall)
    } else {
        law(q)
    }
}
