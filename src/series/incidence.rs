//! Yearly new cases of one region.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::SQRT_2;
use std::fmt;

use serde::Serialize;

use super::observation::{Observation, PublishedProjection, check_span};
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{
    Figure, Figures, Mark, Status, are_same_codes, check_region, check_relative_error,
    csv_and_json, unknown_region,
};
use crate::files;
use crate::number_checks::{Place, increasing};
use crate::plain_text::{Table, count, percent};

checked! {
    /// Yearly new cases of one region, with their measurement errors and sources.
    ///
    /// Years increase strictly and span a thousand at most; gaps are allowed. Counts are finite and not
    /// negative, errors are between 0 and 1. There is at least one observation. A published projection lies after
    /// the last observation. The series keeps the published figures that it was made from.
    ///
    /// A year may carry a [`Mark`]: its count is out of line for a known reason, or unfinished. A marked count is left
    /// out of every estimate, and whoever leaves it out says so; [`IncidenceSeries::without_marks`] takes all counts
    /// as they are.
    ///
    /// # Counting error
    ///
    /// Of *n* people counted the logarithm has, by Poisson's law, a standard deviation of 1/√*n*, 3 % for a thousand and
    /// 29 % for a dozen. Draws of a [`Projection`](crate::Projection), and a [fit](crate::fit) to figures that state errors,
    /// hold it beside the error *e* that is stated or assumed, as √(*e*² + 1/*n*), for
    ///
    /// - a count: a figure with the status `registered`, or an observation without a figure and without a stated error;
    /// - a figure that states no error, once one is assumed: an assumption such as 3 % is one of large numbers.
    ///
    /// An estimate that states its error has that error alone, and one with neither a stated nor an assumed error has
    /// none to show.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::figures;
    ///
    /// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
    /// assert_eq!(world.observations().len(), 2);
    /// assert_eq!(world.published_projection().map(|p| p.cases), Some(273_600.0));
    ///
    /// let mine = IncidenceSeries::from_counts("Atlantis", [(2019, 120.0), (2024, 150.0)])?;
    /// assert_eq!(mine.last_year(), 2024);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct IncidenceSeries {
        region: String,
        observations: Vec<Observation>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        published_projection: Option<PublishedProjection>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        sources: BTreeMap<i32, String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        figures: Vec<Figure>,
        /// The years of observations whose error is assumed.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        assumed: BTreeSet<i32>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        marks: BTreeMap<i32, Mark>,
    } through from_unchecked
}

impl IncidenceSeries {
    /// A series from its observations, in the order of their years.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoObservations`], [`ErrorKind::YearsNotIncreasing`] or
    /// [`ErrorKind::OutOfRange`], each with the region, the year and the value.
    pub fn new(
        region: impl Into<String>,
        observations: impl IntoIterator<Item = Observation>,
    ) -> Result<Self> {
        Self::with_errors_to(1.0, region.into(), observations.into_iter().collect())
    }

    /// The same with errors up to the greatest.
    fn with_errors_to(
        greatest: f64,
        region: String,
        observations: Vec<Observation>,
    ) -> Result<Self> {
        check_region(&region)?;
        if observations.is_empty() {
            return Err(ErrorKind::NoObservations { place: region }.into());
        }
        for observation in &observations {
            observation.check(&region, greatest)?;
        }
        increasing(&region, observations.iter().map(|o| o.year))?;
        let (first, last) = (
            observations[0].year,
            observations[observations.len() - 1].year,
        );
        check_span(first, last, &region)?;
        Ok(Self {
            region,
            observations,
            published_projection: None,
            sources: BTreeMap::new(),
            figures: Vec::new(),
            assumed: BTreeSet::new(),
            marks: BTreeMap::new(),
        })
    }

    fn from_unchecked(
        region: String,
        observations: Vec<Observation>,
        published_projection: Option<PublishedProjection>,
        sources: BTreeMap<i32, String>,
        figures: Vec<Figure>,
        assumed: BTreeSet<i32>,
        marks: BTreeMap<i32, Mark>,
    ) -> Result<Self> {
        let mut series = Self::with_errors_to(SQRT_2, region, observations)?;
        if let Some(projection) = published_projection {
            series = series.with_published_projection(projection)?;
        }
        let series = Self {
            sources,
            figures,
            assumed,
            marks,
            ..series
        };
        series.check_figures()?;
        series.check_sources()?;
        series.check_marks()?;
        Ok(series)
    }

    /// A series of counts without stated errors, as `(year, cases)`.
    ///
    /// # Errors
    ///
    /// As [`IncidenceSeries::new`].
    pub fn from_counts(
        region: impl Into<String>,
        counts: impl IntoIterator<Item = (i32, f64)>,
    ) -> Result<Self> {
        let observations = counts
            .into_iter()
            .map(|(year, cases)| Observation::exact(year, cases));
        Self::new(region, observations)
    }

    /// Reads exact counts from a CSV file with the columns `year,cases` and, if wanted, `mark`
    /// ([`Mark`]); the region is the file's name without its ending. What the figures module accepts in CSV is accepted here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`], [`ErrorKind::Parse`] with line and column, and the errors of
    /// [`IncidenceSeries::new`].
    pub fn read_counts(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let counts = csv_and_json::counts(&path.display().to_string(), files::open(path)?)?;
        let region = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut series = Self::from_counts(region, counts.iter().map(|(year, n, _)| (*year, *n)))?;
        let marks = counts
            .iter()
            .filter_map(|(year, _, mark)| Some((*year, (*mark)?)));
        series.marks = marks.collect();
        Ok(series)
    }

    /// The figures of one region as a series: those with status `projection` become the published
    /// projection, all others observations, in the order of their years.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] where there is no figure for the region,
    /// [`ErrorKind::ConflictingFigures`] where two stand for one year,
    /// [`ErrorKind::Contradiction`] where figures of different definitions are mixed,
    /// [`ErrorKind::Unsuitable`] where there are two projections, and the errors of [`IncidenceSeries::new`].
    pub fn from_figures(figures: &Figures, region: &str) -> Result<Self> {
        let mut of_region: Vec<&Figure> = figures
            .iter()
            .filter(|figure| figure.region() == region)
            .collect();
        of_region.sort_by_key(|figure| figure.year());
        if of_region.is_empty() {
            return Err(unknown_region(region, figures));
        }
        let mut pairs = of_region.windows(2);
        if let Some(pair) = pairs.find(|pair| pair[0].year() == pair[1].year()) {
            return Err(ErrorKind::ConflictingFigures {
                region: region.to_owned(),
                year: pair[0].year(),
                first: pair[0].source().to_owned(),
                second: pair[1].source().to_owned(),
            }
            .into());
        }
        check_one_definition(region, &of_region)?;

        let (projections, past): (Vec<&Figure>, Vec<&Figure>) = of_region
            .iter()
            .partition(|figure| figure.status() == Status::Projection);
        let mut series = Self::new(
            region,
            past.iter().map(|figure| Observation {
                year: figure.year(),
                cases: figure.cases(),
                relative_error: figure.relative_error(),
            }),
        )?;
        series = match projections.as_slice() {
            [] => series,
            [one] if one.mark().is_some() => {
                return Err(Error::unsuitable(format!(
                    "the published projection of {region} for {} is marked, and only counts are: leave the mark out, or \
                     the projection",
                    one.year()
                )));
            }
            [one] => series.with_published_projection(PublishedProjection {
                year: one.year(),
                cases: one.cases(),
                relative_error: one.relative_error(),
            })?,
            [first, second, ..] => {
                return Err(Error::unsuitable(format!(
                    "{region} has published projections for {} and {}: a series takes one",
                    first.year(),
                    second.year()
                )));
            }
        };
        let marks = past
            .iter()
            .filter_map(|one| Some((one.year(), one.mark()?)));
        series.marks = marks.collect();
        series.figures = of_region.into_iter().cloned().collect();
        Ok(series)
    }

    /// Adds a published projection.
    ///
    /// # Errors
    ///
    /// Where it does not lie after the last observation, or its values are out of range.
    pub fn with_published_projection(mut self, projection: PublishedProjection) -> Result<Self> {
        projection.check(&self.region)?;
        check_span(self.first_year(), projection.year, &self.region)?;
        Place(format_args!("the series of {}", self.region)).check(
            projection.year > self.last_year(),
            "the year of the published projection",
            projection.year,
            format!("after the last observation, {}", self.last_year()),
        )?;
        // A figure of the projection before is not one of this one.
        self.figures
            .retain(|figure| figure.status() != Status::Projection);
        self.published_projection = Some(projection);
        Ok(self)
    }

    /// Says where the figure of a year is from, in place of what the figure itself says. The errors of
    /// figures of one source may be correlated, see [`ErrorModel`](crate::projection::ErrorModel);
    /// those without a source count as of one. A year of which the series has neither a figure nor a projection is refused by what
    /// uses sources: projections and outlooks.
    #[must_use]
    pub fn with_source(mut self, year: i32, source: impl Into<String>) -> Self {
        self.sources.insert(year, source.into());
        self
    }

    /// Marks years of the series: their counts are left out of estimates.
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::figures::Mark;
    ///
    /// let series = IncidenceSeries::from_counts("Atlantis", [(2018, 61.0), (2019, 64.0), (2020, 48.0), (2021, 70.0)])?
    ///     .with_mark(Mark::Shock, [2020])?;
    /// assert!(series.unmarked().all(|count| count.year != 2020));
    /// assert!(series.with_mark(Mark::Provisional, [2022]).is_err()); // it has no such year
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] where the series has no count of a year.
    pub fn with_mark(mut self, mark: Mark, years: impl IntoIterator<Item = i32>) -> Result<Self> {
        self.marks
            .extend(years.into_iter().map(|year| (year, mark)));
        self.check_marks()?;
        Ok(self)
    }

    /// Takes all counts as they are, marked or not.
    #[must_use]
    pub fn without_marks(mut self) -> Self {
        self.marks.clear();
        self
    }

    /// Sources are of years that are there.
    pub(crate) fn check_sources(&self) -> Result<()> {
        let projected = self.published_projection.map(|p| p.year);
        let is_absent = |year: &&i32| {
            Some(**year) != projected && !self.observations.iter().any(|o| o.year == **year)
        };
        match self.sources.keys().find(is_absent) {
            None => Ok(()),
            Some(year) => Err(Error::unsuitable(format!(
                "the series of {} has no figure of {year}, the source of which is stated as {}",
                self.region, self.sources[year]
            ))),
        }
    }

    fn check_marks(&self) -> Result<()> {
        let absent = |year: &&i32| !self.observations.iter().any(|o| o.year == **year);
        match self.marks.keys().find(absent) {
            None => Ok(()),
            Some(year) => Err(Error::unsuitable(format!(
                "the series of {} has no count of {year} to mark as {}",
                self.region, self.marks[year]
            ))),
        }
    }

    /// Gives every observation, and the published projection, that states no error this one. The counting error of an
    /// observation comes on top.
    ///
    /// # Errors
    ///
    /// Where the error is not between 0 and 1.
    pub fn assuming_relative_error(mut self, relative_error: f64) -> Result<Self> {
        check_relative_error(relative_error, &self.region, self.first_year())?;
        for observation in &mut self.observations {
            if observation.relative_error.is_none() {
                observation.relative_error = Some(relative_error);
                self.assumed.insert(observation.year);
            }
        }
        if let Some(projection) = &mut self.published_projection {
            projection.relative_error.get_or_insert(relative_error);
        }
        Ok(self)
    }

    /// Gives the published projection this error where it states none.
    ///
    /// # Errors
    ///
    /// Where the error is not between 0 and 1.
    pub fn assuming_projection_error(mut self, relative_error: f64) -> Result<Self> {
        if let Some(projection) = &mut self.published_projection {
            check_relative_error(relative_error, &self.region, projection.year)?;
            projection.relative_error.get_or_insert(relative_error);
        }
        Ok(self)
    }

    /// What takes logarithms of counts needs counts above 0; `user` says what that is.
    pub(crate) fn check_logarithms(&self, user: &str) -> Result<()> {
        match self.unmarked().find(|o| o.cases <= 0.0) {
            None => Ok(()),
            Some(zero) => Err(no_logarithm(&self.region, zero.year, user)),
        }
    }

    /// The same observations with other errors.
    pub(crate) fn with_errors(mut self, of: impl Fn(&Observation) -> Option<f64>) -> Self {
        for observation in &mut self.observations {
            observation.relative_error = of(observation);
        }
        self
    }

    /// The counting error of an observation, 1/√n on the log scale; 0 for an estimate whose error is its own. Below
    /// one case it stays that of one case.
    pub(crate) fn counting_error(&self, observation: &Observation) -> f64 {
        if self.is_count(observation) || self.assumed.contains(&observation.year) {
            observation.cases.max(1.0).sqrt().recip()
        } else {
            0.0
        }
    }

    /// Whether an observation is a count of people: a registered figure, or one of no figure whose error is not stated.
    pub(crate) fn is_count(&self, observation: &Observation) -> bool {
        let year = observation.year;
        let figure = self.figures.iter().find(|figure| figure.year() == year);
        match figure {
            Some(figure) => figure.status() == Status::Registered,
            None => observation.relative_error.is_none() || self.assumed.contains(&year),
        }
    }

    /// The figures are those of the observations and of the published projection, and so are the years of assumed
    /// errors.
    fn check_figures(&self) -> Result<()> {
        let past = self.observations.iter().map(|o| (o.year, o.cases));
        let projected = self.published_projection.iter().map(|p| (p.year, p.cases));
        let counts: BTreeMap<i32, f64> = past.chain(projected).collect();
        for figure in &self.figures {
            let count = counts.get(&figure.year());
            if figure.region() != self.region || count != Some(&figure.cases()) {
                return Err(Error::contradiction(format!(
                    "the series of {} does not hold its figure of {} cases in {} {}",
                    self.region,
                    figure.cases(),
                    figure.region(),
                    figure.year()
                )));
            }
        }
        for year in &self.assumed {
            let of_year = |o: &&Observation| o.year == *year && o.relative_error.is_some();
            if !self.observations.iter().any(|o| of_year(&o)) {
                return Err(Error::contradiction(format!(
                    "the series of {} has no error for {year}, where one is said to be assumed",
                    self.region
                )));
            }
        }
        Ok(())
    }

    /// The source of the figure of a year, if it is named.
    #[must_use]
    pub fn source(&self, year: i32) -> Option<&str> {
        let stated = self.sources.get(&year).map(String::as_str);
        stated.or_else(|| {
            let figure = self.figures.iter().find(|figure| figure.year() == year)?;
            Some(figure.source()).filter(|source| !source.is_empty())
        })
    }

    /// The published figures that the series was made from, in the order of their years,
    /// with all that is known of them; empty for a series of counts.
    #[must_use]
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The marked years, each with its mark.
    #[must_use]
    pub const fn marks(&self) -> &BTreeMap<i32, Mark> {
        &self.marks
    }

    /// The observations whose years are not marked, by increasing year: what estimates use. None where all are
    /// marked.
    pub fn unmarked(&self) -> impl Iterator<Item = &Observation> {
        let marked = |o: &&Observation| !self.marks.contains_key(&o.year);
        self.observations.iter().filter(marked)
    }

    /// The observations, marked or not, by increasing year; never empty.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// The published projection, if there is one.
    #[must_use]
    pub const fn published_projection(&self) -> Option<&PublishedProjection> {
        self.published_projection.as_ref()
    }

    /// The year of the first observation.
    #[must_use]
    pub fn first_year(&self) -> i32 {
        self.observations[0].year
    }

    /// The first and the last observation that a curve goes through: those whose years are not marked, or all where
    /// every year is.
    pub(crate) fn ends(&self) -> (Observation, Observation) {
        let all = &self.observations;
        let first = self.unmarked().next().copied();
        let last = self.unmarked().last().copied();
        (first.unwrap_or(all[0]), last.unwrap_or(all[all.len() - 1]))
    }

    /// The year of the last observation that is no shock, from which forecasts go on; that of the last one where all
    /// are.
    pub(crate) fn last_without_shock(&self) -> i32 {
        let mut years = self.observations.iter().rev().map(|o| o.year);
        let kept = years.find(|year| self.marks.get(year) != Some(&Mark::Shock));
        kept.unwrap_or_else(|| self.last_year())
    }

    /// The year of the last observation.
    #[must_use]
    pub fn last_year(&self) -> i32 {
        self.observations[self.observations.len() - 1].year
    }
}

/// A count of 0 where logarithms of counts are taken, and the ways out: of a forecast, and of a fit.
pub(crate) fn no_logarithm(region: &str, year: i32, user: &str) -> Error {
    Error::unsuitable(format!(
        "the count of {region} in {year} is 0, and {user} takes logarithms of counts. To leave the year out would bias the \
         rest: combine years, all of them, by threes or fives of some ten cases or more, and state the mean of each in its middle \
         year; or fit a curve with a Poisson, quasi-Poisson or negative binomial likelihood, which take no logarithm, to more counts than it has parameters"
    ))
}

/// Counts of C90 and of C88+C90 differ by several per cent: a series is of one definition.
fn check_one_definition(region: &str, figures: &[&Figure]) -> Result<()> {
    let mut stated = figures
        .iter()
        .filter_map(|figure| Some((figure.icd10()?, figure.year())));
    let Some((first, year)) = stated.next() else {
        return Ok(());
    };
    match stated.find(|(codes, _)| !are_same_codes(codes, first)) {
        None => Ok(()),
        Some((other, other_year)) => Err(Error::contradiction(format!(
            "figures of {region} count different things: ICD-10 {first} in {year}, ICD-10 {other} in \
             {other_year}"
        ))),
    }
}

impl fmt::Display for IncidenceSeries {
    /// A row a year, with the errors that are stated or assumed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = |error: Option<f64>| {
            error.map_or_else(|| "-".to_owned(), |e| format!("{} %", percent(e)))
        };
        let mut table = Table::default();
        table.heading(format!("new cases a year in {}", self.region));
        table.row("year", ["cases", "error"].map(str::to_owned));
        for o in &self.observations {
            table.row(
                o.year.to_string(),
                [count(o.cases), error(o.relative_error)],
            );
        }
        if let Some(p) = self.published_projection {
            let year = format!("{}, published projection", p.year);
            table.row(year, [count(p.cases), error(p.relative_error)]);
        }
        table.fmt(f)
    }
}
