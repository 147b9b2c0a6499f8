//! One side of a variable's limits in the interior point, hard or soft.

use super::program::Limit;

/// A limit `t = sign · (x − at) + e ≥ 0` with multiplier `z`. A hard limit has `e = 0`. A
/// soft one has `e ≥ 0` at a price per unit: then `z` stays below the price and `price − z`
/// is the multiplier of `e`. Both `e` and `z` are eliminated from the Newton system.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    /// The variable.
    pub var: u32,
    /// The variable that the limit follows, with its slope; `var` and 0 if it stands still.
    pub other: u32,
    /// Change of the limit per unit of `other`.
    pub lean: f64,
    /// +1 for a lower, −1 for an upper limit.
    pub sign: f64,
    /// The limit.
    pub at: f64,
    /// Price of a unit beyond it, infinite if hard.
    pub price: f64,
    /// Multiplier.
    pub z: f64,
    /// Violation.
    pub e: f64,
    /// Step of the multiplier.
    pub dz: f64,
    /// Step of the violation.
    pub de: f64,
}

impl Side {
    /// The side of a limit, if it is finite.
    pub fn of(var: u32, sign: f64, limit: Limit) -> Option<Self> {
        let (at, price) = (limit.at, limit.price);
        (at.is_finite() && price > 0.0).then_some(Self {
            var,
            other: var,
            lean: 0.0,
            sign,
            at,
            price,
            z: 0.0,
            e: 0.0,
            dz: 0.0,
            de: 0.0,
        })
    }

    /// A hard limit `lean · x_other`.
    pub fn leaning(var: u32, sign: f64, (other, lean): (u32, f64), give: f64) -> Self {
        let (at, price) = (-sign * give, f64::INFINITY);
        Self { var, other, lean, sign, at, price, z: 0.0, e: 0.0, dz: 0.0, de: 0.0 }
    }

    /// What the limit holds: the variable, less what the limit follows.
    #[inline(always)]
    pub fn of_vars(&self, var: &[f64]) -> f64 {
        var[self.var as usize] - self.lean * var[self.other as usize]
    }

    /// True for a limit that may be passed.
    #[inline(always)]
    pub fn soft(&self) -> bool {
        self.price < f64::INFINITY
    }

    /// Distance to the limit, violation included.
    #[inline(always)]
    pub fn gap(&self, x: f64) -> f64 {
        self.sign * (x - self.at) + self.e
    }

    /// Sets multiplier and violation so that both products are near `mu`.
    pub fn start(&mut self, x: f64, mu: f64) {
        let room = self.sign * (x - self.at);
        if self.soft() {
            // t z = mu and e (price − z) = mu with t = room + e: by halving in z.
            let (mut low, mut high) = (0.0, self.price);
            for _ in 0..60 {
                let z = 0.5 * (low + high);
                if z * (room + mu / (self.price - z)) > mu { high = z } else { low = z }
            }
            self.z = (0.5 * (low + high)).clamp(1e-8 * self.price, (1.0 - 1e-8) * self.price);
            self.e = mu / (self.price - self.z);
            let least = 1e-8 - room;
            self.e = self.e.max(least);
        } else {
            self.z = mu / room;
        }
    }

    /// What the side adds to the variable's row: stiffness, and the right-hand side as a
    /// constant and a part per unit of barrier.
    #[inline(always)]
    pub fn condense(&self, x: f64) -> (f64, f64, f64) {
        let t = self.gap(x);
        if self.soft() {
            let slack = self.price - self.z;
            let d = 1.0 / (t * slack + self.e * self.z);
            (
                self.z * slack * d,
                self.sign * self.z * self.e * self.price * d,
                self.sign * (slack - self.z) * d,
            )
        } else {
            let d = 1.0 / t;
            (self.z * d, 0.0, self.sign * d)
        }
    }

    /// Sets the steps of multiplier and violation that belong to the variable's step.
    #[inline(always)]
    pub fn step(&mut self, x: f64, dx: f64, mu: f64) {
        let t = self.gap(x);
        let dt = self.sign * dx;
        if self.soft() {
            let slack = self.price - self.z;
            let d = 1.0 / (t * slack + self.e * self.z);
            let z =
                (self.z * self.e * self.price + mu * (slack - self.z) - self.z * slack * dt) * d;
            self.dz = z - self.z;
            // (mu − e (price − z')) / slack, and the equivalent with t where that is safer.
            self.de = if self.z > slack {
                (mu - t * z) / self.z - dt
            } else {
                (mu - self.e * (self.price - z)) / slack
            };
        } else {
            self.dz = (mu - self.z * dt) / t - self.z;
            self.de = 0.0;
        }
    }

    /// Longest steps of primal and dual that keep a share `keep` of each distance.
    #[inline(always)]
    pub fn longest(&self, x: f64, dx: f64, keep: f64) -> (f64, f64) {
        let ratio = |v: f64, d: f64| if d < 0.0 { (keep - 1.0) * v / d } else { f64::INFINITY };
        let mut primal = ratio(self.gap(x), self.sign * dx + self.de);
        let mut dual = ratio(self.z, self.dz);
        if self.soft() {
            primal = primal.min(ratio(self.e, self.de));
            dual = dual.min(ratio(self.price - self.z, -self.dz));
        }
        (primal, dual)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Side};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eliminated_step_meets_the_newton_equations(
            x in 0.1f64..3.0, lower in any::<bool>(), price in prop_oneof![Just(f64::INFINITY), 0.5f64..50.0],
            z in 0.01f64..0.4, e in 0.01f64..1.0, dx in -1f64..1.0, mu in 1e-6f64..1.0,
        ) {
            let sign = if lower { 1.0 } else { -1.0 };
            let at = if lower { 0.0 } else { 3.1 };
            let mut side = Side::of(0, sign, Limit { at, price }).unwrap();
            side.z = z;
            if side.soft() {
                side.e = e;
            }
            side.step(x, dx, mu);
            let t = side.gap(x);
            let dt = sign * dx + side.de;
            prop_assert!((t * side.z + t * side.dz + side.z * dt - mu).abs() < 1e-9 * (1.0 + dx.abs() * 100.0));
            if side.soft() {
                let slack = price - z;
                let r = side.e * slack - side.e * side.dz + slack * side.de - mu;
                prop_assert!(r.abs() < 1e-9 * price, "{r}");
            }
            // The row's stiffness and right side reproduce z + dz.
            let (k, r0, r1) = side.condense(x);
            let z_new = sign * (r0 + mu * r1) - sign * k * dx;
            prop_assert!((z_new - (side.z + side.dz)).abs() < 1e-9 * (1.0 + z_new.abs()));
        }

        #[test]
        fn starts_near_the_central_path(room in -2f64..3.0, mu in 1e-4f64..1.0) {
            let mut side = Side::of(0, 1.0, Limit::soft(0.0, 10.0)).unwrap();
            side.start(room, mu);
            prop_assert!(side.gap(room) > 0.0 && side.e > 0.0 && side.z > 0.0 && side.z < 10.0);
            prop_assert!((side.gap(room) * side.z - mu).abs() < 1e-3 * mu + 1e-6);
        }
    }
}
