//! A study as a ready pathway.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::calibration::Calibration;
use super::study::Study;
use crate::error::{Error, Result};
use crate::pathway::delay::Delay;
use crate::pathway::model::{Line, Pathway};
use crate::pathway::share_range::ShareDistribution;
use crate::pathway::sojourn::SojournTime;
use crate::pathway::ultimate_share::UltimateShare;
use crate::plain_text::printable;
use crate::random::{BLOCK, Seed};

/// A **preset**: a study as a pathway, with what it measured, what had to be assumed to use it, and what it
/// leaves undetermined.
///
/// Its shares carry the uncertainty of the study's numbers (a beta distribution of each ratio, where the number
/// of patients is known) and its sojourn times that of the confidence interval of the median, where one was read.
/// [`Preset::without_uncertainty`] switches both off. What was assumed is not in them.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::evidence::Preset;
///
/// // McCurdy et al. 2023: attrition after first and second line is 7 and 12 % of 3,111 transplanted patients,
/// // 19 and 26 % of 2,437 others. Who is not lost goes on.
/// let (transplanted, others) = (3_111.0 * 0.93 * 0.88, 2_437.0 * 0.81 * 0.74);
/// let canada = Preset::of("cmrg")?;
/// assert!((canada.ultimate_third_line()? - (transplanted + others) / 5_548.0).abs() < 1e-4);
/// println!("{canada}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Preset {
    /// The study by its short name, and the measure where it is not the first one that the study has.
    pub id: String,
    /// The pathway; third line exists in every group, and first and second line last as long in all.
    #[serde(deserialize_with = "checked")]
    pub pathway: Pathway,
    /// What was measured.
    pub measured: Vec<String>,
    /// What had to be assumed.
    pub assumed: Vec<String>,
    /// What the study leaves undetermined.
    pub undetermined: Vec<String>,
    /// The calibration, where the shares come from crude ones.
    pub calibration: Option<Calibration>,
}

/// The delay from diagnosis to third line in a pathway whose groups share it.
pub(super) fn delay(pathway: &Pathway) -> Result<Delay> {
    let delays = pathway.groups().iter().map(|group| match group.lines() {
        [first, second, _, ..] => {
            let lines = [first, second];
            let at_once = lines.iter().all(|line| line.off_treatment().is_none());
            at_once.then(|| lines.map(Line::time_to_next))
        }
        _ => None,
    });
    let mut delays: Vec<Option<[&SojournTime; 2]>> = delays.collect();
    delays.dedup();
    let &[Some([first, second])] = &delays[..] else {
        return Err(Error::unsuitable(
            "a preset needs a third line in every group, and first and second lines that last as long in all of them, \
             without time off treatment",
        ));
    };
    Ok(Delay::new(first.clone(), second.clone()))
}

fn checked<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Pathway, D::Error> {
    let pathway = Pathway::deserialize(deserializer)?;
    delay(&pathway).map_err(serde::de::Error::custom)?;
    Ok(pathway)
}

impl Preset {
    /// The preset of a shipped study, by its short name.
    ///
    /// | name | shares | sojourn times |
    /// |---|---|---|
    /// | `west_china`, `barcelona` | crude shares, calibrated under a follow-up to the end of accrual | own medians where published, else Czech |
    /// | `barcelona_attrition`, `cmrg` | what is not attrition goes on: an upper limit | as `barcelona`; Czech |
    /// | `us_claims` | whoever had no further line in the data never has one: a lower limit | Czech |
    /// | `czech_rmg`, `flatiron_us` | from median survival and sojourn times by line | Czech |
    ///
    /// Two studies give none, and the error says why: `pharos_nl`, whose crude shares are impossible by
    /// the end of 2013 with the sojourn times of the Czech registry ([`Study::preset_under`] takes another
    /// follow-up, [`Calibration`] leaves the sojourn times open), and `locommotion`, which begins in a late
    /// line ([`Study::later_lines`]).
    ///
    /// ```
    /// let czech = myeloma_epi::pathway::evidence::Preset::of("czech_rmg")?;
    /// assert_eq!(czech.pathway.lines(), 4);
    /// assert!((12.0 * czech.delay()?.first_line().median() - 21.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is none of that name; the error lists those that there are.
    pub fn of(id: &str) -> Result<Self> {
        for study in Study::shipped() {
            if study.id == id {
                return study.preset();
            }
            if let Some(&measure) = study.bases().iter().find(|&&m| study.preset_id(m) == id) {
                return study.preset_from(measure);
            }
        }
        let ready = Study::shipped()
            .iter()
            .filter(|study| study.no_preset.is_empty());
        let known = ready.flat_map(|study| study.bases().into_iter().map(|m| study.preset_id(m)));
        Err(Error::unknown("preset", id, known))
    }

    /// The delay from diagnosis to third line: the sojourn times of first and second line.
    ///
    /// # Errors
    ///
    /// None for a preset of a study; where you have put in another pathway, as a preset that is read.
    pub fn delay(&self) -> Result<Delay> {
        delay(&self.pathway)
    }

    /// The share of the cohort that ever reaches third line, at the central values.
    ///
    /// # Errors
    ///
    /// None for a pathway that has been constructed.
    pub fn ultimate_third_line(&self) -> Result<f64> {
        let shares = self.pathway.ultimate_shares(3, Seed::default(), 0)?;
        Ok(shares[0])
    }

    /// The share of the cohort that ever reaches third line, with the uncertainty of the study's
    /// numbers: the beta distribution with the central 95 % interval of 8,192 draws of the pathway's
    /// shares, or the known number where nothing is uncertain. [`Delay::starts`] takes it.
    ///
    /// # Errors
    ///
    /// Where the shares of a line sum above 1 in nearly all draws, the interval touches 0 or 1, or shares change with the year
    /// of diagnosis; never for a preset of a study.
    pub fn ultimate_share(&self) -> Result<UltimateShare> {
        const DRAWS: usize = 8 * BLOCK;
        let mut draws = self.pathway.ultimate_shares(3, Seed::default(), DRAWS)?;
        draws.sort_by(f64::total_cmp);
        let (low, high) = (draws[DRAWS / 40], draws[DRAWS - 1 - DRAWS / 40]);
        if low < high {
            UltimateShare::new(low, high, ShareDistribution::Beta95)
        } else {
            let share = self.ultimate_third_line()?;
            UltimateShare::new(share, share, ShareDistribution::Uniform)
        }
    }

    /// The same preset with **every share and sojourn time known**, at its central value.
    ///
    /// What varies in a flow of it is the incidence alone.
    ///
    /// # Errors
    ///
    /// None for a pathway that has been constructed.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::Preset;
    ///
    /// let canada = Preset::of("cmrg")?;
    /// let share = canada.ultimate_share()?;
    /// let known = canada.without_uncertainty()?.ultimate_share()?;
    /// assert_eq!(known.low(), known.high());
    /// assert!(share.low() < known.low() && known.high() < share.high());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn without_uncertainty(&self) -> Result<Self> {
        Ok(Self {
            pathway: self.pathway.at_central_values()?,
            ..self.clone()
        })
    }
}

/// What was measured, assumed and left undetermined, a line each.
impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", printable(&self.id))?;
        for (kind, texts) in [
            ("measured", &self.measured),
            ("assumed", &self.assumed),
            ("undetermined", &self.undetermined),
        ] {
            for text in texts {
                writeln!(f, "  {kind}: {}", printable(text))?;
            }
        }
        Ok(())
    }
}
