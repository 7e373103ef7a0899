//! Estimation: from a series and a curve to a fitted curve that says what it is.
//!
//! With *n* figures and a curve of *k* free parameters there are three regimes, told apart by type:
//!
//! | regime | when | what there is |
//! |---|---|---|
//! | [`Fit::Identified`] | n > k | estimates, covariance, residuals, likelihood, information criteria |
//! | [`Fit::Saturated`] | n = k | the curve through the figures, and nothing left over to judge it by |
//! | [`ErrorKind::Underdetermined`] | n < k | an error that says what is missing |
//!
//! ```
//! use myeloma_epi::curve::{Exponential, Logistic};
//! use myeloma_epi::fit::{Fit, FitOptions, fit};
//! use myeloma_epi::{IncidenceSeries, figures};
//!
//! let china = IncidenceSeries::from_figures(figures::press_release(), "China")?;
//! let Fit::Saturated(exponential) = fit(Exponential, &china, &FitOptions::default())? else {
//!     unreachable!("two figures, two parameters");
//! };
//! assert!((exponential.curve().cases(2040.0)? - 47_242.587_948).abs() < 1e-6);
//!
//! let error = fit(Logistic, &china, &FitOptions::default()).unwrap_err();
//! assert!(error.to_string().contains("1 more is needed"));
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod band;
mod bootstrap;
mod caution;
mod compare;
mod estimator;
mod fitted;
mod holding;
mod identified;
mod likelihood;
pub mod optimiser;
mod options;
mod outlier;
mod profile;
mod saturated;
mod scale;
mod terms;

pub use bootstrap::{Bootstrap, Resampling};
pub use caution::Caution;
pub use compare::{Compared, compare};
pub use fitted::{Estimate, FittedCurve};
pub use holding::Holding;
pub use identified::{IdentifiedFit, Overdispersion};
pub use likelihood::Likelihood;
pub use options::{FitOptions, Prior, PublishedProjectionUse};
pub use outlier::Outlier;
pub use profile::{Limit, ProfileInterval};
pub use saturated::SaturatedFit;

pub(crate) use estimator::{Estimator, Outcome};
pub(crate) use outlier::FitFigures;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::curve::{GrowthCurve, MAX_PARAMETERS};
use crate::error::{Error, ErrorKind, Result};
use crate::series::IncidenceSeries;

/// A curve that the figures determine.
#[derive(Debug, Clone)]
pub enum Fit<C> {
    /// As many figures as parameters.
    Saturated(SaturatedFit<C>),
    /// More figures than parameters.
    Identified(Box<IdentifiedFit<C>>),
}

impl<C: GrowthCurve> Fit<C> {
    /// The curve with its parameters.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        match self {
            Self::Saturated(fit) => fit.curve(),
            Self::Identified(fit) => fit.curve(),
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
}

/// Fits a curve to a series.
///
/// # Errors
///
/// - [`ErrorKind::Underdetermined`] with fewer figures (and priors) than free parameters;
/// - [`ErrorKind::NoSuchCurve`] where as many figures as parameters lie on no curve of the family (a
///   curve with a ceiling through points that accelerate);
/// - [`ErrorKind::NotFitted`] where the solver found no minimum that it can vouch for, or a curve of
///   the caller's panicked;
/// - [`ErrorKind::Unsuitable`] where only some figures of an identified fit state an error, or an
///   option names a parameter that the curve does not have;
/// - [`ErrorKind::OutOfRange`] where a weight, a prior or a fixed value is impossible.
pub fn fit<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> Result<Fit<C>> {
    check_parameters(&curve)?;
    let name = curve.name().to_owned();
    // A curve is its author's code: if it panics, that is an error of the fit and not of the caller.
    catch_unwind(AssertUnwindSafe(|| fit_checked(curve, series, options))).unwrap_or_else(
        |payload| {
            let message = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no message");
            let reason = format!("the curve's own code panicked: {message}");
            Err(not_fitted(&name, series.region(), &reason))
        },
    )
}

fn fit_checked<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> Result<Fit<C>> {
    let figures = FitFigures::new(series, options.published_projection);
    let estimator = Estimator::new(&curve, series.region(), &figures, options)?;
    let (n, k) = (figures.points.len(), estimator.free());
    let pieces = n + options.priors.len();
    if pieces < k {
        return Err(underdetermined(&curve, series, &figures, k, pieces));
    }
    if pieces == k {
        let theta = saturated::through(&estimator, series, &figures)?;
        return Ok(Fit::Saturated(SaturatedFit::new(FittedCurve::new(
            curve, series, &figures, &theta,
        ))));
    }
    let estimated = identified::estimate(&estimator, series, &figures)?;
    Ok(Fit::Identified(identified::describe(
        curve, series, figures, options, estimated,
    )?))
}

fn check_parameters<C: GrowthCurve>(curve: &C) -> Result<()> {
    let k = curve.parameters().len();
    if k == 0 || k > MAX_PARAMETERS {
        return Err(Error::out_of_range(
            "the number of parameters",
            format!("the {} curve", curve.name()),
            k,
            format!("from 1 to {MAX_PARAMETERS}"),
        ));
    }
    if curve.textbook_parameters().len() != k {
        return Err(Error::out_of_range(
            "the number of textbook parameters",
            format!("the {} curve", curve.name()),
            curve.textbook_parameters().len(),
            format!("{k}, as many as inner ones"),
        ));
    }
    Ok(())
}

fn underdetermined<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    figures: &FitFigures,
    parameters: usize,
    pieces: usize,
) -> Error {
    let help = match series.published_projection() {
        Some(projection) if !figures.uses_projection => format!(
            "use the published projection for {}, add a figure of another year, or choose a curve with fewer parameters",
            projection.year
        ),
        Some(_) => "add a figure of another year, or choose a curve with fewer parameters".to_owned(),
        None => "add a figure of another year, add a published projection for a later year, or choose a curve \
                 with fewer parameters"
            .to_owned(),
    };
    ErrorKind::Underdetermined {
        curve: curve.name().to_owned(),
        region: series.region().to_owned(),
        parameters,
        figures: pieces,
        help,
    }
    .into()
}

/// What the solver says, with the names of the curve's parameters.
pub(crate) fn explained<C: GrowthCurve>(curve: &C, error: &optimiser::SolverError) -> String {
    let optimiser::SolverError::Singular {
        parameters,
        condition,
    } = error
    else {
        return error.to_string();
    };
    let names: Vec<&str> = parameters
        .iter()
        .filter_map(|j| curve.parameters().get(j).map(|parameter| parameter.name))
        .collect();
    format!(
        "the figures do not determine {} (condition {condition:.1e})",
        names.join(", ")
    )
}

/// The solver's failure, with the curve and the region.
pub(crate) fn not_fitted(curve: &str, region: &str, reason: &dyn std::fmt::Display) -> Error {
    ErrorKind::NotFitted {
        curve: curve.to_owned(),
        region: region.to_owned(),
        reason: reason.to_string(),
    }
    .into()
}
