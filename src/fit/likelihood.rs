//! How observed counts scatter around a curve, as the terms that the solver sums.

use serde::{Deserialize, Serialize};

use super::solver::{Objective, Term};
use crate::curve::{GrowthCurve, Point};

/// The likelihood of counts around a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Likelihood {
    /// ln y is normal around ln μ. Where the figures state their errors, those are the standard
    /// deviations (known); where none does, all share one, estimated from the residuals. The
    /// default: the errors of published figures are relative.
    #[default]
    LogNormal,
    /// Counts are Poisson around μ: for registered counts. Stated errors are not used.
    Poisson,
}

impl Likelihood {
    /// The name, as in files and on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogNormal => "lognormal",
            Self::Poisson => "poisson",
        }
    }
}

/// A curve at some points, as a sum of terms.
pub(super) struct CurveTerms<'a, C: ?Sized> {
    pub(super) curve: &'a C,
    pub(super) points: &'a [Point],
    /// Known errors on the log scale (log-normal likelihood only).
    pub(super) errors: Option<&'a [f64]>,
    pub(super) likelihood: Likelihood,
}

impl<C: GrowthCurve + ?Sized> Objective for CurveTerms<'_, C> {
    fn parameters(&self) -> usize {
        self.curve.parameters().len()
    }

    fn terms(&self) -> usize {
        self.points.len()
    }

    #[inline]
    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        let Point { t, cases } = self.points[i];
        let mean = self.curve.value_and_gradient(t, theta, row);
        if !(mean > 0.0 && mean.is_finite()) {
            return Term {
                loss: f64::INFINITY,
                residual: 0.0,
            };
        }
        let (scale, residual, loss) = match self.likelihood {
            Likelihood::LogNormal => {
                let error = self.errors.map_or(1.0, |errors| errors[i]);
                let residual = (cases / mean).ln() / error;
                ((mean * error).recip(), residual, 0.5 * residual * residual)
            }
            // Fisher scoring: the information on the mean is 1/μ. The loss is half the deviance.
            Likelihood::Poisson => {
                let root = mean.sqrt();
                let excess = cases - mean;
                (
                    root.recip(),
                    excess / root,
                    half_poisson_deviance(cases, mean),
                )
            }
        };
        for derivative in row.iter_mut() {
            *derivative *= scale;
        }
        Term { loss, residual }
    }
}

/// y·ln(y/μ) − (y − μ), without the cancellation where y and μ are close.
pub(super) fn half_poisson_deviance(cases: f64, mean: f64) -> f64 {
    let x = (mean - cases) / cases;
    cases * (x - x.ln_1p())
}
