//! PSS/E power flow cases (`.raw`, revisions 32 to 35). See `docs/formats/psse.md`.
//!
//! Records and fields are those of the PSS/E Program Operation Manual, chapter "Power Flow
//! Data File Contents". What the grid cannot say is told with the line where it begins.

mod build;
mod dc;
mod lines;
mod rest;
mod sections;
#[cfg(test)]
mod tests;
mod transformer;
mod write;

use std::path::Path;

use blackstart::region::Grid;

use super::Parsed;
use build::Builder;

pub use write::{Revision, write};

/// Reads a PSS/E case; `file` names it in problems.
///
/// Buses keep their numbers as ids. Branches are `FROM-TO`, loads `load@BUS`, generators
/// `gen@BUS`, with `#ID` where their own id is not `1`; direct-current lines
/// `dcFROM-TO`. A transformer of three windings becomes a star bus and three branches. A
/// rating of 0 becomes infinite. References to buses that are not there are left to
/// [`Region::check`](blackstart::region::Region::check), except those of shunts.
#[must_use]
pub fn parse(text: &str, file: &Path) -> Parsed<Grid<String>> {
    let mut builder = Builder::new(text, file);
    builder.run();
    builder.finish()
}
