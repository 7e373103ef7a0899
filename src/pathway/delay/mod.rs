//! The delay from diagnosis to third line, and third-line starts by calendar year.

mod delayed_starts;
mod sum;

use ndarray::{Array1, Array2, Axis};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::flow_options::{Entry, FlowOptions, check_years};
use super::incidence_before::Followed;
use super::sojourn::SojournTime;
use super::ultimate_share::UltimateShare;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::root::root;
pub use delayed_starts::DelayedStarts;
use sum::{Sum, laplace};

/// The most by which two rules of a quadrature may differ; the one that is used is far nearer to the truth than that.
const MOST_ERROR: f64 = 1e-5;

/// The **time from diagnosis to the start of third line** in years, among those who reach it: the sum of the
/// sojourn times in first and second line, which are independent.
///
/// The distribution function of the sum is G(t) = ∫₀ᵗ F₂(t − s) dF₁(s). A cohort that is diagnosed
/// at a steady rate through a year asks for its integral, which needs no density:
///
/// ∫₀ᵗ G = ∫₀ᵗ F₁(s) F₂(t − s) ds.
///
/// Both are computed by tanh-sinh quadrature to about 1e-12, and the integral in closed form where both times are
/// exponential. In a file: `{"first_line": …, "second_line": …}`, each a [`SojournTime`].
///
/// ```
/// use myeloma_epi::pathway::{Delay, SojournTime};
///
/// // The sum of two exponential times with the same mean has a gamma distribution with shape 2.
/// let time = SojournTime::exponential(2.0)?;
/// let delay = Delay::new(time.clone(), time);
/// assert!((delay.cdf(3.0)? - (1.0 - (-1.5_f64).exp() * 2.5)).abs() < 1e-12);
/// assert_eq!(delay.mean(), 4.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    first_line: SojournTime,
    second_line: SojournTime,
}

impl Delay {
    /// The delay from the sojourn times in first and second line.
    #[must_use]
    pub const fn new(first_line: SojournTime, second_line: SojournTime) -> Self {
        Self {
            first_line,
            second_line,
        }
    }

    /// The sojourn time in first line.
    #[must_use]
    pub const fn first_line(&self) -> &SojournTime {
        &self.first_line
    }

    /// The sojourn time in second line.
    #[must_use]
    pub const fn second_line(&self) -> &SojournTime {
        &self.second_line
    }

    /// The mean in years.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.first_line.mean() + self.second_line.mean()
    }

    /// Of those who ever start third line, the share that has by `years` after diagnosis.
    ///
    /// # Errors
    ///
    /// Where `years` is negative or not finite, or the quadrature did not settle.
    pub fn cdf(&self, years: f64) -> Result<f64> {
        check_time(years)?;
        exact(Sum::of(self).cdf(years), 1.0)
    }

    /// ∫₀ᵗ G: the mean number who have started by `years` after the first of a steady inflow of one
    /// a year.
    ///
    /// # Errors
    ///
    /// Where `years` is negative or not finite, or the quadrature did not settle.
    pub fn integrated_cdf(&self, years: f64) -> Result<f64> {
        check_time(years)?;
        exact(Sum::of(self).integral(years), years)
    }

    /// The median in years, to 1e-9.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The time by which a share `p`, above 0 and below 1, of those who ever start has started, to 1e-9.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let sum = Sum::of(self);
        let mut high = self.first_line.median() + self.second_line.median();
        let cdf = |years: f64| sum.cdf(years).0;
        while cdf(high) < p && high < 1e12 {
            high = 2.0 * high + f64::MIN_POSITIVE;
        }
        // Where nothing takes time, all have started at 0.
        if cdf(0.0) >= p {
            return 0.0;
        }
        root(|years| cdf(years) - p, 0.0, high, 1e-9).unwrap_or(f64::INFINITY)
    }

    /// E[e^(−rate·delay)], the Laplace transform: under incidence that grows at a steady `rate` a
    /// year, starts this year are this fraction of this year's diagnoses times the ultimate share.
    ///
    /// For a rate below 0 it may be infinite, which is an error. Of a log-normal or log-logistic time, or a Weibull one with a
    /// shape below 1, it always is, as incidence that has fallen for ever was infinite once: where the tail of such a
    /// time is light enough, what is computed is that of incidence that has fallen for as long as one part in 10¹⁴ of the
    /// starts comes from before.
    ///
    /// ```
    /// use myeloma_epi::pathway::{Delay, SojournTime};
    ///
    /// // Of an exponential time with mean m it is 1/(1 + rate·m), and of a sum the product.
    /// let delay = Delay::new(SojournTime::exponential(2.5)?, SojournTime::exponential(1.5)?);
    /// assert!((delay.discount(0.02)? - 1.0 / (1.05 * 1.03)).abs() < 1e-12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the rate is not between −1 and 1, or the transform does not exist.
    pub fn discount(&self, rate: f64) -> Result<f64> {
        let holds = (-1.0..=1.0).contains(&rate);
        PLACE.check(
            holds,
            "growth of incidence",
            rate,
            "between -1 and 1 a year",
        )?;
        Ok(laplace(self.first_line.distribution(), rate)?
            * laplace(self.second_line.distribution(), rate)?)
    }

    /// Whether a sojourn time has a relative error.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.first_line.is_uncertain() || self.second_line.is_uncertain()
    }

    /// Of those of one cohort who ever start third line, the part that starts in the year of
    /// diagnosis, the year after, and so on: k(0), k(1), … of [`DelayedStarts`]. None is below 0, and all years together
    /// are 1.
    ///
    /// With G the distribution function of the delay, k(0) + … + k(n) is ∫ₙⁿ⁺¹ G for [`Entry::UniformOverYear`] and
    /// G(n + ½) for [`Entry::MidYear`].
    ///
    /// ```
    /// use myeloma_epi::pathway::{Delay, Entry, SojournTime};
    ///
    /// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::none());
    /// let parts = delay.yearly(60, Entry::MidYear)?;
    /// assert!((parts[0] - (1.0 - (-0.25_f64).exp())).abs() < 1e-9);
    /// // From then on each year has e^(−1/2) of the year before.
    /// assert!((parts[2] / parts[1] - (-0.5_f64).exp()).abs() < 1e-9);
    /// assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no year, or more than 500, or the quadrature fails.
    pub fn yearly(&self, years: usize, entry: Entry) -> Result<Vec<f64>> {
        check_years(years, "a delay")?;
        exact(Sum::of(self).yearly(years, entry), 1.0)
    }

    /// **Third-line starts by calendar year**: draws of incidence, times the ultimate share, convolved
    /// with the delay.
    ///
    /// With *d*(c) patients diagnosed in year c, the ultimate share *u* and the part *g*(n) of the delays that
    /// end n years after the year of diagnosis, the starts in year y are *u* Σ *g*(y − c)·*d*(c) over c ≤ y.
    /// Draw *k* has its own share and, where the sojourn times have a relative error, its own delay.
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{Delay, FlowOptions, ShareDistribution, SojournTime, UltimateShare};
    /// use ndarray::Array2;
    ///
    /// let delay = Delay::new(SojournTime::exponential(2.5)?, SojournTime::exponential(1.5)?);
    /// let incidence = YearlyDraws::new(1990, Array2::from_elem((51, 1_000), 30_000.0))?;
    /// let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Uniform)?;
    /// let starts = delay.starts(&incidence, &share, &FlowOptions::to(2040))?;
    /// // Under steady incidence the starts of a year are those who will ever start of a cohort.
    /// assert!((starts.median(2040)? / (0.35 * 30_000.0) - 1.0).abs() < 0.02);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the incidence begins after the last year or does not reach it, no cohort is followed, the tolerance is
    /// not above 0 or the quadrature does not reach it, or there are more than 500 years.
    pub fn starts(
        &self,
        incidence: &YearlyDraws,
        share: &UltimateShare,
        options: &FlowOptions,
    ) -> Result<DelayedStarts> {
        let followed = options.followed(incidence)?;
        let (shares, parts) = self.shares_and_parts(&followed, share, options)?;
        DelayedStarts::new(
            &followed,
            (*share, shares),
            parts,
            (self.clone(), options.entry),
        )
    }

    /// The same from a year of the incidence on, and no more than that; with what a reader should know of those diagnosed
    /// before the incidence begins.
    pub(crate) fn starts_from(
        &self,
        incidence: &YearlyDraws,
        from: i32,
        share: &UltimateShare,
        options: &FlowOptions,
    ) -> Result<(YearlyDraws, Vec<String>)> {
        let followed = options.followed(incidence)?;
        let (shares, parts) = self.shares_and_parts(&followed, share, options)?;
        let first = followed.years_before() + incidence.row_of(from)?;
        let starts = delayed_starts::starts(followed.parts(), &parts, &shares, first);
        let cautions = delayed_starts::not_given(
            (self, options.entry),
            followed.earlier,
            &followed.since_first_given(),
        )
        .map_or_else(
            |error| {
                let before = followed.earlier.first_given();
                vec![format!(
                    "What of third-line starts rests on those diagnosed before {before} is not known: {error}."
                )]
            },
            |not_given| Vec::from_iter(not_given.in_some_years(from)),
        );
        Ok((YearlyDraws::new(from, starts)?, cautions))
    }

    /// The ultimate share of each draw; and of those who ever start, the part in each year since diagnosis: one
    /// number, or one a draw.
    fn shares_and_parts(
        &self,
        followed: &Followed<'_>,
        share: &UltimateShare,
        options: &FlowOptions,
    ) -> Result<(Vec<f64>, Vec<Vec<f64>>)> {
        let (years, draws) = followed.dim();
        let shares = share.draws(draws, options.seed)?;
        let (parts, error) = if self.is_uncertain() {
            self.drawn(years, draws, options)?
        } else {
            let (parts, error) = Sum::of(self).yearly(years, options.entry);
            (parts.into_iter().map(|part| vec![part]).collect(), error)
        };
        if error > options.tolerance {
            return Err(Error::not_converged(format!(
                "the delay was not computed within {:e} patients per patient diagnosed: the error is still {error:.1e}; state a larger \
                 tolerance",
                options.tolerance
            )));
        }
        Ok((shares, parts))
    }

    /// As [`Delay::yearly`], with the time scales of the two lines multiplied.
    pub(crate) fn yearly_scaled(&self, factors: [f64; 2], years: usize) -> Result<Vec<f64>> {
        check_years(years, "a delay")?;
        let sum = Sum::of(self).scaled(factors)?;
        exact(sum.yearly(years, Entry::default()), 1.0)
    }

    /// For each year since diagnosis a part a draw, and the largest error: the time scales of the two lines err
    /// independently.
    fn drawn(
        &self,
        years: usize,
        draws: usize,
        options: &FlowOptions,
    ) -> Result<(Vec<Vec<f64>>, f64)> {
        let factors = |time: &SojournTime, name: &str| {
            let error = time.relative_error();
            options.seed.stream(name).draws(draws, |rng| {
                let z: f64 = StandardNormal.sample(rng);
                (error * z).exp()
            })
        };
        let first = factors(&self.first_line, "delay/first line");
        let second = factors(&self.second_line, "delay/second line");
        let sum = Sum::of(self);
        let mut parts = Array2::zeros((years, draws));
        let error = parts
            .axis_iter_mut(Axis(1))
            .into_par_iter()
            .zip(first.into_par_iter().zip(second))
            .map(|(mut column, (a, b))| -> Result<f64> {
                let (parts, error) = sum.scaled([a, b])?.yearly(years, options.entry);
                column.assign(&Array1::from_vec(parts));
                Ok(error)
            })
            .try_reduce(|| 0.0, |a, b| Ok(a.max(b)))?;
        Ok((
            parts.rows().into_iter().map(|row| row.to_vec()).collect(),
            error,
        ))
    }
}

const PLACE: Place<&str> = Place("a delay");

/// The value of an integral whose error is small against 1, or against the range of integration where that is
/// longer.
pub(super) fn exact<T>((value, error): (T, f64), range: f64) -> Result<T> {
    if error <= MOST_ERROR * range.max(1.0) {
        return Ok(value);
    }
    Err(Error::not_converged(format!(
        "an integral over the distribution of a delay is known within {error:.0e} only: a sojourn time is too short \
         or too steep"
    )))
}

fn check_time(years: f64) -> Result<()> {
    let holds = (0.0..=1e6).contains(&years);
    let allowed = "not negative and finite (in years)";
    PLACE.check(holds, "the time since diagnosis", years, allowed)
}
