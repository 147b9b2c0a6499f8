//! The program as its users meet it: exit codes, streams, files.

mod folder;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use folder::Folder;

fn blackstart(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_blackstart"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SCENARIO: &str = "\
name = \"Two hits\"
start = 2026-01-13T20:00:00
horizon_h = 30
[weather]
outdoor_c = -12
[[strike]]
at_h = 5
missiles_cruise = [60, 60]
share_on_region = 0.5
intercepted = { missiles_cruise = 0.6 }
";

#[test]
fn the_demo_writes_every_file_and_tells_the_night_in_sentences() {
    let folder = Folder::new("demo");
    let output = blackstart(&folder.0, &["demo", "--output", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    for word in ["Electricity:", "Heat:", "Water:", "Homes:", "Repairs:", "report.html"] {
        assert!(text.contains(word), "{word} is missing from:\n{text}");
    }
    assert_eq!(stderr(&output), "", "progress is for terminals only");
    for file in [
        "run.json",
        "hours.csv",
        "places.csv",
        "assets.csv",
        "sites.csv",
        "repairs.csv",
        "map.geojson",
        "report.html",
    ] {
        let size = fs::metadata(folder.0.join("out").join(file)).map_or(0, |m| m.len());
        assert!(size > 500, "{file} has {size} bytes");
    }
    let hours = fs::read_to_string(folder.0.join("out/hours.csv")).expect("hours.csv");
    assert_eq!(hours.lines().count(), 169);
}

#[test]
fn a_new_region_runs_and_gives_the_same_bytes_on_one_thread_and_on_two() {
    let folder = Folder::new("threads");
    let made = blackstart(&folder.0, &["new", "city", "--people", "60000", "--seed", "3"]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    fs::write(folder.0.join("s.toml"), SCENARIO).expect("a scenario");
    let checked = blackstart(&folder.0, &["check", "city", "--scenario", "s.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    for (out, threads) in [("one", "1"), ("two", "2")] {
        let ran = blackstart(
            &folder.0,
            &["run", "city", "-s", "s.toml", "-o", out, "--threads", threads],
        );
        assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    }
    let mut names: Vec<_> = fs::read_dir(folder.0.join("one"))
        .expect("results")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let read = |out: &str| fs::read(folder.0.join(out).join(&name)).expect("a result");
        assert!(read("one") == read("two"), "{} differs", name.display());
    }
}

#[test]
fn wrong_input_ends_with_3_says_where_and_writes_nothing() {
    let folder = Folder::new("broken");
    let made = blackstart(&folder.0, &["new", "city", "--people", "20000"]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let path = folder.0.join("city/branches.csv");
    let table = fs::read_to_string(&path).expect("branches.csv");
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    let at = header.iter().position(|h| *h == "from").expect("a column from");
    let mut cells: Vec<String> = lines[3].split(',').map(str::to_owned).collect();
    cells[at].push('x');
    lines[3] = cells.join(",");
    fs::write(&path, lines.join("\n")).expect("a broken table");
    fs::write(folder.0.join("s.toml"), SCENARIO).expect("a scenario");
    let ran = blackstart(&folder.0, &["run", "city", "-s", "s.toml", "-o", "out"]);
    assert_eq!(ran.status.code(), Some(3));
    let told = stderr(&ran);
    assert!(told.contains("branches.csv:4:"), "{told}");
    assert!(told.contains("did you mean"), "{told}");
    assert!(!folder.0.join("out").exists(), "nothing may be written");

    let json = blackstart(&folder.0, &["check", "city", "--format", "json"]);
    assert_eq!(json.status.code(), Some(3));
    let first = stderr(&json).lines().next().map(str::to_owned).expect("a problem");
    let problem: serde_json::Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(problem["line"], 4);
    assert_eq!(problem["code"], "unknown-reference");
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let folder = Folder::new("usage");
    for arguments in [
        &["run"][..],
        &["nonsense"],
        &["new", "x", "--people", "5"],
        &["explain", "no-such-code"],
        &["demo", "--threads", "0"],
    ] {
        let output = blackstart(&folder.0, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty());
    }
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let folder = Folder::new("foreign");
    fs::create_dir(folder.0.join("out")).expect("a folder");
    fs::write(folder.0.join("out/thesis.txt"), "mine").expect("a file");
    let output = blackstart(&folder.0, &["demo", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("thesis.txt"));
    assert_eq!(fs::read_to_string(folder.0.join("out/thesis.txt")).expect("still there"), "mine");
}

#[test]
fn every_code_can_be_explained() {
    let folder = Folder::new("explain");
    let list = blackstart(&folder.0, &["explain"]);
    assert_eq!(list.status.code(), Some(0));
    let codes = stdout(&list);
    assert!(codes.lines().count() > 8, "{codes}");
    for code in codes.lines() {
        let output = blackstart(&folder.0, &["explain", code]);
        assert_eq!(output.status.code(), Some(0), "{code}");
        assert!(stdout(&output).len() > 40, "{code}");
    }
}

const CASE: &str = "function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 110 1 1.1 0.9; 2 1 50 10 0 0 1 1 0 110 1 1.1 0.9];
mpc.gen = [1 60 0 30 -30 1.02 100 1 100 0 0 0 0 0 0 0 0 0 0 0 0];
mpc.branch = [1 2 0.01 0.1 0.02 80 0 0 0 0 1 -360 360];
mpc.gencost = [2 0 0 2 20 0];
";

#[test]
fn convert_goes_between_formats_and_tells_what_is_lost() {
    let folder = Folder::new("convert");
    fs::write(folder.0.join("a.m"), CASE).expect("a case");
    let run = |arguments: &[&str]| {
        let output = blackstart(&folder.0, arguments);
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let (code, out, err) = run(&["convert", "a.m", "b.raw", "--revision", "35"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "b.raw: 2 buses, 1 branches, 1 generators, 1 loads; 2 notes\n")
    );
    assert!(err.contains("not-carried-over") && err.contains("costs of generators"), "{err}");
    let raw = fs::read_to_string(folder.0.join("b.raw")).expect("a PSS/E case");
    assert!(raw.starts_with("0, 100, 35,"), "{raw}");
    let (code, out, err) = run(&["convert", "b.raw", "c.m", "--format", "json"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\"branches\":1"), "{out}");
    let (code, _, _) = run(&["convert", "c.m", "region", "--to", "region"]);
    assert_eq!((code, folder.0.join("region/buses.csv").exists()), (Some(0), true));

    let (code, _, err) = run(&["convert", "a.m", "b.raw"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("there already"), "{err}");
    assert_eq!(run(&["convert", "a.m", "b.raw", "--overwrite"]).0, Some(0));
    assert_eq!(run(&["convert", "a.m", "nowhere"]).0, Some(2));
    assert_eq!(run(&["convert", "a.m", "x", "--to", "word"]).0, Some(2));
    fs::write(folder.0.join("broken.m"), CASE.replace("[1 2 0.01", "[1 7 0.01")).expect("a case");
    let (code, out, err) = run(&["convert", "broken.m", "d.raw"]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("broken.m:6:17") || err.contains("unknown-reference"), "{err}");
    assert!(!folder.0.join("d.raw").exists());
    assert!(run(&["convert", "--help"]).1.contains("blackstart convert case118.m case118.raw"));
}
