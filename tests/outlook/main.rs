//! Outlooks: options, draws of several regions, variances, model files.

mod coverage;
mod draws;
mod earlier_figures;
mod levels;
mod model_file;
mod options;
mod round_trip;
mod third_line_table;

use myeloma_epi::{
    IncidenceSeries, Observation, Outlook, OutlookOptions, PublishedProjection, Result, YearlyDraws,
};

const DRAWS: usize = 20_000;

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

fn one(series: &IncidenceSeries, options: &OutlookOptions) -> Result<Outlook> {
    Outlook::of_series(std::slice::from_ref(series), options)
}

fn part_of(part: &str, whole: &str) -> Vec<(String, String)> {
    vec![(part.to_owned(), whole.to_owned())]
}

fn log_variance(draws: &YearlyDraws, year: i32) -> f64 {
    let logs: Vec<f64> = draws.year(year).unwrap().iter().map(|c| c.ln()).collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)
}
