//! New cases against those of a base year.

use std::fmt;

use serde::Serialize;

use crate::checked_on_reading::checked;
use crate::draws::{YearSummary, YearlyDraws};
use crate::error::{Error, Result};
use crate::number_checks::{Place, increasing};
use crate::outlook::Outlook;
use crate::plain_text::{Table, printable};
use crate::report::{Digits, dictionary};

checked! {
    /// By how much new cases differ from those of a base year, in per cent of these.
    ///
    /// Each draw is compared with its own base year, so what is uncertain of the base year is not counted twice: the interval is
    /// narrower than a quotient of the ends of two intervals.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::report::Changes;
    /// use myeloma_epi::{Outlook, OutlookOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 1_000, ..OutlookOptions::myeloma() };
    /// let outlook = Outlook::of(figures::press_release(), &options)?;
    /// let changes = Changes::since(2025, &outlook)?;
    /// println!("{changes}");
    /// let world = &changes.regions[0];
    /// assert_eq!((world.region.as_str(), world.times[0].year, world.times[0].median), ("World", 2025, 1.0));
    /// // There are draws from the year of the last figure on.
    /// assert!(Changes::since(2019, &outlook).unwrap_err().to_string().contains("2019"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Changes {
        /// The year that is compared with.
        pub base_year: i32,
        /// In the order of the outlook.
        pub regions: Vec<RegionChanges>,
    } then check
}

checked! {
    /// The changes of one region.
    ///
    /// It is an element of [`Changes::regions`]. A multiple of 1.5 is a change of 50 %.
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct RegionChanges {
        /// The region.
        pub region: String,
        /// How many times the cases of the base year, from that year, which is 1, to the last.
        pub times: Vec<YearSummary>,
    } then check
}

/// A multiple as a change: 1.5 times is 50 % more. The order of draws stays, and with it quantiles.
fn percent(times: f64) -> f64 {
    100.0 * (times - 1.0)
}

impl RegionChanges {
    fn check(&self) -> Result<()> {
        let years = self.times.iter().map(|times| times.year);
        increasing(&self.region, years)?;
        let first = self.times.first().map(YearSummary::numbers);
        let one = [Some(1.0), None, None, None, None];
        Place(&self.region).check(
            first == Some(one),
            "times of the base year",
            format!("{first:?}"),
            "1, without an interval",
        )
    }
}

impl Changes {
    fn check(&self) -> Result<()> {
        let bases = self
            .regions
            .iter()
            .filter_map(|region| region.times.first());
        bases.map(|times| times.year).try_for_each(|first| {
            let allowed = format!("{first}, the first year of every region");
            let holds = first == self.base_year;
            Place("changes").check(holds, "base_year", self.base_year, allowed)
        })
    }

    /// Changes of the headline of every region against a base year, which may be any from the last figure to the last year but one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) with the region where the outlook has no draws of the year or of
    /// none after it, or a draw without a case in it.
    pub fn since(base_year: i32, outlook: &Outlook) -> Result<Self> {
        let regions = outlook.regions().iter().map(|region| {
            let name = region.series().region();
            let cases = region.new_cases();
            if !(cases.first_year()..cases.last_year()).contains(&base_year) {
                let place = format!("the forecast of {name}");
                let (first, last) = (cases.first_year(), cases.last_year());
                let years = if first < last {
                    format!("{first} to {}, before the last year", last - 1)
                } else {
                    format!("before the last year, and the forecast has {last} alone")
                };
                return Err(Error::out_of_range(
                    "the base year",
                    place,
                    base_year,
                    years,
                ));
            }
            let base = cases.year(base_year)?.to_owned();
            if base.iter().any(|cases| *cases <= 0.0) {
                let place = format!("the base year {base_year} of {name}");
                return Err(Error::out_of_range("a draw", place, 0.0, "above 0"));
            }
            let row = usize::try_from(base_year - cases.first_year()).unwrap_or(0);
            let mut times = cases.view().split_at(ndarray::Axis(0), row).1.to_owned();
            for mut year in times.rows_mut() {
                year /= &base;
            }
            Ok(RegionChanges {
                region: name.to_owned(),
                times: YearlyDraws::new(base_year, times)?.summary(),
            })
        });
        Ok(Self {
            base_year,
            regions: regions.collect::<Result<_>>()?,
        })
    }

    /// The changes as CSV, a row a region and year, with the columns of
    /// [`change.csv`](crate::documentation::dictionary).
    #[must_use]
    pub fn to_csv(&self, digits: Digits) -> String {
        let rows = self.regions.iter().flat_map(|region| {
            region.times.iter().map(move |times| {
                let mut row = vec![region.region.clone()];
                row.extend([self.base_year, times.year].map(|year| year.to_string()));
                let numbers = times.numbers().map(|times| times.map(percent));
                row.extend(numbers.map(|number| digits.optional(number)));
                row
            })
        });
        dictionary::table("change.csv", rows)
    }
}

impl fmt::Display for Changes {
    /// Every fifth year and the last: median and 95 % interval, in whole per cent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.regions.iter().filter_map(|region| region.times.last());
        let last = last.map(|times| times.year).max().unwrap_or(self.base_year);
        let shown = |year: i32| year > self.base_year && (year % 5 == 0 || year == last);
        let years = (self.base_year..=last).filter(|year| shown(*year));
        let mut table = Table::default();
        table.row(
            format!("new cases, % more than in {} (95 %)", self.base_year),
            years.clone().map(|year| year.to_string()),
        );
        for region in &self.regions {
            let cells = years.clone().map(|year| {
                let times = region.times.iter().find(|times| times.year == year);
                times.map_or_else(String::new, |times| {
                    let interval = times.interval95().map(|ends| ends.map(percent));
                    let interval = interval.map(|[a, b]| format!(" ({a:+.0} to {b:+.0})"));
                    format!("{:+.0}", percent(times.median)) + &interval.unwrap_or_default()
                })
            });
            table.row(printable(&region.region), cells);
        }
        write!(f, "{table}")
    }
}
