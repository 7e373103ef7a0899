//! The registry trend with parameters estimated without the group that is forecast.

use std::collections::BTreeMap;
use std::fmt;

use myeloma_epi::backtest::{BacktestOptions, Forecaster, Panel, PanelSeries, Past, Setting};
use myeloma_epi::forecast::{RegistryTrend, SiteEffect, TrendErrors, TrendParameters, TrendScale};
use myeloma_epi::score::Predictive;
use myeloma_epi::{Error, Result};
use rayon::prelude::*;

use super::estimate::TrendEstimate;
use super::growth_choice::{ByGroup, GrowthChoice, GrowthSearch, scores_of};

/// The site of the shipped effect.
pub(crate) const MYELOMA: &str = "multiple_myeloma";

/// Parameters and effects of sites, as estimated from one panel.
#[derive(Debug, Clone, PartialEq)]
struct Fitted {
    parameters: TrendParameters,
    /// Persistence and noise of growth by likelihood, where others are chosen.
    likelihood: Option<(f64, f64)>,
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

/// The registry trend on one scale, leave-one-group-out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trends {
    all: Fitted,
    /// What is estimated without a group, by group.
    without: BTreeMap<String, Fitted>,
}

impl Trends {
    /// The model for a series: that of the groups without its own.
    pub(crate) fn model_for(&self, past: &Past<'_>) -> Result<RegistryTrend> {
        let fitted = self.without.get(past.group).unwrap_or(&self.all);
        fitted.model(past.site)
    }

    /// With the shipped parameters: myeloma's own effect for `multiple_myeloma`, the spread between
    /// sites for every other site.
    fn shipped(model: &RegistryTrend) -> Self {
        Self {
            all: Fitted {
                parameters: *model.parameters(),
                likelihood: None,
                sites: BTreeMap::from([(MYELOMA.to_owned(), *model.site())]),
            },
            without: BTreeMap::new(),
        }
    }

    /// One estimate for every series.
    fn of(panel: &Panel, options: &BacktestOptions, scale: TrendScale) -> Result<Self> {
        let whole = TrendEstimate::of(panel, &options.shocks, scale)?;
        let errors = match scale {
            TrendScale::Counts => TrendErrors::default(),
            TrendScale::Rate => TrendParameters::shipped_rate().errors,
        };
        let of_series = |_: &PanelSeries| &whole;
        let mut best = growth_search(panel, options, (scale, errors), of_series);
        let choice = best(None)?;
        Ok(Self {
            all: fitted(&whole, choice, errors, panel, options)?,
            without: BTreeMap::new(),
        })
    }

    /// Every series is forecast with parameters, effects of sites and calibration from all groups but its own.
    ///
    /// The choice of growth for a group is that of the scores of all others, whose parameters were estimated without
    /// themselves, and with the group.
    fn leave_one_group_out(
        panel: &Panel,
        options: &BacktestOptions,
        scale: TrendScale,
    ) -> Result<Self> {
        if let [only] = panel.groups()[..] {
            return Err(Error::other(format!(
                "leaving out {only}, the only group of the panel, leaves nothing to estimate from"
            )));
        }
        let whole = TrendEstimate::of(panel, &options.shocks, scale)?;
        let mut without = BTreeMap::new();
        for group in panel.groups() {
            let others = panel.without_group(group)?;
            let estimate = whole.again(&others, &options.shocks)?;
            without.insert(group.to_owned(), (estimate, others));
        }
        let estimates: Vec<TrendParameters> = without.values().map(|w| w.0.parameters).collect();
        let errors = match scale {
            TrendScale::Counts => TrendErrors::default(),
            TrendScale::Rate => jackknife(&estimates),
        };
        let of_series = |series: &PanelSeries| &without[series.group()].0;
        let mut best = growth_search(panel, options, (scale, errors), of_series);
        let all = fitted(&whole, best(None)?, errors, panel, options)?;
        let without = without.iter().map(|(group, (estimate, others))| {
            let fitted = fitted(estimate, best(Some(group))?, errors, others, options)?;
            Ok((group.clone(), fitted))
        });
        let without = without.collect::<Result<_>>()?;
        Ok(Self { all, without })
    }
}

/// The persistence and noises that score best without a group, each series with the estimate that is its; `None` for a
/// trend of counts, whose noises are those of the likelihood times one factor.
fn growth_search<'a>(
    panel: &'a Panel,
    options: &'a BacktestOptions,
    (scale, errors): (TrendScale, TrendErrors),
    estimate: impl Fn(&PanelSeries) -> &'a TrendEstimate + Sync + 'a,
) -> impl FnMut(Option<&str>) -> Result<Option<GrowthChoice>> + 'a {
    let scores = move |choice: GrowthChoice| -> Result<ByGroup> {
        scores_of(panel, options, |series| {
            let estimate = estimate(series);
            let parameters = TrendParameters {
                errors,
                ..choice.of(&estimate.parameters)
            };
            let effect = estimate.sites.get(series.site()).copied();
            let effect = effect.unwrap_or_else(|| parameters.unknown_site());
            RegistryTrend::new(parameters, effect)
        })
    };
    let mut search = GrowthSearch::new(scores);
    move |left_out| match scale {
        TrendScale::Counts => Ok(None),
        TrendScale::Rate => search.best(left_out),
    }
}

/// An estimate with the chosen growth and the errors of its parameters; without a choice, with the factor that coverage asks
/// for.
fn fitted(
    estimate: &TrendEstimate,
    choice: Option<GrowthChoice>,
    errors: TrendErrors,
    panel: &Panel,
    options: &BacktestOptions,
) -> Result<Fitted> {
    let Some(choice) = choice else {
        let parameters = TrendParameters {
            errors,
            ..estimate.parameters
        };
        return with_factor(parameters, &estimate.sites, panel, options);
    };
    let p = &estimate.parameters;
    Ok(Fitted {
        parameters: TrendParameters {
            errors,
            ..choice.of(p)
        },
        likelihood: Some((p.persistence, p.growth_noise)),
        sites: estimate.sites.clone(),
    })
}

/// The covariance of two parameters, from their estimates without one group each: Efron & Stein 1981, The Annals of
/// Statistics 9:586–596, [doi:10.1214/aos/1176345462](https://doi.org/10.1214/aos/1176345462).
fn jackknife_covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb));
    products.sum::<f64>() * (n - 1.0) / n
}

/// The standard errors that a forecast carries.
fn jackknife(estimates: &[TrendParameters]) -> TrendErrors {
    let each = |of: fn(&TrendParameters) -> f64| estimates.iter().map(of).collect::<Vec<f64>>();
    let growth = each(|p| p.mean_growth);
    let logit = each(|p| (p.persistence / (1.0 - p.persistence)).ln());
    let level = each(|p| p.level_noise.ln());
    let noise = each(|p| p.growth_noise.ln());
    let persistence = jackknife_covariance(&logit, &logit);
    let slope = jackknife_covariance(&logit, &noise) / persistence;
    TrendErrors {
        mean_growth: jackknife_covariance(&growth, &growth).sqrt(),
        persistence: persistence.sqrt(),
        level_noise: jackknife_covariance(&level, &level).sqrt(),
        growth_noise: (jackknife_covariance(&noise, &noise) - slope * slope * persistence)
            .max(0.0)
            .sqrt(),
        growth_noise_slope: slope,
    }
}

/// The registry trend in a back-test: with shipped parameters, or leave-one-group-out. It is that of the rate for every
/// series with expected cases, and that of the counts for the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrendForecaster {
    pub(crate) counts: Trends,
    rate: Option<Trends>,
}

impl TrendForecaster {
    /// With the shipped parameters.
    pub(crate) fn shipped() -> Self {
        Self {
            counts: Trends::shipped(&RegistryTrend::default()),
            rate: Some(Trends::shipped(&RegistryTrend::rate())),
        }
    }

    /// Estimated from a panel, without a series' own group where it is left out; else with one estimate for every series,
    /// whose parameters of the rate have the errors of the shipped ones.
    ///
    /// # Errors
    ///
    /// Those of [`TrendEstimate::of`], and where there is only one group to leave out.
    pub(crate) fn estimated(
        panel: &Panel,
        options: &BacktestOptions,
        leave_out: bool,
    ) -> Result<Self> {
        let estimate = |panel: &Panel, scale| {
            if leave_out {
                Trends::leave_one_group_out(panel, options, scale)
            } else {
                Trends::of(panel, options, scale)
            }
        };
        let with_expected = panel.series().iter().filter(|s| s.expected().is_some());
        let with_expected: Vec<PanelSeries> = with_expected.cloned().collect();
        let rate = if with_expected.is_empty() {
            None
        } else {
            let panel = Panel::new(with_expected)?;
            Some(estimate(&panel, TrendScale::Rate)?)
        };
        let counts = estimate(panel, TrendScale::Counts)?;
        Ok(Self { counts, rate })
    }
}

/// On its own: the trend of the counts, where that of the rate is the model.
impl Forecaster for Trends {
    fn name(&self) -> &'static str {
        "trend-of-counts"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        self.model_for(past)?.forecast(past, horizons)
    }
}

/// A line of parameters for the whole panel and for each group that is left out, and the effect of the
/// site of myeloma.
impl fmt::Display for TrendForecaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rate) = &self.rate {
            writeln!(
                f,
                "parameters of the registry trend of the rate (a year, log scale)"
            )?;
            write!(f, "{rate}")?;
        }
        writeln!(f, "parameters of the registry trend (a year, log scale)")?;
        write!(f, "{}", self.counts)
    }
}

/// What is printed of an estimate: a name, decimals, and the number.
type Column = (&'static str, usize, fn(&Fitted) -> f64);
const COLUMNS: [Column; 16] = [
    ("growth", 4, |f| f.parameters.mean_growth),
    ("persist.", 3, |f| f.parameters.persistence),
    ("growth noise", 5, |f| f.parameters.growth_noise),
    ("calibr.", 3, |f| f.parameters.calibration),
    ("by likelihood: persist.", 3, |f| {
        f.likelihood.map_or(f.parameters.persistence, |l| l.0)
    }),
    ("growth noise", 5, |f| {
        f.likelihood.map_or(f.parameters.growth_noise, |l| l.1)
    }),
    ("level", 4, |f| f.parameters.level_noise),
    ("count", 4, |f| f.parameters.count_noise),
    ("volat.", 3, |f| f.parameters.volatility_spread),
    ("size", 3, |f| f.parameters.size_exponent),
    ("sites: growth", 4, |f| f.parameters.site_growth_spread),
    ("trend", 3, |f| f.parameters.site_trend_spread),
    ("late: 1", 3, |f| f.parameters.late_reporting[0]),
    ("2", 3, |f| f.parameters.late_reporting[1]),
    ("3", 3, |f| f.parameters.late_reporting[2]),
    ("elast.", 3, |f| f.parameters.elasticity),
];

impl fmt::Display for Trends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |name: &str| name.chars().count().max(7) + 2;
        let line = |f: &mut fmt::Formatter<'_>, label: &str, value: &dyn Fn(Column) -> f64| {
            write!(f, "{label:<21}")?;
            for column in COLUMNS {
                let (width, decimals) = (width(column.0), column.1);
                write!(f, "{:>width$.decimals$}", value(column))?;
            }
            writeln!(f)
        };
        write!(f, "{:<21}", "group left out")?;
        for (name, ..) in COLUMNS {
            let width = width(name);
            write!(f, "{name:>width$}")?;
        }
        writeln!(f)?;
        line(f, "none", &|(_, _, of)| of(&self.all))?;
        for (group, fitted) in &self.without {
            line(f, group, &|(_, _, of)| of(fitted))?;
        }
        if !self.without.is_empty() {
            line(f, "standard error", &|(_, _, of)| {
                let each: Vec<f64> = self.without.values().map(of).collect();
                jackknife_covariance(&each, &each).sqrt()
            })?;
        }
        if let Some(site) = self.all.sites.get(MYELOMA) {
            writeln!(
                f,
                "{MYELOMA}: growth {:+.4} (standard error {:.4}), log noise of growth {:+.3} ({:.3})",
                site.growth, site.growth_error, site.trend, site.trend_error
            )?;
        }
        let e = &self.all.parameters.errors;
        if *e != TrendErrors::default() {
            writeln!(
                f,
                "standard errors: mean growth {:.4}, logit of persistence {:.3}, log noise of the level {:.3}, log noise of \
                 growth {:.3} and {:+.3} times that of persistence",
                e.mean_growth, e.persistence, e.level_noise, e.growth_noise, e.growth_noise_slope
            )?;
        }
        Ok(())
    }
}

impl Forecaster for TrendForecaster {
    fn name(&self) -> &'static str {
        "myeloma-epi"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let rate = self.rate.as_ref().filter(|_| past.expected.is_some());
        rate.unwrap_or(&self.counts).forecast(past, horizons)
    }
}

/// The estimate with its noises multiplied by the factor that makes the central 50 % intervals cover
/// half of the panel's outcomes.
///
/// Maximum likelihood sees rare jumps (a new registration system, a change of definition) as more
/// noise in every year. The factor takes that back for what an interval is about; it is found by
/// bisection between 0.7 and 1.3, to a hundredth, on the mean coverage over both settings and the horizons 1–5, 6–10
/// and 11–15, each with 30 outcomes or more counting the same; where none has them, it is 1.
fn with_factor(
    parameters: TrendParameters,
    sites: &BTreeMap<String, SiteEffect>,
    panel: &Panel,
    options: &BacktestOptions,
) -> Result<Fitted> {
    let mut fitted = Fitted {
        parameters,
        likelihood: None,
        sites: sites.clone(),
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

/// Outcomes covered and all outcomes, by setting and band of horizons.
type Cells = BTreeMap<(Setting, usize), (f64, f64)>;

/// The fewest outcomes of a cell that has a say: the share of 30 has a standard error of 9 points.
const LEAST_OUTCOMES: f64 = 30.0;

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
            for origin in series.origins(options)? {
                let past = origin.past();
                let forecasts = model.forecast(&past, options.horizons)?.unwrap_or_default();
                for &(horizon, outcome) in origin.outcomes() {
                    let Some(pit) = forecasts[horizon - 1].pit(outcome.ln()) else {
                        continue;
                    };
                    let cell = cells.entry((past.setting, (horizon - 1) / 5)).or_default();
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

/// The mean of the shares of cells with outcomes enough; `None` where no cell has them.
fn mean_share(cells: &Cells) -> Option<f64> {
    let shares: Vec<f64> = cells
        .values()
        .filter(|(_, all)| *all >= LEAST_OUTCOMES)
        .map(|(covered, all)| covered / all)
        .collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The means of 1, 2, 6 without one each, 4, 3.5, 1.5, have as jackknife variance that of a mean: 7/3, the variance
    /// of 1, 2, 6 by three.
    #[test]
    fn the_jackknife_of_a_mean_is_the_variance_of_the_mean() {
        let without = [4.0, 3.5, 1.5];
        assert_relative_eq!(
            jackknife_covariance(&without, &without),
            7.0 / 3.0,
            max_relative = 1e-14
        );
    }

    /// By hand: (20/40 + 24/40)/2; a cell of one outcome that is missed decides nothing.
    #[test]
    fn a_cell_of_few_outcomes_does_not_calibrate() {
        let mut cells = Cells::new();
        cells.insert((Setting::TwoFigure, 0), (20.0, 40.0));
        cells.insert((Setting::TwoFigure, 1), (24.0, 40.0));
        cells.insert((Setting::FullHistory, 2), (0.0, 1.0));
        assert_relative_eq!(mean_share(&cells).unwrap(), 0.55, max_relative = 1e-15);
        cells.retain(|_, (_, all)| *all < 30.0);
        assert!(mean_share(&cells).is_none());
    }
}
