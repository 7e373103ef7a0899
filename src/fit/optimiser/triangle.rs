//! Least squares on a triangle: the dense linear algebra of a fit with few parameters.
//!
//! Everything lives in arrays on the stack, of as many entries as the problem's capacity `K`: the
//! least of [`SMALL`] and [`MAX_PARAMETERS`] that holds its parameters. A design matrix of any length is
//! never stored: its rows pass through a [`Block`](super::block::Block), and each block is folded
//! into the upper triangular factor of everything seen so far by Householder reflections (Golub
//! and Van Loan, *Matrix Computations*, 4th ed., 2013, sections 5.2 and 5.3), so that the condition
//! number enters once and not squared. A design of one block, of few columns and far from singular
//! is factored through the normal equations instead, which is faster and loses nothing there; see
//! [`Triangle::factor_products`].

#![expect(
    clippy::needless_range_loop,
    reason = "indices of rows and columns, as in the formulae"
)]

use std::cmp::Ordering;

use super::block::{BLOCK_ROWS, Rows, axpy, dot};
use super::parameter_set::ParameterSet;

/// Greatest number of parameters of one fit.
pub(crate) const MAX_PARAMETERS: usize = 12;

/// Capacity for the parameters of most curves: a third of the storage to clear and to copy.
pub(crate) const SMALL: usize = 4;

/// One number per parameter; entries past the number of parameters are zero and unused.
pub(crate) type Vector<const K: usize> = [f64; K];

/// A square matrix stored by columns: `m[j][i]` is row `i` of column `j`.
pub(crate) type Matrix<const K: usize> = [[f64; K]; K];

/// Least part of a column's square that the columns before it must leave for the products to do.
const LEAST_PART: f64 = 1e-4;

/// The same for the residuals, of which only the scale matters.
const LEAST_REST: f64 = 1e-8;

/// Work of order `k`; where that is the whole capacity, as it is for up to [`SMALL`] parameters that are all
/// free, with a constant in its place, so that the compiler unrolls the loops.
#[inline]
fn of_order<const K: usize, T>(k: usize, work: impl Fn(usize) -> T) -> T {
    if k == K && K <= SMALL {
        work(K)
    } else {
        work(k)
    }
}

/// The Euclidean norm of the first entries of a vector.
#[inline]
pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The upper triangular factor of `J = QR` with `c`, the first entries of `Qᵀr`, and the sum of
/// squares of the others.
#[derive(Debug)]
pub(crate) struct Triangle<const K: usize> {
    /// Number of columns.
    pub(crate) k: usize,
    /// Columns of `R`; column `j` has entries `0..=j`.
    pub(crate) r: Matrix<K>,
    /// The first `k` entries of `Qᵀr`.
    pub(crate) c: Vector<K>,
    /// `‖r‖² − ‖c‖²`, from its own sum and not by subtraction.
    pub(crate) rest: f64,
}

impl<const K: usize> Clone for Triangle<K> {
    // Only the columns in use: with few parameters the rest is most of the copy.
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.k);
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, from: &Self) {
        self.k = from.k;
        self.r[..from.k].copy_from_slice(&from.r[..from.k]);
        self.c = from.c;
        self.rest = from.rest;
    }
}

impl<const K: usize> Triangle<K> {
    pub(crate) const fn new(k: usize) -> Self {
        Self {
            k,
            r: [[0.0; K]; K],
            c: [0.0; K],
            rest: 0.0,
        }
    }

    /// The same with the greatest capacity.
    pub(crate) fn widened(&self) -> Triangle<MAX_PARAMETERS> {
        let mut wide = Triangle::new(self.k);
        for (to, from) in wide.r.iter_mut().zip(&self.r) {
            to[..K].copy_from_slice(from);
        }
        wide.c[..K].copy_from_slice(&self.c);
        wide.rest = self.rest;
        wide
    }

    /// Forgets all rows.
    pub(crate) fn clear(&mut self) {
        for (j, column) in self.r[..self.k].iter_mut().enumerate() {
            column[..=j].fill(0.0);
        }
        self.c[..self.k].fill(0.0);
        self.rest = 0.0;
    }

    /// Folds the rows of a block into the factor. The block's contents are used up.
    ///
    /// Under row `j` of the triangle all that is left to eliminate in column `j` is the block, so
    /// that a reflection touches one entry of the triangle and the block's rows.
    pub(crate) fn append(&mut self, block: &mut Rows<K>) {
        let k = self.k;
        let rows = block.pad(k);
        let columns = &mut block.columns;
        let residuals = &mut block.residuals[..rows];
        for j in 0..k {
            let (done, later) = columns[..k].split_at_mut(j + 1);
            let x = &done[j][..rows];
            let below = dot(x, x);
            if below == 0.0 {
                continue;
            }
            let top = self.r[j][j];
            let length = (top * top + below).sqrt();
            let new_top = if top > 0.0 { -length } else { length };
            let v = top - new_top;
            // The reflection is I − 2vvᵀ/(vᵀv), and vᵀv = −2·new_top·v.
            let factor = 1.0 / (new_top * v);
            self.r[j][j] = new_top;
            for (column, y) in self.r[j + 1..k].iter_mut().zip(later) {
                let y = &mut y[..rows];
                let s = (v * column[j] + dot(x, y)) * factor;
                column[j] += s * v;
                axpy(s, x, y);
            }
            let s = (v * self.c[j] + dot(x, residuals)) * factor;
            self.c[j] += s * v;
            axpy(s, x, residuals);
        }
        self.rest += dot(residuals, residuals);
    }

    /// The factor of a block alone, from `JᵀJ` and `Jᵀr` by Cholesky's method: half the work
    /// of the reflections. Writes the norms of the columns and `Jᵀr` too, which are among the products.
    /// False, with everything in disorder, where the columns are so far from orthogonal that squaring the
    /// condition number would be felt, or a number is not finite; the block is as before.
    ///
    /// A pivot `r_jj²` is what is left of `‖column j‖²` after the columns before it are taken out. It
    /// is relatively wrong by the unit roundoff over the part that is left, so that with
    /// [`LEAST_PART`] eleven digits of the standard errors hold.
    pub(crate) fn factor_products(
        &mut self,
        block: &mut Rows<K>,
        norms: &mut Vector<K>,
        descent: &mut Vector<K>,
    ) -> bool {
        // With a number of columns that the compiler knows the sums stay in registers.
        match self.k {
            2 => self.factor_products_of::<3>(block, norms, descent),
            3 => self.factor_products_of::<4>(block, norms, descent),
            4 => self.factor_products_of::<5>(block, norms, descent),
            _ => false,
        }
    }

    /// The same for `N` columns, of which the last one is the residuals.
    #[inline]
    fn factor_products_of<const N: usize>(
        &mut self,
        block: &mut Rows<K>,
        norms: &mut Vector<K>,
        descent: &mut Vector<K>,
    ) -> bool {
        let rows = block.pad(N - 1);
        let products = products::<N, K>(block, rows);
        // Cholesky's factor of all of it, the last column of which holds `c` and its diagonal the rest: as
        // L·D·Lᵀ first, whose pivots wait for one division each and for no root.
        let mut part = [[0.0; N]; N];
        let mut lower = [[0.0; N]; N];
        let mut over = [0.0; N];
        let mut pivots = [0.0; N];
        for j in 0..N {
            let mut pivot = products[j][j];
            for i in 0..j {
                let mut entry = products[j][i];
                for l in 0..i {
                    entry -= lower[i][l] * part[j][l];
                }
                part[j][i] = entry;
                lower[j][i] = entry * over[i];
                pivot -= entry * lower[j][i];
            }
            let least = if j == N - 1 { LEAST_REST } else { LEAST_PART };
            // NaN fails too, and with it the difference of infinities.
            if pivot.partial_cmp(&(least * products[j][j])) != Some(Ordering::Greater) {
                return false;
            }
            pivots[j] = pivot;
            over[j] = pivot.recip();
        }
        self.rest = pivots[N - 1];
        let roots = pivots.map(f64::sqrt);
        for j in 0..N - 1 {
            for i in 0..j {
                self.r[j][i] = lower[j][i] * roots[i];
            }
            self.r[j][j] = roots[j];
            self.c[j] = lower[N - 1][j] * roots[j];
        }
        for j in 0..N - 1 {
            norms[j] = products[j][j].sqrt();
            descent[j] = products[N - 1][j];
        }
        true
    }

    /// Whether every number of the factor is finite.
    pub(crate) fn is_finite(&self) -> bool {
        // Infinities of opposite sign sum to NaN and equal ones to infinity: one test at the end.
        of_order::<K, _>(self.k, |k| {
            let mut sum = self.rest;
            for (j, column) in self.r[..k].iter().enumerate() {
                sum += column[..=j].iter().map(|x| x.abs()).sum::<f64>() + self.c[j].abs();
            }
            sum.is_finite()
        })
    }

    /// `‖r‖²`.
    pub(crate) fn residual_squares(&self) -> f64 {
        of_order::<K, _>(self.k, |k| {
            self.c[..k].iter().map(|c| c * c).sum::<f64>() + self.rest
        })
    }

    /// Euclidean norms of the columns of `J`.
    pub(crate) fn column_norms(&self) -> Vector<K> {
        of_order::<K, _>(self.k, |k| {
            let mut norms = [0.0; K];
            for j in 0..k {
                norms[j] = norm(&self.r[j][..=j]);
            }
            norms
        })
    }

    /// `Jᵀr = Rᵀc`.
    pub(crate) fn descent(&self) -> Vector<K> {
        of_order::<K, _>(self.k, |k| {
            let mut y = [0.0; K];
            for j in 0..k {
                y[j] = self.r[j][..=j]
                    .iter()
                    .zip(&self.c)
                    .map(|(r, c)| r * c)
                    .sum();
            }
            y
        })
    }

    /// `Rx`.
    pub(crate) fn times(&self, x: &Vector<K>) -> Vector<K> {
        of_order::<K, _>(self.k, |k| {
            let mut y = [0.0; K];
            for j in 0..k {
                for (y, r) in y[..=j].iter_mut().zip(&self.r[j]) {
                    *y += r * x[j];
                }
            }
            y
        })
    }

    /// Solves `Rx = b`, or `None` where a diagonal entry is lost against its column: with
    /// `|r_jj| ≤ threshold·‖column j‖`, column `j` is a combination of those before it.
    pub(crate) fn solve(
        &self,
        b: &Vector<K>,
        norms: &Vector<K>,
        threshold: f64,
    ) -> Option<Vector<K>> {
        of_order::<K, _>(self.k, |k| {
            let mut x = *b;
            for j in (0..k).rev() {
                let diagonal = self.r[j][j];
                if diagonal.abs() <= threshold * norms[j] {
                    return None;
                }
                x[j] /= diagonal;
                let xj = x[j];
                for (x, r) in x[..j].iter_mut().zip(&self.r[j]) {
                    *x -= r * xj;
                }
            }
            Some(x)
        })
    }

    /// Solves `Rᵀx = b`; the diagonal must not contain zero.
    pub(crate) fn solve_transposed(&self, b: &Vector<K>) -> Vector<K> {
        let mut x = *b;
        for j in 0..self.k {
            let s: f64 = self.r[j][..j].iter().zip(&x).map(|(r, x)| r * x).sum();
            x[j] = (x[j] - s) / self.r[j][j];
        }
        x
    }

    /// The factor that belongs to some of the columns only.
    pub(crate) fn select(&self, columns: ParameterSet) -> Self {
        let m = columns.len();
        if m == self.k {
            return self.clone();
        }
        let mut out = Self::new(m);
        let mut c = self.c;
        for (to, from) in out.r.iter_mut().zip(columns.iter()) {
            to[..=from].copy_from_slice(&self.r[from][..=from]);
        }
        for j in 0..m {
            // Rotations from the last row upwards keep the zeros below each column's own end.
            for i in (j + 1..self.k).rev() {
                let (a, b) = (out.r[j][i - 1], out.r[j][i]);
                if b == 0.0 {
                    continue;
                }
                let h = a.hypot(b);
                let (cos, sin) = (a / h, b / h);
                for column in &mut out.r[j..m] {
                    rotate(column, i - 1, i, cos, sin);
                }
                rotate(&mut c, i - 1, i, cos, sin);
            }
        }
        out.c[..m].copy_from_slice(&c[..m]);
        out.rest = self.rest + c[m..self.k].iter().map(|c| c * c).sum::<f64>();
        out
    }

    /// The factor of `[J; diag(d)]` with residuals `[r; 0]`.
    pub(crate) fn damped(&self, d: &Vector<K>) -> Self {
        of_order::<K, _>(self.k, |k| {
            let mut out = self.clone();
            for (first, entry) in d[..k].iter().enumerate() {
                let mut row = [0.0; K];
                row[first] = *entry;
                let mut row_c = 0.0;
                for j in first..k {
                    if row[j] == 0.0 {
                        continue;
                    }
                    let a = out.r[j][j];
                    let over = (a * a + row[j] * row[j]).sqrt().recip();
                    let (cos, sin) = (a * over, row[j] * over);
                    for (column, low) in out.r[j..k].iter_mut().zip(&mut row[j..]) {
                        let high = column[j];
                        column[j] = cos * high + sin * *low;
                        *low = cos * *low - sin * high;
                    }
                    let high = out.c[j];
                    out.c[j] = cos * high + sin * row_c;
                    row_c = cos * row_c - sin * high;
                }
            }
            out
        })
    }

    /// Frobenius condition number `‖A‖·‖A⁻¹‖` of `A = R·diag(1/‖column‖)`; infinite for a zero
    /// column or diagonal. The 2-norm condition number lies between a `k`-th of it and itself.
    pub(crate) fn scaled_condition(&self, norms: &Vector<K>) -> f64 {
        let inverse = of_order::<K, _>(self.k, |k| {
            let mut inverse = 0.0;
            for j in 0..k {
                if self.r[j][j] == 0.0 {
                    return f64::INFINITY;
                }
                // Column j of R⁻¹, each entry scaled with its own column's norm.
                let mut x = [0.0; K];
                x[j] = 1.0 / self.r[j][j];
                let mut sum = (x[j] * norms[j]).powi(2);
                for i in (0..j).rev() {
                    let s: f64 = (i + 1..=j).map(|l| self.r[l][i] * x[l]).sum();
                    x[i] = -s / self.r[i][i];
                    sum += (x[i] * norms[i]).powi(2);
                }
                inverse += sum;
            }
            inverse
        });
        let condition = (inverse * self.k as f64).sqrt();
        if condition.is_finite() {
            condition
        } else {
            f64::INFINITY
        }
    }
}

/// Inner products of the first `N - 1` columns of a block and its residuals, each with each of those
/// before it.
#[inline]
fn products<const N: usize, const K: usize>(block: &Rows<K>, rows: usize) -> [[f64; N]; N] {
    let parts: [_; N] = std::array::from_fn(|j| {
        let column = if j < N - 1 {
            &block.columns[j]
        } else {
            &block.residuals
        };
        column.as_chunks::<2>().0
    });
    let pairs = rows.min(BLOCK_ROWS) / 2;
    let mut all = [[0.0; N]; N];
    for a in 0..N {
        // One column with each of those before it: few enough sums for the registers.
        let mut sums = [[0.0; 2]; N];
        for i in 0..pairs {
            let x = parts[a][i];
            for b in 0..=a {
                let y = parts[b][i];
                for lane in 0..2 {
                    sums[b][lane] += x[lane] * y[lane];
                }
            }
        }
        all[a] = sums.map(|[even, odd]| even + odd);
    }
    all
}

/// Applies a plane rotation to two entries of a column.
#[inline]
fn rotate<const K: usize>(column: &mut Vector<K>, high: usize, low: usize, cos: f64, sin: f64) {
    let (a, b) = (column[high], column[low]);
    column[high] = cos * a + sin * b;
    column[low] = cos * b - sin * a;
}
