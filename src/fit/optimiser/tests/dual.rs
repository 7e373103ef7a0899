//! Numbers with their derivatives by each parameter, so that a residual is written once, as its formula.

use std::ops::{Add, Div, Mul, Sub};

use super::MAX_PARAMETERS;

#[derive(Debug, Clone, Copy)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) by: [f64; MAX_PARAMETERS],
}

impl From<f64> for Dual {
    fn from(value: f64) -> Self {
        let by = [0.0; MAX_PARAMETERS];
        Self { value, by }
    }
}

impl Dual {
    /// The parameters themselves.
    pub(super) fn parameters(theta: &[f64]) -> [Self; MAX_PARAMETERS] {
        std::array::from_fn(|j| {
            let mut parameter = Self::from(theta.get(j).copied().unwrap_or(0.0));
            parameter.by[j] = 1.0;
            parameter
        })
    }

    /// A function of it, by its value and its slope there.
    fn through(self, value: f64, slope: f64) -> Self {
        let by = self.by.map(|derivative| slope * derivative);
        Self { value, by }
    }

    /// A function of it and another number, by its value and its derivatives by both.
    fn joined(self, other: Self, value: f64, (slope, other_slope): (f64, f64)) -> Self {
        let by = |j: usize| slope * self.by[j] + other_slope * other.by[j];
        let by = std::array::from_fn(by);
        Self { value, by }
    }

    pub(super) fn exp(self) -> Self {
        let exp = self.value.exp();
        self.through(exp, exp)
    }

    pub(super) fn exp_m1(self) -> Self {
        self.through(self.value.exp_m1(), self.value.exp())
    }

    pub(super) fn ln(self) -> Self {
        self.through(self.value.ln(), self.value.recip())
    }

    pub(super) fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.through(root, 0.5 / root)
    }

    pub(super) fn sin(self) -> Self {
        self.through(self.value.sin(), self.value.cos())
    }

    pub(super) fn cos(self) -> Self {
        self.through(self.value.cos(), -self.value.sin())
    }

    pub(super) fn atan(self) -> Self {
        self.through(self.value.atan(), (1.0 + self.value.powi(2)).recip())
    }

    /// A power of a number above 0.
    pub(super) fn pow(self, exponent: impl Into<Self>) -> Self {
        let exponent = exponent.into();
        let value = self.value.powf(exponent.value);
        let log = self.ln() * exponent;
        log.through(value, value)
    }
}

/// The operators, each by its value and the derivatives by both sides.
macro_rules! operators {
    ($($operator:ident $name:ident: $a:ident, $b:ident => $value:expr, $by_a:expr, $by_b:expr;)+) => {$(
        impl<T: Into<Dual>> $operator<T> for Dual {
            type Output = Dual;

            fn $name(self, other: T) -> Dual {
                let other = other.into();
                let ($a, $b) = (self.value, other.value);
                self.joined(other, $value, ($by_a, $by_b))
            }
        }

        impl $operator<Dual> for f64 {
            type Output = Dual;

            fn $name(self, other: Dual) -> Dual {
                $operator::$name(Dual::from(self), other)
            }
        }
    )+};
}

operators! {
    Add add: a, b => a + b, 1.0, 1.0;
    Sub sub: a, b => a - b, 1.0, -1.0;
    Mul mul: a, b => a * b, b, a;
    Div div: a, b => a / b, b.recip(), -a / (b * b);
}
