//! Rolling-origin back-tests: forecasts from every year of a series, with what was known then.

use rayon::prelude::*;

use crate::backtest::{Panel, PanelSeries};
use crate::error::{Error, ErrorKind, Result};
use crate::score::Predictive;
use crate::score::QuantileForecast;
use crate::series::Shocks;

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

    /// The log count 1, 2, … years after the last figure, up to `horizons` or fewer
    /// where it has nothing to say further on; `None` where it has nothing to say in this setting.
    ///
    /// # Errors
    ///
    /// Where the method fails on these figures: the back-test stops, with the series and the origin.
    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>>;
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
    /// Years that are known to be out of line: no origin, no figure, no truth; [`Backtest::excluded`]
    /// counts them. Default: [`Shocks::pandemic`].
    pub shocks: Shocks,
    /// How many of the last calendar years of a series are fresh from the registry, and still to be
    /// completed: no figure, no truth. Default 0: they are taken as they are, since a back-test has no
    /// earlier states of the other years either.
    pub provisional_years: usize,
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
            shocks: Shocks::pandemic(),
            provisional_years: 0,
            span: 5,
            least_figures: 10,
        }
    }
}

impl BacktestOptions {
    /// With other years of shocks.
    #[must_use]
    pub fn with_shocks(mut self, shocks: Shocks) -> Self {
        self.shocks = shocks;
        self
    }

    /// With so many fresh years at the end of each series.
    #[must_use]
    pub const fn with_provisional_years(mut self, years: usize) -> Self {
        self.provisional_years = years;
        self
    }

    /// With another furthest horizon.
    #[must_use]
    pub const fn with_horizons(mut self, horizons: usize) -> Self {
        self.horizons = horizons;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
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

/// What a back-test left out, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Excluded {
    /// Figures in years that are marked as shocks.
    pub shocks: usize,
    /// Figures in fresh years that are not marked as shocks.
    pub fresh: usize,
    /// In how many series there was such a figure.
    pub series: usize,
    /// Figures that came after an origin, within the horizons, and are not scored since they are among
    /// those above; one counts for every origin and setting.
    pub unscored: usize,
}

/// The origins of a series, in both settings, that have something to score; and what was left out.
pub(crate) fn origins(series: &PanelSeries, options: &BacktestOptions) -> (Vec<Origin>, Excluded) {
    let mut excluded = Excluded::default();
    let counts = series.counts();
    let last = counts[counts.len() - 1].0;
    let mut left_out = Vec::new();
    let mut kept = Vec::with_capacity(counts.len());
    for &(year, cases) in counts {
        let back = usize::try_from(i64::from(last) - i64::from(year)).unwrap_or(usize::MAX);
        if options.shocks.marks(series.id(), year) {
            excluded.shocks += 1;
            left_out.push(year);
        } else if back < options.provisional_years {
            excluded.fresh += 1;
            left_out.push(year);
        } else {
            kept.push((year, cases));
        }
    }
    excluded.series = usize::from(!left_out.is_empty());
    let ahead = |from: i32, to: i32| {
        usize::try_from(i64::from(to) - i64::from(from))
            .ok()
            .filter(|horizon| (1..=options.horizons).contains(horizon))
    };
    let mut origins = Vec::new();
    for (i, &(year, cases)) in kept.iter().enumerate() {
        let truths: Vec<(usize, i32, f64)> = kept[i + 1..]
            .iter()
            .filter_map(|&(later, truth)| Some((ahead(year, later)?, later, truth)))
            .collect();
        if cases < options.least_cases || truths.is_empty() {
            continue;
        }
        let unscored = left_out
            .iter()
            .filter(|later| ahead(year, **later).is_some())
            .count();
        let earlier = kept
            .iter()
            .find(|(y, _)| i64::from(*y) + i64::from(options.span) == i64::from(year));
        if let Some(&earlier) = earlier {
            excluded.unscored += unscored;
            origins.push(Origin {
                setting: Setting::TwoFigure,
                figures: vec![earlier, (year, cases)],
                truths: truths.clone(),
            });
        }
        if i + 1 >= options.least_figures {
            excluded.unscored += unscored;
            origins.push(Origin {
                setting: Setting::FullHistory,
                figures: kept[..=i].to_vec(),
                truths,
            });
        }
    }
    (origins, excluded)
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
    /// The continuous ranked probability score, where the method gives a distribution.
    pub crps: Option<f64>,
    /// The probability integral transform, where the method gives a distribution.
    pub pit: Option<f64>,
    /// The log score, where the method gives a density.
    pub log_score: Option<f64>,
}

/// Forecasts with their scores, and what was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The forecasts.
    pub scored: Vec<Scored>,
    /// Shocks and fresh years, counted.
    pub excluded: Excluded,
}

/// Runs every method from every origin of every series, in parallel over series. The result is in
/// the order of series, origins, settings, methods and horizons, whatever the number of threads.
///
/// # Errors
///
/// Where the options are out of range or mark a series that is not there, there is no method, or a
/// method fails or says something that is no forecast: with the method, the series and the origin.
pub fn backtest(
    panel: &Panel,
    methods: &[&dyn Forecaster],
    options: &BacktestOptions,
) -> Result<Backtest> {
    options.check()?;
    options.shocks.check(panel)?;
    if methods.is_empty() {
        return Err(ErrorKind::Unsuitable("a back-test of no methods".to_owned()).into());
    }
    let each = panel
        .series()
        .par_iter()
        .map(|series| one(series, methods, options))
        .collect::<Result<Vec<_>>>()?;
    let mut all = Backtest {
        scored: Vec::with_capacity(each.iter().map(|(scored, _)| scored.len()).sum()),
        excluded: Excluded::default(),
    };
    for (scored, excluded) in each {
        all.scored.extend(scored);
        all.excluded.shocks += excluded.shocks;
        all.excluded.fresh += excluded.fresh;
        all.excluded.series += excluded.series;
        all.excluded.unscored += excluded.unscored;
    }
    Ok(all)
}

fn one(
    series: &PanelSeries,
    methods: &[&dyn Forecaster],
    options: &BacktestOptions,
) -> Result<(Vec<Scored>, Excluded)> {
    let mut scored = Vec::new();
    let (origins, excluded) = origins(series, options);
    for origin in origins {
        let past = Past {
            series,
            figures: &origin.figures,
            setting: origin.setting,
        };
        let year = origin.figures[origin.figures.len() - 1].0;
        for (method, forecaster) in methods.iter().enumerate() {
            let failed = |error| {
                ErrorKind::Unsuitable(format!(
                    "{} of {} from {year}: {error}",
                    forecaster.name(),
                    series.id()
                ))
            };
            let forecasts = forecaster
                .forecast(&past, options.horizons)
                .map_err(failed)?;
            let Some(forecasts) = forecasts else { continue };
            for &(horizon, _, observed) in &origin.truths {
                let Some(forecast) = forecasts.get(horizon - 1) else {
                    continue;
                };
                let truth = observed.ln();
                scored.push(Scored {
                    series: series.id().to_owned(),
                    group: series.group().to_owned(),
                    site: series.site().to_owned(),
                    setting: origin.setting,
                    method,
                    origin: year,
                    horizon,
                    observed,
                    forecast: forecast.quantiles().map_err(failed)?,
                    crps: forecast.crps(truth),
                    pit: forecast.pit(truth),
                    log_score: forecast.log_score(truth),
                });
            }
        }
    }
    Ok((scored, excluded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::Baseline;

    fn series() -> PanelSeries {
        let counts = (2001..=2022).map(|year| (year, f64::from(year - 1901)));
        PanelSeries::new("a", "A", "x", counts).unwrap()
    }

    #[test]
    fn shocks_are_neither_fitted_nor_scored() {
        let (origins, excluded) = origins(&series(), &BacktestOptions::default());
        assert!(!origins.is_empty());
        for origin in origins {
            let years = origin.figures.iter().map(|f| f.0);
            let truths = origin.truths.iter().map(|t| t.1);
            assert!(years.chain(truths).all(|year| year != 2020 && year != 2021));
        }
        // Two figures; they came within 15 years of the origins 2006 to 2019, of two figures, and of
        // those from 2010 on, the tenth year, with a full history.
        assert_eq!(
            (excluded.shocks, excluded.fresh, excluded.series),
            (2, 0, 1)
        );
        assert_eq!(excluded.unscored, 2 * 14 + 2 * 10);
    }

    #[test]
    fn shocks_of_one_series_are_those_of_that_series() {
        let marked = BacktestOptions::default().with_shocks(Shocks::none().and_of("a", [2010]));
        let (here, excluded) = origins(&series(), &marked);
        assert_eq!(excluded.shocks, 1);
        assert!(here.iter().all(|o| o.figures.iter().all(|f| f.0 != 2010)));
        let counts = series().counts().to_vec();
        let other = PanelSeries::new("b", "A", "x", counts).unwrap();
        assert_eq!(origins(&other, &marked).1, Excluded::default());
        let panel = Panel::new([other]).unwrap();
        assert!(backtest(&panel, &[&Baseline::Constant], &marked).is_err());
    }

    #[test]
    fn fresh_years_are_the_last_calendar_years() {
        let options = BacktestOptions::default().with_provisional_years(3);
        let (origins, excluded) = origins(&series(), &options);
        // 2020 to 2022, of which the first two are shocks already.
        assert_eq!((excluded.shocks, excluded.fresh), (2, 1));
        let truths = origins.iter().flat_map(|o| &o.truths);
        assert_eq!(truths.map(|t| t.1).max(), Some(2019));
    }

    #[test]
    fn origins_know_nothing_of_later_years() {
        let options = BacktestOptions::default();
        let (all, _) = origins(&series(), &options);
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
    }
}
