//! Fronts that arrive when they must, and heat that is conserved.

use std::f64::consts::PI;

use super::super::Fluid;
use super::super::tests::{branch, junctions, loop_of_four, pipe, plant};
use super::super::{Consumer, FrictionModel, HeatNet, NetSettings};
use super::*;

const HEAT: f64 = 4190.0;

fn chain(pipes: u32, loss: f64) -> HeatNet {
    let mut net = HeatNet::new(Fluid::constant(977.8, 4.04e-4, HEAT), FrictionModel::Colebrook);
    net.junctions = junctions(pipes as usize + 1);
    net.fixed =
        vec![super::super::FixedJunction { junction: 0, p_bar: Some(5.0), t_c: Some(80.0) }];
    net.injections = vec![super::super::Injection { junction: pipes, mdot_kg_s: -1.0 }];
    for i in 0..pipes {
        let mut kind = pipe(10.0, 0.05);
        if let BranchKind::Pipe { loss_w_m_k, .. } = &mut kind {
            *loss_w_m_k = loss;
        }
        net.branches.push(branch(&i.to_string(), i, i + 1, kind));
    }
    net
}

#[test]
fn a_front_passes_several_pipes_within_a_step() {
    let net = chain(5, 0.0);
    let content = PI / 4.0 * 0.05 * 0.05 * 10.0 * 977.8;
    let mut water = Transport::new(&net, &[20.0; 5], 20.0);
    // Three and a half pipes' content in one step: the fourth is half full of hot water.
    let out = water.step(&net, &[1.0; 5], 3.5 * content);
    let mean = |b: usize| out.t_out_c[b];
    // The third pipe gives off hot water for half a content's time.
    assert!((mean(2) - (20.0 + 60.0 * 0.5 / 3.5)).abs() < 1e-9, "{}", mean(2));
    assert!((mean(3) - 20.0).abs() < 1e-9 && (out.t_out_end_c[2] - 80.0).abs() < 1e-9);
    assert!(out.energy < 1e-12, "{out:?}");
    // What is left of the way takes one and a half contents, to the second.
    let before = water.step(&net, &[1.0; 5], 1.499 * content);
    assert!((before.t_out_end_c[4] - 20.0).abs() < 1e-9);
    let after = water.step(&net, &[1.0; 5], 0.002 * content);
    assert!((after.t_out_end_c[4] - 80.0).abs() < 1e-9);
}

#[test]
fn the_length_of_steps_does_not_matter() {
    let net = chain(4, 0.6);
    let content = PI / 4.0 * 0.05 * 0.05 * 10.0 * 977.8;
    let run = |steps: u32| {
        let mut water = Transport::new(&net, &[20.0; 4], 20.0);
        let (mut lost, mut heat) = (0.0, 0.0);
        for _ in 0..steps {
            let out = water.step(&net, &[1.0; 4], 6.0 * content / f64::from(steps));
            lost += out.lost_j;
            heat += out.outside_j;
            assert!(out.energy < 1e-9);
        }
        (lost, heat, water.warmth_j())
    };
    let (one, many) = (run(1), run(300));
    for (a, b) in [(one.0, many.0), (one.1, many.1), (one.2, many.2)] {
        assert!((a / b - 1.0).abs() < 2e-3, "{one:?} {many:?}");
    }
}

#[test]
fn a_closed_network_comes_to_its_steady_state() {
    let net = loop_of_four(Consumer::HeatAndReturn { heat_w: 3e5, return_c: 50.0 });
    let mut drive = Drive::new(&net, NetSettings::default()).unwrap();
    let mut last = None;
    for _ in 0..40 {
        let step = drive.step(&net, 300.0).unwrap();
        assert!(step.settled && step.carried.energy < 1e-9, "{:?}", step.carried);
        last = Some(step);
    }
    let last = last.unwrap();
    let steady =
        super::super::NetSolver::new(&net, NetSettings::default()).unwrap().solve(&net).unwrap();
    let given = last.carried.heat_j[2] / 300.0;
    assert!((given / 3e5 - 1.0).abs() < 1e-5, "{given} in {} rounds", last.rounds);
    let (m, want) = (last.flow.mdot_kg_s[2], steady.mdot_kg_s[2]);
    assert!((m / want - 1.0).abs() < 1e-3, "{m} {want}");
    assert!((last.carried.heat_j[0] / 300.0 / steady.heat_w[0] - 1.0).abs() < 1e-3);
    assert!((last.carried.t_in_c[2] - steady.t_c[1]).abs() < 0.05);
}

#[test]
fn rings_and_still_water_conserve_heat() {
    // 0 → 1 → 2 → 0 by a pump, and a blind branch.
    let mut net = chain(2, 0.6);
    net.fixed.clear();
    net.injections.clear();
    net.junctions = junctions(4);
    net.branches.push(branch("pump", 2, 0, BranchKind::Pump(super::super::PumpLift::Fixed(1.0))));
    net.branches.push(branch("blind", 1, 3, pipe(10.0, 0.05)));
    let mut water = Transport::new(&net, &[80.0, 40.0, 0.0, 60.0], 50.0);
    for seconds in [1.0, 20.0, 600.0, 7200.0] {
        let out = water.step(&net, &[1.0, 1.0, 1.0, 0.0], seconds);
        assert!(out.energy < 1e-9, "{seconds}: {out:?}");
        assert!(out.lost_j > 0.0);
    }
}

#[test]
fn a_plant_without_heat_sends_its_return_round() {
    let mut net = loop_of_four(Consumer::FlowAndDrop { mdot_kg_s: 2.0, drop_k: 5.0 });
    let mut dark = plant(4.0, 90.0);
    if let BranchKind::CirculationPressure { heat_max_w, .. } = &mut dark {
        *heat_max_w = 1e4;
    }
    net.branches[0].kind = dark;
    let mut water = Transport::new(&net, &[0.0, 80.0, 0.0, 50.0], 50.0);
    for _ in 0..20 {
        let out = water.step(&net, &[2.0; 4], 900.0);
        assert!(out.energy < 1e-9, "{out:?}");
        assert!(-out.heat_j[0] <= 1e4 * 900.0 * (1.0 + 1e-9));
    }
}
