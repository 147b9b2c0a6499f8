//! A folder of its own for a test, and the program run in it.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that goes when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("blackstart-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file");
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_blackstart"))
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .expect("the program starts")
    }

    pub fn table(&self, path: &str) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.0.join(path)).expect(path);
        text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect()
    }

    /// The row of an element at a time.
    pub fn row(&self, path: &str, time_s: &str, id: &str) -> Vec<String> {
        let table = self.table(path);
        let found = table.into_iter().find(|r| r[0] == time_s && r[1] == id);
        found.unwrap_or_else(|| panic!("{path}: no {id} at {time_s}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a run that must succeed printed.
#[track_caller]
pub fn ok(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every file below a folder, by its path there.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(tree(&path).into_iter().map(|(n, b)| (format!("{name}/{n}"), b)));
        } else {
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
    files
}
