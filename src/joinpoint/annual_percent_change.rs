//! A constant relative change a year, with its interval and doubling time.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::quantile::sorted_interval;
use crate::numeric::student::{two_sided_quantile, two_sided_tail};
use crate::plain_text::percent as in_percent;

checked! {
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
    /// perfect fit has standard error 0: nothing tells how far the slope may be from the truth, and there is neither an
    /// interval nor a *p*-value. Clegg, Hankey, Tiwari, Feuer & Edwards (2009),
    /// Statistics in Medicine 28:3670–3682, [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
    ///
    /// That of a [resampled](super::Intervals::Resampled) joinpoint model has the quantiles of the slopes of resampled
    /// series as its interval, and as its *p*-value twice the smaller share of these slopes on either side of 0.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::joinpoint::AnnualPercentChange;
    ///
    /// let apc = AnnualPercentChange::from_slope(0.03, 0.002, None, 0.95)?;
    /// assert!((apc.percent() - 3.0455).abs() < 1e-4);
    /// // 1.96 standard errors to either side.
    /// let (lower, upper) = apc.interval().expect("it has a standard error");
    /// assert!((lower - 2.6423).abs() < 1e-4 && (upper - 3.4502).abs() < 1e-4);
    /// // With 10 degrees of freedom 2.228, as in any table of Student's t.
    /// let apc = AnnualPercentChange::from_slope(0.03, 0.002, Some(10.0), 0.95)?;
    /// let (lower, upper) = apc.slope_interval().expect("it has a standard error");
    /// assert!(((upper - lower) / 0.004 - 2.228).abs() < 1e-3);
    /// // The rule of 70: at 2 % a year a quantity doubles in about 35 years, ln 2/ln 1.02.
    /// let two_percent = AnnualPercentChange::from_slope(1.02_f64.ln(), 0.0, None, 0.95)?;
    /// assert!((two_percent.doubling_time() - 35.0028).abs() < 1e-4);
    /// assert_eq!(two_percent.interval(), None);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct AnnualPercentChange {
        slope: f64,
        standard_error: f64,
        degrees_of_freedom: Option<f64>,
        level: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resampled: Option<Resampled>,
    } then check
}

/// What resampled slopes say: the ends of the interval of the slope, and the *p*-value of no change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resampled {
    lower: f64,
    upper: f64,
    p_value: f64,
}

impl AnnualPercentChange {
    /// From a slope and its standard error, as a publication states them.
    ///
    /// `slope` is per year, from −700 to 700 (e^700 is the largest power there is), `standard_error` finite and at
    /// least 0, `level` the coverage of the interval, between 0 and 1. `degrees_of_freedom`, at least 1, are those
    /// of the residual variance where that was estimated; `None` where the variance is known or the result is
    /// asymptotic.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where a number is not in its range, or the upper end of the interval is past the
    /// range of numbers.
    pub fn from_slope(
        slope: f64,
        standard_error: f64,
        degrees_of_freedom: Option<f64>,
        level: f64,
    ) -> Result<Self> {
        let change = Self {
            slope,
            standard_error,
            degrees_of_freedom,
            level,
            resampled: None,
        };
        change.check()?;
        Ok(change)
    }

    fn check(&self) -> Result<()> {
        let place = Place("an annual percent change");
        let (slope, d) = (self.slope, self.degrees_of_freedom.unwrap_or(1.0));
        place.check(slope.abs() <= 700.0, "the slope", slope, "from -700 to 700")?;
        place.not_negative("the standard error of the slope", self.standard_error)?;
        let (holds, allowed) = (d.is_finite() && d >= 1.0, "finite and at least 1");
        place.check(holds, "the degrees of freedom", d, allowed)?;
        place.probability("the confidence level", self.level)?;
        if let Some(resampled) = self.resampled {
            let (lower, upper) = (resampled.lower, resampled.upper);
            let p_value = resampled.p_value;
            let ordered = lower.is_finite() && upper.is_finite() && lower <= upper;
            let name = "the resampled interval and p-value";
            let allowed = "finite ends in order, and above 0 and at most 1";
            let value = format!("{lower} to {upper}, {p_value}");
            let holds = ordered && p_value > 0.0 && p_value <= 1.0;
            place.check(holds, name, value, allowed)?;
        }
        let (Some((_, upper)), Some((_, slope))) = (self.interval(), self.slope_interval()) else {
            return Ok(());
        };
        let name = "the upper end of the interval of the slope";
        let allowed = "small enough for a change in per cent: take a lower level, or more years";
        place.check(upper.is_finite(), name, slope, allowed)
    }

    /// With the interval and the *p*-value of resampled slopes, at least one and all finite.
    pub(super) fn resampled(mut self, mut slopes: Vec<f64>) -> Result<Self> {
        slopes.sort_unstable_by(f64::total_cmp);
        let (lower, upper) = sorted_interval(&slopes, self.level);
        let not_above = slopes.partition_point(|slope| *slope <= 0.0);
        let not_below = slopes.len() - slopes.partition_point(|slope| *slope < 0.0);
        let smaller = not_above.min(not_below) as f64;
        self.resampled = Some(Resampled {
            lower,
            upper,
            p_value: (2.0 * (smaller + 1.0) / (slopes.len() as f64 + 1.0)).min(1.0),
        });
        self.check()?;
        Ok(self)
    }

    /// The average annual percent change over consecutive stretches of years:
    /// 100·(e^(Σwᵢβᵢ/Σwᵢ) − 1), the weights being the years spent in each stretch.
    ///
    /// The stretches are taken as independent, and the interval is normal, with variance
    /// Σ(wᵢ/Σw)²·sᵢ²: the parametric method of Clegg, Hankey, Tiwari, Feuer & Edwards (2009),
    /// Statistics in Medicine 28:3670–3682, [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
    /// A single stretch is returned as it is, with its own degrees of freedom. The level is that of the
    /// first stretch. Slopes on either side of a joinpoint that was estimated are not independent, and the
    /// interval is then too wide ([`Intervals`](super::Intervals)).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where there is no stretch, [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where its years
    /// are not finite and above 0.
    pub fn average(stretches: impl IntoIterator<Item = (f64, Self)>) -> Result<Self> {
        let stretches: Vec<(f64, Self)> = stretches.into_iter().collect();
        for (years, _) in &stretches {
            let place = Place("an average annual percent change");
            place.positive("the length of a stretch of years", *years)?;
        }
        match stretches[..] {
            [] => Err(Error::unsuitable(
                "an average annual percent change needs at least one stretch of years",
            )),
            [(_, only)] => Ok(only),
            [(_, first), ..] => {
                let total: f64 = stretches.iter().map(|(years, _)| years).sum();
                let share = |(years, change): &(f64, Self)| (years / total, *change);
                let slope = stretches.iter().map(share).map(|(w, c)| w * c.slope).sum();
                let errors = stretches
                    .iter()
                    .map(share)
                    .map(|(w, c)| w * c.standard_error);
                let variance: f64 = errors.map(|error| error * error).sum();
                Self::from_slope(slope, variance.sqrt(), None, first.level)
            }
        }
    }

    /// The change in per cent a year, above −100.
    #[must_use]
    pub fn percent(&self) -> f64 {
        percent(self.slope)
    }

    /// Lower and upper end of the interval of [`AnnualPercentChange::level`], in per cent a year; both are finite. `None`
    /// for a perfect fit.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        let (lower, upper) = self.slope_interval()?;
        Some((percent(lower), percent(upper)))
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

    /// The two-sided *p*-value of no change; `None` for a perfect fit.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        if let Some(resampled) = self.resampled {
            return Some(resampled.p_value);
        }
        let ratio = self.slope / self.standard_error;
        (self.standard_error > 0.0).then(|| two_sided_tail(self.degrees_of_freedom, ratio))
    }

    /// The years in which the quantity doubles at this change, ln 2/slope: negative where it declines, the years
    /// in which it halves, and infinite where the slope is 0.
    #[must_use]
    pub fn doubling_time(&self) -> f64 {
        doubling_time(self.slope)
    }

    /// The doubling times at the lower and at the upper end of the slope's interval.
    ///
    /// Where the slope may be of either sign the first is negative, a time to halve, and the second a time to
    /// double: the plausible doubling times reach from the second over infinity to the first. `None` for a perfect fit.
    #[must_use]
    pub fn doubling_time_interval(&self) -> Option<(f64, f64)> {
        let (lower, upper) = self.slope_interval()?;
        Some((doubling_time(lower), doubling_time(upper)))
    }

    /// Lower and upper end of the slope's interval; `None` for a perfect fit.
    #[must_use]
    pub fn slope_interval(&self) -> Option<(f64, f64)> {
        if let Some(Resampled { lower, upper, .. }) = self.resampled {
            return Some((lower, upper));
        }
        let error = Some(self.standard_error).filter(|error| *error > 0.0)?;
        let half = two_sided_quantile(self.degrees_of_freedom, self.level) * error;
        Some((self.slope - half, self.slope + half))
    }
}

/// The change with its interval and what it makes of the quantity:
/// `+3.04 % a year (95 % interval +2.64 to +3.45); doubles in 23.1 years`; `(no interval)` for a perfect fit.
impl fmt::Display for AnnualPercentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.2} % a year (", self.percent())?;
        match self.interval() {
            Some((lower, upper)) => {
                let level = in_percent(self.level);
                write!(f, "{level} % interval {lower:+.2} to {upper:+.2})")?;
            }
            None => f.write_str("no interval)")?,
        }
        let years = self.doubling_time();
        match (years.is_finite(), years > 0.0) {
            (true, true) => write!(f, "; doubles in {years:.1} years"),
            (true, false) => write!(f, "; halves in {:.1} years", -years),
            (false, _) => Ok(()),
        }
    }
}

fn percent(slope: f64) -> f64 {
    100.0 * slope.exp_m1()
}

fn doubling_time(slope: f64) -> f64 {
    if slope == 0.0 {
        f64::INFINITY
    } else {
        std::f64::consts::LN_2 / slope
    }
}
