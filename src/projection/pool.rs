//! The linear pool.

use ndarray::{Array2, Axis};
use rand::RngExt;
use rayon::prelude::*;

use super::Projection;
use crate::draws::{YearlyDraws, years_at_a_time};
use crate::error::{Error, Result};
use crate::known_names::each_once;
use crate::number_checks::Place;
use crate::random::Seed;

pub(super) fn pool(projections: &[&Projection], weights: &[f64], seed: Seed) -> Result<Projection> {
    let Some((first, others)) = projections.split_first() else {
        return Err(Error::unsuitable("a linear pool of no projections"));
    };
    for other in others {
        check_alike(first, other)?;
    }

    let ends = running_shares(weights)?;
    let draws = first.new_cases.len();
    let member = seed.stream("pool").draws(draws, |rng| match &ends {
        None => rng.random_range(0..projections.len()),
        Some(ends) => {
            let at: f64 = rng.random();
            ends.partition_point(|&end| end <= at)
        }
    });

    let views: Vec<_> = projections.iter().map(|p| p.new_cases.view()).collect();
    let mut cases = Array2::zeros(first.new_cases.view().raw_dim());
    cases
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .with_min_len(years_at_a_time(draws))
        .enumerate()
        .for_each(|(year, mut row)| {
            let of_year: Vec<_> = views.iter().map(|view| view.row(year)).collect();
            for (draw, (cell, &from)) in row.iter_mut().zip(&member).enumerate() {
                *cell = of_year[from][draw];
            }
        });

    let curves = projections.iter().flat_map(|p| p.curves.iter().cloned());
    let weighted = projections.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    let cautions = weighted.flat_map(|(member, _)| member.cautions.iter().cloned());
    Ok(Projection {
        region: first.region.clone(),
        curves: each_once(curves),
        uses_published_projection: projections.iter().any(|p| p.uses_published_projection),
        replaced: member
            .iter()
            .enumerate()
            .map(|(draw, &from)| projections[from].replaced[draw])
            .collect(),
        shapes: Vec::new(),
        cautions: each_once(cautions),
        new_cases: YearlyDraws::from_valid(first.new_cases.first_year(), cases),
    })
}

/// Where the share of each member ends between 0 and 1, the last at infinity; `None` where all weights
/// are equal.
fn running_shares(weights: &[f64]) -> Result<Option<Vec<f64>>> {
    let total: f64 = weights.iter().sum();
    for &weight in weights {
        let holds = weight.is_finite() && weight >= 0.0 && total > 0.0 && total.is_finite();
        let allowed = "finite, not negative, and not 0 for all curves";
        Place("a linear pool").check(holds, "the weight of a curve", weight, allowed)?;
    }
    if weights
        .windows(2)
        .all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
    {
        return Ok(None);
    }
    let mut sum = 0.0;
    let mut ends: Vec<f64> = weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect();
    // The last member that has any weight ends the line, whatever the sum was rounded to.
    if let Some(last) = weights.iter().rposition(|&weight| weight > 0.0) {
        ends[last..].fill(f64::INFINITY);
    }
    Ok(Some(ends))
}

fn check_alike(first: &Projection, other: &Projection) -> Result<()> {
    let of = |p: &Projection| {
        let years = p.new_cases.years();
        format!(
            "{} draws of {}, {} to {}",
            p.new_cases.len(),
            p.region,
            years.start(),
            years.end()
        )
    };
    let alike = first.region == other.region
        && first.new_cases.years() == other.new_cases.years()
        && first.new_cases.len() == other.new_cases.len();
    if alike {
        return Ok(());
    }
    Err(Error::mismatch(format!(
        "cannot pool {} with {}",
        of(first),
        of(other)
    )))
}
