//! Least squares on a triangle: the dense linear algebra of a fit with few parameters.
//!
//! Everything lives in arrays of [`MAX_PARAMETERS`] on the stack. A design matrix of any length is
//! never stored: its rows pass through a [`Block`] of [`BLOCK_ROWS`] rows, and each block is folded
//! into the upper triangular factor of everything seen so far by Householder reflections (Golub
//! and Van Loan, *Matrix Computations*, 4th ed., 2013, sections 5.2 and 5.3). The normal equations
//! are never formed, so that the condition number enters once and not squared.

/// Greatest number of parameters of one fit.
pub const MAX_PARAMETERS: usize = 12;

/// Rows of the design matrix that are held at a time.
pub const BLOCK_ROWS: usize = 32;

/// Independent partial sums of a dot product: enough for the compiler to use vector registers.
const LANES: usize = 4;

/// One number per parameter; entries past the number of parameters are zero and unused.
pub(crate) type Vector = [f64; MAX_PARAMETERS];

/// A square matrix stored by columns: `m[j][i]` is row `i` of column `j`.
pub(crate) type Matrix = [Vector; MAX_PARAMETERS];

/// Up to [`BLOCK_ROWS`] consecutive terms of an objective, stored by columns.
///
/// An objective that can share work between terms fills it in
/// [`Objective::block`](super::minimise::Objective::block); every other objective leaves that to the
/// provided method and describes single terms.
#[derive(Debug, Clone)]
pub struct Block {
    columns: [[f64; BLOCK_ROWS]; MAX_PARAMETERS],
    residuals: [f64; BLOCK_ROWS],
    losses: [f64; BLOCK_ROWS],
    len: usize,
}

impl Block {
    pub(crate) const fn new() -> Self {
        Self {
            columns: [[0.0; BLOCK_ROWS]; MAX_PARAMETERS],
            residuals: [0.0; BLOCK_ROWS],
            losses: [0.0; BLOCK_ROWS],
            len: 0,
        }
    }

    /// Number of terms to fill in, at most [`BLOCK_ROWS`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no term to fill in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The storage to fill in: columns of the design, one array a parameter, then residuals and
    /// losses. Entry `i` of each array belongs to the `i`-th term of the block; entries from
    /// [`len`](Self::len) on are ignored.
    pub fn storage(
        &mut self,
    ) -> (
        &mut [[f64; BLOCK_ROWS]; MAX_PARAMETERS],
        &mut [f64; BLOCK_ROWS],
        &mut [f64; BLOCK_ROWS],
    ) {
        (&mut self.columns, &mut self.residuals, &mut self.losses)
    }

    /// Writes term `i` of the block: its design row (one entry a parameter), residual and loss.
    ///
    /// Rows past [`len`](Self::len) are ignored.
    #[inline]
    pub fn set(&mut self, i: usize, row: &[f64], residual: f64, loss: f64) {
        if i >= self.len {
            return;
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column[i] = *value;
        }
        self.residuals[i] = residual;
        self.losses[i] = loss;
    }

    pub(crate) fn resize(&mut self, len: usize) {
        self.len = len.min(BLOCK_ROWS);
    }

    /// Makes the rows after the last one zero up to a whole number of lanes, and returns how many
    /// rows the arithmetic then runs over.
    fn pad(&mut self, parameters: usize) -> usize {
        let rows = self.len.next_multiple_of(LANES);
        for i in self.len..rows {
            for column in &mut self.columns[..parameters] {
                column[i] = 0.0;
            }
            self.residuals[i] = 0.0;
            self.losses[i] = 0.0;
        }
        rows
    }

    /// Adds this block's losses: (sum, sum of absolute values).
    pub(crate) fn losses(&self) -> (f64, f64) {
        self.losses[..self.len]
            .iter()
            .fold((0.0, 0.0), |(s, a), l| (s + l, a + l.abs()))
    }

    /// Adds `Jᵀr` of this block to `sum`.
    pub(crate) fn accumulate_gradient(&mut self, parameters: usize, sum: &mut Vector) {
        let rows = self.pad(parameters);
        for (s, column) in sum.iter_mut().zip(&self.columns[..parameters]) {
            *s += dot(&column[..rows], &self.residuals[..rows]);
        }
    }

    /// Replaces the residuals by `after − before`, both with `Jp` removed by the caller's weights.
    pub(crate) fn residuals(&self) -> &[f64] {
        &self.residuals[..self.len]
    }

    /// The design columns, for reading.
    pub(crate) fn columns(&self) -> &[[f64; BLOCK_ROWS]; MAX_PARAMETERS] {
        &self.columns
    }
}

/// Inner product with [`LANES`] partial sums; the lengths are equal multiples of [`LANES`].
#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, _) = a.as_chunks::<LANES>();
    let (b, _) = b.as_chunks::<LANES>();
    for (x, y) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// `y += a·x`.
#[inline]
fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// The Euclidean norm of the first entries of a vector.
#[inline]
pub(crate) fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The upper triangular factor of `J = QR` with `c`, the first entries of `Qᵀr`, and the sum of
/// squares of the others.
#[derive(Debug, Clone)]
pub(crate) struct Triangle {
    /// Number of columns.
    pub(crate) k: usize,
    /// Columns of `R`; column `j` has entries `0..=j`.
    pub(crate) r: Matrix,
    /// The first `k` entries of `Qᵀr`.
    pub(crate) c: Vector,
    /// `‖r‖² − ‖c‖²`, from its own sum and not by subtraction.
    pub(crate) rest: f64,
}

impl Triangle {
    pub(crate) const fn new(k: usize) -> Self {
        Self {
            k,
            r: [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS],
            c: [0.0; MAX_PARAMETERS],
            rest: 0.0,
        }
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
    pub(crate) fn append(&mut self, block: &mut Block) {
        let k = self.k;
        let rows = block.pad(k);
        let residuals = &mut block.residuals[..rows];
        for j in 0..k {
            let (done, later) = block.columns[..k].split_at_mut(j + 1);
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

    /// Whether every number of the factor is finite.
    pub(crate) fn is_finite(&self) -> bool {
        // Infinities of opposite sign sum to NaN and equal ones to infinity: one test at the end.
        let mut sum = self.rest;
        for (j, column) in self.r[..self.k].iter().enumerate() {
            sum += column[..=j].iter().map(|x| x.abs()).sum::<f64>() + self.c[j].abs();
        }
        sum.is_finite()
    }

    /// Euclidean norms of the columns of `J`.
    pub(crate) fn column_norms(&self) -> Vector {
        let mut norms = [0.0; MAX_PARAMETERS];
        for j in 0..self.k {
            norms[j] = norm(&self.r[j][..=j]);
        }
        norms
    }

    /// `Jᵀr = Rᵀc`.
    pub(crate) fn descent(&self) -> Vector {
        self.transposed_times(&self.c)
    }

    /// `Rᵀx`.
    pub(crate) fn transposed_times(&self, x: &Vector) -> Vector {
        let mut y = [0.0; MAX_PARAMETERS];
        for j in 0..self.k {
            y[j] = self.r[j][..=j].iter().zip(x).map(|(r, x)| r * x).sum();
        }
        y
    }

    /// `Rx`.
    pub(crate) fn times(&self, x: &Vector) -> Vector {
        let mut y = [0.0; MAX_PARAMETERS];
        for j in 0..self.k {
            for (y, r) in y[..=j].iter_mut().zip(&self.r[j]) {
                *y += r * x[j];
            }
        }
        y
    }

    /// Solves `Rx = b`, or `None` where a diagonal entry is lost against its column: with
    /// `|r_jj| ≤ threshold·‖column j‖`, column `j` is a combination of those before it.
    pub(crate) fn solve(&self, b: &Vector, norms: &Vector, threshold: f64) -> Option<Vector> {
        let mut x = *b;
        for j in (0..self.k).rev() {
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
    }

    /// Solves `Rᵀx = b`; the diagonal must not contain zero.
    pub(crate) fn solve_transposed(&self, b: &Vector) -> Vector {
        let mut x = *b;
        for j in 0..self.k {
            let s: f64 = self.r[j][..j].iter().zip(&x).map(|(r, x)| r * x).sum();
            x[j] = (x[j] - s) / self.r[j][j];
        }
        x
    }

    /// The factor that belongs to some of the columns only, in the given order.
    pub(crate) fn select(&self, columns: &[usize]) -> Self {
        let mut out = Self::new(columns.len());
        let mut work: Matrix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
        let mut c = self.c;
        for (to, from) in work.iter_mut().zip(columns) {
            to[..=*from].copy_from_slice(&self.r[*from][..=*from]);
        }
        for j in 0..columns.len() {
            // Rotations from the last row upwards keep the zeros below each column's own end.
            for i in (j + 1..self.k).rev() {
                let (a, b) = (work[j][i - 1], work[j][i]);
                if b == 0.0 {
                    continue;
                }
                let h = a.hypot(b);
                let (cos, sin) = (a / h, b / h);
                for column in &mut work[j..columns.len()] {
                    rotate(column, i - 1, i, cos, sin);
                }
                rotate(&mut c, i - 1, i, cos, sin);
            }
            out.r[j] = work[j];
        }
        let m = columns.len();
        out.c[..m].copy_from_slice(&c[..m]);
        out.rest = self.rest + c[m..self.k].iter().map(|c| c * c).sum::<f64>();
        out
    }

    /// The factor of `[J; diag(d)]` with residuals `[r; 0]`.
    pub(crate) fn damped(&self, d: &Vector) -> Self {
        let mut out = Self::new(self.k);
        out.r[..self.k].copy_from_slice(&self.r[..self.k]);
        out.c = self.c;
        out.rest = self.rest;
        for (first, entry) in d[..self.k].iter().enumerate() {
            let mut row = [0.0; MAX_PARAMETERS];
            row[first] = *entry;
            let mut row_c = 0.0;
            for j in first..self.k {
                if row[j] == 0.0 {
                    continue;
                }
                let a = out.r[j][j];
                let h = (a * a + row[j] * row[j]).sqrt();
                let (cos, sin) = (a / h, row[j] / h);
                for (column, low) in out.r[j..self.k].iter_mut().zip(&mut row[j..]) {
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
    }

    /// Frobenius condition number `‖A‖·‖A⁻¹‖` of `A = R·diag(1/‖column‖)`; infinite for a zero
    /// column or diagonal. The 2-norm condition number lies between a `k`-th of it and itself.
    pub(crate) fn scaled_condition(&self, norms: &Vector) -> f64 {
        let mut inverse = 0.0;
        for j in 0..self.k {
            if self.r[j][j] == 0.0 {
                return f64::INFINITY;
            }
            // Column j of R⁻¹, each entry scaled with its own column's norm.
            let mut x = [0.0; MAX_PARAMETERS];
            x[j] = 1.0 / self.r[j][j];
            let mut sum = (x[j] * norms[j]).powi(2);
            for i in (0..j).rev() {
                let s: f64 = (i + 1..=j).map(|l| self.r[l][i] * x[l]).sum();
                x[i] = -s / self.r[i][i];
                sum += (x[i] * norms[i]).powi(2);
            }
            inverse += sum;
        }
        let condition = (inverse * self.k as f64).sqrt();
        if condition.is_finite() {
            condition
        } else {
            f64::INFINITY
        }
    }

    /// `(RᵀR)⁻¹ = R⁻¹R⁻ᵀ`, or `None` where the diagonal contains zero.
    pub(crate) fn inverse_of_gram(&self) -> Option<Matrix> {
        let k = self.k;
        let mut inverse: Matrix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
        for j in 0..k {
            let mut e = [0.0; MAX_PARAMETERS];
            e[j] = 1.0;
            inverse[j] = self.solve(&e, &[0.0; MAX_PARAMETERS], 0.0)?;
        }
        let mut gram: Matrix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
        for a in 0..k {
            for b in a..k {
                let s: f64 = (b..k).map(|l| inverse[l][a] * inverse[l][b]).sum();
                gram[a][b] = s;
                gram[b][a] = s;
            }
        }
        Some(gram)
    }

    /// Singular values of `R·diag(1/‖column‖)` and its right singular vectors (columns), by
    /// one-sided Jacobi rotations (Hestenes 1958, doi:10.1137/0106005). A zero column is left
    /// unscaled and gives a singular value of zero.
    pub(crate) fn scaled_singular(&self, norms: &Vector) -> (Vector, Matrix) {
        /// Rotations converge quadratically; ten sweeps are more than twelve columns need.
        const SWEEPS: usize = 30;
        let k = self.k;
        let mut a: Matrix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
        let mut v: Matrix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
        for j in 0..k {
            let scale = if norms[j] > 0.0 { 1.0 / norms[j] } else { 1.0 };
            for i in 0..=j {
                a[j][i] = self.r[j][i] * scale;
            }
            v[j][j] = 1.0;
        }
        for _ in 0..SWEEPS {
            let mut rotated = false;
            for p in 0..k {
                for q in p + 1..k {
                    let alpha: f64 = a[p][..k].iter().map(|x| x * x).sum();
                    let beta: f64 = a[q][..k].iter().map(|x| x * x).sum();
                    let gamma: f64 = a[p][..k].iter().zip(&a[q]).map(|(x, y)| x * y).sum();
                    if gamma.abs() <= f64::EPSILON * (alpha * beta).sqrt() || gamma == 0.0 {
                        continue;
                    }
                    rotated = true;
                    let zeta = (beta - alpha) / (2.0 * gamma);
                    let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                    let cos = 1.0 / t.hypot(1.0);
                    let sin = cos * t;
                    for m in [&mut a, &mut v] {
                        let (left, right) = m.split_at_mut(q);
                        for (x, y) in left[p][..k].iter_mut().zip(&mut right[0][..k]) {
                            (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
                        }
                    }
                }
            }
            if !rotated {
                break;
            }
        }
        let mut values = [0.0; MAX_PARAMETERS];
        for j in 0..k {
            values[j] = norm(&a[j][..k]);
        }
        (values, v)
    }
}

/// Applies a plane rotation to two entries of a column.
#[inline]
fn rotate(column: &mut Vector, high: usize, low: usize, cos: f64, sin: f64) {
    let (a, b) = (column[high], column[low]);
    column[high] = cos * a + sin * b;
    column[low] = cos * b - sin * a;
}

/// Lower triangular Cholesky factor of a symmetric matrix of order `k`, stored by columns.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    k: usize,
    l: Matrix,
}

impl Cholesky {
    /// Factors `a`, or returns `None` where a pivot is not greater than `least`.
    pub(crate) fn new(a: &Matrix, k: usize, least: f64) -> Option<Self> {
        let mut l = *a;
        for j in 0..k {
            let pivot = l[j][j];
            if pivot.is_nan() || pivot <= least {
                return None;
            }
            let root = pivot.sqrt();
            for x in &mut l[j][j..k] {
                *x /= root;
            }
            let (left, right) = l.split_at_mut(j + 1);
            let from = &left[j];
            for (offset, column) in right[..k - j - 1].iter_mut().enumerate() {
                let q = j + 1 + offset;
                for i in q..k {
                    column[i] -= from[i] * from[q];
                }
            }
        }
        Some(Self { k, l })
    }

    /// Solves `Ax = b`.
    pub(crate) fn solve(&self, b: &Vector) -> Vector {
        let mut x = *b;
        for j in 0..self.k {
            x[j] /= self.l[j][j];
            for i in j + 1..self.k {
                x[i] -= self.l[j][i] * x[j];
            }
        }
        for j in (0..self.k).rev() {
            let s: f64 = (j + 1..self.k).map(|i| self.l[j][i] * x[i]).sum();
            x[j] = (x[j] - s) / self.l[j][j];
        }
        x
    }
}
