//! How demand moves over the day, the week and with the weather.

use jiff::civil::{DateTime, Weekday};

use crate::region::LoadProfile;

/// Hourly load in percent of the daily peak, winter weeks, weekday and weekend.
///
/// Source: IEEE Reliability Test System 1979, table 4 (IEEE Trans. PAS-98, no. 6).
const WINTER_PERCENT: [[f64; 24]; 2] = [
    [
        67.0, 63.0, 60.0, 59.0, 59.0, 60.0, 74.0, 86.0, 95.0, 96.0, 96.0, 95.0, 95.0, 95.0, 93.0,
        94.0, 99.0, 100.0, 100.0, 96.0, 91.0, 83.0, 73.0, 63.0,
    ],
    [
        78.0, 72.0, 68.0, 66.0, 64.0, 65.0, 66.0, 70.0, 80.0, 88.0, 90.0, 91.0, 90.0, 88.0, 87.0,
        87.0, 91.0, 100.0, 99.0, 97.0, 94.0, 92.0, 87.0, 81.0,
    ],
];

/// Daily peak in percent of the weekly peak, Monday first (same source, table 3).
const DAY_PERCENT: [f64; 7] = [93.0, 100.0, 98.0, 96.0, 94.0, 77.0, 75.0];

/// Demand at +20 °C against the design day: 12 GW of summer peak against 18.5 GW of
/// winter peak in Ukraine (IEA, 2024).
const MILD_SHARE: f64 = 0.65;
const MILD_C: f64 = 20.0;

/// Share of a load's peak that it asks for at `time` and `outdoor_c`. The design day
/// is the coldest weekday: every profile reaches 1 there, so a region that is healthy
/// at its peak is healthy all year.
#[must_use]
pub fn share(profile: LoadProfile, time: DateTime, outdoor_c: f64, design_c: f64) -> f64 {
    let weekday = time.weekday();
    let weekend = matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    let hour = usize::try_from(time.hour()).unwrap_or(0).min(23);
    let shape = WINTER_PERCENT[usize::from(weekend)][hour] / 100.0;
    let day_at = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0).min(6);
    let day = DAY_PERCENT[day_at] / 100.0;
    let cold = ((MILD_C - outdoor_c) / (MILD_C - design_c)).clamp(0.0, 1.0);
    let season = MILD_SHARE + (1.0 - MILD_SHARE) * cold;
    match profile {
        LoadProfile::Flat => 1.0,
        LoadProfile::Homes => shape * season,
        LoadProfile::Business => shape * day * season,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn reaches_one_on_the_design_evening_and_never_more() {
        // 2026-01-13 is a Tuesday, the weekly peak of the source.
        let peak = date(2026, 1, 13).at(18, 0, 0, 0);
        for profile in [LoadProfile::Flat, LoadProfile::Homes, LoadProfile::Business] {
            assert!((share(profile, peak, -22.0, -22.0) - 1.0).abs() < 1e-12);
            for day in 1..=7 {
                for hour in 0..24 {
                    let t = date(2026, 1, day).at(hour, 0, 0, 0);
                    assert!(share(profile, t, -30.0, -22.0) <= 1.0);
                }
            }
        }
    }

    #[test]
    fn falls_at_night_at_weekends_and_in_mild_weather() {
        let evening = date(2026, 1, 13).at(18, 0, 0, 0);
        let night = date(2026, 1, 13).at(3, 0, 0, 0);
        let sunday = date(2026, 1, 18).at(18, 0, 0, 0);
        let at = |p, t, c| share(p, t, c, -22.0);
        assert!(at(LoadProfile::Homes, night, -22.0) < 0.6);
        assert!(at(LoadProfile::Business, sunday, -22.0) < 0.8);
        assert!(at(LoadProfile::Homes, evening, 20.0) < 0.66);
        assert!((at(LoadProfile::Flat, night, 20.0) - 1.0).abs() < 1e-12);
    }
}
