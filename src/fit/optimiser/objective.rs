//! What is minimised: a sum of terms over a box.

use super::block::Block;
use super::triangle::MAX_PARAMETERS;

/// What one observation contributes to the objective at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Term {
    /// Contribution to the loss, in the loss's own unit (squared residual, or nats).
    pub(crate) loss: f64,
    /// Residual whose product with the design row is minus the gradient of the loss.
    pub(crate) residual: f64,
}

/// A sum of terms to be minimised over at most [`MAX_PARAMETERS`] parameters.
///
/// With `θ` the parameters, `ℓᵢ` the loss, `rᵢ` the residual and `jᵢ` the design row of term `i`:
///
/// - the gradient of the total loss is `−Σ rᵢ·jᵢ`,
/// - the matrix `Σ jᵢ·jᵢᵀ` stands in for its second derivative.
///
/// For least squares `ℓ = r²/2`, `r = (y − f(θ))/σ` and `j = ∇f(θ)/σ`: the method is
/// Levenberg–Marquardt. For a likelihood with mean `μ(θ)`, `ℓ` is minus its logarithm (or half the
/// deviance), `j = √I·∇μ` with `I` the expected information on the mean, and `r = score/√I`: the
/// matrix is the Fisher information and the method is Fisher scoring. For counts with a Poisson
/// distribution `j = ∇μ/√μ` and `r = (y − μ)/√μ`.
///
/// No loss is negative. It may be infinite or NaN outside the model's domain; such points are never accepted.
pub(crate) trait Objective {
    /// Number of parameters, from 1 to [`MAX_PARAMETERS`].
    fn parameters(&self) -> usize;

    /// Number of terms.
    fn terms(&self) -> usize;

    /// Term `i`, from 0 to one less than [`terms`](Self::terms), at `theta`; writes the design row
    /// (as long as `theta`) to `row`.
    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term;

    /// The standard deviation of the residuals where it is known, finite and above 0, as 1 is for a
    /// likelihood. A standard error, in which convergence and distances from the minimum are counted, is
    /// then by the lesser of it and of what the residuals themselves show; by the latter with `None`, the
    /// default.
    fn residual_deviation(&self) -> Option<f64> {
        None
    }

    /// The terms `first .. first + block.len` at once.
    ///
    /// The provided method calls [`term`](Self::term) for each. Overriding it pays where terms
    /// share work, such as the exponential of a parameter; it must give the same numbers.
    #[inline]
    fn block(&self, first: usize, theta: &[f64], block: &mut Block<'_>) {
        let mut row = [0.0; MAX_PARAMETERS];
        let row = &mut row[..theta.len().min(MAX_PARAMETERS)];
        for i in 0..block.len {
            let term = self.term(first + i, theta, row);
            block.set(i, row, term.residual, term.loss);
        }
    }
}

/// Lower and upper bound of every parameter.
///
/// Invariant: no bound is NaN, a lower bound is below `+∞`, an upper one above `−∞`, and lower is
/// at most upper. Equal bounds hold a parameter fixed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bounds {
    pairs: [[f64; 2]; MAX_PARAMETERS],
    len: usize,
}

impl Bounds {
    /// One pair (lower, upper) a parameter, at most [`MAX_PARAMETERS`]; infinite where there is no bound, equal where
    /// the parameter is fixed.
    pub(crate) fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut bounds = Self {
            pairs: [[0.0; 2]; MAX_PARAMETERS],
            len: 0,
        };
        for ((lower, upper), to) in pairs.into_iter().zip(&mut bounds.pairs) {
            debug_assert!(lower <= upper);
            *to = [lower, upper];
            bounds.len += 1;
        }
        bounds
    }

    /// The same with parameter `j` fixed at a value.
    pub(crate) fn fixing(mut self, j: usize, value: f64) -> Self {
        self.pairs[j] = [value; 2];
        self
    }

    /// Number of parameters.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Lower and upper bound of parameter `j`.
    #[inline]
    pub(crate) fn of(&self, j: usize) -> [f64; 2] {
        self.pairs[j]
    }

    /// The point of the box nearest to `theta`.
    pub(crate) fn project(&self, theta: &mut [f64]) {
        for (j, x) in theta[..self.len].iter_mut().enumerate() {
            *x = self.nearest(j, *x);
        }
    }

    /// Whether `value` is within the bounds of parameter `j`; NaN is not.
    pub(crate) fn contains(&self, j: usize, value: f64) -> bool {
        let [lower, upper] = self.of(j);
        value >= lower && value <= upper
    }

    /// The value of parameter `j` within its bounds that is nearest to `value`.
    pub(crate) fn nearest(&self, j: usize, value: f64) -> f64 {
        let [lower, upper] = self.of(j);
        value.max(lower).min(upper)
    }

    pub(crate) fn is_fixed(&self, j: usize) -> bool {
        let [lower, upper] = self.of(j);
        lower >= upper
    }

    /// Whether parameter `j` sits on a bound and would leave the box in the given direction.
    pub(crate) fn blocks(&self, j: usize, value: f64, direction: f64) -> bool {
        let [lower, upper] = self.of(j);
        lower >= upper
            || (value >= upper && direction >= 0.0)
            || (value <= lower && direction <= 0.0)
    }
}
