//! The flow of a pathway as CSV.

use crate::error::Result;
use crate::files::csv_text;
use crate::pathway::{Flow, Moment};

impl Flow {
    /// The flow as CSV, a row a year and line of therapy, numbers unrounded; with more than one draw each number is the
    /// median over the draws.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `year` | calendar year |
    /// | `line` | line of therapy, from 1 |
    /// | `starts` | patients who start the line in the year |
    /// | `prevalence_year_end` | patients in the line at the end of December |
    /// | `deaths` | patients who die in the year while in the line or off treatment after it |
    /// | `lost` | patients who in the year, in the line or after it, are lost to further therapy |
    ///
    /// Those diagnosed, off treatment and never treated are not in the table: its rows do not add up to all patients.
    ///
    /// # Errors
    ///
    /// None for a flow that has been made.
    pub fn to_csv(&self) -> Result<String> {
        let mut columns = Vec::new();
        for line in 1..=self.lines() {
            columns.push([
                self.starts(line)?.medians(),
                self.in_line(line, Moment::YearEnd)?.medians(),
                self.deaths(line)?.medians(),
                self.lost(line)?.medians(),
            ]);
        }
        let rows = self.years().enumerate().flat_map(|(i, year)| {
            (1..).zip(&columns).map(move |(line, columns)| {
                let labels = [year.to_string(), line.to_string()];
                let numbers = columns.iter().map(|column| column[i].to_string());
                labels.into_iter().chain(numbers).collect()
            })
        });
        let header = "year,line,starts,prevalence_year_end,deaths,lost";
        Ok(csv_text(header, rows))
    }
}
