//! JSON objects whose keys stand in the order in which they are given.

use serde::{Serialize, Serializer};

/// Named values, written as an object in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

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
