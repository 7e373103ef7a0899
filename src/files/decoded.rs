//! Text from bytes in the encodings that spreadsheets and web sites write.

use std::borrow::Cow;

use super::{BYTE_ORDER_MARK, unreadable};
use crate::error::Result;

/// A text, and how it stood there, where that is worth a note.
type Decoded<'b> = (Cow<'b, str>, Option<&'static str>);

const UTF_16: &str = "the text is UTF-16";
const WINDOWS_1252: &str = "the text is no UTF-8: it is read as Windows-1252 (Latin-1)";

/// Text from bytes: UTF-8, UTF-16 with a byte-order mark, or, where they are no UTF-8, Windows-1252.
///
/// Text whose beginning has letters in UTF-8 is not taken for Windows-1252 where one byte is damaged: it is an error, as is
/// what is no text. `place` names the bytes in errors. What is not UTF-8, with a byte-order mark or without, is told beside the text.
pub(crate) fn decoded<'b>(place: &str, bytes: &'b [u8]) -> Result<Decoded<'b>> {
    if let Some(utf16) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16_text(place, utf16, u16::from_le_bytes);
    }
    if let Some(utf16) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16_text(place, utf16, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    for (start, what) in [
        (&b"PK\x03\x04"[..], "an Excel workbook or another zip file"),
        (b"\x1f\x8b", "a gzip file"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"%PDF", "a PDF"),
    ] {
        if bytes.starts_with(start) {
            let message = format!("{what}, not text: save the table as CSV, or unpack it");
            return Err(unreadable(place, None, message));
        }
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let message = "a byte of 0: not text, or UTF-16 without a byte-order mark";
        return Err(unreadable(place, Some(line(bytes, at)), message.to_owned()));
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), None)),
        Err(error) => error,
    };
    let at = error.valid_up_to();
    if !bytes[..at].is_ascii() {
        let message = "a byte that is no UTF-8, in a file that is UTF-8 up to there".to_owned();
        return Err(unreadable(place, Some(line(bytes, at)), message));
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for (at, &byte) in bytes.iter().enumerate() {
        let Some(letter) = windows_1252(byte) else {
            let message = format!("the byte {byte:#04x} is neither UTF-8 nor Windows-1252");
            return Err(unreadable(place, Some(line(bytes, at)), message));
        };
        text.push(letter);
    }
    Ok((Cow::Owned(text), Some(WINDOWS_1252)))
}

fn utf16_text<'b>(place: &str, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Decoded<'b>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let decoded = char::decode_utf16(pairs.iter().map(|&pair| unit(pair)));
    let mut text = String::with_capacity(bytes.len());
    for letter in decoded {
        match letter {
            Ok('\0') | Err(_) => {
                let line = text.matches('\n').count() as u64 + 1;
                let message = "a letter that UTF-16 does not have".to_owned();
                return Err(unreadable(place, Some(line), message));
            }
            Ok(letter) => text.push(letter),
        }
    }
    if !rest.is_empty() {
        let message = "UTF-16 text with half a letter at its end: is it cut?".to_owned();
        return Err(unreadable(place, None, message));
    }
    Ok((Cow::Owned(text), Some(UTF_16)))
}

/// The line of a byte, counted from 1.
fn line(bytes: &[u8], at: usize) -> u64 {
    bytes[..at].split(|byte| *byte == b'\n').count() as u64
}

/// The letter of a byte in Windows-1252 (<https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT>); five
/// bytes stand for none.
const fn windows_1252(byte: u8) -> Option<char> {
    const UPPER: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => match UPPER[(byte - 0x80) as usize] {
            '\0' => None,
            letter => Some(letter),
        },
        _ => Some(byte as char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "männlich" and a no-break space in each encoding, by hand.
    #[test]
    fn text_is_the_same_in_each_encoding() {
        let text = "männlich\u{a0}1";
        let utf8 = text.as_bytes().to_vec();
        let marked = [BYTE_ORDER_MARK, &utf8].concat();
        let latin = b"m\xe4nnlich\xa01".to_vec();
        let units: Vec<u16> = text.encode_utf16().collect();
        let little = [
            vec![0xff, 0xfe],
            units.iter().flat_map(|u| u.to_le_bytes()).collect(),
        ];
        let big = [
            vec![0xfe, 0xff],
            units.iter().flat_map(|u| u.to_be_bytes()).collect(),
        ];
        for (bytes, encoding) in [
            (utf8, None),
            (marked, None),
            (latin, Some(WINDOWS_1252)),
            (little.concat(), Some(UTF_16)),
            (big.concat(), Some(UTF_16)),
        ] {
            let (read, how) = decoded("x", &bytes).unwrap();
            assert_eq!((read.as_ref(), how), (text, encoding));
        }
        assert_eq!(windows_1252(0x80), Some('€'));
        assert_eq!(windows_1252(0x96), Some('–'));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        for (bytes, said) in [
            (&b"a\n\xc3\xa4\n\xff"[..], "line 3: a byte that is no UTF-8"),
            (b"a\n\x81", "line 2: the byte 0x81"),
            (b"a\0b", "line 1: a byte of 0"),
            (
                b"\xff\xfea\0\x00\xd8b\0",
                "line 1: a letter that UTF-16 does not have",
            ),
            (b"\xff\xfea\0b", "half a letter"),
            (b"PK\x03\x04", "an Excel workbook"),
            (b"\x1f\x8b\x08", "a gzip file"),
        ] {
            let error = decoded("x", bytes).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
