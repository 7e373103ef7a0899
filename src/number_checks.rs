//! Numbers that are checked: an error names them, and the place where they stand.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// The place of the numbers that are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a>(pub(crate) &'a str);

impl Place<'_> {
    /// A number for which something has to hold, or else it is not what is allowed.
    pub(crate) fn check(
        self,
        holds: bool,
        name: &str,
        value: impl Display,
        allowed: &str,
    ) -> Result<()> {
        if holds {
            return Ok(());
        }
        Err(Error::out_of_range(name, self.0, value, allowed))
    }

    /// A number between 0 and 1.
    pub(crate) fn share(self, name: &str, value: f64) -> Result<()> {
        let holds = (0.0..=1.0).contains(&value);
        self.check(holds, name, value, "between 0 and 1")
    }

    pub(crate) fn positive(self, name: &str, value: f64) -> Result<()> {
        let holds = value > 0.0 && value.is_finite();
        self.check(holds, name, value, "finite and above 0")
    }

    pub(crate) fn not_negative(self, name: &str, value: f64) -> Result<()> {
        let holds = value >= 0.0 && value.is_finite();
        self.check(holds, name, value, "finite and not negative")
    }

    pub(crate) fn finite(self, name: &str, value: f64) -> Result<()> {
        self.check(value.is_finite(), name, value, "finite")
    }

    /// A probability, or the level of an interval.
    pub(crate) fn probability(self, name: &str, value: f64) -> Result<()> {
        let holds = value > 0.0 && value < 1.0;
        self.check(holds, name, value, "above 0 and below 1")
    }

    /// A whole number in a range.
    pub(crate) fn within(
        self,
        name: &str,
        value: usize,
        range: RangeInclusive<usize>,
    ) -> Result<()> {
        let allowed = || format!("from {} to {}", range.start(), range.end());
        if range.contains(&value) {
            Ok(())
        } else {
            Err(Error::out_of_range(name, self.0, value, allowed()))
        }
    }
}
