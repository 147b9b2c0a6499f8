//! Maximal load delivery against the published values of PowerModelsRestoration: every
//! folder of `testdata/cases/deliver` holds a network and what it can serve by problem and
//! formulation.
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{
    DeliverOptions, Delivery, DeliveryStatus, Formulation, LoadWeights, commit, deliver,
    deliver_committed,
};
use blackstart::region::{BusIdx, Grid, Load, Region, RegionDraft};
use blackstart_io::formats::matpower;

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Params {
    /// Weights of the loads of the case, by bus.
    weights: HashMap<String, f64>,
    /// Loads beyond those of the case.
    load: Vec<ExtraLoad>,
}

#[derive(serde::Deserialize)]
struct ExtraLoad {
    bus: String,
    p_mw: f64,
    q_mvar: f64,
    weight: Option<f64>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/deliver")
}

/// The network of a folder and the weights of its loads.
fn network(folder: &Path) -> (Grid, LoadWeights) {
    let path = folder.join("case.m");
    let text = fs::read_to_string(&path).unwrap();
    let params: Params =
        toml::from_str(&fs::read_to_string(folder.join("params.toml")).unwrap()).unwrap();
    let grid = matpower::parse(&text, &path).value;
    let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
    let region = checked.region.unwrap_or_else(|| panic!("{folder:?}: {:?}", checked.problems));
    let mut grid = region.grid().clone();
    let bus = |grid: &Grid, id: &str| grid.buses.iter().position(|b| b.id == id).unwrap();
    let mut weights: Vec<f64> = grid
        .loads
        .iter()
        .map(|l| params.weights.get(&grid.buses[l.bus.i()].id).copied().unwrap_or(1.0))
        .collect();
    for (k, load) in params.load.iter().enumerate() {
        let bus = BusIdx::new(bus(&grid, &load.bus));
        let (p_mw, q_mvar) = (load.p_mw, load.q_mvar);
        grid.loads.push(Load { id: format!("extra{k}"), bus, p_mw, q_mvar, ..Load::default() });
        weights.push(load.weight.unwrap_or(1.0));
    }
    (grid, LoadWeights::ByLoad(weights))
}

fn options(problem: &str, formulation: Formulation) -> DeliverOptions {
    match problem {
        "mld" => DeliverOptions::mld(formulation),
        "mld_uc" => DeliverOptions::mld_uc(formulation),
        "mld_smpl" => DeliverOptions::mld_smpl(formulation),
        "mld_strg" => DeliverOptions::mld_strg(formulation),
        "mld_strg_uc" => DeliverOptions::mld_strg_uc(formulation),
        "mld_discrete_load" => DeliverOptions::mld_discrete_load(formulation),
        other => panic!("problem {other}"),
    }
}

fn solve(folder: &Path, problem: &str, formulation: Formulation) -> Delivery {
    let (grid, weights) = network(folder);
    if problem == "ac_mld_uc" {
        let options = DeliverOptions { weights, ..DeliverOptions::mld(formulation) };
        return deliver_committed(&grid, &Snapshot::of(&grid), &options);
    }
    let options = DeliverOptions { weights, ..options(problem, formulation) };
    deliver(&grid, &Snapshot::of(&grid), &options)
}

fn folders() -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

struct Expected {
    problem: String,
    quantity: String,
    value: f64,
    tolerance: f64,
    /// A published value that is known to be no optimum.
    at_least: bool,
}

/// Rows of `expected.csv` of one formulation.
fn expected(folder: &Path, formulation: &str) -> Vec<Expected> {
    let text = fs::read_to_string(folder.join("expected.csv")).unwrap();
    let rows = text.lines().skip(1).map(|l| l.split(',').collect::<Vec<_>>());
    rows.filter(|r| r[1] == formulation)
        .map(|r| Expected {
            problem: r[0].to_owned(),
            quantity: r[2].to_owned(),
            value: r[3].parse().unwrap(),
            tolerance: r[4].parse().unwrap(),
            at_least: r[5] == "at_least",
        })
        .collect()
}

/// All rows of a formulation; gives how many there were.
fn check(word: &str, formulation: Formulation) -> usize {
    let (mut count, mut wrong) = (0, Vec::new());
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut solved: HashMap<String, Delivery> = HashMap::new();
        for row in expected(&folder, word) {
            let Expected { problem, quantity, value, tolerance, at_least } = row;
            let d = solved
                .entry(problem.clone())
                .or_insert_with(|| solve(&folder, &problem, formulation));
            let got = match quantity.as_str() {
                "objective" => d.objective.total(),
                "served_pu" => d.total_served_mw() / 100.0,
                other => panic!("quantity {other}"),
            };
            let row = format!(
                "{name:28} {problem:17} {word:4} {quantity:10} published {value:14.6} here {got:14.6} \
                 off {:9.2e} tolerance {tolerance:.0e} nodes {} {:?}",
                got - value,
                d.nodes,
                d.status
            );
            println!("{row}");
            count += 1;
            let near = (got - value).abs() <= tolerance || at_least && got > value;
            if !(near && d.status == DeliveryStatus::Solved) {
                wrong.push(row);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}

#[test]
fn dc_deliveries_are_as_published() {
    assert_eq!(check("dc", Formulation::Dc), 30);
}

#[test]
fn soc_deliveries_are_as_published() {
    assert_eq!(check("soc", Formulation::Soc), 25);
}

#[test]
fn ac_deliveries_are_as_published() {
    assert_eq!(check("ac", Formulation::Ac), 45);
}

/// What the commitment before an AC solve leaves on, as the original's own tests say, and
/// its answer where nothing is left.
#[test]
fn commitments_are_as_published() {
    let found = |name: &str| {
        let (grid, weights) = network(&folder().join(name));
        let at = Snapshot::of(&grid);
        let options = DeliverOptions { weights, ..DeliverOptions::mld(Formulation::Ac) };
        (commit(&grid, &at, &options), deliver_committed(&grid, &at, &options))
    };
    let (c, _) = found("three-bus");
    assert_eq!((c.buses, &c.at.generator_in_service[..]), (3, &[true, true][..]));
    let (c, _) = found("three-bus-least-output");
    assert_eq!((c.buses, &c.at.generator_in_service[..]), (3, &[false, true][..]));
    let (c, _) = found("five-bus-weights");
    // The original also drops bus 10, a dead end with nothing on it.
    assert_eq!(c.at.bus_in_service[..4], [true; 4]);
    let (c, _) = found("rts-24");
    assert_eq!(c.buses, 24);
    assert!(c.at.generator_in_service.iter().all(|up| *up));
    let (c, d) = found("three-bus-charging");
    assert_eq!(c.buses, 0);
    let rows = expected(&folder().join("three-bus-charging"), "ac");
    let row = rows.iter().find(|r| r.problem == "ac_mld_uc" && r.quantity == "objective").unwrap();
    assert!((d.objective.total() - row.value).abs() <= row.tolerance);
}
