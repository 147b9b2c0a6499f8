//! Every public MATPOWER case and EPANET network becomes a checked region.
#![cfg(feature = "peers")]

use std::path::{Path, PathBuf};

use blackstart_io::{Severity, read_region};

fn networks(kind: &str, extension: &str) -> Vec<PathBuf> {
    let peers = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(peers.join("networks").join(kind))
        .expect("the networks are there; run testdata/peers/setup.py")
        .map(|e| e.expect("a folder entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

/// What stops `file` from being a region; its facilities cover it if nothing does.
fn trouble(file: &Path, part: &str) -> Option<String> {
    let name = file.file_name()?.to_string_lossy().into_owned();
    let folder =
        std::env::temp_dir().join(format!("blackstart-peer-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    std::fs::copy(file, folder.join(&name)).expect("a copy");
    std::fs::write(folder.join("region.toml"), part.replace("FILE", &name)).expect("a small file");
    let read = read_region(&folder);
    let _ = std::fs::remove_dir_all(&folder);
    let Some(region) = read.region else {
        let errors = read.problems.iter().filter(|p| p.severity == Severity::Error);
        return Some(errors.take(5).map(|p| format!("{p}\n")).collect());
    };
    let assets = region.grid().buses.len()
        + region.grid().branches.len()
        + region.water().pipes.len()
        + region.water().pumps.len()
        + region.water().tanks.len();
    let parts: usize = region.facilities().iter().map(|f| f.parts.len()).sum();
    let generators = region.grid().generators.len();
    (parts != assets + generators).then(|| format!("{parts} parts, {assets}+{generators} assets"))
}

#[test]
fn every_public_case_is_a_region() {
    let cases = networks("matpower", "m");
    assert!(cases.len() > 50, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for file in cases {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        // Contingency tables and load scenarios lie in the same folder.
        if !text.contains("mpc.bus") && !text.contains("bus = [") {
            continue;
        }
        if let Some(what) = trouble(&file, "[grid]\nmatpower = \"FILE\"\n") {
            wrong.push(format!("{}: {what}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_public_network_is_a_region() {
    let files = networks("epanet", "inp");
    assert!(files.len() > 5, "{} networks", files.len());
    let mut wrong = Vec::new();
    for file in files {
        if let Some(what) = trouble(&file, "[[water]]\ninp = \"FILE\"\n") {
            wrong.push(format!("{}: {what}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
