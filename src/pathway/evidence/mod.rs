//! Published studies of lines of therapy, with what each measured, and ready parameter sets.

mod calibrate;
mod presets;

pub use calibrate::{Calibrated, ScaleAnswer, calibrate};
pub use presets::{Preset, preset, preset_with_follow_up, presets};

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One published figure on a line of therapy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StudyFigure {
    /// The study; see [`Study::id`].
    pub id: String,
    /// What the number is: `crude_reach` (share of the cohort seen starting the line by data cut),
    /// `of_previous` (share of those who had the previous line, crude), `attrition` (share not going
    /// on after the line, as the study defines it), `median_os`, `median_pfs` or `median_ttnt`.
    pub estimand: String,
    /// The line, from 1.
    pub line: usize,
    /// The number.
    pub value: f64,
    /// `share` or `months`.
    pub unit: String,
    /// Whom it describes.
    pub population: String,
    /// The number of patients, where stated.
    pub n: Option<f64>,
    /// The source.
    pub source: String,
}

/// A published study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Study {
    /// A short name.
    pub id: String,
    /// When its patients were diagnosed or treated.
    pub years: String,
    /// The length of that time in years, where stated.
    pub accrual: Option<f64>,
    /// The median follow-up in years, where stated.
    pub follow_up: Option<f64>,
    /// The DOI, where the source was read.
    pub doi: String,
    /// What it measured.
    pub measured: String,
    /// What to beware of.
    pub caution: String,
    /// Whether the source was read for the definition, `yes` or `no`.
    pub checked: String,
}

impl Study {
    /// The study's figures of one kind, by line.
    pub fn figures<'a>(
        &'a self,
        estimand: &'a str,
    ) -> impl Iterator<Item = &'static StudyFigure> + 'a {
        figures()
            .iter()
            .filter(move |figure| figure.id == self.id && figure.estimand == estimand)
    }
}

/// All studies.
#[must_use]
pub fn studies() -> &'static [Study] {
    static STUDIES: LazyLock<Vec<Study>> =
        LazyLock::new(|| read_csv("studies.csv", include_str!("studies.csv")));
    &STUDIES
}

/// All figures of all studies.
#[must_use]
pub fn figures() -> &'static [StudyFigure] {
    static FIGURES: LazyLock<Vec<StudyFigure>> =
        LazyLock::new(|| read_csv("figures.csv", include_str!("figures.csv")));
    &FIGURES
}

/// One study.
///
/// # Errors
///
/// Where there is none of that name.
pub fn study(id: &str) -> Result<&'static Study> {
    studies()
        .iter()
        .find(|study| study.id == id)
        .ok_or_else(|| {
            let known: Vec<&str> = studies().iter().map(|study| study.id.as_str()).collect();
            Error::out_of_range(
                "the study",
                "the published studies",
                format!("\"{id}\""),
                format!("one of {}", known.join(", ")),
            )
        })
}

/// A shipped file that cannot be read is a defect of the crate; the tests read every one of them.
pub(super) fn read_csv<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    match reader.deserialize().collect::<csv::Result<Vec<T>>>() {
        Ok(rows) => rows,
        Err(error) => panic!("broken invariant: the shipped file {name} is unreadable: {error}"),
    }
}
