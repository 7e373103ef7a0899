//! An outlook as an Excel workbook.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::headline::summaries;
use super::remarks::assumptions;
use super::{Digits, dictionary};
use crate::error::{Error, Result};
use crate::figures::{Figure, Mark};
use crate::outlook::{Outlook, RegionOutlook};

/// What is shown of a year's draws.
const STATISTICS: [&str; 5] = ["median", "50 % from", "50 % to", "95 % from", "95 % to"];

impl Outlook {
    /// An outlook as an Excel workbook (`.xlsx`), for whoever goes on in a spreadsheet.
    ///
    /// | sheet | holds |
    /// |---|---|
    /// | `Forecast` | a column a year: new cases, those of them who ever reach third line, and starts of third line, by region, with 50 % and 95 % intervals; numbers have all digits and are shown as whole people |
    /// | `Figures` | each published figure with its status, definition and source |
    /// | `Chart data` | the table of [`Outlook::to_csv`], which the charts are drawn from |
    /// | `Columns` | what its columns mean |
    /// | `About` | what was assumed, seed, draws and version |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) where a table is longer than a sheet can be (1,048,576 rows).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let workbook = Outlook::of_series(&[atlantis], &options)?.to_xlsx()?;
    /// assert!(workbook.starts_with(b"PK"));
    /// // report::write("outlook", &[("outlook.xlsx", workbook)])?;
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn to_xlsx(&self) -> Result<Vec<u8>> {
        self.workbook()
            .and_then(|mut workbook| workbook.save_to_buffer())
            .map_err(Error::other)
    }

    fn workbook(&self) -> std::result::Result<Workbook, XlsxError> {
        let mut workbook = Workbook::new();
        let bold = Format::new().set_bold();
        forecast(self, workbook.add_worksheet().set_name("Forecast")?, &bold)?;

        let rows = self.regions().iter().flat_map(RegionOutlook::figures);
        let header =
            "region,year,cases,status,icd10,source,relative_error,family,lower95,upper95,mark";
        let sheet = workbook.add_worksheet().set_name("Figures")?;
        let texts = ["region", "status", "icd10", "source", "family", "mark"];
        table(sheet, header, &texts, rows.map(figure_cells), &bold)?;

        let sheet = workbook.add_worksheet().set_name("Chart data")?;
        let rows = self.csv_rows(Digits::All);
        // What has a unit is a number.
        let texts = dictionary::of("outlook.csv").filter(|column| column[2].is_empty());
        let texts: Vec<&str> = texts.map(|column| &column[1][..]).collect();
        table(
            sheet,
            &dictionary::header("outlook.csv"),
            &texts,
            rows,
            &bold,
        )?;
        let sheet = workbook.add_worksheet().set_name("Columns")?;
        let rows = dictionary::of("outlook.csv").map(|column| column.to_vec());
        let header = "file,name,unit,meaning";
        let texts: Vec<&str> = header.split(',').collect();
        table(sheet, header, &texts, rows, &bold)?;

        let about = workbook.add_worksheet().set_name("About")?;
        let options = self.options();
        let made = format!(
            "Made with myeloma-epi {}, seed {}, {} draws.",
            env!("CARGO_PKG_VERSION"),
            options.seed.number(),
            options.draws
        );
        let assumed = assumptions(self);
        let lines = [options.question.to_string(), made];
        for (row, line) in (0..).zip(lines.iter().map(String::as_str).chain(assumed.lines())) {
            about.write_string(row, 0, line)?;
        }
        Ok(workbook)
    }
}

/// A row a region, quantity and statistic, a column a year.
fn forecast(
    outlook: &Outlook,
    sheet: &mut Worksheet,
    bold: &Format,
) -> std::result::Result<(), XlsxError> {
    let people = Format::new().set_num_format("#,##0");
    let first = outlook
        .regions()
        .iter()
        .filter_map(|region| region.new_cases_summary().first());
    let first = first.map(|summary| summary.year).min().unwrap_or_default();
    for (column, name) in (0..).zip(["region", "quantity", "people a year"]) {
        sheet.write_string_with_format(0, column, name, bold)?;
    }
    for (column, year) in (3..).zip(first..=outlook.options().to) {
        sheet.write_number_with_format(0, column, year, bold)?;
    }
    let mut row = 0;
    for region in outlook.regions() {
        let quantities = [
            "new cases",
            "ever third line, by year of diagnosis",
            "start third line",
        ];
        for (quantity, summaries) in quantities.into_iter().zip(summaries(region)) {
            let Some(summaries) = summaries else { continue };
            for (i, statistic) in STATISTICS.into_iter().enumerate() {
                row += 1;
                sheet.write_string(row, 0, region.series().region())?;
                sheet.write_string(row, 1, quantity)?;
                sheet.write_string(row, 2, statistic)?;
                for summary in summaries {
                    let column = u16::try_from(3 + summary.year - first).unwrap_or(u16::MAX);
                    if let Some(number) = summary.numbers()[i] {
                        sheet.write_number_with_format(row, column, number, &people)?;
                    }
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 3)?;
    sheet.autofit();
    Ok(())
}

/// All that a figure says, so that the sheet can be read as figures again.
fn figure_cells(figure: &Figure) -> Vec<String> {
    let number = |number| Digits::All.optional(number);
    let (lower95, upper95) = figure.interval95().unzip();
    vec![
        figure.region().to_owned(),
        figure.year().to_string(),
        figure.cases().to_string(),
        figure.status().to_string(),
        figure.icd10().unwrap_or_default().to_owned(),
        figure.source().to_owned(),
        number(figure.relative_error()),
        figure.family().unwrap_or_default().to_owned(),
        number(lower95),
        number(upper95),
        figure.mark().map_or("", Mark::as_str).to_owned(),
    ]
}

/// A table with its header; what is a number becomes one, but in columns of texts: a region may be called 007.
fn table(
    sheet: &mut Worksheet,
    header: &str,
    texts: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    bold: &Format,
) -> std::result::Result<(), XlsxError> {
    for (column, name) in (0..).zip(header.split(',')) {
        sheet.write_string_with_format(0, column, name, bold)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for ((column, name), cell) in (0..).zip(header.split(',')).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) if number.is_finite() && !texts.contains(&name) => {
                    sheet.write_number(row, column, number)?
                }
                _ => sheet.write_string(row, column, cell)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    Ok(())
}
