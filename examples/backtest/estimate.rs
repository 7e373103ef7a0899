//! The parameters of the registry trend by maximum likelihood over a panel of registry series.

use std::collections::BTreeMap;

use myeloma_epi::backtest::{Panel, PanelSeries};
use myeloma_epi::forecast::{RegistryTrend, SiteEffect, TrendErrors, TrendParameters, TrendScale};
use myeloma_epi::{Error, Result, Shocks};
use rayon::prelude::*;

use super::quasi_newton::{Curvature, minimise};

/// Points of a site's effect on the log of the noise of growth: eleven, half a standard deviation apart. A grid that is coarser
/// than what a panel says of one site creates spurious maxima.
const TREND_POINTS: usize = 11;
const TREND_STEP: f64 = 0.5;
/// Points of a site's effect on mean growth, over four standard deviations on either side.
const GROWTH_POINTS: usize = 41;
/// The least series from which twelve parameters are estimated.
const LEAST_SERIES: usize = 20;

/// Parameters estimated from a panel, and the effects of its sites.
///
/// The likelihood of a series is that of its log counts after the first, given the first, summed over
/// the volatilities; that of a site integrates over the site's two effects, which its series share:
///
/// ```text
/// L(site) = ∫∫ Π_series (Σ_z p(z)·L(y | z, g, v))^(1/k) dN(g; 0, ·) dN(v; 0, ·)
/// ```
///
/// where k is the number of series of the same group and site: the states of a country speak with
/// one voice about the site, since they are not independent. In g the logarithm of L(y | z, g, v) is
/// quadratic, because the filter is linear: its two coefficients are carried along by the filter (de
/// Jong 1991, The Annals of Statistics 19:1073–1083,
/// [doi:10.1214/aos/1176348139](https://doi.org/10.1214/aos/1176348139)).
///
/// A trend of the rate is estimated from counts divided by expected cases in the same way.
///
/// The last three years of each series are taken as provisional, too low by shares that are estimated too.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrendEstimate {
    pub(crate) parameters: TrendParameters,
    /// The effects of all sites of the panel, by name.
    pub(crate) sites: BTreeMap<String, SiteEffect>,
    curvature: Curvature,
}

impl TrendEstimate {
    /// Estimates from a panel; the counts of years that are marked as shocks are left out.
    ///
    /// # Errors
    ///
    /// Where the panel has fewer than 20 series, a trend of the rate finds one without expected cases, or the likelihood
    /// cannot be maximised.
    pub(crate) fn of(panel: &Panel, shocks: &Shocks, scale: TrendScale) -> Result<Self> {
        // Those of the rate that are shipped are in part chosen by score, far from the likelihood's.
        let start = TrendParameters {
            scale,
            ..TrendParameters::shipped()
        };
        Self::from(panel, shocks, &start, None)
    }

    /// Estimates again from another panel, starting from this estimate: much faster where the panels
    /// differ by one group.
    ///
    /// # Errors
    ///
    /// As [`TrendEstimate::of`].
    pub(crate) fn again(&self, panel: &Panel, shocks: &Shocks) -> Result<Self> {
        Self::from(panel, shocks, &self.parameters, Some(&self.curvature))
    }

    fn from(
        panel: &Panel,
        shocks: &Shocks,
        start: &TrendParameters,
        curvature: Option<&Curvature>,
    ) -> Result<Self> {
        if panel.series().len() < LEAST_SERIES {
            return Err(Error::other(format!(
                "{} series are too few for the parameters of a trend: {LEAST_SERIES} are the least",
                panel.series().len()
            )));
        }
        let problem = Problem::new(panel, shocks, start.scale)?;
        let of_vector = |x: &[f64]| from_vector(x, start.scale);
        let objective = |x: &[f64]| -problem.sites(&of_vector(x)).0 / problem.weight;
        let end = minimise(objective, &to_vector(start), curvature).ok_or_else(|| {
            Error::other("the likelihood of the panel cannot be maximised: it is not finite")
        })?;
        let parameters = of_vector(&end.x);
        RegistryTrend::new(parameters, parameters.unknown_site())?;
        let sites = problem.sites(&parameters).1;
        Ok(Self {
            parameters,
            sites,
            curvature: end.curvature,
        })
    }
}

/// Points of the log of volatility z, three tenths apart, with their prior weights for a standard
/// deviation: those of the forecast.
fn volatility_points(spread: f64) -> Vec<(f64, f64)> {
    let points = (-5..=5).map(|i| 0.3 * f64::from(i));
    let points: Vec<(f64, f64)> = points
        .map(|z| (z, (-0.5 * (z / spread.max(1e-3)).powi(2)).exp()))
        .collect();
    let total: f64 = points.iter().map(|p| p.1).sum();
    points.into_iter().map(|(z, w)| (z, w / total)).collect()
}

/// The variances of the noises of one series, as the documentation of
/// [`forecast`](myeloma_epi::forecast) defines them.
struct Noise {
    level: f64,
    growth: f64,
    count: f64,
}

impl Noise {
    fn new(p: &TrendParameters, first_count: f64, volatility: f64, trend: f64) -> Self {
        let size = p.size_exponent * (first_count / 400.0).ln();
        let short_run = (p.calibration * (volatility + size).exp()).powi(2);
        Self {
            level: p.level_noise.powi(2) * short_run,
            growth: (p.calibration * p.growth_noise * trend.exp()).powi(2),
            count: p.count_noise.powi(2) * short_run,
        }
    }

    /// The variance of an observed log count about a level: overdispersion and Poisson.
    fn observation(&self, level: f64) -> f64 {
        self.count + (-level).exp().min(1.0)
    }
}

/// The parameters on scales without borders, all of the order of one.
fn to_vector(p: &TrendParameters) -> Vec<f64> {
    let log = |x: f64| x.max(1e-6).ln();
    let mut x = vec![
        100.0 * p.mean_growth,
        (p.persistence / (1.0 - p.persistence)).max(1e-6).ln(),
        log(p.level_noise),
        log(p.growth_noise),
        log(p.count_noise),
        // Within its range, 0 to 2: short series do not tell great spreads apart.
        log(p.volatility_spread / (2.0 - p.volatility_spread)),
        p.size_exponent,
        log(p.site_growth_spread),
        log(p.site_trend_spread),
    ];
    x.extend(p.late_reporting.map(|late| 100.0 * late));
    // Only a rate has one.
    x.extend((p.scale == TrendScale::Rate).then_some(p.elasticity));
    x
}

fn from_vector(x: &[f64], scale: TrendScale) -> TrendParameters {
    TrendParameters {
        mean_growth: x[0] / 100.0,
        persistence: 1.0 / (1.0 + (-x[1]).exp()),
        level_noise: x[2].exp(),
        growth_noise: x[3].exp(),
        count_noise: x[4].exp(),
        volatility_spread: 2.0 / (1.0 + (-x[5]).exp()),
        size_exponent: x[6],
        site_growth_spread: x[7].exp(),
        site_trend_spread: x[8].exp(),
        late_reporting: [x[9] / 100.0, x[10] / 100.0, x[11] / 100.0],
        calibration: 1.0,
        elasticity: x.get(12).copied().unwrap_or(1.0),
        scale,
        errors: TrendErrors::default(),
    }
}

/// A series as the likelihood reads it.
struct Observed {
    /// Its share among the series of the same group and site.
    weight: f64,
    first_count: f64,
    /// Years since the first count, log count, and how many years before the end (0 to 2, else none).
    log_counts: Vec<(i32, f64, Option<usize>)>,
    /// The growth of the log of expected cases in each year after the first count: none for a trend of counts.
    expected: Vec<f64>,
    /// Its mean up to the last count that is not left out.
    of_expected: f64,
}

struct Problem {
    sites: BTreeMap<String, Vec<Observed>>,
    weight: f64,
}

/// log L = value + slope·g − ½·curvature·g², g being the effect on mean growth.
#[derive(Clone, Copy)]
struct Quadratic {
    value: f64,
    slope: f64,
    curvature: f64,
}

impl Quadratic {
    fn at(&self, g: f64) -> f64 {
        self.value + self.slope * g - 0.5 * self.curvature * g * g
    }
}

impl Problem {
    fn new(panel: &Panel, shocks: &Shocks, scale: TrendScale) -> Result<Self> {
        let mut cells: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for series in panel.series() {
            *cells.entry((series.group(), series.site())).or_default() += 1.0;
        }
        let mut sites: BTreeMap<String, Vec<Observed>> = BTreeMap::new();
        for series in panel.series() {
            let weight = 1.0 / cells[&(series.group(), series.site())];
            if let Some(observed) = Observed::new(series, shocks, weight, scale)? {
                sites
                    .entry(series.site().to_owned())
                    .or_default()
                    .push(observed);
            }
        }
        let weight = sites.values().flatten().map(|series| series.weight).sum();
        Ok(Self { sites, weight })
    }

    /// The log-likelihood, and the posterior mean and standard deviation of each site's effects.
    fn sites(&self, p: &TrendParameters) -> (f64, BTreeMap<String, SiteEffect>) {
        let each: Vec<(f64, SiteEffect)> = self
            .sites
            .par_iter()
            .map(|(_, series)| site(p, series))
            .collect();
        let total = each.iter().map(|(log_likelihood, _)| log_likelihood).sum();
        let names = self.sites.keys().cloned();
        (total, names.zip(each.into_iter().map(|e| e.1)).collect())
    }
}

impl Observed {
    /// The series without the years that are marked; `None` where nothing is left.
    fn new(
        series: &PanelSeries,
        shocks: &Shocks,
        weight: f64,
        scale: TrendScale,
    ) -> Result<Option<Self>> {
        let last = series.series().last_year();
        let observations = series.series().observations().iter();
        let kept: Vec<(i32, f64)> = observations
            .filter(|count| !shocks.marks(series.id(), count.year))
            .map(|count| (count.year, count.cases))
            .collect();
        let (Some(&(first_year, first_count)), Some(&(last_kept, _))) = (kept.first(), kept.last())
        else {
            return Ok(None);
        };
        let log_counts = kept
            .iter()
            .map(|&(year, cases)| {
                let back = usize::try_from(last - year).ok().filter(|back| *back < 3);
                (year - first_year, cases.ln(), back)
            })
            .collect();
        let expected = match (scale, series.expected()) {
            (TrendScale::Counts, _) => vec![0.0; usize::try_from(last - first_year).unwrap_or(0)],
            (TrendScale::Rate, Some(expected)) => {
                let years = expected.iter().filter(|(year, _)| *year >= first_year);
                let logs: Vec<f64> = years.map(|(_, cases)| cases.ln()).collect();
                logs.windows(2).map(|pair| pair[1] - pair[0]).collect()
            }
            (TrendScale::Rate, None) => {
                let id = series.id();
                return Err(Error::other(format!("{id} has no expected cases")));
            }
        };
        let years = usize::try_from(last_kept - first_year).unwrap_or(0).max(5);
        let years = &expected[..years.min(expected.len())];
        Ok(Some(Self {
            weight,
            first_count,
            log_counts,
            of_expected: years.iter().sum::<f64>() / (years.len() as f64).max(1.0),
            expected,
        }))
    }

    /// The likelihood as a function of the site's effect on mean growth. With that effect given, the
    /// filter has two states; the derivatives of its means by the effect obey the same recursion.
    fn likelihood(&self, p: &TrendParameters, volatility: f64, trend: f64) -> Quadratic {
        let noise = Noise::new(p, self.first_count, volatility, trend);
        let phi = p.persistence;
        let start = self.log_counts[0].1;
        let mut mean = [start, 0.0];
        let mut slope = [0.0, 0.0];
        // Growth starts from its stationary distribution.
        let (mut p00, mut p01, mut p11) = (
            noise.observation(start),
            0.0,
            noise.growth / (1.0 - phi * phi),
        );
        let mut result = Quadratic {
            value: 0.0,
            slope: 0.0,
            curvature: 0.0,
        };
        let mut year = 0;
        // The variances are multiplied, and one logarithm is taken of many.
        let mut product = 1.0;
        let mut expected = self.expected.iter();
        let mean_growth = p.mean_growth + (p.elasticity - 1.0) * self.of_expected;
        for &(next, observed, back) in &self.log_counts[1..] {
            for expected in expected.by_ref().take((year..next).len()) {
                let growth = mean_growth + expected;
                mean = [mean[0] + mean[1] + growth, phi * mean[1]];
                slope = [slope[0] + slope[1] + 1.0, phi * slope[1]];
                p00 += 2.0 * p01 + p11 + noise.level;
                p01 = phi * (p01 + p11);
                p11 = phi * phi * p11 + noise.growth;
            }
            year = next;
            let late = back.map_or(0.0, |back| p.late_reporting[back]);
            let variance = p00 + noise.observation(mean[0]);
            let surprise = observed + late - mean[0];
            result.value -= 0.5 * surprise * surprise / variance;
            product *= std::f64::consts::TAU * variance;
            if !(1e-200..1e200).contains(&product) {
                result.value -= 0.5 * product.ln();
                product = 1.0;
            }
            result.slope += surprise * slope[0] / variance;
            result.curvature += slope[0] * slope[0] / variance;
            let gain = [p00 / variance, p01 / variance];
            for i in 0..2 {
                mean[i] += gain[i] * surprise;
            }
            let sensitivity = slope[0];
            for i in 0..2 {
                slope[i] -= gain[i] * sensitivity;
            }
            p11 -= gain[1] * p01;
            p01 -= gain[0] * p01;
            p00 -= gain[0] * p00;
        }
        result.value -= 0.5 * product.ln();
        result
    }
}

/// One site: its log-likelihood and what the panel says of its effects.
fn site(p: &TrendParameters, series: &[Observed]) -> (f64, SiteEffect) {
    let volatility = volatility_points(p.volatility_spread);
    let half = (GROWTH_POINTS as f64 - 1.0) / 2.0;
    let growth: Vec<f64> = (0..GROWTH_POINTS)
        .map(|i| 4.0 * p.site_growth_spread * (i as f64 / half - 1.0))
        .collect();
    let standard: Vec<f64> = (0..TREND_POINTS)
        .map(|i| TREND_STEP * (i as f64 - (TREND_POINTS as f64 - 1.0) / 2.0))
        .collect();
    let prior: Vec<f64> = {
        let each: Vec<f64> = standard
            .iter()
            .flat_map(|x| growth.iter().map(move |g| (x, g)))
            .map(|(x, g)| -0.5 * (x * x + (g / p.site_growth_spread).powi(2)))
            .collect();
        let total = log_sum(&each);
        each.into_iter().map(|x| x - total).collect()
    };

    let mut posterior = prior;
    let mut sums = vec![0.0; GROWTH_POINTS];
    for one in series {
        for (i, x) in standard.iter().enumerate() {
            let parts: Vec<Quadratic> = volatility
                .iter()
                .map(|&(z, weight)| {
                    let q = one.likelihood(p, z, x * p.site_trend_spread);
                    Quadratic {
                        value: q.value + weight.ln(),
                        ..q
                    }
                })
                .collect();
            let logs = &mut posterior[i * GROWTH_POINTS..(i + 1) * GROWTH_POINTS];
            log_sums(&parts, &growth, &mut sums);
            for (log, sum) in logs.iter_mut().zip(&sums) {
                *log += one.weight * sum;
            }
        }
    }
    let log_likelihood = log_sum(&posterior);
    let mut moments = [0.0; 4];
    for (i, x) in standard.iter().enumerate() {
        for (j, g) in growth.iter().enumerate() {
            let weight = (posterior[i * GROWTH_POINTS + j] - log_likelihood).exp();
            let v = x * p.site_trend_spread;
            for (moment, value) in moments.iter_mut().zip([*g, g * g, v, v * v]) {
                *moment += weight * value;
            }
        }
    }
    let deviation = |mean: f64, square: f64| (square - mean * mean).max(0.0).sqrt();
    let effect = SiteEffect {
        growth: moments[0],
        growth_error: deviation(moments[0], moments[1]),
        trend: moments[2],
        trend_error: deviation(moments[2], moments[3]),
    };
    (log_likelihood, effect)
}

/// The logarithm of the sum of exp of the quadratics, at points that are evenly spaced.
///
/// From its greatest value on the points outwards, the exponential of a quadratic falls by a factor
/// that itself falls by a constant one: two products a point take the place of an exponential. Where
/// all of them vanish against the greatest, the sum is taken with logarithms.
fn log_sums(parts: &[Quadratic], points: &[f64], sums: &mut [f64]) {
    let step = points[1] - points[0];
    let last = points.len() - 1;
    let peaks: Vec<usize> = parts
        .iter()
        .map(|q| {
            let peak = (q.slope / q.curvature - points[0]) / step;
            // Without a curvature the slope says where; a position that is no number is the middle.
            let at = if peak.is_nan() {
                0.5 * last as f64
            } else {
                peak
            };
            nearest(at, last)
        })
        .collect();
    let greatest = parts
        .iter()
        .zip(&peaks)
        .map(|(q, &peak)| q.at(points[peak]))
        .fold(f64::NEG_INFINITY, f64::max);
    sums.fill(0.0);
    for (q, &peak) in parts.iter().zip(&peaks) {
        let top = (q.at(points[peak]) - greatest).exp();
        let bend = (-q.curvature * step * step).exp();
        let tilt = step * (q.slope - q.curvature * points[peak]);
        sums[peak] += top;
        let (mut value, mut factor) = (top, (tilt - 0.5 * q.curvature * step * step).exp());
        for sum in &mut sums[peak + 1..] {
            value *= factor;
            factor *= bend;
            *sum += value;
        }
        (value, factor) = (top, (-tilt - 0.5 * q.curvature * step * step).exp());
        for sum in sums[..peak].iter_mut().rev() {
            value *= factor;
            factor *= bend;
            *sum += value;
        }
    }
    for (sum, &point) in sums.iter_mut().zip(points) {
        *sum = if *sum > 1e-250 && sum.is_finite() {
            greatest + sum.ln()
        } else {
            log_sum(&parts.iter().map(|q| q.at(point)).collect::<Vec<_>>())
        };
    }
}

/// The place nearest to a position, among those from 0 to the last.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Within the places.
fn nearest(position: f64, last: usize) -> usize {
    position.round().clamp(0.0, last as f64) as usize
}

/// log Σ exp(xᵢ).
fn log_sum(x: &[f64]) -> f64 {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() {
        most + x.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
    } else {
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use myeloma_epi::IncidenceSeries;
    use myeloma_epi::forecast::{ExpectedByYear, ForecastOptions};

    /// The likelihood as a function of the growth of the site, without late reporting, is that of
    /// the library's filter when that growth, volatility and trend are put in.
    #[test]
    fn the_likelihood_is_quadratic_in_the_growth_of_the_site() {
        // Poisson noise depends on the level that is predicted, and so, a little, on growth: large
        // counts leave that out.
        let counts = [310.0, 280.0, 333.0, 350.0, 349.0, 402.0, 390.0, 300.0].map(|x| 1e13 * x);
        let years = [2001, 2002, 2003, 2006, 2007, 2008, 2009, 2010];
        let shocks = Shocks::years([2002, 2010]);
        let counts = IncidenceSeries::from_counts("a", years.into_iter().zip(counts)).unwrap();
        let expected = (2000..2012).map(|year| (year, 1.03_f64.powi((year - 2000).min(5))));
        let expected = ExpectedByYear::new(expected).unwrap();
        for trend in [RegistryTrend::default(), RegistryTrend::rate()] {
            of_scale(&counts, &shocks, &expected, trend.parameters());
        }
    }

    fn of_scale(
        counts: &IncidenceSeries,
        shocks: &Shocks,
        expected: &ExpectedByYear,
        shipped: &TrendParameters,
    ) {
        let series = PanelSeries::new(counts.clone(), "A", "x").unwrap();
        let series = series.with_expected(expected.clone()).unwrap();
        let series = Observed::new(&series, shocks, 1.0, shipped.scale);
        let series = series.unwrap().unwrap();
        assert_eq!(series.log_counts.len(), 6);
        let p = TrendParameters {
            late_reporting: [0.0; 3],
            errors: TrendErrors::default(),
            ..*shipped
        };
        let (volatility, trend) = (0.3_f64, -0.4);
        let quadratic = series.likelihood(&p, volatility, trend);
        // The library integrates over volatility and effects; without any spread it is at one point.
        let at_one_point = TrendParameters {
            volatility_spread: 0.0,
            level_noise: p.level_noise * volatility.exp(),
            count_noise: p.count_noise * volatility.exp(),
            ..p
        };
        let options = ForecastOptions {
            shocks: shocks.clone(),
            expected: (p.scale == TrendScale::Rate).then(|| expected.clone()),
            ..ForecastOptions::default()
        };
        for growth in [-0.02, 0.0, 0.013] {
            let site = SiteEffect {
                growth,
                growth_error: 0.0,
                trend,
                trend_error: 0.0,
            };
            let model = RegistryTrend::new(at_one_point, site).unwrap();
            let forecast = model.of(counts, &options).unwrap();
            assert_relative_eq!(
                forecast.log_likelihood(),
                quadratic.at(growth),
                max_relative = 1e-9
            );
        }
    }

    /// By products as by exponentials, narrow, wide, flat and far away.
    #[test]
    fn sums_of_exponentials_of_quadratics_are_those_of_their_terms() {
        let points: Vec<f64> = (0..41).map(|i| 0.0025 * (f64::from(i) - 20.0)).collect();
        let q = |value: f64, slope: f64, curvature: f64| Quadratic {
            value,
            slope,
            curvature,
        };
        for parts in [
            vec![
                q(3.0, 100.0, 2e4),
                q(2.5, -300.0, 1e5),
                q(-40.0, 20.0, 10.0),
            ],
            vec![q(-700.0, 0.0, 0.0), q(-701.0, 5.0, 0.0)],
            vec![q(10.0, 1e5, 1e6), q(0.0, 0.0, 1e9)],
        ] {
            let mut sums = vec![0.0; points.len()];
            log_sums(&parts, &points, &mut sums);
            for (sum, &g) in sums.iter().zip(&points) {
                let terms: Vec<f64> = parts.iter().map(|part| part.at(g)).collect();
                assert_relative_eq!(*sum, log_sum(&terms), max_relative = 1e-11, epsilon = 1e-11);
            }
        }
    }

    #[test]
    fn parameters_survive_the_change_of_scale() {
        for trend in [RegistryTrend::default(), RegistryTrend::rate()] {
            let there = to_vector(trend.parameters());
            let back = to_vector(&from_vector(&there, trend.parameters().scale));
            assert_eq!(there.len(), back.len());
            for (a, b) in there.iter().zip(back) {
                assert_relative_eq!(*a, b, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn few_series_are_refused() {
        let counts = IncidenceSeries::from_counts("a", [(2001, 5.0), (2002, 6.0)]).unwrap();
        let series = PanelSeries::new(counts, "A", "x").unwrap();
        let panel = Panel::new([series]).unwrap();
        assert!(TrendEstimate::of(&panel, &Shocks::none(), TrendScale::Counts).is_err());
    }
}
