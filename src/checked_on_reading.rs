//! Results that are checked when they are read from a file, and the comparison of a result with one that is made again.

use ndarray::Array2;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};

/// Defines a struct that is read from a file through a check: `then` a method that refuses what cannot be, or `through` an
/// associated function that takes the fields in this order. Its fields stand there once, with the attributes of serde
/// for reading and writing.
macro_rules! checked {
    ($(#[$of_struct:meta])* $vis:vis struct $name:ident {
        $($(#[$of_field:meta])* $seen:vis $field:ident: $kind:ty),+ $(,)?
    } then $check:ident) => {
        $crate::checked_on_reading::checked!(
            @define [$(#[$of_struct])* $vis] $name [$($(#[$of_field])* [$seen] $field: $kind),+]
            |unchecked| {
                let value = $name { $($field: unchecked.$field),+ };
                value.$check().map(|()| value)
            }
        );
    };
    ($(#[$of_struct:meta])* $vis:vis struct $name:ident {
        $($(#[$of_field:meta])* $seen:vis $field:ident: $kind:ty),+ $(,)?
    } through $new:ident) => {
        $crate::checked_on_reading::checked!(
            @define [$(#[$of_struct])* $vis] $name [$($(#[$of_field])* [$seen] $field: $kind),+]
            |unchecked| $name::$new($(unchecked.$field),+)
        );
    };
    (
        @define [$($head:tt)*] $name:ident [$($(#[$of_field:meta])* [$seen:vis] $field:ident: $kind:ty),+]
        |$unchecked:ident| $checked:expr
    ) => {
        $($head)* struct $name {
            $($(#[$of_field])* $seen $field: $kind),+
        }

        const _: () = {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Unchecked {
                $($(#[$of_field])* $field: $kind),+
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> std::result::Result<Self, D::Error> {
                    let $unchecked: Unchecked = serde::Deserialize::deserialize(deserializer)?;
                    let checked: $crate::Result<Self> = $checked;
                    checked.map_err(serde::de::Error::custom)
                }
            }
        };
    };
}

/// Defines `$unchecked`, a mirror of the fields of `$type` as a file states them, and how it becomes one:
/// `through` an associated function that takes the fields in this order, or, field by field, `then` a
/// method that refuses what cannot be. Attributes of serde may stand before a field.
macro_rules! unchecked {
    ($vis:vis $unchecked:ident => $type:ty, through $new:ident {
        $($(#[$attribute:meta])* $field:ident: $kind:ty),+ $(,)?
    }) => {
        $crate::checked_on_reading::unchecked!(@mirror $vis $unchecked { $($(#[$attribute])* $field: $kind),+ });

        impl TryFrom<$unchecked> for $type {
            type Error = $crate::Error;

            fn try_from(unchecked: $unchecked) -> $crate::Result<Self> {
                Self::$new($(unchecked.$field),+)
            }
        }
    };
    ($vis:vis $unchecked:ident => $type:ty, then $check:ident {
        $($(#[$attribute:meta])* $field:ident: $kind:ty),+ $(,)?
    }) => {
        $crate::checked_on_reading::unchecked!(@mirror $vis $unchecked { $($(#[$attribute])* $field: $kind),+ });

        impl TryFrom<$unchecked> for $type {
            type Error = $crate::Error;

            fn try_from(unchecked: $unchecked) -> $crate::Result<Self> {
                let value = Self { $($field: unchecked.$field),+ };
                value.$check()?;
                Ok(value)
            }
        }
    };
    (@mirror $vis:vis $unchecked:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty),+ }) => {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        $vis struct $unchecked {
            $($(#[$attribute])* $field: $kind),+
        }
    };
}

/// An array of shape (years, columns) as it stands in a file: a list a year.
pub(crate) fn by_year<S: Serializer>(
    array: &Array2<f64>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(array.rows().into_iter().map(|row| row.to_vec()))
}

/// Refuses what a file says of a result that is made again, where it says anything else. Numbers may differ by a
/// millionth, as the functions of mathematical libraries do from machine to machine.
pub(crate) fn same_answer(name: &str, read: &impl Serialize, made: &impl Serialize) -> Result<()> {
    let value = |of: serde_json::Result<Value>| of.map_err(|e| Error::unsuitable(e.to_string()));
    let (read, made) = (serde_json::to_value(read), serde_json::to_value(made));
    same_value(name, &value(read)?, &value(made)?)
}

fn same_value(at: &str, read: &Value, made: &Value) -> Result<()> {
    let same = match (read, made) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            return b.iter().try_for_each(|(key, b)| {
                same_value(
                    &format!("{at}.{key}"),
                    a.get(key).unwrap_or(&Value::Null),
                    b,
                )
            });
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            return pairs.try_for_each(|(i, (a, b))| same_value(&format!("{at}[{i}]"), a, b));
        }
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
            _ => a == b,
        },
        _ => read == made,
    };
    if same {
        return Ok(());
    }
    let short = |value: &Value| value.to_string().chars().take(60).collect::<String>();
    Err(Error::contradiction(format!(
        "{at} is {} in the file and {} when it is made again of the same figures and options: the file was changed, or \
         is of another version",
        short(read),
        short(made)
    )))
}

pub(crate) use {checked, unchecked};
