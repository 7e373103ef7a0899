//! Tables and paragraphs in plain text, in which results print themselves.

use std::fmt::{self, Write};

/// A table whose first column is aligned to the left, all others to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<String>),
    /// A line of its own that does not widen the columns.
    Heading(String),
}

impl Table {
    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.rows.push(Row::Heading(text.into()));
    }

    pub(crate) fn row(
        &mut self,
        label: impl Into<String>,
        cells: impl IntoIterator<Item = String>,
    ) {
        self.rows.push(Row::Cells(
            std::iter::once(label.into()).chain(cells).collect(),
        ));
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            for (i, cell) in cells.iter().enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(i) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            match row {
                Row::Heading(text) => writeln!(f, "{text}")?,
                Row::Cells(cells) => {
                    let mut line = String::new();
                    for (i, (cell, &width)) in cells.iter().zip(&widths).enumerate() {
                        if i == 0 {
                            let _ = write!(line, "{cell:<width$}");
                        } else {
                            let _ = write!(line, "  {cell:>width$}");
                        }
                    }
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

/// A paragraph in lines of at most 100 columns, all but the first indented.
pub(crate) fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > 100 {
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
    let digits = format!("{:.0}", people.abs());
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
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
    fn percentages_have_no_needless_zeros() {
        assert_eq!(percent(0.3), "30");
        assert_eq!(percent(0.325), "32.5");
        assert_eq!(percent(0.07), "7");
    }
}
