//! Numbers as people and programs write them: which mark is the decimal one, and which parts thousands.

/// What a text means as a number with either decimal mark, where it means one: `1,234` is 1234 or 1.234.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numeral {
    /// Where the point is the decimal mark.
    pub(crate) point: Option<f64>,
    /// Where the comma is.
    pub(crate) comma: Option<f64>,
}

/// No number is longer than that, in bytes.
const LONGEST: usize = 64;

/// What a text can mean: digits in one piece or in groups of three, parted by the other mark, spaces of any width or
/// apostrophes, with a decimal mark, a sign and an exponent or without. `None` where it is no number, or not a finite one.
pub(crate) fn numeral(text: &str) -> Option<Numeral> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.parse().ok();
        return Some(Numeral {
            point: number,
            comma: number,
        });
    }
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "0"),
    };
    let signless = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if signless.is_empty() || !signless.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = |decimal, group| {
        let digits = digits(mantissa, decimal, group)?;
        let value: f64 = format!("{digits}e{exponent}").parse().ok()?;
        let value = if negative { -value } else { value };
        value.is_finite().then_some(value)
    };
    let (point, comma) = (value('.', ','), value(',', '.'));
    point.or(comma)?;
    Some(Numeral { point, comma })
}

/// The digits with a decimal point, where `decimal` is the decimal mark and `group` may part thousands.
fn digits(mantissa: &str, decimal: char, group: char) -> Option<String> {
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let is_space = |letter: char| {
        matches!(
            letter,
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’'
        )
    };
    let mark = whole
        .chars()
        .find(|letter| *letter == group || is_space(*letter));
    let mut digits = String::with_capacity(mantissa.len() + 2);
    match mark {
        None => {
            if whole.is_empty() && !mantissa.starts_with(decimal) {
                return None;
            }
            digits.push_str(if whole.is_empty() { "0" } else { whole });
        }
        Some(mark) => {
            for (i, part) in whole.split(mark).enumerate() {
                let right = if i == 0 {
                    (1..=3).contains(&part.len()) && !part.starts_with('0')
                } else {
                    part.len() == 3
                };
                if !right {
                    return None;
                }
                digits.push_str(part);
            }
        }
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.push('.');
    digits.push_str(fraction);
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_their_spellings() {
        let numeral_of = |point, comma| Numeral { point, comma };
        let either = |point, comma| numeral_of(Some(point), Some(comma));
        let plain = |number| either(number, number);
        let point = |number| numeral_of(Some(number), None);
        let comma = |number| numeral_of(None, Some(number));
        for (text, numeral_of_it) in [
            ("164300", plain(164_300.0)),
            (" 663\u{a0}106 ", plain(663_106.0)),
            ("1 234 567", plain(1_234_567.0)),
            ("12\u{202f}345", plain(12_345.0)),
            ("1'234", plain(1_234.0)),
            ("0,5", comma(0.5)),
            ("0,123", comma(0.123)),
            ("0.123", point(0.123)),
            ("1234.567", point(1_234.567)),
            ("1,234,567", point(1_234_567.0)),
            ("1.234.567", comma(1_234_567.0)),
            ("1,234.5", point(1_234.5)),
            ("1.234,5", comma(1_234.5)),
            ("12 345,6", comma(12_345.6)),
            ("7.52E-05", point(7.52e-5)),
            ("7,52e-05", comma(7.52e-5)),
            ("-3", plain(-3.0)),
            ("−3", plain(-3.0)),
            (".5", point(0.5)),
            ("1,234", either(1_234.0, 1.234)),
            ("1.234", either(1.234, 1_234.0)),
        ] {
            assert_eq!(numeral(text), Some(numeral_of_it), "{text}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "",
            " ",
            "12 34",
            "1,2,3",
            "1 23",
            "1.2.3",
            "1e",
            "e5",
            "NaN",
            "inf",
            "1e999",
            "5.",
            "12a",
            "<5",
            "--1",
            "1''234",
            "1234,567,890",
            "0x10",
            "१२",
            "1 234\u{a0}567",
            ",",
        ] {
            assert_eq!(numeral(text), None, "{text}");
        }
    }
}
