//! Point forecasts with the errors that they made elsewhere.

use std::collections::BTreeMap;

use super::rolling::{BacktestOptions, Forecaster, Past, Setting, origins};
use crate::backtest::Panel;
use crate::error::{ErrorKind, Result};
use crate::score::Predictive;

/// How a point forecast goes on from the first and the last figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The last figure.
    Constant,
    /// The same number of cases more every year.
    Linear,
    /// The same growth every year.
    Exponential,
    /// The growth falls by a tenth every year.
    Damped,
    /// Half the growth, every year.
    Half,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Constant,
        Self::Linear,
        Self::Exponential,
        Self::Damped,
        Self::Half,
    ];

    /// The log count `horizon` years after the last figure; with one figure there is no growth.
    pub(super) fn log_count(self, figures: &[(i32, f64)], horizon: usize) -> f64 {
        let (first, last) = (figures[0], figures[figures.len() - 1]);
        let years = f64::from(last.0 - first.0);
        let years = if years > 0.0 { years } else { 1.0 };
        let growth = (last.1 / first.1).ln() / years;
        let h = horizon as f64;
        last.1.ln()
            + match self {
                Self::Constant => 0.0,
                Self::Linear => {
                    let change = (last.1 - first.1) / years * h;
                    // A falling line ends at one case.
                    ((last.1 + change).max(1.0) / last.1).ln()
                }
                Self::Exponential => growth * h,
                Self::Damped => growth * 0.9 * (1.0 - 0.9f64.powf(h)) / 0.1,
                Self::Half => 0.5 * growth * h,
            }
    }
}

/// A point forecast with the errors that it made in the other groups, by setting and horizon.
#[derive(Debug, Clone)]
pub struct EmpiricalErrors {
    name: &'static str,
    point: Point,
    groups: Vec<String>,
    /// By setting and horizon: the errors (truth less forecast, log) with the place of their group, in
    /// order.
    errors: BTreeMap<(Setting, usize), Vec<(f64, usize)>>,
}

/// The fewest errors of other groups that quantiles are taken from.
const LEAST_ERRORS: usize = 20;

impl EmpiricalErrors {
    /// Collects the errors of a point forecast over a panel.
    #[must_use]
    pub fn collect(point: Point, panel: &Panel, options: &BacktestOptions) -> Self {
        let groups: Vec<String> = panel.groups().into_iter().map(str::to_owned).collect();
        let mut errors: BTreeMap<(Setting, usize), Vec<(f64, usize)>> = BTreeMap::new();
        for series in panel.series() {
            let group = place(&groups, series.group());
            for origin in origins(series, options).0 {
                for (horizon, _, truth) in &origin.truths {
                    let error = truth.ln() - point.log_count(&origin.figures, *horizon);
                    errors
                        .entry((origin.setting, *horizon))
                        .or_default()
                        .push((error, group));
                }
            }
        }
        for list in errors.values_mut() {
            list.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let name = match point {
            Point::Constant => "constant+errors",
            Point::Linear => "linear+errors",
            Point::Exponential => "exponential+errors",
            Point::Damped => "damped+errors",
            Point::Half => "half-growth+errors",
        };
        Self {
            name,
            point,
            groups,
            errors,
        }
    }
}

/// The place of a group in a list in order; that of an unknown one is past its end.
fn place(groups: &[String], group: &str) -> usize {
    groups
        .binary_search_by(|other| other.as_str().cmp(group))
        .unwrap_or(groups.len())
}

impl Forecaster for EmpiricalErrors {
    fn name(&self) -> &str {
        self.name
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        if past.figures.is_empty() {
            return Err(ErrorKind::NoObservations {
                place: past.series.id().to_owned(),
            }
            .into());
        }
        let own = place(&self.groups, past.series.group());
        let mut forecasts = Vec::with_capacity(horizons);
        for horizon in 1..=horizons {
            let point = self.point.log_count(past.figures, horizon);
            let draws: Vec<f64> = self
                .errors
                .get(&(past.setting, horizon))
                .into_iter()
                .flatten()
                .filter(|(_, group)| *group != own)
                .map(|(error, _)| point + error)
                .collect();
            if draws.len() < LEAST_ERRORS {
                // From here on there is nothing to learn from.
                break;
            }
            forecasts.push(Predictive::sorted(draws));
        }
        Ok(Some(forecasts))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that are exact in binary.
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// By hand: 100 to 121 in two years is 10 % a year.
    #[test]
    fn points_go_on_as_they_say() {
        let figures = [(2000, 100.0), (2002, 121.0)];
        let at = |point: Point, h: usize| point.log_count(&figures, h).exp();
        assert_relative_eq!(at(Point::Constant, 3), 121.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Linear, 2), 142.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Exponential, 2), 146.41, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Half, 2), 133.1, max_relative = 1e-12);
        assert_relative_eq!(
            at(Point::Damped, 2),
            121.0 * 1.1f64.powf(0.9 + 0.81),
            max_relative = 1e-12
        );
        let falling = [(2000, 100.0), (2001, 60.0)];
        assert_eq!(Point::Linear.log_count(&falling, 5), 0.0);
    }
}
