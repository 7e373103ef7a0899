//! Shares that follow from survival and sojourn times, line by line.

use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::root::root;
use crate::pathway::cohorts::arrivals;
use crate::pathway::follow_up::FollowUp;
use crate::pathway::model::{Line, Pathway};
use crate::pathway::share::Share;
use crate::pathway::sojourn::{Distribution, SojournTime};

impl Pathway {
    /// The pathway whose **median survival from the start of each line** is given, in years: the
    /// shares that go on follow from it and from the sojourn times.
    ///
    /// `sojourn_times` are those of the lines before the last state, `last` is the time from its start
    /// until death; all who do not go on die when the line ends. With Sₗ survival from the start of
    /// line *l* and Fₗ the distribution function of the sojourn time in it,
    ///
    /// 1 − Sₗ(t) = (1 − pₗ) Fₗ(t) + pₗ (Fₗ ∗ (1 − Sₗ₊₁))(t),
    ///
    /// which is linear in the share pₗ that goes on: with Sₗ = ½ at the median, the shares follow one
    /// after the other from the last line back to the first.
    ///
    /// The answer leans on the form of the sojourn times: two published medians leave it open.
    ///
    /// ```
    /// use myeloma_epi::pathway::{Pathway, SojournTime};
    ///
    /// // A first line that lasts 1 year in the median and a second one until death.
    /// let first = SojournTime::exponential_from_median(1.0)?;
    /// let last = SojournTime::exponential_from_median(2.0)?;
    /// let pathway = Pathway::from_median_survival(&[first.clone()], &[2.0], &last)?;
    /// let next = pathway.groups()[0].lines()[0].next().central(2020);
    /// assert!(next > 0.0 && next < 1.0);
    /// // Nobody lives longer than a line if nobody goes on.
    /// assert!(Pathway::from_median_survival(&[first], &[0.5], &last).is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there are not as many medians as sojourn times, a median is not above 0, or no share
    /// between 0 and 1 gives it.
    pub fn from_median_survival(
        sojourn_times: &[SojournTime],
        median_survival: &[f64],
        last: &SojournTime,
    ) -> Result<Self> {
        let next = shares(sojourn_times, median_survival, last)?;
        let shares = next.into_iter().map(Share::new).chain([Share::new(0.0)]);
        let times = sojourn_times.iter().chain([last]).cloned();
        let line = |(time, share): (_, Result<Share>)| Ok(Line::new(time, share?));
        Self::of_lines(times.zip(shares).map(line).collect::<Result<Vec<_>>>()?)
    }
}

fn shares(
    sojourn_times: &[SojournTime],
    median_survival: &[f64],
    last: &SojournTime,
) -> Result<Vec<f64>> {
    if sojourn_times.is_empty() || sojourn_times.len() != median_survival.len() {
        return Err(Error::unsuitable(format!(
            "shares from survival need a sojourn time and a median survival for every line but the \
             last: there are {} sojourn times and {} medians",
            sojourn_times.len(),
            median_survival.len()
        )));
    }
    let times = sojourn_times.iter().chain([last]);
    let distributions: Vec<Distribution> = times.map(|t| t.distribution().clone()).collect();
    // Of those who start the line after this one, the part that ends by death in each later one.
    let mut ends = vec![1.0];
    let mut next = Vec::new();
    for line in (0..sojourn_times.len()).rev() {
        let survival = median_survival[line];
        let left = arrivals(&distributions[line..], FollowUp::Fixed(survival))?;
        let later: f64 = ends.iter().zip(&left[1..]).map(|(end, by)| end * by).sum();
        let share = (left[0] - 0.5) / (left[0] - later);
        Place("shares from survival").check(
            (0.0..=1.0).contains(&share),
            format!("the share that goes on after line {}", line + 1),
            format!("{share:.3}"),
            format!(
                "between 0 and 1: a median survival of {survival} years from the start of the line and its sojourn time \
                 contradict each other"
            ),
        )?;
        next.insert(0, share);
        for end in &mut ends {
            *end *= share;
        }
        ends.insert(0, 1.0 - share);
    }
    Ok(next)
}

/// The exponential sojourn time in the last state, until death, that gives a median survival since the
/// start of the line before it.
pub(super) fn until_death_after(
    sojourn_time: &SojournTime,
    next: f64,
    median_survival: f64,
) -> Result<SojournTime> {
    let died = |mean: f64| -> Result<f64> {
        let distributions = [
            sojourn_time.distribution().clone(),
            SojournTime::exponential(mean)?.distribution().clone(),
        ];
        let left = arrivals(&distributions, FollowUp::Fixed(median_survival))?;
        Ok((1.0 - next) * left[0] + next * left[1])
    };
    let excess = |log_mean: f64| died(log_mean.exp()).map_or(f64::NAN, |died| died - 0.5);
    let (short, long) = ((1e-2 * median_survival).ln(), (1e2 * median_survival).ln());
    let log_mean = root(excess, short, long, 1e-12).ok_or_else(|| {
        let allowed = "one that some sojourn time in the last line gives";
        Error::out_of_range(
            "the median survival",
            "a last line",
            median_survival,
            allowed,
        )
    })?;
    SojournTime::exponential(log_mean.exp())
}
