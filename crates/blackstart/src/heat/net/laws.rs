//! Laws of edges: the pressure they lose at a flow, and how it grows.

use std::f64::consts::PI;

use super::PA_PER_BAR;
use super::data::{BranchKind, Consumer, PumpLift};
use super::fluid::Fluid;
use super::friction::{Factor, FrictionModel, LEAST_REYNOLDS};

/// Least slope of a law, bar per kg/s: keeps the matrix regular where a curve is flat.
pub(super) const LEAST_SLOPE: f64 = 1e-9;

/// Slope of the wall that a shut or regulating valve is, bar per kg/s: a flow of 1e-9 kg/s
/// against a difference of 10 bar.
const WALL: f64 = 1e10;

/// Pipes and other resistances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resistance {
    pub length_over_d: f64,
    pub zeta: f64,
    pub factor: Factor,
    /// `1/(2 ρ A²)`, bar per (kg/s)².
    pub velocity_head: f64,
    /// Reynolds number per flow, s/kg.
    pub reynolds: f64,
    area_m2: f64,
    diameter_m: f64,
}

impl Resistance {
    pub fn new(model: FrictionModel, length_m: f64, d_m: f64, k_m: f64, zeta: f64) -> Self {
        let area_m2 = PI * d_m * d_m / 4.0;
        Self {
            length_over_d: length_m / d_m,
            zeta,
            factor: Factor::new(model, k_m, d_m),
            velocity_head: 0.0,
            reynolds: 0.0,
            area_m2,
            diameter_m: d_m,
        }
    }

    pub fn set_fluid(&mut self, density_kg_m3: f64, viscosity_pa_s: f64) {
        self.velocity_head = 1.0 / (2.0 * density_kg_m3 * self.area_m2 * self.area_m2 * PA_PER_BAR);
        self.reynolds = self.diameter_m / (viscosity_pa_s * self.area_m2);
    }

    /// Flow at half a metre per second: a point to start from, kg/s.
    pub fn usual_kg_s(&self) -> f64 {
        500.0 * self.area_m2
    }

    /// Loss (bar) and slope (bar per kg/s) at `m` kg/s: Darcy–Weisbach,
    /// `(λ L/d + ζ) m|m|/(2 ρ A²)`.
    #[inline]
    pub fn loss(&self, model: FrictionModel, m: f64) -> (f64, f64) {
        let size = m.abs();
        let re = size * self.reynolds;
        if re < LEAST_REYNOLDS {
            let (lambda, _) = self.lambda(model, LEAST_REYNOLDS);
            let least = LEAST_REYNOLDS / self.reynolds;
            let slope = self.velocity_head * (self.length_over_d * lambda + self.zeta) * least;
            return (slope * m, slope.max(LEAST_SLOPE));
        }
        let (lambda, grows) = self.lambda(model, re);
        let drag = self.length_over_d * lambda + self.zeta;
        let head = self.velocity_head * size;
        (head * drag * m, (head * (2.0 * drag + self.length_over_d * grows)).max(LEAST_SLOPE))
    }

    #[inline]
    fn lambda(&self, model: FrictionModel, re: f64) -> (f64, f64) {
        if self.length_over_d > 0.0 { self.factor.at(model, re) } else { (0.0, 0.0) }
    }
}

/// The law of an edge.
#[derive(Clone, Debug)]
pub(super) enum Law {
    Resistance(Resistance),
    /// Position of its curve among the branches.
    Pump {
        coefficients: Vec<f64>,
        per_kg_s: f64,
    },
    /// A valve with its flow fully open at 1 bar, and what is let through at most.
    Valve {
        open_kg_s: f64,
        wanted_kg_s: f64,
    },
}

impl Law {
    /// The law of a piece that is one of `sections` of a branch; none if it has none.
    pub fn new(model: FrictionModel, kind: &BranchKind, sections: f64) -> Option<Self> {
        Some(match kind {
            BranchKind::Pipe { length_m, diameter_m, roughness_m, loss_coefficient, .. } => {
                Self::Resistance(Resistance::new(
                    model,
                    length_m / sections,
                    *diameter_m,
                    *roughness_m,
                    *loss_coefficient / sections,
                ))
            }
            BranchKind::Valve { diameter_m, loss_coefficient }
            | BranchKind::HeatExchanger { diameter_m, loss_coefficient, .. } => {
                Self::Resistance(Resistance::new(model, 0.0, *diameter_m, 0.0, *loss_coefficient))
            }
            BranchKind::Pump(PumpLift::Curve { coefficients, density_kg_m3 }) => {
                Self::Pump { coefficients: coefficients.clone(), per_kg_s: 3600.0 / density_kg_m3 }
            }
            BranchKind::Consumer(Consumer::Radiator { open_kg_s, .. }) => {
                Self::Valve { open_kg_s: *open_kg_s, wanted_kg_s: 0.0 }
            }
            BranchKind::Pump(PumpLift::Fixed(_))
            | BranchKind::CirculationPressure { .. }
            | BranchKind::CirculationFlow { .. }
            | BranchKind::Consumer(_)
            | BranchKind::PressureControl { .. }
            | BranchKind::FlowControl { .. } => return None,
        })
    }

    pub fn set_fluid(&mut self, fluid: &Fluid, in_c: f64, out_c: f64) {
        if let Self::Resistance(r) = self {
            let rho = (fluid.density_kg_m3.at(in_c) + fluid.density_kg_m3.at(out_c)) / 2.0;
            // A table that is extended far may fall to nothing.
            r.set_fluid(rho.max(1e-3), fluid.viscosity_pa_s.at((in_c + out_c) / 2.0).max(1e-9));
        }
    }

    pub fn usual_kg_s(&self) -> f64 {
        match self {
            Self::Resistance(r) => r.usual_kg_s(),
            Self::Pump { .. } => 1.0,
            Self::Valve { wanted_kg_s, .. } => *wanted_kg_s,
        }
    }

    /// Loss (bar) and slope (bar per kg/s) at `m` kg/s.
    #[inline]
    pub fn loss(&self, model: FrictionModel, m: f64) -> (f64, f64) {
        match self {
            Self::Resistance(r) => r.loss(model, m),
            Self::Pump { coefficients, per_kg_s } => {
                let (mut lift, mut slope) = (0.0, 0.0);
                let v = (m * *per_kg_s).max(0.0);
                for &c in coefficients.iter() {
                    slope = slope * v + lift;
                    lift = lift * v + c;
                }
                if m < 0.0 || lift <= 0.0 {
                    // By-pass: nothing is lifted, nothing is in the way.
                    return (LEAST_SLOPE * m, LEAST_SLOPE);
                }
                (-lift, (-slope * *per_kg_s).max(LEAST_SLOPE))
            }
            Self::Valve { open_kg_s, wanted_kg_s } => {
                let open = *open_kg_s;
                let (mut r, mut g) = (0.0, 0.0);
                let c = 1.0 / (open * open);
                if m > 0.0 {
                    // Straight below a hundredth of the flow at 1 bar.
                    let size = m.max(0.01 * open);
                    r += c * size * m;
                    g += if m > 0.01 * open { 2.0 * c * m } else { c * size };
                } else {
                    g += 0.01 / open;
                    r += 0.01 / open * m + WALL * m;
                    g += WALL;
                }
                if m > *wanted_kg_s {
                    r += WALL * (m - *wanted_kg_s);
                    g += WALL;
                }
                (r, g)
            }
        }
    }
}
