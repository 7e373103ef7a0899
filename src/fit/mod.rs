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

mod fitted;
mod identified;
mod likelihood;
mod refit;
mod saturated;
pub mod solver;

pub use fitted::{Estimate, FittedCurve};
pub use identified::IdentifiedFit;
pub use likelihood::Likelihood;
pub use saturated::SaturatedFit;

pub(crate) use refit::{Outcome as RefitOutcome, Refit};
pub(crate) use saturated::not_fitted;

use crate::curve::{GrowthCurve, MAX_PARAMETERS, Point};
use crate::error::{Error, ErrorKind, Result};
use crate::series::IncidenceSeries;

/// What a fit makes of a published projection.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PublishedProjectionUse {
    /// It is left out: only observations count. The default.
    #[default]
    Ignore,
    /// It is one more figure, with its own year and error.
    AsFigure,
}

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct FitOptions {
    /// The likelihood of an identified fit; a saturated one goes through its figures under any.
    pub likelihood: Likelihood,
    /// What to make of the published projection.
    pub published_projection: PublishedProjectionUse,
}

impl FitOptions {
    /// With a likelihood.
    #[must_use]
    pub const fn with_likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// With or without the published projection.
    #[must_use]
    pub const fn with_published_projection(mut self, choice: PublishedProjectionUse) -> Self {
        self.published_projection = choice;
        self
    }
}

/// A curve that the figures determine.
#[derive(Debug, Clone)]
pub enum Fit<C> {
    /// As many figures as parameters.
    Saturated(SaturatedFit<C>),
    /// More figures than parameters.
    Identified(IdentifiedFit<C>),
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
/// - [`ErrorKind::Underdetermined`] with fewer figures than parameters;
/// - [`ErrorKind::NoSuchCurve`] where as many figures as parameters lie on no curve of the family (a
///   curve with a ceiling through points that accelerate);
/// - [`ErrorKind::NotFitted`] where the solver found no minimum that it can vouch for;
/// - [`ErrorKind::Unsuitable`] where only some figures of an identified fit state an error.
pub fn fit<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> Result<Fit<C>> {
    let figures = FitFigures::new(series, options.published_projection);
    let (n, k) = (figures.points.len(), curve.parameters().len());
    if k == 0 || k > MAX_PARAMETERS {
        return Err(Error::out_of_range(
            "the number of parameters",
            format!("the {} curve", curve.name()),
            k,
            format!("from 1 to {MAX_PARAMETERS}"),
        ));
    }
    match n.cmp(&k) {
        std::cmp::Ordering::Less => Err(underdetermined(&curve, series, &figures)),
        std::cmp::Ordering::Equal => saturated::fit(curve, series, &figures).map(Fit::Saturated),
        std::cmp::Ordering::Greater => {
            identified::fit(curve, series, &figures, options.likelihood).map(Fit::Identified)
        }
    }
}

/// The figures that a fit uses, with years counted from the first observation.
#[derive(Debug, Clone)]
pub(crate) struct FitFigures {
    pub(crate) points: Vec<Point>,
    /// The error of each point, on the log scale; 0 where the figure is exact.
    pub(crate) errors: Vec<f64>,
    /// The calendar year of each point.
    pub(crate) years: Vec<i32>,
    /// Whether the last point is the published projection.
    pub(crate) uses_projection: bool,
}

impl FitFigures {
    pub(crate) fn new(series: &IncidenceSeries, choice: PublishedProjectionUse) -> Self {
        let projection = series
            .published_projection()
            .filter(|_| choice == PublishedProjectionUse::AsFigure);
        let figures = series
            .observations()
            .iter()
            .map(|o| (o.year, o.cases, o.relative_error))
            .chain(projection.map(|p| (p.year, p.cases, p.relative_error)));
        let reference = f64::from(series.first_year());
        let mut all = Self {
            points: Vec::new(),
            errors: Vec::new(),
            years: Vec::new(),
            uses_projection: projection.is_some(),
        };
        for (year, cases, error) in figures {
            all.points.push(Point {
                t: f64::from(year) - reference,
                cases,
            });
            all.errors.push(error.unwrap_or(0.0));
            all.years.push(year);
        }
        all
    }

    /// Known errors for a weighted fit: `None` where no figure states one.
    pub(crate) fn known_errors(&self, region: &str) -> Result<Option<&[f64]>> {
        let stated = self.errors.iter().filter(|&&error| error > 0.0).count();
        if stated == 0 {
            Ok(None)
        } else if stated == self.errors.len() {
            Ok(Some(&self.errors))
        } else {
            Err(ErrorKind::Unsuitable(format!(
                "{stated} of the {} figures of {region} state an error: to weigh them, state one for \
                 all of them or for none",
                self.errors.len()
            ))
            .into())
        }
    }
}

fn underdetermined<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    figures: &FitFigures,
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
        parameters: curve.parameters().len(),
        figures: figures.points.len(),
        help,
    }
    .into()
}
