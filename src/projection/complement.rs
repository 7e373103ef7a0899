//! The complement of a part in its whole, draws that fit together, and draws that are multiplied.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};

/// The complement of a part in its whole, such as the world without China: the difference, draw by draw,
/// in the years that both have.
///
/// Draw *k* of both has to be of one coherent world, that is, from the same seed.
///
/// # Errors
///
/// Where the two have no year in common or differ in the number of draws, and
/// [`ErrorKind::OutOfRange`] where the part is not smaller than the whole in every draw. In an
/// [`Outlook`](crate::Outlook) it is.
///
/// # Example
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::ndarray::array;
/// use myeloma_epi::projection::complement;
///
/// let whole = YearlyDraws::new(2024, array![[100.0, 110.0], [105.0, 118.0]])?;
/// let part = YearlyDraws::new(2024, array![[10.0, 20.0], [15.0, 18.0]])?;
/// assert_eq!(complement(&whole, &part)?.year(2025)?.to_vec(), [90.0, 100.0]);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn complement(whole: &YearlyDraws, part: &YearlyDraws) -> Result<YearlyDraws> {
    complement_from(whole, part, i32::MIN)
}

/// As [`complement`], from a year on.
pub(crate) fn complement_from(
    whole: &YearlyDraws,
    part: &YearlyDraws,
    from: i32,
) -> Result<YearlyDraws> {
    let (first, last) = common_years(whole, part)?;
    let first = first.max(from.min(last));
    let rows = |draws: &YearlyDraws| Ok::<_, Error>(draws.row_of(first)?..=draws.row_of(last)?);
    let mut difference = Array2::zeros((rows(whole)?.count(), whole.len()));
    for (mut difference, year) in difference.axis_iter_mut(Axis(0)).zip(first..) {
        let pairs = whole.year(year)?.into_iter().zip(part.year(year)?);
        for (draw, (difference, (whole, part))) in difference.iter_mut().zip(pairs).enumerate() {
            *difference = whole - part;
            if *difference <= 0.0 {
                return Err(Error::out_of_range(
                    "the complement of a part",
                    format!("draw {draw} of {year}"),
                    *difference,
                    format!("above 0: the part, {part}, is not smaller than the whole, {whole}"),
                ));
            }
        }
    }
    Ok(YearlyDraws::from_valid(first, difference))
}

/// Which draw stands in the place of each, so that every part is smaller than its whole in every year
/// from the one named with the two on: the draw itself where that is so, otherwise the last one before it.
///
/// This is a Metropolis–Hastings chain whose proposals are the independent draws and whose target is
/// their distribution, given that the complement is positive (Tierney 1994,
/// [doi:10.1214/aos/1176325750](https://doi.org/10.1214/aos/1176325750)).
pub(crate) fn coherent(pairs: &[(&YearlyDraws, &YearlyDraws, i32)]) -> Result<Vec<usize>> {
    let Some((one, ..)) = pairs.first() else {
        return Ok(Vec::new());
    };
    let mut holds = vec![true; one.len()];
    for (whole, part, from) in pairs {
        let (first, last) = common_years(whole, part)?;
        for year in first.max((*from).min(last))..=last {
            let pairs = whole.year(year)?.into_iter().zip(part.year(year)?);
            for (holds, (whole, part)) in holds.iter_mut().zip(pairs) {
                *holds &= part < whole;
            }
        }
    }
    let good = holds.iter().filter(|holds| **holds).count();
    if 2 * good < holds.len() {
        return Err(ErrorKind::Contradiction(format!(
            "a region that is part of another has fewer cases in only {good} of {} draws: the \
             figures of the two do not belong together",
            holds.len()
        ))
        .into());
    }
    let mut last = holds.iter().position(|holds| *holds).unwrap_or(0);
    Ok(holds
        .iter()
        .enumerate()
        .map(|(draw, holds)| {
            if *holds {
                last = draw;
            }
            last
        })
        .collect())
}

/// The draws in another order; the order has one entry a draw.
pub(crate) fn rearranged(draws: &YearlyDraws, order: &[usize]) -> YearlyDraws {
    YearlyDraws::from_valid(draws.first_year(), draws.view().select(Axis(1), order))
}

/// Each draw times the same draw of some factors, from the first year of the factors on.
pub(super) fn multiplied(draws: YearlyDraws, factors: &YearlyDraws) -> Result<YearlyDraws> {
    if factors.len() != draws.len() || factors.last_year() < draws.last_year() {
        return Err(ErrorKind::Mismatch(format!(
            "{} factors to {} for {} draws to {}",
            factors.len(),
            factors.last_year(),
            draws.len(),
            draws.last_year()
        ))
        .into());
    }
    let first_year = draws.first_year();
    let mut cases = draws.into_array();
    cases
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(first_year..first_year.saturating_add(1_000_000))
        .try_for_each(|(mut row, year)| {
            if year >= factors.first_year() {
                row *= &factors.year(year)?;
            }
            Ok::<(), Error>(())
        })?;
    YearlyDraws::new(first_year, cases)
}

fn common_years(a: &YearlyDraws, b: &YearlyDraws) -> Result<(i32, i32)> {
    let (first, last) = (
        a.first_year().max(b.first_year()),
        a.last_year().min(b.last_year()),
    );
    if a.len() != b.len() || first > last {
        return Err(ErrorKind::Mismatch(format!(
            "a region of {} draws, {} to {}, and a part of it of {} draws, {} to {}",
            a.len(),
            a.first_year(),
            a.last_year(),
            b.len(),
            b.first_year(),
            b.last_year()
        ))
        .into());
    }
    Ok((first, last))
}
