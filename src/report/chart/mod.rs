//! Charts as SVG documents.
//!
//! Those of an [`Outlook`](crate::Outlook) have a panel for each region, those of a [`Flow`](crate::pathway::Flow) one for each line of therapy, those of a
//! [`Backtest`](crate::backtest::Backtest) one for each band of horizons.
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

pub use self::calibration::calibration;
pub use self::joinpoints::joinpoints;
pub use self::new_cases::incidence;
pub(super) use self::new_cases::incidence_under;
pub use self::parts_of_change::decomposition;
pub use self::prevalence::prevalence;
pub use self::reaching_third_line::third_line;
pub use self::readings::readings;
pub use self::states::states;
pub use self::tornado::tornado;
