//! A model file: incidence and a treatment pathway in one, from figures to patients by line.

use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::checked_on_reading::checked;
use crate::curve::Family;
use crate::draws::{YearlyDraws, check_shape};
use crate::error::Result;
use crate::figures::check_region;
use crate::files;
use crate::fit::{FitOptions, PublishedProjectionUse};
use crate::number_checks::Place;
use crate::pathway::{Entry, Flow, FlowOptions, Pathway};
use crate::projection::{CurveDraws, Projection, ProjectionOptions};
use crate::random::Seed;
use crate::series::IncidenceSeries;

checked! {
    /// New cases a year and a treatment pathway, as they stand in a JSON file.
    ///
    /// # File format
    ///
    /// One JSON object. Keys may come in any order; an unknown key is an error that lists the known ones. A
    /// byte-order mark at the start is accepted. Years are calendar years, times are in years, shares lie
    /// between 0 and 1.
    ///
    /// | key | is | default |
    /// |---|---|---|
    /// | `region` | the name of the region | required |
    /// | `incidence` | `{"by_year": …}` or `{"project": …}`, see below | required |
    /// | `to` | the last calendar year | required |
    /// | `pathway` | the lines of therapy, see below | required |
    /// | `entry` | when in its year a cohort is diagnosed: `"uniform_over_year"` or `"mid_year"` | `"uniform_over_year"` |
    /// | `seed` | the seed of random draws, a whole number | 2025 |
    /// | `tolerance` | the most that any number may be off for numerical reasons, in patients per patient diagnosed in one year | 1e-6 |
    ///
    /// **`by_year`**: known numbers. The model begins empty in their first year, which its cautions say, or earlier.
    ///
    /// | key | is | default |
    /// |---|---|---|
    /// | `first_year` | the first year of diagnosis | required |
    /// | `cases` | new cases in it and each year that follows, to the year `to` or later; finite and not negative | required |
    /// | `from` | the first year that is followed, such as 40 years before `first_year`, and not after it: before `first_year` the cases are continued backwards, with the growth of the first five years that there are numbers for, shrunk by its counting error, or at their mean where one has no case | `first_year` |
    /// | `draws` | the number of draws of the pathway | 10,000 where a share or sojourn time is uncertain, else 1 |
    ///
    /// **`project`**: a curve through published figures, with draws of its uncertainty.
    ///
    /// | key | is | default |
    /// |---|---|---|
    /// | `series` | an [`IncidenceSeries`]: `{"region": …, "observations": [{"year", "cases", "relative_error"}, …]}`; a `published_projection` in it is one of the figures of the curve | required |
    /// | `curve` | `"linear"`, `"exponential"`, `"logistic"`, `"gompertz"` or `"richards"` | required |
    /// | `from` | the first year of diagnosis: the curve itself is continued backwards to it, and the model begins empty there | 40 years before the first observation, with the growth of the first five years, shrunk by its counting error |
    /// | `draws` | the number of draws | 10,000 |
    ///
    /// **`pathway`**: `{"groups": [group, …]}`, see [`Pathway`].
    ///
    /// | key of a group | is | default |
    /// |---|---|---|
    /// | `name` | its name | required |
    /// | `weight` | its share of those diagnosed; the weights of all groups add up to 1 | required |
    /// | `lines` | the lines of therapy in their order | required |
    /// | `never_treated` | the share that never starts first line | 0 |
    /// | `never_treated_survival`, `lost_survival` | sojourn times until death of those never treated, and of those lost to further therapy | no deaths |
    ///
    /// | key of a line | is | default |
    /// |---|---|---|
    /// | `sojourn_time`, or `stay` | the time from the start of the line to what comes next | none |
    /// | `next` | the share that goes on to the next line; needed in every line but the last, unless it has `off_treatment` | 0 |
    /// | `death` | the share that dies; those who neither go on nor die are lost to further therapy | all who do not go on |
    /// | `time_to_next` or `until_next`, `time_to_death` or `until_death` | a sojourn time of its own for those whose next event this is; going off treatment has that of `time_to_next` | the line's |
    /// | `off_treatment` | time off treatment: the keys of a line and `share`, the share of the line that goes off treatment | nobody |
    ///
    /// A share is a number, `{"low", "high", "distribution"}`, `{"events", "of"}` or
    /// `{"by_year": [[2015, 0.6], …]}`, see [`Share`](crate::pathway::Share). A sojourn time has a `family`
    /// (`"exponential"`, `"weibull"`, `"gamma"`, `"log_normal"`, `"log_logistic"`, `"table"` or `"none"`) and one
    /// of: `shape` and `scale` (`scale` alone if exponential); `median` and, but for the exponential family,
    /// `quantile`, as `{"probability": 0.75, "time": 3.5}`; `mean` and `sd`; `times` and `probabilities`.
    /// `relative_error` makes its time scale uncertain. See [`SojournTime`](crate::pathway::SojournTime).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::TherapyModel;
    ///
    /// let model = TherapyModel::from_json("atlantis.json", r#"{
    ///   "region": "Atlantis",
    ///   "incidence": { "project": {
    ///     "series": { "region": "Atlantis", "observations": [
    ///       { "year": 2019, "cases": 1200, "relative_error": 0.03 },
    ///       { "year": 2024, "cases": 1400, "relative_error": 0.03 }
    ///     ] },
    ///     "curve": "exponential",
    ///     "from": 2000,
    ///     "draws": 500
    ///   } },
    ///   "to": 2030,
    ///   "entry": "uniform_over_year",
    ///   "seed": 7,
    ///   "pathway": { "groups": [
    ///     { "name": "transplant", "weight": 0.4, "lines": [
    ///       { "sojourn_time": { "family": "weibull", "shape": 1.1, "scale": 4.5 },
    ///         "next": { "low": 0.6, "high": 0.7 }, "death": 0.25 },
    ///       { "sojourn_time": { "family": "exponential", "median": 1.2 }, "next": 0.55 },
    ///       { "sojourn_time": { "family": "exponential", "median": 0.8 } }
    ///     ] },
    ///     { "name": "no transplant", "weight": 0.6, "never_treated": 0.05,
    ///       "never_treated_survival": { "family": "exponential", "median": 0.5 }, "lines": [
    ///       { "sojourn_time": { "family": "weibull", "median": 2.4,
    ///           "quantile": { "probability": 0.75, "time": 5.0 }, "relative_error": 0.05 },
    ///         "next": { "events": 583, "of": 1100 } },
    ///       { "sojourn_time": { "family": "gamma", "mean": 1.5, "sd": 1.2 }, "next": 0.5 },
    ///       { "sojourn_time": { "family": "log_normal", "median": 0.7,
    ///           "quantile": { "probability": 0.9, "time": 2.5 } } }
    ///     ] }
    ///   ] }
    /// }"#)?;
    /// let third_line = model.flow()?.starts(3)?.interval(2030, 0.95)?;
    /// assert!(150.0 < third_line.0 && third_line.1 < 900.0, "{third_line:?}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct TherapyModel {
        region: String,
        incidence: Incidence,
        to: i32,
        #[serde(default)]
        entry: Entry,
        #[serde(default)]
        seed: Seed,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerance: Option<f64>,
        pathway: Pathway,
    } then check
}

/// Where the incidence of a model comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Incidence {
    /// Known numbers, year by year.
    ByYear {
        first_year: i32,
        #[serde(deserialize_with = "counts")]
        cases: Vec<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<i32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draws: Option<usize>,
    },
    /// A curve through published figures.
    Project {
        series: IncidenceSeries,
        curve: Family,
        #[serde(default)]
        from: Option<i32>,
        #[serde(default = "draws")]
        draws: usize,
    },
}

const fn draws() -> usize {
    10_000
}

fn counts<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<f64>, D::Error> {
    let counts = Vec::<f64>::deserialize(deserializer)?;
    match counts.iter().position(|n| !(n.is_finite() && *n >= 0.0)) {
        None => Ok(counts),
        Some(i) => Err(de::Error::custom(format!(
            "entry {} of \"cases\" is {}: it must be finite and not negative",
            i + 1,
            counts[i]
        ))),
    }
}

impl TherapyModel {
    fn check(&self) -> Result<()> {
        let named = !self.region.trim().is_empty();
        Place("a model").check(named, "region", "\"\"", "a name")?;
        check_region(&self.region)?;
        let Incidence::ByYear {
            first_year,
            from: Some(from),
            ..
        } = &self.incidence
        else {
            return Ok(());
        };
        let allowed = format!(
            "at most first_year, {first_year}; to leave out the first cases, take them out of \"cases\""
        );
        Place("\"by_year\"").check(from <= first_year, "from", from, allowed)
    }

    /// Reads a model from JSON text; `place` names the text in errors.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`](crate::ErrorKind::Parse) with line and column where the text is no such model or one of its numbers is
    /// impossible.
    pub fn from_json(place: &str, text: &str) -> Result<Self> {
        files::from_json(place, text.as_bytes())
    }

    /// Reads a model from a JSON file.
    ///
    /// # Errors
    ///
    /// As [`TherapyModel::from_json`], and [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        files::from_json(&path.display().to_string(), &files::read(path)?)
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The treatment pathway.
    #[must_use]
    pub const fn pathway(&self) -> &Pathway {
        &self.pathway
    }

    /// The last calendar year.
    #[must_use]
    pub const fn last_year(&self) -> i32 {
        self.to
    }

    /// New cases a year: known numbers, the same in every draw, or the draws of the projection. Of known numbers there is
    /// one draw unless the pathway is uncertain, or the model states how many.
    ///
    /// # Errors
    ///
    /// Those of [`YearlyDraws::new`] or [`Projection::of`].
    pub fn new_cases(&self) -> Result<YearlyDraws> {
        match &self.incidence {
            Incidence::ByYear {
                first_year,
                cases,
                draws: stated,
                ..
            } => {
                let needed = if self.pathway.is_uncertain() {
                    draws()
                } else {
                    1
                };
                let shape = (cases.len(), stated.unwrap_or(needed));
                check_shape(shape.0, shape.1)?;
                YearlyDraws::new(
                    *first_year,
                    Array2::from_shape_fn(shape, |(year, _)| cases[year]),
                )
            }
            Incidence::Project {
                series,
                curve,
                from,
                draws,
            } => {
                let options = self.projection_options(*from, *draws);
                Ok(Projection::of(curve, series, &options)?.new_cases().clone())
            }
        }
    }

    fn projection_options(&self, from: Option<i32>, draws: usize) -> ProjectionOptions {
        ProjectionOptions {
            fit: FitOptions {
                published_projection: PublishedProjectionUse::AsFigure,
                ..FitOptions::default()
            },
            from,
            draws,
            seed: self.seed,
            ..ProjectionOptions::to(self.to)
        }
    }

    /// What a reader should know of its new cases, a sentence each: that they are one draw of a projection, or those of a series
    /// of another region, and what the projection says of itself ([`Projection::cautions`]).
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let Incidence::Project {
            series,
            curve,
            from,
            draws,
        } = &self.incidence
        else {
            return Vec::new();
        };
        let one = (*draws == 1).then(|| {
            "new cases are those of one draw of many possible ones, neither medians nor intervals: state more draws in \
             \"project\""
                .to_owned()
        });
        let (region, of_series) = (&self.region, series.region());
        let other = (of_series != region).then(|| {
            format!("the model is of {region}, the series that its new cases are projected from of {of_series}")
        });
        let mut cautions: Vec<String> = one.into_iter().chain(other).collect();
        let options = self.projection_options(*from, *draws);
        // A curve that cannot be drawn is an error of the new cases.
        if let Ok(draws) = CurveDraws::new(curve, series, &options) {
            let of_draws = draws.cautions().iter();
            cautions.extend(of_draws.map(|caution| format!("new cases: {caution}")));
        }
        cautions
    }

    /// Patients by line of therapy and calendar year.
    ///
    /// # Errors
    ///
    /// Those of [`TherapyModel::new_cases`] and [`Pathway::flow`].
    pub fn flow(&self) -> Result<Flow> {
        let from = match &self.incidence {
            Incidence::ByYear {
                first_year, from, ..
            } => Some(from.unwrap_or(*first_year)),
            Incidence::Project { from, .. } => *from,
        };
        let defaults = FlowOptions::to(self.to);
        let options = FlowOptions {
            entry: self.entry,
            tolerance: self.tolerance.unwrap_or(defaults.tolerance),
            seed: self.seed,
            cohorts: from.map(|from| from..=self.to),
            ..defaults
        };
        self.pathway.flow(&self.new_cases()?, &options)
    }
}
