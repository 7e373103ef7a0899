//! What is checked of numbers and names in more than one place.

use crate::error::{Error, Result};

/// A number is finite.
pub(super) fn finite(name: impl Into<String>, place: impl Into<String>, x: f64) -> Result<()> {
    if x.is_finite() {
        return Ok(());
    }
    Err(Error::out_of_range(name, place, x, "finite"))
}

/// A number is above 0 and finite.
pub(super) fn positive(name: impl Into<String>, place: impl Into<String>, x: f64) -> Result<()> {
    above_0(name, place, x, "above 0 and finite")
}

/// What lets an input vary is above 0 and finite.
pub(super) fn varies(name: impl Into<String>, place: impl Into<String>, x: f64) -> Result<()> {
    let allowed = "above 0 and finite: an input without variance is a constant of the model";
    above_0(name, place, x, allowed)
}

fn above_0(name: impl Into<String>, place: impl Into<String>, x: f64, allowed: &str) -> Result<()> {
    if x > 0.0 && x.is_finite() {
        return Ok(());
    }
    Err(Error::out_of_range(name, place, x, allowed))
}

/// A probability, or the level of an interval, is above 0 and below 1.
pub(super) fn probability(name: &str, place: impl Into<String>, p: f64) -> Result<()> {
    if p > 0.0 && p < 1.0 {
        return Ok(());
    }
    Err(Error::out_of_range(name, place, p, "above 0 and below 1"))
}

/// A range goes up, between two numbers.
pub(super) fn range(place: &str, (low, high): (f64, f64)) -> Result<()> {
    finite("the lower end", place, low)?;
    finite("the upper end", place, high)?;
    if low < high {
        return Ok(());
    }
    let allowed = format!("above the lower one, {low}");
    Err(Error::out_of_range("the upper end", place, high, allowed))
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
