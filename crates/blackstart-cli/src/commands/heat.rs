//! `heat run`: one heat network, or those of a region hour by hour.

use blackstart::heat::net::{HeatNet, NetFlow, NetSettings, NetSolver, NetStatus};
use blackstart::heat::{DESIGN_INDOOR_C, HeatHour, HeatInput, HeatSolver, HeatState, demand_mw};
use blackstart::region::{Heat, PlantKind, Region, RegionDraft};
use blackstart::results::HourStatus;
use blackstart_io::formats::weather::parse_epw;
use blackstart_io::write::{self, ColumnTable, InputFile, Provenance, Study, heat_tables};
use serde_json::{Map, Value, json};

use super::study::{file_name, hashes, refuse};
use crate::args::Cli;
use crate::args::heat::{HeatCommand, HeatRun};
use crate::diagnostics;
use crate::exit::Exit;

/// `heat`
pub fn heat(cli: &Cli, command: &HeatCommand) -> Exit {
    let HeatCommand::Run(args) = command;
    run(cli, args).unwrap_or_else(|exit| exit)
}

/// What a run came to.
struct Done {
    tables: Vec<ColumnTable>,
    summary: Map<String, Value>,
    text: String,
    degraded: bool,
    notes: Vec<String>,
}

fn run(cli: &Cli, args: &HeatRun) -> Result<Exit, Exit> {
    if let Err(error) = write::check_folder(&args.output) {
        return Err(refuse(cli, &args.output, error.to_string()));
    }
    let mut inputs = hashes(&args.network);
    let file = args.network.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let done = if file { net(cli, args)? } else { region(cli, args, &mut inputs)? };
    let settings = if file {
        Vec::new()
    } else {
        vec![
            ("hours".to_owned(), args.hours.to_string()),
            ("outdoor_c".to_owned(), args.outdoor_c.map_or(String::new(), |t| t.to_string())),
            ("from".to_owned(), args.weather.as_ref().map_or(String::new(), |_| args.from.clone())),
        ]
    };
    let provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").into(),
        inputs,
        settings,
        notes: done.notes.clone(),
        ..Provenance::default()
    };
    let study = Study {
        command: "heat run",
        provenance: &provenance,
        summary: &done.summary,
        tables: &done.tables,
        format: cli.format.of_tables(),
    };
    write::study(&args.output, &study)
        .map_err(|error| refuse(cli, &args.output, error.to_string()))?;
    if cli.format.is_json() {
        diagnostics::print_data(&Value::Object(done.summary).to_string());
    } else if !cli.quiet {
        let files: Vec<String> =
            done.tables.iter().map(|t| t.file_name(cli.format.of_tables())).collect();
        let folder = args.output.display();
        diagnostics::print_data(&format!(
            "{}\n\nWritten to {folder}: {}",
            done.text,
            files.join(", ")
        ));
    }
    Ok(if args.strict && done.degraded { Exit::Degraded } else { Exit::Ok })
}

/// A network of its own.
fn net(cli: &Cli, args: &HeatRun) -> Result<Done, Exit> {
    let read = blackstart_io::read_pandapipes(&args.network);
    let wrong = diagnostics::print(&read.problems, cli.format, cli.quiet);
    let file = read.network.filter(|_| !wrong).ok_or(Exit::InvalidInput)?;
    let say = |message: String| {
        let problem = diagnostics::file_problem(&args.network, message, None);
        diagnostics::print(&[problem], cli.format, cli.quiet);
        Exit::InvalidInput
    };
    if file.gas {
        return Err(say("what flows in this net is a gas, which is not computed".into()));
    }
    let solved = NetSolver::new(&file.net, NetSettings::default())
        .and_then(|mut solver| solver.solve(&file.net));
    let flow = solved.map_err(|error| say(error.to_string()))?;
    let mut notes: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    notes.extend(flow.notes.iter().cloned());
    let tables = heat_tables::net(&file.net, &flow);
    let degraded = flow.status != NetStatus::Solved;
    Ok(Done {
        tables,
        summary: net_summary(&file.net, &flow),
        text: net_text(&file.net, &flow),
        degraded,
        notes,
    })
}

fn net_summary(net: &HeatNet, flow: &NetFlow) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("junctions".into(), json!(net.junctions.len()));
    out.insert("branches".into(), json!(net.branches.len()));
    out.insert("solved".into(), json!(flow.status == NetStatus::Solved));
    out.insert("iterations".into(), json!(flow.iterations));
    out.insert("mass_residual_kg_s".into(), json!(flow.residuals.mass_kg_s));
    out.insert("pressure_residual_bar".into(), json!(flow.residuals.pressure_bar));
    out.insert("energy_residual".into(), json!(flow.residuals.energy));
    let taken: f64 = flow.heat_w.iter().filter(|q| **q > 0.0).sum();
    let made: f64 = -flow.heat_w.iter().filter(|q| **q < 0.0).sum::<f64>();
    out.insert("made_kw".into(), json!(made * 1e-3));
    out.insert("taken_and_lost_kw".into(), json!(taken * 1e-3));
    out
}

fn net_text(net: &HeatNet, flow: &NetFlow) -> String {
    let made: f64 = -flow.heat_w.iter().filter(|q| **q < 0.0).sum::<f64>();
    let how = match &flow.status {
        NetStatus::Solved => "Solved".to_owned(),
        NetStatus::Partly { why } => format!("Solved, but {why}"),
        NetStatus::NotConverged { place } => format!("No solution was found: {place}"),
    };
    format!(
        "{} junctions, {} branches, {:.1} kW of heat fed in.\n{how}, in {} rounds.",
        net.junctions.len(),
        net.branches.len(),
        made * 1e-3,
        flow.iterations
    )
}

/// The networks of a region, hour by hour.
fn region(cli: &Cli, args: &HeatRun, inputs: &mut Vec<InputFile>) -> Result<Done, Exit> {
    let drawn = args.network.extension().is_some_and(|e| e.eq_ignore_ascii_case("geojson"));
    let (region, problems) = if drawn {
        let read = blackstart_io::read_heat(&args.network);
        (read.network.and_then(|heat| Region::check(alone(heat)).region), read.problems)
    } else {
        let read = blackstart_io::read_region(&args.network);
        (read.region, read.problems)
    };
    let wrong = diagnostics::print(&problems, cli.format, cli.quiet);
    let region = region.filter(|_| !wrong).ok_or(Exit::InvalidInput)?;
    let outdoor = outdoor_c(cli, args, region.heat(), inputs)?;
    let heat = region.heat();
    let mut solver = HeatSolver::new(heat);
    let mut state = solver.initial_state(heat, outdoor[0]);
    let mut hours: Vec<(HeatHour, HeatState, Vec<f64>)> = Vec::with_capacity(outdoor.len());
    let hot_water: Vec<f64> = heat.substations.iter().map(|s| s.hot_water_mw).collect();
    let available: Vec<f64> = heat.plants.iter().map(|p| p.heat_max_mw).collect();
    for &outdoor_c in &outdoor {
        let demand = demand_mw(heat, outdoor_c);
        let input = HeatInput {
            available_mw: &available,
            circulation: &vec![1.0; heat.plants.len()],
            pipe_whole: &vec![true; heat.pipes.len()],
            demand_mw: &demand,
            hot_water_mw: &hot_water,
            indoor_c: &vec![DESIGN_INDOOR_C; heat.substations.len()],
            outdoor_c,
            step_h: 1.0,
        };
        let hour = solver.step(heat, &input, &mut state);
        let asked = demand.iter().zip(&hot_water).map(|(homes, water)| homes + water).collect();
        hours.push((hour, state.clone(), asked));
    }
    let degraded = hours.iter().any(|h| !matches!(h.0.status, Some(HourStatus::Solved)));
    let sum = |f: &dyn Fn(&HeatHour) -> f64| hours.iter().map(|h| f(&h.0)).sum::<f64>();
    let delivered = sum(&|h| h.delivered_mw.iter().chain(&h.hot_water_mw).sum());
    let made = sum(&|h| h.made_mw.iter().sum());
    let lost = sum(&|h| h.lost_mw);
    let mut summary = Map::new();
    summary.insert("hours".into(), json!(hours.len()));
    summary.insert("made_mwh".into(), json!(made));
    summary.insert("delivered_mwh".into(), json!(delivered));
    summary.insert("lost_mwh".into(), json!(lost));
    summary.insert("solved".into(), json!(!degraded));
    let text = format!(
        "{} hours: {made:.1} MWh of heat made, {delivered:.1} MWh delivered, {lost:.1} MWh lost.",
        hours.len()
    );
    let notes = problems.iter().map(ToString::to_string).collect();
    Ok(Done { tables: heat_tables::region(heat, &hours), summary, text, degraded, notes })
}

/// A region with nothing but a heat network. Without a grid its plants make heat only.
fn alone(mut heat: Heat<String, String>) -> RegionDraft {
    for plant in &mut heat.plants {
        plant.generator = None;
        plant.operating_mw.clear();
        plant.kind = match plant.kind {
            PlantKind::Chp => PlantKind::BoilerHouse,
            kind @ (PlantKind::BoilerHouse | PlantKind::Mobile) => kind,
        };
    }
    RegionDraft { heat, ..RegionDraft::default() }
}

/// Outdoor temperature of every hour.
fn outdoor_c(
    cli: &Cli,
    args: &HeatRun,
    heat: &Heat,
    inputs: &mut Vec<InputFile>,
) -> Result<Vec<f64>, Exit> {
    let hours = args.hours as usize;
    let Some(path) = &args.weather else {
        return Ok(vec![args.outdoor_c.unwrap_or(heat.options.design_outdoor_c); hours]);
    };
    let say = |message: String| {
        let problem = diagnostics::file_problem(path, message, None);
        diagnostics::print(&[problem], cli.format, cli.quiet);
        Exit::InvalidInput
    };
    let bytes = std::fs::read(path).map_err(|error| say(error.to_string()))?;
    inputs.push(InputFile::new(file_name(path), &bytes));
    let epw = parse_epw(&String::from_utf8_lossy(&bytes), path);
    if diagnostics::print(&epw.problems, cli.format, cli.quiet) {
        return Err(Exit::InvalidInput);
    }
    let day = args.from.split_once('-').and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
    let weather = day.and_then(|(month, day)| epw.value.from_date(month, day, 0, hours));
    let weather = weather.ok_or_else(|| say(format!("it has no day {}", args.from)))?;
    Ok(weather.hours.iter().map(|h| h.outdoor_c).collect())
}
