//! What is counted of a pathway by calendar year.

use crate::pathway::flow::Moment;

/// Where people are; lines count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pathway) enum State {
    NeverTreated,
    Line(usize),
    /// Off treatment after the line.
    Off(usize),
    Lost,
    Dead,
}

/// A quantity by calendar year; lines count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pathway) enum Row {
    Starts(usize),
    Failures(usize),
    Deaths(usize),
    Lost(usize),
    NeverTreated,
    /// Deaths of those never treated or lost.
    LaterDeaths,
    /// The people in a state at a moment of the year.
    In(State, Moment),
}

impl State {
    pub(in crate::pathway) fn all(lines: usize) -> impl Iterator<Item = Self> {
        let of_lines = (0..lines).flat_map(|line| [Self::Line(line), Self::Off(line)]);
        let overall = [Self::Lost, Self::Dead];
        std::iter::once(Self::NeverTreated)
            .chain(of_lines)
            .chain(overall)
    }
}

impl Row {
    /// All quantities of a model with so many lines, in the order of [`Row::index`].
    pub(in crate::pathway) fn all(lines: usize) -> impl Iterator<Item = Self> {
        let of_lines = (0..lines).flat_map(|line| {
            [Self::Starts, Self::Failures, Self::Deaths, Self::Lost].map(|row| row(line))
        });
        let moments = |state| [Moment::MidYear, Moment::YearEnd].map(|when| Self::In(state, when));
        let overall = [Self::NeverTreated, Self::LaterDeaths];
        let states = State::all(lines).flat_map(moments);
        of_lines.chain(overall).chain(states)
    }

    pub(super) const fn count(lines: usize) -> usize {
        8 * (lines + 1)
    }

    pub(super) fn index(self, lines: usize) -> usize {
        match self {
            Self::Starts(line) => 4 * line,
            Self::Failures(line) => 4 * line + 1,
            Self::Deaths(line) => 4 * line + 2,
            Self::Lost(line) => 4 * line + 3,
            Self::NeverTreated => 4 * lines,
            Self::LaterDeaths => 4 * lines + 1,
            Self::In(state, when) => {
                let state = match state {
                    State::NeverTreated => 0,
                    State::Line(line) => 2 * line + 1,
                    State::Off(line) => 2 * line + 2,
                    State::Lost => 2 * lines + 1,
                    State::Dead => 2 * lines + 2,
                };
                4 * lines + 2 + 2 * state + usize::from(when == Moment::YearEnd)
            }
        }
    }

    /// The name of the quantity in files; lines count from 1 there.
    pub(in crate::pathway) fn name(self) -> String {
        match self {
            Self::Starts(line) => format!("starts_{}", line + 1),
            Self::Failures(line) => format!("failures_{}", line + 1),
            Self::Deaths(line) => format!("deaths_{}", line + 1),
            Self::Lost(line) => format!("lost_{}", line + 1),
            Self::NeverTreated => "never_treated".to_owned(),
            Self::LaterDeaths => "later_deaths".to_owned(),
            Self::In(state, when) => {
                let when = match when {
                    Moment::MidYear => "mid_year",
                    Moment::YearEnd => "year_end",
                };
                match state {
                    State::NeverTreated => format!("living_never_treated_{when}"),
                    State::Line(line) => format!("in_line_{}_{when}", line + 1),
                    State::Off(line) => format!("off_treatment_{}_{when}", line + 1),
                    State::Lost => format!("living_lost_{when}"),
                    State::Dead => format!("dead_{when}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn each_quantity_has_a_place_of_its_own() {
        for lines in 1..5 {
            let places: Vec<usize> = Row::all(lines).map(|row| row.index(lines)).collect();
            assert_eq!(places, (0..Row::count(lines)).collect::<Vec<_>>());
        }
    }
}
