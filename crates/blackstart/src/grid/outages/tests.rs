//! Quick answers against a power flow of every outage.

use super::row::Before;
use super::{
    Detail, DetailRow, Element, OutageOptions, OutageRow, OutageStatus, Outages, every_element,
    full, outages,
};
use crate::grid::power_flow::{Method, PowerFlowOptions, PowerFlowSolver};
use crate::grid::snapshot::Snapshot;
use crate::region::{
    Branch, BranchIdx, Bus, BusIdx, BusKind, DcLine, Generator, GeneratorIdx, Grid, Load,
};
use proptest::prelude::*;

fn options(method: Method, detail: Detail) -> OutageOptions {
    OutageOptions { power_flow: PowerFlowOptions { method, ..PowerFlowOptions::default() }, detail }
}

/// Every outage by a power flow of its own.
fn one_by_one(
    grid: &Grid,
    at: &Snapshot,
    elements: &[Element],
    options: &OutageOptions,
) -> Outages {
    let mut solver = PowerFlowSolver::new(grid);
    let flow = solver.solve(grid, at, &options.power_flow);
    let before = Before::new(grid, at, &flow, options);
    let (mut rows, mut detail) = (vec![None; elements.len()], Vec::new());
    full::fill(grid, at, &mut solver, &before, elements, options, &mut rows, &mut detail);
    Outages {
        before: before.row,
        elements: elements.to_vec(),
        rows: rows.into_iter().flatten().collect(),
        detail,
    }
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

/// The first thing in which two rows differ.
fn difference(a: &OutageRow, b: &OutageRow, tolerance: f64) -> Option<String> {
    let same = |x: f64, y: f64| near(x, y, tolerance);
    let checks = [
        ("status", std::mem::discriminant(&a.status) == std::mem::discriminant(&b.status)),
        ("islands", a.islands_formed == b.islands_formed),
        ("dark", a.buses_dark == b.buses_dark),
        ("load lost", same(a.load_lost_mw, b.load_lost_mw)),
        ("loading", same(a.worst_loading_percent, b.worst_loading_percent)),
        ("overloads", a.overloads == b.overloads),
        ("short-term overloads", a.overloads_short == b.overloads_short),
        ("lowest voltage", same(a.vm_lowest_pu, b.vm_lowest_pu)),
        ("highest voltage", same(a.vm_highest_pu, b.vm_highest_pu)),
        ("violations", a.voltage_violations == b.voltage_violations),
        ("imbalance", same(a.imbalance_mw.abs(), b.imbalance_mw.abs())),
    ];
    checks.iter().find(|c| !c.1).map(|c| format!("{}: {a:?} and {b:?}", c.0))
}

/// Compares the quick analysis with [`one_by_one`], flows of all branches included.
fn check(grid: &Grid, at: &Snapshot, method: Method, tolerance: f64) -> Result<Outages, String> {
    let elements = every_element(grid, at);
    let options = options(method, Detail::All);
    let quick = outages(grid, at, &elements, &options);
    let slow = one_by_one(grid, at, &elements, &options);
    for (i, (a, b)) in quick.rows.iter().zip(&slow.rows).enumerate() {
        let unsolved = matches!(b.status, OutageStatus::Failed { .. });
        if unsolved && matches!(a.status, OutageStatus::Failed { .. }) {
            continue;
        }
        if let Some(what) = difference(a, b, tolerance) {
            return Err(format!("{:?}: {what}", elements[i]));
        }
    }
    let solved = |d: &&DetailRow| quick.rows[d.outage as usize].status == OutageStatus::Solved;
    let (mut left, mut right) =
        (quick.detail.iter().filter(solved), slow.detail.iter().filter(solved));
    loop {
        match (left.next(), right.next()) {
            (None, None) => break,
            (Some(a), Some(b)) => {
                let same = (a.outage, a.branch) == (b.outage, b.branch)
                    && near(a.p_before_mw, b.p_before_mw, tolerance)
                    && near(a.p_after_mw, b.p_after_mw, tolerance)
                    && near(a.before_percent, b.before_percent, tolerance)
                    && near(a.after_percent, b.after_percent, tolerance);
                if !same {
                    return Err(format!("{:?}: {a:?} and {b:?}", elements[a.outage as usize]));
                }
            }
            (a, b) => return Err(format!("detail: {a:?} and {b:?}")),
        }
    }
    Ok(quick)
}

fn line(from: u32, to: u32, x: f64, rate: f64) -> Branch {
    Branch {
        id: format!("{from}-{to}"),
        from: BusIdx(from),
        to: BusIdx(to),
        r_pu: x / 10.0,
        x_pu: x,
        rate_mva: rate,
        rate_short_mva: rate * 1.2,
        ..Branch::default()
    }
}

fn unit(bus: u32, p: f64, most: f64) -> Generator {
    Generator { bus: BusIdx(bus), p_mw: p, p_max_mw: most, ..Generator::default() }
}

fn load(bus: u32, p: f64) -> Load {
    Load { bus: BusIdx(bus), p_mw: p, q_mvar: p / 5.0, ..Load::default() }
}

fn grid(
    kinds: &[BusKind],
    branches: Vec<Branch>,
    generators: Vec<Generator>,
    loads: Vec<Load>,
) -> Grid {
    let buses = kinds.iter().map(|&kind| Bus { kind, ..Bus::default() }).collect();
    Grid { base_mva: 100.0, buses, branches, generators, loads, ..Grid::default() }
}

use BusKind::{Generator as Pv, Load as Pq, Reference as Slack};

#[test]
fn a_ring_with_a_spur_by_hand() {
    // A ring 0-1-2 of equal reactances, the reference at 0, 90 MW at 2 and a spur 2-3
    // with 30 MW. Two thirds of the 120 MW go 0-2, one third 0-1-2.
    let lines = vec![
        line(0, 1, 0.1, 50.0),
        line(1, 2, 0.1, 50.0),
        line(0, 2, 0.1, 100.0),
        line(2, 3, 0.1, 40.0),
    ];
    let g = grid(
        &[Slack, Pq, Pq, Pq],
        lines,
        vec![unit(0, 0.0, 200.0)],
        vec![load(2, 90.0), load(3, 30.0)],
    );
    let at = Snapshot::of(&g);
    let got = check(&g, &at, Method::Dc, 1e-9).unwrap();
    assert!(near(got.before.worst_loading_percent, 80.0, 1e-9));
    assert!(near(got.before.imbalance_mw, 120.0, 1e-9));
    // Without 0-2 all 120 MW go round the other way.
    let row = &got.rows[2];
    assert!(near(row.worst_loading_percent, 240.0, 1e-9));
    assert_eq!((row.overloads, row.overloads_short, row.islands_formed), (2, 2, 0));
    assert_eq!(row.worst_branch, Some(BranchIdx(0)));
    // Without the spur its 30 MW are lost and the reference gives up as much.
    let row = &got.rows[3];
    assert_eq!((row.islands_formed, row.buses_dark), (1, 1));
    assert!(near(row.load_lost_mw, 30.0, 1e-12) && near(row.imbalance_mw, -30.0, 1e-9));
    assert!(near(row.worst_loading_percent, 60.0, 1e-9));
    // Without the only unit everything is dark.
    let row = &got.rows[4];
    assert_eq!((row.buses_dark, row.worst_branch, row.imbalance_bus), (4, None, None));
    assert!(near(row.load_lost_mw, 120.0, 1e-12));
}

#[test]
fn a_split_between_two_areas_with_units() {
    // Area 0-1 exports 40 MW over the tie 1-2 to area 2-3, whose unit is at 3.
    let lines = vec![
        line(0, 1, 0.1, 100.0),
        line(1, 2, 0.2, 50.0),
        line(2, 3, 0.1, 100.0),
        line(3, 2, 0.3, 60.0),
    ];
    let units = vec![unit(0, 100.0, 200.0), unit(3, 60.0, 150.0), unit(3, 10.0, 20.0)];
    let loads = vec![load(1, 60.0), load(2, 90.0), load(3, 20.0)];
    let g = grid(&[Slack, Pq, Pq, Pv], lines, units, loads);
    let got = check(&g, &Snapshot::of(&g), Method::Dc, 1e-9).unwrap();
    // The importing side must take up 40 MW at bus 3, whose local lines then carry 90.
    let row = &got.rows[1];
    assert_eq!((row.islands_formed, row.buses_dark, row.imbalance_bus), (1, 0, Some(BusIdx(3))));
    assert!(near(row.imbalance_mw, 40.0, 1e-9));
    assert!(near(row.worst_loading_percent, 67.5, 1e-9), "{row:?}");
    // The reference lost: bus 3 takes over its 100 MW, backwards over the tie.
    let row = &got.rows[4];
    assert_eq!((row.status, row.imbalance_bus), (OutageStatus::Solved, Some(BusIdx(3))));
    assert!(near(row.imbalance_mw, 100.0, 1e-9));
    assert!(near(row.worst_loading_percent, 120.0, 1e-9));
}

#[test]
fn several_units_at_the_reference_and_negative_reactance() {
    let lines = vec![
        line(0, 1, 0.1, 50.0),
        line(1, 2, -0.03, 50.0),
        line(0, 2, 0.2, 30.0),
        line(0, 2, 0.2, 30.0),
    ];
    let units = vec![unit(0, 10.0, 50.0), unit(0, 20.0, 50.0), unit(2, 5.0, 80.0)];
    let g = grid(&[Slack, Pq, Pv], lines, units, vec![load(1, 60.0), load(2, 10.0)]);
    let got = check(&g, &Snapshot::of(&g), Method::Dc, 1e-9).unwrap();
    // The first unit closes the balance with 45 MW; the second then does.
    assert!(near(got.rows[4].imbalance_mw, 45.0, 1e-9));
    assert!(near(got.rows[5].imbalance_mw, 20.0, 1e-9));
    assert_eq!(got.rows[4].imbalance_bus, Some(BusIdx(0)));
}

#[test]
fn elements_by_name_and_those_already_out() {
    let mut lines = vec![line(0, 1, 0.1, 50.0), line(0, 1, 0.1, 50.0)];
    lines[1].in_service = false;
    let g = grid(&[Slack, Pq], lines, vec![unit(0, 10.0, 50.0)], vec![load(1, 60.0)]);
    let at = Snapshot::of(&g);
    assert_eq!(
        every_element(&g, &at),
        [Element::Branch(BranchIdx(0)), Element::Generator(GeneratorIdx(0))]
    );
    let out = Element::Branch(BranchIdx(1));
    assert_eq!((out.kind(&g), out.id(&g)), ("line", "0-1"));
    let got = outages(
        &g,
        &at,
        &[out, Element::Branch(BranchIdx(0))],
        &options(Method::Dc, Detail::AtLeast(50.0)),
    );
    let unchanged = OutageRow { imbalance_mw: 0.0, imbalance_bus: None, ..got.before };
    assert_eq!(difference(&got.rows[0], &unchanged, 0.0), None);
    assert_eq!((got.rows[1].buses_dark, got.detail.len()), (1, 1));
    assert!(near(got.detail[0].after_percent, 120.0, 1e-9));
}

fn random_grid() -> impl Strategy<Value = (Grid, Snapshot)> {
    (2u32..14).prop_flat_map(|n| {
        let size = n as usize;
        let branch =
            (0..n, 0..n, 0.02f64..0.5, 20.0f64..120.0, -4.0f64..4.0, prop::bool::weighted(0.95));
        let units = prop::collection::vec((0..n, -10.0f64..80.0, -20.0f64..100.0), 0..=size);
        let loads = prop::collection::vec((0..n, -10.0f64..60.0), 0..=size);
        let kinds = prop::collection::vec(
            prop_oneof![12 => Just(Pq), 6 => Just(Pv), 1 => Just(Slack)],
            size,
        );
        let dc = prop::collection::vec((0..n, 0..n, 0.0f64..20.0), 0..2);
        (kinds, prop::collection::vec(branch, size..=2 * size), units, loads, dc).prop_map(
            |(kinds, branches, units, loads, dc)| {
                let branches = branches
                    .into_iter()
                    .map(|(f, t, x, rate, shift, live)| Branch {
                        shift_deg: if shift > 3.0 { shift } else { 0.0 },
                        in_service: live,
                        ..line(f, t, x, rate)
                    })
                    .collect();
                let units = units.into_iter().map(|(b, p, most)| unit(b, p, most)).collect();
                let loads = loads.into_iter().map(|(b, p)| load(b, p)).collect();
                let mut g = grid(&kinds, branches, units, loads);
                g.dc_lines = dc
                    .into_iter()
                    .map(|(f, t, p)| DcLine {
                        from: BusIdx(f),
                        to: BusIdx(t),
                        p_mw: p,
                        loss_share: 0.02,
                        p_max_mw: 50.0,
                        ..DcLine::default()
                    })
                    .collect();
                let at = Snapshot::of(&g);
                (g, at)
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn dc_rows_are_those_of_a_power_flow_each((g, at) in random_grid()) {
        let got = check(&g, &at, Method::Dc, 1e-7);
        prop_assert!(got.is_ok(), "{}", got.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn ac_rows_are_those_of_a_power_flow_each((g, at) in random_grid()) {
        let got = check(&g, &at, Method::Newton, 1e-5);
        prop_assert!(got.is_ok(), "{}", got.unwrap_err());
    }
}
