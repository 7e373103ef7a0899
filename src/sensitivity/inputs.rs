//! Inputs by name, alone or in groups of correlated ones.

use ndarray::Array2;

use super::checks::{all_finite, names, not_constant};
use super::distribution::{Distribution, Sampler, place};
use super::joint::{Group, Joint, Source};
use super::sobol_sequence::{MOST_POINTS, Points};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::student::normal_quantile;
use crate::random::{BLOCK, Seed};

/// The **inputs of a model**: named numbers with distributions, and groups of them.
///
/// The model gets them in one row, in the order in which they were added. What is added with [`Inputs::with`] is
/// independent of everything else; correlated inputs make a group, [`Inputs::with_group`], which has indices as one.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::{Distribution, Inputs, Joint};
///
/// let lines = Joint::Correlated {
///     means: vec![0.65, 0.55],
///     sds: vec![0.03, 0.04],
///     correlation: vec![vec![1.0, 0.6], vec![0.6, 1.0]],
/// };
/// let inputs = Inputs::default()
///     .with("cases", Distribution::Uniform { lower: 250e3, upper: 330e3 })?
///     .with_group("shares by line", ["second line", "third line"], lines)?;
/// assert_eq!(inputs.names(), ["cases", "second line", "third line"]);
/// // A name stands for one thing.
/// let again = inputs.with("second line", Distribution::Beta { a: 65.0, b: 35.0 });
/// assert!(again.unwrap_err().to_string().contains("second line"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    names: Vec<String>,
    factors: Vec<Factor>,
}

/// An input, or a group of them.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub(super) name: String,
    /// Places of its inputs in a row.
    pub(super) members: std::ops::Range<usize>,
    pub(super) is_group: bool,
    /// Whether its numbers stand for things without an order, the first of them for what is so unless another is chosen.
    pub(super) is_choice: bool,
    source: Source,
}

impl Inputs {
    /// With one more input.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Contradiction`](crate::ErrorKind::Contradiction) where the name is empty or there already; otherwise where a number of the
    /// distribution is out of its range, or the input has no variance, by the input's name.
    #[allow(clippy::needless_pass_by_value)] // Distributions are stated in place.
    pub fn with(mut self, name: impl Into<String>, distribution: Distribution) -> Result<Self> {
        let name = name.into();
        let sampler = Sampler::of(&distribution, &name)?;
        self.add(
            name.clone(),
            vec![name],
            false,
            Source::Independent(vec![sampler]),
        )?;
        Ok(self)
    }

    /// With a group of inputs more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Contradiction`](crate::ErrorKind::Contradiction) where a name is empty or there already, as an input, of another group too, or a
    /// group; [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) where the group has no input or its distribution has another number of them;
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a covariance matrix is not symmetric or not positive semidefinite, or an input has
    /// no variance.
    pub fn with_group<N: Into<String>>(
        mut self,
        name: impl Into<String>,
        members: impl IntoIterator<Item = N>,
        joint: Joint,
    ) -> Result<Self> {
        let name = name.into();
        let members: Vec<String> = members.into_iter().map(Into::into).collect();
        let source = Group(&name, &members).source(joint)?;
        self.add(name, members, true, source)?;
        Ok(self)
    }

    /// With a group of one input more, whose numbers 0, 1, … stand for things without an order.
    pub(crate) fn with_choice(self, name: &str, choices: usize) -> Result<Self> {
        let numbers = Distribution::Draws((0..choices).map(|i| i as f64).collect());
        let mut inputs = self.with_group(name, [name], Joint::Independent(vec![numbers]))?;
        if let Some(last) = inputs.factors.last_mut() {
            last.is_choice = true;
        }
        Ok(inputs)
    }

    fn add(
        &mut self,
        name: String,
        members: Vec<String>,
        is_group: bool,
        source: Source,
    ) -> Result<()> {
        names(
            &format!("inputs of \"{name}\""),
            members.iter().map(String::as_str),
        )?;
        names("groups", [&name[..]])?;
        for new in members.iter().chain(is_group.then_some(&name)) {
            let mut factors = self.factors.iter();
            let of_group = factors.find(|factor| {
                factor.name == *new || self.names[factor.members.clone()].contains(new)
            });
            if let Some(factor) = of_group {
                return Err(Error::contradiction(
                    if factor.is_group && factor.name != *new {
                        let group = &factor.name;
                        format!("\"{new}\" is an input of the group \"{group}\" already")
                    } else {
                        format!("\"{new}\" is there twice among the inputs and groups")
                    },
                ));
            }
        }
        let first = self.names.len();
        self.names.extend(members);
        self.factors.push(Factor {
            name,
            members: first..self.names.len(),
            is_group,
            is_choice: false,
            source,
        });
        Ok(())
    }

    /// The names of the inputs, in the order of a row.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Inputs and groups.
    pub(super) fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// Names of inputs and groups, with the inputs of each group; an input alone has none.
    pub(super) fn named_factors(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.factors.iter().map(|factor| {
            let members = if factor.is_group {
                self.names[factor.members.clone()].to_vec()
            } else {
                Vec::new()
            };
            (factor.name.clone(), members)
        })
    }

    /// The uniform numbers that a row takes.
    pub(super) fn uniforms(&self) -> usize {
        self.factors.iter().map(|f| f.source.uniforms()).sum()
    }

    /// An analysis needs an input, and that inputs vary.
    pub(super) fn check(&self) -> Result<()> {
        if self.factors.is_empty() {
            let purpose = "a sensitivity analysis";
            return Err(Error::too_few("inputs", "a model", 0, 1, purpose));
        }
        // A group that a function samples is seen to vary, and to be numbers, at its first points.
        let sampled = |factor: &Factor| matches!(factor.source, Source::Sampled(_));
        if !self.factors.iter().any(sampled) {
            return Ok(());
        }
        let rows = self.sample(BLOCK, Seed::default())?;
        for factor in self.factors.iter().filter(|factor| sampled(factor)) {
            for member in factor.members.clone() {
                let column = || rows.iter().skip(member).step_by(self.names.len());
                let name = &self.names[member];
                all_finite(column().copied(), |_| {
                    (name.clone(), format!("the group \"{}\"", factor.name))
                })?;
                not_constant(name, column().copied())?;
            }
        }
        Ok(())
    }

    /// Up to a block of rows from the first points of a scrambling of its own: for quantiles of inputs that have no
    /// formula.
    pub(super) fn sample(&self, rows: usize, seed: Seed) -> Result<Vec<f64>> {
        let points = Points::new(self.uniforms(), seed.stream("sensitivity/marginals"), 0)?;
        let mut sampled = vec![0.0; rows * self.names.len()];
        self.fill(&points, 0, 0, &mut sampled);
        Ok(sampled)
    }

    /// Rows of inputs from points: those from `first` on, by their coordinates from `dimension` on.
    pub(super) fn fill(
        &self,
        points: &Points,
        mut dimension: usize,
        first: usize,
        rows: &mut [f64],
    ) {
        let width = self.names.len();
        let n = rows.len() / width;
        let mut columns = vec![[0.0; BLOCK]; self.most_uniforms()];
        for factor in &self.factors {
            let taken = factor.source.uniforms();
            for (i, column) in columns[..taken].iter_mut().enumerate() {
                points.fill(dimension + i, first, &mut column[..n]);
            }
            dimension += taken;
            factor.fill(&mut columns[..taken], rows, width);
        }
    }

    fn most_uniforms(&self) -> usize {
        let uniforms = self.factors.iter().map(|f| f.source.uniforms());
        uniforms.max().unwrap_or(0)
    }

    /// The quantile of an input at a probability above 0 and below 1, whatever the others are.
    pub(super) fn marginal(&self, input: usize, probability: f64) -> Result<f64> {
        let mut factors = self.factors.iter();
        let factor = factors.find(|factor| factor.members.contains(&input));
        let factor = factor.expect("broken invariant: an input is of no factor");
        let member = input - factor.members.start;
        let mut column: Vec<f64> = match &factor.source {
            Source::Independent(samplers) => return Ok(samplers[member].quantile(probability)),
            Source::Normal(means, root) => {
                let sd = root[member].iter().map(|l| l * l).sum::<f64>().sqrt();
                return Ok(means[member] + sd * normal_quantile(probability));
            }
            Source::Draws(draws) => draws.iter().map(|draw| draw[member]).collect(),
            Source::Sampled(_) => {
                let rows = self.sample(BLOCK, Seed::default())?;
                let column = rows.iter().skip(input).step_by(self.names.len());
                column.copied().collect()
            }
        };
        column.sort_by(f64::total_cmp);
        Ok(column[place(probability, column.len())])
    }

    /// Draws of the inputs: a row a draw, a column an input, in their order. They are Sobol' points with Owen scrambling, and
    /// fill the space of the inputs more evenly than independent draws; the first *n* of 2*n* are the *n*.
    ///
    /// # Errors
    ///
    /// Where there is no input, a group that a function samples gives no number, or there are more than 2²⁵ draws.
    pub fn draws(&self, draws: usize, seed: Seed) -> Result<Array2<f64>> {
        self.check()?;
        let (place, most) = (
            Place("a sample of inputs"),
            format_args!("at most {MOST_POINTS}"),
        );
        place.check(draws <= MOST_POINTS, "the number of draws", draws, most)?;
        let points = Points::new(self.uniforms(), seed.stream("sensitivity/draws"), 0)?;
        let width = self.names.len();
        let mut rows = vec![0.0; draws * width];
        for (block, rows) in rows.chunks_mut(BLOCK * width).enumerate() {
            self.fill(&points, 0, block * BLOCK, rows);
        }
        Array2::from_shape_vec((draws, width), rows).map_err(Error::other)
    }
}

impl Factor {
    /// Whether it has no points of its own to be moved to.
    pub(super) fn moves_as_one(&self) -> bool {
        self.members.len() > 1 || self.is_choice
    }

    /// Its columns of some rows, from columns of uniform numbers.
    fn fill(&self, uniforms: &mut [[f64; BLOCK]], rows: &mut [f64], width: usize) {
        let n = rows.len() / width;
        let first = self.members.start;
        match &self.source {
            Source::Independent(samplers) => {
                for (i, (sampler, column)) in samplers.iter().zip(uniforms).enumerate() {
                    sampler.fill(&mut column[..n]);
                    for (row, x) in rows.chunks_exact_mut(width).zip(&*column) {
                        row[first + i] = *x;
                    }
                }
            }
            Source::Normal(means, root) => {
                for column in &mut *uniforms {
                    column[..n]
                        .iter_mut()
                        .for_each(|u| *u = normal_quantile(*u));
                }
                for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                    for (member, (mean, root)) in means.iter().zip(root).enumerate() {
                        let z = uniforms.iter().map(|column| column[i]);
                        row[first + member] =
                            mean + root.iter().zip(z).map(|(l, z)| l * z).sum::<f64>();
                    }
                }
            }
            Source::Draws(draws) => {
                for (row, u) in rows.chunks_exact_mut(width).zip(&uniforms[0]) {
                    row[self.members.clone()].copy_from_slice(&draws[place(*u, draws.len())]);
                }
            }
            Source::Sampled(sampler) => {
                let mut own = vec![0.0; sampler.uniforms];
                for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                    for (u, column) in own.iter_mut().zip(&*uniforms) {
                        *u = column[i];
                    }
                    (sampler.sample)(&own, &mut row[self.members.clone()]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(joint: Joint) -> Result<Inputs> {
        Inputs::default().with_group("g", ["a", "b"], joint)
    }

    fn correlated(correlation: Vec<Vec<f64>>) -> Joint {
        Joint::Correlated {
            means: vec![1.0, -2.0],
            sds: vec![2.0, 0.5],
            correlation,
        }
    }

    /// Moments of 2^10 points: the means within 1 % of a standard deviation, covariances within 2 %.
    #[test]
    fn groups_have_their_moments() {
        let draws: Vec<Vec<f64>> = vec![
            vec![0.0, 1.0],
            vec![1.0, 3.0],
            vec![5.0, -1.0],
            vec![2.0, 2.0],
        ];
        let of_draws = ([2.0, 1.25], [3.5, -2.0, 2.1875]);
        let normal = correlated(vec![vec![1.0, -0.7], vec![-0.7, 1.0]]);
        let sampled = Joint::sampled(2, |u, x| {
            x[0] = u[0];
            x[1] = u[0] + u[1];
        });
        for (joint, (means, [aa, ab, bb])) in [
            (normal, ([1.0, -2.0], [4.0, -0.7, 0.25])),
            (Joint::Draws(draws), of_draws),
            (sampled, ([0.5, 1.0], [1.0 / 12.0, 1.0 / 12.0, 1.0 / 6.0])),
        ] {
            let inputs = group(joint).unwrap();
            inputs.check().unwrap();
            let rows = inputs.sample(1024, Seed::new(3)).unwrap();
            let mean = |f: &dyn Fn(&[f64]) -> f64| rows.chunks(2).map(f).sum::<f64>() / 1024.0;
            let got = [mean(&|row| row[0]), mean(&|row| row[1])];
            assert!((got[0] - means[0]).abs() < 0.01 * f64::sqrt(aa), "{got:?}");
            assert!((got[1] - means[1]).abs() < 0.01 * f64::sqrt(bb), "{got:?}");
            for (i, j, expected) in [(0, 0, aa), (0, 1, ab), (1, 1, bb)] {
                let got = mean(&|row| (row[i] - means[i]) * (row[j] - means[j]));
                assert!(
                    (got - expected).abs() < 0.02 * f64::sqrt(aa * bb),
                    "{got} {expected}"
                );
            }
        }
    }

    #[test]
    fn marginal_quantiles() {
        let normal = correlated(vec![vec![1.0, -0.7], vec![-0.7, 1.0]]);
        let inputs = group(normal).unwrap();
        // The 97.5 % point of the standard normal distribution.
        let q = inputs.marginal(1, 0.975).unwrap();
        assert!((q - (-2.0 + 0.5 * 1.959_963_984_540_054)).abs() < 1e-12);
        let inputs = group(Joint::sampled(1, |u, x| {
            x.copy_from_slice(&[u[0], 2.0 * u[0]]);
        }))
        .unwrap();
        assert!((inputs.marginal(1, 0.25).unwrap() - 0.5).abs() < 2e-3);
    }

    #[test]
    fn what_is_no_group_is_refused_by_name() {
        let unit = |r: f64| vec![vec![1.0, r], vec![r, 1.0]];
        let normal = |covariance| Joint::Normal {
            means: vec![0.0; 2],
            covariance,
        };
        for (joint, said) in [
            (normal(unit(1.5)), "not positive semidefinite"),
            (
                normal(vec![vec![1.0, 0.2], vec![0.3, 1.0]]),
                "covariance of b and a",
            ),
            (
                normal(vec![vec![0.0, 0.0], vec![0.0, 1.0]]),
                "the variance of a is 0",
            ),
            (normal(vec![vec![1.0, 0.0]]), "2 inputs and 1 rows"),
            (correlated(unit(1.01)), "the correlation of a and b is 1.01"),
            (
                correlated(vec![vec![2.0, 0.0], vec![0.0, 1.0]]),
                "the correlation of a and a is 2 in",
            ),
            (
                correlated(vec![vec![1.0, 0.1], vec![0.2, 1.0]]),
                "covariance of b and a",
            ),
            (correlated(vec![vec![1.0, 0.0]]), "1 rows of correlations"),
            (
                Joint::Correlated {
                    means: vec![0.0; 2],
                    sds: vec![1.0, 0.0],
                    correlation: unit(0.0),
                },
                "the standard deviation of b is 0",
            ),
            (
                Joint::Normal {
                    means: vec![f64::NAN, 0.0],
                    covariance: unit(0.0),
                },
                "the mean of a",
            ),
            (
                Joint::Draws(vec![vec![1.0, 2.0], vec![1.0, 3.0]]),
                "a has no variance",
            ),
            (
                Joint::Draws(vec![vec![1.0, 2.0], vec![1.0]]),
                "1 numbers in draw 2",
            ),
            (Joint::Draws(vec![vec![1.0, f64::NAN]]), "b is NaN"),
            (Joint::Draws(vec![]), "a has no variance"),
            (
                Joint::Independent(vec![Distribution::Uniform {
                    lower: 0.0,
                    upper: 1.0,
                }]),
                "1 distributions",
            ),
            (Joint::sampled(0, |_, _| ()), "no uniform number"),
        ] {
            let error = group(joint).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        for (sampled, said) in [
            (Joint::sampled(1, |u, x| x[0] = u[0]), "b has no variance"),
            (
                Joint::sampled(1, |u, x| x.copy_from_slice(&[u[0], u[0].ln().ln()])),
                "b is NaN",
            ),
        ] {
            let error = group(sampled).unwrap().check().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn names_stand_for_one_thing() {
        let uniform = || Distribution::Uniform {
            lower: 0.0,
            upper: 1.0,
        };
        let two = || Joint::Independent(vec![uniform(), uniform()]);
        let one = || Inputs::default().with("a", uniform()).unwrap();
        assert!(
            Inputs::default()
                .check()
                .unwrap_err()
                .to_string()
                .contains("inputs")
        );
        assert!(one().with(" ", uniform()).is_err());
        let error = one().with("a", uniform()).unwrap_err().to_string();
        assert!(error.contains("\"a\" is there twice"), "{error}");
        let error = one().with_group("g", ["b", "a"], two()).unwrap_err();
        assert!(error.to_string().contains("\"a\""), "{error}");
        let error = one().with_group("a", ["b", "c"], two()).unwrap_err();
        assert!(error.to_string().contains("\"a\""), "{error}");
        let error = one().with_group("g", ["b", "b"], two()).unwrap_err();
        assert!(
            error.to_string().contains("\"b\" is there twice"),
            "{error}"
        );
        let grouped = || one().with_group("g", ["b", "c"], two()).unwrap();
        let error = grouped().with_group("h", ["c", "d"], two()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("\"c\" is an input of the group \"g\""),
            "{error}"
        );
        assert!(grouped().with("g", uniform()).is_err());
        // A group may have the name of its only input.
        assert!(
            one()
                .with_group("b", ["b"], Joint::Independent(vec![uniform()]))
                .is_ok()
        );
    }
}
