//! Convolution with a sojourn time on a grid: product integration of fourth order.
//!
//! A function g of time with g(0) = 0 is known at the points n·h. Its convolution with the
//! distribution function F of a sojourn time,
//!
//! (g ∗ dF)(t) = ∫₀ᵗ g(t − s) dF(s) = ∫₀ᵗ g′(t − s) F(s) ds,
//!
//! is computed by replacing g alone, by the cubic through the four points around each cell, and
//! integrating its product with F exactly (up to Gauss quadrature of F within a cell). The
//! singularity of F at 0 (a Weibull time with shape below 1) therefore costs no order. See Linz
//! (1985), *Analytical and Numerical Methods for Volterra Equations*, chapter 8,
//! [doi:10.1137/1.9781611970852](https://doi.org/10.1137/1.9781611970852).
//!
//! With L(i, d) = ∫₀¹ ℓ′(1 − x) F((i + x)h) dx for the cubic Lagrange polynomials ℓ of the nodes
//! −1, 0, 1, 2, the result at n is Σ g(q)·w(n + 1 − q) with w(k) = Σ L(k − 2 + d, d) over d. The cubic of the
//! first cell has no point before 0; extrapolating one there is the same as the cubic through the
//! points 0 to 3.

use super::super::sojourn::{Distribution, TimeGrid};
use crate::numeric::linear_algebra::dot;

/// Nodes and weights of the Gauss–Legendre rules on [0, 1] with 3 and 10 points (Abramowitz &
/// Stegun 1964, table 25.4).
const GAUSS3: [(f64, f64); 3] = [
    (0.112_701_665_379_258_31, 0.277_777_777_777_777_8),
    (0.5, 0.444_444_444_444_444_4),
    (0.887_298_334_620_741_7, 0.277_777_777_777_777_8),
];
const GAUSS10: [(f64, f64); 10] = [
    (0.013_046_735_741_414_14, 0.033_335_672_154_344_07),
    (0.067_468_316_655_507_74, 0.074_725_674_575_290_3),
    (0.160_295_215_850_487_8, 0.109_543_181_257_991_02),
    (0.283_302_302_935_376_4, 0.134_633_359_654_998_18),
    (0.425_562_830_509_184_4, 0.147_762_112_357_376_43),
    (0.574_437_169_490_815_6, 0.147_762_112_357_376_43),
    (0.716_697_697_064_623_6, 0.134_633_359_654_998_18),
    (0.839_704_784_149_512_2, 0.109_543_181_257_991_02),
    (0.932_531_683_344_492_3, 0.074_725_674_575_290_3),
    (0.986_953_264_258_585_9, 0.033_335_672_154_344_07),
];

/// Cells from 0 on whose F has its singularity too near for three nodes.
const NEAR: usize = 3;

/// A grid of time from 0 in steps of 1/`per_year`, with the quadrature nodes of its cells.
#[derive(Debug)]
pub(in crate::pathway) struct Grid {
    per_year: usize,
    cells: usize,
    nodes: TimeGrid,
}

/// ∫₀¹ xᵏ F((i + x)h) dx for k = 0, 1, 2 in every cell i.
#[derive(Debug, Clone)]
pub(in crate::pathway) struct Moments {
    cells: Vec<[f64; 3]>,
    identity: bool,
    at_zero: f64,
}

/// What convolution with one sojourn time needs.
#[derive(Debug)]
pub(in crate::pathway) struct Weights {
    w: Vec<f64>,
    /// L(i, −1) and L(i, 2), for the first points.
    before: Vec<f64>,
    after: Vec<f64>,
    /// ∫₀^(n·h) F.
    integral: Vec<f64>,
    identity: bool,
    at_zero: f64,
}

/// A function of time on the grid, 0 at 0 and before.
#[derive(Debug, Clone)]
pub(in crate::pathway) struct Path {
    pub(in crate::pathway) values: Vec<f64>,
    /// Its derivative at 0 from the right.
    pub(in crate::pathway) slope_at_zero: f64,
    /// Whether it is the straight line with that slope.
    straight: bool,
}

impl Grid {
    pub(in crate::pathway) fn new(per_year: usize, cells: usize) -> Self {
        let step = 1.0 / per_year as f64;
        let mut times = Vec::with_capacity(3 * cells + 30);
        for cell in 0..cells {
            if cell == 0 {
                times.extend(GAUSS10.iter().map(|(u, _)| u.powi(4) * step));
            } else if cell < NEAR {
                times.extend(GAUSS10.iter().map(|(x, _)| (cell as f64 + x) * step));
            } else {
                times.extend(GAUSS3.iter().map(|(x, _)| (cell as f64 + x) * step));
            }
        }
        Self {
            per_year,
            cells,
            nodes: TimeGrid::new(times),
        }
    }

    pub(in crate::pathway) const fn per_year(&self) -> usize {
        self.per_year
    }

    /// The moments of a distribution function; `buffer` is scratch space.
    pub(in crate::pathway) fn moments(
        &self,
        distribution: &Distribution,
        buffer: &mut Vec<f64>,
    ) -> Moments {
        let identity = *distribution == Distribution::None;
        let cells = if identity {
            vec![[1.0, 0.5, 1.0 / 3.0]; self.cells]
        } else {
            distribution.fill_cdf(&self.nodes, buffer);
            self.integrated(buffer)
        };
        Moments {
            cells,
            identity,
            at_zero: distribution.at_zero(),
        }
    }

    fn integrated(&self, f: &[f64]) -> Vec<[f64; 3]> {
        let mut cells = Vec::with_capacity(self.cells);
        let mut rest = f;
        for cell in 0..self.cells.min(NEAR) {
            let mut m = [0.0; 3];
            for ((u, weight), f) in GAUSS10.iter().zip(rest) {
                // x = u⁴ turns a power of x into one four times as smooth.
                let (x, weight) = if cell == 0 {
                    (u.powi(4), weight * 4.0 * u.powi(3))
                } else {
                    (*u, *weight)
                };
                let wf = weight * f;
                m[0] += wf;
                m[1] += wf * x;
                m[2] += wf * x * x;
            }
            rest = &rest[GAUSS10.len()..];
            cells.push(m);
        }
        let [(a, wa), (b, wb), (c, wc)] = GAUSS3;
        cells.extend(rest.chunks_exact(3).map(|f| {
            let (fa, fb, fc) = (wa * f[0], wb * f[1], wc * f[2]);
            [
                fa + fb + fc,
                a * fa + b * fb + c * fc,
                a * a * fa + b * b * fb + c * c * fc,
            ]
        }));
        cells
    }
}

impl Moments {
    /// The moments on the grid of twice the step.
    pub(in crate::pathway) fn coarser(&self) -> Self {
        let cells = self
            .cells
            .chunks_exact(2)
            .map(|pair| {
                let (a, b) = (pair[0], pair[1]);
                [
                    f64::midpoint(a[0], b[0]),
                    (a[1] + b[0] + b[1]) / 4.0,
                    (a[2] + b[0] + 2.0 * b[1] + b[2]) / 8.0,
                ]
            })
            .collect();
        Self {
            cells,
            identity: self.identity,
            at_zero: self.at_zero,
        }
    }

    pub(in crate::pathway) fn weights(&self, per_year: usize) -> Weights {
        let n = self.cells.len();
        let step = 1.0 / per_year as f64;
        let mut integral = Vec::with_capacity(n + 1);
        let mut sum = 0.0;
        integral.push(0.0);
        integral.extend(self.cells.iter().map(|m| {
            sum += m[0];
            sum * step
        }));
        let mut w = vec![0.0; n + 1];
        let (mut before, mut after) = (vec![0.0; n], vec![0.0; n]);
        for (i, &[m0, m1, m2]) in self.cells.iter().enumerate() {
            let l = [
                -(3.0 * m2 - m0) / 6.0,
                (3.0 * m2 - 2.0 * m1 - 2.0 * m0) / 2.0,
                -(3.0 * m2 - 4.0 * m1 - m0) / 2.0,
                (3.0 * m2 - 6.0 * m1 + 2.0 * m0) / 6.0,
            ];
            before[i] = l[0];
            after[i] = l[3];
            // L(i, d) belongs to w_k with k = i + 2 − d, d = −1, 0, 1, 2.
            w[i] += l[3];
            w[i + 1] += l[2];
            if let Some(w) = w.get_mut(i + 2) {
                *w += l[1];
            }
            if let Some(w) = w.get_mut(i + 3) {
                *w += l[0];
            }
        }
        Weights {
            w,
            before,
            after,
            integral,
            identity: self.identity,
            at_zero: self.at_zero,
        }
    }
}

impl Path {
    /// The line through 0 with a slope: people entering at a steady rate from time 0 on.
    pub(in crate::pathway) fn straight(slope: f64, step: f64, points: usize) -> Self {
        Self {
            values: (0..points).map(|n| slope * step * n as f64).collect(),
            slope_at_zero: slope,
            straight: true,
        }
    }

    /// The path times a share.
    pub(in crate::pathway) fn times(&self, share: f64) -> Self {
        Self {
            values: self.values.iter().map(|v| share * v).collect(),
            slope_at_zero: share * self.slope_at_zero,
            straight: self.straight,
        }
    }

    /// Adds another path times a share, as far as both are known.
    pub(in crate::pathway) fn add(&mut self, other: &Self, share: f64) {
        self.values
            .truncate(self.values.len().min(other.values.len()));
        for (value, other) in self.values.iter_mut().zip(&other.values) {
            *value += share * other;
        }
        self.slope_at_zero += share * other.slope_at_zero;
        self.straight &= other.straight;
    }
}

impl Weights {
    /// The convolution at all points of the grid but the last of `g`.
    pub(in crate::pathway) fn convolve(&self, g: &Path) -> Path {
        let slope_at_zero = g.slope_at_zero * self.at_zero;
        if self.identity {
            return g.clone();
        }
        if g.straight {
            return Path {
                values: self.integral[..g.values.len() - 1]
                    .iter()
                    .map(|f| g.slope_at_zero * f)
                    .collect(),
                slope_at_zero,
                straight: false,
            };
        }
        let points = g.values.len() - 1;
        let mut y = vec![0.0; points];
        toeplitz(&g.values[1..], &self.w, &mut y);
        let ghost = ghost(&g.values);
        y[0] = 0.0;
        for (n, y) in y.iter_mut().enumerate().skip(1) {
            *y += ghost * self.before[n - 1] - g.values[1] * self.after[n];
        }
        Path {
            values: y,
            slope_at_zero,
            straight: false,
        }
    }

    /// The convolution at every `stride`-th point from 0 on, `count` of them.
    pub(in crate::pathway) fn convolve_at(
        &self,
        g: &Path,
        stride: usize,
        count: usize,
    ) -> Vec<f64> {
        if self.identity {
            return g
                .values
                .iter()
                .step_by(stride)
                .take(count)
                .copied()
                .collect();
        }
        if g.straight {
            let integral = self.integral.iter().step_by(stride).take(count);
            return integral.map(|f| g.slope_at_zero * f).collect();
        }
        let reversed: Vec<f64> = g.values.iter().rev().copied().collect();
        let last = g.values.len() - 1;
        let ghost = ghost(&g.values);
        (0..count)
            .map(|i| i * stride)
            .map(|n| {
                if n == 0 {
                    return 0.0;
                }
                // g_(n+1), g_n … g_1 stand in `reversed` from last − n − 1 on.
                let from = last - (n + 1);
                let dot = dot(&reversed[from..=from + n], &self.w[..=n]);
                dot + ghost * self.before[n - 1] - g.values[1] * self.after[n]
            })
            .collect()
    }
}

/// The cubic through the points 0 to 3, one step before 0; g(0) = 0.
fn ghost(g: &[f64]) -> f64 {
    -6.0 * g[1] + 4.0 * g[2] - g[3]
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
