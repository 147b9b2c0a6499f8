//! `blackstart read` as users meet it: drafts, refusals, files.

mod folder;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use folder::Folder;

const REPORT: &str = "7 March 2025\n\nNearly 70 missiles and almost 200 attack drones were aimed \
                      at substations overnight, the ministry said.\n";

#[track_caller]
fn run(folder: &Path, arguments: &[&str], input: &str, code: i32) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_blackstart"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A command that reads no input may be gone already.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_report_becomes_a_draft() {
    let folder = Folder::new("read-draft");
    fs::write(folder.0.join("report.txt"), REPORT).unwrap();
    let printed = run(&folder.0, &["read", "report.txt"], "", 0);
    let draft = text(&printed.stdout);
    assert!(draft.contains("missiles_cruise = [63, 70]\n"), "{draft}");
    assert!(draft.contains("drones = [180, 200]\n"), "{draft}");
    assert!(draft.contains("time = 2025-03-07T02:00:00\n"), "{draft}");
    assert!(draft.contains("Said by: the ministry."), "{draft}");
    assert!(text(&printed.stderr).contains("check each value"), "{}", text(&printed.stderr));

    run(&folder.0, &["read", "report.txt", "-o", "draft.toml"], "", 0);
    assert_eq!(fs::read_to_string(folder.0.join("draft.toml")).unwrap(), draft);
    // What is there is left alone unless it is said otherwise.
    fs::write(folder.0.join("draft.toml"), "mine").unwrap();
    run(&folder.0, &["read", "report.txt", "-o", "draft.toml"], "", 1);
    assert_eq!(fs::read_to_string(folder.0.join("draft.toml")).unwrap(), "mine");
    run(&folder.0, &["read", "report.txt", "-o", "draft.toml", "--overwrite"], "", 0);
    assert_eq!(fs::read_to_string(folder.0.join("draft.toml")).unwrap(), draft);
}

#[test]
fn the_standard_input_and_json() {
    let folder = Folder::new("read-json");
    let undated = "Overnight, 30 drones were launched and 28 were shot down.";
    let given = ["read", "-", "--format", "json", "--published", "2026-01-15"];
    let printed = run(&folder.0, &given, undated, 0);
    let read: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    let strike = &read["strikes"][0];
    assert_eq!(strike["from"], "2026-01-14");
    assert_eq!(strike["launched"]["drones"]["interval"], serde_json::json!([30.0, 30.0]));
    assert_eq!(strike["intercepted_share"]["drones"]["interval"], serde_json::json!([0.93, 0.94]));
    assert_eq!(strike["counts"][1]["from"]["sentence"], undated);
}

#[test]
fn what_is_no_report_is_refused_and_nothing_is_written() {
    let folder = Folder::new("read-refused");
    let told = |input: &str| {
        let given = ["read", "-", "-o", "draft.toml"];
        let output = run(&folder.0, &given, input, 3);
        assert!(!folder.0.join("draft.toml").exists());
        text(&output.stderr)
    };
    assert!(told("The bakery opens at 7.").contains("no-report"));
    assert!(told("У ніч на 7 березня запустив 67 ракет.").contains("only English"));
    run(&folder.0, &["read", "missing.txt"], "", 3);
    run(&folder.0, &["read", "-", "--published", "7 March"], REPORT, 2);
}
