//! One file per format.

pub(crate) mod ascii_grid;
pub mod beside;
pub(crate) mod collect;
mod decimal;
pub mod geojson;
pub mod inp;
pub(crate) mod json;
pub(crate) mod lost;
pub mod matpower;
pub(crate) mod number;
pub mod pandapipes;
pub mod pandapower;
pub mod powersim;
pub mod psse;
pub mod pypsa;
pub mod region_folder;
pub mod region_write;
pub mod rts_gmlc;
pub mod scenario;
pub(crate) mod sheet;
pub(crate) mod table;
mod units;
pub mod weather;

use crate::problem::InputProblem;
use crate::sources::Sources;

/// What reading one file gave: as much of the value as could be read, everything that
/// is wrong or worth knowing about the file, and where each row came from.
///
/// The value is complete only if no problem is of [`Severity::Error`](crate::Severity).
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// What was read.
    pub value: T,
    /// Errors, warnings and notes, in file order.
    pub problems: Vec<InputProblem>,
    /// Where each row of the value's tables came from.
    pub sources: Sources,
}
