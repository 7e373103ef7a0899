//! Yearly counts of many registries: what a trend model is estimated from and tested on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::draws::MAX_HORIZON;
use crate::error::{Error, ErrorKind, Result};

/// One registry's yearly counts of one cancer site.
///
/// Years increase strictly, are calendar years from 1 to 9999 and span 200 of them at most; gaps are
/// allowed, and are missing years to the model. Counts are finite and above 0: a year without a case
/// has no logarithm and is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelSeries {
    id: String,
    group: String,
    site: String,
    counts: Vec<(i32, f64)>,
}

impl PanelSeries {
    /// A series; `group` names the series that are not independent of it (those of its country),
    /// `site` the cancer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoObservations`], [`ErrorKind::YearsNotIncreasing`] (a year given twice, too) or
    /// [`ErrorKind::OutOfRange`].
    pub fn new(
        id: impl Into<String>,
        group: impl Into<String>,
        site: impl Into<String>,
        counts: impl IntoIterator<Item = (i32, f64)>,
    ) -> Result<Self> {
        let id = id.into();
        let counts: Vec<(i32, f64)> = counts.into_iter().collect();
        if counts.is_empty() {
            return Err(ErrorKind::NoObservations { place: id }.into());
        }
        for &(year, cases) in &counts {
            if !(1..=9999).contains(&year) {
                return Err(Error::out_of_range(
                    "the year",
                    id,
                    year,
                    "a calendar year from 1 to 9999",
                ));
            }
            if !(cases.is_finite() && cases > 0.0) {
                return Err(Error::out_of_range(
                    "the number of cases",
                    format!("{id}, {year}"),
                    cases,
                    "finite and above 0",
                ));
            }
        }
        for pair in counts.windows(2) {
            if pair[0].0 >= pair[1].0 {
                return Err(ErrorKind::YearsNotIncreasing {
                    region: id,
                    previous: pair[0].0,
                    year: pair[1].0,
                }
                .into());
            }
        }
        let (first, last) = (counts[0].0, counts[counts.len() - 1].0);
        if last - first > MAX_HORIZON {
            return Err(ErrorKind::Unsuitable(format!(
                "{id} runs from {first} to {last}: a series spans {MAX_HORIZON} years at most"
            ))
            .into());
        }
        Ok(Self {
            id,
            group: group.into(),
            site: site.into(),
            counts,
        })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The cluster that it belongs to: left out as a whole when it is tested.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The cancer site.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Years and counts, in order.
    #[must_use]
    pub fn counts(&self) -> &[(i32, f64)] {
        &self.counts
    }
}

/// Series of many registries.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    series: Vec<PanelSeries>,
}

/// Group, site and counts of one series.
type Rows = (String, String, BTreeMap<i32, f64>);

/// The columns that are read; others may stand in the file and are ignored.
#[derive(Deserialize)]
struct Row {
    series_id: String,
    group: String,
    site: String,
    year: String,
    cases: String,
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
            if let Some(twin) = by_id.insert(one.id.clone(), one) {
                return Err(ErrorKind::Unsuitable(format!(
                    "two series of the panel are called \"{}\"",
                    twin.id
                ))
                .into());
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
    /// # Errors
    ///
    /// [`ErrorKind::Io`]; [`ErrorKind::Parse`] with the line: for a year that is not one calendar year
    /// (counts pooled over several), a count that is not finite and above 0, a year that a series has
    /// twice, a series with rows of two groups or sites, an empty name; and those of
    /// [`PanelSeries::new`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// As [`Panel::read`], from text, with a byte-order mark or not; `place` names it in errors.
    ///
    /// # Errors
    ///
    /// As [`Panel::read`].
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let parse_error = |line: Option<u64>, message: String| -> Error {
            ErrorKind::Parse {
                place: place.to_owned(),
                line,
                message,
            }
            .into()
        };
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader
            .headers()
            .map_err(|error| parse_error(None, error.to_string()))?
            .clone();
        let mut rows: BTreeMap<String, Rows> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                parse_error(error.position().map(csv::Position::line), error.to_string())
            })?;
            let line = record.position().map(csv::Position::line);
            let row: Row = record
                .deserialize(Some(&headers))
                .map_err(|error| parse_error(line, error.to_string()))?;
            let id = &row.series_id;
            for (name, value) in [
                ("series_id", id),
                ("group", &row.group),
                ("site", &row.site),
            ] {
                if value.is_empty() {
                    return Err(parse_error(line, format!("{name} is empty")));
                }
            }
            let year: i32 = row.year.parse().map_err(|_| {
                parse_error(
                    line,
                    format!(
                        "year \"{}\" of {id} is not one calendar year: counts pooled over years \
                         cannot be used",
                        row.year
                    ),
                )
            })?;
            let cases = row
                .cases
                .parse::<f64>()
                .ok()
                .filter(|cases| cases.is_finite() && *cases > 0.0)
                .ok_or_else(|| {
                    parse_error(
                        line,
                        format!(
                            "cases \"{}\" of {id}, {year}, must be a number that is finite and above 0",
                            row.cases
                        ),
                    )
                })?;
            let (group, site, counts) = rows
                .entry(id.clone())
                .or_insert_with(|| (row.group.clone(), row.site.clone(), BTreeMap::new()));
            if *group != row.group || *site != row.site {
                return Err(parse_error(
                    line,
                    format!(
                        "{id} is {group}, {site} above and {}, {} here",
                        row.group, row.site
                    ),
                ));
            }
            if counts.insert(year, cases).is_some() {
                return Err(parse_error(line, format!("{id} has two counts for {year}")));
            }
        }
        let series = rows
            .into_iter()
            .map(|(id, (group, site, counts))| PanelSeries::new(id, group, site, counts))
            .collect::<Result<Vec<_>>>()?;
        Self::new(series)
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
        Self::new(
            self.series
                .iter()
                .filter(|series| series.group != group)
                .cloned(),
        )
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
        assert_eq!(panel.series()[0].counts(), [(2001, 6.0), (2003, 7.0)]);
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
    fn rows_that_cannot_be_used_are_refused_with_their_place() {
        for (rows, message) in [
            ("a,A,x,lung,2001,5\na,A,x,lung,2001,6\n", "two counts"),
            ("a,A,x,lung,2003-2005,5\n", "pooled"),
            ("a,A,x,lung,2001,0\n", "above 0"),
            ("a,A,x,lung,2001,NaN\n", "above 0"),
            ("a,A,x,lung,2001,many\n", "line 3"),
            ("a,A,x,lung,2001,5\na,B,x,lung,2002,6\n", "line 4"),
            ("", "the panel"),
        ] {
            let error = parse(rows).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
