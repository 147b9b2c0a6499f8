//! Heat networks as their users convert them.

mod folder;

use std::fs;

use folder::Folder;

/// Exit code, what was printed, and what was told.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = folder.run(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.0.join(name)).expect(name)
}

const STREET: &str = r#"{"type": "FeatureCollection", "features": [
{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[30.0, 50.0], [30.001, 50.0], [30.001, 50.001]]},
 "properties": {"id": "main", "diameter_mm": 200}},
{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[30.001, 50.001], [30.002, 50.001]]},
 "properties": {"id": "branch", "diameter_mm": 100, "owner": "town"}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30.0, 50.0]},
 "properties": {"kind": "chp", "id": "K1", "heat_max_mw": 20, "generator": "G1"}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30.002, 50.001]},
 "properties": {"kind": "substation", "id": "S1", "design_mw": 0.5}}
]}"#;

#[test]
fn geojson_is_converted_to_a_region_and_back() {
    let folder = Folder::new("heat-convert");
    folder.write("street.geojson", STREET);
    let (code, out, err) = run(&folder, &["convert", "street.geojson", "region"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("region: 3 junctions, 2 pipes, 1 plants, 1 substations"), "{out}");
    for words in ["`owner`", "bends", "generators that this region does not have: `G1`"] {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert!(read(&folder, "region/heat_pipes.csv").contains("\nbranch,main-to,branch-to,71."));
    let (code, _, err) = run(&folder, &["convert", "region", "back.geojson"]);
    assert_eq!(code, Some(0), "{err}");
    let (code, out, _) =
        run(&folder, &["convert", "back.geojson", "again", "--to", "region", "--format", "json"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("\"substations\":1"), "{out}");
    for table in ["heat_junctions", "heat_pipes", "plants", "heat_substations"] {
        let name = |folder: &str| format!("{folder}/{table}.csv");
        assert_eq!(read(&folder, &name("region")), read(&folder, &name("again")), "{table}");
    }
    // The same by content, whatever the name.
    folder.write("street.json", STREET);
    assert_eq!(run(&folder, &["convert", "street.json", "third"]).0, Some(0));
    assert_eq!(read(&folder, "third/plants.csv"), read(&folder, "region/plants.csv"));
}

#[test]
fn what_a_file_cannot_hold_is_told_and_nothing_is_lost_by_accident() {
    let folder = Folder::new("heat-refused");
    folder.write("street.geojson", &STREET.replace("\"chp\"", "\"boiler_house\""));
    let (code, _, err) = run(&folder, &["convert", "street.geojson", "region"]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("is a boiler house, yet names generator `G1`"), "{err}");
    assert!(err.contains("street.geojson:7:"), "{err}");
    assert!(!folder.0.join("region").exists());

    assert_eq!(run(&folder, &["new", "town", "--people", "20000"]).0, Some(0));
    let (code, out, err) = run(&folder, &["convert", "town", "town.geojson"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("town.geojson: "), "{out}");
    assert!(err.contains("not the grid"), "{err}");
    let (code, _, err) = run(&folder, &["convert", "town", "town.geojson"]);
    assert_eq!(code, Some(1), "{err}");
    assert_eq!(run(&folder, &["convert", "town", "town.geojson", "--overwrite"]).0, Some(0));
    let (code, _, err) = run(&folder, &["convert", "town.geojson", "town.inp"]);
    assert_eq!(code, Some(2), "{err}");
    assert_eq!(run(&folder, &["convert", "town.geojson", "x", "--to", "psse"]).0, Some(2));
    let (code, _, err) = run(&folder, &["convert", "town.geojson", "back"]);
    assert_eq!(code, Some(0), "{err}");
    for table in ["heat_junctions", "heat_pipes", "plants", "heat_substations"] {
        let name = |folder: &str| format!("{folder}/{table}.csv");
        assert_eq!(read(&folder, &name("town")), read(&folder, &name("back")), "{table}");
    }
}
