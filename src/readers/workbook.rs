//! Workbooks of Excel: each sheet as the CSV text that Excel would save, and then read like any other table.

use std::io::Cursor;

use calamine::{CellType, Data, Range, Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};

use super::notation::{Cells, Held};
use super::{Export, ReadOptions, reading};
use crate::error::{Error, Result};
use crate::files::unreadable;

/// Whether bytes may be a workbook, which is a zip file.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the sheet that is asked for, or else the first visible one whose table is known.
pub(super) fn export(place: &str, bytes: &[u8], options: &ReadOptions) -> Result<Export> {
    let broken = |error: XlsxError| {
        unreadable(
            place,
            None,
            format!("an Excel workbook or another zip file, which cannot be read: {error}"),
        )
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets: Vec<Sheet> = (book.sheets_metadata().iter())
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .cloned()
        .collect();
    let is_hidden = |sheet: &&Sheet| sheet.visible != SheetVisible::Visible;
    let chosen: Vec<&Sheet> = match &options.sheet {
        Some(name) => vec![named(&sheets, name)?],
        None => sheets.iter().filter(|sheet| !is_hidden(sheet)).collect(),
    };
    let mut not_known = None;
    for sheet in chosen {
        let range = cells(&mut book, &sheet.name).map_err(broken)?;
        let text = csv(&range);
        let place = format!("{place}, sheet {}", sheet.name);
        if options.sheet.is_none()
            && let Err(error) = reading::recognised(&place, &text, "")
        {
            not_known.get_or_insert(error);
            continue;
        }
        let mut notes = vec![format!("read from the sheet \"{}\"", sheet.name)];
        let others = sheets.iter().filter(|other| other.name != sheet.name);
        let others: Vec<String> = others
            .map(|other| {
                let hidden = if is_hidden(&other) { " (hidden)" } else { "" };
                format!("\"{}\"{hidden}", other.name)
            })
            .collect();
        if !others.is_empty() {
            notes.push(format!("sheets that are not read: {}", others.join(", ")));
        }
        let above = range.start().map_or(0, |(above, _)| u64::from(above));
        let held = |line: u64, column| {
            let row = line
                .checked_sub(1 + above)
                .and_then(|row| usize::try_from(row).ok());
            row.and_then(|row| range.get((row, column)))
                .map_or(Held::Text, |cell| cell.held)
        };
        let held: Cells<'_> = if is_of_lines(&range) {
            None
        } else {
            Some(&held)
        };
        return reading::of_text(&place, (&text, held), "", options, notes);
    }
    Err(not_known.unwrap_or_else(|| {
        unreadable(place, None, "a workbook without a visible sheet".to_owned())
    }))
}

fn named<'s>(sheets: &'s [Sheet], name: &str) -> Result<&'s Sheet> {
    let mut fitting = sheets
        .iter()
        .filter(|sheet| sheet.name.eq_ignore_ascii_case(name));
    fitting.next().ok_or_else(|| {
        let names = sheets.iter().map(|sheet| sheet.name.as_str());
        Error::unknown("sheet of the workbook", name, names)
    })
}

/// What a cell holds as text, and whether it was one.
#[derive(Debug, Clone, Default, PartialEq)]
struct Cell {
    text: String,
    held: Held,
}

impl CellType for Cell {}

/// The cells of a sheet: of a formula the value that was saved with it, or the formula where none was.
fn cells(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
) -> std::result::Result<Range<Cell>, XlsxError> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let mut cells = Vec::new();
    while let Some(cell) = reader.next_cell_with_formula()? {
        let (text, held) = match (Data::from(cell.value), cell.formula) {
            (Data::Empty, None) => continue,
            (Data::Empty, Some(formula)) => (format!("={formula}"), Held::Formula),
            (value @ (Data::Int(_) | Data::Float(_)), _) => (value.to_string(), Held::Number),
            (value, _) => (text(&value), Held::Text),
        };
        cells.push(calamine::Cell::new(cell.pos, Cell { text, held }));
    }
    Ok(Range::from_sparse(cells))
}

/// Whether it is a CSV file that was opened where the comma parts nothing: each line in a cell of its own.
fn is_of_lines(range: &Range<Cell>) -> bool {
    range.width() == 1
}

/// The cells as comma-separated text, a line a row from the first row of the sheet on, so that lines have the numbers that
/// Excel shows.
fn csv(range: &Range<Cell>) -> String {
    let (above, _) = range.start().unwrap_or((0, 0));
    if is_of_lines(range) {
        let lines: Vec<&str> = range.rows().map(|row| &*row[0].text).collect();
        return "\n".repeat(above as usize) + &lines.join("\n");
    }
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer("\n".repeat(above as usize).into_bytes());
    for row in range.rows() {
        // Writing to memory does not fail.
        let _ = writer.write_record(row.iter().map(|cell| &cell.text));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A value as text, of a date its day.
fn text(value: &Data) -> String {
    match value {
        // One row of the sheet is one line of text.
        Data::String(text) => text.replace(['\n', '\r'], " ").trim().to_owned(),
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        value => value.to_string(),
    }
}
