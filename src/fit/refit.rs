//! One curve refitted to many perturbed copies of the same figures.

use super::likelihood::{CurveTerms, Likelihood};
use super::solver::{Bounds, Minimum, SolverError, SolverOptions, minimise_from};
use crate::curve::{GrowthCurve, Interpolation, MAX_PARAMETERS, Obstacle, Point};

/// How far a curve may miss the figures that it is to go through, on the log scale.
const THROUGH: f64 = 1e-9;

/// Parameters on the stack; those of a curve with *k* of them are the first *k*.
pub(crate) type Theta = [f64; MAX_PARAMETERS];

/// What became of one set of figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    /// The curve goes through the figures, or (with more figures than parameters) nearest to them.
    Fitted,
    /// No curve of the family goes through the figures; this is the nearest one, on the border of
    /// its domain. The closed form's reason, where there is one.
    AtLimit(Option<Obstacle>),
}

/// A curve and how it is fitted, prepared once.
pub(crate) struct Refit<'a, C> {
    pub(crate) curve: &'a C,
    pub(crate) errors: Option<&'a [f64]>,
    pub(crate) likelihood: Likelihood,
    bounds: Bounds,
    options: SolverOptions,
}

impl<'a, C: GrowthCurve> Refit<'a, C> {
    pub(crate) fn new(
        curve: &'a C,
        errors: Option<&'a [f64]>,
        likelihood: Likelihood,
    ) -> Result<Self, SolverError> {
        let pairs: Vec<(f64, f64)> = curve
            .parameters()
            .iter()
            .map(|p| (p.lower, p.upper))
            .collect();
        Ok(Self {
            curve,
            errors,
            likelihood,
            bounds: Bounds::new(&pairs)?,
            options: SolverOptions::default(),
        })
    }

    /// The curve for some figures; `warm` is a fit of similar ones, to start from.
    pub(crate) fn refit(
        &self,
        points: &[Point],
        warm: Option<&[f64]>,
        theta: &mut [f64],
    ) -> Result<Outcome, SolverError> {
        let saturated = points.len() == theta.len();
        let mut obstacle = None;
        if saturated {
            match self.curve.through(points, theta) {
                Interpolation::Exact => return Ok(Outcome::Fitted),
                Interpolation::Impossible(reason) => obstacle = Some(reason),
                Interpolation::NoClosedForm => {}
            }
        }
        let minimum = self.minimise(points, warm)?;
        theta.copy_from_slice(minimum.parameters());
        let through = || {
            points
                .iter()
                .all(|p| (self.curve.value(p.t, theta) / p.cases).ln().abs() <= THROUGH)
        };
        if !saturated || (obstacle.is_none() && through()) {
            Ok(Outcome::Fitted)
        } else {
            Ok(Outcome::AtLimit(obstacle))
        }
    }

    /// The best of the descents from the warm start and from the curve's own guess.
    pub(crate) fn minimise(
        &self,
        points: &[Point],
        warm: Option<&[f64]>,
    ) -> Result<Minimum, SolverError> {
        let k = self.curve.parameters().len();
        let mut guess: Theta = [0.0; MAX_PARAMETERS];
        self.curve.starting_guess(points, &mut guess[..k]);
        let terms = CurveTerms {
            curve: self.curve,
            points,
            errors: self.errors,
            likelihood: self.likelihood,
        };
        minimise_from(
            &terms,
            warm.into_iter().chain([&guess[..k]]),
            &self.bounds,
            &self.options,
        )
    }
}
