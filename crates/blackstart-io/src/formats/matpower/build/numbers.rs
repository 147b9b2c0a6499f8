//! What single numbers of a case mean.

use super::Matrix;

/// A rating as MATPOWER writes it: 0 is none.
pub(super) fn rating(mva: f64) -> f64 {
    if mva == 0.0 { f64::INFINITY } else { mva }
}

/// A number of an area, of a zone or of costs.
pub(super) fn whole(x: f64) -> u32 {
    x as u32
}

/// Limits that a short row may leave out.
pub(super) fn limits(least: Option<f64>, most: Option<f64>) -> (f64, f64) {
    (least.unwrap_or(0.0), most.unwrap_or(0.0))
}

/// Limits of an angle difference as MATPOWER reads them: none where both are 0, none on a
/// side at or beyond a full turn.
pub(super) fn angle_limits(least: Option<f64>, most: Option<f64>) -> (f64, f64) {
    let (least, most) = (least.unwrap_or(0.0), most.unwrap_or(0.0));
    if least == 0.0 && most == 0.0 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    (
        if least <= -360.0 { f64::NEG_INFINITY } else { least },
        if most >= 360.0 { f64::INFINITY } else { most },
    )
}

/// A bus number, if `x` can be one.
pub(super) fn bus_number(x: f64) -> Option<u64> {
    (x.fract() == 0.0 && (1.0..1e15).contains(&x)).then_some(x as u64)
}

/// Appends the digits of `number`.
pub(super) fn push_whole(text: &mut String, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.push_str(std::str::from_utf8(&digits[first..]).unwrap_or_default());
}

/// Three texts in one piece of memory.
pub(super) fn joined(parts: [&str; 3]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|p| p.len()).sum());
    parts.iter().for_each(|p| text.push_str(p));
    text
}

/// Nominal voltages by bus number.
pub(super) enum Levels {
    /// By number; NaN where there is no bus.
    Dense(Vec<f64>),
    /// In the order of numbers.
    Sorted(Vec<(u64, f64)>),
}

impl Default for Levels {
    /// Without buses.
    fn default() -> Self {
        Self::Dense(Vec::new())
    }
}

impl Levels {
    /// Of rows of `mpc.bus`: column 0 the number, column 9 the voltage.
    pub(super) fn new(m: &Matrix) -> Self {
        let rows = || (0..m.rows).filter_map(|r| Some((bus_number(m.at(r, 0))?, m.at(r, 9))));
        let largest = rows().map(|(n, _)| n).max().unwrap_or(0) as usize;
        // Beyond this a search is cheaper than the memory.
        if largest > 8 * m.rows + 1000 {
            let mut sorted: Vec<(u64, f64)> = rows().collect();
            sorted.sort_by_key(|(n, _)| *n);
            return Self::Sorted(sorted);
        }
        let mut dense = vec![f64::NAN; largest + 1];
        rows().for_each(|(n, kv)| dense[n as usize] = kv);
        Self::Dense(dense)
    }

    pub(super) fn kv(&self, number: u64) -> Option<f64> {
        match self {
            Self::Dense(kv) => kv.get(number as usize).copied().filter(|kv| !kv.is_nan()),
            Self::Sorted(kv) => {
                let at = kv.binary_search_by_key(&number, |(n, _)| *n).ok()?;
                Some(kv[at].1)
            }
        }
    }
}
