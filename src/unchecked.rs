//! Results as they stand in a file, before they are checked: the mirror that `#[serde(try_from)]` needs.

/// Defines `$unchecked`, a mirror of the fields of `$type` as a file states them, and how it becomes one:
/// `through` an associated function that takes the fields in this order, or, field by field, `then` a
/// method that refuses what cannot be. Attributes of serde may stand before a field.
macro_rules! unchecked {
    ($vis:vis $unchecked:ident => $type:ty, through $new:ident {
        $($(#[$attribute:meta])* $field:ident: $kind:ty),+ $(,)?
    }) => {
        $crate::unchecked::unchecked!(@mirror $vis $unchecked { $($(#[$attribute])* $field: $kind),+ });

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
        $crate::unchecked::unchecked!(@mirror $vis $unchecked { $($(#[$attribute])* $field: $kind),+ });

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
pub(crate) use unchecked;
