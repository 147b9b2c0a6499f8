//! The frame of a chart over hours: axes, grid lines, days.

use super::scale::{Scale, hour_ticks, ticks};
use crate::format::{Clock, NBSP, esc, number, w};
use crate::svg::{Px, line_path};

/// Inner edges of the plot within a chart of `width` × `height`.
pub(crate) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: Scale,
    pub(super) y: Scale,
    hours: usize,
    y_ticks: Vec<f64>,
}

impl Frame {
    /// A frame for hours `0 … hours` and values `low … high`, in a picture of `size`
    /// with `margins` (left, right, top, bottom). The value axis is stretched to round
    /// numbers.
    pub(crate) fn new(
        size: (f64, f64),
        margins: (f64, f64, f64, f64),
        hours: usize,
        range: (f64, f64),
        y_ticks: usize,
    ) -> Self {
        let (left, right) = (margins.0, size.0 - margins.1);
        let (top, bottom) = (margins.2, size.1 - margins.3);
        let y_ticks = ticks(range.0, range.1, y_ticks);
        let low = y_ticks.first().copied().unwrap_or(0.0);
        let high = y_ticks.last().copied().unwrap_or(1.0);
        // A value counts for the whole hour, so the axis ends where the last hour does.
        let x = Scale::new((0.0, hours.max(1) as f64), (left, right));
        let y = Scale::new((low, high), (bottom, top));
        Self { left, right, top, bottom, x, y, hours, y_ticks }
    }

    /// Draws grid lines, value labels by `label`, hours and days.
    pub(crate) fn draw(&self, out: &mut String, clock: Clock, label: impl Fn(f64) -> String) {
        w!(out, "<g class=\"grid\"><path d=\"");
        for t in &self.y_ticks {
            w!(out, "M{} {}H{}", Px(self.left), Px(self.y.at(*t)), Px(self.right));
        }
        let per_tick = 46.0;
        let hour_marks = hour_ticks(self.hours, ((self.right - self.left) / per_tick) as usize);
        for t in &hour_marks {
            w!(out, "M{} {}V{}", Px(self.x.at(*t)), Px(self.top), Px(self.bottom + 4.0));
        }
        out.push_str("\"/></g><g class=\"axis\">");
        for t in &self.y_ticks {
            w!(
                out,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                Px(self.left - 6.0),
                Px(self.y.at(*t) + 4.0),
                esc(&label(*t))
            );
        }
        for (i, t) in hour_marks.iter().enumerate() {
            // The last label may not run out of the picture.
            let at = self.x.at(*t).min(self.right - 12.0);
            w!(
                out,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">+{}{NBSP}h</text>",
                Px(at),
                Px(self.bottom + 17.0),
                number(*t, 0)
            );
            if i == 0 || t % 24.0 == 0.0 {
                let day = clock.day_only(*t);
                let day = day.split('\u{a0}').take(2).collect::<Vec<_>>().join("\u{a0}");
                w!(
                    out,
                    "<text class=\"day\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    Px(at),
                    Px(self.bottom + 30.0),
                    esc(&day)
                );
            }
        }
        out.push_str("</g>");
    }

    /// The line through hourly values; each stands in the middle of its hour.
    pub(crate) fn line(&self, values: &[f64]) -> String {
        line_path(self.points(values))
    }

    /// The area between hourly values and the lower edge; gaps count as the edge.
    pub(super) fn area(&self, values: &[f64]) -> String {
        if values.is_empty() {
            return String::new();
        }
        let mut d = String::new();
        w!(d, "M{} {}", Px(self.x.at(0.5)), Px(self.bottom));
        for (x, y) in self.points(values) {
            let y = if y.is_finite() { y } else { self.bottom };
            w!(d, "L{} {}", Px(x), Px(y));
        }
        w!(d, "V{}Z", Px(self.bottom));
        d
    }

    /// The band between two hourly columns, where both are known.
    pub(crate) fn band(&self, low: &[f64], high: &[f64]) -> String {
        let both = |i: usize| low[i].is_finite() && high[i].is_finite();
        let n = low.len().min(high.len());
        let mut d = String::new();
        let mut from = 0;
        while from < n {
            if !both(from) {
                from += 1;
                continue;
            }
            let to = (from..n).find(|&i| !both(i)).unwrap_or(n);
            for i in from..to {
                let pen = if i == from { 'M' } else { 'L' };
                w!(d, "{pen}{} {}", Px(self.x.at(i as f64 + 0.5)), Px(self.y.at(high[i])));
            }
            for i in (from..to).rev() {
                w!(d, "L{} {}", Px(self.x.at(i as f64 + 0.5)), Px(self.y.at(low[i])));
            }
            d.push('Z');
            from = to;
        }
        d
    }

    fn points<'a>(&self, values: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let (x, y) = (self.x, self.y);
        values.iter().enumerate().map(move |(h, v)| (x.at(h as f64 + 0.5), y.at(*v)))
    }
}

/// Thousands and millions, short, for axes.
pub(crate) fn axis_people(v: f64) -> String {
    if v >= 1e6 {
        format!("{}{NBSP}m", number(v / 1e6, usize::from(v % 1e6 != 0.0)))
    } else if v >= 1e3 {
        format!("{}k", number(v / 1e3, usize::from(v % 1e3 != 0.0)))
    } else {
        number(v, usize::from(v.fract() != 0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_and_areas_leave_gaps() {
        let f = Frame::new((100.0, 100.0), (0.0, 0.0, 0.0, 0.0), 4, (0.0, 10.0), 3);
        let low = [1.0, f64::NAN, 1.0, 1.0];
        let high = [2.0, 2.0, 2.0, 2.0];
        assert_eq!(f.band(&low, &high).matches('M').count(), 2);
        assert!(f.area(&low).ends_with('Z') && f.area(&[]).is_empty());
        assert_eq!(f.line(&low).matches('M').count(), 2);
    }

    #[test]
    fn axis_numbers_are_short() {
        assert_eq!(axis_people(100_000.0), "100k");
        assert_eq!(axis_people(2_500.0), "2.5k");
        assert_eq!(axis_people(2_500_000.0), "2.5\u{a0}m");
        assert_eq!(axis_people(0.0), "0");
    }
}
