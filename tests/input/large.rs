//! Files with a hundred thousand rows and more, and texts that are too long.

use std::fmt::Write;
use std::time::{Duration, Instant};

use myeloma_epi::IncidenceSeries;
use myeloma_epi::backtest::Panel;
use myeloma_epi::figures::{Figure, Figures, Status};

const ROWS: usize = 200_000;

/// A quadratic search takes minutes for these, a linear one a second or two.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn figures_of_many_regions_are_read_in_seconds() {
    let mut text = "region,year,cases,status,source\n".to_owned();
    for i in 0..ROWS {
        let _ = writeln!(text, "region {i},2020,{},registered,registry {i}", i + 1);
    }
    let start = Instant::now();
    let figures = Figures::from_csv("many", &text).unwrap();
    assert_eq!(figures.iter().count(), ROWS);
    let regions = figures.regions();
    assert_eq!((regions.len(), regions[ROWS - 1]), (ROWS, "region 199999"));
    let json = serde_json::to_string(&figures).unwrap();
    assert_eq!(Figures::from_json("many", &json).unwrap(), figures);
    // The names that there are do not all stand in the message.
    let error = IncidenceSeries::from_figures(&figures, "Atlantis").unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("region 0, region 1") && said.contains("199970 more"),
        "{said}"
    );
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

#[test]
fn many_rows_of_one_region_are_refused_in_seconds() {
    let rows = |same: bool| {
        let mut text = "region,year,cases,status\n".to_owned();
        for i in 0..ROWS {
            let year = if same { 2020 } else { i };
            let _ = writeln!(text, "A,{year},5,registered");
        }
        text
    };
    let start = Instant::now();
    for (same, says) in [(true, "two figures for A in 2020"), (false, "1000 years")] {
        let figures = Figures::from_csv("one", &rows(same)).unwrap();
        let error = IncidenceSeries::from_figures(&figures, "A").unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let mut panel = "series_id,group,site,year,cases\n".to_owned();
    for i in 0..ROWS {
        let _ = writeln!(panel, "s{i},g,x,2020,9");
    }
    assert_eq!(Panel::parse(&panel, "many").unwrap().series().len(), ROWS);
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

#[test]
fn a_header_of_many_columns_is_refused_in_seconds() {
    let mut columns = String::new();
    for i in 0..ROWS {
        let _ = write!(columns, ",c{i}");
    }
    let start = Instant::now();
    let text = format!("region,year,cases,status{columns}\n");
    assert!(Figures::from_csv("wide", &text).is_err());
    let text = format!("series_id,group,site,year,cases{columns},c0\n");
    let error = Panel::parse(&text, "wide").unwrap_err();
    assert!(
        error.to_string().contains("\"c0\" stands there twice"),
        "{error}"
    );
    let error = Panel::parse(&columns, "wide").unwrap_err();
    assert!(error.to_string().len() < 1_000, "{error}");
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

/// A file whose quotation mark is never closed is one field to its end.
#[test]
fn a_text_that_nobody_wrote_is_refused() {
    let long = "x".repeat(20_000_000);
    let start = Instant::now();
    for (field, says) in [
        (format!("A,2020,5,registered,\"{long}"), "column source has"),
        (format!("{long},2020,5,registered,s"), "column region has"),
        (
            format!("{},2020,5,registered,s", "x".repeat(1_001)),
            "a region's name",
        ),
    ] {
        let text = format!("region,year,cases,status,source\n{field}\n");
        let error = Figures::from_csv("long", &text).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("at most"), "{error}");
        assert!(error.len() < 500, "{} bytes", error.len());
    }
    let json = format!(
        r#"[{{"region":"A","year":2020,"cases":5,"status":"registered","source":"{long}"}}]"#
    );
    let error = Figures::from_json("long", &json).unwrap_err().to_string();
    assert!(
        error.contains("the length of \"source\"") && error.len() < 500,
        "{error}"
    );
    assert!(Figure::new("x".repeat(1_001), 2020, 5.0, Status::Registered).is_err());
    assert!(IncidenceSeries::from_counts("x".repeat(65_536), [(2020, 5.0)]).is_err());
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

/// A region whose name a spreadsheet would run, or a reader take for a comment, comes back as it was.
#[test]
fn names_that_look_like_formulas_come_back_from_a_table() {
    use myeloma_epi::{Outlook, OutlookOptions};
    let names = [
        "=1+1", "@SUM(A1)", "+x", "-y", "'=z", "#comment", "a,\"b\"", "plain",
    ];
    let series: Vec<IncidenceSeries> = names
        .iter()
        .map(|name| IncidenceSeries::from_counts(*name, [(2019, 300.0), (2024, 320.0)]).unwrap())
        .collect();
    let options = OutlookOptions {
        draws: 20,
        to: 2026,
        assumed_error: 0.03,
        ..OutlookOptions::default()
    };
    let table = Outlook::of_series(&series, &options).unwrap().to_csv();
    let mut raw = csv::Reader::from_reader(table.as_bytes());
    let mut figures = "region,year,cases,status\n".to_owned();
    for row in raw.records() {
        let row = row.unwrap();
        assert!(!row[0].starts_with(['=', '@', '+', '-']), "{row:?}");
        if &row[1] == "observed" {
            let name = row[0].replace('"', "\"\"");
            let _ = writeln!(figures, "\"{name}\",{},{},registered", &row[4], &row[5]);
        }
    }
    let figures = Figures::from_csv("again", &figures).unwrap();
    assert_eq!(figures.regions(), names);
}
