//! Networks small enough to check by hand.

use super::*;

pub(super) fn junctions(n: usize) -> Vec<Junction> {
    (0..n).map(|i| Junction { id: i.to_string(), elevation_m: 0.0, in_service: true }).collect()
}

pub(super) fn branch(id: &str, from: u32, to: u32, kind: BranchKind) -> Branch {
    Branch { id: id.into(), from, to, in_service: true, kind }
}

pub(super) fn pipe(length_m: f64, diameter_m: f64) -> BranchKind {
    BranchKind::Pipe {
        length_m,
        diameter_m,
        roughness_m: 1e-4,
        loss_coefficient: 0.0,
        loss_w_m_k: 0.3,
        ambient_c: 10.0,
        sections: 1,
    }
}

pub(super) fn plant(lift_bar: f64, t_flow_c: f64) -> BranchKind {
    BranchKind::CirculationPressure {
        lift_bar,
        p_flow_bar: Some(10.0),
        t_flow_c: Some(t_flow_c),
        heat_max_w: f64::INFINITY,
    }
}

/// Plant 3 → 0, supply 0 → 1, consumer 1 → 2, return 2 → 3.
pub(super) fn loop_of_four(consumer: Consumer) -> HeatNet {
    let fluid = Fluid::constant(977.8, 4.04e-4, 4190.0);
    let mut net = HeatNet::new(fluid, FrictionModel::Colebrook);
    net.junctions = junctions(4);
    net.branches = vec![
        branch("plant", 3, 0, plant(4.0, 90.0)),
        branch("supply", 0, 1, pipe(500.0, 0.08)),
        branch("consumer", 1, 2, BranchKind::Consumer(consumer)),
        branch("return", 2, 3, pipe(500.0, 0.08)),
    ];
    net
}

fn solve(net: &HeatNet) -> NetFlow {
    NetSolver::new(net, NetSettings::default()).unwrap().solve(net).unwrap()
}

#[test]
fn one_consumer_by_hand() {
    let heat_w = 3e5;
    let net = loop_of_four(Consumer::HeatAndReturn { heat_w, return_c: 50.0 });
    let flow = solve(&net);
    assert_eq!(flow.status, NetStatus::Solved, "{flow:?}");
    let m = flow.mdot_kg_s[2];
    let supply = 10.0 + 80.0 * (-0.3 * 500.0 / (m * 4190.0f64)).exp();
    assert!((flow.t_c[1] - supply).abs() < 1e-9);
    assert!((m * 4190.0 * (supply - 50.0) / heat_w - 1.0).abs() < 1e-8);
    assert!((flow.heat_w[2] / heat_w - 1.0).abs() < 1e-8);
    assert!((flow.p_bar[0] - 10.0).abs() < 1e-12 && (flow.p_bar[3] - 6.0).abs() < 1e-12);
    assert!(flow.p_bar[1] < 10.0 && flow.p_bar[2] > 6.0);
    assert!(flow.residuals.energy < 1e-12 && flow.residuals.mass_kg_s < 1e-12);
    assert!(flow.residuals.pressure_bar < 1e-8);
}

#[test]
fn every_control_of_a_consumer() {
    for consumer in [
        Consumer::FlowAndDrop { mdot_kg_s: 2.0, drop_k: 30.0 },
        Consumer::FlowAndReturn { mdot_kg_s: 2.0, return_c: 50.0 },
        Consumer::HeatAndFlow { heat_w: 3e5, mdot_kg_s: 2.0 },
        Consumer::HeatAndDrop { heat_w: 3e5, drop_k: 35.0 },
    ] {
        let flow = solve(&loop_of_four(consumer));
        assert_eq!(flow.status, NetStatus::Solved, "{consumer:?}");
        let (m, q) = (flow.mdot_kg_s[2], flow.heat_w[2]);
        let drop = flow.t_in_c[2] - flow.t_out_c[2];
        assert!((m * 4190.0 * drop / q - 1.0).abs() < 1e-9);
        assert!(flow.residuals.energy < 1e-9);
        let (a, b) = match consumer {
            Consumer::FlowAndDrop { mdot_kg_s, drop_k } => (m / mdot_kg_s, drop / drop_k),
            Consumer::FlowAndReturn { mdot_kg_s, return_c } => {
                (m / mdot_kg_s, flow.t_out_c[2] / return_c)
            }
            Consumer::HeatAndFlow { heat_w, mdot_kg_s } => (m / mdot_kg_s, q / heat_w),
            Consumer::HeatAndDrop { heat_w, drop_k } => (q / heat_w, drop / drop_k),
            Consumer::HeatAndReturn { .. } | Consumer::Radiator { .. } => (1.0, 1.0),
        };
        assert!((a - 1.0).abs() < 1e-8 && (b - 1.0).abs() < 1e-8, "{consumer:?}: {a} {b}");
    }
}

#[test]
fn open_network_with_height_pump_and_control() {
    // Ext grid 0 (5 bar) – pump → 1 – pipe → 2 (20 m up) – control → 3 (2 bar), sink at 3.
    let mut net = HeatNet::new(Fluid::constant(1000.0, 1e-3, 4180.0), FrictionModel::Nikuradse);
    net.junctions = junctions(4);
    net.junctions[2].elevation_m = 20.0;
    net.junctions[3].elevation_m = 20.0;
    net.fixed = vec![FixedJunction { junction: 0, p_bar: Some(5.0), t_c: Some(60.0) }];
    net.injections = vec![Injection { junction: 3, mdot_kg_s: -1.5 }];
    net.branches = vec![
        branch("pump", 0, 1, BranchKind::Pump(PumpLift::Fixed(1.0))),
        branch("pipe", 1, 2, pipe(100.0, 0.08)),
        branch("control", 2, 3, BranchKind::PressureControl { junction: 3, p_bar: 2.0 }),
    ];
    let flow = solve(&net);
    assert_eq!(flow.status, NetStatus::Solved, "{flow:?}");
    for m in &flow.mdot_kg_s {
        assert!((m - 1.5).abs() < 1e-12);
    }
    let area = std::f64::consts::PI * 0.08 * 0.08 / 4.0;
    let re = 1.5 * 0.08 / (1e-3 * area);
    let lambda = 64.0 / re + 1.0 / (-2.0 * (1e-4 / (3.71 * 0.08f64)).log10()).powi(2);
    let loss = lambda * 100.0 / 0.08 * 1.5 * 1.5 / (2.0 * 1000.0 * area * area) / 1e5;
    let air = air_pressure_bar(0.0) - air_pressure_bar(20.0);
    let p2 = 6.0 - loss - 1000.0 * 9.81 * 20.0 / 1e5 + air;
    assert!((flow.p_bar[2] - p2).abs() < 1e-9, "{} {p2}", flow.p_bar[2]);
    assert!((flow.p_bar[3] - 2.0).abs() < 1e-9);
}

#[test]
fn what_is_cut_off_is_told_and_still() {
    let mut net = loop_of_four(Consumer::HeatAndReturn { heat_w: 3e5, return_c: 50.0 });
    net.branches[1].in_service = false;
    let flow = solve(&net);
    assert!(matches!(&flow.status, NetStatus::Partly { why } if why.contains("consumer")));
    assert_eq!(flow.mdot_kg_s[2], 0.0);
    assert!(flow.p_bar[1].is_nan());
    assert!(flow.heat_w[2] == 0.0);
}

#[test]
fn given_flows_that_do_not_add_up_are_told() {
    let mut net = loop_of_four(Consumer::FlowAndDrop { mdot_kg_s: 2.0, drop_k: 30.0 });
    net.branches[0].kind = BranchKind::CirculationFlow {
        mdot_kg_s: 3.0,
        p_flow_bar: Some(10.0),
        t_flow_c: Some(90.0),
        heat_max_w: f64::INFINITY,
    };
    let flow = solve(&net);
    assert!(!matches!(flow.status, NetStatus::Solved), "{:?}", flow.status);
}

#[test]
fn water_that_changes_with_temperature_conserves_heat() {
    let mut net = loop_of_four(Consumer::HeatAndReturn { heat_w: 3e5, return_c: 50.0 });
    net.fluid = Fluid::water();
    for b in &mut net.branches {
        if let BranchKind::Pipe { sections, .. } = &mut b.kind {
            *sections = 5;
        }
    }
    let flow = solve(&net);
    assert_eq!(flow.status, NetStatus::Solved, "{flow:?}");
    assert!(flow.residuals.energy < 1e-9, "{:?}", flow.residuals);
}

#[test]
fn a_plant_short_of_heat_cools_its_supply_and_no_heat_appears() {
    let radiator = Consumer::Radiator {
        heat_w: 3e5,
        surface_w: 3e5 / 46.0f64.powf(1.3),
        indoor_c: 20.0,
        open_kg_s: 2.0,
    };
    let mut last = f64::INFINITY;
    for heat_max_w in [f64::INFINITY, 2.5e5, 1.5e5, 5e4] {
        let mut net = loop_of_four(radiator);
        net.branches[0].kind = BranchKind::CirculationPressure {
            lift_bar: 4.0,
            p_flow_bar: Some(10.0),
            t_flow_c: Some(90.0),
            heat_max_w,
        };
        let flow = solve(&net);
        assert_eq!(flow.status, NetStatus::Solved, "{heat_max_w} {flow:?}");
        assert!(flow.residuals.energy < 1e-9, "{:?}", flow.residuals);
        assert!(flow.heat_w[2] <= 3e5 * (1.0 + 1e-9) && flow.heat_w[2] < last);
        assert!(-flow.heat_w[0] <= heat_max_w * (1.0 + 1e-7));
        last = flow.heat_w[2];
    }
}

#[test]
fn a_solver_follows_controls_that_change() {
    let mut net = loop_of_four(Consumer::HeatAndReturn { heat_w: 3e5, return_c: 50.0 });
    let mut solver = NetSolver::new(&net, NetSettings::default()).unwrap();
    let asked = solver.solve(&net).unwrap().mdot_kg_s[0];
    for mdot_kg_s in [asked, 1.0] {
        let given = Consumer::FlowAndReturn { mdot_kg_s, return_c: 50.0 };
        net.branches[2].kind = BranchKind::Consumer(given);
        let flow = solver.solve(&net).unwrap();
        assert!((flow.mdot_kg_s[0] - mdot_kg_s).abs() < 1e-9, "{flow:?}");
        assert!((flow.mdot_kg_s[2] - mdot_kg_s).abs() < 1e-9, "{flow:?}");
    }
    // A limit that a plant did not have before.
    net.branches[0].kind = BranchKind::CirculationPressure {
        lift_bar: 4.0,
        p_flow_bar: Some(10.0),
        t_flow_c: Some(90.0),
        heat_max_w: 1e5,
    };
    let flow = solver.solve(&net).unwrap();
    assert!(-flow.heat_w[0] <= 1e5 * (1.0 + 1e-6), "{flow:?}");
}

#[test]
fn a_plant_of_given_heat() {
    // A second plant beside the first, on the same junctions, makes a third of the heat.
    let mut net = loop_of_four(Consumer::HeatAndReturn { heat_w: 3e5, return_c: 50.0 });
    let second = Consumer::HeatAndReturn { heat_w: -1e5, return_c: 90.0 };
    net.branches.push(branch("second", 3, 0, BranchKind::Consumer(second)));
    let flow = solve(&net);
    assert_eq!(flow.status, NetStatus::Solved, "{flow:?}");
    assert!((flow.heat_w[4] / -1e5 - 1.0).abs() < 1e-8);
    assert!(flow.mdot_kg_s[4] > 0.0 && flow.residuals.energy < 1e-9);
    assert!((flow.heat_w[2] / 3e5 - 1.0).abs() < 1e-8);
    assert_eq!(net.return_side(), [false, false, true, true]);
}

#[test]
fn bad_rows_are_errors() {
    let mut net = loop_of_four(Consumer::HeatAndReturn { heat_w: f64::NAN, return_c: 50.0 });
    assert!(NetSolver::new(&net, NetSettings::default()).is_err());
    net = loop_of_four(Consumer::HeatAndReturn { heat_w: 1.0, return_c: 50.0 });
    net.branches[1].to = 9;
    assert!(NetSolver::new(&net, NetSettings::default()).is_err());
}

/// A lattice of pipes, its like beside it, consumers of several sizes, and a second plant.
fn lattice(side: u32) -> HeatNet {
    let n = side * side;
    let mut net = HeatNet::new(Fluid::constant(977.8, 4.04e-4, 4190.0), FrictionModel::Colebrook);
    net.junctions = junctions(2 * n as usize);
    for (i, j) in net.junctions.iter_mut().enumerate() {
        // The return lies a little deeper, and not everywhere by as much.
        j.elevation_m =
            (i % n as usize) as f64 * 0.7 - if i < n as usize { 0.0 } else { i as f64 * 0.01 };
    }
    net.branches.push(branch("plant", n, 0, plant(8.0, 90.0)));
    for shift in [0, n] {
        for r in 0..side {
            for c in 0..side {
                let v = r * side + c + shift;
                let kind =
                    |k: u32| pipe(40.0 + f64::from(k % 7) * 20.0, 0.08 + f64::from(k % 5) * 0.02);
                if c + 1 < side {
                    // Pipes beside each other need not be told the same way round.
                    let (a, b) = if shift > 0 && c % 2 == 0 { (v + 1, v) } else { (v, v + 1) };
                    net.branches.push(branch("across", a, b, kind(v - shift)));
                }
                if r + 1 < side {
                    net.branches.push(branch("along", v, v + side, kind(2 * (v - shift) + 3)));
                }
            }
        }
    }
    for j in (1..n - 1).filter(|j| j % 3 != 0) {
        let consumer = Consumer::HeatAndReturn { heat_w: 2e4 + 1e3 * f64::from(j), return_c: 50.0 };
        net.branches.push(branch("consumer", j, j + n, BranchKind::Consumer(consumer)));
    }
    let second = BranchKind::CirculationFlow {
        mdot_kg_s: 1.0,
        p_flow_bar: None,
        t_flow_c: Some(85.0),
        heat_max_w: f64::INFINITY,
    };
    net.branches.push(branch("second", 2 * n - 1, n - 1, second));
    net
}

fn first_return_pipe(net: &mut HeatNet) -> &mut f64 {
    let n = net.junctions.len() as u32 / 2;
    let pipe = net.branches.iter_mut().find_map(|b| {
        if let BranchKind::Pipe { roughness_m, .. } = &mut b.kind {
            (b.from >= n).then_some(roughness_m)
        } else {
            None
        }
    });
    pipe.unwrap()
}

#[test]
fn sides_that_are_alike_are_what_each_would_be_alone() {
    let net = lattice(6);
    let mut other = net.clone();
    *first_return_pipe(&mut other) *= 1.0 + 1e-12;
    assert!(layout::Layout::new(&net).unwrap().twins.is_some());
    assert!(layout::Layout::new(&other).unwrap().twins.is_none());
    let (one, two) = (solve(&net), solve(&other));
    assert_eq!((&one.status, &two.status), (&NetStatus::Solved, &NetStatus::Solved));
    let apart =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart(&one.p_bar, &two.p_bar) < 1e-7);
    assert!(apart(&one.mdot_kg_s, &two.mdot_kg_s) < 1e-6);
    assert!(apart(&one.t_c, &two.t_c) < 1e-5);
    assert!(one.residuals.mass_kg_s < 1e-10 && one.residuals.energy < 1e-10);
}

#[test]
fn sides_stop_being_alike_when_a_pipe_changes() {
    let mut net = lattice(4);
    let mut solver = NetSolver::new(&net, NetSettings::default()).unwrap();
    solver.solve(&net).unwrap();
    *first_return_pipe(&mut net) *= 20.0;
    let (kept, fresh) = (solver.solve(&net).unwrap(), solve(&net));
    assert_eq!(kept.status, NetStatus::Solved);
    for (a, b) in kept.p_bar.iter().zip(&fresh.p_bar) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
    // So they do where water is taken out on one side alone.
    net.injections.push(Injection { junction: 5, mdot_kg_s: 0.0 });
    assert!(layout::Layout::new(&net).unwrap().twins.is_none());
}
