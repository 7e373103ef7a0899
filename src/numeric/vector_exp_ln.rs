//! Exponentials and logarithms of several numbers at a time.
//!
//! The same few operations for every number, without a call or a branch, so that the compiler does
//! two or more numbers at once. Results are within two units in the last place of `exp` and `ln`.

use ndarray::ArrayViewMut2;

/// Numbers that are worked on together.
pub(crate) const LANES: usize = 8;

/// 3·2⁵¹: adding it leaves the nearest whole number in the lowest bits of the sum.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts, the first of which has zeros at its end: products with whole numbers below
/// 2²⁰ are exact.
const LN2: (f64, f64) = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10);

/// Σ cₙ·xⁿ, the even and the odd terms apart, so that one need not wait for the other.
#[inline]
pub(crate) fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for (n, coefficient) in coefficients.iter().enumerate().rev() {
        let sum = if n % 2 == 0 { &mut even } else { &mut odd };
        *sum = *sum * square + coefficient;
    }
    even + x * odd
}

/// (eˣ − 1 − x)/x² = Σ xⁿ/(n + 2)!, near 0.
const EXPONENTIAL: [f64; 12] = {
    let (mut all, mut n, mut factorial) = ([0.0; 12], 0, 1.0);
    while n < all.len() {
        factorial *= n as f64 + 2.0;
        all[n] = 1.0 / factorial;
        n += 1;
    }
    all
};

/// eˣ of each number.
#[inline]
pub(crate) fn exp<const N: usize>(mut x: [f64; N]) -> [f64; N] {
    // Powers of two outside this range are not normal numbers. NaN is outside too.
    let inside = x.iter().fold(true, |inside, x| inside & (x.abs() < 700.0));
    if N == 1 || !inside {
        return x.map(f64::exp);
    }
    for x in &mut x {
        *x = power(*x);
    }
    x
}

/// eˣ of a number whose power is a normal one.
#[inline]
fn power(x: f64) -> f64 {
    let shifted = x * std::f64::consts::LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    let rest = (x - whole * LN2.0) - whole * LN2.1;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    power * (1.0 + (rest + rest * rest * polynomial(rest, &EXPONENTIAL)))
}

/// eˣ of one number, the same as among several.
#[inline]
fn one(x: f64) -> f64 {
    if x.abs() < 700.0 { power(x) } else { x.exp() }
}

/// Puts eˣ in the place of each number of each row.
pub(crate) fn exp_rows(rows: &mut ArrayViewMut2<'_, f64>) {
    for mut row in rows.rows_mut() {
        match row.as_slice_mut() {
            Some(row) => exp_each(row),
            None => row.mapv_inplace(one),
        }
    }
}

/// The same of a slice. What a number becomes does not depend on its neighbours, nor on its place.
#[inline]
pub(crate) fn exp_each(numbers: &mut [f64]) {
    let (lanes, last) = numbers.as_chunks_mut::<LANES>();
    for lane in lanes {
        let inside = lane.iter().fold(true, |all, x| all & (x.abs() < 700.0));
        if inside {
            for x in lane {
                *x = power(*x);
            }
        } else {
            *lane = lane.map(one);
        }
    }
    for x in last {
        *x = one(*x);
    }
}

/// (artanh(s) − s)/s³ = Σ s²ⁿ/(2n + 3) in s², near 0.
const AREA_TANGENT: [f64; 9] = {
    let (mut all, mut n) = ([0.0; 9], 0);
    while n < all.len() {
        all[n] = 1.0 / (2.0 * n as f64 + 3.0);
        n += 1;
    }
    all
};

/// The logarithm of each number, which is normal and above 0.
#[inline]
pub(crate) fn ln<const N: usize>(x: [f64; N]) -> [f64; N] {
    /// The bits of √½, and of the sign and the exponent.
    const ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    const EXPONENT: u64 = 0xfff0_0000_0000_0000;
    if N == 1 {
        return x.map(f64::ln);
    }
    x.map(|x| {
        // x = 2ᵏ·m with m between √½ and √2.
        let bits = x.to_bits();
        let power = bits.wrapping_sub(ROOT) & EXPONENT;
        let m = f64::from_bits(bits.wrapping_sub(power));
        // k as a number, by the trick of `WHOLE`; it may be negative.
        let k = f64::from_bits((power >> 52).wrapping_add(WHOLE.to_bits())) - WHOLE;
        let k = if k > 2047.5 { k - 4096.0 } else { k };
        // ln m = 2·artanh((m − 1)/(m + 1)).
        let s = (m - 1.0) / (m + 1.0);
        let square = s * s;
        let series = 2.0 * s * square * polynomial(square, &AREA_TANGENT);
        k * LN2.0 + (2.0 * s + (series + k * LN2.1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_the_standard_library() {
        for i in -6_990..6_990 {
            let x = f64::from(i) * 0.1 + 0.0123;
            let got = exp([x; LANES])[0];
            approx::assert_relative_eq!(got, x.exp(), max_relative = 5e-16);
        }
        for x in [-800.0, 720.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(exp([x; LANES])[0].to_bits(), x.exp().to_bits());
        }
        assert!(exp([f64::NAN; LANES])[0].is_nan());
    }

    #[test]
    fn the_exponential_of_a_number_does_not_depend_on_its_neighbours() {
        let numbers: Vec<f64> = (0..1_000).map(|i| f64::from(i) * 1.7 - 900.0).collect();
        let mut powers = numbers.clone();
        exp_each(&mut powers);
        for from in 0..numbers.len() {
            let mut few = numbers[from..numbers.len().min(from + 11)].to_vec();
            exp_each(&mut few);
            assert_eq!(few, powers[from..from + few.len()], "from {from}");
        }
        for (x, power) in numbers.iter().zip(powers) {
            approx::assert_relative_eq!(power, x.exp(), max_relative = 5e-16);
        }
    }

    #[test]
    fn logarithms_are_those_of_the_standard_library() {
        for i in -700..700 {
            // From 1e-304 to 1e304, and near 1, evenly in the logarithm.
            for x in [f64::from(i).exp(), 1.0 + 1e-3 * f64::from(i)] {
                let expected = x.ln();
                let got = ln([x; LANES])[0];
                assert!(
                    (got - expected).abs() <= 5e-16 * expected.abs(),
                    "{x}: {got}"
                );
            }
        }
    }
}
