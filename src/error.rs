//! One error type for the whole crate.

use std::fmt;
use std::path::PathBuf;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, with the offending value, its name and its place.
///
/// The message is written for the person who supplied the input. A program that has to tell cases
/// apart matches on [`Error::kind`].
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

impl Error {
    /// The case that occurred, with its details.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// A number outside the range that its use allows.
    pub(crate) fn out_of_range(
        name: impl Into<String>,
        place: impl Into<String>,
        value: impl fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        ErrorKind::OutOfRange {
            name: name.into(),
            place: place.into(),
            value: value.to_string(),
            allowed: allowed.into(),
        }
        .into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

/// The cases of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A number is outside the range that its use allows.
    #[error("{name} is {value} in {place}: it must be {allowed}")]
    #[non_exhaustive]
    OutOfRange {
        /// What the number is.
        name: String,
        /// Where it was found.
        place: String,
        /// The number as given.
        value: String,
        /// The range that is allowed.
        allowed: String,
    },

    /// A series or file holds no observation.
    #[error("no observations in {place}: at least one figure is needed")]
    #[non_exhaustive]
    NoObservations {
        /// The series, region or file.
        place: String,
    },

    /// The years of a series do not increase strictly.
    #[error(
        "year {year} follows year {previous} in the series of {region}: \
         years must increase strictly, one figure a year"
    )]
    #[non_exhaustive]
    YearsNotIncreasing {
        /// The region of the series.
        region: String,
        /// The year before.
        previous: i32,
        /// The offending year.
        year: i32,
    },

    /// Two sources give a figure for one region and year; the crate never mixes them silently.
    #[error(
        "two figures for {region} in {year}, from \"{first}\" and \"{second}\": \
         choose one source, figures are never mixed silently"
    )]
    #[non_exhaustive]
    ConflictingFigures {
        /// The region.
        region: String,
        /// The year.
        year: i32,
        /// The source of the first figure.
        first: String,
        /// The source of the second figure.
        second: String,
    },

    /// A collection of figures has none for the region that was asked for.
    #[error("no figure for \"{region}\": the figures at hand are for {known}")]
    #[non_exhaustive]
    UnknownRegion {
        /// The region that was asked for.
        region: String,
        /// The regions that there are.
        known: String,
    },

    /// A curve has more parameters than there are figures.
    #[error(
        "the {curve} curve is underdetermined for {region}: it has {parameters} free parameters \
         and there {} {figures} figure{}; {} more {} needed: {help}",
        if *figures == 1 { "is" } else { "are" },
        if *figures == 1 { "" } else { "s" },
        parameters - figures,
        if parameters - figures == 1 { "is" } else { "are" },
    )]
    #[non_exhaustive]
    Underdetermined {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// Free parameters of the curve.
        parameters: usize,
        /// Figures that the fit may use.
        figures: usize,
        /// What would help.
        help: String,
    },

    /// No curve of the family goes through the figures.
    #[error("no {curve} curve goes through the figures of {region}: {reason}")]
    #[non_exhaustive]
    NoSuchCurve {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// Why not.
        reason: String,
    },

    /// The solver did not arrive at a minimum that it can vouch for.
    #[error("the {curve} curve could not be fitted to {region}: {reason}")]
    #[non_exhaustive]
    NotFitted {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// What the solver says.
        reason: String,
    },

    /// A curve leaves the range of finite, positive counts.
    #[error("the {curve} curve of {region} gives {value} cases in {year}: not a count that can be")]
    #[non_exhaustive]
    NotFinite {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// The year, with a fraction where one was asked for.
        year: f64,
        /// The value.
        value: f64,
    },

    /// A request that contradicts itself or its input.
    #[error("{0}")]
    Unsuitable(String),

    /// A line of a file cannot be read as what it should be.
    #[error("{place}{}: {message}", line.map(|l| format!(", line {l}")).unwrap_or_default())]
    #[non_exhaustive]
    Parse {
        /// The file, or what was read.
        place: String,
        /// The line, counted from 1, where one is known.
        line: Option<u64>,
        /// What is wrong, with the value and its column.
        message: String,
    },

    /// A file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}
