//! `grid deliver`: the most demand that can still be served.

use std::fmt::Write as _;

use blackstart::grid::deliver::{self, DeliverOptions, Delivery, DeliveryStatus};
use blackstart::region::Grid;
use blackstart_io::write::grid_tables;
use serde_json::{Map, Value, json};

use super::{Done, Input};
use crate::args::Cli;
use crate::args::grid::{self as args, Deliver};
use crate::diagnostics;
use crate::exit::Exit;

pub(super) fn deliver(cli: &Cli, args: &Deliver) -> Result<Exit, Exit> {
    if args.bound && args.formulation != args::Formulation::Ac {
        diagnostics::say("--bound goes with --formulation ac; DC and SOC are optimal as they are");
        return Err(Exit::Usage);
    }
    let input = Input::read(cli, &args.case)?;
    let options = DeliverOptions {
        formulation: match args.formulation {
            args::Formulation::Dc => deliver::Formulation::Dc,
            args::Formulation::Ac => deliver::Formulation::Ac,
            args::Formulation::Soc => deliver::Formulation::Soc,
        },
        ..DeliverOptions::default()
    };
    let got = deliver::deliver(&input.grid, &input.at, &options);
    let relaxation = args.bound.then(|| {
        let options = DeliverOptions { formulation: deliver::Formulation::Soc, ..options.clone() };
        deliver::deliver(&input.grid, &input.at, &options)
    });
    let asked_mw: f64 = input.at.load_p_mw.iter().filter(|p| **p > 0.0).sum();
    let mut summary = summary(&input.grid, asked_mw, &got);
    let mut text = text(&input.grid, asked_mw, &got);
    if let Some(relaxation) = &relaxation {
        tell_gap(&input.grid, &got, relaxation, &mut summary, &mut text);
    }
    let done = Done {
        tables: grid_tables::delivery(&input.grid, &input.at, &got),
        summary,
        text,
        degraded: got.status != DeliveryStatus::Solved,
    };
    let settings = [("formulation", format!("{:?}", options.formulation).to_lowercase())];
    input.write(cli, &args.case, "grid deliver", &settings, &done)
}

/// By how much an AC answer may miss the best, as the relaxation tells.
fn tell_gap(
    grid: &Grid,
    got: &Delivery,
    relaxation: &Delivery,
    summary: &mut Map<String, Value>,
    text: &mut String,
) {
    let (word, told) = status(grid, relaxation);
    summary.insert("relaxation_status".into(), json!(word));
    if !matches!(relaxation.status, DeliveryStatus::Solved | DeliveryStatus::NodeLimit) {
        let _ = writeln!(text, "The relaxation gives no strict bound. {told}");
        return;
    }
    let gap = got.gap_to(relaxation).max(0.0);
    summary.insert("bound".into(), json!(relaxation.bound));
    summary.insert("gap".into(), json!(gap));
    let _ = writeln!(
        text,
        "No AC operation has an objective above {:.6} (SOC relaxation): the answer is within \
         {:.3} % of the best.",
        relaxation.bound,
        100.0 * gap
    );
}

fn status(grid: &Grid, got: &Delivery) -> (&'static str, String) {
    match &got.status {
        DeliveryStatus::Solved => ("solved", String::new()),
        DeliveryStatus::Inaccurate { error } => (
            "inaccurate",
            format!("The solver ended short of its accuracy: relative error {error:.1e}."),
        ),
        DeliveryStatus::Relaxed { why } => {
            ("relaxed", format!("The point keeps all limits but may not be the best: {why}."))
        }
        DeliveryStatus::NoPoint => ("no_point", "The search ended without a point.".into()),
        DeliveryStatus::NodeLimit => {
            ("node_limit", format!("The search was cut short within {:.3} %.", 100.0 * got.gap()))
        }
        DeliveryStatus::NotConverged { worst_bus, worst_mismatch_mva } => (
            "not_converged",
            format!(
                "No solution was found: {worst_mismatch_mva:.3} MVA are left at bus {}.",
                grid.buses[worst_bus.i()].id
            ),
        ),
        DeliveryStatus::Infeasible => {
            ("infeasible", "Nothing meets all hard limits at once.".into())
        }
        DeliveryStatus::NotOffered { why } => ("not_offered", why.clone()),
    }
}

fn summary(grid: &Grid, asked_mw: f64, got: &Delivery) -> Map<String, Value> {
    let mut out = Map::new();
    let terms = &got.objective;
    out.insert("status".into(), json!(status(grid, got).0));
    out.insert("asked_mw".into(), json!(asked_mw));
    out.insert("served_mw".into(), json!(got.total_served_mw()));
    out.insert("objective".into(), json!(terms.total()));
    out.insert(
        "objective_terms".into(),
        json!({
            "load": terms.load,
            "shunt": terms.shunt,
            "generator": terms.generator,
            "bus": terms.bus,
            "storage": terms.storage,
            "voltage_violation": terms.voltage_violation,
            "output_violation": terms.output_violation,
        }),
    );
    if got.bound.is_finite() {
        out.insert("bound".into(), json!(got.bound));
    }
    out.insert("iterations".into(), json!(got.iterations));
    let limits = got.what_limits();
    let limits = limits
        .iter()
        .map(|(kind, stake)| json!({"kind": grid_tables::kind_word(*kind), "stake": stake}));
    out.insert("what_limits".into(), Value::Array(limits.collect()));
    out
}

fn text(grid: &Grid, asked_mw: f64, got: &Delivery) -> String {
    let mut out = String::new();
    let served = got.total_served_mw();
    let _ = writeln!(
        out,
        "{served:.2} of {asked_mw:.2} MW served ({:.2} %). Objective {:.6} (demand in p.u. times its \
         weight, and what else the problem rewards).",
        if asked_mw > 0.0 { 100.0 * served / asked_mw } else { 100.0 },
        got.objective.total()
    );
    let told = status(grid, got).1;
    if !told.is_empty() {
        let _ = writeln!(out, "{told}");
    }
    let limits = got.what_limits();
    if let Some((first, _)) = limits.first()
        && served < asked_mw * (1.0 - 1e-6)
    {
        let words: Vec<&str> = limits.iter().map(|(k, _)| grid_tables::kind_word(*k)).collect();
        let _ = writeln!(
            out,
            "What limits: {} first; in order of what is at stake: {}.",
            grid_tables::kind_word(*first),
            words.join(", ")
        );
    }
    out
}
