//! Small networks whose optimum can be told by hand.

use super::{DcOptimalFlowOptions, DcOptimalFlowStatus, dc_optimal_flow};
use crate::grid::Snapshot;
use crate::region::{Branch, Bus, BusIdx, Cost, DcLine, Generator, GeneratorIdx, Grid, Load};

fn unit(bus: u32, p_max_mw: f64, cost: Cost) -> Generator {
    Generator { bus: BusIdx(bus), p_max_mw, cost: Some(cost), ..Generator::default() }
}

fn linear(slope: f64) -> Cost {
    Cost::Polynomial(vec![slope, 0.0])
}

fn line(from: u32, to: u32, rate_mva: f64) -> Branch {
    Branch { from: BusIdx(from), to: BusIdx(to), x_pu: 0.1, rate_mva, ..Branch::default() }
}

fn load(bus: u32, p_mw: f64) -> Load {
    Load { bus: BusIdx(bus), p_mw, ..Load::default() }
}

fn grid(buses: usize, branches: Vec<Branch>, generators: Vec<Generator>, loads: Vec<Load>) -> Grid {
    let buses = vec![Bus::default(); buses];
    Grid { base_mva: 100.0, buses, branches, generators, loads, ..Grid::default() }
}

fn solve(grid: &Grid, options: &DcOptimalFlowOptions) -> super::DcOptimalFlow {
    dc_optimal_flow(grid, &Snapshot::of(grid), options)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-5 * (1.0 + b.abs()), "{a} is not {b}");
}

/// 100 MW at bus 1, of which a line lets 60 through from the cheap unit.
fn congested() -> Grid {
    let units = vec![unit(0, 200.0, linear(10.0)), unit(1, 200.0, linear(30.0))];
    grid(2, vec![line(0, 1, 60.0)], units, vec![load(1, 100.0)])
}

#[test]
fn a_binding_line_parts_the_prices() {
    let r = solve(&congested(), &DcOptimalFlowOptions::default());
    assert_eq!(r.status, DcOptimalFlowStatus::Solved);
    close(r.cost_per_h, 60.0 * 10.0 + 40.0 * 30.0);
    close(r.generator_p_mw[0], 60.0);
    close(r.branch_p_from_mw[0], 60.0);
    close(r.price_per_mwh[0], 10.0);
    close(r.price_per_mwh[1], 30.0);
    close(r.va_deg[0] - r.va_deg[1], 0.06f64.to_degrees());
    let free = DcOptimalFlowOptions { limits: false, ..DcOptimalFlowOptions::default() };
    close(solve(&congested(), &free).cost_per_h, 1000.0);
}

#[test]
fn limits_of_angles_bind_like_ratings() {
    let mut g = congested();
    g.branches[0].rate_mva = f64::INFINITY;
    g.branches[0].angle_max_deg = 0.05f64.to_degrees();
    let r = solve(&g, &DcOptimalFlowOptions::default());
    close(r.branch_p_from_mw[0], 50.0);
    // The other way round it is the least angle that binds.
    g.branches[0].from = BusIdx(1);
    g.branches[0].to = BusIdx(0);
    g.branches[0].angle_max_deg = f64::INFINITY;
    g.branches[0].angle_min_deg = -0.02f64.to_degrees();
    let r = solve(&g, &DcOptimalFlowOptions::default());
    close(r.branch_p_from_mw[0], -20.0);
}

#[test]
fn quadratic_costs_share_by_their_slopes() {
    // 0.1 p² + 10 p against 0.2 p² + 10 p: two to one.
    let quadratic = |c2| Cost::Polynomial(vec![c2, 10.0, 7.0]);
    let units = vec![unit(0, 200.0, quadratic(0.1)), unit(0, 200.0, quadratic(0.2))];
    let r = solve(&grid(1, vec![], units, vec![load(0, 90.0)]), &DcOptimalFlowOptions::default());
    close(r.generator_p_mw[0], 60.0);
    close(r.generator_p_mw[1], 30.0);
    close(r.cost_per_h, 360.0 + 180.0 + 900.0 + 14.0);
    close(r.price_per_mwh[0], 22.0);
}

#[test]
fn higher_degrees_are_solved_where_convex() {
    // 0.01 p³ each (slope 0.03 p²) against a slope of 12: 20 MW.
    let cubic = || Cost::Polynomial(vec![0.01, 0.0, 0.0, 0.0]);
    let units = vec![unit(0, 50.0, cubic()), unit(0, 100.0, linear(12.0))];
    let mut g = grid(1, vec![], units, vec![load(0, 60.0)]);
    let r = solve(&g, &DcOptimalFlowOptions::default());
    assert_eq!(r.status, DcOptimalFlowStatus::Solved);
    close(r.generator_p_mw[0], 20.0);
    close(r.cost_per_h, 80.0 + 480.0);
    g.generators[0].p_min_mw = -10.0;
    let told = solve(&g, &DcOptimalFlowOptions::default());
    assert_eq!(told.status, DcOptimalFlowStatus::NotConvex { generator: GeneratorIdx(0) });
    assert_eq!(told.generator_p_mw, [0.0; 2]);
}

#[test]
fn what_cannot_be_served_is_told_by_island() {
    // Buses 0 and 1 lack 100 − 60 MW; 2 is fine; 3 has demand and nothing else; 4 has a
    // unit that cannot go low enough.
    let mut g = congested();
    g.generators[1].p_max_mw = 0.0;
    g.buses.resize(5, Bus::default());
    g.generators.push(unit(2, 50.0, linear(1.0)));
    g.generators.push(Generator { p_min_mw: 20.0, ..unit(4, 50.0, linear(1.0)) });
    g.loads.extend([load(2, 5.0), load(3, 8.0), load(4, 11.0)]);
    let r = solve(&g, &DcOptimalFlowOptions::default());
    let DcOptimalFlowStatus::Infeasible { islands } = &r.status else { panic!("{:?}", r.status) };
    assert_eq!(islands.iter().map(|i| i.bus.0).collect::<Vec<_>>(), [0, 3, 4]);
    close(islands[0].short_mw, 40.0);
    close(islands[1].short_mw, 8.0);
    close(islands[2].surplus_mw, 9.0);
    // An island without anything is fine.
    let empty = grid(2, vec![], vec![unit(0, 9.0, linear(1.0))], vec![load(0, 5.0)]);
    close(solve(&empty, &DcOptimalFlowOptions::default()).cost_per_h, 5.0);
}

#[test]
fn lost_load_has_its_price() {
    let mut g = congested();
    g.generators[1].p_max_mw = 15.0;
    let options =
        DcOptimalFlowOptions { lost_load_per_mwh: Some(500.0), ..DcOptimalFlowOptions::default() };
    let r = solve(&g, &options);
    assert_eq!(r.status, DcOptimalFlowStatus::Solved);
    close(r.load_p_mw[0], 75.0);
    close(r.cost_per_h, 600.0 + 450.0 + 25.0 * 500.0);
    close(r.price_per_mwh[1], 500.0);
}

#[test]
fn direct_current_lines_lose_what_they_say() {
    let units = vec![unit(0, 200.0, linear(10.0))];
    let mut g = grid(2, vec![], units, vec![load(1, 44.0)]);
    g.dc_lines.push(DcLine {
        from: BusIdx(0),
        to: BusIdx(1),
        p_max_mw: 100.0,
        loss_mw: 1.0,
        loss_share: 0.1,
        ..DcLine::default()
    });
    let r = solve(&g, &DcOptimalFlowOptions::default());
    assert_eq!(r.status, DcOptimalFlowStatus::Solved);
    close(r.dc_line_p_mw[0], 50.0);
    close(r.cost_per_h, 500.0);
    close(r.price_per_mwh[1], 10.0 / 0.9);
}

#[test]
fn a_unit_without_range_runs_where_it_must() {
    let mut g = congested();
    g.generators[1].p_min_mw = 70.0;
    g.generators[1].p_max_mw = 70.0;
    let r = solve(&g, &DcOptimalFlowOptions::default());
    close(r.generator_p_mw[0], 30.0);
    close(r.generator_p_mw[1], 70.0);
    g.generators[1].p_min_mw = 80.0;
    let r = solve(&g, &DcOptimalFlowOptions::default());
    assert_eq!(r.status, DcOptimalFlowStatus::NoRange { generator: GeneratorIdx(1) });
}
