//! Maximum-likelihood estimation of growth curves.
//!
//! [`fit`] fits one curve to one series, [`compare`] several. With *n* figures and a curve of *k* free
//! parameters there are three regimes, told apart by type:
//!
//! | regime | when | what there is |
//! |---|---|---|
//! | [`Fit::Identified`] | n > k | estimates, covariance, residuals, likelihood, information criteria |
//! | [`Fit::Saturated`] | n = k | the curve through the figures, and nothing left over to judge it by |
//! | [`ErrorKind::Underdetermined`] | n < k | an error that says what is missing |
//!
//! ```
//! use myeloma_epi::curve::Family;
//! use myeloma_epi::fit::{FitOptions, Likelihood, fit};
//! use myeloma_epi::{IncidenceSeries, figures};
//!
//! let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
//! let options = FitOptions { likelihood: Likelihood::NegativeBinomial, ..FitOptions::default() };
//! let exponential = fit(Family::Exponential, &usa, &options)?;
//! println!("{exponential}"); // a report: estimates, errors, correlations, cautions
//! let rate = exponential.parameter("rate").expect("an exponential curve has one");
//! assert!(rate.estimate > Some(0.03)); // a year; the counts double in 20 years
//!
//! let china = IncidenceSeries::from_figures(figures::press_release(), "China")?;
//! let exponential = fit(Family::Exponential, &china, &FitOptions::default())?;
//! assert_eq!(exponential.identification(), "saturated"); // two figures, two parameters
//! assert!((exponential.curve().cases(2040.0)? - 47_242.587_948).abs() < 1e-6);
//!
//! let error = fit(Family::Logistic, &china, &FitOptions::default()).unwrap_err();
//! assert!(error.to_string().contains("1 more is needed"));
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod bootstrap;
mod caution;
mod compare;
mod confidence_band;
mod dispersion;
mod estimates;
mod estimator;
mod failure;
mod fit_figures;
mod fit_options;
mod fit_report;
mod fitted_curve;
mod held_parameters;
mod identified;
mod likelihood;
mod optimiser;
mod optimum;
mod outlier;
mod own_curve;
mod panic_guard;
mod parameter_estimate;
mod penalised_likelihood;
mod predictive_count;
mod profile;
mod profile_interval;
mod saturated;
mod serialised_fit;
mod step_limit;

pub use bootstrap::Bootstrap;
pub use caution::Caution;
pub use compare::{Compared, Comparison, compare};
pub use fit_options::{FitOptions, Prior, PublishedProjectionUse};
pub use fitted_curve::FittedCurve;
pub use held_parameters::Holding;
pub use identified::IdentifiedFit;
pub use likelihood::Likelihood;
pub use parameter_estimate::ParameterEstimate;
pub use profile_interval::{Limit, ProfileInterval};
pub use saturated::SaturatedFit;

pub(crate) use compare::without_weight;
pub(crate) use estimator::{Estimator, Outcome};
pub(crate) use failure::{explained, not_fitted};
pub(crate) use fit_figures::FitFigures;

use serde::{Deserialize, Serialize};

use crate::curve::{GrowthCurve, Internals};
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Mark, listed};
use crate::series::{IncidenceSeries, no_logarithm};
use estimator::{Estimated, padded};
use fitted_curve::Basis;
use optimum::Optimum;
use own_curve::{check_derivatives, check_parameters};
use panic_guard::{Guarded, catching};

/// A growth curve fitted to the figures of a region: the result of [`fit`].
///
/// As text it is a report for a reader: the curve, the figures, how it is identified, the natural parameters
/// with their errors, correlations and cautions.
///
/// What both kinds have is asked of the fit itself: the [curve](Fit::curve), the [estimates](Fit::parameters), the
/// [cautions](Fit::cautions). What only an identified fit has (intervals, information criteria, refits) is a
/// method of [`IdentifiedFit`], so that nobody reads a standard error off a curve through two figures.
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{Fit, FitOptions, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// match fit(Family::Exponential, &usa, &FitOptions::default())? {
///     Fit::Identified(fit) => {
///         let (lower, upper) = fit.prediction_interval(2030.0, 0.95)?;
///         assert!(lower < fit.curve().cases(2030.0)? && fit.curve().cases(2030.0)? < upper);
///     }
///     Fit::Saturated(_) => panic!("there are 21 figures"),
/// }
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// Serialised it is `{"identified": …}` or `{"saturated": …}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "snake_case",
    bound(
        serialize = "C: GrowthCurve + Serialize",
        deserialize = "C: GrowthCurve + Deserialize<'de>"
    )
)]
pub enum Fit<C> {
    /// As many figures as free parameters.
    Saturated(Box<SaturatedFit<C>>),
    /// More figures than free parameters.
    Identified(Box<IdentifiedFit<C>>),
}

impl<C: GrowthCurve> Fit<C> {
    const fn basis(&self) -> &Basis<C> {
        match self {
            Self::Saturated(fit) => &fit.basis,
            Self::Identified(fit) => &fit.basis,
        }
    }

    /// The curve with its parameters: a function of the calendar year.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        &self.basis().curve
    }

    /// The options of the fit.
    #[must_use]
    pub const fn options(&self) -> &FitOptions {
        &self.basis().options
    }

    /// The marked years of the series, which are not fitted, each with its mark.
    pub fn left_out(&self) -> impl Iterator<Item = (i32, Mark)> {
        self.basis().figures.marks()
    }

    /// The fit, if it is identified: with standard errors, information criteria and intervals.
    #[must_use]
    pub fn identified(&self) -> Option<&IdentifiedFit<C>> {
        match self {
            Self::Saturated(_) => None,
            Self::Identified(fit) => Some(fit),
        }
    }

    /// The fit, if it is saturated.
    #[must_use]
    pub fn saturated(&self) -> Option<&SaturatedFit<C>> {
        match self {
            Self::Saturated(fit) => Some(fit),
            Self::Identified(_) => None,
        }
    }

    /// `"saturated"` or `"identified"`.
    #[must_use]
    pub const fn identification(&self) -> &'static str {
        match self {
            Self::Saturated(_) => "saturated",
            Self::Identified(_) => "identified",
        }
    }

    /// The estimates of the natural parameters, in the order of [`GrowthCurve::natural_parameters`]; without
    /// errors where the fit is saturated.
    #[must_use]
    pub fn parameters(&self) -> Vec<ParameterEstimate> {
        match self {
            Self::Saturated(fit) => fit.parameters(),
            Self::Identified(fit) => fit.parameters(),
        }
    }

    /// The estimates of the internal parameters, in the order of [`GrowthCurve::parameters`].
    #[must_use]
    pub fn internal_parameters(&self) -> Vec<ParameterEstimate> {
        match self {
            Self::Saturated(fit) => fit.internal_parameters(),
            Self::Identified(fit) => fit.internal_parameters(),
        }
    }

    /// The estimate of a natural parameter by its name, such as `capacity`; `None` where the curve has no
    /// such parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<ParameterEstimate> {
        self.parameters().into_iter().find(|p| p.name == name)
    }

    /// What a reader has to know of an identified fit; nothing of a saturated one, which can be judged by
    /// nothing.
    #[must_use]
    pub fn cautions(&self) -> Vec<Caution> {
        self.identified()
            .map_or_else(Vec::new, IdentifiedFit::cautions)
    }
}

/// Fits a growth curve to a series by maximum likelihood.
///
/// The estimates are the parameters under which the figures *y* are most probable: they maximise
///
/// ```text
/// Σ wᵢ·ln f(yᵢ; μ(tᵢ; θ)) + Σ ln π(θ)
/// ```
///
/// over the curve's domain, with the density *f* of [`FitOptions::likelihood`], the curve's value *μ* at the
/// time *t* in years since the first observation, the weights *w* and the priors *π* of the options. With as many
/// figures as free parameters the curve goes through the figures, whatever the likelihood. Seber & Wild (1989),
/// *Nonlinear Regression*, chapter 2, [doi:10.1002/0471725315](https://doi.org/10.1002/0471725315).
///
/// `curve` is one of [`Family`](crate::curve::Family), a curve of your own, or one with parameters at
/// stated values ([`Holding`]).
///
/// # Errors
///
/// - [`ErrorKind::Underdetermined`] with fewer figures (and priors) than free parameters;
/// - [`ErrorKind::NoSuchCurve`] where as many figures as parameters lie on no curve of the family (a
///   curve with a ceiling through points that accelerate);
/// - [`ErrorKind::NotFitted`] where the optimiser found no minimum that it can vouch for, or a curve of
///   the caller's panicked or states derivatives that are not those of its values, as differences show;
/// - [`ErrorKind::Unsuitable`] where, under the log-normal likelihood, some figures of an identified fit state an error
///   and an estimate does not, or more figures are stated as exact than the curve meets; and where an option names a
///   parameter that the curve does not have;
/// - [`ErrorKind::OutOfRange`] where a weight or a prior is impossible.
///
/// # Example
///
/// The logistic curve of NIST's data set Rat42, whose estimates NIST certifies:
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
///
/// let pasture = [
///     (9, 8.93), (14, 10.8), (21, 18.59), (28, 22.33), (42, 39.35), (57, 56.11), (63, 61.73), (70, 64.62),
///     (79, 67.08),
/// ];
/// let series = IncidenceSeries::from_counts("Rat42", pasture)?;
/// let options = FitOptions { likelihood: Likelihood::Gaussian, ..FitOptions::default() };
/// let fit = fit(Family::Logistic, &series, &options)?;
/// let capacity = fit.parameter("capacity").and_then(|p| p.estimate).expect("a ceiling");
/// assert!((capacity / 72.462_237_576 - 1.0).abs() < 1e-8);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn fit<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> Result<Fit<C>> {
    // A curve is its author's code: if it panics, that is an error of the fit and not of the caller.
    let estimated = || {
        check_first_year(&curve, series)?;
        estimate(&Guarded(&curve), series, options)
    };
    let found = catching(estimated).map_err(|message| {
        let reason = format!("the curve's own code panicked: {message}");
        not_fitted(curve.name(), series.region(), &reason)
    })??;
    let (figures, theta, optimum) = found;
    let basis = Basis::new(curve, series.region(), figures, options.clone(), theta);
    Ok(match optimum {
        None => Fit::Saturated(Box::new(SaturatedFit { basis })),
        Some((scale, optimum)) => {
            Fit::Identified(Box::new(IdentifiedFit::new(basis, scale, optimum)?))
        }
    })
}

/// The figures, the internal parameters and, where there are more figures than parameters, the optimum with the scale
/// that belongs to it.
type Found = (FitFigures, Vec<f64>, Option<(f64, Optimum)>);

fn estimate<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> Result<Found> {
    check_parameters(curve)?;
    let figures = FitFigures::new(series, options.published_projection)?;
    let region = series.region();
    let estimator = Estimator::new(curve, &figures, options)?;
    let (k, pieces) = (estimator.free(), estimator.pieces());
    if pieces < k {
        return Err(underdetermined(curve, series, &figures, k, pieces));
    }
    check_zeros(&estimator, region, &figures)?;
    let guess = || estimator.guess(&figures.points);
    check_derivatives(curve, region, &figures, guess)?;
    if pieces == k {
        let theta = saturated::through(&estimator, region, &figures)?;
        return Ok((figures, theta, None));
    }
    if options.likelihood == Likelihood::LogNormal {
        figures.check_errors(series)?;
    }
    let Estimated { minimum, scale } = identified::estimate(&estimator, region, &figures)?;
    check_derivatives(curve, region, &figures, || padded(minimum.parameters()))?;
    let theta = minimum.parameters().to_vec();
    Ok((figures, theta, Some((scale, Optimum::new(&minimum)))))
}

/// A year that a curve holds is counted from its own first year, which has to be that of the first figure.
fn check_first_year<C: GrowthCurve>(curve: &C, series: &IncidenceSeries) -> Result<()> {
    let stated = curve.internals().and_then(Internals::first_year);
    let first = series.ends().0.year;
    if stated.is_none_or(|stated| stated == first) {
        return Ok(());
    }
    Err(Error::unsuitable(format!(
        "the {} curve counts its years from {}, and the first figure of {} that is fitted is of {first}{}: state \
         {first} as the first year of what is held",
        curve.name(),
        stated.unwrap_or(first),
        series.region(),
        if series.marks().is_empty() {
            ""
        } else {
            ", as marked years are left out"
        }
    )))
}

/// What a fit can make of counts of 0.
fn check_zeros<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    region: &str,
    figures: &FitFigures,
) -> Result<()> {
    let Some(year) = figures.zero() else {
        return Ok(());
    };
    if figures.points.iter().all(|p| p.cases <= 0.0) {
        return Err(Error::unsuitable(format!(
            "every count of {region} is 0{}: no curve is the most probable one",
            listed("; left out", figures.marks())
        )));
    }
    let saturated = estimator.pieces() == estimator.free();
    match estimator.likelihood {
        _ if saturated => Err(no_logarithm(
            region,
            year,
            "a curve through as many figures as it has parameters",
        )),
        Likelihood::LogNormal => Err(no_logarithm(region, year, "the log-normal likelihood")),
        _ => Ok(()),
    }
}

fn underdetermined<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    figures: &FitFigures,
    parameters: usize,
    pieces: usize,
) -> Error {
    let mut help = match series.published_projection() {
        Some(projection) if !figures.uses_projection => format!(
            "use the published projection for {}, add a figure of another year, or choose a curve with fewer parameters",
            projection.year
        ),
        Some(_) => "add a figure of another year, or choose a curve with fewer parameters".to_owned(),
        None => "add a figure of another year, add a published projection for a later year, or choose a curve \
                 with fewer parameters"
            .to_owned(),
    };
    help += &listed("; left out", figures.marks());
    ErrorKind::Underdetermined {
        curve: curve.name().to_owned(),
        region: series.region().to_owned(),
        parameters,
        figures: pieces,
        help,
    }
    .into()
}
