//! Services by place and hour, rounded to 250 levels: small enough to keep every draw,
//! and whole numbers, so that quantiles over draws do not depend on their order.

use crate::region::Region;
use crate::results::{PlaceTable, Results};

/// Levels from nothing to all of a share; also the highest level.
const SHARE_LEVELS: f64 = 250.0;
/// Indoor temperature of level 0, °C.
const COLDEST_C: f64 = -20.0;
/// Levels in a kelvin.
const LEVELS_PER_K: f64 = 4.0;
/// The level that stands for no value.
const NONE: u8 = u8::MAX;
/// Number of levels, that for no value included.
const LEVELS: usize = 256;

/// What is followed by place and hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Share of electricity demand served.
    ElectricityShare,
    /// Share of needed heat that homes get.
    HeatShare,
    /// Share of water demand supplied.
    WaterShare,
    /// Person-weighted mean indoor temperature, °C.
    IndoorC,
}

impl Course {
    /// All, in the order of files.
    pub const ALL: [Self; 4] =
        [Self::ElectricityShare, Self::HeatShare, Self::WaterShare, Self::IndoorC];

    /// Name of its columns in files, with its unit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ElectricityShare => "electricity_share",
            Self::HeatShare => "heat_share",
            Self::WaterShare => "water_share",
            Self::IndoorC => "indoor_c",
        }
    }

    fn column(self, places: &PlaceTable) -> &[f64] {
        match self {
            Self::ElectricityShare => &places.electricity_share,
            Self::HeatShare => &places.heat_share,
            Self::WaterShare => &places.water_share,
            Self::IndoorC => &places.indoor_c,
        }
    }

    /// The nearest level: 1/250 of a share, a quarter of a kelvin from −20 to 42.5 °C.
    #[must_use]
    pub fn level(self, value: f64) -> u8 {
        if value.is_nan() {
            return NONE;
        }
        let level = match self {
            Self::ElectricityShare | Self::HeatShare | Self::WaterShare => value * SHARE_LEVELS,
            Self::IndoorC => (value - COLDEST_C) * LEVELS_PER_K,
        };
        level.round().clamp(0.0, SHARE_LEVELS) as u8
    }

    /// What a level stands for; NaN for no value.
    #[must_use]
    pub fn value(self, level: u8) -> f64 {
        if level == NONE {
            return f64::NAN;
        }
        let level = f64::from(level);
        match self {
            Self::ElectricityShare | Self::HeatShare | Self::WaterShare => level / SHARE_LEVELS,
            Self::IndoorC => level / LEVELS_PER_K + COLDEST_C,
        }
    }
}

/// Levels of one course: place by place, the hours of each one after the other. The last
/// place is the region as a whole, weighted by people.
pub type Levels = Vec<u8>;

/// The course of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Courses {
    /// Hours computed.
    pub hours: usize,
    /// Areas and one: the region as a whole.
    pub places: usize,
    /// In the order of [`Course::ALL`].
    pub levels: [Levels; Course::ALL.len()],
}

impl Courses {
    /// Picks the courses out of a run.
    #[must_use]
    pub fn of(region: &Region, results: &Results) -> Self {
        let areas = &region.places().areas;
        let hours = results.hours;
        let levels = Course::ALL.map(|course| {
            let column = course.column(&results.places);
            let mut levels = Vec::with_capacity((areas.len() + 1) * hours);
            for a in 0..areas.len() {
                let by_hour = column.iter().skip(a).step_by(areas.len()).take(hours);
                levels.extend(by_hour.map(|value| course.level(*value)));
            }
            for row in column.chunks_exact(areas.len().max(1)).take(hours) {
                let (mut sum, mut people) = (0.0, 0.0);
                for (value, area) in row.iter().zip(areas) {
                    if !value.is_nan() {
                        sum += value * area.people;
                        people += area.people;
                    }
                }
                levels.push(course.level(sum / people));
            }
            levels
        });
        Self { hours, places: areas.len() + 1, levels }
    }

    /// The levels of one place, by hour.
    #[must_use]
    pub fn place(&self, course: Course, place: usize) -> &[u8] {
        let levels = &self.levels[course as usize];
        levels.get(place * self.hours..(place + 1) * self.hours).unwrap_or_default()
    }
}

/// The levels below or at which 5, 50 and 95 % of draws are: the lowest level that so many
/// draws do not exceed. `counts` is by level; draws without a value are left out, and
/// where there are no others the answer is the level for no value.
#[must_use]
pub fn quantile_levels(counts: &[u32; LEVELS]) -> [u8; 3] {
    let draws: u64 = counts[..LEVELS - 1].iter().map(|n| u64::from(*n)).sum();
    // In whole numbers: percent of draws.
    [5u64, 50, 95].map(|percent| {
        let mut below = 0;
        for (level, n) in counts[..LEVELS - 1].iter().enumerate() {
            below += u64::from(*n);
            if *n > 0 && below * 100 >= percent * draws {
                return level as u8;
            }
        }
        NONE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_back() {
        for course in [Course::ElectricityShare, Course::IndoorC] {
            for level in 0..=250 {
                assert_eq!(course.level(course.value(level)), level);
            }
            assert!(course.value(course.level(f64::NAN)).is_nan());
        }
        assert_eq!(Course::HeatShare.level(7.0), 250);
        assert_eq!(Course::IndoorC.value(Course::IndoorC.level(18.1)), 18.0);
        assert_eq!(Course::IndoorC.level(-90.0), 0);
    }

    #[test]
    fn quantiles_of_counts() {
        let mut counts = [0; LEVELS];
        assert_eq!(quantile_levels(&counts), [NONE; 3]);
        // Draws 1 … 100, each once: 5, 50 and 95 of a hundred are at or below.
        counts[1..=100].fill(1);
        assert_eq!(quantile_levels(&counts), [5, 50, 95]);
        counts[usize::from(NONE)] = 1000;
        assert_eq!(quantile_levels(&counts), [5, 50, 95]);
        let mut one = [0; LEVELS];
        one[42] = 1;
        assert_eq!(quantile_levels(&one), [42; 3]);
    }
}
