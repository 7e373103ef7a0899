//! Trends in annual counts and rates: annual percent change, joinpoint regression, doubling time.
//!
//! | question | here |
//! |---|---|
//! | by how many per cent a year does it change? | [`LogLinearTrend`], [`AnnualPercentChange`] |
//! | has the trend changed, when, from what to what? | [`JoinpointRegression`] |
//! | what was the change over a range of years, joinpoints or not? | [`JoinpointModel::average_annual_percent_change`] |
//! | how long until it has doubled? | [`AnnualPercentChange::doubling_time`] |
//!
//! The series is an [`AnnualSeries`]. A trend describes what was observed; it is not a projection. The methods are those of the National
//! Cancer Institute's Joinpoint program, with its defaults wherever they are published.
//!
//! ```
//! use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
//! use myeloma_epi::{IncidenceSeries, figures};
//!
//! let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
//! let usa = AnnualSeries::from(&usa);
//! let trend = JoinpointRegression::fit(&usa, &JoinpointOptions::default())?;
//! let aapc = trend.selected().average_annual_percent_change(1999, 2022)?;
//! println!("{aapc}");
//! assert!((aapc.percent() - 3.0).abs() < 0.3);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```
//!
//! # The model
//!
//! ln *y* = α + β₁·t + δ₁·(t − τ₁)₊ + … + δₖ·(t − τₖ)₊ + error, with weights wᵢ = 1/var(ln yᵢ) up to a
//! factor ([`ErrorVariance`]). For every admissible set of joinpoints τ of a grid the line is fitted by
//! weighted least squares; the set with the smallest sum of squares is the model with *k* joinpoints.
//!
//! # t or normal
//!
//! An interval is Student's t where a variance was estimated from the residuals, and normal where none
//! was: for known standard errors and for Poisson counts. The average annual percent change over
//! several segments is normal, as published.
//!
//! # What is not here
//!
//! Autocorrelated errors, jumps between segments, intervals by resampling, and Poisson likelihood with
//! joinpoints: counts are weighted by themselves instead ([`ErrorVariance::Poisson`]).

mod annual_percent_change;
mod annual_series;
mod error_variance;
mod inference;
mod joinpoint_model;
mod joinpoint_regression;
mod linear_spline;
mod log_linear_trend;
mod options;
mod permutation_test;
mod resampling;
mod search;

pub use annual_percent_change::AnnualPercentChange;
pub use annual_series::AnnualSeries;
pub use error_variance::ErrorVariance;
pub use joinpoint_model::{Joinpoint, JoinpointModel, Segment};
pub use joinpoint_regression::JoinpointRegression;
pub use log_linear_trend::LogLinearTrend;
pub use options::{Intervals, JoinpointOptions, Selection};
pub use permutation_test::PermutationTest;
