//! Small numerics that several stages need: quadrature, quantiles, mixtures of normal distributions.

pub(crate) mod normal_mixture;
pub(crate) mod quadrature;
pub(crate) mod quantile;
#[allow(dead_code)]
pub(crate) mod real;
