//! Starting points around a given one.

use super::objective::Bounds;
use super::triangle::MAX_PARAMETERS;

/// Greatest factor by which a coordinate is scaled up or down, in powers of ten, at the first and
/// at the last point: near ones first.
const DECADES: (f64, f64) = (0.3, 2.0);

/// `count` deterministic points scattered around a start, inside the box; entries past the number of parameters are
/// zero.
///
/// Points of an additive recurrence of low discrepancy (Roberts' `R_k` sequence, a Kronecker
/// sequence with the powers of the root of `x^(k+1) = x + 1`) spread them evenly in any number of
/// parameters. A coordinate keeps its sign and changes by a factor, from within 2 of it at the
/// first point to within 100 at the last; a coordinate that is zero takes values between −1 and 1
/// times the mean magnitude of the others. A parameter bounded on both sides is spread over its
/// interval instead.
pub(crate) fn scattered_starts(
    start: &[f64],
    bounds: &Bounds,
    count: usize,
) -> impl Iterator<Item = [f64; MAX_PARAMETERS]> {
    let k = bounds.len();
    // Newton's method from above the root, where the function is convex.
    let mut root = 1.7_f64;
    for _ in 0..12 {
        let power = (0..k).fold(1.0, |power, _| power * root);
        root -= (root * power - root - 1.0) / ((k as f64 + 1.0) * power - 1.0);
    }
    let mean = start.iter().map(|x| x.abs()).sum::<f64>() / k as f64;
    let zero_scale = if mean > 0.0 && mean.is_finite() {
        mean
    } else {
        1.0
    };
    (0..count).map(move |index| {
        let progress = index as f64 / (count - 1).max(1) as f64;
        let decades = DECADES.0 + (DECADES.1 - DECADES.0) * progress;
        let mut theta = [0.0; MAX_PARAMETERS];
        let mut weight = 1.0;
        for (j, (to, x)) in theta.iter_mut().zip(start).enumerate() {
            let [lower, upper] = bounds.of(j);
            weight /= root;
            let u = (0.5 + weight * (index as f64 + 1.0)).fract();
            let width = upper - lower;
            let value = if width.is_finite() {
                lower + u * width
            } else if *x == 0.0 {
                (2.0 * u - 1.0) * zero_scale
            } else {
                x * 10.0_f64.powf(decades * (2.0 * u - 1.0))
            };
            *to = value.clamp(lower.max(-f64::MAX), upper.min(f64::MAX));
        }
        theta
    })
}
