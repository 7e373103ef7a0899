//! What follows third line, from studies whose patients are already there.

use super::super::model::{Group, Line, Pathway};
use super::super::share::Share;
use super::presets::{Preset, stay_of};
use super::survival::last_stay;
use super::{StudyFigure, study};
use crate::error::{Error, ErrorKind, Result};

/// The fourth line and what follows, from a study of patients who were in a late line when it began. Such a
/// study has no share of those diagnosed; it is joined to a preset that does, by the user's choice:
/// [`Preset::with_later_lines`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LaterLines {
    /// The study.
    pub id: &'static str,
    /// The fourth line and those after it; the last one lasts until death.
    pub lines: Vec<Line>,
    /// What was measured.
    pub measured: Vec<String>,
    /// What had to be assumed.
    pub assumed: Vec<String>,
}

/// The later lines of one study: `locommotion` (fourth line, then all that follows), or `pharos_nl`,
/// `czech_rmg` and `flatiron_us` (fourth line and later as one state until death).
///
/// # Errors
///
/// Where there is none of that name.
pub fn later_lines(id: &str) -> Result<LaterLines> {
    match id {
        "locommotion" => locommotion(),
        "pharos_nl" => until_death("pharos_nl"),
        "czech_rmg" => until_death("czech_rmg"),
        "flatiron_us" => until_death("flatiron_us"),
        _ => Err(Error::out_of_range(
            "the study",
            "the later lines",
            format!("\"{id}\""),
            "one of locommotion, pharos_nl, czech_rmg, flatiron_us",
        )),
    }
}

fn until_death(id: &'static str) -> Result<LaterLines> {
    let study = study(id)?;
    let survival = study.figure("median_os", 4)?;
    Ok(LaterLines {
        id,
        lines: vec![Line::new(stay_of(survival)?, Share::new(0.0)?)],
        measured: vec![study.measured.clone(), study.caution.clone()],
        assumed: vec![
            "fourth line and all that follow it are one state, which lasts until death: \
             exponential, with the median survival from the start of fourth line"
                .to_owned(),
        ],
    })
}

fn locommotion() -> Result<LaterLines> {
    let study = study("locommotion")?;
    let stay = stay_of(study.figure("median_pfs", 5)?)?;
    let further = study.figure("of_previous", 6)?;
    let next = counted(further)?;
    let survival = study.figure("median_os", 5)?.value / 12.0;
    let last = last_stay(&stay, next.central(2020), survival)?;
    Ok(LaterLines {
        id: "locommotion",
        lines: vec![
            Line::new(stay, next),
            Line::new(last, Share::new(0.0)?),
        ],
        measured: vec![study.measured.clone(), study.caution.clone()],
        assumed: [
            "the line that the patients started, the fifth in the median, stands for the fourth",
            "it lasts until progression or death (exponential, median PFS); those who had a further \
             line by a median follow-up of 2.2 years are all who ever do, a lower limit",
            "what follows lasts until death, exponential, as long as the median OS asks for",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect(),
    })
}

/// A published ratio with its number of patients, as a count.
pub(super) fn counted(figure: &StudyFigure) -> Result<Share> {
    match figure.n {
        Some(n) => Share::counted((figure.value * n).round(), n),
        None => Share::new(figure.value),
    }
}

impl Preset {
    /// The same preset with other lines from the fourth on: first to third line are this preset's, what
    /// follows is the study's. The share of those with third line who start the fourth stays.
    ///
    /// # Errors
    ///
    /// Where a group of the preset has no fourth line to replace.
    pub fn with_later_lines(&self, later: &LaterLines) -> Result<Self> {
        let groups = self.pathway.groups().iter().map(|group| {
            if group.lines().len() < 4 {
                return Err(ErrorKind::Unsuitable(format!(
                    "{} has no fourth line in group {}: nobody would come to the later lines of {}",
                    self.id,
                    group.name(),
                    later.id
                ))
                .into());
            }
            let lines = group.lines()[..3].iter().chain(&later.lines).cloned();
            Group::new(group.name(), group.weight().clone(), lines)
        });
        let mut joined = self.clone();
        joined.pathway = Pathway::new(groups.collect::<Result<Vec<_>>>()?)?;
        let study = |text: &String| format!("from fourth line on, {}: {text}", later.id);
        joined.measured.extend(later.measured.iter().map(study));
        joined.assumed.extend(later.assumed.iter().map(study));
        Ok(joined)
    }
}
