//! Charts of an [`Outlook`] as SVG documents.
//!
//! Each region has a panel of its own, with a vertical axis of its own that starts at 0. Counts are
//! shown as a **fan**: the median, the central 50 % interval and the central 95 % interval of every
//! year. The assumptions behind it stand below the panels. At 190 mm, the width of a printed page,
//! labels are set in about 7 point; colours are safe for colour-blind readers and legible in grey.
//!
//! ```
//! use myeloma_epi::report::chart;
//! use myeloma_epi::{Outlook, OutlookOptions, figures};
//!
//! let options = OutlookOptions::default().with_draws(1_000);
//! let outlook = Outlook::of(figures::press_release(), &options)?;
//! let svg = chart::incidence_with_caption(&outlook, "Source: press release, 27 November 2025.")?;
//! assert!(svg.starts_with("<svg"));
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod axis;
mod canvas;
mod figure;
mod incidence;
mod notes;
mod panel;
mod style;
mod text;
mod third_line;

use crate::error::Result;
use crate::outlook::Outlook;

/// New cases a year: the fan of [`RegionOutlook::incidence`](crate::RegionOutlook::incidence) from
/// the last observation on, every curve through the figures as they are published, the observations
/// as dots and the published projection as an open diamond.
///
/// # Errors
///
/// Where there are too many regions, or too great numbers, to be drawn.
pub fn incidence(outlook: &Outlook) -> Result<String> {
    incidence_with_caption(outlook, "")
}

/// As [`incidence`], with a last paragraph of notes: where the figures are from, for instance.
///
/// # Errors
///
/// As [`incidence`].
pub fn incidence_with_caption(outlook: &Outlook, caption: &str) -> Result<String> {
    incidence::figure(outlook, caption).svg()
}

/// Patients diagnosed in each year who will ever reach third line: the fan of
/// [`RegionOutlook::third_line`](crate::RegionOutlook::third_line), and the plain products of the
/// median incidence with either end of the range of the share.
///
/// # Errors
///
/// As [`incidence`].
pub fn third_line(outlook: &Outlook) -> Result<String> {
    third_line_with_caption(outlook, "")
}

/// As [`third_line()`], with a last paragraph of notes: where the figures are from, for instance.
///
/// # Errors
///
/// As [`incidence`].
pub fn third_line_with_caption(outlook: &Outlook, caption: &str) -> Result<String> {
    third_line::figure(outlook, caption)?.svg()
}
