//! Comma-separated values as the crate writes them, and text in them that is not to be taken for a formula.

use std::borrow::Cow;

/// A table as CSV text: fields that need it are quoted ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)),
/// lines end with a line feed, and text that a spreadsheet would run as a formula is guarded. The names of the
/// columns are given in one text.
pub(crate) fn csv_text(header: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    // A first field that begins with # is quoted: readers take such a line for a comment.
    let mut writer = csv::WriterBuilder::new()
        .comment(Some(b'#'))
        .from_writer(Vec::new());
    let rows = std::iter::once(header.split(',').map(str::to_owned).collect()).chain(rows);
    // Writing to memory fails only where a row has another number of fields than the header.
    rows.into_iter()
        .try_for_each(|row: Vec<String>| {
            writer.write_record(row.iter().map(|field| guarded(field).into_owned()))
        })
        .expect("broken invariant: a row of a table has another number of fields");
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).expect("broken invariant: CSV made of text is not text")
}

/// Whether a spreadsheet would run a text as a formula: it begins, after spaces, with one of the characters that
/// the [OWASP](https://owasp.org/www-community/attacks/CSV_Injection) lists, wide forms included. A number is no formula.
fn is_formula(text: &str) -> bool {
    let begins = text.starts_with(['\t', '\r', '\n'])
        || (text.trim_start()).starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    begins && text.parse::<f64>().is_err()
}

/// A field as it is written: an apostrophe stands before a formula, and before a text that already looks guarded,
/// so that [`unguarded`] gives back every text.
fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A field as it was before it was guarded.
pub(crate) fn unguarded(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of OWASP's page, and texts that are none.
    #[test]
    fn formulas_are_guarded_and_come_back() {
        for formula in [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "@SUM(1)",
            "+1-1",
            "-2+3",
            "\t=1",
            "\r=1",
            " =1",
            "＝1",
            "'=1",
            "''@x",
            "-",
        ] {
            let written = guarded(formula);
            assert_eq!(written, format!("'{formula}"));
            assert_eq!(unguarded(&written), formula);
        }
        for harmless in ["", "World", "-5", "+1.5e3", "a=b", "'t Gooi", "'", "1-2"] {
            assert_eq!(guarded(harmless), harmless);
            assert_eq!(unguarded(harmless), harmless);
        }
    }

    #[test]
    fn fields_are_quoted_where_they_need_it() {
        let rows = vec![vec!["#a,\"b\"\nc".to_owned(), "=1".to_owned()]];
        assert_eq!(csv_text("x,y", rows), "x,y\n\"#a,\"\"b\"\"\nc\",'=1\n");
        let rows = vec![vec!["#a".to_owned(), "1".to_owned()]];
        assert_eq!(csv_text("x,y", rows), "x,y\n\"#a\",1\n");
    }
}
