//! Starting points around a given one.

use super::linalg::MAX_PARAMETERS;
use super::objective::Bounds;

/// Greatest factor by which a coordinate is scaled up or down, in powers of ten, at the first and
/// at the last point: near ones first.
const DECADES: (f64, f64) = (0.3, 2.0);

/// A starting point; entries past the number of parameters are zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Start(pub [f64; MAX_PARAMETERS]);

/// Deterministic points scattered around a start, inside the box.
///
/// Points of an additive recurrence of low discrepancy (Roberts' `R_k` sequence, a Kronecker
/// sequence with the powers of the root of `x^(k+1) = x + 1`) spread them evenly in any number of
/// parameters. A coordinate keeps its sign and changes by a factor, from within 2 of it at the
/// first point to within 100 at the last; a coordinate that is zero takes values between −1 and 1
/// times the mean magnitude of the others. A parameter bounded on both sides is spread over its
/// interval instead.
#[derive(Debug, Clone)]
pub(crate) struct ScatteredStarts<'a> {
    centre: [f64; MAX_PARAMETERS],
    bounds: &'a Bounds,
    weights: [f64; MAX_PARAMETERS],
    next: usize,
    count: usize,
}

/// `count` points scattered around `start`, inside the bounds; coordinates past the end of `start`
/// or of the bounds count as zero.
#[must_use]
pub(crate) fn scattered_starts<'a>(
    start: &[f64],
    bounds: &'a Bounds,
    count: usize,
) -> ScatteredStarts<'a> {
    let mut centre = [0.0; MAX_PARAMETERS];
    for (to, from) in centre.iter_mut().zip(start) {
        *to = *from;
    }
    ScatteredStarts::around(&centre, bounds, count)
}

impl<'a> ScatteredStarts<'a> {
    pub(crate) fn around(centre: &[f64; MAX_PARAMETERS], bounds: &'a Bounds, count: usize) -> Self {
        let k = bounds.len().max(1);
        // Newton's method from above the root, where the function is convex.
        let mut root = 1.7_f64;
        for _ in 0..12 {
            let power = (0..k).fold(1.0, |power, _| power * root);
            root -= (root * power - root - 1.0) / ((k as f64 + 1.0) * power - 1.0);
        }
        let mut weights = [0.0; MAX_PARAMETERS];
        let mut weight = 1.0;
        for w in &mut weights[..k] {
            weight /= root;
            *w = weight;
        }
        Self {
            centre: *centre,
            bounds,
            weights,
            next: 0,
            count,
        }
    }
}

impl Iterator for ScatteredStarts<'_> {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        if self.next >= self.count {
            return None;
        }
        let index = self.next;
        self.next += 1;
        let progress = if self.count > 1 {
            index as f64 / (self.count - 1) as f64
        } else {
            0.0
        };
        let decades = DECADES.0 + (DECADES.1 - DECADES.0) * progress;
        let k = self.bounds.len();
        let mean = self.centre[..k].iter().map(|x| x.abs()).sum::<f64>() / k.max(1) as f64;
        let zero_scale = if mean > 0.0 && mean.is_finite() {
            mean
        } else {
            1.0
        };
        let mut theta = [0.0; MAX_PARAMETERS];
        for (j, start) in theta[..k].iter_mut().enumerate() {
            let (lower, upper) = (self.bounds.lower()[j], self.bounds.upper()[j]);
            let u = (0.5 + self.weights[j] * (index as f64 + 1.0)).fract();
            let x = self.centre[j];
            let width = upper - lower;
            let value = if width.is_finite() {
                lower + u * width
            } else if x == 0.0 {
                (2.0 * u - 1.0) * zero_scale
            } else {
                x * 10.0_f64.powf(decades * (2.0 * u - 1.0))
            };
            *start = value.clamp(lower.max(-f64::MAX), upper.min(f64::MAX));
        }
        Some(Start(theta))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count - self.next;
        (left, Some(left))
    }
}
