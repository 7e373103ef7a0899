//! One error type for the whole crate.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::known_names::listed;
use crate::plain_text::Printable;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, with the offending value, its name and its place.
///
/// The message is written for the person who supplied the input. A program that has to tell cases
/// apart matches on [`Error::kind`]. The type is as small as a pointer, can be cloned, and can be sent
/// to another thread.
///
/// # Example
///
/// ```
/// use myeloma_epi::{ErrorKind, IncidenceSeries, figures};
///
/// let error = IncidenceSeries::from_figures(figures::press_release(), "Wrold").unwrap_err();
/// match error.kind() {
///     ErrorKind::Unknown { name, known, .. } => {
///         assert_eq!(name, "Wrold");
///         assert_eq!(known, &["World", "China"]);
///     }
///     other => panic!("{other}"),
/// }
/// assert_eq!(error.to_string(), "no region is called \"Wrold\": there are World, China");
/// ```
///
/// # Errors of your own
///
/// Code that the crate calls (a [`DrawSource`](crate::DrawSource), a
/// [`Forecaster`](crate::backtest::Forecaster)) says what went wrong with [`Error::other`].
#[derive(Clone)]
pub struct Error(Arc<ErrorKind>);

/// The message, as for [`Display`](fmt::Display): it is what a `main` that returns the error prints. The alternate
/// form, `{:#?}`, shows the kind with its fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            fmt::Debug::fmt(&self.0, f)
        } else {
            fmt::Display::fmt(self, f)
        }
    }
}

impl Error {
    /// An error of code that the crate calls: a message, or an error of another type.
    ///
    /// ```
    /// use myeloma_epi::{Error, ErrorKind};
    ///
    /// let error = Error::other("the registry's server does not answer");
    /// assert_eq!(error.to_string(), "the registry's server does not answer");
    /// assert!(matches!(error.kind(), ErrorKind::Other { .. }));
    /// ```
    #[must_use]
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        ErrorKind::Other {
            source: Arc::from(source.into()),
        }
        .into()
    }

    /// The case that occurred, with its details.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The case that occurred, by value.
    #[must_use]
    pub fn into_kind(self) -> ErrorKind {
        Arc::unwrap_or_clone(self.0)
    }

    /// A number outside the range that its use allows.
    pub(crate) fn out_of_range(
        name: impl Into<String>,
        place: impl Into<String>,
        value: impl fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        let mut value = value.to_string();
        // Three hundred digits say less than an exponent.
        if let Some(long) = Some(&value)
            .filter(|v| v.len() > 24)
            .and_then(|v| v.parse::<f64>().ok())
        {
            value = format!("{long:e}");
        }
        ErrorKind::OutOfRange {
            name: name.into(),
            place: place.into(),
            value,
            allowed: allowed.into(),
        }
        .into()
    }

    /// A name that stands for nothing; `what` is the kind of thing: `region`, `parameter of the
    /// logistic curve`.
    pub(crate) fn unknown<T: Into<String>>(
        what: impl Into<String>,
        name: impl Into<String>,
        known: impl IntoIterator<Item = T>,
    ) -> Self {
        ErrorKind::Unknown {
            what: what.into(),
            name: name.into(),
            known: known.into_iter().map(Into::into).collect(),
        }
        .into()
    }

    /// Too few data, see [`ErrorKind::TooFew`]: `what` in `place`, for a purpose.
    pub(crate) fn too_few(
        what: impl Into<String>,
        place: impl Into<String>,
        found: usize,
        needed: usize,
        purpose: impl Into<String>,
    ) -> Self {
        ErrorKind::TooFew {
            what: what.into(),
            place: place.into(),
            found,
            needed,
            purpose: purpose.into(),
        }
        .into()
    }

    /// See [`ErrorKind::Unsuitable`].
    pub(crate) fn unsuitable(message: impl Into<String>) -> Self {
        ErrorKind::Unsuitable(message.into()).into()
    }

    /// See [`ErrorKind::Contradiction`].
    pub(crate) fn contradiction(message: impl Into<String>) -> Self {
        ErrorKind::Contradiction(message.into()).into()
    }

    /// See [`ErrorKind::Mismatch`].
    pub(crate) fn mismatch(message: impl Into<String>) -> Self {
        ErrorKind::Mismatch(message.into()).into()
    }

    /// See [`ErrorKind::NotConverged`].
    pub(crate) fn not_converged(message: impl Into<String>) -> Self {
        ErrorKind::NotConverged(message.into()).into()
    }

    /// A file that cannot be read or written.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        ErrorKind::Io {
            path: path.to_owned(),
            source: Arc::new(source),
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
        Self(Arc::new(kind))
    }
}

/// The cases of [`Error`].
///
/// | what a caller can do | kinds |
/// |---|---|
/// | correct a number, a name, a file | [`OutOfRange`](Self::OutOfRange), [`Unknown`](Self::Unknown), [`YearsNotIncreasing`](Self::YearsNotIncreasing), [`Parse`](Self::Parse), [`Io`](Self::Io) |
/// | choose between sources | [`ConflictingFigures`](Self::ConflictingFigures) |
/// | bring more data | [`NoObservations`](Self::NoObservations), [`Underdetermined`](Self::Underdetermined), [`TooFew`](Self::TooFew) |
/// | doubt the data or the assumptions | [`Contradiction`](Self::Contradiction), [`NoSuchCurve`](Self::NoSuchCurve) |
/// | use another curve, or loosen a tolerance | [`NotFitted`](Self::NotFitted), [`NotFinite`](Self::NotFinite), [`NotConverged`](Self::NotConverged) |
/// | mend the call | [`Mismatch`](Self::Mismatch), [`Unsuitable`](Self::Unsuitable) |
///
/// ```
/// use myeloma_epi::{ErrorKind, IncidenceSeries};
///
/// let error = IncidenceSeries::from_counts("Atlantis", [(2019, 120.0), (2024, -1.0)]).unwrap_err();
/// match error.kind() {
///     ErrorKind::OutOfRange { name, value, allowed, .. } => println!("{name}: {value}; allowed is {allowed}"),
///     other => panic!("{other}"),
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A number is outside the range that its use allows.
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

    /// A name stands for nothing: a region, curve, parameter, study, preset or series that is not
    /// there.
    #[non_exhaustive]
    Unknown {
        /// What the name was to be of.
        what: String,
        /// The name as given.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },

    /// A series or file holds no observation.
    #[non_exhaustive]
    NoObservations {
        /// The series, region or file.
        place: String,
    },

    /// The years of a series do not increase strictly.
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

    /// A curve has more parameters than there are figures.
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

    /// There are too few data for what was asked: figures, sources, series, degrees of freedom.
    #[non_exhaustive]
    TooFew {
        /// What is lacking.
        what: String,
        /// Where.
        place: String,
        /// How many there are.
        found: usize,
        /// The least number that is needed.
        needed: usize,
        /// What they are needed for.
        purpose: String,
    },

    /// No curve of the family goes through the figures.
    #[non_exhaustive]
    NoSuchCurve {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// Why not.
        reason: String,
    },

    /// The optimiser did not arrive at a minimum that it can vouch for.
    #[non_exhaustive]
    NotFitted {
        /// The curve.
        curve: String,
        /// The region of the series.
        region: String,
        /// What the optimiser says.
        reason: String,
    },

    /// A curve leaves the range of finite, positive counts.
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

    /// A computation other than a fit did not reach its accuracy.
    #[non_exhaustive]
    NotConverged(String),

    /// Data contradict one another, or what was assumed with them.
    #[non_exhaustive]
    Contradiction(String),

    /// Two arguments do not belong together: draws of other years or of another number, other regions.
    #[non_exhaustive]
    Mismatch(String),

    /// Any other request that cannot be met as it stands.
    #[non_exhaustive]
    Unsuitable(String),

    /// A line of a file cannot be read as what it should be.
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
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: Arc<std::io::Error>,
    },

    /// Code that the crate calls went wrong: see [`Error::other`].
    #[non_exhaustive]
    Other {
        /// What that code says.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
}

/// The message. Values are quoted from files and arguments: what would command a terminal is left out of it.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = Printable(f);
        match self {
            Self::OutOfRange {
                name,
                place,
                value,
                allowed,
            } => write!(f, "{name} is {value} in {place}: it must be {allowed}"),
            Self::Unknown { what, name, known } => {
                write!(f, "no {what} is called \"{name}\": {}", listed(name, known))
            }
            Self::NoObservations { place } => {
                write!(
                    f,
                    "no observations in {place}: at least one figure is needed"
                )
            }
            Self::YearsNotIncreasing {
                region,
                previous,
                year,
            } => write!(
                f,
                "year {year} follows year {previous} in the series of {region}: \
                 years must increase strictly, one figure a year"
            ),
            Self::ConflictingFigures {
                region,
                year,
                first,
                second,
            } => write!(
                f,
                "two figures for {region} in {year}, {}, figures are never mixed silently",
                one_of(first, second)
            ),
            Self::Underdetermined {
                curve,
                region,
                parameters,
                figures,
                help,
            } => write!(
                f,
                "the {curve} curve is underdetermined for {region}: {}: {help}",
                missing(*parameters, *figures)
            ),
            Self::TooFew {
                what,
                place,
                found,
                needed,
                purpose,
            } => write!(
                f,
                "too few {what} in {place}: there {} {found}, {purpose} needs {needed} or more",
                is_or_are(*found)
            ),
            Self::NoSuchCurve {
                curve,
                region,
                reason,
            } => write!(
                f,
                "no {curve} curve goes through the figures of {region}: {reason}"
            ),
            Self::NotFitted {
                curve,
                region,
                reason,
            } => write!(
                f,
                "the {curve} curve could not be fitted to {region}: {reason}"
            ),
            Self::NotFinite {
                curve,
                region,
                year,
                value,
            } => {
                let of = format_args!("the {curve} curve of {region}");
                write!(f, "{of} {}", not_a_count(*year, *value))
            }
            Self::NotConverged(message)
            | Self::Contradiction(message)
            | Self::Mismatch(message)
            | Self::Unsuitable(message) => f.write_str(message),
            Self::Parse {
                place,
                line: Some(line),
                message,
            } => write!(f, "{place}, line {line}: {message}"),
            Self::Parse { place, message, .. } => write!(f, "{place}: {message}"),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Other { source } => write!(f, "{source}"),
        }
    }
}

/// What a curve gives in a year that is no count, and what to do.
fn not_a_count(year: f64, value: f64) -> String {
    if value.is_nan() {
        return format!("has no value in {year}");
    }
    let way_out = if value < 0.0 {
        ": end before it falls to 0, or take a curve that stays above it, such as the exponential one"
    } else {
        ""
    };
    format!("gives {value} cases in {year}, which is not a possible count{way_out}")
}

/// The sources of two figures, and what to do.
fn one_of(first: &str, second: &str) -> String {
    if first.is_empty() && second.is_empty() {
        return "of which neither names its source: leave one of them out".to_owned();
    }
    format!("from \"{first}\" and \"{second}\": choose one source")
}

/// How many figures there are, and how many more a curve needs.
fn missing(parameters: usize, figures: usize) -> String {
    format!(
        "it has {parameters} free parameters and there {} {figures} figure{}; {}",
        is_or_are(figures),
        if figures == 1 { "" } else { "s" },
        needed(parameters.saturating_sub(figures))
    )
}

impl std::error::Error for ErrorKind {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source.as_ref()),
            // Its message is that of the error itself.
            Self::Other { source } => source.source(),
            _ => None,
        }
    }
}

fn needed(more: usize) -> String {
    format!("{more} more {} needed", is_or_are(more))
}

fn is_or_are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn an_error_is_small_and_goes_between_threads() {
        fn is_sent_and_shared<T: Send + Sync + Clone + 'static>() {}
        is_sent_and_shared::<Error>();
        is_sent_and_shared::<ErrorKind>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn sources_are_kept() {
        let missing = std::fs::read("no/such/file").unwrap_err();
        let (said, kind) = (missing.to_string(), missing.kind());
        let error = Error::io(Path::new("no/such/file"), missing);
        assert_eq!(error.to_string(), format!("no/such/file: {said}"));
        let source = error.source().unwrap().downcast_ref::<std::io::Error>();
        assert_eq!(source.unwrap().kind(), kind);
        let ErrorKind::Io { path, .. } = error.into_kind() else {
            panic!("the kind has changed");
        };
        assert_eq!(path, Path::new("no/such/file"));

        // What an error of another crate rests on is not lost.
        let inner = "x".parse::<f64>().unwrap_err();
        let error = Error::other(Error::other(inner));
        assert_eq!(error.to_string(), "invalid float literal");
        assert!(error.source().is_none());
    }

    #[test]
    fn a_message_does_not_command_the_terminal() {
        let error = Error::unknown("region", "a\u{1b}[31m\u{7}\nb", ["\u{9b}1m"]);
        assert_eq!(
            error.to_string(),
            "no region is called \"a [31m  b\": there is  1m"
        );
        assert_eq!(format!("{error:?}"), error.to_string());
        let error = Error::io(Path::new("a\u{1b}c"), std::io::Error::other("x\ty"));
        assert_eq!(error.to_string(), "a c: x y");
    }

    #[test]
    fn names_that_there_are_stand_in_the_message() {
        let error = Error::unknown("curve", "gompert", ["linear", "gompertz"]);
        assert_eq!(
            error.to_string(),
            "no curve is called \"gompert\": there are linear, gompertz"
        );
        let error = Error::unknown("series", "a", ["b"]);
        assert_eq!(error.to_string(), "no series is called \"a\": there is b");
        let error = Error::unknown("series", "a", [""; 0]);
        assert_eq!(
            error.to_string(),
            "no series is called \"a\": there is none"
        );
    }
}
