//! Numbers and texts as bytes, fast: a week of a large region is millions of cells.

/// Appends `x` with at most `decimals` (≤ 9) digits behind the point, zeros at the end
/// left out; nothing for NaN and infinities. Halves round away from zero.
pub(super) fn push_fixed(out: &mut Vec<u8>, x: f64, decimals: usize) {
    const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    if !x.is_finite() {
        return;
    }
    let scaled = (x.abs() * POWERS[decimals]).round();
    // Beyond 2^53 an f64 is whole anyway.
    if scaled >= 9e15 {
        out.extend_from_slice(format!("{x:.0}").as_bytes());
        return;
    }
    let mut digits = scaled as u64;
    if x < 0.0 && digits != 0 {
        out.push(b'-');
    }
    let mut places = decimals;
    while places > 0 && digits.is_multiple_of(10) {
        digits /= 10;
        places -= 1;
    }
    // At most 16 digits, a point, and a zero before it.
    let mut buffer = [0u8; 24];
    let mut at = buffer.len();
    let mut written = 0;
    while digits > 0 || written <= places {
        if written == places && places > 0 {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0' + (digits % 10) as u8;
        digits /= 10;
        written += 1;
    }
    out.extend_from_slice(&buffer[at..]);
}

/// Appends a whole number.
pub(super) fn push_count(out: &mut Vec<u8>, n: usize) {
    push_fixed(out, n as f64, 0);
}

/// Appends a text as a CSV field, in quotes where RFC 4180 wants them.
pub(super) fn push_field(out: &mut Vec<u8>, text: &str) {
    if !text.contains([',', '"', '\n', '\r']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Appends a text as a JSON string, quotes included.
pub(super) fn push_json(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            c if (c as u32) < 0x20 => {
                out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes());
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(x: f64, decimals: usize) -> String {
        let mut out = Vec::new();
        push_fixed(&mut out, x, decimals);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (x, decimals, text) in [
            (0.0, 3, "0"),
            (-0.0, 3, "0"),
            (-0.0004, 3, "0"),
            (1.0, 3, "1"),
            (0.5, 0, "1"),
            (-2.5, 1, "-2.5"),
            (0.05, 2, "0.05"),
            (0.001, 3, "0.001"),
            (12.340, 4, "12.34"),
            (1_234_567.0, 1, "1234567"),
            (100.0, 0, "100"),
            (-18.255, 2, "-18.26"),
            (9.995e14, 1, "999500000000000"),
            (1e22, 3, "10000000000000000000000"),
            (f64::NAN, 2, ""),
            (f64::INFINITY, 2, ""),
        ] {
            assert_eq!(fixed(x, decimals), text, "{x} with {decimals}");
        }
    }

    #[test]
    fn numbers_read_back_to_within_half_a_digit() {
        let mut x = 1e-5;
        while x < 1e9 {
            for (decimals, half) in [(0, 0.5), (3, 5e-4), (6, 5e-7)] {
                for value in [x, -x] {
                    let back: f64 = fixed(value, decimals).parse().unwrap();
                    assert!((back - value).abs() <= half * (1.0 + 1e-9) + 1e-15 * x, "{value}");
                }
            }
            x *= 1.37;
        }
    }

    #[test]
    fn fields_and_strings_are_quoted_where_they_must() {
        let field = |text: &str| {
            let mut out = Vec::new();
            push_field(&mut out, text);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(field("plain Ж"), "plain Ж");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
        let mut out = Vec::new();
        let text = "q\" \\ \n \u{1} Ж";
        push_json(&mut out, text);
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
