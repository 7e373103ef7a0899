//! Sensitivity analyses against closed forms and other implementations.

// Values that are exact in binary, and repeated computations; ranks of draws are small.
#![allow(
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod given_data;
mod indices;
mod one_way;
mod outlook;
