//! Junctions over all scenarios of a batch.

use super::tally::{AtJunctions, is_below};
use crate::region::Water;
use rayon::prelude::*;

/// A junction over the scenarios in which it asked for water. Pressures are each scenario's
/// lowest while it asked; −∞ if no water came to it at some time, NaN if it never asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JunctionSummary {
    /// Scenarios in which it asked for water.
    pub scenarios: usize,
    /// The least of the scenarios' lowest pressures, m.
    pub least_pressure_m: f64,
    /// Their median, m.
    pub median_pressure_m: f64,
    /// The most of them, m.
    pub most_pressure_m: f64,
    /// The first scenario with the least of them.
    pub worst_scenario: Option<usize>,
    /// Least share of its demand that was supplied in a scenario; NaN where no time passed.
    pub least_share: f64,
    /// Mean of these shares over the scenarios.
    pub mean_share: f64,
    /// Scenarios in which it was below the required pressure at some time, those without
    /// water included.
    pub below: usize,
    /// Scenarios in which no water came to it at some time.
    pub dry: usize,
}

/// By junction; `scenarios` that were not finished are none.
pub(super) fn summarize(water: &Water, scenarios: &[Option<AtJunctions>]) -> Vec<JunctionSummary> {
    let of = |j: usize| {
        let finished = scenarios.iter().enumerate().filter_map(|(i, s)| Some((i, s.as_ref()?)));
        let mut asked: Vec<(f32, usize)> = finished
            .clone()
            .map(|(i, at)| (at.lowest_m[j], i))
            .filter(|(lowest_m, _)| !lowest_m.is_nan())
            .collect();
        asked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let pressure = |k: Option<usize>| {
            k.and_then(|k| asked.get(k)).map_or(f64::NAN, |(lowest_m, _)| f64::from(*lowest_m))
        };
        let n = asked.len();
        let upper = pressure(Some(n / 2));
        let lower = pressure(n.checked_sub(1).map(|last| last / 2));
        let shares = finished.map(|(_, at)| f64::from(at.share[j])).filter(|s| !s.is_nan());
        let (count, sum, least) = shares.fold((0.0, 0.0, f64::NAN), |(count, sum, least), s| {
            (count + 1.0, sum + s, f64::min(least, s))
        });
        JunctionSummary {
            scenarios: n,
            least_pressure_m: pressure(Some(0)),
            median_pressure_m: f64::midpoint(lower, upper),
            most_pressure_m: pressure(n.checked_sub(1)),
            worst_scenario: asked.first().map(|(_, i)| *i),
            least_share: least,
            mean_share: sum / count,
            below: asked.iter().filter(|(lowest_m, _)| is_below(water, *lowest_m)).count(),
            dry: asked.iter().filter(|(lowest_m, _)| *lowest_m == f32::NEG_INFINITY).count(),
        }
    };
    (0..water.junctions.len()).into_par_iter().map(of).collect()
}
