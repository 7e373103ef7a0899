//! What a fit keeps of the optimum: where it is, how curved it is there, and how it was found.

use serde::{Deserialize, Serialize};

use super::estimator::Theta;
use super::optimiser::Minimum;
use crate::curve::MAX_PARAMETERS;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::linear_algebra::dot;

/// The optimum of a fit, without its place (which is the curve's θ).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Optimum {
    /// The internal parameters that are determined: neither held nor on a border of their domain; ascending.
    free: Vec<usize>,
    /// The upper triangle, column by column, of R, where `RᵀR` is the expected information of the free parameters
    /// for residuals of unit variance.
    information_root: Vec<f64>,
    /// Condition number of the design with columns scaled to length 1.
    pub(super) condition: f64,
    /// The largest cosine between the residuals and a column of the design.
    pub(super) scaled_gradient: f64,
    /// How many of the starting points led here.
    pub(super) agreeing_starts: usize,
    /// Whether the curve's own starting guess failed.
    pub(super) rescued: bool,
    /// Trial steps.
    pub(super) iterations: usize,
    /// Passes over all figures.
    pub(super) evaluations: usize,
}

impl Optimum {
    pub(super) fn new(minimum: &Minimum) -> Self {
        let free: Vec<usize> = minimum.free.iter().collect();
        let mut information_root = Vec::with_capacity(free.len() * (free.len() + 1) / 2);
        for j in 0..free.len() {
            information_root.extend(&minimum.triangle.r[j][..=j]);
        }
        Self {
            free,
            information_root,
            condition: minimum.condition,
            scaled_gradient: minimum.scaled_gradient,
            agreeing_starts: minimum.agreeing,
            rescued: minimum.rescued,
            iterations: minimum.iterations,
            evaluations: minimum.evaluations,
        }
    }

    /// Whether it can be the optimum of a curve with so many parameters.
    ///
    /// # Errors
    ///
    /// Where the information is not that of the free parameters, or not positive definite.
    pub(super) fn check(&self, parameters: usize) -> Result<()> {
        let k = self.free.len();
        let ascending = self.free.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.free.last().is_some_and(|&last| last >= parameters) {
            return Err(Error::mismatch(format!(
                "the free parameters of a fit are {:?}: they must be some of the {parameters} of its curve, \
                 in order",
                self.free
            )));
        }
        let place = Place("a fit");
        let (root, elements) = (&self.information_root, k * (k + 1) / 2);
        let name = "the number of elements of the information's root";
        let allowed = format!("{elements} for {k} free parameters");
        place.check(root.len() == elements, name, root.len(), &allowed)?;
        let singular = (0..k).map(|j| self.column(j)[j]).find(|x| *x == 0.0);
        let wrong = root.iter().copied().find(|x| !x.is_finite()).or(singular);
        let (name, allowed) = (
            "an element of the information's root",
            "finite, and not 0 on the diagonal",
        );
        place.check(wrong.is_none(), name, wrong.unwrap_or(0.0), allowed)?;
        place.not_negative("the condition number", self.condition)?;
        place.not_negative("the scaled gradient", self.scaled_gradient)
    }

    /// Whether an internal parameter is held or on a border of its domain, and has no standard error.
    pub(super) fn holds(&self, j: usize) -> bool {
        !self.free.contains(&j)
    }

    /// Column `j` of R down to its diagonal.
    fn column(&self, j: usize) -> &[f64] {
        let first = j * (j + 1) / 2;
        &self.information_root[first..=first + j]
    }

    /// `R⁻ᵀg`, for the derivatives g of something by all internal parameters: its product with that of something
    /// else is their covariance, for residuals of unit variance.
    pub(super) fn whitened(&self, gradient: &[f64]) -> Theta {
        let mut solved = [0.0; MAX_PARAMETERS];
        for (j, &of) in self.free.iter().enumerate() {
            let column = self.column(j);
            solved[j] = (gradient[of] - dot(&column[..j], &solved[..j])) / column[j];
        }
        solved
    }

    /// The covariance of all internal parameters for residuals of unit variance, `(RᵀR)⁻¹`; rows and columns of
    /// those that are not free are 0.
    pub(super) fn unscaled_covariance(&self) -> [Theta; MAX_PARAMETERS] {
        let columns: [Theta; MAX_PARAMETERS] = std::array::from_fn(|j| {
            let mut unit = [0.0; MAX_PARAMETERS];
            unit[j] = 1.0;
            self.whitened(&unit)
        });
        std::array::from_fn(|i| std::array::from_fn(|j| dot(&columns[i], &columns[j])))
    }
}
