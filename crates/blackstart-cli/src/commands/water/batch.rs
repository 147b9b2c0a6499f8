//! `water batch`: many scenarios of a network.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Mutex;

use blackstart::region::Water;
use blackstart::water::{Batch, BatchResults, ScenarioSummary};
use blackstart_io::ReadVariations;
use blackstart_io::write::water_batch_tables::{self, Asked};
use blackstart_io::write::{self, InputFile};
use serde_json::{Map, Value, json};

use super::setup::{Pressures, Setup, clock};
use crate::args::Cli;
use crate::args::water::Batch as Args;
use crate::commands::study::{self, Done, file_name, refuse};
use crate::diagnostics;
use crate::exit::Exit;
use crate::progress::Progress;

/// Most pairs of a scenario and a junction: 8 bytes each are held in memory.
const MAX_PAIRS: usize = 100_000_000;

pub(super) fn batch(cli: &Cli, args: &Args) -> Result<Exit, Exit> {
    if let Err(error) = write::check_folder(&args.output) {
        return Err(refuse(cli, &args.output, error.to_string()));
    }
    let setup = Setup::read(cli, &args.network, &args.how, Pressures::Measured)?;
    let water = &setup.water;
    let list = blackstart_io::read_variations(&args.scenarios, water);
    if diagnostics::print(&list.problems, cli.format, cli.quiet) {
        return Err(Exit::InvalidInput);
    }
    bearable(water, &list)?;
    let batch = Batch::new(water, setup.times.clone(), setup.demand_driven);
    let progress = Mutex::new(Progress::start(cli.quiet).counting("scenario"));
    let watch = |finished: usize| match progress.try_lock() {
        Ok(mut progress) => progress.step(finished, list.names.len()),
        // Another thread looks; this one will the next time.
        Err(_) => ControlFlow::Continue(()),
    };
    let results = batch.run(&list.variations, &watch).map_err(|(i, error)| {
        diagnostics::say(&format!("scenario {}: {error}", list.names[i]));
        Exit::InvalidInput
    })?;
    if let Ok(progress) = progress.lock() {
        progress.finish();
    }

    let interrupted = results.scenarios.iter().any(Option::is_none);
    let mut provenance = setup.provenance();
    let name = file_name(&args.scenarios);
    provenance.inputs.push(InputFile { name, sha256: list.sha256.clone() });
    let done = done(water, &list, &results);
    let output = study::Output { folder: &args.output, strict: args.strict };
    let settings = setup.settings(batch.times());
    let exit = study::finish(cli, output, "water batch", provenance, &settings, &done)?;
    if interrupted {
        diagnostics::say(&format!(
            "interrupted; the scenarios that were finished are in {}",
            args.output.display()
        ));
        return Ok(Exit::Interrupted);
    }
    Ok(exit)
}

/// Refuses tables that would not fit into memory.
fn bearable(water: &Water, list: &ReadVariations) -> Result<(), Exit> {
    let (scenarios, junctions) = (list.names.len(), water.junctions.len());
    if scenarios.saturating_mul(junctions) > MAX_PAIRS {
        diagnostics::say(&format!(
            "{scenarios} scenarios of {junctions} junctions are too many at once; take at most {} \
             scenarios",
            MAX_PAIRS / junctions.max(1)
        ));
        return Err(Exit::Usage);
    }
    Ok(())
}

fn done(water: &Water, list: &ReadVariations, results: &BatchResults) -> Done {
    let factors: Vec<f64> = list.variations.iter().map(|v| v.demand_factor).collect();
    let asked = Asked { names: &list.names, demand_factors: &factors, pumps_off: &list.pumps_off };
    let finished: Vec<(&str, &ScenarioSummary)> = list
        .names
        .iter()
        .zip(&results.scenarios)
        .filter_map(|(name, s)| Some((name.as_str(), s.as_ref()?)))
        .collect();
    let count =
        |what: &dyn Fn(&ScenarioSummary) -> bool| finished.iter().filter(|(_, s)| what(s)).count();
    let relaxed = count(&|s| s.word() == "relaxed");
    let not_converged = count(&|s| s.not_converged > 0);
    let below = count(&|s| s.junctions_below > 0);
    let empty = count(&|s| s.first_empty_tank().is_some());
    let least = |of: &dyn Fn(&ScenarioSummary) -> f64| {
        let known = finished.iter().map(|&(name, s)| (of(s), name, s)).filter(|w| !w.0.is_nan());
        known.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let worst_supply = least(&ScenarioSummary::supplied_share);
    let lowest = least(&|s| s.lowest_pressure.map_or(f64::NAN, |l| l.pressure_m));

    let mut summary = Map::new();
    let mut put = |name: &str, value: Value| summary.insert(name.to_owned(), value);
    put("scenarios", json!(list.names.len()));
    put("finished", json!(finished.len()));
    put("relaxed", json!(relaxed));
    put("not_converged", json!(not_converged));
    put("required_pressure_m", json!(water.options.required_pressure_m));
    put("with_pressures_below", json!(below));
    put("with_empty_tanks", json!(empty));
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} of {} scenarios: in {below} a junction is below {} m at some time, in {empty} a tank \
         runs empty.",
        finished.len(),
        list.names.len(),
        water.options.required_pressure_m,
    );
    if let Some((share, name, s)) = worst_supply {
        put("least_supplied_share", json!(share));
        put("least_supplied_scenario", json!(name));
        let _ = writeln!(
            text,
            "Least supply: {:.1} of {:.1} m³ asked for ({:.2} %) in {name}.",
            s.supplied_m3,
            s.demand_m3,
            share * 100.0
        );
    }
    if let Some((pressure_m, name, l)) =
        lowest.and_then(|(p, name, s)| Some((p, name, s.lowest_pressure?)))
    {
        let junction = &water.junctions[l.junction].id;
        put("lowest_pressure_m", json!(pressure_m));
        put("lowest_pressure_node", json!(junction));
        put("lowest_pressure_time_s", json!(l.time_s));
        put("lowest_pressure_scenario", json!(name));
        let _ = writeln!(
            text,
            "Lowest pressure at a junction with a demand: {pressure_m:.2} m at {junction}, {}, in \
             {name}.",
            clock(l.time_s)
        );
    }
    if relaxed + not_converged > 0 {
        let _ = writeln!(
            text,
            "{not_converged} scenarios with solutions not converged, {relaxed} with relaxed ones:"
        );
        let degraded = finished.iter().filter_map(|(n, s)| Some((n, s.first_trouble.as_ref()?)));
        for (name, (time_s, status)) in degraded.take(10) {
            let _ = writeln!(text, "  {name}, first at {}: {}", clock(*time_s), status.detail());
        }
    }
    let tables = water_batch_tables::tables(water, asked, results);
    Done { tables, summary, text, degraded: relaxed + not_converged > 0 }
}
