//! Trends in annual counts and rates: annual percent change, joinpoint regression, doubling time.
//!
//! | question | here |
//! |---|---|
//! | by how many per cent a year does it change? | [`LogLinearTrend`], [`AnnualPercentChange`] |
//! | has the trend changed, when, from what to what? | [`JoinpointRegression`] |
//! | what was the change over a range of years, joinpoints or not? | [`JoinpointModel::average_annual_percent_change`] |
//! | how long until it has doubled? | [`AnnualPercentChange::doubling_time`] |
//!
//! The series is an [`AnnualSeries`], of counts or of rates. A trend describes what was observed; it is not a projection.
//! The methods are those of the National Cancer Institute's Joinpoint program. The two defaults that changed with its
//! version 5.0 are those of here: the number of joinpoints by the weighted BIC, and intervals by resampling (the
//! program's [page on 5.0](https://surveillance.cancer.gov/help/joinpoint/joinpoint-5-0-default-settings-changes), read on
//! 26 November 2026). The methods of version 4 are options.
//!
//! ```
//! use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
//! use myeloma_epi::{IncidenceSeries, figures};
//!
//! let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
//! let usa = AnnualSeries::from(&usa);
//! let trend = JoinpointRegression::fit(&usa, &JoinpointOptions::default())?;
//! let aapc = trend.selected().average_annual_percent_change(1999, 2019)?;
//! println!("{aapc}");
//! assert!((aapc.percent() - 3.6).abs() < 0.2);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```
//!
//! # The model
//!
//! ln *y* = α + β₁·t + δ₁·(t − τ₁)₊ + … + δₖ·(t − τₖ)₊ + error, with weights wᵢ = 1/var(ln yᵢ) up to a
//! factor ([`ErrorVariance`]). For every admissible set of joinpoints τ of a grid the line is fitted by
//! weighted least squares; the set with the smallest sum of squares is the model with *k* joinpoints.
//!
//! # Intervals
//!
//! | method | slope of a segment | average over segments | covers, of 95 % |
//! |---|---|---|---|
//! | [`Intervals::Resampled`], the default | quantiles of resampled series | the same | about 95 |
//! | [`Intervals::Parametric`] | Student's t | Student's t | about 95; 91 where changes are slight |
//! | [`Intervals::Clegg`], classical | Student's t | normal | 95; averages more than 99 |
//! | [`Intervals::Conditional`] | Student's t | normal | 82 to 92 where joinpoints were searched for |
//!
//! Student's t is for a variance that was estimated from the residuals; known standard errors have normal intervals.
//! How often each covers the truth was simulated: [methods](crate::documentation::methods). All of them take the number
//! of joinpoints as known; where it was chosen from the same few observations they cover somewhat less, and that of an average
//! over the last years alone much less where a slight joinpoint is missed: the average is then that of the whole segment.
//!
//! # What is not here
//!
//! Autocorrelated errors, jumps between segments, and Poisson likelihood with joinpoints: counts are weighted by
//! themselves instead ([`ErrorVariance::Poisson`]). Counts of 0 have no logarithm; [`LogLinearTrend::poisson`] takes them.

mod annual_percent_change;
mod annual_series;
mod error_variance;
mod from_export;
mod inference;
mod joinpoint_model;
mod joinpoint_options;
mod joinpoint_regression;
mod linear_spline;
mod log_linear_trend;
mod permutation_test;
mod resampling;
mod search;

pub use annual_percent_change::AnnualPercentChange;
pub use annual_series::AnnualSeries;
pub use error_variance::ErrorVariance;
pub use joinpoint_model::{Joinpoint, JoinpointModel, Segment};
pub use joinpoint_options::{Intervals, JoinpointOptions, Selection};
pub use joinpoint_regression::JoinpointRegression;
pub use log_linear_trend::LogLinearTrend;
pub use permutation_test::PermutationTest;
