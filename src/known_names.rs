//! The names that there are: each once, and for a message about one that is none of them.

use std::collections::HashSet;
use std::fmt::Write;
use std::hash::Hash;

/// As many names stand in a message.
const MOST_NAMES: usize = 30;
/// Longer names are not compared.
const LONGEST: usize = 100;

/// `there are A, B, C`: the first names, and before them, where they are too many for a message, those near the one that
/// somebody wrote.
pub(crate) fn listed(name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return "there is none".to_owned();
    }
    let mut near = Vec::new();
    if known.len() > MOST_NAMES && name.len() <= LONGEST {
        near = known.iter().filter(|other| is_near(name, other)).collect();
        near.truncate(MOST_NAMES);
    }
    let others = known.iter().filter(|other| !near.contains(other));
    let shown: Vec<&str> = (near.iter().copied().chain(others))
        .take(MOST_NAMES)
        .map(String::as_str)
        .collect();
    let mut text = if shown.len() == 1 {
        "there is "
    } else {
        "there are "
    }
    .to_owned();
    text += &shown.join(", ");
    if known.len() > MOST_NAMES {
        let _ = write!(text, " and {} more", known.len() - MOST_NAMES);
    }
    text
}

/// Each once, in the order in which they first come.
pub(crate) fn each_once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// The same of the rows of a file, which may be millions with thousands of names.
pub(crate) fn each_once_of_many<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

/// Whether one name holds the other, or differs from it in few letters; capitals do not count.
fn is_near(name: &str, other: &str) -> bool {
    if name.trim().is_empty() || other.len() > LONGEST {
        return false;
    }
    let (name, other) = (name.trim().to_lowercase(), other.to_lowercase());
    other.contains(&name) || letters_between(&name, &other) <= 1 + name.chars().count() / 5
}

/// Letters to put in, take out or change to make one text of the other: the distance of
/// [Levenshtein](https://en.wikipedia.org/wiki/Levenshtein_distance), row by row of its table.
fn letters_between(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The textbook's examples.
    #[test]
    fn letters_are_counted() {
        for (a, b, letters) in [
            ("kitten", "sitting", 3),
            ("saturday", "sunday", 3),
            ("", "abc", 3),
            ("中国", "中国人", 1),
        ] {
            assert_eq!(
                (letters_between(a, b), letters_between(b, a)),
                (letters, letters)
            );
        }
    }

    #[test]
    fn near_names_come_first_where_not_all_are_shown() {
        let mut known: Vec<String> = (0..184).map(|i| format!("Land {i}")).collect();
        known.extend(["Germany", "Republic of Korea"].map(str::to_owned));
        for (typo, first) in [
            ("germny", "Germany"),
            ("Korea", "Republic of Korea"),
            ("Atlantis", "Land 0"),
        ] {
            let said = listed(typo, &known);
            assert!(
                said.starts_with(&format!("there are {first}, Land")),
                "{said}"
            );
            assert!(said.ends_with(" and 156 more"), "{said}");
        }
        assert_eq!(listed("Wrold", &["World".to_owned()]), "there is World");
    }
}
