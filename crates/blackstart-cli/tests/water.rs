//! `water`: studies of one water network, as an engineer meets them.

mod folder;

use std::fs;

use folder::{Folder, ok};

/// A folder with the town in it.
fn town(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("town.inp", TOWN);
    folder
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell} is no number"))
}

/// A well, a pump to a small tank, a town below it, a leak, and a house behind a shut pipe.
const TOWN: &str = "\
[JUNCTIONS]
A 10 0
B 20 18 day
C 40 3.6
[RESERVOIRS]
W 5
[TANKS]
T 50 2 0.5 4 5
[PIPES]
p1 A B 500 200 120
p2 B T 300 200 120
p3 B C 100 80 110 0 Closed
[PUMPS]
P W A HEAD c
[EMITTERS]
A 0.36
[CURVES]
c 40 80
[PATTERNS]
day 1 0.5
[CONTROLS]
LINK P CLOSED IF NODE T ABOVE 3.5
LINK P OPEN IF NODE T BELOW 1
[TIMES]
DURATION 6
REPORT TIMESTEP 2:00
PATTERN TIMESTEP 3:00
[OPTIONS]
UNITS CMH
HEADLOSS H-W
";

#[test]
fn run_writes_the_tables_that_it_promises() {
    let folder = town("water-run");
    let told = ok(&folder.run(&["water", "run", "town.inp", "-o", "out"]));
    assert!(told.contains("5 nodes and 4 links, 0:00 to 6:00"), "{told}");
    assert!(told.contains("nodes.csv, links.csv, status.csv, emitters.csv"), "{told}");
    let head = |path: &str| folder.table(path)[0].join(",");
    assert_eq!(head("out/nodes.csv"), "time_s,node,head_m,pressure_m,demand_m3_s,supplied_m3_s");
    assert_eq!(head("out/links.csv"), "time_s,link,flow_m3_s,velocity_m_s,headloss_m,status");
    assert_eq!(head("out/status.csv"), "time_s,status,where,iterations");
    assert_eq!(head("out/emitters.csv"), "time_s,node,flow_m3_s,leak_m3_s");
    // Reports at 0, 2, 4 and 6 h.
    assert_eq!(folder.table("out/nodes.csv").len(), 1 + 4 * 5);
    assert_eq!(folder.table("out/links.csv").len(), 1 + 4 * 4);
    let b = folder.row("out/nodes.csv", "0", "B");
    assert!((number(&b[4]) - 18.0 / 3600.0).abs() < 1e-9 && b[4] == b[5], "{b:?}");
    assert!((number(&b[2]) - number(&b[3]) - 20.0).abs() < 1e-4);
    // After three hours the pattern halves the demand.
    let b = folder.row("out/nodes.csv", "14400", "B");
    assert!((number(&b[4]) - 9.0 / 3600.0).abs() < 1e-9);
    // What flows into the tank is its demand, as in EPANET.
    let (t, p2) = (folder.row("out/nodes.csv", "0", "T"), folder.row("out/links.csv", "0", "p2"));
    assert_eq!(t[4], p2[2]);
    assert!((number(&t[3]) - 2.0).abs() < 1e-9);
    // A pump lifts and has no velocity; a shut pipe loses nothing.
    let p = folder.row("out/links.csv", "0", "P");
    assert!(number(&p[4]) < -40.0 && p[3].is_empty() && p[5] == "open", "{p:?}");
    let p3 = folder.row("out/links.csv", "0", "p3");
    assert!(p3[2] == "0" && p3[4] == "0" && p3[5] == "closed", "{p3:?}");
    // Nothing reaches C.
    let c = folder.row("out/nodes.csv", "0", "C");
    assert!(c[2].is_empty() && c[3].is_empty() && c[4] == "0.001" && c[5] == "0", "{c:?}");
    // The flow at A obeys its emitter: 0.36 m³/h at 1 m.
    let a = folder.row("out/nodes.csv", "0", "A");
    let leak = number(&folder.row("out/emitters.csv", "0", "A")[2]);
    assert!((leak - 1e-4 * number(&a[3]).sqrt()).abs() < 2e-9);
    // Every solution has its row; the tank's limit of the control is one of them.
    let status = folder.table("out/status.csv");
    assert!(status.len() > 5 && status[1..].iter().all(|r| r[1] == "solved"), "{status:?}");
    assert!(status.iter().any(|r| r[0].parse().is_ok_and(|t: u32| !t.is_multiple_of(1800))));
    let run: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.0.join("out/run.json")).unwrap()).unwrap();
    assert_eq!(run["command"], "water run");
    assert_eq!(run["summary"]["reports"], 4);
    assert_eq!(run["settings"][0]["value"], "demand-driven");
}

#[test]
fn pumps_go_off_and_demands_follow_pressure_when_asked() {
    let folder = town("water-off");
    let run = |out: &str, more: &[&str]| {
        let mut arguments = vec!["water", "run", "town.inp", "-o", out];
        arguments.extend(more);
        ok(&folder.run(&arguments))
    };
    run("a", &["--pumps-off", "1h..5h", "--pressure-driven", "--report-step", "30min"]);
    let p = folder.row("a/links.csv", "3600", "P");
    assert!(p[2] == "0" && p[5] == "closed", "{p:?}");
    // The small tank runs dry: B gets less than it asks for.
    let b = folder.row("a/nodes.csv", "16200", "B");
    assert!(number(&b[5]) < 0.5 * number(&b[4]), "{b:?}");
    assert!(number(&folder.row("a/links.csv", "18000", "P")[2]) > 0.0);
    // The same in other words.
    run(
        "b",
        &[
            "--pumps-off",
            "01:00..03:00,10800..300min",
            "--pressure-driven",
            "--report-step",
            "1800",
            "--required-pressure-m",
            "20",
        ],
    );
    for table in ["nodes.csv", "links.csv", "status.csv"] {
        assert_eq!(folder.table(&format!("a/{table}")), folder.table(&format!("b/{table}")));
    }
    // At 1 m of need the town has enough for longer.
    run("c", &["--pumps-off", "1h..5h", "--pressure-driven", "--required-pressure-m", "1"]);
    let supplied = |out: &str| number(&folder.row(&format!("{out}/nodes.csv"), "7200", "B")[5]);
    assert!(supplied("c") >= supplied("a"));
    run("d", &["--duration", "0", "--format", "parquet"]);
    assert_eq!(&fs::read(folder.0.join("d/nodes.parquet")).unwrap()[..4], b"PAR1");
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_written() {
    let folder = town("water-wrong");
    folder.write("broken.inp", &TOWN.replace("p1 A B", "p1 A X").replace("HEAD c", "HEAD cc"));
    let told = folder.run(&["water", "run", "broken.inp", "-o", "out"]);
    let text = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(3), "{text}");
    // Both at once, with their places, and nothing that only follows from them.
    assert!(text.contains("there is no curve `cc`") && text.contains("broken.inp:14"), "{text}");
    assert!(text.contains("`X`") && text.contains("2 problems to mend"), "{text}");
    assert!(!folder.0.join("out").exists());
    for (arguments, word) in [
        (vec!["--pumps-off", "5h..2h"], "ends before it begins"),
        (vec!["--pumps-off", "soon"], "not FROM..UNTIL"),
        (vec!["--duration", "2 weeks"], "is not a time"),
        (vec!["--required-pressure-m", "30"], "add --pressure-driven"),
        (vec!["--pressure-driven", "--required-pressure-m", "-1"], "must be above the minimum"),
        (vec!["--pressure-driven", "--demand-driven"], "cannot be used with"),
        (vec!["--duration", "99y"], "is not a time"),
        (vec!["--duration", "30000d", "--report-step", "1s"], "longer --report-step"),
    ] {
        let mut all = vec!["water", "run", "town.inp", "-o", "out"];
        all.extend(arguments);
        let told = folder.run(&all);
        let text = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{text}");
        assert!(text.contains(word), "{word}: {text}");
        assert!(!folder.0.join("out").exists());
    }
    fs::create_dir(folder.0.join("mine")).unwrap();
    folder.write("mine/letter.txt", "dear …");
    let told = folder.run(&["water", "run", "town.inp", "-o", "mine"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(folder.0.join("mine/letter.txt").exists());
}

#[test]
fn the_file_decides_on_the_demand_model() {
    let folder = town("water-model");
    let asks = TOWN.replace("HEADLOSS H-W", "HEADLOSS H-W\nDEMAND MODEL PDA\nREQUIRED PRESSURE 60");
    folder.write("pda.inp", &asks);
    ok(&folder.run(&["water", "run", "pda.inp", "-o", "out", "--duration", "0"]));
    let b = folder.row("out/nodes.csv", "0", "B");
    let share = number(&b[5]) / number(&b[4]);
    assert!((share - (number(&b[3]) / 60.0).sqrt()).abs() < 1e-5, "{b:?}");
    ok(&folder.run(&["water", "run", "pda.inp", "-o", "out", "--demand-driven"]));
    let b = folder.row("out/nodes.csv", "0", "B");
    assert_eq!(b[4], b[5]);
}

#[test]
fn networks_are_converted_to_files_and_regions_and_back() {
    let folder = town("water-convert");
    let rule = "[RULES]\nRULE 1\nIF TANK T LEVEL BELOW 2\nAND SYSTEM CLOCKTIME > 1:00\n\
                THEN PUMP P SETTING IS 1.1\nELSE PUMP P STATUS IS OPEN\nPRIORITY 2\n[LEAKAGE]\n\
                p1 2 0.1\n";
    folder.write("rules.inp", &TOWN.replace("[TIMES]", &format!("{rule}[TIMES]")));
    let told = ok(&folder.run(&["convert", "rules.inp", "again.inp"]));
    assert!(told.contains("again.inp: 5 nodes, 4 links"), "{told}");
    ok(&folder.run(&["convert", "rules.inp", "region"]));
    assert!(folder.table("region/rules.csv").len() == 5, "{:?}", folder.table("region/rules.csv"));
    ok(&folder.run(&["convert", "region", "back.inp"]));
    let long = ["--demand-driven", "--duration", "6h", "--report-step", "2h"];
    for (from, out) in [("rules.inp", "a"), ("again.inp", "b"), ("back.inp", "c"), ("region", "d")]
    {
        let mut arguments = vec!["water", "run", from, "-o", out];
        arguments.extend(long);
        ok(&folder.run(&arguments));
    }
    for table in ["nodes.csv", "links.csv", "status.csv"] {
        let first = folder.table(&format!("a/{table}"));
        for out in ["b", "c", "d"] {
            assert_eq!(folder.table(&format!("{out}/{table}")), first, "{out}/{table}");
        }
    }
    let there = folder.run(&["convert", "rules.inp", "again.inp"]);
    assert_eq!(there.status.code(), Some(1));
    ok(&folder.run(&["convert", "rules.inp", "again.inp", "--overwrite"]));
    let wrong = folder.run(&["convert", "rules.inp", "x.inp", "--to", "psse"]);
    assert_eq!(wrong.status.code(), Some(2));
}

const SCENARIOS: &str = "\
scenario,demand_factor,pumps_off
plain,1,
dry day,1.5,
repair,,P
cut,1,*@1-5
late,2,P@2-
";

#[test]
fn batch_writes_a_row_for_each_scenario_junction_and_tank() {
    let folder = town("water-batch");
    folder.write("s.csv", SCENARIOS);
    let run = |out: &str, threads: &str| {
        let arguments = ["water", "batch", "town.inp", "s.csv", "--threads", threads, "-o", out];
        ok(&folder.run(&[&arguments[..], &["--pressure-driven"]].concat()))
    };
    let told = run("out", "1");
    assert!(told.contains("5 of 5 scenarios"), "{told}");
    assert!(told.contains("scenarios.csv, junctions.csv, tanks.csv"), "{told}");
    let scenarios = folder.table("out/scenarios.csv");
    let head = scenarios[0].join(",");
    assert!(head.starts_with("scenario,demand_factor,pumps_off,status,where,"), "{head}");
    let column = |name: &str| scenarios[0].iter().position(|c| c == name).expect(name);
    let cell = |row: usize, name: &str| scenarios[row][column(name)].clone();
    let value = |row: usize, name: &str| number(&cell(row, name));
    assert_eq!(scenarios.len(), 6);
    assert!((1..6).all(|row| cell(row, "status") == "solved"));
    assert_eq!((cell(3, "pumps_off").as_str(), cell(3, "demand_factor").as_str()), ("P", "1"));
    // 18 and 3.6 m³/h for three hours, 9 and 3.6 for three.
    assert!((value(1, "demand_m3") - (3.0 * 27.0 + 6.0 * 3.6)).abs() < 1e-3);
    assert!((value(2, "demand_m3") / value(1, "demand_m3") - 1.5).abs() < 1e-5);
    assert!(value(3, "pumps_kwh") == 0.0 && value(4, "pumps_kwh") < value(1, "pumps_kwh"));
    assert!(value(3, "supplied_share") < value(4, "supplied_share"));
    assert_eq!(
        (cell(1, "first_empty_tank").as_str(), cell(3, "first_empty_tank")),
        ("", "T".into())
    );
    // No water ever comes to C, nor to B once the tank is empty.
    assert_eq!((cell(1, "junctions_dry").as_str(), cell(3, "junctions_dry")), ("1", "2".into()));
    let c = folder.table("out/junctions.csv").into_iter().find(|r| r[0] == "C").expect("C");
    assert_eq!(c[1..], ["5", "", "", "", "plain", "0", "0", "5", "5"]);
    assert_eq!(folder.table("out/tanks.csv").len(), 1 + 5);

    // The plain one is what `water run` says, the cut what it says of the same hours.
    for (row, off) in [(1, None), (4, Some("1h..5h"))] {
        let mut arguments = vec!["water", "run", "town.inp", "--pressure-driven", "-o", "one"];
        arguments.extend(off.iter().flat_map(|off| ["--pumps-off", off]));
        ok(&folder.run(&arguments));
        let text = fs::read_to_string(folder.0.join("one/run.json")).unwrap();
        let one: serde_json::Value = serde_json::from_str(&text).unwrap();
        for name in ["demand_m3", "supplied_m3", "pumps_kwh", "pumps_peak_kw"] {
            let expected = one["summary"][name].as_f64().expect(name);
            assert!((value(row, name) - expected).abs() < 1e-3, "{name} {expected}");
        }
        assert_eq!(cell(row, "solutions"), one["summary"]["solutions"].to_string());
    }
    // The same bytes with four threads.
    run("four", "4");
    for file in ["scenarios.csv", "junctions.csv", "tanks.csv"] {
        let read = |out: &str| fs::read(folder.0.join(out).join(file)).unwrap();
        assert_eq!(read("out"), read("four"), "{file}");
    }
    let run: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.0.join("out/run.json")).unwrap()).unwrap();
    assert_eq!(run["command"], "water batch");
    assert_eq!(run["inputs"][1]["name"], "s.csv");
    assert_eq!(run["summary"]["finished"], 5);
}

#[test]
fn batch_tells_everything_that_is_wrong_and_writes_nothing() {
    let folder = town("water-batch-wrong");
    folder.write("s.csv", "scenario,demand_factor,pumps_off\na,x,P\nb,1,PUMP@1-2\na,1,P@2-1\n");
    let output = folder.run(&["water", "batch", "town.inp", "s.csv", "-o", "out"]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "`x` in `demand_factor` is not a number",
        "there is no pump `PUMP` in the network",
        "pumps are P",
        "scenario `a` is there twice",
        "`P@2-1` does not say when the pump is out",
        "s.csv:3:5",
        "4 problems to mend; nothing was written",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    folder.write("s.csv", "scenario,pump_off\na,P\n");
    let output = folder.run(&["water", "batch", "town.inp", "s.csv", "-o", "out"]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("did you mean `pumps_off`?"), "{told}");
    let output = folder.run(&["water", "batch", "town.inp", "none.csv", "-o", "out"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!folder.0.join("out").exists());
    // A pressure is what less is told by, even where demands do not follow it.
    folder.write("s.csv", "scenario\na\n");
    let batch = ["water", "batch", "town.inp", "s.csv", "-o", "out"];
    ok(&folder.run(&[&batch[..], &["--required-pressure-m", "15"]].concat()));
    let output = folder.run(&[&batch[..], &["--min-pressure-m", "5"]].concat());
    assert_eq!(output.status.code(), Some(2));
}
