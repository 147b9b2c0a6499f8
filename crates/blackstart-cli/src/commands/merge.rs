//! `merge`: the parts of a comparison that was spread over machines.

use std::collections::BTreeMap;
use std::path::Path;

use blackstart::ensemble::Figures;
use blackstart_io::{Draws, identity};

use super::compare::{Ensemble, claim, tell};
use super::inputs;
use crate::args::{Cli, Merge};
use crate::diagnostics;
use crate::exit::Exit;

/// `merge`
pub fn merge(cli: &Cli, args: &Merge) -> Exit {
    work(cli, args).unwrap_or_else(|exit| exit)
}

fn work(cli: &Cli, args: &Merge) -> Result<Exit, Exit> {
    let inputs = inputs::read(cli, &args.given)?;
    let ensemble = Ensemble::new(&inputs);
    let id = identity(&ensemble.provenance);
    let mut found: BTreeMap<u32, Draws> = BTreeMap::new();
    let mut asked = 0;
    let real = |path: &Path| path.canonicalize().ok();
    for part in &args.parts {
        if real(part).is_some() && real(part) == real(&args.output) {
            diagnostics::say("a part cannot be the folder of the results too; choose another -o");
            return Err(Exit::Usage);
        }
        let draws = Draws::open(part, id).map_err(|e| tell(cli, part, &e))?;
        asked = asked.max(draws.asked().unwrap_or(0));
        for number in draws.present().map_err(|e| tell(cli, part, &e))? {
            found.insert(number, draws.clone());
        }
    }
    // A part that was begun with fewer draws does not make the whole smaller.
    let all = found.keys().next_back().map_or(0, |last| last + 1).max(asked);
    let missing: Vec<u32> = (0..all).filter(|n| !found.contains_key(n)).collect();
    if !missing.is_empty() {
        let shown: Vec<String> = missing.iter().take(10).map(u32::to_string).collect();
        let more = if missing.len() > shown.len() { ", …" } else { "" };
        diagnostics::say(&format!(
            "{} of {all} draws are missing or torn: {}{more}; run their parts again with --resume",
            missing.len(),
            shown.join(", ")
        ));
        return Err(Exit::InvalidInput);
    }
    claim(cli, &args.output)?;
    let own = Draws::begin(&args.output, id, Some(all)).map_err(|e| tell(cli, &args.output, &e))?;
    let mut figures: BTreeMap<u32, Vec<Figures>> = BTreeMap::new();
    for (number, draws) in &found {
        if let Some(draw) = draws.get(*number).map_err(|e| tell(cli, &args.output, &e))? {
            own.put(&draw).map_err(|e| tell(cli, &args.output, &e))?;
            figures.insert(*number, draw.cases.into_iter().map(|c| c.figures).collect());
        }
    }
    let asked = figures.len();
    ensemble.finish(cli, &args.output, figures, asked, &|number| own.get(number))?;
    Ok(Exit::Ok)
}
