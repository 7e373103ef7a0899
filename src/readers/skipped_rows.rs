//! What of a file is not taken, and why.

use std::collections::BTreeMap;

/// Reasons, each with how often and where.
#[derive(Default)]
pub(super) struct LeftOut {
    reasons: BTreeMap<String, Places>,
}

/// How often, on which lines first, and whether there are more lines than those.
#[derive(Default)]
struct Places {
    count: usize,
    lines: Vec<u64>,
    more: bool,
}

/// As many lines are named.
const NAMED: usize = 5;

impl LeftOut {
    /// `what` begins with what is counted: `lines left out: …`.
    pub(super) fn add(&mut self, what: &str, line: u64) {
        // No allocation where the reason is known: there may be a million of them.
        if !self.reasons.contains_key(what) {
            self.reasons.insert(what.to_owned(), Places::default());
        }
        let Some(places) = self.reasons.get_mut(what) else {
            return;
        };
        places.count += 1;
        if places.lines.last() == Some(&line) {
            return;
        }
        if places.lines.len() < NAMED {
            places.lines.push(line);
        } else {
            places.more = true;
        }
    }

    pub(super) fn notes(self) -> impl Iterator<Item = String> {
        self.reasons.into_iter().map(|(what, places)| {
            let Places { count, lines, more } = places;
            let what = match (count, what.split_once("s ")) {
                (1, Some((one, rest))) => format!("{one} {rest}"),
                _ => what,
            };
            let s = if lines.len() > 1 { "s" } else { "" };
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            let more = if more { ", …" } else { "" };
            format!("{count} {what} (line{s} {}{more})", lines.join(", "))
        })
    }
}
