//! Words that several makers share: sexes, years, cells without a number.

use super::Format;
use super::layout::Word;
use crate::demography::Sex;

/// The sex of a word, in English and German.
pub(super) fn sex(word: &str) -> Option<Sex> {
    let words = [
        (
            Sex::Both,
            "both,both sexes,both sexes combined,male and female,female and male,all,all sexes,persons,person,total,gesamt,\
             insgesamt,beide,beide geschlechter,b,t",
        ),
        (
            Sex::Female,
            "female,females,f,women,woman,weiblich,frauen,w",
        ),
        (
            Sex::Male,
            "male,males,m,men,man,männlich,maennlich,männer,maenner",
        ),
    ];
    let word = word.trim().to_lowercase();
    let mut sexes = words.into_iter();
    let (sex, _) = sexes.find(|(_, words)| words.split(',').any(|there| there == word))?;
    Some(sex)
}

/// What a cell says of its year; several years in one number, `2018-2022`, are left out.
pub(super) fn year(text: &str) -> Word<i32> {
    let text = text.trim();
    if let Some(year) = calendar_year(text) {
        return Word::Is(year);
    }
    // A first word of four digits, then anything in brackets: "2022 (provisional)".
    if let Some((year, rest)) = text.split_once(' ')
        && rest.starts_with('(')
        && let Some(year) = calendar_year(year)
    {
        return Word::Is(year);
    }
    for between in ["-", "–", "—", "/", " to ", " bis ", "_", "+", ";", ","] {
        let parts: Vec<&str> = text.split(between).map(str::trim).collect();
        if let [first, .., last] = parts[..]
            && let Some(first) = calendar_year(first)
        {
            let last = match last.len() {
                // "2018-22" and "2018/19".
                // No month is "00": "1999-00" goes into the next century.
                2 if parts.len() == 2 && last == "00" => format!("{}00", first / 100 + 1),
                2 if parts.len() == 2 => {
                    let last = format!("{}{last}", first / 100);
                    // "2012-12" is a month.
                    if calendar_year(&last) == Some(first) {
                        return Word::Unknown;
                    }
                    last
                }
                _ => last.to_owned(),
            };
            // "2019-01-01" is a day and "2020/04" a month: neither is an interval of years.
            return match calendar_year(&last) {
                Some(last) if last == first => Word::Is(first),
                Some(last) if last > first => Word::LeftOut,
                _ => Word::Unknown,
            };
        }
    }
    match text.to_lowercase().as_str() {
        "all" | "all years" | "total" | "all years combined" => Word::LeftOut,
        _ => Word::Unknown,
    }
}

/// Four digits from 1800 to 2199; a spreadsheet may have written them as 2022.0.
pub(super) fn calendar_year(text: &str) -> Option<i32> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year: i32 = digits.then(|| text.parse().ok())??;
    (1800..2200).contains(&year).then_some(year)
}

/// What stands in a cell for a number.
pub(super) enum Cell<'t> {
    /// Nothing, or a word for nothing.
    Empty,
    /// A sign that the number is withheld.
    Withheld(&'t str),
    /// A sign that there can be none: a cancer that the sex does not have.
    Impossible(&'t str),
    /// A number, or what should be one.
    Text(&'t str),
}

pub(super) fn cell(text: &str) -> Cell<'_> {
    let text = text.trim();
    match text {
        "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "null" | "NULL" | "..." | ".." | "…" | ":"
        | "." => Cell::Empty,
        "[x]" | "[z]" | "Not Applicable" => Cell::Impossible(text),
        "Suppressed" | "suppressed" | "~" | "^" | "*" | "**" | "c" | "[c]" | "Missing"
        | "Unreliable" | "-" | "–" | "+" | "#" => Cell::Withheld(text),
        _ if text.starts_with(['<', '≤']) && text.len() > 1 => Cell::Withheld(text),
        _ => Cell::Text(text),
    }
}

/// A word for all of the people where a part of them is named otherwise.
pub(super) fn is_everybody(word: &str) -> bool {
    let word = word.trim().to_lowercase();
    matches!(
        word.as_str(),
        "" | "all" | "total" | "both" | "overall" | "any" | "persons"
    ) || word.starts_with("all ")
}

/// The codes of ICD-10 in brackets at the end of a name: `Kehlkopf (C32)`.
pub(super) fn codes_in(name: &str) -> Option<String> {
    let (_, codes) = name.trim().strip_suffix(')')?.rsplit_once('(')?;
    let codes = codes.trim();
    let codes = codes
        .strip_prefix("ICD-10")
        .unwrap_or(codes)
        .trim_start_matches([':', ' ']);
    definition(codes)
}

/// Codes of ICD-10 as the crate writes them: `C88+C90` for `C88, C90`. `None` where there are none.
pub(super) fn definition(codes: &str) -> Option<String> {
    let stated = codes.trim();
    let codes: String = codes
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let codes = codes.replace([',', ';', '&'], "+");
    let mut letters = codes.chars();
    let begins = letters
        .next()
        .is_some_and(|letter| letter.is_ascii_uppercase())
        && letters.next().is_some_and(|digit| digit.is_ascii_digit());
    // "C00-C97, excluding C44" is more than codes.
    let has_words = stated.contains(|letter: char| letter.is_ascii_lowercase());
    let codes = if has_words { stated.to_owned() } else { codes };
    begins.then_some(codes)
}

/// The codes that a cancer's name tells.
pub(super) fn definition_of(format: Format, site: &str) -> Option<String> {
    // What the study counts as this cause: see the sources of `figures::comparison`.
    if format == Format::Gbd && site.eq_ignore_ascii_case("Multiple myeloma") {
        return Some("C88+C90".to_owned());
    }
    // "C90.0 (Multiple myeloma)" in the query of WONDER, "Plasmozytom (C90)" elsewhere.
    let leading = site
        .split_once(" (")
        .and_then(|(codes, _)| definition(codes));
    codes_in(site).or(leading.filter(|_| format == Format::Wonder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_pooled_years() {
        for (text, expected) in [
            ("2019", 2019),
            (" 2022 ", 2022),
            ("2022 (provisional)", 2022),
            ("2019-2019", 2019),
            ("2019.0", 2019),
        ] {
            assert!(
                matches!(year(text), Word::Is(year) if year == expected),
                "{text}"
            );
        }
        for text in [
            "2018-2022",
            "2018–2022",
            "2018-22",
            "2013 to 2017",
            "2018/2019",
            "2018, 2019",
            "All years",
        ] {
            assert!(matches!(year(text), Word::LeftOut), "{text}");
        }
        for text in [
            "",
            "0",
            "202",
            "20222",
            "1,999",
            "2018-",
            "May 2019",
            "1799",
            "2018-x",
            "2019-01-01",
            "2020/04",
            "2020-12-31",
        ] {
            assert!(matches!(year(text), Word::Unknown), "{text}");
        }
    }

    #[test]
    fn codes_are_written_in_one_way() {
        assert_eq!(definition("C88, C90").as_deref(), Some("C88+C90"));
        assert_eq!(definition("C82-86+C88").as_deref(), Some("C82-86+C88"));
        assert_eq!(
            codes_in("Mundhöhle und Rachen (C00-C14)").as_deref(),
            Some("C00-C14")
        );
        assert_eq!(codes_in("Prostate (men)"), None);
        assert_eq!(definition("Myeloma"), None);
        let stated = "C00-C97, excluding C44";
        assert_eq!(definition(stated).as_deref(), Some(stated));
    }
}
