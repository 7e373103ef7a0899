//! Where the curve lies, and where a new count will: two different questions.

use rand::Rng;
use rand_distr::{ChiSquared, Distribution, Gamma, Poisson, StandardNormal};

use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::own_curve::check_gradient;
use super::parameter_estimate::central_quantile;
use super::predictive_count::NewCount;
use crate::curve::{GrowthCurve, MAX_PARAMETERS};
use crate::draws::{MAX_HORIZON, YearlyDraws, tails};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::linear_algebra::{Cholesky, dot};
use crate::random::Seed;

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The **confidence interval of the curve** in a calendar year, by the delta method: where the
    /// mean of the counts lies, given that the curve is right.
    ///
    /// On the scale of the counts under the Gaussian likelihood, on their logarithm under all others.
    /// Under the Gaussian likelihood it is cut at 0: new cases are not negative, and the part of an
    /// interval that is possible covers the truth as often as the whole.
    ///
    /// # Errors
    ///
    /// Where the level is not above 0 and below 1, the curve or its variance has no value in that
    /// year, or the curve meets every figure, so that there is no scatter to take an interval from.
    pub fn confidence_interval(&self, year: f64, level: f64) -> Result<(f64, f64)> {
        self.check_scatter()?;
        let (mean, variance) = self.mean_and_variance(year)?;
        self.around(year, mean, variance, self.quantile(level)?)
    }

    /// The **prediction interval of a new count** in a calendar year, given that the curve is right: the uncertainty
    /// of the curve and the scatter of single counts together.
    ///
    /// - Gaussian and log-normal: the confidence interval widened by the standard deviation of the residuals. Under
    ///   the log-normal likelihood with stated errors a new figure is taken to have the error of the last one.
    /// - Poisson and negative binomial: the quantiles of the predictive distribution, a mixture of those of counts
    ///   about means whose logarithm is normal. They are whole numbers, and 0 may be one. The dispersion α, which the
    ///   likelihood takes too small, is α·n/(n − k) with the distribution of an estimated variance.
    /// - Quasi-Poisson: the same for φ times a Poisson count with the mean μ/φ, over the distribution of the estimated
    ///   dispersion φ.
    ///
    /// The last two take the logarithm of the curve as normal. Of a line whose standard error is a good part of its value it is
    /// not: [`IdentifiedFit::simulate_counts`] draws the line itself, which may come to 0, and its interval is then shorter above
    /// (counts 2, 3, 2, 4 of 2000 to 2003, quasi-Poisson, for 2008: 0 to 38 here, 0 to 18 there). The scale on which a line is
    /// normal is an assumption of either.
    ///
    /// The ends are the least counts that are not exceeded with a probability of (1 − level)/2 and of (1 + level)/2:
    /// of small counts the interval covers more than its level, as no interval of whole numbers covers it exactly.
    ///
    /// # Errors
    ///
    /// As [`IdentifiedFit::confidence_interval`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    ///
    /// let counts = (2010..).zip([2.0, 1.0, 3.0, 2.0, 0.0, 1.0, 2.0, 3.0, 1.0, 2.0]);
    /// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
    /// let options = FitOptions { likelihood: Likelihood::Poisson, ..FitOptions::default() };
    /// let fit = fit(Family::Exponential, &series, &options)?;
    /// let fit = fit.identified().expect("ten figures, two parameters");
    /// let (lower, upper) = fit.prediction_interval(2020.0, 0.95)?;
    /// assert_eq!((lower, upper.fract()), (0.0, 0.0)); // a year without a case is no surprise
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn prediction_interval(&self, year: f64, level: f64) -> Result<(f64, f64)> {
        self.check_scatter()?;
        let (mean, variance) = self.mean_and_variance(year)?;
        let degrees = self.degrees_of_freedom();
        let scatter = self.scatter(mean);
        if !self.likelihood().is_of_counts() {
            let variance = variance + scatter * scatter;
            return self.around(year, mean, variance, self.quantile(level)?);
        }
        // The maximum of the likelihood takes the dispersion too small, as it does a variance.
        let taken = self.extra_dispersion();
        let extra = match degrees {
            0 => taken,
            degrees => taken * self.figures() as f64 / degrees as f64,
        };
        let variance = variance * (mean.recip() + extra) / (mean.recip() + taken);
        let estimated = self.likelihood() == Likelihood::QuasiPoisson || extra > 0.0;
        let degrees = Some(degrees).filter(|&degrees| estimated && degrees > 0);
        let quantile = central_quantile(level, degrees)?;
        let total = variance + scatter * scatter + (extra - taken);
        let normal = self.around(year, mean, total, quantile);
        let quasi = self.likelihood() == Likelihood::QuasiPoisson;
        let count = NewCount {
            mean,
            variance,
            unit: self.dispersion().filter(|_| quasi),
            extra,
            degrees: degrees.map(|degrees| degrees as f64),
        };
        // Where the normal distribution of a logarithm is past all numbers, counts may not be.
        let about = normal
            .as_ref()
            .map_or([0.0, 1e4], |(from, to)| [*from, *to]);
        count.quantiles(tails(level)?, about).map_or(normal, Ok)
    }

    /// Draws from the sampling distribution of the fitted curve: where the mean of the counts may lie.
    ///
    /// The internal parameters are drawn from their multivariate normal approximation (Student's, where a variance
    /// is estimated), and each drawn curve gives new cases in every year. Draws of parameters outside their domain
    /// are taken at its border, and a drawn line below 0 has no cases there. Gelman & Hill (2007), *Data Analysis Using Regression and Multilevel/Hierarchical
    /// Models*, section 7.2, [doi:10.1017/CBO9780511790942](https://doi.org/10.1017/CBO9780511790942).
    ///
    /// # Errors
    ///
    /// Where there is no draw or no year, or a drawn curve has no value there.
    ///
    /// # Example
    ///
    /// The logarithm of an exponential curve is a straight line, and the draws then have its confidence interval:
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, fit};
    /// use myeloma_epi::{IncidenceSeries, Seed, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let fit = fit(Family::Exponential, &usa, &FitOptions::default())?;
    /// let fit = fit.identified().expect("21 figures, two parameters");
    /// let draws = fit.simulate_curve(2030..=2030, 10_000, Seed::new(1))?;
    /// let (lower, upper) = draws.interval(2030, 0.95)?;
    /// let (from, to) = fit.confidence_interval(2030.0, 0.95)?;
    /// assert!((lower / from - 1.0).abs() < 0.005 && (upper / to - 1.0).abs() < 0.005);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn simulate_curve(
        &self,
        years: std::ops::RangeInclusive<i32>,
        draws: usize,
        seed: Seed,
    ) -> Result<YearlyDraws> {
        self.simulate(years, draws, seed, false)
    }

    /// Draws from the predictive distribution of new counts: around each drawn curve, the scatter of the likelihood.
    ///
    /// Their interval is a prediction interval, and wider than that of [`IdentifiedFit::simulate_curve`]. It holds if
    /// the curve is right; how far registries leave any curve is the model discrepancy, and is not in it. Of a line under a
    /// likelihood of counts it differs from [`IdentifiedFit::prediction_interval`] where the line is little known: here the line is
    /// normal, there its logarithm.
    ///
    /// # Errors
    ///
    /// As [`IdentifiedFit::simulate_curve`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, fit};
    /// use myeloma_epi::{IncidenceSeries, Seed, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let fit = fit(Family::Exponential, &usa, &FitOptions::default())?;
    /// let fit = fit.identified().expect("21 figures, two parameters");
    /// let counts = fit.simulate_counts(2015..=2015, 10_000, Seed::new(1))?;
    /// let curves = fit.simulate_curve(2015..=2015, 10_000, Seed::new(1))?;
    /// // The variances of the logarithms add up; the estimated one of the scatter errs, too, by Student's t.
    /// let variance = |draws: &myeloma_epi::YearlyDraws| draws.view().mapv(f64::ln).var(1.0);
    /// let scatter = fit.scale().expect("estimated").powi(2) * 19.0 / 17.0;
    /// assert!((variance(&counts) / (variance(&curves) + scatter) - 1.0).abs() < 0.1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn simulate_counts(
        &self,
        years: std::ops::RangeInclusive<i32>,
        draws: usize,
        seed: Seed,
    ) -> Result<YearlyDraws> {
        self.simulate(years, draws, seed, true)
    }

    fn check_scatter(&self) -> Result<()> {
        if self.is_perfect() {
            return Err(Error::unsuitable(format!(
                "the {} curve meets every figure of {}: there is no scatter to take an interval from; state an error of the \
                 figures (relative_error)",
                self.curve().family().name(),
                self.curve().region()
            )));
        }
        Ok(())
    }

    /// The mean in a year, and the variance of it (Gaussian) or of its logarithm.
    fn mean_and_variance(&self, year: f64) -> Result<(f64, f64)> {
        let mean = self.curve().cases(year)?;
        let theta = self.curve().theta();
        let t = year - f64::from(self.curve().reference_year());
        let mut gradient = [0.0; MAX_PARAMETERS];
        let family = self.curve().family();
        check_gradient(family, self.curve().region(), (t, year), theta)?;
        family.value_and_gradient(t, theta, &mut gradient[..theta.len()]);
        if let Some((i, _)) = self.comes_to_zero()
            && self.is_at_border(&gradient)
        {
            return Err(Error::unsuitable(format!(
                "the {} curve of {} comes to 0 in {}, the border of what a mean of counts may be, and its {mean:.3} cases in \
                 {year} depend on nothing else: no interval follows from its curvature there; the profile intervals of its \
                 parameters are right",
                family.name(),
                self.curve().region(),
                self.basis.figures.years[i]
            )));
        }
        let whitened = self.optimum.whitened(&gradient);
        let variance = self.covariance_factor * dot(&whitened, &whitened);
        let relative = if self.likelihood() == Likelihood::Gaussian {
            variance
        } else {
            variance / mean / mean
        };
        if relative.is_finite() {
            return Ok((mean, relative));
        }
        Err(Error::unsuitable(format!(
            "the {} curve of {} has {mean:e} cases in {year}, and their error is beyond any number: there is no \
             interval",
            family.name(),
            self.curve().region()
        )))
    }

    fn around(&self, year: f64, mean: f64, variance: f64, quantile: f64) -> Result<(f64, f64)> {
        let half = quantile * variance.sqrt();
        let (lower, upper) = if self.likelihood() == Likelihood::Gaussian {
            ((mean - half).max(0.0), mean + half)
        } else {
            (mean * (-half).exp(), mean * half.exp())
        };
        if !upper.is_finite() {
            return Err(self.curve().not_finite(upper, year));
        }
        Ok((lower, upper))
    }

    /// The dispersion α of the negative binomial likelihood.
    pub(super) fn extra_dispersion(&self) -> f64 {
        self.scale().unwrap_or(0.0)
    }

    /// The standard deviation of one count around its mean, on the scale of the likelihood.
    fn scatter(&self, mean: f64) -> f64 {
        let estimated = || self.dispersion().unwrap_or(0.0).sqrt();
        match self.likelihood() {
            Likelihood::Gaussian => estimated(),
            Likelihood::LogNormal if self.estimates_variance() => estimated(),
            Likelihood::LogNormal => {
                // A published projection is no count.
                let figures = &self.basis.figures;
                let observed = figures.errors.len() - usize::from(figures.uses_projection);
                let errors = figures.errors[..observed].last();
                errors.copied().unwrap_or(0.0)
            }
            Likelihood::Poisson => mean.recip().sqrt(),
            Likelihood::QuasiPoisson => (self.dispersion().unwrap_or(1.0) / mean).sqrt(),
            Likelihood::NegativeBinomial => (mean.recip() + self.extra_dispersion()).sqrt(),
        }
    }

    fn simulate(
        &self,
        years: std::ops::RangeInclusive<i32>,
        draws: usize,
        seed: Seed,
        counts: bool,
    ) -> Result<YearlyDraws> {
        let (first, last) = (*years.start(), *years.end());
        let n = years_between(first, last)?;
        let family = self.curve().family();
        let theta = self.curve().theta();
        let covariance = self.optimum.unscaled_covariance();
        let Cholesky { root, .. } = Cholesky::new(theta.len(), |i, j| covariance[i][j]);
        let spread = self.covariance_factor.sqrt();
        let degrees = self.degrees_of_freedom() as f64;
        let chi_squared = ChiSquared::new(degrees)
            .ok()
            .filter(|_| self.estimates_variance());
        // An estimated dispersion of counts, as in a prediction interval: n/(n - k) times as large, with the distribution of an
        // estimated variance.
        let taken = self.extra_dispersion();
        let is_of_dispersion = counts && self.likelihood() == Likelihood::NegativeBinomial;
        let of_dispersion = ChiSquared::new(degrees).ok();
        let of_dispersion = of_dispersion.filter(|_| is_of_dispersion && taken > 0.0);
        let figures = self.fitted_values.len() as f64;
        let unit = figures / self.fitted_values.iter().sum::<f64>();
        let parameters = family.parameters();
        let start = f64::from(first) - f64::from(self.curve().reference_year());

        let stream = seed.stream(&format!("simulate/{}", self.curve().region()));
        let scatter = seed.stream(&format!("scatter/{}", self.curve().region()));
        YearlyDraws::by_block(first, n, draws, |block, mut rows| {
            let (mut rng, mut noise) = (stream.block(block), scatter.block(block));
            for mut column in rows.columns_mut() {
                let mut drawn = [0.0; MAX_PARAMETERS];
                let z: [f64; MAX_PARAMETERS] =
                    std::array::from_fn(|_| StandardNormal.sample(&mut rng));
                // The estimated variance errs too: one factor a draw makes the normal Student's, of curve and scatter.
                let mut factor =
                    chi_squared.map_or(1.0, |chi| (degrees / chi.sample(&mut rng)).sqrt());
                let mut spread = spread * factor;
                if let Some(chi) = of_dispersion {
                    let squared: f64 = figures / chi.sample(&mut noise);
                    spread *= ((unit + taken * squared) / (unit + taken)).sqrt();
                    factor = squared.sqrt();
                }
                for (i, value) in theta.iter().enumerate() {
                    let shift = dot(&root[i], &z[..=i]);
                    drawn[i] = (value + spread * shift)
                        .max(parameters[i].lower)
                        .min(parameters[i].upper);
                }
                for (year, cell) in column.iter_mut().enumerate() {
                    let mean = family.value(start + year as f64, &drawn[..theta.len()]);
                    if !mean.is_finite() {
                        let year = f64::from(first) + year as f64;
                        return Err(self.curve().not_finite(mean, year));
                    }
                    // A line below 0 has no cases. Nothing else is: NaN is an error above.
                    let mean = mean.max(0.0);
                    *cell = if counts {
                        self.count(mean, factor * self.scatter(mean), factor, &mut noise)
                    } else {
                        mean
                    };
                }
            }
            Ok(())
        })
    }

    /// One count in the place of figure `i`, with the error and the weight of that figure: its variance is divided by the
    /// weight, as in the likelihood. Under a likelihood of counts it is the mean of as many counts as the weight says.
    pub(super) fn count_at(&self, i: usize, rng: &mut impl Rng) -> f64 {
        let mean = self.fitted_values[i];
        let deviation = match self.likelihood() {
            Likelihood::LogNormal if !self.estimates_variance() => self.basis.figures.errors[i],
            _ => self.scatter(mean),
        };
        let weight = self.weight(i);
        if self.likelihood().is_of_counts() {
            return self.sum_of_counts(mean, weight, 1.0, rng) / weight;
        }
        self.count(mean, deviation / weight.sqrt(), 1.0, rng)
    }

    /// One count around a mean; the standard deviation is that of the Gaussian or the log-normal likelihood, the factor on the
    /// estimated one that of the others.
    fn count(&self, mean: f64, deviation: f64, factor: f64, rng: &mut impl Rng) -> f64 {
        let normal = |rng: &mut _| -> f64 { StandardNormal.sample(rng) };
        match self.likelihood() {
            // The likelihood knows of no 0 below which no count is: what would lie there has no cases.
            Likelihood::Gaussian => (mean + deviation * normal(rng)).max(0.0),
            Likelihood::LogNormal => mean * (deviation * normal(rng)).exp(),
            _ => self.sum_of_counts(mean, 1.0, factor, rng),
        }
    }

    /// The sum of so many counts around a mean, with the square of a factor on the estimated dispersion.
    fn sum_of_counts(&self, mean: f64, counts: f64, factor: f64, rng: &mut impl Rng) -> f64 {
        let mean = counts * mean;
        match self.likelihood() {
            // A scaled Poisson count: mean μ, variance φ·μ.
            Likelihood::QuasiPoisson => {
                // Without any scatter a count is its mean.
                let dispersion = self.dispersion().unwrap_or(1.0) * factor * factor;
                let dispersion = dispersion.max(f64::MIN_POSITIVE);
                dispersion * poisson(mean / dispersion, rng)
            }
            // A Poisson count around a gamma mean.
            Likelihood::NegativeBinomial => {
                let alpha = self.extra_dispersion() * factor * factor / counts;
                match Gamma::new(alpha.recip(), alpha * mean) {
                    Ok(gamma) => poisson(gamma.sample(rng), rng),
                    Err(_) => poisson(mean, rng),
                }
            }
            _ => poisson(mean, rng),
        }
    }
}

/// The number of years from one to another; no curve is followed over more of them than a series may span with the
/// furthest horizon behind it.
pub(super) fn years_between(first: i32, last: i32) -> Result<usize> {
    const MOST: i64 = 1000 + MAX_HORIZON as i64;
    let n = i64::from(last) - i64::from(first) + 1;
    let (years, allowed) = (format!("{first} to {last}"), format!("at most {MOST}"));
    Place(&years).check(n <= MOST, "the number of years", n, &allowed)?;
    Ok(usize::try_from(n).unwrap_or(0))
}

fn poisson(mean: f64, rng: &mut impl Rng) -> f64 {
    // A mean of 0, or one past the generator's range, has no other count than itself.
    Poisson::new(mean).map_or(mean, |poisson| poisson.sample(rng))
}
