//! What is shown of one year's draws.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::is_more_than_rounding;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::plain_text::{Table, count};

/// Median, central 50 % and central 95 % interval of one year's draws.
///
/// [`YearlyDraws::summary`](crate::YearlyDraws::summary) gives those of all years. They lie in order,
/// `lower95` ≤ `lower50` ≤ `median` ≤ `upper50` ≤ `upper95`, and are finite and not negative. Where both ends of the
/// 95 % interval are the same number, as of draws that are all the same, there is no interval: `null` or empty in files.
///
/// # Example
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::ndarray::array;
///
/// let draws = YearlyDraws::new(2024, array![[0.0, 10.0, 20.0, 30.0, 40.0]])?;
/// let summary = draws.summary()[0];
/// assert_eq!((summary.lower50, summary.median, summary.upper50), (10.0, 20.0, 30.0));
/// assert_eq!(summary.to_string(), "2024: 20.00 (50 %: 10.00 to 30.00, 95 %: 1.00 to 39.00)");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct YearSummary {
    /// The calendar year.
    pub year: i32,
    /// The median.
    pub median: f64,
    /// The lower end of the central 50 % interval.
    pub lower50: f64,
    /// The upper end of the central 50 % interval.
    pub upper50: f64,
    /// The lower end of the central 95 % interval.
    pub lower95: f64,
    /// The upper end of the central 95 % interval.
    pub upper95: f64,
}

impl YearSummary {
    /// Whether the draws vary by more than rounding: those that are all the same have a median and no interval.
    pub(crate) fn varies(&self) -> bool {
        is_more_than_rounding(self.lower95, self.upper95)
    }

    /// The ends of the central 95 % interval; `None` where the draws are all the same, which is no interval.
    #[must_use]
    pub fn interval95(&self) -> Option<[f64; 2]> {
        self.varies().then_some([self.lower95, self.upper95])
    }

    /// Median, ends of the 50 % and of the 95 % interval, in the order of the columns of tables.
    pub(crate) fn numbers(&self) -> [Option<f64>; 5] {
        let ends = [self.lower50, self.upper50, self.lower95, self.upper95];
        let [a, b, c, d] = ends.map(|end| self.varies().then_some(end));
        [Some(self.median), a, b, c, d]
    }

    /// From the quantiles at [`OF_TABLES`](crate::interval_levels::OF_TABLES).
    pub(super) fn new(year: i32, quantiles: &[f64]) -> Self {
        Self {
            year,
            median: quantiles[2],
            lower50: quantiles[1],
            upper50: quantiles[3],
            lower95: quantiles[0],
            upper95: quantiles[4],
        }
    }
}

impl fmt::Display for YearSummary {
    /// One line. A precision (`{:.2}`) asks for so many decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Numbers::new(f, self.upper95);
        if !self.varies() {
            return write!(f, "{}: {}", self.year, number.one(self.median));
        }
        write!(
            f,
            "{}: {} (50 %: {}, 95 %: {})",
            self.year,
            number.one(self.median),
            number.interval(self.lower50, self.upper50),
            number.interval(self.lower95, self.upper95),
        )
    }
}

/// Writes the summaries of all years of so many draws; draws that do not vary have no intervals.
pub(super) fn table(
    f: &mut fmt::Formatter<'_>,
    (draws, vary): (usize, bool),
    summaries: &[YearSummary],
) -> fmt::Result {
    let greatest = summaries
        .iter()
        .map(|year| year.upper95)
        .fold(0.0, f64::max);
    let number = Numbers::new(f, greatest);
    let mut table = Table::default();
    let draws = count(draws as f64);
    let columns = if vary { 3 } else { 1 };
    table.heading(if vary {
        format!("{draws} draws")
    } else {
        format!("{draws} draws that do not vary: no interval")
    });
    let names = ["median", "50 % interval", "95 % interval"];
    table.row("year", names.map(str::to_owned).into_iter().take(columns));
    for year in summaries {
        let cells = [
            number.one(year.median),
            number.interval(year.lower50, year.upper50),
            number.interval(year.lower95, year.upper95),
        ];
        table.row(year.year.to_string(), cells.into_iter().take(columns));
    }
    fmt::Display::fmt(&table, f)
}

/// How numbers of people are written: whole ones from a thousand on, below that with four digits.
struct Numbers {
    decimals: usize,
}

impl Numbers {
    fn new(f: &fmt::Formatter<'_>, greatest: f64) -> Self {
        let by_size = match greatest {
            1000.0.. => 0,
            100.0.. => 1,
            10.0.. => 2,
            _ => 3,
        };
        Self {
            decimals: f.precision().unwrap_or(by_size),
        }
    }

    fn one(&self, people: f64) -> String {
        match self.decimals {
            0 => count(people),
            decimals => format!("{people:.decimals$}"),
        }
    }

    fn interval(&self, lower: f64, upper: f64) -> String {
        format!("{} to {}", self.one(lower), self.one(upper))
    }
}

/// A summary as it stands in a file: without the ends of intervals, where there is none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    year: i32,
    median: f64,
    lower50: Option<f64>,
    upper50: Option<f64>,
    lower95: Option<f64>,
    upper95: Option<f64>,
}

impl From<YearSummary> for Stored {
    fn from(summary: YearSummary) -> Self {
        let [_, lower50, upper50, lower95, upper95] = summary.numbers();
        Self {
            year: summary.year,
            median: summary.median,
            lower50,
            upper50,
            lower95,
            upper95,
        }
    }
}

impl TryFrom<Stored> for YearSummary {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let (year, median) = (stored.year, stored.median);
        let ends = [
            stored.lower95,
            stored.lower50,
            stored.upper50,
            stored.upper95,
        ];
        let quantiles = match ends {
            [None, None, None, None] => [median; 5],
            [Some(a), Some(b), Some(c), Some(d)] => [a, b, median, c, d],
            _ => {
                let place = year.to_string();
                let some = format!("{ends:?}");
                let allowed = "four numbers, or none where the draws are all the same";
                return Err(Error::out_of_range("the intervals", place, some, allowed));
            }
        };
        Place(&year.to_string()).check(
            quantiles.is_sorted() && quantiles[0] >= 0.0 && quantiles[4].is_finite(),
            "the summary",
            format!("{quantiles:?}"),
            "five numbers in order, finite and not negative",
        )?;
        Ok(Self::new(year, &quantiles))
    }
}
