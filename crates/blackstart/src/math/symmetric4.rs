//! Symmetric 4×4 blocks: inverse and signs of the eigenvalues.

/// A 4×4 block by rows.
pub type Block4 = [[f64; 4]; 4];

/// Least pivot. Rows of one block may differ by the barrier's whole range, so a small
/// pivot says nothing against the block's largest entry.
const SINGULAR: f64 = 1e-200;

/// Inverse of a symmetric indefinite block and the number of its positive eigenvalues;
/// `None` when it is singular or not finite.
///
/// Symmetric sweeps with pivots of one or two rows chosen as by Bunch and Parlett (SIAM
/// J. Numer. Anal. 8, 1971): a single row when its diagonal is large enough against the
/// largest entry off the diagonal, else the two rows of that entry.
pub(super) fn invert(block: &Block4) -> Option<(Block4, usize)> {
    /// (1 + √17) / 8 bounds the growth of entries.
    const ALPHA: f64 = 0.640_388_203_202_208_4;
    let mut m = *block;
    if !m.iter().flatten().all(|v| v.is_finite()) {
        return None;
    }
    let mut open = [true; 4];
    let (mut left, mut positive) = (4, 0);
    while left > 0 {
        let (mut diagonal, mut at) = (-1.0, 0);
        let (mut largest, mut pair) = (-1.0, (0, 0));
        for i in (0..4).filter(|&i| open[i]) {
            if m[i][i].abs() > diagonal {
                (diagonal, at) = (m[i][i].abs(), i);
            }
            for j in (i + 1..4).filter(|&j| open[j]) {
                if m[i][j].abs() > largest {
                    (largest, pair) = (m[i][j].abs(), (i, j));
                }
            }
        }
        if diagonal.max(largest) <= SINGULAR {
            return None;
        }
        if diagonal >= ALPHA * largest {
            positive += usize::from(m[at][at] > 0.0);
            sweep(&mut m, at);
            open[at] = false;
            left -= 1;
        } else {
            // |off-diagonal| > both diagonals: one eigenvalue of each sign.
            let (i, j) = pair;
            positive += 1;
            sweep_pair(&mut m, i, j);
            (open[i], open[j]) = (false, false);
            left -= 2;
        }
    }
    for row in &mut m {
        for v in row {
            *v = -*v;
        }
    }
    Some((m, positive))
}

/// Sweeps row and column `k`; after all sweeps the block is minus its inverse.
#[inline(always)]
fn sweep(m: &mut Block4, k: usize) {
    let inverse = 1.0 / m[k][k];
    let row = m[k];
    for i in 0..4 {
        let f = row[i] * inverse;
        for j in 0..4 {
            m[i][j] -= f * row[j];
        }
    }
    for j in 0..4 {
        m[k][j] = row[j] * inverse;
        m[j][k] = m[k][j];
    }
    m[k][k] = -inverse;
}

/// Sweeps the rows and columns `i` and `j` at once.
#[inline(always)]
fn sweep_pair(m: &mut Block4, i: usize, j: usize) {
    let (a, b, c) = (m[i][i], m[i][j], m[j][j]);
    let det = a * c - b * b;
    let (ia, ib, ic) = (c / det, -b / det, a / det);
    let (p, q) = (m[i], m[j]);
    let (mut f, mut g) = ([0.0; 4], [0.0; 4]);
    for k in 0..4 {
        f[k] = ia * p[k] + ib * q[k];
        g[k] = ib * p[k] + ic * q[k];
    }
    for r in 0..4 {
        for k in 0..4 {
            m[r][k] -= f[r] * p[k] + g[r] * q[k];
        }
    }
    for k in 0..4 {
        (m[i][k], m[k][i]) = (f[k], f[k]);
        (m[j][k], m[k][j]) = (g[k], g[k]);
    }
    m[i][i] = -ia;
    m[j][j] = -ic;
    m[i][j] = -ib;
    m[j][i] = -ib;
}

#[cfg(test)]
mod tests {
    use super::{Block4, invert};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn block_times_inverse_is_unity(r in prop::array::uniform10(-1f64..1.0), zero in 0usize..4) {
            let mut m: Block4 = [[0.0; 4]; 4];
            let mut k = 0;
            for i in 0..4 {
                for j in i..4 {
                    m[i][j] = r[k];
                    m[j][i] = r[k];
                    k += 1;
                }
            }
            // Zero diagonals as buses without injections have them.
            (0..zero).for_each(|i| m[i][i] = 0.0);
            let Some((inverse, _)) = invert(&m) else { return Ok(()) };
            let large = inverse.iter().flatten().fold(1.0f64, |a, v| a.max(v.abs()));
            for i in 0..4 {
                for j in 0..4 {
                    let s: f64 = (0..4).map(|k| m[i][k] * inverse[k][j]).sum();
                    prop_assert!((s - f64::from(u8::from(i == j))).abs() < 1e-12 * large);
                }
            }
        }
    }

    #[test]
    fn counts_signs() {
        let diagonal = |d: [f64; 4]| {
            let mut m = [[0.0; 4]; 4];
            (0..4).for_each(|i| m[i][i] = d[i]);
            m
        };
        assert_eq!(invert(&diagonal([1.0, -2.0, 3.0, 4.0])).map(|r| r.1), Some(3));
        assert_eq!(invert(&diagonal([-1.0, -2.0, -3.0, -4.0])).map(|r| r.1), Some(0));
        assert!(invert(&diagonal([1.0, 0.0, 1.0, 1.0])).is_none());
        let mut pairs = diagonal([0.0; 4]);
        (pairs[0][2], pairs[2][0], pairs[1][3], pairs[3][1]) = (1.0, 1.0, 2.0, 2.0);
        let (inverse, positive) = invert(&pairs).unwrap();
        assert_eq!((positive, inverse[1][3], inverse[0][2]), (2, 0.5, 1.0));
    }
}
