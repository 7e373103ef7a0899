//! Incidence before the first year that was given: how it is continued, and what rests on it.

use std::collections::BTreeMap;
use std::fmt;

use ndarray::{Array1, Array2, Axis, concatenate};
use serde::{Deserialize, Serialize};

use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};

/// Years for which incidence is continued backwards unless the options say otherwise.
pub(super) const CONTINUED_YEARS: u16 = 40;
/// Years whose growth is continued.
const GROWTH_YEARS: u16 = 5;
/// The most that incidence may change a year to be continued, on the log scale.
const MOST_GROWTH: f64 = 1.0;
/// The least share that a caution is given for.
const NEGLIGIBLE: f64 = 0.01;

/// The growth by which incidence is continued backwards from its first year, by its medians, and for how many years.
pub(crate) fn continued_backwards(medians: &[f64]) -> (f64, usize) {
    let earlier = Earlier::new(0, medians);
    (earlier.growth, usize::from(earlier.continued_years))
}

/// The years before the first that was given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Earlier {
    /// The first year of diagnosis that was given and is followed.
    first_given: i32,
    /// Years before it for which incidence is continued.
    continued_years: u16,
    /// The growth of incidence on the log scale a year that holds before the first year.
    growth: f64,
    /// The years from the first one over which it is that of the medians: 0 where incidence is taken as steady.
    growth_over: u16,
}

impl Earlier {
    /// The growth of the medians of the incidence in its first years. Where there is none, incidence before the
    /// first year is taken as steady to say what is missing, but it is not continued.
    pub(super) fn new(first_given: i32, medians: &[f64]) -> Self {
        let known = u16::try_from(medians.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let over = GROWTH_YEARS.min(known);
        let positive = medians[..=usize::from(over)]
            .iter()
            .all(|median| *median > 0.0);
        let growth = if positive && over > 0 {
            (medians[usize::from(over)] / medians[0]).ln() / f64::from(over)
        } else {
            0.0
        };
        let continues = positive && growth.abs() <= MOST_GROWTH;
        Self {
            first_given,
            continued_years: if continues { CONTINUED_YEARS } else { 0 },
            growth: if continues { growth } else { 0.0 },
            growth_over: if continues { over } else { 0 },
        }
    }

    pub(super) const fn first_given(self) -> i32 {
        self.first_given
    }

    /// That the years are those of these cohorts, and the growth is possible.
    pub(super) fn check(self, cohorts: &YearlyDraws) -> Result<()> {
        let place = "the first years of a flow";
        if self.growth.is_nan() || self.growth.abs() > MOST_GROWTH {
            let allowed = "between -1 and 1 a year";
            return Err(Error::out_of_range("growth", place, self.growth, allowed));
        }
        let before = cohorts.row_of(self.first_given)?;
        if usize::from(self.continued_years) > before {
            return Err(Error::out_of_range(
                "continued_years",
                place,
                self.continued_years,
                format!("at most {before}, the years before the first given one"),
            ));
        }
        Ok(())
    }

    /// Whether there is something to continue incidence by.
    pub(super) const fn continues(self) -> bool {
        self.continued_years > 0
    }

    pub(super) const fn continued_for(self, continued_years: u16) -> Self {
        Self {
            continued_years,
            ..self
        }
    }

    /// The factors on the incidence of the first year in so many years before it, the earliest first.
    fn factors(self, years: u16) -> Array1<f64> {
        (0..years)
            .map(|i| (-self.growth * f64::from(years - i)).exp())
            .collect()
    }

    /// The first `years` years of the incidence, after those for which it is continued.
    pub(super) fn followed(
        self,
        incidence: &YearlyDraws,
        years: usize,
    ) -> Result<(YearlyDraws, Self)> {
        let (given, _) = incidence.view().split_at(Axis(0), years);
        let factors = self.factors(self.continued_years).insert_axis(Axis(1));
        let before = &factors * &given.row(0).insert_axis(Axis(0));
        let cohorts = concatenate(Axis(0), &[before.view(), given]);
        let cohorts = cohorts.map_err(|error| ErrorKind::Unsuitable(error.to_string()))?;
        let first = years_before(incidence.first_year(), self.continued_years)?;
        Ok((YearlyDraws::new(first, cohorts)?, self))
    }

    /// The mean incidence of the cohorts followed, in three draws: those of the years before the first given one
    /// alone, continued for at least 40 years; the oldest quarter of those; all cohorts.
    pub(super) fn apart(self, cohorts: &YearlyDraws) -> Result<YearlyDraws> {
        let years = self.continued_years.max(CONTINUED_YEARS);
        let first = cohorts.row_of(self.first_given)?;
        let given = cohorts.view().split_at(Axis(0), first).1;
        let given = given.mean_axis(Axis(1)).unwrap_or_default();
        let before = self.factors(years) * given[0];
        let mut apart = Array2::zeros((usize::from(years) + given.len(), 3));
        let oldest = before.iter().take(usize::from(years / 4));
        apart
            .column_mut(1)
            .iter_mut()
            .zip(oldest)
            .for_each(|(cell, n)| *cell = *n);
        apart
            .column_mut(0)
            .iter_mut()
            .zip(&before)
            .for_each(|(cell, n)| *cell = *n);
        let all = concatenate(Axis(0), &[before.view(), given.view()]);
        let all = all.map_err(|error| ErrorKind::Unsuitable(error.to_string()))?;
        apart.column_mut(2).assign(&all);
        YearlyDraws::new(years_before(self.first_given, years)?, apart)
    }
}

/// The year so many years before another.
fn years_before(year: i32, years: u16) -> Result<i32> {
    year.checked_sub(i32::from(years)).ok_or_else(|| {
        let allowed = "so late that incidence can be continued before it";
        Error::out_of_range("the first year", "a flow", year, allowed)
    })
}

/// As it is said in a sentence.
impl fmt::Display for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, percent) = (self.first_given, 100.0 * self.growth.exp_m1());
        if self.growth_over == 0 {
            return write!(f, "as many a year as in {first}");
        }
        let through = i64::from(first) + i64::from(self.growth_over);
        write!(
            f,
            "changing by {percent:+.1} % a year, as from {first} to {through}"
        )
    }
}

/// What share of each number of a flow, in each year from the first given one on, comes from those diagnosed
/// before that year.
#[derive(Debug)]
pub(super) struct NotGiven {
    earlier: Earlier,
    /// The most that the oldest quarter of the years continued makes up of the starts of a line in the first given
    /// year.
    oldest: f64,
    /// By name of the quantity, and year.
    shares: BTreeMap<String, Vec<f64>>,
}

impl NotGiven {
    /// The shares of quantities computed for [`Earlier::apart`].
    pub(super) fn new(
        earlier: Earlier,
        quantities: impl IntoIterator<Item = (String, YearlyDraws)>,
    ) -> Result<Self> {
        let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        let (mut oldest, mut shares) = (0.0_f64, BTreeMap::new());
        for (name, patients) in quantities {
            let first = patients.row_of(earlier.first_given)?;
            let given = patients.view().split_at(Axis(0), first).1;
            if name.starts_with("starts") {
                oldest = oldest.max(share(given[[0, 1]], given[[0, 2]]));
            }
            let given = given.rows().into_iter();
            shares.insert(name, given.map(|year| share(year[0], year[2])).collect());
        }
        Ok(Self {
            earlier,
            oldest,
            shares,
        })
    }

    /// The share of a quantity in a year: all of it before the first year that was given.
    pub(super) fn share(&self, quantity: &str, year: i32) -> Result<f64> {
        let Some(shares) = self.shares.get(quantity) else {
            let known = self.shares.keys().map(String::as_str);
            return Err(Error::unknown("quantity of a flow", quantity, known));
        };
        let first = i64::from(self.earlier.first_given) - i64::from(self.earlier.continued_years);
        let row = i64::from(year) - i64::from(self.earlier.first_given);
        match usize::try_from(row) {
            Err(_) if i64::from(year) >= first => Ok(1.0),
            Ok(row) if row < shares.len() => Ok(shares[row]),
            _ => Err(Error::out_of_range(
                "the year",
                "what was not given of a flow",
                year,
                format!(
                    "from {first} to {}",
                    i64::from(self.earlier.first_given)
                        + i64::try_from(shares.len()).unwrap_or(i64::MAX)
                        - 1
                ),
            )),
        }
    }

    /// A sentence for each of these numbers of patients that to one part in a hundred or more, in some year, rests
    /// on years that were not given, or misses them.
    pub(super) fn cautions(
        &self,
        numbers: impl IntoIterator<Item = (String, String)>,
    ) -> Vec<String> {
        let Earlier {
            first_given,
            continued_years,
            ..
        } = self.earlier;
        let mut cautions = Vec::new();
        for (name, what) in numbers {
            let shares = self.shares.get(&name).into_iter().flatten();
            let years: Vec<String> = (first_given..)
                .zip(shares)
                .filter(|(_, share)| **share >= NEGLIGIBLE)
                .map(|(year, share)| format!("{:.0} % in {year}", 100.0 * share))
                .collect();
            if years.is_empty() {
                continue;
            }
            let how = if continued_years > 0 {
                "rest on"
            } else {
                "lack"
            };
            cautions.push(format!(
                "{what} {how} those diagnosed before {first_given}: {}",
                years.join(", ")
            ));
        }
        if !cautions.is_empty() {
            let earlier = self.earlier;
            let first = if continued_years > 0 {
                let back = i64::from(first_given) - i64::from(continued_years);
                format!(
                    "incidence before {first_given} was not given: it is continued backwards to {back}, {earlier}"
                )
            } else {
                format!(
                    "nobody diagnosed before {first_given} is counted: the shares below are missing of the patients \
                     there would be had incidence gone on before, {earlier}"
                )
            };
            cautions.insert(0, first);
        }
        if continued_years > 0 && self.oldest >= NEGLIGIBLE {
            cautions.push(format!(
                "of a line's starts in {first_given}, {:.0} % were diagnosed in the first quarter of the {continued_years} \
                 years before it, so that still earlier ones are missing: let the cohorts begin earlier",
                100.0 * self.oldest
            ));
        }
        cautions
    }
}
