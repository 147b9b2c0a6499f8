//! Many draws of one scenario, and policies side by side under the same luck.
//!
//! Every random number is a function of (seed, draw, event, asset, purpose), never of the
//! policy or of the order of work. So in one draw all policies meet the same weapons, the
//! same interceptions and the same repair times, and what differs between two policies is
//! what they change. That makes the difference far less uncertain than each of the two
//! (common random numbers; Law: *Simulation Modeling and Analysis*, chapter on variance
//! reduction).

mod compare;
mod figures;
mod spread;

pub use compare::{Comparison, Difference, compare};
pub use figures::{Figures, Quantity};
pub use spread::{Spread, half_width_95};

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use crate::region::Region;
use crate::results::summarise;
use crate::scenario::{PolicyCase, Scenario};
use crate::sim::{self, Unwatched};

/// One draw under every policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Number of the draw.
    pub draw: u32,
    /// By policy, in the order in which they were given.
    pub cases: Vec<Figures>,
}

/// Draws worked on before they are handed over: enough to keep many cores busy, few
/// enough that an interruption loses little.
const DRAWS_AT_ONCE: u32 = 64;

/// Runs `scenario` under each of `cases` for every draw of `draws`.
///
/// Draws are handed to `each` in their order; when it breaks, no more are begun. Uses the
/// threads of the caller's rayon pool; what is handed over does not depend on their number,
/// nor on which other draws or policies are run.
pub fn run(
    region: &Region,
    scenario: &Scenario,
    cases: &[PolicyCase],
    draws: Range<u32>,
    mut each: impl FnMut(Draw) -> ControlFlow<()>,
) {
    let scenarios: Vec<Scenario> = cases.iter().map(|case| scenario.under(case)).collect();
    let mut from = draws.start;
    while from < draws.end {
        let to = draws.end.min(from.saturating_add(DRAWS_AT_ONCE));
        let pairs: Vec<(u32, usize)> =
            (from..to).flat_map(|draw| (0..scenarios.len()).map(move |c| (draw, c))).collect();
        let figures: Vec<Figures> =
            pairs.par_iter().map(|&(draw, c)| one(region, &scenarios[c], draw)).collect();
        let mut figures = figures.into_iter();
        for draw in from..to {
            let cases = figures.by_ref().take(scenarios.len()).collect();
            if each(Draw { draw, cases }).is_break() {
                return;
            }
        }
        from = to;
    }
}

/// One draw of a scenario as it is.
#[must_use]
pub fn one(region: &Region, scenario: &Scenario, draw: u32) -> Figures {
    let scenario = Scenario { draw, ..scenario.clone() };
    let results = sim::run(region, &scenario, &mut Unwatched);
    Figures::of(region, &results, &summarise(region, &results))
}
