//! Numbers that are checked: an error names them, and the place where they stand.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::error::{Error, ErrorKind, Result};

/// The place of the numbers that are checked: what is put into words only where one is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<P>(pub(crate) P);

impl<P: Display> Place<P> {
    /// A number for which something has to hold, or else it is not what is allowed.
    pub(crate) fn check(
        self,
        holds: bool,
        name: impl Display,
        value: impl Display,
        allowed: impl Display,
    ) -> Result<()> {
        if holds {
            return Ok(());
        }
        let (name, place) = (name.to_string(), self.0.to_string());
        Err(Error::out_of_range(name, place, value, allowed.to_string()))
    }

    /// A number between two others, or one of them.
    pub(crate) fn between(
        self,
        name: impl Display,
        value: f64,
        range: RangeInclusive<f64>,
    ) -> Result<()> {
        let allowed = format_args!("between {} and {}", range.start(), range.end());
        self.check(range.contains(&value), name, value, allowed)
    }

    /// A number between 0 and 1.
    pub(crate) fn share(self, name: impl Display, value: f64) -> Result<()> {
        self.between(name, value, 0.0..=1.0)
    }

    pub(crate) fn positive(self, name: impl Display, value: f64) -> Result<()> {
        let holds = value > 0.0 && value.is_finite();
        self.check(holds, name, value, "finite and above 0")
    }

    pub(crate) fn not_negative(self, name: impl Display, value: f64) -> Result<()> {
        let holds = value >= 0.0 && value.is_finite();
        self.check(holds, name, value, "finite and not negative")
    }

    pub(crate) fn finite(self, name: impl Display, value: f64) -> Result<()> {
        self.check(value.is_finite(), name, value, "finite")
    }

    /// A probability, or the level of an interval.
    pub(crate) fn probability(self, name: impl Display, value: f64) -> Result<()> {
        let holds = value > 0.0 && value < 1.0;
        self.check(holds, name, value, "above 0 and below 1")
    }

    /// A whole number in a range.
    pub(crate) fn within(
        self,
        name: impl Display,
        value: usize,
        range: RangeInclusive<usize>,
    ) -> Result<()> {
        let allowed = format_args!("from {} to {}", range.start(), range.end());
        self.check(range.contains(&value), name, value, allowed)
    }
}

/// Years of a region that increase.
pub(crate) fn increasing(region: &str, years: impl IntoIterator<Item = i32>) -> Result<()> {
    let mut previous = None;
    for year in years {
        if let Some(previous) = previous.filter(|previous| *previous >= year) {
            let region = region.to_owned();
            return Err(ErrorKind::YearsNotIncreasing {
                region,
                previous,
                year,
            }
            .into());
        }
        previous = Some(year);
    }
    Ok(())
}
