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
//! use myeloma_epi::pathway::evidence::{Preset, Study};
//!
//! for study in Study::shipped() {
//!     for preset in study.presets()? {
//!         println!("{}: {:.0} % ever reach third line", preset.id, 100.0 * preset.ultimate_third_line()?);
//!     }
//! }
//! let canada = Preset::of("cmrg")?;
//! assert!((canada.ultimate_third_line()? - 0.722).abs() < 5e-4);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod after_third_line;
mod calibrated;
mod calibration;
mod least_squares;
mod preset;
mod shipped_studies;
mod study;
mod study_preset;
mod survival;

pub use calibrated::Calibrated;
pub use calibration::Calibration;
pub use preset::Preset;
pub use study::{Measure, Study, StudyFigure};
