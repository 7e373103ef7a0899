//! One curve refitted to many perturbed copies of the same figures.

use super::likelihood::{CurveTerms, Likelihood};
use super::solver::{Bounds, Minimum, SolverError, SolverOptions, minimise, minimise_from};
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
        if saturated {
            match self.curve.through(points, theta) {
                Interpolation::Exact => return Ok(Outcome::Fitted),
                Interpolation::Impossible(obstacle) => {
                    theta.copy_from_slice(self.on_border(points)?.parameters());
                    return Ok(Outcome::AtLimit(Some(obstacle)));
                }
                Interpolation::NoClosedForm => {}
            }
        }
        let minimum = match self.minimise(points, warm) {
            Ok(minimum) => minimum,
            // The curve nearest to the figures is so far out that its parameters are not determined
            // one by one: a step, for instance. On the border they are.
            Err(error) => {
                theta.copy_from_slice(self.on_border(points).map_err(|_| error)?.parameters());
                return Ok(Outcome::AtLimit(None));
            }
        };
        theta.copy_from_slice(minimum.parameters());
        let through = || {
            points
                .iter()
                .all(|p| (self.curve.value(p.t, theta) / p.cases).ln().abs() <= THROUGH)
        };
        if saturated && !through() {
            return Ok(Outcome::AtLimit(None));
        }
        Ok(Outcome::Fitted)
    }

    /// The nearest curve on the border of the domain: with each bounded parameter held on each of
    /// its bounds in turn, the one with the least loss.
    fn on_border(&self, points: &[Point]) -> Result<Minimum, SolverError> {
        let mut nearest: Result<Minimum, SolverError> = Err(SolverError::NoStart);
        let guess = self.guess(points);
        for (j, parameter) in self.curve.parameters().iter().enumerate() {
            for bound in [parameter.lower, parameter.upper] {
                if !bound.is_finite() {
                    continue;
                }
                let mut start = guess;
                start[j] = bound;
                let found = minimise(
                    &self.terms(points),
                    &start[..self.curve.parameters().len()],
                    &self.bounds.clone().with(j, bound, bound)?,
                    &self.options,
                );
                if let (Ok(best), Ok(other)) = (&nearest, &found)
                    && best.loss() <= other.loss()
                {
                    continue;
                }
                if found.is_ok() || nearest.is_err() {
                    nearest = found;
                }
            }
        }
        nearest
    }

    /// The best of the descents from the warm start and from the curve's own guess.
    pub(crate) fn minimise(
        &self,
        points: &[Point],
        warm: Option<&[f64]>,
    ) -> Result<Minimum, SolverError> {
        let guess = self.guess(points);
        minimise_from(
            &self.terms(points),
            warm.into_iter()
                .chain([&guess[..self.curve.parameters().len()]]),
            &self.bounds,
            &self.options,
        )
    }

    fn guess(&self, points: &[Point]) -> Theta {
        let mut guess = [0.0; MAX_PARAMETERS];
        self.curve
            .starting_guess(points, &mut guess[..self.curve.parameters().len()]);
        guess
    }

    fn terms<'p>(&'p self, points: &'p [Point]) -> CurveTerms<'p, C> {
        CurveTerms {
            curve: self.curve,
            points,
            errors: self.errors,
            likelihood: self.likelihood,
        }
    }
}
