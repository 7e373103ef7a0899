//! From bytes to rows: the decoding, the header, the decimal mark, and then line by line.

use std::borrow::Cow;

use super::header::Header;
use super::layout::{From, Layout};
use super::notation::{Cells, Evidence};
use super::seer_dictionary::{self, Dictionary};
use super::table_rows::Lines;
use super::{
    Export, Format, ReadOptions, gbd, globocan, own_tables, phs, seer_explorer, seerstat, uscs,
    wonder, wpp, zfkd,
};
use crate::error::Result;
use crate::files::{self, LONGEST, decoded, nothing, of_csv, reader, unreadable};

/// A header stands among the first lines, under titles at most.
const HEADER_WITHIN: usize = 60;

/// No table has more columns.
const MOST_COLUMNS: usize = 2_000;

/// What stands between fields.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

type Maker = fn(&Header<'_>) -> Result<Option<Layout>>;

/// The makers, those with the most peculiar headers first.
const MAKERS: [Maker; 12] = [
    |header| Ok(own_tables::tidy(header)),
    gbd::layout,
    uscs::layout,
    |header| Ok(wonder::layout(header)),
    seer_explorer::layout,
    |header| Ok(seerstat::layout(header, None)),
    phs::layout,
    wpp::excel,
    wpp::bulk,
    |header| Ok(globocan::layout(header)),
    zfkd::layout,
    own_tables::layout,
];

/// A recognised table.
pub(super) struct Found {
    separator: u8,
    pub(super) layout: Layout,
    /// The names of the columns.
    pub(super) names: Vec<String>,
    /// Records up to the header and with it.
    skip: usize,
}

/// `beside` is a text that explains the table, in a file of its own.
pub(super) fn export(
    place: &str,
    bytes: &[u8],
    beside: &str,
    options: &ReadOptions,
) -> Result<Export> {
    #[cfg(feature = "xlsx")]
    if super::workbook::is(bytes) {
        return super::workbook::export(place, bytes, options);
    }
    let (text, how) = decoded(place, bytes)?;
    if let Some(sheet) = &options.sheet {
        let message = format!("no workbook, and so without a sheet \"{sheet}\"");
        return Err(unreadable(place, None, message));
    }
    let notes = how.map(str::to_owned).into_iter().collect();
    of_text(place, (&text, None), beside, options, notes)
}

/// Reads a table from its text, which may be that of the cells of a sheet, with notes on how it came to be text.
pub(super) fn of_text(
    place: &str,
    (text, cells): (&str, Cells<'_>),
    beside: &str,
    options: &ReadOptions,
    mut notes: Vec<String>,
) -> Result<Export> {
    if text.trim().is_empty() {
        return Err(nothing(place));
    }
    // What looks at the text itself knows one end of lines.
    let text = if text.contains('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.replace('\r', "\n"))
    };
    let text = &*text;
    if seer_dictionary::is(text) {
        let message = "a dictionary of SEER*Stat: name the table (.txt, .csv) beside it".to_owned();
        return Err(unreadable(place, None, message));
    }
    if text.trim_start().starts_with(['[', '{'])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    {
        let message = "JSON, and no table: figures in JSON are read as they stand (Figures::read, `myeloma-epi outlook`), without \
                       options that say what a file leaves open"
            .to_owned();
        return Err(unreadable(place, None, message));
    }
    let mut dictionary = Dictionary::of(place, beside)?;
    // A dictionary with other columns is of another table, if this one is known without it.
    let known = match &dictionary {
        Some(dictionary) if !dictionary.fits(text) => recognised(place, text, "").ok(),
        _ => None,
    };
    if known.is_some() {
        dictionary = None;
        notes.push(
            "the dictionary of SEER*Stat beside the file has other columns: it is not read"
                .to_owned(),
        );
    }
    let mut found = match (known, &dictionary) {
        (Some(found), _) => found,
        (None, Some(dictionary)) => of_dictionary(place, text, beside, dictionary)?,
        (None, None) => recognised(place, text, beside)?,
    };
    options.apply(place, &mut found.layout)?;
    check_columns(place, &found)?;
    let mut evidence = Evidence::new(&found.layout, found.separator == b',', cells);
    records(place, text, &found, dictionary.as_ref(), |line, record| {
        evidence.of_row(&found.names, record, line);
        Ok(())
    })?;
    let (notation, settled) = evidence.settled(place)?;
    let mut lines = Lines::new(place, &found, notation, cells);
    let end = records(place, text, &found, dictionary.as_ref(), |line, record| {
        lines.take(line, record)
    })?;
    let mut export = lines.export();
    notes.extend(settled);
    notes.append(&mut found.layout.notes);
    notes.append(&mut export.notes);
    notes.extend(
        end.map(|line| format!("the footer, from line {line} on, holds the query and no rows")),
    );
    if let Some(name) = &options.region
        && matches!(found.layout.region, From::Column(_))
    {
        let of_region = export.of_region(name)?;
        let left = export.rows.len() - of_region.rows.len();
        if left > 0 {
            notes.push(format!("numbers of other regions left out: {left}"));
        }
        export = of_region;
    }
    export.notes = notes;
    if export.lines == 0 {
        return Err(nothing(place));
    }
    if export.rows.is_empty() {
        let why = export.notes.join("; ");
        return Err(unreadable(
            place,
            None,
            format!("no row can be taken of this {}: {why}", export.format),
        ));
    }
    options.choose_quantity(place, &mut export)?;
    Ok(export)
}

/// That no column of a table of one's own has the name of one that is read: which of the two is meant is not known. Nor has a
/// column of numbers a unit in its name that the crate does not take off.
fn check_columns(place: &str, found: &Found) -> Result<()> {
    if found.layout.format != Format::Own {
        return Ok(());
    }
    let numbers = found.layout.numbers();
    let mut names = numbers.iter().map(|(column, _)| &found.names[*column]);
    // "95 %" is the level of an interval.
    let bare = |name: &str| name.replace(' ', "").replace("95%", "");
    if let Some(name) = names.find(|name| bare(name).contains(['%', '‰'])) {
        let message = format!(
            "column {name}: numbers in per cent are none of cases or rates: write an error of 3 % as 0.03 or 3%, and the name \
             without a sign"
        );
        return Err(unreadable(place, None, message));
    }
    let read = found.layout.columns();
    let plain = |name: &str| name.trim().to_lowercase();
    let twice = |(i, name): &(usize, &String)| {
        let same = |column: &usize| plain(&found.names[*column]) == plain(name);
        !name.is_empty() && !read.contains(i) && read.iter().any(same)
    };
    match found.names.iter().enumerate().find(twice) {
        Some((_, name)) => {
            let message = format!("two columns are called {name}: take one of them out");
            Err(unreadable(place, None, message))
        }
        None => Ok(()),
    }
}

/// A table of SEER*Stat whose columns stand in a dictionary beside it.
fn of_dictionary(
    place: &str,
    text: &str,
    beside: &str,
    dictionary: &Dictionary<'_>,
) -> Result<Found> {
    let mut first = csv::StringRecord::new();
    let mut reader = reader(text.as_bytes(), dictionary.separator);
    reader
        .read_record(&mut first)
        .map_err(|error| of_csv(place, error))?;
    let header = seer_dictionary::header(place, dictionary, first.len(), text, beside)?;
    let layout = seerstat::layout(&header, Some(dictionary)).ok_or_else(|| {
        header.error(format!(
            "neither counts nor rates among the columns: {}",
            header.names.join(", ")
        ))
    })?;
    Ok(Found {
        separator: dictionary.separator,
        layout,
        names: header.names,
        skip: usize::from(dictionary.names_included),
    })
}

/// The first line that a maker knows as a header, with fields parted by any of the separators.
pub(super) fn recognised(place: &str, text: &str, beside: &str) -> Result<Found> {
    let mut widest: (u64, Vec<String>) = (1, Vec::new());
    let mut above_numbers = None;
    for separator in SEPARATORS {
        let mut reader = reader(text.as_bytes(), separator);
        let (mut record, mut before, mut previous) =
            (csv::StringRecord::new(), String::new(), (1, Vec::new()));
        for index in 0..HEADER_WITHIN {
            if !reader
                .read_record(&mut record)
                .map_err(|error| of_csv(place, error))?
            {
                break;
            }
            let line = files::line(&reader, &record);
            let names: Vec<String> = record.iter().map(str::to_owned).collect();
            if names.len() > MOST_COLUMNS || names.iter().any(|name| name.len() > LONGEST) {
                break;
            }
            if names.len() > 1 {
                for names in [Some(names.clone()), two_lines(&previous.1, &names)]
                    .into_iter()
                    .flatten()
                {
                    let header =
                        Header::new(place, (line, separator), names, &before, beside, text);
                    for maker in MAKERS {
                        if let Some(layout) = maker(&header)? {
                            return Ok(Found {
                                separator,
                                layout,
                                names: header.names,
                                skip: index + 1,
                            });
                        }
                    }
                }
                if names.iter().filter(|name| !name.is_empty()).count() > widest.1.len() {
                    widest = (line, names.clone());
                }
                // Below titles, the header is the last line of words that is as long as the first one with numbers.
                let words = previous.1.iter().filter(|name| !name.is_empty());
                if names.len() == previous.1.len()
                    && words.clone().count() > 1
                    && !words.clone().any(|name| is_number(name))
                    && names.iter().any(|name| is_number(name))
                {
                    above_numbers = above_numbers.or(Some(previous.clone()));
                }
            }
            let words: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|word| !word.is_empty())
                .collect();
            // A comma in a title parts its cells where it has no quotation marks.
            before.push_str(&words.join(if separator == b',' { ", " } else { " " }));
            before.push('\n');
            previous = (line, names);
        }
    }
    let (line, names) = above_numbers.unwrap_or(widest);
    let columns: Vec<String> = names
        .into_iter()
        .filter(|name| !name.is_empty())
        .take(20)
        .map(|name| name.chars().take(60).collect())
        .collect();
    if line == 1 && columns.iter().all(|name| is_number(name)) && columns.len() > 1 {
        let message = "numbers and no names of columns: what they are is not guessed. SEER*Stat: keep the dictionary (.dic), which it \
                       writes with the table, beside it under the same name; Cancer Incidence in Five Continents: its numbers are of \
                       several years together, and no figures of a year; other tables: write the names of the columns into a first line";
        return Err(unreadable(place, Some(line), message.to_owned()));
    }
    let columns = if columns.is_empty() {
        "no columns".to_owned()
    } else {
        columns.join(", ")
    };
    Err(unreadable(
        place,
        Some(line),
        format!(
            "not the header of a table that is known: {columns}. Known are GBD results, tables of the Global Cancer Observatory, \
             CDC WONDER, the files of U.S. Cancer Statistics, SEER*Stat, ZfKD, Public Health Scotland, World Population Prospects, and \
             a table of one's own with a row a year and the columns region, year, cases, status"
        ),
    ))
}

fn is_number(cell: &str) -> bool {
    let mut bytes = cell.bytes();
    !cell.is_empty() && bytes.all(|byte| byte.is_ascii_digit() || b".,<".contains(&byte))
}

/// A header on two lines, the upper one over several columns: `Number of new cases, ,` over `2022, 2040`.
fn two_lines(upper: &[String], lower: &[String]) -> Option<Vec<String>> {
    // One of them leaves the first column to the other.
    let both = [upper, lower]
        .iter()
        .all(|names| names.first().is_none_or(|name| !name.is_empty()));
    if upper.len() != lower.len() || both {
        return None;
    }
    let mut over = "";
    let names = upper.iter().zip(lower).map(|(above, below)| {
        if !above.is_empty() {
            over = above;
        }
        let own = if below.is_empty() {
            above.as_str()
        } else {
            over
        };
        format!("{own} {below}").trim().to_owned()
    });
    Some(names.collect())
}

/// Goes through the lines below the header; returns the line at which the table ends, where it does before the file.
fn records(
    place: &str,
    text: &str,
    found: &Found,
    dictionary: Option<&Dictionary<'_>>,
    mut of_record: impl FnMut(u64, &csv::StringRecord) -> Result<()>,
) -> Result<Option<u64>> {
    let mut reader = reader(text.as_bytes(), found.separator);
    let mut record = csv::StringRecord::new();
    let mut index = 0;
    while reader
        .read_record(&mut record)
        .map_err(|error| of_csv(place, error))?
    {
        index += 1;
        if index <= found.skip {
            continue;
        }
        let line = files::line(&reader, &record);
        if found
            .layout
            .ends_with
            .is_some_and(|end| record.get(0) == Some(end))
        {
            return Ok(Some(line));
        }
        match dictionary {
            Some(dictionary) => of_record(line, &dictionary.labelled(place, line, &record)?)?,
            None => of_record(line, &record)?,
        }
    }
    Ok(None)
}
