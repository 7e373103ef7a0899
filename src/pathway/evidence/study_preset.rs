//! The presets that a study determines.

use super::calibration::Calibration;
use super::preset::{Preset, delay};
use super::study::{Measure, Study, StudyFigure};
use crate::error::{Error, Result};
use crate::pathway::follow_up::FollowUp;
use crate::pathway::model::{Group, Line, Pathway};
use crate::pathway::share::Share;
use crate::pathway::share_range::ShareDistribution;
use crate::pathway::sojourn::SojournTime;

/// The measures that shares are made of, in the order of preference.
const SHARES: [Measure; 3] = [Measure::CrudeReach, Measure::Attrition, Measure::OfPrevious];

/// Factors on all sojourn times that show what crude shares leave undetermined.
const SCALES: [f64; 5] = [0.5, 0.75, 1.0, 1.5, 2.0];

const EXPONENTIAL: &str = "a median alone was published: every sojourn time is exponential";
const DIES: &str = "whoever does not go on dies in the line: the shares do not tell death from loss to \
                    further therapy";
const ALL_TREATED: &str = "all of those diagnosed are treated: the studies follow treated patients";
const CALIBRATED: &str = "the shares are calibrated at the medians of the sojourn times, which vary on \
                          their own";
const SAME_TIMES: &str = "all groups have the sojourn times of all patients";
const UPPER_LIMIT: &str = "whoever is not lost to attrition goes on in the end: those still in a line \
                           or in remission at the data cut are counted as going on, which is an upper \
                           limit; the number with a line is taken as those who go on from the line \
                           before";
const LOWER_LIMIT: &str = "whoever had no further line in the data never has one, though they may be in \
                           a line, in remission, or gone from the data: a lower limit";
const RANGE: &str = "after the lines with a figure of their own, the share lies anywhere in the range \
                     that was published for all later lines";
const INTERVALS: &str = "the confidence intervals of shares are not used: the uncertainty of a share is that of its number \
                         of patients, and without one it is taken as known";
const FROM_SURVIVAL: [&str; 2] = [
    "whoever does not go on dies when the line ends, and so the shares follow from median survival; \
     they lean on the exponential form",
    "the error of median survival is not in the shares, which are taken as known",
];

impl Study {
    /// The **preset** of the study: its shares from crude shares at the data cut, or else from
    /// attrition, from shares of those who had the line before, or from median survival.
    ///
    /// Crude shares are calibrated under a follow-up from diagnosis, at a steady rate through
    /// [`accrual`](Study::accrual), to the data cut: the end of the accrual, or later where that makes the stated median
    /// [`follow_up`](Study::follow_up), half of the accrual and the years after it. [`Study::preset_under`] takes another one.
    /// The number of patients of a share ([`StudyFigure::n`]) says how sure it is, and moves no centre: a crude share has the
    /// relative variance of a binomial share of its own *n* (the delta method), a line that states no *n* that of the line
    /// nearest to it, and no line is of fewer patients than a later one. Attrition of more patients than had the line is
    /// of the cohort.
    /// Sojourn times are exponential. Their medians are the study's own median TTNT by line, or else
    /// median PFS; those of the study named in [`sojourn_times_of`](Study::sojourn_times_of) for a line
    /// of which it has none, whose last figure stands for all later lines; that of the line before where
    /// neither has one.
    ///
    /// # Errors
    ///
    /// Where the study says why it gives none ([`no_preset`](Study::no_preset)), lacks a figure that is
    /// needed, or its figures contradict each other.
    pub fn preset(&self) -> Result<Preset> {
        if !self.no_preset.is_empty() {
            let reason = format!("{} gives no preset: {}", self.id, self.no_preset);
            return Err(Error::unsuitable(reason));
        }
        match self.bases().first() {
            Some(&measure) => self.preset_from(measure),
            None => Err(Error::unsuitable(format!(
                "{} gives no preset: it has none of crude_reach, attrition, of_previous and median_os",
                self.id
            ))),
        }
    }

    /// Every preset that the study gives: one from each measure of shares that it has, or one from median
    /// survival where it has none; empty where it says why it gives none.
    ///
    /// # Errors
    ///
    /// As [`Study::preset`].
    pub fn presets(&self) -> Result<Vec<Preset>> {
        if !self.no_preset.is_empty() {
            return Ok(Vec::new());
        }
        self.bases()
            .into_iter()
            .map(|measure| self.preset_from(measure))
            .collect()
    }

    /// The preset whose shares come from one measure: [`Measure::CrudeReach`], [`Measure::Attrition`],
    /// [`Measure::OfPrevious`] or [`Measure::MedianOs`].
    ///
    /// # Errors
    ///
    /// Where the study lacks a figure of it or of the accrual that crude shares need, the measure is
    /// another one, or the figures contradict each other.
    pub fn preset_from(&self, measure: Measure) -> Result<Preset> {
        self.check()?;
        match measure {
            Measure::CrudeReach => {
                let Some(accrual) = self.accrual else {
                    return Err(Error::unsuitable(format!(
                        "{} does not say through how many years its patients were diagnosed: its crude shares need that (accrual, \
                         beside any follow_up)",
                        self.id
                    )));
                };
                // At a steady rate the median patient comes in the middle of the accrual.
                let further = self.follow_up.map_or(0.0, |median| median - accrual / 2.0);
                let mut preset = self.preset_under(FollowUp::Accrual {
                    accrual,
                    further: further.max(0.0),
                    growth: 0.0,
                })?;
                if let Some(median) = self.follow_up.filter(|_| further > 0.0) {
                    preset.assumed.push(format!(
                        "the years after the accrual are those that make the stated median follow-up, {median} years, at a steady rate"
                    ));
                }
                if further < 0.0 {
                    preset.assumed.push(format!(
                        "the data were cut at the end of the accrual, {} years after it began, which makes a median follow-up of {} years: \
                         the shorter one that is stated is not used (preset_under takes a follow-up of your own)",
                        accrual,
                        accrual / 2.0
                    ));
                }
                Ok(preset)
            }
            Measure::Attrition => self.by_attrition(),
            Measure::OfPrevious => self.by_shares_of_previous(),
            Measure::MedianOs => self.by_survival(),
            _ => Err(Error::out_of_range(
                "the measure of the shares",
                format!("a preset of {}", self.id),
                measure,
                "one of crude_reach, attrition, of_previous, median_os",
            )),
        }
    }

    /// The preset from crude shares under a **follow-up of your own**.
    ///
    /// ```
    /// use myeloma_epi::pathway::{FollowUp, evidence::Study};
    ///
    /// // The Dutch crude shares, had the patients been followed for two years after the last diagnosis.
    /// let follow_up = FollowUp::Accrual { accrual: 6.0, further: 2.0, growth: 0.0 };
    /// let preset = Study::of("pharos_nl")?.preset_under(follow_up)?;
    /// assert!(preset.ultimate_third_line()? > 0.309);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the study has no crude shares, or no shares reproduce them under the follow-up.
    pub fn preset_under(&self, follow_up: FollowUp) -> Result<Preset> {
        self.check()?;
        let figures = self.consecutive(Measure::CrudeReach, 2, "")?;
        let (times, lasts) = self.sojourn_times(figures.len() + 1)?;
        let crude: Vec<f64> = figures.iter().map(|figure| figure.value).collect();
        let calibration = Calibration::new(times[..crude.len()].iter().cloned())
            .with_crude_shares(follow_up, &crude)?;
        calibration.solve()?;
        let (seen, shares) = calibration.ratios()?;
        // Those seen in a line, of those seen in the line before; the factor corrects for those still to come.
        let patients = patients_of_crude_shares(&figures);
        let mut next = Vec::new();
        let mut before: Option<Seen> = None;
        let mut seen_before = 1.0;
        for ((i, (figure, seen)), share) in figures.iter().zip(seen).enumerate().zip(shares) {
            let Some(n) = patients.as_ref().map(|patients| patients[i]) else {
                next.push(Share::new(share)?);
                continue;
            };
            let now = Seen::new(figure.value, n);
            let [events, of] = now.of_those_seen_before(before);
            let counted = Share::counted_times(events, of, seen_before / seen);
            next.push(counted.map_err(|error| self.cannot_be(figure, &error))?);
            (before, seen_before) = (Some(now), seen);
        }
        let mut assumed = [EXPONENTIAL, DIES, ALL_TREATED, CALIBRATED]
            .map(str::to_owned)
            .to_vec();
        assumed.extend([lasts, follow_up.to_string()]);
        for (figure, n) in figures.iter().zip(patients.iter().flatten()) {
            let line = figure.line;
            match figure.n {
                None => assumed.push(format!("the share of line {line} states no n: it is taken to be of {n} patients, as another line's")),
                Some(own) if own < *n => assumed.push(format!(
                    "the share of line {line}, of {own} patients, is taken to be as sure as one of {n}, of whom that of a later line is: \
                     whoever had that line had this one"
                )),
                Some(_) => {}
            }
        }
        let pathway = Pathway::of_lines(lines(&times, next)?)?;
        let mut preset = self.made(Measure::CrudeReach, pathway, assumed)?;
        for factor in SCALES {
            let (_, next) = calibration.scaled(factor)?.ratios()?;
            let comes_to = if next.iter().all(|share| *share <= 1.0) {
                let share = 100.0 * next[0] * next[1];
                format!("{share:.1} % ever reach third line")
            } else {
                "impossible".to_owned()
            };
            preset.undetermined.push(format!(
                "with all sojourn times multiplied by {factor}: {comes_to}"
            ));
        }
        preset.calibration = Some(calibration);
        Ok(preset)
    }

    /// What is not attrition goes on. Of the patients with a line, those who go on have the next. A share of fewer patients
    /// than those is of its own; one of more is of the cohort, of which only these had the line.
    fn by_attrition(&self) -> Result<Preset> {
        let next = |group: &str| {
            let figures = self.consecutive(Measure::Attrition, 1, group)?;
            let mut with_line = figures[0].n;
            let share = |figure: &&StudyFigure| {
                let goes_on = 1.0 - figure.value;
                let of = [with_line, figure.n].into_iter().flatten();
                let of = of.min_by(f64::total_cmp);
                with_line = with_line.or(figure.n).map(|n| n * goes_on);
                let share = match of {
                    Some(n) => Share::counted(n * goes_on, n),
                    None => Share::new(goes_on),
                };
                share.map_err(|error| self.cannot_be(figure, &error))
            };
            let after = figures.windows(2).find(|two| two[0].value >= 1.0);
            if let Some([all, next]) = after {
                return Err(Error::contradiction(format!(
                    "{} says that attrition of line {} is {}, so that nobody has line {}, of which it has a figure, too",
                    self.id, all.line, all.value, next.line
                )));
            }
            figures.iter().map(share).collect()
        };
        let assumed = [ALL_TREATED, UPPER_LIMIT, DIES];
        self.by_group(Measure::Attrition, next, &assumed)
    }

    /// Whoever was not seen in the next line never has it.
    fn by_shares_of_previous(&self) -> Result<Preset> {
        let next = |group: &str| {
            let figures = self.consecutive(Measure::OfPrevious, 2, group)?;
            let mut next: Vec<Share> = figures.iter().map(|f| counted(f)).collect::<Result<_>>()?;
            let least = self.in_group(Measure::AttritionLeast, group);
            let most = self.in_group(Measure::AttritionMost, group);
            if least.is_empty() != most.is_empty() {
                return Err(Error::unsuitable(format!(
                    "{} has one of attrition_least and attrition_most: the range of the share after later lines needs both",
                    self.id
                )));
            }
            if let (Some(least), Some(most)) = (least.first(), most.first()) {
                let later = Share::range(
                    1.0 - most.value,
                    1.0 - least.value,
                    ShareDistribution::Uniform,
                )?;
                // Up to fourth line.
                next.resize(next.len().max(3), later);
            }
            Ok(next)
        };
        let mut assumed = vec![ALL_TREATED, LOWER_LIMIT, DIES];
        assumed.extend(self.has(Measure::AttritionLeast).then_some(RANGE));
        self.by_group(Measure::OfPrevious, next, &assumed)
    }

    /// Shares from median survival; the last line with one and all that follow it are one state until
    /// death.
    fn by_survival(&self) -> Result<Preset> {
        let figures = self.consecutive(Measure::MedianOs, 1, "")?;
        let (last, before) = (figures[figures.len() - 1], &figures[..figures.len() - 1]);
        let (times, lasts) = self.sojourn_times(before.len())?;
        let survival: Vec<f64> = before.iter().map(|figure| figure.value / 12.0).collect();
        let pathway = Pathway::from_median_survival(&times, &survival, &sojourn_time(last)?)?;
        let mut assumed = vec![EXPONENTIAL.to_owned(), lasts];
        assumed.extend([ALL_TREATED, FROM_SURVIVAL[0], FROM_SURVIVAL[1]].map(str::to_owned));
        assumed.push(format!(
            "line {} and all that follow it are one state until death",
            last.line
        ));
        self.made(Measure::MedianOs, pathway, assumed)
    }

    /// The measures that its shares can be made of.
    pub(super) fn bases(&self) -> Vec<Measure> {
        let mut bases = SHARES.to_vec();
        bases.retain(|measure| self.has(*measure));
        if bases.is_empty() && self.has(Measure::MedianOs) {
            bases.push(Measure::MedianOs);
        }
        bases
    }

    pub(super) fn preset_id(&self, measure: Measure) -> String {
        if self.bases().first() == Some(&measure) {
            self.id.clone()
        } else {
            format!("{}_{measure}", self.id)
        }
    }

    /// What it measured and what its figures do not say.
    pub(super) fn said(&self) -> Vec<String> {
        let said = [&self.measured, &self.caution].into_iter();
        said.filter(|text| !text.is_empty()).cloned().collect()
    }

    fn made(&self, measure: Measure, pathway: Pathway, mut assumed: Vec<String>) -> Result<Preset> {
        delay(&pathway)?;
        if measure != Measure::MedianOs && self.by_line(measure).iter().any(|f| f.low.is_some()) {
            assumed.push(INTERVALS.to_owned());
        }
        Ok(Preset {
            id: self.preset_id(measure),
            pathway,
            measured: self.said(),
            assumed,
            undetermined: Vec::new(),
            calibration: None,
        })
    }

    fn in_group(&self, measure: Measure, group: &str) -> Vec<&StudyFigure> {
        let mut figures = self.by_line(measure);
        figures.retain(|figure| figure.group == group);
        figures
    }

    /// That a share of the study cannot be used, by the names of its fields.
    fn cannot_be(&self, figure: &StudyFigure, error: &Error) -> Error {
        let (id, measure, line, value) = (&self.id, figure.measure, figure.line, figure.value);
        let of = figure
            .n
            .map_or_else(|| "no n".to_owned(), |n| format!("n {n}"));
        Error::unsuitable(format!(
            "{id}: {measure} of line {line}, {value} with {of}, gives no share of those who had the line before: {error}"
        ))
    }

    /// The figures of one measure and group for a first line and those after it, without a gap, so far
    /// that they tell of third line.
    fn consecutive(
        &self,
        measure: Measure,
        first: usize,
        group: &str,
    ) -> Result<Vec<&StudyFigure>> {
        let figures = self.in_group(measure, group);
        let gap = (first..).zip(&figures).find(|(line, f)| f.line != *line);
        let missing = match gap {
            Some((line, _)) => line,
            None if figures.len() < 2 && measure != Measure::OfPrevious => first + figures.len(),
            None if figures.is_empty() => first,
            None => return Ok(figures),
        };
        let of = match group {
            "" => String::new(),
            group => format!(" of group \"{group}\""),
        };
        Err(Error::unsuitable(format!(
            "{} has no figure \"{measure}\" of line {missing}{of}, which a preset up to third line needs",
            self.id
        )))
    }

    /// A pathway of the groups that the figures of a measure name, weighted by their numbers of patients; `assumed`
    /// beside the sojourn times.
    fn by_group(
        &self,
        measure: Measure,
        next: impl Fn(&str) -> Result<Vec<Share>>,
        assumed: &[&str],
    ) -> Result<Preset> {
        let mut groups: Vec<(&str, Option<f64>)> = Vec::new();
        for figure in self.by_line(measure) {
            if groups.iter().all(|(name, _)| *name != figure.group) {
                groups.push((&figure.group, figure.n));
            }
        }
        let mut made = Vec::new();
        let all: f64 = groups.iter().filter_map(|(_, n)| *n).sum();
        let mut last = String::new();
        for &(name, n) in &groups {
            let next = next(name)?;
            let (times, lasts) = self.sojourn_times(next.len() + 1)?;
            last = lasts;
            made.push((name, n, lines(&times, next)?));
        }
        let pathway = if made.len() == 1 {
            Pathway::of_lines(made.remove(0).2)?
        } else {
            last = format!("{last}; {SAME_TIMES}");
            let group = |(name, n, lines): (&str, Option<f64>, Vec<Line>)| {
                let missing = || {
                    let reason = "does not say how many patients (n) its group";
                    Error::unsuitable(format!("{} {reason} \"{name}\" has", self.id))
                };
                Group::new(name, Share::new(n.ok_or_else(missing)? / all)?, lines)
            };
            Pathway::new(made.into_iter().map(group).collect::<Result<Vec<_>>>()?)?
        };
        let mut all = vec![EXPONENTIAL.to_owned(), last];
        all.extend(assumed.iter().map(|text| (*text).to_owned()));
        self.made(measure, pathway, all)
    }

    /// By line its median TTNT, or else its median PFS.
    fn medians(&self) -> Vec<&StudyFigure> {
        let mut medians = self.by_line(Measure::MedianTtnt);
        for figure in self.by_line(Measure::MedianPfs) {
            if medians.iter().all(|median| median.line != figure.line) {
                medians.push(figure);
            }
        }
        medians.sort_by_key(|median| median.line);
        medians
    }

    /// Exponential sojourn times of line 1, 2, …, and which medians they have.
    fn sojourn_times(&self, lines: usize) -> Result<(Vec<SojournTime>, String)> {
        let (own, other) = (self.medians(), &self.sojourn_times_of);
        let others = match other.as_str() {
            "" => Vec::new(),
            id => Study::of(id)?.medians(),
        };
        let mut times: Vec<SojournTime> = Vec::new();
        // The first and last line of each source, and which it is.
        let mut sources: Vec<(usize, usize, String)> = Vec::new();
        for line in 1..=lines {
            let own = own.iter().find(|figure| figure.line == line);
            let own = own.map(|figure| (figure, &self.id));
            let others = others.iter().rev().find(|figure| figure.line <= line);
            let found = own.or(others.map(|figure| (figure, other)));
            let (time, source) = match (found, times.last()) {
                (Some((figure, id)), _) => (sojourn_time(figure)?, source(figure.measure, id)),
                (None, Some(time)) => (time.clone(), "as long as the line before".to_owned()),
                (None, None) => {
                    return Err(Error::unsuitable(format!(
                        "{} has no sojourn time of line 1: give median_ttnt or median_pfs, or name a study in \
                         sojourn_times_of",
                        self.id
                    )));
                }
            };
            times.push(time);
            match sources.last_mut() {
                Some((_, last, same)) if *same == source => *last = line,
                _ => sources.push((line, line, source)),
            }
        }
        let part = |(first, last, source): &(usize, usize, String)| match last - first {
            0 => format!("line {first} lasts {source}"),
            1 => format!("lines {first} and {last} last {source}"),
            _ => format!("lines {first} to {last} last {source}"),
        };
        let parts: Vec<String> = sources.iter().map(part).collect();
        let text = parts.join(", ") + "; the next line follows at once, without time off treatment";
        Ok((times, text))
    }
}

fn source(measure: Measure, id: &str) -> String {
    if measure == Measure::MedianTtnt {
        format!("until the next line or death (median TTNT, {id})")
    } else {
        format!("until progression or death (median PFS, {id})")
    }
}

/// The exponential sojourn time with a median in months. Its relative error is the half width of the
/// 95 % interval, on the log scale, over 1.96.
pub(super) fn sojourn_time(figure: &StudyFigure) -> Result<SojournTime> {
    let time = SojournTime::exponential_from_median(figure.value / 12.0)?;
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => {
            time.with_relative_error((high / low).ln() / (2.0 * 1.959_963_984_540_054))
        }
        _ => Ok(time),
    }
}

/// A published ratio with its number of patients, as a count.
pub(super) fn counted(figure: &StudyFigure) -> Result<Share> {
    match figure.n {
        Some(n) => Share::counted(events(figure.value, n), n),
        None => Share::new(figure.value),
    }
}

/// How many patients a published share is: a whole number where that gives the share again to three digits.
fn events(share: f64, n: f64) -> f64 {
    let whole = (share * n).round();
    if (whole / n - share).abs() <= 5e-4 && whole > 0.0 && (whole < n || share >= 1.0) {
        whole
    } else {
        share * n
    }
}

/// Of how many patients each crude share is: one that states none is of as many as the line nearest to it. None is of fewer
/// than a later one, since whoever had the later line had this one; `None` where no line states a number.
fn patients_of_crude_shares(figures: &[&StudyFigure]) -> Option<Vec<f64>> {
    let stated = |i: usize| figures[i].n;
    let nearest = |i: usize| {
        let before = (0..=i).rev().find_map(stated);
        before.or_else(|| (i..figures.len()).find_map(stated))
    };
    let mut patients: Vec<f64> = (0..figures.len()).map(nearest).collect::<Option<_>>()?;
    for i in (1..patients.len()).rev() {
        patients[i - 1] = patients[i - 1].max(patients[i]);
    }
    Some(patients)
}

/// A crude share: so many seen in a line, of so many patients.
#[derive(Debug, Clone, Copy)]
struct Seen {
    events: f64,
    of: f64,
}

impl Seen {
    fn new(share: f64, of: f64) -> Self {
        let events = events(share, of);
        Self { events, of }
    }

    fn share(self) -> f64 {
        self.events / self.of
    }

    /// The relative variance of the share, (1 − c)/(c·n).
    fn variance(self) -> f64 {
        (1.0 - self.share()) / self.events
    }

    /// Those seen, as so many of so many who were seen in the line before. A share of the cohort is the product of such
    /// shares, and its relative variance is the sum of theirs. So that it is that of its own number of patients, the share q of
    /// those seen before is counted in m of them with
    ///
    /// ```text
    /// (1 − q)/(q·m) = (1 − c)/(c·n) − (1 − c′)/(c′·n′)
    /// ```
    ///
    /// where c′ of n′ is the share of the line before. Where both are of the same patients m = c′·n′: those seen before.
    fn of_those_seen_before(self, before: Option<Self>) -> [f64; 2] {
        let Some(before) = before else {
            return [self.events, self.of];
        };
        if self.of >= before.of {
            return [self.events, before.events];
        }
        let share = (self.share() / before.share()).min(1.0);
        let further = self.variance() - before.variance();
        // Where everybody went on, as many as were seen before among its own patients.
        let of = match (1.0 - share) / (share * further) {
            of if of > 0.0 => of,
            _ => before.share() * self.of,
        };
        [share * of, of]
    }
}

/// Lines with a share that goes on after each but the last.
fn lines(times: &[SojournTime], next: Vec<Share>) -> Result<Vec<Line>> {
    let next = next.into_iter().chain([Share::new(0.0)?]);
    let lines = times.iter().cloned().zip(next);
    Ok(lines.map(|(time, next)| Line::new(time, next)).collect())
}
