//! Tables and paragraphs in plain text, in which results print themselves.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// A table whose first column is aligned to the left, all others to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    /// One space between columns in place of two.
    narrow: bool,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<String>),
    /// A line of its own that does not widen the columns.
    Heading(String),
}

impl Table {
    /// Narrow, if it is too wide for a terminal otherwise.
    pub(crate) fn fitted(mut self) -> Self {
        self.narrow = !self.fits();
        self
    }

    /// Whether no line of it is wider than a terminal.
    pub(crate) fn fits(&self) -> bool {
        let text = self.to_string();
        text.lines().all(|line| line.chars().count() <= COLUMNS)
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.rows
            .push(Row::Heading(printable(&text.into()).into_owned()));
    }

    pub(crate) fn row(
        &mut self,
        label: impl Into<String>,
        cells: impl IntoIterator<Item: Into<String>>,
    ) {
        let cells = cells.into_iter().map(Into::into);
        let cells = std::iter::once(label.into()).chain(cells);
        self.rows
            .push(Row::Cells(cells.map(|text| cell(&text)).collect()));
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            widths.resize(widths.len().max(cells.len()), 0);
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = cell.chars().count().max(*widest);
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let cells = match row {
                Row::Heading(text) => {
                    writeln!(f, "{text}")?;
                    continue;
                }
                Row::Cells(cells) => cells,
            };
            let mut line = String::new();
            let space = if self.narrow { " " } else { "  " };
            for (i, (cell, &width)) in cells.iter().zip(&widths).enumerate() {
                let _ = match i {
                    0 => write!(line, "{cell:<width$}"),
                    _ => write!(line, "{space}{cell:>width$}"),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The columns of a terminal.
const COLUMNS: usize = 100;

/// The most characters of a cell; a longer name ends in an ellipsis.
const WIDEST: usize = 80;

fn cell(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(WIDEST) {
        None => text.into_owned(),
        Some(_) => text.chars().take(WIDEST - 1).chain(['…']).collect(),
    }
}

/// A text from a user on one line, without what would command a terminal or disturb what stands around it:
/// control characters, line breaks and marks that turn the direction of all that follows become spaces.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let command = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}')
    };
    if text.contains(command) {
        Cow::Owned(text.replace(command, " "))
    } else {
        Cow::Borrowed(text)
    }
}

/// A text as it stands between tags or double quotation marks, without what XML forbids.
pub(crate) fn markup(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Passes text on, [`printable`]: `write!(Printable(f), …)` is safe whatever names stand in it. It writes one line.
pub(crate) struct Printable<'a, 'b>(pub(crate) &'a mut fmt::Formatter<'b>);

impl Write for Printable<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(&printable(text))
    }
}

/// A paragraph in lines of at most 100 columns, all but the first indented.
pub(crate) fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in printable(text).split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            out.push_str("\n  ");
            column = 2;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
    out
}

/// A count of people, rounded, with thousands separators: `164,300`; past what anybody reads,
/// `1.2e18`.
pub(crate) fn count(people: f64) -> String {
    if people.abs() >= 1e15 {
        return format!("{people:.1e}");
    }
    if people < 0.0 && people.round() < 0.0 {
        return format!("-{}", count(-people));
    }
    grouped(people.abs(), 0)
}

/// A number to so many significant digits; all digits before the point are shown, and at most three after it.
pub(crate) fn significant(number: f64, digits: i32) -> String {
    if !(number.is_finite() && number > 0.0) {
        return count(number);
    }
    let place = |number: f64| f64::from(digits) - 1.0 - number.log10().floor();
    let unit = 10_f64.powf(place(number));
    let rounded = (number * unit).round() / unit;
    // 9.97 becomes 10, which has one digit less after the point.
    match place(rounded) {
        3.0.. => grouped(rounded, 3),
        2.0..3.0 => grouped(rounded, 2),
        1.0..2.0 => grouped(rounded, 1),
        _ => count(rounded),
    }
}

/// A sentence with a capital letter at its beginning.
pub(crate) fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    let first = rest.next();
    let first = first.into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}

/// A number that is not negative, with commas between its thousands.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let whole = text.find('.').unwrap_or(text.len());
    let mut grouped = String::new();
    for (i, digit) in text.char_indices() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share as a percentage without needless zeros: `30`, `32.5`.
pub(crate) fn percent(share: f64) -> String {
    let rounded = (share * 1e8).round() / 1e6;
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_in_threes() {
        assert_eq!(count(0.4), "0");
        assert_eq!(count(999.6), "1,000");
        assert_eq!(count(164_300.0), "164,300");
        assert_eq!(count(1_234_567_890.0), "1,234,567,890");
        assert_eq!(count(-402_825.0), "-402,825");
        assert_eq!(count(-0.2), "0");
        assert_eq!(count(1.234e18), "1.2e18");
    }

    #[test]
    fn numbers_with_decimals_are_grouped_too() {
        assert_eq!(grouped(1_234.25, 1), "1,234.2");
        assert_eq!(grouped(0.5, 2), "0.50");
        assert_eq!(grouped(f64::INFINITY, 0), "inf");
    }

    #[test]
    fn names_neither_command_a_terminal_nor_break_a_table() {
        assert_eq!(
            printable("a\u{1b}[31mb\nc\u{202E}d\u{9b}e"),
            "a [31mb c d e"
        );
        assert_eq!(printable("中国 Ελλάδα é"), "中国 Ελλάδα é");
        assert_eq!(wrapped("a\tb\rc"), "a b c\n");
        let mut table = Table::default();
        table.heading("x\u{1b}]0;title\u{7}");
        // A width that Rust's own formatting refuses.
        table.row("é".repeat(1 << 17), ["1".to_owned()]);
        table.row("b\nc", ["2".to_owned()]);
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "x ]0;title ");
        assert!(lines[1].ends_with("…  1") && lines[1].chars().count() == WIDEST + 3);
        assert!(lines[2].starts_with("b c ") && lines.len() == 3);
    }

    #[test]
    fn percentages_have_no_needless_zeros() {
        assert_eq!(percent(0.3), "30");
        assert_eq!(percent(0.325), "32.5");
        assert_eq!(percent(0.07), "7");
    }

    #[test]
    fn numbers_are_rounded_to_their_digits() {
        for (number, digits, text) in [
            (9.97, 2, "10"),
            (0.996, 2, "1.0"),
            (31.84, 3, "31.8"),
            (196_650.0, 3, "197,000"),
            (0.000_04, 2, "0.000"),
            (0.0, 2, "0"),
        ] {
            assert_eq!(significant(number, digits), text);
        }
    }
}
