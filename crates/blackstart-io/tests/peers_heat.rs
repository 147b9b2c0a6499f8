//! Heat and water networks against pandapipes and OpenModelica. The networks and their
//! solutions are what `testdata/peers/setup.py` computes.
#![cfg(feature = "peers")]
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use blackstart::heat::net::{HeatNet, NetFlow, NetSettings, NetSolver, NetStatus};
use blackstart_io::{Severity, read_pandapipes};

fn folder() -> PathBuf {
    let peers = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    );
    peers.join("heat")
}

/// Rows by their first column, numbers by the names of the others.
fn table(path: &Path) -> HashMap<String, HashMap<String, f64>> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    lines
        .map(|l| {
            let (id, rest) = l.split_once(',').unwrap();
            let values = rest.split(',').map(|x| x.parse().unwrap_or(f64::NAN));
            (id.to_owned(), names.iter().map(|n| n.to_string()).zip(values).collect())
        })
        .collect()
}

fn solved(name: &str) -> (HeatNet, NetFlow) {
    let path = folder().join(format!("{name}.json"));
    let read = read_pandapipes(&path);
    let errors: Vec<_> = read.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    let mut net = read.network.unwrap().net;
    // The same friction as in the peer's run, which the old files do not say.
    if name.contains("colebrook") {
        net.friction = blackstart::heat::net::FrictionModel::ColebrookEverywhere;
    } else if name.contains("swamee") {
        net.friction = blackstart::heat::net::FrictionModel::SwameeJain;
    }
    let flow = NetSolver::new(&net, NetSettings::default()).unwrap().solve(&net).unwrap();
    (net, flow)
}

/// Largest differences from pandapipes: bar, kg/s, K.
#[derive(Debug, Default)]
struct Apart {
    p_bar: f64,
    mdot_kg_s: f64,
    t_k: f64,
}

/// Below this flow, kg/s, two solutions of the equations may differ: heat lost on the way
/// decides which way nearly still water creeps.
const STILL_KG_S: f64 = 0.05;

fn apart(name: &str, net: &HeatNet, flow: &NetFlow) -> Apart {
    let mut out = Apart::default();
    let junctions = table(&folder().join(format!("{name}.junctions.csv")));
    let pipes = table(&folder().join(format!("{name}.pipes.csv")));
    let mut moving = vec![false; net.junctions.len()];
    // Still water has the temperature of the ground here and that of the air in pandapipes,
    // which shows in the weight of dead ends.
    let mut still = vec![true; net.junctions.len()];
    for (b, m) in net.branches.iter().zip(&flow.mdot_kg_s) {
        if let Some(row) = b.id.strip_prefix("pipe").and_then(|i| pipes.get(i)) {
            let peer = row["mdot_kg_per_s"];
            if peer.is_nan() {
                continue;
            }
            if m.abs() > 1e-9 {
                still[b.from as usize] = false;
                still[b.to as usize] = false;
            }
            out.mdot_kg_s = out.mdot_kg_s.max((m - peer).abs());
            if m.abs() > STILL_KG_S {
                moving[b.from as usize] = true;
                moving[b.to as usize] = true;
            }
        }
    }
    for (j, junction) in net.junctions.iter().enumerate() {
        let Some(row) = junctions.get(&junction.id) else { continue };
        if row["p_bar"].is_nan() {
            continue;
        }
        if still[j] && !net.fluid.is_constant() {
            continue;
        }
        out.p_bar = out.p_bar.max((flow.p_bar[j] - row["p_bar"]).abs());
        // Water networks were computed without temperatures.
        let heat = !name.contains("water_cases");
        if heat && moving[j] && !row["t_k"].is_nan() {
            out.t_k = out.t_k.max((flow.t_c[j] + 273.15 - row["t_k"]).abs());
        }
    }
    out
}

fn names(prefix: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap_or_else(|e| panic!("{e}; run testdata/peers/setup.py"))
        .filter_map(|e| {
            e.ok()?.file_name().into_string().ok()?.strip_suffix(".json").map(String::from)
        })
        .filter(|n| n.starts_with(prefix))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

#[test]
fn meshed_networks_are_those_of_pandapipes() {
    for name in names("meshed") {
        let (net, flow) = solved(&name);
        let apart = apart(&name, &net, &flow);
        println!(
            "{name}: {:?} {} rounds {apart:?} {:?}",
            flow.status, flow.iterations, flow.residuals
        );
        assert_eq!(flow.status, NetStatus::Solved, "{name}");
        assert!(flow.residuals.mass_kg_s < 1e-9 && flow.residuals.pressure_bar < 1e-7);
        assert!(
            apart.p_bar < 1e-5 && apart.mdot_kg_s < 1e-4 && apart.t_k < 1e-3,
            "{name}: {apart:?}"
        );
    }
}

#[test]
fn networks_of_pandapipes_own_tests_come_out() {
    let mut wrong = Vec::new();
    for name in names("om-").into_iter().chain(names("schutterwald")) {
        let (net, flow) = solved(&name);
        let apart = apart(&name, &net, &flow);
        println!(
            "{name}: {:?} {} rounds {apart:?} {:?} {:?}",
            flow.status, flow.iterations, flow.residuals, flow.notes
        );
        let solved = flow.status == NetStatus::Solved;
        if !(solved && apart.p_bar < 1e-4 && apart.mdot_kg_s < 1e-4 && apart.t_k < 1e-3) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
