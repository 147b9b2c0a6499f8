//! Tables in, tables out.

use std::fs;
use std::path::Path;

use blackstart::region::Grid;

/// A MATPOWER case by its name.
pub(crate) fn case(peers: &Path, name: &str) -> Result<Grid, String> {
    let path = peers.join(format!("networks/matpower/{name}.m"));
    let read = blackstart_io::load_grid(&path);
    read.network.ok_or_else(|| format!("{name}: {:?}", read.problems.first()))
}

/// A table of cells, without its head.
pub(crate) fn rows(path: &Path) -> Result<Vec<Vec<String>>, String> {
    let text = fs::read_to_string(path)
        .map_err(|e| format!("{}: {e}; run testdata/peers/setup.py", path.display()))?;
    Ok(text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect())
}

/// A number, if the cell holds one.
pub(crate) fn number(cell: &str) -> Option<f64> {
    cell.parse().ok()
}

/// A line of a Markdown table.
pub(crate) fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Head of a Markdown table.
pub(crate) fn head(cells: &[&str]) -> String {
    let rule = vec!["---"; cells.len()].join("|");
    format!("| {} |\n|{rule}|\n", cells.join(" | "))
}
