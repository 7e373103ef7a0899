//! What a profile says: the ends of an interval, where there are any.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use super::fit_report::significant;
use crate::checked_on_reading::checked;
use crate::error::Result;
use crate::number_checks::Place;

/// A confidence limit: one end of a [`ProfileInterval`], in the unit of the parameter.
///
/// A profile may be so flat on one side that no value is rejected there. Then there is no number to give, and
/// the limit says so.
///
/// # Example
///
/// Counts that grow by the same factor every year say nothing of a ceiling above them:
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, Limit, fit};
///
/// let counts = (2010..=2020).map(|year| {
///     let t = f64::from(year - 2010);
///     (year, 1_000.0 * 1.03_f64.powf(t) * (1.0 + 0.01 * (2.0 * t).sin()))
/// });
/// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
/// let fit = fit(Family::Logistic, &series, &FitOptions::default())?;
/// let fit = fit.identified().expect("eleven figures, three parameters");
/// let capacity = fit.profile_interval("capacity", 0.95)?;
/// assert_eq!(capacity.upper, Limit::Unbounded);
/// assert_eq!(capacity.upper.value(), None);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The profile closes here.
    At(f64),
    /// The profile does not close before the domain of the curve ends, with this value of the parameter:
    /// a shape of 20, a rate of 0 where a curve with a ceiling becomes the exponential curve, an intercept of 0 where a
    /// line of counts would begin below it, or the highest rate that is not rejected with the greatest damping or shape.
    EndOfDomain(f64),
    /// The profile never closes on this side: the data allow the parameter any value, however far.
    Unbounded,
}

impl Limit {
    /// The limit, or `None` where there is none.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::At(value) | Self::EndOfDomain(value) => Some(value),
            Self::Unbounded => None,
        }
    }
}

checked! {
    /// A profile-likelihood interval: all values of a natural parameter that a likelihood-ratio test does not
    /// reject.
    ///
    /// With the log-likelihood ℓ(c), maximised over all other parameters while the parameter is held at *c*, it is
    ///
    /// ```text
    /// { c : 2·(ℓ(θ̂) − ℓ(c)) ≤ z² }
    /// ```
    ///
    /// with the normal quantile *z* of the level; where a variance is estimated, the quantile is Student's and the
    /// increase of the residual sum of squares over s² takes the place of the difference: Venzon & Moolgavkar (1988),
    /// Applied Statistics 37:87–94, [doi:10.2307/2347496](https://doi.org/10.2307/2347496). It need not be symmetric,
    /// and an end may not exist. It comes from [`IdentifiedFit::profile_interval`](super::IdentifiedFit::profile_interval), whose page has the errors.
    ///
    /// # Example
    ///
    /// Of the slope of a straight line it is the interval of the textbooks, slope ± t·standard error:
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    ///
    /// let counts = [(2018, 100.0), (2019, 104.0), (2020, 107.0), (2021, 113.0), (2022, 114.0)];
    /// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
    /// let options = FitOptions { likelihood: Likelihood::Gaussian, ..FitOptions::default() };
    /// let fit = fit(Family::Linear, &series, &options)?;
    /// let fit = fit.identified().expect("five figures, two parameters");
    /// let slope = fit.profile_interval("slope", 0.95)?;
    /// // s² = 4.3/3 and Σ(t − t̄)² = 10; Student's quantile for three degrees of freedom is 3.182.
    /// let half = 3.182_446 * (4.3 / 3.0 / 10.0_f64).sqrt();
    /// assert!(slope.lower.value().is_some_and(|lower| (lower - (3.7 - half)).abs() < 1e-5));
    /// assert!(slope.upper.value().is_some_and(|upper| (upper - (3.7 + half)).abs() < 1e-5));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct ProfileInterval {
        /// The lower end.
        pub lower: Limit,
        /// The upper end.
        pub upper: Limit,
    } then check
}

impl ProfileInterval {
    fn check(&self) -> Result<()> {
        let (Some(from), Some(to)) = (self.lower.value(), self.upper.value()) else {
            return Ok(());
        };
        let allowed = format!("at least the lower one, {from}");
        Place("a profile interval").check(from <= to, "the upper limit", to, &allowed)
    }
}

impl Display for ProfileInterval {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let end = |limit: Limit, side: &str| match limit {
            Limit::At(value) => significant(value, 6),
            Limit::EndOfDomain(value) => format!("{} (end of the domain)", significant(value, 6)),
            Limit::Unbounded => format!("no {side} limit"),
        };
        write!(
            f,
            "{} to {}",
            end(self.lower, "lower"),
            end(self.upper, "upper")
        )
    }
}
