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
//! The derivative of the result is the same sum over h, with ∫ ℓ′(1 − x) dF((i + x)h) in place of L(i, d).

use super::integrals::Integrals;
use crate::numeric::linear_algebra::dot;
use crate::pathway::flow_options::Entry;

/// What convolution with one sojourn time needs.
#[derive(Debug)]
pub(super) struct Weights {
    /// For the convolution.
    value: Rule,
    /// For its derivative, where cohorts enter on one day.
    slope: Option<Rule>,
    /// ∫₀^(n·h) F, and F(n·h).
    integral: Vec<f64>,
    cdf: Vec<f64>,
    /// Whether the sojourn takes no time.
    identity: bool,
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
    /// From the integrals on a grid of this step; `identity` is a sojourn that takes no time.
    pub(super) fn new(integrals: &Integrals, step: f64, identity: bool, entry: Entry) -> Self {
        let mut sum = 0.0;
        let integral = integrals.cells.iter().map(|m| {
            sum += m[0];
            sum * step
        });
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
            integral: std::iter::once(0.0).chain(integral).collect(),
            cdf: integrals.values.clone(),
            identity,
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

    /// The derivative of the convolution at these points, from the right, where that of g is `slopes` there.
    pub(super) fn slope_at(&self, g: &Path, slopes: &[f64], stride: usize) -> Vec<f64> {
        let count = slopes.len();
        match (g.straight, &self.slope) {
            _ if self.identity => slopes.to_vec(),
            (None, Some(rule)) => {
                let mut at = rule.at(&g.values, stride, count);
                at[0] = slopes[0] * self.cdf[0];
                at
            }
            (slope, _) => strided(&self.cdf, stride, count, slope.unwrap_or(0.0)),
        }
    }
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
