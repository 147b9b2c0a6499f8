//! A village, what is decided where it says nothing, and what is told about slips.

use std::path::Path;

use blackstart::region::{
    HeatJunction, HeatOptions, HeatPipe, HeatSubstation, Laid, Plant, PlantKind, Position,
};
use proptest::collection::vec as many;
use proptest::prelude::*;

use super::*;
use crate::problem::{InputProblem, MAX_PROBLEMS, Severity};

/// Six pipes: a main eastwards from the plant, one branch, one pipe with a bend.
pub(super) const VILLAGE: &str = r#"{"type": "FeatureCollection", "name": "village",
"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
"features": [
{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[30.0, 50.0], [30.001, 50.0]]},
 "properties": {"id": "P1", "diameter_mm": 200}},
{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[30.001, 50.0], [30.002, 50.0]]},
 "properties": {"id": "P2", "diameter_mm": 150, "roughness_mm": 1, "laid": "air", "colour": "red"}},
{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[30.001, 50.000002], [30.001, 50.001]]},
 "properties": {"id": "P3", "diameter_mm": 100, "length_m": 120}},
{"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": [[[30.002, 50.0], [30.002, 50.001], [30.003, 50.001]]]},
 "properties": {"id": "P4", "diameter_mm": 80, "loss_w_m_k": null}},
{"type": "Feature", "id": 5, "geometry": {"type": "LineString", "coordinates": [[30.003, 50.001], [30.004, 50.001]]},
 "properties": {"kind": "pipe", "diameter_mm": 80}},
{"type": "Feature", "geometry": null,
 "properties": {"kind": "pipe", "id": "P6", "from": "5-to", "to": "end", "diameter_mm": 50, "length_m": 60}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30.004, 50.001]},
 "properties": {"kind": "junction", "id": "5-to", "elevation_m": 12.5}},
{"type": "Feature", "geometry": null, "properties": {"kind": "junction", "id": "end"}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [29.9999, 50.0]},
 "properties": {"kind": "boiler_house", "id": "K1", "heat_max_mw": 4, "name": "Boiler \"Ж\""}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30.001, 50.0012]},
 "properties": {"kind": "substation", "id": "S1", "design_mw": 0.4}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30.006, 50.001]},
 "properties": {"kind": "substation", "id": "S2", "design_mw": 0.3, "bypass_share": 0.05}},
{"type": "Feature", "geometry": null,
 "properties": {"kind": "substation", "id": "S3", "junction": "end", "design_mw": 0.1}},
{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[30,50],[30,51],[31,51],[30,50]]]},
 "properties": {"name": "a lake"}},
{"type": "Feature", "geometry": {"type": "Point", "coordinates": [30, 50]}, "properties": {"kind": "hydrant"}}
]}"#;

fn parsed(text: &str) -> (Heat<String, String>, Vec<InputProblem>) {
    let parsed = parse(text, Path::new("v.geojson"));
    (parsed.value, parsed.problems)
}

fn told(text: &str) -> String {
    parsed(text).1.iter().map(|p| format!("{p}\n")).collect()
}

fn feature(geometry: &str, properties: &str) -> String {
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{{\"type\":\"Feature\",\
         \"geometry\":{geometry},\"properties\":{{{properties}}}}}]}}"
    )
}

const POINT: &str = "{\"type\":\"Point\",\"coordinates\":[30,50]}";
const LINE: &str = "{\"type\":\"LineString\",\"coordinates\":[[30,50],[30.01,50]]}";

#[test]
fn a_village_is_read_and_joined() {
    let (heat, problems) = parsed(VILLAGE);
    let text: String = problems.iter().map(|p| format!("{p}\n")).collect();
    assert!(problems.iter().all(|p| p.severity != Severity::Error), "{text}");
    let ends: Vec<[&str; 2]> = heat.pipes.iter().map(|p| [&*p.from, &*p.to]).collect();
    assert_eq!(
        ends,
        [
            ["P1-from", "P1-to"],
            ["P1-to", "P2-to"],
            ["P1-to", "P3-to"],
            ["P2-to", "P4-to"],
            ["P4-to", "5-to"],
            ["5-to", "end"]
        ]
    );
    let ids: Vec<&str> = heat.junctions.iter().map(|j| &*j.id).collect();
    assert_eq!(ids, ["5-to", "end", "P1-from", "P1-to", "P2-to", "P3-to", "P4-to"]);
    assert_eq!((heat.junctions[0].elevation_m, heat.junctions[1].position), (12.5, None));
    let p = &heat.pipes;
    assert!((p[0].length_m - 71.6957).abs() < 1e-3, "{}", p[0].length_m);
    assert!((p[3].length_m - 111.2294 - 71.6942).abs() < 1e-2, "{}", p[3].length_m);
    assert_eq!((p[2].length_m, p[1].laid, p[0].laid), (120.0, Laid::Air, Laid::Ground));
    assert_eq!((p[0].roughness_mm, p[1].roughness_mm, p[3].loss_w_m_k), (0.5, 1.0, 0.6));
    assert_eq!(p[4].id, "5");
    let k = &heat.plants[0];
    assert_eq!(
        (k.kind, &*k.junction, &*k.name),
        (PlantKind::BoilerHouse, "P1-from", "Boiler \"Ж\"")
    );
    assert_eq!((k.efficiency, k.pump_head_m, k.fuel_h), (0.9, 60.0, f64::INFINITY));
    let at: Vec<&str> = heat.substations.iter().map(|s| &*s.junction).collect();
    assert_eq!(at, ["P3-to", "5-to", "end"]);
    for words in [
        "v.geojson:23:1: substation `S2` names no junction; the nearest, `5-to`, is 143 m away",
        "properties that are not read: `colour` (1×)",
        "not read: 1× Polygon",
        "not read: 1× Point of kind `hydrant`",
        "1 line has bends",
        "4 lines have no length_m",
        "made up at ends of pipes: 5",
        "given to the nearest junction: 3",
        "elsewhere than their junction, whose place is taken: 2",
    ] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
}

#[test]
fn a_chp_takes_the_defaults_of_its_table() {
    let (heat, problems) = parsed(&feature(
        POINT,
        "\"kind\":\"chp\",\"id\":\"K\",\"junction\":\"J\",\"heat_max_mw\":90,\"generator\":\"G\",\
         \"operating_mw\":[[0,40],[90,20]],\"fuel_h\":\"inf\"",
    ));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(heat.plants[0].power_to_heat, 0.45);
    assert_eq!(heat.plants[0].operating_mw, [(0.0, 40.0), (90.0, 20.0)]);
}

#[test]
fn slips_are_told_with_their_places() {
    let line = |properties: &str| told(&feature(LINE, properties));
    let point = |properties: &str| told(&feature(POINT, properties));
    let cases = [
        (line("\"id\":\"P\""), "2:1: pipe `P` has no `diameter_mm`"),
        (line("\"id\":\"P\",\"diameter_m\":0.2"), "there is `diameter_m`) (1 m = 1000 mm)"),
        (line("\"id\":\"P\",\"diamter_mm\":200"), "did you mean `diameter_mm`?"),
        (line("\"id\":\"P\",\"diameter_mm\":\"200\""), "write it without quotes"),
        (line("\"id\":\"P\",\"diameter_mm\":NaN"), "must be a finite number"),
        (line("\"id\":\"P\",\"diameter_mm\":1e999"), "must be a finite number"),
        (line("\"id\":\"P\",\"diameter_mm\":[]"), "must be a number"),
        (line("\"id\":{},\"diameter_mm\":1"), "`id` of this pipe must be a text"),
        (line("\"diameter_mm\":1"), "this pipe has no `id`"),
        (line("\"id\":\"P\",\"id\":\"Q\",\"diameter_mm\":1"), "`id` is there twice"),
        (line("\"id\":\"P\",\"diameter_mm\":1,\"laid\":\"grund\""), "did you mean `ground`?"),
        (line("\"id\":\"P\",\"diameter_mm\":1,\"lenght_m\":7"), "did you mean `length_m`?"),
        (
            line("\"id\":\"P\",\"diameter_mm\":1,\"length_km\":7"),
            "it is `length_m` (1 km = 1000 m)",
        ),
        (line("\"kind\":\"chp\",\"id\":\"P\""), "a feature of kind `chp` is a Point"),
        (point("\"id\":\"P\""), "this Point has no `kind`"),
        (point("\"kind\":\"substaton\",\"id\":\"P\""), "did you mean `substation`?"),
        (point("\"kind\":7"), "`kind` must be a text"),
        (
            point("\"kind\":\"substation\",\"id\":\"S\",\"design_mw\":1"),
            "2:1: substation `S` names no junction, and none has a position",
        ),
        (
            point("\"kind\":\"chp\",\"id\":\"S\",\"heat_max_mw\":1,\"operating_mw\":\"1:x\""),
            "must be points",
        ),
        (told(&feature("null", "\"kind\":\"chp\",\"id\":\"K\"")), "without geometry it must name"),
        (told(&feature("null", "\"kind\":\"pipe\",\"id\":\"K\"")), "must name its junctions"),
        (told(&feature("7", "")), "must be an object or null"),
        (told(&feature("{\"type\":\"Linestring\"}", "")), "did you mean `LineString`?"),
        (told(&feature("{\"type\":\"LineString\"}", "")), "has no `coordinates`"),
        (
            told(&feature("{\"type\":\"LineString\",\"coordinates\":[[1,2]]}", "")),
            "two positions or more",
        ),
        (
            told(&feature("{\"type\":\"MultiLineString\",\"coordinates\":[[],[]]}", "")),
            "this MultiLineString has 2",
        ),
        (
            told(&feature("{\"type\":\"Point\",\"coordinates\":[50,\"x\"]}", "")),
            "2:64: a position is a list",
        ),
        (
            told(&feature("{\"type\":\"Point\",\"coordinates\":[500000,5500000]}", "")),
            "longitude 500000 is not within -180 and 180 degrees (GeoJSON is longitude first",
        ),
        (told("{\"type\":\"FeatureColection\"}"), "did you mean `FeatureCollection`?"),
        (told("{\"type\":\"Feature\"}"), "1:9: the file is of type \"Feature\""),
        (told("{\"features\":[]}"), "`type` is missing"),
        (told("{\"type\":\"FeatureCollection\"}"), "`features` is missing"),
        (told("{\"type\":\"FeatureCollection\",\"features\":{}}"), "must be a list"),
        (told("{\"type\":\"FeatureCollection\",\"features\":[7]}"), "must be of type \"Feature\""),
        (told("{\"type\":\"FeatureCollection\",\"features\":[]}"), "nothing of a heat network"),
        (told("[]"), "this is not GeoJSON"),
        (told("{\"type\":\"FeatureCollection\",\n \"features\":[}"), "2:14: `}` is no JSON value"),
        (told(&VILLAGE.replace("OGC:1.3:CRS84", "EPSG::3857")), "only WGS 84"),
        (
            told(&VILLAGE.replace("\"features\"", "\"heat_options\":{\"ground\":1},\"features\"")),
            "there is no `ground` in `heat_options`",
        ),
    ];
    for (text, words) in &cases {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    for crs in ["EPSG:4326", "urn:ogc:def:crs:EPSG::4326", "OGC:CRS84"] {
        let text = told(&VILLAGE.replace("urn:ogc:def:crs:OGC:1.3:CRS84", crs));
        assert!(!text.contains("WGS"), "{crs}: {text}");
    }
}

#[test]
fn all_is_told_at_once_and_no_more_than_is_useful() {
    let bad = "{\"type\":\"Feature\",\"geometry\":null,\"properties\":{\"kind\":\"chp\"}},\n";
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}{}]}}",
        bad.repeat(60_000),
        bad.trim_end_matches(",\n")
    );
    let problems = parsed(&text).1;
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!((problems[49].line, problems[49].column), (18, 1), "{}", problems[49]);
    assert!(problems[50].message.contains("more errors"), "{}", problems[50]);
    let deep = format!("{{\"type\":\"FeatureCollection\",\"features\":{}", "[".repeat(1_000_000));
    assert!(told(&deep).contains("nested too deeply"));
}

/// A file without line breaks, and one of nothing but names: linear, not quadratic.
#[test]
fn long_lines_and_many_names_are_read_fast() {
    let begin = std::time::Instant::now();
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    for k in 0..30_000 {
        let (x, y) = (30.0 + f64::from(k % 200) * 1e-3, 50.0 + f64::from(k / 200) * 1e-3);
        text.push_str(&format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"id\":\"P{k}\",\"diameter_mm\":1,\"x{k}\":0}},\
             \"geometry\":{{\"type\":\"LineString\",\"coordinates\":[[{x},{y}],[{},{y}]]}}}},",
            x + 1e-3
        ));
    }
    text.push_str(
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[30,50]},\
         \"properties\":{\"kind\":\"substation\",\"id\":\"S\",\"design_mw\":1}}]}",
    );
    let (heat, problems) = parsed(&text);
    assert!(problems.iter().all(|p| p.severity == Severity::Note), "{problems:?}");
    assert_eq!((heat.pipes.len(), &*heat.substations[0].junction), (30_000, "P0-from"));
    // 150 rows of 200 pipes from west to east.
    assert_eq!(heat.junctions.len(), 150 * 201);
    assert!(begin.elapsed().as_secs_f64() < 20.0, "{:?}", begin.elapsed());
}

#[test]
fn files_are_known_by_their_first_bytes() {
    assert!(looks_like(&VILLAGE[..200]));
    assert!(looks_like("\u{feff} {\"features\": []}"));
    assert!(!looks_like("{\"_module\": \"pandapipes.pandapipes_net\"}"));
    assert!(!looks_like("function mpc = case"));
}

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9\"\\\\Жé,]{1,4}"
}

/// Any finite number, of all sizes.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), -1e3..1e3, proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL]
}

fn position() -> impl Strategy<Value = Option<Position>> {
    let at = (-180.0..=180.0, -90.0..=90.0);
    proptest::option::of(at.prop_map(|(lon_deg, lat_deg)| Position { lon_deg, lat_deg }))
}

fn plants() -> impl Strategy<Value = Vec<Plant<String, String>>> {
    let kind =
        (0usize..3).prop_map(|k| [PlantKind::Chp, PlantKind::BoilerHouse, PlantKind::Mobile][k]);
    let fuel = prop_oneof![Just(f64::INFINITY), number()];
    let corners = many((number(), number()), 0..4);
    let texts =
        (id(), "[a-zЖ\\n \"]{0,5}", id(), proptest::option::of(id()), proptest::option::of(id()));
    let numbers = proptest::array::uniform5(number());
    let plant = (kind, texts, numbers, fuel, corners, position()).prop_map(
        |(kind, (id, name, junction, generator, facility), n, fuel_h, operating_mw, position)| {
            Plant {
                id,
                name,
                kind,
                junction,
                heat_max_mw: n[0],
                generator,
                power_to_heat: n[1],
                power_loss_per_heat: n[2],
                operating_mw,
                efficiency: n[3],
                pump_head_m: n[4],
                fuel_h,
                position,
                facility,
            }
        },
    );
    many(plant, 0..4)
}

fn heats() -> impl Strategy<Value = Heat<String, String>> {
    let junction = (id(), number(), position())
        .prop_map(|(id, elevation_m, position)| HeatJunction { id, elevation_m, position });
    let pipe = (id(), id(), id(), proptest::array::uniform4(number()), any::<bool>()).prop_map(
        |(id, from, to, n, air)| HeatPipe {
            id,
            from,
            to,
            length_m: n[0],
            diameter_mm: n[1],
            roughness_mm: n[2],
            loss_w_m_k: n[3],
            laid: if air { Laid::Air } else { Laid::Ground },
        },
    );
    let substation = (id(), id(), proptest::array::uniform3(number())).prop_map(
        |(id, junction, [design_mw, hot_water_mw, bypass_share])| HeatSubstation {
            id,
            junction,
            design_mw,
            hot_water_mw,
            bypass_share,
        },
    );
    let options = proptest::array::uniform5(number()).prop_map(|n| HeatOptions {
        design_outdoor_c: n[0],
        design_supply_c: n[1],
        design_return_c: n[2],
        min_supply_c: n[3],
        ground_c: n[4],
    });
    (options, many(junction, 0..6), many(pipe, 0..6), plants(), many(substation, 0..4)).prop_map(
        |(options, junctions, mut pipes, plants, substations)| {
            // Most pipes name junctions that are there, so that they have a geometry.
            let ids: Vec<String> = junctions.iter().map(|j: &HeatJunction| j.id.clone()).collect();
            for (k, pipe) in pipes.iter_mut().enumerate().filter(|_| !ids.is_empty()) {
                pipe.from.clone_from(&ids[k % ids.len()]);
                pipe.to.clone_from(&ids[(k + 1) % ids.len()]);
            }
            Heat { options, junctions, pipes, plants, substations }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(heat in heats()) {
        let text = write(&heat);
        // Other programs read it too.
        let standard: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&standard["type"], "FeatureCollection");
        let (back, problems) = parsed(&text);
        prop_assert!(problems.iter().all(|p| p.severity != Severity::Error), "{:?}", problems);
        prop_assert_eq!(&back, &heat);
        prop_assert_eq!(write(&back), text);
    }

    #[test]
    fn no_damage_to_a_file_crashes_the_reader(at in 0usize..3000, to in 0usize..3000, with in "[\\[\\]{}\",:0-9a-z]{0,4}") {
        let mut bytes = VILLAGE.as_bytes().to_vec();
        let (at, to) = (at.min(bytes.len()), to.min(bytes.len()));
        bytes.splice(at.min(to)..at.max(to).min(at.min(to) + 9), with.bytes());
        let _ = parse(&String::from_utf8_lossy(&bytes), Path::new("v.geojson"));
    }
}
