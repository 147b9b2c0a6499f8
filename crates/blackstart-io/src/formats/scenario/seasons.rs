//! What is known of winters of strikes, for campaigns: launches, massive days, shares shot
//! down or lost. Counted from the daily reports of the air force (public dataset of them,
//! state of June 2026); a massive day has 30 missiles or more.

use blackstart::scenario::ByMunition;

/// Statistics of one winter.
pub(super) struct Season {
    /// The word in files.
    pub word: &'static str,
    /// Days counted: November to March, the first winter from October.
    days: f64,
    /// Launched a day, missiles and drones, massive days included.
    per_day: [f64; 2],
    /// Massive days, the median of the days between them, the median of their missiles.
    massive: [f64; 3],
    /// Cruise and ballistic missiles launched.
    missiles: [f64; 2],
    /// Share shot down or lost: cruise, ballistic, drones.
    neutralised: [f64; 3],
}

/// The winters, in time order.
pub(super) const SEASONS: [Season; 4] = [
    Season {
        word: "2022-23",
        days: 182.0,
        per_day: [5.6, 3.5],
        massive: [12.0, 12.0, 70.0],
        missiles: [887.0, 8.0],
        neutralised: [0.75, 0.0, 0.94],
    },
    Season {
        word: "2023-24",
        days: 152.0,
        per_day: [6.0, 15.0],
        massive: [10.0, 7.0, 43.0],
        missiles: [564.0, 129.0],
        neutralised: [0.78, 0.24, 0.83],
    },
    Season {
        word: "2024-25",
        days: 151.0,
        per_day: [5.3, 99.0],
        massive: [7.0, 16.0, 78.0],
        missiles: [576.0, 153.0],
        neutralised: [0.77, 0.20, 0.95],
    },
    Season {
        word: "2025-26",
        days: 151.0,
        per_day: [6.5, 177.0],
        massive: [18.0, 10.0, 39.0],
        missiles: [505.0, 437.0],
        neutralised: [0.82, 0.35, 0.86],
    },
];

/// The winter that is taken where none is named.
pub(super) const DEFAULT_SEASON: usize = 2;

/// Nine in ten massive days have fewer missiles than this times the median: 57 to 104 for
/// medians of 39 to 78.
const P90_TO_MEDIAN: f64 = 1.4;

/// Share of cruise missiles that came from the sea: 8 of 51 in the night of 6 to 7 March
/// 2025, the one night looked at by model. Between winters it differs.
const SEA_SHARE_OF_CRUISE: f64 = 8.0 / 51.0;

/// Drones of a massive day against other days: 194 in the night of 6 to 7 March 2025, 151
/// a day in the month around it.
const MASSIVE_DRONES_FACTOR: f64 = 194.0 / 151.0;

/// Hours of the day of massive attacks, an assumption: most are reported of the night.
pub(super) const MASSIVE_AT_CLOCK_H: (f64, f64) = (0.0, 7.0);

/// What a campaign of such a winter is drawn from.
pub(super) struct Statistics {
    pub gap_median_days: f64,
    pub massive_missiles_median: f64,
    pub massive_missiles_p90: f64,
    pub massive_drones_factor: f64,
    pub missiles_per_day: f64,
    pub drones_per_day: f64,
    pub missile_shares: ByMunition<f64>,
    pub intercepted: ByMunition<f64>,
}

impl Season {
    /// Massive days are taken out of the launches a day, which count them.
    pub(super) fn statistics(&self) -> Statistics {
        let [massive_days, gap_median_days, median] = self.massive;
        let [missiles, drones] = self.per_day.map(|n| n * self.days);
        let other_days = self.days - massive_days;
        let [cruise, ballistic] = self.missiles;
        let all = cruise + ballistic;
        let sea = cruise * SEA_SHARE_OF_CRUISE;
        let [cruise_lost, ballistic_lost, drones_lost] = self.neutralised;
        Statistics {
            gap_median_days,
            massive_missiles_median: median,
            massive_missiles_p90: median * P90_TO_MEDIAN,
            massive_drones_factor: MASSIVE_DRONES_FACTOR,
            missiles_per_day: ((missiles - massive_days * median) / other_days).max(0.0),
            drones_per_day: drones / (other_days + MASSIVE_DRONES_FACTOR * massive_days),
            missile_shares: [(cruise - sea) / all, ballistic / all, 0.0, sea / all],
            intercepted: [cruise_lost, ballistic_lost, drones_lost, cruise_lost],
        }
    }
}
