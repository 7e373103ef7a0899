//! The question that an interval answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// **The question that a forecast answers.** An interval without a question is of no use: the next round of one
/// source and the number of people who are truly diagnosed have different centres and different widths.
///
/// | | [`Question::ThisSource`] | [`Question::TrueIncidence`] |
/// |---|---|---|
/// | asks | what will the next round of the source at hand say of the year? | how many people are diagnosed in the year? |
/// | centre | the last figure of the source | where all families of sources together are |
/// | level holds | the error of revision: by how much a later round of one family differs from an earlier one | how far families lie apart, and how little is known of that |
/// | can be checked | when the next round is published | never directly |
///
/// # Example
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, Question, figures};
///
/// let options = OutlookOptions { draws: 2_000, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let china = outlook.region("China")?;
/// let median = |question| china.new_cases_under(question).median(2024);
/// // GBD counts far fewer cases in China than the press release.
/// assert!(median(Question::TrueIncidence)? < 0.95 * median(Question::ThisSource)?);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What will the next round of the same source say? No error between sources; the error of revisions.
    #[default]
    ThisSource,
    /// How many people are diagnosed? Centred where all families of sources together are.
    TrueIncidence,
}

impl Question {
    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::ThisSource => Self::TrueIncidence,
            Self::TrueIncidence => Self::ThisSource,
        }
    }
}

impl fmt::Display for Question {
    /// The question in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThisSource => "what the next round of this source will say",
            Self::TrueIncidence => "how many are diagnosed, by all sources together",
        })
    }
}
