//! Networks that `testdata/peers/setup.py` computed, solved here, and how far apart both are.

use std::collections::HashMap;
use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use blackstart::heat::net::{BranchKind, HeatNet, NetFlow, NetSettings, NetSolver};
use blackstart_io::{Severity, read_pandapipes};

pub fn folder() -> PathBuf {
    // From any crate of the workspace.
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let near = ["../../.cache/peers", "../.cache/peers"].map(|way| own.join(way));
    let peers = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || near.iter().find(|p| p.exists()).unwrap_or(&near[0]).clone(),
        PathBuf::from,
    );
    peers.join("heat")
}

/// Rows by their first column, numbers by the names of the others.
pub fn table(path: &Path) -> HashMap<String, HashMap<String, f64>> {
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

pub fn solved(name: &str) -> (HeatNet, NetFlow) {
    let path = folder().join(format!("{name}.json"));
    let read = read_pandapipes(&path);
    let errors: Vec<_> = read.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    let mut net = read.network.unwrap().net;
    // The same friction as in the peer's run, which the old files do not say.
    if name.contains("colebrook") || name.contains("heat_transfer") {
        net.friction = blackstart::heat::net::FrictionModel::ColebrookEverywhere;
    } else if name.contains("swamee") {
        net.friction = blackstart::heat::net::FrictionModel::SwameeJain;
    }
    let flow = NetSolver::new(&net, NetSettings::default()).unwrap().solve(&net).unwrap();
    (net, flow)
}

/// Largest differences from pandapipes: bar, kg/s, K.
#[derive(Debug, Default)]
pub struct Apart {
    pub p_bar: f64,
    pub mdot_kg_s: f64,
    pub t_k: f64,
}

/// Below this flow, kg/s, two solutions of the equations may differ: heat lost on the way
/// decides which way nearly still water creeps.
const STILL_KG_S: f64 = 0.05;

pub fn apart(name: &str, net: &HeatNet, flow: &NetFlow) -> Apart {
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

pub fn names(prefix: &str) -> Vec<String> {
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

/// Heat networks of pandapipes' own tests with OpenModelica's solutions, and what those tests
/// allow: relative difference of mean temperatures and of pressures. Velocities: 0.05 m/s.
pub const OPEN_MODELICA: [(&str, f64, f64); 8] = [
    ("delta", 0.007, 0.05),
    ("delta_2sinks", 0.007, 0.02),
    ("heights", 0.0065, 0.02),
    ("one_pipe", 0.004, 0.01),
    ("one_source", 0.04, 0.01),
    ("section_variation", 0.03, 0.022),
    ("t_cross", 0.007, 0.01),
    ("two_pipes", 0.004, 0.01),
];

/// Largest differences from OpenModelica: pressure and mean temperature (K) relative, velocity
/// in m/s; how many of each were compared.
#[derive(Debug, Default)]
pub struct Beside {
    pub p: f64,
    pub t: f64,
    pub v_m_s: f64,
    pub compared: [usize; 3],
}

impl Beside {
    fn add(&mut self, which: usize, apart: f64) {
        if apart.is_nan() {
            return;
        }
        self.compared[which] += 1;
        let most = match which {
            0 => &mut self.p,
            1 => &mut self.t,
            _ => &mut self.v_m_s,
        };
        *most = most.max(apart);
    }
}

/// A network of [`OPEN_MODELICA`]: ours and pandapipes' differences, and our solution.
pub fn beside_open_modelica(case: &str) -> (Beside, Beside, NetFlow) {
    let name = format!("om-heat_transfer_cases-{case}");
    let (net, flow) = solved(&name);
    let junctions = table(&folder().join(format!("{name}.junctions.csv")));
    let pipes = table(&folder().join(format!("{name}.pipes.csv")));
    let (mut ours, mut peer) = (Beside::default(), Beside::default());
    for (j, junction) in net.junctions.iter().enumerate() {
        let row = &junctions[&junction.id];
        ours.add(0, (1.0 - flow.p_bar[j] / row["p_om"]).abs());
        peer.add(0, (1.0 - row["p_bar"] / row["p_om"]).abs());
    }
    for (b, branch) in net.branches.iter().enumerate() {
        let Some(row) = branch.id.strip_prefix("pipe").and_then(|i| pipes.get(i)) else { continue };
        let BranchKind::Pipe { diameter_m, ambient_c, sections, .. } = branch.kind else {
            continue;
        };
        let (above, left) = (flow.t_in_c[b] - ambient_c, flow.t_out_c[b] - ambient_c);
        // At the points between sections, along the exponential fall: what pandapipes' tests
        // take of pandapipes. OpenModelica's are the outlets of mixed cells.
        let n = sections.max(2);
        let at = |k: u32| above * (left / above).powf(f64::from(k) / f64::from(n));
        let mean = ambient_c + (1..n).map(at).sum::<f64>() / f64::from(n - 1);
        ours.add(1, (1.0 - (mean + 273.15) / row["t_om"]).abs());
        peer.add(1, (1.0 - row["t_mean_k"] / row["t_om"]).abs());
        let area = PI / 4.0 * diameter_m * diameter_m;
        let v = flow.mdot_kg_s[b].abs() / (net.fluid.density_kg_m3.at(mean) * area);
        ours.add(2, (v - row["v_om"].abs()).abs());
        peer.add(2, (row["v_m_per_s"].abs() - row["v_om"].abs()).abs());
    }
    (ours, peer, flow)
}
