//! Steady networks that were published: Barry Island and DESTEST network 0.

use blackstart::heat::net::{Consumer, Fluid, NetFlow};

use super::{Pairs, Row, number, table};

/// Barry Island (Liu et al. 2016): consumers and two plants of given heat, one that balances.
pub fn barry_island() -> (Vec<Row>, NetFlow) {
    let cp = 4182.0;
    let mut case = Pairs::new(Fluid::constant(958.4, 0.294e-6 * 958.4, cp), 10.0);
    case.pipes("heat-barry-island/pipes.csv");
    for row in table("heat-barry-island/loads.csv") {
        let heat_w = number(&row, "load_mw") * 1e6;
        case.consumer(&row["node"], Consumer::HeatAndReturn { heat_w, return_c: 30.0 });
    }
    case.plant("1", 5.0, 70.0);
    // Heat of the two others by the published electric powers (MW) and ratios.
    for (node, heat_w) in [("31", 0.8118e6 * 1.3), ("32", 0.3e6 / 0.79)] {
        let (supply, back) = case.node(node);
        let plant = Consumer::HeatAndReturn { heat_w: -heat_w, return_c: 70.0 };
        let kind = blackstart::heat::net::BranchKind::Consumer(plant);
        case.branch(&format!("plant {node}"), back, supply, kind);
    }
    let flow = case.solve();
    let ids: Vec<String> = table("heat-barry-island/pipes.csv")
        .iter()
        .map(|row| format!("supply {}-{}", row["from"], row["to"]))
        .collect();
    let rows = table("heat-barry-island/expected.csv")
        .iter()
        .map(|row| {
            let (at, want) = (row["at"].as_str(), number(row, "value"));
            let (quantity, ours, tolerance) = match row["quantity"].as_str() {
                "flow_kg_s" => {
                    let pipe = case.place(&ids[at.parse::<usize>().unwrap() - 1]);
                    (format!("flow of pipe {at}, kg/s"), flow.mdot_kg_s[pipe], 3e-4)
                }
                "made_mw" => {
                    let plant = case.place(&format!("plant {at}"));
                    (format!("heat of plant {at}, MW"), -flow.heat_w[plant] / 1e6, 1.5e-4)
                }
                "supply_c" => (format!("supply at {at}, °C"), flow.t_c[case.supply(at)], 0.01),
                "return_c" => (format!("return at {at}, °C"), flow.t_c[case.back(at)], 0.01),
                other => panic!("unknown quantity {other}"),
            };
            Row { quantity, low: want, high: want, tolerance, ours }
        })
        .collect();
    (rows, flow)
}

/// DESTEST network exercise 0.
pub fn destest_0() -> (Vec<Row>, NetFlow) {
    let cp = 4180.0;
    let mut case = Pairs::new(Fluid::constant(988.0, 5.434e-4, cp), 10.0);
    case.pipes("heat-destest0/pipes.csv");
    case.plant("i", 2.0, 70.0);
    for k in 1..=16 {
        let consumer = Consumer::FlowAndDrop { mdot_kg_s: 553.0 / 3600.0, drop_k: 30.0 };
        case.consumer(&format!("SimpleDistrict_{k}"), consumer);
    }
    let flow = case.solve();
    let bar = |a: usize, b: usize| (flow.p_bar[a] - flow.p_bar[b]) * 1e5;
    let plant = case.place("plant i");
    let rows = table("heat-destest0/expected.csv")
        .iter()
        .map(|row| {
            let name = row["quantity"].as_str();
            let node = |prefix: &str| name.strip_prefix(prefix).and_then(|n| n.strip_suffix("_c"));
            let ours = if let Some(n) = node("supply_") {
                flow.t_c[case.supply(n)]
            } else if let Some(n) = node("return_") {
                flow.t_c[case.back(n)]
            } else {
                match name {
                    "mass_flow_i_kg_h" => flow.mdot_kg_s[plant] * 3600.0,
                    "loss_ih_w" => flow.heat_w[case.place("supply i-h")],
                    "source_w" => -flow.heat_w[plant],
                    "drop_supply_ie_pa" => bar(case.supply("i"), case.supply("e")),
                    "drop_return_hi_pa" => bar(case.back("h"), case.back("i")),
                    other => panic!("unknown quantity {other}"),
                }
            };
            let (low, high) = (number(row, "low"), number(row, "high"));
            // The last digit that was published.
            Row { quantity: name.into(), low, high, tolerance: 1e-6 * ours, ours }
        })
        .collect();
    (rows, flow)
}
