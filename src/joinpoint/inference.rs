//! Standard errors of slopes, intervals of joinpoints and information criteria of a fitted model.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::error_variance::LogPoints;
use super::joinpoint_options::{Intervals, JoinpointOptions};
use super::linear_spline::{Line, Spline, hat};
use crate::numeric::linear_algebra::dot;
use crate::numeric::student::two_sided_quantile;

/// By how much RSS may exceed its minimum for a joinpoint to be inside its interval.
pub(super) fn interval_allowance(
    points: &LogPoints,
    spline: &Spline,
    k: usize,
    options: &JoinpointOptions,
) -> f64 {
    if options.variance.is_estimated() {
        let degrees_of_freedom = (points.len() - 2 * k - 2) as f64;
        // F with 1 and d degrees of freedom is the square of t with d.
        let t = two_sided_quantile(Some(degrees_of_freedom), options.level);
        spline.rss * t * t / degrees_of_freedom
    } else {
        two_sided_quantile(None, options.level).powi(2) / points.largest_weight
    }
}

/// The errors of a fitted line of segments: what the standard error of a slope, and of an average of slopes, comes
/// from. Knots are the first year, the joinpoints and the last year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Errors {
    of: ErrorsOf,
    /// Those of the residual variance, where it was estimated.
    degrees_of_freedom: Option<f64>,
}

/// What the errors of a line of segments are taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ErrorsOf {
    /// The slopes' standard errors, taken as independent.
    Slopes(Vec<f64>),
    /// The covariance of ln of the trend at the knots.
    Levels(Vec<Vec<f64>>),
    /// A separate line in each segment.
    Lines(Vec<LineErrors>),
}

/// A line whose level at its mean year and whose slope are uncorrelated, with their variances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineErrors {
    mean_year: f64,
    level_variance: f64,
    slope_variance: f64,
}

impl LineErrors {
    fn variance_at(&self, year: f64) -> f64 {
        self.level_variance + (year - self.mean_year).powi(2) * self.slope_variance
    }
}

impl Errors {
    pub(super) fn new(points: &LogPoints, spline: &Spline, options: &JoinpointOptions) -> Self {
        let (n, k) = (points.len(), spline.knots.len() - 2);
        // The residual variance from a sum of squares and its degrees of freedom, where it is estimated.
        let estimated = |squares: f64, degrees_of_freedom: usize| {
            if options.variance.is_estimated() {
                let degrees_of_freedom = degrees_of_freedom as f64;
                (squares / degrees_of_freedom, Some(degrees_of_freedom))
            } else {
                (1.0 / points.largest_weight, None)
            }
        };
        let inside = |i| inner_observations(points, spline, i);
        let lines = (0..=k).map(|i| line_through(points, inside(i), &points.z));
        let (of, degrees_of_freedom) = match options.intervals {
            Intervals::Clegg => {
                let lines: Vec<Line> = lines.collect();
                let residual = |line: &Line, row: usize| points.z[row] - line.at(points.t[row]);
                let squares = |(i, line)| -> f64 {
                    let each = inside(i).map(|row| points.w[row] * residual(line, row).powi(2));
                    each.sum()
                };
                let squares: f64 = lines.iter().enumerate().map(squares).sum();
                // A line of joined segments without residuals leaves none to unjoined ones either.
                let squares = if spline.rss > 0.0 {
                    points.without_rounding(squares)
                } else {
                    0.0
                };
                let used: usize = (0..=k).map(|i| inside(i).len()).sum();
                let (variance, degrees_of_freedom) = estimated(squares, used - 2 * (k + 1));
                let errors = lines.iter().map(|line| (variance / line.spread).sqrt());
                (ErrorsOf::Slopes(errors.collect()), degrees_of_freedom)
            }
            Intervals::Conditional => {
                let (variance, degrees_of_freedom) = estimated(spline.rss, n - k - 2);
                let mut covariance = spline.level_covariance();
                for entry in covariance.iter_mut().flatten() {
                    *entry *= variance;
                }
                (ErrorsOf::Levels(covariance), degrees_of_freedom)
            }
            Intervals::Parametric | Intervals::Resampled { .. } => {
                let (variance, degrees_of_freedom) = estimated(spline.rss, n - 2 * k - 2);
                let errors = lines.map(|line| LineErrors {
                    mean_year: points.origin + line.mean_t,
                    level_variance: variance / line.total,
                    slope_variance: variance / line.spread,
                });
                (ErrorsOf::Lines(errors.collect()), degrees_of_freedom)
            }
        };
        Self {
            of,
            degrees_of_freedom,
        }
    }

    /// The standard error of the slope of a segment, and its degrees of freedom where the residual variance was
    /// estimated.
    pub(super) fn of_slope(&self, knots: &[f64], segment: usize) -> (f64, Option<f64>) {
        let error = match &self.of {
            ErrorsOf::Slopes(errors) => errors[segment],
            ErrorsOf::Levels(_) => self.of_average(knots, knots[segment], knots[segment + 1]).0,
            ErrorsOf::Lines(lines) => lines[segment].slope_variance.sqrt(),
        };
        (error, self.degrees_of_freedom)
    }

    /// The standard error of the average slope from one year to another, in different segments, with its
    /// degrees of freedom: none where it is normal, as published.
    pub(super) fn of_average(&self, knots: &[f64], from: f64, to: f64) -> (f64, Option<f64>) {
        let (variance, degrees_of_freedom): (f64, _) = match &self.of {
            ErrorsOf::Slopes(errors) => {
                let years = |i: usize| (knots[i + 1].min(to) - knots[i].max(from)).max(0.0);
                let each = errors.iter().enumerate();
                (
                    each.map(|(i, error)| (years(i) * error).powi(2)).sum(),
                    None,
                )
            }
            ErrorsOf::Levels(covariance) => {
                let mut contrast = vec![0.0; knots.len()];
                for (year, sign) in [(from, -1.0), (to, 1.0)] {
                    let (i, right) = hat(knots, year);
                    contrast[i] += sign * (1.0 - right);
                    contrast[i + 1] += sign * right;
                }
                let rows = covariance.iter().zip(&contrast);
                (rows.map(|(row, c)| c * dot(row, &contrast)).sum(), None)
            }
            ErrorsOf::Lines(lines) => {
                let first = (1..lines.len()).rfind(|&i| knots[i] <= from);
                let first = lines[first.unwrap_or(0)].variance_at(from);
                let last = lines[hat(knots, to).0].variance_at(to);
                (first + last, self.degrees_of_freedom)
            }
        };
        // Below 0 by rounding alone: the covariance is that of a fitted line.
        (variance.max(0.0).sqrt() / (to - from), degrees_of_freedom)
    }

    /// Whether errors that were read are finite and not negative, and there for each segment.
    pub(super) fn are_of(&self, segments: usize) -> bool {
        let fine = |x: f64| x.is_finite() && x >= 0.0;
        let right = match &self.of {
            ErrorsOf::Slopes(errors) => errors.len() == segments && errors.iter().all(|&x| fine(x)),
            ErrorsOf::Levels(covariance) => {
                covariance.len() == segments + 1
                    && covariance.iter().all(|row| row.len() == segments + 1)
                    && covariance.iter().flatten().all(|x| x.is_finite())
                    && (0..=segments).all(|i| fine(covariance[i][i]))
            }
            ErrorsOf::Lines(lines) => {
                let right = |line: &LineErrors| {
                    let variances = [line.level_variance, line.slope_variance];
                    line.mean_year.is_finite() && variances.into_iter().all(fine)
                };
                lines.len() == segments && lines.iter().all(right)
            }
        };
        let degrees_of_freedom = self.degrees_of_freedom;
        right && degrees_of_freedom.is_none_or(|d| d.is_finite() && d >= 1.0)
    }
}

/// The line through the observations of a range.
fn line_through(points: &LogPoints, range: Range<usize>, z: &[f64]) -> Line {
    Line::fit(
        &points.t[range.clone()],
        &points.w[range.clone()],
        &z[range],
    )
}

/// The observations of a segment that lie on no joinpoint.
fn inner_observations(points: &LogPoints, spline: &Spline, i: usize) -> Range<usize> {
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

/// The information criteria of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Criteria {
    pub(super) bic: f64,
    pub(super) bic3: f64,
    pub(super) weighted_bic: f64,
}

/// The criteria of a fitted line; a perfect fit has none.
pub(super) fn criteria(points: &LogPoints, spline: &Spline) -> Option<Criteria> {
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
    Some(Criteria {
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
    let of_z = line_through(points, range.clone(), &points.z);
    let of_hinge = line_through(points, range.clone(), &hinge);
    let (mut zz, mut hh, mut zh) = (0.0, 0.0, 0.0);
    for row in range {
        let (t, w) = (points.t[row], points.w[row]);
        let (z, h) = (points.z[row] - of_z.at(t), hinge[row] - of_hinge.at(t));
        zz += w * z * z;
        hh += w * h * h;
        zh += w * z * h;
    }
    if points.without_rounding(zz) > 0.0 && hh > 0.0 {
        // Outside by rounding alone (Cauchy and Schwarz).
        (zh / zz * (zh / hh)).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The year of a joinpoint begins the segment after it: an average from it has the error of the line there, and one from
    /// the year before that of the line before. Lines that are level have the variance of their means everywhere.
    #[test]
    fn an_average_from_a_joinpoint_is_of_the_line_that_begins_there() {
        let level = |mean_year: f64, level_variance: f64| LineErrors {
            mean_year,
            level_variance,
            slope_variance: 0.0,
        };
        let errors = Errors {
            of: ErrorsOf::Lines(vec![
                level(2002.5, 0.01),
                level(2007.5, 0.04),
                level(2012.5, 0.09),
            ]),
            degrees_of_freedom: None,
        };
        let knots = [2000.0, 2005.0, 2010.0, 2015.0];
        for (from, variance) in [(2004.0, 0.01), (2005.0, 0.04), (2006.0, 0.04)] {
            let (error, _) = errors.of_average(&knots, from, 2012.0);
            let expected = f64::sqrt(variance + 0.09) / (2012.0 - from);
            assert!((error - expected).abs() < 1e-12, "{from}: {error}");
        }
    }
}
