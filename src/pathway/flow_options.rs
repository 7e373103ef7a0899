//! What is asked of a flow: which cohorts, how far, how exactly.

use std::ops::RangeInclusive;

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::random::Seed;

/// The most calendar years that a pathway may be run for.
const MAX_YEARS: usize = 500;

/// When in its calendar year a cohort is diagnosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entry {
    /// At a steady rate through the year. The default: it is what happens, and half of those
    /// diagnosed in a year have had less than half a year by its end.
    #[default]
    UniformOverYear,
    /// All on the middle day of the year, the simplification of many cohort tables.
    MidYear,
}

/// How to run a [`Pathway`](super::Pathway) or a [`Delay`](super::Delay) on yearly incidence.
///
/// ```
/// use myeloma_epi::pathway::FlowOptions;
///
/// // Only those diagnosed before 2019, to 2040.
/// let options = FlowOptions { cohorts: Some(1990..=2018), ..FlowOptions::to(2040) };
/// assert_eq!(options.tolerance, 1e-6);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowOptions {
    /// The last calendar year; not after the last year of the incidence.
    pub to: i32,
    /// When in its year a cohort is diagnosed. Default: at a steady rate through the year.
    #[serde(default)]
    pub entry: Entry,
    /// The most that any number may be off for numerical reasons, in patients per patient diagnosed in one
    /// year; above 0. Default 1e-6: one in a million.
    #[serde(default = "tolerance")]
    pub tolerance: f64,
    /// The years of diagnosis that are followed; the others count as years without a diagnosis. Default: all
    /// that there are draws for.
    #[serde(default)]
    pub cohorts: Option<RangeInclusive<i32>>,
    /// Where the uncertainty of shares and sojourn times comes from.
    #[serde(default)]
    pub seed: Seed,
}

const fn tolerance() -> f64 {
    1e-6
}

impl FlowOptions {
    /// The defaults, to a last calendar year.
    #[must_use]
    pub fn to(year: i32) -> Self {
        Self {
            to: year,
            entry: Entry::default(),
            tolerance: tolerance(),
            cohorts: None,
            seed: Seed::default(),
        }
    }

    /// The yearly incidence from its first year to the last year asked for, 0 in the years of diagnosis
    /// that are not followed.
    ///
    /// # Errors
    ///
    /// Where the options contradict themselves or the incidence.
    pub(super) fn followed(&self, incidence: &YearlyDraws) -> Result<Array2<f64>> {
        if !(self.tolerance > 0.0 && self.tolerance.is_finite()) {
            return Err(Error::out_of_range(
                "tolerance",
                "the options of a flow",
                self.tolerance,
                "above 0",
            ));
        }
        let (first, last) = (incidence.first_year(), incidence.last_year());
        if first > self.to {
            return Err(Error::out_of_range(
                "the first year of the incidence",
                "a flow",
                first,
                format!("at most the last year of the flow, {}", self.to),
            ));
        }
        if last < self.to {
            return Err(Error::out_of_range(
                "the last year of a flow",
                "its options",
                self.to,
                format!("at most the last year of the incidence, {last}"),
            ));
        }
        let years = incidence.row_of(self.to)? + 1;
        check_years(years, "a flow")?;
        let (kept, _) = incidence.view().split_at(Axis(0), years);
        let mut cohorts = kept.to_owned();
        if let Some(followed) = &self.cohorts {
            if followed.is_empty() || *followed.start() > self.to || *followed.end() < first {
                return Err(Error::out_of_range(
                    "cohorts",
                    "the options of a flow",
                    format!("{} to {}", followed.start(), followed.end()),
                    format!("years in order between {first} and {}", self.to),
                ));
            }
            for (year, mut row) in (first..).zip(cohorts.rows_mut()) {
                if !followed.contains(&year) {
                    row.fill(0.0);
                }
            }
        }
        Ok(cohorts)
    }
}

/// There is at least one year, and not too many.
pub(super) fn check_years(years: usize, place: &str) -> Result<()> {
    if (1..=MAX_YEARS).contains(&years) {
        return Ok(());
    }
    Err(Error::out_of_range(
        "the number of years",
        place,
        years,
        format!("from 1 to {MAX_YEARS}"),
    ))
}
