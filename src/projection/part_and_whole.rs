//! Draws of a whole and its part: their difference, and whether they fit together; draws that are multiplied.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::draws::{YearlyDraws, years_at_a_time};
use crate::error::{Error, Result};

/// The complement of a part in its whole, such as the world without China: the difference, draw by draw,
/// in the years that both have, from one on. Draw *k* of both has to be of one coherent world, that is, from the same
/// seed; the part has to be smaller than the whole in every draw.
pub(crate) fn complement_from(
    whole: &YearlyDraws,
    part: &YearlyDraws,
    from: i32,
) -> Result<YearlyDraws> {
    let (first, last) = common_years(whole, part, from)?;
    let years = whole.row_of(last)? - whole.row_of(first)? + 1;
    let mut difference = Array2::zeros((years, whole.len()));
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

/// Takes down in which draws the part is not smaller than the whole in every year from one on.
pub(crate) fn part_is_smaller(
    whole: &YearlyDraws,
    part: &YearlyDraws,
    from: i32,
    holds: &mut [bool],
) -> Result<()> {
    let (first, last) = common_years(whole, part, from)?;
    for year in first..=last {
        let pairs = whole.year(year)?.into_iter().zip(part.year(year)?);
        for (holds, (whole, part)) in holds.iter_mut().zip(pairs) {
            *holds &= part < whole;
        }
    }
    Ok(())
}

/// The draws in another order; the order has one entry a draw.
pub(crate) fn rearranged(draws: &YearlyDraws, order: &[usize]) -> YearlyDraws {
    YearlyDraws::from_valid(draws.first_year(), draws.view().select(Axis(1), order))
}

/// Each draw times the same draw of some factors, from the first year of the factors on.
pub(super) fn multiplied(draws: YearlyDraws, factors: &YearlyDraws) -> Result<YearlyDraws> {
    if factors.len() != draws.len() || factors.last_year() < draws.last_year() {
        return Err(Error::mismatch(format!(
            "{} factors to {} for {} draws to {}",
            factors.len(),
            factors.last_year(),
            draws.len(),
            draws.last_year()
        )));
    }
    let (first_year, years) = (draws.first_year(), draws.years().collect::<Vec<i32>>());
    let at_a_time = years_at_a_time(draws.len());
    let mut cases = draws.into_array();
    cases
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .with_min_len(at_a_time)
        .zip(years)
        .try_for_each(|(mut row, year)| {
            if year >= factors.first_year() {
                row *= &factors.year(year)?;
            }
            Ok::<(), Error>(())
        })?;
    YearlyDraws::new(first_year, cases)
}

fn common_years(a: &YearlyDraws, b: &YearlyDraws, from: i32) -> Result<(i32, i32)> {
    let (first, last) = (
        a.first_year().max(b.first_year()).max(from),
        a.last_year().min(b.last_year()),
    );
    if a.len() != b.len() || first > last {
        return Err(Error::mismatch(format!(
            "a region of {} draws, {} to {}, and a part of it of {} draws, {} to {}, from {from} on",
            a.len(),
            a.first_year(),
            a.last_year(),
            b.len(),
            b.first_year(),
            b.last_year()
        )));
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// The second draw of the part is above that of the whole in the second of three years, the third in the first.
    #[test]
    fn a_part_is_smaller_in_every_year_from_one_on() -> Result<()> {
        let whole = YearlyDraws::new(2019, Array2::from_elem((3, 3), 3.0))?;
        let part = array![[1.0, 1.0, 4.0], [1.0, 4.0, 1.0], [1.0, 1.0, 1.0]];
        let part = YearlyDraws::new(2019, part)?;
        for (from, expected) in [
            (2018, [true, false, false]),
            (2020, [true, false, true]),
            (2021, [true; 3]),
        ] {
            let mut holds = [true; 3];
            part_is_smaller(&whole, &part, from, &mut holds)?;
            assert_eq!(holds, expected, "{from}");
            assert_eq!(
                complement_from(&whole, &part, from).is_ok(),
                holds == [true; 3]
            );
        }
        Ok(())
    }
}
