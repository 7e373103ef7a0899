//! Incidence before the first year that was given: how it is continued, and what rests on it.

use std::collections::BTreeMap;
use std::fmt;

use ndarray::{Array1, Array2, ArrayView2, Axis, CowArray, Ix2, aview1, concatenate};
use serde::{Deserialize, Serialize};

use super::flow_options::check_patients;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::forecast::TrendParameters;
use crate::number_checks::Place;

/// Years for which incidence is continued backwards unless the options say otherwise.
pub(super) const CONTINUED_YEARS: u16 = 40;
/// Years whose growth is continued.
const GROWTH_YEARS: u16 = 5;
/// The most that the earliest year may have for each patient of the first given one: a decline that would make it more is not
/// continued.
const MOST_EARLIER: f64 = 10.0;
/// The part that growth is shrunk by from which on it is said.
const SAID: f64 = 0.1;
/// How far numbers of a file may be from what the others imply, relatively.
const ROUNDING: f64 = 1e-9;
/// The least share that a caution is given for.
const NEGLIGIBLE: f64 = 0.01;

/// How incidence is continued backwards, by its medians: the growth, for how many years, and of how many of its first years the
/// mean is continued.
pub(crate) fn continued_backwards(medians: &[f64]) -> (f64, usize, usize) {
    let earlier = Earlier::new((0, CONTINUED_YEARS), medians);
    let years = usize::from(earlier.continued_years);
    (earlier.growth, years, earlier.base_years())
}

/// The growth between the medians of two years so far apart, on the log scale a year, shrunk by their counting error, and the
/// growth that it is shrunk from where that is told. Growth varies about 0 as that of registries does in a registry trend.
fn growth_between((first, last): (f64, f64), over: u16) -> (f64, Option<f64>) {
    let trend = TrendParameters::shipped();
    let of_time = trend.growth_noise.powi(2) / (1.0 - trend.persistence.powi(2));
    let between = of_time + trend.site_growth_spread.powi(2);
    let over = f64::from(over);
    // Below one case the error of a logarithm is none of Poisson's any more.
    let counting = (first.max(1.0).recip() + last.max(1.0).recip()) / over.powi(2);
    let of_medians = (last.ln() - first.ln()) / over;
    let kept = between / (between + counting);
    let shrunk_from = (kept < 1.0 - SAID && of_medians.abs() > 0.0).then_some(of_medians);
    (of_medians * kept, shrunk_from)
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
    /// The growth of the medians where it is shrunk by more than a tenth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shrunk_from: Option<f64>,
    /// The years from the first one over which it is that of the medians: 0 where there is one year.
    growth_over: u16,
    /// Whether it is taken as steady at the mean of these years, as one of them has no case or they decline too steeply.
    #[serde(default)]
    at_the_mean: bool,
}

impl Earlier {
    /// By the first years of an incidence from one of them on, for so many years before it, or 40.
    pub(super) fn of(
        first_given: i32,
        years: Option<u16>,
        incidence: &YearlyDraws,
    ) -> Result<Self> {
        let back = years.unwrap_or(CONTINUED_YEARS);
        let medians = (first_given..=incidence.last_year()).take(usize::from(GROWTH_YEARS) + 1);
        let medians: Vec<f64> = medians
            .map(|year| incidence.median(year))
            .collect::<Result<_>>()?;
        Ok(Self::new((first_given, back), &medians))
    }

    /// The growth of the medians of the incidence in its first years, shrunk by their counting error. Where one of them has no
    /// case, or they decline too steeply, incidence before them is taken as steady at their mean. It is continued where most
    /// of them have cases; where few have, that is to say what is missing.
    fn new((first_given, years): (i32, u16), medians: &[f64]) -> Self {
        let known = u16::try_from(medians.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let over = GROWTH_YEARS.min(known);
        let medians = &medians[..=usize::from(over)];
        // Of a registry that sees a case in most years, and not of cohorts that begin or end within them.
        let with_cases = medians.iter().filter(|median| **median > 0.0).count();
        let (growth, shrunk_from) = match over {
            0 => (0.0, None),
            over => growth_between((medians[0], medians[usize::from(over)]), over),
        };
        let at_the_mean = with_cases < medians.len() || !is_bounded(growth, years);
        Self {
            first_given,
            continued_years: if 2 * with_cases > medians.len() {
                years
            } else {
                0
            },
            growth: if at_the_mean { 0.0 } else { growth },
            shrunk_from: shrunk_from.filter(|_| !at_the_mean),
            growth_over: over,
            at_the_mean,
        }
    }

    pub(super) const fn first_given(self) -> i32 {
        self.first_given
    }

    /// That the years are those of these cohorts, and the growth is possible.
    pub(super) fn check(self, cohorts: &YearlyDraws) -> Result<()> {
        let place = Place("the first years of a flow");
        let holds = is_bounded(self.growth, self.continued_years);
        let allowed = format!(
            "such that the earliest year has at most {MOST_EARLIER} times the patients of the first"
        );
        place.check(holds, "growth", self.growth, allowed)?;
        let before = cohorts.row_of(self.first_given)?;
        let (early, given) = cohorts.view().split_at(Axis(0), before);
        let continued = usize::from(self.continued_years);
        if continued == 0 {
            let nobody = early.iter().all(|cases| *cases == 0.0);
            let allowed = "above 0 where there are diagnoses before the first given year";
            return place.check(nobody, "continued_years", 0, allowed);
        }
        place.check(
            continued == before,
            "continued_years",
            continued,
            format!("{before}, the years before the first given one"),
        )?;
        let over = self.growth_over;
        let last_year = self.first_given.saturating_add(i32::from(over));
        let medians = (
            cohorts.median(self.first_given)?,
            cohorts.median(last_year).unwrap_or(0.0),
        );
        // Cohorts that end before have nobody in the last of these years, and a flow may end before it.
        let known = match medians {
            _ if over == 0 || self.at_the_mean => Some((0.0, None)),
            (_, last) if last > 0.0 => Some(growth_between(medians, over)),
            _ => None,
        };
        let close = |a: f64, b: f64, of: f64| (a - b).abs() <= ROUNDING * of;
        if let Some((growth, shrunk_from)) = known {
            let shrunk_from = (self.shrunk_from.unwrap_or(0.0), shrunk_from.unwrap_or(0.0));
            for (key, (stated, known)) in [
                ("growth", (self.growth, growth)),
                ("shrunk_from", shrunk_from),
            ] {
                let allowed = format!("{known}, by the first years and their counting error");
                place.check(close(stated, known, 1.0), key, stated, allowed)?;
            }
        }
        let base = self.base(&given);
        let years = early
            .rows()
            .into_iter()
            .zip(self.factors(self.continued_years));
        for (year, (row, factor)) in cohorts.years().zip(years) {
            let mut both = row.iter().zip(&base);
            let differs =
                |(cases, base): &(&f64, &f64)| !close(**cases, factor * **base, factor * **base);
            if let Some((cases, base)) = both.find(differs) {
                let allowed = format!("{}, continued from the first years", factor * base);
                place.check(false, format!("those diagnosed in {year}"), cases, &allowed)?;
            }
        }
        Ok(())
    }

    /// Whether there is something to continue incidence by.
    pub(super) const fn continues(self) -> bool {
        self.continued_years > 0
    }

    /// The factors on the incidence of the first year in so many years before it, the earliest first.
    fn factors(self, years: u16) -> Array1<f64> {
        (0..years)
            .map(|i| (-self.growth * f64::from(years - i)).exp())
            .collect()
    }

    /// These cohorts, and those before them for which incidence is continued.
    pub(super) fn followed(
        self,
        first_given: i32,
        given: CowArray<'_, f64, Ix2>,
    ) -> Result<Followed<'_>> {
        let mut before = self.factors(self.continued_years);
        let mut given = given;
        if self.at_the_mean && self.continues() {
            let steady = self.base(&given.view());
            let steady = steady.broadcast((before.len(), steady.len()));
            let steady = steady.ok_or_else(|| Error::other("draws of other shapes"))?;
            let all = concatenate(Axis(0), &[steady, given.view()]);
            given = all.map_err(Error::other)?.into();
            before = Array1::default(0);
        }
        let mut patients = given.sum_axis(Axis(0));
        patients.scaled_add(before.sum(), &given.row(0));
        check_patients(&patients)?;
        Ok(Followed {
            earlier: self,
            first_year: years_before(first_given, self.continued_years)?,
            before: before.to_vec(),
            given,
        })
    }

    /// The number of first years whose mean is continued.
    fn base_years(self) -> usize {
        if self.at_the_mean {
            usize::from(self.growth_over) + 1
        } else {
            1
        }
    }

    /// What is continued, in each draw.
    fn base(self, given: &ArrayView2<'_, f64>) -> Array1<f64> {
        let years = self.base_years().min(given.nrows());
        let first = given.split_at(Axis(0), years).0;
        // There is a first year: the mean exists.
        first.mean_axis(Axis(0)).unwrap_or_default()
    }

    /// Of all cohorts those from the first given one on.
    pub(super) fn given(self, cohorts: &YearlyDraws) -> Result<ArrayView2<'_, f64>> {
        let first = cohorts.row_of(self.first_given)?;
        Ok(cohorts.view().split_at(Axis(0), first).1)
    }

    /// The mean incidence of cohorts, of which those from the first given one on are here, in three draws: those of the years
    /// before the first given one
    /// alone, continued for at least 40 years; the oldest quarter of those; all cohorts.
    pub(super) fn apart(self, given: &ArrayView2<'_, f64>) -> Result<YearlyDraws> {
        let years = self.continued_years.max(CONTINUED_YEARS);
        let first = self.base(given).mean();
        // There is a draw: the means exist.
        let given = given.mean_axis(Axis(1)).unwrap_or_default();
        let before = self.factors(years) * first.unwrap_or_default();
        let (quarter, years_before_first) = (usize::from(years / 4), usize::from(years));
        let mut apart = Array2::zeros((years_before_first + given.len(), 3));
        for (year, cases) in before.iter().chain(&given).enumerate() {
            let is_part = [year < years_before_first, year < quarter, true];
            for (cell, is_part) in apart.row_mut(year).iter_mut().zip(is_part) {
                *cell = if is_part { *cases } else { 0.0 };
            }
        }
        YearlyDraws::new(years_before(self.first_given, years)?, apart)
    }

    /// A sentence for each of these numbers of patients, by name, that rests on years that were not given.
    pub(super) fn cautions(
        self,
        not_given: Result<NotGiven>,
        numbers: impl IntoIterator<Item = (String, String)>,
    ) -> Vec<String> {
        let before = self.first_given;
        match not_given {
            Ok(not_given) => not_given.cautions(numbers),
            Err(error) => vec![format!(
                "what rests on those diagnosed before {before} is not known: {error}"
            )],
        }
    }
}

/// The cohorts that are followed.
#[derive(Debug)]
pub(super) struct Followed<'a> {
    pub(super) earlier: Earlier,
    pub(super) first_year: i32,
    /// The years before those that were given, as factors on the first of these, the earliest first.
    before: Vec<f64>,
    /// The years that were given: a row a year.
    given: CowArray<'a, f64, Ix2>,
}

impl Followed<'_> {
    /// The factors on the first year that was given in those before it, the earliest first; and those given.
    pub(super) fn parts(&self) -> (&[f64], ArrayView2<'_, f64>) {
        (&self.before, self.given.view())
    }

    /// The years before the first one that was given.
    pub(super) fn years_before(&self) -> usize {
        usize::from(self.earlier.continued_years)
    }

    /// Those that were given.
    pub(super) fn since_first_given(&self) -> ArrayView2<'_, f64> {
        let continued = self.years_before() - self.before.len();
        self.given.view().split_at(Axis(0), continued).1
    }

    /// The number of years and of draws.
    pub(super) fn dim(&self) -> (usize, usize) {
        let (years, draws) = self.given.dim();
        (self.before.len() + years, draws)
    }

    /// All of them, year by year, without a second copy of those given.
    pub(super) fn into_cohorts(self) -> Result<YearlyDraws> {
        if self.before.is_empty() {
            return YearlyDraws::new(self.first_year, self.given.into_owned());
        }
        self.cohorts()
    }

    /// All of them, year by year.
    pub(super) fn cohorts(&self) -> Result<YearlyDraws> {
        let before = aview1(&self.before).insert_axis(Axis(1));
        let before = &before * &self.given.row(0).insert_axis(Axis(0));
        let cohorts = concatenate(Axis(0), &[before.view(), self.given.view()]);
        YearlyDraws::new(self.first_year, cohorts.map_err(Error::other)?)
    }
}

/// Whether incidence that grows so has been at most some times as high so many years before, or 40 where they are fewer.
fn is_bounded(growth: f64, years: u16) -> bool {
    -growth * f64::from(years.max(CONTINUED_YEARS)) <= MOST_EARLIER.ln()
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
        if self.at_the_mean {
            return write!(f, "as many a year as in the mean of {first} to {through}");
        }
        write!(f, "changing by {percent:+.1} % a year, ")?;
        match self.shrunk_from.map(|growth| 100.0 * growth.exp_m1()) {
            None => write!(f, "as from {first} to {through}"),
            Some(of_medians) => write!(
                f,
                "the {of_medians:+.1} % from {first} to {through} shrunk by the error of counts so small"
            ),
        }
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
        let quantities: Vec<(String, YearlyDraws)> = quantities.into_iter().collect();
        let most = |most: f64, (_, patients): &(String, YearlyDraws)| {
            patients.view().fold(most, |most, n| most.max(*n))
        };
        // Of a state that nobody is ever in there is rounding.
        let nobody = 1e-12 * quantities.iter().fold(0.0, most);
        let share = |part: f64, all: f64| if all > nobody { part / all } else { 0.0 };
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
        let given = i64::from(self.earlier.first_given);
        let first = given - i64::from(self.earlier.continued_years);
        let share = match usize::try_from(i64::from(year) - given) {
            Ok(row) => shares.get(row).copied(),
            Err(_) => (i64::from(year) >= first).then_some(1.0),
        };
        share.ok_or_else(|| {
            let allowed = format!("{first} or later, and not after the last year");
            Error::out_of_range("the year", "what was not given of a flow", year, allowed)
        })
    }

    /// What of third-line starts rests on years that were not given, in a year and every fifth one after it; `None` where it
    /// is nowhere a hundredth.
    pub(super) fn in_some_years(&self, from: i32) -> Option<String> {
        let earlier = self.earlier;
        let first_given = earlier.first_given;
        let shares = (first_given..).zip(self.shares.get("starts")?);
        let shown = shares.filter(|(year, share)| {
            let is_shown = *year == from || *year > from && *year % 5 == 0;
            is_shown && **share >= NEGLIGIBLE
        });
        let shown: Vec<String> = shown
            .map(|(year, share)| format!("{:.0} % in {year}", 100.0 * share))
            .collect();
        if shown.is_empty() {
            return None;
        }
        let (verb, how) = match earlier.continued_years {
            0 => (
                "lack",
                format!(
                    "nobody is counted there; the shares are of the starts there would be had incidence gone on before, {earlier}"
                ),
            ),
            years => {
                let back = i64::from(first_given) - i64::from(years);
                (
                    "rest on",
                    format!("incidence is continued backwards to {back}, {earlier}"),
                )
            }
        };
        Some(format!(
            "Third-line starts {verb} those diagnosed before {first_given}, of which year there is the first figure: {}; {how}.",
            shown.join(", ")
        ))
    }

    /// A sentence for these numbers of patients that to one part in a hundred or more, in some year, rest on years
    /// that were not given, or miss them.
    fn cautions(&self, numbers: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
        let earlier = self.earlier;
        let (first_given, years) = (earlier.first_given, earlier.continued_years);
        let how = if years > 0 { "rest on" } else { "lack" };
        // What rests alike on them is told together.
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for (name, what) in numbers {
            let shares = (first_given..).zip(&self.shares[&name]);
            let years: Vec<String> = shares
                .filter(|(_, share)| **share >= NEGLIGIBLE)
                .map(|(year, share)| format!("{:.0} % in {year}", 100.0 * share))
                .collect();
            let years = years.join(", ");
            match told.iter_mut().find(|(other, _)| *other == years) {
                Some((_, whats)) => whats.push(what),
                None if years.is_empty() => {}
                None => told.push((years, vec![what])),
            }
        }
        let sentence = |(years, whats): (String, Vec<String>)| {
            let whats = whats.join(", ");
            format!("{whats} {how} those diagnosed before {first_given}: {years}")
        };
        let mut cautions: Vec<String> = told.into_iter().map(sentence).collect();
        if !cautions.is_empty() {
            let first = if years > 0 {
                let back = i64::from(first_given) - i64::from(years);
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
        if years > 0 && self.oldest >= NEGLIGIBLE {
            cautions.push(format!(
                "of a line's starts in {first_given}, {:.0} % were diagnosed in the first quarter of the {years} years \
                 before it, so that still earlier ones are missing: let the cohorts begin earlier",
                100.0 * self.oldest
            ));
        }
        cautions
    }
}
