//! The results folder: complete or untouched, parseable, the same bytes twice.

#[path = "../../blackstart/tests/common/mod.rs"]
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use blackstart::damage;
use blackstart::region::{FacilityClass, FacilityIdx, Region};
use blackstart::repair::RepairShop;
use blackstart::results::{FacilityState, HourStatus, Results, Summary, summarise};
use blackstart::scenario::{Assumed, EventKind, Scenario};
use blackstart_io::write::{self, InputFile, Provenance, WriteError, WriteInput};
use common::{event, region, scenario, strike};

/// Everything that is written, owned.
struct Run {
    region: Region,
    scenario: Scenario,
    results: Results,
    summary: Summary,
    provenance: Provenance,
}

impl Run {
    /// A strike on a chain of substations; damage and repair as computed, the rest made
    /// up so that every cell of every table tells where it is from.
    fn new(hours: usize) -> Self {
        let region = region(6);
        let night = event("night, first", 0.0, EventKind::Strike(Box::new(strike())));
        let mut scenario = scenario(4, vec![night]);
        scenario.assumed =
            vec![Assumed { key: "repair.teams".into(), text: "six \"by day\"".into() }];
        let mut shop = RepairShop::new(&region, &scenario);
        let (record, damage) = damage::apply(&region, &scenario, 0, shop.functionality());
        shop.damaged(&damage);
        let mut results = Results { hours, ..Results::default() };
        for hour in 0..hours {
            shop.hour(hour, ((18 + hour) % 24) as u32, 1.0);
            for (f, facility) in region.facilities().iter().enumerate() {
                let state = shop.state(FacilityIdx::new(f));
                let pipe = facility.class == FacilityClass::WaterMain;
                results.facilities.functionality.push(shop.functionality()[f]);
                results.facilities.state.push(state.unwrap_or(FacilityState::Served));
                results.facilities.output.push(if pipe { f64::NAN } else { f as f64 + 0.125 });
            }
        }
        results.damage = damage;
        results.strikes = record.into_iter().collect();
        results.repairs = shop.records();
        fill(&mut results, &region, hours);
        let summary = summarise(&region, &results);
        let provenance = Provenance {
            version: "9.9.9".into(),
            inputs: vec![InputFile::new("region.toml", b"abc")],
            settings: vec![("strict".into(), "false".into())],
            notes: vec!["section [TAGS] is not used".into()],
            created: None,
        };
        Self { region, scenario, results, summary, provenance }
    }

    fn input(&self) -> WriteInput<'_> {
        WriteInput {
            region: &self.region,
            scenario: &self.scenario,
            results: &self.results,
            summary: &self.summary,
            provenance: &self.provenance,
        }
    }

    fn file(&self, name: &str) -> String {
        let files = write::files(&self.input(), vec![("report.html".into(), b"<html>".to_vec())]);
        let (_, bytes) = files.into_iter().find(|(n, _)| n == name).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

/// `base`, then a quarter more in each row.
fn column(rows: usize, base: f64) -> Vec<f64> {
    (0..rows).map(|i| base + i as f64 * 0.25).collect()
}

fn fill(results: &mut Results, region: &Region, hours: usize) {
    let cells = hours * region.places().areas.len();
    let t = &mut results.totals;
    for (k, c) in [
        &mut t.outdoor_c,
        &mut t.people_without_electricity,
        &mut t.people_without_heat,
        &mut t.people_without_water,
        &mut t.demand_mw,
        &mut t.served_mw,
        &mut t.import_mw,
        &mut t.live_islands,
        &mut t.heat_demand_mw,
        &mut t.heat_delivered_mw,
        &mut t.hot_water_demand_mw,
        &mut t.hot_water_delivered_mw,
        &mut t.heat_made_mw,
        &mut t.heat_fuel_mw,
        &mut t.water_demand_m3h,
        &mut t.water_supplied_m3h,
        &mut t.tank_volume_m3,
        &mut t.facilities_damaged,
        &mut t.teams_busy,
        &mut t.people_drained,
        &mut t.people_burst,
        &mut t.people_taps_frozen,
        &mut t.emergency_heaters_mw,
        &mut t.grid_imbalance_share,
        &mut t.water_imbalance_share,
        &mut t.heat_imbalance_share,
        &mut t.homes_imbalance_share,
    ]
    .into_iter()
    .enumerate()
    {
        *c = column(hours, -10.0 * k as f64);
    }
    for c in t
        .people_below_c
        .iter_mut()
        .chain(&mut t.demand_by_priority_mw)
        .chain(&mut t.person_k_below_c)
    {
        *c = column(hours, 100.0);
    }
    for c in t.served_by_priority_mw.iter_mut().chain(&mut t.indoor_c).chain(&mut t.indoor_min_c) {
        *c = column(hours, 7.0);
    }
    t.indoor_c[2].fill(f64::NAN);
    for status in [&mut t.grid_status, &mut t.water_status, &mut t.heat_status] {
        *status = vec![HourStatus::Solved; hours];
    }
    t.water_status[1] = HourStatus::NotConverged { place: "junction J1, \"west\"".into() };

    let p = &mut results.places;
    for (k, c) in [
        &mut p.electricity_share,
        &mut p.water_share,
        &mut p.pressure_m,
        &mut p.heat_share,
        &mut p.indoor_c,
        &mut p.indoor_min_c,
    ]
    .into_iter()
    .enumerate()
    {
        *c = column(cells, k as f64);
    }
    for c in p.indoor_by_type_c.iter_mut().chain(&mut p.people_below_c) {
        *c = column(cells, 0.5);
    }
    for c in [&mut p.people_drained, &mut p.people_burst, &mut p.people_taps_frozen] {
        *c = column(cells, 0.25);
    }
    p.pressure_m[1] = f64::NAN;
    results.sites.state = vec![FacilityState::Backup; hours];
    results.sites.backup_left_h = column(hours, 3.0);
}

/// Header and rows; checks that every row is as long as the header.
fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn at<'a>(header: &[String], row: &'a [String], name: &str) -> &'a str {
    let column = header.iter().position(|n| n == name);
    &row[column.unwrap_or_else(|| panic!("no column {name} in {header:?}"))]
}

#[test]
fn hours_have_a_row_each_and_every_unit_in_the_name() {
    let run = Run::new(5);
    let (header, rows) = table(&run.file("hours.csv"));
    assert_eq!((header.len(), rows.len()), (56, 5));
    for name in &header {
        let units = ["_c", "_mw", "_m3h", "_m3", "_ppm", "_status", "_detail"];
        let plain = ["time", "hour", "live_islands", "facilities_damaged", "teams_busy"];
        assert!(
            plain.contains(&name.as_str())
                || name.starts_with("people_")
                || name.starts_with("person_k_")
                || units.iter().any(|u| name.ends_with(u)),
            "{name}"
        );
    }
    assert_eq!(at(&header, &rows[0], "time"), "2026-01-15T18:00");
    assert_eq!(at(&header, &rows[4], "time"), "2026-01-15T22:00");
    assert_eq!(at(&header, &rows[4], "hour"), "4");
    assert_eq!(at(&header, &rows[2], "people_without_heat"), "-19.5");
    assert_eq!(at(&header, &rows[2], "people_below_12_c"), "100.5");
    assert_eq!(at(&header, &rows[2], "demand_critical_mw"), "100.5");
    assert_eq!(at(&header, &rows[2], "indoor_new_c"), "");
    assert_eq!(at(&header, &rows[2], "indoor_min_detached_c"), "7.5");
    assert_eq!(at(&header, &rows[1], "water_status"), "not_converged");
    assert_eq!(at(&header, &rows[1], "water_detail"), "junction J1, \"west\"");
    assert_eq!(at(&header, &rows[1], "grid_status"), "solved");
}

#[test]
fn places_read_back() {
    let run = Run::new(3);
    let (header, rows) = table(&run.file("places.csv"));
    assert_eq!((header.len(), rows.len()), (23, 18));
    let p = &run.results.places;
    for (i, row) in rows.iter().enumerate() {
        let area = &run.region.places().areas[i % 6];
        assert_eq!(at(&header, row, "area"), area.id);
        assert_eq!(at(&header, row, "name"), area.name);
        assert_eq!(at(&header, row, "people").parse(), Ok(area.people));
        assert_eq!(at(&header, row, "hour").parse(), Ok(i / 6));
        for (name, column) in [
            ("electricity_share", &p.electricity_share),
            ("water_share", &p.water_share),
            ("pressure_m", &p.pressure_m),
            ("heat_share", &p.heat_share),
            ("indoor_c", &p.indoor_c),
            ("indoor_min_c", &p.indoor_min_c),
            ("indoor_panel_c", &p.indoor_by_type_c[0]),
            ("people_below_8_c", &p.people_below_c[3]),
            ("people_taps_frozen", &p.people_taps_frozen),
        ] {
            let cell = at(&header, row, name);
            if column[i].is_nan() {
                assert_eq!(cell, "");
            } else {
                // People are told to a tenth, the others here are whole quarters.
                let half = if name.starts_with("people") { 0.05 } else { 0.0 };
                let error = (cell.parse::<f64>().unwrap() - column[i]).abs();
                assert!(error <= half + 1e-12, "{name}: {cell}");
            }
        }
    }
}

#[test]
fn assets_leave_out_mains_that_nothing_happened_to() {
    let run = Run::new(4);
    let (header, rows) = table(&run.file("assets.csv"));
    assert_eq!(header.len(), 9);
    let n = run.region.facilities().len();
    let (mut seen, mut left_out) = (0, 0);
    for (f, facility) in run.region.facilities().iter().enumerate() {
        let is = |r: &&Vec<String>| r[2] == facility.id && r[4] == facility.class.word();
        let rows: Vec<_> = rows.iter().filter(is).collect();
        let carries_only = matches!(
            facility.class,
            FacilityClass::Line
                | FacilityClass::Cable
                | FacilityClass::HeatMain
                | FacilityClass::WaterMain
        );
        let table = &run.results.facilities;
        let touched = (0..4).any(|h| table.state[h * n + f] != FacilityState::Served);
        if carries_only && !touched {
            assert_eq!(rows.len(), 0, "{}", facility.id);
            left_out += 1;
            continue;
        }
        assert_eq!(rows.len(), 4, "{}", facility.id);
        for (h, row) in rows.iter().enumerate() {
            assert_eq!(at(&header, row, "state"), table.state[h * n + f].word());
            let functionality = at(&header, row, "functionality_share");
            assert_eq!(functionality.parse(), Ok(table.functionality[h * n + f]));
            if facility.class == FacilityClass::PumpingStation {
                assert_eq!(at(&header, row, "output_unit"), "m3/h");
                assert_eq!(at(&header, row, "output").parse(), Ok(f as f64 + 0.125));
            }
        }
        seen += rows.len();
    }
    assert_eq!(seen, rows.len());
    assert!(left_out > 0);
}

#[test]
fn sites_and_repairs_read_back() {
    let run = Run::new(30);
    let (header, rows) = table(&run.file("sites.csv"));
    assert_eq!((header.len(), rows.len()), (8, 30));
    assert_eq!(rows[2][2..], ["hospital", "Hospital", "hospital", "area0", "backup", "3.5"]);
    let (header, rows) = table(&run.file("repairs.csv"));
    assert_eq!((header.len(), rows.len()), (22, run.results.repairs.len()));
    assert!(rows.len() > 1);
    for (row, r) in rows.iter().zip(&run.results.repairs) {
        let number = |name: &str| at(&header, row, name).parse::<f64>().ok();
        assert_eq!(at(&header, row, "facility"), run.region.facilities()[r.facility.i()].id);
        assert_eq!(number("start_h"), r.start_h);
        assert_eq!(at(&header, row, "start_time").is_empty(), r.start_h.is_none());
        assert!((number("work_team_h").unwrap() - r.work_team_h).abs() < 1e-3);
        assert_eq!(number("teams"), Some(f64::from(r.teams)));
        assert_eq!(at(&header, row, "critical"), r.critical.to_string());
        assert_eq!(number("spare_count") > Some(0.0), r.spare.is_some());
    }
}

#[test]
fn run_json_tells_what_was_done() {
    let run = Run::new(5);
    let text = run.file("run.json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["program"], "blackstart");
    assert_eq!(json["version"], "9.9.9");
    assert_eq!(json["seed"], 4);
    assert_eq!(
        json["inputs"][0]["sha256"],
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(json["scenario"]["hours_computed"], 5);
    assert_eq!(json["scenario"]["interrupted"], true);
    assert_eq!(json["hour_statuses"]["water"]["not_converged"], 1);
    assert_eq!(json["hour_statuses"]["water"]["degraded"][0]["hour"], 1);
    assert_eq!(json["hour_statuses"]["grid"]["solved"], 5);
    assert_eq!(json["strikes"][0]["event"], "night, first");
    assert_eq!(json["damage"].as_array().unwrap().len(), run.results.damage.len());
    assert_eq!(json["repairs"].as_array().unwrap().len(), run.results.repairs.len());
    assert_eq!(json["assumptions"][0]["text"], "six \"by day\"");
    assert_eq!(json["summary"]["services"][1]["service"], "heat");
    assert_eq!(json["input_notes"][0], "section [TAGS] is not used");
    assert_eq!(json["created"], serde_json::Value::Null);
    let files = json["files"].as_array().unwrap();
    let files: Vec<&str> = files.iter().map(|f| f.as_str().unwrap()).collect();
    assert_eq!(files[..3], ["run.json", "hours.csv", "places.csv"]);
    assert_eq!(files[3..6], ["assets.csv", "sites.csv", "repairs.csv"]);
    assert_eq!(files[6..], ["map.geojson", "report.html"]);
    // The order of keys is the order of the page that describes them.
    let line = |key: &str| text.find(&format!("\n  \"{key}\"")).unwrap();
    assert!(line("program") < line("inputs") && line("summary") < line("repairs"));
}

#[test]
fn the_map_is_geojson() {
    let run = Run::new(5);
    let map: serde_json::Value = serde_json::from_str(&run.file("map.geojson")).unwrap();
    assert_eq!(map["type"], "FeatureCollection");
    let features = map["features"].as_array().unwrap();
    let mut ids: Vec<&str> = features.iter().map(|f| f["id"].as_str().unwrap()).collect();
    let count = |kind: &str| features.iter().filter(|f| f["properties"]["kind"] == kind).count();
    assert_eq!((count("area"), count("site"), count("bus"), count("branch")), (6, 1, 12, 11));
    // All facilities but the five lines.
    assert_eq!(count("facility"), run.region.facilities().len() - 5);
    for feature in features {
        assert_eq!(feature["type"], "Feature");
        let point = |p: &serde_json::Value| {
            assert!((30.0..=30.2).contains(&p[0].as_f64().unwrap()), "{feature}");
            assert_eq!(p[1].as_f64(), Some(50.0));
        };
        let coordinates = &feature["geometry"]["coordinates"];
        if feature["geometry"]["type"] == "Point" {
            point(coordinates);
        } else {
            assert_eq!(feature["geometry"]["type"], "LineString");
            point(&coordinates[0]);
            point(&coordinates[1]);
        }
    }
    let n = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), n, "ids of features repeat");
    // The area's own cells of the worst hour.
    let (worst, p) = (run.summary.worst_hour, &run.results.places);
    let third = &features[2]["properties"];
    assert_eq!(third["electricity_share"].as_f64(), Some(p.electricity_share[worst * 6 + 2]));
    assert_eq!(third["electricity_share_least"].as_f64(), Some(p.electricity_share[2]));
}

#[test]
fn the_page_describes_every_column() {
    let run = Run::new(2);
    let page = include_str!("../../../docs/formats/results.md");
    for name in ["hours.csv", "places.csv", "assets.csv", "sites.csv", "repairs.csv"] {
        let start = page.find(&format!("\n## {name}\n")).expect(name) + 4;
        let length = page[start..].find("\n## ").unwrap();
        let section = &page[start..start + length];
        for column in table(&run.file(name)).0 {
            assert!(section.contains(&format!("`{column}`")), "{name}: {column}");
        }
    }
    let map = run.file("map.geojson");
    let json: serde_json::Value = serde_json::from_str(&map).unwrap();
    let section = &page[page.find("\n## map.geojson").unwrap()..];
    for feature in json["features"].as_array().unwrap() {
        for property in feature["properties"].as_object().unwrap().keys() {
            let plain = property.trim_end_matches("_least");
            assert!(section.contains(&format!("`{plain}`")), "{property}");
        }
    }
    let run: serde_json::Value = serde_json::from_str(&run.file("run.json")).unwrap();
    for key in run.as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let files = |run: &Run| write::files(&run.input(), Vec::new());
    assert_eq!(files(&Run::new(7)), files(&Run::new(7)));
    assert_ne!(files(&Run::new(7)), files(&Run::new(6)));
}

#[test]
fn a_run_without_any_hour_is_written_too() {
    let mut run = Run::new(2);
    run.results = Results::default();
    for name in ["hours.csv", "places.csv", "assets.csv", "sites.csv", "repairs.csv"] {
        assert_eq!(table(&run.file(name)).1.len(), 0, "{name}");
    }
    let map: serde_json::Value = serde_json::from_str(&run.file("map.geojson")).unwrap();
    assert!(map["features"].as_array().unwrap().len() > 20);
}

/// A folder of its own for a test, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn an_own_folder_is_replaced_and_nothing_is_left_beside() {
    let scratch = Scratch::new("replaced");
    let deep = scratch.0.join("deep");
    let out = deep.join("out");
    let run = Run::new(3);
    write::results(&out, &run.input(), vec![("report.html".into(), b"old".to_vec())]).unwrap();
    assert_eq!(fs::read(out.join("report.html")).unwrap(), b"old");
    write::results(&out, &Run::new(2).input(), Vec::new()).unwrap();
    assert!(!out.join("report.html").exists());
    let text = fs::read_to_string(out.join("hours.csv")).unwrap();
    assert_eq!(table(&text).1.len(), 2);
    assert_eq!(names(&deep), ["out"]);
}

#[test]
fn an_empty_folder_is_filled() {
    let scratch = Scratch::new("filled");
    write::results(&scratch.0, &Run::new(2).input(), Vec::new()).unwrap();
    assert_eq!(names(&scratch.0).len(), 7);
}

#[test]
fn a_folder_with_anything_else_is_not_touched() {
    let scratch = Scratch::new("foreign");
    let run = Run::new(2);
    fs::write(scratch.0.join("thesis.odt"), "years of work").unwrap();
    let error = write::results(&scratch.0, &run.input(), Vec::new()).unwrap_err();
    assert!(
        matches!(&error, WriteError::Foreign { found, .. } if found == "thesis.odt"),
        "{error}"
    );
    assert_eq!(names(&scratch.0), ["thesis.odt"]);
    // Not even when it lies in a folder of ours.
    fs::remove_file(scratch.0.join("thesis.odt")).unwrap();
    write::results(&scratch.0, &run.input(), Vec::new()).unwrap();
    fs::write(scratch.0.join("notes.txt"), "mine").unwrap();
    let error = write::check_folder(&scratch.0).unwrap_err().to_string();
    assert!(error.contains("notes.txt") && error.contains("another folder"), "{error}");
    // Nor with a run.json of another program.
    fs::remove_file(scratch.0.join("notes.txt")).unwrap();
    fs::write(scratch.0.join("run.json"), "{\"files\": [\"run.json\"]}").unwrap();
    assert!(write::check_folder(&scratch.0).is_err());
    let file = scratch.0.join("hours.csv");
    assert!(matches!(write::check_folder(&file), Err(WriteError::NotAFolder(_))));
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let scratch = Scratch::new("unwritable");
    let out = scratch.0.join("out");
    let run = Run::new(2);
    write::results(&out, &run.input(), Vec::new()).unwrap();
    let before = fs::read(out.join("run.json")).unwrap();
    // A name in a folder that is not there.
    let bad = vec![("no/such/place".to_owned(), Vec::new())];
    assert!(matches!(write::results(&out, &run.input(), bad), Err(WriteError::Io { .. })));
    assert_eq!(fs::read(out.join("run.json")).unwrap(), before);
    assert_eq!(names(&scratch.0), ["out"]);
}
