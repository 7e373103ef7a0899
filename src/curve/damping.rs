//! What the curves with a ceiling have in common: damped time, and the damping through three points.

use super::exponential::log_linear;
use super::{GREATEST_DAMPING, Interpolation, Obstacle, Parameter, Point, Role};

/// Time, damped at a rate r ≥ 0 or < 0, after t years.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damped {
    /// e^(−rt), what is left of the growth.
    pub(super) left: f64,
    /// D(t; r) = (1 − e^(−rt))/r, and t for r = 0.
    pub(super) time: f64,
    /// The derivative of D(t; r) by r.
    pub(super) slope: f64,
}

/// Below this |rt| the closed form of damped time would lose digits to the difference that it takes.
const NEAR_ZERO: f64 = 0.2;

/// Coefficients of the derivative of D by r, over −t², Σ (−x)ⁿ·(n + 1)/(n + 2)! with x = rt. The first
/// term left out is below 1e-17.
const SLOPE_SERIES: [f64; 12] = reciprocals([
    2.0,
    3.0,
    8.0,
    30.0,
    144.0,
    840.0,
    5_760.0,
    45_360.0,
    403_200.0,
    3_991_680.0,
    43_545_600.0,
    518_918_400.0,
]);

impl Damped {
    #[inline]
    pub(super) fn at(t: f64, r: f64) -> Self {
        let x = r * t;
        if x.abs() < NEAR_ZERO {
            return Self::near_zero(t, x);
        }
        // One of the two is always exact: e^(−x) where it is small, e^(−x) − 1 elsewhere.
        let (left, lost) = if x > std::f64::consts::LN_2 {
            let left = (-x).exp();
            (left, 1.0 - left)
        } else {
            let lost = -(-x).exp_m1();
            (1.0 - lost, lost)
        };
        let time = lost / r;
        Self {
            left,
            time,
            slope: (t * left - time) / r,
        }
    }

    /// At time 0.
    const START: Self = Self {
        left: 1.0,
        time: 0.0,
        slope: 0.0,
    };

    /// At the time b after this one, which is at `start`: see [`Strides`].
    #[inline]
    fn then(self, start: f64, later: Self) -> Self {
        Self {
            left: self.left * later.left,
            time: self.time + self.left * later.time,
            slope: self.slope + self.left * (later.slope - start * later.time),
        }
    }

    /// By the series in x = rt of the slope q = −(dD/dr)/t²; D/t is (1 + x·q)/(1 + x).
    #[inline]
    fn near_zero(t: f64, x: f64) -> Self {
        let slope = alternating(x, &SLOPE_SERIES);
        let time = (1.0 + x * slope) / (1.0 + x);
        Self {
            left: 1.0 - x * time,
            time: t * time,
            slope: -t * t * slope,
        }
    }

    /// The inverse of 1 − v·g·D(t; κ + v·g) = (κ + v·g·e^(−rt))/r for the rate r = κ + v·g, by the
    /// form that does not subtract nearly equal numbers; NaN past the curve's pole, where it has no
    /// value.
    #[inline]
    pub(super) fn rise(&self, damping: f64, growth: f64) -> f64 {
        let taken = growth * self.time;
        let (of, below) = if taken > 0.5 {
            (damping + growth, damping + growth * self.left)
        } else {
            (1.0, 1.0 - taken)
        };
        // Without damping a falling curve has both below 0: before its first observation it is higher.
        if below * of > 0.0 {
            of / below
        } else {
            f64::NAN
        }
    }
}

/// Times that are worked on together.
pub(super) const STRIDE: usize = 8;

/// Damped time at [`STRIDE`] times, quantity by quantity.
#[derive(Debug, Clone, Copy)]
pub(super) struct DampedTimes {
    pub(super) left: [f64; STRIDE],
    pub(super) time: [f64; STRIDE],
    pub(super) slope: [f64; STRIDE],
}

impl DampedTimes {
    const NONE: Self = Self {
        left: [1.0; STRIDE],
        time: [0.0; STRIDE],
        slope: [0.0; STRIDE],
    };

    /// 1/(1 − g·D(t; κ + g)) at each time, as [`Damped::rise`], but infinite past the curve's pole.
    /// One form for all, so that there is no branch: with growth above 0 the second one is a sum of
    /// positive numbers, and with growth below 0 the first one is.
    #[inline]
    pub(super) fn rises(&self, damping: f64, growth: f64) -> [f64; STRIDE] {
        if growth > 0.0 {
            let rate = damping + growth;
            self.left
                .map(|left| rate / positive(damping + growth * left))
        } else {
            self.time.map(|time| 1.0 / positive(1.0 - growth * time))
        }
    }

    #[inline]
    fn set(&mut self, i: usize, damped: Damped) {
        self.left[i] = damped.left;
        self.time[i] = damped.time;
        self.slope[i] = damped.slope;
    }

    /// At place `i`, below [`STRIDE`].
    #[inline]
    pub(super) fn get(&self, i: usize) -> Damped {
        Damped {
            left: self.left[i],
            time: self.time[i],
            slope: self.slope[i],
        }
    }
}

/// Damped time at many times, [`STRIDE`] of them at a time; places past the last time hold numbers
/// without meaning.
///
/// At equally spaced times, as years are, it is built up by the rule for sums,
///
/// > e^(−r(a + b)) = e^(−ra)·e^(−rb),  D(a + b) = D(a) + e^(−ra)·D(b),
///
/// and its derivative by r. For times after 0 all terms have one sign, so that nothing cancels at any
/// rate, and only two exponentials are taken for all times.
#[derive(Debug)]
pub(super) struct Strides<'a> {
    times: &'a [f64],
    rate: f64,
    /// Whether the times are equally spaced.
    even: bool,
    /// At the first [`STRIDE`] multiples of the spacing, from 0 on, if it is.
    steps: DampedTimes,
    /// At the multiple after them.
    leap: Damped,
    /// At the next stride's first time.
    base: Damped,
}

impl<'a> Strides<'a> {
    #[inline]
    pub(super) fn new(times: &'a [f64], rate: f64) -> Self {
        let spacing = spacing(times);
        let mut strides = Self {
            times,
            rate,
            even: spacing.is_some(),
            steps: DampedTimes::NONE,
            leap: Damped::START,
            base: Damped::START,
        };
        let Some(spacing) = spacing else {
            return strides;
        };
        if times[0] > 0.0 {
            strides.base = Damped::at(times[0], rate);
        }
        strides.steps.set(1, Damped::at(spacing, rate));
        // Each part doubles what there is.
        for have in [2, STRIDE / 2] {
            let middle = have as f64 / 2.0 * spacing;
            let half = strides.steps.get(have / 2);
            let end = half.then(middle, half);
            for i in 0..have {
                let later = strides.steps.get(i);
                strides
                    .steps
                    .set(have + i, end.then(have as f64 * spacing, later));
            }
        }
        let middle = STRIDE as f64 / 2.0 * spacing;
        let half = strides.steps.get(STRIDE / 2);
        strides.leap = half.then(middle, half);
        strides
    }

    /// Damped time at the next times.
    #[inline]
    pub(super) fn next(&mut self) -> DampedTimes {
        let (now, later) = self.times.split_at(self.times.len().min(STRIDE));
        self.times = later;
        if !self.even {
            let mut all = DampedTimes::NONE;
            for (i, &t) in now.iter().enumerate() {
                all.set(i, Damped::at(t, self.rate));
            }
            return all;
        }
        let (base, steps) = (self.base, &self.steps);
        let start = now.first().copied().unwrap_or(0.0);
        self.base = base.then(start, self.leap);
        let mut all = DampedTimes::NONE;
        for i in 0..STRIDE {
            all.left[i] = base.left * steps.left[i];
            all.time[i] = base.time + base.left * steps.time[i];
            all.slope[i] = base.slope + base.left * (steps.slope[i] - start * steps.time[i]);
        }
        all
    }
}

/// Copies the numbers of a stride that there is room for.
#[inline]
pub(super) fn copy_part(from: &[f64; STRIDE], to: &mut [f64]) {
    if let Ok(whole) = <&mut [f64; STRIDE]>::try_from(&mut *to) {
        *whole = *from;
    } else {
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
    }
}

/// The distance between neighbouring times, where it is the same for all and none is before 0.
#[inline]
fn spacing(times: &[f64]) -> Option<f64> {
    let [first, second, ..] = times else {
        return None;
    };
    let spacing = second - first;
    // Equal numbers differ by 0, all of whose bits are 0.
    let mut uneven = 0;
    for (a, b) in times.iter().zip(&times[1..]) {
        uneven |= (b - a - spacing).to_bits();
    }
    (uneven == 0 && spacing > 0.0 && *first >= 0.0).then_some(spacing)
}

/// The number where it is positive, otherwise 0; one instruction, unlike `max`, which minds NaN.
#[inline]
fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}

const fn reciprocals(denominators: [f64; 12]) -> [f64; 12] {
    let mut all = denominators;
    let mut i = 0;
    while i < all.len() {
        all[i] = 1.0 / all[i];
        i += 1;
    }
    all
}

/// Σ cₙ·(−x)ⁿ, the even and the odd terms apart, so that one need not wait for the other.
#[inline]
pub(super) fn alternating<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for (n, coefficient) in coefficients.iter().enumerate().rev() {
        let sum = if n % 2 == 0 { &mut even } else { &mut odd };
        *sum = *sum * square + coefficient;
    }
    even - x * odd
}

/// Growth and damping of the curve whose transformed values z = z₀ + s·D(t; r) go through three
/// points, z being ln y for the Gompertz curve and 1/y for the logistic curve.
///
/// The two increments have the ratio ρ(r) = e^(−r·h₁)·D(h₂; r)/D(h₁; r), which falls steadily from ∞
/// to 0: one equation with one root, solved by Newton's method on its logarithm. Returns the rate r
/// and the slope s at the first of the three points, or `None` where the values do not go one way.
#[inline]
pub(super) fn rate_and_slope(t: [f64; 3], z: [f64; 3]) -> Option<(f64, f64)> {
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
        let excess = (second.time / first.time).ln() - r * h1 - target;
        let step = excess / (second.slope / second.time - first.slope / first.time - h1);
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
        rise2 / (Damped::at(h2, r).time * (-r * h1).exp())
    } else {
        rise1 / Damped::at(h1, r).time
    };
    (r.is_finite() && slope.is_finite()).then_some((r, slope))
}

/// Whether a damping that was found lies in the domain.
#[inline]
pub(super) fn in_domain(damping: f64, growth: f64) -> Interpolation {
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
pub(super) fn guess(
    points: &[Point],
    theta: &mut [f64],
    through: impl Fn(&[Point], &mut [f64]) -> Interpolation,
) {
    let third = points.len() / 3;
    if third > 0 {
        let mean = |part: &[Point]| {
            let share = (part.len() as f64).recip();
            // The share of each, so that no sum overflows.
            Point {
                t: part.iter().map(|p| share * p.t).sum(),
                cases: part.iter().map(|p| share * p.cases).sum(),
            }
        };
        let last = points.len() - third;
        let summary = [
            mean(&points[..third]),
            mean(&points[third..last]),
            mean(&points[last..]),
        ];
        let found = through(&summary, &mut theta[..3]);
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

/// The mean of the counts; of each its share, so that no sum overflows.
pub(super) fn mean_count(points: &[Point]) -> f64 {
    let share = (points.len() as f64).recip();
    points.iter().map(|p| share * p.cases).sum()
}

/// Writes level, growth and no damping for the exponential curve nearest to the points on the log
/// scale, and returns the place of the damping.
pub(super) fn without(points: &[Point], theta: &mut [f64]) -> &'static [usize] {
    let (level, growth) = log_linear(points);
    theta[..3].copy_from_slice(&[level, growth, 0.0]);
    &[2]
}

/// The natural form of a curve with a ceiling: capacity, rate and the calendar year of its
/// midpoint, from level, growth, damping κ and shape v.
///
/// With r = κ + v·g: capacity = e^u·(r/κ)^(1/v) (e^(u + g/κ) for v = 0), midpoint = ln(g/κ)/r after
/// the reference year. Without damping capacity and midpoint are
/// infinite; curves that fall have no midpoint (NaN).
pub(super) fn natural(reference_year: f64, theta: &[f64], shape: f64, natural: &mut [f64]) {
    let (level, growth, damping) = (theta[0], theta[1], theta[2]);
    let rate = damping + shape * growth;
    let excess = shape * growth / damping;
    let log_capacity = if damping > 0.0 {
        // ln(1 + x)/v, whose limit for v → 0 is g/κ.
        level
            + if excess.abs() < 1e-300 {
                growth / damping
            } else {
                excess.ln_1p() / shape
            }
    } else if growth > 0.0 {
        f64::INFINITY
    } else if growth < 0.0 {
        f64::NEG_INFINITY
    } else {
        level
    };
    natural[0] = log_capacity.exp();
    natural[1] = rate;
    natural[2] = if growth <= 0.0 {
        f64::NAN
    } else if damping > 0.0 {
        reference_year + (growth / damping).ln() / rate
    } else {
        f64::INFINITY
    };
}

/// The derivatives of one natural parameter (capacity, rate, midpoint, shape) by level, growth,
/// damping and shape. Without damping those of capacity and midpoint are infinite or NaN.
pub(super) fn natural_gradient(
    parameter: usize,
    theta: &[f64],
    shape: f64,
    gradient: &mut [f64; 4],
) {
    let (level, growth, damping) = (theta[0], theta[1], theta[2]);
    let rate = damping + shape * growth;
    *gradient = match parameter {
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
}

/// The natural parameters of a curve with a ceiling.
pub(super) const CAPACITY: Parameter =
    Parameter::new("capacity", "cases", Role::Ceiling).between(0.0, f64::INFINITY);
pub(super) const RATE: Parameter = Parameter::new("rate", "per year", Role::Rate);

#[cfg(test)]
mod tests {
    use super::*;

    /// D and dD/dr against their defining integrals ∫₀ᵗ e^(−rs) ds and −∫₀ᵗ s·e^(−rs) ds, by
    /// Gauss–Legendre quadrature with 5 nodes on 400 panels; both sides of the series' border.
    #[test]
    fn damped_time_is_its_integral() {
        const NODES: [(f64, f64); 5] = [
            (0.0, 0.568_888_888_888_888_9),
            (0.538_469_310_105_683, 0.478_628_670_499_366_47),
            (-0.538_469_310_105_683, 0.478_628_670_499_366_47),
            (0.906_179_845_938_664, 0.236_926_885_056_189_1),
            (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
        ];
        for t in [0.5, 1.0, 7.0, 21.0, -3.0] {
            for r in [
                -0.3, -0.01, -1e-5, 0.0, 1e-9, 1e-4, 0.0042, 0.0043, 0.029_99, 0.030_01, 0.4, 2.0,
            ] {
                let (mut integral, mut derivative) = (0.0, 0.0);
                let half = t / 800.0;
                for panel in 0..400 {
                    for (x, w) in NODES {
                        let s = half * (2.0 * f64::from(panel) + 1.0 + x);
                        let f = half * w * (-r * s).exp();
                        integral += f;
                        derivative -= s * f;
                    }
                }
                let damped = Damped::at(t, r);
                approx::assert_relative_eq!(damped.time, integral, max_relative = 1e-13);
                approx::assert_relative_eq!(damped.slope, derivative, max_relative = 1e-12);
                approx::assert_relative_eq!(damped.left, (-r * t).exp(), max_relative = 1e-15);
            }
        }
    }
}
