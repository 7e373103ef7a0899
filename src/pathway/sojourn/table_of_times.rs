//! Sojourn times that are read from a table.

use crate::error::{Error, Result};
use crate::number_checks::Place;

/// The most points of a table.
const MAX_POINTS: usize = 10_000;

/// A distribution function given by points and linear in between, as one reads it off a
/// Kaplan–Meier curve.
///
/// Times (years, finite, not negative) and probabilities, in [0, 1], do not fall, and the last probability is 1: a
/// sojourn ends some time, and where a curve stops short the user has to say how it goes on. Two points at one time are
/// a step. Before the first point nobody has left; a first point at time 0 above 0 leave at once.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pathway) struct Table {
    times: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Table {
    /// A table, checked; `place` is what errors call it.
    pub(super) fn new(times: Vec<f64>, probabilities: Vec<f64>, place: &str) -> Result<Self> {
        if times.len() != probabilities.len() || !(2..=MAX_POINTS).contains(&times.len()) {
            return Err(Error::unsuitable(format!(
                "the table of the sojourn time of {place} has {} times and {} probabilities: it needs as \
                 many of both, from 2 to {MAX_POINTS}",
                times.len(),
                probabilities.len()
            )));
        }
        let (mut time, mut probability) = (0.0, 0.0);
        for (i, (&t, &p)) in times.iter().zip(&probabilities).enumerate() {
            let at = format!("{place}, point {} of the table", i + 1);
            let later = i == 0 || t >= time;
            let allowed = "not negative, at most 1e6, and not before the point before";
            let holds = later && (0.0..=1e6).contains(&t);
            Place(&at).check(holds, "time of the sojourn time", t, allowed)?;
            let holds = (probability..=1.0).contains(&p);
            let allowed = "between 0 and 1 and not below the point before";
            Place(&at).check(holds, "probability of the sojourn time", p, allowed)?;
            (time, probability) = (t, p);
        }
        let (place, last) = (Place(place), "last probability of the sojourn time");
        let allowed = "1: a sojourn ends some time";
        place.check(probability >= 1.0, last, probability, allowed)?;
        place.check(
            times[0] <= 0.0 || probabilities[0] <= 0.0,
            "first probability of the sojourn time",
            probabilities[0],
            "0, unless its time is 0: two points at one time are a step",
        )?;
        Ok(Self {
            times,
            probabilities,
        })
    }

    /// The times of the points, in years.
    pub(in crate::pathway) fn times(&self) -> &[f64] {
        &self.times
    }

    /// The probabilities of having left by then.
    pub(in crate::pathway) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    pub(in crate::pathway) fn cdf(&self, t: f64) -> f64 {
        match self.times.partition_point(|&time| time <= t) {
            0 => 0.0,
            n if n == self.times.len() => 1.0,
            n => between(&self.times, &self.probabilities, n, t),
        }
    }

    /// The times at which the function steps up, and by how much.
    pub(super) fn steps(&self) -> Vec<(f64, f64)> {
        let points: Vec<(f64, f64)> = (self.times.iter().copied())
            .zip(self.probabilities.iter().copied())
            .collect();
        let first = Some(points[0]).filter(|(_, p)| *p > 0.0);
        let within = points.windows(2).filter(|pair| pair[1].0 <= pair[0].0);
        let within = within.map(|pair| (pair[1].0, pair[1].1 - pair[0].1));
        first
            .into_iter()
            .chain(within)
            .filter(|(_, p)| *p > 0.0)
            .collect()
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        // The last probability is 1.
        match self.probabilities.partition_point(|&q| q < p) {
            0 => self.times[0],
            n => between(&self.probabilities, &self.times, n, p),
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.times
            .windows(2)
            .zip(self.probabilities.windows(2))
            .map(|(t, p)| f64::midpoint(t[0], t[1]) * (p[1] - p[0]))
            .sum()
    }

    pub(super) fn scaled(&self, factor: f64, place: &str) -> Result<Self> {
        let times = self.times.iter().map(|t| t * factor).collect();
        Self::new(times, self.probabilities.clone(), place)
    }
}

/// The value at `x`, on the straight line that ends at point `n`.
fn between(xs: &[f64], ys: &[f64], n: usize, x: f64) -> f64 {
    let (x0, x1) = (xs[n - 1], xs[n]);
    let (y0, y1) = (ys[n - 1], ys[n]);
    y0 + (y1 - y0) * ((x - x0) / (x1 - x0))
}
