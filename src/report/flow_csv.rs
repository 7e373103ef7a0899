//! The flow of a pathway as CSV.

use crate::error::Result;
use crate::pathway::{Flow, Moment};
use crate::report::{Digits, dictionary};

impl Flow {
    /// The flow as CSV, a row a year and line of therapy, numbers to six significant digits ([`Flow::to_csv_with`] gives all);
    /// with more than one draw each number is the median over the draws.
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
    /// Those off treatment and never treated are not in the table: its rows do not add up to all patients, those of
    /// [`Flow::states_csv`] do.
    ///
    /// # Errors
    ///
    /// None for a flow that has been made.
    pub fn to_csv(&self) -> Result<String> {
        self.to_csv_with(Digits::Six)
    }

    /// The same with so many digits.
    ///
    /// # Errors
    ///
    /// None for a flow that has been made.
    pub fn to_csv_with(&self, digits: Digits) -> Result<String> {
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
                let numbers = columns.iter().map(|column| digits.text(column[i]));
                labels.into_iter().chain(numbers).collect()
            })
        });
        Ok(dictionary::table("by_year.csv", rows))
    }

    /// Patients in each state at the end of every year as CSV, numbers unrounded. The states of a year add up to those
    /// diagnosed since the first year of the flow, so that its books close.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `year` | calendar year |
    /// | `state` | `never_treated`, `line_1`, `off_1` (off treatment after it), `line_2`, …, `lost` (to further therapy), `dead` |
    /// | `patients` | the mean over the draws: means add up, medians do not |
    /// | `lower95`, `upper95` | the central 95 % interval of the draws |
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
    /// use ndarray::Array2;
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::exponential(2.0)?, Share::new(0.6)?).with_death(Share::new(0.3)?),
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
    /// ])?;
    /// let incidence = YearlyDraws::new(2020, Array2::from_elem((3, 1), 100.0))?;
    /// let options = FlowOptions { cohorts: Some(2020..=2022), ..FlowOptions::to(2022) };
    /// let table = pathway.flow(&incidence, &options)?.states_csv();
    /// let in_2022 = table.lines().filter(|row| row.starts_with("2022,"));
    /// let patients = in_2022.map(|row| row.split(',').nth(2).unwrap().parse::<f64>().unwrap());
    /// assert!((patients.sum::<f64>() - 300.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn states_csv(&self) -> String {
        let states: Vec<_> = self
            .states_at_year_end()
            .map(|(name, draws)| (name, draws.view(), draws.summary()))
            .collect();
        let rows = self.years().enumerate().flat_map(|(i, year)| {
            states.iter().map(move |(name, draws, summary)| {
                let row = draws.row(i);
                let mean = row.sum() / row.len() as f64;
                let [_, _, _, lower, upper] = summary[i].numbers();
                let labels = [year.to_string(), name.clone()];
                let numbers = [Some(mean), lower, upper];
                let numbers = numbers.map(|number| Digits::All.optional(number));
                labels.into_iter().chain(numbers).collect()
            })
        });
        dictionary::table("by_state.csv", rows)
    }
}
