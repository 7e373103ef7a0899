//! The whole way in one call: from published figures of some regions to patients who reach third line.
//!
//! For each region the steps are, in this order and a file each:
//!
//! 1. measurement errors, assumed where a figure states none;
//! 2. the between-source standard deviation (`between_source`);
//! 3. the curves that the figures identify, and those that they do not; in a part with two figures, curves
//!    whose damping is shrunk towards that of its reference region (`curves`);
//! 4. the registry trend and the model discrepancy (`registry_trend`);
//! 5. linear pools of the curves, with model discrepancy (`pools`), and the patients who will ever reach third
//!    line;
//! 6. what makes up the variance of the last year (`variance`).
//!
//! Then the draws of parts are made smaller than those of their wholes (`complement`). Draw *k* is one coherent
//! world in all regions and holds every stated source of error.

mod between_source;
mod complement;
mod curves;
mod implied_growth;
mod options;
mod pools;
mod region;
mod registry_trend;
mod therapy_model;
mod variance;

pub use complement::Complement;
pub use curves::{CurveOutlook, NotIdentified};
pub use implied_growth::ImpliedGrowth;
pub use options::{BetweenSource, OutlookOptions};
pub use region::RegionOutlook;
pub use therapy_model::TherapyModel;
pub use variance::OutlookVariance;

use complement::make_coherent;
use options::{contradiction, mismatch};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::figures::Figures;
use crate::series::IncidenceSeries;

/// New cases and patients who reach third line, for several regions, to a last year.
///
/// An outlook prints itself: a table a region, and what was assumed.
///
/// # Example
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 2_000, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let china = outlook.region("China")?;
/// let (lower, upper) = china.new_cases().interval(2040, 0.95)?;
/// println!("China 2040: {lower:.0} to {upper:.0} new cases");
/// println!("{outlook}");
/// # assert!(lower < upper);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Outlook {
    options: OutlookOptions,
    regions: Vec<RegionOutlook>,
    complements: Vec<Complement>,
}

/// An outlook as it stands in a file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    options: OutlookOptions,
    regions: Vec<RegionOutlook>,
    complements: Vec<Complement>,
}

impl TryFrom<Unchecked> for Outlook {
    type Error = Error;

    fn try_from(outlook: Unchecked) -> Result<Self> {
        let Unchecked {
            options,
            regions,
            complements: stated,
        } = outlook;
        let names: Vec<&str> = regions
            .iter()
            .map(|region| region.series().region())
            .collect();
        let wholes = wholes(&names, &options)?;
        for region in &regions {
            let cases = region.new_cases();
            if (cases.last_year(), cases.len()) != (options.to, options.draws) {
                return Err(mismatch(format!(
                    "the draws of {} are not those of the options: to {}, {} draws",
                    region.series().region(),
                    options.to,
                    options.draws
                )));
            }
        }
        let replaced = stated.first().map_or(0, Complement::replaced);
        let complements = complements(&regions, &wholes, replaced, &options)?;
        if complements != stated {
            return Err(mismatch(
                "the complements of an outlook are not its wholes without their parts",
            ));
        }
        Ok(Self {
            options,
            regions,
            complements,
        })
    }
}

impl Outlook {
    /// The outlook for every region of some figures.
    ///
    /// # Errors
    ///
    /// Where the figures of a region make no series or identify no curve, or differ from those that they are
    /// compared with by more than a unit or a disease could explain; where the options name a region or
    /// family that is not there, or a number out of its range; where a region is part of itself, or has
    /// more cases than the region that it is part of.
    pub fn of(figures: &Figures, options: &OutlookOptions) -> Result<Self> {
        let regions = figures.regions().into_iter();
        let series: Vec<IncidenceSeries> = regions
            .map(|region| IncidenceSeries::from_figures(figures, region))
            .collect::<Result<_>>()?;
        Self::of_series(&series, options)
    }

    /// The outlook for some series, each of another region.
    ///
    /// # Errors
    ///
    /// As [`Outlook::of`], and where there is no series, or two are of one region.
    pub fn of_series(series: &[IncidenceSeries], options: &OutlookOptions) -> Result<Self> {
        let names: Vec<&str> = series.iter().map(IncidenceSeries::region).collect();
        let wholes = wholes(&names, options)?;
        let mut regions: Vec<Option<RegionOutlook>> = vec![None; series.len()];
        for i in wholes_first(&names, &wholes)? {
            let whole = wholes[i].and_then(|whole| regions[whole].as_ref());
            regions[i] = Some(RegionOutlook::new(&series[i], whole, options)?);
        }
        let mut regions: Vec<RegionOutlook> = regions.into_iter().flatten().collect();

        let replaced = make_coherent(&mut regions, &pairs(&wholes), options)?;
        Ok(Self {
            options: options.clone(),
            complements: complements(&regions, &wholes, replaced, options)?,
            regions,
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

    /// The outlook for one region.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] where there is none of that name; the message lists those that there are.
    pub fn region(&self, name: &str) -> Result<&RegionOutlook> {
        let names = self.regions.iter().map(|region| region.series().region());
        find("region", &self.regions, names, name)
    }

    /// The complements of the regions that are part of others.
    #[must_use]
    pub fn complements(&self) -> &[Complement] {
        &self.complements
    }

    /// The whole of a part without it: of China, the World without China.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] where no part has that name; the message lists the parts.
    pub fn complement(&self, part: &str) -> Result<&Complement> {
        let parts = self.complements.iter().map(Complement::part);
        find(
            "region that is part of another",
            &self.complements,
            parts,
            part,
        )
    }
}

/// Of each region the place of the one that it is part of; refuses options that name what is not there.
fn wholes(names: &[&str], options: &OutlookOptions) -> Result<Vec<Option<usize>>> {
    if names.is_empty() {
        return Err(ErrorKind::NoObservations {
            place: "an outlook".to_owned(),
        }
        .into());
    }
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(contradiction(format!("two series are of {name}")));
        }
    }
    options.check(names)?;
    let whole = |name: &&str| {
        let whole = options.whole_of(name)?;
        names.iter().position(|other| *other == whole)
    };
    Ok(names.iter().map(whole).collect())
}

/// Places of wholes and their parts.
fn pairs(wholes: &[Option<usize>]) -> Vec<(usize, usize)> {
    (0..)
        .zip(wholes)
        .filter_map(|(part, whole)| Some(((*whole)?, part)))
        .collect()
}

fn complements(
    regions: &[RegionOutlook],
    wholes: &[Option<usize>],
    replaced: usize,
    options: &OutlookOptions,
) -> Result<Vec<Complement>> {
    pairs(wholes)
        .into_iter()
        .map(|(whole, part)| Complement::new(&regions[whole], &regions[part], replaced, options))
        .collect()
}

/// Places of regions such that a whole comes before its parts, which may need its curves.
fn wholes_first(names: &[&str], wholes: &[Option<usize>]) -> Result<Vec<usize>> {
    let mut order: Vec<usize> = Vec::new();
    while let Some(next) = (0..names.len())
        .find(|i| !order.contains(i) && wholes[*i].is_none_or(|whole| order.contains(&whole)))
    {
        order.push(next);
    }
    match (0..names.len()).find(|i| !order.contains(i)) {
        None => Ok(order),
        Some(i) => Err(contradiction(format!(
            "{} is part of itself, by way of the regions that it is said to be part of",
            names[i]
        ))),
    }
}

/// The item whose name is asked for.
fn find<'a, T>(
    what: &str,
    items: &'a [T],
    names: impl Iterator<Item = &'a str> + Clone,
    name: &str,
) -> Result<&'a T> {
    match names.clone().position(|other| other == name) {
        Some(i) => Ok(&items[i]),
        None => Err(Error::unknown(what, name, names)),
    }
}

#[cfg(test)]
mod tests {
    use super::wholes_first;

    #[test]
    fn a_whole_comes_before_its_parts() {
        let names = ["Texas", "World", "United States"];
        let order = wholes_first(&names, &[Some(2), None, Some(1)]).unwrap();
        assert_eq!(order, [1, 2, 0]);
        let circle = wholes_first(&names, &[Some(2), None, Some(0)]).unwrap_err();
        assert!(
            circle.to_string().contains("Texas is part of itself"),
            "{circle}"
        );
    }
}
