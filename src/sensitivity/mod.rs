//! Which number matters: how inputs of a model move its outputs.
//!
//! It knows no other stage: it takes functions, numbers and draws, so that it serves an outlook, a pathway, and a model of
//! your own.
//!
//! | question | answer |
//! |---|---|
//! | which input has which part of the variance? | [`SobolIndices::of`], of a function |
//! | how far does each input alone move an output? | [`OneWay`], drawn by [`report::chart::tornado`](crate::report::chart::tornado) |
//! | and two together? | [`TwoWay`] |
//! | where does an output pass a threshold? | [`Threshold`] |
//! | and from draws that exist? | [`GivenData::first_order`] |
//! | what would it be worth to know, for a decision? | [`Decision::evpi`], [`GivenData::evppi`] |
//!
//! [`Inputs`] are named numbers with a [`Distribution`] each, and groups of correlated ones ([`Joint`]), which have indices
//! as one. A model is any function of a row of values to one or several outputs.

mod checks;
mod decision;
mod distribution;
mod given_data;
mod inputs;
mod joint;
mod missed_waves;
mod natural_spline;
mod one_way;
mod regression;
mod sobol_estimation;
mod sobol_indices;
mod sobol_options;
mod sobol_sequence;
mod threshold;

pub use decision::Decision;
pub use distribution::{Distribution, QuantileFunction};
pub use given_data::{GivenData, InformationValue};
pub use inputs::Inputs;
pub use joint::{Joint, JointSampler};
pub use one_way::{OneWay, OneWayBar, OneWayOptions};
pub use sobol_indices::{Index, InputIndices, OutputIndices, SobolIndices};
pub use sobol_options::{IndexError, SobolOptions};
pub use threshold::{Crossing, Threshold, TwoWay};
