//! Acceleration of a fixed-point iteration: D. G. Anderson, "Iterative procedures for
//! nonlinear integral equations", J. ACM 12 (1965), in the form of Walker and Ni (2011);
//! and secants for each unknown by itself, for iterations that overshoot steeply.

/// Steps remembered.
const DEPTH: usize = 5;

/// Longest step of a secant against the plain one.
const LONGEST: f64 = 4.0;

/// The last steps of `x ← g(x)`; storage is kept between uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Anderson {
    /// Differences of x and of the residual g(x) − x, newest last.
    dx: Vec<Vec<f64>>,
    dr: Vec<Vec<f64>>,
    last_x: Vec<f64>,
    last_r: Vec<f64>,
    kept: usize,
    has_last: bool,
}

impl Anderson {
    pub fn new(n: usize) -> Self {
        Self {
            dx: vec![vec![0.0; n]; DEPTH],
            dr: vec![vec![0.0; n]; DEPTH],
            last_x: vec![0.0; n],
            last_r: vec![0.0; n],
            kept: 0,
            has_last: false,
        }
    }

    /// Forgets everything.
    pub fn restart(&mut self) {
        self.kept = 0;
        self.has_last = false;
    }

    /// Moves each unknown by its own secant. A residual falls at least as fast as its
    /// unknown rises where g falls, so steps are never longer than the plain one there;
    /// where g rises they are up to [`LONGEST`] times as long.
    pub fn advance_each(&mut self, x: &mut [f64], r: &[f64]) {
        for (i, x) in x.iter_mut().enumerate() {
            let (dx, dr) = (*x - self.last_x[i], r[i] - self.last_r[i]);
            let slope =
                if self.has_last && dx != 0.0 { (-dr / dx).max(1.0 / LONGEST) } else { 2.0 };
            self.last_x[i] = *x;
            self.last_r[i] = r[i];
            *x += r[i] / slope;
        }
        self.kept = 0;
        self.has_last = true;
    }

    /// Moves `x` on, given its residual `r = g(x) − x`.
    pub fn advance(&mut self, x: &mut [f64], r: &[f64]) {
        if self.has_last {
            if self.kept == DEPTH {
                self.dx.rotate_left(1);
                self.dr.rotate_left(1);
                self.kept -= 1;
            }
            for i in 0..x.len() {
                self.dx[self.kept][i] = x[i] - self.last_x[i];
                self.dr[self.kept][i] = r[i] - self.last_r[i];
            }
            self.kept += 1;
        }
        self.last_x.copy_from_slice(x);
        self.last_r.copy_from_slice(r);
        self.has_last = true;
        let weight = self.weights(r);
        for i in 0..x.len() {
            x[i] += r[i];
        }
        for (k, w) in weight.iter().enumerate().take(self.kept) {
            for i in 0..x.len() {
                x[i] -= w * (self.dx[k][i] + self.dr[k][i]);
            }
        }
    }

    /// Least-squares weights of the remembered residual differences, by normal equations
    /// with a little regularisation.
    fn weights(&self, r: &[f64]) -> [f64; DEPTH] {
        let n = self.kept;
        let mut a = [[0.0; DEPTH]; DEPTH];
        let mut b = [0.0; DEPTH];
        for i in 0..n {
            for j in 0..=i {
                a[i][j] = dot(&self.dr[i], &self.dr[j]);
                a[j][i] = a[i][j];
            }
            b[i] = dot(&self.dr[i], r);
        }
        // Scaled so that old large steps do not drown new small ones.
        let mut scale = [0.0; DEPTH];
        for i in 0..n {
            scale[i] = if a[i][i] > 0.0 { 1.0 / a[i][i].sqrt() } else { 0.0 };
        }
        for i in 0..n {
            for j in 0..n {
                a[i][j] *= scale[i] * scale[j];
            }
            a[i][i] += 1e-12;
            b[i] *= scale[i];
        }
        // Cholesky; a pivot lost to rounding drops its step.
        for k in 0..n {
            let mut pivot = a[k][k];
            for j in 0..k {
                pivot -= a[k][j] * a[k][j];
            }
            let root = if pivot > 1e-14 { pivot.sqrt() } else { f64::INFINITY };
            a[k][k] = root;
            for i in k + 1..n {
                let mut s = a[i][k];
                for j in 0..k {
                    s -= a[i][j] * a[k][j];
                }
                a[i][k] = s / root;
            }
        }
        for i in 0..n {
            for j in 0..i {
                b[i] -= a[i][j] * b[j];
            }
            b[i] /= a[i][i];
        }
        for i in (0..n).rev() {
            for j in i + 1..n {
                b[i] -= a[j][i] * b[j];
            }
            b[i] /= a[i][i];
        }
        for i in 0..n {
            b[i] *= scale[i];
        }
        b
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x ← M x + b with spectral radius 0.97: plain iteration needs hundreds of rounds.
    #[test]
    fn solves_a_slow_linear_iteration_fast() {
        let m = [[0.9, 0.1, 0.0], [0.05, 0.8, 0.1], [0.0, 0.2, 0.7]];
        let b = [1.0, -2.0, 0.5];
        let g = |x: &[f64]| -> Vec<f64> {
            (0..3).map(|i| b[i] + (0..3).map(|j| m[i][j] * x[j]).sum::<f64>()).collect()
        };
        let mut x = vec![0.0; 3];
        let mut a = Anderson::new(3);
        let mut rounds = 0;
        loop {
            let gx = g(&x);
            let r: Vec<f64> = (0..3).map(|i| gx[i] - x[i]).collect();
            if r.iter().all(|v| v.abs() < 1e-10) {
                break;
            }
            a.advance(&mut x, &r);
            rounds += 1;
            assert!(rounds < 12);
        }
    }

    /// x ← 3 − 50 (x − 1): plain iteration flies off.
    #[test]
    fn secants_tame_a_steep_iteration() {
        let mut x = vec![0.0];
        let mut a = Anderson::new(1);
        for _ in 0..8 {
            let r = [3.0 - 50.0 * (x[0] - 1.0) - x[0]];
            a.advance_each(&mut x, &r);
        }
        assert!((x[0] - 53.0 / 51.0).abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn survives_identical_steps() {
        let mut a = Anderson::new(2);
        let mut x = vec![1.0, 2.0];
        for _ in 0..10 {
            a.advance(&mut x, &[0.0, 0.0]);
        }
        assert_eq!(x, [1.0, 2.0]);
    }
}
