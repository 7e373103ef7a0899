//! One way to fit a curve, prepared once and applied to many copies of the same figures.

use std::borrow::Cow;

use super::fit_figures::FitFigures;
use super::fit_options::FitOptions;
use super::likelihood::Likelihood;
use super::optimiser::{
    Bounds, Minimum, Objective, OptimiserError, OptimiserOptions, minimise, minimise_from,
    scattered_starts,
};
use super::penalised_likelihood::{Columns, CurveTerms, Penalty};
use crate::curve::{GrowthCurve, Interpolation, MAX_PARAMETERS, Obstacle, Point, Role};
use crate::error::Result;

/// What the optimiser has to say.
pub(super) type Solved<T> = std::result::Result<T, OptimiserError>;

/// How far a curve may miss the figures that it is to go through, on the log scale.
const THROUGH: f64 = 1e-9;

/// See [`OptimiserOptions::unseen_step`]: seven digits of the standard errors are enough here.
const UNSEEN_STEP: f64 = 1e-7;

/// How far inside a border a fit with priors starts: for damping, 5 % a year.
const INSIDE: f64 = 0.05;

/// Parameters on the stack; those of a curve with *k* of them are the first *k*.
pub(crate) type Theta = [f64; MAX_PARAMETERS];

/// Parameters with room for the most that a curve has.
pub(super) fn padded(theta: &[f64]) -> Theta {
    let mut all = [0.0; MAX_PARAMETERS];
    all[..theta.len()].copy_from_slice(theta);
    all
}

/// What became of one set of figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    /// The curve goes through the figures, or (with more figures than parameters) nearest to them.
    Fitted,
    /// No curve of the family goes through the figures; this is the nearest one, on the border of
    /// its domain. The closed form's reason, where there is one.
    AtLimit(Option<Obstacle>),
}

/// A minimum, and the scale that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Estimated {
    pub(super) minimum: Box<Minimum>,
    /// The standard deviation or dispersion that the terms were divided by; 1 where it does not
    /// change the estimates.
    pub(super) scale: f64,
}

/// A curve, a likelihood, and everything else that a fit depends on but the counts.
#[derive(Debug)]
pub(crate) struct Estimator<'a, C> {
    pub(crate) curve: &'a C,
    errors: Option<Vec<f64>>,
    pub(super) weights: Option<&'a [f64]>,
    pub(super) likelihood: Likelihood,
    /// The user's priors.
    pub(super) penalties: Vec<Penalty>,
    /// How many figures there are. With no more of them than free parameters all residuals vanish,
    /// and no deviation is estimated from them.
    pub(super) figures: usize,
    pub(super) reference_year: f64,
    pub(super) bounds: Bounds,
    pub(super) options: OptimiserOptions,
}

impl<C> Clone for Estimator<'_, C> {
    fn clone(&self) -> Self {
        Self {
            errors: self.errors.clone(),
            penalties: self.penalties.clone(),
            bounds: self.bounds.clone(),
            ..*self
        }
    }
}

impl<'a, C: GrowthCurve> Estimator<'a, C> {
    /// An estimator for the figures of a region.
    ///
    /// The likelihood of a saturated fit does not matter; its limits are nearest on the log scale.
    pub(crate) fn new(curve: &'a C, figures: &FitFigures, options: &'a FitOptions) -> Result<Self> {
        let saturated = figures.points.len() <= curve.parameters().len();
        let likelihood = if saturated && options.priors.is_empty() {
            Likelihood::LogNormal
        } else {
            options.likelihood
        };
        let domain = curve.parameters().iter().map(|p| (p.lower, p.upper));
        Ok(Self {
            curve,
            errors: figures.known_errors(likelihood),
            weights: options.checked_weights(figures.points.len())?,
            likelihood,
            figures: figures.points.len(),
            penalties: options.penalties(curve)?,
            reference_year: figures.years.first().copied().map_or(0.0, f64::from),
            bounds: Bounds::new(domain),
            options: OptimiserOptions {
                unseen_step: UNSEEN_STEP,
                ..OptimiserOptions::default()
            },
        })
    }

    /// Pieces of information: figures and priors.
    pub(super) fn pieces(&self) -> usize {
        self.figures + self.penalties.len()
    }

    /// Parameters that are not held.
    pub(super) fn free(&self) -> usize {
        let all = 0..self.bounds.len();
        all.filter(|&j| !self.bounds.is_fixed(j)).count()
    }

    /// Whether one standard deviation is estimated.
    pub(super) fn estimates_deviation(&self) -> bool {
        self.likelihood.estimates_deviation(self.errors.is_some())
    }

    /// The weight of figure `i`.
    pub(super) fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[i])
    }

    /// With internal parameter `j` held at a value.
    pub(super) fn holding(&self, j: usize, value: f64) -> Self {
        let mut other = self.clone();
        other.bounds = other.bounds.fixing(j, value);
        other
    }

    /// For refits to perturbed or resampled counts: the fit that they start from has been verified,
    /// and where a refit fails, the border of the domain is next and not a search far away.
    pub(crate) fn near_a_verified_fit(&self) -> Self {
        let mut other = self.clone();
        other.options.rescue_starts = 0;
        other.options.thorough = false;
        other
    }

    /// For refits by the thousand: a hundred-millionth of a standard error is close enough.
    pub(super) fn for_refits(&self) -> Self {
        let mut other = self.near_a_verified_fit();
        other.options.tolerance = 1e-8;
        other.options.unseen_step = 1e-5;
        other
    }

    /// The minimum from one start.
    pub(super) fn minimum(&self, points: &[Point], scale: f64, start: &[f64]) -> Solved<Minimum> {
        let terms = self.terms(points, scale);
        minimise(&terms, start, &self.bounds, &self.options)
    }

    /// A refit from the parameters of the original fit; from the curve's own guess where that fails, and on the
    /// border of the domain where that fails too.
    pub(super) fn refit_warm(
        &self,
        points: &[Point],
        warm: &[f64],
        theta: &mut [f64],
    ) -> Solved<Outcome> {
        if !self.scale_matters()
            && let Ok(minimum) = self.minimum(points, 1.0, warm)
        {
            return Ok(self.outcome(points, &minimum, 1.0, theta));
        }
        self.refit(points, Some(warm), theta)
    }

    /// The loss at the minimum from one start, which is minus the logarithm of the penalised likelihood up to a
    /// constant, and the parameters there. The dispersion of the negative binomial likelihood is maximised over; a
    /// standard deviation stays as it is.
    pub(super) fn profiled(
        &self,
        points: &[Point],
        warm: &[f64],
        scale: f64,
    ) -> Solved<(f64, Theta)> {
        let solve = |scale: f64| self.minimum(points, scale, warm).map(Box::new);
        let found = if self.likelihood == Likelihood::NegativeBinomial {
            self.in_turns(points, scale, &solve)
        } else {
            let scale = if self.scale_matters() { scale } else { 1.0 };
            solve(scale).map(|minimum| Estimated { minimum, scale })
        };
        match found {
            Ok(Estimated { minimum, scale }) => {
                let theta = minimum.parameters();
                Ok((self.loss_at(points, theta, scale), padded(theta)))
            }
            Err(error) if warm.len() == 1 => self.at_edge(points, warm[0], scale).ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// What [`profiled`](Self::profiled) gives for a curve with one free parameter whose loss falls to where its mean
    /// comes to 0 at a figure, as that of a line may: the least loss is the limit there.
    fn at_edge(&self, points: &[Point], start: f64, scale: f64) -> Option<(f64, Theta)> {
        let loss = |x: f64| {
            let scale = match self.likelihood {
                Likelihood::NegativeBinomial => self.scale_at(points, &[x]),
                _ => scale,
            };
            self.loss_at(points, &[x], scale)
        };
        let exists = |x: &f64| loss(*x).is_finite();
        let unit = 1e-6 * start.abs().max(1.0);
        let outwards = |side: f64| (0..80).map(move |i| side * unit * 2.0_f64.powi(i));
        let both = outwards(1.0).zip(outwards(-1.0));
        let mut around = both.flat_map(|(up, down)| [start + up, start + down]);
        if !exists(&start) {
            return self.profiled(points, &[around.find(exists)?], scale).ok();
        }
        let edge = |side: f64| {
            let mut outside = outwards(side).map(|by| start + by).find(|x| !exists(x))?;
            let mut inside = start;
            loop {
                let middle = f64::midpoint(inside, outside);
                if [inside, outside].contains(&middle) {
                    break;
                }
                *if exists(&middle) {
                    &mut inside
                } else {
                    &mut outside
                } = middle;
            }
            let falls = loss(inside) <= loss(f64::midpoint(inside, start));
            falls.then(|| (loss(inside), padded(&[inside])))
        };
        let edges = [-1.0, 1.0].into_iter().filter_map(edge);
        edges.min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The loss at given parameters; for the negative binomial likelihood with what else depends on the
    /// dispersion.
    pub(super) fn loss_at(&self, points: &[Point], theta: &[f64], scale: f64) -> f64 {
        let terms = self.terms(points, scale);
        let mut row = [0.0; MAX_PARAMETERS];
        let mut loss = |i: usize| terms.term(i, theta, &mut row[..theta.len()]).loss;
        let priors = points.len()..points.len() + self.penalties.len();
        if self.likelihood != Likelihood::NegativeBinomial {
            return (0..priors.end).map(loss).sum();
        }
        let figure = |(i, p): (usize, &Point)| {
            let mean = self.curve.value(p.t, theta);
            -self.weight(i) * self.likelihood.log_likelihood(p.cases, mean, scale)
        };
        let figures: f64 = points.iter().enumerate().map(figure).sum();
        figures + priors.map(&mut loss).sum::<f64>()
    }

    /// The curve for some figures; `warm` is a fit of similar ones, to start from.
    pub(crate) fn refit(
        &self,
        points: &[Point],
        warm: Option<&[f64]>,
        theta: &mut [f64],
    ) -> Solved<Outcome> {
        let saturated = points.len() + self.penalties.len() == self.free();
        if saturated && points.len() == theta.len() {
            let curve = self.curve.internals();
            match curve.map(|curve| curve.through(points, theta)) {
                Some(Interpolation::Exact) => return Ok(Outcome::Fitted),
                Some(Interpolation::Impossible(obstacle)) => {
                    theta.copy_from_slice(&self.on_border(points)?[..theta.len()]);
                    return Ok(Outcome::AtLimit(Some(obstacle)));
                }
                Some(Interpolation::NoClosedForm) | None => {}
            }
        }
        let Estimated { minimum, scale } = match self.estimate(points, warm) {
            Ok(estimated) => estimated,
            // The curve nearest to the figures is so far out that its parameters are not determined
            // one by one: a step, for instance. On the border they are.
            Err(error) => {
                let at_zero = self.at_zero(points, &error, warm);
                let border = at_zero.map_or_else(|| self.on_border(points), Ok);
                let border = border.map_err(|_| error)?;
                theta.copy_from_slice(&border[..theta.len()]);
                return Ok(Outcome::AtLimit(None));
            }
        };
        let outcome = self.outcome(points, &minimum, scale, theta);
        if saturated && !self.goes_through(points, theta) {
            return Ok(Outcome::AtLimit(None));
        }
        Ok(outcome)
    }

    /// Whether a curve meets figures to the precision that a saturated fit promises.
    pub(super) fn goes_through(&self, points: &[Point], theta: &[f64]) -> bool {
        let misses = |p: &Point| (self.curve.value(p.t, theta) / p.cases).ln().abs();
        points.iter().all(|p| misses(p) <= THROUGH)
    }

    /// Writes the parameters of a minimum, and says whether it lies on a border of the domain that the caller did not put
    /// there: then a constant may be nearer.
    fn outcome(
        &self,
        points: &[Point],
        minimum: &Minimum,
        scale: f64,
        theta: &mut [f64],
    ) -> Outcome {
        theta.copy_from_slice(minimum.parameters());
        if minimum.free.len() == self.free() {
            return Outcome::Fitted;
        }
        if let Some((loss, flat)) = self.flat(points, scale)
            && loss < minimum.loss
        {
            theta.copy_from_slice(&flat[..theta.len()]);
        }
        Outcome::AtLimit(None)
    }

    /// The constant nearest to the figures where it is a limit of the curve that no bound holds, see
    /// [`Internals::flat`](crate::curve::Internals::flat), and its loss at a scale. Priors do not move it: they are on natural
    /// parameters, and the level is none of a shipped curve that has a ceiling or a midpoint.
    pub(super) fn flat(&self, points: &[Point], scale: f64) -> Option<(f64, Theta)> {
        let (curve, k) = (self.curve.internals()?, self.curve.parameters().len());
        let logarithmic = self.likelihood == Likelihood::LogNormal;
        let (mut sum, mut weights) = (0.0, 0.0);
        for (i, point) in points.iter().enumerate() {
            let error = self.errors.as_ref().map_or(1.0, |errors| errors[i]);
            let weight = self.weight(i) / (error * error);
            let cases = point.cases;
            sum += weight * if logarithmic { cases.ln() } else { cases };
            weights += weight;
        }
        let mean = sum / weights;
        let level = if logarithmic { mean.exp() } else { mean };
        let mut theta = [0.0; MAX_PARAMETERS];
        if !curve.flat(level, &mut theta[..k]) {
            return None;
        }
        let inside = (0..k).all(|j| self.bounds.contains(j, theta[j]));
        let terms = self.terms(points, scale);
        let mut row = [0.0; MAX_PARAMETERS];
        let losses = (0..terms.terms()).map(|i| terms.term(i, &theta[..k], &mut row[..k]).loss);
        let loss: f64 = losses.sum();
        (inside && loss.is_finite()).then_some((loss, theta))
    }

    /// The best of the descents from the warm start and from the curve's own guess, with the scale
    /// that it needs.
    pub(super) fn estimate(&self, points: &[Point], warm: Option<&[f64]>) -> Solved<Estimated> {
        let k = self.curve.parameters().len();
        let guess = self.guess(points);
        // A second start, of another kind: a nested special case.
        let scattered = || scattered_starts(&guess[..k], &self.bounds, 1).next();
        let other = match self.nested(0, &above_zero(points)) {
            Some((mut nested, _)) => {
                self.admit(&mut nested);
                nested
            }
            None => scattered().unwrap_or(guess),
        };
        let starts = [&guess[..k], &other[..k]];
        let solve = |scale: f64| {
            let terms = self.terms(points, scale);
            let starts = warm.into_iter().chain(starts);
            let found = minimise_from(&terms, starts, &self.bounds, &self.options);
            let minimum = found.map(Box::new)?;
            // A fragile fit is suspect even where its starts agree.
            let fragile = minimum.thorough;
            let inside = minimum.free.len() == self.free();
            if minimum.agreeing > 1 && inside && !fragile {
                return Ok(minimum);
            }
            let minimum = self.not_above_nested(points, scale, minimum)?;
            Ok(self.not_above_ends_of_shape(points, scale, minimum))
        };
        // Least squares do not depend on the standard deviation unless a prior has one of its own.
        if self.scale_matters() {
            return self.with_scale(points, solve);
        }
        let (minimum, scale) = (solve(1.0)?, 1.0);
        Ok(Estimated { minimum, scale })
    }

    /// A nested special case at its guess, and the parameters that it fixes, see
    /// [`Internals::nested`](crate::curve::Internals::nested).
    fn nested(&self, which: usize, points: &[Point]) -> Option<(Theta, &'static [usize])> {
        let mut guess = [0.0; MAX_PARAMETERS];
        let k = self.curve.parameters().len();
        let fixed = (self.curve.internals()?).nested(which, points, &mut guess[..k])?;
        Some((guess, fixed))
    }

    /// A minimum, or a lower one where a simpler curve that this one holds fits better: then the
    /// descent from there counts, or the simpler curve itself on the border of the domain (a curve at its limit
    /// without a ceiling has no shape). Inside the domain a minimum that no descent finds is none.
    fn not_above_nested(
        &self,
        points: &[Point],
        scale: f64,
        minimum: Box<Minimum>,
    ) -> Solved<Box<Minimum>> {
        let mut best = minimum;
        let guessed_from = above_zero(points);
        let all = |which: usize| self.nested(which, &guessed_from);
        let count = (0..MAX_PARAMETERS).map_while(all).count();
        for (which, (mut guess, held)) in (0..count).filter_map(|i| Some((i, all(i)?))) {
            // A parameter that the caller holds rules the simpler curve out, or is it already.
            let Some((first, value)) = held.first().map(|&first| (first, guess[first])) else {
                continue;
            };
            if self.bounds.is_fixed(first) || !self.bounds.contains(first, value) {
                continue;
            }
            self.admit(&mut guess);
            guess[first] = value;
            // For comparison only: a search far away is not worth its time.
            let mut simpler = self.clone();
            simpler.options.rescue_starts = 0;
            for &j in held {
                simpler.bounds = simpler.bounds.fixing(j, guess[j]);
            }
            // It may hold a simpler one yet: it starts from the guesses of all of them too, the simplest first.
            let others = (0..count).rev().filter(|other| *other != which);
            let others = others.filter_map(all).map(|(mut start, _)| {
                self.admit(&mut start);
                start
            });
            let last = padded(best.parameters());
            let starts = std::iter::once(guess).chain(others).chain([last]);
            let starts = starts.map(|mut start| {
                for &j in held {
                    start[j] = guess[j];
                }
                start
            });
            let terms = simpler.terms(points, scale);
            let Ok(simplest) = minimise_from(&terms, starts, &simpler.bounds, &simpler.options)
            else {
                continue;
            };
            if simplest.loss >= best.loss * (1.0 - 1e-12) {
                continue;
            }
            let on_border = simplest.free.len() < simpler.free()
                || held.iter().any(|&j| {
                    let blocks = |direction| self.bounds.blocks(j, guess[j], direction);
                    blocks(1.0) || blocks(-1.0)
                });
            best = match self.minimum(points, scale, simplest.parameters()) {
                Ok(lower) if lower.loss <= simplest.loss => Box::new(lower),
                _ if on_border => Box::new(simplest),
                // What is more than rounding.
                Ok(lower) if lower.loss > simplest.loss * (1.0 + 1e-9) => {
                    return Err(OptimiserError::NoReturn);
                }
                found => Box::new(found?),
            };
            // None of the starts came here.
            best.agreeing = 1;
        }
        Ok(best)
    }

    /// A minimum on a border of the domain, or a lower one that is reached from a fit with the shape held at an end of its
    /// range: there may be a minimum at either end, and no descent comes from one to the other. A curve that this one holds has
    /// no shape, so that this one stays below it. For first fits alone: a refit starts from what was found.
    fn not_above_ends_of_shape(
        &self,
        points: &[Point],
        scale: f64,
        minimum: Box<Minimum>,
    ) -> Box<Minimum> {
        let mut best = minimum;
        let inside = best.free.len() == self.free();
        let is_shape = |j: &usize| self.curve.parameters()[*j].role == Role::Shape;
        let mut shapes = (0..self.bounds.len()).filter(|j| !self.bounds.is_fixed(*j));
        let Some(shape) = shapes.find(is_shape) else {
            return best;
        };
        if inside || self.options.rescue_starts == 0 {
            return best;
        }
        let (guessed_from, guess, k) = (above_zero(points), self.guess(points), self.bounds.len());
        for end in self
            .bounds
            .of(shape)
            .into_iter()
            .filter(|end| end.is_finite())
        {
            let mut held = self.holding(shape, end);
            held.options.rescue_starts = 0;
            let nested = (0..MAX_PARAMETERS).map_while(|which| self.nested(which, &guessed_from));
            let starts = nested.map(|(guess, _)| guess);
            let starts = starts.chain([padded(best.parameters())]);
            let starts = starts.chain(scattered_starts(&guess[..k], &self.bounds, 4));
            let starts = starts.map(|mut start| {
                self.admit(&mut start);
                start[shape] = end;
                start
            });
            let terms = held.terms(points, scale);
            let Ok(at_end) = minimise_from(&terms, starts, &held.bounds, &held.options) else {
                continue;
            };
            let free = self.minimum(points, scale, at_end.parameters());
            for lower in [Some(at_end), free.ok()].into_iter().flatten() {
                if lower.loss < best.loss * (1.0 - 1e-9) {
                    // None of the starts came here.
                    *best = Minimum {
                        agreeing: 1,
                        ..lower
                    };
                }
            }
        }
        best
    }

    /// The nearest curve on the border of the domain: with each bounded parameter held on each of
    /// its bounds in turn, and where a constant is a limit of the curve, the one with the least loss.
    fn on_border(&self, points: &[Point]) -> Solved<Theta> {
        let guess = self.guess(points);
        let k = self.curve.parameters().len();
        let bounds = (0..k).flat_map(|j| self.bounds.of(j).map(|bound| (j, bound)));
        let found = bounds
            .filter(|(_, bound)| bound.is_finite())
            .map(|(j, bound)| {
                let mut start = guess;
                start[j] = bound;
                self.holding(j, bound).minimum(points, 1.0, &start[..k])
            });
        let nearest = found.reduce(|nearest, other| match (&nearest, &other) {
            (Ok(_), Err(_)) => nearest,
            (Ok(best), Ok(next)) if best.loss <= next.loss => nearest,
            _ => other,
        });
        let nearest = nearest.unwrap_or(Err(OptimiserError::NoStart));
        match (nearest, self.flat(points, 1.0)) {
            (Ok(bounded), Some((loss, flat))) if loss < bounded.loss => Ok(flat),
            (Err(_), Some((_, flat))) => Ok(flat),
            (nearest, _) => nearest.map(|bounded| padded(bounded.parameters())),
        }
    }

    /// The line through 0 at the figure at which a descent came to the end of its domain, which there is the nearest: its
    /// slope b solves Σ w·d·(y − b·d)/V = 0 over the years d from that figure, with the variance V of the likelihood.
    fn at_zero(
        &self,
        points: &[Point],
        error: &OptimiserError,
        warm: Option<&[f64]>,
    ) -> Option<Theta> {
        // A descent that does not settle there either ends in the rounding of the one count of 0 at an end.
        let is_zero = |i: &usize| points[*i].cases <= 0.0;
        let mut ends = [0, points.len() - 1].into_iter().filter(is_zero);
        let i = match (error, ends.next(), ends.next()) {
            (&OptimiserError::AtDomainEdge { term, .. }, ..) => term?,
            (_, Some(end), None) => end,
            _ => return None,
        };
        let k = self.curve.parameters().len();
        if k == 1 {
            let start = warm.map_or_else(|| self.guess(points)[0], |warm| warm[0]);
            return Some(self.at_edge(points, start, 1.0)?.1);
        }
        let (curve, zero) = (self.curve.internals()?, points.get(i)?.t);
        let mut theta = [0.0; MAX_PARAMETERS];
        let (mut slope, mut dispersion, mut change) = (0.0, 0.0, f64::INFINITY);
        // Some forty steps settle it, but for the rounding of the dispersion.
        for _ in 0..100 {
            let (mut sum, mut squares) = (0.0, 0.0);
            for (j, point) in points.iter().enumerate().filter(|(j, _)| *j != i) {
                let d = point.t - zero;
                let mean = f64::abs(slope * d);
                let variance = match self.likelihood {
                    Likelihood::Gaussian => 1.0,
                    _ if slope == 0.0 => d.abs(),
                    _ => mean * (1.0 + dispersion * mean),
                };
                sum += self.weight(j) * d * point.cases / variance;
                squares += self.weight(j) * d * d / variance;
            }
            let next = sum / squares;
            change = (next - slope).abs();
            slope = next;
            if !curve.through_zero(zero, slope, &mut theta[..k]) {
                return None;
            }
            if change <= 1e-14 * slope.abs() {
                break;
            }
            if self.likelihood == Likelihood::NegativeBinomial {
                dispersion = self.scale_at(points, &theta[..k]);
            }
        }
        if change > 1e-9 * slope.abs() {
            return None;
        }
        let above = |(j, p): (usize, &Point)| j == i || self.curve.value(p.t, &theta[..k]) > 0.0;
        points.iter().enumerate().all(above).then_some(theta)
    }

    /// The curve's own guess, inside the bounds.
    pub(super) fn guess(&self, points: &[Point]) -> Theta {
        let mut guess = [0.0; MAX_PARAMETERS];
        let k = self.curve.parameters().len();
        self.curve
            .starting_guess(&above_zero(points), &mut guess[..k]);
        self.admit(&mut guess);
        guess
    }

    /// Moves a guess inside the bounds.
    fn admit(&self, guess: &mut Theta) {
        for (j, value) in guess[..self.bounds.len()].iter_mut().enumerate() {
            let [lower, upper] = self.bounds.of(j);
            *value = value.max(lower).min(upper);
            // On a border of its domain a curve may have no natural parameter that a prior could
            // speak of (a capacity without damping).
            if !self.penalties.is_empty() && lower < upper && value.to_bits() == lower.to_bits() {
                *value += INSIDE * (upper - lower).min(1.0);
            }
        }
    }

    pub(super) fn terms<'p>(&'p self, points: &'p [Point], scale: f64) -> CurveTerms<'p, C> {
        CurveTerms {
            curve: self.curve,
            points,
            errors: self.errors.as_deref(),
            weights: self.weights,
            likelihood: self.likelihood,
            scale,
            penalties: &self.penalties,
            reference_year: self.reference_year,
            first: Columns::new(points),
        }
    }
}

/// The figures for a guess, which may take their logarithms: half a case in place of none.
fn above_zero(points: &[Point]) -> Cow<'_, [Point]> {
    if points.iter().all(|p| p.cases > 0.0) {
        return Cow::Borrowed(points);
    }
    let positive = points.iter().map(|p| p.cases).filter(|&cases| cases > 0.0);
    let half = 0.5 * positive.fold(1.0, f64::min);
    let above = |p: &Point| Point {
        cases: p.cases.max(half),
        ..*p
    };
    points.iter().map(above).collect()
}
