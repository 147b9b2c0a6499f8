//! PSS/E cases against another program's reading and writing of them
//! (`testdata/peers/psse.py`), and against themselves after writing.
#![cfg(feature = "peers")]

#[path = "grid_case/admittance.rs"]
mod admittance;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use admittance::{difference, injections};
use blackstart::region::{BranchKind, Grid};
use blackstart_io::formats::psse::{self, Revision};
use blackstart_io::{Severity, load_grid, read_grid};

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = peers().join(folder);
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Grid<String> {
    let read = read_grid(path);
    for problem in &read.problems {
        assert_ne!(problem.severity, Severity::Error, "{problem}");
    }
    read.network.unwrap()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn assert_same(name: &str, ours: &Grid<String>, theirs: &Grid<String>) {
    let (gap, place) = difference(ours, theirs);
    assert!(gap < 1e-9, "{name}: admittances differ by {gap} at {place}");
    let (a, b) = (injections(ours), injections(theirs));
    for bus in a.keys().chain(b.keys()) {
        let at = |s: &std::collections::BTreeMap<String, (f64, f64)>| {
            s.get(bus).copied().unwrap_or_default()
        };
        let gap = (at(&a).0 - at(&b).0).hypot(at(&a).1 - at(&b).1);
        assert!(gap < 1e-6, "{name}: injections at bus {bus} are {:?} and {:?}", at(&a), at(&b));
    }
}

#[test]
fn public_cases_have_the_admittances_that_another_reader_finds() {
    let mut compared = 0;
    for path in files("networks/psse") {
        let name = stem(&path);
        let loaded = load_grid(&path);
        assert!(loaded.network.is_some(), "{name}: {:?}", loaded.problems);
        let mut ours = read(&path);
        let mut theirs = read(&peers().join(format!("psse/read/{name}.m")));
        assert_eq!(ours.generators.len(), theirs.generators.len(), "{name}");
        match name.as_str() {
            // powerio leaves transformers of three windings out.
            "wscc9_3wxfr" => {
                assert_eq!((ours.buses.len(), ours.branches.len()), (10, 12));
                continue;
            }
            // powerio leaves the shunts of lines out, which here are at four lines.
            "N44_BC" => {
                for grid in [&mut ours, &mut theirs] {
                    for bus in &mut grid.buses {
                        (bus.shunt_g_mw, bus.shunt_b_mvar) = (0.0, 0.0);
                    }
                }
            }
            _ => {}
        }
        assert_eq!(ours.buses.len(), theirs.buses.len(), "{name}");
        assert_eq!(ours.branches.len(), theirs.branches.len(), "{name}");
        assert_same(&name, &ours, &theirs);
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} cases");
}

#[test]
fn cases_that_another_program_wrote_are_the_cases_it_read() {
    let mut compared = 0;
    for path in files("psse/written") {
        let name = stem(&path);
        // powerio does not run the code by which some cases convert their units.
        let original = peers().join(format!("networks/matpower/{name}.m"));
        let text = std::fs::read_to_string(&original).unwrap();
        if text.contains("Sbase = ") || text.contains("/ 1e3;") {
            continue;
        }
        let mut theirs = read(&original);
        // PSS/E's transformers have no charging: it stands as magnetising susceptance at
        // the first bus, behind the tap.
        let rows: HashMap<String, usize> =
            theirs.buses.iter().map(|b| b.id.clone()).zip(0..).collect();
        // Without a ratio, branches between two voltages are lines to powerio.
        let ours = read(&path);
        let transformers: HashSet<(&str, &str)> = ours
            .branches
            .iter()
            .filter(|b| b.kind == BranchKind::Transformer)
            .map(|b| (b.from.as_str(), b.to.as_str()))
            .collect();
        for b in theirs.branches.iter_mut().filter(|b| b.kind == BranchKind::Transformer) {
            if !transformers.contains(&(b.from.as_str(), b.to.as_str())) {
                continue;
            }
            let b_pu = std::mem::take(&mut b.b_pu);
            if b.in_service {
                let b_mvar = b_pu * theirs.base_mva / (b.tap * b.tap);
                theirs.buses[rows[&b.from]].shunt_b_mvar += b_mvar;
            }
        }
        assert_same(&name, &ours, &theirs);
        compared += 1;
    }
    assert!(compared >= 45, "only {compared} cases");
}

#[test]
fn every_public_matpower_case_keeps_its_admittances_in_psse() {
    let mut compared = 0;
    for path in files("networks/matpower") {
        let name = stem(&path);
        if !name.starts_with("case") {
            continue;
        }
        let grid = read(&path);
        let revisions = [Revision::R33, Revision::R34, Revision::R35];
        let revisions = if grid.buses.len() > 3000 { &revisions[..1] } else { &revisions[..] };
        for revision in revisions {
            let (text, _) = psse::write(&grid, &path, *revision);
            let parsed = psse::parse(&text, &path);
            for problem in &parsed.problems {
                assert_eq!(problem.severity, Severity::Note, "{problem}");
            }
            let again = parsed.value;
            assert_eq!(again.buses.len(), grid.buses.len(), "{name}");
            if grid.buses.iter().zip(&again.buses).all(|(a, b)| a.id == b.id) {
                assert_same(&name, &again, &grid);
            } else {
                let numbers = grid.buses.iter().map(|b| b.id.parse::<u64>().unwrap());
                assert!(numbers.max() > Some(999_997), "{name} was renumbered");
            }
            assert_eq!(again.loads.len(), grid.loads.len(), "{name}");
            for (a, b) in again.generators.iter().zip(&grid.generators) {
                assert_eq!((a.p_mw, a.vm_pu, a.in_service), (b.p_mw, b.vm_pu, b.in_service));
            }
        }
        compared += 1;
    }
    assert!(compared >= 78, "only {compared} cases");
}
