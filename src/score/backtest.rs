//! Rolling-origin back-tests: forecasts from every year of a series, with what was known then.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::rules::QuantileForecast;
use crate::error::{Error, ErrorKind, Result};
use crate::panel::{PANDEMIC, Panel, PanelSeries};

/// What a forecaster is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Two figures, five years apart: all that is published for most regions.
    TwoFigure,
    /// Ten or more yearly figures up to the origin.
    FullHistory,
}

impl Setting {
    /// Both.
    pub const ALL: [Self; 2] = [Self::TwoFigure, Self::FullHistory];

    /// Its name in tables and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwoFigure => "two-figure",
            Self::FullHistory => "full-history",
        }
    }
}

/// A series as it stood at an origin.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Whose it is: its group and site may be used, its later counts may not.
    pub series: &'a PanelSeries,
    /// Years and counts up to the origin, without the years of shocks; two of them or ten or more,
    /// as the setting says, the last being the origin's.
    pub figures: &'a [(i32, f64)],
    /// The setting.
    pub setting: Setting,
}

/// A way to forecast log counts.
pub trait Forecaster: Sync {
    /// Its name in tables and files.
    fn name(&self) -> &str;

    /// Quantiles of the log count 1, 2, … years after the last figure, up to `horizons` or fewer
    /// where it has nothing to say further on; `None` where it has nothing to say in this setting.
    ///
    /// # Errors
    ///
    /// Where the method fails on these figures: the back-test stops, with the series and the origin.
    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<QuantileForecast>>>;
}

/// Which forecasts are made and scored.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BacktestOptions {
    /// The furthest horizon, in years. Default 15.
    pub horizons: usize,
    /// Origins with fewer cases are skipped. Default 30: below, the logarithm of a count is far from
    /// normal.
    pub least_cases: f64,
    /// Years that are known to be out of line: no origin, no figure, no truth. Default: the
    /// pandemic, [`PANDEMIC`].
    pub shocks: Vec<i32>,
    /// Years between the two figures of the two-figure setting. Default 5.
    pub span: i32,
    /// The fewest figures of the full-history setting. Default 10.
    pub least_figures: usize,
}

impl Default for BacktestOptions {
    fn default() -> Self {
        Self {
            horizons: 15,
            least_cases: 30.0,
            shocks: PANDEMIC.to_vec(),
            span: 5,
            least_figures: 10,
        }
    }
}

impl BacktestOptions {
    /// With other years of shocks.
    #[must_use]
    pub fn with_shocks(mut self, shocks: impl Into<Vec<i32>>) -> Self {
        self.shocks = shocks.into();
        self
    }

    /// With another furthest horizon.
    #[must_use]
    pub const fn with_horizons(mut self, horizons: usize) -> Self {
        self.horizons = horizons;
        self
    }

    fn check(&self) -> Result<()> {
        let fault = if self.horizons == 0 || self.horizons > 100 {
            Some((
                "the furthest horizon",
                self.horizons.to_string(),
                "1 to 100",
            ))
        } else if !(self.least_cases.is_finite() && self.least_cases > 0.0) {
            Some(("the fewest cases", self.least_cases.to_string(), "above 0"))
        } else if !(1..=100).contains(&self.span) {
            Some((
                "the years between two figures",
                self.span.to_string(),
                "1 to 100",
            ))
        } else if self.least_figures < 7 {
            Some((
                "the fewest figures",
                self.least_figures.to_string(),
                "7 or more",
            ))
        } else {
            None
        };
        match fault {
            Some((name, value, allowed)) => {
                Err(Error::out_of_range(name, "a back-test", value, allowed))
            }
            None => Ok(()),
        }
    }
}

/// One origin of one series: what is known, and what came after.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub setting: Setting,
    pub figures: Vec<(i32, f64)>,
    /// Horizon, year and count.
    pub truths: Vec<(usize, i32, f64)>,
}

/// The origins of a series, in both settings, that have something to score.
pub(crate) fn origins(series: &PanelSeries, options: &BacktestOptions) -> Vec<Origin> {
    let kept: Vec<(i32, f64)> = series
        .counts()
        .iter()
        .copied()
        .filter(|(year, _)| !options.shocks.contains(year))
        .collect();
    let mut origins = Vec::new();
    for (i, &(year, cases)) in kept.iter().enumerate() {
        let truths: Vec<(usize, i32, f64)> = kept[i + 1..]
            .iter()
            .filter_map(|&(later, truth)| {
                let horizon = usize::try_from(later - year).ok()?;
                (horizon <= options.horizons).then_some((horizon, later, truth))
            })
            .collect();
        if cases < options.least_cases || truths.is_empty() {
            continue;
        }
        let earlier = kept.iter().find(|(y, _)| y + options.span == year);
        if let Some(&earlier) = earlier {
            origins.push(Origin {
                setting: Setting::TwoFigure,
                figures: vec![earlier, (year, cases)],
                truths: truths.clone(),
            });
        }
        if i + 1 >= options.least_figures {
            origins.push(Origin {
                setting: Setting::FullHistory,
                figures: kept[..=i].to_vec(),
                truths,
            });
        }
    }
    origins
}

/// One forecast and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The name of the series.
    pub series: String,
    /// Its group.
    pub group: String,
    /// Its site.
    pub site: String,
    /// The setting.
    pub setting: Setting,
    /// The place of the method in the list that was tested.
    pub method: usize,
    /// The year of the last figure.
    pub origin: i32,
    /// Years ahead.
    pub horizon: usize,
    /// The count that was observed in the year `origin + horizon`.
    pub observed: f64,
    /// The forecast of its logarithm.
    pub forecast: QuantileForecast,
}

/// Runs every method from every origin of every series, in parallel over series. The result is in
/// the order of series, origins, settings, methods and horizons, whatever the number of threads.
///
/// # Errors
///
/// Where the options are out of range, there is no method, or a method fails.
pub fn backtest(
    panel: &Panel,
    methods: &[&dyn Forecaster],
    options: &BacktestOptions,
) -> Result<Vec<Scored>> {
    options.check()?;
    if methods.is_empty() {
        return Err(ErrorKind::Unsuitable("a back-test of no methods".to_owned()).into());
    }
    let each = panel
        .series()
        .par_iter()
        .map(|series| one(series, methods, options))
        .collect::<Result<Vec<_>>>()?;
    Ok(each.into_iter().flatten().collect())
}

fn one(
    series: &PanelSeries,
    methods: &[&dyn Forecaster],
    options: &BacktestOptions,
) -> Result<Vec<Scored>> {
    let mut scored = Vec::new();
    for origin in origins(series, options) {
        let past = Past {
            series,
            figures: &origin.figures,
            setting: origin.setting,
        };
        let year = origin.figures[origin.figures.len() - 1].0;
        for (method, forecaster) in methods.iter().enumerate() {
            let forecasts = forecaster
                .forecast(&past, options.horizons)
                .map_err(|error| {
                    ErrorKind::Unsuitable(format!(
                        "{} of {} from {year}: {error}",
                        forecaster.name(),
                        series.id()
                    ))
                })?;
            let Some(forecasts) = forecasts else { continue };
            for &(horizon, _, observed) in &origin.truths {
                let Some(forecast) = forecasts.get(horizon - 1) else {
                    continue;
                };
                scored.push(Scored {
                    series: series.id().to_owned(),
                    group: series.group().to_owned(),
                    site: series.site().to_owned(),
                    setting: origin.setting,
                    method,
                    origin: year,
                    horizon,
                    observed,
                    forecast: *forecast,
                });
            }
        }
    }
    Ok(scored)
}

/// The scores of many forecasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many forecasts.
    pub forecasts: usize,
    /// Shares of truths that the central 50, 80 and 95 % intervals cover.
    pub coverage: [f64; 3],
    /// The mean weighted interval score.
    pub score: f64,
    /// Its part from the width of the intervals.
    pub dispersion: f64,
    /// Its part from forecasts that were too high.
    pub overprediction: f64,
    /// Its part from forecasts that were too low.
    pub underprediction: f64,
    /// The share of truths above the median: one half where the centre is right.
    pub above_median: f64,
}

impl Summary {
    /// Sums up forecasts, or `None` where there is none.
    pub fn of<'a>(scored: impl IntoIterator<Item = &'a Scored>) -> Option<Self> {
        let mut sums = [0.0; 8];
        let mut forecasts = 0;
        for one in scored {
            forecasts += 1;
            let truth = one.observed.ln();
            let score = one.forecast.score(truth);
            let covers = one.forecast.covers(truth).map(|c| f64::from(u8::from(c)));
            let above = f64::from(u8::from(truth > one.forecast.quantiles()[3]));
            let parts = [
                covers[0],
                covers[1],
                covers[2],
                score.total,
                score.dispersion,
                score.overprediction,
                score.underprediction,
                above,
            ];
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        if forecasts == 0 {
            return None;
        }
        let mean = sums.map(|sum| sum / f64::from(forecasts));
        Some(Self {
            forecasts: usize::try_from(forecasts).unwrap_or(usize::MAX),
            coverage: [mean[0], mean[1], mean[2]],
            score: mean[3],
            dispersion: mean[4],
            overprediction: mean[5],
            underprediction: mean[6],
            above_median: mean[7],
        })
    }

    /// Sums up the forecasts of some horizons.
    pub fn of_horizons<'a>(
        scored: impl IntoIterator<Item = &'a Scored>,
        horizons: RangeInclusive<usize>,
    ) -> Option<Self> {
        Self::of(
            scored
                .into_iter()
                .filter(|one| horizons.contains(&one.horizon)),
        )
    }
}

/// The horizons whose scores are averaged in a headline.
pub const HEADLINE_HORIZONS: [usize; 7] = [1, 3, 5, 8, 10, 12, 15];

/// The mean over [`HEADLINE_HORIZONS`] of the mean weighted interval score at each, every horizon
/// counting the same; horizons without a forecast are left out. `None` where none has one.
#[must_use]
pub fn headline(scored: &[&Scored]) -> Option<f64> {
    let each: Vec<f64> = HEADLINE_HORIZONS
        .iter()
        .filter_map(|&h| Summary::of_horizons(scored.iter().copied(), h..=h))
        .map(|summary| summary.score)
        .collect();
    (!each.is_empty()).then(|| each.iter().sum::<f64>() / each.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Baseline;

    fn series() -> PanelSeries {
        let counts = (2001..=2022).map(|year| (year, f64::from(year - 1901)));
        PanelSeries::new("a", "A", "x", counts).unwrap()
    }

    #[test]
    fn shocks_are_neither_fitted_nor_scored() {
        let origins = origins(&series(), &BacktestOptions::default());
        assert!(!origins.is_empty());
        for origin in origins {
            let years = origin.figures.iter().map(|f| f.0);
            let truths = origin.truths.iter().map(|t| t.1);
            assert!(years.chain(truths).all(|year| year != 2020 && year != 2021));
        }
    }

    #[test]
    fn origins_know_nothing_of_later_years() {
        let options = BacktestOptions::default();
        let all = origins(&series(), &options);
        let two = all.iter().filter(|o| o.setting == Setting::TwoFigure);
        // Origins 2006 to 2019: 2022 is the last truth.
        assert_eq!(two.clone().count(), 14);
        for origin in two {
            assert_eq!(origin.figures[1].0 - origin.figures[0].0, 5);
        }
        let full = all.iter().filter(|o| o.setting == Setting::FullHistory);
        assert_eq!(full.clone().map(|o| o.figures.len()).min(), Some(10));
        for origin in full {
            let last = origin.figures[origin.figures.len() - 1].0;
            assert!(
                origin
                    .truths
                    .iter()
                    .all(|(h, year, _)| *year > last && *h <= 15)
            );
        }
    }

    #[test]
    fn threads_do_not_change_the_result() {
        let panel = Panel::new((0..6).map(|i| {
            let counts = (2001..=2018).map(|y| (y, f64::from(40 + (y * (i + 3)) % 17)));
            PanelSeries::new(format!("s{i}"), format!("g{i}"), "x", counts).unwrap()
        }))
        .unwrap();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let methods: Vec<&dyn Forecaster> =
                Baseline::ALL.iter().map(|b| b as &dyn Forecaster).collect();
            pool.install(|| backtest(&panel, &methods, &BacktestOptions::default()))
                .unwrap()
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn impossible_back_tests_are_refused() {
        let panel = Panel::new([series()]).unwrap();
        let none: [&dyn Forecaster; 0] = [];
        assert!(backtest(&panel, &none, &BacktestOptions::default()).is_err());
        let options = BacktestOptions::default().with_horizons(0);
        assert!(backtest(&panel, &[&Baseline::Constant], &options).is_err());
        assert!(Summary::of([]).is_none());
        assert!(headline(&[]).is_none());
    }
}
