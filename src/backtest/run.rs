//! Every method from every origin of every series, scored.

use std::ops::RangeInclusive;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::forecaster::{Forecaster, Setting};
use super::origins::{BacktestOptions, Excluded, Origin, origins};
use super::panel::{Panel, PanelSeries};
use super::summary::Summary;
use crate::checked_on_reading::checked;
use crate::draws::MAX_HORIZON;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::score::QuantileForecast;

/// **One forecast with the count that came**, and its scores.
///
/// Scores are those of [`score`](crate::score), of the natural logarithm of the count. CRPS and log score of a
/// method that gives quantiles only are not there.
///
/// # Example
///
/// ```
/// use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries};
/// use myeloma_epi::forecast::RegistryTrend;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let panel = Panel::new([PanelSeries::new(usa.clone(), "United States", "multiple_myeloma")?])?;
/// let test = Backtest::run(&panel, &[&RegistryTrend::default()], &BacktestOptions::default())?;
/// for scored in &test.scored {
///     // The outcome is the registered count of the year that was forecast.
///     let year = scored.origin + scored.horizon as i32;
///     let registered = usa.observations().iter().find(|o| o.year == year);
///     assert_eq!(registered.map(|o| o.cases), Some(scored.observed));
/// }
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// The name of the series.
    pub series: String,
    /// Its group.
    pub group: String,
    /// Its site.
    pub site: String,
    /// How much of the series the method was given.
    pub setting: Setting,
    /// The place of the method in [`Backtest::methods`].
    pub method: usize,
    /// The year of the last count that the method was given.
    pub origin: i32,
    /// Years ahead, from 1.
    pub horizon: usize,
    /// The count of the year `origin + horizon`, finite and above 0.
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

checked! {
    /// A **rolling-origin back-test**: forecasts from every year of every series, with what was known then.
    ///
    /// Every series is cut after each of its years in turn (the origin); each method forecasts the years that follow,
    /// and each forecast is scored by the count that came. Tashman (2000), International Journal of Forecasting
    /// 16:437–450, [doi:10.1016/S0169-2070(00)00065-0](https://doi.org/10.1016/S0169-2070%2800%2900065-0).
    ///
    /// `Display` prints a table of coverage, weighted interval score, CRPS, bias, PIT and log score for each setting
    /// and method, over five years of horizon at a time. A method of one's own is at [`Forecaster`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::backtest::{Backtest, BacktestOptions, CurveForecaster, Panel, PanelSeries};
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let panel = Panel::new([PanelSeries::new(usa, "United States", "multiple_myeloma")?])?;
    /// let line = CurveForecaster::new("line", &[(Family::Linear, 1.0)], 0.03)?;
    /// let test = Backtest::run(&panel, &[&line], &BacktestOptions::default())?;
    /// // An interval about a curve knows nothing of how series leave curves: it covers fewer outcomes than it says.
    /// let summary = test.summary(0, 6..=10).unwrap();
    /// assert!(summary.coverage[2] < 0.95);
    /// println!("{test}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Backtest {
        /// The names of the methods, in the order in which they were given.
        pub methods: Vec<String>,
        /// The forecasts, in the order of series, origins, settings, methods and horizons.
        pub scored: Vec<Scored>,
        /// Counts that were left out because their year is marked as a shock.
        pub shocks: usize,
        /// Further counts that were left out because their year is provisional.
        pub provisional: usize,
        /// The number of series that lost a count in either way.
        pub series_with_exclusions: usize,
        /// Outcomes within the horizons that are not scored since they are among those left out; one counts for
        /// every origin and setting.
        pub unscored: usize,
    } then check
}

impl Backtest {
    /// Runs every method from every origin of every series, in parallel over series, with the same
    /// result for any number of threads.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where an option is out of range; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a shock is
    /// marked in a series that the panel does not have, there is no method or two have one name, or a method
    /// fails or gives an invalid forecast: with the method, the series and the origin.
    pub fn run(
        panel: &Panel,
        methods: &[&dyn Forecaster],
        options: &BacktestOptions,
    ) -> Result<Self> {
        options.check()?;
        panel.check_shocks(&options.shocks)?;
        let names = methods.iter().map(|method| method.name().to_owned());
        let mut all = Self {
            methods: names.collect(),
            scored: Vec::new(),
            shocks: 0,
            provisional: 0,
            series_with_exclusions: 0,
            unscored: 0,
        };
        all.check()?;
        let each = panel
            .series()
            .par_iter()
            .map(|series| one(series, methods, options))
            .collect::<Result<Vec<_>>>()?;
        for (scored, excluded) in each {
            all.scored.extend(scored);
            all.shocks += excluded.shocks;
            all.provisional += excluded.provisional;
            all.series_with_exclusions += usize::from(excluded.shocks + excluded.provisional > 0);
            all.unscored += excluded.unscored;
        }
        Ok(all)
    }

    /// The same back-test with some of its forecasts, such as those of one site. The counts of what was
    /// left out stay those of the whole.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Scored) -> bool) -> Self {
        Self {
            methods: self.methods.clone(),
            scored: self.scored.iter().filter(|s| keep(s)).cloned().collect(),
            ..*self
        }
    }

    /// The scores of one method, by its place in [`Backtest::methods`], over some horizons and both
    /// settings; `None` where it has no forecast there.
    #[must_use]
    pub fn summary(&self, method: usize, horizons: RangeInclusive<usize>) -> Option<Summary> {
        let own = self.scored.iter().filter(|s| s.method == method);
        Summary::of(own.filter(|s| horizons.contains(&s.horizon)))
    }

    fn check(&self) -> Result<()> {
        if self.methods.is_empty() {
            return Err(Error::unsuitable("a back-test of no methods"));
        }
        for (i, name) in self.methods.iter().enumerate() {
            if self.methods[..i].contains(name) {
                return Err(Error::unsuitable(format!(
                    "two methods of the back-test are called \"{name}\""
                )));
            }
        }
        self.scored
            .iter()
            .try_for_each(|one| one.check(self.methods.len()))
    }
}

impl Scored {
    fn check(&self, methods: usize) -> Result<()> {
        let place = format!("the forecast of {} from {}", self.series, self.origin);
        let place = Place(&place);
        let below = format!("below {methods}");
        let (method, name) = (self.method, "the place of the method");
        place.check(method < methods, name, method, &below)?;
        // No series of a panel is longer.
        place.within(
            "the horizon, in years,",
            self.horizon,
            1..=MAX_HORIZON as usize,
        )?;
        place.positive("the count", self.observed)?;
        if let Some(crps) = self.crps {
            place.not_negative("the CRPS", crps)?;
        }
        if let Some(pit) = self.pit {
            place.share("the PIT", pit)?;
        }
        if let Some(score) = self.log_score {
            place.finite("the log score", score)?;
        }
        self.forecast.score(self.observed.ln()).map(drop)
    }
}

/// The forecasts of one series by every method, and what the options left out of it.
fn one(
    series: &PanelSeries,
    methods: &[&dyn Forecaster],
    options: &BacktestOptions,
) -> Result<(Vec<Scored>, Excluded)> {
    let mut scored = Vec::new();
    let (origins, excluded) = origins(series, options)?;
    for origin in origins {
        let past = origin.past();
        for (method, forecaster) in methods.iter().enumerate() {
            let forecasts = forecaster
                .forecast(&past, options.horizons)
                .map_err(|error| failed(*forecaster, &origin, &error))?;
            let Some(forecasts) = forecasts else { continue };
            for &(horizon, observed) in origin.outcomes() {
                let Some(forecast) = forecasts.get(horizon - 1) else {
                    continue;
                };
                let truth = observed.ln();
                let one = Scored {
                    series: series.id().to_owned(),
                    group: series.group().to_owned(),
                    site: series.site().to_owned(),
                    setting: past.setting,
                    method,
                    origin: origin.year(),
                    horizon,
                    observed,
                    forecast: forecast
                        .quantiles()
                        .map_err(|error| failed(*forecaster, &origin, &error))?,
                    crps: forecast.crps(truth),
                    pit: forecast.pit(truth),
                    log_score: forecast.log_score(truth),
                };
                one.check(methods.len())?;
                scored.push(one);
            }
        }
    }
    Ok((scored, excluded))
}

/// The error of a method, with its name, the series and the origin.
pub(super) fn failed(method: &dyn Forecaster, origin: &Origin<'_>, error: &Error) -> Error {
    Error::unsuitable(format!(
        "{} of {} from {}: {error}",
        method.name(),
        origin.past().history.region(),
        origin.year()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::RegistryTrend;
    use crate::series::{IncidenceSeries, Shocks};

    fn panel() -> Panel {
        let series = (0..6).map(|i| {
            let counts = (2001..=2018).map(|y| (y, f64::from(40 + (y * (i + 3)) % 17)));
            let counts = IncidenceSeries::from_counts(format!("s{i}"), counts).unwrap();
            PanelSeries::new(counts, format!("g{i}"), "x").unwrap()
        });
        Panel::new(series).unwrap()
    }

    #[test]
    fn threads_do_not_change_the_result() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let trend = RegistryTrend::default();
            pool.install(|| Backtest::run(&panel(), &[&trend], &BacktestOptions::default()))
                .unwrap()
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn impossible_back_tests_are_refused() {
        let trend = RegistryTrend::default();
        let run = |methods: &[&dyn Forecaster], options: &BacktestOptions| {
            Backtest::run(&panel(), methods, options)
                .unwrap_err()
                .to_string()
        };
        let default = BacktestOptions::default();
        assert!(run(&[], &default).contains("no methods"));
        let twice = run(&[&trend, &trend], &default);
        assert!(twice.contains("\"registry-trend\""), "{twice}");
        let options = BacktestOptions {
            horizons: 0,
            ..default.clone()
        };
        assert!(run(&[&trend], &options).contains("horizon is 0"));
        let options = BacktestOptions {
            shocks: Shocks::none().and_of("nobody", [2010]),
            ..default
        };
        assert!(run(&[&trend], &options).contains("\"nobody\""));
    }
}
