//! The estimate of one parameter, with its error.

use std::borrow::Cow;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::checked_on_reading::checked;
use crate::curve::{Parameter, Role};
use crate::draws::tails;
use crate::error::{Error, Result};
use crate::number_checks::Place;

checked! {
    /// The maximum-likelihood estimate of one parameter of a curve, with its standard error.
    ///
    /// A fit gives one for each natural parameter ([`Fit::parameters`](super::Fit::parameters)) and one for each
    /// internal parameter ([`Fit::internal_parameters`](super::Fit::internal_parameters)). As text it is
    /// `capacity = 249,567 ± 3,791 cases`.
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, fit};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let fit = fit(Family::Exponential, &usa, &FitOptions::default())?;
    /// let rate = fit.parameter("rate").expect("an exponential curve has a rate");
    /// assert_eq!(rate.unit, "per year");
    /// let (lower, upper) = rate.interval(0.95)?.expect("an identified fit has standard errors");
    /// assert!(0.0 < lower && rate.estimate < Some(upper));
    /// println!("{rate}"); // rate = 0.03… ± … per year
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct ParameterEstimate {
        /// The parameter's name, unique among those of its curve.
        pub name: Cow<'static, str>,
        /// Its unit: `cases`, `per year`, `year`, or empty for a pure number.
        pub unit: Cow<'static, str>,
        /// Its meaning for the curve.
        pub role: Role,
        /// The estimate. `None` where the parameter does not exist: capacity, rate, midpoint and shape of a curve
        /// fitted [at its limit without a ceiling](super::FittedCurve::has_no_ceiling), and the midpoint of a
        /// curve that falls.
        pub estimate: Option<f64>,
        /// The standard error, above 0, by the delta method from the inverse of the expected information (times
        /// the residual variance where that is estimated). `None` where the fit is saturated or meets every figure, so
        /// that no scatter tells of an error, or the parameter depends on one at the border of its domain, or does not exist.
        pub standard_error: Option<f64>,
        /// The degrees of freedom of Student's distribution where the variance is estimated; `None` where the
        /// estimate is normal.
        pub degrees_of_freedom: Option<usize>,
        /// Whether it depends on an internal parameter at the border of its domain: the true value may lie
        /// beyond.
        pub at_border: bool,
    } then check
}

impl ParameterEstimate {
    /// A parameter that has a value and no error.
    pub(super) fn without_error(parameter: &Parameter, estimate: Option<f64>) -> Self {
        Self {
            name: parameter.name.clone(),
            unit: parameter.unit.clone(),
            role: parameter.role,
            estimate,
            standard_error: None,
            degrees_of_freedom: None,
            at_border: false,
        }
    }

    fn check(&self) -> Result<()> {
        let place = format!("the estimate of {}", self.name);
        let place = Place(&place);
        if let Some(value) = self.estimate {
            place.check(value.is_finite(), "the estimate", value, "finite")?;
        }
        if let Some(error) = self.standard_error {
            let name = "the standard error";
            place.positive(name, error)?;
            let estimated = self.estimate.is_some() && !self.at_border;
            let allowed = "absent, where the parameter is not estimated";
            place.check(estimated, name, error, allowed)?;
        }
        let degrees = self.degrees_of_freedom.unwrap_or(1);
        place.check(degrees > 0, "the degrees of freedom", degrees, "at least 1")
    }

    /// The Wald interval: estimate ± quantile · standard error, with the quantile of Student's distribution
    /// where a variance is estimated and of the normal distribution otherwise. `None` without a standard
    /// error.
    ///
    /// It is symmetric, and what is known of a capacity that the data hardly determine is not: see
    /// [`IdentifiedFit::profile_interval`](super::IdentifiedFit::profile_interval).
    ///
    /// # Errors
    ///
    /// Where the level is not above 0 and below 1 (0.95 for 95 %).
    pub fn interval(&self, level: f64) -> Result<Option<(f64, f64)>> {
        let quantile = central_quantile(level, self.degrees_of_freedom)?;
        Ok(self
            .estimate
            .zip(self.standard_error)
            .map(|(estimate, error)| (estimate - quantile * error, estimate + quantile * error)))
    }
}

/// Half the width of a central interval in standard errors: the quantile of Student's distribution, or of the
/// normal one.
pub(super) fn central_quantile(level: f64, degrees_of_freedom: Option<usize>) -> Result<f64> {
    let [_, p] = tails(level)?;
    match degrees_of_freedom {
        None => Ok(Normal::standard().inverse_cdf(p)),
        Some(degrees) => StudentsT::new(0.0, 1.0, degrees as f64)
            .map(|student| student.inverse_cdf(p))
            .map_err(|error| Error::unsuitable(format!("no Student distribution: {error}"))),
    }
}
