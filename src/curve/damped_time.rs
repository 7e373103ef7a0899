//! Damped time, the quantity by which the curves with a ceiling differ from the exponential curve.

use super::BATCH;
use crate::numeric::vector_exp_ln::{LANES, polynomial};

/// Time, damped at a rate r, after t years, at `N` times; r may be below 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damped<const N: usize> {
    /// e^(−rt), what is left of the growth.
    pub(super) left: [f64; N],
    /// D(t; r) = (1 − e^(−rt))/r, and t for r = 0.
    pub(super) time: [f64; N],
    /// The derivative of D(t; r) by r.
    pub(super) slope: [f64; N],
}

/// Below this |rt| the closed form of damped time would lose digits to the difference that it takes.
const NEAR_ZERO: f64 = 0.2;

/// The derivative of D by r, over −t², is Σ (n + 1)/(n + 2)!·(−x)ⁿ with x = rt. The first term left out is
/// below 1e-17.
const SLOPE: [f64; 12] = {
    let (mut all, mut n, mut factorial) = ([0.0; 12], 0, 1.0);
    while n < all.len() {
        factorial *= n as f64 + 2.0;
        all[n] = (n as f64 + 1.0) / factorial;
        n += 1;
    }
    all
};

impl Damped<1> {
    #[inline]
    pub(super) fn at(t: f64, r: f64) -> Self {
        let x = r * t;
        if x.abs() < NEAR_ZERO {
            // By the series q = (1 − (1 + x)·e^(−x))/x², since 1 + x·q = (1 + x)·(1 − e^(−x))/x.
            let q = polynomial(-x, &SLOPE);
            let time = (1.0 + x * q) / (1.0 + x);
            return Self::of(1.0 - x * time, t * time, -t * t * q);
        }
        // One of the two is always exact: e^(−x) where it is small, e^(−x) − 1 elsewhere.
        let (left, lost) = if x > std::f64::consts::LN_2 {
            let left = (-x).exp();
            (left, 1.0 - left)
        } else {
            let lost = -(-x).exp_m1();
            (1.0 - lost, lost)
        };
        let time = lost / r;
        Self::of(left, time, (t * left - time) / r)
    }

    #[inline]
    const fn of(left: f64, time: f64, slope: f64) -> Self {
        Self {
            left: [left],
            time: [time],
            slope: [slope],
        }
    }

    /// Sets another one to that at the times `span` years after `later`, with this for the first `span` years:
    ///
    /// > e^(−r(a + b)) = e^(−ra)·e^(−rb),  D(a + b) = D(a) + e^(−ra)·D(b),
    ///
    /// and its derivative by r. For times after 0 all terms have one sign, so that nothing cancels.
    #[inline]
    fn then<const N: usize>(&self, span: f64, later: &Damped<N>, to: &mut Damped<N>) {
        let (left, time, slope) = (self.left[0], self.time[0], self.slope[0]);
        for i in 0..N {
            to.left[i] = left * later.left[i];
            to.time[i] = time + left * later.time[i];
            to.slope[i] = slope + left * (later.slope[i] - span * later.time[i]);
        }
    }
}

impl<const N: usize> Damped<N> {
    /// At time 0.
    pub(super) const START: Self = Self {
        left: [1.0; N],
        time: [0.0; N],
        slope: [0.0; N],
    };

    #[inline]
    fn set(&mut self, i: usize, one: Damped<1>) {
        (self.left[i], self.time[i], self.slope[i]) = (one.left[0], one.time[0], one.slope[0]);
    }

    /// 1/(1 − p·D(t; κ + p)) at each time, for the damping κ and the pull p = v·g: infinite past the
    /// curve's pole. With p above 0 its inverse is a sum of positive numbers in the first form, and with
    /// p below 0 in the second, after time 0. Long before it a falling curve is a difference in both: of the
    /// smaller numbers in the first form where κ < −p·(1 − 2e^(−rt)), which is never the case after time 0.
    #[inline]
    pub(super) fn rises(&self, damping: f64, pull: f64) -> [f64; N] {
        if pull > 0.0 {
            let rate = damping + pull;
            self.left.map(|left| rate / positive(damping + pull * left))
        } else {
            let mut all = self.time.map(|time| 1.0 / positive(1.0 - pull * time));
            for (rises, left) in all.iter_mut().zip(&self.left) {
                if damping < -pull * (1.0 - 2.0 * left) {
                    *rises = -(damping + pull) / positive(-(damping + pull * left));
                }
            }
            all
        }
    }
}

/// The number where it is positive, otherwise 0; one instruction, unlike `max`, which minds NaN.
#[inline]
fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}

/// Writes damped time at up to [`BATCH`] times, [`LANES`] of them in each entry; places past the last time hold
/// numbers without meaning. All entries are at time 0 before.
///
/// At equally spaced times, as years are, it takes two exponentials for all of them.
#[inline]
pub(super) fn at_all(times: &[f64], rate: f64, all: &mut [Damped<LANES>; BATCH / LANES]) {
    let Some(spacing) = spacing(times) else {
        for (part, times) in all.iter_mut().zip(times.chunks(LANES)) {
            for (i, t) in times.iter().enumerate() {
                part.set(i, Damped::at(*t, rate));
            }
        }
        return;
    };
    if times[0] > 0.0 {
        all[0].set(0, Damped::at(times[0], rate));
    }
    // Each turn doubles what there is.
    let (mut step, mut span, mut have) = (Damped::at(spacing, rate), spacing, 1);
    let mut later = Damped::START;
    while have < LANES {
        step.then(span, &all[0], &mut later);
        for i in 0..have {
            all[0].left[have + i] = later.left[i];
            all[0].time[have + i] = later.time[i];
            all[0].slope[have + i] = later.slope[i];
        }
        let half = step;
        half.then(span, &half, &mut step);
        (span, have) = (2.0 * span, 2 * have);
    }
    for i in 1..times.len().div_ceil(LANES) {
        let (done, rest) = all.split_at_mut(i);
        step.then(span, &done[i - 1], &mut rest[0]);
    }
}

/// The distance between neighbouring times, where it is the same for all and none is before 0.
#[inline]
fn spacing(times: &[f64]) -> Option<f64> {
    let [first, second, ..] = times else {
        return None;
    };
    let spacing = second - first;
    // Equal numbers differ by 0, all of whose bits are 0.
    let mut uneven = 0;
    for (a, b) in times.iter().zip(&times[1..]) {
        uneven |= (b - a - spacing).to_bits();
    }
    (uneven == 0 && spacing > 0.0 && *first >= 0.0).then_some(spacing)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D and dD/dr against their defining integrals ∫₀ᵗ e^(−rs) ds and −∫₀ᵗ s·e^(−rs) ds, by
    /// Gauss–Legendre quadrature with 5 nodes on 400 panels; both sides of the series' border.
    #[test]
    fn damped_time_is_its_integral() {
        const NODES: [(f64, f64); 5] = [
            (0.0, 0.568_888_888_888_888_9),
            (0.538_469_310_105_683, 0.478_628_670_499_366_47),
            (-0.538_469_310_105_683, 0.478_628_670_499_366_47),
            (0.906_179_845_938_664, 0.236_926_885_056_189_1),
            (-0.906_179_845_938_664, 0.236_926_885_056_189_1),
        ];
        for t in [0.5, 1.0, 7.0, 21.0, -3.0] {
            for r in [
                -0.3, -0.01, -1e-5, 0.0, 1e-9, 1e-4, 0.0042, 0.0043, 0.029_99, 0.030_01, 0.4, 2.0,
            ] {
                let (mut integral, mut derivative) = (0.0, 0.0);
                let half = t / 800.0;
                for panel in 0..400 {
                    for (x, w) in NODES {
                        let s = half * (2.0 * f64::from(panel) + 1.0 + x);
                        let f = half * w * (-r * s).exp();
                        integral += f;
                        derivative -= s * f;
                    }
                }
                let damped = Damped::at(t, r);
                approx::assert_relative_eq!(damped.time[0], integral, max_relative = 1e-13);
                approx::assert_relative_eq!(damped.slope[0], derivative, max_relative = 1e-12);
                approx::assert_relative_eq!(damped.left[0], (-r * t).exp(), max_relative = 1e-15);
            }
        }
    }
}
