//! Serde for numbers that may be infinite or not a number, which JSON does not have.
//!
//! A finite number stays a number; the others are the strings `"inf"`, `"-inf"` and `"nan"`. Plain `serde_json`
//! would write all three as `null` and refuse to read them back.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Real {
    Finite(f64),
    Other(Name),
}

#[derive(Serialize, Deserialize)]
enum Name {
    #[serde(rename = "inf")]
    Infinity,
    #[serde(rename = "-inf")]
    MinusInfinity,
    #[serde(rename = "nan")]
    NotANumber,
}

impl From<f64> for Real {
    fn from(x: f64) -> Self {
        if x.is_nan() {
            Self::Other(Name::NotANumber)
        } else if x == f64::INFINITY {
            Self::Other(Name::Infinity)
        } else if x == f64::NEG_INFINITY {
            Self::Other(Name::MinusInfinity)
        } else {
            Self::Finite(x)
        }
    }
}

impl From<Real> for f64 {
    fn from(real: Real) -> Self {
        match real {
            Real::Finite(x) => x,
            Real::Other(Name::Infinity) => Self::INFINITY,
            Real::Other(Name::MinusInfinity) => Self::NEG_INFINITY,
            Real::Other(Name::NotANumber) => Self::NAN,
        }
    }
}

/// For `#[serde(with = "crate::numeric::real")]` on an `f64`.
#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
pub(crate) fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Real::from(*x).serialize(serializer)
}

/// See [`serialize`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Real::deserialize(deserializer).map(f64::from)
}

/// For `#[serde(with = "crate::numeric::real::vec")]` on a `Vec<f64>`.
pub(crate) mod vec {
    use super::{Deserialize, Deserializer, Real, Serializer};

    pub(crate) fn serialize<S: Serializer>(x: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(x.iter().map(|&x| Real::from(x)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<f64>, D::Error> {
        let reals = Vec::<Real>::deserialize(deserializer)?;
        Ok(reals.into_iter().map(f64::from).collect())
    }
}

/// For `#[serde(with = "crate::numeric::real::option")]` on an `Option<f64>`.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Real, Serialize, Serializer};

    #[allow(clippy::ref_option)] // The signature that serde asks for.
    pub(crate) fn serialize<S: Serializer>(
        x: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        x.map(Real::from).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Real>::deserialize(deserializer)?.map(f64::from))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Numbers {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super::vec")]
        many: Vec<f64>,
        #[serde(with = "super::option")]
        some: Option<f64>,
        #[serde(with = "super::option")]
        none: Option<f64>,
    }

    #[test]
    fn every_number_comes_back() {
        let numbers = Numbers {
            one: f64::NEG_INFINITY,
            many: vec![
                0.1,
                -0.0,
                f64::INFINITY,
                f64::NAN,
                5e-324,
                3.125_882_694_914_900_6,
            ],
            some: Some(f64::INFINITY),
            none: None,
        };
        let text = serde_json::to_string(&numbers).unwrap();
        let again: Numbers = serde_json::from_str(&text).unwrap();
        let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(again.one < f64::MIN);
        assert_eq!(bits(&again.many), bits(&numbers.many));
        assert_eq!(again.some, Some(f64::INFINITY));
        assert_eq!(again.none, None);
        assert!(serde_json::from_str::<Numbers>(&text.replace("-inf", "minus")).is_err());
    }
}
