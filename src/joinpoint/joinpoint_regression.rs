//! Joinpoint regression: how many changes of trend, when, and from what to what.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::annual_series::AnnualSeries;
use super::error_variance::LogPoints;
use super::inference::Criteria;
use super::joinpoint_model::JoinpointModel;
use super::joinpoint_options::{JoinpointOptions, Selection};
use super::linear_spline::Spline;
use super::log_linear_trend::{NO_SCATTER, caution_of_smooth_counts};
use super::permutation_test::{PermutationTest, p_value};
use super::search::{Grid, Plan};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::figures::{Mark, listed};

/// Models with one number of joinpoints that a search will compare at most.
const MAX_MODELS: f64 = 4e6;

checked! {
    /// A joinpoint regression: the best models of a series with 0, 1, … joinpoints, and which is chosen.
    ///
    /// A model with *k* joinpoints τ is a line of straight segments in the logarithm,
    ///
    /// ```text
    /// ln y(t) = β₀ + β₁·t + Σ δⱼ·(t − τⱼ)₊ + error,   j = 1, …, k
    /// ```
    ///
    /// fitted by least squares with the weights of [`JoinpointOptions::variance`]. Of all sets of *k* places on the grid of the
    /// options the one with the least residual sum of squares is taken; every set is looked at, and none is missed.
    /// [`JoinpointOptions::selection`] says how the number of joinpoints is chosen. Values are in any unit, times are
    /// calendar years. Kim, Fay, Feuer & Midthune (2000), Statistics in Medicine 19:335–351; Lerman (1980), Applied
    /// Statistics 29:77–84, [doi:10.2307/2346413](https://doi.org/10.2307/2346413).
    ///
    /// Printed, it is the chosen model, the tests, and the information criteria of all models.
    ///
    /// ```
    /// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let regression = JoinpointRegression::fit(&AnnualSeries::from(&usa), &JoinpointOptions::default())?;
    /// println!("{regression}");
    /// // 2020, a shock, and the provisional years after it are left out.
    /// assert_eq!(regression.left_out().keys().collect::<Vec<_>>(), [&2020, &2021, &2022]);
    /// let decade = regression.selected().average_annual_percent_change(2009, 2019)?;
    /// assert!(decade.percent() > 3.0 && decade.percent() < 4.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct JoinpointRegression {
        name: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        left_out: BTreeMap<i32, Mark>,
        models: Vec<JoinpointModel>,
        selected: usize,
        tests: Vec<PermutationTest>,
        options: JoinpointOptions,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cautions: Vec<String>,
    } then check
}

impl JoinpointRegression {
    /// Fits the models and chooses among them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where an option is not in its range; [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) where there are
    /// too few values for the most joinpoints; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where the variance asks for standard errors or
    /// counts that the series does not have, or the grid has too many points to search.
    pub fn fit(series: &AnnualSeries, options: &JoinpointOptions) -> Result<Self> {
        options.check()?;
        let most = options.most_joinpoints(series)?;
        options.check_tests(most)?;
        let points = LogPoints::new(series, options.variance)?;
        let grid = Grid::new(
            &points.t,
            options.grid_points_between,
            options.min_end,
            options.min_between,
        );
        for k in 0..=most {
            let count = grid.count(k);
            if count > MAX_MODELS {
                return Err(Error::unsuitable(format!(
                    "{k} joinpoints among {} places in the trend of {} make {count} models: at most {MAX_MODELS} \
                     are compared; use a coarser grid or fewer joinpoints",
                    grid.candidates(),
                    series.name()
                )));
            }
        }
        let plans: Vec<Plan<'_>> = (0..=most).map(|k| Plan::new(&grid, &points, k)).collect();
        let fits = plans
            .iter()
            .map(|plan| JoinpointModel::fit(series, &points, plan, options))
            .collect::<Result<Vec<_>>>()?;
        let (models, lines): (Vec<JoinpointModel>, Vec<Spline>) = fits.into_iter().unzip();
        let (selected, tests) = match options.selection {
            Selection::PermutationTest {
                alpha,
                permutations,
                seed,
            } => sequence(&models, alpha, |null, alternative| {
                let of = |k: usize| (&plans[k], &lines[k]);
                p_value(&points, of(null), of(alternative), (seed, permutations))
            }),
            Selection::Bic => (smallest(&models, |c| c.bic), Vec::new()),
            Selection::Bic3 => (smallest(&models, |c| c.bic3), Vec::new()),
            Selection::WeightedBic => (smallest(&models, |c| c.weighted_bic), Vec::new()),
        };
        let model = &models[selected];
        let caution = if !options.variance.is_estimated() {
            None
        } else if model.residual_sum_of_squares() == 0.0 {
            Some(NO_SCATTER.to_owned())
        } else {
            let means = model.fitted().iter().copied();
            caution_of_smooth_counts(series, means, model.residual_degrees_of_freedom())
        };
        let regression = Self {
            cautions: caution.into_iter().collect(),
            name: series.name().to_owned(),
            left_out: series.left_out(),
            models,
            selected,
            tests,
            options: *options,
        };
        regression.check()?;
        Ok(regression)
    }

    /// The name of the series.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The years that were left out, since the series marks them as out of line or unfinished.
    #[must_use]
    pub const fn left_out(&self) -> &BTreeMap<i32, Mark> {
        &self.left_out
    }

    /// The model that was chosen.
    #[must_use]
    pub fn selected(&self) -> &JoinpointModel {
        &self.models[self.selected]
    }

    /// The best models with 0, 1, … joinpoints.
    #[must_use]
    pub fn models(&self) -> &[JoinpointModel] {
        &self.models
    }

    /// The permutation tests in the order in which they were made; none for another selection.
    #[must_use]
    pub fn tests(&self) -> &[PermutationTest] {
        &self.tests
    }

    /// The options that were used.
    #[must_use]
    pub const fn options(&self) -> &JoinpointOptions {
        &self.options
    }

    /// What to know before the chosen model is believed, as sentences: values without scatter, and counts that scatter less
    /// than counted people can.
    #[must_use]
    pub fn cautions(&self) -> &[String] {
        &self.cautions
    }

    fn check(&self) -> Result<()> {
        self.options.check()?;
        let models = &self.models;
        let mut in_order = models.iter().enumerate();
        let needed = if !in_order.all(|(k, m)| m.joinpoints().len() == k) {
            "models with 0, 1, … joinpoints"
        } else if models.windows(2).any(|pair| {
            pair[0].years() != pair[1].years() || pair[0].fitted().len() != pair[1].fitted().len()
        }) {
            "models of the same years"
        } else if self.selected >= models.len() {
            "a chosen model that is there"
        } else if self
            .tests
            .iter()
            .any(|test| test.alternative >= models.len())
        {
            "tests between its models"
        } else {
            return Ok(());
        };
        let name = &self.name;
        let message = format!("the joinpoint regression of {name} needs {needed}");
        Err(Error::mismatch(message))
    }
}

/// The chosen model, the tests, and the criteria of all models.
impl fmt::Display for JoinpointRegression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}{}\n",
            self.selected().to_string().trim_end(),
            listed("\nleft out", self.left_out.clone().into_iter())
        )?;
        for caution in &self.cautions {
            writeln!(f, "Caution: {caution}\n")?;
        }
        writeln!(f, "Number of joinpoints")?;
        for test in &self.tests {
            writeln!(f, "  {test}")?;
        }
        for (k, model) in self.models.iter().enumerate() {
            if let Some(criteria) = model.criteria() {
                writeln!(
                    f,
                    "  {k}: BIC {:.3}, BIC3 {:.3}, weighted BIC {:.3}",
                    criteria.bic, criteria.bic3, criteria.weighted_bic
                )?;
            }
        }
        Ok(())
    }
}

/// The sequence of tests from none against the most, until null hypothesis and alternative meet.
fn sequence(
    models: &[JoinpointModel],
    alpha: f64,
    p_value: impl Fn(usize, usize) -> f64,
) -> (usize, Vec<PermutationTest>) {
    let most = models.len() - 1;
    let (mut null, mut alternative) = (0, most);
    let mut tests = Vec::new();
    while null < alternative {
        let p_value = p_value(null, alternative);
        let alpha = alpha / (most - null) as f64;
        let rejected = p_value <= alpha;
        tests.push(PermutationTest {
            null,
            alternative,
            null_rss: models[null].residual_sum_of_squares(),
            alternative_rss: models[alternative].residual_sum_of_squares(),
            p_value,
            alpha,
            rejected,
        });
        if rejected {
            null += 1;
        } else {
            alternative -= 1;
        }
    }
    (null, tests)
}

/// The fewest joinpoints that fit perfectly, or else those with the smallest criterion.
fn smallest(models: &[JoinpointModel], criterion: fn(&Criteria) -> f64) -> usize {
    let value = |k: usize| models[k].criteria().map_or(f64::NEG_INFINITY, criterion);
    (1..models.len()).fold(0, |best, k| if value(k) < value(best) { k } else { best })
}
