//! Options of a joinpoint regression.

use serde::{Deserialize, Serialize};

use super::annual_series::AnnualSeries;
use super::error_variance::{ErrorVariance, check_open_unit};
use super::linear_spline::MAX_JOINPOINTS;
use crate::error::{Error, Result};
use crate::random::Seed;

const PLACE: &str = "the options of a joinpoint regression";

/// How the number of joinpoints is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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

/// **Where the standard errors of the slopes come from**: whether they allow for joinpoints that were searched for.
///
/// The slopes themselves are the same. With *n* observations and *k* joinpoints the two differ in their degrees of
/// freedom, and so in the width of every interval.
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, Selection, SlopeErrors};
///
/// // Growth of 4 % a year up to 2010 and of 1 % from then on, with a scatter of half a per cent.
/// let counts = (1998..=2020).map(|year| {
///     let (before, after) = (f64::from(year.min(2010) - 1998), f64::from((year - 2010).max(0)));
///     let scatter = 0.005 * [1.0, -1.0, -1.0, 1.0, 0.5, -0.5, 0.0][year as usize % 7];
///     (year, 1_000.0 * 1.04_f64.powf(before) * 1.01_f64.powf(after) * (1.0 + scatter))
/// });
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// let options = JoinpointOptions { selection: Selection::WeightedBic, ..JoinpointOptions::default() };
/// let regression = JoinpointRegression::fit(&series, &options)?;
/// let conditional = JoinpointOptions { slope_errors: SlopeErrors::Conditional, ..options };
/// let conditional = JoinpointRegression::fit(&series, &conditional)?;
/// let degrees_of_freedom = |regression: &JoinpointRegression| {
///     let model = regression.selected();
///     assert_eq!(model.joinpoints().len(), 1);
///     model.segments()[0].change.degrees_of_freedom()
/// };
/// // 23 observations, one of them on the joinpoint: 22 − 2·(1 + 1), and 23 − 1 − 2.
/// assert_eq!(degrees_of_freedom(&regression), Some(18.0));
/// assert_eq!(degrees_of_freedom(&conditional), Some(20.0));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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

/// Where joinpoints are looked for, how many, and with which errors.
///
/// ```
/// use myeloma_epi::joinpoint::{JoinpointOptions, Selection};
///
/// let options = JoinpointOptions {
///     max_joinpoints: Some(2),
///     selection: Selection::WeightedBic,
///     ..JoinpointOptions::default()
/// };
/// assert_eq!(options.min_between, 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JoinpointOptions {
    /// The variance of ln *y*.
    pub variance: ErrorVariance,
    /// The most joinpoints to consider, 0 to 5. `None`: as many as the NCI's program suggests for the
    /// number of observations, but not more than 3: none below 7, one below 12, two below 17.
    pub max_joinpoints: Option<usize>,
    /// The fewest observations between two joinpoints, those on a joinpoint not counted: at least 2, the
    /// default, as in the NCI's program. Two are the fewest that have a slope of their own.
    pub min_between: usize,
    /// The fewest observations before the first and after the last joinpoint, those on it not counted: at
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
            variance: ErrorVariance::default(),
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
    /// The fewest observations for so many joinpoints: enough places, and a residual for the variance.
    fn observations_needed(&self, k: usize) -> usize {
        if k == 0 {
            return 3;
        }
        let places = 2 * self.min_end + (k - 1) * self.min_between + k;
        places.max(3 * k + 3)
    }

    /// Whether every option is in its range, whatever the series.
    pub(super) fn check(&self) -> Result<()> {
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
        let most = self.max_joinpoints.unwrap_or(0);
        if most > MAX_JOINPOINTS {
            return Err(Error::out_of_range(
                "the maximum number of joinpoints",
                PLACE,
                most,
                format!("from 0 to {MAX_JOINPOINTS}"),
            ));
        }
        Ok(())
    }

    /// The most joinpoints to consider for a series.
    pub(super) fn most_joinpoints(&self, series: &AnnualSeries) -> Result<usize> {
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
        let needed = self.observations_needed(most);
        if n < needed {
            return Err(Error::too_few(
                "values",
                format!("the series of {}", series.name()),
                n,
                needed,
                format!("a regression with up to {most} joinpoints"),
            ));
        }
        Ok(most)
    }
}
