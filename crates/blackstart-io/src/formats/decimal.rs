//! Decimal numbers out of bytes, fast where that is exact.

/// Powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Digits that a `u64` surely holds.
const MAX_DIGITS: usize = 19;

/// The number of sign, digits, point and exponent at `begin`, and where it ends. None if
/// there is no such number; what follows is not looked at.
///
/// A whole number below 2⁵³ times or divided by an exact power of ten is rounded once, so
/// it is the nearest (Clinger, "How to read floating point numbers accurately", 1990);
/// other numbers go to the library.
#[inline]
pub(crate) fn parse(bytes: &[u8], begin: usize) -> Option<(f64, usize)> {
    let mut at = begin;
    let negative = match bytes.get(at) {
        Some(b'-') => {
            at += 1;
            true
        }
        Some(b'+') => {
            at += 1;
            false
        }
        _ => false,
    };
    let first = at;
    let mut whole = 0u64;
    while let Some(digit) = digit(bytes, at) {
        whole = whole.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    let mut digits = at - first;
    let mut exponent = 0i32;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let point = at;
        while let Some(digit) = digit(bytes, at) {
            whole = whole.wrapping_mul(10).wrapping_add(digit);
            at += 1;
        }
        digits += at - point;
        exponent = -i32::try_from(at - point).unwrap_or(i32::MAX);
    }
    if digits == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let mut end = at + 1 + sign;
        let mut power = 0i32;
        while let Some(digit) = digit(bytes, end) {
            power = power.saturating_mul(10).saturating_add(digit as i32);
            end += 1;
        }
        if end == at + 1 + sign {
            return None;
        }
        let power = if bytes[at + 1] == b'-' { -power } else { power };
        exponent = exponent.saturating_add(power);
        at = end;
    }
    let places = exponent.unsigned_abs() as usize;
    if digits > MAX_DIGITS || whole >= 1 << 53 || places >= POWERS.len() {
        let text = std::str::from_utf8(&bytes[begin..at]).ok()?;
        return Some((text.parse().ok()?, at));
    }
    let x = whole as f64;
    let x = if exponent < 0 { x / POWERS[places] } else { x * POWERS[places] };
    Some((if negative { -x } else { x }, at))
}

#[inline]
fn digit(bytes: &[u8], at: usize) -> Option<u64> {
    let digit = bytes.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u64::from(digit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    fn same_as_the_library(text: &str) {
        let (x, end) = parse(text.as_bytes(), 0).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(x.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        assert_eq!(end, text.len());
    }

    #[test]
    fn the_short_cut_gives_the_same_bits_as_the_library() {
        for text in [
            "0",
            "-0",
            "7",
            "+3",
            "123456789012345",
            "9007199254740993",
            "0.1",
            ".5",
            "5.",
            "-1.05",
            "0.00027",
            "123.456789",
            "3.141592653589793",
            "999999999999.99",
            "1e5",
            "-2.5E-3",
            "1e400",
            "1e-400",
            "99999999999999999999",
            "1.00000000000000000000001",
            "12345678901234567e-20",
            "9007199254740991e22",
            "0e99999999999",
            "4.35e-22",
            "1e23",
        ] {
            same_as_the_library(text);
        }
        for text in ["", ".", "-", "1e", "--1", "1e+", "e5", "Inf", "+.e1"] {
            assert_eq!(parse(text.as_bytes(), 0), None, "{text}");
        }
        assert_eq!(parse(b"1.2.3", 0), Some((1.2, 3)));
        assert_eq!(parse(b"x -4;", 2), Some((-4.0, 4)));
    }

    proptest! {
        #[test]
        fn any_decimal_is_read_as_by_the_library(text in "[+-]?[0-9]{0,20}\\.?[0-9]{1,22}([eE][+-]?[0-9]{1,3})?") {
            same_as_the_library(&text);
        }

        #[test]
        fn any_number_written_is_read_back(x in proptest::num::f64::NORMAL) {
            same_as_the_library(&format!("{x:e}"));
            same_as_the_library(&format!("{:.6}", x.abs().min(1e9)));
        }
    }
}
