//! The parameters of a curve: what they are called, what they mean, where they may lie.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};

/// The meaning of a parameter for the curve, as far as fits, profiles and cautions act on it.
///
/// A curve states the roles of its parameters itself; a name is only for the reader. A parameter
/// whose meaning is none of these is [`Role::Other`]. Where two parameters of a curve have one role,
/// the first counts.
///
/// | role | what acts on it |
/// |---|---|
/// | level, ceiling | a profile follows the logarithm where all values are above 0; [`Holding`](crate::fit::Holding) meets a held one by its logarithm |
/// | damping | at 0 a curve with a ceiling has none ([`FittedCurve::has_no_ceiling`](crate::fit::FittedCurve::has_no_ceiling)) |
/// | ceiling | the caution [`CeilingNotIdentified`](crate::fit::Caution::CeilingNotIdentified) |
/// | rate, shape | the caution [`Hinge`](crate::fit::Caution::Hinge) |
/// | midpoint | a profile ends at 10,000 years |
///
/// ```
/// use myeloma_epi::curve::{Family, GrowthCurve, Role};
///
/// let roles = Family::Gompertz.natural_parameters().iter().map(|parameter| parameter.role);
/// assert!(roles.eq([Role::Ceiling, Role::Rate, Role::Midpoint]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The number of cases at some time, or its logarithm: intercept, initial value, ln y(0).
    Level,
    /// The growth per year, relative or absolute.
    Rate,
    /// The rate κ ≥ 0 at which growth declines. At κ = 0 a curve with a [`Role::Ceiling`] has none and
    /// is the exponential curve of its level and growth.
    Damping,
    /// The number of cases that the curve approaches: the capacity. An infinite one does not exist.
    Ceiling,
    /// The calendar year in which the growth of cases turns: midpoint, inflection.
    Midpoint,
    /// A pure number that shapes the approach to the ceiling; 1 is the logistic curve's.
    Shape,
    /// Anything else.
    Other,
}

checked! {
    /// A parameter of a curve: name, unit, role and domain.
    ///
    /// Serialised with its domain; infinite ends are the strings `"-inf"` and `"inf"`.
    ///
    /// ```
    /// use myeloma_epi::curve::{Parameter, Role};
    ///
    /// static PARAMETERS: [Parameter; 2] = [
    ///     Parameter::new("level", "cases", Role::Level).between(0.0, f64::INFINITY),
    ///     Parameter::new("power", "", Role::Other),
    /// ];
    /// assert_eq!(PARAMETERS[1].lower, f64::NEG_INFINITY);
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Parameter {
        /// The name, as users see it; different from those of the curve's other parameters.
        pub name: Cow<'static, str>,
        /// The unit: `"cases"`, `"per year"`, `"year"`, or `""` for a pure number.
        pub unit: Cow<'static, str>,
        /// The meaning for the curve.
        pub role: Role,
        /// The least value of the domain, included; may be −∞.
        #[serde(with = "crate::numeric::real")]
        pub lower: f64,
        /// The greatest value of the domain, included; may be ∞.
        #[serde(with = "crate::numeric::real")]
        pub upper: f64,
    } then check
}

impl Parameter {
    /// A parameter that may take any value.
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, role: Role) -> Self {
        Self {
            name: Cow::Borrowed(name),
            unit: Cow::Borrowed(unit),
            role,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
        }
    }

    /// The same with a domain from `lower` to `upper`, both of them included.
    #[must_use]
    pub const fn between(mut self, lower: f64, upper: f64) -> Self {
        self.lower = lower;
        self.upper = upper;
        self
    }

    /// Refuses an empty name and an empty domain.
    pub(crate) fn check(&self) -> Result<()> {
        if self.name.is_empty() {
            return Err(Error::unsuitable("a parameter without a name"));
        }
        if self.lower <= self.upper && self.lower < f64::INFINITY && self.upper > f64::NEG_INFINITY
        {
            return Ok(());
        }
        Err(Error::unsuitable(format!(
            "the domain of {}, from {} to {}, is empty",
            self.name, self.lower, self.upper
        )))
    }

    /// Whether a value lies in the domain.
    pub(crate) fn admits(&self, value: f64) -> bool {
        value.is_finite() && value >= self.lower && value <= self.upper
    }
}

/// The place of the first parameter with a role.
pub(crate) fn place(parameters: &[Parameter], role: Role) -> Option<usize> {
    parameters.iter().position(|p| p.role == role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_comes_back_from_json_as_it_was() {
        let all = [
            Parameter::new("growth", "per year", Role::Rate),
            Parameter::new("damping", "per year", Role::Damping).between(0.0, 10.0),
            Parameter::new("b", "", Role::Other).between(f64::NEG_INFINITY, 0.1),
        ];
        let json = serde_json::to_string(&all).unwrap();
        assert!(json.contains(r#""lower":"-inf","upper":"inf""#), "{json}");
        assert_eq!(serde_json::from_str::<[Parameter; 3]>(&json).unwrap(), all);
    }

    #[test]
    fn a_domain_that_is_none_is_refused() {
        for domain in [r#""lower":2,"upper":1"#, r#""lower":"nan","upper":1"#] {
            let json = format!(r#"{{"name":"b","unit":"","role":"other",{domain}}}"#);
            let error = serde_json::from_str::<Parameter>(&json).unwrap_err();
            assert!(error.to_string().contains("the domain of b"), "{error}");
        }
    }
}
