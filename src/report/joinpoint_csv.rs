//! The segments of a joinpoint model as CSV.

use super::{Digits, dictionary};
use crate::joinpoint::JoinpointRegression;

impl JoinpointRegression {
    /// The segments of the selected model as CSV, a row a segment.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `from`, `to` | the years from which and to which the segment goes |
    /// | `annual_percent_change` | by how much per cent the value changes a year |
    /// | `lower`, `upper` | its interval, at the level of the regression's options; empty where every value lies on the trend |
    #[must_use]
    pub fn to_csv(&self, digits: Digits) -> String {
        let rows = self.selected().segments().iter().map(|segment| {
            let (lower, upper) = segment.change.interval().unzip();
            let change = segment.change.percent();
            let numbers = [
                Some(segment.from),
                Some(segment.to),
                Some(change),
                lower,
                upper,
            ];
            let text = |number: Option<f64>| number.map_or_else(String::new, |n| digits.text(n));
            numbers.map(text).to_vec()
        });
        dictionary::table("segments.csv", rows)
    }
}
