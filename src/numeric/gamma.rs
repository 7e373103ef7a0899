//! The gamma distribution of scale 1: probabilities and quantiles.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, ln_gamma};

use super::root::root;

/// The probability of `x` or less.
pub(crate) fn cumulative(shape: f64, x: f64) -> f64 {
    // Fails where x has been rounded to 0 or to infinity, which is the answer.
    checked_gamma_lr(shape, x).unwrap_or(if x > shape { 1.0 } else { 0.0 })
}

/// The probability of more than `x`.
pub(crate) fn survival(shape: f64, x: f64) -> f64 {
    checked_gamma_ur(shape, x).unwrap_or_else(|_| 1.0 - cumulative(shape, x))
}

/// The quantile at a probability above 0 and below 1, from the side of the smaller tail: the root on the scale of ln x,
/// since small shapes put quantiles next to 0. Zero and infinite past the range of numbers.
pub(crate) fn quantile(shape: f64, p: f64) -> f64 {
    let excess = |log: f64| {
        if p < 0.5 {
            cumulative(shape, log.exp()) - p
        } else {
            1.0 - p - survival(shape, log.exp())
        }
    };
    // P(k, x) ≤ x^k/Γ(k + 1) gives a lower end.
    let low = ((p.ln() + ln_gamma(shape + 1.0)) / shape).min(shape.ln());
    let least = f64::MIN_POSITIVE.ln();
    if low < least && excess(least) >= 0.0 {
        return 0.0;
    }
    let mut high = low.max((shape + 1.0).ln());
    while excess(high) < 0.0 {
        if high > 700.0 {
            return f64::INFINITY;
        }
        high += 1.0;
    }
    // Rounding may hide the change of sign where the lower end is the quantile.
    root(excess, low, high, 0.0).unwrap_or(low).exp()
}
