//! How long the patients of a study had been followed at its data cut.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::delay::{Delay, exact};
use crate::error::Result;
use crate::number_checks::Place;
use crate::numeric::quadrature::integrate;

/// The longest follow-up or accrual, in years.
const LONGEST: f64 = 200.0;
/// An accrual, in years, over which the distribution function is averaged at three points.
const SHORT: f64 = 1e-4;
/// The same where both times of a delay have steps, between which a mean of a few points says nothing.
const SHORTEST: f64 = 1e-6;
/// Nodes and weights of the Gauss–Legendre rule on 0 to 1 with 3 points (Abramowitz & Stegun 1964, table 25.4).
const GAUSS3: [(f64, f64); 3] = [
    (0.112_701_665_379_258_31, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// The **follow-up** of a study: the time from a patient's diagnosis to the data cut, in years.
///
/// A patient who starts third line later than that is not seen to. Patients who were diagnosed one after the
/// other and are cut on one day have different follow-up, from `further` years for the last of them to
/// `accrual` + `further` for the first.
///
/// In files: `{"fixed": 5}`, or `{"accrual": {"accrual": 6, "further": 2, "growth": 0.03}}`.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{Delay, FollowUp, SojournTime};
///
/// // An exponential first line with mean 2 years, and no time in second line.
/// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::none());
/// // Three years for everybody: 1 − e^(−3/2) of those who will ever start third line have done so.
/// assert!((FollowUp::Fixed(3.0).seen(&delay)? - 0.776_870).abs() < 1e-6);
/// // Accrual through three years, cut at its end: between 0 and 3 years, and fewer.
/// let cut = FollowUp::Accrual { accrual: 3.0, further: 0.0, growth: 0.0 };
/// assert!((cut.seen(&delay)? - (1.0 - 2.0 / 3.0 * 0.776_870)).abs() < 1e-6);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FollowUp {
    /// Everyone for the same number of years, above 0 and at most 200.
    Fixed(f64),
    /// Diagnosed through `accrual` years, at a rate that grew by the factor e^`growth` a year, and
    /// followed until `further` years after the last of them.
    Accrual {
        /// Years during which patients were diagnosed, above 0 and at most 200.
        accrual: f64,
        /// Years from the end of accrual to the data cut, from 0 to 200.
        further: f64,
        /// Growth of incidence during accrual, on the log scale a year, between −1 and 1.
        growth: f64,
    },
}

/// A follow-up as it stands in a file.
#[derive(Deserialize)]
#[serde(remote = "FollowUp", rename_all = "snake_case", deny_unknown_fields)]
enum InFile {
    Fixed(f64),
    Accrual {
        accrual: f64,
        #[serde(default)]
        further: f64,
        #[serde(default)]
        growth: f64,
    },
}

impl<'de> Deserialize<'de> for FollowUp {
    fn deserialize<D: Deserializer<'de>>(file: D) -> std::result::Result<Self, D::Error> {
        let follow_up = InFile::deserialize(file)?;
        follow_up.check().map_err(serde::de::Error::custom)?;
        Ok(follow_up)
    }
}

impl FollowUp {
    pub(super) fn check(self) -> Result<()> {
        let place = Place("the follow-up of a study");
        let positive = |name: &str, years: f64| {
            let holds = years > 0.0 && years <= LONGEST;
            place.check(holds, name, years, "above 0 and at most 200 years")
        };
        match self {
            Self::Fixed(years) => positive("the follow-up", years),
            Self::Accrual {
                accrual,
                further,
                growth,
            } => {
                positive("accrual", accrual)?;
                let holds = (0.0..=LONGEST).contains(&further);
                place.check(holds, "further", further, "between 0 and 200 years")?;
                let holds = (-1.0..=1.0).contains(&growth);
                place.check(holds, "growth", growth, "between -1 and 1 a year")
            }
        }
    }

    /// The share of those who will ever start third line that has by the data cut:
    /// E\[G(follow-up)\], with G the distribution function of the delay.
    ///
    /// # Errors
    ///
    /// Where a number of the follow-up is out of its range.
    pub fn seen(self, delay: &Delay) -> Result<f64> {
        self.check()?;
        match self {
            Self::Fixed(years) => delay.cdf(years),
            Self::Accrual {
                accrual,
                further,
                growth,
            } => seen_over(delay, accrual, further, growth),
        }
    }
}

/// The mean of the distribution function over those diagnosed through `accrual` years.
fn seen_over(delay: &Delay, accrual: f64, further: f64, growth: f64) -> Result<f64> {
    let steps = [delay.first_line(), delay.second_line()];
    let steps = steps
        .iter()
        .all(|time| !time.distribution().steps().is_empty());
    if accrual < if steps { SHORTEST } else { SHORT } {
        // A difference of integrals has no digits left; growth within an hour is no growth.
        let nodes = GAUSS3.map(|(x, weight)| Ok(weight * delay.cdf(further + x * accrual)?));
        return nodes.into_iter().sum();
    }
    if growth == 0.0 || accrual < SHORT {
        let integral = |t| delay.integrated_cdf(t);
        let mean = (integral(further + accrual)? - integral(further)?) / accrual;
        // Between 0 and 1 but for the error.
        return Ok(mean.clamp(0.0, 1.0));
    }
    // Those diagnosed u years before the end of accrual are fewer by e^(−growth·u). By parts, for ∫ G is smoother
    // than G, which may be as good as a step.
    let weight = |u: f64| (-growth * u).exp();
    let integral = |u: f64| delay.integrated_cdf(further + u).unwrap_or(f64::NAN);
    let mut breaks = vec![0.0];
    for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
        // Where it rises before or after accrual there is nothing to break.
        breaks.push((delay.quantile(p) - further).clamp(0.0, accrual));
    }
    breaks.push(accrual);
    let (inner, error) = integrate(&breaks, |u| weight(u) * integral(u));
    let ends = weight(accrual) * integral(accrual) - integral(0.0);
    let all = -(-growth * accrual).exp_m1() / growth;
    let error = (growth * error / all).abs();
    // Between 0 and 1 but for the error.
    Ok(exact(((ends + growth * inner) / all, error), 1.0)?.clamp(0.0, 1.0))
}

/// A sentence on the patients of a study.
impl fmt::Display for FollowUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(years) => write!(f, "everybody was followed for {years} years"),
            Self::Accrual {
                accrual,
                further,
                growth,
            } => write!(
                f,
                "patients were diagnosed through {accrual} years, at a rate that grew by {growth} a \
                 year, and followed for {further} years after that"
            ),
        }
    }
}
