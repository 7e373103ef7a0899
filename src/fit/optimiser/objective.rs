//! What is minimised: a sum of terms over a box.

use super::block::Block;
use super::error::OptimiserError;
use super::linalg::MAX_PARAMETERS;

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
/// The loss may be infinite or NaN outside the model's domain; such points are never accepted.
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

    /// The terms `first .. first + block.len()` at once.
    ///
    /// The provided method calls [`term`](Self::term) for each. Overriding it pays where terms
    /// share work, such as the exponential of a parameter; it must give the same numbers.
    #[inline]
    fn block(&self, first: usize, theta: &[f64], block: &mut Block<'_>) {
        let mut row = [0.0; MAX_PARAMETERS];
        let row = &mut row[..theta.len().min(MAX_PARAMETERS)];
        for i in 0..block.len() {
            let term = self.term(first + i, theta, row);
            block.set(i, row, term.residual, term.loss);
        }
    }
}

impl<O: Objective + ?Sized> Objective for &O {
    fn parameters(&self) -> usize {
        (**self).parameters()
    }

    fn terms(&self) -> usize {
        (**self).terms()
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        (**self).term(i, theta, row)
    }

    fn residual_deviation(&self) -> Option<f64> {
        (**self).residual_deviation()
    }

    fn block(&self, first: usize, theta: &[f64], block: &mut Block<'_>) {
        (**self).block(first, theta, block);
    }
}

/// Lower and upper bound of every parameter.
///
/// Invariant: no bound is NaN, a lower bound is below `+∞`, an upper one above `−∞`, and lower is
/// at most upper. Equal bounds hold a parameter fixed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bounds {
    lower: [f64; MAX_PARAMETERS],
    upper: [f64; MAX_PARAMETERS],
    len: usize,
}

impl Bounds {
    /// No bound on any of `parameters` parameters.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::TooManyParameters`] above [`MAX_PARAMETERS`].
    pub(crate) fn none(parameters: usize) -> Result<Self, OptimiserError> {
        if parameters > MAX_PARAMETERS {
            return Err(OptimiserError::TooManyParameters { parameters });
        }
        Ok(Self {
            lower: [f64::NEG_INFINITY; MAX_PARAMETERS],
            upper: [f64::INFINITY; MAX_PARAMETERS],
            len: parameters,
        })
    }

    /// One pair (lower, upper) a parameter; infinite where there is no bound, equal where the
    /// parameter is fixed.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::TooManyParameters`], or [`OptimiserError::InvalidBounds`] naming the first pair
    /// that is NaN, crossed, or leaves no finite number.
    pub(crate) fn new(pairs: &[(f64, f64)]) -> Result<Self, OptimiserError> {
        let mut bounds = Self::none(pairs.len())?;
        for (j, (lower, upper)) in pairs.iter().copied().enumerate() {
            bounds = bounds.with(j, lower, upper)?;
        }
        Ok(bounds)
    }

    /// The same with other bounds on parameter `j`.
    ///
    /// # Errors
    ///
    /// [`OptimiserError::InvalidBounds`] as for [`new`](Self::new), or if there is no parameter `j`.
    pub(crate) fn with(mut self, j: usize, lower: f64, upper: f64) -> Result<Self, OptimiserError> {
        let ordered = lower <= upper && lower < f64::INFINITY && upper > f64::NEG_INFINITY;
        if j >= self.len || !ordered {
            return Err(OptimiserError::InvalidBounds {
                parameter: j,
                lower,
                upper,
            });
        }
        self.lower[j] = lower;
        self.upper[j] = upper;
        Ok(self)
    }

    /// Number of parameters.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Lower bounds.
    #[must_use]
    pub(crate) fn lower(&self) -> &[f64] {
        &self.lower[..self.len]
    }

    /// Upper bounds.
    #[must_use]
    pub(crate) fn upper(&self) -> &[f64] {
        &self.upper[..self.len]
    }

    /// The point of the box nearest to `theta`.
    pub(crate) fn project(&self, theta: &mut [f64]) {
        for (j, x) in theta[..self.len].iter_mut().enumerate() {
            *x = self.nearest(j, *x);
        }
    }

    /// Whether `value` is within the bounds of parameter `j`; NaN is not.
    pub(crate) fn contains(&self, j: usize, value: f64) -> bool {
        value >= self.lower[j] && value <= self.upper[j]
    }

    /// The value of parameter `j` within its bounds that is nearest to `value`.
    pub(crate) fn nearest(&self, j: usize, value: f64) -> f64 {
        value.max(self.lower[j]).min(self.upper[j])
    }

    pub(crate) fn is_fixed(&self, j: usize) -> bool {
        self.lower[j] >= self.upper[j]
    }

    /// Whether parameter `j` sits on a bound and would leave the box in the given direction.
    pub(crate) fn blocks(&self, j: usize, value: f64, direction: f64) -> bool {
        self.is_fixed(j)
            || (value >= self.upper[j] && direction >= 0.0)
            || (value <= self.lower[j] && direction <= 0.0)
    }
}
