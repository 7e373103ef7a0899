//! Shares that reproduce the crude shares of a study under its own follow-up.

use super::super::cohorts::arrivals;
use super::super::estimand::FollowUp;
use super::super::model::{Line, Pathway};
use super::super::share::Share;
use super::super::sojourn::SojournTime;
use crate::error::{Error, ErrorKind, Result};

/// Time scales tried to show what a study leaves undetermined.
const SCALES: [f64; 5] = [0.5, 0.75, 1.0, 1.5, 2.0];

/// A pathway whose crude shares under a follow-up are those of a study.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Calibrated {
    /// The pathway: the stays given, the shares found; all who do not go on die or are lost, which
    /// the crude shares do not tell apart.
    pub pathway: Pathway,
    /// The share that goes on after each line.
    pub next: Vec<f64>,
    /// Of those who will ever start line 2, 3, … the part that has by the data cut.
    pub seen: Vec<f64>,
    /// The share of the cohort that ever reaches third line; `None` with fewer crude shares.
    pub ultimate_third_line: Option<f64>,
    /// The same crude shares with all stays multiplied by a factor: what the study does not tell.
    pub undetermined: Vec<ScaleAnswer>,
    /// The largest factor on all stays under which the crude shares are possible at all.
    pub longest_scale: f64,
}

/// What the study would mean if all stays were longer or shorter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ScaleAnswer {
    /// The factor on all stays.
    pub scale: f64,
    /// The ultimate third-line share that follows; `None` where a share would be above 1.
    pub ultimate_third_line: Option<f64>,
}

/// Finds the shares that reproduce a study's crude shares of the cohort seen starting line 2, 3, …
/// under its follow-up, for given stays in line 1, 2, …
///
/// Crude share of line l + 1 = p₁ ⋯ pₗ · E\[Gₗ(follow-up)\], where Gₗ is the distribution function
/// of the sum of the first l stays: the shares follow one after the other. **One follow-up cannot
/// separate shares from stays**: if all stays are longer by a factor, other shares give the same crude
/// shares. [`Calibrated::undetermined`] shows which, and [`Calibrated::longest_scale`] where they end.
///
/// # Errors
///
/// Where a crude share is not above 0 and at most the one before, there are more of them than stays,
/// the follow-up is zero, or no share between 0 and 1 reproduces them.
pub fn calibrate(crude: &[f64], follow_up: FollowUp, stays: &[SojournTime]) -> Result<Calibrated> {
    if crude.is_empty() || crude.len() > stays.len() {
        return Err(ErrorKind::Unsuitable(format!(
            "a calibration of {} crude shares needs as many stays, one for each line before: there \
             are {}",
            crude.len(),
            stays.len()
        ))
        .into());
    }
    let mut before = 1.0;
    for (i, &share) in crude.iter().enumerate() {
        if !(share > 0.0 && share <= before) {
            return Err(Error::out_of_range(
                format!("the crude share of line {}", i + 2),
                "a calibration",
                share,
                format!("above 0 and at most the share of the line before, {before}"),
            ));
        }
        before = share;
    }
    let seen = seen(stays, crude.len(), follow_up, 1.0)?;
    let next = shares(crude, &seen);
    if let Some((i, share)) = next.iter().enumerate().find(|(_, share)| **share > 1.0) {
        return Err(Error::out_of_range(
            format!("the share that goes on after line {}", i + 1),
            "a calibration",
            format!("{share:.3}"),
            "at most 1: the stays are too long for the crude shares and the follow-up",
        ));
    }
    let answer = |scale: f64| -> Result<Option<f64>> {
        let next = shares(crude, &self::seen(stays, crude.len(), follow_up, scale)?);
        let possible = next.iter().all(|share| *share <= 1.0) && next.len() >= 2;
        Ok(possible.then(|| next[0] * next[1]))
    };
    let possible = |scale: f64| -> Result<bool> {
        let next = shares(crude, &self::seen(stays, crude.len(), follow_up, scale)?);
        Ok(next.iter().all(|share| *share <= 1.0))
    };
    let (mut low, mut high) = (1.0, 2.0);
    while high < 1e3 && possible(high)? {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if possible(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut lines = Vec::new();
    for (stay, share) in stays.iter().zip(&next) {
        lines.push(Line::new(stay.clone(), Share::new(*share)?));
    }
    if let Some(stay) = stays.get(next.len()).or(stays.last()) {
        lines.push(Line::new(stay.clone(), Share::new(0.0)?));
    }
    Ok(Calibrated {
        pathway: Pathway::of_lines(lines)?,
        ultimate_third_line: (next.len() >= 2).then(|| next[0] * next[1]),
        undetermined: SCALES
            .into_iter()
            .map(|scale| {
                Ok(ScaleAnswer {
                    scale,
                    ultimate_third_line: answer(scale)?,
                })
            })
            .collect::<Result<_>>()?,
        longest_scale: low,
        next,
        seen,
    })
}

fn seen(stays: &[SojournTime], lines: usize, follow_up: FollowUp, scale: f64) -> Result<Vec<f64>> {
    let laws: Vec<_> = stays[..lines]
        .iter()
        .map(|stay| stay.distribution().stretched(scale))
        .collect();
    arrivals(&laws, follow_up)
}

/// Each share of the cohort that reaches a line, `crude/seen`, by that of the line before.
fn shares(crude: &[f64], seen: &[f64]) -> Vec<f64> {
    let mut before = 1.0;
    crude
        .iter()
        .zip(seen)
        .map(|(crude, seen)| {
            let reached = crude / seen;
            let share = reached / before;
            before = reached;
            share
        })
        .collect()
}
