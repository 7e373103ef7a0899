//! Demography as CSV.

use crate::demography::{Decomposition, FiguresCheck};
use crate::report::{Digits, dictionary};

impl Decomposition {
    /// Changes as CSV, a row each, numbers unrounded: the parts add up to the change.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `area`, `from`, `to` | the area and its two years |
    /// | `before`, `after` | cases in either year |
    /// | `population`, `ageing`, `rates` | the parts of the change, in cases a year; they add up to it |
    ///
    /// ```
    /// use myeloma_epi::demography::Decomposition;
    ///
    /// let csv = Decomposition::table_csv(&[Decomposition::area("China", 2024, 2040)?]);
    /// assert!(csv.starts_with("area,from,to,before,after,population,ageing,rates\nChina,2024,2040,32439."));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn table_csv(changes: &[Self]) -> String {
        let rows = changes.iter().map(|change| {
            let mut row = vec![change.region.clone()];
            row.extend([change.from, change.to].map(|year| year.to_string()));
            let parts = change.parts;
            let numbers = [
                change.before,
                change.after,
                parts.population,
                parts.ageing,
                parts.rates,
            ];
            row.extend(numbers.map(|number| number.to_string()));
            row
        });
        dictionary::table("decomposition.csv", rows)
    }
}

impl FiguresCheck {
    /// The figures as CSV, as published, beside computed numbers to six significant digits: one row for each, and for each of the source's other years that is carried to
    /// its own.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `region`, `year`, `cases`, `status`, `source` | the figure |
    /// | `expected` | cases at the modelled rates of 2022 |
    /// | `carried_from`, `carried` | another year of the source, and its figure at constant rates in `year`; empty where there is none |
    #[must_use]
    pub fn to_csv(&self) -> String {
        let rows = self.figures.iter().flat_map(|figure| {
            let none = figure.carried.is_empty().then_some(None);
            let carried = figure.carried.iter().map(Some).chain(none);
            carried.map(move |carried| {
                vec![
                    figure.region.clone(),
                    figure.year.to_string(),
                    figure.cases.to_string(),
                    figure.status.to_string(),
                    figure.source.clone(),
                    Digits::Six.text(figure.expected),
                    carried.map_or_else(String::new, |(year, _)| year.to_string()),
                    Digits::Six.optional(carried.map(|(_, cases)| *cases)),
                ]
            })
        });
        dictionary::table("figures.csv", rows)
    }
}
