//! What neighbouring draws show of an output that a spline misses.

use rand::seq::SliceRandom;

use super::regression::Spline;
use crate::random::Seed;

/// Pairs of draws with nearly the same inputs: of one, next to each other in its order; of two, in strips of the first, up and
/// down in the second. Draws of the same inputs are shuffled, so that the order in which draws are given tells nothing; where most
/// differ, equal ones are the same draw again and no pair.
pub(super) fn neighbours(inputs: &[(&str, &[f64])]) -> Vec<(usize, usize)> {
    let x = inputs[0].1;
    let mut order: Vec<usize> = (0..x.len()).collect();
    let stream = Seed::default().stream("sensitivity/neighbours");
    order.shuffle(&mut stream.block(0));
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    if let [_, (_, z)] = inputs {
        let width = x.len().isqrt().max(1);
        for (strip, draws) in order.chunks_mut(width).enumerate() {
            draws.sort_by(|a, b| z[*a].total_cmp(&z[*b]));
            if strip % 2 == 1 {
                draws.reverse();
            }
        }
    }
    let pairs = || order.windows(2).map(|pair| (pair[0], pair[1]));
    let differ =
        |(a, b): &(usize, usize)| inputs.iter().any(|(_, x)| x[*a].total_cmp(&x[*b]).is_ne());
    let of_different: Vec<(usize, usize)> = pairs().filter(differ).collect();
    if 2 * of_different.len() > x.len() {
        of_different
    } else {
        pairs().collect()
    }
}

/// The part of the variance of an output that depends on the inputs and is left by a spline, as far as neighbouring draws show it,
/// and its standard error if there is none: the covariance of residuals of neighbours, which is −σ²·d/n where a spline of d degrees of
/// freedom misses nothing (Rice 1984, Annals of Statistics
/// 12:1215–1230, [doi:10.1214/aos/1176346788](https://doi.org/10.1214/aos/1176346788), has the noise by their differences).
pub(super) fn missed(output: &[f64], fit: &Spline, neighbours: &[(usize, usize)]) -> (f64, f64) {
    let n = output.len() as f64;
    let left = |i: usize| output[i] - fit.fitted[i];
    let all: f64 = (0..output.len()).map(|i| left(i).powi(2)).sum();
    let (mut sum, mut squares) = (0.0, 0.0);
    for (a, b) in neighbours {
        let product = left(*a) * left(*b);
        sum += product;
        squares += product * product;
    }
    let mean = output.iter().sum::<f64>() / n;
    let variance = output.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
    let pairs = neighbours.len().max(1) as f64;
    // σ²·d/n; d is 0 where nothing is left.
    let by_fit = fit.residual_variance - all / n;
    let error = squares.sqrt().max(all / n * pairs.sqrt());
    ((sum / pairs + by_fit) / variance, error / pairs / variance)
}
