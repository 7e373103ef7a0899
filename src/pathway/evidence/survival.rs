//! Shares that follow from survival and stays, line by line.

use super::super::cohorts::arrivals;
use super::super::estimand::FollowUp;
use super::super::sojourn::{Distribution, SojournTime};
use crate::error::{Error, ErrorKind, Result};

/// The share that goes on after each line, from the **median survival since the start of each line**
/// (years) and the stays; all who do not go on die when the line ends.
///
/// `stays` are those of the lines before the last state, `last` is the time from its start until death.
/// With S survival and F the distribution functions of the stays,
///
/// 1 − Sₗ(t) = (1 − pₗ) Fₗ(t) + pₗ (Fₗ ∗ (1 − Sₗ₊₁))(t),
///
/// which is linear in pₗ: with Sₗ = ½ at the median, the shares follow one after the other from the last
/// line back to the first.
///
/// The answer leans on the form of the stays: two published medians leave it open.
///
/// ```
/// use myeloma_epi::pathway::{SojournTime, evidence::shares_from_survival};
///
/// // A first line that lasts 1 year in the median and a second one until death.
/// let first = SojournTime::exponential_from_median(1.0)?;
/// let last = SojournTime::exponential_from_median(2.0)?;
/// let next = shares_from_survival(&[first.clone()], &[2.0], &last)?;
/// assert!(next[0] > 0.0 && next[0] < 1.0);
/// // Nobody lives longer than a line if nobody goes on.
/// assert!(shares_from_survival(&[first], &[0.5], &last).is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// Where there are not as many medians as stays, a median is not above 0, or no share between 0 and 1
/// gives it.
pub fn shares_from_survival(
    stays: &[SojournTime],
    median_survival: &[f64],
    last: &SojournTime,
) -> Result<Vec<f64>> {
    if stays.is_empty() || stays.len() != median_survival.len() {
        return Err(ErrorKind::Unsuitable(format!(
            "shares from survival need a stay and a median survival for every line but the last: \
             there are {} stays and {} medians",
            stays.len(),
            median_survival.len()
        ))
        .into());
    }
    let laws: Vec<Distribution> = stays
        .iter()
        .chain([last])
        .map(|stay| stay.distribution().clone())
        .collect();
    // Of those who start the line after this one, the part that ends by death in each later one.
    let mut ends = vec![1.0];
    let mut next = Vec::new();
    for line in (0..stays.len()).rev() {
        let left = arrivals(&laws[line..], FollowUp::Fixed(median_survival[line]))?;
        let later: f64 = ends.iter().zip(&left[1..]).map(|(end, by)| end * by).sum();
        let share = (left[0] - 0.5) / (left[0] - later);
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::out_of_range(
                format!("the share that goes on after line {}", line + 1),
                "shares from survival",
                format!("{share:.3}"),
                format!(
                    "between 0 and 1: a median survival of {} years from the start of the line and \
                     its stay contradict each other",
                    median_survival[line]
                ),
            ));
        }
        next.insert(0, share);
        for end in &mut ends {
            *end *= share;
        }
        ends.insert(0, 1.0 - share);
    }
    Ok(next)
}

/// The exponential stay in the last state, until death, that gives a median survival since the start of
/// the line before it.
pub(super) fn last_stay(
    stay: &SojournTime,
    next: f64,
    median_survival: f64,
) -> Result<SojournTime> {
    let died = |mean: f64| -> Result<f64> {
        let laws = [
            stay.distribution().clone(),
            SojournTime::exponential(mean)?.distribution().clone(),
        ];
        let left = arrivals(&laws, FollowUp::Fixed(median_survival))?;
        Ok((1.0 - next) * left[0] + next * left[1])
    };
    let (mut short, mut long) = (1e-2 * median_survival, 1e2 * median_survival);
    if !(died(short)? > 0.5 && died(long)? < 0.5) {
        return Err(Error::out_of_range(
            "the median survival",
            "a last line",
            median_survival,
            "one that some stay in the last line gives",
        ));
    }
    for _ in 0..50 {
        let middle = (short * long).sqrt();
        if died(middle)? > 0.5 {
            short = middle;
        } else {
            long = middle;
        }
    }
    SojournTime::exponential((short * long).sqrt())
}
