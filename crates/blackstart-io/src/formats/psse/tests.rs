use std::path::Path;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, DcLine, Generator, Grid, Load, Position, Table,
};

use super::{Revision, parse, write};
use crate::formats::Parsed;
use crate::problem::Severity;

const HEAD: &str = "0, 100.0, 33, 0, 1, 50.0 / a case of our own\ntitle\n\n";

const BUSES: &str = "  101, 'NORTH       ', 220.0, 3, 1, 2, 1, 1.02, 0.0, 1.1, 0.9, 1.1, 0.9
102 'EAST, 1' 110 1 4 / defaults follow
  103, '', 10.0, 2, 1, 1, 1, 0.98, -3.5
";

/// A case of these sections, in the order of revision 33.
fn case(sections: &[(&str, &str)]) -> String {
    let mut text = String::from(HEAD);
    for name in [
        "BUS",
        "LOAD",
        "FIXED SHUNT",
        "GENERATOR",
        "BRANCH",
        "TRANSFORMER",
        "AREA",
        "TWO-TERMINAL DC",
        "VSC DC LINE",
        "IMPEDANCE CORRECTION",
        "MULTI-TERMINAL DC",
        "MULTI-SECTION LINE",
        "ZONE",
        "INTER-AREA TRANSFER",
        "OWNER",
        "FACTS DEVICE",
        "SWITCHED SHUNT",
        "GNE",
        "INDUCTION MACHINE",
    ] {
        for (_, rows) in sections.iter().filter(|(n, _)| *n == name) {
            text.push_str(rows);
        }
        text.push_str(&format!("0 / END OF {name} DATA\n"));
    }
    text + "Q\n"
}

fn read(text: &str) -> Parsed<Grid<String>> {
    parse(text, Path::new("x.raw"))
}

/// Reads a text that has neither errors nor warnings.
fn good(text: &str) -> Grid<String> {
    let parsed = read(text);
    let bad: Vec<_> = parsed.problems.iter().filter(|p| p.severity != Severity::Note).collect();
    assert!(bad.is_empty(), "{bad:?}");
    parsed.value
}

/// Everything that is told of a text, but notes.
fn told(text: &str) -> Vec<String> {
    let problems = read(text).problems;
    let told = problems.iter().filter(|p| p.severity != Severity::Note);
    told.map(ToString::to_string).collect()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn buses_loads_shunts_and_generators_have_their_defaults() {
    let text = case(&[
        ("BUS", BUSES),
        ("LOAD", "102,'1 ',1,1,1,50,10\n102,'AB',0,1,1,5,1\n103,'1',1,,,4,3,2,1,1,-1\n"),
        ("FIXED SHUNT", "102,'1',1,1.5,20\n102,'2',0,9,9\n"),
        ("GENERATOR", "101,'1',60,5,30,-30,1.02,0,120,0,1,0,0,1,1,100,100,10\n103,'G2'\n"),
        ("SWITCHED SHUNT", "103,1,0,1,1.1,0.9,0,100,'',-7.5,1,10\n"),
    ]);
    let g = good(&text);
    let names: Vec<_> = g.buses.iter().map(|b| (b.id.as_str(), b.name.as_str())).collect();
    assert_eq!(names, [("101", "NORTH"), ("102", "EAST, 1"), ("103", "103")]);
    assert_eq!(g.buses[0].kind, BusKind::Reference);
    assert_eq!((g.buses[1].area, g.buses[1].vm_pu, g.buses[1].vm_max_pu), (4, 1.0, 1.1));
    assert_eq!((g.buses[1].shunt_g_mw, g.buses[1].shunt_b_mvar), (1.5, 20.0));
    assert_eq!(g.buses[2].shunt_b_mvar, -7.5);
    let loads: Vec<_> = g.loads.iter().map(|l| (l.id.as_str(), l.in_service)).collect();
    assert_eq!(loads, [("load@102", true), ("load@102#AB", false), ("load@103", true)]);
    // 4 + 2 V + 1 V² and 3 + 1 V − (−1) V² at 0.98 p.u.
    close(g.loads[2].p_mw, 4.0 + 2.0 * 0.98 + 0.98 * 0.98);
    close(g.loads[2].q_mvar, 3.0 + 0.98 + 0.98 * 0.98);
    let first = &g.generators[0];
    assert_eq!((first.p_mw, first.q_max_mvar, first.base_mva), (60.0, 30.0, 120.0));
    assert_eq!((first.p_max_mw, first.p_min_mw, first.vm_pu), (100.0, 10.0, 1.02));
    let second = &g.generators[1];
    assert_eq!(
        (second.id.as_str(), second.base_mva, second.p_max_mw),
        ("gen@103#G2", 100.0, 9999.0)
    );
    assert!(second.in_service);
}

#[test]
fn lines_have_ratings_shunts_and_couplers() {
    let rows = "101,-102,'1 ',0.01,0.1,0.02,80,,90,0,0.001,0,0.002,1,1,3.5\n\
                102,101,'2',0,0,0\n101,102,'&1',0,0.0001,0,0,0,0,0,0,0,0,0\n";
    let parsed = read(&case(&[("BUS", BUSES), ("BRANCH", rows)]));
    let g = &parsed.value;
    let ids: Vec<_> = g.branches.iter().map(|b| b.id.as_str()).collect();
    assert_eq!(ids, ["101-102", "102-101#2", "101-102#&1"]);
    assert_eq!((g.branches[0].rate_mva, g.branches[0].rate_emergency_mva), (80.0, 90.0));
    assert!(g.branches[0].rate_short_mva.is_infinite());
    close(g.buses[0].shunt_b_mvar, 0.1);
    close(g.buses[1].shunt_b_mvar, 0.2);
    assert_eq!((g.branches[1].x_pu, g.branches[2].x_pu), (1e-5, 1e-4));
    assert!(!g.branches[2].in_service);
    let place = parsed.sources.place(Table::Branches, 0, "x_pu").unwrap();
    assert_eq!((place.line, place.column), (11, 20));
}

/// The three codes of a record, and its ratio and impedance for a winding of 231 kV at a bus
/// of 220 kV, 0.01 + j0.2 p.u. of 50 MVA (or 5 MW of loss and |z| = 0.2).
#[test]
fn transformers_of_two_windings_are_converted_from_all_units() {
    let one = |codes: &str, z: &str, first: &str, second: &str| {
        let rows = format!("101,102,0,'1',{codes},0,0,2,'T',1\n{z}\n{first}\n{second}\n");
        good(&case(&[("BUS", BUSES), ("TRANSFORMER", &rows)])).branches[0].clone()
    };
    let b = one("1,1,1", "0.01,0.2,50", "1.05,0,30,40,50,60", "0.98,0");
    close(b.tap, 1.05 / 0.98);
    close(b.x_pu, 0.2 * 0.98 * 0.98);
    assert_eq!((b.shift_deg, b.rate_mva, b.rate_emergency_mva), (30.0, 40.0, 60.0));
    assert_eq!(b.kind, BranchKind::Transformer);
    let factor = 1.05 * 1.05 * 100.0 / 50.0;
    let b = one("2,2,1", "0.01,0.2,50", "220,231", "110,110");
    close(b.tap, 1.0);
    close(b.x_pu, 0.2 * factor);
    close(b.r_pu, 0.01 * factor);
    let b = one("3,3,1", "500000,0.2,50", "1.02,231", "1,121");
    close(b.tap, 1.02 * 1.05 / 1.1);
    close(b.r_pu, 0.01 * factor * 1.21);
    close(b.x_pu, (0.04f64 - 0.0001).sqrt() * factor * 1.21);
    // In kV a ratio left out is the bus's nominal voltage.
    close(one("2,1,1", "0,0.1", "", "").tap, 1.0);
}

#[test]
fn magnetising_admittances_stand_at_the_first_bus() {
    let with = |magnetising: &str, stat: u8| {
        let rows =
            format!("101,102,0,'1',1,1,{magnetising},2,'T',{stat}\n0.01,0.2,50\n1,231\n1,0\n");
        let g = good(&case(&[("BUS", BUSES), ("TRANSFORMER", &rows)]));
        (g.buses[0].shunt_g_mw, g.buses[0].shunt_b_mvar)
    };
    assert_eq!(with("1,0.001,-0.02", 1), (0.1, -2.0));
    assert_eq!(with("1,0.001,-0.02", 0), (0.0, 0.0));
    // 60 kW of loss and an exciting current of 2 % of 50 MVA, at 231 kV.
    let (g_mw, b_mvar) = with("2,60000,0.02", 1);
    close(g_mw, 0.06 / 1.05 / 1.05);
    close(b_mvar, -(1.0f64 - 0.06 * 0.06).sqrt() / 1.05 / 1.05);
}

#[test]
fn three_windings_are_a_star_whose_pairs_have_the_impedances_of_the_record() {
    let rows = "101,102,103,'1 ',1,1,1,0,0,2,'T3',4\n\
                4.5E-3,2E-1,100,7E-4,3E-1,100,7E-4,2E-1,100,0.99,-5\n\
                1.1,0,0,200,200,400\n1,0,0,100\n1,0,30,100\n";
    let g = good(&case(&[("BUS", BUSES), ("TRANSFORMER", rows)]));
    let star = &g.buses[3];
    assert_eq!((star.id.as_str(), star.vm_pu, star.va_deg), ("1001", 0.99, -5.0));
    assert_eq!(star.name, "star 101-102-103 1");
    // PowerModels finds the same three in a case with these numbers.
    for (k, r, x) in [(0, 0.00225, 0.05), (1, 0.00225, 0.15), (2, -0.00155, 0.15)] {
        close(g.branches[k].r_pu, r);
        close(g.branches[k].x_pu, x);
    }
    let on: Vec<_> = g.branches.iter().map(|b| (b.id.as_str(), b.in_service)).collect();
    assert_eq!(on, [("101-1001", false), ("102-1001", true), ("103-1001", true)]);
    assert_eq!((g.branches[0].tap, g.branches[2].shift_deg), (1.1, 30.0));
}

#[test]
fn direct_current_lines_lose_what_their_current_does() {
    let two = "'DC 1',1,8.0,500.0,500.0,0,0\n101,2,20,10,0,6,220\n102,2,25,15,0,6,110\n";
    let vsc = "'V 1',1,2.0\n101,1,1,150.0,1.03,100,1,0,200,0,1,50,-40\n\
               103,2,2,-20.0,0.9,50,1,0,250,0,1,60,-60\n";
    let g = good(&case(&[("BUS", BUSES), ("TWO-TERMINAL DC", two), ("VSC DC LINE", vsc)]));
    let d = &g.dc_lines[0];
    assert_eq!((d.from.as_str(), d.to.as_str(), d.p_mw), ("101", "102", 500.0));
    // 500 MW at the rectifier: I = (−500 + √(500² + 4·8·500)) / 16 kA.
    let ka = (-500.0 + (250_000.0f64 + 16_000.0).sqrt()) / 16.0;
    close(d.p_mw * d.loss_share, 8.0 * ka * ka);
    close(ka * (500.0 + 8.0 * ka), 500.0);
    let v = &g.dc_lines[1];
    assert_eq!((v.from.as_str(), v.to.as_str(), v.p_mw), ("103", "101", 20.0));
    assert_eq!((v.vm_from_pu, v.vm_to_pu, v.p_max_mw), (0.98, 1.03, 200.0));
    assert_eq!((v.q_from_limits_mvar, v.q_to_limits_mvar), ((-60.0, 60.0), (-40.0, 50.0)));
    close(v.loss_mw, 0.15);
    close(v.loss_share, (1.0 + 1.0 + 2.0 * 20.0 / 150.0) / 150.0);
}

#[test]
fn what_is_left_out_is_counted() {
    let text = case(&[
        ("BUS", BUSES),
        ("MULTI-TERMINAL DC", "'M',1,1,1,1\n101,1\n1,101\n1,1\n"),
        ("FACTS DEVICE", "'F 1',101,0,1\n'F 2',102,0,1\n"),
        ("INDUCTION MACHINE", "101,'1',1\n"),
        ("AREA", "1,101,50.0\n"),
    ]);
    let notes: Vec<String> = read(&text).problems.iter().map(|p| p.message.clone()).collect();
    assert_eq!(
        notes,
        [
            "interchange between areas is not held (1 record)",
            "direct-current lines of many terminals are left out (1 record)",
            "FACTS devices are left out (2 records)",
            "induction machines are left out (1 record)"
        ]
    );
}

#[test]
fn revision_35_has_switches_substations_and_names_of_fields() {
    let text = "@!IC,SBASE,REV,XFRRAT,NXFRAT,BASFRQ
0, 100.0, 35, 0, 0, 60.0
title

GENERAL, THRSHZ=0.0001
0 / END OF SYSTEM-WIDE DATA, BEGIN BUS DATA
@!   I,'NAME        ', BASKV, IDE,AREA,ZONE,OWNER, VM,        VA,    NVHI,   NVLO,   EVHI,   EVLO
1,'A',220,3,1,1,1,1.0,0.0,1.1,0.9,1.1,0.9
2,'B',220,1,1,1,1,1.0,0.0,1.1,0.9,1.1,0.9
0 / END OF BUS DATA, BEGIN LOAD DATA
@!   I,'ID',STAT,AREA,ZONE,      PL,        QL,        IP,        IQ,        YP,        YQ, OWNER,SCALE,INTRPT,  DGENP,     DGENQ, DGENM,  LOADTYPE
2,'1',1,1,1,50,20,0,0,0,0,1,1,0,5,2,1,''
0 / END OF LOAD DATA, BEGIN FIXED SHUNT DATA
0 / END OF FIXED SHUNT DATA, BEGIN GENERATOR DATA
1,'1',45,0,9,-9,1.01,0,0,200,0,1,0,0,1,1,100,80,20,0,1,1
0 / END OF GENERATOR DATA, BEGIN BRANCH DATA
@!   I,     J,'CKT',      R,           X,           B,                    'N A M E'                 ,  RATE1,  RATE2,  RATE3,  RATE4,   GI,      BI,      GJ,      BJ,STAT,MET, LEN
1,2,'1',0.01,0.1,0.02,'LINE',70,80,90,0,0,0,0,0,1,1,0
0 / END OF BRANCH DATA, BEGIN SYSTEM SWITCHING DEVICE DATA
1,2,'S',0,10,20,30,0,0,0,0,0,0,0,0,0,0,1,1,2,'SW'
0 / END OF SYSTEM SWITCHING DEVICE DATA, BEGIN TRANSFORMER DATA
0 / END OF TRANSFORMER DATA, BEGIN AREA DATA
0
0
0
1, 0.9, 1.1, 0.0, 1.1, 0.9, 0.0
0.0, 0.0, 0.0
0
0
0
0
0
0
0
@!     I, 'ID',MODSW,ADJM,ST,  VSWHI,  VSWLO, SWREG,NREG, RMPCT,   'RMIDNT',     BINIT,S1,N1,    B1
2,'1',0,0,1,1,1,0,0,100,'',33,1,1,33
0
0
0 / END OF INDUCTION MACHINE DATA, BEGIN SUBSTATION DATA
1,'S1',47.5,9.25,0.1
1,'N1',1,1,1,0
2,'N2',2,1,1,0
0 / END OF SUBSTATION NODE DATA, BEGIN SUBSTATION SWITCHING DEVICE DATA
1,2,'1','D',2,1,1
0
1,1,'L','1'
0
0
Q
";
    let g = good(text);
    assert_eq!((g.loads[0].p_mw, g.loads[0].q_mvar), (45.0, 18.0));
    let unit = &g.generators[0];
    assert_eq!((unit.base_mva, unit.p_max_mw, unit.p_min_mw), (200.0, 80.0, 20.0));
    assert_eq!((g.branches[0].rate_short_mva, g.branches[0].in_service), (80.0, true));
    assert_eq!((g.branches[1].id.as_str(), g.branches[1].x_pu), ("1-2#S", 1e-5));
    assert!(!g.branches[1].in_service);
    assert_eq!(g.buses[1].shunt_b_mvar, 33.0);
    assert_eq!(g.buses[1].position, Some(Position { lon_deg: 9.25, lat_deg: 47.5 }));
}

#[test]
fn problems_name_line_column_and_field() {
    let text = case(&[
        ("BUS", BUSES),
        ("LOAD", "102,'1',1,1,1,5O,10\n"),
        ("FIXED SHUNT", "1O2,'1',1,1,1\n104,'1',1,1,1\n"),
        ("BRANCH", "101,102\n"),
    ]);
    assert_eq!(
        told(&text),
        [
            "x.raw:8:15: `5O` is not a number; PL of a record of LOAD data is one",
            "x.raw:10:1: I is `1O2`, which is no bus number from 1 to 999999",
            "x.raw:11:1: there is no bus `104` (did you mean `101`?)",
        ]
    );
    let text = case(&[("BUS", BUSES), ("BRANCH", "101,102\n")]);
    assert_eq!(told(&text), ["x.raw:11: the reactance X of 101-102 is missing"]);
}

#[test]
fn other_revisions_and_other_files_are_refused() {
    let thirty = case(&[]).replace("33, 0", "30, 0");
    assert!(told(&thirty)[0].contains("revision 30 of PSS/E cases is not read; 32 to 35 are"));
    assert!(told("function mpc = x\n")[0].contains("this is not a PSS/E case"));
    assert!(told("")[0].contains("this is not a PSS/E case"));
    assert!(told(&case(&[]))[0].ends_with("the case has no buses"));
    let none = case(&[("BUS", BUSES)]).replace(", 33, 0, 1, 50.0", "");
    assert!(told(&none)[0].contains("names no revision"));
    let other = case(&[("BUS", BUSES)]).replace("OF BUS DATA", "OF BUS DATA, BEGIN GENERATOR DATA");
    assert!(told(&other)[0].contains("announces GENERATOR data, but in revision 33 LOAD data"));
}

#[test]
fn cases_that_are_cut_off_are_told() {
    let rows = "101,102,0,'1',1,1,1,0,0,2,'T',1\n0.01,0.2,50\n1,0\n1,0\n";
    let text = case(&[("BUS", BUSES), ("TRANSFORMER", rows)]);
    let cut = &text[..text.find("0.01,0.2,50").unwrap()];
    let told_of_it = told(cut);
    assert!(told_of_it[0].contains("ends within its TRANSFORMER data"), "{told_of_it:?}");
    assert!(told_of_it[1].contains("the record that begins in line 12 is cut off"));
    let cut = &text[..text.find("0 / END OF LOAD").unwrap()];
    assert!(told(cut)[0].contains("ends within its LOAD data"));
    // `Q` may stand anywhere between sections.
    let short = format!("{HEAD}{BUSES}0\nQ\n");
    assert_eq!(told(&short), [] as [&str; 0]);
}

#[test]
fn a_written_grid_reads_back_the_same() {
    let bus = |id: &str, kind| Bus {
        id: id.into(),
        name: id.into(),
        kind,
        base_kv: 110.0,
        area: 1,
        zone: 1,
        shunt_b_mvar: 1.0 / 3.0,
        ..Bus::default()
    };
    let branch = |id: &str, kind, tap| Branch {
        id: id.into(),
        kind,
        from: "1".into(),
        to: "7".into(),
        r_pu: 0.1 / 3.0,
        x_pu: 0.2,
        tap,
        shift_deg: if tap == 1.0 { 0.0 } else { -15.0 },
        rate_mva: 77.0,
        in_service: tap == 1.0,
        ..Branch::<String>::default()
    };
    let load = |id: &str, p_mw| Load { id: id.into(), bus: "7".into(), p_mw, ..Load::default() };
    let grid = Grid {
        base_mva: 50.0,
        buses: vec![bus("1", BusKind::Reference), bus("7", BusKind::Load)],
        branches: vec![
            branch("1-7", BranchKind::Line, 1.0),
            branch("1-7#T", BranchKind::Transformer, 1.05),
        ],
        generators: vec![Generator {
            id: "gen@1".into(),
            bus: "1".into(),
            p_mw: 3.0,
            p_max_mw: 10.0,
            q_min_mvar: -5.0,
            q_max_mvar: 5.0,
            base_mva: 60.0,
            ..Generator::default()
        }],
        loads: vec![load("load@7", 1.0 / 7.0), load("load@7#B", 2.0)],
        dc_lines: vec![DcLine {
            id: "dc1-7".into(),
            from: "1".into(),
            to: "7".into(),
            p_mw: 4.0,
            p_max_mw: 8.0,
            vm_to_pu: 1.03,
            loss_mw: 0.25,
            loss_share: 0.125,
            q_to_limits_mvar: (-3.0, 2.0),
            ..DcLine::default()
        }],
        storages: Vec::new(),
    };
    for revision in [Revision::R33, Revision::R34, Revision::R35] {
        let (text, notes) = write(&grid, Path::new("x.raw"), revision);
        assert_eq!(good(&text), grid, "{revision:?}\n{text}");
        assert_eq!(notes.len(), 1, "{notes:?}");
    }
    let mut placed = grid;
    placed.buses[0].position = Some(Position { lon_deg: 9.0, lat_deg: 47.0 });
    let (text, notes) = write(&placed, Path::new("x.raw"), Revision::R35);
    assert_eq!((good(&text), notes.len()), (placed, 1));
}

#[test]
fn ids_that_are_no_numbers_become_names() {
    let mut grid = good(&case(&[("BUS", BUSES), ("BRANCH", "101,102,'1',0,0.1\n")]));
    for (b, id) in grid.buses.iter_mut().zip(["a", "b", "a name longer than twelve"]) {
        b.id = id.into();
    }
    grid.branches[0].from = "a".into();
    grid.branches[0].to = "b".into();
    let (text, notes) = write(&grid, Path::new("x.raw"), Revision::R33);
    let again = good(&text);
    assert_eq!((again.branches[0].from.as_str(), again.branches[0].to.as_str()), ("1", "2"));
    assert_eq!(again.buses[2].name, "a name longe");
    let all: String = notes.iter().map(ToString::to_string).collect();
    assert!(all.contains("numbered from 1") && all.contains("beyond 12 characters"), "{all}");
}
