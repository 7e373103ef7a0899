//! Shares on the arrows of the pathway.

use rand_distr::{Beta, Distribution};
use serde::{Deserialize, Serialize};

use super::share_range::{ShareDistribution, ShareRange};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::incomplete_beta::beta_cdf;
use crate::random::Stream;

/// A share of the patients in a state, between 0 and 1: known, uncertain, or changing with the year
/// of diagnosis.
///
/// | in a file | means |
/// |---|---|
/// | `0.65` | known |
/// | `{"low": 0.6, "high": 0.7, "distribution": "uniform"}` | uncertain in or around a range, as [`ShareDistribution`] says |
/// | `{"events": 583, "of": 917}` | counted: the beta distribution with shapes events + ½ and others + ½, the posterior under Jeffreys' prior (Brown, Cai & `DasGupta` 2001, Statistical Science 16:101–133, [doi:10.1214/ss/1009213286](https://doi.org/10.1214/ss/1009213286)) |
/// | `{"events": 583, "of": 917, "times": 1.3}` | the same, and then multiplied: a crude share, corrected for those still to come |
/// | `{"by_year": [[2010, 0.5], [2020, 0.6]]}` | by year of diagnosis: linear between the years given, constant before the first and after the last |
///
/// The shares of the ways out of one state must fit together. Those that were counted in the same number of patients,
/// such as 55 of 100 who go on and 35 of 100 who die, are **drawn together**: from the Dirichlet distribution with each
/// count + ½ and the others + ½, here 55.5, 35.5 and 10.5, which never sums above 1. All others are drawn one by one,
/// and where they sum above 1 the draw is impossible and made again: their distribution is that of independent shares,
/// given that they fit together. (Of 60 of 100 who go on and 38 of 98 who die 43 % of the draws are, and the means are
/// 0.576 and 0.365.)
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::Share;
///
/// let known = Share::new(0.65)?;
/// let counted = Share::counted(583.0, 917.0)?;
/// let rising = Share::by_year([(2010, 0.5), (2020, 0.6)])?;
/// assert_eq!((known.central(2030), rising.central(2015), rising.central(2030)), (0.65, 0.55, 0.6));
/// assert!((counted.central(2030) - 583.0 / 917.0).abs() < 1e-12);
/// assert!(counted.is_uncertain() && !counted.changes() && rising.changes());
///
/// // As in a model file.
/// let share: Share = serde_json::from_str(r#"{"events": 583, "of": 917}"#)?;
/// assert_eq!(share, counted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ShareSpec")]
pub struct Share(ShareSpec);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a share is a number, {low, high, distribution}, {events, of} or {by_year: [[year, share], …]}"
)]
pub(super) enum ShareSpec {
    Known(f64),
    Range(ShareRange),
    Counted(Counted),
    ByYear(ByYear),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    events: f64,
    of: f64,
    /// The ratio is multiplied by this much; a draw above 1 is impossible and made again.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    times: f64,
}

const fn one() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::float_cmp)] // The signature that serde asks for.
fn is_one(value: &f64) -> bool {
    *value == 1.0
}

impl Counted {
    /// The posterior of the ratio under Jeffreys' prior.
    fn shapes(self) -> (f64, f64) {
        (self.events + 0.5, self.of - self.events + 0.5)
    }

    fn check(self, field: &str, place: Place<&str>) -> Result<()> {
        let Self { events, of, times } = self;
        place.positive(format!("of, in {field}"), of)?;
        place.check(
            (0.0..=of).contains(&events),
            format!("events of {field}"),
            events,
            format!("between 0 and {of}"),
        )?;
        let name = format!("times of {field}");
        let allowed = "above 0, and so small that the share is at most 1";
        let holds = times > 0.0 && events / of * times <= 1.0 + ROUNDING;
        place.check(holds, &name, times, allowed)?;
        let (a, b) = self.shapes();
        // All draws are shares where the factor is at most 1.
        let possible = beta_cdf(a, b, times.recip());
        place.check(
            possible >= LEAST_POSSIBLE,
            &name,
            times,
            "so small that at least one draw in a hundred is a share of at most 1",
        )
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByYear {
    by_year: Vec<(i32, f64)>,
}

impl ByYear {
    fn check(&self, field: &str, place: Place<&str>) -> Result<()> {
        if self.by_year.is_empty() {
            let what = format!("{field} by year in {} names no year", place.0);
            return Err(Error::unsuitable(what));
        }
        for (year, share) in &self.by_year {
            place.share(format!("{field} of {year}"), *share)?;
        }
        for years in self.by_year.windows(2) {
            let (before, year) = (years[0].0, years[1].0);
            place.check(
                before < year,
                format!("year of {field}"),
                year,
                format!("after the year before it, {before}"),
            )?;
        }
        Ok(())
    }

    /// Linear between the years, constant before the first and after the last.
    fn at(&self, year: i32) -> f64 {
        let after = self.by_year.partition_point(|(y, _)| *y <= year);
        // There is a year.
        let next = self.by_year[after.min(self.by_year.len() - 1)];
        let before = self.by_year[after.saturating_sub(1)];
        if next.0 == before.0 {
            return before.1;
        }
        let years = |to: i32| f64::from(to) - f64::from(before.0);
        before.1 + (next.1 - before.1) * (years(year) / years(next.0))
    }
}

impl Share {
    /// A known share.
    ///
    /// # Errors
    ///
    /// Where it is not between 0 and 1.
    pub fn new(share: f64) -> Result<Self> {
        Self::build(ShareSpec::Known(share), "share", PLACE)
    }

    /// An uncertain share in or around a range.
    ///
    /// # Errors
    ///
    /// Where an end is outside 0 to 1, the range is reversed, or a 95 % range touches 0 or 1.
    pub fn range(low: f64, high: f64, distribution: ShareDistribution) -> Result<Self> {
        let range = ShareRange {
            low,
            high,
            distribution,
        };
        Self::build(ShareSpec::Range(range), "share", PLACE)
    }

    /// A share that was counted: `events` of `of` patients.
    ///
    /// Its central value is events/of; its draws are beta distributed with the shapes events + ½ and of − events + ½,
    /// and so have the mean (events + ½)/(of + 1).
    ///
    /// ```
    /// use myeloma_epi::pathway::Share;
    ///
    /// let share = Share::counted(583.0, 917.0)?;
    /// assert!((share.central(2020) - 583.0 / 917.0).abs() < 1e-15 && share.is_uncertain());
    /// assert!(Share::counted(918.0, 917.0).is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where `of` is not above 0 or `events` is not between 0 and `of`.
    pub fn counted(events: f64, of: f64) -> Result<Self> {
        Self::counted_times(events, of, 1.0)
    }

    /// A share that was counted and then corrected by a factor: a crude share divided by the part of
    /// the events that a study's follow-up has seen. The uncertainty is that of the count, given that the
    /// share is at most 1: a draw above it is made again.
    ///
    /// # Errors
    ///
    /// As [`Share::counted`], and where the factor is not above 0 or the corrected share above 1.
    pub fn counted_times(events: f64, of: f64, times: f64) -> Result<Self> {
        let counted = Counted { events, of, times };
        Self::build(ShareSpec::Counted(counted), "share", PLACE)
    }

    /// The share without its uncertainty, for those diagnosed in a year.
    pub(super) fn at_central_values(&self) -> Self {
        match self.0 {
            ShareSpec::Known(_) | ShareSpec::ByYear(_) => self.clone(),
            ShareSpec::Range(_) | ShareSpec::Counted(_) => {
                Self(ShareSpec::Known(self.central(2000)))
            }
        }
    }

    /// A share by year of diagnosis: linear between the years given, constant before the first and after the last.
    ///
    /// ```
    /// use myeloma_epi::pathway::Share;
    ///
    /// let share = Share::by_year([(2010, 0.5), (2020, 0.6)])?;
    /// assert!((share.central(2015) - 0.55).abs() < 1e-12);
    /// assert_eq!((share.central(1990), share.central(2040)), (0.5, 0.6));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no year, the years do not increase, or a share is not between 0 and 1.
    pub fn by_year(shares: impl IntoIterator<Item = (i32, f64)>) -> Result<Self> {
        let by_year = shares.into_iter().collect();
        Self::build(ShareSpec::ByYear(ByYear { by_year }), "share", PLACE)
    }

    pub(super) fn build(spec: ShareSpec, field: &str, place: &str) -> Result<Self> {
        let at = Place(place);
        match &spec {
            ShareSpec::Known(value) => at.share(field, *value)?,
            ShareSpec::Range(range) => {
                at.share(format!("low of {field}"), range.low)?;
                at.share(format!("high of {field}"), range.high)?;
                at.check(
                    range.check(place).is_ok(),
                    format!("range of {field}"),
                    format!("{} to {}", range.low, range.high),
                    "in order, and without 0 and 1 if it is a 95 % range",
                )?;
            }
            ShareSpec::Counted(counted) => counted.check(field, at)?,
            ShareSpec::ByYear(by_year) => by_year.check(field, at)?,
        }
        Ok(Self(spec))
    }

    /// The share for those diagnosed in a year; the middle of a range, the ratio of counts.
    #[must_use]
    pub fn central(&self, year: i32) -> f64 {
        match &self.0 {
            ShareSpec::Known(value) => *value,
            ShareSpec::Range(range) => f64::midpoint(range.low, range.high),
            // The constructor allows a billionth more, for rounding.
            ShareSpec::Counted(counted) => (counted.events / counted.of * counted.times).min(1.0),
            ShareSpec::ByYear(by_year) => by_year.at(year),
        }
    }

    /// The highest value that the share may take, where that is below 1 by its form.
    pub(super) fn highest(&self, year: i32) -> f64 {
        match &self.0 {
            ShareSpec::Range(range) if range.distribution != ShareDistribution::Beta95 => {
                range.high
            }
            _ => self.central(year),
        }
    }

    /// Whether it differs between draws.
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        match &self.0 {
            ShareSpec::Range(range) => range.low < range.high,
            ShareSpec::Counted(_) => true,
            ShareSpec::Known(_) | ShareSpec::ByYear(_) => false,
        }
    }

    /// Whether it differs between years of diagnosis.
    #[must_use]
    pub const fn changes(&self) -> bool {
        matches!(self.0, ShareSpec::ByYear(_))
    }

    /// The years that a share by year names.
    pub(super) fn years(&self) -> impl Iterator<Item = i32> {
        let by_year = match &self.0 {
            ShareSpec::ByYear(ByYear { by_year }) => by_year.as_slice(),
            _ => &[],
        };
        by_year.iter().map(|(year, _)| *year)
    }

    /// The ends of the range in or around which it lies, where it was stated as one.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        match &self.0 {
            ShareSpec::Range(range) if range.low < range.high => Some((range.low, range.high)),
            _ => None,
        }
    }

    /// Events and patients of a share that was counted, without a correction.
    pub(crate) fn count(&self) -> Option<(f64, f64)> {
        match &self.0 {
            ShareSpec::Counted(count) if is_one(&count.times) => Some((count.events, count.of)),
            _ => None,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0 == ShareSpec::Known(0.0)
    }

    /// Whether it is this in every draw and year.
    #[allow(clippy::float_cmp)] // As it is stated.
    pub(super) fn is_always(&self, share: f64) -> bool {
        match &self.0 {
            ShareSpec::Known(known) => *known == share,
            ShareSpec::Range(range) => range.low == share && range.high == share,
            ShareSpec::Counted(_) => false,
            ShareSpec::ByYear(ByYear { by_year }) => by_year.iter().all(|(_, of)| *of == share),
        }
    }

    /// One share a draw for the draws of a block, or `None` where it is the same in all.
    pub(super) fn block(
        &self,
        stream: Stream,
        block: usize,
        draws: usize,
    ) -> Result<Option<Vec<f64>>> {
        match &self.0 {
            ShareSpec::Known(_) | ShareSpec::ByYear(_) => Ok(None),
            ShareSpec::Range(range) => range.block(stream, block, draws).map(Some),
            ShareSpec::Counted(counted) => {
                let (a, b) = counted.shapes();
                let beta = Beta::new(a, b).map_err(Error::other)?;
                let shares = beta.sample_iter(stream.block(block));
                let shares = shares.map(|share: f64| share * counted.times);
                let possible = shares.filter(|share| *share <= 1.0);
                Ok(Some(possible.take(draws).collect()))
            }
        }
    }
}

const PLACE: &str = "a share";
/// How far sums of shares may exceed 1, for rounding.
pub(super) const ROUNDING: f64 = 1e-9;
/// The least part of the draws of a count, multiplied, that has to be a share.
const LEAST_POSSIBLE: f64 = 0.01;

impl TryFrom<ShareSpec> for Share {
    type Error = Error;

    fn try_from(spec: ShareSpec) -> Result<Self> {
        Self::build(spec, "share", PLACE)
    }
}
