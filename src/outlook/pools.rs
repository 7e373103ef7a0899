//! Linear pools of the curves of a region.

use serde::{Deserialize, Serialize};

use super::curves::CurveOutlook;
use super::options::{OutlookOptions, unsuitable};
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::projection::Projection;

/// The linear pools of a region, each with model discrepancy if the options ask for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pools {
    /// Each family once, through the fewest figures that identify it.
    pub(super) all: Projection,
    /// All curves through the observations alone.
    pub(super) without_published: Option<Projection>,
    /// All curves through the observations and the published projection.
    pub(super) with_published: Option<Projection>,
}

impl Pools {
    /// The pools of curves; `members` are those of the first of them.
    pub(super) fn of(
        curves: &[CurveOutlook],
        members: &[(usize, f64)],
        model_discrepancy: Option<&YearlyDraws>,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let pool = |members: &[(usize, f64)]| -> Result<Option<Projection>> {
            if members.iter().all(|(_, weight)| *weight == 0.0) {
                return Ok(None);
            }
            let members = members.iter().map(|&(i, w)| (curves[i].projection(), w));
            let pool = Projection::weighted_pool(members, options.seed)?;
            match model_discrepancy {
                Some(factors) => pool.with_model_discrepancy(factors).map(Some),
                None => Ok(Some(pool)),
            }
        };
        let all = pool(members)?
            .ok_or_else(|| unsuitable("all curves of a region have weight 0 in its linear pool"))?;
        Ok(Self {
            all,
            without_published: pool(&fitted(curves, false, options))?,
            with_published: pool(&fitted(curves, true, options))?,
        })
    }
}

/// The curves that are fitted to the region's own figures, with the published projection or without, and
/// are not the exponential limit of their family: places and weights.
pub(super) fn fitted(
    curves: &[CurveOutlook],
    published: bool,
    options: &OutlookOptions,
) -> Vec<(usize, f64)> {
    weighted(curves, options, |curve| {
        curve.fit().is_some()
            && curve.uses_published_projection() == published
            && !curve.is_exponential_limit()
    })
}

/// The members of the region's linear pool: places and weights. Where all curves are the exponential limit
/// of their families, it is the first of them.
pub(super) fn members(curves: &[CurveOutlook], options: &OutlookOptions) -> Vec<(usize, f64)> {
    let members = weighted(curves, options, CurveOutlook::in_pool);
    if members.is_empty() {
        return vec![(0, 1.0)];
    }
    members
}

fn weighted(
    curves: &[CurveOutlook],
    options: &OutlookOptions,
    is_member: impl Fn(&CurveOutlook) -> bool,
) -> Vec<(usize, f64)> {
    let curves = curves.iter().enumerate();
    curves
        .filter(|(_, curve)| is_member(curve))
        .map(|(i, curve)| (i, options.weight(curve.family())))
        .collect()
}
