//! Public MATPOWER cases and damage to them, for tests and timings of the grid.
#![allow(dead_code, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use blackstart::grid::{Demand, DispatchInput};
use blackstart::region::{Generator, Grid, Region, RegionDraft};
use blackstart_io::formats::matpower;

/// Folder with public networks and expected values.
pub fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// A MATPOWER case with its references resolved.
pub fn case(name: &str) -> Grid {
    let path = peers().join(format!("networks/matpower/{name}.m"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let grid = matpower::parse(&text, &path).value;
    let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
    checked.region.unwrap_or_else(|| panic!("{name}: {:?}", checked.problems)).grid().clone()
}

/// A table of numbers and words, without its head.
pub fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

/// State of a damaged hour.
pub struct Hour {
    pub bus: Vec<bool>,
    pub branch: Vec<bool>,
    pub rate: Vec<f64>,
    pub p_min: Vec<f64>,
    pub p_max: Vec<f64>,
    pub dc: Vec<bool>,
    pub demands: Vec<Demand>,
}

impl Hour {
    /// Everything the file has in service, least outputs 0, weights 1, 3, 10 by bus row.
    pub fn intact(grid: &Grid) -> Self {
        let up = |g: &Generator| g.in_service && grid.buses[g.bus.i()].in_service;
        Self {
            bus: grid.buses.iter().map(|b| b.in_service).collect(),
            branch: grid.branches.iter().map(|l| l.in_service).collect(),
            rate: grid.branches.iter().map(|l| l.rate_mva).collect(),
            p_min: vec![0.0; grid.generators.len()],
            p_max: grid.generators.iter().map(|g| if up(g) { g.p_max_mw } else { 0.0 }).collect(),
            dc: grid.dc_lines.iter().map(|l| l.in_service).collect(),
            demands: grid
                .loads
                .iter()
                .map(|d| Demand {
                    bus: d.bus,
                    p_mw: d.p_mw,
                    max_share: 1.0,
                    weight: [1.0, 3.0, 10.0][d.bus.i() % 3],
                })
                .collect(),
        }
    }

    /// The hour as the solver takes it.
    pub fn input(&self) -> DispatchInput<'_> {
        DispatchInput {
            bus_in_service: &self.bus,
            branch_in_service: &self.branch,
            rate_mw: &self.rate,
            p_min_mw: &self.p_min,
            p_max_mw: &self.p_max,
            dc_line_in_service: &self.dc,
            demands: &self.demands,
        }
    }

    /// Changes it as a table of `testdata/peers/grid.py` says.
    pub fn damage(&mut self, table: &Path) {
        for change in rows(table) {
            let row: usize = change[1].parse().unwrap();
            match change[0].as_str() {
                "branch" => self.branch[row] = false,
                "generator" => self.p_max[row] = 0.0,
                "rate" => self.rate[row] = change[2].parse().unwrap(),
                other => panic!("table {other}"),
            }
        }
    }
}
