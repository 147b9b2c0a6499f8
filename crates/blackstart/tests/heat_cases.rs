//! Heat networks that others have computed: numbers from `testdata/cases`.
#![allow(clippy::print_stdout, reason = "shows the comparison when a test fails")]

use std::collections::HashMap;

use blackstart::heat::{
    Handover, HeatHour, HeatInput, HeatSettings, HeatSolver, HeatState, Viscosity, WaterProperties,
};
use blackstart::region::{
    Heat, HeatJunction, HeatJunctionIdx, HeatOptions, HeatPipe, HeatSubstation, Laid, Plant,
    PlantKind,
};

/// Rows of a file below `testdata/cases`, by column name.
fn table(path: &str) -> Vec<HashMap<String, String>> {
    let path = format!("{}/../../testdata/cases/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            names.iter().map(|n| n.to_string()).zip(line.split(',').map(String::from)).collect()
        })
        .collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// A network built up by node names.
struct Case {
    heat: Heat,
    nodes: HashMap<String, usize>,
    demand_mw: Vec<f64>,
}

impl Case {
    fn new(pipes: &str, supply_c: f64, return_c: f64, ground_c: f64) -> Self {
        let heat = Heat {
            options: HeatOptions {
                design_outdoor_c: -20.0,
                design_supply_c: supply_c,
                design_return_c: return_c,
                min_supply_c: supply_c,
                ground_c,
            },
            junctions: Vec::new(),
            pipes: Vec::new(),
            plants: Vec::new(),
            substations: Vec::new(),
        };
        let mut case = Self { heat, nodes: HashMap::new(), demand_mw: Vec::new() };
        for row in table(pipes) {
            let (from, to) = (case.node(&row["from"]), case.node(&row["to"]));
            case.heat.pipes.push(HeatPipe {
                id: format!("{}-{}", row["from"], row["to"]),
                from: HeatJunctionIdx::new(from),
                to: HeatJunctionIdx::new(to),
                length_m: number(&row, "length_m"),
                diameter_mm: number(&row, "diameter_mm"),
                roughness_mm: number(&row, "roughness_mm"),
                loss_w_m_k: number(&row, "loss_w_m_k"),
                laid: Laid::Ground,
            });
        }
        case
    }

    fn node(&mut self, name: &str) -> usize {
        if let Some(&n) = self.nodes.get(name) {
            return n;
        }
        let n = self.heat.junctions.len();
        self.heat.junctions.push(HeatJunction {
            id: name.into(),
            elevation_m: 0.0,
            position: None,
        });
        self.nodes.insert(name.into(), n);
        n
    }

    fn plant(&mut self, node: &str, heat_max_mw: f64, pump_head_m: f64) {
        let junction = HeatJunctionIdx::new(self.node(node));
        self.heat.plants.push(Plant {
            id: node.into(),
            name: node.into(),
            kind: PlantKind::BoilerHouse,
            junction,
            heat_max_mw,
            generator: None,
            power_to_heat: 0.0,
            power_loss_per_heat: 0.0,
            operating_mw: Vec::new(),
            efficiency: 0.9,
            pump_head_m,
            fuel_h: f64::INFINITY,
            position: None,
            facility: None,
        });
    }

    /// A consumer with a wide valve, so that it gets its demand.
    fn consumer(&mut self, node: &str, demand_mw: f64) {
        let junction = HeatJunctionIdx::new(self.node(node));
        self.heat.substations.push(HeatSubstation {
            id: node.into(),
            junction,
            design_mw: demand_mw,
            hot_water_mw: 0.0,
            bypass_share: 0.0,
        });
        self.demand_mw.push(demand_mw);
    }

    /// Flows and temperatures long after everything has settled.
    fn settled(&self, settings: HeatSettings) -> (HeatHour, HeatState) {
        let input = HeatInput {
            available_mw: &self.heat.plants.iter().map(|p| p.heat_max_mw).collect::<Vec<_>>(),
            circulation: &vec![1.0; self.heat.plants.len()],
            pipe_whole: &vec![true; self.heat.pipes.len()],
            demand_mw: &self.demand_mw,
            hot_water_mw: &vec![0.0; self.heat.substations.len()],
            indoor_c: &vec![20.0; self.demand_mw.len()],
            outdoor_c: -20.0,
            step_h: 1e9,
        };
        let mut state = HeatState::default();
        let hour =
            HeatSolver::with_settings(&self.heat, settings).step(&self.heat, &input, &mut state);
        (hour, state)
    }
}

/// DESTEST network exercise, network 0: within the spread of the six tools that
/// published results.
#[test]
fn destest_network_0() {
    let mut case = Case::new("heat-destest0/pipes.csv", 70.0, 40.0, 10.0);
    let c = 4180.0;
    case.plant("i", 1.0, 60.0);
    for k in 1..=16 {
        // 553 kg/h cooled by 30 K.
        case.consumer(&format!("SimpleDistrict_{k}"), 553.0 / 3600.0 * c * 30.0 * 1e-6);
    }
    let (hour, state) = case.settled(HeatSettings {
        water: WaterProperties {
            density_kg_m3: 988.0,
            viscosity_m2_s: 5.434e-4 / 988.0,
            heat_j_kg_k: c,
        },
        handover: Handover::TemperatureDrop(30.0),
        viscosity: Viscosity::Constant,
    });
    let supply = |n: &str| state.supply_c[case.nodes[n]];
    let back = |n: &str| state.return_c[case.nodes[n]];
    let first = |from: &str, to: &str| {
        let id = format!("{from}-{to}");
        hour.pipe_flow_kg_s[case.heat.pipes.iter().position(|p| p.id == id).unwrap()]
    };
    let mut compared = 0;
    for row in table("heat-destest0/expected.csv") {
        let name = row["quantity"].as_str();
        // A region's pipe pairs have one head for both sides; `heat_nets.rs` has pressures.
        if name.starts_with("drop_") {
            continue;
        }
        let got = if let Some(n) = name.strip_prefix("supply_").and_then(|n| n.strip_suffix("_c")) {
            supply(n)
        } else if let Some(n) = name.strip_prefix("return_").and_then(|n| n.strip_suffix("_c")) {
            back(n)
        } else {
            match name {
                "mass_flow_i_kg_h" => hour.plant_flow_kg_s[0] * 3600.0,
                "loss_ih_w" => first("i", "h") * c * (supply("i") - supply("h")),
                "source_w" => hour.made_mw[0] * 1e6,
                other => panic!("unknown quantity {other}"),
            }
        };
        let (low, high) = (number(&row, "low"), number(&row, "high"));
        println!("{name}: {got:.4} in {low} … {high}");
        // The least digits that were published.
        let digits = 1e-6 * got;
        assert!(got >= low - digits && got <= high + digits, "{name}: {got} not in {low} … {high}");
        compared += 1;
    }
    assert_eq!(compared, 15);
    assert!(hour.balance_error < 1e-9);
}

/// Barry Island (Liu et al. 2016): three plants, one loop, published flows, heat and
/// temperatures.
#[test]
fn barry_island() {
    let mut case = Case::new("heat-barry-island/pipes.csv", 70.0, 30.0, 10.0);
    for row in table("heat-barry-island/plants.csv") {
        case.plant(&row["node"], number(&row, "heat_max_mw"), number(&row, "pump_head_m"));
    }
    for row in table("heat-barry-island/loads.csv") {
        case.consumer(&row["node"], number(&row, "load_mw"));
    }
    let (hour, state) = case.settled(HeatSettings {
        water: WaterProperties {
            density_kg_m3: 958.4,
            viscosity_m2_s: 0.294e-6,
            heat_j_kg_k: 4182.0,
        },
        handover: Handover::ReturnTemperature(30.0),
        viscosity: Viscosity::Constant,
    });
    let mut compared = 0;
    for row in table("heat-barry-island/expected.csv") {
        let (at, want) = (row["at"].as_str(), number(&row, "value"));
        let (got, tolerance) = match row["quantity"].as_str() {
            "flow_kg_s" => (hour.pipe_flow_kg_s[at.parse::<usize>().unwrap() - 1], 0.01),
            "made_mw" => {
                let p = case.heat.plants.iter().position(|p| p.id == at).unwrap();
                (hour.made_mw[p], 1.5e-3)
            }
            "supply_c" => (state.supply_c[case.nodes[at]], 0.02),
            "return_c" => (state.return_c[case.nodes[at]], 0.02),
            other => panic!("unknown quantity {other}"),
        };
        println!("{} {at}: {got:.4} {want} {:.5}", row["quantity"], got - want);
        assert!((got - want).abs() <= tolerance, "{} at {at}: {got}, not {want}", row["quantity"]);
        compared += 1;
    }
    assert_eq!(compared, 31);
    let delivered: f64 = hour.delivered_mw.iter().sum();
    assert!((delivered / case.demand_mw.iter().sum::<f64>() - 1.0).abs() < 1e-6);
}
