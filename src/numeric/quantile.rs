//! Quantiles from order statistics.

use ndarray::ArrayView1;

/// Quantiles of so many numbers in order (Hyndman and Fan's definition 7), in the order of the
/// probabilities, which lie in [0, 1]. There is at least one number; `order_statistics` gives those
/// of some ranks, counted from 0 and increasing.
pub(crate) fn interpolate(
    len: usize,
    probabilities: &[f64],
    order_statistics: impl FnOnce(&[usize]) -> Vec<f64>,
) -> Vec<f64> {
    let positions = probabilities.iter().map(|p| p * (len - 1) as f64);
    let below = positions
        .clone()
        .map(|position| whole(position).min(len - 1));
    let mut ranks: Vec<usize> = below
        .clone()
        .flat_map(|below| [below, (below + 1).min(len - 1)])
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    let values = order_statistics(&ranks);
    let at = |rank| values[ranks.partition_point(|&other| other < rank)];
    positions
        .zip(below)
        .map(|(position, below)| {
            let (low, fraction) = (at(below), position - below as f64);
            if fraction > 0.0 {
                low + fraction * (at(below + 1) - low)
            } else {
                low
            }
        })
        .collect()
}

/// The quantile of a sample in increasing order, of at least one number, at a probability in [0, 1].
pub(crate) fn sorted_quantile(sorted: &[f64], probability: f64) -> f64 {
    let order_statistics = |ranks: &[usize]| ranks.iter().map(|&rank| sorted[rank]).collect();
    interpolate(sorted.len(), &[probability], order_statistics)[0]
}

/// The ends of the central interval of a sample in increasing order, of at least one number.
pub(crate) fn sorted_interval(sorted: &[f64], level: f64) -> (f64, f64) {
    let outside = 0.5 * (1.0 - level);
    let at = |probability| sorted_quantile(sorted, probability);
    (at(outside), at(1.0 - outside))
}

/// Quantiles of a sample that is there: at least one number, none of them negative or NaN.
pub(crate) fn quantiles(sample: &ArrayView1<'_, f64>, probabilities: &[f64]) -> Vec<f64> {
    interpolate(sample.len(), probabilities, |ranks| {
        let mut places = ranks.to_vec();
        let mut keys = match sample.as_slice() {
            // To count them is more work than to place two of them.
            Some(sample)
                if ranks.len() > 2
                    && sample.len() > BUCKETS
                    && u32::try_from(sample.len()).is_ok() =>
            {
                near(sample, &mut places)
            }
            _ => sample.iter().copied().map(key).collect(),
        };
        place(&mut keys, 0, &places);
        let numbers = places.iter().map(|&place| f64::from_bits(keys[place]));
        numbers.collect()
    })
}

/// Buckets that numbers are counted in, those below and above the usual range in the first and the last.
const BUCKETS: usize = 1 << 11;
/// Numbers of a sample that the usual range is taken from.
const PROBES: usize = 256;
/// Buckets that are looked through together.
const GROUP: usize = 16;
/// 2⁵²: adding it to a number below leaves its whole part in the lowest bits of the sum.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// Numbers that are not negative are in the order of their bits, which are compared faster.
fn key(x: f64) -> u64 {
    x.abs().to_bits()
}

// `f64::min`, which minds NaN, is more than one instruction.
fn lesser(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

fn greater(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// The keys in the buckets that the wanted ranks lie in; the ranks become those among these keys.
#[allow(clippy::cast_possible_truncation)] // Below the number of buckets.
fn near(sample: &[f64], ranks: &mut [usize]) -> Vec<u64> {
    let probes = sample.iter().step_by((sample.len() / PROBES).max(1));
    let (least, greatest) = probes.fold((f64::INFINITY, 0.0), |(least, greatest), &x| {
        (lesser(least, x), greater(greatest, x))
    });
    let scale = (BUCKETS - 2) as f64 / (greatest - least);
    let scale = if scale.is_finite() { scale } else { 0.0 };
    let bucket = |x: f64| {
        let place = lesser((x - least) * scale + 1.0, (BUCKETS - 1) as f64);
        (greater(place, 0.0) + WHOLE).to_bits() as usize % BUCKETS
    };
    // Neighbours of one bucket are counted apart, so that one need not wait for the other.
    let mut counts = [[0_u32; BUCKETS]; 2];
    let mut buckets = vec![0_u16; sample.len()];
    let (pairs, last) = sample.as_chunks::<2>();
    let (of_pairs, of_last) = buckets.as_chunks_mut::<2>();
    for (pair, of_pair) in pairs.iter().zip(of_pairs) {
        let [a, b] = pair.map(bucket);
        counts[0][a] += 1;
        counts[1][b] += 1;
        *of_pair = [a as u16, b as u16];
    }
    for (&x, of_one) in last.iter().zip(of_last) {
        counts[0][bucket(x)] += 1;
        *of_one = bucket(x) as u16;
    }
    let (wanted, wanted_keys) = wanted_buckets(&counts, ranks);
    // Each key is written, and the next one over it where it is not wanted: a branch that cannot be foreseen takes longer.
    let mut keys = vec![0; wanted_keys + 1];
    let mut kept = 0;
    for (&x, &bucket) in sample.iter().zip(&buckets) {
        keys[kept] = key(x);
        kept += usize::from(wanted[bucket as usize % BUCKETS]);
    }
    keys.truncate(wanted_keys);
    keys
}

/// The buckets that the ranks lie in, and how many numbers these hold; the ranks become those among these numbers.
fn wanted_buckets(counts: &[[u32; BUCKETS]; 2], ranks: &mut [usize]) -> ([bool; BUCKETS], usize) {
    let mut wanted = [false; BUCKETS];
    let (mut below, mut left_out) = (0, 0);
    let mut ranks = ranks.iter_mut().peekable();
    for first in (0..BUCKETS).step_by(GROUP) {
        let group = first..first + GROUP;
        let of = |i: usize| (counts[0][i] + counts[1][i]) as usize;
        let of_group: usize = group.clone().map(of).sum();
        if ranks.peek().is_none_or(|rank| **rank >= below + of_group) {
            below += of_group;
            left_out += of_group;
            continue;
        }
        for i in group {
            below += of(i);
            while let Some(rank) = ranks.next_if(|rank| **rank < below) {
                *rank -= left_out;
                wanted[i] = true;
            }
            left_out += if wanted[i] { 0 } else { of(i) };
        }
    }
    (wanted, below - left_out)
}

/// Puts the keys of some ranks in their places: the middle one first, then the others on either side
/// of it. `first` is the rank of the first key.
fn place(keys: &mut [u64], first: usize, ranks: &[usize]) {
    let middle = ranks.len() / 2;
    if let Some(&rank) = ranks.get(middle) {
        let (below, _, above) = keys.select_nth_unstable(rank - first);
        place(below, first, &ranks[..middle]);
        place(above, rank + 1, &ranks[middle + 1..]);
    }
}

/// The whole part of a position in a sample.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(position: f64) -> usize {
    position as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::aview1;

    /// Of numbers of every scale, near each other, equal, and with zeros: those of the sorted sample.
    #[test]
    fn quantiles_of_large_samples_are_order_statistics() {
        const LEN: usize = 3 * BUCKETS + 1;
        let at = |i: usize| (i * 7_919 % LEN) as f64 / LEN as f64;
        let samples: [&dyn Fn(usize) -> f64; 5] = [
            &|i| (1_400.0 * (at(i) - 0.5)).exp(),
            &|i| 1.0 + 1e-13 * at(i),
            &|i| (9.0 * at(i)).floor(),
            &|i| (at(i) - 0.6).max(0.0),
            &|i| at(i).powi(40),
        ];
        let probabilities = [0.0, 0.025, 0.25, 0.5, 0.75, 0.975, 1.0];
        for (which, sample) in samples.iter().enumerate() {
            let sample: Vec<f64> = (0..LEN).map(sample).collect();
            let mut sorted = sample.clone();
            sorted.sort_by(f64::total_cmp);
            let expected = probabilities.map(|p| sorted_quantile(&sorted, p));
            let got = quantiles(&aview1(&sample), &probabilities);
            assert_eq!(got, expected, "sample {which}");
        }
    }

    /// Expected values from R 4.2.2: `quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(0.9, 0, 0.33, 0.5, 1), type = 7)`.
    #[test]
    fn quantiles_are_those_of_r() {
        let sample = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let got = quantiles(&aview1(&sample), &[0.9, 0.0, 0.33, 0.5, 1.0]);
        for (got, expected) in got.iter().zip([6.9, 1.0, 2.31, 3.5, 9.0]) {
            approx::assert_relative_eq!(*got, expected, max_relative = 1e-14);
        }
    }
}
