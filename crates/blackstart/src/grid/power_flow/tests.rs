use super::super::{Snapshot, dc_power_flow};
use super::{IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, Start, Tables};
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

fn newton() -> PowerFlowOptions {
    PowerFlowOptions::default()
}

/// Generation less demand less losses less shunts, MW and `MVAr`, of a solved flow whose
/// loads are those of `grid`.
fn balance(grid: &Grid, flow: &PowerFlow) -> [f64; 2] {
    let sum = |v: &[f64]| v.iter().sum::<f64>();
    let mut p = sum(&flow.generator_p_mw);
    let mut q =
        sum(&flow.generator_q_mvar) + sum(&flow.dc_line_q_from_mvar) + sum(&flow.dc_line_q_to_mvar);
    p -= sum(&flow.branch_p_from_mw) + sum(&flow.branch_p_to_mw);
    q -= sum(&flow.branch_q_from_mvar) + sum(&flow.branch_q_to_mvar);
    for l in &grid.loads {
        p -= l.p_mw;
        q -= l.q_mvar;
    }
    for (b, vm) in grid.buses.iter().zip(&flow.vm_pu) {
        p -= b.shunt_g_mw * vm * vm;
        q += b.shunt_b_mvar * vm * vm;
    }
    [p, q]
}

#[test]
fn two_buses_have_the_closed_form() {
    // Lossless line x = 0.1 from 1 p.u., load P = 1, Q = 0.2: with V the far voltage,
    // V⁴ + V² (2 Q x − 1) + x² (P² + Q²) = 0 and sin δ = P x / V.
    let grid = Grid {
        base_mva: 100.0,
        buses: vec![bus(BusKind::Reference), bus(BusKind::Load)],
        branches: vec![line(0, 1, 0.0, 0.1, 0.0)],
        generators: vec![unit(0, 0.0, 1.0)],
        loads: vec![load(1, 100.0, 20.0)],
        ..Grid::default()
    };
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(got.solved());
    let b = 2.0 * 0.2 * 0.1 - 1.0;
    let square = (-b + (b * b - 4.0 * 0.01 * 1.04f64).sqrt()) / 2.0;
    assert!((got.vm_pu[1] - square.sqrt()).abs() < 1e-9);
    assert!((got.va_deg[1] + (0.1 / square.sqrt()).asin().to_degrees()).abs() < 1e-7);
    assert!((got.generator_p_mw[0] - 100.0).abs() < 1e-5);
    let q = (1.0 - square.sqrt() * (got.va_deg[1].to_radians()).cos()) / 0.1 * 100.0;
    assert!((got.generator_q_mvar[0] - q).abs() < 1e-5);
    assert_eq!(got.bus_p_mw.len(), 2);
    assert!((got.bus_p_mw[1] + 100.0).abs() < 1e-5 && (got.bus_q_mvar[1] + 20.0).abs() < 1e-5);
}

#[test]
fn too_much_load_is_told_with_place_and_size() {
    let mut grid = two_rings();
    grid.loads[2].p_mw = 3_000.0;
    let mut at = Snapshot::of(&grid);
    at.branch_in_service[3] = false;
    let got = solve(&grid, &at, &newton());
    assert!(!got.solved());
    assert_eq!(got.islands[0].status, IslandStatus::Solved);
    let IslandStatus::NotConverged { worst_mismatch_mva, worst_bus } = got.islands[1].status else {
        panic!("{:?}", got.islands[1])
    };
    assert_eq!(got.islands[1].reference, BusIdx(4));
    assert!(worst_mismatch_mva > 100.0 && worst_mismatch_mva < 3_000.0, "{worst_mismatch_mva}");
    assert!((3..6).contains(&worst_bus.0));
    assert!(got.vm_pu.iter().chain(&got.va_deg).all(|v| v.is_finite()));
}

#[test]
fn damaged_islands_balance_and_agree_with_their_own_grids() {
    let grid = two_rings();
    let mut solver = PowerFlowSolver::new(&grid);
    let whole = solver.solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(whole.solved());
    let [p, q] = balance(&grid, &whole);
    assert!(p.abs() < 1e-5 && q.abs() < 1e-5);
    let mut at = Snapshot::of(&grid);
    at.branch_in_service[3] = false;
    let split = solver.solve(&grid, &at, &newton());
    assert!(split.solved());
    // The second ring on its own, its unit as reference.
    let mut ring = two_rings();
    ring.buses.drain(..3);
    ring.buses[1].kind = BusKind::Reference;
    ring.branches.drain(..4);
    for b in &mut ring.branches {
        b.from.0 -= 3;
        b.to.0 -= 3;
    }
    ring.generators = vec![unit(1, 60.0, 1.01)];
    ring.loads = vec![load(2, 30.0, 12.0)];
    let alone = solve(&ring, &Snapshot::of(&ring), &newton());
    for i in 0..3 {
        assert!((split.vm_pu[3 + i] - alone.vm_pu[i]).abs() < 1e-10);
        assert!((split.va_deg[3 + i] - alone.va_deg[i]).abs() < 1e-8);
    }
    // Back to the first state: the same bytes.
    assert_eq!(solver.solve(&grid, &Snapshot::of(&grid), &newton()), whole);
}

#[test]
fn odd_branches_have_an_answer() {
    // Two parallel lines are one of half the impedance and twice the charging.
    let mut double = two_rings();
    double.branches.push(double.branches[3].clone());
    let mut single = two_rings();
    single.branches[3] = line(2, 3, 0.005, 0.04, 0.04);
    let a = solve(&double, &Snapshot::of(&double), &newton());
    let b = solve(&single, &Snapshot::of(&single), &newton());
    assert!(a.vm_pu.iter().zip(&b.vm_pu).all(|(a, b)| (a - b).abs() < 1e-9));
    // A branch without impedance is a coupler.
    let mut grid = two_rings();
    grid.branches[3] = line(2, 3, 0.0, 0.0, 0.0);
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(got.solved(), "{:?}", got.islands);
    assert!((got.vm_pu[2] - got.vm_pu[3]).abs() < 1e-5);
    // A series capacitor.
    grid.branches[3] = line(2, 3, 0.0, -0.02, 0.0);
    assert!(solve(&grid, &Snapshot::of(&grid), &newton()).solved());
    // A loop at a bus is a shunt: open-ended charging.
    let mut grid = two_rings();
    grid.branches.push(line(2, 2, 0.0, 0.5, 0.1));
    let looped = solve(&grid, &Snapshot::of(&grid), &newton());
    let mut grid = two_rings();
    grid.buses[2].shunt_b_mvar = 10.0;
    let shunt = solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(looped.vm_pu.iter().zip(&shunt.vm_pu).all(|(a, b)| (a - b).abs() < 1e-9));
    // Not a number: the island is closed, and says where.
    let mut grid = two_rings();
    grid.branches[4].r_pu = f64::NAN;
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert_eq!(got.islands[0].status, IslandStatus::NotANumber { bus: BusIdx(3) });
    // No unit, no bus, no grid.
    let mut grid = two_rings();
    grid.generators.clear();
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert_eq!(got.islands[0].status, IslandStatus::NoGenerator);
    assert!(got.vm_pu.iter().all(|v| *v == 0.0));
    let none = Grid::default();
    assert!(solve(&none, &Snapshot::of(&none), &newton()).solved());
}

#[test]
fn starts_lead_to_the_same_voltages() {
    let grid = two_rings();
    let at = Snapshot::of(&grid);
    let case = solve(&grid, &at, &newton());
    for start in [Start::Flat, Start::Dc, Start::Base] {
        let other = solve(&grid, &at, &PowerFlowOptions { start, ..newton() });
        assert!(other.solved());
        assert!(case.vm_pu.iter().zip(&other.vm_pu).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

#[test]
fn units_at_one_bus_share_and_the_first_at_the_reference_closes_the_balance() {
    let mut grid = two_rings();
    let range = |g: crate::region::Generator, low, high| crate::region::Generator {
        q_min_mvar: low,
        q_max_mvar: high,
        ..g
    };
    grid.generators = vec![
        range(unit(0, 20.0, 1.0), 0.0, 30.0),
        range(unit(4, 40.0, 1.01), -10.0, 20.0),
        range(unit(4, 20.0, 1.01), -20.0, 40.0),
        range(unit(0, 15.0, 1.02), 0.0, 60.0),
    ];
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(got.solved());
    // The last set-point at a bus holds.
    assert!((got.vm_pu[0] - 1.02).abs() < 1e-12);
    assert_eq!(got.generator_p_mw[1..], [40.0, 20.0, 15.0]);
    let shares = |a: f64, low_a: f64, high_a: f64| (a - low_a) / (high_a - low_a);
    let q = &got.generator_q_mvar;
    assert!((shares(q[0], 0.0, 30.0) - shares(q[3], 0.0, 60.0)).abs() < 1e-9);
    assert!((shares(q[1], -10.0, 20.0) - shares(q[2], -20.0, 40.0)).abs() < 1e-9);
    let [p, q] = balance(&grid, &got);
    assert!(p.abs() < 1e-5 && q.abs() < 1e-5);
}

#[test]
fn a_dc_line_regulates_both_ends_and_pays_its_losses() {
    let mut grid = two_rings();
    grid.dc_lines.push(DcLine {
        from: BusIdx(1),
        to: BusIdx(5),
        p_mw: 10.0,
        loss_mw: 0.5,
        loss_share: 0.02,
        vm_from_pu: 1.0,
        vm_to_pu: 0.99,
        ..DcLine::default()
    });
    let got = solve(&grid, &Snapshot::of(&grid), &newton());
    assert!(got.solved());
    assert!((got.vm_pu[1] - 1.0).abs() < 1e-12 && (got.vm_pu[5] - 0.99).abs() < 1e-12);
    let [p, q] = balance(&grid, &got);
    // What the line loses: 0.5 + 2 % of 10 MW.
    assert!((p - 0.7).abs() < 1e-5 && q.abs() < 1e-5, "{p} {q}");
}

#[test]
fn reactive_limits_hold_and_the_reference_moves_when_it_is_the_one_beyond() {
    let mut grid = two_rings();
    let free = solve(&grid, &Snapshot::of(&grid), &newton());
    let q = free.generator_q_mvar.clone();
    for mode in [super::ReactiveLimits::Hold, super::ReactiveLimits::Return] {
        let options = PowerFlowOptions { reactive_limits: mode, ..newton() };
        // The unit at bus 4 may make less than it did.
        grid.generators[1].q_max_mvar = q[1] - 3.0;
        let got = solve(&grid, &Snapshot::of(&grid), &options);
        assert!(got.solved());
        assert!((got.generator_q_mvar[1] - (q[1] - 3.0)).abs() < 1e-9);
        assert!(got.vm_pu[4] < 1.01 && got.vm_pu[0] == free.vm_pu[0]);
        grid.generators[1].q_max_mvar = f64::INFINITY;
        // The same at the reference: another bus takes its place, its angle stays.
        grid.generators[0].q_max_mvar = q[0] - 3.0;
        let got = solve(&grid, &Snapshot::of(&grid), &options);
        assert!(got.solved());
        assert_eq!(got.islands[0].reference, BusIdx(4));
        assert!((got.generator_q_mvar[0] - (q[0] - 3.0)).abs() < 1e-9);
        assert!((got.generator_p_mw[0] - free.generator_p_mw[0]).abs() < 1e-5);
        assert!(got.va_deg[0].abs() < 1e-9 && got.vm_pu[0] < 1.02);
        let [p, q_left] = balance(&grid, &got);
        assert!(p.abs() < 1e-5 && q_left.abs() < 1e-5);
        // Both: nothing is left to make the difference.
        grid.generators[1].q_max_mvar = q[1] - 3.0;
        let got = solve(&grid, &Snapshot::of(&grid), &options);
        assert!(matches!(got.islands[0].status, IslandStatus::ReactiveLimits { .. }));
        grid.generators[0].q_max_mvar = f64::INFINITY;
        grid.generators[1].q_max_mvar = f64::INFINITY;
    }
}

#[test]
fn a_batch_gives_the_bytes_of_single_solutions() {
    let grid = two_rings();
    let state = |k: usize| {
        let mut at = Snapshot::of(&grid);
        if k % 8 != 7 {
            at.branch_in_service[k % 8] = false;
        }
        at.load_p_mw[k % 3] *= 1.0 + k as f64 / 20.0;
        // Some of them cannot be served.
        if k % 5 == 4 {
            at.load_p_mw[2] = 3_000.0;
        }
        at
    };
    let mut solver = PowerFlowSolver::new(&grid);
    let together = solver.solve_batch(&grid, 300, state, &newton(), |k, flow| (k, flow));
    assert_eq!(together.len(), 300);
    for (k, (index, flow)) in together.into_iter().enumerate() {
        assert_eq!(index, k);
        assert_eq!(flow, solver.solve(&grid, &state(k), &newton()), "state {k}");
    }
}

#[test]
fn a_batch_from_any_start_gives_the_bytes_of_single_solutions() {
    let mut grid = two_rings();
    grid.buses[4].va_deg = -1.0;
    grid.dc_lines.push(DcLine { from: BusIdx(1), to: BusIdx(5), p_mw: 3.0, ..DcLine::default() });
    // Mostly other loads alone; some with damage, a unit out, another set-point, too much load.
    let state = |k: usize| {
        let mut at = Snapshot::of(&grid);
        for (d, p) in at.load_p_mw.iter_mut().enumerate() {
            *p *= 1.0 + ((k * 7 + d * 3) % 11) as f64 / 100.0;
        }
        match k % 13 {
            5 => at.branch_in_service[k % 7] = false,
            7 => at.generator_in_service[0] = false,
            8 => at.generator_vm_pu[1] = 1.03,
            9 => at.load_p_mw[1] = 400.0,
            10 => at.load_p_mw[2] = 3_000.0,
            11 => at.load_q_mvar[0] = f64::NAN,
            12 => at.branch_in_service[3] = false,
            _ => {}
        }
        at
    };
    let states: Vec<Snapshot> = (0..200).map(state).collect();
    for start in [Start::Case, Start::Flat, Start::Dc, Start::Base] {
        for tables in [Tables::All, Tables::Voltages] {
            let options = PowerFlowOptions { start, tables, ..newton() };
            let mut solver = PowerFlowSolver::new(&grid);
            let together =
                solver.solve_batch(&grid, states.len(), |k| &states[k], &options, |_, flow| flow);
            // One after the other, and each by a solver that knows nothing yet.
            for (k, flow) in together.iter().enumerate() {
                let text = |flow: &PowerFlow| format!("{flow:?}");
                let next = solver.solve(&grid, &states[k], &options);
                assert_eq!(text(flow), text(&next), "{start:?} {tables:?} {k}");
                let alone = solve(&grid, &states[k], &options);
                assert_eq!(text(flow), text(&alone), "{start:?} {tables:?} {k}");
            }
            let solved = together.iter().filter(|flow| flow.solved()).count();
            assert!((150..200).contains(&solved), "{solved}");
        }
    }
}

#[test]
fn voltages_alone_are_those_of_all_tables() {
    let grid = two_rings();
    let at = Snapshot::of(&grid);
    for method in [Method::Newton, Method::FastDecoupledBx, Method::Dc] {
        let options = PowerFlowOptions { method, ..newton() };
        let all = solve(&grid, &at, &options);
        let few = solve(&grid, &at, &PowerFlowOptions { tables: Tables::Voltages, ..options });
        assert_eq!((&all.vm_pu, &all.va_deg), (&few.vm_pu, &few.va_deg));
        assert!(few.solved() && few.island == all.island);
        assert!(few.branch_p_from_mw.is_empty() && few.generator_q_mvar.is_empty());
    }
}

#[test]
fn fast_decoupled_ends_where_newton_does() {
    let mut grid = two_rings();
    grid.branches[3].shift_deg = 4.0;
    grid.branches[5].tap = 1.03;
    grid.buses[2].shunt_b_mvar = 8.0;
    let at = Snapshot::of(&grid);
    let exact = solve(&grid, &at, &newton());
    let mut iterations = Vec::new();
    for method in [Method::FastDecoupledXb, Method::FastDecoupledBx] {
        let got = solve(&grid, &at, &PowerFlowOptions { method, ..newton() });
        assert!(got.solved());
        assert!(exact.vm_pu.iter().zip(&got.vm_pu).all(|(a, b)| (a - b).abs() < 1e-8));
        assert!(exact.va_deg.iter().zip(&got.va_deg).all(|(a, b)| (a - b).abs() < 1e-6));
        iterations.push(got.islands[0].iterations);
        // Too much load: told, with finite values.
        let mut heavy = at.clone();
        heavy.load_p_mw[2] = 3_000.0;
        let got = solve(&grid, &heavy, &PowerFlowOptions { method, ..newton() });
        assert!(matches!(got.islands[0].status, IslandStatus::NotConverged { .. }));
    }
    assert!(iterations.iter().all(|i| (3..20).contains(i)), "{iterations:?}");
}

#[test]
fn distributed_slack_shares_by_participation_or_capacity() {
    let mut grid = two_rings();
    grid.generators[0].p_max_mw = 300.0;
    grid.generators[1].p_max_mw = 100.0;
    let options = PowerFlowOptions { distributed_slack: true, ..newton() };
    let extra = |grid: &Grid, options: &PowerFlowOptions| {
        let got = solve(grid, &Snapshot::of(grid), options);
        assert!(got.solved(), "{:?}", got.islands);
        let [p, q] = balance(grid, &got);
        assert!(p.abs() < 1e-5 && q.abs() < 1e-5, "{p} {q}");
        [got.generator_p_mw[0] - 20.0, got.generator_p_mw[1] - 60.0]
    };
    // By capacity: 3 to 1.
    let [a, b] = extra(&grid, &options);
    assert!(a > 0.1 && (a - 3.0 * b).abs() < 1e-6, "{a} {b}");
    let flat =
        solve(&grid, &Snapshot::of(&grid), &PowerFlowOptions { method: Method::Dc, ..options });
    assert!(flat.generator_p_mw.iter().all(|p| p.is_finite()));
    // 80 MW of demand and of generation: nothing to share without losses.
    assert!((flat.generator_p_mw[0] - 20.0).abs() < 1e-9);
    // By participation: 1 to 4; also with a unit at its limit.
    grid.generators[0].participation = 1.0;
    grid.generators[1].participation = 4.0;
    let [a, b] = extra(&grid, &options);
    assert!((4.0 * a - b).abs() < 1e-6, "{a} {b}");
    let q = solve(&grid, &Snapshot::of(&grid), &options).generator_q_mvar[1];
    grid.generators[1].q_max_mvar = q - 2.0;
    let limited = PowerFlowOptions { reactive_limits: super::ReactiveLimits::Hold, ..options };
    let [a, b] = extra(&grid, &limited);
    assert!((4.0 * a - b).abs() < 1e-6, "{a} {b}");
}
