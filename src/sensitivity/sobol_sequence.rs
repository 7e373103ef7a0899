//! Sobol' points with Owen scrambling.
//!
//! Sobol' sequence in the binary order of its points, with the direction numbers of Joe & Kuo (2008),
//! [doi:10.1137/070709359](https://doi.org/10.1137/070709359), in 32 bits. Owen's scrambling flips each digit of a
//! coordinate by a random bit that depends on the digits before it: every point is then uniform, every elementary interval
//! keeps its number of points, and estimates have no bias (Owen 1997, Annals of Statistics 25:1541–1562,
//! [doi:10.1214/aos/1031594731](https://doi.org/10.1214/aos/1031594731)). The random bits are a hash of the digits: Laine
//! & Karras (2011), Computer Graphics Forum 30:1265–1276,
//! [doi:10.1111/j.1467-8659.2011.01928.x](https://doi.org/10.1111/j.1467-8659.2011.01928.x), with the constants of Burley
//! (2020), Journal of Computer Graphics Techniques 9(4):1–20, <https://jcgt.org/published/0009/04/01/>.

use std::sync::LazyLock;

use rand::RngExt;

use crate::error::Result;
use crate::number_checks::Place;
use crate::random::{BLOCK, Stream};

/// Binary digits of a coordinate.
const BITS: usize = 32;

/// So many coordinates a point may have.
pub(super) const MOST_DIMENSIONS: usize = 512;

/// The most points: the mean distance of two coordinates is still 128 times their resolution.
pub(super) const MOST_POINTS: usize = 1 << 25;

/// Direction numbers of one dimension, each with its binary digits in reverse order.
type Directions = [u32; BITS];

/// Of every dimension. A shipped file that cannot be read is a defect of the crate.
static DIRECTIONS: LazyLock<Vec<Directions>> = LazyLock::new(|| {
    let lines = include_str!("direction_numbers.txt").lines();
    let numbers = lines.filter(|line| !line.starts_with('#')).map(|line| {
        let numbers: std::result::Result<Vec<u32>, _> = line.split(' ').map(str::parse).collect();
        let numbers = numbers.expect("broken invariant: a direction number is no number");
        directions(numbers[0], &numbers[1..])
    });
    let van_der_corput: Directions = std::array::from_fn(|i| 1 << i);
    std::iter::once(van_der_corput).chain(numbers).collect()
});

/// All direction numbers from the first ones and the primitive polynomial of their recurrence (Bratley & Fox 1988,
/// ACM Transactions on Mathematical Software 14:88–100, doi:10.1145/42288.214372).
fn directions(polynomial: u32, initial: &[u32]) -> Directions {
    let degree = initial.len();
    let mut v = [0_u32; BITS];
    for i in 0..BITS {
        v[i] = if i < degree {
            initial[i] << (BITS - 1 - i)
        } else {
            let mut number = v[i - degree] ^ (v[i - degree] >> degree);
            for j in 1..degree {
                if polynomial >> (degree - j) & 1 == 1 {
                    number ^= v[i - j];
                }
            }
            number
        };
    }
    v.map(u32::reverse_bits)
}

/// One scrambling of the sequence.
#[derive(Debug)]
pub(super) struct Points {
    /// One a dimension.
    seeds: Vec<u32>,
}

impl Points {
    /// A scrambling of points of so many coordinates; those of fewer coordinates are the same.
    pub(super) fn new(dimensions: usize, stream: Stream, scrambling: usize) -> Result<Self> {
        Place("a sensitivity analysis, which needs two for each uniform number behind its inputs")
            .check(
                dimensions <= MOST_DIMENSIONS,
                "the number of coordinates of a Sobol' point",
                dimensions,
                format!("at most {MOST_DIMENSIONS}"),
            )?;
        let mut rng = stream.block(scrambling);
        Ok(Self {
            seeds: (0..dimensions).map(|_| rng.random()).collect(),
        })
    }

    /// One coordinate of up to [`BLOCK`] points, the first of which is a multiple of a power of two that is as great as
    /// their number: numbers above 0 and below 1.
    pub(super) fn fill(&self, dimension: usize, first: usize, out: &mut [f64]) {
        debug_assert!(out.len() <= BLOCK && first.is_multiple_of(out.len().next_power_of_two()));
        let directions = &DIRECTIONS[dimension];
        let mut reversed = [0_u32; BLOCK];
        reversed[0] = (0..BITS)
            .filter(|&bit| first >> bit & 1 == 1)
            .fold(0, |number, bit| number ^ directions[bit]);
        let mut made = 1;
        for direction in directions {
            if made >= out.len() {
                break;
            }
            let (old, new) = reversed.split_at_mut(made);
            for (new, old) in new.iter_mut().zip(&*old) {
                *new = old ^ direction;
            }
            made *= 2;
        }
        // One step after the other over all points: each is then several numbers at a time.
        let digits = &mut reversed[..out.len()];
        let seed = self.seeds[dimension];
        for digits in &mut *digits {
            *digits = scrambled(*digits, seed);
        }
        for digits in &mut *digits {
            *digits = digits.reverse_bits();
        }
        for (u, &digits) in out.iter_mut().zip(&*digits) {
            *u = uniform(digits);
        }
    }
}

/// Flips each binary digit by a hash of those below it: in reverse order these are the digits before it. Sums and products
/// carry upwards only, and an even multiple of a number leaves its lowest digit alone. What is above the 32nd digit changes
/// none below; processors multiply 32 digits into 64, several at once.
#[inline]
#[allow(clippy::cast_possible_truncation)] // Meant: what is above the 32nd digit.
fn scrambled(digits: u32, seed: u32) -> u32 {
    let mut x = u64::from(digits.wrapping_add(seed));
    for even in [0x6c50_b47c, 0xb82f_1e52, 0xc7af_e638, 0x8d22_f6e6] {
        x ^= (x & 0xffff_ffff) * even;
    }
    x as u32
}

/// (x + 1/2)/2³², by the digits of a number between 1 and 2.
#[inline]
fn uniform(x: u32) -> f64 {
    const ONE: u64 = 1.0_f64.to_bits();
    const HALF_A_STEP: u64 = 1 << 19;
    f64::from_bits(ONE | u64::from(x) << 20 | HALF_A_STEP) - 1.0
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Exact by construction.
mod tests {
    use super::*;
    use crate::Seed;

    fn unscrambled(dimension: usize, n: usize) -> Vec<f64> {
        let v = &DIRECTIONS[dimension];
        let point = |i: usize| (0..32).filter(|b| i >> b & 1 == 1).fold(0, |x, b| x ^ v[b]);
        (0..n)
            .map(|i| f64::from(point(i).reverse_bits()) / 2f64.powi(32))
            .collect()
    }

    /// `scipy.stats.qmc.Sobol(512, scramble=False, bits=32).random(64)`, `SciPy` 1.17: the points of a power of two are the
    /// same in the Gray order of `SciPy` and in the binary order, so that sums of them and of their products are.
    #[test]
    fn points_are_those_of_scipy() {
        #[derive(serde::Deserialize)]
        struct Reference {
            dimension: usize,
            sorted_by_first: Vec<f64>,
        }
        let text = include_str!("../../tests/data/sobol_points_scipy.json");
        let all: Vec<Reference> = serde_json::from_str(text).unwrap();
        assert!(all.len() >= 8);
        for reference in all {
            let first = unscrambled(0, 64);
            let own = unscrambled(reference.dimension, 64);
            let mut pairs: Vec<(f64, f64)> = first.into_iter().zip(own).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            let own: Vec<f64> = pairs.into_iter().map(|pair| pair.1).collect();
            assert_eq!(own, reference.sorted_by_first, "{}", reference.dimension);
        }
        assert_eq!(DIRECTIONS.len(), MOST_DIMENSIONS);
    }

    /// A digital net: 2^m points in one dimension have one in each interval of length 2^−m; in the first two dimensions
    /// one in each of its rectangles (Sobol' 1967: t = 0). Scrambling leaves that as it is, in a later block, too.
    #[test]
    fn scrambling_keeps_the_net() {
        for seed in 0..5 {
            let points = Points::new(40, Seed::new(seed).stream("test"), 3).unwrap();
            let mut columns = vec![[0.0; BLOCK]; 40];
            for (dimension, column) in columns.iter_mut().enumerate() {
                points.fill(dimension, 3 * BLOCK, column);
                let mut cells: Vec<f64> = column.iter().map(|u| (u * 1024.0).floor()).collect();
                cells.sort_by(f64::total_cmp);
                assert!(cells.iter().enumerate().all(|(i, &cell)| cell == i as f64));
            }
            for bits in 0..=10 {
                let (a, b) = (2f64.powi(bits), 2f64.powi(10 - bits));
                let cell = |(x, y): (&f64, &f64)| (x * a).floor() * b + (y * b).floor();
                let mut cells: Vec<f64> = columns[0].iter().zip(&columns[1]).map(cell).collect();
                cells.sort_by(f64::total_cmp);
                assert!(cells.iter().enumerate().all(|(i, &cell)| cell == i as f64));
            }
        }
    }

    /// Over scramblings a coordinate of a point is uniform, and two of one point are independent: the mean of 4,000 is
    /// within 4.5 standard errors of 1/2, the mean square of 1/3, the mean product of 1/4.
    #[test]
    fn scrambled_coordinates_are_uniform_and_independent() {
        const N: usize = 4_000;
        let stream = Seed::new(7).stream("test");
        for point in [0, 1, 5, 1000] {
            let (mut mean, mut square, mut product) = (0.0, 0.0, 0.0);
            for scrambling in 0..N {
                let points = Points::new(8, stream, scrambling).unwrap();
                let mut columns = [[0.0; BLOCK]; 2];
                points.fill(1, 0, &mut columns[0][..=point]);
                points.fill(7, 0, &mut columns[1][..=point]);
                let (x, y) = (columns[0][point], columns[1][point]);
                mean += x / N as f64;
                square += x * x / N as f64;
                product += x * y / N as f64;
            }
            let root = (N as f64).sqrt();
            for (got, expected, variance) in [
                (mean, 1.0 / 2.0, 1.0 / 12.0),
                (square, 1.0 / 3.0, 1.0 / 5.0 - 1.0 / 9.0),
                (product, 1.0 / 4.0, 1.0 / 9.0 - 1.0 / 16.0),
            ] {
                let error = f64::sqrt(variance) / root;
                assert!(
                    (got - expected).abs() < 4.5 * error,
                    "{point}: {got} {expected}"
                );
            }
        }
    }

    #[test]
    fn no_coordinate_is_0_or_1() {
        assert_eq!(uniform(0), 2f64.powi(-33));
        assert_eq!(uniform(u32::MAX), 1.0 - 2f64.powi(-33));
        let error = Points::new(513, Seed::new(1).stream("x"), 0).unwrap_err();
        assert!(error.to_string().contains("513"), "{error}");
    }
}
