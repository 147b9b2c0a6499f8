//! What a pass over columns or ratings finds out about a step.

/// Sums and largest ratios over everything that must stay positive.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Steps {
    /// Largest share by which the full step would use up a distance to a bound.
    pub primal: f64,
    /// Largest share by which the full step would use up a multiplier.
    pub dual: f64,
    /// Change of the complementarity products per primal step.
    pub by_primal: f64,
    /// Change per dual step.
    pub by_dual: f64,
    /// Change per primal times dual step.
    pub by_both: f64,
}

impl Steps {
    /// Longest steps (primal, dual) that keep everything positive, at most 1.
    pub fn lengths(&self) -> (f64, f64) {
        (1.0 / self.primal.max(1.0), 1.0 / self.dual.max(1.0))
    }

    /// The sum of the products after steps of the given lengths.
    pub fn products_after(&self, products: f64, primal: f64, dual: f64) -> f64 {
        products + primal * self.by_primal + dual * self.by_dual + primal * dual * self.by_both
    }
}

/// Products are wanted within this factor of the target.
const SPREAD: f64 = 5.0;

/// What brings a product nearer to `target` (Gondzio, Comput. Optim. Appl. 6, 1996).
pub(super) fn towards_centre(product: f64, target: f64) -> f64 {
    let (least, most) = (target / SPREAD, target * SPREAD);
    if product < least {
        least - product
    } else if product > most {
        (most - product).max(-most)
    } else {
        0.0
    }
}
