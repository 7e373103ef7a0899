//! A pathway as it stands in a file, and the checks on the way in.
//!
//! The keys are documented at [`Pathway`]. `sojourn_time`, `time_to_next` and `time_to_death` are other names for
//! `stay`, `until_next` and `until_death`, which are written.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Group, Line, Pathway};
use crate::error::{Error, Result};
use crate::pathway::share::{Share, ShareSpec};
use crate::pathway::sojourn::SojournSpec;

/// A pathway before it is checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathwaySpec {
    groups: Vec<GroupSpec>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupSpec {
    name: String,
    weight: ShareSpec,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    never_treated: Option<ShareSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    never_treated_survival: Option<SojournSpec>,
    lines: Vec<LineSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_survival: Option<SojournSpec>,
}

/// The keys of a line, and of the time off treatment after it, which alone has a `share`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineSpec {
    #[serde(
        default,
        alias = "sojourn_time",
        skip_serializing_if = "Option::is_none"
    )]
    stay: Option<SojournSpec>,
    #[serde(
        default,
        alias = "time_to_next",
        skip_serializing_if = "Option::is_none"
    )]
    until_next: Option<SojournSpec>,
    #[serde(
        default,
        alias = "time_to_death",
        skip_serializing_if = "Option::is_none"
    )]
    until_death: Option<SojournSpec>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    next: Option<ShareSpec>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    death: Option<ShareSpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    off_treatment: Option<Box<LineSpec>>,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    share: Option<ShareSpec>,
}

/// A share that stands in the file. `null` is not a share left out: it is how NaN is often written.
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<ShareSpec>, D::Error> {
    ShareSpec::deserialize(deserializer).map(Some)
}

impl TryFrom<PathwaySpec> for Pathway {
    type Error = Error;

    fn try_from(spec: PathwaySpec) -> Result<Self> {
        let groups: Result<Vec<Group>> = spec.groups.into_iter().map(Group::try_from).collect();
        Self::new(groups?)
    }
}

impl TryFrom<GroupSpec> for Group {
    type Error = Error;

    fn try_from(spec: GroupSpec) -> Result<Self> {
        let group = format!("group {}", spec.name);
        let survival = |spec: Option<SojournSpec>, field: &str| {
            spec.map(|spec| spec.build(&format!("{field} of {group}")))
                .transpose()
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
        let built = Self {
            never_treated: match spec.never_treated {
                Some(share) => Share::build(share, "never_treated", &group)?,
                None => Share::new(0.0)?,
            },
            never_treated_survival: survival(
                spec.never_treated_survival,
                "never_treated_survival",
            )?,
            lost_survival: survival(spec.lost_survival, "lost_survival")?,
            weight: Share::build(spec.weight, "weight", &group)?,
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
    fn build(self, place: &str) -> Result<Line> {
        if self.share.is_some() {
            return Err(Error::unsuitable(format!(
                "{place} has a share: only its off_treatment has one"
            )));
        }
        let off = self.off_treatment.clone();
        let line = self.build_state(place)?;
        let Some(mut off) = off else {
            return Ok(line);
        };
        let place = format!("off_treatment after {place}");
        let Some(share) = off.share.take() else {
            return Err(Error::unsuitable(format!(
                "{place} has no share: say what share goes off treatment"
            )));
        };
        if off.next.is_none() || off.off_treatment.is_some() {
            return Err(Error::unsuitable(format!(
                "{place} needs next, the share that goes on to the next line, and has no off_treatment"
            )));
        }
        let share = Share::build(share, "share", &place)?;
        Ok(line.with_off_treatment(share, off.build_state(&place)?))
    }

    /// How long the state lasts, and what comes next.
    fn build_state(self, place: &str) -> Result<Line> {
        let Some(sojourn_time) = self.stay else {
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

impl From<Pathway> for PathwaySpec {
    fn from(pathway: Pathway) -> Self {
        Self {
            groups: pathway.groups.into_iter().map(GroupSpec::from).collect(),
        }
    }
}

impl From<Group> for GroupSpec {
    fn from(group: Group) -> Self {
        let none = group.never_treated.is_zero();
        Self {
            name: group.name,
            weight: group.weight.into(),
            never_treated: (!none).then(|| group.never_treated.into()),
            never_treated_survival: group.never_treated_survival.map(Into::into),
            lines: group.lines.into_iter().map(LineSpec::from).collect(),
            lost_survival: group.lost_survival.map(Into::into),
        }
    }
}

impl From<Line> for LineSpec {
    fn from(line: Line) -> Self {
        let off_treatment = line.off_treatment.map(|off| {
            let (share, off) = *off;
            Box::new(Self {
                share: Some(share.into()),
                ..off.into()
            })
        });
        Self {
            stay: Some(line.sojourn_time.into()),
            until_next: line.time_to_next.map(Into::into),
            until_death: line.time_to_death.map(Into::into),
            next: Some(line.next.into()),
            death: line.death.map(Into::into),
            off_treatment,
            share: None,
        }
    }
}
