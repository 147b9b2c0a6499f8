//! Numbers as text that read back as the same number in our units.

use super::super::options;

/// The shortest decimal text whose number `read` turns into `wanted`; the nearest if none
/// does. `guess` is about what it must be.
pub(super) fn inverse(wanted: f64, guess: f64, read: impl Fn(f64) -> f64) -> String {
    if !guess.is_finite() {
        return "0".to_owned();
    }
    for digits in 1..=17 {
        let text = rounded(guess, digits);
        let back = text.parse().map(&read);
        if back.is_ok_and(|x: f64| x == wanted) {
            return text;
        }
    }
    // A neighbour may be the one whose product is rounded to what is wanted.
    let (mut low, mut high) = (guess, guess);
    for _ in 0..4 {
        (low, high) = (low.next_down(), high.next_up());
        for x in [low, high] {
            if read(x) == wanted {
                return plain(x);
            }
        }
    }
    plain(guess)
}

/// A number of the file that is `factor` of ours.
pub(super) fn scaled(wanted: f64, factor: f64) -> String {
    inverse(wanted, wanted / factor, |x| x * factor)
}

/// A number that needs no conversion.
pub(super) fn plain(x: f64) -> String {
    let text = format!("{x}");
    // Very small and very large numbers are shorter so.
    if text.len() > 20 { format!("{x:e}") } else { text }
}

/// With so many digits that count.
fn rounded(x: f64, digits: usize) -> String {
    let short: f64 = format!("{x:.*e}", digits - 1).parse().unwrap_or(x);
    plain(short)
}

/// Hours as `h:mm`, `h:mm:ss`, or decimal hours where that is not the same.
pub(super) fn time(hours: f64) -> String {
    let seconds = (hours * 3600.0).round();
    if (0.0..1e12).contains(&seconds) {
        let s = seconds as u64;
        let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
        for text in [format!("{h}:{m:02}"), format!("{h}:{m:02}:{s:02}")] {
            if options::time(&text, "") == Some(hours) {
                return text;
            }
        }
    }
    plain(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_the_same() {
        for factor in [1.0, 0.3048, 25.4, 0.227_124_707_04, 0.703_44, 1e-7] {
            for text in ["0", "150", "0.1", "-3.7", "12345.678901", "1e-9", "7e15"] {
                let x: f64 = text.parse().unwrap();
                let back = scaled(x * factor, factor);
                assert_eq!(back.parse::<f64>().unwrap() * factor, x * factor, "{text} {factor}");
            }
        }
        assert_eq!(scaled(45.72, 0.3048), "150");
    }

    #[test]
    fn times_are_short_where_they_can_be() {
        for (hours, text) in [(24.0, "24:00"), (1.5, "1:30"), (0.01, "0:00:36"), (0.1, "0:06")] {
            assert_eq!(time(hours), text);
        }
        assert_eq!(options::time(&time(1.0 / 7.0), ""), Some(1.0 / 7.0));
    }
}
