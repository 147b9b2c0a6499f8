//! A pipe: friction and minor loss together.

use super::darcy_weisbach::DarcyWeisbach;
use super::{LEAST_GRADIENT, chezy_manning, hazen_williams, power_law};

/// True of a step that multiplies the flow of a pipe near rest.
#[inline]
#[must_use]
pub fn leaps(q_old: f64, q_new: f64) -> bool {
    q_new.abs() > 8.0 * q_old.abs() + 1e-6
}

/// Friction of a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Friction {
    /// `r |q|^1.852`.
    HazenWilliams {
        /// See [`hazen_williams::resistance`].
        r: f64,
    },
    /// By friction factor.
    DarcyWeisbach(DarcyWeisbach),
    /// `r q²`.
    ChezyManning {
        /// See [`chezy_manning::resistance`].
        r: f64,
    },
}

/// Head loss of a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeLaw {
    /// Along its length.
    pub friction: Friction,
    /// `minor q²` on top; see [`super::minor_loss`].
    pub minor: f64,
}

impl PipeLaw {
    /// Head loss (m) and its gradient (m per m³/s) at flow `q` (m³/s).
    #[must_use]
    pub fn loss(&self, q: f64) -> (f64, f64) {
        let (h, g) = match &self.friction {
            Friction::HazenWilliams { r } => {
                power_law(*r, hazen_williams::EXPONENT, q, LEAST_GRADIENT)
            }
            Friction::ChezyManning { r } => {
                power_law(*r, chezy_manning::EXPONENT, q, LEAST_GRADIENT)
            }
            Friction::DarcyWeisbach(law) => {
                let (h, g) = law.loss(q);
                // A short wide pipe in laminar flow has next to no gradient of its own.
                let extra = 0.1 * LEAST_GRADIENT;
                (h + extra * q, g + extra)
            }
        };
        (h + self.minor * q * q.abs(), g + 2.0 * self.minor * q.abs())
    }

    /// Flow that (roughly, with minor losses) loses `drop` m.
    #[must_use]
    pub fn flow_near(&self, drop: f64) -> f64 {
        let friction = match &self.friction {
            Friction::HazenWilliams { r } => (drop.abs() / r).powf(1.0 / hazen_williams::EXPONENT),
            Friction::ChezyManning { r } => (drop.abs() / r).sqrt(),
            Friction::DarcyWeisbach(law) => law.flow_near(drop).abs(),
        };
        let q = if self.minor > 0.0 {
            friction.min((drop.abs() / self.minor).sqrt())
        } else {
            friction
        };
        q.copysign(drop)
    }

    /// Keeps a Newton step out of a pipe at rest from flying off: where the step
    /// multiplies the flow, the new flow is the one that the new drop would cause.
    #[must_use]
    pub fn settle(&self, q_old: f64, q_new: f64, drop: f64) -> f64 {
        if leaps(q_old, q_new) {
            let natural = self.flow_near(drop);
            if natural.abs() < q_new.abs() && natural * q_new > 0.0 {
                return natural;
            }
        }
        q_new
    }
}
