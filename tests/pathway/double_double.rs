//! Numbers of twice the digits, as unevaluated sums of two: about 30 decimal digits.
//!
//! Dekker (1971), *A floating-point technique for extending the available precision*,
//! [doi:10.1007/BF01397083](https://doi.org/10.1007/BF01397083); the product uses the fused multiplication and addition.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The sum of two numbers, of which the second is at most half a unit in the last place of the first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Double(f64, f64);

impl From<f64> for Double {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl From<Double> for f64 {
    fn from(x: Double) -> Self {
        x.0 + x.1
    }
}

/// a + b with its rounding error.
fn sum_of(a: f64, b: f64) -> Double {
    let sum = a + b;
    let part = sum - a;
    Double(sum, (a - (sum - part)) + (b - part))
}

impl Add for Double {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let high = sum_of(self.0, other.0);
        let low = sum_of(self.1, other.1);
        let sum = sum_of(high.0, high.1 + low.0);
        sum_of(sum.0, sum.1 + low.1)
    }
}

impl Neg for Double {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl Sub for Double {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Double {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let rounding = self.0.mul_add(other.0, -product);
        sum_of(product, rounding + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Double {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let left = self - other * first.into();
        let second = left.0 / other.0;
        let left = left - other * second.into();
        sum_of(first, second) + (left.0 / other.0).into()
    }
}

impl Double {
    pub(crate) const ZERO: Self = Self(0.0, 0.0);
    pub(crate) const ONE: Self = Self(1.0, 0.0);
    const LN_2: Self = Self(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

    pub(crate) fn powi(self, n: u32) -> Self {
        (0..n).fold(Self::ONE, |power, _| power * self)
    }

    /// By the series, of a 64th of what is left after powers of 2.
    pub(crate) fn exp(self) -> Self {
        let powers = (self.0 / Self::LN_2.0).round();
        let x = (self - Self::LN_2 * powers.into()) * (1.0 / 64.0).into();
        let (mut sum, mut term) = (Self::ONE, Self::ONE);
        for n in 1..16 {
            term = term * x / f64::from(n).into();
            sum = sum + term;
        }
        let exp = (0..6).fold(sum, |exp, _| exp * exp);
        Self(exp.0 * powers.exp2(), exp.1 * powers.exp2())
    }
}

/// A third, and e^(−7.3) to 32 digits by mpmath 1.3.
#[test]
fn thirty_digits_are_right() {
    let third = Double::ONE / 3.0.into();
    let off = |x: Double| f64::from(x).abs();
    assert!(off(third * 3.0.into() - Double::ONE) < 1e-30);
    // 7.3 stands for the number nearest to it that two parts of 53 bits can be.
    let exp = (-Double::from(7.3)).exp();
    let exact = Double(6.755_387_751_938_444e-4, -2.907_750_493_846_276_6e-20);
    assert!(off((exp - exact) / exact) < 1e-29);
    assert!(off((Double::from(2.5).exp() * Double::from(-2.5).exp()) - Double::ONE) < 1e-29);
}
