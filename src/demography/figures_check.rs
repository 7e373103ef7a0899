//! Published figures beside what people and constant rates make of them.

use std::fmt;

use serde::Serialize;

use super::decomposition::Decomposition;
use super::expected_cases::ExpectedCases;
use crate::checked_on_reading::{checked, same_answer};
use crate::error::{Error, Result};
use crate::figures::{Figure, Figures, Status};
use crate::known_names::each_once;
use crate::number_checks::Place;
use crate::plain_text::{Table, count, printable, wrapped};

checked! {
    /// Figures of myeloma beside constant-rate demography: what of them is people, and what is not.
    ///
    /// Each figure of a shipped area stands beside the cases at the modelled rates of 2022 ([`ExpectedCases::area`]), and beside
    /// the source's figures of other years, carried to its year in the ratio of expected cases. Figures of one round of
    /// estimates lie within about 2 % of either; one that does not is of another round, or the risk has changed. Two figures
    /// cannot tell which.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::FiguresCheck;
    /// use myeloma_epi::figures;
    ///
    /// let check = FiguresCheck::of(figures::press_release())?;
    /// let fits = |region: &str, year| {
    ///     let figure = check.figures.iter().find(|figure| figure.region == region && figure.year == year);
    ///     figure.is_some_and(|figure| figure.fits())
    /// };
    /// assert!(fits("World", 2024) && fits("World", 2040) && fits("China", 2019) && fits("China", 2024));
    /// assert!(!fits("World", 2019)); // 164 thousand, against 176 at the rates of 2022
    /// println!("{check}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct FiguresCheck {
        /// The figures of shipped areas and years, in the order of areas, sources and years.
        pub figures: Vec<CheckedFigure>,
        /// The change between each figure and the source's next of the area: what its people explain, and what is left to
        /// rates.
        pub changes: Vec<Decomposition>,
        /// Figures of areas or years for which there is no population or no rates: region, year.
        pub not_checked: Vec<(String, i32)>,
    } then check
}

checked! {
    /// A figure beside constant rates.
    ///
    /// It is a row of a [`FiguresCheck`].
    ///
    /// ```
    /// use myeloma_epi::demography::FiguresCheck;
    /// use myeloma_epi::figures;
    ///
    /// let check = FiguresCheck::of(figures::press_release())?;
    /// let world = check.figures.iter().find(|figure| figure.region == "World" && figure.year == 2019).unwrap();
    /// assert_eq!(world.cases, 164_300.0);
    /// assert!(world.expected > 175_000.0 && world.difference() < -0.05);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct CheckedFigure {
        /// The area.
        pub region: String,
        /// The year.
        pub year: i32,
        /// The published number of cases, above 0.
        pub cases: f64,
        /// How it came about.
        pub status: Status,
        /// Where it is from.
        pub source: String,
        /// Cases at the modelled rates of 2022.
        pub expected: f64,
        /// The source's figures of other years at constant rates in this year: their year, and the number carried.
        pub carried: Vec<(i32, f64)>,
    } then check
}

/// The year, the cases and the status of a figure.
type Published = (i32, f64, Status);

/// Figures of one round of estimates lie so near to constant rates, as a part of them.
const ONE_ROUND: f64 = 0.02;
/// Over more years than these rates change by as much as rounds differ.
const NO_NEW_RATES: u32 = 10;

impl CheckedFigure {
    fn check(&self) -> Result<()> {
        let carried = self.carried.iter().map(|(_, cases)| *cases);
        let place = format!("{} {}", self.region, self.year);
        for cases in [self.cases, self.expected].into_iter().chain(carried) {
            Place(&place).positive("the number of cases", cases)?;
        }
        Ok(())
    }

    /// How far the figure lies from the rates of 2022, as a part of the cases expected: 0.02 for 2 % above.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.cases / self.expected - 1.0
    }

    /// Whether it lies within 2 % of the rates of 2022.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.difference().abs() <= ONE_ROUND
    }
}

impl FiguresCheck {
    /// Checks figures; those of areas or years that the crate has no people or rates for are listed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where none can be checked, [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) for a figure of 0 cases.
    pub fn of(figures: &Figures) -> Result<Self> {
        let mut check = Self {
            figures: Vec::new(),
            changes: Vec::new(),
            not_checked: Vec::new(),
        };
        for region in figures.regions() {
            let of_region = || figures.iter().filter(|figure| figure.region() == region);
            let not_checked = |figure: &Figure| (region.to_owned(), figure.year());
            if !ExpectedCases::areas().contains(&region) {
                check.not_checked.extend(of_region().map(not_checked));
                continue;
            }
            let expected = ExpectedCases::area(region)?;
            let known = |figure: &Figure| expected.by_year().contains_key(&figure.year());
            let unknown = of_region().filter(|figure| !known(figure));
            check.not_checked.extend(unknown.map(not_checked));
            let mut known: Vec<&Figure> = of_region().filter(|figure| known(figure)).collect();
            // Sources in the order of their first figure, each by year.
            let sources = each_once(known.iter().map(|figure| figure.source()));
            known.sort_by_key(|figure| figure.year());
            for source in sources {
                let of_source = known.iter().filter(|figure| figure.source() == source);
                let of_source: Vec<Published> = of_source
                    .map(|figure| (figure.year(), figure.cases(), figure.status()))
                    .collect();
                check.add(&expected, (region, source), &of_source)?;
            }
        }
        if check.figures.is_empty() {
            return Err(Error::unsuitable(format!(
                "no figure can be checked: there are people and rates by age for {}, in 2000 to 2050",
                ExpectedCases::areas().join(", ")
            )));
        }
        Ok(check)
    }

    /// The figures of one source and area, by year.
    fn add(
        &mut self,
        expected: &ExpectedCases,
        (region, source): (&str, &str),
        figures: &[Published],
    ) -> Result<()> {
        for &(year, cases, status) in figures {
            let here = expected.year(year)?;
            let others = figures.iter().filter(|(other, ..)| *other != year);
            let carried = others.map(|&(other, cases, _)| {
                let there = expected.year(other)?;
                Ok((other, cases * here / there))
            });
            let checked = CheckedFigure {
                region: region.to_owned(),
                year,
                cases,
                status,
                source: source.to_owned(),
                expected: here,
                carried: carried.collect::<Result<_>>()?,
            };
            checked.check()?;
            self.figures.push(checked);
        }
        for pair in figures.windows(2) {
            let ((from, before, _), (to, after, _)) = (pair[0], pair[1]);
            if from < to {
                let change = Decomposition::of_growth(region, from, to, after / before)?;
                self.changes.push(change);
            }
        }
        Ok(())
    }

    /// That all of it follows from the figures.
    fn check(&self) -> Result<()> {
        let mut made = Self {
            figures: Vec::new(),
            changes: Vec::new(),
            not_checked: Vec::new(),
        };
        let is_same =
            |a: &CheckedFigure, b: &CheckedFigure| (&a.region, &a.source) == (&b.region, &b.source);
        for of_source in self.figures.chunk_by(is_same) {
            let (region, source) = (&of_source[0].region, &of_source[0].source);
            let figures = of_source.iter().map(|of| (of.year, of.cases, of.status));
            let figures: Vec<Published> = figures.collect();
            let place = format!("a check of {region} by {source}");
            let years = format!("{:?}", figures.iter().map(|of| of.0).collect::<Vec<_>>());
            let in_order = figures.is_sorted_by_key(|of| of.0);
            Place(&place).check(in_order, "the years", years, "in order")?;
            made.add(&ExpectedCases::area(region)?, (region, source), &figures)?;
        }
        same_answer("figures", &self.figures, &made.figures)?;
        same_answer("changes", &self.changes, &made.changes)?;
        for (region, year) in &self.not_checked {
            let known = ExpectedCases::areas().contains(&region.as_str())
                && ExpectedCases::area(region)?.by_year().contains_key(year);
            let allowed = "of an area or a year without people or rates";
            let name = format!("{region} {year}");
            Place("a check of figures").check(!known, "not_checked", name, allowed)?;
        }
        Ok(())
    }

    /// Each figure with the source's next of the area.
    fn pairs(&self) -> impl Iterator<Item = (&CheckedFigure, &CheckedFigure)> {
        let pairs = self.figures.windows(2).map(|pair| (&pair[0], &pair[1]));
        pairs.filter(|(from, to)| {
            (&from.region, &from.source) == (&to.region, &to.source) && from.year < to.year
        })
    }

    /// Whether the projection of an area for a year is demography at constant rates.
    pub(crate) fn is_constant_rates(&self, region: &str, year: i32) -> bool {
        let of = |to: &CheckedFigure| to.region == region && to.year == year;
        (self.pairs()).any(|(from, to)| of(to) && is_constant_rates(from, to))
    }

    /// What the figures say, a sentence each: where one meets constant rates and the next does not, which two estimates at most ten
    /// years apart probably do as they are of two rounds; and where a projection is constant rates.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        self.pairs()
            .filter_map(|(from, to)| {
                let by_people = to.expected / from.expected;
                let growth = to.cases / from.cases;
                let percent = |factor: f64| format!("{:+.1} %", 100.0 * (factor - 1.0));
                if is_constant_rates(from, to) {
                    return Some(format!(
                        "The projection of {} {} is demography at constant rates: {} from {}, of which people explain \
                         {}. It is not an independent opinion of how rates will change.",
                        to.region,
                        to.year,
                        percent(growth),
                        from.year,
                        percent(by_people)
                    ));
                }
                let (fits, other) = match (from.fits(), to.fits()) {
                    (true, false) => (from, to),
                    (false, true) => (to, from),
                    _ => return None,
                };
                let is_estimate =
                    |of: &CheckedFigure| matches!(of.status, Status::Estimate | Status::Commercial);
                let rounds = is_estimate(from)
                    && is_estimate(to)
                    && to.year.abs_diff(from.year) <= NO_NEW_RATES;
                let change = if rounds {
                    "probably a revision between two rounds of estimates, a hypothesis that two figures cannot test"
                } else {
                    "a change of risk or of what is counted"
                };
                Some(format!(
                    "{} {} to {}: {}, of which people explain {}; the rest, {}, is {change}: {} has {} where the rates of 2022 give \
                     {}, and {} meets them within 2 %.",
                    to.region,
                    from.year,
                    to.year,
                    percent(growth),
                    percent(by_people),
                    percent(growth / by_people),
                    other.year,
                    count(other.cases),
                    count(other.expected),
                    fits.year
                ))
            })
            .collect()
    }
}

/// Whether a figure is a projection that meets constant rates, as the one before it does.
fn is_constant_rates(from: &CheckedFigure, to: &CheckedFigure) -> bool {
    to.status == Status::Projection && from.fits() && to.fits()
}

/// A table of the figures, then the findings.
impl fmt::Display for FiguresCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        let header = [
            "published",
            "at the rates of 2022",
            "difference",
            "from other years",
        ];
        table.row("figure", header.map(str::to_owned));
        let mut source = None;
        for figure in &self.figures {
            if source != Some(&figure.source) {
                source = Some(&figure.source);
                if !figure.source.is_empty() {
                    table.heading(figure.source.as_str());
                }
            }
            let carried = (figure.carried.iter())
                .map(|(year, cases)| format!("{} from {year}", count(*cases)));
            let cells = [
                count(figure.cases),
                count(figure.expected),
                format!("{:+.1} %", 100.0 * figure.difference()),
                carried.collect::<Vec<_>>().join(", "),
            ];
            table.row(format!("{} {}", figure.region, figure.year), cells);
        }
        write!(f, "{table}")?;
        for finding in self.findings() {
            f.write_str(&wrapped(&finding))?;
        }
        if !self.not_checked.is_empty() {
            let figures = (self.not_checked.iter())
                .map(|(region, year)| format!("{} {year}", printable(region)));
            let figures: Vec<String> = figures.collect();
            f.write_str(&wrapped(&format!(
                "Not checked, no people or rates by age: {}.",
                figures.join(", ")
            )))?;
        }
        Ok(())
    }
}
