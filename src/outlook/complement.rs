//! A region without one of its parts, and draws in which parts are smaller than their wholes.

use serde::{Deserialize, Serialize};

use super::options::{OutlookOptions, mismatch};
use super::region::RegionOutlook;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::pathway::ThirdLine;
use crate::projection::{coherent, complement_from};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Complement {
    whole: String,
    part: String,
    new_cases: YearlyDraws,
    third_line: YearlyDraws,
    registry_trend: YearlyDraws,
    replaced: usize,
}

/// A complement as it stands in a file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    whole: String,
    part: String,
    new_cases: YearlyDraws,
    third_line: YearlyDraws,
    registry_trend: YearlyDraws,
    replaced: usize,
}

impl TryFrom<Unchecked> for Complement {
    type Error = Error;

    fn try_from(complement: Unchecked) -> Result<Self> {
        let Unchecked {
            whole,
            part,
            new_cases,
            third_line,
            registry_trend,
            replaced,
        } = complement;
        let draws = new_cases.len();
        if third_line.years() != new_cases.years()
            || registry_trend.last_year() != new_cases.last_year()
            || [third_line.len(), registry_trend.len()] != [draws; 2]
            || replaced > draws
        {
            return Err(mismatch(format!(
                "the draws of {whole} without {part} do not belong together"
            )));
        }
        if let Some(cases) = new_cases.view().iter().find(|cases| **cases <= 0.0) {
            let place = format!("a draw of {whole} without {part}");
            return Err(Error::out_of_range("new cases", place, cases, "above 0"));
        }
        Ok(Self {
            whole,
            part,
            new_cases,
            third_line,
            registry_trend,
            replaced,
        })
    }
}

impl Complement {
    pub(super) fn new(
        whole: &RegionOutlook,
        part: &RegionOutlook,
        replaced: usize,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let from = both_have_figures(whole, part);
        let new_cases = complement_from(whole.new_cases(), part.new_cases(), from)?;
        Ok(Self {
            whole: whole.series().region().to_owned(),
            part: part.series().region().to_owned(),
            third_line: ThirdLine::new(&new_cases, &options.share, options.seed)?
                .patients()
                .clone(),
            new_cases,
            registry_trend: complement_from(whole.registry_trend(), part.registry_trend(), from)?,
            replaced,
        })
    }

    /// The whole.
    #[must_use]
    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// The part.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.part
    }

    /// New cases a year of the linear pools; see [`RegionOutlook::new_cases`].
    #[must_use]
    pub const fn new_cases(&self) -> &YearlyDraws {
        &self.new_cases
    }

    /// Patients diagnosed in each year who will ever reach third line; see [`RegionOutlook::third_line`].
    #[must_use]
    pub const fn third_line(&self) -> &YearlyDraws {
        &self.third_line
    }

    /// New cases a year of the registry trends; see [`RegionOutlook::registry_trend`].
    #[must_use]
    pub const fn registry_trend(&self) -> &YearlyDraws {
        &self.registry_trend
    }

    /// The number of draws of the linear pools in which some part of the outlook, this one or another, was
    /// not smaller than its whole. All regions have the draw before in their place.
    #[must_use]
    pub const fn replaced(&self) -> usize {
        self.replaced
    }
}

/// The year from which on two regions have figures. Curves that are continued before it are no reason to
/// refuse a draw: a straight line of a whole ends at zero in some year in which its part has cases.
fn both_have_figures(whole: &RegionOutlook, part: &RegionOutlook) -> i32 {
    whole.series().first_year().max(part.series().first_year())
}

/// Makes the draws of parts smaller than those of their wholes, and returns in how many draws of the linear
/// pools they were not; `pairs` are places of wholes and parts among the regions.
pub(super) fn make_coherent(
    regions: &mut [RegionOutlook],
    pairs: &[(usize, usize)],
    options: &OutlookOptions,
) -> Result<usize> {
    if pairs.is_empty() {
        return Ok(0);
    }
    let order = |of: fn(&RegionOutlook) -> &YearlyDraws| -> Result<Vec<usize>> {
        let draws: Vec<(&YearlyDraws, &YearlyDraws, i32)> = pairs
            .iter()
            .map(|&(whole, part)| {
                let (whole, part) = (&regions[whole], &regions[part]);
                (of(whole), of(part), both_have_figures(whole, part))
            })
            .collect();
        coherent(&draws)
    };
    let of_pools = order(RegionOutlook::new_cases)?;
    let of_trends = order(RegionOutlook::registry_trend)?;
    for region in regions {
        region.reorder(&of_pools, &of_trends, options)?;
    }
    Ok((0..).zip(&of_pools).filter(|(i, from)| i != *from).count())
}
