//! Who is eligible for equecabtagene autoleucel by its label, and where it can be had.
//!
//! ```
//! use myeloma_epi::YearlyDraws;
//! use myeloma_epi::pathway::access::{AccessFact, Exposure};
//! use myeloma_epi::pathway::{FlowOptions, evidence::Preset};
//! use ndarray::Array2;
//!
//! for fact in AccessFact::shipped() {
//!     println!("{fact}");
//! }
//! // 40 new cases a year in a region of mainland China, from 1995.
//! let incidence = YearlyDraws::new(1995, Array2::from_elem((30, 1), 40.0))?;
//! let flow = Preset::of("west_china")?.pathway.flow(&incidence, &FlowOptions::to(2024))?;
//! let exposure = Exposure {
//!     proteasome_inhibitor_and_immunomodulator: Some(0.9),
//!     adult: Some(1.0),
//! };
//! let patients = exposure.eligible_where_approved(&[("mainland China", &flow)], 2024)?;
//! assert!(patients[0].1.median(2024)? < 20.0);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use ndarray::Axis;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::flow::Flow;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::files::rows;
use crate::place::Place;
use crate::plain_text::printable;

/// **What the label asks of a patient**, as shares of those in whom third line has failed and who go on to a fourth.
///
/// The label of equecabtagene autoleucel (National Medical Products Administration of China, 30 June 2023; Hong
/// Kong and Macau in the same words): adults with relapsed or refractory multiple myeloma after three or more
/// prior lines of therapy, including at least one proteasome inhibitor and an immunomodulatory agent. **Three
/// prior lines are behind a patient when third line has failed**, not when it begins.
///
/// The crate ships neither share, since both differ by country and year: a missing one is an error when the
/// exposure is used. Both lie between 0 and 1, and are taken as independent.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::access::Exposure;
///
/// let exposure = Exposure {
///     proteasome_inhibitor_and_immunomodulator: Some(0.9),
///     adult: Some(0.99),
/// };
/// assert!((exposure.share()? - 0.891).abs() < 1e-12);
/// // What is not known is not taken as 1.
/// assert!(Exposure { adult: None, ..exposure }.share().is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exposure {
    /// The share that has had both a proteasome inhibitor and an immunomodulatory agent.
    pub proteasome_inhibitor_and_immunomodulator: Option<f64>,
    /// The share that is adult.
    pub adult: Option<f64>,
}

impl Exposure {
    /// The share of those in whom third line has failed who meet the rest of the label: the product of
    /// the two shares, which are taken as independent.
    ///
    /// # Errors
    ///
    /// Where a share is missing or not between 0 and 1.
    pub fn share(&self) -> Result<f64> {
        let mut product = 1.0;
        for (name, share) in [
            (
                "the share exposed to a proteasome inhibitor and an immunomodulatory agent",
                self.proteasome_inhibitor_and_immunomodulator,
            ),
            ("the share of adults", self.adult),
        ] {
            let missing = || {
                Error::unsuitable(format!(
                    "{name} is missing: eligibility by the label needs it, and the crate has no figure for it"
                ))
            };
            let share = share.ok_or_else(missing)?;
            Place("eligibility by the label").share(name, share)?;
            product *= share;
        }
        Ok(product)
    }

    /// Patients who **become eligible** by the label in each calendar year: those who start a fourth line, times
    /// [`Exposure::share`].
    ///
    /// Third line has failed in them, and they are treated again. Those lost to further therapy get none and are not
    /// counted, nor are those past third line already when the year begins; those in a treatment-free interval count
    /// when it ends.
    ///
    /// # Errors
    ///
    /// Where a share is missing or not between 0 and 1, or nobody starts a fourth line in the pathway: who could
    /// have one is then unknown, not zero.
    pub fn eligible(&self, flow: &Flow) -> Result<YearlyDraws> {
        let share = self.share()?;
        let fourth = flow.starts(4).ok();
        let Some(fourth) = fourth.filter(|starts| starts.view().iter().any(|n| *n > 0.0)) else {
            return Err(Error::unsuitable(format!(
                "nobody starts fourth line in the pathway, which has {} lines: who could be treated after third \
                 line has failed is unknown, not zero; give a pathway of four lines",
                flow.lines()
            )));
        };
        YearlyDraws::new(fourth.first_year(), fourth.view().mapv(|n| n * share))
    }

    /// Patients who **become eligible in a year while the therapy is approved** where they live: one draw array of
    /// that year for each jurisdiction where it is approved by its end, given the flows of the jurisdictions' own
    /// incidence. A year of approval counts in part, by days ([`AccessFact::part_of`]).
    ///
    /// # Errors
    ///
    /// Where a flow is for a jurisdiction that the crate does not know, or two are for one, an approved jurisdiction has no
    /// flow (its patients are not zero), a flow lacks the year, or as [`Exposure::eligible`].
    pub fn eligible_where_approved(
        &self,
        flows: &[(&str, &Flow)],
        year: i32,
    ) -> Result<Vec<(&'static AccessFact, YearlyDraws)>> {
        let facts = || AccessFact::shipped().iter();
        for (i, (jurisdiction, _)) in flows.iter().enumerate() {
            if flows[..i].iter().any(|(other, _)| other == jurisdiction) {
                return Err(Error::unsuitable(format!(
                    "two flows are given for {}: add up their incidence, or choose one",
                    printable(jurisdiction)
                )));
            }
            if facts().all(|fact| fact.jurisdiction != *jurisdiction) {
                let mut known: Vec<&str> = facts().map(|fact| &*fact.jurisdiction).collect();
                known.dedup();
                return Err(Error::unknown("jurisdiction", *jurisdiction, known));
            }
        }
        let approved =
            |fact: &&AccessFact| fact.status == AccessStatus::Approved && fact.part_of(year) > 0.0;
        let of_fact = |fact: &'static AccessFact| {
            let own = flows.iter().find(|(of, _)| *of == fact.jurisdiction);
            let missing = || {
                Error::unsuitable(format!(
                    "no incidence for {}, where the therapy is approved since {}: its eligible \
                     patients are unknown, not zero; give a flow for it",
                    fact.jurisdiction, fact.since
                ))
            };
            let (_, flow) = own.ok_or_else(missing)?;
            let patients = &self.eligible(flow)?.year(year)? * fact.part_of(year);
            Ok((fact, YearlyDraws::new(year, patients.insert_axis(Axis(0)))?))
        };
        facts().filter(approved).map(of_fact).collect()
    }
}

/// The **regulatory status** of a therapy in a jurisdiction: how far it has come.
///
/// Only [`AccessStatus::Approved`] counts in [`Exposure::eligible_where_approved`]; supply to named patients before a
/// licence does not.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::access::{AccessFact, AccessStatus};
///
/// // Hong Kong had a named-patient programme a year before its licence of November 2025.
/// let year = |status| {
///     let mut facts = AccessFact::shipped().iter().filter(|fact| fact.jurisdiction == "Hong Kong");
///     facts.find(|fact| fact.status == status).and_then(|fact| fact.year())
/// };
/// assert_eq!(year(AccessStatus::NamedPatient), Some(2024));
/// assert_eq!(year(AccessStatus::Approved), Some(2025));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccessStatus {
    /// Licensed.
    Approved,
    /// Supplied to named patients before a licence.
    NamedPatient,
    /// An application has been accepted.
    UnderReview,
    /// An orphan drug designation or a fast track.
    Designated,
    /// A clinical trial may begin.
    Trial,
}

/// A **fact on access** to equecabtagene autoleucel: what was decided where, by whom, when, and who says so.
///
/// A date is that on which the fact came into force, or, where `stated` is true, the later one on which the source
/// states it. [`AccessFact::shipped`] lists all that the crate ships. In files the keys are the names of the fields; `stated`
/// is `yes` or `no`.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::access::{AccessFact, AccessStatus};
///
/// // The first approval was that of the National Medical Products Administration of China, on 30 June 2023.
/// let approved = AccessFact::shipped().iter().filter(|fact| fact.status == AccessStatus::Approved);
/// let first = approved.min_by_key(|fact| &fact.since).unwrap();
/// assert_eq!((first.jurisdiction.as_str(), first.since.as_str()), ("mainland China", "2023-06-30"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccessFact {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// How far the therapy has come.
    pub status: AccessStatus,
    /// The date (ISO 8601, to the month or day) when the fact came into force, or was stated.
    #[serde(deserialize_with = "date")]
    pub since: String,
    /// Whether the date is that of the statement, and not of the fact.
    #[serde(with = "yes_or_no")]
    pub stated: bool,
    /// What was decided, by whom.
    pub what: String,
    /// The source.
    pub source: String,
}

impl AccessFact {
    /// All facts on access that the crate ships, as of 27 November 2025.
    #[must_use]
    pub fn shipped() -> &'static [Self] {
        static FACTS: LazyLock<Vec<AccessFact>> = LazyLock::new(|| {
            match rows("access.csv", include_str!("../figures/access.csv")) {
                Ok(facts) => facts,
                // A defect of the crate; the tests read every shipped file.
                Err(error) => panic!("broken invariant: a shipped file is unreadable: {error}"),
            }
        });
        &FACTS
    }

    /// The calendar year of the date; `None` where `since` is no date, which it is in no fact that was
    /// read.
    #[must_use]
    pub fn year(&self) -> Option<i32> {
        Some(year_and_days(&self.since)?.0)
    }

    /// The part of a calendar year in which the fact holds, by days, from the date itself on: 0 before its year, 1
    /// after it. Where only the month is known it is taken to hold from the 15th on.
    ///
    /// ```
    /// use myeloma_epi::pathway::access::{AccessFact, AccessStatus};
    ///
    /// // Approved in Hong Kong on 27 November 2025: 35 days of 365 are left.
    /// let mut facts = AccessFact::shipped().iter().filter(|fact| fact.jurisdiction == "Hong Kong");
    /// let approved = facts.find(|fact| fact.status == AccessStatus::Approved).unwrap();
    /// assert_eq!([2024, 2025, 2026].map(|year| approved.part_of(year)), [0.0, 35.0 / 365.0, 1.0]);
    /// ```
    #[must_use]
    pub fn part_of(&self, year: i32) -> f64 {
        // What was read is a date; a fact without one holds in no year that is known.
        let Some((since, days)) = year_and_days(&self.since) else {
            return 0.0;
        };
        match since.cmp(&year) {
            Ordering::Less => 1.0,
            Ordering::Greater => 0.0,
            Ordering::Equal => f64::from(days) / f64::from(days_in(since, 1..=12)),
        }
    }
}

/// The days of some months of a year of the Gregorian calendar.
fn days_in(year: i32, months: RangeInclusive<u32>) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = |month| match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    months.map(days).sum()
}

/// The year of a date such as 2025-03 or 2025-03-28, and the days from it to the end of the year, its own included.
fn year_and_days(date: &str) -> Option<(i32, u32)> {
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let mut parts = date.splitn(3, '-');
    let year = i32::try_from(number(parts.next()?, 4)?).ok()?;
    let month = number(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
    let day = parts.next().map_or(Some(15), |day| number(day, 2))?;
    let exists = (1..=days_in(year, month..=month)).contains(&day);
    exists.then(|| (year, days_in(year, month..=12) + 1 - day))
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    let date = String::deserialize(deserializer)?;
    if year_and_days(&date).is_none() {
        return Err(D::Error::custom(Error::out_of_range(
            "since",
            "a fact on access",
            format!("\"{date}\""),
            "a month or day such as 2025-03 or 2025-03-28",
        )));
    }
    Ok(date)
}

mod yes_or_no {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
    pub(super) fn serialize<S: Serializer>(yes: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if *yes { "yes" } else { "no" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<bool, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            other => Err(D::Error::unknown_variant(other, &["yes", "no"])),
        }
    }
}

/// Jurisdiction, what was decided, and the date.
impl fmt::Display for AccessFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [jurisdiction, what, since] =
            [&self.jurisdiction, &self.what, &self.since].map(|text| printable(text));
        write!(f, "{jurisdiction}: {what}, {since}")
    }
}
