//! The few pieces of SVG that maps and charts share.

use crate::format::{esc, w};
use std::fmt;

/// A coordinate with one decimal, without trailing zeros; 0 where it is not a number.
#[derive(Clone, Copy)]
pub(crate) struct Px(pub(crate) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = if self.0.is_finite() { (self.0 * 10.0).round() as i64 } else { 0 };
        if tenths % 10 == 0 {
            write!(f, "{}", tenths / 10)
        } else {
            let sign = if tenths < 0 { "-" } else { "" };
            write!(f, "{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
        }
    }
}

/// Opens an `<svg>` that screen readers announce by its title and description.
/// `id` must be unique in the document.
pub(crate) fn open(
    out: &mut String,
    id: &str,
    class: &str,
    view: (f64, f64, f64, f64),
    title: &str,
    desc: &str,
) {
    let (x, y, width, height) = view;
    w!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" viewBox=\"{} {} {} {}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        Px(x),
        Px(y),
        Px(width),
        Px(height),
        esc(title),
        esc(desc)
    );
}

/// A path through points, one sub-path for each run of finite values.
pub(crate) fn line_path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut d = String::new();
    let mut pen_down = false;
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            w!(d, "{}{} {}", if pen_down { 'L' } else { 'M' }, Px(x), Px(y));
            pen_down = true;
        } else {
            pen_down = false;
        }
    }
    d
}

/// A closed path through points.
pub(crate) fn polygon_path(points: &[(f64, f64)]) -> String {
    let mut d = line_path(points.iter().copied());
    if !d.is_empty() {
        d.push('Z');
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        let text: Vec<String> =
            [1.0, 1.25, -0.34, 0.04, f64::NAN].iter().map(|v| Px(*v).to_string()).collect();
        assert_eq!(text, ["1", "1.3", "-0.3", "0", "0"]);
    }

    #[test]
    fn gaps_lift_the_pen() {
        let d = line_path([(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)].into_iter());
        assert_eq!(d, "M0 1M2 3L3 4");
    }
}
