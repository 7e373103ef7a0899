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
    /// The error of each point, on the log scale, its counting error included; 0 where the figure is exact, and for all
    /// where none states an error.
    pub(crate) errors: Vec<f64>,
    /// The calendar year of each point.
    pub(crate) years: Vec<i32>,
    /// Whether all are counts of people, in whole numbers, and none states an error.
    pub(crate) are_counts: bool,
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
            are_counts: projection.is_none()
                && series
                    .unmarked()
                    .all(|o| series.is_count(o) && o.cases.fract() == 0.0),
            uses_projection: projection.is_some(),
            left_out,
        };
        for o in series.unmarked() {
            all.points.push(point(o.year, o.cases));
            let stated = o.relative_error.unwrap_or(0.0);
            all.errors.push(stated.hypot(series.counting_error(o)));
            all.years.push(o.year);
        }
        if let Some(projection) = projection {
            all.points.push(point(projection.year, projection.cases));
            all.errors.push(projection.relative_error.unwrap_or(0.0));
            all.years.push(projection.year);
        }
        // Of a registered count that states 0 beside its counting error that is the error.
        let of_one = |o: &Observation| o.relative_error.map(|e| e.hypot(series.counting_error(o)));
        let states_one = series.unmarked().any(|o| of_one(o) > Some(0.0));
        if !states_one && projection.is_none_or(|p| p.relative_error.is_none_or(|e| e <= 0.0)) {
            all.errors.fill(0.0);
        }
        all.are_counts &= all.errors.iter().all(|error| *error <= 0.0);
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

    /// Where some figures state an error, none of the others is left without one: a count has its counting error, and
    /// an estimate would be taken as exact.
    pub(super) fn check_errors(&self, series: &IncidenceSeries) -> Result<()> {
        let projection = series.published_projection();
        let projection = projection.filter(|p| self.uses_projection && p.relative_error.is_none());
        let of_no_error =
            |o: &Observation| o.relative_error.is_none() && series.counting_error(o) == 0.0;
        let without = series.unmarked().find(|o| of_no_error(o)).map(|o| o.year);
        match without.or(projection.map(|p| p.year)) {
            Some(year) if self.errors.iter().any(|error| *error > 0.0) => {
                Err(Error::unsuitable(format!(
                    "some figures of {} state their errors, and that of {year} states none: state its relative_error, or \
                     assume one (IncidenceSeries::assuming_relative_error)",
                    series.region()
                )))
            }
            _ => Ok(()),
        }
    }

    /// The first year whose figure is taken as exact beside others that err.
    pub(super) fn exact_beside_others(&self, likelihood: Likelihood) -> Option<i32> {
        self.known_errors(likelihood)?;
        let exact = self.errors.iter().position(|error| *error <= 0.0)?;
        Some(self.years[exact])
    }

    /// The errors as they weigh the figures: `None` where the likelihood takes none, or all figures are exact. An
    /// exact figure beside others has a millionth of the least error, so that a curve meets it.
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
