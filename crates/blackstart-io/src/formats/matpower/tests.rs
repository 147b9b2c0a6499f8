use std::path::Path;

use blackstart::region::{BranchKind, Cost, GeneratorKind, Grid, Table};

use super::parse;
use crate::formats::Parsed;
use crate::problem::Severity;

const BUS: &str = "mpc.bus = [
	1	3	0	0	0	0	1	1	0	110	1	1.1	0.9;
	2	1	50	10	0	0	1	1	0	110	1	1.1	0.9;
	3	1	20	5	1	2	1	0.98	-3	10	1	1.1	0.9;
];
";
const GEN: &str = "mpc.gen = [
	1	60	0	30	-30	1.02	100	1	100	10	0	0	0	0	0	0	0	0	0	0	0;
];
";
const BRANCH: &str = "mpc.branch = [
	1	2	0.01	0.1	0.02	80	0	0	0	0	1	-360	360;
	1	2	0.01	0.1	0.02	0	0	0	0	0	0	-360	360;
	2	3	0.01	0.2	0	40	0	0	1.05	30	1	-360	360;
];
";

fn case(extra: &str) -> String {
    format!(
        "function mpc = tiny\nmpc.version = '2';\nmpc.baseMVA = 100;\n{BUS}{GEN}{BRANCH}{extra}"
    )
}

fn read(text: &str) -> Parsed<Grid<String>> {
    parse(text, Path::new("tiny.m"))
}

/// Reads a text that has no errors.
fn good(text: &str) -> Grid<String> {
    let parsed = read(text);
    let bad: Vec<_> = parsed.problems.iter().filter(|p| p.severity != Severity::Note).collect();
    assert!(bad.is_empty(), "{bad:?}");
    parsed.value
}

/// The one error of a text, as it is printed.
fn error(text: &str) -> String {
    let parsed = read(text);
    let errors: Vec<_> = parsed.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{:?}", parsed.problems);
    errors[0].to_string()
}

fn warnings(text: &str) -> Vec<String> {
    let parsed = read(text);
    assert!(parsed.problems.iter().all(|p| p.severity != Severity::Error), "{:?}", parsed.problems);
    let warned = parsed.problems.iter().filter(|p| p.severity == Severity::Warning);
    warned.map(ToString::to_string).collect()
}

#[test]
fn a_case_becomes_a_grid() {
    let g = good(&case(""));
    assert_eq!(g.base_mva, 100.0);
    let ids: Vec<_> = g.branches.iter().map(|b| b.id.as_str()).collect();
    assert_eq!(ids, ["1-2", "1-2#2", "2-3"]);
    assert_eq!(g.branches[0].rate_mva, 80.0);
    assert_eq!(g.branches[1].rate_mva, f64::INFINITY);
    assert!(g.branches[0].in_service && !g.branches[1].in_service);
    assert_eq!(g.branches[0].kind, BranchKind::Line);
    assert_eq!((g.branches[0].tap, g.branches[2].tap), (1.0, 1.05));
    assert_eq!((g.branches[2].kind, g.branches[2].shift_deg), (BranchKind::Transformer, 30.0));
    let loads: Vec<_> = g.loads.iter().map(|l| (l.id.as_str(), l.p_mw, l.q_mvar)).collect();
    assert_eq!(loads, [("load@2", 50.0, 10.0), ("load@3", 20.0, 5.0)]);
    assert_eq!((g.buses[2].shunt_g_mw, g.buses[2].shunt_b_mvar), (1.0, 2.0));
    assert_eq!((g.buses[2].vm_pu, g.buses[2].va_deg, g.buses[2].base_kv), (0.98, -3.0, 10.0));
    let gen1 = &g.generators[0];
    assert_eq!((gen1.id.as_str(), gen1.bus.as_str()), ("gen1@1", "1"));
    assert_eq!((gen1.p_min_mw, gen1.p_max_mw, gen1.p_mw), (10.0, 100.0, 60.0));
    assert_eq!((gen1.q_min_mvar, gen1.q_max_mvar, gen1.vm_pu), (-30.0, 30.0, 1.02));
    assert!(gen1.in_service && gen1.fuel_h.is_infinite());
}

#[test]
fn a_transformer_is_also_told_by_its_voltages() {
    let g = good(&case("mpc.branch(3, [TAP SHIFT]) = 0;"));
    assert_eq!(g.branches[2].kind, BranchKind::Transformer);
    assert_eq!((g.branches[2].tap, g.branches[2].shift_deg), (1.0, 0.0));
}

#[test]
fn commas_continuations_comments_and_expressions_stand_in_matrices() {
    let text = case("")
        .replacen("110	1	1.1	0.9;\n	2", "190.5/sqrt(3) 1 1.1 .9;;\n\n	2", 1)
        .replace("	2	1	50	10	", "# octave\n %{\n nothing\n %}\n 2, 1, ... more\n 100/2 20 - 10 ")
        .replace("	100	1	100	10	", " 100 1 1/0 -Inf ")
        .replace("1	2	0.01	0.1	0.02	80", "1 2 1e-2 0.1 2.d-2 (40 + 4*10) ... rated\n")
        .replace("1	-360	360;\n]", "1, -2*180, +360]");
    let g = good(&text);
    assert_eq!(g.loads[0].p_mw, 50.0);
    assert_eq!(g.loads[0].q_mvar, 10.0);
    assert!(
        g.generators[0].p_max_mw.is_infinite() && g.generators[0].p_min_mw == f64::NEG_INFINITY
    );
    assert_eq!(
        (g.branches[0].r_pu, g.branches[0].b_pu, g.branches[0].rate_mva),
        (0.01, 0.02, 80.0)
    );
    assert!((g.buses[0].base_kv - 109.985).abs() < 1e-3);
    assert_eq!(g.branches.len(), 3);
}

#[test]
fn a_blank_before_a_touching_sign_begins_an_element() {
    // [1 -2] has two elements; [1 - 2] and [1 -2*3 ...] differ.
    let g =
        good(&case("x = [1 -2]; y = [5 - 2]; z = [1 -2 * 3];\nmpc.bus(2, [PD QD]) = x + y + z;"));
    assert_eq!((g.loads[0].p_mw, g.loads[0].q_mvar), (5.0, -5.0));
}

#[test]
fn unit_conversions_after_the_matrices_are_run() {
    let code = "
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
[F, T, R, X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = mpc.baseMVA * 1e6;
mpc.branch(:, [R X]) = mpc.branch(:, [R X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
pf = 0.85;
mpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));
mpc.bus(:, PD) = mpc.bus(:, PD) * pf;
";
    let g = good(&case(code));
    assert!((g.branches[0].x_pu - 0.1 / 121.0).abs() < 1e-15);
    assert!((g.loads[0].p_mw - 0.05 * 0.85).abs() < 1e-15);
    assert!((g.loads[0].q_mvar - 0.05 * 0.526_782_687).abs() < 1e-9);
}

#[test]
fn blocks_selections_and_removals_are_run() {
    let code = "
define_constants;
fixed = 0;
if fixed
  mpc.bus(:, PD) = 0;
elseif mpc.baseMVA > 50 && ~fixed
  k = find(mpc.bus(:, PD) > 30 | isinf(mpc.bus(:, PD)));
  mpc.bus(k, PD) = mpc.bus(k, PD) * 2;
else
  mpc.bus(:, QD) = 0;
end
mpc.bus(mpc.bus(:, QD) < 6, QD) = [7; 8];
mpc.branch(end, :) = [];
mpc.gen(1, PMAX) = max(sum(mpc.bus(:, PD)), 1);
";
    let parsed = read(&case(code));
    let g = parsed.value;
    assert_eq!((g.loads[1].p_mw, g.loads[1].q_mvar), (100.0, 10.0));
    assert_eq!((g.loads[0].q_mvar, g.loads[2].q_mvar), (7.0, 8.0));
    assert_eq!((g.branches.len(), g.generators[0].p_max_mw), (2, 120.0));
    assert_eq!(parsed.problems, []);
}

#[test]
fn names_fuels_types_and_dc_lines_are_used() {
    let g = good(&case(
        "mpc.bus_name = {'North ''A'''; 'South'; ''};
mpc.gentype = {'W2'};
mpc.dcline = [1 3 1 10 8.9 0 0 1 1 -20 30 0 0 0 0 1 0.01; 1 3 0 0 0 0 0 1 1 0 5 0 0 0 0 0 0];",
    ));
    let names: Vec<_> = g.buses.iter().map(|b| b.name.as_str()).collect();
    assert_eq!(names, ["North 'A'", "South", "3"]);
    assert_eq!(g.generators[0].kind, GeneratorKind::Wind);
    let d = &g.dc_lines[0];
    assert_eq!((d.p_min_mw, d.p_max_mw, d.loss_mw, d.loss_share), (-20.0, 30.0, 1.0, 0.01));
    assert_eq!((d.id.as_str(), g.dc_lines[1].id.as_str()), ("dc1-3", "dc1-3#2"));
    assert!(d.in_service && !g.dc_lines[1].in_service);
    let g = good(&case("mpc.genfuel = {'nuclear'}; mpc.gentype = {'ST'};"));
    assert_eq!(g.generators[0].kind, GeneratorKind::Nuclear);
}

#[test]
fn isolated_buses_are_out_of_service() {
    let g = good(&case("mpc.bus(2, 2) = NONE;"));
    assert!(!g.buses[1].in_service && g.buses[0].in_service);
}

#[test]
fn the_case_may_have_another_name() {
    let text = case("").replace("mpc", "s");
    assert_eq!(good(&text).buses.len(), 3);
}

#[test]
fn what_is_not_used_is_noted_once_with_its_line() {
    let parsed =
        read(&case("mpc.reserves = [2 0 0 3 0 1 0];\nmpc.areas = [1 1];\nmpc.x.y = {1};\n"));
    let notes: Vec<_> = parsed.problems.iter().map(|p| (p.severity, p.line)).collect();
    assert_eq!(notes, [(Severity::Note, 17), (Severity::Note, 18), (Severity::Note, 19)]);
}

#[test]
fn costs_limits_and_storages_are_kept() {
    let text = case(
        "mpc.gen = [mpc.gen; mpc.gen];\n\
         mpc.gencost = [2 0 0 3 0.1 20 5 0; 1 0 0 2 0 0 10 300];\n\
         mpc.storage = [2 1 2 30 40 5 6 0.9 0.8 0 -7 8 0.1 0.2 0.3 0.4 1];\n",
    );
    let parsed = read(&text);
    let g = &parsed.value;
    assert_eq!(g.generators[0].cost, Some(Cost::Polynomial(vec![0.1, 20.0, 5.0])));
    assert_eq!(g.generators[1].cost, Some(Cost::Piecewise(vec![(0.0, 0.0), (10.0, 300.0)])));
    let s = &g.storages[0];
    assert_eq!((s.bus.as_str(), s.energy_max_mwh, s.discharge_max_mw), ("2", 40.0, 6.0));
    assert_eq!((s.rate_mva, s.q_max_mvar, s.in_service), (f64::INFINITY, 8.0, true));
}

#[test]
fn functions_after_the_case_are_ignored_with_a_note() {
    let parsed = read(&case("end\nfunction x = f(y)\nmpc.bus = 3;\n"));
    assert_eq!(parsed.problems.len(), 1);
    assert!(parsed.problems[0].to_string().contains("not run"));
    assert_eq!(parsed.value.buses.len(), 3);
}

#[test]
fn code_that_cannot_be_run_is_told_with_its_line() {
    let w = warnings(&case(
        "mpc.bus(:, PD) = scale(mpc.bus(:, PD), 'x');\nfor k = 1:3\n y = k;\nend\nprintf('hello');\n",
    ));
    assert_eq!(w.len(), 3);
    assert!(w[0].starts_with("tiny.m:17: this change of `mpc.bus` is ignored"), "{}", w[0]);
    assert!(w[1].starts_with("tiny.m:18: this `for` block is not run"), "{}", w[1]);
    assert!(w[2].starts_with("tiny.m:21: this statement is ignored"), "{}", w[2]);
}

#[test]
fn a_stale_value_does_not_stand_in_for_one_that_failed() {
    let w = warnings(&case("k = 2; k = mystery(3);\nmpc.bus(:, PD) = k;"));
    assert!(w[0].contains("`k` is not known"), "{w:?}");
}

#[test]
fn errors_name_file_line_and_column() {
    let text = case("").replace("	20	5	1", "	2O	5	1");
    assert_eq!(
        error(&text),
        "tiny.m:7:6: `2O` in `mpc.bus` is not a number (a number such as 1.5, 2e-3 or Inf, or an \
         expression such as 1/30)"
    );
    let text = case("").replace("	1.1	0.9;\n	3	1", "	1.1;\n	3	1");
    assert!(
        error(&text).starts_with("tiny.m:6: row 2 of `mpc.bus` has 12 values"),
        "{}",
        error(&text)
    );
    let text = case("").replace("	40	0	0	1.05", "	40	0	1.05");
    assert_eq!(
        error(&text),
        "tiny.m:15: row 3 of `mpc.branch` has 12 values, the rows above have 13"
    );
}

#[test]
fn truncated_matrices_are_told_where_they_open() {
    let text = case("");
    let cut = &text[..text.find("	2	3	0.01").unwrap()];
    assert!(error(cut).contains("`mpc.branch` opened in line 12 is not closed"), "{}", error(cut));
    let text = case("").replacen("];\n", "\n", 1);
    assert!(error(&text).contains("`mpc.bus` opened in line 4 is not closed"), "{}", error(&text));
}

#[test]
fn missing_parts_are_told() {
    for (part, name) in [(BUS, "mpc.bus"), (GEN, "mpc.gen"), (BRANCH, "mpc.branch")] {
        assert!(error(&case("").replace(part, "")).contains(&format!("no `{name}`")));
    }
    let text = case("").replace("mpc.baseMVA", "mpc.baseMva");
    assert_eq!(
        error(&text),
        "tiny.m:3: the case has no `mpc.baseMVA` (is `mpc.baseMva` meant for it?)"
    );
    assert!(error("").contains("not a MATPOWER case"));
    assert!(error("lorem ipsum\ndolor\n").contains("not a MATPOWER case"));
}

#[test]
fn other_versions_are_refused() {
    assert!(error(&case("").replace("'2'", "'1'")).contains("version `1` is not read"));
    let one = "function [baseMVA, bus, gen, branch, areas, gencost] = case3\nbaseMVA = 100;\nbus = [1 2 3];\n";
    assert!(error(one).starts_with("tiny.m:1: this is a MATPOWER case of version 1"));
    assert!(
        warnings(&case("").replace("mpc.version = '2';", ""))[0].contains("looks like version 2")
    );
    let few = case("").replace("mpc.version = '2';", "").replace("	0	0	0	0	0	0	0	0	0	0	0;", ";");
    assert!(error(&few).contains("no `mpc.version`"));
}

#[test]
fn narrow_tables_and_broken_bus_numbers_are_errors() {
    let narrow = case("mpc.gen = [1 2 3];");
    assert!(error(&narrow).contains("`mpc.gen` has 3 columns, at least 10 are needed"));
    let half = case("").replace("	2	3	0.01", "	2	3.5	0.01");
    assert!(error(&half).starts_with("tiny.m:15:4: bus number 3.5"), "{}", error(&half));
}

#[test]
fn sources_know_lines_and_columns() {
    let parsed = read(&case(""));
    let at = |table, row, field| {
        let p = parsed.sources.place(table, row, field).unwrap();
        (p.line, p.column)
    };
    assert_eq!(at(Table::Buses, 1, "id"), (6, 2));
    assert_eq!(at(Table::Branches, 2, "x_pu"), (15, 11));
    assert_eq!(at(Table::Loads, 1, "p_mw"), (7, 6));
    assert_eq!(at(Table::Generators, 0, "p_max_mw").0, 10);
    assert_eq!(at(Table::Buses, 0, "no_such_field"), (5, 0));
}

#[test]
fn hostile_texts_are_bounded() {
    let deep = format!("mpc.bus = {}1{};", "(".repeat(100_000), ")".repeat(100_000));
    assert!(!read(&deep).problems.is_empty());
    let signs = format!("x = {}1;", "-".repeat(100_000));
    assert!(!read(&signs).problems.is_empty());
    let huge =
        case("x = zeros(1e6, 1e6); y = 1:1e300; z = ones(2000, 2000); z = z + z; z = [z z; z z];");
    assert!(!read(&huge).problems.is_empty());
    let bad = case(&format!("mpc.bus = [{}];", "x ".repeat(200_000)));
    assert!(read(&bad).problems.len() < 60);
}
