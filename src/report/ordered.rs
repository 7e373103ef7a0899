//! JSON objects whose keys stand in the order in which they are given.

use serde::{Serialize, Serializer};

/// A value that is written as an object with these keys, in this order.
macro_rules! object {
    ($($key:ident: $value:expr),+ $(,)?) => {{
        // Each field has the type of its value, which is called like the field.
        #[derive(serde::Serialize)]
        struct Object<$($key),+> {
            $($key: $key),+
        }
        Object { $($key: $value),+ }
    }};
}
pub(super) use object;

/// Named values, written as an object in their order.
pub(super) struct Ordered<T>(Vec<(String, T)>);

impl<T> FromIterator<(String, T)> for Ordered<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A value as indented JSON text with a newline at its end; numbers that are not finite are `null`.
pub(super) fn text(value: &impl Serialize) -> String {
    // Strings, numbers, lists and objects with string keys: nothing that could not be written.
    let mut text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}
