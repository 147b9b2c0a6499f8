//! `water`: studies of one water network.

mod batch;
mod run;
mod setup;

use crate::args::Cli;
use crate::args::water::WaterCommand;
use crate::exit::Exit;

/// `water`
pub fn water(cli: &Cli, command: &WaterCommand) -> Exit {
    let done = match command {
        WaterCommand::Run(args) => run::run(cli, args),
        WaterCommand::Batch(args) => batch::batch(cli, args),
    };
    done.unwrap_or_else(|exit| exit)
}
