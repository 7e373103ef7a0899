//! Years that are known to be out of line.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Years in which counts left their trend for a known reason that no trend foresees: a pandemic, a
/// change of definition that was taken back, a registry that was closed for a year.
///
/// They are marked for all series or for one, and are then neither fitted through nor scored; whoever
/// leaves them out says how many figures that were. The counts themselves stay as they are.
///
/// ```
/// use myeloma_epi::Shocks;
///
/// let shocks = Shocks::pandemic().and_of("England", [2013]);
/// assert!(shocks.marks("Germany", 2020) && !shocks.marks("Germany", 2013));
/// assert!(shocks.marks("England", 2013));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shocks {
    all: BTreeSet<i32>,
    of: BTreeMap<String, BTreeSet<i32>>,
}

impl Shocks {
    /// No year is marked.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// 2020 and 2021, in all series: fewer cancers were looked for and found.
    #[must_use]
    pub fn pandemic() -> Self {
        Self::years([2020, 2021])
    }

    /// These years, in all series.
    #[must_use]
    pub fn years(years: impl IntoIterator<Item = i32>) -> Self {
        Self::none().and_years(years)
    }

    /// And these years in all series.
    #[must_use]
    pub fn and_years(mut self, years: impl IntoIterator<Item = i32>) -> Self {
        self.all.extend(years);
        self
    }

    /// And these years of one series, by the id of the series in a panel, or the region of a
    /// single series.
    #[must_use]
    pub fn and_of(
        mut self,
        series: impl Into<String>,
        years: impl IntoIterator<Item = i32>,
    ) -> Self {
        self.of.entry(series.into()).or_default().extend(years);
        self
    }

    /// Whether a year of a series is marked.
    #[must_use]
    pub fn marks(&self, series: &str, year: i32) -> bool {
        self.all.contains(&year)
            || self
                .of
                .get(series)
                .is_some_and(|years| years.contains(&year))
    }

    /// The years that are marked in one series alone.
    pub(crate) fn own(&self, series: &str) -> impl Iterator<Item = i32> {
        self.of.get(series).into_iter().flatten().copied()
    }

    /// The names of the series that have years of their own marked, in order.
    pub fn series(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_on_one_series_leaves_the_others_alone() {
        let shocks = Shocks::years([2020])
            .and_of("a", [2003])
            .and_of("a", [2005]);
        let marked = |series: &str| {
            (2000..2022)
                .filter(|year| shocks.marks(series, *year))
                .collect::<Vec<_>>()
        };
        assert_eq!(marked("a"), [2003, 2005, 2020]);
        assert_eq!(marked("b"), [2020]);
        assert!((1900..2100).all(|year| !Shocks::none().marks("a", year)));
    }
}
