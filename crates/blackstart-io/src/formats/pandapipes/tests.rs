//! Small nets in the layouts that pandapipes writes.

use std::path::Path;

use blackstart::heat::net::{BranchKind, Consumer, NetSettings, NetSolver, NetStatus};

use super::*;

fn table(columns: &str, rows: &[&str]) -> String {
    let columns: Vec<String> = columns.split(' ').map(|c| format!("\\\"{c}\\\"")).collect();
    let index: Vec<String> = (0..rows.len()).map(|i| i.to_string()).collect();
    format!(
        "{{\"_module\":\"pandas.core.frame\",\"_class\":\"DataFrame\",\"_object\":\"{{\\\"columns\
         \\\":[{}],\\\"index\\\":[{}],\\\"data\\\":[{}]}}\",\"orient\":\"split\"}}",
        columns.join(","),
        index.join(","),
        rows.iter().map(|r| format!("[{}]", r.replace('"', "\\\""))).collect::<Vec<_>>().join(",")
    )
}

fn net(extra: &str) -> String {
    format!(
        "{{\"_module\":\"pandapipes.pandapipes_net\",\"_class\":\"pandapipesNet\",\"_object\":{{\
         \"user_pf_options\":{{\"friction_model\":\"colebrook\"}},\
         \"junction\":{},\"pipe\":{},\"heat_consumer\":{},\"circ_pump_pressure\":{}{extra}}}}}",
        table(
            "pn_bar tfluid_k height_m in_service",
            &["5,350,0,true", "5,350,0,true", "5,350,0,true", "5,350,0,true"]
        ),
        table(
            "from_junction to_junction length_km diameter_m k_mm alpha_w_per_m2k text_k sections in_service",
            &["0,1,0.5,0.08,0.1,1.0,283.15,1,true", "2,3,0.5,0.08,0.1,1.0,283.15,1,true"]
        ),
        table(
            "from_junction to_junction qext_w controlled_mdot_kg_per_s deltat_k treturn_k in_service",
            &["1,2,300000,null,null,323.15,true"]
        ),
        table(
            "return_junction flow_junction p_flow_bar t_flow_k plift_bar in_service type",
            &["3,0,9,363.15,4,true,\"pt\""]
        ),
    )
}

fn parsed(text: &str) -> (PandapipesNet, Vec<InputProblem>) {
    let parsed = parse(text, Path::new("net.json"));
    (parsed.value, parsed.problems)
}

#[test]
fn a_loop_is_read_and_solved() {
    let (value, problems) = parsed(&net(""));
    assert!(problems.iter().all(|p| p.severity != Severity::Error), "{problems:?}");
    assert!(!value.gas);
    let net = value.net;
    assert_eq!((net.junctions.len(), net.branches.len()), (4, 4));
    assert_eq!(net.friction, FrictionModel::ColebrookEverywhere);
    assert!(matches!(net.branches[0].kind, BranchKind::Pipe { diameter_m, loss_w_m_k, .. }
        if (diameter_m - 0.08).abs() < 1e-12 && (loss_w_m_k - 0.08 * std::f64::consts::PI).abs() < 1e-12));
    let consumer = net.branches.iter().find(|b| b.id == "heat_consumer0").unwrap();
    assert!(matches!(
        consumer.kind,
        BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, return_c })
            if heat_w == 3e5 && (return_c - 50.0).abs() < 1e-9
    ));
    let flow = NetSolver::new(&net, NetSettings::default()).unwrap().solve(&net).unwrap();
    assert_eq!(flow.status, NetStatus::Solved);
    assert!((flow.p_bar[3] - 5.0).abs() < 1e-9);
}

#[test]
fn slips_are_told_with_their_place() {
    let cases = [
        (net("").replace("[0,1,0.5", "[0,9,0.5"), "unknown-reference"),
        (
            net("")
                .replace("0.5,0.08,0.1,1.0,283.15,1,true],[2", "0.5,-1,0.1,1.0,283.15,1,true],[2"),
            "out-of-range",
        ),
        (net("").replace("300000,null,null,323.15", "300000,2,null,323.15"), "contradiction"),
        (net("").replace("plift_bar", "plift"), "missing-column"),
        (net("").replace("pandapipesNet", "Something"), "bad-value"),
        ("{".to_owned(), "bad-syntax"),
    ];
    for (text, code) in cases {
        let (_, problems) = parsed(&text);
        let found = problems.iter().find(|p| p.code == code);
        assert!(found.is_some_and(|p| p.line > 0), "{code}: {problems:?}");
    }
}

#[test]
fn what_is_not_simulated_is_told() {
    let extra = format!(",\"compressor\":{}", table("from_junction to_junction", &["0,1"]));
    let (_, problems) = parsed(&net(&extra));
    assert!(problems.iter().any(|p| p.message.contains("compressor")), "{problems:?}");
    let gas = ",\"fluid\":{\"_class\":\"Fluid\",\"_object\":\"{\\\"is_gas\\\": true}\"}";
    let (value, problems) = parsed(&net(gas));
    assert!(value.gas && problems.iter().any(|p| p.message.contains("gas")));
}

#[test]
fn a_multinet_gives_its_heat() {
    let text = format!(
        "{{\"_class\":\"MultiNet\",\"_object\":{{\"nets\":{{\"power\":{{\"_class\":\
         \"pandapowerNet\",\"_object\":{{}}}},\"heat\":{}}}}}}}",
        net("")
    );
    assert_eq!(parsed(&text).0.net.branches.len(), 4);
}
