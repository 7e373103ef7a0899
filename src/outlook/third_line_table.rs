//! Third-line starts by calendar year, for each reading of a published range and each published study.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Outlook;
use super::region_draws::starts_by;
use super::study_synthesis::StudySynthesis;
use crate::checked_on_reading::checked;
use crate::draws::{YearSummary, YearlyDraws, of_few_draws};
use crate::error::{Error, Result};
use crate::figures::third_line_share;
use crate::number_checks::{Place, increasing};
use crate::pathway::evidence::{Calibration, Measure, Preset, Study};
use crate::pathway::{Delay, FollowUp, Reading, ShareDistribution, UltimateShare};
use crate::plain_text::{Table, count, percent, printable, significant, wrapped};
use crate::report::{Digits, dictionary};

/// What the name of a study's row of those diagnosed ends in.
pub(crate) const TIMES_TREATED: &str = ", times the share treated";

checked! {
    /// Patients who start third line in each calendar year under one reading, or by one study, in one region.
    ///
    /// It is a row of a [`ThirdLineTable`], which says how it is computed.
    ///
    /// ```
    /// use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 500, ..OutlookOptions::myeloma() };
    /// let table = Outlook::of(figures::press_release(), &options)?.third_line_table(&ThirdLineOptions::default())?;
    /// // Readings are shares of those diagnosed, studies follow those who are treated.
    /// let row = &table.rows[0];
    /// assert_eq!((row.region.as_str(), row.share_of.as_str()), ("World", "diagnosed"));
    /// let in_2040 = row.starts.iter().find(|starts| starts.year == 2040).unwrap();
    /// assert!(in_2040.median > 0.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct ThirdLineRow {
        /// The region.
        pub region: String,
        /// The reading of the published range, or the study.
        pub reading: String,
        /// Of whom the ultimate share is: `diagnosed` under a reading of the range; of a study, and of all together, one row is
        /// of those `treated` and one of those `diagnosed`.
        pub share_of: String,
        /// The lower end of the share that ever reaches third line, from 0 to 1.
        pub low: f64,
        /// The upper end.
        pub high: f64,
        /// Starts a year.
        pub starts: Vec<YearSummary>,
    } then check
}

checked! {
    /// **Third-line starts by calendar year**: what "30–40 % of patients may progress to third-line therapy" comes to,
    /// reading by reading, beside what published studies say.
    ///
    /// # Definition
    ///
    /// Each row is [`Delay::starts`] of the headline's draws ([`RegionOutlook::new_cases`](super::RegionOutlook::new_cases))
    /// with an ultimate share and a delay: of a reading, the share that it implies ([`Reading`]) and the delay of the options
    /// ([`OutlookOptions::delay`](super::OutlookOptions::delay)); of a study, those of its preset ([`Preset`]); of the studies
    /// together, the mean share of a [`StudySynthesis`] and the delay of the options. Those diagnosed before the last figure are
    /// those of the figures before it, and before the first figure continued backwards.
    ///
    /// The studies follow treated patients, a reading counts those diagnosed: not all of these are ever treated. So each study,
    /// and all together, have a second row, of those diagnosed: the share times the share treated, which lies anywhere in its
    /// range with the same probability. "Yearly flow" takes the growth of the headline's median; "cumulative incidence" is by
    /// five years; "crude share at a data cut" needs the follow-up of a study and is there only where one is given.
    ///
    /// A crude share of third line goes with one of second line, of which a range says nothing. As in a preset of a study
    /// ([`Study::preset_under`]), both have to be possible under the follow-up and the sojourn times ([`Calibration::solve`]):
    /// they are tried with as many in second line, for each in third, as each study saw that publishes both. If an end of the range is
    /// possible with none of them, that is an error; with some only, a caution.
    ///
    /// `Display` prints four years, [`ThirdLineTable::to_csv`] has all.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 500, ..OutlookOptions::myeloma() };
    /// let table = Outlook::of(figures::press_release(), &options)?.third_line_table(&ThirdLineOptions::default())?;
    /// println!("{table}");
    /// let ultimate = |row: &&myeloma_epi::ThirdLineRow| (row.low, row.high) == (0.3, 0.4);
    /// assert_eq!(table.rows.iter().filter(ultimate).count(), 2); // World and China
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct ThirdLineTable {
        /// Region by region, first the readings, then the studies, and at last these together.
        pub rows: Vec<ThirdLineRow>,
        /// What the studies say together.
        pub synthesis: StudySynthesis,
        /// What a reader should know, a sentence each; empty where there is nothing: a reading that contradicts the delay and has no row, a follow-up under which only some studies' shares
        /// of second line are possible, few draws, what rests on years before the first figure.
        #[serde(default)]
        pub cautions: Vec<String>,
    } then check
}

/// Of whom a share is.
const SHARE_OF: [&str; 2] = ["treated", "diagnosed"];
/// The reading of the rows of all studies.
const TOGETHER: &str = "the studies together";

impl ThirdLineRow {
    fn check(&self) -> Result<()> {
        let place = format!("third line of {} by {}", self.region, self.reading);
        let (place, ends) = (Place(&place), format!("{} to {}", self.low, self.high));
        let holds = 0.0 <= self.low && self.low <= self.high && self.high <= 1.0;
        place.check(holds, "low to high", ends, "in order, between 0 and 1")?;
        let of = self.share_of.as_str();
        let allowed = "treated or diagnosed";
        place.check(SHARE_OF.contains(&of), "share_of", of, allowed)?;
        increasing(&self.region, self.starts.iter().map(|starts| starts.year))
    }
}

impl ThirdLineTable {
    fn check(&self) -> Result<()> {
        let [low, _, high] = self.synthesis.mean;
        let [of_low, _, of_high] = self.synthesis.of_diagnosed;
        let of_diagnosed = format!("{TOGETHER}{TIMES_TREATED}");
        for row in &self.rows {
            let said = match row.reading.as_str() {
                TOGETHER => (low, high),
                reading if reading == of_diagnosed => (of_low, of_high),
                _ => continue,
            };
            Place("a table of third line").check(
                said == (row.low, row.high),
                format!("low to high of {}, {}", row.region, row.reading),
                format!("{} to {}", row.low, row.high),
                format!("{} to {}, as in the synthesis", said.0, said.1),
            )?;
        }
        Ok(())
    }
}

/// What the user knows beside the outlook.
///
/// Nothing of it has to be known: by default the table has the readings that need no follow-up, and the shipped studies.
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};
///
/// let outlook = Outlook::of(figures::press_release(), &OutlookOptions { draws: 500, ..OutlookOptions::myeloma() })?;
/// // A region in which 9 of 10 of those diagnosed are treated.
/// let options = ThirdLineOptions { treated: Some((0.88, 0.92)), ..ThirdLineOptions::default() };
/// let table = outlook.third_line_table(&options)?;
/// println!("{table}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThirdLineOptions {
    /// The follow-up of the study behind the published range: with it there is a row for the range read as a crude share.
    pub follow_up: Option<FollowUp>,
    /// Studies of one's own, in rows above the shipped ones, and part of what the studies say together.
    pub studies: Vec<Study>,
    /// The share of those diagnosed who are treated, both ends between 0 and 1. Default `None`: the published 64–95 %
    /// ([`figures::treated_share`](crate::figures::treated_share)).
    pub treated: Option<(f64, f64)>,
}

impl Outlook {
    /// Third-line starts by calendar year, for each reading and study.
    ///
    /// # Errors
    ///
    /// Where the options state no delay, the follow-up contradicts the range, a study gives no preset, or one has the id of
    /// another.
    pub fn third_line_table(&self, with: &ThirdLineOptions) -> Result<ThirdLineTable> {
        let options = self.options();
        let delay = options.delay.as_ref().ok_or_else(|| {
            Error::unsuitable(
                "third line by calendar year needs a delay: state OutlookOptions::delay",
            )
        })?;
        let presets = presets(&with.studies)?;
        let synthesis = StudySynthesis::of_presets(&presets, with.treated)?;
        let studies = || presets.iter().map(|(study, _)| *study);
        let caution = with
            .follow_up
            .map(|follow_up| check_crude(delay, follow_up, studies()))
            .transpose()?;
        let (mut rows, mut cautions) = (Vec::new(), Vec::from_iter(caution.flatten()));
        cautions.extend(of_few_draws(options.draws));
        for region in self.regions() {
            let cases = region.new_cases();
            let (diagnosed, from) = (region.diagnosed()?, cases.first_year());
            let name = region.series().region();
            // What starts rest on, with the studies whose delay that is, or the readings, which have that of the options.
            let told = RefCell::new(Vec::<(String, Vec<String>)>::new());
            let of_options = delay;
            let row = |reading: String,
                       share_of: &str,
                       share: &UltimateShare,
                       delay: &Delay|
             -> Result<ThirdLineRow> {
                let (starts, of_starts) = starts_by(delay, share, (&diagnosed, from), options)?;
                let of = if delay == of_options {
                    "the readings"
                } else {
                    reading.trim_end_matches(TIMES_TREATED)
                };
                let mut told = told.borrow_mut();
                for caution in of_starts {
                    match told.iter_mut().find(|(other, _)| *other == caution) {
                        Some((_, all)) if all.iter().any(|other| other == of) => {}
                        Some((_, all)) => all.push(of.to_owned()),
                        None => told.push((caution, vec![of.to_owned()])),
                    }
                }
                drop(told);
                Ok(ThirdLineRow {
                    region: name.to_owned(),
                    reading,
                    share_of: share_of.to_owned(),
                    low: share.low(),
                    high: share.high(),
                    starts: starts.summary(),
                })
            };
            for (reading, said) in readings(delay, with.follow_up, cases, &presets)? {
                match reading.ultimate(&third_line_share(), ShareDistribution::default()) {
                    Ok(share) => rows.push(row(said, "diagnosed", &share, delay)?),
                    // A crude share is there because it was asked for.
                    Err(error) if matches!(reading, Reading::Crude { .. }) => return Err(error),
                    Err(error) => cautions.push(format!("{name}: no row for {said}: {error}")),
                }
            }
            for preset in presets.iter().flat_map(|(_, presets)| presets) {
                let share = preset.ultimate_share()?;
                rows.push(row(preset.id.clone(), "treated", &share, &preset.delay()?)?);
                let share = synthesis.of_those_diagnosed(preset)?;
                let of_diagnosed = format!("{}{TIMES_TREATED}", preset.id);
                rows.push(row(of_diagnosed, "diagnosed", &share, &preset.delay()?)?);
            }
            let share = synthesis.of_treated()?;
            rows.push(row(TOGETHER.to_owned(), "treated", &share, delay)?);
            let share = synthesis.of_diagnosed()?;
            let of_diagnosed = format!("{TOGETHER}{TIMES_TREATED}");
            rows.push(row(of_diagnosed, "diagnosed", &share, delay)?);
            let told = told.into_inner();
            let alike = told.len() == 1;
            cautions.extend(told.into_iter().map(|(caution, of)| match &of.join(", ") {
                _ if alike => format!("{name}: {caution}"),
                of => format!("{name}, {of}: {caution}"),
            }));
        }
        Ok(ThirdLineTable {
            rows,
            synthesis,
            cautions,
        })
    }
}

/// The presets of one's own studies and of the shipped ones.
fn presets(own: &[Study]) -> Result<Vec<(&Study, Vec<Preset>)>> {
    let mut ids = BTreeSet::new();
    let mut presets = Vec::new();
    for (i, study) in own.iter().chain(Study::shipped()).enumerate() {
        if !ids.insert(&study.id) {
            let id = &study.id;
            return Err(Error::unsuitable(format!(
                "two studies are called \"{id}\""
            )));
        }
        let of_study = study.presets()?;
        // Of the shipped studies one gives none and says why; of one's own that is asked for, it is an error.
        if of_study.is_empty() && i < own.len() {
            let (id, why) = (&study.id, &study.no_preset);
            return Err(Error::unsuitable(format!(
                "the study \"{id}\" gives no preset: {why}"
            )));
        }
        presets.push((study, of_study));
    }
    Ok(presets)
}

/// That both ends of the published range can be crude shares of third line under a follow-up, with as many in second line
/// as in a study; a caution where that does not hold for all studies.
fn check_crude<'a>(
    delay: &Delay,
    follow_up: FollowUp,
    studies: impl Iterator<Item = &'a Study>,
) -> Result<Option<String>> {
    // A follow-up that cannot be is refused as one.
    follow_up.seen(delay)?;
    let seen: Vec<(&str, f64)> = studies
        .filter_map(|study| {
            let crude = study.by_line(Measure::CrudeReach);
            let of = |line| crude.iter().find(|f| f.line == line && f.group.is_empty());
            Some((study.id.as_str(), of(2)?.value / of(3)?.value))
        })
        .collect();
    let range = third_line_share();
    let mut impossible: Vec<String> = Vec::new();
    for third in [range.low, range.high] {
        let tried = |second: f64| {
            Calibration::new([delay.first_line().clone(), delay.second_line().clone()])
                .with_crude_shares(follow_up, &[second * third, third])?
                .solve()
        };
        let found: Vec<_> = seen.iter().map(|(_, second)| tried(*second)).collect();
        let refused = || seen.iter().zip(&found).filter(|(_, found)| found.is_err());
        if refused().count() == seen.len() {
            let fewest = refused().min_by(|a, b| a.0.1.total_cmp(&b.0.1));
            if let Some(((id, _), Err(error))) = fewest {
                let end = percent(third);
                return Err(Error::contradiction(format!(
                    "{end} % cannot be a crude share of third line under this follow-up, with as many in second line for each in third \
                     as any study saw; with the fewest, as in {id}: {error}"
                )));
            }
        }
        impossible.extend(refused().map(|((id, second), _)| {
            if second * third > 1.0 {
                return format!(
                    "{} %, with as many in second line for each in third as in {id}, which is more than everybody",
                    percent(third)
                );
            }
            let (second, third) = (
                percent((second * third * 1e3).round() / 1e3),
                percent(third),
            );
            format!("{third} % with {second} % in second line, by the ratio of {id}")
        }));
    }
    Ok((!impossible.is_empty()).then(|| {
        format!(
            "Read as a crude share at a data cut, impossible under this follow-up and these sojourn times: {}.",
            impossible.join("; ")
        )
    }))
}

/// The readings with their names, each with an assumption that is stated and no figure.
fn readings(
    delay: &Delay,
    follow_up: Option<FollowUp>,
    cases: &YearlyDraws,
    presets: &[(&Study, Vec<Preset>)],
) -> Result<Vec<(Reading, String)>> {
    let canada = presets.iter().flat_map(|(_, presets)| presets);
    let canada = canada.filter(|preset| preset.id == "cmrg");
    let second_line = canada
        .flat_map(|preset| preset.pathway.groups())
        .map(|group| group.weight().central(2020) * group.lines()[0].next().central(2020));
    let (first, last) = (cases.first_year(), cases.last_year());
    let mut readings = vec![Reading::Ultimate];
    readings.extend(follow_up.map(|follow_up| Reading::Crude {
        delay: delay.clone(),
        follow_up,
    }));
    readings.push(Reading::CumulativeIncidence {
        delay: delay.clone(),
        years: 5.0,
    });
    readings.push(Reading::OfPrevious {
        reached_second_line: second_line.sum(),
    });
    if last > first {
        let growth = (cases.median(last)? / cases.median(first)?).ln() / f64::from(last - first);
        readings.push(Reading::YearlyFlow {
            delay: delay.clone(),
            growth,
        });
    }
    let range = third_line_share();
    let (low, high) = (percent(range.low), percent(range.high));
    let named = |reading: Reading| {
        let name = match &reading {
            Reading::CumulativeIncidence { .. } => "cumulative incidence by 5 years",
            other => other.name(),
        };
        let name = format!("{low}-{high} % as {name}");
        (reading, name)
    };
    Ok(readings.into_iter().map(named).collect())
}

impl ThirdLineTable {
    /// The table as comma-separated values: a line for each region, reading and year.
    ///
    /// Columns `region,reading,share_of,share_low,share_high,year,median,lower50,upper50,lower95,upper95`: patients a
    /// year, to six significant digits, and shares from 0 to 1. [`ThirdLineTable::to_csv_with`] gives all digits.
    #[must_use]
    pub fn to_csv(&self) -> String {
        self.to_csv_with(Digits::Six)
    }

    /// The same with so many digits.
    #[must_use]
    pub fn to_csv_with(&self, digits: Digits) -> String {
        let lines = self.rows.iter().flat_map(|row| {
            row.starts.iter().map(move |year| {
                let mut line = vec![
                    row.region.clone(),
                    row.reading.clone(),
                    row.share_of.clone(),
                ];
                line.extend([row.low, row.high].map(|share| digits.text(share)));
                line.push(year.year.to_string());
                line.extend(year.numbers().map(|number| digits.optional(number)));
                line
            })
        });
        dictionary::table("third_line.csv", lines)
    }
}

impl fmt::Display for ThirdLineTable {
    /// A block a region: the share that ever reaches third line, and starts in four years, median and 95 % interval.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        let mut region = None;
        for row in &self.rows {
            let years = shown(&row.starts);
            if region != Some(&row.region) {
                region = Some(&row.region);
                let years = years.iter().map(|s| s.year.to_string());
                table.row(
                    format!("{}: start third line in", printable(&row.region)),
                    std::iter::once("share, %".to_owned()).chain(years),
                );
            }
            let [low, high] = [row.low, row.high].map(|share| count(100.0 * share));
            let share = if low == high {
                low
            } else {
                format!("{low}-{high}")
            };
            let rounded = |people| significant(people, 3);
            let cells = years.iter().map(|s| {
                let interval = s.interval95().map(|ends| ends.map(rounded));
                let interval = interval.map(|[low, high]| format!(" ({low}-{high})"));
                rounded(s.median) + &interval.unwrap_or_default()
            });
            table.row(
                format!("  {} (of those {})", row.reading, row.share_of),
                std::iter::once(share).chain(cells),
            );
        }
        write!(f, "{table}{}", wrapped(&self.synthesis.to_string()))?;
        let mut cautions = self.cautions.iter();
        cautions.try_for_each(|caution| f.write_str(&wrapped(&printable(caution))))
    }
}

/// The year after the first, the last, and two between.
fn shown(starts: &[YearSummary]) -> Vec<YearSummary> {
    let n = starts.len();
    let mut places: Vec<usize> = [
        1,
        n.saturating_sub(11),
        n.saturating_sub(6),
        n.saturating_sub(1),
    ]
    .into();
    places.retain(|place| *place < n);
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| starts[place]).collect()
}
