//! `grid`: studies of one grid, as an engineer at a desk meets them.

mod folder;

use std::fs;
use std::path::Path;

use folder::{Folder, ok};

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell} is no number"))
}

/// A source, two circuits to a load, and a tail behind it.
const CASE: &str = "function mpc = three
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
	10	3	0	0	0	0	1	1	0	110	1	1.1	0.9;
	20	1	60	20	0	0	1	1	0	110	1	1.1	0.9;
	30	1	10	2	0	0	1	1	0	110	1	1.1	0.9;
];
mpc.gen = [
	10	70	0	100	-100	1.02	100	1	120	0	0	0	0	0	0	0	0	0	0	0	0;
];
mpc.branch = [
	10	20	0.01	0.1	0.02	50	60	0	0	0	1	-360	360;
	10	20	0.01	0.1	0.02	50	60	0	0	0	1	-360	360;
	20	30	0.02	0.2	0	40	0	0	0	0	1	-360	360;
];
";

fn with_case(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("three.m", CASE);
    folder
}

#[test]
fn flow_writes_the_tables_that_it_promises_with_the_names_of_the_case() {
    let folder = with_case("grid-flow");
    let told = ok(&folder.run(&["grid", "flow", "three.m", "--ac", "-o", "flows"]));
    assert!(told.contains("3 buses") && told.contains("status.csv"), "{told}");
    let buses = folder.table("flows/buses.csv");
    assert_eq!(buses[0], ["bus", "island", "vm_pu", "va_deg", "p_mw", "q_mvar"]);
    let ids: Vec<&str> = buses[1..].iter().map(|r| r[0].as_str()).collect();
    assert_eq!(ids, ["10", "20", "30"]);
    assert_eq!(buses[1][2], "1.02");
    let branches = folder.table("flows/branches.csv");
    assert_eq!(
        branches[0].join(","),
        "branch,from_bus,to_bus,p_from_mw,q_from_mvar,p_to_mw,q_to_mvar,loading_percent"
    );
    assert_eq!(branches[2][0], "10-20#2");
    // What leaves the source is what loads and losses take.
    let sent = number(&branches[1][3]) + number(&branches[2][3]);
    let lost: f64 = branches[1..].iter().map(|r| number(&r[3]) + number(&r[5])).sum();
    assert!((sent - 70.0 - lost).abs() < 1e-5, "{sent} {lost}");
    assert!((number(&buses[1][4]) - sent).abs() < 1e-5);
    let status = folder.table("flows/status.csv");
    assert_eq!((status[1][1].as_str(), status[1][3].as_str()), ("10", "solved"));

    let told = ok(&folder.run(&["grid", "flow", "three.m", "--dc", "-o", "flows"]));
    assert!(told.contains("0.00 MW lost"), "{told}");
    let branches = folder.table("flows/branches.csv");
    assert!((number(&branches[1][3]) - 35.0).abs() < 1e-6);
}

#[test]
fn what_is_out_changes_the_answer_and_a_wrong_name_is_told() {
    let folder = with_case("grid-out");
    folder.write("out.txt", "branch\n20-30\n");
    let told = ok(&folder.run(&["grid", "flow", "three.m", "--out-branches", "out.txt"]));
    assert!(told.contains("2 islands") && told.contains("dark"), "{told}");
    let buses = folder.table("out/buses.csv");
    assert_eq!(buses[3][2], "0");
    folder.write("typo.txt", "20-3\n");
    let output =
        folder.run(&["grid", "flow", "three.m", "--out-branches", "typo.txt", "-o", "new"]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("20-3") && told.contains("20-30"), "{told}");
    assert!(!folder.0.join("new").exists());
}

#[test]
fn formats_of_tables_and_of_the_summary() {
    let folder = with_case("grid-format");
    let told = ok(&folder.run(&["grid", "flow", "three.m", "-o", "j", "--format", "json"]));
    let summary: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(summary["solved"], true);
    let buses = fs::read_to_string(folder.0.join("j/buses.json")).expect("a table");
    let buses: serde_json::Value = serde_json::from_str(&buses).expect("JSON");
    assert_eq!(buses[0]["bus"], "10");
    ok(&folder.run(&["grid", "flow", "three.m", "-o", "p", "--format", "parquet"]));
    let bytes = fs::read(folder.0.join("p/buses.parquet")).expect("a table");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let output = folder.run(&["check", "three.m", "--format", "csv"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_load_that_no_voltage_can_feed_is_told_and_strict_says_so() {
    let folder = Folder::new("grid-collapse");
    folder.write("heavy.m", &CASE.replace("	60	20	", "	900	300	"));
    let told = ok(&folder.run(&["grid", "flow", "heavy.m"]));
    assert!(told.contains("no solution that was found"), "{told}");
    let status = folder.table("out/status.csv");
    assert_eq!(status[1][3], "not_converged");
    assert!(number(&status[1][5]) > 1.0);
    let output = folder.run(&["grid", "flow", "heavy.m", "--strict"]);
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn outages_cover_every_element_in_the_order_of_the_case() {
    let folder = with_case("grid-outages");
    let told = ok(&folder.run(&["grid", "outages", "three.m", "--flows-over", "0"]));
    assert!(told.contains("4 outages"), "{told}");
    let rows = folder.table("out/outages.csv");
    let ids: Vec<&str> = rows[1..].iter().map(|r| r[1].as_str()).collect();
    assert_eq!(ids, ["10-20", "10-20#2", "20-30", "gen1@10"]);
    let column = |name: &str| rows[0].iter().position(|c| c == name).expect("a column");
    // Either circuit alone carries more than its 50 MVA.
    assert_eq!(rows[1][column("overloads")], "1");
    assert!(number(&rows[1][column("worst_loading_percent")]) > 100.0);
    // The tail goes dark with its branch, everything with the only source.
    assert_eq!(number(&rows[3][column("load_lost_mw")]), 10.0);
    assert_eq!(number(&rows[4][column("load_lost_mw")]), 70.0);
    assert!(folder.table("out/flows.csv").len() > 1);
}

#[test]
fn deliver_serves_what_the_remaining_circuit_carries() {
    let folder = with_case("grid-deliver");
    folder.write("one.txt", "10-20#2\n");
    let mut served = Vec::new();
    for formulation in ["dc", "ac", "soc"] {
        let out = format!("out-{formulation}");
        let arguments = [
            "grid",
            "deliver",
            "three.m",
            "--out-branches",
            "one.txt",
            "--formulation",
            formulation,
        ];
        let told = ok(&folder.run(&[&arguments[..], &["-o", &out]].concat()));
        assert!(told.contains("of 70.00 MW served"), "{told}");
        let loads = folder.table(&format!("{out}/loads.csv"));
        served.push(loads[1..].iter().map(|r| number(&r[4])).sum::<f64>());
        assert!(Path::new(&folder.0.join(&out).join("limits.csv")).exists());
    }
    let [dc, ac, soc] = served[..] else { panic!("three formulations") };
    assert!((dc - 50.0).abs() < 1e-4, "{dc}");
    assert!(ac < dc && ac > 40.0, "{ac}");
    assert!(soc >= ac - 1e-4 && soc < dc + 1e-4, "{soc}");

    let with_bound = ["grid", "deliver", "three.m", "--out-branches", "one.txt", "--bound"];
    let told = ok(&folder.run(&[&with_bound[..], &["--formulation", "ac"]].concat()));
    let gap = told.split("the answer is within ").nth(1).expect("a gap");
    let gap: f64 = gap.split(' ').next().unwrap().parse().unwrap();
    assert!((0.0..5.0).contains(&gap), "{told}");
    assert_eq!(folder.run(&with_bound).status.code(), Some(2));
}
