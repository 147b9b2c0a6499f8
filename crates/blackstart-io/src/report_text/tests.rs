use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;

fn cases(folder: &str) -> Vec<(String, String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/cases/situation-reports")
        .join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&p).unwrap(), p)
        })
        .collect()
}

/// What a careful reader writes down.
fn gist(report: &Report) -> Value {
    let full = report.json();
    let intervals = |map: &Value| -> Value {
        let map = map.as_object().unwrap();
        map.iter()
            .map(|(k, v)| (k.clone(), v["interval"].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let strikes: Vec<Value> = full["strikes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|strike| {
            let hit: BTreeSet<&str> = strike["said_to_be_hit"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t["class"].as_str().unwrap_or("energy"))
                .collect();
            let sources: BTreeSet<&str> = strike["counts"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|c| c["from"]["said_by"].as_str())
                .chain(
                    strike["said_to_be_hit"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|t| !t["class"].is_null())
                        .filter_map(|t| t["from"]["said_by"].as_str()),
                )
                .collect();
            json!({
                "from": strike["from"],
                "to": strike["to"],
                "launched": intervals(&strike["launched"]),
                "intercepted_share": intervals(&strike["intercepted_share"]),
                "hit": hit,
                "sources": sources,
            })
        })
        .collect();
    json!({"strikes": strikes, "not_read": report.unread.len()})
}

/// Integers and floats of the same value are the same.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(n.as_f64()),
        Value::Array(a) => a.iter().map(floats).collect(),
        Value::Object(o) => {
            o.iter().map(|(k, v)| (k.clone(), floats(v))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn reports_read_as_a_careful_reader_reads_them() {
    let cases = cases("reports");
    assert!(cases.len() >= 25);
    let mut wrong = Vec::new();
    for (name, text, path) in cases {
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(path.with_extension("json")).unwrap())
                .unwrap();
        let read = parse_report(&text, Path::new(&name), None);
        let found = read.report.as_ref().map_or_else(|| json!(read.problems[0].message), gist);
        if floats(&found) != floats(&expected) {
            wrong.push(format!("{name}\n  expected {expected}\n  found    {found}"));
            if let Some(report) = &read.report {
                wrong.push(report.draft());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_texts_are_told_apart() {
    let cases = cases("no-reports");
    assert!(cases.len() >= 6);
    for (name, text, _) in cases {
        let read = parse_report(&text, Path::new(&name), None);
        assert!(read.report.is_none(), "{name}: {}", read.report.unwrap().draft());
        assert_eq!(read.problems[0].code, codes::NO_REPORT, "{name}");
    }
}

#[test]
fn each_value_has_its_sentence_and_the_sentence_is_in_the_text() {
    for (name, text, _) in cases("reports") {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let report = parse_report(&text, Path::new(&name), None).report.unwrap();
        for wave in &report.waves {
            let values = wave.launched.iter().chain(&wave.stopped_share).flatten();
            for from in values.flat_map(|v| {
                assert!(!v.from.is_empty(), "{name}");
                &v.from
            }) {
                assert!(flat.contains(&from.sentence), "{name}: {}", from.sentence);
                assert!(from.sentence.contains(&from.words), "{name}: {}", from.words);
                let line = text.lines().nth(from.line - 1).unwrap();
                let first = from.sentence.split(' ').next().unwrap();
                let at: String = line.chars().skip(from.column - 1).collect();
                assert!(at.starts_with(first), "{name}: {from:?}");
            }
        }
    }
}

#[test]
fn drafts_read_back_as_scenarios() {
    let spec = blackstart::synth::Spec { people: 20_000, seed: 7 };
    let draft = blackstart::synth::region(&spec).unwrap();
    let region = blackstart::region::Region::check(draft).region.unwrap();
    for (name, text, _) in cases("reports") {
        let report = parse_report(&text, Path::new(&name), None).report.unwrap();
        for wave in &report.waves {
            let one = Report { waves: vec![wave.clone()], ..report.clone() };
            let day = wave.days.map_or(jiff::civil::date(2026, 1, 14), |d| d.0);
            let scenario = format!(
                "name = \"x\"\nstart = {day}T00:00:00\ndays = 3\n[weather]\noutdoor_c = -5\n{}",
                one.draft()
            );
            let read = crate::parse_scenario(&scenario, Path::new("x.toml"), None, &region);
            assert_eq!(read.errors(), 0, "{name}: {:?}\n{scenario}", read.problems);
            let scenario = read.scenario.unwrap();
            let blackstart::scenario::EventKind::Strike(strike) = &scenario.events[0].kind else {
                panic!("{name}: no strike")
            };
            for (read, value) in strike.launched.iter().zip(&wave.launched) {
                let value = value.as_ref().map_or(Interval::point(0.0), |v| v.interval);
                assert_eq!(*read, value, "{name}");
            }
        }
    }
}

#[test]
fn nothing_makes_it_panic() {
    let texts: Vec<String> =
        cases("reports").into_iter().chain(cases("no-reports")).map(|(_, t, _)| t).collect();
    let all: Vec<Vec<char>> = texts.iter().map(|t| t.chars().collect()).collect();
    let signs: Vec<char> = "\u{0}\u{a0}\u{202f}\n\r\t.,;:-–—/'’\"%€0199éаЖ漢🚀".chars().collect();
    // A small generator of its own: the same texts every time.
    let mut state = 1u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..1500 {
        let mut text = all[next(all.len())].clone();
        for _ in 0..=next(12) {
            let at = next(text.len());
            match next(4) {
                0 => text.insert(at, signs[next(signs.len())]),
                1 if !text.is_empty() => {
                    text.remove(at);
                }
                2 => {
                    let other = &all[next(all.len())];
                    let from = next(other.len());
                    let to = from + next(other.len() - from);
                    text.splice(at..at, other[from..to].iter().copied());
                }
                _ => text.truncate(at.max(1)),
            }
        }
        let text: String = text.into_iter().collect();
        if let Some(report) = parse_report(&text, Path::new("x"), None).report {
            assert!(!report.draft().is_empty());
        }
    }
}
