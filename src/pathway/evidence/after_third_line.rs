//! What follows third line, from studies whose patients are already there.

use super::preset::Preset;
use super::study::{Measure, Study};
use super::study_preset::{counted, sojourn_time};
use super::survival::until_death_after;
use crate::error::{Error, Result};
use crate::pathway::model::{Line, Pathway};
use crate::pathway::share::Share;

/// The line from which on a preset may take what follows from another study.
const FOURTH: usize = 4;

impl Study {
    /// The **fourth line and what follows it**, from the study's figures of its first line from the fourth on that
    /// has a median survival. The last state lasts until death.
    ///
    /// Where the study has the median PFS of that line and the share that starts a further one, there are two states:
    /// the line, and what follows. Otherwise the line and all that follow it are one state, exponential, with the
    /// median survival. A study of patients who were in a late line when it began says nothing of those diagnosed,
    /// but it says this: [`Preset::with_later_lines`] joins it to a preset.
    ///
    /// # Errors
    ///
    /// Where the study has no median survival from the start of a fourth or later line, or its survival and sojourn
    /// time contradict each other.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::Study;
    ///
    /// // Mateos et al. 2024: median PFS 4.6 months.
    /// let lines = Study::of("locommotion")?.later_lines()?;
    /// assert_eq!(lines.len(), 2);
    /// assert!((12.0 * lines[0].sojourn_time().median() - 4.6).abs() < 1e-9);
    /// // The Czech registry has no share after fourth line, and so one state: median survival 13.8 months.
    /// let lines = Study::of("czech_rmg")?.later_lines()?;
    /// assert_eq!(lines.len(), 1);
    /// assert!((12.0 * lines[0].sojourn_time().median() - 13.8).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn later_lines(&self) -> Result<Vec<Line>> {
        self.later_lines_assumed().map(|(lines, _)| lines)
    }

    /// With what had to be assumed.
    fn later_lines_assumed(&self) -> Result<(Vec<Line>, Vec<String>)> {
        self.check()?;
        let late = |measure, line| {
            let figures = self.by_line(measure).into_iter();
            figures.into_iter().find(move |figure| figure.line == line)
        };
        let survival = self.by_line(Measure::MedianOs);
        let Some(survival) = survival.into_iter().find(|figure| figure.line >= FOURTH) else {
            return Err(Error::unsuitable(format!(
                "{} has no median survival (median_os) from the start of fourth line or later: it says \
                 nothing of later lines",
                self.id
            )));
        };
        let line = survival.line;
        let last = Share::new(0.0)?;
        let pfs = late(Measure::MedianPfs, line);
        let Some((pfs, further)) = pfs.zip(late(Measure::OfPrevious, line + 1)) else {
            let assumed = "fourth line and all that follow it are one state, which lasts until death: \
                           exponential, with the median survival from the start of fourth line";
            let lines = vec![Line::new(sojourn_time(survival)?, last)];
            return Ok((lines, vec![assumed.to_owned()]));
        };
        let (time, next) = (sojourn_time(pfs)?, counted(further)?);
        let then = until_death_after(&time, next.central(2000), survival.value / 12.0)?;
        let seen = self.follow_up.map_or_else(
            || "by the data cut".to_owned(),
            |years| format!("by a median follow-up of {years} years"),
        );
        let mut assumed = vec![format!(
            "it lasts until progression or death (exponential, median PFS); those who had a further line \
             {seen} are all who ever do, a lower limit"
        )];
        if line > FOURTH {
            assumed.insert(0, format!("line {line} of the study stands for the fourth"));
        }
        assumed.push(
            "what follows lasts until death, exponential, as long as the median OS asks for"
                .to_owned(),
        );
        Ok((vec![Line::new(time, next), Line::new(then, last)], assumed))
    }
}

impl Preset {
    /// The same preset with the **later lines of a study** from the fourth on.
    ///
    /// First to third line, and the share of those with third line who start the fourth, are this preset's; what
    /// follows is the study's. What was assumed for it joins [`Preset::assumed`].
    ///
    /// # Errors
    ///
    /// As [`Study::later_lines`], and where a group of the preset has no fourth line to replace.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::{Preset, Study};
    ///
    /// let canada = Preset::of("cmrg")?;
    /// let joined = canada.with_later_lines(Study::of("locommotion")?)?;
    /// assert_eq!(joined.pathway.lines(), 5);
    /// // Who reaches third line does not depend on what comes after it.
    /// assert_eq!(joined.ultimate_third_line()?, canada.ultimate_third_line()?);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn with_later_lines(&self, study: &Study) -> Result<Self> {
        let (later, assumed) = study.later_lines_assumed()?;
        let groups = self.pathway.groups().iter().map(|group| {
            if group.lines().len() < FOURTH {
                return Err(Error::unsuitable(format!(
                    "{} has no fourth line in group {}: nobody would come to the later lines of {}",
                    self.id,
                    group.name(),
                    study.id
                )));
            }
            let lines = group.lines()[..FOURTH - 1].iter().chain(&later).cloned();
            group.with_lines(lines)
        });
        let mut joined = self.clone();
        joined.pathway = Pathway::new(groups.collect::<Result<Vec<_>>>()?)?;
        let of_study = |text: String| format!("from fourth line on, {}: {text}", study.id);
        joined
            .measured
            .extend(study.said().into_iter().map(of_study));
        joined.assumed.extend(assumed.into_iter().map(of_study));
        Ok(joined)
    }
}
