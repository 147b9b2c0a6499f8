//! Many draws of one scenario, and policies side by side under the same luck.
//!
//! Every random number is a function of (seed, draw, event, asset, purpose), never of the
//! policy or of the order of work. So in one draw all policies meet the same weapons, the
//! same interceptions and the same repair times, and what differs between two policies is
//! what they change. That makes the difference far less uncertain than each of the two
//! (common random numbers; Law: *Simulation Modeling and Analysis*, chapter on variance
//! reduction).

mod compare;
mod courses;
mod figures;
mod spread;

pub use compare::{Comparison, Difference, compare};
pub use courses::{Course, Courses, Levels, quantile_levels};
pub use figures::{Figures, Quantity};
pub use spread::{Spread, half_width_95};

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::region::{FacilityIdx, Region};
use crate::results::{Results, summarise};
use crate::scenario::{DamageState, PolicyCase, Scenario};
use crate::sim::{self, Unwatched};

/// One draw under every policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Number of the draw.
    pub draw: u32,
    /// By policy, in the order in which they were given.
    pub cases: Vec<Case>,
}

/// What is kept of one run: one draw under one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its figures.
    pub figures: Figures,
    /// The course of services by place.
    pub courses: Courses,
    /// Facilities that were damaged, in the region's order.
    pub damaged: Vec<DamagedFacility>,
}

/// What one run did to one facility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DamagedFacility {
    /// The facility.
    pub facility: FacilityIdx,
    /// How often it was damaged.
    pub times: u32,
    /// The worst state.
    pub worst: DamageState,
    /// First damage, h after the start.
    pub first_at_h: f64,
    /// Hours times the share of it that damage kept from working.
    pub lost_h: f64,
    /// Whether it works in full at the end.
    pub repaired: bool,
}

/// Runs `scenario` under each of `cases` for every draw of `draws`.
///
/// Each draw is handed to `each` when it is finished, in no certain order and from any
/// thread; when it breaks, no more are begun. Uses the threads of the caller's rayon pool;
/// what a draw holds does not depend on their number, nor on which other draws or policies
/// are run.
pub fn run(
    region: &Region,
    scenario: &Scenario,
    cases: &[PolicyCase],
    draws: &[u32],
    each: impl Fn(Draw) -> ControlFlow<()> + Sync,
) {
    let stopped = AtomicBool::new(false);
    draws.par_iter().with_max_len(1).for_each(|&draw| {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        let drawn = scenario.drawn(draw);
        let cases = cases.iter().map(|case| one(region, &drawn.under(case))).collect();
        if each(Draw { draw, cases }).is_break() {
            stopped.store(true, Ordering::Relaxed);
        }
    });
}

/// One run of a scenario as it is.
#[must_use]
pub fn one(region: &Region, scenario: &Scenario) -> Case {
    let results = sim::run(region, scenario, &mut Unwatched);
    Case {
        figures: Figures::of(region, &results, &summarise(region, &results)),
        courses: Courses::of(region, &results),
        damaged: damaged(region, &results),
    }
}

fn damaged(region: &Region, results: &Results) -> Vec<DamagedFacility> {
    let facilities = region.facilities().len();
    let mut found: Vec<DamagedFacility> = Vec::new();
    for record in &results.damage {
        match found.iter_mut().find(|d| d.facility == record.facility) {
            Some(known) => {
                known.times += 1;
                known.worst = known.worst.max(record.state);
                known.first_at_h = known.first_at_h.min(record.at_h);
            }
            None => found.push(DamagedFacility {
                facility: record.facility,
                times: 1,
                worst: record.state,
                first_at_h: record.at_h,
                lost_h: 0.0,
                repaired: false,
            }),
        }
    }
    found.sort_by_key(|d| d.facility);
    for damaged in &mut found {
        let by_hour = results.facilities.functionality.iter().skip(damaged.facility.i());
        let works: Vec<f64> = by_hour.step_by(facilities).copied().collect();
        damaged.lost_h = works.iter().map(|works| 1.0 - works).sum();
        damaged.repaired = works.last().is_none_or(|works| *works >= 1.0);
    }
    found
}
