//! What can be wrong with a region, and what was assumed about it.

use std::fmt;

/// A table of a region, as its own file would be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// The region as a whole.
    Region,
    /// `buses.csv`
    Buses,
    /// `branches.csv`
    Branches,
    /// `generators.csv`
    Generators,
    /// `loads.csv`
    Loads,
    /// `dc_lines.csv`
    DcLines,
    /// `storages.csv`
    Storages,
    /// `junctions.csv`
    Junctions,
    /// `reservoirs.csv`
    Reservoirs,
    /// `tanks.csv`
    Tanks,
    /// `pipes.csv`
    Pipes,
    /// `pumps.csv`
    Pumps,
    /// `valves.csv`
    Valves,
    /// `patterns.csv`
    Patterns,
    /// `controls.csv`
    Controls,
    /// Rules of the water network.
    Rules,
    /// `heat_junctions.csv`
    HeatJunctions,
    /// `heat_pipes.csv`
    HeatPipes,
    /// `plants.csv`
    Plants,
    /// `heat_substations.csv`
    HeatSubstations,
    /// `areas.csv`
    Areas,
    /// `building_types.csv`
    BuildingTypes,
    /// `stock.csv`
    Stock,
    /// `sites.csv`
    Sites,
    /// `dependencies.csv`
    Dependencies,
}

impl Table {
    /// The table's name, which is its file's name without `.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Buses => "buses",
            Self::Branches => "branches",
            Self::Generators => "generators",
            Self::Loads => "loads",
            Self::DcLines => "dc_lines",
            Self::Storages => "storages",
            Self::Junctions => "junctions",
            Self::Reservoirs => "reservoirs",
            Self::Tanks => "tanks",
            Self::Pipes => "pipes",
            Self::Pumps => "pumps",
            Self::Valves => "valves",
            Self::Patterns => "patterns",
            Self::Controls => "controls",
            Self::Rules => "rules",
            Self::HeatJunctions => "heat_junctions",
            Self::HeatPipes => "heat_pipes",
            Self::Plants => "plants",
            Self::HeatSubstations => "heat_substations",
            Self::Areas => "areas",
            Self::BuildingTypes => "building_types",
            Self::Stock => "stock",
            Self::Sites => "sites",
            Self::Dependencies => "dependencies",
        }
    }
}

impl Table {
    /// What one row of the table is, in words.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Buses => "bus",
            Self::Branches => "branch",
            Self::Generators => "generator",
            Self::Loads => "load",
            Self::DcLines => "direct-current line",
            Self::Storages => "storage",
            Self::Junctions => "junction",
            Self::Reservoirs => "reservoir",
            Self::Tanks => "tank",
            Self::Pipes => "pipe",
            Self::Pumps => "pump",
            Self::Valves => "valve",
            Self::Patterns => "pattern",
            Self::Controls => "control",
            Self::Rules => "rule",
            Self::HeatJunctions => "heat junction",
            Self::HeatPipes => "heat pipe",
            Self::Plants => "plant",
            Self::HeatSubstations => "heat substation",
            Self::Areas => "area",
            Self::BuildingTypes => "building type",
            Self::Stock => "stock",
            Self::Sites => "site",
            Self::Dependencies => "dependency",
        }
    }
}

/// A stable code of a kind of problem; `blackstart explain CODE` tells more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A reference to something that does not exist.
    UnknownReference,
    /// Two rows with the same id.
    DuplicateId,
    /// A number outside the values that make sense.
    OutOfRange,
    /// Two values that contradict each other.
    Contradiction,
    /// Something that must be there is not.
    Missing,
}

impl Code {
    /// The code as it is printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownReference => "unknown-reference",
            Self::DuplicateId => "duplicate-id",
            Self::OutOfRange => "out-of-range",
            Self::Contradiction => "contradiction",
            Self::Missing => "missing",
        }
    }
}

/// One thing that is wrong, with the place in the draft's tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Kind.
    pub code: Code,
    /// Table.
    pub table: Table,
    /// Row of the draft's table, from 0.
    pub row: usize,
    /// Column, named as in the CSV form of the table.
    pub field: &'static str,
    /// What is wrong, in one plain sentence without the place.
    pub message: String,
    /// How to mend it, with a did-you-mean where one fits.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} row {}, {}: {}", self.table.word(), self.row + 1, self.field, self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

/// An assumption that was made, for run.json and the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Table it concerns.
    pub table: Table,
    /// The assumption in one plain sentence.
    pub text: String,
}
