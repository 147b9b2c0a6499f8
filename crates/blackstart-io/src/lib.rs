//! Files to regions and scenarios, results to files.
//!
//! Every source position lives here: the engine names a table, a row and a column, and
//! [`Sources`] knows the file, line and column behind them.

pub mod codes;
pub mod formats;
mod problem;
mod sources;
pub mod write;

pub use problem::{InputProblem, MAX_PROBLEMS, Severity};
pub use sources::{Place, RowPlaces, Sources};
