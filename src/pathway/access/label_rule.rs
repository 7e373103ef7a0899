//! What the label of equecabtagene autoleucel asks of a patient: the rule of eligibility.

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::approvals::{AccessFact, AccessStatus};
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::pathway::flow::Flow;
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
    /// when it ends. What rests on years that were not given is that of these starts:
    /// [`Flow::share_not_given`]`("starts_4", year)`.
    ///
    /// # Errors
    ///
    /// Where a share is missing or not between 0 and 1, or nobody starts a fourth line in the pathway, or in a group of it
    /// that has a third: who could have one is then unknown, not zero.
    pub fn eligible(&self, flow: &Flow) -> Result<YearlyDraws> {
        let share = self.share()?;
        let mut groups = flow.pathway().groups().iter();
        let fourth = flow.starts(4).ok();
        let Some(fourth) = fourth.filter(|_| groups.clone().any(|group| group.reaches(4))) else {
            return Err(Error::unsuitable(format!(
                "nobody starts fourth line in the pathway, which has {} lines: who could be treated after third \
                 line has failed is unknown, not zero; give a pathway in which some go on to a fourth",
                flow.lines()
            )));
        };
        if let Some(group) = groups.find(|group| group.reaches(3) && !group.reaches(4)) {
            return Err(Error::unsuitable(format!(
                "nobody of group {} starts fourth line in the pathway, though some start third: who of them could be treated after \
                 it has failed is unknown, not zero; give the group a fourth line",
                printable(group.name())
            )));
        }
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
