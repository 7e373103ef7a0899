//! Figures out of an export: numbers of new cases, both sexes and all ages.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::Hash;

use super::row::{Quantity, Row, Unit};
use super::{Export, age};
use crate::demography::Sex;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Figure, Figures, Record, Status};
use crate::files::Words;
use crate::known_names::each_once_of_many;

/// Rounded numbers of some dozen groups add up to within so many of their rounded total.
const ROUNDING: f64 = 10.0;
/// The part of the cases whose age or sex may be unknown.
const UNKNOWN: f64 = 0.1;

impl Export {
    /// The numbers of new cases as figures: one for each region and year, of both sexes and all ages.
    ///
    /// A total of the table is taken where there is one. Otherwise women and men, and age groups, are added up, if all
    /// of them are there: one that is withheld or lacking is no zero, and an error. Source and round, definition, status, mark, and
    /// the interval and the error of a total go with the figure. Parts have one status and one round, a mark of one of them is the
    /// sum's, and errors that are stated for parts are refused: how far they err alike is not known.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] with what is missing: numbers of new cases, a year, a status, one cancer
    /// ([`Export::of_site`]), a part of the people; where a total and all its parts are there and differ by more than a tenth; [`ErrorKind::ConflictingFigures`] where a region and year has figures of two
    /// sources.
    pub fn figures(&self) -> Result<Figures> {
        let rows = self.new_cases()?;
        let mut groups: BTreeMap<(usize, i32), Vec<&Row>> = BTreeMap::new();
        let mut order: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            let Some(year) = row.year else {
                return unsuitable(format!(
                    "the {} does not say the year of {} (line {}): {}",
                    self.format,
                    row.region,
                    row.line,
                    super::stated_by("year")
                ));
            };
            let next = order.len();
            let region = *order.entry(&row.region).or_insert(next);
            groups.entry((region, year)).or_default().push(row);
        }
        groups
            .into_values()
            .map(|rows| self.figure(&rows))
            .collect()
    }

    /// Rows that count new cases of all of the people, in one variant of one cancer.
    fn new_cases(&self) -> Result<Vec<&Row>> {
        let counted = |row: &&Row| {
            row.measure.quantity == Quantity::Incidence && row.measure.unit == Unit::Number
        };
        let mut rows: Vec<&Row> = self.rows.iter().filter(counted).collect();
        if rows.is_empty() {
            let mut measures: Vec<String> = self
                .rows
                .iter()
                .map(|row| row.measure.to_string())
                .collect();
            measures.sort_unstable();
            measures.dedup();
            let open = self
                .rows
                .iter()
                .any(|row| row.measure.quantity == Quantity::NotStated);
            let help = if open {
                format!(
                    "; whether that is incidence or deaths the file does not say: {}",
                    super::stated_by("quantity")
                )
            } else {
                String::new()
            };
            return unsuitable(format!(
                "no number of new cases in the {}: it has {}{help}",
                self.format,
                measures.join(", ")
            ));
        }
        let sites = different(rows.iter().map(|row| row.site.as_ref()));
        if sites.len() > 1 {
            let (named, more) = (
                sites.len().min(12),
                if sites.len() > 12 { ", …" } else { "" },
            );
            let sites = sites[..named].join(", ");
            return unsuitable(format!(
                "the {} is of several cancers: {}: {sites}{more}",
                self.format,
                super::stated_by("site")
            ));
        }
        let parts = different(rows.iter().map(|row| row.subgroup.as_ref()));
        rows.retain(|row| row.subgroup.is_none());
        if rows.is_empty() {
            return unsuitable(format!(
                "the {} has parts of the people, and not all of them: {}",
                self.format,
                parts.join(", ")
            ));
        }
        let variants = different(rows.iter().map(|row| row.variant.as_ref()));
        if variants.len() > 1 {
            return unsuitable(format!(
                "the {} has several variants: {}",
                self.format,
                variants.join(", ")
            ));
        }
        Ok(rows)
    }

    /// The figure of one region and year.
    fn figure(&self, rows: &[&Row]) -> Result<Figure> {
        let first = rows[0];
        let year = first.year.unwrap_or_default();
        if let Some(other) = rows.iter().find(|row| row.source != first.source) {
            return Err(ErrorKind::ConflictingFigures {
                region: first.region.to_string(),
                year,
                first: first.source.to_string(),
                second: other.source.to_string(),
            }
            .into());
        }
        let definitions = different(rows.iter().map(|row| row.definition.as_ref()));
        if definitions.len() > 1 {
            return unsuitable(format!(
                "{} {year} has several definitions: {}: leave one of them in the file",
                first.region,
                definitions.join(", ")
            ));
        }
        if let Some(contradiction) = contradiction(rows) {
            return unsuitable(format!(
                "the numbers of {} {year} contradict each other: {contradiction}: leave in the file those that are right",
                first.region
            ));
        }
        let (cases, parts) = match rows.iter().find(|row| row.is_total()) {
            Some(total) => (total.value, vec![*total]),
            None => added_up(rows).or_else(|missing| {
                unsuitable(format!(
                    "no number of both sexes and all ages for {} {year}, and {missing}",
                    first.region
                ))
            })?,
        };
        check_parts(&parts)?;
        let of = parts[0];
        let Some(status) = of.status else {
            return unsuitable(format!(
                "the {} does not say how the figure of {} {year} came about (line {}): {}, or in a column status, as {}",
                self.format,
                of.region,
                of.line,
                super::stated_by("status"),
                Status::WORDS
            ));
        };
        // The interval of a part is none of the sum.
        let total = (parts.len() == 1).then_some(of);
        let (lower95, upper95) = total.map_or((None, None), |total| (total.lower, total.upper));
        let record = Record {
            region: of.region.to_string(),
            year,
            cases,
            status,
            relative_error: total.map(relative_error).transpose()?.flatten(),
            source: Some(of.cited()).filter(|source| !source.is_empty()),
            family: of.family.as_deref().map(str::to_owned),
            icd10: of.definition.as_deref().map(str::to_owned),
            lower95,
            upper95,
            checked: of.checked.as_deref().map(str::to_owned),
            mark: parts.iter().find_map(|part| part.mark),
        };
        Figure::try_from(record)
            .map_err(|error| Error::unsuitable(format!("line {}: {error}", of.line)))
    }
}

/// Numbers that are added up came about alike, and state no errors of their own.
fn check_parts(parts: &[&Row]) -> Result<()> {
    let of = || parts.iter().copied();
    let place = || format!("{} {}", parts[0].region, parts[0].year.unwrap_or_default());
    for (what, names) in [
        (
            "statuses",
            different(of().map(|part| part.status.map(Status::as_str))),
        ),
        ("rounds", different(of().map(|part| part.round.as_ref()))),
        (
            "marks",
            different(
                of().filter_map(|part| part.mark)
                    .map(|mark| Some(mark.as_str())),
            ),
        ),
    ] {
        if names.len() > 1 {
            return unsuitable(format!(
                "the numbers that add up to {} have several {what}: {}: give them one, or a row of both sexes and all ages",
                place(),
                names.join(", ")
            ));
        }
    }
    let has_error = |part: &Row| part.relative_error.or(part.standard_error).is_some();
    match of().find(|part| has_error(part)) {
        Some(part) if parts.len() > 1 => unsuitable(format!(
            "line {}: an error is stated of one of the numbers that add up to {}, and that of their sum does not follow from it: \
             leave its column out, or state it in a row of both sexes and all ages",
            part.line,
            place()
        )),
        _ => Ok(()),
    }
}

/// The error of a figure relative to it: as stated, or its standard error over the number. The standard error of a registered
/// count has its counting error in it, which a series adds to what is stated here.
fn relative_error(of: &Row) -> Result<Option<f64>> {
    // A count of 0 has its counting error alone.
    let Some(error) = of.standard_error.filter(|_| of.value > 0.0) else {
        return Ok(of.relative_error);
    };
    if error > of.value {
        return unsuitable(format!(
            "line {}: the standard error {error} is larger than the {} cases it is of: leave it out",
            of.line, of.value
        ));
    }
    let counting = match of.status {
        Some(Status::Registered) => of.value.recip(),
        _ => 0.0,
    };
    let squared = (error / of.value).powi(2) - counting;
    // What is left of no more than the counting error is none, and the rounding of it.
    let relative = if squared > 1e-9 * counting {
        squared.sqrt()
    } else {
        0.0
    };
    // Either may be rounded to two digits.
    let differs = |stated: f64| (stated - relative).abs() > 0.05 * stated.max(relative);
    match of.relative_error {
        Some(stated) if differs(stated) => unsuitable(format!(
            "line {}: the standard error {error} of {} cases is a relative error of {relative:.3}, and the relative error \
             stands there as {stated}: leave one of them in the file",
            of.line, of.value
        )),
        stated => Ok(stated.or(Some(relative))),
    }
}

/// A sum, and what was added up.
type Sum<'r> = (f64, Vec<&'r Row>);

/// The sum over sexes and ages, or what is missing for it.
fn added_up<'r>(rows: &[&'r Row]) -> std::result::Result<Sum<'r>, String> {
    let of = |sex| rows.iter().copied().filter(move |row| row.sex == Some(sex));
    if rows.iter().any(|row| row.sex.is_none()) {
        let how = super::stated_by("sex");
        return Err(format!(
            "the table does not say of which sex its numbers are: {how}"
        ));
    }
    if rows.iter().any(|row| row.age.is_none()) {
        return Err(
            "the table does not say of which ages its numbers are: write them into a column age, \"all\" where they are of all ages \
             (ReadOptions::age)"
                .to_owned(),
        );
    }
    if of(Sex::Both).next().is_some() {
        return all_ages("both sexes", of(Sex::Both));
    }
    let (women, mut parts) = all_ages("women", of(Sex::Female))?;
    let (men, of_men) = all_ages("men", of(Sex::Male))?;
    parts.extend(of_men);
    Ok((women + men, parts))
}

/// That a total and the parts of the same people, both there, differ by more than rounding and people of unknown age or sex do.
fn contradiction(rows: &[&Row]) -> Option<String> {
    let mut totals: Vec<(Sex, String, f64)> = Vec::new();
    for (sex, whom) in [
        (Sex::Both, "both sexes"),
        (Sex::Female, "women"),
        (Sex::Male, "men"),
    ] {
        let of_sex = || rows.iter().copied().filter(|row| row.sex == Some(sex));
        let is_all = |row: &&Row| row.age.as_deref() == Some(age::ALL);
        let total = of_sex().find(is_all).map(|row| row.value);
        let groups = of_sex().filter(|row| row.age.is_some() && !is_all(row));
        let summed = all_ages(whom, groups).ok().map(|(sum, _)| sum);
        let named = [
            total.map(|total| (sex, whom.to_owned(), total)),
            summed.map(|sum| (sex, format!("{whom} summed over ages"), sum)),
        ];
        totals.extend(named.into_iter().flatten());
    }
    let one = |of: Sex| totals.iter().find(|(sex, ..)| *sex == of);
    if let (Some((.., women)), Some((.., men))) = (one(Sex::Female), one(Sex::Male)) {
        totals.push((Sex::Both, "women and men".to_owned(), women + men));
    }
    let differ = |a: f64, b: f64| (a - b).abs() > ROUNDING + UNKNOWN * a.max(b);
    let pairs = totals.iter().enumerate();
    let mut pairs = pairs.flat_map(|(i, a)| totals[i + 1..].iter().map(move |b| (a, b)));
    let (a, b) = pairs.find(|(a, b)| a.0 == b.0 && differ(a.2, b.2))?;
    Some(format!("{} are {}, {} {}", a.1, a.2, b.1, b.2))
}

/// The number of all ages: as it stands there, or the sum of groups from age 0 to an open one, without gap or overlap.
fn all_ages<'r>(
    whom: &str,
    rows: impl Iterator<Item = &'r Row>,
) -> std::result::Result<Sum<'r>, String> {
    let mut groups = Vec::new();
    for row in rows {
        let name = row.age.as_deref().unwrap_or_default();
        if name == age::ALL {
            return Ok((row.value, vec![row]));
        }
        let Some((first, last)) = age::named(name) else {
            return Err(format!("{whom} of the age \"{name}\" cannot be added up"));
        };
        groups.push((first, last, row));
    }
    if groups.is_empty() {
        return Err(format!(
            "there are none of {whom} (a table of women or of men alone is read without its column of the sex)"
        ));
    }
    groups.sort_by_key(|group| group.0);
    let mut next = Some(0);
    let mut sum = 0.0;
    for (first, last, row) in &groups {
        let first = *first;
        match next {
            Some(next) if next == first => {}
            Some(next) if next < first => {
                return Err(format!("{whom} aged {next} to {} are missing", first - 1));
            }
            _ => return Err(format!("{whom} aged {first} are in two groups")),
        }
        next = last.map(|last| last + 1);
        sum += row.value;
    }
    match next {
        None => Ok((sum, groups.into_iter().map(|(.., row)| row).collect())),
        Some(next) => Err(format!("{whom} aged {next} and more are missing")),
    }
}

/// The different names, in their order; rows without one are `not stated`.
pub(super) fn different<T: Copy + Eq + Hash + Display>(
    names: impl Iterator<Item = Option<T>>,
) -> Vec<String> {
    let text =
        |name: Option<T>| name.map_or_else(|| "not stated".to_owned(), |name| name.to_string());
    each_once_of_many(names).into_iter().map(text).collect()
}

pub(super) fn unsuitable<T>(message: String) -> Result<T> {
    Err(Error::unsuitable(message))
}
