//! The share of those diagnosed who ever reach third line.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::share_range::{ShareDistribution, ShareRange};
use crate::draws::check_shape;
use crate::error::{Error, Result};
use crate::figures::PublishedShare;
use crate::random::{BLOCK, Seed};

/// The **ultimate share**: of those diagnosed in a year, the share that ever starts third line,
/// whenever that is, before death.
///
/// It is not the share that a study has seen reach third line by its data cut, which is lower
/// ([`Reading::Crude`](super::Reading::Crude)), nor the share of those who had second line, which is higher
/// ([`Reading::OfPrevious`](super::Reading::OfPrevious)). A published range without a stated meaning becomes
/// an ultimate share because the caller makes it one.
///
/// Uncertainty is a range and a [`ShareDistribution`] over it. Both ends lie between 0 and 1, the
/// lower one at most the upper one. In files: `{"low": 0.3, "high": 0.4, "distribution": "pert"}`,
/// uniform where no distribution is named.
///
/// ```
/// use myeloma_epi::pathway::{ShareDistribution, UltimateShare};
///
/// let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Pert)?;
/// assert_eq!((share.low(), share.high()), (0.30, 0.40));
/// assert!(UltimateShare::new(0.40, 0.30, ShareDistribution::Uniform).is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ShareRange", into = "ShareRange")]
pub struct UltimateShare {
    pub(super) share: ShareRange,
}

impl UltimateShare {
    /// What a message calls it.
    pub(super) const NAME: &'static str = "ultimate share";

    /// The share who ever reach third line, in or around a range.
    ///
    /// # Errors
    ///
    /// Where an end is outside 0 to 1, the range is reversed, or a 95 % range of a beta
    /// distribution touches 0 or 1.
    pub fn new(low: f64, high: f64, distribution: ShareDistribution) -> Result<Self> {
        let share = ShareRange {
            low,
            high,
            distribution,
        };
        share.try_into()
    }

    /// A published range, interpreted as an ultimate share.
    ///
    /// # Errors
    ///
    /// As [`UltimateShare::new`].
    pub fn of_published(share: &PublishedShare, distribution: ShareDistribution) -> Result<Self> {
        Self::new(share.low, share.high, distribution)
    }

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

    pub(super) fn is_uncertain(&self) -> bool {
        self.low() < self.high()
    }

    /// One share a draw: draw *k* is the same for every year and region.
    ///
    /// # Errors
    ///
    /// Where there are more draws than an array may hold.
    pub fn draws(&self, draws: usize, seed: Seed) -> Result<Vec<f64>> {
        check_shape(1, draws)?;
        let sampler = self.seeded(seed)?;
        let mut shares = vec![0.0; draws];
        shares
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, shares)| sampler(block, shares));
        Ok(shares)
    }

    /// The shapes of the beta distribution on 0 to 1 that the range is a central 95 % interval of.
    pub(crate) fn beta_shapes(&self) -> Result<(f64, f64)> {
        self.share.beta_shapes()
    }

    /// What fills in the shares of a block, those of [`UltimateShare::draws`].
    pub(super) fn seeded(&self, seed: Seed) -> Result<impl Fn(usize, &mut [f64]) + Sync> {
        let stream = seed.stream("share/third line");
        let sampler = self.share.sampler()?;
        Ok(move |block, shares: &mut [f64]| sampler.fill(stream, block, shares))
    }
}

const PLACE: &str = "the share of patients who reach third line";

impl TryFrom<ShareRange> for UltimateShare {
    type Error = Error;

    fn try_from(share: ShareRange) -> Result<Self> {
        share.check(PLACE)?;
        Ok(Self { share })
    }
}

impl From<UltimateShare> for ShareRange {
    fn from(share: UltimateShare) -> Self {
        share.share
    }
}
