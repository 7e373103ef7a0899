//! Seeded randomness that does not depend on threads.
//!
//! A [`Seed`] and the name of a purpose give a [`Stream`]: a family of generators, one for each
//! block of [`BLOCK`] draws. Draw *k* of a purpose is therefore the same number whoever computes
//! it, on however many threads, and however many draws follow it.
//!
//! The generator is `ChaCha` with 8 rounds (Bernstein 2008, "`ChaCha`, a variant of Salsa20"): the seed
//! is its key, the purpose its stream number, and each block of draws starts 2²⁴ generator blocks
//! (1 GiB of random bytes) after the one before, so no two of them overlap.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::number_checks::Place;

/// Draws that share one generator. A block of draws is the unit of parallel work.
pub(crate) const BLOCK: usize = 1024;

/// Generator blocks of 64 bytes set aside for one block of draws.
const GENERATOR_BLOCKS: u64 = 1 << 24;

/// The number of a draw is small enough for a stream to have it: below 2⁵⁰.
pub(crate) fn check_draw(draw: usize) -> Result<()> {
    Place("a random stream").check(
        ((draw / BLOCK) as u64) <= u64::MAX / GENERATOR_BLOCKS,
        "the number of the draw",
        draw,
        "below 2^50",
    )
}

/// The number that all random draws of a computation follow from: the same seed gives the same draws,
/// for one thread or many, and the first *n* of 2*n* draws are the *n* draws.
///
/// Purposes (a figure's error, a share, a choice among curves) have streams of their own, named after
/// the purpose and the region, so that more of one does not change another.
///
/// # Generator
///
/// `ChaCha` with 8 rounds (Bernstein 2008, `ChaCha`, a variant of Salsa20), whose key is the seed and
/// whose stream number is a hash of the name. It is not meant for secrets here.
///
/// # Example
///
/// ```
/// use myeloma_epi::Seed;
///
/// assert_eq!(Seed::new(7), Seed::new(7));
/// assert_eq!(Seed::default(), Seed::new(2025));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    /// A seed of the caller's choice; every number is as good as any other.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The number that the seed was made from.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The stream of one purpose. Streams of different names are independent.
    pub(crate) fn stream(self, purpose: &str) -> Stream {
        Stream {
            seed: self.0,
            stream: fnv1a(purpose.as_bytes()),
        }
    }
}

impl Default for Seed {
    /// 2025, the year of the press release that the crate's figures come from.
    fn default() -> Self {
        Self(2025)
    }
}

/// The random numbers of one purpose, by block of draws.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    seed: u64,
    stream: u64,
}

impl Stream {
    /// The generator for the draws `block * BLOCK ..`.
    pub(crate) fn block(self, block: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.stream);
        rng.set_block_pos(block as u64 * GENERATOR_BLOCKS);
        rng
    }

    /// So many draws, each block of them in turn from its generator.
    pub(crate) fn draws<T: Send>(
        self,
        draws: usize,
        one: impl Fn(&mut ChaCha8Rng) -> T + Sync,
    ) -> Vec<T> {
        let block = |block: usize| {
            let (mut rng, one) = (self.block(block), &one);
            (0..BLOCK.min(draws - block * BLOCK)).map(move |_| one(&mut rng))
        };
        let blocks = (0..draws.div_ceil(BLOCK)).into_par_iter();
        blocks.flat_map_iter(block).collect()
    }
}

/// FNV-1a, 64 bit: a fixed, published hash, so that a stream's number never changes with the
/// compiler (Fowler, Noll, Vo; <https://datatracker.ietf.org/doc/html/rfc9923>).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use rand::RngExt;
    use rand_distr::{Distribution, StandardNormal};

    /// Published test vectors of FNV-1a (RFC 9923, appendix C).
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    /// Words, uniform and normal numbers of streams by an implementation that shares no code with the
    /// generator: `tests/data/chacha8.py`.
    #[test]
    fn streams_have_the_numbers_of_an_independent_implementation() {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../tests/data/chacha8.json")).unwrap();
        assert_eq!(cases.len(), 7);
        for case in cases {
            let text = |key: &str| case[key].as_str().unwrap();
            let numbers = |key: &str| -> Vec<f64> {
                let all = case[key].as_array().unwrap();
                all.iter().map(|x| x.as_f64().unwrap()).collect()
            };
            let seed = Seed::new(text("seed").parse().unwrap());
            let block = usize::try_from(case["block"].as_u64().unwrap()).unwrap();
            let stream = || seed.stream(text("name")).block(block);

            let words: Vec<String> = (stream().random_iter::<u64>().take(4))
                .map(|word| word.to_string())
                .collect();
            assert_eq!(&serde_json::json!(words), &case["words"]);
            let uniform: Vec<f64> = stream().random_iter().take(4).collect();
            assert_eq!(uniform, numbers("uniform"));
            let normal: Vec<f64> = StandardNormal.sample_iter(stream()).take(BLOCK).collect();
            let expected = numbers("normal");
            assert_eq!(expected.len(), 12);
            for (got, expected) in normal.iter().step_by(93).zip(expected) {
                // The tables of the ziggurat are rounded otherwise.
                assert_relative_eq!(*got, expected, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn a_draw_that_a_stream_does_not_have_is_refused() {
        let last = (1 << 50) - 1;
        assert!(check_draw(last).is_ok());
        assert!(check_draw(last + 1).is_err() && check_draw(usize::MAX).is_err());
        // The last block is no other block's.
        let block = |draw: usize| {
            Seed::new(1)
                .stream("share")
                .block(draw / BLOCK)
                .random::<u64>()
        };
        assert_ne!(block(last), block(0));
    }

    #[test]
    fn streams_and_blocks_differ_and_repeat() {
        let first = |seed: u64, purpose: &str, block| {
            Seed::new(seed).stream(purpose).block(block).random::<u64>()
        };
        let reference = first(1, "share", 0);
        assert_eq!(reference, first(1, "share", 0));
        assert_ne!(reference, first(2, "share", 0));
        assert_ne!(reference, first(1, "figure", 0));
        assert_ne!(reference, first(1, "share", 1));
    }
}
