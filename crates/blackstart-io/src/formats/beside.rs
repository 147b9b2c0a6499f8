//! What grid folders say beside the grid: outage statistics and time series.

use std::rc::Rc;

use blackstart::region::{Grid, Table};

use crate::problem::InputProblem;
use crate::sources::Sources;

/// How often something fails by itself, and how long it stays so.
#[derive(Clone, Debug, PartialEq)]
pub struct OutageRate {
    /// Table of the grid.
    pub table: Table,
    /// Id of its row.
    pub id: String,
    /// Lasting failures per year in service.
    pub failures_per_year: f64,
    /// Mean time to repair, h.
    pub mean_repair_h: f64,
}

/// Values over time of one quantity of one element.
#[derive(Clone, Debug, PartialEq)]
pub struct GridSeries {
    /// Table of the grid; [`Table::Region`] for areas and whatever is no element.
    pub table: Table,
    /// Id of its row, or the name of the area.
    pub id: String,
    /// The quantity, as a field of ours such as `p_mw` or `p_max_mw`, or as the file calls it.
    pub attribute: String,
    /// Beginnings of the intervals, as the file writes them or as `2020-01-01 00:00`.
    pub times: Rc<[String]>,
    /// One value for each time; NaN where the file has none.
    pub values: Vec<f64>,
}

/// What stands beside a grid in its folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Failure rates, by row of the files.
    pub outage_rates: Vec<OutageRate>,
    /// Time series.
    pub series: Vec<GridSeries>,
}

/// What reading a folder gave.
#[derive(Clone, Debug, Default)]
pub struct GridFolder {
    /// The grid, as far as it could be read.
    pub grid: Grid<String>,
    /// What stands beside it.
    pub beside: Beside,
    /// Errors, warnings and notes.
    pub problems: Vec<InputProblem>,
    /// Where each row came from.
    pub sources: Sources,
}
