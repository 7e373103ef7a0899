//! How the profile of a parameter is followed, to either end of its interval.

mod borders;

use borders::Border;

use super::estimator::{Estimator, Theta, padded};
use super::failure::{explained, natural_place, not_fitted};
use super::fit_options::FitOptions;
use super::fit_report::significant;
use super::held_parameters::Holding;
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::profile_interval::{Limit, ProfileInterval};
use crate::curve::{GrowthCurve, Parameter, Role, place};
use crate::error::{Error, Result};
use crate::numeric::root::Bracket;

/// How far from the estimate a profile is followed, in standard errors, doubling the step each time.
const FARTHEST: f64 = 1e7;

/// The same for a calendar year, in years.
const FARTHEST_YEARS: f64 = 1e4;

/// The logarithm of what is a number of cases above 0 and not its rounding.
const LEAST_LOGARITHM: f64 = -600.0;

/// Part of the unit of steps that is no step any more.
const NO_STEP: f64 = 1e-6;

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The profile-likelihood interval of a natural parameter: the values that the likelihood,
    /// maximised over all other parameters, does not reject at the level.
    ///
    /// Rejected is a value *c* at which twice the loss of log-likelihood (for an estimated variance,
    /// the increase of the residual sum of squares over s²) exceeds the squared quantile of the
    /// normal (Student's) distribution: Bates & Watts (1988), *Nonlinear Regression Analysis and Its
    /// Applications*, section 6.1; Venzon & Moolgavkar (1988), Applied Statistics 37:87–94,
    /// [doi:10.2307/2347496](https://doi.org/10.2307/2347496). Under the negative binomial
    /// likelihood the dispersion is maximised over as well. The parameter is held exactly ([`Holding`]).
    ///
    /// A side on which the profile does not close within 10⁷ standard errors (of the logarithm, for
    /// a number of cases above 0), or 10,000 years for a calendar year, is [`Limit::Unbounded`]: the data do not
    /// identify that end. The capacity of a curve that was fitted at its exponential limit, without a ceiling, is
    /// unbounded above, and has the lower end that the data support. That of a curve that falls for good begins at the end of
    /// its domain, 0, and its upper limit is 0 where the data reject every floor. The rate of one has no upper end where the data do
    /// not reject a step. A side on which the curve's domain ends first is [`Limit::EndOfDomain`]. A line that would
    /// fall below 0 at a figure is held at 0 there: its intercept ends at 0.
    ///
    /// # Errors
    ///
    /// Where the curve has no such parameter, where the level is not above 0 and below 1;
    /// where the curve meets every figure, so that there is no scatter to judge by; where the parameter
    /// has no estimate to start from (the midpoint of a curve without a ceiling); where the optimiser cannot
    /// follow the profile, with the value up to which it could; and where the profile finds a better fit
    /// than the fit.
    pub fn profile_interval(&self, parameter: &str, level: f64) -> Result<ProfileInterval> {
        let quantile = self.quantile(level)?;
        let i = natural_place(self.curve().family(), parameter)?;
        if self.is_perfect() {
            return Err(Error::unsuitable(format!(
                "the {} curve meets every figure of {}: there is no scatter to judge other values of the \
                 {parameter} by",
                self.curve().family().name(),
                self.curve().region()
            )));
        }
        let profile = Profile::new(self, i, quantile)?;
        Ok(ProfileInterval {
            lower: profile.limit(-1.0)?,
            upper: profile.limit(1.0)?,
        })
    }
}

/// The profile of one parameter, on the scale on which it is followed.
struct Profile<'a, C> {
    fit: &'a IdentifiedFit<C>,
    /// That of the fit, for curves near it.
    estimator: Estimator<'a, C>,
    /// The fit's own options, without a prior on the profiled parameter.
    options: FitOptions,
    parameter: usize,
    /// Whether the parameter is followed by its logarithm.
    log: bool,
    /// Where the profile begins.
    centre: Held,
    /// The unit of a step: the standard error on that scale.
    step: f64,
    /// The root that a limit has.
    quantile: f64,
    /// The loss of the fit itself.
    least_loss: f64,
    /// The borders of the domain that the data do not reject.
    borders: Vec<Border>,
    /// Whether they reject no value at all.
    any_value: bool,
    /// Whether this is the capacity of a curve that falls for good: at the fit it is 0, and the profile begins above.
    ends_at_zero: bool,
}

/// A point of a profile: the value that is held, the root of the excess there, and the parameters.
#[derive(Clone, Copy)]
struct Held {
    value: f64,
    root: f64,
    theta: Theta,
}

impl<'a, C: GrowthCurve> Profile<'a, C> {
    fn new(fit: &'a IdentifiedFit<C>, parameter: usize, quantile: f64) -> Result<Self> {
        let curve = fit.curve();
        let natural = &curve.family().natural_parameters()[parameter];
        let mut start = padded(curve.theta());
        let mut estimate = curve.natural_at(&start)[parameter];
        let is_at_the_fit = estimate.is_finite();
        // A curve that falls for good, with a rate below 0 or without damping, ends at 0.
        let year = f64::from(curve.reference_year());
        let falls = curve.cases(year + 1.0)? < curve.cases(year)?;
        let ends_at_zero =
            natural.role == Role::Ceiling && (estimate <= 0.0 || estimate.is_nan() && falls);
        // A capacity that is infinite becomes finite a little inside the border of the domain. A damping
        // too small for a finite capacity need not lie on the border itself.
        for nudge in [1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1] {
            if estimate.is_finite() || ends_at_zero {
                break;
            }
            for (value, inside) in start.iter_mut().zip(curve.family().parameters()) {
                let (lower, upper) = (inside.lower + nudge, inside.upper - nudge);
                if lower < upper {
                    *value = value.max(lower).min(upper);
                }
            }
            estimate = curve.natural_at(&start)[parameter];
        }
        // A falling curve without a ceiling has no rate of approach to one.
        if !ends_at_zero && !natural.admits(estimate) {
            let (name, region) = (curve.family().name(), curve.region());
            return Err(Error::unsuitable(format!(
                "the {name} curve of {region} has no {} to profile, as it falls or has no ceiling",
                natural.name
            )));
        }
        let log = matches!(natural.role, Role::Ceiling | Role::Level)
            && natural.lower >= 0.0
            && natural.upper.is_infinite()
            && (estimate > 0.0 || ends_at_zero);
        let step = match fit.parameters()[parameter].standard_error {
            _ if ends_at_zero => 0.1,
            Some(error) if log => (error / estimate).min(0.5),
            Some(error) => error,
            None if log => 0.1,
            None if fit.comes_to_zero().is_some() => {
                0.1 * fit.fitted_values.iter().copied().fold(0.0, f64::max)
            }
            None => 0.1 * estimate.abs().max(1e-3),
        };
        let mut options = fit.options().clone();
        options
            .priors
            .retain(|prior| prior.parameter != natural.name);
        let estimator = fit.basis.estimator()?.near_a_verified_fit();
        let scale = fit.scale_at_optimum;
        let mut profile = Self {
            fit,
            options,
            parameter,
            log,
            centre: Held {
                value: if log { estimate.ln() } else { estimate },
                root: 0.0,
                theta: start,
            },
            step,
            quantile,
            borders: Vec::new(),
            any_value: false,
            ends_at_zero,
            least_loss: estimator.loss_at(&fit.basis.figures.points, curve.theta(), scale),
            estimator,
        };
        // Inside the border the start is not the fit itself.
        if ends_at_zero {
            profile.centre = profile.above_zero()?;
        } else if !is_at_the_fit {
            profile.centre = profile.held(profile.centre.value, &start)?;
        }
        profile.borders = profile.borders();
        profile.any_value = profile.allows_any_value();
        Ok(profile)
    }

    /// The lowest floor above 0 of a curve that falls for good: the slower a curve approaches its floor, the lower is that.
    fn above_zero(&self) -> Result<Held> {
        let natural = self.fit.curve().family().natural_parameters();
        let held = |exponent: i32| {
            let rate = self.holding(place(natural, Role::Rate)?, 10_f64.powi(exponent), &[]);
            let (loss, theta) = self.lowest(&rate.ok()?, &self.centre.theta).ok()?;
            let value = self.value_of(self.parameter, &theta).ln();
            let root = self.root(loss);
            (value > LEAST_LOGARITHM).then_some(Held { value, root, theta })
        };
        let lowest = (-6..=0).find_map(held);
        lowest.ok_or_else(|| self.lost("no curve with a floor above 0 is found", self.centre.value))
    }

    /// One side of the interval: out by growing steps until a value is rejected, then back by
    /// regula falsi on the root, which is nearly linear.
    fn limit(&self, side: f64) -> Result<Limit> {
        if let Some(limit) = self.at_a_border(side) {
            return Ok(limit);
        }
        let mut inner = self.centre;
        if inner.root >= self.quantile && self.ends_at_zero {
            // Every floor above 0 is rejected, however low.
            return Ok(Limit::At(0.0));
        }
        if inner.root >= self.quantile {
            return Err(self.lost("the start of the profile is rejected already", inner.value));
        }
        let of = self.natural();
        let end = self.scaled(if side > 0.0 { of.upper } else { of.lower });
        let mut step = self.step * self.quantile;
        for _ in 0..200 {
            if side * (inner.value - end) >= 0.0 {
                return Ok(Limit::EndOfDomain(self.unscaled(end)));
            }
            let value = side * (side * (inner.value + side * step)).min(side * end);
            // No count is larger than a number can be.
            if self.log && value > 0.95 * f64::MAX.ln() {
                return Ok(Limit::Unbounded);
            }
            match self.held(value, &inner.theta) {
                Ok(held) if held.root >= self.quantile => {
                    return self.close(inner, held);
                }
                Ok(held) => {
                    let far = (held.value - self.centre.value).abs();
                    let year = of.role == Role::Midpoint;
                    if far > FARTHEST * self.step || (year && far > FARTHEST_YEARS) {
                        return Ok(Limit::Unbounded);
                    }
                    inner = held;
                    step *= 1.5;
                }
                // Too far at once: the curve that is held there is another one altogether.
                Err(_) if step >= NO_STEP * self.step => step *= 0.25,
                Err(error) => {
                    let end = self.end_past(side, &inner).ok_or(error)?;
                    // The domain may go on beyond a border, as another kind of curve.
                    let beyond = self.scaled(end) + side * 1e-3 * self.step;
                    match self.held(beyond, &inner.theta) {
                        Ok(held) if held.root < self.quantile => {
                            inner = held;
                            step = self.step * self.quantile;
                        }
                        Ok(_) => return Ok(Limit::At(end)),
                        Err(_) => return Ok(Limit::EndOfDomain(end)),
                    }
                }
            }
        }
        Ok(Limit::Unbounded)
    }

    /// Where the domain ends, past a point beyond which no curve is found.
    fn end_past(&self, side: f64, inner: &Held) -> Option<f64> {
        let role = self.natural().role;
        let last = self.unscaled(inner.value);
        // Where a curve without a ceiling is not rejected, no midpoint lies beyond.
        let no_ceiling = self.borders.iter().any(|border| border.no_ceiling);
        let open = (role == Role::Midpoint && no_ceiling).then_some(last);
        // A line is above 0 at every figure, and so at the first.
        let nothing = side < 0.0 && role == Role::Level && last.abs() <= 10.0 * NO_STEP * self.step;
        let nothing = nothing.then_some(0.0);
        self.end_of_domain(side, inner).or(open).or(nothing)
    }

    /// The parameter that is profiled.
    fn natural(&self) -> &Parameter {
        &self.fit.curve().family().natural_parameters()[self.parameter]
    }

    /// A value on the scale on which the parameter is followed.
    fn scaled(&self, value: f64) -> f64 {
        if self.log { value.ln() } else { value }
    }

    /// A value in the parameter's own unit.
    fn unscaled(&self, value: f64) -> f64 {
        if self.log { value.exp() } else { value }
    }

    /// The value of a natural parameter at given internal ones.
    fn value_of(&self, parameter: usize, theta: &Theta) -> f64 {
        self.fit.curve().natural_at(theta)[parameter]
    }

    /// The curve with a natural parameter held at a value.
    fn holding(&self, parameter: usize, at: f64, avoided: &[usize]) -> Result<Holding<&C>> {
        let curve = self.fit.curve();
        let (family, year) = (curve.family(), curve.reference_year());
        Holding::avoiding(family, parameter, at, year, avoided)
    }

    /// The fit with the parameter held at a value: through one internal parameter, and through the next
    /// where that fails.
    fn held(&self, value: f64, warm: &Theta) -> Result<Held> {
        let at = self.unscaled(value);
        if self.fit.curve().theta().len() == 1 {
            let found = self.alone(at, warm);
            let (loss, theta) = found.ok_or_else(|| self.lost("the curve has no value", value))?;
            let root = self.root(loss);
            return Ok(Held { value, root, theta });
        }
        let mut avoided = Vec::new();
        let mut failure = None;
        let (loss, theta) = loop {
            let holding = match self.holding(self.parameter, at, &avoided) {
                Ok(holding) => holding,
                Err(error) => {
                    return Err(failure.map_or(error, |why: String| self.lost(&why, value)));
                }
            };
            match self.lowest(&holding, warm) {
                Ok(found) => break found,
                Err(why) => {
                    avoided.extend(holding.eliminated());
                    failure.get_or_insert(why);
                }
            }
        };
        let loss = loss + self.own_prior(at);
        if 2.0 * (self.least_loss - loss) > 1e-4 * self.fit.covariance_factor {
            return Err(self.lost("the fit is better there than the fit itself", value));
        }
        Ok(Held {
            value,
            root: self.root(loss),
            theta,
        })
    }

    /// The loss of a curve with one parameter where that is what gives the profiled one a value: there is nothing to fit.
    fn alone(&self, at: f64, warm: &Theta) -> Option<(f64, Theta)> {
        let (family, mut theta) = (self.fit.curve().family(), *warm);
        let mut settled = false;
        for _ in 0..100 {
            let mut slope = [0.0];
            family.natural_gradient(self.parameter, &theta[..1], &mut slope);
            let found = self.value_of(self.parameter, &theta);
            let excess = if self.log {
                found * (found / at).ln()
            } else {
                found - at
            };
            let step = excess / slope[0];
            if !step.is_finite() {
                return None;
            }
            theta[0] -= step;
            if step.abs() <= 1e-14 * theta[0].abs() {
                settled = true;
                break;
            }
        }
        if !settled {
            return None;
        }
        let points = &self.fit.basis.figures.points;
        let scale = match self.fit.likelihood() {
            Likelihood::NegativeBinomial => self.estimator.scale_at(points, &theta[..1]),
            _ => self.fit.scale_at_optimum,
        };
        let inside = family.parameters()[0].admits(theta[0]);
        let loss = self.estimator.loss_at(points, &theta[..1], scale);
        (inside && loss.is_finite()).then_some((loss, theta))
    }

    /// The lowest of the fits with a held parameter from the parameters at a neighbouring value, with and
    /// without a damping that meets the new one, and from the curve's own guess where both fail, or what they
    /// find is rejected: its loss, in the unit of the fit's, and all internal parameters. Why there is none.
    fn lowest(
        &self,
        holding: &Holding<&C>,
        warm: &Theta,
    ) -> std::result::Result<(f64, Theta), String> {
        let estimator = Estimator::new(holding, &self.fit.basis.figures, &self.options)
            .map_err(|error| error.to_string())?
            .near_a_verified_fit();
        let points = &self.fit.basis.figures.points;
        let k = holding.parameters().len();
        let descend = |start: Theta| {
            let found = estimator.profiled(points, &start[..k], self.fit.scale_at_optimum);
            found.map(|(loss, theta)| (self.in_the_fits_unit(loss), theta))
        };
        let warm = [holding.near(&warm[..=k]), holding.reduced(warm)];
        let found = match warm.map(descend) {
            [Ok(met), Ok(same)] => Ok(if met.0 <= same.0 { met } else { same }),
            [Ok(one), Err(_)] | [Err(_), Ok(one)] => Ok(one),
            [Err(error), Err(_)] => Err(error),
        };
        let guessed = || descend(estimator.guess(points)).ok();
        let found = match found {
            Ok(found) if !self.rejects(found.0) => found,
            Ok(found) => guessed().filter(|other| other.0 < found.0).unwrap_or(found),
            Err(error) => guessed().ok_or_else(|| explained(holding, &error))?,
        };
        Ok((found.0, holding.complete(&found.1[..k])))
    }

    /// Why the profile could not be followed.
    fn lost(&self, reason: &str, value: f64) -> Error {
        let curve = self.fit.curve();
        let name = &self.natural().name;
        let at = significant(self.unscaled(value), 5);
        let reason = format!(
            "its profile cannot be followed to {name} = {at}: {reason}; the estimate is not rejected, \
             and how far its interval reaches is not known: hold a parameter or state a prior"
        );
        not_fitted(curve.family().name(), curve.region(), &reason)
    }

    /// What a prior on the profiled parameter itself adds to the loss.
    fn own_prior(&self, value: f64) -> f64 {
        let own = self.fit.options().priors.iter();
        let own = own.filter(|p| p.parameter == self.natural().name);
        own.map(|p| 0.5 * ((value - p.mean) / p.standard_deviation).powi(2))
            .sum()
    }

    /// A loss in the unit of the fit's: with priors squares are divided by the variance that was
    /// estimated, without any other prior those of the profile are not.
    fn in_the_fits_unit(&self, loss: f64) -> f64 {
        let lost_its_scale = self.options.priors.is_empty()
            && !self.fit.options().priors.is_empty()
            && self.fit.estimates_variance()
            && self.fit.likelihood() != Likelihood::QuasiPoisson;
        if lost_its_scale {
            loss / (self.fit.scale_at_optimum * self.fit.scale_at_optimum)
        } else {
            loss
        }
    }

    /// The root of twice the loss over that of the fit, in units of the variance.
    fn root(&self, loss: f64) -> f64 {
        (2.0 * (loss - self.least_loss) / self.fit.covariance_factor)
            .max(0.0)
            .sqrt()
    }

    /// Whether the data reject a curve with this loss.
    fn rejects(&self, loss: f64) -> bool {
        self.root(loss) >= self.quantile
    }

    /// The fit held at a share of the way to a value that is rejected, or nearby where that one fails:
    /// far out from the estimate a curve may be so curved that a descent ends short of its minimum.
    fn held_between(&self, inner: &Held, width: f64, share: f64) -> Result<Held> {
        let at = |share: f64| self.held(inner.value + share * width, &inner.theta);
        at(share).or_else(|error| {
            [0.5 * share, 0.1 * share, 0.01 * share]
                .into_iter()
                .find_map(|share| at(share).ok())
                .ok_or(error)
        })
    }

    /// Whether this is a rate that is no higher because the damping, or the shape, that goes with it is at the upper end
    /// of its own domain: steeper curves are not of the family.
    fn is_held_up(&self, held: &Held) -> bool {
        let internal = self.fit.curve().family().parameters().iter();
        self.natural().role == Role::Rate
            && internal.zip(held.theta).any(|(of, value)| {
                matches!(of.role, Role::Damping | Role::Shape) && value >= of.upper
            })
    }

    /// The limit between a value that is not rejected and one that is.
    fn close(&self, mut inner: Held, mut outer: Held) -> Result<Limit> {
        let excess = |held: &Held| (held.value, held.root - self.quantile);
        let Some(mut bracket) = Bracket::new(excess(&inner), excess(&outer)) else {
            return Err(self.lost("the profile has no value", outer.value));
        };
        let (narrow, near) = (1e-11 * self.step, 1e-11);
        let mut turns = 0..100;
        while bracket.width() > narrow && bracket.nearest().1.abs() > near && turns.next().is_some()
        {
            let width = outer.value - inner.value;
            let share = (bracket.next(0.5 * narrow) - inner.value) / width;
            let held = self.held_between(&inner, width, share)?;
            let (value, excess) = excess(&held);
            bracket.narrow(value, excess);
            if excess < 0.0 {
                inner = held;
            } else {
                outer = held;
            }
        }
        let (nearest, missed) = bracket.nearest();
        if missed.abs() <= near || outer.root - inner.root <= 1e-3 * self.quantile {
            let limit = self.unscaled(nearest);
            return Ok(if outer.value > inner.value && self.is_held_up(&inner) {
                Limit::EndOfDomain(limit)
            } else {
                Limit::At(limit)
            });
        }
        // The profile leaps between the two. Either the domain ends there, or all beyond is rejected.
        let last = self.unscaled(inner.value);
        let step = if self.log { 0.0 } else { self.step };
        let near = |end: &f64| (end - last).abs() <= 1e-6 * end.abs().max(last.abs()).max(step);
        let end = self.end_of_domain((outer.value - inner.value).signum(), &inner);
        Ok(end.filter(near).map_or(Limit::At(last), Limit::EndOfDomain))
    }
}
