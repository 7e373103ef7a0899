//! Exponentials and logarithms of several numbers at a time.
//!
//! The same few operations for every number, without a call or a branch, so that the compiler does
//! two or more numbers at once. Results are within two units in the last place of `exp` and `ln`.

use super::damping::STRIDE;

/// 3·2⁵¹: adding it leaves the nearest whole number in the lowest bits of the sum.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts, the first of which has zeros at its end: products with whole numbers below
/// 2²⁰ are exact.
const LN2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);

/// 1/n! from n = 13 down to n = 2.
const FACTORIALS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// eˣ of each number.
#[inline]
pub(super) fn exp_each(x: &[f64; STRIDE]) -> [f64; STRIDE] {
    let mut inside = true;
    for x in x {
        // Powers of two outside this range are not normal numbers. NaN is outside too.
        inside &= x.abs() < 700.0;
    }
    if !inside {
        return x.map(f64::exp);
    }
    let mut all = [0.0; STRIDE];
    for (to, x) in all.iter_mut().zip(x) {
        let shifted = x * std::f64::consts::LOG2_E + WHOLE;
        let whole = shifted - WHOLE;
        let rest = (x - whole * LN2.0) - whole * LN2.1;
        let mut sum = FACTORIALS[0];
        for factor in &FACTORIALS[1..] {
            sum = sum * rest + factor;
        }
        let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
        *to = power * (1.0 + (rest + rest * rest * sum));
    }
    all
}

/// 1/(2n + 1) from n = 9 down to n = 1.
const ODD: [f64; 9] = [
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

/// −ln(1 − x) of each number below 1, from x and from 1/(1 − x), which is finite: the first is the
/// exact one where x is small, the second where it is near 1.
#[inline]
pub(super) fn minus_log_of_rest(x: &[f64; STRIDE], inverse: &[f64; STRIDE]) -> [f64; STRIDE] {
    /// The bits of √½, and of the sign and the exponent.
    const ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    const EXPONENT: u64 = 0xfff0_0000_0000_0000;
    let mut all = [0.0; STRIDE];
    for (to, (x, inverse)) in all.iter_mut().zip(x.iter().zip(inverse)) {
        // 1/(1 − x) = 2ᵏ·m with m between √½ and √2.
        let bits = inverse.to_bits();
        let power = bits.wrapping_sub(ROOT) & EXPONENT;
        let m = f64::from_bits(bits.wrapping_sub(power));
        // k as a number, by the trick of `WHOLE`; it may be negative.
        let k = f64::from_bits((power >> 52).wrapping_add(WHOLE.to_bits())) - WHOLE;
        let k = if k > 2047.5 { k - 4096.0 } else { k };
        // ln m = 2·artanh((m − 1)/(m + 1)), where (m − 1)/(m + 1) = x/(2 − x) for k = 0.
        let (above, below) = if k == 0.0 {
            (*x, 2.0 - x)
        } else {
            (m - 1.0, m + 1.0)
        };
        let s = above / below;
        let square = s * s;
        let mut sum = ODD[0];
        for factor in &ODD[1..] {
            sum = sum * square + factor;
        }
        *to = k * LN2.0 + (2.0 * s + (2.0 * s * square * sum + k * LN2.1));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_exponentials_are_those_of_the_standard_library() {
        for i in -6_990..6_990 {
            let x = f64::from(i) * 0.1 + 0.0123;
            let got = exp_each(&[x; STRIDE])[0];
            approx::assert_relative_eq!(got, x.exp(), max_relative = 5e-16);
        }
        for x in [-800.0, 720.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(exp_each(&[x; STRIDE])[0].to_bits(), x.exp().to_bits());
        }
        assert!(exp_each(&[f64::NAN; STRIDE])[0].is_nan());
    }

    #[test]
    fn logarithms_of_the_rest_are_those_of_the_standard_library() {
        for i in -400..2_000 {
            // From −3 over 0 to 1 − 1e-17, evenly in the logarithm of what is left.
            let log = f64::from(i) * 0.02;
            let x = -(-log).exp_m1();
            let got = minus_log_of_rest(&[x; STRIDE], &[log.exp(); STRIDE])[0];
            approx::assert_relative_eq!(got, log, max_relative = 5e-16, epsilon = 1e-300);
        }
    }
}
