//! Of whom a table is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::files::Words;

/// Of whom a population or its rates are.
///
/// ```
/// use myeloma_epi::demography::Sex;
///
/// assert_eq!(Sex::Female.to_string(), "female");
/// assert_eq!(serde_json::to_string(&Sex::Both).unwrap(), "\"both\"");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Women and men together.
    Both,
    /// Women.
    Female,
    /// Men.
    Male,
}

impl Sex {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

impl Words for Sex {
    const WORDS: &str = "both, female or male";
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
