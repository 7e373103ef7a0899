//! The treatment pathway: sojourn times, delays, the two ways to compute one model, and bad input.

#![allow(clippy::float_cmp)] // Where equality is meant, it is to the last bit.
#![allow(clippy::too_many_lines)] // Lists of cases.

mod access;
mod calibration;
mod cohorts;
mod delay;
mod estimands;
mod evidence;
mod input;
