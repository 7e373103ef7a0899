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

use serde::{Deserialize, Serialize};

use super::delay::Delay;
use super::ultimate_share::{ShareDistribution, UltimateShare};
use crate::error::{Error, ErrorKind, Result};
use crate::figures::PublishedShare;
use crate::numeric::quadrature::integrate;

/// How long the patients of a study had been followed at its data cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FollowUp {
    /// Everyone for the same number of years, above 0.
    Fixed(f64),
    /// Diagnosed through `accrual` years (above 0), at a rate that grew by the factor e^`growth` a
    /// year, and followed until `further` years (not negative) after the last of them.
    Accrual {
        /// Years during which patients were diagnosed.
        accrual: f64,
        /// Years from the end of accrual to the data cut.
        further: f64,
        /// Growth of incidence during accrual, on the log scale, between −1 and 1.
        growth: f64,
    },
}

impl FollowUp {
    pub(super) fn check(self) -> Result<()> {
        let positive = |name: &str, value: f64| {
            if value > 0.0 && value <= 200.0 {
                Ok(())
            } else {
                Err(Error::out_of_range(
                    name,
                    "the follow-up of a study",
                    value,
                    "above 0 and at most 200 years",
                ))
            }
        };
        match self {
            Self::Fixed(years) => positive("the follow-up", years),
            Self::Accrual {
                accrual,
                further,
                growth,
            } => {
                positive("accrual", accrual)?;
                if !(0.0..=200.0).contains(&further) {
                    return Err(Error::out_of_range(
                        "further",
                        "the follow-up of a study",
                        further,
                        "between 0 and 200 years",
                    ));
                }
                if !(-1.0..=1.0).contains(&growth) {
                    return Err(Error::out_of_range(
                        "growth",
                        "the follow-up of a study",
                        growth,
                        "between -1 and 1 a year",
                    ));
                }
                Ok(())
            }
        }
    }

    /// E\[G(follow-up)\]: of those who will ever reach third line, the share that has by the data cut.
    ///
    /// # Errors
    ///
    /// Where the follow-up is not above 0 or a number is out of range.
    pub fn seen(self, delay: &Delay) -> Result<f64> {
        self.check()?;
        match self {
            Self::Fixed(years) => delay.cdf(years),
            Self::Accrual {
                accrual,
                further,
                growth: 0.0,
            } => {
                let integral = |t| delay.integrated_cdf(t);
                Ok((integral(further + accrual)? - integral(further)?) / accrual)
            }
            Self::Accrual {
                accrual,
                further,
                growth,
            } => {
                // Those diagnosed u years before the end of accrual are fewer by e^(−growth·u). By
                // parts, for ∫ G is smoother than G, which may be as good as a step.
                let weight = |u: f64| (-growth * u).exp();
                let integral = |u: f64| delay.integrated_cdf(further + u).unwrap_or(f64::NAN);
                let mut breaks = vec![0.0];
                for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
                    breaks.push((delay.quantile(p) - further).clamp(0.0, accrual));
                }
                breaks.push(accrual);
                let (inner, _) = integrate(&breaks, |u| weight(u) * integral(u));
                let ends = weight(accrual) * integral(accrual) - integral(0.0);
                let all = -(-growth * accrual).exp_m1() / growth;
                Ok(((ends + growth * inner) / all).clamp(0.0, 1.0))
            }
        }
    }
}

/// The ends of a published range and its distribution; see [`UltimateShare`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedRange")]
pub struct ShareRange {
    low: f64,
    high: f64,
    distribution: ShareDistribution,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedRange {
    low: f64,
    high: f64,
    #[serde(default)]
    distribution: ShareDistribution,
}

impl TryFrom<UncheckedRange> for ShareRange {
    type Error = Error;

    fn try_from(range: UncheckedRange) -> Result<Self> {
        Self::new(range.low, range.high, range.distribution)
    }
}

impl ShareRange {
    /// A range of shares.
    ///
    /// # Errors
    ///
    /// As [`UltimateShare::new`].
    pub fn new(low: f64, high: f64, distribution: ShareDistribution) -> Result<Self> {
        UltimateShare::new(low, high, distribution)?;
        Ok(Self {
            low,
            high,
            distribution,
        })
    }

    /// The lower end.
    #[must_use]
    pub const fn low(self) -> f64 {
        self.low
    }

    /// The upper end.
    #[must_use]
    pub const fn high(self) -> f64 {
        self.high
    }

    /// The ultimate share that is this range times a factor. A uniform or PERT distribution is scaled
    /// exactly, a beta distribution fitted to the scaled ends again.
    fn ultimate(self, factor: f64, what: &str) -> Result<UltimateShare> {
        let (low, high) = (self.low * factor, self.high * factor);
        if !high.is_finite() || high > 1.0 {
            return Err(ErrorKind::Contradiction(format!(
                "{what} of {} to {} would mean that {low:.3} to {high:.3} of those diagnosed ever \
                 reach third line: more than all. The share, the delay and what else was assumed \
                 contradict each other",
                self.low, self.high
            ))
            .into());
        }
        UltimateShare::new(low, high, self.distribution)
    }

    fn of(share: &UltimateShare, factor: f64) -> Result<Self> {
        Self::new(
            (share.low() * factor).min(1.0),
            (share.high() * factor).min(1.0),
            share.distribution(),
        )
    }
}

/// The share of a cohort that is **seen** starting third line by a data cut. Those who will reach it
/// later are not in it: it is lower than the ultimate share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CrudeShare {
    /// The share.
    pub share: ShareRange,
    /// How long the cohort was followed.
    pub follow_up: FollowUp,
}

impl CrudeShare {
    /// The ultimate share, with the delay among those who ever reach third line.
    ///
    /// # Errors
    ///
    /// Where the follow-up is zero or out of range, or share and delay contradict each other: the
    /// ultimate share would be above 1.
    pub fn to_ultimate(self, delay: &Delay) -> Result<UltimateShare> {
        let seen = self.follow_up.seen(delay)?;
        self.share.ultimate(seen.recip(), "a crude share")
    }

    /// The crude share that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where the follow-up is zero or out of range.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, follow_up: FollowUp) -> Result<Self> {
        Ok(Self {
            share: ShareRange::of(share, follow_up.seen(delay)?)?,
            follow_up,
        })
    }
}

/// The share of those diagnosed who have started third line **by `years` after diagnosis**, death
/// competing (the cumulative incidence function of Aalen & Johansen 1978, Scandinavian Journal of
/// Statistics 5:141–150).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CumulativeIncidence {
    /// The share.
    pub share: ShareRange,
    /// Years since diagnosis, above 0.
    pub years: f64,
}

impl CumulativeIncidence {
    /// The ultimate share.
    ///
    /// # Errors
    ///
    /// As [`CrudeShare::to_ultimate`].
    pub fn to_ultimate(self, delay: &Delay) -> Result<UltimateShare> {
        let seen = FollowUp::Fixed(self.years).seen(delay)?;
        self.share.ultimate(seen.recip(), "a cumulative incidence")
    }

    /// The cumulative incidence that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where `years` is not above 0.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, years: f64) -> Result<Self> {
        let seen = FollowUp::Fixed(years).seen(delay)?;
        Ok(Self {
            share: ShareRange::of(share, seen)?,
            years,
        })
    }
}

/// The share of **those who had second line** that ever start third line. It is higher than the
/// ultimate share of those diagnosed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShareOfPrevious {
    /// The share.
    pub share: ShareRange,
}

impl ShareOfPrevious {
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
        self.share
            .ultimate(reached_second_line, "a share of those who had second line")
    }
}

/// Third-line **starts in a calendar year per diagnosis in the same year**. While incidence grows it
/// is lower than the ultimate share, since those who start were diagnosed when there were fewer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct YearlyFlow {
    /// The ratio.
    pub share: ShareRange,
}

impl YearlyFlow {
    /// The ultimate share, under incidence that grows by the factor e^`growth` a year.
    ///
    /// # Errors
    ///
    /// Where the growth is not between −1 and 1, or the ultimate share would be above 1.
    pub fn to_ultimate(self, delay: &Delay, growth: f64) -> Result<UltimateShare> {
        let discount = delay.discount(growth)?;
        self.share.ultimate(discount.recip(), "a yearly flow")
    }

    /// The yearly flow that an ultimate share implies.
    ///
    /// # Errors
    ///
    /// Where the growth is not between −1 and 1.
    pub fn of_ultimate(share: &UltimateShare, delay: &Delay, growth: f64) -> Result<Self> {
        Ok(Self {
            share: ShareRange::of(share, delay.discount(growth)?)?,
        })
    }
}

/// How to read a published share that does not say what it means.
///
/// "30–40 % of patients may progress to third-line therapy" says neither of whom, nor by when, nor
/// whether death competes. The default reading is the ultimate share: "progress to" names no date,
/// and it is the one reading that needs no further assumption. The others are one argument away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reading {
    /// Of those diagnosed, ever.
    #[default]
    Ultimate,
    /// Of a cohort, seen by its data cut.
    Crude,
    /// Of those diagnosed, by some years after diagnosis.
    CumulativeIncidence,
    /// Of those who had second line, ever.
    OfPrevious,
    /// Starts in a year per diagnosis in that year.
    YearlyFlow,
}

/// What the readings other than the ultimate share need; each reading asks for its own.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Assumptions {
    /// The delay among those who reach third line.
    pub delay: Option<Delay>,
    /// The follow-up of the cohort, for a crude share.
    pub follow_up: Option<FollowUp>,
    /// The time since diagnosis in years, for a cumulative incidence.
    pub years: Option<f64>,
    /// The share of those diagnosed who ever have second line, for a share of those.
    pub reached_second_line: Option<f64>,
    /// The growth of incidence on the log scale a year, for a yearly flow.
    pub growth: Option<f64>,
}

impl Assumptions {
    /// With a delay.
    #[must_use]
    pub fn with_delay(mut self, delay: Delay) -> Self {
        self.delay = Some(delay);
        self
    }

    /// With a follow-up.
    #[must_use]
    pub const fn with_follow_up(mut self, follow_up: FollowUp) -> Self {
        self.follow_up = Some(follow_up);
        self
    }

    /// With a time since diagnosis.
    #[must_use]
    pub const fn with_years(mut self, years: f64) -> Self {
        self.years = Some(years);
        self
    }

    /// With the share who reach second line.
    #[must_use]
    pub const fn with_reached_second_line(mut self, share: f64) -> Self {
        self.reached_second_line = Some(share);
        self
    }

    /// With a growth of incidence.
    #[must_use]
    pub const fn with_growth(mut self, growth: f64) -> Self {
        self.growth = Some(growth);
        self
    }
}

impl Reading {
    /// All readings, the default first.
    pub const ALL: [Self; 5] = [
        Self::Ultimate,
        Self::Crude,
        Self::CumulativeIncidence,
        Self::OfPrevious,
        Self::YearlyFlow,
    ];

    /// The name, as in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultimate => "ultimate share",
            Self::Crude => "crude share at a data cut",
            Self::CumulativeIncidence => "cumulative incidence",
            Self::OfPrevious => "share of those with second line",
            Self::YearlyFlow => "yearly flow",
        }
    }

    /// A published share under this reading, as the ultimate share it implies.
    ///
    /// # Errors
    ///
    /// Where the reading needs what the assumptions do not give (the error says what), or contradicts
    /// them.
    pub fn ultimate(
        self,
        published: &PublishedShare,
        distribution: ShareDistribution,
        assumptions: &Assumptions,
    ) -> Result<UltimateShare> {
        let share = ShareRange::new(published.low, published.high, distribution)?;
        let missing = |what: &str| -> Error {
            ErrorKind::Unsuitable(format!(
                "\"{}\", read as {}, does not give an ultimate share without {what}",
                published.statement,
                self.name()
            ))
            .into()
        };
        let delay = || {
            let delay = assumptions.delay.as_ref();
            delay.ok_or_else(|| missing("the delay from diagnosis to third line"))
        };
        match self {
            Self::Ultimate => UltimateShare::new(share.low, share.high, distribution),
            Self::Crude => CrudeShare {
                share,
                follow_up: assumptions
                    .follow_up
                    .ok_or_else(|| missing("the follow-up of the cohort"))?,
            }
            .to_ultimate(delay()?),
            Self::CumulativeIncidence => CumulativeIncidence {
                share,
                years: assumptions
                    .years
                    .ok_or_else(|| missing("the years since diagnosis"))?,
            }
            .to_ultimate(delay()?),
            Self::OfPrevious => ShareOfPrevious { share }.to_ultimate(
                assumptions
                    .reached_second_line
                    .ok_or_else(|| missing("the share who reach second line"))?,
            ),
            Self::YearlyFlow => YearlyFlow { share }.to_ultimate(
                delay()?,
                assumptions
                    .growth
                    .ok_or_else(|| missing("the growth of incidence"))?,
            ),
        }
    }
}
