//! A pathway as it stands in a file.

use serde::{Deserialize, Deserializer, Serialize};

use super::super::share::{Share, ShareSpec};
use super::super::sojourn::SojournSpec;
use super::{Exits, Group, Line, OffTreatment, Pathway};
use crate::error::{Error, ErrorKind, Result};

/// A pathway as it stands in a file, before it is checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathwaySpec {
    groups: Vec<GroupSpec>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupSpec {
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

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineSpec {
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
    off_treatment: Option<OffSpec>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OffSpec {
    share: ShareSpec,
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
    next: ShareSpec,
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    death: Option<ShareSpec>,
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
        let groups: Result<Vec<Group>> = spec.groups.into_iter().map(GroupSpec::build).collect();
        Self::new(groups?)
    }
}

impl GroupSpec {
    fn build(self) -> Result<Group> {
        let group = format!("group {}", self.name);
        let stay = |spec: Option<SojournSpec>, field: &str| {
            spec.map(|spec| spec.build(&format!("{field} of {group}")))
                .transpose()
        };
        let mut lines = Vec::new();
        let last = self.lines.len();
        for (i, line) in self.lines.into_iter().enumerate() {
            let place = format!("line {} of {group}", i + 1);
            let onward = line.next.is_some() || line.off_treatment.is_some();
            if !onward && i + 1 < last {
                return Err(ErrorKind::Unsuitable(format!(
                    "{place} has no next: say what share goes on to the next line, 0 if nobody does"
                ))
                .into());
            }
            lines.push(line.build(&place)?);
        }
        let built = Group {
            never_treated: match self.never_treated {
                Some(share) => Share::build(share, "never_treated", &group)?,
                None => Share::new(0.0)?,
            },
            never_treated_survival: stay(self.never_treated_survival, "never_treated_survival")?,
            lost_survival: stay(self.lost_survival, "lost_survival")?,
            weight: Share::build(self.weight, "weight", &group)?,
            name: self.name,
            lines,
        };
        built.check()?;
        Ok(built)
    }
}

impl LineSpec {
    fn build(self, place: &str) -> Result<Line> {
        let off_treatment = match self.off_treatment {
            None => None,
            Some(off) => {
                let inside = format!("off_treatment after {place}");
                Some(OffTreatment {
                    share: Share::build(off.share, "share", &inside)?,
                    exits: exits(
                        off.stay,
                        off.until_next,
                        off.until_death,
                        Some(off.next),
                        off.death,
                        &inside,
                    )?,
                })
            }
        };
        Ok(Line {
            exits: exits(
                self.stay,
                self.until_next,
                self.until_death,
                self.next,
                self.death,
                place,
            )?,
            off_treatment,
        })
    }
}

fn exits(
    stay: Option<SojournSpec>,
    until_next: Option<SojournSpec>,
    until_death: Option<SojournSpec>,
    next: Option<ShareSpec>,
    death: Option<ShareSpec>,
    place: &str,
) -> Result<Exits> {
    let Some(stay) = stay else {
        return Err(ErrorKind::Unsuitable(format!(
            "{place} has no stay: say how long it lasts, or {{\"family\": \"none\"}} if not at all"
        ))
        .into());
    };
    let next = next.unwrap_or(ShareSpec::Known(0.0));
    Ok(Exits {
        stay: stay.build(place)?,
        until_next: until_next.map(|stay| stay.build(place)).transpose()?,
        until_death: until_death.map(|stay| stay.build(place)).transpose()?,
        next: Share::build(next, "next", place)?,
        death: death
            .map(|death| Share::build(death, "death", place))
            .transpose()?,
    })
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
        Self {
            stay: Some(line.exits.stay.into()),
            until_next: line.exits.until_next.map(Into::into),
            until_death: line.exits.until_death.map(Into::into),
            next: Some(line.exits.next.into()),
            death: line.exits.death.map(Into::into),
            off_treatment: line.off_treatment.map(|off| OffSpec {
                share: off.share.into(),
                stay: Some(off.exits.stay.into()),
                until_next: off.exits.until_next.map(Into::into),
                until_death: off.exits.until_death.map(Into::into),
                next: off.exits.next.into(),
                death: off.exits.death.map(Into::into),
            }),
        }
    }
}
