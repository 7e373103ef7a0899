//! Refits to resampled counts.

use ndarray::{Array2, ArrayView1, Axis};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rayon::prelude::*;

use serde::{Deserialize, Serialize, Serializer};

use super::confidence_band::years_between;
use super::estimator::Outcome;
use super::failure::explained;
use super::fitted_curve::FittedCurve;
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use crate::curve::GrowthCurve;
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::random::{BLOCK, Seed};

/// The bootstrap: estimates made again from resampled counts, whose scatter stands for that of the estimates.
///
/// Each refit is an estimate from counts that might as well have been published. The standard deviation of a
/// parameter over the refits is its bootstrap standard error, and quantiles of the refitted curves are the ends
/// of a percentile interval: Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, chapters 6, 9 and
/// 13, [doi:10.1201/9780429246593](https://doi.org/10.1201/9780429246593). It is made by
/// [`IdentifiedFit::parametric_bootstrap`], [`IdentifiedFit::residual_bootstrap`] and
/// [`IdentifiedFit::refit_to`].
///
/// Parameters are internal ones, in the unit that the curve gives them. Serialised, `refits` is a list of one
/// entry a refit: its internal parameters, or the reason why it failed.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, fit};
/// use myeloma_epi::{IncidenceSeries, Seed, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let fit = fit(Family::Gompertz, &usa, &FitOptions::default())?;
/// let fit = fit.identified().expect("21 figures, three parameters");
/// let bootstrap = fit.parametric_bootstrap(200, Seed::new(1))?;
/// assert!(bootstrap.failed().is_empty());
/// assert_eq!(bootstrap.parameters().dim(), (3, 200));
/// let (lower, upper) = bootstrap.curves(&Family::Gompertz, 2015..=2015)?.interval(2015, 0.95)?;
/// let cases = fit.curve().cases(2015.0)?;
/// assert!(lower < cases && cases < upper);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Bootstrap {
    reference_year: i32,
    /// Shape (parameters, refits that did not fail).
    parameters: Array2<f64>,
    replaced_by_limit: usize,
    failed: Vec<(usize, String)>,
}

impl Bootstrap {
    /// The internal parameters of each refit that did not fail, of shape (parameters, refits).
    #[must_use]
    pub const fn parameters(&self) -> &Array2<f64> {
        &self.parameters
    }

    /// The number of refits for which the curve was taken on the border of its domain.
    #[must_use]
    pub const fn replaced_by_limit(&self) -> usize {
        self.replaced_by_limit
    }

    /// The refits that failed, by number, with the reason; none is dropped silently.
    #[must_use]
    pub fn failed(&self) -> &[(usize, String)] {
        &self.failed
    }

    /// The refitted curves from one year to another, a column a refit, without the failed ones.
    ///
    /// # Errors
    ///
    /// Where there is no year or more than 1,200, every refit failed, the curve is another one than that of the fit, or it has
    /// no value.
    pub fn curves<C: GrowthCurve>(
        &self,
        family: &C,
        years: std::ops::RangeInclusive<i32>,
    ) -> Result<YearlyDraws> {
        let k = family.parameters().len();
        let (place, rows) = (
            format!("the {} curve", family.name()),
            self.parameters.nrows(),
        );
        let allowed = format!("{rows}, as in the refits");
        Place(&place).check(k == rows, "the number of parameters", k, &allowed)?;
        let n = years_between(*years.start(), *years.end())?;
        check_shape(n, self.parameters.ncols())?;
        let mut cases = Array2::zeros((n, self.parameters.ncols()));
        let refits = self.parameters.columns().into_iter();
        for (parameters, mut column) in refits.zip(cases.columns_mut()) {
            let theta = parameters.to_vec();
            for (year, cell) in years.clone().zip(column.iter_mut()) {
                let t = f64::from(year) - f64::from(self.reference_year);
                let value = family.value(t, &theta);
                // A line below 0 has no cases; a curve without a value is refused below.
                *cell = if value < 0.0 { 0.0 } else { value };
            }
        }
        YearlyDraws::new(*years.start(), cases)
    }
}

/// Refits as they stand in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    reference_year: i32,
    #[serde(alias = "at_limit")]
    replaced_by_limit: usize,
    refits: Vec<Refit>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Refit {
    Parameters(Vec<f64>),
    Failed(String),
}

impl Serialize for Bootstrap {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let columns = self.parameters.columns().into_iter();
        let mut refits: Vec<Refit> = columns.map(|c| Refit::Parameters(c.to_vec())).collect();
        for (i, reason) in &self.failed {
            refits.insert(*i, Refit::Failed(reason.clone()));
        }
        Stored {
            reference_year: self.reference_year,
            replaced_by_limit: self.replaced_by_limit,
            refits,
        }
        .serialize(serializer)
    }
}

impl TryFrom<Stored> for Bootstrap {
    type Error = Error;

    fn try_from(read: Stored) -> Result<Self> {
        let (mut columns, mut failed) = (Vec::new(), Vec::new());
        for (i, refit) in read.refits.into_iter().enumerate() {
            match refit {
                Refit::Parameters(theta) => columns.push(theta),
                Refit::Failed(reason) => failed.push((i, reason)),
            }
        }
        let k = columns.first().map_or(0, Vec::len);
        let (limited, most) = (read.replaced_by_limit, columns.len());
        let allowed = format!("{k}, as in the first");
        for column in columns.iter().map(Vec::len) {
            let name = "the number of parameters";
            Place("a refit").check(column == k, name, column, &allowed)?;
        }
        let (name, place) = ("the number of refits on the border", Place("a bootstrap"));
        let allowed = format!("at most {most}, as many as did not fail");
        place.check(limited <= most, name, limited, &allowed)?;
        Ok(Self {
            reference_year: read.reference_year,
            parameters: Array2::from_shape_fn((k, columns.len()), |(j, i)| columns[i][j]),
            replaced_by_limit: read.replaced_by_limit,
            failed,
        })
    }
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The parametric bootstrap: the curve refitted to counts that are drawn from the fitted model.
    ///
    /// In each of the `refits` every figure is replaced by a draw from the likelihood around the fitted value, with
    /// the estimated or stated error: Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, section 6.5. It
    /// trusts the likelihood. Refits are made in parallel, and are the same for any number of threads.
    ///
    /// # Errors
    ///
    /// Where there is no refit.
    ///
    /// # Example
    ///
    /// The total of Poisson counts is Poisson, and a Poisson fit of an exponential curve keeps the total: over
    /// the refits its variance is its mean.
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    /// use myeloma_epi::{IncidenceSeries, Seed};
    ///
    /// let counts = [(2018, 100.0), (2019, 104.0), (2020, 107.0), (2021, 112.0)];
    /// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
    /// let options = FitOptions { likelihood: Likelihood::Poisson, ..FitOptions::default() };
    /// let fit = fit(Family::Exponential, &series, &options)?;
    /// let fit = fit.identified().expect("four figures, two parameters");
    /// let bootstrap = fit.parametric_bootstrap(4_000, Seed::new(1))?;
    /// let curves = bootstrap.curves(&Family::Exponential, 2018..=2021)?;
    /// let totals = curves.view().sum_axis(ndarray::Axis(0));
    /// assert!((totals.var(1.0) / 423.0 - 1.0).abs() < 0.1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn parametric_bootstrap(&self, refits: usize, seed: Seed) -> Result<Bootstrap> {
        self.bootstrap(refits, seed, |(_, i), rng| self.count_at(i, rng))
    }

    /// The residual bootstrap: the curve refitted to fitted values with residuals drawn with replacement.
    ///
    /// Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, sections 9.4 and 9.5. The residuals are
    /// those of the fit on the scale of the likelihood, centred, and inflated by √(n/(n − k)) for *n* figures
    /// and *k* free parameters, since fitted residuals are too small. It trusts that all residuals are alike,
    /// and no shape of their distribution.
    ///
    /// # Errors
    ///
    /// Where there is no refit, or the fit leaves no degrees of freedom. Under likelihoods with additive residuals a
    /// count that would be below 0 is 0.
    ///
    /// # Example
    ///
    /// Of a straight line by least squares the bootstrap gives the standard error of the textbooks,
    /// s/√(Σ(t − t̄)²):
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    /// use myeloma_epi::{IncidenceSeries, Seed};
    ///
    /// let counts = [(2018, 100.0), (2019, 104.0), (2020, 107.0), (2021, 113.0), (2022, 114.0)];
    /// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
    /// let options = FitOptions { likelihood: Likelihood::Gaussian, ..FitOptions::default() };
    /// let fit = fit(Family::Linear, &series, &options)?;
    /// let fit = fit.identified().expect("five figures, two parameters");
    /// let bootstrap = fit.residual_bootstrap(4_000, Seed::new(1))?;
    /// let slopes = bootstrap.parameters().row(1);
    /// // The line is 107.6 + 3.7·(t − 2020); s² = (0.04 + 0.01 + 0.36 + 2.89 + 1.00)/3, Σ(t − t̄)² = 10.
    /// let expected = (4.3 / 3.0 / 10.0_f64).sqrt();
    /// assert!((slopes.std(1.0) / expected - 1.0).abs() < 0.05);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn residual_bootstrap(&self, refits: usize, seed: Seed) -> Result<Bootstrap> {
        let residuals = self.centred_residuals()?;
        let n = self.figures();
        self.bootstrap(refits, seed, |(_, i), rng| {
            self.displaced(i, residuals[rng.random_range(0..n)])
        })
    }

    /// Refits the curve to given counts, of shape (refits, figures), in the order of the years.
    ///
    /// # Errors
    ///
    /// Where a row has another length than the figures, or a count is not finite and at least 0.
    pub fn refit_to(&self, counts: &Array2<f64>) -> Result<Bootstrap> {
        let (columns, figures) = (counts.ncols(), self.figures());
        let (name, place) = ("the number of counts in a row", Place("counts to refit to"));
        let allowed = format!("{figures}, as many as figures");
        place.check(columns == figures, name, columns, &allowed)?;
        let impossible = |value: &f64| !(value.is_finite() && *value >= 0.0);
        let wrong = counts.indexed_iter().find(|(_, value)| impossible(value));
        if let Some(((row, column), &value)) = wrong {
            let place = format!("row {row}, column {column} of the counts to refit to");
            Place(&place).not_negative("a count", value)?;
        }
        self.bootstrap(counts.nrows(), Seed::default(), |at, _| counts[at])
    }

    /// Refits to the counts that `count` gives for a refit and a figure, block by block.
    fn bootstrap(
        &self,
        refits: usize,
        seed: Seed,
        count: impl Fn((usize, usize), &mut ChaCha8Rng) -> f64 + Sync,
    ) -> Result<Bootstrap> {
        let FittedCurve {
            family,
            theta: warm,
            reference_year,
            region,
            ..
        } = self.curve();
        let k = warm.len();
        check_shape(k, refits)?;
        let estimator = self.basis.estimator()?.for_refits();
        let points = &self.basis.figures.points;
        let stream = seed.stream(&format!("bootstrap/{region}"));
        let mut parameters = Array2::zeros((k, refits));
        let mut outcomes: Vec<std::result::Result<Outcome, String>> =
            vec![Ok(Outcome::Fitted); refits];
        parameters
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .zip(outcomes.par_chunks_mut(BLOCK))
            .enumerate()
            .for_each(|(block, (mut columns, outcomes))| {
                // One generator a block: the refits of a block are made in order.
                let mut rng = stream.block(block);
                let (mut resampled, mut theta) = (points.clone(), vec![0.0; k]);
                let columns = columns.columns_mut().into_iter().zip(outcomes);
                for (refit, (mut column, outcome)) in (block * BLOCK..).zip(columns) {
                    for (i, point) in resampled.iter_mut().enumerate() {
                        point.cases = count((refit, i), &mut rng);
                    }
                    *outcome = estimator
                        .refit_warm(&resampled, warm, &mut theta)
                        .map_err(|error| explained(family, &error));
                    column.assign(&ArrayView1::from(&theta));
                }
            });
        let limited = |outcome: &&_| matches!(outcome, Ok(Outcome::AtLimit(_)));
        let replaced_by_limit = outcomes.iter().filter(limited).count();
        if outcomes.iter().any(std::result::Result::is_err) {
            let fitted: Vec<usize> = (0..refits).filter(|&i| outcomes[i].is_ok()).collect();
            parameters = parameters.select(Axis(1), &fitted);
        }
        let failed = outcomes.into_iter().enumerate();
        Ok(Bootstrap {
            reference_year: *reference_year,
            parameters,
            replaced_by_limit,
            failed: failed
                .filter_map(|(i, outcome)| Some((i, outcome.err()?)))
                .collect(),
        })
    }

    fn centred_residuals(&self) -> Result<Vec<f64>> {
        let dof = self.degrees_of_freedom();
        if dof == 0 {
            let (what, place) = (
                "degrees of freedom",
                format!("the fit to {}", self.curve().region),
            );
            return Err(Error::too_few(what, place, 0, 1, "resampling"));
        }
        let n = self.figures() as f64;
        let inflation = (n / dof as f64).sqrt();
        let mean = self.residuals().iter().sum::<f64>() / n;
        let centred = self.residuals().iter().map(|r| inflation * (r - mean));
        Ok(centred.collect())
    }

    /// The count at a residual from the fitted mean of figure `i`.
    fn displaced(&self, i: usize, residual: f64) -> f64 {
        let mean = self.fitted_values[i];
        let unit = match self.likelihood() {
            Likelihood::LogNormal if !self.estimates_variance() => self.basis.figures.errors[i],
            Likelihood::Gaussian | Likelihood::LogNormal => 1.0,
            Likelihood::Poisson | Likelihood::QuasiPoisson => mean.sqrt(),
            Likelihood::NegativeBinomial => (mean * (1.0 + self.extra_dispersion() * mean)).sqrt(),
        };
        let away = unit * residual / self.weight(i).sqrt();
        match self.likelihood() {
            Likelihood::LogNormal => mean * away.exp(),
            _ => (mean + away).max(0.0),
        }
    }
}
