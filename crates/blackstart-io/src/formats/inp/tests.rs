use std::path::Path;

use blackstart::region::{
    ControlAction, ControlWhen, HeadLoss, PipeStatus, PumpCurve, Table, ValveKind, ValveStatus,
    Water, WaterEdge,
};

use super::{DemandModel, InpFile, parse};
use crate::formats::Parsed;
use crate::problem::Severity;

const NET: &str = "[TITLE]
 A small net
[JUNCTIONS]
;ID  Elev  Demand  Pattern
 J1  10    5       ;
 J2  12    3       night
 J3  8
[RESERVOIRS]
 R1  50    night
[TANKS]
 T1  40  2  1  5  10  0
[PIPES]
 P1  J1  J2  1000  200  100  0.5  Open
 P2  J2  J3  500   150  90   CV
 P3  J3  T1  100   150  90   0    Closed
[PUMPS]
 U1  R1  J1  HEAD c1  SPEED 1.2  PATTERN night
 U2  R1  J1  POWER 20
[VALVES]
 V1  J1  J3  100  PRV  30  0.2
[CURVES]
 c1  0   60
 c1  100 50
 c1  200 20
[PATTERNS]
 1      1.1 0.9
 night  0.5
 night  1.5 2
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[END]
";

fn read(text: &str) -> Parsed<InpFile> {
    parse(text.as_bytes(), Path::new("net.inp"))
}

/// Reads a text that has neither errors nor warnings.
fn good(text: &str) -> InpFile {
    let parsed = read(text);
    let bad: Vec<_> = parsed.problems.iter().filter(|p| p.severity != Severity::Note).collect();
    assert!(bad.is_empty(), "{bad:?}");
    parsed.value
}

fn water(text: &str) -> Water<String> {
    good(text).water
}

/// All errors and warnings, as printed.
fn told(text: &str) -> Vec<String> {
    let problems = read(text).problems;
    let told = problems.iter().filter(|p| p.severity != Severity::Note);
    told.map(ToString::to_string).collect()
}

fn one(text: &str) -> String {
    let told = told(text);
    assert_eq!(told.len(), 1, "{told:?}");
    told.into_iter().next().unwrap()
}

fn with(extra: &str) -> String {
    NET.replace("[END]", extra)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn a_network_in_si_units() {
    let f = good(NET);
    let w = &f.water;
    assert_eq!(f.title, "A small net");
    let ids: Vec<_> = w.junctions.iter().map(|j| j.id.as_str()).collect();
    assert_eq!(ids, ["J1", "J2", "J3"]);
    assert_eq!(w.junctions[0].demands[0].base_m3h, 18.0);
    // No pattern of its own: the default pattern is the one called 1.
    assert_eq!(w.junctions[0].demands[0].pattern, Some(0));
    assert_eq!(w.junctions[1].demands[0].pattern, Some(1));
    assert!(w.junctions[2].demands.is_empty());
    assert_eq!(w.patterns[1].multipliers, [0.5, 1.5, 2.0]);
    assert_eq!((w.reservoirs[0].head_m, w.reservoirs[0].pattern), (50.0, Some(1)));
    let t = &w.tanks[0];
    assert_eq!(
        (t.elevation_m, t.init_level_m, t.min_level_m, t.max_level_m),
        (40.0, 2.0, 1.0, 5.0)
    );
    close(t.min_volume_m3, std::f64::consts::PI * 25.0);
    let p: Vec<_> = w.pipes.iter().map(|p| (p.status, p.minor_loss)).collect();
    assert_eq!(
        p,
        [(PipeStatus::Open, 0.5), (PipeStatus::CheckValve, 0.0), (PipeStatus::Closed, 0.0)]
    );
    assert_eq!(
        (w.pipes[0].length_m, w.pipes[0].diameter_mm, w.pipes[0].roughness),
        (1000., 200., 100.)
    );
    let u = &w.pumps[0];
    assert_eq!(u.curve, PumpCurve::Points(vec![(0.0, 60.0), (360.0, 50.0), (720.0, 20.0)]));
    assert_eq!((u.speed, u.pattern, u.on), (1.2, Some(1), true));
    assert_eq!(w.pumps[1].curve, PumpCurve::Power { kw: 20.0 });
    let v = &w.valves[0];
    assert_eq!((v.kind, v.setting, v.minor_loss), (ValveKind::Prv, 30.0, 0.2));
    assert_eq!((u.from.as_str(), u.to.as_str()), ("R1", "J1"));
}

#[test]
fn a_network_in_us_units() {
    let text = with("[EMITTERS]\n J3 2\n[END]").replace("LPS", "GPM").replace("H-W", "D-W");
    let w = water(&text);
    close(w.junctions[0].elevation_m, 3.048);
    close(w.junctions[0].demands[0].base_m3h, 5.0 * 0.227_124_707_04);
    close(w.reservoirs[0].head_m, 15.24);
    close(w.tanks[0].diameter_m, 3.048);
    close(w.pipes[0].length_m, 304.8);
    close(w.pipes[0].diameter_mm, 5080.0);
    // Thousandths of a foot.
    close(w.pipes[0].roughness, 30.48);
    assert_eq!(w.pumps[1].curve, PumpCurve::Power { kw: 20.0 * 0.7457 });
    close(w.valves[0].setting, 30.0 * 0.3048 / 0.4333);
    let psi_m: f64 = 0.3048 / 0.4333;
    close(w.junctions[2].emitter_m3h, 2.0 * 0.227_124_707_04 / psi_m.sqrt());
}

#[test]
fn gallons_per_minute_are_the_default() {
    let w = water(&NET.replace(" UNITS LPS\n", ""));
    close(w.junctions[0].elevation_m, 3.048);
}

#[test]
fn tank_volumes_and_curves() {
    let extra = "[TANKS]\n T2 40 2 0 5 0 0 vol YES\n T3 40 2 1 5 10 7 * no\n R2 33\n
[CURVES]\n vol 0 0\n vol 5 100\n[END]";
    let w = water(&with(extra));
    assert_eq!(w.tanks[1].volume_curve, [(0.0, 0.0), (5.0, 100.0)]);
    assert!(w.tanks[1].overflow && !w.tanks[2].overflow);
    assert_eq!(w.tanks[2].min_volume_m3, 7.0);
    // Two values in [TANKS] are a reservoir, as in EPANET.
    assert_eq!((w.reservoirs[1].id.as_str(), w.reservoirs[1].head_m), ("R2", 33.0));
    let us = water(&with(extra).replace("LPS", "CFS"));
    close(us.tanks[1].volume_curve[1].1, 100.0 * 0.028_316_846_592);
}

#[test]
fn demand_categories_take_the_place_of_the_junctions_own() {
    let w = water(&with("[DEMANDS]\n J1 2 night ;homes\n J1 1\n J1 0\n[END]"));
    let d: Vec<_> = w.junctions[0].demands.iter().map(|d| (d.base_m3h, d.pattern)).collect();
    assert_eq!(d, [(7.2, Some(1)), (3.6, Some(0))]);
    assert_eq!(w.junctions[1].demands.len(), 1);
    let w = water(&with("[DEMANDS]\n MULTIPLY 1.5\n[END]"));
    assert_eq!(w.options.demand_multiplier, 1.5);
}

#[test]
fn the_default_pattern_may_be_another_or_none() {
    let w = water(&with("[OPTIONS]\nPattern night\n[END]"));
    assert_eq!(w.junctions[0].demands[0].pattern, Some(1));
    let w = water(&with("[OPTIONS]\nPattern nowhere\n[END]"));
    assert_eq!(w.junctions[0].demands[0].pattern, None);
}

#[test]
fn options_and_times() {
    let f = good(&with(
        "[OPTIONS]
 Demand Multiplier 1.1
 Demand Model PDA
 Minimum Pressure 2
 Required Pressure 25
 Pressure Exponent 0.6
 Viscosity 1.1
 Specific Gravity 0.98
 Emitter Exponent 0.5
 Trials 40
 Accuracy 0.001
 Quality None mg/L
 Unbalanced Continue 10
 EMITTER BACKFLOW NO
[TIMES]
 Duration 24:00
 Hydraulic Timestep 0:30
 Pattern Timestep 2:00
 Pattern Start 1:00
 Start ClockTime 6 AM
 Report Timestep 30 MIN
 Statistic None
[END]",
    ));
    let o = &f.water.options;
    assert_eq!(
        (o.demand_multiplier, o.pressure_exponent, o.head_loss),
        (1.1, 0.6, HeadLoss::HazenWilliams)
    );
    close(o.min_pressure_m, 2.0 / 0.98);
    close(o.required_pressure_m, 25.0 / 0.98);
    close(o.viscosity_m2_s, 1.1 * 1.1e-5 * 0.3048 * 0.3048);
    assert_eq!((o.pattern_step_h, o.pattern_start_h, o.start_clock_h), (2.0, 1.0, 6.0));
    assert_eq!(
        (f.times.duration_h, f.times.hydraulic_step_h, f.times.report_step_h),
        (24.0, 0.5, 0.5)
    );
    assert_eq!(f.demand_model, DemandModel::PressureDriven);
    let o =
        water(&with("[OPTIONS]\n Viscosity 1.5e-6\n Pressure BAR\n Headloss C-M\n[END]")).options;
    assert_eq!((o.viscosity_m2_s, o.head_loss), (1.5e-6, HeadLoss::ChezyManning));
}

#[test]
fn a_required_pressure_that_is_not_given_is_told() {
    let parsed = read(&with("[OPTIONS]\n DEMAND MODEL PDA\n[END]"));
    assert_eq!(parsed.problems.len(), 1);
    assert!(parsed.problems[0].message.contains("20 m are taken"));
    let parsed = read(&with("[OPTIONS]\n DEMAND MODEL DDA\n[END]"));
    assert!(parsed.problems[0].message.contains("here they follow it"));
}

#[test]
fn statuses_of_links_and_ranges() {
    let w = water(&with("[STATUS]\n P1 Closed\n U1 1.3\n U2 CLOSED\n V1 Open\n[END]"));
    assert_eq!(w.pipes[0].status, PipeStatus::Closed);
    assert_eq!((w.pumps[0].speed, w.pumps[0].on, w.pumps[1].on), (1.3, true, false));
    assert_eq!(w.valves[0].status, ValveStatus::Open);
    let w = water(&with("[STATUS]\n V1 20\n P1 P3 CLOSED\n[END]"));
    assert_eq!((w.valves[0].setting, w.valves[0].status), (20.0, ValveStatus::Active));
    let s: Vec<_> = w.pipes.iter().map(|p| p.status).collect();
    assert_eq!(s, [PipeStatus::Closed, PipeStatus::CheckValve, PipeStatus::Closed]);
    assert!(one(&with("[STATUS]\n P2 Closed\n[END]")).contains("check valve"));
}

#[test]
fn all_four_forms_of_a_control() {
    let text = with(
        "[CONTROLS]
 LINK U1 CLOSED IF NODE T1 ABOVE 4
 LINK V1 25 IF NODE J2 BELOW 10
 LINK U1 1.1 AT TIME 1:30
 LINK P1 OPEN AT CLOCKTIME 6 PM
[END]",
    );
    let c = water(&text).controls;
    assert_eq!(c[0].edge, WaterEdge::Pump(0));
    assert_eq!(c[0].action, ControlAction::Close);
    assert_eq!(c[0].when, ControlWhen::Above { node: "T1".into(), limit_m: 4.0 });
    assert_eq!((c[1].edge, c[1].action), (WaterEdge::Valve(0), ControlAction::Set(25.0)));
    assert_eq!(c[1].when, ControlWhen::Below { node: "J2".into(), limit_m: 10.0 });
    assert_eq!(
        (c[2].action, &c[2].when),
        (ControlAction::Set(1.1), &ControlWhen::AtTime { time_h: 1.5 })
    );
    assert_eq!(c[3].when, ControlWhen::AtClock { clock_h: 18.0 });
    // Levels of tanks are lengths, pressures of junctions psi.
    let c = water(&text.replace("LPS", "GPM")).controls;
    assert_eq!(c[0].when, ControlWhen::Above { node: "T1".into(), limit_m: 4.0 * 0.3048 });
    let ControlWhen::Below { limit_m, .. } = &c[1].when else { panic!("{:?}", c[1]) };
    close(*limit_m, 10.0 * 0.3048 / 0.4333);
}

#[test]
fn valves_of_all_types() {
    let w = water(&with(
        "[VALVES]
 A J1 J2 100 PSV 20 0
 B J1 J2 100 PBV 20 0
 C J1 J2 100 FCV 10 0
 D J1 J2 100 TCV 5
 E J1 J2 100 GPV c1 0
 F J1 J2 100 PCV 50 0 c1
[END]",
    ));
    let v: Vec<_> = w.valves.iter().skip(1).map(|v| (v.kind, v.setting, v.curve.len())).collect();
    assert_eq!(
        v,
        [
            (ValveKind::Psv, 20.0, 0),
            (ValveKind::Pbv, 20.0, 0),
            (ValveKind::Fcv, 36.0, 0),
            (ValveKind::Tcv, 5.0, 0),
            (ValveKind::Gpv, 0.0, 3),
            (ValveKind::Pcv, 50.0, 3),
        ]
    );
    assert_eq!(w.valves[5].curve[1], (360.0, 50.0));
}

#[test]
fn pumps_of_the_old_form() {
    let w = water(&with("[PUMPS]\n A R1 J1 15\n B R1 J1 40 10\n C R1 J1 60 50 10 20 30\n[END]"));
    assert_eq!(w.pumps[2].curve, PumpCurve::Power { kw: 15.0 });
    assert_eq!(w.pumps[3].curve, PumpCurve::Points(vec![(36.0, 40.0)]));
    assert_eq!(w.pumps[4].curve, PumpCurve::Points(vec![(0.0, 60.0), (36.0, 50.0), (108.0, 20.0)]));
}

#[test]
fn coordinates_stay_on_their_map() {
    let f =
        good(&with("[COORDINATES]\n J1 1000 -2e3\n T1 5 6\n[VERTICES]\n P1 7 8\n P1 9 10\n[END]"));
    let c: Vec<_> = f.coordinates.iter().map(|c| (c.id.as_str(), c.x, c.y)).collect();
    assert_eq!(c, [("J1", 1000.0, -2000.0), ("T1", 5.0, 6.0)]);
    assert_eq!(f.vertices.len(), 2);
    assert!(f.water.junctions.iter().all(|j| j.position.is_none()));
}

#[test]
fn odd_ids_and_encodings() {
    let text = NET.replace("J2", "\"J 2;x\"").replace("J3", "Вузол-3");
    assert_eq!(water(&text).junctions[1].id, "J 2;x");
    let mut bytes = NET.replace("A small net", "@").into_bytes();
    let at = bytes.iter().position(|b| *b == b'@').unwrap();
    bytes.splice(at..=at, *b"\xcc\xe5\xf0\xe5\xe6\xe0");
    let parsed = parse(&bytes, Path::new("net.inp"));
    assert_eq!(parsed.value.title, "Мережа");
    assert!(parsed.problems[0].message.contains("Windows-1251"));
    let crlf = NET.replace('\n', "\r\n");
    assert_eq!(water(&crlf), water(NET));
}

#[test]
fn sections_without_a_part_in_the_simulation_are_told_once_each() {
    let text = with(
        "[RULES]
RULE 1
IF TANK T1 LEVEL ABOVE 4
THEN PUMP U1 STATUS IS CLOSED

RULE 2
IF TANK T1 LEVEL BELOW 2
THEN PUMP U1 STATUS IS OPEN
[QUALITY]
 J1 0.5
[SOURCES]
 R1 CONCEN 1
[REACTIONS]
 Order Bulk 1
[MIXING]
 T1 MIXED
[ENERGY]
 Global Efficiency 75
[LEAKAGE]
 P1 1 1
[REPORT]
 Status No
[LABELS]
 0 0 \"here\"
[BACKDROP]
 UNITS None
[TAGS]
 NODE J1 x
[END]",
    );
    let parsed = read(&text);
    assert_eq!(parsed.problems.len(), 9, "{:?}", parsed.problems);
    assert!(parsed.problems.iter().all(|p| p.severity == Severity::Note && p.line > 30));
    assert!(!parsed.problems.iter().any(|p| p.to_string().contains("rule")));
}

#[test]
fn errors_name_line_column_and_a_likely_word() {
    let cases = [
        (
            "[JUNCTIONS]",
            "[JNCTIONS]",
            "net.inp:3:1: unknown section [JNCTIONS] (did you mean [JUNCTIONS]?)",
        ),
        (" J2  12 ", " J2  1o2 ", "net.inp:6:6: `1o2` is not a number (the elevation)"),
        (
            "3       night",
            "3       nigth",
            "net.inp:6:20: there is no pattern `nigth` (did you mean `night`?)",
        ),
        ("HEAD c1", "HEAD c11", "net.inp:17:19: there is no curve `c11` (did you mean `c1`?)"),
        (
            "HEAD c1",
            "HAED c1",
            "net.inp:17:14: `HAED` is not a pump's property (did you mean HEAD?)",
        ),
        ("UNITS LPS", "UNITS LPSS", "net.inp:30:8: `LPSS` is not a flow unit (did you mean LPS?)"),
        (
            "HEADLOSS H-W",
            "HEADLOS H-W",
            "net.inp:31:2: unknown option `HEADLOS` (did you mean HEADLOSS?)",
        ),
        (
            "HEADLOSS H-W",
            "HEADLOSS HW",
            "net.inp:31:11: `HW` is not a head-loss formula (one of H-W, D-W, C-M)",
        ),
        (
            "100  PRV",
            "100  PVR",
            "net.inp:20:19: `PVR` is not a valve type (one of PRV, PSV, PBV, FCV, TCV, GPV, PCV)",
        ),
        ("0    Closed", "0    Shut", "net.inp:15:35: `Shut` is not a status (OPEN, CLOSED or CV)"),
        (
            "150  90   0 ",
            "150  9,0  0 ",
            "net.inp:15:25: `9,0` is not a number (the roughness) (decimals are written with a point)",
        ),
        (" T1  40  2  1  5  10  0", " T1  40  2  1", "net.inp:11:14: the maximum level is missing"),
    ];
    for (from, to, expected) in cases {
        let text = NET.replacen(from, to, 1);
        assert_ne!(text, NET, "{from}");
        let told = told(&text);
        assert!(told.iter().any(|t| t == expected), "{expected}\n{told:?}");
    }
    assert!(
        one(&with("[DEMANDS]\n J11 3\n[END]"))
            .ends_with("there is no node `J11` (did you mean `J1`?)")
    );
    assert!(one(&with("[DEMANDS]\n T1 3\n[END]")).contains("`T1` is not a junction"));
    assert!(one(&with("[CONTROLS]\n LINK U9 OPEN AT TIME 3\n[END]")).contains("no link `U9`"));
    assert!(
        one(&with("[CONTROLS]\n LINK U1 OPEN WHEN NODE T1 ABOVE 3\n[END]"))
            .contains("a control is")
    );
    assert!(one(&with("[CONTROLS]\n LINK P2 OPEN AT TIME 3\n[END]")).contains("check valve"));
    let word = one(&with("[CONTROLS]\n LINK P1 AJAR AT TIME 3\n[END]"));
    assert!(word.contains("`AJAR` is not a status"), "{word}");
    assert!(one(&with("[TIMES]\n Duration soon\n[END]")).contains("`soon` is not a time"));
    assert!(
        one(&with("[TIMES]\n Patern Timestep 1\n[END]")).contains("did you mean PATTERN TIMESTEP?")
    );
    assert!(one(&with("[COORDINATES]\n J9 1 2\n[END]")).contains("no node `J9`"));
    assert!(one("").contains("has no sections"));
    assert!(one("id,elev\n1,2\n").contains("text outside of any section"));
}

#[test]
fn nodes_that_are_not_there_are_left_to_the_region() {
    let parsed = read(&NET.replace("P1  J1  J2", "P1  J1  J9"));
    assert_eq!(parsed.problems, []);
    let place = parsed.sources.place(Table::Pipes, 0, "to").unwrap();
    assert_eq!((place.line, place.column), (13, 10));
    let place = parsed.sources.place(Table::Tanks, 0, "diameter_m").unwrap();
    assert_eq!((place.line, place.column), (11, 19));
}

#[test]
fn what_follows_the_end_is_not_read() {
    assert_eq!(water(&format!("{NET}[PIPES]\nP9 a b 1 1 1\n")).pipes.len(), 3);
}

#[test]
fn emitters_keep_their_exponent() {
    let text = with("[EMITTERS]\n J1 3\n[OPTIONS]\n Emitter Exponent 0.7\n[END]");
    assert_eq!(water(&text).options.emitter_exponent, 0.7);
}

#[test]
fn rules_are_read_with_units_and_order() {
    use blackstart::region::{Condition, Quantity, Relation, RuleAction, ValveStatus, WaterEdge};
    let text = with(
        "[RULES]\nRULE a\nIF TANK T1 LEVEL BELOW 10\nOR SYSTEM CLOCKTIME >= 6:30 PM\n\
         AND LINK U1 STATUS NOT OPEN\nTHEN PUMP U1 SETTING IS 1.5\nELSE PIPE P1 STATUS = CLOSED\n\
         PRIORITY 3\nRULE b\nIF SYSTEM TIME = 2\nTHEN PIPE P1 STATUS IS OPEN\n[END]",
    );
    let rules = water(&text).rules;
    assert_eq!(rules.len(), 2);
    let a = &rules[0];
    assert_eq!((a.id.as_str(), a.priority), ("a", 3.0));
    assert_eq!(a.premises.iter().map(|p| p.or).collect::<Vec<_>>(), [false, true, false]);
    let Condition::Quantity { what, relation, limit, .. } = &a.premises[0].condition else {
        panic!("{a:?}")
    };
    assert_eq!((what, *relation), (&Quantity::Pressure("T1".to_owned()), Relation::Less));
    let unit = limit / 10.0;
    assert!(unit == 1.0 || (unit - 0.3048).abs() < 1e-12, "{unit}");
    assert_eq!(
        a.premises[1].condition,
        Condition::Clock { relation: Relation::AtLeast, clock_h: 18.5 }
    );
    assert_eq!(
        a.premises[2].condition,
        Condition::Status { edge: WaterEdge::Pump(0), status: ValveStatus::Open, is: false }
    );
    let then = RuleAction { edge: WaterEdge::Pump(0), action: ControlAction::Set(1.5) };
    let otherwise = RuleAction { edge: WaterEdge::Pipe(0), action: ControlAction::Close };
    assert_eq!((a.then.as_slice(), a.otherwise.as_slice()), (&[then][..], &[otherwise][..]));
    let one_rule = |line: &str| one(&with(&format!("[RULES]\nRULE a\n{line}\n[END]")));
    assert!(one_rule("IF TANK T1 COLOUR BELOW 3").contains("nothing that a node has"));
    assert!(one_rule("THEN PUMP U1 STATUS IS OPEN").contains("does not follow"));
    assert!(one_rule("IF TANK T1 LEVEL NEAR 3").contains("does not compare"));
    assert!(one_rule("IF LINK U9 STATUS IS OPEN").contains("no link `U9`"));
}

#[test]
fn what_epanet_takes_for_granted_is_taken_with_a_word() {
    let warned = |text: &str| {
        let parsed = read(text);
        assert_eq!(parsed.problems.len(), 1, "{:?}", parsed.problems);
        assert_eq!(parsed.problems[0].severity, crate::problem::Severity::Warning);
        (parsed.value, parsed.problems[0].message.clone())
    };
    // Short rows.
    let (file, told) = warned(&with("[PIPES]\n P9 J1 J2 55\n[END]"));
    assert!(told.contains("ends early"));
    let pipe = file.water.pipes.last().unwrap();
    assert_eq!((pipe.length_m, pipe.roughness), (55.0, 130.0));
    close(pipe.diameter_mm, 254.0);
    let (file, _) = warned(&with("[VALVES]\n V9 J1 J2 100 PSV\n[END]"));
    assert_eq!(file.water.valves.last().unwrap().setting, 0.0);
    let (file, _) = warned(&with("[TANKS]\n T9 40 2 1 5 0\n[END]"));
    assert_eq!(file.water.reservoirs.last().unwrap().head_m, 40.0);
    let (file, _) = warned(&with("[OPTIONS]\n Viscosity\n[END]"));
    assert_eq!(file.water.options.viscosity_m2_s, good(NET).water.options.viscosity_m2_s);
    let (_, told) = warned(&with("[CURVES]\n c9 1 2 3 4\n[END]"));
    assert!(told.contains("one point a row"));
    let (file, _) = warned(&with("[EMITTERS]\n T1 3\n[END]"));
    assert!(file.water.junctions.iter().all(|j| j.emitter_m3h == 0.0));
    // Numbers open and close pipes.
    let controls = "[CONTROLS]\n LINK P1 0 AT TIME 1\n LINK P1 2.5 AT TIME 2\n[END]";
    let actions: Vec<_> = water(&with(controls)).controls.iter().map(|c| c.action).collect();
    let n = actions.len();
    assert_eq!(actions[n - 2..], [ControlAction::Close, ControlAction::Open]);
    // Times need one word, and what EPANET no longer uses is no error.
    let times = "[TIMES]\n Hydraulic 0:30\n Minimum Traveltime 0:01\n Rule Timestep 90 SEC\n\
                 Start ClockTime 1:30 PM\n[END]";
    let file = good(&with(times));
    assert_eq!((file.times.hydraulic_step_h, file.times.rule_step_h), (0.5, 0.025));
    assert_eq!(file.water.options.start_clock_h, 13.5);
}

#[test]
fn leaks_energy_and_backflow_are_read() {
    let text = with(
        "[LEAKAGE]\n P1 2 0.5\n[ENERGY]\n Global Price 0.1\n Global Effic 60\n Demand Charge 2\n \
         Pump U1 Price 0.3\n[OPTIONS]\n BACKFLOW ALLOWED NO\n Emitter Exponent 0.7\n[END]",
    );
    let w = read(&text).value.water;
    assert_eq!((w.leaks[0].pipe, w.leaks[0].area_mm2_100m), (0, 2.0));
    assert_eq!(w.leaks[0].expansion_mm2_m_100m, 0.5);
    assert_eq!((w.energy.price_per_kwh, w.energy.efficiency_percent), (0.1, 60.0));
    assert_eq!((w.energy.pumps[0].pump, w.energy.pumps[0].price_per_kwh), (0, Some(0.3)));
    assert_eq!((w.options.emitter_exponent, w.options.emitter_backflow), (0.7, false));
    assert!(one(&with("[ENERGY]\n World Price 1\n[END]")).contains("none of GLOBAL, PUMP"));
    assert!(one(&with("[ENERGY]\n Pump P1 Price 1\n[END]")).contains("is not a pump"));
    assert!(one(&with("[LEAKAGE]\n P1 -2 0\n[END]")).contains("must not be below 0"));
}
