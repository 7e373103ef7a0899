//! How many numbers fell where: the quantiles of a sample without the sample.

use serde::{Deserialize, Serialize};

use super::{is_more_than_rounding, refused};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::quantile::interpolate;

/// Buckets of an octave, as a power of two.
const BITS: u32 = 11;

/// Buckets of an octave: 2,048, which take 8 KiB.
const OCTAVE: usize = 1 << BITS;

/// What a number's bits lose to become its bucket.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// Numbers whose least and greatest are looked for side by side.
const LANES: usize = 8;

/// Counts of numbers in buckets that are narrow on every scale, and the least and greatest number.
///
/// The leading bits of a positive floating-point number, its exponent and the first eleven bits of
/// its fraction, are its bucket: 2,048 buckets of the same width between one power of two and the
/// next, each at most 2⁻¹¹ as wide as its lower end is high. Counts add up in any order: tallies made
/// by several threads and merged are the tally that one thread makes. Buckets for quantiles with a
/// relative error: Masson, Rim & Lee (2019), Proceedings of the VLDB Endowment 12:2195–2205,
/// [doi:10.14778/3352063.3352135](https://doi.org/10.14778/3352063.3352135).
///
/// The numbers of a bucket are read as if they lay in it at equal distances, so that an order
/// statistic is off by less than the bucket's width. The first and the last are exact, and so are
/// numbers that are all equal. What is below the least normal number, 2.2·10⁻³⁰⁸, counts as zero. A
/// tally takes 8 KiB for each octave from the least number above zero to the greatest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(super) struct Tally {
    len: usize,
    zeros: usize,
    least: f64,
    greatest: f64,
    /// The bucket of `counts[0]`. Both ends are whole octaves.
    first: usize,
    counts: Vec<u32>,
}

impl Tally {
    /// No quantile is further than this from that of the numbers themselves, relative to it.
    pub(super) const RELATIVE_ERROR: f64 = 1.0 / OCTAVE as f64;

    /// The most numbers that a tally counts.
    pub(super) const MOST: usize = u32::MAX as usize;

    /// A tally of no numbers.
    pub(super) const fn new() -> Self {
        Self {
            len: 0,
            zeros: 0,
            least: f64::INFINITY,
            greatest: 0.0,
            first: 0,
            counts: Vec::new(),
        }
    }

    /// The number of numbers.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether any two numbers differ.
    pub(super) fn varies(&self) -> bool {
        is_more_than_rounding(self.least, self.greatest)
    }

    /// Counts some more numbers; they must not become more than [`Tally::MOST`].
    ///
    /// # Errors
    ///
    /// Where a number is negative, NaN or infinite; `place` says where, from its index. The tally is
    /// then of no further use.
    pub(super) fn add(&mut self, values: &[f64], place: impl Fn(usize) -> String) -> Result<()> {
        for (i, &value) in values.iter().enumerate() {
            // Zero, NaN, infinity and negative numbers have buckets that are never in the window.
            if let Some(count) = self.counts.get_mut(bucket(value).wrapping_sub(self.first)) {
                *count += 1;
            } else if value.is_finite() && value >= 0.0 {
                self.add_outside(value);
            } else {
                return Err(refused(value, place(i)));
            }
        }
        let (least, greatest) = range(values);
        self.least = self.least.min(least);
        self.greatest = self.greatest.max(greatest);
        self.len += values.len();
        Ok(())
    }

    /// Counts a number for which there is no bucket yet.
    #[cold]
    fn add_outside(&mut self, value: f64) {
        if value < f64::MIN_POSITIVE {
            self.zeros += 1;
        } else {
            let octave = bucket(value) / OCTAVE * OCTAVE;
            self.reach(octave, octave + OCTAVE);
            self.counts[bucket(value) - self.first] += 1;
        }
    }

    /// Widens the window to hold the buckets from `start` to before `end`.
    fn reach(&mut self, start: usize, end: usize) {
        if self.counts.is_empty() {
            self.first = start;
        }
        let (below, last) = (
            self.first.saturating_sub(start),
            self.first + self.counts.len(),
        );
        self.counts.resize(end.max(last) - self.first, 0);
        self.counts.splice(..0, std::iter::repeat_n(0, below));
        self.first -= below;
    }

    /// Counts what another tally has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.len += other.len;
        self.zeros += other.zeros;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
        if !other.counts.is_empty() {
            self.reach(other.first, other.first + other.counts.len());
            let window = &mut self.counts[other.first - self.first..];
            for (count, more) in window.iter_mut().zip(&other.counts) {
                *count += more;
            }
        }
    }

    /// Quantiles by Hyndman and Fan's definition 7, each within [`Tally::RELATIVE_ERROR`] of that of
    /// the numbers themselves. There is at least one number, and the probabilities lie in [0, 1].
    pub(super) fn quantiles(&self, probabilities: &[f64]) -> Vec<f64> {
        interpolate(self.len, probabilities, |ranks| {
            self.order_statistics(ranks)
        })
    }

    /// The numbers of some ranks, counted from 0; the ranks increase.
    fn order_statistics(&self, ranks: &[usize]) -> Vec<f64> {
        let (mut bucket, mut before) = (0, self.zeros);
        let value = |&rank: &usize| {
            if rank == 0 {
                return self.least;
            }
            if rank + 1 == self.len {
                return self.greatest;
            }
            if rank < self.zeros {
                return 0.0;
            }
            while before + self.counts[bucket] as usize <= rank {
                before += self.counts[bucket] as usize;
                bucket += 1;
            }
            let lower = lower_end(self.first + bucket).max(self.least);
            let upper = lower_end(self.first + bucket + 1).min(self.greatest);
            let along = ((rank - before) as f64 + 0.5) / f64::from(self.counts[bucket]);
            lower + along * (upper - lower)
        };
        ranks.iter().map(value).collect()
    }
}

/// A tally as it stands in a file: the buckets that hold a number, with how many they hold.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    zeros: usize,
    least: f64,
    greatest: f64,
    buckets: Vec<(usize, u32)>,
}

impl From<Tally> for Stored {
    fn from(tally: Tally) -> Self {
        let buckets = (tally.first..).zip(tally.counts);
        Self {
            zeros: tally.zeros,
            least: tally.least,
            greatest: tally.greatest,
            buckets: buckets.filter(|&(_, count)| count > 0).collect(),
        }
    }
}

impl TryFrom<Stored> for Tally {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let Stored {
            zeros,
            least,
            greatest,
            buckets,
        } = stored;
        let place = Place("a tally");
        let numbers = bucket(f64::MIN_POSITIVE)..bucket(f64::INFINITY);
        let allowed = || {
            let last = numbers.end - 1;
            format!("from {} to {last}, of one number or more", numbers.start)
        };
        for (bucket, count) in &buckets {
            place.check(
                numbers.contains(bucket) && *count > 0,
                format!("the bucket {bucket}"),
                format!("of {count} numbers"),
                allowed(),
            )?;
        }
        for pair in buckets.windows(2) {
            let allowed = format!("above the one before, {}", pair[0].0);
            place.check(pair[0].0 < pair[1].0, "a bucket", pair[1].0, &allowed)?;
        }
        let mut tally = Self::new();
        tally.zeros = zeros;
        (tally.least, tally.greatest) = (least, greatest);
        let counts = buckets.iter().map(|&(_, count)| count as usize);
        tally.len = counts.fold(zeros, usize::saturating_add);
        // The ends lie in the first and last bucket, or among the zeros.
        let end = |zeros: bool, end: Option<&(usize, u32)>, value: f64| match end {
            Some((end, _)) if !zeros => bucket(value) == *end,
            _ => (0.0..f64::MIN_POSITIVE).contains(&value),
        };
        let ends_fit = end(zeros > 0, buckets.first(), least)
            && end(buckets.is_empty(), buckets.last(), greatest);
        place.check(
            ends_fit && least <= greatest && (1..=Self::MOST).contains(&tally.len),
            "the range of the numbers",
            format!("{least} to {greatest}, of {} numbers", tally.len),
            format!("that of its buckets, and of 1 to {} numbers", Self::MOST),
        )?;
        for (bucket, count) in buckets {
            let octave = bucket / OCTAVE * OCTAVE;
            tally.reach(octave, octave + OCTAVE);
            tally.counts[bucket - tally.first] = count;
        }
        Ok(tally)
    }
}

/// The bucket of a number.
#[allow(clippy::cast_possible_truncation)] // Where addresses have 32 bits it is not: see below.
fn bucket(value: f64) -> usize {
    (value.to_bits() >> SHIFT) as usize
}

/// Buckets, those of infinity, NaN and negative numbers included, are numbers of 24 bits.
const _: () = assert!(u64::BITS - SHIFT <= usize::BITS);

/// The lower end of a bucket.
fn lower_end(bucket: usize) -> f64 {
    f64::from_bits((bucket as u64) << SHIFT)
}

/// The least and the greatest number, of those that are neither negative nor NaN.
fn range(values: &[f64]) -> (f64, f64) {
    let (mut least, mut greatest) = ([f64::INFINITY; LANES], [0.0; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            // Written so that it becomes one instruction for several lanes.
            let value = chunk[lane];
            let (low, high) = (&mut least[lane], &mut greatest[lane]);
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }
    let least = least.iter().chain(rest).copied();
    let greatest = greatest.iter().chain(rest).copied();
    (
        least.fold(f64::INFINITY, f64::min),
        greatest.fold(0.0, f64::max),
    )
}
