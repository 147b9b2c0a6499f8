//! The command line.

mod compare;
pub mod grid;
pub mod heat;
pub mod water;

use std::path::PathBuf;

pub use compare::{Compare, Merge};

use blackstart_io::GridFormat;
use blackstart_io::write::TableFormat;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Who is without electricity, heat and water after infrastructure is damaged, hour by
/// hour, and how repair brings it back.
///
/// Results are those of a model, for civil protection, utilities and research. Hits are
/// drawn at random within a class of facilities; there is no way to choose them.
#[derive(Debug, Parser)]
#[command(
    name = "blackstart",
    version,
    after_help = "Exit codes: 0 all well · 1 something unexpected · 2 wrong command line · 3 wrong input \
                  files · 4 degraded hours under --strict · 130 interrupted (what was finished is written)"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How problems and summaries are printed, and for `grid`, `heat` and `water` the files of
    /// tables.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Threads to use; results are the same whatever their number [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Print nothing but errors and what was asked for.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// Output format of problems and summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people; its wording may change.
    Human,
    /// JSON for programs; with `grid` and `water`, tables too.
    Json,
    /// As human; tables as CSV (which they are without this as well).
    Csv,
    /// As human; tables of `compare`, `grid`, `heat` and `water` as Parquet.
    Parquet,
}

impl Format {
    /// True when programs shall read what is printed.
    pub fn is_json(self) -> bool {
        self == Self::Json
    }

    /// The format of tables' files.
    pub fn of_tables(self) -> TableFormat {
        match self {
            Self::Human | Self::Csv => TableFormat::Csv,
            Self::Json => TableFormat::Json,
            Self::Parquet => TableFormat::Parquet,
        }
    }
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the built-in example: a winter night in a fictional region of a million people.
    Demo(RunOutput),
    /// Check a region, and a scenario if given, and tell every problem at once.
    Check {
        /// Folder of the region, or its region.toml.
        region: PathBuf,
        /// Scenario file to check against the region.
        #[arg(short, long)]
        scenario: Option<PathBuf>,
    },
    /// Compute what a scenario does to a region, hour by hour.
    Run {
        #[command(flatten)]
        given: Given,
        /// Run the scenario under this one of its policies ([[compare]]).
        #[arg(long, value_name = "NAME")]
        policy: Option<String>,
        #[command(flatten)]
        output: RunOutput,
    },
    /// Put policies side by side: a halt, paused aid, other weather, under the same luck.
    ///
    /// Runs the scenario and each of its policies ([[compare]]) for many draws. In one draw all
    /// policies meet the same strikes, so differences are far surer than each figure. Draws are
    /// kept as they finish: after Ctrl-C or a power cut, --resume goes on.
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(Compare),
    /// Join the parts of a comparison that was spread over machines with --shard.
    ///
    /// The result is the same, byte for byte, as that of one machine.
    Merge(Merge),
    /// Read a situation report in plain text and propose a strike from it, for you to check.
    ///
    /// Counts become intervals ("nearly 70" is 63 to 70); each value stands under the sentence
    /// that it is from, and what could not be read is listed. Nothing is run. A text that is no
    /// report of a strike ends with exit code 3.
    #[command(after_help = READ_EXAMPLES)]
    Read(ReadText),
    /// Write a new region: from statistics, or around your own grid and water networks.
    New(New),
    /// Study one grid: power flow, outages one at a time, what a damaged grid can serve.
    #[command(subcommand)]
    Grid(grid::GridCommand),
    /// Study one water network: heads, flows and pressures over time.
    #[command(subcommand)]
    Water(water::WaterCommand),
    /// Study heat networks: flows, pressures and temperatures.
    #[command(subcommand)]
    Heat(heat::HeatCommand),
    /// Read a grid in one format and write it in another; tells what could not be carried over.
    ///
    /// With an EPANET file (.inp) on either side it is a water network: to another EPANET file,
    /// to a region folder, or from a region. With GeoJSON (.geojson) on either side it is a heat
    /// network, to or from a region folder.
    ///
    /// Formats are told by the endings of names and by what is in folders. References to
    /// buses and values are checked before anything is written.
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(Convert),
    /// Explain a problem code, or list all codes.
    Explain {
        /// The code as printed with a problem, for example unknown-reference.
        code: Option<String>,
    },
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// A region, a scenario, and what is set in the scenario's place.
#[derive(Debug, Args)]
pub struct Given {
    /// Folder of the region, or its region.toml.
    pub region: PathBuf,
    /// Scenario file.
    #[arg(short, long)]
    pub scenario: PathBuf,
    /// Take this seed instead of the scenario's.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Take this model of the grid instead of the scenario's.
    #[arg(long, value_enum)]
    pub grid: Option<GridModel>,
}

const READ_EXAMPLES: &str = "Examples:
  blackstart read report.txt
  blackstart read report.txt -o draft.toml
  blackstart read report.txt --published 2025-03-07
  blackstart read - --format json < report.txt";

/// A situation report, and where the draft goes.
#[derive(Debug, Args)]
pub struct ReadText {
    /// The report, plain text in English; `-` reads the standard input.
    pub report: PathBuf,
    /// Write the draft to this file instead of printing it.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The day the report came out, for "last night" and dates without a year, where the
    /// text does not say it.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub published: Option<jiff::civil::Date>,
    /// Take the place of a file that is there.
    #[arg(long, requires = "output")]
    pub overwrite: bool,
}

const COMPARE_EXAMPLES: &str = "Examples:
  blackstart compare my-region -s winter.toml
  blackstart compare my-region -s winter.toml --until-half-width 5%
  blackstart compare my-region -s winter.toml --draws 1000 --resume
  blackstart compare my-region -s winter.toml --draws 1000 --shard 2/8 -o part2
  blackstart merge my-region -s winter.toml part* -o all";

/// Model of the grid in each hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GridModel {
    /// Linear DC flow.
    Dc,
    /// Linear DC flow; the voltages that follow from it are written to voltages.csv.
    DcChecked,
    /// Full AC equations: voltages and reactive power limit what is served.
    Ac,
}

const CONVERT_EXAMPLES: &str = "Examples:
  blackstart convert case118.m case118.raw
  blackstart convert case118.m case118.raw --revision 35
  blackstart convert winter.raw winter.m --overwrite
  blackstart convert case39.m my-region --to region
  blackstart convert old.inp new.inp
  blackstart convert my-region town.inp
  blackstart convert pipes.geojson my-region
  blackstart convert my-region pipes.geojson";

/// What is converted into what.
#[derive(Debug, Args)]
pub struct Convert {
    /// File or folder to read.
    pub from: PathBuf,
    /// File or folder to write.
    pub to: PathBuf,
    /// Format to write, where the ending of its name does not say it.
    #[arg(id = "written_format", long = "to", value_name = "FORMAT", value_parser = clap::builder::PossibleValuesParser::new(GridFormat::ALL.map(GridFormat::word)))]
    pub format: Option<String>,
    /// Revision of a PSS/E case.
    #[arg(long, value_name = "N", default_value = "33", value_parser = ["33", "34", "35"])]
    pub revision: String,
    /// Take the place of what is there under that name.
    #[arg(long)]
    pub overwrite: bool,
}

/// Where and how results are written.
#[derive(Debug, Args)]
pub struct RunOutput {
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
    /// Exit with 4 if any hour could not be computed to tolerance.
    #[arg(long)]
    pub strict: bool,
}

/// What a new region is made of.
#[derive(Debug, Args)]
pub struct New {
    /// Folder to write; must not exist yet.
    pub region: PathBuf,
    /// Residents, 20000 to 10000000; with --grid the default follows from its load.
    #[arg(long)]
    pub people: Option<u64>,
    /// Seed of everything drawn.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Build around this grid instead of one from statistics: a MATPOWER case (.m), or any file
    /// or folder that `convert` reads.
    #[arg(long, value_name = "FILE")]
    pub grid: Option<PathBuf>,
    /// Heat the homes near its substations by this network: a pandapipes net (.json), GeoJSON
    /// or a region.
    #[arg(long, value_name = "FILE", requires = "grid")]
    pub heat: Option<PathBuf>,
    /// Attach this EPANET network (.inp) to one of the largest cities; may be repeated.
    #[arg(long, value_name = "FILE", requires = "grid")]
    pub water: Vec<PathBuf>,
    /// Number of cities the people are spread over.
    #[arg(long, value_name = "N", requires = "grid")]
    pub areas: Option<usize>,
}
