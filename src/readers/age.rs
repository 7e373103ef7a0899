//! Age groups under the names that exports give them.

/// The word for all ages.
pub(super) const ALL: &str = "all";

/// What stands among the ages of age-standardised rates; a row has all ages then, and that unit.
pub(super) const STANDARDISED: &str = "age-standardised";

/// An age group as rows name it: `all`, `0`, `15-19`, `85+`; any other text as it is.
///
/// Exports write `15 to 19`, `15-19 years`, `0 - 4`, `95 plus`, `<1 year`, `00 years`, `Under 5`, `85+ years`.
pub(super) fn age(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let plain = words.join(" ");
    if is_all(&plain) {
        return ALL.to_owned();
    }
    if plain.starts_with("age-standardi") {
        return STANDARDISED.to_owned();
    }
    let units = ["years", "year", "yrs", "jahre", "jahren"];
    // "80 years and over".
    let bare: Vec<&str> = (words.into_iter())
        .filter(|word| !units.contains(word))
        .collect();
    let bare = bare.join(" ");
    let without = units.iter().find_map(|unit| bare.strip_suffix(unit));
    match bounds(without.unwrap_or(&bare).trim()) {
        Some((first, None)) => format!("{first}+"),
        Some((first, Some(last))) if first == last => first.to_string(),
        Some((first, Some(last))) => format!("{first}-{last}"),
        None => text.trim().to_owned(),
    }
}

fn is_all(text: &str) -> bool {
    let words = "all,all ages,allages,total,alle,alle altersgruppen,insgesamt,gesamt,\
                 all ages combined,ages all";
    words.split(',').any(|word| word == text)
}

/// The first and the last year of age in a group; no last one where it is open.
fn bounds(text: &str) -> Option<(u32, Option<u32>)> {
    let open = "+| plus|plus| and over| or older| and older| or over| und aelter| und älter";
    for open in open.split('|') {
        if let Some(first) = text.strip_suffix(open) {
            return Some((number(first)?, None));
        }
    }
    if let Some(first) = text.strip_prefix('≥').or(text.strip_prefix(">=")) {
        return Some((number(first)?, None));
    }
    for below in ["<", "under ", "unter ", "less than "] {
        if let Some(end) = text.strip_prefix(below) {
            return Some((0, Some(number(end)?.checked_sub(1)?)));
        }
    }
    for between in [" to ", "-", "–", " bis ", "to", "_"] {
        if let Some((first, last)) = text.split_once(between) {
            let (first, last) = (number(first)?, number(last)?);
            return (first <= last).then_some((first, Some(last)));
        }
    }
    number(text).map(|only| (only, Some(only)))
}

/// A number of years; ages have at most three digits.
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    let is_age = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_age.then(|| text.parse().ok())?
}

/// The bounds of a group that [`age`] has named.
pub(super) fn named(age: &str) -> Option<(u32, Option<u32>)> {
    bounds(age)
}

/// Whether the name of a column is that of an age group: `15-19`, `100+`, `7`.
pub(super) fn of_column(name: &str) -> Option<String> {
    let starts = name
        .trim()
        .starts_with(|letter: char| letter.is_ascii_digit());
    bounds(name.trim()).filter(|_| starts).map(|_| age(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_one_name() {
        for (text, name) in [
            ("15 to 19", "15-19"),
            ("0 - 4", "0-4"),
            ("60-64 years ", "60-64"),
            ("95 plus", "95+"),
            ("85+ years", "85+"),
            ("85+", "85+"),
            ("80 years and over", "80+"),
            ("80 years or older", "80+"),
            ("≥80", "80+"),
            (">= 80 years", "80+"),
            ("15 years to 19 years", "15-19"),
            ("90 and over", "90+"),
            ("00 years", "0"),
            ("< 1 year", "0"),
            ("<1 year", "0"),
            ("<5 years", "0-4"),
            ("Under 5", "0-4"),
            ("1-4 years", "1-4"),
            ("100", "100"),
            ("All ages", "all"),
            ("All Ages", "all"),
            ("Age-standardized", "age-standardised"),
            ("Unknown", "Unknown"),
            ("19-15", "19-15"),
        ] {
            assert_eq!(age(text), name);
        }
        assert_eq!(of_column("100+").as_deref(), Some("100+"));
        assert_eq!(of_column("2022"), None);
        assert_eq!(of_column("under 5"), None);
    }
}
