//! The borders of a curve's domain that the data do not reject: where a profile has no end, or ends with the domain.

use super::{Held, Profile};
use crate::curve::{GrowthCurve, Role, is_shipped, place};
use crate::fit::estimator::Theta;
use crate::fit::likelihood::Likelihood;
use crate::fit::optimiser::OptimiserError;
use crate::fit::profile_interval::Limit;
use crate::fit::step_limit::step_loss;

/// A border of the domain: the values that the parameter has there, and whether the curve has a ceiling.
pub(super) struct Border {
    pub(super) values: Vec<f64>,
    pub(super) no_ceiling: bool,
}

impl<C: GrowthCurve> Profile<'_, C> {
    /// The limit on a side where no value is rejected, because the data do not reject a border of the domain: the
    /// parameter goes to infinity there, or, followed by its logarithm, is 0.
    pub(super) fn at_a_border(&self, side: f64) -> Option<Limit> {
        let mut values = self.borders.iter().flat_map(|border| &border.values);
        let infinite = |there: &f64| there.is_infinite() && side * there > 0.0;
        if values.clone().any(infinite) || (self.any_value && (side > 0.0 || !self.log)) {
            return Some(Limit::Unbounded);
        }
        let zero = self.log && side < 0.0;
        let zero =
            zero && (self.any_value || self.ends_at_zero || values.any(|&there| there == 0.0));
        zero.then_some(Limit::EndOfDomain(0.0))
    }

    /// Where the domain ends on this side, at a border that the data do not reject, past a point of the profile.
    pub(super) fn end_of_domain(&self, side: f64, past: &Held) -> Option<f64> {
        let past = self.unscaled(past.value);
        let natural = self.natural();
        let ends = self.borders.iter().flat_map(|border| &border.values);
        // Where the parameter does not exist at a border, it ends with its own domain.
        let ends = ends.map(|end| end.max(natural.lower).min(natural.upper));
        let ends = ends.filter(|end| end.is_finite() && side * (end - past) >= -1e-3 * past.abs());
        ends.reduce(|a, b| if side * a > side * b { a } else { b })
    }

    /// The borders of the domain that the data do not reject: bounds of internal parameters, a rate of approach to
    /// the ceiling of 0, and a step.
    pub(super) fn borders(&self) -> Vec<Border> {
        let family = self.fit.curve().family();
        let parameters = family.parameters();
        let finite = |j: usize| {
            let ends = [parameters[j].lower, parameters[j].upper];
            ends.into_iter().filter(|end| end.is_finite())
        };
        let mut borders = Vec::new();
        for (j, bound) in (0..parameters.len()).flat_map(|j| finite(j).map(move |end| (j, end))) {
            let mut theta = self.centre.theta;
            theta[j] = bound;
            let Some((loss, theta, idle)) = self.on_border(&[j], &theta) else {
                continue;
            };
            if self.rejects(loss) {
                continue;
            }
            let mut border = self.border(&theta);
            // What has no meaning there may be anything.
            for (i, end) in idle
                .into_iter()
                .flat_map(|i| finite(i).map(move |end| (i, end)))
            {
                let mut other = theta;
                other[i] = end;
                let (points, there) = (&self.fit.basis.figures.points, &other[..parameters.len()]);
                let scale = self.fit.scale_at_optimum;
                if !self.rejects(self.estimator.loss_at(points, there, scale)) {
                    border.values.push(self.value_of(self.parameter, &other));
                }
            }
            borders.push(border);
        }
        let rate = place(family.natural_parameters(), Role::Rate).filter(|i| *i != self.parameter);
        if let Some(rate) = rate.filter(|&i| family.natural_parameters()[i].lower == 0.0)
            && let Ok(holding) = self.holding(rate, 0.0, &[])
            && let Ok((loss, theta)) = self.lowest(&holding, &self.centre.theta)
            && !self.rejects(loss)
        {
            borders.push(self.border(&theta));
        }
        borders.extend(self.flat_border());
        if self.allows_a_step() {
            borders.push(Border {
                values: vec![f64::INFINITY],
                no_ceiling: false,
            });
        }
        borders
    }

    /// The constant that a curve with a held capacity or midpoint comes to as its rate goes to 0, where it is not rejected.
    fn flat_border(&self) -> Option<Border> {
        let (points, optimum) = (&self.fit.basis.figures.points, self.fit.scale_at_optimum);
        let (_, theta) = self.estimator.flat(points, optimum)?;
        let parameters = &theta[..self.fit.curve().family().parameters().len()];
        let scale = match self.fit.likelihood() {
            Likelihood::NegativeBinomial => self.estimator.scale_at(points, parameters),
            _ => optimum,
        };
        if self.rejects(self.estimator.loss_at(points, parameters, scale)) {
            return None;
        }
        let value = self.value_of(self.parameter, &theta);
        let value = match self.natural().role {
            Role::Rate => 0.0,
            // The slower it grows, the farther away is the year.
            Role::Midpoint => f64::INFINITY.copysign(value),
            _ => value,
        };
        Some(Border {
            values: vec![value],
            no_ceiling: false,
        })
    }

    /// Whether this is the rate of a curve with a ceiling, and the data do not reject a step, its limit.
    fn allows_a_step(&self) -> bool {
        let family = self.fit.curve().family();
        let natural = family.natural_parameters();
        let has = |role| place(natural, role).is_some();
        let no_end = self.natural().role == Role::Rate && self.natural().upper.is_infinite();
        if !(no_end && has(Role::Ceiling) && has(Role::Midpoint) && is_shipped(family)) {
            return false;
        }
        let points = &self.fit.basis.figures.points;
        let loss = step_loss(&self.estimator, points, self.fit.scale_at_optimum);
        loss.is_some_and(|loss| !self.rejects(loss))
    }

    fn border(&self, theta: &Theta) -> Border {
        let natural = self.fit.curve().family().natural_parameters();
        let ceiling = place(natural, Role::Ceiling);
        Border {
            values: vec![self.value_of(self.parameter, theta)],
            no_ceiling: ceiling.is_some_and(|i| !self.value_of(i, theta).is_finite()),
        }
    }

    /// Whether the data reject no value of a ceiling or a midpoint, because they do not reject a constant: with little
    /// growth and little damping a curve is as near to a constant as one likes, and their ratio is free.
    pub(super) fn allows_any_value(&self) -> bool {
        let internal = self.fit.curve().family().parameters();
        let roles = [Role::Rate, Role::Damping].map(|role| place(internal, role));
        let (Role::Ceiling | Role::Midpoint, [Some(growth), Some(damping)]) =
            (self.natural().role, roles)
        else {
            return false;
        };
        let mut theta = self.centre.theta;
        theta[damping] = internal[damping].lower;
        theta[growth] = f64::EPSILON;
        if self.value_of(self.parameter, &theta) < f64::INFINITY {
            return false;
        }
        theta[growth] = 0.0;
        let constant = self.on_border(&[growth, damping], &theta);
        constant.is_some_and(|(loss, ..)| !self.rejects(loss))
    }

    /// The fit with some internal parameters held, its loss, and what else was held where it was, as the
    /// shape of a curve without damping has no meaning.
    fn on_border(&self, held: &[usize], theta: &Theta) -> Option<(f64, Theta, Vec<usize>)> {
        let mut estimator = self.estimator.clone();
        for &j in held {
            estimator = estimator.holding(j, theta[j]);
        }
        let parameters = self.fit.curve().family().parameters();
        let k = parameters.len();
        let points = &self.fit.basis.figures.points;
        let mut idle: Vec<usize> = Vec::new();
        for _ in 0..k {
            let found = estimator.profiled(points, &theta[..k], self.fit.scale_at_optimum);
            let error = match found {
                Ok((loss, there)) => return Some((loss, there, idle)),
                Err(error) => error,
            };
            let bounded = |i: &usize| parameters[*i].upper.is_finite() && !held.contains(i);
            let undetermined = match error {
                OptimiserError::Singular { parameters, .. } => parameters.iter().last(),
                _ => (0..k).filter(bounded).find(|i| !idle.contains(i)),
            };
            let i = undetermined?;
            idle.push(i);
            estimator = estimator.holding(i, theta[i]);
        }
        None
    }
}
