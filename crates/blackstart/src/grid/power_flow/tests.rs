use super::super::{Snapshot, dc_power_flow};
use super::{IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver};
use crate::region::{Branch, Bus, BusIdx, BusKind, DcLine, Generator, Grid, Load};

pub(super) fn bus(kind: BusKind) -> Bus {
    Bus { kind, ..Bus::default() }
}

pub(super) fn line(from: u32, to: u32, r_pu: f64, x_pu: f64, b_pu: f64) -> Branch {
    Branch { from: BusIdx(from), to: BusIdx(to), r_pu, x_pu, b_pu, ..Branch::default() }
}

pub(super) fn unit(bus: u32, p_mw: f64, vm_pu: f64) -> Generator {
    Generator { bus: BusIdx(bus), p_mw, vm_pu, p_max_mw: 1_000.0, ..Generator::default() }
}

pub(super) fn load(bus: u32, p_mw: f64, q_mvar: f64) -> Load {
    Load { bus: BusIdx(bus), p_mw, q_mvar, in_service: true, ..Load::default() }
}

/// Two rings of three buses, joined by one branch; a reference in the first, a unit in the
/// second.
pub(super) fn two_rings() -> Grid {
    use BusKind::{Generator, Load, Reference};
    let kinds = [Reference, Load, Load, Load, Generator, Load];
    let ends = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)];
    Grid {
        base_mva: 100.0,
        buses: kinds.into_iter().map(bus).collect(),
        branches: ends.iter().map(|&(f, t)| line(f, t, 0.01, 0.08, 0.02)).collect(),
        generators: vec![unit(0, 20.0, 1.02), unit(4, 60.0, 1.01)],
        loads: vec![load(1, 40.0, 10.0), load(2, 10.0, 5.0), load(5, 30.0, 12.0)],
        ..Grid::default()
    }
}

pub(super) fn solve(grid: &Grid, at: &Snapshot, options: &PowerFlowOptions) -> PowerFlow {
    PowerFlowSolver::new(grid).solve(grid, at, options)
}

fn dc() -> PowerFlowOptions {
    PowerFlowOptions { method: Method::Dc, ..PowerFlowOptions::default() }
}

#[test]
fn dc_agrees_with_the_plain_dc_flow() {
    let mut grid = two_rings();
    grid.buses[0].va_deg = 7.0;
    grid.buses[3].shunt_g_mw = 4.0;
    grid.branches[3].shift_deg = 2.0;
    let at = Snapshot::of(&grid);
    let got = solve(&grid, &at, &dc());
    assert!(got.solved());
    let injection = [20.0, -40.0, -10.0, -4.0, 60.0, -30.0];
    let up = vec![true; 7];
    let expected = dc_power_flow(&grid, &at.bus_in_service, &up, &injection, &[BusIdx(0)]);
    for (g, e) in got.branch_p_from_mw.iter().zip(&expected.flow_mw) {
        assert!((g - e).abs() < 1e-9);
    }
    for (g, e) in got.va_deg.iter().zip(&expected.angle_rad) {
        assert!((g - 7.0 - e.to_degrees()).abs() < 1e-9);
    }
    // The first unit at the reference makes what is missing: 84 MW less 60 MW.
    assert!((got.generator_p_mw[0] - 24.0).abs() < 1e-9 && got.generator_p_mw[1] == 60.0);
}

#[test]
fn islands_have_their_own_references_and_dark_ones_say_so() {
    let mut grid = two_rings();
    grid.buses.push(bus(BusKind::Load));
    grid.loads.push(load(6, 3.0, 0.0));
    let mut at = Snapshot::of(&grid);
    at.branch_in_service[3] = false;
    let got = solve(&grid, &at, &dc());
    assert_eq!(got.island, [0, 0, 0, 1, 1, 1, 2]);
    assert_eq!(got.islands[1].reference, BusIdx(4));
    assert_eq!(got.islands[2].status, IslandStatus::NoGenerator);
    assert!((got.generator_p_mw[0] - 50.0).abs() < 1e-9);
    assert!((got.generator_p_mw[1] - 30.0).abs() < 1e-9);
    assert_eq!((got.vm_pu[6], got.vm_pu[5]), (0.0, 1.0));
    // A direct-current line to a dark island carries nothing; between lit ones it does.
    let link = |to| DcLine {
        from: BusIdx(1),
        to: BusIdx(to),
        p_mw: 10.0,
        loss_mw: 1.0,
        ..DcLine::default()
    };
    for (to, expected) in [(6, 50.0), (5, 60.0)] {
        grid.dc_lines = vec![link(to)];
        let mut at = Snapshot::of(&grid);
        at.branch_in_service[3] = false;
        let got = solve(&grid, &at, &dc());
        assert!((got.generator_p_mw[0] - expected).abs() < 1e-9);
        let other = if to == 5 { 21.0 } else { 30.0 };
        assert!((got.generator_p_mw[1] - other).abs() < 1e-9);
    }
}

#[test]
fn what_is_not_a_number_closes_its_island_only() {
    let grid = two_rings();
    let mut at = Snapshot::of(&grid);
    at.branch_in_service[3] = false;
    at.load_p_mw[2] = f64::NAN;
    let got = solve(&grid, &at, &dc());
    assert_eq!(got.islands[0].status, IslandStatus::Solved);
    assert_eq!(got.islands[1].status, IslandStatus::NotANumber { bus: BusIdx(5) });
    assert!(got.va_deg.iter().all(|v| v.is_finite()));
}
