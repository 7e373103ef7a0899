//! What a published projection implies about growth.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::series::IncidenceSeries;

/// The growth that a published projection implies: steady from the last observation to the projection.
///
/// Two exponential curves that meet at the last observation: one from the first observation, one to the
/// projection. The annual percent change of each is 100·(e^g − 1) with g = ln(y₂/y₁)/(t₂ − t₁).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct ImpliedGrowth {
    /// The year of the first observation.
    pub from: i32,
    /// The year of the last observation, in which the growth changes.
    pub change: i32,
    /// The year of the published projection.
    pub to: i32,
    /// Annual percent change up to the last observation, in per cent a year.
    pub before: f64,
    /// Annual percent change from then on, in per cent a year.
    pub after: f64,
}

impl ImpliedGrowth {
    /// `None` where there is no published projection or only one observation.
    pub(super) fn of(series: &IncidenceSeries) -> Option<Self> {
        let (from, change) = (series.first_year(), series.last_year());
        let published = series.published_projection().filter(|_| from < change)?;
        let (first, last) = (
            series.observations().first()?,
            series.observations().last()?,
        );
        let growth = (last.cases / first.cases).ln() / (f64::from(change) - f64::from(from));
        let later = (published.cases.ln() - last.cases.ln())
            / (f64::from(published.year) - f64::from(change));
        Some(Self {
            from,
            change,
            to: published.year,
            before: 100.0 * growth.exp_m1(),
            after: 100.0 * later.exp_m1(),
        })
    }
}

/// The growth as it stands in a file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    from: i32,
    change: i32,
    to: i32,
    before: f64,
    after: f64,
}

impl TryFrom<Unchecked> for ImpliedGrowth {
    type Error = Error;

    fn try_from(growth: Unchecked) -> Result<Self> {
        const PLACE: &str = "the growth that a published projection implies";
        let Unchecked {
            from,
            change,
            to,
            before,
            after,
        } = growth;
        if !(from < change && change < to) {
            let years = format!("{from}, {change}, {to}");
            return Err(Error::out_of_range("the years", PLACE, years, "in order"));
        }
        for percent in [before, after] {
            if !(percent.is_finite() && percent > -100.0) {
                return Err(Error::out_of_range(
                    "the annual percent change",
                    PLACE,
                    percent,
                    "finite and above -100",
                ));
            }
        }
        Ok(Self {
            from,
            change,
            to,
            before,
            after,
        })
    }
}
