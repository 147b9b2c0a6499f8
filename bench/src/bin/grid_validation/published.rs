//! Maximal load delivery beside the published values of `PowerModelsRestoration`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{
    DeliverOptions, Delivery, DeliveryStatus, Formulation, LoadWeights, deliver, deliver_committed,
};
use blackstart::region::{BusIdx, Grid, Load};
use serde_json::Value;

use crate::root;
use crate::tables::{head, line, number, rows};

/// The network of a folder and the weights of its loads.
fn network(folder: &Path) -> Result<(Grid, LoadWeights), String> {
    let read = blackstart_io::load_grid(&folder.join("case.m"));
    let mut grid = read.network.ok_or_else(|| format!("{:?}", read.problems.first()))?;
    let text = fs::read_to_string(folder.join("params.toml")).map_err(|e| e.to_string())?;
    let params: Value = toml::from_str(&text).map_err(|e| e.to_string())?;
    let weight = |bus: &str| params["weights"][bus].as_f64().unwrap_or(1.0);
    let mut weights: Vec<f64> =
        grid.loads.iter().map(|l| weight(&grid.buses[l.bus.i()].id)).collect();
    for (k, load) in params["load"].as_array().into_iter().flatten().enumerate() {
        let id = load["bus"].as_str().unwrap_or_default();
        let bus = grid.buses.iter().position(|b| b.id == id).ok_or("a load at no bus")?;
        let [p_mw, q_mvar] = ["p_mw", "q_mvar"].map(|key| load[key].as_f64().unwrap_or(0.0));
        let (id, bus) = (format!("extra{k}"), BusIdx::new(bus));
        grid.loads.push(Load { id, bus, p_mw, q_mvar, ..Load::default() });
        weights.push(load["weight"].as_f64().unwrap_or(1.0));
    }
    Ok((grid, LoadWeights::ByLoad(weights)))
}

fn solve(folder: &Path, problem: &str, formulation: Formulation) -> Result<Delivery, String> {
    let (grid, weights) = network(folder)?;
    let recipe = match problem {
        "mld" | "ac_mld_uc" => DeliverOptions::mld,
        "mld_uc" => DeliverOptions::mld_uc,
        "mld_smpl" => DeliverOptions::mld_smpl,
        "mld_strg" => DeliverOptions::mld_strg,
        "mld_strg_uc" => DeliverOptions::mld_strg_uc,
        "mld_discrete_load" => DeliverOptions::mld_discrete_load,
        other => return Err(format!("problem {other}")),
    };
    let options = DeliverOptions { weights, ..recipe(formulation) };
    let at = Snapshot::of(&grid);
    Ok(match problem {
        "ac_mld_uc" => deliver_committed(&grid, &at, &options),
        _ => deliver(&grid, &at, &options),
    })
}

fn folders() -> Result<Vec<PathBuf>, String> {
    let all = fs::read_dir(root().join("testdata/cases/deliver")).map_err(|e| e.to_string())?;
    let mut all: Vec<_> = all.flatten().map(|e| e.path()).collect();
    all.sort();
    Ok(all)
}

pub(crate) fn section(_: &Path) -> Result<String, String> {
    let mut out = "Every active row of the package's own tests (objective and active power \
        served), on small cases of ours that state the same networks \
        (`testdata/cases/deliver`). *Largest share*: of the tolerance that its own test \
        allows. *Above*: rows in which the point found here is better than the published \
        one, which is a local optimum.\n\n"
        .to_owned();
    out += &head(&["case", "problem", "formulation", "rows", "largest share", "above", "status"]);
    for folder in folders()? {
        let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let mut groups: Vec<(String, String, usize, f64, usize, Delivery)> = Vec::new();
        let mut found: HashMap<(String, String), usize> = HashMap::new();
        for row in rows(&folder.join("expected.csv"))? {
            let key = (row[0].clone(), row[1].clone());
            let at = if let Some(at) = found.get(&key) {
                *at
            } else {
                let formulation = match row[1].as_str() {
                    "dc" => Formulation::Dc,
                    "ac" => Formulation::Ac,
                    _ => Formulation::Soc,
                };
                let d = solve(&folder, &row[0], formulation)?;
                groups.push((row[0].clone(), row[1].clone(), 0, 0.0, 0, d));
                found.insert(key, groups.len() - 1);
                groups.len() - 1
            };
            let (_, _, count, share, above, d) = &mut groups[at];
            let got = match row[2].as_str() {
                "objective" => d.objective.total(),
                _ => d.total_served_mw() / 100.0,
            };
            let [value, tolerance] = [3, 4].map(|c| number(&row[c]).unwrap_or(f64::NAN));
            *count += 1;
            let off = (got - value) / tolerance;
            if row[5] == "at_least" && off > 1.0 {
                *above += 1;
            } else {
                *share = share.max(off.abs());
            }
        }
        for (problem, formulation, count, share, above, d) in groups {
            let status = if d.status == DeliveryStatus::Solved {
                "solved".to_owned()
            } else {
                format!("{:?}", d.status)
            };
            out += &line(&[
                name.clone(),
                format!("`{problem}`"),
                formulation,
                count.to_string(),
                format!("{:.1} %", 100.0 * share),
                above.to_string(),
                status,
            ]);
        }
    }
    Ok(out)
}
