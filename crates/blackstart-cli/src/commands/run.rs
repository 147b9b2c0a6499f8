//! `run` and `demo`: a scenario on a region, to a folder of results.

use std::path::Path;

use blackstart::region::Region;
use blackstart::results::{DEGREE_THRESHOLDS_C, INDOOR_THRESHOLDS_C, Service, Summary, summarise};
use blackstart::synth::{self, Spec};
use blackstart_io::write::{self as tables, InputFile, WriteError, WriteInput};
use blackstart_report::{Provenance, ReportInput};

use super::inputs::{self, Inputs, file_name};
use crate::args::{Cli, Given, RunOutput};
use crate::diagnostics;
use crate::exit::Exit;
use crate::progress::Progress;

/// The built-in example.
const DEMO_SCENARIO: &str = include_str!("../../../../examples/winter-night/scenario.toml");
const DEMO_WEATHER: &str = include_str!("../../../../examples/winter-night/weather.csv");
const DEMO_PEOPLE: u64 = 1_000_000;
const DEMO_SEED: u64 = 7;

/// `run`
pub fn run(cli: &Cli, given: &Given, policy: Option<&str>, out: &RunOutput) -> Exit {
    let read = inputs::read(cli, given).and_then(|mut read| {
        policy.map_or(Ok(()), |name| read.under(name))?;
        Ok(read)
    });
    match read {
        Ok(mut inputs) => {
            // The report tells the strikes of the draw, not the campaign behind them.
            inputs.scenario = inputs.scenario.drawn(0);
            simulate(cli, &inputs, out)
        }
        Err(exit) => exit,
    }
}

/// `demo`
pub fn demo(cli: &Cli, out: &RunOutput) -> Exit {
    let draft = match synth::region(&Spec { people: DEMO_PEOPLE, seed: DEMO_SEED }) {
        Ok(draft) => draft,
        Err(error) => {
            diagnostics::say(&error.to_string());
            return Exit::Failure;
        }
    };
    let checked = Region::check(draft);
    let Some(region) = checked.region else {
        for problem in &checked.problems {
            diagnostics::say(&problem.to_string());
        }
        return Exit::Failure;
    };
    let told = blackstart_io::parse_embedded_scenario(
        DEMO_SCENARIO,
        Path::new("winter-night/scenario.toml"),
        &[("weather.csv", DEMO_WEATHER)],
        &region,
    );
    let wrong = diagnostics::print(&told.problems, cli.format, cli.quiet);
    let Some(scenario) = told.scenario.filter(|_| !wrong) else {
        return Exit::Failure;
    };
    let notes = vec![format!(
        "The region is fictional: made from statistics for {DEMO_PEOPLE} people with seed {DEMO_SEED}."
    )];
    let hashes = told.inputs.iter().map(|(p, h)| (file_name(p), h.clone())).collect();
    let inputs =
        Inputs { region, scenario, cases: Vec::new(), hashes, notes, settings: Vec::new() };
    simulate(cli, &inputs, out)
}

fn simulate(cli: &Cli, inputs: &Inputs, out: &RunOutput) -> Exit {
    let mut progress = Progress::start(cli.quiet);
    let results = blackstart::sim::run(&inputs.region, &inputs.scenario, &mut progress);
    progress.finish();
    let interrupted = progress.interrupted();
    let summary = summarise(&inputs.region, &results);
    let provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").into(),
        inputs: inputs.hashes.clone(),
        seed: inputs.scenario.seed,
        notes: inputs.notes.clone(),
    };
    let input = ReportInput {
        region: &inputs.region,
        scenario: &inputs.scenario,
        results: &results,
        summary: &summary,
        provenance: &provenance,
    };
    if let Err(error) = write(&input, &inputs.settings, &out.output) {
        let problem = diagnostics::file_problem(&out.output, error.to_string(), None);
        diagnostics::print(&[problem], cli.format, cli.quiet);
        return Exit::Failure;
    }
    tell(cli, &input, &out.output);
    if interrupted {
        diagnostics::say(&format!(
            "interrupted after {} of {} hours; what was finished is in {}",
            results.hours,
            inputs.scenario.horizon_h,
            out.output.display()
        ));
        return Exit::Interrupted;
    }
    degraded(&summary, out.strict)
}

fn degraded(summary: &Summary, strict: bool) -> Exit {
    let hours: usize = summary.degraded_hours.iter().sum();
    if strict && hours > 0 { Exit::Degraded } else { Exit::Ok }
}

fn write(
    input: &ReportInput<'_>,
    settings: &[(String, String)],
    folder: &Path,
) -> Result<(), WriteError> {
    let report = blackstart_report::html(input).into_bytes();
    let provenance = tables::Provenance {
        version: input.provenance.version.clone(),
        inputs: input
            .provenance
            .inputs
            .iter()
            .map(|(name, sha256)| InputFile { name: name.clone(), sha256: sha256.clone() })
            .collect(),
        settings: settings.to_vec(),
        notes: input.provenance.notes.clone(),
        created: None,
    };
    let input = WriteInput {
        region: input.region,
        scenario: input.scenario,
        results: input.results,
        summary: input.summary,
        provenance: &provenance,
    };
    tables::results(folder, &input, vec![("report.html".to_owned(), report)])
}

fn tell(cli: &Cli, input: &ReportInput<'_>, folder: &Path) {
    if cli.format.is_json() {
        diagnostics::print_data(&summary_json(input).to_string());
    } else if !cli.quiet {
        let text = blackstart_report::summary_text(input);
        let report = folder.join("report.html");
        diagnostics::print_data(&format!("{}\n\nReport: {}", text.trim_end(), report.display()));
    }
}

/// The figures of the tiles for programs.
fn summary_json(input: &ReportInput<'_>) -> serde_json::Value {
    let s = input.summary;
    let services: serde_json::Map<String, serde_json::Value> = s
        .services
        .iter()
        .map(|v| {
            let name = match v.service {
                Service::Electricity => "electricity",
                Service::Heat => "heat",
                Service::Water => "water",
            };
            let figures = serde_json::json!({
                "worst_people": v.worst_people,
                "worst_hour": v.worst_hour,
                "last_people": v.last_people,
                "person_hours": v.person_hours,
                "back_to_95_percent_h": v.back_to_95_h,
            });
            (name.to_owned(), figures)
        })
        .collect();
    let by_threshold = |limits: &[f64], sums: &[f64]| -> serde_json::Map<_, _> {
        limits.iter().zip(sums).map(|(c, sum)| (format!("{c:.0}"), (*sum).into())).collect()
    };
    let below = by_threshold(&INDOOR_THRESHOLDS_C, &s.person_hours_below_c);
    let degrees = by_threshold(&DEGREE_THRESHOLDS_C, &s.person_degree_hours_below_c);
    serde_json::json!({
        "region": input.region.name(),
        "scenario": input.scenario.name,
        "seed": input.scenario.seed,
        "hours": input.results.hours,
        "people": s.people,
        "services": services,
        "energy_not_served_mwh": s.energy_not_served_mwh,
        "heat_not_delivered_mwh": s.heat_not_delivered_mwh,
        "water_not_supplied_m3": s.water_not_supplied_m3,
        "person_hours_below_c": below,
        "person_degree_hours_below_c": degrees,
        "worst_people_drained": s.worst_people_drained,
        "worst_people_burst": s.worst_people_burst,
        "worst_people_taps_frozen": s.worst_people_taps_frozen,
        "facilities_damaged": s.facilities_damaged,
        "facilities_repaired": s.facilities_repaired,
        "degraded_hours": { "grid": s.degraded_hours[0], "water": s.degraded_hours[1],
                            "heat": s.degraded_hours[2] },
    })
}
