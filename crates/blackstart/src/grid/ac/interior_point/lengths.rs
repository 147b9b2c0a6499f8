//! How far a step may go, and what it does to the products.

use super::InteriorPoint;

impl InteriorPoint<'_> {
    /// Longest steps that keep a share `keep` of every distance, at most 1.
    pub(super) fn longest(&self, keep: f64) -> (f64, f64) {
        let (mut primal, mut dual) = (1.0f64, 1.0f64);
        for side in &self.state.sides {
            let (x, dx) = (side.of_vars(&self.state.x.var), side.of_vars(&self.state.dx.var));
            let (p, d) = side.longest(x, dx, keep);
            primal = primal.min(p);
            dual = dual.min(d);
        }
        for row in &self.state.rows {
            if row.ds < 0.0 {
                primal = primal.min((keep - 1.0) * row.s / row.ds);
            }
            if row.dy < 0.0 {
                dual = dual.min((keep - 1.0) * row.y / row.dy);
            }
        }
        // No magnitude comes near zero in one step, limited or not.
        for (v, d) in self.state.x.var.iter().zip(&self.state.dx.var).take(self.state.n) {
            if *d < 0.0 {
                primal = primal.min(-0.9 * v / d);
            }
        }
        (primal, dual)
    }

    /// Mean of all products of distances and multipliers after a step of the given lengths.
    pub(super) fn products(&self, primal: f64, dual: f64) -> f64 {
        let (mut sum, mut count) = (0.0, 0usize);
        for side in &self.state.sides {
            let x = side.of_vars(&self.state.x.var) + primal * side.of_vars(&self.state.dx.var);
            let e = side.e + primal * side.de;
            let z = side.z + dual * side.dz;
            sum += (side.sign * (x - side.at) + e) * z;
            count += 1;
            if side.soft() {
                sum += e * (side.price - z);
                count += 1;
            }
        }
        for row in &self.state.rows {
            sum += (row.s + primal * row.ds) * (row.y + dual * row.dy);
        }
        sum / (count + self.state.rows.len()).max(1) as f64
    }
}
