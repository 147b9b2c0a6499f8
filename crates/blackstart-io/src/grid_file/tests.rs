use std::fs;
use std::path::PathBuf;

use super::*;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir()
            .join(format!("blackstart-grid-file-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const CASE: &str = "function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 110 1 1.1 0.9; 2 1 50 10 0 0 1 1 0 110 1 1.1 0.9];
mpc.gen = [1 60 0 30 -30 1.02 100 1 100 0];
mpc.branch = [1 2 0.01 0.1 0.02 80 0 0 0 0 1 -360 360];
";

#[test]
fn formats_are_told_by_ending_and_by_content() {
    let folder = Folder::new("detect");
    for name in ["case.M", "case.txt"] {
        fs::write(folder.0.join(name), CASE).unwrap();
        assert_eq!(GridFormat::of(&folder.0.join(name)), Ok(GridFormat::Matpower), "{name}");
    }
    fs::write(folder.0.join("raw.txt"), "@!IC\n0, 100.0, 33 / x\n\n\n").unwrap();
    assert_eq!(GridFormat::of(&folder.0.join("raw.txt")), Ok(GridFormat::Psse));
    fs::write(folder.0.join("x.txt"), "nothing of the kind\n").unwrap();
    let told = GridFormat::of(&folder.0.join("x.txt")).unwrap_err();
    assert!(told.help.is_some_and(|h| h.contains("MATPOWER")));
    assert!(GridFormat::of(&folder.0).is_err());
    let missing = read_grid(&folder.0.join("case"));
    assert_eq!(missing.problems[0].code, codes::FILE_NOT_FOUND);
    for format in GridFormat::ALL {
        assert_eq!(GridFormat::of_word(format.word()), Some(format));
    }
}

#[test]
fn references_are_checked_with_their_place() {
    let folder = Folder::new("check");
    let path = folder.0.join("case.m");
    fs::write(&path, CASE.replace("[1 2 0.01", "[1 3 0.01")).unwrap();
    assert!(read_grid(&path).problems.is_empty());
    let read = load_grid(&path);
    assert!(read.network.is_none());
    assert_eq!((read.problems[0].line, read.problems[0].column), (6, 17), "{:?}", read.problems);
    fs::write(&path, CASE).unwrap();
    assert_eq!(load_grid(&path).network.map(|g| g.buses.len()), Some(2));
}

#[test]
fn a_case_becomes_a_region_folder_and_a_case_again() {
    let folder = Folder::new("convert");
    let at = |name: &str| folder.0.join(name);
    fs::write(at("a.m"), CASE).unwrap();
    let region = WriteGrid { format: Some(GridFormat::Region), ..WriteGrid::default() };
    let made = convert(&at("a.m"), &at("region"), region).unwrap();
    assert_eq!(made.rows, Some([2, 1, 1, 1]));
    let back = convert(&at("region"), &at("b.m"), WriteGrid::default()).unwrap();
    assert_eq!(back.rows, Some([2, 1, 1, 1]), "{:?}", back.problems);
    let a = read_grid(&at("a.m")).network.unwrap();
    let b = read_grid(&at("b.m")).network.unwrap();
    assert_eq!((&a.buses[1].id, a.loads[0].p_mw), (&b.buses[1].id, b.loads[0].p_mw));
}

#[test]
fn a_case_goes_through_every_revision_of_psse_and_is_the_same() {
    let folder = Folder::new("psse");
    let at = |name: &str| folder.0.join(name);
    fs::write(at("a.m"), CASE).unwrap();
    let a = read_grid(&at("a.m")).network.unwrap();
    for revision in [psse::Revision::R33, psse::Revision::R34, psse::Revision::R35] {
        let how = WriteGrid { revision, overwrite: true, ..WriteGrid::default() };
        assert!(convert(&at("a.m"), &at("b.raw"), how).unwrap().rows.is_some());
        assert!(convert(&at("b.raw"), &at("c.m"), how).unwrap().rows.is_some());
        let c = read_grid(&at("c.m")).network.unwrap();
        assert_eq!((&a.branches, &a.loads, a.base_mva), (&c.branches, &c.loads, c.base_mva));
    }
}

#[test]
fn nothing_is_overwritten_unasked_and_nothing_half_written() {
    let folder = Folder::new("overwrite");
    let at = |name: &str| folder.0.join(name);
    fs::write(at("a.m"), CASE).unwrap();
    fs::write(at("b.m"), "mine").unwrap();
    let refused = convert(&at("a.m"), &at("b.m"), WriteGrid::default());
    assert!(matches!(refused, Err(WriteGridError::Exists(_))));
    assert_eq!(fs::read_to_string(at("b.m")).unwrap(), "mine");
    let overwrite = WriteGrid { overwrite: true, ..WriteGrid::default() };
    assert!(convert(&at("a.m"), &at("b.m"), overwrite).is_ok());
    fs::write(at("broken.m"), CASE.replace("[1 2 0.01", "[1 2 x")).unwrap();
    let broken = convert(&at("broken.m"), &at("c.m"), WriteGrid::default()).unwrap();
    assert!(broken.rows.is_none() && !at("c.m").exists());
    let nameless = convert(&at("a.m"), &at("c"), WriteGrid::default());
    assert!(matches!(nameless, Err(WriteGridError::NoFormat(_))));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3);
}

#[test]
fn a_case_becomes_a_pandapower_net_and_a_case_again() {
    let folder = Folder::new("pandapower");
    let at = |name: &str| folder.0.join(name);
    fs::write(at("a.m"), CASE).unwrap();
    let made = convert(&at("a.m"), &at("b.json"), WriteGrid::default()).unwrap();
    assert_eq!(made.rows, Some([2, 1, 1, 1]), "{:?}", made.problems);
    fs::copy(at("b.json"), at("b.txt")).unwrap();
    assert_eq!(GridFormat::of(&at("b.txt")), Ok(GridFormat::Pandapower));
    let back = convert(&at("b.json"), &at("c.m"), WriteGrid::default()).unwrap();
    assert_eq!(back.rows, Some([2, 1, 1, 1]), "{:?}", back.problems);
    let a = read_grid(&at("a.m")).network.unwrap();
    let c = read_grid(&at("c.m")).network.unwrap();
    assert_eq!((&a.buses[1].id, &a.loads), (&c.buses[1].id, &c.loads));
    assert!((a.branches[0].b_pu - c.branches[0].b_pu).abs() < 1e-15);
}
