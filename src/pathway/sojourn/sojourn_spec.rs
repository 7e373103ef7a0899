//! A sojourn time as it stands in a file.

use serde::{Deserialize, Serialize};

use super::distribution::{Distribution, SojournFamily};
use super::table_of_times::Table;
use super::{PLACE, SojournTime, check_relative_error};
use crate::error::{Error, Result};

/// A sojourn time before it is checked: a family with its parameters, a median and a quantile, a mean and a
/// standard deviation, or a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pathway) struct SojournSpec {
    family: SojournFamily,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shape: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantile: Option<Quantile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sd: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probabilities: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    relative_error: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantile {
    probability: f64,
    time: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl SojournSpec {
    /// The sojourn time, with errors that name its place.
    pub(in crate::pathway) fn build(self, place: &str) -> Result<SojournTime> {
        let relative_error = check_relative_error(self.relative_error, place)?;
        let Self {
            family,
            shape,
            scale,
            median,
            quantile,
            mean,
            sd,
            times,
            probabilities,
            ..
        } = self;
        let one_form = || {
            Error::unsuitable(format!(
                "the sojourn time of {place} ({}) needs exactly one of: shape and scale (scale alone \
                 if exponential), median and quantile, mean and sd, times and probabilities",
                family.name()
            ))
        };
        let quantile_alone = quantile.is_some() && median.is_none();
        if quantile_alone || probabilities.is_some() != times.is_some() {
            return Err(one_form());
        }
        let distribution = match (family, shape, scale, median, mean, sd, times) {
            (SojournFamily::None, None, None, None, None, None, None) => Distribution::None,
            (SojournFamily::Table, None, None, None, None, None, Some(times)) => {
                Distribution::Table(Table::new(times, probabilities.unwrap_or_default(), place)?)
            }
            (SojournFamily::Exponential, None, Some(scale), None, None, None, None) => {
                Distribution::exponential(scale, place)?
            }
            (_, Some(shape), Some(scale), None, None, None, None) => {
                Distribution::with_shape(family, shape, scale, place)?
            }
            (_, None, None, Some(median), None, None, None) => Distribution::from_median(
                family,
                median,
                quantile.map(|q| (q.probability, q.time)),
                place,
            )?,
            (SojournFamily::Exponential, None, None, None, Some(mean), None, None) => {
                Distribution::exponential(mean, place)?
            }
            (_, None, None, None, Some(mean), Some(sd), None) => {
                Distribution::from_mean_sd(family, mean, sd, place)?
            }
            _ => return Err(one_form()),
        };
        Ok(SojournTime {
            distribution,
            relative_error,
        })
    }
}

impl TryFrom<SojournSpec> for SojournTime {
    type Error = Error;

    fn try_from(spec: SojournSpec) -> Result<Self> {
        spec.build(PLACE)
    }
}

impl From<SojournTime> for SojournSpec {
    fn from(time: SojournTime) -> Self {
        let (family, relative_error) = (time.family(), time.relative_error);
        let (mut shape, mut scale, mut times, mut probabilities) = (None, None, None, None);
        match time.distribution {
            Distribution::None => {}
            Distribution::Table(table) => {
                times = Some(table.times().to_vec());
                probabilities = Some(table.probabilities().to_vec());
            }
            Distribution::Of {
                shape: a, scale: b, ..
            } => {
                shape = (family != SojournFamily::Exponential).then_some(a);
                scale = Some(b);
            }
        }
        Self {
            family,
            shape,
            scale,
            median: None,
            quantile: None,
            mean: None,
            sd: None,
            times,
            probabilities,
            relative_error,
        }
    }
}
