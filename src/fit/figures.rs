//! The figures that a fit uses.

use super::PublishedProjectionUse;
use crate::curve::Point;
use crate::series::IncidenceSeries;

/// Figures with their years counted from the first observation.
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
        let n = series.observations().len() + 1;
        let mut all = Self {
            points: Vec::with_capacity(n),
            errors: Vec::with_capacity(n),
            years: Vec::with_capacity(n),
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

    /// The errors as they weigh the figures: `None` where all figures are exact. An exact figure
    /// beside others has a millionth of the least error, so that a curve that cannot meet all figures
    /// meets the exact ones.
    pub(crate) fn weighing_errors(&self) -> Option<Vec<f64>> {
        let positive = self.errors.iter().copied().filter(|&error| error > 0.0);
        let least = positive.min_by(f64::total_cmp)?;
        Some(
            self.errors
                .iter()
                .map(|&error| if error > 0.0 { error } else { 1e-6 * least })
                .collect(),
        )
    }
}
