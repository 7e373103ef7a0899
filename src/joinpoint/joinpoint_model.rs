//! A joinpoint model with a given number of joinpoints.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::annual_percent_change::AnnualPercentChange;
use super::annual_series::AnnualSeries;
use super::error_variance::LogPoints;
use super::inference::{criteria, interval_allowance, slope_errors};
use super::linear_spline::Spline;
use super::options::JoinpointOptions;
use super::search::{Grid, Plan, Products};
use crate::error::{Error, ErrorKind, Result};

/// A **joinpoint**: a year in which the slope of the logarithm changes, with its confidence interval.
///
/// The level does not jump there: two straight segments of ln *y* meet. The interval says how well the data place
/// the change, and is often wide on one side.
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, Selection};
///
/// // Growth of 4 % a year up to 2010 and of 1 % from then on, with a scatter of half a per cent.
/// let counts = (1998..=2020).map(|year| {
///     let (before, after) = (f64::from(year.min(2010) - 1998), f64::from((year - 2010).max(0)));
///     let scatter = 0.005 * [1.0, -1.0, -1.0, 1.0, 0.5, -0.5, 0.0][year as usize % 7];
///     (year, 1_000.0 * 1.04_f64.powf(before) * 1.01_f64.powf(after) * (1.0 + scatter))
/// });
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// let options = JoinpointOptions { selection: Selection::WeightedBic, ..JoinpointOptions::default() };
/// let regression = JoinpointRegression::fit(&series, &options)?;
/// let joinpoint = regression.selected().joinpoints()[0];
/// assert!((joinpoint.year - 2010.0).abs() <= 1.0);
/// let (first, last) = joinpoint.interval;
/// assert!(first <= 2010.0 && 2010.0 <= last && last - first < 5.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedJoinpoint")]
pub struct Joinpoint {
    /// The year, with a fraction where the grid has points between the years.
    pub year: f64,
    /// The first and the last year of the confidence interval, both points of the grid.
    ///
    /// All years at which the model with this joinpoint held there, and the others best placed, has
    /// RSS ≤ least RSS·(1 + F/(n − 2k − 2)), F being the quantile of the F distribution with 1 and
    /// n − 2k − 2 degrees of freedom (for known standard errors: least RSS + χ², with 1). The years
    /// between the ends that do not satisfy it are included, so that it is one interval. Lerman (1980),
    /// Applied Statistics 29:77–84, [doi:10.2307/2346413](https://doi.org/10.2307/2346413).
    pub interval: (f64, f64),
}

/// A **segment**: a stretch of years with one annual percent change, between two joinpoints or an end of the
/// series.
///
/// The year of a joinpoint ends one segment and begins the next.
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, Selection};
///
/// // Growth of 4 % a year up to 2010 and of 1 % from then on, with a scatter of half a per cent.
/// let counts = (1998..=2020).map(|year| {
///     let (before, after) = (f64::from(year.min(2010) - 1998), f64::from((year - 2010).max(0)));
///     let scatter = 0.005 * [1.0, -1.0, -1.0, 1.0, 0.5, -0.5, 0.0][year as usize % 7];
///     (year, 1_000.0 * 1.04_f64.powf(before) * 1.01_f64.powf(after) * (1.0 + scatter))
/// });
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// let options = JoinpointOptions { selection: Selection::WeightedBic, ..JoinpointOptions::default() };
/// let regression = JoinpointRegression::fit(&series, &options)?;
/// let segments = regression.selected().segments();
/// assert_eq!(segments.len(), 2);
/// assert_eq!((segments[0].from, segments[0].to, segments[1].to), (1998.0, segments[1].from, 2020.0));
/// assert!((segments[0].change.percent() - 4.0).abs() < 0.2);
/// assert!((segments[1].change.percent() - 1.0).abs() < 0.2);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedSegment")]
pub struct Segment {
    /// The first year of the series, or the joinpoint before.
    pub from: f64,
    /// The joinpoint after, or the last year of the series.
    pub to: f64,
    /// The annual percent change.
    pub change: AnnualPercentChange,
}

/// The best model with a given number of joinpoints: straight segments of ln *y*, joined.
///
/// Models with different numbers of joinpoints are compared by information criteria, smaller being better:
///
/// ```text
/// ln(RSS/n) + penalty·ln(n)/n,  penalty = 2k + 2 (BIC), 3k + 2 (BIC3), (2 + R²)k + 2 (weighted BIC)
/// ```
///
/// R² is the largest partial R² of a change in slope, each judged in the observations of its own two
/// segments (after the joinpoint before, up to and including the joinpoint after): where changes
/// are large the weighted criterion is near BIC3, where they are small near BIC. Kim, Chen, Midthune
/// et al. (2023), Journal of Applied Statistics 50:1992–2013,
/// [doi:10.1080/02664763.2022.2063265](https://doi.org/10.1080/02664763.2022.2063265).
///
/// Printed, it is a table of its joinpoints, its segments and the average annual percent change over all
/// years and over the last ten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct JoinpointModel {
    name: String,
    joinpoints: Vec<Joinpoint>,
    segments: Vec<Segment>,
    fitted: Vec<f64>,
    residual_sum_of_squares: f64,
    residual_degrees_of_freedom: usize,
    criteria: Option<Criteria>,
    /// Covariance of the slopes.
    slope_covariance: Vec<Vec<f64>>,
    /// ln of the trend at the first year, the joinpoints and the last year.
    log_levels: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Criteria {
    pub(super) bic: f64,
    pub(super) bic3: f64,
    pub(super) weighted_bic: f64,
}

impl JoinpointModel {
    /// Finds the best places of the plan's number of joinpoints. `z` are the data without their
    /// straight line, which changes no residual of any model and keeps sums of squares small.
    pub(super) fn search(
        series: &AnnualSeries,
        points: &LogPoints,
        grid: &Grid,
        plan: &Plan<'_>,
        detrended: &[[f64; 1]],
        options: &JoinpointOptions,
    ) -> Result<(Self, Spline)> {
        let k = plan.joinpoints();
        let mut products = Products::<1>::new(grid, points.len());
        products.set(points, detrended, k);
        let mut best = (f64::NEG_INFINITY, vec![0; k]);
        // The largest gain with each joinpoint held at each candidate.
        let mut held = vec![vec![f64::NEG_INFINITY; grid.knots.len()]; k];
        plan.visit(&products, &mut |chosen, &[gain]| {
            if gain > best.0 {
                best.0 = gain;
                best.1.copy_from_slice(chosen);
            }
            for (held, &candidate) in held.iter_mut().zip(chosen) {
                held[candidate] = held[candidate].max(gain);
            }
        });
        let places: Vec<f64> = best.1.iter().map(|&j| grid.knots[j]).collect();
        let spline = Spline::fit(points, &places);
        let allowance = interval_allowance(points, &spline, k, options);
        let joinpoints = best
            .1
            .iter()
            .zip(&held)
            .map(|(&place, held)| {
                let inside = |j: &usize| *j == place || best.0 - held[*j] <= allowance;
                let candidates = 1..=grid.candidates();
                let first = candidates.clone().find(inside).unwrap_or(place);
                let last = candidates.rev().find(|j| inside(j)).unwrap_or(place);
                Joinpoint {
                    year: points.origin + grid.knots[place],
                    interval: (
                        points.origin + grid.knots[first],
                        points.origin + grid.knots[last],
                    ),
                }
            })
            .collect();
        let model = Self::new(series, points, &spline, joinpoints, options)?;
        Ok((model, spline))
    }

    fn new(
        series: &AnnualSeries,
        points: &LogPoints,
        spline: &Spline,
        joinpoints: Vec<Joinpoint>,
        options: &JoinpointOptions,
    ) -> Result<Self> {
        let (slope_covariance, degrees_of_freedom) = slope_errors(points, spline, options);
        let segments = spline
            .slopes()
            .into_iter()
            .enumerate()
            .map(|(i, slope)| {
                Ok(Segment {
                    from: points.origin + spline.knots[i],
                    to: points.origin + spline.knots[i + 1],
                    change: AnnualPercentChange::from_slope(
                        slope,
                        slope_covariance[i][i].sqrt(),
                        degrees_of_freedom,
                        options.level,
                    )?,
                })
            })
            .collect::<Result<Vec<Segment>>>()?;
        Ok(Self {
            name: series.name().to_owned(),
            segments,
            fitted: spline
                .fitted
                .iter()
                .map(|z| (points.level + z).exp())
                .collect(),
            residual_sum_of_squares: points.largest_weight * spline.rss,
            residual_degrees_of_freedom: points.len() - 2 * joinpoints.len() - 2,
            joinpoints,
            criteria: criteria(points, spline),
            slope_covariance,
            log_levels: spline.levels.iter().map(|z| points.level + z).collect(),
        })
    }

    /// The joinpoints, by increasing year.
    #[must_use]
    pub fn joinpoints(&self) -> &[Joinpoint] {
        &self.joinpoints
    }

    /// The segments, by increasing year: one more than there are joinpoints.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The fitted values, one for each observation, in the unit of the series.
    #[must_use]
    pub fn fitted(&self) -> &[f64] {
        &self.fitted
    }

    /// The weighted sum of squared residuals of ln *y*; 0 where it is no more than rounding.
    #[must_use]
    pub const fn residual_sum_of_squares(&self) -> f64 {
        self.residual_sum_of_squares
    }

    /// Observations less parameters, each joinpoint being one: n − 2k − 2.
    #[must_use]
    pub const fn residual_degrees_of_freedom(&self) -> usize {
        self.residual_degrees_of_freedom
    }

    /// The Bayesian information criterion; `None` for a perfect fit, which has none.
    #[must_use]
    pub fn bic(&self) -> Option<f64> {
        self.criteria.map(|criteria| criteria.bic)
    }

    /// The criterion with three parameters for a joinpoint; `None` for a perfect fit.
    #[must_use]
    pub fn bic3(&self) -> Option<f64> {
        self.criteria.map(|criteria| criteria.bic3)
    }

    /// The weighted criterion; `None` for a perfect fit.
    #[must_use]
    pub fn weighted_bic(&self) -> Option<f64> {
        self.criteria.map(|criteria| criteria.weighted_bic)
    }

    pub(super) const fn criteria(&self) -> Option<&Criteria> {
        self.criteria.as_ref()
    }

    /// The first and the last year.
    pub(super) fn years(&self) -> (f64, f64) {
        (
            self.segments[0].from,
            self.segments[self.segments.len() - 1].to,
        )
    }

    /// The trend's value in a year, in the unit of the series. Before the first and after the last
    /// observation it continues the nearest segment.
    #[must_use]
    pub fn value(&self, year: f64) -> f64 {
        let i = (1..self.segments.len())
            .rfind(|&i| year > self.segments[i].from)
            .unwrap_or(0);
        let segment = &self.segments[i];
        let log = self.log_levels[i] + segment.change.slope() * (year - segment.from);
        log.exp().min(f64::MAX)
    }

    /// The average annual percent change (AAPC) from one year to another, within the years observed:
    /// 100·(e^(Σwᵢβᵢ) − 1), the weight of a segment being its share of those years.
    ///
    /// Where the years lie within one segment this is its annual percent change, with its interval.
    /// Otherwise the interval is normal, with variance ΣΣwᵢwⱼ·cov(βᵢ, βⱼ); the slopes are uncorrelated
    /// with [`SlopeErrors::Unconstrained`](super::SlopeErrors::Unconstrained). The parametric method of Clegg et al. (2009),
    /// [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the years do not increase or were not
    /// observed.
    pub fn average_annual_percent_change(&self, from: i32, to: i32) -> Result<AnnualPercentChange> {
        let (first, last) = self.years();
        for year in [from, to] {
            if f64::from(year) < first || f64::from(year) > last {
                return Err(Error::out_of_range(
                    "a year of the average annual percent change",
                    format!("the trend of {}", self.name),
                    year,
                    format!("observed, from {first} to {last}"),
                ));
            }
        }
        if from >= to {
            return Err(Error::out_of_range(
                "the last year of the average annual percent change",
                format!("the trend of {}", self.name),
                to,
                format!("after the first, {from}"),
            ));
        }
        let (from, to) = (f64::from(from), f64::from(to));
        let weights: Vec<f64> = self
            .segments
            .iter()
            .map(|segment| {
                let years = segment.to.min(to) - segment.from.max(from);
                years.max(0.0) / (to - from)
            })
            .collect();
        let spent: Vec<usize> = (0..weights.len()).filter(|&i| weights[i] > 0.0).collect();
        if let [only] = spent[..] {
            return Ok(self.segments[only].change);
        }
        let (mut slope, mut variance) = (0.0, 0.0);
        for &i in &spent {
            slope += weights[i] * self.segments[i].change.slope();
            for &j in &spent {
                variance += weights[i] * weights[j] * self.slope_covariance[i][j];
            }
        }
        AnnualPercentChange::from_slope(
            slope,
            variance.max(0.0).sqrt(),
            None,
            self.segments[0].change.level(),
        )
    }
}

/// The joinpoints, the segments, and the average annual percent change over all years and the last ten.
impl fmt::Display for JoinpointModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.years();
        writeln!(f, "{}, {first} to {last}", self.name)?;
        writeln!(f, "Joinpoints: {}", self.joinpoints.len())?;
        for joinpoint in &self.joinpoints {
            let (lower, upper) = joinpoint.interval;
            let (year, level) = (joinpoint.year, self.segments[0].change.level_in_percent());
            writeln!(f, "  {year} ({level} % interval {lower} to {upper})")?;
        }
        for Segment { from, to, change } in &self.segments {
            let years = format!("{from} to {to}");
            writeln!(f, "  {years:<22} {change}; {}", change.doubling_time())?;
        }
        writeln!(f, "\nAverage annual percent change")?;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "they are the ends of a series"
        )]
        let (first, last) = (first as i32, last as i32);
        for from in [first, last - 10] {
            if from >= first
                && let Ok(average) = self.average_annual_percent_change(from, last)
            {
                writeln!(f, "  {:<22} {average}", format!("{from} to {last}"))?;
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedJoinpoint {
    year: f64,
    interval: (f64, f64),
}

impl TryFrom<UncheckedJoinpoint> for Joinpoint {
    type Error = Error;

    fn try_from(unchecked: UncheckedJoinpoint) -> Result<Self> {
        let UncheckedJoinpoint { year, interval } = unchecked;
        let (lower, upper) = interval;
        if !(lower.is_finite() && upper.is_finite() && (lower..=upper).contains(&year)) {
            return Err(Error::out_of_range(
                "the year",
                "a joinpoint",
                year,
                format!("within its interval, {lower} to {upper}"),
            ));
        }
        Ok(Self { year, interval })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedSegment {
    from: f64,
    to: f64,
    change: AnnualPercentChange,
}

impl TryFrom<UncheckedSegment> for Segment {
    type Error = Error;

    fn try_from(unchecked: UncheckedSegment) -> Result<Self> {
        let UncheckedSegment { from, to, change } = unchecked;
        if !(from.is_finite() && to.is_finite() && from < to) {
            return Err(Error::out_of_range(
                "the last year",
                "a segment",
                to,
                format!("after the first, {from}"),
            ));
        }
        Ok(Self { from, to, change })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    joinpoints: Vec<Joinpoint>,
    segments: Vec<Segment>,
    fitted: Vec<f64>,
    residual_sum_of_squares: f64,
    residual_degrees_of_freedom: usize,
    criteria: Option<Criteria>,
    slope_covariance: Vec<Vec<f64>>,
    log_levels: Vec<f64>,
}

impl TryFrom<Unchecked> for JoinpointModel {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Self> {
        let model = Self {
            name: unchecked.name,
            joinpoints: unchecked.joinpoints,
            segments: unchecked.segments,
            fitted: unchecked.fitted,
            residual_sum_of_squares: unchecked.residual_sum_of_squares,
            residual_degrees_of_freedom: unchecked.residual_degrees_of_freedom,
            criteria: unchecked.criteria,
            slope_covariance: unchecked.slope_covariance,
            log_levels: unchecked.log_levels,
        };
        match model.fault() {
            None => Ok(model),
            Some(needed) => Err(ErrorKind::Mismatch(format!(
                "the joinpoint model of {} needs {needed}",
                model.name
            ))
            .into()),
        }
    }
}

impl JoinpointModel {
    /// What a model lacks that was read and not fitted.
    fn fault(&self) -> Option<&'static str> {
        let (k, parts) = (self.joinpoints.len(), self.segments.len());
        let finite = |numbers: &[f64]| numbers.iter().all(|x| x.is_finite());
        let ends = self.segments.iter().zip(&self.joinpoints);
        let starts = self.segments.iter().skip(1).zip(&self.joinpoints);
        #[allow(clippy::float_cmp, reason = "the same number is stored at both places")]
        let joined = ends.into_iter().all(|(segment, j)| segment.to == j.year)
            && starts
                .into_iter()
                .all(|(segment, j)| segment.from == j.year);
        let covariance = &self.slope_covariance;
        if parts != k + 1 || !joined {
            Some("segments that meet at its joinpoints")
        } else if self.residual_degrees_of_freedom + 2 * k + 2 != self.fitted.len() {
            Some("n − 2k − 2 degrees of freedom for n fitted values")
        } else if !(finite(&self.fitted) && self.fitted.iter().all(|&value| value > 0.0)) {
            Some("fitted values that are finite and above 0")
        } else if !(self.residual_sum_of_squares.is_finite() && self.residual_sum_of_squares >= 0.0)
        {
            Some("a sum of squares that is finite and not negative")
        } else if self.log_levels.len() != parts + 1 || !finite(&self.log_levels) {
            Some("a finite level at both ends and at each joinpoint")
        } else if covariance.len() != parts
            || !covariance
                .iter()
                .all(|row| row.len() == parts && finite(row))
            || (0..parts).any(|i| covariance[i][i] < 0.0)
        {
            Some("a covariance for each two segments, finite, and no negative variance")
        } else if self
            .criteria
            .is_some_and(|c| !finite(&[c.bic, c.bic3, c.weighted_bic]))
        {
            Some("finite information criteria")
        } else {
            None
        }
    }
}
