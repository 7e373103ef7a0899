//! What the outlook of a region is a function of: its inputs with their distributions.

use std::collections::BTreeMap;

use super::question::Question;
use super::region_draws::{Forecasts, Recipe};
use super::revision::Revision;
use crate::error::Result;
use crate::forecast::Paths;
use crate::numeric::student::two_sided_quantile;
use crate::pathway::{ShareDistribution, UltimateShare};
use crate::sensitivity::{Distribution, Inputs, Joint};

pub(super) const FIGURES: &str = "level of the last figure";
pub(super) const EARLIER: &str = "errors of earlier figures";
pub(super) const FIGURE_OF: &str = "figure of ";
pub(super) const GROWTH: &str = "growth of the rate";
pub(super) const GROWTH_OF_COUNTS: &str = "growth of the counts";
pub(super) const DISCREPANCY: &str = "changes in later years";
pub(super) const POPULATION: &str = "population";
pub(super) const REVISION: &str = "error of revision";
pub(super) const LEVEL: &str = "level of all sources";
pub(super) const SHARE: &str = "share of third line";
pub(super) const TIME: &str = "time to third line";
pub(super) const STUDY: &str = "study behind the share";

/// Inputs in groups, and where each begins in a row; of so many readings of the share, and whether their times err.
pub(super) fn inputs(
    forecasts: &Forecasts,
    paths: &Paths,
    recipe: &Recipe,
    (readings, time_is_uncertain): (usize, bool),
) -> Result<(Inputs, BTreeMap<&'static str, usize>)> {
    let options = &recipe.options;
    let normal = || Distribution::Normal { mean: 0.0, sd: 1.0 };
    let unit = || Distribution::Uniform {
        lower: 0.0,
        upper: 1.0,
    };
    let mut all = Inputs::default();
    let mut places = BTreeMap::new();
    let mut add = |name: &'static str, members: Vec<String>, joint: Option<Joint>| -> Result<()> {
        places.insert(name, all.names().len());
        let before = std::mem::take(&mut all);
        all = match joint {
            Some(joint) => before.with_group(name, members, joint)?,
            None => before.with_choice(name, readings)?,
        };
        Ok(())
    };
    let several = |distributions| Some(Joint::Independent(distributions));
    let one = |distribution| several(vec![distribution]);
    let alone = |name: &str| vec![name.to_owned()];

    add(FIGURES, alone(FIGURES), one(normal()))?;
    let history = &forecasts.history;
    if options.delay.is_some() && history.is_uncertain() {
        let years = history.years_of_figures();
        let members: Vec<String> = years.map(|year| format!("{FIGURE_OF}{year}")).collect();
        let normals = vec![normal(); members.len()];
        add(EARLIER, members, several(normals))?;
    }
    let of_rate = options.population.contains_key(forecasts.trend.region());
    let growth = if of_rate { GROWTH } else { GROWTH_OF_COUNTS };
    let members = ["deviation of growth", "mean growth"]
        .map(str::to_owned)
        .to_vec();
    add(growth, members, several(vec![normal(), normal()]))?;
    let noises = (0..paths.years()).flat_map(|year| {
        let year = i64::from(forecasts.trend.last_year()) + i64::try_from(year).unwrap_or(0);
        ["level", "growth", "scatter"].map(|what| format!("noise of the {what} {year}"))
    });
    let members: Vec<String> = std::iter::once("volatility".to_owned())
        .chain(noises)
        .collect();
    let of_noise = (1..members.len()).map(|_| normal());
    let noises = several(std::iter::once(unit()).chain(of_noise).collect());
    add(DISCREPANCY, members, noises)?;
    if paths.expected_error() > 0.0 {
        add(POPULATION, alone(POPULATION), one(normal()))?;
    }
    match options.question {
        Question::ThisSource if forecasts.revision.sd > 0.0 => {
            add(
                REVISION,
                alone(REVISION),
                one(of_revision(forecasts.revision)),
            )?;
        }
        Question::TrueIncidence if forecasts.consensus.variance() > 0.0 => {
            let members = ["distance of sources", "deviation of the level"];
            let members = members.map(str::to_owned).to_vec();
            add(LEVEL, members, several(vec![unit(), normal()]))?;
        }
        _ => {}
    }
    if readings > 1 {
        add(STUDY, alone(STUDY), None)?;
        add(SHARE, alone(SHARE), one(unit()))?;
    } else if options.share.low() < options.share.high() {
        add(SHARE, alone(SHARE), one(of_share(&options.share)?))?;
    }
    if time_is_uncertain {
        let members = ["time in first line", "time in second line"]
            .map(str::to_owned)
            .to_vec();
        add(TIME, members, several(vec![normal(), normal()]))?;
    }
    Ok((all, places))
}

/// The log of the factor to the next round: normal, or Student's t where its standard deviation is estimated.
fn of_revision(revision: Revision) -> Distribution {
    let sd = revision.sd;
    match revision.pairs {
        None => Distribution::Normal { mean: 0.0, sd },
        Some(pairs) => {
            let degrees = Some(pairs as f64);
            Distribution::quantile_of(move |p| {
                // The middle of the distribution, where a central interval has no width.
                if (p - 0.5).abs() < 1e-12 {
                    return 0.0;
                }
                let size = two_sided_quantile(degrees, (2.0 * p - 1.0).abs());
                sd * size.copysign(p - 0.5)
            })
        }
    }
}

fn of_share(share: &UltimateShare) -> Result<Distribution> {
    let (low, high) = (share.low(), share.high());
    Ok(match share.distribution() {
        ShareDistribution::Uniform => Distribution::Uniform {
            lower: low,
            upper: high,
        },
        ShareDistribution::Pert => {
            let shape = Distribution::Beta { a: 3.0, b: 3.0 };
            Distribution::quantile_of(move |p| {
                shape
                    .quantile(p)
                    .map_or(f64::NAN, |x| low + (high - low) * x)
            })
        }
        ShareDistribution::Beta95 => {
            let (a, b) = share.beta_shapes()?;
            Distribution::Beta { a, b }
        }
    })
}
