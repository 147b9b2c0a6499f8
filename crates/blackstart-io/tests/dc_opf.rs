//! DC optimal power flow against objectives that others publish.

use std::fs;
use std::path::Path;

use blackstart::grid::Snapshot;
use blackstart::grid::opf::{
    DcOptimalFlowOptions, DcOptimalFlowStatus, Susceptance, dc_optimal_flow,
};
use blackstart::region::{Region, RegionDraft};
use blackstart_io::formats::matpower;

#[test]
fn objectives_are_those_of_power_models() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/dcopf-powermodels");
    let options = DcOptimalFlowOptions {
        susceptance: Susceptance::PowerModels,
        ..DcOptimalFlowOptions::default()
    };
    let mut count = 0;
    for row in fs::read_to_string(folder.join("expected.csv")).unwrap().lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let path = folder.join(cells[0]);
        let grid = matpower::parse(&fs::read_to_string(&path).unwrap(), &path).value;
        let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
        let region = checked.region.unwrap_or_else(|| panic!("{row}: {:?}", checked.problems));
        let grid = region.grid();
        let got = dc_optimal_flow(grid, &Snapshot::of(grid), &options);
        assert_eq!(got.status, DcOptimalFlowStatus::Solved, "{row}");
        let (expected, tolerance): (f64, f64) =
            (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        assert!((got.cost_per_h - expected).abs() <= tolerance, "{row}: {}", got.cost_per_h);
        count += 1;
    }
    assert_eq!(count, 9);
}
