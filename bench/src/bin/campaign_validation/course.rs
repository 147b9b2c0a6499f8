//! What is looked at in each draw: shares by hour.

use std::sync::Mutex;

use blackstart::region::{FacilityClass, Region};
use blackstart::scenario::{EventKind, Munition, Scenario};
use blackstart::sim::{self, Unwatched};
use rayon::prelude::*;

/// One draw.
#[derive(Clone, Debug, Default)]
pub struct Course {
    pub draw: u32,
    /// Share of people without heat, by hour.
    pub without_heat: Vec<f64>,
    /// Share of people without electricity, by hour.
    pub without_electricity: Vec<f64>,
    /// Share of electricity demand that is not served, by hour.
    pub deficit: Vec<f64>,
    /// Share of power plants' capacity that damage keeps from working, by hour.
    pub plants_out: Vec<f64>,
    /// Hours of massive attacks.
    pub attacks: Vec<f64>,
}

/// Runs every draw; in the order of draws.
pub fn run(region: &Region, scenario: &Scenario, draws: u32) -> Vec<Course> {
    let all = Mutex::new(Vec::new());
    (0..draws).into_par_iter().with_max_len(1).for_each(|draw| {
        let course = one(region, &scenario.drawn(draw));
        all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(course);
    });
    let mut all = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    all.sort_by_key(|c| c.draw);
    all
}

fn one(region: &Region, scenario: &Scenario) -> Course {
    let results = sim::run(region, scenario, &mut Unwatched);
    let people = region.people();
    let t = &results.totals;
    let of_people = |column: &[f64]| column.iter().map(|n| n / people).collect();
    let facilities = region.facilities();
    let plants: Vec<usize> = (0..facilities.len())
        .filter(|f| facilities[*f].class == FacilityClass::PowerPlant)
        .collect();
    let capacity: f64 = plants.iter().map(|f| facilities[*f].size).sum();
    let plants_out = results
        .facilities
        .functionality
        .chunks_exact(facilities.len())
        .map(|row| plants.iter().map(|&f| (1.0 - row[f]) * facilities[f].size).sum::<f64>())
        .map(|lost| lost / capacity)
        .collect();
    let massive = scenario.events.iter().filter(|event| match &event.kind {
        EventKind::Strike(strike) => {
            let missiles: f64 = Munition::ALL
                .into_iter()
                .filter(|m| *m != Munition::Drone)
                .map(|m| strike.launched[m as usize].low)
                .sum();
            missiles >= 30.0
        }
        EventKind::Damaged(_) | EventKind::Uninspected(_) | EventKind::Hazard(_) => false,
    });
    Course {
        draw: scenario.draw,
        without_heat: of_people(&t.people_without_heat),
        without_electricity: of_people(&t.people_without_electricity),
        deficit: t.demand_mw.iter().zip(&t.served_mw).map(|(d, s)| 1.0 - s / d).collect(),
        plants_out,
        attacks: massive.map(|e| e.at_h).collect(),
    }
}

/// Quantile `p` of values in any order; NaN without any.
pub fn quantile(values: &[f64], p: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = p * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

/// What happens after attacks: from the worst hour of the day after each attack that adds
/// at least `least` to a share, how much of what it added is still there, by hour. Ends at
/// the next massive attack.
pub fn after(
    courses: &[Course],
    pick: fn(&Course) -> &[f64],
    least: f64,
    hours: usize,
) -> Vec<Vec<f64>> {
    let mut found = Vec::new();
    for course in courses {
        let share = pick(course);
        for (i, &at) in course.attacks.iter().enumerate() {
            let from = at as usize;
            let to = course.attacks.get(i + 1).map_or(share.len(), |next| *next as usize);
            let Some(before) = from.checked_sub(1).and_then(|h| share.get(h)) else { continue };
            let day = from..to.min(from + 24);
            let Some(worst) = day.reduce(|a, b| if share[b] > share[a] { b } else { a }) else {
                continue;
            };
            let added = share[worst] - before;
            if added >= least {
                let later = share[worst..to.min(worst + hours)].iter();
                found.push(later.map(|s| (s - before) / added).collect());
            }
        }
    }
    found
}

/// Quantiles 10, 50 and 90 % by hour, as far as at least `fewest` cases go.
pub fn band(cases: &[Vec<f64>], fewest: usize) -> Vec<[f64; 3]> {
    let longest = cases.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = Vec::new();
    for hour in 0..longest {
        let values: Vec<f64> = cases.iter().filter_map(|c| c.get(hour).copied()).collect();
        if values.len() < fewest {
            break;
        }
        out.push([0.1, 0.5, 0.9].map(|p| quantile(&values, p)));
    }
    out
}

/// Days in which the middle of a band falls to 1/e, by least squares of its logarithm over
/// the first `days`.
pub fn e_folding_days(band: &[[f64; 3]], days: f64) -> f64 {
    let points: Vec<(f64, f64)> = band
        .iter()
        .enumerate()
        .map(|(h, row)| (h as f64 / 24.0, row[1]))
        .filter(|(day, share)| *day <= days && *share > 0.01)
        .map(|(day, share)| (day, share.ln()))
        .collect();
    let n = points.len() as f64;
    let (sx, sy) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (sxx, sxy) = points.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 * p.0, b + p.0 * p.1));
    -(n * sxx - sx * sx) / (n * sxy - sx * sy)
}
