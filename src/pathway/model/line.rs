//! One line of therapy, the time off treatment after it, and how either is left.

use serde::{Deserialize, Serialize};

use super::pathway_spec::LineSpec;
use crate::pathway::share::Share;
use crate::pathway::sojourn::SojournTime;

/// **One line of therapy**: how long it lasts, and with which probability each of four competing events ends it.
///
/// | event | its probability | the time to it, given that it is what happens |
/// |---|---|---|
/// | the next line begins | `next` | [`Line::with_time_to_next`], otherwise the sojourn time |
/// | time off treatment begins | the share of [`Line::with_off_treatment`] | the same |
/// | death | [`Line::with_death`], otherwise all that is left | [`Line::with_time_to_death`], otherwise the sojourn time |
/// | lost to further therapy | what is left of 1 | the sojourn time |
///
/// In the last line of a group `next` is 0. A line alone is not checked; the [`Pathway`](super::Pathway) it goes
/// into checks that its shares sum to 1 at most.
///
/// **Time off treatment** after a line, a treatment-free interval, is left in the same ways, so it is a `Line`, too.
///
/// ```
/// use myeloma_epi::pathway::{Line, Share, SojournTime};
///
/// // After a median of 1.75 years 60 % go on, 30 % die, and 10 % get no further therapy.
/// let line = Line::new(SojournTime::exponential_from_median(1.75)?, Share::new(0.6)?)
///     .with_death(Share::new(0.3)?);
/// assert!((line.sojourn_time().median() - 1.75).abs() < 1e-12);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "LineSpec")]
pub struct Line {
    #[serde(rename = "stay")]
    pub(in crate::pathway) sojourn_time: SojournTime,
    #[serde(rename = "until_next", skip_serializing_if = "Option::is_none")]
    pub(in crate::pathway) time_to_next: Option<SojournTime>,
    #[serde(rename = "until_death", skip_serializing_if = "Option::is_none")]
    pub(in crate::pathway) time_to_death: Option<SojournTime>,
    pub(in crate::pathway) next: Share,
    /// `None`: all who do not go on die.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::pathway) death: Option<Share>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) off_treatment: Option<Box<OffTreatment>>,
}

/// The share that goes off treatment after a line, and what comes then.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct OffTreatment {
    #[serde(flatten)]
    pub(super) line: Line,
    pub(super) share: Share,
}

impl Line {
    /// A line with its sojourn time and the share that goes on to the next line; all others die.
    #[must_use]
    pub const fn new(sojourn_time: SojournTime, next: Share) -> Self {
        Self {
            sojourn_time,
            time_to_next: None,
            time_to_death: None,
            next,
            death: None,
            off_treatment: None,
        }
    }

    /// With a share that dies; those who neither go on, nor die, nor go off treatment are lost to
    /// further therapy.
    #[must_use]
    pub fn with_death(mut self, death: Share) -> Self {
        self.death = Some(death);
        self
    }

    /// With a time to next treatment of its own, among those whose next event is the next line or going off
    /// treatment.
    #[must_use]
    pub fn with_time_to_next(mut self, time: SojournTime) -> Self {
        self.time_to_next = Some(time);
        self
    }

    /// With a time to death of its own, among those whose next event is death.
    #[must_use]
    pub fn with_time_to_death(mut self, time: SojournTime) -> Self {
        self.time_to_death = Some(time);
        self
    }

    /// With a share that goes off treatment when the line ends, and how long that lasts and what comes next: the
    /// next line, death, or no further therapy.
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
    /// use ndarray::Array2;
    ///
    /// // 80 % of first line end in a treatment-free interval of ten months on average, and 70 % of those go on;
    /// // another 10 % go on at once.
    /// let off = Line::new(SojournTime::exponential(10.0 / 12.0)?, Share::new(0.7)?);
    /// let first = Line::new(SojournTime::exponential(0.5)?, Share::new(0.1)?)
    ///     .with_off_treatment(Share::new(0.8)?, off);
    /// let second = Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?);
    /// let incidence = YearlyDraws::new(2000, Array2::from_elem((26, 1), 100.0))?;
    /// let flow = Pathway::of_lines([first, second])?.flow(&incidence, &FlowOptions::to(2025))?;
    /// // In a steady state 0.1 + 0.8·0.7 of those diagnosed start second line.
    /// assert!((flow.starts(2)?.median(2025)? - 66.0).abs() < 0.01);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn with_off_treatment(mut self, share: Share, off_treatment: Self) -> Self {
        self.off_treatment = Some(Box::new(OffTreatment {
            line: off_treatment,
            share,
        }));
        self
    }

    /// The time from the start of the line to its end.
    #[must_use]
    pub const fn sojourn_time(&self) -> &SojournTime {
        &self.sojourn_time
    }

    /// The time from the start of the line to its end, among those whose next event is the next line or going off
    /// treatment.
    #[must_use]
    pub fn time_to_next(&self) -> &SojournTime {
        let own = self.time_to_next.as_ref();
        own.unwrap_or(&self.sojourn_time)
    }

    /// The share whose next event is the next line, without time off treatment.
    #[must_use]
    pub const fn next(&self) -> &Share {
        &self.next
    }

    /// The share that dies in the line; `None` where all who do not go on die.
    #[must_use]
    pub const fn death(&self) -> Option<&Share> {
        self.death.as_ref()
    }

    /// The share that goes off treatment, and the time off treatment between this line and the next.
    #[must_use]
    pub fn off_treatment(&self) -> Option<(&Share, &Self)> {
        let off = self.off_treatment.as_ref();
        off.map(|off| (&off.share, &off.line))
    }
}
