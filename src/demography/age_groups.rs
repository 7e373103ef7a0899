//! Age groups: where each begins, and whether the last one is open.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number_checks::Place;

/// No group begins later, in years.
const OLDEST: u32 = 150;

/// Age groups in ascending order, without gap or overlap, in completed years of age.
///
/// The last group is open, `85+`, or closed, `70-74`: a registry of ages 0 to 74 says nothing of the older, and is not
/// taken for one that does ([`AgeGroups::is_open`]). The first begins at 0 or at another age.
///
/// # Example
///
/// ```
/// use myeloma_epi::demography::AgeGroups;
///
/// let groups = AgeGroups::from_labels(&["0-39", "40-64", "65+"])?;
/// assert_eq!((groups.count(), groups.first_age(), groups.is_open()), (3, 0, true));
/// assert_eq!(groups.to_string(), "0-39, 40-64, 65+");
/// assert_eq!(AgeGroups::five_years(85)?.count(), 18);
/// let error = AgeGroups::from_labels(&["0-39", "45+"]).unwrap_err();
/// assert!(error.to_string().contains("45+"), "{error}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// In a file they are a list of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct AgeGroups {
    /// The first age of each group.
    lower: Vec<u32>,
    /// The first age after the last group; `None` where that is open.
    end: Option<u32>,
}

/// A group by itself: its first age, and the first age after it.
pub(super) type Bounds = (u32, Option<u32>);

impl AgeGroups {
    /// Groups that begin at these ages; the last is open where `last_age`, the last year of age in it, is `None`.
    ///
    /// ```
    /// use myeloma_epi::demography::AgeGroups;
    ///
    /// assert_eq!(AgeGroups::new(&[0, 40, 65], Some(74))?.to_string(), "0-39, 40-64, 65-74");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where there is no group, the ages do not increase, or one is above 150.
    pub fn new(first_ages: &[u32], last_age: Option<u32>) -> Result<Self> {
        let ends = first_ages.iter().skip(1).map(|&age| Some(age));
        let last = last_age.map(|age| age.saturating_add(1));
        let bounds: Vec<Bounds> = (first_ages.iter().copied())
            .zip(ends.chain([last]))
            .collect();
        Self::of_bounds(&bounds, "age groups")
    }

    /// Groups of five years from 0 up to an open one: 0-4, 5-9 and so on.
    ///
    /// # Errors
    ///
    /// Where the open group does not begin at a multiple of 5 above 0, or above 150.
    pub fn five_years(open: u32) -> Result<Self> {
        Place("age groups of five years").check(
            open > 0 && open.is_multiple_of(5) && open <= OLDEST,
            "the first age of the open group",
            open,
            "a multiple of 5 from 5 to 150",
        )?;
        let first_ages: Vec<u32> = (0..=open).step_by(5).collect();
        Self::new(&first_ages, None)
    }

    /// Groups from labels in ascending order: `0-4`, `85+`, `7` for one year of age.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a label is none, or two groups overlap or leave a gap.
    pub fn from_labels(labels: &[impl AsRef<str>]) -> Result<Self> {
        let bounds = labels.iter().map(|label| {
            let label = label.as_ref();
            parsed(label).ok_or_else(|| not_a_label(label))
        });
        Self::of_bounds(&bounds.collect::<Result<Vec<_>>>()?, "age groups")
    }

    /// Groups in ascending order; `place` says whose they are.
    pub(super) fn of_bounds(bounds: &[Bounds], place: &str) -> Result<Self> {
        let unsuitable = |message: String| Err(Error::unsuitable(message));
        let Some(&(_, end)) = bounds.last() else {
            return unsuitable(format!("no age group in {place}"));
        };
        for &(lower, upper) in bounds {
            if lower > OLDEST || upper.is_some_and(|upper| upper <= lower || upper > OLDEST + 1) {
                return unsuitable(format!(
                    "{} is not an age group in {place}: it must end no earlier than it begins, and by age {OLDEST}",
                    label((lower, upper))
                ));
            }
        }
        for pair in bounds.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let how = match before.1 {
                Some(end) if end == after.0 => continue,
                Some(end) if end < after.0 => "leave a gap",
                _ => "overlap",
            };
            return unsuitable(format!(
                "the age groups {} and {} {how} in {place}",
                label(before),
                label(after)
            ));
        }
        Ok(Self {
            lower: bounds.iter().map(|bounds| bounds.0).collect(),
            end,
        })
    }

    /// The number of groups.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lower.len()
    }

    /// The first age of the first group.
    #[must_use]
    pub fn first_age(&self) -> u32 {
        self.lower[0]
    }

    /// Whether the last group has no end.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// The labels of the groups: `0-4`, `85+`, `7` for one year of age.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        (0..self.count()).map(|i| self.label(i)).collect()
    }

    /// The label of one group.
    pub(super) fn label(&self, i: usize) -> String {
        label(self.bounds(i))
    }

    pub(super) fn bounds(&self, i: usize) -> Bounds {
        (self.lower[i], self.lower.get(i + 1).copied().or(self.end))
    }

    /// The width of all groups but an open last one, in years, where it is the same.
    pub(super) fn common_width(&self) -> Option<u32> {
        let mut widths = (0..self.count()).filter_map(|i| {
            let (lower, upper) = self.bounds(i);
            Some(upper? - lower)
        });
        let first = widths.next()?;
        widths.all(|width| width == first).then_some(first)
    }

    /// The group of `coarser` that holds each of these, or why sums of these do not give them; `whose` are those.
    pub(super) fn summing_to(
        &self,
        coarser: &Self,
        whose: &str,
    ) -> std::result::Result<Vec<usize>, String> {
        if self.first_age() != coarser.first_age() {
            return Err(format!(
                "its ages begin with {}, {whose} with {}",
                self.label(0),
                coarser.label(0)
            ));
        }
        if self.end != coarser.end {
            return Err(format!(
                "its ages end with {}, {whose} with {}",
                self.label(self.count() - 1),
                coarser.label(coarser.count() - 1)
            ));
        }
        if let Some(border) = (coarser.lower.iter()).find(|age| !self.lower.contains(age)) {
            let within = self.lower.partition_point(|lower| lower < border) - 1;
            return Err(format!(
                "its age group {} would have to be split at age {border}, where a group of {whose} begins",
                self.label(within)
            ));
        }
        let holding = |age: &u32| coarser.lower.partition_point(|lower| lower <= age) - 1;
        Ok(self.lower.iter().map(holding).collect())
    }
}

/// The first age of a group and the first after it.
pub(super) fn parsed(label: &str) -> Option<Bounds> {
    let age = |text: &str| -> Option<u32> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    if let Some(lower) = label.trim().strip_suffix('+') {
        return Some((age(lower)?, None));
    }
    match label.split_once(['-', '–']) {
        Some((lower, last)) => Some((age(lower)?, Some(age(last)? + 1))),
        None => age(label).map(|only| (only, Some(only + 1))),
    }
}

pub(super) fn not_a_label(label: &str) -> Error {
    Error::unsuitable(format!(
        "\"{label}\" is not an age group: write 0-4, 85+ for an open group, 7 for one year of age"
    ))
}

pub(super) fn label((lower, upper): Bounds) -> String {
    match upper {
        None => format!("{lower}+"),
        Some(upper) if upper == lower + 1 => lower.to_string(),
        Some(upper) => format!("{lower}-{}", i64::from(upper) - 1),
    }
}

impl fmt::Display for AgeGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.labels().join(", "))
    }
}

impl TryFrom<Vec<String>> for AgeGroups {
    type Error = Error;

    fn try_from(labels: Vec<String>) -> Result<Self> {
        Self::from_labels(&labels)
    }
}

impl From<AgeGroups> for Vec<String> {
    fn from(groups: AgeGroups) -> Self {
        groups.labels()
    }
}
