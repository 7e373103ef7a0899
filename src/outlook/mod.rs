//! The whole way in one call: from published figures of some regions to patients who reach third line.
//!
//! For each region the steps are, in this order and a file each:
//!
//! 1. measurement errors, assumed where a figure states none;
//! 2. the between-source standard deviation (`source_comparison`);
//! 3. the curves that the figures identify, and those that they do not; in a part with two figures, curves
//!    whose damping is shrunk towards that of its reference region (`curves`);
//! 4. the registry trend, of the rate where the population is known, under each question (`revision`; `consensus`: where
//!    all sources together are); linear pools of the curves with the model discrepancy; the patients who will
//!    ever reach third line, and who start it, with those diagnosed before the last figure (`region_draws`; `history`);
//! 5. what makes up the variance of the last year (`outlook_variance`).
//!
//! Then the draws of parts are made smaller than those of their wholes (`complement`). Draw *k* is one coherent
//! world in all regions and holds every stated source of error. One region after the other is drawn, summarised and
//! forgotten, so that memory does not grow with their number.

mod complement;
mod consensus;
mod curves;
mod history;
mod outlook_options;
mod outlook_variance;
mod own_population;
mod question;
mod region;
mod region_cautions;
mod region_draws;
mod region_model;
mod revision;
mod sensitivity;
mod sensitivity_inputs;
mod source_comparison;
mod study_synthesis;
mod therapy_model;
mod third_line_table;

pub use complement::Complement;
pub use curves::{CurveOutlook, NotIdentified};
pub use outlook_options::OutlookOptions;
pub use outlook_variance::OutlookVariance;
pub use question::Question;
pub use region::RegionOutlook;
pub use sensitivity::{OutlookModel, OutlookModelOptions};
pub use study_synthesis::StudySynthesis;
pub use therapy_model::TherapyModel;
pub(crate) use third_line_table::TIMES_TREATED;
pub use third_line_table::{ThirdLineOptions, ThirdLineRow, ThirdLineTable};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use complement::{AllParts, Coherence, Held as HeldComplement};
use rayon::prelude::*;
use region_draws::Replaced;
use region_model::Region;
use revision::Revision;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checked_on_reading::same_answer;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Figure, Figures};
use crate::series::IncidenceSeries;

/// So few regions keep their draws until all are made.
const FEW: usize = 8;

/// New cases and patients who reach third line, for several regions, to a last year.
///
/// An outlook prints itself: a table a region, and what was assumed. Read from a file it is made again of the series and
/// options there, which takes as long as making it; a file that gives another answer, because it was changed or is of another
/// version of the crate, is an error that says where.
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
#[serde(try_from = "Read")]
pub struct Outlook {
    options: Arc<OutlookOptions>,
    regions: Vec<RegionOutlook>,
    complements: Vec<Complement>,
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
        let mut by_region: BTreeMap<&str, Vec<Figure>> = BTreeMap::new();
        for figure in figures {
            by_region
                .entry(figure.region())
                .or_default()
                .push(figure.clone());
        }
        let series = figures.regions().into_iter().map(|region| {
            let of_region = by_region.remove(region).into_iter().flatten().collect();
            IncidenceSeries::from_figures(&of_region, region)
        });
        Self::of_series(&series.collect::<Result<Vec<_>>>()?, options)
    }

    /// The outlook for some series, each of another region.
    ///
    /// # Errors
    ///
    /// As [`Outlook::of`], and where there is no series, or two are of one region.
    pub fn of_series(series: &[IncidenceSeries], options: &OutlookOptions) -> Result<Self> {
        let names: Vec<&str> = series.iter().map(IncidenceSeries::region).collect();
        let wholes = wholes(&names, options)?;
        let order = wholes_first(&names, &wholes)?;
        if let Some(from) = options.from
            && let Some(last) = series.iter().map(IncidenceSeries::first_year).max()
            && from > last
        {
            return Err(Error::out_of_range(
                "the first year of the curves",
                "the options of an outlook",
                from,
                format!("at most {last}, the first observation of the region that begins last"),
            ));
        }
        let options = Arc::new(options.clone());
        let revision = Revision::estimate(&options)?;
        let is_whole: HashSet<usize> = wholes.iter().copied().flatten().collect();
        let keeps = |i: usize| options.keep_draws || series.len() <= FEW || is_whole.contains(&i);

        let mut regions: Vec<Option<Region>> = series.iter().map(|_| None).collect();
        let mut coherence = None;
        for together in batches(&order, &wholes) {
            let made: Vec<Result<Region>> = together
                .par_iter()
                .with_min_len(together.len().div_ceil(at_once()))
                .map(|&i| {
                    let whole = wholes[i].and_then(|whole| regions[whole].as_ref());
                    let mut region = Region::new(&series[i], whole, revision, &options)?;
                    if whole.is_none() && !keeps(i) {
                        region.forget();
                    }
                    Ok(region)
                })
                .collect();
            for (&i, region) in together.iter().zip(made) {
                let mut region = region?;
                if let Some(whole) = wholes[i].and_then(|whole| regions[whole].as_ref()) {
                    let coherence = coherence.get_or_insert_with(|| Coherence::new(options.draws));
                    coherence.add(whole, &region)?;
                }
                if !keeps(i) {
                    region.forget();
                }
                regions[i] = Some(region);
            }
        }

        let replaced = coherence.map_or_else(|| Ok(Replaced::default()), |c| c.replaced())?;
        let replaced = Arc::new(replaced);
        let mut complements = BTreeMap::new();
        let mut of_wholes: BTreeMap<usize, AllParts> = BTreeMap::new();
        for &i in &order {
            let Some(mut region) = regions[i].take() else {
                continue;
            };
            if !replaced.is_empty() {
                region.replace(&replaced)?;
            }
            if let Some(whole) = wholes[i].and_then(|whole| regions[whole].as_ref()) {
                let counts = [replaced.in_trends.len(), replaced.in_pools.len()];
                complements.insert(i, HeldComplement::of(whole, &region, counts)?);
            }
            if let Some(whole) = wholes[i] {
                of_wholes.entry(whole).or_default().add(&region)?;
            }
            if !keeps(i) {
                region.forget();
            }
            regions[i] = Some(region);
        }
        for (&part, held) in &mut complements {
            let whole = wholes[part].and_then(|i| Some((of_wholes.get(&i)?, regions[i].as_ref()?)));
            let not_smaller = whole.map(|(parts, whole)| parts.not_smaller(whole));
            if let Some(draws) = not_smaller.transpose()?.flatten() {
                held.with_all_parts(draws);
            }
        }
        if !options.keep_draws {
            regions.iter_mut().flatten().for_each(Region::forget);
        }
        let regions: Vec<RegionOutlook> = regions
            .into_iter()
            .flatten()
            .map(RegionOutlook::from)
            .collect();
        let complements = complements.into_iter().filter_map(|(part, held)| {
            let whole = &regions[wholes[part]?];
            Some(Complement::of(held, whole, &regions[part]))
        });
        Ok(Self {
            complements: complements.collect(),
            options,
            regions,
        })
    }

    /// The options that were used.
    #[must_use]
    pub fn options(&self) -> &OutlookOptions {
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

/// An outlook as it stands in a file. What it says follows from its figures and options, so it is made again of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    options: OutlookOptions,
    regions: Vec<Value>,
    complements: Value,
}

impl TryFrom<Read> for Outlook {
    type Error = Error;

    fn try_from(read: Read) -> Result<Self> {
        let not_read = |error| Error::unsuitable(format!("the series of an outlook: {error}"));
        let series = read.regions.iter().map(|region| {
            let series = region.get("series").cloned().unwrap_or_default();
            serde_json::from_value(series).map_err(not_read)
        });
        let made = Self::of_series(&series.collect::<Result<Vec<_>>>()?, &read.options)?;
        same_answer("regions", &read.regions, &made.regions)?;
        same_answer("complements", &read.complements, &made.complements)?;
        Ok(made)
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
    let mut places = HashMap::new();
    for (i, &name) in names.iter().enumerate() {
        if places.insert(name, i).is_some() {
            return Err(Error::contradiction(format!("two series are of {name}")));
        }
    }
    options.check(names)?;
    let mut wholes = vec![None; names.len()];
    for (part, whole) in &options.parts {
        if let (Some(&part), Some(&whole)) = (places.get(&part[..]), places.get(&whole[..])) {
            wholes[part] = Some(whole);
        }
    }
    Ok(wholes)
}

/// Places of regions such that a whole comes before its parts, which may need its curves.
fn wholes_first(names: &[&str], wholes: &[Option<usize>]) -> Result<Vec<usize>> {
    let mut order: Vec<(usize, usize)> = (0..names.len()).map(|i| (depth(i, wholes), i)).collect();
    if let Some(&(_, i)) = order.iter().find(|(depth, _)| *depth == names.len()) {
        return Err(Error::contradiction(format!(
            "{} is part of itself, by way of the regions that it is said to be part of",
            names[i]
        )));
    }
    order.sort_unstable();
    Ok(order.into_iter().map(|(_, i)| i).collect())
}

/// How many regions a region is part of; as many as there are, where it is part of itself.
fn depth(region: usize, wholes: &[Option<usize>]) -> usize {
    let mut above = std::iter::successors(Some(region), |&i| wholes[i]).skip(1);
    above.by_ref().take(wholes.len()).count()
}

/// Regions that are made before the next ones are begun: none together with its whole. Parts keep their draws until then, and
/// are few, so that memory does not grow with their number; an error in one of the others ends the work soon.
fn batches<'a>(order: &'a [usize], wholes: &[Option<usize>]) -> Vec<&'a [usize]> {
    const MANY: usize = 64;
    let alike = order.chunk_by(|&a, &b| depth(a, wholes) == depth(b, wholes));
    let batches = alike.flat_map(|regions| {
        let is_part = wholes[regions[0]].is_some();
        regions.chunks(if is_part { at_once() } else { MANY })
    });
    batches.collect()
}

/// So many regions are made at the same time, and have their draws in memory.
fn at_once() -> usize {
    FEW.min(2 * rayon::current_num_threads())
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
