//! Charts as SVG documents.
//!
//! Those of an [`Outlook`] have a panel for each region, those of a [`Flow`] one for each line of therapy, those of a
//! [`Backtest`] one for each band of horizons.
//! Every panel has a vertical axis of its own that starts at 0. Numbers are shown as a **fan**: the median,
//! the central 50 % interval and the central 95 % interval of every year. What they rest on stands below the
//! panels. At 190 mm, the width of a printed page, no text is smaller than 7 point; colours are safe for
//! colour-blind readers, and in grey lines are told apart by their dashes.
//!
//! ```
//! use myeloma_epi::report::chart;
//! use myeloma_epi::{Outlook, OutlookOptions, figures};
//!
//! let options = OutlookOptions { draws: 1_000, ..OutlookOptions::myeloma() };
//! let outlook = Outlook::of(figures::press_release(), &options)?;
//! let svg = chart::incidence(&outlook, "Source: press release, 27 November 2025.")?;
//! assert!(svg.starts_with("<svg"));
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod axis;
mod calibration;
mod colours;
mod fan_panel;
mod joinpoints;
mod lettering;
mod new_cases;
mod outlook_notes;
mod paper;
mod parts_of_change;
mod prevalence;
mod reaching_third_line;
mod readings;
mod sheet;
mod states;
mod svg;
mod tornado;

use crate::backtest::Backtest;
use crate::demography::Decomposition;
use crate::error::Result;
use crate::joinpoint::{AnnualSeries, JoinpointRegression};
use crate::outlook::{Outlook, Question, ThirdLineTable};
use crate::pathway::{Flow, Pathway};
use crate::sensitivity::OneWay;

/// A fan chart of new cases a year, a panel for each region.
///
/// It shows the fan of the forecast from the last observation on, every curve through the figures as they are
/// published, the figures as dots, those of other sources as open circles and the published projection as an open diamond.
/// Where a program shows texts over a picture, the numbers of each year stand under the pointer. Fan charts are the Bank of
/// England's: Britton, Fisher & Whitley (1998), Bank of England Quarterly Bulletin 38:30–37.
///
/// `caption` is a last paragraph of notes, for instance where the figures are from; it may be empty.
///
/// # Errors
///
/// Where there are too many regions, or too great numbers, to be drawn.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report::chart};
///
/// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
/// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
/// let svg = chart::incidence(&Outlook::of_series(&[atlantis], &options)?, "Registry of Atlantis.")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Registry of Atlantis."));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn incidence(outlook: &Outlook, caption: &str) -> Result<String> {
    incidence_under(outlook, outlook.options().question, true, caption)
}

/// The same under a question, with the growth curves or without.
pub(super) fn incidence_under(
    outlook: &Outlook,
    question: Question,
    curves: bool,
    caption: &str,
) -> Result<String> {
    new_cases::sheet(outlook, (question, curves), caption).svg()
}

/// A fan chart of the patients diagnosed in each year who will ever reach third line, a panel for each region.
///
/// It shows the fan of their draws, and the products of the median number of new cases with either end
/// of the range of the share. `caption` as in [`incidence()`].
///
/// # Errors
///
/// As [`incidence()`].
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report::chart};
///
/// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
/// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
/// let svg = chart::third_line(&Outlook::of_series(&[atlantis], &options)?, "")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Atlantis"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn third_line(outlook: &Outlook, caption: &str) -> Result<String> {
    reaching_third_line::sheet(outlook, caption).svg()
}

/// Patients who start third line in a year, by reading of the share and by study: a row each, a block for each region. Dots
/// are medians, thick and thin lines the central 50 % and 95 % intervals; the numbers stand at the right, to three digits.
///
/// `caption` as in [`incidence()`].
///
/// # Errors
///
/// Where the table has no rows, or has no starts of the year; as [`incidence()`].
///
/// # Example
///
/// ```
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};
///
/// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let table = outlook.third_line_table(&ThirdLineOptions::default())?;
/// let svg = chart::readings(&table, 2040, "")?;
/// assert!(svg.starts_with("<svg") && svg.contains("cumulative incidence"));
/// assert!(chart::readings(&table, 2019, "").is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn readings(table: &ThirdLineTable, year: i32, caption: &str) -> Result<String> {
    readings::draw(table, year, caption)
}

/// Yearly counts or rates as dots, with the segments of the selected joinpoint model and the years in which they meet; annual
/// percent changes with their intervals stand below.
///
/// `caption` as in [`incidence()`].
///
/// # Errors
///
/// As [`incidence()`].
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let series = AnnualSeries::from(&usa);
/// let regression = JoinpointRegression::fit(&series, &JoinpointOptions::default())?;
/// let svg = chart::joinpoints(&series, &regression, "U.S. Cancer Statistics.")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Annual percent change: 1999 to"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn joinpoints(
    series: &AnnualSeries,
    regression: &JoinpointRegression,
    caption: &str,
) -> Result<String> {
    joinpoints::sheet(series, regression, caption).svg()
}

/// Patients in each line of therapy, and off treatment after it, at the end of each calendar year: a panel
/// each. `title` says whose they are.
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
/// use myeloma_epi::report::chart;
/// use ndarray::Array2;
///
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::exponential(2.5)?, Share::new(0.6)?),
///     Line::new(SojournTime::exponential(1.5)?, Share::new(0.0)?),
/// ])?;
/// let diagnosed = YearlyDraws::new(2000, Array2::from_elem((26, 1), 1_000.0))?;
/// let flow = pathway.flow(&diagnosed, &FlowOptions::to(2025))?;
/// let svg = chart::prevalence(&flow, "A thousand new patients a year")?;
/// assert!(svg.contains("In line 2"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// Where the numbers are too great to be drawn.
pub fn prevalence(flow: &Flow, title: &str) -> Result<String> {
    prevalence::sheet(flow, title)?.svg()
}

/// How well the forecasts of a method were calibrated: coverage of its central 50, 80 and 95 % intervals over five years
/// of horizon at a time, and histograms of its probability integral transforms; a row for each setting.
///
/// `method` is the place of the method in [`Backtest::methods`]; `caption` as in [`incidence()`]. Calibrated forecasts
/// cover what their intervals state, and their transforms have a tenth in each tenth: Gneiting, Balabdaoui & Raftery
/// (2007), Journal of the Royal Statistical Society B 69:243–268,
/// [doi:10.1111/j.1467-9868.2007.00587.x](https://doi.org/10.1111/j.1467-9868.2007.00587.x).
///
/// # Errors
///
/// Where there is no such method, or it has no forecasts.
///
/// # Example
///
/// ```
/// use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries};
/// use myeloma_epi::forecast::RegistryTrend;
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let panel = Panel::new([PanelSeries::new(usa, "United States", "multiple_myeloma")?])?;
/// let test = Backtest::run(&panel, &[&RegistryTrend::default()], &BacktestOptions::default())?;
/// let svg = chart::calibration(&test, 0, "U.S. Cancer Statistics.")?;
/// assert!(svg.contains("Calibration of registry-trend") && svg.contains("Full history"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn calibration(test: &Backtest, method: usize, caption: &str) -> Result<String> {
    calibration::draw(test, method, caption)
}

/// The state diagram of a pathway: a box for each state, and on each arrow the share that goes that way.
///
/// Shares are those of the patients diagnosed in `year`, in per cent of the ones who leave the state; below an uncertain one
/// stands its range, or in how many patients it was counted. A row is a group of patients. More than six lines, or four with
/// time off treatment after them, make the sheet wider than a page.
///
/// # Errors
///
/// Where there are too many groups to be drawn.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{Line, Pathway, Share, SojournTime};
/// use myeloma_epi::report::chart;
///
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::exponential(2.5)?, Share::new(0.6)?),
///     Line::new(SojournTime::exponential(1.5)?, Share::new(0.0)?),
/// ])?;
/// let svg = chart::states(&pathway, 2025)?;
/// assert!(svg.contains("line 1") && svg.contains("60\u{A0}%")); // 60 % go on to line 2
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn states(pathway: &Pathway, year: i32) -> Result<String> {
    states::draw(pathway, year)
}

/// Changes of the number of cases in parts, a row each: bars for population, ageing and rates to either side of no change,
/// and the whole as a diamond, in per cent of the cases before.
///
/// `title` stands above; `caption` is a last paragraph of notes, and may be empty. The years are for the title to say.
///
/// ```
/// use myeloma_epi::demography::Decomposition;
/// use myeloma_epi::report::chart;
///
/// let changes = [Decomposition::area("World", 2024, 2040)?, Decomposition::area("China", 2024, 2040)?];
/// let svg = chart::decomposition(&changes, "New cases at constant rates, 2024 to 2040", "")?;
/// assert!(svg.contains("China") && svg.contains("ageing"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) where there is no change, and where there are too many, or too great
/// ones, to be drawn.
pub fn decomposition(changes: &[Decomposition], title: &str, caption: &str) -> Result<String> {
    parts_of_change::draw(changes, title, caption)
}

/// A tornado chart: how far each input alone moves an output, the widest bar on top.
///
/// `title` stands above, `unit` below the axis; `caption` is a last paragraph of notes, and may be empty. The axis does not
/// start at 0, since bars are differences from what the medians give.
///
/// ```
/// use myeloma_epi::report::chart;
/// use myeloma_epi::sensitivity::{Distribution, Inputs, OneWay, OneWayOptions};
///
/// let inputs = Inputs::default()
///     .with("cases", Distribution::Uniform { lower: 250e3, upper: 350e3 })?
///     .with("share", Distribution::Uniform { lower: 0.30, upper: 0.40 })?;
/// let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[1];
/// let tornado = OneWay::of(&inputs, &["third line"], model, &OneWayOptions::default())?.remove(0);
/// let svg = chart::tornado(&tornado, "Third line in 2040", "patients a year", "")?;
/// assert!(svg.contains("share") && svg.contains("105,000"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) where there is no bar, and where no input moves the output or the numbers
/// are too great to be drawn.
pub fn tornado(tornado: &OneWay, title: &str, unit: &str, caption: &str) -> Result<String> {
    tornado::draw(tornado, title, unit, caption)
}
