//! Rolling-origin back-tests: forecasts from every year of a series, with what was known then.
//!
//! | to | here |
//! |---|---|
//! | test methods on yearly counts | [`Backtest::run`] on a [`Panel`] of series |
//! | bring a method of one's own | the trait [`Forecaster`]; [`RegistryTrend`] and [`CurveForecaster`] are there |
//! | read the result | print the [`Backtest`], or sum up its forecasts with [`Summary`] |
//! | tell whether one method is better than another | [`Backtest::skill`], with an interval |
//! | weigh methods by what they would have said | [`Stacked`] |
//! | collect the errors that a method made | [`PanelSeries::origins`] |
//!
//! Scores are those of [`score`](crate::score), of natural logarithms of counts.
//!
//! [`RegistryTrend`]: crate::forecast::RegistryTrend

mod forecaster;
mod origins;
mod panel;
mod pool;
mod registry_trend;
mod run;
mod skill;
mod stacking;
mod summary;
mod table;

pub use forecaster::{Forecaster, Past, Setting};
pub use origins::{BacktestOptions, Origin};
pub use panel::{Panel, PanelSeries};
pub use pool::CurveForecaster;
pub use run::{Backtest, Scored};
pub use skill::{Skill, SkillOptions};
pub use stacking::{Stacked, StackingOptions};
pub use summary::Summary;
