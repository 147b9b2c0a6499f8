//! Numbers, times and text as the report writes them.

use jiff::ToSpan;
use jiff::civil::DateTime;

/// Narrow no-break space: between thousands, before units.
pub(crate) const THIN: char = '\u{202f}';
/// No-break space.
pub(crate) const NBSP: char = '\u{a0}';
/// What stands where there is no value.
pub(crate) const NONE: &str = "–";

/// Writes into a `String`, which cannot fail.
macro_rules! w {
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($out, $($arg)*);
    }};
}
pub(crate) use w;

/// Escapes text for element content and quoted attributes. Control characters, which
/// have no place in a name and no meaning in HTML, become a replacement character.
pub(crate) fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' | '\r' => out.push(' '),
            // Direction overrides could make a name rewrite the text around it.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text cut to `max` characters, with an ellipsis when cut. Not yet escaped.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A number with grouped thousands and `decimals` places.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    let mut out = String::new();
    // "−0" reads like a mistake.
    if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(c);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A count of things.
pub(crate) fn count(n: usize) -> String {
    number(n as f64, 0)
}

/// `n` things, in words that fit the number.
pub(crate) fn things(n: usize, one: &str, many: &str) -> String {
    format!("{}{NBSP}{}", count(n), if n == 1 { one } else { many })
}

/// People, rounded to what a model can know: hundreds above ten thousand, tens above
/// a thousand.
pub(crate) fn people(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let step = if value.abs() >= 10_000.0 {
        100.0
    } else if value.abs() >= 1_000.0 {
        10.0
    } else {
        1.0
    };
    number((value / step).round() * step, 0)
}

/// A large number in words where it would otherwise be a row of digits.
pub(crate) fn large(value: f64) -> String {
    if value.abs() >= 999_950.0 {
        format!("{}{NBSP}million", number(value / 1e6, 1))
    } else {
        people(value)
    }
}

/// A share of 1 as whole per cent; never "0 %" or "100 %" for what is merely close.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    let p = share * 100.0;
    if p > 0.0 && p < 0.5 {
        format!("under 1{THIN}%")
    } else if p > 99.5 && p < 99.999_9 {
        format!("over 99{THIN}%")
    } else {
        format!("{}{THIN}%", number(p, 0))
    }
}

/// Share of a whole; NaN when there is no whole.
pub(crate) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// Energy in the unit that keeps the figure short.
pub(crate) fn energy(mwh: f64) -> String {
    if !mwh.is_finite() {
        NONE.to_owned()
    } else if mwh.abs() >= 99_950.0 {
        format!("{}{NBSP}GWh", number(mwh / 1000.0, 0))
    } else if mwh.abs() >= 999.5 {
        format!("{}{NBSP}GWh", number(mwh / 1000.0, 1))
    } else {
        format!("{}{NBSP}MWh", number(mwh, 0))
    }
}

/// A temperature, °C.
pub(crate) fn celsius(c: f64) -> String {
    if c.is_finite() { format!("{}{NBSP}°C", number(c, 0)) } else { NONE.to_owned() }
}

/// A temperature with one decimal, °C.
pub(crate) fn celsius1(c: f64) -> String {
    if c.is_finite() { format!("{}{NBSP}°C", number(c, 1)) } else { NONE.to_owned() }
}

/// A number of hours.
pub(crate) fn hours(h: f64) -> String {
    if h.is_finite() { format!("{}{NBSP}h", number(h, 0)) } else { NONE.to_owned() }
}

/// Turns hours after the start into what people read on a clock, to the full hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: DateTime,
}

impl Clock {
    pub(crate) const fn new(start: DateTime) -> Self {
        Self { start }
    }

    fn date(self, h: f64) -> Option<DateTime> {
        if !h.is_finite() || h.abs() > 1e7 {
            return None;
        }
        self.start.checked_add((h.round() as i64).hours()).ok()
    }

    /// `+19 h`.
    pub(crate) fn plus(self, h: f64) -> String {
        if h.is_finite() { format!("+{}{NBSP}h", number(h.max(0.0), 0)) } else { NONE.to_owned() }
    }

    /// `Thu 15 Jan 13:00`.
    pub(crate) fn day(self, h: f64) -> String {
        self.date(h).map_or_else(String::new, |d| {
            d.strftime("%a %-d %b %H:%M").to_string().replace(' ', "\u{a0}")
        })
    }

    /// `Thu 15 Jan`.
    pub(crate) fn day_only(self, h: f64) -> String {
        self.date(h).map_or_else(String::new, |d| {
            d.strftime("%a %-d %b").to_string().replace(' ', "\u{a0}")
        })
    }

    /// `+19 h (Thu 15 Jan 13:00)`.
    pub(crate) fn at(self, h: f64) -> String {
        let day = self.day(h);
        if day.is_empty() { self.plus(h) } else { format!("{} ({day})", self.plus(h)) }
    }

    /// `15 January 2026, 18:00`.
    pub(crate) fn long(self, h: f64) -> String {
        self.date(h).map_or_else(String::new, |d| {
            d.strftime("%-d %B %Y, %H:%M").to_string().replace(' ', "\u{a0}")
        })
    }

    /// Hours from the start to the first midnight at or after it.
    pub(crate) fn to_midnight(self) -> f64 {
        let t = self.start.time();
        let h = f64::from(t.hour()) + f64::from(t.minute()) / 60.0;
        if h > 0.0 { 24.0 - h } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        assert_eq!(number(1_234_567.0, 0), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!(number(-1234.5, 1), "−1\u{202f}234.5");
        assert_eq!(number(f64::NAN, 0), NONE);
        assert_eq!(people(296_437.0), "296\u{202f}400");
        assert_eq!(people(4_321.0), "4\u{202f}320");
        assert_eq!(people(7.4), "7");
        assert_eq!(large(41_767_800.0), "41.8\u{a0}million");
        assert_eq!(percent(0.001), "under 1\u{202f}%");
        assert_eq!(percent(0.998), "over 99\u{202f}%");
        assert_eq!(percent(1.0), "100\u{202f}%");
        assert_eq!(energy(940.0), "940\u{a0}MWh");
        assert_eq!(energy(3_940.0), "3.9\u{a0}GWh");
    }

    #[test]
    fn hours_carry_the_weekday() {
        let clock = Clock::new(date(2026, 1, 14).at(18, 0, 0, 0));
        assert_eq!(clock.at(19.0), "+19\u{a0}h (Thu\u{a0}15\u{a0}Jan\u{a0}13:00)");
        assert_eq!(clock.at(f64::NAN), NONE);
        assert!((clock.to_midnight() - 6.0).abs() < 1e-9);
    }

    #[test]
    fn text_is_escaped_and_cut() {
        assert_eq!(esc("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(esc("a\u{0}b\u{202e}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(cut("Substation North", 8), "Substat…");
        assert_eq!(cut("short", 8), "short");
    }
}
