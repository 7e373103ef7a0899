//! What is known of the growth at a cancer site from other groups, and a random walk whose drift starts from it.

use std::collections::BTreeMap;

use myeloma_epi::backtest::{BacktestOptions, Forecaster, Panel, Past};
use myeloma_epi::score::Predictive;
use myeloma_epi::{IncidenceSeries, Result};

/// Growth of the series of one group at one site: means over them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Own {
    /// Growth a year from the first count to the last.
    growth: f64,
    /// Variance of the yearly change about it.
    variance: f64,
    years: f64,
}

/// Growth at each site, in each group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SiteGrowth(BTreeMap<String, BTreeMap<String, Own>>);

/// What other groups say of the growth of a site, a year on the log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prior {
    pub(crate) mean: f64,
    /// Variance between groups, without that of their estimates.
    between: f64,
    /// Mean variance of the yearly change.
    yearly: f64,
}

/// The fewest other groups that a site's growth is taken from; below, it is that of all sites.
const LEAST_GROUPS: usize = 3;
/// How many yearly changes the variance of other groups counts for.
const PRIOR_CHANGES: f64 = 4.0;

impl SiteGrowth {
    /// Growth of every series of a panel of three counts or more, without years of shocks.
    pub(crate) fn collect(panel: &Panel, options: &BacktestOptions) -> Self {
        let mut each: BTreeMap<String, BTreeMap<String, Vec<Own>>> = BTreeMap::new();
        for series in panel.series() {
            let all = series.series().observations().iter();
            let kept = all.filter(|count| !options.shocks.marks(series.id(), count.year));
            let counts: Vec<(i32, f64)> = kept.map(|count| (count.year, count.cases)).collect();
            if counts.len() > 2 {
                let site = each.entry(series.site().to_owned()).or_default();
                let group = site.entry(series.group().to_owned()).or_default();
                group.push(own(&counts));
            }
        }
        let mean = |all: Vec<Own>| {
            let of = |part: fn(&Own) -> f64| all.iter().map(part).sum::<f64>() / all.len() as f64;
            Own {
                growth: of(|own| own.growth),
                variance: of(|own| own.variance),
                years: of(|own| own.years),
            }
        };
        let groups = |groups: BTreeMap<String, Vec<Own>>| {
            let each = groups.into_iter().map(|(group, all)| (group, mean(all)));
            each.collect()
        };
        let sites = each.into_iter().map(|(site, all)| (site, groups(all)));
        Self(sites.collect())
    }

    /// What the groups but one say of a site; `None` where there are too few of them at any site.
    pub(crate) fn without(&self, site: &str, group: &str) -> Option<Prior> {
        let others = |groups: &BTreeMap<String, Own>| -> Vec<Own> {
            let others = groups.iter().filter(|(name, _)| *name != group);
            others.map(|(_, own)| *own).collect()
        };
        let of_site = self.0.get(site).map(others).unwrap_or_default();
        let all = if of_site.len() >= LEAST_GROUPS {
            of_site
        } else {
            self.0.values().flat_map(others).collect()
        };
        if all.len() < LEAST_GROUPS {
            return None;
        }
        let n = all.len() as f64;
        let mean = all.iter().map(|own| own.growth).sum::<f64>() / n;
        let spread = all.iter().map(|own| (own.growth - mean).powi(2));
        let estimates = all.iter().map(|own| own.variance / own.years);
        let between = spread.sum::<f64>() / (n - 1.0) - estimates.sum::<f64>() / n;
        Some(Prior {
            mean,
            // Groups that differ by less than they are known: a tenth of a per cent a year is left between them.
            between: between.max(1e-6),
            yearly: all.iter().map(|own| own.variance).sum::<f64>() / n,
        })
    }
}

/// Growth from the first to the last count, and the variance of the yearly change about it.
fn own(counts: &[(i32, f64)]) -> Own {
    let (first, last) = (counts[0], counts[counts.len() - 1]);
    let years = f64::from(last.0 - first.0);
    let growth = (last.1 / first.1).ln() / years;
    Own {
        growth,
        variance: square(counts, growth) / (counts.len() as f64 - 2.0),
        years,
    }
}

/// The sum of the squares of the yearly changes about a growth.
fn square(counts: &[(i32, f64)], growth: f64) -> f64 {
    let changes = counts.windows(2).map(|pair| {
        let gap = f64::from(pair[1].0 - pair[0].0);
        ((pair[1].1 / pair[0].1).ln() - growth * gap).powi(2) / gap
    });
    changes.sum()
}

/// A random walk of the log count whose drift has the growth of its site as prior: ARIMA(0,1,0) with a normal prior.
///
/// ```text
/// drift ~ N(m, τ²),  y(t+1) = y(t) + drift + e,  e ~ N(0, σ²)
/// ```
///
/// m and τ² are mean and variance over the other groups at the site; σ² is the mean square of the changes of the
/// history, and of four more with the variance of the other groups.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DriftWithPrior(pub(crate) SiteGrowth);

impl DriftWithPrior {
    /// Mean and variance of the log count at a horizon.
    fn moments(prior: Prior, history: &IncidenceSeries, horizon: usize) -> (f64, f64) {
        let counts: Vec<(i32, f64)> = (history.observations().iter())
            .map(|count| (count.year, count.cases))
            .collect();
        let (first, last) = (counts[0], counts[counts.len() - 1]);
        let years = f64::from(last.0 - first.0);
        let h = horizon as f64;
        if years <= 0.0 {
            let variance = h * prior.yearly + h * h * prior.between;
            return (last.1.ln() + h * prior.mean, variance);
        }
        let growth = (last.1 / first.1).ln() / years;
        let changes = counts.len() as f64 - 2.0;
        let sum = PRIOR_CHANGES * prior.yearly + square(&counts, growth);
        let yearly = sum / (PRIOR_CHANGES + changes);
        let (own, others) = (years / yearly, 1.0 / prior.between);
        let drift = (own * growth + others * prior.mean) / (own + others);
        let variance = h * yearly + h * h / (own + others);
        (last.1.ln() + h * drift, variance)
    }
}

impl Forecaster for DriftWithPrior {
    fn name(&self) -> &'static str {
        "drift-site-prior"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let Some(prior) = self.0.without(past.site, past.group) else {
            return Ok(None);
        };
        let of = |h| {
            let (mean, variance) = Self::moments(prior, past.history, h);
            Predictive::normal(mean, variance.sqrt())
        };
        (1..=horizons).map(of).collect::<Result<_>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn panel() -> Panel {
        let mut text = "series_id,group,site,year,cases".to_owned();
        for (group, growth) in [("A", 0.01_f64), ("B", 0.02), ("C", 0.03), ("D", 0.5)] {
            for year in 0..9 {
                let cases = 1000.0 * (growth * f64::from(year)).exp();
                let row = format!("\n{group},{group},x,{},{cases}", 2000 + year);
                text.push_str(&row);
            }
        }
        Panel::parse(&text, "test").unwrap()
    }

    /// Growth of 1, 2 and 3 % in the other groups: mean 2 %, standard deviation 1 %.
    #[test]
    fn the_growth_of_a_site_is_that_of_the_other_groups() {
        let growth = SiteGrowth::collect(&panel(), &BacktestOptions::default());
        let prior = growth.without("x", "D").unwrap();
        assert_relative_eq!(prior.mean, 0.02, max_relative = 1e-9);
        assert_relative_eq!(prior.between, 1e-4, max_relative = 1e-6);
        // Of another site all sites speak.
        let mean = growth.without("y", "D").unwrap().mean;
        assert_relative_eq!(mean, 0.02, max_relative = 1e-9);
    }

    /// By hand: growth of 10 % over 4 years with σ² of 4e-4 has an error of 1 %, as the prior of 2 % has: 6 % in the
    /// middle, with a variance of 5e-5.
    #[test]
    fn the_drift_is_the_mean_weighted_by_precision() {
        let counts = [(2000, 100.0), (2004, 100.0 * 0.4_f64.exp())];
        let history = IncidenceSeries::from_counts("x", counts).unwrap();
        let prior = Prior {
            mean: 0.02,
            between: 1e-4,
            yearly: 4e-4,
        };
        let (mean, variance) = DriftWithPrior::moments(prior, &history, 10);
        assert_relative_eq!(mean, counts[1].1.ln() + 0.6, max_relative = 1e-12);
        assert_relative_eq!(variance, 10.0 * 4e-4 + 100.0 * 5e-5, max_relative = 1e-12);
    }
}
