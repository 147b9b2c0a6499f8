//! MATPOWER cases (`.m`, version 2) to grids. See `docs/formats/matpower.md`.
//!
//! A case is MATLAB code. Matrix literals are read fast; code after them is evaluated
//! as far as public cases need it, because several distribution cases convert kW to MW
//! and ohms to per unit there and would be wrong without it. What cannot be evaluated
//! is told with its line.
//!
//! The tables and their columns are those of the MATPOWER User's Manual, appendix B
//! ("Data File Format"); the direct-current lines those of its section on `dcline`.

mod build;
mod constants;
mod eval;
mod functions;
mod lex;
mod matrix;
mod statements;
#[cfg(test)]
mod tests;
mod value;
mod write;

use std::path::Path;

use blackstart::region::Grid;

use super::Parsed;
use super::collect::Collector;
use eval::Evaluator;
use lex::Cursor;

pub use write::write;

/// Reads a MATPOWER case of version 2; `file` names it in problems.
///
/// Buses keep their numbers as ids. Loads are `load@BUS`, branches `FROM-TO` (parallel
/// ones `FROM-TO#2` …), generators `genK@BUS` by row, direct-current lines `dcFROM-TO`.
/// A rating of 0 becomes infinite, a tap of 0 becomes 1. References to buses that are
/// not there are left to [`Region::check`](blackstart::region::Region::check).
#[must_use]
pub fn parse(text: &str, file: &Path) -> Parsed<Grid<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut evaluator = Evaluator::new(Cursor::new(text), Collector::new(file));
    let fields = evaluator.run();
    build::grid(evaluator, &fields)
}
