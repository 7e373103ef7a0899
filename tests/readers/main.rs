//! Exports of the sites that publish cancer statistics, as they come: what is taken of each, what is left out and said,
//! what is refused.

mod beside;
mod downloads;
mod figures;
mod known;
mod makers;
mod near_misses;
mod random;
mod refused;
mod samples;
mod text;
#[cfg(feature = "xlsx")]
mod workbook;

use myeloma_epi::readers::{Export, from_bytes};

/// An export of a text that is read.
fn read(text: &str) -> Export {
    from_bytes("sample", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The first columns of the tidy table, without its header.
fn tidy(export: &Export) -> Vec<String> {
    let csv = export.to_csv();
    let mut lines = csv.lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("region,year,sex,age,measure,value,lower,upper,definition,source,"));
    lines
        .map(|line| {
            // The measures of rates are in quotes.
            let line = line.replace("\"incidence rate per 100,000\"", "rate");
            let line = line.replace("\"incidence age-standardised rate per 100,000\"", "asr");
            line.split(',').take(8).collect::<Vec<_>>().join(",")
        })
        .collect()
}

/// The message of a text that is refused.
fn refused(text: &str) -> String {
    match from_bytes("sample", text.as_bytes()) {
        Ok(export) => panic!("{export}"),
        Err(error) => error.to_string(),
    }
}

/// Whether a note says this.
fn says(export: &Export, words: &str) -> bool {
    export.notes.iter().any(|note| note.contains(words))
}
