//! An outlook as readable text.

use std::fmt::Write;

use super::table::{Table, count, percent, wrapped};
use crate::figures::Status;
use crate::outlook::{CurveOutlook, Outlook, OutlookVariance, RegionOutlook};
use crate::projection::{DampingPrior, Projection, VarianceShares};

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
    for rest in outlook.rests() {
        let years = years_of(&rest.incidence, outlook);
        let mut table = Table::default();
        let name = format!("{} WITHOUT {}", rest.whole, rest.part).to_uppercase();
        table.row(name, years.iter().map(ToString::to_string));
        summary_rows(&mut table, &rest.incidence, &years);
        let _ = write!(out, "\n{table}");
        let replaced = format!(
            "Draws in which {} had no fewer cases than {}, replaced by the draw before: {} of {}.",
            if outlook.rests().len() > 1 {
                "a part"
            } else {
                &rest.part
            },
            if outlook.rests().len() > 1 {
                "its whole"
            } else {
                &rest.whole
            },
            count(rest.replaced as f64),
            count(rest.incidence.len() as f64)
        );
        out.push_str(&wrapped(&replaced));
    }
    out.push('\n');
    out.push_str(&assumptions(outlook));
    out.push('\n');
    out
}

/// What is assumed.
fn assumptions(outlook: &Outlook) -> String {
    let options = outlook.options();
    let regions = outlook.regions();
    let mut all: Vec<String> = Vec::new();
    if regions.iter().any(RegionOutlook::assumed_errors) {
        let mut error = format!(
            "an error of {} % where an observation states none",
            percent(options.assumed_error)
        );
        if regions.iter().any(|r| r.with_published().is_some()) {
            let _ = write!(
                error,
                " and of {} % where a published projection states none",
                percent(options.assumed_projection_error)
            );
        }
        all.push(error);
    }
    if options.errors.shared != 0.0 {
        all.push(format!(
            "a correlation of {} between the errors of observations of one source",
            options.errors.shared
        ));
    }
    if options.errors.projection_correlation != 0.0 {
        all.push(format!(
            "a correlation of {} between the error of a published projection and those of observations \
             of its source",
            options.errors.projection_correlation
        ));
    }
    if regions.iter().filter(|r| r.source_level() > 0.0).count() > 1 {
        all.push("a source errs in the same direction in all its regions".to_owned());
    }
    all.push(if options.weights.is_empty() {
        "each curve * as likely as the others".to_owned()
    } else {
        let named = options.weights.iter();
        let named: Vec<String> = named
            .map(|(f, w)| format!("{f} {}", percent(w / 100.0)))
            .collect();
        format!("curves * weighted ({}, all others 1)", named.join(", "))
    });
    if regions.iter().any(|r| !r.borrowed().is_empty()) {
        all.push(match options.pooling {
            DampingPrior::Partial { spread } => format!(
                "a borrowed damping is that of the whole times a factor between {:.2} and {:.2} in two of \
                 three draws",
                (-spread).exp(),
                spread.exp()
            ),
            DampingPrior::Full | DampingPrior::None => "a borrowed damping is that of the whole".to_owned(),
        });
    }
    if !options.horizon_error {
        all.push("no horizon error in the mixtures".to_owned());
    }
    all.push(format!(
        "{}-{} % of those diagnosed ever reach third line ({})",
        percent(options.share.low()),
        percent(options.share.high()),
        options.share.distribution().name()
    ));
    let text = format!(
        "Assumed: {}. {} draws, seed {}.",
        all.join("; "),
        count(options.draws as f64),
        options.seed.number()
    );
    wrapped(&text).trim_end().to_owned()
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
    borrowed_rows(&mut table, region, &years);
    mixture_rows(
        &mut table,
        "new cases, mixture of the curves marked *, with all errors",
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
    if let Ok(variance) = region.variance() {
        out.push_str(&variance_table(variance));
    }
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

fn borrowed_rows(table: &mut Table, region: &RegionOutlook, years: &[i32]) {
    let Some(first) = region.borrowed().first() else {
        return;
    };
    table.heading(format!(
        "curves through the observations with the damping of {}",
        first.lender()
    ));
    for curve in region.borrowed() {
        let cases = |&year: &i32| curve.cases(year).map_or_else(|_| "-".to_owned(), count);
        table.row(
            format!("  {}* (borrowed)", curve.family().name()),
            years.iter().map(cases),
        );
    }
}

/// One part of a variance.
type Part = fn(&VarianceShares) -> f64;

/// Where the uncertainty of the last year comes from, in per cent.
fn variance_table(variance: &OutlookVariance) -> String {
    let columns = [
        ("third line", Some(&variance.third_line)),
        ("mixture", Some(&variance.incidence)),
        ("w/o proj.", variance.without_published.as_ref()),
        ("with proj.", variance.with_published.as_ref()),
        ("calibrated", Some(&variance.calibrated)),
    ];
    // A region without a published projection has one mixture.
    let both = variance.with_published.is_some();
    let columns: Vec<(&str, &VarianceShares)> = columns
        .into_iter()
        .filter(|(name, _)| both || *name != "w/o proj.")
        .filter_map(|(name, shares)| Some((name, shares?)))
        .collect();
    let mut table = Table::default();
    table.row(
        format!("uncertainty of {}", variance.incidence.year),
        columns.iter().map(|(name, _)| (*name).to_owned()),
    );
    let parts: [(&str, Part); 6] = [
        ("errors of the figures", |s| s.measurement),
        ("level of the source", |s| s.source),
        ("error of the published projection", |s| {
            s.published_projection
        }),
        ("choice of the curve", |s| s.curve),
        ("truth leaves any curve", |s| s.horizon),
        ("share reaching third line", |s| s.share),
    ];
    for (name, part) in parts {
        table.row(
            format!("  {name}, %"),
            columns
                .iter()
                .map(|(_, s)| format!("{:.0}", 100.0 * part(s))),
        );
    }
    table.row(
        "  standard deviation of the logarithm",
        columns.iter().map(|(_, s)| {
            if s.deviation < 1e4 {
                format!("{:.3}", s.deviation)
            } else {
                format!("{:.1e}", s.deviation)
            }
        }),
    );
    table.to_string()
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
    let yearly =
        |low: f64, high: f64, years: i32| 100.0 * ((high / low).ln() / f64::from(years)).exp_m1();
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
    if let Some(implied) = region.implied_growth() {
        remarks.push(format!(
            "The published projection implies that growth goes from {:.1} % a year ({} to {}) to {:.1} % \
             ({} to {}).",
            implied.before, implied.from, implied.change, implied.after, implied.change, implied.to
        ));
    }
    remarks.extend(published_among_draws(region));
    remarks.push(match region.disagreement() {
        Ok(found) => format!(
            "Level of the source: {} sources of {} lie apart by {} % (standard deviation), which is in \
             all draws.",
            found.sources(),
            found.region(),
            percent((1000.0 * found.deviation()).round() / 1000.0)
        ),
        Err(_) if region.source_level() > 0.0 => format!(
            "Level of the source: {} % (standard deviation), as stated.",
            percent(region.source_level())
        ),
        Err(why) => format!("Level of the source: taken as right ({why})."),
    });
    match region.variance() {
        Ok(variance) if variance.curves.len() > 1 => remarks.push(shares_of_curves(variance)),
        Ok(_) => {}
        Err(why) => remarks.push(format!("The uncertainty is not taken apart: {why}.")),
    }
    let own = region.curves().iter().map(|curve| {
        let of = curve.projection();
        (curve.family(), with(of.uses_published_projection()), of)
    });
    let borrowed = region.borrowed().iter();
    let borrowed = borrowed.map(|curve| (curve.family(), ", borrowed", curve.projection()));
    for (family, how, of) in own.chain(borrowed).filter(|(.., of)| of.at_limit() > 0) {
        remarks.push(format!(
            "Draws at the limit of the {family} curve{how}: {} of {}.",
            count(of.at_limit() as f64),
            count(of.cases().len() as f64)
        ));
    }
    remarks
}

/// What each curve contributes to the variance that is not the horizon's.
fn shares_of_curves(variance: &OutlookVariance) -> String {
    let curves = variance.curves.iter();
    let curves: Vec<String> = curves
        .map(|c| format!("{} {:.0} %", c.curve, 100.0 * c.variance))
        .collect();
    format!(
        "Of the mixture's variance in {} without what leaves any curve: {}.",
        variance.incidence.year,
        curves.join(", ")
    )
}

/// Where the published projection stands among the draws that do not know of it.
fn published_among_draws(region: &RegionOutlook) -> Option<String> {
    let published = region.series().published_projection()?;
    let below = |draws: &crate::YearlyDraws| {
        let year = draws.year(published.year).ok()?;
        let below = year
            .iter()
            .filter(|&&cases| cases < published.cases)
            .count();
        Some(format!("{:.0} %", 100.0 * below as f64 / year.len() as f64))
    };
    let calibrated = below(region.calibrated())?;
    let mixture = region.without_published().and_then(|p| below(p.cases()));
    Some(format!(
        "The published projection for {} lies above {}{calibrated} of the calibrated draws.",
        published.year,
        mixture.map_or_else(String::new, |share| format!(
            "{share} of the mixture without it and "
        ))
    ))
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

/// The years shown of a rest: those of the first region that has them.
fn years_of(draws: &crate::YearlyDraws, outlook: &Outlook) -> Vec<i32> {
    let shown = outlook.regions().first();
    let mut years = shown.map_or_else(Vec::new, |r| years_shown(r, outlook.options().to));
    years.retain(|year| draws.years().contains(year));
    years
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
