//! What is checked of numbers and names in more than one place.

use crate::error::{Error, Result};
use crate::number_checks::Place;

/// What lets an input vary is above 0 and finite.
pub(super) fn varies(name: &str, place: &str, x: f64) -> Result<()> {
    let allowed = "above 0 and finite: an input without variance is a constant of the model";
    Place(place).check(x > 0.0 && x.is_finite(), name, x, allowed)
}

/// The first number that is not finite is refused, under the name and the place that `whose` gives it.
pub(super) fn all_finite(
    numbers: impl IntoIterator<Item = f64>,
    whose: impl Fn(usize) -> (String, String),
) -> Result<()> {
    let mut numbers = numbers.into_iter().enumerate();
    match numbers.find(|(_, x)| !x.is_finite()) {
        None => Ok(()),
        Some((i, x)) => {
            let (name, place) = whose(i);
            Place(&place).finite(&name, x)
        }
    }
}

/// Draws of an input that are all the same have no variance.
pub(super) fn not_constant(input: &str, draws: impl IntoIterator<Item = f64>) -> Result<()> {
    let mut draws = draws.into_iter();
    let first = draws.next();
    if draws.all(|x| Some(x) == first) {
        return Err(Error::unsuitable(format!(
            "{input} has no variance: leave it out of the inputs, it is a constant of the model"
        )));
    }
    Ok(())
}

/// A range goes up, between two numbers.
pub(super) fn range(place: &str, (low, high): (f64, f64)) -> Result<()> {
    let (place, allowed) = (Place(place), format!("above the lower one, {low}"));
    place.finite("the lower end", low)?;
    place.finite("the upper end", high)?;
    place.check(low < high, "the upper end", high, &allowed)
}

/// Names are there, each once: of inputs, outputs, options.
pub(super) fn names<'a>(what: &str, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if name.trim().is_empty() {
            return Err(Error::contradiction(format!(
                "a name among the {what} is empty"
            )));
        }
        if seen.contains(&name) {
            let message = format!("\"{name}\" is there twice among the {what}");
            return Err(Error::contradiction(message));
        }
        seen.push(name);
    }
    Ok(())
}
