//! A region without one of its parts, and draws in which parts are smaller than their wholes.

use std::fmt;

use ndarray::Array1;
use serde::Serialize;

use super::region::RegionOutlook;
use super::region_draws::{Kept, Replaced, third_line};
use super::region_model::Region;
use crate::draws::{YearSummary, YearlyDraws};
use crate::error::{Error, Result};
use crate::projection::{complement_from, part_is_smaller};

/// The **complement** of a part: its whole without it, draw by draw.
///
/// # Definition
///
/// ```text
/// complement(year, draw) = whole(year, draw) − part(year, draw)
/// ```
///
/// Draws begin in the first year in which both regions have figures, and are above 0 in every year: whole and
/// part are made coherent before.
///
/// # Example
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 2_000, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let cases = |region| outlook.region(region)?.new_cases().year(2040);
/// let difference = &cases("World")? - &cases("China")?;
/// let complement = outlook.complement("China")?;
/// let without_china = complement.new_cases().year(2040)?;
/// assert!(without_china.iter().zip(&difference).all(|(a, b)| *a > 0.0 && (a - b).abs() < 1e-6 * b));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Complement {
    #[serde(flatten)]
    held: Held,
    #[serde(skip)]
    of: [RegionOutlook; 2],
    #[serde(skip)]
    drawn: Kept<Drawn>,
}

/// What a complement holds beside its draws.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Held {
    whole: String,
    part: String,
    new_cases: Vec<YearSummary>,
    third_line: Vec<YearSummary>,
    pool: Vec<YearSummary>,
    replaced: [usize; 2],
    parts_not_smaller: Option<usize>,
}

#[derive(Debug)]
struct Drawn {
    new_cases: YearlyDraws,
    third_line: YearlyDraws,
    pool: YearlyDraws,
}

impl Drawn {
    fn of(whole: &Region, part: &Region) -> Result<Self> {
        let from = both_have_figures(whole, part);
        let [of_whole, of_part] = [whole.drawn(), part.drawn()];
        let [headline, of_part_headline] =
            [(of_whole, whole), (of_part, part)].map(|(drawn, of)| drawn.headline(of.options()));
        let new_cases = complement_from(headline, of_part_headline, from)?;
        Ok(Self {
            third_line: third_line(&new_cases, whole.options())?,
            new_cases,
            pool: complement_from(of_whole.pool.new_cases(), of_part.pool.new_cases(), from)?,
        })
    }
}

impl Held {
    pub(super) fn of(whole: &Region, part: &Region, replaced: [usize; 2]) -> Result<Self> {
        let drawn = Drawn::of(whole, part)?;
        Ok(Self {
            whole: whole.held.series.region().to_owned(),
            part: part.held.series.region().to_owned(),
            new_cases: drawn.new_cases.summary(),
            third_line: drawn.third_line.summary(),
            pool: drawn.pool.summary(),
            replaced,
            parts_not_smaller: None,
        })
    }

    /// States how many draws of all parts of the whole are not smaller than it.
    pub(super) const fn with_all_parts(&mut self, not_smaller: usize) {
        self.parts_not_smaller = Some(not_smaller);
    }
}

/// Of a whole with several parts, what they come to in the last year of the headline, draw by draw.
#[derive(Debug, Default)]
pub(super) struct AllParts {
    parts: usize,
    sum: Array1<f64>,
}

impl AllParts {
    pub(super) fn add(&mut self, part: &Region) -> Result<()> {
        let options = part.options();
        let last = part.drawn().headline(options).year(options.to)?;
        if self.parts == 0 {
            self.sum = Array1::zeros(last.len());
        }
        self.parts += 1;
        self.sum += &last;
        Ok(())
    }

    /// In how many draws they are not smaller than the whole; `None` where it has one part.
    pub(super) fn not_smaller(&self, whole: &Region) -> Result<Option<usize>> {
        if self.parts < 2 {
            return Ok(None);
        }
        let options = whole.options();
        let last = whole.drawn().headline(options).year(options.to)?;
        let pairs = self.sum.iter().zip(last);
        Ok(Some(pairs.filter(|(parts, whole)| parts >= whole).count()))
    }
}

impl Complement {
    pub(super) fn of(held: Held, whole: &RegionOutlook, part: &RegionOutlook) -> Self {
        Self {
            held,
            of: [whole.clone(), part.clone()],
            drawn: Kept::default(),
        }
    }

    fn drawn(&self) -> &Drawn {
        let [whole, part] = &self.of;
        self.drawn.or(|| Drawn::of(whole.inner(), part.inner()))
    }

    /// The whole.
    #[must_use]
    pub fn whole(&self) -> &str {
        &self.held.whole
    }

    /// The part.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.held.part
    }

    /// New cases a year; see [`RegionOutlook::new_cases`].
    #[must_use]
    pub fn new_cases(&self) -> &YearlyDraws {
        &self.drawn().new_cases
    }

    /// Median and intervals of [`Complement::new_cases`], without the draws.
    #[must_use]
    pub fn new_cases_summary(&self) -> &[YearSummary] {
        &self.held.new_cases
    }

    /// Patients diagnosed in each year who will ever reach third line; see [`RegionOutlook::third_line`].
    #[must_use]
    pub fn third_line(&self) -> &YearlyDraws {
        &self.drawn().third_line
    }

    /// Median and intervals of [`Complement::third_line`], without the draws.
    #[must_use]
    pub fn third_line_summary(&self) -> &[YearSummary] {
        &self.held.third_line
    }

    /// New cases a year of the linear pools; see [`RegionOutlook::pool`].
    #[must_use]
    pub fn pool(&self) -> &YearlyDraws {
        &self.drawn().pool
    }

    /// Median and intervals of [`Complement::pool`], without the draws.
    #[must_use]
    pub fn pool_summary(&self) -> &[YearSummary] {
        &self.held.pool
    }

    /// The numbers of draws of the forecasts and of the linear pools in which some part of the outlook, this one or
    /// another, was not smaller than its whole. All regions have the draw before in their place.
    #[must_use]
    pub const fn replaced(&self) -> [usize; 2] {
        self.held.replaced
    }

    /// The number of draws in whose last year all parts of the whole together are not smaller than it; `None` where it has
    /// one part. Draws are made such that each part is smaller, and not such that all together are: parts that are the whole
    /// divided up, women and men for instance, exceed it in half of them.
    #[must_use]
    pub const fn parts_not_smaller(&self) -> Option<usize> {
        self.held.parts_not_smaller
    }
}

impl fmt::Display for Complement {
    /// A line a year.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "new cases a year in {} without {}",
            self.whole(),
            self.part()
        )?;
        self.held
            .new_cases
            .iter()
            .try_for_each(|year| writeln!(f, "{year}"))
    }
}

/// The year from which on two regions have figures. Curves that are continued before it are no reason to
/// refuse a draw: a straight line of a whole ends at zero in some year in which its part has cases.
fn both_have_figures(whole: &Region, part: &Region) -> i32 {
    let first = |region: &Region| region.held.series.ends().0.year;
    first(whole).max(first(part))
}

/// One draw in so many has to be coherent. Trends of a part and of its whole err together; curves do not, so that those of a
/// part that is most of its whole cross it often.
const TRENDS: usize = 2;
const POOLS: usize = 10;

/// In which draws every part is smaller than its whole, in the linear pools and in the registry trends.
pub(super) struct Coherence {
    in_pools: Vec<bool>,
    in_trends: Vec<bool>,
    /// In how many draws the part is smaller for which that is so in the fewest, and which one it is: in the pools, in the trends.
    fewest: [(usize, String); 2],
}

impl Coherence {
    pub(super) fn new(draws: usize) -> Self {
        Self {
            in_pools: vec![true; draws],
            in_trends: vec![true; draws],
            fewest: [0; 2].map(|_| (draws, String::new())),
        }
    }

    pub(super) fn add(&mut self, whole: &Region, part: &Region) -> Result<()> {
        let from = both_have_figures(whole, part);
        let [of_whole, of_part] = [whole.drawn(), part.drawn()];
        let pools = [(of_whole.pool.new_cases(), of_part.pool.new_cases())];
        let trends = of_whole.forecasts.iter().zip(&of_part.forecasts);
        let mut in_pools = vec![true; self.in_pools.len()];
        let mut in_trends = in_pools.clone();
        for (whole, part) in pools {
            part_is_smaller(whole, part, from, &mut in_pools)?;
        }
        for (whole, part) in trends {
            part_is_smaller(whole, part, from, &mut in_trends)?;
        }
        let [of_pools, of_trends] = &mut self.fewest;
        for (all, own, fewest) in [
            (&mut self.in_pools, in_pools, of_pools),
            (&mut self.in_trends, in_trends, of_trends),
        ] {
            let good = own.iter().filter(|holds| **holds).count();
            if good < fewest.0 {
                let [whole, part] = [whole, part].map(|of| of.held.series.region());
                *fewest = (good, format!("{part} in {whole}"));
            }
            all.iter_mut().zip(own).for_each(|(all, own)| *all &= own);
        }
        Ok(())
    }

    /// The draws in which some part is not smaller, each with the last one before it that stands in its place.
    ///
    /// This is a Metropolis–Hastings chain whose proposals are the independent draws and whose target is
    /// their distribution, given that the complements are positive (Tierney 1994,
    /// [doi:10.1214/aos/1176325750](https://doi.org/10.1214/aos/1176325750)).
    pub(super) fn replaced(&self) -> Result<Replaced> {
        let [of_pools, of_trends] = &self.fewest;
        let places = |holds: &[bool], (good, which): &(usize, String), of: &str, least: usize| {
            let all_good = holds.iter().filter(|holds| **holds).count();
            if least * all_good < holds.len() {
                return Err(Error::contradiction(format!(
                    "parts have fewer cases than their wholes in only {all_good} of {} draws of the {of}, {which} in {good}: the \
                     figures leave no room between them. Are they of one disease and one unit? Leave a part that is nearly \
                     all of its whole out of the parts (OutlookOptions::parts, --part)",
                    holds.len(),
                )));
            }
            let mut last = holds.iter().position(|holds| *holds).unwrap_or(0);
            let mut places = Vec::new();
            for (draw, holds) in holds.iter().enumerate() {
                if *holds {
                    last = draw;
                } else {
                    places.push((draw, last));
                }
            }
            Ok(places)
        };
        Ok(Replaced {
            in_pools: places(&self.in_pools, of_pools, "linear pool", POOLS)?,
            in_trends: places(&self.in_trends, of_trends, "registry trend", TRENDS)?,
            most_often: of_pools.min(of_trends).1.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_is_not_smaller_most_often_is_named() -> Result<()> {
        let named = |pools: usize, trends: usize| {
            let coherence = Coherence {
                fewest: [(pools, "A in W".to_owned()), (trends, "B in W".to_owned())],
                ..Coherence::new(10)
            };
            Ok::<_, Error>(coherence.replaced()?.most_often)
        };
        assert_eq!(named(7, 8)?, "A in W");
        assert_eq!(named(8, 7)?, "B in W");
        Ok(())
    }
}
