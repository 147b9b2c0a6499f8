//! Networks to test on.

use super::*;
use crate::region::{
    HeatJunction, HeatJunctionIdx, HeatOptions, HeatPipe, HeatSubstation, Laid, Plant, PlantKind,
};

pub fn junction(id: usize) -> HeatJunction {
    HeatJunction { id: format!("J{id}"), elevation_m: 0.0, position: None }
}

pub fn pipe(from: usize, to: usize, length_m: f64, diameter_mm: f64) -> HeatPipe {
    HeatPipe {
        id: format!("P{from}-{to}"),
        from: HeatJunctionIdx::new(from),
        to: HeatJunctionIdx::new(to),
        length_m,
        diameter_mm,
        roughness_mm: 0.5,
        loss_w_m_k: 0.25 + diameter_mm * 6e-4,
        laid: Laid::Ground,
    }
}

pub fn plant(at: usize, heat_max_mw: f64, pump_head_m: f64) -> Plant {
    Plant {
        id: format!("H{at}"),
        name: String::new(),
        kind: PlantKind::BoilerHouse,
        junction: HeatJunctionIdx::new(at),
        heat_max_mw,
        generator: None,
        power_to_heat: 0.0,
        power_loss_per_heat: 0.0,
        operating_mw: Vec::new(),
        efficiency: 0.9,
        pump_head_m,
        fuel_h: f64::INFINITY,
        position: None,
        facility: None,
    }
}

pub fn substation(at: usize, design_mw: f64) -> HeatSubstation {
    HeatSubstation {
        id: format!("S{at}"),
        junction: HeatJunctionIdx::new(at),
        design_mw,
        hot_water_mw: 0.0,
        bypass_share: 0.0,
    }
}

/// One plant, one pipe pair, one substation.
pub fn smallest(length_m: f64) -> Heat {
    Heat {
        options: HeatOptions::default(),
        junctions: vec![junction(0), junction(1)],
        pipes: vec![pipe(0, 1, length_m, 200.0)],
        plants: vec![plant(0, 8.0, 60.0)],
        substations: vec![substation(1, 5.0)],
    }
}

/// Numbers from a seed, for networks only (Lehmer's generator).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

/// A network of `n` junctions on a random tree with `chords` extra pipes, `plants`
/// plants of ample size and pipes sized for 1.4 times design flow at 150 Pa/m. Pumps
/// leave the farthest substation 20 m at that flow.
pub fn random(dice: &mut Dice, n: usize, chords: usize, plants: usize) -> Heat {
    let mut heat = empty();
    grow(&mut heat, dice, n, chords, plants);
    heat
}

/// No network at all.
pub fn empty() -> Heat {
    Heat {
        options: HeatOptions::default(),
        junctions: Vec::new(),
        pipes: Vec::new(),
        plants: Vec::new(),
        substations: Vec::new(),
    }
}

/// Adds such a network to `heat`.
pub fn grow(heat: &mut Heat, dice: &mut Dice, n: usize, chords: usize, plants: usize) {
    let base = heat.junctions.len();
    let mut parent = vec![0; n];
    let mut load = vec![0.0; n];
    for i in 0..n {
        heat.junctions.push(junction(base + i));
        if i > 0 {
            let oldest = i.saturating_sub(6);
            parent[i] = oldest + dice.below(i - oldest);
            if dice.unit() < 0.7 {
                load[i] = dice.between(0.2, 6.0);
                heat.substations.push(substation(base + i, load[i]));
            }
        }
    }
    if load.iter().all(|&l| l == 0.0) {
        load[n - 1] = 2.0;
        heat.substations.push(substation(base + n - 1, 2.0));
    }
    let total: f64 = load.iter().sum();
    let mut below = load.clone();
    for i in (1..n).rev() {
        below[parent[i]] += below[i];
    }
    // m³/s at 1.4 times design; diameter by Darcy–Weisbach with λ = 0.025 at 150 Pa/m.
    let flow = |mw: f64| 1.4 * mw * 1e6 / (4205.0 * 40.0 * 965.3);
    let diameter = |q: f64| {
        let d5 = 8.0 * 0.025 * 965.3 * q * q / (std::f64::consts::PI.powi(2) * 150.0);
        1000.0 * d5.powf(0.2).max(0.05)
    };
    let mut reach = vec![0.0; n];
    let mut longest: f64 = 0.0;
    for i in 1..n {
        let length = dice.between(80.0, 500.0);
        reach[i] = reach[parent[i]] + length;
        longest = longest.max(reach[i]);
        heat.pipes.push(pipe(base + parent[i], base + i, length, diameter(flow(below[i]))));
    }
    for _ in 0..chords {
        let (a, b) = (dice.below(n), dice.below(n));
        if a != b {
            let length = dice.between(100.0, 600.0);
            heat.pipes.push(pipe(base + a, base + b, length, diameter(flow(0.1 * total))));
        }
    }
    // A pump at 1.4 times its design flow has 0.51 of its head at rest; plants are
    // sized with a margin of 1.3, which leaves 0.71.
    let needed = 20.0 + 2.0 * 150.0 * longest / (965.3 * 9.81);
    for k in 0..plants {
        let at = if k == 0 { 0 } else { dice.below(n) };
        heat.plants.push(plant(base + at, 1.3 * total, needed / 0.71));
    }
}

/// Inputs of an hour with nothing wrong, owned.
#[derive(Clone)]
pub struct Hour {
    pub available_mw: Vec<f64>,
    pub circulation: Vec<f64>,
    pub pipe_whole: Vec<bool>,
    pub demand_mw: Vec<f64>,
    pub hot_water_mw: Vec<f64>,
    pub indoor_c: Vec<f64>,
    pub outdoor_c: f64,
    pub step_h: f64,
}

impl Hour {
    /// Demand follows from the outdoor temperature.
    pub fn healthy(heat: &Heat, outdoor_c: f64) -> Self {
        let share = ((20.0 - outdoor_c) / 42.0).clamp(0.0, 1.2);
        Self {
            available_mw: heat.plants.iter().map(|p| p.heat_max_mw).collect(),
            circulation: vec![1.0; heat.plants.len()],
            pipe_whole: vec![true; heat.pipes.len()],
            demand_mw: heat.substations.iter().map(|s| s.design_mw * share).collect(),
            hot_water_mw: heat.substations.iter().map(|s| s.hot_water_mw).collect(),
            indoor_c: vec![20.0; heat.substations.len()],
            outdoor_c,
            step_h: 1.0,
        }
    }

    pub fn input(&self) -> HeatInput<'_> {
        HeatInput {
            available_mw: &self.available_mw,
            circulation: &self.circulation,
            pipe_whole: &self.pipe_whole,
            demand_mw: &self.demand_mw,
            hot_water_mw: &self.hot_water_mw,
            indoor_c: &self.indoor_c,
            outdoor_c: self.outdoor_c,
            step_h: self.step_h,
        }
    }
}
