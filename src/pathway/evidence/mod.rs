//! Published studies of lines of therapy, with what each measured, and ready parameter sets.
//!
//! | what a study published | what is made of it |
//! |---|---|
//! | crude shares by line at a data cut | [`preset`], by [`calibrate`]: the shares that show them under the study's follow-up, for given stays |
//! | the same, and stays that are not known | [`Calibration`]: shares and stays together, and what stays undetermined |
//! | attrition | [`preset`]: what is not attrition goes on |
//! | median survival and progression-free survival from the start of each line | [`preset`], by [`shares_from_survival`] |
//! | outcome in a late line | [`later_lines`], joined to a preset by [`Preset::with_later_lines`] |
//!
//! [`StudyFigure::used`] says for every figure what rests on it, or why nothing does.

mod calibrate;
mod joint;
mod later;
mod presets;
mod survival;

pub use calibrate::{Calibrated, ScaleAnswer, calibrate};
pub use joint::{Calibration, Direction, Estimate, JointlyCalibrated};
pub use later::{LaterLines, later_lines};
pub use presets::{Preset, preset, preset_with_follow_up, presets};
pub use survival::shares_from_survival;

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
    /// on after the line, as the study defines it; `attrition_least` and `attrition_most` are its
    /// range over this line and later ones), `median_os`, `median_pfs` or `median_ttnt`.
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
    /// The lower end of the 95 % confidence interval, where one was read.
    pub low: Option<f64>,
    /// The upper end of the 95 % confidence interval, where one was read.
    pub high: Option<f64>,
    /// The preset or the later lines that rest on it, or why none do.
    #[serde(rename = "use")]
    pub used: String,
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
    /// What was read of the source to learn the definition.
    pub read: String,
    /// Why the study gives no preset without more from the user; empty where it gives one.
    pub refused: String,
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

    /// The study's figure of one kind for one line.
    ///
    /// # Errors
    ///
    /// Where it published none.
    pub fn figure(&self, estimand: &str, line: usize) -> Result<&'static StudyFigure> {
        self.figures(estimand)
            .find(|figure| figure.line == line)
            .ok_or_else(|| {
                Error::out_of_range(
                    "the line",
                    format!("the figures \"{estimand}\" of {}", self.id),
                    line,
                    "a line for which the study published it",
                )
            })
    }
}

/// All studies.
#[must_use]
pub fn studies() -> &'static [Study] {
    static STUDIES: LazyLock<Vec<Study>> =
        LazyLock::new(|| read_csv("studies.csv", include_str!("../../figures/studies.csv")));
    &STUDIES
}

/// All figures of all studies.
#[must_use]
pub fn figures() -> &'static [StudyFigure] {
    static FIGURES: LazyLock<Vec<StudyFigure>> = LazyLock::new(|| {
        read_csv(
            "study_figures.csv",
            include_str!("../../figures/study_figures.csv"),
        )
    });
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
