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

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Number(#[serde(with = "super")] f64);

    #[test]
    fn every_number_comes_back() {
        for number in [
            0.1,
            -0.0,
            5e-324,
            3.125_882_694_914_900_6,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            let text = serde_json::to_string(&Number(number)).unwrap();
            let again: Number = serde_json::from_str(&text).unwrap();
            assert_eq!(again.0.to_bits(), number.to_bits(), "{text}");
        }
        assert!(serde_json::from_str::<Number>("\"minus\"").is_err());
        assert!(serde_json::from_str::<Number>("null").is_err());
    }
}
