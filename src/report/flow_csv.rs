//! The flow of a pathway as CSV.

use crate::error::Result;
use crate::pathway::Flow;
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
    /// | `starts_not_given`, `prevalence_year_end_not_given`, `deaths_not_given`, `lost_not_given` | the share of that number that rests on years of diagnosis that were not given, or lacks them ([`Flow::share_not_given`]), to a ten-thousandth; empty where it cannot be computed |
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
        let share = self.shares_not_given();
        let columns: Vec<_> = (1..=self.lines())
            .map(|line| {
                let starts = format!("starts_{line}");
                let (deaths, lost) = (format!("deaths_{line}"), format!("lost_{line}"));
                [starts, format!("in_line_{line}_year_end"), deaths, lost]
                    .map(|name| (self.quantity(&name).medians(), name))
            })
            .collect();
        let rows = self.years().enumerate().flat_map(|(i, year)| {
            let share = &share;
            (1..).zip(&columns).map(move |(line, columns)| {
                let labels = [year.to_string(), line.to_string()];
                let numbers = columns.iter().map(|(patients, _)| digits.text(patients[i]));
                let shares = columns.iter().map(|(_, name)| cell(share(name, year)));
                labels.into_iter().chain(numbers).chain(shares).collect()
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
            .map(|(name, quantity)| {
                let draws = self.quantity(&quantity);
                (name, draws.view(), draws.summary())
            })
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

    /// Of each number of [`Flow::states_csv`], the share that rests on years of diagnosis that were not given, as CSV.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `year`, `state` | as there |
    /// | `not_given` | the share, or where the flow begins empty the share that it lacks ([`Flow::share_not_given`]), to a ten-thousandth; empty where it cannot be computed |
    #[must_use]
    pub fn states_not_given_csv(&self) -> String {
        let share = self.shares_not_given();
        let rows = self.years().flat_map(|year| {
            let share = &share;
            self.states_at_year_end().map(move |(name, quantity)| {
                vec![year.to_string(), name, cell(share(&quantity, year))]
            })
        });
        dictionary::table("by_state_not_given.csv", rows)
    }
}

/// A share as it is written: it is known to about a ten-thousandth.
fn cell(share: Option<f64>) -> String {
    share.map_or_else(String::new, |share| format!("{share:.4}"))
}
