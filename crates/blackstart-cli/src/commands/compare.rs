//! `compare`: policies side by side over many draws.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use blackstart::ensemble::{self, Comparison, Course, Figures, Quantity, half_width_95};
use blackstart::scenario::PolicyCase;
use blackstart_io::write::{
    self as tables, EnsembleError, EnsembleInput, InputFile, Provenance, Source, WriteError,
};
use blackstart_io::{Draws, DrawsError, identity};
use blackstart_report::{CompareInput, Fan};
use serde_json::{Map, Value, json};

use super::inputs::{self, Inputs};
use super::study::refuse;
use crate::args::{Cli, Compare};
use crate::diagnostics;
use crate::exit::Exit;
use crate::progress::Progress;

/// Draws without a number given, and the most of them when drawing until a width.
const DRAWS: u32 = 100;
const MOST_DRAWS: u32 = 10_000;
/// After so many more draws it is looked at whether they are enough: the answer must not
/// hang on which thread was faster.
const DRAWS_A_ROUND: u32 = 32;
/// Share of the baseline below which a difference need not be known more exactly.
const SMALL_DIFFERENCE: f64 = 0.01;

/// The baseline's name.
const BASELINE: &str = "As it is";

/// `compare`
pub fn compare(cli: &Cli, args: &Compare) -> Exit {
    work(cli, args).unwrap_or_else(|exit| exit)
}

fn work(cli: &Cli, args: &Compare) -> Result<Exit, Exit> {
    let inputs = inputs::read(cli, &args.given)?;
    let ensemble = Ensemble::new(&inputs);
    let cap = args.draws.unwrap_or(match args.until_half_width {
        Some(_) => MOST_DRAWS,
        None => DRAWS,
    });
    let draws = open(cli, args, &ensemble, args.until_half_width.is_none().then_some(cap))?;
    let mut figures = BTreeMap::new();
    if args.resume {
        for number in draws.present().map_err(|e| tell(cli, &args.output, &e))? {
            if let Some(draw) = draws.get(number).map_err(|e| tell(cli, &args.output, &e))? {
                figures.insert(number, draw.cases.into_iter().map(|c| c.figures).collect());
            }
        }
    }
    let mut progress = Progress::start(cli.quiet).counting("draw");
    let mut until = if args.until_half_width.is_some() { DRAWS_A_ROUND.min(cap) } else { cap };
    loop {
        let wanted: Vec<u32> = (0..until)
            .filter(|n| args.shard.is_none_or(|s| s.holds(*n)) && !figures.contains_key(n))
            .collect();
        let of = (args.until_half_width.is_none()).then_some(wanted.len() + figures.len());
        let failed = ensemble.draw(&draws, &wanted, of, &mut figures, &mut progress);
        if let Some(error) = failed {
            progress.finish();
            return Err(tell(cli, &args.output, &error));
        }
        let enough = args.until_half_width.is_none_or(|share| {
            let known: Vec<&[Figures]> =
                figures.range(..until).map(|(_, f)| f.as_slice()).collect();
            is_narrow(&known, &args.of, share)
        });
        if progress.interrupted() || enough || until >= cap {
            break;
        }
        until = cap.min(until.saturating_add(DRAWS_A_ROUND));
    }
    progress.finish();
    let interrupted = progress.interrupted();
    if let Some(shard) = args.shard {
        let wanted = (0..cap).filter(|n| shard.holds(*n)).count();
        diagnostics::say(&format!(
            "{} of {wanted} draws of part {}/{} are in {}",
            figures.len().min(wanted),
            shard.index,
            shard.count,
            args.output.display()
        ));
        return Ok(if interrupted { Exit::Interrupted } else { Exit::Ok });
    }
    // An earlier comparison may have left more draws than are asked for now.
    figures.retain(|number, _| *number < until);
    let asked = if args.until_half_width.is_some() { figures.len() } else { cap as usize };
    ensemble.finish(cli, &args.output, figures, asked, &|number| draws.get(number))?;
    if interrupted {
        diagnostics::say(&format!(
            "interrupted; what was finished is in {}, and --resume goes on from there",
            args.output.display()
        ));
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Ok)
}

/// The folder, begun anew or gone on with.
fn open(
    cli: &Cli,
    args: &Compare,
    ensemble: &Ensemble<'_>,
    asked: Option<u32>,
) -> Result<Draws, Exit> {
    let folder = &args.output;
    let id = identity(&ensemble.provenance);
    if args.resume {
        match Draws::open(folder, id) {
            Ok(mut draws) => {
                claim(cli, folder)?;
                draws.ask(asked).map_err(|e| tell(cli, folder, &e))?;
                return Ok(draws);
            }
            Err(DrawsError::None(_)) => {}
            Err(error) => return Err(tell(cli, folder, &error)),
        }
    }
    claim(cli, folder)?;
    Draws::begin(folder, id, asked).map_err(|e| tell(cli, folder, &e))
}

/// Takes the folder, if it is free or ours.
pub fn claim(cli: &Cli, folder: &Path) -> Result<(), Exit> {
    tables::claim_ensemble(folder).map_err(|e: WriteError| refuse(cli, folder, e.to_string()))
}

/// Tells what is wrong with draws.
pub fn tell(cli: &Cli, folder: &Path, error: &DrawsError) -> Exit {
    let exit = refuse(cli, folder, error.to_string());
    match error {
        DrawsError::Other(_) | DrawsError::None(_) => Exit::InvalidInput,
        DrawsError::Io { .. } => exit,
    }
}

/// True when every policy's mean difference is known to `share` of it.
fn is_narrow(draws: &[&[Figures]], of: &str, share: f64) -> bool {
    let Some(quantity) = Quantity::ALL.into_iter().find(|q| q.word() == of) else { return true };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let baseline: Vec<f64> =
        draws.iter().filter_map(|d| d.first()).map(|f| f.value(quantity)).collect();
    let small = SMALL_DIFFERENCE * mean(&baseline).abs();
    (1..draws.first().map_or(0, |d| d.len())).all(|case| {
        let differences: Vec<f64> =
            draws.iter().zip(&baseline).map(|(d, b)| d[case].value(quantity) - b).collect();
        half_width_95(&differences) <= share * mean(&differences).abs().max(small)
    })
}

/// What is drawn, and where it came from.
pub struct Ensemble<'a> {
    inputs: &'a Inputs,
    cases: Vec<PolicyCase>,
    pub provenance: Provenance,
}

impl<'a> Ensemble<'a> {
    pub fn new(inputs: &'a Inputs) -> Self {
        let baseline = PolicyCase { name: BASELINE.to_owned(), measures: Vec::new() };
        let cases = std::iter::once(baseline).chain(inputs.cases.iter().cloned()).collect();
        let file = |(name, sha256): &(String, String)| InputFile {
            name: name.clone(),
            sha256: sha256.clone(),
        };
        let provenance = Provenance {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            inputs: inputs.hashes.iter().map(file).collect(),
            settings: inputs.settings.clone(),
            notes: inputs.notes.clone(),
            created: None,
        };
        Self { inputs, cases, provenance }
    }

    /// Computes the draws `wanted`, keeps each, and adds its figures; the error if one
    /// could not be kept. `of` is the number of all draws, if it is known.
    fn draw(
        &self,
        draws: &Draws,
        wanted: &[u32],
        of: Option<usize>,
        figures: &mut BTreeMap<u32, Vec<Figures>>,
        progress: &mut Progress,
    ) -> Option<DrawsError> {
        let shared = Mutex::new((figures, progress, None));
        let Inputs { region, scenario, .. } = self.inputs;
        ensemble::run(region, scenario, &self.cases, wanted, |draw| {
            let kept = draws.put(&draw);
            // Nothing in here panics while the lock is held.
            let mut shared = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let (figures, progress, failed) = &mut *shared;
            if let Err(error) = kept {
                *failed = Some(error);
                return ControlFlow::Break(());
            }
            figures.insert(draw.draw, draw.cases.into_iter().map(|c| c.figures).collect());
            let done = figures.len();
            progress.step(done, of.unwrap_or(done))
        });
        shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).2
    }

    /// Writes tables and report of the draws in `figures`, and tells the answers.
    pub fn finish(
        &self,
        cli: &Cli,
        folder: &Path,
        figures: BTreeMap<u32, Vec<Figures>>,
        asked: usize,
        source: &Source<'_>,
    ) -> Result<(), Exit> {
        let (numbers, figures): (Vec<u32>, Vec<Vec<Figures>>) = figures.into_iter().unzip();
        let comparison = ensemble::compare(&figures);
        let summary = summary(&self.cases, &comparison);
        let input = EnsembleInput {
            region: &self.inputs.region,
            scenario: &self.inputs.scenario,
            cases: &self.cases,
            numbers: &numbers,
            figures: &figures,
            comparison: &comparison,
            provenance: &self.provenance,
            summary: &summary,
            format: cli.format.of_tables(),
        };
        let by_draw = tables::by_draw(&input, source).map_err(|error| match error {
            EnsembleError::Draws(error) => tell(cli, folder, &error),
            EnsembleError::Gone(_) => refuse(cli, folder, error.to_string()),
        })?;
        let fans: Vec<[Fan; Course::ALL.len()]> = (0..self.cases.len())
            .map(|case| {
                Course::ALL.map(|course| {
                    let [p5, p50, p95] = by_draw.region(case, course);
                    Fan { p5, p50, p95 }
                })
            })
            .collect();
        let provenance = blackstart_report::Provenance {
            version: self.provenance.version.clone(),
            inputs: self.inputs.hashes.clone(),
            seed: self.inputs.scenario.seed,
            notes: self.inputs.notes.clone(),
        };
        let told = CompareInput {
            region: &self.inputs.region,
            scenario: &self.inputs.scenario,
            cases: &self.cases,
            figures: &figures,
            comparison: &comparison,
            fans: &fans,
            asked,
            provenance: &provenance,
        };
        let report = blackstart_report::compare_html(&told).into_bytes();
        tables::ensemble(folder, &input, by_draw, vec![("report.html".to_owned(), report)])
            .map_err(|error| refuse(cli, folder, error.to_string()))?;
        if cli.format.is_json() {
            diagnostics::print_data(&Value::Object(summary).to_string());
        } else if !cli.quiet {
            let report = folder.join("report.html");
            let text = blackstart_report::compare_text(&told);
            diagnostics::print_data(&format!(
                "{}\n\nReport: {}",
                text.trim_end(),
                report.display()
            ));
        }
        Ok(())
    }
}

/// The figures for programs.
fn summary(cases: &[PolicyCase], comparison: &Comparison) -> Map<String, Value> {
    let policy = |(case, policy): (usize, &PolicyCase)| {
        let quantities: Map<String, Value> = Quantity::ALL
            .into_iter()
            .enumerate()
            .map(|(q, quantity)| {
                let spread = &comparison.spreads[case][q];
                let mut value = json!({
                    "mean": spread.mean, "p5": spread.p5, "p50": spread.p50, "p95": spread.p95,
                });
                if case > 0 {
                    let d = &comparison.differences[case][q];
                    value["difference"] = json!({
                        "mean": d.mean, "half_width_95": d.half_width, "p5": d.p5, "p95": d.p95,
                    });
                }
                (quantity.word().to_owned(), value)
            })
            .collect();
        json!({"policy": policy.name, "quantities": quantities})
    };
    let mut summary = Map::new();
    summary.insert("draws".to_owned(), comparison.draws.into());
    // Without any draw there is nothing to tell of policies.
    let cases = if comparison.draws > 0 { cases } else { &[] };
    summary.insert("policies".to_owned(), cases.iter().enumerate().map(policy).collect());
    summary
}
