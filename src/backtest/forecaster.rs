//! The trait of a forecaster, and what it is given.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::ExpectedByYear;
use crate::score::Predictive;
use crate::series::IncidenceSeries;

/// How much of a series a forecaster is given at an origin.
///
/// A method may answer in one setting and not in the other: a curve of two parameters needs no more than two figures, a
/// smoother needs a history.
///
/// ```
/// use myeloma_epi::backtest::Setting;
///
/// assert_eq!(Setting::ALL.map(Setting::name), ["two-figure", "full-history"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Two counts, five years apart: all that is published for most regions.
    TwoFigure,
    /// Every yearly count up to the origin, ten or more.
    FullHistory,
}

impl Setting {
    /// Both settings.
    pub const ALL: [Self; 2] = [Self::TwoFigure, Self::FullHistory];

    /// The name in tables and files: `two-figure` or `full-history`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwoFigure => "two-figure",
            Self::FullHistory => "full-history",
        }
    }
}

/// A series as it stood at an origin. No later count can be reached from it; expected cases of later years, which come
/// from the population, can.
///
/// ```
/// use myeloma_epi::backtest::{BacktestOptions, PanelSeries, Setting};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let series = PanelSeries::new(usa, "United States", "multiple_myeloma")?;
/// let origins = series.origins(&BacktestOptions::default())?;
/// let past = origins.iter().map(|origin| origin.past()).find(|past| past.setting == Setting::TwoFigure).unwrap();
/// let years: Vec<i32> = past.history.observations().iter().map(|observation| observation.year).collect();
/// assert_eq!((years.len(), years[1] - years[0]), (2, 5));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The counts up to the origin, the last being the origin's, without years of shocks; its region
    /// is the name of the series.
    pub history: &'a IncidenceSeries,
    /// The group of the series, see [`PanelSeries::group`](super::PanelSeries::group).
    pub group: &'a str,
    /// The cancer site of the series.
    pub site: &'a str,
    /// How much of the series the history is.
    pub setting: Setting,
    /// The expected cases of the series, where it has them.
    pub expected: Option<&'a ExpectedByYear>,
}

/// A method that forecasts yearly counts.
///
/// ```
/// use myeloma_epi::backtest::{Backtest, BacktestOptions, Forecaster, Panel, PanelSeries, Past};
/// use myeloma_epi::forecast::RegistryTrend;
/// use myeloma_epi::score::Predictive;
/// use myeloma_epi::{IncidenceSeries, Result, figures};
///
/// /// The last count again, with an error of 3 % times the square root of the years ahead.
/// struct NoChange;
///
/// impl Forecaster for NoChange {
///     fn name(&self) -> &str {
///         "no change"
///     }
///
///     fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
///         let last = past.history.observations().last().unwrap().cases.ln();
///         let each = (1..=horizons).map(|h| Predictive::normal(last, 0.03 * (h as f64).sqrt()));
///         each.collect::<Result<_>>().map(Some)
///     }
/// }
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let panel = Panel::new([PanelSeries::new(usa, "United States", "multiple_myeloma")?])?;
/// let shipped = RegistryTrend::default();
/// let test = Backtest::run(&panel, &[&shipped, &NoChange], &BacktestOptions::default())?;
/// println!("{test}");
/// let score = |method| test.summary(method, 1..=15).map(|summary| summary.score);
/// assert!(score(0) < score(1));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub trait Forecaster: Sync {
    /// The name in tables and files.
    fn name(&self) -> &str;

    /// The forecasts of the log count 1, 2, … years after the last count of the history: `horizons`
    /// of them, or fewer where the method has nothing to say further on; `None` where it has nothing to say
    /// in this setting.
    ///
    /// # Errors
    ///
    /// Where the method fails on this history: the back-test stops, with the series and the origin. A
    /// method's own errors are made by [`Error::other`](crate::Error::other).
    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>>;
}
