//! Pages that need a place of their own. They hold no code.

// These pages are prose: names of tools and data sets stand without backticks.
#![allow(clippy::doc_markdown)]

/// Nine tasks as programs.
///
/// [formats]: file_formats
/// [exports]: exports
#[doc = include_str!("../docs/cookbook.md")]
pub mod cookbook {}

/// Exports of the sites that publish cancer statistics, as programs.
///
/// [formats]: file_formats
#[doc = include_str!("../docs/exports.md")]
pub mod exports {}

/// Every file that is read or written.
///
#[doc = include_str!("../docs/file-formats.md")]
pub mod file_formats {}

/// Why the crate is as it is, and what its words mean.
///
#[doc = include_str!("../DESIGN.md")]
pub mod design {}

/// What is computed, from which sources, and how it was checked.
///
#[doc = include_str!("../METHODS.md")]
pub mod methods {}

/// What changed for users.
///
#[doc = include_str!("../CHANGELOG.md")]
pub mod changelog {}
