//! What the fuzzers (`fuzz/`) kept, replayed: no panic, bounded time and size. The texts
//! are also cut short everywhere and repeated many times, where quadratic readers show.

use std::path::{Path, PathBuf};
use std::time::Instant;

use blackstart_io::formats::{inp, matpower, psse};

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/fuzz-corpus").join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.into_iter().map(|f| (f.clone(), std::fs::read(f).unwrap())).collect()
}

/// Reads as MATPOWER; gives the number of problems.
fn read_matpower(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let parsed = matpower::parse(&text, Path::new("x.m"));
    assert!(parsed.value.buses.len() <= bytes.len());
    parsed.problems.len()
}

/// Reads as PSS/E; gives the number of problems.
fn read_psse(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let parsed = psse::parse(&text, Path::new("x.raw"));
    assert!(parsed.value.buses.len() + parsed.value.branches.len() <= bytes.len());
    parsed.problems.len()
}

/// Reads as EPANET; gives the number of problems.
fn read_inp(bytes: &[u8]) -> usize {
    let parsed = inp::parse(bytes, Path::new("x.inp"));
    assert!(parsed.value.water.node_count() <= bytes.len());
    parsed.problems.len()
}

fn replay(name: &str, read: fn(&[u8]) -> usize) {
    // Problems are capped at 50 of each severity, with one line about the rest.
    let max_problems = 3 * 51;
    for (path, bytes) in corpus(name) {
        assert!(read(&bytes) <= max_problems, "{}", path.display());
        for cut in (0..bytes.len()).step_by(bytes.len() / 200 + 1) {
            assert!(read(&bytes[..cut]) <= max_problems, "{} cut at {cut}", path.display());
        }
    }
}

/// Time per byte must not grow with length: four times the text may take ten times as
/// long (and a tenth of a second of noise), not sixteen.
fn grows_evenly(name: &str, read: fn(&[u8]) -> usize) {
    for (path, bytes) in corpus(name) {
        let time = |times: usize| {
            let text = bytes.repeat(times);
            let best = (0..3).map(|_| {
                let start = Instant::now();
                read(&text);
                start.elapsed().as_secs_f64()
            });
            best.fold(f64::INFINITY, f64::min)
        };
        let n = 60_000 / bytes.len().max(1) + 1;
        let (once, four_times) = (time(n), time(4 * n));
        assert!(
            four_times <= 10.0 * once + 0.1,
            "{}: {once} s, and {four_times} s for four times the text",
            path.display()
        );
    }
}

#[test]
fn matpower_corpus() {
    replay("matpower", read_matpower);
}

#[test]
fn psse_corpus() {
    replay("psse", read_psse);
}

#[test]
fn psse_time_grows_evenly() {
    // A case ends with its last section: what grows is the section of buses.
    let rows = |n: usize| -> Vec<u8> {
        let rows: String = (1..=n).map(|k| format!("{k},'x',220\n")).collect();
        let shunts = "2,'1',1,1\n7777777,'1',1,1\n".repeat(n);
        format!("0,100,33\n\n\n{rows}0\n0\n{shunts}0\nQ\n").into_bytes()
    };
    let time = |text: &[u8]| {
        let best = (0..3).map(|_| {
            let start = Instant::now();
            read_psse(text);
            start.elapsed().as_secs_f64()
        });
        best.fold(f64::INFINITY, f64::min)
    };
    let (once, four_times) = (time(&rows(5_000)), time(&rows(20_000)));
    assert!(
        four_times <= 10.0 * once + 0.1,
        "{once} s, and {four_times} s for four times the text"
    );
}

#[test]
fn inp_corpus() {
    replay("inp", read_inp);
}

#[test]
fn matpower_time_grows_evenly() {
    grows_evenly("matpower", read_matpower);
}

#[test]
fn inp_time_grows_evenly() {
    grows_evenly("inp", read_inp);
}
