//! Studies as ready parameter sets.

use super::super::delay::Delay;
use super::super::estimand::FollowUp;
use super::super::model::{Group, Line, Pathway};
use super::super::share::Share;
use super::super::sojourn::SojournTime;
use super::super::ultimate_share::{ShareDistribution, UltimateShare};
use super::calibrate::{Calibrated, calibrate};
use super::later::counted;
use super::survival::shares_from_survival;
use super::{Study, StudyFigure, study};
use crate::error::{Error, ErrorKind, Result};
use crate::random::{BLOCK, Seed};

/// A study as a pathway, with what it measured and what had to be assumed to use it.
///
/// Its shares carry the uncertainty of the study's numbers (a beta distribution of each ratio, where the
/// number of patients is known) and its stays that of the confidence interval of the median, where one
/// was read. [`Preset::without_uncertainty`] switches both off. What was assumed is not in them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Preset {
    /// The study, or the studies, by their short names.
    pub id: &'static str,
    /// The pathway.
    pub pathway: Pathway,
    /// The delay from diagnosis to third line that goes with it.
    pub delay: Delay,
    /// The share of the cohort that ever reaches third line, without uncertainty.
    pub ultimate_third_line: f64,
    /// What was measured.
    pub measured: Vec<String>,
    /// What had to be assumed.
    pub assumed: Vec<String>,
    /// The calibration, where the shares come from crude ones.
    pub calibrated: Option<Calibrated>,
}

const EXPONENTIAL: &str = "a median alone was published: every stay is exponential";
const CZECH_STAYS: &str = "a line lasts until progression or death (median PFS, czech_rmg), and the \
                           next one follows at once: no time off treatment";
const REST_DIES: &str = "whoever does not go on dies in the line: crude shares do not tell death \
                         from loss to further therapy";
const ALL_TREATED: &str = "all of those diagnosed are treated: the studies follow treated patients";
const CALIBRATED: &str =
    "the shares are calibrated at the medians of the stays, which vary on their own";

/// The presets that need nothing from the user.
const READY: [&str; 7] = [
    "west_china",
    "barcelona",
    "barcelona_attrition",
    "cmrg",
    "us_claims",
    "czech_rmg",
    "flatiron_us",
];

/// All presets that need nothing from the user.
///
/// # Errors
///
/// None: the shipped figures determine them.
pub fn presets() -> Result<Vec<Preset>> {
    READY.into_iter().map(preset).collect()
}

/// One preset.
///
/// | name | shares | stays |
/// |---|---|---|
/// | `west_china`, `barcelona` | crude shares, calibrated under a follow-up to the end of accrual | own medians where published, else Czech |
/// | `barcelona_attrition`, `cmrg` | what is not attrition goes on: an upper limit | as `barcelona`; Czech |
/// | `us_claims` | whoever had no further line in the data never has one: a lower limit | Czech |
/// | `czech_rmg`, `flatiron_us` | from median survival and stays by line | Czech |
///
/// Two studies give none, and the error says why: `pharos_nl`, whose crude shares are impossible by the
/// end of 2013 with the stays of the Czech registry ([`preset_with_follow_up`] takes another follow-up,
/// [`Calibration`](super::Calibration) leaves the stays open), and `locommotion`, which begins in a late
/// line ([`later_lines`](super::later_lines)).
///
/// # Errors
///
/// Where there is none of that name.
pub fn preset(id: &str) -> Result<Preset> {
    match id {
        "west_china" | "barcelona" => {
            let accrual = study(id)?.accrual.unwrap_or_default();
            preset_with_follow_up(
                id,
                FollowUp::Accrual {
                    accrual,
                    further: 0.0,
                    growth: 0.0,
                },
            )
        }
        "barcelona_attrition" => barcelona_attrition(),
        "cmrg" => cmrg(),
        "us_claims" => us_claims(),
        "czech_rmg" => from_survival("czech_rmg"),
        "flatiron_us" => from_survival("flatiron_us"),
        _ => match study(id) {
            Ok(study) if !study.refused.is_empty() => Err(ErrorKind::Unsuitable(format!(
                "{id} gives no preset: {}",
                study.refused
            ))
            .into()),
            _ => Err(no_preset(id)),
        },
    }
}

fn no_preset(id: &str) -> Error {
    Error::out_of_range(
        "the preset",
        "the evidence",
        format!("\"{id}\""),
        format!("one of {}", READY.join(", ")),
    )
}

/// `west_china`, `barcelona` or `pharos_nl`, the crude shares read under a follow-up of the user's.
///
/// # Errors
///
/// Where the study has no crude shares, or no shares reproduce its figures under the follow-up.
pub fn preset_with_follow_up(id: &str, follow_up: FollowUp) -> Result<Preset> {
    match id {
        "pharos_nl" => crude("pharos_nl", &czech_stays()?, CZECH_STAYS, follow_up),
        "west_china" => {
            let mut stays = czech_stays()?;
            let own = stays_of(study("west_china")?, "median_pfs")?;
            stays.splice(..own.len(), own);
            let assumed = "first and second line last until progression (median PFS of a later, \
                           relapsed cohort of the same centre), the others as in czech_rmg; the next \
                           line follows at once";
            crude("west_china", &stays, assumed, follow_up)
        }
        "barcelona" => crude("barcelona", &barcelona_stays()?, BARCELONA_STAYS, follow_up),
        _ => Err(Error::out_of_range(
            "the preset",
            "the evidence with crude shares",
            format!("\"{id}\""),
            "one of pharos_nl, west_china, barcelona",
        )),
    }
}

/// Exponential stays of four lines from the median PFS of the Czech registry.
fn czech_stays() -> Result<Vec<SojournTime>> {
    stays_of(study("czech_rmg")?, "median_pfs")
}

const BARCELONA_STAYS: &str = "first line lasts until progression (median PFS, czech_rmg), the others \
                               until the next line or death, as measured";

fn barcelona_stays() -> Result<Vec<SojournTime>> {
    let mut stays = czech_stays()?;
    let own = stays_of(study("barcelona")?, "median_ttnt")?;
    stays.splice(1..=own.len(), own);
    Ok(stays)
}

fn stays_of(study: &Study, estimand: &str) -> Result<Vec<SojournTime>> {
    study.figures(estimand).map(stay_of).collect()
}

/// The exponential stay with a median in months. Its relative error is the half width of the 95 %
/// interval, on the log scale, over 1.96.
pub(super) fn stay_of(figure: &StudyFigure) -> Result<SojournTime> {
    let stay = SojournTime::exponential_from_median(figure.value / 12.0)?;
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => {
            stay.with_relative_error((high / low).ln() / (2.0 * 1.959_963_984_540_054))
        }
        _ => Ok(stay),
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A cohort with a share that goes on after each line but the last.
fn lines(stays: &[SojournTime], next: Vec<Share>) -> Result<Vec<Line>> {
    let mut shares = next;
    let last = shares.len();
    shares.push(Share::new(0.0)?);
    let stay = |i: usize| stays[i.min(stays.len() - 1)].clone();
    debug_assert!(last > 0);
    Ok((0..)
        .zip(shares)
        .map(|(i, share)| Line::new(stay(i), share))
        .collect())
}

impl Preset {
    fn new(
        id: &'static str,
        pathway: Pathway,
        measured: Vec<String>,
        assumed: Vec<String>,
    ) -> Result<Self> {
        let first = pathway.groups()[0].lines();
        Ok(Self {
            id,
            delay: Delay::new(
                first[0].sojourn_time().clone(),
                first[1].sojourn_time().clone(),
            ),
            ultimate_third_line: pathway.ultimate_shares(3, Seed::default(), 0)?[0],
            pathway,
            measured,
            assumed,
            calibrated: None,
        })
    }

    /// The same preset with every share and stay known.
    ///
    /// # Errors
    ///
    /// None for a preset of the crate.
    pub fn without_uncertainty(&self) -> Result<Self> {
        let mut settled = self.clone();
        settled.pathway = self.pathway.at_central_values()?;
        let settle = |stay: &SojournTime| stay.clone().with_relative_error(0.0);
        settled.delay = Delay::new(
            settle(self.delay.first_line())?,
            settle(self.delay.second_line())?,
        );
        Ok(settled)
    }

    /// The share of the cohort that ever reaches third line, with the uncertainty of the study's
    /// numbers: the beta distribution with the central 95 % interval of 8,192 draws of the pathway's
    /// shares, or the known number where nothing is uncertain. [`Delay::starts`] takes it.
    ///
    /// # Errors
    ///
    /// None for a preset of the crate.
    pub fn ultimate_share(&self) -> Result<UltimateShare> {
        const DRAWS: usize = 8 * BLOCK;
        let u = self.ultimate_third_line;
        let mut draws = self.pathway.ultimate_shares(3, Seed::default(), DRAWS)?;
        draws.sort_by(f64::total_cmp);
        let (low, high) = (draws[DRAWS / 40], draws[DRAWS - 1 - DRAWS / 40]);
        if low < high && low > 0.0 && high < 1.0 {
            UltimateShare::new(low, high, ShareDistribution::Beta95)
        } else {
            UltimateShare::new(u, u, ShareDistribution::Uniform)
        }
    }
}

/// Shares that show the study's crude shares under a follow-up.
fn crude(
    id: &'static str,
    stays: &[SojournTime],
    assumed: &str,
    follow_up: FollowUp,
) -> Result<Preset> {
    let study = study(id)?;
    let figures: Vec<&StudyFigure> = study.figures("crude_reach").take(stays.len()).collect();
    let crude: Vec<f64> = figures.iter().map(|figure| figure.value).collect();
    let calibrated = calibrate(&crude, follow_up, stays)?;
    // The count of those seen in a line, of those seen in the line before; the factor corrects for
    // those still to come.
    let mut next = Vec::new();
    let (mut before, mut seen_before) = (figures[0].n.unwrap_or(0.0), 1.0);
    for (figure, seen) in figures.iter().zip(&calibrated.seen) {
        let events = (figure.value * figure.n.unwrap_or(0.0)).round();
        next.push(Share::counted_times(events, before, seen_before / seen)?);
        (before, seen_before) = (events, *seen);
    }
    let mut all = texts(&[EXPONENTIAL, REST_DIES, ALL_TREATED, CALIBRATED, assumed]);
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
    let pathway = Pathway::of_lines(lines(stays, next)?)?;
    let measured = vec![study.measured.clone(), study.caution.clone()];
    let mut preset = Preset::new(id, pathway, measured, all)?;
    preset.calibrated = Some(calibrated);
    Ok(preset)
}

/// What is not attrition goes on. Of `n` patients with a line, those who go on have the next.
fn not_attrition(figures: &[&StudyFigure], n: f64) -> Result<Vec<Share>> {
    let mut with_line = n;
    let mut next = Vec::new();
    for figure in figures {
        let goes_on = with_line * (1.0 - figure.value);
        next.push(Share::counted(goes_on, with_line)?);
        with_line = goes_on;
    }
    Ok(next)
}

const UPPER_LIMIT: &str = "whoever is not lost to attrition goes on in the end: those still in a line \
                           or in remission at the data cut are counted as going on, which is an upper \
                           limit; the number with a line is taken as those who go on from the line \
                           before";

fn barcelona_attrition() -> Result<Preset> {
    let study = study("barcelona")?;
    let figures: Vec<&StudyFigure> = study.figures("attrition").collect();
    let next = not_attrition(&figures, figures[0].n.unwrap_or(0.0))?;
    Preset::new(
        "barcelona_attrition",
        Pathway::of_lines(lines(&barcelona_stays()?, next)?)?,
        vec![study.measured.clone(), study.caution.clone()],
        texts(&[
            EXPONENTIAL,
            BARCELONA_STAYS,
            ALL_TREATED,
            UPPER_LIMIT,
            "attrition is death, as the study defines it",
        ]),
    )
}

/// Transplanted and other patients, with weights by their numbers.
fn two_groups(
    id: &'static str,
    studies: [&'static str; 2],
    next: impl Fn(&'static Study, f64) -> Result<Vec<Share>>,
    assumed: &[&str],
) -> Result<Preset> {
    let stays = czech_stays()?;
    let studies = [study(studies[0])?, study(studies[1])?];
    let numbers = studies.map(|study| {
        let with_number = super::figures().iter().find(|f| f.id == study.id);
        with_number.and_then(|figure| figure.n).unwrap_or(0.0)
    });
    let all: f64 = numbers.iter().sum();
    let mut groups = Vec::new();
    for ((study, n), name) in studies
        .into_iter()
        .zip(numbers)
        .zip(["transplanted", "not transplanted"])
    {
        let lines = lines(&stays, next(study, n)?)?;
        groups.push(Group::new(name, Share::new(n / all)?, lines)?);
    }
    Preset::new(
        id,
        Pathway::new(groups)?,
        studies
            .iter()
            .map(|study| format!("{}: {}; {}", study.id, study.measured, study.caution))
            .collect(),
        texts(
            &[
                &[
                    EXPONENTIAL,
                    CZECH_STAYS,
                    ALL_TREATED,
                    "both groups have the stays of all patients",
                ],
                assumed,
            ]
            .concat(),
        ),
    )
}

fn cmrg() -> Result<Preset> {
    two_groups(
        "cmrg",
        ["cmrg_asct", "cmrg_non_asct"],
        |study, n| not_attrition(&study.figures("attrition").collect::<Vec<_>>(), n),
        &[
            UPPER_LIMIT,
            "attrition is death: the study says that it mostly is",
        ],
    )
}

fn us_claims() -> Result<Preset> {
    two_groups(
        "us_claims",
        ["us_claims_asct", "us_claims_non_asct"],
        |study, _| {
            let later = Share::range(
                1.0 - study.figure("attrition_most", 2)?.value,
                1.0 - study.figure("attrition_least", 2)?.value,
                ShareDistribution::Uniform,
            )?;
            Ok(vec![
                counted(study.figure("of_previous", 2)?)?,
                later.clone(),
                later,
            ])
        },
        &[
            "whoever had no further line in the data never has one, though he may be in a line, in \
             remission, or gone from the insurance: a lower limit",
            "after second line and later ones the share lies anywhere in the range that was published \
             for all lines",
            REST_DIES,
        ],
    )
}

/// Shares from median survival; the stays are those of the Czech registry, the last line and all that
/// follow it one state until death.
fn from_survival(id: &'static str) -> Result<Preset> {
    let study = study(id)?;
    let figures: Vec<&StudyFigure> = study.figures("median_os").collect();
    let (last, before) = figures.split_last().ok_or_else(|| no_preset(id))?;
    let mut stays = czech_stays()?;
    stays.truncate(before.len());
    let survival: Vec<f64> = before.iter().map(|figure| figure.value / 12.0).collect();
    let until_death = stay_of(last)?;
    let next = shares_from_survival(&stays, &survival, &until_death)?;
    let next: Vec<Share> = next.into_iter().map(Share::new).collect::<Result<_>>()?;
    stays.push(until_death);
    let mut assumed = texts(&[
        EXPONENTIAL,
        CZECH_STAYS,
        ALL_TREATED,
        "whoever does not go on dies when the line ends, and so the shares follow from median \
         survival; they lean on the exponential form",
        "no numbers by line or confidence intervals were read: the shares carry no uncertainty",
    ]);
    assumed.push(format!(
        "line {} and all that follow it are one state until death",
        last.line
    ));
    Preset::new(
        id,
        Pathway::of_lines(lines(&stays, next)?)?,
        vec![study.measured.clone(), study.caution.clone()],
        assumed,
    )
}
