//! A population carried forward by what happened to its cohorts between two tables.

use super::population::Population;
use crate::error::{Error, Result};
use crate::number_checks::Place;

/// The longest time between the two tables, in years: children born since are then younger than their parents' groups.
pub(super) const LONGEST_STEP: i32 = 15;

/// The furthest that a population is carried, in years.
pub(super) const FURTHEST: u32 = 100;

/// The ages of the adults whom the youngest are counted against.
const ADULTS: (u32, u32) = (15, 50);

impl Population {
    /// The population with further years up to `to`, without a projection of fertility, mortality or migration: the
    /// method of Hamilton & Perry (1962), Social Forces 41:163–170,
    /// [doi:10.2307/2573607](https://doi.org/10.2307/2573607).
    ///
    /// Of the last table, of year *T*, and the latest earlier one that lies *k* widths *w* of the age groups before it
    /// (at most 15 years), each cohort has a ratio that holds deaths and migration together:
    ///
    /// ```text
    /// Pᵢ(t + kw) = Pᵢ₋ₖ(t) · Pᵢ(T) / Pᵢ₋ₖ(T − kw)       i ≥ k
    /// ```
    ///
    /// An open group comes from itself and the *k* groups below it. The *k* youngest keep the ratio to adults that they have
    /// in *T*: those aged 0 to *w* − 1 to all groups within ages 15 to 49, the next to those a width older (child-adult
    /// ratios, Smith, Tayman & Swanson 2013, [doi:10.1007/978-94-007-7551-0](https://doi.org/10.1007/978-94-007-7551-0)).
    /// The years added are *T* + *kw*, *T* + 2*kw* and so on; with yearly tables every year.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where groups differ in width or do not begin at 0, no two tables are *k* widths apart, or
    /// no group lies within ages 15 to 49; [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where `to` is not after the last year, no year to
    /// be added is at or before it, or it is more than 100 years on; [`ErrorKind::Contradiction`](crate::ErrorKind::Contradiction) where the people of an
    /// age group become more than twice as many, or less than half, times 1.2 for each year to the next table.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeGroups, Population, Sex};
    /// use myeloma_epi::ndarray::array;
    ///
    /// let ages = AgeGroups::from_labels(&["0-14", "15-29", "30-44", "45+"])?;
    /// let tables = array![[100.0, 100.0, 90.0, 150.0], [80.0, 95.0, 90.0, 168.0]];
    /// let atlantis = Population::new("Atlantis", Sex::Both, ages, vec![2010, 2025], tables)?;
    /// let later = atlantis.carried_forward(2040)?;
    /// // Of those born up to 2010 95 % were there in 2025: so many of the 80 will be in 2040.
    /// assert!((later.by_age(2040)?[1] - 76.0).abs() < 1e-9);
    /// // Those aged 45 and over are 168 of 90 + 150: 70 % of 90 + 168.
    /// assert!((later.by_age(2040)?[3] - 180.6).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn carried_forward(&self, to: i32) -> Result<Self> {
        let ratios = Ratios::of(self)?;
        let last = ratios.last;
        let (place, name) = (
            format!("the population of {}", self.region()),
            "the year to carry to",
        );
        let holds = to > last && to.abs_diff(last) <= FURTHEST;
        let allowed = format_args!("after {last}, and at most {FURTHEST} years later");
        Place(&place).check(holds, name, to, allowed)?;
        let mut rows = self.rows();
        for year in last + 1..=to {
            let before = rows.get(&(year - ratios.step));
            if let Some(next) = before.map(|before| ratios.next(before)) {
                rows.insert(year, next);
            }
        }
        let (first, step) = (last.saturating_add(ratios.step), ratios.step);
        let allowed = format_args!("{first} or later: the tables lie {step} years apart");
        let holds = rows.len() > self.years().len();
        Place(&place).check(holds, name, to, allowed)?;
        let how = format!("from {last} on carried forward by the method of Hamilton and Perry");
        self.of_other_years(rows, &how)
    }
}

/// What two tables say of a step from one to the next.
struct Ratios {
    /// The year of the later table.
    last: i32,
    /// Years between them.
    step: i32,
    /// The same in widths of a group.
    widths: usize,
    open: bool,
    /// By group from the `widths`-th on, to the group that it was.
    cohorts: Vec<f64>,
    /// Of the youngest groups, to their adults, the groups from one to before another.
    youngest: Vec<(f64, std::ops::Range<usize>)>,
}

impl Ratios {
    fn of(population: &Population) -> Result<Self> {
        population.check_steps()?;
        let region = population.region();
        let unsuitable = |why: String| -> Error {
            Error::unsuitable(format!(
                "the population of {region} cannot be carried forward: {why}"
            ))
        };
        let ages = population.ages();
        let Some(width) = ages.common_width().filter(|_| ages.first_age() == 0) else {
            return Err(unsuitable(format!(
                "its age groups must begin at 0 and have one width, but for an open last one; they are {ages}"
            )));
        };
        if i64::from(width) > i64::from(LONGEST_STEP) {
            return Err(unsuitable(format!(
                "its age groups are {width} years wide, and the tables may lie {LONGEST_STEP} years apart at most, in which a cohort has to \
                 reach the next group: give groups of 5 or 10 years"
            )));
        }
        let years = population.years();
        let last = years[years.len() - 1];
        let mut steps = years
            .iter()
            .rev()
            .skip(1)
            .map(|year| last.saturating_sub(*year));
        let multiple =
            |step: &i32| i64::from(*step) % i64::from(width) == 0 && *step <= LONGEST_STEP;
        let Some(step) = steps.find(multiple) else {
            return Err(unsuitable(format!(
                "two tables a multiple of {width} years, the width of its age groups, and at most {LONGEST_STEP} years \
                 apart are needed, the later one of {last}; there are those of {}",
                super::population::years_there(years)
            )));
        };
        let steps = step.unsigned_abs() / width;
        let (before, now) = (population.by_age(last - step)?, population.by_age(last)?);
        let groups = ages.count();
        let youngest = (0..steps).map(|i| {
            // The parents of the second group are older than those of the first.
            let (from, to) = (ADULTS.0 + i * width, ADULTS.1 + i * width);
            let within = |group: &usize| {
                let (lower, upper) = ages.bounds(*group);
                lower >= from && upper.is_some_and(|upper| upper <= to)
            };
            let adults: Vec<usize> = (0..groups).filter(within).collect();
            let (Some(&first), Some(&last)) = (adults.first(), adults.last()) else {
                return Err(unsuitable(format!(
                    "no age group lies within ages {from} to {}, whose children those aged {} are",
                    to - 1,
                    ages.label(i as usize)
                )));
            };
            let all: f64 = adults.iter().map(|&group| now[group]).sum();
            Ok((now[i as usize] / all, first..last + 1))
        });
        let youngest = youngest.collect::<Result<Vec<_>>>()?;
        let widths = steps as usize;
        let open = ages.is_open();
        let before = before.to_vec();
        let cohorts = (widths..groups).map(|i| now[i] / came_from(&before, i, widths, open));
        Ok(Self {
            last,
            step,
            widths,
            open,
            cohorts: cohorts.collect(),
            youngest,
        })
    }

    /// The population a step after `before`.
    fn next(&self, before: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; before.len()];
        for (i, ratio) in (self.widths..).zip(&self.cohorts) {
            next[i] = ratio * came_from(before, i, self.widths, self.open);
        }
        for (i, (ratio, adults)) in self.youngest.iter().enumerate() {
            let all: f64 = next[adults.clone()].iter().sum();
            next[i] = ratio * all;
        }
        next
    }
}

/// Those who are in group `i` a step later, if they live: the group that many widths below, and for the open group all
/// from there on.
fn came_from(before: &[f64], i: usize, widths: usize, open: bool) -> f64 {
    if open && i == before.len() - 1 {
        before[i - widths..].iter().sum()
    } else {
        before[i - widths]
    }
}
