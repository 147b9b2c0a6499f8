//! Several scenarios side by side: numbers that are small arrays, and the choice of the
//! instruction set at run time.
//!
//! Kernels are written once, generic over [`Lanes`]; with arrays of 4 or 8 the compiler
//! turns each operation into one vector instruction. [`dispatch`] compiles a kernel twice,
//! for the baseline and for AVX2 with fused multiply–add, and picks by what the machine
//! has. All lanes do the same operations in the same order as a single number does, so a
//! scenario's result does not depend on what is computed beside it. Machines with and
//! without fused multiply–add differ in the last bits.

use std::fmt::Debug;

/// A number per scenario.
pub trait Lanes: Copy + Debug + Send + Sync + 'static {
    /// Number of scenarios.
    const N: usize;
    /// The same number in all lanes.
    #[must_use]
    fn splat(v: f64) -> Self;
    /// Number of a lane.
    #[must_use]
    fn get(&self, lane: usize) -> f64;
    /// Changes the number of a lane.
    fn set(&mut self, lane: usize, v: f64);
    /// `f` of every lane.
    #[must_use]
    fn map(self, f: impl Fn(f64) -> f64) -> Self;
    /// `f` of every pair of lanes.
    #[must_use]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self;

    /// `self + a · b`.
    #[inline(always)]
    #[must_use]
    fn plus<const FMA: bool>(self, a: Self, b: Self) -> Self {
        if FMA {
            self.zip3(a, b, |s, a, b| a.mul_add(b, s))
        } else {
            self.zip3(a, b, |s, a, b| s + a * b)
        }
    }

    /// `self − a · b`.
    #[inline(always)]
    #[must_use]
    fn less<const FMA: bool>(self, a: Self, b: Self) -> Self {
        if FMA {
            self.zip3(a, b, |s, a, b| (-a).mul_add(b, s))
        } else {
            self.zip3(a, b, |s, a, b| s - a * b)
        }
    }

    /// `f` of every triple of lanes.
    #[must_use]
    fn zip3(self, a: Self, b: Self, f: impl Fn(f64, f64, f64) -> f64) -> Self;

    /// Sum.
    #[inline(always)]
    #[must_use]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    /// Difference.
    #[inline(always)]
    #[must_use]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    /// Product.
    #[inline(always)]
    #[must_use]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    /// Sign turned.
    #[inline(always)]
    #[must_use]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }

    /// `w − m · u` of 2×2 blocks, row-major.
    #[inline(always)]
    #[must_use]
    fn less_product<const FMA: bool>(w: [Self; 4], m: [Self; 4], u: [Self; 4]) -> [Self; 4] {
        [
            w[0].less::<FMA>(m[0], u[0]).less::<FMA>(m[1], u[2]),
            w[1].less::<FMA>(m[0], u[1]).less::<FMA>(m[1], u[3]),
            w[2].less::<FMA>(m[2], u[0]).less::<FMA>(m[3], u[2]),
            w[3].less::<FMA>(m[2], u[1]).less::<FMA>(m[3], u[3]),
        ]
    }
}

/// Numbers that stand for lanes `W`: the lanes themselves, or one number for all of them.
pub trait Spread<W>: Lanes {
    /// The lanes it stands for.
    #[must_use]
    fn spread(self) -> W;
}

impl<W: Lanes> Spread<W> for f64 {
    #[inline(always)]
    fn spread(self) -> W {
        W::splat(self)
    }
}

impl<const N: usize> Spread<Self> for Wide<N> {
    #[inline(always)]
    fn spread(self) -> Self {
        self
    }
}

impl Lanes for f64 {
    const N: usize = 1;
    #[inline(always)]
    fn splat(v: f64) -> Self {
        v
    }
    #[inline(always)]
    fn get(&self, _: usize) -> f64 {
        *self
    }
    #[inline(always)]
    fn set(&mut self, _: usize, v: f64) {
        *self = v;
    }
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        f(self)
    }
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        f(self, other)
    }
    #[inline(always)]
    fn zip3(self, a: Self, b: Self, f: impl Fn(f64, f64, f64) -> f64) -> Self {
        f(self, a, b)
    }
    // One vector of the four entries: the same operations, arranged for the compiler.
    #[inline(always)]
    fn less_product<const FMA: bool>(w: [f64; 4], m: [f64; 4], u: [f64; 4]) -> [f64; 4] {
        let (m0, m1) = (Wide([m[0], m[0], m[2], m[2]]), Wide([m[1], m[1], m[3], m[3]]));
        let (u0, u1) = (Wide([u[0], u[1], u[0], u[1]]), Wide([u[2], u[3], u[2], u[3]]));
        Wide(w).less::<FMA>(m0, u0).less::<FMA>(m1, u1).0
    }
}

/// Numbers of `N` scenarios.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(32))]
pub struct Wide<const N: usize>(pub [f64; N]);

impl<const N: usize> Lanes for Wide<N> {
    const N: usize = N;
    #[inline(always)]
    fn splat(v: f64) -> Self {
        Self([v; N])
    }
    #[inline(always)]
    fn get(&self, lane: usize) -> f64 {
        self.0[lane]
    }
    #[inline(always)]
    fn set(&mut self, lane: usize, v: f64) {
        self.0[lane] = v;
    }
    #[inline(always)]
    fn map(mut self, f: impl Fn(f64) -> f64) -> Self {
        for s in &mut self.0 {
            *s = f(*s);
        }
        self
    }
    #[inline(always)]
    fn zip(mut self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        for k in 0..N {
            self.0[k] = f(self.0[k], other.0[k]);
        }
        self
    }
    #[inline(always)]
    fn zip3(mut self, a: Self, b: Self, f: impl Fn(f64, f64, f64) -> f64) -> Self {
        for k in 0..N {
            self.0[k] = f(self.0[k], a.0[k], b.0[k]);
        }
        self
    }
}
