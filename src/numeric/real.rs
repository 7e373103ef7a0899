//! Serde for numbers that may be infinite or not a number, which JSON does not have.
//!
//! A finite number stays a number; the others are the strings `"inf"`, `"-inf"` and `"nan"`. Plain `serde_json`
//! would write all three as `null` and refuse to read them back.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// For `#[serde(with = "crate::numeric::real")]` on an `f64`.
#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
pub(crate) fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.is_finite() {
        return serializer.serialize_f64(*x);
    }
    serializer.serialize_str(match x {
        _ if x.is_nan() => "nan",
        _ if *x > 0.0 => "inf",
        _ => "-inf",
    })
}

/// See [`serialize`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Real {
        Finite(f64),
        Other(String),
    }
    match Real::deserialize(deserializer)? {
        Real::Finite(x) => Ok(x),
        Real::Other(name) => match &*name {
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            "nan" => Ok(f64::NAN),
            _ => Err(D::Error::custom(format!(
                "{name:?} is neither a number nor \"inf\", \"-inf\" or \"nan\""
            ))),
        },
    }
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
