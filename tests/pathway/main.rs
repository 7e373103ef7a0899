//! The treatment pathway: the model and its computation, sojourn times, delays, estimands, evidence, and bad input.

#![allow(clippy::float_cmp)] // Where equality is meant, it is to the last bit.
#![allow(clippy::too_many_lines)] // Lists of cases.

mod access;
mod calibration;
mod closed_forms;
mod cohorts;
mod data;
mod delay;
mod double_double;
mod earlier;
mod estimands;
mod evidence;
mod individual;
mod input;
mod models;
mod outside;
mod properties;
