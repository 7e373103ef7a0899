//! Patients by calendar year and line of therapy, as draws.

use std::ops::RangeInclusive;

use ndarray::{Array1, Array2, Axis};

use super::cohorts::Row;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};

/// When in a calendar year people are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// At the end of June.
    MidYear,
    /// At the end of December.
    YearEnd,
}

/// **Patients by calendar year and line**, from the first year of the incidence to the last year
/// asked for. Lines count from 1. Every answer is draws, on the same draws as the incidence.
///
/// At the end of every year, [`Flow::diagnosed`] up to then = never treated + in a line + between
/// lines + lost + dead, where those never treated or lost are counted as dead once they are known to
/// have died.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub(super) lines: usize,
    pub(super) rows: Vec<YearlyDraws>,
    pub(super) diagnosed: YearlyDraws,
    pub(super) error: f64,
    pub(super) steps_per_year: Option<usize>,
}

impl Flow {
    /// A flow of one draw from counts of patients, a row a quantity in the order of [`Row::index`].
    pub(super) fn of_one_draw(
        first_year: i32,
        lines: usize,
        diagnosed: Vec<f64>,
        rows: Vec<Vec<f64>>,
    ) -> Result<Self> {
        let draws = |counts: Vec<f64>| {
            YearlyDraws::new(first_year, Array1::from_vec(counts).insert_axis(Axis(1)))
        };
        Ok(Self {
            lines,
            rows: rows.into_iter().map(draws).collect::<Result<_>>()?,
            diagnosed: draws(diagnosed)?,
            error: 0.0,
            steps_per_year: None,
        })
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
        self.of_line(
            line,
            match when {
                Moment::MidYear => Row::InLineMid,
                Moment::YearEnd => Row::InLineEnd,
            },
        )
    }

    /// Patients who are off treatment between this line and the next.
    ///
    /// # Errors
    ///
    /// Where there is no such line.
    pub fn off_treatment(&self, line: usize, when: Moment) -> Result<&YearlyDraws> {
        self.of_line(
            line,
            match when {
                Moment::MidYear => Row::OffMid,
                Moment::YearEnd => Row::OffEnd,
            },
        )
    }

    /// Patients of whom it is settled in the year that they will **never reach** a line: never
    /// treated, dead or lost to further therapy before it.
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
        self.row(match when {
            Moment::MidYear => Row::NeverMid,
            Moment::YearEnd => Row::NeverEnd,
        })
    }

    /// Patients lost to further therapy and not known to have died.
    #[must_use]
    pub fn living_lost(&self, when: Moment) -> &YearlyDraws {
        self.row(match when {
            Moment::MidYear => Row::LostMid,
            Moment::YearEnd => Row::LostEnd,
        })
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
        self.row(match when {
            Moment::MidYear => Row::DeadMid,
            Moment::YearEnd => Row::DeadEnd,
        })
    }

    /// Starts of a line in the year **per patient diagnosed in the same year**: the yearly flow as a
    /// share, the median over the draws.
    ///
    /// # Errors
    ///
    /// Where there is no such line or year.
    pub fn starts_per_diagnosed(&self, line: usize, year: i32) -> Result<f64> {
        let starts = self.starts(line)?.year(year)?;
        let diagnosed = self.diagnosed.year(year)?;
        let ratios = starts
            .iter()
            .zip(diagnosed)
            .map(|(a, b)| if *b > 0.0 { a / b } else { 0.0 });
        let ratios = Array2::from_shape_vec((1, starts.len()), ratios.collect())
            .map_err(|error| crate::ErrorKind::Unsuitable(error.to_string()))?;
        YearlyDraws::new(year, ratios)?.median(year)
    }

    /// What part of another flow's starts of a line this one is, the median over the draws: run once
    /// with all cohorts and once with those before the first published figure, this is the part of a
    /// year's count that rests on incidence nobody published.
    ///
    /// # Errors
    ///
    /// Where the two differ in draws or one of them lacks the line or the year.
    pub fn part_of(&self, whole: &Self, line: usize, year: i32) -> Result<f64> {
        let part = self.starts(line)?.year(year)?;
        let all = whole.starts(line)?.year(year)?;
        if part.len() != all.len() {
            return Err(Error::out_of_range(
                "the number of draws",
                "a part of a flow",
                part.len(),
                format!("that of the whole, {}", all.len()),
            ));
        }
        let ratios = part
            .iter()
            .zip(all)
            .map(|(a, b)| if *b > 0.0 { a / b } else { 0.0 });
        let ratios = Array2::from_shape_vec((1, part.len()), ratios.collect())
            .map_err(|error| crate::ErrorKind::Unsuitable(error.to_string()))?;
        YearlyDraws::new(year, ratios)?.median(year)
    }

    /// The largest error of any number, in every year of diagnosis and every draw, that the solver vouches
    /// for, in patients per patient diagnosed in one year: estimated for each kernel from a grid of
    /// twice the step. 0 for a simulation, whose error is Monte Carlo error.
    #[must_use]
    pub const fn numerical_error(&self) -> f64 {
        self.error
    }

    /// The steps a year of the grid that the central shares and stays need; `None` for a simulation. A
    /// draw with shorter stays may have had a finer one.
    #[must_use]
    pub const fn steps_per_year(&self) -> Option<usize> {
        self.steps_per_year
    }

    /// What a reader should know: that nobody ever starts one of the lines.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let nobody = |line: &usize| {
            self.row(Row::Starts(*line))
                .view()
                .iter()
                .all(|starts| *starts == 0.0)
        };
        (0..self.lines)
            .filter(nobody)
            .map(|line| {
                format!(
                    "under this model nobody starts line {} by {}: every number of that line is \
                     exactly 0",
                    line + 1,
                    self.years().end()
                )
            })
            .collect()
    }

    /// The largest gap, over years and draws, between those diagnosed up to a year and the sum of
    /// the states at its end, relative to those diagnosed.
    #[must_use]
    pub fn conservation_gap(&self) -> f64 {
        let mut states = self.row(Row::NeverEnd).view().to_owned();
        for row in [Row::LostEnd, Row::DeadEnd] {
            states += &self.row(row).view();
        }
        for line in 0..self.lines {
            states += &self.row(Row::InLineEnd(line)).view();
            states += &self.row(Row::OffEnd(line)).view();
        }
        let mut diagnosed = self.diagnosed.view().to_owned();
        diagnosed.accumulate_axis_inplace(Axis(0), |before, now| *now += before);
        diagnosed
            .iter()
            .zip(&states)
            .map(|(diagnosed, states)| {
                (states - diagnosed).abs() / diagnosed.max(f64::MIN_POSITIVE)
            })
            .fold(0.0, f64::max)
    }

    pub(super) fn row(&self, row: Row) -> &YearlyDraws {
        &self.rows[row.index(self.lines)]
    }

    fn of_line(&self, line: usize, row: impl Fn(usize) -> Row) -> Result<&YearlyDraws> {
        self.check_line(line)?;
        Ok(self.row(row(line - 1)))
    }

    fn check_line(&self, line: usize) -> Result<()> {
        if (1..=self.lines).contains(&line) {
            return Ok(());
        }
        Err(Error::out_of_range(
            "the line",
            "the flow of a pathway",
            line,
            format!("from 1 to {}", self.lines),
        ))
    }
}
