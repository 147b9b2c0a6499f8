//! Policies side by side: the answers in sentences, a table, fans, curves and a map.

mod charts;
mod map;
mod page;
mod table;
mod words;

use blackstart::ensemble::{Comparison, Course, Figures};
use blackstart::region::Region;
use blackstart::scenario::{PolicyCase, Scenario};

use crate::Provenance;
use crate::format::count;

/// Quantiles over draws by hour, of the region as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    /// 5 % of draws are at or below, by hour.
    pub p5: Vec<f64>,
    /// Half of the draws.
    pub p50: Vec<f64>,
    /// 95 % of the draws.
    pub p95: Vec<f64>,
}

/// Everything a comparison is told from.
#[derive(Clone, Copy, Debug)]
pub struct CompareInput<'a> {
    /// The region.
    pub region: &'a Region,
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// The policies, the baseline first.
    pub cases: &'a [PolicyCase],
    /// Figures of each draw, by policy.
    pub figures: &'a [Vec<Figures>],
    /// What they come to.
    pub comparison: &'a Comparison,
    /// By policy, in the order of [`Course::ALL`].
    pub fans: &'a [[Fan; Course::ALL.len()]],
    /// Draws that were asked for; fewer are there after an interruption.
    pub asked: usize,
    /// Where the numbers come from.
    pub provenance: &'a Provenance,
}

/// The answers in sentences, one a policy, for the terminal.
#[must_use]
pub fn compare_text(input: &CompareInput<'_>) -> String {
    let mut text = words::heading(input);
    text.push('\n');
    for case in 0..input.cases.len() {
        text.push('\n');
        text.push_str(&words::answer(input, case));
        text.push('\n');
    }
    // Names come from files; they may not steer the terminal.
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// The comparison as one HTML page without scripts.
#[must_use]
pub fn compare_html(input: &CompareInput<'_>) -> String {
    page::html(input)
}

fn draws_words(draws: usize) -> String {
    if draws == 1 { "1 draw".to_owned() } else { format!("{} draws", count(draws)) }
}

/// Residents.
fn residents(region: &Region) -> f64 {
    region.people().max(1.0)
}
