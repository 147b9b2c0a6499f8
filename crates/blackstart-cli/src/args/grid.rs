//! Arguments of `grid`: studies of one grid at an engineer's desk.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Studies of one grid.
#[derive(Debug, Subcommand)]
pub enum GridCommand {
    /// Power flow: voltages, flows and losses of a grid.
    ///
    /// Writes buses, branches, generators and status (one row per island). Every island has
    /// its own reference bus. Signs: injections are positive, a branch flow is positive where
    /// it enters the branch.
    #[command(after_help = "Examples:\n  \
        blackstart grid flow case118.m -o flows\n  \
        blackstart grid flow case118.m --dc --format parquet -o flows\n  \
        blackstart grid flow case2869pegase.m --enforce-q --out-branches broken.txt -o flows")]
    Flow(Flow),
    /// What the outage of each branch and each generator does, one at a time (N-1).
    ///
    /// Writes outages: one row per branch and generator in service, in the order of the file,
    /// with islands formed, load lost, loadings and voltages after the outage.
    #[command(after_help = "Examples:\n  \
        blackstart grid outages case118.m -o n1\n  \
        blackstart grid outages case9241pegase.m --dc -o n1")]
    Outages(Outages),
    /// The most demand that can still be served by a damaged grid.
    ///
    /// Writes loads (asked and served), buses, generators and branches. Serving is decided for
    /// the whole grid at once: DC (linear, no voltages), AC (voltages and reactive power
    /// count), or SOC, a relaxation of AC whose objective no AC operation can exceed.
    #[command(after_help = "Examples:\n  \
        blackstart grid deliver case118.m --formulation ac --out-branches broken.txt -o served\n  \
        blackstart grid deliver case118.m --formulation ac --bound --out-generators lost.txt\n  \
        blackstart grid deliver case118.m --formulation soc --out-generators lost.txt -o bound")]
    Deliver(Deliver),
}

/// A grid, what of it is out, and where results go.
#[derive(Debug, Args)]
pub struct Case {
    /// The grid: a MATPOWER case (.m), a PSS/E file (.raw), a pandapower network (.json), a
    /// folder of PyPSA or RTS-GMLC tables, or a region.
    pub case: PathBuf,
    /// Folder for the results; one of our own is replaced, a foreign one is left alone.
    #[arg(short, long, default_value = "out")]
    pub output: PathBuf,
    /// Branches out of service: a file with one id per line (as in branches.csv), or one row
    /// number of the case, counted from 1.
    #[arg(long, value_name = "FILE")]
    pub out_branches: Option<PathBuf>,
    /// Generators out of service, likewise.
    #[arg(long, value_name = "FILE")]
    pub out_generators: Option<PathBuf>,
    /// Exit with 4 if anything could not be computed to tolerance.
    #[arg(long)]
    pub strict: bool,
}

/// Model of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
#[group(multiple = false)]
pub struct Model {
    /// Alternating current: voltages, reactive power and losses (the default).
    #[arg(long)]
    pub ac: bool,
    /// The linear DC approximation: voltages of 1 p.u., no losses.
    #[arg(long)]
    pub dc: bool,
}

/// Arguments of `grid flow`.
#[derive(Debug, Args)]
pub struct Flow {
    #[command(flatten)]
    pub case: Case,
    #[command(flatten)]
    pub model: Model,
    /// How the AC equations are solved.
    #[arg(long, value_enum, default_value_t = Method::Newton, conflicts_with = "dc")]
    pub method: Method,
    /// Where the iterations begin.
    #[arg(long, value_enum, default_value_t = Start::Case)]
    pub start: Start,
    /// Keep generators within their reactive limits.
    #[arg(long, conflicts_with = "dc")]
    pub enforce_q: bool,
    /// Share an island's imbalance among its generators instead of leaving it to the reference.
    #[arg(long)]
    pub distributed_slack: bool,
    /// Largest mismatch of power that is accepted, p.u.
    #[arg(long, value_name = "PU", default_value_t = 1e-8)]
    pub tolerance: f64,
}

/// Solution method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Newton's method.
    Newton,
    /// Fast-decoupled, XB scheme.
    FastDecoupledXb,
    /// Fast-decoupled, BX scheme.
    FastDecoupledBx,
}

/// Start point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Start {
    /// The voltages of the file.
    Case,
    /// 1 p.u. everywhere.
    Flat,
    /// The angles of a DC power flow.
    Dc,
}

/// Arguments of `grid outages`.
#[derive(Debug, Args)]
pub struct Outages {
    #[command(flatten)]
    pub case: Case,
    #[command(flatten)]
    pub model: Model,
    /// Share an island's imbalance among its generators instead of leaving it to the reference.
    #[arg(long)]
    pub distributed_slack: bool,
    /// Write flows too: a row for each branch that an outage loads beyond this percentage of
    /// its rating.
    #[arg(long, value_name = "PERCENT")]
    pub flows_over: Option<f64>,
}

/// Arguments of `grid deliver`.
#[derive(Debug, Args)]
pub struct Deliver {
    #[command(flatten)]
    pub case: Case,
    /// Model of the network.
    #[arg(long, value_enum, default_value_t = Formulation::Dc)]
    pub formulation: Formulation,
    /// With `ac`: solve the relaxation too, and tell by how much the answer may miss the best
    ///
    /// The relaxation takes several times as long as the answer.
    #[arg(long)]
    pub bound: bool,
}

/// Formulation of maximal load delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Formulation {
    /// Linear: active power only.
    Dc,
    /// Full AC equations.
    Ac,
    /// Second-order cone relaxation of AC.
    Soc,
}
