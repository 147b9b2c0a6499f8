//! Dense elimination with partial pivoting: small systems, and the yardstick of the sparse tests.

/// Solves `a x = b` in place for a row-major square matrix, `x` in the place of `b`; none when
/// no pivot above `least_pivot` is left.
pub(crate) fn eliminate(a: &mut [f64], b: &mut [f64], least_pivot: f64) -> Option<()> {
    let n = b.len();
    for c in 0..n {
        let best = (c..n).max_by(|&i, &j| a[i * n + c].abs().total_cmp(&a[j * n + c].abs()))?;
        let pivot = a[best * n + c].abs();
        if pivot <= least_pivot || pivot.is_nan() {
            return None;
        }
        for k in 0..n {
            a.swap(c * n + k, best * n + k);
        }
        b.swap(c, best);
        for r in c + 1..n {
            let f = a[r * n + c] / a[c * n + c];
            for k in c..n {
                a[r * n + k] -= f * a[c * n + k];
            }
            b[r] -= f * b[c];
        }
    }
    for c in (0..n).rev() {
        for k in c + 1..n {
            b[c] -= a[c * n + k] * b[k];
        }
        b[c] /= a[c * n + c];
    }
    Some(())
}

/// Solves `a x = b`.
#[cfg(test)]
pub(crate) fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    assert!(eliminate(&mut a, &mut b, 0.0).is_some(), "a regular matrix");
    b
}
