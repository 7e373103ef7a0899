//! How long patients stay in a state of the treatment pathway.

mod distribution;
mod sampler;
mod spec;
mod table;

pub use distribution::SojournFamily;
pub(super) use distribution::{Distribution, TimeGrid};
pub(super) use sampler::Sampler;
pub(super) use spec::SojournSpec;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use table::Table;

/// The most that a time scale may be off, as the standard deviation of its logarithm.
const MAX_RELATIVE_ERROR: f64 = 2.0;

/// The distribution of a **stay** (sojourn): the time from entering a state of the pathway to
/// leaving it, in years.
///
/// | family | distribution function for t ≥ 0 | parameters |
/// |---|---|---|
/// | exponential | 1 − e^(−t/scale) | scale = mean |
/// | Weibull | 1 − e^(−(t/scale)^shape) | shape, scale |
/// | gamma | P(shape, t/scale), the regularised incomplete gamma function | shape, scale |
/// | log-normal | Φ(ln(t/scale)/shape) | scale = median, shape = sd of ln t |
/// | log-logistic | 1/(1 + (t/scale)^(−shape)) | scale = median, shape |
/// | table | linear between the points given | times and probabilities |
/// | none | 1 | the state is left at once |
///
/// Formulae: Klein & Moeschberger (2003), *Survival Analysis*, 2nd ed., table 2.2,
/// [doi:10.1007/b97377](https://doi.org/10.1007/b97377).
///
/// Scales and shapes lie between 1e-6 and 1e6. A stay may carry a **relative error**: the standard
/// deviation of the logarithm of its time scale, so that in one draw every quantile is longer or
/// shorter by the same factor, with the shape kept. Its default is 0.
///
/// ```
/// use myeloma_epi::pathway::{SojournTime, SojournFamily};
///
/// let by_parameters = SojournTime::weibull(1.1, 3.0)?;
/// let by_median = SojournTime::from_median(SojournFamily::Weibull, 2.0, (0.75, 3.5))?;
/// assert!((by_median.cdf(2.0) - 0.5).abs() < 1e-12);
/// assert!((by_median.cdf(3.5) - 0.75).abs() < 1e-12);
/// assert!(SojournTime::from_median(SojournFamily::Weibull, 2.0, (0.75, 1.5)).is_err());
/// # let _ = by_parameters;
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SojournSpec", into = "SojournSpec")]
pub struct SojournTime {
    law: Distribution,
    relative_error: f64,
}

impl SojournTime {
    pub(super) const fn of(law: Distribution) -> Self {
        Self {
            law,
            relative_error: 0.0,
        }
    }

    /// No stay: the state is left at the moment it is entered.
    #[must_use]
    pub const fn none() -> Self {
        Self::of(Distribution::None)
    }

    /// An exponential stay with a mean in years.
    ///
    /// # Errors
    ///
    /// Where the mean is not between 1e-6 and 1e6.
    pub fn exponential(mean: f64) -> Result<Self> {
        Distribution::exponential(mean, PLACE).map(Self::of)
    }

    /// A Weibull stay; the scale is in years.
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::Weibull, shape, scale, PLACE).map(Self::of)
    }

    /// A gamma stay; the scale is in years, the mean shape × scale.
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::Gamma, shape, scale, PLACE).map(Self::of)
    }

    /// A log-normal stay with a median in years and the standard deviation of its logarithm.
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn log_normal(median: f64, sigma: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::LogNormal, sigma, median, PLACE).map(Self::of)
    }

    /// A log-logistic stay with a median in years.
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn log_logistic(shape: f64, median: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::LogLogistic, shape, median, PLACE).map(Self::of)
    }

    /// A stay read from a table of its distribution function, `(years, probability of having left
    /// by then)`, linear in between; see [`Table`].
    ///
    /// # Errors
    ///
    /// As [`Table::new`].
    pub fn table(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        let (times, probabilities) = points.into_iter().unzip();
        Table::new(times, probabilities, PLACE).map(|table| Self::of(Distribution::Table(table)))
    }

    /// The stay of a family with two parameters that has this median and one more quantile
    /// `(probability, years)`; for the exponential family the quantile has to agree with the median.
    ///
    /// # Errors
    ///
    /// Where the median is not above 0, the quantile contradicts it (a later probability at an
    /// earlier time), or the family has no such member.
    pub fn from_median(family: SojournFamily, median: f64, quantile: (f64, f64)) -> Result<Self> {
        Distribution::from_median(family, median, Some(quantile), PLACE).map(Self::of)
    }

    /// The exponential stay with this median: what a median alone determines.
    ///
    /// # Errors
    ///
    /// Where the median is not between 1e-6 and 1e6.
    pub fn exponential_from_median(median: f64) -> Result<Self> {
        Distribution::from_median(SojournFamily::Exponential, median, None, PLACE).map(Self::of)
    }

    /// The stay of a family with this mean and standard deviation, both in years; for the
    /// exponential family they have to be equal.
    ///
    /// # Errors
    ///
    /// Where one of them is not above 0, or the family has no such member.
    pub fn from_mean_sd(family: SojournFamily, mean: f64, sd: f64) -> Result<Self> {
        Distribution::from_mean_sd(family, mean, sd, PLACE).map(Self::of)
    }

    /// The same stay, its time scale known with this error: the standard deviation of the logarithm
    /// of the scale, so 0.1 means that the median may well be 10 % longer or shorter.
    ///
    /// # Errors
    ///
    /// Where the error is not between 0 and 2.
    pub fn with_relative_error(mut self, relative_error: f64) -> Result<Self> {
        self.relative_error = check_relative_error(relative_error, PLACE)?;
        Ok(self)
    }

    /// The family.
    #[must_use]
    pub const fn family(&self) -> SojournFamily {
        self.law.family()
    }

    /// The standard deviation of the logarithm of the time scale.
    #[must_use]
    pub const fn relative_error(&self) -> f64 {
        self.relative_error
    }

    /// The probability of having left by `years` after entering; 0 before, NaN for NaN.
    #[must_use]
    pub fn cdf(&self, years: f64) -> f64 {
        self.law.cdf(years)
    }

    /// The time by which a share `p` has left, in years; infinite for 1 where the family is.
    ///
    /// # Errors
    ///
    /// Where `p` is not between 0 and 1.
    pub fn quantile(&self, p: f64) -> Result<f64> {
        if (0.0..=1.0).contains(&p) {
            return Ok(self.law.quantile(p));
        }
        Err(Error::out_of_range(
            "the probability",
            PLACE,
            p,
            "between 0 and 1",
        ))
    }

    /// The median in years.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.law.quantile(0.5)
    }

    /// The mean in years; infinite for a log-logistic stay whose shape is at most 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.law.mean()
    }

    /// The same stay with its time scale multiplied.
    ///
    /// # Errors
    ///
    /// Where the factor is not above 0, or the scale leaves its range.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        Ok(Self {
            law: self.law.scaled(factor, PLACE)?,
            relative_error: self.relative_error,
        })
    }

    pub(super) const fn distribution(&self) -> &Distribution {
        &self.law
    }
}

/// What errors call the place of a stay that stands alone.
const PLACE: &str = "a stay";

fn check_relative_error(relative_error: f64, place: &str) -> Result<f64> {
    if (0.0..=MAX_RELATIVE_ERROR).contains(&relative_error) {
        return Ok(relative_error);
    }
    Err(Error::out_of_range(
        "relative_error of the stay",
        place,
        relative_error,
        format!("between 0 and {MAX_RELATIVE_ERROR}"),
    ))
}
