//! Milliseconds per hour of water simulation for synthetic grids of streets.
//!
//!     cargo run --release --example water_bench
#![allow(clippy::print_stdout)]

use blackstart::region::{
    Junction, JunctionDemand, Pipe, PipeStatus, Pump, PumpCurve, Reservoir, Tank, Water,
    WaterNodeIdx,
};
use blackstart::water::{WaterInput, WaterSolver, demand_at};
use std::time::Instant;

/// A rectangular grid of streets, pumped at one corner, with a tank at the other.
fn town(junctions: usize) -> Water {
    let side = (junctions as f64).sqrt().round() as usize;
    let n = side * side;
    let mut water = Water::default();
    for i in 0..n {
        water.junctions.push(Junction {
            id: format!("J{i}"),
            elevation_m: ((i * 7919) % 23) as f64,
            demands: vec![JunctionDemand { base_m3h: 2.0, pattern: None }],
            emitter_m3h: 0.0,
            position: None,
        });
    }
    let mut pipe = |from: usize, to: usize, diameter_mm: f64| {
        water.pipes.push(Pipe {
            id: format!("P{from}-{to}"),
            from: WaterNodeIdx(from as u32),
            to: WaterNodeIdx(to as u32),
            length_m: 150.0,
            diameter_mm,
            roughness: 110.0,
            minor_loss: 0.0,
            status: PipeStatus::Open,
        });
    };
    for row in 0..side {
        for column in 0..side {
            let i = row * side + column;
            let main = if row % 8 == 0 || column % 8 == 0 { 600.0 } else { 200.0 };
            if column + 1 < side {
                pipe(i, i + 1, main);
            }
            if row + 1 < side {
                pipe(i, i + side, main);
            }
        }
    }
    pipe(n - 1, n + 1, 700.0);
    water.reservoirs.push(Reservoir { id: "R".into(), head_m: 5.0, pattern: None, position: None });
    water.pumps.push(Pump {
        id: "U".into(),
        from: WaterNodeIdx(n as u32),
        to: WaterNodeIdx(0),
        curve: PumpCurve::Points(vec![(2.4 * n as f64, 75.0)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    });
    water.tanks.push(Tank {
        id: "T".into(),
        elevation_m: 55.0,
        init_level_m: 3.0,
        min_level_m: 0.0,
        max_level_m: 6.0,
        diameter_m: 30.0,
        min_volume_m3: 0.0,
        volume_curve: vec![],
        overflow: false,
        position: None,
        facility: None,
    });
    water
}

fn main() {
    println!("junctions  calm_ms_per_h  outage_ms_per_h  supplied_share");
    for junctions in [300, 1000, 3000] {
        let water = town(junctions);
        let mut solver = WaterSolver::new(&water);
        let mut state = solver.initial_state(&water);
        let mut demand = vec![0.0; water.junctions.len()];
        let whole = vec![true; water.pipes.len()];
        let (mut calm, mut outage, mut supplied, mut asked) = (0.0, 0.0, 0.0, 0.0);
        for hour in 0..48 {
            demand_at(&water, f64::from(hour), &mut demand);
            for d in &mut demand {
                *d *= 1.0 + 0.5 * (f64::from(hour) * 0.26).sin();
            }
            let dark = (12..36).contains(&hour);
            let input = WaterInput {
                demand_m3h: &demand,
                pump_capacity: &[if dark { 0.0 } else { 1.0 }],
                pipe_whole: &whole,
                tank_whole: &[true],
                step_h: 1.0,
            };
            let start = Instant::now();
            let out = solver.step(&water, &input, &mut state);
            let ms = start.elapsed().as_secs_f64() * 1e3 / 24.0;
            *(if dark { &mut outage } else { &mut calm }) += ms;
            supplied += out.supplied_m3h.iter().sum::<f64>();
            asked += demand.iter().sum::<f64>();
        }
        println!(
            "{:9}  {calm:13.3}  {outage:15.3}  {:14.3}",
            water.junctions.len(),
            supplied / asked
        );
    }
}
