//! The forecasts of a back-test as CSV.

use crate::backtest::Backtest;
use crate::report::dictionary;

impl Backtest {
    /// Every forecast that was scored, as CSV: a row a forecast.
    ///
    /// | column | is |
    /// |---|---|
    /// | `series_id` | the series |
    /// | `setting` | `two-figure` or `full-history` |
    /// | `method` | the forecaster |
    /// | `origin`, `horizon`, `year` | the last year used, years ahead, their sum |
    /// | `observed` | the count of that year |
    /// | `q0.025` to `q0.975` | quantiles of the forecast count, to a thousandth; empty past the range of numbers |
    #[must_use]
    pub fn to_csv(&self) -> String {
        let rows = self.scored.iter().map(|s| {
            let years = i32::try_from(s.horizon).unwrap_or(i32::MAX);
            let count = |q: f64| Some(q.exp()).filter(|count| count.is_finite());
            let text = |count: Option<f64>| count.map_or_else(String::new, |x| format!("{x:.3}"));
            let quantiles = s.forecast.quantiles().map(|q| text(count(q)));
            let cells = [
                s.series.clone(),
                s.setting.name().to_owned(),
                self.methods.get(s.method).cloned().unwrap_or_default(),
                s.origin.to_string(),
                s.horizon.to_string(),
                s.origin.saturating_add(years).to_string(),
                s.observed.to_string(),
            ];
            cells.into_iter().chain(quantiles).collect()
        });
        dictionary::table("forecasts.csv", rows)
    }
}
