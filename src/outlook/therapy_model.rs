//! A model file: incidence and a treatment pathway in one, from figures to patients by line.
//!
//! ```json
//! {
//!   "region": "Atlantis",
//!   "incidence": { "by_year": { "first_year": 2019, "cases": [100, 103, 106] } },
//!   "to": 2021,
//!   "pathway": { "groups": [ { "name": "all", "weight": 1, "lines": [
//!     { "stay": { "family": "weibull", "shape": 1.1, "scale": 3.0 }, "next": 0.65 },
//!     { "stay": { "family": "exponential", "median": 1.0 }, "next": 0, "death": 0.9 }
//!   ] } ] }
//! }
//! ```
//!
//! Stays are in years. A stay is given by `shape` and `scale` (`scale` alone if exponential), by
//! `median` and `quantile` (`{"probability": 0.75, "time": 3.5}`), by `mean` and `sd`, or by `times` and
//! `probabilities`; [`SojournTime`](crate::pathway::SojournTime) says what they mean, and `relative_error` makes its time scale
//! uncertain. Shares are those of [`Share`](crate::pathway::Share). A line without `death` loses nobody but the
//! dead: all who do not go on die; with it, whoever is left is lost to further therapy. Every line
//! but the last needs `next` or `off_treatment`. A line may
//! have `until_next` and `until_death`, stays of their own for those events, and `off_treatment`
//! (`share`, `stay`, `next`, `death`, `until_next`, `until_death`); a group `never_treated`, `never_treated_survival` and
//! `lost_survival`.
//!
//! In place of `by_year`, `"project": { "series": …, "curve": "exponential", "from": 2000 }` projects
//! the figures of an [`IncidenceSeries`].

use std::path::Path;

use ndarray::{Array1, Axis};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use crate::curve::Family;
use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};
use crate::pathway::{Entry, Flow, FlowOptions, Pathway};
use crate::projection::{Projection, ProjectionOptions};
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// Incidence and a pathway, as they stand in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TherapyModel {
    /// The region.
    pub region: String,
    /// New cases a year.
    pub incidence: IncidenceSource,
    /// The last calendar year.
    pub to: i32,
    /// When in its year a cohort is diagnosed. Default: at a steady rate through the year.
    #[serde(default)]
    pub entry: Entry,
    /// Where randomness comes from.
    #[serde(default)]
    pub seed: Seed,
    /// The pathway.
    pub pathway: Pathway,
}

/// Where the incidence of a model comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum IncidenceSource {
    /// Known numbers, year by year.
    ByYear {
        /// The first year.
        first_year: i32,
        /// New cases in it and the years that follow.
        cases: Vec<f64>,
    },
    /// A curve through published figures.
    Project {
        /// The figures.
        series: IncidenceSeries,
        /// The curve.
        curve: Family,
        /// The first year, before the first figure. Default: the first figure.
        #[serde(default)]
        from: Option<i32>,
        /// The number of draws.
        #[serde(default = "draws")]
        draws: usize,
    },
}

const fn draws() -> usize {
    10_000
}

/// The characters around the place of an error in its line.
fn near(text: &str, error: &serde_json::Error) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1));
    let around = error.column().saturating_sub(24)..error.column() + 12;
    let characters = line.unwrap_or_default().char_indices();
    let kept = characters.filter(|(at, _)| around.contains(at));
    format!("`{}`", kept.map(|(_, c)| c).collect::<String>().trim())
}

impl TherapyModel {
    /// Reads a model from JSON text; `place` names the text in errors.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`] with the line where the text is no such model or one of its numbers is
    /// impossible.
    pub fn from_json(place: &str, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            let message = match error.classify() {
                // No field has been read yet: the text has to say which one it is.
                Category::Syntax => format!("{error}, near {}", near(text, &error)),
                _ => error.to_string(),
            };
            ErrorKind::Parse {
                place: place.to_owned(),
                line: Some(error.line() as u64),
                message,
            }
            .into()
        })
    }

    /// Reads a model from a JSON file.
    ///
    /// # Errors
    ///
    /// As [`TherapyModel::from_json`], and [`ErrorKind::Io`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
        Self::from_json(&path.display().to_string(), &text)
    }

    /// The model as JSON text, which [`TherapyModel::from_json`] reads back.
    ///
    /// # Errors
    ///
    /// Where a number has no JSON form, which the constructors exclude.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| ErrorKind::Unsuitable(error.to_string()).into())
    }

    /// New cases a year.
    ///
    /// # Errors
    ///
    /// Those of [`YearlyDraws::new`] or [`Projection::of`].
    pub fn cases(&self) -> Result<YearlyDraws> {
        match &self.incidence {
            IncidenceSource::ByYear { first_year, cases } => {
                if let Some((i, value)) = cases
                    .iter()
                    .enumerate()
                    .find(|(_, value)| !(value.is_finite() && **value >= 0.0))
                {
                    return Err(Error::out_of_range(
                        "cases",
                        format!("the incidence of {}, entry {}", self.region, i + 1),
                        value,
                        "finite and not negative",
                    ));
                }
                let column = Array1::from_vec(cases.clone()).insert_axis(Axis(1));
                YearlyDraws::new(*first_year, column)
            }
            IncidenceSource::Project {
                series,
                curve,
                from,
                draws,
            } => {
                let mut options = ProjectionOptions::to(self.to)
                    .with_draws(*draws)
                    .with_seed(self.seed);
                options.from = *from;
                Ok(Projection::of(curve, series, &options)?.cases().clone())
            }
        }
    }

    /// Runs the model.
    ///
    /// # Errors
    ///
    /// Those of [`TherapyModel::cases`] and [`Pathway::flow`].
    pub fn flow(&self) -> Result<Flow> {
        let options = FlowOptions {
            entry: self.entry,
            seed: self.seed,
            ..FlowOptions::to(self.to)
        };
        self.pathway.flow(&self.cases()?, &options)
    }
}
