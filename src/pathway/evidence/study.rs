//! A published study and its figures.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::files;
use crate::number_checks::Place;
use crate::pathway::model::MAX_LINES;
use crate::plain_text::printable;

/// What a published figure on a line of therapy measures.
///
/// | in files | of line *l* | unit |
/// |---|---|---|
/// | `crude_reach` | share of the cohort seen starting line *l* by the data cut; *l* is 2 or more | share |
/// | `of_previous` | share, of those who had line *l* − 1, seen starting line *l*; *l* is 2 or more | share |
/// | `attrition` | share, of those who had line *l*, that does not go on to the next, as the study defines it | share |
/// | `attrition_least`, `attrition_most` | range of attrition over line *l* and all later ones | share |
/// | `median_os` | median survival from the start of line *l* | months |
/// | `median_pfs` | median time from the start of line *l* to progression or death | months |
/// | `median_ttnt` | median time from the start of line *l* to the start of the next, or death | months |
///
/// ```
/// use myeloma_epi::pathway::evidence::Measure;
///
/// assert_eq!((Measure::CrudeReach.name(), Measure::CrudeReach.unit()), ("crude_reach", "share"));
/// assert_eq!((Measure::MedianOs.name(), Measure::MedianOs.unit()), ("median_os", "months"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Share of the cohort seen starting the line by the data cut: the
    /// [crude share](crate::pathway::Reading::Crude) of the line.
    CrudeReach,
    /// Share, of those who had the line before, seen starting this one.
    OfPrevious,
    /// Share, of those who had the line, that does not go on to the next one.
    Attrition,
    /// The least attrition over this line and later ones.
    AttritionLeast,
    /// The greatest attrition over this line and later ones.
    AttritionMost,
    /// Median overall survival (OS) from the start of the line.
    MedianOs,
    /// Median progression-free survival (PFS) from the start of the line.
    MedianPfs,
    /// Median time to next treatment or death (TTNT) from the start of the line.
    MedianTtnt,
}

impl Measure {
    /// The name, as in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrudeReach => "crude_reach",
            Self::OfPrevious => "of_previous",
            Self::Attrition => "attrition",
            Self::AttritionLeast => "attrition_least",
            Self::AttritionMost => "attrition_most",
            Self::MedianOs => "median_os",
            Self::MedianPfs => "median_pfs",
            Self::MedianTtnt => "median_ttnt",
        }
    }

    /// The unit of the figure: `share` (between 0 and 1) or `months`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::MedianOs | Self::MedianPfs | Self::MedianTtnt => "months",
            _ => "share",
        }
    }

    fn is_share(self) -> bool {
        self.unit() == "share"
    }

    /// The lines that it can be a figure of.
    fn lines(self) -> RangeInclusive<usize> {
        match self {
            Self::CrudeReach | Self::OfPrevious => 2..=MAX_LINES,
            _ => 1..=MAX_LINES,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

checked! {
    /// A **figure of a study**: one published number on one line of therapy, with its source.
    ///
    /// What the number is, its [`Measure`] says, and with it the unit: a share between 0 and 1, or months above 0.
    /// A confidence interval is a 95 % one and has both ends. A number that is out of its range is an error when the
    /// study that holds it is read or used.
    ///
    /// In files its keys are `estimand` (a [`Measure`]), `line`, `value`, `unit` (which may be left out), `group`,
    /// `population`, `n`, `low`, `high`, `use` and `source`; the first three are needed.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::{Measure, Study, StudyFigure};
    ///
    /// // LocoMMotion: 152 of 248 patients had a further line.
    /// let figure = Study::of("locommotion")?.by_line(Measure::OfPrevious)[0];
    /// assert_eq!(figure.n.map(|n| (n * figure.value).round()), Some(152.0));
    /// // A share above 1 is refused.
    /// let text = r#"{"estimand": "of_previous", "line": 3, "value": 61.3}"#;
    /// assert!(serde_json::from_str::<StudyFigure>(text).is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct StudyFigure {
        /// The study that it is of, by its short name: in a file of figures of several studies, and empty in a study.
        #[serde(skip_serializing_if = "String::is_empty")]
        #[serde(default)]
        pub study: String,
        /// What the number is.
        #[serde(rename = "estimand")]
        pub measure: Measure,
        /// The line, from 1.
        pub line: usize,
        /// The number: a share between 0 and 1, or a time in months, above 0.
        pub value: f64,
        /// The unit: `share` or `months`, that of the measure, or empty.
        #[serde(default)]
        pub unit: String,
        /// The patients whom a share is of, where the study divides its cohort; empty where it does not.
        #[serde(default)]
        pub group: String,
        /// Whom the figure describes.
        #[serde(default)]
        pub population: String,
        /// The number of patients that a share is of, where stated: the uncertainty of the share.
        #[serde(default)]
        pub n: Option<f64>,
        /// The lower end of the 95 % confidence interval, where one was read.
        #[serde(default)]
        pub low: Option<f64>,
        /// The upper end of the 95 % confidence interval, where one was read.
        #[serde(default)]
        pub high: Option<f64>,
        /// The presets and later lines that rest on the figure, or why none does.
        #[serde(default, rename = "use")]
        pub used_in: String,
        /// The source.
        #[serde(default)]
        pub source: String,
    } then check
}

impl StudyFigure {
    /// A figure of which nothing is known but the number.
    #[must_use]
    pub const fn new(measure: Measure, line: usize, value: f64) -> Self {
        Self {
            study: String::new(),
            measure,
            line,
            value,
            unit: String::new(),
            group: String::new(),
            population: String::new(),
            n: None,
            low: None,
            high: None,
            used_in: String::new(),
            source: String::new(),
        }
    }

    fn check(&self) -> Result<()> {
        let Self {
            measure,
            line,
            value,
            ..
        } = self;
        let (name, place) = (
            format!("{measure} of line {line}"),
            Place("the figures of a study"),
        );
        let unit = &self.unit;
        place.check(
            unit.is_empty() || unit == measure.unit(),
            format!("the unit of {measure}"),
            format!("\"{unit}\""),
            format!("\"{}\"", measure.unit()),
        )?;
        place.within(format!("the line of {measure}"), *line, measure.lines())?;
        if measure.is_share() {
            let holds = (0.0..=1.0).contains(value);
            place.check(holds, &name, value, "a share between 0 and 1")?;
        } else {
            let holds = *value > 0.0 && value.is_finite();
            place.check(holds, &name, value, "a finite time above 0, in months")?;
            if !self.group.is_empty() {
                return Err(Error::unsuitable(format!(
                    "{name} is of the group \"{}\": times are those of all patients of a study, \
                     only shares differ between groups",
                    self.group
                )));
            }
        }
        if let Some(n) = self.n {
            place.positive(format!("n of {name}"), n)?;
        }
        match (self.low, self.high) {
            (None, None) => Ok(()),
            (Some(low), Some(high)) => place.check(
                0.0 < low && low < *value && *value < high && high.is_finite(),
                format!("the 95 % interval of {name}"),
                if low < *value { high } else { low },
                format!("above 0 and around the figure, {value}"),
            ),
            _ => Err(Error::unsuitable(format!(
                "the 95 % interval of {name} has one end: give low and high, or neither"
            ))),
        }
    }
}

checked! {
    /// A published study of lines of therapy: what it measured, in whom, and its figures.
    ///
    /// The crate ships those of [`Study::shipped`]; a study of your own is read from JSON, or
    /// written down field by field, and goes the same way. Only `id` and `figures` are needed in a file:
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::Study;
    ///
    /// let atlantis: Study = serde_json::from_str(r#"{
    ///     "id": "atlantis",
    ///     "years": "2012-2020",
    ///     "accrual": 8,
    ///     "follow_up": 5.5,
    ///     "doi": "10.1000/182",
    ///     "measured": "treated patients of one registry who had started each line by the data cut",
    ///     "caution": "crude: those still in a line count as not having reached the next",
    ///     "extracted_from": "full text",
    ///     "sojourn_times_of": "czech_rmg",
    ///     "figures": [
    ///         {"estimand": "crude_reach", "line": 2, "value": 0.55, "n": 400, "source": "table 2"},
    ///         {"estimand": "crude_reach", "line": 3, "value": 0.25, "n": 400, "source": "table 2"},
    ///         {"estimand": "median_pfs", "line": 1, "value": 22, "low": 19, "high": 26, "source": "table 3"}
    ///     ]
    /// }"#)?;
    /// let preset = atlantis.preset()?;
    /// assert!(preset.ultimate_third_line()? > 0.25);
    /// println!("{preset}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Default, Serialize)]
    pub struct Study {
        /// A short name, by which it is asked for.
        pub id: String,
        /// Where and when, as a chart names it; empty where the short name says it.
        #[serde(default)]
        pub name: String,
        /// When its patients were diagnosed or treated.
        #[serde(default)]
        pub years: String,
        /// The length of that time in years, where stated.
        #[serde(default)]
        pub accrual: Option<f64>,
        /// The median follow-up in years, where stated: of all patients from diagnosis to the data cut, whether they lived to see it or not
        /// (the reverse Kaplan-Meier estimate). With [`Study::accrual`] it says when the data were cut.
        #[serde(default)]
        pub follow_up: Option<f64>,
        /// The DOI of the publication, where there is one.
        #[serde(default)]
        pub doi: String,
        /// What it measured, and in whom.
        #[serde(default)]
        pub measured: String,
        /// What its figures do not say.
        #[serde(default)]
        pub caution: String,
        /// The part of the publication that figures and definitions were taken from, such as "abstract".
        #[serde(default)]
        pub extracted_from: String,
        /// The shipped study whose sojourn times stand for the lines of which this one published none;
        /// empty where there is none.
        #[serde(default)]
        pub sojourn_times_of: String,
        /// Why the study gives no preset without more from the user; empty where it gives one.
        #[serde(default)]
        pub no_preset: String,
        /// Its figures, in any order: one for each measure, line and group.
        #[serde(default)]
        pub figures: Vec<StudyFigure>,
    } then check
}

impl Study {
    /// Reads a study of one's own: one JSON object of its fields, of which `id` and `figures` are needed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), [`ErrorKind::Parse`](crate::ErrorKind::Parse) with line and column, also for
    /// figures that are out of range or stand twice.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        files::from_json(&path.display().to_string(), &files::read(path)?)
    }

    /// The study's figures of one measure, by line.
    #[must_use]
    pub fn by_line(&self, measure: Measure) -> Vec<&StudyFigure> {
        let of_measure = self.figures.iter().filter(|f| f.measure == measure);
        let mut figures: Vec<&StudyFigure> = of_measure.collect();
        figures.sort_by_key(|figure| figure.line);
        figures
    }

    pub(super) fn has(&self, measure: Measure) -> bool {
        self.figures.iter().any(|figure| figure.measure == measure)
    }

    /// That it has a name, times above 0, and one figure at most for each measure, line and group.
    pub(super) fn check(&self) -> Result<()> {
        let place = Place("a study");
        place.check(!self.id.trim().is_empty(), "id", "empty", "a name")?;
        for years in [self.accrual, self.follow_up].into_iter().flatten() {
            place.positive("accrual or follow_up, in years,", years)?;
        }
        let key = |figure: &StudyFigure| (figure.measure, figure.line, figure.group.clone());
        for (i, figure) in self.figures.iter().enumerate() {
            figure.check()?;
            let StudyFigure {
                study,
                measure,
                line,
                ..
            } = figure;
            let problem = if !(study.is_empty() || *study == self.id) {
                format!("a figure of the study \"{study}\": leave that out")
            } else if self.figures[..i].iter().any(|f| key(f) == key(figure)) {
                format!("two figures \"{measure}\" of line {line}: one is needed")
            } else {
                continue;
            };
            return Err(Error::unsuitable(format!("{} has {problem}", self.id)));
        }
        Ok(())
    }
}

/// What was measured, in whom, and the figures.
impl fmt::Display for Study {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", printable(&self.id))?;
        for (name, text) in [
            ("years", &self.years),
            ("doi", &self.doi),
            ("measured", &self.measured),
            ("caution", &self.caution),
            ("extracted from", &self.extracted_from),
            ("no preset", &self.no_preset),
        ] {
            if !text.is_empty() {
                writeln!(f, "  {name}: {}", printable(text))?;
            }
        }
        for figure in &self.figures {
            let StudyFigure {
                measure,
                line,
                value,
                ..
            } = figure;
            write!(f, "  {measure} of line {line}")?;
            if !figure.group.is_empty() {
                write!(f, ", {}", printable(&figure.group))?;
            }
            if measure.is_share() {
                write!(f, ": {:.1} %", 100.0 * value)?;
            } else {
                write!(f, ": {value} months")?;
            }
            if let (Some(low), Some(high)) = (figure.low, figure.high) {
                write!(f, " ({low} to {high})")?;
            }
            if let Some(n) = figure.n {
                write!(f, " of {n} patients")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
