//! Lines that all end with a line feed, the last one too.

use std::io::{self, Read};

/// Text with `\n` in place of `\r\n` and `\r`, and at its end.
///
/// The parser counts line feeds, and where it is in the middle of a `\r\n` or skips comments the line that it tells is one
/// before. With this the line of a record is known from where its reading ends.
pub(crate) struct LineEnds<R> {
    text: R,
    /// The last byte was a carriage return.
    after_return: bool,
    /// Something was read, and no line feed after it.
    open: bool,
}

impl<R> LineEnds<R> {
    pub(crate) fn new(text: R) -> Self {
        Self {
            text,
            after_return: false,
            open: false,
        }
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.text.read(buffer)?;
            if read == 0 {
                if self.open && !buffer.is_empty() {
                    self.open = false;
                    buffer[0] = b'\n';
                    return Ok(1);
                }
                return Ok(0);
            }
            let mut kept = 0;
            for i in 0..read {
                let byte = buffer[i];
                let is_second = byte == b'\n' && self.after_return;
                self.after_return = byte == b'\r';
                if is_second {
                    continue;
                }
                buffer[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
            if kept > 0 {
                self.open = buffer[kept - 1] != b'\n';
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the text is cut into pieces.
    #[test]
    fn all_lines_end_alike() {
        for (text, lines) in [
            ("a\r\nb\rc\n\r\n", "a\nb\nc\n\n"),
            ("a", "a\n"),
            ("", ""),
            ("\r\n\r\n", "\n\n"),
            ("a\r", "a\n"),
        ] {
            for size in 1..4 {
                let mut reader = LineEnds::new(text.as_bytes());
                let (mut buffer, mut read) = ([0; 4], Vec::new());
                loop {
                    let n = reader.read(&mut buffer[..size]).unwrap();
                    if n == 0 {
                        break;
                    }
                    read.extend_from_slice(&buffer[..n]);
                }
                assert_eq!(
                    String::from_utf8(read).unwrap(),
                    lines,
                    "{text:?} by {size}"
                );
            }
        }
    }
}
