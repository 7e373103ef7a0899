//! Standard errors of slopes, intervals of joinpoints and information criteria of a fitted model.

use std::ops::Range;

use super::annual_percent_change::two_sided_quantile;
use super::error_variance::LogPoints;
use super::joinpoint_model::Criteria;
use super::linear_spline::{Line, Spline};
use super::options::{JoinpointOptions, SlopeErrors};

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

/// The covariance of the slopes, and the degrees of freedom of its variance where that is estimated.
pub(super) fn slope_errors(
    points: &LogPoints,
    spline: &Spline,
    options: &JoinpointOptions,
) -> (Vec<Vec<f64>>, Option<f64>) {
    let segments = spline.knots.len() - 1;
    let (mut covariance, squares, degrees_of_freedom) = match options.slope_errors {
        SlopeErrors::Unconstrained => {
            let mut covariance = vec![vec![0.0; segments]; segments];
            let (mut squares, mut used) = (0.0, 0);
            for i in 0..segments {
                let range = inner_observations(points, spline, i);
                used += range.len();
                let line = line_through(points, range.clone(), &points.z);
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
    let (factor, degrees_of_freedom) = if options.variance.is_estimated() {
        let degrees_of_freedom = degrees_of_freedom as f64;
        // A line of joined segments without residuals leaves none to unjoined ones either.
        let squares = if spline.rss > 0.0 {
            points.without_rounding(squares)
        } else {
            0.0
        };
        (squares / degrees_of_freedom, Some(degrees_of_freedom))
    } else {
        (1.0 / points.largest_weight, None)
    };
    for entry in covariance.iter_mut().flatten() {
        *entry *= factor;
    }
    (covariance, degrees_of_freedom)
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
        (zh / zz * (zh / hh)).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
