//! The guide's commands on public networks, as a user types them.
#![cfg(feature = "peers")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn peers() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var_os("BLACKSTART_PEERS").map_or_else(|| root.join(".cache/peers"), PathBuf::from)
}

fn networks() -> PathBuf {
    peers().join("networks")
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

const FROST: &str = "start = 2026-01-14T18:00:00
days = 3
[weather]
outdoor_c = -10
[[damaged]]
asset = \"plant:circ_pump_pressure0\"
state = \"extensive\"
repair_days = 1.5
at_h = 6
";

/// The same village as a low-voltage grid and as a heat network, one of them drawn with
/// latitude first.
#[test]
fn a_village_in_electricity_and_heat() {
    let folder = std::env::temp_dir().join(format!("blackstart-village-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a temporary folder");
    let (grid, heat) =
        (peers().join("pp_nets/lv_schutterwald.json"), peers().join("heat/schutterwald.json"));
    run(&folder, &["convert", heat.to_str().expect("UTF-8"), "heat.geojson"]);
    // What the guide does with sed.
    let drawn = fs::read_to_string(folder.join("heat.geojson")).expect("heat.geojson");
    assert_eq!(drawn.matches("\"diameter_mm\":800").count(), 241);
    let mut text = drawn.replace("\"diameter_mm\":800", "\"diameter_mm\":147.2");
    for (key, value) in [("loss_w_m_k", "0.3"), ("heat_max_mw", "0.5")] {
        let key = format!("\"{key}\":");
        let mut parts = text.split(&key);
        let mut next = parts.next().expect("a beginning").to_owned();
        for part in parts {
            let end = part.find([',', '}']).expect("an end");
            next += &format!("{key}{value}{}", &part[end..]);
        }
        text = next;
    }
    fs::write(folder.join("heat.geojson"), text).expect("heat.geojson");
    fs::write(folder.join("frost.toml"), FROST).expect("a scenario");
    let grid = grid.to_str().expect("UTF-8");
    let made = run(&folder, &["new", "village", "--grid", grid, "--heat", "heat.geojson"]);
    assert!(made.contains("243 pipe pairs, 44 substations"), "{made}");
    let manifest = fs::read_to_string(folder.join("village/region.toml")).expect("region.toml");
    assert!(manifest.contains("turned round"), "{manifest}");
    run(&folder, &["run", "village", "--scenario", "frost.toml", "--strict"]);
    let hours = fs::read_to_string(folder.join("out/hours.csv")).expect("hours.csv");
    let mut lines = hours.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let at = |name: &str, hour: usize| -> f64 {
        let column = names.iter().position(|n| *n == name).expect("the column");
        rows[hour][column].parse().expect("a number")
    };
    // Everybody warm; then a tenth of the boilers is left, and the warm water in the pipes
    // stretches the fall over hours.
    for hour in 0..6 {
        assert_eq!(at("people_without_heat", hour), 0.0, "hour {hour}");
        assert!(at("heat_delivered_mw", hour) > 0.15);
    }
    assert!(at("heat_made_mw", 7) < 0.1 && at("heat_delivered_mw", 7) > 0.12);
    assert!(at("heat_delivered_mw", 30) < 0.1 && at("people_without_heat", 30) > 100.0);
    let _ = fs::remove_dir_all(&folder);
}
