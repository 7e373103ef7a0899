//! Published studies of lines of therapy, and the pathways that they determine.
//!
//! A [`Study`] holds its [figures](StudyFigure) and says what each of them [measures](Measure). A
//! [`Preset`] is a pathway made of them, with what had to be assumed.
//!
//! | what a study published | what is made of it |
//! |---|---|
//! | crude shares by line at a data cut | a preset, by [`Calibration`]: the shares that show them under the study's follow-up, for given sojourn times |
//! | the same, and sojourn times that are not known | a [`Calibration`] of both, and what stays undetermined |
//! | attrition | a preset: what is not attrition goes on |
//! | median survival and progression-free survival from the start of each line | a preset, by [`Pathway::from_median_survival`](super::Pathway::from_median_survival) |
//! | outcome in a late line | [`Study::later_lines`], joined to a preset by [`Preset::with_later_lines`] |
//!
//! [`StudyFigure::used_in`] says for every shipped figure what rests on it, or why nothing does.
//!
//! ```
//! use myeloma_epi::pathway::evidence::{preset, studies};
//!
//! for study in studies() {
//!     for preset in study.presets()? {
//!         println!("{}: {:.0} % ever reach third line", preset.id, 100.0 * preset.ultimate_third_line()?);
//!     }
//! }
//! let canada = preset("cmrg")?;
//! assert!((canada.ultimate_third_line()? - 0.722).abs() < 5e-4);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod calibrated;
mod calibration;
mod later;
mod least_squares;
mod preset;
mod study;
mod study_preset;
mod survival;

use std::sync::LazyLock;

pub use calibrated::Calibrated;
pub use calibration::Calibration;
pub use preset::{Preset, preset};
pub use study::{Measure, Study, StudyFigure};

use crate::error::{Error, Result};
use crate::files::rows;

/// The **studies** that the crate ships, each with its figures.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::evidence::{Measure, studies};
///
/// // Median survival falls from line to line in every study that has it by line.
/// for study in studies() {
///     let survival = study.by_line(Measure::MedianOs);
///     assert!(survival.windows(2).all(|pair| pair[1].value < pair[0].value));
/// }
/// ```
#[must_use]
pub fn studies() -> &'static [Study] {
    static STUDIES: LazyLock<Vec<Study>> = LazyLock::new(|| match shipped() {
        Ok(studies) => studies,
        // A defect of the crate; the tests read every shipped file.
        Err(error) => panic!("broken invariant: a shipped file of studies is unreadable: {error}"),
    });
    &STUDIES
}

/// A **study** that the crate ships, by its short name.
///
/// # Errors
///
/// Where there is none of that name; the error lists those that there are.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::evidence::{Measure, study};
///
/// // Brozova et al. 2017: median survival in the Czech registry is 60.5 months from the start of first line.
/// let czech = study("czech_rmg")?;
/// assert_eq!(czech.by_line(Measure::MedianOs)[0].value, 60.5);
/// assert!(study("atlantis").is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn study(id: &str) -> Result<&'static Study> {
    studies()
        .iter()
        .find(|study| study.id == id)
        .ok_or_else(|| unknown_study(id, studies()))
}

fn unknown_study(id: &str, known: &[Study]) -> Error {
    Error::unknown("study", id, known.iter().map(|study| study.id.as_str()))
}

/// The shipped studies, each with its rows of the file of figures.
fn shipped() -> Result<Vec<Study>> {
    let mut studies: Vec<Study> = rows("studies.csv", include_str!("../../figures/studies.csv"))?;
    let figures = include_str!("../../figures/study_figures.csv");
    for mut row in rows::<study::Record>("study_figures.csv", figures)? {
        let id = row.study.take().unwrap_or_default();
        match studies.iter_mut().find(|study| study.id == id) {
            Some(study) => study.figures.push(row.try_into()?),
            None => return Err(unknown_study(&id, &studies)),
        }
    }
    Ok(studies)
}
