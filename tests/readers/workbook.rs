//! Workbooks of Excel (feature `xlsx`): one that openpyxl wrote (`tests/data/workbook.py`) is read, and one of an outlook is
//! read by calamine, which shares no code with the writer.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use crate::says;
use myeloma_epi::figures::Figures;
use myeloma_epi::readers::{Export, Format, ReadOptions, from_bytes};
use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};

const WORKBOOK: &[u8] = include_bytes!("../data/workbook.xlsx");

fn sheet(name: &str) -> Result<Export, String> {
    let options = ReadOptions {
        sheet: Some(name.to_owned()),
        ..ReadOptions::default()
    };
    options
        .from_bytes("dir/book.xlsx", WORKBOOK)
        .map_err(|error| error.to_string())
}

/// The first visible sheet with a table that is known: below a banner, with an empty row, a number as text, and a formula
/// whose value was saved. The hidden sheet with another number is not taken, and named.
#[test]
fn the_first_table_that_is_known_is_read() {
    let export = from_bytes("dir/book.xlsx", WORKBOOK).unwrap();
    assert_eq!(export.format, Format::Own);
    let rows: Vec<_> = (export.rows.iter())
        .map(|row| (row.year, row.value, row.relative_error, row.line))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(2019), 1_200.0, Some(0.03), 5),
            (Some(2024), 1_400.0, Some(0.05), 7)
        ]
    );
    assert!(says(&export, "read from the sheet \"Cases 1.2\""));
    assert!(says(&export, "\"About\", \"Old\" (hidden), \"Commas\""));
    assert_eq!(sheet("old").unwrap().rows[0].value.to_string(), "999");
}

#[test]
fn lines_in_single_cells_are_a_table() {
    let export = sheet("Lines").unwrap();
    assert_eq!(export.format, Format::Globocan);
    assert_eq!(export.sites(), ["Lip, oral cavity", "Multiple myeloma"]);
}

/// A sheet does not say which mark its texts have: other texts do, and its numbers have none.
#[test]
fn texts_of_a_sheet_have_the_mark_of_other_texts() {
    let export = sheet("Commas").unwrap();
    let values: Vec<f64> = export.rows.iter().map(|row| row.value).collect();
    assert_eq!(values, [1_412.5, 1_512.0, 1.125, 1_412.125]);
    assert!(says(&export, "\"1.512\" (column cases, line 3)"));
}

#[test]
fn what_is_no_table_is_refused_with_its_sheet_and_row() {
    for (name, said) in [
        (
            "Dates",
            "book.xlsx, sheet Dates, line 2: column year: \"2019-01-01\"",
        ),
        (
            "Errors",
            "book.xlsx, sheet Errors, line 2: column cases: \"#N/A\"",
        ),
        (
            "Points",
            "book.xlsx, sheet Points, line 4: column cases: \"1.561\", a cell of text, may have a decimal mark or a thousands \
             separator, and no other cell of text decides it",
        ),
        (
            "Formulas",
            "book.xlsx, sheet Formulas, line 3: column region: \"=A2\" is a formula without a saved value: open the workbook",
        ),
        (
            "Merged",
            "book.xlsx, sheet Merged, line 3: column region: \"\" names no region: of merged cells",
        ),
        ("About", "not the header of a table that is known"),
        ("Sheet9", "there are About, Old, Cases 1.2"),
    ] {
        let error = sheet(name).unwrap_err();
        assert!(error.contains(said), "{name}: {error}");
    }
    let cut = from_bytes("book.xlsx", &WORKBOOK[..2_000])
        .unwrap_err()
        .to_string();
    assert!(cut.contains("cannot be read"), "{cut}");
    let options = ReadOptions {
        sheet: Some("A".to_owned()),
        ..ReadOptions::default()
    };
    let error = options
        .from_bytes("a.csv", b"year,cases\n2019,3\n")
        .unwrap_err()
        .to_string();
    assert!(error.contains("no workbook"), "{error}");
}

/// The workbook of an outlook, and its sheet of figures read again.
fn sheet_of_figures(figures: &Figures) -> (Vec<u8>, Export) {
    let options = OutlookOptions {
        draws: 50,
        to: 2030,
        ..OutlookOptions::default()
    };
    let workbook = Outlook::of(figures, &options).unwrap().to_xlsx().unwrap();
    let sheet = ReadOptions {
        sheet: Some("Figures".to_owned()),
        ..ReadOptions::default()
    };
    let read = sheet.from_bytes("outlook.xlsx", &workbook).unwrap();
    (workbook, read)
}

/// The sheet of figures is read as the figures were: with their errors, intervals, marks and families.
#[test]
fn the_figures_of_a_workbook_are_those_of_the_outlook() {
    let text = "region,year,cases,status,relative_error,source,family,icd10,lower95,upper95,mark\n\
        A,2010,100,estimate,0.2,a,IARC,C90,60,150,\nA,2015,110,estimate,0.1,a,IARC,C90,,,\n\
        A,2020,60,estimate,0.1,a,IARC,C90,,,shock\nA,2022,125,registered,,b,,,,,\n";
    let figures = Figures::from_csv("rich.csv", text).unwrap();
    let (_, read) = sheet_of_figures(&figures);
    assert_eq!(read.figures().unwrap(), figures);
}

/// Names of digits are names: `007`, and `1e3` beside `1000`.
#[test]
fn a_name_of_digits_is_no_number() {
    let text = "region,year,cases,status,source\n007,2014,100,registered,12\n007,2019,110,registered,12\n\
        1e3,2014,200,registered,12\n1e3,2019,210,registered,12\n1000,2014,300,registered,12\n1000,2019,310,registered,12\n";
    let figures = Figures::from_csv("digits.csv", text).unwrap();
    let (workbook, read) = sheet_of_figures(&figures);
    // As the table itself is read.
    let table = from_bytes("digits.csv", text.as_bytes()).unwrap();
    assert_eq!(read.regions(), table.regions());
    assert_eq!(read.figures().unwrap(), table.figures().unwrap());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(workbook)).unwrap();
    let chart = workbook.worksheet_range("Chart data").unwrap();
    assert_eq!(
        chart.rows().nth(1).unwrap()[0],
        Data::String("007".to_owned())
    );
}

/// A name that looks like a formula is a text.
#[test]
fn a_workbook_holds_the_numbers_of_the_outlook() {
    let series = IncidenceSeries::from_counts("=1+1", [(2019, 1_200.0), (2024, 1_400.0)]);
    let options = OutlookOptions {
        draws: 100,
        to: 2030,
        delay: OutlookOptions::myeloma().delay,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[series.unwrap()], &options).unwrap();
    let workbook = outlook.to_xlsx().unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(workbook)).unwrap();
    let names = ["Forecast", "Figures", "Chart data", "Columns", "About"];
    assert_eq!(workbook.sheet_names(), names);
    let forecast = workbook.worksheet_range("Forecast").unwrap();
    let text = |text: &str| Data::String(text.to_owned());
    let summary = outlook.regions()[0].new_cases_summary();
    let last = summary.last().unwrap();
    let rows: Vec<_> = forecast.rows().collect();
    let at_end = |row: usize| rows[row].last().unwrap().clone();
    assert_eq!(at_end(0), Data::Float(2030.0));
    assert_eq!(
        rows[4][..3],
        [text("=1+1"), text("new cases"), text("95 % from")]
    );
    assert_eq!(at_end(1), Data::Float(last.median));
    assert_eq!(at_end(2), Data::Float(last.lower50));
    assert_eq!(at_end(3), Data::Float(last.upper50));
    assert_eq!(at_end(5), Data::Float(last.upper95));
    assert_eq!(at_end(4), Data::Float(last.lower95));
    let region = &outlook.regions()[0];
    for (quantity, summary) in [
        (
            "ever third line, by year of diagnosis",
            region.third_line_summary(),
        ),
        (
            "start third line",
            region.third_line_starts_summary().unwrap(),
        ),
    ] {
        let row = rows.iter().find(|row| row[1] == text(quantity)).unwrap();
        assert_eq!(
            row.last().unwrap(),
            &Data::Float(summary.last().unwrap().median),
            "{quantity}"
        );
    }
    let chart = workbook.worksheet_range("Chart data").unwrap();
    let rows: Vec<_> = chart.rows().collect();
    assert_eq!(rows.len(), outlook.to_csv().lines().count());
    assert_eq!(rows[1][5], Data::Float(1_200.0));
    assert_eq!(rows[1][0], text("=1+1"));
}
