//! Public aggregates, each with its source. Numbers as they were reported; times to the
//! hour.

/// Buildings without heat in one city of about 12,250 heated buildings (5,635 were called
/// 46 %), January 2026: days after the first report of the attack, buildings. Sources: city
/// officials in news agencies' reports of 9 to 19 January.
pub const HEAT_FIRST: [(f64, f64); 6] =
    [(0.0, 6000.0), (3.25, 800.0), (5.25, 471.0), (6.08, 287.0), (7.25, 100.0), (10.58, 16.0)];

/// The same after the next attack, 20 to 23 January.
pub const HEAT_SECOND: [(f64, f64); 4] =
    [(0.0, 5635.0), (0.5, 4000.0), (1.5, 3261.0), (3.25, 1940.0)];

pub const HEATED_BUILDINGS: f64 = 5635.0 / 0.46;

/// National deficit, share of load, hours after the attack of 23 November 2022 (about
/// 14:30): grid operator's statements of 24 to 28 November; the last has new damage in it.
pub const DEFICIT: [(f64, f64); 4] = [(28.0, 0.50), (66.0, 0.30), (90.0, 0.20), (115.5, 0.27)];

/// Hours a day without electricity in the bad weeks of December 2025: 12 to 16, in the
/// worst places 15 to 20 (a distribution company's head).
pub const OUTAGE_H_PER_DAY: (f64, f64) = (12.0, 16.0);

/// Share of thermal units that did not work in June 2024, after the waves since March
/// (UN human rights monitoring mission): after about seven of nine.
pub const UNITS_OUT: f64 = 0.73;

/// Days of the e-folding of buildings without heat, from the reports of January 2026: after
/// the first attack, and after the repeat.
pub const E_FOLDING_DAYS: [(f64, f64); 2] = [(1.5, 1.9), (2.7, 3.3)];
