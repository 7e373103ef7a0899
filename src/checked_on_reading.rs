//! Results that are checked when they are read from a file, and the comparison of a result with one that is made again.

use serde::Serialize;
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

/// Arrays of shape (years, columns) as they stand in a file: a list a year.
pub(crate) mod by_year {
    use ndarray::Array2;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(
        array: &Array2<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(array.rows().into_iter().map(|row| row.to_vec()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Array2<f64>, D::Error> {
        let rows = Vec::<Vec<f64>>::deserialize(deserializer)?;
        let columns = rows.first().map_or(0, Vec::len);
        if let Some((year, row)) = (rows.iter().enumerate()).find(|(_, row)| row.len() != columns) {
            return Err(de::Error::custom(format!(
                "the list of year {year}, counted from 0, has {} numbers, that of the first year {columns}",
                row.len()
            )));
        }
        let numbers = rows.iter().flatten().copied().collect();
        Array2::from_shape_vec((rows.len(), columns), numbers).map_err(de::Error::custom)
    }
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

pub(crate) use checked;
