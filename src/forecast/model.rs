//! The model: its noises at every volatility, and conditioning on the figures of one series.

use serde::{Deserialize, Serialize};

use super::filter::{Noise, State};
use super::forecast_options::ForecastOptions;
use super::parameters::{REFERENCE_COUNT, SiteEffect, TrendParameters};
use super::predictive::Forecast;
use crate::checked_on_reading::checked;
use crate::draws::MAX_HORIZON;
use crate::error::{Error, Result};
use crate::figures::Mark;
use crate::interval_levels::LEVEL;
use crate::numeric::student::two_sided_quantile;
use crate::series::{IncidenceSeries, no_logarithm};

/// Points of the log of volatility, in both directions from 0, and their distance.
const VOLATILITY_POINTS: i32 = 5;
const VOLATILITY_STEP: f64 = 0.3;
/// Gauss–Hermite points and weights for a standard normal distribution (Abramowitz & Stegun 1964,
/// table 25.10, with the points multiplied by √2 and the weights divided by √π).
const HERMITE: [(f64, f64); 5] = [
    (-2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_66),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_66),
    (2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
];

/// The same with three points.
const HERMITE_3: [(f64, f64); 3] = [
    (-1.732_050_807_568_877_2, 1.0 / 6.0),
    (0.0, 2.0 / 3.0),
    (1.732_050_807_568_877_2, 1.0 / 6.0),
];

/// The points of the log of volatility with their prior weights, which add up to one.
fn volatility_points(spread: f64) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = (-VOLATILITY_POINTS..=VOLATILITY_POINTS)
        .map(|i| {
            let z = VOLATILITY_STEP * f64::from(i);
            // No spread at all leaves the middle point.
            let scaled = z / spread.max(1e-3);
            (z, (-0.5 * scaled * scaled).exp())
        })
        .collect();
    let total: f64 = points.iter().map(|p| p.1).sum();
    points.into_iter().map(|(z, w)| (z, w / total)).collect()
}

impl TrendParameters {
    /// Persistence as far as it is known: its points, by how much the log of the noise of growth is then greater, and
    /// their weights.
    fn persistence_points(&self) -> Vec<(f64, f64, f64)> {
        let error = self.errors.persistence;
        if error <= 0.0 {
            return vec![(self.persistence, 0.0, 1.0)];
        }
        let logit = (self.persistence / (1.0 - self.persistence)).ln();
        let point = |(x, weight): (f64, f64)| {
            let moved = error * x;
            let persistence = 1.0 / (1.0 + (-logit - moved).exp());
            (persistence, self.errors.growth_noise_slope * moved, weight)
        };
        HERMITE_3.map(point).to_vec()
    }

    /// The noises of a sum of so many independent series of equal size.
    fn noise_of_sum(
        &self,
        first_count: f64,
        members: f64,
        persistence: f64,
        (volatility, trend): (f64, f64),
    ) -> Noise {
        let size = self.size_exponent * (first_count / members / REFERENCE_COUNT).ln();
        let calibration = self.calibration.powi(2) / members;
        let short_run = calibration * (2.0 * (volatility + size)).exp();
        Noise {
            persistence,
            level: self.level_noise.powi(2) * short_run,
            growth: calibration * self.growth_noise.powi(2) * (2.0 * trend).exp(),
            count: self.count_noise.powi(2) * short_run,
        }
    }
}

checked! {
    /// A state-space trend of yearly counts whose noises were estimated on registry series; [the
    /// module](super) has the model.
    ///
    /// It is a prior for the growth of a series: [`RegistryTrend::of`] conditions it on figures. The default
    /// has the shipped parameters, for multiple myeloma.
    ///
    /// ```
    /// use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
    /// let forecast = RegistryTrend::default().of(&world, &ForecastOptions::default())?;
    /// let [lower, median, upper] = forecast.quantiles(2040, [0.025, 0.5, 0.975])?;
    /// // The exponential curve through the two figures gives 353,646: growth reverts to the mean.
    /// assert!(lower < median && median < 353_646.0 && median < upper);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct RegistryTrend {
        parameters: TrendParameters,
        site: SiteEffect,
    } through new
}

impl Default for RegistryTrend {
    /// The shipped parameters, for multiple myeloma.
    fn default() -> Self {
        Self {
            parameters: TrendParameters::shipped(),
            site: SiteEffect::myeloma(),
        }
    }
}

impl RegistryTrend {
    /// The shipped trend of the rate, for multiple myeloma: what a forecast from
    /// [expected cases](ForecastOptions::expected) needs, where [`RegistryTrend::default`] is that of the counts.
    #[must_use]
    pub fn rate() -> Self {
        Self {
            parameters: TrendParameters::shipped_rate(),
            site: SiteEffect::myeloma_rate(),
        }
    }

    /// A trend from its parameters, for a cancer site.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where one is out of its range.
    pub fn new(parameters: TrendParameters, site: SiteEffect) -> Result<Self> {
        Ok(Self {
            parameters: parameters.check()?,
            site: site.check()?,
        })
    }

    /// The same trend for a site of which nothing is known: the mean over sites, with the spread between them as error
    /// ([`TrendParameters::unknown_site`]).
    ///
    /// ```
    /// use myeloma_epi::forecast::RegistryTrend;
    ///
    /// let (myeloma, any) = (RegistryTrend::default(), RegistryTrend::default().of_unknown_site());
    /// assert!(any.site().growth_error > 2.0 * myeloma.site().growth_error);
    /// ```
    #[must_use]
    pub fn of_unknown_site(&self) -> Self {
        Self {
            parameters: self.parameters,
            site: self.parameters.unknown_site(),
        }
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &TrendParameters {
        &self.parameters
    }

    /// The effect of the site.
    #[must_use]
    pub const fn site(&self) -> &SiteEffect {
        &self.site
    }

    /// The trend given the observations of a series, with their stated errors, which are taken as
    /// independent; the published projection is not used. Figures in years that the series or the options mark
    /// as shocks are left out, and provisional ones of the last three years are completed; the forecast starts at the last figure that is
    /// left.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where an option is out of its range; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where the
    /// figures lie more than 200 years apart, every figure is in a year that is marked as a shock, expected cases are
    /// given to a trend of counts or not given to one of the rate, or those of a year from the first figure to the last
    /// are missing.
    pub fn of(&self, series: &IncidenceSeries, options: &ForecastOptions) -> Result<Forecast> {
        let region = series.region();
        options.check(region)?;
        self.parameters.scale.check(region, options)?;
        let figures = series
            .observations()
            .iter()
            .map(|o| (o.year, o.cases, o.relative_error.unwrap_or(0.0)));
        let shock = |year: i32| {
            let marked = series.marks().get(&year) == Some(&Mark::Shock);
            marked || options.shocks.marks(region, year)
        };
        let (shocks, kept): (Vec<_>, Vec<_>) = figures.partition(|figure| shock(figure.0));
        if let Some(&(year, ..)) = kept.iter().find(|figure| figure.1 <= 0.0) {
            if series.marks().get(&year) == Some(&Mark::Provisional) {
                return Err(Error::unsuitable(format!(
                    "the count of {region} in {year} is 0, and the registry trend, which completes years that are marked as provisional, \
                     takes logarithms of counts: leave the year out, or mark it as a shock, which leaves it out everywhere"
                )));
            }
            return Err(no_logarithm(region, year, "the registry trend"));
        }
        let (Some(&first), Some(&last)) = (kept.first(), kept.last()) else {
            return Err(Error::unsuitable(format!(
                "every figure of {region} is in a year that is marked as a shock: one at least has \
                 to be left"
            )));
        };
        let completed = |&(year, cases, error): &(i32, f64, f64)| {
            (
                year,
                cases.ln() + self.late(series, options, year).unwrap_or(0.0),
                error,
            )
        };
        let figures: Vec<_> = kept.iter().map(completed).collect();
        let taken_as_complete = kept.iter().map(|figure| figure.0).filter(|year| {
            let marked = series.marks().get(year) == Some(&Mark::Provisional);
            marked && self.late(series, options, *year).is_none()
        });
        if i64::from(last.0) - i64::from(first.0) > i64::from(MAX_HORIZON) {
            return Err(Error::unsuitable(format!(
                "the figures of {region} span {} to {}: a trend is followed over {MAX_HORIZON} \
                 years at most",
                first.0, last.0
            )));
        }
        let (expected, of_expected) = match &options.expected {
            Some(expected) => (
                expected.growth(region, first.0, last.0)?,
                expected.mean_growth(region, first.0, last.0)?,
            ),
            None => (
                vec![0.0; usize::try_from(last.0 - first.0).unwrap_or(0)],
                0.0,
            ),
        };
        let p = &self.parameters;
        let growth = p.mean_growth + self.site.growth + (p.elasticity - 1.0) * of_expected;
        let mut members = self.members(&figures, &expected, growth, first.1, options.members);
        let log_likelihood = normalise(&mut members);
        if !log_likelihood.is_finite() {
            return Err(Error::unsuitable(format!(
                "the figures of {region} lie so far apart that a registry trend has no likelihood: {log_likelihood}"
            )));
        }
        // What is dropped moves no quantile's probability by more than 165 times this.
        members.retain(|member| member.weight > 1e-9);
        Ok(Forecast {
            region: region.to_owned(),
            last_year: last.0,
            shocks: shocks.iter().map(|figure| figure.0).collect(),
            taken_as_complete: taken_as_complete.collect(),
            log_likelihood,
            options: options.clone(),
            fitted_growth: fitted_growth(&figures),
            members,
        })
    }

    /// The filter under every setting of volatilities and persistence, with its log weight.
    fn members(
        &self,
        figures: &[(i32, f64, f64)],
        expected: &[f64],
        mean_growth: f64,
        first_count: f64,
        members: f64,
    ) -> Vec<Member> {
        let p = &self.parameters;
        let growth = (
            mean_growth,
            self.site.growth_error.powi(2) + p.errors.mean_growth.powi(2),
        );
        let trend_error = self.site.trend_error.hypot(p.errors.growth_noise);
        let mut all = Vec::new();
        for (persistence, shift, weight) in p.persistence_points() {
            for (z, z_weight) in volatility_points(p.volatility_spread.hypot(p.errors.level_noise))
            {
                for (x, v_weight) in HERMITE {
                    let trend = self.site.trend + trend_error * x + shift;
                    let noise = p.noise_of_sum(first_count, members, persistence, (z, trend));
                    let state = filter(figures, expected, growth, &noise);
                    all.push(Member {
                        weight: (z_weight * v_weight * weight).ln() + state.log_likelihood,
                        noise,
                        state,
                    });
                }
            }
        }
        all
    }

    /// The log of the factor that completes the figure of a year, where it is provisional and of the last three years up to the
    /// one that was reported last.
    pub(crate) fn late(
        &self,
        series: &IncidenceSeries,
        options: &ForecastOptions,
        year: i32,
    ) -> Option<f64> {
        let provisional =
            options.provisional || series.marks().get(&year) == Some(&Mark::Provisional);
        let back = usize::try_from(i64::from(series.last_year()) - i64::from(year)).ok()?;
        let late = self.parameters.late_reporting.get(back).copied();
        late.filter(|_| provisional)
    }
}

/// The slope of the line through log counts of ten years or more, where its 95 % interval does not hold 0.
fn fitted_growth(figures: &[(i32, f64, f64)]) -> Option<f64> {
    let n = figures.len();
    let span = f64::from(figures[n - 1].0) - f64::from(figures[0].0);
    if n < 3 || span < 9.0 {
        return None;
    }
    let year = |figure: &(i32, f64, f64)| f64::from(figure.0);
    let mean =
        |of: &dyn Fn(&(i32, f64, f64)) -> f64| figures.iter().map(of).sum::<f64>() / n as f64;
    let (t, z) = (mean(&year), mean(&|figure| figure.1));
    let spread: f64 = figures.iter().map(|f| (year(f) - t).powi(2)).sum();
    let slope = figures
        .iter()
        .map(|f| (year(f) - t) * (f.1 - z))
        .sum::<f64>()
        / spread;
    let residual = |f: &(i32, f64, f64)| (f.1 - z - slope * (year(f) - t)).powi(2);
    let degrees = (n - 2) as f64;
    let error = (figures.iter().map(residual).sum::<f64>() / degrees / spread).sqrt();
    (slope.abs() > two_sided_quantile(Some(degrees), LEVEL) * error).then_some(slope)
}

/// Runs the filter over years, log counts and relative errors; there is at least one. `expected` is the growth of the
/// log of expected cases in each year from the first figure on.
fn filter(
    figures: &[(i32, f64, f64)],
    expected: &[f64],
    growth: (f64, f64),
    noise: &Noise,
) -> State {
    let (mut year, observed, error) = figures[0];
    let mut expected = expected.iter();
    let variance = noise.observation(observed) + error * error;
    let mut state = State::start(observed, variance, growth, noise);
    for &(next, observed, error) in &figures[1..] {
        for growth in expected.by_ref().take((year..next).len()) {
            state.step(noise, *growth);
        }
        year = next;
        let variance = noise.observation(state.mean[0]) + error * error;
        state.update(observed, variance);
    }
    state
}

/// The trend under one setting of the noises, and the weight of that setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// Log weight until normalised, then weight.
    pub weight: f64,
    pub noise: Noise,
    pub state: State,
}

/// Turns log weights into weights that add up to one, and returns the log of their sum.
fn normalise(members: &mut [Member]) -> f64 {
    let most = members
        .iter()
        .map(|m| m.weight)
        .fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = members.iter().map(|m| (m.weight - most).exp()).sum();
    for member in members {
        member.weight = (member.weight - most).exp() / total;
    }
    most + total.ln()
}
