//! The guide's commands on public networks, as a user types them.
#![cfg(feature = "peers")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn networks() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let peers = std::env::var_os("BLACKSTART_PEERS")
        .map_or_else(|| root.join(".cache/peers"), PathBuf::from);
    peers.join("networks")
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_blackstart"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}\n{told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The example's night without the facility that only the example's region has.
fn scenario(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let night = fs::read_to_string(root.join("bench/night.toml")).expect("the night");
    let weather = root.join("examples/winter-night/weather.csv");
    let path = folder.join("night.toml");
    let text = night.replace(
        "../examples/winter-night/weather.csv",
        weather.to_str().expect("a path in UTF-8"),
    );
    fs::write(&path, text).expect("the scenario");
    path
}

/// Makes the region, runs the night on it, and gives `hours.csv` as columns by name.
fn night_on(name: &str, new: &[&str]) -> Vec<(String, Vec<f64>)> {
    let folder =
        std::env::temp_dir().join(format!("blackstart-guide-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a temporary folder");
    let night = scenario(&folder);
    let made = run(&folder, &[&["new", "region"], new].concat());
    assert!(made.contains("no problems found"), "{made}");
    run(&folder, &["check", "region"]);
    let night = night.to_str().expect("a path in UTF-8");
    let told = run(&folder, &["run", "region", "--scenario", night, "--output", "out", "--strict"]);
    assert!(told.contains("Electricity:"), "{told}");
    let hours = fs::read_to_string(folder.join("out/hours.csv")).expect("hours.csv");
    let mut lines = hours.lines();
    let names = lines.next().expect("a header").split(',').map(str::to_owned);
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    assert_eq!(rows.len(), 168);
    let columns = names
        .enumerate()
        .map(|(k, name)| {
            (name, rows.iter().map(|r| r[k].parse().unwrap_or(f64::NAN)).collect::<Vec<_>>())
        })
        .collect();
    let _ = fs::remove_dir_all(&folder);
    columns
}

fn column<'a>(table: &'a [(String, Vec<f64>)], name: &str) -> &'a [f64] {
    &table.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no column {name}")).1
}

/// Whole before the strike in hour 7, something missing in it, and never more than all.
fn assert_a_night(table: &[(String, Vec<f64>)]) {
    let (want, got) = (column(table, "demand_mw"), column(table, "served_mw"));
    for hour in 0..7 {
        assert!(want[hour] > 1000.0 && got[hour] > want[hour] * (1.0 - 1e-6), "hour {hour}");
    }
    assert!((0..168).all(|h| got[h] <= want[h] * (1.0 + 1e-6)));
    assert!((7..168).any(|h| got[h] < want[h] - 1.0), "a strike that takes nothing");
}

#[test]
fn the_reliability_test_system_with_three_water_networks() {
    let (grid, water) =
        (networks().join("matpower/case_RTS_GMLC.m"), networks().join("epanet/Net3.inp"));
    let (grid, water) = (grid.to_str().expect("UTF-8"), water.to_str().expect("UTF-8"));
    let table =
        night_on("rts", &["--grid", grid, "--water", water, "--water", water, "--water", water]);
    assert_a_night(&table);
    let (want, got) = (column(&table, "water_demand_m3h"), column(&table, "water_supplied_m3h"));
    assert!((0..7).all(|h| want[h] > 100.0 && got[h] > 0.95 * want[h]));
}

#[test]
fn a_grid_of_two_thousand_buses_with_twenty_areas() {
    let grid = networks().join("matpower/case_ACTIVSg2000.m");
    let table = night_on("2000", &["--grid", grid.to_str().expect("UTF-8"), "--areas", "20"]);
    assert_a_night(&table);
}
