//! One published figure and what is known of it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::marked_years::Mark;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::files::Words;
use crate::number_checks::Place;

/// The status of a figure: how the published number came about.
///
/// Only counts of a registry are observed; an estimate is modelled; a projection is held apart from both. In
/// files it is one of the words of [`Status::as_str`].
///
/// # Errors
///
/// Reading a file refuses any other word, with the line and the column.
///
/// # Example
///
/// ```
/// use myeloma_epi::figures::{Figures, Status};
///
/// let text = "region,year,cases,status\nAtlantis,2040,400,projection\n";
/// let figures = Figures::from_csv("mine", text)?;
/// assert!(figures.iter().all(|figure| figure.status() == Status::Projection));
/// assert!(Figures::from_csv("mine", &text.replace("projection", "guess")).is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// Counted by a registry.
    Registered,
    /// Modelled from registries, mortality and covariates (GLOBOCAN, Global Burden of Disease).
    Estimate,
    /// Given by a company without its original source.
    Commercial,
    /// A published forecast: somebody's opinion of a future year, never an observation.
    Projection,
}

impl Status {
    /// The word used in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Estimate => "estimate",
            Self::Commercial => "commercial",
            Self::Projection => "projection",
        }
    }
}

impl Words for Status {
    const WORDS: &str = "estimate, registered, commercial or projection";
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A figure: one published number of new cases, the incidence of multiple myeloma in one region and year.
///
/// It counts people of both sexes and all ages, in the calendar year of diagnosis; it is finite and not negative
/// (a projection is above 0), and may have a fraction. With it stand its [`Status`], the ICD-10 codes that it
/// counts, its source, the source's own 95 % interval, the error of the figure (the standard deviation of its
/// logarithm, between 0 and 1), and a [`Mark`] where its year is out of line or unfinished. It serialises to the
/// names of the CSV columns ([`Figures::from_csv`](super::Figures::from_csv)).
///
/// # Example
///
/// GLOBOCAN 2022 gives 187,952 new cases worldwide ([gco.iarc.who.int](https://gco.iarc.who.int/today)):
///
/// ```
/// use myeloma_epi::figures::{Figure, Status};
///
/// let world = Figure::new("World", 2022, 187_952.0, Status::Estimate)?
///     .with_icd10("C90")
///     .with_source("GLOBOCAN 2022 (IARC)");
/// assert_eq!(world.cases(), 187_952.0);
/// assert_eq!(world.relative_error(), None); // the source states none
/// assert!(world.with_interval95(190_000.0, 200_000.0).is_err()); // it does not hold the figure
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Record")]
pub struct Figure(Record);

impl Figure {
    /// A figure of `cases` new cases in `year`, both sexes and all ages.
    ///
    /// ```
    /// use myeloma_epi::figures::{Figure, Status};
    ///
    /// let figure = Figure::new("Atlantis", 2024, 250.0, Status::Registered)?
    ///     .with_relative_error(0.02)?
    ///     .with_source("Registry of Atlantis, annual report 2025");
    /// assert_eq!(figure.relative_error(), Some(0.02));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the region is empty, the count is negative or not finite, or a projection is 0.
    pub fn new(region: impl Into<String>, year: i32, cases: f64, status: Status) -> Result<Self> {
        let region = region.into();
        if region.trim().is_empty() {
            return Err(Error::out_of_range(
                "the region",
                format!("the figure for {year}"),
                "empty",
                "a name",
            ));
        }
        check_region(&region)?;
        if status == Status::Projection {
            check_projected(cases, &region, year)?;
        } else {
            check_cases(cases, &region, year)?;
        }
        Ok(Self(Record {
            region,
            year,
            cases,
            status,
            relative_error: None,
            source: None,
            family: None,
            icd10: None,
            lower95: None,
            upper95: None,
            checked: None,
            mark: None,
        }))
    }

    /// States the error of the figure: the standard deviation of its logarithm, 0.03 for 3 %.
    ///
    /// # Errors
    ///
    /// Where the error is not between 0 and 1.
    pub fn with_relative_error(mut self, relative_error: f64) -> Result<Self> {
        check_relative_error(relative_error, self.region(), self.year())?;
        self.0.relative_error = Some(relative_error);
        Ok(self)
    }

    /// States the source's own 95 % interval.
    ///
    /// # Errors
    ///
    /// Where it does not hold the figure, or its ends are not finite and above 0; that of a count of 0 may begin
    /// at 0.
    pub fn with_interval95(mut self, lower: f64, upper: f64) -> Result<Self> {
        let cases = self.cases();
        let least = lower > 0.0 || (lower == 0.0 && cases == 0.0);
        self.place().check(
            least && lower <= cases && cases <= upper && upper.is_finite(),
            "the 95 % interval",
            format!("{lower} to {upper}"),
            format!("finite, above 0 and around the figure, {cases}"),
        )?;
        (self.0.lower95, self.0.upper95) = (Some(lower), Some(upper));
        Ok(self)
    }

    /// States where the figure is from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.0.source = Some(source.into()).filter(|source| !source.is_empty());
        self
    }

    /// States the family of the source: sources that share data and method, as the rounds of GLOBOCAN do. Figures of one
    /// family are no independent opinions, and what a later round makes of an earlier one is an error of revision.
    ///
    /// ```
    /// use myeloma_epi::figures;
    ///
    /// let families = figures::comparison().iter().filter_map(|figure| figure.family());
    /// assert!(families.into_iter().all(|family| family == "GBD" || family == "IARC"));
    /// ```
    #[must_use]
    pub fn with_family(mut self, family: impl Into<String>) -> Self {
        self.0.family = Some(family.into());
        self
    }

    /// States the case definition: the codes of the International Classification of Diseases, 10th revision, that
    /// the source counts.
    ///
    /// C90 is multiple myeloma and malignant plasma cell neoplasms, C88 malignant immunoproliferative diseases
    /// ([icd.who.int](https://icd.who.int/browse10/2019/en#/C81-C96)). Some sources count both, `C88+C90`, and
    /// their figures are larger. A series of two definitions is refused
    /// ([`IncidenceSeries::from_figures`](crate::IncidenceSeries::from_figures)).
    #[must_use]
    pub fn with_icd10(mut self, codes: impl Into<String>) -> Self {
        self.0.icd10 = Some(codes.into());
        self
    }

    /// The region, as the source names it.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.0.region
    }

    /// The calendar year of diagnosis.
    #[must_use]
    pub const fn year(&self) -> i32 {
        self.0.year
    }

    /// New cases in that year, finite and not negative.
    #[must_use]
    pub const fn cases(&self) -> f64 {
        self.0.cases
    }

    /// How the figure came about.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.0.status
    }

    /// The source's own 95 % interval, where it gives one.
    #[must_use]
    pub fn interval95(&self) -> Option<(f64, f64)> {
        self.0.lower95.zip(self.0.upper95)
    }

    /// The standard deviation of the figure's logarithm, where one is stated.
    #[must_use]
    pub const fn relative_error(&self) -> Option<f64> {
        self.0.relative_error
    }

    /// The ICD-10 codes that the figure counts, where the source states them.
    #[must_use]
    pub fn icd10(&self) -> Option<&str> {
        self.0.icd10.as_deref()
    }

    /// Where the figure is from; empty where the user gave no source.
    #[must_use]
    pub fn source(&self) -> &str {
        self.0.source.as_deref().unwrap_or_default()
    }

    /// The family of the source, where it is stated.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.0.family.as_deref()
    }

    /// The day on which the figure was last compared with its source.
    #[must_use]
    pub fn checked(&self) -> Option<&str> {
        self.0.checked.as_deref()
    }

    /// Why the figure is left out of estimates, where it is marked.
    #[must_use]
    pub const fn mark(&self) -> Option<Mark> {
        self.0.mark
    }

    /// Region and year, for an error.
    fn place(&self) -> Place<String> {
        Place(format!("{} {}", self.region(), self.year()))
    }
}

checked! {
    /// A published share: a proportion of patients that a source states as a range, from 0 to 1.
    ///
    /// It is kept as it was stated. Of which patients, and by when, is for the reader to say: see the estimands of
    /// [`pathway`](crate::pathway).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::figures;
    ///
    /// let share = figures::third_line_share();
    /// assert_eq!((share.low, share.high), (0.30, 0.40));
    /// assert!(share.statement.starts_with("30-40 %")); // the words of the press release
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct PublishedShare {
        /// The lower end, between 0 and 1.
        pub low: f64,
        /// The upper end, between 0 and 1.
        pub high: f64,
        /// The statement in the source's words.
        pub statement: String,
        /// How the figure came about.
        pub status: Status,
        /// Where it is from.
        pub source: String,
        /// The day on which it was last compared with its source.
        pub checked: String,
    } then check
}

impl PublishedShare {
    /// Both ends are shares, the lower one first.
    fn check(&self) -> Result<()> {
        let Self { low, high, .. } = self;
        let place = format!("\"{}\"", self.statement);
        let allowed = "between 0 and 1, the lower end first";
        let range = format!("{low} to {high}");
        Place(place).check(
            0.0 <= *low && low <= high && *high <= 1.0,
            "the published share",
            range,
            allowed,
        )
    }
}

/// A figure as it stands in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) region: String,
    pub(crate) year: i32,
    pub(crate) cases: f64,
    pub(crate) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relative_error: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) icd10: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lower95: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upper95: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checked: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl TryFrom<Record> for Figure {
    type Error = Error;

    fn try_from(mut record: Record) -> Result<Self> {
        let region = std::mem::take(&mut record.region);
        let mut figure = Self::new(region, record.year, record.cases, record.status)?;
        match (record.lower95, record.upper95) {
            (None, None) => {}
            (Some(lower), Some(upper)) => figure = figure.with_interval95(lower, upper)?,
            _ => figure.place().check(
                false,
                "the 95 % interval",
                "half empty",
                "given by both lower95 and upper95, or by neither",
            )?,
        }
        if let Some(error) = record.relative_error {
            figure = figure.with_relative_error(error)?;
        }
        for (name, text) in [
            ("source", &record.source),
            ("family", &record.family),
            ("icd10", &record.icd10),
            ("checked", &record.checked),
        ] {
            let length = text.as_ref().map_or(0, String::len);
            figure.place().check(
                length <= LONGEST_TEXT,
                format!("the length of \"{name}\""),
                format!("{length} bytes"),
                format!("at most {LONGEST_TEXT}"),
            )?;
        }
        let is_empty = |text: &mut String| text.is_empty();
        record.source.take_if(is_empty);
        record.family.take_if(is_empty);
        record.region = figure.0.region;
        Ok(Self(record))
    }
}

/// The longest name of a region, in bytes.
const LONGEST_NAME: usize = 1_000;

/// The longest other text of a figure in a file, in bytes.
const LONGEST_TEXT: usize = 10_000;

/// The name of a region is no longer than any name is.
pub(crate) fn check_region(name: &str) -> Result<()> {
    let begin: String = name.chars().take(30).collect();
    Place(&format!("\"{begin}…\"")).check(
        name.len() <= LONGEST_NAME,
        "the length of a region's name",
        format!("{} bytes", name.len()),
        format!("at most {LONGEST_NAME}"),
    )
}

/// A count of cases is finite and not negative. A small registry may see none in a year.
pub(crate) fn check_cases(cases: f64, region: &str, year: i32) -> Result<()> {
    Place(format_args!("{region} {year}")).not_negative("the number of cases", cases)
}

/// A published projection is finite and above 0: no model foresees that a disease ends.
pub(crate) fn check_projected(cases: f64, region: &str, year: i32) -> Result<()> {
    Place(format_args!("{region} {year}")).positive("the number of cases", cases)
}

/// Whether two lists of ICD-10 codes, such as `C88+C90`, are of the same codes, in any order and spelling.
pub(crate) fn are_same_codes(one: &str, other: &str) -> bool {
    let codes = |list: &str| -> BTreeSet<String> {
        let all = list.split(['+', ',', ';', '/', ' ']);
        let all = all.filter(|code| !code.is_empty());
        all.map(str::to_uppercase).collect()
    };
    codes(one) == codes(other)
}

/// A relative error is a standard deviation on the log scale, at most 1.
pub(crate) fn check_relative_error(error: f64, region: &str, year: i32) -> Result<()> {
    Place(&format!("{region} {year}")).check(
        (0.0..=1.0).contains(&error),
        "the relative error",
        error,
        "between 0 and 1 (0.03 for 3 %)",
    )
}
