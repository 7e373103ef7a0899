//! An outlook as readable text.

use std::fmt::Write;

use super::table::{Table, count, percent};
use crate::figures::Status;
use crate::outlook::{CurveOutlook, Outlook, RegionOutlook};
use crate::projection::Projection;

/// An outlook as text for a terminal of 100 columns: a table a region, and what was assumed.
///
/// The years shown are the figures' own (or, of many, the first and the last), the one after, and
/// every fifth year up to the last.
#[must_use]
pub fn text(outlook: &Outlook) -> String {
    let mut out = String::from("New cases of multiple myeloma a year, both sexes, all ages\n");
    for region in outlook.regions() {
        let _ = write!(out, "\n{}", region_text(region, outlook));
    }
    out.push('\n');
    out.push_str(&assumptions(outlook));
    out.push('\n');
    out
}

/// What is assumed, in one line.
fn assumptions(outlook: &Outlook) -> String {
    let options = outlook.options();
    let error = if outlook.regions().iter().any(RegionOutlook::assumed_errors) {
        format!(
            "an error of {} % where a figure states none; ",
            percent(options.assumed_error)
        )
    } else {
        String::new()
    };
    format!(
        "Assumed: {error}each curve * as likely as the others; {}-{} % of those diagnosed ever reach third line ({}). \
         {} draws, seed {}.",
        percent(options.share.low()),
        percent(options.share.high()),
        options.share.distribution().name(),
        count(options.draws as f64),
        options.seed.number()
    )
}

fn region_text(region: &RegionOutlook, outlook: &Outlook) -> String {
    let years = years_shown(region, outlook.options().to);
    let mut table = Table::default();
    table.row(
        region.series().region().to_uppercase(),
        years.iter().map(ToString::to_string),
    );
    figure_rows(&mut table, region, &years);
    curve_rows(&mut table, region, &years);
    mixture_rows(
        &mut table,
        "new cases, mixture of the curves marked *",
        region.incidence(),
        &years,
    );
    if let (Some(without), Some(with)) = (region.without_published(), region.with_published()) {
        mixture_rows(
            &mut table,
            "new cases, without the published projection",
            without,
            &years,
        );
        mixture_rows(
            &mut table,
            "new cases, with the published projection",
            with,
            &years,
        );
    }

    table.heading("new cases, calibrated on registry series (the observations alone)");
    summary_rows(&mut table, region.calibrated(), &years);

    let third = region.third_line();
    table.heading("patients diagnosed in the year who will ever reach third line");
    let products: Vec<(f64, f64)> = years
        .iter()
        .filter_map(|&year| third.product_range(year).ok())
        .collect();
    let (low, high) = (third.share().low(), third.share().high());
    table.row(
        format!("  {} % of the median", percent(low)),
        products.iter().map(|p| count(p.0)),
    );
    table.row(
        format!("  {} % of the median", percent(high)),
        products.iter().map(|p| count(p.1)),
    );
    summary_rows(&mut table, third.patients(), &years);

    let mut out = table.to_string();
    for line in remarks(region) {
        out.push_str(&wrapped(&line));
    }
    out
}

fn curve_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    for published in [false, true] {
        let curves: Vec<&CurveOutlook> = region
            .curves()
            .iter()
            .filter(|curve| curve.fit().curve().uses_published_projection() == published)
            .collect();
        if curves.is_empty() {
            continue;
        }
        table.heading(if published {
            "curves through the observations and the published projection"
        } else {
            "curves through the observations"
        });
        for curve in curves {
            let mark = if curve.in_mixture() { "*" } else { "" };
            let label = format!(
                "  {}{mark} ({})",
                curve.family().name(),
                curve.fit().identification()
            );
            let fitted = curve.fit().curve();
            table.row(
                label,
                years.iter().map(|&year| {
                    fitted
                        .cases(f64::from(year))
                        .map_or_else(|_| "-".to_owned(), count)
                }),
            );
        }
    }
}

/// What the calibrated projection makes of the growth between the figures.
fn shrinkage(region: &RegionOutlook) -> Option<String> {
    let observations = region.series().observations();
    let (first, last) = (observations.first()?, observations.last()?);
    let draws = region.calibrated();
    let (from, to) = (draws.first_year(), draws.last_year());
    if last.year == first.year || to == from {
        return None;
    }
    let yearly = |low: f64, high: f64, years: i32| 100.0 * (high / low).ln() / f64::from(years);
    let seen = yearly(first.cases, last.cases, last.year - first.year);
    let ahead = yearly(draws.median(from).ok()?, draws.median(to).ok()?, to - from);
    Some(format!(
        "Calibrated: growth of {seen:.1} % a year from {} to {} becomes {ahead:.1} % a year to {to}, \
         because growth over a few years reverts to what registries see in the long run.",
        first.year, last.year
    ))
}

/// What a reader of the table has to know of the curves.
fn remarks(region: &RegionOutlook) -> Vec<String> {
    let with = |published: bool| {
        if published {
            ", with the published projection"
        } else {
            ""
        }
    };
    let mut remarks: Vec<String> = region
        .left_out()
        .iter()
        .map(|l| {
            format!(
                "Not carried{}: {}.",
                with(l.uses_published_projection),
                l.reason
            )
        })
        .collect();
    remarks.extend(shrinkage(region));
    for curve in region.curves() {
        let of = curve.projection();
        if of.at_limit() > 0 {
            remarks.push(format!(
                "Draws at the limit of the {} curve{}: {} of {}.",
                curve.family(),
                with(of.uses_published_projection()),
                count(of.at_limit() as f64),
                count(of.cases().len() as f64)
            ));
        }
    }
    remarks
}

/// A paragraph in lines of at most 100 columns, all but the first indented.
pub(super) fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > 100 {
            out.push_str("\n  ");
            column = 2;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
    out
}

/// The figures by status, then their sources.
fn figure_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    let series = region.series();
    let observed = |year: i32| {
        series
            .observations()
            .iter()
            .find(|o| o.year == year)
            .map_or_else(String::new, |o| count(o.cases))
    };
    table.row("observed", years.iter().map(|&year| observed(year)));
    if let Some(published) = series.published_projection() {
        let at = |year: i32| {
            if year == published.year {
                count(published.cases)
            } else {
                String::new()
            }
        };
        table.row("published projection", years.iter().map(|&year| at(year)));
    }
    let mut sources: Vec<String> = Vec::new();
    for figure in region.figures() {
        let source = if figure.source().is_empty() {
            "no source given"
        } else {
            figure.source()
        };
        let status = match figure.status() {
            Status::Commercial => "commercial, original source not given",
            status => status.as_str(),
        };
        let line = format!("  {source} ({status}; definition {})", figure.definition());
        if !sources.contains(&line) {
            sources.push(line);
        }
    }
    for source in sources {
        table.heading(source);
    }
}

fn mixture_rows(table: &mut Table, heading: &str, projection: &Projection, years: &[i32]) {
    table.heading(heading);
    summary_rows(table, projection.cases(), years);
}

fn summary_rows(table: &mut Table, draws: &crate::YearlyDraws, years: &[i32]) {
    let summary = draws.summary();
    let shown = || summary.iter().filter(|s| years.contains(&s.year));
    // Draws that begin with the last observation leave the columns before it empty.
    let blank = || {
        let missing = years.iter().filter(|&&year| year < draws.first_year());
        missing.map(|_| String::new())
    };
    table.row("  median", blank().chain(shown().map(|s| count(s.median))));
    table.row(
        "  95 % from",
        blank().chain(shown().map(|s| count(s.lower95))),
    );
    table.row(
        "  95 % to",
        blank().chain(shown().map(|s| count(s.upper95))),
    );
}

fn years_shown(region: &RegionOutlook, to: i32) -> Vec<i32> {
    let series = region.series();
    let (first, last) = (series.first_year(), series.last_year());
    let mut years: Vec<i32> = if series.observations().len() <= 3 {
        series.observations().iter().map(|o| o.year).collect()
    } else {
        vec![first, last]
    };
    years.extend([last + 1, to].into_iter().filter(|&year| year <= to));
    years.extend((last + 1..to).filter(|year| year % step(to - last) == 0));
    years.sort_unstable();
    years.dedup();
    years
}

/// Every fifth year, or fewer where the horizon is long: at most about five columns.
fn step(horizon: i32) -> i32 {
    [5, 10, 20, 50]
        .into_iter()
        .find(|step| horizon / step <= 5)
        .unwrap_or(100)
}
