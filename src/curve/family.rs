//! The shipped families by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::exponential::Exponential;
use super::gompertz::Gompertz;
use super::linear::Linear;
use super::logistic::Logistic;
use super::richards::Richards;
use super::shipped_curve::Shipped;
use super::{BATCH, GrowthCurve, Internals, Interpolation, Parameter, Point};
use crate::error::Error;

/// A shipped family of growth curves.
///
/// Each is a [`GrowthCurve`]: yearly new cases y as a function of the time t in years since the reference year.
/// u = ln y(0) is the level, g the growth rate y′/y at t = 0, κ the damping, v the shape, and
/// D(t; r) = (1 − e^(−rt))/r damped time; see the [module](super).
///
/// By name, in files and on command lines: `linear`, `exponential`, `logistic`, `gompertz`, `richards`.
///
/// # Numerics
///
/// D(t; r) and its derivative by r are taken from a series where |rt| < 0.2, and 1 − v·g·D is written as a sum of
/// positive numbers, so that values and derivatives are right to rounding from κ = 0 to the pole of a falling curve.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::{Family, GrowthCurve};
///
/// let family: Family = "gompertz".parse()?;
/// assert_eq!(family.parameters().len(), 3);
///
/// // ln 1000 cases in the first year, growth of 5 % a year that is damped by 10 % a year.
/// let theta = [1000_f64.ln(), 0.05, 0.1];
/// let mut natural = [0.0; 3];
/// family.natural(2020.0, &theta, &mut natural);
/// // Capacity e^(u + g/κ).
/// assert!((natural[0] - 1000.0 * 0.5_f64.exp()).abs() < 1e-9);
/// assert!((family.value(1e3, &theta) / natural[0] - 1.0).abs() < 1e-12);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Family {
    /// y(t) = intercept + slope·t: the same number of cases more every year.
    ///
    /// Natural and internal parameters are the same: the intercept (cases in the reference year) and the
    /// slope (cases per year), of any sign. A falling line reaches zero; from there on it gives no count.
    Linear,
    /// y(t) = initial·e^(rate·t): the same percentage more every year.
    ///
    /// Natural parameters: `initial` (cases in the reference year, above 0) and `rate` (per year, of any sign);
    /// the annual percent change is 100·(e^rate − 1). Internal: u and g.
    Exponential,
    /// y(t) = K/(1 + e^(−r(t − m))): growth that falls in proportion to what is left below the capacity.
    ///
    /// Internal: u, g and 0 ≤ κ ≤ 10, with y(t) = e^u/(1 − g·D(t; κ + g)). Natural: capacity K = e^u·(1 + g/κ),
    /// rate r = κ + g, midpoint m (calendar year) where y = K/2, at ln(g/κ)/r. κ = 0 is the exponential curve, its
    /// capacity infinite. Falling data (g < 0) approach the capacity from above, and the curve then has a
    /// pole before its data.
    ///
    /// Source: Verhulst (1838), "Notice sur la loi que la population suit dans son accroissement",
    /// Correspondance mathématique et physique 10:113–121.
    Logistic,
    /// y(t) = K·exp(−e^(−r(t − m))): growth that falls by the same factor every year.
    ///
    /// Internal: u, g and 0 ≤ κ ≤ 10, with ln y(t) = u + g·D(t; κ). Natural: capacity K = e^(u + g/κ), rate r = κ,
    /// inflection m (calendar year) where y = K/e, at ln(g/κ)/κ. κ = 0 is the exponential curve, its capacity
    /// infinite.
    ///
    /// Source: Gompertz (1825), "On the nature of the function expressive of the law of human
    /// mortality", Philosophical Transactions 115:513–583,
    /// [doi:10.1098/rstl.1825.0026](https://doi.org/10.1098/rstl.1825.0026); as a growth curve:
    /// Winsor (1932), PNAS 18:1–8, [doi:10.1073/pnas.18.1.1](https://doi.org/10.1073/pnas.18.1.1).
    Gompertz,
    /// y(t) = K/(1 + v·e^(−r(t − m)))^(1/v): the logistic curve (v = 1), the Gompertz curve (v → 0), von
    /// Bertalanffy's curve of weight (v = −⅓) and the monomolecular curve (v = −1) in one family, with a shape that
    /// says how close to its ceiling the growth slows.
    ///
    /// Internal: u, g, 0 ≤ κ ≤ 10 and −1 ≤ v ≤ 20, with y(t) = e^u·(1 − v·g·D(t; κ + v·g))^(−1/v). Natural: capacity
    /// K = e^u·(1 + v·g/κ)^(1/v), rate r = κ + v·g, midpoint m (calendar year) at ln(g/κ)/r, where the curve turns
    /// if v > −1 and is 0 if v = −1, shape v. With v below 0 growth may be damped too little to end (κ ≤ −v·g): there
    /// is no ceiling then, and the growth rate falls to g + κ/v. A large shape makes the curve a hinge, steady growth that stops dead: at v = 20 growth at 90 % of the ceiling
    /// still is at 88 % of its rate.
    ///
    /// Source: Richards (1959), "A flexible growth function for empirical use", Journal of Experimental
    /// Botany 10:290–301, [doi:10.1093/jxb/10.2.290](https://doi.org/10.1093/jxb/10.2.290).
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

/// Runs a function of the trait `Shipped` for the family's own type, so that the formula is inlined.
macro_rules! dispatch {
    ($family:expr, $curve:ident => $body:expr) => {
        match $family {
            Family::Linear => {
                type $curve = Linear;
                $body
            }
            Family::Exponential => {
                type $curve = Exponential;
                $body
            }
            Family::Logistic => {
                type $curve = Logistic;
                $body
            }
            Family::Gompertz => {
                type $curve = Gompertz;
                $body
            }
            Family::Richards => {
                type $curve = Richards;
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
        dispatch!(self, Curve => Curve::PARAMETERS)
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        dispatch!(self, Curve => {
            let (value, all) = Curve::new(theta).value_and_gradient(t);
            gradient.copy_from_slice(&all);
            value
        })
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        dispatch!(self, Curve => Curve::new(theta).value_and_gradient(t).0)
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        dispatch!(self, Curve => Curve::starting_guess(points, theta));
    }

    fn natural_parameters(&self) -> &[Parameter] {
        dispatch!(self, Curve => Curve::NATURAL)
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        dispatch!(self, Curve => Curve::natural(reference_year, theta, natural));
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        dispatch!(self, Curve => Curve::natural_gradient(parameter, theta, gradient));
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Family {
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        dispatch!(self, Curve => Curve::new(theta).values_and_gradients(times, values, gradients));
    }

    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        dispatch!(self, Curve => Curve::through(points, theta))
    }

    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        dispatch!(self, Curve => Curve::nested(which, points, theta))
    }

    fn through_zero(&self, t: f64, slope: f64, theta: &mut [f64]) -> bool {
        let is_line = matches!(self, Self::Linear);
        if is_line {
            theta.copy_from_slice(&[-slope * t, slope]);
        }
        is_line
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
