//! How many of a cohort have arrived in each line by a data cut.

use super::super::follow_up::FollowUp;
use super::super::sojourn::Distribution;
use super::convolution::{Moments, Path, Weights, interpolate};
use super::integrals::Grid;
use crate::error::{Error, Result};
use crate::numeric::quadrature::integrate;
use crate::pathway::flow_options::Entry;

/// Steps of the first grid, and of those that are compared with the one before, a year or in all.
const FIRST: usize = 32;
const STEPS: [usize; 4] = [64, 128, 256, 512];
/// Largest difference between two grids.
const TOLERANCE: f64 = 1e-8;
/// An accrual shorter than this, in years, is one day: the mean over it would be lost to rounding.
const ONE_DAY: f64 = 1e-6;

/// Of those who pass through states with these sojourn times, the part that has left the first one, the first two,
/// … by the data cut.
pub(in crate::pathway) fn arrivals(
    times: &[Distribution],
    follow_up: FollowUp,
) -> Result<Vec<f64>> {
    follow_up.check()?;
    let (years, accrual, growth) = match follow_up {
        FollowUp::Fixed(years) => (years, 0.0, 0.0),
        FollowUp::Accrual {
            accrual,
            further,
            growth,
        } if accrual >= ONE_DAY => (further, accrual, growth),
        FollowUp::Accrual {
            accrual, further, ..
        } => (further + accrual / 2.0, 0.0, 0.0),
    };
    let on_grid = |steps: usize| match accrual {
        0.0 => after(times, years, steps),
        _ => over_accrual(times, [years, years + accrual], growth, steps),
    };
    let mut before = on_grid(FIRST);
    for steps in STEPS {
        let now = on_grid(steps);
        let mut both = now.iter().zip(&before);
        if both.all(|(a, b)| (a - b).abs() <= TOLERANCE) {
            return Ok(now);
        }
        before = now;
    }
    Err(Error::not_converged(
        "the arrivals in the lines were not found within 1e-8: a sojourn time is too short or too steep",
    ))
}

/// Of a cohort diagnosed on one day, the part that has left each state some years later.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 400 years.
fn after(times: &[Distribution], years: f64, per_year: usize) -> Vec<f64> {
    let steps = years.max(1.0).ceil() as usize * per_year;
    let step = years / steps as f64;
    let grid = Grid::new(step, steps + times.len() + 6);
    let mut path = Path::nobody(steps + times.len() + 6);
    let mut buffer = Vec::new();
    // At once, and after the years.
    let mut left = vec![1.0, 1.0];
    let mut at_once = Moments::at_once(1.0);
    times
        .iter()
        .map(|time| {
            let weights = weights(&grid, time, step, &mut buffer);
            let smooth = weights.leaving_smoothly(&path, &at_once, step);
            (left, at_once) = weights.leaving(&path, (&left, &at_once), (step, steps));
            path = smooth;
            path.take(&mut at_once, step);
            // Between 0 and 1 but for rounding and the error of the grid.
            left[1].clamp(0.0, 1.0)
        })
        .collect()
}

/// Of a cohort whose diagnoses grow at a rate until a time before the data cut, the part that has left each state:
/// (∫ J′(u) e^(−growth·(u − last)) du)/(∫ e^(−growth·(u − last)) du) over u from the last to the first of them,
/// by parts.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 400 years.
fn over_accrual(
    times: &[Distribution],
    [last, first]: [f64; 2],
    growth: f64,
    per_year: usize,
) -> Vec<f64> {
    let step = 1.0 / per_year as f64;
    let points = (first.ceil() as usize) * per_year + times.len() + 6;
    let grid = Grid::new(step, points);
    let mut path = Path::straight(1.0, step, points);
    let mut buffer = Vec::new();
    let weight = |u: f64| (-growth * (u - last)).exp();
    let all = if growth == 0.0 {
        first - last
    } else {
        -(-growth * (first - last)).exp_m1() / growth
    };
    // Year by year, so that a bend does not fall between the nodes.
    let years = (0_u8..200).map(|year| last + f64::from(year));
    let breaks: Vec<f64> = years.take_while(|u| *u < first).chain([first]).collect();
    times
        .iter()
        .map(|time| {
            path = weights(&grid, time, step, &mut buffer).convolve(&path);
            let at = |u: f64| interpolate(&path.values, u / step);
            let inner = match growth {
                0.0 => 0.0,
                _ => growth * integrate(&breaks, |u| at(u) * weight(u)).0,
            };
            // Between 0 and 1 but for rounding and the error of the grid.
            ((at(first) * weight(first) - at(last) + inner) / all).clamp(0.0, 1.0)
        })
        .collect()
}

fn weights(grid: &Grid, time: &Distribution, step: f64, buffer: &mut Vec<f64>) -> Weights {
    let integrals = grid.integrals(time, buffer).fine;
    Weights::new(&integrals, step, time, Entry::MidYear)
}
