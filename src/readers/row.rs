//! One number of an export, and what it is of.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::demography::Sex;
use crate::error::{Error, Result};
use crate::figures::{Mark, Status, check_region};

/// What is counted.
///
/// ```
/// use myeloma_epi::readers::Quantity;
///
/// assert_eq!(Quantity::Incidence.to_string(), "incidence");
/// assert_eq!(Quantity::NotStated.to_string(), "cases or deaths"); // ReadOptions::quantity states it
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quantity {
    /// New cases in a year.
    Incidence,
    /// Deaths from the disease in a year.
    Deaths,
    /// People alive with the disease.
    Prevalence,
    /// People, or person-years.
    Population,
    /// The file does not say whether its numbers are new cases or deaths.
    NotStated,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incidence => "incidence",
            Self::Deaths => "deaths",
            Self::Prevalence => "prevalence",
            Self::Population => "population",
            Self::NotStated => "cases or deaths",
        })
    }
}

/// What a number is a number of.
///
/// Only numbers can be added up. A rate becomes cases by the person-years that it is of, a standardised rate, a share or a
/// risk never does.
///
/// ```
/// use myeloma_epi::readers::{Measure, Quantity, Unit};
///
/// let measure = Measure { quantity: Quantity::Deaths, unit: Unit::StandardisedRate };
/// assert_eq!(measure.to_string(), "deaths age-standardised rate per 100,000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// People or events.
    Number,
    /// A crude or age-specific rate per 100,000 person-years.
    Rate,
    /// An age-standardised rate per 100,000 person-years, on the standard of its source.
    StandardisedRate,
    /// A share between 0 and 1, of all causes.
    Share,
    /// A cumulative risk in percent, up to the age of its source.
    CumulativeRisk,
}

/// What a number says: only [`Unit::Number`] counts anything.
///
/// ```
/// use myeloma_epi::readers::{Measure, Quantity, Unit};
///
/// let rate = Measure { quantity: Quantity::Incidence, unit: Unit::Rate };
/// assert_eq!(rate.to_string(), "incidence rate per 100,000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Measure {
    /// What is counted.
    pub quantity: Quantity,
    /// As a number, or as what else.
    pub unit: Unit,
}

/// `incidence` for a number of new cases, `incidence rate per 100,000` and the like for what is none.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_what = match self.unit {
            Unit::Number => "",
            Unit::Rate => " rate per 100,000",
            Unit::StandardisedRate => " age-standardised rate per 100,000",
            Unit::Share => " share",
            Unit::CumulativeRisk => " cumulative risk in percent",
        };
        write!(f, "{}{of_what}", self.quantity)
    }
}

/// One number of an export. What the file does not say is `None`.
///
/// ```
/// use myeloma_epi::demography::Sex;
/// use myeloma_epi::readers;
///
/// // In the layout of the results tool of the Global Burden of Disease study.
/// let text = "\
/// measure,location,sex,age,cause,metric,year,val,upper,lower
/// Incidence,Atlantis,Female,70-74 years,Multiple myeloma,Number,2019,125,140,110
/// ";
/// let export = readers::from_bytes("gbd.csv", text.as_bytes())?;
/// let row = &export.rows[0];
/// assert_eq!((&*row.region, row.year, row.sex, row.value), ("Atlantis", Some(2019), Some(Sex::Female), 125.0));
/// assert_eq!((row.age.as_deref(), row.site.as_deref()), (Some("70-74"), Some("Multiple myeloma")));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The region, as the source names it.
    pub region: Arc<str>,
    /// The calendar year.
    pub year: Option<i32>,
    /// Of whom.
    pub sex: Option<Sex>,
    /// The age group, in years: `all`, `15-19`, `85+`, `7`; what is none of these as the source writes it.
    pub age: Option<Arc<str>>,
    /// What the number says.
    pub measure: Measure,
    /// The number, finite and not negative.
    pub value: f64,
    /// The lower end of the source's 95 % interval.
    pub lower: Option<f64>,
    /// The upper end of the source's 95 % interval.
    pub upper: Option<f64>,
    /// The standard error of the number.
    pub standard_error: Option<f64>,
    /// The codes of ICD-10 that are counted: `C90`, `C88+C90`.
    pub definition: Option<Arc<str>>,
    /// Whose number it is.
    pub source: Arc<str>,
    /// The family of sources whose rounds its publisher brings out: `IARC`, `GBD`.
    #[serde(default)]
    pub family: Option<Arc<str>>,
    /// The edition of the source: `2024 submission`.
    pub round: Option<Arc<str>>,
    /// The cancer, as the source names it.
    pub site: Option<Arc<str>>,
    /// The part of the people that the number is of, other than by sex and age: `race: White`. `None` for all of them.
    pub subgroup: Option<Arc<str>>,
    /// The variant of a projection.
    pub variant: Option<Arc<str>>,
    /// How the number came about.
    pub status: Option<Status>,
    /// The standard deviation of its logarithm.
    pub relative_error: Option<f64>,
    /// Why its year is out of line or unfinished.
    pub mark: Option<Mark>,
    /// The day on which it was compared with its source.
    pub checked: Option<Arc<str>>,
    /// The line of the file, counted from 1.
    pub line: u64,
}

impl Row {
    /// What a row of a file must keep to.
    pub(super) fn check(&self) -> Result<()> {
        check_region(&self.region)?;
        let refuse = |name: &str, value: f64, allowed: &str| {
            let place = self.place();
            Err(Error::out_of_range(name, place, value, allowed))
        };
        let numbers = [
            ("the value", Some(self.value)),
            ("the lower end of the interval", self.lower),
            ("the upper end of the interval", self.upper),
            ("the standard error", self.standard_error),
            ("the relative error", self.relative_error),
        ];
        for (name, number) in numbers {
            if let Some(number) = number
                && !(number.is_finite() && number >= 0.0)
            {
                return refuse(name, number, "finite and not negative");
            }
        }
        if let (Some(lower), Some(upper)) = (self.lower, self.upper)
            && lower > upper
        {
            return refuse(
                "the lower end of the interval",
                lower,
                "no more than the upper end",
            );
        }
        if self.measure.unit == Unit::Share && self.value > 1.0 {
            return refuse("the share", self.value, "between 0 and 1");
        }
        Ok(())
    }

    /// Region, year and line, for a message.
    pub(super) fn place(&self) -> String {
        match self.year {
            Some(year) => format!("{} {year} (line {})", self.region, self.line),
            None => format!("{} (line {})", self.region, self.line),
        }
    }

    /// Source and round in one.
    pub(super) fn cited(&self) -> String {
        let source = Some(&self.source).filter(|source| !source.is_empty());
        let both: Vec<&str> = source
            .into_iter()
            .chain(&self.round)
            .map(|text| &**text)
            .collect();
        both.join(", ")
    }

    /// Both sexes and all ages, no part of the people.
    pub(super) fn is_total(&self) -> bool {
        self.sex == Some(Sex::Both) && self.age.as_deref() == Some(super::age::ALL)
    }
}
