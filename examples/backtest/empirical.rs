//! Point forecasts with the errors that they made elsewhere.

use myeloma_epi::backtest::{BacktestOptions, Forecaster, Panel, Past, Setting};
use myeloma_epi::score::Predictive;
use myeloma_epi::{IncidenceSeries, Result};
use std::collections::BTreeMap;

use super::site_growth::SiteGrowth;

/// How a point forecast goes on from the first and the last count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// The last count.
    Constant,
    /// The same number of cases more every year.
    Linear,
    /// The same growth every year.
    Exponential,
    /// The growth falls by a tenth every year.
    Damped,
    /// Half the growth, every year.
    Half,
    /// The mean growth of the site in the other groups.
    Site,
    /// The growth of the expected cases: constant rates.
    Rates,
}

impl Point {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Constant,
        Self::Linear,
        Self::Exponential,
        Self::Damped,
        Self::Half,
        Self::Site,
        Self::Rates,
    ];

    /// Whether its errors are those of its own site, where there are enough of them.
    const fn by_site(self) -> bool {
        matches!(self, Self::Site | Self::Rates)
    }

    /// The log count `horizon` years after the last count; with one count there is no growth. `None` where what it goes
    /// by is not known.
    fn of(self, past: &Past<'_>, growth: &SiteGrowth, horizon: usize) -> Option<f64> {
        let last = past.history.observations().last()?;
        let h = horizon as f64;
        match self {
            Self::Site => {
                let of_others = growth.without(past.site, past.group)?;
                Some(last.cases.ln() + h * of_others)
            }
            Self::Rates => {
                let expected = past.expected?;
                let later = i32::try_from(horizon).ok()?.checked_add(last.year)?;
                let (now, then) = (expected.cases(last.year)?, expected.cases(later)?);
                Some(last.cases.ln() + (then / now).ln())
            }
            _ => Some(self.log_count(past.history, horizon)),
        }
    }

    fn log_count(self, history: &IncidenceSeries, horizon: usize) -> f64 {
        let observations = history.observations();
        let (first, last) = (observations[0], observations[observations.len() - 1]);
        let years = f64::from(last.year - first.year);
        let years = if years > 0.0 { years } else { 1.0 };
        let growth = (last.cases / first.cases).ln() / years;
        let h = horizon as f64;
        last.cases.ln()
            + match self {
                Self::Constant | Self::Site | Self::Rates => 0.0,
                Self::Linear => {
                    let change = (last.cases - first.cases) / years * h;
                    // A falling line ends at one case.
                    ((last.cases + change).max(1.0) / last.cases).ln()
                }
                Self::Exponential => growth * h,
                Self::Damped => growth * 0.9 * (1.0 - 0.9f64.powf(h)) / 0.1,
                Self::Half => 0.5 * growth * h,
            }
    }
}

/// A point forecast with the errors that it made in the other groups, by setting and horizon.
#[derive(Debug, Clone)]
pub(crate) struct EmpiricalErrors {
    name: &'static str,
    point: Point,
    groups: Vec<String>,
    /// By site (empty for all sites), setting and horizon: the errors (outcome less forecast, log) with the place of
    /// their group, in order.
    errors: BTreeMap<(String, Setting, usize), Vec<(f64, usize)>>,
    growth: SiteGrowth,
}

/// The fewest errors of other groups that quantiles are taken from.
const LEAST_ERRORS: usize = 20;

impl EmpiricalErrors {
    /// Collects the errors of a point forecast over a panel.
    ///
    /// # Errors
    ///
    /// Where an option is out of range.
    pub(crate) fn collect(point: Point, panel: &Panel, options: &BacktestOptions) -> Result<Self> {
        let groups: Vec<String> = panel.groups().into_iter().map(str::to_owned).collect();
        let mut errors: BTreeMap<(String, Setting, usize), Vec<(f64, usize)>> = BTreeMap::new();
        let growth = SiteGrowth::collect(panel, options);
        for series in panel.series() {
            let group = place(&groups, series.group());
            for origin in series.origins(options)? {
                let past = origin.past();
                for &(horizon, outcome) in origin.outcomes() {
                    let Some(forecast) = point.of(&past, &growth, horizon) else {
                        continue;
                    };
                    let error = (outcome.ln() - forecast, group);
                    let mut push = |site: &str| {
                        let key = (site.to_owned(), past.setting, horizon);
                        errors.entry(key).or_default().push(error);
                    };
                    push("");
                    if point.by_site() {
                        push(past.site);
                    }
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
            Point::Site => "site-growth+errors",
            Point::Rates => "constant-rates+errors",
        };
        Ok(Self {
            name,
            point,
            groups,
            errors,
            growth,
        })
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
        let own = place(&self.groups, past.group);
        let mut forecasts = Vec::with_capacity(horizons);
        for horizon in 1..=horizons {
            let Some(point) = self.point.of(past, &self.growth, horizon) else {
                break;
            };
            let errors = |site: &str| -> Vec<f64> {
                let key = (site.to_owned(), past.setting, horizon);
                let all = self.errors.get(&key).into_iter().flatten();
                let others = all.filter(|(_, group)| *group != own);
                others.map(|(error, _)| point + error).collect()
            };
            let mut draws = errors(if self.point.by_site() { past.site } else { "" });
            if draws.len() < LEAST_ERRORS {
                draws = errors("");
            }
            if draws.len() < LEAST_ERRORS {
                // From here on there is nothing to learn from.
                break;
            }
            forecasts.push(Predictive::draws(draws)?);
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
        let of = |counts: [(i32, f64); 2]| IncidenceSeries::from_counts("x", counts).unwrap();
        let rising = of([(2000, 100.0), (2002, 121.0)]);
        let at = |point: Point, h: usize| point.log_count(&rising, h).exp();
        assert_relative_eq!(at(Point::Constant, 3), 121.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Linear, 2), 142.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Exponential, 2), 146.41, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Half, 2), 133.1, max_relative = 1e-12);
        assert_relative_eq!(
            at(Point::Damped, 2),
            121.0 * 1.1f64.powf(0.9 + 0.81),
            max_relative = 1e-12
        );
        let falling = of([(2000, 100.0), (2001, 60.0)]);
        assert_eq!(Point::Linear.log_count(&falling, 5), 0.0);
    }
}
