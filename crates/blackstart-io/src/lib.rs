//! Files to regions and scenarios, results to files.
//!
//! Every source position lives here: the engine names a table, a row and a column, and
//! [`Sources`] knows the file, line and column behind them.

pub mod codes;
mod draws;
mod explain;
pub mod formats;
mod grid_file;
mod heat_file;
mod input_file;
mod network_file;
mod outage_list;
mod problem;
mod report_text;
mod sources;
mod toml_doc;
mod variation_list;
pub mod write;

pub use draws::{Draws, DrawsError, Identity, identity};
pub use explain::explain;
pub use formats::region_folder::{
    Placement, ReadDraft, ReadRegion, as_drawn, place, read_draft, read_region,
};
pub use formats::region_write::{
    Assembled, WaterCopy, WriteError, replace_region, write_around, write_assembled, write_region,
};
pub use formats::scenario::{ReadScenario, parse_embedded_scenario, parse_scenario, read_scenario};
pub use grid_file::{
    Converted, ConvertedWater, GridFormat, WriteGrid, WriteGridError, convert, convert_water,
    is_water, load_grid, read_grid, write_grid,
};
pub use heat_file::{ConvertedHeat, convert_heat, is_heat, read_heat};
pub use network_file::{
    ReadNetwork, ReadWater, load_water, read_inp, read_matpower, read_pandapipes,
};
pub use outage_list::{ReadOutages, read_outages};
pub use problem::{InputProblem, MAX_PROBLEMS, Severity};
pub use report_text::{
    Evidence, ReadCount, ReadReport, ReadTarget, ReadWave, Report, Unread, Value as ReadValue,
    parse_report, read_report,
};
pub use sources::{Place, RowPlaces, Sources};
pub use variation_list::{ReadVariations, read_variations};
