//! blackstart's side of `bench/heat.py`: prints what one solve of a heat network takes, in ms
//! of processor time, as one line of JSON.
//!
//!     heat_worker FOLDER NET cold|warm SECONDS
//!
//! *cold* is the analysis of the structure and a solve from nothing; *warm* are 24 solves of
//! the same structure with all consumers scaled. Reading is not counted, as it is not for the
//! peer. What is measured is compared with the tight solution beside the network's file.
#![allow(clippy::print_stdout, reason = "a program that answers on standard output")]

use std::collections::HashMap;
use std::f64::consts::PI;
use std::hint::black_box;
use std::path::Path;

use blackstart::heat::net::{
    BranchKind, Consumer, HeatNet, NetFlow, NetSettings, NetSolver, NetStatus,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Below this flow, kg/s, water counts as still.
const STILL_KG_S: f64 = 0.05;

type Failure = Box<dyn std::error::Error>;

/// Processor time of this process so far, s.
#[expect(clippy::cast_precision_loss)]
fn cpu_s() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// The day's networks: all consumers scaled by one share an hour.
fn day(net: &HeatNet) -> Vec<HeatNet> {
    let scaled = |h: u32| {
        let share = 1.0 + 0.25 * (2.0 * PI * f64::from(h) / 24.0).sin();
        let mut net = net.clone();
        for b in &mut net.branches {
            if let BranchKind::Consumer(Consumer::HeatAndReturn { heat_w, .. }) = &mut b.kind {
                *heat_w *= share;
            }
        }
        net
    };
    (0..24).map(scaled).collect()
}

/// Largest differences of pressure (bar) and temperature (K) from the tight solution.
fn apart(folder: &Path, name: &str, net: &HeatNet, flow: &NetFlow) -> Result<(f64, f64), Failure> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.junctions.csv")))?;
    let mut tight = HashMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let [id, p, t, ..] = cells.as_slice() {
            tight.insert(id.to_string(), (p.parse::<f64>()?, t.parse::<f64>()?));
        }
    }
    // Still water has the temperature of the ground here and that of the air in the peer.
    let mut moving = vec![false; net.junctions.len()];
    for (b, m) in net.branches.iter().zip(&flow.mdot_kg_s) {
        if m.abs() > STILL_KG_S {
            moving[b.from as usize] = true;
            moving[b.to as usize] = true;
        }
    }
    let mut most = (0.0_f64, 0.0_f64);
    for (k, j) in net.junctions.iter().enumerate() {
        let &(peer_p, peer_t) = tight.get(&j.id).ok_or("a junction without a peer")?;
        most.0 = most.0.max((flow.p_bar[k] - peer_p).abs());
        if moving[k] {
            most.1 = most.1.max((flow.t_c[k] + 273.15 - peer_t).abs());
        }
    }
    Ok(most)
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, name, mode, seconds] = arguments.as_slice() else {
        return Err("heat_worker FOLDER NET cold|warm SECONDS".into());
    };
    let (folder, seconds) = (Path::new(folder), seconds.parse::<f64>()?);
    let read = blackstart_io::read_pandapipes(&folder.join(format!("{name}.json")));
    let net = read.network.ok_or("the network is not sound")?.net;
    // The peer's tolerance of flows; heat to what that makes of it.
    let settings =
        NetSettings { tolerance_kg_s: 1e-5, tolerance_demand: 5e-6, ..NetSettings::default() };
    let day = day(&net);
    let mut solver = NetSolver::new(&net, settings)?;
    let flow = solver.solve(&net)?;
    let (p_bar, t_k) = apart(folder, name, &net, &flow)?;
    let mut rounds = flow.iterations;
    let mut solved = flow.status == NetStatus::Solved;
    let (mut spent, mut runs) = (0.0, 0_u32);
    while spent < seconds {
        let start = cpu_s();
        if mode == "cold" {
            let mut solver = NetSolver::new(black_box(&net), settings)?;
            black_box(solver.solve(&net)?);
        } else {
            rounds = 0;
            for hour in &day {
                let flow = solver.solve(black_box(hour))?;
                rounds += flow.iterations;
                solved &= flow.status == NetStatus::Solved;
            }
        }
        spent += cpu_s() - start;
        runs += 1;
    }
    println!(
        "{}",
        json!({
            "ms": spent / f64::from(runs) * 1e3,
            "rounds": rounds,
            "solved": solved,
            "p_bar": p_bar,
            "t_k": t_k,
        })
    );
    Ok(())
}
