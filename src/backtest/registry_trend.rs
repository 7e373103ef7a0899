//! The crate's trend model as a forecaster, and the calibration of its noises.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::estimate::TrendEstimate;
use super::rolling::{BacktestOptions, Forecaster, Past, Setting, origins};
use crate::backtest::{Panel, PanelSeries};
use crate::error::{ErrorKind, Result};
use crate::forecast::{Forecast, ForecastOptions, RegistryTrend, SiteEffect, TrendParameters};
use crate::score::Predictive;

/// Parameters and effects of sites, as estimated from one panel.
#[derive(Debug, Clone, PartialEq)]
struct Fitted {
    parameters: TrendParameters,
    sites: BTreeMap<String, SiteEffect>,
}

impl Fitted {
    fn model(&self, site: &str) -> Result<RegistryTrend> {
        let effect = self
            .sites
            .get(site)
            .copied()
            .unwrap_or_else(|| self.parameters.unknown_site());
        RegistryTrend::new(self.parameters, effect)
    }
}

/// The trend model in a back-test: with shipped parameters, or leave-one-group-out.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendForecaster {
    name: String,
    all: Fitted,
    /// What is estimated without a group, by group.
    without: BTreeMap<String, Fitted>,
}

impl TrendForecaster {
    /// With the shipped parameters: myeloma's own effect for `multiple_myeloma`, the spread between
    /// sites for every other site.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            name: "myeloma-epi".to_owned(),
            all: Fitted {
                parameters: TrendParameters::SHIPPED,
                sites: BTreeMap::from([("multiple_myeloma".to_owned(), SiteEffect::MYELOMA)]),
            },
            without: BTreeMap::new(),
        }
    }

    /// Leave-one-group-out: every series is forecast with parameters, effects of sites and
    /// calibration from all groups but its own.
    ///
    /// # Errors
    ///
    /// Those of [`TrendEstimate::of`], where there is only one group, and where shocks are marked in a
    /// series that is not there.
    pub fn leave_one_group_out(panel: &Panel, options: &BacktestOptions) -> Result<Self> {
        options.shocks.check(panel)?;
        if let [only] = panel.groups()[..] {
            return Err(ErrorKind::Unsuitable(format!(
                "leaving out {only}, the only group of the panel, leaves nothing to estimate from"
            ))
            .into());
        }
        let whole = TrendEstimate::of(panel, &options.shocks)?;
        let without = panel
            .groups()
            .into_iter()
            .map(|group| {
                let rest = panel.without_group(group)?;
                let estimate = whole.again(&rest, &options.shocks)?;
                Ok((group.to_owned(), calibrated(&estimate, &rest, options)?))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        Ok(Self {
            name: "myeloma-epi".to_owned(),
            all: calibrated(&whole, panel, options)?,
            without,
        })
    }

    /// The parameters from the whole panel, and those without each group.
    pub fn parameters(&self) -> impl Iterator<Item = (Option<&str>, &TrendParameters)> {
        let without = self
            .without
            .iter()
            .map(|(group, fitted)| (Some(group.as_str()), &fitted.parameters));
        std::iter::once((None, &self.all.parameters)).chain(without)
    }

    /// The effect of a site from the whole panel, where it has the site.
    #[must_use]
    pub fn site(&self, name: &str) -> Option<&SiteEffect> {
        self.all.sites.get(name)
    }

    fn model(&self, series: &PanelSeries) -> Result<RegistryTrend> {
        self.without
            .get(series.group())
            .unwrap_or(&self.all)
            .model(series.site())
    }
}

impl Forecaster for TrendForecaster {
    fn name(&self) -> &str {
        &self.name
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let trend = condition(&self.model(past.series)?, past.series, past.figures)?;
        let mixtures = trend.mixtures().take(horizons).map(Predictive::of);
        Ok(Some(mixtures.collect()))
    }
}

fn condition(
    model: &RegistryTrend,
    series: &PanelSeries,
    figures: &[(i32, f64)],
) -> Result<Forecast> {
    let figures: Vec<(i32, f64, f64)> = figures.iter().map(|&(y, c)| (y, c, 0.0)).collect();
    model.condition(series.id(), &figures, &ForecastOptions::default())
}

/// The estimate with its noises multiplied by the factor that makes the central 50 % intervals cover
/// half of the panel's truths.
///
/// Maximum likelihood sees rare jumps (a new registration system, a change of definition) as more
/// noise in every year. The factor takes that back for what an interval is about; it is found by
/// bisection between 0.7 and 1.3, to a hundredth, on the mean coverage over both settings and the horizons 1–5, 6–10
/// and 11–15, each with 30 truths or more counting the same; where none has them, it is 1.
fn calibrated(
    estimate: &TrendEstimate,
    panel: &Panel,
    options: &BacktestOptions,
) -> Result<Fitted> {
    let mut fitted = Fitted {
        parameters: *estimate.parameters(),
        sites: estimate.sites().clone(),
    };
    let (mut low, mut high) = (0.7, 1.3);
    for _ in 0..5 {
        fitted.parameters.calibration = 0.5 * (low + high);
        let Some(coverage) = central_coverage(&fitted, panel, options)? else {
            fitted.parameters.calibration = 1.0;
            return Ok(fitted);
        };
        if coverage < 0.5 {
            low = fitted.parameters.calibration;
        } else {
            high = fitted.parameters.calibration;
        }
    }
    fitted.parameters.calibration = 0.5 * (low + high);
    Ok(fitted)
}

/// Truths covered and all truths, by setting and band of horizons.
type Cells = BTreeMap<(Setting, usize), (f64, f64)>;

/// The fewest truths of a cell that has a say: the share of 30 has a standard error of 9 points.
const LEAST_TRUTHS: f64 = 30.0;

fn central_coverage(
    fitted: &Fitted,
    panel: &Panel,
    options: &BacktestOptions,
) -> Result<Option<f64>> {
    let each = panel
        .series()
        .par_iter()
        .map(|series| {
            let model = fitted.model(series.site())?;
            let mut cells = Cells::new();
            for origin in origins(series, options).0 {
                let trend = condition(&model, series, &origin.figures)?;
                let mixtures: Vec<_> = trend.mixtures().take(options.horizons).collect();
                for &(horizon, _, truth) in &origin.truths {
                    let pit = mixtures[horizon - 1].cumulative(truth.ln());
                    let cell = cells
                        .entry((origin.setting, (horizon - 1) / 5))
                        .or_default();
                    cell.0 += f64::from(u8::from((0.25..=0.75).contains(&pit)));
                    cell.1 += 1.0;
                }
            }
            Ok(cells)
        })
        .collect::<Result<Vec<Cells>>>()?;
    let mut cells = Cells::new();
    for (key, (covered, all)) in each.into_iter().flatten() {
        let cell = cells.entry(key).or_default();
        cell.0 += covered;
        cell.1 += all;
    }
    Ok(mean_share(&cells))
}

/// The mean of the shares of cells with truths enough; `None` where no cell has them.
fn mean_share(cells: &Cells) -> Option<f64> {
    let shares: Vec<f64> = cells
        .values()
        .filter(|(_, all)| *all >= LEAST_TRUTHS)
        .map(|(covered, all)| covered / all)
        .collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// By hand: (20/40 + 24/40)/2; a cell of one truth that is missed decides nothing.
    #[test]
    fn a_cell_of_few_truths_does_not_calibrate() {
        let mut cells = Cells::new();
        cells.insert((Setting::TwoFigure, 0), (20.0, 40.0));
        cells.insert((Setting::TwoFigure, 1), (24.0, 40.0));
        cells.insert((Setting::FullHistory, 2), (0.0, 1.0));
        assert_relative_eq!(mean_share(&cells).unwrap(), 0.55, max_relative = 1e-15);
        cells.retain(|_, (_, all)| *all < 30.0);
        assert!(mean_share(&cells).is_none());
    }
}
