//! Years that are known to be out of line or unfinished.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::files::Words;

/// A mark on a year of a series: why its count is left out of estimates.
///
/// A marked count stays in the series, is shown, and is neither fitted through nor scored. In files it is the
/// column `mark` with the word `shock` or `provisional`, or nothing.
///
/// # Example
///
/// ```
/// use myeloma_epi::figures::{self, Mark};
/// use myeloma_epi::IncidenceSeries;
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let marks: Vec<_> = usa.marks().iter().map(|(year, mark)| (*year, *mark)).collect();
/// assert_eq!(marks, [(2020, Mark::Shock), (2021, Mark::Provisional), (2022, Mark::Provisional)]);
/// assert_eq!(usa.unmarked().count(), 21); // 1999 to 2019
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// The count left its trend for a known reason that no trend foresees: a pandemic, a registry that was
    /// closed for a year.
    Shock,
    /// The registry still completes the year: late reports will be added.
    Provisional,
}

impl Mark {
    /// The word used in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shock => "shock",
            Self::Provisional => "provisional",
        }
    }
}

impl Words for Mark {
    const WORDS: &str = "shock or provisional";
}

/// Marked years after a phrase that says what became of them, as `; left out: 2020 (shock), 2021 (provisional)`; nothing
/// where there are none.
pub(crate) fn listed(phrase: &str, marks: impl Iterator<Item = (i32, Mark)>) -> String {
    let years: Vec<String> = marks
        .map(|(year, mark)| format!("{year} ({mark})"))
        .collect();
    if years.is_empty() {
        String::new()
    } else {
        format!("{phrase}: {}", years.join(", "))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
