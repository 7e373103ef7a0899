//! Studies as ready parameter sets.

use super::super::delay::Delay;
use super::super::estimand::FollowUp;
use super::super::model::{Group, Line, Pathway};
use super::super::share_value::Share;
use super::super::stay::Stay;
use super::calibrate::{Calibrated, calibrate};
use super::{Study, study};
use crate::error::{Error, ErrorKind, Result};

/// A study as a pathway, with what it measured and what had to be assumed to use it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Preset {
    /// The study, or the studies, by their short names.
    pub id: &'static str,
    /// The pathway.
    pub pathway: Pathway,
    /// The delay from diagnosis to third line that goes with it.
    pub delay: Delay,
    /// The share of the cohort that ever reaches third line.
    pub ultimate_third_line: f64,
    /// What was measured.
    pub measured: Vec<String>,
    /// What had to be assumed.
    pub assumed: Vec<String>,
    /// The calibration, where the shares come from crude ones.
    pub calibrated: Option<Calibrated>,
}

const EXPONENTIAL: &str = "a median alone was published: every stay is exponential";
const PFS_IS_STAY: &str = "a line lasts until progression or death (median PFS, czech_rmg), and the \
                           next one follows at once: no time off treatment";
const REST_DIES: &str = "whoever does not go on dies in the line: crude shares do not tell death \
                         from loss to further therapy";
const ALL_TREATED: &str = "all of those diagnosed are treated: the studies follow treated patients";

/// All presets that need nothing from the user: `west_china`, `barcelona` and `cmrg`.
///
/// # Errors
///
/// None: the shipped figures determine them.
pub fn presets() -> Result<Vec<Preset>> {
    ["west_china", "barcelona", "cmrg"]
        .into_iter()
        .map(preset)
        .collect()
}

/// One preset: `west_china` and `barcelona` by calibration of their crude shares under a follow-up to
/// the end of accrual, `cmrg` from its attrition among transplanted and other patients.
///
/// `pharos_nl` cannot be had in this way: with the stays of the Czech registry, more of its patients
/// had second line than can have had it by the end of 2013. They were followed longer, and the
/// abstract does not say until when: see [`preset_with_follow_up`].
///
/// # Errors
///
/// Where there is none of that name, or the follow-up is unknown.
pub fn preset(id: &str) -> Result<Preset> {
    match study(id) {
        Ok(study) if id != "pharos_nl" && study.accrual.is_some() => preset_with_follow_up(
            id,
            FollowUp::Accrual {
                accrual: study.accrual.unwrap_or_default(),
                further: 0.0,
                growth: 0.0,
            },
        ),
        Ok(_) if id == "pharos_nl" => Err(ErrorKind::Unsuitable(
            "pharos_nl does not state when its follow-up ended, and its crude shares are impossible \
             by the end of accrual: give the follow-up (preset_with_follow_up)"
                .to_owned(),
        )
        .into()),
        _ => preset_with_follow_up(id, FollowUp::Fixed(1.0)),
    }
}

/// One preset whose crude shares are read under a follow-up of the user's; `cmrg` does not use it.
///
/// # Errors
///
/// Where there is no preset of that name, or no shares reproduce its figures under the follow-up.
pub fn preset_with_follow_up(id: &str, follow_up: FollowUp) -> Result<Preset> {
    match id {
        "pharos_nl" => calibrated("pharos_nl", &czech_stays()?, &[PFS_IS_STAY], follow_up),
        "west_china" => {
            let mut stays = czech_stays()?;
            let own = medians(study("west_china")?, "median_pfs")?;
            stays.splice(..own.len(), own);
            calibrated(
                "west_china",
                &stays,
                &[
                    "first and second line last until progression (median PFS of a later, relapsed \
                     cohort of the same centre), the others as in czech_rmg; the next line follows \
                     at once",
                ],
                follow_up,
            )
        }
        "barcelona" => {
            let mut stays = czech_stays()?;
            let own = medians(study("barcelona")?, "median_ttnt")?;
            stays.splice(1..=own.len(), own);
            calibrated(
                "barcelona",
                &stays,
                &[
                    "first line lasts until progression (median PFS, czech_rmg), the others until \
                     the next line or death, as measured",
                ],
                follow_up,
            )
        }
        "cmrg" => cmrg(),
        _ => Err(Error::out_of_range(
            "the preset",
            "the evidence",
            format!("\"{id}\""),
            "one of pharos_nl, west_china, barcelona, cmrg",
        )),
    }
}

/// Exponential stays of four lines from the median PFS of the Czech registry.
fn czech_stays() -> Result<Vec<Stay>> {
    medians(study("czech_rmg")?, "median_pfs")
}

/// Exponential stays from medians in months.
fn medians(study: &Study, estimand: &str) -> Result<Vec<Stay>> {
    study
        .figures(estimand)
        .map(|figure| Stay::exponential_from_median(figure.value / 12.0))
        .collect()
}

fn calibrated(
    id: &'static str,
    stays: &[Stay],
    assumed: &[&str],
    follow_up: FollowUp,
) -> Result<Preset> {
    let study = study(id)?;
    let crude: Vec<f64> = study
        .figures("crude_reach")
        .map(|figure| figure.value)
        .collect();
    let crude = &crude[..crude.len().min(stays.len())];
    let calibrated = calibrate(crude, follow_up, stays)?;
    let ultimate_third_line = calibrated.ultimate_third_line.unwrap_or(0.0);
    let mut all: Vec<String> = [EXPONENTIAL, REST_DIES, ALL_TREATED]
        .iter()
        .chain(assumed)
        .map(|text| (*text).to_owned())
        .collect();
    all.push(match follow_up {
        FollowUp::Fixed(years) => format!("everybody was followed for {years} years"),
        FollowUp::Accrual {
            accrual,
            further,
            growth,
        } => format!(
            "patients were diagnosed through {accrual} years, at a rate that grew by {growth} a \
             year, and followed for {further} years after that"
        ),
    });
    Ok(Preset {
        id,
        pathway: calibrated.pathway.clone(),
        delay: Delay::new(stays[0].clone(), stays[1].clone()),
        ultimate_third_line,
        measured: vec![study.measured.clone(), study.caution.clone()],
        assumed: all,
        calibrated: Some(calibrated),
    })
}

/// Attrition of two groups: what is not attrition goes on.
fn cmrg() -> Result<Preset> {
    let stays = czech_stays()?;
    let groups = ["cmrg_asct", "cmrg_non_asct"];
    let mut patients = Vec::new();
    let mut attrition = Vec::new();
    for id in groups {
        let figures: Vec<_> = study(id)?.figures("attrition").collect();
        patients.push(figures.first().and_then(|figure| figure.n).unwrap_or(0.0));
        attrition.push(
            figures
                .iter()
                .map(|figure| figure.value)
                .collect::<Vec<f64>>(),
        );
    }
    let all: f64 = patients.iter().sum();
    let mut built = Vec::new();
    let mut ultimate_third_line = 0.0;
    let names = ["transplanted", "not transplanted"];
    for ((name, n), attrition) in names.into_iter().zip(&patients).zip(&attrition) {
        let mut lines = Vec::new();
        for (stay, attrition) in stays.iter().zip(attrition) {
            lines.push(Line::new(stay.clone(), Share::new(1.0 - attrition)?));
        }
        lines.push(Line::new(stays[lines.len()].clone(), Share::new(0.0)?));
        ultimate_third_line += n / all * (1.0 - attrition[0]) * (1.0 - attrition[1]);
        built.push(Group::new(name, Share::new(n / all)?, lines)?);
    }
    let studies = [study(groups[0])?, study(groups[1])?];
    Ok(Preset {
        id: "cmrg",
        pathway: Pathway::new(built)?,
        delay: Delay::new(stays[0].clone(), stays[1].clone()),
        ultimate_third_line,
        measured: studies.iter().map(|study| study.measured.clone()).collect(),
        assumed: [
            EXPONENTIAL,
            PFS_IS_STAY,
            ALL_TREATED,
            "whoever is not lost to attrition goes on in the end: those still in a line or in \
             remission at the data cut are counted as going on, which is an upper limit",
            "attrition is death: the study says that it mostly is",
            "both groups have the stays of all patients",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect(),
        calibrated: None,
    })
}
