//! How many of a cohort have arrived in each line by a data cut.

use super::super::follow_up::FollowUp;
use super::super::sojourn::Distribution;
use super::convolution::{Grid, Path};
use crate::error::{ErrorKind, Result};
use crate::numeric::quadrature::integrate;

/// Steps a year of the first grid, and of the finest.
const FIRST: usize = 32;
const FINEST: usize = 512;
/// Largest difference between two grids.
const TOLERANCE: f64 = 1e-8;

/// Of those who pass through states with these sojourn times, the part that has left the first one, the first two,
/// … by the data cut.
pub(in crate::pathway) fn arrivals(
    times: &[Distribution],
    follow_up: FollowUp,
) -> Result<Vec<f64>> {
    follow_up.check()?;
    let mut per_year = FIRST;
    let mut before = on_grid(times, follow_up, per_year);
    while per_year < FINEST {
        per_year *= 2;
        let now = on_grid(times, follow_up, per_year);
        let change = now.iter().zip(&before).map(|(a, b)| (a - b).abs());
        if change.fold(0.0, f64::max) <= TOLERANCE {
            return Ok(now);
        }
        before = now;
    }
    Err(ErrorKind::Unsuitable(
        "the arrivals in the lines were not found within 1e-8: a sojourn time is too short or too steep"
            .to_owned(),
    )
    .into())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 400 years.
fn on_grid(times: &[Distribution], follow_up: FollowUp, per_year: usize) -> Vec<f64> {
    let horizon = match follow_up {
        FollowUp::Fixed(years) => years,
        FollowUp::Accrual {
            accrual, further, ..
        } => accrual + further,
    };
    let points = (horizon.ceil() as usize) * per_year + times.len() + 6;
    let grid = Grid::new(per_year, points);
    let mut path = Path::straight(1.0, 1.0 / per_year as f64, points);
    let mut buffer = Vec::new();
    times
        .iter()
        .map(|distribution| {
            let weights = grid.moments(distribution, &mut buffer).weights(per_year);
            path = weights.convolve(&path);
            let at = |t: f64| interpolate(&path.values, t * per_year as f64);
            match follow_up {
                // J′ is the distribution function; by central differences of the cubic's own order.
                FollowUp::Fixed(years) => {
                    let h = (2.0 / per_year as f64).min(years / 4.0);
                    (at(years - 2.0 * h) - 8.0 * at(years - h) + 8.0 * at(years + h)
                        - at(years + 2.0 * h))
                        / (12.0 * h)
                }
                FollowUp::Accrual {
                    accrual,
                    further,
                    growth,
                } => {
                    // ∫ J′(further + u) e^(−growth·u) du by parts.
                    let weight = |u: f64| (-growth * u).exp();
                    let (inner, all) = if growth == 0.0 {
                        (0.0, accrual)
                    } else {
                        let f = |u: f64| at(further + u) * weight(u);
                        // Year by year, so that a bend does not fall between the nodes.
                        let years = (0_u8..200).map(f64::from).take_while(|u| *u < accrual);
                        let breaks: Vec<f64> = years.chain([accrual]).collect();
                        (
                            growth * integrate(&breaks, f).0,
                            -(-growth * accrual).exp_m1() / growth,
                        )
                    };
                    (at(further + accrual) * weight(accrual) - at(further) + inner) / all
                }
            }
            .clamp(0.0, 1.0)
        })
        .collect()
}

/// The cubic through the four points around a position on the grid.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Positions are not negative.
fn interpolate(values: &[f64], position: f64) -> f64 {
    let cell = (position.max(0.0) as usize).clamp(1, values.len() - 3);
    let x = position - cell as f64;
    let [a, b, c, d] = [cell - 1, cell, cell + 1, cell + 2].map(|i| values[i]);
    -x * (x - 1.0) * (x - 2.0) / 6.0 * a + (x + 1.0) * (x - 1.0) * (x - 2.0) / 2.0 * b
        - (x + 1.0) * x * (x - 2.0) / 2.0 * c
        + (x + 1.0) * x * (x - 1.0) / 6.0 * d
}
