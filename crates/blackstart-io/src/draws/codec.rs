//! The bytes of one draw: everything that is kept of it, and a checksum by which a file
//! that was torn is known.

use blackstart::ensemble::{Case, Course, Courses, DamagedFacility, Draw, Figures};
use blackstart::region::FacilityIdx;
use blackstart::results::INDOOR_THRESHOLDS_C;
use blackstart::scenario::DamageState;
use sha2::{Digest, Sha256};

/// First bytes of every file; the number changes with the form.
const MAGIC: &[u8] = b"blackstart draw 1\n";
const SUM_BYTES: usize = 32;

/// What an ensemble is made from, as a hash of it.
pub type Identity = [u8; SUM_BYTES];

/// The bytes of `draw`, which belongs to the ensemble `identity`.
pub(super) fn encode(draw: &Draw, identity: &Identity) -> Vec<u8> {
    let mut out = Out(MAGIC.to_vec());
    out.0.extend_from_slice(identity);
    out.count(draw.draw as usize);
    out.count(draw.cases.len());
    for case in &draw.cases {
        figures(&mut out, &case.figures);
        courses(&mut out, &case.courses);
        out.count(case.damaged.len());
        for d in &case.damaged {
            out.count(d.facility.i());
            out.count(d.times as usize);
            out.byte(d.worst as u8);
            out.byte(u8::from(d.repaired));
            out.numbers(&[d.first_at_h, d.lost_h]);
        }
    }
    let sum = Sha256::digest(&out.0);
    out.0.extend_from_slice(&sum);
    out.0
}

/// The draw in `bytes`; none if they are torn, of another form or of another ensemble.
pub(super) fn decode(bytes: &[u8], identity: &Identity) -> Option<Draw> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
    if Sha256::digest(body).as_slice() != sum {
        return None;
    }
    let mut left = In(body.strip_prefix(MAGIC)?.strip_prefix(identity)?);
    let draw = u32::try_from(left.count()?).ok()?;
    let number = left.count()?;
    let mut cases = Vec::new();
    for _ in 0..number {
        let figures = read_figures(&mut left)?;
        let courses = read_courses(&mut left)?;
        let mut damaged = Vec::new();
        for _ in 0..left.count()? {
            damaged.push(DamagedFacility {
                facility: FacilityIdx::new(left.count()?),
                times: u32::try_from(left.count()?).ok()?,
                worst: *DamageState::ALL.get(usize::from(left.byte()?))?,
                repaired: left.byte()? != 0,
                first_at_h: left.number()?,
                lost_h: left.number()?,
            });
        }
        cases.push(Case { figures, courses, damaged });
    }
    left.0.is_empty().then_some(Draw { draw, cases })
}

fn figures(out: &mut Out, f: &Figures) {
    out.numbers(&f.person_hours_without);
    out.numbers(&f.person_hours_below_c);
    out.numbers(&[f.energy_not_served_mwh, f.heat_not_delivered_mwh, f.water_not_supplied_m3]);
    for hour in f.back_to_95_h {
        out.optional(hour);
    }
    out.count(f.area_person_hours[0].len());
    for areas in &f.area_person_hours {
        out.numbers(areas);
    }
    out.optional(f.worst_area);
    out.count(f.facilities_damaged);
    out.count(f.hours);
    for hours in f.degraded_hours {
        out.count(hours);
    }
}

fn read_figures(left: &mut In<'_>) -> Option<Figures> {
    let person_hours_without = left.array()?;
    let person_hours_below_c = left.array::<{ INDOOR_THRESHOLDS_C.len() }>()?;
    let [energy_not_served_mwh, heat_not_delivered_mwh, water_not_supplied_m3] = left.array()?;
    let back_to_95_h = [left.optional()?, left.optional()?, left.optional()?];
    let areas = left.count()?;
    let mut column = || (0..areas).map(|_| left.number()).collect::<Option<Vec<f64>>>();
    let area_person_hours = [column()?, column()?, column()?];
    Some(Figures {
        person_hours_without,
        person_hours_below_c,
        energy_not_served_mwh,
        heat_not_delivered_mwh,
        water_not_supplied_m3,
        back_to_95_h,
        area_person_hours,
        worst_area: left.optional()?,
        facilities_damaged: left.count()?,
        hours: left.count()?,
        degraded_hours: [left.count()?, left.count()?, left.count()?],
    })
}

/// Levels as runs: most places are served in full for most hours.
fn courses(out: &mut Out, courses: &Courses) {
    out.count(courses.hours);
    out.count(courses.places);
    for levels in &courses.levels {
        let mut rest = levels.as_slice();
        while let Some(&level) = rest.first() {
            let run = rest.iter().take_while(|l| **l == level).count();
            out.byte(level);
            out.count(run);
            rest = &rest[run..];
        }
    }
}

fn read_courses(left: &mut In<'_>) -> Option<Courses> {
    let (hours, places) = (left.count()?, left.count()?);
    let all = hours.checked_mul(places).filter(|n| *n <= MOST_LEVELS)?;
    let mut levels = Course::ALL.map(|_| Vec::new());
    for levels in &mut levels {
        while levels.len() < all {
            let (level, run) = (left.byte()?, left.count()?);
            if run == 0 || run > all - levels.len() {
                return None;
            }
            levels.resize(levels.len() + run, level);
        }
    }
    Some(Courses { hours, places, levels })
}

/// No region has so many places times hours; more is a broken file.
const MOST_LEVELS: usize = 1 << 32;

/// Bytes in the making.
struct Out(Vec<u8>);

impl Out {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Seven bits a byte, the lowest first.
    fn count(&mut self, mut n: usize) {
        while n >= 0x80 {
            self.0.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    fn optional(&mut self, n: Option<usize>) {
        self.count(n.map_or(0, |n| n + 1));
    }

    fn numbers(&mut self, numbers: &[f64]) {
        for number in numbers {
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// Bytes not read yet.
struct In<'a>(&'a [u8]);

impl In<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn count(&mut self) -> Option<usize> {
        let mut n = 0usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            n |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(n);
            }
        }
        None
    }

    #[expect(clippy::option_option, reason = "nothing left, and no number")]
    fn optional(&mut self) -> Option<Option<usize>> {
        Some(self.count()?.checked_sub(1))
    }

    fn number(&mut self) -> Option<f64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(f64::from_le_bytes(*number))
    }

    fn array<const N: usize>(&mut self) -> Option<[f64; N]> {
        let mut out = [0.0; N];
        for slot in &mut out {
            *slot = self.number()?;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw() -> Draw {
        let case = |k: usize| Case {
            figures: Figures {
                person_hours_without: [1.5, -0.0, 1e300],
                person_hours_below_c: [0.1; 5],
                energy_not_served_mwh: 1.0 / 3.0,
                heat_not_delivered_mwh: 2.0,
                water_not_supplied_m3: 3.0,
                back_to_95_h: [None, Some(0), Some(167)],
                area_person_hours: [vec![1.0, 2.0], vec![3.0, 4.0], vec![5.0, 6.0]],
                worst_area: Some(1),
                facilities_damaged: 300 + k,
                hours: 3,
                degraded_hours: [0, 1, 2],
            },
            courses: Courses {
                hours: 3,
                places: 3,
                levels: [
                    vec![250; 9],
                    vec![0, 0, 1, 1, 255, 255, 255, 3, 3],
                    vec![1, 2, 3, 4, 5, 6, 7, 8, 9],
                    vec![160; 9],
                ],
            },
            damaged: vec![DamagedFacility {
                facility: FacilityIdx::new(70_000),
                times: 2,
                worst: DamageState::Complete,
                first_at_h: 7.25,
                lost_h: 100.5,
                repaired: k == 1,
            }],
        };
        Draw { draw: 4_000_000_000, cases: vec![case(0), case(1)] }
    }

    #[test]
    fn draws_come_back_whole() {
        let bytes = encode(&draw(), &[7; 32]);
        assert_eq!(decode(&bytes, &[7; 32]), Some(draw()));
        assert_eq!(decode(&bytes, &[8; 32]), None, "of another ensemble");
    }

    #[test]
    fn torn_and_changed_files_are_told() {
        let bytes = encode(&draw(), &[7; 32]);
        for end in 0..bytes.len() {
            assert_eq!(decode(&bytes[..end], &[7; 32]), None, "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(decode(&changed, &[7; 32]), None, "changed at {at}");
        }
        // What a power cut may leave: the length is there, the end is not.
        let mut zeros = bytes.clone();
        let half = zeros.len() / 2;
        zeros[half..].fill(0);
        assert_eq!(decode(&zeros, &[7; 32]), None);
    }

    #[test]
    fn bodies_that_make_no_sense_end_in_nothing() {
        // A right checksum over a wrong body: lengths must not be believed.
        let whole = encode(&draw(), &[7; 32]);
        let body = &whole[..whole.len() - SUM_BYTES];
        for at in MAGIC.len() + SUM_BYTES..body.len() {
            for value in [0, 0x7f, 0xff] {
                let mut changed = body.to_vec();
                changed[at] = value;
                let sum = Sha256::digest(&changed);
                changed.extend_from_slice(&sum);
                let _ = decode(&changed, &[7; 32]);
            }
        }
    }
}
