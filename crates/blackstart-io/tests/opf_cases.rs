//! AC optimal power flow: published objectives, and points that meet every balance and
//! limit when these are computed again from the case's own numbers.

use std::fs;
use std::path::{Path, PathBuf};

use blackstart::grid::Snapshot;
use blackstart::grid::opf::{OptimalFlow, OptimalFlowOptions, OptimalFlowStatus, ac_optimal_flow};
use blackstart::region::{Grid, Region, RegionDraft};
use blackstart_io::formats::matpower;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/opf")
}

fn case(name: &str) -> Grid {
    let path = folder().join(format!("{name}.m"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let grid = matpower::parse(&text, &path).value;
    let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
    checked.region.unwrap_or_else(|| panic!("{name}: {:?}", checked.problems)).grid().clone()
}

/// A complex number; tests do not share the engine's formulas.
type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn over(a: Complex, b: Complex) -> Complex {
    let d = b.0 * b.0 + b.1 * b.1;
    ((a.0 * b.0 + a.1 * b.1) / d, (a.1 * b.0 - a.0 * b.1) / d)
}

fn polar(size: f64, deg: f64) -> Complex {
    (size * deg.to_radians().cos(), size * deg.to_radians().sin())
}

/// Apparent power V · conj(I).
fn power(v: Complex, i: Complex) -> Complex {
    times(v, (i.0, -i.1))
}

/// Checks every balance and limit; MW and p.u.
fn check(name: &str, grid: &Grid, flow: &OptimalFlow) {
    let close =
        |a: f64, b: f64, what: &str| assert!((a - b).abs() < 1e-3, "{name} {what}: {a} {b}");
    let n = grid.buses.len();
    let mut left = vec![(0.0, 0.0); n];
    for (g, (p, q)) in
        grid.generators.iter().zip(flow.generator_p_mw.iter().zip(&flow.generator_q_mvar))
    {
        left[g.bus.i()].0 += p;
        left[g.bus.i()].1 += q;
        if g.in_service {
            assert!(*p > g.p_min_mw - 1e-3 && *p < g.p_max_mw + 1e-3, "{name} {p}");
            assert!(*q > g.q_min_mvar - 1e-3 && *q < g.q_max_mvar + 1e-3, "{name} {q}");
        }
    }
    for (k, d) in grid.dc_lines.iter().enumerate().filter(|(_, d)| d.in_service) {
        let p = flow.dc_line_p_mw[k];
        left[d.from.i()].0 -= p;
        left[d.to.i()].0 += p * (1.0 - d.loss_share) - d.loss_mw;
        left[d.from.i()].1 += flow.dc_line_q_from_mvar[k];
        left[d.to.i()].1 += flow.dc_line_q_to_mvar[k];
        assert!(p > d.p_min_mw - 1e-3 && p < d.p_max_mw + 1e-3, "{name} {p}");
    }
    for d in grid.loads.iter().filter(|d| d.in_service) {
        left[d.bus.i()].0 -= d.p_mw;
        left[d.bus.i()].1 -= d.q_mvar;
    }
    for (i, bus) in grid.buses.iter().enumerate() {
        let v = flow.vm_pu[i];
        assert!(v > bus.vm_min_pu - 1e-6 && v < bus.vm_max_pu + 1e-6, "{name} {} {v}", bus.id);
        left[i].0 -= bus.shunt_g_mw * v * v;
        left[i].1 += bus.shunt_b_mvar * v * v;
    }
    for (k, l) in grid.branches.iter().enumerate().filter(|(_, l)| l.in_service) {
        let (f, t) = (l.from.i(), l.to.i());
        let tap = polar(l.tap, l.shift_deg);
        let vf = polar(flow.vm_pu[f], flow.va_deg[f]);
        let vt = polar(flow.vm_pu[t], flow.va_deg[t]);
        // Inside the ideal transformer: V' = Vf / tap, I = I' / conj(tap).
        let inner = over(vf, tap);
        let series = over((inner.0 - vt.0, inner.1 - vt.1), (l.r_pu, l.x_pu));
        let half = (0.0, 0.5 * l.b_pu);
        let (cf, ct) = (times(half, inner), times(half, vt));
        let inside = (series.0 + cf.0, series.1 + cf.1);
        let from = power(vf, over(inside, (tap.0, -tap.1)));
        let to = power(vt, (ct.0 - series.0, ct.1 - series.1));
        let base = grid.base_mva;
        for (s, bus) in [(from, f), (to, t)] {
            left[bus].0 -= s.0 * base;
            left[bus].1 -= s.1 * base;
            assert!(s.0.hypot(s.1) * base < l.rate_mva + 1e-3, "{name} rating of {}", l.id);
        }
        close(flow.branch_p_from_mw[k], from.0 * base, "P from");
        close(flow.branch_q_to_mvar[k], to.1 * base, "Q to");
        let angle = flow.va_deg[f] - flow.va_deg[t];
        assert!(angle > l.angle_min_deg - 1e-4 && angle < l.angle_max_deg + 1e-4, "{name} angle");
    }
    for (bus, (p, q)) in grid.buses.iter().zip(&left) {
        close(*p, 0.0, &format!("P balance of {}", bus.id));
        close(*q, 0.0, &format!("Q balance of {}", bus.id));
    }
}

fn solved(grid: &Grid) -> OptimalFlow {
    ac_optimal_flow(grid, &Snapshot::of(grid), &OptimalFlowOptions::default())
}

#[test]
fn objectives_are_the_published_ones() {
    let table = fs::read_to_string(folder().join("expected.csv")).unwrap();
    for line in table.lines().skip(1) {
        let mut cells = line.split(',');
        let name = cells.next().unwrap();
        let [expected, tolerance] = [(); 2].map(|()| cells.next().unwrap().parse::<f64>().unwrap());
        let grid = case(name);
        let flow = solved(&grid);
        assert_eq!(flow.status, OptimalFlowStatus::Solved, "{name}");
        let off = (flow.cost_per_h - expected).abs();
        assert!(off <= tolerance, "{name}: {} instead of {expected}", flow.cost_per_h);
        check(name, &grid, &flow);
    }
}

/// The price of a bus is the change of the least cost with its demand.
#[test]
fn prices_are_differences_of_costs() {
    let mut grid = case("pglib_case14_ieee");
    let before = solved(&grid);
    for load in [3, 9] {
        let bus = grid.loads[load].bus.i();
        let mut costs = Vec::new();
        for step in [0.5, -0.5] {
            grid.loads[load].p_mw += step;
            costs.push(solved(&grid).cost_per_h);
            grid.loads[load].p_mw -= step;
        }
        let slope = costs[0] - costs[1];
        let price = before.price_per_mwh[bus];
        assert!((slope - price).abs() < 1e-2 * price, "{slope} {price}");
    }
}

/// Demand that cannot be served is a status that says where, not a panic.
#[test]
fn impossible_demand_is_told() {
    let mut grid = case("pglib_case14_ieee");
    grid.loads[5].p_mw = 5000.0;
    let flow = solved(&grid);
    let OptimalFlowStatus::NotFound { worst_mismatch_mva, .. } = flow.status else {
        panic!("{:?}", flow.status)
    };
    assert!(worst_mismatch_mva > 100.0, "{worst_mismatch_mva}");
}

/// Two islands, one of them without a reference of its own, cost what each costs alone;
/// a third without any source stays dark.
#[test]
fn islands_are_solved_each_for_itself() {
    let one = case("powermodels_case5");
    let mut two = case("powermodels_case5");
    let shift = two.buses.len();
    let ids = |b: usize| blackstart::region::BusIdx::new(b);
    two.buses.extend(one.buses.iter().cloned().map(|mut b| {
        b.id = format!("second {}", b.id);
        b.kind = blackstart::region::BusKind::Generator;
        b
    }));
    two.branches.extend(one.branches.iter().cloned().map(|mut l| {
        (l.from, l.to) = (ids(l.from.i() + shift), ids(l.to.i() + shift));
        l
    }));
    two.generators.extend(one.generators.iter().cloned().map(|mut g| {
        g.bus = ids(g.bus.i() + shift);
        g
    }));
    two.loads.extend(one.loads.iter().cloned().map(|mut d| {
        d.bus = ids(d.bus.i() + shift);
        d
    }));
    two.buses.push(blackstart::region::Bus { id: "alone".into(), ..Default::default() });
    let (a, b) = (solved(&one), solved(&two));
    assert_eq!(b.status, OptimalFlowStatus::Solved);
    assert!((b.cost_per_h - 2.0 * a.cost_per_h).abs() < 1e-3 * a.cost_per_h);
    assert_eq!(b.vm_pu.last(), Some(&0.0));
}
