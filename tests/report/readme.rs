//! The numbers of README.md are those of the library, as rounded there.

use myeloma_epi::projection::VarianceShares;
use myeloma_epi::{Outlook, OutlookOptions, RegionOutlook, YearlyDraws, figures};

const README: &str = include_str!("../../README.md");

/// The cells of the rows of the table whose header contains some text; the header first.
fn table(header: &str) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| -> Vec<&'static str> {
        let inner = line.trim().trim_matches('|');
        inner.split('|').map(str::trim).collect()
    };
    let mut lines = README
        .lines()
        .skip_while(|line| !(line.starts_with('|') && line.contains(header)));
    let header = lines.next().expect("README.md has lost a table");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    std::iter::once(header).chain(rows).map(cells).collect()
}

fn number(cell: &str) -> f64 {
    let plain = cell.trim_matches('*').replace(',', "");
    plain
        .parse()
        .unwrap_or_else(|_| panic!("\"{cell}\" is no number"))
}

/// README gives medians and limits to the hundred.
fn is_rounded(cell: &str, value: f64) {
    let rounded = 100.0 * (value / 100.0).round();
    assert!(
        (number(cell) - rounded).abs() < 0.5,
        "README.md has {cell}, the outlook {value}"
    );
}

/// Curves and figures stand there to the last patient.
fn is_exact(cell: &str, value: f64) {
    assert!(
        (number(cell) - value.round()).abs() < 0.5,
        "README.md has {cell}, the outlook {value}"
    );
}

/// The first curve of the region's pool whose family is named at the start of a label.
fn curve(region: &RegionOutlook, label: &str, year: i32) -> Option<f64> {
    let label = label.to_lowercase();
    let mut curves = region.curves().iter().filter(|curve| curve.in_pool());
    let curve = curves.find(|curve| label.starts_with(curve.family().name()))?;
    Some(curve.cases(year).unwrap())
}

fn published(region: &RegionOutlook, year: i32) -> f64 {
    let figure = region.figures().iter().find(|figure| figure.year() == year);
    figure
        .unwrap_or_else(|| panic!("no figure for {year}"))
        .cases()
}

#[test]
fn new_cases_and_third_line() {
    let outlook = Outlook::of(figures::press_release(), &OutlookOptions::myeloma()).unwrap();
    let table = table("new cases a year");
    let years: Vec<i32> = table[0][1..]
        .iter()
        .map(|year| year.parse().unwrap())
        .collect();
    let mut region = None;
    let mut draws: Option<&YearlyDraws> = None;
    let mut checked = 0;
    for row in &table[1..] {
        let (label, cells) = (row[0], &row[1..]);
        if let Some(name) = label
            .strip_prefix("**")
            .and_then(|label| label.split("**").next())
        {
            region = Some(outlook.region(name).unwrap());
        }
        let region = region.expect("a row before the first region");
        if label.contains("median") {
            draws = Some(match label {
                _ if label.contains("third line") => region.third_line(),
                _ if label.contains("registr") => region.new_cases(),
                _ => region.pool().new_cases(),
            });
        }
        for (&year, cell) in years.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            if label.contains("median") {
                is_rounded(cell, draws.unwrap().median(year).unwrap());
            } else if label.contains("95 % interval") {
                let (lower, upper) = draws.unwrap().interval(year, 0.95).unwrap();
                let (low, high) = cell.split_once('–').expect("an interval");
                is_rounded(low, lower);
                is_rounded(high, upper);
            } else if let Some(cases) = curve(region, label, year) {
                is_exact(cell, cases);
            } else {
                is_exact(cell, published(region, year));
            }
            checked += 1;
        }
    }
    // Two regions: five figures, four curves in five years, three forecasts in three years, in two rows each.
    assert_eq!(checked, 5 + 2 * (4 * 5 + 3 * 3 * 2));
}

#[test]
fn shares_of_the_variance() {
    let outlook = Outlook::of(figures::press_release(), &OutlookOptions::myeloma()).unwrap();
    let variance = outlook.region("World").unwrap().variance().unwrap();
    let columns = [
        variance.third_line,
        variance.new_cases,
        variance.pool,
        variance.without_published.unwrap(),
        variance.with_published.unwrap(),
    ];
    let parts: [fn(&VarianceShares) -> f64; 6] = [
        |s| s.measurement,
        |s| s.between_source,
        |s| s.published_projection,
        |s| s.curve,
        |s| s.model_discrepancy,
        |s| s.third_line_share,
    ];
    let table = table("| third line | new cases |");
    assert_eq!(table.len(), 1 + parts.len() + 1);
    for (row, part) in table[1..].iter().zip(parts) {
        assert_eq!(row.len(), 1 + columns.len());
        for (cell, shares) in row[1..].iter().zip(&columns) {
            is_exact(cell, 100.0 * part(shares));
        }
    }
    for (cell, shares) in table[7][1..].iter().zip(&columns) {
        assert_eq!(*cell, format!("{:.3}", shares.standard_deviation));
    }
}
