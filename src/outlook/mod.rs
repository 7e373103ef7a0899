//! The whole way in one call: from the figures of some regions to patients who reach third line.
//!
//! One joint set of draws holds every source of error that is stated: draw *k* is one world, in all
//! regions. [`RegionOutlook::variance`] says what each of them contributes in the last year.
//!
//! ```
//! use myeloma_epi::{Outlook, OutlookOptions, figures};
//!
//! let outlook = Outlook::of(figures::press_release(), &OutlookOptions::default().with_draws(2_000))?;
//! let china = &outlook.regions()[1];
//! assert_eq!(china.series().region(), "China");
//! let (lower, upper) = china.incidence().cases().interval(2040, 0.95)?;
//! println!("China 2040: {lower:.0} to {upper:.0} new cases");
//! # assert!(lower < upper);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod curves;
mod options;
mod region;
mod therapy_model;
mod variance;

pub use curves::{CurveOutlook, ImpliedGrowth, NotIdentified, ShrunkCurve};
pub use options::{BetweenSource, OutlookOptions};
pub use region::RegionOutlook;
pub use therapy_model::{IncidenceSource, TherapyModel};
pub use variance::{CurveShare, OutlookVariance};

use crate::draws::YearlyDraws;
use crate::error::{ErrorKind, Result};
use crate::figures::{Figure, Figures};
use crate::projection::{coherent, rest_from};
use crate::series::IncidenceSeries;

/// Incidence and third line of several regions, to a last year.
#[derive(Debug, Clone)]
pub struct Outlook {
    options: OutlookOptions,
    regions: Vec<RegionOutlook>,
    rests: Vec<Complement>,
}

/// What is left of a region without one of its parts.
#[derive(Debug, Clone)]
pub struct Complement {
    /// The whole.
    pub whole: String,
    /// The part.
    pub part: String,
    /// New cases a year of the mixture, from the first year in which both are observed: positive in every
    /// draw.
    pub incidence: YearlyDraws,
    /// Draws of the outlook in which a part, this one or another, was not smaller than its whole: all
    /// regions have the draw before in their place.
    pub replaced: usize,
}

impl Outlook {
    /// The outlook for every region of some figures.
    ///
    /// # Errors
    ///
    /// Where the figures of a region make no series, or no curve can be fitted to them; where a region is
    /// part of itself, or has more cases than the region that it is part of.
    pub fn of(figures: &Figures, options: &OutlookOptions) -> Result<Self> {
        let mut series = Vec::new();
        for region in figures.regions() {
            let of_region = figures.iter().filter(|figure| figure.region() == region);
            series.push((
                IncidenceSeries::from_figures(figures, region)?,
                of_region.cloned().collect(),
            ));
        }
        Self::new(series, options)
    }

    /// The outlook for some series.
    ///
    /// # Errors
    ///
    /// As [`Outlook::of`], and where there is no series.
    pub fn of_series(series: &[IncidenceSeries], options: &OutlookOptions) -> Result<Self> {
        let series = series.iter().map(|series| (series.clone(), Vec::new()));
        Self::new(series.collect(), options)
    }

    fn new(series: Vec<(IncidenceSeries, Vec<Figure>)>, options: &OutlookOptions) -> Result<Self> {
        if series.is_empty() {
            return Err(ErrorKind::NoObservations {
                place: "an outlook".to_owned(),
            }
            .into());
        }
        let names: Vec<String> = series.iter().map(|(s, _)| s.region().to_owned()).collect();
        let place = |name: &str| names.iter().position(|other| other == name);
        let wholes: Vec<Option<usize>> = names
            .iter()
            .map(|name| options.whole_of(name).and_then(place))
            .collect();

        // A whole comes before its parts, which may borrow from it.
        let mut regions: Vec<Option<RegionOutlook>> = names.iter().map(|_| None).collect();
        let mut series: Vec<_> = series.into_iter().map(Some).collect();
        while let Some(next) = (0..names.len()).find(|&i| {
            series[i].is_some() && wholes[i].is_none_or(|whole| regions[whole].is_some())
        }) {
            let whole = wholes[next].and_then(|whole| regions[whole].as_ref());
            let Some((series, figures)) = series[next].take() else {
                break;
            };
            regions[next] = Some(RegionOutlook::new(&series, figures, whole, options)?);
        }
        if let Some(i) = series.iter().position(Option::is_some) {
            return Err(ErrorKind::Unsuitable(format!(
                "{} is part of itself, by way of the regions that it is said to be part of",
                names[i]
            ))
            .into());
        }
        let mut regions: Vec<RegionOutlook> = regions.into_iter().flatten().collect();
        let pairs: Vec<(usize, usize)> = wholes
            .iter()
            .enumerate()
            .filter_map(|(part, whole)| Some(((*whole)?, part)))
            .collect();
        let replaced = fit_together(&mut regions, &pairs, options)?;
        let mut rests = Vec::new();
        for (whole, part) in pairs {
            let cases = |i: usize| regions[i].incidence().cases();
            rests.push(Complement {
                whole: names[whole].clone(),
                part: names[part].clone(),
                incidence: rest_from(
                    cases(whole),
                    cases(part),
                    both_observed(&regions, whole, part),
                )?,
                replaced,
            });
        }
        Ok(Self {
            options: options.clone(),
            regions,
            rests,
        })
    }

    /// The options that were used.
    #[must_use]
    pub const fn options(&self) -> &OutlookOptions {
        &self.options
    }

    /// The regions in the order of their figures.
    #[must_use]
    pub fn regions(&self) -> &[RegionOutlook] {
        &self.regions
    }

    /// The rests of regions of which another one is part.
    #[must_use]
    pub fn rests(&self) -> &[Complement] {
        &self.rests
    }
}

/// The year from which on two regions are observed. Curves that are continued before it are no reason to
/// refuse a draw: a straight line of a whole ends at zero in some year in which its part has cases.
fn both_observed(regions: &[RegionOutlook], whole: usize, part: usize) -> i32 {
    let first = |i: usize| regions[i].series().first_year();
    first(whole).max(first(part))
}

/// Makes the draws of parts smaller than those of their wholes, and says in how many draws of the mixture
/// they were not.
fn fit_together(
    regions: &mut [RegionOutlook],
    pairs: &[(usize, usize)],
    options: &OutlookOptions,
) -> Result<usize> {
    let order = |of: fn(&RegionOutlook) -> &YearlyDraws| -> Result<Vec<usize>> {
        let draws: Vec<(&YearlyDraws, &YearlyDraws, i32)> = pairs
            .iter()
            .map(|&(whole, part)| {
                let from = both_observed(regions, whole, part);
                (of(&regions[whole]), of(&regions[part]), from)
            })
            .collect();
        coherent(&draws)
    };
    if pairs.is_empty() {
        return Ok(0);
    }
    let mixture = order(|region| region.incidence().cases())?;
    let calibrated = order(RegionOutlook::calibrated)?;
    for region in regions {
        region.rearrange(&mixture, &calibrated, options)?;
    }
    Ok(mixture
        .iter()
        .enumerate()
        .filter(|&(i, &from)| i != from)
        .count())
}
