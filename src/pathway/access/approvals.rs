//! Where equecabtagene autoleucel is approved, and since when: the rows of `figures/approvals.csv`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Error;
use crate::files::rows;
use crate::plain_text::printable;

/// The **regulatory status** of a therapy in a jurisdiction: how far it has come.
///
/// Only [`AccessStatus::Approved`] counts in [`Exposure::eligible_where_approved`](super::Exposure::eligible_where_approved); supply to named patients before a
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
            match rows("approvals.csv", include_str!("../../figures/approvals.csv")) {
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
