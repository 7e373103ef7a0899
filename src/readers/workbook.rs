//! Workbooks of Excel: each sheet as the CSV text that Excel would save, and then read like any other table.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Sheet, SheetType, SheetVisible, Xlsx};

use super::{Export, ReadOptions, reading};
use crate::error::{Error, Result};
use crate::files::unreadable;

/// Whether bytes may be a workbook, which is a zip file.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the sheet that is asked for, or else the first visible one whose table is known.
pub(super) fn export(place: &str, bytes: &[u8], options: &ReadOptions) -> Result<Export> {
    let broken = |error: calamine::XlsxError| {
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
        let range = book.worksheet_range(&sheet.name).map_err(broken)?;
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
        return reading::of_text(&place, &text, "", options, notes);
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

/// The cells as comma-separated text, a line a row from the first row of the sheet on, so that lines have the numbers that
/// Excel shows.
fn csv(range: &Range<Data>) -> String {
    let (above, _) = range.start().unwrap_or((0, 0));
    if range.width() == 1 {
        // A CSV file that was opened where the comma parts nothing: each line in a cell of its own.
        let lines = range.rows().filter_map(|row| row.first()).map(text);
        return "\n".repeat(above as usize) + &lines.collect::<Vec<_>>().join("\n");
    }
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer("\n".repeat(above as usize).into_bytes());
    for row in range.rows() {
        // Writing to memory does not fail.
        let _ = writer.write_record(row.iter().map(text));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// What a cell holds: of a formula the value that was saved with it, of a date its day.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        // One row of the sheet is one line of text.
        Data::String(text) => text.replace(['\n', '\r'], " ").trim().to_owned(),
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        cell => cell.to_string(),
    }
}
