//! Linear algebra with matrices of a few rows, as nested lists of rows.
//!
//! The equations that a fit solves thousands of times have a factorisation of their own, beside the
//! optimiser.

/// The inner product of two lists of equal length, with eight running sums for long ones.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    debug_assert_eq!(a.len(), b.len());
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The Cholesky root of a matrix: a lower triangular L with A = L·Lᵀ.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cholesky {
    /// The rows of L, each as long as its number (from 1).
    pub(crate) root: Vec<Vec<f64>>,
    /// The largest part of A that L·Lᵀ cannot make up, relative to the diagonal: 0 but for rounding,
    /// √ε or so at most, where A is positive semidefinite.
    pub(crate) defect: f64,
}

impl Cholesky {
    /// The root of the symmetric matrix of order `n` with these entries, of which the lower triangle
    /// is read. The matrix may be positive semidefinite: a row that depends on those before it has a
    /// column of zeros.
    pub(crate) fn new(n: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let mut root: Vec<Vec<f64>> = Vec::with_capacity(n);
        let mut defect = 0.0_f64;
        for i in 0..n {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            let diagonal = entry(i, i).max(0.0);
            for j in 0..i {
                let left = entry(i, j) - dot(&row, &root[j][..j]);
                let pivot = root[j][j];
                if pivot > 0.0 {
                    row.push(left / pivot);
                } else {
                    row.push(0.0);
                    defect = defect.max(relative(left.abs(), (diagonal * entry(j, j)).sqrt()));
                }
            }
            let left = entry(i, i) - dot(&row, &row);
            // What is left of a dependent row is the rounding of its sum.
            let rounding = (i + 1) as f64 * f64::EPSILON * diagonal;
            defect = defect.max(relative(-left, diagonal));
            row.push(if left > rounding { left.sqrt() } else { 0.0 });
            root.push(row);
        }
        Self { root, defect }
    }
}

/// A part of a whole; of a whole that is 0, any part is without bounds.
fn relative(part: f64, whole: f64) -> f64 {
    if part > 0.0 { part / whole } else { 0.0 }
}

/// The solution of linear equations, by elimination with row pivots. Each row holds the coefficients
/// of one equation and, last, its right side; `None` where the matrix is singular.
pub(crate) fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        rows.swap(column, pivot);
        if rows[column][column] == 0.0 {
            return None;
        }
        let (above, below) = rows.split_at_mut(column + 1);
        let head = &above[column];
        for row in below {
            let factor = row[column] / head[column];
            for (cell, top) in row.iter_mut().zip(head).skip(column) {
                *cell -= factor * top;
            }
        }
    }
    let mut solution = vec![0.0; n];
    for i in (0..n).rev() {
        let known = dot(&rows[i][i + 1..n], &solution[i + 1..]);
        solution[i] = (rows[i][n] - known) / rows[i][i];
    }
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

/// Eigenvalues and eigenvectors of a symmetric matrix, in no order, by Jacobi's rotations: Golub & Van
/// Loan (2013), Matrix Computations, fourth edition, section 8.5. The vectors have length 1.
pub(crate) fn symmetric_eigen(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    // Convergence is quadratic: fewer than ten sweeps are seen in practice.
    const SWEEPS: usize = 50;
    let n = a.len();
    let size = a
        .iter()
        .flatten()
        .fold(0.0_f64, |most, x| most.max(x.abs()));
    let mut vectors: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                // What is left changes no eigenvalue and no vector by rounding.
                if a[p][q].abs() <= f64::MIN_POSITIVE.max(f64::EPSILON.powi(2) * size) {
                    continue;
                }
                rotated = true;
                let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                for matrix in [&mut a, &mut vectors] {
                    let (upper, lower) = matrix.split_at_mut(q);
                    for (x, y) in upper[p].iter_mut().zip(&mut lower[0]) {
                        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                    }
                }
            }
        }
        if !rotated {
            break;
        }
    }
    vectors
        .into_iter()
        .enumerate()
        .map(|(i, vector)| (a[i][i], vector))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The root times its transpose is the matrix; three numbers that are one have rank one; two that
    /// are one cannot differ in their correlation with a third.
    #[test]
    fn roots_of_matrices() {
        let matrix = [[1.0, 0.5, 0.2], [0.5, 1.0, 0.2], [0.2, 0.2, 1.0]];
        let of = |matrix: [[f64; 3]; 3]| Cholesky::new(3, |i, j| matrix[i][j]);
        let full = of(matrix);
        for i in 0..3 {
            for j in 0..=i {
                let product = dot(&full.root[i][..=j], &full.root[j]);
                assert_relative_eq!(product, matrix[i][j], epsilon = 1e-15);
            }
        }
        assert!(full.defect < 1e-15);
        let one = of([[1.0; 3]; 3]);
        assert_eq!(one.root, [vec![1.0], vec![1.0, 0.0], vec![1.0, 0.0, 0.0]]);
        assert!(one.defect < 1e-15);
        let nothing = of([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [2.0, 0.0, 1.0]]);
        assert_eq!(nothing.root, [vec![2.0], vec![0.0; 2], vec![1.0, 0.0, 0.0]]);
        assert!(nothing.defect == 0.0);
        let impossible = of([[1.0, 1.0, 0.3], [1.0, 1.0, -0.3], [0.3, -0.3, 1.0]]);
        assert_relative_eq!(impossible.defect, 0.6, max_relative = 1e-12);
        assert!(of([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).defect > 2.0);
    }

    /// Two numbers that are uncorrelated, and a third correlated at r with each: possible while 2r² ≤ 1.
    #[test]
    fn a_matrix_that_is_just_not_positive_definite_is_told_apart() {
        let defect = |r: f64| {
            let matrix = [[1.0, 0.0, r], [0.0, 1.0, r], [r, r, 1.0]];
            Cholesky::new(3, |i, j| matrix[i][j]).defect
        };
        assert!(defect(0.707) < 1e-15 && defect(0.708) > 2e-3);
    }

    /// Hilbert's matrix of order 5 and the right side for which the solution is all ones; a zero where
    /// the first pivot would be; a singular matrix.
    #[test]
    fn equations_are_solved() {
        let hilbert = |i: usize, j: usize| 1.0 / (i + j + 1) as f64;
        let rows = (0..5)
            .map(|i| {
                let row = (0..5).map(|j| hilbert(i, j));
                row.clone().chain([row.sum()]).collect()
            })
            .collect();
        for x in solve(rows).unwrap() {
            // The condition number is 4.8e5.
            assert_relative_eq!(x, 1.0, max_relative = 1e-10);
        }
        let swapped = vec![vec![0.0, 2.0, 6.0], vec![4.0, 1.0, 11.0]];
        assert_eq!(solve(swapped), Some(vec![2.0, 3.0]));
        assert_eq!(solve(vec![vec![1.0, 2.0, 1.0], vec![2.0, 4.0, 2.0]]), None);
    }

    /// The second difference −1, 2, −1 of order n has the eigenvalues 2 − 2·cos(kπ/(n + 1)).
    #[test]
    fn eigenvalues_are_those_of_the_closed_form() {
        let n = 6;
        let entry = |i: usize, j: usize| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let matrix: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect();
        let mut pairs = symmetric_eigen(matrix.clone());
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (k, (value, vector)) in pairs.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert_relative_eq!(*value, 2.0 - 2.0 * angle.cos(), max_relative = 1e-13);
            assert_relative_eq!(dot(vector, vector), 1.0, max_relative = 1e-14);
            for (row, x) in matrix.iter().zip(vector) {
                assert_relative_eq!(dot(row, vector), value * x, epsilon = 1e-14);
            }
        }
    }
}
