//! A standard deviation or a dispersion that is estimated together with a curve.

use super::estimator::{Estimated, Estimator, Solved};
use super::likelihood::{Likelihood, negative_binomial_dispersion};
use super::optimiser::Minimum;
use crate::curve::{GrowthCurve, Point};

/// Least standard deviation to start from, so that no prior is overwhelmed.
const LEAST_START: f64 = 1e-6;

/// Part of a loss by which another has to be lower to be another minimum.
const LOWER: f64 = 1e-9;

impl<C: GrowthCurve> Estimator<'_, C> {
    /// Whether estimates depend on the standard deviation or dispersion.
    pub(super) fn scale_matters(&self) -> bool {
        self.likelihood == Likelihood::NegativeBinomial
            || (self.estimates_deviation()
                && !self.penalties.is_empty()
                && self.figures > self.free())
    }

    /// Curve and scale in turns, with the minimum at a scale as `solve` finds it from all starts.
    ///
    /// The dispersion of counts begins both at 0 and at what the curve's own guess leaves: where one figure
    /// outweighs all others, a curve through that one and a large dispersion are both maxima of the
    /// likelihood, and the higher one counts.
    pub(super) fn with_scale(
        &self,
        points: &[Point],
        solve: impl Fn(f64) -> Solved<Box<Minimum>>,
    ) -> Solved<Estimated> {
        let scattered = self.first_scale(points);
        if self.likelihood != Likelihood::NegativeBinomial {
            return self.in_turns(points, scattered.max(LEAST_START), &solve);
        }
        let without = self.in_turns(points, 0.0, &solve);
        if scattered == 0.0 {
            return without;
        }
        match (without, self.in_turns(points, scattered, &solve)) {
            (Ok(without), Ok(with)) => {
                let loss = |of: &Estimated| {
                    let theta = of.minimum.parameters();
                    self.loss_at(points, theta, of.scale)
                };
                let (first, second) = (loss(&without), loss(&with));
                Ok(if second < first - LOWER * first.abs() {
                    with
                } else {
                    without
                })
            }
            (Ok(only), Err(_)) | (Err(_), Ok(only)) => Ok(only),
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Curve and scale in turns from a scale, until both have settled.
    pub(super) fn in_turns(
        &self,
        points: &[Point],
        start: f64,
        solve: &impl Fn(f64) -> Solved<Box<Minimum>>,
    ) -> Solved<Estimated> {
        let mut estimated = Estimated {
            minimum: solve(start)?,
            scale: start,
        };
        // The scale and the parameters are nearly orthogonal: a few turns settle both.
        for _ in 0..100 {
            let from = estimated.minimum.parameters();
            let scale = self.scale_at(points, from);
            let settled = (scale - estimated.scale).abs() <= 1e-11 * scale.max(f64::MIN_POSITIVE);
            // With much more dispersion than before the minimum may be far away.
            if let Ok(mut minimum) = self.minimum(points, scale, from) {
                let before = &estimated.minimum;
                (minimum.rescued, minimum.agreeing) = (before.rescued, before.agreeing);
                minimum.thorough |= before.thorough;
                *estimated.minimum = minimum;
            } else {
                estimated.minimum = solve(scale)?;
            }
            estimated.scale = scale;
            if settled {
                break;
            }
        }
        Ok(estimated)
    }

    /// The scale of the figures about the curve's own guess.
    fn first_scale(&self, points: &[Point]) -> f64 {
        let guess = self.guess(points);
        self.scale_at(points, &guess[..self.curve.parameters().len()])
    }

    /// The scale that maximises the likelihood at given parameters.
    pub(super) fn scale_at(&self, points: &[Point], theta: &[f64]) -> f64 {
        let counts = points.iter().enumerate().map(|(i, p)| {
            let mean = self.curve.value(p.t, theta);
            (p.cases, mean, self.weight(i))
        });
        if self.likelihood == Likelihood::NegativeBinomial {
            return negative_binomial_dispersion(&counts.collect::<Vec<_>>());
        }
        let square = |(cases, mean, weight): (f64, f64, f64)| {
            let of = self.likelihood.contribution(cases, mean, 1.0);
            weight * of.residual.powi(2)
        };
        let squares: f64 = counts.map(square).sum();
        // As in a fit without priors: the parameters have taken up some of the scatter.
        (squares / points.len().saturating_sub(self.free()).max(1) as f64).sqrt()
    }
}
