//! A constant relative change a year, with its interval and doubling time.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use statrs::function::beta::{beta_reg, inv_beta_reg};
use statrs::function::erf::{erfc, erfc_inv};

use super::error_variance::check_open_unit;
use crate::error::{Error, ErrorKind, Result};
use crate::unchecked::unchecked;

/// The quantile of Student's t, or the normal distribution, that cuts off `(1 − level)/2` in each tail.
pub(super) fn two_sided_quantile(degrees_of_freedom: Option<f64>, level: f64) -> f64 {
    let outside = 1.0 - level;
    let Some(d) = degrees_of_freedom else {
        return std::f64::consts::SQRT_2 * erfc_inv(outside);
    };
    // P(|T| > t) = I_{d/(d + t²)}(d/2, 1/2).
    let x = inv_beta_reg(0.5 * d, 0.5, outside);
    let mut t = (d * (1.0 - x) / x).sqrt();
    let tail = |t: f64| two_sided_tail(degrees_of_freedom, t);
    // Two Newton steps on the tail; the derivative is taken from a secant of the tail itself.
    for _ in 0..2 {
        let h = 1e-4 * t;
        let slope = (tail(t + h) - tail(t - h)) / (2.0 * h);
        let step = (tail(t) - outside) / slope;
        if step.is_finite() && step.abs() < 0.5 * t {
            t -= step;
        }
    }
    t
}

/// The probability of a value farther from 0 than `t`.
fn two_sided_tail(degrees_of_freedom: Option<f64>, t: f64) -> f64 {
    match degrees_of_freedom {
        None => erfc(t.abs() / std::f64::consts::SQRT_2),
        Some(d) => beta_reg(0.5 * d, 0.5, d / (d + t * t)),
    }
}

/// The **annual percent change** (APC): the constant relative change a year of a log-linear trend, in per cent.
/// Also the average of several (AAPC).
///
/// # Definition
///
/// ```text
/// APC = 100·(e^β − 1),   interval 100·(e^(β ± q·s) − 1)
/// ```
///
/// β is the slope of the logarithm by calendar year, *s* its standard error, *q* the quantile of Student's t with
/// [`AnnualPercentChange::degrees_of_freedom`], or of the normal distribution. Per cent a year, above −100. A
/// perfect fit has standard error 0 and an interval of no width. Clegg, Hankey, Tiwari, Feuer & Edwards (2009),
/// Statistics in Medicine 28:3670–3682, [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::AnnualPercentChange;
///
/// let apc = AnnualPercentChange::from_slope(0.03, 0.002, None, 0.95)?;
/// assert!((apc.percent() - 3.0455).abs() < 1e-4);
/// // 1.96 standard errors to either side.
/// let (lower, upper) = apc.interval();
/// assert!((lower - 2.6423).abs() < 1e-4 && (upper - 3.4502).abs() < 1e-4);
/// // With 10 degrees of freedom 2.228, as in any table of Student's t.
/// let apc = AnnualPercentChange::from_slope(0.03, 0.002, Some(10.0), 0.95)?;
/// let (lower, upper) = apc.slope_interval();
/// assert!(((upper - lower) / 0.004 - 2.228).abs() < 1e-3);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct AnnualPercentChange {
    slope: f64,
    standard_error: f64,
    degrees_of_freedom: Option<f64>,
    level: f64,
}

unchecked!(Unchecked => AnnualPercentChange, through from_slope {
    slope: f64,
    standard_error: f64,
    degrees_of_freedom: Option<f64>,
    level: f64,
});

impl AnnualPercentChange {
    /// From a slope and its standard error, as a publication states them.
    ///
    /// `slope` is per year and finite, `standard_error` finite and at least 0, `level` the coverage of
    /// the interval, between 0 and 1. `degrees_of_freedom`, above 0, are those of the residual variance
    /// where that was estimated; `None` where the variance is known or the result is asymptotic.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where a number is not in its range.
    pub fn from_slope(
        slope: f64,
        standard_error: f64,
        degrees_of_freedom: Option<f64>,
        level: f64,
    ) -> Result<Self> {
        const PLACE: &str = "an annual percent change";
        if !slope.is_finite() {
            return Err(Error::out_of_range("the slope", PLACE, slope, "finite"));
        }
        if !(standard_error.is_finite() && standard_error >= 0.0) {
            return Err(Error::out_of_range(
                "the standard error of the slope",
                PLACE,
                standard_error,
                "finite and at least 0",
            ));
        }
        if let Some(d) = degrees_of_freedom
            && !(d.is_finite() && d > 0.0)
        {
            return Err(Error::out_of_range(
                "the degrees of freedom",
                PLACE,
                d,
                "finite and above 0",
            ));
        }
        check_open_unit("the confidence level", PLACE, level)?;
        Ok(Self {
            slope,
            standard_error,
            degrees_of_freedom,
            level,
        })
    }

    /// The average annual percent change over consecutive stretches of years:
    /// 100·(e^(Σwᵢβᵢ/Σwᵢ) − 1), the weights being the years spent in each stretch.
    ///
    /// The stretches are taken as independent, and the interval is normal, with variance
    /// Σ(wᵢ/Σw)²·sᵢ²: the parametric method of Clegg, Hankey, Tiwari, Feuer & Edwards (2009),
    /// Statistics in Medicine 28:3670–3682, [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
    /// A single stretch is returned as it is, with its own degrees of freedom. The level is that of the
    /// first stretch.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] where there is no stretch, [`ErrorKind::OutOfRange`] where its years
    /// are not finite and above 0.
    pub fn average(stretches: impl IntoIterator<Item = (f64, Self)>) -> Result<Self> {
        let stretches: Vec<(f64, Self)> = stretches.into_iter().collect();
        let Some((_, first)) = stretches.first().copied() else {
            return Err(ErrorKind::Unsuitable(
                "an average annual percent change needs at least one stretch of years".to_owned(),
            )
            .into());
        };
        for &(years, _) in &stretches {
            if !(years.is_finite() && years > 0.0) {
                return Err(Error::out_of_range(
                    "the length of a stretch of years",
                    "an average annual percent change",
                    years,
                    "finite and above 0",
                ));
            }
        }
        if stretches.len() == 1 {
            return Ok(first);
        }
        let total: f64 = stretches.iter().map(|(years, _)| years).sum();
        let slope = stretches
            .iter()
            .map(|(years, change)| years / total * change.slope)
            .sum();
        let variance: f64 = stretches
            .iter()
            .map(|(years, change)| (years / total * change.standard_error).powi(2))
            .sum();
        Self::from_slope(slope, variance.sqrt(), None, first.level)
    }

    /// The change in per cent a year, above −100.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.slope)
    }

    /// Lower and upper end of the interval of [`AnnualPercentChange::level`], in per cent a year.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let (lower, upper) = self.slope_interval();
        (percent(lower), percent(upper))
    }

    /// The slope of the logarithm, per year.
    #[must_use]
    pub const fn slope(&self) -> f64 {
        self.slope
    }

    /// The standard error of the slope.
    #[must_use]
    pub const fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// The degrees of freedom of Student's t distribution, to which the slope divided by its standard error
    /// is referred; `None` for the normal distribution.
    #[must_use]
    pub const fn degrees_of_freedom(&self) -> Option<f64> {
        self.degrees_of_freedom
    }

    /// The coverage of the interval: 0.95 for a 95 % interval.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// 95 for a level of 0.95: their product with 100 is that but for rounding.
    pub(super) fn level_in_percent(&self) -> f64 {
        (1e8 * self.level).round() / 1e6
    }

    /// The two-sided *p*-value of no change. For a perfect fit 1 where the slope is 0, otherwise 0.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        if self.standard_error > 0.0 {
            two_sided_tail(self.degrees_of_freedom, self.slope / self.standard_error)
        } else if self.slope == 0.0 {
            1.0
        } else {
            0.0
        }
    }

    /// The time in which the quantity doubles or halves at this change.
    #[must_use]
    pub fn doubling_time(&self) -> DoublingTime {
        DoublingTime::of_slope(self.slope)
    }

    /// The doubling times at the lower and at the upper end of the slope's interval.
    ///
    /// Where the slope may be of either sign the first halves and the second doubles: the plausible
    /// doubling times then reach from that of the upper end over "never" to the halving time of the
    /// lower end.
    #[must_use]
    pub fn doubling_time_interval(&self) -> (DoublingTime, DoublingTime) {
        let (lower, upper) = self.slope_interval();
        (DoublingTime::of_slope(lower), DoublingTime::of_slope(upper))
    }

    /// Lower and upper end of the slope's interval.
    #[must_use]
    pub fn slope_interval(&self) -> (f64, f64) {
        let half = if self.standard_error > 0.0 {
            two_sided_quantile(self.degrees_of_freedom, self.level) * self.standard_error
        } else {
            0.0
        };
        (self.slope - half, self.slope + half)
    }
}

/// The change with its interval: `+3.04 % a year (95 % interval +2.64 to +3.45)`.
impl fmt::Display for AnnualPercentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, upper) = self.interval();
        write!(
            f,
            "{:+.2} % a year ({} % interval {lower:+.2} to {upper:+.2})",
            self.percent(),
            self.level_in_percent()
        )
    }
}

/// 100·(e^slope − 1), held below infinity.
fn percent(slope: f64) -> f64 {
    (100.0 * slope.exp_m1()).min(f64::MAX)
}

/// The **doubling time** of a quantity that grows by a constant share a year, or its halving time where it declines.
///
/// # Definition
///
/// ```text
/// doubling time = ln 2/β
/// ```
///
/// β is the slope of the logarithm, above 0; below 0 it halves in ln 2/|β|. In years, finite and above 0.
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualPercentChange, DoublingTime};
///
/// // The rule of 70: at 2 % a year a quantity doubles in about 35 years, ln 2/ln 1.02.
/// let two_percent = AnnualPercentChange::from_slope(1.02_f64.ln(), 0.0, None, 0.95)?;
/// assert!((two_percent.doubling_time().years().unwrap() - 35.0028).abs() < 1e-4);
/// let decline = AnnualPercentChange::from_slope(-(2.0_f64.ln()) / 9.0, 0.0, None, 0.95)?;
/// assert!(matches!(decline.doubling_time(), DoublingTime::Halves(years) if (years - 9.0).abs() < 1e-12));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoublingTime {
    /// It grows, and doubles in so many years (finite, above 0).
    Doubles(#[serde(deserialize_with = "positive")] f64),
    /// It declines, and halves in so many years (finite, above 0).
    Halves(#[serde(deserialize_with = "positive")] f64),
    /// It does neither: the slope is 0.
    Never,
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    let years = f64::deserialize(deserializer)?;
    if years.is_finite() && years > 0.0 {
        return Ok(years);
    }
    let error = Error::out_of_range("the time", "a doubling time", years, "finite and above 0");
    Err(serde::de::Error::custom(error))
}

impl DoublingTime {
    fn of_slope(slope: f64) -> Self {
        let years = std::f64::consts::LN_2 / slope.abs();
        if !years.is_finite() {
            Self::Never
        } else if slope > 0.0 {
            Self::Doubles(years)
        } else {
            Self::Halves(years)
        }
    }

    /// The years to double; `None` where it does not.
    #[must_use]
    pub const fn years(self) -> Option<f64> {
        match self {
            Self::Doubles(years) => Some(years),
            Self::Halves(_) | Self::Never => None,
        }
    }
}

/// `doubles in 22.3 years`, `halves in 9.0 years` or `neither doubles nor halves`.
impl fmt::Display for DoublingTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubles(years) => write!(f, "doubles in {years:.1} years"),
            Self::Halves(years) => write!(f, "halves in {years:.1} years"),
            Self::Never => f.write_str("neither doubles nor halves"),
        }
    }
}
