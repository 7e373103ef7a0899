//! What a published share of "patients who reach third line" can mean.
//!
//! | [`Reading`] | of whom, by when | to the ultimate share it needs |
//! |---|---|---|
//! | [`Ultimate`](Reading::Ultimate) | of those diagnosed, ever | nothing |
//! | [`Crude`](Reading::Crude) | of a cohort, seen by a data cut | its follow-up, and the delay |
//! | [`CumulativeIncidence`](Reading::CumulativeIncidence) | of those diagnosed, by *t* years, death competing | the delay |
//! | [`OfPrevious`](Reading::OfPrevious) | of those who had the line before | the share who had it |
//! | [`YearlyFlow`](Reading::YearlyFlow) | starts in a year per diagnosis in that year | the delay, and the growth of incidence |
//!
//! A share of any other meaning than the ultimate one is used only through its reading: what goes on from here is an
//! [`UltimateShare`].

use serde::{Deserialize, Serialize};

use super::delay::Delay;
use super::follow_up::FollowUp;
use super::share_range::{ShareDistribution, ShareRange};
use super::ultimate_share::UltimateShare;
use crate::error::{Error, Result};
use crate::figures::PublishedShare;
use crate::number_checks::Place;

/// The **interpretation** of a share that does not say what it means, with what that interpretation needs.
///
/// "30–40 % of patients may progress to third-line therapy" says neither of whom, nor by when, nor whether death
/// competes. The default is the ultimate share: "progress to" names no date, and it is the one interpretation
/// that needs no further assumption.
///
/// # Definition
///
/// With the ultimate share U of those diagnosed, and the distribution function G of the [`Delay`] among those who ever
/// start third line:
///
/// ```text
/// crude share          = U·E[G(follow-up)]
/// cumulative incidence = U·G(t)
/// share of previous    = U / share of those diagnosed who ever have second line
/// yearly flow          = U·E[e^(−g·delay)]
/// ```
///
/// The last is the renewal equation of a stable population in which incidence grows by the factor e^g a year (Lotka 1939,
/// *Théorie analytique des associations biologiques*; Keyfitz & Caswell 2005,
/// [doi:10.1007/b139042](https://doi.org/10.1007/b139042)). All but that are shares between 0 and 1.
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
/// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::none());
/// let as_crude = Reading::Crude { delay: delay.clone(), follow_up: FollowUp::Fixed(6.0) };
/// let as_crude = as_crude.ultimate(&published, ShareDistribution::Uniform)?;
/// assert!((as_crude.high() - 0.40 / (1.0 - (-3.0_f64).exp())).abs() < 1e-9);
/// // Of 100 diagnosed 60 have second line, and half to two thirds of those third line: 30 to 40.
/// let of_previous = Reading::OfPrevious { reached_second_line: 0.60 };
/// let ultimate = of_previous.ultimate_of(1.0 / 2.0, 2.0 / 3.0, ShareDistribution::Uniform)?;
/// assert!((ultimate.low() - 0.30).abs() < 1e-12 && (ultimate.high() - 0.40).abs() < 1e-12);
/// // While incidence grows by 3 % a year, starts per diagnosis are fewer: 1/(1 + 0.03·2) of the ultimate share.
/// let flow = Reading::YearlyFlow { delay, growth: 0.03 }.implied(&ultimate)?;
/// assert!((flow.0 - 0.30 / 1.06).abs() < 1e-9 && (flow.1 - 0.40 / 1.06).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Reading {
    /// Of those diagnosed, ever: [`UltimateShare`].
    #[default]
    Ultimate,
    /// Of a cohort, **seen** by its data cut. Whoever starts third line after it is not in it: it is what most studies
    /// print, and it grows with follow-up though no patient fares differently.
    Crude {
        /// The delay from diagnosis among those who reach third line.
        delay: Delay,
        /// The follow-up of the cohort.
        follow_up: FollowUp,
    },
    /// Of those diagnosed, **by some years after diagnosis**, death being a competing event. It counts the dead among
    /// those who did not start, so it is not one minus the Kaplan-Meier curve, which takes them out and comes out higher.
    /// The estimator of Aalen & Johansen (1978), Scandinavian Journal of Statistics 5:141–150, estimates it.
    CumulativeIncidence {
        /// The delay from diagnosis among those who reach third line.
        delay: Delay,
        /// Years since diagnosis, above 0 and at most 200.
        years: f64,
    },
    /// **Of those who had second line**, ever. Whoever never had it is not in the denominator, so it lies above the
    /// ultimate share.
    OfPrevious {
        /// The share of those diagnosed who ever have second line, between 0 and 1.
        reached_second_line: f64,
    },
    /// **Starts in a year per diagnosis in that year.** Those who start this year were diagnosed earlier: while incidence
    /// grows there were fewer of them, and the flow lies below the ultimate share; while it falls the flow lies above
    /// it, and may exceed 1. It is a ratio of two numbers of patients, and no share of either.
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
            Self::Ultimate => UltimateShare::NAME,
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
    /// As [`Reading::ultimate_of`].
    pub fn ultimate(
        &self,
        published: &PublishedShare,
        distribution: ShareDistribution,
    ) -> Result<UltimateShare> {
        self.ultimate_of(published.low, published.high, distribution)
    }

    /// The ultimate share that a range from `low` to `high` implies under this interpretation. A central 95 % range of
    /// a beta distribution becomes one of the ultimate share.
    ///
    /// # Errors
    ///
    /// Where the range and what the interpretation assumes contradict each other (the ultimate share would be above 1),
    /// or a number is out of its range.
    pub fn ultimate_of(
        &self,
        low: f64,
        high: f64,
        distribution: ShareDistribution,
    ) -> Result<UltimateShare> {
        let range = ShareRange {
            low,
            high,
            distribution,
        };
        match self {
            Self::YearlyFlow { .. } => range.check_ends(f64::MAX, self.name())?,
            _ => range.check(self.name())?,
        }
        let share = range.times(self.factor()?, self.name(), UltimateShare::NAME)?;
        Ok(UltimateShare { share })
    }

    /// The range of the share of this meaning, from low to high, that an ultimate share implies: the other way round.
    ///
    /// # Errors
    ///
    /// Where a number is out of its range, the share would be above 1, or incidence falls so fast that starts have no
    /// steady ratio to diagnoses.
    pub fn implied(&self, share: &UltimateShare) -> Result<(f64, f64)> {
        let factor = self.factor()?.recip();
        if !factor.is_finite() {
            return Err(Error::unsuitable(format!(
                "the share of the meaning \"{}\" is of nobody: no share of them follows from another",
                self.name()
            )));
        }
        if matches!(self, Self::YearlyFlow { .. }) {
            return Ok((share.low() * factor, share.high() * factor));
        }
        let range = share
            .share
            .times(factor, UltimateShare::NAME, self.name())?;
        Ok((range.low, range.high))
    }

    /// The ultimate share for each share of this meaning.
    fn factor(&self) -> Result<f64> {
        match self {
            Self::Ultimate => Ok(1.0),
            Self::Crude { delay, follow_up } => of_seen(*follow_up, delay),
            Self::CumulativeIncidence { delay, years } => of_seen(FollowUp::Fixed(*years), delay),
            Self::OfPrevious {
                reached_second_line: reached,
            } => {
                let place = Place("a conversion of shares");
                place.share("the share who reach second line", *reached)?;
                Ok(*reached)
            }
            Self::YearlyFlow { delay, growth } => delay.discount(*growth).map(f64::recip),
        }
    }
}

/// The reciprocal of the share that has been seen to start third line.
fn of_seen(follow_up: FollowUp, delay: &Delay) -> Result<f64> {
    let seen = follow_up.seen(delay)?;
    if seen > 0.0 {
        return Ok(seen.recip());
    }
    Err(Error::unsuitable(format!(
        "nobody can have started third line by the data cut, as {follow_up}: no ultimate share follows from a share of them"
    )))
}
