//! Joinpoint regression: how many changes of trend, when, and from what to what.

use serde::Serialize;

use super::grid::{Grid, Plan};
use super::model::{InformationCriteria, JoinpointModel};
use super::permutation::{PermutationTest, Permutations};
use super::series::{LogPoints, LogVariance, TrendSeries, check_open_unit};
use super::spline::{Line, MAX_JOINPOINTS, Spline};
use crate::error::{Error, ErrorKind, Result};
use crate::random::Seed;

/// Models with one number of joinpoints that a search will compare at most.
const MAX_MODELS: f64 = 4e6;

/// How the number of joinpoints is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Selection {
    /// The sequence of permutation tests of Kim, Fay, Feuer & Midthune (2000), Statistics in Medicine
    /// 19:335–351,
    /// [doi:10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z](https://doi.org/10.1002/%28SICI%291097-0258%2820000215%2919%3A3%3C335%3A%3AAID-SIM336%3E3.0.CO%3B2-Z).
    ///
    /// It begins with none against the maximum *M*. A rejection raises the null hypothesis *a* by one,
    /// otherwise the alternative falls by one, until they meet. Each test is of level α/(M − a), which
    /// bounds the probability of too many joinpoints by α whatever their true number is (as in the
    /// NCI's program since version 3.0).
    PermutationTest {
        /// The overall level, between 0 and 1.
        alpha: f64,
        /// Permutations of each test, at least 1.
        permutations: usize,
        /// Where the permutations come from.
        seed: Seed,
    },
    /// The smallest Bayesian information criterion.
    Bic,
    /// The smallest BIC3, which finds about as many joinpoints as the permutation tests.
    Bic3,
    /// The smallest weighted BIC, the default of the NCI's program since version 5.0.
    WeightedBic,
}

impl Default for Selection {
    /// Permutation tests at level 0.05 with 4,499 permutations: the setting of most published joinpoint
    /// analyses, the default of the NCI's program up to version 4.
    fn default() -> Self {
        Self::PermutationTest {
            alpha: 0.05,
            permutations: 4499,
            seed: Seed::default(),
        }
    }
}

/// Where the standard errors of the slopes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SlopeErrors {
    /// From separate lines through the observations strictly inside each segment, with their pooled
    /// residual variance: n* − 2(k + 1) degrees of freedom, n* being the observations that lie on
    /// no joinpoint. The default, as in the NCI's program.
    ///
    /// The places of the joinpoints are estimated too. To first order that costs each segment its own
    /// intercept, so that these are the errors of the joined slopes: Feder (1975), Annals of
    /// Statistics 3:49–83, [doi:10.1214/aos/1176342999](https://doi.org/10.1214/aos/1176342999); Lerman
    /// (1980), Applied Statistics 29:77–84, [doi:10.2307/2346413](https://doi.org/10.2307/2346413).
    #[default]
    Unconstrained,
    /// From the joined line, its joinpoints taken as known: n − k − 2 degrees of freedom. For
    /// joinpoints that were not searched for, such as a change of coding rules; otherwise too small.
    Conditional,
}

/// How to look for joinpoints.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JoinpointOptions {
    /// The variance of ln *y*.
    pub variance: LogVariance,
    /// The most joinpoints to consider, 0 to 5. `None`: as many as the NCI's program suggests for the
    /// number of observations, but not more than 3: none below 7, one below 12, two below 17.
    pub max_joinpoints: Option<usize>,
    /// The fewest observations between two joinpoints, those on a joinpoint not counted: at least 2, the
    /// default, as in the NCI's program. Two are the fewest that have a slope of their own.
    pub min_between: usize,
    /// The fewest observations before the first and after the last joinpoint, not counting one on it: at
    /// least 2, the default, as in the NCI's program.
    pub min_end: usize,
    /// Places for a joinpoint between two adjacent observations, equidistant. 0, the default, looks at
    /// observed years only, as in the NCI's program; 11 looks at months.
    pub grid_points_between: usize,
    /// How the number of joinpoints is chosen.
    pub selection: Selection,
    /// Where the standard errors of the slopes come from.
    pub slope_errors: SlopeErrors,
    /// The coverage of the intervals, between 0 and 1: 0.95.
    pub level: f64,
}

impl Default for JoinpointOptions {
    fn default() -> Self {
        Self {
            variance: LogVariance::default(),
            max_joinpoints: None,
            min_between: 2,
            min_end: 2,
            grid_points_between: 0,
            selection: Selection::default(),
            slope_errors: SlopeErrors::default(),
            level: 0.95,
        }
    }
}

impl JoinpointOptions {
    /// With a variance of ln *y*.
    #[must_use]
    pub const fn with_variance(mut self, variance: LogVariance) -> Self {
        self.variance = variance;
        self
    }

    /// With at most so many joinpoints.
    #[must_use]
    pub const fn with_max_joinpoints(mut self, joinpoints: usize) -> Self {
        self.max_joinpoints = Some(joinpoints);
        self
    }

    /// With at least so many observations between joinpoints, and outside the first and the last.
    #[must_use]
    pub const fn with_min_observations(mut self, between: usize, end: usize) -> Self {
        self.min_between = between;
        self.min_end = end;
        self
    }

    /// With places for a joinpoint between the years.
    #[must_use]
    pub const fn with_grid_points_between(mut self, points: usize) -> Self {
        self.grid_points_between = points;
        self
    }

    /// With a way to choose the number of joinpoints.
    #[must_use]
    pub const fn with_selection(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// With standard errors of the slopes.
    #[must_use]
    pub const fn with_slope_errors(mut self, errors: SlopeErrors) -> Self {
        self.slope_errors = errors;
        self
    }

    /// With intervals of this coverage.
    #[must_use]
    pub const fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// The fewest observations for so many joinpoints: enough places, and a residual for the variance.
    fn observations_needed(&self, k: usize) -> usize {
        if k == 0 {
            return 3;
        }
        let places = 2 * self.min_end + (k - 1) * self.min_between + k;
        places.max(3 * k + 3)
    }

    /// Checks the options, and returns the most joinpoints to consider.
    fn check(&self, series: &TrendSeries) -> Result<usize> {
        const PLACE: &str = "the options of a joinpoint regression";
        check_open_unit("the confidence level", PLACE, self.level)?;
        for (name, value) in [("min_between", self.min_between), ("min_end", self.min_end)] {
            if !(2..=1_000_000).contains(&value) {
                return Err(Error::out_of_range(
                    name,
                    PLACE,
                    value,
                    "from 2, the fewest observations that have a slope, to 1000000",
                ));
            }
        }
        if self.grid_points_between > 1000 {
            return Err(Error::out_of_range(
                "grid_points_between",
                PLACE,
                self.grid_points_between,
                "at most 1000",
            ));
        }
        if let Selection::PermutationTest {
            alpha,
            permutations,
            ..
        } = self.selection
        {
            check_open_unit("alpha", PLACE, alpha)?;
            if permutations == 0 {
                return Err(Error::out_of_range(
                    "the number of permutations",
                    PLACE,
                    permutations,
                    "at least 1",
                ));
            }
        }
        let n = series.points().len();
        let suggested = match n {
            0..7 => 0,
            7..12 => 1,
            12..17 => 2,
            _ => 3,
        };
        let most = self.max_joinpoints.unwrap_or_else(|| {
            (0..=suggested)
                .rfind(|&k| n >= self.observations_needed(k))
                .unwrap_or(0)
        });
        if most > MAX_JOINPOINTS {
            return Err(Error::out_of_range(
                "the maximum number of joinpoints",
                PLACE,
                most,
                format!("from 0 to {MAX_JOINPOINTS}"),
            ));
        }
        let needed = self.observations_needed(most);
        if n < needed {
            return Err(Error::out_of_range(
                "the number of observations",
                format!("the trend of {}", series.name()),
                n,
                format!("at least {needed} for up to {most} joinpoints"),
            ));
        }
        Ok(most)
    }
}

/// Joinpoint models of a series, from none to the most joinpoints, and which of them is chosen.
///
/// ```
/// use myeloma_epi::joinpoint::{JoinpointOptions, JoinpointRegression, TrendSeries};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let regression = JoinpointRegression::fit(&TrendSeries::from(&usa), &JoinpointOptions::default())?;
/// for segment in regression.selected().segments() {
///     let (lower, upper) = segment.change.interval();
///     println!(
///         "{} to {}: {:+.1} % a year ({lower:+.1} to {upper:+.1})",
///         segment.from, segment.to, segment.change.percent()
///     );
/// }
/// let decade = regression.selected().average_annual_percent_change(2012, 2022)?;
/// assert!(decade.percent() > 0.0 && decade.percent() < 3.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JoinpointRegression {
    name: String,
    models: Vec<JoinpointModel>,
    selected: usize,
    tests: Vec<PermutationTest>,
    options: JoinpointOptions,
}

impl JoinpointRegression {
    /// Fits the models and chooses among them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where an option is not in its range or there are too few observations for
    /// the most joinpoints; [`ErrorKind::Unsuitable`] where the variance asks for standard errors or
    /// counts that the series does not have, or the grid has too many points to search.
    pub fn fit(series: &TrendSeries, options: &JoinpointOptions) -> Result<Self> {
        let most = options.check(series)?;
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
                return Err(ErrorKind::Unsuitable(format!(
                    "{k} joinpoints among {} places in the trend of {} make {count} models: at most {MAX_MODELS} \
                     are compared; use a coarser grid or fewer joinpoints",
                    grid.candidates(),
                    series.name()
                ))
                .into());
            }
        }
        let line = Line::fit(&points, 0..points.len(), &points.z);
        let detrended: Vec<[f64; 1]> = (0..points.len())
            .map(|i| [points.z[i] - line.at(points.t[i])])
            .collect();
        let plans: Vec<Plan<'_>> = (0..=most).map(|k| Plan::new(&grid, &points, k)).collect();
        let fits = plans
            .iter()
            .map(|plan| JoinpointModel::search(series, &points, &grid, plan, &detrended, options))
            .collect::<Result<Vec<(JoinpointModel, Spline)>>>()?;
        let (models, lines): (Vec<JoinpointModel>, Vec<Spline>) = fits.into_iter().unzip();
        let (selected, tests) = match options.selection {
            Selection::PermutationTest {
                alpha,
                permutations,
                seed,
            } => {
                let permutations = Permutations {
                    count: permutations,
                    seed,
                };
                sequence(&models, alpha, |null, alternative| {
                    permutations.p_value(
                        &points,
                        &grid,
                        (&plans[null], &lines[null]),
                        (&plans[alternative], &lines[alternative]),
                    )
                })
            }
            Selection::Bic => (smallest(&models, |c| c.bic), Vec::new()),
            Selection::Bic3 => (smallest(&models, |c| c.bic3), Vec::new()),
            Selection::WeightedBic => (smallest(&models, |c| c.weighted_bic), Vec::new()),
        };
        Ok(Self {
            name: series.name().to_owned(),
            models,
            selected,
            tests,
            options: *options,
        })
    }

    /// The name of the series.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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
fn smallest(models: &[JoinpointModel], criterion: fn(&InformationCriteria) -> f64) -> usize {
    let value = |k: usize| models[k].criteria().map_or(f64::NEG_INFINITY, criterion);
    (1..models.len()).fold(0, |best, k| if value(k) < value(best) { k } else { best })
}
