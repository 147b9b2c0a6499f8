//! Arguments of `heat`: studies of heat networks at an engineer's desk.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Studies of heat networks.
#[derive(Debug, Subcommand)]
pub enum HeatCommand {
    /// Flows, pressures and temperatures of a heat network.
    ///
    /// Writes junctions, pipes, substations and status. A pandapipes network (.json) is solved
    /// in its steady state; the networks of a region or of a GeoJSON file run hour by hour with the
    /// heat that the outdoor temperature asks for.
    #[command(after_help = "Examples:\n  \
        blackstart heat run network.json -o flows\n  \
        blackstart heat run my-region --hours 24 --outdoor-c -15 -o flows\n  \
        blackstart heat run my-region --hours 48 --weather kyiv.epw --from 01-15 -o flows")]
    Run(HeatRun),
}

/// Arguments of `heat run`.
#[derive(Debug, Args)]
pub struct HeatRun {
    /// The network: a pandapipes net or multinet (.json), GeoJSON (.geojson), or a region.
    pub network: PathBuf,
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
    /// Hours to run, for a region.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8784))]
    pub hours: u32,
    /// Outdoor temperature of every hour, °C, for a region [default: the design temperature]
    #[arg(long, value_name = "C", allow_negative_numbers = true, conflicts_with = "weather")]
    pub outdoor_c: Option<f64>,
    /// Outdoor temperatures from this EnergyPlus weather file (.epw), for a region.
    #[arg(long, value_name = "FILE")]
    pub weather: Option<PathBuf>,
    /// Month and day at which the weather begins.
    #[arg(long, value_name = "MM-DD", default_value = "01-15", requires = "weather")]
    pub from: String,
    /// Exit with 4 if anything could not be computed to tolerance.
    #[arg(long)]
    pub strict: bool,
}
