//! Profile-likelihood intervals.

use super::estimator::{Estimator, Theta};
use super::terms::Penalty;
use super::{IdentifiedFit, not_fitted};
use crate::curve::{GrowthCurve, MAX_PARAMETERS};
use crate::error::{Error, ErrorKind, Result};

/// One end of a profile interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// The profile closes here.
    At(f64),
    /// The profile never closes on this side: the data allow the parameter any value, however far.
    Unbounded,
}

impl Limit {
    /// The limit, or `None` where there is none.
    #[must_use]
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::At(value) => Some(value),
            Self::Unbounded => None,
        }
    }
}

/// A profile-likelihood interval of a textbook parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileInterval {
    /// The lower end.
    pub lower: Limit,
    /// The upper end.
    pub upper: Limit,
}

/// The standard deviation of the penalty that holds a parameter, as a multiple of the parameter's
/// standard error: at a limit two standard errors out it is missed by 2e-10 of a standard error.
const HOLD: f64 = 1e-5;

/// How far from the estimate a profile is followed, in standard errors, doubling the step each time.
const FARTHEST: f64 = 1e7;

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The profile-likelihood interval of a textbook parameter: the values that the likelihood,
    /// maximised over all other parameters, does not reject at the level.
    ///
    /// Rejected is a value *c* at which twice the loss of log-likelihood (for an estimated variance,
    /// the increase of the residual sum of squares over s²) exceeds the squared quantile of the
    /// normal (Student's) distribution: Bates & Watts (1988), *Nonlinear Regression Analysis and Its
    /// Applications*, section 6.1; Venzon & Moolgavkar (1988), Applied Statistics 37:87–94,
    /// [doi:10.2307/2347496](https://doi.org/10.2307/2347496). Under the negative binomial
    /// likelihood the dispersion is maximised over as well.
    ///
    /// A side on which the profile does not close within 10⁷ standard errors (of the logarithm, for
    /// a parameter that is above 0) is [`Limit::Unbounded`]: the data do not identify that end. The
    /// capacity of a curve that was fitted at its limit without a ceiling is unbounded above, and
    /// has the lower end that the data support.
    ///
    /// # Errors
    ///
    /// Where the curve has no such parameter, the level is not above 0 and below 1, the parameter has
    /// no estimate to start from (the midpoint of a curve without a ceiling), or the solver cannot
    /// follow the profile.
    pub fn profile_interval(&self, parameter: &str, level: f64) -> Result<ProfileInterval> {
        let quantile = self.quantile(level)?;
        let textbook = self.curve().family().textbook_parameters();
        let Some(i) = textbook.iter().position(|p| p.name == parameter) else {
            let names: Vec<&str> = textbook.iter().map(|p| p.name).collect();
            return Err(Error::out_of_range(
                "the parameter",
                format!("the {} curve", self.curve().family().name()),
                parameter,
                format!("one of {}", names.join(", ")),
            ));
        };
        if self
            .options
            .fixed
            .iter()
            .any(|(fixed, _)| fixed == parameter)
        {
            return Err(ErrorKind::Unsuitable(format!(
                "the {parameter} is fixed: it has no profile"
            ))
            .into());
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
    estimator: Estimator<'a, C>,
    fit: &'a IdentifiedFit<C>,
    parameter: usize,
    /// Whether the parameter is followed by its logarithm.
    log: bool,
    /// Parameters to start from, at which the profiled one is finite.
    start: Theta,
    /// The profiled parameter there.
    centre: f64,
    /// The unit of a step: the standard error on that scale.
    step: f64,
    /// The root that a limit has.
    quantile: f64,
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
        let textbook = curve.family().textbook_parameters()[parameter];
        let mut start = [0.0; MAX_PARAMETERS];
        let k = curve.theta().len();
        start[..k].copy_from_slice(curve.theta());
        let mut estimate = curve.parameters()[parameter].value;
        // A capacity that is infinite becomes finite a little inside the border of the domain.
        for nudge in [1e-3, 1e-2, 1e-1] {
            if estimate.is_finite() {
                break;
            }
            // A damping too small for a finite capacity need not lie on the border itself.
            for (value, inside) in start.iter_mut().zip(curve.family().parameters()) {
                *value = if *value < inside.lower + nudge {
                    inside.lower + nudge
                } else if *value > inside.upper - nudge {
                    inside.upper - nudge
                } else {
                    *value
                };
            }
            estimate = value_of(
                curve.family(),
                curve.reference_year(),
                &start[..k],
                parameter,
            );
        }
        if !estimate.is_finite() {
            return Err(Error::out_of_range(
                format!("the {}", textbook.name),
                format!("the {} curve of {}", curve.family().name(), curve.region()),
                estimate,
                "an estimate, to profile it",
            ));
        }
        let log = textbook.lower >= 0.0 && estimate > 0.0;
        let error = fit.standard_errors()[parameter];
        let step = match error {
            Some(error) if log => (error / estimate).min(0.5),
            Some(error) => error,
            None if log => 0.1,
            None => 0.1 * estimate.abs().max(1e-3),
        };
        Ok(Self {
            estimator: fit.estimator()?,
            fit,
            parameter,
            log,
            start,
            centre: if log { estimate.ln() } else { estimate },
            step,
            quantile,
        })
    }

    /// One side of the interval: out by growing steps until a value is rejected, then back by
    /// regula falsi on the root, which is nearly linear.
    fn limit(&self, side: f64) -> Result<Limit> {
        if self.never_rejected(side) {
            return Ok(Limit::Unbounded);
        }
        let mut inner = Held {
            value: self.centre,
            root: 0.0,
            theta: self.start,
        };
        let mut step = self.step * self.quantile;
        for _ in 0..200 {
            match self.held(inner.value + side * step, &inner.theta) {
                Ok(held) if held.root >= self.quantile => {
                    return self.close(inner, held);
                }
                Ok(held) => {
                    if (held.value - self.centre).abs() > FARTHEST * self.step {
                        return Ok(Limit::Unbounded);
                    }
                    inner = held;
                    step *= 1.5;
                }
                // Too far at once: the curve that is held there is another one altogether.
                Err(error) => {
                    step *= 0.25;
                    if step < 1e-6 * self.step {
                        return Err(error);
                    }
                }
            }
        }
        Ok(Limit::Unbounded)
    }

    /// Whether the parameter goes to infinity on this side at a border of the domain that the data
    /// do not reject: then no value on this side is rejected.
    fn never_rejected(&self, side: f64) -> bool {
        let family = self.fit.curve().family();
        let k = self.fit.curve().theta().len();
        (0..k).any(|j| {
            let parameter = family.parameters()[j];
            [parameter.lower, parameter.upper]
                .into_iter()
                .filter(|bound| bound.is_finite())
                .any(|bound| {
                    let mut theta = self.start;
                    theta[j] = bound;
                    let there = value_of(
                        family,
                        self.fit.curve().reference_year(),
                        &theta[..k],
                        self.parameter,
                    );
                    if !there.is_infinite() || (there > 0.0) != (side > 0.0) {
                        return false;
                    }
                    let border = self.estimator.holding(j, bound).and_then(|estimator| {
                        estimator.profiled(&self.fit.figures.points, &theta[..k], self.fit.scale, 0)
                    });
                    border.is_ok_and(|border| self.root(border.loss) < self.quantile)
                })
        })
    }

    /// The fit with the parameter held at a value.
    fn held(&self, value: f64, warm: &Theta) -> Result<Held> {
        let penalised = self.estimator.penalised(Penalty {
            parameter: self.parameter,
            mean: value,
            // The terms are not divided by an estimated deviation, so the penalty is not either.
            deviation: HOLD * self.step / self.fit.covariance_factor.sqrt(),
            log: self.log,
        });
        let curve = self.fit.curve();
        let k = curve.theta().len();
        let profiled = penalised
            .profiled(&self.fit.figures.points, &warm[..k], self.fit.scale, 1)
            .map_err(|error| {
                let name = curve.family().textbook_parameters()[self.parameter].name;
                let at = if self.log { value.exp() } else { value };
                let reason =
                    format!("its profile cannot be followed to a {name} of {at:.4}: {error}");
                not_fitted(curve.family().name(), curve.region(), &reason)
            })?;
        let mut theta = [0.0; MAX_PARAMETERS];
        theta[..k].copy_from_slice(profiled.minimum.parameters());
        Ok(Held {
            value,
            root: self.root(profiled.loss),
            theta,
        })
    }

    /// The root of twice the loss over that of the fit, in units of the variance.
    fn root(&self, loss: f64) -> f64 {
        (2.0 * (loss - self.fit.loss()) / self.fit.covariance_factor)
            .max(0.0)
            .sqrt()
    }

    /// The limit between a value that is not rejected and one that is.
    fn close(&self, mut inner: Held, mut outer: Held) -> Result<Limit> {
        for turn in 0..100 {
            let width = outer.value - inner.value;
            if width.abs() <= 1e-11 * self.step || (inner.root - self.quantile).abs() < 1e-11 {
                break;
            }
            // Every third turn halves, so that a kink cannot stall it.
            let share = if turn % 3 == 2 {
                0.5
            } else {
                ((self.quantile - inner.root) / (outer.root - inner.root)).clamp(1e-4, 1.0 - 1e-4)
            };
            let held = self.held(inner.value + share * width, &inner.theta)?;
            if held.root < self.quantile {
                inner = held;
            } else {
                outer = held;
            }
        }
        let nearest = if self.quantile - inner.root < outer.root - self.quantile {
            inner
        } else {
            outer
        };
        Ok(Limit::At(if self.log {
            nearest.value.exp()
        } else {
            nearest.value
        }))
    }
}

/// The value of a textbook parameter.
fn value_of<C: GrowthCurve>(
    family: &C,
    reference_year: i32,
    theta: &[f64],
    parameter: usize,
) -> f64 {
    let mut textbook = [0.0; MAX_PARAMETERS];
    family.textbook(
        f64::from(reference_year),
        theta,
        &mut textbook[..theta.len()],
    );
    textbook[parameter]
}
