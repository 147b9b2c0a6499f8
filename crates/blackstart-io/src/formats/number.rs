//! Numbers as text.

use std::fmt::Write as _;

/// Appends the shortest text that reads back as the same number, with an exponent where
/// the plain form would be long; `infinity` and `not_a_number` are what a format calls them.
pub(crate) fn push_number(out: &mut String, x: f64, infinity: &str, not_a_number: &str) {
    if x.is_nan() {
        out.push_str(not_a_number);
    } else if x.is_infinite() {
        if x < 0.0 {
            out.push('-');
        }
        out.push_str(infinity);
    } else if x == 0.0 || (1e-5..1e15).contains(&x.abs()) {
        let _ = write!(out, "{x}");
    } else {
        let _ = write!(out, "{x:e}");
    }
}

#[cfg(test)]
mod tests {
    use super::push_number;

    #[test]
    fn numbers_read_back_the_same() {
        let written = |x: f64| {
            let mut out = String::new();
            push_number(&mut out, x, "inf", "NaN");
            out
        };
        for x in [0.0, -0.0, 0.1, 1.0 / 3.0, -1e-7, 1.022e-6, 1e300, f64::INFINITY, 123_456.789] {
            let back: f64 = written(x).parse().unwrap();
            assert_eq!(back.to_bits(), x.to_bits(), "{}", written(x));
        }
        assert_eq!(written(1.022e-6), "1.022e-6");
        assert_eq!(written(-5e15), "-5e15");
        assert_eq!(written(f64::NAN), "NaN");
    }
}
