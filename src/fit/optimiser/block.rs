//! Consecutive terms of an objective, by columns.

use super::objective::Objective;

/// Rows of the design matrix that are held at a time.
pub(crate) const BLOCK_ROWS: usize = 32;

/// Independent partial sums of a dot product: enough for the compiler to use vector registers.
const LANES: usize = 4;

/// Up to [`BLOCK_ROWS`] consecutive terms of an objective, to be filled in by columns.
///
/// An objective that can share work between terms fills it in
/// [`Objective::block`](super::objective::Objective::block); every other objective leaves that to the
/// provided method and describes single terms.
///
/// Entry `i` of each array belongs to the `i`-th term of the block; entries from `len` on are ignored.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    /// Columns of the design, one array a parameter.
    pub(crate) columns: &'a mut [[f64; BLOCK_ROWS]],
    pub(crate) residuals: &'a mut [f64; BLOCK_ROWS],
    pub(crate) losses: &'a mut [f64; BLOCK_ROWS],
    /// Number of terms to fill in, at most [`BLOCK_ROWS`].
    pub(crate) len: usize,
}

impl Block<'_> {
    /// Writes term `i` of the block: its design row (one entry a parameter), residual and loss.
    ///
    /// Rows past `len` are ignored.
    #[inline]
    pub(crate) fn set(&mut self, i: usize, row: &[f64], residual: f64, loss: f64) {
        if i >= self.len {
            return;
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column[i] = *value;
        }
        self.residuals[i] = residual;
        self.losses[i] = loss;
    }
}

/// The storage of a [`Block`] for up to `K` parameters.
#[derive(Debug, Clone)]
pub(crate) struct Rows<const K: usize> {
    pub(crate) columns: [[f64; BLOCK_ROWS]; K],
    pub(crate) residuals: [f64; BLOCK_ROWS],
    losses: [f64; BLOCK_ROWS],
    /// Number of terms that were filled in.
    pub(crate) len: usize,
}

impl<const K: usize> Rows<K> {
    pub(crate) const fn new() -> Self {
        Self {
            columns: [[0.0; BLOCK_ROWS]; K],
            residuals: [0.0; BLOCK_ROWS],
            losses: [0.0; BLOCK_ROWS],
            len: 0,
        }
    }

    /// Has an objective fill in its terms from `first` on, as many as there are and fit.
    pub(crate) fn fill(&mut self, objective: &dyn Objective, first: usize, theta: &[f64]) {
        self.len = (objective.terms() - first).min(BLOCK_ROWS);
        let mut block = Block {
            columns: &mut self.columns[..theta.len()],
            residuals: &mut self.residuals,
            losses: &mut self.losses,
            len: self.len,
        };
        objective.block(first, theta, &mut block);
    }

    /// Makes the rows after the last one zero up to a whole number of lanes, and returns how many
    /// rows the arithmetic then runs over.
    pub(crate) fn pad(&mut self, parameters: usize) -> usize {
        let len = self.len.min(BLOCK_ROWS);
        let rows = len.next_multiple_of(LANES).min(BLOCK_ROWS);
        for column in &mut self.columns[..parameters] {
            clear_tail(column, len);
        }
        clear_tail(&mut self.residuals, len);
        rows
    }

    /// The sum of this block's losses.
    pub(crate) fn loss(&mut self) -> f64 {
        let len = self.len.min(BLOCK_ROWS);
        let rows = len.next_multiple_of(LANES).min(BLOCK_ROWS);
        clear_tail(&mut self.losses, len);
        let mut sums = [0.0; LANES];
        for losses in self.losses[..rows].as_chunks::<LANES>().0 {
            for lane in 0..LANES {
                sums[lane] += losses[lane];
            }
        }
        across(sums)
    }
}

/// Makes the entries from `len` on zero up to a whole number of lanes.
#[inline]
fn clear_tail(entries: &mut [f64; BLOCK_ROWS], len: usize) {
    if let Some(last) = entries.as_chunks_mut::<LANES>().0.get_mut(len / LANES) {
        // Each lane is written: no loop for so few, and no call.
        for (lane, entry) in last.iter_mut().enumerate() {
            *entry = if lane < len % LANES { *entry } else { 0.0 };
        }
    }
}

/// The sum of the lanes.
#[inline]
fn across(lanes: [f64; LANES]) -> f64 {
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
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
    across(sums)
}

/// `y += a·x`; the lengths are equal multiples of [`LANES`].
#[inline]
pub(crate) fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    let (x, _) = x.as_chunks::<LANES>();
    let (y, _) = y.as_chunks_mut::<LANES>();
    for (y, x) in y.iter_mut().zip(x) {
        for lane in 0..LANES {
            y[lane] += a * x[lane];
        }
    }
}
