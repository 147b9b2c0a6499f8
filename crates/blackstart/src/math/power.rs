//! Powers of many numbers at once.

/// 1 / (2 i + 1) of the series of artanh, doubled and over ln 2: `log2 m = s · p(s²)` with
/// `s = (m − 1)/(m + 1)`.
const LOG2: [f64; 9] = {
    let mut c = [0.0; 9];
    let mut i = 0;
    while i < 9 {
        c[i] = 2.0 * std::f64::consts::LOG2_E / (2 * i + 1) as f64;
        i += 1;
    }
    c
};

/// (ln 2)^i / i!, the series of 2^x.
const EXP2: [f64; 13] = {
    let mut c = [1.0; 13];
    let mut i = 1;
    while i < 13 {
        c[i] = c[i - 1] * std::f64::consts::LN_2 / i as f64;
        i += 1;
    }
    c
};

/// Below this the power is taken to be 0.
const TINY: f64 = 1e-290;

/// Logarithm to base 2 of a normal `x > 0`, with an error below 1e-15 of it or of 1, in operations
/// that the compiler turns into vector instructions where it stands in a loop. Nothing useful for
/// other `x`.
#[inline(always)]
#[must_use]
pub fn log2<const FMA: bool>(x: f64) -> f64 {
    // x = 2^k m with m from √½ to √2: the difference to the bits of √½ has k above its
    // mantissa.
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    let bits = x.to_bits();
    let k = bits.wrapping_sub(ROOT_HALF).wrapping_add(ONE) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(k << 52).wrapping_add(ONE));
    // A small whole number in the mantissa of 2^52 is read off by subtraction.
    let k = f64::from_bits(k | TWO_52) - (4_503_599_627_370_496.0 + 1023.0);
    let s = (m - 1.0) / (m + 1.0);
    step::<FMA>(s, polynomial::<FMA, 9>(s * s, &LOG2), k)
}

/// `x^exponent` for `x ≥ 0` and exponents from 0.3 to 3 with a relative error below 1e-13, in
/// operations that the compiler turns into vector instructions where it stands in a loop;
/// 0 for x below 1e-290. Nothing useful for negative or infinite `x`.
#[inline(always)]
#[must_use]
pub fn power<const FMA: bool>(x: f64, exponent: f64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    let y = exponent * log2::<FMA>(x);

    // 2^y = 2^n 2^f with f from −½ to ½: adding 1.5 · 2^52 rounds.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let rounded = y + ROUND;
    let p = polynomial::<FMA, 13>(y - (rounded - ROUND), &EXP2);
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(ONE));
    if x < TINY { 0.0 } else { p * scale }
}

#[inline(always)]
fn polynomial<const FMA: bool, const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut p = c[N - 1];
    for &c in c[..N - 1].iter().rev() {
        p = step::<FMA>(p, x, c);
    }
    p
}

/// `a b + c`.
#[inline(always)]
fn step<const FMA: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

#[cfg(test)]
mod tests {
    use super::{log2, power};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn is_the_power(log in -280.0f64..30.0, exponent in 0.3f64..3.0) {
            let x = 10f64.powf(log);
            let expected = x.powf(exponent);
            prop_assume!(expected > 1e-300);
            for got in [power::<false>(x, exponent), power::<true>(x, exponent)] {
                prop_assert!((got / expected - 1.0).abs() < 1e-12, "{x} {got} {expected}");
            }
        }

        #[test]
        fn is_the_logarithm(log in -300.0f64..300.0) {
            let x = 10f64.powf(log);
            for got in [log2::<false>(x), log2::<true>(x)] {
                prop_assert!((got - x.log2()).abs() < 1e-15 * (4.0 + got.abs()), "{x} {got}");
            }
        }

        #[test]
        fn flows_have_all_their_digits(x in 1e-9f64..1e3) {
            for exponent in [0.852, 0.5, 1.852] {
                let expected = x.powf(exponent);
                let got = power::<false>(x, exponent);
                prop_assert!((got / expected - 1.0).abs() < 1e-14, "{x} {got} {expected}");
            }
        }
    }

    #[test]
    fn ends() {
        assert_eq!(power::<false>(0.0, 0.852), 0.0);
        assert_eq!(power::<false>(1e-300, 0.852), 0.0);
        assert_eq!(power::<false>(1.0, 0.852), 1.0);
    }
}
