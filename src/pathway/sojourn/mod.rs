//! Sojourn times: how long patients are in a state of the treatment pathway.

mod distribution;
mod sampler;
mod sojourn_spec;
mod table_of_times;

pub use distribution::SojournFamily;
pub(super) use distribution::{Distribution, Form, TimeGrid};
pub(super) use sojourn_spec::SojournSpec;

use std::fmt;

use serde::Deserialize;

use crate::error::Result;
use crate::number_checks::Place;
use crate::plain_text::percent;
pub(super) use table_of_times::Table;

/// The most that a time scale may be off, as the standard deviation of its logarithm.
const MAX_RELATIVE_ERROR: f64 = 2.0;

/// Moments so near, in years, are one: whoever leaves at a moment has left by then, whatever rounding makes of a sum of times.
pub(super) const SAME_MOMENT: f64 = 1e-9;

/// The distribution of a **sojourn time**: the time from entering a state of the pathway to leaving it, in
/// years. For a line of therapy it is the time to next treatment, to death, or to the loss to further therapy.
///
/// | family | distribution function F(t) for t ≥ 0 | mean | median | parameters |
/// |---|---|---|---|---|
/// | exponential | 1 − e^(−t/b) | b | b ln 2 | scale b |
/// | Weibull | 1 − e^(−(t/b)^a) | b Γ(1 + 1/a) | b (ln 2)^(1/a) | shape a, scale b |
/// | gamma | P(a, t/b), the regularised incomplete gamma function | a b | by iteration | shape a, scale b |
/// | log-normal | Φ(ln(t/b)/a) | b e^(a²/2) | b | shape a (the standard deviation of ln t), scale b |
/// | log-logistic | 1/(1 + (t/b)^(−a)) | b (π/a)/sin(π/a), infinite for a ≤ 1 | b | shape a, scale b |
/// | table | linear between the points given | from the points | from the points | times, probabilities |
/// | none | 1 | 0 | 0 | the state is left at once |
///
/// Formulae: Klein & Moeschberger (2003), *Survival Analysis*, 2nd ed., table 2.2,
/// [doi:10.1007/b97377](https://doi.org/10.1007/b97377). Shapes and scales lie between 1e-6 and 1e6.
/// Distribution functions and quantiles agree with `SciPy` to 1e-10.
///
/// A sojourn time may carry a **relative error**: the standard
/// deviation of the logarithm of its time scale, so that in one draw every quantile is longer or
/// shorter by the same factor, with the shape kept. Its default is 0.
///
/// # In a file
///
/// `family` is `exponential`, `weibull`, `gamma`, `log_normal`, `log_logistic`, `table` or `none`. Beside it
/// stands exactly one of: `shape` and `scale` (`scale` alone if exponential); `median` and `quantile`
/// (`{"probability": 0.75, "time": 3.5}`; `median` alone if exponential); `mean` and `sd` (`mean` alone if
/// exponential); `times` and `probabilities` of a table; nothing for `none`. `relative_error` may be added.
///
/// ```
/// use myeloma_epi::pathway::{SojournFamily, SojournTime};
///
/// let by_parameters = SojournTime::weibull(1.1, 3.0)?;
/// assert_eq!(by_parameters.to_string(), "Weibull, shape 1.1, scale 3 (median 2.15 years)");
/// let in_a_file: SojournTime =
///     serde_json::from_str(r#"{"family": "weibull", "shape": 1.1, "scale": 3.0}"#)?;
/// assert_eq!(in_a_file, by_parameters);
///
/// let by_median = SojournTime::from_median(SojournFamily::Weibull, 2.0, (0.75, 3.5))?;
/// assert!((by_median.cdf(2.0) - 0.5).abs() < 1e-12);
/// assert!((by_median.cdf(3.5) - 0.75).abs() < 1e-12);
/// // Three quarters cannot have left before half have.
/// assert!(SojournTime::from_median(SojournFamily::Weibull, 2.0, (0.75, 1.5)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "SojournSpec")]
pub struct SojournTime {
    distribution: Distribution,
    relative_error: f64,
}

impl SojournTime {
    pub(super) const fn of(distribution: Distribution) -> Self {
        Self {
            distribution,
            relative_error: 0.0,
        }
    }

    /// No time at all: the state is left at the moment it is entered.
    #[must_use]
    pub const fn none() -> Self {
        Self::of(Distribution::None)
    }

    /// The exponential distribution with a mean in years: a constant hazard of 1/mean.
    ///
    /// F(t) = 1 − e^(−t/mean). How long somebody has been in the state says nothing of how long it will last.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// let time = SojournTime::exponential(2.0)?;
    /// assert!((time.cdf(2.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
    /// assert!((time.median() - 2.0 * 2.0_f64.ln()).abs() < 1e-12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the mean is not between 1e-6 and 1e6.
    pub fn exponential(mean: f64) -> Result<Self> {
        Distribution::exponential(mean, PLACE).map(Self::of)
    }

    /// The Weibull distribution with a scale in years: a hazard that rises (shape above 1) or falls (below 1)
    /// as a power of time.
    ///
    /// F(t) = 1 − e^(−(t/scale)^shape), with the hazard shape/scale·(t/scale)^(shape − 1). Whatever the shape, by the
    /// scale 63.2 % have left.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// for shape in [0.7, 1.0, 2.0] {
    ///     let time = SojournTime::weibull(shape, 3.0)?;
    ///     assert!((time.cdf(3.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
    /// }
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::Weibull, shape, scale, PLACE).map(Self::of)
    }

    /// The gamma distribution with a scale in years; the mean is shape × scale.
    ///
    /// F(t) = P(shape, t/scale), the regularised lower incomplete gamma function. With a whole shape it is the sum of so
    /// many exponential stages, each with the scale as its mean.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// // Two stages of 1.5 years: F(t) = 1 − e^(−x)·(1 + x), x = t/1.5.
    /// let time = SojournTime::gamma(2.0, 1.5)?;
    /// assert!((time.cdf(3.0) - (1.0 - 3.0 * (-2.0_f64).exp())).abs() < 1e-12);
    /// assert!((time.mean() - 3.0).abs() < 1e-12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::Gamma, shape, scale, PLACE).map(Self::of)
    }

    /// The log-normal distribution with a median in years and the standard deviation of its logarithm.
    ///
    /// F(t) = Φ(ln(t/median)/sigma): the hazard rises at first and falls later on. 95 % of all times lie within a
    /// factor e^(1.96·sigma) of the median.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// let time = SojournTime::log_normal(2.0, 0.5)?;
    /// // Φ(1) = 0.8413: one standard deviation above the median.
    /// assert!((time.cdf(2.0 * 0.5_f64.exp()) - 0.841_344_746).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn log_normal(median: f64, sigma: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::LogNormal, sigma, median, PLACE).map(Self::of)
    }

    /// The log-logistic distribution with a median in years.
    ///
    /// F(t) = 1/(1 + (t/median)^(−shape)): the odds of having left, F/(1 − F), are (t/median)^shape. Its tail is a power
    /// of time, so that it has no mean where the shape is at most 1.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// // At twice the median the odds are 2² = 4 to 1.
    /// let time = SojournTime::log_logistic(2.0, 1.5)?;
    /// assert!((time.cdf(3.0) - 0.8).abs() < 1e-12);
    /// assert!(SojournTime::log_logistic(1.0, 1.5)?.mean().is_infinite());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where a parameter is not between 1e-6 and 1e6.
    pub fn log_logistic(shape: f64, median: f64) -> Result<Self> {
        Distribution::with_shape(SojournFamily::LogLogistic, shape, median, PLACE).map(Self::of)
    }

    /// A distribution function given by points `(years, probability of having left by then)` and linear in
    /// between, as one reads it off a Kaplan–Meier curve.
    ///
    /// Times (finite, not negative) and probabilities, in [0, 1], do not fall, and the last probability is 1: a
    /// sojourn ends some time, and where a curve stops short the user has to say how it goes on. Two points at one
    /// time are a step; with nothing else, that is a fixed time. Before the first point nobody has left; at a first
    /// point at time 0 that is above 0, so many leave at once.
    ///
    /// ```
    /// use myeloma_epi::pathway::SojournTime;
    ///
    /// let time = SojournTime::table([(0.0, 0.0), (1.0, 0.4), (5.0, 1.0)])?;
    /// assert_eq!((time.cdf(3.0), time.median()), (0.7, 1.0 + 4.0 / 6.0));
    /// let six_cycles = SojournTime::table([(0.46, 0.0), (0.46, 1.0)])?;
    /// assert_eq!((six_cycles.cdf(0.45), six_cycles.cdf(0.46), six_cycles.mean()), (0.0, 1.0, 0.46));
    /// assert!(SojournTime::table([(0.0, 0.0), (1.0, 0.4)]).is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there are fewer than two points or more than 10,000, or one of these rules is broken; the error
    /// names the point.
    pub fn table(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        let (times, probabilities) = points.into_iter().unzip();
        Table::new(times, probabilities, PLACE).map(|table| Self::of(Distribution::Table(table)))
    }

    /// The distribution of a family with two parameters that has this median and one more quantile
    /// `(probability, years)`; for the exponential family the quantile has to agree with the median.
    ///
    /// # Errors
    ///
    /// Where the median is not above 0, the quantile contradicts it (a later probability at an
    /// earlier time), or the family has no such member.
    pub fn from_median(family: SojournFamily, median: f64, quantile: (f64, f64)) -> Result<Self> {
        Distribution::from_median(family, median, Some(quantile), PLACE).map(Self::of)
    }

    /// The exponential distribution with this median in years: what a median alone determines.
    ///
    /// # Errors
    ///
    /// Where the median is not between 1e-6 and 1e6.
    pub fn exponential_from_median(median: f64) -> Result<Self> {
        Distribution::from_median(SojournFamily::Exponential, median, None, PLACE).map(Self::of)
    }

    /// The distribution of a family with this mean and standard deviation, both in years; for the
    /// exponential family they have to be equal.
    ///
    /// With the coefficient of variation c = sd/mean, a gamma time has the shape 1/c², a log-normal one the standard
    /// deviation √ln(1 + c²) of its logarithm; those of a Weibull and a log-logistic time are found by iteration.
    ///
    /// ```
    /// use myeloma_epi::pathway::{SojournFamily, SojournTime};
    ///
    /// let time = SojournTime::from_mean_sd(SojournFamily::Gamma, 3.0, 1.5)?;
    /// assert_eq!(time, SojournTime::gamma(4.0, 0.75)?);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where one of them is not above 0, or the family has no such member.
    pub fn from_mean_sd(family: SojournFamily, mean: f64, sd: f64) -> Result<Self> {
        Distribution::from_mean_sd(family, mean, sd, PLACE).map(Self::of)
    }

    /// The same distribution, its time scale known with this error: the standard deviation of the logarithm
    /// of the scale, so 0.1 means that the median may well be 10 % longer or shorter.
    ///
    /// In each draw all times are multiplied by e^(error·z), with one standard normal *z*. Of a median whose 95 %
    /// interval was published it is ln(upper/lower)/3.92.
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
        self.distribution.family()
    }

    /// The standard deviation of the logarithm of the time scale.
    #[must_use]
    pub const fn relative_error(&self) -> f64 {
        self.relative_error
    }

    /// The probability of having left by `years` after entering; 0 before, NaN for NaN.
    #[must_use]
    pub fn cdf(&self, years: f64) -> f64 {
        self.distribution.cdf(years)
    }

    /// The time by which a share `p` has left, in years; infinite for 1 where the family is.
    ///
    /// # Errors
    ///
    /// Where `p` is not between 0 and 1.
    pub fn quantile(&self, p: f64) -> Result<f64> {
        Place(PLACE).share("the probability", p)?;
        Ok(self.distribution.quantile(p))
    }

    /// The median in years.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.distribution.quantile(0.5)
    }

    /// The mean in years; infinite for a log-logistic time whose shape is at most 1, and above 1.8e308.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.distribution.mean()
    }

    /// The same distribution with its time scale multiplied.
    ///
    /// # Errors
    ///
    /// Where the factor is not above 0, or the scale leaves its range.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        Ok(Self {
            distribution: self.distribution.scaled(factor, PLACE)?,
            relative_error: self.relative_error,
        })
    }

    /// Whether it differs between draws.
    pub(super) fn is_uncertain(&self) -> bool {
        self.relative_error > 0.0 && self.distribution != Distribution::None
    }

    pub(super) const fn distribution(&self) -> &Distribution {
        &self.distribution
    }
}

impl fmt::Display for SojournTime {
    /// The family, its parameters, and the median in years.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.family() {
            SojournFamily::Exponential => "exponential",
            SojournFamily::Weibull => "Weibull",
            SojournFamily::Gamma => "gamma",
            SojournFamily::LogNormal => "log-normal",
            SojournFamily::LogLogistic => "log-logistic",
            SojournFamily::Table => "table",
            SojournFamily::None => "no time at all",
        };
        write!(f, "{family}")?;
        match &self.distribution {
            Distribution::None => return Ok(()),
            Distribution::Table(table) => write!(f, " of {} points", table.times().len())?,
            Distribution::Of {
                form: Form::Exponential,
                scale,
                ..
            } => write!(f, ", mean {}", short(*scale))?,
            Distribution::Of { shape, scale, .. } => {
                write!(f, ", shape {}, scale {}", short(*shape), short(*scale))?;
            }
        }
        write!(f, " (median {} years", short(self.median()))?;
        if self.relative_error > 0.0 {
            write!(f, ", relative error {} %", percent(self.relative_error))?;
        }
        write!(f, ")")
    }
}

/// Three significant digits without needless zeros, and without three hundred before or after them.
fn short(x: f64) -> String {
    let text = format!("{x:.2e}");
    match text.parse::<f64>() {
        Ok(x) if x == 0.0 || (1e-4..1e7).contains(&x) => x.to_string(),
        Ok(x) => format!("{x:e}"),
        Err(_) => text,
    }
}

/// What errors call the place of a sojourn time that stands alone.
const PLACE: &str = "a sojourn time";

fn check_relative_error(relative_error: f64, place: &str) -> Result<f64> {
    let holds = (0.0..=MAX_RELATIVE_ERROR).contains(&relative_error);
    let name = "relative_error of the sojourn time";
    let allowed = format!("between 0 and {MAX_RELATIVE_ERROR}");
    Place(place).check(holds, name, relative_error, &allowed)?;
    Ok(relative_error)
}
