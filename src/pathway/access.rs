//! Who is eligible for equecabtagene autoleucel by its label, and where it can be had.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::flow::Flow;
use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};

/// What the label asks of a patient, as shares of those in whom third line has failed.
///
/// The label of equecabtagene autoleucel (National Medical Products Administration of China, 30 June
/// 2023; Hong Kong and Macau in the same words): adults with relapsed or refractory multiple myeloma
/// after three or more prior lines of therapy, including at least one proteasome inhibitor and an
/// immunomodulatory agent. **Three prior lines are behind a patient when third line has failed**, not
/// when it begins.
///
/// The crate ships neither share, since both differ by country and year: a missing one is an error.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// The share that has had both a proteasome inhibitor and an immunomodulatory agent.
    #[serde(default)]
    pub proteasome_inhibitor_and_immunomodulator: Option<f64>,
    /// The share that is adult.
    #[serde(default)]
    pub adult: Option<f64>,
}

impl Exposure {
    /// The share of those in whom third line has failed who meet the rest of the label; the two
    /// shares are taken as independent.
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
            let Some(share) = share else {
                return Err(ErrorKind::Unsuitable(format!(
                    "{name} is missing: eligibility by the label needs it, and the crate has no \
                     figure for it"
                ))
                .into());
            };
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::out_of_range(
                    name,
                    "eligibility by the label",
                    share,
                    "between 0 and 1",
                ));
            }
            product *= share;
        }
        Ok(product)
    }
}

/// Patients who **become eligible** by the label in each calendar year: third line fails while they
/// live, times the exposure shares.
///
/// # Errors
///
/// Where an exposure share is missing, or the pathway has fewer than three lines.
pub fn eligible(flow: &Flow, exposure: &Exposure) -> Result<YearlyDraws> {
    let share = exposure.share()?;
    let failures = flow.failures(3)?;
    YearlyDraws::new(failures.first_year(), failures.view().mapv(|n| n * share))
}

/// How far a therapy has come in a jurisdiction.
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

/// A dated, sourced fact about access to equecabtagene autoleucel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccessFact {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// How far the therapy has come.
    pub status: AccessStatus,
    /// The date (ISO 8601, to the month or day): when it came into force, or was stated.
    pub since: String,
    /// Whether the date is that of the statement (`yes`) and not of the fact (`no`).
    pub stated: String,
    /// What was decided, by whom.
    pub what: String,
    /// The source.
    pub source: String,
}

impl AccessFact {
    /// The calendar year of the date.
    #[must_use]
    pub fn year(&self) -> Option<i32> {
        self.since.get(..4)?.parse().ok()
    }
}

impl fmt::Display for AccessFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, {}", self.jurisdiction, self.what, self.since)
    }
}

/// All facts that the crate holds, as of 27 November 2025.
#[must_use]
pub fn access() -> &'static [AccessFact] {
    static FACTS: LazyLock<Vec<AccessFact>> = LazyLock::new(|| {
        let text = include_str!("../figures/access.csv");
        super::evidence::read_csv("access.csv", text)
    });
    &FACTS
}

/// The facts for one jurisdiction.
///
/// # Errors
///
/// Where the crate knows nothing of the jurisdiction.
pub fn access_in(jurisdiction: &str) -> Result<Vec<&'static AccessFact>> {
    let facts: Vec<&AccessFact> = access()
        .iter()
        .filter(|fact| fact.jurisdiction == jurisdiction)
        .collect();
    if facts.is_empty() {
        let mut known: Vec<&str> = access().iter().map(|f| f.jurisdiction.as_str()).collect();
        known.dedup();
        return Err(Error::out_of_range(
            "the jurisdiction",
            "the facts on access",
            format!("\"{jurisdiction}\""),
            format!("one of {}", known.join(", ")),
        ));
    }
    Ok(facts)
}

/// Patients who become eligible in a year in every jurisdiction where the therapy is approved by the
/// end of that year, given the flows of those jurisdictions' own incidence.
///
/// # Errors
///
/// Where a flow is for a jurisdiction that the crate does not know, an approved jurisdiction has no
/// flow (its patients are not zero), a flow lacks the year, or an exposure share is missing.
pub fn eligible_where_approved(
    flows: &[(&str, &Flow)],
    exposure: &Exposure,
    year: i32,
) -> Result<Vec<(&'static AccessFact, YearlyDraws)>> {
    for (jurisdiction, _) in flows {
        access_in(jurisdiction)?;
    }
    access()
        .iter()
        .filter(|fact| fact.status == AccessStatus::Approved)
        .filter(|fact| fact.year().is_some_and(|since| since <= year))
        .map(|fact| {
            let flow = flows.iter().find(|(name, _)| *name == fact.jurisdiction);
            let Some((_, flow)) = flow else {
                return Err(ErrorKind::Unsuitable(format!(
                    "no incidence for {}, where the therapy is approved since {}: its eligible \
                     patients are unknown, not zero; give a flow for it",
                    fact.jurisdiction, fact.since
                ))
                .into());
            };
            let eligible = eligible(flow, exposure)?;
            eligible.year(year)?;
            Ok((fact, eligible))
        })
        .collect()
}
