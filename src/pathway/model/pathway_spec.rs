//! A group of a pathway as it stands in a file, and the checks on the way in.
//!
//! The keys are documented at [`Pathway`](super::Pathway). `sojourn_time`, `time_to_next` and `time_to_death` are other
//! names for `stay`, `until_next` and `until_death`, which are written.

use serde::{Deserialize, Deserializer};

use super::{Group, Line};
use crate::error::{Error, Result};
use crate::pathway::share::{Share, ShareSpec};
use crate::pathway::sojourn::SojournSpec;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupSpec {
    name: String,
    weight: ShareSpec,
    #[serde(default, deserialize_with = "given")]
    never_treated: Option<ShareSpec>,
    never_treated_survival: Option<SojournSpec>,
    lines: Vec<LineSpec>,
    lost_survival: Option<SojournSpec>,
}

/// The keys of a line, and of the time off treatment after it, which alone has a `share`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LineSpec {
    #[serde(alias = "sojourn_time")]
    stay: Option<SojournSpec>,
    #[serde(alias = "time_to_next")]
    until_next: Option<SojournSpec>,
    #[serde(alias = "time_to_death")]
    until_death: Option<SojournSpec>,
    #[serde(deserialize_with = "given")]
    next: Option<ShareSpec>,
    #[serde(deserialize_with = "given")]
    death: Option<ShareSpec>,
    off_treatment: Option<Box<LineSpec>>,
    #[serde(deserialize_with = "given")]
    share: Option<ShareSpec>,
}

/// A share that stands in the file. `null` is not a share left out: it is how NaN is often written.
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<ShareSpec>, D::Error> {
    ShareSpec::deserialize(deserializer).map(Some)
}

impl TryFrom<GroupSpec> for Group {
    type Error = Error;

    fn try_from(spec: GroupSpec) -> Result<Self> {
        let group = format!("group {}", spec.name);
        let survival = |spec: Option<SojournSpec>, field: &str| {
            let place = format!("{field} of {group}");
            spec.map(|spec| spec.build(&place)).transpose()
        };
        let mut lines = Vec::new();
        let last = spec.lines.len();
        for (i, line) in spec.lines.into_iter().enumerate() {
            let place = format!("line {} of {group}", i + 1);
            let onward = line.next.is_some() || line.off_treatment.is_some();
            if !onward && i + 1 < last {
                return Err(Error::unsuitable(format!(
                    "{place} has no next: say what share goes on to the next line, 0 if nobody does"
                )));
            }
            lines.push(line.build(&place)?);
        }
        let never = spec.never_treated.unwrap_or(ShareSpec::Known(0.0));
        let never_survival = spec.never_treated_survival;
        let built = Self {
            weight: Share::build(spec.weight, "weight", &group)?,
            never_treated: Share::build(never, "never_treated", &group)?,
            never_treated_survival: survival(never_survival, "never_treated_survival")?,
            lost_survival: survival(spec.lost_survival, "lost_survival")?,
            name: spec.name,
            lines,
        };
        built.check()?;
        Ok(built)
    }
}

impl TryFrom<LineSpec> for Line {
    type Error = Error;

    fn try_from(spec: LineSpec) -> Result<Self> {
        spec.build("a line")
    }
}

impl LineSpec {
    /// The line, with errors that name its place.
    fn build(mut self, place: &str) -> Result<Line> {
        let wrong = |place: &str, what: &str| Err(Error::unsuitable(format!("{place} {what}")));
        if self.share.is_some() {
            return wrong(place, "has a share: only its off_treatment has one");
        }
        let off = self.off_treatment.take();
        let line = self.build_state(place)?;
        let Some(mut off) = off else {
            return Ok(line);
        };
        let place = &format!("off_treatment after {place}");
        let Some(share) = off.share.take() else {
            return wrong(place, "has no share: say what share goes off treatment");
        };
        if off.next.is_none() || off.off_treatment.is_some() {
            return wrong(
                place,
                "needs next, the share that goes on to the next line, and has no off_treatment",
            );
        }
        let share = Share::build(share, "share", place)?;
        Ok(line.with_off_treatment(share, off.build_state(place)?))
    }

    /// How long the state lasts, and what comes next.
    fn build_state(self, place: &str) -> Result<Line> {
        // Where all go on or die, each after a time of its own, no other time is needed.
        let of_both = (self.until_death.as_ref())
            .filter(|_| self.until_next.is_some() && self.death.is_none());
        let Some(sojourn_time) = self.stay.or_else(|| of_both.cloned()) else {
            return Err(Error::unsuitable(format!(
                "{place} has no sojourn time (\"sojourn_time\"): say how long it lasts, or \
                 {{\"family\": \"none\"}} if not at all"
            )));
        };
        let time = |time: Option<SojournSpec>| time.map(|time| time.build(place)).transpose();
        let next = self.next.unwrap_or(ShareSpec::Known(0.0));
        let death = self.death.map(|death| Share::build(death, "death", place));
        Ok(Line {
            time_to_next: time(self.until_next)?,
            time_to_death: time(self.until_death)?,
            death: death.transpose()?,
            ..Line::new(
                sojourn_time.build(place)?,
                Share::build(next, "next", place)?,
            )
        })
    }
}
