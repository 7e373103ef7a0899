//! The figures that a fit uses.

use super::PublishedProjectionUse;
use crate::curve::Point;
use crate::error::{ErrorKind, Result};
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
