//! Broken inputs: every one is told with its place and help, none panics.
//!
//! Each `testdata/cases/broken-*` is a region, a scenario with its region, a PSS/E case, or a heat
//! network in GeoJSON, and `expected.txt`, what is told. `BLACKSTART_BLESS=1 cargo test -p blackstart-io --test broken`
//! writes the files anew; read the difference before you keep it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use blackstart_io::{
    InputProblem, MAX_PROBLEMS, Severity, explain, load_grid, read_heat, read_region, read_scenario,
};

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("broken-")))
        .collect();
    cases.sort();
    cases
}

/// The problems as text, with paths relative to the case.
fn told(problems: &[InputProblem], case: &Path) -> String {
    let mut text = String::new();
    for p in problems {
        let severity = match p.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        writeln!(text, "{severity}[{}] {p}", p.code).expect("strings take all");
    }
    text.replace(&format!("{}/", case.display()), "").replace(&case.display().to_string(), ".")
}

fn read(case: &Path) -> Vec<InputProblem> {
    let raw = case.join("case.raw");
    if raw.exists() {
        let read = load_grid(&raw);
        assert!(read.network.is_none(), "{} was accepted", case.display());
        return read.problems;
    }
    let geojson = case.join("network.geojson");
    if geojson.exists() {
        return read_heat(&geojson).problems;
    }
    let scenario = case.join("scenario.toml");
    if scenario.exists() {
        let region = read_region(&case.join("region")).region.expect("the region is sound");
        let read = read_scenario(&scenario, &region);
        assert!(read.scenario.is_none(), "{} was accepted", case.display());
        read.problems
    } else {
        let read = read_region(case);
        assert!(read.region.is_none(), "{} was accepted", case.display());
        read.problems
    }
}

#[test]
fn every_broken_case_is_told_as_expected() {
    let bless = std::env::var_os("BLACKSTART_BLESS").is_some();
    let cases = cases();
    assert!(cases.len() >= 40, "only {} cases were found", cases.len());
    let mut wrong = String::new();
    for case in cases {
        let problems = read(&case);
        assert!(problems.iter().any(|p| p.severity == Severity::Error), "{}", case.display());
        for p in &problems {
            assert!(explain(p.code).is_some(), "`{}` is not explained", p.code);
            assert!(!p.message.is_empty() && !p.message.contains('\n'), "{p}");
        }
        let text = told(&problems, &case);
        let file = case.join("expected.txt");
        if bless {
            std::fs::write(&file, &text).expect("the case can be written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        if expected != text {
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            write!(wrong, "\n--- {name}, expected:\n{expected}--- told:\n{text}").expect("text");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A region folder whose file `name` holds 100 MB made by `chunk`.
fn with_garbage(name: &str, manifest: &str, chunk: impl Fn(u64) -> Vec<u8>) -> PathBuf {
    let folder = std::env::temp_dir().join(format!(
        "blackstart-garbage-{}-{}",
        name.replace('.', "-"),
        std::process::id()
    ));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    if name != "region.toml" {
        std::fs::write(folder.join("region.toml"), manifest).expect("a small file");
    }
    let mut file = std::fs::File::create(folder.join(name)).expect("a file");
    for k in 0..100 {
        file.write_all(&chunk(k)).expect("100 MB of disk");
    }
    folder
}

/// Numbers that look random, the same each time.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 24) as u8
    })
}

#[test]
fn a_hundred_megabytes_of_garbage_are_refused_in_seconds() {
    const MB: usize = 1_000_000;
    let bytes = |k: u64| noise(k + 1).take(MB).collect::<Vec<u8>>();
    let letters = |k: u64| {
        let text = noise(k + 1).map(|b| b" ,;\n0123456789.abcdef[]"[usize::from(b) % 23]);
        text.take(MB).collect::<Vec<u8>>()
    };
    let grid = "[grid]\nmatpower = \"case.m\"\n";
    let water = "[[water]]\ninp = \"net.inp\"\n";
    for (name, manifest) in
        [("buses.csv", ""), ("case.m", grid), ("net.inp", water), ("region.toml", "")]
    {
        for (kind, chunk) in [("bytes", &bytes as &dyn Fn(u64) -> Vec<u8>), ("letters", &letters)] {
            let folder = with_garbage(name, manifest, chunk);
            let begin = Instant::now();
            let read = read_region(&folder);
            let seconds = begin.elapsed().as_secs_f64();
            let _ = std::fs::remove_dir_all(&folder);
            assert!(read.region.is_none(), "{name} of {kind} was accepted");
            assert!(!read.problems.is_empty() && read.problems.len() <= 3 * MAX_PROBLEMS + 3);
            assert!(seconds < 20.0, "{name} of {kind} took {seconds} s");
        }
    }
}

/// Garbage within the size limit is read to its end, or to the end of patience.
#[test]
fn smaller_garbage_is_told_in_bounded_words() {
    let rows = "1,2,3,4\n".repeat(500_000);
    let cases = [
        ("buses.csv", String::from("id,base_kv\n") + &rows),
        ("buses.csv", ",".repeat(1_000_000)),
        ("buses.csv", String::from("\"") + &"a\n".repeat(500_000)),
        ("branches.csv", format!("id,kind,from,to,x_pu\n{}", "x,line,a,b,1\n".repeat(200_000))),
        ("loads.csv", format!("id,bus,p_mw\n{}", "x".repeat(3_000_000))),
    ];
    for (k, (name, text)) in cases.into_iter().enumerate() {
        let folder =
            std::env::temp_dir().join(format!("blackstart-small-{k}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        std::fs::write(folder.join("region.toml"), "name = \"x\"\n").expect("a small file");
        std::fs::write(folder.join(name), text).expect("a file");
        let begin = Instant::now();
        let read = read_region(&folder);
        let seconds = begin.elapsed().as_secs_f64();
        let _ = std::fs::remove_dir_all(&folder);
        assert!(read.region.is_none(), "case {k} was accepted");
        assert!(read.problems.len() <= 3 * MAX_PROBLEMS + 3, "{}", read.problems.len());
        let longest = read.problems.iter().map(|p| p.to_string().len()).max().unwrap_or(0);
        assert!(longest < 2000, "case {k}: a message of {longest} bytes");
        assert!(seconds < 20.0, "case {k} took {seconds} s");
    }
}
