//! Heat networks as GeoJSON (RFC 7946): lines are pipe pairs, points are plants, substations
//! and junctions. See `docs/formats/geojson.md`.
//!
//! Properties are the columns of a region's heat tables, with the tables' words and defaults.

mod collection;
mod cursor;
mod geometry;
mod globe;
mod join;
mod read;
mod row;
mod rows;
#[cfg(test)]
mod tests;
mod told;
mod write;

use std::collections::HashSet;
use std::path::Path;

use blackstart::region::{Heat, PlantKind, Table};

use super::Parsed;
use super::region_folder::layouts::{HEAT_JUNCTIONS, HEAT_PIPES, HEAT_SUBSTATIONS, PLANTS};

pub use write::write;

/// Pipe ends and junctions no farther apart than this are joined, m.
const SAME_PLACE_M: f64 = 0.5;
/// A plant or substation farther from the junction that it is given to is told, m.
const NEAR_M: f64 = 100.0;

/// The member of the collection that holds the temperatures networks are run at.
const OPTIONS: &str = "heat_options";

/// What a feature stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pipe,
    Junction,
    Plant(PlantKind),
    Substation,
}

/// The words for `kind`.
const KINDS: [(&str, Kind); 6] = [
    ("pipe", Kind::Pipe),
    ("junction", Kind::Junction),
    ("chp", Kind::Plant(PlantKind::Chp)),
    ("boiler_house", Kind::Plant(PlantKind::BoilerHouse)),
    ("mobile", Kind::Plant(PlantKind::Mobile)),
    ("substation", Kind::Substation),
];

impl Kind {
    fn word(self) -> &'static str {
        KINDS.iter().find(|(_, k)| *k == self).map_or("", |(word, _)| word)
    }

    /// The table that such features are rows of, and its columns.
    fn table(self) -> (Table, &'static [&'static str]) {
        match self {
            Self::Pipe => (Table::HeatPipes, HEAT_PIPES.columns),
            Self::Junction => (Table::HeatJunctions, HEAT_JUNCTIONS.columns),
            Self::Plant(_) => (Table::Plants, PLANTS.columns),
            Self::Substation => (Table::HeatSubstations, HEAT_SUBSTATIONS.columns),
        }
    }
}

/// True if `column` of a table is a property: positions are geometry.
fn is_property(column: &str) -> bool {
    !matches!(column, "lon_deg" | "lat_deg")
}

/// Reads a FeatureCollection; `file` names it in problems. References to junctions and
/// generators are not looked at; [`read_heat`](crate::read_heat) does.
#[must_use]
pub fn parse(text: &str, file: &Path) -> Parsed<Heat<String, String>> {
    parse_marked(text, file).0
}

/// What is wrong with rows, for those who look at references.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// Rows with values that could not be read.
    pub(crate) bad: HashSet<(Table, usize)>,
    /// Features are missing, so that references to junctions cannot be judged.
    pub(crate) incomplete: bool,
    /// Too little is known to judge anything.
    pub(crate) unjudged: bool,
}

/// The same, and which rows are wrong already.
pub(crate) fn parse_marked(text: &str, file: &Path) -> (Parsed<Heat<String, String>>, Marks) {
    read::read(text.strip_prefix('\u{feff}').unwrap_or(text), file)
}

/// True for the first bytes of a GeoJSON file with features.
#[must_use]
pub fn looks_like(head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('{')
        && ["\"FeatureCollection\"", "\"Feature\"", "\"features\""].iter().any(|w| head.contains(w))
}
