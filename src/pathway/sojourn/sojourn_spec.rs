//! A sojourn time as it stands in a file.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::distribution::{Distribution, SojournFamily};
use super::table_of_times::Table;
use super::{PLACE, SojournTime, check_relative_error};
use crate::error::{Error, Result};

/// A sojourn time before it is checked: a family with its parameters, a median and a quantile, a mean and a
/// standard deviation, or a table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::pathway) struct SojournSpec {
    family: SojournFamily,
    shape: Option<f64>,
    scale: Option<f64>,
    median: Option<f64>,
    quantile: Option<Quantile>,
    mean: Option<f64>,
    sd: Option<f64>,
    times: Option<Vec<f64>>,
    probabilities: Option<Vec<f64>>,
    #[serde(default)]
    relative_error: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantile {
    probability: f64,
    time: f64,
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

/// By the parameters of its family, or the points of a table.
impl Serialize for SojournTime {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("family", &self.family())?;
        match &self.distribution {
            Distribution::None => {}
            Distribution::Table(table) => {
                map.serialize_entry("times", table.times())?;
                map.serialize_entry("probabilities", table.probabilities())?;
            }
            Distribution::Of { shape, scale, .. } => {
                if self.family() != SojournFamily::Exponential {
                    map.serialize_entry("shape", shape)?;
                }
                map.serialize_entry("scale", scale)?;
            }
        }
        if self.relative_error != 0.0 {
            map.serialize_entry("relative_error", &self.relative_error)?;
        }
        map.end()
    }
}
