//! What is read, written and read again is the same.

use std::path::Path;

use super::super::{InpFile, parse, write};
use crate::problem::Severity;

/// Something of everything, with odd ids and comments.
const ALL: &str = "\
; a comment before any section
[TITLE]
A town of everything
second line
[JUNCTIONS]
;ID Elev Demand Pattern
J1\t100\t10\tday\t;by the church
\"J 2\" 95.5
J3 90 5
J4 80.25 0
[DEMANDS]
J3 4 day ;homes
J3 0 ;planned
J3 1.5 ;works
J4 0 ;nothing yet
[RESERVOIRS]
R1 60 day
[TANKS]
T1 150 10 2.5 20 50 0 ;cylinder
T2 150 10 0 20 50 5 vol YES
T3 140 5 0 12 40 3 * YES
[PIPES]
P1 R1 J1 1000.5 12 130 0 Open ;main
P2 J1 \"J 2\" 300 8 110 1.5 CV
P3 \"J 2\" T1 200 6 100 Closed
P4 J3 T2 200 6 100 0.25
P5 J4 T3 10 6 100
[PUMPS]
U1 J1 J3 HEAD lift SPEED 1.1 PATTERN day
U2 J1 J3 POWER 7.5
[VALVES]
V1 \"J 2\" J3 6 PRV 42.5 0.5
V2 J3 J4 6 GPV loss 0
V3 J1 J4 6 PCV 35 2.5 open
V4 J3 J1 6 FCV 12 0
[STATUS]
U2 Closed
V1 Open ; for the test
[EMITTERS]
J4 0.35 ;park
[LEAKAGE]
;pipe area expansion
P1 1.25 0.01
P3 0.5 0
[PATTERNS]
;by day
day 0.5 1 1.5 1 1 1 0.75
day 0.25
price 1 2
[CURVES]
;PUMP: the lift
lift 0 120 PUMP
lift 100 90
lift 250 10
vol 0 0 VOLUME
vol 20.5 9000
loss 0 0
loss 10 1.5
open 0 0 VALVE
open 50 20
open 100 100
eff 0 50
eff 100 77.7
spare 1 2 GENERIC
[ENERGY]
GLOBAL EFFIC 70
Global Price 0.12
Global Pattern price
Demand Charge 3
Pump U1 Efficiency eff
Pump U1 Price 0.2
Pump U2 Pattern price
[CONTROLS]
;keep it full
LINK U1 OPEN IF NODE T1 BELOW 5.5
LINK U1 1.25 IF NODE J3 ABOVE 60 ; speed
LINK V1 30 AT TIME 5:30
LINK P1 CLOSED AT TIME 1 DISABLED
LINK P4 CLOSED AT CLOCKTIME 10:15:30 PM
LINK P4 1 AT TIME 7
[RULES]
;the first
RULE 1
IF TANK T1 LEVEL >= 17.5 ; nearly full
AND SYSTEM CLOCKTIME < 8:30 AM
OR PUMP U2 POWER ABOVE 3
OR SYSTEM DEMAND > 20
AND TANK T2 FILLTIME < 2.5
THEN PUMP U1 STATUS IS CLOSED
AND VALVE V4 SETTING IS 7.5
ELSE PUMP U1 SETTING IS 0.8
PRIORITY 2

RULE off
IF SYSTEM TIME = 3:00
THEN PIPE P4 STATUS IS OPEN
DISABLED

RULE \"3 a\"
IF JUNCTION J3 PRESSURE BELOW 30
AND VALVE V1 STATUS NOT ACTIVE
OR LINK P1 FLOW <> 5
THEN PIPE P4 STATUS = OPEN
[QUALITY]
J1 0.5
[SOURCES]
R1 CONCEN 1
[REACTIONS]
GLOBAL BULK -0.5
[MIXING]
T1 2COMP 0.3
[TIMES]
Duration 36
Hydraulic Timestep 0:15
Quality Timestep 0:05
Pattern Timestep 2:00
Pattern Start 1:00
Report Timestep 90 MIN
Report Start 1:30
Rule Timestep 0:01
Start ClockTime 6:30 AM
Statistic None
[OPTIONS]
;units first
Units GPM
Pressure PSI
Headloss H-W
Trials 40
Accuracy 0.001
Unbalanced Continue 10
Pattern 1
Demand Multiplier 1.2
Viscosity 1.1
Specific Gravity 0.98
Emitter Exponent 0.55
BACKFLOW ALLOWED NO
Demand Model PDA
Minimum Pressure 5
Required Pressure 30
Pressure Exponent 0.6
Quality Chlorine mg/L
HEADERROR 0.01
Map town.map
[REPORT]
Status Yes
[TAGS]
NODE J1 church
[COORDINATES]
J1 10.5 20.25 ;here
R1 -3 4e6
[VERTICES]
P1 1 2
P1 3 4
[LABELS]
1 2 \"Old town\" J1
[BACKDROP]
DIMENSIONS 0 0 10 10
[END]
";

fn read(text: &str) -> InpFile {
    let parsed = parse(text.as_bytes(), Path::new("all.inp"));
    let wrong: Vec<String> = parsed
        .problems
        .iter()
        .filter(|p| p.severity != Severity::Note)
        .map(ToString::to_string)
        .collect();
    assert!(wrong.iter().all(|w| w.contains("exponent of 0.5")), "{wrong:#?}");
    parsed.value
}

fn same(a: &InpFile, b: &InpFile) {
    assert_eq!(a.water, b.water);
    assert_eq!(a.times, b.times);
    assert_eq!(a.demand_model, b.demand_model);
    assert_eq!(a.title, b.title);
    assert_eq!(a.coordinates, b.coordinates);
    assert_eq!(a.vertices, b.vertices);
    assert_eq!(a.kept.curves, b.kept.curves);
}

#[test]
fn everything_is_written_back() {
    let text = ALL.replace("; a comment before any section\n", "");
    let file = read(&text);
    assert_eq!(file.water.leaks.len(), 2);
    assert_eq!(file.water.energy.pumps.len(), 2);
    assert_eq!(file.water.rules.len(), 2);
    assert_eq!(file.water.controls.len(), 5);
    let written = write(&file);
    same(&file, &read(&written));
    // Once more the bytes are the same.
    assert_eq!(write(&read(&written)), written);
    for kept in [
        ";by the church",
        ";ID Elev Demand Pattern",
        ";homes",
        "J3\t0\t;planned",
        ";nothing yet",
        "LINK P1 CLOSED AT TIME 1 DISABLED",
        ";keep it full",
        ";the first",
        "; nearly full",
        "RULE off",
        "DISABLED\n",
        "spare\t1\t2",
        "Unbalanced Continue 10",
        "Map town.map",
        "GLOBAL BULK -0.5",
        "2COMP",
        "NODE J1 church",
        "\"Old town\" J1",
        "DIMENSIONS",
        "Quality Chlorine",
        "Statistic None",
        "Quality Timestep 0:05",
        ";PUMP: the lift",
        ";here",
        "second line",
        "\"J 2\"",
        "1000.5\t12\t130",
    ] {
        assert!(written.contains(kept), "{kept} is not in\n{written}");
    }
}

#[test]
fn all_flow_units_and_formulas_are_written_back() {
    for flow in ["CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS"] {
        for (pressure, loss) in [("PSI", "H-W"), ("KPA", "D-W"), ("BAR", "C-M"), ("METERS", "D-W")]
        {
            let text = ALL
                .replace("; a comment before any section\n", "")
                .replace("Units GPM", &format!("Units {flow}"))
                .replace("Pressure PSI", &format!("Pressure {pressure}"))
                .replace("Headloss H-W", &format!("Headloss {loss}"));
            let file = read(&text);
            same(&file, &read(&write(&file)));
        }
    }
}

#[test]
fn what_changed_is_written_and_the_rest_stays() {
    let text = ALL.replace("; a comment before any section\n", "");
    let mut file = read(&text);
    file.water.options.demand_multiplier = 2.5;
    file.water.options.required_pressure_m = 20.0;
    file.water.pipes[0].diameter_mm = 250.0;
    file.water.pumps[1].on = true;
    file.water.junctions[0].demands[0].pattern = None;
    if let blackstart::region::PumpCurve::Points(points) = &mut file.water.pumps[0].curve {
        points[1].1 += 1.0;
    }
    file.times.duration_h = 48.5;
    let written = write(&file);
    let back = read(&written);
    assert_eq!(back.water, file.water);
    assert_eq!(back.times, file.times);
    assert!(written.contains("DEMAND MULTIPLIER\t2.5") && !written.contains("Multiplier 1.2"));
    assert!(written.contains("lift_2") && written.contains("DURATION\t48:30"));
    assert!(written.contains("Unbalanced Continue 10"));
}

#[test]
fn a_network_of_our_own_needs_no_file() {
    let text = ALL.replace("; a comment before any section\n", "");
    let water = read(&text).water;
    // A pattern with the default's name must not catch demands that have none.
    let mut own = InpFile { title: "own".into(), water, ..InpFile::default() };
    own.water.patterns[1].id = "1".into();
    let written = write(&own);
    let back = read(&written);
    assert!(written.contains("UNITS\tCMH") && written.contains("PATTERN\tnone"));
    // Tolerances of rules are those of the file's units.
    let mut expected = own.water.clone();
    expected.rules = back.water.rules.clone();
    for (a, b) in expected.junctions.iter().zip(&back.water.junctions) {
        for (a, b) in a.demands.iter().zip(&b.demands) {
            assert_eq!(a, b);
        }
    }
    assert_eq!(back.water.pipes, expected.pipes);
    assert_eq!(back.water.tanks, expected.tanks);
    assert_eq!(back.water.controls, expected.controls);
    assert_eq!(back.water.energy, expected.energy);
    assert_eq!(back.water.options.viscosity_m2_s, expected.options.viscosity_m2_s);
}
