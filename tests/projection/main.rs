//! Projections: each source of error alone and all together, against closed forms.

mod between_source;
mod counting;
mod draws;
mod error_model;
mod model_discrepancy;
mod pool;
mod reference_region;
mod registry_trend;
mod round_trip;
mod tally;
mod value_stability;

use myeloma_epi::fit::{FitOptions, PublishedProjectionUse};
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{
    IncidenceSeries, Observation, ProjectionOptions, PublishedProjection, YearlyDraws,
};

const DRAWS: usize = 20_000;

/// A variance of 20,000 normal draws has a relative standard error of √(2/20,000) = 1 %.
const FOUR_STANDARD_ERRORS: f64 = 0.04;

/// Two estimates that state their error.
fn two_figures(region: &str, first: f64, last: f64, error: f64) -> IncidenceSeries {
    let figure = |year, cases| Observation {
        year,
        cases,
        relative_error: Some(error),
    };
    IncidenceSeries::new(region, [figure(2019, first), figure(2024, last)]).unwrap()
}

fn with_projection(series: IncidenceSeries, cases: f64, error: f64) -> IncidenceSeries {
    series
        .with_published_projection(PublishedProjection {
            year: 2040,
            cases,
            relative_error: Some(error),
        })
        .unwrap()
}

fn options(errors: ErrorModel) -> ProjectionOptions {
    ProjectionOptions {
        draws: DRAWS,
        errors,
        ..ProjectionOptions::to(2040)
    }
}

/// The same with the published projection as a figure.
fn with_published(options: ProjectionOptions) -> ProjectionOptions {
    ProjectionOptions {
        fit: FitOptions {
            published_projection: PublishedProjectionUse::AsFigure,
            ..options.fit
        },
        ..options
    }
}

fn log_variance(draws: &YearlyDraws, year: i32) -> f64 {
    let logs: Vec<f64> = draws.year(year).unwrap().iter().map(|c| c.ln()).collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)
}
