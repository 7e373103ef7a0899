//! What is asked of a flow: which cohorts, how far, how exactly.

use std::ops::RangeInclusive;

use ndarray::{Array1, Axis};
use serde::{Deserialize, Serialize};

use super::incidence_before::{Earlier, Followed};

use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::number_checks::Place;
use crate::random::Seed;

/// The most calendar years that a pathway may be run for.
const MAX_YEARS: usize = 500;
/// The most patients of all years together: sums over states and years are then numbers.
const MOST_PATIENTS: f64 = 1e100;

/// When in its calendar year a cohort is diagnosed.
///
/// Numbers of a calendar year depend on it: those diagnosed at a steady rate have been followed for 0 to 1 year at its
/// end, half a year on average; those diagnosed in the middle of the year for half a year, all of them.
///
/// ```
/// use myeloma_epi::pathway::{Delay, Entry, SojournTime};
///
/// // An exponential delay with mean 1 year, of which a part 1 − e^(−t) has ended after t years.
/// let delay = Delay::new(SojournTime::exponential(1.0)?, SojournTime::none());
/// let in_the_year_of_diagnosis = |entry| Ok::<f64, myeloma_epi::Error>(delay.yearly(1, entry)?[0]);
/// // The mean of 1 − e^(−t) over 0 to 1 year is 1/e.
/// assert!((in_the_year_of_diagnosis(Entry::UniformOverYear)? - (-1.0_f64).exp()).abs() < 1e-9);
/// assert!((in_the_year_of_diagnosis(Entry::MidYear)? - (1.0 - (-0.5_f64).exp())).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entry {
    /// At a steady rate through the year. The default: it is what happens, and half of those
    /// diagnosed in a year have had less than half a year by its end.
    #[default]
    UniformOverYear,
    /// All on the middle day of the year, the simplification of many cohort tables.
    MidYear,
}

/// How to run a [`Pathway`](super::Pathway) or a [`Delay`](super::Delay) on yearly incidence.
///
/// Who is in third line today was diagnosed years ago. So **incidence is continued backwards** by default: for 40
/// years before its first year, from the level of each draw in that year, with the growth of the median over the
/// first five years that there are draws for (steady, where there is only one year). The flow then begins those 40
/// years earlier, and its cautions say year by year what rests on them. `cohorts` begins anywhere else.
///
/// ```text
/// growth = g·τ²/(τ² + s²),   g = ln(m₅/m₀)/5,   s² = (1/m₀ + 1/m₅)/5²
/// ```
///
/// with the medians m₀ and m₅ of the first year and of that five years later. The growth of small counts is mostly counting
/// error s (of a count below 1, that of 1), and is shrunk towards 0 by it: τ = 0.020 a year is the standard deviation of growth
/// between registries and over time
/// (√(`growth_noise`²/(1 − `persistence`²) + `site_growth_spread`²) of
/// [`TrendParameters::shipped`](crate::forecast::TrendParameters::shipped)). From 100 to 150 a year 8.4 % a year become 3.1 %, from
/// 100,000 to 150,000 they stay 8.4 %. Incidence is taken as steady at the mean of these six years, in each draw, where the median of
/// one of them is 0, and where the growth is a decline that would make the first of the 40 years (or of as many more as
/// `cohorts` asks for) more than ten times the first given one. Where half or more of these medians are 0 nothing is continued.
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{Delay, FlowOptions, ShareDistribution, SojournTime, UltimateShare};
/// use ndarray::Array2;
///
/// let delay = Delay::new(SojournTime::exponential(2.5)?, SojournTime::exponential(1.5)?);
/// let share = UltimateShare::new(0.35, 0.35, ShareDistribution::Uniform)?;
/// let incidence = YearlyDraws::new(2019, Array2::from_elem((22, 1), 30_000.0))?;
/// // As steady before 2019 as since.
/// let starts = delay.starts(&incidence, &share, &FlowOptions::to(2040))?;
/// assert!((starts.median(2019)? - 0.35 * 30_000.0).abs() < 1.0);
/// // Only those diagnosed from 2019 on: nearly nobody starts third line in the first year.
/// let options = FlowOptions { cohorts: Some(2019..=2040), ..FlowOptions::to(2040) };
/// let starts = delay.starts(&incidence, &share, &options)?;
/// assert!(starts.median(2019)? < 0.05 * 0.35 * 30_000.0 && starts.share_not_given(2019)? > 0.95);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowOptions {
    /// The last calendar year; not after the last year of the incidence.
    pub to: i32,
    /// When in its year a cohort is diagnosed. Default: at a steady rate through the year.
    #[serde(default)]
    pub entry: Entry,
    /// The most that any number may be off for numerical reasons, in patients per patient diagnosed in one
    /// year; above 0. Default 1e-6: one in a million.
    #[serde(default = "tolerance")]
    pub tolerance: f64,
    /// The years of diagnosis that are followed; the others count as years without a diagnosis. Those before the
    /// first year of the incidence are continued backwards. Default: all that there are draws for, and the 40 years
    /// before them.
    #[serde(default)]
    pub cohorts: Option<RangeInclusive<i32>>,
    /// Where the uncertainty of shares and sojourn times comes from.
    #[serde(default)]
    pub seed: Seed,
}

const fn tolerance() -> f64 {
    1e-6
}

impl FlowOptions {
    /// The defaults, to a last calendar year.
    #[must_use]
    pub fn to(year: i32) -> Self {
        Self {
            to: year,
            entry: Entry::default(),
            tolerance: tolerance(),
            cohorts: None,
            seed: Seed::default(),
        }
    }

    /// The yearly incidence to the last year asked for, continued backwards, and 0 in the years of diagnosis that
    /// are not followed; with what it says of the years before those that were given.
    ///
    /// # Errors
    ///
    /// Where the options contradict themselves or the incidence.
    pub(super) fn followed<'a>(&self, incidence: &'a YearlyDraws) -> Result<Followed<'a>> {
        let place = Place("the options of a flow");
        place.positive("tolerance", self.tolerance)?;
        let (first, last) = (incidence.first_year(), incidence.last_year());
        Place("a flow").check(
            first <= self.to,
            "the first year of the incidence",
            first,
            format!("at most the last year of the flow, {}", self.to),
        )?;
        let allowed = format!("at most the last year of the incidence, {last}");
        place.check(self.to <= last, "the last year", self.to, &allowed)?;
        let years = incidence.row_of(self.to)? + 1;
        check_years(years, "a flow")?;
        let given = incidence.view().split_at(Axis(0), years).0;
        let Some(followed) = &self.cohorts else {
            return Earlier::of(first, None, incidence)?.followed(first, given.into());
        };
        let (start, end) = (*followed.start(), *followed.end());
        place.check(
            start <= end && start <= self.to && end >= first,
            "cohorts",
            format!("{start} to {end}"),
            format!(
                "years in order, not after {}, and not all before {first}",
                self.to
            ),
        )?;
        let begins = start.max(first);
        let back = i64::from(begins) - i64::from(start);
        // More than fit are more than `check_years` allows.
        let back = u16::try_from(back).unwrap_or(u16::MAX);
        check_years(years + usize::from(back), "a flow")?;
        let earlier = Earlier::of(begins, Some(back), incidence)?;
        place.check(
            back == 0 || earlier.continues(),
            "the first of the cohorts",
            start,
            format!(
                "{first} or later: half or more of the first years of the incidence have no case, so that it cannot be \
                 continued backwards"
            ),
        )?;
        let mut given = given.to_owned();
        for (year, mut row) in incidence.years().zip(given.axis_iter_mut(Axis(0))) {
            if !followed.contains(&year) {
                row.fill(0.0);
            }
        }
        earlier.followed(first, given.into())
    }
}

/// Nobody will be diagnosed as often as that, but a sum of such numbers would be infinite.
pub(super) fn check_patients(of_all_years: &Array1<f64>) -> Result<()> {
    let most = of_all_years.fold(0.0_f64, |most, sum| most.max(*sum));
    Place("a flow").check(
        most <= MOST_PATIENTS,
        "the patients diagnosed in all years",
        most,
        format!("at most {MOST_PATIENTS:e}"),
    )
}

/// That a computation is of as many years as its memory and time allow.
pub(super) fn check_years(years: usize, place: &str) -> Result<()> {
    Place(place).within("the number of years", years, 1..=MAX_YEARS)
}
