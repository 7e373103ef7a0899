//! What the curves with a ceiling have in common: the curve through three points, the starting guess, the natural
//! parameters. They are one curve with a shape, which is held at 1 (logistic) or 0 (Gompertz), or free.

use super::damped_time::Damped;
use super::{GREATEST_DAMPING, Interpolation, Obstacle, Parameter, Point, Role};

/// The curve of a given shape v through three points.
///
/// With z = y^(−v), or ln y for v = 0, it is z = z₀ + s·D(t; r): one equation for the rate r.
#[inline]
pub(super) fn through(points: &[Point], theta: &mut [f64], shape: f64) -> Interpolation {
    let [a, b, c] = points else {
        return Interpolation::NoClosedForm;
    };
    let z = [a.cases, b.cases, c.cases].map(|cases| match shape {
        0.0 => cases.ln(),
        1.0 => cases.recip(),
        shape => cases.powf(-shape),
    });
    let Some((rate, slope)) = rate_and_slope([a.t, b.t, c.t], z) else {
        return Interpolation::Impossible(Obstacle::Turning);
    };
    // From the first point back to the reference year.
    let slope = slope * (rate * a.t).exp();
    let z0 = z[0] - slope * Damped::at(a.t, rate).time[0];
    let (level, growth) = match shape {
        0.0 => (z0, slope),
        1.0 => (-z0.ln(), -slope / z0),
        shape => (-z0.ln() / shape, -slope / (shape * z0)),
    };
    let damping = rate - shape * growth;
    theta[..3].copy_from_slice(&[level, growth, damping.max(0.0)]);
    in_domain(damping, growth)
}

/// Rate r and slope s at the first of three points of the curve z = z₀ + s·D(t; r) through them.
///
/// The two increments have the ratio ρ(r) = e^(−r·h₁)·D(h₂; r)/D(h₁; r), which falls steadily from ∞
/// to 0: one equation with one root, solved by Newton's method on its logarithm. `None` where the values do
/// not go one way.
#[inline]
fn rate_and_slope(t: [f64; 3], z: [f64; 3]) -> Option<(f64, f64)> {
    let (h1, h2) = (t[1] - t[0], t[2] - t[1]);
    let (rise1, rise2) = (z[1] - z[0], z[2] - z[1]);
    if rise1 == 0.0 && rise2 == 0.0 {
        return Some((0.0, 0.0));
    }
    let target = rise2 / rise1;
    if !(target > 0.0 && target.is_finite()) {
        return None;
    }
    let target = target.ln();
    // ln ρ is linear near r = 0, with slope −(h₁ + h₂)/2.
    let mut r = 2.0 * ((h2 / h1).ln() - target) / (h1 + h2);
    for _ in 0..60 {
        let (first, second) = (Damped::at(h1, r), Damped::at(h2, r));
        let excess = (second.time[0] / first.time[0]).ln() - r * h1 - target;
        let step =
            excess / (second.slope[0] / second.time[0] - first.slope[0] / first.time[0] - h1);
        if !step.is_finite() {
            return None;
        }
        r -= step;
        // Newton's error is squared at each step: what is left now is below the rounding of r·h.
        if (step * (h1 + h2)).abs() < 1e-9 {
            break;
        }
    }
    let slope = if h2 > h1 {
        // The longer interval has the smaller relative error.
        rise2 / (Damped::at(h2, r).time[0] * (-r * h1).exp())
    } else {
        rise1 / Damped::at(h1, r).time[0]
    };
    (r.is_finite() && slope.is_finite()).then_some((r, slope))
}

/// Whether a damping that was found lies in the domain.
#[inline]
fn in_domain(damping: f64, growth: f64) -> Interpolation {
    // A damping of −1e-13 of the growth is steady growth, rounded.
    if damping < -1e-13 * growth.abs() {
        Interpolation::Impossible(Obstacle::Accelerating)
    } else if damping > GREATEST_DAMPING {
        Interpolation::Impossible(Obstacle::Sudden)
    } else {
        Interpolation::Exact
    }
}

/// A guess of level, growth and damping for a curve with a ceiling: the curve through the means of
/// the first, middle and last third of the points where there is one, otherwise a rise from the first
/// point that is soon over.
pub(super) fn guess(points: &[Point], theta: &mut [f64], shape: f64) {
    let third = points.len() / 3;
    if third > 0 {
        let mean = |part: &[Point]| Point {
            t: mean_of(part, |p| p.t),
            cases: mean_count(part),
        };
        let last = points.len() - third;
        let summary = [
            mean(&points[..third]),
            mean(&points[third..last]),
            mean(&points[last..]),
        ];
        let found = through(&summary, &mut theta[..3], shape);
        if found == Interpolation::Exact && theta[..3].iter().all(|x| x.is_finite()) {
            return;
        }
    }
    let mean = mean_count(points);
    let (level, rise) = points.first().map_or((0.0, 0.0), |first| {
        (first.cases.ln(), mean.ln() - first.cases.ln())
    });
    theta[..3].copy_from_slice(&[level, rise, 1.0]);
}

/// The mean of the counts.
pub(super) fn mean_count(points: &[Point]) -> f64 {
    mean_of(points, |p| p.cases)
}

/// A mean; of each number its share is added, so that no sum overflows.
fn mean_of(points: &[Point], of: impl Fn(&Point) -> f64) -> f64 {
    let share = (points.len() as f64).recip();
    points.iter().map(|p| share * of(p)).sum()
}

/// Level and growth of the least-squares line through the logarithms: ln y = level + growth·t.
pub(super) fn log_linear(points: &[Point]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean_t = points.iter().map(|p| p.t).sum::<f64>() / n;
    let (mut sum, mut covariance, mut variance) = (0.0, 0.0, 0.0);
    for p in points {
        let log = p.cases.ln();
        sum += log;
        covariance += (p.t - mean_t) * log;
        variance += (p.t - mean_t).powi(2);
    }
    let growth = if variance > 0.0 {
        covariance / variance
    } else {
        0.0
    };
    (sum / n - growth * mean_t, growth)
}

/// Without damping the exponential curve: the nearest to the points on the log scale.
pub(super) fn nested(
    which: usize,
    points: &[Point],
    theta: &mut [f64],
) -> Option<&'static [usize]> {
    (which == 0).then(|| {
        (theta[0], theta[1]) = log_linear(points);
        theta[2] = 0.0;
        [2].as_slice()
    })
}

/// The natural form of a curve with a ceiling: capacity, rate and the calendar year of its
/// midpoint, from level, growth, damping κ and shape v.
///
/// With r = κ + v·g: capacity = e^u·(r/κ)^(1/v) (e^(u + g/κ) for v = 0), midpoint = ln(g/κ)/r after
/// the reference year. Without damping, or with a rate r ≤ 0, capacity and midpoint are
/// infinite; curves that fall have no midpoint (NaN).
pub(super) fn natural(reference_year: f64, theta: &[f64], shape: f64, natural: &mut [f64]) {
    let (level, growth, damping) = (theta[0], theta[1], theta[2]);
    let rate = damping + shape * growth;
    // A rate of 0 is the end of the domain, where the ceiling is 0 or infinite: not to be missed by rounding.
    let rate = if rate.abs() <= 4.0 * f64::EPSILON * damping {
        0.0
    } else {
        rate
    };
    let excess = if rate == 0.0 {
        -1.0
    } else {
        shape * growth / damping
    };
    let log_capacity = if damping > 0.0 && excess >= -1.0 {
        // ln(1 + x)/v, whose limit for v → 0 is g/κ.
        level
            + if excess.abs() < 1e-300 {
                growth / damping
            } else {
                excess.ln_1p() / shape
            }
    } else if growth > 0.0 {
        f64::INFINITY
    } else if growth < 0.0 && damping > 0.0 {
        // A curve that falls faster and faster.
        f64::NAN
    } else if growth < 0.0 {
        f64::NEG_INFINITY
    } else {
        level
    };
    natural[0] = log_capacity.exp();
    natural[1] = rate;
    natural[2] = if growth <= 0.0 {
        f64::NAN
    } else if damping > 0.0 && rate > 0.0 {
        reference_year + (growth / damping).ln() / rate
    } else {
        f64::INFINITY
    };
}

/// The derivatives of one natural parameter (capacity, rate, midpoint, shape) by level, growth,
/// damping and, where there is room, shape. Without damping those of capacity and midpoint are infinite or NaN.
pub(super) fn natural_gradient(parameter: usize, theta: &[f64], shape: f64, gradient: &mut [f64]) {
    let (level, growth, damping) = (theta[0], theta[1], theta[2]);
    let rate = damping + shape * growth;
    let all = match parameter {
        // ln K = u + ln(1 + x)/v with x = v·g/κ; its derivative by v is (x/(1 + x) − ln(1 + x))/v²,
        // by its series −(g/κ)²·(1/2 − 2x/3 + …) near v = 0.
        0 => {
            let ratio = growth / damping;
            let x = shape * ratio;
            let (log, by_shape) = if x.abs() < 1e-3 {
                let series =
                    |terms: [f64; 5]| terms.iter().rev().fold(0.0, |sum, term| term - x * sum);
                (
                    ratio * series([1.0, 1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0]),
                    -ratio
                        * ratio
                        * series([1.0 / 2.0, 2.0 / 3.0, 3.0 / 4.0, 4.0 / 5.0, 5.0 / 6.0]),
                )
            } else {
                (
                    x.ln_1p() / shape,
                    (x / (1.0 + x) - x.ln_1p()) / (shape * shape),
                )
            };
            let capacity = (level + log).exp();
            [1.0, 1.0 / rate, -ratio / rate, by_shape].map(|derivative| capacity * derivative)
        }
        1 => [0.0, shape, 1.0, growth],
        // m = year + ln(g/κ)/r.
        2 => {
            let log = (growth / damping).ln() / rate;
            [
                0.0,
                (1.0 / growth - shape * log) / rate,
                (-1.0 / damping - log) / rate,
                -growth * log / rate,
            ]
        }
        _ => [0.0, 0.0, 0.0, 1.0],
    };
    gradient.copy_from_slice(&all[..gradient.len()]);
}

/// The natural parameters of a curve with a ceiling.
pub(super) const CAPACITY: Parameter =
    Parameter::new("capacity", "cases", Role::Ceiling).between(0.0, f64::INFINITY);
pub(super) const MIDPOINT: Parameter = Parameter::new("midpoint", "year", Role::Midpoint);

/// A curve with a ceiling approaches it: its rate is not below 0.
pub(super) const RATE: Parameter =
    Parameter::new("rate", "per year", Role::Rate).between(0.0, f64::INFINITY);
