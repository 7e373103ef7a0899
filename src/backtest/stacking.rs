//! Weights for a pool of methods from what they forecast of one long series.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::forecaster::{Forecaster, Setting};
use super::origins::{BacktestOptions, Origin, origins};
use super::panel::PanelSeries;
use super::pool::CurveForecaster;
use super::run::failed;
use crate::checked_on_reading::checked;
use crate::curve::Family;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::linear_algebra::solve;
use crate::plain_text::Table;
use crate::series::{IncidenceSeries, Shocks};

/// The most methods: every subset of them is looked at.
const MOST_METHODS: usize = 10;

/// How much a departure from equal weights costs, in units of the scores: only enough that the weights
/// of methods that always say the same are determined.
const RIDGE: f64 = 1e-6;

/// **How weights are found** by [`Stacked::of`]: what is scored, how many origins there have to be, and how far
/// the weights are drawn to equal ones.
///
/// All fields are public and are checked when they are used.
///
/// # Example
///
/// ```
/// use myeloma_epi::backtest::{Stacked, StackingOptions};
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let counts = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let families = [Family::Linear, Family::Exponential];
/// let options = StackingOptions::default();
/// let stacked = Stacked::of_families(&counts, &families, &options)?;
/// // With n origins the weights are (n·optimum + 10·equal)/(n + 10).
/// let n = stacked.origins as f64;
/// let expected = (n * stacked.optimum[0] + 10.0 * 0.5) / (n + 10.0);
/// assert!((stacked.weights[0] - expected).abs() < 1e-12);
/// // Drawn to nothing, they are the optimum.
/// let options = StackingOptions { equal_weight_origins: 0.0, ..options };
/// let stacked = Stacked::of_families(&counts, &families, &options)?;
/// assert!((stacked.weights[0] - stacked.optimum[0]).abs() < 1e-12);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StackingOptions {
    /// The horizons 1 to this, in years, are scored, each counting the same; at most 100. Default 5.
    pub horizons: usize,
    /// Counts at the first origin, at least 7. Default 10: fewer do not identify a curve with a ceiling.
    pub least_counts: usize,
    /// The fewest origins with an outcome at the furthest horizon, at least 2. Default 5. Neighbouring
    /// origins share most of their counts and outcomes, so even five are hardly two independent ones;
    /// weights from fewer are noise.
    pub least_origins: usize,
    /// How many origins the equal weights are worth: with *n* origins the weights are
    /// (n·optimum + this·equal)/(n + this). Not negative; 0 gives the optimum as it is. Default 10, an
    /// assumption: a series that just suffices moves the weights a third of the way.
    pub equal_weight_origins: f64,
    /// Years that are neither fitted through nor scored. Default: [`Shocks::pandemic`].
    pub shocks: Shocks,
}

impl StackingOptions {
    fn check(&self, methods: usize) -> Result<()> {
        let place = Place("stacking");
        place.within("the number of methods", methods, 1..=MOST_METHODS)?;
        let least = self.least_origins;
        place.check(least >= 2, "the fewest origins", least, "2 or more")?;
        let name = "the origins that equal weights are worth";
        place.not_negative(name, self.equal_weight_origins)
    }
}

impl Default for StackingOptions {
    fn default() -> Self {
        Self {
            horizons: 5,
            least_counts: 10,
            least_origins: 5,
            equal_weight_origins: 10.0,
            shocks: Shocks::pandemic(),
        }
    }
}

checked! {
    /// **Stacking weights**: the weights of a linear pool under which it would have forecast one series best, and what
    /// they rest on.
    ///
    /// Best is the least mean CRPS over forecasts from every year that has counts enough before it, and the weights are
    /// then drawn to equal ones, the more the fewer origins there are. Stacking of predictive distributions: Yao,
    /// Vehtari, Simpson & Gelman (2018), Bayesian Analysis 13:917–1007,
    /// [doi:10.1214/17-BA1091](https://doi.org/10.1214/17-BA1091), with the CRPS in place of the log score.
    ///
    /// # Definition
    ///
    /// The CRPS of a linear pool is quadratic in the weights,
    ///
    /// ```text
    /// CRPS = Σ wᵢ·E|Xᵢ − y| − ½·Σᵢ Σⱼ wᵢ·wⱼ·E|Xᵢ − Xⱼ|
    /// ```
    ///
    /// and convex over weights that add up to one, so the optimum is unique and found exactly. A method is therefore
    /// worth its weight for what it adds to the others, and two that always say the same share one weight. Scores are
    /// on log counts. Distributions without a closed form are taken at 400 equally likely points.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::backtest::{Stacked, StackingOptions};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let counts = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let families = [Family::Linear, Family::Exponential];
    /// let stacked = Stacked::of_families(&counts, &families, &StackingOptions::default())?;
    /// // The counts have grown faster and faster.
    /// assert!(stacked.weights[1] > 0.5 && stacked.crps[1] < stacked.crps[0]);
    /// assert!((stacked.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Stacked {
        /// The names of the methods, in the order in which they were given.
        pub methods: Vec<String>,
        /// The weights, in the order of the methods: not negative, adding up to one.
        pub weights: Vec<f64>,
        /// The weights that would have been best, before they are drawn to equal ones.
        pub optimum: Vec<f64>,
        /// The mean CRPS of each method alone, on log counts.
        pub crps: Vec<f64>,
        /// The mean CRPS of the pool with [`Stacked::weights`], on the forecasts that they were found with.
        pub pooled_crps: f64,
        /// The mean CRPS of the pool with equal weights.
        pub equal_crps: f64,
        /// The number of origins that were scored.
        pub origins: usize,
        /// The number of origins that were skipped because one of the methods had nothing to say there.
        pub skipped: usize,
        /// The number of counts that were left out as shocks.
        pub shocks: usize,
    } then check
}

impl Stacked {
    /// The weights of methods from their forecasts of one series.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where there is no method or more than 10, or an option is out of range;
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) where a shock is marked in another series;
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a method gives quantiles only or the series is too short:
    /// `least_counts + horizons + least_origins − 1` consecutive years are the least, 19 by default; and
    /// the errors of the methods.
    pub fn of(
        series: &PanelSeries,
        methods: &[&dyn Forecaster],
        options: &StackingOptions,
    ) -> Result<Self> {
        options.check(methods.len())?;
        if let Some(other) = options.shocks.series().find(|name| *name != series.id()) {
            let what = "series that weights are found from";
            return Err(Error::unknown(what, other, [series.id()]));
        }
        let pooled = Pooled::of(series, methods, options)?;
        let (years, least) = (options.horizons, options.least_origins);
        if pooled.complete < least {
            let counts = options.least_counts.saturating_add(years);
            let needed = counts.saturating_add(least) - 1;
            return Err(Error::unsuitable(format!(
                "{} is too short for weights: every method forecasts {years} years ahead from {} of its \
                 years ({} more were skipped), and {least} are the least; a first fit to {} counts and \
                 so many origins take {needed} years. Use equal weights",
                series.id(),
                pooled.complete,
                pooled.skipped,
                options.least_counts,
            )));
        }
        let quadratic = &pooled.quadratic;
        let k = methods.len();
        let optimum = quadratic.optimum();
        let (n, prior) = (f64::from(pooled.scored), options.equal_weight_origins);
        let drawn = |w: &f64| (n * w + prior / k as f64) / (n + prior);
        let weights: Vec<f64> = optimum.iter().map(drawn).collect();
        let alone =
            |i: usize| -> Vec<f64> { (0..k).map(|j| f64::from(u8::from(i == j))).collect() };
        Ok(Self {
            methods: methods.iter().map(|m| m.name().to_owned()).collect(),
            crps: (0..k).map(|i| quadratic.crps(&alone(i))).collect(),
            pooled_crps: quadratic.crps(&weights),
            equal_crps: quadratic.crps(&vec![1.0 / k as f64; k]),
            weights,
            optimum,
            origins: pooled.scored as usize,
            skipped: pooled.skipped,
            shocks: pooled.shocks,
        })
    }

    /// The weights of growth curves, each fitted to the counts up to an origin and forecasting with its
    /// prediction interval ([`CurveForecaster`]). Stated errors of the counts and a published projection
    /// are not used.
    ///
    /// # Errors
    ///
    /// As [`Stacked::of`].
    pub fn of_families(
        series: &IncidenceSeries,
        families: &[Family],
        options: &StackingOptions,
    ) -> Result<Self> {
        let panel_series = PanelSeries::new(series.clone(), series.region(), "")?;
        let curves = families
            .iter()
            .map(|&family| CurveForecaster::new(family.name(), &[(family, 1.0)], 0.0))
            .collect::<Result<Vec<_>>>()?;
        let methods: Vec<&dyn Forecaster> = curves.iter().map(|c| c as &dyn Forecaster).collect();
        Self::of(&panel_series, &methods, options)
    }

    fn check(&self) -> Result<()> {
        let k = self.weights.len();
        let one = |weights: &[f64]| {
            weights.iter().all(|w| (0.0..=1.0).contains(w))
                && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9
        };
        let score = |x: f64| x.is_finite() && x >= 0.0;
        let lengths = [self.methods.len(), self.optimum.len(), self.crps.len()];
        let needed = if lengths != [k; 3] {
            "as many weights, optimal weights and scores as methods"
        } else if !one(&self.weights) || !one(&self.optimum) {
            "weights from 0 to 1 that add up to one"
        } else if !(self.crps.iter().copied().all(score)
            && score(self.pooled_crps)
            && score(self.equal_crps))
        {
            "scores that are finite and not negative"
        } else {
            return Ok(());
        };
        let message = format!("the weights of a pool need {needed}: {self:?}");
        Err(Error::unsuitable(message))
    }
}

/// A row for each method, and the scores of the pools.
impl fmt::Display for Stacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        table.heading(format!(
            "weights from forecasts at {} years; {} more years skipped, {} counts left out as shocks",
            self.origins, self.skipped, self.shocks
        ));
        let names = ["weight", "optimum", "CRPS of log counts"];
        table.row("method", names.map(str::to_owned));
        for (i, method) in self.methods.iter().enumerate() {
            let [weight, optimum] = [&self.weights, &self.optimum].map(|w| format!("{:.3}", w[i]));
            table.row(method, [weight, optimum, format!("{:.4}", self.crps[i])]);
        }
        for (name, crps) in [
            ("pool", self.pooled_crps),
            ("equal weights", self.equal_crps),
        ] {
            table.row(name, [String::new(), String::new(), format!("{crps:.4}")]);
        }
        table.fmt(f)
    }
}

/// What the forecasts of all methods from the origins of one series come to.
struct Pooled {
    quadratic: Quadratic,
    /// Origins that were scored, those of them with an outcome at the furthest horizon, and those at which a
    /// method had nothing to say.
    scored: u32,
    complete: usize,
    skipped: usize,
    shocks: usize,
}

impl Pooled {
    fn of(
        series: &PanelSeries,
        methods: &[&dyn Forecaster],
        options: &StackingOptions,
    ) -> Result<Self> {
        let rolling = BacktestOptions {
            horizons: options.horizons,
            least_cases: f64::MIN_POSITIVE,
            shocks: options.shocks.clone(),
            least_counts: options.least_counts,
            ..BacktestOptions::default()
        };
        rolling.check()?;
        let (all, excluded) = origins(series, &rolling)?;
        // By horizon, the number of outcomes and the sum over them.
        let zero = || Quadratic::zero(methods.len());
        let mut sums: Vec<_> = (0..options.horizons).map(|_| (0.0, zero())).collect();
        let (mut scored, mut complete, mut skipped) = (0, 0, 0);
        let full = |origin: &Origin<'_>| origin.setting == Setting::FullHistory;
        for origin in all.into_iter().filter(full) {
            let furthest = origin.outcomes().iter().map(|o| o.0).max().unwrap_or(0);
            let each = methods
                .iter()
                .map(|method| points(*method, &origin, furthest));
            let Some(points) = each.collect::<Result<Option<Vec<_>>>>()? else {
                skipped += 1;
                continue;
            };
            scored += 1;
            complete += usize::from(furthest == options.horizons);
            for &(horizon, truth) in origin.outcomes() {
                let at: Vec<&[f64]> = points.iter().map(|p| p[horizon - 1].as_slice()).collect();
                let (outcomes, sum) = &mut sums[horizon - 1];
                *outcomes += 1.0;
                sum.add(1.0, &Quadratic::of(&at, truth.ln()));
            }
        }
        sums.retain(|(outcomes, _)| *outcomes > 0.0);
        let (mut quadratic, horizons) = (zero(), sums.len() as f64);
        for (outcomes, sum) in &sums {
            quadratic.add(1.0 / (outcomes * horizons), sum);
        }
        Ok(Self {
            quadratic,
            scored,
            complete,
            skipped,
            shocks: excluded.shocks,
        })
    }
}

/// The forecasts of a method 1, 2, … years after an origin, as equally likely points; `None` where it has nothing to
/// say as far as the furthest outcome.
fn points(
    method: &dyn Forecaster,
    origin: &Origin<'_>,
    furthest: usize,
) -> Result<Option<Vec<Vec<f64>>>> {
    let forecasts = method
        .forecast(&origin.past(), furthest)
        .map_err(|error| failed(method, origin, &error))?
        .filter(|forecasts| forecasts.len() >= furthest);
    let Some(forecasts) = forecasts else {
        return Ok(None);
    };
    let points = forecasts.iter().map(|forecast| {
        forecast.points().ok_or_else(|| {
            let what = "gives quantiles only: a pool needs distributions";
            Error::unsuitable(format!("{} {what}", method.name()))
        })
    });
    points.collect::<Result<_>>().map(Some)
}

/// The mean CRPS of a pool, as a function of its weights.
struct Quadratic {
    /// E|Xᵢ − y|.
    truth: Vec<f64>,
    /// E|Xᵢ − Xⱼ|, by rows.
    between: Vec<f64>,
}

impl Quadratic {
    fn zero(k: usize) -> Self {
        Self {
            truth: vec![0.0; k],
            between: vec![0.0; k * k],
        }
    }

    /// Of one outcome, by the points of each method.
    fn of(points: &[&[f64]], truth: f64) -> Self {
        let pairs = points
            .iter()
            .flat_map(|a| points.iter().map(move |b| (a, b)));
        Self {
            truth: points.iter().map(|a| mean_distance(a, &[truth])).collect(),
            between: pairs.map(|(a, b)| mean_distance(a, b)).collect(),
        }
    }

    fn add(&mut self, share: f64, other: &Self) {
        let truth = self.truth.iter_mut().zip(&other.truth);
        let between = self.between.iter_mut().zip(&other.between);
        truth
            .chain(between)
            .for_each(|(to, from)| *to += share * from);
    }

    fn crps(&self, weights: &[f64]) -> f64 {
        let k = weights.len();
        let mut score = 0.0;
        for i in 0..k {
            score += weights[i] * self.truth[i];
            for j in 0..k {
                score -= 0.5 * weights[i] * weights[j] * self.between[i * k + j];
            }
        }
        score
    }

    /// The best weights, by looking at every set of methods that may have one: on the right set they
    /// solve linear equations, and of all sets with admissible solutions it has the least score.
    fn optimum(&self) -> Vec<f64> {
        let k = self.truth.len();
        let largest = self.truth.iter().copied().fold(0.0, f64::max);
        let ridge = RIDGE * if largest > 0.0 { largest } else { 1.0 };
        let equal = 1.0 / k as f64;
        let cost = |weights: &[f64]| {
            let apart: f64 = weights.iter().map(|w| (w - equal).powi(2)).sum();
            self.crps(weights) + 0.5 * ridge * apart
        };
        let mut best = (f64::INFINITY, vec![equal; k]);
        for set in 1usize..1 << k {
            let members: Vec<usize> = (0..k).filter(|i| set >> i & 1 == 1).collect();
            let n = members.len();
            // (ridge·I − B)·w + λ·1 = ridge/k·1 − a and Σw = 1.
            let mut rows: Vec<Vec<f64>> = members
                .iter()
                .map(|&i| {
                    let mut row: Vec<f64> = members
                        .iter()
                        .map(|&j| {
                            let diagonal = if i == j { ridge } else { 0.0 };
                            diagonal - self.between[i * k + j]
                        })
                        .collect();
                    row.extend([1.0, ridge * equal - self.truth[i]]);
                    row
                })
                .collect();
            let mut last = vec![1.0; n];
            last.extend([0.0, 1.0]);
            rows.push(last);
            let Some(solution) = solve(rows) else {
                continue;
            };
            if solution[..n].iter().any(|w| *w < -1e-9) {
                continue;
            }
            let mut weights = vec![0.0; k];
            for (&i, w) in members.iter().zip(&solution) {
                // Not below −1e-9: rounding.
                weights[i] = w.max(0.0);
            }
            let total: f64 = weights.iter().sum();
            for w in &mut weights {
                *w /= total;
            }
            let cost = cost(&weights);
            if cost < best.0 {
                best = (cost, weights);
            }
        }
        best.1
    }
}

/// The mean distance between a point of one and a point of another list, both in order.
fn mean_distance(a: &[f64], b: &[f64]) -> f64 {
    // Between two neighbouring values lie Fa·(1 − Fb) + Fb·(1 − Fa) of the pairs.
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    let mut at = a[0].min(b[0]);
    while i < a.len() || j < b.len() {
        let from_a = j == b.len() || (i < a.len() && a[i] <= b[j]);
        let next = if from_a { a[i] } else { b[j] };
        let (fa, fb) = (i as f64 / a.len() as f64, j as f64 / b.len() as f64);
        sum += (next - at) * (fa * (1.0 - fb) + fb * (1.0 - fa));
        at = next;
        if from_a {
            i += 1;
        } else {
            j += 1;
        }
    }
    sum
}
