//! Convolution with a sojourn time on a grid: product integration of fourth order.
//!
//! A function g of time with g(0) = 0 is known at the points n·h. Its convolution with the distribution function F
//! of a sojourn time,
//!
//! (g ∗ dF)(t) = ∫₀ᵗ g(t − s) dF(s) = ∫₀ᵗ g′(t − s) F(s) ds,
//!
//! is computed by replacing g alone, by the cubic through the four points around each cell; its product with F is
//! integrated as exactly as F is ([`integrals`](super::integrals)). A singularity of F at 0 (a Weibull time with
//! shape below 1) or a step within a cell therefore costs no order. See Linz (1985), *Analytical and Numerical
//! Methods for Volterra Equations*, chapter 8,
//! [doi:10.1137/1.9781611970852](https://doi.org/10.1137/1.9781611970852).
//!
//! With L(i, d) = ∫₀¹ ℓ′(1 − x) F((i + x)h) dx for the cubic Lagrange polynomials ℓ of the nodes
//! −1, 0, 1, 2, the result at n is Σ g(q)·w(n + 1 − q) with w(k) = Σ L(k − 2 + d, d) over d. The cubic of the
//! first cell has no point before 0; extrapolating one there is the same as the cubic through the
//! points 0 to 3.
//!
//! The derivative of the result is the same sum over h, with ∫ ℓ′(1 − x) dF((i + x)h) in place of L(i, d). No polynomial
//! follows a kink, so patients who all enter at one moment are followed apart ([`Moments`], the 200 largest): of those who
//! enter at a, F(t − a) have left, and again many at one moment where F has a step.

use super::integrals::Integrals;
use crate::numeric::linear_algebra::dot;
use crate::pathway::flow_options::Entry;
use crate::pathway::sojourn::{Distribution, SAME_MOMENT};

/// What convolution with one sojourn time needs.
#[derive(Debug)]
pub(super) struct Weights {
    /// For the convolution.
    value: Rule,
    /// For its derivative, where cohorts enter on one day.
    slope: Option<Rule>,
    /// ∫₀^(n·h) F, and F(n·h).
    integral: Vec<f64>,
    /// Where cohorts enter on one day.
    of_one_day: Option<OneDay>,
    /// Whether the sojourn takes no time.
    identity: bool,
}

/// A distribution function as steps and the rest.
#[derive(Debug)]
struct OneDay {
    distribution: Distribution,
    steps: Moments,
    /// ∫₀^(n·h) of the function without the steps.
    smooth: Vec<f64>,
}

/// Moments since those of one day entered the first state, in years, at which a share of them enter a state all at once;
/// or, of one sojourn time, its steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    /// Times and shares.
    all: Vec<(f64, f64)>,
    /// Those with the smallest shares, where there are too many: they join the others of the path ([`Path::take`]).
    surplus: Vec<(f64, f64)>,
}

/// The most moments that are followed apart of one state.
const MOST_MOMENTS: usize = 200;

impl Moments {
    pub(super) fn at_once(share: f64) -> Self {
        Self::of(vec![(0.0, share)])
    }

    fn of(all: Vec<(f64, f64)>) -> Self {
        let mut moments = Self {
            all,
            surplus: Vec::new(),
        };
        moments.join();
        moments
    }

    pub(super) fn times(&self, share: f64) -> Self {
        let times = |all: &[(f64, f64)]| all.iter().map(|(at, part)| (*at, share * part)).collect();
        Self {
            all: times(&self.all),
            surplus: times(&self.surplus),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.all.extend(&other.all);
        self.surplus.extend(&other.surplus);
        self.join();
    }

    /// Those of a state that is entered after a sojourn with these steps, up to the last year.
    fn after(&self, steps: &Self, years: f64) -> Self {
        let all = self.all.iter().flat_map(|(at, part)| {
            let steps = steps.all.iter();
            steps.map(move |(step, share)| (at + step, part * share))
        });
        Self::of(all.filter(|(at, _)| *at <= years).collect())
    }

    fn join(&mut self) {
        self.all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        self.all.dedup_by(|(at, part), (before, sum)| {
            let same = *at - *before <= SAME_MOMENT;
            *sum += if same { *part } else { 0.0 };
            same
        });
        if self.all.len() > MOST_MOMENTS {
            self.all.sort_by(|(_, a), (_, b)| b.total_cmp(a));
            self.surplus.extend(self.all.split_off(MOST_MOMENTS));
        }
    }
}

/// The numbers w, and what is different at the first points.
#[derive(Debug)]
struct Rule {
    w: Vec<f64>,
    /// L(i, −1) and L(i, 2).
    before: Vec<f64>,
    after: Vec<f64>,
}

/// A function of time on the grid, 0 at 0 and before.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) values: Vec<f64>,
    /// The slope, where it is a straight line.
    straight: Option<f64>,
}

impl Path {
    /// The line through 0 with a slope: people entering at a steady rate from time 0 on.
    pub(super) fn straight(slope: f64, step: f64, points: usize) -> Self {
        Self {
            values: (0..points).map(|n| slope * step * n as f64).collect(),
            straight: Some(slope),
        }
    }

    /// Nobody at any time.
    pub(super) fn nobody(points: usize) -> Self {
        Self {
            values: vec![0.0; points],
            straight: None,
        }
    }

    /// Takes in those who enter at moments that are too many to be followed apart: the error of the cubics at so many small
    /// kinks shows in the difference of the grids.
    pub(super) fn take(&mut self, moments: &mut Moments, step: f64) {
        for (at, part) in moments.surplus.drain(..) {
            for (n, value) in self.values.iter_mut().enumerate() {
                *value += part * (step * n as f64 - at).max(0.0);
            }
        }
    }

    fn is_nobody(&self) -> bool {
        self.values.iter().all(|value| *value == 0.0)
    }

    /// Its values at every `stride`-th point.
    pub(super) fn every(&self, stride: usize) -> Vec<f64> {
        self.values.iter().step_by(stride).copied().collect()
    }

    /// The path times a share.
    pub(super) fn times(&self, share: f64) -> Self {
        Self {
            values: self.values.iter().map(|v| share * v).collect(),
            straight: self.straight.map(|slope| share * slope),
        }
    }

    /// Adds another path, as far as both are known.
    pub(super) fn add(&mut self, other: &Self) {
        self.values.truncate(other.values.len());
        for (value, other) in self.values.iter_mut().zip(&other.values) {
            *value += other;
        }
        let slopes = self.straight.zip(other.straight);
        self.straight = slopes.map(|(slope, other)| slope + other);
    }
}

impl Rule {
    fn new(cells: impl ExactSizeIterator<Item = [f64; 4]>) -> Self {
        let n = cells.len();
        let mut w = vec![0.0; n + 3];
        let (mut before, mut after) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for (i, l) in cells.enumerate() {
            before.push(l[0]);
            after.push(l[3]);
            // L(i, d) belongs to w(k) with k = i + 2 − d, d = −1, 0, 1, 2.
            for (w, l) in w[i..].iter_mut().zip(l.iter().rev()) {
                *w += l;
            }
        }
        Self { w, before, after }
    }

    /// What the cubic of the first cell adds to the sum at n > 0.
    fn first_cell(&self, g: &[f64], n: usize) -> f64 {
        // The cubic through the points 0 to 3, one step before 0.
        let ghost = -6.0 * g[1] + 4.0 * g[2] - g[3];
        ghost * self.before[n - 1] - g[1] * self.after[n]
    }

    /// The sum at all points but the last of g.
    fn everywhere(&self, g: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; g.len() - 1];
        toeplitz(&g[1..], &self.w, &mut y);
        y[0] = 0.0;
        for (n, y) in y.iter_mut().enumerate().skip(1) {
            *y += self.first_cell(g, n);
        }
        y
    }

    /// The sum at every `stride`-th point from 0 on, `count` of them.
    fn at(&self, g: &[f64], stride: usize, count: usize) -> Vec<f64> {
        let reversed: Vec<f64> = g.iter().rev().copied().collect();
        let points = (0..count).map(|i| i * stride);
        points
            .map(|n| {
                if n == 0 {
                    return 0.0;
                }
                // g(n + 1), g(n) … g(1) stand in `reversed` from here on.
                let from = g.len() - 2 - n;
                dot(&reversed[from..=from + n], &self.w[..=n]) + self.first_cell(g, n)
            })
            .collect()
    }
}

impl Weights {
    /// From the integrals of a distribution on a grid of this step.
    pub(super) fn new(
        integrals: &Integrals,
        step: f64,
        distribution: &Distribution,
        entry: Entry,
    ) -> Self {
        let mut sum = 0.0;
        let integral = integrals.cells.iter().map(|m| {
            sum += m[0];
            sum * step
        });
        let integral: Vec<f64> = std::iter::once(0.0).chain(integral).collect();
        let value = integrals.cells.iter().map(|&[m0, m1, m2]| {
            [
                -(3.0 * m2 - m0) / 6.0,
                (3.0 * m2 - 2.0 * m1 - 2.0 * m0) / 2.0,
                -(3.0 * m2 - 4.0 * m1 - m0) / 2.0,
                (3.0 * m2 - 6.0 * m1 + 2.0 * m0) / 6.0,
            ]
        });
        Self {
            value: Rule::new(value),
            slope: (entry == Entry::MidYear).then(|| Self::slope(integrals, step)),
            of_one_day: (entry == Entry::MidYear)
                .then(|| OneDay::new(distribution, &integral, step)),
            integral,
            identity: *distribution == Distribution::None,
        }
    }

    /// By parts, with the jump of F at 0 in the first cell.
    fn slope(integrals: &Integrals, step: f64) -> Rule {
        let f = &integrals.values;
        let cells = integrals.cells.iter().enumerate();
        Rule::new(cells.map(|(i, &[m0, m1, _])| {
            let (from, to) = (if i == 0 { 0.0 } else { f[i] }, f[i + 1]);
            [
                -to / 3.0 - from / 6.0 + m1,
                -to / 2.0 + from + m0 - 3.0 * m1,
                to - from / 2.0 + 3.0 * m1 - 2.0 * m0,
                -to / 6.0 - from / 3.0 + m0 - m1,
            ]
            .map(|l| l / step)
        }))
    }

    /// The convolution at all points of the grid but the last of `g`.
    pub(super) fn convolve(&self, g: &Path) -> Path {
        let values = match g.straight {
            _ if self.identity => return g.clone(),
            Some(slope) => self.integral[..g.values.len() - 1]
                .iter()
                .map(|f| slope * f)
                .collect(),
            None => self.value.everywhere(&g.values),
        };
        Path {
            values,
            straight: None,
        }
    }

    /// The convolution at every `stride`-th point from 0 on, `count` of them.
    pub(super) fn convolve_at(&self, g: &Path, stride: usize, count: usize) -> Vec<f64> {
        match g.straight {
            _ if self.identity => strided(&g.values, stride, count, 1.0),
            Some(slope) => strided(&self.integral, stride, count, slope),
            None => self.value.at(&g.values, stride, count),
        }
    }

    /// Of a cohort of one day, of whom many enter at some moments and the others smoothly: the slope of those who have left
    /// at every `stride`-th point, from the right, and the moments at which many leave. `slopes` are those of all who enter, g
    /// is the steady inflow of those who do so smoothly.
    pub(super) fn leaving(
        &self,
        g: &Path,
        (slopes, entering): (&[f64], &Moments),
        (step, stride): (f64, usize),
    ) -> (Vec<f64>, Moments) {
        let (Some(of_one_day), Some(rule), false) = (&self.of_one_day, &self.slope, self.identity)
        else {
            return (slopes.to_vec(), entering.clone());
        };
        let mut leaving = if g.is_nobody() {
            vec![0.0; slopes.len()]
        } else {
            rule.at(&g.values, stride, slopes.len())
        };
        let OneDay {
            distribution,
            steps,
            ..
        } = of_one_day;
        // A moment that rounding has put behind a point is at it: a step is behind them, and anything else has not begun.
        let left = |since: f64| match since {
            since if !steps.all.is_empty() => distribution.cdf(since + SAME_MOMENT),
            since if since > SAME_MOMENT => distribution.cdf(since),
            _ => 0.0,
        };
        for (i, slope) in leaving.iter_mut().enumerate() {
            let time = step * (i * stride) as f64;
            let entering = entering.all.iter();
            *slope += entering
                .map(|(at, part)| part * left(time - at))
                .sum::<f64>();
        }
        let years = step * g.values.len() as f64;
        (leaving, entering.after(steps, years))
    }

    /// The steady inflow of those who leave smoothly: all but those of whom many leave at some moments.
    pub(super) fn leaving_smoothly(&self, g: &Path, entering: &Moments, step: f64) -> Path {
        let (Some(of_one_day), false) = (&self.of_one_day, self.identity) else {
            return g.clone();
        };
        let mut values = if g.is_nobody() {
            vec![0.0; g.values.len() - 1]
        } else {
            self.value.everywhere(&g.values)
        };
        for (at, part) in &entering.all {
            for (n, value) in values.iter_mut().enumerate() {
                *value += part * of_one_day.smooth_integral(n as f64 - at / step);
            }
        }
        Path {
            values,
            straight: None,
        }
    }
}

impl OneDay {
    fn new(distribution: &Distribution, integral: &[f64], step: f64) -> Self {
        let steps = Moments {
            all: distribution.steps(),
            surplus: Vec::new(),
        };
        let smooth = integral.iter().enumerate().map(|(n, integral)| {
            let stepped = steps.all.iter();
            let stepped = stepped.map(|(at, part)| part * (step * n as f64 - at).max(0.0));
            integral - stepped.sum::<f64>()
        });
        Self {
            distribution: distribution.clone(),
            smooth: smooth.collect(),
            steps,
        }
    }

    /// ∫₀ᵗ of the distribution function without its steps, at a position on the grid.
    fn smooth_integral(&self, position: f64) -> f64 {
        let nearest = position.round();
        if position <= 0.0 {
            0.0
        } else if (position - nearest).abs() <= 1e-6 {
            interpolate(&self.smooth, nearest)
        } else {
            interpolate(&self.smooth, position)
        }
    }
}

/// The cubic through the four points around a position on the grid.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Positions are not negative.
pub(super) fn interpolate(values: &[f64], position: f64) -> f64 {
    // A position at either end belongs to the cell next to it.
    let cell = (position.max(0.0) as usize).clamp(1, values.len() - 3);
    let x = position - cell as f64;
    let [a, b, c, d] = [cell - 1, cell, cell + 1, cell + 2].map(|i| values[i]);
    -x * (x - 1.0) * (x - 2.0) / 6.0 * a + (x + 1.0) * (x - 1.0) * (x - 2.0) / 2.0 * b
        - (x + 1.0) * x * (x - 2.0) / 2.0 * c
        + (x + 1.0) * x * (x - 1.0) / 6.0 * d
}

fn strided(values: &[f64], stride: usize, count: usize, factor: f64) -> Vec<f64> {
    let values = values.iter().step_by(stride).take(count);
    values.map(|v| factor * v).collect()
}

/// `y[n] = Σ a[q]·b[n − q]` over q ≤ n, four terms at a time so that each y is loaded once for four.
fn toeplitz(a: &[f64], b: &[f64], y: &mut [f64]) {
    let n = y.len();
    let mut q = 0;
    while q + 4 <= n.min(a.len()) {
        let (a0, a1, a2, a3) = (a[q], a[q + 1], a[q + 2], a[q + 3]);
        y[q] += a0 * b[0];
        if q + 1 < n {
            y[q + 1] += a0 * b[1] + a1 * b[0];
        }
        if q + 2 < n {
            y[q + 2] += a0 * b[2] + a1 * b[1] + a2 * b[0];
        }
        let tail = &mut y[q + 3..];
        let m = tail.len();
        let (b0, b1, b2, b3) = (&b[3..3 + m], &b[2..2 + m], &b[1..=m], &b[..m]);
        for i in 0..m {
            tail[i] += (a0 * b0[i] + a1 * b1[i]) + (a2 * b2[i] + a3 * b3[i]);
        }
        q += 4;
    }
    for q in q..n.min(a.len()) {
        for (y, b) in y[q..].iter_mut().zip(b) {
            *y += a[q] * b;
        }
    }
}
