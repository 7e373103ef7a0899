//! How many digits the numbers of a table have.

/// How many digits of a computed number a table holds.
///
/// The uncertainty of any number here is in its second digit, so six are plenty for a reader and for a sum; all are for
/// programs that compare results bit by bit.
///
/// ```
/// use myeloma_epi::report::Digits;
///
/// assert_eq!(Digits::Six.text(294_013.7), "294014");
/// assert_eq!(Digits::All.text(0.1 + 0.2), "0.30000000000000004");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digits {
    /// At most six significant digits: 294013.7 is written 294014, 0.12345678 is 0.123457.
    #[default]
    Six,
    /// As many as it takes to read the same number back.
    All,
}

impl Digits {
    /// A number as text.
    #[must_use]
    pub fn text(self, number: f64) -> String {
        match self {
            Self::All => number.to_string(),
            // Decimal rounding of the exact value, so that no factor of ten adds an error of its own.
            Self::Six => format!("{number:.5e}")
                .parse()
                .unwrap_or(number)
                .to_string(),
        }
    }

    /// A number that there may be, as a cell.
    pub(crate) fn optional(self, number: Option<f64>) -> String {
        number.map_or_else(String::new, |number| self.text(number))
    }
}

#[cfg(test)]
mod tests {
    use super::Digits;

    #[test]
    fn six_digits_are_the_nearest() {
        for (number, text) in [
            (294_013.7, "294014"),
            (1_234_567.0, "1234570"),
            (0.123_456_78, "0.123457"),
            (-999_999.5, "-1000000"),
            (12.5, "12.5"),
            (0.0, "0"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(Digits::Six.text(number), text);
        }
        assert_eq!(Digits::All.text(0.1 + 0.2), "0.30000000000000004");
    }
}
