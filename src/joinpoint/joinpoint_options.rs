//! Options of a joinpoint regression.

use serde::{Deserialize, Serialize};

use super::annual_series::AnnualSeries;
use super::error_variance::ErrorVariance;
use super::linear_spline::MAX_JOINPOINTS;
use crate::error::{Error, Result};
use crate::interval_levels::LEVEL;
use crate::number_checks::Place;
use crate::random::Seed;

const PLACE: Place<&str> = Place("the options of a joinpoint regression");

/// How the number of joinpoints is chosen.
///
/// More joinpoints always fit better. A permutation test asks whether a series without the further ones would show so
/// large an improvement by chance; a criterion adds a penalty to the logarithm of the mean squared residual, of *n*
/// values with *k* joinpoints:
///
/// | choice | the smallest value of |
/// |---|---|
/// | `Bic` | ln(RSS/n) + (2k + 2)·ln n/n |
/// | `Bic3` | ln(RSS/n) + (3k + 2)·ln n/n |
/// | `WeightedBic` | ln(RSS/n) + ((2 + R²)·k + 2)·ln n/n, with the largest partial R² of a joinpoint |
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, Selection};
///
/// // 4 % a year up to 2010 and 1 % from then on, with a scatter of half a per cent.
/// let counts = (1998..=2020).map(|year| {
///     let (before, after) = (f64::from(year.min(2010) - 1998), f64::from((year - 2010).max(0)));
///     let scatter = 0.005 * [1.0, -1.0, -1.0, 1.0, 0.5, -0.5, 0.0][year as usize % 7];
///     (year, 1_000.0 * 1.04_f64.powf(before) * 1.01_f64.powf(after) * (1.0 + scatter))
/// });
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// for selection in [Selection::Bic, Selection::Bic3, Selection::WeightedBic] {
///     let options = JoinpointOptions { selection, ..JoinpointOptions::default() };
///     let regression = JoinpointRegression::fit(&series, &options)?;
///     assert_eq!(regression.selected().joinpoints()[0].year, 2010.0);
/// }
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Selection {
    /// The sequence of permutation tests of Kim, Fay, Feuer & Midthune (2000), Statistics in Medicine
    /// 19:335–351,
    /// [doi:10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z](https://doi.org/10.1002/%28SICI%291097-0258%2820000215%2919%3A3%3C335%3A%3AAID-SIM336%3E3.0.CO%3B2-Z).
    ///
    /// It begins with none against the maximum *M*. A rejection raises the null hypothesis *a* by one,
    /// otherwise the alternative falls by one, until they meet. Each test is of level α/(M − a), which
    /// bounds the probability of too many joinpoints by α whatever their true number is. The default of the
    /// NCI's program up to version 4.
    PermutationTest {
        /// The overall level, between 0 and 1; usually 0.05.
        alpha: f64,
        /// Permutations of each test, so many that a test can reject: at least M/α − 1; 4,499 in most published
        /// analyses.
        permutations: usize,
        /// Where the permutations come from.
        seed: Seed,
    },
    /// The smallest Bayesian information criterion.
    Bic,
    /// The smallest BIC3, which finds about as many joinpoints as the permutation tests.
    Bic3,
    /// The smallest weighted BIC, the default: near BIC3 where changes of slope are large, near BIC where they
    /// are small ([`JoinpointModel`](super::JoinpointModel) has the formula). The default of the NCI's program
    /// since version 5.0, in place of the permutation tests
    /// ([what changed in 5.0](https://surveillance.cancer.gov/help/joinpoint/joinpoint-5-0-default-settings-changes),
    /// read on 26 November 2026).
    #[default]
    WeightedBic,
}

/// **Where the intervals of annual percent changes come from.**
///
/// The changes themselves are the same. The places of the joinpoints are estimated, so the slopes on either side
/// of one err together; what a method makes of that decides how often its interval covers the truth. METHODS.md
/// has the coverage of each by simulation. In a model with the true number of joinpoints [`Intervals::Resampled`] covers 93 to
/// 97 % where it says 95, [`Intervals::Parametric`] 91 to 97 %, [`Intervals::Clegg`] more than 99 % and
/// [`Intervals::Conditional`] 82 to 92 % for averages over joinpoints. Where the number is chosen, too, the resampled interval of
/// the average over all years covers 92 to 95 %, and 89 % where 12 years have two joinpoints; and where a slight joinpoint is missed,
/// that of the average over the last ten years covers about 80 %.
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, Intervals, JoinpointOptions, JoinpointRegression};
///
/// // Growth of 4 % a year up to 2010 and of 1 % from then on, with a scatter of half a per cent.
/// let counts = (1998..=2020).map(|year| {
///     let (before, after) = (f64::from(year.min(2010) - 1998), f64::from((year - 2010).max(0)));
///     let scatter = 0.005 * [1.0, -1.0, -1.0, 1.0, 0.5, -0.5, 0.0][year as usize % 7];
///     (year, 1_000.0 * 1.04_f64.powf(before) * 1.01_f64.powf(after) * (1.0 + scatter))
/// });
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// let width = |intervals| {
///     let options = JoinpointOptions { intervals, ..JoinpointOptions::default() };
///     let regression = JoinpointRegression::fit(&series, &options)?;
///     assert_eq!(regression.selected().joinpoints().len(), 1);
///     let average = regression.selected().average_annual_percent_change(1998, 2020)?;
///     // 12 years at 4 % and 10 at 1 %.
///     assert!((average.percent() - 2.62).abs() < 0.05);
///     let (lower, upper) = average.interval().expect("the values scatter");
///     Ok::<f64, myeloma_epi::Error>(upper - lower)
/// };
/// let resampled = width(Intervals::default())?;
/// assert!((width(Intervals::Parametric)? / resampled - 1.0).abs() < 0.2);
/// assert!(width(Intervals::Clegg)? > 1.3 * resampled);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Intervals {
    /// Quantiles of the changes of resampled series, the default: the empirical quantile method, which is the
    /// default of the NCI's program since version 5.0, too. Each series is the fitted line with residuals drawn
    /// from the empirical distribution of the residuals (with linear interpolation), and the model is fitted to it
    /// anew, joinpoints included. Kim, Luo, Chen, Green, Buckman, Byrne & Feuer (2017), Statistics in Medicine
    /// 36:3059–3074, [doi:10.1002/sim.7344](https://doi.org/10.1002/sim.7344).
    ///
    /// Residuals are smaller than errors, by the parameters that were fitted, and how large errors are is known
    /// from few of them. So each series has an error variance of its own, RSS/χ², χ² being drawn with
    /// n − 2k − 2 degrees of freedom; with residuals as they are the intervals of 12 observations cover 81 to 87 %.
    /// Known standard errors are drawn from normal distributions as they are.
    Resampled {
        /// Resampled series, at least 100, and so many that one lies beyond each end. Default 2,000: the end of a 95 % interval then has a tail of 2.5 ± 0.35 %
        /// beyond it.
        resamples: usize,
        /// Where the resampled series come from.
        seed: Seed,
    },
    /// Student's t with n − 2k − 2 degrees of freedom, allowing for joinpoints that were estimated. To first order
    /// their estimation costs each segment its own intercept (Feder 1975, Annals of Statistics 3:49–83,
    /// [doi:10.1214/aos/1176342999](https://doi.org/10.1214/aos/1176342999)), so the errors of a slope are those
    /// of a separate line through the segment, and those of an average from one year to another are those of the
    /// two lines at these years: the first method of Kim et al. (2017), much as Muggeo's (2010), Statistics in
    /// Medicine 29:1958–1961, [doi:10.1002/sim.3850](https://doi.org/10.1002/sim.3850).
    Parametric,
    /// The slopes' errors from separate lines through the observations strictly inside each segment, with
    /// their pooled residual variance, n* − 2(k + 1) degrees of freedom (n* observations on no joinpoint), and
    /// averages as if the slopes were independent: Clegg et al. (2009), see [`AnnualPercentChange`]. The
    /// classical method, the default of the NCI's program up to version 4.
    ///
    /// [`AnnualPercentChange`]: super::AnnualPercentChange
    #[serde(alias = "unconstrained")]
    Clegg,
    /// From the joined line, its joinpoints taken as known: n − k − 2 degrees of freedom. For
    /// joinpoints that were not searched for, such as a change of coding rules; otherwise too narrow.
    Conditional,
}

impl Default for Intervals {
    fn default() -> Self {
        Self::Resampled {
            resamples: 2000,
            seed: Seed::default(),
        }
    }
}

/// Where joinpoints are looked for, how many, and with which errors.
///
/// A plain struct; [`JoinpointRegression::fit`](super::JoinpointRegression::fit) checks every field and names the one
/// that is out of its range. A series of *n* values can have *k* joinpoints where *n* is at least
/// 2·`min_end` + (k − 1)·`min_between` + k, and 3k + 3.
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
    /// Where the intervals of annual percent changes come from.
    pub intervals: Intervals,
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
            intervals: Intervals::default(),
            level: LEVEL,
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
        PLACE.probability("the confidence level", self.level)?;
        PLACE.within("min_between", self.min_between, 2..=1_000_000)?;
        PLACE.within("min_end", self.min_end, 2..=1_000_000)?;
        PLACE.within("grid_points_between", self.grid_points_between, 0..=1000)?;
        let most = self.max_joinpoints.unwrap_or(0);
        PLACE.within("the maximum number of joinpoints", most, 0..=MAX_JOINPOINTS)?;
        if let Intervals::Resampled { resamples, .. } = self.intervals {
            let name = "the number of resampled series";
            PLACE.within(name, resamples, 100..=1_000_000)?;
            let beyond = resamples as f64 * 0.5 * (1.0 - self.level);
            let allowed = format!(
                "at least {:.0}, so that one lies beyond each end of a {} interval",
                (2.0 / (1.0 - self.level) - 1e-6).ceil(),
                self.level
            );
            PLACE.check(beyond >= 1.0 - 1e-9, name, resamples, &allowed)?;
        }
        if let Selection::PermutationTest {
            alpha,
            permutations,
            ..
        } = self.selection
        {
            PLACE.probability("alpha", alpha)?;
            let name = "the number of permutations";
            PLACE.within(name, permutations, 1..=100_000_000)?;
        }
        Ok(())
    }

    /// Whether a permutation test of so many joinpoints at the most can reject.
    pub(super) fn check_tests(&self, most: usize) -> Result<()> {
        let Selection::PermutationTest {
            alpha,
            permutations,
            ..
        } = self.selection
        else {
            return Ok(());
        };
        let least = alpha * (permutations as f64 + 1.0) / most as f64;
        let allowed = format!(
            "at least {:.0}, so that a p-value can be {alpha}/{most}, where a test of {most} joinpoints rejects",
            (most as f64 / alpha - 1e-6).ceil() - 1.0
        );
        let name = "the number of permutations";
        PLACE.check(
            most == 0 || least >= 1.0 - 1e-9,
            name,
            permutations,
            &allowed,
        )
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
                series.fitted(),
                n,
                needed,
                format!("a regression with up to {most} joinpoints"),
            ));
        }
        Ok(most)
    }
}
