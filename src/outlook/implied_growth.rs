//! What a published projection implies about growth.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::series::IncidenceSeries;

/// The **growth that a published projection implies**: the annual percent change before the last observation, and
/// the one from there to the projection.
///
/// Where the second is far below the first, whoever published the projection expects growth to slow.
///
/// # Definition
///
/// ```text
/// annual percent change = 100·(e^g − 1),   g = ln(y₂/y₁)/(t₂ − t₁)
/// ```
///
/// once from the first to the last observation, once from there to the projection: two exponential curves that
/// meet at the last observation. In per cent a year, above −100.
///
/// # Example
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let growth = outlook.region("World")?.implied_growth().unwrap();
/// // 164,300 in 2019, 197,200 in 2024, and 273,600 published for 2040.
/// assert!((growth.before - 100.0 * ((197_200.0_f64 / 164_300.0).powf(1.0 / 5.0) - 1.0)).abs() < 1e-9);
/// assert!((growth.after - 100.0 * ((273_600.0_f64 / 197_200.0).powf(1.0 / 16.0) - 1.0)).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
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
