//! Natural cubic splines: their values, second derivatives and bending, all linear in the values at the knots.

/// A natural cubic spline by its values at knots.
#[derive(Debug)]
pub(super) struct Basis {
    /// In units of the range, from 0 to 1.
    knots: Vec<f64>,
    start: f64,
    width: f64,
    /// Second derivatives at the knots from the values there.
    second: Vec<Vec<f64>>,
    /// ∫f″² from the values at the knots.
    pub(super) penalty: Vec<Vec<f64>>,
}

impl Basis {
    /// With at most so many knots, at quantiles of the different values; of fewer values, at each.
    pub(super) fn new(draws: &[f64], most: usize) -> Self {
        let mut values = draws.to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (start, width) = (values[0], values[values.len() - 1] - values[0]);
        let k = most.min(values.len());
        let last = values.len() - 1;
        let knot = |i: usize| {
            let position = (i * last) as f64 / (k - 1) as f64;
            let below = i * last / (k - 1);
            let above = (below + 1).min(last);
            let x = values[below] + (position - below as f64) * (values[above] - values[below]);
            (x - start) / width
        };
        let knots: Vec<f64> = (0..k).map(knot).collect();
        let (second, penalty) = derivatives(&knots);
        Self {
            knots,
            start,
            width,
            second,
            penalty,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.knots.len()
    }

    /// The weights of the values at the knots in the value at a point.
    pub(super) fn row(&self, x: f64) -> Vec<f64> {
        let x = (x - self.start) / self.width;
        let above = self.knots.partition_point(|knot| *knot < x);
        let j = above.clamp(1, self.len() - 1) - 1;
        let h = self.knots[j + 1] - self.knots[j];
        let (left, right) = ((self.knots[j + 1] - x) / h, (x - self.knots[j]) / h);
        let bend = |part: f64| (part.powi(3) - part) * h * h / 6.0;
        let (bend_left, bend_right) = (bend(left), bend(right));
        let both = self.second[j].iter().zip(&self.second[j + 1]);
        let mut row: Vec<f64> = both.map(|(a, b)| bend_left * a + bend_right * b).collect();
        row[j] += left;
        row[j + 1] += right;
        row
    }
}

/// Second derivatives of a natural cubic spline at its knots, and ∫f″², both from its values there: B⁻¹D and DᵀB⁻¹D of
/// Wood (2017), table 5.1.
fn derivatives(knots: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let k = knots.len();
    let mut second = vec![vec![0.0; k]; k];
    let mut penalty = vec![vec![0.0; k]; k];
    if k < 3 {
        return (second, penalty);
    }
    let h: Vec<f64> = knots.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let d = |i: usize, column: usize| match column.wrapping_sub(i) {
        0 => 1.0 / h[i],
        1 => -1.0 / h[i] - 1.0 / h[i + 1],
        2 => 1.0 / h[i + 1],
        _ => 0.0,
    };
    let b = |i: usize, j: usize| match i.abs_diff(j) {
        0 => (h[i] + h[i + 1]) / 3.0,
        1 => h[i.max(j)] / 6.0,
        _ => 0.0,
    };
    for (i, row) in second[1..k - 1].iter_mut().enumerate() {
        (i..i + 3).for_each(|column| row[column] = d(i, column));
    }
    // Elimination without pivots: B is tridiagonal and strictly diagonally dominant.
    let mut pivots = vec![b(0, 0)];
    for i in 1..k - 2 {
        let factor = b(i, i - 1) / pivots[i - 1];
        pivots.push(b(i, i) - factor * b(i - 1, i));
        let (above, row) = second.split_at_mut(i + 1);
        let cells = row[0].iter_mut().zip(&above[i]);
        cells.for_each(|(cell, above)| *cell -= factor * above);
    }
    for i in (0..k - 2).rev() {
        // Of the last knot it is 0.
        let next = if i + 3 < k { b(i, i + 1) } else { 0.0 };
        let (row, below) = second.split_at_mut(i + 2);
        let cells = row[i + 1].iter_mut().zip(&below[0]);
        cells.for_each(|(cell, below)| *cell = (*cell - next * below) / pivots[i]);
    }
    for (i, row) in second[1..k - 1].iter().enumerate() {
        for a in i..i + 3 {
            let cells = penalty[a].iter_mut().zip(row);
            cells.for_each(|(cell, second)| *cell += d(i, a) * second);
        }
    }
    (second, penalty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::linear_algebra::dot;
    use approx::assert_relative_eq;

    /// A natural spline through values of a straight line is that line and has no penalty; the penalty of a spline through
    /// values of sin πx on [0, 1], which is natural, is near ∫π⁴sin²πx = π⁴/2.
    #[test]
    fn splines_are_natural_and_their_penalty_is_the_integral() {
        let draws: Vec<f64> = (0..=1_000).map(|i| 3.0 + f64::from(i) / 500.0).collect();
        let basis = Basis::new(&draws, 20);
        let at = |values: &[f64], x: f64| dot(&basis.row(x), values);
        let penalty = |values: &[f64]| -> f64 {
            let rows = basis.penalty.iter().map(|row| dot(row, values));
            rows.zip(values).map(|(a, b)| a * b).sum()
        };
        let line: Vec<f64> = basis.knots.iter().map(|x| 2.0 - 7.0 * x).collect();
        assert_relative_eq!(at(&line, 3.7), 2.0 - 7.0 * 0.35, max_relative = 1e-12);
        assert!(penalty(&line).abs() < 1e-9);
        let wave = |x: f64| (std::f64::consts::PI * x).sin();
        let values: Vec<f64> = basis.knots.iter().map(|x| wave(*x)).collect();
        assert_relative_eq!(at(&values, 3.77), wave(0.385), max_relative = 1e-4);
        assert_relative_eq!(
            penalty(&values),
            std::f64::consts::PI.powi(4) / 2.0,
            max_relative = 1e-2
        );
    }
}
