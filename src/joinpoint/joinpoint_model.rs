//! A joinpoint model with a given number of joinpoints.

use std::fmt;

use serde::Serialize;

use super::annual_percent_change::AnnualPercentChange;
use super::annual_series::AnnualSeries;
use super::error_variance::LogPoints;
use super::inference::{Criteria, Errors, criteria, interval_allowance};
use super::joinpoint_options::{Intervals, JoinpointOptions};
use super::linear_spline::{Spline, height, slopes};
use super::resampling::resample;
use super::search::{Plan, Products};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::plain_text::{percent, printable};

checked! {
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
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
    } then check
}

impl Joinpoint {
    fn check(&self) -> Result<()> {
        let (lower, upper) = self.interval;
        let finite = lower.is_finite() && upper.is_finite();
        let holds = finite && (lower..=upper).contains(&self.year);
        let allowed = format!("within its interval, {lower} to {upper}");
        Place("a joinpoint").check(holds, "the year", self.year, &allowed)
    }
}

checked! {
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
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct Segment {
        /// The first year of the series, or the joinpoint before.
        pub from: f64,
        /// The joinpoint after, or the last year of the series.
        pub to: f64,
        /// The annual percent change.
        pub change: AnnualPercentChange,
    } then check
}

impl Segment {
    fn check(&self) -> Result<()> {
        let (from, to) = (self.from, self.to);
        let allowed = format!("after the first, {from}");
        let holds = from.is_finite() && to.is_finite() && from < to;
        Place("a segment").check(holds, "the last year", to, &allowed)
    }
}

/// `1999 to 2007            +3.63 % a year (95 % interval +3.24 to +4.02); doubles in 19.4 years`.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let years = format!("{} to {}", self.from, self.to);
        write!(f, "{years:<22} {}", self.change)
    }
}

checked! {
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct JoinpointModel {
        name: String,
        joinpoints: Vec<Joinpoint>,
        segments: Vec<Segment>,
        fitted: Vec<f64>,
        residual_sum_of_squares: f64,
        residual_degrees_of_freedom: usize,
        criteria: Option<Criteria>,
        /// ln of the trend at the first year, the joinpoints and the last year.
        log_levels: Vec<f64>,
        errors: Errors,
        /// Knots and levels of the models of resampled series.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        resamples: Vec<(Vec<f64>, Vec<f64>)>,
    } then check
}

impl JoinpointModel {
    /// The best model with the plan's number of joinpoints.
    pub(super) fn fit(
        series: &AnnualSeries,
        points: &LogPoints,
        plan: &Plan<'_>,
        options: &JoinpointOptions,
    ) -> Result<(Self, Spline)> {
        let (spline, joinpoints) = search(points, plan, options);
        let errors = Errors::new(points, &spline, options);
        let log_levels: Vec<f64> = spline.levels.iter().map(|z| points.level + z).collect();
        let fitted = spline.fitted.iter().map(|z| (points.level + z).exp());
        let residual_degrees_of_freedom = points.len() - 2 * joinpoints.len() - 2;
        let resamples = match options.intervals {
            // Errors that are all 0 have no distribution.
            Intervals::Resampled { resamples, seed } if spline.rss > 0.0 => {
                let estimated = options.variance.is_estimated();
                let degrees_of_freedom = estimated.then_some(residual_degrees_of_freedom as f64);
                resample(
                    points,
                    (plan, &spline),
                    degrees_of_freedom,
                    (seed, resamples),
                )
            }
            _ => Vec::new(),
        };
        let knots: Vec<f64> = spline.knots.iter().map(|t| points.origin + t).collect();
        let mut segments = Vec::with_capacity(joinpoints.len() + 1);
        for (i, slope) in slopes(&knots, &log_levels).enumerate() {
            let (error, degrees_of_freedom) = errors.of_slope(&knots, i);
            let mut change =
                AnnualPercentChange::from_slope(slope, error, degrees_of_freedom, options.level)?;
            if !resamples.is_empty() {
                let of_segment = resamples.iter().filter_map(|(t, z)| slopes(t, z).nth(i));
                change = change.resampled(of_segment.collect())?;
            }
            segments.push(Segment {
                from: knots[i],
                to: knots[i + 1],
                change,
            });
        }
        let in_years = |(knots, levels): (Vec<f64>, Vec<f64>)| {
            (knots.iter().map(|t| points.origin + t).collect(), levels)
        };
        let model = Self {
            name: series.name().to_owned(),
            segments,
            fitted: fitted.collect(),
            residual_sum_of_squares: points.largest_weight * spline.rss,
            residual_degrees_of_freedom,
            joinpoints,
            criteria: criteria(points, &spline),
            log_levels,
            errors,
            resamples: resamples.into_iter().map(in_years).collect(),
        };
        model.check()?;
        Ok((model, spline))
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
        let last = self.segments.len() - 1;
        (self.segments[0].from, self.segments[last].to)
    }

    /// The first year, the joinpoints and the last year.
    fn knots(&self) -> Vec<f64> {
        let ends = self.segments.iter().map(|segment| segment.to);
        std::iter::once(self.years().0).chain(ends).collect()
    }

    /// The trend's value in a year, in the unit of the series. Before the first and after the last
    /// observation it continues the nearest segment; past the range of numbers it is 0 or infinite.
    #[must_use]
    pub fn value(&self, year: f64) -> f64 {
        height(&self.knots(), &self.log_levels, year).exp()
    }

    /// The average annual percent change (AAPC) from one year to another, within the years observed:
    /// 100·(e^(Σwᵢβᵢ) − 1), the weight of a segment being its share of those years.
    ///
    /// Where the years lie within one segment this is its annual percent change, with its interval.
    /// Otherwise the interval is that of the method of [`JoinpointOptions::intervals`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the years do not increase or were not
    /// observed, or the interval is past the range of numbers.
    pub fn average_annual_percent_change(&self, from: i32, to: i32) -> Result<AnnualPercentChange> {
        let place = Place(format_args!("the trend of {}", self.name));
        let (first, last) = self.years();
        for year in [from, to] {
            let observed = (first..=last).contains(&f64::from(year));
            let name = "a year of the average annual percent change";
            let allowed = format_args!("observed, from {first} to {last}");
            place.check(observed, name, year, allowed)?;
        }
        let name = "the last year of the average annual percent change";
        place.check(from < to, name, to, format_args!("after the first, {from}"))?;
        let (from, to) = (f64::from(from), f64::from(to));
        let holds = |segment: &&Segment| segment.from <= from && to <= segment.to;
        if let Some(segment) = self.segments.iter().find(holds) {
            return Ok(segment.change);
        }
        let average = |knots: &[f64], levels: &[f64]| {
            (height(knots, levels, to) - height(knots, levels, from)) / (to - from)
        };
        let knots = self.knots();
        let slope = average(&knots, &self.log_levels);
        let (error, degrees_of_freedom) = self.errors.of_average(&knots, from, to);
        let level = self.segments[0].change.level();
        let change = AnnualPercentChange::from_slope(slope, error, degrees_of_freedom, level)?;
        if self.resamples.is_empty() {
            return Ok(change);
        }
        let resampled = self.resamples.iter().map(|(t, z)| average(t, z));
        change.resampled(resampled.collect())
    }

    /// Refuses a model whose parts do not fit together, as one from a file may be, or one fitted to extreme values.
    fn check(&self) -> Result<()> {
        let (k, parts) = (self.joinpoints.len(), self.segments.len());
        let finite = |numbers: &[f64]| numbers.iter().all(|x| x.is_finite());
        let mut ends = self.segments.iter().zip(&self.joinpoints);
        let mut starts = self.segments.iter().skip(1).zip(&self.joinpoints);
        #[allow(clippy::float_cmp, reason = "the same number is stored at both places")]
        let joined = ends.all(|(segment, j)| segment.to == j.year)
            && starts.all(|(segment, j)| segment.from == j.year);
        let of_line = |(knots, levels): &(Vec<f64>, Vec<f64>)| {
            let right = knots.len() == parts + 1 && levels.len() == parts + 1;
            right && finite(knots) && finite(levels) && knots.is_sorted_by(|a, b| a < b)
        };
        let sum = self.residual_sum_of_squares;
        let criteria = self
            .criteria
            .map_or([0.0; 3], |c| [c.bic, c.bic3, c.weighted_bic]);
        let needed = if parts != k + 1 || !joined {
            "segments that meet at its joinpoints"
        } else if self.residual_degrees_of_freedom.checked_add(2 * k + 2) != Some(self.fitted.len())
        {
            "n − 2k − 2 degrees of freedom for n fitted values"
        } else if !(finite(&self.fitted) && self.fitted.iter().all(|&value| value > 0.0)) {
            "fitted values that are finite and above 0"
        } else if !(sum.is_finite() && sum >= 0.0) {
            "a sum of squares that is finite and not negative"
        } else if self.log_levels.len() != parts + 1 || !finite(&self.log_levels) {
            "a finite level at both ends and at each joinpoint"
        } else if !self.resamples.iter().all(of_line) {
            "resampled lines with as many joinpoints"
        } else if !finite(&criteria) {
            "finite information criteria"
        } else if !self.errors.are_of(parts) {
            "an error that is finite and not negative for each segment"
        } else {
            return Ok(());
        };
        let name = &self.name;
        Err(Error::mismatch(format!(
            "the joinpoint model of {name} needs {needed}"
        )))
    }
}

/// The best line of a plan, and its joinpoints with their intervals.
fn search(
    points: &LogPoints,
    plan: &Plan<'_>,
    options: &JoinpointOptions,
) -> (Spline, Vec<Joinpoint>) {
    let (grid, k) = (plan.grid(), plan.joinpoints());
    // Without their straight line, which changes no residual and keeps sums of squares small.
    let straight = Spline::fit(points, &points.z, &[]);
    let z: Vec<[f64; 1]> = (0..points.len())
        .map(|i| [points.z[i] - straight.fitted[i]])
        .collect();
    let mut products = Products::<1>::new(grid, points.len());
    products.set(points, &z, k);
    let [best] = plan.best(&products);
    // The largest gain with each joinpoint held at each candidate.
    let mut held = vec![vec![f64::NEG_INFINITY; grid.knots.len()]; k];
    plan.visit(&products, &mut |chosen, &[gain]| {
        for (held, &candidate) in held.iter_mut().zip(chosen) {
            held[candidate] = held[candidate].max(gain);
        }
    });
    let spline = Spline::fit(points, &points.z, &plan.times(&best));
    let allowance = interval_allowance(points, &spline, k, options);
    let year = |knot: usize| points.origin + grid.knots[knot];
    let joinpoints = best.chosen[..k].iter().zip(&held).map(|(&place, held)| {
        let inside = |j: &usize| *j == place || best.gain - held[*j] <= allowance;
        let mut candidates = 1..=grid.candidates();
        let first = candidates.clone().find(inside).unwrap_or(place);
        let last = candidates.rfind(inside).unwrap_or(place);
        Joinpoint {
            year: year(place),
            interval: (year(first), year(last)),
        }
    });
    let joinpoints = joinpoints.collect();
    (spline, joinpoints)
}

/// The joinpoints, the segments, and the average annual percent change over all years and the last ten.
impl fmt::Display for JoinpointModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.years();
        writeln!(f, "{}, {first} to {last}", printable(&self.name))?;
        writeln!(f, "Joinpoints: {}", self.joinpoints.len())?;
        for Joinpoint { year, interval } in &self.joinpoints {
            let (level, (lower, upper)) = (percent(self.segments[0].change.level()), interval);
            writeln!(f, "  {year} ({level} % interval {lower} to {upper})")?;
        }
        for segment in &self.segments {
            writeln!(f, "  {segment}")?;
        }
        writeln!(f, "\nAverage annual percent change")?;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "they are the ends of a series"
        )]
        let (first, last) = (first as i32, last as i32);
        for from in [first, last.saturating_sub(10)] {
            if let Ok(change) = self.average_annual_percent_change(from, last) {
                let (from, to) = (f64::from(from), f64::from(last));
                writeln!(f, "  {}", Segment { from, to, change })?;
            }
        }
        Ok(())
    }
}
