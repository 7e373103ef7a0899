//! Rolling origins: every year of a series from which something can be forecast and scored.

use serde::{Deserialize, Serialize};

use super::forecaster::{Past, Setting};
use super::panel::PanelSeries;
use crate::error::Result;
use crate::figures::Mark;
use crate::number_checks::Place;
use crate::series::{IncidenceSeries, Shocks};

/// Which forecasts a back-test makes and scores.
///
/// ```
/// use myeloma_epi::Shocks;
/// use myeloma_epi::backtest::BacktestOptions;
///
/// let options = BacktestOptions {
///     horizons: 10,
///     shocks: Shocks::none(),
///     ..BacktestOptions::default()
/// };
/// assert_eq!(options.span, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BacktestOptions {
    /// The furthest horizon, in years, 1 to 100. Default 15.
    pub horizons: usize,
    /// Origins with fewer cases are skipped; above 0. Default 30: below, the logarithm of a count is far
    /// from normal.
    pub least_cases: f64,
    /// Years that are known to be out of line, beside those that a series itself marks as shocks: neither origins,
    /// nor part of a history, nor scored;
    /// [`Backtest::shocks`](super::Backtest::shocks) counts them. Default: [`Shocks::pandemic`].
    pub shocks: Shocks,
    /// How many of the last calendar years of a series are provisional, because registries still complete
    /// them, beside those that the series itself marks: neither part of a history nor scored. Default 0: they are taken as they are, since a
    /// back-test has no earlier states of the other years either.
    pub provisional_years: usize,
    /// Years between the two counts of [`Setting::TwoFigure`], 1 to 100. Default 5.
    pub span: i32,
    /// The fewest counts of [`Setting::FullHistory`], at least 7. Default 10.
    pub least_counts: usize,
}

impl Default for BacktestOptions {
    fn default() -> Self {
        Self {
            horizons: 15,
            least_cases: 30.0,
            shocks: Shocks::pandemic(),
            provisional_years: 0,
            span: 5,
            least_counts: 10,
        }
    }
}

impl BacktestOptions {
    pub(super) fn check(&self) -> Result<()> {
        let place = Place("a back-test");
        place.within("the furthest horizon", self.horizons, 1..=100)?;
        place.positive("the fewest cases", self.least_cases)?;
        let (span, name) = (self.span, "the years between two counts");
        place.check((1..=100).contains(&span), name, span, "from 1 to 100")?;
        let (least, name) = (self.least_counts, "the fewest counts of a full history");
        place.check(least >= 7, name, least, "7 or more")
    }
}

/// One origin of one series: what is known there, and what came after.
///
/// They are made by [`PanelSeries::origins`](super::PanelSeries::origins); a [`Backtest`](super::Backtest) goes through them by
/// itself. A program that scores by rules of its own takes what a method is given from [`Origin::past`], and what it is to be
/// compared with from [`Origin::outcomes`].
///
/// ```
/// use myeloma_epi::backtest::{BacktestOptions, PanelSeries};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let series = PanelSeries::new(usa, "United States", "multiple_myeloma")?;
/// let origins = series.origins(&BacktestOptions::default())?;
/// let origin = origins.first().unwrap();
/// // No year of a pandemic is an outcome, and none lies further ahead than 15 years.
/// assert!(origin.outcomes().iter().all(|(horizon, _)| (1..=15).contains(horizon)));
/// assert_eq!(origin.past().history.last_year(), origin.year());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    pub(super) series: &'a PanelSeries,
    pub(super) setting: Setting,
    pub(super) history: IncidenceSeries,
    pub(super) outcomes: Vec<(usize, f64)>,
}

impl Origin<'_> {
    /// What a forecaster is given.
    #[must_use]
    pub fn past(&self) -> Past<'_> {
        Past {
            history: &self.history,
            group: self.series.group(),
            site: self.series.site(),
            setting: self.setting,
            expected: self.series.expected(),
        }
    }

    /// The year of the origin, that of the last count of the history.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.history.last_year()
    }

    /// The later counts that are scored, as (horizon in years, cases), by increasing horizon; never
    /// empty.
    #[must_use]
    pub fn outcomes(&self) -> &[(usize, f64)] {
        &self.outcomes
    }
}

/// What the options leave out of one series, counted; see the fields of
/// [`Backtest`](super::Backtest).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Excluded {
    pub shocks: usize,
    pub provisional: usize,
    pub unscored: usize,
}

impl PanelSeries {
    /// The origins of the series that have something to score, by year, [`Setting::TwoFigure`] first. A
    /// method whose parameters are estimated from the errors of a panel starts from them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where an option is out of range.
    pub fn origins(&self, options: &BacktestOptions) -> Result<Vec<Origin<'_>>> {
        options.check()?;
        Ok(origins(self, options)?.0)
    }
}

/// As [`PanelSeries::origins`], for options that were checked, with what was left out.
pub(super) fn origins<'a>(
    series: &'a PanelSeries,
    options: &BacktestOptions,
) -> Result<(Vec<Origin<'a>>, Excluded)> {
    let mut excluded = Excluded::default();
    let counts = series.series().observations();
    let last = series.series().last_year();
    let mut left_out = Vec::new();
    let mut kept = Vec::with_capacity(counts.len());
    for count in counts {
        let back = usize::try_from(last - count.year).unwrap_or(usize::MAX);
        let mark = series.series().marks().get(&count.year).copied();
        if mark == Some(Mark::Shock) || options.shocks.marks(series.id(), count.year) {
            excluded.shocks += 1;
            left_out.push(count.year);
        } else if mark == Some(Mark::Provisional) || back < options.provisional_years {
            excluded.provisional += 1;
            left_out.push(count.year);
        } else {
            kept.push(*count);
        }
    }
    let ahead = |from: i32, to: i32| {
        usize::try_from(to - from)
            .ok()
            .filter(|horizon| (1..=options.horizons).contains(horizon))
    };
    let mut origins = Vec::new();
    for (i, origin) in kept.iter().enumerate() {
        let outcomes: Vec<(usize, f64)> = kept[i + 1..]
            .iter()
            .filter_map(|later| Some((ahead(origin.year, later.year)?, later.cases)))
            .collect();
        if origin.cases < options.least_cases || outcomes.is_empty() {
            continue;
        }
        let unscored = left_out
            .iter()
            .filter(|later| ahead(origin.year, **later).is_some())
            .count();
        let mut push = |setting, history: Vec<_>| -> Result<()> {
            excluded.unscored += unscored;
            origins.push(Origin {
                series,
                setting,
                history: IncidenceSeries::new(series.id(), history)?,
                outcomes: outcomes.clone(),
            });
            Ok(())
        };
        let earlier = kept
            .iter()
            .find(|count| count.year + options.span == origin.year);
        if let Some(earlier) = earlier {
            push(Setting::TwoFigure, vec![*earlier, *origin])?;
        }
        if i + 1 >= options.least_counts {
            push(Setting::FullHistory, kept[..=i].to_vec())?;
        }
    }
    Ok((origins, excluded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(id: &str) -> PanelSeries {
        let counts = (2001..=2022).map(|year| (year, f64::from(year - 1901)));
        let counts = IncidenceSeries::from_counts(id, counts).unwrap();
        PanelSeries::new(counts, "A", "x").unwrap()
    }

    fn years(origin: &Origin<'_>) -> Vec<i32> {
        let history = origin.history.observations().iter().map(|o| o.year);
        let later = origin.outcomes.iter();
        let later = later.map(|(horizon, _)| origin.year() + i32::try_from(*horizon).unwrap());
        history.chain(later).collect()
    }

    #[test]
    fn shocks_are_neither_known_nor_scored() {
        let series = series("a");
        let (origins, excluded) = origins(&series, &BacktestOptions::default()).unwrap();
        assert!(!origins.is_empty());
        for origin in origins {
            assert!(!years(&origin).iter().any(|y| [2020, 2021].contains(y)));
        }
        assert_eq!((excluded.shocks, excluded.provisional), (2, 0));
        // Two counts; they came within 15 years of the origins 2006 to 2019, of two counts, and of those
        // from 2010 on, the tenth year, with a full history.
        assert_eq!(excluded.unscored, 2 * 14 + 2 * 10);
    }

    #[test]
    fn shocks_of_one_series_are_those_of_that_series() {
        let marked = BacktestOptions {
            shocks: Shocks::none().and_of("a", [2010]),
            ..BacktestOptions::default()
        };
        let (one, other) = (series("a"), series("b"));
        let (here, excluded) = origins(&one, &marked).unwrap();
        assert_eq!(excluded.shocks, 1);
        assert!(here.iter().all(|o| !years(o).contains(&2010)));
        assert_eq!(origins(&other, &marked).unwrap().1, Excluded::default());
    }

    #[test]
    fn marks_of_a_series_are_as_good_as_those_of_the_options() {
        let none = BacktestOptions {
            shocks: Shocks::none(),
            ..BacktestOptions::default()
        };
        let given = BacktestOptions {
            shocks: Shocks::years([2010]),
            provisional_years: 2,
            ..BacktestOptions::default()
        };
        let plain = series("a");
        let marked = plain.series().clone().with_mark(Mark::Shock, [2010]);
        let marked = marked.and_then(|s| s.with_mark(Mark::Provisional, [2021, 2022]));
        let marked = PanelSeries::new(marked.unwrap(), "A", "x").unwrap();
        let (one, other) = (origins(&marked, &none), origins(&plain, &given));
        let ((one, excluded), (other, expected)) = (one.unwrap(), other.unwrap());
        assert_eq!((excluded.shocks, excluded.provisional), (1, 2));
        assert_eq!(excluded, expected);
        let outcomes =
            |origins: &[Origin<'_>]| -> Vec<Vec<i32>> { origins.iter().map(years).collect() };
        assert_eq!(outcomes(&one), outcomes(&other));
    }

    #[test]
    fn provisional_years_are_the_last_calendar_years() {
        let options = BacktestOptions {
            provisional_years: 3,
            ..BacktestOptions::default()
        };
        let series = series("a");
        let (origins, excluded) = origins(&series, &options).unwrap();
        // 2020 to 2022, of which the first two are shocks already.
        assert_eq!((excluded.shocks, excluded.provisional), (2, 1));
        assert_eq!(origins.iter().flat_map(years).max(), Some(2019));
    }

    #[test]
    fn an_origin_knows_two_counts_or_all_up_to_its_year() {
        let series = series("a");
        let all = series.origins(&BacktestOptions::default()).unwrap();
        let of = |setting| all.iter().filter(move |o| o.setting == setting);
        // Origins 2006 to 2019: 2022 is the last outcome.
        assert_eq!(of(Setting::TwoFigure).count(), 14);
        for origin in of(Setting::TwoFigure) {
            assert_eq!(origin.history.first_year(), origin.year() - 5);
            assert_eq!(origin.history.observations().len(), 2);
        }
        let lengths = of(Setting::FullHistory).map(|o| o.history.observations().len());
        assert_eq!(lengths.min(), Some(10));
        for origin in &all {
            assert!(origin.outcomes.iter().all(|(h, _)| (1..=15).contains(h)));
        }
    }
}
