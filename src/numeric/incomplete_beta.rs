//! The distribution function of the beta distribution, also where its shapes are large.
//!
//! That of `statrs` takes so many terms of a continued fraction and no more: with shapes that add up to a million it is off by
//! one in a thousand. The factor before it is by Stirling's series and deviances (Loader 2000, *Fast and Accurate Computation of
//! Binomial Probabilities*), for logarithms of gamma functions of large shapes leave few digits in their difference; the
//! continued fraction is that of DLMF 8.17.22, by Lentz's method.

use std::f64::consts::TAU;

use statrs::function::gamma::ln_gamma;

/// The probability of at most `x` under the beta distribution with shapes `a` and `b`, which are above 0.
pub(crate) fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else if x <= (a + 1.0) / (a + b + 2.0) {
        factor(a, b, [x, 1.0 - x]) * fraction(a, b, x) / a
    } else {
        1.0 - factor(a, b, [x, 1.0 - x]) * fraction(b, a, 1.0 - x) / b
    }
}

/// xᵃ(1 − x)ᵇ/B(a, b).
fn factor(a: f64, b: f64, [x, rest]: [f64; 2]) -> f64 {
    let n = a + b;
    let errors = stirling_error(n) - stirling_error(a) - stirling_error(b);
    let log = errors - deviance(a, n * x) - deviance(b, n * rest);
    // Shapes that are next to 0 would be lost in their product.
    (a / TAU).sqrt() * (b / n).sqrt() * log.exp()
}

/// ln Γ(z) − ((z − ½)·ln z − z + ½·ln 2π).
fn stirling_error(z: f64) -> f64 {
    if z < 15.0 {
        return ln_gamma(z) - ((z - 0.5) * z.ln() - z + 0.5 * TAU.ln());
    }
    let terms = [-1.0 / 1188.0, 1.0 / 1680.0, -1.0 / 1260.0, 1.0 / 360.0];
    let sum = terms.iter().fold(0.0, |sum, term| term + sum / (z * z));
    (1.0 / 12.0 - sum / (z * z)) / z
}

/// x·ln(x/m) + m − x.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let (mut sum, mut power) = ((x - m) * v, 2.0 * x * v);
    for odd in (3_u8..).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

/// Steps of the continued fraction: those that are needed grow as the root of the shapes.
const MOST_STEPS: u32 = 1_000_000;

/// The continued fraction where it converges fast, for x below the mean; not a number where it does not settle.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_0 = |z: f64| if z.abs() < 1e-300 { 1e-300 } else { z };
    let (mut c, mut d) = (1.0, away_from_0(1.0 - (a + b) * x / (a + 1.0)).recip());
    let mut product = d;
    for step in 1..MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for term in [even, odd] {
            d = away_from_0(1.0 + term * d).recip();
            c = away_from_0(1.0 + term / c);
            last = c * d;
            product *= last;
        }
        if (last - 1.0).abs() <= f64::EPSILON {
            return product;
        }
    }
    f64::NAN
}
