//! What is known of the growth at a cancer site from other groups.

use std::collections::BTreeMap;

use myeloma_epi::backtest::{BacktestOptions, Panel};

/// Growth a year on the log scale, from the first count of a series to the last: at each site the mean over the series of
/// each group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SiteGrowth(BTreeMap<String, BTreeMap<String, f64>>);

/// The fewest other groups that a site's growth is taken from; below, it is that of all sites.
const LEAST_GROUPS: usize = 3;

impl SiteGrowth {
    /// Growth of every series of a panel of three counts or more, without years of shocks.
    pub(crate) fn collect(panel: &Panel, options: &BacktestOptions) -> Self {
        let mut each: BTreeMap<String, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
        for series in panel.series() {
            let all = series.series().observations().iter();
            let kept = all.filter(|count| !options.shocks.marks(series.id(), count.year));
            let counts: Vec<(i32, f64)> = kept.map(|count| (count.year, count.cases)).collect();
            if counts.len() > 2 {
                let (first, last) = (counts[0], counts[counts.len() - 1]);
                let site = each.entry(series.site().to_owned()).or_default();
                let group = site.entry(series.group().to_owned()).or_default();
                group.push((last.1 / first.1).ln() / f64::from(last.0 - first.0));
            }
        }
        let groups = |groups: BTreeMap<String, Vec<f64>>| {
            let each = groups.into_iter().map(|(group, all)| (group, mean(&all)));
            each.collect()
        };
        let sites = each.into_iter().map(|(site, all)| (site, groups(all)));
        Self(sites.collect())
    }

    /// What the groups but one say of a site; `None` where there are too few of them at any site.
    pub(crate) fn without(&self, site: &str, group: &str) -> Option<f64> {
        let others = |groups: &BTreeMap<String, f64>| -> Vec<f64> {
            let others = groups.iter().filter(|(name, _)| *name != group);
            others.map(|(_, growth)| *growth).collect()
        };
        let of_site = self.0.get(site).map(others).unwrap_or_default();
        let all = if of_site.len() >= LEAST_GROUPS {
            of_site
        } else {
            self.0.values().flat_map(others).collect()
        };
        (all.len() >= LEAST_GROUPS).then(|| mean(&all))
    }
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Growth of 1, 2 and 3 % in the other groups, without that of 50 %.
    #[test]
    fn the_growth_of_a_site_is_that_of_the_other_groups() {
        let mut text = "series_id,group,site,year,cases".to_owned();
        for (group, growth) in [("A", 0.01_f64), ("B", 0.02), ("C", 0.03), ("D", 0.5)] {
            for year in 0..9 {
                let cases = 1000.0 * (growth * f64::from(year)).exp();
                let row = format!("\n{group},{group},x,{},{cases}", 2000 + year);
                text.push_str(&row);
            }
        }
        let panel = Panel::parse(&text, "test").unwrap();
        let growth = SiteGrowth::collect(&panel, &BacktestOptions::default());
        let of_site = growth.without("x", "D").unwrap();
        assert_relative_eq!(of_site, 0.02, max_relative = 1e-9);
        // Of another site all sites speak.
        let of_all = growth.without("y", "D").unwrap();
        assert_relative_eq!(of_all, 0.02, max_relative = 1e-9);
    }
}
