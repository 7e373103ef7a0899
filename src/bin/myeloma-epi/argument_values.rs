//! Values as people write them.

/// A relative error: `5%`, `5 %` or `0.05`.
pub(crate) fn error(text: &str) -> Result<f64, String> {
    match share(text)? {
        error if error >= 0.0 => Ok(error),
        _ => Err(format!("\"{text}\" is below 0, and no error is")),
    }
}

/// A share: `5%`, `5 %` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let (number, unit) = match trimmed.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (trimmed, 1.0),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("\"{text}\" is not a share: write 5% or 0.05"))?;
    if !number.is_finite() {
        return Err(format!("\"{text}\" is not a share: write 5% or 0.05"));
    }
    Ok(number / unit)
}

/// A share of people: `90%` or `0.9`, at most all of them.
pub(crate) fn part(text: &str) -> Result<f64, String> {
    match share(text)? {
        part if (0.0..=1.0).contains(&part) => Ok(part),
        _ => Err(format!("\"{text}\" is not between 0 and 100%")),
    }
}

/// A number of draws or threads.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a number above 0 is needed".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is needed, such as 2000".to_owned()),
    }
}

/// A number of threads: thousands of them take minutes to begin.
pub(crate) fn threads(text: &str) -> Result<usize, String> {
    match at_least_one(text)? {
        threads if threads <= 512 => Ok(threads),
        _ => Err(
            "at most 512 threads: more than the machine has cores make nothing faster".to_owned(),
        ),
    }
}

/// The points of indices, in eight parts of 64 or more: a power of two.
pub(crate) fn points(text: &str) -> Result<usize, String> {
    match at_least_one(text)? {
        points if points >= 512 && points.is_power_of_two() => Ok(points),
        _ => Err("a power of two from 512 is needed, such as 1024".to_owned()),
    }
}

/// A share or a range of shares: `80%`, `70-90%`, `0.7-0.9`.
pub(crate) fn shares(text: &str) -> Result<(f64, f64), String> {
    match text.trim().split_once(['-', '–']) {
        // A unit that is written once is that of both ends, but 0.7-90% may mean 70 % or 0.7 %.
        Some((low, high)) if high.ends_with('%') && !low.trim_end().ends_with('%') => {
            match (share(low)?, share(high)?) {
                (low, high) if low == 0.0 || low >= 1.0 => Ok((low / 100.0, high)),
                _ => Err(format!("\"{text}\" has two units: write 70%-90%")),
            }
        }
        Some((low, high)) => Ok((share(low)?, share(high)?)),
        None => share(text).map(|share| (share, share)),
    }
}

/// A region that is part of another: `China=World`.
pub(crate) fn part_of(text: &str) -> Result<(String, String), String> {
    pair(text, "China=World")
}

/// Two words, or an error with an example.
fn pair(text: &str, example: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((a, b)) if !a.is_empty() && !b.is_empty() => Ok((a.to_owned(), b.to_owned())),
        _ => Err(format!("\"{text}\" is not of two parts: write {example}")),
    }
}

/// An area for the region of the same name, or for another: `Western Europe`, `Atlantis=Western Europe`.
pub(crate) fn area(text: &str) -> Result<(String, String), String> {
    if text.contains('=') {
        return pair(text, "\"Atlantis=Western Europe\"");
    }
    Ok((text.to_owned(), text.to_owned()))
}

/// A region and how many members it has: `Europe=20`.
pub(crate) fn members(text: &str) -> Result<(String, f64), String> {
    let (region, members) = pair(text, "Europe=20")?;
    match members.parse::<f64>() {
        Ok(members) if members.is_finite() && members >= 1.0 => Ok((region, members)),
        _ => Err(format!(
            "\"{members}\" is not a number from 1 on: write Europe=20"
        )),
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
        for text in ["70%-90%", "70 % – 90 %", "0.7-0.9", "70-90%", "70 – 90 %"] {
            assert_eq!(shares(text), Ok((0.7, 0.9)), "{text}");
        }
        assert_eq!(shares("80%"), Ok((0.8, 0.8)));
        assert!(shares("70-").is_err() && shares("0.7-90%").is_err());
        assert_eq!((part("100%"), part("0")), (Ok(1.0), Ok(0.0)));
        assert!(part("101%").is_err() && part("90").is_err() && part("-1%").is_err());
        assert_eq!((at_least_one("3"), points("512")), (Ok(3), Ok(512)));
        assert!(at_least_one("0").is_err() && points("64").is_err() && points("1000").is_err());
        assert!(threads("512") == Ok(512) && threads("513").is_err() && threads("0").is_err());
        for text in ["China", "=World"] {
            let error = part_of(text).unwrap_err();
            assert!(error.ends_with("write China=World"), "{error}");
        }
        let error = area("Atlantis=").unwrap_err();
        assert!(
            error.ends_with("write \"Atlantis=Western Europe\""),
            "{error}"
        );
        let error = members("2").unwrap_err();
        assert!(error.ends_with("write Europe=20"), "{error}");
        assert_eq!(area("China"), Ok(("China".to_owned(), "China".to_owned())));
        assert_eq!(members("Europe=20"), Ok(("Europe".to_owned(), 20.0)));
        assert!(members("Europe=0.5").is_err() && members("Europe").is_err());
    }
}
