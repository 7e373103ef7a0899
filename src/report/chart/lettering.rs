//! Texts from users, and how wide they are likely to be.
//!
//! An SVG document names its font and the reader's computer has it or not, so that widths can only
//! be estimated. The estimate is generous: texts may leave some room, and do not run over.

use crate::plain_text::printable;

/// The estimated width of a text in a size: that of `DejaVu` Sans, which is wider than Arial.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let em: f64 = text.chars().map(character).sum();
    em * size * if bold { 1.12 } else { 1.0 }
}

/// The width of a character in a font size of 1.
fn character(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '\u{A0}' => 0.33,
        'f' | 't' | 'r' | '!' | '(' | ')' | '[' | ']' | '-' | '/' => 0.4,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | '†' => 0.58,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '—' | '…' => 1.0,
        '+' | '<' | '>' | '=' | '×' | '~' | '#' | '^' => 0.84,
        'A'..='Z' | '&' => 0.76,
        '\u{0300}'..='\u{036F}' => 0.0,
        // Korean letters; then everything from the Chinese radicals on, and pictures.
        '\u{1100}'..='\u{115F}' | '\u{2E80}'.. => 1.05,
        c if c.is_ascii() => 0.64,
        c if c.is_uppercase() => 0.85,
        _ => 0.7,
    }
}

/// A text in lines no wider than `widest`, at most `lines` of them; what does not fit ends in an
/// ellipsis. Lines end at spaces where there are any, else anywhere, and never at a no-break space.
pub(super) fn wrap(text: &str, size: f64, bold: bool, widest: f64, lines: usize) -> Vec<String> {
    let fits = |line: &str| width(line, size, bold) <= widest;
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in printable(text).split(' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            wrapped.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if !fits(&line) && line.chars().nth(1).is_some() {
                line.pop();
                wrapped.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            while !last.is_empty() && !fits(&format!("{last}…")) {
                last.pop();
            }
            *last = format!("{}…", last.trim_end());
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let name = "The United Kingdom of Great Britain and Northern Ireland";
        let lines = wrap(name, 10.0, true, 120.0, 9);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| width(line, 10.0, true) <= 120.0));
        assert_eq!(lines.join(" "), name);

        let unbroken = "中".repeat(60);
        let lines = wrap(&unbroken, 10.0, false, 105.0, 9);
        assert_eq!(lines.concat(), unbroken);
        assert!(lines.iter().all(|line| line.chars().count() <= 10));
    }

    #[test]
    fn what_does_not_fit_is_marked() {
        let lines = wrap(&"word ".repeat(50), 10.0, false, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
        assert!(wrap("", 10.0, false, 60.0, 2).is_empty());
        // Not even one character fits: every line holds one, and the loop ends.
        assert_eq!(wrap("ab", 10.0, false, 0.0, 5), ["a", "b"]);
    }
}
