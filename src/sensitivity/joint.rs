//! Joint distributions of groups of inputs, and what is checked of them.

use std::fmt;
use std::sync::Arc;

use super::checks::{all_finite, not_constant, varies};
use super::distribution::{Distribution, Sampler};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::linear_algebra::Cholesky;

/// The most by which a covariance matrix may differ from one that is positive semidefinite, relative to its diagonal.
const DEFECT: f64 = 1e-9;

/// The **joint distribution of a group** of inputs that are correlated, or that are meant as one: everything of one
/// source, everything of one stage.
///
/// # Example
///
/// ```
/// use myeloma_epi::Seed;
/// use myeloma_epi::sensitivity::{Inputs, Joint};
///
/// let joint = Joint::Correlated {
///     means: vec![0.35, 3.0],
///     sds: vec![0.03, 0.4],
///     correlation: vec![vec![1.0, -0.5], vec![-0.5, 1.0]],
/// };
/// let inputs = Inputs::default().with_group("third line", ["share", "years"], joint)?;
/// let draws = inputs.draws(4_096, Seed::new(1))?;
/// let (share, years) = (draws.column(0), draws.column(1));
/// let mean = |x: &dyn Fn(usize) -> f64| (0..4_096).map(x).sum::<f64>() / 4_096.0;
/// let covariance = mean(&|k| (share[k] - 0.35) * (years[k] - 3.0));
/// assert!((covariance / (0.03 * 0.4) + 0.5).abs() < 0.05);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Joint {
    /// Independent of each other, and looked at as one.
    Independent(Vec<Distribution>),
    /// Multivariate normal, with a covariance matrix.
    Normal {
        /// The mean of each input.
        means: Vec<f64>,
        /// The covariance matrix, a row an input: symmetric and positive semidefinite, with variances above 0.
        covariance: Vec<Vec<f64>>,
    },
    /// Multivariate normal, by standard deviations and correlations.
    Correlated {
        /// The mean of each input.
        means: Vec<f64>,
        /// The standard deviation of each input, above 0.
        sds: Vec<f64>,
        /// The correlation matrix, a row an input: symmetric and positive semidefinite, from −1 to 1, 1 on the diagonal.
        correlation: Vec<Vec<f64>>,
    },
    /// Joint draws that exist, such as those of a posterior: a row a draw, with a number for each input. Each row has the
    /// same probability.
    Draws(Vec<Vec<f64>>),
    /// A function of your own, see [`Joint::sampled`].
    Sampled(JointSampler),
}

/// From uniform numbers to the inputs of a group.
type Sample = dyn Fn(&[f64], &mut [f64]) + Send + Sync;

/// A function of the caller's that makes the inputs of a group from uniform numbers.
///
/// It is made by [`Joint::sampled`], whose page has an example.
#[derive(Clone)]
pub struct JointSampler {
    pub(super) uniforms: usize,
    pub(super) sample: Arc<Sample>,
}

impl fmt::Debug for JointSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a function of {} uniform numbers", self.uniforms)
    }
}

impl Joint {
    /// A group that a function makes from so many independent uniform numbers, above 0 and below 1: a sampler of the
    /// caller's, a copula.
    ///
    /// ```
    /// use myeloma_epi::sensitivity::Joint;
    ///
    /// // Shares of three lines that add up to one.
    /// let shares = Joint::sampled(2, |u, shares| {
    ///     let (low, high) = (u[0].min(u[1]), u[0].max(u[1]));
    ///     shares.copy_from_slice(&[low, high - low, 1.0 - high]);
    /// });
    /// ```
    #[must_use]
    pub fn sampled(
        uniforms: usize,
        sample: impl Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
    ) -> Self {
        Self::Sampled(JointSampler {
            uniforms,
            sample: Arc::new(sample),
        })
    }
}

/// Where the draws of a factor come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Independent(Vec<Sampler>),
    /// Means and the rows of the Cholesky root.
    Normal(Vec<f64>, Vec<Vec<f64>>),
    Draws(Vec<Vec<f64>>),
    Sampled(JointSampler),
}

impl Source {
    /// Independent uniform numbers that a draw takes.
    pub(super) fn uniforms(&self) -> usize {
        match self {
            Self::Independent(samplers) => samplers.len(),
            Self::Normal(means, _) => means.len(),
            Self::Draws(_) => 1,
            Self::Sampled(sampler) => sampler.uniforms,
        }
    }
}

/// The name of a group, and those of its inputs.
pub(super) struct Group<'a>(pub(super) &'a str, pub(super) &'a [String]);

impl Group<'_> {
    fn place(&self) -> String {
        format!("the group \"{}\"", self.0)
    }

    /// As many of something as there are inputs.
    fn alike(&self, what: &str, found: usize) -> Result<()> {
        let (place, inputs) = (self.place(), self.1.len());
        if found == inputs {
            return Ok(());
        }
        Err(Error::mismatch(format!(
            "{place} has {inputs} inputs and {found} {what}"
        )))
    }

    /// A row and a column for each input.
    fn square(&self, what: &str, matrix: &[Vec<f64>]) -> Result<()> {
        self.alike(&format!("rows of {what}"), matrix.len())?;
        let mut rows = matrix.iter();
        rows.try_for_each(|row| self.alike(&format!("{what} in a row"), row.len()))
    }

    /// The source of the group's draws, if its distribution is one of its inputs.
    pub(super) fn source(&self, joint: Joint) -> Result<Source> {
        let Self(group, members) = *self;
        if members.is_empty() {
            return Err(Error::mismatch(format!("{} has no input", self.place())));
        }
        match joint {
            Joint::Independent(distributions) => {
                self.alike("distributions", distributions.len())?;
                let samplers = distributions.iter().zip(members);
                let samplers = samplers.map(|(distribution, name)| Sampler::of(distribution, name));
                Ok(Source::Independent(samplers.collect::<Result<_>>()?))
            }
            Joint::Normal { means, covariance } => {
                self.square("covariances", &covariance)?;
                self.normal(means, &covariance)
            }
            Joint::Correlated {
                means,
                sds,
                correlation,
            } => {
                self.alike("standard deviations", sds.len())?;
                self.square("correlations", &correlation)?;
                self.normal(means, &self.covariance(&sds, &correlation)?)
            }
            Joint::Draws(draws) => {
                for (i, draw) in draws.iter().enumerate() {
                    self.alike(&format!("numbers in draw {}", i + 1), draw.len())?;
                    all_finite(draw.iter().copied(), |member| {
                        let place = format!("the group \"{group}\", draw {}", i + 1);
                        (members[member].clone(), place)
                    })?;
                }
                for (member, name) in members.iter().enumerate() {
                    not_constant(name, draws.iter().map(|draw| draw[member]))?;
                }
                Ok(Source::Draws(draws))
            }
            Joint::Sampled(sampler) if sampler.uniforms == 0 => Err(Error::mismatch(format!(
                "{} is made from no uniform number: it has no variance",
                self.place()
            ))),
            Joint::Sampled(sampler) => Ok(Source::Sampled(sampler)),
        }
    }

    /// The covariance matrix of correlations, if each of them is one.
    fn covariance(&self, sds: &[f64], correlation: &[Vec<f64>]) -> Result<Vec<Vec<f64>>> {
        let place = self.place();
        for (i, name) in self.1.iter().enumerate() {
            varies(&format!("the standard deviation of {name}"), &place, sds[i])?;
            for (j, other) in self.1.iter().enumerate() {
                let r = correlation[i][j];
                let what = format!("the correlation of {name} and {other}");
                if i == j {
                    Place(&place).check((r - 1.0).abs() == 0.0, &what, r, "1")?;
                } else {
                    Place(&place).between(&what, r, -1.0..=1.0)?;
                }
            }
        }
        let row = |i: usize| (0..sds.len()).map(move |j| correlation[i][j] * sds[i] * sds[j]);
        Ok((0..sds.len()).map(|i| row(i).collect()).collect())
    }

    /// A multivariate normal distribution, by the Cholesky root of its covariance matrix, if its numbers make one.
    fn normal(&self, means: Vec<f64>, covariance: &[Vec<f64>]) -> Result<Source> {
        self.alike("means", means.len())?;
        let (place, members) = (self.place(), self.1);
        for (name, &mean) in members.iter().zip(&means) {
            Place(&place).finite(format!("the mean of {name}"), mean)?;
        }
        for (i, name) in members.iter().enumerate() {
            varies(&format!("the variance of {name}"), &place, covariance[i][i])?;
            for j in 0..i {
                let (a, b) = (covariance[i][j], covariance[j][i]);
                let size = (covariance[i][i] * covariance[j][j]).sqrt();
                if !(a.is_finite() && (a - b).abs() <= DEFECT * size) {
                    return Err(Error::unsuitable(format!(
                        "the covariance of {name} and {} in {place} is {a} in one half of the matrix and {b} in the other: it \
                         is one finite number",
                        members[j]
                    )));
                }
            }
        }
        let cholesky = Cholesky::new(members.len(), |i, j| covariance[i][j]);
        if cholesky.defect > DEFECT {
            return Err(Error::unsuitable(format!(
                "the matrix of {place} ({}) is not a covariance matrix: it is not positive semidefinite, some sum of its inputs \
                 would have a negative variance",
                members.join(", ")
            )));
        }
        Ok(Source::Normal(means, cholesky.root))
    }
}
