//! The hydraulic solver that water and heat share: head-loss laws, pumps, valves, one
//! sparse symmetric factorisation. SI units: m, m³/s, s.
//!
//! [`Gga`] solves any network whose edges have a monotone relation between flow and
//! head drop. The laws are plain values that return `(head drop, gradient)`; who owns
//! a network implements [`Hydraulics`] and asks the law of each edge.

pub mod chezy_manning;
pub mod darcy_weisbach;
mod gga;
pub mod hazen_williams;
mod limits;
mod pipe;
mod pump;
mod reach;
mod regulator;
mod valve;

pub use gga::{Flow, GROUND, Gga, Hydraulics, Outcome, Regulation, Settings, Step};
pub use limits::{Bounds, bounded};
pub use pipe::{Friction, PipeLaw, leaps};
pub use pump::{PumpLaw, WATER_KN_M3};
pub use reach::Direction;
pub use regulator::{Regulator, RegulatorKind, RegulatorStatus};
pub use valve::{Curve, ValveLaw, minor_loss};

/// Standard gravity as EPANET uses it (32.2 ft/s²), m/s².
pub const GRAVITY_M_S2: f64 = 9.814_56;

/// Head and gradient of `|q|^n` laws: `sign(q) r |q|^n`, linear where the gradient
/// would fall below `least_gradient` (m per m³/s), so that Newton's matrix stays regular at rest.
#[must_use]
pub fn power_law(r: f64, n: f64, q: f64, least_gradient: f64) -> (f64, f64) {
    let a = q.abs();
    let gradient = n * r * a.powf(n - 1.0);
    if gradient < least_gradient {
        let slope = least_gradient / n;
        return (slope * q, slope);
    }
    (gradient * q / n, gradient)
}

/// Gradient below which a pipe counts as at rest, m per m³/s. The head error is below
/// `LEAST_GRADIENT · q`. In a loop of wide pipes even a small gradient moves flows; a much
/// smaller one (EPANET has 1e-6) makes some damaged networks miss convergence.
pub const LEAST_GRADIENT: f64 = 1e-4;
