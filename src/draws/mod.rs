//! Draws of yearly numbers: the form in which everything uncertain is passed on.
//!
//! | type | holds |
//! |---|---|
//! | [`YearlyDraws`] | the draws themselves |
//! | [`YearlyTally`] | how many draws fell where: the same summaries, of any number of draws in bounded memory |
//! | [`YearSummary`] | median, 50 % and 95 % interval of one year |
//! | [`DrawSource`] | a model that makes draws a block at a time, for either of the first two |

/// What draws and tallies of draws have in common.
macro_rules! year_by_year {
    ($draws:ty) => {
        impl $draws {
            /// The first year.
            #[must_use]
            pub const fn first_year(&self) -> i32 {
                self.first_year
            }

            /// The last year.
            #[must_use]
            pub fn last_year(&self) -> i32 {
                *self.years().end()
            }

            /// Always false: there is at least one draw.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The quantile of one year's draws at probability `p`, from 0 (the least) to 1 (the greatest).
            ///
            /// # Errors
            ///
            /// Where the year is not there or `p` is not between 0 and 1.
            pub fn quantile(&self, year: i32, p: f64) -> Result<f64> {
                Ok(self.quantiles(year, &[p])?[0])
            }

            /// The median of one year's draws.
            ///
            /// # Errors
            ///
            /// Where the year is not there.
            pub fn median(&self, year: i32) -> Result<f64> {
                self.quantile(year, 0.5)
            }

            /// The central interval of one year's draws: level 0.95 runs from the 2.5 % to the 97.5 %
            /// quantile. A limit needs some ten draws beyond it: with fewer than 20/(1 − level) draws it is
            /// little more than the least and the greatest of them.
            ///
            /// # Errors
            ///
            /// Where the year is not there, the level is not above 0 and below 1, or the draws do not vary in any
            /// year: what has no error to show has no interval, and not one without width.
            pub fn interval(&self, year: i32, level: f64) -> Result<(f64, f64)> {
                if !self.vary() {
                    return Err(super::do_not_vary());
                }
                let ends = self.quantiles(year, &super::tails(level)?)?;
                Ok((ends[0], ends[1]))
            }
        }

        impl std::fmt::Display for $draws {
            /// A table of the summary of every year. A precision (`{:.2}`) asks for so many decimals.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                super::year_summary::table(f, (self.len(), self.vary()), &self.summary())
            }
        }
    };
}

mod draw_source;
mod tally;
mod year_summary;
mod yearly_draws;
mod yearly_tally;

use std::ops::RangeInclusive;

pub use draw_source::DrawSource;
pub use year_summary::YearSummary;
pub use yearly_draws::YearlyDraws;
pub use yearly_tally::YearlyTally;
pub(crate) use yearly_tally::tally;

use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::random::BLOCK;

/// Whether the greater of two numbers is so by more than rounding.
fn is_more_than_rounding(least: f64, greatest: f64) -> bool {
    greatest - least > 1e-12 * greatest
}

/// The furthest that a projection may reach past the last observation, in years.
///
/// A curve through a few figures says nothing about the century after next.
pub(crate) const MAX_HORIZON: i32 = 200;

/// The most numbers that one matrix of draws may hold: 2³⁰, which is 8 GiB.
const MAX_CELLS: usize = 1 << 30;

/// The number of years and of draws is at least one.
fn check_counts(years: usize, draws: usize) -> Result<()> {
    let place = Place("a projection");
    place.check(draws > 0, "the number of draws", draws, "at least 1")?;
    place.check(years > 0, "the number of years", years, "at least 1")
}

/// The number of years and of draws is at least one, and fits into memory.
pub(crate) fn check_shape(years: usize, draws: usize) -> Result<()> {
    check_counts(years, draws)?;
    let cells = years.checked_mul(draws);
    if cells.is_none_or(|cells| cells > MAX_CELLS) {
        return Err(Error::unsuitable(format!(
            "{draws} draws of {years} years do not fit: the most is {} draws of so many years",
            MAX_CELLS / years
        )));
    }
    Ok(())
}

/// So many years of draws are worth the while of another thread.
pub(crate) fn years_at_a_time(draws: usize) -> usize {
    (16 * BLOCK).div_ceil(draws)
}

/// No year is past the range of its type.
fn check_years(first_year: i32, years: usize) -> Result<()> {
    let end = i32::try_from(years).map(|years| first_year.checked_add(years));
    let holds = matches!(end, Ok(Some(_)));
    Place("the draws").check(holds, "the first year", first_year, "a calendar year")
}

/// So many years from a first one, as [`check_years`] has allowed them.
fn years(first_year: i32, years: usize) -> RangeInclusive<i32> {
    first_year..=first_year + i32::try_from(years - 1).unwrap_or(0)
}

/// The row of a year.
fn row_of(year: i32, years: &RangeInclusive<i32>) -> Result<usize> {
    let row = usize::try_from(i64::from(year) - i64::from(*years.start()));
    row.ok().filter(|_| years.contains(&year)).ok_or_else(|| {
        let allowed = format!("from {} to {}", years.start(), years.end());
        Error::out_of_range("the year", "the draws", year, allowed)
    })
}

/// Probabilities lie between 0 and 1.
fn check_probabilities(probabilities: &[f64]) -> Result<()> {
    let check = |p: &f64| Place("a quantile").share("the probability", *p);
    probabilities.iter().try_for_each(check)
}

/// The probabilities of the ends of a central interval of this level.
pub(crate) fn tails(level: f64) -> Result<[f64; 2]> {
    let allowed = "above 0 and below 1 (0.95 for 95 %)";
    let holds = level > 0.0 && level < 1.0;
    Place("an interval").check(holds, "the level", level, allowed)?;
    let tail = (1.0 - level) / 2.0;
    Ok([tail, 1.0 - tail])
}

/// A draw that is negative or not finite.
fn refused(value: f64, place: String) -> Error {
    Error::out_of_range("a yearly number", place, value, "finite and not negative")
}

/// With fewer draws a 2.5 % quantile lies between the least two of them.
const FEW_DRAWS: usize = 41;

/// That numbers are of one draw, or intervals of so few that they are those of the extreme ones.
pub(crate) fn of_few_draws(draws: usize) -> Option<String> {
    match draws {
        1 => Some(
            "The numbers are those of one draw of many possible ones, neither medians nor intervals: ask for more draws."
                .to_owned(),
        ),
        2..FEW_DRAWS => Some(format!(
            "The ends of 95 % intervals are hardly more than the least and the greatest of {draws} draws: ask for more \
             draws."
        )),
        _ => None,
    }
}

/// Draws that are all alike have no interval.
fn do_not_vary() -> Error {
    Error::unsuitable(
        "the draws do not vary, as nothing that they come from has an error: there is no interval. State an error of \
         the figures, or take the median",
    )
}
