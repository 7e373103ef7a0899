//! How far the sources of a region's figures lie apart, and what that is known from.

use std::f64::consts::{E, SQRT_2};

use serde::Serialize;

use super::outlook_options::OutlookOptions;
use super::revision::figure_of;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Figure, Figures, Status};
use crate::known_names::each_once;
use crate::projection::BetweenSourceEstimate;
use crate::series::IncidenceSeries;

/// The between-source standard deviation of a region, and what it is known from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct BetweenSourceSd {
    pub(super) sd: f64,
    pub(super) estimate: Option<BetweenSourceEstimate>,
    /// Why there is no estimate.
    pub(super) reason: Option<String>,
    /// The sources that the region's own figures were compared with.
    pub(super) compared_with: Vec<String>,
}

impl BetweenSourceSd {
    pub(super) fn of(series: &IncidenceSeries, options: &OutlookOptions) -> Result<Self> {
        let region = series.region();
        let nothing = options.estimates().next().is_none();
        let others: Vec<&Figure> = options.compared(region).collect();
        if others.is_empty() {
            let reason = if nothing {
                "not compared with other sources"
            } else {
                "no other source to compare with"
            };
            return Ok(Self {
                sd: options.between_source_sd,
                estimate: None,
                reason: Some(reason.to_owned()),
                compared_with: Vec::new(),
            });
        }
        Self::estimated(series, &others, options)
    }

    fn estimated(
        series: &IncidenceSeries,
        others: &[&Figure],
        options: &OutlookOptions,
    ) -> Result<Self> {
        let region = series.region();
        let compared_with = each_once(others.iter().map(|figure| figure.source().to_owned()));
        let mut figures: Vec<Figure> = others.iter().map(|&figure| figure.clone()).collect();
        for o in series.unmarked() {
            // A figure that is one of the others is no further opinion, whatever its source is called.
            let same = |f: &Figure| f.year() == o.year && f.cases().total_cmp(&o.cases).is_eq();
            if !figures.iter().any(same) {
                // Figures without a source are of one: the user's own.
                let source = series.source(o.year).unwrap_or("own figures");
                let is_count = series.is_count(o);
                let status = if is_count {
                    Status::Registered
                } else {
                    Status::Estimate
                };
                let own = Figure::new(region, o.year, o.cases, status)?.with_source(source);
                // Another error is the assumed one, which the estimate has for those that state none.
                let stated = match figure_of(series, o.year) {
                    Some(figure) => figure.relative_error(),
                    None => o.relative_error.filter(|_| !is_count),
                };
                figures.push(match stated {
                    Some(error) => own.with_relative_error(error)?,
                    None => own,
                });
            }
        }
        let figures: Figures = figures.into_iter().collect();
        let estimate = BetweenSourceEstimate::estimate(&figures, region, options.assumed_error);
        // Nothing but another unit or another disease lies so far apart.
        let is_too_far = match &estimate {
            Ok(estimate) => estimate.standard_deviation() > 1.0,
            Err(error) => matches!(error.kind(), ErrorKind::Contradiction(_)),
        };
        if is_too_far {
            return Err(Error::contradiction(format!(
                "the figures of {region} and those that they are compared with ({}) differ by more than a \
                 factor of {E:.1} (between-source standard deviation): check the unit and the disease of the \
                 figures, or state the standard deviation",
                compared_with.join("; ")
            )));
        }
        let (sd, reason) = match &estimate {
            Ok(estimate) => (estimate.standard_deviation(), None),
            Err(error) => (options.between_source_sd, Some(error.to_string())),
        };
        Ok(Self {
            sd,
            estimate: estimate.ok(),
            reason,
            compared_with,
        })
    }
}

/// The observations as the source of the last of them would see them: a figure of another source errs by the
/// difference of two sources, too, and says that much less about growth. Two figures of that other source
/// count as if they were of two.
pub(super) fn as_seen_by_the_last_source(series: &IncidenceSeries, sd: f64) -> IncidenceSeries {
    let last = series.source(series.last_without_shock());
    series.clone().with_errors(|o| {
        if sd == 0.0 || series.source(o.year) == last {
            return o.relative_error;
        }
        let own = o.relative_error.unwrap_or(0.0);
        Some(own.hypot(sd * SQRT_2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Observation;

    #[test]
    fn a_figure_of_another_source_has_the_error_of_both() -> Result<()> {
        let figure = |year, cases| Observation {
            year,
            cases,
            relative_error: Some(0.03),
        };
        let series = IncidenceSeries::new("Atlantis", [figure(2015, 100.0), figure(2020, 120.0)])?
            .with_source(2015, "a")
            .with_source(2020, "b");
        let errors = |sd| -> Result<Vec<Option<f64>>> {
            let seen = as_seen_by_the_last_source(&series, sd);
            Ok(seen
                .observations()
                .iter()
                .map(|o| o.relative_error)
                .collect())
        };
        // √(0.03² + 2·0.07²) = √0.0107.
        let both = errors(0.07)?;
        assert!((both[0].unwrap_or_default() - 0.0107_f64.sqrt()).abs() < 1e-15);
        assert_eq!(both[1], Some(0.03));
        assert_eq!(errors(0.0)?, [Some(0.03), Some(0.03)]);
        // Above the greatest that a figure may state, and not cut: √(0.03² + 2) = √2.0009.
        assert!((errors(1.0)?[0].unwrap_or_default() - 2.0009_f64.sqrt()).abs() < 1e-15);
        Ok(())
    }
}
