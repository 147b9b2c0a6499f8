//! Scales and their ticks.

/// A linear scale from values to pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    value: (f64, f64),
    pixel: (f64, f64),
}

impl Scale {
    /// Maps `value.0 … value.1` to `pixel.0 … pixel.1`; an empty or undefined range
    /// becomes one of width 1.
    pub(crate) fn new(value: (f64, f64), pixel: (f64, f64)) -> Self {
        let low = if value.0.is_finite() { value.0 } else { 0.0 };
        let high = if value.1.is_finite() && value.1 > low { value.1 } else { low + 1.0 };
        Self { value: (low, high), pixel }
    }

    /// The pixel of a value; NaN stays NaN.
    pub(crate) fn at(&self, v: f64) -> f64 {
        let u = (v - self.value.0) / (self.value.1 - self.value.0);
        self.pixel.0 + u * (self.pixel.1 - self.pixel.0)
    }
}

/// Round steps (1, 2, 2.5 or 5 times a power of ten) over `low … high`, at most `max`
/// of them, the first at or below `low`, the last at or above `high`.
pub(crate) fn ticks(low: f64, high: f64, max: usize) -> Vec<f64> {
    let (low, high) =
        if low.is_finite() && high.is_finite() && high > low { (low, high) } else { (0.0, 1.0) };
    let max = max.max(2) as f64;
    let mut power = 10f64.powf(((high - low) / max).log10().floor());
    loop {
        for factor in [1.0, 2.0, 2.5, 5.0] {
            let step = power * factor;
            let first = (low / step + 1e-9).floor();
            let last = (high / step - 1e-9).ceil();
            if last - first < max {
                return (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect();
            }
        }
        power *= 10.0;
    }
}

/// Hours to mark on an axis of `hours`: whole days where there are enough of them.
pub(crate) fn hour_ticks(hours: usize, max: usize) -> Vec<f64> {
    const STEPS: [usize; 12] = [1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336, 672];
    let max = max.max(2);
    let step = STEPS
        .into_iter()
        .find(|s| hours / s < max)
        .unwrap_or_else(|| hours.div_ceil(max).next_multiple_of(168));
    (0..=hours / step).map(|i| (i * step) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover() {
        assert_eq!(ticks(0.0, 296_437.0, 5), [0.0, 100_000.0, 200_000.0, 300_000.0]);
        assert_eq!(ticks(-17.0, 21.0, 6), [-20.0, -10.0, 0.0, 10.0, 20.0, 30.0]);
        assert_eq!(ticks(0.0, 0.0, 4).len(), 4.min(ticks(0.0, 1.0, 4).len()));
        for high in [0.3, 1.0, 7.0, 95.0, 1234.0, 4e7] {
            let t = ticks(0.0, high, 5);
            assert!(t.len() <= 5 && t.len() >= 2, "{high}: {t:?}");
            assert!(t[0] <= 0.0 && *t.last().unwrap() >= high * 0.999_999, "{high}: {t:?}");
        }
    }

    #[test]
    fn hours_are_marked_by_days() {
        assert_eq!(hour_ticks(168, 8), [0.0, 24.0, 48.0, 72.0, 96.0, 120.0, 144.0, 168.0]);
        assert_eq!(hour_ticks(168, 5), [0.0, 48.0, 96.0, 144.0]);
        assert_eq!(hour_ticks(0, 5), [0.0]);
        assert!(hour_ticks(100_000, 6).len() <= 6);
    }

    #[test]
    fn scale_survives_an_empty_range() {
        let s = Scale::new((2.0, 2.0), (0.0, 10.0));
        assert!((s.at(2.0)).abs() < 1e-12);
        assert!(Scale::new((f64::NAN, f64::NAN), (0.0, 1.0)).at(0.5).is_finite());
    }
}
