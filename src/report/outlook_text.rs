//! Outlooks as text for a terminal of 100 columns.

use std::fmt;

use super::headline::{headline, other_question, with_interval};
use super::remarks::{assumptions, check_of, remarks};
use crate::draws::YearSummary;
use crate::figures::{Figure, Status};
use crate::known_names::each_once;
use crate::outlook::{
    Complement, CurveOutlook, Outlook, OutlookVariance, Question, RegionOutlook, StudySynthesis,
};
use crate::pathway::evidence::Study;
use crate::plain_text::{Table, count, percent, wrapped};
use crate::projection::VarianceShares;
use crate::series::PublishedProjection;

/// One number of a result.
type Of<T> = fn(&T) -> f64;

/// The headline, the other question, the growth curves through the figures, and what to be careful with. The alternate
/// form, `{outlook:#}`, goes on with everything: a table a region and a complement, then what was assumed.
///
/// The years of those tables are the figures' own (or, of many, the first and the last), the one after, and every
/// fifth year up to the last.
impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", headline(self), wrapped(&other_question(self)))?;
        write!(f, "\n{}", curves_through_the_figures(self))?;
        let said = notes(self);
        if !said.is_empty() {
            writeln!(f)?;
        }
        said.iter()
            .try_for_each(|note| f.write_str(&wrapped(note)))?;
        if !f.alternate() {
            return Ok(());
        }
        writeln!(f)?;
        for region in self.regions() {
            writeln!(f, "{region}")?;
        }
        for complement in self.complements() {
            let years = self.regions().first().map_or_else(Vec::new, years_shown);
            let alone = self.complements().len() == 1;
            let draws = self.options().draws;
            writeln!(f, "{}", complement_text(complement, years, alone, draws))?;
        }
        f.write_str(&wrapped(&assumptions(self)))?;
        // What studies say beside the published range, where third line is asked for at all.
        if self.options().delay.is_some()
            && let Ok(synthesis) = StudySynthesis::of(Study::shipped(), None)
        {
            write!(
                f,
                "\n{}",
                wrapped(&format!("Third line of multiple myeloma: {synthesis}"))
            )?;
        }
        Ok(())
    }
}

/// The figures, the curves through them, the forecasts, what makes up the variance of the last year, and what a
/// reader has to know of the curves.
impl fmt::Display for RegionOutlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let years = years_shown(self);
        let mut table = Table::default();
        let name = self.series().region().to_uppercase();
        table.row(name, years.iter().map(ToString::to_string));
        figure_rows(&mut table, self, &years);
        curve_rows(&mut table, self, &years);
        let (without, with) = (self.pool_of_fitted(false), self.pool_of_fitted(true));
        let question = self.question();
        let forecasts = [question, question.other()].map(|q| (q, self.summary_under(q)));
        for (question, summary) in forecasts {
            table.heading(format!("new cases, registry trend: {question}"));
            summary_rows(&mut table, summary, &years);
        }
        let both = without.as_ref().zip(with.as_ref());
        for (what, draws) in [
            (
                "linear pool of the curves marked *, with all errors",
                Some(self.pool_summary()),
            ),
            (
                "linear pool without the published projection",
                both.map(|(without, _)| without.1),
            ),
            (
                "linear pool with the published projection",
                both.map(|(_, with)| with.1),
            ),
        ] {
            if let Some(draws) = draws {
                table.heading(format!("new cases, {what}"));
                summary_rows(&mut table, draws, &years);
            }
        }
        third_line_rows(&mut table, self, &years);
        write!(f, "{table}")?;
        if let Some(variance) = self.variance() {
            write!(f, "{}", variance_table(variance, question))?;
        }
        remarks(self)
            .iter()
            .try_for_each(|remark| f.write_str(&wrapped(remark)))
    }
}

/// Each curve of the pool through the figures as published, and the ends of the share of its last year.
fn curves_through_the_figures(outlook: &Outlook) -> Table {
    /// Of many regions, these.
    const MOST: usize = 4;
    let options = outlook.options();
    let mut table = Table::default();
    for region in outlook.regions().iter().take(MOST) {
        let series = region.series();
        let mut years = vec![series.last_year()];
        let step = step(options.to - series.last_year(), 3);
        years.extend((series.last_year() + step..options.to).filter(|year| year % step == 0));
        years.push(options.to);
        years.dedup();
        let share = region.share();
        let ends = [share.low(), share.high()].map(|end| format!("{} % of it", percent(end)));
        let name = format!("{}, growth curves", series.region());
        table.row(name, years.iter().map(ToString::to_string).chain(ends));
        for curve in region.curves().iter().filter(|curve| curve.in_pool()) {
            let cases = |year: i32| curve.cases(year).ok();
            let last = cases(options.to);
            let ends = [share.low(), share.high()].map(|end| last.map(|cases| end * cases));
            let all = years.iter().map(|year| cases(*year)).chain(ends);
            let label = format!("  {}{}", curve.family().name(), mark_of(curve));
            table.row(
                label,
                all.map(|cases| cases.map_or_else(|| "-".to_owned(), count)),
            );
        }
        let pool = region.pool_summary();
        let medians = years
            .iter()
            .map(|year| pool.iter().find(|s| s.year == *year));
        let medians = medians.map(|s| s.map_or_else(String::new, |s| count(s.median)));
        table.row("  linear pool of them, median", medians);
        if let Some(published) = series.published_projection() {
            let cells = years.iter().map(|year| published_in(*year, published));
            table.row("  published projection", cells);
        }
    }
    table.fitted()
}

/// What else a curve of the pool needs beside the observations.
fn mark_of(curve: &CurveOutlook) -> String {
    match (curve.reference_region(), curve.uses_published_projection()) {
        (Some(reference), _) => format!(", damping of {reference}"),
        (None, true) => ", with the published projection".to_owned(),
        (None, false) => String::new(),
    }
}

/// What to be careful with, a sentence each, named by region.
fn notes(outlook: &Outlook) -> Vec<String> {
    let regions = outlook.regions().iter();
    let of_region = |region: &RegionOutlook| {
        let name = region.series().region().to_owned();
        let cautions = region.cautions();
        cautions
            .into_iter()
            .map(move |caution| format!("{name}: {caution}"))
    };
    let of_figures = about_the_figures(outlook);
    of_figures
        .into_iter()
        .chain(regions.flat_map(of_region))
        .chain(parts_that_exceed(outlook))
        .collect()
}

/// The wholes whose parts come to more than they in some draws.
fn parts_that_exceed(outlook: &Outlook) -> Vec<String> {
    let (draws, year) = (outlook.options().draws, outlook.options().to);
    let mut said: Vec<String> = Vec::new();
    for complement in outlook.complements() {
        let share = complement
            .parts_not_smaller()
            .map(|n| n as f64 / draws as f64);
        if let Some(share) = share.filter(|share| *share >= 0.01) {
            let sentence = format!(
                "{}: its parts add up to as many cases or more in {:.0} % of the draws of {year}: each part fits its whole, not all of \
                 them together.",
                complement.whole(),
                100.0 * share
            );
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
    }
    said
}

/// What constant rates on the population say of the figures, where these are of shipped areas.
fn about_the_figures(outlook: &Outlook) -> Vec<String> {
    let checks = outlook.regions().iter().filter_map(check_of);
    checks.flat_map(|check| check.findings()).collect()
}

fn complement_text(
    complement: &Complement,
    mut years: Vec<i32>,
    alone: bool,
    draws: usize,
) -> String {
    let (whole, part) = (complement.whole(), complement.part());
    let summary = complement.new_cases_summary();
    years.retain(|year| complement.pool_summary().iter().any(|s| s.year == *year));
    let mut table = Table::default();
    let name = format!("{whole} without {part}").to_uppercase();
    table.row(name, years.iter().map(ToString::to_string));
    for (what, summary) in [
        ("registry trend", summary),
        ("linear pool", complement.pool_summary()),
    ] {
        table.heading(format!("new cases, {what}"));
        summary_rows(&mut table, summary, &years);
    }
    let [in_trends, in_pools] = complement.replaced();
    let (part, whole) = if alone {
        (part, whole)
    } else {
        ("a part", "its whole")
    };
    let replaced = format!(
        "Draws in which {part} had no fewer cases than {whole}, replaced by the draw before: {} of {} of the registry \
         trend, {} of the linear pool.",
        count(in_trends as f64),
        count(draws as f64),
        count(in_pools as f64)
    );
    format!("{table}{}", wrapped(&replaced))
}

/// The figures by status, then their sources.
fn figure_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    let series = region.series();
    let cell = |&year: &i32| {
        let observation = series.observations().iter().find(|o| o.year == year);
        observation.map_or_else(String::new, |o| count(o.cases))
    };
    table.row(name_of_figures(region.figures()), years.iter().map(cell));
    if let Some(published) = series.published_projection() {
        let cells = years.iter().map(|year| published_in(*year, published));
        table.row("published projection", cells);
    }
    for (other, ours) in region.beside_other_projections() {
        let (year, cases) = (other.year(), count(other.cases()));
        let ours = match ours {
            Ok(ours) => with_interval(&ours, 1.0),
            Err(why) => format!("no forecast ({why})"),
        };
        table.heading(format!(
            "projected by others: {cases} in {year}; here {ours}"
        ));
        table.heading(format!("  {}", other.source()));
    }
    let sources = region.figures().iter().map(|figure| {
        let source = match figure.source() {
            "" => "no source given",
            source => source,
        };
        let status = match figure.status() {
            Status::Commercial => "commercial, original source not given",
            status => status.as_str(),
        };
        let definition = match figure.icd10() {
            Some(codes) => format!("ICD-10 {codes}"),
            None => "unstated".to_owned(),
        };
        format!("  {source} ({status}; definition {definition})")
    });
    let sources: Vec<String> = sources.collect();
    for source in each_once(sources.iter()) {
        table.heading(source);
    }
}

/// A published projection in the column of its year.
fn published_in(year: i32, published: &PublishedProjection) -> String {
    if year == published.year {
        count(published.cases)
    } else {
        String::new()
    }
}

/// Counts of registries are observed; estimates and commercial figures are published.
fn name_of_figures(figures: &[Figure]) -> &'static str {
    let mut past = figures
        .iter()
        .map(Figure::status)
        .filter(|status| *status != Status::Projection)
        .peekable();
    if past.peek().is_none() {
        "figures"
    } else if past.all(|status| status == Status::Registered) {
        "observed"
    } else {
        "published"
    }
}

fn curve_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    let mut heading = String::new();
    for curve in region.curves() {
        let figures = figures_of(curve);
        if figures != heading {
            table.heading(&figures);
            heading = figures;
        }
        let mark = if curve.in_pool() { "*" } else { "" };
        let regime = curve
            .fit()
            .map_or_else(String::new, |fit| format!(" ({})", fit.identification()));
        let cell = |&year: &i32| curve.cases(year).map_or_else(|_| "-".to_owned(), count);
        table.row(
            format!("  {}{mark}{regime}", curve.family().name()),
            years.iter().map(cell),
        );
    }
}

fn figures_of(curve: &CurveOutlook) -> String {
    match (curve.reference_region(), curve.uses_published_projection()) {
        (Some(reference), _) => {
            format!("curves through the figures, with the damping of {reference}")
        }
        (None, true) => "curves through the figures and the published projection".to_owned(),
        (None, false) => "curves through the figures".to_owned(),
    }
}

fn third_line_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    table.heading("patients diagnosed in the year who will ever reach third line");
    let of_median = |year: &i32| region.third_line_of_median(*year);
    let ends: Vec<Option<(f64, f64)>> = years.iter().map(of_median).collect();
    let share = region.share();
    for (share, of) in [(share.low(), 0), (share.high(), 1)] {
        let label = format!("  {} % of the median", percent(share));
        let cell = |ends: &Option<(f64, f64)>| {
            ends.map_or_else(String::new, |(low, high)| count([low, high][of]))
        };
        table.row(label, ends.iter().map(cell));
    }
    summary_rows(table, region.third_line_summary(), years);
    if let Some(starts) = region.third_line_starts_summary() {
        table.heading("patients who start third line in the year, whenever they were diagnosed");
        summary_rows(table, starts, years);
    }
}

/// What makes up the variance of the last year, in per cent; of the headline under a question.
fn variance_table(variance: &OutlookVariance, question: Question) -> Table {
    let mut columns = vec![
        ("third line", &variance.third_line),
        ("trend", &variance.new_cases),
        ("linear pool", &variance.pool),
    ];
    // A region without a published projection has one pool.
    if let (Some(without), Some(with)) = (&variance.without_published, &variance.with_published) {
        columns.extend([("without proj.", without), ("with proj.", with)]);
    }
    let differences = match question {
        Question::ThisSource => "between rounds (pools: sources)",
        Question::TrueIncidence => "differences between sources",
    };
    let parts: [(&str, Of<VarianceShares>); 6] = [
        ("errors of the figures", |s| s.measurement),
        (differences, |s| s.between_source),
        ("error of the published projection", |s| {
            s.published_projection
        }),
        ("choice of the curve", |s| s.curve),
        ("model discrepancy", |s| s.model_discrepancy),
        ("share reaching third line", |s| s.third_line_share),
    ];
    let mut table = Table::default();
    table.row(
        format!("variance of ln cases in {}", variance.new_cases.year),
        columns.iter().map(|(name, _)| (*name).to_owned()),
    );
    for (name, part) in parts {
        let cells = columns
            .iter()
            .map(|(_, s)| format!("{:.0}", 100.0 * part(s)));
        table.row(format!("  {name}, %"), cells);
    }
    let deviations = columns.iter().map(|(_, s)| match s.standard_deviation {
        sd if sd < 1e4 => format!("{sd:.3}"),
        sd => format!("{sd:.1e}"),
    });
    table.row("  standard deviation of ln cases", deviations);
    table
}

fn summary_rows(table: &mut Table, summary: &[YearSummary], years: &[i32]) {
    type OfYear = fn(&YearSummary) -> Option<f64>;
    let rows: [(&str, OfYear); 3] = [
        ("  median", |s| Some(s.median)),
        ("  95 % from", |s| s.interval95().map(|ends| ends[0])),
        ("  95 % to", |s| s.interval95().map(|ends| ends[1])),
    ];
    for (label, of) in rows {
        // Draws that begin with the last observation leave the columns before it empty.
        let cell = |year: &i32| {
            let year = summary.iter().find(|s| s.year == *year);
            year.and_then(of).map_or_else(String::new, count)
        };
        table.row(label, years.iter().map(cell));
    }
}

fn years_shown(region: &RegionOutlook) -> Vec<i32> {
    let series = region.series();
    let to = region.pool_summary().last().map_or(0, |year| year.year);
    let (first, last) = (series.first_year(), series.last_year());
    let mut years: Vec<i32> = if series.observations().len() <= 3 {
        series.observations().iter().map(|o| o.year).collect()
    } else {
        vec![first, last]
    };
    years.extend([last + 1, to].into_iter().filter(|&year| year <= to));
    years.extend((last + 1..to).filter(|year| year % step(to - last, 5) == 0));
    years.sort_unstable();
    years.dedup();
    years
}

/// Every fifth year, or fewer where the horizon is long: at most about so many columns.
fn step(horizon: i32, most: i32) -> i32 {
    [5, 10, 20, 50]
        .into_iter()
        .find(|step| horizon / step <= most)
        .unwrap_or(100)
}
