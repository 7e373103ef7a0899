//! A joinpoint model with a given number of joinpoints.

use serde::Serialize;

use super::grid::{Grid, Plan, Products};
use super::percent_change::{AnnualPercentChange, Reference};
use super::regression::{JoinpointOptions, SlopeErrors};
use super::series::{LogPoints, TrendSeries};
use super::spline::{Line, Spline};
use crate::error::{Error, Result};

/// A year in which the trend changes.
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
}

/// A stretch of years with one annual percent change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Segment {
    /// The first year of the series, or the joinpoint before.
    pub from: f64,
    /// The joinpoint after, or the last year of the series.
    pub to: f64,
    /// The annual percent change.
    pub change: AnnualPercentChange,
}

/// The criteria by which models with different numbers of joinpoints are compared; smaller is better.
///
/// ln(RSS/n) + penalty·ln(n)/n, with penalty 2k + 2 (BIC), 3k + 2 (BIC3) and (2 + R²)k + 2 (weighted
/// BIC). R² is the largest partial R² of a change in slope, each judged in the observations of
/// its own two segments (after the joinpoint before, up to and including the joinpoint after): where
/// changes are large the weighted criterion is near BIC3, where they are small near BIC. Kim, Chen,
/// Midthune et al. (2023), Journal of Applied Statistics 50:1992–2013,
/// [doi:10.1080/02664763.2022.2063265](https://doi.org/10.1080/02664763.2022.2063265).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InformationCriteria {
    /// The Bayesian information criterion.
    pub bic: f64,
    /// The criterion with three parameters for a joinpoint.
    pub bic3: f64,
    /// The weighted criterion.
    pub weighted_bic: f64,
}

/// The best model with a given number of joinpoints: straight segments of ln *y*, joined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JoinpointModel {
    name: String,
    joinpoints: Vec<Joinpoint>,
    segments: Vec<Segment>,
    fitted: Vec<f64>,
    residual_sum_of_squares: f64,
    residual_degrees_of_freedom: usize,
    criteria: Option<InformationCriteria>,
    /// Covariance of the slopes.
    #[serde(skip)]
    covariance: Vec<Vec<f64>>,
    #[serde(skip)]
    line: SplineInYears,
}

/// The levels of ln *y* by calendar year.
#[derive(Debug, Clone, PartialEq)]
struct SplineInYears {
    years: Vec<f64>,
    levels: Vec<f64>,
}

impl JoinpointModel {
    /// Finds the best places of the plan's number of joinpoints. `z` are the data without their
    /// straight line, which changes no residual of any model and keeps sums of squares small.
    pub(super) fn search(
        series: &TrendSeries,
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
        series: &TrendSeries,
        points: &LogPoints,
        spline: &Spline,
        joinpoints: Vec<Joinpoint>,
        options: &JoinpointOptions,
    ) -> Result<Self> {
        let (covariance, reference) = slope_errors(points, spline, options);
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
                        covariance[i][i].sqrt(),
                        reference,
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
            covariance,
            line: SplineInYears {
                years: spline.knots.iter().map(|t| points.origin + t).collect(),
                levels: spline.levels.iter().map(|z| points.level + z).collect(),
            },
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

    /// The information criteria; `None` for a perfect fit, which has none.
    #[must_use]
    pub const fn criteria(&self) -> Option<&InformationCriteria> {
        self.criteria.as_ref()
    }

    /// The trend's value in a year, in the unit of the series. Before the first and after the last
    /// observation it continues the nearest segment.
    #[must_use]
    pub fn value(&self, year: f64) -> f64 {
        let SplineInYears { years, levels } = &self.line;
        let i = (1..years.len() - 1)
            .rfind(|&i| year > years[i])
            .unwrap_or(0);
        let log = levels[i] + self.segments[i].change.slope() * (year - years[i]);
        log.exp().min(f64::MAX)
    }

    /// The average annual percent change (AAPC) from one year to another, within the years observed:
    /// 100·(e^(Σwᵢβᵢ) − 1), the weight of a segment being its share of those years.
    ///
    /// Where the years lie within one segment this is its annual percent change, with its interval.
    /// Otherwise the interval is normal, with variance ΣΣwᵢwⱼ·cov(βᵢ, βⱼ); the slopes are uncorrelated
    /// with [`SlopeErrors::Unconstrained`]. The parametric method of Clegg et al. (2009),
    /// [doi:10.1002/sim.3733](https://doi.org/10.1002/sim.3733).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the years do not increase or were not
    /// observed.
    pub fn average_annual_percent_change(&self, from: i32, to: i32) -> Result<AnnualPercentChange> {
        let (first, last) = (
            self.segments[0].from,
            self.segments[self.segments.len() - 1].to,
        );
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
                variance += weights[i] * weights[j] * self.covariance[i][j];
            }
        }
        AnnualPercentChange::from_slope(
            slope,
            variance.max(0.0).sqrt(),
            Reference::Normal,
            self.segments[0].change.level(),
        )
    }
}

/// By how much RSS may exceed its minimum for a joinpoint to be inside its interval.
fn interval_allowance(
    points: &LogPoints,
    spline: &Spline,
    k: usize,
    options: &JoinpointOptions,
) -> f64 {
    if options.variance.is_estimated() {
        let degrees_of_freedom = (points.len() - 2 * k - 2) as f64;
        // F with 1 and d degrees of freedom is the square of t with d.
        let t = Reference::StudentT { degrees_of_freedom }.two_sided_quantile(options.level);
        spline.rss * t * t / degrees_of_freedom
    } else {
        Reference::Normal.two_sided_quantile(options.level).powi(2) / points.largest_weight
    }
}

/// The covariance of the slopes, and what they are referred to.
fn slope_errors(
    points: &LogPoints,
    spline: &Spline,
    options: &JoinpointOptions,
) -> (Vec<Vec<f64>>, Reference) {
    let segments = spline.knots.len() - 1;
    let (mut covariance, squares, degrees_of_freedom) = match options.slope_errors {
        SlopeErrors::Unconstrained => {
            let mut covariance = vec![vec![0.0; segments]; segments];
            let (mut squares, mut used) = (0.0, 0);
            for i in 0..segments {
                let range = inner_observations(points, spline, i);
                used += range.len();
                let line = Line::fit(points, range.clone(), &points.z);
                covariance[i][i] = 1.0 / line.spread;
                squares += range
                    .map(|row| points.w[row] * (points.z[row] - line.at(points.t[row])).powi(2))
                    .sum::<f64>();
            }
            (covariance, squares, used - 2 * segments)
        }
        SlopeErrors::Conditional => (
            spline.slope_covariance(),
            spline.rss,
            points.len() - segments - 1,
        ),
    };
    let (factor, reference) = if options.variance.is_estimated() {
        let degrees_of_freedom = degrees_of_freedom as f64;
        // A line of joined segments without residuals leaves none to unjoined ones either.
        let squares = if spline.rss > 0.0 {
            points.without_rounding(squares)
        } else {
            0.0
        };
        (
            squares / degrees_of_freedom,
            Reference::StudentT { degrees_of_freedom },
        )
    } else {
        (1.0 / points.largest_weight, Reference::Normal)
    };
    for entry in covariance.iter_mut().flatten() {
        *entry *= factor;
    }
    (covariance, reference)
}

/// The observations of a segment that lie on no joinpoint.
fn inner_observations(points: &LogPoints, spline: &Spline, i: usize) -> std::ops::Range<usize> {
    let last = spline.knots.len() - 2;
    let first = if i == 0 {
        0
    } else {
        points.t.partition_point(|&t| t <= spline.knots[i])
    };
    let end = if i == last {
        points.len()
    } else {
        points.t.partition_point(|&t| t < spline.knots[i + 1])
    };
    first..end
}

fn criteria(points: &LogPoints, spline: &Spline) -> Option<InformationCriteria> {
    if spline.rss <= 0.0 {
        return None;
    }
    let n = points.len() as f64;
    let k = (spline.knots.len() - 2) as f64;
    let misfit = (points.largest_weight * spline.rss / n).ln();
    let with = |penalty: f64| misfit + penalty * n.ln() / n;
    let largest = (1..spline.knots.len() - 1)
        .map(|i| partial_r_squared(points, spline, i))
        .fold(0.0, f64::max);
    Some(InformationCriteria {
        bic: with(2.0 * k + 2.0),
        bic3: with(3.0 * k + 2.0),
        weighted_bic: with((2.0 + largest) * k + 2.0),
    })
}

/// The share of what a straight line through the two segments at a joinpoint leaves unexplained that
/// a change of slope there explains.
fn partial_r_squared(points: &LogPoints, spline: &Spline, joinpoint: usize) -> f64 {
    let (before, here, after) = (
        spline.knots[joinpoint - 1],
        spline.knots[joinpoint],
        spline.knots[joinpoint + 1],
    );
    let first = if joinpoint == 1 {
        0
    } else {
        points.t.partition_point(|&t| t <= before)
    };
    let range = first..points.t.partition_point(|&t| t <= after);
    let hinge: Vec<f64> = points.t.iter().map(|&t| (t - here).max(0.0)).collect();
    let of_z = Line::fit(points, range.clone(), &points.z);
    let of_hinge = Line::fit(points, range.clone(), &hinge);
    let (mut zz, mut hh, mut zh) = (0.0, 0.0, 0.0);
    for row in range {
        let (t, w) = (points.t[row], points.w[row]);
        let (z, h) = (points.z[row] - of_z.at(t), hinge[row] - of_hinge.at(t));
        zz += w * z * z;
        hh += w * h * h;
        zh += w * z * h;
    }
    if points.without_rounding(zz) > 0.0 && hh > 0.0 {
        (zh / zz * (zh / hh)).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
