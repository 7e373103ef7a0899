//! The shipped families by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    BATCH, Exponential, Gompertz, GrowthCurve, Interpolation, Linear, Logistic, Parameter, Point,
    Richards,
};
use crate::error::Error;

/// One of the shipped families, for lists, files and command lines.
///
/// It is a [`GrowthCurve`] itself:
///
/// ```
/// use myeloma_epi::curve::{Family, GrowthCurve};
///
/// let family: Family = "gompertz".parse()?;
/// assert_eq!(family.parameters().len(), 3);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Family {
    /// [`Linear`].
    Linear,
    /// [`Exponential`].
    Exponential,
    /// [`Logistic`].
    Logistic,
    /// [`Gompertz`].
    Gompertz,
    /// [`Richards`].
    Richards,
}

impl Family {
    /// All families, by number of parameters.
    pub const ALL: [Self; 5] = [
        Self::Linear,
        Self::Exponential,
        Self::Logistic,
        Self::Gompertz,
        Self::Richards,
    ];

    /// The name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Exponential => "exponential",
            Self::Logistic => "logistic",
            Self::Gompertz => "gompertz",
            Self::Richards => "richards",
        }
    }
}

impl Family {
    /// The curve itself, where one virtual call does not matter.
    fn curve(self) -> &'static dyn GrowthCurve {
        match self {
            Self::Linear => &Linear,
            Self::Exponential => &Exponential,
            Self::Logistic => &Logistic,
            Self::Gompertz => &Gompertz,
            Self::Richards => &Richards,
        }
    }
}

/// The functions that run for every observation and every draw are dispatched by `match`, so that
/// the curve's own code is inlined.
macro_rules! dispatch {
    ($family:expr, $curve:ident => $body:expr) => {
        match $family {
            Family::Linear => {
                let $curve = Linear;
                $body
            }
            Family::Exponential => {
                let $curve = Exponential;
                $body
            }
            Family::Logistic => {
                let $curve = Logistic;
                $body
            }
            Family::Gompertz => {
                let $curve = Gompertz;
                $body
            }
            Family::Richards => {
                let $curve = Richards;
                $body
            }
        }
    };
}

impl GrowthCurve for Family {
    fn name(&self) -> &str {
        Self::name(*self)
    }

    fn parameters(&self) -> &[Parameter] {
        self.curve().parameters()
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        dispatch!(self, curve => curve.value_and_gradient(t, theta, gradient))
    }

    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        dispatch!(self, curve => curve.values_and_gradients(times, theta, values, gradients));
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        self.curve().starting_guess(points, theta);
    }

    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        self.curve().nested(which, points, theta)
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        dispatch!(self, curve => curve.value(t, theta))
    }

    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        dispatch!(self, curve => curve.through(points, theta))
    }

    fn natural_parameters(&self) -> &[Parameter] {
        self.curve().natural_parameters()
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        self.curve().natural(reference_year, theta, natural);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        self.curve().natural_gradient(parameter, theta, gradient);
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::name(*self))
    }
}

impl FromStr for Family {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|family| Self::name(*family) == name)
            .ok_or_else(|| Error::unknown("curve", name, Self::ALL.map(Self::name)))
    }
}
