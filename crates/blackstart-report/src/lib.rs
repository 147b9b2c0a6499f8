//! Map, charts and the single-file report of a run.
//!
//! The report computes no physics. It picks, counts and formats what
//! [`Results`] and [`Summary`] hold, and says so where something is missing.
//! The page is one file without scripts, without anything loaded from elsewhere,
//! and the same bytes for the same input.

mod chart;
mod compare;
mod facts;
mod format;
mod icons;
mod map;
mod page;
mod svg;
mod text;

pub use compare::{CompareInput, Fan, compare_html, compare_text};
pub use map::{MapOptions, map_svg};
pub use text::summary_text;

use blackstart::region::Region;
use blackstart::results::{Results, Summary};
use blackstart::scenario::Scenario;

/// Everything the report is made of.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// The region.
    pub region: &'a Region,
    /// What happened to it.
    pub scenario: &'a Scenario,
    /// What the run found out.
    pub results: &'a Results,
    /// The figures of the tiles ([`blackstart::results::summarise`]).
    pub summary: &'a Summary,
    /// Where the numbers come from.
    pub provenance: &'a Provenance,
}

/// Where the numbers of a report come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// Version of the program.
    pub version: String,
    /// Name and hash of each input file, in the order to print.
    pub inputs: Vec<(String, String)>,
    /// Seed of every draw.
    pub seed: u64,
    /// Further notes: features of input files that are not simulated, and so on.
    pub notes: Vec<String>,
}

/// The whole report as one HTML page.
///
/// Never panics; a table shorter than `results.hours` asks for, NaN, a region without
/// positions, without heat or water, and a run of no hours are shown as "unknown" or
/// left out with a word about it.
#[must_use]
pub fn html(input: &ReportInput<'_>) -> String {
    page::html(input)
}
