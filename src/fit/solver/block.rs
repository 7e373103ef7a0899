//! Consecutive terms of an objective, by columns.

use super::linalg::{MAX_PARAMETERS, Vector};

/// Rows of the design matrix that are held at a time.
pub const BLOCK_ROWS: usize = 32;

/// Independent partial sums of a dot product: enough for the compiler to use vector registers.
const LANES: usize = 4;

/// Up to [`BLOCK_ROWS`] consecutive terms of an objective, stored by columns.
///
/// An objective that can share work between terms fills it in
/// [`Objective::block`](super::objective::Objective::block); every other objective leaves that to the
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
    pub(crate) fn pad(&mut self, parameters: usize) -> usize {
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

    /// The residuals, for reading.
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
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
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
pub(crate) fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}
