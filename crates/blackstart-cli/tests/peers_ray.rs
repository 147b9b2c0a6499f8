//! The example that spreads a comparison over Ray's workers, with one of them killed.
#![cfg(all(feature = "peers", target_os = "linux"))]

mod folder;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use folder::{Folder, tree};

const SCENARIO: &str = r#"
name = "Two days"
start = 2026-01-13T20:00:00
horizon_h = 48
[weather]
outdoor_c = -12
[[campaign]]
gap_median_days = 0.6
share_on_region = [0.3, 0.5]
[[compare]]
name = "Halt"
halt = { from_h = 0, removes_share = 0.9 }
"#;

fn blackstart() -> Command {
    Command::new(env!("CARGO_BIN_EXE_blackstart"))
}

/// The environment that the set-up of the peers made, beside their folder.
fn python() -> PathBuf {
    let peers = std::env::var_os("BLACKSTART_PEERS").expect("BLACKSTART_PEERS: see tools/test.sh");
    Path::new(&peers).parent().expect("a folder around it").join("venv-ray/bin/python")
}

fn draws(parts: &Path) -> usize {
    let folders = fs::read_dir(parts).into_iter().flatten().flatten();
    folders.map(|f| fs::read_dir(f.path().join("draws")).map_or(0, Iterator::count)).sum()
}

/// A worker of ours at work on a part: Ray calls it after the function it runs.
fn worker(folder: &Path) -> Option<u32> {
    let entries = fs::read_dir("/proc").ok()?;
    let pids = entries.flatten().filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
    // Of all the programs on the machine, the one whose child works in our folder.
    let command = |pid: u32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = folder.to_string_lossy().into_owned();
    for pid in pids {
        let line = String::from_utf8_lossy(&command(pid)).into_owned();
        if line.contains("--shard") && line.contains(&words) {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let parent =
                status.lines().find_map(|l| l.strip_prefix("PPid:"))?.trim().parse().ok()?;
            if String::from_utf8_lossy(&command(parent)).starts_with("ray::part") {
                return Some(parent);
            }
        }
    }
    None
}

#[test]
fn ray_with_a_worker_killed_gives_the_same_bytes() {
    let folder = Folder::new("ray");
    let root = &folder.0;
    let made = blackstart().args(["new", "town", "--people", "20000"]).current_dir(root).output();
    assert!(made.expect("the program starts").status.success());
    fs::write(root.join("s.toml"), SCENARIO).expect("a scenario");
    let args = ["compare", "town", "-s", "s.toml", "--draws", "600", "-o", "whole"];
    let whole = blackstart().args(args).current_dir(root).output().expect("the program starts");
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ray/compare_on_ray.py");
    let mut example = Command::new(python())
        .arg(script)
        .args(["town", "s.toml", "--draws", "600", "--parts", "4", "--workers", "2"])
        .args(["--blackstart", env!("CARGO_BIN_EXE_blackstart"), "-o", "out"])
        .current_dir(root)
        .stdout(Stdio::null())
        .spawn()
        .expect("Python starts");
    let began = Instant::now();
    let mut killed = 0;
    let status = loop {
        if let Some(status) = example.try_wait().expect("a process") {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(300), "Ray does not end");
        if killed == 0
            && draws(&root.join("out-parts")) > 40
            && let Some(pid) = worker(root)
        {
            let kill = Command::new("kill").args(["-9", &pid.to_string()]).status();
            killed += usize::from(kill.expect("kill").success());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{status}");
    assert_eq!(killed, 1, "no worker was killed in the middle");
    let (whole, out) = (tree(&root.join("whole")), tree(&root.join("out")));
    assert!(whole.keys().eq(out.keys()));
    assert!(whole.iter().all(|(name, bytes)| out[name] == *bytes));
}
