//! Small numerics that several stages need, each once.
//!
//! | module | holds |
//! |---|---|
//! | [`gamma`] | probabilities and quantiles of the gamma distribution |
//! | [`incomplete_beta`] | the distribution function of the beta distribution |
//! | [`linear_algebra`] | inner product, Cholesky root, linear equations, eigenvalues of a symmetric matrix |
//! | [`normal_mixture`] | mixtures of normal distributions: density, quantiles, CRPS |
//! | [`quadrature`] | tanh-sinh quadrature |
//! | [`quantile`] | quantiles of a sample |
//! | [`random_effects`] | the mean of estimates that differ by more than their errors |
//! | [`real`] | serde for numbers that may be infinite |
//! | [`root`] | the root of a function in a bracket |
//! | [`student`] | quantiles and tails of Student's t and the normal distribution |
//! | [`vector_exp_ln`] | exponentials and logarithms of several numbers at a time |

pub(crate) mod gamma;
pub(crate) mod incomplete_beta;
pub(crate) mod linear_algebra;
pub(crate) mod normal_mixture;
pub(crate) mod quadrature;
pub(crate) mod quantile;
pub(crate) mod random_effects;
pub(crate) mod real;
pub(crate) mod root;
pub(crate) mod student;
pub(crate) mod vector_exp_ln;

/// The mean of a sample, and its variance with the divisor n − 1; of one number 0.
pub(crate) fn mean_and_variance(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, squares / (n - 1.0).max(1.0))
}
