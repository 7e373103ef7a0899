//! Forecasts of how many people are diagnosed with multiple myeloma each year to 2040, how many of them reach a third line of
//! therapy, and how sure each number is.
//!
//! ```
//! use myeloma_epi::{Outlook, OutlookOptions, figures};
//!
//! let outlook = Outlook::of(figures::press_release(), &OutlookOptions::myeloma())?;
//! let world = outlook.region("World")?;
//! println!("new cases 2040: {:.0?}", world.new_cases().interval(2040, 0.95)?);
//! println!("ever reach third line: {:.0?}", world.third_line().interval(2040, 0.95)?);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```
//!
//! The same from the command line, with the headline and the growth curves, is `cargo run --release --example outlook`.
//!
//! # The way through
//!
//! | stage | main types |
//! |---|---|
//! | figures, as published | [`figures::Figures`], [`figures::press_release`]; from files as they come, [`readers::read`] |
//! | people and rates by age | [`demography::Population`], [`demography::ExpectedCases`] |
//! | counts of a region, validated | [`IncidenceSeries`], [`Shocks`] |
//! | growth curves | [`curve::Family`], [`curve::GrowthCurve`] for your own |
//! | estimation | [`fit::fit`], [`fit::compare`], [`fit::Fit`] |
//! | draws of new cases | [`Projection`], [`forecast::RegistryTrend`], [`YearlyDraws`], [`YearlyTally`] |
//! | third line | [`pathway::ThirdLine`], [`pathway::Delay`], [`pathway::Pathway`], [`pathway::evidence`], [`pathway::access`] |
//! | all of it, for several regions | [`Outlook`], [`Question`] |
//! | which assumption matters | [`sensitivity`], [`OutlookModel`] |
//! | files and charts | [`report`] |
//! | what has happened, and how good forecasts were | [`joinpoint`], [`score`], [`backtest`] |
//!
//! Every step is a plain value: it can be printed, serialised and replaced by your own. Everything uncertain is a
//! matrix of draws, a row a year; draw *k* is one coherent world in every array of one [`Seed`].
//!
//! Further reading: [the book](documentation::book), page by page, among them [what the interval means](documentation::intervals), the
//! [cookbook](documentation::cookbook) and [file formats](documentation::file_formats);
//! [methods and their checks](documentation::methods), [design and glossary](documentation::design),
//! [changes](documentation::changelog).
//!
//! # What it does not do
//!
//! It has no age–period–cohort model. Third line by calendar year needs assumptions about delay, which [`pathway`] makes
//! visible. No projection reaches further than 200 years, and none makes sense that far.
//!
//! # New cases of multiple myeloma a year
//!
#![doc = include_str!("../docs/incidence.svg")]
#![forbid(unsafe_code)]

pub mod backtest;
mod checked_on_reading;
pub mod curve;
pub mod demography;
pub mod documentation;
mod draws;
mod error;
pub mod figures;
mod files;
pub mod fit;
pub mod forecast;
mod interval_levels;
pub mod joinpoint;
mod known_names;
mod number_checks;
mod numeric;
mod outlook;
pub mod pathway;
mod plain_text;
pub mod projection;
mod random;
pub mod readers;
pub mod report;
pub mod score;
pub mod sensitivity;
mod series;

pub use draws::{DrawSource, YearSummary, YearlyDraws, YearlyTally};
pub use error::{Error, ErrorKind, Result};
pub use ndarray;
pub use outlook::{
    Complement, CurveOutlook, NotIdentified, Outlook, OutlookModel, OutlookModelOptions,
    OutlookOptions, OutlookVariance, Question, RegionOutlook, StudySynthesis, TherapyModel,
    ThirdLineOptions, ThirdLineRow, ThirdLineTable,
};
pub use projection::{Projection, ProjectionOptions};
pub use random::Seed;
pub use series::{IncidenceSeries, Observation, PublishedProjection, Shocks};

/// The README's programs compile and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
