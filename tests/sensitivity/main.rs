//! Sensitivity analyses against closed forms and other implementations.

mod given_data;
mod indices;
mod one_way;
