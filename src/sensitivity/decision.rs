//! Decisions, and what perfect information is worth to them.

use serde::Serialize;

use super::checks::{all_finite, names};
use super::given_data::{InformationValue, standard_error};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;

checked! {
    /// A **decision** between options, with the net benefit of each in every draw: money, or any unit in which more is better.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::sensitivity::Decision;
    ///
    /// // Places for third line: one too few costs three times as much as one too many.
    /// let patients: Vec<f64> = (0..1_000).map(|i| 15_000.0 + 10.0 * f64::from(i)).collect();
    /// let decision = Decision::capacity(&patients, &[18e3, 20e3, 22e3, 24e3], 3.0, 1.0)?;
    /// // The best is next to the 75 % point of the patients, 22,500.
    /// assert_eq!(decision.options()[decision.best()], "22000");
    /// assert!(decision.evpi().value > 0.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Decision {
        options: Vec<String>,
        /// Option by option, a number a draw.
        benefits: Vec<Vec<f64>>,
    } then check
}

impl Decision {
    /// A decision by the net benefit of each option in every draw.
    ///
    /// # Errors
    ///
    /// Where there are fewer than two options or draws, an option is there twice, the numbers of draws differ, or a net
    /// benefit is not finite.
    pub fn new<N: Into<String>>(options: impl IntoIterator<Item = (N, Vec<f64>)>) -> Result<Self> {
        let options = options
            .into_iter()
            .map(|(name, benefits)| (name.into(), benefits));
        let (options, benefits) = options.unzip();
        let decision = Self { options, benefits };
        decision.check()?;
        Ok(decision)
    }

    /// **How many places to provide** for so many patients: a loss for each too few and each too many.
    ///
    /// ```text
    /// benefit(c) = −too_few·max(N − c, 0) − too_many·max(c − N, 0)
    /// ```
    ///
    /// The best of all capacities is the quantile of N at `too_few`/(`too_few` + `too_many`); here it is the best of those given,
    /// which are the names of the options.
    ///
    /// # Errors
    ///
    /// As [`Decision::new`], and where a loss is not above 0 and finite.
    pub fn capacity(
        patients: &[f64],
        capacities: &[f64],
        too_few: f64,
        too_many: f64,
    ) -> Result<Self> {
        let place = Place("a decision on capacity");
        place.positive("the loss for one too few", too_few)?;
        place.positive("the loss for one too many", too_many)?;
        Self::new(capacities.iter().map(|capacity| {
            let benefit =
                |n: &f64| -too_few * (n - capacity).max(0.0) - too_many * (capacity - n).max(0.0);
            (capacity.to_string(), patients.iter().map(benefit).collect())
        }))
    }

    /// **Whether to act**, where acting pays if a quantity is above a threshold: its benefit is gain·(quantity − threshold),
    /// against nothing. Options `act` and `do not act`.
    ///
    /// # Errors
    ///
    /// As [`Decision::new`], and where the gain is not above 0 and finite or the threshold not finite.
    pub fn threshold(quantity: &[f64], threshold: f64, gain: f64) -> Result<Self> {
        let place = Place("a decision on a threshold");
        place.finite("the threshold", threshold)?;
        place.positive("the gain", gain)?;
        let act = quantity.iter().map(|x| gain * (x - threshold)).collect();
        Self::new([("act", act), ("do not act", vec![0.0; quantity.len()])])
    }

    fn check(&self) -> Result<()> {
        let place = "a decision";
        let found = self.options.len().min(self.benefits.len());
        if found < 2 || self.options.len() != self.benefits.len() {
            return Err(Error::too_few("options", place, found, 2, "a choice"));
        }
        let draws = self.benefits[0].len();
        if draws < 2 {
            return Err(Error::too_few("draws", place, draws, 2, "an expectation"));
        }
        names("options", self.options.iter().map(String::as_str))?;
        for (name, benefits) in self.options.iter().zip(&self.benefits) {
            if benefits.len() != draws {
                return Err(Error::mismatch(format!(
                    "the option \"{name}\" has {} draws and \"{}\" has {draws}",
                    benefits.len(),
                    self.options[0]
                )));
            }
            all_finite(benefits.iter().copied(), |draw| {
                let place = format!("draw {} of the option \"{name}\"", draw + 1);
                ("the net benefit".to_owned(), place)
            })?;
        }
        Ok(())
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> &[String] {
        &self.options
    }

    pub(super) fn benefits(&self) -> &[Vec<f64>] {
        &self.benefits
    }

    /// The mean net benefit of each option.
    #[must_use]
    pub fn expected(&self) -> Vec<f64> {
        let mean = |benefits: &Vec<f64>| benefits.iter().sum::<f64>() / benefits.len() as f64;
        self.benefits.iter().map(mean).collect()
    }

    /// The place of the option with the greatest mean net benefit; of several, the first.
    #[must_use]
    pub fn best(&self) -> usize {
        let expected = self.expected();
        (1..expected.len()).fold(0, |best, i| {
            if expected[i] > expected[best] {
                i
            } else {
                best
            }
        })
    }

    /// The **expected value of perfect information** (EVPI): E\[max over options\] − max over options of E, the most that any
    /// study could be worth.
    #[must_use]
    pub fn evpi(&self) -> InformationValue {
        let best = &self.benefits[self.best()];
        let gain = |draw: usize| {
            let all = self.benefits.iter().map(|benefits| benefits[draw]);
            all.fold(f64::NEG_INFINITY, f64::max) - best[draw]
        };
        let n = best.len();
        InformationValue {
            value: (0..n).map(gain).sum::<f64>() / n as f64,
            standard_error: standard_error((0..n).map(gain)),
            regression_error: 0.0,
        }
    }
}
