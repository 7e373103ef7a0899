//! Damaged tables: a value or an error, never a panic, a number that is none, or a line that goes missing in silence.

use crate::samples;
use myeloma_epi::joinpoint::AnnualSeries;
use myeloma_epi::readers::{ReadOptions, Unit, from_bytes};

/// A small generator (<https://doi.org/10.18637/jss.v008.i14>), so that a number says which text fails.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

const PIECES: [&str; 24] = [
    ",",
    ";",
    "\t",
    "|",
    "\"",
    "\n",
    "\r\n",
    "\r",
    "#",
    "---",
    "~",
    "<5",
    "1.234",
    "1,234",
    "1e999",
    "-1",
    "NaN",
    "2018-2022",
    "\u{a0}",
    "ä",
    "=",
    "",
    "Total",
    "\u{feff}",
];

fn damaged(random: &mut Random, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => {
                let piece = PIECES[random.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            1 => {
                let end = (at + random.below(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            3 => bytes.truncate(at.max(1)),
            _ => {
                // A line twice, or in another place.
                let mut lines: Vec<Vec<u8>> = bytes
                    .split_inclusive(|byte| *byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                let (from, to) = (random.below(lines.len()), random.below(lines.len()));
                let line = lines[from].clone();
                lines.insert(to, line);
                bytes = lines.concat();
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn damaged_tables_give_a_value_or_an_error() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for round in 0..250 {
        for (i, text) in samples::ALL.into_iter().enumerate() {
            let bytes = damaged(&mut random, text);
            let Ok(export) = from_bytes("damaged", &bytes) else {
                continue;
            };
            read += 1;
            let place = || {
                format!(
                    "round {round}, sample {i}: {}",
                    String::from_utf8_lossy(&bytes)
                )
            };
            for row in &export.rows {
                let numbers = [Some(row.value), row.lower, row.upper, row.standard_error];
                assert!(
                    numbers
                        .into_iter()
                        .flatten()
                        .all(|number| number.is_finite() && number >= 0.0),
                    "{}",
                    place()
                );
                assert!(
                    row.year.is_none_or(|year| (1800..2200).contains(&year)),
                    "{}",
                    place()
                );
            }
            assert!(
                export.taken <= export.lines && !export.rows.is_empty(),
                "{}",
                place()
            );
            let is_said = export.notes.iter().any(|note| note.contains("left out"));
            assert!(export.taken == export.lines || is_said, "{}", place());
            let _ = (export.to_csv(), export.to_string(), export.sites());
            if let Ok(figures) = export.figures() {
                assert!(
                    figures.iter().all(|figure| figure.cases().is_finite()),
                    "{}",
                    place()
                );
            }
            for unit in [Unit::Number, Unit::Rate, Unit::StandardisedRate] {
                if let Ok(series) = AnnualSeries::from_export(&export, unit) {
                    let values: Vec<(i32, f64)> = series.values().collect();
                    assert!(
                        values.windows(2).all(|pair| pair[0].0 < pair[1].0),
                        "{}",
                        place()
                    );
                    assert!(
                        values
                            .iter()
                            .all(|(_, value)| value.is_finite() && *value >= 0.0),
                        "{}",
                        place()
                    );
                }
            }
            for people in export.populations().into_iter().flatten() {
                let year = people.years()[0];
                let total = people.total(year).unwrap();
                assert!(total.is_finite() && total >= 0.0, "{}", place());
            }
            // Each region and cancer that it names is there.
            for region in export.regions() {
                assert!(
                    !export.of_region(region).unwrap().rows.is_empty(),
                    "{}",
                    place()
                );
            }
            for site in export.sites() {
                assert!(export.of_site(site).is_ok(), "{}", place());
            }
            let _ = ReadOptions {
                year: Some(2022),
                ..ReadOptions::default()
            }
            .from_bytes("damaged", &bytes);
        }
    }
    // Most damage is seen; not all damage is damage.
    assert!((100..2_900).contains(&read), "{read} of 3000 were read");
}
