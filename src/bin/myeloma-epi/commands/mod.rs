//! The commands, a file each: arguments in, an answer out.

pub(crate) mod access;
pub(crate) mod backtest;
pub(crate) mod convert;
pub(crate) mod demography;
pub(crate) mod fit;
pub(crate) mod outlook;
pub(crate) mod pathway;
pub(crate) mod sensitivity;
pub(crate) mod third_line;
pub(crate) mod trend;
