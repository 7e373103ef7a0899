//! The figures that a fit uses.

use super::fit_options::PublishedProjectionUse;
use super::likelihood::Likelihood;
use crate::curve::Point;
use crate::error::{Error, Result};
use crate::figures::Mark;
use crate::series::{IncidenceSeries, Observation};

/// Figures with their years counted from the first observation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FitFigures {
    pub(crate) points: Vec<Point>,
    /// The error of each point, on the log scale; 0 where the figure is exact.
    pub(crate) errors: Vec<f64>,
    /// The calendar year of each point.
    pub(crate) years: Vec<i32>,
    /// Whether the last point is the published projection.
    pub(crate) uses_projection: bool,
    /// The observations that are left out, and why.
    pub(crate) left_out: Vec<(Observation, Mark)>,
}

impl FitFigures {
    /// The figures of a series but those of marked years, with the published projection as the choice says.
    ///
    /// # Errors
    ///
    /// Where all are marked.
    pub(crate) fn new(series: &IncidenceSeries, choice: PublishedProjectionUse) -> Result<Self> {
        let projection = series
            .published_projection()
            .filter(|_| choice == PublishedProjectionUse::AsFigure);
        let marks = series.marks();
        let mark = |o: &Observation| Some((*o, *marks.get(&o.year)?));
        let left_out = series.observations().iter().filter_map(mark).collect();
        let Some(first) = series.unmarked().next() else {
            return Err(Error::unsuitable(format!(
                "every year of {} is marked as a shock or as provisional: a fit needs counts that are not",
                series.region()
            )));
        };
        let reference = f64::from(first.year);
        let point = |year: i32, cases: f64| Point {
            t: f64::from(year) - reference,
            cases,
        };
        // Room for all, so that the number of allocations does not depend on that of the figures.
        let room = series.observations().len() + usize::from(projection.is_some());
        let mut all = Self {
            points: Vec::with_capacity(room),
            errors: Vec::with_capacity(room),
            years: Vec::with_capacity(room),
            uses_projection: projection.is_some(),
            left_out,
        };
        for o in series.unmarked() {
            all.points.push(point(o.year, o.cases));
            all.errors.push(o.relative_error.unwrap_or(0.0));
            all.years.push(o.year);
        }
        if let Some(projection) = projection {
            all.points.push(point(projection.year, projection.cases));
            all.errors.push(projection.relative_error.unwrap_or(0.0));
            all.years.push(projection.year);
        }
        Ok(all)
    }

    /// The marked years that are left out, each with its mark.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (i32, Mark)> {
        self.left_out.iter().map(|(o, mark)| (o.year, *mark))
    }

    /// The region's year whose count is 0, where there is one.
    pub(crate) fn zero(&self) -> Option<i32> {
        let first = self.points.iter().position(|p| p.cases <= 0.0)?;
        Some(self.years[first])
    }

    /// The errors as they weigh the figures: `None` where the likelihood takes none, or all figures are exact. An
    /// exact figure beside others has a millionth of the least error, so that a curve that cannot meet all figures
    /// meets the exact ones.
    pub(super) fn known_errors(&self, likelihood: Likelihood) -> Option<Vec<f64>> {
        if likelihood != Likelihood::LogNormal {
            return None;
        }
        let positive = self.errors.iter().copied().filter(|&error| error > 0.0);
        let least = positive.min_by(f64::total_cmp)?;
        let weighing = |&error: &f64| if error > 0.0 { error } else { 1e-6 * least };
        Some(self.errors.iter().map(weighing).collect())
    }
}
