//! A foreign network file on its own: read with the limits, encodings and messages that
//! region folders have.

use std::path::Path;

use blackstart::region::{Grid, Water};

use crate::formats::pandapipes::{self, PandapipesNet};
use crate::formats::{inp, matpower, region_folder};
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems};

/// A network as far as it could be read, and everything that is wrong or worth knowing.
#[derive(Clone, Debug)]
pub struct ReadNetwork<T> {
    /// The network; none if the file cannot be read at all.
    pub network: Option<T>,
    /// Errors, warnings and notes.
    pub problems: Vec<InputProblem>,
}

/// Reads a MATPOWER case.
#[must_use]
pub fn read_matpower(path: &Path) -> ReadNetwork<Grid<String>> {
    let mut problems = Problems::default();
    match input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some(file) => {
            let parsed = matpower::parse(&file.text, path);
            ReadNetwork { network: Some(parsed.value), problems: parsed.problems }
        }
    }
}

/// Reads an EPANET network. Nodes have the coordinates of its drawing as positions.
#[must_use]
pub fn read_inp(path: &Path) -> ReadNetwork<Water<String>> {
    let mut problems = Problems::default();
    match input_file::read_bytes(path, MAX_TABLE_BYTES, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some((bytes, _)) => {
            let parsed = inp::parse(&bytes, path);
            let mut water = parsed.value.water;
            region_folder::as_drawn(&mut water, &parsed.value.coordinates);
            ReadNetwork { network: Some(water), problems: parsed.problems }
        }
    }
}

/// Reads a pandapipes net, or the one of a multinet.
#[must_use]
pub fn read_pandapipes(path: &Path) -> ReadNetwork<PandapipesNet> {
    let mut problems = Problems::default();
    match input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some(file) => {
            let parsed = pandapipes::parse(&file.text, path);
            ReadNetwork { network: Some(parsed.value), problems: parsed.problems }
        }
    }
}
