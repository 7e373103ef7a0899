//! Values as people write them.

/// A share or an error: `5%`, `5 %` or `0.05`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let (number, unit) = match trimmed.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (trimmed, 1.0),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("\"{text}\" is no share: write 5% or 0.05"))?;
    if !number.is_finite() {
        return Err(format!("\"{text}\" is no share: write 5% or 0.05"));
    }
    Ok(number / unit)
}

/// A share or a range of shares: `80%`, `70%-90%`, `0.7-0.9`.
pub(crate) fn shares(text: &str) -> Result<(f64, f64), String> {
    match text.trim().split_once(['-', '–']) {
        Some((low, high)) => Ok((share(low)?, share(high)?)),
        None => share(text).map(|share| (share, share)),
    }
}

/// Two names: `China=World`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((a, b)) if !a.is_empty() && !b.is_empty() => Ok((a.to_owned(), b.to_owned())),
        _ => Err(format!("\"{text}\" has no two names: write China=World")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_people_write_them() {
        for text in ["5%", "5 %", "0.05", " 0.05 "] {
            assert_eq!(share(text), Ok(0.05), "{text}");
        }
        for text in ["five", "5%%", "", "NaN", "inf"] {
            assert!(share(text).is_err(), "{text}");
        }
        for text in ["70%-90%", "70 % – 90 %", "0.7-0.9"] {
            assert_eq!(shares(text), Ok((0.7, 0.9)), "{text}");
        }
        assert_eq!(shares("80%"), Ok((0.8, 0.8)));
        assert!(shares("70-").is_err());
        assert!(pair("China").is_err() && pair("=World").is_err());
    }
}
