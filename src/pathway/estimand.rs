//! What a published share of "patients who reach third line" can mean, as types.
//!
//! | type | of whom, by when | to the ultimate share it needs |
//! |---|---|---|
//! | [`CrudeShare`] | of a cohort, seen by a data cut | its follow-up, and the delay |
//! | [`ShareOfPrevious`] | of those who had the line before | the share who had it |
//! | [`CumulativeIncidence`] | of those diagnosed, by *t* years, death competing | the delay |
//! | [`UltimateShare`] | of those diagnosed, ever | nothing |
//! | [`YearlyFlow`] | starts in a year per diagnosis in that year | the delay, and the growth of incidence |
//!
//! Two shares of different types do not add, compare or convert by accident. Conversions rest on the
//! ultimate share U and the distribution function G of the delay among those who ever reach the line:
//! cumulative incidence by t is U·G(t), the crude share U·E\[G(follow-up)\], the yearly flow under
//! growth at rate g is U·E\[e^(−g·delay)\] (the renewal equation of a stable population: Lotka 1939,
//! *Théorie analytique des associations biologiques*; Keyfitz & Caswell 2005,
//! [doi:10.1007/b139042](https://doi.org/10.1007/b139042)).

use serde::{Deserialize, Deserializer, Serialize};

use super::delay::Delay;
use super::follow_up::FollowUp;
use super::share_range::{ShareDistribution, ShareRange};
use super::ultimate_share::UltimateShare;
use crate::error::{Error, Result};
use crate::figures::PublishedShare;

/// The **crude share**: the share of a cohort that has been **seen** starting third line by a data cut.
///
/// Whoever starts third line after the cut is not in it, so it lies below the ultimate share U. It is what
/// most studies print, and it grows with follow-up though no patient fares differently.
///
/// # Definition
///
/// ```text
/// crude share = U·E[G(follow-up)]
/// ```
///
/// G is the distribution function of the [`Delay`] among those who ever start third line; the mean is over the
/// patients' [`FollowUp`]. A share between 0 and 1, in or around a range.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{CrudeShare, Delay, FollowUp, ShareDistribution, SojournTime};
///
/// // Half of all patients ever start third line, after an exponential delay with mean 2 years.
/// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::none());
/// let by_three_years = 0.5 * (1.0 - (-1.5_f64).exp());
/// let three_years = FollowUp::Fixed(3.0);
/// let seen = CrudeShare::new(by_three_years, by_three_years, ShareDistribution::Uniform, three_years)?;
/// assert!((seen.to_ultimate(&delay)?.low() - 0.5).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrudeShare {
    #[serde(deserialize_with = "ShareRange::deserialize_checked")]
    share: ShareRange,
    follow_up: FollowUp,
}

impl CrudeShare {
    /// A crude share in or around a range, with the follow-up of its cohort.
    ///
    /// # Errors
    ///
    /// Where the range is not one of shares (see [`UltimateShare::new`]) or the follow-up is out of
    /// its range.
    pub fn new(
        low: f64,
        high: f64,
        distribution: ShareDistribution,
        follow_up: FollowUp,
    ) -> Result<Self> {
        follow_up.check()?;
        let share = ShareRange::new(low, high, distribution, "a crude share")?;
        Ok(Self { share, follow_up })
    }

    /// How long the cohort was followed.
    #[must_use]
    pub const fn follow_up(&self) -> FollowUp {
        self.follow_up
    }

    /// The ultimate share, with the delay among those who ever reach third line.
    ///
    /// # Errors
    ///
    /// Where share and delay contradict each other: the ultimate share would be above 1.
    pub fn to_ultimate(self, delay: &Delay) -> Result<UltimateShare> {
        let seen = self.follow_up.seen(delay)?;
        ultimate(self.share, seen.recip(), "a crude share")
    }

    /// The crude share that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where the follow-up is out of its range.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, follow_up: FollowUp) -> Result<Self> {
        let share = implied(share, follow_up.seen(delay)?, "a crude share")?;
        Ok(Self { share, follow_up })
    }
}

/// The **cumulative incidence** of third line: the share of those diagnosed who have started it **by `years`
/// after diagnosis**, death being a competing event.
///
/// It counts the dead among those who did not start, so it is not one minus the Kaplan-Meier curve, which takes
/// them out and comes out higher. It is what the estimator of Aalen & Johansen (1978), Scandinavian Journal of
/// Statistics 5:141–150, estimates.
///
/// # Definition
///
/// ```text
/// cumulative incidence by t = U·G(t)
/// ```
///
/// U is the ultimate share, G the distribution function of the [`Delay`] among those who ever start third line.
/// A share between 0 and 1; *t* is in years, above 0 and at most 200.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{CumulativeIncidence, Delay, ShareDistribution, SojournTime, UltimateShare};
///
/// // Constant hazards a year: 0.2 of third line, 0.3 of death. By t years 0.2/0.5·(1 − e^(−0.5·t)) have started.
/// let ever = UltimateShare::new(0.4, 0.4, ShareDistribution::Uniform)?;
/// let delay = Delay::new(SojournTime::exponential(1.0 / 0.5)?, SojournTime::none());
/// let by_two_years = CumulativeIncidence::of_ultimate(&ever, &delay, 2.0)?;
/// assert!((by_two_years.low() - 0.4 * (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CumulativeIncidence {
    #[serde(deserialize_with = "ShareRange::deserialize_checked")]
    share: ShareRange,
    #[serde(deserialize_with = "checked_years")]
    years: f64,
}

impl CumulativeIncidence {
    /// A cumulative incidence in or around a range, by `years` after diagnosis.
    ///
    /// # Errors
    ///
    /// Where the range is not one of shares (see [`UltimateShare::new`]), or `years` is not above 0
    /// and at most 200.
    pub fn new(low: f64, high: f64, distribution: ShareDistribution, years: f64) -> Result<Self> {
        FollowUp::Fixed(years).check()?;
        let share = ShareRange::new(low, high, distribution, "a cumulative incidence")?;
        Ok(Self { share, years })
    }

    /// Years since diagnosis.
    #[must_use]
    pub const fn years(&self) -> f64 {
        self.years
    }

    /// The ultimate share.
    ///
    /// # Errors
    ///
    /// As [`CrudeShare::to_ultimate`].
    pub fn to_ultimate(self, delay: &Delay) -> Result<UltimateShare> {
        let seen = FollowUp::Fixed(self.years).seen(delay)?;
        ultimate(self.share, seen.recip(), "a cumulative incidence")
    }

    /// The cumulative incidence that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where `years` is not above 0 and at most 200.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, years: f64) -> Result<Self> {
        let seen = FollowUp::Fixed(years).seen(delay)?;
        let share = implied(share, seen, "a cumulative incidence")?;
        Ok(Self { share, years })
    }
}

/// The **share of the previous line**: of those who had second line, the share that ever starts third line.
///
/// Whoever never had second line is not in its denominator, so it lies above the ultimate share.
///
/// # Definition
///
/// ```text
/// ultimate share = share of those diagnosed who ever have second line · share of the previous line
/// ```
///
/// A share between 0 and 1, in or around a range.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{ShareDistribution, ShareOfPrevious};
///
/// // Of 100 diagnosed 60 have second line, and half to two thirds of those third line: 30 to 40.
/// let of_previous = ShareOfPrevious::new(1.0 / 2.0, 2.0 / 3.0, ShareDistribution::Uniform)?;
/// let ultimate = of_previous.to_ultimate(0.60)?;
/// assert!((ultimate.low() - 0.30).abs() < 1e-12 && (ultimate.high() - 0.40).abs() < 1e-12);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOfPrevious {
    #[serde(deserialize_with = "ShareRange::deserialize_checked")]
    share: ShareRange,
}

impl ShareOfPrevious {
    /// A share of those with second line, in or around a range.
    ///
    /// # Errors
    ///
    /// As [`UltimateShare::new`].
    pub fn new(low: f64, high: f64, distribution: ShareDistribution) -> Result<Self> {
        let place = "a share of those who had second line";
        ShareRange::new(low, high, distribution, place).map(|share| Self { share })
    }

    /// The ultimate share, given the share of those diagnosed who ever had second line.
    ///
    /// # Errors
    ///
    /// Where that share is not between 0 and 1.
    pub fn to_ultimate(self, reached_second_line: f64) -> Result<UltimateShare> {
        if !(0.0..=1.0).contains(&reached_second_line) {
            return Err(Error::out_of_range(
                "the share who reach second line",
                "a conversion of shares",
                reached_second_line,
                "between 0 and 1",
            ));
        }
        let what = "a share of those who had second line";
        ultimate(self.share, reached_second_line, what)
    }
}

/// The **yearly flow**: third-line starts in a calendar year per diagnosis in the same year.
///
/// Those who start this year were diagnosed earlier. While incidence grows there were fewer of them, and the flow
/// lies below the ultimate share; while it falls the flow lies above it, and may exceed 1: it is a ratio of two
/// numbers of patients, and no share of either.
///
/// # Definition
///
/// ```text
/// yearly flow = U·E[e^(−g·delay)]
/// ```
///
/// U is the ultimate share, and incidence grows by the factor e^g a year, *g* between −1 and 1. It is the renewal
/// equation of a stable population (Keyfitz & Caswell 2005,
/// [doi:10.1007/b139042](https://doi.org/10.1007/b139042)). A ratio, 0 or more. A range that is a central 95 % one is of
/// the beta distribution of the ultimate share, multiplied.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{Delay, ShareDistribution, SojournTime, UltimateShare, YearlyFlow};
///
/// // For an exponential delay with mean m the expectation is 1/(1 + g·m).
/// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::none());
/// let ultimate = UltimateShare::new(0.30, 0.40, ShareDistribution::Uniform)?;
/// let flow = YearlyFlow::of_ultimate(&ultimate, &delay, 0.03)?;
/// assert!((flow.low() - 0.30 / 1.06).abs() < 1e-9 && (flow.high() - 0.40 / 1.06).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearlyFlow {
    #[serde(deserialize_with = "checked_ratio")]
    share: ShareRange,
}

impl YearlyFlow {
    /// A yearly flow in or around a range.
    ///
    /// # Errors
    ///
    /// Where an end is negative or not finite, or the range is reversed.
    pub fn new(low: f64, high: f64, distribution: ShareDistribution) -> Result<Self> {
        let share = ShareRange {
            low,
            high,
            distribution,
        };
        share.check_ratio("a yearly flow")?;
        Ok(Self { share })
    }

    /// The ultimate share, under incidence that grows by the factor e^`growth` a year.
    ///
    /// # Errors
    ///
    /// Where the growth is not between −1 and 1, or the ultimate share would be above 1.
    pub fn to_ultimate(self, delay: &Delay, growth: f64) -> Result<UltimateShare> {
        let discount = delay.discount(growth)?;
        ultimate(self.share, discount.recip(), "a yearly flow")
    }

    /// The yearly flow that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where the growth is not between −1 and 1, or so far below 0 that starts have no steady ratio to diagnoses.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, growth: f64) -> Result<Self> {
        let (range, discount) = (share.share, delay.discount(growth)?);
        Self::new(
            range.low * discount,
            range.high * discount,
            range.distribution,
        )
    }
}

/// The range of an estimand, in the same words for all of them.
macro_rules! range_of {
    ($($estimand:ty),*) => {$(
        impl $estimand {
            /// The lower end of the range.
            #[must_use]
            pub const fn low(&self) -> f64 {
                self.share.low
            }

            /// The upper end of the range.
            #[must_use]
            pub const fn high(&self) -> f64 {
                self.share.high
            }

            /// The distribution over, or around, the range.
            #[must_use]
            pub const fn distribution(&self) -> ShareDistribution {
                self.share.distribution
            }
        }
    )*};
}

range_of!(
    UltimateShare,
    CrudeShare,
    CumulativeIncidence,
    ShareOfPrevious,
    YearlyFlow
);

/// The ultimate share that is a range of another meaning, times a factor.
fn ultimate(range: ShareRange, factor: f64, what: &str) -> Result<UltimateShare> {
    let share = range.times(factor, what, "an ultimate share")?;
    Ok(UltimateShare { share })
}

/// The range of another meaning that an ultimate share implies.
fn implied(share: &UltimateShare, factor: f64, meaning: &str) -> Result<ShareRange> {
    share.share.times(factor, "an ultimate share", meaning)
}

fn checked_ratio<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<ShareRange, D::Error> {
    let range = ShareRange::deserialize(deserializer)?;
    let checked = range.check_ratio("a yearly flow");
    checked.map_err(serde::de::Error::custom)?;
    Ok(range)
}

fn checked_years<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    let years = f64::deserialize(deserializer)?;
    let checked = FollowUp::Fixed(years).check();
    checked.map_err(serde::de::Error::custom)?;
    Ok(years)
}

/// The **interpretation** of a published share that does not say what it means, with what that interpretation
/// needs.
///
/// "30–40 % of patients may progress to third-line therapy" says neither of whom, nor by when, nor whether death
/// competes. The default is the ultimate share: "progress to" names no date, and it is the one interpretation
/// that needs no further assumption. Each of the others is one of the types of the same name.
///
/// # Example
///
/// ```
/// use myeloma_epi::figures::third_line_share;
/// use myeloma_epi::pathway::{Delay, FollowUp, Reading, ShareDistribution, SojournTime};
///
/// let published = third_line_share();
/// let as_ultimate = Reading::Ultimate.ultimate(&published, ShareDistribution::Uniform)?;
/// assert_eq!((as_ultimate.low(), as_ultimate.high()), (0.30, 0.40));
/// // As a crude share after six years it leaves out those who start later: 1 in 20, e^(−6/2), of those who ever do.
/// let as_crude = Reading::Crude {
///     delay: Delay::new(SojournTime::exponential(2.0)?, SojournTime::none()),
///     follow_up: FollowUp::Fixed(6.0),
/// };
/// let as_crude = as_crude.ultimate(&published, ShareDistribution::Uniform)?;
/// assert!((as_crude.high() - 0.40 / (1.0 - (-3.0_f64).exp())).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Reading {
    /// Of those diagnosed, ever: [`UltimateShare`].
    #[default]
    Ultimate,
    /// Of a cohort, seen by its data cut: [`CrudeShare`].
    Crude {
        /// The delay from diagnosis among those who reach third line.
        delay: Delay,
        /// The follow-up of the cohort.
        follow_up: FollowUp,
    },
    /// Of those diagnosed, by some years after diagnosis: [`CumulativeIncidence`].
    CumulativeIncidence {
        /// The delay from diagnosis among those who reach third line.
        delay: Delay,
        /// Years since diagnosis, above 0.
        years: f64,
    },
    /// Of those who had second line, ever: [`ShareOfPrevious`].
    OfPrevious {
        /// The share of those diagnosed who ever have second line, between 0 and 1.
        reached_second_line: f64,
    },
    /// Starts in a year per diagnosis in that year: [`YearlyFlow`].
    YearlyFlow {
        /// The delay from diagnosis among those who reach third line.
        delay: Delay,
        /// The growth of incidence on the log scale a year, between −1 and 1.
        growth: f64,
    },
}

impl Reading {
    /// The name, as in tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ultimate => "ultimate share",
            Self::Crude { .. } => "crude share at a data cut",
            Self::CumulativeIncidence { .. } => "cumulative incidence",
            Self::OfPrevious { .. } => "share of those with second line",
            Self::YearlyFlow { .. } => "yearly flow",
        }
    }

    /// The ultimate share that a published range implies under this interpretation.
    ///
    /// # Errors
    ///
    /// Where the range and what the interpretation assumes contradict each other, or a number is out of
    /// its range.
    pub fn ultimate(
        &self,
        published: &PublishedShare,
        distribution: ShareDistribution,
    ) -> Result<UltimateShare> {
        let (low, high) = (published.low, published.high);
        match self {
            Self::Ultimate => UltimateShare::new(low, high, distribution),
            Self::Crude { delay, follow_up } => {
                CrudeShare::new(low, high, distribution, *follow_up)?.to_ultimate(delay)
            }
            Self::CumulativeIncidence { delay, years } => {
                CumulativeIncidence::new(low, high, distribution, *years)?.to_ultimate(delay)
            }
            Self::OfPrevious {
                reached_second_line,
            } => ShareOfPrevious::new(low, high, distribution)?.to_ultimate(*reached_second_line),
            Self::YearlyFlow { delay, growth } => {
                YearlyFlow::new(low, high, distribution)?.to_ultimate(delay, *growth)
            }
        }
    }
}
