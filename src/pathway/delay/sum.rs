//! The sum of two independent times: its distribution function, by quadrature.

use super::{Delay, exact};
use crate::error::{Error, Result};
use crate::numeric::quadrature::integrate;
use crate::pathway::flow_options::Entry;
use crate::pathway::sojourn::{Distribution, Form, SAME_MOMENT};

/// Probabilities whose quantiles divide the range of integration, so that a narrow distribution is not missed.
const LANDMARKS: [f64; 9] = [1e-6, 1e-3, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0 - 1e-6];

/// The sum of two independent times.
pub(super) struct Sum {
    pub(super) first: Distribution,
    pub(super) second: Distribution,
}

impl Sum {
    pub(super) fn of(delay: &Delay) -> Self {
        Self {
            first: delay.first_line.distribution().clone(),
            second: delay.second_line.distribution().clone(),
        }
    }

    /// With the time scales multiplied.
    pub(super) fn scaled(&self, [first, second]: [f64; 2]) -> Result<Self> {
        let place = "a draw of the delay";
        Ok(Self {
            first: self.first.scaled(first, place)?,
            second: self.second.scaled(second, place)?,
        })
    }

    /// Where either factor of the convolution at t may bend.
    fn breaks(&self, t: f64) -> Vec<f64> {
        let mut breaks = vec![0.0, t];
        for (time, mirrored) in [(&self.first, false), (&self.second, true)] {
            let marks = marks(time).into_iter();
            breaks.extend(marks.map(|s| if mirrored { t - s } else { s }));
        }
        breaks.retain(|s| (0.0..=t).contains(s));
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }

    /// ∫₀ᵗ F₁(s) F₂(t − s) ds, with an estimate of its error.
    pub(super) fn integral(&self, t: f64) -> (f64, f64) {
        if t <= 0.0 {
            return (0.0, 0.0);
        }
        if let (Some(a), Some(b)) = (exponential(&self.first), exponential(&self.second))
            && t > 0.01 * (a + b)
        {
            // ∫₀ᵗ (1 − e^(−s/a)) (1 − e^(−(t − s)/b)) ds; the last term is ∫ e^(−s/a − (t − s)/b) ds,
            // written so that equal scales are no special case.
            let (long, short) = (a.max(b), a.min(b));
            let x = t * (1.0 / short - 1.0 / long);
            let mean = if x > 0.0 { -(-x).exp_m1() / x } else { 1.0 };
            let value =
                t + a * (-t / a).exp_m1() + b * (-t / b).exp_m1() + t * (-t / long).exp() * mean;
            return (value, 4.0 * f64::EPSILON * t);
        }
        let f = |s: f64| self.first.cdf(s) * self.second.cdf(t - s);
        integrate(&self.breaks(t), f)
    }

    /// ∫₀ᵗ F₂(t − s) dF₁(s), with an estimate of its error. In u = F₁(s) it is ∫₀^F₁(t) F₂(t − Q₁(u)) du, without a
    /// density.
    pub(super) fn cdf(&self, t: f64) -> (f64, f64) {
        match (&self.first, &self.second) {
            (Distribution::None, other) | (other, Distribution::None) => {
                (other.cdf(t), f64::EPSILON)
            }
            (first, second) => {
                let both_step = [first, second].iter().all(|time| !time.steps().is_empty());
                let t = if both_step { t + SAME_MOMENT } else { t };
                let whole = first.cdf(t);
                // An atom at 0 is the lower end of the integral's range.
                let atom = first.cdf(0.0);
                let mut breaks: Vec<f64> =
                    self.breaks(t).into_iter().map(|s| first.cdf(s)).collect();
                breaks.extend([atom, whole]);
                // Where the first steps, from one of these to the next.
                if let Distribution::Table(table) = first {
                    breaks.extend(table.probabilities());
                }
                breaks.retain(|u| (atom..=whole).contains(u));
                breaks.sort_by(f64::total_cmp);
                breaks.dedup();
                // A quantile of at most t, but for rounding.
                let f = |u: f64| second.cdf((t - first.quantile(u)).max(0.0));
                let (integral, error) = integrate(&breaks, f);
                // Between 0 and 1 but for the error that is stated.
                ((atom * second.cdf(t) + integral).clamp(0.0, 1.0), error)
            }
        }
    }

    /// Of a cohort, the part whose time ends in the year of entry, in the year after, and so on, with an
    /// estimate of the largest error.
    pub(super) fn yearly(&self, years: usize, entry: Entry) -> (Vec<f64>, f64) {
        let mut worst = 0.0_f64;
        let mut keep = |(value, error): (f64, f64)| {
            worst = worst.max(if value.is_finite() {
                error
            } else {
                f64::INFINITY
            });
            value
        };
        let (ended, terms): (Vec<f64>, f64) = match entry {
            // By the end of a year: the mean of the distribution function over the cohort's times since entry.
            Entry::UniformOverYear => {
                let integrals = (0..=years).map(|t| keep(self.integral(t as f64)));
                let integrals: Vec<f64> = integrals.collect();
                let means = integrals.windows(2).map(|pair| pair[1] - pair[0]);
                (means.collect(), 4.0)
            }
            Entry::MidYear => {
                let ended = (0..years).map(|t| keep(self.cdf(t as f64 + 0.5)));
                (ended.collect(), 2.0)
            }
        };
        let parts = (0..years).map(|y| {
            let before = if y == 0 { 0.0 } else { ended[y - 1] };
            // Not negative but for the error that is stated.
            (ended[y] - before).max(0.0)
        });
        // A part is a difference of so many numbers.
        (parts.collect(), terms * worst)
    }
}

/// Times that divide the range of an integral: where the distribution bends, or does most of its rise.
fn marks(time: &Distribution) -> Vec<f64> {
    match time {
        Distribution::Table(table) => table.times().to_vec(),
        time => LANDMARKS.iter().map(|p| time.quantile(*p)).collect(),
    }
}

/// The mean of an exponential time.
fn exponential(distribution: &Distribution) -> Option<f64> {
    match distribution {
        Distribution::Of {
            form: Form::Exponential,
            scale,
            ..
        } => Some(*scale),
        _ => None,
    }
}

/// E[e^(−rate·T)] = 1 − rate ∫₀^∞ e^(−rate·t) (1 − F(t)) dt.
pub(super) fn laplace(distribution: &Distribution, rate: f64) -> Result<f64> {
    if *distribution == Distribution::None || rate == 0.0 {
        return Ok(1.0);
    }
    if let Some(scale) = exponential(distribution)
        && 1.0 + rate * scale > 0.0
    {
        return Ok(1.0 / (1.0 + rate * scale));
    }
    let mut breaks = vec![0.0];
    breaks.extend(marks(distribution));
    // Past the last of them the integrand has to die out; panels of twice the length each.
    let mut end = breaks[breaks.len() - 1];
    let tail = |t: f64| (-rate * t).exp() * distribution.survival(t);
    for _ in 0..60 {
        if tail(end) * end < 1e-14 {
            break;
        }
        end *= 2.0;
        breaks.push(end);
    }
    breaks.dedup();
    let (integral, error) = integrate(&breaks, tail);
    let value = 1.0 - rate * integral;
    if value.is_finite() && value > 0.0 && tail(end) * end < 1e-9 {
        return exact((value, rate.abs() * error), value);
    }
    Err(Error::unsuitable(format!(
        "the delay has so long a tail that starts have no steady ratio to diagnoses at a growth \
         of {rate} a year"
    )))
}
