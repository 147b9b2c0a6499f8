//! Policies side by side as users meet them: answers, files, parts, interruptions.

mod folder;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use folder::{Folder, tree};

const SCENARIO: &str = r#"
name = "Two days"
start = 2026-01-13T20:00:00
horizon_h = 48
seed = 4
[weather]
outdoor_c = -12
[[campaign]]
name = "Campaign"
gap_median_days = 0.6
share_on_region = [0.3, 0.5]
[[compare]]
name = "Halt"
halt = { from_h = 0, removes_share = 0.9, covers = ["air"] }
[[compare]]
name = "Colder"
weather = { shift_k = -6 }
"#;

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blackstart"));
    command.args(arguments).current_dir(folder);
    command
}

#[track_caller]
fn run(folder: &Path, arguments: &[&str], code: i32) -> Output {
    let output = program(folder, arguments).output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a town and the scenario.
fn town(name: &str) -> Folder {
    let folder = Folder::new(name);
    run(&folder.0, &["new", "town", "--people", "20000", "--seed", "3"], 0);
    fs::write(folder.0.join("s.toml"), SCENARIO).expect("a scenario");
    folder
}

const COMPARE: [&str; 4] = ["compare", "town", "-s", "s.toml"];

fn compare<'a>(more: &[&'a str]) -> Vec<&'a str> {
    COMPARE.iter().chain(more).copied().collect()
}

#[track_caller]
fn same(folder: &Folder, one: &str, other: &str) {
    let (one, other) = (tree(&folder.0.join(one)), tree(&folder.0.join(other)));
    let names = |t: &BTreeMap<String, Vec<u8>>| t.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(*bytes == other[name], "{name} differs");
    }
}

#[test]
fn answers_come_in_sentences_tables_and_a_page() {
    let folder = town("compare-answers");
    let output = run(&folder.0, &compare(&["--draws", "12", "-o", "out", "--threads", "2"]), 0);
    let told = text(&output.stdout);
    for word in
        ["12 draws", "As it is: until 15 January", "A halt of air attacks", "saves", "Weather 6"]
    {
        assert!(told.replace('\u{a0}', " ").contains(word), "{word} is missing from:\n{told}");
    }
    let files = tree(&folder.0.join("out"));
    let lines = |name: &str| text(&files[name]).lines().count();
    assert_eq!(lines("policies.csv"), 1 + 3 * 9);
    assert_eq!(lines("draws.csv"), 1 + 12 * 3);
    let areas =
        text(&fs::read(folder.0.join("town/areas.csv")).expect("areas")).lines().count() - 1;
    assert_eq!(lines("places.csv"), 1 + 3 * areas);
    assert_eq!(lines("place_hours.csv"), 1 + 3 * (areas + 1) * 48);
    assert!(lines("assets.csv") > 3);
    assert_eq!(files.keys().filter(|n| n.starts_with("draws/")).count(), 12);
    let page = text(&files["report.html"]);
    assert!(page.contains("Halt") && page.contains("best</b>") && page.ends_with("</html>\n"));
    let json: serde_json::Value = serde_json::from_slice(&files["run.json"]).expect("JSON");
    let heat = &json["summary"]["policies"][1]["quantities"]["without_heat_person_h"];
    assert!(heat["difference"]["mean"].as_f64().expect("a number") < 0.0, "{heat}");

    // One thread, and another folder: the same bytes.
    run(&folder.0, &compare(&["--draws", "12", "-o", "one", "--threads", "1"]), 0);
    same(&folder, "out", "one");
    // Fewer draws of the same are the same draws.
    run(&folder.0, &compare(&["--draws", "5", "-o", "five"]), 0);
    let five = tree(&folder.0.join("five"));
    assert!(five["draws/000004.draw"] == files["draws/000004.draw"]);
    // More draws go on from them.
    run(&folder.0, &compare(&["--draws", "12", "-o", "five", "--resume"]), 0);
    same(&folder, "out", "five");
    // The middle of one policy's draw can be looked at alone.
    run(&folder.0, &["run", "town", "-s", "s.toml", "--policy", "Halt", "-o", "alone"], 0);
    let wrong = run(&folder.0, &["run", "town", "-s", "s.toml", "--policy", "Hald"], 2);
    assert!(text(&wrong.stderr).contains("did you mean \"Halt\"?"), "{}", text(&wrong.stderr));
    run(&folder.0, &compare(&["--draws", "3", "-o", "p", "--format", "parquet"]), 0);
    assert!(tree(&folder.0.join("p")).contains_key("place_hours.parquet"));
}

#[test]
fn the_shipped_campaign_runs_as_its_first_lines_say() {
    let folder = Folder::new("compare-shipped");
    let example =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/winter-campaign/scenario.toml");
    let example = example.to_string_lossy();
    run(&folder.0, &["new", "town", "--people", "200000"], 0);
    let output = run(&folder.0, &["compare", "town", "-s", &example, "--draws", "2"], 0);
    let told = text(&output.stdout);
    assert!(told.contains("too few draws for an interval"), "{told}");
    let draws = text(&tree(&folder.0.join("out"))["draws.csv"]);
    assert_eq!(draws.lines().count(), 1 + 2 * 6);
    assert!(draws.lines().skip(1).all(|line| line.contains(",672,")), "{draws}");
}

#[test]
fn parts_joined_are_the_whole() {
    let folder = town("compare-parts");
    run(&folder.0, &compare(&["--draws", "10", "-o", "whole"]), 0);
    for part in ["1/3", "2/3", "3/3"] {
        let out = format!("part{}", &part[..1]);
        run(&folder.0, &compare(&["--draws", "10", "--shard", part, "-o", &out]), 0);
        assert!(!folder.0.join(&out).join("report.html").exists());
    }
    let merge = ["merge", "town", "-s", "s.toml", "part1", "part3", "part2", "-o", "joined"];
    run(&folder.0, &merge, 0);
    same(&folder, "whole", "joined");

    let lacking = run(&folder.0, &["merge", "town", "-s", "s.toml", "part1", "part2"], 3);
    assert!(text(&lacking.stderr).contains("3 of 10 draws are missing or torn: 2, 5, 8"));
    let other = ["merge", "town", "-s", "s.toml", "--seed", "9", "part1", "-o", "x"];
    assert!(text(&run(&folder.0, &other, 3).stderr).contains("other inputs"));
    let own = ["merge", "town", "-s", "s.toml", "part1", "-o", "part1"];
    run(&folder.0, &own, 2);
    assert!(folder.0.join("part1/draws/000000.draw").exists());
}

#[test]
fn torn_draws_are_drawn_again_and_others_are_not_taken() {
    let folder = town("compare-torn");
    run(&folder.0, &compare(&["--draws", "6", "-o", "whole"]), 0);
    run(&folder.0, &compare(&["--draws", "6", "-o", "torn"]), 0);
    let draw = |n: u32| folder.0.join(format!("torn/draws/{n:06}.draw"));
    let bytes = fs::read(draw(2)).expect("a draw");
    fs::write(draw(2), &bytes[..bytes.len() / 2]).expect("a torn draw");
    let mut changed = fs::read(draw(4)).expect("a draw");
    let middle = changed.len() / 2;
    changed[middle] ^= 0x10;
    fs::write(draw(4), changed).expect("a changed draw");
    fs::remove_file(draw(5)).expect("a draw");
    run(&folder.0, &compare(&["--draws", "6", "-o", "torn", "--resume"]), 0);
    same(&folder, "whole", "torn");

    let other = compare(&["--draws", "6", "--seed", "5", "-o", "torn", "--resume"]);
    assert!(text(&run(&folder.0, &other, 3).stderr).contains("without --resume"));
    same(&folder, "whole", "torn");
    fs::write(folder.0.join("torn/diary.txt"), "mine").expect("a file");
    let foreign = run(&folder.0, &compare(&["--draws", "2", "-o", "torn"]), 1);
    assert!(text(&foreign.stderr).contains("diary.txt"));
    assert!(folder.0.join("torn/report.html").exists(), "nothing may be removed");
}

#[test]
fn drawing_until_the_answer_is_sure_enough() {
    let folder = town("compare-until");
    let until = |threads| {
        compare(&["--until-half-width", "40%", "--draws", "128", "-o", "out", "--threads", threads])
    };
    run(&folder.0, &until("2"), 0);
    let one = tree(&folder.0.join("out"));
    let json: serde_json::Value = serde_json::from_slice(&one["run.json"]).expect("JSON");
    let draws = json["summary"]["draws"].as_u64().expect("a number");
    assert!(draws.is_multiple_of(32) && draws <= 128, "{draws}");
    let d = &json["summary"]["policies"][1]["quantities"]["without_heat_person_h"]["difference"];
    let ratio = d["half_width_95"].as_f64().unwrap() / d["mean"].as_f64().unwrap().abs();
    assert!(draws == 128 || ratio <= 0.4, "{draws} draws, ratio {ratio}");
    run(&folder.0, &until("1"), 0);
    assert!(one == tree(&folder.0.join("out")), "threads change when it is enough");
}

/// A process that is killed at once when a test ends early.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Path, arguments: &[&str]) -> Killed {
    let mut command = program(folder, arguments);
    Killed(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process"))
}

#[test]
fn killed_fifty_times_the_answer_is_the_same() {
    let folder = town("compare-killed");
    let wide = ["--draws", "40", "-o"];
    run(&folder.0, &compare(&[wide.as_slice(), &["whole"]].concat()), 0);
    let go_on = compare(&[wide.as_slice(), &["out", "--resume"]].concat());
    let mut state = 12_345u64;
    let mut ended = 0;
    for _ in 0..50 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut process = start(&folder.0, &go_on);
        std::thread::sleep(Duration::from_millis(5 + (state >> 33) % 150));
        ended += usize::from(process.0.try_wait().expect("a process").is_some());
        process.0.kill().expect("a kill");
        process.0.wait().expect("an end");
        // Now and then the last file is torn, as a power cut would leave it.
        if state >> 60 < 4
            && let Some(last) = fs::read_dir(folder.0.join("out/draws"))
                .ok()
                .and_then(|entries| entries.filter_map(Result::ok).map(|e| e.path()).max())
        {
            let bytes = fs::read(&last).expect("a draw");
            fs::write(&last, &bytes[..bytes.len() * 2 / 3]).expect("a torn draw");
        }
    }
    assert!(ended < 50, "every process ended before it could be killed");
    run(&folder.0, &go_on, 0);
    let (whole, mut out) = (tree(&folder.0.join("whole")), tree(&folder.0.join("out")));
    // What a killed process was just writing may lie about; it is not taken for a draw.
    out.retain(|name, _| !name.ends_with(".partial"));
    assert!(whole.keys().eq(out.keys()));
    assert!(whole.iter().all(|(name, bytes)| out[name] == *bytes));
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_what_is_finished() {
    let folder = town("compare-interrupted");
    let many = compare(&["--draws", "100000", "-o", "out"]);
    let mut process = start(&folder.0, &many);
    while fs::read_dir(folder.0.join("out/draws")).map_or(0, Iterator::count) < 5 {
        std::thread::sleep(Duration::from_millis(10));
        assert!(process.0.try_wait().expect("a process").is_none(), "it ended by itself");
    }
    let id = process.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    assert_eq!(process.0.wait().expect("an end").code(), Some(130));
    let files = tree(&folder.0.join("out"));
    let draws = files.keys().filter(|n| n.starts_with("draws/")).count();
    assert_eq!(text(&files["draws.csv"]).lines().count(), 1 + 3 * draws);
    assert!(text(&files["report.html"]).contains("The work was stopped after"));
}
