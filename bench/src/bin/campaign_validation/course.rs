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
        EventKind::Damaged(_) => false,
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
