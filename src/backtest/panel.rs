//! Yearly counts of many registries: what forecasters are tested on.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::checked_on_reading::checked;
use crate::draws::MAX_HORIZON;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::Mark;
use crate::files::{self, Others, read_rows};
use crate::forecast::ExpectedByYear;
use crate::number_checks::Place;
use crate::series::{IncidenceSeries, Shocks};

checked! {
    /// The yearly counts of one cancer site in one registry.
    ///
    /// Years are calendar years from 1 to 9999 and span 200 of them at most; gaps are allowed, and are
    /// missing years to the methods. A published projection of the series is not used.
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::backtest::PanelSeries;
    ///
    /// let counts = IncidenceSeries::from_counts("atlantis", [(2021, 51.0), (2022, 54.0)])?;
    /// let series = PanelSeries::new(counts, "Atlantis", "multiple_myeloma")?;
    /// assert_eq!((series.id(), series.group()), ("atlantis", "Atlantis"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct PanelSeries {
        series: IncidenceSeries,
        group: String,
        site: String,
        #[serde(default)]
        expected: Option<ExpectedByYear>,
    } through of_parts
}

impl PanelSeries {
    /// A series; `group` names the cluster of series that are not independent of it, such as those of
    /// its country, `site` the cancer site. The region of the counts is the name of the series.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where a year is no calendar year or there are more than 200;
    /// [`ErrorKind::Unsuitable`] for a count of 0, which has no logarithm to score.
    pub fn new(
        series: IncidenceSeries,
        group: impl Into<String>,
        site: impl Into<String>,
    ) -> Result<Self> {
        series.check_logarithms("a back-test")?;
        let (first, last) = (series.first_year(), series.last_year());
        let place = Place(series.region());
        for year in [first, last] {
            let allowed = "a calendar year from 1 to 9999";
            place.check((1..=9999).contains(&year), "the year", year, allowed)?;
        }
        let span = format_args!("{first} to {last}");
        let allowed = format_args!("at most {MAX_HORIZON} years");
        place.check(
            last - first <= MAX_HORIZON,
            "the span of years",
            span,
            allowed,
        )?;
        Ok(Self {
            series,
            group: group.into(),
            site: site.into(),
            expected: None,
        })
    }

    fn of_parts(
        series: IncidenceSeries,
        group: String,
        site: String,
        expected: Option<ExpectedByYear>,
    ) -> Result<Self> {
        let series = Self::new(series, group, site)?;
        match expected {
            Some(expected) => series.with_expected(expected),
            None => Ok(series),
        }
    }

    /// The series with the cases that its population would have at constant rates, as far as they are known: what a
    /// method that allows for population works with.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] where a year from the first count to the last is missing.
    pub fn with_expected(mut self, expected: ExpectedByYear) -> Result<Self> {
        let (first, last) = expected.span();
        for year in [self.series.first_year(), self.series.last_year()] {
            if !(first..=last).contains(&year) {
                return Err(Error::unsuitable(format!(
                    "the expected cases of {} are of {first} to {last}: {year}, of which there is a count, is missing",
                    self.id()
                )));
            }
        }
        self.expected = Some(expected);
        Ok(self)
    }

    /// The name of the series.
    #[must_use]
    pub fn id(&self) -> &str {
        self.series.region()
    }

    /// The cluster that it belongs to, left out as a whole when a method is estimated without it.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The cancer site.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// The expected cases, where they are known.
    #[must_use]
    pub const fn expected(&self) -> Option<&ExpectedByYear> {
        self.expected.as_ref()
    }

    /// The counts.
    #[must_use]
    pub const fn series(&self) -> &IncidenceSeries {
        &self.series
    }
}

checked! {
    /// A **panel**: yearly counts of many registries and sites, which forecasters are tested on.
    ///
    /// Its series have different names and come in the order of these. Counts are finite and above 0, and years are
    /// single calendar years. [`PanelSeries::group`] says which series are not independent of each other.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::backtest::Panel;
    ///
    /// let text = "series_id,group,site,year,cases\n\
    ///             de,Germany,lung,2021,59000\n\
    ///             de,Germany,lung,2022,57000\n";
    /// let panel = Panel::parse(text, "a string")?;
    /// assert_eq!(panel.series()[0].series().last_year(), 2022);
    /// // Counts pooled over several years are refused, with the line.
    /// let error = Panel::parse(&text.replace("2022", "2022-2024"), "a string").unwrap_err();
    /// assert!(error.to_string().contains("2022-2024"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Panel {
        series: Vec<PanelSeries>,
    } through new
}

/// The rows of one series in a file.
#[derive(Default)]
struct Rows {
    group: String,
    site: String,
    counts: BTreeMap<i32, f64>,
    expected: BTreeMap<i32, f64>,
    marks: BTreeMap<i32, Mark>,
}

impl Rows {
    fn series(self, id: String) -> Result<PanelSeries> {
        let expected = if self.expected.is_empty() {
            None
        } else {
            let place = |error| ErrorKind::Unsuitable(format!("the series {id}: {error}"));
            Some(ExpectedByYear::new(self.expected).map_err(place)?)
        };
        let mut counts = IncidenceSeries::from_counts(id, self.counts)?;
        for (year, mark) in self.marks {
            counts = counts.with_mark(mark, [year])?;
        }
        PanelSeries::of_parts(counts, self.group, self.site, expected)
    }
}

impl Panel {
    /// A panel of series with different names.
    ///
    /// # Errors
    ///
    /// Where there is none, or two have one name.
    pub fn new(series: impl IntoIterator<Item = PanelSeries>) -> Result<Self> {
        let mut by_id = BTreeMap::new();
        for one in series {
            if let Some(twin) = by_id.insert(one.id().to_owned(), one) {
                return Err(Error::unsuitable(format!(
                    "two series of the panel are called \"{}\"",
                    twin.id()
                )));
            }
        }
        if by_id.is_empty() {
            return Err(ErrorKind::NoObservations {
                place: "the panel".to_owned(),
            }
            .into());
        }
        Ok(Self {
            series: by_id.into_values().collect(),
        })
    }

    /// Reads a file of comma-separated values with the columns `series_id`, `group`, `site`, `year`
    /// and `cases` among its columns, in any order; lines that begin with `#` are comments. The rows
    /// of a series may stand anywhere.
    ///
    /// A column `expected` has the cases that the population would have at constant rates, on any scale; where a series
    /// has them it has them in every year. A row with them may have no `cases`: that is how they go on past the last
    /// count. A column `mark` has the [`Mark`] of a count, or is empty: a marked count is left out of a back-test.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`]; [`ErrorKind::Parse`] with the line: for a year that is not one calendar year
    /// (counts pooled over several), a count or expected cases that are not finite and above 0, a year that a series has
    /// twice, a series with rows of two groups or sites, an empty name; and those of
    /// [`PanelSeries::new`], [`PanelSeries::with_expected`] and [`ExpectedByYear::new`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_csv(&path.display().to_string(), files::open(path)?)
    }

    /// As [`Panel::read`], from text, with a byte-order mark or not; `place` names it in errors.
    ///
    /// # Errors
    ///
    /// As [`Panel::read`].
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        Self::from_csv(place, text.as_bytes())
    }

    fn from_csv(place: &str, text: impl Read) -> Result<Self> {
        let needed = ["series_id", "group", "site", "year", "cases"];
        let mut rows: BTreeMap<String, Rows> = BTreeMap::new();
        read_rows(place, text, &needed, Others::Any, |row| {
            let id = row.needed("series_id")?;
            let (group, site) = (row.needed("group")?, row.needed("site")?);
            let year = row.needed("year")?;
            let year: i32 = year.parse().map_err(|_| {
                row.error(format!(
                    "year \"{year}\" of {id} is not one calendar year: counts pooled over years cannot \
                     be used"
                ))
            })?;
            let expected = row.optional_number("expected")?;
            // The expected cases of a year without a count.
            let cases = match expected {
                Some(_) => row.optional_number("cases")?,
                None => Some(row.number("cases")?),
            };
            for (name, value) in [("cases", cases), ("expected", expected)] {
                if let Some(value) = value.filter(|v| !(v.is_finite() && *v > 0.0)) {
                    return Err(row.error(format!(
                        "{name} {value} of {id}, {year}, must be finite and above 0"
                    )));
                }
            }
            let all = rows.entry(id.to_owned()).or_insert_with(|| Rows {
                group: group.to_owned(),
                site: site.to_owned(),
                ..Rows::default()
            });
            let mark = row.optional_word("mark")?;
            all.marks.extend(mark.map(|mark| (year, mark)));
            if (&*all.group, &*all.site) != (group, site) {
                return Err(row.error(format!(
                    "{id} is {}, {} above and {group}, {site} here",
                    all.group, all.site
                )));
            }
            if cases.is_some_and(|cases| all.counts.insert(year, cases).is_some()) {
                return Err(row.error(format!("{id} has two counts for {year}")));
            }
            if expected.is_some_and(|cases| all.expected.insert(year, cases).is_some()) {
                return Err(row.error(format!("{id} has expected cases of {year} twice")));
            }
            Ok(())
        })?;
        let series = rows.into_iter().map(|(id, rows)| rows.series(id));
        Self::new(series.collect::<Result<Vec<_>>>()?)
    }

    /// The series, in the order of their names.
    #[must_use]
    pub fn series(&self) -> &[PanelSeries] {
        &self.series
    }

    /// The groups, in order, each once.
    #[must_use]
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = self.series.iter().map(PanelSeries::group).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The panel without one group.
    ///
    /// # Errors
    ///
    /// Where nothing is left.
    pub fn without_group(&self, group: &str) -> Result<Self> {
        let others = self.series.iter().filter(|series| series.group != group);
        Self::new(others.cloned())
    }

    /// Checks that every series that has shocks of its own is in the panel: a mark on another one is a
    /// slip of the pen, and would be passed over in silence.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] with the name.
    pub fn check_shocks(&self, shocks: &Shocks) -> Result<()> {
        for name in shocks.series() {
            if self.series.iter().all(|series| series.id() != name) {
                let known = self.series.iter().map(PanelSeries::id);
                return Err(Error::unknown("series of the panel", name, known));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "# a comment\nseries_id,group,location,site,year,cases\n";

    fn parse(rows: &str) -> Result<Panel> {
        Panel::parse(&format!("{HEADER}{rows}"), "test")
    }

    #[test]
    fn rows_become_series_in_order() {
        let panel = parse("b,B,x,lung,2001,5\na,A,x,lung,2003,7\na,A,x,lung,2001,6\n").unwrap();
        assert_eq!(panel.groups(), ["A", "B"]);
        let counts = panel.series()[0].series().observations();
        let counts: Vec<(i32, f64)> = counts.iter().map(|o| (o.year, o.cases)).collect();
        assert_eq!(counts, [(2001, 6.0), (2003, 7.0)]);
        assert_eq!(panel.without_group("A").unwrap().series()[0].id(), "b");
        assert!(
            panel
                .without_group("A")
                .unwrap()
                .without_group("B")
                .is_err()
        );
    }

    #[test]
    fn a_count_without_a_logarithm_is_refused() {
        let counts = IncidenceSeries::from_counts("a", [(2001, 5.0), (2002, 0.0)]).unwrap();
        let error = PanelSeries::new(counts, "A", "x").unwrap_err().to_string();
        assert!(error.contains("the count of a in 2002 is 0"), "{error}");
    }

    #[test]
    fn rows_that_cannot_be_used_are_refused_with_their_place() {
        for (rows, message) in [
            ("a,A,x,lung,2001,5\na,A,x,lung,2001,6\n", "two counts"),
            ("a,A,x,lung,2003-2005,5\n", "pooled"),
            ("a,A,x,lung,2001,0\n", "above 0"),
            ("a,A,x,lung,2001,NaN\n", "above 0"),
            ("a,A,x,lung,2001,many\n", "line 3"),
            ("a,A,x,lung,2001,5\na,B,x,lung,2002,6\n", "line 4"),
            ("", "no observations in test"),
        ] {
            let error = parse(rows).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn expected_cases_go_on_past_the_last_count() {
        let parse = |rows: &str| {
            Panel::parse(
                &format!("series_id,group,site,year,cases,expected\n{rows}"),
                "test",
            )
        };
        let panel = parse("a,A,lung,2001,5,1\na,A,lung,2003,,1.2\na,A,lung,2002,7,1.1\n").unwrap();
        let series = &panel.series()[0];
        assert_eq!(series.series().last_year(), 2002);
        let expected: Vec<_> = series.expected().unwrap().iter().collect();
        assert_eq!(expected, [(2001, 1.0), (2002, 1.1), (2003, 1.2)]);
        let text = serde_json::to_string(&panel).unwrap();
        assert_eq!(serde_json::from_str::<Panel>(&text).unwrap(), panel);
        assert!(serde_json::from_str::<Panel>(&text.replace("2002", "2009")).is_err());
        assert!(
            parse("a,A,lung,2001,5,\n").unwrap().series()[0]
                .expected()
                .is_none()
        );
        for (rows, message) in [
            ("a,A,lung,2001,5,0\n", "expected 0 of a, 2001"),
            ("a,A,lung,2001,5,NaN\n", "expected NaN of a, 2001"),
            ("a,A,lung,2001,,\n", "column cases is empty"),
            ("a,A,lung,2001,5,1\na,A,lung,2003,6,1\n", "2002 are missing"),
            (
                "a,A,lung,2001,5,1\na,A,lung,2002,6,\n",
                "2002, of which there is a count",
            ),
            ("a,A,lung,2001,5,1\na,A,lung,2001,,1\n", "2001 twice"),
            ("a,A,lung,2001,,1\n", "a"),
        ] {
            let error = parse(rows).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
