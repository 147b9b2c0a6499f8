//! DESTEST network exercise 1: a week of a branched network by plug flow.

use std::f64::consts::PI;

use blackstart::heat::net::{BranchKind, Consumer, Drive, Fluid, NetSettings};

use super::{Pairs, number, table};

/// Seconds of a step: demands are given every ten minutes, results every fifteen.
const STEP_S: f64 = 300.0;

const HEAT_J_KG_K: f64 = 4180.0;

/// Cooling in a building, K.
const DROP_K: f64 = 20.0;

/// Flow through a building that asks for nothing, kg/s.
const LEAST_KG_S: f64 = 6.7e-4;

pub struct Week {
    /// Injected and lost, kWh, as the tools' samples every 15 minutes add up.
    pub injected_kwh: f64,
    pub lost_kwh: f64,
    /// The same as the whole of every step.
    pub whole_injected_kwh: f64,
    pub whole_lost_kwh: f64,
    pub delivered_kwh: f64,
    /// Every hour: injected, lost (W), temperature at the farthest building (°C).
    pub hours: Vec<[f64; 3]>,
    /// Worst closure of heat of a step, relative to the largest heat in it.
    pub energy: f64,
}

fn network() -> Pairs {
    let mut case = Pairs::new(Fluid::constant(988.0, 5.434e-4, HEAT_J_KG_K), 12.0);
    for row in table("heat-destest1/pipes.csv") {
        let (a, b) = (case.node(&row["from"]), case.node(&row["to"]));
        let (d, t) = (number(&row, "diameter_mm") / 1e3, number(&row, "insulation_mm") / 1e3);
        let kind = BranchKind::Pipe {
            length_m: number(&row, "length_m"),
            diameter_m: d,
            roughness_m: 7e-6,
            loss_coefficient: 0.0,
            loss_w_m_k: 2.0 * PI * 0.035 / ((d + 2.0 * t) / d).ln(),
            ambient_c: 12.0,
            sections: 1,
        };
        let name = format!("{}-{}", row["from"], row["to"]);
        case.branch(&format!("supply {name}"), a.0, b.0, kind.clone());
        case.branch(&format!("return {name}"), b.1, a.1, kind);
    }
    for k in 1..=16 {
        let consumer = Consumer::FlowAndDrop { mdot_kg_s: LEAST_KG_S, drop_k: 0.0 };
        case.consumer(&format!("SimpleDistrict_{k}"), consumer);
    }
    case.plant("i", 10.0, 50.0);
    case
}

fn set_demand(case: &mut Pairs, each_w: f64) {
    for b in &mut case.net.branches {
        if let BranchKind::Consumer(c) = &mut b.kind {
            let mdot_kg_s = (each_w / (HEAT_J_KG_K * DROP_K)).max(LEAST_KG_S);
            *c = Consumer::FlowAndDrop { mdot_kg_s, drop_k: each_w / (mdot_kg_s * HEAT_J_KG_K) };
        }
    }
}

pub fn week() -> Week {
    let demand: Vec<(f64, f64)> = table("heat-destest1/demand.csv")
        .iter()
        .map(|r| (number(r, "time_s"), number(r, "heat_w")))
        .collect();
    // Straight between the values that are given.
    let at = |time: f64| {
        let i = demand.partition_point(|d| d.0 <= time).clamp(1, demand.len() - 1);
        let ((t0, w0), (t1, w1)) = (demand[i - 1], demand[i]);
        w0 + (w1 - w0) * (time - t0) / (t1 - t0)
    };
    let mut case = network();
    let plant = case.place("plant i");
    set_demand(&mut case, at(0.0));
    let mut drive = Drive::new(&case.net, NetSettings::default()).unwrap();
    let mut out = Week {
        injected_kwh: 0.0,
        lost_kwh: 0.0,
        whole_injected_kwh: 0.0,
        whole_lost_kwh: 0.0,
        delivered_kwh: 0.0,
        hours: Vec::new(),
        energy: 0.0,
    };
    let kwh = |j: f64| j / 3.6e6;
    let mut sample = [at(0.0) * 16.0, 0.0, 50.0];
    let mut time = 0.0;
    while time < 604_800.0 - 1.0 {
        if time % 900.0 < 1.0 {
            out.injected_kwh += sample[0] * 900.0 / 3.6e6;
            out.lost_kwh += sample[1] * 900.0 / 3.6e6;
            if time % 3600.0 < 1.0 {
                out.hours.push(sample);
            }
        }
        set_demand(&mut case, at(time + STEP_S / 2.0));
        let step = drive.step(&case.net, STEP_S).unwrap();
        let carried = &step.carried;
        out.whole_injected_kwh += kwh(-carried.heat_j[plant]);
        out.whole_lost_kwh += kwh(carried.lost_j);
        out.delivered_kwh += kwh(carried.heat_j.iter().filter(|h| **h > 0.0).sum());
        out.energy = out.energy.max(carried.energy);
        time += STEP_S;
        // What a tool's sample at this instant has: the flow of now, the water of now.
        let flow = 16.0 * (at(time) / (HEAT_J_KG_K * DROP_K)).max(LEAST_KG_S);
        let water = drive.transport().t_c();
        sample = [
            flow * HEAT_J_KG_K * (50.0 - water[case.back("i")]),
            carried.lost_j / STEP_S,
            water[case.supply("SimpleDistrict_1")],
        ];
    }
    out
}
