//! A flow as a table in plain text.

use std::fmt;

use ndarray::Array2;

use super::cohorts::{Row, State};
use super::flow::{Flow, Moment};
use crate::draws::YearlyDraws;
use crate::plain_text::{Table, count};

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        let mut without_error = false;
        let mut table = Table::default();
        let summaries: Vec<_> = columns.iter().map(|(_, draws)| draws.summary()).collect();
        let mut all = summaries.iter().flatten();
        if all.any(|year| year.interval95().is_some()) {
            table.heading("medians, and below them 95 % intervals");
        }
        table.row("year", columns.iter().map(|(heading, _)| heading.clone()));
        for (i, year) in self.years().enumerate() {
            if year < self.first_given() {
                continue;
            }
            let cells = summaries.iter().map(|years| count(years[i].median));
            table.row(year.to_string(), cells);
            if self.diagnosed().len() > 1 {
                let interval = summaries.iter().map(|years| {
                    if years[i].upper95 <= 0.0 {
                        return String::new();
                    }
                    let Some(ends) = years[i].interval95() else {
                        without_error = true;
                        return "no error".to_owned();
                    };
                    ends.map(count).join("–")
                });
                let interval: Vec<String> = interval.collect();
                table.row("", interval);
            }
        }
        write!(f, "{table}")?;
        if without_error {
            writeln!(
                f,
                "no error: the model states none for what this number rests on, so that it has no interval"
            )?;
        }
        match self.numerical_error() {
            Some(error) => writeln!(
                f,
                "estimated numerical error: {error:.0e} patients per patient diagnosed in one year"
            )?,
            None => writeln!(
                f,
                "individual simulation: numbers vary by about their square roots"
            )?,
        }
        for caution in self.cautions() {
            writeln!(f, "caution: {caution}")?;
        }
        Ok(())
    }
}

impl Flow {
    /// The columns of the table with their headings.
    fn columns(&self) -> Vec<(String, YearlyDraws)> {
        let lines = || 0..self.lines();
        let of_lines = |what: &'static str, row: fn(usize) -> Row| {
            lines().map(move |line| (format!("{what} {}", line + 1), self.row(row(line)).clone()))
        };
        // Medians do not add up: draws do. Nobody dies twice, so that a sum is as finite as those diagnosed.
        let sum = |rows: Vec<Row>| {
            let mut sum = Array2::zeros(self.diagnosed().view().raw_dim());
            for row in rows {
                sum += &self.row(row).view();
            }
            YearlyDraws::from_valid(self.diagnosed().first_year(), sum)
        };
        let mut columns = vec![("diagnosed".to_owned(), self.diagnosed().clone())];
        columns.extend(of_lines("start", Row::Starts));
        columns.extend(of_lines("in", |line| {
            Row::In(State::Line(line), Moment::YearEnd)
        }));
        let deaths = lines().map(Row::Deaths).chain([Row::LaterDeaths]);
        columns.push(("deaths".to_owned(), sum(deaths.collect())));
        columns.push(("lost".to_owned(), sum(lines().map(Row::Lost).collect())));
        columns
    }
}
