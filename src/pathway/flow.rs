//! Patients by calendar year and line of therapy, as draws.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::cohorts::{Row, State};
use super::flow_options::{Entry, FlowOptions, check_patients};
use super::incidence_before::{Earlier, NotGiven};
use super::model::{Pathway, check_line_count, few_draws};
use crate::checked_on_reading::checked;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::number_checks::Place;

/// The most that the states of a flow in a file may differ from those diagnosed, relative to them.
const MAX_GAP: f64 = 1e-6;
/// The error of the numbers of which shares are taken.
const SHARE_TOLERANCE: f64 = 1e-4;

/// The **moment** of a calendar year at which the people in a state are counted: a prevalence is of a moment,
/// starts and deaths are of a whole year.
///
/// # Example
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{Entry, FlowOptions, Line, Moment, Pathway, Share, SojournTime};
/// use ndarray::Array2;
///
/// // 1,000 patients, all diagnosed in the middle of 2020, in a line with mean length 2 years.
/// let pathway = Pathway::of_lines([Line::new(SojournTime::exponential(2.0)?, Share::new(0.0)?)])?;
/// let incidence = YearlyDraws::new(2020, Array2::from_elem((2, 1), 1_000.0))?;
/// let options = FlowOptions { entry: Entry::MidYear, cohorts: Some(2020..=2020), ..FlowOptions::to(2021) };
/// let flow = pathway.flow(&incidence, &options)?;
/// // One year later e^(−1/2) of them are still in it, half a year after that e^(−3/4).
/// let still_there = |when| flow.in_line(1, when)?.median(2021);
/// assert!((still_there(Moment::MidYear)? - 1_000.0 * (-0.5_f64).exp()).abs() < 0.01);
/// assert!((still_there(Moment::YearEnd)? - 1_000.0 * (-0.75_f64).exp()).abs() < 0.01);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// At the end of June.
    MidYear,
    /// At the end of December.
    YearEnd,
}

checked! {
    /// **Patients by calendar year and line of therapy**, from the first year of the incidence to the last year
    /// asked for: the result of [`Pathway::flow`](super::Pathway::flow) and
    /// [`Pathway::simulate`](super::Pathway::simulate).
    ///
    /// Every quantity is a number of patients as [`YearlyDraws`], on the draws of the incidence: yearly counts (who
    /// starts, ends, dies, is lost in the year) and numbers at a [`Moment`] of the year (who is in a line, off
    /// treatment, dead by then). Lines count from 1.
    ///
    /// At the end of every year those diagnosed up to then are the sum of those never treated, in a line, off
    /// treatment, lost and dead; those never treated or lost count as dead once they are known to have died.
    ///
    /// `Display` prints a row a year: those diagnosed, those who start each line and are in it at the end of the year, all
    /// deaths and losses of the year. With more than one draw it is the median, with the central 95 % interval below it.
    /// Then follow the numerical error and the cautions.
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{FlowOptions, Line, Moment, Pathway, Share, SojournTime};
    /// use ndarray::Array2;
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::exponential(3.0)?, Share::new(0.6)?),
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
    /// ])?;
    /// let incidence = YearlyDraws::new(2010, Array2::from_elem((16, 1), 1_000.0))?;
    /// let flow = pathway.flow(&incidence, &FlowOptions::to(2025))?;
    /// // In a steady state the prevalence of a line is its yearly starts times its mean length.
    /// let (starts, in_line) = (flow.starts(2)?, flow.in_line(2, Moment::YearEnd)?);
    /// assert!((in_line.median(2025)? / starts.median(2025)? - 1.0).abs() < 0.01);
    /// println!("{flow}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Flow {
        lines: usize,
        diagnosed: YearlyDraws,
        /// By name, such as `starts_3`, `in_line_3_year_end` or `never_treated`.
        quantities: BTreeMap<String, YearlyDraws>,
        /// `None`: an individual simulation.
        numerical_error: Option<f64>,
        pathway: Pathway,
        entry: Entry,
        earlier: Earlier,
    } then check
}

/// The numbers of the year before each.
fn before(numbers: &ArrayView2<'_, f64>) -> Array2<f64> {
    let mut before = Array2::zeros(numbers.raw_dim());
    let earlier = numbers.split_at(Axis(0), numbers.nrows() - 1).0;
    before.view_mut().split_at(Axis(0), 1).1.assign(&earlier);
    before
}

/// That numbers of patients are 0, or at least 0, but for rounding: a part of those diagnosed up to each year, `most`.
fn check_numbers(name: &str, numbers: &Array2<f64>, most: &Array2<f64>, all: bool) -> Result<()> {
    let wrong = |(number, most): &(&f64, &f64)| {
        let slack = MAX_GAP * *most;
        **number < -slack || (all && **number > slack)
    };
    let found = numbers.iter().zip(most).find(wrong);
    let number = found.map_or(0.0, |(number, _)| *number);
    let allowed = if all { "0" } else { "at least 0" };
    Place("a flow").check(found.is_none(), name, number, allowed)
}

impl Flow {
    /// A flow from numbers of patients, a row a quantity in the order of [`Row::all`].
    pub(super) fn new(
        pathway: &Pathway,
        (diagnosed, earlier): (YearlyDraws, Earlier),
        rows: Vec<YearlyDraws>,
        numerical_error: Option<f64>,
        entry: Entry,
    ) -> Self {
        let lines = pathway.lines();
        Self {
            lines,
            diagnosed,
            quantities: Row::all(lines).map(Row::name).zip(rows).collect(),
            numerical_error,
            pathway: pathway.clone(),
            entry,
            earlier,
        }
    }

    fn check(&self) -> Result<()> {
        let (lines, place) = (self.lines, Place("a flow"));
        check_line_count(lines, place.0)?;
        if let Some(error) = self.numerical_error {
            place.not_negative("numerical_error", error)?;
        }
        let names: BTreeSet<String> = Row::all(lines).map(Row::name).collect();
        let wrong = |what: &str| Err(Error::unsuitable(format!("a flow of {lines} lines {what}")));
        if let Some(name) = names
            .iter()
            .find(|name| !self.quantities.contains_key(*name))
        {
            return wrong(&format!("lacks {name}"));
        }
        if let Some(name) = self.quantities.keys().find(|name| !names.contains(*name)) {
            return wrong(&format!("has no {name}"));
        }
        let of_lines = self.pathway.lines();
        if of_lines != lines {
            return wrong(&format!("has a pathway of {of_lines}"));
        }
        self.earlier.check(&self.diagnosed)?;
        check_patients(&self.diagnosed.view().sum_axis(Axis(0)))?;
        for (name, row) in &self.quantities {
            if row.years() != self.diagnosed.years() || row.len() != self.diagnosed.len() {
                return Err(Error::mismatch(format!(
                    "{name} of a flow has other years or another number of draws than diagnosed"
                )));
            }
        }
        let gap = self.conservation_gap();
        place.check(
            gap <= MAX_GAP,
            "the gap between those diagnosed and the states",
            gap,
            format!("at most {MAX_GAP:e}: every patient is in one state"),
        )?;
        let most = self.diagnosed_so_far() * (1.0 + MAX_GAP);
        for (name, row) in &self.quantities {
            let mut both = row.view().into_iter().zip(&most);
            if let Some((number, most)) = both.find(|(number, most)| number > most) {
                let allowed = format!("at most {most}, those diagnosed up to the year");
                place.check(false, name, number, &allowed)?;
            }
        }
        self.check_books(&most)
    }

    /// That what enters and leaves the states in a year is what their numbers change by from one year's end to the next, and
    /// that those of the middle of a year can have come about so; `most` is the number diagnosed up to each year.
    fn check_books(&self, most: &Array2<f64>) -> Result<()> {
        let row = |row: Row| self.row(row).view();
        let all = |name: &str, numbers: &Array2<f64>| check_numbers(name, numbers, most, true);
        let some = |name: &str, numbers: &Array2<f64>| check_numbers(name, numbers, most, false);
        let nobody = || Array2::<f64>::zeros(most.raw_dim());
        let (later, never) = (row(Row::LaterDeaths), row(Row::NeverTreated));
        let (mut deaths, mut lost) = (later.to_owned(), nobody());
        // The most who enter and leave each state in a year.
        let mut both_ways = Vec::new();
        let treated = &self.diagnosed.view() - &never - row(Row::Starts(0));
        all("diagnosed - never_treated - starts_1", &treated)?;
        for line in 0..self.lines {
            let number = line + 1;
            let (starts, failures) = (row(Row::Starts(line)), row(Row::Failures(line)));
            let of_line = [Row::Deaths(line), Row::Lost(line)].map(row);
            let mut left = &starts - &self.change(State::Line(line));
            let died = &left - &failures;
            let name =
                format!("starts_{number} - failures_{number} less the change of those in the line");
            some(&name, &died)?;
            let name = format!("deaths_{number} less those who die in the line");
            some(&name, &(&of_line[0] - &died))?;
            both_ways.push((State::Line(line), starts.to_owned(), left.clone()));
            let off = self.change(State::Off(line));
            both_ways.push((State::Off(line), failures.to_owned(), &failures - &off));
            left -= &off;
            for gone in &of_line {
                left -= gone;
            }
            if number < self.lines {
                left -= &row(Row::Starts(number));
            }
            let name = format!("starts_{number} less those who go on, die, are lost or stay");
            all(&name, &left)?;
            deaths += &of_line[0];
            lost += &of_line[1];
        }
        let stay = self.change(State::NeverTreated) + self.change(State::Lost);
        all(
            "never_treated and lost less later_deaths and those who live on",
            &(&never + &lost - later - stay),
        )?;
        let dead = &deaths - &self.change(State::Dead);
        all("deaths less the change of the dead", &dead)?;
        both_ways.push((State::NeverTreated, never.to_owned(), later.to_owned()));
        both_ways.push((State::Lost, lost, later.to_owned()));
        both_ways.push((State::Dead, deaths, nobody()));
        let mut sum = nobody();
        for (state, enter, leave) in both_ways {
            let name = Row::In(state, Moment::MidYear).name();
            let mid_year = row(Row::In(state, Moment::MidYear));
            let rise = &mid_year - &before(&row(Row::In(state, Moment::YearEnd)));
            some(
                &format!("those who leave and the rise of {name}"),
                &(&rise + &leave),
            )?;
            some(
                &format!("those who enter less the rise of {name}"),
                &(&enter - &rise),
            )?;
            sum += &mid_year;
        }
        let now = self.diagnosed_so_far();
        let earlier = before(&now.view());
        some(
            "mid-year states less those diagnosed before",
            &(&sum - &earlier),
        )?;
        some("diagnosed less the mid-year states", &(&now - &sum))?;
        if self.numerical_error.is_some() && self.entry == Entry::UniformOverYear {
            let half = sum - (now + earlier) / 2.0;
            all("mid-year states less those diagnosed by then", &half)?;
        }
        Ok(())
    }

    /// By how much the number in a state changes from one year's end to the next.
    fn change(&self, state: State) -> Array2<f64> {
        let at_end = self.row(Row::In(state, Moment::YearEnd)).view();
        &at_end - &before(&at_end)
    }

    /// The number of lines.
    #[must_use]
    pub const fn lines(&self) -> usize {
        self.lines
    }

    /// The years.
    #[must_use]
    pub fn years(&self) -> RangeInclusive<i32> {
        self.diagnosed.years()
    }

    /// Patients who are diagnosed in the year.
    #[must_use]
    pub const fn diagnosed(&self) -> &YearlyDraws {
        &self.diagnosed
    }

    /// Patients who start a line in the year.
    ///
    /// # Errors
    ///
    /// Where there is no such line; so in all that follow.
    pub fn starts(&self, line: usize) -> Result<&YearlyDraws> {
        self.of_line(line, Row::Starts)
    }

    /// Patients whose line ends in the year while they live: the next line, time off treatment, or
    /// no further therapy follows. These are the patients in whom the line has *failed*.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn failures(&self, line: usize) -> Result<&YearlyDraws> {
        self.of_line(line, Row::Failures)
    }

    /// Patients who die in the year while in the line or between it and the next.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn deaths(&self, line: usize) -> Result<&YearlyDraws> {
        self.of_line(line, Row::Deaths)
    }

    /// Patients who in the year, in the line or after it, are lost to further therapy.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn lost(&self, line: usize) -> Result<&YearlyDraws> {
        self.of_line(line, Row::Lost)
    }

    /// Patients who are in the line: its prevalence.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn in_line(&self, line: usize, when: Moment) -> Result<&YearlyDraws> {
        self.of_line(line, |line| Row::In(State::Line(line), when))
    }

    /// Patients who are off treatment between this line and the next.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn off_treatment(&self, line: usize, when: Moment) -> Result<&YearlyDraws> {
        self.of_line(line, |line| Row::In(State::Off(line), when))
    }

    /// Patients of whom it is settled in the year that they will **never reach** a line: never
    /// treated, dead or lost to further therapy before it.
    ///
    /// never reaching(l) = never treated + Σ (deaths + lost) over the lines before *l*: a yearly count, in every draw.
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
    /// use ndarray::Array2;
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.6)?),
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
    /// ])?;
    /// let incidence = YearlyDraws::new(2000, Array2::from_elem((26, 1), 100.0))?;
    /// let flow = pathway.flow(&incidence, &FlowOptions::to(2025))?;
    /// // Under steady incidence 60 of 100 diagnosed start second line in a year, and 40 never will.
    /// assert!((flow.never_reaching(2)?.median(2025)? - 40.0).abs() < 1e-3);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn never_reaching(&self, line: usize) -> Result<YearlyDraws> {
        self.check_line(line)?;
        let mut sum = self.row(Row::NeverTreated).view().to_owned();
        for before in 0..line - 1 {
            sum += &self.row(Row::Deaths(before)).view();
            sum += &self.row(Row::Lost(before)).view();
        }
        YearlyDraws::new(self.diagnosed.first_year(), sum)
    }

    /// Patients diagnosed in the year who are never treated.
    #[must_use]
    pub fn never_treated(&self) -> &YearlyDraws {
        self.row(Row::NeverTreated)
    }

    /// Patients never treated and not known to have died.
    #[must_use]
    pub fn living_never_treated(&self, when: Moment) -> &YearlyDraws {
        self.row(Row::In(State::NeverTreated, when))
    }

    /// Patients lost to further therapy and not known to have died.
    #[must_use]
    pub fn living_lost(&self, when: Moment) -> &YearlyDraws {
        self.row(Row::In(State::Lost, when))
    }

    /// Patients who die in the year after being lost to further therapy or without ever having been
    /// treated.
    #[must_use]
    pub fn later_deaths(&self) -> &YearlyDraws {
        self.row(Row::LaterDeaths)
    }

    /// Patients of the cohorts followed who have died by then.
    #[must_use]
    pub fn dead(&self, when: Moment) -> &YearlyDraws {
        self.row(Row::In(State::Dead, when))
    }

    /// The **estimated error** of any number for numerical reasons, the largest over all years of diagnosis and draws, in
    /// patients per patient diagnosed in one year: estimated for each response kernel from a grid of twice the
    /// step, and from several others where a sojourn time is steep. It is no bound. `METHODS.md` says on how many random
    /// models with a known answer it was tried.
    /// `None` for an individual simulation, whose error is Monte Carlo error.
    #[must_use]
    pub const fn numerical_error(&self) -> Option<f64> {
        self.numerical_error
    }

    /// The first year of diagnosis that was given: flows begin earlier where incidence is continued backwards (see
    /// [`FlowOptions`](super::FlowOptions)), and are right from this year on.
    #[must_use]
    pub const fn first_given(&self) -> i32 {
        self.earlier.first_given()
    }

    /// The share of a number that rests on **years of diagnosis that were not given**, those before
    /// [`Flow::first_given`]: between 0 and 1. Where incidence is continued backwards the number holds them; where
    /// the cohorts begin in that year they are missing, and the share is of the number there would be if incidence
    /// had gone on before as it began. Computed at central values, for the mean incidence.
    ///
    /// A quantity has the name that it has in files: `starts_3`, `failures_3`, `deaths_3`, `lost_3`,
    /// `in_line_3_year_end`, `off_treatment_3_mid_year`, `living_lost_year_end`, …
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
    /// use ndarray::Array2;
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::exponential(2.0)?, Share::new(0.6)?),
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
    /// ])?;
    /// let incidence = YearlyDraws::new(2020, Array2::from_elem((6, 1), 1_000.0))?;
    /// let flow = pathway.flow(&incidence, &FlowOptions::to(2025))?;
    /// // Under steady incidence, the share of first lines longer than 5 years, averaged over the year of diagnosis.
    /// let longer = 2.0 * ((-2.5_f64).exp() - (-3.0_f64).exp());
    /// assert!((flow.share_not_given("starts_2", 2025)? - longer).abs() < 1e-3);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the flow has no such quantity (the error lists all), or not the year.
    pub fn share_not_given(&self, quantity: &str, year: i32) -> Result<f64> {
        self.not_given()?.share(quantity, year)
    }

    /// [`Flow::share_not_given`] of many numbers; `None` where it cannot be computed, which the cautions say.
    pub(crate) fn shares_not_given(&self) -> impl Fn(&str, i32) -> Option<f64> + use<> {
        let not_given = self.not_given().ok();
        move |quantity, year| not_given.as_ref()?.share(quantity, year).ok()
    }

    fn not_given(&self) -> Result<NotGiven> {
        let options = FlowOptions {
            entry: self.entry,
            tolerance: SHARE_TOLERANCE,
            ..FlowOptions::to(*self.years().end())
        };
        let pathway = self.pathway.at_central_values()?;
        let apart = self.earlier.apart(&self.earlier.given(&self.diagnosed)?)?;
        let (rows, _) = pathway.patients(&apart, &options)?;
        NotGiven::new(self.earlier, Row::all(self.lines).map(Row::name).zip(rows))
    }

    /// What a reader should know: that there is one draw of what is uncertain, which sojourn times nobody takes, that nobody ever starts one of the lines, and what rests on years of diagnosis
    /// that were not given, year by year.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        // An individual simulation has the central shares and times.
        let is_drawn = self.numerical_error.is_some() && self.pathway.is_uncertain();
        let mut cautions = few_draws(&self.diagnosed, is_drawn);
        cautions.extend(self.pathway.idle_times());
        let mut numbers = Vec::new();
        let at_year_end = |state, who: &str| {
            let row = Row::In(state, Moment::YearEnd);
            (row, format!("{who} at the end of the year"))
        };
        for line in 0..self.lines {
            let (number, starts) = (line + 1, Row::Starts(line));
            if self.row(starts).view().iter().all(|n| *n == 0.0) {
                cautions.push(format!(
                    "under this model nobody starts line {number} by {}: every number of that line is exactly 0",
                    self.years().end()
                ));
            }
            if line > 0 {
                numbers.push((starts, format!("starts of line {number}")));
            }
            numbers.extend([
                (Row::Deaths(line), format!("deaths of line {number}")),
                (Row::Lost(line), format!("losses of line {number}")),
                at_year_end(State::Line(line), &format!("patients in line {number}")),
                at_year_end(
                    State::Off(line),
                    &format!("patients off treatment after line {number}"),
                ),
            ]);
        }
        numbers.extend([
            at_year_end(State::NeverTreated, "patients never treated"),
            at_year_end(State::Lost, "patients lost to further therapy"),
            (
                Row::LaterDeaths,
                "deaths of those never treated or lost".to_owned(),
            ),
            at_year_end(State::Dead, "the dead"),
        ]);
        let numbers = numbers.into_iter().map(|(row, what)| (row.name(), what));
        cautions.extend(self.earlier.cautions(self.not_given(), numbers));
        cautions
    }

    pub(super) const fn pathway(&self) -> &Pathway {
        &self.pathway
    }

    fn diagnosed_so_far(&self) -> Array2<f64> {
        let mut sum = self.diagnosed.view().to_owned();
        sum.accumulate_axis_inplace(Axis(0), |before, now| *now += before);
        sum
    }

    /// The largest gap, over years and draws, between those diagnosed up to a year and the sum of
    /// the states at its end, relative to those diagnosed.
    #[must_use]
    pub fn conservation_gap(&self) -> f64 {
        let mut states = Array2::<f64>::zeros(self.diagnosed.view().raw_dim());
        for (_, state) in self.states_at_year_end() {
            states += &self.quantity(&state).view();
        }
        let gaps = self.diagnosed_so_far().into_iter().zip(&states);
        gaps.map(|(diagnosed, states)| {
            // Nobody in any state of nobody diagnosed is no gap.
            (states - diagnosed).abs() / diagnosed.max(f64::MIN_POSITIVE)
        })
        .fold(0.0, f64::max)
    }

    /// The states at the end of the year by their names in files, and the quantities that hold their patients: everybody
    /// diagnosed since the first year is in one of them.
    pub(crate) fn states_at_year_end(&self) -> impl Iterator<Item = (String, String)> + use<> {
        State::all(self.lines).map(|state| {
            let name = match state {
                State::NeverTreated => "never_treated".to_owned(),
                State::Line(line) => format!("line_{}", line + 1),
                State::Off(line) => format!("off_{}", line + 1),
                State::Lost => "lost".to_owned(),
                State::Dead => "dead".to_owned(),
            };
            (name, Row::In(state, Moment::YearEnd).name())
        })
    }

    /// The patients of a quantity by its name in files, which has to be one of them.
    pub(crate) fn quantity(&self, name: &str) -> &YearlyDraws {
        &self.quantities[name]
    }

    pub(super) fn row(&self, row: Row) -> &YearlyDraws {
        &self.quantities[&row.name()]
    }

    fn of_line(&self, line: usize, row: impl Fn(usize) -> Row) -> Result<&YearlyDraws> {
        self.check_line(line)?;
        Ok(self.row(row(line - 1)))
    }

    fn check_line(&self, line: usize) -> Result<()> {
        Place("the flow of a pathway").within("the line", line, 1..=self.lines)
    }
}
