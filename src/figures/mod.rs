//! Published figures, each with its source, and those that a user adds.
//!
//! Every number that the crate ships stands in a small CSV file beside this module, in the layout
//! that users write their own figures in (see [`Figures::from_csv`]):
//!
//! | function | holds |
//! |---|---|
//! | [`press_release`] | the figures of the IASO Bio press release of 27 November 2025 |
//! | [`comparison`] | what GBD and GLOBOCAN publish for the same regions |
//! | [`projections`] | what others have projected |
//! | [`registered`] | yearly national counts of the United States, Germany and England |
//! | [`third_line_share`] | "30–40 % of patients may progress to third-line therapy" |
//! | [`treated_share`] | the share of those diagnosed who are treated |
//!
//! ```
//! use myeloma_epi::figures;
//!
//! let world_2024 = figures::press_release()
//!     .iter()
//!     .find(|figure| figure.region() == "World" && figure.year() == 2024)
//!     .unwrap();
//! assert_eq!(world_2024.cases(), 197_200.0);
//! assert_eq!(world_2024.source(), "IASO Bio press release, 27 November 2025");
//! ```

pub(crate) mod csv_and_json;
mod figure;
mod marked_years;

use std::sync::LazyLock;

pub use figure::{Figure, PublishedShare, Status};
pub(crate) use figure::{
    Record, are_same_codes, check_cases, check_projected, check_region, check_relative_error,
};
pub use marked_years::Mark;
pub(crate) use marked_years::listed;

use crate::error::{Error, Result};
use crate::known_names::each_once_of_many;

/// The figures of the press release of IASO Bio, 27 November 2025.
///
/// New cases of the World in 2019 and 2024 with a projection for 2040, and of China in 2019 and 2024. Their status
/// is commercial: the release names no original source, no definition and no error.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
/// let counts: Vec<_> = world.observations().iter().map(|o| (o.year, o.cases)).collect();
/// assert_eq!(counts, [(2019, 164_300.0), (2024, 197_200.0)]);
/// let projection = world.published_projection().expect("the release has one");
/// assert_eq!((projection.year, projection.cases), (2040, 273_600.0));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[must_use]
pub fn press_release() -> &'static Figures {
    static FIGURES: LazyLock<Figures> =
        LazyLock::new(|| embedded("press_release.csv", include_str!("press_release.csv")));
    &FIGURES
}

/// Estimates of other sources, GBD and GLOBOCAN, for the regions of the press release.
///
/// They show how far sources lie apart. Several give a figure for the same region and year, so a series can be
/// made only after a source has been chosen.
///
/// # Example
///
/// The Global Cancer Observatory of the IARC gives 187,952 new cases worldwide in 2022:
///
/// ```
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let globocan = figures::comparison().from_source("GLOBOCAN 2022");
/// let world = globocan.iter().find(|figure| figure.region() == "World").unwrap();
/// assert_eq!((world.year(), world.cases()), (2022, 187_952.0));
/// assert!(IncidenceSeries::from_figures(figures::comparison(), "World").is_err());
/// ```
#[must_use]
pub fn comparison() -> &'static Figures {
    static FIGURES: LazyLock<Figures> =
        LazyLock::new(|| embedded("comparison.csv", include_str!("comparison.csv")));
    &FIGURES
}

/// Projections of new cases that other sources than the press release have published: the World in 2045, Australia in 2043
/// and eight markets in 2032, each with its source; how each was made stands in the file,
/// `src/figures/projections.csv`.
///
/// They are shown beside an outlook's own forecast and enter none
/// ([`RegionOutlook::other_projections`](crate::RegionOutlook::other_projections)).
///
/// # Example
///
/// Mafra et al. 2025 ([doi:10.1093/jnci/djae321](https://doi.org/10.1093/jnci/djae321)): 71 % more than 188,000:
///
/// ```
/// use myeloma_epi::figures;
///
/// let world = figures::projections().iter().find(|figure| figure.region() == "World").unwrap();
/// assert_eq!(world.year(), 2045);
/// assert!((world.cases() / 188_000.0 - 1.71).abs() < 1e-12);
/// ```
#[must_use]
pub fn projections() -> &'static Figures {
    static FIGURES: LazyLock<Figures> =
        LazyLock::new(|| embedded("projections.csv", include_str!("projections.csv")));
    &FIGURES
}

/// New cases of every year in countries that count them: United States 1999–2022, Germany 1999–2014, England
/// 2001–2020.
///
/// The counts of the United States (U.S. Cancer Statistics) and England (National Disease Registration Service)
/// are registered; the figures of Germany (Robert Koch Institute) are national estimates from registries. The
/// year 2020 is marked as a shock, and the years 2021 and 2022 of the United States as provisional: fits leave
/// them out (see [`Mark`]).
///
/// # Example
///
/// ```
/// use myeloma_epi::figures::{self, Status};
///
/// let usa = figures::registered().iter().filter(|figure| figure.region() == "United States");
/// let counts: Vec<_> = usa.map(|figure| (figure.year(), figure.cases())).collect();
/// assert_eq!(counts.len(), 24);
/// assert_eq!(counts[0], (1999, 15_023.0)); // U.S. Cancer Statistics
/// let germany = figures::registered().from_source("RKI");
/// assert!(germany.iter().all(|figure| figure.status() == Status::Estimate));
/// ```
#[must_use]
pub fn registered() -> &'static Figures {
    static FIGURES: LazyLock<Figures> =
        LazyLock::new(|| embedded("registered.csv", include_str!("registered.csv")));
    &FIGURES
}

/// "30–40 % of patients may progress to third-line therapy" (IASO Bio press release, 27 November
/// 2025). The release does not say of whom, by when, or whether death competes.
///
/// # Example
///
/// ```
/// let share = myeloma_epi::figures::third_line_share();
/// assert_eq!((share.low, share.high), (0.3, 0.4));
/// ```
#[must_use]
pub fn third_line_share() -> PublishedShare {
    shares()[0].clone()
}

/// The share of those diagnosed who are treated at all: 64–95 % in earlier real-world studies, as the introduction of `McCurdy`
/// et al. 2023 ([doi:10.1038/s41408-023-00883-x](https://doi.org/10.1038/s41408-023-00883-x)) sums them up. Studies of lines of
/// therapy follow treated patients: what they say of those diagnosed is less by so much.
///
/// # Example
///
/// ```
/// let treated = myeloma_epi::figures::treated_share();
/// assert_eq!((treated.low, treated.high), (0.64, 0.95));
/// ```
#[must_use]
pub fn treated_share() -> PublishedShare {
    shares()[1].clone()
}

/// The shares of the shipped file, in its order. Failure is a defect of the crate; the tests read every shipped file.
fn shares() -> &'static [PublishedShare; 2] {
    static SHARES: LazyLock<[PublishedShare; 2]> = LazyLock::new(|| {
        let shares = crate::files::rows("shares.csv", include_str!("shares.csv"));
        let shares: Vec<PublishedShare> =
            shares.expect("broken invariant: a shipped file is unreadable");
        let shares = shares.try_into();
        shares.expect("broken invariant: the shipped file of shares does not have two")
    });
    &SHARES
}

/// A shipped file that cannot be read is a defect of the crate; the tests read every one of them.
fn embedded(name: &str, text: &str) -> Figures {
    match csv_and_json::csv(name, text.as_bytes()) {
        Ok(figures) => figures,
        Err(error) => panic!("broken invariant: a shipped file of figures is unreadable: {error}"),
    }
}

/// A collection of published numbers of any regions, years and sources, in the order in which they were given.
///
/// It may hold several figures of one region and year: what a source says is no contradiction until a series is
/// made of it ([`IncidenceSeries::from_figures`](crate::IncidenceSeries::from_figures)). It is read by
/// [`Figures::from_csv`], [`Figures::from_json`] or [`Figures::read`], or collected from an iterator.
///
/// # Example
///
/// ```
/// use myeloma_epi::figures::{Figure, Figures, Status};
///
/// let counts = [(2019, 120.0), (2020, 112.0)];
/// let figures = counts
///     .into_iter()
///     .map(|(year, cases)| Figure::new("Atlantis", year, cases, Status::Registered))
///     .collect::<myeloma_epi::Result<Figures>>();
/// assert_eq!(figures?.regions(), ["Atlantis"]);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Reads figures from CSV text.
    ///
    /// The first line names the columns. Needed: `region`, `year`, `cases`, `status` (`estimate`,
    /// `registered`, `commercial` or `projection`). Allowed: `relative_error` (0.03 for 3 %),
    /// `source`, `family` (of sources that share data and method), `icd10`, `lower95`, `upper95`, `checked`, `mark` ([`Mark`]). Counts are plain numbers without
    /// thousands separators. Lines that begin with `#` are comments; a byte-order mark and
    /// Windows line ends are accepted. `place` names the text in errors.
    ///
    /// ```
    /// use myeloma_epi::figures::Figures;
    ///
    /// let figures = Figures::from_csv("mine", "region,year,cases,status\nAtlantis,2020,120,registered\n")?;
    /// assert_eq!(figures.iter().count(), 1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`](crate::ErrorKind::Parse) with line and column where a column is
    /// missing or unknown or a value cannot be read,
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where it is impossible,
    /// [`ErrorKind::NoObservations`](crate::ErrorKind::NoObservations) where there is none.
    pub fn from_csv(place: &str, text: &str) -> Result<Self> {
        csv_and_json::csv(place, text.as_bytes())
    }

    /// Reads figures from JSON text: an array of objects with the names of the CSV columns.
    ///
    /// # Errors
    ///
    /// As [`Figures::from_csv`].
    pub fn from_json(place: &str, text: &str) -> Result<Self> {
        csv_and_json::json(place, text.as_bytes())
    }

    /// Reads figures from a file: JSON where its name ends in `.json`, otherwise CSV.
    ///
    /// # Errors
    ///
    /// As [`Figures::from_csv`], and [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn read(path: impl AsRef<std::path::Path>) -> Result<Self> {
        csv_and_json::file(path.as_ref())
    }

    /// The figures in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Figure> {
        self.0.iter()
    }

    /// The regions in the order of their first figure.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        each_once_of_many(self.0.iter().map(Figure::region))
    }

    /// The figures of one source: all whose source contains `text`.
    ///
    /// ```
    /// use myeloma_epi::figures;
    ///
    /// let globocan = figures::comparison().from_source("GLOBOCAN 2022");
    /// assert_eq!(globocan.regions(), ["World", "China"]);
    /// ```
    #[must_use]
    pub fn from_source(&self, text: &str) -> Self {
        self.iter()
            .filter(|figure| figure.source().contains(text))
            .cloned()
            .collect()
    }
}

impl FromIterator<Figure> for Figures {
    fn from_iter<I: IntoIterator<Item = Figure>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Figures {
    type Item = &'a Figure;
    type IntoIter = std::slice::Iter<'a, Figure>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Figures {
    type Item = Figure;
    type IntoIter = std::vec::IntoIter<Figure>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<Figure> for Figures {
    fn extend<I: IntoIterator<Item = Figure>>(&mut self, figures: I) {
        self.0.extend(figures);
    }
}

/// The error for a region that a collection has no figure for.
pub(crate) fn unknown_region(region: &str, figures: &Figures) -> Error {
    Error::unknown("region", region, figures.regions())
}
