//! An outlook as one tidy table.

use crate::draws::YearSummary;
use crate::figures::{Figure, Status};
use crate::outlook::{CurveOutlook, Outlook, Question, RegionOutlook};
use crate::report::{Digits, dictionary};

impl Outlook {
    /// An outlook as comma-separated values: one tidy table, a line for each region, quantity, curve and year.
    ///
    /// Numbers are new cases or patients a year, to six significant digits; [`Outlook::to_csv_with`] gives all. Fields are quoted where they need it, by
    /// [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), and lines end with a line feed. A text that a spreadsheet
    /// would run as a formula has an apostrophe before it; the crate's readers take it off.
    ///
    /// | column | is |
    /// |---|---|
    /// | `region` | the region; of a complement, `World without China` |
    /// | `quantity` | `observed`: a figure of a year that has passed, whatever its status; `published_projection`; `other_projection`: what another source has projected, and beside it the headline's median and intervals for that year, empty where the population ends before it; `new_cases`; `new_cases_true_incidence` or `new_cases_this_source`: the same under the other [`Question`]; `third_line`: patients diagnosed in the year who will ever reach third line, of the registry trend; `third_line_starts`: patients who start third line in the year; `change_by_population`, `change_by_ageing`, `change_by_rates`: what the change of the headline's median from the last figure to this year is made of, in `central` ([`RegionOutlook::decomposition`]) |
    /// | `curve` | a family; `mixture`: a linear pool; `stochastic_trend`: the registry trend; empty for figures |
    /// | `published_projection` | whether the published projection is one of the figures: `with`, `without`; `borrowed`: without, and the damping is shrunk towards that of the reference region; `as_needed`, of the region's linear pool: each family through the fewest figures that identify it |
    /// | `year` | the calendar year: of diagnosis, or of the start of third line for `third_line_starts` |
    /// | `central` | the figure itself, the curve through the figures as published, or a part of a change |
    /// | `median`, `lower50`, `upper50`, `lower95`, `upper95` | median, 50 % and 95 % interval of the draws; where no figure has an error, draws do not vary, and there is no interval |
    /// | `status` | of figures, how they came about: `registered`, `estimate`, `commercial`, `projection`; empty where that is not stated, and for what is computed |
    ///
    /// The other columns and their labels are those of the first version: what stands as `observed` was observed only where its
    /// status is `registered`.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let table = Outlook::of_series(&[atlantis], &options)?.to_csv();
    /// assert!(table.starts_with("region,quantity,curve,published_projection,year,central,median,"));
    /// assert!(table.contains("Atlantis,observed,,,2019,1200,,,,,,"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn to_csv(&self) -> String {
        self.to_csv_with(Digits::Six)
    }

    /// The same with so many digits.
    #[must_use]
    pub fn to_csv_with(&self, digits: Digits) -> String {
        dictionary::table("outlook.csv", self.csv_rows(digits))
    }

    /// The rows of that table.
    pub(super) fn csv_rows(&self, digits: Digits) -> Vec<Vec<String>> {
        let mut rows = Rows {
            digits,
            rows: Vec::new(),
        };
        for region in self.regions() {
            rows.region(region);
        }
        for complement in self.complements() {
            let name = format!("{} without {}", complement.whole(), complement.part());
            let labels = [&name, "new_cases", "mixture", "as_needed"];
            rows.draws(labels, complement.pool_summary());
            let labels = [&name, "new_cases", "stochastic_trend", "without"];
            rows.draws(labels, complement.new_cases_summary());
        }
        rows.rows
    }
}

struct Rows {
    digits: Digits,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn region(&mut self, region: &RegionOutlook) {
        let series = region.series();
        let name = series.region();
        for o in series.observations() {
            let mut figures = region.figures().iter();
            let figure = figures.find(|f| f.year() == o.year && f.status() != Status::Projection);
            self.push([name, "observed", "", ""], o.year, Some(o.cases), None);
            self.status(figure.map(Figure::status));
        }
        if let Some(p) = series.published_projection() {
            let labels = [name, "published_projection", "", ""];
            self.push(labels, p.year, Some(p.cases), None);
            self.status(Some(Status::Projection));
        }
        for (p, ours) in region.beside_other_projections() {
            let labels = [name, "other_projection", "", ""];
            self.push(labels, p.year(), Some(p.cases()), ours.ok().as_ref());
            self.status(Some(Status::Projection));
        }
        for curve in region.curves() {
            self.curve(name, curve);
        }
        for (use_of_published, pool) in [
            ("as_needed", Some(region.pool_summary())),
            ("without", region.pool_of_fitted(false).map(|pool| pool.1)),
            ("with", region.pool_of_fitted(true).map(|pool| pool.1)),
        ] {
            if let Some(pool) = pool {
                self.draws([name, "new_cases", "mixture", use_of_published], pool);
            }
        }
        let trend = [name, "new_cases", "stochastic_trend", "without"];
        self.draws(trend, region.new_cases_summary());
        let other = region.question().other();
        let quantity = match other {
            Question::ThisSource => "new_cases_this_source",
            Question::TrueIncidence => "new_cases_true_incidence",
        };
        let trend = [name, quantity, "stochastic_trend", "without"];
        self.draws(trend, region.summary_under(other));
        let third_line = [name, "third_line", "stochastic_trend", "without"];
        self.draws(third_line, region.third_line_summary());
        if let Some(starts) = region.third_line_starts_summary() {
            let labels = [name, "third_line_starts", "stochastic_trend", "without"];
            self.draws(labels, starts);
        }
        let first = region.new_cases_summary().first();
        if let Some((change, first)) = region.decomposition().zip(first) {
            let parts = change.in_percent();
            for (quantity, percent) in [
                ("change_by_population", parts.population),
                ("change_by_ageing", parts.ageing),
                ("change_by_rates", parts.rates),
            ] {
                let labels = [name, quantity, "stochastic_trend", "without"];
                let cases = percent / 100.0 * first.median;
                self.push(labels, change.to, Some(cases), None);
            }
        }
    }

    fn curve(&mut self, region: &str, curve: &CurveOutlook) {
        let figures = match (curve.reference_region(), curve.uses_published_projection()) {
            (Some(_), _) => "borrowed",
            (None, true) => "with",
            (None, false) => "without",
        };
        let labels = [region, "new_cases", curve.family().name(), figures];
        for summary in curve.summary() {
            let central = curve.cases(summary.year).ok();
            self.push(labels, summary.year, central, Some(summary));
        }
    }

    fn draws(&mut self, labels: [&str; 4], draws: &[YearSummary]) {
        for summary in draws {
            self.push(labels, summary.year, None, Some(summary));
        }
    }

    fn push(
        &mut self,
        labels: [&str; 4],
        year: i32,
        central: Option<f64>,
        summary: Option<&YearSummary>,
    ) {
        let mut row: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        row.push(year.to_string());
        let draws = summary.map_or([None; 5], YearSummary::numbers);
        let numbers = [central].into_iter().chain(draws);
        row.extend(numbers.map(|number| self.digits.optional(number)));
        row.push(String::new());
        self.rows.push(row);
    }

    /// The status of the row before.
    fn status(&mut self, status: Option<Status>) {
        let cell = self.rows.last_mut().and_then(|row| row.last_mut());
        if let Some((cell, status)) = cell.zip(status) {
            status.as_str().clone_into(cell);
        }
    }
}
