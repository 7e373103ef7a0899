//! What can be wrong with a curve of a user's own: its parameters, and derivatives that are not those of its values.

use super::estimator::Theta;
use super::failure::not_fitted;
use super::fit_figures::FitFigures;
use crate::curve::{GrowthCurve, MAX_PARAMETERS, Parameter, is_shipped};
use crate::error::{Error, Result};
use crate::number_checks::Place;

/// Steps of the differences, as parts of a parameter's size. Both have to say the same.
const STEPS: [f64; 2] = [1e-3, 1e-4];

/// Relative difference from which on a stated derivative is wrong, and not merely taken by differences itself.
const WRONG: f64 = 1e-3;

/// Times at which derivatives are compared.
const TIMES: usize = 7;

/// Checks number, names and domains of the parameters of a user's curve.
pub(super) fn check_parameters<C: GrowthCurve>(curve: &C) -> Result<()> {
    if is_shipped(curve) {
        return Ok(());
    }
    let (k, natural) = (curve.parameters().len(), curve.natural_parameters());
    let place = format!("the {} curve", curve.name());
    let n = natural.len();
    Place(&place).within("the number of parameters", k, 1..=MAX_PARAMETERS)?;
    let allowed = format!("at least {k}, as many as internal ones, and at most {MAX_PARAMETERS}");
    let (name, holds) = (
        "the number of natural parameters",
        (k..=MAX_PARAMETERS).contains(&n),
    );
    Place(&place).check(holds, name, n, &allowed)?;
    for all in [curve.parameters(), natural] {
        for (j, parameter) in all.iter().enumerate() {
            parameter.check()?;
            let name = &parameter.name;
            if all[..j].iter().any(|other| other.name == *name) {
                let message = format!("two parameters of {place} are called {name}");
                return Err(Error::unsuitable(message));
            }
        }
    }
    Ok(())
}

/// Checks that the derivatives that a user's curve states are those of its values, at internal parameters and a little
/// beside them, where nothing is 0 by chance.
pub(super) fn check_derivatives<C: GrowthCurve>(
    curve: &C,
    region: &str,
    figures: &FitFigures,
    at: impl FnOnce() -> Theta,
) -> Result<()> {
    if is_shipped(curve) {
        return Ok(());
    }
    let (theta, k) = (at(), curve.parameters().len());
    check_at(curve, region, figures, &theta[..k])?;
    let beside = theta.map(|x| x + 0.1 * size(x));
    check_at(curve, region, figures, &beside[..k])
}

fn check_at<C: GrowthCurve>(
    curve: &C,
    region: &str,
    figures: &FitFigures,
    theta: &[f64],
) -> Result<()> {
    let theta = inside(curve.parameters(), theta);
    let mut gradient = vec![0.0; theta.len()];
    let last = figures.points.len().saturating_sub(1);
    let mut places: Vec<usize> = (0..TIMES).map(|i| i * last / (TIMES - 1)).collect();
    places.dedup();
    for place in places {
        let (t, year) = (figures.points[place].t, figures.years[place]);
        check_gradient(curve, region, (t, year.into()), &theta)?;
    }
    let reference_year = figures.years.first().copied().map_or(0.0, f64::from);
    for (i, natural) in curve.natural_parameters().iter().enumerate() {
        curve.natural_gradient(i, &theta, &mut gradient);
        let value = |theta: &[f64]| {
            let mut all = [0.0; MAX_PARAMETERS];
            let n = curve.natural_parameters().len();
            curve.natural(reference_year, theta, &mut all[..n]);
            all[i]
        };
        if let Some((j, both)) = disagreement(curve.parameters(), &theta, &gradient, value) {
            let what = format!("the natural parameter {}", natural.name);
            return Err(wrong(curve, region, &what, (j, both)));
        }
    }
    Ok(())
}

/// Checks the derivatives of a user's curve at one time, which may lie beyond the figures.
pub(super) fn check_gradient<C: GrowthCurve>(
    curve: &C,
    region: &str,
    (t, year): (f64, f64),
    theta: &[f64],
) -> Result<()> {
    if is_shipped(curve) {
        return Ok(());
    }
    let theta = inside(curve.parameters(), theta);
    let mut gradient = vec![0.0; theta.len()];
    curve.value_and_gradient(t, &theta, &mut gradient);
    let value = |theta: &[f64]| curve.value(t, theta);
    match disagreement(curve.parameters(), &theta, &gradient, value) {
        None => Ok(()),
        Some(found) => {
            let what = format!("its value at t = {t} ({year})");
            Err(wrong(curve, region, &what, found))
        }
    }
}

/// What is said of a derivative by parameter `j` that is not that of differences.
fn wrong<C: GrowthCurve>(
    curve: &C,
    region: &str,
    what: &str,
    (j, (stated, found)): (usize, (f64, f64)),
) -> Error {
    let reason = format!(
        "the curve states that the derivative of {what} by {} is {stated:.6e}, and by differences it is {found:.6e}: its \
         gradient is wrong",
        curve.parameters()[j].name
    );
    not_fitted(curve.name(), region, &reason)
}

/// The size of a parameter, for the steps of differences.
fn size(value: f64) -> f64 {
    value.abs().max(0.1)
}

/// Parameters so far inside their domain that differences can be taken, where there is room.
fn inside(parameters: &[Parameter], theta: &[f64]) -> Vec<f64> {
    let moved = parameters.iter().zip(theta).map(|(of, &value)| {
        let room = 2.0 * STEPS[0] * size(value);
        value.min(of.upper - room).max(of.lower + room)
    });
    moved.collect()
}

/// The first parameter by which the stated derivative is not that of differences: its place, both numbers.
/// Differences of two steps that do not agree with each other say nothing; where those to either side do not, the value has a kink,
/// and any derivative between them is right.
fn disagreement(
    parameters: &[Parameter],
    theta: &[f64],
    stated: &[f64],
    value: impl Fn(&[f64]) -> f64,
) -> Option<(usize, (f64, f64))> {
    let here = value(theta);
    (0..theta.len()).find_map(|j| {
        let at = |steps: f64, h: f64| {
            let mut theta = theta.to_vec();
            theta[j] += steps * h;
            if parameters[j].admits(theta[j]) {
                value(&theta)
            } else {
                f64::NAN
            }
        };
        let differences = STEPS.map(|step| {
            let h = step * size(theta[j]);
            let at = |steps| at(steps, h);
            (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h)
        });
        let [coarse, fine] = differences;
        let rounding = 1e3 * f64::EPSILON * here.abs() / (STEPS[1] * size(theta[j]));
        let doubt = 10.0 * (coarse - fine).abs() + rounding;
        let scale = fine.abs().max(stated[j].abs());
        let told = (coarse - fine).abs() <= 1e-2 * fine.abs() + rounding && fine.is_finite();
        let agrees = (stated[j] - fine).abs() <= WRONG * scale + doubt;
        if !told || agrees {
            return None;
        }
        let one_sided = [-1.0, 1.0].map(|side| {
            let h = side * STEPS[1] * size(theta[j]);
            (4.0 * at(1.0, h) - at(2.0, h) - 3.0 * here) / (2.0 * h)
        });
        let (low, high) = (
            one_sided[0].min(one_sided[1]),
            one_sided[0].max(one_sided[1]),
        );
        let doubt = WRONG * scale.max(low.abs()).max(high.abs()) + 4.0 * rounding;
        let is_kink = high - low > 10.0 * doubt;
        let is_between = (low - doubt..=high + doubt).contains(&stated[j]);
        (!is_kink || !is_between).then_some((j, (stated[j], fine)))
    })
}
