//! The step: where a curve with a ceiling ends as its rate goes to infinity.

use super::estimator::Estimator;
use super::likelihood::Likelihood;
use crate::curve::{GrowthCurve, Point};

/// The least loss of a step, from no case to a constant, between two figures or at one of them, which then is anything
/// between. It is that of no curve's, but the limit of steeper and steeper ones: where it is not rejected, no rate is
/// too high. The constant is the mean of the figures after the step, which is at most too high a loss. `None` where
/// logarithms of counts are taken, or a prior speaks of the curve.
pub(super) fn step_loss<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    points: &[Point],
    scale: f64,
) -> Option<f64> {
    if estimator.likelihood == Likelihood::LogNormal || !estimator.penalties.is_empty() {
        return None;
    }
    let weight = |i: usize| estimator.weight(i);
    let loss = |i: usize, mean: f64| {
        let cases = points[i].cases;
        // No case where none is expected costs nothing.
        let mean = mean.max(f64::MIN_POSITIVE);
        weight(i)
            * match estimator.likelihood {
                Likelihood::NegativeBinomial => {
                    -estimator.likelihood.log_likelihood(cases, mean, scale)
                }
                likelihood => likelihood.contribution(cases, mean, scale).loss,
            }
    };
    let of_step = |(first, at): (usize, Option<usize>)| {
        let after = first..points.len();
        let total: f64 = after.clone().map(weight).sum();
        let constant = after
            .clone()
            .map(|i| weight(i) * points[i].cases)
            .sum::<f64>()
            / total;
        let before = 0..at.unwrap_or(first);
        let between = at.map_or(0.0, |i| loss(i, points[i].cases.min(constant)));
        let before: f64 = before.map(|i| loss(i, 0.0)).sum();
        before + between + after.map(|i| loss(i, constant)).sum::<f64>()
    };
    // The first figure cannot be the one between: its level over the ceiling is damping over rate, and damping ends.
    let steps = (1..points.len()).map(|first| (first, None));
    let at_figures = (2..points.len()).map(|first| (first, Some(first - 1)));
    steps.chain(at_figures).map(of_step).reduce(f64::min)
}
