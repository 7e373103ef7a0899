//! The studies that the crate ships: a row of `figures/studies/studies.csv` each, and rows of `figures/studies/study_figures.csv`.

use std::sync::LazyLock;

use super::study::{Study, StudyFigure};
use crate::error::{Error, Result};
use crate::files::rows;

impl Study {
    /// The **studies** that the crate ships, each with its figures.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::{Measure, Study};
    ///
    /// // Median survival falls from line to line in every study that has it by line.
    /// for study in Study::shipped() {
    ///     let survival = study.by_line(Measure::MedianOs);
    ///     assert!(survival.windows(2).all(|pair| pair[1].value < pair[0].value));
    /// }
    /// ```
    #[must_use]
    pub fn shipped() -> &'static [Self] {
        static STUDIES: LazyLock<Vec<Study>> = LazyLock::new(|| match read() {
            Ok(studies) => studies,
            // A defect of the crate; the tests read every shipped file.
            Err(error) => {
                panic!("broken invariant: a shipped file of studies is unreadable: {error}")
            }
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
    /// use myeloma_epi::pathway::evidence::{Measure, Study};
    ///
    /// // Brozova et al. 2017: median survival in the Czech registry is 60.5 months from the start of first line.
    /// let czech = Study::of("czech_rmg")?;
    /// assert_eq!(czech.by_line(Measure::MedianOs)[0].value, 60.5);
    /// assert!(Study::of("atlantis").is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn of(id: &str) -> Result<&'static Self> {
        Self::shipped()
            .iter()
            .find(|study| study.id == id)
            .ok_or_else(|| unknown(id, Self::shipped()))
    }
}

fn unknown(id: &str, known: &[Study]) -> Error {
    Error::unknown("study", id, known.iter().map(|study| study.id.as_str()))
}

/// The shipped studies, each with its rows of the file of figures.
fn read() -> Result<Vec<Study>> {
    let mut studies: Vec<Study> = rows(
        "studies.csv",
        include_str!("../../figures/studies/studies.csv"),
    )?;
    let figures = include_str!("../../figures/studies/study_figures.csv");
    for mut figure in rows::<StudyFigure>("study_figures.csv", figures)? {
        let id = std::mem::take(&mut figure.study);
        match studies.iter_mut().find(|study| study.id == id) {
            Some(study) => study.figures.push(figure),
            None => return Err(unknown(&id, &studies)),
        }
    }
    Ok(studies)
}
